"""What a tree of the neutral form gives in float64: how a program is tried before it is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from actcli.formulas import primitives
from actcli.formulas.formula import Step, play, tape
from actcli.formulas.grammar import Node
from actcli.formulas.languages.kernels import KERNELS
from actcli.formulas.primitives import Array

_OPERATIONS: dict[str, Callable[..., Any]] = {
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
    "abs": np.abs,
    "atan": np.arctan,
    "erf": primitives.erf,
    "erfc": primitives.erfc,
    **{
        name: getattr(np, name)
        for name in ("exp", "expm1", "log", "log1p", "sqrt", "tanh", "sinh", "cosh", "sin", "cos")
    },
}


@cache
def _steps(node: Node) -> list[Step]:
    return tape(node)


def evaluate(node: Node, x: Array) -> Array:
    """The tree's values at every x.

    >>> from actcli.formulas.grammar import parse
    >>> evaluate(parse("x*x"), np.array([3.0]))
    array([9.])
    """
    with np.errstate(all="ignore"):
        values: Array = np.broadcast_to(_value(node, {"x": x}), x.shape)
    return values


def _value(node: Node, known: dict[str, Any]) -> Any:
    def apply(op: str, parts: list[Any]) -> Any:
        if op in KERNELS:
            kernel = KERNELS[op]
            return _value(kernel.root, dict(zip(kernel.parameters, parts, strict=True)))
        return _OPERATIONS[op](*parts)

    return play(_steps(node), lambda text: known[text] if text in known else np.float64(text), apply)
