"""Numbers from arguments, files and standard input, in blocks that fit in memory whatever the size of the whole.

A source gives `blocks()`, pieces of its raw data in order and cheap to make, and `parse(block)`, the float64 (or, from
an array file, the file's own type) numbers in one of them, which depends on nothing but the block and may run in
another process. Elementwise functions get the numbers one-dimensional, row functions as rows × width.

Text is parsed by orjson where it looks like JSON numbers, else by float(), else token by token; the three agree, and
only the last, which all trouble ends up in, knows how to say where the trouble is.
"""

from __future__ import annotations

import io
import os
import re
import select
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]

#: Bytes of text in a block, and numbers of an array.
TEXT_BLOCK = 1 << 20
ARRAY_BLOCK = 1 << 18

FORMATS = ("txt", "csv", "tsv", "json", "ndjson", "npy", "npz")


@dataclass(frozen=True)
class Block:
    """A piece of a source: raw text that starts in line `line`, or an array."""

    data: Any
    line: int = 1


class Source(Protocol):
    """Where numbers come from."""

    #: Shape of the whole, where it is known before the end is reached.
    shape: tuple[int, ...] | None

    def blocks(self) -> Iterator[Block]:
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

    @property
    def shape(self) -> tuple[int, ...]:
        return (1, len(self.values)) if self.by_row else (len(self.values),)

    def blocks(self) -> Iterator[Block]:
        yield Block(np.array(self.values, dtype=np.float64).reshape(self.shape))

    def parse(self, block: Block) -> Numbers:
        numbers: Numbers = block.data
        return numbers


@dataclass(frozen=True)
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

    def blocks(self) -> Iterator[Block]:
        step = self.count if self.by_row else ARRAY_BLOCK
        for start in range(0, self.count, step):
            yield Block((start, min(start + step, self.count)))

    def parse(self, block: Block) -> Numbers:
        points = self._points(*block.data)
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


# --- text ------------------------------------------------------------------------------------------------------

_SEPARATORS_TO_COMMAS = bytes.maketrans(b" \t\n", b",,,")
_TOKEN = re.compile(rb"[^\s,]+")
_BLANK = b" \t\r\n\f\v"


