"""The package as a whole: which way its imports point, what each command loads, and what it offers to Python."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib import resources
from pathlib import Path

import pytest

import actcli

ROOT = Path(__file__).parents[1]

#: Parts of the package; each imports only from the lines above its own.
LAYERS = (
    ("fast_json", "memory", "parallel", "spelling"),
    ("formulas",),
    ("activations",),
    ("studies",),
    ("datasets", "output", "reading"),
    ("figures", "network"),
    ("cli",),
    ("__main__",),
)
RANK = {part: rank for rank, parts in enumerate(LAYERS) for part in parts}


def imported(file: Path) -> set[str]:
    """Parts of actcli that a module imports, at its head or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "actcli" else [node.module]
            )
        found |= {name.split(".")[1] for name in names if name.startswith("actcli.")}
    return found - {"__version__"}


@pytest.mark.parametrize("part", RANK)
def test_imports_point_one_way(part: str) -> None:
    home = ROOT / "actcli" / part
    files = list(home.rglob("*.py")) if home.is_dir() else [home.with_suffix(".py")]
    wrong = {
        (str(file.relative_to(ROOT)), other)
        for file in files
        for other in imported(file) - {part}
        if RANK[other] >= RANK[part]
    }
    assert wrong == set()


def test_every_part_has_its_layer() -> None:
    inside = [path for path in (ROOT / "actcli").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    parts = {path.stem for path in inside}
    assert parts - {"__init__"} == set(RANK)


#: What is worth not loading: the packages whose import costs more than a start.
HEAVY = ("numpy", "orjson", "rich", "matplotlib", "matplotlib.pyplot", "nnfs", "flint", "mpmath", "pydantic", "click")

#: What a command loads of these, and nothing else.
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
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = set(project["tool"]["setuptools"]["package-data"]["actcli"])
    folder = ROOT / "actcli"
    data = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert declared == {name for name in data if not name.endswith((".py", ".pyc"))}
