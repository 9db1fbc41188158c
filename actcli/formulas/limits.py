"""Limits: of a formula towards the infinities, towards a point from either side, and the signs of its zeros.

Nothing here knows formulas. A `Settler` evaluates one order of a formula at a point, in ball arithmetic.
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

#: (point, accept) -> what `accept` makes of the ball at the point, as soon as a precision is enough for it.
Settler: TypeAlias = "Callable[[float | arb, Callable[[arb], Outcome[Any]]], Outcome[Any]]"

#: Value and slope on one side of a point.
Side: TypeAlias = tuple[float, float]


def limit(settle: Settler, end: float) -> float:
    """The limit towards inf (end 1.0) or -inf (end -1.0); nan where there is none, as for a sine.

    It is found from samples: all equal far out, or growing or fading without end.
    """
    from flint import arb

    for exponents in ((2048, 3072, 4096), (10, 11, 12)):  # exp(exp(x)) can only be followed so far
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
    one_sign = len({s > 0 for s in samples if s}) == 1  # 1/sqrt(x) fades until it rounds to 0
    if one_sign and sizes[::-1] == sorted(sizes) and sizes[0] > sizes[-1] * 1.3:
        return math.copysign(0.0, samples[0])
    return math.nan


def reach(settle: Settler, end: float) -> float:
    """The least of a few sizes, FAR at least, from which on balls decide nothing on the side of `end`; else inf.

    It depends on the formula alone, never on the points that were asked for before.
    """
    found = math.inf
    for exponent in (1000, 256, 64, 24, 16, 12, int(math.log2(FAR))):
        size = 1.2345678 * 2.0**exponent  # no whole number while it can be helped: sin(pi x) is 0 there
        if settle(math.copysign(size, end), balls.nearest) is not UNDECIDED:
            break
        found = size
    return found


def vanishing_zero(settle: Settler, end: float) -> float:
    """The zero that values fade to on the side of `end`, with their sign: 1 + erf(x) towards -inf gives 0, not -0."""
    # 1 + erf(x) needs x^2 bits to show its sign: look as far out as it can be seen.
    for size in (1024.0, 64.0, 16.0):
        sign = settle(math.copysign(size, end), balls.sign)
        if not isinstance(sign, Missing) and sign:
            return math.copysign(0.0, sign)
    return 0.0


def signed_zero(settle: Settler, x: float) -> float:
    """The value 0 at a zero x, with the sign of the values on that side of it."""
    sign = settle(math.copysign(TINY, x), balls.sign)
    return 0.0 if isinstance(sign, Missing) or not sign else math.copysign(0.0, sign)


#: Operations without switches and corners: where a value and its slope are finite, the formula is smooth.
_SMOOTH = {
    *("add", "sub", "mul", "div", "neg", "exp", "expm1", "log", "log1p", "sinh", "cosh"),
    *("sigmoid", "softplus", "tanh", "sin", "cos", "atan", "erf", "erfc"),
}


def crossing(steps: list[tuple[str, Any]], pairs: Callable[[int], Pair]) -> float:
    """1.0 or -1.0 where pairs prove that a formula is 0 at 0 and rises or falls there, and is smooth, else 0.0.

    Args:
        steps: its operations, each with its last argument if that is a constant.
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
    """The value left of x and right of it: the limits, or what it is a step away; nan where there is none."""
    from flint import arb, ctx

    with ctx.workprec(4096):
        apart = arb(step) if step else arb(2) ** -1200
        points = arb(x) - apart, arb(x) + apart
    left, right = (settle(point, balls.nearest) for point in points)
    return _or_infinite(left) + 0.0, _or_infinite(right) + 0.0


#: So few points are not worth a search for an interval: balls settle them one by one.
_FEW = 8


def outside(ball: Callable[[arb], Outcome[arb]], x: Array) -> NDArray[np.bool_]:
    """Which points lie in an interval on which the formula has no value; some of these, where they are few, are missed.

    Intervals are halved until one ball shows for all their points that there is none, or few points are left. Each is
    a little wider than its points, as next to a pole there are values.

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
    """What IEEE arithmetic gives where there is no value, as at a pole: the infinity that is the limit there, else nan.

    At 0 the sign of the zero says from which side: 1/x is inf at 0 and -inf at -0. Elsewhere the sides must agree, or
    one of them must be outside the domain, where `value` has none: log(x - 2) is -inf at 2 and its slope inf, 1/(x - 2)
    is nan.
    """
    from flint import arb

    if settle(arb(x, arb(2) ** -1200), balls.approximate) is UNDEFINED:  # on both sides
        return math.nan
    left, right = (_end(settle, x, sign) for sign in (-1, 1))
    if x == 0:
        own, other = (left, right) if math.copysign(1.0, x) < 0 else (right, left)
        found = {other if math.isnan(own) else own}
    else:
        ends = ((left, -1), (right, 1))
        found = {side for side, sign in ends if not math.isnan(side) and not math.isnan(_end(value, x, sign))}
    return found.pop() if len(found) == 1 and all(map(math.isinf, found)) else math.nan


def _end(settle: Settler, x: float, sign: int) -> float:
    """inf or -inf where values grow without end towards x from one side, as log(x) does slowly; nan without values."""
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
    """inf or -inf if samples of one sign grow by a third and more, or are beyond float64; 0 if they do not."""
    sizes = [abs(sample) for sample in samples]
    one_sign = len({sample > 0 for sample in samples}) == 1
    if one_sign and sizes == sorted(sizes) and (sizes[-1] > sizes[0] * 1.3 or math.isinf(sizes[0])):
        return math.copysign(math.inf, samples[-1])
    return 0.0


def _or_infinite(value: Outcome[float]) -> float:
    if isinstance(value, Missing):
        return math.nan
    # Only a pole, or a vertical slope, is so large so close to a point.
    return math.copysign(math.inf, value) if abs(value) > 1e100 else value


def differs(left: Side, right: Side) -> bool:
    """Whether value or slope are not the same on both sides of a point."""
    return any(not math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) for a, b in zip(left, right, strict=True))
