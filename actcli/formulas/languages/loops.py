"""Row functions as loops, for languages without arrays: one writer, and a style for the syntax of each language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from actcli.formulas.languages.kernels import Kernel
from actcli.formulas.languages.language import Body, Language
from actcli.formulas.languages.rows import SECOND, Place, RowSource, Run


@dataclass(frozen=True)
class Loops:
    """The syntax of row functions in a language; {name} is the function and {real} the type of entries.

    kernels: returns the lines of kernels, from the kernels by name.
    forward, backward: the first lines of the functions for the outputs and for the gradient by the entries.
    half: assigns half the length to h, the number of outputs of a gated unit.
    room: allocates the {array} of {length} results; empty if the caller does so.
    outputs: writes the outputs to `back`, for gradients that are computed from them.
    done: the last lines of a function that returns an {array}.
    each, end: the first and last line of a loop over {count} places.
    larger: assigns x to m if x is larger.
    read: converts an entry to the type of the computation.
    start, add: initialises a variable, and adds to it.
    put: writes a result to a place, as {real}.
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
    """The lines of the kernels, of the function of a row, and of its gradient if the source has one."""
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
