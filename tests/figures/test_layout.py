"""Texts do not overlap in any kind of figure; `layout.py`, run by hand, checks all combinations."""

from __future__ import annotations

import itertools

import pytest

from actcli.activations import get
from actcli.figures.canvas import Line2D, render, style
from actcli.figures.curves import single
from actcli.figures.look import THEMES, look
from actcli.figures.sampling import View
from tests.figures.layout import FUNCTIONS, KINDS, SIZES, check_layout, drawn, faults

# Every kind in two sizes, every function at least once, both themes.
SAMPLE = [
    (kind, FUNCTIONS[(7 * k) % len(FUNCTIONS)], size, tuple(THEMES)[k % 2])
    for k, (kind, size) in enumerate(itertools.product(KINDS, SIZES))
    if (k + k // len(SIZES)) % 2
]


@pytest.mark.parametrize(("kind", "function", "size", "theme"), SAMPLE)
def test_no_text_is_in_the_way(kind: str, function: str, size: str | None, theme: str) -> None:
    picture = drawn(kind, function, size, theme)
    if picture is not None:
        check_layout(picture)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bytes_twice(kind: str) -> None:
    first, second = (drawn(kind, "hard_swish", "thumb", "light") for _ in range(2))
    assert first is not None and second is not None
    for suffix in (".svg", ".png"):
        assert render(first, suffix) == render(second, suffix)


def test_the_check_finds_what_is_wrong() -> None:
    how = look()
    with style(how):
        picture = single(get("relu"), View(), how)
        (axes,) = picture.axes
        axes.text(2, 2, "over the curve")
        axes.text(-4, 3, "small", fontsize=6)
        axes.text(-2, 4, "twice")
        axes.text(-2, 4, "Twice")
        axes.text(4.9, 1, "far too wide for what is left of the page")
        axes.add_line(Line2D([-5, 5], [3.05, 3.05], label="_unnamed"))
        found = faults(picture)
    assert found == [
        "'far too wide for what is left of the page' leaves the page",
        "'small' is too small",
        "'twice' lies over 'Twice'",
        "'over the curve' lies over the curve 'relu'",
    ]
