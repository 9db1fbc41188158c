"""An activation as points to draw: kinks hit exactly, jumps broken, dots where a side or a convention matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation
from actcli.formulas.tolerances import SATURATED

Array = NDArray[np.float64]
Point = tuple[float, float]

POINTS = 801


@dataclass(frozen=True)
class Series:
    """One line of a figure. A nan in `y` breaks the line; dots mark the two sides of a break and the value there."""

    label: str
    x: Array
    y: Array
    filled: tuple[Point, ...] = ()
    hollow: tuple[Point, ...] = ()


def span_of(*activations: Activation) -> tuple[float, float]:
    """The range to draw when none is asked for: -5 to 5, wider where a kink lies near its ends or not far beyond."""
    farthest = 50 if len(activations) == 1 else 10  # one function far out must not squeeze the others
    kinks = [kink for activation in activations for kink in activation.kinks]
    beyond = [[float(np.ceil(1.25 * sign * k)) for k in kinks if 4 < sign * k <= farthest] for sign in (-1, 1)]
    return -max(5.0, *beyond[0], 5.0), max(5.0, *beyond[1], 5.0)


@dataclass(frozen=True)
class View:
    """What is shown of the functions: the range of x, how many points, which derivatives, where to look closely."""

    span: tuple[float, float] | None = None
    points: int = POINTS
    orders: tuple[int, ...] = (0,)
    marks: tuple[float, ...] = ()
    ylim: tuple[float, float] | None = None

    def reach(self, *activations: Activation) -> tuple[float, float]:
        """The range asked for, or the one that suits these functions."""
        return self.span or span_of(*activations)


def prime(name: str, order: int) -> str:
    """The name of a derivative: f, f′, f″."""
    return name + "′″"[order - 1] * (order > 0)


def derivative(activation: Activation, x: Array, order: int) -> Array:
    """Value, slope or second derivative (order 0, 1, 2) at x."""
    function = (activation, activation.slope, activation.second)[order]
    return np.asarray(function(x), dtype=np.float64)


def sides(activation: Activation, x0: float, order: int) -> tuple[float, float]:
    """The limits from the left and from the right at x0."""
    if order < 2:
        left, right = activation.one_sided(x0)
        return left[order], right[order]
    near = activation.second(np.array([np.nextafter(x0, -np.inf), np.nextafter(x0, np.inf)]))
    return float(near[0]), float(near[1])


def series(activation: Activation, span: tuple[float, float], points: int = POINTS, order: int = 0) -> Series:
    """Sample an elementwise activation: `points` equal steps over span, ends included, and every kink in between."""
    low, high = span
    inside = np.array([kink for kink in activation.kinks if low <= kink <= high])
    x = np.union1d(np.linspace(low, high, points), inside)
    y = derivative(activation, x, order)
    filled: list[Point] = []
    hollow: list[Point] = []
    for kink in inside:
        at = int(np.searchsorted(x, kink))
        if x[at] != kink:
            continue
        here = float(y[at])
        left, right = sides(activation, float(kink), order)
        if _same(left, here) and _same(here, right):
            continue
        x = np.concatenate([x[: at + 1], [kink], x[at:]])
        y = np.concatenate([y[:at], [left, np.nan, right], y[at + 1 :]])
        marks = [
            (filled, here, not (order and not np.isfinite(here))),
            (hollow, left, kink > low and not _same(left, here)),
            (hollow, right, kink < high and not _same(right, here) and not _same(right, left)),
        ]
        for dots, level, wanted in marks:
            if wanted and np.isfinite(level):
                dots.append((float(kink), level))
    return Series(prime(activation.spec, order), x, y, tuple(filled), tuple(hollow))


def _same(a: float, b: float) -> bool:
    return a == b or abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))


def row_template(activation: Activation) -> Array:
    """The row in which a row function is drawn, its first entry running: (x, 0), or (x, 1) where two make one.

    softmax of (x, 0) is the sigmoid and its mirror image; a gate needs something other than nothing to let through.
    """
    return np.array([0.0, 1.0 if activation.output_width(2) == 1 else 0.0])


def row_outputs(activation: Activation, x: Array, order: int) -> Array:
    """Outputs of the rows `row_template` describes, (points, outputs); for order 1 their slopes by the running x."""
    if order > 1:
        raise ValueError(f"{activation.spec} works on rows: it has values and slopes to draw, no second derivative")
    rows = np.tile(row_template(activation), (len(x), 1))
    rows[:, 0] = x
    outputs = activation(rows) if order == 0 else activation.jacobian(rows)[..., 0]
    return np.asarray(outputs, dtype=np.float64)


def row_series(activation: Activation, span: tuple[float, float], points: int = POINTS, order: int = 0) -> list[Series]:
    """Sample a row function on the rows `row_template` describes: a line an output, broken where it jumps."""
    x = np.linspace(*span, points)
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
    """A line broken at its jumps, which are found: a step between two points that stays however near they move."""
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


def lines_of(activation: Activation, span: tuple[float, float], points: int = POINTS, order: int = 0) -> list[Series]:
    """The lines that stand for an activation: one, or one an output of a row function."""
    if activation.is_row:
        return row_series(activation, span, points, order)
    return [series(activation, span, points, order)]


def saturated(line: Series) -> list[tuple[float, float]]:
    """Stretches of a slope's line, at least a twentieth of it long, where the slope is under 0.01 in size."""
    least = (line.x[-1] - line.x[0]) / 20
    return [(a, b) for a, b in _runs(line.x, np.abs(line.y) < SATURATED) if b - a >= least]


def _runs(x: Array, where: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """First and last x of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], where, [False]]).astype(np.int8)))
    return [(float(x[a]), float(x[b - 1])) for a, b in edges.reshape(-1, 2)]


def steepest(activation: Activation, line: Series) -> tuple[float, list[tuple[float, float]]]:
    """The largest slope on a slope's line, refined between its points, and the stretches of x that have it.

    A stretch shorter than a fiftieth of the line is a point, its two ends the same.
    """
    top = float(np.max(line.y[np.isfinite(line.y)], initial=-np.inf))
    level = np.abs(line.y - top) <= 1e-12 * max(1.0, abs(top))
    least = (line.x[-1] - line.x[0]) / 50
    stretches = [(a, b) for a, b in _runs(line.x, level) if b - a >= least]
    if stretches:
        return top, stretches
    best = int(np.flatnonzero(level)[0])
    low, high = line.x[max(best - 1, 0)], line.x[min(best + 1, len(line.x) - 1)]
    x = float(line.x[best])
    for _ in range(3):
        fine = np.linspace(low, high, 101)
        slopes = np.asarray(activation.slope(fine), dtype=np.float64)
        peak = int(np.nanargmax(slopes))
        if slopes[peak] > top:
            x, top = float(fine[peak]), float(slopes[peak])
        low, high = fine[max(peak - 1, 0)], fine[min(peak + 1, 100)]
    return top, [(x, x)]
