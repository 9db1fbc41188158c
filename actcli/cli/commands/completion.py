"""actcli completion: a script that completes actcli's command lines in a shell."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from actcli.cli.choices import OneOf

#: Every shell has a module of its name in `actcli.cli.completion`, with a function `script`.
SHELLS = ("bash", "zsh", "fish", "powershell")


def command(
    shell: Annotated[
        str,
        typer.Argument(
            parser=OneOf(SHELLS), metavar="SHELL", help=f"{', '.join(SHELLS[:-1])} or {SHELLS[-1]}.", show_default=False
        ),
    ],
) -> None:
    """Print a completion script for a shell.

    \b
      source <(actcli completion bash)                            bash: this session
      actcli completion bash > ~/.local/share/bash-completion/completions/actcli
      actcli completion zsh > ~/.zfunc/_actcli                    zsh: a folder of $fpath
      actcli completion fish > ~/.config/fish/completions/actcli.fish
      actcli completion powershell >> $PROFILE

    Commands, options, choices, function names, their parameters after an @, and files.
    """
    print(script(shell), end="")


def script(shell: str) -> str:
    """The whole completion script for a shell."""
    from actcli.cli.completion.places import command_lines, function_names

    text: str = import_module(f"actcli.cli.completion.{shell}").script(command_lines(), function_names())
    return text
