"""Values and slopes at given points of the code from `code`, compiled or run in each language."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation
from actcli.formulas.languages import LANGUAGES
from actcli.studies.code import default_name, write

Array = NDArray[np.float64]

#: Values and slopes.
Results = tuple[Array, Array]
RowRunner = Callable[[Mapping[str, str], Array, Mapping[str, Array], Path], dict[str, Results]]


def texts(activations: list[Activation], language: str) -> dict[str, str]:
    """The code of each activation, by the name of its function; a model of ONNX, of float32, as text of Latin-1."""
    target = LANGUAGES[language]
    dtype = "float32" if language == "onnx" else "float64"
    written = {default_name(a, target): write(a, language, dtype=dtype) for a in activations}
    return {name: text if isinstance(text, str) else text.decode("latin1") for name, text in written.items()}


def _scalars(code: Mapping[str, str], points: Mapping[str, Array], folder: Path) -> dict[str, Results]:
    found = {}
    for name, text in code.items():
        namespace: dict[str, Callable[[float], float]] = {"__name__": name}  # type: ignore[dict-item]
        exec(text, namespace)
        x = points[name].tolist()
        found[name] = tuple(np.array([namespace[f"{name}_{what}"](v) for v in x], float) for what in ("value", "slope"))
    return found  # type: ignore[return-value]


def _arrays(code: Mapping[str, str], points: Mapping[str, Array], folder: Path) -> dict[str, Results]:
    found = {}
    for name, text in code.items():
        namespace: dict[str, Callable[[Array], Results]] = {"__name__": name}  # type: ignore[dict-item]
        exec(text, namespace)
        found[name] = namespace[name](points[name])
    return found


def _files(code: Mapping[str, str], points: Mapping[str, Array], folder: Path, suffix: str) -> None:
    for name, text in code.items():
        (folder / f"{name}{suffix}").write_text(text)
        points[name].tofile(folder / f"{name}.x")


def _results(code: Mapping[str, str], folder: Path) -> dict[str, Results]:
    """The results of programs from files: values, then slopes."""
    found = {}
    for name in code:
        values, slopes = np.fromfile(folder / f"{name}.y").reshape(2, -1)
        found[name] = (values, slopes)
    return found


def _c(code: Mapping[str, str], points: Mapping[str, Array], folder: Path) -> dict[str, Results]:
    _files(code, points, folder, ".c")
    calls = "\n".join(f'    run("{name}", {name}_array);' for name in code)
    includes = "\n".join(f'#include "{name}.c"' for name in code)
    (folder / "main.c").write_text(f"""{includes}
#include <stdio.h>
#include <stdlib.h>
static void run(const char *name, void (*f)(const double *, double *, double *, size_t)) {{
    char path[256];
    snprintf(path, sizeof path, "%s.x", name);
    FILE *file = fopen(path, "rb");
    fseek(file, 0, SEEK_END);
    size_t n = (size_t)ftell(file) / sizeof(double);
    rewind(file);
    double *x = malloc(3 * n * sizeof(double) + 1);
    if (fread(x, sizeof(double), n, file) != n) exit(1);
    fclose(file);
    f(x, x + n, x + 2 * n, n);
    snprintf(path, sizeof path, "%s.y", name);
    file = fopen(path, "wb");
    fwrite(x + n, sizeof(double), 2 * n, file);
    fclose(file);
    free(x);
}}
int main(void) {{
{calls}
    return 0;
}}
""")
    compiler = shutil.which("gcc") or "cc"
    _run([compiler, "-O2", "-std=c11", "-Wall", "-Wextra", "-Werror", "main.c", "-lm", "-o", "main"], folder)
    _run(["./main"], folder)
    return _results(code, folder)


#: The parts of CUDA that C lacks, for a single thread.
_THREAD = """#ifndef __global__
#define __global__
#define __device__
#include <stddef.h>
static struct { size_t x; } blockIdx, blockDim = {1}, threadIdx;
#endif
"""
_ARRAY = """
static void NAME_array(const double *x, double *y, double *slope, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const double one = 1.0;
        NAME_forward(x + i, y + i, 1);
        NAME_backward(x + i, &one, slope + i, 1);
    }
}
"""


def _cuda(code: Mapping[str, str], points: Mapping[str, Array], folder: Path) -> dict[str, Results]:
    return _c({name: _THREAD + text + _ARRAY.replace("NAME", name) for name, text in code.items()}, points, folder)


def _node(code: Mapping[str, str], points: Mapping[str, Array], folder: Path) -> dict[str, Results]:
    _files(code, points, folder, ".mjs")
    calls = "\n".join(f'await run("{name}");' for name in code)
    (folder / "main.mjs").write_text(f"""import {{ readFileSync, writeFileSync }} from "node:fs";
