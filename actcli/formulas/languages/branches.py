"""Formulas by branches: every choice that depends on x is moved to the root, and no branch contains a choice.

`x*clip(x + 3, 0, 6)/6` is 0 where x <= -3, x where x >= 3, and x*(x + 3)/6 between: the generated code has these
three branches, and so has its slope.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from actcli.formulas.grammar import ONE, ZERO, Node, X, make_node
from actcli.formulas.languages.kernels import number, value_of
from actcli.formulas.languages.normal import Normal

_MIRRORED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
_OPPOSITE = {"lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "eq": "ne", "ne": "eq"}


@dataclass(frozen=True)
class Interval:
    """An interval known to contain x; its ends belong to it unless they are open, its holes never do."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    holes: frozenset[float] = frozenset()

    def decide(self, op: str, c: float) -> bool | None:
        """Whether `x op c` holds everywhere in the interval (True), nowhere (False), or only in parts of it (None)."""
        if math.isinf(c):
            return (op in ("lt", "le", "ne")) == (c > 0)
        if c in self.holes and op in ("eq", "ne"):
            return op == "ne"
        below = self.high < c or (self.high == c and self.high_open)
        above = self.low > c or (self.low == c and self.low_open)
        holds, fails = {
            "lt": (below, above or self.low == c),
            "ge": (above or self.low == c, below),
            "gt": (above, below or self.high == c),
            "le": (below or self.high == c, above),
            "eq": (self.low == self.high == c, below or above),
            "ne": (below or above, self.low == self.high == c),
        }[op]
        return True if holds else False if fails else None

    def within(self, op: str, c: float) -> Interval:
        """The part of the interval where `x op c` holds."""
        if op in ("lt", "le") and c <= self.high:
            return replace(self, high=c, high_open=op == "lt" or (c == self.high and self.high_open))
        if op in ("gt", "ge") and c >= self.low:
            return replace(self, low=c, low_open=op == "gt" or (c == self.low and self.low_open))
        return Interval(c, c) if op == "eq" else replace(self, holes=self.holes | {c}) if op == "ne" else self


def branched(node: Node, normal: Normal, *, sizes: bool = False) -> Node:
    """The tree by branches, each in normal form; with `sizes`, abs(x) is a choice between x and -x too."""
    branches = _Branches(normal)
    if sizes:
        node = make_node("where", (make_node("lt", (X, ZERO)), node, node))
    return branches.over(branches.lift(node, Interval()), Interval(), branches.with_known_sign)


