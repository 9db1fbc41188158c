r"""A formula as a textbook prints it, in matplotlib's mathtext: a subset of TeX, and \cases, which figures lay out.

An outer fraction is upright, a fraction inside it is a slash; a `where` is a brace with one line per case; parameters
are upright words with their underscores, except single letters and Greek letters.
"""

from __future__ import annotations

from actcli.formulas.grammar import Node, factors

_GREEK = ("alpha", "beta", "gamma", "delta", "lambda", "mu", "omega", "sigma", "tau", "theta")
_SPELLED = {"lambd": "lambda", "eps": "epsilon"}
_NAMES = {
    **{name: rf"\mathrm{{{name}}}" for name in ("softplus", "erf", "erfc", "clip")},
    "sigmoid": r"\sigma",
    "Phi": r"\Phi",
    "sign": r"\mathrm{sgn}",
    "atan": r"\arctan",
    "log": r"\ln",
    "threshold": r"\tau",
}
_RELATIONS = {"lt": "<", "le": r"\leq", "gt": ">", "ge": r"\geq", "eq": "=", "ne": r"\neq"}
#: The length from which a derivative is too long to be read, and the parts that make it hard to read: a `where` in a
#: `where`, and a product with a reciprocal.
_LONG, _CLUMSY = 90, (r"\mathrm{else}", r"\,\dfrac{1}", r"\cdot 1 /")
_OPPOSITES = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt"}

#: The sigmoid written out; formulas write it as sigma(x).
LOGISTIC = r"\dfrac{1}{1 + e^{-x}}"

#: Binding strengths; a part that binds more weakly than its place requires gets parentheses.
_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4
_BINDS = {"add": _SUM, "sub": _SUM, "neg": _SUM, "expm1": _SUM, "mul": _PRODUCT, "div": _PRODUCT, "pow": _POWER}


def mathtext(node: Node, *, row: bool = False) -> str:
    r"""The formula without the dollars. For a row function x, a and b are entries i, and sums run over the entries j.

    >>> from actcli.formulas.grammar import parse
    >>> print(mathtext(parse("where(x > 0, x, 0.1*x)")))
    \cases{x & x > 0 \\ 0.1\,x & x \leq 0}
    """
    text = _cases(node, "i" if row else "") if node.op == "where" else _write(node, False, "i" if row else "")
    if row and any(part.op == "threshold" for part in _subtrees(node)):
        text += r",\;\; \sum_j y_j = 1"
    return text


def is_readable(formula: str) -> bool:
    """Whether a derivative, as mathtext, is short and clear enough to be shown."""
    return len(formula) <= _LONG and not any(part in formula for part in _CLUMSY)


def _subtrees(node: Node) -> list[Node]:
    return [node, *(part for arg in node.args for part in _subtrees(arg))]


def _cases(node: Node, index: str) -> str:
    """A `where`, with those nested in its last branch, as the lines of one brace."""
    lines: list[str] = []
    while node.op == "where":
        condition, value, other = node.args
        lines.append(f"{_write(value, True, index)} & {_write(condition, True, index)}")
        if other.op != "where":
            opposite = _OPPOSITES.get(condition.op)
            words = r"\mathrm{otherwise}"
            if opposite and len(lines) == 1:
                left, right = (_write(arg, True, index) for arg in condition.args)
                words = f"{left} {_RELATIONS[opposite]} {right}"
            lines.append(f"{_write(other, True, index)} & {words}")
        node = other
    return rf"\cases{{{(' ' + chr(92) * 2 + ' ').join(lines)}}}"


def _write(node: Node, inline: bool, index: str, binds: int = 0) -> str:
    """A tree as text, in parentheses if it binds more weakly than `binds`; `inline` writes fractions with a slash."""
    text = _without_parentheses(node, inline, index)
    weak = _BINDS.get(node.op, _ATOM)
    if node.op == "div" and not inline and binds <= _PRODUCT:
        weak = _ATOM  # an upright fraction needs no parentheses
    if node.op == "number" and text.startswith("-"):
        weak = _SUM
    if node.op == "where":
        weak = 0
    return _parenthesised(text) if weak < binds else text


def _parenthesised(text: str) -> str:
    return rf"\left({text}\right)" if r"\dfrac" in text else f"({text})"


