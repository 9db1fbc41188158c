"""Smooth relatives of the rectifier: exponential tails, gates by a sigmoid or by the normal distribution."""

from __future__ import annotations

import numpy as np

from actcli.activations import primitives
from actcli.activations.registry import Array, activation

# scale*alpha of selu as a head of 26 bits and a tail, so that the product with expm1 is rounded once
SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


@activation("where(x > 0, x, alpha*expm1(x))", source="Clevert, Unterthiner & Hochreiter 2015, arXiv:1511.07289", kinks="0")
def elu(x: Array, *, alpha: float = 1.0) -> Array:
    """Exponential linear unit: the identity above 0, saturating at -alpha below."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


@elu.slope
def _(x: Array, *, alpha: float) -> Array:
    return np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0)))


@activation("softplus(beta*x)/beta", source="Dugas et al. 2001; Glorot et al. 2011", domain=("beta > 0",))
def softplus(x: Array, *, beta: float = 1.0) -> Array:
    """The smooth rectifier: log(1 + exp(x))."""
    return primitives.softplus(beta * x) / beta


@softplus.slope
def _(x: Array, *, beta: float) -> Array:
    return primitives.sigmoid(beta * x)


@activation("x*sigmoid(beta*x)", source="Elfwing et al. 2017; Ramachandran et al. 2017, arXiv:1710.05941", aliases=("silu",))
def swish(x: Array, *, beta: float = 1.0) -> Array:
    """The input, gated by its own sigmoid."""
    return x * primitives.sigmoid(beta * x)


@activation("x/2*erfc(-x/sqrt(2))", source="Hendrycks & Gimpel 2016, arXiv:1606.08415")
def gelu(x: Array) -> Array:
    """Gaussian error linear unit: the input times the normal distribution function."""
    a = np.abs(x)
    tail = primitives.exp_of_minus_square(x, 0.5) * primitives.scaled_erfc(a)
    return np.where(x < 0, x * tail, x - x * tail)


@activation("x*tanh(softplus(x))", source="Misra 2019, arXiv:1908.08681")
def mish(x: Array) -> Array:
    """The input times tanh(softplus(x))."""
    e = np.exp(-np.abs(x))
    up = x * (1.0 + 2.0 * e) / (1.0 + 2.0 * e + 2.0 * e * e)
    down = x * e * (e + 2.0) / (e * e + 2.0 * e + 2.0)
    return np.where(x > 0, up, down)
