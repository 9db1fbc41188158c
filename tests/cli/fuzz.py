"""Random command lines, and conditions that each must meet.

Commands, options and choices come from the app, SPECs from the catalogue and the grammar; values and files have every
form, and files may be cut or corrupted. The suite runs some of them (test_start.py); by hand, with a table of results:

    python -m tests.cli.fuzz 20000 [SEED]
"""

# ruff: noqa: E501  (lists of words)

from __future__ import annotations

import collections
import contextlib
import gc
import gzip
import io
import json
import marshal
import os
import random
import signal
import string
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from actcli.activations import frameworks, get, names
from actcli.cli.app import main
from actcli.cli.completion.places import CommandLine, Place, Value, command_lines
from actcli.formulas.grammar import ARITY, COMPARISONS, MEANINGS, names_in, parse
from actcli.formulas.languages import LANGUAGES

#: Seconds of processor time, and of waiting, after which a run counts as hanging.
PATIENCE, WAITING = 10, 600
OLD = b"x,y\n1,2\n"


class Case(NamedTuple):
    """A command line, its standard input, and the existing files."""

    words: list[str]
    stdin: bytes
    files: dict[str, bytes]


class Outcome(NamedTuple):
    """The exit code, the output, and the new, changed and deleted files of a run."""

    code: int
    out: str
    err: str
    changed: list[str]
    seconds: float


# --- parts of command lines ----------------------------------------------------------------------------------------

NUMBERS = ["0", "1", "-3", "2.5", "-.5", "1e-5", "-1e300", "nan", "-inf", "inf", "0x1p3", "1e400", "9" * 400, "-0.0"]
NO_NUMBERS = [
    "",
    " ",
    "abc",
    "1_0",
    "1,2",
    "[1, 2]",
    "--",
    "-",
    "\x1b[1m",
    "é",
    "\udc80",
    "[b]",
    "a" * 300,
    "٣",
    "1e",
    "%s",
]
COUNTS = ["1", "2", "3", "5", "7", "0", "-1", "1.5", "1e3", "99999999999999999999", "9" * 40, "x", ""]
RANGES = [
    "-1:1",
    "-4:4:9",
    "0:0",
    "1:-1",
    "-inf:inf",
    "0:1:0",
    "0:1:0.1",
    "1e300:-1e300:3",
    "::",
    "a:b",
    "0:1:9e99",
    "nan:1:2",
]
FOLDERS = ["no/out.csv", "out", ".", "-", "/", "/dev/null", "/dev/full", "out.xyz", ""]
#: Values by the metavar of an option or argument; for other metavars they are drawn from all values.
VALUES = {
    "N": COUNTS,
    "M": COUNTS,
    "LO:HI": RANGES,
    "LO:HI[:N]": RANGES,
    "N,N,...": ["2,3,3", "2,3", "1,4,1", "2,0,3", "2", "", "4x4,conv3x3:2,flatten,3", "2,dropout0.1,3", "99999999,99999999", "2,,3"],
    "KEY=A,B,...": ["activation=relu,tanh", "seed=0,1", "scale=1,2", "depth=1,2", "init=he,zeros", "activation=", "a=b", "="],
    "KEY=V,V,...": ["negative_slope=0.1,0.2", "alpha=1,2", "beta=", "=1", "x"],
    "SIZE": ["300x200", "thumb", "0x0", "page", "9x9", "99999999x9", "x", "axb"],
    "N[/M]": ["2", "3", "2/2", "0", "-1", "99", "1/0", "/"],
    "LANGUAGE": ["python", "c", "rust", "klingon"],
    "normal[@std=S]": ["normal", "normal@std=2", "normal@std=0", "uniform", "normal@"],
    "TYPE": ["float32", "float16", "bfloat16", "fixed@bits=16,fraction=12", "fixed@bits=0", "int"],
    "NAME[@KEY=X,...]": ["sgd", "adam@rate=0.1", "sgd@rate=nan", "adam@", "sgd@rate=1e308", "none"],
    "W,B[,W2,B2...]": ["1,0", "-1,0.5,1,0", "1", "a,b", "inf,nan"],
    "P[,P...]": ["0.1", "0,0.5", "1", "-1", "nan"],
    "NAME|N": ["x", "y", "1", "2", "0", "99", ""],
    "KEY=X": ["loss=0.1", "accuracy=2", "loss=", "x=1"],
    "[LAYERS] [KEY=A,B...]...": ["2,3,3", "scale=1,2", "x"],
    "[SAMPLES [CLASSES]]": ["5", "3", "0", "-1"],
}  # fmt: skip
#: Not tried, because a picture of every function takes long.
LONG = {"--all"}
#: Words of which each command line contains some, so that most command lines are valid and fast.
START = {
    "forward": ["--layers 2,3,3 --samples 5"],
    "train": ["--layers 2,4,3 --samples 5 --epochs 2", "--layers 1,4,1 --data sine --samples 5 --epochs 2"],
    "spiral": ["--samples 5"],
    "vectors": ["--dtype float16"],
    "approx": ["--range -2:2 --degree 3", "--range -2:2 --degree 2/2", "--range -2:2 --pieces 4", "--range -2:2 --table 16",
               "--range -2:2 --table 256 --bits 8", "--range -2:2 --max-error 0.01"],
    "plot": ["--points 50 --size 300x200 --dpi 50"],
    "code": [f"--to {language}" for language in LANGUAGES],
}  # fmt: skip
#: Options for the output: a combination of them either has all its effects or is refused.
RESULTS = {
    "--format", "--json", "--csv", "--tsv", "-q", "--values", "--precision", "--decimals", "-o", "--output", "--plot", "--term",
    "--card", "--save-weights", "--history", "--summary", "--all-layers", "--rows", "--c", "--hex", "--digits",
}  # fmt: skip
#: The relative frequency of each command; commands with figures or proofs take longer.
WEIGHTS = {"eval": 30, "grad": 20, "forward": 12, "spiral": 6, "list": 4, "check": 6, "train": 4, "info": 2, "plot": 3}
WEIGHTS |= {"approx": 2, "code": 2}


