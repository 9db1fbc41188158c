"""actcli vectors: test vectors for implementations of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from actcli.cli.choices import one_of
from actcli.cli.options import Output, opened
from actcli.dtypes import DTYPES

if TYPE_CHECKING:
    from actcli.activations.floats import FloatType
    from actcli.studies.vectors import Vectors


def command(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A function of one number.", show_default=False)],
    *,
    dtype: Annotated[str, one_of(DTYPES, "--dtype", help="The type of inputs and results.")] = "float64",
    order: Annotated[int, typer.Option("--order", metavar="0|1", min=0, max=1, help="1: results are slopes.")] = 0,
    count: Annotated[
        int, typer.Option("--random", metavar="N", min=0, max=1_000_000, help="How many random inputs.")
    ] = 100,
    seed: Annotated[int, typer.Option("--seed", min=0, help="For the random inputs.")] = 0,
    header: Annotated[bool, typer.Option("--c", help="Write a C header; so does --output FILE.h.")] = False,
    out: Output,
) -> None:
    """Test vectors: inputs that matter, correctly rounded results.

    \b
      actcli vectors gelu --dtype float32 --csv
      actcli vectors tanh --dtype bfloat16 --order 1 --json
      actcli vectors silu --dtype float16 --output silu.h

    Specials, the ends of the type, subnormals, kinks, zeros, extrema, thresholds of saturation, underflow and
    overflow, powers of two, and random inputs; nothing twice.
    """
    from actcli.activations import get
    from actcli.activations.floats import TYPES
    from actcli.cli.progress import Progress
    from actcli.output.table import Table
    from actcli.studies.vectors import vectors

    activation = get(spec)
    if activation.is_row:
        raise ValueError(f"{activation.spec} works on rows; vectors are for functions of one number")
    kind = TYPES[dtype]
    asked_for = [name for name in ("json", "csv", "tsv", "quiet", "format") if getattr(out, name)]
    if header and asked_for:
        other = "-q" if asked_for[0] == "quiet" else f"--{asked_for[0]}"
        raise ValueError(f"--c writes C and {other} something else; choose one")
    written = header or (out.output is not None and out.output.suffix.lower() == ".h")
    if not written:
        out.writer_name(out.output)  # raises ValueError for an unknown suffix before the computation
    share = 0.0
    with Progress(lambda: share, out, "results") as progress:

        def tell(done: int, total: int) -> None:
            nonlocal share
            share = done / total
            progress.show(done)

        found = vectors(activation, kind, order, count, seed, tell)
    if written:
        with opened(out.output) as stream:
            stream.write(_c_header(activation.spec, found, kind, order).encode())
        return
    x_bits, y_bits = (_hex(values, kind) for values in (found.x, found.y))
    table = Table(
        ("why", "x", "y", "x_bits", "y_bits"), (found.why, found.x, found.y, x_bits, y_bits), results=("x", "y")
    )
    asked = {"spec": activation.spec, "dtype": kind.name, "order": order, "random": count, "seed": seed}
    out.emit(table, command="vectors", asked=asked)


def _hex(values: object, kind: FloatType) -> list[str]:
    return [f"0x{bits:0{kind.width // 4}x}" for bits in kind.bits(values).tolist()]  # type: ignore[arg-type]


def _c_header(spec: str, found: Vectors, kind: FloatType, order: int) -> str:
    from actcli.output.c_header import c_header, c_name

    name = c_name(f"{spec}{'_slope' if order else ''}_{kind.name}")
    what = "slope" if order else "value"
    suffix = "ull" if kind.width == 64 else "u"
    pairs = zip(found.why, _hex(found.x, kind), _hex(found.y, kind), found.x, found.y, strict=True)
    lines = [f"    {{{x}{suffix}, {y}{suffix}}}, /* {why}: {a} -> {b} */" for why, x, y, a, b in pairs]
    return c_header(
        name,
        [f"{spec}: inputs and the {what} at each, correctly rounded, as the bits of {kind.name}."],
        [
            f"enum {{ {name}_count = {len(lines)} }};",
            f"static const uint{kind.width}_t {name}[{len(lines)}][2] = {{",
            *lines,
            "};",
        ],
    )
