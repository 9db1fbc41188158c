"""NumPy: functions of arrays, which keep float32 and float64."""

from __future__ import annotations

from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.python import PYTHON, function, kernels, test_of
from actcli.formulas.languages.rows import RowSource

_SAME = "exp expm1 log log1p sqrt tanh sinh cosh sin cos abs floor"


#: How a function of arrays begins.
_TYPE = [
    "    x = np.asarray(x)",
    '    dtype = np.result_type(x.dtype, np.float32) if x.dtype.kind == "f" else np.float64',
    "    x = x.astype(np.float64)",
    '    with np.errstate(all="ignore"):',
]


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
            doc = [f'    """The {what} at every x, in its shape."""', *_TYPE]
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


def _write_row(source: RowSource) -> str:
    name, program = source.name, source.program

    def text(formula: str) -> str:
        return program.text(formula, NUMPY)

    lines = [*NUMPY.commented(source.head), "", "import numpy as np", "", "", *kernels(NUMPY, program.trees)]
    floor = f", initial={program.floor}.0" if program.floor else ""
    lines += [f"def {name}(x):", '    """The outputs for rows on the last axis."""', *_TYPE]
    lines += [f"        x = {text(program.entry)}"] * (program.entry != "x")
    lines += [f"        m = np.max(x, axis=-1, keepdims=True{floor})"]
    lines += [f"        {part.name} = np.sum({text(part.text)}, axis=-1, keepdims=True)" for part in program.sums]
    lines += [
        f"        y = {text(program.output)}",
        "    return y.astype(dtype)",
        "",
        "",
        f"def {name}_gradient(x, g):",
    ]
    lines += ['    """The gradient by rows on the last axis, from that by the outputs."""', *_TYPE]
    lines += [f"        y = {name}(x)"]
    lines += [f"        {program.back.name} = np.sum({text(program.back.text)}, axis=-1, keepdims=True)"]
    return "\n".join([*lines, f"        x = {text(program.gradient)}", "    return x.astype(dtype)", ""])


NUMPY = Language(
    name="numpy",
    title="NumPy",
    suffix=".numpy.py",
    write=_write,
    write_row=_write_row,
    native={name: f"np.{name}({{}})" for name in _SAME.split()} | {"atan": "np.arctan({})", "pow": "np.power({}, {})"},
    choice="np.where({c}, {a}, {b})",
    let="{} = {}",
    branch=None,
    reserved=PYTHON.reserved | {"np", "y", "dtype"},
    infinity="np.inf",
)
