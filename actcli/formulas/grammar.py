"""The grammar of formulas: from text to a tree.

    + - * / **   unary -   ( )   numbers   x   pi   e   parameters
    < <= > >= == !=            inside where(condition, a, b)
    exp expm1 log log1p sqrt abs sign min max clip tanh sinh cosh sin cos atan erf erfc sigmoid softplus floor where

and other common notation: x^3, 2x, (x+1)(x-1), |x|, x if x > 0 else 0, (x > 0)*x, log2, tan, ceil (see `MEANINGS` and
tokens.py).
A formula is parsed here, never executed by Python; its length, depth and exponents are limited.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from actcli.formulas.tokens import tokens, without_head
from actcli.spelling import nearest

MAX_LENGTH = 2000
MAX_DEPTH = 100
MAX_EXPONENT = 1000

#: The functions of the grammar and their numbers of arguments.
ARITY = {
    **dict.fromkeys(("exp", "expm1", "log", "log1p", "sqrt", "abs", "sign", "tanh", "sinh", "cosh", "sin", "cos"), 1),
    **dict.fromkeys(("atan", "erf", "erfc", "sigmoid", "softplus", "floor"), 1),
    "min": 2,
    "max": 2,
    "clip": 3,
    "where": 3,
}
#: The further functions of formulas of row functions, in which x is an entry of the row, a and b are the entries of its
#: two halves, and threshold(z, p) is the number t for which the sum of max(z - t, 0)**p is 1, for p = 1 or 2.
ROW_ARITY = {"sum": 1, "largest": 1, "threshold": 2}
#: Functions of a whole row, which a formula refuses; max and min of one argument are refused alike.
OF_A_ROW = ("sum", "mean", "dot", "cumsum", "prod", "norm", "var", "std", "logsumexp", "argmax", "amax")
#: Functions defined by the grammar's, as formulas in their arguments u, v and w.
MEANINGS = {
    "maximum": "max(u, v)",
    "minimum": "min(u, v)",
    "absolute": "abs(u)",
    "fabs": "abs(u)",
    "ln": "log(u)",
    "log2": "log(u)/log(2)",
    "log10": "log(u)/log(10)",
    "exp2": "2**u",
    "pow": "u**v",
    "power": "u**v",
    "square": "u**2",
    "clamp": "clip(u, v, w)",
    "reciprocal": "1/u",
    "tan": "sin(u)/cos(u)",
    "arctan": "atan(u)",
    "asinh": "log(u + sqrt(u**2 + 1))",
    "arcsinh": "log(u + sqrt(u**2 + 1))",
    "acosh": "log(u + sqrt(u - 1)*sqrt(u + 1))",
    "arccosh": "log(u + sqrt(u - 1)*sqrt(u + 1))",
    "atanh": "(log1p(u) - log1p(-u))/2",
    "arctanh": "(log1p(u) - log1p(-u))/2",
    "asin": "2*atan(u/(1 + sqrt(1 - u**2)))",
    "arcsin": "2*atan(u/(1 + sqrt(1 - u**2)))",
    "acos": "pi/2 - 2*atan(u/(1 + sqrt(1 - u**2)))",
    "arccos": "pi/2 - 2*atan(u/(1 + sqrt(1 - u**2)))",
    "ceil": "-floor(-u)",
    # Ties go to the even integer, as in Python and numpy.
    "round": "where(u - floor(u) == 1/2, 2*floor(u/2 + 1/4), floor(u + 1/2))",
    "rint": "where(u - floor(u) == 1/2, 2*floor(u/2 + 1/4), floor(u + 1/2))",
}
#: Functions that only displayed formulas use, with their definitions: Phi is the normal distribution function.
SHOWN = {"Phi": "erfc(-u/sqrt(2))/2"}
COMPARISONS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}


class FormulaError(ValueError):
    """A text is not a formula; the message gives the place and what was expected there."""


@dataclass(frozen=True, eq=False)
class Node:
    """One operation of a formula; equal formulas share their nodes, so `is` tests equality."""

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
    """The shared node of an operation; it fills in the defaults, as a cache takes f(a) and f(a, "") as two calls."""
    return _node(op, args, text)


def number_node(value: float) -> Node:
    """A finite number as the parser reads its shortest text, in which a minus sign is a negation."""
    size = make_node("number", text=repr(abs(value)).removesuffix(".0"))
    return make_node("neg", (size,)) if value < 0 else size


ZERO, ONE, X = make_node("number", text="0"), make_node("number", text="1"), make_node("name", text="x")
_E = make_node("exp", (ONE,))


_BINARY = {"<": 1, "<=": 1, ">": 1, ">=": 1, "==": 1, "!=": 1, "+": 2, "-": 2, "*": 3, "/": 3, "**": 5, "^": 5}
_OPS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", "^": "pow", **COMPARISONS}
_UNARY = 4


class _Parser:
    def __init__(
        self,
        text: str,
        names: Iterable[str],
        functions: Mapping[str, int],
        known: Callable[[str], Node | None],
        offered: Iterable[str],
    ) -> None:
        if len(text) > MAX_LENGTH:
            raise FormulaError(f"formula of {len(text)} characters; at most {MAX_LENGTH} are allowed")
        self.text = text
        self.variable, start = without_head(text)
        self.names = {"pi", "e", *names, self.variable}
        self.parameters = set(names)
        self.functions = functions
        self.known = known
        self.offered = offered
        self.tokens = list(tokens(text, start))
        self.at = 0
        self.depth = 0
        #: The number of | that are still to be closed.
        self.bars = 0

    def parse(self) -> Node:
        node = self.expression(0)
        if self.at < len(self.tokens):
            raise self.error("an operator or the end")
        return _as_number(node)

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
        while (strength := self.strength()) > binding or (strength == 5 == binding + 1):
            sign = self.peek()
            if strength == 1 and node.op in COMPARISONS.values():
                raise self.error("no second comparison")
            if sign in _BINARY:
                self.at += 1
            else:
                sign = "*"
            # ** groups to the right and takes a signed exponent: 2**-x**2
            right = self.expression(_UNARY - 1 if strength == _BINARY["**"] else strength)
            node = self.combine(sign, node, right)
        if not binding and self.peek() == "if":
            node = self.conditional(node)
        self.depth -= 1
        return node

    def conditional(self, positive: Node) -> Node:
        """Read the rest of Python's `a if condition else b` after a."""
        self.at += 1
        condition = self.expression(0)
        if condition.op not in COMPARISONS.values():
            raise FormulaError(f"formula {self.shown}: if takes a comparison, as in x if x > 0 else 0")
        self.expect("else")
        return make_node("where", (condition, _as_number(positive), _as_number(self.expression(0))))

    def strength(self) -> int:
        """The binding strength of the operator here; 2x, 2(x+1), 2|x|, x(x+1) and x tanh(x) are products too."""
        sign = self.peek()
        if sign in (*_BINARY, "if", "else") or not self.at or self.at >= len(self.tokens):
            return _BINARY.get(sign, -1)
        before, kind = self.tokens[self.at - 1], self.tokens[self.at].kind
        opens = sign in ("(", "√") or (sign == "|" and not self.bars)
        is_product = opens or (kind == "name" and (before.kind != "name" or self.is_called))
        return _BINARY["*"] if is_product else -1

    @property
    def is_called(self) -> bool:
        """Whether a parenthesis follows the token here."""
        return self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].text == "("

    def combine(self, sign: str, left: Node, right: Node) -> Node:
        left, right = _as_number(left), _as_number(right)
        if _OPS[sign] == "pow":
            self.check_exponent(left, right)
            if left is _E:
                return make_node("exp", (right,))
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
        kind, text = self.tokens[self.at][:2]
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
        if text == "|":
            self.at += 1
            self.bars += 1
            node = _as_number(self.expression(0))
            self.bars -= 1
            self.expect("|")
            return make_node("abs", (node,))
        if text == "√":
            self.at += 1
            return make_node("sqrt", (_as_number(self.operand()),))
        if text in ("-", "+"):
            self.at += 1
            node = _as_number(self.expression(_UNARY))
            return make_node("neg", (node,)) if text == "-" else node
        if kind == "name":
            if text in self.functions or (self.is_called and text not in self.names):
                return self.call(text)
            return self.named(text)
        raise self.error("a number, a name or '('")

    def named(self, name: str) -> Node:
        if name not in self.names:
            raise self.unknown(name)
        self.at += 1
        if name == self.variable:
            return X
        if name == "e" and name not in self.parameters:
            return _E
        return make_node("name", text=name)

    def unknown(self, name: str) -> FormulaError:
        if self.known(name) is not None or name in MEANINGS or name in self.functions:
            return FormulaError(f"formula {self.shown}: {name} is a function; write {name}(x)")
        if len(name) == 1 and not any(token.text == self.variable for token in self.tokens):
            return FormulaError(f"formula {self.shown}: the variable is {self.variable}; write that for {name}")
        if len(name) == 1:
            return FormulaError(
                f"formula {self.shown}: unknown name {name!r}; a parameter has its value after @, @{name}=1"
            )
        if name in OF_A_ROW:
            return self.of_a_row(name)
        near = nearest(name, [*self.names, *self.functions, *MEANINGS, *self.offered], 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        known = f"x, pi and the functions {' '.join(sorted(ARITY))}"
        return FormulaError(f"formula {self.shown}: unknown name {name!r}{hint or f'; known are {known}'}")

    def of_a_row(self, name: str) -> FormulaError:
        reason = "a formula is of one number, and functions of a row go by their names, as softmax"
        return FormulaError(f"formula {self.shown}: {name} is of a row; {reason}")

    def call(self, name: str) -> Node:
        meaning = None if name in self.functions else _meaning(name) or self.known(name)
        if name in self.functions:
            arity = self.functions[name]
        elif meaning is not None:
            arity = len(names_in(meaning) & set("uvw")) if name in MEANINGS else 1
        else:
            raise self.unknown(name)
        self.at += 1
        self.expect("(")
        args = [self.expression(0)]
        while self.peek() == ",":
            self.at += 1
            args.append(self.expression(0))
        self.expect(")")
        if len(args) == 1 and name in ("max", "min"):
            raise self.of_a_row(name)
        if len(args) != arity:
            wanted = f"{arity} argument{'s' * (arity > 1)}"
            raise FormulaError(f"formula {self.shown}: {name} takes {wanted}, found {len(args)}")
        if name == "where" and args[0].op not in COMPARISONS.values():
            raise FormulaError(f"formula {self.shown}: where takes a comparison first")
        args = [arg if name == "where" and place == 0 else _as_number(arg) for place, arg in enumerate(args)]
        if meaning is None:
            return make_node(name, tuple(args))
        node = replaced(meaning, dict(zip("uvw", args, strict=False)))
        if node.op == "pow":
            self.check_exponent(*node.args)
        return node


def _as_number(node: Node) -> Node:
    """A comparison as a number in arithmetic: 1 where it holds, else 0."""
    return make_node("where", (node, ONE, ZERO)) if node.op in COMPARISONS.values() else node


@cache
def _meaning(name: str) -> Node | None:
    return parse(MEANINGS[name], "uvw") if name in MEANINGS else None


def names_in(node: Node) -> set[str]:
    """The names in a tree."""
    if node.op == "name":
        return {node.text}
    return {name for arg in node.args for name in names_in(arg)}


def factors(node: Node) -> list[Node]:
    """The factors of a product, without nested products."""
    return [part for arg in node.args for part in factors(arg)] if node.op == "mul" else [node]


def replaced(node: Node, values: Mapping[str, Node]) -> Node:
    """The tree with `values` in place of names, not simplified."""
    if node.op == "name":
        return values.get(node.text, node)
    args = tuple(replaced(arg, values) for arg in node.args)
    return make_node(node.op, args, node.text) if args else node


def _power(base: float, exponent: float) -> float:
    try:
        value = base**exponent
    except (OverflowError, ZeroDivisionError):
        return math.inf
    return math.nan if isinstance(value, complex) else value


def constant(node: Node) -> float | None:
    """The float value of an expression, None if it contains a name or a function."""
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
    text: str,
    names: Iterable[str] = (),
    *,
    row: bool = False,
    functions: Mapping[str, int] | None = None,
    known: Callable[[str], Node | None] = lambda name: None,
    offered: Iterable[str] = (),
) -> Node:
    """The tree of a formula in x and the given parameter names, or of a row function's formula.

    Args:
        functions: the functions it may use and their numbers of arguments, by default those of the grammar.
        known: gives the tree, in u, of a further function of one number by its name; None for other names.
        offered: further names that the message about an unknown name may suggest.

    >>> node = parse("2x * sigmoid(b*x)", ["b"])
    >>> node.op, [arg.op for arg in node.args]
    ('mul', ['mul', 'sigmoid'])
    >>> parse("np.maximum(x, 0)") is parse("max(x, 0)")
    True

    Raises:
        FormulaError: for a text that is not a formula.
    """
    return _Parser(text, tuple(names), functions or (ARITY | ROW_ARITY if row else ARITY), known, offered).parse()
