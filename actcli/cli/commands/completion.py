"""actcli completion: a script that completes command lines in a shell, printed or installed."""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from actcli.cli.choices import OneOf

#: Each shell has a module of the same name in `actcli.cli.completion`, with functions `script`, `place` and `loading`.
SHELLS = ("bash", "zsh", "fish", "powershell")

#: Text in the first lines of every script; a file without it is not overwritten or removed.
_MARK = b"Written by `actcli completion"


def command(
    shell: Annotated[
        str | None,
        typer.Argument(
            parser=OneOf(SHELLS),
            metavar="SHELL",
            help=f"{', '.join(SHELLS[:-1])} or {SHELLS[-1]}. Default, to install: your shell.",
            show_default=False,
        ),
    ] = None,
    install: Annotated[bool, typer.Option("--install", help="Put the script where the shell looks for it.")] = False,
    uninstall: Annotated[bool, typer.Option("--uninstall", help="Remove what --install wrote.")] = False,
) -> None:
    """Print a completion script for a shell, or install it.

    \b
      actcli completion --install                 for your shell; --uninstall undoes it
      actcli completion fish --install
      actcli completion bash > actcli.bash        to put it where you like
      source <(actcli completion bash)            bash: this session

    Commands, options, choices, function names, their parameters after an @, and files.
    --install prints which file it wrote and changes no other; where a shell has to be told, it says with which line.
    """
    if install and uninstall:
        raise ValueError("--install and --uninstall undo each other; give one of them")
    if not (install or uninstall):
        if shell is None:
            raise ValueError(f"which shell? {', '.join(SHELLS[:-1])} or {SHELLS[-1]}; --install takes yours")
        print(script(shell), end="")
        return
    shell = shell or _current_shell()
    module = _module(shell)
    path: Path = module.place()
    _require_own(path)
    if install:
        from actcli.output.files import named, replacing

        with named(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as stream:
            stream.write(script(shell).encode())
        note = module.loading(path)
    else:
        path.unlink()
        note = "removed; a line that you added for it can go, too"
    print(path)
    print(f"{shell}: {note}", file=sys.stderr)


def script(shell: str) -> str:
    """The completion script for a shell."""
    from actcli.cli.completion.places import command_lines, function_names

    text: str = _module(shell).script(command_lines(), function_names())
    return text


def _module(shell: str) -> Any:
    return import_module(f"actcli.cli.completion.{shell}")


def _current_shell() -> str:
    """The shell that started this process if it is one of SHELLS, else that of $SHELL; raises ValueError for others."""
    import shellingham

    known = {"pwsh": "powershell", **{shell: shell for shell in SHELLS}}
    with contextlib.suppress(shellingham.ShellDetectionFailure):
        name, _ = shellingham.detect_shell()
        if name in known:
            return known[name]
    name = Path(os.environ.get("SHELL", "")).name
    if name not in known:
        found = f"SHELL is {name!r}" if name else "SHELL is not set"
        raise ValueError(f"{found}; say which: actcli completion {'|'.join(SHELLS)}")
    return known[name]


def _require_own(path: Path) -> None:
    """Raise FileExistsError for a file that actcli did not write."""
    if path.exists() and _MARK not in path.read_bytes()[:500]:
        raise FileExistsError(f"{path} was not written by actcli; move it away first")
