"""PyTorch: a function with its slope as an autograd.Function, which can be differentiated twice."""

from __future__ import annotations

from actcli.formulas.languages import python
from actcli.formulas.languages.arrays import Arrays
from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.python import PYTHON, test_of
from actcli.formulas.languages.rows import RowSource

_SAME = "exp expm1 log log1p sqrt tanh sinh cosh sin cos atan abs erf erfc floor"


def kernels(language: Language, *sources: Source) -> list[str]:
    """The kernels that the programs of sources need, and the programs, each a function of tensors of float64."""
    lines = python.kernels(language, [program for source in sources for program in source.programs])
    for source in sources:
        for what, program in (("value", source.value), ("slope", source.slope), ("second", source.second)):
            if program is not None:
                lines += python.function(language, f"{source.name}_{what}", ("x",), program, [])
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
    lines += [*kernels(TORCH, source), *_callable(source)]
    if source.value_test:
        tensor = f"torch.tensor(x, dtype=torch.{source.dtype}, requires_grad=True)"
        calls = {"value": f"{name}({tensor}).tolist()"}
        calls["slope"] = f"torch.autograd.grad({name}(numbers := {tensor}).sum(), numbers)[0].tolist()"
        lines += test_of(source, calls)
    return "\n".join(lines).rstrip("\n") + "\n"


def _computed(name: str, what: str) -> str:
    return f"{name}_{what}(x.double()).expand_as(x).to(x.dtype)"


def _callable(source: Source) -> list[str]:
    """What is called: the value, and its rules of differentiation unless it is wanted alone."""
    name = source.name
    if source.slope is not None:
        return _autograd(name)
    return [f"def {name}(x):", '    """The value at every x."""', f"    return {_computed(name, 'value')}", "", ""]


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


_ROWS = Arrays(
    largest="torch.amax({}, -1, keepdim=True)",
    total="torch.sum({}, -1, keepdim=True)",
    at_least="{}.clamp(min={})",
    split="a, b = torch.tensor_split(x, 2, -1)",
    join="torch.cat([{}, {}], -1)",
)


def _write_row(source: RowSource) -> str:
    name = source.name
    words = "".join(word.capitalize() for word in name.split("_"))
    lines = [*TORCH.commented(source.head), "", "import torch", "", ""]
    if source.is_halved:
        lines += kernels(TORCH, *source.gates)
        lines += [line for gate in source.gates for line in _callable(gate)]
        lines += [f"def {name}(x):", '    """The outputs for rows on the last dimension."""', f"    {_ROWS.split}"]
        return "\n".join([*lines, f"    return {source.product('{}({})')}", ""])
    for called, stated in source.kernels(TORCH).items():
        lines += python.kernel(TORCH, f"_{called}", stated)
    forward = ["dtype = x.dtype", "x = x.double()"]
    body = [*_ROWS.statements(source.forward, TORCH), "    return y.to(dtype)"]
    if not source.backward:
        lines += [f"def {name}(x):", '    """The outputs for rows on the last dimension."""']
        return "\n".join([*lines, *[f"    {line}" for line in forward], *body, ""])
    lines += [f"class {words}Function(torch.autograd.Function):", f'    """{words} over the last dimension."""', ""]
    lines += ["    @staticmethod", "    def forward(ctx, x):", "        ctx.save_for_backward(x)"]
    lines += [*[f"        {line}" for line in forward], *[f"    {line}" for line in body], ""]
    lines += ["    @staticmethod", "    def backward(ctx, g):", "        (x,) = ctx.saved_tensors"]
    lines += [f"        x = {words}Function.apply(x)", *_ROWS.statements(source.backward, TORCH, 2), "        return x"]
    lines += ["", "", f"def {name}(x):", '    """The outputs for rows on the last dimension."""']
    return "\n".join([*lines, f"    return {words}Function.apply(x)", ""])


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