async function run(name) {{
  const module = await import(`./${{name}}.mjs`);
  const x = new Float64Array(new Uint8Array(readFileSync(`${{name}}.x`)).buffer);
  const y = new Float64Array(2 * x.length);
  x.forEach((number, i) => {{
    y[i] = module[name](number);
    y[x.length + i] = module[`${{name}}_slope`](number);
  }});
  writeFileSync(`${{name}}.y`, y);
}}
{calls}
""")
    _run(["node", "main.mjs"], folder)
    return _results(code, folder)


def _rust(code: Mapping[str, str], points: Mapping[str, Array], folder: Path) -> dict[str, Results]:
    _files(code, points, folder, ".rs")
    modules = "\n".join(f'mod m_{name} {{ include!("{name}.rs"); }}' for name in code)
    calls = "\n".join(f'    run("{name}", m_{name}::{name});' for name in code)
    (folder / "main.rs").write_text(f"""{modules}
fn run(name: &str, f: fn(f64) -> (f64, f64)) {{
    let bytes = std::fs::read(format!("{{}}.x", name)).unwrap();
    let found: Vec<(f64, f64)> = bytes
        .chunks(8)
        .map(|chunk| f(f64::from_le_bytes(chunk.try_into().unwrap())))
        .collect();
    let both = found.iter().map(|pair| pair.0).chain(found.iter().map(|pair| pair.1));
    let out: Vec<u8> = both.flat_map(|y| y.to_le_bytes()).collect();
    std::fs::write(format!("{{}}.y", name), out).unwrap();
}}
fn main() {{
{calls}
}}
""")
    _run(["rustc", "--edition=2021", "-O", "-D", "warnings", "-A", "dead_code", "main.rs", "-o", "main"], folder)
    _run(["./main"], folder)
    return _results(code, folder)


_TORCH = """
import numpy as np, torch
def results(function, x):
    numbers = torch.tensor(x, requires_grad=True)
    values = function(numbers)
    (slopes,) = torch.autograd.grad(values.sum(), numbers)
    return values.detach().numpy(), slopes.numpy()
"""
_JAX = """
import numpy as np, jax
jax.config.update("jax_enable_x64", True)
def results(function, x):
    return np.asarray(jax.jit(function)(x)), np.asarray(jax.jit(jax.vmap(jax.grad(function)))(x))
"""
_TENSORFLOW = """
import numpy as np, tensorflow as tf
def results(function, x):
    numbers = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(numbers)
        values = function(numbers)
    return values.numpy(), tape.gradient(values, numbers).numpy()
"""
_ONNX = """
import numpy as np, onnxruntime
def results(model, x):
    return onnxruntime.InferenceSession(model).run(["y", "slope"], {"x": x.astype(np.float32)})
def loaded(name):
    return open(name + ".py", encoding="utf-8", newline="").read().encode("latin1")
"""
_EACH = """
import runpy, sys
for name in sys.argv[1:]:
    function = loaded(name) if "loaded" in globals() else runpy.run_path(name + ".py")[name]
    np.concatenate(results(function, np.fromfile(name + ".x"))).astype(float).tofile(name + ".y")
