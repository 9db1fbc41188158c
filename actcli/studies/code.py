"""The code of a function in another language, with the facts about it in a comment at the head."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from actcli.activations import Activation
from actcli.activations.definition import USER, definitions
from actcli.activations.floats import TYPES
from actcli.formulas.grammar import names_in
from actcli.formulas.languages import LANGUAGES
from actcli.formulas.languages.language import Language, Source, Vectors
from actcli.formulas.languages.rows import LOCALS
from actcli.packed import packed
from actcli.studies.code_programs import program
from actcli.studies.code_rows import row_source

#: The errors of value and slope, in ulp, that a test allows if none were measured.
UNMEASURED = (16, 64)

#: What was measured was measured on so many points; functions of rows on so many rows of six numbers.
POINTS, ROWS = 200_000, 4_000


@cache
def measured() -> Mapping[str, Mapping[str, list[float]]]:
    """The largest errors of generated code in ulp: by language and type, then by function [value, slope].

    tests/reference/measure_code.py writes code.json.
    """
    return json.loads(packed("actcli.studies", "code.json"))  # type: ignore[no-any-return]


def errors(activation: Activation, language: str, dtype: str = "float64") -> list[float] | None:
    """The largest measured errors of value and slope, or of outputs and gradient of a row function.

    None if the function, its parameters, the language or the type was not measured.
    """
    plain = activation.definition is definitions.get(activation.name)
    if not plain or activation.parameters != activation.definition.defaults:
        return None
    return measured().get(f"{language} {dtype}", {}).get(activation.name)


def all_errors(activation: Activation) -> dict[str, dict[str, float]]:
    """The largest measured errors of generated code in float64, in ulp, by language.

    >>> import actcli
    >>> all_errors(actcli.get("relu"))["c"]
    {'value': 0.0, 'slope': 0.0}
    """
    found = {name: errors(activation, name) for name in LANGUAGES}
    names = ("outputs", "gradient") if activation.is_row else ("value", "slope")
    return {name: dict(zip(names, pair, strict=True)) for name, pair in found.items() if pair}


def write(
    activation: Activation,
    language: str,
    *,
    name: str | None = None,
    dtype: str | None = None,
    value_only: bool = False,
    test: bool = False,
    free: bool = False,
    command: str = "",
) -> str | bytes:
    """The code of an activation in a language: text, or bytes for a language with binary files.

    Args:
        activation: an elementwise function, or a row function that the language supports.
        language: one of `LANGUAGES`.
        name: the name of the generated function; by default that of the activation.
        dtype: the type of inputs and results; by default the usual type of the language.
        value_only: leave the slope out.
        test: append a test with correctly rounded results.
        free: make the parameters of `free_parameters` arguments after x, in that order, and return value and slope
            together.
        command: the command line for the comment at the head.

    Raises:
        ValueError: for a name that the language does not allow, a type that it does not have, or a function for
            which no code can be generated.

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
    target.check_name(called, LOCALS if activation.is_row else frozenset())
    if dtype not in target.dtypes:
        raise ValueError(f"--dtype {dtype}: {target.title} has {' and '.join(target.dtypes)} alone")
    if activation.is_row:
        if test:
            raise ValueError(f"--test: {activation.spec} works on rows; tests are written of functions of one number")
        head = tuple(_head(activation, target, dtype, command))
        return target.write_row(row_source(activation, target, called, head, dtype, with_gradient=not value_only))
    if activation.parameters.get("seed", -1.0) >= 0:
        raise ValueError(f"{activation.spec} draws its slopes at random: there is no code for it")
    if test and not target.tests:
        able = ", ".join(known for known, other in LANGUAGES.items() if other.tests)
        raise ValueError(f"--test: {target.title} holds no test; {able} do")
    if test and activation.definition.tree is not None:
        raise ValueError(f"--test: {activation.spec} is a table; tests are written of formulas")
    if free and not target.takes_arguments:
        raise ValueError(f"{target.title} takes no parameters as arguments")
    if free and test:
        raise ValueError("--test: a function with free parameters holds no test")
    arguments = free_parameters(activation) if free else None
    wanted = 1 if value_only else 2
    tests = [_vectors(activation, order, target, dtype) if test and order < wanted else None for order in (0, 1)]
    source = Source(
        called,
        value=program(activation, 0, target, arguments),
        slope=None if value_only else program(activation, 1, target, arguments),
        second=program(activation, 2, target, arguments) if target.second and not value_only else None,
        formula=activation.truth.node(),
        derivative=activation.tree(1),
        parameters={k: exact_parameter(v) if math.isfinite(v) else v for k, v in activation.parameters.items()},
        head=tuple(_head(activation, target, dtype, command, arguments)),
        dtype=dtype,
        value_test=tests[0],
        slope_test=tests[1],
        arguments=arguments,
    )
    return target.write(source)


