"""What a batch looks like at every layer, gathered in one pass over any number of batches in flat memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.network.layers import Array
from actcli.network.model import Network, Step

#: An activation is saturated where its slope is smaller than this: almost nothing flows back.
SATURATED = 0.01
#: The covariance of a wider layer is not kept: at 4096 units it fills 128 MB.
WIDEST_COVARIANCE = 4096
_JACOBIAN_BLOCK = 1 << 20

_Float64 = NDArray[np.float64]


class Moments:
    """Count, mean, deviation, extremes and quantiles of all numbers seen, by Chan's update of centred sums.

    Quantiles come from counts of the numbers by sign, exponent and seven binary digits, so within 0.8 %.
    """

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self.min = math.inf
        self.max = -math.inf
        self._squares = 0.0
        self._counts = np.zeros(1 << 16, np.int64)

    def update(self, values: Array) -> None:
        """Take in every number of `values`."""
        count = values.size
        if not count:
            return
        with np.errstate(all="ignore"):  # a network that explodes gives inf and nan, and that is what is shown
            mean = float(values.mean(dtype=np.float64))
            centred = values.astype(np.float64) - mean
            squares = float(np.vdot(centred, centred))
            delta = mean - self.mean
            total = self.count + count
            self._squares += squares + delta * delta * (self.count * count / total)
            self.mean += delta * (count / total)
            self.count = total
            self.min = float(np.fmin(self.min, np.fmin.reduce(values, axis=None)))
            self.max = float(np.fmax(self.max, np.fmax.reduce(values, axis=None)))
            bits = np.ascontiguousarray(values, np.float32).view(np.uint32).reshape(-1) >> 16
        self._counts += np.bincount(bits, minlength=1 << 16)

    @property
    def std(self) -> float:
        """The deviation over the whole population, as np.std has it; nan of nothing."""
        return math.sqrt(self._squares / self.count) if self.count and self._squares >= 0 else math.nan

    def quantile(self, share: float) -> float:
        """The number that `share` of all are not above; nan of nothing or where a nan was seen."""
        codes = np.arange(1 << 16, dtype=np.uint32)
        # Negative numbers sort by falling bits, positive ones by rising bits.
        order = np.concatenate([codes[: 1 << 15 - 1 : -1], codes[: 1 << 15]])
        edges = ((order << 16) | (1 << 15)).astype(np.uint32).view(np.float32)
        counts = self._counts[order]
        if not self.count or counts[np.isnan(edges)].any():
            return math.nan
        place = int(np.searchsorted(np.cumsum(counts), max(1, share * self.count)))
        code = int(order[place])
        middle = 0.0 if code in (0, 1 << 15) else float(edges[place])
        return min(max(middle, self.min), self.max)


class _Covariance:
    """Sums of products of centred columns, merged batch by batch."""

    def __init__(self, width: int) -> None:
        self.count = 0
        self.mean: _Float64 = np.zeros(width)
        self.products: _Float64 = np.zeros((width, width))

    def update(self, rows: Array) -> None:
        with np.errstate(all="ignore"):
            mean = rows.mean(axis=0, dtype=np.float64)
            centred = rows - mean
            total = self.count + len(rows)
            delta = mean - self.mean
            self.products += centred.T @ centred + np.outer(delta, delta) * (self.count * len(rows) / total)
            self.mean += delta * (len(rows) / total)
        self.count = total

    def participation_ratio(self) -> float:
        """(Σλ)²/Σλ² of the eigenvalues λ: how many directions the samples really spread over; 0 if they do not."""
        with np.errstate(all="ignore"):
            spread = float(np.vdot(self.products, self.products))
            trace = float(np.trace(self.products))
        if not math.isfinite(spread):
            return math.nan
        # Scaled first: squares of small variances would underflow.
        return (trace / math.sqrt(spread)) ** 2 if spread else 0.0