@cache
def lines() -> dict[str, CommandLine]:
    return {line.name: line for line in command_lines()}


@cache
def labels() -> list[str]:
    return [row.label(symbol) for row in frameworks.rows() for symbol in row.symbols]


def formula(chance: random.Random, depth: int) -> str:
    """A formula of the grammar with a limited number of levels."""
    if depth == 0 or chance.random() < 0.2:
        return chance.choice(["x", "x", "x", "pi", "1", "2", "0.5", "1e300", "1e-3", "0", "relu(x)"])
    part = [formula(chance, depth - 1) for _ in range(3)]
    kind = chance.random()
    if kind < 0.4:
        return f"({part[0]}){chance.choice(['+', '-', '*', '/', '**', '^', ''])}({part[1]})"
    if kind < 0.5:
        return f"where({part[0]} {chance.choice(list(COMPARISONS))} {part[1]}, {part[1]}, {part[2]})"
    name = chance.choice([*ARITY, *MEANINGS])
    arity = ARITY.get(name) or len(names_in(parse(MEANINGS[name], "uvw")) & set("uvw"))
    return f"{name}({', '.join(part[:arity])})"


def spec(chance: random.Random, depth: int) -> str:
    """A SPEC, mostly a valid one."""
    kind = chance.random()
    if kind < 0.5:
        name = chance.choice(names())
        keys = list(get(name).parameters)
        if keys and chance.random() < 0.5:
            return f"{name}@{chance.choice(keys)}={chance.choice([*NUMBERS, 'x'])}"
        return name
    if kind < 0.65:
        return chance.choice(labels())
    if kind < 0.9:
        return formula(chance, depth)
    return chance.choice(
        ["rleu", "nope.x", "leaky_relu@", "relu@a=1", "x/(", "torch.", "@", "table:a.csv", *NO_NUMBERS]
    )


def early(words: Sequence[str], chance: random.Random) -> str:
    """One of the words, more often one of the first, which are the most useful."""
    return words[min(int(chance.expovariate(0.3)), len(words) - 1)]


