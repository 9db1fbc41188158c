"""A table for people: rich's layout, six significant digits, as wide as its numbers need."""

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

#: Digits of a number in a table, unless `--precision` says otherwise.
DIGITS = 6

#: A table of at least so many columns, all of them numbers, may leave out those in the middle.
_MANY = 10

#: A text column wider than this may be folded to fit the screen; numbers and cells of several lines never are.
_FOLDABLE = 12

#: What a column takes beside its letters: two blanks and a line.
_FRAME = 3

#: Notes are not folded to less than this.
_NARROWEST = 20


@dataclass(frozen=True)
class Screen:
    """What a table is written for. No height: nothing is left out; no width: nothing is folded."""

    width: int | None = None
    height: int | None = None
    colour: bool = False
    encoding: str = "utf-8"

    @property
    def is_unicode(self) -> bool:
        """Whether any character can be written."""
        return fold(self.encoding).startswith("utf")


def render(
    parts: Sequence[Table], omitted_rows: int, notes: Sequence[str], hint: str, screen: Screen, style: NumberStyle
) -> bytes:
    """The rows of `parts` in one table, the notes below it.

    `omitted_rows` rows are missing after the first part; `hint` says how to get them.
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
    """The columns in as many tables as a screen of that width needs; the first column begins each of them.

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
    """The letters that each column needs; a cell may have several lines."""
    columns = ([name, *(row[index] for row in rows)] for index, name in enumerate(names))
    return [max(len(line) for cell in column for line in cell.split("\n")) for column in columns]


def _wrapped(note: str, width: int | None) -> list[str]:
    """A note in lines that fit the screen; words, which may be formulas or paths, stay whole."""
    if width is None:
        return [note]
    return textwrap.wrap(note, max(width, _NARROWEST), break_long_words=False, break_on_hyphens=False)


def _half_that_fits(widths: Sequence[int], width: int) -> int:
    """How many columns at either end fit on the screen beside a gap for the others; 0 if all fit."""
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
