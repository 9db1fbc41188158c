"""NumPy: functions of arrays, whose results have the float type of the input."""

from __future__ import annotations

from actcli.formulas.languages.arrays import Arrays
from actcli.formulas.languages.language import Body, Language, Source, kernels_of
from actcli.formulas.languages.python import PYTHON, kernels, test_of
from actcli.formulas.languages.rows import RowSource

_SAME = "exp expm1 log log1p sqrt tanh sinh cosh sin cos abs floor"


#: The first lines of a function of arrays.
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
    lines += kernels(NUMPY, kernels_of(source.programs[:2], NUMPY))
    value = name if source.slope is None else f"{name}_value"
    for call, program, what in ((value, source.value, "value"), (f"{name}_slope", source.slope, "slope")):
        if program is not None:
            doc = [f'    """The {what} at every x, in its shape."""', *_TYPE]
            body = Body(NUMPY, {"x": "x"}, NUMPY.prefix).returning(program, "y = {}")
            lines += [f"def {call}(x):", *doc, *[f"    {line}" for line in body]]
            lines += ["        return np.broadcast_to(y, x.shape).astype(dtype)[()]", "", ""]
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


_ROWS = Arrays(
    largest="np.max({}, axis=-1, keepdims=True)",
    total="np.sum({}, axis=-1, keepdims=True)",
    at_least="np.maximum({}, {})",
    split="a, b = np.split(x, 2, axis=-1)",
    join="np.concatenate([{}, {}], axis=-1)",
)


def _write_row(source: RowSource) -> str:
    name = source.name
    lines = [*NUMPY.commented(source.head), "", "import numpy as np", "", ""]
    lines += kernels(NUMPY, source.kernels(NUMPY))
    lines += [f"def {name}(x):", '    """The outputs for rows on the last axis."""', *_TYPE]
    lines += [*_ROWS.statements(source.forward, NUMPY, 2), "        return y.astype(dtype)[()]", "", ""]
    if source.backward:
        lines += [f"def {name}_gradient(x, g):"]
        lines += ['    """The gradient by rows on the last axis, from that by the outputs."""', *_TYPE]
        lines += [f"        row, x = x, {name}(x)"] * (not source.is_halved)
        lines += [*_ROWS.statements(source.backward, NUMPY, 2), "        return x.astype(dtype)", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


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
