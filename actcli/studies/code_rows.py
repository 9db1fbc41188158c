"""Code for row functions: which languages support which, and the sources of the code."""

from __future__ import annotations

from functools import cache

from actcli.activations import Activation, get
from actcli.activations.definition import definitions
from actcli.formulas.grammar import ONE, Node, X, factors, make_node, names_in, parse, replaced
from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.rows import ROWS, RowProgram, RowSource, gated
from actcli.formulas.rational import exact_parameter
from actcli.formulas.render import render
from actcli.studies.code_programs import program


def row_source(
    activation: Activation, language: Language, name: str, head: tuple[str, ...], dtype: str, *, with_gradient: bool
) -> RowSource:
    """The source of the code of a row function in a language.

    Raises:
        ValueError: for a row function that the language does not support; the message lists the supported ones.
    """
    if not (language.any_row or is_written(activation)):
        known = ", ".join([*ROWS, *(name for name, one in definitions.items() if one.is_row and _halves(get(name)))])
        raise ValueError(f"{activation.spec}: of functions of rows {language.title} gets {known}; latex gets every one")
    made = None if language.is_formula else ROWS.get(activation.name) or _unit(activation, language, with_gradient)
    return RowSource(
        name,
        made,
        _formula(activation),
        activation.mathtext(),
        {key: exact_parameter(value) for key, value in activation.parameters.items()},
        head,
        dtype,
        with_gradient,
    )


def is_written(activation: Activation) -> bool:
    """Whether there is a program for a row function, not only its formula."""
    return activation.name in ROWS or _halves(activation) is not None


def _formula(activation: Activation) -> Node:
    return parse(activation.formula, [*activation.parameters, "a", "b", "g"], row=True)


def _halves(activation: Activation) -> tuple[Node, Node] | None:
    """The functions, in x, whose product over the two halves of a row is a gated unit; None for other functions."""
    found = {"a": ONE, "b": ONE}
    for factor in factors(_formula(activation)):
        halves = names_in(factor) & found.keys()
        if len(halves) != 1:
            return None
        half = halves.pop()
        mine = replaced(factor, {half: X})
        found[half] = mine if found[half] is ONE else make_node("mul", (found[half], mine))
    return found["a"], found["b"]


@cache
def _gate(tree: Node, values: str) -> Activation:
    """The function of a half: from the registry, with stored programs, if it is there, else from its formula."""
    for name, one in definitions.items():
        if not one.is_row and not one.defaults and parse(one.formula) is tree:
            return get(name)
    return get(f"{render(tree)}@{values}" if values else render(tree))


def _unit(activation: Activation, language: Language, with_gradient: bool) -> RowProgram:
    """A gated unit, from the programs of its halves."""
    sources = []
    for half, tree in zip(("a", "b"), _halves(activation) or (), strict=True):
        named = names_in(tree) & activation.parameters.keys()
        values = ",".join(f"{key}={activation.parameters[key]!r}" for key in sorted(named))
        gate = _gate(tree, values)
        value = program(gate, 0, language)
        # The slope of x is 1 at every x, nan included.
        slope = (ONE if value is X else program(gate, 1, language)) if with_gradient else None
        second = program(gate, 2, language) if with_gradient and language.second else None
        reason = render(replaced(tree, {"x": make_node("name", text=half)}))
        sources.append(Source(f"of_{half}", value, slope, second, tree, tree, {}, (reason,)))
    return gated(*sources)