class Text:
    """Numbers in text: separated by white space and commas, or as CSV or TSV with or without a header."""

    shape = None

    def __init__(self, stream: BinaryIO, name: str, form: str, columns: Sequence[str], by_row: bool) -> None:
        self.stream = stream
        self.name = name
        self.separator = {"csv": b",", "tsv": b"\t"}.get(form)
        self.columns = columns
        self.by_row = by_row
        self.width: int | None = None
        self.chosen: list[int] | None = None
        self.header: list[str] | None = None
        if columns and self.separator is None:
            raise ValueError("--column needs columns with a separator; say --input-format csv or tsv")

    def blocks(self) -> Iterator[Block]:
        line = 1
        rest = b""
        first = True
        # Rows and columns are whole only at a line end; free text may be cut at any blank.
        at_lines = self.by_row or self.separator is not None
        for piece in pieces(self.stream):
            if first:
                piece = _without_bom(piece, self.name)
            text = rest + piece
            end = text.rfind(b"\n") + 1
            if not end and not at_lines and b"#" not in text:
                end = max(text.rfind(b" "), text.rfind(b"\t"), text.rfind(b",")) + 1
            rest = text[end:]
            if not end:
                continue
            block = Block(text[:end], line)
            line += block.data.count(b"\n")
            if first or (at_lines and self.width is None):
                block, first = self._settled(block), False
            yield block
        if rest:
            yield self._settled(Block(rest, line)) if at_lines and self.width is None else Block(rest, line)

    def _settled(self, block: Block) -> Block:
        """Read the header, if there is one, and learn how many numbers a row has; the block without its header."""
        if self.separator is None and not self.by_row:
            return block
        lines = block.data.splitlines(keepends=True)
        for index, raw in enumerate(lines):
            content = raw.partition(b"#")[0].strip(_BLANK)
            if not content:
                continue
            fields = self._fields(content)
            if self.separator is None:
                self.width = len(fields)
                return block
            is_header = self.width is None and not any(_is_number(field) for field in fields)
            if self.width is None:
                self.width = len(fields)
                self.header = [field.decode("utf-8", "replace") for field in fields] if is_header else None
                self._choose()
            if is_header:
                return Block(b"".join(lines[index + 1 :]), block.line + index + 1)
            return block
        return block

    def _choose(self) -> None:
        header, width = self.header, self.width or 0
        if not self.columns:
            return
        self.chosen = []
        for wanted in self.columns:
            if header is not None and wanted in header:
                self.chosen.append(header.index(wanted))
            elif wanted.isascii() and wanted.isdigit():
                if not 1 <= int(wanted) <= width:
                    raise ValueError(f"{self.name}: no column {wanted}; columns are numbered 1 to {width}")
                self.chosen.append(int(wanted) - 1)
            else:
                known = f"the columns are {', '.join(header)}" if header else "there is no header; give a number"
                raise ValueError(f"{self.name}: no column {wanted!r}; {known}")

    def _fields(self, content: bytes) -> list[bytes]:
        if self.separator is None:
            return _TOKEN.findall(content)
        if b'"' not in content:
            return [field.strip(_BLANK) for field in content.split(self.separator)]
        import csv

        text = content.decode("utf-8", "surrogateescape")
        row = next(csv.reader([text], delimiter=self.separator.decode()))
        return [field.strip().encode("utf-8", "surrogateescape") for field in row]

    def parse(self, block: Block) -> Numbers:
        at_lines = self.by_row or self.separator is not None
        numbers = _as_json(block.data, self.width if at_lines else None)
        if numbers is None:
            numbers = self._careful(block) if at_lines else self._free(block)
        if not at_lines:
            return numbers
        rows = numbers.reshape(-1, self.width or 0) if numbers.ndim == 1 else numbers
        if self.chosen is not None and rows.shape[1] == self.width:
            rows = rows[:, self.chosen]
        return rows if self.by_row else rows.reshape(-1)

    def _free(self, block: Block) -> Numbers:
        text: bytes = block.data
        if b"#" not in text and b"_" not in text and not re.search(rb",\s*,", text):
            try:
                return np.array(list(map(float, text.replace(b",", b" ").split())), dtype=np.float64)
            except ValueError:
                pass
        return self._careful(block)

    def _careful(self, block: Block) -> Numbers:
        """Line by line and token by token; the place of what is no number is said."""
        numbers: list[float] = []
        count = 0
        for offset, raw in enumerate(block.data.split(b"\n")):
            line = raw.partition(b"#")[0]
            if not line.strip(_BLANK):
                continue
            row = self._line(line, block.line + offset)
            if self.width is not None and (self.by_row or self.separator is not None):
                expected = self.width
                if len(row) != expected:
                    raise ValueError(
                        f"{self.name}, line {block.line + offset}: {_count(len(row), 'number')} in this row, "
                        f"{expected} in the rows above"
                    )
            numbers += row if self.chosen is None else [row[index] for index in self.chosen]
            count += 1
        values = np.array(numbers, dtype=np.float64)
        if self.by_row or self.separator is not None:
            return values.reshape(count, -1) if count else values.reshape(0, self._kept())
        return values

    def _kept(self) -> int:
        return len(self.chosen) if self.chosen is not None else self.width or 0

    def _line(self, line: bytes, place: int) -> list[float]:
        if self.separator is None:
            spaced = re.search(rb",\s*,", line)
            if spaced:
                raise ValueError(
                    f"{self.name}, line {place}, column {spaced.start() + 2}: a number is missing between two commas"
                )
            return [self._number(match.group(), place, match.start() + 1) for match in _TOKEN.finditer(line)]
        fields = self._fields(line.strip(b"\r"))
        wanted = range(len(fields)) if self.chosen is None else self.chosen
        row = [float("nan")] * len(fields)
        for index in wanted:
            if index < len(fields):
                column = len(self.separator.join(line.split(self.separator)[:index])) + 1 + (index > 0)
                row[index] = self._number(fields[index], place, column)
        return row

    def _number(self, token: bytes, line: int, column: int) -> float:
        try:
            return number(token.decode("ascii"))
        except ValueError:
            shown = token.decode("utf-8", "backslashreplace")
            what = f"{_short(shown)} is not a number" if token else "a number is missing"
            hint = "; is it a header? then say --input-format csv or tsv" if line == 1 and self.separator is None else ""
            raise ValueError(f"{self.name}, line {line}, column {column}: {what}{hint}") from None


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
        values = np.array(orjson.loads(b"[%b]" % text.translate(_SEPARATORS_TO_COMMAS)), dtype=np.float64)
    except orjson.JSONDecodeError:
        return None
    # The integer -0 has lost its sign.
    if b"-0" in text and not values.all():
        return None
    if width is not None:
        letters = np.frombuffer(text, dtype=np.uint8)
        ends = letters == ord("\n")
        separators = letters[ends | (letters == ord(",")) | (letters == ord("\t")) | (letters == ord(" "))]
        breaks = np.flatnonzero(separators == ord("\n"))
        rows = len(breaks) + 1
        if rows * width != len(values) or not np.array_equal(breaks, np.arange(1, rows) * width - 1):
            return None
    return values


