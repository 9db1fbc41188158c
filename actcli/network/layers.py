"""Kinds of layer: their shapes, and their forward and backward passes as pure functions of (parameters, batch).

A batch has its samples on the first axis: (rows, inputs), (rows, height, width, channels) for images, (rows, length,
features) for sequences. Every kind is a class with a pattern in `kinds.KINDS`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
Shape: TypeAlias = tuple[int, ...]
#: A matrix product: `product`, or np.matmul where speed counts for more than the book's rounding.
Multiply: TypeAlias = Callable[[Array, Array], Array]
#: What a forward pass leaves for the backward pass of the same batch.
Memory: TypeAlias = list[Any]

#: Rows from which on einsum adds them faster than np.add.
_FEW_ROWS = 64


def product(left: Array, right: Array) -> Array:
    """The matrix product in the narrower type of both; of float32, summed in float64 and rounded once as nnfs does.

    So a result does not depend on how the samples are cut into batches, and weights may be given in float64 to save
    their conversion.

    >>> product(np.ones((1, 2), np.float32), np.ones((2, 1), np.float64)).dtype
    dtype('float32')
    """
    with np.errstate(over="ignore", invalid="ignore"):  # an explosion shows as inf and nan, which is what it is
        return rounded_product(left, right)


def rounded_product(left: Array, right: Array) -> Array:
    """`product` for callers that ignore floating-point warnings themselves, as is cheaper in a loop."""
    narrow = left.dtype if left.itemsize < right.itemsize else right.dtype
    # Narrow matrices are multiplied faster where the rows of the right one lie together.
    wide = left.astype(np.float64, copy=False) @ right.astype(np.float64, order="C", copy=False)
    return wide.astype(narrow, copy=False)


def sum_of_rows(rows: Array) -> Array:
    """`rows.sum(axis=0)` of a matrix, to the last bit.

    >>> sum_of_rows(np.ones((100, 2)))
    array([100., 100.])
    """
    # Both add row to row, but einsum is quicker to the next one; a single column numpy adds in pairs.
    few = len(rows) < _FEW_ROWS or rows.shape[1] == 1
    total: Array = np.add.reduce(rows, axis=0) if few else np.einsum("ij->j", rows)
    return total


class Layer(Protocol):
    """A layer before its activation.

    Layers without weights have an empty `weight_shape`. `takes_activation`: whether a SPEC of --activation is for it.
    """

    takes_activation: ClassVar[bool]

    @classmethod
    def of(cls, found: re.Match[str], shape: Shape) -> Layer:
        """The layer that a word of --layers asks for, `found` by the kind's pattern, after samples of a shape."""
        ...

    @property
    def text(self) -> str: ...
    @property
    def input_shape(self) -> Shape: ...
    @property
    def output_shape(self) -> Shape: ...
    @property
    def weight_shape(self) -> Shape: ...
    @property
    def bias_shape(self) -> Shape: ...
    def forward(
        self, weights: Array, biases: Array, batch: Array, multiply: Multiply = product, memory: Memory | None = None
    ) -> Array:
        """The layer's result, a new array or a view of the batch; `memory` takes what `backward` can use again."""
        ...

    def backward(
        self,
        weights: Array,
        biases: Array,
        batch: Array,
        gradient: Array,
        multiply: Multiply = product,
        memory: Memory | None = None,
        *,
        first: bool = False,
    ) -> tuple[Array, Array, Array]:
        """Gradients of (batch, weights, biases) for the gradient of the result.

        With `first` nothing comes before the layer: the gradient of the batch is not computed, and empty.
        """
        ...


NOTHING: Array = np.empty(0)
NOTHING.flags.writeable = False


class MisfitError(ValueError):
    """A layer that does not fit what comes before it: "{gives} {shape}" in its message stands for that."""


