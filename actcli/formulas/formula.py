"""A formula bound to parameters: its value at a number, in float64 and in arbitrary precision.

The steps from the text of a SPEC to its value at a number x:

    SPEC "gelu" -> Activation (activations/spec.py), whose `_kernel` chooses the tier
      |
      |-- faithful  float64 results: one of the two float64 next to the true value, the same bits on every processor
      |     `Formula.values` tries three methods in turn on each block of numbers:
      |       1. pairs   of float64 with an error bound (precise.py); used where that bound is below PROVED
      |       2. balls   Arb with 96, 192, ... 49152 bits, one number at a time; used once a ball rounds to one float64
      |       3. limits  where |x| is at least FAR and no precision decides: the limit on that side
      |     or the kernel of a block that declares it `faithful`; for row functions: faithful_rows.py
      |
      `-- fast      within FAST ulp: `Activation.fast`, for networks, comparisons and results in a shorter float type
            the block's kernel in numpy; a block that has only a formula uses the faithful tier,
            and in training `Formula.quick`; a cheap kernel computes float32 in float32
      |
      v
    --dtype float64    the faithful result; the slope at a kink follows a convention (activations/activation.py)
    shorter floats     the fast result rounded once; within NEAR_A_TIE ulp of a tie, `to_odd` is rounded instead
    --exact, --digits  from balls and limits alone, correctly rounded

The tolerances stand in tolerances.py with their reasons. Derivatives of order 1 and 2 are formulas too, from the tree
(derive.py), and are evaluated in the same way.

Decimal constants and parameter values mean the float64 numbers nearest to them, as every framework stores them;
1/6, pi and sqrt(2) mean the real numbers. A parameter like 0.16666666666666666, the float64 nearest to 1/6, means 1/6.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from actcli.formulas import balls, bounded, decimals, enclosures, limits, plain, precise, rational
from actcli.formulas.balls import UNDECIDED, Missing, Outcome
from actcli.formulas.bounded import UNIT, Condition, Pair, error, sized, tidy, to_floats
from actcli.formulas.derive import derivative, derived, stable
from actcli.formulas.enclosures import Walk
from actcli.formulas.grammar import Node, parse
from actcli.formulas.primitives import Array
from actcli.formulas.rational import exact_parameter, thirds
from actcli.formulas.tolerances import FAR

if TYPE_CHECKING:
    from flint import arb, arb_series

T = TypeVar("T")
V = TypeVar("V")

#: One instruction: the operation, the slots of its arguments, and the text of a constant or name.
Step = tuple[str, tuple[int, ...], str]


def tape(root: Node) -> list[Step]:
    """The operations of a tree in the order of evaluation, each shared subtree once; the last step gives the value."""
    slots: dict[Node, int] = {}
    steps: list[Step] = []

    def visit(node: Node) -> int:
        if node not in slots:
            args = tuple(visit(arg) for arg in node.args)
            slots[node] = len(steps)
            steps.append((node.op, args, node.text))
        return slots[node]

    visit(root)
    return steps


def play(steps: list[Step], leaf: Callable[[str], V], apply: Callable[[str, list[V]], V]) -> V:
    """The value of the last step; `leaf` evaluates the text of a constant or name, `apply` an operation."""
    slots: list[V] = []
    for op, args, text in steps:
        slots.append(apply(op, [slots[i] for i in args]) if args else leaf(text))
    return slots[-1]


def _scalar(constant: Pair | Condition) -> Pair | Condition:
    """A constant with Python floats and bools in place of its arrays of one element."""
    if isinstance(constant, Condition):
        return Condition(bool(np.all(constant.holds)), bool(np.any(constant.open)))
    high, low, bound = (float(np.ravel(part)[0]) for part in constant[:3])
    return Pair(high, low, bound, constant.relative)


def constant_node(value: float) -> Node:
    """A parameter's value as a tree: a number, or a quotient for thirds."""
    fraction = thirds(value)
    return parse(repr(value) if fraction is None else f"{fraction.numerator}/{fraction.denominator}")


def ball_leaf(text: str, parameters: Mapping[str, float]) -> arb:
    """A constant or a parameter as a ball."""
    from flint import arb

    if text not in parameters:
        return arb.pi() if text == "pi" else arb(float(text))
    value = parameters[text]
    fraction = thirds(value)
    return arb(value) if fraction is None else arb(fraction.numerator) / fraction.denominator


def bounded_parameter(value: float) -> Pair:
    """A parameter as a pair of float64: its float64 and the rest of its exact value (see `exact_parameter`)."""
    rest = float(exact_parameter(value) - Fraction(value)) if math.isfinite(value) else 0.0
    return Pair(value, rest, UNIT * abs(rest))


