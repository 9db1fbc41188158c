"""Losses and their gradients, and penalties on parameters.

A loss works on (before, outputs, targets): the last layer before and after its activation, and the targets. If the
activation and the loss together have a gradient without cancellation, such as p - y of a softmax with its
cross-entropy, the gradient is that with respect to `before`. Otherwise, and in the NNFS book's convention (`clipped`)
after every activation, logarithms are taken of probabilities that are kept CLIP away from 0 and 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation
from actcli.network.layers import Array
from actcli.spelling import did_you_mean

#: The least distance of a probability from 0 and 1, as in the NNFS book.
CLIP = 1e-7

Targets = NDArray[Any]


@dataclass(frozen=True)
class Loss:
    """A loss for a network whose last activation is called `last` and which has `outputs` outputs.

    labelled: the targets are classes, not the values of curves. clipped: probabilities are the clipped outputs, for
    every last activation.
    """

    last: str
    outputs: int
    labelled: bool = True
    clipped: bool = False
    #: The name in messages.
    title: ClassVar[str]
    #: The last activations with which the loss is computed from `before`.
    joined: ClassVar[tuple[str, ...]] = ()

    @property
    def is_joined(self) -> bool:
        return self.last in self.joined and not self.clipped

    def encode(self, targets: Targets, dtype: np.dtype[Any]) -> Targets:
        """The targets of this loss, from class labels (rows,) or values (rows, outputs)."""
        if not self.labelled:
            return targets
        if self.outputs == 1:
            return targets.reshape(-1, 1).astype(dtype)
        one_hot: Targets = (targets.reshape(-1, 1) == np.arange(self.outputs)).astype(dtype)
        return one_hot

    def values(self, before: Array, outputs: Array, targets: Targets) -> Array:
        """The loss of each row."""
        raise NotImplementedError

    def gradient(self, before: Array, outputs: Array, targets: Targets) -> tuple[Array, bool]:
        """The gradient of the loss of each row, and whether it is with respect to `before`, not to `outputs`."""
        raise NotImplementedError

    def hits(self, outputs: Array, targets: Targets) -> int:
        """The number of rows whose class is their label; 0 for curves."""
        if not self.labelled:
            return 0
        if self.outputs == 1:
            # Without an activation the output is the logarithm of the odds, which is 0 at even odds.
            threshold = 0.0 if self.last == "identity" and isinstance(self, BinaryCrossEntropy) else 0.5
            return int(np.count_nonzero((outputs > threshold) == targets))
        labels = targets if targets.ndim == 1 else targets.argmax(axis=1)
        return int(np.count_nonzero(outputs.argmax(axis=1) == labels))


@dataclass(frozen=True)
class CrossEntropy(Loss):
    """-log(p) for the probability p of the right class; p is the softmax of outputs without activation."""

    title: ClassVar[str] = "cross-entropy"
    joined: ClassVar[tuple[str, ...]] = ("softmax", "log_softmax", "identity")

    def encode(self, targets: Targets, dtype: np.dtype[Any]) -> Targets:
        return targets.reshape(-1).astype(np.intp)

    def values(self, before: Array, outputs: Array, targets: Targets) -> Array:
        own = _class_indices(outputs, targets)
        if self.is_joined or self.last == "identity":
            # log(sum of e^z) - z of the class, with the largest z subtracted from every z.
            shifted = before - before.max(axis=1, keepdims=True)
            loss: Array = np.log(np.exp(shifted).sum(axis=1)) - shifted.take(own)
            return loss
        if self.last == "log_softmax":
            return -outputs.take(own)
        return -np.log(_clipped(outputs.take(own)))

    def gradient(self, before: Array, outputs: Array, targets: Targets) -> tuple[Array, bool]:
        own = _class_indices(outputs, targets)
        if self.last not in self.joined:
            sent = np.zeros_like(outputs)
            sent.put(own, -1 / _clipped(outputs.take(own)))
            return sent, False
        if self.last == "softmax":
            sent = outputs.copy()
        else:
            sent = np.exp(before - before.max(axis=1, keepdims=True))
            sent /= sent.sum(axis=1, keepdims=True)
        sent.put(own, sent.take(own) - 1)
        return sent, True


@dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    """-y·log(p) - (1 - y)·log(1 - p), the mean over the outputs; p is the sigmoid of outputs without activation."""

    title: ClassVar[str] = "binary cross-entropy"
    joined: ClassVar[tuple[str, ...]] = ("sigmoid", "identity")

    @property
    def is_joined(self) -> bool:
        return super().is_joined or self.last == "identity"

    def values(self, before: Array, outputs: Array, targets: Targets) -> Array:
        if self.is_joined:
            # This is softplus(z) - y·z in a form where e^z does not overflow.
            terms: Array = np.maximum(before, 0) - before * targets + np.log1p(np.exp(-np.abs(before)))
        else:
            p = _clipped(outputs)
            terms = -(targets * np.log(p) + (1 - targets) * np.log(1 - p))
        loss: Array = terms.mean(axis=-1)
        return loss

    def gradient(self, before: Array, outputs: Array, targets: Targets) -> tuple[Array, bool]:
        if self.is_joined:
            p = outputs if self.last == "sigmoid" else 1 / (1 + np.exp(-before))
            return (p - targets) / self.outputs, True
        p = _clipped(outputs)
        return -(targets / p - (1 - targets) / (1 - p)) / self.outputs, False


@dataclass(frozen=True)
class SquaredError(Loss):
    """(ŷ - y)², the mean over the outputs."""

    title: ClassVar[str] = "mean squared error"

    def values(self, before: Array, outputs: Array, targets: Targets) -> Array:
        squares: Array = np.square(targets - outputs).mean(axis=-1)
        return squares

    def gradient(self, before: Array, outputs: Array, targets: Targets) -> tuple[Array, bool]:
        return -2 * (targets - outputs) / self.outputs, False


@dataclass(frozen=True)
class AbsoluteError(Loss):
    """|ŷ - y|, the mean over the outputs. Its gradient has the sign of ŷ - y (the NNFS book prints the opposite)."""

    title: ClassVar[str] = "mean absolute error"

    def values(self, before: Array, outputs: Array, targets: Targets) -> Array:
        sizes: Array = np.abs(targets - outputs).mean(axis=-1)
        return sizes

    def gradient(self, before: Array, outputs: Array, targets: Targets) -> tuple[Array, bool]:
        return np.sign(outputs - targets) / self.outputs, False


def _class_indices(outputs: Array, targets: Targets) -> NDArray[np.intp]:
    """The flat index of the output of each row's class."""
    return np.arange(0, outputs.size, outputs.shape[1]) + targets


