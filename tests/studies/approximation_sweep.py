"""Every continuous function of the registry, degrees 2 to 20 on -5..5: a proved bound, next to the best possible.

    python -m tests.studies.approximation_sweep [STEP]

Run by hand, as it takes minutes. Prints slow cases, errors not level to 1 %, and where 100,000 random points exceed
a bound; then the slowest. STEP leaves degrees out.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from actcli.activations import get, names
from actcli.studies.approximation.polynomials import polynomial
from actcli.studies.approximation.target import Target


def main(step: int) -> None:
    random = np.random.default_rng(0)
    slowest: list[tuple[float, str]] = []
    refused: list[str] = []
    for name in names():
        if get(name).is_row:
            continue
        try:
            target = Target(get(name), -5, 5)
        except ValueError as error:
            refused.append(str(error))
            continue
        x = random.uniform(-5, 5, 100_000)
        f = target.values(x)
        for degree in range(2, 21, step):
            begun = time.process_time()
            found = polynomial(target, degree)
            took = time.process_time() - begun
            slowest.append((took, f"{name} {degree}"))
            error, least = found.bound.error, found.proved or 0.0
            largest = float(np.abs(f - found.formula.values(x)).max())
            allowed = error + 8 * np.spacing(np.abs(f).max())  # both sides are rounded to float64
            level = error <= 1.01 * least or error < 1e-13 * np.abs(f).max()
            if took > 2 or not level or largest > allowed:
                print(f"{name} {degree}: {took:.2f} s, {least:.6g} <= error <= {error:.6g}, on points {largest:.6g}")
    print(*refused, sep="\n")
    print(f"{len(slowest)} approximations, {sum(took for took, _ in slowest):.0f} s of processor time in all")
    print("slowest:", ", ".join(f"{what} {took:.2f} s" for took, what in sorted(slowest)[:-6:-1]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
