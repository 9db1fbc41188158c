"""Julia: functions of real numbers computed in Float64, and a rule for ChainRules if that is installed."""

from __future__ import annotations

from functools import partial

from actcli.formulas.grammar import Node
from actcli.formulas.languages.language import Body, Language, Source, Vectors, each_kernel, kernels_of
from actcli.formulas.languages.loops import Loops, written
from actcli.formulas.languages.rows import RowSource

_SAME = "exp expm1 tanh sinh cosh atan abs floor"
_RESERVED = (
    "baremodule begin break catch const continue do else elseif end export false finally for function global if import "
    "let local macro module quote return struct true try using while in isa where abstract mutable primitive type y "
    "NaN Inf pi sign sin cos log log1p sqrt fma isfinite isinteger length zeros eps Float32 Float64 Real"
)


def _function(name: str, parameters: tuple[str, ...], tree: Node) -> list[str]:
    body = Body(JULIA, {parameter: parameter for parameter in parameters}, JULIA.prefix)
    arguments = ", ".join(f"{parameter}::Float64" for parameter in parameters)
    return [f"function {name}({arguments})", *body.returning(tree, "return {}"), "end", ""]


def _write(source: Source) -> str:
    name, real = source.name, {"float64": "Float64", "float32": "Float32"}[source.dtype]
    lines = [*JULIA.commented(source.head), "", *each_kernel(JULIA, _function, kernels_of(source.programs[:2], JULIA))]
    lines += _function(f"{name}_value", ("x",), source.value)
    lines += ['"""The value at x."""', f"{name}(x::Real) = {real}({name}_value(Float64(x)))", ""]
    if source.slope is not None:
        lines += _function(f"{name}_slope_at", ("x",), source.slope)
        lines += ['"""The slope at x."""', f"{name}_slope(x::Real) = {real}({name}_slope_at(Float64(x)))", ""]
        lines += JULIA.commented(
            ["The rule of differentiation, for what takes the rules of ChainRules, as Zygote does."]
        )
        lines += ['if Base.find_package("ChainRulesCore") !== nothing', "    @eval import ChainRulesCore"]
        lines += [f"    @eval function ChainRulesCore.rrule(::typeof({name}), x::Real)"]
        lines += [f"        pullback(change) = (ChainRulesCore.NoTangent(), change * {name}_slope(x))"]
        lines += [f"        return {name}(x), pullback", "    end", "end", ""]
    if source.value_test:
        lines += ["using Test", f'@testset "{name}" begin']
        for call, vectors in ((name, source.value_test), (f"{name}_slope", source.slope_test)):
            if vectors:
                lines += [
                    "    for (x, right) in [",
                    *_pairs(vectors, real),
                    "    ]",
                    f"        found = {call}({real}(x))",
                ]
                lines += [
                    f"        close = isfinite(right) && abs(found - right) <= {vectors.ulps} * eps({real}(right))"
                ]
                lines += ["        @test isequal(found, right) || found == right || close", "    end"]
        lines += ["end", ""]
    return "\n".join(lines)


def _write_row(source: RowSource) -> str:
    real = {"float64": "Float64", "float32": "Float32"}[source.dtype]
    style = Loops(
        kernels=partial(each_kernel, JULIA, _function),
        forward='"""The outputs for a row of numbers."""\nfunction {name}(row::AbstractVector{{<:Real}})\n'
        "    n = length(row)",
        backward='"""The gradient by a row of numbers, from that by its outputs."""\n'
        "function {name}_gradient(row::AbstractVector{{<:Real}}, gradient::AbstractVector{{<:Real}})\n"
        "    n = length(row)",
        half="h = n ÷ 2",
        room="{array} = zeros({real}, {length})",
        outputs="back = {name}(row)",
        each="for i in 1:{count}",
        end="end",
        larger="if x > m\n    m = x\nend",
        done="    return {array}\nend",
        read="Float64({})",
    )
    return "\n".join([*JULIA.commented(source.head), "", *written(source, JULIA, style, real)])


def _pairs(vectors: Vectors, real: str) -> list[str]:
    def literal(value: float) -> str:
        return {"inf": "Inf", "-inf": "-Inf", "nan": "NaN"}.get(repr(value)) or repr(value)

    pairs = zip(vectors.x, vectors.right, strict=True)
    return [f"        ({real}({literal(x)}), {real}({literal(right)}))," for x, right in pairs]


JULIA = Language(
    name="julia",
    title="Julia",
    suffix=".jl",
    write=_write,
    write_row=_write_row,
    native={name: f"{name}({{}})" for name in _SAME.split()}
    | {
        "log": "({0} < 0.0 ? NaN : log({0}))",
        "log1p": "({0} < -1.0 ? NaN : log1p({0}))",
        "sqrt": "({0} < 0.0 ? NaN : sqrt({0}))",
        "sin": "(isfinite({0}) ? sin({0}) : NaN)",
        "cos": "(isfinite({0}) ? cos({0}) : NaN)",
        "pow": "({0} < 0.0 && !isinteger({1}) ? NaN : ({0})^({1}))",
        "fma": "fma({}, {}, {})",
    },
    choice="({c} ? {a} : {b})",
    let="{} = {}",
    branch=("if {}", "end"),
    reserved=frozenset([*_RESERVED.split(), *_SAME.split()]),
    infinity="Inf",
)
