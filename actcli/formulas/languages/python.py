"""Python: functions of floats, which import only the math module."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from functools import partial

from actcli.formulas.grammar import Node
from actcli.formulas.languages.kernels import Kernel, walk
from actcli.formulas.languages.language import Body, Language, Source, Vectors, kernels_of
from actcli.formulas.languages.loops import Loops, written
from actcli.formulas.languages.rows import RowSource

#: Functions of math that raise errors at poles, at infinities or outside their domain, with limits or nan instead.
_SAFE = {
    "exp": "math.exp(u) if u <= 709.782712893384 else u + math.inf",
    "expm1": "math.expm1(u) if u <= 709.782712893384 else u + math.inf",
    "sinh": "math.sinh(u) if abs(u) <= 710.4758600739439 else u * math.inf",
    "cosh": "math.cosh(u) if abs(u) <= 710.4758600739439 else abs(u) * math.inf",
    "sin": "math.sin(u) if abs(u) < math.inf else u - u",
    "cos": "math.cos(u) if abs(u) < math.inf else u - u",
    "floor": "float(math.floor(u)) if abs(u) < math.inf else u",
    "log": "math.log(u) if u > 0.0 else -math.inf if u == 0.0 else math.nan",
    "log1p": "math.log1p(u) if u > -1.0 else -math.inf if u == -1.0 else u + math.nan",
    "sqrt": "math.sqrt(u) if u >= 0.0 else math.nan",
}
_QUOTIENT = [
    "def _quotient(a, b):",
    "    # a/b, also where b is 0, which Python refuses.",
    "    if b:",
    "        return a / b",
    "    return math.copysign(math.inf, a) * math.copysign(1.0, b) if a else math.nan",
    "",
    "",
]
_POWER = [
    "def _power(a, b):",
    "    # a**b, also where it overflows or is no real number, which Python refuses.",
    "    try:",
    "        return math.pow(a, b)",
    "    except OverflowError:",
    "        return math.inf if a > 0.0 or b % 2.0 == 0.0 else -math.inf",
    "    except ValueError:",
    "        return math.copysign(math.inf, a if b % 2.0 == 1.0 else 1.0) if a == 0.0 else math.nan",
    "",
    "",
]


def function(language: Language, name: str, parameters: tuple[str, ...], tree: Node, doc: list[str]) -> list[str]:
    """The lines of a Python function of floats or of tensors."""
    body = Body(language, {parameter: parameter for parameter in parameters}, language.prefix)
    return [f"def {name}({', '.join(parameters)}):", *doc, *body.returning(tree, "return {}"), "", ""]


def kernels(language: Language, found: Mapping[str, Kernel]) -> list[str]:
    """The lines of kernels, each with its reason in a comment."""
    lines = []
    for called, kernel in found.items():
        doc = [f"    {line}" for line in language.commented([kernel.reason])]
        lines += function(language, f"{language.prefix}{called}", kernel.parameters, kernel.root, doc)
    return lines


def operations(programs: list[Node], language: Language) -> set[str]:
    """The operations of programs and of the kernels that they need."""
    trees = [*programs, *(stated.root for stated in kernels_of(programs, language).values())]
    return {node.op for tree in trees for node in walk(tree)}


def test_of(source: Source, calls: Mapping[str, str], *, flushes: bool = False) -> list[str]:
    """The lines of a test, in Python, against correctly rounded results.

    calls: the expressions of "value" and "slope" at the numbers in `x`, each an iterable of floats.
    flushes: whether the language replaces subnormal numbers by 0: then they are left out of the inputs, and 0 is
        accepted for a subnormal result.
    """
    digits, least = {"float64": (53, -1074), "float32": (24, -149)}[source.dtype]
    normal = 2.0 ** (least + digits - 1) if flushes else 0.0
    lines = [f"def test_{source.name}():"]
    for what, vectors in (("value", source.value_test), ("slope", source.slope_test)):
        if vectors:
            lines += [f"    # Correctly rounded results for the {what}; at most {vectors.ulps} ulp may be lost."]
            lines += ["    vectors = [", *[f"        {pair}," for pair in _pairs(vectors, normal)], "    ]"]
            lines += ["    x = [pair[0] for pair in vectors]", f"    results = {calls[what]}"]
            lines += ["    for (x, right), found in zip(vectors, results):"]
            lines += ["        same = found == right or (math.isnan(found) and math.isnan(right))"]
            lines += [
                f"        ulp = 2.0 ** max(math.frexp(right)[1] - {digits}, {least}) if math.isfinite(right) else 0.0"
            ]
            lines += [f"        close = abs(found - right) <= {vectors.ulps} * ulp"]
            if flushes:
                lines += [f"        close = close or (found == 0.0 and ulp <= 2.0**{least})  # subnormals are flushed"]
            lines += ['        assert same or close, f"x {x!r}: found {found!r}, expected {right!r}"']
    return [*lines, "", "", 'if __name__ == "__main__":', f"    test_{source.name}()", '    print("passed")', ""]


def _pairs(vectors: Vectors, normal: float) -> list[str]:
    """The inputs and their right results, without the nonzero inputs smaller than `normal`."""

    def literal(value: float) -> str:
        return {"inf": "math.inf", "-inf": "-math.inf", "nan": "math.nan"}.get(repr(value)) or repr(value)

    pairs = zip(vectors.x, vectors.right, strict=True)
    return [f"({literal(x)}, {literal(right)})" for x, right in pairs if not 0 < abs(x) < normal]


def _safe(programs: list[Node]) -> list[str]:
    """The lines of the functions of `_SAFE` that programs need."""
    used = operations(programs, PYTHON)
    lines = []
    for name, text in _SAFE.items():
        if name in used:
            lines += [
                f"def _{name}(u):",
                f"    # math.{name} with limits in place of errors.",
                f"    return {text}",
                "",
                "",
            ]
    return lines


def _module(head: tuple[str, ...], programs: list[Node], body: list[str]) -> list[str]:
    """The lines of a module: its head, the functions of math that programs need, and the body."""
    text = "\n".join(body)
    more = [*(_QUOTIENT if "_quotient(" in text else []), *(_POWER if "_power(" in text else [])]
    return [*PYTHON.commented(head), "", "import math", "", "", *_safe(programs), *more, *body]


def _write(source: Source) -> str:
    programs = source.programs[:2]
    body = kernels(PYTHON, kernels_of(programs, PYTHON))
    value = source.name if source.slope is None else f"{source.name}_value"
    body += function(PYTHON, value, ("x",), source.value, ['    """The value at x."""'])
    if source.slope is not None:
        body += function(PYTHON, f"{source.name}_slope", ("x",), source.slope, ['    """The slope at x."""'])
        body += [f"def {source.name}(x):", '    """The value and the slope at x."""']
        body += [f"    return {source.name}_value(x), {source.name}_slope(x)", "", ""]
    lines = _module(source.head, programs, body)
    if source.value_test:
        lines += test_of(source, {"value": f"map({value}, x)", "slope": f"map({source.name}_slope, x)"})
    return "\n".join(lines).rstrip("\n") + "\n"


def _write_row(source: RowSource) -> str:
    style = Loops(
        kernels=partial(kernels, PYTHON),
        forward='def {name}(row):\n    """The outputs for a row of numbers."""\n    n = len(row)',
        backward='def {name}_gradient(row, gradient):\n    """The gradient by a row, from that by its outputs."""\n'
        "    n = len(row)",
        half="h = n // 2",
        room="{array} = [0.0] * {length}",
        outputs="back = {name}(row)",
        each="for i in range({count}):",
        end="",
        larger="if x > m:\n    m = x",
        done="    return {array}\n\n",
    )
    body = written(source, PYTHON, style, "float")
    return "\n".join(_module(source.head, source.trees(PYTHON), body)).rstrip("\n") + "\n"


PYTHON = Language(
    name="python",
    title="Python",
    suffix=".py",
    write=_write,
    write_row=_write_row,
    native={name: f"_{name}({{}})" for name in _SAFE}
    | {name: f"math.{name}({{}})" for name in ("tanh", "atan", "erf", "erfc")}
    | {"abs": "abs({})", "pow": "_power({}, {})"},
    choice="({a} if {c} else {b})",
    let="{} = {}",
    branch=("if {}:", ""),
    reserved=frozenset(
        [*keyword.kwlist, *keyword.softkwlist, "math", "abs", "float", "len", "map", "print", "range", "zip"]
    ),
    dtypes=("float64",),
    infinity="math.inf",
    quotient="_quotient({}, {})",
)
