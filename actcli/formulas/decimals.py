"""Balls and exact binary numbers as correctly rounded decimals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actcli.formulas.balls import UNDECIDED, Outcome
from actcli.formulas.tolerances import ON_THE_BOUNDARY

if TYPE_CHECKING:
    from flint import arb, fmpz

#: Powers of 2 up to this exponent are computed as integers, of half a megabyte at most.
_LARGEST_POWER = 4_000_000


def bits_of(n: int) -> int:
    """The number of bits that hold n decimal digits."""
    return 10 * n // 3 + 1


def decimal(ball: arb, n: int) -> Outcome[str]:
    """The n significant digits to which every number in the ball rounds, if they are the same."""
    if not ball.is_finite():
        return UNDECIDED
    low, high = (_decimal_of(end, n) for end in (ball.lower(), ball.upper()))
    if low == high:
        return low
    is_tie = ball.rel_accuracy_bits() > ON_THE_BOUNDARY + bits_of(n)
    return _decimal_of(ball.mid(), n) if is_tie else UNDECIDED


def exact_decimal(value: float, n: int) -> str:
    """A float64 to n significant digits; nan and infinities as Python writes them."""
    from flint import arb

    return _decimal_of(arb(value), n) if math.isfinite(value) else str(value)


def _decimal_of(exact: arb, n: int) -> str:
    """An exact binary number to n significant digits, ties to even."""
    from flint import fmpz

    mantissa, exponent = exact.man_exp()
    if mantissa == 0:
        return "0"
    if abs(exponent) > _LARGEST_POWER:
        return str(exact.str(n, radius=False))
    size, power = abs(mantissa), int(exponent)
    # An estimate of the number of digits before the point, which is never too large; the loop corrects it.
    point = math.floor((size.bit_length() + power - 1) * math.log10(2) - 1e-6) + 1
    while (digits := _scaled(size, power, n - point)) >= fmpz(10) ** n:
        point += 1
    return "-" * (mantissa < 0) + _positioned(str(digits), point)


def _scaled(size: fmpz, power: int, places: int) -> fmpz:
    """size * 2**power * 10**places rounded to an integer, ties to even."""
    from flint import fmpz

    above = size * fmpz(10) ** max(places, 0) << max(power, 0)
    below = fmpz(10) ** max(-places, 0) << max(-power, 0)
    whole, rest = divmod(above, below)
    return whole + (2 * rest > below or (2 * rest == below and whole % 2 == 1))


def _positioned(digits: str, point: int) -> str:
    """The text of digits, `point` of which stand before the point, or with an exponent."""
    n = len(digits)
    if -5 < point <= n:
        if point <= 0:
            return f"0.{'0' * -point}{digits}"
        return f"{digits[:point]}.{digits[point:]}" if point < n else digits
    return f"{digits[0]}{'.' * (n > 1)}{digits[1:]}e{point - 1:+03d}"
