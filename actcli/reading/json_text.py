"""Numbers in JSON and NDJSON."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import numpy as np

from actcli.reading import streams
from actcli.reading.source import Block, Numbers, counted, number, quoted
from actcli.reading.streams import BLANK, Stream, cut

_MINUS_ZERO = re.compile(rb"-0(?![.\deE])")
_NO_JSON = re.compile(rb"NaN|Infinity|[eE]\+?\d{3}")


class Json:
    """A JSON array of numbers, rows or objects, an object with such an array as `rows`, or NDJSON, one item per line.

    A nested or flat array of numbers is read block by block, a JSON text with objects as a whole.
    """

    shape: tuple[int, ...] | None = None

    def __init__(self, stream: Stream, form: str, columns: Sequence[str], by_row: bool) -> None:
        self.stream = stream
        self.name = stream.name
        self.by_line = form == "ndjson"
        self.columns = columns
        self.by_row = by_row
        self.width: int | None = None
        #: Matches the end of an item of the outermost array, if that holds numbers or arrays of numbers.
        self.item_end: re.Pattern[bytes] | None = None
        self.is_whole = False

    @property
    def share(self) -> float | None:
        return self.stream.share

    def blocks(self) -> Generator[Block | None]:
        last = b""
        for block in cut(self.stream, self._last_line if self.by_line else self._last_item):
            last = block[0] if block else last
            yield block
        if self.item_end is not None and not last.rstrip().endswith(b"]"):
            raise ValueError(f"{self.name} ends before its array does")

    @staticmethod
    def _last_line(text: bytes) -> int:
        return text.rfind(b"\n") + 1

    def _last_item(self, text: bytes) -> int:
        if self.is_whole or (self.item_end is None and len(text) < streams.SMALLEST):
            return 0
        if self.item_end is None:
            opening = re.match(rb"[\s\[]*(?!\s|\[|\{)", text)
            depth = opening.group().count(b"[") if opening else 0
            self.is_whole = not depth
            if self.is_whole:
                return 0
            self.item_end = re.compile(rb"(?:\]\s*){%d}," % (depth - 1))
        ends = [match.end() for match in self.item_end.finditer(text)]
        return ends[-1] if ends else 0

    def parse(self, block: Block) -> Numbers:
        text, line, column = block
        items, lines = self._items(text, line, column)
        rows = self._as_array(text, items)
        if rows is None:
            after = f" after line {line}, column {column}" if (line, column) != (1, 1) else ""
            places = [f"line {place}" for place in lines] or [f"item {index + 1}{after}" for index in range(len(items))]
            rows = self._item_by_item(items, [f"{self.name}, {place}" for place in places])
        if not len(items):
            return rows.reshape(0, 0) if self.by_row else rows.reshape(0)
        width = rows.size // len(items)
        self.width = width if self.width is None else self.width
        if width != self.width:
            raise ValueError(
                f"{self.name}, line {line}: {counted(width, 'number')} in a row, {self.width} in the first"
            )
        return rows if self.by_row else rows.reshape(-1)

    def _items(self, text: bytes, line: int, column: int) -> tuple[list[Any], list[int]]:
        """The items of a block, and for NDJSON their line numbers."""
        if self.by_line:
            lines = [(place, raw) for place, raw in enumerate(text.split(b"\n"), start=line) if raw.strip(BLANK)]
            return [self._loaded(raw, place, 1) for place, raw in lines], [place for place, _ in lines]
        if self.item_end is not None:
            return self._part(text, line, column), []
        if not text.strip(BLANK):
            return [], []
        items = self._loaded(text, line, column)
        if isinstance(items, dict) and isinstance(items.get("rows"), list):
            items = items["rows"]
        if not isinstance(items, list) or (self.by_row and items and not isinstance(items[0], (list, dict))):
            items = [items]
        return items, []

    def records(self, blocks: Sequence[Block]) -> tuple[list[str] | None, Iterator[tuple[int, list[Any]]]]:
        """The keys of the objects, None for arrays, and the values of each item with its line or number."""
        parts = [self._items(*block) for block in blocks]
        items = [item for part, _ in parts for item in part]
        places = [place for _, lines in parts for place in lines] or list(range(1, len(items) + 1))
        has_keys = bool(items) and isinstance(items[0], dict)
        keys = list(self.columns or items[0]) if has_keys else None
        return keys, ((place, self._values(item, keys, place)) for place, item in zip(places, items, strict=True))

    def _values(self, item: Any, keys: list[str] | None, place: int) -> list[Any]:
        where = f"{self.name}, {'line' if self.by_line else 'item'} {place}"
        if keys is None:
            if self.columns:
                raise ValueError(f"{where}: --column names a key, and {quoted(str(item))} is no object")
            return item if isinstance(item, list) else [item]
        if not isinstance(item, dict):
            raise ValueError(f"{where}: {quoted(str(item))} is no object, as the first is")
        for key in keys:
            if key not in item:
                raise ValueError(f"{where}: no key {key!r}; the keys are {', '.join(item)}")
        return [item[key] for key in keys]

    def _part(self, text: bytes, line: int, column: int) -> list[Any]:
        """The items in one block of the outermost array, whose own brackets stand in its first and last block."""
        body = text.rstrip(BLANK)
        if body.endswith((b",", b"]")):
            body = body[:-1]
        if (line, column) == (1, 1):
            body = body.replace(b"[", b" ", 1)
        items: list[Any] = self._loaded(b"[%b]" % body, line, column - 1)
        return items

    def _loaded(self, text: bytes, line: int, column: int) -> Any:
        from actcli.fast_json import orjson

        try:
            loaded = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            # orjson refuses NaN and Infinity, which Python and others write, and numbers beyond float64.
            if not _NO_JSON.search(text) or (loaded := _lenient(text)) is None:
                if error.lineno > 1:
                    line, column = line + error.lineno - 1, 1
                raise ValueError(f"{self.name}, line {line}, column {column + error.colno - 1}: {error.msg}") from None
        if _MINUS_ZERO.search(text):  # orjson reads -0 as the integer 0, without the sign
            loaded = _lenient(text)
        return loaded

    def _as_array(self, text: bytes, items: list[Any]) -> Numbers | None:
        """The items as one array if the text has only numbers, in rows of equal length, else None."""
        if self.columns or any(mark in text for mark in (b'"', b"u", b"a", b"{")):
            return None
        try:
            values = np.array(items, dtype=np.float64)
        except ValueError:
            return None
        return values.reshape(len(items), -1) if self.by_row and values.size else values

    def _item_by_item(self, items: list[Any], places: list[str]) -> Numbers:
        rows = [self._row(item, place) for item, place in zip(items, places, strict=True)]
        for row, place in zip(rows, places, strict=True):
            if len(row) != len(rows[0]):
                raise ValueError(f"{place}: {counted(len(row), 'number')} in this row, {len(rows[0])} in the first")
        return np.array(rows, dtype=np.float64)

    def _row(self, item: Any, place: str) -> list[float]:
        keys: list[str] = []
        if isinstance(item, dict):
            if not self.columns and len(item) > 1:
                raise ValueError(f"{place} is an object; say which of its keys with --column: {', '.join(item)}")
            for key in self.columns:
                if key not in item:
                    raise ValueError(f"{place}: no key {key!r}; the keys are {', '.join(item)}")
            keys = list(self.columns or item)
            item = [item[key] for key in keys]
        elif self.columns:
            raise ValueError(f"{place}: --column names a key, and {quoted(str(item))} is no object")
        row: list[float] = []
        _collect(item, row, place)
        if keys and not row:
            raise ValueError(f"{place}: no number under {', '.join(map(repr, keys))}")
        return row


def _lenient(text: bytes) -> Any:
    """What Python reads: every number as a float, NaN and Infinity too; None where it reads nothing."""
    import json

    try:
        return json.loads(text, parse_int=float)
    except (ValueError, RecursionError):
        return None


def _collect(item: Any, row: list[float], place: str) -> None:
    if isinstance(item, list):
        for part in item:
            _collect(part, row, place)
        return
    value = item
    if isinstance(item, str):
        try:
            value = number(item)
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{place}: {quoted(as_written(item))} is not a number")
    row.append(float(value))


def as_written(item: Any) -> str:
    """An item as JSON text, a string without its quotes.

    >>> as_written(True), as_written(None), as_written("no")
    ('true', 'null', 'no')
    """
    import json

    return item if isinstance(item, str) else json.dumps(item)
