"""The grammar of formulas: parsing, differentiation, rendering.

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

#: Derivatives of the smooth functions, in the grammar itself, in the form that loses the fewest digits.
_DERIVATIVES = {
    "exp": "exp(x)",
    "expm1": "exp(x)",
    "log": "1/x",
    "log1p": "1/(1+x)",
    "sqrt": "1/(2*sqrt(x))",
    "tanh": "1/cosh(x)**2",
    "sinh": "cosh(x)",
    "cosh": "sinh(x)",
    "sin": "cos(x)",
    "cos": "-sin(x)",
    "atan": "1/(1+x**2)",
    "erf": "2/sqrt(pi)*exp(-x**2)",
    "erfc": "-2/sqrt(pi)*exp(-x**2)",
    "sigmoid": "sigmoid(x)*sigmoid(-x)",
    "softplus": "sigmoid(x)",
}


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
def _node(op: str, args: tuple[Node, ...] = (), text: str = "") -> Node:
    return Node(op, args, text)


def _number(value: float) -> Node:
    return _node("number", text=repr(value))


ZERO, ONE, X = _node("number", text="0"), _node("number", text="1"), _node("name", text="x")


# --- parsing ---------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|[<>=!]=|[-+*/(),<>])|(?P<bad>\S))"
)
_BINARY = {"<": 1, "<=": 1, ">": 1, ">=": 1, "==": 1, "!=": 1, "+": 2, "-": 2, "*": 3, "/": 3, "**": 5}
_OPS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", **COMPARISONS}
_UNARY = 4


class _Parser:
    def __init__(self, text: str, names: Iterable[str], *, row: bool) -> None:
        if len(text) > MAX_LENGTH:
            raise FormulaError(f"formula of {len(text)} characters; at most {MAX_LENGTH} are allowed")
        self.text = text
        self.names = {"x", "pi", *names}
        self.functions = ARITY | ROW_ARITY if row else ARITY
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
        return _node(_OPS[sign], (left, right))

    def check_exponent(self, base: Node, exponent: Node) -> None:
        constant = _constant(exponent)
        if constant is not None and not abs(constant) <= MAX_EXPONENT:
            raise FormulaError(f"formula {self.shown}: exponent {constant:.6g}; at most {MAX_EXPONENT} is allowed")
        fixed = _constant(base)
        if fixed is not None and constant is not None and not math.isfinite(_power(fixed, constant)):
            raise FormulaError(f"formula {self.shown}: {fixed:.6g}**{constant:.6g} is no finite number")

    def operand(self) -> Node:
        if self.at >= len(self.tokens):
            raise self.error("a number, a name or '('")
        kind, text, _ = self.tokens[self.at]
        if kind == "number":
            self.at += 1
            if math.isinf(float(text)):
                raise FormulaError(f"formula {self.shown}: the number {text} is too large")
            return _node("number", text=text)
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
            return _node("neg", (node,)) if text == "-" else node
        if kind == "name":
            return self.call(text) if text in self.functions else self.variable(text)
        raise self.error("a number, a name or '('")

    def variable(self, name: str) -> Node:
        if name not in self.names:
            from difflib import get_close_matches

            near = get_close_matches(name, [*self.names, *self.functions], 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            known = f"x, pi and the functions {' '.join(sorted(ARITY))}"
            raise FormulaError(f"formula {self.shown}: unknown name {name!r}{hint or f'; known are {known}'}")
        self.at += 1
        return _node("name", text=name)

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
        return _node(name, tuple(args))


def _power(base: float, exponent: float) -> float:
    try:
        value = base**exponent
    except (OverflowError, ZeroDivisionError):
        return math.inf
    return math.nan if isinstance(value, complex) else value


def _constant(node: Node) -> float | None:
    """The float value of an expression without names, None where there is a name or a function in it."""
    if node.op == "number":
        return float(node.text)
    parts = [_constant(arg) for arg in node.args]
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


def parse(text: str, names: Iterable[str] = (), *, row: bool = False) -> Node:
    """The tree of a formula in x and the given parameter names, or of a row function's formula.

    >>> render(parse("x * sigmoid(b*x)", ["b"]))
    'x*sigmoid(b*x)'

    Raises:
        FormulaError: with the place and what was expected there.
    """
    return _Parser(text, names, row=row).parse()


# --- differentiation -------------------------------------------------------------------------------------------


def _add(a: Node, b: Node) -> Node:
    if a is ZERO:
        return b
    if b is ZERO:
        return a
    return _node("sub", (a, b.args[0])) if b.op == "neg" else _node("add", (a, b))


def _neg(a: Node) -> Node:
    if a.op == "neg":
        return a.args[0]
    return a if a is ZERO else _node("neg", (a,))


def _mul(a: Node, b: Node) -> Node:
    if a is ZERO or b is ZERO:
        return ZERO
    if a is ONE:
        return b
    if b is ONE:
        return a
    if a.op == "neg":
        return _neg(_mul(a.args[0], b))
    if b.op == "neg":
        return _neg(_mul(a, b.args[0]))
    if b.op == "number" and a.op != "number":
        a, b = b, a
    if b.op == "mul" and a.text.isdigit() and b.args[0].text.isdigit():  # whole numbers alone: no rounding
        return _mul(_number(int(a.text) * int(b.args[0].text)), b.args[1])
    if b.op == "div" and b.args[0] is ONE:
        return _node("div", (a, b.args[1]))
    return _node("mul", (a, b))


def _div(a: Node, b: Node) -> Node:
    if a is ZERO or b is ONE:
        return a
    return _neg(_node("div", (a.args[0], b))) if a.op == "neg" else _node("div", (a, b))


def _pow(a: Node, n: float) -> Node:
    if a.op == "neg" and n % 2 == 0:
        a = a.args[0]
    elif a.op == "div" and a.args[0].op == "neg" and n % 2 == 0:
        a = _node("div", (a.args[0].args[0], a.args[1]))
    return ONE if n == 0 else a if n == 1 else _node("pow", (a, _number(int(n) if n == int(n) else n)))


def _where(condition: Node, a: Node, b: Node) -> Node:
    return a if a is b else _node("where", (condition, a, b))


def substitute(node: Node, values: Mapping[str, Node]) -> Node:
    """The tree with `values` in place of names, with signs drawn out of products."""
    if node.op == "name":
        return values.get(node.text, node)
    args = tuple(substitute(arg, values) for arg in node.args)
    match node.op, args:
        case "neg", (a,):
            return _neg(a)
        case "mul", (a, b):
            return _mul(a, b)
        case "div", (a, b):
            return _div(a, b)
        case "pow", (a, b) if b.op == "number":
            return _pow(a, float(b.text))
    return _node(node.op, args, node.text) if args else node


@cache
def derivative(node: Node) -> Node:
    """The tree of the derivative by x; at a kink it is one of the two sides, which `Formula` does not rely on."""
    if not node.depends_on_x:
        return ZERO
    args = node.args
    match node.op:
        case "name":
            return ONE
        case "neg":
            return _neg(derivative(args[0]))
        case "add":
            return _add(derivative(args[0]), derivative(args[1]))
        case "sub":
            return _add(derivative(args[0]), _neg(derivative(args[1])))
        case "mul":
            a, b = args
            return _add(_mul(derivative(a), b), _mul(a, derivative(b)))
        case "div":
            a, b = args
            if not b.depends_on_x:
                return _div(derivative(a), b)
            if not a.depends_on_x:
                return _neg(_div(_mul(a, derivative(b)), _pow(b, 2)))
            return _div(_add(_mul(derivative(a), b), _neg(_mul(a, derivative(b)))), _pow(b, 2))
        case "pow":
            a, b = args
            if not b.depends_on_x:
                n = _constant(b)
                whole = n is not None and (2 * n).is_integer()  # so that n - 1 is not rounded
                lowered = _pow(a, n - 1) if n is not None and whole else _node("pow", (a, _node("sub", (b, ONE))))
                return _mul(_mul(b, lowered), derivative(a))
            growth = _mul(derivative(b), _node("log", (a,)))
            return _mul(node, _add(growth, _div(_mul(b, derivative(a)), a)))
        case "abs":
            return _mul(_node("sign", args), derivative(args[0]))
        case "sign":
            return ZERO
        case "max":
            return _where(_node("gt", args), derivative(args[0]), derivative(args[1]))
        case "min":
            return _where(_node("lt", args), derivative(args[0]), derivative(args[1]))
        case "clip":
            u, low, high = args
            inside = _where(_node("lt", (u, high)), derivative(u), derivative(high))
            return _where(_node("gt", (u, low)), inside, derivative(low))
        case "where":
            return _where(args[0], derivative(args[1]), derivative(args[2]))
    outer = substitute(parse(_DERIVATIVES[node.op]), {"x": args[0]})
    return _mul(outer, derivative(args[0]))


# --- stable forms ----------------------------------------------------------------------------------------------

#: Textbook forms and what they are in functions that keep their digits everywhere; u, v and a stand for anything.
STABLE = {
    "log((1 + exp(u))/(1 + exp(v)))": "softplus(u) - softplus(v)",
    "log(1 + exp(u))": "softplus(u)",
    "log1p(exp(u))": "softplus(u)",
    "log(sigmoid(u))": "-softplus(-u)",
    "log(1 + u)": "log1p(u)",
    "exp(u) - 1": "expm1(u)",
    "exp(u)/(1 + exp(u))": "sigmoid(u)",
    "a/(1 + exp(u))": "a*sigmoid(-u)",
    "(1 + exp(u))**(-a)": "sigmoid(-u)**a",
    "1 - sigmoid(u)": "sigmoid(-u)",
    "(exp(u) - exp(-u))/(exp(u) + exp(-u))": "tanh(u)",
    "1 - tanh(u)**2": "1/cosh(u)**2",
    "1 - erf(u)": "erfc(u)",
    "1 + erf(u)": "erfc(-u)",
}


@cache
def _stable_forms() -> list[tuple[Node, Node]]:
    return [(parse(textbook, "uva"), parse(form, "uva")) for textbook, form in STABLE.items()]


@cache
def stable(node: Node) -> Node:
    """The tree with textbook forms replaced by stable ones, which mean the same.

    >>> render(stable(parse("x*tanh(log(1 + exp(x)))")))
    'x*tanh(softplus(x))'
    """
    for textbook, form in _stable_forms():
        found: dict[str, Node] = {}
        if _matches(textbook, node, found):
            return stable(substitute(form, found))
    args = tuple(map(stable, node.args))
    return node if args == node.args else stable(_node(node.op, args, node.text))


def _matches(pattern: Node, node: Node, found: dict[str, Node]) -> bool:
    """Whether the tree has the pattern's form; `found` gets what its names stand for."""
    if pattern.op == "name":
        return found.setdefault(pattern.text, node) is node
    if pattern.op == "number":
        return node.op == "number" and float(node.text) == float(pattern.text)
    if pattern.op != node.op:
        return False
    orders = [node.args, node.args[::-1]] if node.op in ("add", "mul") else [node.args]
    for args in orders:
        tried = dict(found)
        if all(_matches(part, arg, tried) for part, arg in zip(pattern.args, args, strict=True)):
            found.update(tried)
            return True
    return False


