"""The package as a whole: directions of imports, modules loaded by each command, and the API for Python."""

from __future__ import annotations

import ast
import graphlib
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

import actcli
from actcli.cli import manual
from actcli.cli.app import COMMANDS

ROOT = Path(__file__).parents[1]
MANUAL = "actcli/cli/actcli.1"

#: The packages that each package may import; all may import the modules BELOW.
BELOW = {"dtypes", "fast_json", "memory", "packed", "parallel", "spelling"}
ARROWS = {
    "formulas": set(),
    "activations": {"formulas"},
    "studies": {"activations", "formulas"},
    "datasets": set(),
    "reading": set(),
    "output": set(),
    "network": {"activations", "datasets", "formulas", "reading"},
    "figures": {"activations", "formulas", "studies"},
    "cli": {"activations", "datasets", "figures", "formulas", "network", "output", "reading", "studies"},
    "__main__": {"cli"},
    "__init__": {"activations", "network"},
}


def modules() -> dict[str, Path]:
    """Every module by its dotted name."""
    files = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in (ROOT / "actcli").rglob("*.py")}
    return {name.removesuffix(".__init__") if name != "actcli.__init__" else name: file for name, file in files.items()}


def imported(file: Path, known: dict[str, Path]) -> set[str]:
    """Modules of actcli that a file imports: at its head, inside a function, or only for types."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.startswith("actcli.") and name != "actcli.__version__":
                found.add(name if name in known else name.rpartition(".")[0])
    return found


def part(module: str) -> str:
    return module.split(".")[1]


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    known = modules()
    return {module: imported(file, known) - {module} for module, file in known.items()}


def test_parts_import_what_the_design_names(graph: dict[str, set[str]]) -> None:
    allowed = {(one, other) for one, others in ARROWS.items() for other in others | BELOW}
    drawn = {(part(one), part(other)) for one, others in graph.items() for other in others if part(one) != part(other)}
    of_the_parts = {(one, other) for one, other in drawn if one not in BELOW}
    assert of_the_parts - allowed == set()
    assert {(one, other) for one, other in drawn - of_the_parts if other not in BELOW} == set()
    assert {part(module) for module in graph} == set(ARROWS) | BELOW


def test_no_import_goes_in_a_circle(graph: dict[str, set[str]]) -> None:
    """Imports for types are included."""
    order = graphlib.TopologicalSorter(graph)
    order.prepare()  # raises CycleError, which names the circle


def test_commands_are_leaves(graph: dict[str, set[str]]) -> None:
    commands = {module for module in graph if module.startswith("actcli.cli.commands.")}
    assert {(one, other) for one in commands for other in graph[one] & commands} == set()
    assert len(commands) == len(COMMANDS)


@pytest.mark.parametrize("module", modules())
def test_files_are_short_enough_to_read(module: str) -> None:
    assert len(modules()[module].read_text(encoding="utf-8").splitlines()) <= 450


#: The packages whose import takes longer than a start.
HEAVY = ("numpy", "orjson", "rich", "matplotlib", "matplotlib.pyplot", "nnfs", "flint", "mpmath", "pydantic", "click")

#: Those of these packages that a command loads.
LOADED = {
    "--version": set(),
    "--help": set(),
    "": set(),
    "plot --help": set(),
    "eval relu -- -3 2": {"numpy"},
    "eval gelu -q 1": {"numpy"},
    "eval rleu 1": {"numpy"},
    "eval torch.gelu 1": {"numpy"},
    "eval softmax --json 1 2": {"numpy"},
    "eval x*sigmoid(x) 1": {"numpy"},
    "eval relu --format table 1": {"numpy", "rich"},
    "eval gelu --digits 20 1": {"numpy", "flint"},
    "grad gelu 1": {"numpy"},
    "forward --depth 3 --width 4": {"numpy"},
    "forward --layers 2,3,3": {"numpy", "nnfs"},
    "spiral --samples 2": {"numpy", "nnfs"},
    "plot relu --term": {"numpy", "flint"},
    "plot relu --output -": {"numpy", "flint", "matplotlib"},
    "list": {"numpy", "flint"},
    "info relu": {"numpy", "flint"},
    "diff relu torch.relu": {"numpy", "flint"},
    "vectors relu --dtype float16": {"numpy"},
    "approx --help": set(),
    "approx relu --range -1:1 --degree 3": {"numpy", "flint"},
    "completion zsh": {"numpy"},
}

PROBE = f"""
import atexit, os, sys
sys.argv = ["actcli", *sys.argv[1:]]
loaded = os.dup(2)
atexit.register(lambda: os.write(loaded, " ".join(m for m in {HEAVY} if m in sys.modules).encode()))
sys.stdout = open(os.devnull, "w")
sys.stderr = open(os.devnull, "w")
from actcli.cli.app import main
main()
"""


@pytest.mark.parametrize("line", LOADED)
def test_modules_loaded(line: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROBE, *line.split()], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert set(run.stderr.split()) == LOADED[line]


def test_import_loads_nothing_heavy() -> None:
    code = f"import sys, actcli; actcli.__version__; print([m for m in {HEAVY} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.stdout, run.stderr, run.returncode) == ("[]\n", "", 0)


def test_public_names() -> None:
    assert actcli.__all__ == ["Activation", "Network", "SpecError", "__version__", "get", "names"]
    assert all(getattr(actcli, name) is not None for name in actcli.__all__)
    assert actcli.get("gelu")(0.0) == 0.0
    assert actcli.get("gelu").slope(0.0) == 0.5
    assert "gelu" in actcli.names()
    with pytest.raises(actcli.SpecError, match=r"^unknown function 'gleu'; did you mean "):
        actcli.get("gleu")
    with pytest.raises(AttributeError, match=r"^module 'actcli' has no attribute 'got'$"):
        actcli.got  # noqa: B018


def test_typed() -> None:
    assert resources.files(actcli).joinpath("py.typed").is_file()


def test_data_files_are_packaged() -> None:
    targets = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    wheel = targets["wheel"]
    # All files of the folder are packaged, except the manual page, which is installed where `man` looks.
    assert (wheel["packages"], wheel["exclude"]) == (["actcli"], [MANUAL])
    assert set(wheel["shared-data"]) == {
        MANUAL,
        *(f"completions/{name}" for name in ("actcli.bash", "_actcli", "actcli.fish")),
    }


# --- the manual page -------------------------------------------------------------------------------------------------


def test_committed_manual_is_what_the_help_says(committed: Callable[[Path, str], None]) -> None:
    committed(ROOT / MANUAL, manual.page())


#: Linters of manual pages; the page has no date, because equal help texts must give equal pages.
LINTERS = {
    "groff": (("-man", "-Tutf8", "-ww", "-z"), set()),
    "mandoc": (("-Tlint", "-Wwarning"), {'WARNING: missing date, using "": TH'}),
}


@pytest.mark.parametrize("linter", LINTERS)
def test_manual_is_well_formed(linter: str) -> None:
    program = shutil.which(linter)
    if program is None:
        pytest.skip(f"{linter} is not installed")
    options, expected = LINTERS[linter]
    run = subprocess.run([program, *options, ROOT / MANUAL], capture_output=True, text=True, check=False)
    said = {line.split(": ", 2)[-1] for line in (run.stdout + run.stderr).splitlines()}
    assert said == expected
