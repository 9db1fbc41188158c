"""Two functions and what differs between them."""

from __future__ import annotations

import numpy as np

from actcli.activations import Activation
from actcli.figures.axes import LEFT, ORDER_WORDS, RIGHT, TICKS, description, draw_series, frame, number, row_note
from actcli.figures.canvas import SMALL, Picture, colour, style
from actcli.figures.keys import name_lines
from actcli.figures.look import Look
from actcli.figures.notes import Notes
from actcli.figures.sampling import POINTS, View, broken, prime, representative, value_on


def difference(first: Activation, second: Activation, view: View, look: Look) -> Picture:
    """Two functions side by side with what differs between them: both curves and the gap, and the gap by itself."""
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
        size = np.where(np.isfinite(gap), np.abs(gap), -1.0)
        worst = int(np.argmax(size))
        if size[worst] > 0:
            words = f"largest difference {number(gap[worst], 6)} at x = {number(x[worst], 6)}"
        else:
            words = "no difference in this range"
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
        line = broken("difference", x, gap, lambda at: value_on(first, at, order) - value_on(second, at, order))
        frame(picture, right, span, [line], None)
        right.fill_between(line.x, line.y, 0, color=colour(look, 4), alpha=0.45, lw=0)
        right.plot(line.x, line.y, color=look.colours.text, lw=1.4, label="difference")
        if size[worst] > 0:
            right.plot([x[worst]], [gap[worst]], "o", ms=5, color=look.colours.text, zorder=5)
            axes.plot([x[worst]] * 2, [values[0][worst], values[1][worst]], color=look.colours.text, lw=1, marker="_")
            notes = Notes(picture, right, [line])
            words = f"{number(gap[worst])} at {number(x[worst])}"
            notes.mark(float(x[worst]), float(gap[worst]), look.colours.text, words)
            notes.place()
    return picture
