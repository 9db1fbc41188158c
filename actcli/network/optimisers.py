"""Optimisers, which change the parameters by the gradient of each step.

The rate of step t (from 0) is rate / (1 + decay·t). All but AdamW are the NNFS book's, with its names, its defaults and
its operations in its order. Float32 results are therefore the book's bit for bit, although computed in place.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from actcli.network.layers import Array
from actcli.spelling import did_you_mean, fold

State = list[Array]


@dataclass(frozen=True)
class Optimiser:
    """The base of all optimisers: a rate and its decay.

    `kept` is the number of arrays of the parameters' shape that are kept between steps.
    """

    kept: ClassVar[int]
    rate: float = 1.0
    decay: float = 0.0

    def rate_at(self, step: int) -> float:
        """The rate of a step; the first step is 0.

        >>> Sgd(decay=0.01).rate_at(99)
        0.5025125628140703
        """
        return self.rate * (1.0 / (1.0 + self.decay * step))

    def start(self, gradient: Array) -> State:
        """The initial state for gradients of this shape and type: the kept arrays, and two for intermediate results."""
        return [np.zeros_like(gradient) for _ in range(self.kept + 2)]

    def update(self, parameters: Array, gradient: Array, state: State, step: int) -> None:
        """Change `parameters` and `state` in place by one step."""
        raise NotImplementedError


@dataclass(frozen=True)
class Sgd(Optimiser):
    """Stochastic gradient descent with momentum."""

    kept: ClassVar[int] = 1
    momentum: float = 0.0

    def update(self, parameters: Array, gradient: Array, state: State, step: int) -> None:
        velocity, change, _ = state
        np.multiply(gradient, self.rate_at(step), out=change)
        if self.momentum:
            velocity *= self.momentum
            velocity -= change
            np.add(parameters, velocity, out=parameters, casting="same_kind")
        else:
            np.subtract(parameters, change, out=parameters, casting="same_kind")


@dataclass(frozen=True)
class AdaGrad(Optimiser):
    """A rate for each parameter, divided by the root of the sum of its squared gradients."""

    kept: ClassVar[int] = 1
    epsilon: float = 1e-7

    def update(self, parameters: Array, gradient: Array, state: State, step: int) -> None:
        cache, change, root = state
        np.multiply(gradient, gradient, out=change)
        cache += change
        np.multiply(gradient, -self.rate_at(step), out=change)
        _divide_by_root(change, cache, root, self.epsilon)
        np.add(parameters, change, out=parameters, casting="same_kind")


@dataclass(frozen=True)
class RmsProp(Optimiser):
    """A rate for each parameter, divided by the root of a moving average of its squared gradients."""

    kept: ClassVar[int] = 1
    rate: float = 0.001
    epsilon: float = 1e-7
    rho: float = 0.9

    def update(self, parameters: Array, gradient: Array, state: State, step: int) -> None:
        cache, change, root = state
        _average_squares(cache, gradient, self.rho, change)
        np.multiply(gradient, -self.rate_at(step), out=change)
        _divide_by_root(change, cache, root, self.epsilon)
        np.add(parameters, change, out=parameters, casting="same_kind")


@dataclass(frozen=True)
class Adam(Optimiser):
    """Momentum and a rate for each parameter, with a correction of both averages for their start at 0."""

    kept: ClassVar[int] = 2
    rate: float = 0.001
    epsilon: float = 1e-7
    beta_1: float = 0.9
    beta_2: float = 0.999

    def update(self, parameters: Array, gradient: Array, state: State, step: int) -> None:
        momentum, cache, change, root = state
        momentum *= self.beta_1
        np.multiply(gradient, 1 - self.beta_1, out=change)
        momentum += change
        _average_squares(cache, gradient, self.beta_2, change)
        np.divide(momentum, 1 - self.beta_1 ** (step + 1), out=change)
        np.divide(cache, 1 - self.beta_2 ** (step + 1), out=root)
        change *= -self.rate_at(step)
        _divide_by_root(change, root, root, self.epsilon)
        np.add(parameters, change, out=parameters, casting="same_kind")


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay: every step first multiplies the parameters by 1 - rate·weight_decay."""

    weight_decay: float = 0.01

    def update(self, parameters: Array, gradient: Array, state: State, step: int) -> None:
        parameters *= 1 - self.rate_at(step) * self.weight_decay
        super().update(parameters, gradient, state, step)


def _average_squares(cache: Array, gradient: Array, share: float, work: Array) -> None:
    cache *= share
    np.multiply(gradient, gradient, out=work)
    work *= 1 - share
    cache += work


def _divide_by_root(change: Array, cache: Array, work: Array, epsilon: float) -> None:
    np.sqrt(cache, out=work)
    work += epsilon
    change /= work


#: The optimisers by their names in `--optimizer`.
OPTIMISERS: dict[str, type[Optimiser]] = {
    "sgd": Sgd,
    "adagrad": AdaGrad,
    "rmsprop": RmsProp,
    "adam": Adam,
    "adamw": AdamW,
}

#: The condition on each parameter, in words and as a predicate.
_DOMAINS: dict[str, tuple[str, Callable[[float], bool]]] = {
    "rate": ("above 0", lambda value: value > 0),
    "decay": ("at least 0", lambda value: value >= 0),
    "epsilon": ("at least 0", lambda value: value >= 0),
    "weight_decay": ("at least 0", lambda value: value >= 0),
    "momentum": ("from 0 to below 1", lambda value: 0 <= value < 1),
    "rho": ("from 0 to below 1", lambda value: 0 <= value < 1),
    "beta_1": ("from 0 to below 1", lambda value: 0 <= value < 1),
    "beta_2": ("from 0 to below 1", lambda value: 0 <= value < 1),
}


def parameters(kind: type[Optimiser]) -> dict[str, float]:
    """The parameters of an optimiser with their defaults.

    >>> parameters(Sgd)
    {'rate': 1.0, 'decay': 0.0, 'momentum': 0.0}
    """
    return {field.name: float(field.default) for field in dataclasses.fields(kind)}  # type: ignore[arg-type]


def optimiser(spec: str) -> Optimiser:
    """The optimiser that `spec` names: a name of `OPTIMISERS`, then optionally "@rate=0.05,decay=5e-7".

    Raises ValueError naming the wrong part and what was expected.

    >>> optimiser("adam@rate=0.05,decay=5e-7")
    Adam(rate=0.05, decay=5e-07, epsilon=1e-07, beta_1=0.9, beta_2=0.999)
    """
    name, _, options = spec.strip().partition("@")
    kind = {fold(known): kind for known, kind in OPTIMISERS.items()}.get(fold(name))
    if kind is None:
        near = did_you_mean(name, OPTIMISERS, 1) or f"; there are {', '.join(OPTIMISERS)}"
        raise ValueError(f"unknown optimizer {name!r}{near}")
    known, given = parameters(kind), {}
    for option in filter(None, options.split(",")):
        key, _, text = (part.strip() for part in option.partition("="))
        if key not in known:
            near = did_you_mean(key, known) or f"; it takes {', '.join(known)}"
            raise ValueError(f"optimizer {spec!r}: {name} has no {key!r}{near}")
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"optimizer {spec!r}: {key} is a number, not {text!r}") from None
        words, holds = _DOMAINS[key]
        if not (math.isfinite(value) and holds(value)):
            raise ValueError(f"optimizer {spec!r}: {key} must be {words}, not {text}")
        given[key] = value
    return kind(**given)
