"""Hand-set neurons: the state of a chain of neurons, and the pairs of ReLU neurons whose sum is a sine."""

from __future__ import annotations

import numpy as np

from actcli.formulas.primitives import Array

#: (weight, bias) of each neuron of a chain, first to last.
State = tuple[tuple[float, float], ...]


def sine_pairs(pairs: int) -> dict[str, Array]:
    """Weights of a 1-2N-1 ReLU network that approximates sin(2πx) on 0..1 with N pairs of neurons.

    Pair k has a neuron that rises from x = k/N on and a neuron that falls as fast from (k+1)/N on, which makes a ramp
    between these x and a constant after them. The ramp rises as much as the sine does there, so the sum of the ramps is
    the piecewise linear interpolant of the sine at k/N. Keys W1 (1, 2N), b1 (2N,), W2 (2N, 1), b2 (1,), as
    `forward --weights` reads them, with activations relu and identity.

    >>> {name: array.shape for name, array in sine_pairs(3).items()}
    {'W1': (1, 6), 'b1': (6,), 'W2': (6, 1), 'b2': (1,)}
    """
    if not 1 <= pairs <= 500:
        raise ValueError(f"--pairs {pairs} is out of range; from 1 to 500 pairs of neurons")
    knots = np.arange(pairs + 1) / pairs
    steepness = np.diff(np.sin(2 * np.pi * knots)) * pairs
    starts = np.stack([knots[:-1], knots[1:]], axis=1).reshape(-1)
    return {
        "W1": np.ones((1, 2 * pairs)),
        "b1": 0.0 - starts,
        "W2": np.stack([steepness, -steepness], axis=1).reshape(-1, 1),
        "b2": np.zeros(1),
    }
