"""Runs of actcli as its users run it: a separate process with real files, pipes and terminals."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ACTCLI = (sys.executable, "-m", "actcli")
ENVIRONMENT = {
    key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
}
ENVIRONMENT["PYTHONPATH"] = str(Path(__file__).parents[2])


class Run(NamedTuple):
    """The exit code and the output of a run."""

    code: int
    out: str
    err: str


def run(*arguments: str, stdin: str | bytes = b"", cwd: Path | None = None, **environment: str) -> Run:
    """Run actcli with its streams in pipes."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [*ACTCLI, *arguments],
        input=data,
        capture_output=True,
        cwd=cwd,
        env={**ENVIRONMENT, **environment},
        timeout=60,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def shell(script: str, cwd: Path | None = None) -> Run:
    """Run a bash script in which `actcli` runs actcli, with the option pipefail."""
    words = " ".join(f"'{word}'" for word in ACTCLI)
    done = subprocess.run(
        ["bash", "-c", f'set -o pipefail; actcli() {{ {words} "$@"; }}; {script}'],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=cwd,
        env=ENVIRONMENT,
        timeout=60,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def on_terminal(*arguments: str, columns: int = 80, lines: int = 24, **environment: str) -> Run:
    """Run actcli with all its streams on a terminal; `out` contains both of its output streams."""
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = subprocess.Popen(
        [*ACTCLI, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**ENVIRONMENT, "TERM": "xterm-256color", "PYTHONUTF8": "1", **environment},
    )
    os.close(slave)
    shown = b""
    while select.select([master], [], [], 60)[0]:
        try:
            data = os.read(master, 65536)
        except OSError:  # the terminal closes with its last process
            break
        if not data:
            break
        shown += data
    os.close(master)
    return Run(process.wait(60), shown.decode().replace("\r\n", "\n"), "")
