"""Numbers from arguments, files and standard input, in blocks that fit in memory whatever the size of the whole.

A source gives `blocks()`, pieces of its raw data in order and cheap to make, and `parse(block)`, the float64 (or, from
an array file, the file's own type) numbers in one of them, which depends on nothing but the block and may run in
another process. Elementwise functions get the numbers one-dimensional, row functions as rows × width. Where the next
piece would have to be waited for, `blocks()` gives a None first.

Text is parsed by orjson where it looks like JSON numbers, else by float(), else token by token; the three agree, and
only the last, which all trouble ends up in, knows how to say where the trouble is.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from actcli.reading.points import Given, Range
from actcli.reading.source import Block, Numbers, Source, number

if TYPE_CHECKING:
    from actcli.reading.streams import Stream

__all__ = ["FORMATS", "Block", "Given", "Numbers", "Range", "Source", "load", "number", "open_source"]

FORMATS = ("txt", "csv", "tsv", "json", "ndjson", "npy", "npz")


def open_source(where: str, form: str | None, columns: Sequence[str], by_row: bool, stdin: BinaryIO | None) -> Source:
    """The source behind `--input`: a file by its suffix, FILE.npz:KEY, or `-` for standard input.

    Its `blocks()` can be gone through once; the file is closed at their end.

    Raises:
        ValueError: for an unknown suffix, column or key.
        OSError: for a file that cannot be read.
    """
    from actcli.reading.streams import STDIN, Stream

    path, key = _archive(where)
    if where == "-":
        if stdin is None:
            raise OSError("standard input is closed")
        form = form or "txt"
        stream = Stream(stdin, STDIN)
    else:
        is_stream = not stat.S_ISREG(path.stat().st_mode)
        form = form or path.suffix.lower().removeprefix(".") or ("txt" if is_stream else "")
        if form not in FORMATS:
            raise ValueError(
                f"--input {where!r}: the suffix {path.suffix!r} says no format; it can be "
                f"{' '.join('.' + known for known in FORMATS)}, or add --input-format"
            )
        stream = Stream(path.open("rb", buffering=-1 if form in ("npy", "npz") else 0), where)
    try:
        return _source(stream, form, key, columns, by_row)
    except BaseException:
        stream.close()
        raise


def _source(stream: Stream, form: str, key: str | None, columns: Sequence[str], by_row: bool) -> Source:
    if form in ("txt", "csv", "tsv"):
        from actcli.reading.text import Text

        return Text(stream, form, columns, by_row)
    if form in ("json", "ndjson"):
        from actcli.reading.json_text import Json

        return Json(stream, form, columns, by_row)
    from actcli.reading.arrays import Array, member

    return Array(member(stream, key) if form == "npz" else stream.file, stream, columns, by_row)


def load(where: str, form: str | None = None, columns: Sequence[str] = ()) -> tuple[Numbers, list[str] | None]:
    """The whole of a file as rows × columns of float64, and the names of the columns if it has a header.

    Raises:
        ValueError, OSError: as `open_source` and the parsing of its blocks do.
    """
    source = open_source(where, form, columns, True, None)
    with closing(source.blocks()) as blocks:
        parts = [np.asarray(source.parse(block), dtype=np.float64) for block in blocks if block is not None]
    full = [part for part in parts if len(part)]
    rows = np.concatenate(full) if full else np.empty((0, 0))
    return rows, getattr(source, "header", None)


def _archive(where: str) -> tuple[Path, str | None]:
    """FILE.npz:KEY as its two parts."""
    head, colon, key = where.rpartition(":")
    if colon and head.lower().endswith(".npz"):
        return Path(head), key
    return Path(where), None
