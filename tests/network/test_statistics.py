"""Statistics in one pass, and the diagnoses known from theory."""

import math
from itertools import pairwise

import numpy as np
import pytest

from actcli.network.model import Network
from actcli.network.passes import run
from actcli.network.score import Score
from actcli.network.statistics import Moments, Survey, verdict


def survey(network, batch, *, gradient_seed=None, rows=None):
    pieces = [batch] if rows is None else [batch[start : start + rows] for start in range(0, len(batch), rows)]
    gathered = Survey(network)
    for _ in run(network, [(piece, None) for piece in pieces], survey=gathered, gradient_seed=gradient_seed):
        pass
    return gathered.layers()


def normal(rows, width):
    return np.random.RandomState(7).randn(rows, width)


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_moments_of_parts_are_those_of_the_whole(rows):
    values = normal(1000, 5) * 3 + 1e6
    moments = Moments()
    for start in range(0, 1000, rows):
        moments.update(values[start : start + rows])
    assert (moments.count, moments.min, moments.max) == (5000, values.min(), values.max())
    assert moments.mean == pytest.approx(values.mean(), rel=1e-14)
    assert moments.std == pytest.approx(values.std(), rel=1e-8)


def test_moments_of_nothing():
    moments = Moments()
    assert math.isnan(moments.std)
    assert math.isnan(moments.quantile(0.5))


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5, 0.95, 0.99])
def test_quantiles_are_within_a_percent(share):
    values = np.sort(np.concatenate([normal(500, 20).reshape(-1) * 1e-3, -np.exp(normal(400, 5)).reshape(-1)]))
    moments = Moments()
    moments.update(values)
    place = values[math.ceil(share * len(values)) - 1]
    assert moments.quantile(share) == pytest.approx(place, rel=0.005)


def test_quantiles_at_zeros_and_infinities():
    moments = Moments()
    moments.update(np.array([-math.inf, 0.0, 0.0, 0.0, math.inf]))
    assert [moments.quantile(share) for share in (0.1, 0.5, 1.0)] == [-math.inf, 0.0, math.inf]
    moments.update(np.array([math.nan]))
    assert math.isnan(moments.quantile(0.5))


def test_every_statistic_against_numpy():
    network = Network("6,8,4", "relu,tanh", init="he", dtype="float64", scale=3.0)
    batch = normal(500, 6)
    (z1, a1), (z2, a2) = network.trace(batch)
    first, second = survey(network, batch, rows=64)
    assert (first.position, first.shape, first.parameters, first.activation) == (1, "6x8", 56, "relu")
    for layer, before, after in ((first, z1, a1), (second, z2, a2)):
        assert layer.before.mean == pytest.approx(before.mean(), abs=1e-14)
        assert layer.before.std == pytest.approx(before.std(), rel=1e-12)
        assert (layer.before.min, layer.before.max) == (before.min(), before.max())
        assert layer.after.mean == pytest.approx(after.mean(), rel=1e-12)
        assert layer.after.std == pytest.approx(after.std(), rel=1e-12)
        assert layer.zeros == (after == 0).mean()
        assert layer.dead == np.all(after == 0, axis=0).sum()
        eigenvalues = np.linalg.eigvalsh(np.cov(after.T))
        assert layer.effective == pytest.approx(eigenvalues.sum() ** 2 / (eigenvalues**2).sum(), rel=1e-10)
    assert first.saturated == (z1 <= 0).mean()
    assert second.saturated == (np.abs(1 / np.cosh(z2) ** 2) < 0.01).mean()
    assert (first.distinct, second.distinct) == (8, 4)


@pytest.mark.parametrize("rows", [1, 33, 500])
def test_statistics_do_not_depend_on_the_batches(rows):
    network = Network("6,8,4", "relu,softmax", init="he")
    batch = normal(500, 6)
    for whole, parts in zip(survey(network, batch), survey(network, batch, rows=rows), strict=True):
        assert (whole.zeros, whole.dead, whole.saturated) == (parts.zeros, parts.dead, parts.saturated)
        assert whole.after.mean == pytest.approx(parts.after.mean, rel=1e-12)
        assert whole.after.std == pytest.approx(parts.after.std, rel=1e-12)
        assert whole.effective == pytest.approx(parts.effective, rel=1e-8)
        assert whole.after.quantile(0.3) == parts.after.quantile(0.3)


def test_gradients_do_not_depend_on_the_batches():
    network = Network("6,8,4", "tanh,softmax", init="he")
    one, two = (survey(network, normal(100, 6), gradient_seed=3, rows=rows) for rows in (100, 9))
    for whole, parts in zip(one, two, strict=True):
        assert whole.gradient.std == pytest.approx(parts.gradient.std, rel=1e-6)


