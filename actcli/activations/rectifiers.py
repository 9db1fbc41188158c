"""Piecewise functions around the rectifier: straight, clipped, leaky, thresholded, shrinking."""

from __future__ import annotations

import numpy as np

from actcli.activations.registry import Array, activation


@activation("x", source="the linear unit", aliases=("linear",))
def identity(x: Array) -> Array:
    """The input, unchanged."""
    return x


@identity.slope
def _(x: Array) -> Array:
    return np.where(np.isnan(x), x, 1.0)


@activation("where(x > 0, 1, 0)", source="McCulloch & Pitts 1943; Rosenblatt 1958", kinks="0", aliases=("binary_step",))
def step(x: Array) -> Array:
    """Fires (1) above 0 and is silent (0) at 0 and below."""
    return np.where(np.isnan(x), x, x > 0)


@step.slope
def _(x: Array) -> Array:
    return np.where(np.isnan(x), x, 0.0)


@activation("max(x, 0)", source="Fukushima 1969; Nair & Hinton 2010; Glorot et al. 2011", kinks="0")
def relu(x: Array) -> Array:
    """Rectified linear unit: passes what is positive, blocks the rest."""
    return np.maximum(x, 0.0)


@relu.slope
def _(x: Array) -> Array:
    return np.where(np.isnan(x), x, x > 0)


@activation("min(max(x, 0), 6)", source="Krizhevsky 2010", kinks="0, 6")
def relu6(x: Array) -> Array:
    """A rectifier that saturates at 6."""
    return np.minimum(np.maximum(x, 0.0), 6.0)


@relu6.slope
def _(x: Array) -> Array:
    return np.where(np.isnan(x), x, (x > 0) & (x < 6))


@activation("where(x >= 0, x, negative_slope*x)", source="Maas, Hannun & Ng 2013", kinks="0")
def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> Array:
    """A rectifier that lets a little of the negative side through."""
    return np.where(x >= 0, x, negative_slope * x)


@leaky_relu.slope
def _(x: Array, *, negative_slope: float) -> Array:
    return np.where(np.isnan(x), x, np.where(x > 0, 1.0, negative_slope))


@activation("clip(x, min_val, max_val)", source="Collobert 2004", kinks="min_val, max_val", domain=("min_val < max_val",))
def hard_tanh(x: Array, *, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    """The identity, cut off on both sides."""
    return np.minimum(np.maximum(x, min_val), max_val)


@hard_tanh.slope
def _(x: Array, *, min_val: float, max_val: float) -> Array:
    return np.where(np.isnan(x), x, (x > min_val) & (x < max_val))
