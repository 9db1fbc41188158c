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

from actcli.activations import bounds, primitives
from actcli.activations.bounds import TINY, UNIT, Triple, choose

_add, _sub, _mul, _div = (bounds.OPERATIONS[name] for name in ("add", "sub", "mul", "div"))
_ONE: Triple = (1.0, 0.0, 0.0)
_HALF: Triple = (0.5, 0.0, 0.0)

#: log(2)/1024 in three parts; an integer of 21 bits times one of the first two is exact.
_STEP = (0.0006769015431018488, 4.1372278942924446e-13, 2.005684392288107e-22)
#: Arguments beyond this are left to float64: results there may leave its range.
_REACH = 690.0
#: pi/512 in three parts, as above for integers up to 512/pi times the reach of sine and cosine.
_TURN = (0.006135923151305178, 2.373867382098613e-13, 3.2553683275472183e-22)
_TURN_REACH = 1e4
#: Beyond it exp(-x^2) is out of reach.
_ERFC_REACH = 26.0
_ROOT_2: Triple = (1.4142135623730951, -9.667293313452913e-17, UNIT**2)
_2_BY_ROOT_PI: Triple = (1.1283791670955126, 1.533545961316588e-17, UNIT**2)
#: Below this the series of expm1 and log1p are used.
_SMALL = 2.0**-9


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
    coarse, fine = ((high, low, UNIT * np.abs(low)) for high, low in tables)
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
    sines, cosines = ((high, low, UNIT * np.abs(low)) for high, low in tables)
    return sines, cosines


def _cubic(s: Triple) -> Any:
    """What a series that starts with a cube, of slope up to 2 s^2, may lose on the high part of s, and by underflow."""
    apart = np.abs(s[1]) + s[2]
    reach = np.abs(s[0]) + apart
    return np.where(reach == 0, 0.0, 2 * reach * reach * apart + TINY)


def _expm1_series(s: Triple) -> Triple:
    """s + s^2/2 + s^3/6 + ..., for |s| up to 2^-9; from the cube on in float64."""
    h = s[0]
    cube = h * h * h
    rest = cube * (1 / 6 + h * (1 / 24 + h * (1 / 120 + h * (1 / 720 + h / 5040))))
    # the rounding of the rest, s^8/8! and what follows, and what the rest changes by within the bound of s
    charge = 8 * UNIT * np.abs(rest) + np.abs(cube * cube * h * h) * 2.5e-5 + _cubic(s)
    return _add(_add(s, _mul(_mul(s, s), _HALF)), (rest, 0.0, charge))


def _log1p_series(t: Triple) -> Triple:
    """t - t^2/2 + t^3/3 - ..., for |t| up to 2^-9; from the cube on in float64."""
    h = t[0]
    cube = h * h * h
    tail = 0.0
    for k in range(9, 2, -1):
        tail = (1 if k % 2 else -1) / k + h * tail
    rest = cube * tail
    charge = 8 * UNIT * np.abs(rest) + np.abs(cube * cube * cube * h) * 0.11 + _cubic(t)
    return _add(_sub(t, _mul(_mul(t, t), _HALF)), (rest, 0.0, charge))


def _full(a: Triple) -> Triple:
    """A triple of arrays of one shape, as constants of a formula are plain numbers."""
    high, low, bound = np.broadcast_arrays(*(np.atleast_1d(np.asarray(part, np.float64)) for part in a))
    return high, low, bound


def _reduced(a: Triple, inside: Any, unit: tuple[float, float, float], units: float) -> tuple[Any, Triple]:
    """n and s with a = n unit + s, for the whole n nearest to a units; n and s are 0 where a is not `inside`."""
    high, low, bound = (np.where(inside, part, 0.0) for part in a)
    n = np.rint(high * units)
    s = _add((high - n * unit[0], 0.0, 0.0), (-n * unit[1], 0.0, 0.0))
    beside = low - n * unit[2]
    return n.astype(np.int64), _add(s, (beside, 0.0, bound + 4 * UNIT * np.abs(beside)))


