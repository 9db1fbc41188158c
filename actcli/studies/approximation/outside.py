"""The continuation of an approximation outside its range."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from actcli.formulas.lookup import Straight

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


def asymptotes(target: Target) -> tuple[Straight, Straight]:
    """The asymptotes of the function, or of its slope, on both sides, each as its value at 0 and its slope.

    Raises:
        ValueError: if an asymptote does not exist.
    """
    from actcli.studies.properties import properties

    lines: list[Straight] = []
    for side, line in zip(("-inf", "inf"), properties(target.activation).asymptotes, strict=True):
        if line is None:
            raise ValueError(
                f"--outside asymptote: {target.activation.spec} has none towards {side}; clamp and extend need none"
            )
        slope, height = (part + 0.0 for part in line)
        lines.append((slope, 0.0) if target.order else (height, slope))
    return lines[0], lines[1]


def _with_asymptotes(root: Node, target: Target) -> Node:
    from actcli.formulas.grammar import X, make_node, number_node, parse
    from actcli.studies.approximation.horner import horner

    lines = [parse(horner(line, "x")) for line in asymptotes(target)]
    low, high = (make_node(op, (X, number_node(end))) for op, end in (("lt", target.low), ("gt", target.high)))
    return make_node("where", (low, lines[0], make_node("where", (high, lines[1], root))))


def lines_beyond(
    outside: str, target: Target, ends: Sequence[float], last: tuple[Straight, Straight]
) -> tuple[Straight, Straight]:
    """The lines beyond the two ends of a table, from its values at the ends and its first and last line."""
    if outside == "asymptote":
        return asymptotes(target)
    return last if outside == "extend" else ((ends[0], 0.0), (ends[1], 0.0))


#: For each value of `--outside` the function from the formula on the range to the formula on the whole real line.
OUTSIDE: dict[str, Callable[[Node, Target], Node]] = {
    "clamp": _clamped,
    "extend": lambda root, _: root,
    "asymptote": _with_asymptotes,
}
