"""Initialisers: their standard deviations, fan modes, gain, and invalid arguments."""

import numpy as np
import pytest

from actcli.network.initialise import SUMMARIES, initialiser


def draw(spec, shape=(300, 200), scale=None, dtype="float64"):
    return initialiser(spec, scale).draw(np.random.RandomState(5), shape, dtype)


@pytest.mark.parametrize(
    ("spec", "variance"),
    [
        ("nnfs", 1e-4),
        ("normal", 1),
        ("uniform", 1 / 3),
        ("glorot", 2 / 500),
        ("glorot_normal", 2 / 500),
        ("xavier", 2 / 500),
        ("he", 2 / 300),
        ("he_uniform", 2 / 300),
        ("kaiming_normal", 2 / 300),
        ("lecun", 1 / 300),
        ("lecun_uniform", 1 / 300),
        ("he@mode=fan_out", 2 / 200),
        ("glorot@mode=fan_in", 1 / 300),
        ("he@gain=0.5", 0.5 / 300),
        ("he@gain=0.5,mode=fan_out", 0.5 / 200),
    ],
)
def test_variance(spec, variance):
    weights = draw(spec)
    # With 60,000 normal draws the variance is known to about 0.6 %.
    assert weights.var() == pytest.approx(variance, rel=0.03)
    assert abs(weights.mean()) < 4 * np.sqrt(variance / weights.size)


@pytest.mark.parametrize(("spec", "bound"), [("glorot", 6 / 500), ("he_uniform", 6 / 300), ("lecun_uniform", 3 / 300)])
def test_uniform_ones_fill_their_range(spec, bound):
    largest = np.abs(draw(spec)).max()
    assert np.sqrt(bound) * 0.999 < largest <= np.sqrt(bound)


def test_convolutions_count_the_window_as_inputs():
    assert draw("he", (3, 3, 50, 60)).var() == pytest.approx(2 / 450, rel=0.03)


@pytest.mark.parametrize("shape", [(20, 8), (8, 20), (8, 8)])
def test_orthogonal(shape):
    weights = draw("orthogonal", shape)
    square = weights.T @ weights if shape[0] >= shape[1] else weights @ weights.T
    assert np.abs(square - np.eye(min(shape))).max() < 1e-14


def test_constant_ones():
    assert not draw("zeros").any()
    assert (draw("ones", scale=2.0) == 2).all()
    assert np.array_equal(draw("identity", (2, 3)), [[1, 0, 0], [0, 1, 0]])
    kernel = draw("identity", (3, 3, 2, 2))
    assert np.array_equal(kernel[1, 1], np.eye(2))
    assert kernel.sum() == 2


def test_nnfs_is_the_books_line():
    expected = 0.01 * np.random.RandomState(5).randn(4, 3).astype(np.float32)
    assert np.array_equal(draw("nnfs", (4, 3), dtype="float32"), expected)


@pytest.mark.parametrize("name", SUMMARIES)
def test_every_name_keeps_shape_and_dtype(name):
    for dtype in ("float32", "float64"):
        weights = draw(name, (3, 3, 2, 4), dtype=dtype)
        assert (weights.shape, weights.dtype) == ((3, 3, 2, 4), np.dtype(dtype))


@pytest.mark.parametrize(
    ("spec", "scale", "message"),
    [
        ("glorrot", None, "unknown initialiser 'glorrot'; did you mean glorot?"),
        ("he@gain=big", None, "initialiser 'he@gain=big': gain is a number, not 'big'"),
        ("he@mode=fan", None, "initialiser 'he@mode=fan': mode is one of fan_in, fan_out, fan_avg, not 'fan'"),
        ("nnfs@mode=fan_in", None, "initialiser 'nnfs@mode=fan_in': nnfs takes gain, as nnfs@gain=0.5, not 'mode'"),
        ("he@depth=2", None, "initialiser 'he@depth=2': he takes gain and mode, as he@gain=0.5, not 'depth'"),
        ("he", float("inf"), "the scale of initialiser 'he' must be finite, not inf"),
    ],
)
def test_refused(spec, scale, message):
    with pytest.raises(ValueError) as caught:
        initialiser(spec, scale)
    assert str(caught.value) == message
