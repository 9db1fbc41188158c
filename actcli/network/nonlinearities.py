"""Activations as training needs them: in place, and sent back from what the forward pass left.

`Activation` proves every float64 result to be a neighbour of the truth, which takes time. Here values are computed in
the type of the batch, a few ulp off, and the slope comes from the value where that is exact enough: s(1 - s) of a
sigmoid is off by an ulp of 1 at most. The functions of the NNFS book (relu, sigmoid, softmax) are computed by its own
operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from actcli.activations import Activation
from actcli.activations.definition import definitions
from actcli.network.layers import Array

#: Entries of Jacobians held at a time: a row function has a matrix per row.
_JACOBIAN_BLOCK = 1 << 20
_NARROW = 8


class Nonlinearity(Protocol):
    """An activation for one layer and one batch at a time: a backward pass goes with the last forward pass.

    `forward` may work in place on what it is given; `backward` may do so on the gradient.
    """

    def forward(self, z: Array) -> Array: ...
    def backward(self, gradient: Array) -> Array: ...
    def slope(self) -> Array:
        """The slope of each number of the last pass; of a row function the diagonal of its Jacobian."""
        ...


def nonlinearity(activation: Activation | None) -> Nonlinearity:
    """The fastest form of an activation; None is no activation."""
    if activation is None:
        return _Identity()
    # A framework's variant of a function has another definition, or other slopes at the kinks.
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
    """A function whose slope is a function of its value."""

    output: Array

    def backward(self, gradient: Array) -> Array:
        gradient *= self.slope()
        return gradient

    def slope(self) -> Array:
        raise NotImplementedError


class _Relu(_FromValue):
    zeros: Array = np.empty(0)

    def forward(self, z: Array) -> Array:
        # Against an array numpy compares several numbers at once, against a single number one by one.
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


def _along(z: Array) -> tuple[Array, int]:
    """z and the axis of its rows; of a narrow array a transposed copy, on which numpy works ten times as fast.

    It adds fewer than eight numbers of a row in their order, and so it does there.
    """
    if z.ndim == 2 and z.shape[1] < _NARROW:
        return np.ascontiguousarray(z.T), 0
    return z, z.ndim - 1


class _Softmax(_FromValue):
    def forward(self, z: Array) -> Array:
        rows, axis = _along(z)
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
        rows, axis = _along(z)
        rows -= rows.max(axis=axis, keepdims=True)
        np.subtract(rows, np.log(np.exp(rows).sum(axis=axis, keepdims=True)), out=z if rows is z else z.T)
        self.output = z
        return z

    def backward(self, gradient: Array) -> Array:
        gradient -= np.exp(self.output) * gradient.sum(axis=-1, keepdims=True)
        return gradient

    def slope(self) -> Array:
        return 1 - np.exp(self.output)


#: Functions with a form of their own, made from their parameters; None where these do not allow it.
_SPECIAL: dict[str, Callable[..., Nonlinearity | None]] = {
    "identity": _Identity,
    "relu": _Relu,
    # Only a slope above 0 keeps the sign, from which the way back tells the sides.
    "leaky_relu": lambda negative_slope: _LeakyRelu(negative_slope) if negative_slope > 0 else None,
    "elu": lambda alpha: _Elu(alpha) if alpha > 0 else None,
    "sigmoid": _Sigmoid,
    "tanh": _Tanh,
    "softmax": _Softmax,
    "log_softmax": _LogSoftmax,
}


class Elements:
    """Any function of one number."""

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
    """Any function of a row."""

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
    """The gradient before a function of rows, from the one after it."""
    rows, sent = before.reshape(-1, before.shape[-1]), gradient.reshape(-1, gradient.shape[-1])
    carried = np.empty(rows.shape, gradient.dtype)
    block = max(1, _JACOBIAN_BLOCK // (rows.shape[1] * sent.shape[1]))
    for start in range(0, len(rows), block):
        part = slice(start, start + block)
        carried[part] = np.einsum("km,kmn->kn", sent[part], activation.fast.jacobian(rows[part]))
    return carried.reshape(before.shape)


def diagonals(activation: Activation, before: Array) -> Iterator[Array]:
    """The diagonals of a row function's Jacobians, block by block of rows; the Jacobians must be square."""
    rows = before.reshape(-1, before.shape[-1])
    block = max(1, _JACOBIAN_BLOCK // rows.shape[1] ** 2)
    for start in range(0, len(rows), block):
        yield np.diagonal(activation.fast.jacobian(rows[start : start + block]), axis1=-2, axis2=-1)