def _is_number(token: bytes) -> bool:
    try:
        number(token.decode("ascii"))
    except ValueError:
        return False
    return True


def _without_bom(text: bytes, name: str) -> bytes:
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError(f"{name} is UTF-16 text; convert it to UTF-8, for example with iconv")
    return text.removeprefix(b"\xef\xbb\xbf")


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    """What a stream has to give, as soon as there is some and at most about TEXT_BLOCK bytes at a time."""
    descriptor = stream.fileno()
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        _widen(descriptor)
    while data := os.read(descriptor, TEXT_BLOCK):
        parts = [data]
        size = len(data)
        # A pipe gives 64 kB at a time: collect what is there already, wait for nothing.
        while size < TEXT_BLOCK and select.select([descriptor], [], [], 0)[0]:
            data = os.read(descriptor, TEXT_BLOCK - size)
            if not data:
                break
            parts.append(data)
            size += len(data)
        yield b"".join(parts)


def _widen(descriptor: int) -> None:
    try:
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, TEXT_BLOCK)
    except (ImportError, AttributeError, OSError):
        pass  # not Linux, or not a pipe


# --- JSON ------------------------------------------------------------------------------------------------------


class Json:
    """A JSON array of numbers, of rows, or of objects; or NDJSON, one of them a line."""

    shape = None

    def __init__(self, stream: BinaryIO, name: str, form: str, columns: Sequence[str], by_row: bool) -> None:
        self.stream = stream
        self.name = name
        self.by_line = form == "ndjson"
        self.columns = columns
        self.by_row = by_row
        self.width: int | None = None

    def blocks(self) -> Iterator[Block]:
        if not self.by_line:
            text = _without_bom(b"".join(pieces(self.stream)), self.name)
            if text.strip(_BLANK):
                yield Block(text)
            return
        line = 1
        rest = b""
        first = True
        for piece in pieces(self.stream):
            if first:
                piece, first = _without_bom(piece, self.name), False
            text = rest + piece
            end = text.rfind(b"\n") + 1
            rest = text[end:]
            if end:
                yield Block(text[:end], line)
                line += text.count(b"\n", 0, end)
        if rest:
            yield Block(rest, line)

    def parse(self, block: Block) -> Numbers:
        import orjson

        items: list[Any] = []
        where: Callable[[int], str]
        if self.by_line:
            lines: list[int] = []
            for offset, raw in enumerate(block.data.split(b"\n")):
                if raw.strip(_BLANK):
                    items.append(self._loaded(orjson, raw, block.line + offset))
                    lines.append(block.line + offset)
            where = lambda index: f"{self.name}, line {lines[index]}"  # noqa: E731
        else:
            loaded = self._loaded(orjson, block.data, 1)
            if isinstance(loaded, dict) and isinstance(loaded.get("rows"), list):
                loaded = loaded["rows"]
            items = loaded if isinstance(loaded, list) else [loaded]
            where = lambda index: f"{self.name}, item {index + 1}"  # noqa: E731
            if self.by_row and items and not isinstance(items[0], (list, dict)):
                items, where = [items], lambda index: self.name
        rows = [self._row(item, where, index) for index, item in enumerate(items)]
        if self.by_row:
            for index, row in enumerate(rows):
                self.width = len(row) if self.width is None else self.width
                if len(row) != self.width:
                    raise ValueError(
                        f"{where(index)}: {_count(len(row), 'number')} in this row, {self.width} in the rows above"
                    )
            return np.array(rows, dtype=np.float64).reshape(len(rows), self.width or 0)
        return np.array([value for row in rows for value in row], dtype=np.float64)

    def _loaded(self, orjson: Any, text: bytes, line: int) -> Any:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise ValueError(
                f"{self.name}, line {line + error.lineno - 1}, column {error.colno}: not JSON: {error.msg}"
            ) from None

    def _row(self, item: Any, where: Callable[[int], str], index: int) -> list[float]:
        if isinstance(item, dict):
            if not self.columns and len(item) > 1:
                raise ValueError(f"{where(index)} is an object; say which of its keys with --column: {', '.join(item)}")
            for key in self.columns:
                if key not in item:
                    raise ValueError(f"{where(index)}: no key {key!r}; the keys are {', '.join(item)}")
            item = [item[key] for key in self.columns or item]
        elif self.columns:
            raise ValueError(f"{where(index)}: --column names a key, and {_short(str(item))} is no object")
        row: list[float] = []
        self._collect(item, row, where, index)
        return row

    def _collect(self, item: Any, row: list[float], where: Callable[[int], str], index: int) -> None:
        if isinstance(item, list):
            for part in item:
                self._collect(part, row, where, index)
            return
        if isinstance(item, str):
            try:
                item = number(item)
            except ValueError:
                raise ValueError(f"{where(index)}: {_short(item)} is not a number") from None
        if isinstance(item, bool) or not isinstance(item, (int, float)):
            raise ValueError(f"{where(index)}: {_short(str(item))} is not a number")
        row.append(float(item))


