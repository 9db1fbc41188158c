"""A new format, data set or command needs one piece of code and one entry, as changes in a copy show."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that may be changed."""
    shutil.copytree(ROOT / "actcli", tmp_path / "actcli", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def insert(file: Path, after: str, text: str) -> None:
    """Insert `text` after the only occurrence of `after`."""
    source = file.read_text(encoding="utf-8")
    assert source.count(after) == 1
    file.write_text(source.replace(after, after + text), encoding="utf-8")


def append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(text)


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "actcli", *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8"
    )
    return done.returncode, done.stdout, done.stderr


def test_format(copy: Path) -> None:
    insert(copy / "actcli/output/formats.py", "FORMATS = {\n", '    "semicolons": Format("Semicolons", (".scsv",)),\n')
    append(copy / "actcli/output/writers.py", '\n\nclass Semicolons(Csv):\n    separator = ";"\n')
    assert run(copy, "eval", "relu", "-3", "2", "--format", "semicolons") == (0, "x;relu\n-3.0;0.0\n2.0;2.0\n", "")
    assert run(copy, "eval", "relu", "2", "--output", "a.scsv") == (0, "", "")
    assert (copy / "a.scsv").read_text() == "x;relu\n2.0;2.0\n"
    refused = "'xml' is not one of 'semicolons', 'table', 'tsv', 'csv', 'json', 'ndjson'."
    assert run(copy, "list", "--format", "xml") == (2, "", f"Error: Invalid value for '--format': {refused}\n")
    assert "semicolons" in run(copy, "diff", "--help")[1]
    assert "(semicolons table tsv csv json ndjson)" in run(copy, "completion", "zsh")[1]


def test_data_set(copy: Path) -> None:
    datasets = copy / "actcli/datasets.py"
    insert(datasets, "_KINDS = {\n", '    "line": _Kind(_line, noise=0.0),\n')
    insert(
        datasets,
        'NNFS = ("spiral", "vertical", "sine")\n',
        "\n\ndef _line(generator, samples, classes, noise, turns):\n"
        "    x = np.arange(samples * classes)\n"
        "    return np.stack([x, x], axis=1), _labels(samples, classes)\n\n\n",
    )
    drawn = "x\ty\tclass\n0.0\t0.0\t0\n1.0\t1.0\t1\n"
    assert run(copy, "spiral", "--data", "line", "--samples", "1", "--classes", "2") == (0, drawn, "")
    code, out, err = run(
        copy, "forward", "--layers", "2,2", "--data", "line", "--samples", "1", "--classes", "2", "--activation", "x"
    )
    assert (code, out.count("\n"), err) == (0, 3, "")
    assert "line (default), spiral, vertical" in " ".join(run(copy, "forward", "--help")[1].split())
    assert run(copy, "completion", "fish")[1].count("-a 'line spiral vertical sine moons circles xor gauss") == 2


def test_layer_kind(copy: Path) -> None:
    kinds = copy / "actcli/network/kinds.py"
    source = kinds.read_text(encoding="utf-8")
    made = """@dataclass(frozen=True)
class Negate(Unweighted):
    input_shape: Shape
    text = "negate"

    @classmethod
    def of(cls, found, shape):
        return cls(shape)

    @property
    def output_shape(self):
        return self.input_shape

    def forward(self, given):
        return -given.batch

    def back(self, given, gradient):
        return -gradient


#: Every kind"""
    source = source.replace("#: Every kind", made, 1)
    entry = '    Kind(r"negate", "negate", "the sign turned", Negate),\n'
    last = '    Kind(r"mean", "mean", "over a sequence", Mean),\n'
    kinds.write_text(source.replace(last, last + entry), encoding="utf-8")
    (copy / "x.csv").write_text("1,-2\n")
    assert run(copy, "forward", "--layers", "2,negate", "--input", "x.csv", "-q") == (0, "-1.0\t2.0\n", "")
    code, out, err = run(copy, "train", "--layers", "2,4,negate,3", "--epochs", "2", "--csv")
    assert (code, out.count("\n"), err) == (0, 2, "")
    refused = run(copy, "forward", "--layers", "2,negat")[2]
    assert refused.startswith("Error: layer 1 is 'negat'; a layer is ") and refused.endswith("mean or negate\n")
    assert "negate" in run(copy, "train", "--help")[1]


def test_command(copy: Path) -> None:
    insert(copy / "actcli/cli/app.py", "COMMANDS = (\n", '    "hello",\n')
    (copy / "actcli/cli/commands/hello.py").write_text(
        'from actcli.cli.options import Output\n\n\ndef command(*, out: Output) -> None:\n    """Greet."""\n'
        "    from actcli.output.table import Table\n\n"
        '    out.emit(Table(("word",), (["hello"],)), command="hello", asked={})\n'
    )
    assert run(copy, "hello", "-q") == (0, "hello\n", "")
    assert run(copy, "hello", "--json") == (0, '{"command": "hello", "rows": [\n{"word": "hello"}\n]}\n', "")
    assert "  hello " in run(copy, "--help")[1]
    assert run(copy, "helo")[2].startswith("Error: no command 'helo'; did you mean hello")
    assert "hello:Greet" in run(copy, "completion", "zsh")[1]
