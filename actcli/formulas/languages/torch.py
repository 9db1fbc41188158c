"""PyTorch: a function with its slope as an autograd.Function, which can be differentiated twice."""

from __future__ import annotations

from actcli.formulas.grammar import Node
from actcli.formulas.languages.language import Body, Language, Source, kernels_of
from actcli.formulas.languages.python import PYTHON, test_of
from actcli.formulas.languages.rows import RowSource

_SAME = "exp expm1 log log1p sqrt tanh sinh cosh sin cos atan abs erf erfc floor"


def function(
    language: Language, name: str, parameters: tuple[str, ...], tree: Node, doc: list[str], wrap: str = "{}"
) -> list[str]:
    """A function of tensors, in which numbers alone are made like its first argument."""
    body = Body(language, {parameter: parameter for parameter in parameters}, language.prefix)
    return [f"def {name}({', '.join(parameters)}):", *doc, *body.returning(tree, f"return {wrap}"), "", ""]


def kernels(language: Language, source: Source) -> list[str]:
    """The kernels that the programs of a source need, and the programs, each a function of tensors of float64."""
    lines = []
    for called, stated in kernels_of(source.programs, language).items():
        doc = [f"    {line}" for line in language.commented([stated.reason])]
        lines += function(language, f"{language.prefix}{called}", stated.parameters, stated.root, doc)
    for what, program in (("value", source.value), ("slope", source.slope), ("second", source.second)):
        if program is not None:
            lines += function(language, f"{source.name}_{what}", ("x",), program, [])
    return lines


def _write(source: Source) -> str:
    name = source.name
    lines = [
        *TORCH.commented(source.head),
        "",
        *["import math", ""] * (source.value_test is not None),
        "import torch",
        "",
        "",
    ]
    lines += kernels(TORCH, source)
    if source.slope is None:
        lines += [
            f"def {name}(x):",
            '    """The value at every x."""',
            f"    return {_computed(name, 'value')}",
            "",
            "",
        ]
    else:
        lines += _autograd(name)
    if source.value_test:
        tensor = f"torch.tensor(x, dtype=torch.{source.dtype}, requires_grad=True)"
        calls = {"value": f"{name}({tensor}).tolist()"}
        calls["slope"] = f"torch.autograd.grad({name}(numbers := {tensor}).sum(), numbers)[0].tolist()"
        lines += test_of(source, calls)
    return "\n".join(lines).rstrip("\n") + "\n"


def _computed(name: str, what: str) -> str:
    return f"{name}_{what}(x.double()).expand_as(x).to(x.dtype)"


def _autograd(name: str) -> list[str]:
    words = "".join(word.capitalize() for word in name.split("_"))
    lines = []
    for kind, what, rule in (("Slope", "slope", f"{name}_second"), ("Function", "value", "")):
        doc = (
            "The slope, with a rule for slopes of slopes" if kind == "Slope" else "The value, with a rule for its slope"
        )
        lines += [f"class {words}{kind}(torch.autograd.Function):", f'    """{doc}."""', "", "    @staticmethod"]
        lines += [
            "    def forward(ctx, x):",
            "        ctx.save_for_backward(x)",
            f"        return {_computed(name, what)}",
            "",
        ]
        lines += ["    @staticmethod", "    def backward(ctx, change):", "        (x,) = ctx.saved_tensors"]
        slope = _computed(name, "second") if rule else f"{words}Slope.apply(x)"
        lines += [f"        return change * {slope}", "", ""]
    return [
        *lines,
        f"def {name}(x):",
        '    """The value at every x; autograd knows its slope."""',
        f"    return {words}Function.apply(x)",
        "",
        "",
    ]


def _write_row(source: RowSource) -> str:
    name, program = source.name, source.program
    words = "".join(word.capitalize() for word in name.split("_"))

    def text(formula: str) -> str:
        return program.text(formula, TORCH)

    lines = [*TORCH.commented(source.head), "", "import torch", "", ""]
    for called, stated in source.kernels(TORCH).items():
        doc = [f"    {line}" for line in TORCH.commented([stated.reason])]
        lines += function(TORCH, f"_{called}", stated.parameters, stated.root, doc)
    largest = "torch.amax(x, -1, keepdim=True)" + (f".clamp(min={program.floor}.0)" if program.floor else "")
    lines += [f"class {words}Function(torch.autograd.Function):", f'    """{words} over the last dimension."""', ""]
    lines += [
        "    @staticmethod",
        "    def forward(ctx, x):",
        "        ctx.save_for_backward(x)",
        "        dtype = x.dtype",
    ]
    lines += ["        x = x.double()", f"        x = {text(program.entry)}", f"        m = {largest}"]
    lines += [f"        {part.name} = torch.sum({text(part.text)}, -1, keepdim=True)" for part in program.sums]
    lines += [
        f"        return ({text(program.output)}).to(dtype)",
        "",
        "    @staticmethod",
        "    def backward(ctx, g):",
    ]
    lines += ["        (x,) = ctx.saved_tensors", f"        y = {words}Function.apply(x)"]
    lines += [f"        {program.back.name} = torch.sum({text(program.back.text)}, -1, keepdim=True)"]
    lines += [f"        return {text(program.gradient)}", "", "", f"def {name}(x):"]
    return "\n".join(
        [*lines, '    """The outputs for rows on the last dimension."""', f"    return {words}Function.apply(x)", ""]
    )


TORCH = Language(
    name="torch",
    title="PyTorch",
    suffix=".torch.py",
    write=_write,
    write_row=_write_row,
    native={name: f"torch.{name}({{}})" for name in _SAME.split()} | {"pow": "torch.pow({}, {})"},
    choice="torch.where({c}, {a}, {b})",
    let="{} = {}",
    branch=None,
    reserved=PYTHON.reserved | {"torch", "y", "ctx", "change", "numbers"},
    infinity='float("inf")',
    constant="torch.full_like({like}, {number})",
    second=True,
)
