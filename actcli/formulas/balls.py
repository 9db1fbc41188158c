"""Ball arithmetic: what each operation of the grammar does to balls of Arb, and the answers that balls give.

A ball is a number of any precision with a bound on its error. The operations work at the current precision of flint;
`settle` raises it until a ball is small enough for the answer wanted: then the answer is proved.
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
    """Why there is no value."""

    UNDECIDED = "this precision does not decide it, more may"
    UNDEFINED = "there is none at any precision, as log(-1)"


UNDECIDED, UNDEFINED = Missing.UNDECIDED, Missing.UNDEFINED

#: A value, or why there is none.
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


def _pick(a: arb, b: arb, *, larger: bool) -> arb:
    first = _less(b, a) if larger else _less(a, b)
    if first is UNDECIDED:  # both are within the balls, and either way the hull is right
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
    # So exact a ball that still holds an integer lies on it, as log(8)/log(2) lies on 3.
    return a.upper().floor() if a.rel_accuracy_bits() > ON_THE_BOUNDARY else UNDECIDED


def _sigmoid(a: arb) -> arb:
    return 1 / (1 + (-a).exp())


def _tanh(a: arb) -> arb:
    from flint import arb, ctx

    if abs(a) > ctx.prec:  # 1 - tanh is below the precision, and exp of such an argument may be out of reach
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
    "max": lambda a, b: _pick(a, b, larger=True),
    "min": lambda a, b: _pick(a, b, larger=False),
    "clip": lambda a, low, high: _pick(_pick(a, low, larger=True), high, larger=False),
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

# An infinite ball stands for a number of its sign that is huge: beyond 2**(2**20). It is made where an exponent passes
# 2**128, and every operation below takes so little from it that no formula of the grammar's length and depth, not even
# of 100 square roots, comes down to 2**(2**20). Its reciprocal is smaller than 2**-(2**19) and has no sign to show.


def _infinite(positive: bool) -> arb:
    from flint import arb

    return arb("inf" if positive else "-inf")


def _moderate(a: arb) -> bool:
    """Whether a number is so far below huge ones that it changes nothing in a sum with them."""
    from flint import arb

    return bool(abs(a) < arb(2) ** (1 << 19))


def _away_from_zero(a: arb) -> bool:
    from flint import arb

    return bool(abs(a) > arb(2) ** -1000)


def _tiny() -> arb:
    from flint import arb

    return arb(0, arb(2) ** -(1 << 19))


def _huge_sum(a: arb, b: arb) -> Outcome[arb]:
    if _is_huge(a) and _is_huge(b):
        return a if bool(a > 0) == bool(b > 0) else UNDECIDED
    huge, other = (a, b) if _is_huge(a) else (b, a)
    return huge if _moderate(other) else UNDECIDED


def _huge_product(a: arb, b: arb) -> Outcome[arb]:
    if not (_away_from_zero(a) and _away_from_zero(b)):
        return UNDECIDED
    return _infinite(bool(a > 0) == bool(b > 0))


def _huge_quotient(a: arb, b: arb) -> Outcome[arb]:
    if _is_huge(b):
        return UNDECIDED if _is_huge(a) or not _moderate(a) else _tiny()
    return _infinite(bool(a > 0) == bool(b > 0)) if _away_from_zero(b) and _moderate(b) else UNDECIDED


def _huge_power(a: arb, b: arb) -> Outcome[arb]:
    if _is_huge(b) and not _is_huge(a) and (a > 2 or (a > 0 and a < 0.5)):
        return _infinite(True) if bool(a > 1) == bool(b > 0) else _tiny()
    if _is_huge(a) and a > 0 and not _is_huge(b) and abs(b) > 1 / 64:
        return _infinite(True) if b > 0 else _tiny()
    return UNDECIDED


def _huge_comparison(op: str) -> Callable[[arb, arb], Outcome[bool]]:
    def compare(a: arb, b: arb) -> Outcome[bool]:
        if (_is_huge(a) and _is_huge(b) and bool(a > 0) == bool(b > 0)) or not all(
            _is_huge(part) or _moderate(part) for part in (a, b)
        ):
            return UNDECIDED
        outcome: Outcome[bool] = OPERATIONS[op](a, b)
        return outcome

    return compare


def _huge_pick(a: arb, b: arb, *, larger: bool) -> Outcome[arb]:
    first = _huge_comparison("gt" if larger else "lt")(a, b)
    return first if isinstance(first, Missing) else a if first else b


def _huge_clip(a: arb, low: arb, high: arb) -> Outcome[arb]:
    inner = apply("max", [a, low])
    outcome: Outcome[arb] = apply("min", [inner, high])
    return outcome


def _ends(low: Callable[[], arb | None], high: Callable[[], arb | None]) -> Callable[[arb], Outcome[arb]]:
    """A function by what it comes to for huge negative and huge positive numbers; None where it follows them."""

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
    "max": lambda a, b: _huge_pick(a, b, larger=True),
    "min": lambda a, b: _huge_pick(a, b, larger=False),
    "clip": _huge_clip,
    "exp": _ends(_tiny, lambda: None),
    "expm1": _ends(lambda: _tiny() - 1, lambda: None),
    "softplus": _ends(_tiny, lambda: None),
    "sigmoid": _ends(_tiny, lambda: 1 + _tiny()),
    "sinh": lambda a: a,
    "cosh": abs,
    "tanh": _ends(lambda: _tiny() - 1, lambda: 1 + _tiny()),
    "erf": _ends(lambda: _tiny() - 1, lambda: 1 + _tiny()),
    "erfc": _ends(lambda: 2 + _tiny(), _tiny),
    "atan": _ends(lambda: _tiny() - _quarter_turn(), lambda: _quarter_turn() + _tiny()),
    "sqrt": lambda a: a if a > 0 else UNDEFINED,
}


def _overflow(exponent: arb) -> Outcome[arb]:
    """exp of a number so large that balls have no room for it."""
    from flint import arb

    if exponent > arb(2) ** 128:
        return _infinite(True)
    return _tiny() if exponent < -(arb(2) ** 128) else UNDECIDED


#: What an operation whose result no ball can hold comes to.
_OVERFLOWS: dict[str, Callable[..., Outcome[arb]]] = {
    "exp": _overflow,
    "expm1": _overflow,
    "cosh": lambda a: _overflow(abs(a)),
    "sinh": lambda a: apply("mul", [a, _overflow(abs(a))]),
    "pow": lambda a, b: _overflow(b * a.log()) if a > 0 else UNDECIDED,
}


#: Bits of working precision to try, one after the other, until the answer is settled.
PRECISIONS = (96, 192, 448, 1280, 4096, 12288, 49152)


class UndecidedWarning(UserWarning):
    """Many bits have left a formula open at so many numbers that they are not tried any more; nan stands there."""


class Patience:
    """How often each precision may fail to decide about one formula: the more bits, the fewer times.

    A failure at 49152 bits takes ten milliseconds or so, and what is open at one number may be at all of them. All
    failures together come to a few seconds; up to 448 bits they cost next to nothing and are not counted.
    """

    def __init__(self, formula: str) -> None:
        self.formula = formula
        self.failures: dict[int, int] = {}

    def allows(self, bits: int) -> bool:
        """Whether that precision may be tried once more."""
        return bits < 1000 or self.failures.get(bits, 0) * bits < 5_000_000

    def failed(self, bits: int) -> None:
        """That precision has decided nothing."""
        self.failures[bits] = self.failures.get(bits, 0) + 1


def settle(
    ball: Callable[[], Outcome[arb]],
    accept: Callable[[arb], Outcome[T]],
    *,
    bits: int = 0,
    precisions: Sequence[int] = PRECISIONS,
    patience: Patience | None = None,
) -> Outcome[T]:
    """What `accept` makes of a ball, as soon as a precision gives one small enough for it.

    Args:
        ball: evaluates at flint's current precision.
        accept: the answer that a ball proves, UNDECIDED where it proves none yet.
        bits: what the answer needs at least.
        precisions: bits to try on top of those.
        patience: which of them have failed too often to be tried.
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
    """Far too small for a float64, with a sign that this precision does not show."""
    from flint import arb

    return bool(ball.abs_upper() < arb(2) ** -1200) and not ball.is_zero() and sign(ball) is UNDECIDED


