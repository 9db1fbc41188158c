"""Every operation of the grammar on pairs of float64 with an error bound: the basis of the faithful tier.

Arithmetic is in bounded.py, library functions in exponential.py and curves.py. They use no library function of numpy,
only IEEE operations, integers and tables, so that their bits are the same on every processor. Each function finds the
nearest node of its table; the distance from it is so small that a few terms of a series in plain float64 suffice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from actcli.formulas import bounded, curves, exponential
from actcli.formulas.bounded import Pair, choose, div, error, is_exact, mul, nothing, sqrt, tidy, whole_power

_ONE = Pair(1.0)


def _pow(a: Pair, b: Pair) -> Pair:
    """a**b by products for integers |b| <= 16, by sqrt for 1/2, else exp(b log a), with an infinite bound for a < 0."""
    if isinstance(b.high, float) and nothing(b.low) and is_exact(b):
        if b.high == 0.5:
            return sqrt(a)
        if b.high.is_integer() and 1 <= abs(b.high) <= 16:
            power = whole_power(a, int(abs(b.high)))
            return power if b.high > 0 else div(_ONE, power)
    slack = error(a)
    positive = a.high > slack
    power = exponential.exp(mul(_arrays(b), exponential.log(_arrays(choose(positive, a, _ONE)))))
    if np.all(positive):
        return power
    zero = (a.high == 0) & (slack == 0) & (b.high > error(b))
    bound = np.where(positive, power.bound, np.where(zero, 0.0, np.inf))
    return Pair(np.where(zero, 0.0, power.high), np.where(zero, 0.0, power.low), bound, power.relative)


def _arrays(a: Pair) -> Pair:
    """The same numbers with an array for the high part, which is a float for constants of a formula."""
    return a if isinstance(a.high, np.ndarray) else a._replace(high=np.atleast_1d(np.float64(a.high)))


def _on_arrays(function: Callable[[Pair], Pair]) -> Callable[[Pair], Pair]:
    return lambda a: function(_arrays(a))


def _tidied(function: Callable[[Pair], Pair]) -> Callable[[Pair], Pair]:
    return lambda a: tidy(function(_arrays(a)))


#: Functions that return pairs whose parts may overlap.
_SUMS = {
    "sigmoid": exponential.sigmoid,
    "softplus": exponential.softplus,
    "tanh": curves.tanh,
    "erf": curves.erf,
    "erfc": curves.erfc,
}
_FUNCTIONS = {
    "exp": exponential.exp,
    "expm1": exponential.expm1,
    "log": exponential.log,
    "log1p": exponential.log1p,
    "sinh": exponential.sinh,
    "cosh": exponential.cosh,
    "sin": curves.sin,
    "cos": curves.cos,
    "atan": curves.atan,
}

#: The operations of the grammar on pairs.
OPERATIONS: dict[str, Callable[..., Any]] = {
    **bounded.OPERATIONS,
    **{name: _on_arrays(function) for name, function in _FUNCTIONS.items()},
    **{name: _tidied(function) for name, function in _SUMS.items()},
    "pow": _pow,
}

#: The operations for the last step of a formula: the parts of the result may overlap, as it is rounded next.
LAST: dict[str, Callable[..., Any]] = {
    **OPERATIONS,
    **{name: _on_arrays(function) for name, function in _SUMS.items()},
    "mul": partial(mul, is_last=True),
}
