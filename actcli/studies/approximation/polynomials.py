"""Polynomials and their quotients as approximations, by degree, format of coefficients, least squares or error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from actcli.formulas.formula import Formula
from actcli.studies.approximation.bound import Bound, Segment, rounded_up, supremum
from actcli.studies.approximation.horner import horner, number
from actcli.studies.approximation.minimax import Basis, Best, Search, chebyshev_form, enough_bits
from actcli.studies.approximation.result import Approximation
from actcli.studies.approximation.rounding import FLOAT64, Format, best_rounded
from actcli.studies.approximation.target import Target

if TYPE_CHECKING:
    from flint import arb

#: Higher degrees exceed the length of a formula and the range of float64 for powers.
MAX_DEGREE = 40
#: The largest ratio of the proved error to the lower bound; beyond it the grid was too coarse.
_LEVEL = 1.002
#: The matrix of basis functions: powers, or Chebyshev polynomials.
_POWERS = {False: np.polynomial.polynomial.polyvander, True: np.polynomial.chebyshev.chebvander}
#: A term that stays below this fraction of the largest term counts as 0.
_NEGLIGIBLE = 1e-22
#: The most times that a point with a larger error than on the grid is added to it.
_TIMES = 3
#: If the error falls to more than this fraction, it comes from the rounding of coefficients, and no point is added.
_BETTER = 0.99


@dataclass(frozen=True)
class Wish:
    """The options of a polynomial besides its degree.

    parity: "odd", "even" or "".
    deviation: the standard deviation of the normal distribution for least squares; None for the least maximum.
    chebyshev: whether coefficients are of Chebyshev polynomials on the range instead of powers.
    """

    form: Format = FLOAT64
    parity: str = ""
    deviation: float | None = None
    chebyshev: bool = False


def polynomial(target: Target, n: int, m: int = 0, wish: Wish = Wish()) -> Approximation:
    """The best approximation by a polynomial of degree n, or a quotient of degrees n/m, with its proved error.

    Raises:
        ValueError: for degrees out of range, or if there is no such approximation.

    >>> from actcli.activations import get
    >>> found = polynomial(Target(get("exp"), -1, 0), 5)
    >>> print(f"{found.bound.error:.5g}")
    4.1555e-07
    """
    if not (0 <= n <= MAX_DEGREE and 0 <= m <= MAX_DEGREE and n + m <= MAX_DEGREE):
        asked = f"{n}/{m}" if m else f"{n}"
        raise ValueError(
            f"--degree {asked} is out of range: from 0 to {MAX_DEGREE}, for a result that is still a formula; "
            "--pieces and --table come as close as you like"
        )
    if m and (wish.chebyshev or wish.deviation is not None or wish.form != FLOAT64):
        raise ValueError(f"--degree {n}/{m} is a quotient; --coefficients, --basis and --weight are for polynomials")
    search = Search(target, n, m, wish.parity)
    if wish.deviation is not None:
        best = search.least_squares(wish.deviation)
        numbers, written = _rounded(search, best, wish)
        return _result(search, best, wish, numbers, written, _bounded(target, written))
    exact = replace(wish, form=FLOAT64)
    extra: list[float] = []
    before = math.inf
    while True:
        best = search.best(extra)
        numbers, written = _rounded(search, best, exact)
        found = _bounded(target, written)
        if found.error <= best.lower_bound * _LEVEL or found.error > before * _BETTER or len(extra) == _TIMES:
            break
        before = found.error
        extra.append(found.at)
    if wish.form != FLOAT64:
        numbers, written = _rounded(search, best, wish)
        found = _bounded(target, written)
    return _result(search, best, wish, numbers, written, found)


def least(target: Target, budget: float, wish: Wish = Wish()) -> Approximation:
    """The polynomial of the least degree whose proved error is at most the budget.

    Raises:
        ValueError: if no degree is enough; the message gives a possible budget.
    """
    if not budget > 0:
        raise ValueError(f"--max-error {budget:g}: an error to stay below is above 0")
    low, high = -1, 1
    tried: dict[int, Approximation] = {}
    while high <= MAX_DEGREE and polynomial_error(target, high, wish, tried) > budget:
        low, high = high, min(2 * high, MAX_DEGREE) if high < MAX_DEGREE else MAX_DEGREE + 1
    if high > MAX_DEGREE:
        at, error = min(((n, found.bound.error) for n, found in tried.items()), key=lambda pair: pair[1])
        closer = ", or --pieces" if budget > 1e-9 else ""
        raise ValueError(
            f"no polynomial of degree up to {MAX_DEGREE} was found with an error below {budget:g} "
            f"(degree {at} has {error:.3g}); try --max-error {rounded_up(error, 2):g} or a smaller --range{closer}"
        )
    while high - low > 1:
        middle = (low + high) // 2
        if polynomial_error(target, middle, wish, tried) > budget:
            low = middle
        else:
            high = middle
    return tried[high]


def polynomial_error(target: Target, n: int, wish: Wish, tried: dict[int, Approximation]) -> float:
    """The proved error of degree n; the approximation is stored in `tried`."""
    if n not in tried:
        tried[n] = polynomial(target, n, 0, wish)
    return tried[n].bound.error


@dataclass(frozen=True)
class Written:
    """A quotient of polynomials in x - centre as a formula.

    slack: a bound on its distance from the polynomial of the reported coefficients.
    """

    p: Sequence[float]
    q: Sequence[float]
    centre: float
    slack: float = 0.0

    def text(self) -> str:
        """The formula."""
        x = _shifted(self.centre)
        p = horner(self.p, x)
        return p if list(self.q) == [1.0] else f"({p})/({horner(self.q, x)})"


def _bounded(target: Target, written: Written) -> Bound:
    part = Segment(target.low, target.high, Formula(written.text()))
    found = supremum(target.formula, [part], order=target.order, relative=target.relative, cuts=target.kinks)
    return replace(found, error=math.nextafter(found.error + written.slack, math.inf)) if written.slack else found


def _rounded(search: Search, best: Best, wish: Wish) -> tuple[list[float], Written]:
    """The coefficients to report, in the format, and the formula of their polynomial."""
    middle, radius = search.target.middle, search.target.radius
    reach = max(abs(end - best.centre) for end in (search.target.low, search.target.high))
    with enough_bits():
        exact = chebyshev_form(best.p, best.centre, middle, radius) if wish.chebyshev else best.p.coeffs()
        q = _floats(best.q.coeffs())
        wanted = _floats(exact)
        if not search.target.relative:
            wanted = _without_negligible(wanted, 1.0 if wish.chebyshev else reach)
        used = [k for k, value in enumerate(wanted) if value]
        x, f, weight = search.samples(best.points)
        t = (x - middle) / radius if wish.chebyshev else x - best.centre
        columns = np.asarray(_POWERS[wish.chebyshev](t, len(wanted) - 1), dtype=np.float64)
        rounded = best_rounded([wanted[k] for k in used], columns[:, used], f, weight, wish.form) if used else []
        numbers = [0.0] * len(wanted) or [0.0]
        for k, value in zip(used, rounded, strict=True):
            numbers[k] = value
        if not wish.chebyshev:
            return numbers, Written(numbers, q, best.centre)
        powers = Basis(tuple(range(len(numbers))), middle, radius).power_form(numbers, best.centre).coeffs()
        p = _floats(powers)
        lost = [float((a - b).abs_upper()) * reach**k for k, (a, b) in enumerate(zip(powers, p, strict=True))]
        return numbers, Written(p, q, best.centre, sum(lost) * 1.001)


def _without_negligible(coefficients: list[float], reach: float) -> list[float]:
    """The coefficients, with 0 where the term is negligible next to the largest for arguments up to `reach`."""
    largest = max(abs(value) * reach**k for k, value in enumerate(coefficients))
    return [value if abs(value) * reach**k > _NEGLIGIBLE * largest else 0.0 for k, value in enumerate(coefficients)]


def _floats(coefficients: Sequence[arb]) -> list[float]:
    """Coefficients rounded to float64, with 0 for a ball that contains 0."""
    return [0.0 if c.contains(0) else float(c) for c in coefficients] or [0.0]


def _result(
    search: Search, best: Best, wish: Wish, numbers: list[float], written: Written, bound: Bound
) -> Approximation:
    target = search.target
    parts: list[tuple[str, float, float | None]]
    if search.m:
        parts = [
            *((_power("numerator", k, best.centre), value, None) for k, value in enumerate(written.p)),
            *((_power("denominator", k, best.centre), value, None) for k, value in enumerate(written.q)),
        ]
        what = f"quotient of degrees {search.n}/{search.m}"
    elif wish.chebyshev:
        t = f"{_shifted(target.middle)}/{number(target.radius)}"
        parts = [(f"T{k}({t})", value, None) for k, value in enumerate(numbers)]
        what = f"polynomial of degree {search.n}"
    else:
        parts = [(_power("", k, best.centre), value, None) for k, value in enumerate(numbers)]
        what = f"polynomial of degree {search.n}"
    degree = f"{search.n}/{search.m}" if search.m else search.n
    facts: dict[str, Any] = {"degree": degree}
    if len(best.points):
        facts["alternates_at"] = best.points.tolist()
    if wish.chebyshev:
        facts |= {"middle": target.middle, "radius": target.radius}
    if wish.deviation is not None:
        facts["rms"] = search.root_mean_square(written.p, best.centre, wish.deviation)
    lower_bound = None if wish.deviation is not None else best.lower_bound
    return Approximation(target, what, Formula(written.text()), parts, bound, lower_bound, facts)


def _power(part: str, k: int, centre: float) -> str:
    return f"{part} {_shifted(centre)}**{k}".lstrip()


def _shifted(centre: float) -> str:
    return "x" if not centre else f"(x-{number(centre)})" if centre > 0 else f"(x+{number(-centre)})"
