"""Numbers from arguments, files and standard input, in blocks that fit in memory whatever the size of the whole.

A source gives `blocks()`, pieces of its raw data in order and cheap to make, and `parse(block)`, the float64 (or, from
an array file, the file's own type) numbers in one of them, which depends on nothing but the block and may run in
another process. Elementwise functions get the numbers one-dimensional, row functions as rows × width. Where the next
piece would have to be waited for, `blocks()` gives a None first.

Text is parsed by orjson where it looks like JSON numbers, else by float(), else token by token; the three agree, and
only the last, which all trouble ends up in, knows how to say where the trouble is.
"""

from __future__ import annotations

import io
import math
import os
import re
import select
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from actcli.memory import require_memory

Numbers = NDArray[Any]

#: Bytes of text in a block, and numbers of an array.
TEXT_BLOCK = 1 << 20
ARRAY_BLOCK = 1 << 18

FORMATS = ("txt", "csv", "tsv", "json", "ndjson", "npy", "npz")


#: A piece of a source, made of what `marshal` can write: raw text with the line and column it starts at, or the place
#: of the first number and of the one after the last, or the raw bytes of an array.
Block = tuple[Any, ...]


class Source(Protocol):
    """Where numbers come from."""

    #: Shape of the whole, where it is known before the end is reached.
    shape: tuple[int, ...] | None
    #: How much of the whole the blocks given so far are, from 0 to 1, where that is known.
    share: float | None

    def blocks(self) -> Iterator[Block | None]:
        """The data in pieces."""

    def parse(self, block: Block) -> Numbers:
        """The numbers of one piece."""


def number(text: str) -> float:
    """The number a text stands for: decimal, nan, inf or a hex float; no underscores, no blanks.

    >>> number("-.5"), number("1e-5"), number("-inf"), number("0x1.8p+1")
    (-0.5, 1e-05, -inf, 3.0)

    Raises:
        ValueError: if it stands for none.
    """
    if not text.isascii() or "_" in text or text.strip() != text:
        raise ValueError(f"{text!r} is not a number")
    try:
        return float.fromhex(text) if "x" in text or "X" in text else float(text)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a number") from None


# --- numbers already there -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """Numbers from the command line; for row functions they are one row."""

    values: Sequence[float]
    by_row: bool
    share = None

    @property
    def shape(self) -> tuple[int, ...]:
        return (1, len(self.values)) if self.by_row else (len(self.values),)

    def blocks(self) -> Iterator[Block | None]:
        yield 0, len(self.values)

    def parse(self, block: Block) -> Numbers:
        return np.array(self.values, dtype=np.float64).reshape(self.shape)


