"""Look-up tables of the function, and integer tables in the layout of the operators of microcontrollers.

With 8 bits there is an entry for each of the 256 inputs. With 16 bits there are 513 entries at the inputs -32768,
-32640, ..., 32768, between which TFLite and CMSIS-NN interpolate linearly: base + ((slope*offset + 64) >> 7).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actcli.formulas import balls
from actcli.formulas.balls import UNDECIDED, Missing, Outcome
from actcli.formulas.formula import Formula
from actcli.formulas.lookup import Lookup
from actcli.formulas.tolerances import ON_THE_BOUNDARY
from actcli.studies.approximation.bound import Line, Segment, supremum
from actcli.studies.approximation.outside import lines_beyond
from actcli.studies.approximation.result import Approximation
from actcli.studies.approximation.target import Target
from actcli.studies.properties import properties

if TYPE_CHECKING:
    from flint import arb

MOST = 4096
#: The number of entries of integer tables by their bits.
ENTRIES = {8: 256, 16: 513}
#: A generous bound on the rounding of float64, in steps, when errors of integer tables are measured.
_SLACK = 1e-6
_SPACING = 128


def table(target: Target, count: int, lookup: str = "nearest", outside: str = "clamp") -> Approximation:
    """A table of the function at `count` equidistant points including the ends, with its proved error.

    Raises:
        ValueError: for a count out of range.

    >>> from actcli.activations import get
    >>> found = table(Target(get("tanh"), -1, 1), 3, "linear")
    >>> [(x, y) for _, y, x in found.parts]
    [(-1.0, -0.7615941559557649), (0.0, 0.0), (1.0, 0.7615941559557649)]
    """
    if not 2 <= count <= MOST:
        raise ValueError(f"--table {count} is out of range: from 2 to {MOST} entries")
    x = np.linspace(target.low, target.high, count)
    return tabulated(
        target, x.tolist(), target.values(x).tolist(), lookup, outside, f"{lookup} table of {count} entries"
    )


def tabulated(
    target: Target, x: Sequence[float], y: Sequence[float], kind: str, outside: str, what: str
) -> Approximation:
    """The table with these entries, with its proved error on the range."""
    ends = {"low": target.low, "high": target.high}
    found = Lookup(kind, tuple(x), tuple(y), **ends, left=(0.0, 0.0), right=(0.0, 0.0))
    parts = []
    for (low, high), (at, height, slope) in zip(
        pairwise([-math.inf, *found.bounds, math.inf]), found.lines, strict=True
    ):
        if max(low, target.low) < min(high, target.high):
            line = Line(Fraction(slope), Fraction(height) - Fraction(slope) * Fraction(at))
            parts.append(Segment(max(low, target.low), min(high, target.high), line))
    bound = supremum(target.formula, parts, order=target.order, relative=target.relative, cuts=target.kinks)
    at_ends = [float(found.value(np.array([end]))[0]) for end in (target.low, target.high)]
    first, last = ((height - slope * at, slope) for at, height, slope in (found.lines[0], found.lines[-1]))
    left, right = lines_beyond(outside, target, at_ends, (first, last))
    whole = replace(found, left=left, right=right)
    listed = [(f"entry {i}", value, place) for i, (place, value) in enumerate(zip(x, y, strict=True))]
    facts = {"lookup": kind, "entries": len(x)}
    return Approximation(target, what, Formula(what, root=found.inside), listed, bound, None, facts, whole)


# --- integer tables ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Quantised:
    """Integers q of `bits` bits that represent scale*(q - zero)."""

    bits: int
    scale: float
    zero: int

    @property
    def least(self) -> int:
        return -(1 << (self.bits - 1))

    @property
    def most(self) -> int:
        return (1 << (self.bits - 1)) - 1

    def real(self, q: int) -> Fraction:
        """The exact number that an integer represents."""
        return Fraction(self.scale) * (q - self.zero)


def input_scale(target: Target, bits: int, scale: float | None, zero: int | None) -> Quantised:
    """The representation of inputs: as given, else such that the range just fits; 16 bits have zero point 0."""
    if scale is None:
        if bits == 16:
            scale = max(abs(target.low) / 32768, abs(target.high) / 32767)
        else:
            scale = (max(target.high, 0.0) - min(target.low, 0.0)) / 255
            zero = round(-128 - min(target.low, 0.0) / scale) if zero is None else zero
    return _checked("input", bits, scale, zero or 0)


def output_scale(target: Target, bits: int, scale: float | None, zero: int | None) -> Quantised:
    """The representation of results: as given, else as in TFLite for bounded functions, else to fit the values.

    >>> from actcli.activations import get
    >>> output_scale(Target(get("sigmoid"), -8, 8), 8, None, None)
    Quantised(bits=8, scale=0.00390625, zero=-128)
    """
    if scale is None:
        facts = properties(target.activation)
        low, high = (facts.low, facts.high) if not target.order else (math.nan, math.nan)
        if (low, high) in ((0.0, 1.0), (-1.0, 1.0)):
            scale = (high - low) / 256 if bits == 8 else 1 / 32768
        else:
            y = target.values(np.union1d(np.linspace(target.low, target.high, 4097), target.kinks))
            low, high = min(float(y.min()), 0.0), max(float(y.max()), 0.0)
            scale = ((high - low) / 255 if bits == 8 else max(-low / 32768, high / 32767)) or 1.0  # all 0
        if bits == 8 and zero is None:
            zero = round(-128 - low / scale)
    return _checked("output", bits, scale, zero or 0)


def _checked(which: str, bits: int, scale: float, zero: int) -> Quantised:
    if not 1e-9 <= scale <= 1e9:
        raise ValueError(f"--{which}-scale {scale:g} is out of range: from 1e-9 to 1e9")
    found = Quantised(bits, scale, zero)
    if not found.least <= zero <= found.most:
        raise ValueError(f"the {which}'s zero point {zero} is no number of {bits} bits: {found.least} to {found.most}")
    return found


def integer_table(target: Target, source: Quantised, result: Quantised, outside: str = "clamp") -> Approximation:
    """The integer table of the function: with correctly rounded entries for 8 bits, with the best entries for 16.

    Raises:
        ValueError: if the function has no value at an input.
    """
    if source.bits == 8:
        codes = list(range(-128, 128))
        entries = [_entry(target, source, result, q) for q in codes]
    else:
        codes = list(range(-32768, 32769, _SPACING))
        entries = _best_entries(target, source, result)
    x = [float(source.real(q)) for q in codes]
    y = [float(result.real(entry)) for entry in entries]
    kind = "nearest" if source.bits == 8 else "linear"
    found = tabulated(target, x, y, kind, outside, f"int{source.bits} table of {len(codes)} entries")
    steps = np.abs(_errors(target, source, result, entries))
    listed = [(f"entry {q}", entry, place) for q, entry, place in zip(codes, entries, x, strict=True)]
    facts = {
        **found.facts,
        "bits": source.bits,
        "input_scale": source.scale,
        "input_zero_point": source.zero,
        "output_scale": result.scale,
        "zero_point": result.zero,
        "table_entries": entries,
        "largest_error_in_steps": math.ceil((float(steps.max()) + _SLACK) * 1e6) / 1e6,
    }
    return replace(found, parts=listed, facts=facts)


def _entry(target: Target, source: Quantised, result: Quantised, q: int) -> int:
    """The integer nearest to the function at an input, ties away from zero, clipped to the bits."""
    from flint import arb

    def ball() -> Outcome[arb]:
        at, scale = source.real(q), Fraction(result.scale)
        value = target.formula.ball(arb(at.numerator) / at.denominator, target.order)
        return value if isinstance(value, Missing) else value * scale.denominator / scale.numerator

    rounded = balls.settle(ball, _nearest)
    if isinstance(rounded, Missing):
        raise ValueError(f"{target.name} has no value at the input {q}, x = {float(source.real(q)):.6g}")
    return min(max(rounded + result.zero, result.least), result.most)


def _nearest(ball: arb) -> Outcome[int]:
    """The integer to which every number in a ball rounds, ties away from zero."""
    size = 2 * abs(ball) + 1
    low, high = (_floor(end) // 2 for end in (size.lower(), size.upper()))
    if low == high:
        return low if ball > 0 or not low else -low
    return (high if ball > 0 else -high) if ball.rel_accuracy_bits() > ON_THE_BOUNDARY else UNDECIDED


def _floor(exact: arb) -> int:
    whole = exact.floor().unique_fmpz()
    assert whole is not None  # an exact number has one floor
    return int(whole)


def _errors(target: Target, source: Quantised, result: Quantised, entries: Sequence[int]) -> NDArray[np.float64]:
    """For every input the result of the table minus the function clipped to the output, in steps of the output."""
    q = np.arange(source.least, source.most + 1)
    wanted = _in_steps(target, source, result, q)
    table = np.array(entries, dtype=np.int64)
    if source.bits == 8:
        return np.asarray(table - wanted)
    return np.asarray(_interpolated(table, q) - wanted)


def _in_steps(target: Target, source: Quantised, result: Quantised, q: NDArray[np.int64]) -> NDArray[np.float64]:
    values = target.formula.values(source.scale * (q - source.zero).astype(np.float64), target.order)
    if not np.isfinite(values).all():
        at = source.scale * float(q[np.argmin(np.isfinite(values))] - source.zero)
        raise ValueError(f"{target.name} has no finite value at x = {at:.6g}, which is one of the inputs")
    return np.asarray(np.clip(values / result.scale + result.zero, result.least, result.most))


def _interpolated(table: NDArray[np.int64], q: NDArray[np.int64]) -> NDArray[np.int64]:
    """The results of the operators for inputs of 16 bits."""
    index, offset = 256 + (q >> 7), q & 127
    return np.asarray(table[index] + (((table[index + 1] - table[index]) * offset + 64) >> 7))


def _best_entries(target: Target, source: Quantised, result: Quantised) -> list[int]:
    """The 513 entries with the least largest error over all inputs, and among these with the least sum of squares.

    Each entry is one of four integers next to the function. The errors between two adjacent entries depend on these two
    alone, so dynamic programming from left to right finds the best choice.
    """
    nodes = np.arange(-32768, 32769, _SPACING)
    wanted = _in_steps(target, source, result, nodes)
    choices = np.clip(np.floor(wanted)[:, None] + np.arange(-1, 3), result.least, result.most).astype(np.int64)
    truth = _in_steps(target, source, result, np.arange(-32768, 32768)).reshape(512, 1, 1, _SPACING)
    first, second = choices[:-1, :, None, None], choices[1:, None, :, None]
    given = first + (((second - first) * np.arange(_SPACING) + 64) >> 7)
    largest = np.abs(given - truth).max(axis=3)
    bottleneck = np.zeros(4)
    for cell in largest:
        bottleneck = np.maximum(bottleneck[:, None], cell).min(axis=0)
    cost = np.where(largest <= bottleneck.min(), largest**2, np.inf)
    total, ways = np.zeros(4), []
    for cell in cost:
        sums = total[:, None] + cell
        ways.append(sums.argmin(axis=0))
        total = sums.min(axis=0)
    path = [int(total.argmin())]
    for way in reversed(ways):
        path.append(int(way[path[-1]]))
    return [int(row[k]) for row, k in zip(choices, reversed(path), strict=True)]
