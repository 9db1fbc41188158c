"""Lines through points of an activation: exact at kinks, broken at jumps and poles, and accurate to half a pixel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation
from actcli.activations.definition import USER
from actcli.formulas.kinks import switches_at
from actcli.formulas.singular import Singularity, singularities
from actcli.formulas.tolerances import SATURATED

Array = NDArray[np.float64]
Point = tuple[float, float]

#: Equally spaced points that a line starts with; points are added where it bends.
POINTS = 801
#: The most points of a line, and the smallest distance between points in pixels. A line that would need more or closer
#: points for an error under half a pixel is drawn without them, and marked as not complete.
MOST_POINTS, FINEST = 20_000, 0.02
#: Fractions of the way between two points at which the function must lie on the chord; the middle alone misses turns.
_PROBES = (0.5, 0.15, 0.85)
#: A function with more kinks than this near 0 is taken as periodic, so the default range does not show all of them.
_MANY_KINKS = 8
#: The default size in pixels of the page that lines are refined for.
Pixels = tuple[float, float]
PAGE: Pixels = (960.0, 600.0)


@dataclass(frozen=True)
class Series:
    """One line of a figure. A nan in `y` breaks the line; dots mark the one-sided limits and the value at a break.

    filled: dots at values. hollow: dots at limits that differ from the value. poles: the x of poles. complete: whether
    the line is within half a pixel of the function.
    """

    label: str
    x: Array
    y: Array
    filled: tuple[Point, ...] = ()
    hollow: tuple[Point, ...] = ()
    poles: tuple[float, ...] = ()
    complete: bool = True


def span_of(*activations: Activation) -> tuple[float, float]:
    """The default range: -5 to 5, or wider if a kink lies near the ends or not far outside."""
    farthest = 50 if len(activations) == 1 else 10  # a far kink of one function would squeeze the others
    kinks = [kink for activation in activations for kink in activation.kinks if abs(kink) <= farthest]
    if len(kinks) > _MANY_KINKS * len(activations):
        kinks = []
    beyond = [[float(np.ceil(1.25 * sign * k)) for k in kinks if sign * k > 4] for sign in (-1, 1)]
    return -max(5.0, *beyond[0], 5.0), max(5.0, *beyond[1], 5.0)


@dataclass(frozen=True)
class View:
    """The part of functions that a figure shows.

    span: the range of x, None for the default. points: the number of equally spaced points, None for as many as a
    smooth line takes. orders: of the derivatives. marks: the x of points whose values are written. ylim, yscale: the
    limits and the scale of y.
    """

    span: tuple[float, float] | None = None
    points: int | None = None
    orders: tuple[int, ...] = (0,)
    marks: tuple[float, ...] = ()
    ylim: tuple[float, float] | None = None
    yscale: str = "linear"

    def reach(self, *activations: Activation) -> tuple[float, float]:
        """The requested range, or the default range for these functions."""
        return self.span or span_of(*activations)


def prime(name: str, order: int) -> str:
    """The name of a derivative: f, f′, (2*x)″."""
    if order and "@" not in name and any(sign in name for sign in "+-*/("):
        name = f"({name})"
    return name + "′″"[order - 1] * (order > 0)


def derivative(activation: Activation, x: Array, order: int) -> Array:
    """Value, slope or second derivative (order 0, 1, 2) at x; a derivative is nan where there is no value."""
    function = (activation, activation.slope, activation.second)[order]
    found = np.asarray(function(x), dtype=np.float64)
    if order and activation.family == USER:  # the slope of log(x), 1/x, is defined for x < 0 too
        found = np.where(np.isnan(activation(x)), np.nan, found)
    return found


def sides(activation: Activation, x0: float, order: int) -> tuple[float, float]:
    """The limits from the left and from the right at x0."""
    if order < 2:
        left, right = activation.one_sided(x0)
        return left[order], right[order]
    near = activation.second(np.array([np.nextafter(x0, -np.inf), np.nextafter(x0, np.inf)]))
    return float(near[0]), float(near[1])


def series(
    activation: Activation,
    span: tuple[float, float],
    points: int | None = None,
    order: int = 0,
    pixels: Pixels = PAGE,
) -> Series:
    """Sample an elementwise activation over span, ends included: at equal steps and at every kink, hole and pole.

    If `points` is None, points are added until the line is within half a pixel of the function on a page of `pixels`
    (width, height), or until MOST_POINTS or FINEST is reached.
    """
    low, high = span
    kinks = [kink for kink in activation.kinks if low <= kink <= high]
    gaps = {gap.x: gap for gap in singularities(activation.truth, low, high, order)}
    steep = [x for gap in gaps.values() for x in _approach(gap, span)]
    x = np.union1d(np.linspace(low, high, points or POINTS), [*kinks, *gaps, *steep])
    y = derivative(activation, x, order)
    filled: list[Point] = []
    hollow: list[Point] = []
    for place in sorted({*kinks, *gaps}):
        at = int(np.searchsorted(x, place))
        here = float(y[at])
        gap = gaps.get(place)
        left, right = (gap.left, gap.right) if gap else sides(activation, place, order)
        known = gap.exact if gap else order > 0 or is_exact(activation, place)
        if gap and np.isnan(here) and (_same(left, right) or np.isnan(left) or np.isnan(right)):
            level = right if np.isnan(left) else left
            y[at] = level if np.isfinite(level) else np.nan
            hollow += [(place, level)] if known and np.isfinite(level) else []
            continue
        if known and _same(left, here) and _same(here, right):
            continue
        x = np.concatenate([x[: at + 1], [place], x[at:]])
        y = np.concatenate([y[:at], [left, np.nan, right], y[at + 1 :]])
        unbounded = gap is not None and gap.is_pole
        marks = [
            (filled, here, known and not (unbounded and place not in kinks) and not (order and not np.isfinite(here))),
            (hollow, left, place > low and not (known and _same(left, here))),
            (hollow, right, place < high and not (known and _same(right, here)) and not _same(right, left)),
        ]
        for dots, level, wanted in marks:
            if wanted and np.isfinite(level):
                dots.append((place, level))
    y[~np.isfinite(y)] = np.nan
    poles = tuple(gap.x for gap in gaps.values() if gap.is_pole)
    complete = True
    if points is None:
        x, y, complete = refined(lambda at: derivative(activation, at, order), x, y, pixels)
    return Series(prime(activation.spec, order), x, y, tuple(filled), tuple(hollow), poles, complete)


def is_exact(activation: Activation, kink: float) -> bool:
    """Whether a formula switches branches exactly at this float64, unlike sign(sin(x)) near pi, which is no float64."""
    return activation.family != USER or switches_at(activation.truth, kink)


def _approach(gap: Singularity, span: tuple[float, float]) -> list[float]:
    """Points that approach a pole, so that the line reaches the edge of the page."""
    near = [(span[1] - span[0]) * 2.0**-k for k in range(9, 48, 3)]
    sides = [(-1, gap.left), (1, gap.right)]
    return [
        x for sign, limit in sides if np.isinf(limit) for d in near if span[0] <= (x := gap.x + sign * d) <= span[1]
    ]


#: Larger values are not shown, because the height of the axes and its margins must be finite.
LARGEST = 1e307


def limits(lines: Sequence[Series], room: float = 0.08) -> tuple[float, float]:
    """Limits of y that show the lines; branches towards a pole are cut, because they would flatten the other lines."""
    drawn = [line for line in lines if np.isfinite(line.y).any()]
    if not drawn:
        return -1.0, 1.0
    values = [line.y[np.isfinite(line.y)] for line in drawn]
    low, high = float(min(y.min() for y in values)), float(max(y.max() for y in values))
    # Points are dense where a line bends, so quantiles are taken at equal steps.
    levels = []
    for line, y in zip(drawn, values, strict=True):
        x = line.x[np.isfinite(line.y)]
        levels.append(np.abs(np.interp(np.linspace(x[0], x[-1], 401), x, y)))
    steep = [sizes for line, sizes in zip(drawn, levels, strict=True) if line.poles]
    if steep:
        # Show most of the line with the smallest values, and a part of every other line.
        usual = 2 * max(min(np.quantile(sizes, 0.8) for sizes in steep), *(np.quantile(sizes, 0.2) for sizes in steep))
        tame = [float(sizes.max()) for line, sizes in zip(drawn, levels, strict=True) if not line.poles]
        low, high = max(low, -max(usual, *tame, 0)), min(high, max(usual, *tame, 0))
    else:
        usual = float(np.quantile(np.concatenate(levels), 0.95))
        if usual and max(-low, high) > 25 * usual:
            low, high = max(low, -4 * usual), min(high, 4 * usual)
    low, high = max(low, -LARGEST), min(high, LARGEST)
    least = 1e-9 * max(abs(low), abs(high))  # a smaller range counts as one value
    if high - low < max(1e-9, least):
        low, high = low - max(1.0, least), high + max(1.0, least)
    margin = room * (high - low)
    return low - margin, high + margin


def common_limits(lines: Sequence[Series], span: tuple[float, float]) -> tuple[float, float]:
    """Limits of y that show every line, except the far parts of a line that would flatten the others.

    A straight line does so only if it is steeper than about ten to one.
    """
    low, high = limits(lines)
    cap = 1.6 * max(abs(span[0]), abs(span[1]), 1.0)
    tame = [line for line in lines if (top := _largest(line)) <= cap or (top <= 6 * cap and _is_straight(line))]
    if not tame or len(tame) == len(lines):
        return low, high
    tame_low, tame_high = limits(tame)
    return max(low, min(tame_low, -cap / 2 if low < 0 else 0)), min(high, max(tame_high, cap))


def _largest(line: Series) -> float:
    return float(np.max(np.abs(line.y[np.isfinite(line.y)]), initial=0.0))


def _is_straight(line: Series) -> bool:
    """Whether the end, the quarter point and the middle of each half of a line lie on one straight line."""
    middle = np.interp([0.25, 0.5, 0.75], (line.x - line.x[0]) / (line.x[-1] - line.x[0]), line.y)
    ends = np.array([line.y[0], line.y[-1]])
    return bool(np.allclose(ends, 2 * middle[[0, 2]] - middle[1], rtol=1e-6, atol=1e-9))


def whole(lines: Sequence[Series]) -> tuple[float, float]:
    """Limits of y that show the lines whole, up to 1e15, for a scale on which large values do not flatten the rest."""
    every = np.concatenate([line.y[np.isfinite(line.y)] for line in lines])
    every = every[np.abs(every) < 1e15]
    if not every.size:
        return -1.0, 1.0
    low, high = float(every.min()), float(every.max())
    return low - 0.15 * abs(low) - 0.1, high + 0.15 * abs(high) + 0.1


def refined(value: Callable[[Array], Array], x: Array, y: Array, pixels: Pixels) -> tuple[Array, Array, bool]:
    """The line with points added until it is within half a pixel of the function, and whether this was reached.

    An interval between two points is split if a point inside it lies off the chord, or above or below both its ends.
    The position of this point changes from round to round, because a wave could have its zeros at equal steps. Waves
    narrower than FINEST are not followed.
    """
    low, high = limits([Series("", x, y)], room=0.0)
    across, up = pixels[0] / (x[-1] - x[0]), pixels[1] / (high - low)
    seen = low - 0.1 * (high - low), high + 0.1 * (high - low)
    rounds, complete = np.full(len(x) - 1, len(_PROBES)), True
    for share in cycle(_PROBES):
        defined = np.isfinite(y)
        at = np.flatnonzero((rounds > 0) & (defined[:-1] | defined[1:]) & (x[1:] > x[:-1]))
        between = x[at] + share * (x[at + 1] - x[at])
        inside = (between > x[at]) & (between < x[at + 1])
        at, between = at[inside], between[inside]
        if not at.size:
            return x, y, complete
        here = value(between)
        a, b, c = (np.clip(level, *seen) * up for level in (y[at], y[at + 1], here))
        wide, tall = (x[at + 1] - x[at]) * across, b - a
        off = np.abs(wide * (c - a) - share * wide * tall) / np.hypot(wide, tall)
        beyond = np.maximum(c - np.maximum(a, b), np.minimum(a, b) - c)
        untrue = (np.fmax(off, beyond) > 0.5) | ~(defined[at] & defined[at + 1])
        split = untrue & (wide > FINEST)
        complete &= not np.any((beyond > 0.5) & (wide <= FINEST))
        if len(x) + np.count_nonzero(split) > MOST_POINTS:
            return x, y, False
        rounds[at] -= 1
        at, between, here = at[split], between[split], here[split]
        x, y = np.insert(x, at + 1, between), np.insert(y, at + 1, here)
        rounds = np.insert(rounds, at, 0)
        first = at + np.arange(len(at))  # each inserted point shifts the indices after it
        for step in (-1, 0, 1, 2):
            rounds[np.clip(first + step, 0, len(rounds) - 1)] = len(_PROBES)
    raise AssertionError("cycle never ends")


def _same(a: float, b: float) -> bool:
    return a == b or (bool(np.isfinite([a, b]).all()) and abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b)))


def row_template(activation: Activation) -> Array:
    """The row for which a row function is drawn, with x in place of its first entry: (x, 0), or (x, 1) for a gate.

    softmax of (x, 0) is sigmoid(x) and sigmoid(-x); a gate, which has one output for two inputs, would be 0 for (x, 0).
    """
    return np.array([0.0, 1.0 if activation.output_width(2) == 1 else 0.0])


def row_outputs(activation: Activation, x: Array, order: int) -> Array:
    """Outputs for the rows of `row_template`, (points, outputs); for order 1 their derivatives with respect to x."""
    if order > 1:
        raise ValueError(f"{activation.spec} works on rows: it has values and slopes to draw, no second derivative")
    rows = np.tile(row_template(activation), (len(x), 1))
    rows[:, 0] = x
    outputs = activation(rows) if order == 0 else activation.jacobian(rows)[..., 0]
    return np.asarray(outputs, dtype=np.float64)


def row_series(
    activation: Activation, span: tuple[float, float], points: int | None = None, order: int = 0
) -> list[Series]:
    """Sample a row function on the rows of `row_template`: one line per output, broken at jumps."""
    x = np.linspace(*span, points or POINTS)
    outputs = row_outputs(activation, x, order)
    names = [activation.spec]
    if outputs.shape[1] > 1:
        names = [f"{activation.spec} y{k}" for k in range(outputs.shape[1])]
    return [
        broken(prime(name, order), x, outputs[:, k], partial(_row_output, activation, order, k))
        for k, name in enumerate(names)
    ]


def _row_output(activation: Activation, order: int, k: int, x: Array) -> Array:
    return row_outputs(activation, x, order)[:, k]


def broken(label: str, x: Array, y: Array, value: Callable[[Array], Array]) -> Series:
    """A line broken at its jumps, found by bisection as steps that do not shrink when their two points approach."""
    finite = y[np.isfinite(y)]
    least = 0.05 * float(np.ptp(finite)) + 1e-300 if finite.size else np.inf
    with np.errstate(invalid="ignore"):  # inf - inf
        steps = np.abs(np.diff(y))
    jumps: dict[int, tuple[float, float, float]] = {}
    for k in np.flatnonzero(np.isfinite(steps) & (steps > least)).tolist():
        (low, high), (left, right) = x[k : k + 2], y[k : k + 2]
        while low < (middle := (low + high) / 2) < high:
            here = float(value(np.array([middle]))[0])
            if abs(here - left) <= abs(here - right):
                low, left = middle, here
            else:
                high, right = middle, here
        if abs(right - left) > steps[k] / 2:
            at = min(float(low), float(high), key=lambda bound: len(repr(bound)))  # 1.0, not 0.9999999999999999
            jumps[k] = at, float(left), float(right)
    if not jumps:
        return Series(label, x, y)
    filled, hollow = [], []
    parts_x, parts_y = [], []
    start = 0
    for k, (at, left, right) in jumps.items():
        here = float(value(np.array([at]))[0])
        parts_x += [x[start : k + 1], np.full(3, at)]
        parts_y += [y[start : k + 1], np.array([left, np.nan, right])]
        filled.append((at, here))
        hollow += [(at, side) for side in (left, right) if not _same(side, here)]
        start = k + 1
    ends = np.concatenate([*parts_x, x[start:]]), np.concatenate([*parts_y, y[start:]])
    return Series(label, *ends, tuple(filled), tuple(hollow))


def lines_of(
    activation: Activation,
    span: tuple[float, float],
    points: int | None = None,
    order: int = 0,
    pixels: Pixels = PAGE,
) -> list[Series]:
    """The lines of an activation: one, or one per output of a row function."""
    if activation.is_row:
        return row_series(activation, span, points, order)
    return [series(activation, span, points, order, pixels)]


def representative(
    activation: Activation, span: tuple[float, float], points: int | None, order: int, pixels: Pixels = PAGE
) -> Series:
    """The one line of a function in a figure of several: for a row function that of its first output."""
    return lines_of(activation, span, points, order, pixels)[0]


def value_on(activation: Activation, x: Array, order: int) -> Array:
    """The function of `representative`: values or derivatives at x, for a row function those of its first output."""
    return row_outputs(activation, x, order)[:, 0] if activation.is_row else derivative(activation, x, order)


def saturated(line: Series) -> list[tuple[float, float]]:
    """Intervals of at least 1/20 of the range on which the slope is under SATURATED in absolute value."""
    least = (line.x[-1] - line.x[0]) / 20
    return [(a, b) for a, b in _runs(line.x, np.abs(line.y) < SATURATED) if b - a >= least]


def _runs(x: Array, where: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """First and last x of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], where, [False]]).astype(np.int8)))
    return [(float(x[a]), float(x[b - 1])) for a, b in edges.reshape(-1, 2)]


def steepest(activation: Activation, line: Series) -> Point | None:
    """The largest slope on a slope's line and its x, (x, slope), refined between its points.

    None if the maximum is no single smooth peak: at an end of the range, at a kink, with poles, or at several points.
    """
    top = float(np.max(line.y[np.isfinite(line.y)], initial=-np.inf))
    best = np.flatnonzero(line.y >= top - 1e-12 * max(1.0, abs(top)))
    if not best.size or best[-1] - best[0] > 2 or line.poles or best[0] == 0 or best[-1] == len(line.x) - 1:
        return None
    x = float(line.x[best[0]])
    if x in activation.kinks:
        return None
    low, high = line.x[best[0] - 1], line.x[best[0] + 1]
    for _ in range(3):
        fine = np.linspace(low, high, 101)
        slopes = np.asarray(activation.slope(fine), dtype=np.float64)
        peak = int(np.nanargmax(slopes))
        if slopes[peak] > top:
            x, top = float(fine[peak]), float(slopes[peak])
        low, high = fine[max(peak - 1, 0)], fine[min(peak + 1, 100)]
    return x, top
