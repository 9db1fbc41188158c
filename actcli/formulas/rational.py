"""Exact hits: a value of a formula of + - * / is a multiple of some 1/n, so two that differ by less are equal."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.formulas.enclosures import Walk
from actcli.formulas.primitives import Array

#: For each value a number n such that the value is a multiple of 1/n; 0 where no n is known.
Counts = NDArray[np.int64]

#: A larger n counts as not known.
_MOST = 2**52
_UNKNOWN: Counts = np.array(0)


@cache
def thirds(value: float) -> Fraction | None:
    """The short fraction, with a denominator divisible by 3, whose nearest float64 is `value`; None if there is none.

    >>> thirds(0.16666666666666666), thirds(0.1)
    (Fraction(1, 6), None)
    """
    if not math.isfinite(value):
        return None
    short = Fraction(value).limit_denominator(64)
    return short if short.denominator % 3 == 0 and float(short) == value else None


def exact_parameter(value: float) -> Fraction:
    """The number that a finite parameter means: 1/6 for 0.16666666666666666, see `thirds`, else the float64."""
    return thirds(value) or Fraction(value)


def hits(walk: Walk, x: Array, parameters: Mapping[str, float], guess: Array, slack: Array) -> NDArray[np.bool_]:
    """Return True where `guess`, which differs from the value at x by at most `slack`, is proved to equal the value.

    Two multiples of 1/n that differ by less than 1/n are the same number.

    >>> sixth = lambda leaf, apply: apply("mul", [leaf("x"), leaf("slope")])
    >>> hits(sixth, np.array([3.0, 0.5]), {"slope": 1 / 6}, np.array([0.5, 0.083]), np.array([1e-9, 1e-3]))
    array([ True, False])
    """
    n = _counts(walk, x, parameters)
    multiple = guess * (n & -n)
    found: NDArray[np.bool_] = (n > 0) & (multiple == np.rint(multiple)) & (slack * n < 0.5)
    return found


def _counts(walk: Walk, x: Array, parameters: Mapping[str, float]) -> Counts:
    """For every x an integer n such that the value at x is a multiple of 1/n, 0 where none is known."""
    mantissa, exponent = np.frexp(x)
    whole = np.ldexp(mantissa, 53).astype(np.int64)
    trailing = np.frexp((whole & -whole).astype(np.float64))[1] - 1
    places = np.maximum(53 - exponent - trailing, 0)
    own = np.where(places <= 52, 1 << np.minimum(places, 52), 0)

    def leaf(text: str) -> Fraction | Counts:
        if text == "x":
            return own
        value = math.nan if text == "pi" else parameters[text] if text in parameters else float(text)
        if not math.isfinite(value):
            return _UNKNOWN
        return exact_parameter(value) if text in parameters else Fraction(value)

    return np.broadcast_to(_count(walk(leaf, _apply)), x.shape)


def _count(part: Fraction | Counts) -> Counts:
    if not isinstance(part, Fraction):
        return part
    return np.array(part.denominator) if part.denominator <= _MOST else _UNKNOWN


def _apply(op: str, parts: list[Any]) -> Fraction | Counts:
    if op == "div" and isinstance(parts[1], Fraction) and parts[1]:
        op, parts = "mul", [parts[0], 1 / parts[1]]
    if op in _EXACT and all(isinstance(part, Fraction) for part in parts):
        return _EXACT[op](*parts)
    return COUNTS[op](*map(_count, parts)) if op in COUNTS else _UNKNOWN


def _times(a: Counts, b: Counts) -> Counts:
    return np.where(np.multiply(a, b, dtype=np.float64) <= _MOST, a * b, 0)


def _lcm(*parts: Counts) -> Counts:
    """The least common multiple."""
    return reduce(lambda a, b: _times(a, b // np.maximum(np.gcd(a, b), 1)), parts)


_EXACT: Mapping[str, Callable[..., Fraction]] = {op: getattr(operator, op) for op in ("add", "sub", "mul", "neg")}

#: The n of a result from those of the arguments; `_apply` turns a quotient by a constant into a product.
COUNTS: Mapping[str, Callable[..., Counts]] = {
    **dict.fromkeys(("add", "sub", "max", "min", "clip"), _lcm),
    "where": lambda condition, a, b: _lcm(a, b),
    "mul": _times,
    **dict.fromkeys(("neg", "abs"), lambda a: a),
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne", "sign", "floor"), lambda *parts: np.array(1)),
}
