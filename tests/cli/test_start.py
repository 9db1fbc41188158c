"""The start of actcli: help, version, imported modules, and the correct end of random command lines."""

from __future__ import annotations

import platform
import random
import re
import subprocess
import sys

import numpy as np
import pytest
import typer

import actcli
from actcli.cli.app import COMMANDS
from tests.cli import fuzz
from tests.cli.running import ENVIRONMENT, Run, run

HEAVY = {"numpy", "rich", "matplotlib", "nnfs", "orjson", "flint", "mpmath", "pydantic", "PIL", "multiprocessing"}


@pytest.mark.parametrize("words", ["", "-h", "--help"])
def test_help(words: str) -> None:
    done = run(*words.split())
    lines = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert lines[:5] == [
        "Usage: actcli [OPTIONS] COMMAND [ARGS]...",
        "",
        "  Explore neural-network activation functions.",
        "",
        "    actcli eval relu -3 2                 values",
    ]
    assert [line.split()[0] for line in lines[lines.index("Commands:") + 1 :]] == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_leads_with_examples(command: str) -> None:
    done = run(command, "-h")
    assert done == run(command, "--help")
    usage, _, rest = done.out.partition("\n\n")
    summary, _, rest = rest.partition("\n\n")
    assert (done.code, done.err) == (0, "")
    assert usage.startswith(f"Usage: actcli {command} [OPTIONS]")
    assert summary[-1] in ".?"
    assert re.match(rf"    .*\bactcli {command}\b", rest)


def test_version() -> None:
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, typer {typer.__version__}"
    assert run("--version") == Run(0, f"actcli {actcli.__version__} ({versions})\n", "")


@pytest.mark.parametrize(
    ("words", "loaded"),
    [
        ("--help", set()),
        ("--version", set()),
        ("eval rleu", {"numpy"}),
        ("eval --jsn", set()),
        ("eval relu -- -3 2", {"numpy"}),
        ("grad gelu silu -3 2 --json", {"numpy"}),
        ("eval gelu silu tanh mish -- 0 -0.0 1", {"numpy"}),
        ("eval softmax --range 0:1:100 -q", {"numpy"}),
    ],
)
def test_what_a_command_loads(words: str, loaded: set[str]) -> None:
    script = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sorted(name for name in sys.modules if '.' not in name), file=sys.stderr))\n"
        "from actcli.cli.app import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words.split()], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    modules = set(done.stderr.splitlines()[-1].split())
    assert "typer" in modules
    assert modules & HEAVY == loaded


def test_the_public_module_loads_numpy_only_when_used() -> None:
    script = "import sys, actcli; print('numpy' in sys.modules, actcli.get('relu')(-1.0), 'matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("False 0.0 False\n", "")


# --- any command line ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loaded() -> None:
    fuzz.load()


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.usefixtures("loaded")
def test_any_request_ends_as_it_should(seed: int) -> None:
    chance = random.Random(seed)
    cases = [fuzz.case(chance, depth=1) for _ in range(200)]
    for given, found in fuzz.runs(cases):
        wrong = "no end" if found is None else fuzz.fault(given, found)
        assert wrong is None, f"{wrong}: {fuzz.shown(given, found)}"
