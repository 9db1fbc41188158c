"""Formulas of + - * / and comparisons in fractions: balls alone take long to show that such a result is a float64."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

OPERATIONS: Mapping[str, Callable[..., Any]] = {
    **{op: getattr(operator, op) for op in ("add", "sub", "mul", "neg", "abs", "lt", "le", "gt", "ge", "eq", "ne")},
    "div": operator.truediv,
    "max": max,
    "min": min,
    "clip": lambda x, low, high: min(max(x, low), high),
    "where": lambda condition, a, b: a if condition else b,
}


@cache
def exact_parameter(value: float) -> Fraction:
    """What a parameter means: 1/6, where 0.16666666666666666 can only stand for that, else the float64 itself."""
    short = Fraction(value).limit_denominator(64)
    return short if short.denominator % 3 == 0 and float(short) == value else Fraction(value)


def value(
    steps: Sequence[tuple[str, tuple[int, ...], str]], x: float, parameters: Mapping[str, float]
) -> Fraction | None:
    """What the steps of a tape come to at x, None where another operation is among them or there is no finite number.

    >>> value([("name", (), "x"), ("name", (), "slope"), ("mul", (0, 1), "")], 3.0, {"slope": 1 / 6})
    Fraction(1, 2)
    """
    slots: list[Any] = []
    try:
        for op, args, text in steps:
            if args:
                slots.append(OPERATIONS[op](*(slots[i] for i in args)))
            else:
                slots.append(Fraction(x) if text == "x" else _constant(text, parameters))
    except (KeyError, ZeroDivisionError, ValueError, OverflowError):
        return None
    result: Fraction = slots[-1]
    return result


def _constant(text: str, parameters: Mapping[str, float]) -> Fraction:
    return exact_parameter(parameters[text]) if text in parameters else Fraction(float(text))
