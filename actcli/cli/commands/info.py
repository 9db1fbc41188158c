"""actcli info: all facts about a function, and ambiguous names in the frameworks."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.options import Output, screen

if TYPE_CHECKING:
    from actcli.activations import Activation
    from actcli.activations.frameworks import Entry, Row
    from actcli.output.table import Table
    from actcli.studies.traps import Trap

#: The frameworks for which `info` prints a line of code.
_CODE = ("torch", "keras", "jax")


def command(
    spec: Annotated[
        str | None,
        typer.Argument(metavar="SPEC", help="A function, or a framework's name for one.", show_default=False),
    ] = None,
    *,
    traps: Annotated[
        bool, typer.Option("--traps", help="Names that mean several functions, and functions with several names.")
    ] = False,
    out: Output,
) -> None:
    """All about one function, and every framework's name for it.

    \b
      actcli info gelu
      actcli info torch.GELU        what is it, and what else is called that?
      actcli info --traps           same name, different function; different name, same function
      actcli info "x*tanh(exp(x))"  a formula of your own
    """
    if traps == (spec is not None):
        raise ValueError("info takes a function, as in: actcli info gelu; or --traps alone")
    if spec is None:
        table, extra = _all_traps()
        out.emit(table, command="info", asked={"traps": True}, extra=extra)
        return
    from actcli.activations import get
    from actcli.studies.code import all_errors
    from actcli.studies.facts import facts
    from actcli.studies.properties import largest_slope

    activation = get(spec)
    found = {**facts(activation), "spec": activation.spec, "slope": _slope(activation)}
    peak = None if activation.is_row else largest_slope(activation)
    found["largest_slope"] = None if peak is None else dict(zip(("x", "slope"), peak, strict=True))
    named = _names_for(activation)
    warnings = _warnings(activation, named)
    code = {name: line for name in _CODE if (line := _call(activation, name))}
    conventions = [
        {"x": x, "left": activation.one_sided(x)[0][1], "right": activation.one_sided(x)[1][1], "slope": slope}
        for x, slope in (() if activation.is_row else activation.conventions.items())
    ]
    written = all_errors(activation)
    rows = _text_rows(activation, found, conventions, named, warnings, code)
    if written:
        each = (" ".join([language, *(f"{error:g}" for error in ulp.values())]) for language, ulp in written.items())
        rows.append(("code_max_ulp", f"{' and '.join(next(iter(written.values())))}: {', '.join(each)}"))
    lines = _table(rows, _curve(activation) if out.writer_name(out.output) == "table" else ())
    extra = {
        **found,
        "slopes_at_kinks": conventions,
        "frameworks": [_described(row) for row in named],
        "traps": [_as_dict(trap) for trap in warnings],
        "code": code,
        "code_max_ulp": written,
    }
    out.emit(
        lines, command="info", asked={"spec": activation.spec}, extra={k: v for k, v in extra.items() if k != "spec"}
    )


def _table(rows: Sequence[tuple[str, str]], curve: Sequence[str]) -> Table:
    from actcli.output.table import Table

    properties, values = zip(*rows, strict=True)
    return Table(("property", "value"), (list(properties), list(values)), results=("value",), notes=tuple(curve))


def _curve(activation: Activation) -> Sequence[str]:
    from actcli.figures.sketch import sketch

    return sketch(activation, 60, 12, ascii=not screen(None).is_unicode)


def _slope(activation: Activation) -> str | None:
    from actcli.formulas.render import render

    return None if activation.is_row else render(activation.tree(1))


def _entry(activation: Activation) -> Entry | None:
    """The entry of a framework's symbol if the SPEC is one, else None."""
    from actcli.activations.frameworks import resolve, split

    is_symbol = activation.names_framework
    return resolve(*split(activation.spec)) if is_symbol else None


def _names_for(activation: Activation) -> list[Row]:
    """The rows of the table of frameworks for this function, with any parameters."""
    from actcli.activations import frameworks, get

    return [row for row in frameworks.rows() if get(row.function).name == activation.name]


def _described(row: Row) -> dict[str, Any]:
    from actcli.activations.frameworks import FRAMEWORKS

    framework = FRAMEWORKS[row.framework]
    return {
        "framework": row.framework,
        "release": f"{framework.title} {framework.release}",
        "names": list(row.labels()),
        "symbols": list(row.symbols),
        "parameters": dict(row.values),
        "spellings": {spelling: name for spelling, name in row.spellings.items() if spelling != name},
        "required": list(row.required),
        "formula": row.formula,
        "slopes_at_kinks": list(row.slopes),
        "note": row.note,
    }


def _framework_line(row: Row) -> str:
    """The names, defaults and notes of one row of the table of frameworks, in words."""
    from actcli.activations import get

    about = _described(row)
    # A row for a symbol with certain parameters only has no name of its own.
    parts = [" ".join(about["names"]) or f"{row.label(row.symbols[0])} with {', '.join(row.spellings)}"]
    own = get(row.function).parameters
    for spelling, name in row.spellings.items():
        default = row.values.get(name, own.get(name))
        parts.append(f"{spelling} required" if name in row.required else f"{spelling}={default!r}")
    if row.formula:
        parts.append(row.formula)
    if row.slopes:
        parts.append("slope at kinks: " + " ".join(row.slopes))
    if row.note:
        parts.append(row.note)
    return "; ".join(parts)