def switches(node: Node) -> list[Node]:
    """The expressions whose change of sign switches a formula from one branch to another."""
    found: dict[Node, None] = {}

    def visit(node: Node) -> None:
        args = node.args
        if node.op in ("abs", "sign"):
            found[args[0]] = None
        elif node.op in ("min", "max", *COMPARISONS.values()):
            found[_node("sub", args)] = None
        elif node.op == "clip":
            found[_node("sub", args[:2])] = None
            found[_node("sub", (args[0], args[2]))] = None
        for arg in args:
            visit(arg)

    visit(node)
    return list(found)


# --- rendering -------------------------------------------------------------------------------------------------

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
    """The formula as text that `parse` reads back.

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


_GREEK = ("alpha", "beta", "gamma", "delta", "lambda", "mu", "omega", "sigma", "tau", "theta")
_MATH = {
    "sigmoid": r"\sigma",
    "softplus": r"\mathrm{softplus}",
    "erf": r"\mathrm{erf}",
    "erfc": r"\mathrm{erfc}",
    "expm1": r"\mathrm{expm1}",
    "log": r"\ln",
    "log1p": r"\mathrm{log1p}",
    "sign": r"\mathrm{sgn}",
    "atan": r"\arctan",
    "clip": r"\mathrm{clip}",
    "sum": r"\sum",
    "largest": r"\max",
    "threshold": r"\tau",
}
_RELATIONS = {"lt": "<", "le": r"\leq", "gt": ">", "ge": r"\geq", "eq": "=", "ne": r"\neq"}


def mathtext(node: Node) -> str:
    """The formula in matplotlib's mathtext (a subset of TeX, without the dollars)."""
    match node.op, [mathtext(arg) for arg in node.args]:
        case "number", []:
            return _math_number(node.text)
        case "name", []:
            return _math_name(node.text)
        case "neg", [a]:
            return "-" + _math_inside(node.args[0], a, 3)
        case "div", [a, b]:
            return rf"\frac{{{a}}}{{{b}}}"
        case "pow", [a, b]:
            return _math_power(node.args[0], a, b)
        case "mul", [a, b]:
            return _math_product(node, a, b)
        case "add", [a, b]:
            return f"{a} + {_math_inside(node.args[1], b, 2) if b.startswith('-') else b}"
        case "sub", [a, b]:
            return f"{a} - {_math_inside(node.args[1], b, 3)}"
        case "exp", [a]:
            return rf"e^{{{a}}}"
        case "expm1", [a]:
            return rf"(e^{{{a}}} - 1)"
        case "log1p", [a]:
            return rf"\ln(1 + {a})"
        case "sqrt", [a]:
            return rf"\sqrt{{{a}}}"
        case "abs", [a]:
            return f"|{a}|"
        case "where", [condition, a, b]:
            return rf"{a}\;\mathrm{{if}}\;{condition}\;\mathrm{{else}}\;{b}"
        case op, [a, b] if op in _RELATIONS:
            return f"{a} {_RELATIONS[op]} {b}"
    name = _MATH.get(node.op, rf"\{node.op}")
    return f"{name}({', '.join(mathtext(arg) for arg in node.args)})"


def _math_number(text: str) -> str:
    mantissa, _, exponent = text.lower().partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def _math_name(name: str) -> str:
    stem, _, index = name.partition("_")
    shown = rf"\{stem}" if stem in (*_GREEK, "pi") else stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
    return rf"{shown}_{{\mathrm{{{index.replace('_', ' ')}}}}}" if index else shown


def _math_inside(node: Node, text: str, strength: int) -> str:
    bare = node.op == "div" or _STRENGTH.get(node.op, 9) >= strength
    return text if bare and node.op != "where" else f"({text})"


def _math_power(base: Node, text: str, exponent: str) -> str:
    if base.op in ("tanh", "sinh", "cosh", "sin", "cos"):
        return rf"\{base.op}^{{{exponent}}}({mathtext(base.args[0])})"
    wrapped = text if base.op in ("name", "number", "abs", "sigmoid", "clip") else f"({text})"
    return f"{wrapped}^{{{exponent}}}"


def _math_product(node: Node, a: str, b: str) -> str:
    left, right = node.args
    a, b = _math_inside(left, a, 3), _math_inside(right, b, 4)
    dot = r" \cdot " if b[0].isdigit() or b.startswith("-") else r"\,"
    return f"{a}{dot}{b}"