"""


def _python(head: str) -> Callable[[Mapping[str, str], Mapping[str, Array], Path], dict[str, Results]]:
    def runner(code: Mapping[str, str], points: Mapping[str, Array], folder: Path) -> dict[str, Results]:
        _files(code, points, folder, ".py")
        (folder / "main.py.txt").write_text(head + _EACH)
        _run([INTERPRETER[0], "main.py.txt", *code], folder)
        return _results(code, folder)

    return runner


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


#: The interpreter that has the frameworks.
INTERPRETER = [sys.executable]

#: The runner of each language: (code, points) by name, and an empty folder -> results by name.
RUNNERS: dict[str, Callable[[Mapping[str, str], Mapping[str, Array], Path], dict[str, Results]]] = {
    "python": _scalars,
    "numpy": _arrays,
    "c": _c,
    "javascript": _node,
    "rust": _rust,
    "torch": _python(_TORCH),
    "jax": _python(_JAX),
    "tensorflow": _python(_TENSORFLOW),
    "onnx": _python(_ONNX),
    "cuda": _cuda,
}


# Row functions have outputs and gradients in place of values and slopes.


def _rows_in_python(each: Callable[..., Results]) -> RowRunner:
    def runner(code: Mapping[str, str], rows: Array, changes: Mapping[str, Array], folder: Path) -> dict[str, Results]:
        found = {}
        for name, text in code.items():
            namespace: dict[str, Callable[..., Array]] = {"__name__": name}  # type: ignore[dict-item]
            exec(text, namespace)
            found[name] = each(namespace[name], namespace[f"{name}_gradient"], rows, changes[name])
        return found

    return runner


def _one_by_one(function: Callable[..., Array], gradient: Callable[..., Array], rows: Array, changes: Array) -> Results:
    pairs = zip(rows.tolist(), changes.tolist(), strict=True)
    return np.array([function(row) for row in rows.tolist()]), np.array([gradient(row, g) for row, g in pairs])


def _rows_by(
    suffix: str, program: Callable[[Mapping[str, str], Mapping[str, tuple[int, int, int]]], str], *commands: str
) -> RowRunner:
    """A program that reads rows and gradients of their outputs from NAME.x, and writes NAME.y."""

    def runner(code: Mapping[str, str], rows: Array, changes: Mapping[str, Array], folder: Path) -> dict[str, Results]:
        sizes = {name: (*rows.shape, changes[name].shape[1]) for name in code}
        for name, text in code.items():
            (folder / f"{name}{suffix}").write_text(_THREAD + text if "__global__" in text else text)
            np.concatenate([rows.ravel(), changes[name].ravel()]).tofile(folder / f"{name}.x")
        (folder / f"main{suffix}").write_text(program(code, sizes))
        for command in commands:
            _run(command.format(python=INTERPRETER[0]).split(), folder)
        found = {}
        for name, (k, n, m) in sizes.items():
            both = np.fromfile(folder / f"{name}.y")
            found[name] = both[: k * m].reshape(k, m), both[k * m :].reshape(k, n)
        return found

    return runner


def _c_rows(code: Mapping[str, str], sizes: Mapping[str, tuple[int, int, int]]) -> str:
    includes = "\n".join(f'#include "{name}.c"' for name in code)
    calls = "\n".join(
        f'    run("{name}", {name}, {name}_gradient, {k}, {n}, {m});' for name, (k, n, m) in sizes.items()
    )
    return f"""{includes}
#include <stdio.h>
#include <stdlib.h>
static void run(const char *name, void (*f)(const double *, double *, size_t),
                void (*back)(const double *, const double *, double *, size_t), size_t k, size_t n, size_t m) {{
    char path[256];
    snprintf(path, sizeof path, "%s.x", name);
    FILE *file = fopen(path, "rb");
    double *x = malloc(2 * k * (n + m) * sizeof(double)), *g = x + k * n, *y = g + k * m, *out = y + k * m;
    if (fread(x, sizeof(double), k * (n + m), file) != k * (n + m)) exit(1);
    fclose(file);
    for (size_t i = 0; i < k; i++) {{
        f(x + i * n, y + i * m, n);
        back(x + i * n, g + i * m, out + i * n, n);
    }}
    snprintf(path, sizeof path, "%s.y", name);
    file = fopen(path, "wb");
    fwrite(y, sizeof(double), k * (n + m), file);
    fclose(file);
    free(x);
}}
int main(void) {{
{calls}
    return 0;
}}
"""


def _javascript_rows(code: Mapping[str, str], sizes: Mapping[str, tuple[int, int, int]]) -> str:
    calls = "\n".join(f'await run("{name}", {k}, {n}, {m});' for name, (k, n, m) in sizes.items())
    return f"""import {{ readFileSync, writeFileSync }} from "node:fs";
async function run(name, k, n, m) {{
  const module = await import(`./${{name}}.mjs`);
  const x = new Float64Array(new Uint8Array(readFileSync(`${{name}}.x`)).buffer);
  const y = [];
  const rows = Array.from({{ length: k }}, (_, i) => x.subarray(i * n, (i + 1) * n));
  rows.forEach((row) => y.push(...module[name](row)));
  rows.forEach((row, i) =>
    y.push(...module[`${{name}}_gradient`](row, x.subarray(k * n + i * m, k * n + (i + 1) * m))));
  writeFileSync(`${{name}}.y`, Float64Array.from(y));
}}
{calls}
"""


def _rust_rows(code: Mapping[str, str], sizes: Mapping[str, tuple[int, int, int]]) -> str:
    modules = "\n".join(f'mod m_{name} {{ include!("{name}.rs"); }}' for name in code)
    calls = "\n".join(
        f'    run("{name}", m_{name}::{name}, m_{name}::{name}_gradient, {k}, {n}, {m});'
        for name, (k, n, m) in sizes.items()
    )
    return f"""{modules}
