"""The outputs of a row function at a row of numbers, from its formula in ball arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from actcli.formulas import balls, bounded, decimals
from actcli.formulas.balls import Missing, Outcome
from actcli.formulas.formula import Formula, Step, ball_leaf, play, tape
from actcli.formulas.grammar import parse
from actcli.formulas.primitives import Array

if TYPE_CHECKING:
    from flint import arb

T = TypeVar("T")


def row_formula(
    text: str, row: list[float], parameters: Mapping[str, float], lists: Mapping[str, list[float]]
) -> RowFormula:
    """A row function's formula at a row of finite numbers.

    Args:
        text: the formula; x is an entry of the row, a and b are the entries of its first and second half.
        lists: further names with one number per entry, as the noise of gumbel_softmax.
    """
    middle = len(row) // 2
    known = {"x": row, "a": row[:middle], "b": row[middle:], **lists}
    return RowFormula(tape(parse(text, [*parameters, *known], row=True)), known, parameters)


@dataclass(frozen=True)
class RowFormula:
    """A row function bound to one row, which evaluates its outputs to any precision."""

    steps: list[Step]
    known: Mapping[str, list[float]]
    parameters: Mapping[str, float]

    def rounded(self, *, to_odd: bool = False) -> list[float]:
        """Each output as the nearest float64, or rounded to odd, so that a second rounding is still correct."""
        return self._each(balls.to_odd if to_odd else balls.nearest, float("nan"))

    def digits(self, n: int) -> list[str]:
        """Each output correctly rounded to n significant digits."""
        return self._each(lambda ball: decimals.decimal(ball, n), "nan", bits=decimals.bits_of(n))

    def _each(self, accept: Callable[[arb], Outcome[T]], otherwise: T, bits: int = 0) -> list[T]:
        from flint import ctx

        width = next(len(self.known[text]) for op, _, text in self.steps if op == "name" and text in self.known)
        row_at = cache(lambda precision: self.at_precision())

        def entry(i: int) -> Outcome[arb]:
            return row_at(ctx.prec)[i]

        found = [balls.settle(partial(entry, i), accept, bits=bits) for i in range(width)]
        return [otherwise if isinstance(one, Missing) else one for one in found]

    def at_precision(self) -> list[Outcome[arb]]:
        """The outcome of every entry at flint's current precision."""
        from flint import arb

        def leaf(text: str) -> Any:
            return [arb(x) for x in self.known[text]] if text in self.known else ball_leaf(text, self.parameters)

        row: list[Outcome[arb]] = play(self.steps, leaf, _apply)
        return row


def _apply(op: str, parts: list[Any]) -> Any:
    """The outcome of an operation, entry by entry; `sum` and `threshold` reduce a row to one number."""
    from flint import arb

    if op in ("sum", "threshold"):
        missing = next((entry for entry in parts[0] if isinstance(entry, Missing)), None)
        if missing is not None:
            return missing
        return sum(parts[0], arb(0)) if op == "sum" else _threshold(parts[0], int(float(parts[1])))
    width = max((len(part) for part in parts if isinstance(part, list)), default=0)
    if not width:
        return balls.apply(op, parts)
    columns = [part if isinstance(part, list) else [part] * width for part in parts]
    return [balls.apply(op, list(column)) for column in zip(*columns, strict=True)]


def _threshold(row: list[arb], power: int) -> arb:
    """The t for which the sum of max(z - t, 0)**power over the entries z of a row is 1, for power 1 or 2.

    The entries are exact, so the number k of entries above t is found exactly: for the k largest entries t would be
    (sum z - 1)/k or mean z - sqrt((1 - sum (z - mean z)^2)/k), and k is the last for which t is below the k-th entry.
    """
    from flint import arb

    def ball(x: Fraction) -> arb:
        return arb(x.numerator) / x.denominator

    parts = [tuple(int(part) for part in z.man_exp()) for z in row]
    entries = sorted((Fraction(mantissa) * Fraction(2) ** exponent for mantissa, exponent in parts), reverse=True)
    total = squares = Fraction(0)
    found = arb(0)
    for k, z in enumerate(entries, 1):
        total += z
        squares += z * z
        mean = total / k
        # (mean - t)**power
        below = (1 if power == 1 else 1 - (squares - mean * total)) / Fraction(k)
        if below < (mean - z) ** power:
            break
        found = ball(mean) - (ball(below) if power == 1 else ball(below).sqrt())
    return found


@dataclass(frozen=True)
class Product:
    """The product f(a) g(b) of functions of two numbers, as in gated units."""

    first: Formula
    second: Formula

    def values(self, a: Array, b: Array, orders: tuple[int, int] = (0, 0)) -> Array:
        """Faithful values at finite numbers, with f and g differentiated as often as `orders` says."""
        with np.errstate(all="ignore"):
            product = bounded.mul(self.first.pairs(a, orders[0]), self.second.pairs(b, orders[1]))
            values, proved = bounded.to_floats(product, a.shape)
        for place in zip(*np.nonzero(~proved), strict=True) if proved is not True else ():
            values[place] = self._rounded(float(a[place]), float(b[place]), orders)
        return values

    def _rounded(self, a: float, b: float, orders: tuple[int, int]) -> float:
        from flint import arb

        def ball() -> Outcome[arb]:
            factors = [self.first.ball(arb(a), orders[0]), self.second.ball(arb(b), orders[1])]
            outcome: Outcome[arb] = balls.apply("mul", factors)
            return outcome

        value = balls.settle(ball, lambda ball: 0.0 if balls.vanishes(ball) else balls.nearest(ball))
        return float("nan") if isinstance(value, Missing) else value
