"""A note that an infinite result of a user's formula is an overflow and not a pole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actcli.cli.options import note

if TYPE_CHECKING:
    from actcli.activations import Activation

#: The most infinite results of a block that are checked, as each check takes ball arithmetic.
_FEW = 8


def first_beyond(function: Activation, x: Any, values: Any, order: int) -> float | None:
    """The first of the numbers x at which the value is infinite but the true value is finite, None if there is none."""
    import numpy as np

    from actcli.formulas.balls import Missing, nearest

    infinite = np.isinf(values)
    if not infinite.any():
        return None
    for number in x[infinite & np.isfinite(x)][:_FEW].tolist():
        if not isinstance(function.truth.settle(number, order, nearest), Missing):
            return float(number)
    return None


def say_beyond(function: Activation, x: float, order: int, dtype: str) -> None:
    """Add a note about the overflow at x."""
    what = ("", "the slope of ", "the second derivative of ")[order]
    note(f"{what}{function.spec} is finite at x = {x!r} and too large for {dtype}: inf stands for it")
