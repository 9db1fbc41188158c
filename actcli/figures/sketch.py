"""Curves drawn with characters: braille or, for terminals without it, ASCII. Does not import matplotlib."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from actcli.activations import Activation
from actcli.figures.look import shortened
from actcli.figures.sampling import Series, limits, lines_of

# Bits of a braille cell by dot row and column, added to U+2800.
_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_LEVELS = "'-."  # three heights within an ASCII cell
_LETTERS = "*o+x#%@&"
MOST = len(_LETTERS)  # the most series of a chart with distinct letters
_COLOURS = (34, 31, 32, 35, 33, 36, 37, 90)
# Numbers of dots drawn and left out in turn, which distinguish series in braille without colour.
_DASHES = ((1, 0), (4, 2), (1, 2), (3, 1), (1, 3), (2, 4), (1, 1), (1, 5))
_SAMPLE = 3  # cells of the sample of a line before its name


class _Grid:
    """A canvas of characters over limits of x and y; a cell shows the series that drew into it last."""

    def __init__(
        self, width: int, height: int, span: tuple[float, float], ylim: tuple[float, float], ascii_only: bool
    ) -> None:
        self.width, self.height, self.span, self.ylim, self.ascii = width, height, span, ylim, ascii_only
        self.across, self.down = (1, 3) if ascii_only else (2, 4)
        self.bits = np.zeros((height, width), dtype=np.int64)
        self.owner = np.full((height, width), -1)

    def _rows(self, y: np.ndarray) -> np.ndarray:
        low, high = self.ylim
        return (high - y) / (high - low) * (self.height * self.down - 1)

    def _columns(self, x: np.ndarray) -> np.ndarray:
        low, high = self.span
        return (x - low) / (high - low) * (self.width * self.across - 1)

    def draw(self, line: Series, index: int) -> None:
        """Draw a line through its points with a gap at nan; parts outside the limits are not drawn."""
        low, high = self.ylim
        reach = high - low
        columns, rows = self._columns(line.x), self._rows(np.clip(line.y, low - reach, high + reach))
        on, off = (1, 0) if self.ascii else _DASHES[index % len(_DASHES)]
        gone = 0.0
        for k in range(len(columns) - 1):
            ends = rows[k : k + 2]
            if np.isfinite(ends).all():
                length = float(max(abs(ends[1] - ends[0]), abs(columns[k + 1] - columns[k])))
                steps = int(length) + 1
                for share in np.linspace(0, 1, steps + 1):
                    if (gone + share * length) % (on + off) < on:
                        column, row = (
                            columns[k] + share * (columns[k + 1] - columns[k]),
                            ends[0] + share * (ends[1] - ends[0]),
                        )
                        self._dot(column, row, index)
                gone += length

    def _dot(self, column: float, row: float, index: int) -> None:
        c, r = round(column), round(row)
        if not (0 <= c < self.width * self.across and 0 <= r < self.height * self.down):
            return
        cell = r // self.down, c // self.across
        if self.ascii or self.owner[cell] not in (-1, index):
            self.bits[cell] = 0
        self.bits[cell] |= 1 << (r % self.down) if self.ascii else _BRAILLE[r % self.down][c % self.across]
        self.owner[cell] = index

    def axis_cells(self) -> tuple[int, int]:
        """Row and column of the zero lines, -1 if 0 is outside the limits."""
        row = column = -1
        if self.ylim[0] <= 0 <= self.ylim[1]:
            row = round(float(self._rows(np.array(0.0)))) // self.down
        if self.span[0] <= 0 <= self.span[1]:
            column = round(float(self._columns(np.array(0.0)))) // self.across
        return row, column

    def character(self, row: int, column: int, several: bool) -> str:
        """The character of a cell: a part of a curve, of a zero line, or a space."""
        bits = int(self.bits[row, column])
        if bits:
            if not self.ascii:
                return chr(0x2800 + bits)
            owner = int(self.owner[row, column])
            return _LETTERS[owner % len(_LETTERS)] if several else _LEVELS[bits.bit_length() - 1]
        on_row, on_column = (where == axis for where, axis in zip((row, column), self.axis_cells(), strict=True))
        across, down, both = "-|+" if self.ascii else "─│┼"
        return both if on_row and on_column else across if on_row else down if on_column else " "


def sketch(
    activation: Activation,
    width: int = 40,
    height: int = 10,
    *,
    ascii: bool = False,  # noqa: A002
    span: tuple[float, float] = (-5.0, 5.0),
    slope: bool = False,
) -> list[str]:
    """The curve of an activation, or of its slope, as `height` lines of `width` characters, with zero lines.

    A row function is drawn as the first output of the row (x, 0).
    """
    line = lines_of(activation, span, 4 * width + 1, int(slope))[0]
    grid = _Grid(width, height, span, limits([line], room=0.0), ascii)
    grid.draw(line, 0)
    return ["".join(grid.character(row, column, False) for column in range(width)) for row in range(height)]


def chart(
    lines: Sequence[Series],
    span: tuple[float, float],
    width: int,
    height: int,
    *,
    ylim: tuple[float, float] | None = None,
    ascii: bool = False,  # noqa: A002
    colour: bool = False,
) -> list[str]:
    """Series as text of at most `width` columns and `height` lines: y labels left, x labels below, names right.

    The name of a single series, or names that would take more than half of the width, are written above. `colour` adds
    ANSI colours; without them, series differ by their dashes, or by letters in ASCII.
    """
    ylim = ylim or limits(lines, room=0.0)
    several = len(lines) > 1
    names = [_plain(line.label) if ascii else line.label for line in lines]
    ticks = [f"{value:.4g}" for value in (ylim[1], 0.0, ylim[0])]
    margin = max(map(len, ticks)) + 1
    aside = max(map(len, names)) + _SAMPLE + 2 if several else 0
    above = not several or aside > width // 2
    rows = height - 1 - (len(lines) if above else 1)
    grid = _Grid(max(width - margin - (0 if above else aside), 10), max(rows, 3), span, ylim, ascii)
    for index, line in enumerate(lines):
        grid.draw(line, index)
    beside = {} if above else _beside(grid, lines)
    zero_row, zero_column = grid.axis_cells()
    heights = {zero_row: ticks[1], 0: ticks[0], grid.height - 1: ticks[2]}
    text = []
    for index, name in enumerate(names if above else []):
        lead = f"{_sample(index, ascii=ascii)} " if several else " " * margin
        shown = shortened(name, width - len(lead), "..." if ascii else "…")
        text.append(_painted(lead + shown, index, colour and several))
    for row in range(grid.height):
        cells = []
        for column in range(grid.width):
            owner = int(grid.owner[row, column])
            cells.append(_painted(grid.character(row, column, several), owner, colour and owner >= 0))
        name = ""
        if row in beside:
            index = beside[row]
            name = " " + _painted(f"{_sample(index, ascii=ascii)} {names[index]}", index, colour)
        text.append((heights.get(row, "").rjust(margin - 1) + " " + "".join(cells) + name).rstrip())
    below = [" "] * grid.width
    for label, start in _axis_labels(span, zero_column, grid.width):
        below[start : start + len(label)] = label
    text.append(" " * margin + "".join(below))
    return text


def _axis_labels(span: tuple[float, float], zero: int, width: int) -> list[tuple[str, int]]:
    """The labels below the axis and their columns: both ends, and 0 if there is room."""
    left, right = (f"{value:.4g}" for value in span)
    found = [(left, 0), (right, width - len(right))]
    return [*found, ("0", zero)] if len(left) < zero < width - len(right) - 1 else found


def _sample(index: int, *, ascii: bool) -> str:  # noqa: A002
    """A sample of the line of a series for its name."""
    if ascii:
        return _LETTERS[index % len(_LETTERS)]
    grid = _Grid(_SAMPLE, 1, (0.0, 1.0), (0.0, 1.0), ascii_only=False)
    grid.draw(Series("", np.array([0.0, 1.0]), np.array([0.6, 0.6])), index)
    return "".join(grid.character(0, column, several=True) for column in range(_SAMPLE))


def _beside(grid: _Grid, lines: Sequence[Series]) -> dict[int, int]:
    """The row of the name of each series, by row: the row of its last point, or the nearest free row."""
    rows: dict[int, int] = {}
    for index, line in enumerate(lines):
        finite = line.y[np.isfinite(line.y)]
        last = finite[-1] if finite.size else 0.0
        wanted = int(grid._rows(np.clip(last, *grid.ylim))) // grid.down
        free = sorted(set(range(grid.height)) - set(rows), key=lambda row: abs(row - wanted))
        if free:
            rows[free[0]] = index
    return rows


def _plain(label: str) -> str:
    return label.replace("″", "''").replace("′", "'").encode("ascii", "replace").decode("ascii")


def _painted(text: str, index: int, colour: bool) -> str:
    return f"\x1b[{_COLOURS[index % len(_COLOURS)]}m{text}\x1b[0m" if colour else text
