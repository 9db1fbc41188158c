"""Float64 with bounds: what each operation of the grammar does to float64 numbers whose error is known.

Float64 with error bounds: every value is an unevaluated sum of two float64, `high + low`, and travels with a bound
on what it differs from the truth by. + - * / and sqrt lose next to nothing that way, and a function is charged only
for its own error, more than was ever measured of it. UNIT is half an ulp of 1, TINY the smallest subnormal.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from actcli.formulas import primitives

UNIT, TINY = 2.0**-53, 2.0**-1074


class Triple(NamedTuple):
    """Numbers with a bound: each is high + low, and off from the truth by at most bound. Parts are arrays or floats."""

    high: Any
    low: Any
    bound: Any


class Condition(NamedTuple):
    """The outcome of a comparison of numbers with bounds, and where the bounds, or a nan, leave it open."""

    holds: Any
    open: Any


def exactly(value: Any) -> Triple:
    """A number without error."""
    return Triple(value, 0.0, 0.0)


def _normal(high: Any, low: Any, bound: Any) -> Triple:
    total = high + low
    return Triple(total, low - (total - high), bound)


def neg(a: Triple) -> Triple:
    return Triple(-a.high, -a.low, a.bound)


def add(a: Triple, b: Triple) -> Triple:
    total, rest = primitives.two_sum(a.high, b.high)
    lows = a.low + b.low
    rounding = np.where(lows == 0, 0.0, 4 * UNIT * (np.abs(rest) + np.abs(a.low) + np.abs(b.low)))
    return _normal(total, rest + lows, a.bound + b.bound + rounding)


def sub(a: Triple, b: Triple) -> Triple:
    return add(a, neg(b))


def mul(a: Triple, b: Triple) -> Triple:
    v, rest = primitives.product(a.high, b.high)
    one, two = a.high * b.low, a.low * b.high
    cross = one + two
    lost = 4 * UNIT * (np.abs(one) + np.abs(two) + np.abs(rest)) + 4 * TINY
    rounding = np.where((a.low == 0) & (b.low == 0), 0.0, lost)
    # below 1e-280 the parts of the product underflow, but a true zero makes a true zero
    exact_zero = ((a.high == 0) & (a.bound == 0)) | ((b.high == 0) & (b.bound == 0))
    rounding = rounding + np.where((np.abs(v) < 1e-280) & ~exact_zero, 8 * TINY, 0.0)
    return _normal(v, rest + cross, np.abs(a.high) * b.bound + np.abs(b.high) * a.bound + a.bound * b.bound + rounding)


def div(a: Triple, b: Triple) -> Triple:
    q = a.high / b.high
    back, rest = primitives.product(q, b.high)
    low = (((a.high - back) - rest) + (a.low - q * b.low)) / b.high
    room = np.maximum(np.abs(b.high) - b.bound, 0.0)
    tiny = np.where(np.abs(a.high) < 1e-280, 8 * TINY / room, 0.0) + np.where(np.abs(q) < 1e-280, TINY, 0.0)
    rounding = 8 * UNIT * UNIT * np.abs(q) + np.where((a.high == 0) & (a.bound == 0), 0.0, tiny)
    return _normal(q, low, (a.bound + np.abs(q) * b.bound) / room + rounding)


def sqrt(a: Triple) -> Triple:
    root = np.sqrt(a.high)
    positive = root > 0
    divisor = np.where(positive, root, 1.0)
    square, rest = primitives.product(root, root)
    low = np.where(positive, ((a.high - square) - rest + a.low) / (2 * divisor), 0.0)
    bound = np.where(positive, a.bound / divisor + 8 * UNIT * UNIT * root, np.sqrt(a.bound))
    return _normal(root, low, np.where((a.high < 1e-280) & (a.high != 0), np.inf, bound))


def _pow(a: Triple, b: Triple) -> Triple:
    if np.ndim(b.high) == 0 and b.low == b.bound == 0 and b.high in (2, 3):
        square = mul(a, a)
        return square if b.high == 2 else mul(square, a)
    v = np.power(a.high, b.high)
    size = np.abs(a.high)
    relative = np.abs(b.high) * (a.bound + np.abs(a.low)) / np.maximum(size - a.bound, 0.0)
    relative = relative + np.abs(np.log(size)) * (b.bound + np.abs(b.low))
    return Triple(v, np.zeros_like(v), np.abs(v) * (np.expm1(relative) + 8 * UNIT) + TINY)


def _gap(a: Triple, b: Triple) -> tuple[Any, Any]:
    """a - b, and how far it may be off: 0.0 itself where nothing is."""
    return (a.high - b.high) + (a.low - b.low), a.bound + b.bound


def choose(condition: Any, a: Triple, b: Triple) -> Triple:
    """a where the condition, an array of bool, holds, else b."""

    def part(a: Any, b: Any) -> Any:
        # What is exact has plain zeros beside it, which need no choice.
        return a if a is b or (isinstance(a, float) and isinstance(b, float) and a == b) else np.where(condition, a, b)

    return Triple(part(a.high, b.high), part(a.low, b.low), part(a.bound, b.bound))


def _unless(open_: Any, bound: Any) -> Any:
    """The bound, infinite where something is open."""
    return np.where(open_, np.inf, bound) if np.any(open_) else bound


def _compare(a: Triple, b: Triple, compare: Callable[[Any, Any], Any]) -> Condition:
    gap, slack = _gap(a, b)
    return Condition(compare(gap, 0.0), ~((np.abs(gap) > slack) | ((slack == 0) & (gap == 0))))


def _where(condition: Condition, a: Triple, b: Triple) -> Triple:
    chosen = choose(condition.holds, a, b)
    return chosen._replace(bound=_unless(condition.open, chosen.bound))


def _pick(a: Triple, b: Triple, *, larger: bool) -> Triple:
    gap, slack = _gap(a, b)
    first = gap > 0 if larger else gap < 0
    high, low, bound = choose(first, a, b)
    if not isinstance(bound, float):
        bound = np.where(np.abs(gap) > slack, bound, np.maximum(a.bound, b.bound))
    return Triple(high, low, _unless(np.isnan(gap), bound))


def _clip(a: Triple, low: Triple, high: Triple) -> Triple:
    return _pick(_pick(a, low, larger=True), high, larger=False)


def _abs(a: Triple) -> Triple:
    flip = np.where(a.high < 0, -1.0, 1.0)
    return Triple(np.abs(a.high), flip * a.low, a.bound)


def _sign(a: Triple) -> Triple:
    return Triple(np.sign(a.high), 0.0, np.where((np.abs(a.high) > a.bound) | (a.bound == 0), 0.0, np.inf))


def _floor(a: Triple) -> Triple:
    whole = np.floor(a.high)
    # An integer's own low part decides on which side of it the number lies.
    whole = np.where((whole == a.high) & (a.low < 0), whole - 1, whole)
    below, above = (a.high - whole) + a.low, ((whole + 1) - a.high) - a.low
    sure = ((below > a.bound) | ((below == 0) & (a.bound == 0))) & (above > a.bound)
    return Triple(whole, 0.0, np.where(sure | np.isinf(a.high), 0.0, np.inf))


def _function(
    function: Callable[[Any], Any],
    slope: Callable[[Any], Any],
    steepest: Callable[[Any, Any], Any],
    ulps: float,
    bend: Callable[[Any], Any] = lambda steep: 64 * steep,
) -> Callable[[Triple], Triple]:
    """A library function of that many ulps.

    steepest: bounds its slope within a distance of a point. bend: bounds the second derivative by that slope.
    """

    def bounded(a: Triple) -> Triple:
        high, low, bound = np.atleast_1d(a.high), a.low, a.bound  # a constant of a formula is a plain number
        v = function(high)
        own = ulps * np.spacing(np.abs(v))
        reach = bound + np.abs(low)
        if not np.any(reach):
            return Triple(v, np.zeros_like(v), own)
        steep = np.where(reach == 0, 0.0, steepest(high, reach))
        own = own + np.where(bound == 0, 0.0, steep * bound)
        if not np.any(low):
            return Triple(v, np.zeros_like(v), own)
        rest = np.where(low == 0, 0.0, slope(high) * low)
        bent = np.where(low == 0, 0.0, bend(steep) * low * low)
        return _normal(v, rest, own + 16 * UNIT * np.abs(rest) + bent)

    return bounded


def _gauss(x: Any) -> Any:
    return 2 / math.sqrt(math.pi) * np.exp(-x * x)


def _trigonometric(function: Any, slope: Any) -> Callable[[Triple], Triple]:
    return _function(function, slope, lambda v, e: 1.0, 1.5)


#: Each operation of the grammar on triples; comparisons give a Condition, which `where` takes.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": add,
    "sub": sub,
    "mul": mul,
    "div": div,
    "neg": neg,
    "pow": _pow,
    "lt": lambda a, b: _compare(a, b, np.less),
    "le": lambda a, b: _compare(a, b, np.less_equal),
    "gt": lambda a, b: _compare(a, b, np.greater),
    "ge": lambda a, b: _compare(a, b, np.greater_equal),
    "eq": lambda a, b: _compare(a, b, np.equal),
    "ne": lambda a, b: _compare(a, b, np.not_equal),
    "where": _where,
    "max": lambda a, b: _pick(a, b, larger=True),
    "min": lambda a, b: _pick(a, b, larger=False),
    "clip": _clip,
    "abs": _abs,
    "sign": _sign,
    "floor": _floor,
    "sqrt": sqrt,
    "exp": _function(np.exp, np.exp, lambda v, e: np.exp(v + e), 1),
    "expm1": _function(np.expm1, np.exp, lambda v, e: np.exp(v + e), 1),
    "log": _function(np.log, lambda v: 1 / v, lambda v, e: 1 / np.maximum(v - e, 0.0), 1, np.square),
    "log1p": _function(np.log1p, lambda v: 1 / (1 + v), lambda v, e: 1 / np.maximum(1 + v - e, 0.0), 1, np.square),
    "tanh": _function(np.tanh, primitives.tanh_slope, lambda v, e: np.minimum(1.0, 4 * np.exp(2 * (e - np.abs(v)))), 2),
    "sinh": _function(np.sinh, np.cosh, lambda v, e: np.cosh(np.abs(v) + e), 2),
    "cosh": _function(np.cosh, np.sinh, lambda v, e: np.sinh(np.abs(v) + e), 2),
    "sin": _trigonometric(np.sin, np.cos),
    "cos": _trigonometric(np.cos, lambda v: -np.sin(v)),
    "atan": _function(
        np.arctan, lambda v: 1 / (1 + v * v), lambda v, e: 1 / (1 + np.maximum(np.abs(v) - e, 0.0) ** 2), 1.5
    ),
    "erf": _function(primitives.erf, _gauss, lambda v, e: _gauss(np.maximum(np.abs(v) - e, 0.0)), 2),
    "erfc": _function(primitives.erfc, lambda v: -_gauss(v), lambda v, e: _gauss(np.maximum(np.abs(v) - e, 0.0)), 3),
    "sigmoid": _function(primitives.sigmoid, primitives.sigmoid_slope, lambda v, e: np.exp(e - np.abs(v)), 2),
    "softplus": _function(primitives.softplus, primitives.sigmoid, lambda v, e: np.minimum(1.0, np.exp(v + e)), 2),
}

PI = Triple(math.pi, 1.2246467991473532e-16, UNIT * UNIT)
