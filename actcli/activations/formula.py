"""The two arithmetics of a formula, and what they find out about it.

A formula is evaluated

* in ball arithmetic (Arb, through python-flint) with as many bits as the answer needs: the truth;
* in float64 with a running error bound beside every intermediate result. Where the bound proves the result good
  to the tolerance, it stands; where it does not (cancellation, overflow on the way), ball arithmetic takes over.

Decimal constants and parameter values mean the float64 numbers nearest to them, as every framework stores them;
1/6, pi and sqrt(2) mean the real numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from actcli.activations import primitives
from actcli.activations.grammar import Node, derivative, parse, render, switches

if TYPE_CHECKING:
    from flint import arb

Array = NDArray[np.float64]
T = TypeVar("T")

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


class _UndecidedError(Exception):
    """A condition that this precision cannot decide."""


def _arb_where(condition: bool | None, a: arb, b: arb) -> arb:
    if condition is None:
        raise _UndecidedError
    return a if condition else b


def _arb_less(a: arb, b: arb) -> bool | None:
    if a < b:
        return True
    return False if a >= b else None


def _arb_equal(a: arb, b: arb) -> bool | None:
    if a == b:
        return True
    return False if a != b else None


def _not(condition: bool | None) -> bool | None:
    return None if condition is None else not condition


def _arb_sign(a: arb) -> arb:
    if a > 0 or a < 0 or a == 0:
        return a.sgn()
    raise _UndecidedError


def _arb_pick(a: arb, b: arb, *, larger: bool) -> arb:
    first = _arb_less(b, a) if larger else _arb_less(a, b)
    if first is None:  # not decided: both are within the balls, and either way the hull is right
        return a.max(b) if larger else a.min(b)
    return a if first else b


def _arb_sigmoid(a: arb) -> arb:
    return 1 / (1 + (-a).exp())


def _arb_tanh(a: arb) -> arb:
    from flint import arb, ctx

    if abs(a) > ctx.prec:  # 1 - tanh is below the precision, and exp of such an argument may be out of reach
        return a.sgn() * arb(1, arb(2) ** -ctx.prec)
    return a.tanh()


def _arb_softplus(a: arb) -> arb:
    return a.exp().log1p() if a < 0 else a + (-a).exp().log1p()


_ARB: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "pow": lambda a, b: a**b,
    "lt": _arb_less,
    "le": lambda a, b: _not(_arb_less(b, a)),
    "gt": lambda a, b: _arb_less(b, a),
    "ge": lambda a, b: _not(_arb_less(a, b)),
    "eq": _arb_equal,
    "ne": lambda a, b: _not(_arb_equal(a, b)),
    "where": _arb_where,
    "abs": abs,
    "sign": _arb_sign,
    "max": lambda a, b: _arb_pick(a, b, larger=True),
    "min": lambda a, b: _arb_pick(a, b, larger=False),
    "clip": lambda a, low, high: _arb_pick(_arb_pick(a, low, larger=True), high, larger=False),
    "sigmoid": _arb_sigmoid,
    "softplus": _arb_softplus,
    "exp": lambda a: a.exp(),
    "expm1": lambda a: a.expm1(),
    "log": lambda a: a.log(),
    "log1p": lambda a: a.log1p(),
    "sqrt": lambda a: a.sqrt(),
    "tanh": _arb_tanh,
    "sinh": lambda a: a.sinh(),
    "cosh": lambda a: a.cosh(),
    "sin": lambda a: a.sin(),
    "cos": lambda a: a.cos(),
    "atan": lambda a: a.atan(),
    "erf": lambda a: a.erf(),
    "erfc": lambda a: a.erfc(),
}


# Float64 with error bounds: every value is an unevaluated sum of two float64, `high + low`, and travels with a bound
# on what it differs from the truth by. + - * / and sqrt lose next to nothing that way, and a function is charged only
# for its own error, more than was ever measured of it. UNIT is half an ulp of 1, TINY the smallest subnormal.
UNIT, TINY = 2.0**-53, 2.0**-1074
Triple = tuple[Any, Any, Any]


def _normal(high: Any, low: Any, bound: Any) -> Triple:
    total = high + low
    return total, low - (total - high), bound


def _float_add(a: Triple, b: Triple) -> Triple:
    total = a[0] + b[0]
    part = total - a[0]
    rest = (a[0] - (total - part)) + (b[0] - part)
    lows = a[1] + b[1]
    rounding = np.where(lows == 0, 0.0, 4 * UNIT * (np.abs(rest) + np.abs(a[1]) + np.abs(b[1])))
    return _normal(total, rest + lows, a[2] + b[2] + rounding)


def _float_mul(a: Triple, b: Triple) -> Triple:
    v, rest = primitives.product(a[0], b[0])
    cross = a[0] * b[1] + a[1] * b[0]
    rounding = 4 * UNIT * (np.abs(cross) + np.where(cross == 0, 0.0, np.abs(rest)))
    # below 1e-280 the parts of the product underflow, but a true zero makes a true zero
    exact_zero = ((a[0] == 0) & (a[2] == 0)) | ((b[0] == 0) & (b[2] == 0))
    rounding += np.where((np.abs(v) < 1e-280) & ~exact_zero, 8 * TINY, 0.0)
    return _normal(v, rest + cross, np.abs(a[0]) * b[2] + np.abs(b[0]) * a[2] + a[2] * b[2] + rounding)


def _float_div(a: Triple, b: Triple) -> Triple:
    q = a[0] / b[0]
    back, rest = primitives.product(q, b[0])
    low = (((a[0] - back) - rest) + (a[1] - q * b[1])) / b[0]
    room = np.maximum(np.abs(b[0]) - b[2], 0.0)
    tiny = np.where(np.abs(a[0]) < 1e-280, 8 * TINY / room, 0.0) + np.where(np.abs(q) < 1e-280, TINY, 0.0)
    rounding = 8 * UNIT * UNIT * np.abs(q) + np.where((a[0] == 0) & (a[2] == 0), 0.0, tiny)
    return _normal(q, low, (a[2] + np.abs(q) * b[2]) / room + rounding)


def _float_sqrt(a: Triple) -> Triple:
    root = np.sqrt(a[0])
    positive = root > 0
    divisor = np.where(positive, root, 1.0)
    square, rest = primitives.product(root, root)
    low = np.where(positive, ((a[0] - square) - rest + a[1]) / (2 * divisor), 0.0)
    bound = np.where(positive, a[2] / divisor + 8 * UNIT * UNIT * root, np.sqrt(a[2]))
    return _normal(root, low, np.where((a[0] < 1e-280) & (a[0] != 0), np.inf, bound))


def _float_pow(a: Triple, b: Triple) -> Triple:
    if np.ndim(b[0]) == 0 and b[1] == b[2] == 0 and b[0] in (2, 3):
        square = _float_mul(a, a)
        return square if b[0] == 2 else _float_mul(square, a)
    v = np.power(a[0], b[0])
    size = np.abs(a[0])
    relative = np.abs(b[0]) * (a[2] + np.abs(a[1])) / np.maximum(size - a[2], 0.0)
    relative = relative + np.abs(np.log(size)) * (b[2] + np.abs(b[1]))
    return v, np.zeros_like(v), np.abs(v) * (np.expm1(relative) + 8 * UNIT) + TINY


def _float_compare(a: Triple, b: Triple, compare: Callable[[Any, Any], Any]) -> Triple:
    # A condition is a triple too: the outcome, nothing, and whether the bounds leave it open.
    slack = a[2] + b[2]
    gap = (a[0] - b[0]) + (a[1] - b[1])
    return compare(gap, 0.0), 0.0, (slack > 0) & ~(np.abs(gap) > slack)


def _float_where(condition: Triple, a: Triple, b: Triple) -> Triple:
    high, low, bound = (np.where(condition[0], a[i], b[i]) for i in range(3))
    return high, low, np.where(condition[2], np.inf, bound)


def _float_pick(a: Triple, b: Triple, *, larger: bool) -> Triple:
    gap = (a[0] - b[0]) + (a[1] - b[1])
    first = gap > 0 if larger else gap < 0
    sure = np.abs(gap) > a[2] + b[2]
    bound = np.where(sure, np.where(first, a[2], b[2]), np.maximum(a[2], b[2]))
    return np.where(first, a[0], b[0]), np.where(first, a[1], b[1]), bound


def _float_clip(a: Triple, low: Triple, high: Triple) -> Triple:
    return _float_pick(_float_pick(a, low, larger=True), high, larger=False)


def _float_abs(a: Triple) -> Triple:
    flip = np.where(a[0] < 0, -1.0, 1.0)
    return np.abs(a[0]), flip * a[1], a[2]


def _float_sign(a: Triple) -> Triple:
    return np.sign(a[0]), 0.0, np.where((np.abs(a[0]) > a[2]) | (a[2] == 0), 0.0, np.inf)


def _float_function(
    function: Callable[[Any], Any], slope: Callable[[Any], Any], steepest: Callable[[Any, Any], Any], ulps: float
) -> Callable[[Triple], Triple]:
    """A library function of that many ulps; `steepest` bounds its slope within the bound of its argument."""

    def bounded(a: Triple) -> Triple:
        v = function(a[0])
        own = ulps * np.spacing(np.abs(v))
        if np.any(a[1]):
            low = slope(a[0]) * a[1]
            # no curvature here exceeds 64 times the slope nearby
            own = own + 16 * UNIT * np.abs(low) + 64 * steepest(a[0], a[2] + np.abs(a[1])) * a[1] * a[1]
        else:
            low = np.zeros_like(v)
        passed_on = np.where(np.asarray(a[2]) == 0, 0.0, steepest(a[0], a[2]) * a[2])
        return _normal(v, low, passed_on + own)

    return bounded


def _gauss(x: Any) -> Any:
    return 2 / math.sqrt(math.pi) * np.exp(-x * x)


def _float_trigonometric(function: Any, slope: Any) -> Callable[[Triple], Triple]:
    return _float_function(function, slope, lambda v, e: 1.0, 1.5)


_FLOAT: dict[str, Callable[..., Triple]] = {
    "add": _float_add,
    "sub": lambda a, b: _float_add(a, (-b[0], -b[1], b[2])),
    "mul": _float_mul,
    "div": _float_div,
    "neg": lambda a: (-a[0], -a[1], a[2]),
    "pow": _float_pow,
    "lt": lambda a, b: _float_compare(a, b, np.less),
    "le": lambda a, b: _float_compare(a, b, np.less_equal),
    "gt": lambda a, b: _float_compare(a, b, np.greater),
    "ge": lambda a, b: _float_compare(a, b, np.greater_equal),
    "eq": lambda a, b: _float_compare(a, b, np.equal),
    "ne": lambda a, b: _float_compare(a, b, np.not_equal),
    "where": _float_where,
    "max": lambda a, b: _float_pick(a, b, larger=True),
    "min": lambda a, b: _float_pick(a, b, larger=False),
    "clip": _float_clip,
    "abs": _float_abs,
    "sign": _float_sign,
    "sqrt": _float_sqrt,
    "exp": _float_function(np.exp, np.exp, lambda v, e: np.exp(v + e), 1),
    "expm1": _float_function(np.expm1, np.exp, lambda v, e: np.exp(v + e), 1),
    "log": _float_function(np.log, lambda v: 1 / v, lambda v, e: 1 / np.maximum(v - e, 0.0), 1),
    "log1p": _float_function(np.log1p, lambda v: 1 / (1 + v), lambda v, e: 1 / np.maximum(1 + v - e, 0.0), 1),
    "tanh": _float_function(
        np.tanh, primitives.tanh_slope, lambda v, e: np.minimum(1.0, 4 * np.exp(2 * (e - np.abs(v)))), 2
    ),
    "sinh": _float_function(np.sinh, np.cosh, lambda v, e: np.cosh(np.abs(v) + e), 2),
    "cosh": _float_function(np.cosh, np.sinh, lambda v, e: np.sinh(np.abs(v) + e), 2),
    "sin": _float_trigonometric(np.sin, np.cos),
    "cos": _float_trigonometric(np.cos, lambda v: -np.sin(v)),
    "atan": _float_function(
        np.arctan, lambda v: 1 / (1 + v * v), lambda v, e: 1 / (1 + np.maximum(np.abs(v) - e, 0.0) ** 2), 1.5
    ),
    "erf": _float_function(primitives.erf, _gauss, lambda v, e: _gauss(np.maximum(np.abs(v) - e, 0.0)), 2),
    "erfc": _float_function(
        primitives.erfc, lambda v: -_gauss(v), lambda v, e: _gauss(np.maximum(np.abs(v) - e, 0.0)), 3
    ),
    "sigmoid": _float_function(primitives.sigmoid, primitives.sigmoid_slope, lambda v, e: np.exp(e - np.abs(v)), 1.5),
    "softplus": _float_function(
        primitives.softplus, primitives.sigmoid, lambda v, e: np.minimum(1.0, np.exp(v + e)), 1.5
    ),
}

_PI: Triple = (math.pi, 1.2246467991473532e-16, UNIT * UNIT)


#: Bits of working precision to try, one after the other, until the answer is settled.
_PRECISIONS = (96, 192, 448, 1280, 4096, 12288, 49152)

#: A result of the float64 arithmetic stands if it is proved this close (ulp), by order of the derivative.
_PROVED = (3.4, 7.4, 60.0)


def _settle(ball: Callable[[], arb | None], accept: Callable[[arb], T | None], otherwise: T) -> T:
    """What `accept` makes of a ball, as soon as a precision gives one small enough for it."""
    from flint import ctx

    before = ctx.prec
    try:
        for bits in _PRECISIONS:
            ctx.prec = bits
            value = ball()
            if value is not None and (answer := accept(value)) is not None:
                return answer
    finally:
        ctx.prec = before
    return otherwise


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
            self._tapes[order] = _tape(self.node(order))
        return self._tapes[order]

    # the truth

    def ball(self, x: arb, order: int = 0) -> arb | None:
        """The value at x as a ball at the current precision of flint; None where it can't be decided."""
        from flint import arb

        slots: list[Any] = []
        try:
            for op, args, text in self._steps(order):
                if op == "number":
                    slots.append(arb(float(text)))
                elif op == "name":
                    slots.append(x if text == "x" else arb.pi() if text == "pi" else arb(self.parameters[text]))
                else:
                    slots.append(_ARB[op](*[slots[i] for i in args]))
        except _UndecidedError:
            return None
        value: arb = slots[-1]
        return value if value.is_finite() else None

    def settle(self, x: float | arb, order: int, accept: Callable[[arb], T | None], otherwise: T) -> T:
        """What `accept` makes of the ball at x, as soon as a precision gives a ball small enough for it."""
        from flint import arb

        point = x if isinstance(x, arb) else arb(x)
        return _settle(lambda: self.ball(point, order), accept, otherwise)

    def rounded(self, x: float, order: int = 0) -> float:
        """The float64 nearest to the value at x, correctly rounded; limits at the infinities, nan where undefined."""
        return self._special(x, order, lambda ball: _nearest(ball))

    def rounded_to_odd(self, x: float, order: int = 0) -> float:
        """The value at x rounded so that a second rounding, to float32 or shorter, is still correct."""
        return self._special(x, order, _to_odd)

    def _special(self, x: float, order: int, accept: Callable[[arb], float | None]) -> float:
        if math.isnan(x):
            return math.nan
        side = (math.copysign(1.0, x), order)
        if abs(x) >= self._reach[side]:
            return self.limit(x, order)
        value = self.settle(
            x, order, lambda ball: self._underflow(x, order) if _vanishes(ball) else accept(ball), math.nan
        )
        if math.isnan(value) and abs(x) >= 1024.0:
            # exp(exp(x)) is beyond any precision here, and what contains it has long settled
            self._reach[side] = abs(x)
            return self.limit(x, order)
        if x == 0 and value == 0:
            # The sign of a zero at a zero is the sign of the values on that side of it.
            return math.copysign(0.0, self._sign_at(math.copysign(TINY, x), order))
        return value

    def _underflow(self, x: float, order: int) -> float:
        # The sign of a zero by underflow is the sign of the values on the way there.
        return math.copysign(0.0, self._sign_far_out(x, order))

    def _sign_far_out(self, end: float, order: int) -> float:
        # 1 + erf(x) needs x^2 bits to show its sign: look as far out as it can be seen
        signs = (self.settle(math.copysign(x, end), order, _sign, 0.0) for x in (1024.0, 64.0, 16.0))
        return next(filter(None, signs), 1.0)

    def _sign_at(self, x: float, order: int) -> float:
        return self.settle(x, order, _sign, 0.0) or 1.0

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
            samples = [self.settle(point, order, _large, math.nan) for point in points]
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
        left, right = (self.settle(point, order, _nearest, math.nan) for point in points)
        return left + 0.0, right + 0.0

    # float64

    def values(self, x: Array, order: int = 0) -> Array:
        """Values (order 0), slopes (1) or second derivatives (2) at every x, each proved close or correctly rounded.

        Args:
            x: float64, any length; meant to be a block that fits the cache.
        """
        v, proved = self._float_values(x, order)
        for i in np.flatnonzero(~proved):
            v[i] = self.rounded(float(x[i]), order)
        return v

    def _float_values(self, x: Array, order: int) -> tuple[Array, NDArray[np.bool_]]:
        slots: list[Triple] = []
        with np.errstate(all="ignore"):
            for op, args, text in self._steps(order):
                if op == "number":
                    slots.append((float(text), 0.0, 0.0))
                elif op == "name":
                    known = {"x": (x, np.zeros_like(x), 0.0), "pi": _PI}
                    slots.append(known.get(text) or (self.parameters[text], 0.0, 0.0))
                else:
                    slots.append(_FLOAT[op](*[slots[i] for i in args]))
            high, low, bound = (np.broadcast_to(part, x.shape) for part in slots[-1])
            # A zero that came by underflow has a sign of its own, one that came exactly has none, except at zero.
            v = np.where((high == 0) & (bound == 0), 0.0, high + low)
            proved = bound * 1.001 <= _PROVED[order] * np.spacing(np.abs(v))
            proved &= (x != 0) & np.isfinite(x) & np.isfinite(v) & ~((v == 0) & (bound > 0))
            return v, proved

    # digits

    def digits(self, x: float, n: int, order: int = 0) -> str:
        """The value at x to n significant digits, every one right (rounded half to even on the exact value)."""
        if not math.isfinite(x):
            return str(self._special(x, order, _nearest))
        return self.settle(x, order, lambda ball: _decimal(ball, n), "nan")


