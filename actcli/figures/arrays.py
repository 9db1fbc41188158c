"""Figures of arrays: tables as coloured cells, images and feature maps as images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.figures.axes import number
from actcli.figures.canvas import (
    SMALL,
    Axes,
    Colormap,
    ListedColormap,
    MaxNLocator,
    Picture,
    colour_map,
    style,
    text_width,
    to_rgb,
)
from actcli.figures.look import Look

#: Inches: margin of the page, gap between blocks, name above a block, ticks beside and below it.
_EDGE, _GAP, _NAME, _SIDE, _UNDER = 0.15, 0.25, 0.26, 0.3, 0.24
#: Inches for the colour scale below the blocks.
_KEY = 0.3
#: Inches of title, caption and colour scale; the largest factors by which letters and the heights of tables grow on a
#: page of requested size.
_AROUND, _LARGER, _TALLER = 1.1, 1.6, 1.8
#: Inches, least and largest: the width of a cell of a table, the height of a table; the least side of a map.
_CELL, _TALL, _MAP = (0.055, 0.64), (0.75, 1.7), 0.55


@dataclass(frozen=True)
class _Block:
    """One array as it is drawn: its cells, their size in inches, and its title."""

    name: str
    cells: NDArray[np.float64]
    wide: float
    tall: float
    is_image: bool

    @property
    def largest(self) -> float:
        """The upper end of the block's symmetric colour scale."""
        return float(np.max(np.abs(self.cells[np.isfinite(self.cells)]), initial=0.0)) or 1.0

    @property
    def title(self) -> str:
        return f"{self.name}  ±{number(self.largest, 3)}"

    @property
    def room(self) -> float:
        """The width of the block with its ticks, or of its title if that is wider."""
        return max(self.wide, text_width(self.title, SMALL)) + (0.0 if self.is_image else _SIDE)


def heatmap(arrays: Sequence[tuple[str, ArrayLike]], look: Look, *, title: str = "", caption: str = "") -> Picture:
    """Arrays as coloured cells, each with its own diverging colour scale about zero, stated in its title.

    A table (rows, columns) shows numbers where they fit. Of images (samples, height, width, channels) the first is
    shown, each channel as an image in its true aspect. The figure grows with its content, unless its size was
    requested.
    """
    words = title or ", ".join(name for name, _ in arrays)
    tables = [(name, np.asarray(array, dtype=np.float64)) for name, array in arrays]
    if look.exact:
        look = _enlarged(tables, look)
    lines, heights = _layout(tables, look.inches[0])
    if not look.exact:
        look = look.sized(look.width, round((sum(heights) + _AROUND) * look.dpi))
    with style(look):
        picture = Picture(look, words, caption or words)
        top = picture.heading(name=words) + 0.02
        foot = picture.footing(caption)
        most = 1.0 if any(block.is_image for line in lines for block in line) else _TALLER
        shrink = min(most, (look.inches[1] - top - foot - _KEY) / sum(heights))
        colours = _colours(look)
        for line, height in zip(lines, heights, strict=True):
            left = _EDGE
            for block in line:
                _draw(picture, block, left, top + _NAME * min(1.0, shrink * 1.2), shrink, colours)
                left += block.room + _GAP
            top += height * shrink
        _key(picture, foot, colours)
    return picture


def _layout(tables: Sequence[tuple[str, NDArray[np.float64]]], wide: float) -> tuple[list[list[_Block]], list[float]]:
    """The lines of blocks on a page of `wide` inches, and the height of each line."""
    width = wide - 2 * _EDGE
    lines = _wrapped([_block(name, table, width) for name, table in tables], width)
    under = [max(block.tall + (0.08 if block.is_image else _UNDER) for block in line) for line in lines]
    return lines, [_NAME + inches + 0.08 for inches in under]


def _enlarged(tables: Sequence[tuple[str, NDArray[np.float64]]], look: Look) -> Look:
    """The look with letters and blocks as large as fit the requested page."""

    def dots(wide: float) -> float:
        return min(look.width / wide, look.height / (sum(_layout(tables, wide)[1]) + _AROUND))

    return replace(look, dpi=min(max(map(dots, np.arange(3.0, 12.0, 0.25).tolist())), _LARGER * look.dpi))


