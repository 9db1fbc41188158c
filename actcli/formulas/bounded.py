"""Pairs of float64 with an error bound, and the arithmetic operations on them.

Every value is an unevaluated sum of two float64, `high + low`, with a bound on its difference from the true value.
+ - * / and sqrt have relative errors of about 2^-76, and use only IEEE operations, so that the bits are the same on
every processor. A property of a whole array, such as a bound of 0, is a plain number and needs no further array.
UNIT is half an ulp of 1, TINY the smallest subnormal.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from actcli.formulas import primitives
from actcli.formulas.primitives import Array
from actcli.formulas.tolerances import PROVED

UNIT, TINY = 2.0**-53, 2.0**-1074

#: The largest relative error of a product, quotient or square root of pairs.
LOSS = 2.0**-76
#: For numbers below this, the low part may underflow and lose digits.
FAINT = 1e-280
#: Numbers below this do not overflow when they are rounded.
HUGE = 1e300


class Pair(NamedTuple):
    """Numbers with an error bound: each is high + low, and its error is at most bound + relative*|high|.

    The low part is 0 or a rounding error of the high part. Parts are arrays or floats, `relative` is a float. No |high|
    is smaller than `least` or larger than `most`; these make searches for numbers near the ends of the range of float64
    unnecessary.
    """

    high: Any
    low: Any = 0.0
    bound: Any = 0.0
    relative: float = 0.0
    least: float = 0.0
    most: float = math.inf


class Condition(NamedTuple):
    """The outcome of a comparison of numbers with bounds, and where it is undecided because of the bounds or a nan."""

    holds: Any
    open: Any


def sized(x: Any) -> Pair:
    """A Pair of exact numbers, with the range of their absolute values if all are finite."""
    size = np.abs(x)
    most = float(np.max(size, initial=TINY))
    return Pair(x, least=float(np.min(size, initial=1.0)), most=most) if most < math.inf else Pair(x)


def sizes(a: Pair) -> tuple[float, float]:
    """The smallest and largest absolute value that numbers are known to have."""
    if isinstance(a.high, float) and math.isfinite(a.high):
        return abs(a.high), max(abs(a.high), TINY)
    return a.least, a.most


def nothing(part: Any) -> bool:
    """Whether a part is the float 0.0, and not an array."""
    return isinstance(part, float) and part == 0.0


def is_exact(a: Pair) -> bool:
    """Whether all numbers are known to be exact."""
    return a.relative == 0.0 and nothing(a.bound)


def error(a: Pair) -> Any:
    """The error bound of every number; the float 0.0 if all are exact."""
    if not a.relative:
        return a.bound
    share = a.relative * np.abs(a.high)
    return share if nothing(a.bound) else share + a.bound


def _plus(a: Any, b: Any) -> Any:
    return b if nothing(a) else a if nothing(b) else a + b


def _times(a: Any, b: Any) -> Any:
    return 0.0 if nothing(a) or nothing(b) else a * b


def tidy(a: Pair) -> Pair:
    """The same numbers, with the low part, which is smaller than the high part, reduced to a rounding error of it."""
    total = a.high + a.low
    return a._replace(high=total, low=primitives.less(a.low, total - a.high))


def smallest(high: Any, least: float) -> float:
    """The smallest |high|, which is searched for if the known `least` is below FAINT; 0 if it is below FAINT too."""
    if not least >= FAINT:
        least = float(np.min(np.abs(high), initial=1.0))
    return least if least >= FAINT else 0.0


def faint(high: Any, bound: Any, charge: Any, least: float = 0.0, exact: Callable[[], Any] = lambda: False) -> Any:
    """The bound, increased by `charge` where |high| is below FAINT, so that parts underflow, unless `exact` holds."""
    if smallest(high, least):
        return bound
    charged = (np.abs(high) < FAINT) & np.logical_not(exact())
    return bound + primitives.select(charged, charge, 0.0) if np.any(charged) else bound


def to_floats(pairs: Pair, shape: tuple[int, ...]) -> tuple[Array, Literal[True] | NDArray[np.bool_]]:
    """Pairs as float64, and which are proved to be next to the true value; True if all are and none is 0."""
    high, low, bound, relative, *_ = pairs
    v: Array = np.empty(shape)
    np.add(high, low, out=v)
    # UNIT*|v| is at least half an ulp, and quick to compute; if the sum of v is finite, v contains no nan.
    enough = PROVED * UNIT - relative
    in_range = pairs.least >= FAINT and pairs.most < HUGE
    if nothing(bound) and enough > 0 and (in_range or (math.isfinite(np.add.reduce(v, axis=None)) and v.all())):
        return v, True
    # Adding 0.0 makes exact zeros 0.0; a zero by underflow has a bound that leaves it, and its sign, unproved.
    v += 0.0
    return v, (bound <= enough * np.abs(v)) & np.isfinite(v)


def neg(a: Pair) -> Pair:
    return a._replace(high=-a.high, low=a.low if nothing(a.low) else -a.low)


def add(a: Pair, b: Pair) -> Pair:
    total, rest = primitives.two_sum(a.high, b.high)
    most = 1.1 * (sizes(a)[1] + sizes(b)[1])
    if nothing(a.low) and nothing(b.low) and is_exact(a) and is_exact(b):
        return Pair(total, rest, most=most)
    low = rest + _plus(a.low, b.low)
    bound: Any = 0.0
    for part in (a, b):
        # The rounding errors of the low parts are relative to the addends, also if the sum is small.
        share = part.relative + (0.0 if nothing(part.low) else 8 * UNIT * UNIT)
        bound = _plus(bound, error(part._replace(relative=share)))
    return tidy(Pair(total, low, bound, 4 * UNIT * UNIT, most=most))


def sub(a: Pair, b: Pair) -> Pair:
    return add(a, neg(b))


def _power_of_two(a: Pair) -> bool:
    return isinstance(a.high, float) and nothing(a.low) and is_exact(a) and abs(math.frexp(a.high)[0]) == 0.5


def _scaled(a: Pair, factor: float) -> Pair:
    """a times a power of two."""
    if factor == 1.0:
        return a
    high, size = a.high * factor, abs(factor)
    least = a.least * size
    bound = _times(a.bound, size)
    if size < 1.0:
        bound = faint(high, bound, 2 * TINY, least, lambda: (a.high == 0) & (a.low == 0))
    return Pair(high, _times(a.low, factor), bound, a.relative, least, a.most * size)


def mul(a: Pair, b: Pair, *, is_last: bool = False) -> Pair:
    """The product; its parts may overlap if `is_last`, as it is rounded to float64 next."""
    if _power_of_two(b):
        return _scaled(a, b.high)
    if _power_of_two(a):
        return _scaled(b, a.high)
    exact = nothing(a.low) and nothing(b.low)
    if exact:
        high, low = primitives.product(a.high, b.high)
    else:
        # The product of two heads is exact. The tails of the high parts are at most 2^-26 of the product.
        ha = primitives.head(a.high)
        hb = ha if a is b else primitives.head(b.high)
        la = a.high - ha
        rest = a.high * _plus(la if a is b else b.high - hb, b.low)
        rest += hb * la
        if not nothing(a.low):
            rest += a.low * b.high
        high, low = ha * hb, rest
    bound = _times(a.bound, b.bound)
    for one, other in ((a, b), (b, a)):
        if not nothing(other.bound):
            bound = _plus(bound, np.abs(one.high) * other.bound)
    relative = a.relative + b.relative
    if relative:  # the bounds are relative to numbers that have errors themselves
        bound = _times(bound, 1 + 2 * relative)
        relative += 2 * relative * relative
    (least, most), (b_least, b_most) = sizes(a), sizes(b)
    least = smallest(high, least * b_least)
    bound = faint(high, bound, 16 * TINY, least, lambda: _is_zero(a) | _is_zero(b))
    result = Pair(high, low, bound, relative if exact else relative + LOSS, 0.9 * least, 1.1 * (most * b_most))
    return result if exact or is_last else tidy(result)


def _is_zero(a: Pair) -> Any:
    """Where a number is exactly 0."""
    return (a.high == 0) & (a.low == 0) & (error(a) == 0)


def div(a: Pair, b: Pair) -> Pair:
    if _power_of_two(b):
        return _scaled(a, 1.0 / b.high)
    q = np.divide(a.high, b.high)
    # The product of the heads of quotient and divisor is exact, and so is the dividend minus this product.
    head, divisor = primitives.head(q), primitives.head(b.high)
    rest = (b.high - divisor) if nothing(b.low) else (b.high - divisor) + b.low
    left = (a.high - head * divisor) - head * rest
    result = tidy(Pair(head, _plus(left, a.low) / b.high))
    bound, relative = a.bound, a.relative + b.relative
    if not nothing(b.bound):
        room = np.maximum(np.abs(b.high) * (1 - b.relative) - b.bound, 0.0)
        bound = _plus(bound, np.abs(q) * b.bound) / room
    elif not nothing(bound):
        bound = bound / np.abs(b.high)
    if relative:
        bound = _times(bound, 1 + 2 * relative)
        relative += 2 * relative * relative
    (least, most), (b_least, b_most) = sizes(a), sizes(b)
    smaller = smallest(q, least / b_most if b_most else 0.0)
    if not (least >= FAINT and smaller):
        lost = 16 * TINY + 16 * TINY / np.abs(b.high)
        for high, known in ((a.high, least), (q, smaller)):
            bound = faint(high, bound, lost, known, lambda: _is_zero(a))
    least = smaller
    most = 1.1 * most / b_least if b_least else math.inf
    return Pair(result.high, result.low, bound, relative + LOSS, 0.9 * least, most)


def sqrt(a: Pair) -> Pair:
    root = np.sqrt(a.high)
    head = primitives.head(root)
    rest = root - head
    left = _plus((a.high - head * head) - rest * (head + root), a.low)
    divisor, bound = root, a.bound
    least = float(np.min(a.high, initial=1.0))
    clear = least >= FAINT
    zero = False if clear else a.high == 0
    if np.any(zero):
        divisor = np.where(zero, 1.0, root)
        bound = np.where(zero, np.sqrt(bound), bound / divisor)
    elif not nothing(bound):
        bound = bound / divisor
    result = tidy(Pair(root, left / (2 * divisor)))
    if not clear:
        bound = bound + np.where((a.high < FAINT) & (a.high != 0), np.inf, 0.0)
    least, most = 0.9 * math.sqrt(least) if clear else 0.0, 1.1 * math.sqrt(a.most)
    return Pair(result.high, result.low, bound, a.relative + LOSS, least, most)


def whole_power(a: Pair, n: int) -> Pair:
    """a**n for an integer n >= 1, by products."""
    if n == 1:
        return a
    half = whole_power(a, n // 2)
    square = mul(half, half)
    return mul(square, a) if n % 2 else square


def _gap(a: Pair, b: Pair) -> tuple[Any, Any]:
    """a - b as float64, and its error bound, the float 0.0 if both are exact."""
    gap = a.high - b.high
    low = _plus(a.low, b.low if nothing(b.low) else -b.low)
    return _plus(gap, low), _plus(error(a), error(b))


def choose(condition: Any, a: Pair, b: Pair) -> Pair:
    """a where the condition holds, a bool or an array of bool, else b."""
    if np.ndim(condition) == 0:
        return a if condition else b

    def part(a: Any, b: Any) -> Any:
        # Equal floats, as the bounds 0.0 of exact numbers, need no choice.
        if a is b or (isinstance(a, float) and isinstance(b, float) and a == b):
            return a
        return primitives.select(condition, a, b)

    least, most = (pick(known) for pick, known in zip((min, max), zip(sizes(a), sizes(b), strict=True), strict=True))
    high, low, bound = (part(one, other) for one, other in zip(a[:3], b[:3], strict=True))
    return Pair(high, low, bound, max(a.relative, b.relative), least, most)


def _undecided(gap: Any, slack: Any) -> Any:
    """Where the sign of a difference is undecided because of its bound or a nan; False if it is decided everywhere."""
    if nothing(slack):
        lost = np.isnan(gap)
        return lost if np.any(lost) else False
    return ~((np.abs(gap) > slack) | ((slack == 0) & (gap == 0)))


def _compare(a: Pair, b: Pair, compare: Callable[[Any, Any], Any]) -> Condition:
    gap, slack = _gap(a, b)
    return Condition(compare(gap, 0.0), _undecided(gap, slack))


def _where(condition: Condition, a: Pair, b: Pair) -> Pair:
    chosen = choose(condition.holds, a, b)
    if condition.open is False or not np.any(condition.open):
        return chosen
    return chosen._replace(bound=np.where(condition.open, np.inf, chosen.bound))


def _pick(a: Pair, b: Pair, *, larger: bool) -> Pair:
    gap, slack = _gap(a, b)
    chosen = choose(gap > 0 if larger else gap < 0, a, b)
    undecided = _undecided(gap, slack)
    if undecided is False or not np.any(undecided):
        return chosen
    # Where it is undecided, the two numbers differ by at most the slack, unless the difference is nan.
    return chosen._replace(bound=chosen.bound + np.where(undecided, np.where(np.isnan(gap), np.inf, slack), 0.0))


def _clip(a: Pair, low: Pair, high: Pair) -> Pair:
    return _pick(_pick(a, low, larger=True), high, larger=False)


def absolute(a: Pair) -> Pair:
    return a._replace(high=np.abs(a.high), low=_times(np.copysign(1.0, a.high), a.low))


def _sign(a: Pair) -> Pair:
    slack = error(a)
    return Pair(np.sign(a.high), 0.0, 0.0 if nothing(slack) else np.where(np.abs(a.high) > slack, 0.0, np.inf))


def _floor(a: Pair) -> Pair:
    whole = np.floor(a.high)
    # If high is an integer, the sign of low shows on which side of it the number lies.
    whole = np.where((whole == a.high) & (a.low < 0), whole - 1, whole)
    below, above = (a.high - whole) + a.low, ((whole + 1) - a.high) - a.low
    slack = error(a)
    sure = ((below > slack) | ((below == 0) & (slack == 0))) & (above > slack)
    return Pair(whole, 0.0, np.where(sure | np.isinf(a.high), 0.0, np.inf))


#: The arithmetic operations of the grammar on pairs; comparisons return a Condition, which `where` takes.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": add,
    "sub": sub,
    "mul": mul,
    "div": div,
    "neg": neg,
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
    "abs": absolute,
    "sign": _sign,
    "floor": _floor,
    "sqrt": sqrt,
}

PI = Pair(math.pi, 1.2246467991473532e-16, 0.0, UNIT * UNIT)
