"""Rust: functions of f64 and f32."""

from __future__ import annotations

from functools import partial

from actcli.formulas.grammar import Node
from actcli.formulas.languages.language import Body, Language, Source, Vectors, each_kernel, kernels_of
from actcli.formulas.languages.loops import Loops, written
from actcli.formulas.languages.rows import RowSource

_NAMES = {"expm1": "exp_m1", "log": "ln", "log1p": "ln_1p", "pow": "powf"}
_SAME = "exp expm1 log log1p sqrt tanh sinh cosh sin cos atan abs floor"
_RESERVED = (
    "as async await become box break const continue crate do dyn else enum extern false final fn for gen if impl in "
    "let loop macro match mod move mut override priv pub ref return self static struct super trait true try type "
    "typeof union unsafe unsized use virtual where while yield y slope f32 f64"
)


def _function(name: str, parameters: tuple[str, ...], tree: Node) -> list[str]:
    body = Body(RUST, {parameter: parameter for parameter in parameters}, RUST.prefix)
    lines = body.returning(tree, "return {};")
    lines[-1] = lines[-1].replace("return ", "", 1).rstrip(";")
    arguments = ", ".join(f"{parameter}: f64" for parameter in parameters)
    allow = ["#[allow(unused_parens)]"] if any("(if " in line for line in lines) else []
    return [*allow, f"fn {name}({arguments}) -> f64 {{", *lines, "}", ""]


def _write(source: Source) -> str:
    name, real = source.name, {"float64": "f64", "float32": "f32"}[source.dtype]
    lines = [*RUST.commented(source.head), "", *each_kernel(RUST, _function, kernels_of(source.programs[:2], RUST))]
    lines += _function(f"{name}_value", ("x",), source.value)
    cast = "x" if real == "f64" else "f64::from(x)"
    back = "" if real == "f64" else " as f32"
    if source.slope is None:
        lines += [
            "/// The value at x.",
            f"pub fn {name}(x: {real}) -> {real} {{",
            f"    {name}_value({cast}){back}",
            "}",
            "",
        ]
    else:
        lines += _function(f"{name}_slope", ("x",), source.slope)
        lines += ["/// The value and the slope at x.", f"pub fn {name}(x: {real}) -> ({real}, {real}) {{"]
        lines += [f"    ({name}_value({cast}){back}, {name}_slope({cast}){back})", "}", ""]
    return "\n".join(lines + _test(source, real)) if source.value_test else "\n".join(lines)


def _write_row(source: RowSource) -> str:
    real = {"float64": "f64", "float32": "f32"}[source.dtype]
    style = Loops(
        kernels=partial(each_kernel, RUST, _function),
        forward="/// The outputs for a row of numbers.\npub fn {name}(row: &[{real}]) -> Vec<{real}> {{\n"
        "    let n = row.len();",
        backward="/// The gradient by a row of numbers, from that by its outputs.\n"
        "pub fn {name}_gradient(row: &[{real}], gradient: &[{real}]) -> Vec<{real}> {{\n    let n = row.len();",
        half="let h = n / 2;",
        room="let mut {array} = vec![0.0; {length}];",
        outputs="let mut back = {name}(row);",
        each="for i in 0..{count} {{",
        end="}",
        larger="if x > m {\n    m = x;\n}",
        done="    {array}\n}}",
        read="{}" if real == "f64" else "f64::from({})",
        start="let mut {}: f64 = {};",
        add="{} += {};",
        put="{} = {};" if real == "f64" else "{} = ({}) as f32;",
    )
    return "\n".join([*RUST.commented(source.head), "", *written(source, RUST, style, real)])


def _test(source: Source, real: str) -> list[str]:
    name = source.name
    whole = {"f64": "u64", "f32": "u32"}[real]
    lines = [
        "#[cfg(test)]",
        f"mod {name}_test {{",
        f"    fn close(x: {real}, found: {real}, right: {real}, ulps: {real}) {{",
    ]
    lines += ["        let same = found == right || (found.is_nan() && right.is_nan());"]
    lines += [f"        let next = {real}::from_bits(right.abs().to_bits() + 1{whole});"]
    lines += ["        let near = right.is_finite() && (found - right).abs() <= ulps * (next - right.abs());"]
    lines += ['        assert!(same || near, "x {:e}: found {:e}, expected {:e}", x, found, right);', "    }", ""]
    for index, (what, vectors) in enumerate((("value", source.value_test), ("slope", source.slope_test))):
        if vectors:
            call = f"super::{name}(x)" + (f".{index}" if source.slope is not None else "")
            lines += ["    #[test]", f"    fn {what}_is_close() {{", "        for (x, right) in ["]
            lines += _pairs(vectors, real)
            lines += [
                "        ] {",
                f"            close(x, {call}, right, {float(vectors.ulps)!r});",
                "        }",
                "    }",
                "",
            ]
    return [*lines[:-1], "}", ""]


def _pairs(vectors: Vectors, real: str) -> list[str]:
    def literal(value: float) -> str:
        named = {"inf": "INFINITY", "-inf": "NEG_INFINITY", "nan": "NAN"}.get(repr(value))
        return f"{real}::{named}" if named else repr(value)

    return [f"            ({literal(x)}, {literal(right)})," for x, right in zip(vectors.x, vectors.right, strict=True)]


RUST = Language(
    name="rust",
    title="Rust",
    suffix=".rs",
    write=_write,
    write_row=_write_row,
    native={name: f"f64::{_NAMES.get(name, name)}({{}})" for name in _SAME.split()}
    | {"pow": "f64::powf({}, {})", "fma": "f64::mul_add({}, {}, {})"},
    choice="(if {c} {{ {a} }} else {{ {b} }})",
    let="let {} = {};",
    branch=("if {} {{", "}"),
    comment="// ",
    reserved=frozenset(_RESERVED.split()),
    infinity="f64::INFINITY",
)
