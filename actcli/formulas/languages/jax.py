"""JAX: a function with its slope as a custom_jvp, which can be differentiated twice and more."""

from __future__ import annotations

from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.python import PYTHON, test_of
from actcli.formulas.languages.rows import RowSource
from actcli.formulas.languages.torch import function, kernels

_SAME = "exp expm1 log log1p sqrt sinh cosh sin cos abs floor"


def _write(source: Source) -> str:
    name = source.name
    lines = [
        *JAX.commented(source.head),
        "",
        *["import math", ""] * (source.value_test is not None),
        "import jax",
        "import jax.numpy as jnp",
        "",
        "",
    ]
    lines += kernels(JAX, source)
    lines += [
        "def in_float64(function, x):",
        *[f"    {line}" for line in JAX.commented(["Rounded once, into the type of x."])],
    ]
    lines += ["    x = jnp.asarray(x)", "    with jax.enable_x64(True):"]
    lines += [
        "        y = jnp.broadcast_to(function(x.astype(jnp.float64)), x.shape).astype(x.dtype)",
        "    return y",
        "",
        "",
    ]
    if source.slope is None:
        lines += [
            f"def {name}(x):",
            '    """The value at every x."""',
            f"    return in_float64({name}_value, x)",
            "",
            "",
        ]
    else:
        lines += ["@jax.custom_jvp", f"def {name}(x):", '    """The value at every x; jax.grad knows its slope."""']
        lines += [f"    return in_float64({name}_value, x)", "", "", "@jax.custom_jvp", f"def {name}_derivative(x):"]
        lines += ['    """The slope at every x."""', f"    return in_float64({name}_slope, x)", "", ""]
        lines += [f"{name}.defjvps(lambda change, y, x: change * {name}_derivative(x))"]
        lines += [f"{name}_derivative.defjvps(lambda change, y, x: change * in_float64({name}_second, x))", "", ""]
    if source.value_test:
        array = f"jnp.asarray(x, jnp.{source.dtype})"
        calls = {"value": f"{name}({array}).tolist()", "slope": f"jax.vmap(jax.grad({name}))({array}).tolist()"}
        x64 = ['jax.config.update("jax_enable_x64", True)', "", ""] if source.dtype == "float64" else []
        lines += x64 + test_of(source, calls, flushes=True)
    return "\n".join(lines).rstrip("\n") + "\n"


def _write_row(source: RowSource) -> str:
    name, program = source.name, source.program

    def text(formula: str) -> str:
        return program.text(formula, JAX)

    lines = [*JAX.commented(source.head), "", "import jax", "import jax.numpy as jnp", "", ""]
    for called, stated in source.kernels(JAX).items():
        doc = [f"    {line}" for line in JAX.commented([stated.reason])]
        lines += function(JAX, f"_{called}", stated.parameters, stated.root, doc)
    floor = f", initial={program.floor}.0" if program.floor else ""
    lines += [
        "def in_float64(x):",
        f"    x = {text(program.entry)}",
        f"    m = jnp.max(x, axis=-1, keepdims=True{floor})",
    ]
    lines += [f"    {part.name} = jnp.sum({text(part.text)}, axis=-1, keepdims=True)" for part in program.sums]
    lines += [f"    return {text(program.output)}", "", "", "@jax.custom_vjp", f"def {name}(x):"]
    lines += ['    """The outputs for rows on the last axis."""', "    with jax.enable_x64(True):"]
    lines += [
        "        y = in_float64(x.astype(jnp.float64)).astype(x.dtype)",
        "    return y",
        "",
        "",
        "def forward(x):",
    ]
    lines += [f"    y = {name}(x)", "    return y, y", "", "", "def backward(y, g):"]
    lines += [f"    {program.back.name} = jnp.sum({text(program.back.text)}, axis=-1, keepdims=True)"]
    return "\n".join(
        [*lines, f"    return ({text(program.gradient)},)", "", "", f"{name}.defvjp(forward, backward)", ""]
    )


JAX = Language(
    name="jax",
    title="JAX",
    suffix=".jax.py",
    write=_write,
    write_row=_write_row,
    native={name: f"jnp.{name}({{}})" for name in _SAME.split()}
    | {
        "atan": "jnp.arctan({})",
        "pow": "jnp.power({}, {})",
        # XLA would take (u + c) - c for u.
        "turn": "jnp.where(jnp.abs({0}) < 9007199254740992.0, {0} - 4.0 * jnp.round({0} / 4.0), 0.0)",
    },
    choice="jnp.where({c}, {a}, {b})",
    let="{} = {}",
    branch=None,
    reserved=PYTHON.reserved | {"jax", "jnp", "y", "change", "in_float64"},
    infinity="jnp.inf",
    second=True,
)