def test_softmax_saturates_by_its_diagonal():
    network = Network("3,3", "softmax", init="identity", scale=10.0, dtype="float64")
    # Far from a tie every slope is about 0; at the tie none is.
    assert survey(network, np.eye(3))[0].saturated == 1
    assert survey(network, np.ones((1, 3)))[0].saturated == 0


def test_what_has_no_slopes_has_no_saturation():
    image, flat, last = survey(Network("4x4,pool2,flatten,2", "maxout@k=2"), normal(3, 16))
    assert (image.saturated, flat.saturated, last.saturated) == (None, None, None)
    assert (image.shape, image.activation, image.parameters, flat.shape) == ("pool2", None, 0, "flatten")


# --- diagnoses ---


def test_zeros_give_symmetric_units():
    layers = survey(Network("4,8,3", "sigmoid,softmax", init="zeros"), normal(50, 4), gradient_seed=0)
    assert layers[0].distinct == 1
    assert layers[0].effective == 0
    assert verdict(layers) == "symmetric: the 8 units of layer 1 have the same weights"


def test_sigmoid_vanishes_at_depth_30():
    network = Network([50] * 31, "sigmoid", init="glorot")
    layers = survey(network, normal(200, 50), gradient_seed=0)
    ratio = layers[-1].gradient.std / layers[0].gradient.std
    # Each layer multiplies by about a quarter (the largest slope of the sigmoid).
    assert 0.15**-29 > ratio > 0.3**-29
    assert verdict(layers).startswith("vanishing: ")


def test_relu_with_small_weights_shrinks_by_the_factor_of_theory():
    width = 400
    layers = survey(Network([width] * 6, "relu", init="nnfs"), normal(500, width))
    # Var(z) of the next layer is width · 0.01² · E[a²], and E[a²] of a rectified normal is half of Var(z).
    factor = math.sqrt(width * 0.01**2 / 2)
    for before, after in pairwise(layers):
        assert after.before.std / before.before.std == pytest.approx(factor, rel=0.1)


def test_he_keeps_the_variance_over_50_wide_layers():
    width, depth = 512, 50
    layers = survey(Network([width] * (depth + 1), "relu", init="he"), normal(64, width))
    assert verdict(layers).startswith("healthy: ")
    factors = [(after.before.std / before.before.std) ** 2 for before, after in pairwise(layers)]
    # A layer multiplies the variance by 1 on average; its finite draw adds a random factor of variance 5/width.
    assert np.mean(factors) == pytest.approx(1, abs=3 * math.sqrt(5 / width / len(factors)))
    assert np.var(factors) == pytest.approx(5 / width, rel=0.5)
    # From the first to the last layer, the random factors of this seed cancel.
    assert math.prod(factors) == pytest.approx(1, abs=0.2)


def test_selu_with_lecun_stays_normal():
    layers = survey(Network([256] * 31, "selu", init="lecun"), normal(300, 256))
    for layer in layers:
        assert layer.after.mean == pytest.approx(0, abs=0.1)
        assert layer.after.std == pytest.approx(1, abs=0.1)


def test_large_weights_explode():
    layers = survey(Network([30] * 11, "relu", init="he", scale=10.0), normal(50, 30), gradient_seed=0)
    assert verdict(layers).startswith("exploding: ")


def test_infinite_values_are_said_to_explode():
    layers = survey(Network([30] * 11, "identity", init="normal", scale=1e20), normal(50, 30))
    assert verdict(layers).startswith("exploding: ")


def test_dead_units_are_counted_and_named():
    weights = [(np.eye(3), [-100.0, -100.0, 0.0]), (np.eye(3), np.zeros(3))]
    layers = survey(Network.of_parameters(weights, "relu,identity"), normal(50, 3))
    assert layers[0].dead == 2
    assert verdict(layers) == "dying: 2 of 3 units of layer 1 are never active"


def test_the_loss_sends_its_own_gradient():
    network = Network("4,6,3", "tanh,softmax", init="he", dtype="float64")
    batch, labels = normal(20, 4), np.arange(20) % 3
    gathered, score = Survey(network), Score(network, labelled=True)
    for _ in run(network, [(batch, labels)], survey=gathered, score=score, gradient_seed=0):
        pass
    sent = network(batch) - np.eye(3)[labels]
    assert gathered.layers()[-1].gradient.std == pytest.approx(sent.std(), rel=1e-12)
