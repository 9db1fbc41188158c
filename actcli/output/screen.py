"""A table on the screen: in the layout of rich, with six significant digits, as wide as its numbers need."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from actcli.output.numbers import NumberStyle, texts
from actcli.output.table import Column, Table
from actcli.spelling import fold

#: The significant digits of a number in a table without `--precision`.
DIGITS = 6

#: A table of numbers with at least this many columns may leave out columns in the middle.
_MANY = 10

#: A column of text wider than this may be wrapped to fit the screen; numbers and cells of several lines never are.
_FOLDABLE = 12

#: The width of a column beyond its text: two blanks and a line.
_FRAME = 3

#: Notes are not wrapped to a smaller width than this.
_NARROWEST = 20


@dataclass(frozen=True)
class Screen:
    """The screen for a table. Without height no rows are left out; without width no text is wrapped."""

    width: int | None = None
    height: int | None = None
    colour: bool = False
    encoding: str = "utf-8"

    @property
    def is_unicode(self) -> bool:
        """Whether the encoding has every character."""
        return fold(self.encoding).startswith("utf")


def render(
    parts: Sequence[Table], omitted_rows: int, notes: Sequence[str], hint: str, screen: Screen, style: NumberStyle
) -> bytes:
    """The rows of `parts` as one table, with the notes below it.

    `omitted_rows` rows are left out after the first part; `hint` says how to get them.
    """
    from rich.box import ASCII, ROUNDED
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    plain = not _can_write("─│╭╮╰╯┬┴┼├┤…", screen.encoding)
    first = parts[0]
    table = RichTable(box=ASCII if plain else ROUNDED)
    rows: list[tuple[str, ...]] = []
    for part in parts:
        rows += zip(*(_cells(column, style) for column in part.data), strict=True)
    gap = "..." if plain else "…"
    if omitted_rows:
        rows.insert(len(first), (gap,) * len(first.columns))
        notes = (f"{omitted_rows} rows are not shown; {hint}", *notes)
    names = first.columns
    numeric = [all(_is_number_column(part.data[index]) for part in parts) for index in range(len(names))]
    fixed = [is_number or any("\n" in row[index] for row in rows) for index, is_number in enumerate(numeric)]
    natural = _widths(names, rows)
    if screen.width is not None and all(numeric) and len(names) >= _MANY:
        half = _half_that_fits(natural, screen.width)
        if omitted := len(names) - 2 * half if half else 0:
            ends = [*range(half), *range(len(names) - half, len(names))]
            rows = [_with_gap([row[index] for index in ends], gap) for row in rows]
            names = _with_gap([names[index] for index in ends], gap)
            numeric = fixed = [True] * len(names)
            natural = _widths(names, rows)
            notes = (f"{omitted} columns are not shown; {hint}", *notes)
    for name, is_number, is_fixed in zip(names, numeric, fixed, strict=True):
        table.add_column(
            Text(name), justify="right" if is_number else "left", no_wrap=is_fixed, overflow="fold", style=None
        )
    for row in rows:
        table.add_row(*map(Text, row))
    frame = _FRAME * len(names) + 1
    needed = frame + sum(
        width if is_fixed else min(width, _FOLDABLE) for width, is_fixed in zip(natural, fixed, strict=True)
    )
    total = frame + sum(natural)
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=max(needed, min(total, screen.width or total)),
        force_terminal=screen.colour,
        color_system="standard" if screen.colour else None,
        no_color=not screen.colour,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    console.print(table)
    text = (first.title + "\n" if first.title else "") + buffer.getvalue()
    for note in notes:
        text += "\n".join(_wrapped(note, screen.width)) + "\n"
    return text.encode(screen.encoding, "backslashreplace")


def side_by_side(table: Table, width: int | None, style: NumberStyle) -> list[Table]:
    """The columns of a table distributed over tables that fit the width, each beginning with the first column.

    >>> table = Table(("layer", "mean", "std"), ([1], [0.25], [0.5]))
    >>> [part.columns for part in side_by_side(table, 20, NumberStyle())]
    [('layer', 'mean'), ('layer', 'std')]
    """
    rows = list(zip(*(_cells(column, style) for column in table.data), strict=True))
    first, *others = _widths(table.columns, rows)
    groups: list[list[int]] = [[]]
    left = room = math.inf if width is None else width - 1 - (first + _FRAME)
    for index, one in enumerate(others, 1):
        if groups[-1] and left < one + _FRAME:
            groups.append([])
            left = room
        groups[-1].append(index)
        left -= one + _FRAME
    return [
        Table(
            tuple(table.columns[index] for index in (0, *group)),
            tuple(table.data[index] for index in (0, *group)),
            title=f"{table.title}, continued" if number else table.title,
        )
        for number, group in enumerate(groups)
    ]


def _widths(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """The width of each column in letters; a cell may have several lines."""
    columns = ([name, *(row[index] for row in rows)] for index, name in enumerate(names))
    return [max(len(line) for cell in column for line in cell.split("\n")) for column in columns]


def _wrapped(note: str, width: int | None) -> list[str]:
    """A note in lines that fit the screen; words, which may be formulas or paths, are not broken."""
    if width is None:
        return [note]
    return textwrap.wrap(note, max(width, _NARROWEST), break_long_words=False, break_on_hyphens=False)


def _half_that_fits(widths: Sequence[int], width: int) -> int:
    """The number of columns at each end that fit on the screen with a gap between; 0 if all columns fit."""
    if 1 + sum(_FRAME + one for one in widths) <= width:
        return 0
    half = 1
    while 1 + 6 + sum(_FRAME + one for one in (*widths[: half + 1], *widths[-half - 1 :])) <= width:
        half += 1
    return half


def _with_gap(ends: Sequence[str], gap: str) -> tuple[str, ...]:
    middle = len(ends) // 2
    return (*ends[:middle], gap, *ends[middle:])


def _cells(column: Column, style: NumberStyle) -> list[str]:
    if style.hex or style.decimals is not None:
        return texts(column, style)
    values = column.tolist() if isinstance(column, np.ndarray) else column
    form = f".{style.precision or DIGITS}g"
    return [format(value, form) if isinstance(value, (float, np.floating)) else texts([value])[0] for value in values]


def _is_number_column(column: Column) -> bool:
    if isinstance(column, np.ndarray):
        return column.dtype.kind in "fiu"
    return all(value is None or isinstance(value, (int, float, np.number)) for value in column)


def _can_write(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
