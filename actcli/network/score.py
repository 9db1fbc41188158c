"""How well outputs meet their targets: accuracy, loss, confusion, and the gradient the loss sends back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from actcli.activations import get
from actcli.network.layers import Array
from actcli.network.model import Network

_ENTROPY, _BINARY, _SQUARES = "cross-entropy", "binary cross-entropy", "mean squared error"


class Score:
    """Accuracy and mean loss over any number of batches; both are the same however the samples are cut.

    With class labels: the class is the largest output (of a single sigmoid: above 0.5), the loss the cross-entropy of a
    final softmax or log_softmax, of outputs without activation through a softmax, or of a single sigmoid; after other
    functions there is none. With a curve's values: the mean squared error, and no accuracy.
    """

    def __init__(self, network: Network, *, labelled: bool) -> None:
        if len(network.output_shape) > 1:
            raise ValueError('labels need a row of outputs a sample; end the network with "flatten" and a dense layer')
        last = network.steps[-1].activation
        name = last.name if last is not None else "identity"
        self.outputs = network.output_shape[0]
        self._binary = self.outputs == 1
        self.classes = 2 if self._binary else self.outputs
        self.labelled = labelled
        self.rows = 0
        self._hits = 0
        self._total = 0.0
        self.confusion: NDArray[np.int64] = np.zeros((self.classes, self.classes), np.int64)
        self.loss_name: str | None
        if not labelled:
            self.loss_name = _SQUARES
        elif self._binary:
            self.loss_name = _BINARY if name == "sigmoid" else None
        else:
            self.loss_name = _ENTROPY if name in ("softmax", "log_softmax", "identity") else None

    def update(self, before: Array, outputs: Array, targets: NDArray[np.generic]) -> None:
        """Take in one batch: the last layer before and after its activation, and the targets.

        Raises ValueError for a label that is no class of the network.
        """
        self.rows += len(outputs)
        wide = before.astype(np.float64)
        with np.errstate(all="ignore"):
            if not self.labelled:
                self._total += float(np.square(outputs - targets.astype(np.float64)).mean(axis=1).sum())
                return
            labels = self.labels(targets)
            predicted = self.predict(outputs)[0]
            self._hits += int(np.count_nonzero(predicted == labels))
            np.add.at(self.confusion, (labels, predicted), 1)
            # From the logits: the logarithm of a probability that rounds to 0 would be infinite.
            if self.loss_name == _ENTROPY:
                self._total -= float(np.take_along_axis(get("log_softmax")(wide), labels[:, None], axis=1).sum())
            elif self.loss_name == _BINARY:
                self._total += float(get("softplus")(np.where(labels == 1, -wide[:, 0], wide[:, 0])).sum())

    def labels(self, targets: NDArray[np.generic]) -> NDArray[np.int64]:
        """`targets` as classes of the network; ValueError names the first that is none."""
        values = targets.reshape(-1).astype(np.float64)
        wrong = np.flatnonzero(~((values >= 0) & (values < self.classes) & (values == np.floor(values))))
        if wrong.size:
            raise ValueError(
                f"label {values[wrong[0]]:g} is no class of the network: its {self.outputs} outputs tell classes 0 to "
                f"{self.classes - 1}"
            )
        return values.astype(np.int64)

    def predict(self, outputs: Array) -> tuple[NDArray[np.int64], Array]:
        """The class of each row, and the output that speaks for it."""
        return predict(outputs)

    def gradient(self, before: Array, outputs: Array, targets: NDArray[np.generic]) -> tuple[Array, bool] | None:
        """Each sample's own loss differentiated: (gradient, True if taken before the last activation), or None."""
        if not self.labelled:
            return 2 * (outputs - targets.astype(outputs.dtype)) / self.outputs, False
        if self.loss_name is None:
            return None
        labels = self.labels(targets)
        if self.loss_name == _BINARY:
            return get("sigmoid")(before) - labels[:, None].astype(before.dtype), True
        expected = np.zeros_like(before)
        expected[np.arange(len(labels)), labels] = 1
        return get("softmax")(before) - expected, True

    @property
    def accuracy(self) -> float | None:
        """Share of rows whose class is the label; None without labels."""
        return self._hits / self.rows if self.labelled and self.rows else None

    @property
    def loss(self) -> float | None:
        """Mean loss a row; None where the last activation has none."""
        return self._total / self.rows if self.loss_name is not None and self.rows else None


def predict(outputs: Array) -> tuple[NDArray[np.int64], Array]:
    """The class of each row of `outputs` and the output that speaks for it; a single output is the odds of class 1.

    >>> [part.tolist() for part in predict(np.array([[0.25, 0.75]]))]
    [[1], [0.75]]
    """
    if outputs.shape[1] == 1:
        one = outputs[:, 0]
        return (one > 0.5).astype(np.int64), np.where(one > 0.5, one, 1 - one)
    classes = outputs.argmax(axis=1)
    return classes, np.take_along_axis(outputs, classes[:, None], axis=1)[:, 0]
