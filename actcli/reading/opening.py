"""The source that `--input` names: a file by its suffix, an array in an archive, or standard input."""

from __future__ import annotations

import re
import stat
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import numpy as np

from actcli.reading.formats import FORMATS
from actcli.reading.source import Numbers, Source


def open_source(where: str, form: str | None, columns: Sequence[str], by_row: bool, stdin: BinaryIO | None) -> Source:
    """The source that `--input` names: a file by its suffix, FILE.npz:KEY, or `-` for standard input.

    Its `blocks()` can be iterated once, at the end of which the file is closed.

    Raises:
        ValueError: for an unknown suffix, column or key.
        OSError: for a file that cannot be read.
    """
    from actcli.reading.streams import STDIN, Stream

    path, key = _path_and_key(where)
    if where == "-":
        if stdin is None:
            raise OSError("standard input is closed")
        form = form or "txt"
        stream = Stream(stdin, STDIN)
    else:
        is_stream = not stat.S_ISREG(path.stat().st_mode)
        form = form or _suffix(path) or ("txt" if is_stream else "")
        if form not in FORMATS:
            raise ValueError(
                f"--input {where!r}: the suffix {path.suffix!r} says no format; it can be "
                f"{' '.join('.' + known for known in FORMATS)}, or add --input-format"
            )
        stream = Stream(path.open("rb", buffering=-1 if form in ("npy", "npz", "idx") else 0), where)
    try:
        return FORMATS[form](stream, form, key, columns, by_row)
    except BaseException:
        stream.close()
        raise


def load(
    where: str, form: str | None = None, columns: Sequence[str] = (), stdin: BinaryIO | None = None
) -> tuple[Numbers, list[str] | None]:
    """A whole file as rows × columns of float64, and the names of the columns if it has a header.

    `stdin` is the stream that `-` stands for.

    Raises:
        ValueError, OSError: as `open_source` and the parsing of its blocks do.
    """
    source = open_source(where, form, columns, True, stdin)
    with closing(source.blocks()) as blocks:
        parts = [np.asarray(source.parse(block), dtype=np.float64) for block in blocks if block is not None]
    full = [part for part in parts if len(part)]
    rows = np.concatenate(full) if full else np.empty((0, 0))
    return rows, getattr(source, "header", None)


def _suffix(path: Path) -> str:
    """The format for the suffix of a file name, which is IDX for MNIST's train-images-idx3-ubyte.gz and for NAME.gz."""
    is_idx = re.search(r"[.-]idx[1-9]?(-ubyte)?(\.gz)?$|^[^.]+\.gz$", path.name.lower())
    return "idx" if is_idx else path.suffix.lower().removeprefix(".")


def _path_and_key(where: str) -> tuple[Path, str | None]:
    """The path and the key of FILE.npz:KEY; no key for other names."""
    head, colon, key = where.rpartition(":")
    if colon and head.lower().endswith(".npz"):
        return Path(head), key
    return Path(where), None
