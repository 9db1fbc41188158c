"""Figures of samples and networks, read from their artists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from actcli.figures import arrays, data, layers
from actcli.figures.axes import number
from actcli.figures.look import look
from tests.figures.layout import check_layout, texts, words

LOOKS = [look(), look("page"), look("slide", theme="dark", cmap="brg")]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 2))
Y = np.arange(90) % 3


def predict(points: Any) -> Any:
    scores = np.exp(points @ np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]))
    return scores / scores.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("how", LOOKS)
def test_scatter(how: Any) -> None:
    picture = data.scatter(X, Y, how, title="spiral", caption="90 samples, seed 0")
    check_layout(picture)
    (axes,) = picture.axes
    series = {str(line.get_label()): line for line in axes.lines if str(line.get_label()).startswith("class")}
    assert list(series) == ["class 0", "class 1", "class 2"]
    for k, line in enumerate(series.values()):
        assert np.array_equal(np.column_stack(line.get_data()), X[k == Y])
    assert len({(line.get_color(), line.get_marker()) for line in series.values()}) == 3
    assert len({line.get_marker() for line in series.values()}) == 3
    assert axes.get_aspect() == 1.0
    assert [text for text in ("spiral", "90 samples, seed 0", "class 0", "class 2") if text not in words(picture)] == []


def test_held_out_samples_are_hollow() -> None:
    held_out = np.arange(90) % 5 == 0
    (axes,) = data.scatter(X, Y, look(), held_out=held_out).axes
    series = {str(line.get_label()): line for line in axes.lines}
    for k in range(3):
        filled, hollow = series[f"class {k}"], series[f"class {k}, held out"]
        assert np.array_equal(np.column_stack(filled.get_data()), X[(k == Y) & ~held_out])
        assert np.array_equal(np.column_stack(hollow.get_data()), X[(k == Y) & held_out])
        assert (hollow.get_markerfacecolor(), hollow.get_markeredgecolor()) == ("#ffffff", filled.get_color())
        assert hollow.get_marker() == filled.get_marker()


def test_a_key_of_many_classes_fits_the_smallest_page() -> None:
    classes = np.arange(90) % 12
    check_layout(data.scatter(X, classes, look("thumb")))
    check_layout(data.regions(predict, X, classes, look("thumb")))


def test_brg_is_the_tutorials_colours() -> None:
    picture = data.scatter(X, Y, look(cmap="brg"))
    colours = [line.get_color() for line in picture.axes[0].lines if str(line.get_label()).startswith("class")]
    assert colours == ["#0000ff", "#fe0100", "#00ff00"]


def test_scatter_without_classes() -> None:
    (line,) = [line for line in data.scatter(X, None, look()).axes[0].lines if len(line.get_xdata()) == 90]
    assert np.array_equal(np.column_stack(line.get_data()), X)


def test_unknown_colour_map() -> None:
    with pytest.raises(ValueError) as caught:
        data.scatter(X, Y, look(cmap="virids"))
    assert str(caught.value) == "no colour map 'virids'; did you mean viridis, viridis_r, cividis?"


def test_scatter_of_other_shapes_is_refused() -> None:
    with pytest.raises(ValueError) as caught:
        data.scatter(np.zeros((3, 4)), None, look())
    assert str(caught.value) == "a scatter needs two columns, x and y; the data has shape (3, 4)"


@pytest.mark.parametrize("how", LOOKS)
def test_regions(how: Any) -> None:
    picture = data.regions(predict, X, Y, how, title="2→3")
    check_layout(picture)
    (axes,) = picture.axes
    accuracy = np.mean(np.argmax(predict(X), axis=1) == Y)
    assert f"2→3: accuracy {accuracy:.1%}" in words(picture)
    (image,) = axes.images
    low, high, bottom, top = image.get_extent()
    mesh = np.stack(np.meshgrid(np.linspace(low, high, 240), np.linspace(bottom, top, 240)), axis=-1).reshape(-1, 2)
    assert np.array_equal(np.asarray(image.get_array()).ravel(), np.argmax(predict(mesh), axis=1))
    assert (low, high) == axes.get_xlim()
    assert axes.get_aspect() == 1.0


@pytest.mark.parametrize("how", LOOKS)
def test_regions_name_classes_and_inputs(how: Any) -> None:
    said = {"classes": ("a", "b$c$", "a" * 40), "names": ("petal length in $cm$", "width")}
    picture = data.regions(predict, X, Y, how, **said)
    check_layout(picture)
    shown = [word.replace(r"\$", "$") for word in words(picture)]
    wanted = ["a", "b$c$", "a" * 19 + "…", *said["names"], "p = 0.95"]
    assert [word for word in wanted if word not in shown] == []


@pytest.mark.parametrize("how", LOOKS)
@pytest.mark.parametrize("count", [1, 5])
def test_histograms(count: int, how: Any) -> None:
    before = [RNG.normal(size=(90, 4)) - (np.arange(4) == 3) * 50 for _ in range(count)]
    rows = [(f"layer {k}: 2→4", array, np.maximum(array, 0)) for k, array in enumerate(before)]
    picture = layers.histograms(rows, how, caption="90 samples")
    check_layout(picture)
    assert len(picture.axes) == 2 * count + (count > 1)  # for several layers there is a column of deviations
    for k, array in enumerate(before):
        left, right = picture.axes[2 * k : 2 * k + 2]
        for axes, values in ((left, array), (right, np.maximum(array, 0))):
            bars = axes.patches
            counts = [bar.get_height() for bar in bars]  # type: ignore[attr-defined]
            edges = [bar.get_x() for bar in bars]  # type: ignore[attr-defined]
            edges.append(edges[-1] + bars[-1].get_width())  # type: ignore[attr-defined]
            assert sum(counts) == np.count_nonzero(values)
            assert counts == np.histogram(values[values != 0], bins=edges)[0].tolist()
            assert np.min(np.abs(edges)) < 1e-9  # no bar contains 0 in its interior
            zeros = [line for line in axes.lines if line.get_label() == "zeros"]
            assert [list(line.get_xdata()) for line in zeros] == [[0.0, 0.0]] * bool(np.any(values == 0))
        share = np.mean(array <= 0)
        assert right.get_title(loc="left").endswith(f"zero {share:.0%}  dead 25%")
        assert f"mean {number(array.mean(), 3)}" in left.get_title(loc="left")
    assert len({axes.get_xlim() for axes in picture.axes[: 2 * count]}) == 1


def test_a_signal_that_fades_ends_as_a_spike_at_0_on_the_scale_of_all_layers() -> None:
    rows = [(f"layer {k}", array := RNG.normal(size=(90, 4)) * 0.01**k, np.tanh(array)) for k in range(3)]
    picture = layers.histograms(rows, look())
    check_layout(picture)
    *panels, beside = picture.axes
    assert len({axes.get_xlim() for axes in panels}) == 1
    edges = [{round(bar.get_x(), 9) for bar in axes.patches} for axes in panels]  # type: ignore[attr-defined]
    assert all(one == edges[0] for one in edges)
    for axes in panels:
        assert axes.get_ylim()[1] == 1.08 * max(bar.get_height() for bar in axes.patches)  # type: ignore[attr-defined]
    for axes in panels[-2:]:
        full = [bar for bar in axes.patches if bar.get_height()]  # type: ignore[attr-defined]
        assert sorted(bar.get_x() + bar.get_width() * (bar.get_x() < -1e-9) for bar in full) == pytest.approx([0, 0])  # type: ignore[attr-defined]
    assert beside.get_xscale() == "log"
    low, high = beside.get_xlim()
    for column, line in enumerate(beside.lines):
        deviations = [np.std(both[column]) for _, *both in rows]
        assert np.allclose(line.get_xdata(), deviations)
        assert low < min(deviations) < max(deviations) < high
        level = [picture.transFigure.inverted().transform(beside.transData.transform((1, k)))[1] for k in range(3)]
        middle = [(box.y0 + box.y1) / 2 for box in (axes.get_position() for axes in panels[column::2])]
        assert np.allclose(level, middle)


@pytest.mark.parametrize(
    ("size", "title", "shown"),
    [
        (None, "twenty", range(1, 21)),
        ("slide", "twenty", range(1, 21)),
        ("thumb", "twenty: 4 of 20 layers", (1, 7, 14, 20)),
    ],
)
def test_layers_are_as_many_as_can_be_read(size: str | None, title: str, shown: Sequence[int]) -> None:
    rows = [(f"layer {k}", array := RNG.normal(size=(90, 4)), np.tanh(array)) for k in range(1, 21)]
    picture = layers.histograms(rows, how := look(size), title="twenty")
    check_layout(picture)
    assert picture.title == title
    assert [word for word in words(picture) if word.startswith("layer")] == [f"layer {k}" for k in shown]
    assert size is None or picture.canvas.get_width_height() == (how.width, how.height)
    assert min(text.get_fontsize() for text in texts(picture)) / 72 * picture.dpi > 5.5  # pixels


def test_histogram_of_what_is_not_finite() -> None:
    array = np.array([[1.0, np.nan], [np.inf, 2.0]])
    picture = layers.histograms([("layer 1", array, array)], look())
    assert picture.axes[0].get_title(loc="left") == "mean 1.5  sd 0.5  not finite 2"


def test_histogram_of_one_value() -> None:
    check_layout(layers.histograms([("layer 1", np.zeros((5, 2)), np.zeros((5, 2)))], look()))


@pytest.mark.parametrize("how", LOOKS)
@pytest.mark.parametrize("outputs", [1, 3])
def test_curve(outputs: int, how: Any) -> None:
    x = np.linspace(0, 1, 50)
    y = np.stack([np.sin(x * (k + 1)) for k in range(outputs)], axis=1)
    picture = data.curve(x, y, how, samples=(x[::5], y[::5, 0]), caption="10 samples")
    check_layout(picture)
    lines = [line for line in picture.axes[0].lines if len(line.get_xdata()) == 50]
    assert np.array_equal(np.stack([line.get_ydata() for line in lines], axis=1), y)
    assert len({(line.get_color(), str(line._dash_pattern)) for line in lines}) == outputs  # type: ignore[attr-defined]


@pytest.mark.parametrize("how", LOOKS)
def test_heatmap(how: Any) -> None:
    tables = [("W1", RNG.normal(size=(2, 3))), ("a1", RNG.normal(size=(10, 10)) * 100)]
    picture = arrays.heatmap(tables, how, caption="weights")
    check_layout(picture)
    images = [axes.images[0] for axes in picture.axes if axes.images]
    for (name, array), image in zip(tables, images, strict=False):
        largest = np.max(np.abs(array))
        assert image.get_clim() == (-largest, largest)
        assert np.array_equal(np.asarray(image.get_array()), array)
        assert f"{name}  {array.shape[0]}×{array.shape[1]}  ±{number(largest, 3)}" in words(picture)


@pytest.mark.parametrize("channels", [1, 3, 16])
def test_images_are_images(channels: int) -> None:
    maps = RNG.normal(size=(2, 12, 8, channels))
    picture = arrays.heatmap([("x", maps), ("a1", RNG.normal(size=(2, 40)))], look())
    check_layout(picture)
    image = picture.axes[0].images[0]
    sheet = np.ma.filled(image.get_array(), np.nan)
    found = [sheet[..., k : k + 8] for k in range(0, sheet.shape[1], 9)]
    found = [column[k : k + 12] for k in range(0, sheet.shape[0], 13) for column in found]
    assert np.array_equal(np.stack(found[:channels], axis=-1), maps[0])
    assert np.isnan(found[channels:]).all()
    box = picture.axes[0].get_window_extent()
    assert box.width / box.height == pytest.approx(sheet.shape[1] / sheet.shape[0], rel=0.01)


def test_numbers_of_a_heatmap_fit_their_cells() -> None:
    small = RNG.normal(size=(5, 4)) * 1e-3
    for wide, shown in ((4, True), (40, False)):
        picture = arrays.heatmap([("a1", np.tile(small, wide // 4))], look())
        axes = picture.axes[0]
        assert bool(axes.texts) is shown
        cell = axes.get_window_extent().width / wide / picture.dpi
        assert all(picture.extent(text)[0] < cell for text in axes.texts)


@pytest.mark.parametrize("how", LOOKS)
def test_depth(how: Any) -> None:
    series = {"relu": 0.5 ** np.arange(10), "tanh": 0.9 ** np.arange(10)}
    picture = layers.depth(series, how, ylabel="standard deviation", caption="10 layers")
    check_layout(picture)
    (axes,) = picture.axes
    assert axes.get_yscale() == "log"
    lines = [line for line in axes.lines if len(line.get_xdata()) == 10]
    for values, line in zip(series.values(), lines, strict=True):
        assert np.array_equal(line.get_ydata(), values)
        assert np.array_equal(line.get_xdata(), np.arange(1, 11))
    assert [label for label in series if label not in words(picture)] == []


def test_depth_with_little_spread_is_linear() -> None:
    assert layers.depth({"tanh": [1.0, 2.0]}, look(), ylabel="mean").axes[0].get_yscale() == "linear"
