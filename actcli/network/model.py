"""A feed-forward network: layers, their activations and their parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from actcli.activations import Activation, get
from actcli.activations.spec import split_specs
from actcli.memory import require_memory
from actcli.network import kinds
from actcli.network.images import Conv
from actcli.network.initialise import Initialiser, initialiser
from actcli.network.layers import NOTHING, Array, Dense, Layer, Pass, Shape
from actcli.network.nonlinearities import through_rows
from actcli.network.sequences import Lstm

#: If the mean of an input is more deviations than this from 0, scaling must precede the rounding to float32.
_MAX_OFFSET = 1000.0


@dataclass(frozen=True)
class Stage:
    """A layer with its parameters, and the activation after it (None after layers that take none)."""

    layer: Layer
    activation: Activation | None
    weights: Array
    biases: Array

    @property
    def output_shape(self) -> Shape:
        """The shape of one sample after the activation; maxout and GLU change the width."""
        *spatial, width = self.layer.output_shape
        if self.activation is not None and self.activation.is_row:
            width = self.activation.output_width(width)
        return (*spatial, width)

    @property
    def parameters(self) -> int:
        return self.weights.size + self.biases.size

    def before(self, batch: Array) -> Array:
        """The output of the layer, which is the argument of the activation: x·W + b for a dense layer."""
        with np.errstate(over="ignore", invalid="ignore"):  # an overflow gives inf or nan, which is the result
            return self.layer.forward(self.passing(batch))

    def passing(self, batch: Array) -> Pass:
        """The parameters with a batch, as the methods of the layer take them."""
        return Pass(self._wide_weights, self.biases, batch)

    @cached_property
    def _wide_weights(self) -> Array:
        return self.weights.astype(np.float64, copy=False)

    def after(self, before: Array) -> Array:
        """The result of the activation for `before`."""
        return before if self.activation is None else self.activation.fast(before)


@dataclass(frozen=True)
class Gradients:
    """The gradient of a scalar with respect to every array of a forward pass, one entry per stage."""

    before: tuple[Array, ...]
    after: tuple[Array, ...]
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    inputs: Array


class Network:
    """A sequence of layers with activations. A network never changes; passes are functions of (parameters, batch).

    input_shape: of one sample, (inputs,) or (height, width, channels). stages: the layers with their activations.

    >>> network = Network("2,3,3")
    >>> network([[0.0, 0.0]])
    array([[0.33333334, 0.33333334, 0.33333334]], dtype=float32)
    """

    input_shape: Shape
    stages: tuple[Stage, ...]

    def __init__(
        self,
        layers: str | Sequence[int | str],
        activations: str | Activation | Sequence[str | Activation] | None = None,
        *,
        init: str = "nnfs",
        scale: float | None = None,
        bias: float = 0.0,
        seed: int = 0,
        dtype: str = "float32",
        generator: np.random.RandomState | None = None,
    ) -> None:
        """A network of `layers`, input first: "2,3,3" or [2, 3, 3], "28x28x1,conv3x3:8,pool2,flatten,10".

        Args:
            layers: the input, then one entry per layer (see `actcli.network.kinds.KINDS`).
            activations: one SPEC for all layers that take an activation, or one for each; by default ReLU for the
                hidden layers and softmax for the last, or linear for a single output.
            init: the initialiser of the weights.
            scale: the initialiser's gain; for nnfs the deviation, 0.01 by default.
            bias: the bias of every unit.
            seed: the seed of numpy's legacy generator, from which the weights are drawn layer by layer.
            dtype: float32 or float64.
            generator: a generator to use instead of a new one with `seed`.

        Raises:
            ValueError: an unknown layer, activation or initialiser, shapes that do not fit, or more parameters than
                the memory holds.
        """
        drawn = plan(layers, activations).drawn(
            initialiser(init, scale), generator or np.random.RandomState(seed), bias=bias, dtype=dtype
        )
        self.input_shape, self.stages = drawn.input_shape, drawn.stages

    @classmethod
    def of_stages(cls, input_shape: Shape, stages: Iterable[Stage]) -> Network:
        """A network of existing stages, whose shapes must fit each other."""
        network = object.__new__(cls)
        network.input_shape, network.stages = input_shape, tuple(stages)
        return network

    @classmethod
    def of_parameters(
        cls,
        parameters: Sequence[tuple[ArrayLike, ArrayLike | None]],
        activations: str | Activation | Sequence[str | Activation] | None = None,
        *,
        layers: str | Sequence[int | str] | None = None,
        dtype: str = "float32",
    ) -> Network:
        """A network with these parameters; without `layers` all layers are dense, with the sizes of the weights.

        Raises ValueError if shapes do not fit each other, with the layer and the shape that it expects.
        """
        if layers is None:
            layers = dense_sizes([np.asarray(weights) for weights, _ in parameters])
        return plan(layers, activations).holding(parameters, dtype=dtype)

    def drawn(
        self, draw: Initialiser, generator: np.random.RandomState, *, bias: float = 0.0, dtype: str = "float32"
    ) -> Network:
        """The same layers with weights drawn in the order of the layers, and one value for every bias."""
        require_memory(memory_of(self, 1, dtype))
        stages = []
        for stage in self.stages:
            if stage.layer.weight_shape:
                weights = draw.draw(generator, stage.layer.weight_shape, dtype)
                with np.errstate(over="ignore"):  # 1e300 is inf in float32
                    stage = replace(stage, weights=weights, biases=np.full(stage.layer.bias_shape, bias, dtype))
            stages.append(stage)
        return Network.of_stages(self.input_shape, stages)

    def of_unscaled(self, centre: Array, spread: Array) -> Network | None:
        """The network whose output for x is that of this network for (x - centre)/spread: its first layer scales x.

        None if the first layer is not dense, or has no biases, or if the centres are so many spreads from 0 that the
        subtraction of centre in the dtype of the network would lose the digits of x.

        >>> network = Network("1,2", "linear").of_unscaled(np.array([4.0]), np.array([2.0]))
        >>> network is not None and network(np.array([[4.0]], np.float32)).tolist()
        [[0.0, 0.0]]
        """
        first = self.stages[0]
        if not isinstance(first.layer, Dense) or not first.biases.size or np.abs(centre / spread).max() > _MAX_OFFSET:
            return None
        weights = first.weights / spread[:, np.newaxis]
        taken = replace(
            first,
            weights=weights.astype(first.weights.dtype),
            biases=(first.biases - centre @ weights).astype(first.biases.dtype),
        )
        return Network.of_stages(self.input_shape, [taken, *self.stages[1:]])

    def holding(self, parameters: Sequence[tuple[ArrayLike, ArrayLike | None]], *, dtype: str = "float32") -> Network:
        """The same layers with `parameters`: (weights, biases) for each layer with weights; biases None for none.

        Raises ValueError if shapes do not fit the layers, with the layer and the shape that it expects.
        """
        arrays = [(np.asarray(w, dtype), None if b is None else np.asarray(b, dtype)) for w, b in parameters]
        weighted = [index for index, stage in enumerate(self.stages) if stage.layer.weight_shape]
        if len(weighted) != len(arrays):
            raise ValueError(
                f"there are weights for {len(arrays)} layers, but the network has {len(weighted)} that take any"
            )
        stages = list(self.stages)
        for index, (weights, biases) in zip(weighted, arrays, strict=True):
            layer = stages[index].layer
            if biases is None and isinstance(layer, Dense | Conv | Lstm):
                layer = replace(layer, biased=False)
            fitted = _fitted(weights, layer.weight_shape, index + 1)
            stages[index] = Stage(layer, stages[index].activation, fitted, _biases(biases, weights, layer, index + 1))
        return Network.of_stages(self.input_shape, stages)

    def __repr__(self) -> str:
        return f"<Network {self.text}>"

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return next((stage.weights.dtype for stage in self.stages if stage.layer.weight_shape), np.dtype(np.float32))

    @property
    def output_shape(self) -> Shape:
        """The shape of the output for one sample."""
        return self.stages[-1].output_shape

    @property
    def widest(self) -> int:
        """The largest number of values of one sample, at the input or after any layer or activation."""
        shapes = [
            self.input_shape,
            *(shape for stage in self.stages for shape in (stage.layer.output_shape, stage.output_shape)),
        ]
        return max(map(math.prod, shapes))

    @property
    def text(self) -> str:
        """The layers in the syntax of `--layers`."""
        return ",".join(["x".join(map(str, self.input_shape)), *(stage.layer.text for stage in self.stages)])

    @property
    def gives_probabilities(self) -> bool:
        """Whether the outputs are probabilities of classes."""
        last = self.stages[-1].activation
        return last is not None and last.name in ("softmax", "sigmoid")

    def __call__(self, batch: ArrayLike) -> Array:
        """The output for `batch`, (rows, inputs) or (rows, height, width, channels); flat images are reshaped.

        Raises ValueError if the batch does not fit the first layer.
        """
        values = self.batch(batch)
        for stage in self.stages:
            values = stage.after(stage.before(values))
        return values

    def trace(self, batch: ArrayLike) -> Iterator[tuple[Array, Array]]:
        """Yield (before, after) the activation of every layer, in their order."""
        values = self.batch(batch)
        for stage in self.stages:
            before = stage.before(values)
            values = stage.after(before)
            yield before, values

    def backward(
        self,
        batch: ArrayLike,
        gradient: ArrayLike,
        *,
        passes: Sequence[tuple[Array, Array]] | None = None,
        before_last: bool = False,
    ) -> Gradients:
        """Back-propagate the `gradient` of a scalar with respect to the output; `passes` is the trace, if known.

        With `before_last` the gradient is with respect to the last layer before its activation. For the cross-entropy
        of a softmax this is p - y, without the cancellation in the product of the two slopes.
        """
        inputs = self.batch(batch)
        passes = passes or list(self.trace(inputs))
        after = np.asarray(gradient, self.dtype)
        befores, afters, weights, biases = [], [], [], []
        for index in reversed(range(len(self.stages))):
            stage = self.stages[index]
            z = passes[index][0]
            before = after if before_last and index == len(self.stages) - 1 else _through(stage.activation, z, after)
            source = passes[index - 1][1] if index else inputs
            afters.append(after)
            befores.append(before)
            with np.errstate(over="ignore", invalid="ignore"):
                after, dw, db = stage.layer.backward(stage.passing(source), before)
            weights.append(dw)
            biases.append(db)
        return Gradients(
            before=tuple(reversed(befores)),
            after=tuple(reversed(afters)),
            weights=tuple(reversed(weights)),
            biases=tuple(reversed(biases)),
            inputs=after,
        )

    def batch(self, values: ArrayLike) -> Array:
        """`values` in the dtype of the network and the input shape of its first layer."""
        array = np.asarray(values, self.dtype)
        if array.ndim == 2 and len(self.input_shape) > 1 and array.shape[1] == math.prod(self.input_shape):
            array = array.reshape(len(array), *self.input_shape)
        if array.shape[1:] != self.input_shape:
            expected = "x".join(map(str, self.input_shape))
            given = "x".join(map(str, array.shape[1:])) or "none"
            raise ValueError(f"layer 1 expects {expected} inputs a row, the data has {given}")
        return array


def plan(
    layers: str | Sequence[int | str], activations: str | Activation | Sequence[str | Activation] | None = None
) -> Network:
    """The network without parameters: every name is looked up and every shape checked, and no array is allocated."""
    texts = [str(word).strip() for word in (split_specs(layers) if isinstance(layers, str) else layers)]
    if len(texts) < 2:
        raise ValueError(f"layers {','.join(texts)!r}: a network is an input and at least one layer, such as 2,3")
    shape = first = kinds.input_shape(texts[0])
    words = [kinds.Word.of(text, position) for position, text in enumerate(texts[1:], 1)]
    functions = iter(_activations(activations, sum(word.kind.maker.takes_activation for word in words)))
    stages = []
    for position, word in enumerate(words, 1):
        layer = word.layer(shape)
        stage = Stage(layer, next(functions) if layer.takes_activation else None, NOTHING, NOTHING)
        try:
            shape = stage.output_shape
        except ValueError as error:
            raise ValueError(f"layer {position}: {error}") from None
        stages.append(stage)
    if activations is None and stages[-1].activation is not None and stages[-1].output_shape == (1,):
        stages[-1] = replace(stages[-1], activation=get(usual_output(1, labelled=False)))
    return Network.of_stages(first, stages)


def memory_of(network: Network, rows: int, dtype: str, *, drawn: bool = True) -> list[tuple[str, int]]:
    """The memory of the parameters and a batch of `rows` rows, as `actcli.memory.require_memory` takes it."""
    item = np.dtype(dtype).itemsize
    needs = []
    largest = 0
    numbers = math.prod(network.input_shape)
    for position, stage in enumerate(network.stages, 1):
        if shape := stage.layer.weight_shape:
            size = math.prod(shape)
            largest = max(largest, size)
            needs.append((f"layer {position}'s {'x'.join(map(str, shape))} weights", size * item))
            needs.append((f"layer {position}'s biases", math.prod(stage.layer.bias_shape) * item))
        numbers += math.prod(stage.layer.output_shape) + math.prod(stage.output_shape)
        if isinstance(stage.layer, Conv):
            numbers += math.prod(stage.layer.output_shape[:2]) * math.prod(shape[:3])  # the kernel's windows
    # Weights are drawn, and products summed, in float64.
    needs.append(("drawing the weights", largest * 8 if drawn else 0))
    needs.append((f"a batch of {rows} rows through all layers", rows * numbers * (8 + item)))
    return needs


def usual_output(outputs: int, *, labelled: bool) -> str:
    """The default activation of the output: softmax for classes, sigmoid for one output, as its softmax is always 1.

    >>> usual_output(3, labelled=True), usual_output(1, labelled=True), usual_output(3, labelled=False)
    ('softmax', 'sigmoid', 'linear')
    """
    return "linear" if not labelled else "softmax" if outputs > 1 else "sigmoid"


def _activations(given: str | Activation | Sequence[str | Activation] | None, count: int) -> list[Activation]:
    if given is None:
        given = ["relu"] * (count - 1) + ["softmax"]
    specs = split_specs(given) if isinstance(given, str) else [given] if isinstance(given, Activation) else list(given)
    functions = [get(spec.strip()) if isinstance(spec, str) else spec for spec in specs]
    if len(functions) == 1:
        return functions * count
    if len(functions) != count:
        raise ValueError(f"there are {len(functions)} activations for {count} layers; give one, or one per layer")
    return functions


def _through(activation: Activation | None, before: Array, gradient: Array) -> Array:
    """The gradient with respect to the argument of an activation, from that with respect to its result."""
    if activation is None:
        return gradient
    if not activation.is_row:
        carried: Array = gradient * activation.fast.slope(before)
        return carried
    return through_rows(activation, before, gradient)


def dense_sizes(arrays: Sequence[Array]) -> list[int]:
    """The sizes of the input and of the dense layers with these weights.

    Raises ValueError for weights that are not a matrix, or if `arrays` is empty.
    """
    for number, weights in enumerate(arrays, 1):
        if weights.ndim != 2:
            raise ValueError(
                f"the weights of layer {number} have {weights.ndim} dimensions; say what the layers are with --layers, "
                'or give several as {"W1": [[...]], "W2": [[...]]}'
            )
    if not arrays:
        raise ValueError("there are no layers")
    return [arrays[0].shape[0], *(weights.shape[1] for weights in arrays)]


def _fitted(weights: Array, shape: Shape, position: int) -> Array:
    """`weights` in the layer's `shape`; those of a convolution may be flat, or a single kernel as a matrix."""
    if weights.shape == shape:
        return weights
    if len(shape) > 2 and weights.size == math.prod(shape) and (weights.ndim < 2 or shape[2] == shape[3] == 1):
        return weights.reshape(shape)
    given, expected = ("x".join(map(str, s)) or "a single number" for s in (weights.shape, shape))
    if len(shape) > 2 or weights.ndim != 2:
        raise ValueError(f"layer {position} expects weights {expected}, the given ones are {given}")
    before = f"layer {position - 1} gives" if position > 1 else "the network's input has"
    hint = "; has the file one row per neuron (--transposed)?" if weights.shape == shape[::-1] else ""
    if weights.shape[0] != shape[0]:
        raise ValueError(f"layer {position} expects {weights.shape[0]} inputs, {before} {shape[0]}{hint}")
    raise ValueError(f"layer {position} has {shape[1]} units, its weights are for {weights.shape[1]}{hint}")


def _biases(biases: Array | None, weights: Array, layer: Layer, position: int) -> Array:
    """The biases of a layer as a vector, empty without biases; raises ValueError for a wrong number."""
    units = math.prod(layer.bias_shape)
    if biases is None:
        return np.empty(0, weights.dtype)
    if biases.size != units:
        fits = weights.ndim == 2 and biases.size == weights.shape[0] and biases.size > 1
        hint = "; are the weights one row per neuron (--transposed)?" if fits else ""
        raise ValueError(f"layer {position} has {units} units, but {biases.size} biases{hint}")
    return biases.reshape(units)
