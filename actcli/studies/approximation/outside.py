"""What an approximation is outside the range that it was made for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actcli.formulas.grammar import Node
    from actcli.studies.approximation.target import Target


def _clamped(root: Node, target: Target) -> Node:
    from actcli.formulas.grammar import X, make_node, number_node

    clipped = make_node("clip", (X, number_node(target.low), number_node(target.high)))

    @cache
    def with_clipped(node: Node) -> Node:
        if not node.args:
            return clipped if node is X else node
        return make_node(node.op, tuple(map(with_clipped, node.args)), node.text)

    return with_clipped(root)


def _with_asymptotes(root: Node, target: Target) -> Node:
    from actcli.formulas.grammar import X, make_node, number_node, parse
    from actcli.studies.approximation.horner import horner
    from actcli.studies.properties import properties

    lines = []
    for side, line in zip(("-inf", "inf"), properties(target.activation).asymptotes, strict=True):
        if line is None:
            raise ValueError(
                f"--outside asymptote: {target.activation.spec} has none towards {side}; clamp and extend need none"
            )
        slope, height = (part + 0.0 for part in line)
        lines.append(parse(horner([slope] if target.order else [height, slope], "x")))
    low, high = (make_node(op, (X, number_node(end))) for op, end in (("lt", target.low), ("gt", target.high)))
    return make_node("where", (low, lines[0], make_node("where", (high, lines[1], root))))


#: By the name that `--outside` takes: the formula of the whole line from that of the range.
OUTSIDE: dict[str, Callable[[Node, Target], Node]] = {
    "clamp": _clamped,
    "extend": lambda root, _: root,
    "asymptote": _with_asymptotes,
}
