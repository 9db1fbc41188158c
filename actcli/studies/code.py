"""A function taken away: its code in another language, with what is known about it in the comment at its head."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from actcli.activations import Activation
from actcli.activations.definition import USER, definitions
from actcli.activations.floats import TYPES
from actcli.formulas.grammar import Node, make_node
from actcli.formulas.languages import LANGUAGES
from actcli.formulas.languages.language import Language, Source, Vectors

#: One instruction of a tape, as JSON keeps it.
Step = tuple[str, list[int], str]

#: What a test allows where nothing was measured, in ulp: for value and slope.
UNMEASURED = (16, 64)


@cache
def measured() -> Mapping[str, Mapping[str, list[float]]]:
    """The largest errors of what is written, in ulp: by language and type, then by function [value, slope].

    tests/reference/measure_code.py writes the file.
    """
    text = Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def errors(activation: Activation, language: str, dtype: str) -> list[float] | None:
    """The largest errors measured of value and slope; None for a function, parameters or a language without any."""
    plain = activation.definition is definitions.get(activation.name)
    if not plain or activation.parameters != activation.definition.defaults:
        return None
    return measured().get(f"{language} {dtype}", {}).get(activation.name)


def write(
    activation: Activation,
    language: str,
    *,
    name: str | None = None,
    dtype: str | None = None,
    value_only: bool = False,
    test: bool = False,
    command: str = "",
) -> str | bytes:
    """The code of an activation in a language: text, or bytes where the language's files are no text.

    Args:
        activation: any function of one number.
        language: one of `LANGUAGES`.
        name: of the function written; by default the activation's own.
        dtype: the type of what goes in and comes out; by default the one usual in the language.
        value_only: leave the slope out.
        test: append a test with correctly rounded results.
        command: what the head says it was made by.

    Raises:
        ValueError: for a name that the language does not allow, a type that it does not have, or a function that
            cannot be written.

    >>> import actcli
    >>> print(write(actcli.get("relu"), "javascript", value_only=True).partition("export ")[2])
    function relu(x) {
      if (x <= 0.0) {
        return 0.0;
      }
      return x;
    }
    <BLANKLINE>
    """
    from actcli.formulas.rational import exact_parameter

    target = LANGUAGES[language]
    dtype = dtype or target.dtypes[0]
    called = name or default_name(activation, target)
    target.check_name(called)
    if dtype not in target.dtypes:
        raise ValueError(f"--dtype {dtype}: {target.title} has {' and '.join(target.dtypes)} alone")
    if activation.is_row:
        return _write_row(activation, target, called, dtype, _head(activation, target, dtype, None, command))
    if activation.parameters.get("seed", -1.0) >= 0:
        raise ValueError(f"{activation.spec} draws its slopes at random: there is no code for it")
    if test and not target.tests:
        raise ValueError(f"--test: {target.title} holds no test")
    found = errors(activation, language, dtype)
    wanted = 1 if value_only else 2
    tests = [_vectors(activation, order, dtype, found) if test and order < wanted else None for order in (0, 1)]
    source = Source(
        called,
        value=_tree(activation, 0, target),
        slope=None if value_only else _tree(activation, 1, target),
        second=_tree(activation, 2, target) if target.second and not value_only else None,
        formula=activation.truth.node(),
        derivative=activation.truth.node(1),
        parameters={k: exact_parameter(v) if math.isfinite(v) else v for k, v in activation.parameters.items()},
        head=tuple(_head(activation, target, dtype, found, command)),
        dtype=dtype,
        value_test=tests[0],
        slope_test=tests[1],
    )
    return target.write(source)


def _write_row(activation: Activation, language: Language, name: str, dtype: str, head: list[str]) -> str:
    from actcli.formulas.languages.rows import ROWS, RowSource

    if activation.name not in ROWS:
        raise ValueError(f"{activation.spec} works on rows; of those code writes {', '.join(ROWS)}")
    if language.write_row is None:
        able = ", ".join(known for known, other in LANGUAGES.items() if other.write_row)
        raise ValueError(f"{activation.spec} works on rows; code writes such functions to {able}")
    return language.write_row(RowSource(name, ROWS[activation.name], tuple(head), dtype))


def _tree(activation: Activation, order: int, language: Language) -> Node:
    return activation.truth.node(order) if language.is_formula else _program(activation, order)


@cache
def _program(activation: Activation, order: int) -> Node:
    kept = programs().get(activation.spec)
    return tree(kept[order]) if kept else found_program(activation, order)


def found_program(activation: Activation, order: int) -> Node:
    """The program of an activation's value (order 0), slope (1) or second derivative (2), found anew."""
    from actcli.formulas.languages.program import Program

    return Program(activation.truth, order, activation.conventions).tree


@cache
def programs() -> Mapping[str, list[list[Step]]]:
    """The programs of the functions of the registry, by order, as tapes: finding one takes some tenths of a second.

    tests/reference/measure_code.py writes the file.
    """
    return json.loads(Path(__file__).with_name("programs.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def tree(steps: list[Step]) -> Node:
    """The tree that a tape came from."""
    nodes: list[Node] = []
    for op, args, text in steps:
        nodes.append(make_node(op, tuple(nodes[i] for i in args), text))
    return nodes[-1]


def default_name(activation: Activation, language: Language) -> str:
    """The activation's own name, or f for a formula; with a word added where the language has it for itself."""
    name = "f" if activation.family == USER else activation.name
    try:
        language.check_name(name)
    except ValueError:
        return f"{name}_activation"
    return name


def _head(activation: Activation, language: Language, dtype: str, found: list[float] | None, command: str) -> list[str]:
    lines = [f"{activation.spec}: {activation.summary}", f"Formula: {activation.formula}"]
    if activation.source:
        lines.append(f"Source: {activation.source}")
    if activation.parameters:
        lines.append(
            "Parameters: "
            + ", ".join(f"{key} = {value!r} ({value.hex()})" for key, value in activation.parameters.items())
        )
    if not activation.is_row and activation.kinks:
        lines.append(
            "Slope at kinks: " + ", ".join(f"{slope!r} at {x!r}" for x, slope in activation.conventions.items())
        )
    if found:
        what = ", ".join(f"{error:g} ulp ({order})" for error, order in zip(found, ("value", "slope"), strict=False))
        lines.append(f"Largest error measured in {language.title}, {dtype}: {what}")
    else:
        lines.append("Largest error: not measured for this function with these parameters")
    return [*lines, f"Made by: {command}"] if command else lines


def _vectors(activation: Activation, order: int, dtype: str, found: list[float] | None) -> Vectors:
    from actcli.studies.vectors import vectors

    vector = vectors(activation, TYPES[dtype], order, 40)
    allowed = found[order] if found else UNMEASURED[order]
    return Vectors(vector.x.tolist(), vector.y.tolist(), int(allowed))


def language_of(path: Path) -> str | None:
    """The language that a file's suffix says; None if it says none, or several."""
    suffixes = [name for name, language in LANGUAGES.items() if path.name.endswith(language.suffix)]
    longest = max((len(LANGUAGES[name].suffix) for name in suffixes), default=0)
    named = [name for name in suffixes if len(LANGUAGES[name].suffix) == longest]
    return named[0] if len(named) == 1 else None
