"""Layers of images, (rows, height, width, channels): convolutions and pools."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from actcli.network.layers import NOTHING, Array, MisfitError, Pass, Shape, Unweighted


@dataclass(frozen=True)
class Conv:
    """z[i, j, u] = sum of W[m, n, c, u]·x[i+m, j+n, c] + b[u] at stride 1, with W (height, width, channels, units).

    There is no b if not `biased`. The padding "same" adds zeros around the image, which keeps its size; "valid" uses
    only positions where the kernel lies inside the image.
    """

    takes_activation: ClassVar[bool] = True
    input_shape: Shape
    kernel: tuple[int, int]
    units: int
    padding: str = "same"
    biased: bool = True

    @classmethod
    def of(cls, found: re.Match[str], shape: Shape) -> Conv:
        _require_image(shape)
        height = int(found[1])
        kernel, units = (height, int(found[2] or height)), int(found[3])
        if not (all(kernel) and units):
            raise MisfitError("has a size of 0; sizes start at 1")
        return cls(shape, kernel, units, found[4] or "same")

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

    @property
    def bias_shape(self) -> Shape:
        return (self.units * self.biased,)

    def forward(self, given: Pass) -> Array:
        patches = self._patches(given.batch)
        if given.keeps:
            given.kept = patches
        flat = given.affine(patches, given.weights.reshape(-1, self.units))
        return flat.reshape(len(given.batch), *self.output_shape)

    def backward(self, given: Pass, gradient: Array, *, first: bool = False) -> tuple[Array, Array, Array]:
        batch, weights = given.batch, given.weights
        flat = gradient.reshape(-1, self.units)
        patches = self._patches(batch) if given.kept is None else given.kept
        weights_gradient = given.multiply(patches.T, flat).reshape(weights.shape)
        biases_gradient = given.biases_gradient(flat)
        if first:
            return NOTHING, weights_gradient, biases_gradient
        back = given.multiply(flat, weights.reshape(-1, self.units).T).reshape(
            len(batch), *self.output_shape[:2], *weights.shape[:3]
        )
        (top, bottom), (left, right) = self._margins()
        height, width, channels = self.input_shape
        padded = np.zeros((len(batch), height + top + bottom, width + left + right, channels), gradient.dtype)
        rows, columns, _ = self.output_shape
        for m in range(self.kernel[0]):
            for n in range(self.kernel[1]):
                padded[:, m : m + rows, n : n + columns] += back[:, :, :, m, n]
        return padded[:, top : top + height, left : left + width], weights_gradient, biases_gradient

    def _margins(self) -> tuple[tuple[int, int], tuple[int, int]]:
        if self.padding == "valid":
            return (0, 0), (0, 0)
        (height, width) = self.kernel
        # For an even kernel the extra zero is below and to the right, as in TensorFlow and PyTorch.
        return ((height - 1) // 2, height // 2), ((width - 1) // 2, width // 2)

    def _patches(self, batch: Array) -> Array:
        """The kernel's window at each position of each image: (positions, kernel height · kernel width · channels)."""
        padded = np.pad(batch, ((0, 0), *self._margins(), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.kernel, axis=(1, 2))
        windows = windows.transpose(0, 1, 2, 4, 5, 3)
        return windows.reshape(-1, self.kernel[0] * self.kernel[1] * self.input_shape[2])


@dataclass(frozen=True)
class Pool(Unweighted):
    """The largest value of each block of size×size numbers; incomplete blocks at the edges are dropped."""

    input_shape: Shape
    size: int

    @classmethod
    def of(cls, found: re.Match[str], shape: Shape) -> Pool:
        _require_image(shape)
        size = int(found[1])
        if not size or found[2] not in (None, found[1]):
            raise ValueError("a pool is square and starts at 1, such as pool2")
        return cls(shape, size)

    @property
    def text(self) -> str:
        return f"pool{self.size}"

    @property
    def output_shape(self) -> Shape:
        height, width, channels = self.input_shape
        return (height // self.size, width // self.size, channels)

    def forward(self, given: Pass) -> Array:
        largest = self._largest(given.batch)
        if given.keeps:
            given.kept = largest
        return largest

    def back(self, given: Pass, gradient: Array) -> Array:
        parts = self._parts(given.batch)
        largest = self._largest(given.batch) if given.kept is None else given.kept
        result = np.zeros(given.batch.shape, gradient.dtype)
        # The first of several equal maxima gets the gradient, as in PyTorch.
        free: NDArray[Any] = np.ones(largest.shape, np.bool_)
        for part, back in zip(parts, self._parts(result), strict=True):
            taken = (part == largest) & free
            np.copyto(back, gradient, where=taken)
            free &= ~taken
        return result

    def _largest(self, batch: Array) -> Array:
        first, *others = self._parts(batch)
        largest = first.copy()
        for part in others:
            np.maximum(largest, part, out=largest)
        return largest

    def _parts(self, batch: Array) -> list[Array]:
        """One view of the batch for each position in a block: the first number of every block, the second, ..."""
        rows, columns, _ = self.output_shape
        cut = batch[:, : rows * self.size, : columns * self.size]
        return [cut[:, m :: self.size, n :: self.size] for m in range(self.size) for n in range(self.size)]


def _require_image(shape: Shape) -> None:
    if len(shape) != 3:
        raise MisfitError("needs an image, HxWxC, but {gives} {shape} numbers")
