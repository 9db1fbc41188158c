"""Numbers in text: free-form, CSV or TSV."""

from __future__ import annotations

import io
import re
from collections.abc import Generator, Iterator, Sequence

import numpy as np

from actcli.reading.source import NPY_MAGIC, Block, Numbers, column_name, counted, number, quoted
from actcli.reading.streams import BLANK, Stream, cut

_SEPARATORS_TO_COMMAS = bytes.maketrans(b" \t\n", b",,,")
_TOKEN = re.compile(rb"[^\s,]+")
_NO_NUMBER = re.compile(rb"(?:^|,)[ \t\r\f\v]*,", re.MULTILINE)


class Text:
    """Numbers in text: separated by white space and commas, or as CSV or TSV with or without a header.

    Each line is a row for row functions and for CSV and TSV; else line breaks are white space. With `words` there may
    be columns of text; `records` reads them if the first row has text.
    """

    shape: tuple[int, ...] | None = None

    def __init__(self, stream: Stream, form: str, columns: Sequence[str], by_row: bool) -> None:
        self.stream = stream
        self.name = stream.name
        #: Whether there may be columns of text; to be set before the blocks are read.
        self.words = False
        self.separator = {"csv": b",", "tsv": b"\t"}.get(form)
        self.columns = columns
        self.by_row = by_row
        self.by_line = by_row or self.separator is not None
        self.in_comment = False
        self.header: list[str] | None = None
        #: The number of fields in a line, and the indices of the selected ones, once the first line has been read.
        self.width: int | None = None
        self.chosen: list[int] | None = None
        if columns and self.separator is None:
            raise ValueError("--column needs columns with a separator; say --input-format csv or tsv")

    @property
    def share(self) -> float | None:
        return self.stream.share

    @property
    def names(self) -> list[str] | None:
        """The names of the selected columns, if there is a header, once the first line has been read."""
        if self.header is None or self.chosen is None:
            return self.header
        return [self.header[index] for index in self.chosen]

    def blocks(self) -> Generator[Block | None]:
        for block in cut(self.stream, self._last_item_end):
            if block is not None and self.by_line and self.width is None:
                block = self._without_header(*block)
            yield block

    def _last_item_end(self, text: bytes) -> int:
        end = text.rfind(b"\n") + 1
        # A comment is not cut at a blank.
        self.in_comment = b"#" in text[end:] or (self.in_comment and not end)
        if end or self.by_line or self.in_comment:
            return end
        return max(text.rfind(b" "), text.rfind(b"\t"), text.rfind(b",")) + 1

    def _without_header(self, text: bytes, line: int, column: int) -> Block:
        """Set width, header and selected columns from the first line with content; return the block without header."""
        lines = text.splitlines(keepends=True)
        for index, raw in enumerate(lines):
            content = raw.partition(b"#")[0]
            if not content.strip(BLANK):
                continue
            fields = self.fields(content)
            if self.words and not all(map(_is_number, fields)):
                fields = self.fields(raw)  # a field of text may contain a #
            self.width = len(fields)
            has_header = self.separator is not None and not any(_is_number(field) for field in fields)
            if has_header:
                self.header = [field.decode("utf-8", "backslashreplace") for field in fields]
            self._choose(self.width)
            first = index + has_header
            return b"".join(lines[first:]), line + first, 1
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
                known = (
                    f"the columns are {', '.join(self.header)}" if self.header else "it has no header; give a number"
                )
                raise ValueError(f"{self.name}: no column {wanted!r}; {known}")

    def fields(self, line: bytes) -> list[bytes]:
        """The fields of a line, of all columns."""
        if self.separator is None:
            return _TOKEN.findall(line)
        if b'"' not in line:
            return [field.strip(BLANK) for field in line.split(self.separator)]
        import csv

        text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
        row = next(csv.reader([text], delimiter=self.separator.decode()))
        return [field.strip().encode("utf-8", "surrogateescape") for field in row]

    def parse(self, block: Block) -> Numbers:
        text, line, column = block
        if not self.by_line:
            numbers = _as_json(text, None, None)
            return self._free_form(text, line, column) if numbers is None else numbers
        if self.width is None:  # nothing but blank lines and comments so far
            return np.empty((0, 0) if self.by_row else 0)
        numbers = _as_json(text, self.separator, self.width)
        rows = self._rows(text, line) if numbers is None else numbers.reshape(-1, self.width)
        if self.chosen is not None:
            rows = rows[:, self.chosen]
        return rows if self.by_row else rows.reshape(-1)

    def records(self, text: bytes, line: int) -> Iterator[tuple[int, list[str]]]:
        """The fields of every row of the whole text, and its first line; a quoted field may contain line breaks.

        A `#` does not start a comment here, because text may contain it.
        """
        try:
            decoded = text.decode()
        except UnicodeDecodeError as error:
            place = line + text[: error.start].count(b"\n")
            raise ValueError(
                f"{self.name}, line {place} is not UTF-8 text; convert it, for example with iconv"
            ) from None
        rows = self._records(io.StringIO(decoded, newline=""), line)
        for place, fields in rows:
            if len(fields) != self.width:
                raise ValueError(
                    f"{self.name}, line {place}: {counted(len(fields), 'field')} in this row, {self.width} in the first"
                )
            yield place, fields if self.chosen is None else [fields[index] for index in self.chosen]

    def _records(self, text: io.StringIO, line: int) -> Iterator[tuple[int, list[str]]]:
        if self.separator is None:
            for place, raw in enumerate(text, start=line):
                if raw.strip():
                    yield place, re.findall(r"[^\s,]+", raw)
            return
        import csv

        reader = csv.reader(text, delimiter=self.separator.decode(), skipinitialspace=True, strict=True)
        place = line
        try:
            for fields in reader:
                if any(fields) or len(fields) > 1:
                    yield place, [field.strip() for field in fields]
                place = line + reader.line_num
        except csv.Error as error:
            raise ValueError(f"{self.name}, line {place}: {error}") from None

    def _free_form(self, text: bytes, line: int, column: int) -> Numbers:
        if b"#" not in text and b"_" not in text and not _NO_NUMBER.search(text):
            try:
                return np.array(list(map(float, text.replace(b",", b" ").split())), dtype=np.float64)
            except ValueError:
                pass  # parsed token by token below
        numbers: list[float] = []
        for offset, raw in enumerate(text.split(b"\n")):
            numbers += self._line(raw.partition(b"#")[0], line + offset, 1 if offset else column)
        return np.array(numbers, dtype=np.float64)

    def _rows(self, text: bytes, line: int) -> Numbers:
        rows: list[list[float]] = []
        for place, raw in enumerate(text.split(b"\n"), start=line):
            content = raw.partition(b"#")[0]
            if not content.strip(BLANK):
                continue
            row = self._line(content, place, 1)
            if len(row) != self.width:
                raise ValueError(
                    f"{self.name}, line {place}: {counted(len(row), 'number')} in this row, {self.width} in the first"
                )
            rows.append(row)
        return np.array(rows, dtype=np.float64).reshape(len(rows), self.width or 0)

    def _line(self, text: bytes, line: int, column: int) -> list[float]:
        """The numbers of a line that starts at `column`."""
        fields = _TOKEN.findall(text) if self.separator is None else self.fields(text)
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
            pass  # a hex float, or not a number
        return [self._number(fields, index, text, line, column) for index in range(len(fields))]

    def _number(self, fields: Sequence[bytes], index: int, text: bytes, line: int, column: int) -> float:
        field = fields[index]
        try:
            return number(field.decode("ascii"))
        except ValueError:
            pass
        place = f"{self.name}, line {line}, {self._column(fields, index, text, column)}"
        if not field:
            raise ValueError(f"{place}: a number is missing here")
        hint = ""
        if b";" in field or (b"," in field and self.separator == b"\t"):
            hint = "; between numbers stand commas, tabs or blanks, and the decimal sign is a point"
        elif self.separator is None and line == 1:
            hint = "; if it is a header, say --input-format csv or tsv"
            if text.lstrip()[:1] in (b"[", b"{"):
                hint = "; if it is JSON, say --input-format json"
            elif text.startswith(NPY_MAGIC):
                hint = "; this is an array, say --input-format npy"
        elif self.separator is not None and self.chosen is None and len(fields) > 1:
            hint = "; --column says which columns to read"
        raise ValueError(f"{place}: {quoted(field.decode('utf-8', 'backslashreplace'))} is not a number{hint}")

    def _column(self, fields: Sequence[bytes], index: int, text: bytes, column: int) -> str:
        """The place of a field in a line: the column of a table by name or number, else that of its first letter."""
        if self.separator is not None:
            return column_name(self.header, index)
        start = 0
        for before in fields[:index]:
            start = text.find(before, start) + len(before)
        return f"column {column + max(text.find(fields[index], start), 0)}"


def _as_json(text: bytes, separator: bytes | None, width: int | None) -> Numbers | None:
    """The numbers of `text` if it is decimals with one separator between each two, else None.

    With a `width`, also None unless each line has that many numbers. Without a `separator`, any is accepted.
    """
    from actcli.fast_json import orjson

    text = text.strip(BLANK)
    # JSON's literals, strings and brackets are not numbers here.
    if not text or any(mark in text for mark in (b'"', b"[", b"{", b"l", b"u")):
        return None
    if separator == b"\t":
        if b"," in text:
            return None
        text = text.replace(b"\t", b",")
    try:
        listed = orjson.loads(b"[%b]" % text.replace(b"\n", b","))
    except orjson.JSONDecodeError:
        if separator is not None:
            return None
        try:
            listed = orjson.loads(b"[%b]" % text.translate(_SEPARATORS_TO_COMMAS))
        except orjson.JSONDecodeError:
            return None
    values = np.fromiter(listed, np.float64, len(listed))
    # orjson reads -0 as the integer 0, without the sign.
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