type Forward = fn(&[f64]) -> Vec<f64>;
type Backward = fn(&[f64], &[f64]) -> Vec<f64>;
fn run(name: &str, f: Forward, back: Backward, k: usize, n: usize, m: usize) {{
    let bytes = std::fs::read(format!("{{}}.x", name)).unwrap();
    let x: Vec<f64> = bytes.chunks(8).map(|chunk| f64::from_le_bytes(chunk.try_into().unwrap())).collect();
    let (rows, changes) = x.split_at(k * n);
    let mut y: Vec<f64> = rows.chunks(n).flat_map(f).collect();
    y.extend(rows.chunks(n).zip(changes.chunks(m)).flat_map(|(row, g)| back(row, g)));
    let out: Vec<u8> = y.iter().flat_map(|one| one.to_le_bytes()).collect();
    std::fs::write(format!("{{}}.y", name), out).unwrap();
}}
fn main() {{
{calls}
}}
"""


def _framework_rows(head: str) -> Callable[[Mapping[str, str], Mapping[str, tuple[int, int, int]]], str]:
    def program(code: Mapping[str, str], sizes: Mapping[str, tuple[int, int, int]]) -> str:
        return f"""{head}
import runpy, sys
for name, (k, n, m) in {dict(sizes)}.items():
    function = loaded(name) if "loaded" in globals() else runpy.run_path(name + ".py")[name]
    both = np.fromfile(name + ".x")
    x, g = both[:k * n].reshape(k, n), both[k * n:].reshape(k, m)
    np.concatenate([np.asarray(part).ravel() for part in results(function, x, g)]).astype(float).tofile(name + ".y")
"""

    return program


_TORCH_ROWS = """
import numpy as np, torch
def results(function, x, g):
    numbers = torch.tensor(x, requires_grad=True)
    y = function(numbers)
    (back,) = torch.autograd.grad(y, numbers, torch.tensor(g))
    return y.detach(), back
"""
_JAX_ROWS = """
import numpy as np, jax
jax.config.update("jax_enable_x64", True)
def results(function, x, g):
    y, back = jax.vjp(jax.jit(function), x)
    return y, back(g)[0]
"""
_TENSORFLOW_ROWS = """
import numpy as np, tensorflow as tf
def results(function, x, g):
    numbers = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(numbers)
        y = function(numbers)
    return y, tape.gradient(y, numbers, tf.constant(g))
"""

_ONNX_ROWS = """
import numpy as np, onnxruntime
def results(model, x, g):
    single = {"x": x.astype(np.float32), "gradient": g.astype(np.float32)}
    return onnxruntime.InferenceSession(model).run(["y", "back"], single)
def loaded(name):
    return open(name + ".py", encoding="utf-8", newline="").read().encode("latin1")
"""

_GCC = "gcc -O2 -std=c11 -Wall -Wextra -Werror main.c -lm -o main"
_RUSTC = "rustc --edition=2021 -O -D warnings main.rs -o main"

#: The runners for row functions: (code, rows, gradients of the outputs, an empty folder) -> results by name.
ROW_RUNNERS: dict[str, RowRunner] = {
    "python": _rows_in_python(_one_by_one),
    "numpy": _rows_in_python(lambda function, gradient, rows, changes: (function(rows), gradient(rows, changes))),
    "c": _rows_by(".c", _c_rows, _GCC, "./main"),
    "javascript": _rows_by(".mjs", _javascript_rows, "node main.mjs"),
    "rust": _rows_by(".rs", _rust_rows, _RUSTC, "./main"),
    "torch": _rows_by(".py", _framework_rows(_TORCH_ROWS), "{python} main.py"),
    "jax": _rows_by(".py", _framework_rows(_JAX_ROWS), "{python} main.py"),
    "tensorflow": _rows_by(".py", _framework_rows(_TENSORFLOW_ROWS), "{python} main.py"),
    "onnx": _rows_by(".py", _framework_rows(_ONNX_ROWS), "{python} main.py"),
    "cuda": _rows_by(".c", _c_rows, _GCC, "./main"),
}
