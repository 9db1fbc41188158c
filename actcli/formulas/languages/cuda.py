"""CUDA: device functions of a double, and the kernels of a layer's forward and backward pass."""

from __future__ import annotations

from dataclasses import replace

from actcli.formulas.languages.c import C, functions, opening, rows
from actcli.formulas.languages.language import Source
from actcli.formulas.languages.rows import RowSource

#: The index of the number, or of the row, that a thread computes.
_INDEX = "    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;"


def _write(source: Source) -> str:
    name, real = source.name, {"float64": "double", "float32": "float"}[source.dtype]
    cast = "" if real == "double" else "(float)"
    lines = [*opening(CUDA, source.head), *functions(CUDA, "__device__ static double", source)]
    lines += CUDA.commented(["y = f(x), a thread a number."])
    lines += [f"__global__ void {name}_forward(const {real} *x, {real} *y, size_t n) {{", _INDEX, "    if (i < n)"]
    lines += [f"        y[i] = {cast}{name}_value(x[i]);", "}", ""]
    if source.slope is not None:
        lines += CUDA.commented(["dx = dy f'(x), a thread a number."])
        lines += [
            f"__global__ void {name}_backward(const {real} *x, const {real} *dy, {real} *dx, size_t n) {{",
            _INDEX,
        ]
        lines += ["    if (i < n)", f"        dx[i] = {cast}(dy[i] * {name}_slope(x[i]));", "}", ""]
    return "\n".join(lines)


def _write_row(source: RowSource) -> str:
    name, real = source.name, {"float64": "double", "float32": "float"}[source.dtype]
    lines = [*opening(CUDA, source.head), *rows(CUDA, "__device__ static", source)]
    out = "i * (n / 2)" if source.is_halved else "i * n"
    lines += CUDA.commented(["The outputs for `count` rows of n numbers, a thread a row."])
    lines += [f"__global__ void {name}_forward(const {real} *x, {real} *y, size_t count, size_t n) {{", _INDEX]
    lines += ["    if (i < count)", f"        {name}(x + i * n, y + {out}, n);", "}", ""]
    if source.backward:
        arguments = f"const {real} *x, const {real} *dy, {real} *dx, size_t count, size_t n"
        lines += CUDA.commented(["The gradients by `count` rows of n numbers, a thread a row."])
        lines += [f"__global__ void {name}_backward({arguments}) {{", _INDEX, "    if (i < count)"]
        lines += [f"        {name}_gradient(x + i * n, dy + {out}, dx + i * n, n);", "}", ""]
    return "\n".join(lines)


CUDA = replace(
    C, name="cuda", title="CUDA", suffix=".cu", write=_write, write_row=_write_row, tests=False, run_as=" compiled as C"
)
