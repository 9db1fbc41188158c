"""Float64 with bounds: what each operation of the grammar does to float64 numbers whose error is known.

Float64 with error bounds: every value is an unevaluated sum of two float64, `high + low`, and travels with a bound
on what it differs from the truth by. + - * / and sqrt lose next to nothing that way, and a function is charged only
for its own error, more than was ever measured of it. UNIT is half an ulp of 1, TINY the smallest subnormal.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from actcli.activations import primitives

UNIT, TINY = 2.0**-53, 2.0**-1074
Triple = tuple[Any, Any, Any]


def _normal(high: Any, low: Any, bound: Any) -> Triple:
    total = high + low
    return total, low - (total - high), bound


def _add(a: Triple, b: Triple) -> Triple:
    total = a[0] + b[0]
    part = total - a[0]
    rest = (a[0] - (total - part)) + (b[0] - part)
    lows = a[1] + b[1]
    rounding = np.where(lows == 0, 0.0, 4 * UNIT * (np.abs(rest) + np.abs(a[1]) + np.abs(b[1])))
    return _normal(total, rest + lows, a[2] + b[2] + rounding)


def _mul(a: Triple, b: Triple) -> Triple:
    v, rest = primitives.product(a[0], b[0])
    one, two = a[0] * b[1], a[1] * b[0]
    cross = one + two
    lost = 4 * UNIT * (np.abs(one) + np.abs(two) + np.abs(rest)) + 4 * TINY
    rounding = np.where((a[1] == 0) & (b[1] == 0), 0.0, lost)
    # below 1e-280 the parts of the product underflow, but a true zero makes a true zero
    exact_zero = ((a[0] == 0) & (a[2] == 0)) | ((b[0] == 0) & (b[2] == 0))
    rounding = rounding + np.where((np.abs(v) < 1e-280) & ~exact_zero, 8 * TINY, 0.0)
    return _normal(v, rest + cross, np.abs(a[0]) * b[2] + np.abs(b[0]) * a[2] + a[2] * b[2] + rounding)


def _div(a: Triple, b: Triple) -> Triple:
    q = a[0] / b[0]
    back, rest = primitives.product(q, b[0])
    low = (((a[0] - back) - rest) + (a[1] - q * b[1])) / b[0]
    room = np.maximum(np.abs(b[0]) - b[2], 0.0)
    tiny = np.where(np.abs(a[0]) < 1e-280, 8 * TINY / room, 0.0) + np.where(np.abs(q) < 1e-280, TINY, 0.0)
    rounding = 8 * UNIT * UNIT * np.abs(q) + np.where((a[0] == 0) & (a[2] == 0), 0.0, tiny)
    return _normal(q, low, (a[2] + np.abs(q) * b[2]) / room + rounding)


def _sqrt(a: Triple) -> Triple:
    root = np.sqrt(a[0])
    positive = root > 0
    divisor = np.where(positive, root, 1.0)
    square, rest = primitives.product(root, root)
    low = np.where(positive, ((a[0] - square) - rest + a[1]) / (2 * divisor), 0.0)
    bound = np.where(positive, a[2] / divisor + 8 * UNIT * UNIT * root, np.sqrt(a[2]))
    return _normal(root, low, np.where((a[0] < 1e-280) & (a[0] != 0), np.inf, bound))


def _pow(a: Triple, b: Triple) -> Triple:
    if np.ndim(b[0]) == 0 and b[1] == b[2] == 0 and b[0] in (2, 3):
        square = _mul(a, a)
        return square if b[0] == 2 else _mul(square, a)
    v = np.power(a[0], b[0])
    size = np.abs(a[0])
    relative = np.abs(b[0]) * (a[2] + np.abs(a[1])) / np.maximum(size - a[2], 0.0)
    relative = relative + np.abs(np.log(size)) * (b[2] + np.abs(b[1]))
    return v, np.zeros_like(v), np.abs(v) * (np.expm1(relative) + 8 * UNIT) + TINY


def _gap(a: Triple, b: Triple) -> tuple[Any, Any]:
    """a - b, and how far it may be off: 0.0 itself where nothing is."""
    return (a[0] - b[0]) + (a[1] - b[1]), a[2] + b[2]


def choose(condition: Any, a: Triple, b: Triple) -> Triple:
    """a where the condition, an array of bool, holds, else b."""

    def part(a: Any, b: Any) -> Any:
        # What is exact has plain zeros beside it, which need no choice.
        return a if a is b or (isinstance(a, float) and isinstance(b, float) and a == b) else np.where(condition, a, b)

    return part(a[0], b[0]), part(a[1], b[1]), part(a[2], b[2])


def _unless(open_: Any, bound: Any) -> Any:
    """The bound, infinite where something is open."""
    return np.where(open_, np.inf, bound) if np.any(open_) else bound


def _compare(a: Triple, b: Triple, compare: Callable[[Any, Any], Any]) -> Triple:
    # A condition is a triple too: the outcome, nothing, and whether the bounds (or a nan) leave it open.
    gap, slack = _gap(a, b)
    return compare(gap, 0.0), 0.0, ~((np.abs(gap) > slack) | ((slack == 0) & (gap == 0)))


def _where(condition: Triple, a: Triple, b: Triple) -> Triple:
    high, low, bound = choose(condition[0], a, b)
    return high, low, _unless(condition[2], bound)


def _pick(a: Triple, b: Triple, *, larger: bool) -> Triple:
    gap, slack = _gap(a, b)
    first = gap > 0 if larger else gap < 0
    high, low, bound = choose(first, a, b)
    if not isinstance(bound, float):
        bound = np.where(np.abs(gap) > slack, bound, np.maximum(a[2], b[2]))
    return high, low, _unless(np.isnan(gap), bound)


def _clip(a: Triple, low: Triple, high: Triple) -> Triple:
    return _pick(_pick(a, low, larger=True), high, larger=False)


def _abs(a: Triple) -> Triple:
    flip = np.where(a[0] < 0, -1.0, 1.0)
    return np.abs(a[0]), flip * a[1], a[2]


def _sign(a: Triple) -> Triple:
    return np.sign(a[0]), 0.0, np.where((np.abs(a[0]) > a[2]) | (a[2] == 0), 0.0, np.inf)


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
        high, low, bound = np.atleast_1d(a[0]), a[1], a[2]  # a constant of a formula is a plain number
        v = function(high)
        own = ulps * np.spacing(np.abs(v))
        reach = bound + np.abs(low)
        if not np.any(reach):
            return v, np.zeros_like(v), own
        steep = np.where(reach == 0, 0.0, steepest(high, reach))
        own = own + np.where(bound == 0, 0.0, steep * bound)
        if not np.any(low):
            return v, np.zeros_like(v), own
        rest = np.where(low == 0, 0.0, slope(high) * low)
        bent = np.where(low == 0, 0.0, bend(steep) * low * low)
        return _normal(v, rest, own + 16 * UNIT * np.abs(rest) + bent)

    return bounded


def _gauss(x: Any) -> Any:
    return 2 / math.sqrt(math.pi) * np.exp(-x * x)


def _trigonometric(function: Any, slope: Any) -> Callable[[Triple], Triple]:
    return _function(function, slope, lambda v, e: 1.0, 1.5)


OPERATIONS: dict[str, Callable[..., Triple]] = {
    "add": _add,
    "sub": lambda a, b: _add(a, (-b[0], -b[1], b[2])),
    "mul": _mul,
    "div": _div,
    "neg": lambda a: (-a[0], -a[1], a[2]),
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
    "sqrt": _sqrt,
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

PI: Triple = (math.pi, 1.2246467991473532e-16, UNIT * UNIT)
