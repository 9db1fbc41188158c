"""Ball arithmetic: what each operation of the grammar does to balls of Arb, and the answers that balls give.

A ball is a number of any precision with a bound on its error. The operations work at the current precision of flint;
`settle` raises it until a ball is small enough for the answer wanted: then the answer is proved.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from flint import arb

T = TypeVar("T")


class UndecidedError(Exception):
    """A condition that this precision cannot decide."""


class UndefinedError(Exception):
    """A value that does not exist, at any precision."""


#: Stand for the value of an operation outside its domain, and for one that this precision does not decide; where() may
#: still pass them by.
UNDEFINED, UNDECIDED = object(), object()


def apply(op: str, parts: list[Any]) -> Any:
    """What an operation makes of balls, conditions, UNDEFINED and UNDECIDED."""
    if op == "where" and parts[0] is not UNDEFINED and parts[0] is not UNDECIDED and parts[0] is not None:
        return parts[1 if parts[0] else 2]
    for missing in (UNDECIDED, UNDEFINED):
        if any(part is missing for part in parts):
            return missing
    try:
        return OPERATIONS[op](*parts)
    except UndecidedError:
        return UNDECIDED


def _arb_where(condition: bool | None, a: arb, b: arb) -> arb:
    if condition is None:
        raise UndecidedError
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
    raise UndecidedError


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


OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: UNDEFINED if b.is_zero() else a / b,
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
    "log": lambda a: UNDEFINED if a <= 0 else a.log(),
    "log1p": lambda a: UNDEFINED if a <= -1 else a.log1p(),
    "sqrt": lambda a: UNDEFINED if a < 0 else a.sqrt(),
    "tanh": _arb_tanh,
    "sinh": lambda a: a.sinh(),
    "cosh": lambda a: a.cosh(),
    "sin": lambda a: a.sin(),
    "cos": lambda a: a.cos(),
    "atan": lambda a: a.atan(),
    "erf": lambda a: a.erf(),
    "erfc": lambda a: a.erfc(),
}


def threshold(row: list[arb], power: int) -> arb:
    """The t at which the sum of max(z - t, 0)**power over the entries z of a row is 1, for a power of 1 or 2.

    The entries are exact, so which of them are above t is found exactly: the k largest of them are, for the last k
    whose t, (sum z - 1)/k or mean z - sqrt((1 - sum (z - mean z)^2)/k), is below the k-th.
    """
    from fractions import Fraction

    from flint import arb

    def ball(x: Fraction) -> arb:
        return arb(x.numerator) / x.denominator

    parts = [tuple(int(part) for part in z.man_exp()) for z in row]
    entries = sorted((Fraction(mantissa) * Fraction(2) ** exponent for mantissa, exponent in parts), reverse=True)
    total = squares = Fraction(0)
    found = arb(0)
    for k, z in enumerate(entries, 1):
        total += z
        squares += z * z
        mean = total / k
        # mean - t, to the given power
        below = (1 if power == 1 else 1 - (squares - mean * total)) / Fraction(k)
        if below < (mean - z) ** power:
            break
        found = ball(mean) - (ball(below) if power == 1 else ball(below).sqrt())
    return found


#: Bits of working precision to try, one after the other, until the answer is settled.
_PRECISIONS = (96, 192, 448, 1280, 4096, 12288, 49152)


def settle(ball: Callable[[], arb | None], accept: Callable[[arb], T | None], otherwise: T, bits: int = 0) -> T:
    """What `accept` makes of a ball, as soon as a precision gives one small enough for it.

    Args:
        ball: evaluates at flint's current precision; None where that can't decide a condition, UndefinedError
            where there is no value.
        accept: the answer a ball proves, None where it proves none yet.
        otherwise: the answer if no precision is enough.
        bits: what the answer needs at least.
    """
    from flint import ctx

    before = ctx.prec
    try:
        for more in _PRECISIONS:
            ctx.prec = bits + more
            value = ball()
            if value is not None and (answer := accept(value)) is not None:
                return answer
    except UndefinedError:
        pass
    finally:
        ctx.prec = before
    return otherwise


def vanishes(ball: arb) -> bool:
    """Far too small for a float64, with a sign that this precision does not show."""
    from flint import arb

    return bool(ball.abs_upper() < arb(2) ** -1200) and not ball.is_zero() and sign(ball) is None


#: A ball this exact (bits) which still holds a boundary between two answers lies on it, as 30*(1/30) lies on 1.
_ON_THE_BOUNDARY = 1000


def nearest(ball: arb) -> float | None:
    """The float64 nearest to everything in the ball, if there is one."""
    low, high = float(ball.lower()), float(ball.upper())
    if low == high and (low != 0 or sign(ball) is not None or ball.is_exact()):
        return low
    return float(ball.mid()) if ball.rel_accuracy_bits() > _ON_THE_BOUNDARY else None


def sign(ball: arb) -> float | None:
    """1, -1 or 0, if the ball shows it."""
    return 1.0 if ball > 0 else -1.0 if ball < 0 else 0.0 if ball.is_zero() else None


def large(ball: arb) -> float | None:
    """A float64 near the ball: limits need no more than a few digits, but sure ones, or a certain 0."""
    sure = ball.rel_accuracy_bits() > 60 or ball.is_exact() or float(ball.abs_upper()) == 0
    return float(ball) if sure else None


def to_odd(ball: arb) -> float | None:
    """The float64 with an odd last bit on the way to the ball: rounding it once more to a shorter float is right."""
    value = nearest(ball)
    if value is None or not math.isfinite(value):
        return value
    beyond = sign(ball - value)
    if beyond is None and ball.rel_accuracy_bits() <= _ON_THE_BOUNDARY:
        return None
    if not beyond or (math.frexp(value)[0] * 2.0**53) % 2:
        return value
    return math.nextafter(value, math.copysign(math.inf, beyond))


def decimal(ball: arb, n: int) -> str | None:
    """The n significant digits that everything in the ball rounds to, if it does."""
    low, high = (_decimal_of(end, n) for end in (ball.lower(), ball.upper()))
    if low == high:
        return low
    return _decimal_of(ball.mid(), n) if ball.rel_accuracy_bits() > _ON_THE_BOUNDARY + 4 * n else None


def exact_decimal(value: float, n: int) -> str:
    """A float64 to n significant digits; nan and the infinities by name."""
    from flint import arb

    return _decimal_of(arb(value), n) if math.isfinite(value) else str(value)


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
