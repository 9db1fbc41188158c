"""An activation as points to draw: kinks hit exactly, jumps broken, dots where a side or a convention matters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation

Array = NDArray[np.float64]
Point = tuple[float, float]

POINTS = 801
SATURATED = 0.01  # a slope below this, either sign, counts as saturated


@dataclass(frozen=True)
class Series:
    """One line of a figure. A nan in `y` breaks the line; dots mark the two sides of a break and the value there."""

    label: str
    x: Array
    y: Array
    filled: tuple[Point, ...] = ()
    hollow: tuple[Point, ...] = ()


def span_of(*activations: Activation) -> tuple[float, float]:
    """The range to draw when none is asked for: -5 to 5, widened where a kink lies near its ends or beyond."""
    kinks = [kink for activation in activations for kink in activation.kinks]
    reach = [max(5.0, *(_beyond(sign * kink) for kink in kinks)) if kinks else 5.0 for sign in (-1, 1)]
    return -reach[0], reach[1]


def _beyond(kink: float) -> float:
    """Where to end an axis so that a kink at this distance shows what comes after it."""
    if kink <= 4 or kink > 50:
        return 0.0
    return float(np.ceil(kink * 1.25))


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
    return a == b or abs(a - b) <= 1e-12 * max(abs(a), abs(b))


def row_template(activation: Activation) -> Array:
    """The row in which a row function is drawn, its first entry running: (x, 0), or (x, 1) where two make one.

    softmax of (x, 0) is the sigmoid and its mirror image; a gate needs something other than nothing to let through.
    """
    return np.array([0.0, 1.0 if activation.output_width(2) == 1 else 0.0])


def row_series(activation: Activation, span: tuple[float, float], points: int = POINTS, order: int = 0) -> list[Series]:
    """Sample a row function on the rows `row_template` describes: a line an output; the slope is by the running x."""
    x = np.linspace(*span, points)
    rows = np.tile(row_template(activation), (points, 1))
    rows[:, 0] = x
    if order == 0:
        outputs = np.asarray(activation(rows), dtype=np.float64)
    else:
        outputs = np.asarray(activation.jacobian(rows), dtype=np.float64)[..., 0]
    names = [f"{activation.spec} y{k}" for k in range(outputs.shape[1])] if outputs.shape[1] > 1 else [activation.spec]
    return [Series(prime(name, order), x, outputs[:, k]) for k, name in enumerate(names)]


def lines_of(activation: Activation, span: tuple[float, float], points: int = POINTS, order: int = 0) -> list[Series]:
    """The lines that stand for an activation: one, or one an output of a row function."""
    if activation.is_row:
        return row_series(activation, span, points, order)
    return [series(activation, span, points, order)]


def saturated(line: Series) -> list[tuple[float, float]]:
    """Stretches of a slope's line, at least a twentieth of it long, where the slope is under 0.01 in size."""
    flat = np.abs(line.y) < SATURATED
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8)))
    stretches = [(float(line.x[a]), float(line.x[b - 1])) for a, b in edges.reshape(-1, 2)]
    least = (line.x[-1] - line.x[0]) / 20
    return [(a, b) for a, b in stretches if b - a >= least]


def steepest(activation: Activation, line: Series) -> tuple[float, float, float]:
    """(from x, to x, slope): the largest slope on a slope's line, refined between its points.

    Both x are the same unless the slope is that large over a stretch of a fiftieth of the line or more.
    """
    top = float(np.max(line.y[np.isfinite(line.y)], initial=-np.inf))
    where = np.flatnonzero(np.abs(line.y - top) <= 1e-12 * max(1.0, abs(top)))
    start, stop = float(line.x[where[0]]), float(line.x[where[-1]])
    if len(where) > 2 and stop - start >= (line.x[-1] - line.x[0]) / 50:
        return start, stop, top
    best = int(where[0])
    low, high = line.x[max(best - 1, 0)], line.x[min(best + 1, len(line.x) - 1)]
    x = start
    for _ in range(3):
        fine = np.linspace(low, high, 101)
        slopes = np.asarray(activation.slope(fine), dtype=np.float64)
        peak = int(np.nanargmax(slopes))
        if slopes[peak] > top:
            x, top = float(fine[peak]), float(slopes[peak])
        low, high = fine[max(peak - 1, 0)], fine[min(peak + 1, 100)]
    return x, x, top