def _exp(a: Triple) -> Triple:
    """2**n T (1 + expm1(s)) for a = (n + i/32 + j/1024) log 2 + s, with T from two tables; |s| < 0.00034."""
    inside = (np.abs(a[0]) < _REACH) & (a[2] < _SMALL / 2)
    k, s = _reduced(a, inside, _STEP, 1024 / math.log(2))
    coarse, fine = _roots()
    i, j = (k >> 5) & 31, k & 31
    table = _mul(tuple(part[i] for part in coarse), tuple(part[j] for part in fine))
    scaled = _add(table, _mul(table, _expm1_series(s)))
    high, low, bound = (np.ldexp(part, k >> 10) for part in scaled)
    return choose(inside, (high, low, bound + TINY), bounds.OPERATIONS["exp"](a))


def _expm1(a: Triple) -> Triple:
    return choose((np.abs(a[0]) < _SMALL) & (a[2] < _SMALL), _expm1_series(a), _sub(_exp(a), _ONE))


def _log(a: Triple) -> Triple:
    """Next to 1 by the series; else y + log1p(a exp(-y) - 1) for the float64 logarithm y, which leaves a tiny rest."""
    near = _sub(a, _ONE)
    y = np.log(a[0])
    inside = np.abs(y) < _REACH
    y = np.where(inside, y, 0.0)
    u = _sub(_mul(a, _exp((-y, 0.0, 0.0))), _ONE)
    size = np.abs(u[0])
    u = u[0] - u[0] * u[0] / 2, u[1], u[2] * (1 + 4 * size + u[2]) + size * (4 * UNIT + size * size)
    far = choose(inside & (np.abs(u[0]) < 1e-3) & (u[2] < 1e-3), _add((y, 0.0, 0.0), u), bounds.OPERATIONS["log"](a))
    return choose((np.abs(near[0]) < _SMALL) & (near[2] < _SMALL), _log1p_series(near), far)


def _log1p(a: Triple) -> Triple:
    return choose((np.abs(a[0]) < _SMALL) & (a[2] < _SMALL), _log1p_series(a), _log(_add(_ONE, a)))


def _minus(a: Triple) -> Triple:
    return -a[0], -a[1], a[2]


def _size(a: Triple) -> tuple[Any, Triple]:
    """Where a is negative, and -|a|."""
    negative = a[0] < 0
    return negative, choose(negative, a, _minus(a))


def _sinh(a: Triple) -> Triple:
    """(m + m/(1 + m))/2 with m = expm1(|a|), and the sign of a."""
    negative, down = _size(a)
    m = _expm1(_minus(down))
    size = _mul(_HALF, _add(m, _div(m, _add(_ONE, m))))
    return choose(negative, _minus(size), size)


def _cosh(a: Triple) -> Triple:
    _, down = _size(a)
    e = _exp(down)
    return _mul(_HALF, _add(e, _div(_ONE, e)))


def _tanh(a: Triple) -> Triple:
    """-m/(2 + m) with m = expm1(-2|a|), and the sign of a."""
    negative, down = _size(a)
    m = _expm1(_add(down, down))
    size = _div(_minus(m), _add((2.0, 0.0, 0.0), m))
    return choose(negative, _minus(size), size)


def _sigmoid(a: Triple) -> Triple:
    negative, down = _size(a)
    e = _exp(down)
    return _div(choose(negative, e, _ONE), _add(_ONE, e))


def _softplus(a: Triple) -> Triple:
    negative, down = _size(a)
    tail = _log1p(_exp(down))
    return choose(negative, tail, _add(a, tail))


