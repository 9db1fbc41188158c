"""Streams: constant memory, immediate results, equal bytes on several cores, and all kinds of early ends."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import actcli
from tests.cli.running import ACTCLI, ENVIRONMENT, Run, on_terminal, run, shell

COUNT = 300_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """long.txt: 300,000 numbers in several blocks, nan, hex floats, comments and blank lines late among them."""
    folder = tmp_path_factory.mktemp("streams")
    values = (np.random.default_rng(0).normal(size=COUNT) * 5).tolist()
    lines = [repr(value) for value in values]
    for place, text in (
        (200_000, "nan"),
        (200_001, " +.5"),
        (250_000, "0x1.8p+1\r"),
        (250_001, "-0 # zero"),
        (250_002, "\n-inf"),
    ):
        lines[place] = text
    (folder / "long.txt").write_text("\n".join(lines) + "\n")
    (folder / "bad.txt").write_text("\n".join([*lines[:290_000], "1.5 oops", *lines[290_000:]]) + "\n")
    np.save(folder / "long.npy", np.array(values))
    return folder


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("words", ["eval sigmoid -q", "grad gelu tanh", "eval silu --csv", "eval relu --json"])
def test_one_core_and_all_give_the_same_bytes(folder: Path, words: str) -> None:
    alone = shell(f"exec taskset -c 0 {' '.join(ACTCLI)} {words} < long.txt | sha256sum", folder)
    assert shell(f"actcli {words} < long.txt | sha256sum", folder) == alone
    assert shell(f"cat long.txt | actcli {words} | sha256sum", folder) == alone
    assert (alone.code, alone.err) == (0, "")


def test_the_numbers_of_a_long_stream(folder: Path) -> None:
    done = run("eval", "relu", "-q", "--input", "long.txt", cwd=folder)
    values = np.load(folder / "long.npy")
    values[[200_000, 200_001, 250_000, 250_001, 250_002]] = [np.nan, 0.5, 3, -0.0, -np.inf]
    assert (done.code, done.err) == (0, "")
    expected = actcli.get("relu")(values)
    assert digest(done.out) == digest("".join(f"{value!r}\n" for value in expected.tolist()))


def test_arrays_through_all_cores(folder: Path, tmp_path: Path) -> None:
    assert run("eval", "gelu", "--input", str(folder / "long.npy"), "-o", "out.npy", cwd=tmp_path) == Run(0, "", "")
    expected = actcli.get("gelu")(np.load(folder / "long.npy"))
    assert np.load(tmp_path / "out.npy").tobytes() == expected.tobytes()
    assert run("eval", "identity", "--range", "-1:1:1000001", "-o", "range.npy", cwd=tmp_path) == Run(0, "", "")
    assert np.load(tmp_path / "range.npy").tolist() == [(place - 500_000) / 500_000 for place in range(1_000_001)]


def test_trouble_late_in_a_stream_says_where_and_leaves_no_file(folder: Path, tmp_path: Path) -> None:
    done = run("eval", "relu", "--input", str(folder / "bad.txt"), "-o", "out.txt", cwd=tmp_path)
    # There is one more comment line than numbers: "\\n-inf" is two lines.
    assert done == Run(2, "", f"Error: {folder / 'bad.txt'}, line 290002, column 5: 'oops' is not a number\n")
    assert list(tmp_path.iterdir()) == []


def test_memory_is_flat(folder: Path) -> None:
    """The peak memory for sixteen times the input is equal within a few MB."""
    script = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdin=sys.stdin, stdout=subprocess.DEVNULL, check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )

    def peak(times: int) -> int:
        files = " ".join(["long.txt"] * times)
        words = " ".join(f"'{word}'" for word in (sys.executable, "-c", script, *ACTCLI, "eval", "sigmoid", "-q"))
        done = shell(f"cat {files} | {words}", folder)
        assert (done.code, done.err) == (0, "")
        return int(done.out)

    small, large = peak(1), peak(8)
    assert large < 1.2 * small
    assert large < 150_000


def test_a_slow_producer_is_answered_at_once() -> None:
    process = subprocess.Popen(
        [*ACTCLI, "eval", "relu", "-q"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for value in range(5):
        process.stdin.write(b"%d\n" % value)
        process.stdin.flush()
        assert process.stdout.readline() == b"%d.0\n" % value
        time.sleep(0.02)
    process.stdin.write(b"7")
    process.stdin.close()
    assert process.stdout.read() == b"7.0\n"
    process.stdout.close()
    assert process.wait() == 0


# --- ends ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["--range 0:1:100", "--range 0:1:3000000", "-q < long.txt", "--json < long.txt"])
def test_full_disk_is_one_line(folder: Path, words: str) -> None:
    done = shell(f"actcli eval relu {words} > /dev/full", folder)
    assert done == Run(1, "", "Error: standard output: No space left on device\n")


def test_full_disk_under_an_array(tmp_path: Path) -> None:
    limit = "ulimit -f 1000; trap '' XFSZ"
    done = shell(f"{limit}; actcli eval relu --range 0:1:3000000 -o out.npy", tmp_path)
    assert done == Run(1, "", "Error: out.npy: File too large\n")
    assert list(tmp_path.iterdir()) == []


def test_closed_standard_streams() -> None:
    assert shell("actcli eval relu 1 >&-") == Run(1, "", "Error: standard output is closed\n")
    assert shell("actcli eval relu <&-") == Run(1, "", "Error: standard input is closed\n")
    assert shell("actcli eval rleu 1 2>&-") == Run(2, "", "")
    assert shell("actcli --version >&-; actcli plot relu --term >&-").err == "Error: standard output is closed\n" * 2


def test_a_stream_under_its_name_in_the_file_system_is_written_to(tmp_path: Path) -> None:
    """The earlier content of the file behind the stream, and later output, are kept."""
    (tmp_path / "link.csv").symlink_to("/dev/stdout")
    done = shell("(echo a; actcli eval relu 2 -o link.csv; echo z) > f; cat f", tmp_path)
    assert done == Run(0, "a\nx,relu\n2.0,2.0\nz\n", "")
    assert shell("actcli eval relu 1 --csv -o /dev/stdout >&-").err == "Error: /dev/stdout: Bad file descriptor\n"


def test_the_name_of_a_file_need_not_be_text(tmp_path: Path) -> None:
    done = shell(
        "actcli plot relu --points 9 -o $'\\xff.svg' | od -An -tx1; actcli plot relu -o $'\\xff/a.svg'", tmp_path
    )
    assert done == Run(1, " ff 2e 73 76 67 0a\n", "Error: no folder '\\udcff' to write 'a.svg' into\n")


@pytest.mark.parametrize("words", ["--range 0:1:100000", "--range 0:1:3000000 --json", "-q < long.txt"])
def test_reader_that_leaves(folder: Path, words: str) -> None:
    done = shell(f"actcli eval sigmoid {words} | head -c 1 > /dev/null; echo ${{PIPESTATUS[0]}}", folder)
    assert done == Run(0, f"{128 + signal.SIGPIPE}\n", "")


def test_reader_that_leaves_a_help_page() -> None:
    assert shell("actcli --help | true; echo ${PIPESTATUS[0]}").err == ""


@pytest.mark.parametrize(
    ("signalled", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 128 + signal.SIGTERM)], ids=["ctrl-c", "terminated"]
)
@pytest.mark.parametrize(
    ("asked", "after"), [("--range 0:1:2000000000", 0.0), ("--range 200:300:9 --digits 100000", 0.3)]
)
def test_interrupted(tmp_path: Path, signalled: signal.Signals, code: int, asked: str, after: float) -> None:
    (tmp_path / "out.txt").write_text("old")
    words = ("eval", "gelu", *asked.split(), "-o", "out.txt")
    process = subprocess.Popen(
        [*ACTCLI, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=ENVIRONMENT,
        start_new_session=True,
    )
    while len(list(tmp_path.iterdir())) == 1:  # until it writes next to the old file
        time.sleep(0.01)
    time.sleep(after)
    os.killpg(process.pid, signalled)
    out, err = process.communicate(timeout=20)
    assert Run(process.returncode, out.decode(), err.decode()) == Run(code, "", "")
    assert (tmp_path / "out.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def test_ctrl_c_in_a_text_that_is_executed(tmp_path: Path) -> None:
    """Python remembers a Ctrl-C in exec(), although it was handled, and `python -m` would end by SIGINT."""
    (tmp_path / "late.py").write_text(
        "from actcli.cli import app\napp._run = lambda _: exec('raise KeyboardInterrupt')\napp.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "late"], cwd=tmp_path, capture_output=True, env=ENVIRONMENT, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.parametrize(
    ("signalled", "caught"),
    [
        ("SIGINT", "pass"),
        ("SIGTERM", "pass"),
        ("SIGTERM", "raise ImportError('numpy')"),
        ("SIGINT", "raise ValueError"),
    ],
)
def test_a_signal_that_is_swallowed_comes_again(signalled: str, caught: str) -> None:
    """Python drops an exception raised in __del__ with a message, and a library may catch any exception."""
    script = f"""
