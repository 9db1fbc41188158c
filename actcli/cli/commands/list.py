"""actcli list: the functions, or the symbols of a framework."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.choices import one_of
from actcli.cli.options import Output, note, screen
from actcli.spelling import fold
from actcli.studies.filters import PROPERTIES

if TYPE_CHECKING:
    from actcli.activations import Activation
    from actcli.output.table import Table

#: The width and height of the curve beside a name, in characters.
_CURVE = (14, 3)


def command(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD]...", help="Only names (or aliases) that hold one of these.", show_default=False),
    ] = None,
    *,
    family: Annotated[
        str | None, typer.Option("--family", metavar="NAME", help="rectifiers, sigmoids, smooth, oscillating or rows.")
    ] = None,
    properties: Annotated[
        list[str] | None,
        one_of(PROPERTIES, "--property", metavar="WORD", help=f"Can be repeated: {', '.join(PROPERTIES)}."),
    ] = None,
    framework: Annotated[
        str | None, typer.Option("--framework", metavar="NAME", help="The symbols of torch, keras, jax, onnx, ...")
    ] = None,
    out: Output,
) -> None:
    """List the functions, or the names a framework has for them.

    \b
      actcli list
      actcli list gelu swish
      actcli list --family sigmoids --property analytic
      actcli list --framework torch
      actcli list --json

    Names, parameters and properties; on a terminal with a small curve beside each.
    """
    from actcli.activations import get, names
    from actcli.activations.frameworks import FRAMEWORKS
    from actcli.studies.facts import facts

    if framework is not None:
        if family is not None or properties:
            raise ValueError(
                "--framework lists a framework's symbols; --family and --property go with actcli's own names"
            )
        symbols = _symbols(framework, words or [])
        if words and not len(symbols):
            note(f"no symbol of {framework} has {' or '.join(map(repr, words))} in its name")
        out.emit(symbols, command="list", asked={"framework": framework, "words": words or []})
        return
    chosen = [activation for activation in map(get, names(family)) if _is_called(activation, words or [])]
    if words and not chosen:
        prefix = next((word for word in words if word in FRAMEWORKS), None)
        hint = f"; actcli list --framework {prefix} has its symbols" if prefix else ""
        note(f"no function has {' or '.join(map(repr, words))} in its name{hint}")
    rows = [(activation, facts(activation)) for activation in chosen]
    rows = [(activation, found) for activation, found in rows if all(PROPERTIES[p](found) for p in properties or [])]
    style = out.writer_name(out.output)
    table = _with_curves(rows) if style == "table" else _plain(rows, structured=style in ("json", "ndjson"))
    asked = {"words": words or [], "family": family, "properties": properties or []}
    out.emit(table, command="list", asked=asked)


def _is_called(activation: Activation, words: Sequence[str]) -> bool:
    own = [fold(name) for name in (activation.name, *activation.aliases)]
    return not words or any(fold(word) in name for word in words for name in own)


def _plain(rows: Sequence[tuple[Activation, dict[str, Any]]], *, structured: bool) -> Table:
    from actcli.output.table import Table
    from actcli.studies.facts import COLUMNS, in_words

    cells = [found if structured else in_words(found) for _, found in rows]
    return Table(COLUMNS, tuple([cell[name] for cell in cells] for name in COLUMNS), results=("name",))


def _with_curves(rows: Sequence[tuple[Activation, dict[str, Any]]]) -> Table:
    """The table for a terminal: fewer columns, and a curve in each row."""
    from actcli.figures.sketch import sketch
    from actcli.output.table import Table
    from actcli.studies.facts import in_words

    plain = not screen(None).is_unicode
    shown = ("formula", "range")
    cells = [in_words(found) for _, found in rows]
    curves = ["\n".join(sketch(activation, *_CURVE, ascii=plain)) for activation, _ in rows]
    return Table(
        ("name", "curve", *shown),
        ([cell["name"] for cell in cells], curves, *([cell[name] for cell in cells] for name in shown)),
        title=f"{len(rows)} functions",
        notes=("--tsv and --json have parameters, kinks, source and more; actcli info NAME has all about one",),
    )


def _symbols(prefix: str, words: Sequence[str]) -> Table:
    """One line for each symbol of a framework."""
    from actcli.activations import frameworks, get
    from actcli.output.table import Table

    framework = frameworks.framework_called(prefix)
    lines = []
    for row in frameworks.rows():
        for label in row.labels() if row.framework == framework.prefix else ():
            entry = frameworks.resolve(*frameworks.split(label))
            if not words or any(word.lower() in label.lower() for word in words):
                parameters = ",".join(f"{key}={value!r}" for key, value in get(label).parameters.items())
                slopes = " ".join(row.slopes)
                lines.append((label, entry.symbol, row.function, parameters, row.formula, slopes, row.note))
    columns = ("name", "symbol", "function", "parameters", "formula", "slopes_at_kinks", "note")
    return Table(
        columns,
        tuple(list(column) for column in zip(*lines, strict=True)) if lines else ((),) * len(columns),
        title=f"{framework.title} {framework.release}",
        results=("name",),
    )
