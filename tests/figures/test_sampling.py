"""Points to draw: kinks hit, jumps broken, dots on the right side."""

from __future__ import annotations

import numpy as np
import pytest

from actcli.activations import get, names
from actcli.figures.sampling import lines_of, row_series, saturated, series, span_of, steepest

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


@pytest.mark.parametrize(
    ("name", "top", "at"),
    [
        ("sigmoid", 0.25, [(0.0, 0.0)]),
        ("relu", 1.0, [(0.0, 5.0)]),
        ("identity", 1.0, [(-5.0, 5.0)]),
        ("hard_shrink", 1.0, [(-5.0, -0.5), (0.5, 5.0)]),
    ],
)
def test_steepest(name: str, top: float, at: list[tuple[float, float]]) -> None:
    assert steepest(get(name), lines_of(get(name), (-5.0, 5.0), 801, 1)[0]) == (top, at)


def test_steepest_point_of_gelu_to_six_digits() -> None:
    top, [(x, _)] = steepest(get("gelu"), lines_of(get("gelu"), (-5.0, 5.0), 801, 1)[0])
    assert top == pytest.approx(1.1289041, abs=1e-6)
    assert x == pytest.approx(2**0.5, abs=1e-4)
