"""How actcli starts: help, versions, what a command loads, and that any command line ends as it should."""

# ruff: noqa: E501  (lists of words)

from __future__ import annotations

import gc
import marshal
import os
import platform
import random
import re
import signal
import string
import subprocess
import sys
import traceback
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import typer

import actcli
from actcli.activations import get, names
from actcli.cli.app import COMMANDS, main
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

WORDS = [
    "relu", "gelu", "softmax", "glu", "leaky_relu@negative_slope=0.1", "leaky_relu@", "relu@a=1", "torch.gelu", "nope.x",
    "x*sigmoid(x)", "x/(", "-x", "where(x>0,x,)", "1", "-3", "-.5", "nan", "-inf", "1e400", "1_0", "0x1p3", "abc", "", " ", "--", "-",
    "-q", "-h", "--json", "--csv", "--tsv", "--format", "--format=table", "--format=json", "--precision", "--precision=3", "--range",
    "-1:1:5", "--range=0:1", "--range=1:0:0", "--input", "--input=a.txt", "--input=a.npy", "--input=a.npz", "--input=a.json", "--input=no",
    "--input-format", "csv", "json", "npy", "--column", "--column=x", "--column=9", "--dtype", "float32", "--dtype=float16", "--exact",
    "--digits", "--digits=5", "--hex", "--order", "--order=2", "--output", "--output=out.txt", "--output=out.npy", "--output=no/out.csv",
    "--output=out.xyz", "-o", "-i", "-x", "--typo", "--=", "-5:5", "\x1b[1m", "é", "\udc80", "[b]", "a" * 300, "9" * 400,
]  # fmt: skip
CONTENTS = [
    b"", b"1\n2\n", b"1 2\n3\n", b"x,y\n1,2\n", b"x\ty\n1\t2\n", b"[1, [2, 3]]", b"[1, 2", b'{"x": 1}\n{"x": "a"}', b'{"rows": [{"x": 1}]}',
    b"\xff\xfe1\x00", b"\xef\xbb\xbf1", b"\x00\x01\x02", b"1e5000 -0 0x", b"nan inf -inf", b"#", b"1,,2", b'"1","2"\n"3', b"\x93NUMPY\x01\x00",
    b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }" + b" " * 60 + b"\n", b"PK\x03\x04", b"[" * 5000, b"1" * 5000,
]  # fmt: skip


def malformed(chance: random.Random) -> tuple[list[str], bytes]:
    """A command line and a standard input of which little makes sense."""
    words = chance.choices(WORDS, k=chance.randint(0, 6))
    if chance.random() < 0.8:
        words[:0] = [chance.choice(["eval", "grad"]), chance.choice(["relu", "gelu", "softmax"])]
    if chance.random() < 0.2:
        words.append("".join(chance.choices(string.printable, k=chance.randint(1, 12))))
    content = chance.choice(CONTENTS)
    if chance.random() < 0.5:
        data = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            data.insert(chance.randint(0, len(data)), chance.randrange(256))
        content = bytes(data)
    return words, content


OWN = ("stdin", "stdout", "stderr", "a.txt", "a.npy", "a.npz", "a.json", "results")


def once(words: list[str], content: bytes) -> tuple[int, str, list[str]]:
    """Exit code, standard error and files of one run in this process, with files as its streams."""
    for name in ("stdin", "a.txt", "a.npy", "a.npz", "a.json"):
        Path(name).write_bytes(content)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT | (os.O_TRUNC if number else 0))
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv = ["actcli", *words]
    code = 70
    try:
        main()
    except SystemExit as done:
        code = int(done.code or 0)
    except BaseException:  # noqa: BLE001  (whatever it is, it is to be seen)
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    written = sorted(path.name for path in Path().iterdir() if path.name not in OWN)
    for name in written:
        Path(name).unlink()
    return code, Path("stderr").read_text(errors="replace"), written


def forked(cases: list[tuple[list[str], bytes]]) -> list[tuple[int, str, list[str]]]:
    """The runs of all cases in one forked process; those up to the first that hangs or dies."""
    pid = os.fork()
    if not pid:
        try:
            with Path("results").open("wb", buffering=0) as results:
                for words, content in cases:
                    signal.alarm(30)
                    results.write(marshal.dumps(once(words, content)))
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    with Path("results").open("rb") as results:
        size = os.fstat(results.fileno()).st_size
        return list(iter(lambda: marshal.load(results) if results.tell() < size else None, None))


@pytest.fixture(scope="module")
def loaded() -> None:
    """Load here, once, what the forked processes would each load for themselves."""
    for name in (
        "actcli.formulas.formula",
        "actcli.cli.flow",
        "actcli.cli.commands.grad",
        "actcli.output.writers",
        "actcli.reading.text",
    ):
        import_module(name)
    for name in (
        "actcli.reading.json_text",
        "actcli.reading.arrays",
        "orjson",
        "flint",
        "rich.console",
        "rich.table",
        "csv",
        "zipfile",
    ):
        import_module(name)
    for name in names():
        get(name)
    gc.freeze()


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.usefixtures("loaded")
def test_malformed_requests_end_with_one_line(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    chance = random.Random(seed)
    cases = [malformed(chance) for _ in range(500)]
    runs = forked(cases)
    for (words, content), (code, err, written) in zip(cases, runs, strict=False):
        shown = f"actcli {words} < {content!r} ended with {code}, wrote {written} and said:\n{err}"
        assert code in (0, 1, 2), shown
        assert (err == "") if code == 0 else (err.startswith("Error: ") and err.count("\n") == 1), shown
        assert not code or not written, shown
    assert len(runs) == len(cases), f"actcli {cases[len(runs)]} does not end"
