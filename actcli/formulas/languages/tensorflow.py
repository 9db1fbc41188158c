"""TensorFlow: a function whose custom_gradient has its slope, and which can be differentiated twice."""

from __future__ import annotations

from actcli.formulas.languages.arrays import Arrays, functions
from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.python import PYTHON, kernels, test_of
from actcli.formulas.languages.rows import RowSource

#: The functions of TensorFlow that are used. Of the others, tanh is up to 7 ulp off, erfc 8, expm1 and log1p 3, and erf
#: is nan at large numbers.
_SAME = "exp log sqrt sinh cosh sin cos atan abs pow floor"


#: The function that computes in float64 and rounds to the type of x.
_IN_FLOAT64 = [
    "def _in_float64(function, x):",
    "    # Rounded once, into the type of x.",
    "    return tf.cast(tf.broadcast_to(function(tf.cast(x, tf.float64)), tf.shape(x)), x.dtype)",
    "",
    "",
]
#: The first lines of a function of tensors.
_TENSOR = [
    "    x = tf.convert_to_tensor(x)",
    "    x = x if x.dtype.is_floating else tf.cast(x, tf.float32)",
]
_ROWS = Arrays(
    largest="tf.reduce_max({}, axis=-1, keepdims=True)",
    total="tf.reduce_sum({}, axis=-1, keepdims=True)",
    at_least="tf.maximum({}, {})",
    split="a, b = tf.split(x, 2, axis=-1)",
    join="tf.concat([{}, {}], axis=-1)",
)


def _write(source: Source) -> str:
    name = source.name
    lines = [
        *TENSORFLOW.commented(source.head),
        "",
        *["import math", ""] * (source.value_test is not None),
        "import tensorflow as tf",
        "",
        "",
    ]
    lines += [*_IN_FLOAT64, *functions(TENSORFLOW, source), *_callable(source)]
    if source.value_test:
        tensor = f"tf.constant(x, tf.{source.dtype})"
        lines += [
            "def gradient(function, x):",
            "    with tf.GradientTape() as tape:",
            "        tape.watch(x)",
            "        y = function(x)",
        ]
        lines += ["    return tape.gradient(y, x)", "", ""]
        calls = {"value": f"{name}({tensor}).numpy().tolist()", "slope": f"gradient({name}, {tensor}).numpy().tolist()"}
        lines += test_of(source, calls, flushes=True)
    return "\n".join(lines).rstrip("\n") + "\n"


def _callable(source: Source) -> list[str]:
    """The lines of the function that users call, with its differentiation rules if the source has a slope."""
    name = source.name
    value = f"_in_float64({name}_value, x)"
    if source.slope is None:
        return [f"def {name}(x):", '    """The value at every x."""', *_TENSOR, f"    return {value}", "", ""]
    return [
        *["@tf.custom_gradient", f"def {name}_derivative(x):", '    """The slope at every x."""'],
        f"    return _in_float64({name}_slope, x), lambda change: change * _in_float64({name}_second, x)",
        *["", "", "@tf.custom_gradient", f"def {name}(x):"],
        *['    """The value at every x; GradientTape knows its slope."""', *_TENSOR],
        f"    return {value}, lambda change: change * {name}_derivative(x)",
        *["", ""],
    ]


def _write_row(source: RowSource) -> str:
    name = source.name
    lines = [*TENSORFLOW.commented(source.head), "", "import tensorflow as tf", "", ""]
    start = [f"def {name}(x):", '    """The outputs for rows on the last axis."""', *_TENSOR]
    if source.is_halved:
        lines += _IN_FLOAT64 if source.gates else []
        return "\n".join(lines + _ROWS.unit(source, TENSORFLOW, _callable, start))
    lines += kernels(TENSORFLOW, source.kernels(TENSORFLOW))
    lines += ["def _in_float64(x):", *_ROWS.statements(source.forward, TENSORFLOW), "    return y", "", ""]
    value = "tf.cast(_in_float64(tf.cast(x, tf.float64)), x.dtype)"
    if not source.backward:
        return "\n".join([*lines, *start, f"    return {value}", ""])
    lines += [f"def _{name}_back(row, g):"]
    lines += ["    dtype, row, g = row.dtype, tf.cast(row, tf.float64), tf.cast(g, tf.float64)", f"    x = {name}(row)"]
    lines += [*_ROWS.statements(source.backward, TENSORFLOW), "    return tf.cast(x, dtype)", "", ""]
    lines += ["@tf.custom_gradient", *start]
    return "\n".join([*lines, f"    return {value}, lambda g: _{name}_back(x, g)", ""])


_MATH = {"exp", "sqrt", "abs", "pow", "sinh", "cosh", "sin", "cos", "atan", "floor"}
TENSORFLOW = Language(
    name="tensorflow",
    title="TensorFlow",
    suffix=".tf.py",
    write=_write,
    write_row=_write_row,
    native={name: f"tf.{name}({{}})" if name in _MATH else f"tf.math.{name}({{}})" for name in _SAME.split()}
    | {"pow": "tf.pow({}, {})"},
    choice="tf.where({c}, {a}, {b})",
    let="{} = {}",
    branch=None,
    reserved=PYTHON.reserved | {"tf", "y", "change", "gradient"},
    infinity='float("inf")',
    constant="tf.constant({number}, tf.float64)",
    second=True,
)
