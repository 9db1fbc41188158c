"""Row functions for array languages: each run over a row becomes expressions of whole arrays, along the last axis."""

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
    """The lines of the programs of sources and of the kernels that these need, each a function of float64 arrays."""
    lines = kernels(language, kernels_of([program for source in sources for program in source.programs], language))
    for source in sources:
        for what, program in (("value", source.value), ("slope", source.slope), ("second", source.second)):
            if program is not None:
                lines += function(language, f"{source.name}_{what}", ("x",), program, [])
    return lines


@dataclass(frozen=True)
class Arrays:
    """Templates for the runs of row functions in one language.

    largest, total: the largest entry and the sum of an expression over each row, with a last axis of length 1.
    at_least: the larger of an expression and a number.
    split: the statement that makes the halves a and b from x. join: the row that two halves make.
    """

    largest: str
    total: str
    at_least: str
    split: str
    join: str

    def statements(self, runs: tuple[Run, ...], language: Language, depth: int = 1) -> list[str]:
        """The lines that compute y, the outputs, from x, or x, the gradient by `row`, from the outputs x and from g."""
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
        """The lines of a gated unit, a product of functions with differentiation rules; `start` begins its function."""
        lines = functions(language, *source.gates)
        for gate in source.gates:
            lines += [*language.commented(gate.head), *callable_(gate)]
        return [*lines, *start, f"    {self.split}", f"    return {source.product('{}({})')}", ""]
