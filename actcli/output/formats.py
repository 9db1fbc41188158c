"""The formats a table is written in. One more is a writer in writers.py and an entry here; no numpy is loaded."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from actcli.output.writers import Writer


class Format(NamedTuple):
    """How a table is written: by a class of writers.py, chosen by `--format NAME` or by the suffix of a file."""

    writer: str
    suffixes: tuple[str, ...] = ()
    is_printed: bool = True  # whether --format takes it


FORMATS = {
    "values": Format("Values", (".txt",), is_printed=False),
    "table": Format("OnScreen"),
    "tsv": Format("Tsv", (".tsv",)),
    "csv": Format("Csv", (".csv",)),
    "json": Format("Json", (".json",)),
    "ndjson": Format("Ndjson", (".ndjson",)),
    "npy": Format("Npy", (".npy",), is_printed=False),
}

#: What `--format` takes.
PRINTED = tuple(name for name, form in FORMATS.items() if form.is_printed)

#: What a file's suffix says.
BY_SUFFIX = {suffix: name for name, form in FORMATS.items() for suffix in form.suffixes}


def writer(name: str) -> type[Writer]:
    """The writer of a format.

    >>> writer("csv").__name__
    'Csv'
    """
    found: type[Writer] = getattr(import_module("actcli.output.writers"), FORMATS[name].writer)
    return found
