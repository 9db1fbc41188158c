"""Every operation of the grammar on pairs of float64, each with a bound on its error: the faithful tier.

Arithmetic is in bounded.py, library functions in exponential.py and curves.py. They use no library function of numpy,
only IEEE operations, whole numbers and tables: their bits are the same on every processor. Each finds the nearest node
of its table, and what is left of its argument is so small that a few terms of a series, in plain float64, do.
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
    """Small whole powers by products, a half by the root; else exp(b log a), where a is positive."""
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
    """The same numbers with an array for the high part, as constants of a formula are plain numbers."""
    return a if isinstance(a.high, np.ndarray) else a._replace(high=np.atleast_1d(np.float64(a.high)))


def _on_arrays(function: Callable[[Pair], Pair]) -> Callable[[Pair], Pair]:
    return lambda a: function(_arrays(a))


def _tidied(function: Callable[[Pair], Pair]) -> Callable[[Pair], Pair]:
    return lambda a: tidy(function(_arrays(a)))


#: These return sums of two parts that may overlap.
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

#: Each operation of the grammar on pairs.
OPERATIONS: dict[str, Callable[..., Any]] = {
    **bounded.OPERATIONS,
    **{name: _on_arrays(function) for name, function in _FUNCTIONS.items()},
    **{name: _tidied(function) for name, function in _SUMS.items()},
    "pow": _pow,
}

#: The same for the last operation of a formula, which is rounded next: the parts of its result may overlap.
LAST: dict[str, Callable[..., Any]] = {
    **OPERATIONS,
    **{name: _on_arrays(function) for name, function in _SUMS.items()},
    "mul": partial(mul, is_last=True),
}
