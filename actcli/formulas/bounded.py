"""Pairs of float64 with a bound: what each operation of arithmetic does to numbers whose error is known.

Every value is an unevaluated sum of two float64, `high + low`, and travels with a bound on what it differs from the
truth by. + - * / and sqrt are exact to some 2^-76 that way, from IEEE operations alone, so that the bits are the same
on every processor. What is known of a whole array at once, as that it is exact, is a plain number and costs nothing.
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

#: What a product, a quotient or a root in pairs loses at most, as a share of it.
LOSS = 2.0**-76
#: Below this the low part of a number no longer holds all its digits.
FAINT = 1e-280
#: Numbers below this do not overflow by rounding.
HUGE = 1e300


class Pair(NamedTuple):
    """Numbers with a bound: each is high + low, and off from the truth by at most bound + relative*|high|.

    The low part is 0 or a rounding error of the high one. Parts are arrays or floats, `relative` is a float. What is
    known of the size of all high parts spares looking for those at an end of the range: none is smaller than `least`
    or larger than `most`.
    """

    high: Any
    low: Any = 0.0
    bound: Any = 0.0
    relative: float = 0.0
    least: float = 0.0
    most: float = math.inf


class Condition(NamedTuple):
    """The outcome of a comparison of numbers with bounds, and where the bounds, or a nan, leave it open."""

    holds: Any
    open: Any


def sized(x: Any) -> Pair:
    """Numbers without an error, and the range of their size if all are finite."""
    size = np.abs(x)
    most = float(np.max(size, initial=TINY))
    return Pair(x, least=float(np.min(size, initial=1.0)), most=most) if most < math.inf else Pair(x)


def sizes(a: Pair) -> tuple[float, float]:
    """What is known of the size of numbers."""
    if isinstance(a.high, float) and math.isfinite(a.high):
        return abs(a.high), max(abs(a.high), TINY)
    return a.least, a.most


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


def tidy(a: Pair) -> Pair:
    """The same numbers, where the low part may be more than a rounding error of the high one, but smaller than it."""
    total = a.high + a.low
    return a._replace(high=total, low=primitives.less(a.low, total - a.high))


def smallest(high: Any, least: float) -> float:
    """The least size of numbers, by a look at them if what is known is FAINT; 0 if it is."""
    if not least >= FAINT:
        least = float(np.min(np.abs(high), initial=1.0))
    return least if least >= FAINT else 0.0


def faint(high: Any, bound: Any, charge: Any, least: float = 0.0, exact: Callable[[], Any] = lambda: False) -> Any:
    """The bound, and a charge on top where a result is so small that its parts underflow, unless it is exact there."""
    if smallest(high, least):
        return bound
    charged = (np.abs(high) < FAINT) & np.logical_not(exact())
    return bound + primitives.select(charged, charge, 0.0) if np.any(charged) else bound


def to_floats(pairs: Pair, shape: tuple[int, ...]) -> tuple[Array, Literal[True] | NDArray[np.bool_]]:
    """Pairs as float64, and which of these are proved to be neighbours of the truth; True for all, none of them 0."""
    high, low, bound, relative, *_ = pairs
    v: Array = np.empty(shape)
    np.add(high, low, out=v)
    # UNIT times the size is at least half an ulp, and quick to compute; a finite sum has no nan in it.
    enough = PROVED * UNIT - relative
    in_range = pairs.least >= FAINT and pairs.most < HUGE
    if nothing(bound) and enough > 0 and (in_range or (math.isfinite(np.add.reduce(v, axis=None)) and v.all())):
        return v, True
    # A zero that came by underflow has a sign of its own, one that came exactly has none.
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
        # the roundings of the low parts are shares of what is added, however little the sum is
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
    """The product; where it is rounded next, its parts may overlap."""
    if _power_of_two(b):
        return _scaled(a, b.high)
    if _power_of_two(a):
        return _scaled(b, a.high)
    exact = nothing(a.low) and nothing(b.low)
    if exact:
        high, low = primitives.product(a.high, b.high)
    else:
        # the product of two heads is exact, and what is left of the highs is 2^-26 of it
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
    if relative:  # of numbers that are themselves off by their bounds
        bound = _times(bound, 1 + 2 * relative)
        relative += 2 * relative * relative
    (least, most), (b_least, b_most) = sizes(a), sizes(b)
    least = smallest(high, least * b_least)
    bound = faint(high, bound, 16 * TINY, least, lambda: _is_zero(a) | _is_zero(b))
    result = Pair(high, low, bound, relative if exact else relative + LOSS, 0.9 * least, 1.1 * (most * b_most))
    return result if exact or is_last else tidy(result)


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
        return primitives.select(condition, a, b)

    least, most = (pick(known) for pick, known in zip((min, max), zip(sizes(a), sizes(b), strict=True), strict=True))
    high, low, bound = (part(one, other) for one, other in zip(a[:3], b[:3], strict=True))
    return Pair(high, low, bound, max(a.relative, b.relative), least, most)


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
