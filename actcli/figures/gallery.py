"""Figures with one small panel per function: several functions, or the gallery of all by family."""

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
    Ticks,
    columns_for,
    description,
    draw_series,
    even_columns,
    frame,
    shorten,
    typical_limits,
)
from actcli.figures.canvas import (
    PLAIN,
    SMALL,
    Affine2D,
    Bbox,
    BboxImage,
    Line2D,
    MaxNLocator,
    Picture,
    TransformedBbox,
    colour,
    dash,
    style,
    text_width,
)
from actcli.figures.look import GALLERY_LEVELS, GALLERY_SPAN, Look
from actcli.figures.plane import cells_of
from actcli.figures.sampling import View, lines_of, representative

#: Inches: the least width and height of a panel of the gallery with its name; the heights of a family's heading, of the
#: title and of the caption; the width of the tick labels at the left.
_ACROSS, _DOWN = 1.3, 1.1
_HEAD, _TOP, _FOOT, _NUMBERS = 0.34, 0.4, 0.4, 0.26
#: Cells along each side of a map.
_CELLS = 60
#: The explanation of maps of row functions in a caption.
MAPS = "the first output over two inputs, x₀ to the right, x₁ up: the brighter the higher, or red above 0, blue below"


def gallery(activations: Sequence[Activation], look: Look, span: tuple[float, float] = GALLERY_SPAN) -> Picture:
    """All functions in equal panels with value and slope on common axes, whose tick labels are written only once.

    Families follow each other without a gap, each with a heading; row functions are maps over two inputs. The figure is
    as large as its panels need or, if its size was requested, the panels fill it.
    """
    columns = _columns(activations, look)
    maps = any(activation.is_row for activation in activations)
    caption = "value solid, slope dashed, the same axes for every curve" + f" · maps: {MAPS}" * maps
    foot = _FOOT + 0.17 * int(text_width(caption, SMALL) / (columns * _ACROSS))
    headed = _rows_with_heading(activations, columns)
    rows = -(-len(activations) // columns)
    beside = _TOP + foot + _HEAD * len(headed)
    look = look.holding(columns * _ACROSS + _NUMBERS + 0.2, beside + _DOWN * rows)
    wide, tall = look.inches
    across, down = (wide - _NUMBERS - 0.2) / columns, (tall - beside) / rows
    with style(look):
        words = f"{len(activations)} activation functions"
        picture = Picture(look, words, f"{words} by family; value solid, slope dashed.")
        picture.heading(name=words)
        picture.footing(caption)
        above = _TOP
        for k, activation in enumerate(activations):
            row, column = divmod(k, columns)
            left = 0.1 + _NUMBERS + column * across
            if not column:
                above += down * bool(row) + _HEAD * (row in headed)
            if k in _family_starts(activations):
                picture.line(
                    left + 0.06, above - _HEAD + 0.08, activation.family.replace("_", " "), va="top", fontsize=PLAIN,
                    fontweight="bold", color=look.colours.muted,
                )  # fmt: skip
            corner, levels = (left + 0.06, above + 0.2), span if activation.is_row else GALLERY_LEVELS
            panel = _Panel(picture, corner, (across - 0.12, down - 0.28), span, levels)
            panel.draw(activation)
            panel.number(left=not column, below=k + columns >= len(activations))
    return picture


def _columns(activations: Sequence[Activation], look: Look) -> int:
    """The number of columns for which the figure is nearest to the shape of the requested page, or else to 3:4."""
    count = len(activations)

    def shape(columns: int) -> float:
        down = _TOP + _FOOT + _HEAD * len(_rows_with_heading(activations, columns)) + _DOWN * -(-count // columns)
        return float(np.log(columns * _ACROSS / down))

    wanted = np.log(look.width / look.height) if look.exact else np.log(3 / 4)
    nearest = min(range(1, count + 1), key=lambda columns: abs(shape(columns) - wanted))
    return nearest if look.exact else even_columns(count, nearest)


def _rows_with_heading(activations: Sequence[Activation], columns: int) -> set[int]:
    """The rows in which families begin."""
    return {k // columns for k in _family_starts(activations)}


def _family_starts(activations: Sequence[Activation]) -> list[int]:
    """The indices at which families begin."""
    families = [activation.family for activation in activations]
    return [k for k, family in enumerate(families) if not k or family != families[k - 1]]


class _Panel:
    """One panel of the gallery, given by its top left corner and its size in inches.

    Its lines are artists of the figure, because axes for each panel would take too long.
    """

    def __init__(
        self,
        picture: Picture,
        corner: tuple[float, float],
        size: tuple[float, float],
        span: tuple[float, float],
        levels: tuple[float, float],
    ) -> None:
        wide, tall = picture.get_size_inches()
        self.picture, self.span, self.levels = picture, span, levels
        self.width, self.height = max(size[0], 0.1) / wide, max(size[1], 0.1) / tall
        self.left, self.bottom = corner[0] / wide, 1 - corner[1] / tall - self.height
        self.place = (
            Affine2D().translate(-span[0], -levels[0])
            .scale(self.width / (span[1] - span[0]), self.height / (levels[1] - levels[0]))
            .translate(self.left, self.bottom)
            + picture.transFigure
        )  # fmt: skip
        box = Bbox.from_bounds(self.left, self.bottom, self.width, self.height)
        self.frame = TransformedBbox(box, picture.transFigure)
        ticks = MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values
        self.across, self.up = (
            [float(tick) for tick in ticks(low, high) if low <= tick <= high] for low, high in (span, levels)
        )

    def draw(self, activation: Activation) -> None:
        """Draw a function and its name above."""
        look = self.picture.look
        middle, top = self.left + self.width / 2, self.bottom + self.height
        self.picture.text(middle, top, activation.spec, fontsize=SMALL, ha="center", va="bottom")
        if activation.is_row:
            cells, scale = cells_of(activation, self.span, _CELLS, look)
            image = BboxImage(self.frame, origin="lower", interpolation="nearest", label=activation.spec, **scale)
            image.set_data(cells)
            self.picture.add_artist(image, clip=False)
            return
        theme = look.colours
        self._cross(self.across, self.up, color=theme.grid, lw=0.6, zorder=1)
        self._cross([0.0], [0.0], color=theme.zero, lw=0.8, zorder=2)
        for order in (1, 0):
            (line,) = lines_of(activation, self.span, 201, order)
            ink = colour(look, order)
            self._line(
                line.x, line.y, color=ink, ls=dash(order), lw=1.2 if order else 1.7, zorder=4 - order, label=line.label
            )
            for dots, face in ((line.hollow, theme.ground), (line.filled, ink)) if not order else ():
                for x, y in dots:
                    self._line([x], [y], marker="o", ms=3, mfc=face, mec=ink, mew=0.8, zorder=5)

    def number(self, *, left: bool, below: bool) -> None:
        """Write the tick labels at the left, below, or both."""
        ink = self.picture.look.colours.muted
        wide, tall = self.picture.get_size_inches()
        at = self.place + self.picture.transFigure.inverted()
        for x, words in zip(self.across, Ticks().format_ticks(self.across), strict=True) if below else ():
            across, _ = at.transform((x, 0))
            self.picture.text(
                across, self.bottom - 0.03 / tall, words, ha="center", va="top", fontsize=SMALL, color=ink
            )
        for y, words in zip(self.up, Ticks().format_ticks(self.up), strict=True) if left else ():
            _, up = at.transform((0, y))
            self.picture.text(self.left - 0.04 / wide, up, words, ha="right", va="center", fontsize=SMALL, color=ink)

    def _cross(self, across: Sequence[float], up: Sequence[float], **how: Any) -> None:
        """Draw vertical and horizontal lines through the panel, as one line."""
        x = [at for place in across for at in (place, place, np.nan)] + [*self.span, np.nan] * len(up)
        y = [*self.levels, np.nan] * len(across) + [at for place in up for at in (place, place, np.nan)]
        self._line(x, y, **how)

    def _line(self, x: Any, y: Any, **how: Any) -> None:
        line = Line2D(x, y, transform=self.place, **how)
        line.set_clip_box(self.frame)
        self.picture.add_artist(line, clip=False)


def multiples(
    activations: Sequence[Activation], view: View, look: Look, *, labels: Sequence[str] = (), heading: str = ""
) -> Picture:
    """One small panel per function, all with the same axes and each with all requested derivatives.

    If all are row functions and only values are requested, the panels are maps over two inputs.
    """
    span = view.reach(*activations)
    names = list(labels or [activation.spec for activation in activations])
    title = heading or f"{len(names)} activation functions"
    columns = columns_for(len(names), look, round((len(names) * 1.2) ** 0.5))
    maps = view.orders == (0,) and all(activation.is_row for activation in activations)
    look = look.holding(columns * 1.55 + 0.8, -(-len(names) // columns) * 1.3 + 1.0)
    with style(look):
        picture = Picture(look, title, description(activations, span, view))
        top = picture.heading(name=title) + 0.05
        foot = picture.footing(MAPS if maps else _dash_note(view.orders))
        width, height = picture.get_size_inches()
        rows = -(-len(names) // columns)
        across = (width - LEFT - RIGHT) / columns
        down = (height - top - foot - TICKS) / rows
        drawn = [
            [representative(activation, span, view.points, order) for order in view.orders if not maps]
            for activation in activations
        ]
        shown = span if maps else view.ylim or typical_limits(drawn, span)
        for k, (activation, name, lines) in enumerate(zip(activations, names, drawn, strict=True)):
            row, column = divmod(k, columns)
            left = LEFT + column * across
            above = top + row * down
            axes = picture.panel(left, above + 0.2, width - left - across + 0.12, height - above - down + 0.08)
            frame(picture, axes, span, lines, shown)
            last_in_column = k + columns >= len(names)
            axes.tick_params(labelleft=column == 0, labelbottom=last_in_column, length=0)
            shorten(picture, axes.set_title(name, fontsize=SMALL, pad=4), across - 0.08)
            if maps:
                cells, scale = cells_of(activation, span, _CELLS, look)
                axes.imshow(cells, origin="lower", extent=(*span, *span), aspect="auto", zorder=2, **scale)
            for order, line in zip(view.orders, lines, strict=False):
                draw_series(axes, line, look, order, dots=down > 0.9)
    return picture


def _dash_note(orders: Sequence[int]) -> str:
    if len(orders) == 1:
        return "" if orders[0] == 0 else f"{ORDER_WORDS[orders[0]]}s"
    return ", ".join(f"{ORDER_WORDS[order]} {('solid', 'dashed', 'dotted')[order]}" for order in orders)