def free_parameters(activation: Activation) -> dict[str, float]:
    """The parameters in an activation's formula, with their values.

    >>> import actcli
    >>> free_parameters(actcli.get("rrelu"))
    {'lower': 0.125, 'upper': 0.3333333333333333}
    """
    named = names_in(activation.truth.root)
    return {key: value for key, value in activation.parameters.items() if key in named}


def default_name(activation: Activation, language: Language) -> str:
    """The activation's name, or f for a formula; with a suffix if the name is reserved in the language."""
    name = "f" if activation.family == USER else activation.name
    try:
        language.check_name(name)
    except ValueError:
        return f"{name}_activation"
    return name


def _head(
    activation: Activation,
    language: Language,
    dtype: str,
    command: str,
    arguments: Mapping[str, float] | None = None,
) -> list[str]:
    lines = [f"{activation.spec}: {activation.summary}", f"Formula: {activation.formula}"]
    if activation.aliases:
        lines.append(f"Names: {', '.join([activation.name, *activation.aliases])}")
    if activation.source:
        lines.append(f"Source: {activation.source}")
    if arguments:
        domain = "".join(f"; {condition}" for condition in activation.definition.domain)
        return [*lines, f"Parameters are arguments: {', '.join(arguments)}{domain}"]
    if activation.parameters:
        lines.append(
            "Parameters: "
            + ", ".join(f"{key} = {value!r} ({value.hex()})" for key, value in activation.parameters.items())
        )
    if activation.definition.tree is not None:
        lines.append("Slope at kinks: from the left")  # a table has hundreds of them
    elif not activation.is_row and activation.kinks:
        lines.append(
            "Slope at kinks: " + ", ".join(f"{slope!r} at {x!r}" for x, slope in activation.conventions.items())
        )
    if not language.is_formula:
        lines.append(_error(activation, language, dtype))
    return [*lines, f"Made by: {command}"] if command else lines


def _error(activation: Activation, language: Language, dtype: str) -> str:
    """The line of the head about the largest error."""
    if not any(column.startswith(f"{language.name} ") for column in measured()):
        return f"Largest error: not measured; what is written in {language.title} was never run"
    where = f"{language.title}{language.run_as}, {dtype}"
    found = errors(activation, language.name, dtype)
    if not found and dtype == "float32":
        where = f"{language.title}{language.run_as}, float64, before it is rounded to float32"
        found = errors(activation, language.name)
    if not found:
        return "Largest error: not measured for this function with these parameters"
    names = ("outputs", "gradient, of the sizes of its terms") if activation.is_row else ("value", "slope")
    what = ", ".join(f"{error:g} ulp ({name})" for error, name in zip(found, names, strict=True))
    tried = f"{ROWS:,} rows of six" if activation.is_row else f"{POINTS:,} points, most of them around the worst"
    return f"Largest error measured in {where}: {what}, on {tried}"


def _vectors(activation: Activation, order: int, language: Language, dtype: str) -> Vectors:
    from actcli.studies.vectors import vectors

    vector = vectors(activation, TYPES[dtype], order, 40)
    found = errors(activation, language.name)
    allowed = UNMEASURED[order] if found is None else found[order] if dtype == "float64" else 1
    return Vectors(vector.x.tolist(), vector.y.tolist(), int(allowed))


def language_of(path: Path) -> str | None:
    """The language of a file suffix; None if there is none or several."""
    suffixes = [name for name, language in LANGUAGES.items() if path.name.endswith(language.suffix)]
    longest = max((len(LANGUAGES[name].suffix) for name in suffixes), default=0)
    named = [name for name in suffixes if len(LANGUAGES[name].suffix) == longest]
    return named[0] if len(named) == 1 else None
