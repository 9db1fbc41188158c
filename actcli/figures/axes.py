"""Axes of figures of functions: limits, zero lines, ticks, names, and lines with their dots."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from actcli.activations import Activation
from actcli.figures.canvas import SMALL, Axes, Formatter, Picture, Text, colour, dash, text_width
from actcli.figures.look import Look
from actcli.figures.sampling import Series, View, common_limits, limits, row_template, whole

LEFT, RIGHT, TICKS = 0.55, 0.2, 0.3  # inches: left and right of the axes, and below for tick labels
#: The names of the derivatives, by order.
ORDER_WORDS = ("value", "slope", "second derivative")
#: The style of asymptotes.
ASYMPTOTE: dict[str, Any] = {"ls": (0, (4, 3)), "lw": 1, "zorder": 2}
#: The most dots on one line; more would hide it.
_MOST_DOTS = 40
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 4) -> str:
    """A number for a label, with up to `digits` significant digits and a minus sign.

    >>> number(-0.25)
    '−0.25'
    """
    return f"{value + 0.0:.{digits}g}".replace("-", "−").replace("inf", "∞")


class Ticks(Formatter):
    """Tick labels with as many decimals as the steps need, and a power of ten for very large or small values.

    alike: whether all labels have the same decimals and power, as for equal steps; else each has its own.
    """

    def __init__(self, *, alike: bool = True) -> None:
        self.alike = alike

    def __call__(self, value: float, pos: int | None = None) -> str:
        """The label of a single tick."""
        return self.format_ticks([value])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """The labels of the ticks of an axis."""
        if not self.alike and len(values) > 1:
            return [self(value) for value in values]
        size = max((abs(value) for value in values), default=0.0)
        exponent = math.floor(math.log10(size) + 1e-12) if size else 0
        raised = "" if -4 <= exponent < 6 else f"×10{str(exponent).translate(_RAISED)}"
        shown = [value / 10.0**exponent if raised else value for value in values]
        scale = max(map(abs, shown), default=1.0) or 1.0
        digits = next((d for d in range(15) if all(abs(round(v, d) - v) < 1e-9 * scale for v in shown)), 15)
        texts = [f"{value + 0.0:.{digits}f}" for value in shown]
        return [text.replace("-", "−") + (raised if float(text) else "") for text in texts]


def row_note(activation: Activation) -> str:
    """The note on the row for which a row function is drawn."""
    other = number(float(row_template(activation)[1]))
    return f"{activation.name} of the row (x, {other})"


def description(activations: Iterable[Activation], span: tuple[float, float], view: View) -> str:
    """The description in the file of a figure: the derivatives, the range and the formulas."""
    shown = " and ".join(ORDER_WORDS[order] for order in view.orders)
    functions = "; ".join(f"{activation.spec}: {activation.formula}" for activation in activations)
    return f"{shown} for x from {span[0]:g} to {span[1]:g}. {functions}"


def frame(
    picture: Picture,
    axes: Axes,
    span: tuple[float, float],
    lines: Sequence[Series],
    ylim: tuple[float, float] | None,
    *,
    levels: Sequence[float] = (),
    names: tuple[str, str] = ("", ""),
    yscale: str = "linear",
) -> None:
    """Set limits, scale, zero lines, names and ticks of axes, with room for a label beside each of `levels`."""
    if ylim is None and yscale != "linear":
        ylim = whole(lines)
    low, high = ylim or limits(lines)
    words = (SMALL * 1.25 + 6) / 72 * picture.dpi / axes.get_window_extent().height * (high - low)
    for level in levels if ylim is None else ():
        if low <= level <= high:
            low, high = (min(low, level - words), high) if level < (low + high) / 2 else (low, max(high, level + words))
    axes.set_xlim(*span)
    if yscale != "linear":
        axes.set_yscale(yscale, linthresh=1.0, linscale=0.6)
    axes.set_ylim(low, high)
    zero: dict[str, Any] = {"color": picture.look.colours.zero, "lw": 0.9, "zorder": 1}
    if low < 0 < high:
        axes.axhline(0, **zero)
    if span[0] < 0 < span[1]:
        axes.axvline(0, **zero)
    axes.xaxis.set_major_formatter(Ticks())
    axes.yaxis.set_major_formatter(Ticks(alike=yscale == "linear"))
    fit_ticks(picture, axes)
    name_axes(picture, axes, *names)


def name_axes(picture: Picture, axes: Axes, xlabel: str, ylabel: str) -> None:
    """Name the axes at their ends: right of the x axis, above the y axis."""
    how: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "fontsize": SMALL}
    look, ink = picture.look, picture.look.colours.muted
    # As in a title, dollars in a requested name are not interpreted.
    if xlabel:
        axes.annotate(xlabel, (1, 0), xytext=(4, 0), va="center", color=ink, parse_math=look.xlabel is None, **how)
    if ylabel:
        axes.annotate(ylabel, (0, 1), xytext=(-2, 4), va="bottom", color=ink, parse_math=look.ylabel is None, **how)


def fit_ticks(picture: Picture, axes: Axes) -> None:
    """Move the edges of axes inwards for wide tick labels, and reduce the ticks until their labels do not touch."""

    def labels(axis: Any) -> list[tuple[float, float]]:
        """Position in data units, and width in inches, of each visible tick label."""
        low, high = axis.get_view_interval()
        places = [place for place in axis.get_majorticklocs() if low <= place <= high]
        widths = [text_width(text, SMALL) for text in axis.get_major_formatter().format_ticks(places)]
        return list(zip(places, widths, strict=True))

    wide, tall = picture.get_size_inches()
    box = axes.get_position()
    if axes.get_yscale() == "linear":
        axes.locator_params(axis="y", nbins=int(max(2, min(9, box.height * tall / (2.2 * SMALL / 72)))))
    else:
        _drop_ticks(picture, axes)
    left, right = box.x0 * wide, box.x1 * wide
    left = max(left, max((width for _, width in labels(axes.yaxis)), default=0.0) + 0.2)
    low, high = axes.get_xlim()
    for most in (9, 7, 5, 4, 3, 2):
        axes.locator_params(axis="x", nbins=most)
        below = labels(axes.xaxis)
        if sum(width + 0.1 for _, width in below) < right - left:
            break
    for place, width in below:
        share = (place - low) / (high - low)
        right = min(right, wide - 0.06 - width / 2 + (1 - share) * (right - left))
        left = max(left, width / 2 - share * (right - left) + 0.04)
    axes.set_position((left / wide, box.y0, (right - left) / wide, box.height))


def _drop_ticks(picture: Picture, axes: Axes) -> None:
    """Drop ticks of a logarithmic y axis whose labels would touch others; ticks nearer to 0 have priority."""
    low, high = axes.get_ylim()
    levels: dict[float, float] = {}
    for place in sorted((tick for tick in axes.get_yticks() if low <= tick <= high), key=abs):
        level = float(axes.transData.transform((axes.get_xlim()[0], place))[1])
        if all(abs(level - other) > 1.3 * SMALL / 72 * picture.dpi for other in levels.values()):
            levels[float(place)] = level
    axes.set_yticks(list(levels))


def typical_limits(panels: Sequence[Sequence[Series]], span: tuple[float, float]) -> tuple[float, float]:
    """Common limits of y for panels: those that suit most of them, because a few large ones would flatten the rest."""
    every = [common_limits(lines, span) for lines in panels]
    bottoms, tops = zip(*every, strict=True)
    low, high = float(np.quantile(bottoms, 0.2)), float(np.quantile(tops, 0.8))
    lowest, highest = min(bottoms), max(tops)
    return (lowest, highest) if highest - lowest < 1.5 * (high - low) else (low, high)


def draw_poles(axes: Axes, line: Series, look: Look) -> None:
    """Draw the poles of a line as vertical asymptotes."""
    for pole in line.poles:
        axes.plot([pole, pole], axes.get_ylim(), color=look.colours.muted, **ASYMPTOTE)


def draw_series(axes: Axes, line: Series, look: Look, index: int, *, dots: bool = True, ink: str = "") -> None:
    """Draw a line, its dots and its poles, with the dash of series number `index`, and its colour or `ink`."""
    ink = ink or colour(look, index)
    size = min(5.5, 2.0 + 1.8 * axes.get_window_extent().height / look.dpi)  # in points, smaller in small panels
    draw_poles(axes, line, look)
    axes.plot(line.x, line.y, color=ink, ls=dash(index), lw=_line_width(axes, line, look), label=line.label, zorder=3)
    if not dots or len(line.hollow) + len(line.filled) > _MOST_DOTS:
        return
    for points, face, level in ((line.hollow, look.colours.ground, 5), (line.filled, ink, 6)):
        if points:
            x, y = zip(*points, strict=True)
            axes.plot(x, y, "o", ms=size, mfc=face, mec=ink, mew=1.4, zorder=level, clip_on=False)


def _line_width(axes: Axes, line: Series, look: Look) -> float:
    """The width of a line in points: two, or less if its oscillations would merge."""
    low, high = axes.get_ylim()
    steps = np.diff(line.y)
    seen = steps[np.abs(steps) > 1e-6 * (high - low)]  # ignores rounding errors of constant parts
    turns = int(np.count_nonzero(np.diff(np.sign(seen))))
    points = float(axes.get_window_extent().width) * 72 / look.dpi
    return float(np.clip(0.6 * points / max(turns, 1), 0.5, 2.0))


def shorten(picture: Picture, text: Text, room: float) -> None:
    """Shorten a text to `room` inches with an ellipsis."""
    words = text.get_text()
    while picture.extent(text)[0] > room and len(words) > 1:
        words = words[:-1]
        text.set_text(words + "…")


def columns_for(count: int, look: Look, usual: int = 4) -> int:
    """The number of columns for `count` panels.

    On a page of requested size, panels have nearly the shape 3:2 and few places are empty; else `even_columns` decides.
    """
    if not look.exact:
        return even_columns(count, usual)
    width, height = look.inches

    def cost(columns: int) -> float:
        rows = -(-count // columns)
        shape = abs(np.log((width / columns) / (height / rows) / 1.5))
        return float(shape) + 0.6 * (columns * rows - count) / columns

    return min(range(1, count + 1), key=cost)


def even_columns(count: int, usual: int = 4) -> int:
    """The number of columns within one of `usual` that leaves the fewest empty places in the last row.

    >>> [even_columns(count) for count in (1, 2, 5, 6, 7, 9)]
    [1, 2, 5, 3, 4, 3]
    """
    candidates = range(min(count, max(usual - 1, 1)), min(count, usual + 1) + 1)
    return min(candidates, key=lambda columns: (-count % columns, abs(columns - usual), -columns))
