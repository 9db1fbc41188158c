"""NumPy: functions of arrays, which keep float32 and float64."""

from __future__ import annotations

from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.python import PYTHON, function, kernels, test_of

_SAME = "exp expm1 log log1p sqrt tanh sinh cosh sin cos abs floor"


def _write(source: Source) -> str:
    name = source.name
    lines = [
        *NUMPY.commented(source.head),
        "",
        *["import math", ""] * (source.value_test is not None),
        "import numpy as np",
        "",
        "",
    ]
    lines += kernels(NUMPY, source.programs[:2])
    value = name if source.slope is None else f"{name}_value"
    for call, program, what in ((value, source.value, "value"), (f"{name}_slope", source.slope, "slope")):
        if program is not None:
            doc = [f'    """The {what} at every x, in its shape."""', "    x = np.asarray(x)"]
            doc += ["    dtype = np.result_type(x.dtype, np.float32) if x.dtype.kind == 'f' else np.float64"]
            doc += ["    x = x.astype(np.float64)", '    with np.errstate(all="ignore"):']
            inner = function(NUMPY, call, ("x",), program, [], "{}")
            if inner[-3].strip() != "return y":
                inner[-3] = inner[-3].replace("return ", "y = ")
            else:
                del inner[-3]
            lines += [inner[0], *doc, *[f"    {line}" for line in inner[1:-2]]]
            lines += ["    return np.broadcast_to(y, x.shape).astype(dtype)", "", ""]
    if source.slope is not None:
        lines += [
            f"def {name}(x):",
            '    """The value and the slope at every x."""',
            f"    return {value}(x), {name}_slope(x)",
            "",
            "",
        ]
    if source.value_test:
        real = f"np.{source.dtype}"
        numbers = f"np.array(x, {real})"
        calls = {"value": f"{value}({numbers}).tolist()", "slope": f"{name}_slope({numbers}).tolist()"}
        lines += test_of(source, calls)
    return "\n".join(lines).rstrip("\n") + "\n"


NUMPY = Language(
    name="numpy",
    title="NumPy",
    suffix=".numpy.py",
    write=_write,
    native={name: f"np.{name}({{}})" for name in _SAME.split()} | {"atan": "np.arctan({})", "pow": "np.power({}, {})"},
    choice="np.where({c}, {a}, {b})",
    let="{} = {}",
    branch=None,
    reserved=PYTHON.reserved | {"np", "y", "dtype"},
    infinity="np.inf",
)
