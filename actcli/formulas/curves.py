"""tanh, the error functions, the arc tangent and the waves, for pairs of float64: right to some 18 digits.

Every function takes a Pair and returns a Pair. `relative` of the result bounds the function's own error as a share of
the result; `bound` carries the error of the argument.
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
from actcli.formulas.nodes import horner, nearest, rows, split, within
from actcli.formulas.primitives import Array, quick_two_sum

_ONE, _HALF = Pair(1.0), Pair(0.5)

#: pi/512 in three parts; the first two times whole numbers of 21 bits are exact.
_TURN = (0.006135923151305178, 2.373867382098613e-13, 3.2553683275472183e-22)
_TURN_REACH = 1e4
_HALF_PI = Pair(math.pi / 2, 6.123233995736766e-17, 0.0, UNIT**2)


def tanh(a: Pair) -> Pair:
    """tanh(c + s) = t + g s/(1 + q) with t = tanh(c), g = 1 - t^2, 1 + q = s/tanh(s) + t s, for the node c next to x.

    1/(1 + q) is 1 - q/(1 + q), and the head of s times that of g is exact.
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
    # Next to 0 all of this is x itself, but tanh(x) is not: a relative bound would underflow there.
    least = 0.7 * min(a.least, 1.0)
    bound = faint(h, a.bound, TINY, least, lambda: a.high == 0)
    return Pair(h, other, bound, 2.0**-64 + a.relative, least, 1.1)


def _about_node(name: str, x: Array, low: Any, step: float, first_node: int) -> tuple[Array, Array]:
    """The Taylor series about the node next to x, whose first product is exact: a sum and the rest of it.

    The table has value and slope as pairs, the slope with a head, and the next coefficients as shares of the slope.
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
    g_low *= first
    rest += g_low
    rest += value_low
    g *= first
    h, error_of_sum = quick_two_sum(value, g)
    rest += error_of_sum
    return h, rest


def erf(a: Pair) -> Pair:
    h, low = _about_node("erf", *within(a, 6.8), 1 / 64, -436)
    passed_on = 0.0 if nothing(a.bound) else 1.13 * a.bound
    least = 0.8 * min(a.least, 1.0)
    bound = faint(h, passed_on, 2 * TINY, least, lambda: a.high == 0)
    return Pair(h, low, bound, 2.0**-64 + a.relative, least, 1.1)


#: From here on the series of erfc itself would lose digits.
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
        relative += 2048 * a.relative  # as x is at most 27.5
    else:
        slack, size = error(a), np.abs(a.high)
        bound = h * slack * (2.1 * size + 2.3)
        bound = np.where(slack * (size + 1) < 0.01, 1.1 * bound, np.inf)
    if in_tail:
        bound = faint(h, bound, 2 * np.maximum(h, TINY))
    return Pair(h, low, bound, relative)


def _erfc_tail(a: Pair) -> Pair:
    """exp(-x^2) times the Taylor series of exp(x^2) erfc(x)."""
    x, low = within(a, 27.5)
    size = Pair(x, low, most=27.5)
    square = mul(size, size)._replace(bound=0.0, relative=0.0)
    return mul(tidy(Pair(*_about_node("erfcx", x, low, 1 / 64, 256))), exp(neg(square)))


def atan(a: Pair) -> Pair:
    """atan(c) + atan((y - c)/(1 + y c)) for the node c nearest to y = x; for |x| > 1, y = -1/x and pi/2 on top."""
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


def _turned(a: Pair) -> tuple[Pair, Pair]:
    """Sine and cosine: those of n pi/512 from a table, turned by what is left; not a number out of reach."""
    inside = np.abs(a.high) < _TURN_REACH
    high = a.high if inside.all() else np.where(inside, a.high, np.nan)
    n, index = nearest(high * (512 / math.pi), 1.0, 0)
    s = add(Pair(high - n * _TURN[0]), Pair(-n * _TURN[1]))
    bound: Any = 2.0**-100 if nothing(a.low) else 2.0**-100 + 4 * UNIT * UNIT * np.abs(high)
    r = tidy(Pair(s.high, s.low + (a.low - n * _TURN[2]), bound))
    square = r.high * r.high
    odd = r.high * square * horner(square, -1 / 6, 1 / 120, -1 / 5040)
    even = square * square * horner(square, 1 / 24, -1 / 720, 1 / 40320)
    # the powers from the third on are those of the high part
    sine = add(r, Pair(odd))._replace(relative=2.0**-68)
    cosine = sub(_ONE, sub(mul(mul(r, r), _HALF), Pair(even)))._replace(relative=2.0**-74)
    base_sine, base_sine_low, base_cosine, base_cosine_low = rows("circle", index & 1023)
    one, two = Pair(base_sine, base_sine_low, 0.0, UNIT * UNIT), Pair(base_cosine, base_cosine_low, 0.0, UNIT * UNIT)
    return add(mul(one, cosine), mul(two, sine)), sub(mul(two, cosine), mul(one, sine))


def _wave(a: Pair, value: Pair) -> Pair:
    """A sine or cosine, and what the error of its argument makes of it."""
    slack = error(a)
    return value if nothing(slack) else value._replace(bound=value.bound + slack)


def sin(a: Pair) -> Pair:
    return _wave(a, _turned(a)[0])


def cos(a: Pair) -> Pair:
    return _wave(a, _turned(a)[1])
