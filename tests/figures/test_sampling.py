"""Points of lines: kinks included, jumps broken, dots on the correct side."""

from __future__ import annotations

import numpy as np
import pytest

from actcli.activations import get, names
from actcli.figures.sampling import MOST_POINTS, limits, lines_of, row_series, saturated, series, span_of, steepest
from actcli.formulas.formula import Formula
from actcli.formulas.singular import singularities
from actcli.studies.properties import properties

ELEMENTWISE = [name for name in names() if not get(name).is_row]
ROWS = [name for name in names() if get(name).is_row]


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_points_are_what_the_function_gives(name: str, order: int) -> None:
    activation = get(name)
    line = series(activation, (-5.0, 5.0), 401, order)
    expected = (activation, activation.slope, activation.second)[order](line.x)
    at_break = np.isin(line.x, activation.kinks)
    assert np.array_equal(line.y[~at_break], expected[~at_break])
    assert np.all(np.isin(np.linspace(-5.0, 5.0, 401), line.x))
    assert np.all(np.diff(line.x) >= 0)
    for kink in activation.kinks:
        assert not -5 <= kink <= 5 or kink in line.x


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_jump_is_broken_and_marked(name: str) -> None:
    activation = get(name)
    line = series(activation, (-5.0, 5.0), 401)
    jumps = [jump for jump in activation.jumps if -5 < jump < 5]
    assert np.count_nonzero(np.isnan(line.y)) == len(jumps), (
        f"{name} is drawn with a slanted jump, or broken needlessly"
    )
    assert sorted({x for x, _ in line.hollow}) == jumps
    for x, y in line.filled:
        assert y == activation(x)


def test_step() -> None:
    line = series(get("step"), (-1.0, 1.0), 5)
    assert line.x.tolist() == [-1.0, -0.5, 0.0, 0.0, 0.0, 0.5, 1.0]
    assert np.array_equal(line.y, [0.0, 0.0, 0.0, np.nan, 1.0, 1.0, 1.0], equal_nan=True)
    assert (line.filled, line.hollow) == (((0.0, 0.0),), ((0.0, 1.0),))


def test_slope_of_relu_has_a_dot_on_either_side_of_the_kink() -> None:
    line = series(get("relu"), (-1.0, 1.0), 5, order=1)
    assert (line.filled, line.hollow) == (((0.0, 0.0),), ((0.0, 1.0),))


def test_slope_between_its_sides_is_a_filled_dot_by_itself() -> None:
    line = series(get("abs"), (-1.0, 1.0), 5, order=1)
    slope = float(get("abs").slope(0.0))
    assert line.filled == ((0.0, slope),)
    assert set(line.hollow) == {(0.0, -1.0), (0.0, 1.0)} - {(0.0, slope)}


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("order", [0, 1])
def test_row_functions_are_drawn_on_a_row_of_two(name: str, order: int) -> None:
    activation = get(name)
    other = 1.0 if activation.output_width(2) == 1 else 0.0
    lines = row_series(activation, (-5.0, 5.0), 401, order)
    rows = np.stack([np.linspace(-5, 5, 401), np.full(401, other)], axis=1)
    expected = activation(rows) if order == 0 else activation.jacobian(rows)[..., 0]
    assert len(lines) == activation.output_width(2)
    for k, line in enumerate(lines):
        drawn = np.isin(line.x, rows[:, 0]) & ~np.isin(line.x, [x for x, _ in line.filled])
        kept = ~np.isin(rows[:, 0], [x for x, _ in line.filled])
        assert np.array_equal(line.y[drawn], expected[kept, k])
    assert len({line.label for line in lines}) == len(lines)


def test_a_row_function_that_jumps_is_broken_there() -> None:
    first, second = row_series(get("hardmax"), (-1.0, 1.0), 5)
    assert first.x.tolist() == [-1.0, -0.5, 0.0, 0.0, 0.0, 0.0, 0.5, 1.0]
    assert (first.filled, first.hollow) == (((0.0, 1.0),), ((0.0, 0.0),))
    assert (second.filled, second.hollow) == (((0.0, 0.0),), ((0.0, 1.0),))
    (slope,) = row_series(get("maxout"), (-5.0, 5.0), 801, order=1)
    assert [x for x, _ in slope.filled] == [1.0]


def test_softmax_of_two_is_the_sigmoid() -> None:
    first, second = row_series(get("softmax"), (-5.0, 5.0), 401)
    assert np.allclose(first.y, get("sigmoid")(first.x), rtol=1e-14, atol=0)
    assert np.allclose(second.y, get("sigmoid")(-first.x), rtol=1e-14, atol=0)


