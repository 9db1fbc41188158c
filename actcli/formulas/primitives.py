"""Numerically stable functions in numpy, from which the kernels of the fast tier are built.

The functions take and return float64 arrays, return the limits at the infinities, and nan for nan. Values are within
about 1.5 ulp, and slopes too, except next to a zero of the slope, where terms cancel; there only the faithful tier is
accurate. Callers set `np.errstate(all="ignore")`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from actcli.packed import packed

Array = NDArray[np.float64]

INVERSE_SQRT_2PI = 0.3989422804014327


def bisect(before: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """The two adjacent float64 between which `before` changes from true, its value at low, to false, its value at high.

    >>> bisect(lambda x: x * x < 2, 1.0, 2.0)
    (1.414213562373095, 1.4142135623730951)
    """
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if before(middle) else (low, middle)
    return low, high


def _indicator(x: Array) -> Array:
    """1 where x >= 0, else 0; with np.maximum it makes a choice without branches, which are slow in np.where."""
    return (x >= 0).astype(np.float64)


def select(condition: NDArray[np.bool_], a: Array | float, b: Array | float) -> Array:
    """a where a condition holds, else b, by bit masks, without branches, which are slow in np.where."""
    one, other = (np.asarray(side, np.float64).view(np.int64) for side in (a, b))
    bits = -condition.astype(np.int64) & (one ^ other)
    bits ^= other
    return bits.view(np.float64)


def keep_zeros(values: Array, x: Array) -> Array:
    """The values, with x itself where x is 0 or -0, for functions that are 0 and increasing at 0."""
    return values if x.all() else np.where(x == 0, x, values)


def sigmoid(x: Array) -> Array:
    """1/D with D = 1 + exp(-x), corrected for the rounding error of D; exp(x) where exp(-x) overflows."""
    e = np.exp(-x)
    d = e + 1.0
    # Knuth's formula for the rounding error of the sum: (e - (d - 1)) + (1 - (d - (d - 1)))
    low = d - 1.0
    rest = d - low
    np.subtract(e, low, out=low)
    low += np.subtract(1.0, rest, out=rest)
    s = 1.0 / d
    low *= s
    low *= s
    s -= low
    return np.where(np.isinf(e), np.exp(x), s) if np.fmax.reduce(e, axis=None, initial=0.0) == np.inf else s


def sigmoid_slope(x: Array) -> Array:
    """sigmoid(x) sigmoid(-x) = e/(1+e)^2 with e = exp(-|x|); s (1 - s) would cancel in the right tail."""
    e = np.exp(-np.abs(x))
    return e / (1.0 + e * (2.0 + e))


def softplus(x: Array) -> Array:
    """log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|))."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


def tanh_slope(x: Array) -> Array:
    """1/cosh(x)^2 = 4q/(1+q)^2 with q = exp(-2|x|); 1 - tanh(x)^2 would be 0 from |x| = 19 on."""
    q = np.exp(-2.0 * np.abs(x))
    return 4.0 * q / (1.0 + q * (2.0 + q))


def head(x: Array | float) -> Array:
    """x rounded to 26 bits; products of two heads, of a head and a rest x - head(x), or of two rests are exact."""
    bits = np.ascontiguousarray(x).view(np.int64) + (1 << 26)
    bits &= -(1 << 27)
    return bits.view(np.float64)


def two_sum(a: Array, b: Array | float) -> tuple[Array, Array]:
    """a + b as an unevaluated sum of two float64: the rounded sum and its rounding error (Knuth's algorithm)."""
    total = a + b
    part = total - a
    rest = total - part
    rest = less(a, rest)
    rest += less(b, part)
    return total, rest


def quick_two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """`two_sum` where a is 0 or |a| >= |b| (Dekker's algorithm); the rounding error overwrites a."""
    total = a + b
    a -= total
    a += b
    return total, a


def less(a: Array | float, b: Array) -> Array:
    """a - b, which overwrites b if b is an array, to save the allocation of a new array."""
    return np.subtract(a, b, out=b if isinstance(b, np.ndarray) else None)


def product(a: Array, b: Array | float) -> tuple[Array, Array]:
    """a*b as an unevaluated sum of two float64: the rounded product and its rounding error, nan at overflow."""
    high = a * b
    ha = head(a)
    la = a - ha
    hb = ha if a is b else head(b)
    lb = la if a is b else b - hb
    low = ha * hb
    low -= high
    part = ha * lb
    low += part
    low += part if a is b else np.multiply(la, hb, out=part)
    low += np.multiply(la, lb, out=part)
    return high, low


