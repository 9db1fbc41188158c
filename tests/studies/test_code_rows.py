"""What `code` writes of functions of rows: outputs and gradients, next to correctly rounded ones."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actcli.activations import get, names
from actcli.formulas.languages import LANGUAGES
from actcli.formulas.languages.rows import ROWS
from actcli.studies.code import write
from tests.studies.onnx_models import run_model

Array = NDArray[np.float64]

RANDOM = np.random.default_rng(0)
TABLE = [
    *(RANDOM.normal(0, 10**k, 6) for k in (-3, 0, 1, 2)),
    np.array([1000.0, 1000.1, -1000.0, 0.1, 1e-9, 3.0]),
    np.array([0.0, -40.0, -41.0, -50.0, -700.0, 0.0]),
]
#: A row whose smallest share is subnormal.
DEEP = np.array([0.0, -40.0, -41.0, -50.0, -745.0, 0.0])
SPECIAL = [np.array([np.inf, 0.0, np.inf, -np.inf, 1.0]), np.array([np.nan, 1.0, 2.0, 0.0, np.inf])]
GRADIENT = np.array([0.3, -1.0, 2.0, 0.0, 0.7, -0.2])
SPECS = [*ROWS, "glu", "swiglu", "geglu", "reglu", "bilinear", "gtu", "swiglu@alpha=1.7"]


def called(spec: str) -> str:
    return re.sub(r"\W", "_", spec)


def given(spec: str) -> Array:
    return GRADIENT[: get(spec).output_width(6)]


def check(spec: str, row: Array, outputs: Any, back: Any) -> None:
    activation = get(spec)
    right = np.asarray(activation.exact(row))
    # That by an output next to 1 does not cancel where the outputs sum to 1.
    least = 1e-30 if spec in ("softmax", "softmin") and max(right) > 0.99 else 1e-15
    assert (np.abs(np.asarray(outputs) - right) <= 4 * np.spacing(np.abs(right))).all(), (spec, row, outputs, right)
    assert np.asarray(back) == pytest.approx(given(spec) @ activation.jacobian(row), rel=1e-12, abs=least), (spec, row)


def functions(spec: str, language: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    namespace: dict[str, Any] = {"__name__": "written"}
    exec(str(write(get(spec), language, name="f")), namespace)
    return namespace["f"], namespace["f_gradient"]


@pytest.mark.parametrize("spec", SPECS)
def test_python(spec: str) -> None:
    function, gradient = functions(spec, "python")
    for row in [*TABLE, *([DEEP] if spec in ROWS else [])]:
        check(spec, row, function(row.tolist()), gradient(row.tolist(), given(spec).tolist()))


@pytest.mark.parametrize("spec", SPECS)
def test_arrays_of_rows(spec: str) -> None:
    function, gradient = functions(spec, "numpy")
    data = write(get(spec), "onnx", dtype="float64")
    assert isinstance(data, bytes)
    rows, changes = np.stack(TABLE), np.stack([given(spec)] * len(TABLE))
    with np.errstate(all="ignore"):
        known = run_model(data, {"x": rows, "gradient": changes})
    for outputs, back in ((function(rows), gradient(rows, changes)), (known["y"], known["back"])):
        for row, *found in zip(TABLE, outputs, back, strict=True):
            check(spec, row, *found)


@pytest.mark.parametrize("name", ["softmax", "softmin"])
def test_infinite_entries_share_and_nan_spreads(name: str) -> None:
    sign = -1.0 if name == "softmin" else 1.0
    for language in ("python", "numpy"):
        function, _ = functions(name, language)
        for row in SPECIAL:
            found = np.asarray(function((sign * row).tolist()))
            assert np.array_equal(found, np.asarray(get(name)(sign * row)), equal_nan=True)


def each(template: str) -> str:
    """A text for every function and row, with the gradient by m outputs."""
    return "".join(
        template.format(name=called(spec), row=row.tolist(), g=given(spec).tolist(), m=len(given(spec)))
        for spec in SPECS
        for row in TABLE
    )


def c_program() -> str:
    call = "    tried((double[]){row}, (double[]){g}, {name}, {name}_gradient, {m});\n"
    calls = each(call).translate({ord("["): "{", ord("]"): "}"}).replace("double{}", "double[]")
    return f"""#include <stdio.h>
