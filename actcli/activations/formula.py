"""Formulas in x: the grammar, its two arithmetics, differentiation and rendering.

    + - * / **   unary -   ( )   numbers   x   pi   parameters
    < <= > >= == !=            inside where(condition, a, b)
    exp expm1 log log1p sqrt abs sign min max clip tanh sinh cosh sin cos atan erf erfc sigmoid softplus where

A formula is parsed here, never executed by Python. It is evaluated in two arithmetics:

* in ball arithmetic (Arb, through python-flint) with as many bits as the answer needs: the truth;
* in float64 with a running error bound beside every intermediate result. Where the bound proves the result good
  to the tolerance, it stands; where it does not (cancellation, overflow on the way), ball arithmetic takes over.

Decimal constants and parameter values mean the float64 numbers nearest to them, as every framework stores them;
1/6, pi and sqrt(2) mean the real numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from flint import arb

Array = NDArray[np.float64]
T = TypeVar("T")

MAX_LENGTH = 2000
MAX_DEPTH = 100
MAX_EXPONENT = 1000

#: Functions of the grammar and how many arguments each takes.
ARITY = {
    **dict.fromkeys(("exp", "expm1", "log", "log1p", "sqrt", "abs", "sign", "tanh", "sinh", "cosh", "sin", "cos"), 1),
    **dict.fromkeys(("atan", "erf", "erfc", "sigmoid", "softplus"), 1),
    **{"min": 2, "max": 2, "clip": 3, "where": 3},
}
_COMPARISONS = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne"}

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
_OPS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", **_COMPARISONS}
_UNARY = 4


class _Parser:
    def __init__(self, text: str, names: Iterable[str]) -> None:
        if len(text) > MAX_LENGTH:
            raise FormulaError(f"formula of {len(text)} characters; at most {MAX_LENGTH} are allowed")
        self.text = text
        self.names = {"x", "pi", *names}
        self.tokens = [(m.lastgroup or "", m[m.lastgroup or 0], m.start(m.lastgroup or 0)) for m in _TOKEN.finditer(text)]
        self.at = 0
        self.depth = 0

    def parse(self) -> Node:
        node = self.expression(0)
        if self.at < len(self.tokens):
            raise self.error("an operator or the end")
        if node.op in _COMPARISONS.values():
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
            if strength == 1 and node.op in _COMPARISONS.values():
                raise self.error("no second comparison")
            self.at += 1
            # ** groups to the right and takes a signed exponent: 2**-x**2
            right = self.expression(_UNARY - 1 if sign == "**" else strength)
            node = self.combine(sign, node, right)
        self.depth -= 1
        return node

    def combine(self, sign: str, left: Node, right: Node) -> Node:
        comparisons = _COMPARISONS.values()
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
            if node.op in _COMPARISONS.values():
                raise FormulaError(f"formula {self.shown}: a comparison is not a number to calculate with")
            return _node("neg", (node,)) if text == "-" else node
        if kind == "name":
            return self.call(text) if text in ARITY else self.variable(text)
        raise self.error("a number, a name or '('")

    def variable(self, name: str) -> Node:
        if name not in self.names:
            from difflib import get_close_matches

            near = get_close_matches(name, [*self.names, *ARITY], 1)
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
        if len(args) != ARITY[name]:
            wanted = f"{ARITY[name]} argument{'s' * (ARITY[name] > 1)}"
            raise FormulaError(f"formula {self.shown}: {name} takes {wanted}, found {len(args)}")
        for place, arg in enumerate(args):
            if (arg.op in _COMPARISONS.values()) != (name == "where" and place == 0):
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


def parse(text: str, names: Iterable[str] = ()) -> Node:
    """The tree of a formula in x and the given parameter names.

    >>> render(parse("x * sigmoid(b*x)", ["b"]))
    'x*sigmoid(b*x)'

    Raises:
        FormulaError: with the place and what was expected there.
    """
    return _Parser(text, names).parse()


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
    if a.op == "number" and b.op == "mul" and b.args[0].op == "number":
        return _mul(_number(float(a.text) * float(b.args[0].text)), b.args[1])
    if b.op == "div" and b.args[0] is ONE:
        return _node("div", (a, b.args[1]))
    return _node("mul", (a, b))


def _div(a: Node, b: Node) -> Node:
    if a is ZERO or b is ONE:
        return a
    return _neg(_node("div", (a.args[0], b))) if a.op == "neg" else _node("div", (a, b))


def _pow(a: Node, n: float) -> Node:
    return ONE if n == 0 else a if n == 1 else _node("pow", (a, _number(int(n) if n == int(n) else n)))


def _where(condition: Node, a: Node, b: Node) -> Node:
    return a if a is b else _node("where", (condition, a, b))


def substitute(node: Node, argument: Node) -> Node:
    """The tree with `argument` in place of x."""
    if node is X:
        return argument
    return _node(node.op, tuple(substitute(arg, argument) for arg in node.args), node.text) if node.args else node


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
                lowered = _pow(a, n - 1) if n is not None else _node("pow", (a, _node("sub", (b, ONE))))
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
    outer = substitute(parse(_DERIVATIVES[node.op]), args[0])
    return _mul(outer, derivative(args[0]))


# --- evaluation ------------------------------------------------------------------------------------------------

#: One instruction: the operation, the slots of its arguments, and the constant or name it stands for.
Step = tuple[str, tuple[int, ...], str]


def _tape(root: Node) -> list[Step]:
    """The operations of a tree in the order of their evaluation, shared ones once; the last slot is the root."""
    slots: dict[Node, int] = {}
    steps: list[Step] = []

    def visit(node: Node) -> int:
        if node not in slots:
            args = tuple(visit(arg) for arg in node.args)
            slots[node] = len(steps)
            steps.append((node.op, args, node.text))
        return slots[node]

    visit(root)
    return steps


class _Undecided(Exception):
    """A condition that this precision cannot decide."""


def _arb_where(condition: bool | None, a: arb, b: arb) -> arb:
    if condition is None:
        raise _Undecided
    return a if condition else b


def _arb_less(a: arb, b: arb) -> bool | None:
    if a < b:
        return True
    return False if a >= b else None


def _arb_equal(a: arb, b: arb) -> bool | None:
    if a == b:
        return True
    return False if a != b else None


def _not(condition: bool | None) -> bool | None:
    return None if condition is None else not condition


def _arb_sign(a: arb) -> arb:
    if a > 0 or a < 0 or a == 0:
        return a.sgn()
    raise _Undecided


def _arb_pick(a: arb, b: arb, *, larger: bool) -> arb:
    first = _arb_less(b, a) if larger else _arb_less(a, b)
    if first is None:  # not decided: both are within the balls, and either way the hull is right
        return a.max(b) if larger else a.min(b)
    return a if first else b


def _arb_sigmoid(a: arb) -> arb:
    return 1 / (1 + (-a).exp())


def _arb_softplus(a: arb) -> arb:
    return a.exp().log1p() if a < 0 else a + (-a).exp().log1p()


_ARB: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "pow": lambda a, b: a**b,
    "lt": _arb_less,
    "le": lambda a, b: _not(_arb_less(b, a)),
    "gt": lambda a, b: _arb_less(b, a),
    "ge": lambda a, b: _not(_arb_less(a, b)),
    "eq": _arb_equal,
    "ne": lambda a, b: _not(_arb_equal(a, b)),
    "where": _arb_where,
    "abs": abs,
    "sign": _arb_sign,
    "max": lambda a, b: _arb_pick(a, b, larger=True),
    "min": lambda a, b: _arb_pick(a, b, larger=False),
    "clip": lambda a, low, high: _arb_pick(_arb_pick(a, low, larger=True), high, larger=False),
    "sigmoid": _arb_sigmoid,
    "softplus": _arb_softplus,
    "exp": lambda a: a.exp(),
    "expm1": lambda a: a.expm1(),
    "log": lambda a: a.log(),
    "log1p": lambda a: a.log1p(),
    "sqrt": lambda a: a.sqrt(),
    "tanh": lambda a: a.tanh(),
    "sinh": lambda a: a.sinh(),
    "cosh": lambda a: a.cosh(),
    "sin": lambda a: a.sin(),
    "cos": lambda a: a.cos(),
    "atan": lambda a: a.atan(),
    "erf": lambda a: a.erf(),
    "erfc": lambda a: a.erfc(),
}


# Float64 with error bounds: every value v travels with e, |v - truth| <= e. UNIT is half an ulp of 1, TINY the
# smallest subnormal. Library functions are charged more than they were ever measured to err.
UNIT, TINY = 2.0**-53, 2.0**-1074
Bounded = tuple[Any, Any]


def _float_div(a: Bounded, b: Bounded) -> Bounded:
    v = a[0] / b[0]
    room = np.maximum(np.abs(b[0]) - b[1], 0.0)
    return v, (a[1] + np.abs(v) * b[1]) / room + UNIT * np.abs(v) + TINY


def _float_mul(a: Bounded, b: Bounded) -> Bounded:
    v = a[0] * b[0]
    exact_zero = ((a[0] == 0) & (a[1] == 0)) | ((b[0] == 0) & (b[1] == 0))
    rounding = UNIT * np.abs(v) + np.where(exact_zero, 0.0, TINY)
    return v, np.abs(a[0]) * b[1] + np.abs(b[0]) * a[1] + a[1] * b[1] + rounding


def _float_add(a: Bounded, b: Bounded) -> Bounded:
    v = a[0] + b[0]
    return v, a[1] + b[1] + UNIT * np.abs(v)


def _float_pow(a: Bounded, b: Bounded) -> Bounded:
    if np.ndim(b[0]) == 0 and b[1] == 0 and b[0] in (2, 3):
        square = _float_mul(a, a)
        return square if b[0] == 2 else _float_mul(square, a)
    v = np.power(a[0], b[0])
    size = np.abs(a[0])
    relative = np.abs(b[0]) * a[1] / np.maximum(size - a[1], 0.0) + np.abs(np.log(size)) * b[1]
    return v, np.abs(v) * (np.expm1(relative) + 8 * UNIT) + TINY


def _float_less(a: Bounded, b: Bounded, compare: Callable[[Any, Any], Any]) -> Bounded:
    # A condition is a pair too: the outcome, and whether the errors leave it open.
    slack = a[1] + b[1]
    return compare(a[0], b[0]), (slack > 0) & ~(np.abs(a[0] - b[0]) > slack)


def _float_where(condition: Bounded, a: Bounded, b: Bounded) -> Bounded:
    error = np.where(condition[0], a[1], b[1])
    return np.where(condition[0], a[0], b[0]), np.where(condition[1], np.inf, error)


def _float_pick(a: Bounded, b: Bounded, *, larger: bool) -> Bounded:
    gap = a[0] - b[0] if larger else b[0] - a[0]
    slack = a[1] + b[1]
    error = np.where(gap > slack, a[1], np.where(-gap > slack, b[1], np.maximum(a[1], b[1])))
    return np.where(gap > 0, a[0], b[0]), error


def _float_clip(a: Bounded, low: Bounded, high: Bounded) -> Bounded:
    return _float_pick(_float_pick(a, low, larger=True), high, larger=False)


def _float_sqrt(a: Bounded) -> Bounded:
    v = np.sqrt(a[0])
    return v, np.where(v > 0, a[1] / np.where(v > 0, v, 1.0), np.sqrt(a[1])) + UNIT * v


def _float_sign(a: Bounded) -> Bounded:
    return np.sign(a[0]), np.where((np.abs(a[0]) > a[1]) | (a[1] == 0), 0.0, np.inf)


def _bounded(function: Callable[[Any], Any], steepest: Callable[[Any, Any], Any], ulps: float) -> Callable[..., Bounded]:
    """A library function: `steepest` bounds its slope within the error of its argument."""

    def bounded(a: Bounded) -> Bounded:
        v = function(a[0])
        passed_on = np.where(np.asarray(a[1]) == 0, 0.0, steepest(a[0], a[1]) * a[1])
        return v, passed_on + 2 * ulps * UNIT * np.abs(v) + TINY

    return bounded


def _float_operations() -> dict[str, Callable[..., Bounded]]:
    from actcli.activations import primitives

    return {
        "add": _float_add,
        "sub": lambda a, b: _float_add(a, (-b[0], b[1])),
        "mul": _float_mul,
        "div": _float_div,
        "neg": lambda a: (-a[0], a[1]),
        "pow": _float_pow,
        "lt": lambda a, b: _float_less(a, b, np.less),
        "le": lambda a, b: _float_less(a, b, np.less_equal),
        "gt": lambda a, b: _float_less(a, b, np.greater),
        "ge": lambda a, b: _float_less(a, b, np.greater_equal),
        "eq": lambda a, b: _float_less(a, b, np.equal),
        "ne": lambda a, b: _float_less(a, b, np.not_equal),
        "where": _float_where,
        "max": lambda a, b: _float_pick(a, b, larger=True),
        "min": lambda a, b: _float_pick(a, b, larger=False),
        "clip": _float_clip,
        "abs": lambda a: (np.abs(a[0]), a[1]),
        "sign": _float_sign,
        "sqrt": _float_sqrt,
        "exp": _bounded(np.exp, lambda v, e: np.exp(v + e), 1),
        "expm1": _bounded(np.expm1, lambda v, e: np.exp(v + e), 2),
        "log": _bounded(np.log, lambda v, e: 1 / np.maximum(v - e, 0.0), 1),
        "log1p": _bounded(np.log1p, lambda v, e: 1 / np.maximum(1 + v - e, 0.0), 2),
        "tanh": _bounded(np.tanh, lambda v, e: np.minimum(1.0, 4 * np.exp(2 * (e - np.abs(v)))), 2),
        "sinh": _bounded(np.sinh, lambda v, e: np.cosh(np.abs(v) + e), 4),
        "cosh": _bounded(np.cosh, lambda v, e: np.sinh(np.abs(v) + e), 4),
        "sin": _bounded(np.sin, lambda v, e: 1.0, 2),
        "cos": _bounded(np.cos, lambda v, e: 1.0, 2),
        "atan": _bounded(np.arctan, lambda v, e: 1 / (1 + np.maximum(np.abs(v) - e, 0.0) ** 2), 2),
        "erf": _bounded(primitives.erf, lambda v, e: 1.2 * np.exp(-(np.maximum(np.abs(v) - e, 0.0) ** 2)), 2),
        "erfc": _bounded(primitives.erfc, lambda v, e: 1.2 * np.exp(-(np.maximum(np.abs(v) - e, 0.0) ** 2)), 2),
        "sigmoid": _bounded(primitives.sigmoid, lambda v, e: np.exp(e - np.abs(v)), 2),
        "softplus": _bounded(primitives.softplus, lambda v, e: np.minimum(1.0, np.exp(v + e)), 2),
    }


#: Bits of working precision to try, one after the other, until the answer is settled.
_PRECISIONS = (96, 192, 448, 1280, 4096, 12288, 49152)

#: A result of the float64 arithmetic stands if it is proved this close (ulp), by order of the derivative.
_PROVED = (3.0, 7.0, 60.0)


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula bound to parameter values: the truth about an activation, in every precision.

    >>> gelu = Formula("x/2*erfc(-x/sqrt(2))")
    >>> gelu.digits(-9.0, 20)
    '-1.0157295653584565830e-18'
    >>> gelu.values(np.array([-9.0]))
    array([-1.01572957e-18])
    """

    text: str
    parameters: Mapping[str, float]

    def __init__(self, text: str, parameters: Mapping[str, float] | None = None) -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "parameters", dict(parameters or {}))

    @cached_property
    def root(self) -> Node:
        return parse(self.text, self.parameters)

    def node(self, order: int = 0) -> Node:
        """The tree of the function (order 0), its slope (1) or second derivative (2)."""
        node = self.root
        for _ in range(order):
            node = derivative(node)
        return node

    @cached_property
    def _tapes(self) -> dict[int, list[Step]]:
        return {}

    def _steps(self, order: int) -> list[Step]:
        if order not in self._tapes:
            self._tapes[order] = _tape(self.node(order))
        return self._tapes[order]

    # the truth

    def ball(self, x: arb, order: int = 0) -> arb | None:
        """The value at x as a ball at the current precision of flint; None where it can't be decided."""
        from flint import arb

        slots: list[Any] = []
        try:
            for op, args, text in self._steps(order):
                if op == "number":
                    slots.append(arb(float(text)))
                elif op == "name":
                    slots.append(x if text == "x" else arb.pi() if text == "pi" else arb(self.parameters[text]))
                else:
                    slots.append(_ARB[op](*[slots[i] for i in args]))
        except _Undecided:
            return None
        value: arb = slots[-1]
        return value if value.is_finite() else None

    def _settle(self, x: float | arb, order: int, accept: Callable[[arb], T | None], otherwise: T) -> T:
        """What `accept` makes of the ball at x, as soon as a precision gives a ball small enough for it."""
        from flint import arb, ctx

        before = ctx.prec
        try:
            for bits in _PRECISIONS:
                ctx.prec = bits
                ball = self.ball(x if isinstance(x, arb) else arb(x), order)
                if ball is not None and (answer := accept(ball)) is not None:
                    return answer
        finally:
            ctx.prec = before
        return otherwise

    def rounded(self, x: float, order: int = 0) -> float:
        """The float64 nearest to the value at x, correctly rounded; limits at the infinities, nan where undefined."""
        return self._special(x, order, lambda ball: _nearest(ball))

    def rounded_to_odd(self, x: float, order: int = 0) -> float:
        """The value at x rounded so that a second rounding, to float32 or shorter, is still correct."""
        return self._special(x, order, _to_odd)

    def _special(self, x: float, order: int, accept: Callable[[arb], float | None]) -> float:
        if math.isnan(x):
            return math.nan
        if math.isinf(x):
            return self.limit(x, order)
        value = self._settle(x, order, lambda ball: self._underflow(x, order) if _vanishes(ball) else accept(ball), math.nan)
        if x == 0 and value == 0:
            # The sign of a zero at a zero is the sign of the values on that side of it.
            return math.copysign(0.0, self._sign_at(math.copysign(TINY, x), order))
        return value

    def _underflow(self, x: float, order: int) -> float:
        # The sign of a zero by underflow is the sign of the values on the way there.
        return math.copysign(0.0, self._sign_at(math.copysign(1024.0, x), order))

    def _sign_at(self, x: float, order: int) -> float:
        return self._settle(x, order, _sign, 0.0) or 1.0

    def limit(self, end: float, order: int = 0) -> float:
        """The limit at end = inf or -inf; nan where there is none, as for a sine."""
        from flint import arb

        samples = [
            self._settle(arb(2) ** k * arb(f) * int(math.copysign(1, end)), order, _large, math.nan)
            for k in (2048, 3072, 4096)
            for f in (1, 1.375, 1.8125)
        ]
        if any(math.isnan(sample) for sample in samples):
            return math.nan
        if len(set(samples)) == 1:
            # a limit of 0 has the sign of the values that go there
            return samples[0] or math.copysign(0.0, self._sign_at(math.copysign(1024.0, end), order))
        sizes = [abs(sample) for sample in samples]
        grows = sizes == sorted(sizes) and sizes[-1] > sizes[0] * 1.3 and len({s > 0 for s in samples}) == 1
        return math.copysign(math.inf, samples[-1]) if grows else math.nan

    def one_sided(self, x: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Value and slope just left of x, and just right of it.

        >>> Formula("max(x, 0)").one_sided(0.0)
        ((0.0, 0.0), (0.0, 1.0))
        """
        from flint import arb, ctx

        def beside(step: int) -> tuple[float, float]:
            with ctx.workprec(4096):
                point = arb(x) + step * arb(2) ** -1200
            value, slope = (self._settle(point, order, _nearest, math.nan) for order in (0, 1))
            return value + 0.0, slope + 0.0

        return beside(-1), beside(1)

    # float64

    def values(self, x: Array, order: int = 0) -> Array:
        """Values (order 0), slopes (1) or second derivatives (2) at every x, each proved close or correctly rounded.

        Args:
            x: float64, any length; meant to be a block that fits the cache.
        """
        v, proved = self._float_values(x, order)
        for i in np.flatnonzero(~proved):
            v[i] = self.rounded(float(x[i]), order)
        return v

    def _float_values(self, x: Array, order: int) -> tuple[Array, NDArray[np.bool_]]:
        slots: list[Bounded] = []
        operations = _float_operations()
        with np.errstate(all="ignore"):
            for op, args, text in self._steps(order):
                if op == "number":
                    slots.append((float(text), 0.0))
                elif op == "name":
                    constant = (math.pi, UNIT) if text == "pi" else (self.parameters.get(text, 0.0), 0.0)
                    slots.append((x, 0.0) if text == "x" else constant)
                else:
                    slots.append(operations[op](*[slots[i] for i in args]))
            v, e = (np.broadcast_to(part, x.shape) for part in slots[-1])
            # A zero that came by underflow has a sign of its own, one that came exactly has none, except at zero.
            v = np.where((v == 0) & (e == 0), 0.0, v)
            proved = (e * 1.001 <= _PROVED[order] * np.spacing(np.abs(v))) & (x != 0) & np.isfinite(x) & np.isfinite(v)
            return v, proved & ~((v == 0) & (e > 0))

    # digits

    def digits(self, x: float, n: int, order: int = 0) -> str:
        """The value at x to n significant digits, every one right (rounded half to even on the exact value)."""
        if not math.isfinite(x):
            return str(self._special(x, order, _nearest))
        return self._settle(x, order, lambda ball: _decimal(ball, n), "nan")


def _vanishes(ball: arb) -> bool:
    """Far too small for a float64, with a sign that this precision does not show."""
    from flint import arb

    return bool(ball.abs_upper() < arb(2) ** -1200) and not ball.is_zero() and _sign(ball) is None


def _nearest(ball: arb) -> float | None:
    low, high = float(ball.lower()), float(ball.upper())
    return low if low == high and (low != 0 or _sign(ball) is not None or ball.is_exact()) else None


def _sign(ball: arb) -> float | None:
    return 1.0 if ball > 0 else -1.0 if ball < 0 else 0.0 if ball.is_zero() else None


def _large(ball: arb) -> float | None:
    # Limits need no more than a few digits, but sure ones; or a ball too small to be anything but 0.
    sure = ball.rel_accuracy_bits() > 60 or ball.is_exact() or float(ball.abs_upper()) == 0
    return float(ball) if sure else None


def _to_odd(ball: arb) -> float | None:
    value = _nearest(ball)
    if value is None or not math.isfinite(value):
        return value
    beyond = _sign(ball - value)
    if beyond is None:
        return None
    if beyond == 0 or (math.frexp(value)[0] * 2.0**53) % 2:
        return value
    return math.nextafter(value, math.copysign(math.inf, beyond))


def _decimal(ball: arb, n: int) -> str | None:
    low, high = (_decimal_of(end, n) for end in (ball.lower(), ball.upper()))
    return low if low == high else None


def _decimal_of(exact: arb, n: int) -> str:
    """An exact binary number to n significant digits."""
    from decimal import Context, Decimal

    mantissa, exponent = (int(part) for part in exact.man_exp())
    if mantissa == 0:
        return "0"
    if abs(exponent) > 100_000:
        return str(exact.str(n, radius=False))
    scaled = Decimal(mantissa << exponent) if exponent >= 0 else None
    if scaled is None:
        # mantissa / 2**k = mantissa * 5**k / 10**k, exactly
        scaled = Decimal(mantissa * 5**-exponent).scaleb(exponent, Context(prec=1_000_000, Emin=-999_999, Emax=999_999))
    rounded = Context(prec=n, Emin=-999_999, Emax=999_999).plus(scaled)
    return _padded(rounded, n)


def _padded(number: Any, n: int) -> str:
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).ljust(n, "0")
    point = len(digits) + exponent
    minus = "-" * sign
    if -5 < point <= max(n, 1):
        if point <= 0:
            return f"{minus}0.{'0' * -point}{text}"
        return f"{minus}{text[:point]}.{text[point:]}" if point < n else f"{minus}{text}"
    return f"{minus}{text[0]}{'.' * (n > 1)}{text[1:]}e{point - 1:+03d}"


# --- where kinks can be ----------------------------------------------------------------------------------------


def switches(node: Node) -> list[Node]:
    """The expressions whose change of sign switches a formula from one branch to another."""
    found: dict[Node, None] = {}

    def visit(node: Node) -> None:
        args = node.args
        if node.op in ("abs", "sign"):
            found[args[0]] = None
        elif node.op in ("min", "max", *_COMPARISONS.values()):
            found[_node("sub", args)] = None
        elif node.op == "clip":
            found[_node("sub", args[:2])] = None
            found[_node("sub", (args[0], args[2]))] = None
        for arg in args:
            visit(arg)

    visit(node)
    return list(found)


def kinks(formula: Formula) -> tuple[float, ...]:
    """Where value or slope jumps: found by following each switch over +-1000, judged by both sides of it.

    >>> kinks(Formula("max(x, 0) + abs(x - 2)"))
    (0.0, 2.0)
    """
    grid = np.concatenate([np.linspace(-40, 40, 3201), np.linspace(-1000, 1000, 1001)])
    grid = np.unique(grid)
    places: set[float] = set()
    for switch in switches(formula.root):
        path = Formula(render(switch), formula.parameters)
        with np.errstate(all="ignore"):
            signs = np.sign(path.values(grid))
        places.update(grid[signs == 0].tolist())
        for i in np.flatnonzero(signs[:-1] * signs[1:] < 0):
            places.add(_bisect(path, float(grid[i]), float(grid[i + 1])))
    return tuple(sorted(x + 0.0 for x in places if is_kink(formula, x)))


def _bisect(path: Formula, low: float, high: float) -> float:
    sign = math.copysign(1, path.rounded(low))
    while low < (middle := (low + high) / 2) < high:
        value = path.rounded(middle)
        if value == 0:
            return middle
        low, high = (middle, high) if math.copysign(1, value) == sign else (low, middle)
    return low if abs(path.rounded(low)) <= abs(path.rounded(high)) else high


def is_kink(formula: Formula, x: float) -> bool:
    """Whether value or slope differ on the two sides of x."""
    left, right = formula.one_sided(x)
    return any(not (a == b or abs(a - b) <= 1e-12 * max(abs(a), abs(b))) for a, b in zip(left, right, strict=True))


# --- rendering -------------------------------------------------------------------------------------------------

_SIGNS = {"add": " + ", "sub": " - ", "mul": "*", "div": "/", "pow": "**", **{v: f" {k} " for k, v in _COMPARISONS.items()}}
_STRENGTH = {"add": 2, "sub": 2, "mul": 3, "div": 3, "neg": 4, "pow": 5, **dict.fromkeys(_COMPARISONS.values(), 1)}


def render(node: Node) -> str:
    """The formula as text that `parse` reads back.

    >>> render(derivative(parse("x*tanh(x)")))
    'tanh(x) + x*(1/cosh(x)**2)'
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
