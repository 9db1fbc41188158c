"""The words that can be completed: commands, their options and arguments, and the names of functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import typer


class Value(StrEnum):
    """The kinds of value."""

    NONE = "none"  # a value that cannot be completed
    FILE = "file"
    SPEC = "spec"
    SPECS = "specs"  # several SPECs separated by commas
    CHOICE = "choice"


@dataclass(frozen=True)
class Place:
    """An option or an argument, and the values that it takes."""

    names: tuple[str, ...]  # of the option; () for an argument
    help: str
    metavar: str
    kind: Value
    choices: tuple[str, ...] = ()
    is_flag: bool = False
    repeats: bool = False


@dataclass(frozen=True)
class CommandLine:
    """A command, its options and its arguments."""

    name: str
    help: str
    options: tuple[Place, ...]
    arguments: tuple[Place, ...]


@dataclass(frozen=True)
class FunctionNames:
    """The names of functions, of their parameters, and of their symbols in frameworks."""

    summaries: Mapping[str, str]  # name or alias -> summary
    parameters: Mapping[str, tuple[str, ...]]  # name or alias -> its parameters
    symbols: Mapping[str, tuple[str, ...]]  # framework -> symbols such as "torch.gelu"


def command_lines() -> list[CommandLine]:
    from actcli.cli.app import group

    app = group()
    context = typer.Context(app, info_name="actcli")
    known = _loose_choices()
    found = []
    for name in app.list_commands(context):
        params = app.get_command(context, name).get_params(context)
        places = [_place(param, known) for param in params]
        found.append(
            CommandLine(
                name,
                app.get_command(context, name).get_short_help_str(limit=100),
                tuple(place for place in places if place.names),
                tuple(place for place in places if not place.names),
            )
        )
    return found


def _loose_choices() -> Mapping[str, tuple[str, ...]]:
    """The choices of options whose values are names but are parsed by the command, not by `one_of`."""
    from actcli.activations import frameworks, get, names
    from actcli.network.initialise import SUMMARIES
    from actcli.network.optimisers import OPTIMISERS

    return {
        "--family": tuple(dict.fromkeys(get(name).family for name in names())),
        "--framework": tuple(frameworks.FRAMEWORKS),
        "--init": tuple(SUMMARIES),
        "--optimizer": tuple(OPTIMISERS),
    }


def _place(param: Any, known: Mapping[str, tuple[str, ...]]) -> Place:
    """A parameter of a command; its choices or its metavar determine the kind of value."""
    is_option = param.param_type_name == "option"
    metavar = (param.metavar or (param.name or "").upper()).strip("<>")
    literal = tuple(word for word in metavar.split("|") if word == word.lower())
    parser = getattr(param.type, "func", param.type)  # the parser of one_of, or the type of an enum
    choices = tuple(getattr(parser, "choices", ())) or next(
        (known[name] for name in param.opts if name in known), literal
    )
    if choices:
        kind = Value.CHOICE
    elif "FILE" in metavar or "DIR" in metavar:
        kind = Value.FILE
    elif "SPEC" in metavar:
        kind = Value.SPECS if ",SPEC" in metavar else Value.SPEC
    else:
        kind = Value.NONE
    return Place(
        names=(*param.opts, *param.secondary_opts) if is_option else (),
        help=getattr(param, "help", None) or "",
        metavar=metavar,
        kind=kind,
        choices=choices,
        is_flag=is_option and bool(param.is_flag),
        repeats=bool(param.multiple) if is_option else param.nargs != 1,
    )


def function_names() -> FunctionNames:
    from actcli.activations import frameworks, get, names

    summaries: dict[str, str] = {}
    parameters: dict[str, tuple[str, ...]] = {}
    for name in names():
        function = get(name)
        for word in (name, *function.aliases):
            summaries[word] = function.summary
            if function.parameters:
                parameters[word] = tuple(function.parameters)
    symbols: dict[str, dict[str, None]] = {}
    for row in frameworks.rows():
        for symbol in row.symbols:
            label = row.label(symbol)
            if re.fullmatch(r"[\w.]+", label, re.ASCII):
                symbols.setdefault(row.framework, {})[label] = None
    return FunctionNames(summaries, parameters, {framework: tuple(labels) for framework, labels in symbols.items()})
