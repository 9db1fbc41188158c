"""The accuracy of the functions with the most names at millions of points. Run by hand, takes an hour or two:

python -m tests.activations.many_points [N] [NAME...]

Each formula becomes a C program of 113-bit floats (gcc and its libquadmath), which finds the results that could be
further than 1 ulp from the exact value; ball arithmetic decides about these.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation, frameworks, get, names
from actcli.formulas.formula import play
from actcli.formulas.rational import exact_parameter
from tests.activations.accuracy import ulps

Array = NDArray[np.float64]

CHUNK = 1 << 20

INFIX = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "eq": "==",
    "ne": "!=",
}
#: Operations of the grammar in C; the others are functions of the same name with a suffix q.
IN_C = {
    **{op: f"({{}}{sign}{{}})" for op, sign in INFIX.items()},
    "neg": "(-{})",
    "pow": "powq({},{})",
    "where": "({}?{}:{})",
    "max": "fmaxq({},{})",
    "min": "fminq({},{})",
    "clip": "fminq(fmaxq({},{}),{})",
    "abs": "fabsq({})",
    "sign": "(({0}>0)-({0}<0))",
    "sigmoid": "(1/(1+expq(-{})))",
    "softplus": "(fmaxq({0},0)+log1pq(expq(-fabsq({0}))))",
}
PROGRAM = """#include <quadmath.h>
void distances(long n, const double *numbers, double *results) {
    for (long i = 0; i < n; i++) {
        __float128 x = numbers[i];
        STEPS
        results[i] = fabsq(results[i] - last);
    }
}
"""


def shipped_most(count: int = 25) -> list[str]:
    """The elementwise functions with the most names in frameworks."""
    have = Counter(name for name, _ in {(get(row.function).name, row.framework) for row in frameworks.rows()})
    return [name for name, _ in have.most_common() if name in names() and not get(name).is_row][:count]


def distances(activation: Activation, order: int) -> Callable[[Array, Array], Array]:
    """A function (x, results) -> distances of the results from the formula in 113 bits."""
    steps: list[str] = []
    known = activation.parameters

    def leaf(text: str) -> str:
        if text in ("x", "pi"):
            return {"x": "x", "pi": "M_PIq"}[text]
        value = exact_parameter(known[text] if text in known else float(text))
        return f"({value.numerator}.0Q/{value.denominator}.0Q)"

    def apply(op: str, parts: list[str]) -> str:
        steps.append(f"__float128 v{len(steps)} = {IN_C.get(op, op + 'q({})').format(*parts)};")
        return f"v{len(steps) - 1}"

    last = play(activation.truth._steps(order), leaf, apply)
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder) / "f.c", Path(folder) / "f.so"
        source.write_text(PROGRAM.replace("STEPS", "\n        ".join(steps)).replace("last", last))
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", source, "-lquadmath", "-o", library], check=True)
        function = ctypes.CDLL(str(library)).distances

    def measure(x: Array, results: Array) -> Array:
        out = results.copy()
        function(ctypes.c_long(x.size), x.ctypes.data_as(ctypes.c_void_p), out.ctypes.data_as(ctypes.c_void_p))
        return out

    return measure


def worst(activation: Activation, order: int, count: int) -> tuple[float, int]:
    """The largest error at `count` points in ulp of the float64 results, and the number of points decided by balls."""
    function, measure = (activation, activation.slope, activation.second)[order], distances(activation, order)
    rng, largest, asked = np.random.default_rng(17), 0.0, 0
    for size in np.diff([*range(0, count, CHUNK), count]):
        x = np.where(rng.random(size) < 0.5, 4.0, 30.0) * rng.normal(size=size)
        results = np.asarray(function(x))
        error = measure(x, results) / np.spacing(np.abs(results))
        sure = error < 0.999
        largest = max(largest, float(error[sure].max(initial=0.0)))
        doubtful = np.flatnonzero(~sure)
        if doubtful.size:
            right = np.asarray(activation.exact(x[doubtful], order))
            largest = max(largest, float(ulps(results[doubtful] + 0.0, right + 0.0).max()))
            asked += doubtful.size
    return largest, asked


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    for name in sys.argv[2:] or shipped_most():
        for order, what in enumerate(("value", "slope", "second derivative")):
            largest, asked = worst(get(name), order, count)
            print(f"{name:20} {what:17}  {largest:.4f} ulp, {asked:,} by balls", flush=True)
