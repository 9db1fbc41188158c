"""Functions of rows for languages of arrays: runs as whole expressions, along the last axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

from actcli.formulas.grammar import X
from actcli.formulas.languages.kernels import value_of
from actcli.formulas.languages.language import Body, Language
from actcli.formulas.languages.rows import Run


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
        """The lines that make y, the outputs, of x, or x, the gradient by x, of y and g."""
        body = Body(language, {name: name for run in runs for name in {*run.names, "x"}}, language.prefix)
        indent = body.indent * depth
        if runs[0].is_halved:
            body.lines.append(f"{indent}{self.split}")
        if runs[0].entry is not X:
            body.lines.append(f"{indent}x = {body.expression(runs[0].entry, depth)}")
        for run in runs:
            if run.largest is not None:
                found, floor = self.largest.format("x"), value_of(run.largest)
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
