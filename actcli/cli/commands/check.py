"""actcli check: compare an implementation with the correctly rounded values."""

from __future__ import annotations

import math
import os
import re
import shutil
import sys
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.choices import one_of
from actcli.cli.inputs import Form
from actcli.cli.options import Output, note
from actcli.dtypes import DTYPES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from actcli.activations.floats import FloatType
    from actcli.output.table import Table
    from actcli.studies.judgement import Judgement


def command(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="What was implemented.", show_default=False)],
    files: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE]...", help="What --input takes.", show_default=False)
    ] = None,
    *,
    sources: Annotated[
        list[str] | None,
        typer.Option(
            "-i",
            "--input",
            metavar="FILE",
            help="Columns x and y in .csv .tsv .txt .json .npy; or give it twice: x, then y. Default: standard input.",
        ),
    ] = None,
    form: Form = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME|N", help="Columns of FILE to read, by name or from 1: x, then y."),
    ] = None,
    dtype: Annotated[
        str | None,
        one_of(DTYPES, "--dtype", help="The type of the numbers. Default: that of an .npy file, else float64."),
    ] = None,
    order: Annotated[int, typer.Option("--order", metavar="0|1", min=0, max=1, help="1: y are slopes.")] = 0,
    max_ulp: Annotated[
        float | None,
        typer.Option(
            "--max-ulp",
            metavar="N",
            min=0,
            help="Exit 0 needs no error above N ulp; 1 is strict. Default: half the digits.",
        ),
    ] = None,
    worst: Annotated[int, typer.Option("--worst", metavar="N", min=0, help="List the N worst points.")] = 5,
    out: Output,
) -> None:
    """Judge an implementation against the exact results, in ulp.

    \b
      actcli check gelu --input mine.csv --max-ulp 4
      actcli check torch.gelu --input x.npy --input y.npy --dtype float32
      actcli check tanh --input slopes.tsv --order 1
      actcli check silu --input all.npy --dtype bfloat16

    Every y is compared with the value rounded once from arbitrary precision into the type. Counted: results so many
    ulp off; nan and infinities that are wrong, which always fail; zeros where the answer is subnormal, which is what
    flush-to-zero hardware gives, and zeros of the wrong sign, which never do. No row is left out.
    """
    from actcli.activations import get
    from actcli.activations.floats import TYPES
    from actcli.studies.judgement import judge, tolerance

    activation = get(spec)
    if activation.is_row:
        raise ValueError(f"{activation.spec} works on rows; check judges functions of one number")
    asked_for = [*(files or []), *(sources or [])]
    if not asked_for and sys.stdin is not None and sys.stdin.isatty():
        raise ValueError(f"nothing to judge; give a file, as in actcli check {spec} --input mine.csv, or a pipe")
    x, y, kind = _numbers(asked_for or ["-"], form, columns or [], None if dtype is None else TYPES[dtype])
    found = judge(activation, x, y, kind, order)
    allowed = tolerance(kind) if max_ulp is None else max_ulp
    passed = found.passes(allowed)
    lenient = f" as half of {kind.name}'s digits (--max-ulp 1 is strict)" if max_ulp is None else ""
    said = (
        f"{'passed' if passed else 'failed'}: largest error {_whole(found.max_ulp)} ulp, "
        f"{_whole(allowed)} allowed{lenient}; {_wrong_specials(found)}"
    )
    if out.quiet and found.wrong.any():  # the printed error does not explain the exit status
        note(_wrong_specials(found))
    table = _summary(found) if out.quiet else _table(found, worst, allowed, said)
    asked = {"spec": activation.spec, "dtype": kind.name, "order": order, "max_ulp_allowed": _whole(allowed)}
    out.emit(table, command="check", asked=asked, extra={"passed": passed, **_facts(found, worst)})
    if not passed:
        raise typer.Exit(1)


def _wrong_specials(found: Judgement) -> str:
    """The number of wrong specials, and the first x with one."""
    count = int(found.wrong.sum())
    where = f", the first at x = {float(found.x[found.wrong.argmax()])!r}" if count else ""
    return f"{count} wrong special{'s' * (count != 1)}{where}"


def _numbers(
    sources: list[str], form: str | None, columns: list[str], kind: FloatType | None
) -> tuple[NDArray[Any], NDArray[Any], FloatType]:
    """x and y rounded to the type, and the type: `kind`, by default that of an array file, else float64."""
    from actcli.activations.floats import FLOAT64, TYPES

    if len(sources) > 2:
        raise ValueError(f"--input: one file with x and y, or one with x and one with y, not {len(sources)}")
    files = [_load(source, form, columns, kind) for source in sources]
    if len(files) == 1:
        table = files[0]
        if not table.size:
            raise ValueError(f"{_name_of(sources[0])}: no numbers")
        if table.ndim != 2 or table.shape[1] != 2:
            raise ValueError(f"{_name_of(sources[0])}: expected two columns, x and y, found shape {table.shape}")
        x, y = table[:, 0], table[:, 1]
    else:
        x, y = (part.reshape(-1) if part.size == max(part.shape, default=1) else part for part in files)
        if x.ndim != 1 or y.ndim != 1 or len(x) != len(y):
            raise ValueError(f"--input: x has shape {x.shape} and y {y.shape}; they must be columns of one length")
    if not len(x):
        raise ValueError(f"{_name_of(sources[0])}: no numbers")
    found = kind or TYPES.get(y.dtype.name, FLOAT64)
    return found.round(x), found.round(y), found


def _name_of(source: str) -> str:
    return "standard input" if source == "-" else f"--input {source!r}"


