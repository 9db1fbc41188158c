"""The floating-point types results are judged in: their bits, their neighbours, and rounding into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from actcli.activations.registry import Activation


@dataclass(frozen=True)
class FloatType:
    """A binary floating-point type; its values are carried in a numpy array of `carrier`.

    carrier: the type itself, or float32 for bfloat16, which numpy does not have.
    digits: bits of the significand, the hidden one included.
    width: bits in all.
    """

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
        """Below it numbers are subnormal."""
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
            # Into float32 by rounding to odd, so that the second rounding is the only one that counts.
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
        """The values that these bits mean."""
        size = np.dtype(self.carrier).itemsize
        patterns = np.ascontiguousarray(bits).astype(f"u{size}")
        shift = patterns.dtype.type(size * 8 - self.width)
        return np.asarray(patterns << shift).view(self.carrier).reshape(np.shape(bits))

    def everything(self) -> NDArray[Any]:
        """Every value of a 16-bit type, in the order of its bits."""
        return self.from_bits(np.arange(2**self.width, dtype=np.uint32))

    def _ordinals(self, values: ArrayLike) -> NDArray[np.int64]:
        """Integers in the order of the numbers, neighbours one apart, both zeros 0."""
        bits = self.bits(values).astype(np.uint64)
        sign = np.uint64(1 << (self.width - 1))
        size = (bits & (sign - np.uint64(1))).astype(np.int64)
        return np.where(bits & sign != 0, -size, size)

    def ulps_apart(self, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """How many steps from one number to its neighbour lie between a and b: 0 for equal, nan with a nan."""
        first, second = self._ordinals(a), self._ordinals(b)
        # The true difference fits 64 bits without a sign, so wrapping around does no harm.
        apart = np.maximum(first, second).astype(np.uint64) - np.minimum(first, second).astype(np.uint64)
        return np.where(np.isnan(a) | np.isnan(b), np.nan, apart.astype(np.float64))

    def neighbours(self, x: float, steps: int) -> NDArray[Any]:
        """The value nearest to x and `steps` values on either side of it."""
        sign = 1 << (self.width - 1)
        centre = int(self._ordinals(self.round(np.array([x])))[0])
        top = int(self._ordinals(np.array([self.largest]))[0])
        near = [n for n in range(centre - steps, centre + steps + 1) if abs(n) <= top]
        return self.from_bits(np.array([n if n >= 0 else -n | sign for n in near], dtype=np.uint64))


FLOAT64 = FloatType("float64", np.dtype(np.float64), 53, 64)
FLOAT32 = FloatType("float32", np.dtype(np.float32), 24, 32)
FLOAT16 = FloatType("float16", np.dtype(np.float16), 11, 16)
BFLOAT16 = FloatType("bfloat16", np.dtype(np.float32), 8, 16)

TYPES: Mapping[str, FloatType] = {kind.name: kind for kind in (FLOAT64, FLOAT32, FLOAT16, BFLOAT16)}

#: The float64 evaluation is tested to be many times closer than this: ulp of the result, and of x where it is steep.
_MARGIN = 64


def correctly_rounded(activation: Activation, x: NDArray[Any], kind: FloatType, order: int = 0) -> NDArray[Any]:
    """The value (or slope) of an elementwise activation at every x of a type, rounded once into that type.

    In a type shorter than float64 the float64 result decides wherever both ends of a generous error bound round to
    the same number; ball arithmetic decides the rest.

    >>> from actcli.activations import get
    >>> correctly_rounded(get("tanh"), BFLOAT16.round([0.5]), BFLOAT16)
    array([0.46289062], dtype=float32)
    """
    with np.errstate(invalid="ignore"):
        wide = x.reshape(-1).astype(np.float64)
    if kind is FLOAT64:
        return np.asarray(activation.exact(wide, order)).reshape(x.shape)
    evaluate = activation.slope if order else activation
    written = activation.definition.first if order else activation.definition.value
    with np.errstate(all="ignore"):
        near = evaluate(wide)
        slack = _MARGIN * np.spacing(np.abs(near))
        if written is not None:
            # A kernel is held to its bar in ulp, but near an irrational zero only to what an ulp of x changes.
            step = np.abs(wide) * 2.0**-20
            steepness = np.nan_to_num(np.abs(evaluate(wide + step) - near) / step, nan=0.0)
            slack += _MARGIN * steepness * np.spacing(np.abs(wide))
        open_ = ~(kind.round(near - slack) == kind.round(near + slack)) & np.isfinite(near)
    if order:
        open_ &= ~np.isin(wide, activation.kinks)
    near[open_] = activation.truth.to_odd(wide[open_], order)
    return kind.round(near).reshape(x.shape)