@dataclass
class Range:
    """Evenly spaced points, both ends included; each the float64 nearest to its true place where the ends are decimals.

    >>> points = Range.parsed("-1:1:11", by_row=False)
    >>> points.parse(next(points.blocks())).tolist()
    [-1.0, -0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """

    low: str
    high: str
    count: int
    by_row: bool
    share: float | None = 0.0

    @classmethod
    def parsed(cls, text: str, by_row: bool) -> Range:
        """LO:HI or LO:HI:N; without N 11 points.

        Raises:
            ValueError: naming the part that is wrong.
        """
        parts = [part.strip() for part in text.split(":")]
        if len(parts) not in (2, 3):
            raise ValueError(f"--range takes LO:HI or LO:HI:N, such as -4:4:9, not {text!r}")
        for part in parts[:2]:
            try:
                finite = np.isfinite(number(part))
            except ValueError:
                finite = False
            if not finite:
                raise ValueError(f"--range {text!r}: {part!r} is not a finite number; it takes LO:HI:N, such as -4:4:9")
        count = parts[2] if len(parts) == 3 else "11"
        if not (count.isascii() and count.isdigit() and int(count) > 0):
            raise ValueError(f"--range {text!r}: {count!r} is not a number of points, a positive integer")
        if int(count) == 1 and number(parts[0]) != number(parts[1]):
            raise ValueError(f"--range {text!r}: one point cannot be both ends; ask for 2 or more")
        return cls(parts[0], parts[1], int(count), by_row)

    @property
    def shape(self) -> tuple[int, ...]:
        return (1, self.count) if self.by_row else (self.count,)

    def blocks(self) -> Iterator[Block | None]:
        step = self.count if self.by_row else ARRAY_BLOCK
        if self.by_row:
            require_memory([("the row", 8 * self.count)])
        for start in range(0, self.count, step):
            stop = min(start + step, self.count)
            self.share = stop / self.count
            yield start, stop

    def parse(self, block: Block) -> Numbers:
        points = self._points(*block)
        return points.reshape(1, -1) if self.by_row else points

    def _points(self, start: int, stop: int) -> Numbers:
        low, high, last = number(self.low), number(self.high), max(self.count - 1, 1)
        place = np.arange(start, stop)
        exact = self._integers()
        if exact is not None:
            first, final, scale = exact
            # Numerator and denominator are integers below 2**53, so the quotient is rounded once.
            return np.asarray((first * (last - place) + final * place) / (last * scale))
        points = low * ((last - place) / last) + high * (place / last)
        points[place == 0] = low
        points[place == last] = high
        return points

    def _integers(self) -> tuple[int, int, int] | None:
        """Both ends as integers over one power of ten, if small enough for exact arithmetic."""
        from decimal import Decimal, InvalidOperation

        try:
            low, high = Decimal(self.low), Decimal(self.high)
        except InvalidOperation:
            return None
        places = max(0, *(-int(end.as_tuple().exponent) for end in (low, high)))
        if places > 15 or max(abs(low), abs(high)) > 2**53:
            return None
        scale = 10**places
        first, final = int(low * scale), int(high * scale)
        largest = max(abs(first), abs(final), scale) * max(self.count - 1, 1)
        return (first, final, scale) if largest < 2**52 else None


# --- streams ---------------------------------------------------------------------------------------------------


