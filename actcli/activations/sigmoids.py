"""S-shaped functions: smooth or straight, from one plateau to another."""

from __future__ import annotations

import numpy as np

from actcli.activations import primitives
from actcli.activations.registry import Array, activation


@activation("sigmoid(x)", source="Verhulst 1845; Rumelhart, Hinton & Williams 1986", aliases=("logistic", "expit"))
def sigmoid(x: Array) -> Array:
    """The logistic curve, from 0 to 1."""
    return primitives.sigmoid(x)


sigmoid.slope(primitives.sigmoid_slope)


@activation("tanh(x)", source="LeCun, Bottou, Orr & Müller 1998")
def tanh(x: Array) -> Array:
    """The hyperbolic tangent, from -1 to 1."""
    return np.tanh(x)


tanh.slope(primitives.tanh_slope)


@activation("x/(1+abs(x))", source="Elliott 1993; Turian et al. 2009")
def softsign(x: Array) -> Array:
    """An S curve that approaches its limits slowly, like 1/x."""
    a = np.abs(x)
    return np.where(np.isinf(x), np.sign(x), x / (1.0 + a))


@softsign.slope
def _(x: Array) -> Array:
    s = 1.0 + np.abs(x)
    return (1.0 / s) / s  # s*s would overflow


@activation(
    "clip(slope*x + offset, 0, 1)",
    source="Courbariaux, Bengio & David 2015; slope 1/6: Howard et al. 2019",
    kinks="-offset/slope, (1-offset)/slope",
    domain=("slope > 0",),
)
def hard_sigmoid(x: Array, *, slope: float = 1 / 6, offset: float = 0.5) -> Array:
    """A straight line from 0 to 1, in place of the logistic curve."""
    return np.minimum(np.maximum(slope * x + offset, 0.0), 1.0)


@hard_sigmoid.slope
def _(x: Array, *, slope: float, offset: float) -> Array:
    inside = (x > -offset / slope) & (x < (1.0 - offset) / slope)
    return np.where(np.isnan(x), x, np.where(inside, slope, 0.0))
