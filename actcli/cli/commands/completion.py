"""actcli completion: static scripts, generated from the app and the registry, that never start Python on Tab."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer


class Shell(StrEnum):
    """What `actcli completion` takes."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def command(shell: Annotated[Shell, typer.Argument(help="The shell to write for.", show_default=False)]) -> None:
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


def script(shell: Shell) -> str:
    """The whole completion script for a shell."""
    return _WRITERS[shell](_commands(), _words())


# --- what there is to complete -----------------------------------------------------------------------------------


class Kind(StrEnum):
    """What stands in the place of a value."""

    NONE = "none"  # nothing that could be foreseen
    FILE = "file"
    SPEC = "spec"
    SPECS = "specs"  # several with commas between
    CHOICE = "choice"


@dataclass(frozen=True)
class Place:
    """Where a value is expected: after an option, or as an argument."""

    names: tuple[str, ...]  # of the option; none for an argument
    help: str
    metavar: str
    kind: Kind
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
class Words:
    """The names of functions."""

    summaries: Mapping[str, str]  # name or alias -> what it is
    parameters: Mapping[str, tuple[str, ...]]  # name or alias -> its parameters
    symbols: Mapping[str, tuple[str, ...]]  # framework -> "torch.gelu", ...


def _commands() -> list[CommandLine]:
    from actcli.cli.app import group

    app = group()
    context = typer.Context(app, info_name="actcli")
    known = _known()
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


def _known() -> Mapping[str, tuple[str, ...]]:
    """Options whose value is a name, though the command takes it loosely spelled: the names there are."""
    from actcli.activations import frameworks, get, names
    from actcli.network.initialise import SUMMARIES

    return {
        "--family": tuple(dict.fromkeys(get(name).family for name in names())),
        "--framework": tuple(frameworks.FRAMEWORKS),
        "--init": tuple(SUMMARIES),
    }


def _place(param: Any, known: Mapping[str, tuple[str, ...]]) -> Place:
    """A parameter of a command: its choices or its metavar say what may stand there."""
    is_option = param.param_type_name == "option"
    metavar = (param.metavar or (param.name or "").upper()).strip("<>")
    literal = tuple(word for word in metavar.split("|") if word == word.lower())
    parser = getattr(param.type, "func", param.type)  # what one_of gave, or an enum's
    choices = tuple(getattr(parser, "choices", ())) or known.get(param.opts[-1], literal)
    if choices:
        kind = Kind.CHOICE
    elif "FILE" in metavar or "DIR" in metavar:
        kind = Kind.FILE
    elif "SPEC" in metavar:
        kind = Kind.SPECS if ",SPEC" in metavar else Kind.SPEC
    else:
        kind = Kind.NONE
    return Place(
        names=(*param.opts, *param.secondary_opts) if is_option else (),
        help=getattr(param, "help", None) or "",
        metavar=metavar,
        kind=kind,
        choices=choices,
        is_flag=is_option and bool(param.is_flag),
        repeats=bool(param.multiple) if is_option else param.nargs != 1,
    )


def _words() -> Words:
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
    return Words(summaries, parameters, {framework: tuple(labels) for framework, labels in symbols.items()})


def _filled(text: str, **parts: str) -> str:
    for name, part in parts.items():
        text = text.replace(f"«{name}»", part)
    return text


def _quoted(text: str) -> str:
    """A word in single quotes, for bash, zsh and (where it holds no quote) fish."""
    return "'" + text.replace("'", "'\\''") + "'"


# --- bash --------------------------------------------------------------------------------------------------------

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