def finite_product(a: Array, b: Array) -> tuple[Array, Array]:
    """`product`, with an error of 0 where the product overflows."""
    high, low = product(a, b)
    return high, np.where(np.isfinite(low), low, 0.0)


def scaled(x: Array, factor: float) -> tuple[Array, Array | None]:
    """factor*x as a rounded product and its rounding error; None for the error if the factor is 1."""
    return (x, None) if factor == 1 else finite_product(x, np.full_like(x, factor))


def _correction(high: Array, low: Array) -> Array:
    """The low part of an exponent -|high + low|, clipped: exp(-|high|) times 1 + this is exp(-|high + low|)."""
    return np.clip(np.where(high > 0, -low, low), -0.5, 0.5)


def _exponential(high: Array, low: Array | None) -> Array:
    """exp(-|high + low|)."""
    e = np.exp(-np.abs(high))
    if low is not None:
        e += e * _correction(high, low)
    return e


def sigmoid_of(high: Array, low: Array | None) -> Array:
    """sigmoid(high + low)."""
    e = _exponential(high, low)
    return np.maximum(e, _indicator(high)) / (1.0 + e)


def _without_underflow(values: Array, factor: Array, high: Array, low: Array | None) -> Array:
    """values, which are factor*exp(high + low), recomputed by two factors exp(high/2) where exp(high) is subnormal."""
    deep = high < -700.0
    if not deep.any():
        return values
    half = np.exp(high / 2)
    again = np.clip(factor, -1e300, 1e300) * half * half
    return np.where(deep, again if low is None else again * (1.0 + _correction(high, low)), values)


def gate(x: Array, high: Array, low: Array | None) -> Array:
    """x sigmoid(high + low)."""
    e = _exponential(high, low)
    factor = x / (1.0 + e)
    return _without_underflow(factor * np.maximum(e, _indicator(high)), factor, high, low)


def gate_slope(high: Array, low: Array | None, growth: Array) -> Array:
    """The slope of x sigmoid(z) for z = high + low and growth = x dz/dx.

    sigmoid(z) + growth sigmoid(z) sigmoid(-z) = (1 + e growth + e)/D^2 for z >= 0 and e (1 + growth + e)/D^2
    for z < 0, with e = exp(-|z|) and D = 1 + e.
    """
    e = _exponential(high, low)
    right = _indicator(high)
    factor = ((1.0 + np.maximum(e, 1.0 - right) * np.clip(growth, -1e300, 1e300)) + e) / (1.0 + e * (2.0 + e))
    return _without_underflow(factor * np.maximum(e, right), factor, high, low)


def swish(x: Array, beta: float) -> Array:
    """x sigmoid(beta x)."""
    if not beta:  # 0*inf would be nan
        return x / 2.0
    return gate(x, *scaled(x, beta))


def swish_slope(x: Array, beta: float) -> Array:
    """The slope of x sigmoid(beta x)."""
    if not beta:
        return np.where(np.isnan(x), x, 0.5)
    high, low = scaled(x, beta)
    return gate_slope(high, low, high)


def mish(x: Array) -> Array:
    """x tanh(softplus(x)): (1+2e)/(1+2e+2e^2) with e = exp(-x) for x >= 0, e(e+2)/(e^2+2e+2) with e = exp(x) below."""
    e = np.exp(-np.abs(x))
    right = _indicator(x)
    left = 1.0 - right
    top = (1.0 + e) + np.maximum(e * right, left)
    square = e * e
    bottom = np.maximum(1.0, 2.0 * left) + 2.0 * e + square * (1.0 + right)
    factor = x * (top / bottom)
    return _without_underflow(factor * np.maximum(e, right), factor, x, None)


def mish_slope(x: Array) -> Array:
    """tanh(softplus x) + x sigmoid(x)/cosh(softplus x)^2 over the square of the denominators D of `mish`.

    x >= 0, e = exp(-x): ((1+2e) + 4x e^2 (1+e)/D)/D; x < 0, e = exp(x): e (4(1+x) + e (6+4x) + 4e^2 + e^3)/D^2,
    which does not cancel except at its zero.
    """
    e = np.exp(-np.abs(x))
    finite = np.clip(x, -1e300, 1e300)
    up = 1.0 + 2.0 * e * (1.0 + e)
    down = 2.0 + e * (2.0 + e)
    right = ((1.0 + 2.0 * e) + 4.0 * finite * e * e * (1.0 + e) / up) / up
    left = (4.0 * (1.0 + finite) + e * ((6.0 + 4.0 * finite) + e * (4.0 + e))) / (down * down)
    return select(x >= 0, right, _without_underflow(left * e, left, x, None))


