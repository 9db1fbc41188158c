"""The code from `code` for row functions: outputs and gradients close to correctly rounded ones."""

from __future__ import annotations

import re
import shutil
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
from tests.studies.code_runners import ROW_RUNNERS
from tests.studies.onnx_models import run_model

Array = NDArray[np.float64]

RANDOM = np.random.default_rng(0)
TABLE = [
    *(RANDOM.normal(0, 10**k, 6) for k in (-3, 0, 1, 2)),
    np.array([1000.0, 1000.1, -1000.0, 0.1, 1e-9, 3.0]),
    np.array([0.0, -40.0, -41.0, -50.0, -700.0, 0.0]),
]
#: A row whose smallest output is subnormal.
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
    # The gradient by an output near 1 does not cancel, although the outputs sum to 1.
    least = 1e-30 if spec in ("softmax", "softmin") and max(right) > 0.99 else 1e-15
    assert (np.abs(np.asarray(outputs) - right) <= 4 * np.spacing(np.abs(right))).all(), (spec, row, outputs, right)
    assert np.asarray(back) == pytest.approx(given(spec) @ activation.jacobian(row), rel=1e-12, abs=least), (spec, row)


def functions(spec: str, language: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    namespace: dict[str, Any] = {"__name__": "written"}
    exec(str(write(get(spec), language, name="f")), namespace)
    return namespace["f"], namespace["f_gradient"]


TOOLS = {"c": "gcc", "javascript": "node", "rust": "rustc"}


@pytest.mark.parametrize("language", ["python", "numpy", *TOOLS])
def test_what_is_written_is_run(language: str, tmp_path: Path) -> None:
    tool = TOOLS.get(language)
    if tool and shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    code = {called(spec): str(write(get(spec), language, name=called(spec))) for spec in SPECS}
    rows = np.stack(TABLE)
    changes = {called(spec): np.stack([given(spec)] * len(TABLE)) for spec in SPECS}
    found = ROW_RUNNERS[language](code, rows, changes, tmp_path)
    for spec in SPECS:
        for row, *results in zip(TABLE, *found[called(spec)], strict=True):
            check(spec, row, *results)


@pytest.mark.parametrize("spec", ROWS)
def test_a_share_may_be_subnormal(spec: str) -> None:
    function, gradient = functions(spec, "python")
    check(spec, DEEP, function(DEEP.tolist()), gradient(DEEP.tolist(), given(spec).tolist()))


@pytest.mark.parametrize("spec", SPECS)
def test_onnx_models(spec: str) -> None:
    data = write(get(spec), "onnx", dtype="float64")
    assert isinstance(data, bytes)
    with np.errstate(all="ignore"):
        known = run_model(data, {"x": np.stack(TABLE), "gradient": np.stack([given(spec)] * len(TABLE))})
    for row, *found in zip(TABLE, known["y"], known["back"], strict=True):
        check(spec, row, *found)


@pytest.mark.parametrize("name", ["softmax", "softmin"])
def test_infinite_entries_share_and_nan_spreads(name: str) -> None:
    sign = -1.0 if name == "softmin" else 1.0
    for language in ("python", "numpy"):
        function, _ = functions(name, language)
        for row in SPECIAL:
            found = np.asarray(function((sign * row).tolist()))
            assert np.array_equal(found, np.asarray(get(name)(sign * row)), equal_nan=True)


def test_cuda_calls_the_functions_of_c() -> None:
    """One thread per row; rows of inputs and of outputs are contiguous."""
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
