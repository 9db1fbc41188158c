"""Formulas on intervals: Taylor series with balls as coefficients, and hulls of all values.

The coefficients of a series about a wide ball X contain f^(k)(y)/k! for every y of X, which bounds the remainder of
Taylor's theorem. If the formula switches branches in X it has no such series; `hull` bounds its values all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from actcli.formulas import balls
from actcli.formulas.balls import UNDECIDED, UNDEFINED, Missing, Outcome

if TYPE_CHECKING:
    from flint import arb, arb_series


#: Evaluates a formula, given `leaf`, which evaluates the text of a constant or x, and `apply`, which does an operation.
Walk = Callable[[Callable[[str], Any], Callable[[str, list[Any]], Any]], Any]


def series(walk: Walk, constant: Callable[[str], arb], x: arb) -> Outcome[arb_series]:
    """The Taylor series about the ball x, of flint's current length."""
    from flint import arb, arb_series, ctx

    def leaf(text: str) -> arb_series:
        return arb_series([x, 1] if text == "x" else [constant(text)])

    outcome: Outcome[arb_series] = walk(leaf, apply_series)
    if not isinstance(outcome, Missing) or not x.contains(0):
        return outcome

    def pair(text: str) -> tuple[arb_series, arb]:
        return leaf(text), arb(0) if text == "x" else constant(text)

    # The formula may state its value at 0 apart, as where(x == 0, 1, sin(x)/x) does; a division by x costs one term.
    ctx.cap += 1
    try:
        outcome, _ = walk(pair, apply_beside_zero)
    finally:
        ctx.cap -= 1
    value = walk(lambda text: arb(0) if text == "x" else constant(text), balls.apply)
    if isinstance(outcome, Missing) or isinstance(value, Missing):
        return UNDECIDED
    return outcome if outcome.prec >= ctx.cap and outcome[0].contains(value) else UNDECIDED


def hull(walk: Walk, constant: Callable[[str], arb], x: arb) -> Outcome[arb]:
    """A ball that contains all values on the ball x."""
    outcome: Outcome[arb] = walk(lambda text: x if text == "x" else constant(text), apply_hull)
    return outcome


def apply_series(op: str, parts: list[Any]) -> Outcome[Any]:
    """The outcome of an operation on series; of a comparison a bool, UNDECIDED where it holds on part of the ball."""
    if op == "where" and isinstance(parts[0], bool):
        return parts[1 if parts[0] else 2]
    for part in parts:
        if isinstance(part, Missing):
            return part
    outcome: Outcome[Any] = _SERIES[op](*parts)
    return outcome


def apply_hull(op: str, parts: list[Any]) -> Outcome[Any]:
    """The outcome of an operation on balls: a ball of all its values, from both branches where both are possible."""
    if op == "where" and parts[0] is UNDECIDED:
        parts = [True, *parts[1:]] if parts[1] is parts[2] else parts
        if isinstance(parts[1], Missing) or isinstance(parts[2], Missing):
            return UNDECIDED
        return parts[1].union(parts[2])
    if op == "sign" and not isinstance(parts[0], Missing) and balls.sign(parts[0]) is UNDECIDED:
        return (parts[0] * 0 - 1).union(parts[0] * 0 + 1)
    if op in _MONOTONE and not isinstance(parts[0], Missing) and not parts[0].is_exact():
        ends = [balls.apply(op, [end]) for end in (parts[0].lower(), parts[0].upper())]
        if op == "sqrt" and ends[0] is UNDEFINED and parts[0].contains(0):
            ends[0] = parts[0] * 0
        low, high = ends
        return UNDECIDED if isinstance(low, Missing) or isinstance(high, Missing) else low.union(high)
    return balls.apply(op, parts)


def apply_beside_zero(op: str, parts: list[Any]) -> tuple[Outcome[Any], Outcome[Any]]:
    """The outcome on pairs, a series about a ball that contains 0 and the value at 0; it holds for points other than 0.

    Where a(0) = b(0) = 0, a/b equals (a/x)/(b/x), and the coefficients of a, shifted by one, contain those of a/x:
    a(x)/x is the integral of a'(s x) over s from 0 to 1.
    """
    terms, at_zero = ([part[side] for part in parts] for side in (0, 1))
    if op in ("eq", "ne"):
        return op == "ne", op == "ne"
    if op == "div" and all(not isinstance(value, Missing) and value.is_zero() for value in at_zero):
        above, below = (part if isinstance(part, Missing) else _divided_by_x(part) for part in terms)
        return apply_series("div", [above, below]), UNDECIDED
    return apply_series(op, terms), balls.apply(op, at_zero)


