"""The Remez exchange, in float64 on a grid of points.

A step levels the error at a set of points, which means that it has one size and alternating signs there, and moves the
points to the extrema of the error, until none is larger than at the points. Its input is arrays: values f of the
function, columns of basis functions for numerator and denominator, and weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actcli.formulas.primitives import Array

Indices = NDArray[np.intp]

#: The most steps.
_ROUNDS = 100


@dataclass(frozen=True)
class Levelled:
    """Coefficients of numerator and denominator, the points where the error alternates, and its size there."""

    numerator: Array
    denominator: Array
    points: Array
    level: float


@dataclass(frozen=True, eq=False)
class Problem:
    """Minimise the largest |weight (f - p/q)| over the points x; p and q are combinations of `above` and `below`."""

    x: Array
    f: Array
    weight: Array
    above: Array
    below: Array

    @property
    def count(self) -> int:
        """The number of points at which the error alternates."""
        return int(self.above.shape[1] + self.below.shape[1])

    def error(self, numerator: Array, denominator: Array) -> Array:
        return np.asarray(self.weight * (self.f - (self.above @ numerator) / (self.below @ denominator)))

    def solve(self, at: Indices) -> tuple[Array, Array, float] | None:
        """The quotient whose error is levelled at these points, and the level; None if all of them have poles."""
        signs = (-1.0) ** np.arange(len(at)) / self.weight[at]
        above, below, f = self.above[at], self.below[at], self.f[at]
        if below.shape[1] == 1:
            *numerator, level = np.linalg.solve(np.column_stack([above, signs]), f)
            return np.array(numerator), np.ones(1), float(level)
        # On the orthogonal complement of the range of p, p - (f - h s) q = 0 is an eigenvalue problem for the level h.
        outside = np.linalg.qr(above, mode="complete")[0][:, above.shape[1] :]
        try:
            levels, vectors = np.linalg.eig(
                np.linalg.solve(outside.T @ (signs[:, None] * below), outside.T @ (f[:, None] * below))
            )
        except np.linalg.LinAlgError:
            return None
        for k in np.argsort(np.abs(levels)):
            denominator = vectors[:, k].real
            q = self.below @ denominator
            if abs(levels[k].imag) > 1e-9 * abs(levels[k]) or q.min() * q.max() <= 0:
                continue
            level = float(levels[k].real)
            numerator_values = (f - level * signs) * (below @ denominator)
            return np.linalg.lstsq(above, numerator_values, rcond=None)[0], denominator, level
        return None

    def exchange(self, at: Indices) -> Levelled | None:
        """Repeat steps until no error exceeds the level; None if no step has a quotient without a pole."""
        found, least = None, np.inf
        for _ in range(_ROUNDS):
            solved = self.solve(at)
            if solved is None:
                break
            numerator, denominator, level = solved
            error = self.error(numerator, denominator)
            largest = float(np.abs(error).max())
            # Near the rounding of float64 the steps do not converge, so the best is kept.
            if largest < least:
                found, least = Levelled(numerator, denominator, self.x[at], abs(level)), largest
            if largest <= abs(level) * (1 + 1e-9):
                break
            moved = alternating(error, self.count)
            if moved is None:
                moved = one_exchanged(at, error, level)
            if (at == moved).all():
                break
            at = moved
        return found

    def start(self) -> Indices:
        """The indices nearest to the extrema of a Chebyshev polynomial."""
        angles = np.linspace(np.pi, 0, self.count)
        low, high = self.x[0], self.x[-1]
        return self.nearest((low + high) / 2 + (high - low) / 2 * np.cos(angles))

    def nearest(self, points: Array) -> Indices:
        """Distinct ascending indices of grid points near the given points."""
        at = np.searchsorted(self.x, points).clip(0, len(self.x) - 1)
        for i in range(1, len(at)):
            at[i] = max(at[i], at[i - 1] + 1)
        for i in range(len(at) - 1, -1, -1):
            at[i] = min(at[i], len(self.x) - len(at) + i)
        return at

    def stretched(self, points: Array) -> Indices:
        """The number of points that this problem needs, distributed as the points of a smaller problem."""
        return self.nearest(np.interp(np.linspace(0, 1, self.count), np.linspace(0, 1, len(points)), points))


def alternating(error: Array, count: int) -> Indices | None:
    """The indices of `count` extrema of alternating sign, including the largest; None if there are fewer."""
    signs = np.sign(error)
    used = np.flatnonzero(signs)
    turns = np.flatnonzero(np.diff(signs[used])) + 1
    runs = np.split(used, turns)
    places = [int(run[np.argmax(np.abs(error[run]))]) for run in runs if len(run)]
    sizes = [float(abs(error[place])) for place in places]
    while len(places) > count:
        pairs = [max(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)]
        weakest = int(np.argmin(pairs))
        if len(places) == count + 1 or min(sizes[0], sizes[-1]) <= pairs[weakest]:
            drop = [0 if sizes[0] <= sizes[-1] else len(sizes) - 1]
        else:
            drop = [weakest + 1, weakest]
        for i in drop:
            del places[i], sizes[i]
    return np.array(places) if len(places) == count else None


def one_exchanged(at: Indices, error: Array, level: float) -> Indices:
    """The points with one point, at which the error has the same sign, replaced by that of the largest error."""
    new = int(np.argmax(np.abs(error)))
    signs = np.copysign(1.0, level) * (-1.0) ** np.arange(len(at))
    i = int(np.searchsorted(at, new))
    same = np.sign(error[new])
    if i < len(at) and (at[i] == new or signs[i] == same):
        replaced = i
    elif i and signs[i - 1] == same:
        replaced = i - 1
    else:  # a point beyond an end, with the other sign, replaces the opposite end
        return np.sort(np.append(at[:-1] if i == 0 else at[1:], new))
    return np.sort(np.append(np.delete(at, replaced), new))