@pytest.mark.parametrize(
    ("specs", "span"),
    [
        (["sigmoid"], (-5.0, 5.0)),
        (["hard_tanh"], (-5.0, 5.0)),
        (["relu6"], (-5.0, 8.0)),
        (["clipped_relu"], (-5.0, 25.0)),
        (["clipped_relu", "relu6"], (-5.0, 8.0)),
        (["relu", "clipped_relu"], (-5.0, 5.0)),
    ],
)
def test_default_range_shows_the_kinks(specs: list[str], span: tuple[float, float]) -> None:
    assert span_of(*map(get, specs)) == span


@pytest.mark.parametrize(
    ("name", "stretches"),
    [
        ("relu", [(-5.0, 0.0)]),
        ("identity", []),
        ("hard_tanh", [(-5.0, -1.0), (1.0, 5.0)]),
        ("sine", []),
    ],
)
def test_saturated_stretches(name: str, stretches: list[tuple[float, float]]) -> None:
    assert saturated(lines_of(get(name), (-5.0, 5.0), 801, 1)[0]) == stretches


@pytest.mark.parametrize("spec", ["relu", "identity", "hard_shrink", "exp", "relu6", "srelu", "hard_swish", "1/x"])
def test_no_steepest_point_where_it_would_tell_nothing(spec: str) -> None:
    assert steepest(get(spec), lines_of(get(spec), (-5.0, 5.0), None, 1)[0]) is None


def test_steepest_point() -> None:
    assert steepest(get("sigmoid"), lines_of(get("sigmoid"), (-5.0, 5.0), None, 1)[0]) == (0.0, 0.25)
    peak = steepest(get("gelu"), lines_of(get("gelu"), (-5.0, 5.0), None, 1)[0])
    assert peak is not None
    x, top = peak
    assert top == pytest.approx(1.1289041, abs=1e-6)
    assert x == pytest.approx(2**0.5, abs=1e-4)


# --- poles, holes, ends ---------------------------------------------------------------------------------------------

INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("formula", "order", "expected"),
    [
        ("1/(x-0.3)", 0, [(0.3, -INF, INF)]),
        ("1/(x-0.3)", 1, [(0.3, -INF, -INF)]),
        ("1/(x*x-4)", 0, [(-2.0, INF, -INF), (2.0, -INF, INF)]),
        ("1/(x*x-2)", 0, [(-(2**0.5), INF, -INF), (2**0.5, -INF, INF)]),
        ("1/(x**2-2*x+1)", 0, [(1.0, INF, INF)]),
        ("1/(1+cos(x))", 0, [(-np.pi, INF, INF), (np.pi, INF, INF)]),
        ("sin(x)/cos(x)", 0, [(k * np.pi / 2, INF, -INF) for k in (-3, -1, 1, 3)]),
        ("log(x-0.3)", 0, [(0.3, NAN, -INF)]),
        ("log(x)", 1, [(0.0, NAN, INF)]),
        ("log(-log(x))", 0, [(0.0, NAN, INF), (1.0, -INF, NAN)]),
        ("sqrt(x)", 0, [(0.0, NAN, 0.0)]),
        ("sqrt(x)", 1, [(0.0, NAN, INF)]),
        ("sin(x)/x", 0, [(0.0, 1.0, 1.0)]),
        ("(x*x-1)/(x-1)", 0, [(1.0, 2.0, 2.0)]),
        ("tanh(1/x)", 0, [(0.0, -1.0, 1.0)]),
        ("exp(1/x)", 0, [(0.0, 0.0, INF)]),
        ("where(x > 0, 1/x, 0)", 0, [(0.0, 0.0, INF)]),
        ("x*sigmoid(x)", 1, []),
        ("1/(1 + abs(x))", 0, []),
        ("sin(2*x)/cosh(x)", 0, []),
        ("where(x == 0, 1, sin(pi*x)/(pi*where(x == 0, 1, x)))", 1, []),
    ],
)
def test_singularities(formula: str, order: int, expected: list[tuple[float, float, float]]) -> None:
    found = [(gap.x, gap.left, gap.right) for gap in singularities(Formula(formula), -5.0, 5.0, order)]
    assert np.array_equal(np.array(found), np.array(expected), equal_nan=True)


