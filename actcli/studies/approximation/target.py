"""The target of an approximation: a function or its slope on a range, with absolute or relative error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from actcli.activations import Activation
from actcli.formulas.balls import Missing
from actcli.formulas.formula import Formula
from actcli.formulas.primitives import Array

if TYPE_CHECKING:
    from flint import arb

#: Values this close, relative to the largest, count as equal.
_SAME = 32 * 2.0**-53


@dataclass(frozen=True)
class Symmetry:
    """f = slope*x + constant + rest on a range around 0, where the rest has the parity 'even' or 'odd'."""

    parity: str
    slope: float = 0.0
    constant: float = 0.0


@dataclass(frozen=True, eq=False)
class Target:
    """An elementwise activation (order 0) or its slope (order 1) from low to high.

    relative: whether errors are relative to the value.

    Raises:
        ValueError: for an empty or infinite range, or one in which the function is undefined or jumps.
    """

    activation: Activation
    low: float
    high: float
    order: int = 0
    relative: bool = False

    def __post_init__(self) -> None:
        shown = f"--range {self.low:g}:{self.high:g}"
        if self.activation.is_row:
            raise ValueError(f"{self.activation.spec} works on rows; approx replaces functions of one number")
        self.activation.exact(np.empty(0))  # refuses slopes that are drawn at random
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise ValueError(f"{shown} is infinite; give a finite one and say by --outside what happens beyond it")
        if not self.low < self.high:
            raise ValueError(f"{shown} is empty: LO must be below HI")
        if max(-self.low, self.high) > 1e6 or self.high - self.low < 1e-6 * max(-self.low, self.high):
            raise ValueError(f"{shown} is out of range: within +-1e6, and no narrower than a millionth of its ends")
        self._check_values()

    def _check_values(self) -> None:
        x = np.linspace(self.low, self.high, 513)
        bad = ~np.isfinite(self.values(x))
        for kink in self.kinks:
            sides = self.activation.truth.sides(kink, self.order)
            if not np.isfinite(sides).all():
                raise ValueError(f"{self.name} has no finite value at x = {kink:.6g}; choose a --range without it")
            if not math.isclose(*sides, rel_tol=1e-12, abs_tol=1e-12):
                apart = abs(sides[1] - sides[0]) / 2
                raise ValueError(
                    f"{self.name} jumps at x = {kink:.6g}, and nothing continuous is closer to it than {apart:.6g}; "
                    "choose a --range on one side of the jump"
                )
        if bad.any():
            at = float(x[np.argmax(bad)])
            raise ValueError(f"{self.name} has no finite value at x = {at:.6g}; choose a --range without it")
        if self.relative and self.zeros:
            raise ValueError(
                f"{self.name} is 0 at x = {self.zeros[0]:.6g}, where every relative error is infinite; "
                "choose a --range without it, or leave out --relative"
            )

    @property
    def name(self) -> str:
        """The name of the function in messages."""
        return f"the slope of {self.activation.spec}" if self.order else self.activation.spec

    @property
    def formula(self) -> Formula:
        return self.activation.truth

    @property
    def middle(self) -> float:
        return self.low + (self.high - self.low) / 2

    @property
    def radius(self) -> float:
        return (self.high - self.low) / 2

    @cached_property
    def kinks(self) -> tuple[float, ...]:
        """The kinks of the function strictly inside the range."""
        return tuple(x for x in self.activation.kinks if self.low < x < self.high)

    @cached_property
    def starts_at_zero(self) -> bool:
        """Whether the value at 0, in the range, is exactly 0, so that the approximation must be 0 there too."""
        return self.low <= 0 <= self.high and float(self.values(np.zeros(1))[0]) == 0 and 0.0 not in self.kinks

    @cached_property
    def zeros(self) -> list[float]:
        """The zeros of the function in the range, except x = 0, where a relative error can be finite."""
        x = np.union1d(np.linspace(self.low, self.high, 4097), self.kinks)
        x = x[x != 0] if self.starts_at_zero else x
        signs = np.sign(self.values(x))
        changes = (signs[:-1] * signs[1:] < 0) & ~(self.starts_at_zero & (x[:-1] < 0) & (x[1:] > 0))
        return sorted([*x[signs == 0].tolist(), *x[:-1][changes].tolist()])

    def values(self, x: Array) -> Array:
        """The function in float64."""
        return np.asarray(self.activation.slope(x) if self.order else self.activation(x), dtype=np.float64)

    def ball(self, x: float) -> arb:
        """The function at a point, as a ball at flint's current precision."""
        from flint import arb

        value = self.formula.hull(arb(x), self.order)
        return arb("nan") if isinstance(value, Missing) else value

    @cached_property
    def symmetry(self) -> Symmetry | None:
        """The symmetry of the function, if the range is symmetric and its odd or even part is a straight line.

        >>> from actcli.activations import get
        >>> Target(get("gelu"), -4, 4).symmetry
        Symmetry(parity='even', slope=0.5, constant=0.0)
        """
        if self.low != -self.high:
            return None
        x = np.linspace(0, self.high, 258)[1:]
        right, left = self.values(x), self.values(-x)
        scale = float(np.abs(np.concatenate([right, left])).max()) * _SAME
        odd, even = (right - left) / 2, (right + left) / 2
        slope, constant = float(odd[-1] / x[-1]), float(self.values(np.zeros(1))[0])
        if np.abs(odd - slope * x).max() <= scale and not (self.relative and slope):
            return Symmetry("even", slope=_short(slope))
        if np.abs(even - constant).max() <= scale and not (self.relative and constant):
            return Symmetry("odd", constant=_short(constant))
        return None

    def pieces(self, start: float | None = None) -> Sequence[tuple[float, float]]:
        """The range, or the part right of `start`, cut at the kinks."""
        low = self.low if start is None else start
        ends = [low, *(x for x in self.kinks if x > low), self.high]
        return list(pairwise(ends))


def _short(value: float) -> float:
    """The number with few bits of which a value is a rounding, or else the value itself."""
    short = round(value * 2**20) / 2**20
    return short if abs(short - value) <= _SAME * max(abs(value), _SAME) else value
