"""actcli list: what there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.options import Output
from actcli.spelling import fold

if TYPE_CHECKING:
    from actcli.activations import Activation
    from actcli.output import Table

#: What is said of a function, in this order.
COLUMNS = (
    *("name", "aliases", "family", "summary", "formula", "parameters", "row", "range", "range_attained", "monotone"),
    *("parity", "zero_centred", "smoothness", "kinks", "jumps", "extrema", "asymptotes", "max_ulp", "source"),
)

#: Width and height, in characters, of the curve beside a name.
_CURVE = (14, 3)

#: What `--property` takes, and how it shows in the facts.
PROPERTIES: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "bounded": lambda facts: facts["range"] is not None and all(abs(end) < float("inf") for end in facts["range"]),
    "unbounded": lambda facts: facts["range"] is not None and not PROPERTIES["bounded"](facts),
    "monotone": lambda facts: bool(facts["monotone"]),
    "increasing": lambda facts: facts["monotone"] == "increasing",
    "odd": lambda facts: facts["parity"] == "odd",
    "even": lambda facts: facts["parity"] == "even",
    "zero-centred": lambda facts: bool(facts["zero_centred"]),
    "analytic": lambda facts: facts["smoothness"] == "analytic",
    "smooth": lambda facts: facts["smoothness"] is not None and facts["smoothness"] not in ("C0", "discontinuous"),
    "kinked": lambda facts: bool(facts["kinks"]),
    "discontinuous": lambda facts: facts["smoothness"] == "discontinuous",
    "row": lambda facts: bool(facts["row"]),
    "elementwise": lambda facts: not facts["row"],
    "parametrised": lambda facts: bool(facts["parameters"]),
}


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
        typer.Option("--property", metavar="WORD", help=f"Can be repeated: {', '.join(PROPERTIES)}."),
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

    if framework is not None:
        if family is not None or properties:
            raise ValueError(
                "--framework lists a framework's symbols; --family and --property go with actcli's own names"
            )
        out.emit(_symbols(framework, words or []), command="list", asked={"framework": framework, "words": words or []})
        return
    everything = [get(name) for name in names()]
    families = list(dict.fromkeys(activation.family for activation in everything))
    if family is not None and family not in families:
        raise ValueError(f"--family {family!r}: the families are {', '.join(families)}")
    for word in properties or []:
        if word not in PROPERTIES:
            raise ValueError(f"--property {word!r}: the properties are {', '.join(PROPERTIES)}")
    chosen = [
        activation
        for activation in everything
        if family in (None, activation.family) and _is_called(activation, words or [])
    ]
    rows = [(activation, facts(activation)) for activation in chosen]
    rows = [(activation, found) for activation, found in rows if all(PROPERTIES[p](found) for p in properties or [])]
    style = out.writer_name(out.output)
    table = _pictured(rows) if style == "table" else _plain(rows, structured=style in ("json", "ndjson"))
    asked = {"words": words or [], "family": family, "properties": properties or []}
    out.emit(table, command="list", asked=asked)


def _is_called(activation: Activation, words: Sequence[str]) -> bool:
    own = [fold(name) for name in (activation.name, *activation.aliases)]
    return not words or any(fold(word) in name for word in words for name in own)


def facts(activation: Activation) -> dict[str, Any]:
    """What is known of a function, in the types of JSON; None where a row function has no such thing."""
    from actcli.activations import get
    from actcli.activations.definition import USER
    from actcli.studies.properties import properties

    bare = get(activation.name) if activation.family != USER else activation
    if activation.parameters == bare.parameters and activation.formula == bare.formula:
        activation, accuracy = bare, bare.accuracy  # a framework's name for it: what is known is known of both
    else:
        accuracy = None
    known = None if activation.is_row else properties(activation)
    return {
        "name": activation.name,
        "aliases": list(activation.aliases),
        "family": activation.family,
        "summary": activation.summary,
        "formula": activation.formula,
        "parameters": dict(activation.parameters),
        "row": activation.is_row,
        "range": None if known is None else [known.low, known.high],
        "range_attained": None if known is None else [known.low_attained, known.high_attained],
        "monotone": None if known is None else known.monotone,
        "parity": None if known is None else known.parity,
        "zero_centred": None if known is None else known.zero_centred,
        "smoothness": None if known is None else known.smoothness,
        "kinks": [float(x) for x in activation.kinks],
        "jumps": [] if activation.is_row else [float(x) for x in activation.jumps],
        "extrema": None if known is None else [{"x": x, "y": y, "kind": kind} for x, y, kind in known.extrema],
        "asymptotes": None if known is None else [None if line is None else list(line) for line in known.asymptotes],
        "max_ulp": None if accuracy is None else dict(zip(("value", "slope", "second"), accuracy, strict=True)),
        "source": activation.source,
    }


def in_words(found: Mapping[str, Any]) -> dict[str, str]:
    """The facts as they are written in a table of text."""
    low, high = found["range"] or (None, None)
    left, right = found["range_attained"] or (False, False)
    lines = [None if line is None else _line(*line) for line in found["asymptotes"] or ()]
    return {
        "name": found["name"],
        "aliases": " ".join(found["aliases"]),
        "family": found["family"],
        "summary": found["summary"],
        "formula": found["formula"],
        "parameters": ",".join(f"{key}={value!r}" for key, value in found["parameters"].items()),
        "row": "row" if found["row"] else "",
        "range": "" if low is None else f"{'[' if left else '('}{low:.6g}, {high:.6g}{']' if right else ')'}",
        "range_attained": "" if low is None else f"{'yes' if left else 'no'} {'yes' if right else 'no'}",
        "monotone": found["monotone"] or ("no" if low is not None else ""),
        "parity": found["parity"] or ("neither" if low is not None else ""),
        "zero_centred": "" if low is None else "yes" if found["zero_centred"] else "no",
        "smoothness": found["smoothness"] or "",
        "kinks": " ".join(f"{x:.6g}" for x in found["kinks"]),
        "jumps": " ".join(f"{x:.6g}" for x in found["jumps"]),
        "extrema": "; ".join(f"{e['kind']} {e['y']:.10g} at {e['x']:.10g}" for e in found["extrema"] or ()),
        "asymptotes": "; ".join(
            f"{line} towards {end}" for line, end in zip(lines, ("-inf", "inf"), strict=False) if line is not None
        ),
        "max_ulp": "" if found["max_ulp"] is None else " ".join(f"{k} {v:g}" for k, v in found["max_ulp"].items()),
        "source": found["source"],
    }


def _line(slope: float, intercept: float) -> str:
    """A straight line in x.

    >>> _line(1.0, -0.5), _line(0.0, 1.0)
    ('x - 0.5', '1')
    """
    times = {0.0: "", 1.0: "x", -1.0: "-x"}.get(slope, f"{slope:.6g}*x")
    if not times or not intercept:
        return times or f"{intercept:.6g}"
    return f"{times} {'-' if intercept < 0 else '+'} {abs(intercept):.6g}"


def _plain(rows: Sequence[tuple[Activation, dict[str, Any]]], *, structured: bool) -> Table:
    from actcli.output import Table

    cells = [found if structured else in_words(found) for _, found in rows]
    return Table(COLUMNS, tuple([cell[name] for cell in cells] for name in COLUMNS), results=("name",))


def _pictured(rows: Sequence[tuple[Activation, dict[str, Any]]]) -> Table:
    """The table for a terminal: fewer columns, and a curve in each row."""
    import sys

    from actcli.figures.sketch import sketch
    from actcli.output import Table

    encoding = sys.stdout.encoding if sys.stdout is not None else "utf-8"
    plain = "utf" not in encoding.lower()
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
    from actcli.output import Table

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
