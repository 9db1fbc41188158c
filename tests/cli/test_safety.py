"""A command only reads and writes the named files, and starts only its worker processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli.running import ENVIRONMENT, run

#: Prints the events of Python's audit hooks in a run and its workers: files outside Python and the package, processes,
#: sockets.
WATCH = """
import os, sys
shown = os.dup(2)
def see(what):
    os.write(shown, f"saw {what}\\n".encode())
own = (sys.prefix, sys.base_prefix, os.environ["PYTHONPATH"], "/usr/share", "/dev/", "/proc/", "/sys/", "/etc/")
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.fsdecode(arguments[0])
        if not path.startswith(own):
            see(("writes" if set(str(arguments[1])) & set("wxa+") else "reads") + " " + path)
    elif event.startswith(("socket.", "subprocess.", "os.exec", "os.system", "os.posix_spawn", "pickle.")):
        see(event)
    elif event == "os.rename":
        see(f"writes {arguments[1]}")
    elif event in ("os.remove", "os.rmdir", "os.truncate", "os.link", "os.symlink"):
        see(f"{event} {arguments[0]}")
sys.addaudithook(hook)
sys.argv = ["actcli", *sys.argv[1:]]
from actcli.cli.app import main
main()
"""


FISH = "home/.config/fish/completions/actcli.fish"
#: Commands to run before others: they make a table, and matplotlib's list of fonts, for which it runs fontconfig once.
BEFORE = {
    "eval table:t.json 0.5": "approx silu --range -8:8 --table 16 --output t.json",
    "plot gelu --output o.svg": "plot relu",
    "completion fish --uninstall": "completion fish --install",
}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("eval gelu --input a.csv --column x --output o.csv", {"reads a.csv", "writes o.csv"}),
        ("eval gelu --digits 50 1", set()),
        ("plot gelu --output o.svg", {"writes o.svg"}),
        ("forward --layers 2,3,3 --save-weights w.npz", {"writes w.npz"}),
        ("forward --layers 2,3 --weights w.npz --activation linear", {"reads w.npz"}),
        ("train --layers 2,4,3 --epochs 3 --sweep seed=0,1 --history h.csv", {"writes h.csv"}),
        ("check relu --input a.csv", {"reads a.csv"}),
        ("approx tanh --range -1:1 --degree 3 --output a.json", {"writes a.json"}),
        ("code gelu --to c --test --output g.c", {"writes g.c"}),
        ("completion bash", set()),
        ("completion fish --install", {f"writes {FISH}"}),
        ("completion fish --uninstall", {f"reads {FISH}", f"os.remove {FISH}"}),
        ("eval table:t.json 0.5", {"reads t.json"}),
    ],
)
def test_only_what_was_named_is_touched(line: str, expected: set[str], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,1\n")
    np.savez(tmp_path / "w.npz", W1=np.ones((2, 3)), b1=np.zeros(3))
    environment = {**ENVIRONMENT, "HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": ""}
    environment["MPLCONFIGDIR"] = str(tmp_path / "settings")
    if line in BEFORE:
        assert run(*BEFORE[line].split(), cwd=tmp_path, **environment).code == 0
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *line.split()], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said = done.stderr.replace(f"{tmp_path}/", "").splitlines()
    seen = {line.removeprefix("saw ") for line in said if line.startswith("saw ")}
    settings = {event for event in seen if " settings/" in event}  # matplotlib's list of fonts
    assert {event for event in seen - settings if ".actcli-" not in event} == expected


def test_nothing_read_is_executed(tmp_path: Path) -> None:
    """Pickles in every place of an array file are refused."""
    bomb = np.array([__import__("collections").Counter("a")], dtype=object)
    np.save(tmp_path / "a.npy", bomb, allow_pickle=True)
    np.savez(tmp_path / "w.npz", W1=bomb, b1=np.zeros(1))
    for line in ("eval relu --input a.npy", "eval relu --input w.npz:W1", "forward --layers 1,1 --weights w.npz"):
        done = run(*line.split(), cwd=tmp_path)
        assert (done.code, done.out) == (2, "")
        assert "pickle" in done.err or "object" in done.err, done.err
