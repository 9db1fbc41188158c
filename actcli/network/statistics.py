"""Statistics of the samples at every layer, from one pass over any number of batches in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actcli.formulas.tolerances import SATURATED
from actcli.network import nonlinearities
from actcli.network.layers import Array
from actcli.network.model import Network, Stage

#: The widest layer whose covariance is computed; at 4096 units it takes 128 MB.
WIDEST_COVARIANCE = 4096

_Float64 = NDArray[np.float64]


class Moments:
    """Count, mean, deviation, extremes and quantiles of numbers given in parts, by Chan's update of centred sums.

    Quantiles are computed from a histogram over sign, exponent and seven binary digits; their error is below 0.8 %.
    """

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self.min = math.inf
        self.max = -math.inf
        self._squares = 0.0
        self._counts = np.zeros(1 << 16, np.int64)

    def update(self, values: Array) -> None:
        """Add every number of `values`."""
        count = values.size
        if not count:
            return
        with np.errstate(all="ignore"):  # inf and nan, which an exploding network gives, are shown as they are
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
        """The population standard deviation, as np.std; nan without numbers."""
        return math.sqrt(self._squares / self.count) if self.count and self._squares >= 0 else math.nan

    def quantile(self, share: float) -> float:
        """The number that is at least as large as `share` of all numbers; nan without numbers or with a nan."""
        codes = np.arange(1 << 16, dtype=np.uint32)
        # A float increases with its bits, as an integer, if it is positive, and decreases with them if it is negative.
        order = np.concatenate([codes[: (1 << 15) - 1 : -1], codes[: 1 << 15]])
        lower = (order << 16).view(np.float32)
        counts = self._counts[order]
        if not self.count or counts[np.isnan(lower)].any():
            return math.nan
        below = np.concatenate([[0], np.cumsum(counts)])
        rank = max(1, math.ceil(share * self.count))
        place = int(np.searchsorted(below, rank)) - 1
        code = int(order[place])
        near, far = (float(np.uint32(code + step << 16).view(np.float32)) for step in (0, 1))
        if near == 0 or not math.isfinite(far):
            return near
        # The numbers of a bin are taken as evenly spaced between its edges.
        low, high = max(min(near, far), self.min), min(max(near, far), self.max)
        return low + (high - low) * (rank - 0.5 - int(below[place])) / int(counts[place])


class _Covariance:
    """The sums of products of centred columns, updated batch by batch."""

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
        """(Σλ)²/Σλ² of the eigenvalues λ, the effective number of dimensions of the samples; 0 if all are equal."""
        with np.errstate(all="ignore"):
            spread = float(np.vdot(self.products, self.products))
            trace = float(np.trace(self.products))
        if not math.isfinite(spread):
            return math.nan
        # The quotient is squared, because the squares of small variances would underflow.
        return (trace / math.sqrt(spread)) ** 2 if spread else 0.0


@dataclass(frozen=True)
class LayerStatistics:
    """The statistics of one layer.

    shape: that of the weights, or the text of a layer without weights.
    output: the shape of a sample after the activation.
    before, after: the arguments and the results of the activation.
    zeros: the share of outputs that are 0.
    dead: the number of units whose output was 0 for every sample.
    distinct: the number of different weight vectors of the units; None without weights.
    saturated: the share of `before` where the slope is below SATURATED in size; None if there are no slopes.
    effective: the participation ratio of the outputs; None for a layer wider than WIDEST_COVARIANCE.
    gradient: the gradient of a scalar with respect to `before`; None if none was computed.
    """

    position: int
    shape: str
    output: str
    parameters: int
    activation: str | None
    before: Moments
    after: Moments
    zeros: float
    dead: int
    units: int
    distinct: int | None
    saturated: float | None
    effective: float | None
    gradient: Moments | None


class Survey:
    """The statistics of every layer of a network, updated batch by batch."""

    def __init__(self, network: Network) -> None:
        self._surveys = [_LayerSurvey(stage) for stage in network.stages]

    def update(self, passes: Sequence[tuple[Array, Array]]) -> None:
        """Add one batch: (before, after) the activation of every layer, as from `Network.trace`."""
        for survey, (before, after) in zip(self._surveys, passes, strict=True):
            survey.update(before, after)

    def update_gradients(self, gradients: Sequence[Array]) -> None:
        """Add one batch of gradients with respect to the argument of each activation (`Gradients.before`)."""
        for survey, gradient in zip(self._surveys, gradients, strict=True):
            survey.gradient = survey.gradient or Moments()
            survey.gradient.update(gradient)

    def layers(self) -> list[LayerStatistics]:
        """The statistics of all batches so far, in the order of the layers."""
        return [survey.result(position) for position, survey in enumerate(self._surveys, 1)]


class _LayerSurvey:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.before = Moments()
        self.after = Moments()
        self.gradient: Moments | None = None
        width = stage.output_shape[-1]
        self._zeros = 0
        self._saturated = 0
        self._active = np.zeros(width, bool)
        self._covariance = _Covariance(width) if width <= WIDEST_COVARIANCE else None

    def update(self, before: Array, after: Array) -> None:
        rows = after.reshape(-1, after.shape[-1])
        nonzero = rows != 0
        self.before.update(before)
        self.after.update(after)
        self._zeros += nonzero.size - int(np.count_nonzero(nonzero))
        self._active |= nonzero.any(axis=0)
        if self.stage.activation is not None:
            self._saturated += _count_saturated(self.stage, before)
        if self._covariance is not None:
            self._covariance.update(rows)

    def result(self, position: int) -> LayerStatistics:
        stage = self.stage
        saturates = stage.activation is not None and (not stage.activation.is_row or _is_square(stage))
        return LayerStatistics(
            position=position,
            shape="x".join(map(str, stage.layer.weight_shape)) or stage.layer.text,
            output="x".join(map(str, stage.output_shape)),
            parameters=stage.parameters,
            activation=stage.activation.spec if stage.activation is not None else None,
            before=self.before,
            after=self.after,
            zeros=self._zeros / self.after.count if self.after.count else math.nan,
            dead=int(np.count_nonzero(~self._active)),
            units=len(self._active),
            distinct=_count_distinct(stage) if stage.biases.size or stage.layer.takes_activation else None,
            saturated=self._saturated / self.before.count if saturates and self.before.count else None,
            effective=self._covariance.participation_ratio() if self._covariance is not None else None,
            gradient=self.gradient,
        )


def _count_distinct(stage: Stage) -> int:
    rows = [stage.weights.reshape(-1, stage.weights.shape[-1]), *([stage.biases] if stage.biases.size else [])]
    units = np.ascontiguousarray(np.vstack(rows).T)
    return len({unit.tobytes() for unit in units})


def _is_square(stage: Stage) -> bool:
    return stage.output_shape == stage.layer.output_shape


def _count_saturated(stage: Stage, before: Array) -> int:
    """The number of arguments at which the slope, for a row function the diagonal of its Jacobian, is nearly 0."""
    activation = stage.activation
    assert activation is not None
    if not activation.is_row:
        return int(np.count_nonzero(np.abs(activation.fast.slope(before)) < SATURATED))
    if not _is_square(stage):
        return 0
    return sum(
        int(np.count_nonzero(np.abs(diagonal) < SATURATED)) for diagonal in nonlinearities.diagonals(activation, before)
    )


def verdict(layers: Sequence[LayerStatistics]) -> str:
    """One line on the state of the signal and of its gradient, with the numbers that it is based on.

    Dying: most units of a layer, the last excepted, are 0 for every sample. Symmetric: the units of a layer have the
    same weights. Vanishing or exploding: the deviation of the gradient, or of the signal, changes by a factor of more
    than 100 between the first and the last layer.
    """
    ends = [layer for layer in layers if layer.parameters]
    if not ends:
        return "no layer has weights"
    first, last = ends[0], ends[-1]
    for layer in ends:
        if layer.units > 1 and layer.distinct == 1 and layer is not last:
            return f"symmetric: the {layer.units} units of layer {layer.position} have the same weights"
    for layer in ends[:-1]:
        if layer.dead * 2 > layer.units:
            return f"dying: {layer.dead} of {layer.units} units of layer {layer.position} are never active"
    signal = f"signal {first.before.std:.3g} to {last.before.std:.3g}"
    ratios = [last.before.std / first.before.std if first.before.std else math.nan]
    if first.gradient is not None and last.gradient is not None:
        signal += f", gradient {last.gradient.std:.3g} to {first.gradient.std:.3g}"
        ratios.insert(0, first.gradient.std / last.gradient.std if last.gradient.std else math.nan)
    signal += f" between layers {first.position} and {last.position}"
    if not all(map(math.isfinite, ratios)):
        explodes = not all(math.isfinite(layer.before.std) for layer in ends)
        return f"{'exploding' if explodes else 'vanishing'}: {signal}"
    for ratio in ratios:
        if not 0.01 <= ratio <= 100:
            return f"{'vanishing' if ratio < 1 else 'exploding'}: {signal}"
    return f"healthy: {signal}"