@pytest.mark.parametrize(
    ("formula", "poles"),
    [
        ("1/(x-0.3)", (0.3,)),
        ("sin(x)/cos(x)", (-1.5 * np.pi, -np.pi / 2, np.pi / 2, 1.5 * np.pi)),
        ("1/(x*x-4)", (-2.0, 2.0)),
    ],
)
@pytest.mark.parametrize("order", [0, 1])
def test_a_line_leaves_the_page_at_a_pole_and_is_broken_there(
    formula: str, poles: tuple[float, ...], order: int
) -> None:
    line = series(get(formula), (-5.0, 5.0), None, order)
    low, high = limits([line])
    assert line.poles == poles
    for pole in poles:
        at = np.flatnonzero(line.x == pole)
        assert np.isnan(line.y[at]).all()
        for beside in (at[0] - 1, at[-1] + 1):
            assert not low <= line.y[beside] <= high
    # No segment of the line crosses the page from top to bottom.
    with np.errstate(invalid="ignore"):
        assert not np.any((line.y[:-1] > high) & (line.y[1:] < low)) and not np.any(
            (line.y[:-1] < low) & (line.y[1:] > high)
        )


@pytest.mark.parametrize(
    ("formula", "shown", "shape"),
    [
        ("1/(x-0.3)", "(-inf, inf)", ("", "discontinuous", (0.3,))),
        ("log(x)", "(-inf, inf)", ("increasing", "analytic", (0.0,))),
        ("1/x**2", "(0, inf)", ("", "discontinuous", (0.0,))),
        ("sqrt(x)", "[0, inf)", ("increasing", "analytic", ())),
        ("gelu", "[-0.169971, inf)", ("", "analytic", ())),
    ],
)
def test_properties_know_poles(formula: str, shown: str, shape: tuple[str, str, tuple[float, ...]]) -> None:
    known = properties(get(formula))
    assert (known.range, (known.monotone, known.smoothness, known.poles)) == (shown, shape)


@pytest.mark.parametrize("formula", ["sin(50*x)", "gelu", "exp(-100*x**2)", "cos(x**2)", "log(x)", "mish"])
def test_a_line_is_within_half_a_pixel_of_the_function(formula: str) -> None:
    activation = get(formula)
    line = series(activation, (-5.0, 5.0))
    assert line.complete
    assert len(line.x) < MOST_POINTS
    low, high = limits([line])
    at = np.random.default_rng(0).uniform(-5, 5, 20_000)
    truth = activation(at)
    seen = np.isfinite(truth) & (truth > low) & (truth < high)
    across, up = 960 / 10, 600 / (high - low)
    path = np.column_stack([line.x * across, line.y * up])
    path = path[np.isfinite(path).all(axis=1)]
    after = np.clip(np.searchsorted(path[:, 0], at[seen] * across), 1, len(path) - 1)
    point = np.column_stack([at[seen] * across, truth[seen] * up])
    way = path[after] - path[after - 1]
    share = np.clip(
        np.sum((point - path[after - 1]) * way, axis=1) / np.maximum(np.sum(way * way, axis=1), 1e-30), 0, 1
    )
    assert np.hypot(*(point - path[after - 1] - share[:, None] * way).T).max() < 0.55


def test_no_wave_hides_behind_equal_steps() -> None:
    line = series(get("sin(2*pi*80*x)"), (-5.0, 5.0))  # a whole number of periods between the initial points
    assert [line.y.min() < -0.95, line.y.max() > 0.95] == [True, True]


def test_what_swings_without_end_says_so() -> None:
    line = series(get("sin(1/x)"), (-5.0, 5.0))
    assert not line.complete
    assert len(line.x) <= MOST_POINTS


def test_points_asked_for_are_all_there_are() -> None:
    assert np.array_equal(series(get("sin(50*x)"), (-5.0, 5.0), 11).x, np.linspace(-5, 5, 11))


def test_a_sign_that_no_float_hits_has_no_value_at_its_jump() -> None:
    line = series(get("sign(sin(x))"), (-5.0, 5.0))
    assert line.filled == ((0.0, 0.0),)
    assert set(line.hollow) == {(x, y) for x in (-np.pi, 0.0, np.pi) for y in (-1.0, 1.0)}
    assert span_of(get("sign(sin(x))")) == (-5.0, 5.0)


@pytest.mark.parametrize("text", ["1e300-erf(x)", "-1e300-erf(x)", "1e308*x", "1e300+0*x"])
def test_levels_of_any_size_have_a_height(text: str) -> None:
    line = series(get(text), (-5.0, 5.0))
    low, high = limits([line])
    assert low < high
    assert 1e-10 * max(abs(low), abs(high)) < high - low < np.inf
