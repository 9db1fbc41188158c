"""tanh, the error functions, the arc tangent, sine and cosine, for pairs of float64, with errors of about 2^-64.

Every function takes a Pair and returns a Pair. In the result, `relative` bounds the relative error of the function
itself, and `bound` the absolute error that the error of the argument causes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from actcli.formulas.bounded import (
    TINY,
    UNIT,
    Pair,
    add,
    choose,
    div,
    error,
    faint,
    mul,
    neg,
    nothing,
    sub,
    tidy,
)
from actcli.formulas.exponential import exp
from actcli.formulas.nodes import horner, nearest, on_tangent, rows, split, within
from actcli.formulas.primitives import Array, quick_two_sum

_ONE, _HALF = Pair(1.0), Pair(0.5)

#: pi/512 as a sum of three float64; the first two times an integer of up to 21 bits are exact.
_STEP = (0.006135923151305178, 2.373867382098613e-13, 3.2553683275472183e-22)
_ANGLE_REACH = 1e4
_HALF_PI = Pair(math.pi / 2, 6.123233995736766e-17, 0.0, UNIT**2)


def tanh(a: Pair) -> Pair:
    """tanh(c + s) = t + g s/(1 + q), for t = tanh(c), g = 1 - t^2, 1 + q = s/tanh(s) + t s, and the nearest node c.

    It is computed by 1/(1 + q) = 1 - q/(1 + q), and the head of s times the head of g is exact.
    """
    x, low = within(a, 23.0)
    s, index = nearest(x, 1 / 128, 2944)
    np.subtract(x, s, out=s)
    t, t_low, g, g_share = rows("tanh", index)
    first, other = split(s)
    v = s * s
    q = horner(v, 1 / 3, -1 / 45, 2 / 945)
    q *= v
    np.multiply(t, s, out=v)
    q += v
    np.add(q, 1.0, out=v)
    q -= g_share
    q /= v
    if not nothing(low):
        other += low
        s += low
        s += low
    q *= s
    other -= q
    other *= g
    g *= first
    other += t_low
    h, rest = quick_two_sum(t, g)
    other += rest
    # For tiny x the result is x, which is not tanh(x), and the relative bound underflows: TINY is added to the bound.
    least = 0.7 * min(a.least, 1.0)
    bound = faint(h, a.bound, TINY, least, lambda: a.high == 0)
    return Pair(h, other, bound, 2.0**-64 + a.relative, least, 1.1)


def _about_node(name: str, x: Array, low: Any, step: float, first_node: int) -> tuple[Array, Array]:
    """The Taylor series about the node nearest to x, whose first product is exact, as a pair.

    The rows of the table are the value as a pair, the slope as its head and the rest, and the further coefficients
    divided by the slope.
    """
    s, index = nearest(x, step, -first_node)
    np.subtract(x, s, out=s)
    value, value_low, g, g_low, *higher = rows(name, index)
    rest = horner(s, *higher)
    rest *= s
    rest *= s
    first, other = split(s)
    rest += other
    if not nothing(low):
        rest += low * (1.0 + s * (2.0 * higher[0] + 3.0 * higher[1] * s))
    rest *= g + g_low
    return on_tangent(value, value_low, g, g_low, first, rest)


def erf(a: Pair) -> Pair:
    h, low = _about_node("erf", *within(a, 6.8), 1 / 64, -436)
    passed_on = 0.0 if nothing(a.bound) else 1.13 * a.bound
    least = 0.8 * min(a.least, 1.0)
    bound = faint(h, passed_on, 2 * TINY, least, lambda: a.high == 0)
    return Pair(h, low, bound, 2.0**-64 + a.relative, least, 1.1)


#: For x above this, the series of erfc would lose digits, and that of exp(x^2) erfc(x) is used.
_TAIL = 4.0


def erfc(a: Pair) -> Pair:
    x, low = a.high, a.low
    in_tail: tuple[Any, ...] = ()
    if not a.most < _TAIL:
        in_tail = np.nonzero(x > _TAIL)
        x = np.clip(x, -7.0, _TAIL)
        low = low if nothing(low) else np.where(x == a.high, low, 0.0)
    h, low = _about_node("erfc", x, low, 1 / 256, -1792)
    if in_tail:
        low_in_tail = a.low if nothing(a.low) else np.broadcast_to(a.low, a.high.shape)[in_tail]
        tail = _erfc_tail(Pair(a.high[in_tail], low_in_tail))
        h[in_tail], low[in_tail] = tail.high, tail.low
    bound: Any = 0.0
    relative = 2.0**-63
    if nothing(a.bound) and a.relative < 2.0**-72:
        relative += 2048 * a.relative  # since |x| is at most 27.5
    else:
        slack, size = error(a), np.abs(a.high)
        bound = h * slack * (2.1 * size + 2.3)
        bound = np.where(slack * (size + 1) < 0.01, 1.1 * bound, np.inf)
    if in_tail:
        bound = faint(h, bound, 2 * np.maximum(h, TINY))
    return Pair(h, low, bound, relative)


def _erfc_tail(a: Pair) -> Pair:
    """erfc(x) as exp(-x^2) times the Taylor series of exp(x^2) erfc(x)."""
    x, low = within(a, 27.5)
    size = Pair(x, low, most=27.5)
    square = mul(size, size)._replace(bound=0.0, relative=0.0)
    return mul(tidy(Pair(*_about_node("erfcx", x, low, 1 / 64, 256))), exp(neg(square)))


def atan(a: Pair) -> Pair:
    """atan(c) + atan((y - c)/(1 + y c)) for y = x and the nearest node c; if |x| > 1, y = -1/x, which adds +-pi/2."""
    large = np.abs(a.high) > 1.0
    y = choose(large, neg(div(_ONE, a)), a) if large.any() else a
    node, index = nearest(y.high, 1 / 64, 64)
    c = Pair(node)
    base, base_low = rows("arctan", index)
    w = div(sub(y, c), add(_ONE, mul(y, c)))
    square = w.high * w.high
    cube = w.high * square * horner(square, -1 / 3, 1 / 5, -1 / 7, 1 / 9)
    value = add(add(Pair(base, base_low), w), Pair(cube))
    if large.any():
        quarter = np.copysign(1.0, a.high)
        value = choose(large, add(Pair(quarter * _HALF_PI.high, quarter * _HALF_PI.low), value), value)
    bound = faint(value.high, a.bound, 2 * TINY, exact=lambda: a.high == 0)
    return Pair(value.high, value.low, bound, 2.0**-64 + a.relative)


def _sine_and_cosine(a: Pair) -> tuple[Pair, Pair]:
    """Sine and cosine of n pi/512 + r by the addition theorems, from a table for n pi/512; nan for |x| out of reach."""
    inside = np.abs(a.high) < _ANGLE_REACH
    high = a.high if inside.all() else np.where(inside, a.high, np.nan)
    n, index = nearest(high * (512 / math.pi), 1.0, 0)
    s = add(Pair(high - n * _STEP[0]), Pair(-n * _STEP[1]))
    bound: Any = 2.0**-100 if nothing(a.low) else 2.0**-100 + 4 * UNIT * UNIT * np.abs(high)
    r = tidy(Pair(s.high, s.low + (a.low - n * _STEP[2]), bound))
    square = r.high * r.high
    odd = r.high * square * horner(square, -1 / 6, 1 / 120, -1 / 5040)
    even = square * square * horner(square, 1 / 24, -1 / 720, 1 / 40320)
    # The powers from the third on are those of the high part alone.
    sine = add(r, Pair(odd))._replace(relative=2.0**-68)
    cosine = sub(_ONE, sub(mul(mul(r, r), _HALF), Pair(even)))._replace(relative=2.0**-74)
    base_sine, base_sine_low, base_cosine, base_cosine_low = rows("circle", index & 1023)
    one, two = Pair(base_sine, base_sine_low, 0.0, UNIT * UNIT), Pair(base_cosine, base_cosine_low, 0.0, UNIT * UNIT)
    return add(mul(one, cosine), mul(two, sine)), sub(mul(two, cosine), mul(one, sine))


def _with_argument_error(a: Pair, value: Pair) -> Pair:
    """The value of a sine or cosine, with the error of the argument added to its bound."""
    slack = error(a)
    return value if nothing(slack) else value._replace(bound=value.bound + slack)


def sin(a: Pair) -> Pair:
    return _with_argument_error(a, _sine_and_cosine(a)[0])


def cos(a: Pair) -> Pair:
    return _with_argument_error(a, _sine_and_cosine(a)[1])
