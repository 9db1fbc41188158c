"""A whole file in memory: rows of numbers, with columns of text among them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from actcli.memory import require_memory
from actcli.reading.arrays import Array
from actcli.reading.json_text import Json, as_written
from actcli.reading.opening import open_source
from actcli.reading.source import Block, Numbers, column_name, counted, number, quoted
from actcli.reading.streams import STDIN
from actcli.reading.text import Text


@dataclass(frozen=True)
class Columns:
    """The rows of a file.

    numbers: (rows, columns), in the type of an array file, float64 from text; nan in columns of text. words: the
    columns of text by their index. header: the names of the columns, if the file has them. places: the line or item
    number of each row, None if rows are numbered from 1; `item` names that unit in messages. axes: the number of axes
    of an array, 2 for a table.
    """

    name: str
    numbers: Numbers
    words: dict[int, list[str]]
    header: list[str] | None
    item: str = "row"
    places: Sequence[int] | None = None
    axes: int = 2

    def place(self, row: int) -> str:
        """The place of a row: the file and the line."""
        return f"{self.name}, {self.item} {row + 1 if self.places is None else self.places[row]}"

    def column(self, index: int) -> str:
        """The name of a column, or its number from 1."""
        return column_name(self.header, index)


def read_columns(where: str, form: str | None, columns: Sequence[str], stdin: BinaryIO | None) -> Columns:
    """All rows of a file: .txt .csv .tsv .json .ndjson .npy .npz or IDX.

    In text and JSON a column whose first value is not a number is a column of text; in other columns text is an error.
    The first line of a CSV or TSV is its header if no field in it is a number. Each entry of the first axis of an array
    is a row.

    Raises:
        ValueError: for text in place of a number, rows of different lengths, and files that exceed the memory.
        OSError: for a file that cannot be read or is truncated.
    """
    source = open_source(where, form, columns, True, stdin)
    if isinstance(source, Array):
        return _of_array(source, STDIN if where == "-" else where)
    assert isinstance(source, (Text, Json))
    if isinstance(source, Text):
        source.words = True
    return columns_of(source, source.blocks())


def has_words(source: Text | Json, block: Block) -> bool:
    """Whether an entry of the first row of text or JSON is not a number; `block` is the first block with content."""
    if isinstance(source, Text):
        lines = (raw.partition(b"#")[0] for raw in block[0].splitlines())
        row = next((line for line in lines if line.strip()), b"")
        fields = [field.decode(errors="replace") for field in source.fields(row)]
        if source.separator is None:  # a row of words alone is a header, or JSON: whoever parses numbers says so
            return _has_words(fields[-1:]) and not _has_words(fields[:-1])
        return _has_words([text for index, text in enumerate(fields) if index in (source.chosen or range(len(fields)))])
    return _has_words(next(source.records([block])[1], (0, []))[1])


def columns_of(source: Text | Json, pieces: Iterable[Block | None]) -> Columns:
    """All rows of text or JSON from its blocks. Raises as `read_columns` does."""
    name = source.name
    blocks = _all_blocks(source, pieces)
    if isinstance(source, Json):
        item = "line" if source.by_line else "item"
        header, records = source.records(blocks)
        return _of_records(name, header, item, records)
    header = source.names
    if not blocks:
        return Columns(name, np.empty((0, source.width or 0)), {}, header, "line", [])
    text, line = b"".join(block[0] for block in blocks), blocks[0][1]
    if _has_words(next(source.records(text, line), (line, []))[1]):
        return _of_records(name, header, "line", source.records(text, line))
    rows = np.concatenate([source.parse(block) for block in blocks])
    places = [
        place
        for text, line, _ in blocks
        for place, raw in enumerate(text.split(b"\n"), start=line)
        if raw.partition(b"#")[0].strip()
    ]
    return Columns(name, rows, {}, header, "line", places)


def _of_array(source: Array, name: str) -> Columns:
    with closing(source), closing(source.blocks()) as blocks:
        require_memory([(f"the numbers of {name}", source.count * source.dtype.itemsize)])
        parts = [source.parse(block).reshape(-1) for block in blocks if block is not None]
    rows = source.shape[0]
    numbers = np.concatenate(parts).reshape(rows, source.count // rows if rows else 0)
    return Columns(name, numbers, {}, None, axes=len(source.shape))


def _all_blocks(source: Text | Json, pieces: Iterable[Block | None]) -> list[Block]:
    """All blocks of a text, if the text and its numbers fit in memory."""
    blocks: list[Block] = []
    size = source.stream.size if source.stream.is_regular else 0
    seen = 0
    with closing(source.stream):
        _require_room(source.name, size)
        for block in pieces:
            if block is not None and block[0].strip():
                seen += len(block[0])
                _require_room(source.name, max(size, seen))
                blocks.append(block)
    return blocks


def _require_room(name: str, size: int) -> None:
    # A number with its separator takes about 8 bytes of text, as many as in memory.
    require_memory([(f"the text of {name}", size), ("its numbers", size)])


def _of_records(name: str, header: list[str] | None, item: str, records: Iterable[tuple[int, list[Any]]]) -> Columns:
    numbers = array("d")
    words: dict[int, list[str]] = {}
    places: list[int] = []
    width = 0
    for place, values in records:
        if not places:
            width = len(values)
            words = {index: [] for index, value in enumerate(values) if _is_word(value)}
        if len(values) != width:
            raise ValueError(
                f"{name}, {item} {place}: {counted(len(values), 'value')} in this row, {width} in the first"
            )
        for index, value in enumerate(values):
            if index in words:
                words[index].append(str(value).lower() if isinstance(value, bool) else str(value))
                numbers.append(math.nan)
            else:
                try:
                    numbers.append(_number(value))
                except ValueError as error:
                    raise ValueError(f"{name}, {item} {place}, {column_name(header, index)}: {error}") from None
        places.append(place)
    rows = np.frombuffer(numbers, np.float64) if numbers else np.empty(0)
    return Columns(name, rows.reshape(len(places), width), words, header, item, places)


def _number(value: Any) -> float:
    if value is None or value == "":
        raise ValueError("a number is missing here")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    try:
        return number(str(value))
    except ValueError:
        raise ValueError(f"{quoted(as_written(value))} is not a number") from None


def _is_word(value: Any) -> bool:
    if isinstance(value, str) and value:
        try:
            number(value)
        except ValueError:
            return True
    return isinstance(value, bool)


def _has_words(values: Sequence[Any]) -> bool:
    return any(map(_is_word, values))