def value(place: Place, chance: random.Random, depth: int) -> str:
    """A value for an option or an argument."""
    if chance.random() < 0.03:
        return chance.choice(NO_NUMBERS + NUMBERS)
    if place.kind == Value.SPEC:
        return spec(chance, depth)
    if place.kind == Value.SPECS:
        return ",".join(spec(chance, depth) for _ in range(chance.choice([1, 1, 2])))
    if place.kind == Value.FILE:
        wanted = ("in" in place.names[0] or "weights" in place.names[0]) if place.names else True
        return chance.choice(list(FILES)) if wanted and chance.random() < 0.8 else early([*OUTPUTS, *FOLDERS], chance)
    if place.choices:
        return chance.choice(place.choices)
    return early(VALUES.get(place.metavar, [*COUNTS[:5], *NUMBERS]), chance)


def option(place: Place, chance: random.Random, depth: int) -> list[str]:
    """An option with its value, in one word or two."""
    name = chance.choice(place.names)
    if place.is_flag:
        return [name]
    word = value(place, chance, depth)
    return [f"{name}={word}"] if name.startswith("--") and chance.random() < 0.4 else [name, word]


def case(chance: random.Random, depth: int = 3) -> Case:
    """One command line with its input and files; proofs about formulas of more levels take longer."""
    every = list(lines())
    name = chance.choices(every, [WEIGHTS.get(name, 1) for name in every])[0]
    line = lines()[name]
    words = chance.choice(START.get(name, [""])).split() if chance.random() < 0.9 else []
    for argument in line.arguments:
        if words and name in ("forward", "train", "spiral"):
            break  # given by the options above
        for _ in range(chance.choice([1, 1, 1, 2]) if argument.repeats else 1):
            if chance.random() < 0.95 or argument.kind == Value.SPEC:
                words.append(value(argument, chance, depth))
    if name in ("eval", "grad"):
        words += chance.choices(NUMBERS, k=chance.choice([0, 1, 2, 3]))
    places = [place for place in line.options if not LONG & set(place.names)]
    chosen = chance.choices(places, k=chance.choice([0, 1, 1, 2, 3]))
    results = [place for place in places if RESULTS & set(place.names)]
    if results and chance.random() < 0.2:
        chosen += chance.choices(results, k=chance.choice([2, 3]))
    for place in chosen:
        words += option(place, chance, depth)
    if name == "train" and chance.random() < 0.9:
        words += ["--epochs", "2"]  # the last one is used
    if chance.random() < 0.15:  # any word anywhere
        odd = chance.choice(
            [*NO_NUMBERS, "--typo", "-x", "--=", "--help", "".join(chance.choices(string.printable, k=5))]
        )
        words.insert(chance.randint(0, len(words)), odd)
    if chance.random() < 0.03:
        chance.shuffle(words)
    used = {file for file in (*FILES, "old.csv") if any(file in word for word in words)}
    files = {file: OLD if file == "old.csv" else content(FILES[file], chance) for file in sorted(used)}
    stdin = content(chance.choice(CONTENTS), chance) if chance.random() < 0.5 else b""
    return Case([name, *words], stdin, files)


# --- files ---------------------------------------------------------------------------------------------------------


