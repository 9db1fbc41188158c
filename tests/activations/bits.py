"""Fingerprints of float64 results, which are equal on every processor, whatever its vector instructions.

Run by hand, it compares numpy without each of its dispatched instruction sets, and without all of them, at N
points of each kind: python -m tests.activations.bits [N]. With --write it writes bits.json, which the test compares
with.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actcli.activations import get, names

Array = NDArray[np.float64]

#: The number of points of each kind in the test.
COUNT = 40


def points(n: int) -> Array:
    """Points of all sizes, computed by exact operations only, so that they are equal on every processor."""
    rng = np.random.default_rng(8)
    sizes = np.ldexp(rng.uniform(-2, 2, n), rng.integers(-1060, 1000, n))
    return np.concatenate([rng.uniform(-40, 40, n), rng.uniform(-4, 4, 2 * n), sizes, [0.0, -0.0, np.inf, -np.inf]])


def fingerprints(n: int = COUNT) -> dict[str, str]:
    """A hash of values, slopes, second derivatives or Jacobians of each function of the registry."""
    x = points(n)
    found = {}
    for name in names():
        activation = get(name)
        if activation.is_row:
            rows = x[: len(x) // 6 * 6].reshape(-1, 6)
            results = [activation(rows), activation.jacobian(rows)]
        else:
            results = [activation(x), activation.slope(x), activation.second(x)]
        whole = np.concatenate([np.where(np.isnan(result), np.nan, result).ravel() for result in results])
        found[name] = hashlib.sha256(whole.astype("<f8").tobytes()).hexdigest()[:16]
    return found


def dispatched() -> list[str]:
    """The instruction sets that numpy found on this machine beyond those it was built for."""
    features = np.show_config(mode="dicts")["SIMD Extensions"]  # type: ignore[index, call-overload]
    return list(features.get("found", []))


def fingerprints_without(features: list[str], n: int = COUNT) -> dict[str, str]:
    """The fingerprints from a new process in which numpy does not use these instruction sets."""
    script = f"import json; from tests.activations.bits import fingerprints; print(json.dumps(fingerprints({n})))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(features)},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


HOME = Path(__file__).with_name("bits.json")

if __name__ == "__main__":
    if "--write" in sys.argv:
        HOME.write_text(json.dumps(fingerprints(), indent=0) + "\n")
    else:
        count = int(sys.argv[1]) if len(sys.argv) > 1 else 20 * COUNT
        usual = fingerprints_without([], count)
        for features in [*([feature] for feature in dispatched()), dispatched()]:
            other = fingerprints_without(features, count)
            wrong = [name for name in usual if other[name] != usual[name]]
            print(f"{count} points without {', '.join(features)}:", ", ".join(wrong) or "the same bits", flush=True)
