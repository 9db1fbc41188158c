"""Functions of rows for languages of arrays: runs as whole expressions, along the last axis."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from actcli.formulas.grammar import X
from actcli.formulas.languages.kernels import value_of
from actcli.formulas.languages.language import Body, Language, Source, kernels_of
from actcli.formulas.languages.python import function, kernels
from actcli.formulas.languages.rows import BACK, ROW, Place, RowSource, Run


def functions(language: Language, *sources: Source) -> list[str]:
    """The kernels that the programs of sources need, and the programs, each a function of arrays of float64."""
    lines = kernels(language, kernels_of([program for source in sources for program in source.programs], language))
    for source in sources:
        for what, program in (("value", source.value), ("slope", source.slope), ("second", source.second)):
            if program is not None:
                lines += function(language, f"{source.name}_{what}", ("x",), program, [])
    return lines


@dataclass(frozen=True)
class Arrays:
    """How a language writes runs.

    largest, total: the largest entry and the sum of an expression over each row, as rows of one.
    at_least: the larger one of an expression and a number.
    split: how a and b, the halves, come from x; join: how a row comes from two.
    """

    largest: str
    total: str
    at_least: str
    split: str
    join: str

    def statements(self, runs: tuple[Run, ...], language: Language, depth: int = 1) -> list[str]:
        """The lines that make y, the outputs, of x, or x, the gradient by the row, of the row, outputs x and g."""
        names = {name: name for run in runs for name in {*run.names, "x"}}
        body = Body(language, names, language.prefix)
        back = any(run.reads.get("x") == Place(BACK) for run in runs)
        indent = body.indent * depth
        if runs[0].is_halved:
            body.lines.append(f"{indent}{self.split}")
        if runs[0].entry is not X:
            body.lines.append(f"{indent}x = {body.expression(runs[0].entry, depth)}")
        for run in runs:
            body.names = names | {"x": "row"} if back and run.reads.get("x") == Place(ROW) else names
            for name, tree in run.lets:
                body.lines.append(f"{indent}{name} = {body.expression(tree, depth)}")
            if run.largest is not None:
                found, floor = self.largest.format(body.names["x"]), value_of(run.largest)
                bounded = floor is not None and math.isfinite(floor)
                body.lines.append(f"{indent}m = {self.at_least.format(found, floor) if bounded else found}")
            for name, tree in run.sums:
                body.lines.append(f"{indent}{name} = {self.total.format(body.expression(tree, depth))}")
            results = [body.expression(tree, depth) for _, tree in run.writes]
            if results:
                given = "x" if run.writes[0][0].array == "back" else "y"
                text = results[0] if len(results) == 1 else self.join.format(*results)
                body.lines.append(f"{indent}{given} = {text}")
        return body.lines

    def unit(
        self, source: RowSource, language: Language, callable_: Callable[[Source], list[str]], start: list[str]
    ) -> list[str]:
        """A gated unit as a product of functions that know their slopes, after the lines that it starts with."""
        lines = functions(language, *source.gates)
        for gate in source.gates:
            lines += [*language.commented(gate.head), *callable_(gate)]
        return [*lines, *start, f"    {self.split}", f"    return {source.product('{}({})')}", ""]
