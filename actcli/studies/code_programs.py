"""The programs that code is written from: found anew, or kept for the functions of the registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from actcli.activations import Activation
from actcli.formulas.grammar import Node, make_node
from actcli.formulas.languages.language import Language
from actcli.packed import packed

#: One instruction of a tape, as JSON keeps it.
Step = tuple[str, list[int], str]


def program(
    activation: Activation, order: int, language: Language, arguments: Mapping[str, float] | None = None
) -> Node:
    """What a language writes of an activation's value (order 0), slope (1) or second derivative (2)."""
    if arguments:
        from actcli.formulas.languages.program import with_free_parameters

        return with_free_parameters(activation.truth, order, left=activation.kink_rules != ("right",))
    return activation.truth.node(order) if language.is_formula else _program(activation, order)


@cache
def _program(activation: Activation, order: int) -> Node:
    kept = programs().get(activation.spec)
    return tree(kept[order]) if kept else found_program(activation, order)


def found_program(activation: Activation, order: int) -> Node:
    """The program of an activation's value (order 0), slope (1) or second derivative (2), found anew."""
    from actcli.formulas.languages.program import Program, of_straight_lines

    if activation.definition.tree is not None:  # a table
        return of_straight_lines(activation.truth, order)
    return Program(activation.truth, order, activation.conventions).tree


@cache
def programs() -> Mapping[str, list[list[Step]]]:
    """The programs of the functions of the registry, by order, as tapes: finding one takes some tenths of a second.

    tests/reference/measure_code.py writes the file.
    """
    return json.loads(packed("actcli.studies", "programs.json"))  # type: ignore[no-any-return]


def tree(steps: list[Step]) -> Node:
    """The tree that a tape came from."""
    nodes: list[Node] = []
    for op, args, text in steps:
        nodes.append(make_node(op, tuple(nodes[i] for i in args), text))
    return nodes[-1]
