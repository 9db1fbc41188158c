"""The comparison of outputs with targets: accuracy, loss, confusion matrix, and the gradient of the loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from actcli.network.layers import Array
from actcli.network.losses import CrossEntropy, usual
from actcli.network.model import Network


class Score:
    """Accuracy and mean loss over any number of batches, independent of the division into batches.

    With class labels the class is that of the largest output (of a single sigmoid: 1 above 0.5), and the loss is the
    default loss of training. An exception are several outputs without activation: their loss is the cross-entropy of
    their softmax, since a network that is trained with the softmax in its loss has such outputs. With the values of a
    curve there is no accuracy.
    """

    def __init__(self, network: Network, *, labelled: bool) -> None:
        if len(network.output_shape) > 1:
            raise ValueError('labels need a row of outputs a sample; end the network with "flatten" and a dense layer')
        last = network.stages[-1].activation
        name = last.name if last is not None else "identity"
        self.outputs = network.output_shape[0]
        self.classes = max(self.outputs, 2)
        self.labelled = labelled
        self.rows = 0
        self._hits = 0
        self._total = 0.0
        self.confusion: NDArray[np.int64] = np.zeros((self.classes, self.classes), np.int64)
        is_logits = labelled and self.outputs > 1 and name == "identity"
        kind = CrossEntropy if is_logits else usual(last, self.outputs, labelled=labelled)
        self._loss = None if kind is None else kind(name, self.outputs, labelled)
        self.loss_name = None if kind is None else kind.title

    def update(self, before: Array, outputs: Array, targets: NDArray[np.generic]) -> None:
        """Add one batch: the last layer before and after its activation, and the targets.

        Raises ValueError for a label that is not a class of the network.
        """
        self.rows += len(outputs)
        with np.errstate(all="ignore"):
            if self.labelled:
                labels = self.labels(targets)
                predicted = predict(outputs)[0]
                self._hits += int(np.count_nonzero(predicted == labels))
                np.add.at(self.confusion, (labels, predicted), 1)
            if self._loss is not None:
                wide = before.astype(np.float64)
                self._total += float(self._loss.values(wide, outputs, self._encoded(targets, wide)).sum())

    def _encoded(self, targets: NDArray[np.generic], like: Array) -> NDArray[np.generic]:
        """The targets in the form of the loss, in the type of `like`."""
        assert self._loss is not None
        values = self.labels(targets) if self.labelled else targets.reshape(len(targets), -1).astype(like.dtype)
        return self._loss.encode(values, like.dtype)

    def labels(self, targets: NDArray[np.generic]) -> NDArray[np.int64]:
        """`targets` as classes of the network; raises ValueError naming the first that is not a class."""
        return as_classes(targets, self.outputs)

    def gradient(self, before: Array, outputs: Array, targets: NDArray[np.generic]) -> tuple[Array, bool] | None:
        """The gradient of each sample's loss, and whether it is with respect to `before`; None without a loss."""
        if self._loss is None:
            return None
        return self._loss.gradient(before, outputs, self._encoded(targets, outputs))

    @property
    def accuracy(self) -> float | None:
        """The share of rows whose class is the label; None without labels."""
        return self._hits / self.rows if self.labelled and self.rows else None

    @property
    def loss(self) -> float | None:
        """The mean loss per row; None if the last activation has no default loss."""
        return self._total / self.rows if self._loss is not None and self.rows else None


def as_classes(targets: NDArray[np.generic], outputs: int) -> NDArray[np.int64]:
    """Labels as classes of a network with so many outputs; raises ValueError naming the first that is not a class.

    >>> as_classes(np.array([2.0, 0.0]), 3)
    array([2, 0])
    """
    values, classes = targets.reshape(-1).astype(np.float64), max(outputs, 2)
    wrong = np.flatnonzero(~((values >= 0) & (values < classes) & (values == np.floor(values))))
    if wrong.size:
        raise ValueError(
            f"label {values[wrong[0]]:g} is no class of the network: its {outputs} outputs tell classes 0 to "
            f"{classes - 1}"
        )
    return values.astype(np.int64)


def predict(outputs: Array) -> tuple[NDArray[np.int64], Array]:
    """The class of each row of `outputs` and its probability; a single output is the probability of class 1.

    >>> [part.tolist() for part in predict(np.array([[0.25, 0.75]]))]
    [[1], [0.75]]
    """
    if outputs.shape[1] == 1:
        one = outputs[:, 0]
        return (one > 0.5).astype(np.int64), np.where(one > 0.5, one, 1 - one)
    classes = outputs.argmax(axis=1)
    return classes, np.take_along_axis(outputs, classes[:, None], axis=1)[:, 0]
