"""Tables of function values at nodes, and the short series for the distance of an argument from the nearest node.

tests/reference/make_tables.py wrote the tables. Only IEEE operations are used, which makes the bits the same on every
processor.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.formulas.bounded import Pair, nothing
from actcli.formulas.primitives import Array, head, quick_two_sum
from actcli.packed import packed

Whole = NDArray[np.int64]


@cache
def table(name: str) -> Array:
    table: Array = np.load(BytesIO(packed("actcli.formulas", f"tables/{name}.npy")))
    return table


def nearest(x: Array, step: float, first: int) -> tuple[Array, Whole]:
    """The nodes k*step nearest to x, and the indices k + first; for a step that is a power of two, |k| < 2^50.

    The last bit of `shift` is worth one step, so x + shift is rounded to a multiple of the step, and its bits exceed
    those of `shift` by k.
    """
    shift = 1.5 * 2.0**52 * step
    node = x + shift
    index = node.view(np.int64) + (first - int(np.float64(shift).view(np.int64)))
    node -= shift
    return node, index


def rows(name: str, index: Any) -> list[Array]:
    """The rows of a table at an index.

    The index of a nan is arbitrary, so it is clipped; the result is still nan, through the distance to the node.
    """
    return [row.take(index, mode="clip") for row in table(name)]


def horner(x: Array, *coefficients: float | Array) -> Array:
    """c0 + c1 x + c2 x^2 + ..."""
    value = x * coefficients[-1]
    for c in coefficients[-2:0:-1]:
        value += c
        value *= x
    value += coefficients[0]
    return value


def on_tangent(
    value: Array, value_low: Array, slope: Array, slope_low: Array, s: Array, rest: Array
) -> tuple[Array, Array]:
    """value + slope*s + rest for a value and a slope at a node in two parts each, as a sum of two parts.

    `slope` has so few bits that slope*s is exact, for s as `split` gives it. The arrays are overwritten.
    """
    slope_low *= s
    rest += slope_low
    rest += value_low
    slope *= s
    total, error = quick_two_sum(value, slope)
    rest += error
    return total, rest


def split(x: Array) -> tuple[Array, Array]:
    """The leading half of the bits of x and the rest, which have exact products."""
    first = head(x)
    return first, x - first


def within(a: Pair, reach: float) -> tuple[Array, Any]:
    """The parts of a pair, clipped to +-reach."""
    if a.most < reach:
        return a.high, a.low
    x = np.clip(a.high, -reach, reach)
    return x, a.low if nothing(a.low) else np.where(x == a.high, a.low, 0.0)
