"""actcli approx: an approximation of a function, with a proved error bound."""

from __future__ import annotations

import math
import shlex
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.choices import one_of
from actcli.cli.looks import Style, note_figure, save_figure
from actcli.cli.options import Output, opened
from actcli.figures.look import SUFFIXES
from actcli.formulas.lookup import LOOKUPS
from actcli.studies.approximation.outside import OUTSIDE

if TYPE_CHECKING:
    from actcli.studies.approximation.polynomials import Wish
    from actcli.studies.approximation.result import Approximation
    from actcli.studies.approximation.target import Target

#: The names of --basis, and whether the coefficients are of Chebyshev polynomials.
_BASES = {"power": False, "chebyshev": True}


def command(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="What to approximate.", show_default=False)],
    *,
    span: Annotated[
        str | None,
        typer.Option("--range", metavar="LO:HI", help="Where. Default: what an integer table's --input-scale reaches."),
    ] = None,
    degree: Annotated[
        str | None, typer.Option("--degree", metavar="N[/M]", help="By a polynomial, or a quotient of two.")
    ] = None,
    pieces: Annotated[
        int | None, typer.Option("--pieces", metavar="N", help="By N straight pieces that join, the best there are.")
    ] = None,
    uniform: Annotated[bool, typer.Option("--uniform", help="Pieces of equal lengths.")] = False,
    entries: Annotated[
        int | None, typer.Option("--table", metavar="N", help="By a look-up table of N entries at equal distances.")
    ] = None,
    lookup: Annotated[
        str | None,
        one_of(LOOKUPS, "--lookup", help="How a table is read. Default: nearest; with 16 bits linear."),
    ] = None,
    bits: Annotated[
        int | None, typer.Option("--bits", metavar="8|16", help="An integer table, of 256 or 513 entries.")
    ] = None,
    input_scale: Annotated[
        str | None, typer.Option("--input-scale", metavar="S", help="An input q is S*(q - Z). Default: fits the range.")
    ] = None,
    input_zero: Annotated[
        int | None, typer.Option("--input-zero-point", metavar="Z", help="Of the inputs. Default: fits, or 0.")
    ] = None,
    output_scale: Annotated[
        str | None, typer.Option("--output-scale", metavar="S", help="Of the entries. Default: TFLite's, or fits.")
    ] = None,
    zero: Annotated[
        int | None, typer.Option("--zero-point", metavar="Z", help="Of the entries. Default: TFLite's, or fits.")
    ] = None,
    max_error: Annotated[
        float | None, typer.Option("--max-error", metavar="E", help="By the least degree with an error of at most E.")
    ] = None,
    relative: Annotated[bool, typer.Option("--relative", help="Errors relative to the value.")] = False,
    odd: Annotated[bool, typer.Option("--odd", help="Odd powers only.")] = False,
    even: Annotated[bool, typer.Option("--even", help="Even powers only.")] = False,
    weight: Annotated[
        str | None,
        typer.Option("--weight", metavar="normal[@std=S]", help="Least squares under a distribution of the inputs."),
    ] = None,
    coefficients: Annotated[
        str,
        typer.Option(
            "--coefficients",
            metavar="TYPE",
            help="Best with coefficients of float32, float16, bfloat16, or fixed@bits=16,fraction=12.",
        ),
    ] = "float64",
    basis: Annotated[str, one_of(_BASES, "--basis", help="What the coefficients belong to.")] = "power",
    order: Annotated[int, typer.Option("--order", metavar="0|1", min=0, max=1, help="1: approximate the slope.")] = 0,
    outside: Annotated[str, one_of(OUTSIDE, "--outside", help="What it is outside the range.")] = "clamp",
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help=f"Draw it and its error: {' '.join(SUFFIXES)}.")
    ] = None,
    style: Style,
    out: Output,
) -> None:
    """Something simpler in a function's place, with a proved error.

    \b
      actcli approx gelu --range -7:7 --max-error 0.001       the least degree that does
      actcli approx tanh --range -4:4 --degree 5/4 --plot tanh.png
      actcli approx tanh --range -4:4 --pieces 8
      actcli approx sigmoid --range -8:8 --table 256 --bits 8 --output sigmoid.h
      actcli approx silu --range -8:8 --table 1024 --output silu.json; actcli eval table:silu.json 0.5
      actcli eval "$(actcli approx exp --range -1:0 --degree 5 -q)" -- -0.5

    The largest error is a bound: it is proved in ball arithmetic for every x of the range, for the coefficients as
    printed and exact arithmetic. Beside it stands what no other polynomial of the degree can go below. -q prints one
    SPEC that every other command takes.
    """
    from actcli.activations import get
    from actcli.output.table import Table
    from actcli.studies.approximation.pieces import linear_pieces
    from actcli.studies.approximation.polynomials import Wish
    from actcli.studies.approximation.rounding import parsed
    from actcli.studies.approximation.tables import ENTRIES
    from actcli.studies.approximation.target import Target

    if plot is not None:
        from actcli.figures.look import suffix_of

        suffix_of(plot)
    elif style != Style():
        raise ValueError("the options of the picture's looks are for --plot FILE; give it too")
    as_header = out.output is not None and out.output.suffix.lower() == ".h"
    if as_header and bits is None:
        raise ValueError(f"--output {str(out.output)!r}: a C header holds an integer table; give --bits 8 or --bits 16")
    if not as_header:
        out.writer_name(out.output)
    if odd and even:
        raise ValueError("--odd and --even leave nothing; give one of them")
    if bits is not None and (entries, degree, pieces, max_error) == (None,) * 4:
        entries = ENTRIES.get(bits, 0)  # the type determines the size of the table
    sizes = {"--degree": degree, "--pieces": pieces, "--table": entries, "--max-error": max_error}
    asked_for = [name for name, value in sizes.items() if value is not None]
    if len(asked_for) != 1:
        given = f", not {' and '.join(asked_for)}" if asked_for else ""
        raise ValueError(f"approx takes one of {', '.join(sizes)}{given}")
    wish = Wish(parsed(coefficients), "odd" * odd + "even" * even, _deviation(weight), _BASES[basis])
    integers = Integers(
        bits, _scale("--input-scale", input_scale), input_zero, _scale("--output-scale", output_scale), zero
    )
    if asked_for[0] not in ("--degree", "--max-error") and wish != Wish():
        raise ValueError(
            "--odd, --even, --weight, --coefficients and --basis are for polynomials: --degree or --max-error"
        )
    if uniform and pieces is None:
        raise ValueError("--uniform is for --pieces N; give it too")
    if entries is None and (lookup is not None or integers != Integers()):
        raise ValueError(f"--lookup, --bits, scales and zero points are for --table N, not {asked_for[0]}")
    target = Target(get(spec), *_ends(spec, span, integers), order, relative)
    if pieces is not None:
        found = linear_pieces(target, pieces, outside, uniform=uniform)
    elif entries is not None:
        found = _table_of(target, entries, lookup, integers, outside)
    else:
        found = _polynomial(target, degree, max_error, wish)
    asked = {"of": target.activation.spec, "range": [target.low, target.high], "order": order, "relative": relative}
    if as_header:
        with opened(out.output) as stream:
            stream.write(_header(found).encode())
    elif out.quiet:
        out.emit(Table(("spec",), ([found.spec(outside)],)), command="approx", asked={})
    else:
        _emit(found, outside, asked, out)
    if plot is not None:
        from actcli.figures.approximation import approximation

        save_figure(approximation(found, style.look()), plot)
        note_figure(plot)