import os, signal, sys, time
from actcli.cli import app
from actcli.cli.commands import eval as command
class Late:
    def __del__(self):
        os.kill(os.getpid(), signal.{signalled})
        time.sleep(0.01)
def slow(*_, **__):
    Late()
    try:
        time.sleep(20)
    except BaseException:
        {caught}
    time.sleep(20)
command.run = slow
sys.argv = ["actcli", "eval", "relu", "1"]
app.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=ENVIRONMENT, timeout=15, check=False
    )
    assert (done.returncode, done.stderr) == (130 if signalled == "SIGINT" else 143, "")


def test_sizes_that_cannot_fit_are_refused_with_the_sum(tmp_path: Path) -> None:
    done = run("eval", "softmax", "--range", "0:1:1000000000000000")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Error: needs 8 PB of memory (the row 8 PB), but this machine has ")


def test_progress_is_shown_on_a_terminal_when_the_work_is_long(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    shown = on_terminal("eval", "gelu", "--range", "0:1:6000000", "-o", str(out))
    if shown.out:  # a fast machine may finish before the first line of progress
        last = shown.out.split("\r")[1:]
        assert all(line.endswith("\x1b[K") for line in last)
        assert last[-1] == "\x1b[K"
    assert on_terminal("eval", "gelu", "--range", "0:1:1000", "-o", str(out)) == Run(0, "", "")
    shown = on_terminal("vectors", "gelu", "--random", "30000", "-o", str(tmp_path / "out.csv"))
    assert not shown.out or (" results, " in shown.out and shown.out.endswith("\r\x1b[K"))
