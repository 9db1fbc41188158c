"""The figure of an approximation: its curves, its error and the bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from actcli.activations import get
from actcli.figures.approximation import approximation
from actcli.figures.canvas import render
from actcli.figures.look import look
from actcli.studies.approximation.pieces import linear_pieces
from actcli.studies.approximation.polynomials import polynomial
from actcli.studies.approximation.result import Approximation
from actcli.studies.approximation.tables import table
from actcli.studies.approximation.target import Target
from tests.figures.test_curves import check_distinct, check_layout

TANH = Target(get("tanh"), -4, 4)
FOUND = {
    "polynomial": polynomial(TANH, 5),
    "relative": polynomial(Target(get("tanh"), -4, 4, relative=True), 5),
    "quotient": polynomial(Target(get("gelu"), -7, 7), 4, 4),
    "slope": polynomial(Target(get("silu"), -5, 5, order=1), 6),
    "pieces": linear_pieces(TANH, 4),
    "table": table(TANH, 9),
}


def line(axes: Any, label: str) -> tuple[Any, Any]:
    return next(each.get_data() for each in axes.lines if each.get_label() == label)


@pytest.mark.parametrize("how", [look(), look("slide", theme="dark")])
@pytest.mark.parametrize("kind", FOUND)
def test_function_above_error_below(kind: str, how: Any) -> None:
    found: Approximation = FOUND[kind]
    picture = approximation(found, how)
    check_layout(picture)
    above, below = picture.axes
    check_distinct(above)
    x, f = line(above, found.target.name)
    assert np.array_equal(f, found.target.values(x))
    x, g = line(above, found.what)
    drawn = ~np.isnan(g)
    assert np.array_equal(g[drawn], found.formula.values(x[drawn]))
    x, error = line(below, "error")
    drawn = ~np.isnan(error)
    assert np.abs(error[drawn]).max() <= found.bound.error
    assert np.abs(error[drawn]).max() >= found.bound.error * 0.999
    bounds = sorted(
        each.get_ydata()[0] for each in below.lines if len(set(each.get_ydata())) == 1 and len(each.get_ydata()) == 2
    )
    assert found.bound.error in bounds
    assert -found.bound.error in bounds
    assert found.target.name in picture.title


def test_the_extremes_of_a_best_polynomial_are_marked() -> None:
    picture = approximation(FOUND["polynomial"], look())
    marks = next(each for each in picture.axes[1].lines if each.get_marker() == "o")
    assert len(marks.get_xdata()) == 8  # a best approximation has at least 7; for an odd function there is one more
    signs = np.sign(marks.get_ydata())
    assert (signs[1:] == -signs[:-1]).all()


def test_jumps_are_broken() -> None:
    _, y = line(approximation(FOUND["table"], look()).axes[0], FOUND["table"].what)
    assert np.isnan(y).sum() == 8


def test_the_same_bytes_twice() -> None:
    first, second = (render(approximation(FOUND["pieces"], look()), ".svg") for _ in range(2))
    assert first == second
