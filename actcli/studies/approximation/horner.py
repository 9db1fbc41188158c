"""Polynomials as formulas in Horner's form, which every language can express."""

from __future__ import annotations

from collections.abc import Sequence


def number(value: float) -> str:
    """A float64 as the shortest text that reads back as the same number.

    >>> number(2.0), number(0.1)
    ('2', '0.1')
    """
    text = repr(value)
    return text.removesuffix(".0")


def horner(coefficients: Sequence[float], x: str) -> str:
    """A polynomial in x with coefficients from the constant up, without terms whose coefficient is 0.

    >>> horner([0.5, 0.0, -2.0, 0.0, 1.5], "x")
    '(1.5*x**2-2)*x**2+0.5'
    >>> horner([0.0, 3.0], "x")
    '3*x'
    """
    powers = [k for k, c in enumerate(coefficients) if c]
    if not powers:
        return "0"
    at = powers.pop()
    text = number(coefficients[at])
    bare = True
    while at:
        to = powers.pop() if powers else 0
        factor = f"{x}**{at - to}" if at - to > 1 else x
        text = factor if text == "1" else f"{text if bare else f'({text})'}*{factor}"
        bare = not coefficients[to]
        if not bare:
            text += f"{'+' if coefficients[to] > 0 else ''}{number(coefficients[to])}"
        at = to
    return text
