"""Functions of a row in the neutral form: runs over its places, which sum up or write outputs, and those for gradients.

The softmax family subtracts the largest entry, with what rounding takes from the difference put back. A gated unit is
a function of the first half times one of the second, each a program of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from actcli.formulas.grammar import ONE, ZERO, Node, X, make_node, names_in, parse, replaced
from actcli.formulas.languages.kernels import FUNCTIONS, Kernel, value_of
from actcli.formulas.languages.language import Language, Source, kernels_of

#: Arrays of a run: what comes in, what goes out, and what comes back as the gradient by the entries.
ROW, OUT, GRADIENT, BACK = "row", "out", "gradient", "back"
#: What else is named in programs, by themselves and by languages.
_NAMES = ("m", "g", "leaders", "others", "led", "lead", "silent", "mean", "total")
LOCALS = frozenset([*_NAMES, ROW, OUT, GRADIENT, BACK, *"abhin", "dtype", "half", "of_a", "of_b"])
#: What a place is in.
WHOLE, FIRST, SECOND = "whole", "first", "second"


@dataclass(frozen=True)
class Place:
    """A place of an array as a run comes by: of the whole array, or of one of its halves."""

    array: str
    part: str = WHOLE


@dataclass(frozen=True)
class Run:
    """A run over the places of a row, or of its halves.

    reads: what is read at each place, by name.
    entry: what stands for x from then on.
    lets: what is worked out before it, by name.
    largest: the start of the search for the largest x, which is called m; None where it is not sought.
    sums: what is summed, by the name of the sum.
    writes: what is written where.
    """

    reads: Mapping[str, Place]
    entry: Node = X
    lets: tuple[tuple[str, Node], ...] = ()
    largest: Node | None = None
    sums: tuple[tuple[str, Node], ...] = ()
    writes: tuple[tuple[Place, Node], ...] = ()

    @property
    def is_halved(self) -> bool:
        return any(place.part != WHOLE for place in self.reads.values())

    @property
    def trees(self) -> list[Node]:
        """All of its expressions."""
        return [self.entry, *(tree for _, tree in (*self.lets, *self.sums, *self.writes))]

    @property
    def names(self) -> set[str]:
        """The names in what it sums and writes, and x where it seeks the largest."""
        used = {name for tree in self.trees[1:] for name in names_in(tree)}
        return used if self.largest is None else used | {"x"}


@dataclass(frozen=True)
class RowProgram:
    """A function of a row.

    forward: the runs from the row to the outputs.
    backward: those to the gradient by the entries, from the gradient by the outputs; they read the outputs where they
        read `back` before they write it.
    gates: the functions of the first and the second half that a gated unit multiplies; None for other functions.
    """

    forward: tuple[Run, ...]
    backward: tuple[Run, ...]
    gates: tuple[Source, Source] | None = None


@dataclass(frozen=True)
class RowSource:
    """What is to be written: a function of a row and all that is said about it.

    program: None where there is none, and the formula alone can be written.
    formula: its formula, in x, or in a and b for entries of the two halves.
    shown: the formula as a textbook prints it, in mathtext.
    parameters: their values, exact.
    with_gradient: whether the way back is written too.
    """

    name: str
    program: RowProgram | None
    formula: Node
    shown: str
    parameters: Mapping[str, Fraction | float]
    head: tuple[str, ...]
    dtype: str
    with_gradient: bool = True

    @property
    def forward(self) -> tuple[Run, ...]:
        """The runs to the outputs."""
        return self.program.forward if self.program else ()

    @property
    def backward(self) -> tuple[Run, ...]:
        """The runs to the gradient, if it is asked for."""
        return self.program.backward if self.program and self.with_gradient else ()

    @property
    def gates(self) -> tuple[Source, ...]:
        """The functions of the halves that are more than the entry itself."""
        return tuple(gate for gate in (self.program and self.program.gates) or () if gate.value is not X)

    def product(self, call: str) -> str:
        """The product of a gated unit, as calls of its functions."""
        assert self.program is not None
        assert self.program.gates is not None
        pairs = zip(self.program.gates, "ab", strict=True)
        return " * ".join(half if gate.value is X else call.format(gate.name, half) for gate, half in pairs)

    @property
    def is_halved(self) -> bool:
        """Whether it works on the two halves of a row."""
        return not names_in(self.formula).isdisjoint("ab")

    def kernels(self, language: Language) -> dict[str, Kernel]:
        """The kernels that it needs in a language, and the functions of its gates."""
        own: dict[str, Kernel] = {}
        for source in self.gates:
            (reason,) = source.head
            for name, tree, what in (
                (source.name, source.value, reason),
                (f"{source.name}_slope", source.slope, f"the slope of {reason}"),
            ):
                if tree is not None and (tree is source.value or not _is_plain(tree)):
                    own[name] = Kernel(("x",), lambda tree=tree: tree, what)  # type: ignore[misc]
        trees = [tree for run in self.forward + self.backward for tree in run.trees]
        return kernels_of([*trees, *(kernel.root for kernel in own.values())], language) | own

    def trees(self, language: Language) -> list[Node]:
        """All expressions that are written in a language."""
        kernels = [kernel.root for kernel in self.kernels(language).values()]
        return [*kernels, *(tree for run in self.forward + self.backward for tree in run.trees)]


def _is_plain(tree: Node) -> bool:
    return tree is X or value_of(tree) is not None


def _called(name: str, tree: Node | None, half: str) -> Node:
    """A function of an entry of a half: itself where it is the entry or a number."""
    entry = make_node("name", text=half)
    plain = tree is not None and _is_plain(tree)
    return replaced(tree, {"x": entry}) if tree is not None and plain else make_node(name, (entry,))


def _product(*factors: Node) -> Node:
    made = ONE
    for factor in factors:
        if factor is ZERO or made is ZERO:
            return ZERO
        made = factor if made is ONE else made if factor is ONE else make_node("mul", (made, factor))
    return made


def gated(first: Source, second: Source) -> RowProgram:
    """The program of a gated unit, from the functions of its halves."""
    a, b = _called(first.name, first.value, "a"), _called(second.name, second.value, "b")
    by_a = _called(f"{first.name}_slope", first.slope, "a")
    by_b = _called(f"{second.name}_slope", second.slope, "b")
    g = make_node("name", text="g")
    halves = {"a": Place(ROW, FIRST), "b": Place(ROW, SECOND)}
    return RowProgram(
        (Run(halves, writes=((Place(OUT), _product(a, b)),)),),
        (
            Run(
                {**halves, "g": Place(GRADIENT)},
                writes=(
                    (Place(BACK, FIRST), _product(g, by_a, b)),
                    (Place(BACK, SECOND), _product(g, a, by_b)),
                ),
            ),
        ),
        (first, second),
    )


def _tree(text: str) -> Node:
    return parse(text, _NAMES, functions=FUNCTIONS)


_START = make_node("neg", (make_node("number", text="inf"),))
_COUNT = ("leaders", _tree("where(x == m, 1, 0)"))
_OTHERS = ("others", _tree("where(x == m, 0, weight(x, m))"))


def _shares(output: str, backward: tuple[Run, ...], *, entry: str = "x", floor: str = "") -> RowProgram:
    """A program of the softmax family: the largest entry, sums over the row, the outputs."""
    reads, x = {"x": Place(ROW)}, _tree(entry)
    return RowProgram(
        (
            Run(reads, x, largest=_tree(floor) if floor else _START),
            Run(reads, x, sums=(_COUNT, _OTHERS)),
            Run(reads, x, writes=((Place(OUT), _tree(output)),)),
        ),
        backward,
    )


_OUTPUTS = {"x": Place(BACK), "g": Place(GRADIENT)}
_LED = ("led", _tree("where(x == m, g, 0)"))


def _back(name: str, of: str, gradient: str, *lets: tuple[str, str]) -> tuple[Run, ...]:
    """Runs over the outputs x and the gradient g by them: a sum, and the gradient by the entries."""
    named = tuple((called, _tree(text)) for called, text in lets)
    return (
        Run(_OUTPUTS, lets=named, sums=((name, _tree(of)),)),
        Run(_OUTPUTS, writes=((Place(BACK), _tree(gradient)),)),
    )


#: The gradient by the largest output; without it in the mean, that of an output next to 1 does not cancel.
_LEADER = (Run(_OUTPUTS, largest=_START), Run(_OUTPUTS, sums=(_COUNT, _LED)))

#: By the name of the function; gated units are made from their formulas.
ROWS = {
    "softmax": _shares(
        "weight(x, m)/(leaders + others)",
        (*_LEADER, *_back("mean", "x*(g - lead)", "x*((g - lead) - mean)", ("lead", "led/leaders"))),
    ),
    "log_softmax": _shares("below(x, m, log1p((leaders - 1) + others))", _back("total", "g", "g - exp(x)*total")),
    "softmin": _shares(
        "weight(x, m)/(leaders + others)",
        (*_LEADER, *_back("mean", "x*(g - lead)", "x*(mean - (g - lead))", ("lead", "led/leaders"))),
        entry="-x",
    ),
    # What is missing to 1 is the share of a silent entry 0, which is found from the row: 1 - sum(x) would lose it.
    "quiet_softmax": _shares(
        "weight(x, m)/(leaders + others + weight(0, m))",
        (
            Run({"x": Place(ROW)}, largest=ZERO),
            Run({"x": Place(ROW), "g": Place(GRADIENT)}, sums=(_COUNT, _OTHERS, _LED)),
            *_back(
                "mean",
                "x*(g - lead)",
                "x*((g - lead) - (mean - silent*lead))",
                ("silent", "weight(0, m)/(leaders + others + weight(0, m))"),
                ("lead", "where(leaders == 0, 0, led/leaders)"),
            ),
        ),
        floor="0",
    ),
}
