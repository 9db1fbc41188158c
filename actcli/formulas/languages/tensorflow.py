"""TensorFlow: a function with its slope as a custom_gradient, which can be differentiated twice."""

from __future__ import annotations

from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.python import PYTHON, test_of
from actcli.formulas.languages.torch import kernels

_SAME = "exp expm1 log log1p sqrt tanh sinh cosh sin cos atan abs erf erfc pow floor"


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
    lines += kernels(TENSORFLOW, source)
    lines += [
        "def in_float64(function, x):",
        *[f"    {line}" for line in TENSORFLOW.commented(["Rounded once, into the type of x."])],
    ]
    lines += ["    return tf.cast(tf.broadcast_to(function(tf.cast(x, tf.float64)), tf.shape(x)), x.dtype)", "", ""]
    if source.slope is None:
        lines += [
            f"def {name}(x):",
            '    """The value at every x."""',
            f"    return in_float64({name}_value, tf.convert_to_tensor(x))",
            "",
            "",
        ]
    else:
        lines += ["@tf.custom_gradient", f"def {name}_derivative(x):", '    """The slope at every x."""']
        lines += [
            f"    return in_float64({name}_slope, x), lambda change: change * in_float64({name}_second, x)",
            "",
            "",
        ]
        lines += [
            "@tf.custom_gradient",
            f"def {name}(x):",
            '    """The value at every x; GradientTape knows its slope."""',
        ]
        lines += ["    x = tf.convert_to_tensor(x)"]
        lines += [f"    return in_float64({name}_value, x), lambda change: change * {name}_derivative(x)", "", ""]
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


_MATH = {"exp", "sqrt", "abs", "pow", "tanh", "sinh", "cosh", "sin", "cos", "atan", "floor"}
TENSORFLOW = Language(
    name="tensorflow",
    title="TensorFlow",
    suffix=".tf.py",
    write=_write,
    native={name: f"tf.{name}({{}})" if name in _MATH else f"tf.math.{name}({{}})" for name in _SAME.split()}
    | {"pow": "tf.pow({}, {})"},
    choice="tf.where({c}, {a}, {b})",
    let="{} = {}",
    branch=None,
    reserved=PYTHON.reserved | {"tf", "y", "change", "in_float64", "gradient"},
    infinity='float("inf")',
    constant="tf.constant({number}, tf.float64)",
    second=True,
)
