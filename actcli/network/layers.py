"""Layers: their shapes, and their forward and backward passes as functions of (parameters, batch).

The first axis of a batch counts the samples: (rows, inputs), (rows, height, width, channels) for images, (rows, length,
features) for sequences. Each kind of layer is a class with a pattern in `kinds.KINDS`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
Shape: TypeAlias = tuple[int, ...]
#: The number of rows from which einsum adds rows faster than np.add does.
_FEW_ROWS = 64


def product(left: Array, right: Array) -> Array:
    """The matrix product, summed in float64 and rounded once to the narrower type of both factors, as in nnfs.

    The result does not depend on the division of the samples into batches, and weights may be given in float64 to save
    their conversion. An overflow gives inf or nan, with a warning of numpy unless the caller disables it.

    >>> product(np.ones((1, 2), np.float32), np.ones((2, 1), np.float64)).dtype
    dtype('float32')
    """
    narrow = left.dtype if left.itemsize < right.itemsize else right.dtype
    # The product of narrow matrices is faster if the right one is stored row by row.
    wide = left.astype(np.float64, copy=False) @ right.astype(np.float64, order="C", copy=False)
    return wide.astype(narrow, copy=False)


def sum_of_rows(rows: Array) -> Array:
    """The same as `rows.sum(axis=0)` of a matrix, bit for bit.

    >>> sum_of_rows(np.ones((100, 2)))
    array([100., 100.])
    """
    # Both add row after row, and einsum takes less time per row; but numpy sums a single column pairwise.
    few = len(rows) < _FEW_ROWS or rows.shape[1] == 1
    total: Array = np.add.reduce(rows, axis=0) if few else np.einsum("ij->j", rows)
    return total


NOTHING: Array = np.empty(0)
NOTHING.flags.writeable = False


@dataclass(slots=True)
class Pass:
    """The parameters and the batch of a layer for a forward and a backward pass.

    wide: multiply as `product` does, not in the type of the batch. keeps: a backward pass follows, so `forward` stores
    in `kept` results that `backward` needs. generator: the generator of dropout in training; None disables dropout.
    """

    weights: Array
    biases: Array
    batch: Array
    wide: bool = True
    keeps: bool = False
    generator: np.random.RandomState | None = None
    kept: Any = None

    def multiply(self, left: Array, right: Array) -> Array:
        """The matrix product."""
        return product(left, right) if self.wide else left @ right

    def affine(self, rows: Array, weights: Array) -> Array:
        """rows·W + b, or rows·W if the layer has no biases."""
        result = self.multiply(rows, weights)
        if self.biases.size:
            result += self.biases
        return result

    def biases_gradient(self, gradient: Array) -> Array:
        """The gradient of b from that of the result of `affine`."""
        return sum_of_rows(gradient) if self.biases.size else NOTHING


class Layer(Protocol):
    """A layer without its activation.

    Layers without weights have an empty `weight_shape`. `takes_activation`: whether an activation follows the layer.
    """

    takes_activation: ClassVar[bool]

    @classmethod
    def of(cls, found: re.Match[str], shape: Shape) -> Layer:
        """The layer of a word of --layers for samples of `shape`; `found` is the match of the kind's pattern."""
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
    def forward(self, given: Pass) -> Array:
        """The output of the layer, a new array or a view of the batch."""
        ...

    def backward(self, given: Pass, gradient: Array, *, first: bool = False) -> tuple[Array, Array, Array]:
        """The gradients of (batch, weights, biases) from the gradient of the output.

        With `first` no layer before this one has parameters, and the gradient of the batch may be an empty array.
        """
        ...


class MisfitError(ValueError):
    """A layer does not fit its input, which `Word.layer` inserts for "{gives} {shape}" in the message."""


@dataclass(frozen=True)
class Dense:
    """z = x·W + b, with W of shape (inputs, units); without b if not `biased`."""

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

    def forward(self, given: Pass) -> Array:
        if given.keeps and given.wide:
            # The backward pass multiplies the same batch, which is therefore converted once.
            given.batch = given.batch.astype(np.float64, copy=False)
        return given.affine(given.batch, given.weights)

    def backward(self, given: Pass, gradient: Array, *, first: bool = False) -> tuple[Array, Array, Array]:
        back = NOTHING if first else given.multiply(gradient, given.weights.T)
        return back, given.multiply(given.batch.T, gradient), given.biases_gradient(gradient)


class Unweighted:
    """A layer without parameters and without an activation."""

    takes_activation: ClassVar[bool] = False
    weight_shape: ClassVar[Shape] = ()
    bias_shape: ClassVar[Shape] = (0,)

    def back(self, given: Pass, gradient: Array) -> Array:
        """The gradient of the batch, a new array or a view of `gradient`."""
        raise NotImplementedError

    def backward(self, given: Pass, gradient: Array, *, first: bool = False) -> tuple[Array, Array, Array]:
        return self.back(given, gradient), NOTHING, NOTHING


@dataclass(frozen=True)
class Flatten(Unweighted):
    """An image or a sequence as one row of numbers, in row-major order with channels last."""

    input_shape: Shape
    text: ClassVar[str] = "flatten"

    @classmethod
    def of(cls, found: re.Match[str], shape: Shape) -> Flatten:
        return cls(shape)

    @property
    def output_shape(self) -> Shape:
        return (math.prod(self.input_shape),)

    def forward(self, given: Pass) -> Array:
        return given.batch.reshape(len(given.batch), -1)

    def back(self, given: Pass, gradient: Array) -> Array:
        return gradient.reshape(given.batch.shape)


@dataclass(frozen=True)
class Dropout(Unweighted):
    """In training each number is set to 0 with probability `rate`, and the others are divided by 1 - rate."""

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

    def forward(self, given: Pass) -> Array:
        if given.generator is None:
            return given.batch
        # As in the book the factors, and therefore their products, are float64; the next layer rounds its result.
        share = 1 - self.rate
        factors = given.generator.binomial(1, share, given.batch.shape) / share
        given.kept = factors if given.wide else factors.astype(given.batch.dtype)
        dropped: Array = given.batch * given.kept
        return dropped

    def back(self, given: Pass, gradient: Array) -> Array:
        return gradient if given.kept is None else gradient * given.kept
