"""A small panel a function: several with axes of their own, or all of them in a gallery, family by family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from actcli.activations import Activation
from actcli.figures.axes import (
    LEFT,
    ORDER_WORDS,
    RIGHT,
    TICKS,
    columns_for,
    description,
    draw_series,
    frame,
    number,
    shorten,
    typical_limits,
)
from actcli.figures.canvas import (
    PLAIN,
    SMALL,
    Affine2D,
    Bbox,
    Line2D,
    Picture,
    TransformedBbox,
    colour,
    dash,
    style,
)
from actcli.figures.look import Look
from actcli.figures.sampling import View, lines_of, representative

#: Inches that a panel of the gallery takes at least, name and all.
_ACROSS, _DOWN = 1.3, 1.1


def gallery(activations: Sequence[Activation], look: Look, span: tuple[float, float] = (-5.0, 5.0)) -> Picture:
    """All functions at a glance: equal panels under a heading a family, value and slope, the same axes throughout.

    The figure is as large as its panels need, unless the look's size was asked for: then the panels fill that.
    """
    families: dict[str, list[Activation]] = {}
    for activation in activations:
        families.setdefault(activation.family, []).append(activation)
    sizes = [len(members) for members in families.values()]
    head, top, foot, across, down = 0.34, 0.4, 0.35, _ACROSS, _DOWN
    square = (1.3 * sum(sizes)) ** 0.5
    candidates = range(min(max(sizes), max(4, int(square) - 3)), min(max(sizes), int(square) + 3) + 1)
    columns = min(candidates, key=lambda n: (n * _rows(sizes, n) - sum(sizes), abs(n - square)))
    if look.exact:
        wanted = look.width / look.height
        columns = min(
            range(1, max(sizes) + 1),
            key=lambda n: abs(np.log(n * across / (top + foot + head * len(sizes) + down * _rows(sizes, n)) / wanted)),
        )
    look = look.holding(columns * across + 0.2, top + foot + head * len(sizes) + down * _rows(sizes, columns))
    wide, tall = look.inches
    if look.exact:
        across, down = (wide - 0.2) / columns, (tall - top - foot - head * len(sizes)) / _rows(sizes, columns)
    ylim = (-2.2, 4.2)
    with style(look):
        words = f"{len(activations)} activation functions"
        picture = Picture(look, words, f"{words} by family; value solid, slope dashed.")
        picture.heading(name=words)
        picture.footing(
            f"value solid, slope dashed · every panel: x from {number(span[0])} to {number(span[1])}, "
            f"y from {number(ylim[0])} to {number(ylim[1])}, a grid line every 2"
        )
        left = (wide - columns * across) / 2
        above = top
        for family, members in families.items():
            picture.line(
                left + 0.06, above + 0.08, family.replace("_", " "), va="top", fontsize=PLAIN, fontweight="bold",
                color=look.colours.muted,
            )  # fmt: skip
            above += head
            for k, activation in enumerate(members):
                row, column = divmod(k, columns)
                corner = left + column * across + 0.06, above + row * down + 0.2
                _small_panel(picture, activation, corner, (across - 0.12, down - 0.28), span, ylim)
            above += -(-len(members) // columns) * down
    return picture


def _rows(sizes: Sequence[int], columns: int) -> int:
    return sum(-(-size // columns) for size in sizes)


def _small_panel(
    picture: Picture,
    activation: Activation,
    corner: tuple[float, float],
    size: tuple[float, float],
    span: tuple[float, float],
    ylim: tuple[float, float],
) -> None:
    """One panel of the gallery, its top left corner and its size in inches. Lines on the figure: axes cost too much."""
    look = picture.look
    wide, tall = picture.get_size_inches()
    width, height = max(size[0], 0.1) / wide, max(size[1], 0.1) / tall
    left, bottom = corner[0] / wide, 1 - corner[1] / tall - height
    place = (
        Affine2D().translate(-span[0], -ylim[0])
        .scale(width / (span[1] - span[0]), height / (ylim[1] - ylim[0])).translate(left, bottom)
        + picture.transFigure
    )  # fmt: skip
    frame = TransformedBbox(Bbox.from_bounds(left, bottom, width, height), picture.transFigure)

    def draw(x: Any, y: Any, **how: Any) -> None:
        line = Line2D(x, y, transform=place, **how)
        line.set_clip_box(frame)
        picture.add_artist(line, clip=False)

    theme = look.colours
    for values, bounds, level in ((range(-4, 5, 2), ylim, False), (range(-2, 5, 2), span, True)):
        ticks = np.array([value for value in values if level or span[0] <= value <= span[1]], dtype=np.float64)
        run, fixed = np.tile([*bounds, np.nan], len(ticks)), np.repeat(ticks, 3)
        draw(*((run, fixed) if level else (fixed, run)), color=theme.grid, lw=0.6, zorder=1)
    draw([*span, np.nan, 0, 0], [0, 0, np.nan, *ylim], color=theme.zero, lw=0.8, zorder=2)
    for order in (1, 0):
        for k, line in enumerate(lines_of(activation, span, 201, order)) if not (order and activation.is_row) else ():
            draw(
                line.x, line.y, color=colour(look, order or k), ls=dash(order or k), lw=1.2 if order else 1.7,
                zorder=3 if order else 4, label=line.label,
            )  # fmt: skip
            for dots, face in ((line.hollow, theme.ground), (line.filled, colour(look, k))) if not order else ():
                for x, y in dots:
                    draw([x], [y], marker="o", ms=3, mfc=face, mec=colour(look, k), mew=0.8, zorder=5)
    picture.text(left + width / 2, bottom + height, activation.spec, fontsize=SMALL, ha="center", va="bottom")


def multiples(
    activations: Sequence[Activation], view: View, look: Look, *, labels: Sequence[str] = (), heading: str = ""
) -> Picture:
    """One small panel per function, all with the same axes; every derivative asked for in each."""
    span = view.reach(*activations)
    names = list(labels or [activation.spec for activation in activations])
    title = heading or f"{len(names)} activation functions"
    columns = columns_for(len(names), *look.inches) if look.exact else max(4, round((len(names) * 1.2) ** 0.5))
    look = look.holding(columns * 1.55 + 0.8, -(-len(names) // columns) * 1.3 + 1.0)
    with style(look):
        picture = Picture(look, title, description(activations, span, view))
        top = picture.heading(name=title) + 0.05
        foot = picture.footing(_dash_note(view.orders))
        width, height = picture.get_size_inches()
        rows = -(-len(names) // columns)
        across = (width - LEFT - RIGHT) / columns
        down = (height - top - foot - TICKS) / rows
        drawn = [
            [representative(activation, span, view.points, order) for order in view.orders]
            for activation in activations
        ]
        shown = view.ylim or typical_limits(drawn, span)
        for k, (name, lines) in enumerate(zip(names, drawn, strict=True)):
            row, column = divmod(k, columns)
            left = LEFT + column * across
            above = top + row * down
            axes = picture.panel(left, above + 0.2, width - left - across + 0.12, height - above - down + 0.08)
            frame(picture, axes, span, lines, shown)
            last_in_column = k + columns >= len(names)
            axes.tick_params(labelleft=column == 0, labelbottom=last_in_column, length=0)
            shorten(picture, axes.set_title(name, fontsize=SMALL, pad=2), across - 0.08)
            for order, line in zip(view.orders, lines, strict=True):
                draw_series(axes, line, look, order, dots=down > 0.9)
    return picture


def _dash_note(orders: Sequence[int]) -> str:
    if len(orders) == 1:
        return "" if orders[0] == 0 else f"{ORDER_WORDS[orders[0]]}s"
    return ", ".join(f"{ORDER_WORDS[order]} {('solid', 'dashed', 'dotted')[order]}" for order in orders)
