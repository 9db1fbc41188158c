"""The completion script for fish."""

from __future__ import annotations

import re
from pathlib import Path

from actcli.cli.completion import folders
from actcli.cli.completion.places import CommandLine, FunctionNames, Place, Value
from actcli.cli.completion.writing import filled

_FISH = r"""# fish completion for actcli. Written by `actcli completion fish`; static, it never starts Python.

function __actcli_in -d 'The command is one of these'
    set -l words (commandline -opc)
    contains -- -- $words; and return 1 # what follows are numbers
    set -q words[2]; and contains -- $words[2] $argv
end

function __actcli_spec -d 'Functions, or parameters after an @; with an argument, several with commas between'
    set -l lead ''
    set -l word (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    if set -q argv[1]
        set lead (string replace -r '[^,]*$' '' -- $word)
        set word (string replace -r '.*,' '' -- $word)
    end
    set -l found
    switch $word
        case '*@*'
            set -l name (string replace -r '@.*' '' -- $word)
            set lead $lead(string replace -r '[^@,]*$' '' -- $word)
            set found (string replace -fr "^$name@" '' -- «parameters»)=
«symbols»
        case '*'
            set found \
«functions»
            set -a found «frameworks»
    end
    printf '%s\n' $lead$found
end

complete -c actcli -f
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -s h -l help -d 'Show this message and exit.'
complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -l version -d 'Versions of actcli, Python, numpy, typer.'
«commands»
«options»
«arguments»
"""

_FISH_OFFERS = {
    Value.NONE: "",
    Value.FILE: " -F",
    Value.SPEC: " -a '(__actcli_spec)'",
    Value.SPECS: " -a '(__actcli_spec several)'",
}


def place() -> Path:
    """The file where fish looks for a script of the user."""
    return folders.settings() / "fish" / "completions" / "actcli.fish"


def loading(script: Path) -> str:
    return "new shells load it"


def script(commands: list[CommandLine], words: FunctionNames) -> str:
    shared: dict[Place, list[str]] = {}
    for line in commands:
        for option in line.options:
            shared.setdefault(option, []).append(line.name)
    first = "complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a"
    return filled(
        _FISH,
        parameters=" ".join(f"{name}@{key}" for name, keys in words.parameters.items() for key in keys),
        symbols="\n".join(
            f"        case '{name}.*'\n            set found {' '.join(labels)}"
            for name, labels in words.symbols.items()
        ),
        functions=" \\\n".join(
            f"                {name}\\t{_fish_quoted(summary)}" for name, summary in words.summaries.items()
        ),
        frameworks=" ".join(f"{name}." for name in words.symbols),
        commands="\n".join(f"{first} {line.name} -d {_fish_quoted(line.help)}" for line in commands),
        options="\n".join(_fish_option(option, names) for option, names in shared.items()),
        arguments="\n".join(
            f"complete -c actcli -n '__actcli_in {line.name}'{_fish_offer(argument)}"
            for line in commands
            for argument in line.arguments[:1]
            if _fish_offer(argument)
        ),
    )


def _fish_quoted(text: str) -> str:
    return "'" + re.sub(r"(['\\])", r"\\\1", text) + "'"


def _fish_option(option: Place, commands: list[str]) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
    value = "" if option.is_flag else (" -r" if option.kind == Value.FILE else " -x") + _fish_offer(option)
    return f"complete -c actcli -n '__actcli_in {' '.join(commands)}' {names}{value} -d {_fish_quoted(option.help)}"


def _fish_offer(place: Place) -> str:
    return f" -a '{' '.join(place.choices)}'" if place.choices else _FISH_OFFERS[place.kind]
