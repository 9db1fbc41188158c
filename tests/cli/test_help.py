"""Every example in the help texts runs, and the help texts fit common screens."""

from __future__ import annotations

import gzip
import re
import shlex
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import typer

from actcli.cli.app import COMMANDS, group
from tests.cli import fuzz
from tests.cli.running import run, shell

#: Words added to slow examples of training or drawing, so that they end soon.
SHORT = {"actcli train": ["--epochs", "2"], "actcli plot --all": ["--family", "oscillating"]}


def examples() -> list[str]:
    """The indented command lines of all help texts, without the remarks after them."""
    app = group()
    context = typer.Context(app, info_name="actcli")
    helps = [app.help or "", *(app.get_command(context, name).help for name in COMMANDS)]
    blocks = [block.replace("\n    ", " ") for text in helps for block in re.findall(r"\x08\n((?:.+\n?)+)", text)]
    lines = [re.split(r"\s{3,}", line.strip())[0] for block in blocks for line in block.splitlines()]
    found = [re.split(r" {2,}| or actcli", line)[0] for line in lines if re.match(r"actcli |seq |source ", line)]
    return list(dict.fromkeys(found))


def _idx(data: bytes, *shape: int) -> bytes:
    head = bytes([0, 0, 8, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)
    return gzip.compress(head + data, mtime=0)


def files() -> dict[str, bytes]:
    """Small versions of the files that the examples read."""
    sizes = [784, 50, 100, 10]
    weights: dict[str, np.ndarray] = {}
    for number, (before, after) in enumerate(pairwise(sizes), start=1):
        weights |= {f"W{number}": np.full((before, after), 0.01), f"b{number}": np.zeros(after)}
    x = np.linspace(-2, 2, 5)
    flowers = "".join(f"{i},2,{i % 3},4,{'abc'[i % 3]}\n" for i in range(30))
    return {
        "data.npy": fuzz.npy(x),
        "w.npz": fuzz.npz(**weights),
        "w.json": b'{"layers": [{"weights": [[1, 2, 3, 4], [1, 0, 1, 0], [0, 0, 0, 1]], "biases": [0, 0, 0]}]}',
        "x.csv": b"1,2,3,4\n5,6,7,8\n",
        "iris.csv": b"a,b,c,d,species\n" + flowers.encode(),
        "train-images-idx3-ubyte.gz": _idx(bytes(100 * 28 * 28), 100, 28, 28),
        "train-labels-idx1-ubyte.gz": _idx(bytes(i % 10 for i in range(100)), 100),
        "mine.csv": b"x,y\n0,0\n1,0.841344746068543\n",
        "slopes.tsv": b"x\ty\n0\t1\n",
        "all.npy": fuzz.npy(np.stack([x, x], axis=1).astype(np.float32)),
        "x.npy": fuzz.npy(x),
        "y.npy": fuzz.npy(x),
    }  # fmt: skip


PLAIN = [line for line in examples() if line.startswith("actcli") and not re.search(r"\$\(|;|>", line)]


def test_every_example_runs() -> None:
    fuzz.load()
    known = files()
    cases = []
    for line in PLAIN:
        words = shlex.split(line)[1:]
        for start, more in SHORT.items():
            words += more if line.startswith(start) else []
        own = {name: data for name, data in known.items() if name in words}
        if "784,50,100,10" in words:
            own["x.npy"] = fuzz.npy(np.zeros((2, 784)))
        cases.append(fuzz.Case(words, b"", own))
    for given, outcome in fuzz.runs(cases):
        assert outcome is not None, fuzz.shown(given, None)
        may_fail = given.words[0] in ("diff", "check")  # exit code 1 means that functions differ
        ended = outcome.code == 0 or (outcome.code == 1 and may_fail and not outcome.err)
        assert ended, fuzz.shown(given, outcome)


@pytest.mark.parametrize("line", [line for line in examples() if line not in PLAIN])
def test_every_example_of_a_shell_runs(line: str, tmp_path: Path) -> None:
    done = shell(line, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_text_of_help_fits_the_screen(columns: int) -> None:
    """Exceptions are examples, which are not wrapped, and names and choices longer than a line."""
    for command in ("", *COMMANDS):
        done = run(*([command] if command else []), "--help", COLUMNS=str(columns))
        assert done.code == 0
        head, _, rest = done.out.partition("Options:")
        prose = [line for line in head.splitlines() if re.match(r"  \S", line)]
        long = [line for line in [*prose, *rest.splitlines()] if len(line) > min(columns, 80)]
        assert [line for line in long if re.search(r"[^,] [^<]", line.strip())] == [], command
