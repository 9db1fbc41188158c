"""actcli eval: values of functions. What it shares with grad is here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.options import Output, opened
from actcli.cli.parsing import is_number

if TYPE_CHECKING:
    from actcli.activations import Activation
    from actcli.output import Table
    from actcli.reading import Numbers, Source

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SPEC... [VALUE]...]", help="Functions, then numbers.", show_default=False),
]


class InputFormat(StrEnum):
    """What `--input-format` takes."""

    TXT = "txt"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    NDJSON = "ndjson"
    NPY = "npy"
    NPZ = "npz"


class Dtype(StrEnum):
    """What `--dtype` takes."""

    FLOAT64 = "float64"
    FLOAT32 = "float32"
    FLOAT16 = "float16"


@dataclass(frozen=True)
class Input:
    """Where the numbers come from."""

    points: Annotated[
        str | None, typer.Option("--range", metavar="LO:HI[:N]", help="N evenly spaced points, both ends included.")
    ] = None
    source: Annotated[
        str | None,
        typer.Option(
            "-i", "--input", metavar="FILE", help="Read .txt .csv .tsv .json .ndjson .npy or FILE.npz:KEY; - is stdin."
        ),
    ] = None
    form: Annotated[
        InputFormat | None, typer.Option("--input-format", help="Format of standard input or of FILE, whatever its name.")
    ] = None
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME|N", help="Column of a CSV or TSV, by name or from 1; can be repeated."),
    ] = None

    def open(self, values: Sequence[float], by_row: bool) -> Source:
        """The source these options and the values of the command line ask for; exactly one of them."""
        from actcli import reading

        asked = [
            name
            for name, given in (("values", bool(values)), ("--range", self.points), ("--input", self.source))
            if given
        ]
        if len(asked) > 1:
            raise ValueError(f"one source of numbers at a time, not {' and '.join(asked)}")
        if values:
            return reading.Given(values, by_row)
        if self.points is not None:
            return reading.Range.parsed(self.points, by_row)
        if self.source is None and sys.stdin is not None and sys.stdin.isatty():
            raise ValueError("no numbers: give them after the function, or --range LO:HI:N, or --input FILE, or a pipe")
        stdin = None if sys.stdin is None else sys.stdin.buffer
        form = None if self.form is None else self.form.value
        return reading.open_source(self.source or "-", form, self.column or [], by_row, stdin)


@dataclass(frozen=True)
class Arithmetic:
    """How the numbers are computed and written."""

    dtype: Annotated[Dtype, typer.Option("--dtype", help="Compute in this type.")] = Dtype.FLOAT64
    exact: Annotated[bool, typer.Option("--exact", help="Round every result correctly, from arbitrary precision.")] = False
    digits: Annotated[
        int | None, typer.Option("--digits", metavar="N", min=1, help="Print N digits, every one of them right.")
    ] = None
    hex: Annotated[bool, typer.Option("--hex", help="Print the bits, as 0x1.8000000000000p+1.")] = False


def command(words: Words = None, *, given: Input, arithmetic: Arithmetic, out: Output) -> None:
    """Values of one or several functions.

    \b
      actcli eval relu -3 2
      actcli eval gelu silu --range -4:4:9
      actcli eval leaky_relu@negative_slope=0.1 --input data.npy --output out.npy
      seq -3 3 | actcli eval softplus
      actcli eval softmax 1 2 3             a row function: the values are one row
      actcli eval gelu --digits 30 -9       thirty digits, every one right

    Leading words that are not numbers are functions; several give several columns.
    """
    run("eval", words or [], given, arithmetic, out, order=0)


def run(name: str, words: Sequence[str], given: Input, arithmetic: Arithmetic, out: Output, order: int) -> None:
    """Values (order 0), slopes (1) or second derivatives (2) of the functions that lead `words`."""
    functions, values = _told_apart(name, words)
    by_row = any(function.is_row for function in functions)
    calculation = Calculation(functions, arithmetic, order, by_row)
    source = given.open(values, by_row)
    from actcli.output import WRITERS

    asked = {
        "specs": [function.spec for function in functions],
        "dtype": arithmetic.dtype.value,
        **({"order": order} if order else {}),
    }
    settings = out.settings(out.output, command=name, asked=asked, extra=calculation.found, hex=arithmetic.hex)
    writer = WRITERS[out.writer_name(out.output)](settings)
    with opened(out.output) as stream:
        rows = 0
        begun = False
        for block in source.blocks():
            table = calculation.table(source.parse(block))
            if not begun:
                stream.write(writer.start(table))
                begun = True
            if not len(table):
                continue
            if rows:
                stream.write(writer.joint)
            stream.write(writer.rows(table))
            rows += len(table)
            stream.flush()
        if not begun:
            stream.write(writer.start(calculation.table(_nothing(by_row))))
        stream.write(writer.finish())
        writer.amend(stream, rows)


def _nothing(by_row: bool) -> Numbers:
    import numpy as np

    return np.empty((0, 0) if by_row else 0)


def _told_apart(name: str, words: Sequence[str]) -> tuple[list[Activation], list[float]]:
    """The functions that lead the words, and the numbers after them."""
    from actcli.activations import SpecError, get
    from actcli.reading import number

    first = next((place for place, word in enumerate(words) if is_number(word)), len(words))
    if not first:
        what = f"{words[0]!r} is a number" if words else "nothing was given"
        raise ValueError(f"{name} needs a function first, and {what}; try actcli {name} relu -3 2")
    functions: list[Activation] = []
    for place, word in enumerate(words[:first]):
        try:
            function = get(word)
        except SpecError as error:
            if not place:
                raise
            raise ValueError(f"{word!r} is neither a number nor a function actcli knows; {error}") from None
        for known in functions:
            if known.spec == function.spec:
                raise ValueError(f"{word!r} is {known.spec}, which is asked for already; each function once")
        functions.append(function)
    for place, word in enumerate(words[first:], start=first + 1):
        if not is_number(word):
            raise ValueError(f"argument {place} after {name}: {word!r} is not a number")
    return functions, [number(word) for word in words[first:]]


class Calculation:
    """From numbers to the table of their values or slopes."""

    def __init__(self, functions: Sequence[Activation], arithmetic: Arithmetic, order: int, by_row: bool) -> None:
        self.functions = functions
        self.arithmetic = arithmetic
        self.order = order
        self.by_row = by_row
        #: What JSON says after the rows.
        self.found: dict[str, Any] = {}

    def table(self, numbers: Numbers) -> Table:
        """One row for each number, or for each row of numbers."""
        import numpy as np

        from actcli.output import Table

        with np.errstate(all="ignore"):
            x = numbers.astype(self.arithmetic.dtype.value)
        if not self.by_row:
            specs = tuple(function.spec for function in self.functions)
            return Table(("x", *specs), (x, *(self._values(function, x) for function in self.functions)), results=specs)
        columns: list[str] = []
        data: list[Any] = []
        for function in self.functions:
            rows = self._row_values(function, x)
            prefix = f"{function.spec}." if len(self.functions) > 1 else ""
            columns += [f"{prefix}y{index}" for index in range(rows.shape[-1])]
            data += list(rows.T)
        return Table(tuple(columns), tuple(data))

    def _values(self, function: Activation, x: Numbers) -> Any:
        if self.arithmetic.digits is not None:
            return [function.digits(value, self.arithmetic.digits, self.order) for value in x.tolist()]
        if self.arithmetic.exact:
            return function.exact(x, self.order)
        return (function, function.slope, function.second)[self.order](x)

    def _row_values(self, function: Activation, x: Numbers) -> Numbers:
        if not function.is_row:
            return self._values(function, x)
        if self.arithmetic.exact or self.arithmetic.digits is not None:
            raise ValueError(f"--exact and --digits are for functions of one number; {function.spec} works on a row")
        if not self.order:
            return function(x)
        if self.order == 2:
            raise ValueError(f"--order 2 is for functions of one number; {function.spec} works on a row")
        jacobian = function.jacobian(x)
        return jacobian.reshape(-1, jacobian.shape[-1])
