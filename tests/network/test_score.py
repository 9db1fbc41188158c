"""Accuracy, loss and confusion: from their formulas, and independent of the batches."""

import math

import numpy as np
import pytest

from actcli.network.model import Network
from actcli.network.score import Score, predict


def scored(network, batch, targets, *, labelled=True, rows=None):
    score = Score(network, labelled=labelled)
    rows = rows or len(batch)
    for start in range(0, len(batch), rows):
        before, after = list(network.trace(batch[start : start + rows]))[-1]
        score.update(before, after, targets[start : start + rows])
    return score


def linear(activation, units=3):
    return Network.of_parameters([(np.eye(units), np.zeros(units))], activation, dtype="float64")


LOGITS = np.array([[2.0, 1.0, 0.1], [0.0, 3.0, 0.0], [1.0, 1.0, 5.0], [4.0, 0.0, 0.0]])
LABELS = np.array([0, 1, 2, 1])
NLL = np.log(np.exp(LOGITS).sum(axis=1)) - LOGITS[np.arange(4), LABELS]


@pytest.mark.parametrize("activation", ["softmax", "log_softmax", "identity"])
def test_cross_entropy(activation):
    score = scored(linear(activation), LOGITS, LABELS)
    assert score.accuracy == 0.75
    assert score.loss == pytest.approx(NLL.mean(), rel=1e-14)
    assert score.loss_name == "cross-entropy"
    assert score.confusion.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]


def test_a_probability_that_rounds_to_0_has_a_finite_loss():
    score = scored(linear("softmax"), np.array([[1000.0, 0.0, 0.0]]), np.array([1]))
    assert score.loss == 1000


def test_functions_without_a_loss_have_an_accuracy():
    score = scored(linear("relu"), LOGITS, LABELS)
    assert (score.accuracy, score.loss, score.loss_name) == (0.75, None, None)


def test_binary():
    network = linear("sigmoid", 1)
    z, labels = np.array([[2.0], [-1.0], [0.5]]), np.array([1, 0, 0])
    score = scored(network, z, labels)
    p = 1 / (1 + np.exp(-z[:, 0]))
    assert score.loss == pytest.approx(-(math.log(p[0]) + math.log(1 - p[1]) + math.log(1 - p[2])) / 3, rel=1e-14)
    assert score.accuracy == pytest.approx(2 / 3)
    gradient, before_last = score.gradient(z, network(z), labels)
    assert before_last
    assert gradient[:, 0] == pytest.approx(p - labels, rel=1e-14)


def test_mean_squared_error():
    score = scored(linear("identity", 1), np.array([[1.0], [2.0]]), np.array([[0.0], [4.0]]), labelled=False)
    assert (score.loss, score.accuracy, score.loss_name) == (2.5, None, "mean squared error")


@pytest.mark.parametrize("rows", [1, 3, 64, 1000])
def test_batches_do_not_change_accuracy(rows):
    network = Network("5,16,4", "tanh,softmax", init="he")
    generator = np.random.RandomState(3)
    batch, labels = generator.randn(1000, 5), generator.randint(0, 4, 1000)
    whole, parts = scored(network, batch, labels), scored(network, batch, labels, rows=rows)
    assert whole.accuracy == parts.accuracy
    assert np.array_equal(whole.confusion, parts.confusion)
    assert whole.loss == pytest.approx(parts.loss, rel=1e-12)


@pytest.mark.parametrize("label", [3, -1, 0.5, math.nan])
def test_a_label_that_is_no_class(label):
    message = rf"^label {label:g} is no class of the network: its 3 outputs tell classes 0 to 2$"
    with pytest.raises(ValueError, match=message):
        scored(linear("softmax"), LOGITS, np.array([0, 1, 2, label]))


def test_predictions():
    classes, confidence = predict(np.array([[0.2, 0.5, 0.3], [0.5, 0.5, 0.0]]))
    assert (classes.tolist(), confidence.tolist()) == ([1, 0], [0.5, 0.5])
    classes, confidence = predict(np.array([[0.75], [0.25]]))
    assert (classes.tolist(), confidence.tolist()) == ([1, 0], [0.75, 0.75])
