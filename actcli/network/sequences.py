"""Layers for sequences (rows, length, features): embeddings of integers, LSTM, and the mean over the sequence."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from actcli.activations import Activation, get
from actcli.network.layers import NOTHING, Array, MisfitError, Pass, Shape, Unweighted
from actcli.network.nonlinearities import Nonlinearity, nonlinearity


@dataclass(frozen=True)
class Embedding:
    """Row W[i] for every integer i of the input: (rows, length) gives (rows, length, features)."""

    takes_activation: ClassVar[bool] = False
    bias_shape: ClassVar[Shape] = (0,)
    length: int
    vocabulary: int
    features: int

    @classmethod
    def of(cls, found: re.Match[str], shape: Shape) -> Embedding:
        if len(shape) > 1:
            raise MisfitError("takes a row of integers, but {gives} {shape}")
        vocabulary, features = int(found[1]), int(found[2])
        if not (vocabulary and features):
            raise MisfitError("has a size of 0; sizes start at 1")
        return cls(shape[0], vocabulary, features)

    @property
    def text(self) -> str:
        return f"embedding{self.vocabulary}:{self.features}"

    @property
    def input_shape(self) -> Shape:
        return (self.length,)

    @property
    def output_shape(self) -> Shape:
        return (self.length, self.features)

    @property
    def weight_shape(self) -> Shape:
        return (self.vocabulary, self.features)

    def forward(self, given: Pass) -> Array:
        batch = given.batch
        wrong = batch[~((batch >= 0) & (batch < self.vocabulary) & (batch == np.floor(batch)))]
        if wrong.size:
            raise ValueError(f"{self.text} takes integers from 0 to {self.vocabulary - 1}, not {wrong[0]:g}")
        found: Array = given.weights[batch.astype(np.intp)].astype(batch.dtype, copy=False)
        return found

    def backward(self, given: Pass, gradient: Array, *, first: bool = False) -> tuple[Array, Array, Array]:
        # The gradients of equal integers are added; sorting makes equal integers adjacent for reduceat.
        places = given.batch.astype(np.intp).reshape(-1)
        order = np.argsort(places, kind="stable")
        used, starts = np.unique(places[order], return_index=True)
        result = np.zeros(self.weight_shape, gradient.dtype)
        if len(used):
            result[used] = np.add.reduceat(gradient.reshape(-1, self.features)[order], starts, axis=0)
        return np.zeros(given.batch.shape, gradient.dtype), result, NOTHING


@dataclass(frozen=True)
class Lstm:
    """Hochreiter and Schmidhuber's LSTM with a forget gate; the output is the last state, or all with `sequence`.

    z = (x, h)·W + b has the columns of i, f, g and o in this order, as in Keras. A step is
    i, f, o = gate(z_i), gate(z_f), gate(z_o); c = f·c + i·cell(z_g); h = o·cell(c), from c = h = 0.
    """

    takes_activation: ClassVar[bool] = False
    length: int
    features: int
    units: int
    sequence: bool
    gate: Activation
    cell: Activation
    biased: bool = True

    @classmethod
    def of(cls, found: re.Match[str], shape: Shape) -> Lstm:
        length, features = sequence_shape(shape)
        if not int(found[1]):
            raise MisfitError("has a size of 0; sizes start at 1")
        chosen = {"gate": "sigmoid", "cell": "tanh"}
        for option in filter(None, (found[3] or "").split(",")):
            key, _, spec = option.partition("=")
            if key not in chosen:
                raise MisfitError(
                    f"has no {key!r}; it takes {' and '.join(chosen)}, such as @gate=hard_sigmoid,cell=tanh"
                )
            chosen[key] = spec
        gate, cell = get(chosen["gate"]), get(chosen["cell"])
        for activation in (gate, cell):
            if activation.is_row:
                raise MisfitError(f"takes functions of one number, not {activation.spec}, which works on rows")
        return cls(length, features, int(found[1]), found[2] is not None, gate, cell)

    @property
    def text(self) -> str:
        said = [f"{key}={one.spec}" for key, one, usual in self._functions if one.spec != usual]
        return f"lstm{self.units}{':sequence' * self.sequence}{'@' * bool(said)}{','.join(said)}"

    @property
    def _functions(self) -> tuple[tuple[str, Activation, str], ...]:
        return ("gate", self.gate, "sigmoid"), ("cell", self.cell, "tanh")

    @property
    def input_shape(self) -> Shape:
        return (self.length, self.features)

    @property
    def output_shape(self) -> Shape:
        return (self.length, self.units) if self.sequence else (self.units,)

    @property
    def weight_shape(self) -> Shape:
        return (self.features + self.units, 4 * self.units)

    @property
    def bias_shape(self) -> Shape:
        return (4 * self.units * self.biased,)

    def forward(self, given: Pass) -> Array:
        rows, n = len(given.batch), self.units
        inputs = given.batch.reshape(-1, self.features)
        h = np.zeros((rows, n), inputs.dtype)
        c = np.zeros((rows, n), inputs.dtype)
        # One product computes the share of the inputs for all steps; that of the states needs the previous step.
        fed = given.affine(inputs, given.weights[: self.features]).reshape(rows, self.length, 4 * n)
        states = np.empty((rows, self.length, n), inputs.dtype)
        steps = []
        for t in range(self.length):
            z = fed[:, t] + given.multiply(h, given.weights[self.features :])
            step = _Step(self, z, c)
            h, c = step.h, step.c
            states[:, t] = h
            if given.keeps:
                steps.append(step)
        if given.keeps:
            given.kept = steps, states
        return states if self.sequence else h

    def backward(self, given: Pass, gradient: Array, *, first: bool = False) -> tuple[Array, Array, Array]:
        if given.kept is None:
            given.keeps = True
            self.forward(given)
        steps, states = given.kept
        rows, n = len(given.batch), self.units
        recurrent = given.weights[self.features :].T
        sent = np.empty((rows, self.length, 4 * n), gradient.dtype)
        dh = np.zeros((rows, n), gradient.dtype) if self.sequence else gradient
        dc = np.zeros((rows, n), gradient.dtype)
        for t in reversed(range(self.length)):
            if self.sequence:
                dh = dh + gradient[:, t]
            dc = steps[t].back(dh, dc, sent[:, t])
            if t:
                dh = given.multiply(sent[:, t], recurrent)
        flat = sent.reshape(-1, 4 * n)
        before = np.zeros_like(states)
        before[:, 1:] = states[:, :-1]
        inputs = given.batch.reshape(-1, self.features)
        dw = np.concatenate([given.multiply(inputs.T, flat), given.multiply(before.reshape(-1, n).T, flat)])
        back = NOTHING if first else given.multiply(flat, given.weights[: self.features].T).reshape(given.batch.shape)
        return back, dw, given.biases_gradient(flat)


class _Step:
    """One step of an LSTM: the gates of a batch, and their backward pass."""

    def __init__(self, layer: Lstm, z: Array, c: Array) -> None:
        n = layer.units
        self.nonlinearities: list[Nonlinearity] = [
            nonlinearity(function) for function in (layer.gate, layer.gate, layer.cell, layer.gate, layer.cell)
        ]
        gates = [one.forward(z[:, k * n : (k + 1) * n]) for k, one in enumerate(self.nonlinearities[:4])]
        self.i, self.f, self.g, self.o = gates
        self.before = c
        self.c = self.f * c + self.i * self.g
        self.squashed = self.nonlinearities[4].forward(self.c.copy())
        self.h = self.o * self.squashed

    def back(self, dh: Array, dc: Array, out: Array) -> Array:
        """The gradient of the previous c from those of h and c; the gradient of z is written to `out`."""
        n = dh.shape[1]
        dc = dc + self.nonlinearities[4].backward(dh * self.o)
        sent = (dc * self.g, dc * self.before, dc * self.i, dh * self.squashed)
        for k, one in enumerate(sent):
            out[:, k * n : (k + 1) * n] = self.nonlinearities[k].backward(one)
        return dc * self.f


@dataclass(frozen=True)
class Mean(Unweighted):
    """The mean over a sequence: (rows, length, features) gives (rows, features)."""

    length: int
    features: int
    text: ClassVar[str] = "mean"

    @classmethod
    def of(cls, found: re.Match[str], shape: Shape) -> Mean:
        return cls(*sequence_shape(shape))

    @property
    def input_shape(self) -> Shape:
        return (self.length, self.features)

    @property
    def output_shape(self) -> Shape:
        return (self.features,)

    def forward(self, given: Pass) -> Array:
        mean: Array = given.batch.reshape(len(given.batch), self.length, self.features).mean(axis=1)
        return mean

    def back(self, given: Pass, gradient: Array) -> Array:
        shared = gradient / self.length
        return np.repeat(shared[:, None], self.length, axis=1).reshape(given.batch.shape)


def sequence_shape(shape: Shape) -> tuple[int, int]:
    """The (length, features) of a sequence; each row of an image is a step, with all its numbers as features."""
    if len(shape) < 2:
        raise MisfitError("needs a sequence, such as 28x28 or what an embedding gives, but {gives} {shape} numbers")
    return shape[0], math.prod(shape[1:])
