"""Functions of a row as loops, for languages of numbers: one writer, and a style for what they differ in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from actcli.formulas.languages.kernels import Kernel
from actcli.formulas.languages.language import Body, Language
from actcli.formulas.languages.rows import SECOND, Place, RowSource, Run


@dataclass(frozen=True)
class Loops:
    """How a language writes functions of rows; {name} is the function and {real} the type of entries.

    kernels: the lines of kernels, by their names.
    forward, backward: how the functions begin that give the outputs and the gradient by the entries.
    half: how h, half the length, is named; h is what gated units have of outputs.
    room: how the {array} of {length} results is made, if it is.
    outputs: how `back` gets the outputs, where the way back starts from them.
    done: how a function ends that gives an {array}.
    each, end: how a loop over {count} places begins and ends.
    read: how a number is read.
    start: how what grows is named.
    put: how a result is written to a place, as {real}.
    """

    kernels: Callable[[Mapping[str, Kernel]], list[str]]
    forward: str
    backward: str
    half: str
    outputs: str
    each: str
    end: str
    larger: str
    done: str = "}}"
    room: str = ""
    read: str = "{}"
    start: str = "{} = {}"
    add: str = "{} += {}"
    put: str = "{} = {}"
    indent: str = "    "


def written(source: RowSource, language: Language, style: Loops, real: str) -> list[str]:
    """The kernels, the function of a row, and its gradient unless the source is without."""
    lines = style.kernels(source.kernels(language))
    for ahead, runs in ((True, source.forward), (False, source.backward)):
        if runs:
            made = style.room if ahead or source.is_halved else style.outputs
            words = {"name": source.name, "real": real, "array": "out" if ahead else "back"}
            words["length"] = "h" if source.is_halved and ahead else "n"
            body = Body(language, {}, language.prefix.format(**words), indent=style.indent)
            for part in (style.half if source.is_halved else "", made.format(**words)):
                body.lines += [f"{style.indent}{line}" for line in part.splitlines()]
            for run in runs:
                _run(run, body, style, real)
            lines += (style.forward if ahead else style.backward).format(**words).splitlines()
            lines += [*body.lines, *style.done.format(**words).splitlines(), ""]
    return lines


def _run(run: Run, body: Body, style: Loops, real: str) -> None:
    def line(depth: int, text: str) -> None:
        body.lines.extend(f"{style.indent * depth}{part}" for part in text.splitlines())

    def place(of: Place) -> str:
        return f"{of.array}[i + h]" if of.part == SECOND else f"{of.array}[i]"

    body.names = {name: name for name in run.names}
    for name, tree in run.lets:
        line(1, body.language.let.format(name, body.expression(tree)))
    if run.largest is not None:
        line(1, style.start.format("m", body.expression(run.largest)))
    for name, _ in run.sums:
        line(1, style.start.format(name, "0.0"))
    line(1, style.each.format(count="h" if run.is_halved else "n"))
    for name, of in run.reads.items():
        if name in run.names:
            number = style.read.format(place(of))
            if name == "x":
                number = Body(body.language, {"x": number}, body.prefix).expression(run.entry)
            line(2, body.language.let.format(name, number))
    if run.largest is not None:
        line(2, style.larger)
    for name, tree in run.sums:
        line(2, style.add.format(name, body.expression(tree, 2)))
    for of, tree in run.writes:
        line(2, style.put.format(place(of), body.expression(tree, 2), real=real))
    line(1, style.end)