def npy(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def _safetensors(head: dict[str, Any], body: bytes) -> bytes:
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text + body


_W = np.array([[0.5, -1.0, 2.0], [1.0, 0.25, -0.5]])
_LAYERS = {"layers": [{"weights": _W.tolist(), "biases": [0.0, 1.0, -1.0]}]}
_TENSORS = {
    "0.weight": {"dtype": "F64", "shape": [3, 2], "data_offsets": [0, 48]},
    "0.bias": {"dtype": "F64", "shape": [3], "data_offsets": [48, 72]},
}
#: Valid files of every format that is read.
FILES = {
    "a.txt": b"1 2\n-3 nan\n",
    "a.csv": b"x,y,label\n1,2,0\n-3,.5,1\n0,0,2\n",
    "a.tsv": b"x\ty\n1\t1\n-3\t0\n",
    "a.json": b'{"rows": [{"x": 1, "y": 1}, {"x": -3, "y": 0}]}',
    "a.ndjson": b'{"x": 1, "y": 1}\n{"x": -3, "y": 0}\n',
    "a.npy": npy(np.linspace(-2, 2, 6).reshape(3, 2)),
    "a.npz": npz(W1=_W, b1=np.zeros(3), X=_W.T, y=np.array([0, 1, 2])),
    "w.json": json.dumps(_LAYERS).encode(),
    "w.safetensors": _safetensors(_TENSORS, _W.T.tobytes() + bytes(24)),
    "a-idx1-ubyte": b"\0\0\x08\x01\0\0\0\x03abc",
    "a.csv.gz": gzip.compress(b"x,y\n1,2\n", mtime=0),
}
OUTPUTS = ["out.csv", "out.txt", "out.json", "out.npy", "out.npz", "out.png", "out.svg", "out.gif", "out.safetensors", "old.csv"]  # fmt: skip
#: Other files: pickles, archive bombs, malicious headers, other encodings.
HOSTILE = [
    b"", b"1\n2\n", b"[1, [2, 3]]", b"[1, 2", b'{"x": 1}\n{"x": "a"}', b"\xff\xfe1\x00", b"\xef\xbb\xbf1", b"\x00\x01\x02",
    b"1e5000 -0 0x", b"nan inf -inf", b"#", b"1,,2", b'"1","2"\n"3', b"=1+1,2\n", b"PK\x03\x04", b"[" * 5000, b"1" * 5000,
    b'{"layers": []}', b'{"layers": [{"weights": [[1, 2], [3]], "biases": [1e999]}]}', b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00K\x01.",
    b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }" + b" " * 60 + b"\n",
    b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999999,), }" + b" " * 46 + b"\n",
    _safetensors({"0.weight": {"dtype": "F64", "shape": [1 << 40, 1 << 40], "data_offsets": [0, 8]}}, bytes(8)),
    (1 << 62).to_bytes(8, "little") + b"{}", b"\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
]  # fmt: skip
CONTENTS = [*FILES.values(), *HOSTILE]


def content(whole: bytes, chance: random.Random) -> bytes:
    """The content of a file: unchanged, cut, corrupted, or that of another file."""
    kind = chance.random()
    if kind < 0.6:
        return whole
    if kind < 0.7:
        return whole[: chance.randint(0, len(whole))]
    if kind < 0.85:
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data.insert(chance.randint(0, len(data)), chance.randrange(256))
        return bytes(data)
    return chance.choice(CONTENTS)


# --- running -------------------------------------------------------------------------------------------------------


def load() -> None:
    """Load the modules once that each forked process would load."""
    for line in lines():
        import_module(f"actcli.cli.commands.{line}")
    for name in (
        "actcli.formulas.formula", "actcli.cli.flow", "actcli.output", "actcli.reading.text", "actcli.reading.json_text",
        "actcli.reading.arrays", "orjson", "flint", "nnfs", "rich.console", "rich.table", "csv", "zipfile",
        "matplotlib.font_manager", "matplotlib.figure", "matplotlib.backends.backend_agg",
    ):  # fmt: skip
        import_module(name)
    for name in names():
        get(name)
    gc.freeze()


def forked(cases: Sequence[Case], folder: Path) -> list[Outcome]:
    """The outcomes of cases in one forked process, up to the first that hangs or ends the process."""
    results = folder / "results"
    pid = os.fork()
    if not pid:
        with contextlib.suppress(BaseException), results.open("wb", buffering=0) as stream:
            for number, given in enumerate(cases):
                signal.setitimer(signal.ITIMER_PROF, PATIENCE)
                signal.alarm(WAITING)
                stream.write(marshal.dumps(tuple(_once(given, folder / f"run{number}"))))
        os._exit(0)
    os.waitpid(pid, 0)
    with results.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        return [Outcome(*found) for found in iter(lambda: marshal.load(stream) if stream.tell() < size else None, None)]


