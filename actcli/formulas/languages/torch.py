"""PyTorch: a function whose autograd.Function has its slope, and which can be differentiated twice."""

from __future__ import annotations

from actcli.formulas.languages.arrays import Arrays, functions
from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.python import PYTHON, kernels, test_of
from actcli.formulas.languages.rows import RowSource

_SAME = "exp expm1 log log1p sqrt tanh sinh cosh sin cos atan abs erf erfc floor"


#: The first line of a function of tensors.
_REAL = "    x = x if x.is_floating_point() else x.to(torch.get_default_dtype())"


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
    lines += [*functions(TORCH, source), *_callable(source)]
    if source.value_test:
        tensor = f"torch.tensor(x, dtype=torch.{source.dtype}, requires_grad=True)"
        calls = {"value": f"{name}({tensor}).tolist()"}
        calls["slope"] = f"torch.autograd.grad({name}(numbers := {tensor}).sum(), numbers)[0].tolist()"
        lines += test_of(source, calls)
    return "\n".join(lines).rstrip("\n") + "\n"


def _computed(name: str, what: str) -> str:
    return f"{name}_{what}(x.double()).expand_as(x).type_as(x)"


def _callable(source: Source) -> list[str]:
    """The lines of the function that users call, with its differentiation rules if the source has a slope."""
    name = source.name
    if source.slope is not None:
        return _autograd(name)
    doc = '    """The value at every x."""'
    return [f"def {name}(x):", doc, _REAL, f"    return {_computed(name, 'value')}", "", ""]


def _autograd(name: str) -> list[str]:
    words = "".join(word.capitalize() for word in name.split("_"))
    lines = []
    for kind, what, doc, slope in (
        ("Slope", "slope", "The slope, with a rule for slopes of slopes", _computed(name, "second")),
        ("Function", "value", "The value, with a rule for its slope", f"{words}Slope.apply(x)"),
    ):
        lines += _rules(f"{words}{kind}", doc, [f"    return {_computed(name, what)}"], "x", "change")
        lines += [f"        return change * {slope}", "", ""]
    return [
        *lines,
        f"def {name}(x):",
        '    """The value at every x; autograd knows its slope."""',
        _REAL,
        f"    return {words}Function.apply(x)",
        "",
        "",
    ]


def _rules(name: str, doc: str, forward: list[str], saved: str, change: str) -> list[str]:
    """The lines of an autograd.Function that torch.func accepts, up to the line of `backward` that reads the input.

    It has no rule for forward mode: with one, PyTorch returns 0 for a slope of a slope if both use forward mode.
    """
    return [
        *[f"class {name}(torch.autograd.Function):", f'    """{doc}."""', "", "    generate_vmap_rule = True", ""],
        *["    @staticmethod", "    def forward(x):", *[f"    {line}" for line in forward], ""],
        *["    @staticmethod", "    def setup_context(ctx, inputs, output):"],
        *["        ctx.save_for_backward(*inputs)", "", "    @staticmethod"],
        *[f"    def backward(ctx, {change}):", f"        ({saved},) = ctx.saved_tensors"],
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
    start = [f"def {name}(x):", '    """The outputs for rows on the last dimension."""', _REAL]
    if source.is_halved:
        return "\n".join(lines + _ROWS.unit(source, TORCH, _callable, start))
    lines += kernels(TORCH, source.kernels(TORCH))
    body = ["    dtype, x = x.dtype, x.double()"]
    body += [*_ROWS.statements(source.forward, TORCH), "    return y.to(dtype)"]
    if not source.backward:
        return "\n".join([*lines, *start, *body, ""])
    lines += _rules(f"{words}Function", f"{words} over the last dimension", body, "row", "g")
    lines += ["        dtype, row, g = row.dtype, row.double(), g.double()", f"        x = {words}Function.apply(row)"]
    lines += [*_ROWS.statements(source.backward, TORCH, 2), "        return x.to(dtype)"]
    return "\n".join([*lines, "", "", *start, f"    return {words}Function.apply(x)", ""])


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
    mixes=True,
    second=True,
)
