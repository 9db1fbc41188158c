"""The content of figures of functions, read from their artists."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from actcli.activations import get, names
from actcli.figures.axes import number
from actcli.figures.canvas import Axes, BboxImage
from actcli.figures.curves import several, single
from actcli.figures.difference import difference
from actcli.figures.gallery import gallery, multiples
from actcli.figures.look import look
from actcli.figures.sampling import View, lines_of
from actcli.studies.comparison import compare
from tests.figures.layout import check_layout, texts, words

LOOKS = [look(), look("slide", theme="dark"), look("640x400", 100)]
LOOK_IDS = ["light", "slide", "small"]


def curves(axes: Axes) -> dict[str, Any]:
    """The labelled lines of some axes."""
    return {str(line.get_label()): line for line in axes.lines if not str(line.get_label()).startswith("_")}


def check_distinct(axes: Axes) -> None:
    """Assert that no two series share colour and dash."""
    drawn = [(line.get_color(), str(line._dash_pattern)) for line in curves(axes).values()]  # type: ignore[attr-defined]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("how", LOOKS, ids=LOOK_IDS)
@pytest.mark.parametrize("spec", ["relu", "step", "softmax", "leaky_relu@negative_slope=0.1", "x*sigmoid(1.702*x)"])
@pytest.mark.parametrize("orders", [(0,), (0, 1), (1,)])
def test_single(spec: str, orders: tuple[int, ...], how: Any) -> None:
    activation = get(spec)
    picture = single(activation, View(orders=orders), how)
    check_layout(picture)
    (axes,) = picture.axes
    expected = [line for order in orders for line in lines_of(activation, (-5.0, 5.0), 801, order)]
    drawn = curves(axes)
    assert list(drawn) == [line.label for line in expected]
    for line in expected:
        assert np.array_equal(drawn[line.label].get_xdata(), line.x)
        assert np.array_equal(drawn[line.label].get_ydata(), line.y, equal_nan=True)
    check_distinct(axes)
    if len(expected) > 1:
        assert [line.label for line in expected if line.label not in words(picture)] == []


@pytest.mark.parametrize("name", names())
def test_every_function_has_a_figure_without_clashes(name: str) -> None:
    picture = single(get(name), View(orders=(0, 1)), look())
    check_layout(picture)
    assert picture.title == name


def test_sigmoid_says_what_there_is_to_say() -> None:
    picture = single(get("sigmoid"), View((-6.0, 6.0), orders=(0, 1), marks=(2.0,)), look())
    found = words(picture)
    expected = [
        "sigmoid", "sigmoid′", "y = 0", "y = 1", "largest slope 0.25 at x = 0", "(2, 0.8808)", "(2, 0.105)",
        "range (0, 1) · not zero-centred · increasing · shaded: slope under 0.01 in size",
    ]  # fmt: skip
    assert [text for text in expected if text not in found] == []


def test_relu_states_its_convention() -> None:
    picture = single(get("relu"), View(orders=(0, 1)), look())
    (footing,) = [text for text in words(picture) if text.startswith("range")]
    assert footing == (
        "range [0, ∞) · not zero-centred · non-decreasing · shaded: slope under 0.01 in size\n"
        "slope by convention (filled dot): 0 at x = 0 (left 0, right 1)"
    )


def test_a_users_formula_is_its_own_title() -> None:
    picture = single(get("x*sigmoid(1.702*x)"), View(), look())
    assert picture.title == "x*sigmoid(1.702*x)"
    assert r"$f(x) = x\,\sigma(1.702\,x)$" in words(picture)


def test_an_asymptote_out_of_sight_is_not_drawn() -> None:
    found = words(single(get("gelu"), View((0.0, 1e-3)), look()))
    assert [text for text in found if text.startswith("y =")] == []


def test_what_is_said_of_values_stands_under_values_alone() -> None:
    found = words(single(get("selu"), View(orders=(1,)), look()))
    assert [text for text in found if "range" in text or "increasing" in text] == []


def test_marks_say_once_what_functions_share() -> None:
    picture = several([get("gelu"), get("swish"), get("relu")], View(marks=(0.0, 1.0)), look())
    check_layout(picture)
    dots = [line for line in picture.axes[0].lines if line.get_marker() == "o"]
    assert len(dots) == 6
    marked = [text for text in words(picture) if text in ("0", "0.8413", "0.7311", "1")]
    assert sorted(marked) == ["0", "0", "0", "0.7311", "0.8413", "1", "1"]  # a tick of each axis, and the dots


def test_asymptote_of_gelu_is_a_slanted_line() -> None:
    picture = single(get("gelu"), View(), look())
    dashed = [line for line in picture.axes[0].lines if line.get_linestyle() == "--" and len(line.get_xdata()) == 2]
    ends = [(tuple(line.get_xdata()), tuple(line.get_ydata())) for line in dashed]
    assert ((0.0, 5.0), (0.0, 5.0)) in ends
    assert ((-5.0, 0.0), (0.0, 0.0)) in ends


def test_title_and_limits_asked_for() -> None:
    picture = single(get("relu"), View(span=(-2.0, 3.0), ylim=(-1.0, 4.0), points=11), look(title="My figure"))
    (axes,) = picture.axes
    assert (axes.get_xlim(), axes.get_ylim()) == ((-2.0, 3.0), (-1.0, 4.0))
    assert picture.title == "My figure"
    assert "My figure" in words(picture)
    assert "relu" not in words(picture)
    assert len(curves(axes)["relu"].get_xdata()) == 11


EIGHT = ["relu", "elu", "gelu", "sigmoid", "tanh", "step", "swish", "leaky_relu"]


@pytest.mark.parametrize("size", [None, "thumb"])
def test_every_mark_has_its_value_however_small_the_page(size: str | None) -> None:
    functions, marks = [get(name) for name in ("relu", "gelu", "swish", "elu", "mish")], (-2.0, 1.0, 2.0, 3.0)
    picture = several(functions, View(marks=marks), look(size))
    check_layout(picture)
    values = {number(float(function(x))) for function in functions for x in marks}
    assert values - set(words(picture)) == {number(float(get("gelu")(3.0)))}  # drawn at 3, with its label


def test_words_over_a_zero_line_break_it() -> None:
    picture = single(get("gelu"), View(orders=(0, 1)), look())
    (label,) = [text for text in texts(picture) if text.get_text().startswith("largest slope")]
    upright = picture.axes[0].transData.transform((0, 0))[0]
    assert label.get_window_extent().x0 < upright < label.get_window_extent().x1
    patch = label.get_bbox_patch()
    assert patch is not None
    assert patch.get_facecolor() == (1, 1, 1, 1)


def test_lines_are_thin_where_swings_would_run_together() -> None:
    formulas = ("sin(50*x)", "sin(x)", "sin(x)**2+cos(x)**2")
    lines = [curves(single(get(text), View(), look("thumb")).axes[0])[text] for text in formulas]
    fast, slow, level = (line.get_linewidth() for line in lines)
    assert fast < 1
    assert slow == level == 2


@pytest.mark.parametrize("how", LOOKS[:2], ids=LOOK_IDS[:2])
@pytest.mark.parametrize("orders", [(0,), (0, 1)])
@pytest.mark.parametrize("specs", [EIGHT, EIGHT[:2], ["exp", "relu"], ["softmax", "sigmoid"]])
def test_compare(specs: list[str], orders: tuple[int, ...], how: Any) -> None:
    activations = [get(spec) for spec in specs]
    picture = several(activations, View(orders=orders), how)
    check_layout(picture)
    assert len(picture.axes) == len(orders)
    for axes, order in zip(picture.axes, orders, strict=True):
        drawn = curves(axes)
        assert list(drawn) == [spec + "′" * order for spec in specs]
        for activation, line in zip(activations, drawn.values(), strict=True):
            expected = lines_of(activation, (-5.0, 5.0), 801, order)[0]
            assert np.array_equal(line.get_ydata(), expected.y, equal_nan=True)
        assert [label for label in drawn if label not in words(picture)] == []
        check_distinct(axes)


def test_poles_are_dashed_beside_others_too() -> None:
    picture = several([get("1/x"), get("1/x+x"), get("tanh")], View(orders=(0, 1)), look())
    check_layout(picture)
    for axes in picture.axes:
        poles = [tuple(line.get_xdata()) for line in axes.lines if line.get_linestyle() == "--" and line.get_lw() == 1]
        assert poles == [(0.0, 0.0)] * 2
        assert axes.get_ylim()[1] > 2 or axes is not picture.axes[0]  # the minimum of x + 1/x is visible
    assert words(picture).count("x = 0") == 2


def test_one_that_runs_away_does_not_flatten_the_others() -> None:
    axes = several([get("exp"), get("tanh")], View(), look()).axes[0]
    assert axes.get_ylim()[1] <= 10


def test_more_than_eight_become_panels_with_common_axes() -> None:
    specs = [name for name in names() if get(name).family == "sigmoids"]
    picture = several([get(spec) for spec in specs], View(), look())
    check_layout(picture)
    assert [axes.get_title(loc="left") for axes in picture.axes] == specs
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in picture.axes}) == 1


def test_panels_fit_a_size_that_was_asked_for() -> None:
    picture = multiples([get(name) for name in names()[:20]], View(), look("1600x1000"))
    assert (picture.look.width, picture.look.height) == (1600, 1000)


def test_difference_marks_the_largest() -> None:
    first, second = get("torch.Hardsigmoid"), get("keras2.hard_sigmoid")
    picture = difference(first, second, View((-5.0, 5.0)), look())
    check_layout(picture)
    left, right = picture.axes
    gap = curves(right)["difference"]
    x, y = np.asarray(gap.get_xdata()), np.asarray(gap.get_ydata())
    assert np.array_equal(y, first(x) - second(x))
    table = compare(first, second, (-5.0, 5.0)).gaps[0]
    (dot,) = [line for line in right.lines if line.get_marker() == "o"]
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (table.x, table.first - table.second) == (-2.5, 1 / 12)
    assert "largest difference 0.0833333 at x = −2.5" in words(picture)
    assert [collection.get_label() for collection in left.collections] == ["difference"]
    check_distinct(left)


def test_equal_functions_have_no_difference_to_mark() -> None:
    picture = difference(get("relu"), get("relu"), View(), look())
    assert "no difference in this range" in words(picture)


@pytest.mark.parametrize("how", [look(), look("2400x1600", theme="dark")], ids=["light", "sized"])
def test_gallery(how: Any) -> None:
    everything = [get(name) for name in names()]
    picture = gallery(everything, how)
    if not how.exact:
        check_layout(picture)
    found = words(picture)
    assert [activation.spec for activation in everything if activation.spec not in found] == []
    families = list(dict.fromkeys(activation.family for activation in everything))
    assert [text for text in found if text in families] == families
    assert [text for text in found if text in names()] == names()
    drawn = {str(line.get_label()): line for line in picture.artists}
    for name in ("relu", "gelu", "step"):
        expected = lines_of(get(name), (-5.0, 5.0), 201, 0)[0]
        assert np.array_equal(drawn[name].get_ydata(), expected.y, equal_nan=True)
        assert f"{name}′" in drawn
    places = np.array([text.get_position() for text in texts(picture) if text.get_text() in names()])
    columns, rows = (len(np.unique(places[:, axis].round(6))) for axis in (0, 1))
    assert columns * rows - len(everything) < columns / 2 or how.exact  # the last row is full
    assert found.count("2") == columns + rows  # tick labels only once per row and column of panels


def test_functions_of_a_row_are_maps() -> None:
    rows = [get(name) for name in names() if get(name).is_row]
    x = np.linspace(-2.0, 2.0, 60)
    plane = np.stack(np.meshgrid(x, x), axis=-1)
    shown = {str(image.get_label()): image for image in gallery(rows, look(), (-2.0, 2.0)).findobj(BboxImage)}
    for activation in rows:
        assert np.array_equal(shown[activation.spec].get_array(), activation(plane)[..., 0])
    beside = {axes.get_title(loc="left"): axes for axes in several(rows, View((-2.0, 2.0)), look()).axes}
    for activation in rows:
        (image,) = beside[activation.spec].images
        assert np.array_equal(image.get_array(), activation(plane)[..., 0])
        assert image.get_extent() == [-2.0, 2.0, -2.0, 2.0]


@pytest.mark.parametrize(
    "formula", ["1/x", "log(x)", "sqrt(x)", "x/(x-1)", "abs(x)**0.3", "x*0", "3", "where(x>0,1/x,0)", "exp(exp(x))"]
)
def test_formulas_with_poles_and_gaps(formula: str) -> None:
    picture = single(get(formula), View(orders=(0, 1)), look())
    check_layout(picture)
    drawn = curves(picture.axes[0])[formula]
    assert np.isfinite(np.asarray(drawn.get_ydata())).any()


@pytest.mark.parametrize("span", [(1.0, 1.0000001), (100.0, 101.0), (-1e15, 1e15), (-1e-9, 1e-9)])
def test_odd_ranges(span: tuple[float, float]) -> None:
    picture = single(get("softplus"), View(span=span), look())
    check_layout(picture)
    assert picture.axes[0].get_xlim() == span


def test_a_difference_that_jumps_is_broken() -> None:
    picture = difference(get("step"), get("sigmoid"), View(), look())
    gap = np.asarray(curves(picture.axes[1])["difference"].get_ydata())
    assert np.count_nonzero(np.isnan(gap)) == 1


def test_a_difference_without_bound_is_said_to_be() -> None:
    picture = difference(get("1/(x-0.3)"), get("relu"), View(), look())
    check_layout(picture)
    assert "the difference grows without bound near x = 0.3" in words(picture)
    line = curves(picture.axes[1])["difference"]
    assert np.isnan(np.asarray(line.get_ydata())[np.asarray(line.get_xdata()) == 0.3]).any()


def test_second_derivative_of_a_row_function_is_refused() -> None:
    with pytest.raises(ValueError) as caught:
        single(get("softmax"), View(orders=(0, 1, 2)), look())
    assert str(caught.value) == "softmax works on rows: it has values and slopes to draw, no second derivative"


@pytest.mark.parametrize(
    "formula", ["+".join(f"exp({k}*x)" for k in range(1, 40)), "where(x>0, " * 12 + "x" + ", 1)" * 12]
)
def test_a_formula_too_long_for_the_page_is_written_out(formula: str) -> None:
    picture = single(get(formula), View(span=(-0.1, 0.1)), look("1200x1200"))
    check_layout(picture)
    assert [text for text in words(picture) if "".join(text.split()) == "".join(formula.split())] != []


def test_a_long_title_folds() -> None:
    title = "What a neuron does to its input when it has seen enough of the world to know better " * 2
    picture = single(get("relu"), View(), look(title=title))
    check_layout(picture)
    assert " ".join(title.split()) in [" ".join(text.split()) for text in words(picture)]


def test_long_names_leave_room_for_the_curves() -> None:
    formula = "x*sigmoid(1.702*x) + 0.1*sin(3*x) - 0.01*exp(-x**2)"
    picture = several([get(formula), get("relu")], View(orders=(0, 1)), look())
    check_layout(picture)
    assert picture.axes[0].get_position().width > 0.45
    shortened = [text for text in words(picture) if "…" in text]
    assert len(shortened) == 2
    assert formula.startswith(shortened[0].removesuffix("…")) and len(shortened[0]) > 30
    assert f"({formula}".startswith(shortened[1].removesuffix("…)′")) and len(shortened[1]) > 30