static void show(const double *y, int n) {{
    for (int i = 0; i < n; i++)
        printf("%.17g%s", y[i], i < n - 1 ? " " : "\\n");
}}
static void tried(const double *row, const double *g, void (*f)(const double *, double *, size_t),
                  void (*back)(const double *, const double *, double *, size_t), int m) {{
    double out[6];
    f(row, out, 6);
    show(out, m);
    back(row, g, out, 6);
    show(out, 6);
}}
int main(void) {{
{calls}    return 0;
}}
"""


def javascript_program() -> str:
    call = "show(of_{name}.{name}({row}));\nshow(of_{name}.{name}_gradient({row}, {g}));\n"
    return f"const show = (row) => console.log(row.join(' '));\n{each(call)}"


def rust_program() -> str:
    call = "    show(&of_{name}::{name}(&{row}));\n    show(&of_{name}::{name}_gradient(&{row}, &{g}));\n"
    return f"""fn show(y: &[f64]) {{
    println!("{{}}", y.iter().map(|one| format!("{{:e}}", one)).collect::<Vec<_>>().join(" "));
}}
fn main() {{
{each(call)}}}
"""


#: By language: the program, how it takes a function in, the suffix of its files, and how it is built.
PROGRAMS = {
    "c": (c_program, '#include "{name}.c"', ".c", "gcc -O2 -Wall -Wextra -Werror main.c -lm -o main"),
    "javascript": (javascript_program, 'import * as of_{name} from "./{name}.mjs";', ".mjs", "node main.mjs"),
    "rust": (rust_program, 'mod of_{name} {{ include!("{name}.rs"); }}', ".rs", "rustc -O -D warnings main.rs"),
}


@pytest.mark.parametrize("language", PROGRAMS)
def test_programs(language: str, tmp_path: Path) -> None:
    program, taken, suffix, build = PROGRAMS[language]
    if shutil.which(build.split()[0]) is None:
        pytest.skip(f"{build.split()[0]} is not installed")
    for spec in SPECS:
        (tmp_path / f"{called(spec)}{suffix}").write_text(str(write(get(spec), language, name=called(spec))))
    lines = [*(taken.format(name=called(spec)) for spec in SPECS), program()]
    (tmp_path / f"main{suffix}").write_text("\n".join(lines))
    shown = subprocess.run(build.split(), cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    if language != "javascript":
        shown = subprocess.run(["./main"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    results = [np.array(line.split(), float) for line in shown.splitlines()]
    tried = [(spec, row) for spec in SPECS for row in TABLE]
    for (spec, row), outputs, back in zip(tried, results[::2], results[1::2], strict=True):
        check(spec, row, outputs, back)


def test_cuda_calls_the_functions_of_c() -> None:
    """A thread a row: the rows stand one after another, those of outputs too."""
    text = str(write(get("glu"), "cuda"))
    assert "__device__ static void glu(const double *row, double *out, size_t n) {" in text
    assert "        glu(x + i * n, y + i * (n / 2), n);\n" in text
    assert "        glu_gradient(x + i * n, dy + i * (n / 2), dx + i * n, n);\n" in text
    bodies = [
        str(write(get("softmax"), language)).partition("// The outputs for a row")[2] for language in ("c", "cuda")
    ]
    assert bodies[1].replace("__device__ static ", "").startswith(bodies[0])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in names() if get(name).is_row])
def test_every_language_writes_or_says_what_works(language: str, name: str) -> None:
    if name in SPECS or language == "latex":
        assert write(get(name), language, value_only=True)
        assert len(write(get(name), language)) >= len(write(get(name), language, value_only=True))
    else:
        known = ", ".join(SPECS[:-1])
        with pytest.raises(ValueError, match=rf"^{name}: of functions of rows .* gets {known}; latex gets every one$"):
            write(get(name), language)


def test_rows_hold_no_test() -> None:
    with pytest.raises(
        ValueError, match=r"^--test: softmax works on rows; tests are written of functions of one number$"
    ):
        write(get("softmax"), "python", test=True)
