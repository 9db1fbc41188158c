"""The completion script for zsh."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from actcli.cli.completion import folders
from actcli.cli.completion.places import CommandLine, FunctionNames, Place, Value
from actcli.cli.completion.writing import filled, indented, quoted

_ZSH = r"""#compdef actcli
# zsh completion for actcli. Written by `actcli completion zsh`; static, it never starts Python.

_actcli() {
    local context state state_descr line ret=1
    typeset -A opt_args
    if ((CURRENT == 2)); then
        local -a commands=(
«commands»
        )
        _describe -t commands command commands && ret=0
        [[ $PREFIX == -* ]] && compadd -- --help --version && ret=0
        return ret
    fi
    local -a given=("${(@)words[1,CURRENT-1]}")
    ((${given[(I)--]})) && return 1 # what follows are numbers
    shift words
    ((CURRENT--))
    case $words[1] in
«cases»
    esac
}

_actcli_specs() {
    compset -P '*,'
    _actcli_spec
}

_actcli_spec() {
    if [[ $PREFIX == *@* ]]; then
        local -A parameters=(
«parameters»
        )
        local -a keys=(${=parameters[${PREFIX%%@*}]})
        compset -P '*[@,]'
        compadd -S = -- $keys
        return
    fi
    local -A symbols=(
«symbols»
    )
    if [[ $PREFIX == *.* ]]; then
        compadd -- ${=symbols[${PREFIX%%.*}]}
        return
    fi
    local -a functions=(
«functions»
    )
    local ret=1
    _describe -t functions function functions && ret=0
    compadd -S . -- ${(k)symbols} && ret=0
    return ret
}

# As a file in $fpath this is the body of _actcli, called for the first Tab; sourced, it is a definition.
if [[ $funcstack[1] == _actcli ]]; then
    _actcli "$@"
else
    compdef _actcli actcli
fi
"""

_ZSH_ACTIONS = {Value.FILE: "_files", Value.SPEC: "_actcli_spec", Value.SPECS: "_actcli_specs"}


def place() -> Path:
    """A file in the user's folder .zfunc, because zsh searches no folder of the user by default."""
    return Path(os.environ.get("ZDOTDIR") or folders.home()) / ".zfunc" / "_actcli"


def loading(script: Path) -> str:
    folder = shlex.quote(str(script.parent))
    return f"zsh finds it with this line in .zshrc: fpath=({folder} $fpath); autoload -Uz compinit; compinit"


def script(commands: list[CommandLine], words: FunctionNames) -> str:
    cases = []
    for line in commands:
        specs = [_zsh_option(option) for option in line.options]
        specs += [_zsh_argument(argument) for argument in line.arguments]
        cases += [f"    {line.name})", "        _arguments -s -S \\"]
        cases += [" \\\n".join(f"            {spec}" for spec in specs), "        ;;"]
    return filled(
        _ZSH,
        commands=indented(12, (_zsh_described(line.name, line.help) for line in commands)),
        cases="\n".join(cases),
        parameters=indented(12, (f"{name} {quoted(' '.join(keys))}" for name, keys in words.parameters.items())),
        symbols=indented(8, (f"{name} {quoted(' '.join(labels))}" for name, labels in words.symbols.items())),
        functions=indented(8, (_zsh_described(name, summary) for name, summary in words.summaries.items())),
    )


def _zsh_described(name: str, text: str) -> str:
    return quoted(f"{name}:{text}")


def _zsh_option(option: Place) -> str:
    star = "*" if option.repeats else ""
    text = re.sub(r"([\[\]:\\])", r"\\\1", option.help)
    value = "" if option.is_flag else f":{_zsh_value(option)}"
    names = [name if option.is_flag else f"{name}=" if name.startswith("--") else f"{name}+" for name in option.names]
    if len(names) == 1:
        return quoted(f"{star}{names[0]}[{text}]{value}")
    others = quoted(star or f"({' '.join(option.names)})")
    return f"{others}{{{','.join(names)}}}{quoted(f'[{text}]{value}')}"


def _zsh_argument(argument: Place) -> str:
    # For an argument that cannot be completed "()" adds no match. The message that " " gives for options would make
    # zsh list the other matches instead of inserting them.
    return quoted(f"{'*' if argument.repeats else ''}:{_zsh_value(argument, nothing='()')}")


def _zsh_value(place: Place, nothing: str = " ") -> str:
    actions = {**_ZSH_ACTIONS, Value.NONE: nothing}
    action = f"({' '.join(place.choices)})" if place.choices else actions[place.kind]
    return re.sub(r"([:\\])", r"\\\1", place.metavar) + f":{action}"
