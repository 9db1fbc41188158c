"""Continuous piecewise linear approximations: with the best knots, or with the best values at equidistant knots.

A line within a tolerance of the function runs through a tube around it. From the left each link, a straight piece, goes
as far as a line can go in the tube; the next starts between the point where the link last touched one wall of the tube
and the point where it left through the other (Imai & Iri 1986). Bisection finds the smallest tolerance at which the
given number of links reaches the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from actcli.formulas.formula import Formula
from actcli.formulas.grammar import ZERO, Node, X, make_node, number_node
from actcli.formulas.primitives import Array
from actcli.studies.approximation.bound import Line, Segment, supremum
from actcli.studies.approximation.result import Approximation
from actcli.studies.approximation.tables import tabulated
from actcli.studies.approximation.target import Target

MOST = 128
#: Grids, the first for a rough tolerance: the fewest points, points per piece, and the relative accuracy.
_GRIDS = ((600, 40, 0.05), (2000, 300, 1e-4))
#: A tolerance below this, relative to the values, is rounding, so the function is itself piecewise linear.
_NONE = 1e-13
#: The decimal places of the smallest float64.
_MOST_PLACES = 340
#: The most steps of a search on a piecewise linear function, which takes only a few.
_STEPS = 60
#: The most knots for which there is a formula.
_HINGES = 80
#: The relative increase of the error that rounding of knots and values to few digits may cause.
_SHORT = 1e-5


@dataclass(frozen=True, eq=False)
class _Tube:
    """The function on a grid, and the width of the tube around it, to be multiplied by the tolerance."""

    x: Array
    f: Array
    width: Array

    @classmethod
    def around(cls, target: Target, count: int, more: Array) -> _Tube:
        """A tube around the target on a grid of `count` intervals, with the points in `more` and kinks added."""
        x = np.unique(np.concatenate([np.linspace(target.low, target.high, count + 1), target.kinks, more]))
        f = target.values(x)
        return cls(x, f, np.abs(f) if target.relative else np.ones_like(f))

    def walls(self, tolerance: float) -> tuple[Array, Array]:
        return self.f - tolerance * self.width, self.f + tolerance * self.width


def linear_pieces(target: Target, count: int, outside: str = "clamp", *, uniform: bool = False) -> Approximation:
    """The best continuous approximation by `count` straight pieces, with its proved error.

    uniform: whether the knots are equidistant.

    Raises:
        ValueError: for a count out of range.

    >>> from actcli.activations import get
    >>> found = linear_pieces(Target(get("abs"), -1.0, 1.0), 2)
    >>> [(x, y) for _, y, x in found.parts]
    [(-1.0, 1.0), (0.0, 0.0), (1.0, 1.0)]
    """
    if not 1 <= count <= MOST:
        raise ValueError(f"--pieces {count} is out of range: from 1 to {MOST}; a --table goes further")
    find = _equidistant if uniform else _links
    points = np.linspace(target.low, target.high, 257)
    scale = 1.0 if target.relative else float(np.abs(target.values(points)).max()) or 1.0
    low, high = _NONE * scale, 2 * scale
    corners: list[Corner] = []
    for least, each, close in _GRIDS:
        tube = _Tube.around(target, max(least, each * count), np.linspace(target.low, target.high, count + 1))
        low, high, corners = _bracket(tube, count, find, low, high, close)
        if low == high:
            corners = [_snapped(target, corner) for corner in corners]
            break
        low, high = low / (1 + close), high * (1 + close)
    hinges = _Hinges.through(corners, low * float(tube.width.min()))
    knots = [target.low, *(x for x, _ in hinges.changes), target.high]
    formula = Formula("", root=hinges.tree())
    heights = formula.values(np.array(knots)).tolist()
    what = f"{'uniform ' * uniform}line of {len(knots) - 1} piece{'s' * (len(knots) > 2)}"
    kept = tabulated(target, knots, heights, "linear", outside, what)
    facts = {"pieces": len(knots) - 1}
    listed = [(f"knot {i}", y, x) for i, (x, y) in enumerate(zip(knots, heights, strict=True))]
    if len(knots) > _HINGES:  # too long for a formula, so the result is only a table
        return replace(kept, parts=listed, facts=facts)
    parts = [Segment(a, b, line) for (a, b), line in zip(pairwise(knots), hinges.lines(), strict=True)]
    bound = supremum(target.formula, parts, order=target.order, relative=target.relative, cuts=target.kinks)
    # The table has rounded values at the knots, so its error may be larger than that of the formula.
    bound = max(bound, kept.bound, key=lambda found: found.error)
    return Approximation(target, what, formula, listed, bound, None, facts, kept.lookup)


Corner = tuple[float, float]
Find = Callable[[_Tube, int, float], "list[Corner] | None"]


def _bracket(
    tube: _Tube, count: int, find: Find, low: float, high: float, close: float
) -> tuple[float, float, list[Corner]]:
    """Two close tolerances, the first too small, the second enough, with its corners; (low, low) if `low` is enough."""
    corners = find(tube, count, low)
    if corners is not None:
        return low, low, corners
    best = find(tube, count, high)
    if best is None:
        raise ValueError(f"no line of {count} pieces was found; try --degree, or leave out --relative")
    while high > low * (1 + close):
        middle = math.sqrt(low * high)
        corners = find(tube, count, middle)
        if corners is None:
            low = middle
        else:
            high, best = middle, corners
    return low, high, best


def _snapped(target: Target, corner: Corner) -> Corner:
    """A corner of a function that is itself piecewise linear, moved to its kink and value there."""
    nearest = min(target.kinks, key=lambda kink: abs(kink - corner[0]), default=corner[0])
    x = nearest if abs(nearest - corner[0]) <= 1e-9 * (target.high - target.low) else corner[0]
    return x, float(target.values(np.array([x]))[0])


# --- the best knots ------------------------------------------------------------------------------------------------


def _links(tube: _Tube, count: int, tolerance: float) -> list[Corner] | None:
    """The corners of at most `count` links through the tube, None if more are needed."""
    low, high = tube.walls(tolerance)
    last = len(tube.x) - 1
    lines: list[tuple[float, float]] = []
    from_low = from_high = 0
    exit_: Exit | None = None
    step = max(last // count, 1)
    steep = 4 * float(np.abs(np.diff(low) / np.diff(tube.x)).max()) or 1.0
    while len(lines) < count:
        link = _Link(tube.x, low, high, from_low, from_high, exit_, steep)
        reach = link.reach(step)
        if link.slope(reach) is None:  # the walls coincide to within rounding
            return None
        if reach == last:
            lines.append(link.middle(last))
            return _corners(tube.x, lines)
        line, from_low, from_high, exit_ = link.extremal(reach)
        lines.append(line)
        step = max(reach - min(from_low, from_high), 1)
    return None


#: The point where a link leaves the tube: x, the value of the wall there, and whether it is the low wall.
Exit = tuple[float, float, bool]
#: The limit that a wall sets to lines of a slope: the value at x = 0, the x where the line meets the wall, its index.
Wall = tuple[float, float, int]


@dataclass(frozen=True, eq=False)
class _Link:
    """Lines above the low wall from index `from_low` on, and below the high wall from index `from_high` on.

    exit: a point of a wall between two grid points, which bounds lines too.
    steep: a slope that is steeper than any line needs.
    """

    x: Array
    low: Array
    high: Array
    from_low: int
    from_high: int
    exit: Exit | None
    steep: float

    def room(self, slope: float, to: int) -> tuple[float, Wall, Wall]:
        """The overlap of the walls for lines of a slope, negative if there is room, and the limit of each wall."""
        below = self.low[self.from_low : to + 1] - slope * self.x[self.from_low : to + 1]
        above = self.high[self.from_high : to + 1] - slope * self.x[self.from_high : to + 1]
        i, j = int(np.argmax(below)), int(np.argmin(above))
        floor = float(below[i]), float(self.x[self.from_low + i]), self.from_low + i
        ceiling = float(above[j]), float(self.x[self.from_high + j]), self.from_high + j
        if self.exit is not None:
            x, y, through_low = self.exit
            height = y - slope * x
            if through_low and height > floor[0]:
                floor = height, x, self.from_low
            if not through_low and height < ceiling[0]:
                ceiling = height, x, self.from_high
        return floor[0] - ceiling[0], floor, ceiling

    def _tangent(self, slope: float, to: int) -> tuple[float, float, float]:
        """The overlap at a slope, and its tangent as a function of the slope: the offset and gradient."""
        overlap, floor, ceiling = self.room(slope, to)
        gradient = ceiling[1] - floor[1]
        return overlap, overlap - gradient * slope, gradient

    def slope(self, to: int) -> float | None:
        """A slope of a line with room up to the index `to`; None if there is none.

        The overlap is convex in the slope, so the tangents on both sides of its minimum intersect below it.
        """
        (_, a, p), (_, b, q) = self._tangent(-self.steep, to), self._tangent(self.steep, to)
        for _ in range(_STEPS):
            if p >= 0 or q <= 0:  # the minimum is beyond the steepest slopes
                return None
            middle = (a - b) / (q - p)
            overlap, c, gradient = self._tangent(middle, to)
            if overlap <= 0:
                return middle
            if gradient == 0 or overlap <= a + p * middle + 1e-15 * abs(a):
                return None
            if gradient < 0:
                a, p = c, gradient
            else:
                b, q = c, gradient
        return None

    def reach(self, step: int) -> int:
        """The last index that a line can reach; `step` is a first guess of the distance."""
        first = max(self.from_low, self.from_high)
        last = len(self.x) - 1
        good, bad = first, last + 1
        while good < last:
            ahead = min(good + step, last)
            if self.slope(ahead) is None:
                bad = ahead
                break
            good, step = ahead, 2 * step
        while bad - good > 1 and good < last:
            middle = (good + bad) // 2
            good, bad = (good, middle) if self.slope(middle) is None else (middle, bad)
        return good

    def extremal(self, to: int) -> tuple[tuple[float, float], int, int, Exit]:
        """The line that reaches furthest, the indices from which each wall bounds the next line, and the exit."""
        inside = self.slope(to)
        assert inside is not None
        ahead = to + 1
        steepest = self._last_slope(inside, to, 1)
        _, _, (height, _, j) = self.room(steepest, to)
        if height + steepest * self.x[ahead] < self.low[ahead]:  # it leaves through the low wall
            return (steepest, height), ahead, j, self._exit(steepest, height, to, self.low, through_low=True)
        flattest = self._last_slope(inside, to, -1)
        _, (height, _, i), _ = self.room(flattest, to)
        return (flattest, height), i, ahead, self._exit(flattest, height, to, self.high, through_low=False)

    def _exit(self, slope: float, height: float, to: int, wall: Array, *, through_low: bool) -> Exit:
        """The point where a line crosses a wall, which is linear between grid points."""
        gaps = wall[to : to + 2] - slope * self.x[to : to + 2] - height
        share = float(np.clip(gaps[0] / (gaps[0] - gaps[1]), 0, 1)) if gaps[0] != gaps[1] else 0.0
        x = float(self.x[to] + share * (self.x[to + 1] - self.x[to]))
        return x, float(wall[to] + share * (wall[to + 1] - wall[to])), through_low

    def _last_slope(self, inside: float, to: int, side: int) -> float:
        """The last slope with room above (side 1) or below (side -1) `inside`, by Newton steps on the overlap."""
        slope = inside + side * self.steep
        for _ in range(_STEPS):
            overlap, _, gradient = self._tangent(slope, to)
            if overlap <= 0 or gradient * side <= 0:
                break
            lower = slope - overlap / gradient
            if (lower - inside) * side <= 0 or lower == slope:
                return slope if lower == slope else inside
            slope = lower
        return slope

    def middle(self, to: int) -> tuple[float, float]:
        """The line in the middle of the slopes with room, and of the walls."""
        slope = self.slope(to)
        assert slope is not None
        low, high = (self._last_slope(slope, to, side) for side in (-1, 1))
        best = (low + high) / 2
        _, floor, ceiling = self.room(best, to)
        return best, (floor[0] + ceiling[0]) / 2


def _corners(x: Array, lines: Sequence[tuple[float, float]]) -> list[Corner]:
    """The intersections of consecutive lines, and the two ends."""
    corners = [(float(x[0]), lines[0][0] * float(x[0]) + lines[0][1])]
    for (a, b), (c, d) in pairwise(lines):
        at = (d - b) / (a - c) if a != c else corners[-1][0]
        if corners[-1][0] < at < x[-1]:
            corners.append((float(at), float(a * at + b)))
    corners.append((float(x[-1]), lines[-1][0] * float(x[-1]) + lines[-1][1]))
    return corners


# --- equal knots ---------------------------------------------------------------------------------------------------


def _equidistant(tube: _Tube, count: int, tolerance: float) -> list[Corner] | None:
    """Values at equidistant knots for which the pieces stay in the tube, None if there are none."""
    low, high = tube.walls(tolerance)
    knots = np.linspace(tube.x[0], tube.x[-1], count + 1)
    at = np.searchsorted(tube.x, knots)
    reachable = [(float(low[0]), float(high[0]))]
    for first, last in pairwise(at.tolist()):
        share = (tube.x[first : last + 1] - tube.x[first]) / (tube.x[last] - tube.x[first])
        found = _next_heights(reachable[-1], share[1:], low[first + 1 : last + 1], high[first + 1 : last + 1])
        if found is None:
            return None
        reachable.append(found)
    # From right to left, each value is the middle of those from which the next value can be reached.
    heights = [sum(reachable[-1]) / 2]
    for (first, last), (least, most) in zip(pairwise(at[::-1].tolist()), reversed(reachable[:-1]), strict=True):
        share = (tube.x[last : first + 1] - tube.x[last]) / (tube.x[first] - tube.x[last])
        inner = slice(last, first)
        ends = share[:-1] * heights[-1]
        left = np.max((low[inner] - ends) / (1 - share[:-1]))
        right = np.min((high[inner] - ends) / (1 - share[:-1]))
        heights.append(float((max(left, least) + min(right, most)) / 2))
    return list(zip(tube.x[at].tolist(), heights[::-1], strict=True))


def _next_heights(before: tuple[float, float], share: Array, low: Array, high: Array) -> tuple[float, float] | None:
    """The interval of values at the right end of a piece for lines from the interval `before` at its left end."""

    def ends(height: Array) -> tuple[Array, Array]:
        part = np.outer(height, 1 - share)
        return np.max((low - part) / share, axis=1), np.min((high - part) / share, axis=1)

    # As functions of the left value the least right value is convex and the greatest concave. The search starts at the
    # left value with the widest gap between them.
    widest = _argmax(before, lambda h: np.subtract(*ends(h)[::-1]))
    least, most = (float(part[0]) for part in ends(np.array([widest])))
    if least > most:
        return None
    inside = [_boundary(end, widest, lambda h: np.less_equal(*ends(h))) for end in before]
    lowest = _argmax(inside, lambda h: -ends(h)[0])
    highest = _argmax(inside, lambda h: ends(h)[1])
    return float(ends(np.array([lowest]))[0][0]), float(ends(np.array([highest]))[1][0])


def _argmax(span: Sequence[float], height: Callable[[Array], Array]) -> float:
    """The argument at which a concave function is largest."""
    low, high = span
    for _ in range(5):
        points = np.linspace(low, high, 33)
        best = int(np.argmax(height(points)))
        low, high = float(points[max(best - 1, 0)]), float(points[min(best + 1, 32)])
    return (low + high) / 2


def _boundary(end: float, inside: float, holds: Callable[[Array], NDArray[np.bool_]]) -> float:
    """The point nearest to `end` at which a condition holds that holds at `inside` and up to one point."""
    if bool(holds(np.array([end]))[0]):
        return end
    for _ in range(5):
        points = np.linspace(inside, end, 33)
        last = int(np.flatnonzero(holds(points))[-1])
        inside, end = float(points[last]), float(points[min(last + 1, 32)])
    return inside


# --- numbers with few digits ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Hinges:
    """A piecewise linear function as changes of slope at knots, which is continuous for any numbers."""

    offset: float
    slope: float
    changes: list[tuple[float, float]]

    @classmethod
    def through(cls, corners: list[Corner], error: float) -> _Hinges:
        """The function through the corners, with numbers of few digits."""
        places = _places(min(b - a for (a, _), (b, _) in pairwise(corners)) * _SHORT)
        (start, height), (end, _) = corners[0], corners[-1]
        inner = [(round(x, places) + 0.0, y) for x, y in corners[1:-1]]
        slopes = [(d - b) / (c - a) for (a, b), (c, d) in pairwise([corners[0], *inner, corners[-1]])]
        digits = _places(error * _SHORT / (len(corners) * (end - start)))
        first = round(slopes[0], digits)
        changes = [(x, round(b - a, digits)) for (x, _), (a, b) in zip(inner, pairwise(slopes), strict=True) if a != b]
        return cls(round(height - first * start, _places(error * _SHORT)), first, changes)

    def lines(self) -> list[Line]:
        """The exact lines between the knots."""
        found = [Line(Fraction(self.slope), Fraction(self.offset))]
        for x, change in self.changes:
            before, more = found[-1], Fraction(change)
            found.append(Line(before.slope + more, before.offset - more * Fraction(x)))
        return found

    def tree(self) -> Node:
        """The formula: a term max(x - knot, 0) for each change."""
        terms = [number_node(self.offset)] if self.offset or not (self.slope or self.changes) else []
        if self.slope:
            terms.append(_times(self.slope, X))
        for x, change in self.changes:
            beyond = make_node("max", (make_node("sub", (X, number_node(x))) if x else X, ZERO))
            terms.append(_times(change, beyond))
        while len(terms) > 1:  # pairwise sums keep the tree shallow
            terms = [
                make_node("add", tuple(terms[i : i + 2])) if i + 1 < len(terms) else terms[i]
                for i in range(0, len(terms), 2)
            ]
        return terms[0]


def _times(factor: float, node: Node) -> Node:
    return node if factor == 1 else make_node("mul", (number_node(factor), node))


def _places(unit: float) -> int:
    """The number of decimal places that resolve a unit."""
    return max(0, min(math.ceil(-math.log10(unit)), _MOST_PLACES)) if unit else _MOST_PLACES
