"""Arrays in blocks: kernels run over pieces that stay in the cache, and results take the type of the input."""

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

#: Elements worked on at a time: a few such arrays stay in the cache, and numpy's microsecond a call is shared by many.
BLOCK = 32768
#: The same for kernels of a few passes, which numpy's calls would take longer than the numbers.
WIDE_BLOCK = 4 * BLOCK
#: Up to this size such kernels get an array whole, and their results need no copying: what it spares is a third.
WHOLE = 1 << 20


def by_element(
    kernel: Callable[[Array], Array],
    x: NDArray[Any],
    kind: FloatType,
    settled: Callable[[Array], Array] | None,
    straight: bool = False,
    single: bool = False,
) -> NDArray[Any]:
    """A kernel at every element of x: same shape, computed in float64 and rounded once into a float type.

    Args:
        settled: what stands in for the kernel where its values are next to a tie between two floats of the type.
        straight: the kernel is a few passes of plain arithmetic.
        single: it computes in float32 itself, which is the type of the results.
    """
    _keep_memory()
    flat = x.reshape(-1)
    step = BLOCK if not straight else WHOLE if flat.size <= WHOLE else WIDE_BLOCK

    ties: list[NDArray[np.intp]] = []

    def block(start: int) -> NDArray[Any]:
        numbers: Any = flat[start : start + step].astype(np.float32 if single else np.float64, copy=False)
        values = kernel(numbers)
        if kind is FLOAT64 or single:
            return values
        if settled is not None and (places := kind.ties(values, NEAR_A_TIE)).size:
            ties.append(start + places)
        return kind.round(values)

    with np.errstate(all="ignore"):
        if 0 < flat.size <= step:
            out = block(0)
        else:
            out = np.empty(flat.shape, kind.carrier)
            for start in range(0, flat.size, step):
                out[start : start + step] = block(start)
        if settled is not None and ties:
            places = np.concatenate(ties)
            out[places] = kind.round(by_element(settled, flat[places], FLOAT64, None))
    return out.reshape(x.shape)[()]


@cache
def _keep_memory() -> None:
    """Free a large array once: the C library of Linux then keeps what blocks free, and does not clear it each time."""
    np.empty(2**21)


def by_row(kernel: Callable[[Array], Array], x: NDArray[Any], order: int) -> NDArray[Any]:
    """A kernel of float64 rows along the last axis of x, in x's float type.

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
