"""Limits of a formula at the infinities, one-sided limits at a point, and the signs of zeros.

This module sees a formula only through a `Settler`, which evaluates one order of it at a point, in ball arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from actcli.formulas import balls
from actcli.formulas.balls import UNDECIDED, UNDEFINED, Missing, Outcome
from actcli.formulas.bounded import TINY, Pair, error, is_exact
from actcli.formulas.primitives import Array
from actcli.formulas.tolerances import FAR

if TYPE_CHECKING:
    from flint import arb

#: (point, accept) -> the first answer of `accept` to a ball at the point, over rising precisions.
Settler: TypeAlias = "Callable[[float | arb, Callable[[arb], Outcome[Any]]], Outcome[Any]]"

#: Value and slope on one side of a point.
Side: TypeAlias = tuple[float, float]


def limit(settle: Settler, end: float) -> float:
    """The limit towards inf (end 1.0) or -inf (end -1.0); nan if there is none, as for a sine.

    It is found from samples at large numbers: they are equal, grow without bound or decay to 0.
    """
    from flint import arb

    for exponents in ((2048, 3072, 4096), (10, 11, 12)):  # balls cannot hold exp(exp(x)) at the larger numbers
        points = [arb(2) ** k * arb(f) * int(end) for k in exponents for f in (1, 1.375, 1.8125)]
        outcomes = [settle(point, balls.approximate) for point in points]
        samples: list[float] = [outcome for outcome in outcomes if not isinstance(outcome, Missing)]
        if len(samples) == len(points):
            break
    else:
        return math.nan
    if len(set(samples)) == 1:
        return samples[0] or vanishing_zero(settle, end)
    if grown := _growth(samples):
        return grown
    sizes = [abs(sample) for sample in samples]
    one_sign = len({s > 0 for s in samples if s}) == 1  # the last samples of 1/sqrt(x) may round to 0
    if one_sign and sizes[::-1] == sorted(sizes) and sizes[0] > sizes[-1] * 1.3:
        return math.copysign(0.0, samples[0])
    return math.nan


def reach(settle: Settler, end: float) -> float:
    """The smallest of a few sizes, at least FAR, from which on balls decide nothing on the side of `end`; inf if none.

    The result depends on the formula alone, never on earlier requests.
    """
    found = math.inf
    for exponent in (1000, 256, 64, 24, 16, 12, int(math.log2(FAR))):
        size = 1.2345678 * 2.0**exponent  # not an integer if float64 allows it: sin(pi x) is 0 at integers
        if settle(math.copysign(size, end), balls.nearest) is not UNDECIDED:
            break
        found = size
    return found


def vanishing_zero(settle: Settler, end: float) -> float:
    """The zero to which values decay on the side of `end`, with their sign: 1 + erf(x) towards -inf gives 0, not -0."""
    # 1 + erf(x) needs x^2 bits to show its sign, so smaller sizes follow where a large one is undecided.
    for size in (1024.0, 64.0, 16.0):
        sign = settle(math.copysign(size, end), balls.sign)
        if not isinstance(sign, Missing) and sign:
            return math.copysign(0.0, sign)
    return 0.0


def signed_zero(settle: Settler, x: float) -> float:
    """The value 0 at x = 0 or -0, with the sign of the values on the side that the sign of x shows."""
    sign = settle(math.copysign(TINY, x), balls.sign)
    return 0.0 if isinstance(sign, Missing) or not sign else math.copysign(0.0, sign)


#: Operations without kinks: a formula of these is smooth where its value and slope are finite.
_SMOOTH = {
    *("add", "sub", "mul", "div", "neg", "exp", "expm1", "log", "log1p", "sinh", "cosh"),
    *("sigmoid", "softplus", "tanh", "sin", "cos", "atan", "erf", "erfc"),
}


def crossing(steps: list[tuple[str, Any]], pairs: Callable[[int], Pair]) -> float:
    """The sign of the slope at 0 if pairs prove it and that the value is 0, and the formula is smooth; else 0.0.

    Args:
        steps: its operations that depend on x, each with its last argument if that is a constant.
        pairs: its value (0) and slope (1) at 0.
    """
    if not all(op in _SMOOTH or (op == "pow" and _is_whole(last)) for op, last in steps):
        return 0.0
    with np.errstate(all="ignore"):
        value = pairs(0)
        if np.any(value.high) or np.any(value.low) or np.any(error(value)):
            return 0.0
        slope = pairs(1)
        return float(np.sum(np.where(np.abs(slope.high) > 2 * error(slope), np.sign(slope.high), 0.0)))


def _is_whole(exponent: Pair | None) -> bool:
    return exponent is not None and is_exact(exponent) and float(exponent.high).is_integer() and exponent.high > 0


def sides(settle: Settler, x: float, step: float = 0.0) -> tuple[float, float]:
    """The one-sided limits left and right of x, or the values a step away from x; nan where there is none."""
    from flint import arb, ctx

    with ctx.workprec(4096):
        apart = arb(step) if step else arb(2) ** -1200
        points = arb(x) - apart, arb(x) + apart
    left, right = (settle(point, balls.nearest) for point in points)
    return _or_infinite(left) + 0.0, _or_infinite(right) + 0.0


#: Fewer points than this are evaluated one by one; a search for an interval would cost more.
_FEW = 8


def outside(ball: Callable[[arb], Outcome[arb]], x: Array) -> NDArray[np.bool_]:
    """Return True for points in intervals on which the formula is undefined; a few such points may be missed.

    An interval is halved until one ball proves the formula undefined on all of it, or few points are left. The ball is
    slightly wider than its points, since a formula has values next to a pole.

    Args:
        ball: the formula on a ball, at flint's current precision.
    """
    found = np.zeros(x.shape, bool)
    points = np.unique(x[np.isfinite(x)])
    if points.size < _FEW:
        return found
    from flint import arb, ctx

    ranges = [points]
    with ctx.workprec(balls.PRECISIONS[0]):
        margin = arb(0, arb(2) ** -1200)
        while ranges:
            part = ranges.pop()
            if part.size < _FEW:
                continue
            if ball(arb(float(part[0])).union(arb(float(part[-1]))) + margin) is UNDEFINED:
                found |= (part[0] <= x) & (x <= part[-1])
            else:
                ranges += np.array_split(part, 2)
    return found


def at_edge(settle: Settler, x: float, value: Settler) -> float:
    """The result of IEEE arithmetic where a formula is undefined: the infinity that is the limit there, else nan.

    At 0 the sign of the zero chooses the side: 1/x is inf at 0 and -inf at -0. Elsewhere the limits of both sides must
    be equal, or one side must be outside the domain, where `value` is undefined: log(x - 2) is -inf at 2 and its slope
    inf, 1/(x - 2) is nan.
    """
    from flint import arb

    if settle(arb(x, arb(2) ** -1200), balls.approximate) is UNDEFINED:  # undefined on both sides
        return math.nan
    left, right = (_one_sided_limit(settle, x, sign) for sign in (-1, 1))
    if x == 0:
        own, other = (left, right) if math.copysign(1.0, x) < 0 else (right, left)
        found = {other if math.isnan(own) else own}
    else:
        ends = ((left, -1), (right, 1))
        found = {
            side for side, sign in ends if not math.isnan(side) and not math.isnan(_one_sided_limit(value, x, sign))
        }
    return found.pop() if len(found) == 1 and all(map(math.isinf, found)) else math.nan


def _one_sided_limit(settle: Settler, x: float, sign: int) -> float:
    """inf or -inf if values grow without bound towards x on one side, as log(x) does slowly; nan without values."""
    from flint import arb, ctx

    samples = []
    for exponent in (1200, 4800, 19200):
        with ctx.workprec(20_000):
            point = arb(x) + sign * arb(2) ** -exponent
        sample = settle(point, balls.approximate)
        if isinstance(sample, Missing):
            return math.nan
        samples.append(sample)
    return _growth(samples) or samples[0]


def _growth(samples: list[float]) -> float:
    """inf or -inf if samples of one sign never shrink and grow by 30 % in all, or overflow float64; else 0."""
    sizes = [abs(sample) for sample in samples]
    one_sign = len({sample > 0 for sample in samples}) == 1
    if one_sign and sizes == sorted(sizes) and (sizes[-1] > sizes[0] * 1.3 or math.isinf(sizes[0])):
        return math.copysign(math.inf, samples[-1])
    return 0.0


def _or_infinite(value: Outcome[float]) -> float:
    if isinstance(value, Missing):
        return math.nan
    # A value or slope this large so close to a point means a pole or a vertical slope.
    return math.copysign(math.inf, value) if abs(value) > 1e100 else value


def differs(left: Side, right: Side) -> bool:
    """Whether value or slope differ between the two sides of a point."""
    return any(not math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) for a, b in zip(left, right, strict=True))
