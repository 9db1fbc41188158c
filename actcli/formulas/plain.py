"""Plain float64: the operations of the grammar without an error bound, where an error of a few ulp does not matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from actcli.formulas import precise, primitives
from actcli.formulas.bounded import Pair
from actcli.formulas.primitives import Array


def _rounded(op: str, x: Array) -> Array:
    """A function of precise.py, rounded to one float64."""
    high, low, *_ = precise.LAST[op](Pair(np.atleast_1d(x)))
    values: Array = high + low
    return values


OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "pow": np.power,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "where": np.where,
    "max": np.maximum,
    "min": np.minimum,
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "abs": np.abs,
    "sign": np.sign,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "sin": np.sin,
    "cos": np.cos,
    "atan": np.arctan,
    "floor": np.floor,
    **{op: partial(_rounded, op) for op in ("erf", "erfc")},
    "sigmoid": primitives.sigmoid,
    "softplus": primitives.softplus,
}


def apply(op: str, parts: Sequence[Any]) -> Any:
    """The result of an operation of the grammar on float64 arrays."""
    return OPERATIONS[op](*parts)
