"""Activations for training, computed in place, with a backward pass from stored results of the forward pass.

`Activation` proves an error bound for every float64 result, which takes time. Here values are computed in the type of
the batch with an error of a few ulp, and the slope is computed from the value if this is accurate: s(1 - s) of a
sigmoid has an error of at most an ulp of 1. The functions of the NNFS book (relu, sigmoid, softmax) use the book's
operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from actcli.activations import Activation
from actcli.activations.definition import definitions
from actcli.network.layers import Array

#: The most entries of Jacobians in memory; a row function has a matrix for each row.
_JACOBIAN_BLOCK = 1 << 20
#: Arrays with fewer columns are transposed, which makes numpy's operations along rows faster.
_FEW_COLUMNS = 8


class Nonlinearity(Protocol):
    """An activation of one layer; a backward pass belongs to the last forward pass.

    `forward` may overwrite its argument, and `backward` the gradient.
    """

    def forward(self, z: Array) -> Array: ...
    def backward(self, gradient: Array) -> Array: ...
    def slope(self) -> Array:
        """The slope at each number of the last pass; for a row function the diagonal of its Jacobian."""
        ...


def nonlinearity(activation: Activation | None) -> Nonlinearity:
    """The fastest implementation of an activation; None is the identity."""
    if activation is None:
        return _Identity()
    # The special forms are not for a framework's variant, with another definition or other slopes at the kinks.
    if activation.definition is definitions.get(activation.name) and not activation.kink_rules:
        special = _SPECIAL.get(activation.name)
        if special is not None and (made := special(**activation.parameters)) is not None:
            return made
    return Rows(activation) if activation.is_row else Elements(activation)


class _Identity:
    def forward(self, z: Array) -> Array:
        self.output = z
        return z

    def backward(self, gradient: Array) -> Array:
        return gradient

    def slope(self) -> Array:
        return np.ones_like(self.output)


class _FromValue:
    """A function whose slope is computed from its value."""

    output: Array

    def backward(self, gradient: Array) -> Array:
        gradient *= self.slope()
        return gradient

    def slope(self) -> Array:
        raise NotImplementedError


class _Relu(_FromValue):
    zeros: Array = np.empty(0)

    def forward(self, z: Array) -> Array:
        # numpy uses vector instructions for the maximum of two arrays, but not of an array and a number.
        if self.zeros.shape != z.shape or self.zeros.dtype != z.dtype:
            self.zeros = np.zeros_like(z)
        self.output = np.maximum(z, self.zeros, out=z)
        return z

    def backward(self, gradient: Array) -> Array:
        gradient *= self.output > 0
        return gradient

    def slope(self) -> Array:
        return (self.output > 0).astype(self.output.dtype)


class _LeakyRelu(_FromValue):
    def __init__(self, negative_slope: float) -> None:
        self.negative_slope = negative_slope

    def forward(self, z: Array) -> Array:
        np.multiply(z, self.negative_slope, out=z, where=z < 0)
        self.output = z
        return z

    def slope(self) -> Array:
        return np.where(self.output > 0, 1, self.negative_slope).astype(self.output.dtype)


class _Elu(_FromValue):
    def __init__(self, alpha: float) -> None:
        self.alpha = alpha

    def forward(self, z: Array) -> Array:
        low = np.minimum(z, 0)
        np.expm1(low, out=low)
        low *= self.alpha
        np.maximum(z, 0, out=z)
        z += low
        self.output = z
        return z

    def slope(self) -> Array:
        return np.where(self.output > 0, 1, self.output + self.alpha).astype(self.output.dtype)


class _Sigmoid(_FromValue):
    def forward(self, z: Array) -> Array:
        np.negative(z, out=z)
        np.exp(z, out=z)
        z += 1
        np.divide(1, z, out=z)
        self.output = z
        return z

    def backward(self, gradient: Array) -> Array:
        gradient *= 1 - self.output
        gradient *= self.output
        return gradient

    def slope(self) -> Array:
        return (1 - self.output) * self.output


class _Tanh(_FromValue):
    def forward(self, z: Array) -> Array:
        self.output = np.tanh(z, out=z)
        return z

    def slope(self) -> Array:
        slope = np.square(self.output)
        return np.subtract(1, slope, out=slope)


def _with_axis(z: Array) -> tuple[Array, int]:
    """z and the axis along a row, or the transposed copy of a narrow array, which numpy handles ten times as fast.

    The sums are equal: numpy adds fewer than eight numbers in their order along either axis.
    """
    if z.ndim == 2 and z.shape[1] < _FEW_COLUMNS:
        return np.ascontiguousarray(z.T), 0
    return z, z.ndim - 1


class _Softmax(_FromValue):
    def forward(self, z: Array) -> Array:
        rows, axis = _with_axis(z)
        rows -= rows.max(axis=axis, keepdims=True)
        np.exp(rows, out=rows)
        np.divide(rows, rows.sum(axis=axis, keepdims=True), out=z if rows is z else z.T)
        self.output = z
        return z

    def backward(self, gradient: Array) -> Array:
        gradient *= self.output
        gradient -= self.output * gradient.sum(axis=-1, keepdims=True)
        return gradient

    def slope(self) -> Array:
        return self.output * (1 - self.output)


class _LogSoftmax(_FromValue):
    def forward(self, z: Array) -> Array:
        rows, axis = _with_axis(z)
        rows -= rows.max(axis=axis, keepdims=True)
        np.subtract(rows, np.log(np.exp(rows).sum(axis=axis, keepdims=True)), out=z if rows is z else z.T)
        self.output = z
        return z

    def backward(self, gradient: Array) -> Array:
        gradient -= np.exp(self.output) * gradient.sum(axis=-1, keepdims=True)
        return gradient

    def slope(self) -> Array:
        return 1 - np.exp(self.output)


#: The functions with a special form, which is made from their parameters; None for parameters without one.
_SPECIAL: dict[str, Callable[..., Nonlinearity | None]] = {
    "identity": _Identity,
    "relu": _Relu,
    # The backward pass finds the side of the kink from the sign of the value, which only a positive slope preserves.
    "leaky_relu": lambda negative_slope: _LeakyRelu(negative_slope) if negative_slope > 0 else None,
    "elu": lambda alpha: _Elu(alpha) if alpha > 0 else None,
    "sigmoid": _Sigmoid,
    "tanh": _Tanh,
    "softmax": _Softmax,
    "log_softmax": _LogSoftmax,
}


class Elements:
    """Any elementwise function."""

    def __init__(self, activation: Activation) -> None:
        self.activation = activation

    def forward(self, z: Array) -> Array:
        self.z = z
        return self.activation.quick(z)

    def backward(self, gradient: Array) -> Array:
        gradient *= self.slope()
        return gradient

    def slope(self) -> Array:
        return self.activation.quick(self.z, 1)


class Rows:
    """Any row function."""

    def __init__(self, activation: Activation) -> None:
        self.activation = activation

    def forward(self, z: Array) -> Array:
        self.z = z
        return self.activation.fast(z)

    def backward(self, gradient: Array) -> Array:
        return through_rows(self.activation, self.z, gradient)

    def slope(self) -> Array:
        return np.concatenate(list(diagonals(self.activation, self.z)))


def through_rows(activation: Activation, before: Array, gradient: Array) -> Array:
    """The gradient with respect to the argument of a row function, from that with respect to its result."""
    rows, sent = before.reshape(-1, before.shape[-1]), gradient.reshape(-1, gradient.shape[-1])
    carried = np.empty(rows.shape, gradient.dtype)
    block = max(1, _JACOBIAN_BLOCK // (rows.shape[1] * sent.shape[1]))
    for start in range(0, len(rows), block):
        part = slice(start, start + block)
        carried[part] = np.einsum("km,kmn->kn", sent[part], activation.fast.jacobian(rows[part]))
    return carried.reshape(before.shape)


def diagonals(activation: Activation, before: Array) -> Iterator[Array]:
    """Yield the diagonals of a row function's Jacobians, which must be square, for blocks of rows."""
    rows = before.reshape(-1, before.shape[-1])
    block = max(1, _JACOBIAN_BLOCK // rows.shape[1] ** 2)
    for start in range(0, len(rows), block):
        yield np.diagonal(activation.fast.jacobian(rows[start : start + block]), axis1=-2, axis2=-1)