#: 2 sqrt(2/pi) as a pair of float64.
_GELU_TANH = (1.5957691216057308, -9.96930880911092e-17)
_GELU_TANH_CUBIC = 0.044715


def gelu_tanh_argument(x: Array) -> tuple[Array, Array]:
    """2 sqrt(2/pi) (x + 0.044715 x^3) as a pair; in the tail, its rounding would cause errors of a hundred ulp."""
    x = np.clip(x, -100.0, 100.0)
    square, square_low = product(x, x)
    cubic, cubic_low = product(square, np.full_like(x, _GELU_TANH_CUBIC))
    bend = 1.0 + cubic
    bend_low = (cubic - (bend - 1.0)) + (cubic_low + _GELU_TANH_CUBIC * square_low)
    line, line_low = product(x, np.full_like(x, _GELU_TANH[0]))
    line_low = line_low + x * _GELU_TANH[1]
    high, low = product(line, bend)
    return high, low + (line * bend_low + line_low * bend)


def gelu_tanh_growth(x: Array) -> Array:
    """x times the slope of `gelu_tanh_argument`."""
    x = np.clip(x, -100.0, 100.0)
    return _GELU_TANH[0] * x * (1.0 + 3.0 * _GELU_TANH_CUBIC * (x * x))


def decayed_by_square(factor: Array, x: Array, scale: float) -> Array:
    """factor*exp(-scale x^2) for scale 1 or 1/2, corrected for the rounding error of x^2, hundreds of ulp in the tail.

    x^2 = q + r as a pair, and exp(-s (q + r)) = exp(-s q) (1 - s r), since s r < 1e-12. Where exp(-s q) is subnormal
    and loses digits, the factor is multiplied by exp(-s q/2) twice.
    """
    q, r = product(*[np.minimum(np.abs(x), 60.0)] * 2)
    p = np.exp(-scale * q)
    v = factor * (p - p * (scale * r))
    deep = scale * q > 708.0
    if deep.any():
        half = np.exp(-scale / 2 * q)
        v = np.where(deep, factor * half * half * (1.0 - scale * r), v)
    return v


@cache
def scaled_erfc_table() -> Array:
    """The table of `scaled_erfc`, by node: nine Taylor coefficients, then the rounding errors of the first two."""
    table: Array = np.load(BytesIO(packed("actcli.formulas", "tables/scaled_erfc.npy")))
    return table


def scaled_erfc(a: Array) -> Array:
    """S(a) = exp(a^2/2) erfc(a/sqrt 2) / 2 for a >= 0, which falls from 1/2 to 0 like 1/(a sqrt(2 pi)).

    It is a Taylor polynomial in w = 2/(a+2), which maps 0..inf to (0, 1], about the nearest of 512 nodes. The distance
    from a node n is w - n = (2 (1-n) - n a)/(a+2), where the products with the head of a are exact, and so is their
    difference: w itself is not rounded.
    """
    table = scaled_erfc_table()
    a = np.minimum(a, 100.0)
    total = a + 2.0
    k = np.rint(1024.0 / total)
    i = k.astype(np.intp)
    k *= 1.0 / 512.0
    first = head(a)
    w = (((1.0 - k) * 2.0 - k * first) - k * (a - first)) / total
    s: Array = table[5].take(i, mode="clip")  # the index of a nan is clipped; w is nan there
    for row in table[4:0:-1]:
        s *= w
        s += row.take(i, mode="clip")
    s *= w
    s += table[9].take(i, mode="clip")  # the rounding error of the next term
    s += table[0].take(i, mode="clip")
    return s


def gelu(x: Array) -> Array:
    """x times the normal distribution function: max(x, 0) - |x| exp(-x^2/2) S(|x|)."""
    a = np.abs(x)
    tail = decayed_by_square(np.minimum(a, 60.0) * scaled_erfc(a), x, 0.5)
    return np.copysign(np.maximum(x, 0.0) - tail, x)  # for the sign of zeros


def gelu_slope(x: Array) -> Array:
    """exp(-x^2/2) (S(a) - a/sqrt(2 pi)) with a = |x| for x < 0, and 1 minus this for x > 0."""
    a = np.minimum(np.abs(x), 60.0)
    below = decayed_by_square(scaled_erfc(a) - a * INVERSE_SQRT_2PI, x, 0.5)
    return select(x < 0, below, 1.0 - below)
