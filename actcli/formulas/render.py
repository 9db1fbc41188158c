"""A formula's tree as text: in the grammar itself, and in matplotlib's mathtext."""

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
    """The formula as text that `parse` reads back.

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
        case "floor", [a]:
            return rf"\lfloor {a} \rfloor"
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
