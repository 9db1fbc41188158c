"""actcli diff: whether two functions are the same, and where and how much they differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from actcli.cli.looks import save_figure
from actcli.cli.options import Output
from actcli.figures.look import SUFFIXES


def command(
    words: Annotated[
        list[str],
        typer.Argument(metavar="SPEC SPEC", help="A function, and the one to hold against it.", show_default=False),
    ],
    *,
    points: Annotated[
        str | None, typer.Option("--range", metavar="LO:HI", help="Compare between LO and HI only.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help=f"Draw both and the gap: {' '.join(SUFFIXES)}.")
    ] = None,
    out: Output,
) -> None:
    """Are two functions the same? Where they differ, and how much.

    \b
      actcli diff torch.gelu jax.gelu              two functions by one name
      actcli diff keras.LeakyReLU keras.leaky_relu
      actcli diff torch.silu jax.swish             exit 0: they are the same
      actcli diff gelu "x*sigmoid(1.702*x)" --range -4:4 --plot gap.png

    Differences are absolute, relative to the larger of the two, and in ulp (float64 numbers between them), on a grid
    refined around kinks and where they are largest, and confirmed in arbitrary precision. Exit 0: values and slopes
    agree but for rounding, slopes at kinks included; exit 1: they do not.
    """
    from actcli.activations import get
    from actcli.activations.spec import split_specs
    from actcli.output.table import Table
    from actcli.reading.points import interval
    from actcli.studies.comparison import compare

    functions = [get(spec) for word in words for spec in split_specs(word)]
    if len(functions) != 2:
        raise ValueError(f"diff compares two functions, as in actcli diff torch.gelu jax.gelu, not {len(functions)}")
    pair = functions[0], functions[1]
    span = None if points is None else interval(points)
    out.check(plot)
    found = compare(*pair, span)
    gaps = found.gaps
    names = _names(pair[0].spec, pair[1].spec)
    table = Table(
        ("quantity", "measure", "difference", "x", *names),
        (
            [gap.quantity for gap in gaps],
            [gap.measure for gap in gaps],
            [gap.size for gap in gaps],
            [" ".join(map(repr, gap.x)) if isinstance(gap.x, tuple) else gap.x for gap in gaps],
            [gap.first for gap in gaps],
            [gap.second for gap in gaps],
        ),
        results=("difference",),
        notes=(found.verdict,),
    )
    if plot is not None:
        from actcli.figures.difference import difference
        from actcli.figures.look import look
        from actcli.figures.sampling import View

        save_figure(difference(*pair, View(span=found.span), look()), plot)
    out.emit(
        table,
        command="diff",
        asked={"specs": [f.spec for f in pair], "range": None if span is None else list(span)},
        extra={"same": found.same, "differing": list(found.differing), "verdict": found.verdict},
    )
    if not found.same:
        raise typer.Exit(1)


def _names(first: str, second: str) -> tuple[str, str]:
    """The names of the columns of the two results, which as keys of a JSON object must differ."""
    return (first, second) if first != second else (first, f"{second} (2)")
