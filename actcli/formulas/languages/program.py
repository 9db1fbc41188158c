"""The program of a function: its stable tree, and what keeps it right where the tree alone is not.

A tree in normal form, by branches, with kernels and rests is right nearly everywhere. Where it is not is found by
trying it against the formula's proved values, and looked after by a case of its own:

    next to a zero       terms cancel: the Taylor series about the zero
    in a tail            an exponential loses digits as a subnormal: what the function is there, by halves
    far out              something overflows: the limit or the power of x that the function has become
    at a single point    the slope at a kink by convention, the sign of a zero, a nan that a branch would swallow
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from actcli.formulas.derive import derivative, leftward, stable
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

#: An error above this, in ulp, calls for a case of its own.
FAIR = (2.5, 3.0, 8.0)

#: Wrong results, and the error of the others, that are too much next to 0 for a function that is not 0 there.
LOST = (0, 100.0)

#: A function that crosses zero more often may be a sum of waves, which is tried in twice the precision.
FEW_ZEROS = 5

#: A function that crosses zero more often has no series about its zeros.
MOST_ZEROS = 30

#: How far from its zero a series may be asked to hold.
RADII = (0.0625, 0.125, 0.25, 0.5, 0.75, 1.0, 1.5)

#: Where zeros are sought.
_GRID = np.unique(np.concatenate([np.linspace(-40, 40, 1601), np.linspace(-1, 1, 201)]))

#: Sizes of x at which a tree is tried, from next to nothing to the largest.
_SIZES = np.concatenate(
    [
        10.0 ** np.arange(-307, 0, 9),
        np.arange(1, 9.5, 0.5),
        np.arange(1, 80) * 9.87,
        1.23 * 2.0 ** np.arange(10, 1023, 6),
    ]
)
#: Sizes of x next to 0, where squares of x vanish at last.
_TINY = 1.3 * 2.0 ** -np.arange(5.0, 1000.0, 31.0)
_LARGEST = float(np.finfo(np.float64).max)


def choose(condition: tuple[str, Node, Node], a: Node, b: Node) -> Node:
    """a where the comparison holds, else b."""
    op, left, right = condition
    return make_node("where", (make_node(op, (left, right)), a, b))


def _above(size: float) -> float:
    """A number of three digits that is hardly larger.

    >>> _above(674.26)
    675.0
    """
    scale = 10.0 ** (math.floor(math.log10(size)) - 2)
    return float(f"{math.ceil(size / scale) * scale:.3g}")


def _without_point(tree: Node, z: float) -> Node:
    """The tree without a case for z alone at its head."""
    if tree.op == "where" and tree.args[0] is make_node("eq", (X, number(z))):
        return tree.args[2]
    return tree


def with_free_parameters(formula: Formula, order: int = 0, *, left: bool = True) -> Node:
    """The tree of a function, or of a derivative, in x and its parameters by name, for any values of them.

    It is stable as that of a `Program`, but has no cases of its own for single points, zeros and tails, which can be
    found for known values alone: it is right to nine digits or more, not to the last one.

    left: where branches meet, a derivative is that of the left one (of the right one where what is compared falls as x
        grows), not that of the one that the formula takes there.

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
    node = formula.root
    for _ in range(order):
        node = leftward(derivative(node), formula.root)
    return _with_nan(node)


def _with_nan(tree: Node) -> Node:
    return choose(("ne", X, X), X, tree)


