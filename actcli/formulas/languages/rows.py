"""Row functions in the neutral form: runs over the places of a row, which compute sums, outputs or gradients.

The softmax family subtracts the largest entry, and corrects the rounding error of the difference. A gated unit is a
function of the first half of a row times a function of the second half; each function has its own program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from actcli.formulas.grammar import ONE, ZERO, Node, X, make_node, names_in, parse, replaced
from actcli.formulas.languages.kernels import FUNCTIONS, Kernel, value_of
from actcli.formulas.languages.language import Language, Source, kernels_of

#: The arrays of a run: the entries, the outputs, the gradient by the outputs, and the gradient by the entries.
ROW, OUT, GRADIENT, BACK = "row", "out", "gradient", "back"
#: The further names in programs, and all names that the languages use in the code of row functions.
_NAMES = ("m", "g", "leaders", "others", "led", "lead", "silent", "mean", "total")
LOCALS = frozenset([*_NAMES, ROW, OUT, GRADIENT, BACK, *"abhin", "dtype", "half", "of_a", "of_b"])
#: The part of an array that a place runs through.
WHOLE, FIRST, SECOND = "whole", "first", "second"


@dataclass(frozen=True)
class Place:
    """The current place of a run in an array, which runs through the whole array or one of its halves."""

    array: str
    part: str = WHOLE


@dataclass(frozen=True)
class Run:
    """A run over the places of a row, or of its halves.

    reads: the places that are read, by the names of their numbers.
    entry: the expression that replaces x in all other expressions.
    lets: the numbers that are computed before the run, by name.
    largest: the initial value of m, the largest x; None if m is not computed.
    sums: the expressions that are summed, by the names of the sums.
    writes: the places that are written, and their expressions.
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
        """All expressions of the run."""
        return [self.entry, *(tree for _, tree in (*self.lets, *self.sums, *self.writes))]

    @property
    def names(self) -> set[str]:
        """The names in its expressions other than `entry`, and x if it computes the largest x."""
        used = {name for tree in self.trees[1:] for name in names_in(tree)}
        return used if self.largest is None else used | {"x"}


@dataclass(frozen=True)
class RowProgram:
    """The program of a row function.

    forward: the runs that compute the outputs from the row.
    backward: the runs that compute the gradient by the entries, from the gradient by the outputs; until they write
        `back`, it contains the outputs.
    gates: the functions of the first and the second half that a gated unit multiplies; None for other functions.
    """

    forward: tuple[Run, ...]
    backward: tuple[Run, ...]
    gates: tuple[Source, Source] | None = None


@dataclass(frozen=True)
class RowSource:
    """A row function to be written in a language: its program and all further facts that its file states.

    program: None if there is only a formula.
    formula: the formula, in x, or in a and b for the entries of the two halves.
    shown: the formula as a textbook prints it, in mathtext.
    parameters: the exact values of the parameters.
    with_gradient: whether the function for the gradient is written too.
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
        """The runs that compute the outputs."""
        return self.program.forward if self.program else ()

    @property
    def backward(self) -> tuple[Run, ...]:
        """The runs that compute the gradient, if it is requested."""
        return self.program.backward if self.program and self.with_gradient else ()

    @property
    def gates(self) -> tuple[Source, ...]:
        """The functions of the halves, without identities."""
        return tuple(gate for gate in (self.program and self.program.gates) or () if gate.value is not X)

    def product(self, call: str) -> str:
        """The text of the product of a gated unit; `call` is the template of a call."""
        assert self.program is not None
        assert self.program.gates is not None
        pairs = zip(self.program.gates, "ab", strict=True)
        return " * ".join(half if gate.value is X else call.format(gate.name, half) for gate, half in pairs)

    @property
    def is_halved(self) -> bool:
        """Whether the function works on the two halves of a row."""
        return not names_in(self.formula).isdisjoint("ab")

    def kernels(self, language: Language) -> dict[str, Kernel]:
        """The kernels that the function needs in a language, and the functions of its gates."""
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
        """All expressions that the file in a language contains."""
        kernels = [kernel.root for kernel in self.kernels(language).values()]
        return [*kernels, *(tree for run in self.forward + self.backward for tree in run.trees)]


def _is_plain(tree: Node) -> bool:
    return tree is X or value_of(tree) is not None


def _called(name: str, tree: Node | None, half: str) -> Node:
    """A call of a function with an entry of a half, or its expression if that is the entry or a number."""
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
    """The program of the gated unit first(a) * second(b)."""
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
    """A program of the softmax family, whose runs compute the largest entry, the sums and the outputs."""
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
    """Runs over the outputs x and the gradient g by them, which compute a sum and then the gradient by the entries."""
    named = tuple((called, _tree(text)) for called, text in lets)
    return (
        Run(_OUTPUTS, lets=named, sums=((name, _tree(of)),)),
        Run(_OUTPUTS, writes=((Place(BACK), _tree(gradient)),)),
    )


#: Runs that compute led, the sum of g over the largest outputs. Its mean is subtracted from every g, so that the
#: gradient at an output next to 1 does not cancel.
_LEADER = (Run(_OUTPUTS, largest=_START), Run(_OUTPUTS, sums=(_COUNT, _LED)))

#: The programs by the name of the function; those of gated units are made from their formulas.
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
    # The outputs and the share of a silent entry 0 add up to 1; the row gives this share, since 1 - sum(x) cancels.
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