class Stream:
    """A file or standard input, read as fast as it comes."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self.file = stream
        status = os.fstat(stream.fileno())
        self.is_regular = stat.S_ISREG(status.st_mode)
        self.size = status.st_size
        self.changed = status.st_mtime_ns
        self.read = 0

    @property
    def share(self) -> float | None:
        """How much of it has been read."""
        return self.read / self.size if self.is_regular and self.size else None

    def pieces(self) -> Iterator[bytes | None]:
        """What there is, as soon as there is some, at most about TEXT_BLOCK bytes at a time; None before a wait.

        Raises:
            OSError: if the file was changed meanwhile.
        """
        descriptor = self.file.fileno()
        may_wait = not self.is_regular and os.name == "posix"
        if may_wait:
            _widen(descriptor)
        while True:
            if may_wait and not _has_more(descriptor):
                yield None
            data = os.read(descriptor, TEXT_BLOCK)
            if not data:
                break
            parts = [data]
            size = len(data)
            # A pipe gives 64 kB at a time: collect what is there already.
            while may_wait and size < TEXT_BLOCK and _has_more(descriptor):
                data = os.read(descriptor, TEXT_BLOCK - size)
                if not data:
                    break
                parts.append(data)
                size += len(data)
            self.read += size
            yield b"".join(parts)
        self.check_unchanged()

    def check_unchanged(self) -> None:
        """Raise OSError if the file is not what it was when it was opened."""
        status = os.fstat(self.file.fileno())
        if self.is_regular and (status.st_size, status.st_mtime_ns) != (self.size, self.changed):
            raise OSError(f"{self.name} changed while it was read")


def _has_more(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


def _widen(descriptor: int) -> None:
    try:
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, TEXT_BLOCK)
    except (ImportError, AttributeError, OSError):
        return  # not Linux, or not a pipe: it works all the same


def _without_bom(text: bytes, name: str) -> bytes:
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError(f"{name} is UTF-16 text; convert it to UTF-8, for example with iconv")
    return text.removeprefix(b"\xef\xbb\xbf")


def _cut(stream: Stream, last: Callable[[bytes], int]) -> Iterator[Block | None]:
    """The text of a stream in blocks (text, line, column) that end where `last` says a whole one ends (0: nowhere)."""
    line = column = 1
    kept: list[bytes] = []
    size = 0
    first = True
    for piece in stream.pieces():
        if piece is None:
            yield None
            continue
        if first:
            piece, first = _without_bom(piece, stream.name), False
        end = last(piece)
        if not end:
            kept.append(piece)
            size += len(piece)
            require_memory([(f"line {line} of {stream.name}", 4 * size)])
            continue
        text = b"".join((*kept, piece[:end]))
        yield text, line, column
        line, column = _moved(line, column, text)
        kept = [piece[end:]]
        size = len(kept[0])
    rest = b"".join(kept)
    if rest:
        yield rest, line, column


def _moved(line: int, column: int, text: bytes) -> tuple[int, int]:
    lines = text.count(b"\n")
    return (line + lines, len(text) - text.rfind(b"\n")) if lines else (line, column + len(text))


# --- text ------------------------------------------------------------------------------------------------------

_SEPARATORS_TO_COMMAS = bytes.maketrans(b" \t\n", b",,,")
_TOKEN = re.compile(rb"[^\s,]+")
_BLANK = b" \t\r\n\f\v"
_MINUS_ZERO = re.compile(rb"-0(?![.\deE])")
_NO_NUMBER = re.compile(rb"(?:^|,)[ \t\r\f\v]*,", re.MULTILINE)


class Text:
    """Numbers in text: separated by white space and commas, or as CSV or TSV with or without a header.

    Rows and columns are lines; without them only the numbers count.
    """

    shape = None

    def __init__(self, stream: Stream, form: str, columns: Sequence[str], by_row: bool) -> None:
        self.stream = stream
        self.name = stream.name
        self.separator = {"csv": b",", "tsv": b"\t"}.get(form)
        self.columns = columns
        self.by_row = by_row
        self.by_line = by_row or self.separator is not None
        self.header: list[str] | None = None
        #: Numbers in a line, and which of them are wanted, once the first line has been seen.
        self.width: int | None = None
        self.chosen: list[int] | None = None
        if columns and self.separator is None:
            raise ValueError("--column needs columns with a separator; say --input-format csv or tsv")

    @property
    def share(self) -> float | None:
        return self.stream.share

    def blocks(self) -> Iterator[Block | None]:
        for block in _cut(self.stream, self._last_end):
            if block is not None and self.by_line and self.width is None:
                block = self._settled(*block)
            yield block

    def _last_end(self, text: bytes) -> int:
        end = text.rfind(b"\n") + 1
        if end or self.by_line or b"#" in text:
            return end
        return max(text.rfind(b" "), text.rfind(b"\t"), text.rfind(b",")) + 1

    def _settled(self, text: bytes, line: int, column: int) -> Block:
        """Learn from the first line with content how wide lines are; the block without its header, if it has one."""
        lines = text.splitlines(keepends=True)
        for index, raw in enumerate(lines):
            content = raw.partition(b"#")[0]
            if not content.strip(_BLANK):
                continue
            fields = self._fields(content)
            self.width = len(fields)
            if self.separator is None:
                break
            has_header = not any(_is_number(field) for field in fields)
            if has_header:
                self.header = [field.decode("utf-8", "backslashreplace") for field in fields]
            self._choose(self.width)
            return (b"".join(lines[index + 1 :]), line + index + 1, 1) if has_header else (text, line, column)
        return text, line, column

    def _choose(self, width: int) -> None:
        if not self.columns:
            return
        self.chosen = []
        for wanted in self.columns:
            if self.header is not None and wanted in self.header:
                self.chosen.append(self.header.index(wanted))
            elif wanted.isascii() and wanted.isdigit():
                if not 1 <= int(wanted) <= width:
                    raise ValueError(f"{self.name}: no column {wanted}; columns are numbered 1 to {width}")
                self.chosen.append(int(wanted) - 1)
            else:
                known = f"the columns are {', '.join(self.header)}" if self.header else "it has no header; give a number"
                raise ValueError(f"{self.name}: no column {wanted!r}; {known}")

    def _fields(self, line: bytes) -> list[bytes]:
        if self.separator is None:
            return _TOKEN.findall(line)
        if b'"' not in line:
            return [field.strip(_BLANK) for field in line.split(self.separator)]
        import csv

        text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
        row = next(csv.reader([text], delimiter=self.separator.decode()))
        return [field.strip().encode("utf-8", "surrogateescape") for field in row]

    def parse(self, block: Block) -> Numbers:
        text, line, column = block
        if not self.by_line:
            numbers = _as_json(text, None)
            return self._free(text, line, column) if numbers is None else numbers
        if self.width is None:  # nothing but blank lines and comments so far
            return np.empty((0, 0) if self.by_row else 0)
        numbers = _as_json(text, self.width)
        rows = self._rows(text, line) if numbers is None else numbers.reshape(-1, self.width)
        if self.chosen is not None:
            rows = rows[:, self.chosen]
        return rows if self.by_row else rows.reshape(-1)

    def _free(self, text: bytes, line: int, column: int) -> Numbers:
        if b"#" not in text and b"_" not in text and not _NO_NUMBER.search(text):
            try:
                return np.array(list(map(float, text.replace(b",", b" ").split())), dtype=np.float64)
            except ValueError:
                pass  # token by token then
        numbers: list[float] = []
        for offset, raw in enumerate(text.split(b"\n")):
            numbers += self._line(raw.partition(b"#")[0], line + offset, 1 if offset else column)
        return np.array(numbers, dtype=np.float64)

    def _rows(self, text: bytes, line: int) -> Numbers:
        rows: list[list[float]] = []
        for place, raw in enumerate(text.split(b"\n"), start=line):
            content = raw.partition(b"#")[0]
            if not content.strip(_BLANK):
                continue
            row = self._line(content, place, 1)
            if len(row) != self.width:
                raise ValueError(
                    f"{self.name}, line {place}: {counted(len(row), 'number')} in this row, {self.width} in the first"
                )
            rows.append(row)
        return np.array(rows, dtype=np.float64).reshape(len(rows), self.width or 0)

    def _line(self, text: bytes, line: int, column: int) -> list[float]:
        """The numbers of one line that starts at `column`."""
        fields = _TOKEN.findall(text) if self.separator is None else self._fields(text)
        if self.separator is None:
            gap = _NO_NUMBER.search(text)
            if gap:
                raise ValueError(f"{self.name}, line {line}, column {column + gap.end() - 1}: a number is missing here")
        if self.chosen is not None:
            fields = [field if index in self.chosen else b"nan" for index, field in enumerate(fields)]
        try:
            if b"_" not in text:
                return list(map(float, fields))
        except ValueError:
            pass  # a hex float, or no number at all
        return [self._number(fields, index, text, line, column) for index in range(len(fields))]

    def _number(self, fields: Sequence[bytes], index: int, text: bytes, line: int, column: int) -> float:
        field = fields[index]
        try:
            return number(field.decode("ascii"))
        except ValueError:
            pass
        start = 0
        for before in fields[:index]:
            start = text.find(before, start) + len(before) + (self.separator is not None)
        place = f"{self.name}, line {line}, column {column + max(text.find(field, start), 0)}"
        if not field:
            raise ValueError(f"{place}: a number is missing here")
        header = line == 1 and self.separator is None
        hint = "; if it is a header, say --input-format csv or tsv" if header else ""
        raise ValueError(f"{place}: {quoted(field.decode('utf-8', 'backslashreplace'))} is not a number{hint}")


def _as_json(text: bytes, width: int | None) -> Numbers | None:
    """The numbers of `text` if it is plain decimals with exactly one separator between each two, else None.

    With a width also None unless each line has that many.
    """
    import orjson

    text = text.strip(_BLANK)
    # JSON's words, strings and brackets are no numbers here.
    if not text or any(mark in text for mark in (b'"', b"[", b"{", b"l", b"u")):
        return None
    try:
        listed = orjson.loads(b"[%b]" % text.translate(_SEPARATORS_TO_COMMAS))
    except orjson.JSONDecodeError:
        return None
    values = np.array(listed, dtype=np.float64)
    # The integer -0 has lost its sign.
    if b"-0" in text and not values.all():
        return None
    return values if width is None or _all_lines_have(text, len(values), width) else None


def _all_lines_have(text: bytes, count: int, width: int) -> bool:
    letters = np.frombuffer(text, dtype=np.uint8)
    is_separator = (letters == ord("\n")) | (letters == ord(",")) | (letters == ord("\t")) | (letters == ord(" "))
    breaks = np.flatnonzero(letters[is_separator] == ord("\n"))
    rows = len(breaks) + 1
    return rows * width == count and np.array_equal(breaks, np.arange(1, rows) * width - 1)


def _is_number(token: bytes) -> bool:
    try:
        number(token.decode("ascii"))
    except ValueError:
        return False
    return True


def quoted(text: str) -> str:
    """`text` in quotes, cut if it is long."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def counted(count: int, what: str) -> str:
    """1 number, 2 numbers."""
    return f"{count} {what}{'' if count == 1 else 's'}"