def _block(name: str, array: NDArray[np.float64], room: float) -> _Block:
    """The block of an array within `room` inches: a table, or the channels of the first image side by side."""
    if array.ndim < 3:
        table = np.atleast_2d(array)
        rows, columns = table.shape
        cell = min(_CELL[1], max(_CELL[0], 2.4 / columns), (room - _SIDE) / columns)
        tall = min(max(_TALL[0], rows * min(cell, 0.25)), _TALL[1])
        return _Block(f"{name}  {rows}×{columns}", table, cell * columns, tall, is_image=False)
    image = array[0] if array.ndim == 4 else array
    height, width, channels = image.shape
    side = max(_MAP, min(1.4, 1.4 / math.sqrt(channels) * 1.5)) * min(1.0, width / height)
    rows = -(-channels // max(1, int(room / (side * (1 + 1 / width)))))
    columns = -(-channels // rows)
    sheet = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan)
    for k in range(channels):
        row, column = divmod(k, columns)
        sheet[row * (height + 1) :, column * (width + 1) :][:height, :width] = image[..., k]
    wide = min(room, side * sheet.shape[1] / width)
    words = f"{name}  {height}×{width}" + (f", {channels} maps" if channels > 1 else "")
    return _Block(words, sheet, wide, wide * sheet.shape[0] / sheet.shape[1], is_image=True)


def _wrapped(blocks: Sequence[_Block], width: float) -> list[list[_Block]]:
    """The blocks from left to right, broken into lines."""
    lines: list[list[_Block]] = []
    used = math.inf
    for block in blocks:
        if used + block.room > width:
            lines.append([])
            used = 0.0
        lines[-1].append(block)
        used += block.room + _GAP
    return lines


def _draw(picture: Picture, block: _Block, left: float, top: float, shrink: float, colours: Colormap) -> None:
    width, height = picture.get_size_inches()
    start = left if block.is_image else left + _SIDE
    wide, tall = (block.wide * shrink, block.tall * shrink) if block.is_image else (block.wide, block.tall * shrink)
    axes = picture.panel(start, top, width - start - wide, height - top - tall)
    how: dict[str, Any] = {"vmin": -block.largest, "vmax": block.largest, "interpolation": "nearest"}
    axes.imshow(block.cells, cmap=colours, aspect="equal" if block.is_image else "auto", **how)
    picture.line(start, top - 0.05, block.title, va="bottom", fontsize=SMALL)
    axes.grid(False)
    axes.spines[["left", "bottom"]].set_visible(False)
    if block.is_image:
        axes.set_axis_off()
        return
    rows, columns = block.cells.shape
    axes.tick_params(length=2, pad=2)
    for axis, count, inches, step in ((axes.yaxis, rows, tall, 0.22), (axes.xaxis, columns, wide, 0.4)):
        axis.set_major_locator(MaxNLocator(max(1, min(6, int(inches / step))), integer=True))
        axis.set_view_interval(-0.5, count - 0.5, ignore=True)
    axes.invert_yaxis()
    _numbers(axes, block, wide / columns, tall / rows, colours)


def _numbers(axes: Axes, block: _Block, wide: float, tall: float, colours: Colormap) -> None:
    """Write the numbers of a table in its cells, with up to three digits, as many as fit for all numbers."""
    values = block.cells.reshape(-1).tolist()
    for digits in (3, 2, 1) if len(values) <= 200 and tall > 1.1 * SMALL / 72 else ():
        if max(text_width(number(value, digits), SMALL) for value in values) < 0.94 * wide:
            break
    else:
        return
    for (row, column), value in np.ndenumerate(block.cells):
        red, green, blue, _ = colours((value / block.largest + 1) / 2)
        ink = "#ffffff" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.5 else "#1a1a1a"
        axes.text(column, row, number(value, digits), ha="center", va="center", fontsize=SMALL, color=ink)


def _colours(look: Look) -> Colormap:
    """A diverging colour map whose middle is the ground of the page, or white, unless another map was requested."""
    if look.cmap is not None or look.theme == "light":
        return colour_map(look, "RdBu_r")
    theme = look.colours
    blue, ground, orange = (np.array(to_rgb(ink)) for ink in (theme.series[0], theme.shade, theme.series[1]))
    share = np.linspace(0, 1, 128)[:, None]
    return ListedColormap([*(blue + share * (ground - blue)), *(ground + share * (orange - ground))])


def _key(picture: Picture, foot: float, colours: Colormap) -> None:
    """Draw the colour scale, from minus the largest absolute value of a block to the largest."""
    width, height = picture.get_size_inches()
    axes = picture.panel(width - 1.7, height - foot - 0.22, 0.65, foot + 0.1)
    axes.imshow(np.linspace(-1, 1, 256)[None, :], cmap=colours, aspect="auto")
    axes.set_axis_off()
    middle = height - foot - 0.16
    picture.line(width - 1.76, middle, "−largest", va="center", ha="right", fontsize=SMALL)
    picture.line(width - 0.59, middle, "largest", va="center", fontsize=SMALL)
