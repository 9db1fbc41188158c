"""What `code` writes of functions of rows: outputs and gradients, next to correctly rounded ones."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from actcli.activations import get
from actcli.formulas.languages import LANGUAGES
from actcli.formulas.languages.rows import ROWS
from actcli.studies.code import write

RANDOM = np.random.default_rng(0)
TABLE = [
    *(RANDOM.normal(0, 10**k, 5) for k in (-3, 0, 1, 2)),
    np.array([1000.0, 1000.1, -1000.0, 0.1, 1e-9]),
    np.array([0.0, -40.0, -41.0, -50.0, -745.0]),
]
SPECIAL = [np.array([np.inf, 0.0, np.inf, -np.inf, 1.0]), np.array([np.nan, 1.0, 2.0, 0.0, np.inf])]
GRADIENT = np.array([0.3, -1.0, 2.0, 0.0, 0.7])


def namespace(name: str, language: str) -> dict[str, object]:
    found: dict[str, object] = {"__name__": "written"}
    exec(str(write(get(name), language)), found)
    return found


@pytest.mark.parametrize("language", ["python", "numpy"])
@pytest.mark.parametrize("name", ROWS)
def test_outputs_and_gradients(name: str, language: str) -> None:
    written = namespace(name, language)
    activation = get(name)
    for row in TABLE:
        given = row.tolist() if language == "python" else row
        found = np.asarray(written[name](given))  # type: ignore[operator]
        right = np.asarray(activation.exact(row))
        assert (np.abs(found - right) <= 4 * np.spacing(np.abs(right))).all(), (row, found, right)
        back = np.asarray(written[f"{name}_gradient"](given, GRADIENT))  # type: ignore[operator]
        expected = GRADIENT @ activation.jacobian(row)
        assert back == pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", ["softmax", "softmin"])
def test_infinite_entries_share_and_nan_spreads(name: str) -> None:
    sign = -1.0 if name == "softmin" else 1.0
    for language in ("python", "numpy"):
        written = namespace(name, language)
        for row in SPECIAL:
            found = np.asarray(written[name]((sign * row).tolist()))  # type: ignore[operator]
            assert np.array_equal(found, np.asarray(get(name)(sign * row)), equal_nan=True)


@pytest.mark.parametrize("name", ROWS)
def test_c_and_javascript_agree(name: str, tmp_path: Path) -> None:
    if not (shutil.which("gcc") and shutil.which("node")):
        pytest.skip("gcc and node are needed")
    row = TABLE[2]
    numbers, changes = (", ".join(map(repr, part.tolist())) for part in (row, GRADIENT))
    (tmp_path / "row.c").write_text(
        str(write(get(name), "c"))
        + f"""#include <stdio.h>
int main(void) {{
    double row[] = {{{numbers}}}, gradient[] = {{{changes}}}, out[5], back[5];
    {name}(row, out, 5);
    {name}_gradient(out, gradient, back, 5);
    for (int i = 0; i < 5; i++)
        printf("%.17g %.17g\\n", out[i], back[i]);
    return 0;
}}
"""
    )
    (tmp_path / "row.mjs").write_text(
        str(write(get(name), "javascript"))
        + f"""const back = {name}_gradient([{numbers}], [{changes}]);
{name}([{numbers}]).forEach((y, i) => console.log(`${{y}} ${{back[i]}}`));
"""
    )
    build = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "row.c", "-lm", "-o", "row"]
    subprocess.run(build, cwd=tmp_path, check=True)
    right = np.asarray(get(name).exact(row))
    for command in (["./row"], ["node", "row.mjs"]):
        shown = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
        values, back = np.array([line.split() for line in shown.splitlines()], float).T
        assert (np.abs(values - right) <= 4 * np.spacing(np.abs(right))).all()
        assert back == pytest.approx(GRADIENT @ get(name).jacobian(row), rel=1e-12, abs=1e-15)


def test_what_is_not_written_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^sparsemax works on rows; of those code writes softmax, softmin, "):
        write(get("sparsemax"), "python")
    with pytest.raises(ValueError, match=r"^softmax works on rows; code writes such functions to python, numpy, "):
        write(get("softmax"), "rust")
    assert {name for name, language in LANGUAGES.items() if language.write_row} >= {"python", "numpy", "torch", "jax"}