# --- JSON ------------------------------------------------------------------------------------------------------


class Json:
    """A JSON array of numbers, of rows or of objects, an object with such `rows`; or NDJSON, one item a line.

    An array of numbers, nested or not, is read block by block; an object has to be read whole.
    """

    shape = None

    def __init__(self, stream: Stream, form: str, columns: Sequence[str], by_row: bool) -> None:
        self.stream = stream
        self.name = stream.name
        self.by_line = form == "ndjson"
        self.columns = columns
        self.by_row = by_row
        self.width: int | None = None
        #: What ends an item of the outermost array, if it holds numbers or arrays of numbers.
        self.item_end: re.Pattern[bytes] | None = None

    @property
    def share(self) -> float | None:
        return self.stream.share

    def blocks(self) -> Iterator[Block | None]:
        last = b""
        for block in _cut(self.stream, self._last_line if self.by_line else self._last_item):
            last = block[0] if block else last
            yield block
        if self.item_end is not None and not last.rstrip().endswith(b"]"):
            raise ValueError(f"{self.name} ends before its array does")

    @staticmethod
    def _last_line(text: bytes) -> int:
        return text.rfind(b"\n") + 1

    def _last_item(self, text: bytes) -> int:
        if self.item_end is None:
            opening = re.match(rb"[\s\[]*(?!\s|\[|\{)", text)
            depth = opening.group().count(b"[") if opening else 0
            if not depth or len(text) < TEXT_BLOCK:
                return 0
            self.item_end = re.compile(rb"(?:\]\s*){%d}," % (depth - 1))
        ends = [match.end() for match in self.item_end.finditer(text)]
        return ends[-1] if ends else 0

    def parse(self, block: Block) -> Numbers:
        text, line, column = block
        places: list[str] | None = None
        if self.by_line:
            lines = [(place, raw) for place, raw in enumerate(text.split(b"\n"), start=line) if raw.strip(_BLANK)]
            items = [self._loaded(raw, place, 1) for place, raw in lines]
            places = [f"line {place}" for place, raw in lines]
        elif self.item_end is not None:
            items = self._part(text, line, column)
        elif text.strip(_BLANK):
            items = self._loaded(text, line, column)
            if isinstance(items, dict) and isinstance(items.get("rows"), list):
                items = items["rows"]
            if not isinstance(items, list) or (self.by_row and items and not isinstance(items[0], (list, dict))):
                items = [items]
        else:
            items = []
        rows = self._numbers_alone(text, items)
        if rows is None:
            after = f" after line {line}, column {column}" if (line, column) != (1, 1) else ""
            places = places or [f"item {index + 1}{after}" for index in range(len(items))]
            rows = self._careful(items, [f"{self.name}, {place}" for place in places])
        if not self.by_row or not len(rows):
            return rows.reshape(len(rows), -1) if self.by_row else rows.reshape(-1)
        self.width = rows.shape[1] if self.width is None else self.width
        if rows.shape[1] != self.width:
            raise ValueError(
                f"{self.name}, line {line}: {counted(rows.shape[1], 'number')} in a row, {self.width} in the first"
            )
        return rows

    def _part(self, text: bytes, line: int, column: int) -> list[Any]:
        """The items in one block of the outermost array, whose brackets are in the first and the last block."""
        body = text.rstrip(_BLANK)
        if body.endswith(b","):
            body = body[:-1]
        elif body.endswith(b"]"):
            body = body[:-1]
        if (line, column) == (1, 1):
            body = body.replace(b"[", b" ", 1)
        items: list[Any] = self._loaded(b"[%b]" % body, line, column - 1)
        return items

    def _loaded(self, text: bytes, line: int, column: int) -> Any:
        import orjson

        try:
            loaded = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            if error.lineno > 1:
                line, column = line + error.lineno - 1, 1
            raise ValueError(f"{self.name}, line {line}, column {column + error.colno - 1}: {error.msg}") from None
        if _MINUS_ZERO.search(text):  # as an integer it would lose its sign
            import json

            loaded = json.loads(text, parse_int=float)
        return loaded

    def _numbers_alone(self, text: bytes, items: list[Any]) -> Numbers | None:
        """The items as one array if there is nothing in the text but numbers in even rows."""
        if self.columns or any(mark in text for mark in (b'"', b"u", b"a", b"{")):
            return None
        try:
            values = np.array(items, dtype=np.float64)
        except ValueError:
            return None
        return values.reshape(len(items), -1) if self.by_row and values.size else values

    def _careful(self, items: list[Any], places: list[str]) -> Numbers:
        rows = [self._row(item, place) for item, place in zip(items, places, strict=True)]
        if not self.by_row:
            return np.array([value for row in rows for value in row], dtype=np.float64)
        for row, place in zip(rows, places, strict=True):
            if len(row) != len(rows[0]):
                raise ValueError(f"{place}: {counted(len(row), 'number')} in this row, {len(rows[0])} in the first")
        return np.array(rows, dtype=np.float64)

    def _row(self, item: Any, place: str) -> list[float]:
        if isinstance(item, dict):
            if not self.columns and len(item) > 1:
                raise ValueError(f"{place} is an object; say which of its keys with --column: {', '.join(item)}")
            for key in self.columns:
                if key not in item:
                    raise ValueError(f"{place}: no key {key!r}; the keys are {', '.join(item)}")
            item = [item[key] for key in self.columns or item]
        elif self.columns:
            raise ValueError(f"{place}: --column names a key, and {quoted(str(item))} is no object")
        row: list[float] = []
        _collect(item, row, place)
        return row


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
        raise ValueError(f"{place}: {quoted(str(item))} is not a number")
    row.append(float(value))