def _clipped(probabilities: Array) -> Array:
    return np.minimum(np.maximum(probabilities, CLIP), 1 - CLIP)


@dataclass(frozen=True)
class Penalty:
    """l1·sum(|w|) + l2·sum(w²) over weights and biases, with factors for each layer that has weights; () for none."""

    l1: tuple[float, ...] = ()
    l2: tuple[float, ...] = ()

    def __bool__(self) -> bool:
        return any(self.l1) or any(self.l2)

    def value(self, layers: Sequence[tuple[Array, Array]]) -> Any:
        """The penalty of the (weights, biases) of all layers."""
        total: Any = 0
        for (l1, l2), arrays in zip(self._factors(len(layers)), layers, strict=True):
            for array in arrays:
                if l1:
                    total += l1 * np.sum(np.abs(array))
                if l2:
                    total += l2 * np.sum(array * array)
        return total

    def add_gradients(self, layers: Sequence[tuple[Array, Array]], gradients: Sequence[tuple[Array, Array]]) -> None:
        """Add the penalty's gradient to the gradient of every array, in place."""
        for (l1, l2), arrays, sums in zip(self._factors(len(layers)), layers, gradients, strict=True):
            for array, gradient in zip(arrays, sums, strict=True):
                if l1:
                    gradient += l1 * np.where(array < 0, -1, 1).astype(array.dtype)
                if l2:
                    gradient += 2 * l2 * array

    def _factors(self, count: int) -> Iterator[tuple[float, float]]:
        return zip(self.l1 or (0.0,) * count, self.l2 or (0.0,) * count, strict=True)


#: The losses by their names in `--loss`.
LOSSES: dict[str, type[Loss]] = {
    "cross_entropy": CrossEntropy,
    "binary_cross_entropy": BinaryCrossEntropy,
    "mse": SquaredError,
    "mae": AbsoluteError,
}


def usual(last: Activation | None, outputs: int, *, labelled: bool) -> type[Loss] | None:
    """The default loss after the `last` activation; None if there is none."""
    name = "identity" if last is None else last.name
    if not labelled or name == "identity":
        return SquaredError
    if name == "sigmoid":
        return BinaryCrossEntropy
    return CrossEntropy if outputs > 1 and name in CrossEntropy.joined else None


def loss(name: str | None, last: Activation | None, outputs: int, *, labelled: bool, clipped: bool = False) -> Loss:
    """The loss called `name`, by default the `usual` one after the `last` activation.

    Raises ValueError for an unknown name, a loss that needs classes if the data have none, or no default.
    """
    spec = "identity" if last is None else last.spec
    if name is None:
        kind = usual(last, outputs, labelled=labelled)
        if kind is None:
            wanted = "sigmoid" if outputs == 1 else "softmax"
            raise ValueError(
                f"no loss goes by itself with {spec} at the end and {outputs} output{'s' * (outputs > 1)}; "
                f"end the network with {wanted}, or name one: --loss {' '.join(LOSSES)}"
            )
    else:
        if name not in LOSSES:
            near = did_you_mean(name, LOSSES, 1) or f"; there are {', '.join(LOSSES)}"
            raise ValueError(f"unknown loss {name!r}{near}")
        kind = LOSSES[name]
    if kind is CrossEntropy and (outputs == 1 or not labelled):
        reason = "class labels" if not labelled else "an output a class; of a single one take binary_cross_entropy"
        raise ValueError(f"cross_entropy needs {reason}")
    if kind is BinaryCrossEntropy and not labelled:
        raise ValueError("binary_cross_entropy needs class labels; for a curve take mse or mae")
    return kind("identity" if last is None else last.name, outputs, labelled, clipped)