def nearest(ball: arb) -> Outcome[float]:
    """The float64 nearest to everything in the ball, if there is one."""
    low, high = float(ball.lower()), float(ball.upper())
    if low == high and (low != 0 or sign(ball) is not UNDECIDED or ball.is_exact()):
        return low
    return float(ball.mid()) if ball.rel_accuracy_bits() > ON_THE_BOUNDARY else UNDECIDED


def sign(ball: arb) -> Outcome[float]:
    """1, -1 or 0, if the ball shows it."""
    return 1.0 if ball > 0 else -1.0 if ball < 0 else 0.0 if ball.is_zero() else UNDECIDED


def approximate(ball: arb) -> Outcome[float]:
    """A float64 with its first 60 bits sure, or an exact 0: enough to tell a limit."""
    sure = ball.rel_accuracy_bits() > 60 or ball.is_exact() or float(ball.abs_upper()) == 0
    return float(ball) if sure else UNDECIDED


def to_odd(ball: arb) -> Outcome[float]:
    """The float64 with an odd last bit on the way to the ball: rounding it once more to a shorter float is right."""
    value = nearest(ball)
    if isinstance(value, Missing) or not math.isfinite(value):
        return value
    beyond = sign(ball - value)
    if isinstance(beyond, Missing):
        return value if ball.rel_accuracy_bits() > ON_THE_BOUNDARY else UNDECIDED
    if not beyond or (math.frexp(value)[0] * 2.0**53) % 2:
        return value
    return math.nextafter(value, math.copysign(math.inf, beyond))
