"""The formats of input files. A new format needs a source in a module of this folder and an entry here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from actcli.reading.source import Source
    from actcli.reading.streams import Stream

#: (stream, format, key of an archive, columns, by_row) -> the source.
Opener: TypeAlias = "Callable[[Stream, str, str | None, Sequence[str], bool], Source]"


def _text(stream: Stream, form: str, key: str | None, columns: Sequence[str], by_row: bool) -> Source:
    from actcli.reading.text import Text

    return Text(stream, form, columns, by_row)


def _json(stream: Stream, form: str, key: str | None, columns: Sequence[str], by_row: bool) -> Source:
    from actcli.reading.json_text import Json

    return Json(stream, form, columns, by_row)


def _array(stream: Stream, form: str, key: str | None, columns: Sequence[str], by_row: bool) -> Source:
    from actcli.reading.arrays import Array, inflated, member

    file = member(stream, key) if form == "npz" else inflated(stream) if form == "idx" else stream.file
    return Array(file, stream, form, columns, by_row)


FORMATS: dict[str, Opener] = {
    "txt": _text,
    "csv": _text,
    "tsv": _text,
    "json": _json,
    "ndjson": _json,
    "npy": _array,
    "npz": _array,
    "idx": _array,
}
