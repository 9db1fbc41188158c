"""Formats of coefficients, and good polynomials whose coefficients all have a format.

Rounding each coefficient separately is worse than necessary, because the errors add up. The polynomials with
coefficients of a format form a lattice. A lattice point near the best polynomial is found by LLL reduction and Babai's
nearest plane; then steps in one or two coefficients are taken while the largest error falls (Brisebarre & Chevillard
2007).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from actcli.activations.floats import TYPES, FloatType
from actcli.formulas.primitives import Array
from actcli.spelling import did_you_mean

#: The size of the integers of the lattice, in bits.
_LATTICE_BITS = 100
#: The relative improvement below which the steps end.
_ENOUGH = 1e-6


@dataclass(frozen=True)
class Format:
    """A format of coefficients: a floating-point type, or integers of `bits` bits times 2**-fraction."""

    name: str
    kind: FloatType = TYPES["float64"]
    bits: int = 0
    fraction: int = 0

    def quantum(self, value: float) -> float:
        """The distance of adjacent values of this format near a value."""
        if self.bits:
            return 2.0**-self.fraction
        exponent = math.frexp(max(abs(value), self.kind.smallest_normal))[1]
        return math.ldexp(1.0, exponent - self.kind.digits)

    def nearest(self, value: float) -> float:
        """The value of this format nearest to a number.

        Raises:
            ValueError: for a number beyond the largest of the format.
        """
        if not self.bits:
            rounded = float(self.kind.round(value))
            if math.isinf(rounded):
                raise ValueError(
                    f"--coefficients {self.name}: {value:.6g} is beyond its largest number, {self.kind.largest:.6g}"
                )
            return rounded
        steps = round(value * 2.0**self.fraction)
        most = 2 ** (self.bits - 1)
        if not -most <= steps < most:
            fits = self.bits - 1 - math.frexp(value)[1]
            offer = f"fraction={fits} holds it" if fits > 0 else "more bits would"
            raise ValueError(
                f"--coefficients {self.name}: {value:.6g} does not fit, "
                f"{(most - 1) / 2.0**self.fraction:.6g} is the largest; {offer}"
            )
        return math.ldexp(steps, -self.fraction)

    def holds(self, value: float) -> bool:
        """Whether this format has the number."""
        try:
            return self.nearest(value) == value
        except ValueError:
            return False


FLOAT64 = Format("float64")


def parsed(text: str) -> Format:
    """The format for a value of `--coefficients`.

    >>> parsed("fixed@bits=16,fraction=12").nearest(0.3)
    0.300048828125
    """
    name, _, tail = text.partition("@")
    if name in TYPES and not tail:
        return Format(name, TYPES[name])
    if name != "fixed":
        known = (*TYPES, "fixed@bits=16,fraction=12")
        raise ValueError(f"--coefficients {text!r}: known are {', '.join(known)}{did_you_mean(name, known)}")
    given = dict(part.partition("=")[::2] for part in tail.split(","))
    numbers = {key: int(value) for key, value in given.items() if value.isdecimal()}
    if given.keys() != {"bits", "fraction"} or numbers.keys() != given.keys():
        raise ValueError(f"--coefficients {text!r}: fixed takes bits and fraction, as fixed@bits=16,fraction=12")
    if not (2 <= numbers["bits"] <= 53 and 0 <= numbers["fraction"] <= 200):
        raise ValueError(f"--coefficients {text!r}: bits are 2 to 53, fraction 0 to 200")
    return Format(text, bits=numbers["bits"], fraction=numbers["fraction"])


def best_rounded(wanted: Sequence[float], columns: Array, f: Array, weight: Array, form: Format) -> list[float]:
    """Coefficients of a format with a small largest |weight (f - columns @ coefficients)|.

    Args:
        wanted: the best coefficients without a format.
        columns: the basis functions that the coefficients multiply, with a row for each point.
    """
    nearest = [form.nearest(value) for value in wanted]
    if form == FLOAT64:
        return nearest
    quanta = [form.quantum(value) for value in wanted]
    candidates = [nearest, _on_lattice(wanted, columns, weight, quanta)]
    candidates = [c for c in candidates if all(map(form.holds, c))]
    improved = [_improved(c, columns, f, weight, quanta, form) for c in candidates]
    return min(improved, key=lambda c: _largest(c, columns, f, weight))


def _largest(coefficients: Sequence[float], columns: Array, f: Array, weight: Array) -> float:
    return float(np.abs(weight * (f - columns @ np.array(coefficients))).max())


def _on_lattice(wanted: Sequence[float], columns: Array, weight: Array, quanta: Sequence[float]) -> list[float]:
    """A lattice point near the wanted polynomial in the least squares sense, over rows at equal distances."""
    from flint import fmpz_mat

    rows = np.linspace(0, len(columns) - 1, 4 * len(wanted) + 1).astype(int)
    vectors = (columns[rows] * weight[rows, None] * np.array(quanta)).T
    scale = math.ldexp(1.0, _LATTICE_BITS - math.frexp(float(np.abs(vectors).max()))[1])
    whole = [[int(value * scale) for value in vector] for vector in vectors.tolist()]
    _, transform = fmpz_mat(whole).lll(True)
    steps = np.array([[int(entry) for entry in row] for row in transform.tolist()], dtype=object)
    reduced = (steps @ np.array(whole, dtype=object)).astype(np.float64) / scale
    q, r = np.linalg.qr(reduced.T)
    rest = q.T @ ((columns[rows] * weight[rows, None]) @ np.array(wanted))
    total = np.zeros(len(wanted), dtype=object)
    for k in range(len(wanted) - 1, -1, -1):
        times = round(rest[k] / r[k, k]) if r[k, k] else 0
        rest = rest - times * r[:, k]
        total = total + times * steps[k]
    return [float(int(count) * quantum) for count, quantum in zip(total.tolist(), quanta, strict=True)]


def _improved(
    start: list[float], columns: Array, f: Array, weight: Array, quanta: Sequence[float], form: Format
) -> list[float]:
    """The coefficients after steps by a quantum in one or two coefficients, each of which lowers the largest error."""
    current = list(start)
    moves = [weight * columns[:, k] * quantum for k, quantum in enumerate(quanta)]
    error = weight * (f - columns @ np.array(current))
    largest = float(np.abs(error).max())
    for _ in range(100):
        found: tuple[float, list[tuple[int, int]]] = (largest * (1 - _ENOUGH), [])
        for k in range(len(moves)):
            for step in (1, -1):
                once = error - step * moves[k]
                choices = [([(k, step)], once)]
                if len(moves) <= 24:
                    choices += [([(k, step), (j, s)], once - s * moves[j]) for j in range(k) for s in (1, -1)]
                for taken, moved in choices:
                    size = float(np.abs(moved).max())
                    if size < found[0] and all(form.holds(current[j] + s * quanta[j]) for j, s in taken):
                        found = (size, taken)
        if not found[1]:
            return current
        largest = found[0]
        for k, step in found[1]:
            current[k] += step * quanta[k]
            error = error - step * moves[k]
    return current
