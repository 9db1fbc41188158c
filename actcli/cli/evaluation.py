"""The common part of eval and grad: separates functions from numbers, and writes the table of results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.calculation import Arithmetic, Calculation
from actcli.cli.inputs import Input
from actcli.cli.options import Output, note
from actcli.cli.parsing import numbers_in

if TYPE_CHECKING:
    from actcli.activations import Activation

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[SPEC... [VALUE]...]", help="Functions, then numbers.", show_default=False),
]


#: One number in many countries, and two numbers here.
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")
#: A formula without x, where a number may have been meant: 1/3, 2*pi, 1e.
_CONSTANT = re.compile(r"(?:[\d\s.()*/^+-]|e|pi)+")
_RANGE = re.compile(r"[-+\d.e]+(?::[-+\d.e]+){1,2}")


def run(name: str, words: Sequence[str], given: Input, arithmetic: Arithmetic, out: Output, order: int) -> None:
    """Values (order 0), slopes (1) or second derivatives (2) of the functions that lead `words`."""
    from actcli.cli.flow import flow

    if words[-1:] == ["-"]:
        if given.source is not None:
            raise ValueError(f"one source of numbers at a time, not - and --input {given.source}")
        words, given = words[:-1], replace(given, source="-")
    functions, written, values = _separated(name, words)
    calculation = Calculation(functions, arithmetic, order)
    source = given.open(values, calculation.by_row, _rows_in(written) if calculation.by_row else 1)
    asked: dict[str, Any] = {"specs": [function.spec for function in functions], "dtype": arithmetic.dtype}
    if order:
        asked["order"] = order
    asked |= given.asked() | arithmetic.asked()
    if arithmetic.hex and out.writer_name(out.output) == "npy":
        raise ValueError("--hex prints bits as text; an .npy file holds the bits themselves")
    settings = out.settings(
        out.output,
        command=name,
        asked=asked,
        extra=calculation.kinks_met,
        notes=calculation.notes,
        shape=lambda rows, item: calculation.shape(source.shape, rows, item),
        hex=arithmetic.hex,
    )
    flow(source, calculation, out, settings)


def _rows_in(values: Sequence[str]) -> int:
    """The number of rows in the values: [[1, 2], [3, 4]], [1, 2] [3, 4], 1,2 3,4 and "1 2; 3 4" are two rows each."""
    text = " ".join(values)
    if ";" in text:
        rows = text.split(";")
    elif len(values) > 1 and "[" not in text and all(map(_is_whole_list, values)):
        rows = list(values)
    else:
        rows = re.findall(r"\[([^][]*)\]", text)
        outside = numbers_in(re.sub(r"\[[^][]*\]", " ", text))
        if rows and outside:
            raise ValueError(f"{outside[0]} stands beside rows in brackets; put every row in brackets")
    widths = [len(found) for row in rows if (found := numbers_in(row))]
    if len(set(widths)) > 1:
        raise ValueError(f"rows of {' and '.join(map(str, widths))} numbers; every row needs as many")
    return len(widths) or 1


def _is_whole_list(word: str) -> bool:
    """Whether a word is several numbers without a comma at the end, which would continue the list."""
    return len(numbers_in(word) or ()) > 1 and not word.rstrip().endswith(",")


def _separated(name: str, words: Sequence[str]) -> tuple[list[Activation], Sequence[str], list[float]]:
    """The functions at the start of the words, the words of numbers after them, and these numbers."""
    from actcli.activations import SpecError, get
    from actcli.activations.spec import split_specs
    from actcli.reading.source import number

    lists = [numbers_in(word) for word in words]
    first = next((place for place, found in enumerate(lists) if found), len(words))
    if not first:
        what = f"{words[0]!r} is a number" if words else "nothing was given"
        raise ValueError(f"{name} needs a function first, and {what}; try actcli {name} relu -3 2")
    functions: list[Activation] = []
    for place, word in enumerate(spec for listed in words[:first] for spec in split_specs(listed)):
        try:
            function = get(word)
        except SpecError as error:
            if _RANGE.fullmatch(word):
                raise ValueError(f"{word!r} is no number; --range {word} gives evenly spaced points") from None
            if not place or "@" in word or str(error).startswith(repr(word)):
                raise
            reason = str(error).removeprefix(f"unknown function {word!r}; ")
            raise ValueError(f"{word!r} is neither a number nor a function actcli knows; {reason}") from None
        if place and _CONSTANT.fullmatch(word):
            note(f"{word} is a function here, the same at every x; a number to evaluate at is written out, as 0.5")
        for known in functions:
            if known.spec == function.spec:
                raise ValueError(f"{word!r} is {known.spec}, which is asked for already; each function once")
        functions.append(function)
    values: list[float] = []
    for place, (word, found) in enumerate(zip(words[first:], lists[first:], strict=True), start=first + 1):
        if found is None:
            hint = "; options go before --" if word.startswith("--") else ""
            raise ValueError(f"argument {place} after {name}: {word!r} is not a number{hint}")
        values += map(number, found)
        if not any(function.is_row for function in functions) and _DECIMAL_COMMA.fullmatch(word):
            note(f"{word} is two numbers, {' and '.join(found)}; the decimal sign is a point, {word.replace(',', '.')}")
    return functions, words[first:], values