def _once(given: Case, folder: Path) -> Outcome:
    """Run a case in this process, in its own folder, with files as its streams."""
    folder.mkdir()
    streams = folder.with_suffix(".streams")
    streams.mkdir()
    os.chdir(folder)
    os.environ |= {"HOME": str(folder), "SHELL": "/bin/bash"}
    for name, data in given.files.items():
        Path(name).write_bytes(data)
    (streams / "stdin").write_bytes(given.stdin)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        descriptor = os.open(streams / name, os.O_RDWR | os.O_CREAT | (os.O_TRUNC if number else 0))
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv = ["actcli", *given.words]
    begun = time.process_time()
    code = 70
    try:
        main()
    except SystemExit as done:
        code = int(done.code or 0)
    except BaseException:  # noqa: BLE001  (whatever it is, it is to be seen)
        traceback.print_exc()
    took = time.process_time() - begun
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    sys.stderr.flush()
    now = {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    changed = sorted(name for name in {*now, *given.files} if now.get(name) != given.files.get(name))
    out, err = ((streams / name).read_bytes().decode(errors="replace") for name in ("stdout", "stderr"))
    return Outcome(code, out[:2000], err[:8000], changed, took)


def fault(given: Case, found: Outcome) -> str | None:
    """The fault of how a run ended, or None."""
    if "Traceback" in found.err:
        return "a traceback"
    if "Warning" in found.err:
        return "a warning"
    if found.code not in (0, 1, 2):
        return f"exit {found.code}"
    if found.code == 2 or (found.code == 1 and found.err and not found.err.startswith("Note: ")):
        if not found.err.startswith("Error: ") or found.err.count("\n") != 1:
            return "an error that is not one line"
        if found.out:
            return "output beside an error"
    if found.code and found.err and found.changed:
        return "files written beside an error"
    if any(name.endswith(".tmp") for name in found.changed):
        return "a file left over"
    unnamed = [name for name in found.changed if not any(name.partition("/")[0] in word for word in given.words)]
    if unnamed and given.words[0] not in ("plot", "completion"):
        return "a file that was not named"
    return None


def runs(cases: Sequence[Case]) -> Iterable[tuple[Case, Outcome | None]]:
    """Every case with its outcome, None if it did not end."""
    rest = list(cases)
    while rest:
        with tempfile.TemporaryDirectory() as name:
            part = rest[:100]
            found = forked(part, Path(name))
        yield from zip(part, found, strict=False)
        if len(found) < len(part):
            yield part[len(found)], None
        rest = rest[len(found) + (len(found) < len(part)) :]


def shown(given: Case, found: Outcome | None) -> str:
    """A case and its outcome as text."""
    ended = (
        "does not end" if found is None else f"ended with {found.code}, changed {found.changed} and said:\n{found.err}"
    )
    return f"actcli {given.words} < {given.stdin[:200]!r} with {given.files} {ended}"


def report() -> None:
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    load()
    chance = random.Random(seed)
    codes: collections.Counter[str] = collections.Counter()
    faults: collections.Counter[str] = collections.Counter()
    notes: set[str] = set()
    slowest: list[tuple[float, list[str]]] = []
    screen = os.fdopen(os.dup(1), "w")
    for given, found in runs([case(chance) for _ in range(count)]):
        wrong = "no end" if found is None else fault(given, found)
        codes[f"{given.words[0]} {'-' if found is None else found.code}"] += 1
        if found is not None:
            slowest = sorted([*slowest, (found.seconds, given.words)], reverse=True)[:10]
        if found is not None and not found.code:
            notes |= {f"{given.words[0]}: {line}" for line in found.err.splitlines()[:1]}
        if wrong:
            faults[wrong] += 1
            print(f"--- {wrong}: {shown(given, found)}", file=screen, flush=True)
    print(*(f"{name}\t{times}" for name, times in sorted(codes.items())), sep="\n", file=screen)
    print(*(f"note: {note}" for note in sorted(notes)), sep="\n", file=screen)
    print(*(f"slow: {seconds:.1f} s {words}" for seconds, words in slowest), sep="\n", file=screen)
    print(f"{count} runs, seed {seed}: {sum(faults.values())} faults {dict(faults)}", file=screen)


if __name__ == "__main__":
    report()
