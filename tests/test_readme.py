"""The README: every console block is run on a terminal and compared, and computable tables are computed.

A console block contains commands, each after `$ ` (further lines after `> `), and below each the output on a terminal.
The blocks of a section (a `##` heading) are one session of bash in one empty folder. `python -m pytest --update`
writes the current output instead, and copies figures of the blocks to the images of the same names.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import shutil
import struct
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from actcli.activations import frameworks, get, names
from actcli.cli.app import COMMANDS, group

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
IMAGES = ROOT / ".github" / "images"

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"<!-- table: (\w+) -->\n.*?<!-- end -->", re.DOTALL)
IMAGE = re.compile(r"\(\.github/images/([\w.]+)\)")
COLUMNS, LINES = 100, 40


def sections(text: str) -> dict[str, str]:
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return {part.partition("\n")[0].removeprefix("## "): part for part in parts}


def commands(block: str) -> list[str]:
    """The commands of a block: `$ ` starts a command, `> ` continues it."""
    found: list[str] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(line[2:])
        elif line == ">" or line.startswith("> "):
            found[-1] += "\n" + line[2:]
    return found


def on_terminal(lines: list[str], folder: Path) -> list[str]:
    """The output on a terminal after each of the commands, typed into one bash in an empty folder."""
    programs = folder.parent / "programs"
    programs.mkdir()
    for name, what in (("actcli", "-m actcli"), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec {sys.executable} {what} "$@"\n', encoding="utf-8")
        (programs / name).chmod(0o755)
    # The mark follows the output of each command and does not change the exit code.
    script = "".join(f"{line}\n_code=$?; printf '\\036'; (exit $_code)\n" for line in lines) + "exit 0"
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.chdir(folder)
        plain = {"NO_COLOR": "1", "TERM": "dumb", "LC_ALL": "C.UTF-8", "HOME": str(folder), "PYTHONPATH": str(ROOT)}
        path = f"{programs}:/usr/local/bin:/usr/bin:/bin"
        os.execve("/bin/bash", ["bash", "--norc", "-c", script], {**plain, "PATH": path})
    shown = b""
    with contextlib.suppress(OSError):  # raised by Linux when all writers are closed; others return b""
        while data := os.read(terminal, 65536):
            shown += data
    os.close(terminal)
    assert os.waitpid(process, 0)[1] == 0
    text = shown.decode().replace("\r\n", "\n")
    return ["".join(f"{line.rstrip()}\n" for line in part.splitlines()) for part in text.split("\x1e")[:-1]]


def executed(section: str, folder: Path) -> str:
    """The section with the current output of its commands."""
    blocks = BLOCK.findall(section)
    shown = iter(on_terminal([command for block in blocks for command in commands(block)], folder))

    def renewed(block: re.Match[str]) -> str:
        typed = [line.replace("\n", "\n> ").replace("> \n", ">\n") for line in commands(block[1])]
        return "```console\n" + "".join(f"$ {line}\n{next(shown)}" for line in typed) + "```"

    return BLOCK.sub(renewed, section)


def update(change: Callable[[str], str]) -> None:
    """Change the README, under a lock, because several test processes may do so at the same time."""
    with README.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = change(file.read())
        file.seek(0)
        file.write(text)
        file.truncate()


@pytest.mark.parametrize(
    "title", [title for title, text in sections(README.read_text(encoding="utf-8")).items() if BLOCK.search(text)]
)
def test_console_blocks(title: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    section = sections(README.read_text(encoding="utf-8"))[title]
    now = executed(section, folder)
    assert "Traceback" not in now
    if request.config.getoption("--update"):
        update(lambda text: text.replace(section, now))
        for name in IMAGE.findall(section):
            if (folder / name).exists():
                shutil.copy(folder / name, IMAGES)
    else:
        assert section == now, "the README shows something else; `python -m pytest --update` rewrites it"


def test_images_are_drawn_by_the_commands_beneath_them(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    text = README.read_text(encoding="utf-8")
    shown = IMAGE.findall(text)
    assert sorted(shown) == sorted(file.name for file in IMAGES.iterdir())
    for name in shown:
        following = text.partition(f"({IMAGES.relative_to(ROOT)}/{name})")[2]
        command = re.search(r"^(?:\$ )?(actcli (?:plot|forward|spiral|train|approx) .*)$", following, re.MULTILINE)
        assert command is not None
        assert name.partition(".")[0] in command[1]
    if request.config.getoption("--update"):  # the gallery is the only command that is too slow for every run
        folder = tmp_path / "folder"
        folder.mkdir()
        on_terminal(["actcli plot --all --output gallery"], folder)
        shutil.copy(folder / "gallery" / "gallery.png", IMAGES)


# --- tables --------------------------------------------------------------------------------------------------------


def table(head: tuple[str, ...], rows: list[tuple[str, ...]], right: int = 0) -> str:
    """A Markdown table; its last `right` columns are aligned to the right."""
    rule = ["---"] * (len(head) - right) + ["---:"] * right
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, rule, *rows])


def commands_table() -> str:
    app = group()
    context = typer.Context(app, info_name="actcli")
    helps = [(name, app.get_command(context, name).get_short_help_str(limit=200)) for name in COMMANDS]
    return table(("command", "what it does"), [(f"`{name}`", text) for name, text in helps])


def functions_table() -> str:
    families: dict[str, list[str]] = {}
    for name in names():
        families.setdefault(get(name).family, []).append(f"`{name}`")
    rows = [(family, str(len(found)), " ".join(found[:6])) for family, found in families.items()]
    return table(("family", "how many", "such as"), rows)


def frameworks_table() -> str:
    rows = []
    for prefix, framework in frameworks.FRAMEWORKS.items():
        symbols = sum(len(row.symbols) for row in frameworks.rows() if row.framework == prefix)
        rows.append((f"`{prefix}.`", framework.title, framework.release, str(symbols)))
    return table(("prefix", "framework", "release", "symbols"), rows, right=1)


TABLES = {
    "commands": commands_table,
    "functions": functions_table,
    "frameworks": frameworks_table,
}


@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str, request: pytest.FixtureRequest) -> None:
    now = f"<!-- table: {name} -->\n\n{TABLES[name]()}\n\n<!-- end -->"

    def renewed(text: str) -> str:
        return TABLE.sub(lambda found: now if found[1] == name else found[0], text)

    if request.config.getoption("--update"):
        update(renewed)
    text = README.read_text(encoding="utf-8")
    assert f"<!-- table: {name} -->" in text
    assert text == renewed(text), "a table is stale; `python -m pytest --update` rewrites it"
