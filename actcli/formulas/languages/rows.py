"""Functions of a row in the neutral form: sums over the row, then each output, and the way back for gradients.

The softmax family subtracts the largest entry, with what rounding takes from the difference put back; gated units are
products of a function of the first half and one of the second.
"""

from __future__ import annotations

from dataclasses import dataclass

from actcli.formulas.grammar import Node, parse
from actcli.formulas.languages.kernels import FUNCTIONS, Kernel, walk
from actcli.formulas.languages.language import Body, Language, kernels_of


@dataclass(frozen=True)
class Sum:
    """A sum over the row: of a formula in an entry x, and in g, what the gradient is there."""

    name: str
    text: str


@dataclass(frozen=True)
class RowProgram:
    """A function of a row: sums, outputs, and the gradient by the inputs.

    entry: what stands for an entry x in all of the formulas.
    floor: a number that the largest entry is at least, or "".
    sums: over the row, in the order in which they are needed; m is the largest entry.
    output: each output.
    back: further sums, in y, the output, and g, the gradient by it.
    gradient: the gradient by each entry.
    """

    entry: str
    floor: str
    sums: tuple[Sum, ...]
    output: str
    back: Sum
    gradient: str

    def tree(self, text: str) -> Node:
        """The tree of one of its formulas."""
        return parse(text, [*"xmyg", *(part.name for part in (*self.sums, self.back))], functions=FUNCTIONS)

    @property
    def trees(self) -> list[Node]:
        """All of its formulas."""
        texts = [self.entry, *(part.text for part in (*self.sums, self.back)), self.output, self.gradient]
        return [self.tree(text) for text in texts]

    def text(self, formula: str, language: Language, prefix: str = "_") -> str:
        """One of its formulas as an expression of a language."""
        tree = self.tree(formula)
        names = {node.text: node.text for node in walk(tree) if node.op == "name"}
        return Body(language, names, prefix).text(tree, {}, set(), 1)


@dataclass(frozen=True)
class RowSource:
    """What is to be written: a function of a row, its name, the comment at its head, and the type of its numbers."""

    name: str
    program: RowProgram
    head: tuple[str, ...]
    dtype: str

    def kernels(self, language: Language) -> dict[str, Kernel]:
        """The kernels that it needs in a language."""
        return kernels_of(self.program.trees, language)


_OTHERS = Sum("others", "where(x == m, 0, weight(x, m))")
_LEADERS = Sum("leaders", "where(x == m, 1, 0)")
_SOFTMAX = RowProgram(
    "x",
    "",
    (_LEADERS, _OTHERS),
    "weight(x, m)/(leaders + others)",
    Sum("mean", "g*y"),
    "y*(g - mean)",
)

#: By the name of the function.
ROWS = {
    "softmax": _SOFTMAX,
    "softmin": RowProgram("-x", "", _SOFTMAX.sums, _SOFTMAX.output, _SOFTMAX.back, "y*(mean - g)"),
    "quiet_softmax": RowProgram(
        "x", "0", _SOFTMAX.sums, "weight(x, m)/(leaders + others + weight(0, m))", _SOFTMAX.back, "y*(g - mean)"
    ),
    "log_softmax": RowProgram(
        "x",
        "",
        (_LEADERS, _OTHERS),
        "below(x, m, log1p((leaders - 1) + others))",
        Sum("total", "g"),
        "g - exp(y)*total",
    ),
}