def _ends(spec: str, span: str | None, integers: Integers) -> tuple[float, float]:
    """The two ends of --range, by default the least and the greatest input of an integer table."""
    from actcli.reading.points import interval

    if span is not None:
        return interval(span)
    if integers.bits is None or integers.input_scale is None:
        raise ValueError(f"approx needs a range, as in actcli approx {shlex.quote(spec)} --range -4:4 --degree 8")
    half, zero = 1 << (integers.bits - 1), integers.input_zero or 0
    return integers.input_scale * (-half - zero), integers.input_scale * (half - 1 - zero)


def _deviation(text: str | None) -> float | None:
    """The deviation in `--weight`, None if not given."""
    if text is None:
        return None
    name, at, tail = text.partition("@")
    key, _, value = tail.partition("=")
    try:
        deviation = float(value) if at else 1.0
    except ValueError:
        deviation = math.nan
    if name != "normal" or (at and key != "std") or not 0 < deviation < math.inf:
        raise ValueError(f"--weight takes normal or normal@std=S with S above 0, not {text!r}")
    return deviation


def _polynomial(target: Target, degree: str | None, max_error: float | None, wish: Wish) -> Approximation:
    from actcli.studies.approximation.polynomials import least, polynomial

    if degree is None:
        assert max_error is not None
        return least(target, max_error, wish)
    above, slash, below = degree.partition("/")
    if not above.isdecimal() or (slash and not below.isdecimal()):
        raise ValueError(f"--degree takes N or N/M, such as 8 or 5/4, not {degree!r}")
    return polynomial(target, int(above), int(below or 0), wish)


@dataclass(frozen=True)
class Integers:
    """The options of integer tables."""

    bits: int | None = None
    input_scale: float | None = None
    input_zero: int | None = None
    output_scale: float | None = None
    zero: int | None = None


