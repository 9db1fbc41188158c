"""The singularities of a formula: poles, holes and ends of its domain, each with the limits on its two sides."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from actcli.formulas import balls
from actcli.formulas.balls import Missing
from actcli.formulas.formula import Formula
from actcli.formulas.grammar import ONE, Node, constant, make_node
from actcli.formulas.primitives import Array
from actcli.formulas.render import render

if TYPE_CHECKING:
    from flint import arb


@dataclass(frozen=True)
class Singularity:
    """A point at which a formula is undefined, or next to it on one side, with the one-sided limits.

    A limit is infinite at a pole, nan on a side where the formula is undefined. exact: whether the singularity is at
    the float64 x itself, not between x and its neighbour.
    """

    x: float
    left: float
    right: float
    exact: bool = True

    @property
    def is_pole(self) -> bool:
        return math.isinf(self.left) or math.isinf(self.right)


#: Values at distances of 2**-100 to 2**-800 show unbounded growth: 1/x and log(x) grow, exp(-1/x**2) does not.
_DISTANCES = (100, 200, 400, 800)
#: The precision, in bits, of the point from which these distances are measured.
_BITS = 2000
_GRID = 4001


@lru_cache(maxsize=512)
def singularities(formula: Formula, low: float, high: float, order: int = 0) -> tuple[Singularity, ...]:
    """The points of low..high at which a formula, or its derivative, has no limit or a one-sided one.

    Candidates are the zeros of denominators and of arguments of logarithms, roots and powers; the one-sided limits
    there, in ball arithmetic, decide.

    >>> singularities(Formula("1/(x - 0.5)"), -5.0, 5.0)
    (Singularity(x=0.5, left=-inf, right=inf, exact=True),)
    >>> singularities(Formula("log(x)"), -5.0, 5.0)
    (Singularity(x=0.0, left=nan, right=-inf, exact=True),)
    >>> singularities(Formula("exp(-1/x**2)"), -5.0, 5.0)
    (Singularity(x=0.0, left=0.0, right=0.0, exact=True),)
    """
    found: dict[float, Singularity] = {}
    for factor in dict.fromkeys(_factors(formula.node(order))):
        path = Formula(render(factor), formula.parameters)
        for x, depth in _zeros(path, low, high):
            if x not in found and (one := _singularity(formula, order, path, x, depth)):
                found[x] = one
    return tuple(found[x] for x in sorted(found))


def _factors(node: Node) -> Iterator[Node]:
    """The expressions whose zeros may be singularities: factors of denominators, arguments of log, sqrt and powers."""
    args = node.args
    if node.op == "div":
        yield from _parts(args[1])
    elif node.op in ("log", "sqrt"):
        yield from _parts(args[0])
    elif node.op == "log1p":
        yield from _parts(make_node("add", (ONE, args[0])))
    elif node.op == "pow":
        exponent = constant(args[1])
        if exponent is None or exponent < 0 or not exponent.is_integer():
            yield from _parts(args[0])
    for arg in args:
        yield from _factors(arg)


def _parts(node: Node) -> Iterator[Node]:
    """The factors of a product that depend on x and may be 0."""
    match node.op:
        case "mul":
            for arg in node.args:
                yield from _parts(arg)
        case "div" | "neg" | "abs" | "sqrt" | "pow":
            yield from _parts(node.args[0])
        case "exp" | "cosh" | "sigmoid" | "softplus" | "erfc":
            return
        case _ if node.depends_on_x:
            yield node


def _zeros(path: Formula, low: float, high: float) -> list[tuple[float, int]]:
    """(x, order) for each zero of a formula in low..high: a change of sign, or (order 1) a double zero."""
    grid = np.linspace(low, high, _GRID)
    values = path.values(grid)
    found = [(float(x), 0) for x in grid[values == 0]] if np.count_nonzero(values == 0) < _GRID // 8 else []
    found += [(x, 0) for x in _crossings(path, grid, values, 0)]
    size = np.abs(values)
    # A zero without a change of sign is a minimum of the size. There a parabola falls to a ninth or less between points
    # of the grid; this test leaves out most minima above zero.
    lowest, beside = size[1:-1], np.maximum(size[:-2], size[2:])
    dips = np.flatnonzero((lowest <= np.minimum(size[:-2], size[2:])) & (lowest < 0.3 * beside)) + 1
    dips = dips[np.sign(values[dips - 1]) * np.sign(values[dips + 1]) > 0]
    for dip in dips.tolist():
        around = np.array([grid[dip - 1], grid[dip + 1]])
        for x in _crossings(path, around, path.values(around, 1), 1):
            if abs(path.values(np.array([x]))[0]) < 1e-12 * max(1.0, float(size[dip - 1]), float(size[dip + 1])):
                found.append((x, 1))
    return found


def _crossings(path: Formula, grid: Array, values: Array, order: int) -> list[float]:
    """The zeros at which the values change sign between points of the grid, to the nearest float64."""
    at = np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0)
    low, high, negative = grid[at], grid[at + 1], values[at] < 0
    for _ in range(80 if at.size else 0):
        middle = (low + high) / 2
        here = path.values(middle, order)
        same = (here < 0) == negative
        low, high = np.where(same, middle, low), np.where(same & (here != 0), high, middle)
    return [_short_zero(path, order, a, b) for a, b in zip(low.tolist(), high.tolist(), strict=True)]


def _short_zero(path: Formula, order: int, low: float, high: float) -> float:
    """The zero between two adjacent float64: a short decimal if it is exact, as 0.3 of x - 0.3, else the nearer one."""
    rounded = [round(high, digits) + 0.0 for digits in range(16)]
    values = path.values(np.array([*rounded, low, high]), order)
    if zeros := [x for x, value in zip(rounded, values, strict=False) if value == 0]:
        return zeros[0]
    return low if abs(values[-2]) < abs(values[-1]) else high


def _singularity(formula: Formula, order: int, path: Formula, x: float, depth: int) -> Singularity | None:
    """The singularity at a zero of a part of the formula, None if the formula is continuous there."""
    from flint import arb, ctx

    with ctx.workprec(_BITS):
        point = _refined(path, x, depth)
        beside = [[point + side * arb(2) ** -k for k in _DISTANCES] for side in (-1, 1)]
    # There is no slope where there is no value, although the derivative of log(x), 1/x, has values at x < 0.
    left, right = (
        math.nan if order and math.isnan(_limit_along(formula, 0, points)) else _limit_along(formula, order, points)
        for points in beside
    )
    one = Singularity(x, left, right, path.rounded(x, depth) == 0)
    if one.is_pole or math.isnan(left) != math.isnan(right):
        return one
    if math.isnan(left) or (not math.isnan(formula.rounded(x, order)) and math.isclose(left, right, rel_tol=1e-12)):
        return None
    return one


def _refined(path: Formula, x: float, depth: int) -> arb:
    """A zero of a formula, or of its slope (depth 1), near x, by Newton's method at flint's current precision."""
    from flint import arb

    point = arb(x)
    for _ in range(8):
        value, slope = path.ball(point, depth), path.ball(point, depth + 1)
        if isinstance(value, Missing) or isinstance(slope, Missing) or value.is_zero() or slope.contains(0):
            break
        step = (value / slope).mid()
        if abs(step) > 1e-6 * (1 + abs(x)):
            break
        point = (point - step).mid()
    return point


def _limit_along(formula: Formula, order: int, points: list[arb]) -> float:
    """The limit along points that approach a singularity; nan where the formula is undefined or oscillates."""
    outcomes = [formula.settle(point, order, balls.approximate) for point in points]
    values: list[float] = [outcome for outcome in outcomes if not isinstance(outcome, Missing)]
    if len(values) < len(points):
        return math.nan
    if len({value > 0 for value in values}) == 1:
        sizes = [abs(value) for value in values]
        steps = [b - a for a, b in pairwise(sizes) if math.isfinite(b)]
        steady = all(step > 0 for step in steps) and all(b > 0.5 * a for a, b in pairwise(steps))
        if steady and sizes[-1] > 2:
            return math.copysign(math.inf, values[-1])
    if not abs(values[3] - values[2]) <= abs(values[2] - values[1]):
        return math.nan
    return values[-1] if abs(values[-1]) > 1e-100 else 0.0
