"""A new function needs one block: every command runs on the block in the development section of the README."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from actcli.cli.app import COMMANDS

ROOT = Path(__file__).parents[1]
BLOCK = re.search(r"```python\n(@activation.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)

#: The output of each command for it; spiral takes no function.
RUNS = {
    "eval ptelu@alpha=0,beta=2 -q -- -1 2": "0.0\n2.0\n",
    "grad ptelu@alpha=2 -q -- -inf 0 3": "0.0\n2.0\n1.0\n",
    "plot ptelu --grad --output ptelu.png": "ptelu.png\n",
    "forward --layers 1,1 --init ones --activation ptelu --input one.txt --tsv": "y0\n1.0\n",
    "list ptelu -q": "ptelu\n",
    "diff ptelu where(x>0,x,tanh(x)) -q": "0.0\n" * 6,
    "train --layers 2,4,3 --activation ptelu --epochs 3 --output trained.csv": "",
    "code ptelu --to c --output ptelu.c": "",
    "approx ptelu --range -2:2 --pieces 2 --uniform --output ptelu.csv": "",
    "vectors ptelu --dtype float16 --csv --output vectors.csv": "",
}


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A folder with the block in a module, and with a program that imports it."""
    assert BLOCK is not None
    head = "from actcli.activations.definition import activation\n\n"
    (tmp_path / "more.py").write_text(head + BLOCK[1], encoding="utf-8")
    (tmp_path / "program.py").write_text("import more\nfrom actcli.cli.app import main\nmain()\n", encoding="utf-8")
    (tmp_path / "one.txt").write_text("1\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "program.py", *arguments],
        cwd=folder,
        env={"PYTHONPATH": f"{folder}:{ROOT}"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("line", RUNS)
def test_commands_that_print_little(line: str, known: Path) -> None:
    assert run(known, *line.split()) == (0, RUNS[line], "")


def test_info(known: Path) -> None:
    code, out, err = run(known, "info", "ptelu", "--tsv")
    facts = dict(line.split("\t") for line in out.splitlines())
    assert (code, err) == (0, "")
    assert facts["summary"] == "A rectifier with a tanh for its negative side."
    assert facts["parameters"] == "alpha=1.0,beta=1.0"
    assert facts["range"] == "(-1, inf)"
    assert facts["source"] == "Duggal & Gupta 2017"


def test_check_of_its_own_vectors(known: Path) -> None:
    assert run(known, "vectors", "ptelu", "--dtype", "float16", "--csv", "--output", "v.csv")[0] == 0
    assert run(known, "check", "ptelu", "--input", "v.csv", "--dtype", "float16", "--max-ulp", "0", "-q")[0] == 0


def test_completion(known: Path) -> None:
    code, out, err = run(known, "completion", "fish")
    assert (code, err) == (0, "")
    assert out.count("ptelu\\t'A rectifier with a tanh for its negative side.'") == 1
    assert out.count("ptelu@alpha ptelu@beta") == 1


def test_no_command_is_left_out() -> None:
    run_here = {line.split()[0] for line in RUNS} | {"info", "check", "completion"}
    assert run_here == set(COMMANDS) - {"spiral"}