def _warnings(activation: Activation, named: Sequence[Row]) -> list[Trap]:
    """The traps about the names of this function, or about the name of the framework's symbol in the SPEC."""
    from actcli.studies.traps import same_name

    if entry := _entry(activation):
        return same_name([entry.name.partition("@")[0].rpartition(".")[2]])
    return same_name([activation.name, *activation.aliases]) if named else []


def _as_dict(trap: Trap) -> dict[str, Any]:
    return {
        "trap": trap.kind,
        "name": trap.name,
        "function": trap.function,
        "called": list(trap.called),
        "x": trap.x,
        "y": trap.y,
    }


def _trap_line(trap: Trap) -> str:
    where = "" if trap.x is None else f"; {'slope' if 'slope' in trap.kind else 'value'} {trap.y!r} at {trap.x!r}"
    return f"{trap.name} is {trap.function} in {' '.join(trap.called)}{where}"


def _call(activation: Activation, prefix: str) -> str | None:
    """A line of Python that calls the function in a framework; None if the framework lacks it with these parameters."""
    from actcli.activations import frameworks, get

    fitting = [
        row for row in frameworks.rows() if row.framework == prefix and get(row.function).name == activation.name
    ]
    asked = _entry(activation)
    own = asked.row if asked else None
    for row in sorted(fitting, key=lambda row: (row is not own, not row.labels(), len(row.required))):
        # A row without a name of its own has no defaults: all its parameters must be written.
        theirs = {**get(row.function).parameters, **row.values} if row.labels() else {}
        spelled = {name: spelling for spelling, name in row.spellings.items()}
        changed = {k: v for k, v in activation.parameters.items() if theirs.get(k) != v and k not in row.required}
        if not set(changed) <= set(spelled):
            continue
        symbol = asked.symbol if asked and row is own else row.symbols[0]
        # Required parameters follow x; torch.heaviside requires a tensor.
        value = "x.new_tensor({!r})" if symbol == "torch.heaviside" else "{!r}"
        given = [value.format(activation.parameters[name]) for name in row.required]
        given += [f"{key}={_python(values[0])}" for key, values in row.choices.items() if not _is_default(row)]
        given += [f"{spelled[name]}={_argument(spelled[name], v)}" for name, v in changed.items() if isfinite(v)]
        given += ["dim=-1"] if prefix == "torch" and activation.is_row else []
        is_class = symbol.rpartition(".")[2][0].isupper()
        return f"{symbol}({', '.join(given)})(x)" if is_class else f"{symbol}({', '.join(['x', *given])})"
    return None


def _argument(spelling: str, value: float) -> str:
    return f"keras.initializers.Constant({value!r})" if spelling.endswith("initializer") else repr(value)


def _is_default(row: Row) -> bool:
    """Whether the symbol alone, without parameters that select a row, means this row."""
    return "@" not in row.label(row.symbols[0])


def _python(word: str) -> str:
    return word.capitalize() if word in ("true", "false") else repr(word)


def _text_rows(
    activation: Activation,
    found: dict[str, Any],
    conventions: Sequence[dict[str, float]],
    named: Sequence[Row],
    warnings: Sequence[Trap],
    code: dict[str, str],
) -> list[tuple[str, str]]:
    """The rows of the table as (property, text), without properties whose text is empty."""
    from actcli.activations.frameworks import FRAMEWORKS
    from actcli.studies.facts import in_words

    words = in_words(found)
    order = (
        *("name", "spec", "aliases", "summary", "family", "formula", "slope", "parameters", "range", "unbounded_near"),
        *("monotone", "parity", "zero_centred", "smoothness", "extrema", "largest_slope", "asymptotes", "max_ulp"),
        "source",
    )
    peak = found["largest_slope"]
    steep = "" if peak is None else f"{peak['slope']:.10g} at {peak['x']:.10g}"
    texts = {**words, "spec": activation.spec, "slope": found["slope"] or "", "largest_slope": steep}
    rows = [(key, texts[key]) for key in order if texts[key]]
    if entry := _entry(activation):
        rows.insert(2, ("symbol", f"{entry.symbol} in {_described(entry.row)['release']}"))
    rows += [
        ("kink", f"{at['x']:.6g}: slope {at['left']:.6g} left, {at['right']:.6g} right, {at['slope']:.6g} there")
        for at in conventions
    ]
    rows += [(f"{row.framework} ({FRAMEWORKS[row.framework].release})", _framework_line(row)) for row in named]
    rows += [(trap.kind, _trap_line(trap)) for trap in warnings]
    rows += [(f"code in {name}", line) for name, line in code.items()]
    return rows


def _all_traps() -> tuple[Table, dict[str, Any]]:
    from actcli.output.table import Table
    from actcli.studies.traps import same_function, same_name

    lines: list[tuple[Any, ...]] = [
        (trap.kind, trap.name, trap.function, " ".join(trap.called), trap.x, trap.y) for trap in same_name()
    ]
    for function, words in same_function():
        for word in words:
            called = [named.label for named in function.called if named.is_plain and _same(named.word, word)]
            lines.append(("different name, same function", word, function.name, " ".join(called), None, None))
    columns = ("trap", "name", "function", "called", "x", "y")
    names = {"same_name": "same name", "slope_at_a_kink": "slope at a kink"}
    counts = {key: len({line[1] for line in lines if line[0] == kind}) for key, kind in names.items()}
    counts["same_function"] = len(same_function())
    return Table(columns, tuple(list(column) for column in zip(*lines, strict=True))), {"counts": counts}


def _same(a: str, b: str) -> bool:
    return a.lower().replace("_", "") == b.lower().replace("_", "")
