"""Training: a network, its data, a loss and an optimiser give a trained network and the history of its epochs.

There are two arithmetics. In that of the NNFS book (`Settings.book`) every number is what the book's program computes,
in float32 with dot products summed in float64: operations are in place, but none is omitted or reordered. Otherwise
products have the type of the network, and losses are computed from the last layer before its activation if possible.
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

#: The most rows of a batch in evaluation, and the most numbers of such a batch at the widest layer.
_ROWS, _NUMBERS = 8192, 1 << 21

#: Called after every epoch with its index, the history, and a function that returns the network at this epoch.
Progress: TypeAlias = Callable[[int, "History", Callable[[], Network]], None]


@dataclass(frozen=True)
class Examples:
    """Features (rows, ...) and targets: class labels (rows,), or the values of curves (rows, outputs)."""

    features: NDArray[Any]
    targets: NDArray[Any]

    def __len__(self) -> int:
        return len(self.features)


@dataclass(frozen=True)
class Settings:
    """The options of training.

    batch_size: the rows of a step; None for all rows. shuffle: a new order of the rows in every epoch. patience: the
    number of epochs without a lower loss (of validation data, if given) after which training stops. until: (a column
    of the history, the value at which training stops). every: epochs between validations, unless patience or until
    need every epoch. book: the arithmetic of the NNFS book.
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
    """One number per epoch in each column, nan if not measured.

    rate: that of the last step of an epoch; if an epoch is one step, that of the step before it, as in the book.
    """

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
    """A trained network, its epochs, and its health; diverged_at is the epoch whose loss is nan or infinite."""

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
    """Train a copy of `network` on `examples`; the outcome contains the copy.

    Args:
        generator: draws the masks of dropout and the order of the rows.
        stopped: called before every step; if it returns True, training ends with the parameters so far.
        progress: called after every epoch.

    Raises ValueError if a label is not a class of the network, or an integer has no row in its embedding.
    """
    with np.errstate(all="ignore"):  # a network that explodes is recognised by its loss
        return _Run(network, examples, settings, generator, validation).all_epochs(stopped, progress)


class _Trainable:
    """A layer with its activation, its current parameters, and the pass of the last batch."""

    def __init__(self, stage: Stage, weights: Array, biases: Array, *, wide: bool) -> None:
        self.stage = stage
        self.weights, self.biases = weights, biases
        self.nonlinearity = nonlinearity(stage.activation)
        self.wide = wide

    def before(self, batch: Array, generator: np.random.RandomState | None) -> Array:
        """The output of the layer before its activation; dropout is active if there is a generator."""
        self.given = Pass(self.weights, self.biases, batch, self.wide, keeps=True, generator=generator)
        return self.stage.layer.forward(self.given)

    def back(self, gradient: Array, *, first: bool) -> tuple[Array, Array, Array]:
        """The gradients of the batch, the weights and the biases from that before the activation."""
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
        # All parameters are in one vector, so that an update takes a few operations for any number of layers.
        arrays = [array for stage in network.stages for array in (stage.weights, stage.biases)]
        self.vector = np.concatenate([array.reshape(-1) for array in arrays], dtype=network.dtype)
        self.gradient = np.zeros_like(self.vector)
        views, sums = _views(self.vector, arrays), _views(self.gradient, arrays)
        self.layers = [
            _Trainable(stage, weights, biases, wide=settings.book)
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
        # The book computes products in float64, and has the data of its sine in float64.
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
            and diverged_at is None
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
        """Run one epoch and append it to the history; False if it was interrupted."""
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
        """The output before and after the last activation."""
        values = features
        for layer in self.layers[:-1]:
            values = layer.nonlinearity.forward(layer.before(values, generator))
        last = self.layers[-1]
        before = last.before(values, generator)
        return before, last.nonlinearity.forward(before.copy())

    def _learn(self, before: Array, outputs: Array, targets: NDArray[Any]) -> None:
        """One step of the optimiser for the batch of the last forward pass."""
        found = list(self.gradients)
        gradient, is_before = self.loss.gradient(before, outputs, targets)
        gradient /= len(gradient)
        for k in range(len(self.layers) - 1, self.weighted[0] - 1, -1):
            layer = self.layers[k]
            if not is_before:
                gradient = layer.nonlinearity.backward(gradient)
            is_before = False
            gradient, weights, biases = layer.back(gradient, first=k == self.weighted[0])
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
        """Each array of parameters with its gradient, which after the book's dropout is float64."""
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

    # results

    def _chunks(self, examples: Examples) -> Iterator[Examples]:
        for start in range(0, len(examples), self.rows):
            part = slice(start, start + self.rows)
            yield Examples(examples.features[part], examples.targets[part])

    def _evaluate(self, examples: Examples) -> tuple[float, float]:
        """The loss without penalty, and the accuracy, both without dropout."""
        loss, hits = 0.0, 0
        for part in self._chunks(examples):
            before, outputs = self._forward(part.features, None)
            loss += float(_mean(self.loss.values(before, outputs, part.targets))) * (len(part) / len(examples))
            hits += self.loss.hits(outputs, part.targets)
        return loss, hits / len(examples)

    def _health(self) -> Health:
        """The state of the units over all examples, and of the gradient over an evenly spaced part of them."""
        active = [np.zeros(stage.output_shape[-1], bool) for stage in self.network.stages]
        saturated = numbers = 0
        errors = squares = 0.0
        hidden = [k for k in self.weighted[:-1] if self.network.stages[k].activation is not None]
        for part in self._chunks(self.examples):
            _, outputs = self._forward(part.features, None)
            for k in hidden:
                # The output of a layer is the input batch of the next layer.
                after = self.layers[k + 1].given.batch
                active[k] |= (after != 0).reshape(-1, after.shape[-1]).any(axis=0)
                if self.network.stages[k].output_shape == self.network.stages[k].layer.output_shape:
                    slopes = self.layers[k].nonlinearity.slope()
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
        some = slice(None, None, math.ceil(len(self.examples) / self.rows))  # at most self.rows of the examples
        features, targets = self.examples.features[some], self.examples.targets[some]
        gradient, is_before = self.loss.gradient(*self._forward(features, None), targets)
        deviations = {}
        for k in range(len(self.layers) - 1, self.weighted[0] - 1, -1):
            if not is_before:
                gradient = self.layers[k].nonlinearity.backward(gradient)
            is_before = False
            deviations[k] = float(gradient.std(dtype=np.float64))
            if k > self.weighted[0]:
                gradient, _, _ = self.layers[k].back(gradient, first=False)
        return deviations[self.weighted[0]], deviations[self.weighted[-1]]

    def _network(self) -> Network:
        """A network with copies of the current parameters."""
        stages = [
            replace(layer.stage, weights=layer.weights.copy(), biases=layer.biases.copy()) for layer in self.layers
        ]
        return Network.of_stages(self.network.input_shape, stages)


def _mean(values: Array) -> Any:
    """The same as np.mean of a vector, without its overhead."""
    return np.add.reduce(values) / len(values)


def _views(vector: Array, arrays: Sequence[Array]) -> list[Array]:
    """Consecutive parts of a vector, as views in the shapes of the arrays."""
    views, start = [], 0
    for array in arrays:
        views.append(vector[start : start + array.size].reshape(array.shape))
        start += array.size
    return views