# --- arrays ----------------------------------------------------------------------------------------------------


class Array:
    """A .npy array, or one of a .npz, read in order and never whole."""

    def __init__(self, stream: Any, name: str, columns: Sequence[str], by_row: bool, size: int | None = None) -> None:
        self.stream = stream
        self.name = name
        self.by_row = by_row
        try:
            version = np.lib.format.read_magic(stream)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, self.fortran_order, self.dtype = read(stream)
        except (ValueError, EOFError) as error:
            reason = str(error).splitlines()[0]
            raise OSError(f"{name} is not a whole .npy file: {reason}") from None
        self.shape: tuple[int, ...] = shape
        if self.dtype.hasobject:
            raise ValueError(f"{name} holds pickled Python objects, which actcli never loads; save numbers")
        if self.dtype.kind not in "fiu":
            raise ValueError(f"{name} holds {self.dtype}; integers or floating-point numbers are needed")
        if columns:
            raise ValueError(f"--column is for text with columns; {name} is an array")
        if self.by_row and not self.shape:
            raise ValueError(f"{name} holds a single number, not a row")
        self.count = int(np.prod(self.shape, dtype=object)) if self.shape else 1
        expected = self.count * self.dtype.itemsize
        if size is not None and size - stream.tell() < expected:
            raise OSError(
                f"{name} ends early: its header promises {expected} bytes of numbers, {size - stream.tell()} are there"
            )

    def blocks(self) -> Iterator[Block]:
        width = self.shape[-1] if self.by_row else 1
        if self.fortran_order and len(self.shape) > 1:
            whole = self._read(self.count).reshape(self.shape, order="F")
            yield Block(whole.reshape(-1, width) if self.by_row else whole.reshape(-1))
            return
        if width == 0:
            yield Block(np.empty((int(np.prod(self.shape[:-1], dtype=object)), 0)))
            return
        step = max(1, ARRAY_BLOCK // width) * width
        for start in range(0, self.count, step):
            values = self._read(min(step, self.count - start))
            yield Block(values.reshape(-1, width) if self.by_row else values)

    def _read(self, count: int) -> Numbers:
        wanted = count * self.dtype.itemsize
        data = self.stream.read(wanted)
        while len(data) < wanted:
            more = self.stream.read(wanted - len(data))
            if not more:
                raise OSError(f"{self.name} ends early: {wanted - len(data)} bytes are missing")
            data += more
        return np.frombuffer(data, dtype=self.dtype)

    def parse(self, block: Block) -> Numbers:
        numbers: Numbers = block.data
        return numbers


# --- opening ---------------------------------------------------------------------------------------------------


def open_source(where: str, form: str | None, columns: Sequence[str], by_row: bool, stdin: BinaryIO | None) -> Source:
    """The source behind `--input`: a file by its suffix, FILE.npz:KEY, or `-` for standard input.

    Raises:
        ValueError: for an unknown suffix, column or key.
        OSError: for a file that cannot be read.
    """
    path, key = _archive(where)
    suffix = "".join(path.suffix).lower().removeprefix(".")
    if where == "-":
        if stdin is None:
            raise OSError("standard input is closed")
        form = form or "txt"
        name = "standard input"
        stream: BinaryIO = stdin
    else:
        name = where
        form = form or ("txt" if suffix in ("txt", "dat", "") else suffix)
        if form not in FORMATS:
            raise ValueError(
                f"--input {where!r}: the suffix '.{suffix}' says no format; it can be "
                f"{' '.join('.' + known for known in FORMATS)}, or add --input-format"
            )
        stream = path.open("rb", buffering=0 if form not in ("npy", "npz") else -1)
    if form in ("txt", "csv", "tsv"):
        return Text(stream, name, form, columns, by_row)
    if form in ("json", "ndjson"):
        return Json(stream, name, form, columns, by_row)
    if form == "npz":
        return Array(_member(stream, name, key), name, columns, by_row)
    status = os.fstat(stream.fileno())
    return Array(stream, name, columns, by_row, status.st_size if stat.S_ISREG(status.st_mode) else None)


def _archive(where: str) -> tuple[Path, str | None]:
    """FILE.npz:KEY as its two parts."""
    head, colon, key = where.rpartition(":")
    if colon and head.lower().endswith(".npz"):
        return Path(head), key
    return Path(where), None


def _member(stream: BinaryIO, name: str, key: str | None) -> Any:
    data = stream if stream.seekable() else io.BytesIO(stream.read())
    try:
        archive = zipfile.ZipFile(data)
    except zipfile.BadZipFile:
        raise OSError(f"{name} is not a whole .npz file") from None
    keys = [member.removesuffix(".npy") for member in archive.namelist()]
    if key is None:
        if len(keys) != 1:
            raise ValueError(f"{name} holds {len(keys)} arrays; say which, as {name}:KEY with KEY one of {', '.join(keys)}")
        key = keys[0]
    if key not in keys:
        raise ValueError(f"{name}: no array {key!r}; it holds {', '.join(keys)}")
    return archive.open(archive.namelist()[keys.index(key)])


def load(where: str, form: str | None = None, columns: Sequence[str] = ()) -> tuple[Numbers, list[str] | None]:
    """The whole of a file as rows × columns of float64, and the names of the columns if it has a header.

    Raises:
        ValueError, OSError: as `open_source` and the parsing of its blocks do.
    """
    source = open_source(where, form, columns, True, None)
    parts = [np.asarray(source.parse(block), dtype=np.float64) for block in source.blocks()]
    rows = np.concatenate(parts) if parts else np.empty((0, 0))
    return rows, getattr(source, "header", None)
