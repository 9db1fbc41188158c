"""The two arithmetics of a formula, and what they find out about it.

A formula is evaluated

* in ball arithmetic (Arb, through python-flint) with as many bits as the answer needs: the truth;
* in float64 with a running error bound beside every intermediate result. Where the bound proves the result good
  to the tolerance, it stands; where it does not (cancellation, overflow on the way), ball arithmetic takes over.

Decimal constants and parameter values mean the float64 numbers nearest to them, as every framework stores them;
1/6, pi and sqrt(2) mean the real numbers, and so does a parameter that can only stand for thirds (0.16666666666666666).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from actcli.activations import balls, bounds, pairs
from actcli.activations.bounds import TINY, UNIT
from actcli.activations.grammar import Node, derivative, parse, render, stable, switches
from actcli.activations.primitives import Array

if TYPE_CHECKING:
    from flint import arb

T = TypeVar("T")
V = TypeVar("V")

#: One instruction: the operation, the slots of its arguments, and the constant or name it stands for.
Step = tuple[str, tuple[int, ...], str]


def _tape(root: Node) -> list[Step]:
    """The operations of a tree in the order of their evaluation, shared ones once; the last slot is the root."""
    slots: dict[Node, int] = {}
    steps: list[Step] = []

    def visit(node: Node) -> int:
        if node not in slots:
            args = tuple(visit(arg) for arg in node.args)
            slots[node] = len(steps)
            steps.append((node.op, args, node.text))
        return slots[node]

    visit(root)
    return steps


def _run(steps: list[Step], leaf: Callable[[str], V], apply: Callable[[str, list[V]], V]) -> V:
    """The value of the last step: `leaf` knows constants and names by their text, `apply` the operations."""
    slots: list[V] = []
    for op, args, text in steps:
        slots.append(apply(op, [slots[i] for i in args]) if args else leaf(text))
    return slots[-1]


@cache
def _fraction(value: float) -> Fraction:
    """What a parameter means: 1/6, where 0.16666666666666666 can only stand for that, else the float64 itself."""
    short = Fraction(value).limit_denominator(64)
    return short if short.denominator % 3 == 0 and float(short) == value else Fraction(value)


def _leaf(text: str, parameters: Mapping[str, float]) -> arb:
    """A constant or a parameter as a ball."""
    from flint import arb

    if text not in parameters:
        return arb.pi() if text == "pi" else arb(float(text))
    value = parameters[text]
    exact = _fraction(value) if math.isfinite(value) else None
    return arb(exact.numerator) / exact.denominator if exact and exact.denominator % 3 == 0 else arb(value)


def bounded_parameter(value: float) -> bounds.Triple:
    """A parameter as a triple of `bounds`: the float64, and what a third is more."""
    rest = float(_fraction(value) - Fraction(value)) if math.isfinite(value) else 0.0
    return np.float64(value), rest, bounds.UNIT * abs(rest)


#: A result of the float64 arithmetic stands if it is proved this close (ulp), values and derivatives alike.
_PROVED = 3.4


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula bound to parameter values: the truth about an activation, in every precision.

    >>> gelu = Formula("x/2*erfc(-x/sqrt(2))")
    >>> gelu.digits(-9.0, 20)
    '-1.0157295653584565830e-18'
    >>> gelu.values(np.array([-9.0]))
    array([-1.01572957e-18])
    """

    text: str
    parameters: Mapping[str, float]

    def __init__(self, text: str, parameters: Mapping[str, float] | None = None) -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "parameters", dict(parameters or {}))

    @cached_property
    def root(self) -> Node:
        return parse(self.text, self.parameters)

    def node(self, order: int = 0) -> Node:
        """The tree of the function (order 0), its slope (1) or second derivative (2)."""
        node = self.root
        for _ in range(order):
            node = derivative(node)
        return node

    @cached_property
    def _tapes(self) -> dict[int, list[Step]]:
        return {}

    @cached_property
    def _reach(self) -> dict[tuple[float, int], float]:
        """From where on, by side and order, the value is its limit."""
        return {(side, order): math.inf for side in (-1.0, 1.0) for order in range(3)}

    @cached_property
    def _limits(self) -> dict[tuple[float, int], float]:
        return {}

    def _steps(self, order: int) -> list[Step]:
        if order not in self._tapes:
            node = stable(self.root)
            for _ in range(order):
                node = stable(derivative(node))
            self._tapes[order] = _tape(node)
        return self._tapes[order]

    # the truth

    def ball(self, x: arb, order: int = 0) -> arb | None:
        """The value at x as a ball at the current precision of flint; None where it can't be decided.

        Raises:
            balls.UndefinedError: where there is no value, as of log(x) for a negative x.
        """
        value = _run(self._steps(order), lambda text: x if text == "x" else _leaf(text, self.parameters), balls.apply)
        if value is balls.UNDEFINED:
            raise balls.UndefinedError
        return value if value is not balls.UNDECIDED and value.is_finite() else None

    def settle(self, x: float | arb, order: int, accept: Callable[[arb], T | None], otherwise: T, bits: int = 0) -> T:
        """What `accept` makes of the ball at x, as soon as a precision gives a ball small enough for it."""
        from flint import arb

        point = x if isinstance(x, arb) else arb(x)
        return balls.settle(lambda: self.ball(point, order), accept, otherwise, bits)

    def rounded(self, x: float, order: int = 0) -> float:
        """The float64 nearest to the value at x, correctly rounded; limits at the infinities, nan where undefined."""
        return self._special(x, order, balls.nearest)

    def rounded_to_odd(self, x: float, order: int = 0) -> float:
        """The value at x rounded so that a second rounding, to float32 or shorter, is still correct."""
        return self._special(x, order, balls.to_odd)

    def _special(self, x: float, order: int, accept: Callable[[arb], float | None]) -> float:
        if math.isnan(x):
            return math.nan
        side = (math.copysign(1.0, x), order)
        if abs(x) >= self._reach[side]:
            return self._far(x, order)
        value = self.settle(
            x, order, lambda ball: self._underflow(x, order) if balls.vanishes(ball) else accept(ball), math.nan
        )
        if math.isnan(value) and abs(x) >= 1024.0:
            # exp(exp(x)) is beyond any precision here, and what contains it has long settled
            self._reach[side] = abs(x)
            return self._far(x, order)
        if x == 0 and value == 0:
            # The sign of a zero at a zero is the sign of the values on that side of it.
            return math.copysign(0.0, self._sign_at(math.copysign(TINY, x), order))
        return value

    def _far(self, x: float, order: int) -> float:
        """Where balls show nothing: the limit; if that is infinite, what float64 gives, as log(x) grows slowly."""
        limit = self.limit(x, order)
        if math.isfinite(limit):
            return limit
        near = float(self._float_values(np.array([x]), order, pairs.OPERATIONS)[0][0])
        return limit if math.isnan(near) else near

    def _underflow(self, x: float, order: int) -> float:
        # The sign of a zero by underflow is the sign of the values on the way there.
        return math.copysign(0.0, self._sign_far_out(x, order))

    def _sign_far_out(self, end: float, order: int) -> float:
        # 1 + erf(x) needs x^2 bits to show its sign: look as far out as it can be seen
        signs = (self.settle(math.copysign(x, end), order, balls.sign, 0.0) for x in (1024.0, 64.0, 16.0))
        return next(filter(None, signs), 1.0)

    def _sign_at(self, x: float, order: int) -> float:
        return self.settle(x, order, balls.sign, 0.0) or 1.0

    def limit(self, end: float, order: int = 0) -> float:
        """The limit on the side of end, inf or -inf; nan where there is none, as for a sine."""
        side = (math.copysign(1.0, end), order)
        if side not in self._limits:
            self._limits[side] = self._find_limit(*side)
        return self._limits[side]

    def _find_limit(self, end: float, order: int) -> float:
        from flint import arb

        for exponents in ((2048, 3072, 4096), (10, 11, 12)):  # exp(exp(x)) can only be followed so far
            points = [arb(2) ** k * arb(f) * int(end) for k in exponents for f in (1, 1.375, 1.8125)]
            samples = [self.settle(point, order, balls.large, math.nan) for point in points]
            if not any(map(math.isnan, samples)):
                break
        else:
            return math.nan
        if len(set(samples)) == 1:
            # a limit of 0 has the sign of the values that go there
            return samples[0] or math.copysign(0.0, self._sign_far_out(end, order))
        sizes = [abs(sample) for sample in samples]
        grows = sizes == sorted(sizes) and sizes[-1] > sizes[0] * 1.3 and len({s > 0 for s in samples}) == 1
        return math.copysign(math.inf, samples[-1]) if grows else math.nan

    def one_sided(self, x: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Value and slope just left of x, and just right of it.

        A corner that float64 can only name to the next number, as (1 - 1/2)/(1/6) = 3, is found there too.

        >>> Formula("max(x, 0)").one_sided(0.0)
        ((0.0, 0.0), (0.0, 1.0))
        """
        near, wide = (self._beside(x, step) for step in (0.0, 2 * float(np.spacing(abs(x)))))
        return wide if differs(*wide) and not differs(*near) else near

    def _beside(self, x: float, step: float) -> tuple[tuple[float, float], tuple[float, float]]:
        values, slopes = self.sides(x, 0, step), self.sides(x, 1, step)
        return (values[0], slopes[0]), (values[1], slopes[1])

    def sides(self, x: float, order: int, step: float = 0.0) -> tuple[float, float]:
        """The value, slope or higher derivative left of x and right of it: the limits, or what they are a step away."""
        from flint import arb, ctx

        with ctx.workprec(4096):
            apart = arb(step) if step else arb(2) ** -1200
            points = arb(x) - apart, arb(x) + apart
        left, right = (self.settle(point, order, balls.nearest, math.nan) for point in points)
        return _unbounded(left) + 0.0, _unbounded(right) + 0.0

    # float64

    def values(self, x: Array, order: int = 0) -> Array:
        """Values (order 0), slopes (1) or second derivatives (2) at every x, each proved close or correctly rounded.

        Args:
            x: float64, any length; meant to be a block that fits the cache.
        """
        v, proved = self._float_values(x, order, bounds.OPERATIONS)
        if proved.all():
            return v
        again = np.flatnonzero(~proved)
        v[again], proved = self._float_values(x[again], order, pairs.OPERATIONS)
        for i in again[~proved]:
            v[i] = self.rounded(float(x[i]), order)
        return v

    def to_odd(self, x: Array, order: int = 0) -> Array:
        """Like `rounded_to_odd` at every x."""
        with np.errstate(all="ignore"):
            near, rest, bound = np.broadcast_arrays(x, *self._bounded(x, order, pairs.OPERATIONS))[1:]
            high = near + rest
            low = rest - (high - near)
            # The truth is on that side of `high` which `low` shows, unless the bound reaches over it.
            sure = (np.abs(low) > bound) | ((low == 0) & (bound == 0))
            sure &= (x != 0) & np.isfinite(x) & np.isfinite(high) & (high != 0) & (bound < np.spacing(np.abs(high)) / 4)
            is_odd = high.view(np.int64) & 1 == 1
            out: Array = np.where(is_odd | (low == 0), high, np.nextafter(high, np.copysign(np.inf, low)))
        for i in np.flatnonzero(~sure):
            out[i] = self.rounded_to_odd(float(x[i]), order)
        return out

    def _bounded(self, x: Array, order: int, operations: Mapping[str, Callable[..., bounds.Triple]]) -> bounds.Triple:
        def leaf(text: str) -> bounds.Triple:
            if text in self.parameters:
                return bounded_parameter(self.parameters[text])
            return {"x": (x, 0.0, 0.0), "pi": bounds.PI}.get(text) or (np.float64(text), 0.0, 0.0)

        return _run(self._steps(order), leaf, lambda op, parts: operations[op](*parts))

    def _float_values(
        self, x: Array, order: int, operations: Mapping[str, Callable[..., bounds.Triple]]
    ) -> tuple[Array, NDArray[np.bool_]]:
        with np.errstate(all="ignore"):
            high, low, bound = self._bounded(x, order, operations)
            # A zero that came by underflow has a sign of its own, one that came exactly has none, except at zero.
            v = np.where((high == 0) & (bound == 0), 0.0, np.broadcast_to(high + low, x.shape))
            size, enough = np.abs(v), _PROVED / 1.001
            proved = bound <= enough * UNIT * size
            if not proved.all():  # that was half an ulp at least; this is slower, and the whole of it
                proved = (bound <= enough * np.spacing(size)) & ~((v == 0) & (bound > 0))
            return v, proved & (x != 0) & np.isfinite(x) & np.isfinite(v)

    # digits

    def digits(self, x: float, n: int, order: int = 0) -> str:
        """The value at x to n significant digits, every one right (rounded half to even on the exact value)."""
        if not math.isfinite(x):
            return str(self._special(x, order, balls.nearest))
        return self.settle(x, order, lambda ball: balls.decimal(ball, n), "nan", bits=4 * n)


def row_truth(
    text: str, row: list[float], parameters: Mapping[str, float], lists: Mapping[str, list[float]]
) -> RowTruth:
    """The exact values of a row function's formula at a row of finite numbers.

    Args:
        text: the formula; x is an entry of the row, a and b are entries of its two halves.
        lists: further names that stand for one number an entry, as the noise of gumbel_softmax.
    """
    middle = len(row) // 2
    known = {"x": row, "a": row[:middle], "b": row[middle:], **lists}
    return RowTruth(_tape(parse(text, [*parameters, *known], row=True)), known, parameters)


@dataclass(frozen=True)
class RowTruth:
    """The outputs of a row function at one row, to any precision."""

    steps: list[Step]
    known: Mapping[str, list[float]]
    parameters: Mapping[str, float]

    def _row(self) -> list[arb] | None:
        from flint import arb

        def leaf(text: str) -> Any:
            return [arb(x) for x in self.known[text]] if text in self.known else _leaf(text, self.parameters)

        def apply(op: str, parts: list[Any]) -> Any:
            if op == "sum":
                return sum(parts[0], arb(0))
            if op == "threshold":
                return balls.threshold(parts[0], int(float(parts[1])))
            width = max((len(part) for part in parts if isinstance(part, list)), default=0)
            if not width:
                return balls.OPERATIONS[op](*parts)
            columns = [part if isinstance(part, list) else [part] * width for part in parts]
            return [balls.OPERATIONS[op](*column) for column in zip(*columns, strict=True)]

        try:
            row = _run(self.steps, leaf, apply)
        except balls.UndecidedError:
            return None
        return row if all(ball.is_finite() for ball in row) else None

    def _each(self, accept: Callable[[arb], T | None], otherwise: T, bits: int = 0) -> list[T]:
        from flint import ctx

        width = next(len(self.known[text]) for op, _, text in self.steps if op == "name" and text in self.known)
        row_at = cache(lambda precision: self._row())

        def entry(i: int) -> arb | None:
            row = row_at(ctx.prec)
            return None if row is None else row[i]

        return [balls.settle(partial(entry, i), accept, otherwise, bits) for i in range(width)]

    def rounded(self, *, to_odd: bool = False) -> list[float]:
        """Each output as the nearest float64, or rounded so that a second rounding is still correct."""
        return self._each(balls.to_odd if to_odd else balls.nearest, math.nan)

    def digits(self, n: int) -> list[str]:
        """Each output to n significant digits, every one right."""
        return self._each(lambda ball: balls.decimal(ball, n), "nan", bits=4 * n)


def _unbounded(value: float) -> float:
    # so close to a point only what has a pole there, or a vertical slope, is so large
    return math.copysign(math.inf, value) if abs(value) > 1e100 else value


def switch_points(formula: Formula) -> list[float]:
    """Where a formula switches branches, found by following each switch over +-1000."""
    grid = np.unique(np.concatenate([np.linspace(-40, 40, 3201), np.linspace(-1000, 1000, 1001)]))
    places: set[float] = set()
    for switch in switches(formula.root):
        path = Formula(render(switch), formula.parameters)
        signs = np.sign(path.values(grid))
        places.update(grid[signs == 0].tolist() if not (signs == 0).all() else [])
        for i in np.flatnonzero(signs[:-1] * signs[1:] < 0):
            places.add(_bisect(path, float(grid[i]), float(grid[i + 1])))
    return sorted(x + 0.0 for x in places)


def kinks(formula: Formula) -> tuple[float, ...]:
    """Where value or slope jumps: the switch points whose two sides differ.

    >>> kinks(Formula("max(x, 0) + abs(x - 2)"))
    (0.0, 2.0)
    """
    return tuple(x for x in switch_points(formula) if differs(*formula.one_sided(x)))


def _bisect(path: Formula, low: float, high: float) -> float:
    sign = math.copysign(1, path.rounded(low))
    while low < (middle := (low + high) / 2) < high:
        value = path.rounded(middle)
        if value == 0:
            return middle
        low, high = (middle, high) if math.copysign(1, value) == sign else (low, middle)
    return low if abs(path.rounded(low)) <= abs(path.rounded(high)) else high


def differs(left: tuple[float, float], right: tuple[float, float]) -> bool:
    """Whether value or slope are not the same on both sides of a point."""
    return any(not math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) for a, b in zip(left, right, strict=True))
