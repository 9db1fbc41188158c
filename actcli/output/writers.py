"""One writer per format. A writer is started with the columns, fed tables chunk by chunk, and finished.

Except for the table on the screen a writer stores no rows, so that streams of any length need a fixed amount of memory,
and `rows` of a chunk does not depend on earlier chunks, so that several processes can write chunks at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, ClassVar

import numpy as np

from actcli.output.numbers import SHORTEST, NumberStyle, comma_separated, texts
from actcli.output.screen import Screen, render
from actcli.output.table import Column, Table, float_matrix


@dataclass(frozen=True)
class Settings:
    """The settings of writers.

    head, tail: the keys of JSON before and after `rows`; `tail` is called after the last row.
    notes: gives the notes below a table on the screen; called after the last row.
    hint: says how to get the rows that a table on the screen leaves out.
    shape: maps the number of rows and the shape of a row to the shape of the array in a .npy file.
    """

    style: NumberStyle = SHORTEST
    head: Mapping[str, Any] = field(default_factory=dict)
    tail: Callable[[], Mapping[str, Any]] = dict
    screen: Screen = field(default_factory=Screen)
    notes: Callable[[], Sequence[str]] = tuple
    hint: str = ""
    shape: Callable[[int, tuple[int, ...]], tuple[int, ...]] = lambda rows, item: (rows, *item)


class Writer:
    """Base of the writers: `start(first) + joint.join(rows(t) for t in tables if len(t)) + finish(count)`."""

    joint: ClassVar[bytes] = b""
    #: Whether `rows` depends only on its table.
    stateless: ClassVar[bool] = True

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def start(self, first: Table) -> bytes:
        """The bytes before the rows; `first` is any of the tables, for its columns."""
        return b""

    def rows(self, table: Table) -> bytes:
        """The rows of one table."""
        raise NotImplementedError

    def finish(self, rows: int) -> bytes:
        """The bytes after the rows; `rows` is their number."""
        return b""

    def amend(self, stream: BinaryIO, rows: int) -> None:
        """Correct the start of a file by the final number of rows."""


class Separated(Writer):
    """One line per row, `separator` between the fields, the names of the columns in the first line."""

    separator: ClassVar[str]

    def start(self, first: Table) -> bytes:
        return _encoded(self.separator.join(map(self.quoted, first.columns)) + "\n") if first.columns else b""

    def rows(self, table: Table) -> bytes:
        return self.lines(table.data)

    def lines(self, columns: Sequence[Column]) -> bytes:
        matrix = float_matrix(columns)
        if matrix is None:
            fields = (list(map(self.quoted, texts(column, self.settings.style))) for column in columns)
            return _encoded("".join(self.separator.join(row) + "\n" for row in zip(*fields, strict=True)))
        if not matrix.size:
            return b""
        return _lines(comma_separated(matrix.reshape(-1), self.settings.style), matrix.shape[1], self.separator) + b"\n"

    @staticmethod
    def quoted(text: str) -> str:
        raise NotImplementedError


def _encoded(text: str) -> bytes:
    """The text as UTF-8; bytes of a file name that are not UTF-8 are written unchanged."""
    return text.encode(errors="surrogateescape")


def _lines(numbers: bytes, width: int, separator: str) -> bytes:
    """Comma-separated numbers as lines of `width` fields."""
    if width == 1:
        return numbers.replace(b",", b"\n")
    letters = np.frombuffer(numbers, dtype=np.uint8).copy()
    commas = np.flatnonzero(letters == ord(","))
    letters[commas] = ord(separator)
    letters[commas[width - 1 :: width]] = ord("\n")
    return letters.tobytes()


class Tsv(Separated):
    separator = "\t"

    @staticmethod
    def quoted(text: str) -> str:
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


class Csv(Separated):
    """RFC 4180, but with Unix line ends."""

    separator = ","

    @staticmethod
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n\r') else text


class Values(Tsv):
    """The result columns only, without their names."""

    def start(self, first: Table) -> bytes:
        return b""

    def rows(self, table: Table) -> bytes:
        return self.lines(table.result_columns())


class Ndjson(Writer):
    """One JSON object per line, keyed by column."""

    between: ClassVar[bytes] = b"\n"
    end: ClassVar[bytes] = b"\n"

    def rows(self, table: Table) -> bytes:
        keys = [_dumps(name).replace("%", "%%") for name in table.columns]
        template = ("{" + ", ".join(f"{key}: %b" for key in keys) + "}").encode()
        fields = zip(*(self._values(column) for column in table.data), strict=True)
        tokens = tuple(token for row in fields for token in row)
        return self.between.join([template] * len(table)) % tokens + self.end

    def _values(self, column: Column) -> list[bytes]:
        style = self.settings.style
        if not isinstance(column, np.ndarray) or column.dtype.kind != "f":
            return [_json_value(value, style).encode() for value in column]
        values = comma_separated(column, style).split(b",") if len(column) else []
        quoted = range(len(values)) if style.hex else np.flatnonzero(~np.isfinite(column))
        for index in quoted:
            values[index] = b'"%b"' % values[index]
        return values


class Json(Ndjson):
    """One strict JSON object: the request, and `rows`, a list of the objects of NDJSON."""

    between = b",\n"
    end = b""
    joint = b","

    def start(self, first: Table) -> bytes:
        head = _dumps(self.settings.head)[1:-1]
        return ("{" + head + (", " if head else "") + '"rows": [').encode()

    def rows(self, table: Table) -> bytes:
        return b"\n" + super().rows(table)

    def finish(self, rows: int) -> bytes:
        tail = _dumps(self.settings.tail())[1:-1]
        return (("\n]" if rows else "]") + (", " if tail else "") + tail + "}\n").encode()


def _json_value(value: Any, style: NumberStyle) -> str:
    if isinstance(value, (float, np.floating)):
        text = texts([value], style)[0]
        return text if np.isfinite(value) and not style.hex else f'"{text}"'
    return _dumps(value)


def _dumps(value: Any) -> str:
    import json  # commands that print no JSON start faster without it

    return json.dumps(jsonable(value), allow_nan=False)


def jsonable(value: Any) -> Any:
    """`value` with arrays as lists, numpy numbers in the shortest digits of their type, nan and infinities as strings.

    >>> jsonable({"loss": np.float32(0.1), "worst": float("inf"), "shape": (2, 3)})
    {'loss': 0.1, 'worst': 'inf', 'shape': [2, 3]}
    """
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return [jsonable(item) for item in value]
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, (float, np.floating)):
        text = texts([value])[0]
        return float(text) if np.isfinite(value) else text
    if isinstance(value, np.generic):
        return value.item()
    return value


class Npy(Writer):
    """An array of the result columns: one column is one-dimensional, several are rows × columns."""

    def start(self, first: Table) -> bytes:
        self.first = self.array(first)
        return self._header(0)

    def rows(self, table: Table) -> bytes:
        return self.array(table).tobytes()

    @staticmethod
    def array(table: Table) -> np.ndarray[Any, Any]:
        """The result columns as a matrix, a single one as a one-dimensional array."""
        columns = table.result_columns()
        arrays = [np.asarray(column) for column in columns]
        if any(array.dtype.kind not in "fiub" for array in arrays):
            raise ValueError("an .npy file holds numbers, and this table has words; write .csv or .json")
        if len(arrays) == 1:
            return arrays[0]
        return np.stack(arrays, axis=1) if arrays else np.empty((0, 0))

    def amend(self, stream: BinaryIO, rows: int) -> None:
        stream.seek(0)
        stream.write(self._header(rows))

    def _header(self, rows: int) -> bytes:
        # The header has a fixed length, since the final shape overwrites it.
        descr = np.lib.format.dtype_to_descr(self.first.dtype)
        shape = self.settings.shape(rows, self.first.shape[1:])
        header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
        return b"\x93NUMPY\x01\x00" + (1014).to_bytes(2, "little") + header.encode().ljust(1013) + b"\n"


class OnScreen(Writer):
    """The table on the screen. With a height, only the first and last rows of a long table are kept."""

    stateless = False

    def start(self, first: Table) -> bytes:
        self.empty = first.slice(0, 0)
        height = self.settings.screen.height
        # Title, frame and notes take eight lines.
        self.half = None if height is None else max((height - 8) // 2, 3)
        self.top: list[Table] = []
        self.bottom: list[Table] = []
        self.count = 0
        return b""

    def rows(self, table: Table) -> bytes:
        self.count += len(table)
        kept = sum(map(len, self.top))
        room = len(table) if self.half is None else min(self.half - kept, len(table))
        if room:
            self.top.append(table.slice(0, room))
        if room < len(table):
            self.bottom.append(table.slice(room, len(table)))
            while sum(map(len, self.bottom[1:])) >= (self.half or 0):
                del self.bottom[0]
        return b""

    def finish(self, rows: int) -> bytes:
        bottom = sum(map(len, self.bottom))
        surplus = max(0, bottom - (self.half or 0))
        if self.bottom:
            self.bottom[0] = self.bottom[0].slice(surplus, len(self.bottom[0]))
        omitted = self.count - sum(map(len, self.top)) - (bottom - surplus)
        first = _joined(self.top or [self.empty])
        notes = (*first.notes, *self.settings.notes())
        hint, shown = self.settings.hint, self.settings.screen
        return render([first, *self.bottom], omitted, notes, hint, shown, self.settings.style)


def _joined(tables: Sequence[Table]) -> Table:
    if len(tables) == 1:
        return tables[0]
    data = tuple([value for table in tables for value in table.data[index]] for index in range(len(tables[0].columns)))
    return Table(tables[0].columns, data, tables[0].title, tables[0].results, tables[0].notes)
