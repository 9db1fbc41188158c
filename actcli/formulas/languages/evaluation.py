"""Float64 evaluation of trees of the neutral form, by which programs are tested before they are written."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from actcli.formulas.formula import Step, play, tape
from actcli.formulas.grammar import Node
from actcli.formulas.languages.kernels import KERNELS
from actcli.formulas.plain import OPERATIONS
from actcli.formulas.primitives import Array


@cache
def _steps(node: Node) -> list[Step]:
    return tape(node)


def evaluate(node: Node, x: Array) -> Array:
    """The values of a tree at every x.

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
        return OPERATIONS[op](*parts)

    return play(_steps(node), lambda text: known[text] if text in known else np.float64(text), apply)
