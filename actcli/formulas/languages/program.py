"""The program of a function: its stable tree, with further cases where the tree alone is not accurate.

A tree in normal form, by branches, with kernels and rests is accurate nearly everywhere. Comparison with the proved
values of the formula shows the exceptions, and each of them becomes a case at the root of the tree:

    next to a zero       terms cancel: the Taylor series about the zero
    in a tail            an exponential is subnormal and loses digits: the asymptotic form, by exp(u/2) twice
    at large |x|         an operation overflows: the limit or the power of x that the function approaches
    at a single point    the slope at a kink by convention, the sign of a zero, a nan that a branch would lose
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from actcli.formulas.derive import derivative, derived, leftward, stable
from actcli.formulas.formula import Formula
from actcli.formulas.grammar import Node, X, make_node
from actcli.formulas.kinks import switch_points
from actcli.formulas.languages.branches import branched
from actcli.formulas.languages.evaluation import evaluate
from actcli.formulas.languages.kernels import number
from actcli.formulas.languages.lowering import lowered
from actcli.formulas.languages.normal import Normal
from actcli.formulas.languages.rests import with_rests
from actcli.formulas.languages.series import expanded, zero_between
from actcli.formulas.languages.tails import TAIL_START, power_of_x, tail
from actcli.formulas.primitives import Array, bisect

#: The largest error in ulp that needs no further case, of value, slope and second derivative.
FAIR = (2.5, 3.0, 8.0)

#: The `_badness` next to 0 above which a function that is not 0 there gets a series about 0 too.
LOST = (0, 100.0)

#: A function with more sign changes may be a sum of waves, for which twice the precision is tried.
FEW_ZEROS = 5

#: A function with more sign changes gets no series about its zeros, except about 0.
MOST_ZEROS = 30

#: The radii about a zero for which a series is tried.
RADII = (0.0625, 0.125, 0.25, 0.5, 0.75, 1.0, 1.5)

#: The points between which sign changes are searched for.
_GRID = np.unique(np.concatenate([np.linspace(-40, 40, 1601), np.linspace(-1, 1, 201)]))

#: The |x| at which a tree is tested, from 1e-307 to the largest.
_SIZES = np.concatenate(
    [
        10.0 ** np.arange(-307, 0, 9),
        np.arange(1, 9.5, 0.5),
        np.arange(1, 80) * 9.87,
        1.23 * 2.0 ** np.arange(10, 1023, 6),
    ]
)
#: The |x| next to 0 at which a tree is tested, down to where x^2 underflows.
_TINY = 1.3 * 2.0 ** -np.arange(5.0, 1000.0, 31.0)
_LARGEST = float(np.finfo(np.float64).max)


def choose(condition: tuple[str, Node, Node], a: Node, b: Node) -> Node:
    """a where the comparison holds, else b."""
    op, left, right = condition
    return make_node("where", (make_node(op, (left, right)), a, b))


def _rounded_up(size: float) -> float:
    """The number rounded up to three digits.

    >>> _rounded_up(674.26)
    675.0
    """
    scale = 10.0 ** (math.floor(math.log10(size)) - 2)
    return float(f"{math.ceil(size / scale) * scale:.3g}")


def _without_point(tree: Node, z: float) -> Node:
    """The tree without its first case, if that is the case x == z."""
    if tree.op == "where" and tree.args[0] is make_node("eq", (X, number(z))):
        return tree.args[2]
    return tree


def with_free_parameters(formula: Formula, order: int = 0, *, left: bool = True) -> Node:
    """The tree of a function, or of a derivative, in x and its parameters by name, for any values of the parameters.

    It is as stable as that of a `Program`, but has no cases for single points, zeros and tails, which depend on the
    values of the parameters: nine digits or more are right, but not all.

    left: where branches meet, a derivative is that of the left branch (of the right branch if the compared expression
        falls as x grows), not that of the branch that the formula takes there.

    >>> from actcli.formulas.render import render
    >>> render(with_free_parameters(Formula("where(x >= 0, x, a*x)", {"a": 0.5}), 1))
    'where(x != x, x, where(x > 0, 1, a))'
    """
    node = stable(formula.root)
    for _ in range(order):
        node = stable(derivative(node))
    if order and left:
        node = leftward(node, formula.root)
    normal = Normal({})
    return _with_nan(lowered(branched(node, normal), normal))


def of_straight_lines(formula: Formula, order: int = 0) -> Node:
    """The tree of a function that is straight lines by branches, or of its derivative, from the left: just as it is.

    >>> from actcli.formulas.render import render
    >>> render(of_straight_lines(Formula("where(x < 1, 2, 2 + 0.5*(x - 1))"), 1))
    'where(x != x, x, where(x <= 1, 0, 0.5))'
    """
    return _with_nan(derived(formula.root, order))


def _with_nan(tree: Node) -> Node:
    return choose(("ne", X, X), X, tree)


@dataclass(frozen=True, eq=False)
class Program:
    """A function of one number, or a derivative of it, as a tree that is accurate for every x.

    Args:
        formula: the function.
        order: 0 the value, 1 the slope, 2 the second derivative.
        conventions: the slope at each kink.
    """

    formula: Formula
    order: int = 0
    conventions: Mapping[float, float] = field(default_factory=dict)

    @cached_property
    def tree(self) -> Node:
        """The tree with all cases."""
        tree = self._general
        if len(self._zeros) > FEW_ZEROS:
            tree = self._in_pairs(tree)
        zeros = self._zeros if len(self._zeros) <= MOST_ZEROS else [z for z in self._zeros if z == 0]
        if 0.0 not in zeros and self._badness(tree, _TINY) > LOST:
            tree = self._with_series(tree, 0.0)
        for z in zeros:
            tree = self._with_series(tree, z)
        tree = self._with_line(tree)
        for side in (-1.0, 1.0):
            tree = self._with_asymptote(tree, side)
        points = {0.0, *zeros, *self.conventions, *switch_points(self.formula), *self._overflow_ends}
        for point in sorted(points):
            tree = self._with_point(tree, point)
        if not np.isnan(evaluate(tree, np.array([math.nan]))[0]):
            tree = _with_nan(tree)
        return tree

    @cached_property
    def _normal(self) -> Normal:
        return Normal(self.formula.parameters)

    @cached_property
    def _stable(self) -> Node:
        node = stable(self.formula.root)
        for _ in range(self.order):
            node = stable(derivative(node))
        return node

    @cached_property
    def _general(self) -> Node:
        whole = self._finish(branched(self._stable, self._normal))
        x = np.concatenate([-_SIZES, _SIZES])
        lost = np.count_nonzero(~self._good(whole, x))
        if lost > len(x) // 8:
            sides = self._finish(branched(self._stable, self._normal, sizes=True))
            if np.count_nonzero(~self._good(sides, x)) < lost // 2:
                return sides
        return whole

    def _finish(self, node: Node, *, sums: bool = False) -> Node:
        return with_rests(lowered(node, self._normal), self._normal, sums=sums)

    def _in_pairs(self, tree: Node) -> Node:
        """The tree, with sums of waves in twice the precision if it loses digits next to its zeros and this helps."""
        near = np.concatenate([z + 2.0 ** -np.arange(0.0, 50.0, 5.0) for z in self._zeros])
        if self._good(tree, near).all():
            return tree
        tried = [tree, self._finish(branched(self._stable, self._normal), sums=True)]
        return min(tried, key=lambda one: self._badness(one, near))

    def truth(self, x: Array) -> Array:
        """The correct values at every x, those at kinks by convention."""
        key = x.tobytes()
        if key not in self._truths:
            values = self.formula.values(x.copy(), self.order)
            for kink, slope in self.conventions.items() if self.order else ():
                values[x == kink] = slope if self.order == 1 else 0.0
            self._truths[key] = values
        return self._truths[key]

    @cached_property
    def _truths(self) -> dict[bytes, Array]:
        return {}

    def _truth_at(self, x: float) -> float:
        return float(self.truth(np.array([x]))[0])

    def errors(self, tree: Node, x: Array) -> Array:
        """The error of a tree at each x, in ulp; infinite for a wrong infinity or nan, or a zero of the wrong sign."""
        right, found = self.truth(x), evaluate(tree, x)
        with np.errstate(all="ignore"):
            error = np.abs(found - right) / np.spacing(
                np.maximum(np.abs(right), np.finfo(np.float64).smallest_subnormal)
            )
        same = (found == right) | (np.isnan(found) & np.isnan(right))
        error = np.where(same, 0.0, np.where(np.isfinite(error), error, np.inf))
        return np.where(same & (right == 0) & (np.signbit(found) != np.signbit(right)), np.inf, error)

    def _good(self, tree: Node, x: Array) -> NDArray[np.bool_]:
        return self.errors(tree, x) <= FAIR[self.order]

    def _last_within(self, side: float, least: float, most: float) -> tuple[float, float] | None:
        """The last tested |x| on a side with least < |value| < most, and the next one; None if there are none."""
        sizes = np.append(_SIZES[_SIZES >= 1], _LARGEST)
        values = np.abs(self.truth(side * sizes))
        holds = np.flatnonzero((values > least) & (values < most))
        if not holds.size or holds[-1] == len(sizes) - 1:
            return None
        return float(sizes[holds[-1]]), float(sizes[holds[-1] + 1])

    @cached_property
    def _underflowing(self) -> dict[float, Array]:
        """By side, the |x| from where |value| falls below 1e-290 to where the value underflows to 0."""
        found = {}
        for side in (-1.0, 1.0):
            ends = []
            for least in (1e-290, 0.0):
                if between := self._last_within(side, least, math.inf):
                    low, high = between
                    while high - low > low / 1000:
                        middle = low / 2 + high / 2
                        low, high = (middle, high) if abs(self._truth_at(side * middle)) > least else (low, middle)
                    ends.append(high if least else low)
            found[side] = np.linspace(ends[0], ends[1], 40) if len(ends) == 2 else np.empty(0)
        return found

    @cached_property
    def _overflow_ends(self) -> list[float]:
        """The last x with a finite value and the first with an infinite one, on either side."""
        found = []
        for side in (-1.0, 1.0):
            if between := self._last_within(side, -1.0, math.inf):
                low, high = (size / 4 for size in between)  # the sum in `bisect` would overflow
                ends = bisect(partial(self._is_finite, side), low, high)
                found += [side * 4 * size for size in ends]
        return found

    def _is_finite(self, side: float, quarter: float) -> bool:
        return math.isfinite(self._truth_at(side * 4 * quarter))

    # zeros

    @cached_property
    def _zeros(self) -> list[float]:
        """The zeros of the function, on grid points and by sign changes between them, other than at kinks."""
        x = _GRID
        signs = np.sign(self.truth(x))
        found = x[1:-1][(signs[1:-1] == 0) & (signs[:-2] * signs[2:] != 0)].tolist()
        for i in np.flatnonzero(signs[:-1] * signs[1:] < 0):
            z = zero_between(self.formula, self.order, float(x[i]), float(x[i + 1]))
            found += [float(z.mid())] if z is not None else []
        return [z for z in found if not any(abs(z - kink) <= 1e-9 * abs(kink) for kink in self.conventions)]

    def _with_series(self, tree: Node, z: float) -> Node:
        """The tree, with a series about z if it loses digits next to z and this helps."""
        sizes = 2.0 ** -np.arange(0, 50, 0.5)
        distances = np.repeat(sizes if z else np.append(sizes, _TINY), 6)
        offsets = distances * np.tile([1, -1, 0.97, -0.97, 0.83, -0.83], len(distances) // 6)
        bad = distances[~self._good(tree, z + offsets)]
        if not bad.size:
            return tree
        # A wide series has its own rounding errors, a narrow series leaves errors of the tree: the best is taken.
        near = z + np.concatenate([offsets, np.linspace(-1.5, 1.5, 300)])
        near = near[near != z]  # `_with_point` corrects the value at the zero
        tried = [tree]
        for radius in RADII:
            series = expanded(self.formula, self.order, z, radius) if radius >= bad.max() / 2 else None
            if series is not None:
                tried.append(choose(("lt", series.distance, number(radius)), series.tree, _without_point(tree, z)))
        return min(tried, key=lambda one: self._badness(one, near))

    def _badness(self, tree: Node, x: Array) -> tuple[int, float]:
        """The number of infinite errors, and the largest finite error."""
        errors = self.errors(tree, x)
        wrong = np.isinf(errors)
        return int(wrong.sum()), float(np.max(errors, where=~wrong, initial=0.0))

    def _with_line(self, tree: Node) -> Node:
        """The tree, with c*x for |x| < 1e-300 if the tree loses the digits of such numbers."""
        x = np.array([5e-324, 1e-310, 2.3e-308])
        if self._good(tree, np.append(x, -x)).all() or self.order:
            return tree
        line = make_node("mul", (number(self.formula.rounded(0.0, 1)), X))
        if not self._good(line, np.append(x, -x)).all():
            return tree
        return choose(("lt", make_node("abs", (X,)), number(1e-300)), self._finish(self._normal.form(line)), tree)

    # far out

    def _with_asymptote(self, tree: Node, side: float) -> Node:
        """The tree, with the asymptotic form, power of x or limit for large |x| on a side where it is inaccurate."""
        x = side * np.unique(np.concatenate([_SIZES[_SIZES >= 1], self._underflowing[side], [_LARGEST, math.inf]]))
        good = self._good(tree, x)
        if good.all():
            return tree
        end = power_of_x(self.formula, self.order, side)
        good_end = np.zeros_like(good) if end is None else self._good(end, x)
        start = len(x) - int(np.argmin(good_end[::-1])) if not good_end.all() else 0
        if not good[:start].all():
            fading = self._underflowing[side]
            at = float(fading[0]) if fading.size else TAIL_START
            asymptote = tail(self._stable, self._normal, side * at)
            if asymptote is not None:
                asymptote = self._finish(asymptote)
                better = self._good(asymptote, x[:start])
                begin = start - int(np.argmin(better[::-1])) if not better.all() else 0
                lost = np.flatnonzero(~good[:-1] & ~good[1:])  # two in a row: a single one may be a zero
                first = int(lost[0]) - 2 if lost.size else start
                earliest = min(first, int(np.searchsorted(np.abs(x), at)))
                if max(begin, earliest) < start:
                    tree = self._beyond(side * _rounded_up(abs(float(x[max(begin, earliest, 0)]))), asymptote, tree)
        if end is None or start == len(x):
            return tree
        from_here = self._threshold(end, side, abs(float(x[start - 1])), abs(float(x[start]))) if start else float(x[0])
        return self._beyond(from_here, end, tree)

    def _beyond(self, begin: float, far: Node, tree: Node) -> Node:
        return choose(("gt" if begin > 0 else "lt", X, number(begin)), far, tree)

    def _threshold(self, end: Node, side: float, low: float, high: float) -> float:
        """A number of three digits, if possible, beyond which `end` is accurate."""
        _, exact = bisect(lambda size: not self._good(end, np.array([side * size]))[0], low, high)
        if math.isinf(exact):
            return side * _LARGEST
        short = _rounded_up(exact)
        beyond = np.unique(np.concatenate([np.linspace(short, 2 * short, 101), np.geomspace(short, 2 * high, 101)]))
        return side * (short if self._good(end, side * beyond).all() else 2 * high)

    # single points

    def _with_point(self, tree: Node, point: float) -> Node:
        x = np.array([point]) if point else np.array([0.0, -0.0])
        right = self.truth(x)
        if self._good(tree, x).all() or np.isnan(right).any():
            return tree
        value: Node = number(float(right[0]))
        if len(right) == 2 and right[0] == right[1] == 0 and np.signbit(right[0]) != np.signbit(right[1]):
            value = X if not np.signbit(right[0]) else make_node("neg", (X,))
        return choose(("eq", X, number(point)), value, tree)
