"""The diagram of a network contains its units and weights."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from actcli.activations import get
from actcli.figures.canvas import LineCollection
from actcli.figures.diagram import Layer, diagram
from actcli.figures.layers import SHARES, bands
from actcli.figures.look import THEMES, look
from tests.figures.layout import check_layout, words

RNG = np.random.default_rng(0)


def network(*sizes: int) -> list[Layer]:
    return [Layer.of(RNG.normal(size=(a, b)), RNG.normal(size=b), get("relu")) for a, b in itertools.pairwise(sizes)]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("sizes", "units"), [((1, 1), 2), ((4, 3), 7), ((4, 3, 3), 10), ((2, 5, 5, 2), 14), ((2, 64, 64, 3), 21)]
)
def test_units_and_weights(sizes: tuple[int, ...], units: int, theme: str) -> None:
    layers = network(*sizes)
    picture = diagram(layers, look(theme=theme))
    check_layout(picture)
    (axes,) = picture.axes
    assert len(axes.patches) == units
    lines = [collection for collection in axes.collections if isinstance(collection, LineCollection)]
    series = look(theme=theme).colours.series
    for layer, drawn in zip(layers, lines, strict=True):
        shown = [units if units <= 8 else 8 for units in layer.weights.shape]
        assert len(drawn.get_segments()) == shown[0] * shown[1]
        if max(layer.weights.shape) <= 8:
            values = layer.weights.T.reshape(-1)
            widths = np.asarray(drawn.get_linewidths())
            assert np.array_equal(np.argsort(widths), np.argsort(np.abs(values)))
            from matplotlib.colors import to_rgb

            assert [tuple(ink[:3]) for ink in drawn.get_colors()] == [to_rgb(series[0 if v > 0 else 1]) for v in values]
    assert [str(size) for size in sizes if str(size) not in words(picture)] == []


def test_a_single_neuron_has_its_numbers() -> None:
    layer = Layer.of([[-0.5], [2.0]], [0.25], get("relu"))
    found = words(diagram([layer], look()))
    assert [text for text in ("−0.5", "2", "b = 0.25", "inputs", "relu") if text not in found] == []


def test_bands_hold_the_quantiles() -> None:
    table = np.quantile(RNG.normal(size=(1000, 4)), SHARES, axis=0).T
    picture = bands(table, look())
    check_layout(picture)
    (axes,) = picture.axes
    assert np.array_equal(np.asarray(axes.lines[0].get_ydata()), table[:, 2])
    for collection, (low, high) in zip(axes.collections, ((0, 4), (1, 3)), strict=True):
        heights = collection.get_paths()[0].vertices[:, 1]
        assert set(np.round(table[:, [low, high]].reshape(-1), 9)) <= set(np.round(heights, 9))
