"""SymPy: the formula and the formula of its slope as exact expressions."""

from __future__ import annotations

from fractions import Fraction

from actcli.formulas.grammar import Node, make_node, replaced
from actcli.formulas.languages.kernels import walk
from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.python import PYTHON
from actcli.formulas.languages.rows import RowSource

_INFIX = {"add": "{} + {}", "sub": "{} - ({})", "mul": "{}*{}", "div": "{}/{}", "pow": "{}**{}", "neg": "-{}"}
#: The operations that need parentheses as operands of a product, quotient, power or minus sign.
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
        for name in ["exp", "log", "sqrt", "sign", "tanh", "sinh", "cosh", "sin", "cos", "atan", "floor", "erf", "erfc"]
    },
}


def _expression(node: Node, parameters: dict[str, Fraction | float]) -> str:
    if node.op == "number":
        return _exact(Fraction(node.text) if node.text.isdigit() else Fraction(float(node.text)))
    if node.op == "name":
        if node.text in parameters:
            value = parameters[node.text]
            return _exact(value) if isinstance(value, Fraction) else "sp.oo" if value > 0 else "(-sp.oo)"
        return {"pi": "sp.pi"}.get(node.text, node.text)
    if node.op == "sum":
        inner = replaced(node.args[0], {"x": make_node("name", text="z")})
        return f"sp.Add(*[{_expression(inner, parameters)} for z in row])"
    parts = [_expression(arg, parameters) for arg in node.args]
    if node.op in ("neg", "mul", "div", "pow"):
        parts = [f"({part})" if arg.op in _LOOSE else part for part, arg in zip(parts, node.args, strict=True)]
    if node.op in ("div", "pow") and all(part.op in (*_INFIX, "number") for part in walk(node.args[0])):
        parts[0] = f"sp.S({parts[0]})"  # 1/2 stays exact
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


def _write_row(source: RowSource) -> str:
    name = source.name
    output = _expression(source.formula, dict(source.parameters))
    lines = [*SYMPY.commented(source.head), "", "import sympy as sp", "", ""]
    lines += [f"def {name}(row):", '    """The outputs for a row of expressions."""']
    if source.is_halved:
        lines += ["    half = len(row) // 2", f"    return [{output} for a, b in zip(row[:half], row[half:])]"]
    else:
        lines += [f"    return [{output} for x in row]"]
    if source.with_gradient:
        lines += ["", "", f"def {name}_gradient(row, gradient):"]
        lines += ['    """The gradient by a row of symbols, from that by the outputs."""', f"    outputs = {name}(row)"]
        lines += ["    return [sp.Add(*[g*sp.diff(y, x) for y, g in zip(outputs, gradient)]) for x in row]"]
    return "\n".join([*lines, ""])


SYMPY = Language(
    name="sympy",
    title="SymPy",
    suffix=".sympy.py",
    write=_write,
    write_row=_write_row,
    reserved=PYTHON.reserved | {"sp"},
    dtypes=("float64",),
    tests=False,
    is_formula=True,
)
