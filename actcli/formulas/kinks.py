"""Where a formula switches from one branch to another, and where that makes a kink or a jump."""

from __future__ import annotations

import numpy as np

from actcli.formulas.derive import switches
from actcli.formulas.formula import Formula
from actcli.formulas.limits import differs
from actcli.formulas.primitives import bisect
from actcli.formulas.render import render


def switch_points(formula: Formula) -> list[float]:
    """Where a formula switches branches, found by following each switch over +-1000."""
    grid = np.unique(np.concatenate([np.linspace(-40, 40, 3201), np.linspace(-1000, 1000, 1001)]))
    places: set[float] = set()
    for switch in switches(formula.root):
        path = Formula(render(switch), formula.parameters)
        signs = np.sign(path.values(grid))
        places.update(grid[signs == 0].tolist() if not (signs == 0).all() else [])
        for i in np.flatnonzero(signs[:-1] * signs[1:] < 0):
            places.add(root(path, float(grid[i]), float(grid[i + 1])))
    return sorted(x + 0.0 for x in places)


def kinks(formula: Formula) -> tuple[float, ...]:
    """Where value or slope jumps: the switch points whose two sides differ.

    >>> kinks(Formula("max(x, 0) + abs(x - 2)"))
    (0.0, 2.0)
    """
    return tuple(x for x in switch_points(formula) if differs(*formula.one_sided(x)))


def root(formula: Formula, low: float, high: float, order: int = 0) -> float:
    """The float64 between low and high at which the formula, or its slope, is nearest to 0; it changes sign there."""
    negative = formula.rounded(low, order) < 0
    low, high = bisect(lambda x: (value := formula.rounded(x, order)) != 0 and (value < 0) == negative, low, high)
    return low if abs(formula.rounded(low, order)) < abs(formula.rounded(high, order)) else high
