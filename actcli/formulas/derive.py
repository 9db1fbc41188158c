"""The derivative of a formula's tree, and its numerically stable form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from actcli.formulas.grammar import ONE, ZERO, Node, X, constant, make_node, parse

#: Derivatives of the smooth functions as formulas, in the forms that lose the fewest digits.
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
    "Phi": "exp(-x**2/2)/sqrt(2*pi)",
}


def _number(value: float) -> Node:
    return make_node("number", text=repr(value))


def _add(a: Node, b: Node) -> Node:
    if a is ZERO:
        return b
    if b is ZERO:
        return a
    return make_node("sub", (a, b.args[0])) if b.op == "neg" else make_node("add", (a, b))


def _neg(a: Node) -> Node:
    if a.op == "neg":
        return a.args[0]
    return a if a is ZERO else make_node("neg", (a,))


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
    if b.op == "mul" and a.text.isdigit() and b.args[0].text.isdigit():  # integers alone, whose product is exact
        return _mul(_number(int(a.text) * int(b.args[0].text)), b.args[1])
    if b.op == "div" and b.args[0] is ONE:
        return make_node("div", (a, b.args[1]))
    return make_node("mul", (a, b))


def _div(a: Node, b: Node) -> Node:
    if a is ZERO or b is ONE:
        return a
    return _neg(make_node("div", (a.args[0], b))) if a.op == "neg" else make_node("div", (a, b))


def _pow(a: Node, n: float) -> Node:
    if a.op == "neg" and n % 2 == 0:
        a = a.args[0]
    elif a.op == "div" and a.args[0].op == "neg" and n % 2 == 0:
        a = make_node("div", (a.args[0].args[0], a.args[1]))
    return ONE if n == 0 else a if n == 1 else make_node("pow", (a, _number(int(n) if n == int(n) else n)))


def _where(condition: Node, a: Node, b: Node) -> Node:
    return a if a is b else make_node("where", (condition, a, b))


def substitute(node: Node, values: Mapping[str, Node]) -> Node:
    """The tree with `values` in place of names, and with minus signs moved out of products and even powers."""
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
    return make_node(node.op, args, node.text) if args else node


@cache
def derivative(node: Node) -> Node:
    """The tree of the derivative by x; at a kink it is that of one side, on which `Formula` does not rely."""
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
                n = constant(b)
                if n is not None and (2 * n).is_integer():  # n - 1 is exact
                    lowered = _pow(a, n - 1)
                else:
                    lowered = make_node("pow", (a, make_node("sub", (b, ONE))))
                return _mul(_mul(b, lowered), derivative(a))
            growth = _mul(derivative(b), make_node("log", (a,)))
            return _mul(node, _add(growth, _div(_mul(b, derivative(a)), a)))
        case "abs":
            return _mul(make_node("sign", args), derivative(args[0]))
        case "sign" | "floor":
            return ZERO
        case "max":
            return _where(make_node("gt", args), derivative(args[0]), derivative(args[1]))
        case "min":
            return _where(make_node("lt", args), derivative(args[0]), derivative(args[1]))
        case "clip":
            u, low, high = args
            inside = _where(make_node("lt", (u, high)), derivative(u), derivative(high))
            return _where(make_node("gt", (u, low)), inside, derivative(low))
        case "where":
            return _where(args[0], derivative(args[1]), derivative(args[2]))
    outer = substitute(parse(_DERIVATIVES[node.op]), {"x": args[0]})
    return _mul(outer, derivative(args[0]))


#: Comparisons that count a place where branches meet to the right one, and those that count it to the left one.
_LEFTWARD = {"ge": "gt", "lt": "le"}


def derived(node: Node, order: int, *, left: bool = True) -> Node:
    """The tree of a derivative of any order, at kinks that of the left branch, as `leftward` has it.

    >>> from actcli.formulas.render import render
    >>> render(derived(parse("where(x >= 0, x, x/9)"), 1)), render(derived(parse("clip(x, 0, 6)"), 1))
    ('where(x > 0, 1, 1/9)', 'where(x > 0, where(x < 6, 1, 0), 0)')
    """
    found = node
    for _ in range(order):
        found = derivative(found)
    return leftward(found, node) if order and left else found


def leftward(node: Node, root: Node) -> Node:
    """The derivative of `root` with branches that reach up to where they meet the next one; a clip's keeps its ends.

    Where what is compared falls as x grows, that is the right branch.
    """
    return node if root.op == "clip" else _leftward(node)


def _leftward(node: Node) -> Node:
    args = tuple(map(_leftward, node.args))
    if node.op == "where" and args[0].op == "gt" and args[0].args[0] is make_node("abs", (X,)):
        # |x| > c holds left of -c and right of c: at -c the branch on the left is the one inside, at c it is the other.
        (_, level), inside, other = args[0].args, args[1], args[2]
        below = make_node("le", (X, _neg(level)))
        return make_node("where", (below, inside, make_node("where", (make_node("gt", (X, level)), inside, other))))
    op = _LEFTWARD.get(node.op, node.op) if node.depends_on_x else node.op
    return make_node(op, args, node.text) if args else node


# --- stable forms ----------------------------------------------------------------------------------------------

#: Textbook forms and the equal forms that lose no digits to cancellation or overflow; u, v and a are any expressions.
STABLE = {
    "log((1 + exp(u))/(1 + exp(v)))": "softplus(u) - softplus(v)",
    "log(1 + exp(u))": "softplus(u)",
    "log1p(exp(u))": "softplus(u)",
    "log(sigmoid(u))": "-softplus(-u)",
    "log(1 + u)": "log1p(u)",
    "log(1 - u)": "log1p(-u)",
    "exp(u) - 1": "expm1(u)",
    "1 - exp(u)": "-expm1(u)",
    "2 - exp(u)": "1 - expm1(u)",
    "exp(u)/(1 + exp(u))": "sigmoid(u)",
    "a/(1 + exp(u))": "a*sigmoid(-u)",
    "(1 + exp(u))**(-a)": "sigmoid(-u)**a",
    "1 - sigmoid(u)": "sigmoid(-u)",
    "(exp(u) - exp(-u))/(exp(u) + exp(-u))": "tanh(u)",
    "sinh(u)/cosh(u)": "tanh(u)",
    "1/cosh(u)*sinh(u)": "tanh(u)",
    "1 - tanh(u)**2": "1/cosh(u)**2",
    "1 - erf(u)": "erfc(u)",
    "1 + erf(u)": "erfc(-u)",
}


@cache
def _stable_forms() -> list[tuple[Node, Node]]:
    return [(parse(textbook, "uva"), parse(form, "uva")) for textbook, form in STABLE.items()]


@cache
def stable(node: Node) -> Node:
    """The tree with textbook forms replaced by equal, numerically stable forms.

    >>> from actcli.formulas.render import render
    >>> render(stable(parse("x*tanh(log(1 + exp(x)))")))
    'x*tanh(softplus(x))'
    """
    for textbook, form in _stable_forms():
        found: dict[str, Node] = {}
        if matches(textbook, node, found):
            return stable(substitute(form, found))
    args = tuple(map(stable, node.args))
    return node if args == node.args else stable(make_node(node.op, args, node.text))


def matches(pattern: Node, node: Node, found: dict[str, Node]) -> bool:
    """Whether a tree matches a pattern; `found` receives the subtrees that the names of the pattern stand for."""
    if pattern.op == "name":
        return found.setdefault(pattern.text, node) is node
    if pattern.op == "number":
        return node.op == "number" and float(node.text) == float(pattern.text)
    if pattern.op != node.op:
        return False
    orders = [node.args, node.args[::-1]] if node.op in ("add", "mul") else [node.args]
    for args in orders:
        tried = dict(found)
        if all(matches(part, arg, tried) for part, arg in zip(pattern.args, args, strict=True)):
            found.update(tried)
            return True
    return False
