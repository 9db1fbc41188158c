"""Arrays in blocks: kernels run over pieces that stay in the cache, and results take the type of the input."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.activations.floats import FLOAT64, FloatType, float_type
from actcli.formulas.primitives import Array

#: Elements worked on at a time: the block, its result and a few temporaries stay in the cache.
BLOCK = 8192


def by_element(
    kernel: Callable[[Array], Array],
    x: ArrayLike,
    settle: Callable[[Array, Array, FloatType], None] | None,
    kind: FloatType | None = None,
) -> NDArray[Any]:
    """A kernel of float64 at every element of x: same shape, results rounded once into a float type.

    Args:
        settle: (x, values, kind) moves values to the right side of a tie between two floats of a shorter type.
        kind: the type of the results; x's own if not given, float64 if x has none.
    """
    x = np.asarray(x)
    kind = kind or float_type(x.dtype)
    flat = x.reshape(-1)
    out = np.empty(flat.shape, kind.carrier)
    with np.errstate(all="ignore"):
        for start in range(0, flat.size, BLOCK):
            block = flat[start : start + BLOCK].astype(np.float64, copy=False)
            values = kernel(block)
            if kind is not FLOAT64:
                if settle is not None:
                    settle(block, values, kind)
                values = kind.round(values)
            out[start : start + BLOCK] = values
    return out.reshape(x.shape)[()]


def by_row(kernel: Callable[[Array], Array], x: NDArray[Any]) -> NDArray[Any]:
    """A kernel of float64 rows along the last axis of x: (..., n) gives (..., m) or (..., m, n) in x's float type."""
    dtype = float_type(x.dtype).carrier
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    step = max(1, 8 * BLOCK // max(1, x.shape[-1]))

    def block(start: int) -> NDArray[Any]:
        return kernel(rows[start : start + step].astype(np.float64, copy=False)).astype(dtype, copy=False)

    with np.errstate(all="ignore"):
        whole = first = block(0)
        if len(first) < len(rows):
            whole = np.empty((len(rows), *first.shape[1:]), dtype)
            whole[:step] = first
            for start in range(step, len(rows), step):
                whole[start : start + step] = block(start)
    return whole.reshape(*x.shape[:-1], *whole.shape[1:])