def _divided_by_x(a: arb_series) -> arb_series:
    from flint import arb_series

    return arb_series(a.coeffs()[1:], prec=a.prec - 1)


#: Monotone operations, whose values on a ball lie between the values at its ends.
_MONOTONE = {
    "floor",
    *("exp", "expm1", "log", "log1p", "sqrt", "tanh", "sinh", "atan", "erf", "erfc", "sigmoid", "softplus"),
}


def _compared(op: str) -> Callable[[arb_series, arb_series], Outcome[bool]]:
    def compare(a: arb_series, b: arb_series) -> Outcome[bool]:
        # Two series that are equal at a point may differ next to it, so a comparison there decides nothing.
        if (a[0] - b[0]).contains(0) and not all(part.is_zero() for part in (a - b).coeffs()[1:]):
            return UNDECIDED
        outcome: Outcome[bool] = balls.OPERATIONS[op](a[0], b[0])
        return outcome

    return compare


def _extremum(op: str) -> Callable[[arb_series, arb_series], Outcome[arb_series]]:
    def pick(a: arb_series, b: arb_series) -> Outcome[arb_series]:
        first = balls.OPERATIONS[op](a[0], b[0])
        return first if isinstance(first, Missing) else a if first else b

    return pick


def _clip(a: arb_series, low: arb_series, high: arb_series) -> Outcome[arb_series]:
    inner = apply_series("max", [a, low])
    return apply_series("min", [inner, high])


def _power(a: arb_series, b: arb_series) -> Outcome[arb_series]:
    exponent = b[0].unique_fmpz() if len(b.coeffs()) <= 1 and b[0].is_exact() else None
    if exponent is not None and exponent >= 0:
        return a ** int(exponent)
    if exponent is not None:
        return UNDECIDED if a[0].contains(0) else 1 / a ** int(-exponent)
    return a**b if a[0] > 0 else UNDECIDED


def _quotient(a: arb_series | int, b: arb_series) -> Outcome[arb_series]:
    return UNDEFINED if b[0].is_zero() else UNDECIDED if b[0].contains(0) else a / b


def _sigmoid(a: arb_series) -> Outcome[arb_series]:
    return _quotient(1, 1 + (-a).exp())


def _tanh(a: arb_series) -> Outcome[arb_series]:
    twice = _sigmoid(2 * a)
    return twice if isinstance(twice, Missing) else 2 * twice - 1


def _softplus(a: arb_series) -> Outcome[arb_series]:
    e = 1 + (a if a[0] < 1 else -a).exp()
    return UNDECIDED if not e[0] > 0 else e.log() if a[0] < 1 else a + e.log()


def _abs(a: arb_series) -> Outcome[arb_series]:
    positive = balls.sign(a[0])
    return positive if isinstance(positive, Missing) else a if positive > 0 else -a if positive < 0 else UNDECIDED


def _floor(a: arb_series) -> Outcome[arb_series]:
    whole = balls.OPERATIONS["floor"](a[0])
    return whole if isinstance(whole, Missing) else a * 0 + whole


def _sign(a: arb_series) -> Outcome[arb_series]:
    positive = balls.sign(a[0])
    return positive if isinstance(positive, Missing) else a * 0 + int(positive) if positive else UNDECIDED


_SERIES: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": _quotient,
    "neg": lambda a: -a,
    "pow": _power,
    **{op: _compared(op) for op in ("lt", "le", "gt", "ge", "eq", "ne")},
    "abs": _abs,
    "sign": _sign,
    "max": _extremum("gt"),
    "min": _extremum("lt"),
    "clip": _clip,
    "floor": _floor,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "exp": lambda a: a.exp(),
    "expm1": lambda a: a.exp() - 1,
    "log": lambda a: a.log() if a[0] > 0 else UNDECIDED,
    "log1p": lambda a: (1 + a).log() if a[0] > -1 else UNDECIDED,
    "sqrt": lambda a: a.sqrt() if a[0] > 0 else UNDECIDED,
    "tanh": _tanh,
    "sinh": lambda a: (a.exp() - (-a).exp()) / 2,
    "cosh": lambda a: (a.exp() + (-a).exp()) / 2,
    "sin": lambda a: a.sin(),
    "cos": lambda a: a.cos(),
    "atan": lambda a: a.atan(),
    "erf": lambda a: a.erf(),
    "erfc": lambda a: a.erfc(),
}
