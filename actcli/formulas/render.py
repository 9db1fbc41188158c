"""A formula's tree as text that the grammar parses to the same tree."""

from __future__ import annotations

from actcli.formulas.grammar import COMPARISONS, Node

_SIGNS = {
    "add": " + ",
    "sub": " - ",
    "mul": "*",
    "div": "/",
    "pow": "**",
    **{v: f" {k} " for k, v in COMPARISONS.items()},
}
_STRENGTH = {"add": 2, "sub": 2, "mul": 3, "div": 3, "neg": 4, "pow": 5, **dict.fromkeys(COMPARISONS.values(), 1)}


def render(node: Node) -> str:
    """The formula as text that `parse` turns into the same tree.

    >>> from actcli.formulas.derive import derivative
    >>> from actcli.formulas.grammar import parse
    >>> render(derivative(parse("x*tanh(x)")))
    'tanh(x) + x/cosh(x)**2'
    """
    if node.op in ("number", "name"):
        return node.text
    if node.op not in _STRENGTH:
        return f"{node.op}({', '.join(map(render, node.args))})"
    strength = _STRENGTH[node.op]
    if node.op == "neg":
        return f"-{_inside(node.args[0], strength + 1)}"
    left, right = node.args
    # - and / do not associate, and ** groups to the right
    tighter = node.op in ("sub", "div", "mul")
    return (
        f"{_inside(left, strength + (node.op == 'pow'))}{_SIGNS[node.op]}"
        f"{_inside(right, strength + tighter - (node.op == 'pow'))}"
    )


def _inside(node: Node, strength: int) -> str:
    text = render(node)
    weaker = _STRENGTH.get(node.op, 9) < strength or (node.op == "number" and text.startswith("-"))
    return f"({text})" if weaker else text
