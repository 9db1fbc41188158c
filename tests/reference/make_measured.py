"""Write actcli/activations/measured.json: properties and errors of every elementwise function of the registry.

It has the properties with the default parameters, and the largest error in ulp of value, slope and second derivative at
25,000 points. Run by hand after a change of a function: python tests/reference/make_measured.py [NAME...]
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np

from actcli.activations import get, names
from actcli.studies.properties import explore
from tests.activations.accuracy import errors, points

HOME = Path(__file__).parents[2] / "actcli" / "activations" / "measured.json"
ROUNDS = 4


def measure(name: str) -> tuple[str, dict[str, object]]:
    activation = get(name)
    worst = np.zeros(3)
    for seed in range(ROUNDS):
        x = points(activation, seed, 2500)
        worst = np.maximum(worst, [errors(activation, x, order).max() for order in range(3)])
    facts = asdict(explore(activation))
    return name, {"ulp": [float(np.ceil(w)) for w in worst], "kinks": activation.find_kinks(), "properties": facts}


def plain(value: object) -> object:
    """inf as text, because JSON has no inf."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return str(value) if isinstance(value, float) and not np.isfinite(value) else value


if __name__ == "__main__":
    wanted = [name for name in sys.argv[1:] or names() if not get(name).is_row]
    known = json.loads(HOME.read_text()) if HOME.exists() else {}
    with ProcessPoolExecutor() as pool:
        known |= dict(pool.map(measure, wanted))
    rows = ",\n".join(f'"{name}": {json.dumps(plain(known[name]))}' for name in names() if name in known)
    HOME.write_text(f"{{\n{rows}\n}}\n")