def _bash(commands: list[CommandLine], words: Words) -> str:
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
    return _filled(
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


# --- zsh ---------------------------------------------------------------------------------------------------------

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

_ZSH_ACTIONS = {Kind.NONE: " ", Kind.FILE: "_files", Kind.SPEC: "_actcli_spec", Kind.SPECS: "_actcli_specs"}


def _zsh(commands: list[CommandLine], words: Words) -> str:
    cases = []
    for line in commands:
        specs = [_zsh_option(option) for option in line.options]
        specs += [_zsh_argument(argument) for argument in line.arguments]
        cases += [f"    {line.name})", "        _arguments -s -S \\"]
        cases += [" \\\n".join(f"            {spec}" for spec in specs), "        ;;"]
    return _filled(
        _ZSH,
        commands=_lines(12, (_zsh_described(line.name, line.help) for line in commands)),
        cases="\n".join(cases),
        parameters=_lines(12, (f"{name} {_quoted(' '.join(keys))}" for name, keys in words.parameters.items())),
        symbols=_lines(8, (f"{name} {_quoted(' '.join(labels))}" for name, labels in words.symbols.items())),
        functions=_lines(8, (_zsh_described(name, summary) for name, summary in words.summaries.items())),
    )


def _lines(indent: int, items: Iterable[str]) -> str:
    return "\n".join(" " * indent + item for item in items)


def _zsh_described(name: str, text: str) -> str:
    return _quoted(f"{name}:{text}")


def _zsh_option(option: Place) -> str:
    star = "*" if option.repeats else ""
    text = re.sub(r"([\[\]:\\])", r"\\\1", option.help)
    value = "" if option.is_flag else f":{_zsh_value(option)}"
    names = [name if option.is_flag else f"{name}=" if name.startswith("--") else f"{name}+" for name in option.names]
    if len(names) == 1:
        return _quoted(f"{star}{names[0]}[{text}]{value}")
    others = _quoted(star or f"({' '.join(option.names)})")
    return f"{others}{{{','.join(names)}}}{_quoted(f'[{text}]{value}')}"


def _zsh_argument(argument: Place) -> str:
    return _quoted(f"{'*' if argument.repeats else ''}:{_zsh_value(argument)}")


def _zsh_value(place: Place) -> str:
    action = f"({' '.join(place.choices)})" if place.choices else _ZSH_ACTIONS[place.kind]
    return re.sub(r"([:\\])", r"\\\1", place.metavar) + f":{action}"


# --- fish --------------------------------------------------------------------------------------------------------

_FISH = r"""# fish completion for actcli. Written by `actcli completion fish`; static, it never starts Python.

function __actcli_in -d 'The command is one of these'
    set -l words (commandline -opc)
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
    Kind.NONE: "",
    Kind.FILE: " -F",
    Kind.SPEC: " -a '(__actcli_spec)'",
    Kind.SPECS: " -a '(__actcli_spec several)'",
}


def _fish(commands: list[CommandLine], words: Words) -> str:
    shared: dict[Place, list[str]] = {}
    for line in commands:
        for option in line.options:
            shared.setdefault(option, []).append(line.name)
    first = "complete -c actcli -n 'test (count (commandline -opc)) -eq 1' -a"
    return _filled(
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
    value = "" if option.is_flag else (" -r" if option.kind == Kind.FILE else " -x") + _fish_offer(option)
    return f"complete -c actcli -n '__actcli_in {' '.join(commands)}' {names}{value} -d {_fish_quoted(option.help)}"


def _fish_offer(place: Place) -> str:
    return f" -a '{' '.join(place.choices)}'" if place.choices else _FISH_OFFERS[place.kind]


# --- PowerShell --------------------------------------------------------------------------------------------------

_POWERSHELL = r"""# PowerShell completion for actcli. Written by `actcli completion powershell`; it never starts Python.

Register-ArgumentCompleter -Native -CommandName actcli -ScriptBlock {
    param($word, $tree, $cursor)

    # Each command: what it is, its argument, and its options with their values. A value is a list of choices,
    # 'spec' or 'specs' (functions), 'file', 'none', or '' for an option without a value.
    $commands = [ordered]@{
«commands»
    }
    $functions = [ordered]@{
«functions»
    }
    $parameters = @{
«parameters»
    }
    $symbols = [ordered]@{
«symbols»
    }

    function Offer($words, $lead) {
        foreach ($entry in $words) {
            $text, $about = $entry -split "`t", 2
            if (-not $about) { $about = $text }
            if ($text -like ([WildcardPattern]::Escape($start) + '*')) {
                [System.Management.Automation.CompletionResult]::new($lead + $text, $text, 'ParameterValue', $about)
            }
        }
    }

    $words = @($tree.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { "$_" })
    $start = $word
    if ($words.Count -le 1) {
        return Offer (@($commands.Keys | ForEach-Object { "$_`t$($commands[$_].help)" }) + '--help' + '--version') ''
    }
    $command = $commands[$words[1]]
    if (-not $command) { return }

    $before = $words[-1]
    $lead = ''
    if ($word -match '^(--[^=]+)=(.*)$') {
        $before, $start = $Matches[1], $Matches[2]
        $lead = "$before="
    }
    $kind = $command.options[$before]
    if (-not $kind) {
        if ($start -like '-*') {
            return Offer @($command.options.Keys | Where-Object { $_ -like '--*' }) ''
        }
        $kind = $command.argument
    }
    if ($kind -is [array]) { return Offer $kind $lead }
    if ($kind -eq 'specs' -and $start -match '^(.*,)([^,]*)$') {
        $lead += $Matches[1]
        $start = $Matches[2]
    }
    if ($kind -notlike 'spec*') { return }
    if ($start -match '^([^@]*)(@(?:.*,)?)([^,]*)$') {
        $lead += $Matches[1] + $Matches[2]
        $start = $Matches[3]
        return Offer @($parameters[$Matches[1]] | ForEach-Object { "$_=" }) $lead
    }
    if ($start -match '^(\w+)\.' -and $symbols.Contains($Matches[1])) {
        return Offer ($symbols[$Matches[1]] -split ' ') $lead
    }
    $known = @($functions.Keys | ForEach-Object { "$_`t$($functions[$_])" })
    Offer ($known + @($symbols.Keys | ForEach-Object { "$_." })) $lead
}
"""


def _powershell(commands: list[CommandLine], words: Words) -> str:
    lines = []
    for line in commands:
        argument = _powershell_value(line.arguments[0]) if line.arguments else "'none'"
        lines.append(
            f"'{line.name}' = @{{ help = {_powershell_quoted(line.help)}; argument = {argument}; options = @{{"
        )
        lines += [f"    '{name}' = {_powershell_value(option)}" for option in line.options for name in option.names]
        lines.append("} }")
    return _filled(
        _POWERSHELL,
        commands=_lines(8, lines),
        functions=_lines(8, (f"'{name}' = {_powershell_quoted(text)}" for name, text in words.summaries.items())),
        parameters=_lines(8, (f"'{name}' = {_powershell_list(keys)}" for name, keys in words.parameters.items())),
        symbols=_lines(8, (f"'{name}' = '{' '.join(labels)}'" for name, labels in words.symbols.items())),
    )


def _powershell_quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _powershell_list(words: Iterable[str]) -> str:
    return f"@({', '.join(_powershell_quoted(word) for word in words)})"


def _powershell_value(place: Place) -> str:
    if place.is_flag:
        return "''"
    return _powershell_list(place.choices) if place.choices else f"'{place.kind}'"


_WRITERS = {Shell.BASH: _bash, Shell.ZSH: _zsh, Shell.FISH: _fish, Shell.POWERSHELL: _powershell}
