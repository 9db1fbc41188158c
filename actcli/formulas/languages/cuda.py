"""CUDA: device functions of a double, and the kernels of a layer's forward and backward pass."""

from __future__ import annotations

from dataclasses import replace

from actcli.formulas.languages.c import C, functions
from actcli.formulas.languages.language import Source


def _write(source: Source) -> str:
    name, real = source.name, {"float64": "double", "float32": "float"}[source.dtype]
    cast = "" if real == "double" else "(float)"
    lines = [*CUDA.commented(source.head), "", "#include <math.h>", "#include <stddef.h>", ""]
    lines += functions(CUDA, "__device__ static double", source)
    index = "    size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x;"
    lines += CUDA.commented(["y = f(x), a thread a number."])
    lines += [f"__global__ void {name}_forward(const {real} *x, {real} *y, size_t n) {{", index, "    if (i < n)"]
    lines += [f"        y[i] = {cast}{name}_value(x[i]);", "}", ""]
    if source.slope is not None:
        lines += CUDA.commented(["dx = dy f'(x), a thread a number."])
        lines += [f"__global__ void {name}_backward(const {real} *x, const {real} *dy, {real} *dx, size_t n) {{", index]
        lines += ["    if (i < n)", f"        dx[i] = {cast}(dy[i] * {name}_slope(x[i]));", "}", ""]
    return "\n".join(lines)


CUDA = replace(C, name="cuda", title="CUDA", suffix=".cu", write=_write, write_row=None, tests=False)
