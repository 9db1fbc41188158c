"""The environment of a process changes neither its output into a pipe nor its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.running import ENVIRONMENT, Run, on_terminal, run, shell

LINES = ("eval rleu -- -3", "info gelu", "plot gelu --term")
#: Independent settings are tried together.
SETTINGS = {
    "bare": {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "20", "LC_ALL": "C", "HOME": "/nonexistent"},
    "rich": {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "500", "LC_ALL": "tr_TR.UTF-8", "HOME": "/dev/null/no"},
    "odd": {"FORCE_COLOR": "0", "PYTHONIOENCODING": "cp437", "PYTHONUTF8": "0", "HOME": "", "TZ": "x"},
}


@pytest.fixture(scope="module")
def plain() -> dict[str, object]:
    return {line: run(*line.split()) for line in LINES}


@pytest.mark.parametrize("settings", SETTINGS)
def test_settings_change_nothing_in_a_pipe(settings: str, plain: dict[str, object]) -> None:
    for line in LINES:
        if "--term" in line and "PYTHONIOENCODING" in SETTINGS[settings]:
            continue  # this code page has no braille dots
        assert run(*line.split(), **SETTINGS[settings]) == plain[line]


def test_a_code_page_without_the_letters_gets_others() -> None:
    assert run("plot", "gelu", "--term", PYTHONIOENCODING="cp437", PYTHONUTF8="0").out.isascii()


@pytest.mark.parametrize("off", [{"FORCE_COLOR": "0"}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colour(off: dict[str, str]) -> None:
    assert "\x1b" not in on_terminal("eval", "relu", "1", **off).out
    assert "\x1b" in on_terminal("eval", "relu", "1", **{key: "" if key == "NO_COLOR" else "1" for key in off}).out


@pytest.mark.parametrize("columns", [70, 80, 500])
def test_a_table_of_words_fits_the_screen(columns: int) -> None:
    shown = on_terminal("list", "gelu", columns=columns, NO_COLOR="1")
    assert max(map(len, shown.out.splitlines())) <= columns


def test_another_folders_code_is_not_run(tmp_path: Path) -> None:
    """`python -I` ignores PYTHONPATH and the current folder, and the program works with it."""
    for name in ("numpy.py", "typer.py", "sitecustomize.py", "random.py"):
        (tmp_path / name).write_text("raise SystemExit('this was run')\n")
    path = ENVIRONMENT["PYTHONPATH"]
    start = f"import sys, runpy; sys.path.insert(0, {path!r}); runpy.run_module('actcli', run_name='__main__')"
    for arguments in (["-I", "-c", start], ["-P", "-m", "actcli"]):
        done = subprocess.run(
            [sys.executable, *arguments, "eval", "relu", "2", "-q"],
            capture_output=True, text=True, cwd=tmp_path, check=False, env={**ENVIRONMENT, "PYTHONSAFEPATH": ""},
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, "2.0\n", "")


def test_an_archive_runs_as_a_folder_does(tmp_path: Path) -> None:
    """The data files are read from the archive: tables, measured errors, names of frameworks."""
    root = Path(ENVIRONMENT["PYTHONPATH"])
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        for file in (root / "actcli").rglob("*"):
            if "__pycache__" not in file.parts:
                archive.write(file, file.relative_to(root))
    for line in ("info torch.gelu", "code gelu --to c"):
        assert run(*line.split(), cwd=tmp_path, PYTHONPATH="app.zip") == run(*line.split())
    assert not [file for file in (root / "actcli").rglob("*.py") if "__file__" in file.read_text(encoding="utf-8")]


def test_a_sitecustomize_that_prints_and_breaks(tmp_path: Path) -> None:
    """Python reports the error in such a file; the output is the same."""
    (tmp_path / "sitecustomize.py").write_text(
        "import locale, sys\nsys.setrecursionlimit(200)\nraise ValueError('no')\n"
    )
    done = run("eval", "relu", "2", "-q", PYTHONPATH=f"{tmp_path}:{ENVIRONMENT['PYTHONPATH']}")
    assert (done.code, done.out) == (0, "2.0\n")
    assert "Error in sitecustomize" in done.err


@pytest.mark.parametrize("megabytes", [150, 200, 240])
def test_too_little_memory_ends_in_a_line_and_leaves_nothing(megabytes: int, tmp_path: Path) -> None:
    """If an allocation fails, numpy's BLAS ends the process and orjson crashes, so actcli must check before."""
    line = "forward --depth 3 --width 300 --samples 20000 --output out.csv"
    done = shell(f"ulimit -v {megabytes << 10}; actcli {line}", cwd=tmp_path)
    if done.code:
        assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
        assert done.err.startswith("Error: not enough memory")
    assert [file.name for file in tmp_path.iterdir()] == [] if done.code else ["out.csv"]


def test_a_library_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("raise ImportError('libx.so: failed to map segment')\n")
    path = f"{tmp_path}{os.pathsep}{ENVIRONMENT['PYTHONPATH']}"
    said = "Error: a library cannot be loaded: libx.so: failed to map segment\n"
    assert run("eval", "relu", "2", PYTHONPATH=path) == Run(1, "", said)