def _erfc(a: Triple) -> Triple:
    """2 exp(-x^2) S(x sqrt 2) for x = |a|, S as in `primitives.scaled_erfc`, two coefficients of it as pairs."""
    negative, down = _size(a)
    inside = (np.abs(a[0]) < _ERFC_REACH) & (a[2] < _SMALL)
    x = choose(inside, _minus(down), _ONE)
    total = _add(x, _ROOT_2)
    k = np.rint(512.0 * _ROOT_2[0] / total[0])
    node = k / 512.0
    h = _div(_sub(_mul(_ROOT_2, (1.0 - node, 0.0, 0.0)), _mul((node, 0.0, 0.0), x)), total)
    table = primitives.scaled_erfc_table()
    *rows, low, low_1 = (row[k.astype(np.intp)] for row in table)
    rest = np.zeros_like(node)
    for row in rows[:1:-1]:
        rest = row + h[0] * rest
    rest *= h[0] * h[0]
    charge = 16 * UNIT * np.abs(rest) + 64 * (np.abs(h[0]) + h[2]) * h[2] + 1e-25 * rows[0]
    line = _add((rows[0], low, UNIT * np.abs(low)), _mul(h, (rows[1], low_1, UNIT * np.abs(low_1))))
    s = _add(line, (rest, 0.0, charge))
    tail = _mul(_mul((2.0, 0.0, 0.0), s), _exp(_minus(_mul(x, x))))
    return choose(inside, choose(negative, _sub((2.0, 0.0, 0.0), tail), tail), bounds.OPERATIONS["erfc"](a))


def _erf(a: Triple) -> Triple:
    """1 - erfc|a| and the sign of a; near 0 by the series 2/sqrt(pi) (x - x^3/3 + ...), from the cube on in float64."""
    negative, down = _size(a)
    size = _sub(_ONE, _erfc(_minus(down)))
    x = a[0]
    rest = x * x * x * (-1 / 3 + x * x * (1 / 10 - x * x / 42))
    charge = 8 * UNIT * np.abs(rest) + np.abs(rest) * x**6 + _cubic(a)
    near = _mul(_2_BY_ROOT_PI, _add(a, (rest, 0.0, charge)))
    return choose((np.abs(x) < _SMALL) & (a[2] < _SMALL), near, choose(negative, _minus(size), size))


def _turned(a: Triple) -> tuple[Any, Triple, Triple]:
    """Where a is within reach, and its sine and cosine there: of n pi/512 from a table, turned by what is left."""
    inside = (np.abs(a[0]) < _TURN_REACH) & (a[2] < _SMALL)
    n, r = _reduced(a, inside, _TURN, 512 / math.pi)
    square = r[0] * r[0]
    odd = r[0] * square * (-1 / 6 + square * (1 / 120 - square / 5040))
    even = square * square * (1 / 24 - square * (1 / 720 - square / 40320))
    slack = 8 * UNIT + square * square * square
    sine = _add(r, (odd, 0.0, np.abs(odd) * slack + _cubic(r)))
    cosine = _sub(_ONE, _mul(_mul(r, r), _HALF))
    cosine = _add(cosine, (even, 0.0, np.abs(even) * slack + _cubic(r)))
    j = n & 1023
    base_sine, base_cosine = (tuple(part[j] for part in table) for table in _circle())
    turned_sine = _add(_mul(base_sine, cosine), _mul(base_cosine, sine))
    turned_cosine = _sub(_mul(base_cosine, cosine), _mul(base_sine, sine))
    return inside, turned_sine, turned_cosine


def _sin(a: Triple) -> Triple:
    inside, sine, _ = _turned(a)
    return choose(inside, sine, bounds.OPERATIONS["sin"](a))


def _cos(a: Triple) -> Triple:
    inside, _, cosine = _turned(a)
    return choose(inside, cosine, bounds.OPERATIONS["cos"](a))


def _pow(a: Triple, b: Triple) -> Triple:
    """Small whole powers by products; else exp(b log a), where a is positive."""
    exact = np.ndim(b[0]) == 0 and b[1] == b[2] == 0 and b[0] == np.rint(b[0]) and 2 <= b[0] <= 8
    if exact:
        return reduce(_mul, [a] * int(b[0]))
    a = _full(a)
    positive = a[0] > a[2]
    safe = choose(positive, a, _ONE)
    return choose(positive, _exp(_mul(_full(b), _log(safe))), bounds.OPERATIONS["pow"](a, b))


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
    bounds.OPERATIONS | {name: _on_arrays(function) for name, function in _FUNCTIONS.items()} | {"pow": _pow}
)
