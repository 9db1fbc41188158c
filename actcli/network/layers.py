"""Kinds of layer: their shapes, and their forward and backward passes as pure functions of (parameters, batch).

A batch has its samples on the first axis: (rows, inputs), or (rows, height, width, channels) for images.
In float32, products are summed in float64 and rounded once, the convention of the NNFS book; so a result does not
depend on how the samples are cut into batches. Weights may be given in float64 to save their conversion; results have
the type of the batch.
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


class Layer(Protocol):
    """A layer before its activation. Layers without weights have an empty `weight_shape`."""

    @property
    def text(self) -> str: ...
    @property
    def input_shape(self) -> Shape: ...
    @property
    def output_shape(self) -> Shape: ...
    @property
    def weight_shape(self) -> Shape: ...
    def forward(self, weights: Array, biases: Array, batch: Array) -> Array: ...
    def backward(self, weights: Array, batch: Array, gradient: Array) -> tuple[Array, Array, Array]:
        """Gradients of (batch, weights, biases) for the gradient of the output."""
        ...


@dataclass(frozen=True)
class Dense:
    """z = x·W + b, with W (inputs, units)."""

    inputs: int
    units: int

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

    def forward(self, weights: Array, biases: Array, batch: Array) -> Array:
        result = product(batch, weights)
        result += biases
        return result

    def backward(self, weights: Array, batch: Array, gradient: Array) -> tuple[Array, Array, Array]:
        return product(gradient, weights.T), product(batch.T, gradient), gradient.sum(axis=0)


@dataclass(frozen=True)
class Conv:
    """z[i, j, u] = sum of W[m, n, c, u]·x[i+m, j+n, c] + b[u] at stride 1, with W (height, width, channels, units).

    "same" puts zeros around the image, so that its size stays; "valid" keeps to places where the kernel fits.
    """

    input_shape: Shape
    kernel: tuple[int, int]
    units: int
    padding: str = "same"

    @property
    def text(self) -> str:
        height, width = self.kernel
        return f"conv{height}x{width}:{self.units}" + ("" if self.padding == "same" else f":{self.padding}")

    @property
    def output_shape(self) -> Shape:
        height, width, _ = self.input_shape
        if self.padding == "same":
            return (height, width, self.units)
        return (height - self.kernel[0] + 1, width - self.kernel[1] + 1, self.units)

    @property
    def weight_shape(self) -> Shape:
        return (*self.kernel, self.input_shape[2], self.units)

    def forward(self, weights: Array, biases: Array, batch: Array) -> Array:
        patches = self._patches(batch)
        flat = product(patches.reshape(-1, patches.shape[-1]), weights.reshape(-1, self.units))
        return flat.reshape(len(batch), *self.output_shape) + biases

    def backward(self, weights: Array, batch: Array, gradient: Array) -> tuple[Array, Array, Array]:
        flat = gradient.reshape(-1, self.units)
        patches = self._patches(batch)
        weights_gradient = product(patches.reshape(len(flat), -1).T, flat).reshape(weights.shape)
        back = product(flat, weights.reshape(-1, self.units).T).reshape(
            len(batch), *self.output_shape[:2], *weights.shape[:3]
        )
        (top, bottom), (left, right) = self._margins()
        height, width, channels = self.input_shape
        padded = np.zeros((len(batch), height + top + bottom, width + left + right, channels), gradient.dtype)
        rows, columns, _ = self.output_shape
        for m in range(self.kernel[0]):
            for n in range(self.kernel[1]):
                padded[:, m : m + rows, n : n + columns] += back[:, :, :, m, n]
        return padded[:, top : top + height, left : left + width], weights_gradient, flat.sum(axis=0)

    def _margins(self) -> tuple[tuple[int, int], tuple[int, int]]:
        if self.padding == "valid":
            return (0, 0), (0, 0)
        (height, width) = self.kernel
        # An even kernel has its extra zero below and to the right, as in TensorFlow and PyTorch.
        return ((height - 1) // 2, height // 2), ((width - 1) // 2, width // 2)

    def _patches(self, batch: Array) -> Array:
        """(rows, height, width, kernel height · kernel width · channels), the kernel's window at each place."""
        padded = np.pad(batch, ((0, 0), *self._margins(), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.kernel, axis=(1, 2))
        windows = windows.transpose(0, 1, 2, 4, 5, 3)
        return windows.reshape(*windows.shape[:3], -1)


class _Unweighted:
    weight_shape: ClassVar[Shape] = ()


@dataclass(frozen=True)
class Pool(_Unweighted):
    """The largest value of each block of size×size; what does not fill a block is left out."""

    input_shape: Shape
    size: int

    @property
    def text(self) -> str:
        return f"pool{self.size}"

    @property
    def output_shape(self) -> Shape:
        height, width, channels = self.input_shape
        return (height // self.size, width // self.size, channels)

    def forward(self, weights: Array, biases: Array, batch: Array) -> Array:
        largest: Array = self._blocks(batch).max(axis=3)
        return largest

    def backward(self, weights: Array, batch: Array, gradient: Array) -> tuple[Array, Array, Array]:
        blocks = self._blocks(batch)
        # Of several equal maxima the first takes the gradient, as in PyTorch.
        first = np.arange(self.size**2)[:, None] == blocks.argmax(axis=3)[:, :, :, None]
        shared = first * gradient[:, :, :, None]
        rows, columns, channels = self.output_shape
        back = shared.reshape(len(batch), rows, columns, self.size, self.size, channels).swapaxes(2, 3)
        result = np.zeros_like(batch, dtype=gradient.dtype)
        result[:, : rows * self.size, : columns * self.size] = back.reshape(
            len(batch), rows * self.size, columns * self.size, channels
        )
        return result, weights, weights

    def _blocks(self, batch: Array) -> Array:
        rows, columns, channels = self.output_shape
        cut = batch[:, : rows * self.size, : columns * self.size]
        blocks = cut.reshape(len(batch), rows, self.size, columns, self.size, channels).swapaxes(2, 3)
        return blocks.reshape(len(batch), rows, columns, self.size**2, channels)


@dataclass(frozen=True)
class Flatten(_Unweighted):
    """An image as one row of numbers: row by row, channels last."""

    input_shape: Shape
    text: ClassVar[str] = "flatten"

    @property
    def output_shape(self) -> Shape:
        return (math.prod(self.input_shape),)

    def forward(self, weights: Array, biases: Array, batch: Array) -> Array:
        return batch.reshape(len(batch), -1)

    def backward(self, weights: Array, batch: Array, gradient: Array) -> tuple[Array, Array, Array]:
        return gradient.reshape(batch.shape), weights, weights


def product(left: Array, right: Array) -> Array:
    """The matrix product in the type of `left`; of float32, summed in float64 and rounded once as nnfs does.

    >>> product(np.ones((1, 2), np.float32), np.ones((2, 1), np.float32)).dtype
    dtype('float32')
    """
    with np.errstate(over="ignore", invalid="ignore"):  # an explosion shows as inf and nan, which is what it is
        wide = left.astype(np.float64, copy=False) @ right.astype(np.float64, copy=False)
        return wide.astype(left.dtype, copy=False)


_DENSE = re.compile(r"\d+")
_CONV = re.compile(r"conv(\d+)(?:x(\d+))?:(\d+)(?::(same|valid))?")
_POOL = re.compile(r"(?:max)?pool(\d+)(?:x(\d+))?")
_IMAGE = re.compile(r"(\d+)x(\d+)(?:x(\d+))?")


def input_shape(text: str) -> Shape:
    """The shape of one sample: "784" is (784,), "28x28" is (28, 28, 1), "32x32x3" is (32, 32, 3).

    Raises ValueError naming `text` if it is neither.
    """
    if _DENSE.fullmatch(text) and int(text) > 0:
        return (int(text),)
    if (match := _IMAGE.fullmatch(text)) and all(int(n or 1) > 0 for n in match.groups()):
        height, width, channels = (int(n or 1) for n in match.groups())
        return (height, width, channels)
    raise ValueError(f"the input {text!r} of a network is a number of features (784) or an image (28x28x1)")


def layer(text: str, shape: Shape, position: int) -> Layer:
    """The layer that `text` describes, on samples of `shape`; `position` is its place in messages.

    "64" is dense, "conv3x3:32" a convolution (zeros around; "conv3x3:32:valid" without), "pool2" a max-pool, "flatten".
    Raises ValueError naming the layer if the text is none of these or the shape does not fit.

    >>> layer("conv3x3:8:valid", (28, 28, 1), 1).output_shape
    (26, 26, 8)
    """
    gives = f"layer {position - 1} gives" if position > 1 else "the input is"
    shown = "x".join(map(str, shape))
    if _DENSE.fullmatch(text) and int(text) > 0:
        if len(shape) > 1:
            raise ValueError(f"layer {position} ({text!r}) is dense, but {gives} {shown}; put flatten before it")
        return Dense(shape[0], int(text))
    if text == "flatten":
        return Flatten(shape)
    conv, pool = _CONV.fullmatch(text), _POOL.fullmatch(text)
    if not conv and not pool:
        raise ValueError(
            f"layer {position} is {text!r}; a layer is a number of units (64), conv3x3:32, pool2 or flatten"
        )
    if len(shape) == 1:
        raise ValueError(f"layer {position} ({text!r}) needs an image, HxWxC, but {gives} {shown} numbers")
    if conv:
        height = int(conv[1])
        kernel, units = (height, int(conv[2] or height)), int(conv[3])
        if not (all(kernel) and units):
            raise ValueError(f"layer {position} ({text!r}) has a size of 0; sizes start at 1")
        made: Layer = Conv(shape, kernel, units, conv[4] or "same")
    else:
        assert pool
        size = int(pool[1])
        if not size or pool[2] not in (None, pool[1]):
            raise ValueError(f"layer {position} ({text!r}): a pool is square and starts at 1, such as pool2")
        made = Pool(shape, size)
    if min(made.output_shape) < 1:
        raise ValueError(f"layer {position} ({text!r}) does not fit: {gives} {shown}")
    return made
