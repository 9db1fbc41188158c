"""JAX: a function whose custom_jvp has its slope, and which can be differentiated twice or more."""

from __future__ import annotations

from actcli.formulas.languages.arrays import Arrays, functions
from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.python import PYTHON, kernels, test_of
from actcli.formulas.languages.rows import RowSource

#: The functions of XLA that are used. Of the others, tanh is up to 7 ulp off, expm1 4, sinh and cosh 16, log1p 128,
#: erfc 460.
_SAME = "exp log sqrt sin cos abs floor"


#: The function that computes in float64 and rounds to the type of x.
_IN_FLOAT64 = [
    "def _in_float64(function, x):",
    "    # Rounded once, into the type of x.",
    "    x = jnp.asarray(x)",
    "    dtype = jnp.result_type(x, 1.0)",
    "    with jax.enable_x64(True):",
    "        return jnp.broadcast_to(function(x.astype(jnp.float64)), x.shape).astype(dtype)",
    "",
    "",
]
_ROWS = Arrays(
    largest="jnp.max({}, axis=-1, keepdims=True)",
    total="jnp.sum({}, axis=-1, keepdims=True)",
    at_least="jnp.maximum({}, {})",
    split="a, b = jnp.split(x, 2, axis=-1)",
    join="jnp.concatenate([{}, {}], axis=-1)",
)


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
    lines += [*_IN_FLOAT64, *functions(JAX, source), *_callable(source)]
    if source.value_test:
        array = f"jnp.asarray(x, jnp.{source.dtype})"
        calls = {"value": f"{name}({array}).tolist()", "slope": f"jax.vmap(jax.grad({name}))({array}).tolist()"}
        x64 = ['jax.config.update("jax_enable_x64", True)', "", ""] if source.dtype == "float64" else []
        lines += x64 + test_of(source, calls, flushes=True)
    return "\n".join(lines).rstrip("\n") + "\n"


def _callable(source: Source) -> list[str]:
    """The lines of the function that users call, with its differentiation rules if the source has a slope."""
    name = source.name
    value = f"    return _in_float64({name}_value, x)"
    if source.slope is None:
        return [f"def {name}(x):", '    """The value at every x."""', value, "", ""]
    return [
        *["@jax.custom_jvp", f"def {name}(x):", '    """The value at every x; jax.grad knows its slope."""'],
        *[value, "", "", "@jax.custom_jvp", f"def {name}_derivative(x):"],
        *['    """The slope at every x."""', f"    return _in_float64({name}_slope, x)", "", ""],
        f"{name}.defjvps(lambda change, y, x: change * {name}_derivative(x))",
        f"{name}_derivative.defjvps(lambda change, y, x: change * _in_float64({name}_second, x))",
        *["", ""],
    ]


def _write_row(source: RowSource) -> str:
    name = source.name
    lines = [*JAX.commented(source.head), "", "import jax", "import jax.numpy as jnp", "", ""]
    start = [f"def {name}(x):", '    """The outputs for rows on the last axis."""']
    if source.is_halved:
        lines += _IN_FLOAT64 if source.gates else []
        return "\n".join(lines + _ROWS.unit(source, JAX, _callable, start))
    lines += kernels(JAX, source.kernels(JAX))
    lines += ["def _in_float64(x):", *_ROWS.statements(source.forward, JAX), "    return y", "", ""]
    start += ["    x = jnp.asarray(x)", "    dtype = jnp.result_type(x, 1.0)", "    with jax.enable_x64(True):"]
    start += ["        return _in_float64(x.astype(jnp.float64)).astype(dtype)", ""]
    if not source.backward:
        return "\n".join([*lines, *start])
    lines += ["@jax.custom_vjp", *start, "", "def _forward(x):", f"    return {name}(x), x", "", ""]
    lines += ["def _backward(row, g):", "    dtype = row.dtype", "    with jax.enable_x64(True):"]
    lines += ["        row, g = row.astype(jnp.float64), g.astype(jnp.float64)", f"        x = {name}(row)"]
    lines += [*_ROWS.statements(source.backward, JAX, 2), "    return (x.astype(dtype),)", "", ""]
    return "\n".join([*lines, f"{name}.defvjp(_forward, _backward)", ""])


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
        # XLA simplifies (u + c) - c to u.
        "turn": "jnp.where(jnp.abs({0}) < 9007199254740992.0, {0} - 4.0 * jnp.round({0} / 4.0), 0.0)",
    },
    choice="jnp.where({c}, {a}, {b})",
    let="{} = {}",
    branch=None,
    reserved=PYTHON.reserved | {"jax", "jnp", "y", "change"},
    infinity="jnp.inf",
    apart="jax.lax.optimization_barrier({})",
    second=True,
)