def _table_of(target: Target, entries: int, lookup: str | None, integers: Integers, outside: str) -> Approximation:
    from actcli.studies.approximation import tables

    if integers.bits is None:
        if integers != Integers():
            raise ValueError("scales and zero points are for integer tables; give --bits 8 or --bits 16 too")
        return tables.table(target, entries, lookup or "nearest", outside)
    if integers.bits not in tables.ENTRIES:
        raise ValueError(f"--bits {integers.bits}: integer tables are of {' or '.join(map(str, tables.ENTRIES))} bits")
    if entries != tables.ENTRIES[integers.bits] or lookup is not None:
        raise ValueError(
            f"--bits {integers.bits} is a table of {tables.ENTRIES[integers.bits]} entries and sets its look-up; "
            f"give --table {tables.ENTRIES[integers.bits]} and no --lookup"
        )
    source = tables.input_scale(target, integers.bits, integers.input_scale, integers.input_zero)
    result = tables.output_scale(target, integers.bits, integers.output_scale, integers.zero)
    return tables.integer_table(target, source, result, outside)


def _scale(flag: str, text: str | None) -> float | None:
    """The positive number, or fraction such as 1/256, in a text; None if not given."""
    if text is None:
        return None
    try:
        scale = float(Fraction(text))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ValueError(f"{flag} takes a number or a fraction such as 1/256, not {text!r}") from None
    if not 0 < scale < math.inf:
        raise ValueError(f"{flag} must be positive, not {text}")
    return scale


def _emit(found: Approximation, outside: str, asked: dict[str, Any], out: Output) -> None:
    from actcli.output.table import Table
    from actcli.studies.approximation.bound import rounded_down, rounded_up

    names = ("what", "value", "hex", "x")
    rows: list[tuple[str, float, str, float | None]] = [
        (what, value, _hex(value, found.facts.get("bits", 64)), x) for what, value, x in found.parts
    ]
    digits = out.precision or 17
    error = rounded_up(found.bound.error, digits)
    rows.append(("error <=", error, error.hex(), found.bound.at))
    notes = [f"error <= {rounded_up(error, 6)!r}, nearly taken at x = {found.bound.at:.6g}"]
    if found.lower_bound is not None:
        least = rounded_down(found.lower_bound, digits)
        rows.append(("any error >=", least, least.hex(), None))
        notes.append(f"no {found.what} is closer to {found.target.name} than {rounded_down(least, 6)!r}")
    if "largest_error_in_steps" in found.facts:
        steps = found.facts["largest_error_in_steps"]
        rows.append(("steps <=", steps, steps.hex(), None))
        notes.append(f"over all inputs of {found.facts['bits']} bits at most {steps:.6g} steps of the output")
    if "rms" in found.facts:
        rows.append(("rms", found.facts["rms"], found.facts["rms"].hex(), None))
    extra = {
        "what": found.what,
        "error": error,
        "at": found.bound.at,
        "lower_bound": found.lower_bound,
        **found.facts,
        "outside": outside,
        "spec": found.spec(outside) if found.fits(outside) else None,
        **({"table": found.lookup.as_data()} if found.lookup else {}),
    }
    title = f"{found.what} for {found.target.name} from {found.target.low:g} to {found.target.high:g}"
    data: tuple[Any, ...] = tuple(list(column) for column in zip(*rows, strict=True))
    out.emit(Table(names, data, title, notes=tuple(notes)), command="approx", asked=asked, extra=extra)


def _hex(value: float, bits: int) -> str:
    """A float64 as a hexadecimal constant of C, or the bits of an integer of so many bits."""
    return value.hex() if isinstance(value, float) else f"0x{value & (1 << bits) - 1:0{bits // 4}x}"


#: The expression that looks up an input q in a table of so many bits.
_READ = {
    8: "{name}[q + 128]",
    16: "base + ((slope*(q & 127) + 64) >> 7), base = {name}[256 + (q >> 7)], slope = {name}[257 + (q >> 7)] - base",
}
_PER_LINE = 12


def _header(found: Approximation) -> str:
    """A C header with the entries of an integer table in the order of the inputs."""
    from actcli.output.c_header import c_header, c_name

    facts = found.facts
    bits, entries = facts["bits"], facts["table_entries"]
    name = c_name(f"{found.target.name}_int{bits}")
    rows = [entries[start : start + _PER_LINE] for start in range(0, len(entries), _PER_LINE)]
    return c_header(
        name,
        [
            f"{found.target.name}: x = {facts['input_scale']!r}*(q - {facts['input_zero_point']}),",
            f"y = {facts['output_scale']!r}*(r - {facts['zero_point']}), r = {_READ[bits].format(name=name)};",
            f"over all inputs at most {facts['largest_error_in_steps']:g} steps of r off.",
        ],
        [
            f"static const int{bits}_t {name}[{len(entries)}] = {{",
            *(f"    {', '.join(map(str, row))}," for row in rows),
            "};",
        ],
    )
