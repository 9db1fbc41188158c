"""The programs from which code is generated: computed, or stored for the functions of the registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from actcli.activations import Activation
from actcli.formulas.grammar import Node, make_node
from actcli.formulas.languages.language import Language
from actcli.packed import packed

#: One instruction of a tape, as JSON stores it.
Step = tuple[str, list[int], str]


def program(
    activation: Activation, order: int, language: Language, arguments: Mapping[str, float] | None = None
) -> Node:
    """The tree from which a language writes an activation's value (order 0), slope (1) or second derivative (2)."""
    if arguments:
        from actcli.formulas.languages.program import with_free_parameters

        return with_free_parameters(activation.truth, order, left=activation.kink_rules != ("right",))
    return activation.tree(order) if language.is_formula else _program(activation, order)


@cache
def _program(activation: Activation, order: int) -> Node:
    kept = programs().get(activation.spec)
    return tree(kept[order]) if kept else found_program(activation, order)


def found_program(activation: Activation, order: int) -> Node:
    """The program of an activation's value (order 0), slope (1) or second derivative (2), computed."""
    from actcli.formulas.languages.program import Program, of_straight_lines

    if activation.definition.tree is not None:  # a table
        return of_straight_lines(activation.truth, order)
    return Program(activation.truth, order, activation.conventions).tree


@cache
def programs() -> Mapping[str, list[list[Step]]]:
    """The stored programs of the functions of the registry, by order, as tapes; computing one takes up to a second.

    tests/reference/measure_code.py writes programs.json.
    """
    return json.loads(packed("actcli.studies", "programs.json"))  # type: ignore[no-any-return]


def tree(steps: list[Step]) -> Node:
    """The tree of a tape."""
    nodes: list[Node] = []
    for op, args, text in steps:
        nodes.append(make_node(op, tuple(nodes[i] for i in args), text))
    return nodes[-1]
