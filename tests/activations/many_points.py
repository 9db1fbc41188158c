"""The bar at millions of points for the functions that most frameworks have. Run by hand, takes minutes:

python -m tests.activations.many_points [N]

A longdouble of 64 bits finds each result that could be further than 1 ulp from the truth; ball arithmetic has the last
word. Functions that numpy does not have for longdouble, as erf, are compared with ball arithmetic at fewer points.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation, frameworks, get, names
from actcli.formulas import plain
from actcli.formulas.formula import bounded_parameter, play
from tests.activations.accuracy import ulps

Array = NDArray[np.float64]
Long = NDArray[np.longdouble]

#: How many times fewer points ball arithmetic gets.
FEWER = 200
CHUNK = 1 << 20

OPERATIONS: Mapping[str, Callable[..., Any]] = {
    **{op: function for op, function in plain.OPERATIONS.items() if op not in ("erf", "erfc")},
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "softplus": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
}


def shipped_most(count: int = 25) -> list[str]:
    """The elementwise functions with the most names in frameworks."""
    have = Counter(name for name, _ in {(get(row.function).name, row.framework) for row in frameworks.rows()})
    return [name for name, _ in have.most_common() if name in names() and not get(name).is_row][:count]


def estimate(activation: Activation, x: Array, order: int) -> Long | None:
    """The formula in longdouble; None where it has a function that numpy lacks there."""
    steps = activation.truth._steps(order)
    if any(op not in (*OPERATIONS, "name", "number") for op, _, _ in steps):
        return None

    def leaf(text: str) -> Any:
        if text in activation.parameters:
            high, low, *_ = bounded_parameter(activation.parameters[text])
            return np.longdouble(high) + low
        known = {"x": x.astype(np.longdouble), "pi": 4 * np.arctan(np.longdouble(1))}
        return known[text] if text in known else np.longdouble(float(text))

    with np.errstate(all="ignore"):
        value = play(steps, leaf, lambda op, parts: OPERATIONS[op](*parts))
    return np.broadcast_to(value, x.shape)


def worst(activation: Activation, x: Array, order: int) -> tuple[float, int]:
    """The largest error at x in ulp of the float64 results, and for how many of them balls had to be asked."""
    results = np.asarray((activation, activation.slope, activation.second)[order](x))
    near = estimate(activation, x, order)
    doubtful, largest = np.arange(len(x)), 0.0
    if near is not None:
        with np.errstate(all="ignore"):
            error = (np.abs(results - near) / np.spacing(np.abs(results))).astype(np.float64)
        sure = error < 0.95
        largest = float(error[sure].max(initial=0.0))
        doubtful = np.flatnonzero(~sure)
    else:
        doubtful = doubtful[::FEWER]
    if doubtful.size:
        right = np.asarray(activation.exact(x[doubtful], order))
        largest = max(largest, float(ulps(results[doubtful] + 0.0, right + 0.0).max()))
    return largest, doubtful.size


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    rng = np.random.default_rng(17)
    for name in shipped_most():
        for order, what in enumerate(("value", "slope", "second derivative")):
            found = [
                worst(get(name), np.where(rng.random(size) < 0.5, 4.0, 30.0) * rng.normal(size=size), order)
                for size in np.diff([*range(0, count, CHUNK), count])
            ]
            largest, asked = max(one[0] for one in found), sum(one[1] for one in found)
            print(f"{name:20} {what:17}  {largest:.4f} ulp, {asked:,} by balls", flush=True)
