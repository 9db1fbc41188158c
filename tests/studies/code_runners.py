"""What `code` writes, compiled or run: the values and slopes that it gives at given points, language by language."""

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


def texts(activations: list[Activation], language: str, dtype: str = "float64") -> dict[str, str]:
    """The code of each activation, by the name of its function."""
    target = LANGUAGES[language]
    written = {default_name(a, target): write(a, language, dtype=dtype) for a in activations}
    return {name: text for name, text in written.items() if isinstance(text, str)}


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
    """What programs left in files: the values, then the slopes."""
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
_EACH = """
import runpy, sys
for name in sys.argv[1:]:
    function = runpy.run_path(name + ".py")[name]
    np.concatenate(results(function, np.fromfile(name + ".x"))).tofile(name + ".y")
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

#: How the code of a language is run: (code, points) by name, and an empty folder -> results by name.
RUNNERS: dict[str, Callable[[Mapping[str, str], Mapping[str, Array], Path], dict[str, Results]]] = {
    "python": _scalars,
    "numpy": _arrays,
    "c": _c,
    "javascript": _node,
    "rust": _rust,
    "torch": _python(_TORCH),
    "jax": _python(_JAX),
    "tensorflow": _python(_TENSORFLOW),
}
