"""JavaScript: an ES module of functions of numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from actcli.formulas.grammar import Node
from actcli.formulas.languages.language import Body, Language, Source, Vectors, each_kernel, kernels_of
from actcli.formulas.languages.loops import Loops, written
from actcli.formulas.languages.rows import RowSource

_SAME = "exp expm1 log log1p sqrt tanh sinh cosh sin cos atan abs pow floor"
_RESERVED = (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends "
    "false finally for function if implements import in instanceof interface let new null package private protected "
    "public return static super switch this throw true try typeof undefined var void while with yield Math test y "
    "NaN Infinity process console Number Array Float32Array Float64Array Int32Array BigInt64Array"
)


def _function(
    name: str, parameters: tuple[str, ...], tree: Node, export: str = "", give: str = "return {};"
) -> list[str]:
    body = Body(JAVASCRIPT, {parameter: parameter for parameter in parameters}, JAVASCRIPT.prefix, indent="  ")
    return [f"{export}function {name}({', '.join(parameters)}) {{", *body.returning(tree, give), "}", ""]


def _write(source: Source) -> str:
    name = source.name
    rounds = "return Math.fround({});" if source.dtype == "float32" else "return {};"
    lines = [
        *JAVASCRIPT.commented(source.head),
        "",
        *each_kernel(JAVASCRIPT, _function, kernels_of(source.programs[:2], JAVASCRIPT)),
    ]
    if source.arguments is not None:
        return "\n".join([*lines, *_with_arguments(source, source.arguments, rounds)])
    lines += JAVASCRIPT.commented(["The value at x."])
    lines += _function(name, ("x",), source.value, "export ", rounds)
    if source.slope is not None:
        lines += JAVASCRIPT.commented(["The slope at x."])
        lines += _function(f"{name}_slope", ("x",), source.slope, "export ", rounds)
    if source.value_test:
        lines += _test(source)
    return "\n".join(lines)


def _with_arguments(source: Source, arguments: Mapping[str, float], rounds: str) -> list[str]:
    """The lines of functions of x and the parameters: one for the value, one for the slope, and one for both."""
    name = source.name
    names = {"x": "x"}
    for parameter in arguments:
        fits = re.fullmatch(r"[A-Za-z]\w*", parameter, re.ASCII) and not re.fullmatch(r"t\d+", parameter)
        taken = JAVASCRIPT.reserved | {name, f"{name}_value", f"{name}_slope"}
        called = parameter if fits and parameter not in taken else f"p{len(names)}"
        names[parameter] = called if called not in names.values() else f"{called}_{len(names)}"
    shown = ", ".join(names.values())
    defaults = ", ".join(f"{names[parameter]} = {_literal(value)}" for parameter, value in arguments.items())
    lines = []
    for what, program in (("value", source.value), ("slope", source.slope)):
        if program is not None:
            body = Body(JAVASCRIPT, names, JAVASCRIPT.prefix, indent="  ").returning(program, rounds)
            lines += [f"function {name}_{what}({shown}) {{", *body, "}", ""]
    if source.slope is None:
        lines += JAVASCRIPT.commented(["The value at x."])
        give = f"{name}_value({shown})"
    else:
        lines += JAVASCRIPT.commented(["The value and the slope at x."])
        give = f"[{name}_value({shown}), {name}_slope({shown})]"
    given = ", ".join(["x", defaults] if defaults else ["x"])
    return [*lines, f"export function {name}({given}) {{", f"  return {give};", "}", ""]


def _test(source: Source) -> list[str]:
    bits, whole = ("Float64Array", "BigInt64Array") if source.dtype == "float64" else ("Float32Array", "Int32Array")
    one = "1n" if source.dtype == "float64" else "1"
    lines = JAVASCRIPT.commented(["Tries correctly rounded results: `node FILE test`."])
    lines += ["export function test() {", "  const spacing = (number) => {"]
    lines += [f"    const real = {bits}.of(Math.abs(number));", f"    new {whole}(real.buffer)[0] += {one};"]
    lines += ["    return real[0] - Math.abs(number);", "  };", "  let wrong = 0;"]
    for call, vectors in ((source.name, source.value_test), (f"{source.name}_slope", source.slope_test)):
        if vectors:
            lines += ["  for (const [x, right] of [", *_pairs(vectors), "  ]) {", f"    const found = {call}(x);"]
            lines += ["    const same = found === right || (Number.isNaN(found) && Number.isNaN(right));"]
            lines += [
                "    const near = Number.isFinite(right) ? spacing(right) : 0;",
                f"    const close = Math.abs(found - right) <= {vectors.ulps} * near;",
            ]
            lines += ["    if (!same && !close) {", "      wrong += 1;"]
            lines += ["      console.log(`x ${x}: found ${found}, expected ${right}`);", "    }", "  }"]
    lines += ["  console.log(`${wrong} wrong`);", "  return wrong;", "}", ""]
    lines += [
        'if (typeof process !== "undefined" && process.argv[2] === "test") {',
        "  process.exitCode = test() > 0 ? 1 : 0;",
        "}",
        "",
    ]
    return lines


def _literal(value: float) -> str:
    return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(repr(value)) or repr(value)


def _pairs(vectors: Vectors) -> list[str]:
    return [f"    [{_literal(x)}, {_literal(right)}]," for x, right in zip(vectors.x, vectors.right, strict=True)]


def _write_row(source: RowSource) -> str:
    style = Loops(
        kernels=partial(each_kernel, JAVASCRIPT, _function),
        forward="// The outputs for a row of numbers.\nexport function {name}(row) {{\n  const n = row.length;",
        backward="// The gradient by a row of numbers, from that by its outputs.\n"
        "export function {name}_gradient(row, gradient) {{\n  const n = row.length;",
        half="const h = n / 2;",
        room="const {array} = new Array({length});",
        outputs="const back = {name}(row);",
        each="for (let i = 0; i < {count}; i += 1) {{",
        end="}",
        larger="if (x > m) {\n  m = x;\n}",
        done="  return {array};\n}}",
        start="let {} = {};",
        add="{} += {};",
        put="{} = {};" if source.dtype == "float64" else "{} = Math.fround({});",
        indent="  ",
    )
    lines = [*JAVASCRIPT.commented(source.head), ""]
    return "\n".join(lines + written(source, JAVASCRIPT, style, ""))


JAVASCRIPT = Language(
    name="javascript",
    title="JavaScript",
    suffix=".js",
    write=_write,
    write_row=_write_row,
    native={name: f"Math.{name}({{}})" for name in _SAME.split()} | {"pow": "Math.pow({}, {})"},
    choice="({c} ? {a} : {b})",
    let="const {} = {};",
    comment="// ",
    reserved=frozenset(_RESERVED.split()),
    infinity="Infinity",
    takes_arguments=True,
)
