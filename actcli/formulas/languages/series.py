"""A series of a function about a zero, from balls of its values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from actcli.formulas.balls import Missing
from actcli.formulas.grammar import Node, X, make_node
from actcli.formulas.languages.kernels import number

if TYPE_CHECKING:
    from flint import arb

    from actcli.formulas.formula import Formula

_BITS = 600
_MOST_TERMS = 36


@dataclass(frozen=True)
class Series:
    """A series about a zero.

    tree: the value of the series.
    distance: the distance of x from the zero.
    """

    tree: Node
    distance: Node


def expanded(formula: Formula, order: int, zero: float, radius: float) -> Series | None:
    """The series about the float64 nearest to a zero, accurate to 2^-56 within the radius; None if there is none.

    A polynomial interpolates (f(zero + d) - f(zero))/d^k at Chebyshev points, which spreads the error evenly. The value
    f(zero) at the float64 is a constant term, so that the true zero, between two float64, need not be represented.
    """
    from flint import arb, arb_poly, ctx

    with ctx.workprec(_BITS):
        centre = arb(zero)
        found = _value(formula, order, centre)
        offset = arb(0) if found is None else found
        step = _exponent_step(formula, order, centre, radius)
        lead = _leading_exponent(formula, order, centre, offset)
        for count in range(6, _MOST_TERMS, 2):
            # Chebyshev points of d^step, as the function is a series in powers of d^step.
            places = [arb(math.cos(math.pi * (k + 0.5) / count)) for k in range(count)]
            powers = [(p if step == 1 else (1 + p) / 2) * arb(radius * 1.01) ** step for p in places]
            distances = [p.root(step) if step > 1 else p for p in powers]
            values = [_value(formula, order, centre + d) for d in distances]
            quotients = [(v - offset) / d**lead for v, d in zip(values, distances, strict=True) if v is not None]
            if len(quotients) < count:
                return None
            polynomial = arb_poly.interpolate(powers, quotients)
            tests = [arb(radius * s) for s in (0.17, -0.31, 0.53, -0.77, 0.91, -0.995, 1.0)]
            if all(_close(offset + polynomial(d**step) * d**lead, _value(formula, order, centre + d)) for d in tests):
                break
        else:
            return None
        coefficients = [float(polynomial[i].mid()) for i in range(count)]
    t: Node = X
    if zero:
        t = make_node("sub" if zero > 0 else "add", (t, number(abs(zero))))
    power = t if step == 1 else make_node("mul", (t, t))
    tree: Node = number(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        tree = make_node("add", (number(c), make_node("mul", (power, tree))))
    for _ in range(lead):
        tree = make_node("mul", (t, tree))
    if not offset.is_zero():
        tree = make_node("add", (number(float(offset.mid())), tree))
    return Series(tree, make_node("abs", (t,)))


def _exponent_step(formula: Formula, order: int, zero: arb, radius: float) -> int:
    """2 if the function is odd or even about its zero, else 1."""
    from flint import arb

    sides = [[_value(formula, order, zero + sign * arb(radius * share)) for sign in (1, -1)] for share in (0.3, 0.7)]
    even = all(a is not None and b is not None and (a - b).contains(0) for a, b in sides)
    odd = all(a is not None and b is not None and (a + b).contains(0) for a, b in sides)
    return 2 if even or odd else 1


def _leading_exponent(formula: Formula, order: int, centre: arb, offset: arb) -> int:
    """The exponent k of the first term d^k of f(centre + d) - offset; 1 if there is none, as for exp(-1/x^2) at 0."""
    from flint import arb

    values = [_value(formula, order, centre + arb(2) ** -k) for k in (100, 101)]
    known = [value - offset for value in values if value is not None]
    if len(known) < len(values) or any(size.contains(0) for size in known):
        return 1
    ratio = abs(float((known[0] / known[1]).mid()))
    return round(math.log2(ratio)) if 1.5 < ratio < 2.0**_MOST_TERMS else 1


def _value(formula: Formula, order: int, x: arb) -> arb | None:
    def narrow(ball: arb) -> arb | Missing:
        return ball if ball.rel_accuracy_bits() > 200 else Missing.UNDECIDED

    found = formula.settle(x, order, narrow, bits=_BITS)
    return None if isinstance(found, Missing) else found


def _close(found: arb, value: arb | None) -> bool:
    from flint import arb

    return value is not None and bool(abs(found - value) < abs(value) * arb(2) ** -56)


def zero_between(formula: Formula, order: int, low: float, high: float) -> arb | None:
    """The zero between two numbers, by the secant method; None if it does not converge, as at a jump."""
    from flint import arb, ctx

    with ctx.workprec(_BITS):
        if low == high:
            return arb(low)
        a, b = arb(low), arb(high)
        fa, fb = _value(formula, order, a), _value(formula, order, b)
        for _ in range(60):
            if fa is None or fb is None:
                return None
            c = arb((b - fb * (b - a) / (fb - fa)).mid())
            if not low <= c <= high:
                c = (a + b) / 2
            fc = _value(formula, order, c)
            exact = arb(float(c))
            if bool(abs(c - exact) < arb(2) ** -150) and _value(formula, order, exact) is None:
                return exact
            if bool(abs(c - b) < arb(2) ** -200):
                return c
            a, fa, b, fb = b, fb, c, fc
    return None