@dataclass(frozen=True, eq=False)
class Program:
    """A function of one number, or a derivative of it, as a tree that is right on the whole line.

    Args:
        formula: the function.
        order: 0 the value, 1 the slope, 2 the second derivative.
        conventions: what the slope is at each kink.
    """

    formula: Formula
    order: int = 0
    conventions: Mapping[float, float] = field(default_factory=dict)

    @cached_property
    def tree(self) -> Node:
        """The program."""
        tree = self._bare
        if len(self._zeros) > FEW_ZEROS:
            tree = self._in_pairs(tree)
        zeros = self._zeros if len(self._zeros) <= MOST_ZEROS else [z for z in self._zeros if z == 0]
        if 0.0 not in zeros and self._badness(tree, _TINY) > LOST:
            tree = self._near(tree, 0.0)
        for z in zeros:
            tree = self._near(tree, z)
        tree = self._tiny(tree)
        for side in (-1.0, 1.0):
            tree = self._far(tree, side)
        points = {0.0, *zeros, *self.conventions, *switch_points(self.formula), *self._largest}
        for point in sorted(points):
            tree = self._at(tree, point)
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
    def _bare(self) -> Node:
        whole = self._finished(branched(self._stable, self._normal))
        x = np.concatenate([-_SIZES, _SIZES])
        lost = np.count_nonzero(~self._good(whole, x))
        if lost > len(x) // 8:
            sides = self._finished(branched(self._stable, self._normal, sizes=True))
            if np.count_nonzero(~self._good(sides, x)) < lost // 2:
                return sides
        return whole

    def _finished(self, node: Node, *, sums: bool = False) -> Node:
        return with_rests(lowered(node, self._normal), self._normal, sums=sums)

    def _in_pairs(self, tree: Node) -> Node:
        """The tree with its sums of waves in twice the precision, if it loses digits next to its zeros."""
        near = np.concatenate([z + 2.0 ** -np.arange(0.0, 50.0, 5.0) for z in self._zeros])
        if self._good(tree, near).all():
            return tree
        tried = [tree, self._finished(branched(self._stable, self._normal), sums=True)]
        return min(tried, key=lambda one: self._badness(one, near))

    def truth(self, x: Array) -> Array:
        """The values it should have, at kinks by convention."""
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

    def _at_one(self, x: float) -> float:
        return float(self.truth(np.array([x]))[0])

    def errors(self, tree: Node, x: Array) -> Array:
        """How far the tree is off at each x, in ulp; infinite for a special that is wrong, or a zero's sign."""
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

    def _turn(self, side: float, least: float, most: float) -> tuple[float, float] | None:
        """Sizes of x between which the sizes of the values on a side stop being between two limits."""
        sizes = np.append(_SIZES[_SIZES >= 1], _LARGEST)
        values = np.abs(self.truth(side * sizes))
        holds = np.flatnonzero((values > least) & (values < most))
        if not holds.size or holds[-1] == len(sizes) - 1:
            return None
        return float(sizes[holds[-1]]), float(sizes[holds[-1] + 1])

    @cached_property
    def _fading(self) -> dict[float, Array]:
        """By side, sizes of x at which the values are next to nothing, but not nothing."""
        found = {}
        for side in (-1.0, 1.0):
            ends = []
            for least in (1e-290, 0.0):
                if between := self._turn(side, least, math.inf):
                    low, high = between
                    while high - low > low / 1000:
                        middle = low / 2 + high / 2
                        low, high = (middle, high) if abs(self._at_one(side * middle)) > least else (low, middle)
                    ends.append(high if least else low)
            found[side] = np.linspace(ends[0], ends[1], 40) if len(ends) == 2 else np.empty(0)
        return found

    @cached_property
    def _largest(self) -> list[float]:
        """The last x before the values overflow and the first after, on either side."""
        found = []
        for side in (-1.0, 1.0):
            if between := self._turn(side, -1.0, math.inf):
                low, high = (size / 4 for size in between)  # so that their sum is finite
                ends = bisect(partial(self._is_finite, side), low, high)
                found += [side * 4 * size for size in ends]
        return found

    def _is_finite(self, side: float, quarter: float) -> bool:
        return math.isfinite(self._at_one(side * 4 * quarter))

    # zeros

    @cached_property
    def _zeros(self) -> list[float]:
        """Where the function changes sign, and 0 if it is 0 there; not at a switch between branches."""
        x = _GRID
        signs = np.sign(self.truth(x))
        found = x[1:-1][(signs[1:-1] == 0) & (signs[:-2] * signs[2:] != 0)].tolist()
        for i in np.flatnonzero(signs[:-1] * signs[1:] < 0):
            z = zero_between(self.formula, self.order, float(x[i]), float(x[i + 1]))
            found += [float(z.mid())] if z is not None else []
        return [z for z in found if not any(abs(z - kink) <= 1e-9 * abs(kink) for kink in self.conventions)]

    def _near(self, tree: Node, z: float) -> Node:
        """The tree with a series about z where it loses digits next to it."""
        sizes = 2.0 ** -np.arange(0, 50, 0.5)
        distances = np.repeat(sizes if z else np.append(sizes, _TINY), 6)
        offsets = distances * np.tile([1, -1, 0.97, -0.97, 0.83, -0.83], len(distances) // 6)
        bad = distances[~self._good(tree, z + offsets)]
        if not bad.size:
            return tree
        # A wide series has rounding errors of its own, a narrow one leaves some of the tree's: the better is taken.
        near = z + np.concatenate([offsets, np.linspace(-1.5, 1.5, 300)])
        near = near[near != z]  # the zero itself is looked after last
        tried = [tree]
        for radius in RADII:
            series = expanded(self.formula, self.order, z, radius) if radius >= bad.max() / 2 else None
            if series is not None:
                tried.append(choose(("lt", series.distance, number(radius)), series.tree, _without_point(tree, z)))
        return min(tried, key=lambda one: self._badness(one, near))

    def _badness(self, tree: Node, x: Array) -> tuple[int, float]:
        """How many results are wrong at all, and the largest error of the others."""
        errors = self.errors(tree, x)
        wrong = np.isinf(errors)
        return int(wrong.sum()), float(np.max(errors, where=~wrong, initial=0.0))

    def _tiny(self, tree: Node) -> Node:
        """The tree with c x next to 0, where it loses the digits of numbers next to nothing."""
        x = np.array([5e-324, 1e-310, 2.3e-308])
        if self._good(tree, np.append(x, -x)).all() or self.order:
            return tree
        line = make_node("mul", (number(self.formula.rounded(0.0, 1)), X))
        if not self._good(line, np.append(x, -x)).all():
            return tree
        return choose(("lt", make_node("abs", (X,)), number(1e-300)), self._finished(self._normal.form(line)), tree)

    # far out

    def _far(self, tree: Node, side: float) -> Node:
        """The tree with what the function becomes on a side, where the tree goes wrong there."""
        x = side * np.unique(np.concatenate([_SIZES[_SIZES >= 1], self._fading[side], [_LARGEST, math.inf]]))
        good = self._good(tree, x)
        if good.all():
            return tree
        end = power_of_x(self.formula, self.order, side)
        good_end = np.zeros_like(good) if end is None else self._good(end, x)
        start = len(x) - int(np.argmin(good_end[::-1])) if not good_end.all() else 0
        if not good[:start].all():
            fading = self._fading[side]
            at = float(fading[0]) if fading.size else TAIL_START
            asymptote = tail(self._stable, self._normal, side * at)
            if asymptote is not None:
                asymptote = self._finished(asymptote)
                better = self._good(asymptote, x[:start])
                begin = start - int(np.argmin(better[::-1])) if not better.all() else 0
                lost = np.flatnonzero(~good[:-1] & ~good[1:])  # two together: one alone is a zero of the function
                first = int(lost[0]) - 2 if lost.size else start
                earliest = min(first, int(np.searchsorted(np.abs(x), at)))
                if max(begin, earliest) < start:
                    tree = self._beyond(side * _above(abs(float(x[max(begin, earliest, 0)]))), asymptote, tree)
        if end is None or start == len(x):
            return tree
        from_here = self._threshold(end, side, abs(float(x[start - 1])), abs(float(x[start]))) if start else float(x[0])
        return self._beyond(from_here, end, tree)

    def _beyond(self, begin: float, far: Node, tree: Node) -> Node:
        return choose(("gt" if begin > 0 else "lt", X, number(begin)), far, tree)

    def _threshold(self, end: Node, side: float, low: float, high: float) -> float:
        """A short number beyond which `end` is right."""
        _, exact = bisect(lambda size: not self._good(end, np.array([side * size]))[0], low, high)
        if math.isinf(exact):
            return side * _LARGEST
        short = _above(exact)
        beyond = np.unique(np.concatenate([np.linspace(short, 2 * short, 101), np.geomspace(short, 2 * high, 101)]))
        return side * (short if self._good(end, side * beyond).all() else 2 * high)

    # single points

    def _at(self, tree: Node, point: float) -> Node:
        x = np.array([point]) if point else np.array([0.0, -0.0])
        right = self.truth(x)
        if self._good(tree, x).all() or np.isnan(right).any():
            return tree
        value: Node = number(float(right[0]))
        if len(right) == 2 and right[0] == right[1] == 0 and np.signbit(right[0]) != np.signbit(right[1]):
            value = X if not np.signbit(right[0]) else make_node("neg", (X,))
        return choose(("eq", X, number(point)), value, tree)