def _without_parentheses(node: Node, inline: bool, index: str) -> str:
    args = node.args

    def write(arg: Node, binds: int = 0, *, flat: bool = inline, at: str = index, leads: bool = False) -> str:
        return _write(arg, flat, at, 0 if leads and arg.op == "neg" else binds)

    match node.op:
        case "number":
            return _number(node.text)
        case "name":
            return symbol(node.text, index)
        case "neg":
            return "-" + _unsigned(write(args[0], _PRODUCT))
        case "add":
            return f"{write(args[0])} + {_unsigned(write(args[1]))}"
        case "sub":
            return f"{write(args[0])} - {_unsigned(write(args[1], _PRODUCT))}"
        case "mul" if len(set(parts := factors(node))) == 1 and parts[0].op == "name":
            return _power(parts[0], symbol(parts[0].text, index), str(len(parts)), inline, index)
        case "mul":
            # A slash next to a factor needs parentheses, as a/b c is ambiguous.
            left = write(args[0], _PRODUCT + (inline and args[0].op == "div"), leads=True)
            return _product(left, _unsigned(write(args[1], _PRODUCT + (inline and args[1].op == "div"))))
        case "div" if inline:
            return f"{write(args[0], _PRODUCT, leads=True)} / {_unsigned(write(args[1], _POWER))}"
        case "div":
            return rf"\dfrac{{{write(args[0], flat=True)}}}{{{write(args[1], flat=True)}}}"
        case "pow":
            return _power(args[0], write(args[0], _ATOM), write(args[1], flat=True), inline, index)
        case "exp":
            return f"e^{{{write(args[0], flat=True)}}}"
        case "expm1":
            return f"e^{{{write(args[0], flat=True)}}} - 1"
        case "log1p":
            return rf"\ln(1 + {_unsigned(write(args[0]))})"
        case "sqrt":
            return rf"\sqrt{{{write(args[0], flat=True)}}}"
        case "abs":
            return f"|{write(args[0])}|"
        case "floor":
            return rf"\lfloor {write(args[0])} \rfloor"
        case "clip":
            return rf"\min(\max({write(args[0])}, {write(args[1])}), {write(args[2])})"
        case "where":
            condition, value, other = map(write, args)
            return rf"{value}\;\mathrm{{if}}\;{condition},\;\mathrm{{else}}\;{other}"
        case "sum":
            return rf"\sum_j {write(args[0], _PRODUCT, at='j')}"
        case "largest":
            return rf"\max_j {write(args[0], _PRODUCT, at='j')}"
        case "threshold":
            return r"\tau"
        case op if op in _RELATIONS:
            return f"{write(args[0])} {_RELATIONS[op]} {write(args[1])}"
    name = _NAMES.get(node.op, rf"\{node.op}")
    inner = ", ".join(map(write, args))
    return f"{name}{_parenthesised(inner)}"


def _unsigned(text: str) -> str:
    """The text, in parentheses if it starts with a minus sign, to follow an operator."""
    return _parenthesised(text) if text.startswith("-") else text


def _number(text: str) -> str:
    mantissa, _, exponent = text.lower().partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def symbol(name: str, index: str = "") -> str:
    """A name as a letter, a Greek letter, a letter with a subscript, or an upright word.

    >>> print(symbol("alpha"), symbol("p1"), symbol("max_value"))
    \\alpha p_1 \\mathrm{max\\_value}
    """
    if index and name in ("x", "a", "b", "g"):
        return f"{name}_{index}"
    spelled = _SPELLED.get(name, name)
    if spelled in (*_GREEK, "pi", "epsilon"):
        return rf"\{spelled}"
    if len(name) == 1:
        return name
    letter, below = name[0], name[1:].removeprefix("_")
    if len(below) == 1 and (below.isdigit() or name[1] == "_"):
        return f"{letter}_{below}"
    escaped = name.replace("_", r"\_")
    return rf"\mathrm{{{escaped}}}"


def _power(base: Node, text: str, exponent: str, inline: bool, index: str) -> str:
    if base.op in ("tanh", "sinh", "cosh", "sin", "cos"):
        inner = _parenthesised(_write(base.args[0], inline, index))
        return rf"\{base.op}^{{{exponent}}}{inner}"
    kept = base.op in ("name", "number", "abs", "sigmoid", "Phi", "min", "max", "clip")
    return (
        f"{text}^{{{exponent}}}"
        if kept or text.startswith(("(", r"\left("))
        else f"{_parenthesised(text)}^{{{exponent}}}"
    )


def _product(a: str, b: str) -> str:
    """The product of two factors: with a dot before a number, else with a thin space."""
    return rf"{a} \cdot {b}" if b[0].isdigit() else rf"{a}\,{b}"
