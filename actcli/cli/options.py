"""The options that several commands share, and the output that they control."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from actcli.cli.choices import one_of
from actcli.output import formats

if TYPE_CHECKING:
    from actcli.output.numbers import NumberStyle
    from actcli.output.screen import Screen
    from actcli.output.table import Table
    from actcli.output.writers import Settings

Advance = Annotated[
    int,
    typer.Option("--advance", metavar="N", min=0, help="Draw N of N(0, 1) first, as earlier cells of a notebook did."),
]


@dataclass(frozen=True)
class Output:
    """The options for the format and the file of a table."""

    format: Annotated[
        str | None,
        one_of(formats.PRINTED, "--format", help="How to print. Default: a table on a terminal, TSV anywhere else."),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False
    csv: Annotated[bool, typer.Option("--csv", help="Short for --format csv.")] = False
    tsv: Annotated[bool, typer.Option("--tsv", help="Short for --format tsv.")] = False
    quiet: Annotated[bool, typer.Option("-q", "--values", help="Only the results, one per line, no header.")] = False
    precision: Annotated[
        int | None, typer.Option("--precision", metavar="N", min=1, max=17, help="Round to N significant digits.")
    ] = None
    decimals: Annotated[
        int | None, typer.Option("--decimals", metavar="N", min=0, max=17, help="Print N digits after the point.")
    ] = None
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=f"Write to FILE; its suffix says how: {' '.join(formats.BY_SUFFIX)}.",
        ),
    ] = None

    def __post_init__(self) -> None:
        # `-` means standard output, as does no --output.
        if self.output is not None and str(self.output) == "-":
            object.__setattr__(self, "output", None)

    def check(self, *others: Path | None) -> None:
        """Raise an error for contradictory formats and for files without a folder, before anything is written.

        others: the files that the command writes besides `--output`.
        """
        from actcli.output.files import require_folder

        self.writer_name(self.output)
        require_folder(self.output, *others)

    @property
    def is_asked_for(self) -> bool:
        """Whether an option gives a format or file for the table."""
        return bool(self.format or self.json or self.csv or self.tsv or self.quiet or self.output)

    def emit(
        self, table: Table, *, command: str, asked: Mapping[str, Any], extra: Mapping[str, Any] | None = None
    ) -> None:
        """Write a whole table to `--output`, or else to standard output.

        asked, extra: keys of the JSON object before and after `rows`.
        """
        self.write(self.output, table, command=command, asked=asked, extra=extra)

    def write(
        self,
        path: Path | None,
        table: Table,
        *,
        command: str,
        asked: Mapping[str, Any],
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a whole table to `path`; None is standard output."""
        from actcli.output.formats import write_table

        name = self.writer_name(path)
        settings = self.settings(path, command=command, asked=asked, extra=lambda: extra or {})
        with opened(path) as stream:
            write_table(table, stream, name, settings)

    def settings(
        self,
        path: Path | None,
        *,
        command: str,
        asked: Mapping[str, Any],
        extra: Callable[[], Mapping[str, Any]],
        hex: bool = False,  # noqa: A002
        **more: Any,
    ) -> Settings:
        """The settings of the writers."""
        from actcli.output.writers import Settings

        return Settings(
            style=self.style(hex=hex),
            head={"command": command, **asked},
            tail=extra,
            screen=screen(path),
            hint="--tsv prints them all, --output FILE writes them",
            **more,
        )

    def style(self, *, hex: bool = False) -> NumberStyle:  # noqa: A002
        """The notation of numbers."""
        from actcli.output.numbers import NumberStyle

        return NumberStyle(self.precision, self.decimals, hex)

    def writer_name(self, path: Path | None) -> str:
        """The key in `actcli.output.formats.FORMATS` for these options."""
        name = self._asked_format(path)
        if self.precision is not None and self.decimals is not None:
            raise ValueError("--precision counts significant digits and --decimals those after the point; choose one")
        for option, value in (("--precision", self.precision), ("--decimals", self.decimals)):
            if name == "npy" and value is not None:
                raise ValueError(f"{option} rounds what is printed; an .npy file keeps every digit")
        return name

    def _asked_format(self, path: Path | None) -> str:
        asked = {f"--{name}": name for name in ("json", "csv", "tsv") if getattr(self, name)}
        if self.quiet:
            asked["-q"] = "values"
        if self.format:
            asked[f"--format {self.format}"] = self.format
        if len(set(asked.values())) > 1:
            raise ValueError(f"one format at a time, not {' and '.join(asked)}")
        if asked and (path is None or formats.BY_SUFFIX.get(path.suffix.lower()) != "npy"):
            return next(iter(asked.values()))
        if asked and set(asked) != {"-q"}:
            raise ValueError(f"--output {path} is an array, and {next(iter(asked))} is text; choose one")
        if path is not None:
            if path.suffix.lower() not in formats.BY_SUFFIX:
                raise ValueError(
                    f"--output {str(path)!r}: the suffix {path.suffix!r} says no format; "
                    f"end it in {' '.join(formats.BY_SUFFIX)}, or add --format"
                )
            return formats.BY_SUFFIX[path.suffix.lower()]
        return "table" if sys.stdout.isatty() else "tsv"


#: Notes in order, each once; they are printed when the command has succeeded.
_held: dict[str, None] = {}


def note(text: str, *, at_once: bool = False) -> None:
    """Add a note, printed on standard error after success, about something the command did without being asked."""
    if at_once and sys.stderr is not None:
        print(f"Note: {text}", file=sys.stderr)
    elif not at_once:
        _held[text] = None


def print_notes() -> None:
    """Print the collected notes."""
    for text in _held:
        note(text, at_once=True)
    _held.clear()


@contextlib.contextmanager
def opened(path: Path | None) -> Iterator[BinaryIO]:
    """The stream of `--output`: a file that is written completely or not at all, or standard output."""
    if path is not None:
        from actcli.output.files import replacing

        with replacing(path) as stream:
            yield stream
        return
    from actcli.output.files import named

    sys.stdout.flush()
    # Under PYTHONUNBUFFERED sys.stdout.buffer.write() may write only a part of its data.
    stream = io.BufferedWriter(io.FileIO(sys.stdout.fileno(), "wb", closefd=False))
    with named("standard output"):
        yield stream
        stream.flush()


def screen(path: Path | None) -> Screen:
    """The screen of a table: that of standard output, or one without limits for a file."""
    from actcli.output.screen import Screen

    if path is not None:
        return Screen()
    if not sys.stdout.isatty():
        return Screen(encoding=sys.stdout.encoding)
    import shutil

    width, height = shutil.get_terminal_size()
    unwanted = os.environ.get("NO_COLOR") or os.environ.get("FORCE_COLOR") == "0"
    colour = not unwanted and os.environ.get("TERM") not in ("dumb", "unknown")
    return Screen(width, height, colour, sys.stdout.encoding)
