"""Pairs of float64 with a bound: what each operation of arithmetic does to numbers whose error is known.

Every value is an unevaluated sum of two float64, `high + low`, and travels with a bound on what it differs from the
truth by. + - * / and sqrt are exact to some 2^-76 that way, from IEEE operations alone, so that the bits are the same
on every processor. What is known of a whole array at once, as that it is exact, is a plain number and costs nothing.
UNIT is half an ulp of 1, TINY the smallest subnormal.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from actcli.formulas import primitives

UNIT, TINY = 2.0**-53, 2.0**-1074

#: What a product, a quotient or a root in pairs loses at most, as a share of it.
LOSS = 2.0**-76
#: Below this the low part of a number no longer holds all its digits.
FAINT = 1e-280


class Pair(NamedTuple):
    """Numbers with a bound: each is high + low, and off from the truth by at most bound + relative*|high|.

    The low part is 0 or a rounding error of the high one. Parts are arrays or floats, `relative` is a float.
    """

    high: Any
    low: Any = 0.0
    bound: Any = 0.0
    relative: float = 0.0


class Condition(NamedTuple):
    """The outcome of a comparison of numbers with bounds, and where the bounds, or a nan, leave it open."""

    holds: Any
    open: Any


def nothing(part: Any) -> bool:
    """Whether a part is the plain number 0, known without a look at an array."""
    return isinstance(part, float) and part == 0.0


def is_exact(a: Pair) -> bool:
    """Whether all of these numbers are known to be without error."""
    return a.relative == 0.0 and nothing(a.bound)


def error(a: Pair) -> Any:
    """How far a number may be off; 0.0 itself where none is."""
    if not a.relative:
        return a.bound
    share = a.relative * np.abs(a.high)
    return share if nothing(a.bound) else share + a.bound


def _plus(a: Any, b: Any) -> Any:
    return b if nothing(a) else a if nothing(b) else a + b


def _times(a: Any, b: Any) -> Any:
    return 0.0 if nothing(a) or nothing(b) else a * b


def normal(high: Any, low: Any, bound: Any = 0.0, relative: float = 0.0) -> Pair:
    """The sum of two parts, the first of which is the larger one, as a pair."""
    total = high + low
    return Pair(total, low - (total - high), bound, relative)


def faint(high: Any, bound: Any, charge: Callable[[], Any]) -> Any:
    """The bound, and a charge on top where a result is so small that its parts underflow."""
    size = np.abs(high)
    if np.min(size, initial=1.0) >= FAINT:
        return bound
    return bound + np.where(size < FAINT, charge(), 0.0)


def neg(a: Pair) -> Pair:
    return Pair(-a.high, a.low if nothing(a.low) else -a.low, a.bound, a.relative)


def add(a: Pair, b: Pair) -> Pair:
    total, rest = primitives.two_sum(a.high, b.high)
    if nothing(a.low) and nothing(b.low) and is_exact(a) and is_exact(b):
        return Pair(total, rest)
    low = rest + _plus(a.low, b.low)
    bound: Any = 0.0
    for part in (a, b):
        # the roundings of the low parts are shares of what is added, however little the sum is
        share = part.relative + (0.0 if nothing(part.low) else 8 * UNIT * UNIT)
        bound = _plus(bound, error(part._replace(relative=share)))
    return normal(total, low, bound, 4 * UNIT * UNIT)


def sub(a: Pair, b: Pair) -> Pair:
    return add(a, neg(b))


def _power_of_two(a: Pair) -> bool:
    return isinstance(a.high, float) and nothing(a.low) and is_exact(a) and abs(math.frexp(a.high)[0]) == 0.5


def _scaled(a: Pair, factor: float) -> Pair:
    """a times a power of two."""
    if factor == 1.0:
        return a
    high = a.high * factor
    bound = _times(a.bound, abs(factor))
    if abs(factor) < 1.0:
        bound = faint(high, bound, lambda: np.where((a.high == 0) & (a.low == 0), 0.0, 2 * TINY))
    return Pair(high, _times(a.low, factor), bound, a.relative)


def mul(a: Pair, b: Pair) -> Pair:
    if _power_of_two(b):
        return _scaled(a, b.high)
    if _power_of_two(a):
        return _scaled(b, a.high)
    exact = nothing(a.low) and nothing(b.low)
    if exact:
        high, low = primitives.product(a.high, b.high)
    else:
        # the product of two heads is exact, and what is left of the highs is 2^-26 of it
        ha, hb = primitives.head(a.high), primitives.head(b.high)
        rest = a.high * _plus(b.high - hb, b.low)
        rest = rest + hb * (a.high - ha)
        if not nothing(a.low):
            rest += a.low * b.high
        high, low, *_ = normal(ha * hb, rest)
    bound = _times(a.bound, b.bound)
    for one, other in ((a, b), (b, a)):
        if not nothing(other.bound):
            bound = _plus(bound, np.abs(one.high) * other.bound)
    relative = a.relative + b.relative
    if relative:  # of numbers that are themselves off by their bounds
        bound = _times(bound, 1 + 2 * relative)
        relative += 2 * relative * relative
    bound = faint(high, bound, lambda: np.where(_is_zero(a) | _is_zero(b), 0.0, 16 * TINY))
    return Pair(high, low, bound, relative if exact else relative + LOSS)


def _is_zero(a: Pair) -> Any:
    """Where a number is certainly 0."""
    return (a.high == 0) & (a.low == 0) & (error(a) == 0)


def div(a: Pair, b: Pair) -> Pair:
    if _power_of_two(b):
        return _scaled(a, 1.0 / b.high)
    q = np.divide(a.high, b.high)
    # the heads of the quotient and the divisor multiply exactly, and so does the dividend less their product
    head, divisor = primitives.head(q), primitives.head(b.high)
    rest = (b.high - divisor) if nothing(b.low) else (b.high - divisor) + b.low
    left = (a.high - head * divisor) - head * rest
    result = normal(head, _plus(left, a.low) / b.high)
    bound, relative = a.bound, a.relative + b.relative
    if not nothing(b.bound):
        room = np.maximum(np.abs(b.high) * (1 - b.relative) - b.bound, 0.0)
        bound = _plus(bound, np.abs(q) * b.bound) / room
    elif not nothing(bound):
        bound = bound / np.abs(b.high)
    if relative:
        bound = _times(bound, 1 + 2 * relative)
        relative += 2 * relative * relative

    def lost() -> Any:
        return np.where(_is_zero(a), 0.0, 16 * TINY + 16 * TINY / np.abs(b.high))

    bound = faint(a.high, faint(q, bound, lost), lost)
    return Pair(result.high, result.low, bound, relative + LOSS)


def sqrt(a: Pair) -> Pair:
    root = np.sqrt(a.high)
    head = primitives.head(root)
    rest = root - head
    left = _plus((a.high - head * head) - rest * (head + root), a.low)
    divisor, bound = root, a.bound
    zero = a.high == 0
    if np.any(zero):
        divisor = np.where(zero, 1.0, root)
        bound = np.where(zero, np.sqrt(bound), bound / divisor)
    elif not nothing(bound):
        bound = bound / divisor
    result = normal(root, left / (2 * divisor))
    bound = bound + np.where((a.high < FAINT) & ~zero, np.inf, 0.0) if np.any(a.high < FAINT) else bound
    return Pair(result.high, result.low, bound, a.relative + LOSS)


def whole_power(a: Pair, n: int) -> Pair:
    """a**n for n from 1 on, by products."""
    if n == 1:
        return a
    half = whole_power(a, n // 2)
    square = mul(half, half)
    return mul(square, a) if n % 2 else square


def _gap(a: Pair, b: Pair) -> tuple[Any, Any]:
    """a - b, and how far it may be off: 0.0 itself where nothing is."""
    gap = a.high - b.high
    low = _plus(a.low, b.low if nothing(b.low) else -b.low)
    return _plus(gap, low), _plus(error(a), error(b))


def choose(condition: Any, a: Pair, b: Pair) -> Pair:
    """a where the condition, an array of bool, holds, else b."""
    if np.ndim(condition) == 0:
        return a if condition else b

    def part(a: Any, b: Any) -> Any:
        # What is exact has plain zeros beside it, which need no choice.
        if a is b or (isinstance(a, float) and isinstance(b, float) and a == b):
            return a
        chosen = np.empty(np.broadcast_shapes(condition.shape, np.shape(a), np.shape(b)))
        chosen[...] = b
        np.copyto(chosen, a, where=condition)
        return chosen

    return Pair(part(a.high, b.high), part(a.low, b.low), part(a.bound, b.bound), max(a.relative, b.relative))


def _undecided(gap: Any, slack: Any) -> Any:
    """Where the bounds leave open which of two numbers is larger, or an overflow does; False for nowhere."""
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
    # the other one is no further away than the bounds reach, unless there is an overflow
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
    # An integer's own low part decides on which side of it the number lies.
    whole = np.where((whole == a.high) & (a.low < 0), whole - 1, whole)
    below, above = (a.high - whole) + a.low, ((whole + 1) - a.high) - a.low
    slack = error(a)
    sure = ((below > slack) | ((below == 0) & (slack == 0))) & (above > slack)
    return Pair(whole, 0.0, np.where(sure | np.isinf(a.high), 0.0, np.inf))


#: Each operation of the grammar that is arithmetic, on pairs; comparisons give a Condition, which `where` takes.
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
