"""Tables of functions, and what is done with what is left of an argument at the nearest node of a table.

tests/reference/make_tables.py wrote the tables. All is made of IEEE operations, so that the bits are the same on every
processor.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.formulas.bounded import nothing
from actcli.formulas.primitives import Array, head

Whole = NDArray[np.int64]


@cache
def table(name: str) -> Array:
    table: Array = np.load(Path(__file__).with_name("tables") / f"{name}.npy")
    return table


#: A number so large that a sum with it is a whole number, the rounded one, in the low bits; and these bits of it alone.
_SHIFT = 1.5 * 2.0**52
_SHIFT_BITS = int(np.float64(_SHIFT).view(np.int64))


def nearest(x: Array, scale: float, first: int) -> tuple[Array, Whole]:
    """k = x*scale rounded to whole numbers, and the index k + first; for whole numbers of up to 50 bits."""
    k = x * scale
    k += _SHIFT
    index = k.view(np.int64) + (first - _SHIFT_BITS)
    k -= _SHIFT
    return k, index


def rows(name: str, index: Any, count: int) -> list[Array]:
    """The first rows of a table at an index, which is clipped: what nan gives is nan for another reason."""
    return [row.take(index, mode="clip") for row in table(name)[:count]]


def horner(x: Array, *coefficients: float) -> Array:
    """c0 + c1 x + c2 x^2 + ..."""
    value = x * coefficients[-1]
    for c in coefficients[-2:0:-1]:
        value += c
        value *= x
    value += coefficients[0]
    return value


def split(x: Array) -> tuple[Array, Array]:
    first = head(x)
    return first, x - first


def within(high: Array, low: Any, reach: float) -> tuple[Array, Any]:
    """A pair, or +-reach for what is beyond it."""
    x = np.clip(high, -reach, reach)
    return x, low if nothing(low) else np.where(x == high, low, 0.0)
