"""The source of the numbers of a command, and the options for it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from actcli.cli.choices import one_of
from actcli.cli.options import note
from actcli.reading.formats import FORMATS

if TYPE_CHECKING:
    from actcli.reading.source import Source


Form = Annotated[
    str | None, one_of(FORMATS, "--input-format", help="Format of FILE or of standard input, whatever its name.")
]
Chosen = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="NAME|N", help="Column of a table to read, by name or from 1; can be repeated."),
]


@dataclass(frozen=True)
class Input:
    """The options for the source of numbers."""

    points: Annotated[
        str | None,
        typer.Option(
            "--range",
            metavar="LO:HI[:N]",
            help="N evenly spaced points, both ends included; what is no whole number is a step: -5:5:0.1.",
        ),
    ] = None
    source: Annotated[
        str | None,
        typer.Option(
            "-i", "--input", metavar="FILE", help="Read .txt .csv .tsv .json .ndjson .npy or FILE.npz:KEY; - is stdin."
        ),
    ] = None
    form: Form = None
    column: Chosen = None

    def asked(self) -> dict[str, Any]:
        """The keys of JSON for these options."""
        named = {"range": self.points, "input": self.source, "column": self.column}
        return {name: value for name, value in named.items() if value}

    def open(self, values: Sequence[float], by_row: bool, rows: int = 1) -> Source:
        """The source from these options or the values of the command line, of which exactly one may be given.

        rows: the number of rows in the values, for row functions.
        """
        from actcli.reading.opening import open_source
        from actcli.reading.points import Given, Range

        asked = [
            name
            for name, given in (("values", bool(values)), ("--range", self.points), ("--input", self.source))
            if given
        ]
        if len(asked) > 1:
            raise ValueError(f"one source of numbers at a time, not {' and '.join(asked)}")
        if asked[:1] in (["values"], ["--range"]) and (self.form or self.column):
            raise ValueError("--column and --input-format say how a file or a pipe is read, and none is")
        if values:
            return Given(values, by_row, rows)
        if self.points is not None:
            return Range.parsed(self.points, by_row)
        if self.source is None and sys.stdin is not None and sys.stdin.isatty():
            raise ValueError("no numbers: give them after the function, or --range LO:HI:N, or --input FILE, or a pipe")
        where = self.source or "-"
        return open_source(where, self.form, self.column or [], by_row, standard_input(where))


def standard_input(where: str) -> BinaryIO | None:
    """Standard input, with a note on how to end it if `where` is `-` and it is a terminal; None if it is closed."""
    if sys.stdin is None:
        return None
    if where == "-" and sys.stdin.isatty():
        note("reading what is typed; Ctrl-D ends it", at_once=True)
    return sys.stdin.buffer
