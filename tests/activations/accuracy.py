"""Measurement of accuracy: the points, and the distance in ulp."""

from __future__ import annotations

import contextlib

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation, SpecError, get

Array = NDArray[np.float64]

# Where exp, exp(x^2), cosh, tanh and the like overflow, underflow or saturate.
_THRESHOLDS = (
    5.9,
    6.6,
    18.4,
    19.06,
    20.0,
    26.6,
    27.3,
    36.7,
    37.6,
    38.5,
    354.9,
    372.6,
    700.0,
    708.4,
    709.8,
    744.4,
    745.1,
)
_SPECIALS = (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 2.2250738585072014e-308, 1.7e308, -1.7e308)


def points(activation: Activation, seed: int = 0, n: int = 400) -> Array:
    """Points of all kinds: n uniform in +-40, n log-spaced of both signs, and clusters at critical places."""
    rng = np.random.default_rng(seed)
    sizes = 10 ** rng.uniform(-320, 300, n)
    parts = [
        np.array(_SPECIALS),
        rng.uniform(-40, 40, n),
        rng.uniform(-4, 4, n),
        sizes[: n // 2],
        -sizes[n // 2 :],
    ]
    for threshold in _THRESHOLDS:
        parts += [sign * (threshold + rng.uniform(-0.5, 0.5, 4)) for sign in (1, -1)]
    coarse = np.linspace(-10, 10, 801)
    for order in (0, 1):
        parts += [zero * (1 + 10.0 ** -np.arange(1, 17)) for zero in _sign_changes(activation, coarse, order)[:6]]
    for kink in activation.kinks:
        step = 10.0 ** rng.uniform(-16, 0, 8)
        parts += [np.array([kink, np.nextafter(kink, np.inf), np.nextafter(kink, -np.inf)]), kink + step, kink - step]
    return np.concatenate(parts)


def other_settings(name: str, count: int = 3) -> list[str]:
    """SPECs of a function with parameters other than the defaults; empty for a function without parameters."""
    rng = np.random.default_rng(len(name))
    activation, found = get(name), []
    defaults = {key: value for key, value in activation.parameters.items() if key != "seed"}
    while defaults and len(found) < count:
        moved = {
            key: round((value if np.isfinite(value) else 5.0) * rng.uniform(0.2, 2) + rng.uniform(-0.5, 0.5), 3)
            for key, value in defaults.items()
        }
        with contextlib.suppress(SpecError):
            found.append(activation.bind(**moved).spec)
    return found


def _sign_changes(activation: Activation, grid: Array, order: int) -> list[float]:
    values = np.sign(activation.truth.values(grid.copy(), order))
    return [float(grid[i]) for i in np.flatnonzero(values[:-1] * values[1:] < 0)]


def ulps(got: Array, right: Array) -> Array:
    """Distances in ulp from the correctly rounded results; infinite for a wrong special value or sign of zero."""
    with np.errstate(all="ignore"):
        distance = np.abs(got - right) / np.spacing(np.abs(right))
    same = (got == right) | (np.isnan(got) & np.isnan(right))
    distance = np.where(same, 0.0, np.where(np.isnan(distance), np.inf, distance))
    zero_sign = same & (right == 0) & (np.signbit(got) != np.signbit(right))
    return np.where(zero_sign, np.inf, distance)


def errors(activation: Activation, x: Array, order: int) -> Array:
    """The distances of the results at x from the correctly rounded ones, in ulp."""
    function = (activation, activation.slope, activation.second)[order]
    got, right = np.asarray(function(x)), np.asarray(activation.exact(x, order))
    undefined = x[np.isnan(right) & np.isfinite(x)]
    if undefined.size and activation.spec == activation.name:
        raise ValueError(f"{activation.name} has no value at {undefined[0]!r}")
    return ulps(got, right)
