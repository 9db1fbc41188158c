"""The figure of the difference of two functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from actcli.activations import Activation
from actcli.figures.axes import (
    LEFT,
    ORDER_WORDS,
    RIGHT,
    TICKS,
    description,
    draw_poles,
    draw_series,
    frame,
    number,
    row_note,
)
from actcli.figures.canvas import SMALL, Picture, colour, style
from actcli.figures.keys import name_lines
from actcli.figures.look import Look
from actcli.figures.notes import Notes
from actcli.figures.sampling import POINTS, Array, View, broken, prime, representative, value_on
from actcli.studies.comparison import largest_gap


def difference(first: Activation, second: Activation, view: View, look: Look) -> Picture:
    """Two functions and their difference: one panel with both curves, one with the first minus the second."""
    span = view.reach(first, second)
    order = view.orders[-1]
    look = look.holding(4.2, 2.4)
    with style(look):
        title = f"{prime(first.spec, order)} and {prime(second.spec, order)}"
        picture = Picture(look, title, description([first, second], span, view))
        kinks = [kink for activation in (first, second) for kink in activation.kinks if span[0] <= kink <= span[1]]
        x = np.union1d(np.linspace(*span, view.points or POINTS), kinks)
        both = [representative(f, span, view.points, order) for f in (first, second)]
        values = [value_on(f, x, order) for f in (first, second)]
        with np.errstate(invalid="ignore"):  # inf - inf
            gap = values[0] - values[1]
        top = picture.heading(name=title)
        worst = _largest(first, second, span, order, x, values)
        words = "no difference in this range"
        if worst is not None:
            at, ends = worst
            most = ends[0] - ends[1]
            words = f"largest difference {number(most, 6)} at x = {number(at, 6)}"
        poles = sorted({pole for one in both for pole in one.poles})
        near = [pole for pole in poles if worst is not None and abs(pole - at) < 1e-6 * (span[1] - span[0])]
        if near:
            worst, words = None, f"the difference grows without bound near x = {number(near[0])}"
        broken_at = poles if near else []
        places = np.searchsorted(x, broken_at)
        foot = picture.footing(words + (f" · {row_note(first)}" if first.is_row else ""))
        wide = picture.get_size_inches()[0]
        half = (wide - 2 * LEFT - RIGHT - 0.15) / 2
        above = top + name_lines(picture, [line.label for line in both], top + 0.02) + 0.25
        below = foot + TICKS + 0.05
        axes = picture.panel(LEFT, above, wide - LEFT - half, below)
        axes.set_title(ORDER_WORDS[order], fontsize=SMALL, pad=4, color=look.colours.muted)
        frame(picture, axes, span, both, view.ylim)
        axes.fill_between(x, values[0], values[1], color=colour(look, 4), alpha=0.45, lw=0, label="difference")
        for k, line in enumerate(both):
            draw_series(axes, line, look, k)
        right = picture.panel(wide - RIGHT - half, above, RIGHT, below)
        right.set_title("first minus second", fontsize=SMALL, pad=4, color=look.colours.muted)
        parts = np.insert(x, places, broken_at), np.insert(gap, places, np.nan)
        line = broken("difference", *parts, lambda at: value_on(first, at, order) - value_on(second, at, order))
        line = replace(line, poles=tuple(broken_at))
        frame(picture, right, span, [line], None)
        draw_poles(right, line, look)
        right.fill_between(line.x, line.y, 0, color=colour(look, 4), alpha=0.45, lw=0)
        right.plot(line.x, line.y, color=look.colours.text, lw=1.4, label="difference")
        if worst is not None and np.isfinite(most):
            right.plot([at], [most], "o", ms=5, color=look.colours.text, zorder=5)
            axes.plot([at, at], ends, color=look.colours.text, lw=1, marker="_")
            notes = Notes(picture, right, [line])
            notes.mark(at, most, look.colours.text, f"{number(most)} at {number(at)}")
            notes.place()
    return picture


def _largest(
    first: Activation, second: Activation, span: tuple[float, float], order: int, x: Array, values: Sequence[Array]
) -> tuple[float, tuple[float, float]] | None:
    """The x of the largest difference and both values there, for values and slopes as in `diff`; None without one."""
    if order < 2 and not first.is_row and not second.is_row:
        found = largest_gap(first, second, span, order)
        if found is None:
            return None
        assert isinstance(found.x, float)
        return found.x, (found.first, found.second)
    with np.errstate(invalid="ignore"):  # inf - inf
        size = np.nan_to_num(np.abs(values[0] - values[1]), nan=0.0, posinf=0.0)
    k = int(np.argmax(size))
    return (float(x[k]), (float(values[0][k]), float(values[1][k]))) if size[k] else None