@dataclass(frozen=True)
class Dense:
    """z = x·W + b, with W (inputs, units); without b if not `biased`."""

    takes_activation: ClassVar[bool] = True
    inputs: int
    units: int
    biased: bool = True

    @classmethod
    def of(cls, found: re.Match[str], shape: Shape) -> Dense:
        if len(shape) > 1:
            raise MisfitError("is dense, but {gives} {shape}; put flatten before it")
        return cls(shape[0], int(found[1]))

    @property
    def text(self) -> str:
        return str(self.units)

    @property
    def input_shape(self) -> Shape:
        return (self.inputs,)

    @property
    def output_shape(self) -> Shape:
        return (self.units,)

    @property
    def weight_shape(self) -> Shape:
        return (self.inputs, self.units)

    @property
    def bias_shape(self) -> Shape:
        return (self.units * self.biased,)

    def forward(
        self, weights: Array, biases: Array, batch: Array, multiply: Multiply = product, memory: Memory | None = None
    ) -> Array:
        if memory is not None:
            if multiply is not np.matmul:
                # The way back multiplies the same batch again: it is widened once.
                batch = batch.astype(np.float64, copy=False)
            memory.append(batch)
        result = multiply(batch, weights)
        if self.biased:
            result += biases
        return result

    def backward(
        self,
        weights: Array,
        biases: Array,
        batch: Array,
        gradient: Array,
        multiply: Multiply = product,
        memory: Memory | None = None,
        *,
        first: bool = False,
    ) -> tuple[Array, Array, Array]:
        back = NOTHING if first else multiply(gradient, weights.T)
        batch = memory[0] if memory else batch
        return back, multiply(batch.T, gradient), sum_of_rows(gradient) if self.biased else NOTHING


class Unweighted:
    """A layer without parameters and without an activation."""

    takes_activation: ClassVar[bool] = False
    weight_shape: ClassVar[Shape] = ()
    bias_shape: ClassVar[Shape] = (0,)

    def back(self, batch: Array, gradient: Array, memory: Memory | None) -> Array:
        """The gradient of the batch, a new array or a view of `gradient`."""
        raise NotImplementedError

    def backward(
        self,
        weights: Array,
        biases: Array,
        batch: Array,
        gradient: Array,
        multiply: Multiply = product,
        memory: Memory | None = None,
        *,
        first: bool = False,
    ) -> tuple[Array, Array, Array]:
        return NOTHING if first else self.back(batch, gradient, memory), NOTHING, NOTHING


@dataclass(frozen=True)
class Flatten(Unweighted):
    """An image or a sequence as one row of numbers: row by row, channels last."""

    input_shape: Shape
    text: ClassVar[str] = "flatten"

    @classmethod
    def of(cls, found: re.Match[str], shape: Shape) -> Flatten:
        return cls(shape)

    @property
    def output_shape(self) -> Shape:
        return (math.prod(self.input_shape),)

    def forward(
        self, weights: Array, biases: Array, batch: Array, multiply: Multiply = product, memory: Memory | None = None
    ) -> Array:
        return batch.reshape(len(batch), -1)

    def back(self, batch: Array, gradient: Array, memory: Memory | None) -> Array:
        return gradient.reshape(batch.shape)


@dataclass(frozen=True)
class Dropout(Unweighted):
    """In training each number is dropped with a probability, and those kept are scaled up; else nothing happens."""

    input_shape: Shape
    rate: float

    @classmethod
    def of(cls, found: re.Match[str], shape: Shape) -> Dropout:
        rate = float(found[1])
        if rate >= 1:
            raise MisfitError("drops everything; its share lies between 0 and 1, such as dropout0.1")
        return cls(shape, rate)

    @property
    def text(self) -> str:
        return f"dropout{self.rate:g}"

    @property
    def output_shape(self) -> Shape:
        return self.input_shape

    def mask(self, generator: np.random.RandomState, rows: int) -> NDArray[np.float64]:
        """Factors for a batch of `rows` samples, drawn as the NNFS book does: 0, or 1 / (1 - rate)."""
        kept = 1 - self.rate
        return generator.binomial(1, kept, (rows, *self.input_shape)) / kept

    def forward(
        self, weights: Array, biases: Array, batch: Array, multiply: Multiply = product, memory: Memory | None = None
    ) -> Array:
        return batch

    def back(self, batch: Array, gradient: Array, memory: Memory | None) -> Array:
        return gradient