def _vanishes(ball: arb) -> bool:
    """Far too small for a float64, with a sign that this precision does not show."""
    from flint import arb

    return bool(ball.abs_upper() < arb(2) ** -1200) and not ball.is_zero() and _sign(ball) is None


#: A ball this exact (bits) which still holds a boundary between two answers lies on it, as 30*(1/30) lies on 1.
_ON_THE_BOUNDARY = 1000


def _nearest(ball: arb) -> float | None:
    low, high = float(ball.lower()), float(ball.upper())
    if low == high and (low != 0 or _sign(ball) is not None or ball.is_exact()):
        return low
    return float(ball.mid()) if ball.rel_accuracy_bits() > _ON_THE_BOUNDARY else None


def _sign(ball: arb) -> float | None:
    return 1.0 if ball > 0 else -1.0 if ball < 0 else 0.0 if ball.is_zero() else None


def _large(ball: arb) -> float | None:
    # Limits need no more than a few digits, but sure ones; or a ball too small to be anything but 0.
    sure = ball.rel_accuracy_bits() > 60 or ball.is_exact() or float(ball.abs_upper()) == 0
    return float(ball) if sure else None


def _to_odd(ball: arb) -> float | None:
    value = _nearest(ball)
    if value is None or not math.isfinite(value):
        return value
    beyond = _sign(ball - value)
    if beyond is None and ball.rel_accuracy_bits() <= _ON_THE_BOUNDARY:
        return None
    if not beyond or (math.frexp(value)[0] * 2.0**53) % 2:
        return value
    return math.nextafter(value, math.copysign(math.inf, beyond))


