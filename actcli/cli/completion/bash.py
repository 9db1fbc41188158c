"""The completion script for bash."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from actcli.cli.completion import folders
from actcli.cli.completion.places import CommandLine, FunctionNames, Place
from actcli.cli.completion.writing import filled

_BASH = r"""# bash completion for actcli. Written by `actcli completion bash`; static, it never starts Python.

_actcli() {
    local line=${COMP_LINE:0:${COMP_POINT:-0}} words count whole word lead='' before command kind='' choices=''
    COMPREPLY=()
    case ${COMP_WORDS[COMP_CWORD]} in [\"\']*) return ;; esac
    if [[ -n $line ]]; then
        # Bash splits COMP_WORDS at every = : and @, which functions and options contain.
        read -ra words <<<"$line"
        [[ $line == *[[:space:]] ]] && words+=('')
    else
        words=("${COMP_WORDS[@]:0:COMP_CWORD+1}")
    fi
    count=${#words[@]}
    for word in "${words[@]:0:count-1}"; do
        if [[ $word == -- ]]; then # what follows are numbers
            compopt +o default 2>/dev/null
            return
        fi
    done
    whole=${words[count - 1]}
    word=$whole
    command=${words[1]}
    before=${words[count - 2]}
    if [[ $word == --*=* ]]; then
        before=${word%%=*} lead=$before= word=${word#*=}
    fi
    if ((count == 2)); then
        kind=choice choices='«commands» --help --version'
    else
        case $command in
«cases»
        *) return ;;
        esac
    fi
    case $kind in
    file) return ;; # nothing found: readline completes files
    specs)
        [[ $word == *,* ]] && lead=$lead${word%,*}, word=${word##*,}
        _actcli_spec
        ;;
    spec) _actcli_spec ;;
    esac
    compopt +o default 2>/dev/null # which bash 3 does not have
    [[ -n $choices ]] || return
    COMPREPLY=($(compgen -W "$choices" -P "$lead" -- "$word"))
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=.] ]] && compopt -o nospace 2>/dev/null
    # Readline replaces only what follows the last of its word breaks, with the break itself if that is an @.
    lead=${whole%"${whole##*[$COMP_WORDBREAKS]}"}
    [[ $COMP_WORDBREAKS == *@* ]] && lead=${lead%@}
    COMPREPLY=("${COMPREPLY[@]#"$lead"}")
}

# The candidates for $word, a function with or without parameters, into $choices.
_actcli_spec() {
    local pair keys
    case $word in
    *@*)
        keys=${word%%@*}@
        lead=$lead${word%"${word##*[@,]}"}
        word=${word##*[@,]}
        choices=''
        for pair in «parameters»; do
            [[ $pair == "$keys"* ]] && choices+=" ${pair#*@}="
        done
        ;;
«symbols»
    *) choices='«functions» «frameworks»' ;;
    esac
}

complete -o default -F _actcli actcli
"""


def place() -> Path:
    """The file where the package bash-completion looks for a script of the user."""
    own = os.environ.get("BASH_COMPLETION_USER_DIR")
    return (Path(own) if own else folders.data() / "bash-completion") / "completions" / "actcli"


def loading(script: Path) -> str:
    return (
        "new shells load it if the package bash-completion is there; "
        f"if not, this line in ~/.bashrc does: . {shlex.quote(str(script))}"
    )


def script(commands: list[CommandLine], words: FunctionNames) -> str:
    cases = []
    for line in commands:
        grouped: dict[str, list[str]] = {}
        for option in line.options:
            if not option.is_flag:
                grouped.setdefault(_bash_value(option), []).extend(f"{name}:*" for name in option.names)
        patterns = [(" | ".join(names), value) for value, names in grouped.items()]
        options = " ".join(name for option in line.options for name in option.names if name.startswith("--"))
        patterns.append(("*:-*", f"kind=choice choices='{options}'"))
        patterns += [("*", _bash_value(argument)) for argument in line.arguments[:1]]
        cases += [f"        {line.name})", "            case $before:$word in"]
        cases += [f"            {pattern}) {value} ;;" for pattern, value in patterns]
        cases += ["            esac", "            ;;"]
    return filled(
        _BASH,
        commands=" ".join(line.name for line in commands),
        cases="\n".join(cases),
        parameters=" ".join(f"{name}@{key}" for name, keys in words.parameters.items() for key in keys),
        symbols="\n".join(f"    {name}.*) choices='{' '.join(labels)}' ;;" for name, labels in words.symbols.items()),
        functions=" ".join(words.summaries),
        frameworks=" ".join(f"{name}." for name in words.symbols),
    )


def _bash_value(place: Place) -> str:
    return f"kind={place.kind}" + (f" choices='{' '.join(place.choices)}'" if place.choices else "")
