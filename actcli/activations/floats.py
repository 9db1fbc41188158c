"""The floating-point types of results: rounding to them, their bits, adjacent values, and ties between these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.dtypes import DTYPES


@dataclass(frozen=True)
class FloatType:
    """A type of `actcli.dtypes` with its operations; its values are stored in numpy arrays of type `carrier`."""

    name: str
    carrier: np.dtype[Any]
    digits: int
    width: int

    @property
    def unsigned(self) -> np.dtype[Any]:
        """The integer type of its bits."""
        return np.dtype(f"u{self.width // 8}")

    @property
    def smallest_normal(self) -> float:
        """The smallest positive normal number."""
        return float(np.finfo(self.carrier).smallest_normal)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return float(self.from_bits(self.bits(np.array(np.inf)) - self.unsigned.type(1)))

    def round(self, x: ArrayLike) -> NDArray[Any]:
        """Numbers rounded once, to nearest, ties to even.

        >>> BFLOAT16.round([1.0 + 2.0**-8, 1.0 + 2.0**-8 + 2.0**-40])
        array([1.       , 1.0078125], dtype=float32)
        """
        x = np.asarray(x)
        with np.errstate(all="ignore"):
            y = x.astype(self.carrier)
            if self.width == np.dtype(self.carrier).itemsize * 8:
                return y
            # Rounding to odd in float32 makes the second rounding, to 16 bits, correct.
            bits = y.view(np.uint32)
            inexact = (y != x) & np.isfinite(x) & (bits & 1 == 0)
            towards = np.where(np.abs(x) > np.abs(y), 1, -1).astype(np.int64)
            bits = np.where(inexact, (bits.astype(np.int64) + towards).astype(np.uint32), bits).astype(np.uint32)
            half = np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
            rounded = np.where(np.isnan(y), bits | np.uint32(0x400000), bits + half) & np.uint32(0xFFFF0000)
            return rounded.astype(np.uint32).view(np.float32)

    def bits(self, values: ArrayLike) -> NDArray[Any]:
        """The bits of values of this type, as unsigned integers."""
        carried = np.ascontiguousarray(values, dtype=self.carrier)
        patterns = carried.view(f"u{carried.dtype.itemsize}").reshape(np.shape(values))
        shift = patterns.dtype.type(carried.dtype.itemsize * 8 - self.width)
        return np.asarray(patterns >> shift, dtype=self.unsigned)

    def from_bits(self, bits: ArrayLike) -> NDArray[Any]:
        """The values of these bits."""
        size = np.dtype(self.carrier).itemsize
        patterns = np.ascontiguousarray(bits).astype(f"u{size}")
        shift = patterns.dtype.type(size * 8 - self.width)
        return np.asarray(patterns << shift).view(self.carrier).reshape(np.shape(bits))

    def ties(self, values: NDArray[np.float64], margin: float) -> NDArray[np.intp]:
        """The indices of float64 values within `margin` ulp of the midpoint of two adjacent values of this type."""
        # The bits that rounding drops show a tie, except for subnormal results, which drop more bits.
        half = 1 << (52 - self.digits)
        slack = int(margin)
        open_ = ((values.view(np.int64) + (slack - half)) & (2 * half - 1)) <= 2 * slack
        size = np.abs(values)
        if np.fmin.reduce(size) < self.smallest_normal:
            open_ |= (size < self.smallest_normal) & (values != 0)
        candidates = np.flatnonzero(open_)
        if not candidates.size:
            return candidates
        near = values[candidates]
        ordinals = self._ordinals(self.round(near))
        tied = np.zeros(near.shape, bool)
        for step in (-1, 1):
            neighbour = self._of_ordinals(ordinals + step).astype(np.float64)
            gap = np.abs(near - (self._of_ordinals(ordinals).astype(np.float64) + neighbour) / 2)
            tied |= (gap <= margin * np.spacing(np.abs(near))) & np.isfinite(neighbour)
        return candidates[tied]

    def everything(self) -> NDArray[Any]:
        """Every value of a 16-bit type, in the order of its bits."""
        return self.from_bits(np.arange(2**self.width, dtype=np.uint32))

    def _ordinals(self, values: ArrayLike) -> NDArray[np.int64]:
        """Consecutive integers for adjacent values, in increasing order; 0 for both zeros."""
        bits = self.bits(values).astype(np.uint64)
        sign = np.uint64(1 << (self.width - 1))
        size = (bits & (sign - np.uint64(1))).astype(np.int64)
        return np.where(bits & sign != 0, -size, size)

    def _of_ordinals(self, ordinals: NDArray[np.int64]) -> NDArray[Any]:
        """The inverse of `_ordinals`."""
        sign = np.uint64(1 << (self.width - 1))
        sizes = np.abs(ordinals).astype(np.uint64)
        return self.from_bits(np.where(ordinals < 0, sizes | sign, sizes))

    def steps_apart(self, a: ArrayLike, b: ArrayLike) -> NDArray[np.uint64]:
        """The number of steps between adjacent values from a to b; a nan lies beyond the infinities."""
        first, second = self._ordinals(a), self._ordinals(b)
        # The difference fits uint64, so the wrap-around of negative ordinals cancels.
        return np.maximum(first, second).astype(np.uint64) - np.minimum(first, second).astype(np.uint64)

    def ulps_apart(self, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """`steps_apart` as float64: 0 for equal numbers, nan if either is nan."""
        return np.where(np.isnan(a) | np.isnan(b), np.nan, self.steps_apart(a, b).astype(np.float64))

    def neighbours(self, x: float, steps: int) -> NDArray[Any]:
        """The value nearest to x and `steps` values on either side of it."""
        centre = int(self._ordinals(self.round(np.array([x])))[0])
        top = int(self._ordinals(np.array([self.largest]))[0])
        near = [n for n in range(centre - steps, centre + steps + 1) if abs(n) <= top]
        return self._of_ordinals(np.array(near, dtype=np.int64))


TYPES: Mapping[str, FloatType] = {
    name: FloatType(name, np.dtype(dtype.carrier), dtype.digits, dtype.width) for name, dtype in DTYPES.items()
}
FLOAT64, FLOAT32, FLOAT16, BFLOAT16 = TYPES.values()


def float_type(dtype: np.dtype[Any]) -> FloatType:
    """The type of results for inputs of a dtype: that dtype if it is a float type here, else float64."""
    kind = TYPES.get(dtype.name, FLOAT64)
    return kind if kind.carrier == dtype else FLOAT64
