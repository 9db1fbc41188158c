"""The properties of a function as a whole: range, monotonicity, symmetry, smoothness, extrema, asymptotes.

All are computed from the formula in ball arithmetic, none is stated by hand. For the functions of the registry at their
default parameters the properties, and the measured accuracy, are stored in activations/measured.json.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from actcli.activations import Activation
from actcli.activations.measured import measured
from actcli.formulas import balls
from actcli.formulas.balls import Missing, Outcome
from actcli.formulas.formula import Formula
from actcli.formulas.kinks import root, switch_points
from actcli.formulas.render import render
from actcli.formulas.singular import Singularity, singularities

if TYPE_CHECKING:
    from flint import arb


@dataclass(frozen=True)
class Properties:
    """The shape of an elementwise function of one variable.

    low, high: infimum and supremum; low_attained, high_attained: whether they are values at some x.
    monotone: "increasing", "non-decreasing", "decreasing", "non-increasing", "constant" or "" (none of them).
    parity: "odd", "even" or "".
    smoothness: "discontinuous", "C0" (kinked), "C1", ... or "analytic".
    extrema: local minima and maxima (x, value, "minimum" or "maximum"); empty if there are infinitely many.
    asymptotes: straight lines (slope, intercept) towards -inf and inf, None if there is none.
    poles: the x in -40..40 near which the function is unbounded, ascending.
    """

    low: float
    high: float
    low_attained: bool
    high_attained: bool
    monotone: str
    parity: str
    smoothness: str
    extrema: tuple[tuple[float, float, str], ...]
    asymptotes: tuple[tuple[float, float] | None, tuple[float, float] | None]
    poles: tuple[float, ...] = ()

    @property
    def zero_centred(self) -> bool:
        """Whether the range is symmetric about 0."""
        return self.low == -self.high

    @property
    def range(self) -> str:
        """The range as an interval.

        >>> from actcli.activations import get
        >>> properties(get("sigmoid")).range
        '(0, 1)'
        """
        if math.isnan(self.low):
            return "empty"
        left, right = "[" if self.low_attained else "(", "]" if self.high_attained else ")"
        return f"{left}{_shown(self.low)}, {_shown(self.high)}{right}"


def _shown(bound: float) -> str:
    return f"{bound:.6g}" if math.isfinite(bound) else "inf" if bound > 0 else "-inf"


@lru_cache(maxsize=256)
def properties(activation: Activation) -> Properties:
    """The properties of an elementwise activation, stored in measured.json or computed.

    Raises:
        TypeError: for a row function.
    """
    if activation.is_row:
        raise TypeError(f"{activation.name} works on rows: it has no range of its own")
    known = measured().get(activation.name) if activation.spec == activation.name else None
    return explore(activation) if known is None else _read(known["properties"])


def _read(facts: Mapping[str, Any]) -> Properties:
    """Properties from measured.json, where infinities are text."""
    low, high = (float(facts[key]) for key in ("low", "high"))
    extrema = tuple((float(x), float(y), kind) for x, y, kind in facts["extrema"])
    left, right = (None if line is None else (float(line[0]), float(line[1])) for line in facts["asymptotes"])
    found = {"low": low, "high": high, "extrema": extrema, "asymptotes": (left, right)}
    return Properties(**{**facts, **found, "poles": tuple(facts.get("poles", ()))})


#: More turning points than this on the grid count as infinitely many.
_MANY = 8
#: Poles and extrema are searched for in -40..40.
_NEAR = 40.0


def explore(activation: Activation) -> Properties:
    """Compute the properties of an elementwise activation at its parameter values."""
    truth = activation.truth
    # The grid is dense near 0, where functions bend, and sparse far out.
    far = np.geomspace(41, 1e4, 60)
    grid = np.unique(np.concatenate([np.linspace(-_NEAR, _NEAR, 1601), far, -far, activation.kinks]))
    gaps = singularities(truth, -_NEAR, _NEAR)
    # The formula of the slope of log(x), 1/x, has values at x < 0 too.
    slopes = np.where(np.isnan(activation(grid)), np.nan, activation.slope(grid))
    turns = _extrema(activation, grid, slopes, gaps)
    sides = [value for kink in activation.kinks for value, _ in activation.one_sided(kink)]
    values = [y for _, y, _ in turns] + sides + activation(np.array([*activation.kinks, 0.0])).tolist()
    low_end, high_end = activation.limits()
    values += [limit for gap in gaps for limit in (gap.left, gap.right)]
    for end, limit in ((-1.0, low_end), (1.0, high_end)):
        values += _oscillation_bounds(activation, end) if math.isnan(limit) else []
    values = [value for value in (*values, low_end, high_end) if not math.isnan(value)]
    low, high = min(values, default=math.nan), max(values, default=math.nan)
    flats = [_exactly_flat(truth, x) for x in (-1e4, 1e4)]
    ends = [(low_end, flats[0]), (high_end, flats[1])]
    attained = {y for _, y, _ in turns} | set(activation(np.array(activation.kinks)).tolist())
    attained |= {end for end, flat in ends if flat}
    return Properties(
        low=low + 0.0,
        high=high + 0.0,
        low_attained=math.isfinite(low) and (low in attained or math.isnan(low_end)),
        high_attained=math.isfinite(high) and (high in attained or math.isnan(high_end)),
        monotone="" if any(_separates(gap) for gap in gaps) else _monotone(activation, slopes),
        parity=_parity(activation),
        smoothness="discontinuous" if any(_separates(gap) for gap in gaps) else _smoothness(activation),
        extrema=tuple(turns) if len(turns) <= _MANY else (),
        asymptotes=(_asymptote(activation, -math.inf), _asymptote(activation, math.inf)),
        poles=tuple(gap.x for gap in gaps if gap.is_pole),
    )


def largest_slope(activation: Activation) -> tuple[float, float] | None:
    """The point of the largest slope of an elementwise activation, and that slope: (x, slope).

    None if there is no single such x: the slope is largest on an interval, next to a kink or pole, towards infinity, or
    at several points.

    >>> from actcli.activations import get
    >>> largest_slope(get("sigmoid")), largest_slope(get("relu"))
    ((0.0, 0.25), None)
    """
    truth = activation.truth
    grid = np.linspace(-_NEAR, _NEAR, 1601)
    slopes = activation.slope(grid)
    top = float(np.max(slopes[np.isfinite(slopes)], initial=-np.inf))
    best = np.flatnonzero(slopes >= top - 1e-12 * max(1.0, abs(top)))
    if not best.size or best[-1] - best[0] > 2 or best[0] == 0 or best[-1] == len(grid) - 1:
        return None
    # The slope between two grid points may be slightly larger than at both.
    peaks = 1 + np.flatnonzero((slopes[1:-1] > slopes[:-2]) & (slopes[1:-1] >= slopes[2:]))
    if any(slopes[peak] > 0.99 * top and abs(peak - best[0]) > 2 for peak in peaks):
        return None
    x, low, high = (float(grid[place]) for place in (best[0], best[0] - 1, best[-1] + 1))
    breaks = (*activation.kinks, *properties(activation).poles)
    if any(low <= gap <= high for gap in breaks) or not truth.rounded(low, 2) > 0 > truth.rounded(high, 2):
        return None
    if truth.rounded(x, 2):
        x = root(truth, low, high, 2)
    slope = truth.rounded(x, 1)
    return None if max(truth.limit(-math.inf, 1), truth.limit(math.inf, 1)) >= slope else (x, slope)


def _separates(gap: Singularity) -> bool:
    """Whether a singularity is a pole or jump between two sides on which the function has values."""
    return not math.isnan(gap.left) and not math.isnan(gap.right) and (gap.is_pole or gap.left != gap.right)


def _extrema(
    activation: Activation,
    grid: np.ndarray[Any, Any],
    slopes: np.ndarray[Any, Any],
    gaps: tuple[Singularity, ...],
) -> list[tuple[float, float, str]]:
    """Local extrema: the points where the slope changes sign, smoothly or at a kink."""
    truth, found = activation.truth, []
    for kink in activation.kinks:
        (left_value, left), (right_value, right) = activation.one_sided(kink)
        if left * right < 0 and left_value == right_value:
            found.append((kink, float(activation(kink)), "minimum" if left < 0 else "maximum"))
    signs = np.sign(slopes)
    steady = np.flatnonzero(np.abs(signs) > 0)  # neither 0 nor nan
    breaks = [*activation.kinks, *(gap.x for gap in gaps)]
    for i, j in pairwise(steady):
        inside = [x for x in breaks if grid[i] <= x <= grid[j]]
        if signs[i] * signs[j] < 0 and not inside:
            x = root(truth, float(grid[i]), float(grid[j]), 1) + 0.0
            found.append((x, truth.rounded(x) + 0.0, "minimum" if signs[i] < 0 else "maximum"))
    return sorted(found)


def _oscillation_bounds(activation: Activation, end: float) -> list[float]:
    """Bounds of a function without a limit at one end: those on a long interval, infinite if it keeps growing."""
    near, far = (activation(np.linspace(0, end * length, 4001)) for length in (40.0, 4000.0))
    near, far = (values[np.isfinite(values)] for values in (near, far))
    if not near.size or not far.size:
        return []
    if np.abs(far).max() > 2 * np.abs(near).max():
        return [-math.inf, math.inf]
    return [float(near.min()), float(near.max())]


def _exactly_flat(truth: Formula, x: float) -> bool:
    def flat(ball: arb) -> Outcome[bool]:
        sign = balls.sign(ball)
        return sign if isinstance(sign, Missing) else sign == 0

    return truth.settle(x, 1, flat) is True


def _monotone(activation: Activation, slopes: np.ndarray[Any, Any]) -> str:
    steps = [right[0] - left[0] for left, right in map(activation.one_sided, activation.kinks)]
    middles = [float(activation(kink)) - activation.one_sided(kink)[0][0] for kink in activation.jumps]
    signs = {float(s) for s in np.sign([*slopes[~np.isnan(slopes)], *steps]) if s} | {
        float(np.sign(m)) for m in middles if abs(m) > 1e-12
    }
    if not signs:
        return "constant"
    if len(signs) > 1:
        return ""
    flat = any(_exactly_flat(activation.truth, x) for x in (-1e4, 1e4, *_between(activation.kinks)))
    rising = signs == {1.0}
    return ("non-decreasing" if flat else "increasing") if rising else ("non-increasing" if flat else "decreasing")


def _between(kinks: tuple[float, ...]) -> list[float]:
    return [(low + high) / 2 for low, high in pairwise(kinks)]


def _parity(activation: Activation) -> str:
    x = np.array([0.1, 0.37, 0.5, 1.0, 1.7, 2.0, 3.0, 6.5, 11.0])
    there, back = activation.exact(x), activation.exact(-x)
    zero = float(activation(0.0))
    if np.array_equal(there, back):
        return "even"
    return "odd" if np.array_equal(there, -back) and zero == 0 else ""


def _smoothness(activation: Activation) -> str:
    if activation.jumps:
        return "discontinuous"
    if activation.kinks:
        return "C0"
    truth = activation.truth
    places = switch_points(truth)
    for order in range(2, 5):
        for x in places:
            left, right = truth.sides(x, order)
            if abs(left - right) > 1e-9 * max(1.0, abs(left), abs(right)):
                return f"C{order - 1}"
    return "analytic"


def _asymptote(activation: Activation, end: float) -> tuple[float, float] | None:
    truth = activation.truth
    slope = truth.limit(end, 1)
    if not math.isfinite(slope):
        return None
    if not slope:  # a horizontal asymptote is the limit, even where x*slope oscillates
        level = truth.limit(end)
        return (0.0, level + 0.0) if math.isfinite(level) else None
    rest = Formula(f"{render(truth.root)} - x*({render(truth.node(1))})", truth.parameters).limit(end)
    return (slope + 0.0, rest + 0.0) if math.isfinite(rest) else None