def evaluate_constant(text: str, parameters: Mapping[str, float]) -> float:
    """An expression in parameters alone, in float64.

    >>> evaluate_constant("-offset/slope", {"offset": 0.5, "slope": 0.25})
    -2.0
    """
    return float(Formula(text, parameters).values(np.ones(1))[0])  # x = 0 would add a search for the sign of a zero


@dataclass(frozen=True, eq=False)
class Formula:
    """A formula bound to parameter values, which defines an activation and evaluates it in every precision.

    Args:
        text: an expression in x and the parameters, in the grammar of grammar.py.
        parameters: their values by name.
        root: the tree, if it is not to be parsed from the text.
        precisions: the working precisions, in bits, that `rounded` tries.

    Raises:
        FormulaError: at the first evaluation, for a text that is not a formula.

    >>> gelu = Formula("x/2*erfc(-x/sqrt(2))")
    >>> gelu.digits(-9.0, 20)
    '-1.0157295653584565830e-18'
    >>> gelu.values(np.array([-9.0]))
    array([-1.01572957e-18])
    """

    text: str
    parameters: Mapping[str, float]
    precisions: Sequence[int]

    def __init__(
        self,
        text: str,
        parameters: Mapping[str, float] | None = None,
        root: Node | None = None,
        precisions: Sequence[int] = balls.PRECISIONS,
    ) -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "parameters", dict(parameters or {}))
        object.__setattr__(self, "precisions", precisions)
        if root is not None:
            self.__dict__["root"] = root

    @cached_property
    def root(self) -> Node:
        return parse(self.text, self.parameters)

    def node(self, order: int = 0) -> Node:
        """The tree of the function (order 0), its slope (1) or second derivative (2)."""
        return derived(self.root, order, left=False)

    @cached_property
    def _steps(self) -> Callable[[int], list[Step]]:
        @cache
        def steps(order: int) -> list[Step]:
            node = stable(self.root)
            for _ in range(order):
                node = stable(derivative(node))
            return tape(node)

        return steps

    def _walk(self, order: int) -> Walk:
        return partial(play, self._steps(order))

    # float64: pairs, then balls where the pairs prove nothing

    def values(self, x: Array, order: int = 0) -> Array:
        """Values (order 0), slopes (1) or second derivatives (2) at every x.

        Each is one of the two float64 next to the true value.

        Args:
            x: float64, any length; meant to be a block that fits the cache.
        """
        v, proved = self._float_values(x, order)
        if proved is True:
            return v
        left = np.flatnonzero(~proved)
        outside = limits.outside(lambda interval: self.ball(interval, order), x[left])
        v[left[outside]], left = math.nan, left[~outside]
        points, places = np.unique(x[left].view(np.int64), return_inverse=True)
        settled = [self._cached_rounded(point, order) for point in points.view(np.float64).tolist()]
        v[left] = np.array(settled)[places]
        return v

    def quick(self, x: Array, order: int = 0) -> Array:
        """Values or derivatives in float64, with every operation rounded and no error bound.

        Where an intermediate result overflows, `values` gives the result instead.
        """
        known = {"x": x, "pi": np.pi, **self.parameters}
        played = self._walk(order)(lambda text: np.asarray(known.get(text, text), np.float64), plain.apply)
        values: Array = np.array(np.broadcast_to(played, x.shape))
        if (lost := ~np.isfinite(values)).any():
            values[lost] = self.values(x[lost], order)
        return values

    def to_odd(self, x: Array, order: int = 0) -> Array:
        """Values at every x, rounded so that a second rounding, to float32 or shorter, is still correct."""
        with np.errstate(all="ignore"):
            pairs = self.pairs(x, order)
            near, rest, bound = np.broadcast_arrays(x, pairs.high, pairs.low, error(pairs))[1:]
            high = near + rest
            low = rest - (high - near)
            # The sign of `low` shows on which side of `high` the true value lies, unless the error bound exceeds |low|.
            sure = ((np.abs(low) > bound) & (bound < np.spacing(np.abs(high)) / 4)) | ((low == 0) & (bound == 0))
            is_odd = high.view(np.int64) & 1 == 1
            out: Array = np.where(is_odd | (low == 0), high, np.nextafter(high, np.copysign(np.inf, low)))
            if not sure.all():
                exact = rational.hits(self._walk(order), x, self.parameters, high, np.abs(low) + bound)
                out[exact] = high[exact]
                sure |= exact
            sure &= (x != 0) & np.isfinite(x) & np.isfinite(high) & (high != 0)
        for i in np.flatnonzero(~sure):
            out[i] = self.rounded_to_odd(float(x[i]), order)
        return out

    @cached_property
    def _constants(self) -> Callable[[int], list[Pair | Condition | None]]:
        """The value of each step of the tape that does not depend on x, None for the other steps."""

        @cache
        def constants(order: int) -> list[Any]:
            known: list[Any] = []
            for op, args, text in self._steps(order):
                parts = [known[i] for i in args]
                if args:
                    varies = any(part is None for part in parts)
                    known.append(None if varies else _scalar(precise.OPERATIONS[op](*parts)))
                elif text in self.parameters:
                    known.append(bounded_parameter(self.parameters[text]))
                else:
                    known.append({"x": None, "pi": bounded.PI}[text] if text in ("x", "pi") else Pair(float(text)))
            return known

        return constants

    def pairs(self, x: Array, order: int) -> Pair:
        """Values, or derivatives, at every x as pairs of float64 with an error bound."""
        return tidy(self._evaluated(sized(x), order))

    def _evaluated(self, x: Pair, order: int) -> Pair:
        """Values, or derivatives, as pairs of float64 with an error bound, whose parts may overlap."""
        steps = self._steps(order)
        slots: list[Any] = []
        for (op, args, _), constant in zip(steps, self._constants(order), strict=True):
            operations = precise.OPERATIONS if len(slots) + 1 < len(steps) else precise.LAST
            slots.append(constant or (operations[op](*[slots[i] for i in args]) if args else x))
        result: Pair = slots[-1]
        return result

    def _float_values(self, x: Array, order: int) -> tuple[Array, Literal[True] | NDArray[np.bool_]]:
        """Values, and where they are proved faithful; limits decide the values at infinite x and the zeros at x = 0."""
        with np.errstate(all="ignore"):
            given = sized(x)
            v, proved = to_floats(self._evaluated(given, order), x.shape)
            if proved is True and given.most < math.inf:
                return v, True
            proved = proved & ((x != 0) | (v != 0)) & np.isfinite(x)
            return v, True if proved.all() else proved

    @cached_property
    def _special_values(self) -> dict[tuple[float, float, int], float]:
        return {}

    def _cached_rounded(self, x: float, order: int) -> float:
        """`rounded`, with its results at zeros and infinities cached, because these often fill whole arrays."""
        if math.isfinite(x) and x:
            return self.rounded(x, order)
        place = (x, math.copysign(1.0, x), order)
        if place not in self._special_values:
            slope_sign = 0.0 if x else self._slope_sign_at_zero(order)
            self._special_values[place] = x * slope_sign if slope_sign else self.rounded(x, order)
        return self._special_values[place]

    def _slope_sign_at_zero(self, order: int) -> float:
        """The sign of the slope at 0 if pairs prove it and a value of 0, else 0.0; it saves a search in balls."""
        known = self._constants(order)
        steps = [step for step, constant in zip(self._steps(order), known, strict=True) if constant is None]
        varying = [(op, known[args[-1]]) for op, args, _ in steps if args]
        return limits.crossing(varying, lambda more: self.pairs(np.zeros(1), order + more))

    # balls, and limits where balls do not decide

    def ball(self, x: arb, order: int = 0) -> Outcome[arb]:
        """The value at x as a ball, at flint's current precision."""
        outcome: Outcome[arb] = self._walk(order)(lambda text: x if text == "x" else self._constant(text), balls.apply)
        return outcome

    def series(self, x: arb, order: int = 0) -> Outcome[arb_series]:
        """The Taylor series about x, of flint's current length, in balls that hold the series about every point of x.

        >>> from flint import arb, ctx
        >>> ctx.cap = 3
        >>> Formula("x**2/2").series(arb(3)).coeffs()
        [4.50000000000000, 3.00000000000000, 0.500000000000000]
        """
        return enclosures.series(self._walk(order), self._constant, x)

    def hull(self, x: arb, order: int = 0) -> Outcome[arb]:
        """A ball that contains all values on the ball x, even if the formula switches branches there."""
        return enclosures.hull(self._walk(order), self._constant, x)

    def _constant(self, text: str) -> arb:
        return ball_leaf(text, self.parameters)

    def settle(self, x: float | arb, order: int, accept: Callable[[arb], Outcome[T]], **how: Any) -> Outcome[T]:
        """The first answer of `accept` to a ball at x, over rising precisions; `how` goes to `balls.settle`."""
        from flint import arb

        point = x if isinstance(x, arb) else arb(x)
        return balls.settle(lambda: self.ball(point, order), accept, **{"patience": self._patience, **how})

    @cached_property
    def _patience(self) -> balls.Patience:
        return balls.Patience(self.text)

    def rounded(self, x: float, order: int = 0) -> float:
        """The float64 nearest to the value at x, correctly rounded; limits at the infinities, nan where undefined."""
        return self._rounded(x, order, balls.nearest)

    def rounded_to_odd(self, x: float, order: int = 0) -> float:
        """The value at x rounded so that a second rounding, to float32 or shorter, is still correct."""
        return self._rounded(x, order, balls.to_odd)

    def _rounded(self, x: float, order: int, accept: Callable[[arb], Outcome[float]]) -> float:
        if math.isnan(x):
            return math.nan
        if math.isinf(x):
            return self.limit(x, order)
        value = self._from_balls(x, order, accept)
        if isinstance(value, Missing):
            if value is UNDECIDED:
                return self._far_value(x, order) if abs(x) >= FAR else math.nan
            return limits.at_edge(self._settler(order), x, self._settler(0))
        if x == 0 and value == 0:
            # The zero takes the sign of the values next to it, on the side that the sign of x shows.
            return limits.signed_zero(self._settler(order), x)
        return value

    def _from_balls(self, x: float, order: int, accept: Callable[[arb], Outcome[float]]) -> Outcome[float]:
        def accepted(ball: arb) -> Outcome[float]:
            # A value that underflows gives a zero with the sign of the values on the way to that infinity.
            return self._asymptotic(limits.vanishing_zero, x, order) if balls.vanishes(ball) else accept(ball)

        # Beyond the reach of balls the first precision still shows whether x is in the domain; the others would fail.
        in_reach = abs(x) < FAR or abs(x) < self._asymptotic(limits.reach, x, order)
        precisions = self.precisions if in_reach else self.precisions[:1]
        return self.settle(x, order, accepted, precisions=precisions)

    def _settler(self, order: int, **how: Any) -> limits.Settler:
        return lambda point, accept: self.settle(point, order, accept, **how)

    def _far_value(self, x: float, order: int) -> float:
        """The value at an x so large that balls do not decide: the limit on that side.

        Where the limit is infinite, a float64 value is better if there is one: log(x) grows slowly.
        """
        limit = self.limit(x, order)
        if math.isfinite(limit):
            return limit
        near = float(self._float_values(np.array([x]), order)[0][0])
        return limit if math.isnan(near) else near

    def limit(self, end: float, order: int = 0) -> float:
        """The limit on the side of end, inf or -inf; nan where there is none, as for a sine."""
        return self._asymptotic(limits.limit, end, order)

    @cached_property
    def _asymptotics(self) -> dict[tuple[Any, float, int], float]:
        return {}

    def _asymptotic(self, find: Callable[[limits.Settler, float], float], x: float, order: int) -> float:
        """The result of `find`, which samples large numbers of the sign of x; cached, as it takes many bits."""
        side = (find, math.copysign(1.0, x), order)
        if side not in self._asymptotics:
            # A fresh Patience makes the result depend on the formula alone, not on earlier requests.
            fresh = balls.Patience(self.text)
            self._asymptotics[side] = find(self._settler(order, patience=fresh), side[1])
        return self._asymptotics[side]

    def sides(self, x: float, order: int, step: float = 0.0) -> tuple[float, float]:
        """The derivative of that order left and right of x: the one-sided limits, or the values a step away from x."""
        return limits.sides(self._settler(order), x, step)

    def one_sided(self, x: float) -> tuple[limits.Side, limits.Side]:
        """Value and slope just left of x, and just right of it.

        A kink within 2 ulp of x counts as a kink at x, since its place may be rounded, as that of (1 - 1/2)/(1/6) = 3.

        >>> Formula("max(x, 0)").one_sided(0.0)
        ((0.0, 0.0), (0.0, 1.0))
        """
        near, wide = (self._values_and_slopes(x, step) for step in (0.0, 2 * float(np.spacing(abs(x)))))
        return wide if limits.differs(*wide) and not limits.differs(*near) else near

    def _values_and_slopes(self, x: float, step: float) -> tuple[limits.Side, limits.Side]:
        values, slopes = self.sides(x, 0, step), self.sides(x, 1, step)
        return (values[0], slopes[0]), (values[1], slopes[1])

    # digits

    def digits(self, x: float, n: int, order: int = 0) -> str:
        """The value at x correctly rounded to n significant digits, ties to even."""
        if not math.isfinite(x):
            return str(self.rounded(x, order))
        found = self.settle(x, order, lambda ball: decimals.decimal(ball, n), bits=decimals.bits_of(n))
        if not isinstance(found, Missing):
            return "-0" if found == "0" and math.copysign(1, self.rounded(x, order)) < 0 else found
        # A value too large for its digits to be proved may still be proved to overflow float64.
        whole = self.settle(x, order, balls.nearest) if found is UNDECIDED else found
        return str(whole) if isinstance(whole, float) and math.isinf(whole) else "nan"
