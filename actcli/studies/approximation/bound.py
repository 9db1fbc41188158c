"""The largest difference of two formulas on an interval, with a bound proved in ball arithmetic.

The interval is cut into panels. On each, Taylor's theorem bounds the difference: the first terms come from a series at
the middle, the remainder from a series on the whole panel. The panel with the largest bound is halved until that bound
is close to a value of the difference. The panels cover the interval, so the bound holds at every point.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from actcli.formulas.balls import UNDECIDED, Missing, Outcome
from actcli.formulas.formula import Formula

if TYPE_CHECKING:
    from flint import arb, arb_series

#: Terms before the remainder.
_TERMS = 8
#: Bits of the balls.
_BITS = 160
#: The relative distance of the bound from a value of the difference at which the search ends.
_CLOSE = 1e-7
#: After this many halvings the bound is accepted as it is: proved, though not close to a value.
_HALVINGS = 6000
#: A panel narrower than this fraction of the interval is halved no more.
_NARROW = 2.0**-60


class Enclosed(Protocol):
    """A function with an enclosure of its values on a ball, and a Taylor series about a ball."""

    def hull(self, x: arb) -> Outcome[arb]: ...

    def series(self, x: arb) -> Outcome[arb_series]: ...


@dataclass(frozen=True)
class Line:
    """A straight line with exact coefficients, for which float64 may have too few digits."""

    slope: Fraction
    offset: Fraction

    def hull(self, x: arb) -> arb:
        return self.series(x)[0]

    def series(self, x: arb) -> arb_series:
        from flint import arb, arb_series

        slope, offset = (arb(part.numerator) / part.denominator for part in (self.slope, self.offset))
        return arb_series([slope * x + offset, slope])


@dataclass(frozen=True)
class Segment:
    """A part of the range, and the replacement of the function there."""

    low: float
    high: float
    replacement: Enclosed


@dataclass(frozen=True)
class Bound:
    """The error is at most `error` at every point, and at least `taken` at the point `at`."""

    error: float
    taken: float
    at: float


@dataclass(frozen=True)
class Gap:
    """f - g, or (f - g)/f if `relative`, where f is the derivative of order `order` of the formula `f`."""

    f: Formula
    order: int
    g: Enclosed
    relative: bool = False

    def at(self, x: arb) -> Outcome[arb]:
        """A ball that contains all values on the ball x."""
        if self.relative and x.contains(0) and not x.is_zero():
            return self._about_zero(x)
        return self._difference(self.f.hull(x, self.order), self.g.hull(x))

    def series(self, x: arb) -> Outcome[arb_series]:
        """The Taylor series about the ball x."""
        return self._difference(self.f.series(x, self.order), self.g.series(x))

    def _difference(self, f: Outcome[Any], g: Outcome[Any]) -> Outcome[Any]:
        if isinstance(f, Missing):
            return f
        if isinstance(g, Missing):
            return g
        if not self.relative:
            return f - g
        from flint import arb

        return UNDECIDED if (f if isinstance(f, arb) else f[0]).contains(0) else (f - g) / f

    def _about_zero(self, x: arb) -> Outcome[arb]:
        """The values about 0 if f(0) = g(0) = 0: f(x) = x f'(y) and f(x) - g(x) = x (f - g)'(z) with y, z in 0..x."""
        from flint import arb

        ends = self.f.hull(arb(0), self.order), self.g.hull(arb(0))
        if any(isinstance(end, Missing) or not end.is_zero() for end in ends):
            return self._difference(self.f.hull(x, self.order), self.g.hull(x))
        f, g = self.f.series(x, self.order), self.g.series(x)
        if isinstance(f, Missing) or isinstance(g, Missing) or f[1].contains(0):
            return UNDECIDED
        return (f[1] - g[1]) / f[1]


def supremum(
    f: Formula, segments: Sequence[Segment], *, order: int = 0, relative: bool = False, cuts: Sequence[float] = ()
) -> Bound:
    """The supremum of |f - g| over all segments.

    Args:
        cuts: points at which panels end, as kinks.

    Raises:
        ValueError: if f has a pole or is undefined somewhere.

    >>> line = Segment(-1.0, 1.0, Formula("0.5*x + 0.25"))
    >>> round(supremum(Formula("max(x, 0)"), [line]).error, 6)
    0.25
    """
    from flint import ctx

    with ctx.workprec(_BITS):
        length, ctx.cap = ctx.cap, _TERMS + 1
        try:
            return _supremum([(Gap(f, order, part.replacement, relative), part) for part in segments], cuts)
        finally:
            ctx.cap = length


def _supremum(gaps: Sequence[tuple[Gap, Segment]], cuts: Sequence[float]) -> Bound:
    from flint import arb

    whole = gaps[-1][1].high - gaps[0][1].low
    best, place = arb(0), gaps[0][1].low
    heap: list[tuple[float, float, float, Gap]] = []

    def look(gap: Gap, x: float) -> None:
        nonlocal best, place
        value = gap.at(arb(x))
        if not isinstance(value, Missing) and value.is_finite() and value.abs_lower() > best:
            best, place = value.abs_lower(), x

    def add(gap: Gap, low: float, high: float) -> None:
        heapq.heappush(heap, (-_panel(gap, low, high), low, high, gap))

    for gap, part in gaps:
        ends = [part.low, *sorted(x for x in cuts if part.low < x < part.high), part.high]
        for low, high in pairwise(ends):
            look(gap, low)
            look(gap, high)
            add(gap, low, high)
    halvings = 0
    while True:
        upper, low, high, gap = heapq.heappop(heap)
        if -upper <= float(best) * (1 + _CLOSE) or (-upper < 1e-30):
            return Bound(-upper, float(best), place)
        middle = low + (high - low) / 2
        if high - low < _NARROW * whole or not low < middle < high or halvings == _HALVINGS:
            if not math.isfinite(upper):
                raise ValueError(
                    f"{gap.f.text} has no finite value near x = {round(middle, 9) + 0.0:g}; choose a --range without it"
                )
            return Bound(-upper, float(best), place)
        look(gap, middle)
        add(gap, low, middle)
        add(gap, middle, high)
        halvings += 1


def _panel(gap: Gap, low: float, high: float) -> float:
    """An upper bound of |gap| between low and high, infinite if this panel gives none."""
    from flint import arb

    middle = arb(low + (high - low) / 2)
    radius = (arb(high) - middle).abs_upper().max((middle - arb(low)).abs_upper())
    wide = arb(middle, radius)
    narrow, rest = gap.series(middle), gap.series(wide)
    if isinstance(narrow, Missing) or isinstance(rest, Missing):
        value = gap.at(wide)
        return math.inf if isinstance(value, Missing) else _upper_bound(value)
    r = radius.upper()
    power = r**3
    total = _parabola_maximum(narrow[0], narrow[1], narrow[2], r)
    for k in range(3, _TERMS):
        total += narrow[k].abs_upper() * power
        power *= r
    return _upper_bound(total + rest[_TERMS].abs_upper() * power)


def _parabola_maximum(a: arb, b: arb, c: arb, r: arb) -> arb:
    """The maximum of |a + b t + c t^2| over |t| <= r."""
    top = (a + b * r + c * r * r).abs_upper().max((a - b * r + c * r * r).abs_upper())
    if b.abs_lower() > (2 * c * r).abs_upper():
        return top
    turn = a - b * b / (4 * c)
    return top.max(
        turn.abs_upper() if turn.is_finite() else a.abs_upper() + (b * r).abs_upper() + (c * r * r).abs_upper()
    )


def _upper_bound(value: arb) -> float:
    """A float64 that is at least the absolute value of every number in the ball."""
    size = value.abs_upper()
    if size.is_zero():
        return 0.0
    above = float(size)
    return math.nextafter(above, math.inf) if math.isfinite(above) else math.inf


def rounded_up(value: float, digits: int) -> float:
    """A value rounded up to `digits` significant digits, as a float64 that is not below it.

    >>> rounded_up(0.0123451, 4)
    0.01235
    """
    return _rounded_to(value, digits, ROUND_CEILING, math.inf)


def rounded_down(value: float, digits: int) -> float:
    """A value rounded down to `digits` significant digits, as a float64 that is not above it.

    >>> rounded_down(0.0123459, 4)
    0.01234
    """
    return _rounded_to(value, digits, ROUND_FLOOR, -math.inf)


def _rounded_to(value: float, digits: int, rounding: str, side: float) -> float:
    near = float(Context(prec=digits, rounding=rounding).plus(Decimal(value)))
    beyond = near >= value if side > 0 else near <= value
    return near if beyond else math.nextafter(near, side)
