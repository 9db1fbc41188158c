"""Stable building blocks: what formulas and hand-written kernels are made of.

Each takes and returns float64 arrays, is right at the infinities, passes nan on, and is within about 1.5 ulp over
the whole line. They are called inside `np.errstate(all="ignore")`.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from actcli.activations.registry import Array

INVERSE_SQRT_2PI = 0.3989422804014327

# -134217728 keeps the sign, the exponent and the leading 26 bits of a float64's significand.
_HEAD = np.int64(-(1 << 27))


def sigmoid(x: Array) -> Array:
    """1/(1 + exp(-x)), through exp(-|x|), which cannot overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def sigmoid_slope(x: Array) -> Array:
    """sigmoid(x) sigmoid(-x) = e/(1+e)^2 with e = exp(-|x|); s(1-s) would lose the right tail."""
    e = np.exp(-np.abs(x))
    return e / (1.0 + e * (2.0 + e))


def softplus(x: Array) -> Array:
    """log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|))."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def tanh_slope(x: Array) -> Array:
    """1/cosh(x)^2 = 4q/(1+q)^2 with q = exp(-2|x|); 1 - tanh^2 is 0 from |x| = 19."""
    q = np.exp(-2.0 * np.abs(x))
    return 4.0 * q / (1.0 + q * (2.0 + q))


def head(x: Array) -> Array:
    """x cut to its leading 26 bits, so that products of two heads are exact."""
    return (np.ascontiguousarray(x).view(np.int64) & _HEAD).view(np.float64)


def product(a: Array, b: Array) -> tuple[Array, Array]:
    """a*b as an unevaluated sum of two float64: the rounded product and the error of the rounding."""
    high = a * b
    ha, hb = head(a), head(b)
    la, lb = a - ha, b - hb
    low = ((ha * hb - high) + ha * lb + la * hb) + la * lb
    return high, np.where(np.isfinite(low), low, 0.0)


def scaled(x: Array, factor: float) -> tuple[Array, Array]:
    """factor*x as such a pair."""
    return (x, np.zeros_like(x)) if factor == 1 else product(x, np.full_like(x, factor))


def _growth_of(low: Array, high: Array) -> Array:
    """What `low` multiplies exp(-|high|) by, less 1: hundreds of ulp in the tail."""
    return np.clip(np.where(high > 0, -low, low), -0.5, 0.5)


def sigmoid_of(high: Array, low: Array) -> Array:
    """sigmoid(high + low)."""
    e = np.exp(-np.abs(high))
    e += e * _growth_of(low, high)
    return np.where(high >= 0, 1.0, e) / (1.0 + e)


def decayed(factor: Array, high: Array, low: Array, e: Array) -> Array:
    """factor*e, where e is exp(-|high + low|): by its square root twice where e is subnormal and has lost digits."""
    deep = np.abs(high) > 700.0
    v = factor * e
    if deep.any():
        half = np.exp(-np.abs(high) / 2)
        v = np.where(deep, np.clip(factor, -1e300, 1e300) * half * half * (1.0 + _growth_of(low, high)), v)
    return v


def gate(x: Array, high: Array, low: Array) -> Array:
    """x sigmoid(high + low)."""
    e = np.exp(-np.abs(high))
    e += e * _growth_of(low, high)
    return np.where(high >= 0, x / (1.0 + e), decayed(x / (1.0 + e), high, low, e))


def gate_slope(high: Array, low: Array, growth: Array) -> Array:
    """The slope of x sigmoid(z) for z = high + low and growth = x dz/dx.

    sigmoid(z) + growth sigmoid(z) sigmoid(-z) = (1 + e (1 + growth))/D^2 for z >= 0 and e (1 + growth + e)/D^2
    for z < 0, with e = exp(-|z|) and D = 1 + e.
    """
    e = np.exp(-np.abs(high))
    e += e * _growth_of(low, high)
    square = 1.0 + e * (2.0 + e)
    finite = np.clip(growth, -1e300, 1e300)
    return np.where(high >= 0, 1.0 + e * (1.0 + finite), decayed((1.0 + finite) + e, high, low, e)) / square


def swish(x: Array, beta: float) -> Array:
    """x sigmoid(beta x)."""
    return gate(x, *scaled(x, beta))


def swish_slope(x: Array, beta: float) -> Array:
    """The slope of x sigmoid(beta x)."""
    high, low = scaled(x, beta)
    return gate_slope(high, low, high)


#: 2 sqrt(2/pi) to twice the precision of float64.
_GELU_TANH = (1.5957691216057308, -9.96930880911092e-17)
_GELU_TANH_CUBIC = 0.044715


def gelu_tanh_argument(x: Array) -> tuple[Array, Array]:
    """2 sqrt(2/pi) (x + 0.044715 x^3) as a pair: in the tail, one rounding of it would cost a hundred ulp."""
    x = np.clip(x, -100.0, 100.0)
    square, square_low = product(x, x)
    cubic, cubic_low = scaled(square, _GELU_TANH_CUBIC)
    bend = 1.0 + cubic
    bend_low = (cubic - (bend - 1.0)) + (cubic_low + _GELU_TANH_CUBIC * square_low)
    line, line_low = scaled(x, _GELU_TANH[0])
    line_low = line_low + x * _GELU_TANH[1]
    high, low = product(line, bend)
    return high, low + (line * bend_low + line_low * bend)


def gelu_tanh_growth(x: Array) -> Array:
    """x times the slope of `gelu_tanh_argument`."""
    x = np.clip(x, -100.0, 100.0)
    return _GELU_TANH[0] * x * (1.0 + 3.0 * _GELU_TANH_CUBIC * (x * x))


def decayed_by_square(factor: Array, x: Array, scale: float) -> Array:
    """factor*exp(-scale x^2) for scale 1 or 1/2: the rounding error of x^2, hundreds of ulp in the tail, is put back.

    x^2 = q + r as a pair, and exp(-s (q + r)) = exp(-s q) (1 - s r), as s r < 1e-12. Where the exponential is
    subnormal and has lost digits, the factor is multiplied by its square root twice.
    """
    q, r = product(*[np.minimum(np.abs(x), 60.0)] * 2)
    p = np.exp(-scale * q)
    v = factor * (p - p * (scale * r))
    deep = scale * q > 700.0
    if deep.any():
        half = np.exp(-scale / 2 * q)
        v = np.where(deep, factor * half * half * (1.0 - scale * r), v)
    return v


@cache
def _table() -> Array:
    table: Array = np.load(Path(__file__).with_name("scaled_erfc.npy"))
    return table


def scaled_erfc(a: Array) -> Array:
    """S(a) = exp(a^2/2) erfc(a/sqrt 2) / 2 for a >= 0: falls from 1/2 like 1/(a sqrt(2 pi)).

    Taylor polynomials about 512 nodes in w = 2/(a+2), which maps the half line to (0, 1] and loses no digits far out.
    """
    table = _table()
    w = 2.0 / (np.minimum(a, 100.0) + 2.0)
    k = np.rint(w * 512.0)
    d = w - k * (1.0 / 512.0)
    i = np.where(np.isnan(k), 0.0, k).astype(np.intp)
    s: Array = table[5].take(i)
    for row in table[4::-1]:
        s *= d
        s += row.take(i)
    return s


def gelu(x: Array) -> Array:
    """x times the normal distribution function, through S and exp(-x^2/2)."""
    a = np.abs(x)
    tail = decayed_by_square(np.minimum(a, 60.0) * scaled_erfc(a), x, 0.5)
    return np.where(x < 0, -tail, x - tail)


def gelu_slope(x: Array) -> Array:
    """exp(-x^2/2) (S(a) - a/sqrt(2 pi)) for x < 0, one minus that for x > 0."""
    a = np.minimum(np.abs(x), 60.0)
    below = decayed_by_square(scaled_erfc(a) - a * INVERSE_SQRT_2PI, x, 0.5)
    return np.where(x < 0, below, 1.0 - below)


def erfc(x: Array) -> Array:
    """The complementary error function, to full relative accuracy in the right tail."""
    tail = decayed_by_square(2.0 * scaled_erfc(np.abs(x) * np.sqrt(2.0)), x, 1.0)
    return np.where(x < 0, 2.0 - tail, tail)


# erf(x) = 2/sqrt(pi) sum (-1)^k x^(2k+1) / (k! (2k+1))
_ERF_SERIES = [(-1) ** k * 2.0 / math.sqrt(math.pi) / (math.factorial(k) * (2 * k + 1)) for k in range(20)]


def erf(x: Array) -> Array:
    """The error function: its odd series up to 1, where 1 - erfc would cancel."""
    z = np.minimum(x * x, 1.0)
    series = np.full_like(z, _ERF_SERIES[-1])
    for c in _ERF_SERIES[-2::-1]:
        series = series * z + c
    far: Array = np.copysign(1.0 - erfc(np.abs(x)), x)
    return np.where(np.abs(x) < 1.0, x * series, far)
