"""Long commands ended at random moments by a signal, a full disk or too little memory. Run by hand, prints a table:

python -m tests.cli.endings 100 [NAME...]
"""

from __future__ import annotations

import collections
import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.cli.running import ACTCLI, ENVIRONMENT

#: Commands that take a while and write a file; `numbers.txt` has a million lines.
LONG = {
    "eval": "eval mish --input numbers.txt --output out.csv",
    "array": "eval gelu --range -5:5:50000000 --output out.npy",
    "rows": "eval softmax --input rows.csv --output out.json",
    "plot": "plot --all --output out",
    "film": "plot leaky_relu --sweep negative_slope=0,1 --output out.gif",
    "forward": "forward --layers 2,200,200,3 --samples 20000 --output out.csv --save-weights w.npz",
    "train": "train --layers 2,64,3 --sweep activation=relu,tanh --history h.csv",
    "sweep": "train --layers 2,64,64,3 --sweep activation=all --validation-samples 50 --epochs 3000 --history h.csv",
    "learning": "train --layers 2,64,3 --plot out.gif --save-weights w.npz",
    "check": "check mish --input pairs.csv --csv",
    "approx": "approx exp(sin(3*x)) --range -3:3 --max-error 0.001 --plot out.png",
    "rational": "approx gelu --range -8:8 --degree 12/12 --plot out.png",
    "digits": "eval gelu --digits 100000 --range -300:300:50000 --output out.csv",
    "vectors": "vectors exp(exp(x))*sin(1/x) --random 200000 --output out.csv",
    "code": "code tanh(exp(x)-sin(x))*x --to c --test --output out.c",
    "info": "info where(round(sinh(x))<=sin(x),sin(x*cosh(x)),exp(-x*x)*atan(1/x))",
    "diff": "diff sin(exp(x)) tanh(exp(x)*atan(1/x))",
}
#: Files that an interrupted training writes too, or that are complete before the next file is begun.
KEPT = {"h.csv", "w.npz"}


def signalled(which: signal.Signals, moment: float) -> Callable[[subprocess.Popen[bytes]], None]:
    def end(process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        process.send_signal(which)

    return end


def limited(kind: int, most: int) -> Callable[[], None]:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # makes a write fail, as on a full disk
        resource.setrlimit(kind, (most, most))

    return limit


def ended(line: str, folder: Path, before: Callable[[], None] | None, end: Callable[..., None]) -> str:
    """The end of a run in a word or two, in capitals if it is wrong."""
    there = set(folder.iterdir())

    def begin() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # background processes of a shell ignore it
        if before is not None:
            before()

    process = subprocess.Popen(
        [*ACTCLI, *line.split()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=ENVIRONMENT,
        preexec_fn=begin,
        start_new_session=True,
    )
    end(process)
    begun = time.monotonic()
    try:
        err = process.communicate(timeout=120)[1].decode()
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return "NO END"
    took = time.monotonic() - begun
    time.sleep(0.05)
    orphans = subprocess.run(["pgrep", "-s", str(process.pid)], capture_output=True, text=True, check=False).stdout
    left = [file for file in folder.rglob("*") if file.name.endswith(".tmp")]
    new = {file.name for file in set(folder.iterdir()) - there if file.is_file()} - KEPT
    for file in set(folder.iterdir()) - there:
        subprocess.run(["rm", "-rf", file], check=True)
    code = process.returncode
    if "Traceback" in err or err.count("\n") > 1:
        return f"SAID {err[-300:]!r}"
    if orphans:
        return "AN ORPHAN"
    if left or (code and new):
        return f"LEFT {left or new}"
    if code and took > 2:
        return f"LATE by {took:.0f} s"
    if code not in (0, 130, 143, *((-2, -15) if before is None else (1,))):  # before it handles signals
        return f"EXIT {code}, {err!r}"
    return f"exit {code}"


def main() -> None:
    count, chance = int(sys.argv[1]), random.Random(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "numbers.txt").write_text("".join(f"{i * 1e-5}\n" for i in range(1_000_000)))
        (folder / "rows.csv").write_text(f"{','.join(map(str, range(20)))}\n" * 50_000)
        (folder / "pairs.csv").write_text("x,y\n" + "".join(f"{i * 1e-5},{i * 1e-5}\n" for i in range(300_000)))
        for command in sys.argv[2:] or LONG:
            line = LONG[command]
            found: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
            for number in range(count):
                end = signalled(chance.choice([signal.SIGINT, signal.SIGTERM]), chance.uniform(0.15, 3))
                found["signals"][ended(line, folder, None, end)] += 1
                if number % 5 == 0:
                    end = signalled(signal.SIGTERM, 30)  # it has reached the limit by then, or does not need more
                    size = 1 << (number % 25)
                    found["full disk"][ended(line, folder, limited(resource.RLIMIT_FSIZE, size), end)] += 1
                    memory = (200 + 40 * (number % 30)) << 20
                    found["memory"][ended(line, folder, limited(resource.RLIMIT_AS, memory), end)] += 1
            for what, counts in found.items():
                print(f"{command}\t{what}\t{dict(counts)}", flush=True)


if __name__ == "__main__":
    main()
