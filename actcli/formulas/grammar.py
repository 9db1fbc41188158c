"""The grammar of formulas: from text to a tree.

    + - * / **   unary -   ( )   numbers   x   pi   parameters
    < <= > >= == !=            inside where(condition, a, b)
    exp expm1 log log1p sqrt abs sign min max clip tanh sinh cosh sin cos atan erf erfc sigmoid softplus where

A formula is parsed here, never executed by Python; length, depth and exponents are limited.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from actcli.spelling import nearest

MAX_LENGTH = 2000
MAX_DEPTH = 100
MAX_EXPONENT = 1000

#: Functions of the grammar and how many arguments each takes.
ARITY = {
    **dict.fromkeys(("exp", "expm1", "log", "log1p", "sqrt", "abs", "sign", "tanh", "sinh", "cosh", "sin", "cos"), 1),
    **dict.fromkeys(("atan", "erf", "erfc", "sigmoid", "softplus"), 1),
    "min": 2,
    "max": 2,
    "clip": 3,
    "where": 3,
}
#: What formulas of row functions have besides: x is an entry of the row, a and b entries of its two halves;
#: threshold(z, p) is the number t at which the sum of max(z - t, 0)**p is 1, for p = 1 or 2.
ROW_ARITY = {"sum": 1, "largest": 1, "threshold": 2}
COMPARISONS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}


class FormulaError(ValueError):
    """A text that is no formula; the message names the place and what was expected there."""


@dataclass(frozen=True, eq=False)
class Node:
    """One operation of a formula; equal formulas share their nodes, so identity is equality."""

    op: str
    args: tuple[Node, ...] = ()
    text: str = ""

    @cached_property
    def depends_on_x(self) -> bool:
        return self.text == "x" if self.op == "name" else any(arg.depends_on_x for arg in self.args)


@cache
def _node(op: str, args: tuple[Node, ...], text: str) -> Node:
    return Node(op, args, text)


def make_node(op: str, args: tuple[Node, ...] = (), text: str = "") -> Node:
    """The one node of this operation; a cache would tell an argument given from the same by default."""
    return _node(op, args, text)


ZERO, ONE, X = make_node("number", text="0"), make_node("number", text="1"), make_node("name", text="x")


_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|[<>=!]=|[-+*/(),<>])|(?P<bad>\S))"
)
_BINARY = {"<": 1, "<=": 1, ">": 1, ">=": 1, "==": 1, "!=": 1, "+": 2, "-": 2, "*": 3, "/": 3, "**": 5}
_OPS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", **COMPARISONS}
_UNARY = 4


class _Parser:
    def __init__(self, text: str, names: Iterable[str], functions: Mapping[str, int]) -> None:
        if len(text) > MAX_LENGTH:
            raise FormulaError(f"formula of {len(text)} characters; at most {MAX_LENGTH} are allowed")
        self.text = text
        self.names = {"x", "pi", *names}
        self.functions = functions
        self.tokens = [
            (m.lastgroup or "", m[m.lastgroup or 0], m.start(m.lastgroup or 0)) for m in _TOKEN.finditer(text)
        ]
        self.at = 0
        self.depth = 0

    def parse(self) -> Node:
        node = self.expression(0)
        if self.at < len(self.tokens):
            raise self.error("an operator or the end")
        if node.op in COMPARISONS.values():
            raise FormulaError(f"formula {self.shown}: a comparison stands only in where(condition, a, b)")
        return node

    @property
    def shown(self) -> str:
        return repr(self.text if len(self.text) <= 60 else self.text[:57] + "...")

    def error(self, wanted: str) -> FormulaError:
        if self.at < len(self.tokens):
            _, found, place = self.tokens[self.at]
            return FormulaError(f"formula {self.shown}: expected {wanted} at column {place + 1}, found {found!r}")
        return FormulaError(f"formula {self.shown}: expected {wanted} at its end")

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def expect(self, sign: str) -> None:
        if self.peek() != sign:
            raise self.error(repr(sign))
        self.at += 1

    def expression(self, binding: int) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError(f"formula {self.shown}: nested more than {MAX_DEPTH} deep")
        node = self.operand()
        while (strength := _BINARY.get(self.peek(), -1)) > binding or (strength == 5 == binding + 1):
            sign = self.peek()
            if strength == 1 and node.op in COMPARISONS.values():
                raise self.error("no second comparison")
            self.at += 1
            # ** groups to the right and takes a signed exponent: 2**-x**2
            right = self.expression(_UNARY - 1 if sign == "**" else strength)
            node = self.combine(sign, node, right)
        self.depth -= 1
        return node

    def combine(self, sign: str, left: Node, right: Node) -> Node:
        comparisons = COMPARISONS.values()
        if left.op in comparisons or right.op in comparisons:
            raise FormulaError(f"formula {self.shown}: a comparison is not a number to calculate with")
        if sign == "**":
            self.check_exponent(left, right)
        return make_node(_OPS[sign], (left, right))

    def check_exponent(self, base: Node, exponent: Node) -> None:
        power = constant(exponent)
        if power is not None and not abs(power) <= MAX_EXPONENT:
            raise FormulaError(f"formula {self.shown}: exponent {power:.6g}; at most {MAX_EXPONENT} is allowed")
        fixed = constant(base)
        if fixed is not None and power is not None and not math.isfinite(_power(fixed, power)):
            raise FormulaError(f"formula {self.shown}: {fixed:.6g}**{power:.6g} is no finite number")

    def operand(self) -> Node:
        if self.at >= len(self.tokens):
            raise self.error("a number, a name or '('")
        kind, text, _ = self.tokens[self.at]
        if kind == "number":
            self.at += 1
            if math.isinf(float(text)):
                raise FormulaError(f"formula {self.shown}: the number {text} is too large")
            return make_node("number", text=text)
        if text == "(":
            self.at += 1
            node = self.expression(0)
            self.expect(")")
            return node
        if text in ("-", "+"):
            self.at += 1
            node = self.expression(_UNARY)
            if node.op in COMPARISONS.values():
                raise FormulaError(f"formula {self.shown}: a comparison is not a number to calculate with")
            return make_node("neg", (node,)) if text == "-" else node
        if kind == "name":
            return self.call(text) if text in self.functions else self.variable(text)
        raise self.error("a number, a name or '('")

    def variable(self, name: str) -> Node:
        if name not in self.names:
            near = nearest(name, [*self.names, *self.functions], 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            known = f"x, pi and the functions {' '.join(sorted(ARITY))}"
            raise FormulaError(f"formula {self.shown}: unknown name {name!r}{hint or f'; known are {known}'}")
        self.at += 1
        return make_node("name", text=name)

    def call(self, name: str) -> Node:
        self.at += 1
        self.expect("(")
        args = [self.expression(0)]
        while self.peek() == ",":
            self.at += 1
            args.append(self.expression(0))
        self.expect(")")
        if len(args) != self.functions[name]:
            wanted = f"{self.functions[name]} argument{'s' * (self.functions[name] > 1)}"
            raise FormulaError(f"formula {self.shown}: {name} takes {wanted}, found {len(args)}")
        for place, arg in enumerate(args):
            if (arg.op in COMPARISONS.values()) != (name == "where" and place == 0):
                wanted = "where takes a comparison first" if name == "where" else f"{name} takes numbers"
                raise FormulaError(f"formula {self.shown}: {wanted}")
        return make_node(name, tuple(args))


def _power(base: float, exponent: float) -> float:
    try:
        value = base**exponent
    except (OverflowError, ZeroDivisionError):
        return math.inf
    return math.nan if isinstance(value, complex) else value


def constant(node: Node) -> float | None:
    """The float value of an expression without names, None where there is a name or a function in it."""
    if node.op == "number":
        return float(node.text)
    parts = [constant(arg) for arg in node.args]
    values = [part for part in parts if part is not None]
    if not parts or len(values) < len(parts):
        return None
    match node.op, values:
        case "neg", [a]:
            return -a
        case "add", [a, b]:
            return a + b
        case "sub", [a, b]:
            return a - b
        case "mul", [a, b]:
            return a * b
        case "div", [a, b]:
            return a / b if b else math.inf
        case "pow", [a, b]:
            return _power(a, b)
    return None


def parse(
    text: str, names: Iterable[str] = (), *, row: bool = False, functions: Mapping[str, int] | None = None
) -> Node:
    """The tree of a formula in x and the given parameter names, or of a row function's formula.

    Args:
        functions: the functions it may use and how many arguments each takes, if not those of the grammar.

    >>> node = parse("x * sigmoid(b*x)", ["b"])
    >>> node.op, [arg.op for arg in node.args]
    ('mul', ['name', 'sigmoid'])

    Raises:
        FormulaError: with the place and what was expected there.
    """
    return _Parser(text, names, functions or (ARITY | ROW_ARITY if row else ARITY)).parse()
