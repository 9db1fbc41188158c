"""The formats of tables, without loading numpy. A new format needs a writer in writers.py and an entry here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from actcli.output.table import Table
    from actcli.output.writers import Settings, Writer


class Format(NamedTuple):
    """A format: the name of a class in writers.py, and the file suffixes that select it, besides `--format NAME`."""

    writer: str
    suffixes: tuple[str, ...] = ()
    is_printed: bool = True  # whether --format accepts the name


FORMATS = {
    "values": Format("Values", (".txt",), is_printed=False),
    "table": Format("OnScreen"),
    "tsv": Format("Tsv", (".tsv",)),
    "csv": Format("Csv", (".csv",)),
    "json": Format("Json", (".json",)),
    "ndjson": Format("Ndjson", (".ndjson",)),
    "npy": Format("Npy", (".npy",), is_printed=False),
}

#: The formats that `--format` accepts.
PRINTED = tuple(name for name, form in FORMATS.items() if form.is_printed)

#: The format for each file suffix.
BY_SUFFIX = {suffix: name for name, form in FORMATS.items() for suffix in form.suffixes}


def writer(name: str) -> type[Writer]:
    """The writer of a format.

    >>> writer("csv").__name__
    'Csv'
    """
    found: type[Writer] = getattr(import_module("actcli.output.writers"), FORMATS[name].writer)
    return found


def write_table(table: Table, stream: BinaryIO, format: str, settings: Settings | None = None) -> None:  # noqa: A002
    """Write a whole table to `stream` in one of the `FORMATS`.

    >>> import numpy as np
    >>> from io import BytesIO
    >>> from actcli.output.table import Table
    >>> stream = BytesIO()
    >>> write_table(Table(("x", "relu"), (np.array([-3.0]), np.array([0.0]))), stream, "tsv")
    >>> stream.getvalue()
    b'x\\trelu\\n-3.0\\t0.0\\n'
    """
    from actcli.output.writers import Settings

    made = writer(format)(settings or Settings())
    stream.write(made.start(table))
    if len(table):
        stream.write(made.rows(table))
    stream.write(made.finish(len(table)))
    made.amend(stream, len(table))
