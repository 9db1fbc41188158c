"""Exponential, logarithm and functions derived from them, for pairs of float64, with errors of about 2^-64.

Every function takes a Pair and returns a Pair. In the result, `relative` bounds the relative error of the function
itself, and `bound` the absolute error that the error of the argument causes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from actcli.formulas.bounded import (
    TINY,
    UNIT,
    Pair,
    absolute,
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
from actcli.formulas.nodes import Whole, horner, nearest, on_tangent, rows, split, within
from actcli.formulas.primitives import Array, head, quick_two_sum, select, two_sum

_ONE, _HALF = Pair(1.0), Pair(0.5)

#: log(2)/4096 as a part of 30 bits and the rest; the first part times an integer of up to 23 bits is exact.
_STEP = (0.00016922538588914904, -1.0256140314162804e-14)
#: log(2) as a part of 41 bits and the rest.
_LOG_2 = (0.6931471805601177, -1.7239444525614835e-13)


def _exponential(high: Array, low: Any) -> tuple[Array, Array, Whole]:
    """(h, m, n) with h (1 + m) 2**n = exp(high + low), 1 <= h < 2, |m| < 2^-13 and a relative error of 2^-65.

    exp(x) = 2**(k/4096) exp(r) for x = k log(2)/4096 + r with |r| < 2^-13.5; for |x| up to 800.
    """
    k, index = nearest(high * (4096 / math.log(2)), 1.0, 0)
    r = k * -_STEP[0]
    r += high  # exact
    k *= _STEP[1]
    r -= k
    table, table_low = rows("exponential", index & 4095)
    m = horner(r, 1.0, 1 / 2, 1 / 6, 1 / 24)
    m *= r
    if not nothing(low):
        m += low + low * r
    m += table_low
    index >>= 12
    return table, m, index


#: For |x| below this, neither exp(x) nor its reciprocal is below FAINT.
_CLEAR = 640.0


def _is_clear(a: Pair) -> bool:
    """Whether all |x| are below _CLEAR, so that no exponential comes near the ends of the range of float64."""
    if a.most < _CLEAR:
        return True
    return bool(np.max(a.high, initial=0.0) < _CLEAR and np.min(a.high, initial=0.0) > -_CLEAR)


def _largest_result(a: Pair) -> float:
    """An upper bound of exp(x) and exp(-x), for numbers x that `_is_clear` accepts."""
    return 1.1 * math.exp(min(a.most, _CLEAR))


def _scale(h: Array, n: Whole, clear: bool) -> None:
    """Replace h by h 2**n; if `clear`, by adding n to the exponent bits, which overwrites n."""
    if clear:
        n <<= 52
        h.view(np.int64)[...] += n
    else:
        np.ldexp(h, n, out=h)


def _propagated(a: Pair, size: Callable[[], Any]) -> tuple[Any, float]:
    """The error that the error of the argument causes in a result that grows at most like exp: absolute and relative.

    A tiny relative error of the argument, which is at most 800, becomes a relative error, which needs no array.
    """
    if nothing(a.bound) and a.relative < 2.0**-72:
        return 0.0, 1024 * a.relative
    reach = error(a)
    bound = size() * (reach * (1.0 + reach))
    return (bound if np.max(reach, initial=0.0) < 1.0 else np.where(reach < 1.0, bound, np.inf)), 0.0


def scaled_exp(a: Pair) -> tuple[Pair, Whole]:
    """Pairs from 1 to 2 and integers n with exp(x) = pair * 2**n; for x below -800, any n below -1100."""
    h, m, n = _exponential(*within(a, 800.0))
    m *= h
    return tidy(Pair(h, m, 0.0, 2.0**-64)), n


def exp(a: Pair) -> Pair:
    clear = _is_clear(a)
    h, m, n = _exponential(a.high, a.low) if clear else _exponential(*within(a, 800.0))
    _scale(h, n, clear)
    m *= h
    e = tidy(Pair(h, m))
    bound, relative = _propagated(a, lambda: e.high)
    relative += 2.0**-64
    if clear:
        return Pair(e.high, e.low, bound, relative, 1 / _largest_result(a), _largest_result(a))
    # For |x| above 800 the argument was clipped: the true value is between 0 and TINY, or overflows.
    return Pair(e.high, e.low, faint(e.high, bound, 2 * TINY), relative)


def expm1(a: Pair) -> Pair:
    """exp(x) - 1; for |x| below 2^-5 by the series x + x^2/2 + x^3/6 + ..., from the cube on in float64."""
    small = np.abs(a.high) < 2.0**-5
    far = sub(exp(a), _ONE)
    if not small.any():
        return far
    x = np.where(small, a.high, 0.0)
    first, other = split(x)
    rest = x * x * x * horner(x, *(1 / math.factorial(n) for n in range(3, 11)))
    other *= x + first
    other *= 0.5
    rest += other
    if not nothing(a.low):
        rest += a.low * (1.0 + x)
    first *= first
    first *= 0.5
    square = tidy(Pair(x, first))
    value = tidy(Pair(square.high, square.low + rest))
    slack = error(a)
    bound = faint(x, 0.0 if nothing(slack) else 1.1 * slack, 2 * TINY, exact=lambda: x == 0)
    return choose(small, Pair(value.high, value.low, bound, 2.0**-63), far)


def sigmoid(a: Pair) -> Pair:
    """1/(1 + e) with e = exp(-x); x is clipped to -709, and results below FAINT have a bound of twice the result."""
    clear = _is_clear(a)
    x, x_low = (a.high, a.low) if clear else within(a, 709.0)
    e, m, n = _exponential(-x, x_low if nothing(x_low) else -x_low)
    _scale(e, n, clear)
    total, rest = two_sum(e, 1.0)
    m *= e
    rest += m
    # The head of the quotient times the head of the divisor is exact, and so is 1 minus this product.
    q = total + rest
    np.divide(1.0, q, out=q)
    first = head(q)
    divisor = head(total)
    total -= divisor
    total += rest
    total *= first
    divisor *= first
    np.subtract(1.0, divisor, out=divisor)
    divisor -= total
    divisor *= q
    bound, relative = _propagated(a, lambda: first)
    if not clear:
        bound = faint(first, bound, 2 * first)
    return Pair(first, divisor, bound, 2.0**-64 + relative, 0.4 / _largest_result(a) if clear else 0.0, 1.0)


def sinh(a: Pair) -> Pair:
    """(m + m/(1 + m))/2 with m = expm1(|x|), times the sign of x."""
    m = expm1(absolute(a))
    size = mul(_HALF, add(m, div(m, add(_ONE, m))))
    return choose(a.high < 0, neg(size), size)


def cosh(a: Pair) -> Pair:
    e = exp(absolute(a))
    return mul(_HALF, add(e, div(_ONE, e)))


# --- the logarithm -------------------------------------------------------------------------------------------------


def _logarithm(first: Array, other: Any, table: list[Array]) -> tuple[Array, Array]:
    """log(1 + first + other) - log(r) as a pair, where the table has r and -log(r); it overwrites the table rows.

    For w = first + other, which is at most 2^-12, log(1 + w) = w - w^2/2 + w^3/3 - ... with a relative error of 2^-66.
    """
    _, base, base_low = table
    w = first + other
    h, base = quick_two_sum(base, first)
    series = horner(w, -1 / 2, 1 / 3, -1 / 4, 1 / 5, -1 / 6)
    w *= w
    w *= series
    w += base_low
    w += other
    base += w
    return h, base


def log(a: Pair) -> Pair:
    """log(x) = e log(2) + log(m) for x = m 2**e with m from sqrt(1/2) to sqrt(2)."""
    m, e = np.frexp(a.high)
    little = m < math.sqrt(0.5)
    m = np.where(little, 2 * m, m)
    e = np.where(little, e - 1, e)
    m_low = 0.0 if nothing(a.low) else np.ldexp(a.low, -e)
    node, index = nearest(m, 1 / 2048, -1433)
    table = rows("logarithm", index)
    first, other = split(m)
    first = first * table[0] - 1.0  # exact
    other = (other + m_low) * table[0]
    # Next to 1 the node is 1: without a product, the low part keeps all its digits.
    near = node == 1.0
    np.copyto(first, m - 1.0, where=near)
    np.copyto(other, m_low, where=near)
    h, low = _logarithm(first, other, table)
    base = add(Pair(e * _LOG_2[0]), Pair(h))
    value = tidy(Pair(base.high, base.low + (low + e * _LOG_2[1])))
    bound: Any = 2 * a.relative
    if not nothing(a.bound):
        slack = error(a)
        bound = slack / np.maximum(np.abs(a.high) - slack, 0.0)
    if not nothing(a.low):
        bound = bound + 4 * UNIT * UNIT  # next to 1, the rounding error of the low part counts
    wrong = ~(a.high > 0)
    return Pair(np.where(wrong, np.nan, value.high) if wrong.any() else value.high, value.low, bound, 2.0**-64)


def log1p(a: Pair) -> Pair:
    """log(1 + x); for |x| below 2^-12 by the series, without a table."""
    x, low = a.high, a.low
    near = np.abs(x) < 2.0**-12
    far = log(add(_ONE, a))
    if not near.any():
        return far
    one = [np.where(near, part, 0.0) for part in (0.0, 0.0, 0.0)]
    x_near = np.where(near, x, 0.0)
    h, rest = _logarithm(x_near, np.where(near, low, 0.0), one)
    value = tidy(Pair(h, rest))
    slack = error(a)
    bound = faint(x_near, 0.0 if nothing(slack) else 1.01 * slack, TINY, exact=lambda: x_near == 0)
    return choose(near, Pair(value.high, value.low, bound, 2.0**-64), far)


#: For |x| above this, softplus uses the first two powers of exp(-|x|), since the cube is negligible.
_SOFTPLUS_REACH = 24.0


def softplus(a: Pair) -> Pair:
    """f + p s + (p (e - s) + log(1 + w) - w) for x = c + s, with f = softplus(c), p = sigmoid(c) and w = p e.

    c is the node nearest to x, e = exp(s) - 1, and log(1 + w) - w = z (2z^2/3 + 2z^4/5 - w) for z = w/(2 + w).
    """
    x, low = within(a, _SOFTPLUS_REACH)
    s, index = nearest(x, 1 / 128, 3072)
    np.subtract(x, s, out=s)
    f, f_low, p, p_low = rows("softplus", index)
    first, other = split(s)
    slope = p + p_low
    square = s * s
    e = horner(s, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720)
    e *= square
    w = s + e
    w *= slope
    z = w + 2.0
    np.divide(w, z, out=z)
    np.multiply(z, z, out=square)
    logarithm = horner(square, 2 / 3, 2 / 5)
    logarithm *= square
    logarithm -= w
    logarithm *= z
    e += other
    if not nothing(low):
        e += low * (1.0 + (1.0 - slope) * s)
    e *= slope
    e += logarithm
    h, e = on_tangent(f, f_low, p, p_low, first, e)
    bound, relative = _propagated(a, lambda: np.minimum(2.0 * h, 2.0))
    relative += 1.1 * 2.0**-64
    if a.most < _SOFTPLUS_REACH:
        return Pair(h, e, bound, relative, 0.4 / _largest_result(a), a.most + 1.0)
    far = np.nonzero(np.abs(a.high) > _SOFTPLUS_REACH)
    outer = Pair(a.high[far], a.low if nothing(a.low) else np.broadcast_to(a.low, a.high.shape)[far])
    tail = exp(neg(absolute(outer)))
    right = outer.high > 0
    h[far] = select(right, outer.high, tail.high)
    # On the right, the low part of the tail and its square are negligible.
    e[far] = select(right, outer.low + tail.high, tail.low - 0.5 * tail.high * tail.high)
    return Pair(h, e, faint(h, bound, 2 * TINY), relative)
