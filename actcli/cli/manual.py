"""The manual page actcli.1, generated from the help of the commands."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Any

import typer

from actcli import __version__
from actcli.cli.app import group

_EXITS = {
    0: "Done.",
    1: "It could not be done: a file, a disk, too little memory, or a check that failed.",
    2: "The request makes no sense; one line on standard error says why.",
    130: "Interrupted.",
}
_ENVIRONMENT = {
    "NO_COLOR": "If set, nothing is coloured; nor is it in a pipe.",
    "TERM": "dumb: no colours.",
    "COLUMNS": "The width of tables and notes, instead of the terminal's.",
}


def page() -> str:
    """The manual page in the man macros of roff.

    >>> page().splitlines()[1][:13]
    '.TH ACTCLI 1 '
    """
    app = group()
    context = typer.Context(app, info_name="actcli")
    first, _, rest = (app.help or "").partition("\n\n")
    lines = [
        '.\\" Generated from the help of actcli by `python -m pytest --update`.',
        f'.TH ACTCLI 1 "" "actcli {__version__}" "User Commands"',
        ".SH NAME",
        f"actcli \\- {_escaped(first[0].lower() + first.rstrip('.')[1:])}",
        ".SH SYNOPSIS",
        ".B actcli",
        _escaped(" ".join(app.collect_usage_pieces(context))),
        ".SH DESCRIPTION",
        *_text(rest),
        *_records(app, context),
        ".SH COMMANDS",
    ]
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        inner = typer.Context(command, parent=context, info_name=name)
        usage = " ".join(command.collect_usage_pieces(inner))
        lines += [f".SS actcli {name} {_escaped(usage)}", *_text(command.help or ""), *_records(command, inner)]
    for title, meanings in (("EXIT STATUS", _EXITS), ("ENVIRONMENT", _ENVIRONMENT)):
        lines.append(f".SH {title}")
        for word, meaning in meanings.items():
            lines += [".TP", f".B {word}", *_wrapped(meaning)]
    return "\n".join(lines) + "\n"


def _text(help_text: str) -> Iterator[str]:
    """The paragraphs of a help text; a paragraph after a backspace character keeps its line breaks."""
    for number, paragraph in enumerate(filter(None, help_text.split("\n\n"))):
        if number:
            yield ".PP"
        if paragraph.startswith("\b\n"):
            yield ".nf"
            yield from map(_escaped, paragraph[2:].rstrip().splitlines())
            yield ".fi"
        else:
            yield from _wrapped(paragraph)


def _records(command: Any, context: typer.Context) -> Iterator[str]:
    """The arguments and options of a command with their help."""
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record is not None and record[1]:
            yield from (".TP", f".B {_escaped(record[0])}", *_wrapped(record[1]))


def _wrapped(text: str) -> list[str]:
    return [_escaped(line) for line in textwrap.wrap(text, 76, break_on_hyphens=False)]


def _escaped(text: str) -> str:
    """Text for roff: backslashes and hyphens are escaped, and a leading dot or quote is not a request."""
    return re.sub(r"^(?=[.'])", r"\\&", text.replace("\\", "\\e").replace("-", "\\-"))
