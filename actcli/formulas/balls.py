"""Ball arithmetic: the operations of the grammar on balls of Arb, and the answers that balls prove.

A ball is a number of any precision with an error bound. The operations work at flint's current precision; `settle`
raises it until a ball is small enough to prove the answer.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, Union

from actcli.formulas.tolerances import ON_THE_BOUNDARY

if TYPE_CHECKING:
    from flint import arb

T = TypeVar("T")


class Missing(Enum):
    """The reason why there is no value."""

    UNDECIDED = "this precision does not decide it, more may"
    UNDEFINED = "there is none at any precision, as log(-1)"


UNDECIDED, UNDEFINED = Missing.UNDECIDED, Missing.UNDEFINED

#: A value, or the reason why there is none.
Outcome: TypeAlias = Union[T, Missing]  # noqa: UP007 - `T | Missing` is no alias that takes a parameter at run time


def apply(op: str, parts: list[Any]) -> Any:
    """The outcome of an operation on outcomes: a ball, a bool for a comparison, or Missing."""
    if op == "where" and isinstance(parts[0], bool):
        return parts[1 if parts[0] else 2]
    for missing in (UNDECIDED, UNDEFINED):
        if any(part is missing for part in parts):
            return missing
    if any(_is_huge(part) for part in parts):
        return _HUGE_OPERATIONS[op](*parts) if op in _HUGE_OPERATIONS else UNDECIDED
    result = OPERATIONS[op](*parts)
    if isinstance(result, bool | Missing) or result.is_finite():
        return result
    return _OVERFLOWS[op](*parts) if op in _OVERFLOWS else UNDECIDED


def _is_huge(part: Any) -> bool:
    return not isinstance(part, bool) and not part.is_finite()


def _less(a: arb, b: arb) -> Outcome[bool]:
    if a < b:
        return True
    return False if a >= b else UNDECIDED


def _equal(a: arb, b: arb) -> Outcome[bool]:
    if a == b:
        return True
    return False if a != b else UNDECIDED


def _not(condition: Outcome[bool]) -> Outcome[bool]:
    return condition if isinstance(condition, Missing) else not condition


def _sign(a: arb) -> Outcome[arb]:
    return UNDECIDED if sign(a) is UNDECIDED else a.sgn()


def _extremum(a: arb, b: arb, *, larger: bool) -> arb:
    first = _less(b, a) if larger else _less(a, b)
    if first is UNDECIDED:  # the balls overlap; the hull of both results is valid
        return a.max(b) if larger else a.min(b)
    return a if first else b


def _power(a: arb, b: arb) -> Outcome[arb]:
    if (a < 0 and not b.contains_integer()) or (a.is_zero() and b <= 0):
        return UNDEFINED if b != 0 else a**b
    return a**b


def _floor(a: arb) -> Outcome[arb]:
    whole = a.floor()
    if whole.is_exact():
        return whole
    # A ball this narrow that contains an integer is taken as that integer, as log(8)/log(2) as 3.
    return a.upper().floor() if a.rel_accuracy_bits() > ON_THE_BOUNDARY else UNDECIDED


def _sigmoid(a: arb) -> arb:
    return 1 / (1 + (-a).exp())


def _tanh(a: arb) -> arb:
    from flint import arb, ctx

    if abs(a) > ctx.prec:  # 1 - |tanh| is below the precision, and exp may overflow the balls
        return a.sgn() * arb(1, arb(2) ** -ctx.prec)
    return a.tanh()


def _softplus(a: arb) -> arb:
    return a.exp().log1p() if a < 0 else a + (-a).exp().log1p()


OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: UNDEFINED if b.is_zero() else a / b,
    "neg": lambda a: -a,
    "pow": _power,
    "lt": _less,
    "le": lambda a, b: _not(_less(b, a)),
    "gt": lambda a, b: _less(b, a),
    "ge": lambda a, b: _not(_less(a, b)),
    "eq": _equal,
    "ne": lambda a, b: _not(_equal(a, b)),
    "abs": abs,
    "sign": _sign,
    "max": lambda a, b: _extremum(a, b, larger=True),
    "min": lambda a, b: _extremum(a, b, larger=False),
    "clip": lambda a, low, high: _extremum(_extremum(a, low, larger=True), high, larger=False),
    "floor": _floor,
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "exp": lambda a: a.exp(),
    "expm1": lambda a: a.expm1(),
    "log": lambda a: UNDEFINED if a <= 0 else a.log(),
    "log1p": lambda a: UNDEFINED if a <= -1 else a.log1p(),
    "sqrt": lambda a: UNDEFINED if a < 0 else a.sqrt(),
    "tanh": _tanh,
    "sinh": lambda a: a.sinh(),
    "cosh": lambda a: a.cosh(),
    "sin": lambda a: a.sin(),
    "cos": lambda a: a.cos(),
    "atan": lambda a: a.atan(),
    "erf": lambda a: a.erf(),
    "erfc": lambda a: a.erfc(),
}

# --- numbers above the range of balls -----------------------------------------------------------------------------

# An infinite ball stands for a huge number of its sign, one beyond 2**(2**20). It is made where an exponent exceeds
# 2**128, and each operation below reduces it so little that no formula within the length and depth of the grammar, not
# even 100 square roots, makes it smaller than 2**(2**20). Its reciprocal is the ball of radius 2**-(2**19) about 0.


def _infinite(positive: bool) -> arb:
    from flint import arb

    return arb("inf" if positive else "-inf")


def _is_moderate(a: arb) -> bool:
    """Whether a number is so small that it changes nothing when it is added to a huge number."""
    from flint import arb

    return bool(abs(a) < arb(2) ** (1 << 19))


def _is_away_from_zero(a: arb) -> bool:
    from flint import arb

    return bool(abs(a) > arb(2) ** -1000)


def _tiny() -> arb:
    from flint import arb

    return arb(0, arb(2) ** -(1 << 19))


def _huge_sum(a: arb, b: arb) -> Outcome[arb]:
    if _is_huge(a) and _is_huge(b):
        return a if bool(a > 0) == bool(b > 0) else UNDECIDED
    huge, other = (a, b) if _is_huge(a) else (b, a)
    return huge if _is_moderate(other) else UNDECIDED


def _huge_product(a: arb, b: arb) -> Outcome[arb]:
    if not (_is_away_from_zero(a) and _is_away_from_zero(b)):
        return UNDECIDED
    return _infinite(bool(a > 0) == bool(b > 0))


def _huge_quotient(a: arb, b: arb) -> Outcome[arb]:
    if _is_huge(b):
        return UNDECIDED if _is_huge(a) or not _is_moderate(a) else _tiny()
    return _infinite(bool(a > 0) == bool(b > 0)) if _is_away_from_zero(b) and _is_moderate(b) else UNDECIDED


def _huge_power(a: arb, b: arb) -> Outcome[arb]:
    if _is_huge(b) and not _is_huge(a) and (a > 2 or (a > 0 and a < 0.5)):
        return _infinite(True) if bool(a > 1) == bool(b > 0) else _tiny()
    if _is_huge(a) and a > 0 and not _is_huge(b) and abs(b) > 1 / 64:
        return _infinite(True) if b > 0 else _tiny()
    return UNDECIDED


def _huge_comparison(op: str) -> Callable[[arb, arb], Outcome[bool]]:
    def compare(a: arb, b: arb) -> Outcome[bool]:
        if (_is_huge(a) and _is_huge(b) and bool(a > 0) == bool(b > 0)) or not all(
            _is_huge(part) or _is_moderate(part) for part in (a, b)
        ):
            return UNDECIDED
        outcome: Outcome[bool] = OPERATIONS[op](a, b)
        return outcome

    return compare


def _huge_extremum(a: arb, b: arb, *, larger: bool) -> Outcome[arb]:
    first = _huge_comparison("gt" if larger else "lt")(a, b)
    return first if isinstance(first, Missing) else a if first else b


def _huge_clip(a: arb, low: arb, high: arb) -> Outcome[arb]:
    inner = apply("max", [a, low])
    outcome: Outcome[arb] = apply("min", [inner, high])
    return outcome


def _by_sign(low: Callable[[], arb | None], high: Callable[[], arb | None]) -> Callable[[arb], Outcome[arb]]:
    """A function given by its values at huge negative and huge positive numbers; None means the number itself."""

    def function(a: arb) -> arb:
        end = (high if a > 0 else low)()
        return a if end is None else end

    return function


def _quarter_turn() -> arb:
    from flint import arb

    return arb.pi() / 2


_HUGE_OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": _huge_sum,
    "sub": lambda a, b: _huge_sum(a, -b),
    "mul": _huge_product,
    "div": _huge_quotient,
    "neg": lambda a: -a,
    "pow": _huge_power,
    **{op: _huge_comparison(op) for op in ("lt", "le", "gt", "ge", "eq", "ne")},
    "abs": abs,
    "sign": lambda a: a.sgn(),
    "max": lambda a, b: _huge_extremum(a, b, larger=True),
    "min": lambda a, b: _huge_extremum(a, b, larger=False),
    "clip": _huge_clip,
    "exp": _by_sign(_tiny, lambda: None),
    "expm1": _by_sign(lambda: _tiny() - 1, lambda: None),
    "softplus": _by_sign(_tiny, lambda: None),
    "sigmoid": _by_sign(_tiny, lambda: 1 + _tiny()),
    "sinh": lambda a: a,
    "cosh": abs,
    "tanh": _by_sign(lambda: _tiny() - 1, lambda: 1 + _tiny()),
    "erf": _by_sign(lambda: _tiny() - 1, lambda: 1 + _tiny()),
    "erfc": _by_sign(lambda: 2 + _tiny(), _tiny),
    "atan": _by_sign(lambda: _tiny() - _quarter_turn(), lambda: _quarter_turn() + _tiny()),
    "sqrt": lambda a: a if a > 0 else UNDEFINED,
}


def _overflow(exponent: arb) -> Outcome[arb]:
    """exp of a number so large that no ball can hold the result."""
    from flint import arb

    if exponent > arb(2) ** 128:
        return _infinite(True)
    return _tiny() if exponent < -(arb(2) ** 128) else UNDECIDED


#: The outcomes of operations whose results no ball can hold.
_OVERFLOWS: dict[str, Callable[..., Outcome[arb]]] = {
    "exp": _overflow,
    "expm1": _overflow,
    "cosh": lambda a: _overflow(abs(a)),
    "sinh": lambda a: apply("mul", [a, _overflow(abs(a))]),
    "pow": lambda a, b: _overflow(b * a.log()) if a > 0 else UNDECIDED,
}


#: The working precisions, in bits, that `settle` tries in turn until the answer is proved.
PRECISIONS = (96, 192, 448, 1280, 4096, 12288, 49152)


class UndecidedWarning(UserWarning):
    """A formula was undecided at so many numbers that high precisions are tried no more; the results there are nan."""


class Patience:
    """How often each precision may fail to decide for one formula: the more bits, the fewer times.

    A failure at 49152 bits takes about ten milliseconds, and a formula undecided at one number may be undecided at all
    of them. All counted failures together take a few seconds; failures below 1000 bits cost little and do not count.
    """

    def __init__(self, formula: str) -> None:
        self.formula = formula
        self.failures: dict[int, int] = {}

    def allows(self, bits: int) -> bool:
        """Whether a precision may be tried once more."""
        return bits < 1000 or self.failures.get(bits, 0) * bits < 5_000_000

    def failed(self, bits: int) -> None:
        """Count a failure of a precision."""
        self.failures[bits] = self.failures.get(bits, 0) + 1


def settle(
    ball: Callable[[], Outcome[arb]],
    accept: Callable[[arb], Outcome[T]],
    *,
    bits: int = 0,
    precisions: Sequence[int] = PRECISIONS,
    patience: Patience | None = None,
) -> Outcome[T]:
    """The first answer of `accept` to a ball, over rising precisions; UNDECIDED if no precision gives an answer.

    Args:
        ball: evaluates the ball at flint's current precision.
        accept: returns the answer that a ball proves, UNDECIDED if it proves none.
        bits: the bits that the answer needs at least.
        precisions: the numbers of bits to add to those, in turn.
        patience: leaves out the precisions that have failed too often.
    """
    from flint import ctx

    before = ctx.prec
    try:
        for more in precisions:
            if patience is not None and not patience.allows(more):
                continue
            ctx.prec = bits + more
            value = ball()
            answer = value if isinstance(value, Missing) else accept(value)
            if answer is not UNDECIDED:
                return answer
            if patience is not None:
                patience.failed(more)
        if patience is not None and not patience.allows(precisions[-1]):
            open_ = f"{patience.formula!r} is open at so many numbers, even with {precisions[-1]} bits"
            warnings.warn(f"{open_}, that fewer are tried; where they do not decide, it is nan", UndecidedWarning, 2)
    finally:
        ctx.prec = before
    return UNDECIDED


def vanishes(ball: arb) -> bool:
    """Whether a ball is far too small for a float64, and its sign undecided."""
    from flint import arb

    return bool(ball.abs_upper() < arb(2) ** -1200) and not ball.is_zero() and sign(ball) is UNDECIDED


def nearest(ball: arb) -> Outcome[float]:
    """The float64 to which every number in the ball rounds, if there is one."""
    low, high = float(ball.lower()), float(ball.upper())
    if low == high and (low != 0 or sign(ball) is not UNDECIDED or ball.is_exact()):
        return low
    return float(ball.mid()) if ball.rel_accuracy_bits() > ON_THE_BOUNDARY else UNDECIDED


def sign(ball: arb) -> Outcome[float]:
    """The sign of every number in the ball, 1, -1 or 0, if all have the same."""
    return 1.0 if ball > 0 else -1.0 if ball < 0 else 0.0 if ball.is_zero() else UNDECIDED


def approximate(ball: arb) -> Outcome[float]:
    """The ball as a float64 if 60 bits of it are certain or it is exact or underflows: enough to find a limit."""
    sure = ball.rel_accuracy_bits() > 60 or ball.is_exact() or float(ball.abs_upper()) == 0
    return float(ball) if sure else UNDECIDED


def to_odd(ball: arb) -> Outcome[float]:
    """The ball rounded to odd: a float64 that a second rounding, to a shorter float, turns into the correct result."""
    value = nearest(ball)
    if isinstance(value, Missing) or not math.isfinite(value):
        return value
    beyond = sign(ball - value)
    if isinstance(beyond, Missing):
        return value if ball.rel_accuracy_bits() > ON_THE_BOUNDARY else UNDECIDED
    if not beyond or (math.frexp(value)[0] * 2.0**53) % 2:
        return value
    return math.nextafter(value, math.copysign(math.inf, beyond))
