"""The completion script for PowerShell."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from actcli.cli.completion import folders
from actcli.cli.completion.places import CommandLine, FunctionNames, Place
from actcli.cli.completion.writing import filled, indented

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
    if ($words -contains '--') { return } # what follows are numbers
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


def place() -> Path:
    """A file in a folder of actcli, because PowerShell has no folder for completion scripts."""
    return folders.data() / "actcli" / "actcli.ps1"


def loading(script: Path) -> str:
    return f"PowerShell loads it with this line in $PROFILE: . {_powershell_quoted(str(script))}"


def script(commands: list[CommandLine], words: FunctionNames) -> str:
    lines = []
    for line in commands:
        argument = _powershell_value(line.arguments[0]) if line.arguments else "'none'"
        lines.append(
            f"'{line.name}' = @{{ help = {_powershell_quoted(line.help)}; argument = {argument}; options = @{{"
        )
        lines += [f"    '{name}' = {_powershell_value(option)}" for option in line.options for name in option.names]
        lines.append("} }")
    return filled(
        _POWERSHELL,
        commands=indented(8, lines),
        functions=indented(8, (f"'{name}' = {_powershell_quoted(text)}" for name, text in words.summaries.items())),
        parameters=indented(8, (f"'{name}' = {_powershell_list(keys)}" for name, keys in words.parameters.items())),
        symbols=indented(8, (f"'{name}' = '{' '.join(labels)}'" for name, labels in words.symbols.items())),
    )


def _powershell_quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _powershell_list(words: Iterable[str]) -> str:
    return f"@({', '.join(_powershell_quoted(word) for word in words)})"


def _powershell_value(place: Place) -> str:
    if place.is_flag:
        return "''"
    return _powershell_list(place.choices) if place.choices else f"'{place.kind}'"
