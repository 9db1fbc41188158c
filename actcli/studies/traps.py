"""Names that mean different functions in different frameworks, and functions with different names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation, frameworks, get, names
from actcli.spelling import fold

#: Values are compared at these points, at which all functions of the frameworks differ; the first serve as examples.
_POINTS = np.array(
    [-1, 1, -2, 2, 0, 0.5, -0.5, 3, -3, -2.5, 2.5, 1.5, -1.5, 4, -4, 6, 7, -5.5, 0.25, -0.75, 10.5, 20.5, 25, -9, -25],
    dtype=np.float64,
)
_ROWS = np.array([[0.5, -1.0, 2.0, 1.0, 3.0, 2.5], [-2.0, 0.0, 0.25, 4.0, -0.5, 1.0]])


@dataclass(frozen=True, eq=False)
class Named:
    """A name in a framework, and the function of that name.

    label: as a SPEC, `keras.LeakyReLU`; word: the last word of the symbol, as the framework spells it.
    """

    label: str
    word: str
    row: frameworks.Row
    activation: Activation

    @property
    def is_plain(self) -> bool:
        """Whether the name gives this function without options, unlike gelu@approximate=tanh."""
        return "@" not in self.label


@dataclass(frozen=True, eq=False)
class Function:
    """A function: its canonical SPEC, its values, and the names of the frameworks for it."""

    name: str
    values: NDArray[np.float64]
    called: list[Named]

    def words(self) -> tuple[str, ...]:
        """The different names, in the spelling that comes first."""
        found: dict[str, str] = {}
        for named in self.called:
            if named.is_plain:
                found.setdefault(fold(named.word), named.word)
        return tuple(found.values())


@dataclass(frozen=True)
class Trap:
    """A name and one of several functions of that name.

    kind: "same name" if values differ, "slope at a kink" if only slopes at a kink differ.
    x, y: an input at which the functions of the name differ, and the value (or slope) there.
    """

    kind: str
    name: str
    function: str
    called: tuple[str, ...]
    x: float | None
    y: float | None


def _spec(activation: Activation) -> str:
    """A canonical SPEC of the function, or its formula if the framework has its own."""
    own = get(activation.name)
    if activation.formula != own.formula:
        return activation.formula
    changed = [f"{key}={value!r}" for key, value in activation.parameters.items() if value != own.parameters[key]]
    return f"{activation.name}@{','.join(changed)}" if changed else activation.name


def _values(activation: Activation) -> NDArray[np.float64]:
    if activation.is_row:
        return np.asarray(activation(_ROWS), dtype=np.float64).reshape(-1)
    return np.asarray(activation(_POINTS), dtype=np.float64)


def _alike(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-13, atol=1e-300, equal_nan=True))


def _collected(rows: Iterable[frameworks.Row], first: Iterable[str] = ()) -> list[Function]:
    """The different functions among the registry's `first` names and the table's `rows`."""
    found: list[Function] = []
    placed: dict[tuple[object, ...], Function] = {}

    def place(activation: Activation) -> Function:
        formula = (activation.is_row, activation.formula, *activation.parameters.items())
        if formula not in placed:
            values = _values(activation)
            alike = (known for known in found if _alike(known.values, values))
            placed[formula] = next(alike, None) or Function(_spec(activation), values, [])
            if placed[formula] not in found:
                found.append(placed[formula])
        return placed[formula]

    for name in first:
        place(get(name))
    for row in rows:
        activation = get(row.label(row.symbols[0]))
        function = place(activation)
        for label in row.labels():
            function.called.append(Named(label, label.partition("@")[0].rpartition(".")[2], row, activation))
    return found


@cache
def functions() -> tuple[Function, ...]:
    """All different functions of the registry and the frameworks, each with its names in all frameworks."""
    return tuple(_collected(frameworks.rows(), names()))


def same_name(words: Iterable[str] | None = None) -> list[Trap]:
    """The names with several functions in different frameworks.

    Args:
        words: the names to look at (case, - and _ ignored); by default all.
    """
    if words is None:
        known: Iterable[Function] = functions()
        wanted = None
    else:
        wanted = {fold(word) for word in words}
        known = _collected(row for row in frameworks.rows() if wanted & {fold(word) for word in row.words()})
    by_word: dict[str, list[tuple[Function, list[Named]]]] = {}
    for function in known:
        groups: dict[str, list[Named]] = {}
        for named in function.called:
            if named.is_plain and (wanted is None or fold(named.word) in wanted):
                groups.setdefault(fold(named.word), []).append(named)
        for word, called in groups.items():
            by_word.setdefault(word, []).append((function, called))
    place = {id(row): index for index, row in enumerate(frameworks.rows())}
    traps: list[Trap] = []
    for _, entries in sorted(by_word.items()):
        entries.sort(key=lambda entry: place[id(entry[1][0].row)])
        name = entries[0][1][0].word
        traps += _by_value(name, entries) if len(entries) > 1 else []
        for _, called in entries:
            traps += _by_slope(name, called)
    return traps


def _by_value(name: str, entries: list[tuple[Function, list[Named]]]) -> list[Trap]:
    comparable = len({function.values.shape for function, _ in entries}) == 1 and not entries[0][1][0].activation.is_row
    at = None
    if comparable:
        values = np.array([function.values for function, _ in entries])
        different = [len(np.unique(np.round(column, 10))) for column in values.T]
        at = int(np.argmax(different))
        if different[at] == 1:
            at = int(np.argmax(np.ptp(values, axis=0)))
    return [
        Trap(
            "same name",
            name,
            _spec(called[0].activation),
            tuple(named.label for named in called),
            None if at is None else float(_POINTS[at]),
            None if at is None else float(function.values[at]),
        )
        for function, called in entries
    ]


def _by_slope(name: str, called: list[Named]) -> list[Trap]:
    """The traps of functions with equal values that report different slopes at a kink."""
    called = [named for named in called if frameworks.FRAMEWORKS[named.row.framework].slopes]
    if not called or called[0].activation.is_row:
        return []
    traps: list[Trap] = []
    for kink in called[0].activation.kinks:
        slopes: dict[float, list[str]] = {}
        for named in called:
            slopes.setdefault(float(named.activation.slope(kink)), []).append(named.label)
        if len(slopes) > 1:
            traps += [
                Trap("slope at a kink", name, _spec(called[0].activation), tuple(labels), kink, slope)
                for slope, labels in slopes.items()
            ]
    return traps


def same_function() -> list[tuple[Function, tuple[str, ...]]]:
    """The functions with several names, and these names."""
    return [(function, words) for function in functions() if len(words := function.words()) > 1]