class _Branches:
    def __init__(self, normal: Normal) -> None:
        self.normal = normal

    def lift(self, node: Node, where: Interval) -> Node:
        if not node.depends_on_x or not node.args:
            return self.normal.form(_all_expanded(node) if self.normal.is_free(node) else node)
        if node.op == "where":
            return self.choice(node.args[0], node.args[1], node.args[2], where)
        expanded = _expanded(node)
        if expanded is not node:
            return self.lift(expanded, where)
        return self.combine(node, (), where)

    def combine(self, node: Node, done: tuple[Node, ...], where: Interval) -> Node:
        """The operation of a node by branches; `done` are its first arguments, which contain no choices any more."""
        if len(done) == len(node.args):
            return self.normal.form(make_node(node.op, done, node.text))
        return self.over(
            self.lift(node.args[len(done)], where),
            where,
            lambda leaf, inside: self.combine(node, (*done, leaf), inside),
        )

    def over(self, tree: Node, where: Interval, leaf: Callable[[Node, Interval], Node]) -> Node:
        """The tree of branches with leaf(expression, interval of x) in place of the expression at each leaf."""
        if tree.op != "where":
            return leaf(tree, where)
        condition, a, b = tree.args
        op, c = self.threshold(condition)
        if op is None:
            return _where(condition, self.over(a, where, leaf), self.over(b, where, leaf))
        holds = where.decide(op, c)
        if holds is not None:
            return self.over(a if holds else b, where, leaf)
        return _where(
            condition,
            self.over(a, where.within(op, c), leaf),
            self.over(b, where.within(_OPPOSITE[op], c), leaf),
        )

    def choice(self, condition: Node, a: Node, b: Node, where: Interval) -> Node:
        known = self.normal.known(condition)
        if known is not None:
            return self.lift(a if known else b, where)
        condition = make_node(condition.op, tuple(self.lift(arg, where) for arg in condition.args))
        op, c = self.threshold(condition)
        if op is None:
            return _where(condition, self.lift(a, where), self.lift(b, where))
        condition = make_node(op, (X, number(c)))
        holds = where.decide(op, c)
        if holds is not None:
            return self.lift(a if holds else b, where)
        one, two = self.lift(a, where.within(op, c)), self.lift(b, where.within(_OPPOSITE[op], c))
        return make_node("where", (condition, one, two))

    def threshold(self, condition: Node) -> tuple[str | None, float]:
        """The comparison as op and c of `x op c`, if it compares expressions of degree 1; else None and nan."""
        op, (a, b) = condition.op, condition.args
        if a is X and (c := value_of(b)) is not None:
            return op, c
        line = _line(make_node("sub", (a, b)))
        if line is None:
            return None, math.nan
        slope = value_of(self.normal.constant(line[0]))
        if not slope:
            return None, math.nan
        c = value_of(self.normal.constant(make_node("div", (make_node("neg", (line[1],)), line[0]))))
        return (None, math.nan) if c is None else (op if slope > 0 else _MIRRORED[op], c + 0.0)

    def with_known_sign(self, node: Node, where: Interval) -> Node:
        """The expression with x or -x in place of abs(x), if the interval shows the sign of x."""
        if where.low < 0 < where.high:
            return node
        return self.normal.form(_without_abs(node, X if where.low >= 0 else make_node("neg", (X,))))


def _without_abs(node: Node, size: Node) -> Node:
    """The tree with another expression in place of abs(x)."""
    if node.op == "abs" and node.args[0] is X:
        return size
    return make_node(node.op, tuple(_without_abs(arg, size) for arg in node.args), node.text) if node.args else node


def _line(node: Node) -> tuple[Node, Node] | None:
    """Slope and offset of an expression of degree 1 at most; None for others."""
    if not node.depends_on_x:
        return ZERO, node
    parts = [_line(arg) for arg in node.args]
    known = [part for part in parts if part is not None]
    if node is X:
        return ONE, ZERO
    if len(known) < len(parts):
        return None
    match node.op, known:
        case (("add" | "sub"), [(a, b), (c, d)]):
            return make_node(node.op, (a, c)), make_node(node.op, (b, d))
        case "neg", [(a, b)]:
            return make_node("neg", (a,)), make_node("neg", (b,))
        case "mul", [(a, b), (c, d)] if a is ZERO:
            return make_node("mul", (b, c)), make_node("mul", (b, d))
        case (("mul" | "div"), [(a, b), (c, d)]) if c is ZERO:
            return make_node(node.op, (a, d)), make_node(node.op, (b, d))
    return None


def _where(condition: Node, a: Node, b: Node) -> Node:
    return a if a is b else make_node("where", (condition, a, b))


def _expanded(node: Node) -> Node:
    """A clip, max, min or sign as a choice; program.py corrects the values where branches meet."""
    args = node.args
    match node.op:
        case "clip":
            u, low, high = args
            above = make_node("where", (make_node("ge", (u, high)), high, u))
            return make_node("where", (make_node("le", (u, low)), low, above))
        case "max" | "min":
            u, limit = args if not args[1].depends_on_x else args[::-1]
            return make_node("where", (make_node("le" if node.op == "max" else "ge", (u, limit)), limit, u))
        case "sign":
            (u,) = args
            return make_node("where", (make_node("lt", (u, ZERO)), make_node("neg", (ONE,)), ONE))
    return node


def _all_expanded(node: Node) -> Node:
    """The tree with every clip, max, min and sign as a choice; the sign of 0 is 0."""
    args = tuple(map(_all_expanded, node.args))
    whole = _expanded(make_node(node.op, args, node.text))
    return _where(make_node("eq", (args[0], ZERO)), ZERO, whole) if node.op == "sign" else whole
