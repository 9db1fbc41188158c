"""Figures of ReLU neurons, and of the sine from pairs of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from actcli.activations import get
from actcli.figures.look import look
from actcli.figures.neurons import chain, fit, neurons, switches
from actcli.figures.sampling import View
from actcli.studies.neurons import State, sine_pairs
from tests.figures.layout import check_layout, words
from tests.figures.test_curves import check_distinct

LOOKS = [look(), look("slide", theme="dark")]
RELU = get("relu")
NOTES: list[State] = [((0, 0),), ((1, 0),), ((1, 0.5),), ((-1, 0.5),), ((-2, 0.5),)]
PAIRS: list[State] = [((-1, 0.5), (1, 0)), ((-1, 0.5), (1, 1)), ((-1, 0.5), (-2, 1))]


def relu(x: Any) -> Any:
    return np.maximum(x, 0)


@pytest.mark.parametrize("how", LOOKS)
@pytest.mark.parametrize("states", [NOTES, PAIRS, NOTES[:1], NOTES + PAIRS])
def test_a_panel_a_state(states: list[State], how: Any) -> None:
    picture = neurons(RELU, states, View(), how)
    check_layout(picture)
    assert len(picture.axes) == len(states)
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in picture.axes}) == 1
    for axes, state in zip(picture.axes, states, strict=True):
        curve = next(line for line in axes.lines if str(line.get_label()) == "relu chain")
        x = np.asarray(curve.get_xdata())
        expected = x
        for weight, bias in state:
            expected = relu(weight * expected + bias)
        assert np.array_equal(curve.get_ydata(), expected)


def test_panel_titles() -> None:
    picture = neurons(RELU, [NOTES[3], PAIRS[2]], View(), look())
    titles = [axes.get_title(loc="left") for axes in picture.axes]
    assert titles == ["$w$ = −1, $b$ = 0.5", "$w_1$ = −1, $b_1$ = 0.5\n$w_2$ = −2, $b_2$ = 1"]


@pytest.mark.parametrize(
    ("state", "places", "zones", "on", "off"),
    [
        (((0, 0),), [], [], [], []),
        (((1, 0),), [0.0], [(0.0, 2.0)], [0.0], []),
        (((1, 0.5),), [-0.5], [(-0.5, 2.0)], [-0.5], []),
        (((-1, 0.5),), [0.5], [(-2.0, 0.5)], [], [0.5]),
        (((-1, 0.5), (1, 0)), [0.5], [(-2.0, 0.5)], [], [0.5]),
        (((-1, 0.5), (-2, 1)), [0.0, 0.5], [(0.0, 0.5)], [0.0], [0.5]),
    ],
)
def test_where_it_switches(
    state: State,
    places: list[float],
    zones: list[tuple[float, float]],
    on: list[float],
    off: list[float],
) -> None:
    assert switches(RELU, state, (-2.0, 2.0)) == places
    picture = neurons(RELU, [state], View(), look())
    (axes,) = picture.axes
    shaded = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in axes.patches]  # type: ignore[attr-defined]
    assert shaded == zones
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    ground = look().colours.ground
    assert [line.get_xdata()[0] for line in dots if line.get_markerfacecolor() != ground] == on
    assert [line.get_xdata()[0] for line in dots if line.get_markerfacecolor() == ground] == off


def test_slope_of_a_chain() -> None:
    state: State = ((0.7, 0.1), (-1.3, 0.4))
    x = np.array([-1.0, 0.3, 2.0])
    y, slope = chain(get("tanh"), state, x)
    h = 1e-6
    difference = (chain(get("tanh"), state, x + h)[0] - chain(get("tanh"), state, x - h)[0]) / (2 * h)
    assert np.allclose(y, np.tanh(-1.3 * np.tanh(0.7 * x + 0.1) + 0.4))
    assert np.allclose(slope, difference)


@pytest.mark.parametrize("pairs", [1, 2, 3, 8, 64])
def test_weights_follow_the_sine(pairs: int) -> None:
    weights = sine_pairs(pairs)
    knots = np.arange(pairs + 1) / pairs
    x = np.linspace(0, 1, 1001)
    hidden = relu(x[:, None] @ weights["W1"] + weights["b1"])
    output = (hidden @ weights["W2"] + weights["b2"])[:, 0]
    assert np.allclose(output, np.interp(x, knots, np.sin(2 * np.pi * knots)), atol=1e-12)
    assert {name: array.shape for name, array in weights.items()} == {
        "W1": (1, 2 * pairs),
        "b1": (2 * pairs,),
        "W2": (2 * pairs, 1),
        "b2": (1,),
    }


@pytest.mark.parametrize("how", LOOKS)
@pytest.mark.parametrize("pairs", [1, 8, 40])
def test_fit(pairs: int, how: Any) -> None:
    picture = fit(sine_pairs(pairs), View(), how)
    check_layout(picture)
    (axes,) = picture.axes
    check_distinct(axes)
    lines = {str(line.get_label()): line for line in axes.lines}
    shares = [np.asarray(lines[f"pair {k + 1}"].get_ydata()) for k in range(pairs)]
    total = np.asarray(lines["sum"].get_ydata())
    target = np.asarray(lines["sin 2πx"].get_ydata())
    assert np.allclose(total, np.sum(shares, axis=0), atol=1e-12)
    assert np.array_equal(target, np.sin(2 * np.pi * np.asarray(lines["sum"].get_xdata())))
    worst = f"{np.max(np.abs(total - target)):.4g}"
    assert [text for text in words(picture) if text.startswith(f"largest error {worst} at x = ")] != []
    widths = [lines[name].get_linewidth() for name in ("pair 1", "sum", "sin 2πx")]
    assert widths == sorted(widths)
    assert widths[0] < 1 < 2 < widths[1]


@pytest.mark.parametrize("pairs", [0, -3, 501])
def test_pairs_out_of_range(pairs: int) -> None:
    with pytest.raises(ValueError) as caught:
        sine_pairs(pairs)
    assert str(caught.value) == f"--pairs {pairs} is out of range; from 1 to 500 pairs of neurons"


def test_a_jump_is_broken() -> None:
    (axes,) = neurons(get("step"), [((1, 0),)], View(), look()).axes
    curve = next(line for line in axes.lines if str(line.get_label()) == "step chain")
    assert np.unique(np.asarray(curve.get_ydata())[np.isfinite(np.asarray(curve.get_ydata()))]).tolist() == [0.0, 1.0]
    assert np.count_nonzero(np.isnan(np.asarray(curve.get_ydata()))) == 1


def test_weights_that_overflow_do_not_warn() -> None:
    check_layout(neurons(RELU, [((1e200, 0), (1e200, 1))], View(), look()))


def test_a_neuron_breaks_at_its_pole() -> None:
    picture = neurons(get("1/(x-0.3)"), [((-1.0, 0.5),), ((1.0, 0.0),)], View(), look())
    check_layout(picture)
    for axes, pole in zip(picture.axes, (0.2, 0.3), strict=True):
        x, y = axes.lines[-1].get_data()
        assert np.isnan(y[np.isclose(x, pole, atol=1e-12)]).all()
        (dashed,) = [line for line in axes.lines if line.get_linestyle() == "--" and line.get_ydata()[0] < -1]
        assert dashed.get_xdata()[0] == pytest.approx(pole)
        assert np.isclose(x, pole, atol=1e-12).any()
        assert max(map(abs, axes.get_ylim())) < 10
    assert {"x = 0.2", "x = 0.3"} <= set(words(picture))
    assert any("f(w" in text and "mathrm" not in text for text in words(picture))