def _decimal(ball: arb, n: int) -> str | None:
    low, high = (_decimal_of(end, n) for end in (ball.lower(), ball.upper()))
    if low == high:
        return low
    return _decimal_of(ball.mid(), n) if ball.rel_accuracy_bits() > _ON_THE_BOUNDARY + 4 * n else None


def _decimal_of(exact: arb, n: int) -> str:
    """An exact binary number to n significant digits."""
    from decimal import Context, Decimal

    mantissa, exponent = (int(part) for part in exact.man_exp())
    if mantissa == 0:
        return "0"
    if abs(exponent) > 100_000:
        return str(exact.str(n, radius=False))
    scaled = Decimal(mantissa << exponent) if exponent >= 0 else None
    if scaled is None:
        # mantissa / 2**k = mantissa * 5**k / 10**k, exactly
        scaled = Decimal(mantissa * 5**-exponent).scaleb(exponent, Context(prec=1_000_000, Emin=-999_999, Emax=999_999))
    rounded = Context(prec=n, Emin=-999_999, Emax=999_999).plus(scaled)
    return _padded(rounded, n)


def _padded(number: Any, n: int) -> str:
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).ljust(n, "0")
    point = len(digits) + exponent
    minus = "-" * sign
    if -5 < point <= max(n, 1):
        if point <= 0:
            return f"{minus}0.{'0' * -point}{text}"
        return f"{minus}{text[:point]}.{text[point:]}" if point < n else f"{minus}{text}"
    return f"{minus}{text[0]}{'.' * (n > 1)}{text[1:]}e{point - 1:+03d}"


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

    def _balls(self) -> list[arb] | None:
        from flint import arb

        slots: list[Any] = []
        for op, args, text in self.steps:
            parts = [slots[i] for i in args]
            width = max((len(part) for part in parts if isinstance(part, list)), default=0)
            if op == "number":
                slots.append(arb(float(text)))
            elif op == "name" and text in self.known:
                slots.append([arb(x) for x in self.known[text]])
            elif op == "name":
                slots.append(arb.pi() if text == "pi" else arb(self.parameters[text]))
            elif op == "sum":
                slots.append(sum(parts[0], arb(0)))
            elif width:
                columns = [part if isinstance(part, list) else [part] * width for part in parts]
                slots.append([_ARB[op](*column) for column in zip(*columns, strict=True)])
            else:
                slots.append(_ARB[op](*parts))
        return slots[-1] if all(ball.is_finite() for ball in slots[-1]) else None

    def _each(self, accept: Callable[[arb], T | None], otherwise: T) -> list[T]:
        def entry(i: int) -> arb | None:
            try:
                balls = self._balls()
            except _UndecidedError:
                return None
            return None if balls is None else balls[i]

        width = next(len(self.known[text]) for op, _, text in self.steps if op == "name" and text in self.known)
        return [_settle(lambda i=i: entry(i), accept, otherwise) for i in range(width)]  # type: ignore[misc]

    def rounded(self, *, to_odd: bool = False) -> list[float]:
        """Each output as the nearest float64, or rounded so that a second rounding is still correct."""
        return self._each(_to_odd if to_odd else _nearest, math.nan)

    def digits(self, n: int) -> list[str]:
        """Each output to n significant digits, every one right."""
        return self._each(lambda ball: _decimal(ball, n), "nan")


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
