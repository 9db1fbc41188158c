"""Functions of pairs of float64, right to some 22 digits: for where float64's own error, amplified, is too much.

They take and return the triples (high, low, bound) of `bounds`, and are made of its operations, so that nearly all of
their bounds follow; what a series leaves out, or computes in plain float64, is charged where it happens.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache, reduce
from typing import Any

import numpy as np

from actcli.formulas import bounded, primitives
from actcli.formulas.bounded import TINY, UNIT, Triple, add, choose, div, exactly, mul, neg, sub

_ONE, _HALF, _TWO = exactly(1.0), exactly(0.5), exactly(2.0)

#: log(2)/1024 in three parts; an integer of 21 bits times one of the first two is exact.
_STEP = (0.0006769015431018488, 4.1372278942924446e-13, 2.005684392288107e-22)
#: Arguments beyond this are left to float64: results there may leave its range.
_REACH = 690.0
#: pi/512 in three parts, as above for integers up to 512/pi times the reach of sine and cosine.
_TURN = (0.006135923151305178, 2.373867382098613e-13, 3.2553683275472183e-22)
_TURN_REACH = 1e4
#: Beyond it exp(-x^2) is out of reach.
_ERFC_REACH = 26.0
_ROOT_2 = Triple(1.4142135623730951, -9.667293313452913e-17, UNIT**2)
_2_BY_ROOT_PI = Triple(1.1283791670955126, 1.533545961316588e-17, UNIT**2)
#: Below this the series of expm1 and log1p are used.
_SMALL = 2.0**-9


def _with_low(high: Any, low: Any) -> Triple:
    """Tabulated numbers, right to the rounding of the low part."""
    return Triple(high, low, UNIT * np.abs(low))


def _entries(table: Triple, index: Any) -> Triple:
    return Triple(*(part[index] for part in table))


def _as_pair(exact: Fraction) -> tuple[float, float]:
    high = float(exact)
    return high, float(exact - Fraction(high))


@cache
def _roots() -> tuple[Triple, Triple]:
    """2**(i/32) and 2**(i/1024) for i from 0 to 31, as triples of arrays."""
    one = 1 << 200
    halvings = [2 * one]  # 2**(1/2**k), by square roots of integers
    for _ in range(10):
        halvings.append(math.isqrt(halvings[-1] * one))

    def power(i: int, denominator: int) -> tuple[float, float]:
        factors = [halvings[k] for k in range(1, 11) if (i * 1024 // denominator) >> (10 - k) & 1]
        return _as_pair(Fraction(reduce(lambda a, b: a * b // one, factors, one), one))

    tables = [np.array([power(i, denominator) for i in range(32)]).T for denominator in (32, 1024)]
    coarse, fine = (_with_low(high, low) for high, low in tables)
    return coarse, fine


@cache
def _circle() -> tuple[Triple, Triple]:
    """sin and cos of j pi/512 for j from 0 to 1023, as triples of arrays: turns by pi/512, in integers."""
    one = 1 << 200
    cosine = 0
    for _ in range(8):  # halving pi/2: cos(t/2)^2 = (1 + cos t)/2
        cosine = math.isqrt((one + cosine) * one // 2)
    sine = math.isqrt(one * one - cosine * cosine)
    points = [(0, one)]
    for _ in range(1023):
        s, c = points[-1]
        points.append(((s * cosine + c * sine) // one, (c * cosine - s * sine) // one))
    # the integers are off by some 2**-190, which 0 and 1 are not to show
    exact = [[(part + (1 << 39)) >> 40 << 40 for part in point] for point in points]
    tables = [np.array([_as_pair(Fraction(point[which], one)) for point in exact]).T for which in (0, 1)]
    sines, cosines = (_with_low(high, low) for high, low in tables)
    return sines, cosines


def _cubic(s: Triple) -> Any:
    """What a series that starts with a cube, of slope up to 2 s^2, may lose on the high part of s, and by underflow."""
    apart = np.abs(s.low) + s.bound
    reach = np.abs(s.high) + apart
    return np.where(reach == 0, 0.0, 2 * reach * reach * apart + TINY)


def _expm1_series(s: Triple) -> Triple:
    """s + s^2/2 + s^3/6 + ..., for |s| up to 2^-9; from the cube on in float64."""
    h = s.high
    cube = h * h * h
    rest = cube * (1 / 6 + h * (1 / 24 + h * (1 / 120 + h * (1 / 720 + h / 5040))))
    # the rounding of the rest, s^8/8! and what follows, and what the rest changes by within the bound of s
    charge = 8 * UNIT * np.abs(rest) + np.abs(cube * cube * h * h) * 2.5e-5 + _cubic(s)
    return add(add(s, mul(mul(s, s), _HALF)), Triple(rest, 0.0, charge))


def _log1p_series(t: Triple) -> Triple:
    """t - t^2/2 + t^3/3 - ..., for |t| up to 2^-9; from the cube on in float64."""
    h = t.high
    cube = h * h * h
    tail = 0.0
    for k in range(9, 2, -1):
        tail = (1 if k % 2 else -1) / k + h * tail
    rest = cube * tail
    charge = 8 * UNIT * np.abs(rest) + np.abs(cube * cube * cube * h) * 0.11 + _cubic(t)
    return add(sub(t, mul(mul(t, t), _HALF)), Triple(rest, 0.0, charge))


def _full(a: Triple) -> Triple:
    """A triple of arrays of one shape, as constants of a formula are plain numbers."""
    high, low, bound = np.broadcast_arrays(*(np.atleast_1d(np.asarray(part, np.float64)) for part in a))
    return Triple(high, low, bound)


def _reduced(a: Triple, inside: Any, unit: tuple[float, float, float], units: float) -> tuple[Any, Triple]:
    """n and s with a = n unit + s, for the whole n nearest to a units; n and s are 0 where a is not `inside`."""
    high, low, bound = (np.where(inside, part, 0.0) for part in a)
    n = np.rint(high * units)
    s = add(exactly(high - n * unit[0]), exactly(-n * unit[1]))
    beside = low - n * unit[2]
    return n.astype(np.int64), add(s, Triple(beside, 0.0, bound + 4 * UNIT * np.abs(beside)))


def _exp(a: Triple) -> Triple:
    """2**n T (1 + expm1(s)) for a = (n + i/32 + j/1024) log 2 + s, with T from two tables; |s| < 0.00034."""
    inside = (np.abs(a.high) < _REACH) & (a.bound < _SMALL / 2)
    k, s = _reduced(a, inside, _STEP, 1024 / math.log(2))
    coarse, fine = _roots()
    i, j = (k >> 5) & 31, k & 31
    table = mul(_entries(coarse, i), _entries(fine, j))
    scaled = add(table, mul(table, _expm1_series(s)))
    high, low, bound = (np.ldexp(part, k >> 10) for part in scaled)
    return choose(inside, Triple(high, low, bound + TINY), bounded.OPERATIONS["exp"](a))


def _expm1(a: Triple) -> Triple:
    return choose((np.abs(a.high) < _SMALL) & (a.bound < _SMALL), _expm1_series(a), sub(_exp(a), _ONE))


def _log(a: Triple) -> Triple:
    """Next to 1 by the series; else y + log1p(a exp(-y) - 1) for the float64 logarithm y, which leaves a tiny rest."""
    near = sub(a, _ONE)
    y = np.log(a.high)
    inside = np.abs(y) < _REACH
    y = np.where(inside, y, 0.0)
    u = sub(mul(a, _exp(exactly(-y))), _ONE)
    size = np.abs(u.high)
    slack = u.bound * (1 + 4 * size + u.bound) + size * (4 * UNIT + size * size)
    u = Triple(u.high - u.high * u.high / 2, u.low, slack)
    far = choose(inside & (np.abs(u.high) < 1e-3) & (u.bound < 1e-3), add(exactly(y), u), bounded.OPERATIONS["log"](a))
    return choose((np.abs(near.high) < _SMALL) & (near.bound < _SMALL), _log1p_series(near), far)


def _log1p(a: Triple) -> Triple:
    return choose((np.abs(a.high) < _SMALL) & (a.bound < _SMALL), _log1p_series(a), _log(add(_ONE, a)))


def _size(a: Triple) -> tuple[Any, Triple]:
    """Where a is negative, and -|a|."""
    negative = a.high < 0
    return negative, choose(negative, a, neg(a))


def _sinh(a: Triple) -> Triple:
    """(m + m/(1 + m))/2 with m = expm1(|a|), and the sign of a."""
    negative, down = _size(a)
    m = _expm1(neg(down))
    size = mul(_HALF, add(m, div(m, add(_ONE, m))))
    return choose(negative, neg(size), size)


def _cosh(a: Triple) -> Triple:
    _, down = _size(a)
    e = _exp(down)
    return mul(_HALF, add(e, div(_ONE, e)))


def _tanh(a: Triple) -> Triple:
    """-m/(2 + m) with m = expm1(-2|a|), and the sign of a."""
    negative, down = _size(a)
    m = _expm1(add(down, down))
    size = div(neg(m), add(_TWO, m))
    return choose(negative, neg(size), size)


def _sigmoid(a: Triple) -> Triple:
    negative, down = _size(a)
    e = _exp(down)
    return div(choose(negative, e, _ONE), add(_ONE, e))


def _softplus(a: Triple) -> Triple:
    negative, down = _size(a)
    tail = _log1p(_exp(down))
    return choose(negative, tail, add(a, tail))


def _erfc(a: Triple) -> Triple:
    """2 exp(-x^2) S(x sqrt 2) for x = |a|, S as in `primitives.scaled_erfc`, two coefficients of it as pairs."""
    negative, down = _size(a)
    inside = (np.abs(a.high) < _ERFC_REACH) & (a.bound < _SMALL)
    x = choose(inside, neg(down), _ONE)
    total = add(x, _ROOT_2)
    k = np.rint(512.0 * _ROOT_2.high / total.high)
    node = k / 512.0
    h = div(sub(mul(_ROOT_2, exactly(1.0 - node)), mul(exactly(node), x)), total)
    table = primitives.scaled_erfc_table()
    *rows, low, low_1 = (row[k.astype(np.intp)] for row in table)
    rest = np.zeros_like(node)
    for row in rows[:1:-1]:
        rest = row + h.high * rest
    rest *= h.high * h.high
    charge = 16 * UNIT * np.abs(rest) + 64 * (np.abs(h.high) + h.bound) * h.bound + 1e-25 * rows[0]
    line = add(_with_low(rows[0], low), mul(h, _with_low(rows[1], low_1)))
    s = add(line, Triple(rest, 0.0, charge))
    tail = mul(mul(_TWO, s), _exp(neg(mul(x, x))))
    return choose(inside, choose(negative, sub(_TWO, tail), tail), bounded.OPERATIONS["erfc"](a))


def _erf(a: Triple) -> Triple:
    """1 - erfc|a| and the sign of a; near 0 by the series 2/sqrt(pi) (x - x^3/3 + ...), from the cube on in float64."""
    negative, down = _size(a)
    size = sub(_ONE, _erfc(neg(down)))
    x = a.high
    rest = x * x * x * (-1 / 3 + x * x * (1 / 10 - x * x / 42))
    charge = 8 * UNIT * np.abs(rest) + np.abs(rest) * x**6 + _cubic(a)
    near = mul(_2_BY_ROOT_PI, add(a, Triple(rest, 0.0, charge)))
    return choose((np.abs(x) < _SMALL) & (a.bound < _SMALL), near, choose(negative, neg(size), size))


def _turned(a: Triple) -> tuple[Any, Triple, Triple]:
    """Where a is within reach, and its sine and cosine there: of n pi/512 from a table, turned by what is left."""
    inside = (np.abs(a.high) < _TURN_REACH) & (a.bound < _SMALL)
    n, r = _reduced(a, inside, _TURN, 512 / math.pi)
    square = r.high * r.high
    odd = r.high * square * (-1 / 6 + square * (1 / 120 - square / 5040))
    even = square * square * (1 / 24 - square * (1 / 720 - square / 40320))
    slack = 8 * UNIT + square * square * square
    sine = add(r, Triple(odd, 0.0, np.abs(odd) * slack + _cubic(r)))
    cosine = sub(_ONE, mul(mul(r, r), _HALF))
    cosine = add(cosine, Triple(even, 0.0, np.abs(even) * slack + _cubic(r)))
    j = n & 1023
    base_sine, base_cosine = (_entries(table, j) for table in _circle())
    turned_sine = add(mul(base_sine, cosine), mul(base_cosine, sine))
    turned_cosine = sub(mul(base_cosine, cosine), mul(base_sine, sine))
    return inside, turned_sine, turned_cosine


def _sin(a: Triple) -> Triple:
    inside, sine, _ = _turned(a)
    return choose(inside, sine, bounded.OPERATIONS["sin"](a))


def _cos(a: Triple) -> Triple:
    inside, _, cosine = _turned(a)
    return choose(inside, cosine, bounded.OPERATIONS["cos"](a))


def _pow(a: Triple, b: Triple) -> Triple:
    """Small whole powers by products; else exp(b log a), where a is positive."""
    exact = np.ndim(b.high) == 0 and b.low == b.bound == 0 and b.high == np.rint(b.high) and 2 <= b.high <= 8
    if exact:
        return reduce(mul, [a] * int(b.high))
    a = _full(a)
    positive = a.high > a.bound
    safe = choose(positive, a, _ONE)
    return choose(positive, _exp(mul(_full(b), _log(safe))), bounded.OPERATIONS["pow"](a, b))


def _on_arrays(function: Callable[[Triple], Triple]) -> Callable[[Triple], Triple]:
    return lambda a: function(_full(a))


_FUNCTIONS = {
    "exp": _exp,
    "expm1": _expm1,
    "log": _log,
    "log1p": _log1p,
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "sin": _sin,
    "cos": _cos,
    "erf": _erf,
    "erfc": _erfc,
}
OPERATIONS: dict[str, Callable[..., Triple]] = (
    bounded.OPERATIONS | {name: _on_arrays(function) for name, function in _FUNCTIONS.items()} | {"pow": _pow}
)