def _load(source: str, form: str | None, columns: list[str], kind: FloatType | None) -> NDArray[Any]:
    """The numbers of a file: float64 from text, the type of an array file, or the type of the bits that it holds."""
    from actcli.reading.opening import load

    if source == "-":
        if sys.stdin is None:
            raise OSError("standard input is closed")
        from actcli.reading.source import NPY_MAGIC

        with TemporaryFile() as held:
            shutil.copyfileobj(sys.stdin.buffer, held)
            held.seek(0)
            head = held.read(1 << 16)
            held.seek(0)
            os.lseek(held.fileno(), 0, os.SEEK_SET)  # a source reads the file itself; seek may only move in the buffer
            if form == "npy" or head.startswith(NPY_MAGIC):
                return _array(held, source, kind)
            start = head.decode(errors="replace")
            form = form or _format_of(start)
            return load("-", form, columns or _columns_to_read(form, start), held)[0]
    named = form or source.rpartition(".")[2].lower()
    if named == "npy":
        with open(source, "rb") as file:  # noqa: PTH123
            return _array(file, source, kind)
    if named in ("csv", "tsv", "json", "ndjson") and not columns:
        with open(source, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            columns = _columns_to_read(named, file.read(1 << 16))
    return load(source, form, columns)[0]


def _array(file: IO[bytes], source: str, kind: FloatType | None) -> NDArray[Any]:
    """The numbers of an .npy file, whose integers without a sign are the bits of floats."""
    import numpy as np

    from actcli.activations.floats import BFLOAT16
    from actcli.reading.arrays import damage, first_line

    name = _name_of(source)
    try:
        array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    except damage(ValueError) as error:
        raise ValueError(f"{name} is no array file: {first_line(error)}") from None
    if array.dtype.kind == "V" and array.dtype.itemsize == 2:  # numpy reads bfloat16 as two bytes of no type
        kind = kind or BFLOAT16
        array = array.view(np.uint16)
    if array.dtype.kind == "u":
        if kind is None or array.dtype.itemsize * 8 != kind.width:
            raise ValueError(f"{name} holds {array.dtype}: bits of a type of that width, say which by --dtype")
        return kind.from_bits(array)
    if array.dtype.kind not in "fi":
        raise ValueError(f"{name} holds {array.dtype}, not numbers")
    return array


def _format_of(start: str) -> str:
    """The format of a text, from its start."""
    first = start.lstrip().partition("\n")[0]
    if first[:1] in ("[", "{"):
        return "ndjson" if first[0] == "{" and first.rstrip()[-1] == "}" and '"rows"' not in first else "json"
    return "tsv" if "\t" in first else "csv" if "," in first else "txt"


def _columns_to_read(form: str, start: str) -> list[str]:
    """The columns to read from a text with this start: x and y if they are names of columns, else [] for all.

    Without x and y the two names of JSON rows are returned, which sets their order.
    """
    if form in ("csv", "tsv", "txt"):
        named = [name.strip().strip('"') for name in start.partition("\n")[0].split("," if form == "csv" else "\t")]
        others = []
    else:
        row = re.search(r"\{[^{}]*\}?", start.partition('"rows"')[2] or start)
        named = re.findall(r'"((?:[^"\\]|\\.)*)"\s*:', row[0]) if row else []
        others = named if len(named) == 2 else []
    return ["x", "y"] if {"x", "y"} <= set(named) else others


def _whole(number: float) -> int | float:
    """An error in ulp as an integer if it is one, which nan, infinities and a fractional --max-ulp are not."""
    return int(number) if math.isfinite(number) and number == int(number) else number


def _summary(found: Judgement) -> Table:
    """The table for --quiet, which has only the largest error."""
    from actcli.output.table import Table

    return Table(("max_ulp",), ([_whole(found.max_ulp)],))


def _table(found: Judgement, worst: int, allowed: float, verdict: str) -> Table:
    from actcli.output.table import Table

    rows: list[tuple[Any, ...]] = []

    def add(what: str, count: int | None, ulp: float | None = None, at: int | None = None) -> None:
        point = (None, None, None) if at is None else (found.x[at], found.y[at], found.right[at])
        rows.append((what, count, None if ulp is None else _whole(ulp), *point))

    def first(mask: NDArray[np.bool_]) -> int | None:
        return int(mask.argmax()) if mask.any() else None

    add("points", len(found.x))
    for least, most, count in found.histogram():
        add(f"{least} ulp" if least == most else f"{least} to {most} ulp", count)
    for what, mask in (
        ("right specials", found.special & ~found.wrong),
        ("wrong specials", found.wrong),
        ("flushed to zero", found.flushed),
        ("zeros of the wrong sign", found.sign),
    ):
        add(what, int(mask.sum()), at=None if what == "right specials" else first(mask))
    add("allowed", None, allowed)
    add("mean", None, found.mean_ulp)
    for rank, at in enumerate(found.worst(worst), 1):
        add(f"worst {rank}", None, float(found.ulps[at]), int(at))
    names = ("what", "count", "ulp", "x", "y", "exact")
    return Table(names, tuple(list(column) for column in zip(*rows, strict=True)), notes=(verdict,))


def _facts(found: Judgement, worst: int) -> dict[str, Any]:
    return {
        "points": len(found.x),
        "max_ulp": _whole(found.max_ulp),
        "mean_ulp": found.mean_ulp,
        "wrong_specials": int(found.wrong.sum()),
        "flushed_to_zero": int(found.flushed.sum()),
        "wrong_zero_signs": int(found.sign.sum()),
        "histogram": [{"from": least, "to": most, "count": count} for least, most, count in found.histogram()],
        "worst": [
            {"x": found.x[i], "y": found.y[i], "exact": found.right[i], "ulp": _whole(float(found.ulps[i]))}
            for i in found.worst(worst)
        ],
    }
