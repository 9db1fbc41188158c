"""SymPy: the formula and that of its slope as exact expressions."""

from __future__ import annotations

from fractions import Fraction

from actcli.formulas.grammar import Node
from actcli.formulas.languages.kernels import walk
from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.python import PYTHON

_INFIX = {"add": "{} + {}", "sub": "{} - ({})", "mul": "{}*{}", "div": "{}/{}", "pow": "{}**{}", "neg": "-{}"}
#: What goes into parentheses inside a product, a power or behind a sign.
_LOOSE = ("add", "sub", "mul", "div", "pow", "neg")
_FUNCTIONS = {
    "where": "sp.Piecewise(({1}, {0}), ({2}, True))",
    "lt": "sp.Lt({}, {})",
    "le": "sp.Le({}, {})",
    "gt": "sp.Gt({}, {})",
    "ge": "sp.Ge({}, {})",
    "eq": "sp.Eq({}, {})",
    "ne": "sp.Ne({}, {})",
    "sigmoid": "(1/(1 + sp.exp(-({}))))",
    "softplus": "sp.log(1 + sp.exp({}))",
    "expm1": "(sp.exp({}) - 1)",
    "log1p": "sp.log(1 + {})",
    "abs": "sp.Abs({})",
    "max": "sp.Max({}, {})",
    "min": "sp.Min({}, {})",
    "clip": "sp.Min(sp.Max({0}, {1}), {2})",
    **{
        name: f"sp.{name}({{}})"
        for name in ("exp", "log", "sqrt", "sign", "tanh", "sinh", "cosh", "sin", "cos", "atan", "floor")
    },
    **{name: f"sp.{name}({{}})" for name in ("erf", "erfc")},
}


def _expression(node: Node, parameters: dict[str, Fraction | float]) -> str:
    if node.op == "number":
        return _exact(Fraction(node.text) if node.text.isdigit() else Fraction(float(node.text)))
    if node.op == "name":
        if node.text in parameters:
            value = parameters[node.text]
            return _exact(value) if isinstance(value, Fraction) else "sp.oo" if value > 0 else "(-sp.oo)"
        return {"x": "x", "pi": "sp.pi"}[node.text]
    parts = [_expression(arg, parameters) for arg in node.args]
    if node.op in ("neg", "mul", "div", "pow"):
        parts = [f"({part})" if arg.op in _LOOSE else part for part, arg in zip(parts, node.args, strict=True)]
    if node.op in ("div", "pow") and all(part.op in (*_INFIX, "number") for part in walk(node.args[0])):
        parts[0] = f"sp.S({parts[0]})"  # 1/2 is no float
    return (_INFIX.get(node.op) or _FUNCTIONS[node.op]).format(*parts)


def _exact(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator) if value >= 0 else f"({value.numerator})"
    return f"sp.Rational({value.numerator}, {value.denominator})"


def _write(source: Source) -> str:
    lines = [*SYMPY.commented(source.head), "", "import sympy as sp", "", 'x = sp.Symbol("x", real=True)']
    parameters = dict(source.parameters)
    lines.append(f"{source.name} = {_expression(source.formula, parameters)}")
    if source.slope is not None:
        lines.append(f"{source.name}_slope = {_expression(source.derivative, parameters)}")
    return "\n".join([*lines, ""])


SYMPY = Language(
    name="sympy",
    title="SymPy",
    suffix=".sympy.py",
    write=_write,
    reserved=PYTHON.reserved | {"sp"},
    dtypes=("float64",),
    tests=False,
    is_formula=True,
)
