"""Arrays in blocks: kernels run over blocks that fit the cache, and results are rounded to the type of the input."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.activations.floats import FLOAT64, FloatType, float_type
from actcli.formulas.primitives import Array
from actcli.formulas.tolerances import NEAR_A_TIE

#: Elements per block: a few arrays of this size fit the cache, and numpy's overhead per call, a microsecond, is small.
BLOCK = 32768
#: Elements per block for cheap kernels, for which numpy's overhead would count in smaller blocks.
WIDE_BLOCK = 4 * BLOCK
#: Up to this size cheap kernels take an array as one block: without copies of blocks, a third of the time is saved.
WHOLE = 1 << 20


def by_element(
    kernel: Callable[[Array], Array],
    x: NDArray[Any],
    kind: FloatType,
    to_odd: Callable[[Array], Array] | None,
    cheap: bool = False,
    single: bool = False,
) -> NDArray[Any]:
    """The kernel at every element of x, in the shape of x, computed in float64 and rounded once to a float type.

    Args:
        to_odd: gives the values rounded to odd, for elements whose kernel value is next to a tie of the type.
        cheap: the kernel is a few passes of IEEE arithmetic, so that larger blocks are faster.
        single: the kernel computes in float32, which is the type of the results.
    """
    _reuse_memory()
    flat = x.reshape(-1)
    step = BLOCK if not cheap else WHOLE if flat.size <= WHOLE else WIDE_BLOCK

    ties: list[NDArray[np.intp]] = []

    def block(start: int) -> NDArray[Any]:
        numbers: Any = flat[start : start + step].astype(np.float32 if single else np.float64, copy=False)
        values = kernel(numbers)
        if kind is FLOAT64 or single:
            return values
        if to_odd is not None and (places := kind.ties(values, NEAR_A_TIE)).size:
            ties.append(start + places)
        return kind.round(values)

    with np.errstate(all="ignore"):
        if 0 < flat.size <= step:
            out = block(0)
        else:
            out = np.empty(flat.shape, kind.carrier)
            for start in range(0, flat.size, step):
                out[start : start + step] = block(start)
        if to_odd is not None and ties:
            places = np.concatenate(ties)
            out[places] = kind.round(by_element(to_odd, flat[places], FLOAT64, None))
    return out.reshape(x.shape)[()]


@cache
def _reuse_memory() -> None:
    """Free a large array once: glibc then keeps the memory of freed blocks, which need not be cleared each time."""
    np.empty(2**21)


def by_row(kernel: Callable[[Array], Array], x: NDArray[Any], order: int) -> NDArray[Any]:
    """The results of a kernel for float64 rows, along the last axis of x, in the float type of x.

    Values (order 0) of (..., n) are (..., m), Jacobians (order 1) (..., m, n).
    """
    dtype = float_type(x.dtype).carrier
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    step = max(1, 2 * BLOCK // max(1, x.shape[-1]) ** (1 + order))

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