# --- arrays ----------------------------------------------------------------------------------------------------


class Array:
    """A .npy array: of a file by the place of the numbers, of a stream in order; never whole."""

    share: float | None = 0.0

    def __init__(self, file: Any, name: str, columns: Sequence[str], by_row: bool, stream: Stream | None) -> None:
        self.file = file
        self.name = name
        self.by_row = by_row
        #: The file on disk, if the array is one and can be read anywhere.
        self.disk = stream if stream is not None and stream.is_regular else None
        try:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            self.shape, self.fortran_order, self.dtype = read(file)
        except (ValueError, EOFError) as error:
            reason = str(error).splitlines()[0] if str(error) else "it ends in the header"
            raise OSError(f"{name} is not a whole .npy file: {reason}") from None
        if self.dtype.hasobject:
            raise ValueError(f"{name} holds pickled Python objects, which actcli never loads; save numbers")
        if self.dtype.kind not in "fiu":
            raise ValueError(f"{name} holds {self.dtype}; integers or floating-point numbers are needed")
        if columns:
            raise ValueError(f"--column is for text with columns; {name} is an array")
        if by_row and not self.shape:
            raise ValueError(f"{name} holds a single number, not a row")
        self.count = math.prod(self.shape)
        self.start = file.tell() if self.disk else 0
        if self.disk and self.disk.size - self.start < self.count * self.dtype.itemsize:
            raise OSError(
                f"{name} ends early: its header promises {self.count} numbers, "
                f"{(self.disk.size - self.start) // self.dtype.itemsize} are there"
            )

    def blocks(self) -> Iterator[Block | None]:
        width = self.shape[-1] if self.by_row else 1
        if not self.count:
            yield 0, 0
        elif self.fortran_order and len(self.shape) > 1:
            # Its order in the file is not the order of the output.
            require_memory([(self.name, 2 * self.count * self.dtype.itemsize)])
            whole = np.frombuffer(self._next(self.count), dtype=self.dtype).reshape(self.shape, order="F")
            yield (whole.tobytes(),)
        else:
            step = max(1, ARRAY_BLOCK // width) * width
            for start in range(0, self.count, step):
                stop = min(start + step, self.count)
                self.share = stop / self.count
                yield (start, stop) if self.disk else (self._next(stop - start),)
        if self.disk:
            self.disk.check_unchanged()

    def _next(self, count: int) -> bytes:
        wanted = count * self.dtype.itemsize
        parts: list[bytes] = []
        while wanted and (data := self.file.read(wanted)):
            parts.append(data)
            wanted -= len(data)
        if wanted:
            raise OSError(f"{self.name} ends early: {wanted} bytes are missing")
        return b"".join(parts)

    def parse(self, block: Block) -> Numbers:
        if len(block) == 1:
            data = block[0]
        else:
            start, stop = block
            size = self.dtype.itemsize
            data = self._at(self.start + start * size, (stop - start) * size) if stop > start else b""
        values = np.frombuffer(data, dtype=self.dtype)
        return values.reshape(-1, self.shape[-1] or 0) if self.by_row and self.shape[-1] else self._flat(values)

    def _flat(self, values: Numbers) -> Numbers:
        return values.reshape(math.prod(self.shape[:-1]), 0) if self.by_row else values

    def _at(self, offset: int, size: int) -> bytes:
        data = os.pread(self.file.fileno(), size, offset)
        if len(data) < size:
            raise OSError(f"{self.name} ends early: it was cut while it was read")
        return data


# --- opening ---------------------------------------------------------------------------------------------------


def open_source(where: str, form: str | None, columns: Sequence[str], by_row: bool, stdin: BinaryIO | None) -> Source:
    """The source behind `--input`: a file by its suffix, FILE.npz:KEY, or `-` for standard input.

    Raises:
        ValueError: for an unknown suffix, column or key.
        OSError: for a file that cannot be read.
    """
    path, key = _archive(where)
    if where == "-":
        if stdin is None:
            raise OSError("standard input is closed")
        form = form or "txt"
        stream = Stream(stdin, "standard input")
    else:
        form = form or path.suffix.lower().removeprefix(".")
        if form not in FORMATS:
            raise ValueError(
                f"--input {where!r}: the suffix {path.suffix!r} says no format; it can be "
                f"{' '.join('.' + known for known in FORMATS)}, or add --input-format"
            )
        stream = Stream(path.open("rb", buffering=-1 if form in ("npy", "npz") else 0), where)
    if form in ("txt", "csv", "tsv"):
        return Text(stream, form, columns, by_row)
    if form in ("json", "ndjson"):
        return Json(stream, form, columns, by_row)
    if form == "npz":
        return Array(_member(stream, key), where, columns, by_row, None)
    return Array(stream.file, stream.name, columns, by_row, stream)


def load(where: str, form: str | None = None, columns: Sequence[str] = ()) -> tuple[Numbers, list[str] | None]:
    """The whole of a file as rows × columns of float64, and the names of the columns if it has a header.

    Raises:
        ValueError, OSError: as `open_source` and the parsing of its blocks do.
    """
    source = open_source(where, form, columns, True, None)
    parts = [np.asarray(source.parse(block), dtype=np.float64) for block in source.blocks() if block is not None]
    full = [part for part in parts if len(part)]
    rows = np.concatenate(full) if full else np.empty((0, 0))
    return rows, getattr(source, "header", None)


def _archive(where: str) -> tuple[Path, str | None]:
    """FILE.npz:KEY as its two parts."""
    head, colon, key = where.rpartition(":")
    if colon and head.lower().endswith(".npz"):
        return Path(head), key
    return Path(where), None


def _member(stream: Stream, key: str | None) -> Any:
    import zipfile

    file = stream.file if stream.is_regular else io.BytesIO(stream.file.read())
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        raise OSError(f"{stream.name} is not a whole .npz file") from None
    keys = [member.removesuffix(".npy") for member in archive.namelist()]
    listed = ", ".join(keys)
    if key is None and len(keys) != 1:
        raise ValueError(f"{stream.name} holds {counted(len(keys), 'array')}; say which, as FILE.npz:KEY: {listed}")
    if key is not None and key not in keys:
        raise ValueError(f"{stream.name}: no array {key!r}; it holds {listed}")
    return archive.open(archive.namelist()[keys.index(key) if key is not None else 0])
