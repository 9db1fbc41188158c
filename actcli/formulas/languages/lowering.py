"""From a branch in normal form to operations of a language, with kernels in place of forms that lose digits."""

from __future__ import annotations

from functools import cache

from actcli.formulas.derive import matches, substitute
from actcli.formulas.grammar import Node, make_node, parse
from actcli.formulas.languages.kernels import FUNCTIONS, number, value_of
from actcli.formulas.languages.normal import Factors, Normal

#: Products of powers, each an expression and its exponent, and the equal kernels; u is any expression.
PRODUCTS = {
    (("sigmoid(u)", 1), ("sigmoid(-u)", 1)): "sigmoid_slope(u)",
    (("sigmoid(u)", 1), ("cosh(softplus(u))", -2)): "mish_gate_slope(u)",
    (("cosh(u)", -2),): "tanh_slope(u)",
}
#: Other expressions, and the equal forms that lose no digits to cancellation or overflow.
FORMS = {
    "log(cosh(u))": "log_cosh(u)",
    "1 - tanh(u)**2": "tanh_slope(u)",
    "tanh(softplus(u))": "mish_gate(u)",
    "u + sqrt(u**2 + v)": "rising_root(u, v)",
    "1 + u/sqrt(u**2 + v)": "rising_root(u, v)/root(u, v)",
    "sqrt(u**2 + v)": "root(u, v)",
    "sqrt(1 + u**2)": "root(u, 1)",
    "sqrt(u**2 + 1) - 1": "u*(u/(1 + root(u, 1)))",
}


@cache
def _parsed(text: str) -> Node:
    return parse(text, ("u", "v"), functions=FUNCTIONS)


def lowered(node: Node, normal: Normal) -> Node:
    """The tree with kernels in place of the patterns above, and short powers as products and square roots."""
    for pattern, form in FORMS.items():
        found: dict[str, Node] = {}
        if matches(_parsed(pattern), node, found):
            return lowered(substitute(_parsed(form), found), normal)
    if node.op in ("mul", "div", "pow", "neg") and node.depends_on_x:
        product = _product(node, normal)
        if product is not node:
            return lowered(product, normal)
    if node.op in ("sin", "cos") and (turns := _half_turns(node.args[0], normal)) is not None:
        return make_node(f"{node.op}_pi", (lowered(turns, normal),))
    args = tuple(lowered(arg, normal) for arg in node.args)
    if node.op == "mul" and node.args[1].op == "pow" and args[1].op == "mul":
        return make_node("mul", (make_node("mul", (args[0], args[1].args[0])), args[1].args[1]))
    if node.op == "pow" and (power := value_of(args[1])) is not None:
        return _power(args[0], power) or make_node("pow", args)
    return make_node(node.op, args, node.text) if args else node


def _half_turns(angle: Node, normal: Normal) -> Node | None:
    """The angle divided by pi, if it has a factor of an integer times pi; else None."""
    coefficient, factors = normal.factors(angle)
    by_pi = normal.constant(make_node("div", (coefficient, make_node("name", text="pi"))))
    value = value_of(by_pi)
    whole = value is not None and value == int(value) and value != 0 and by_pi not in normal.rests
    return normal.build(by_pi, factors) if whole and factors else None


def _product(node: Node, normal: Normal) -> Node:
    coefficient, factors = normal.factors(node)
    for pattern, form in PRODUCTS.items():
        found: dict[str, Node] = {}
        left = _divided(dict(factors), pattern, found)
        if left is not None:
            made = substitute(_parsed(form), found)
            left[made] = left.get(made, 0) + 1
            return normal.build(normal.constant(coefficient), left)
    return node


def _divided(factors: Factors, pattern: tuple[tuple[str, int], ...], found: dict[str, Node]) -> Factors | None:
    """The factors without those of the pattern; None if they do not contain the pattern."""
    if not pattern:
        return factors
    (text, power), *rest = pattern
    for base, n in list(factors.items()):
        tried = dict(found)
        if n * power > 0 and abs(n) >= abs(power) and matches(_parsed(text), base, tried):
            left = _divided({**factors, base: n - power}, tuple(rest), tried)
            if left is not None:
                found.update(tried)
                return {base: n for base, n in left.items() if n}
    return None


def _power(base: Node, power: float) -> Node | None:
    """A power as multiplications and a square root, for half-integer exponents up to 8; else None."""
    if power < 0 and (inverse := _power(base, -power)) is not None:
        return make_node("div", (number(1), inverse))
    whole, half = divmod(power, 1)
    if half not in (0, 0.5) or not 0 < power <= 8:
        return None
    tree = make_node("sqrt", (base,)) if half else None
    square = base
    while whole:
        if whole % 2:
            tree = square if tree is None else make_node("mul", (square, tree))
        whole //= 2
        square = make_node("mul", (square, square))
    return tree
