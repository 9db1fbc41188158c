"""Stable building blocks: what formulas and hand-written kernels are made of.

Each takes and returns float64 arrays, is right at the infinities, passes nan on, and is within about 1.5 ulp over
the whole line. They are called inside `np.errstate(all="ignore")`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from actcli.activations.registry import Array

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


def exp_of_minus_square(x: Array, scale: float) -> Array:
    """exp(-scale x^2) for scale 1 or 1/2: the rounding error of x^2, hundreds of ulp in the tail, is put back.

    x^2 = q + r with q rounded and r its exact rest; exp(-s q) exp(-s r) and exp(-s r) = 1 - s r, as s r < 1e-12.
    """
    x = np.minimum(np.abs(x), 60.0)
    h = head(x)
    t = x - h
    q = x * x
    r = ((h * h - q) + 2.0 * h * t) + t * t
    p = np.exp(-scale * q)
    return p - p * (scale * r)


@cache
def _table() -> Array:
    table: Array = np.load(Path(__file__).with_name("scaled_erfc.npy"))
    return table


def scaled_erfc(a: Array) -> Array:
    """S(a) = exp(a^2/2) erfc(a/sqrt 2) / 2 for a >= 0: falls from 1/2 like 1/(a sqrt(2 pi)).

    Taylor polynomials about 512 nodes in y = a/(a+2), which maps the half line to [0, 1).
    """
    table = _table()
    y = a / (a + 2.0)
    k = np.minimum(np.rint(y * 512.0), 511.0)
    d = y - k * (1.0 / 512.0)
    i = np.where(np.isfinite(k), k, 0.0).astype(np.intp)
    s = table[5].take(i)
    for row in table[4::-1]:
        s *= d
        s += row.take(i)
    return s


def erfc(x: Array) -> Array:
    """The complementary error function, to full relative accuracy in the right tail."""
    tail = 2.0 * exp_of_minus_square(x, 1.0) * scaled_erfc(np.abs(x) * np.sqrt(2.0))
    return np.where(x < 0, 2.0 - tail, tail)


_ERF_SERIES = tuple(
    c * 2.0 / np.sqrt(np.pi) for c in (1.0, -1 / 3, 1 / 10, -1 / 42, 1 / 216, -1 / 1320, 1 / 9360, -1 / 75600, 1 / 685440)
)


def erf(x: Array) -> Array:
    """The error function: its odd series near 0, where 1 - erfc cancels."""
    z = np.minimum(x * x, 0.25)
    series = np.full_like(z, _ERF_SERIES[-1])
    for c in _ERF_SERIES[-2::-1]:
        series = series * z + c
    far = np.copysign(1.0 - erfc(np.abs(x)), x)
    return np.where(np.abs(x) < 0.4, x * series, far)
