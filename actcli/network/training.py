"""Training: a network, its data, a loss and an optimiser; epochs of batches, and what they came to.

Two arithmetics. In that of the NNFS book (`Settings.book`) every number is what the book's program computes, float32
with dot products summed in float64: operations are made in place, but none is left out or reordered. Else products
are made in the type of the network, and losses are taken from what is before the last activation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from actcli.formulas.tolerances import SATURATED
from actcli.network.health import Health
from actcli.network.layers import Array, Pass
from actcli.network.losses import Loss, Penalty
from actcli.network.model import Network, Stage
from actcli.network.nonlinearities import nonlinearity
from actcli.network.optimisers import Optimiser

#: Rows at a time where nothing is learned from them, and numbers at the widest layer of so many.
_ROWS, _NUMBERS = 8192, 1 << 21


Progress: TypeAlias = Callable[[int, "History", Callable[[], Network]], None]


@dataclass(frozen=True)
class Examples:
    """Features (rows, ...) and their targets: class labels (rows,), or the values of curves (rows, outputs)."""

    features: NDArray[Any]
    targets: NDArray[Any]

    def __len__(self) -> int:
        return len(self.features)


@dataclass(frozen=True)
class Settings:
    """How to train.

    batch_size: rows of a step; None is all of them. shuffle: a new order every epoch. patience: epochs without a lower
    loss (of the validation, where there is one) before it stops. until: (a column of the history, the value it has to
    reach). every: epochs between two validations, where nothing asks for each.
    """

    loss: Loss
    optimiser: Optimiser
    epochs: int
    batch_size: int | None = None
    shuffle: bool = False
    penalty: Penalty = field(default_factory=Penalty)
    clip_norm: float | None = None
    patience: int | None = None
    until: tuple[str, float] | None = None
    every: int = 100
    book: bool = False


@dataclass
class History:
    """A number an epoch in every column; nan where it was not measured. `rate` is that of the last step before."""

    rate: list[float] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    data_loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.loss)


@dataclass(frozen=True)
class Outcome:
    """A trained network, every epoch on the way, and its health; diverged_at is the epoch whose loss was no number."""

    network: Network
    history: History
    health: Health | None
    diverged_at: int | None = None
    interrupted: bool = False


def train(
    network: Network,
    examples: Examples,
    settings: Settings,
    generator: np.random.RandomState,
    *,
    validation: Examples | None = None,
    stopped: Callable[[], bool] = lambda: False,
    progress: Progress = lambda epoch, history, network: None,
) -> Outcome:
    """Train `network` on `examples`; it stays as it is, the outcome has a new one.

    Args:
        generator: where dropout's masks and the order of the rows are drawn from.
        stopped: asked before every step; where it says so, training ends there with what it has.
        progress: told of every epoch done, with what gives the network as it is then.

    Raises ValueError if a label or an integer fits no class or embedding of the network.
    """
    with np.errstate(all="ignore"):  # a network that explodes is told by its loss
        return _Run(network, examples, settings, generator, validation).all_epochs(stopped, progress)


class _Unit:
    """A layer with its activation while it learns: parameters that change, and the last batch that went through."""

    def __init__(self, stage: Stage, weights: Array, biases: Array, *, wide: bool) -> None:
        self.stage = stage
        self.weights, self.biases = weights, biases
        self.nonlinearity = nonlinearity(stage.activation)
        self.wide = wide

    def before(self, batch: Array, generator: np.random.RandomState | None) -> Array:
        """What the activation gets; dropout drops where a generator is given."""
        self.given = Pass(self.weights, self.biases, batch, self.wide, keeps=True, generator=generator)
        return self.stage.layer.forward(self.given)

    def back(self, gradient: Array, *, first: bool) -> tuple[Array, Array, Array]:
        """From the gradient before the activation to those of the batch, the weights and the biases."""
        batch, weights, biases = self.stage.layer.backward(self.given, gradient, first=first)
        return batch, weights.astype(self.weights.dtype, copy=False), biases


class _Run:
    """The state of one training."""

    def __init__(
        self,
        network: Network,
        examples: Examples,
        settings: Settings,
        generator: np.random.RandomState,
        validation: Examples | None,
    ) -> None:
        self.network = network
        self.rows = max(1, min(_ROWS, _NUMBERS // network.widest))
        self.settings = settings
        self.loss = settings.loss
        self.penalty = settings.penalty or None
        self.generator = generator
        self.examples = self._encoded(examples)
        self.validation = None if validation is None else self._encoded(validation)
        # One vector of all parameters, so that an update is a few operations however many layers there are.
        arrays = [array for stage in network.stages for array in (stage.weights, stage.biases)]
        self.vector = np.concatenate([array.reshape(-1) for array in arrays], dtype=network.dtype)
        self.gradient = np.zeros_like(self.vector)
        views, sums = _views(self.vector, arrays), _views(self.gradient, arrays)
        self.units = [
            _Unit(stage, weights, biases, wide=settings.book)
            for stage, weights, biases in zip(network.stages, views[::2], views[1::2], strict=True)
        ]
        self.parameters = list(zip(views[::2], views[1::2], strict=True))
        self.gradients = list(zip(sums[::2], sums[1::2], strict=True))
        self.weighted = [k for k, stage in enumerate(network.stages) if stage.layer.weight_shape]
        self.is_flat: bool | None = None  # whether all gradients have the type of the parameters
        self.states: list[Any] = []
        self.steps = 0
        self.history = History()

    def _encoded(self, examples: Examples) -> Examples:
        # The book's products are made in float64, and it draws the sine in float64.
        dtype = np.dtype(np.float64) if self.settings.book else self.network.dtype
        features = examples.features.astype(dtype, copy=False)
        features = features.reshape(len(features), *self.network.input_shape)
        targets = examples.targets
        if targets.dtype.kind == "f" and not self.settings.book:
            targets = targets.astype(self.network.dtype, copy=False)
        return Examples(features, self.loss.encode(targets, self.network.dtype))

    # epochs

    def all_epochs(self, stopped: Callable[[], bool], progress: Progress) -> Outcome:
        best, waited = math.inf, 0
        diverged_at, interrupted = None, False
        settings = self.settings
        watches = settings.patience is not None or (settings.until is not None and "validation" in settings.until[0])
        for epoch in range(settings.epochs):
            if not self._epoch(stopped):
                interrupted = True
                break
            history = self.history
            if not math.isfinite(history.loss[-1]):
                diverged_at = epoch
                break
            done = epoch == settings.epochs - 1 or self._reached()
            if self.validation is not None:
                due = watches or done or epoch % settings.every == 0
                loss, accuracy = self._evaluate(self.validation) if due else (math.nan, math.nan)
                history.validation_loss.append(loss)
                history.validation_accuracy.append(accuracy)
                done = done or self._reached()
            progress(epoch, history, self._network)
            if settings.patience is not None:
                watched = (history.loss if self.validation is None else history.validation_loss)[-1]
                best, waited = (watched, 0) if watched < best else (best, waited + 1)
                done = done or waited >= settings.patience
            if done:
                break
        if (
            self.validation is not None
            and self.history.validation_loss
            and math.isnan(self.history.validation_loss[-1])
        ):
            self.history.validation_loss[-1], self.history.validation_accuracy[-1] = self._evaluate(self.validation)
        health = self._health() if diverged_at is None else None
        return Outcome(self._network(), self.history, health, diverged_at, interrupted)

    def _reached(self) -> bool:
        if self.settings.until is None:
            return False
        name, value = self.settings.until
        column = getattr(self.history, name)
        if not column or math.isnan(column[-1]):
            return False
        return bool(column[-1] <= value if "loss" in name else column[-1] >= value)

    def _epoch(self, stopped: Callable[[], bool]) -> bool:
        """One epoch and its line in the history, or False if it was interrupted."""
        rows = len(self.examples)
        size = min(self.settings.batch_size or rows, rows)
        order = self.generator.permutation(rows) if self.settings.shuffle else None
        loss = data_loss = 0.0
        hits = 0
        rate = self.settings.optimiser.rate_at(max(self.steps - 1, 0))
        for start in range(0, rows, size):
            if stopped():
                return False
            part: Any = slice(start, start + size)
            if order is not None:
                part = order[part]
            elif size == rows:
                part = slice(None)
            features, targets = self.examples.features[part], self.examples.targets[part]
            before, outputs = self._forward(features, self.generator)
            share = len(features) / rows
            own = _mean(self.loss.values(before, outputs, targets))
            added = self.penalty.value(self._weighted_parameters()) if self.penalty is not None else 0.0
            loss += float(own + added) * share
            data_loss += float(own) * share
            hits += self.loss.hits(outputs, targets)
            if not math.isfinite(loss):
                break
            self._learn(before, outputs, targets)
        if size < rows:
            rate = self.settings.optimiser.rate_at(max(self.steps - 1, 0))
        history = self.history
        history.rate.append(rate)
        history.data_loss.append(data_loss)
        history.loss.append(loss)
        history.accuracy.append(hits / rows)
        return True

    def _weighted_parameters(self) -> list[tuple[Array, Array]]:
        return [self.parameters[k] for k in self.weighted]

    def _forward(self, features: Array, generator: np.random.RandomState | None) -> tuple[Array, Array]:
        """What comes out before and after the last activation."""
        values = features
        for unit in self.units[:-1]:
            values = unit.nonlinearity.forward(unit.before(values, generator))
        last = self.units[-1]
        before = last.before(values, generator)
        return before, last.nonlinearity.forward(before.copy())

    def _learn(self, before: Array, outputs: Array, targets: NDArray[Any]) -> None:
        """One step of the optimiser, on the batch that went forward last."""
        found = list(self.gradients)
        gradient, is_before = self.loss.gradient(before, outputs, targets)
        gradient /= len(gradient)
        for k in range(len(self.units) - 1, self.weighted[0] - 1, -1):
            unit = self.units[k]
            if not is_before:
                gradient = unit.nonlinearity.backward(gradient)
            is_before = False
            gradient, weights, biases = unit.back(gradient, first=k == self.weighted[0])
            found[k] = (weights, biases)
        if self.is_flat is None:
            kept = [array for k in self.weighted for array in found[k] if array.size]
            self.is_flat = all(array.dtype == self.vector.dtype for array in kept)
        if self.is_flat:
            for k in self.weighted:
                for place, array in zip(self.gradients[k], found[k], strict=True):
                    place[...] = array
            found = self.gradients
        if self.penalty is not None:
            self.penalty.add_gradients(self._weighted_parameters(), [found[k] for k in self.weighted])
        self._step([(self.vector, self.gradient)] if self.is_flat else self._pairs(found))

    def _pairs(self, found: Sequence[tuple[Array, Array]]) -> list[tuple[Array, Array]]:
        """Each array of parameters with its gradient, which may be wider: the book's dropout gives float64."""
        return [pair for k in self.weighted for pair in zip(self.parameters[k], found[k], strict=True)]

    def _step(self, pairs: Sequence[tuple[Array, Array]]) -> None:
        if self.settings.clip_norm is not None:
            norm = math.sqrt(sum(float(np.vdot(gradient, gradient)) for _, gradient in pairs))
            if norm > self.settings.clip_norm:
                for _, gradient in pairs:
                    gradient *= self.settings.clip_norm / norm
        optimiser = self.settings.optimiser
        if not self.states:
            self.states = [optimiser.start(gradient) for _, gradient in pairs]
        for (parameters, gradient), state in zip(pairs, self.states, strict=True):
            optimiser.update(parameters, gradient, state, self.steps)
        self.steps += 1

    # what was reached

    def _chunks(self, examples: Examples) -> Iterator[Examples]:
        for start in range(0, len(examples), self.rows):
            part = slice(start, start + self.rows)
            yield Examples(examples.features[part], examples.targets[part])

    def _evaluate(self, examples: Examples) -> tuple[float, float]:
        """Loss, without penalty, and accuracy: nothing is dropped."""
        loss, hits = 0.0, 0
        for part in self._chunks(examples):
            before, outputs = self._forward(part.features, None)
            loss += float(_mean(self.loss.values(before, outputs, part.targets))) * (len(part) / len(examples))
            hits += self.loss.hits(outputs, part.targets)
        return loss, hits / len(examples)

    def _health(self) -> Health:
        """The units over all examples, the gradient over some that lie evenly among them."""
        active = [np.zeros(stage.output_shape[-1], bool) for stage in self.network.stages]
        saturated = numbers = 0
        errors = squares = 0.0
        hidden = [k for k in self.weighted[:-1] if self.network.stages[k].activation is not None]
        for part in self._chunks(self.examples):
            _, outputs = self._forward(part.features, None)
            for k in hidden:
                # The output of a layer is the batch of the next one.
                after = self.units[k + 1].given.batch
                active[k] |= (after != 0).reshape(-1, after.shape[-1]).any(axis=0)
                if self.network.stages[k].output_shape == self.network.stages[k].layer.output_shape:
                    slopes = self.units[k].nonlinearity.slope()
                    saturated += int(np.count_nonzero(np.abs(slopes) < SATURATED))
                    numbers += slopes.size
            if not self.loss.labelled:
                difference = (outputs - part.targets).astype(np.float64)
                errors += float(np.abs(difference).sum())
                squares += float(np.square(difference).sum())
        first, last = self._gradient_deviations()
        curve: dict[str, float] = {}
        if not self.loss.labelled:
            spread = float(np.square(self.examples.targets - self.examples.targets.mean(axis=0)).sum())
            curve = {
                "mean_absolute_error": errors / self.examples.targets.size,
                "r2": 1 - squares / spread if spread else math.nan,
            }
        return Health(
            dead=sum(int(np.count_nonzero(~active[k])) for k in hidden),
            units=sum(len(active[k]) for k in hidden),
            saturated=saturated / numbers if numbers else None,
            gradient_first=first,
            gradient_last=last,
            **curve,
        )

    def _gradient_deviations(self) -> tuple[float, float]:
        some = slice(None, None, math.ceil(len(self.examples) / self.rows))
        features, targets = self.examples.features[some], self.examples.targets[some]
        gradient, is_before = self.loss.gradient(*self._forward(features, None), targets)
        deviations = {}
        for k in range(len(self.units) - 1, self.weighted[0] - 1, -1):
            if not is_before:
                gradient = self.units[k].nonlinearity.backward(gradient)
            is_before = False
            deviations[k] = float(gradient.std(dtype=np.float64))
            if k > self.weighted[0]:
                gradient, _, _ = self.units[k].back(gradient, first=False)
        return deviations[self.weighted[0]], deviations[self.weighted[-1]]

    def _network(self) -> Network:
        """The network as it is now."""
        stages = [replace(unit.stage, weights=unit.weights.copy(), biases=unit.biases.copy()) for unit in self.units]
        return Network.of_stages(self.network.input_shape, stages)


def _mean(values: Array) -> Any:
    """np.mean of a vector, without what that does besides."""
    return np.add.reduce(values) / len(values)


def _views(vector: Array, arrays: Sequence[Array]) -> list[Array]:
    """Parts of a vector in the shapes of the arrays, one after the other."""
    views, start = [], 0
    for array in arrays:
        views.append(vector[start : start + array.size].reshape(array.shape))
        start += array.size
    return views
