"""The points where a formula switches branches, and which of them are kinks or jumps."""

from __future__ import annotations

import numpy as np

from actcli.formulas.balls import PRECISIONS
from actcli.formulas.formula import Formula
from actcli.formulas.grammar import COMPARISONS, Node, make_node
from actcli.formulas.limits import differs
from actcli.formulas.primitives import bisect
from actcli.formulas.render import render

#: The grid on which switches are evaluated is fine up to this |x|.
_FINE = 40.0
#: These precisions decide on which side of an integer any float64 lies; all larger float64 are integers.
_ENOUGH = tuple(bits for bits in PRECISIONS if bits <= 1280)
#: A switch that changes sign more often than this, as floor(x) does, is followed only on the fine grid.
_MANY = 64
#: At most this many changes of sign, those nearest to 0, are located: floor(sinh(x)) has more than the grid resolves.
_MOST = 256


def switches(node: Node) -> list[Node]:
    """The expressions at whose changes of sign a formula switches branches."""
    found: dict[Node, None] = {}

    def visit(node: Node) -> None:
        args = node.args
        if node.op in ("abs", "sign"):
            found[args[0]] = None
        elif node.op == "floor":  # sin(pi u) changes sign at every integer u
            found[make_node("sin", (make_node("mul", (make_node("name", text="pi"), args[0])),))] = None
        elif node.op in ("min", "max", *COMPARISONS.values()):
            found[make_node("sub", args)] = None
        elif node.op == "clip":
            found[make_node("sub", args[:2])] = None
            found[make_node("sub", (args[0], args[2]))] = None
        for arg in args:
            visit(arg)

    visit(node)
    return list(found)


def switch_points(formula: Formula) -> list[float]:
    """The points where a formula switches branches, from the values of each switch on a grid over +-1000."""
    grid = np.unique(np.concatenate([np.linspace(-_FINE, _FINE, 3201), np.linspace(-1000, 1000, 1001)]))
    places: set[float] = set()
    for switch in switches(formula.root):
        path = Formula(render(switch), formula.parameters, precisions=_ENOUGH)
        signs = np.sign(path.values(grid))
        zero = np.pad(signs == 0, 1, constant_values=True)
        # Along a stretch of zeros, as of relu(x) or by underflow, both branches agree, so only its ends count.
        found = np.flatnonzero(zero[1:-1] & ~(zero[:-2] & zero[2:]))
        turns = np.flatnonzero(signs[:-1] * signs[1:] < 0)
        # The coarse grid would miss most of so many changes of sign, as at the integers for floor(x).
        if len(found) + len(turns) > _MANY:
            found = found[np.abs(grid[found]) <= _FINE]
            turns = turns[(grid[turns] >= -_FINE) & (grid[turns + 1] <= _FINE)]
        turns = turns[np.argsort(np.abs(grid[turns]), kind="stable")][:_MOST]
        places.update(grid[found].tolist(), (root(path, *grid[[i, i + 1]].tolist()) for i in turns))
    return sorted(x + 0.0 for x in places)


def kinks(formula: Formula) -> tuple[float, ...]:
    """The points where value or slope jumps: the switch points whose two sides differ.

    >>> kinks(Formula("max(x, 0) + abs(x - 2)"))
    (0.0, 2.0)
    >>> kinks(Formula("abs(asinh(1e300**x))"))  # a zero by underflow is not a switch
    ()
    """
    return tuple(x for x in switch_points(formula) if differs(*formula.one_sided(x)))


def switches_at(formula: Formula, x: float) -> bool:
    """Whether a formula switches branches exactly at the float64 x, not between x and its neighbour.

    >>> switches_at(Formula("sign(x - 1)"), 1.0), switches_at(Formula("sign(sin(x))"), 3.141592653589793)
    (True, False)
    """
    paths = [Formula(render(switch), formula.parameters) for switch in switches(formula.root)]
    return any(path.rounded(x) == 0 for path in paths)


def root(formula: Formula, low: float, high: float, order: int = 0) -> float:
    """The float64 nearest to the zero between low and high of the formula, or of a derivative, which changes sign."""
    negative = formula.rounded(low, order) < 0
    low, high = bisect(lambda x: (value := formula.rounded(x, order)) != 0 and (value < 0) == negative, low, high)
    return low if abs(formula.rounded(low, order)) < abs(formula.rounded(high, order)) else high
