"""The best polynomial or rational approximation, by the Remez exchange.

The exchange runs in float64 on a fine grid, cut at kinks, in a basis of Chebyshev polynomials. If the error is close to
the rounding of float64, the exchange runs again on the error of the first approximation, computed in balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.polynomial import chebyshev

from actcli.formulas.primitives import Array
from actcli.studies.approximation.exchange import Levelled, Problem
from actcli.studies.approximation.target import Symmetry, Target

if TYPE_CHECKING:
    from flint import arb, arb_poly

#: Points of the grid: the fewest, and the number for each point of the exchange.
_LEAST, _EACH = 2000, 120
#: Levels below this, relative to the function, are computed from the error of a first approximation.
_SHALLOW = 1e-7
#: Gauss-Legendre nodes between two kinks.
_NODES = 200
#: Newton steps from the precision of float64 to beyond that of the balls.
_NEWTON = 6
#: The precision of changes of basis, in bits.
_BITS = 640


@dataclass(frozen=True)
class Basis:
    """Chebyshev polynomials of some degrees on a range: T_k((x - middle)/radius).

    times_x: whether all are multiplied by x, which makes them 0 at 0.
    """

    degrees: tuple[int, ...]
    middle: float
    radius: float
    times_x: bool = False

    def matrix(self, x: Array) -> Array:
        """The basis functions at every x: a column for each degree, a row for each x."""
        whole = chebyshev.chebvander((x - self.middle) / self.radius, max(self.degrees, default=0))
        columns = whole[:, list(self.degrees)]
        return np.asarray(columns * x[:, None] if self.times_x else columns)

    def values(self, x: float) -> list[arb]:
        """The basis functions at a point, as balls."""
        from flint import arb

        whole = _chebyshev((arb(x) - self.middle) / self.radius, arb(1), max(self.degrees, default=0) + 1)
        return [whole[k] * x if self.times_x else whole[k] for k in self.degrees]

    def power_form(self, coefficients: Sequence[arb] | Sequence[float], centre: float) -> arb_poly:
        """The polynomial with these coefficients, in powers of x - centre."""
        from flint import arb, arb_poly

        t = arb_poly([(arb(centre) - self.middle) / self.radius, 1 / arb(self.radius)])
        whole = _chebyshev(t, arb_poly([1]), max(self.degrees, default=0) + 1)
        total = arb_poly([0])
        factors: list[arb | float] = [*coefficients]
        for k, coefficient in zip(self.degrees, factors, strict=True):
            total += whole[k] * arb_poly([coefficient])
        return total * arb_poly([centre, 1]) if self.times_x else total


@dataclass(frozen=True, eq=False)
class Best:
    """The best quotient p/q of polynomials in x - centre, far more precise than float64; q is 1 for a polynomial.

    points: the points at which the error alternates.
    lower_bound: a lower bound of the largest error of every quotient of these degrees.
    """

    p: arb_poly
    q: arb_poly
    centre: float
    points: Array
    lower_bound: float


@dataclass(frozen=True, eq=False)
class Search:
    """The search for the best approximation of degree n, or n/m, of a target.

    parity: "odd" or "even" to allow only such powers; "" for the symmetry of the target, if it has one.

    Raises:
        ValueError: if no such approximation was found, or the range does not allow the parity.
    """

    target: Target
    n: int
    m: int = 0
    parity: str = ""

    @cached_property
    def symmetry(self) -> Symmetry | None:
        """The symmetry that the search uses, None if its straight line exceeds the degrees."""
        found = self.target.symmetry
        if self.parity:
            if found and found.parity == self.parity and not (found.slope or found.constant):
                return found
            if self.target.low < 0 < self.target.high:
                raise ValueError(
                    f"--{self.parity}: {self.target.name} is not {self.parity} on this range; "
                    f"take one side of 0, such as --range 0:{self.target.high:g}, or leave out --{self.parity}"
                )
            return Symmetry(self.parity)
        if found is None or (found.slope and self.n < self.m + 1) or (found.constant and self.n < self.m):
            return None
        return found

    @cached_property
    def _low(self) -> float:
        """The start of the grid, which is 0 for a symmetric range."""
        return 0.0 if self.symmetry and self.target.low < 0 < self.target.high else self.target.low

    @cached_property
    def _at_zero(self) -> bool:
        """Whether the polynomial must be 0 at 0, which a finite relative error requires if the function is 0 there."""
        return self.target.relative and self.target.starts_at_zero

    @cached_property
    def bases(self) -> tuple[Basis, Basis]:
        """The bases of numerator and denominator."""
        low, high = self.target.low, self.target.high
        if self.symmetry:
            middle, radius, step = 0.0, max(-low, high), 2
        else:
            middle, radius, step = self.target.middle, self.target.radius, 1
        first = 1 if self.symmetry and self.symmetry.parity == "odd" else 0
        zero = self._at_zero and not first
        above = tuple(range(first, self.n + 1 - zero, step))
        return Basis(above, middle, radius, zero), Basis(tuple(range(0, self.m + 1, step)), middle, radius)

    @property
    def _vanishes_at_zero(self) -> bool:
        """Whether all basis functions of the numerator are 0 at 0, so that 0 cannot be a point of the exchange."""
        above = self.bases[0]
        return above.times_x or 0 not in above.degrees

    def _problem(self, extra: Array) -> Problem:
        above, below = self.bases
        x = self._grid(len(above.degrees) + len(below.degrees), extra)
        f = self.target.values(x)
        weight = 1 / np.abs(f) if self.target.relative else np.ones_like(f)
        return Problem(x, f - self._line(x), weight, above.matrix(x), below.matrix(x))

    def _line(self, x: Array) -> Array:
        return self.symmetry.slope * x + self.symmetry.constant if self.symmetry else np.zeros_like(x)

    def _grid(self, count: int, extra: Array) -> Array:
        """Grid points, dense near the ends of the range and near kinks."""
        pieces = self.target.pieces(self._low)
        each = max(_LEAST, _EACH * count) // len(pieces) + 2
        shape = (1 - np.cos(np.linspace(0, np.pi, each))) / 2
        x = np.unique(np.concatenate([*(a + (b - a) * shape for a, b in pieces), extra]))
        return np.asarray(x[x != 0] if self._vanishes_at_zero else x)

    def best(self, extra: Sequence[float] = ()) -> Best:
        """The best approximation.

        extra: more points for the grid, at which the error was found to be larger than on the grid.
        """
        points = np.abs(extra) if self._low == 0 > self.target.low else np.asarray(extra, dtype=np.float64)
        problem = self._problem(points)
        levelled = self._levelled(problem)
        # The exchange is repeated with more points around each extremum.
        at = np.searchsorted(problem.x, levelled.points)
        around = [problem.x[[max(i - 1, 0), min(i + 1, len(problem.x) - 1)]] for i in at]
        fine = np.concatenate([np.linspace(a, b, 25) for a, b in around])
        problem = self._problem(np.concatenate([points, fine]))
        levelled = problem.exchange(problem.nearest(levelled.points)) or levelled
        with enough_bits():
            if self.m == 0 and levelled.level < _SHALLOW * float(np.abs(problem.weight * problem.f).max()):
                levelled = self._refined(problem, levelled)
            return self._exact(*self._levelled_at(levelled), levelled)

    def samples(self, points: Array) -> tuple[Array, Array, Array]:
        """x, f and weight on a grid over the whole range that includes the given points and kinks."""
        target = self.target
        x = np.concatenate([np.linspace(target.low, target.high, 4 * _LEAST + 1), points, target.kinks])
        x = np.unique(x)
        x = x[x != 0] if self._at_zero else x
        f = target.values(x)
        return x, f, 1 / np.abs(f) if target.relative else np.ones_like(f)

    def least_squares(self, deviation: float) -> Best:
        """The polynomial with the least mean square error under a normal distribution around 0, truncated to the range.

        Raises:
            ValueError: for a deviation that is not positive, or for which all weights on the range underflow.
        """
        x, weight = self._normal(deviation)
        f = self.target.values(x)
        size = np.sqrt(weight / f**2 if self.target.relative else weight)
        columns = self.bases[0].matrix(x)
        numerator = np.asarray(
            np.linalg.lstsq(columns * size[:, None], (f - self._line(x)) * size)[0], dtype=np.float64
        )
        with enough_bits():
            levelled = Levelled(numerator, np.ones(1), np.empty(0), float(np.abs(f).max()) * 1e-6)
            return self._exact([arb_of(value) for value in numerator], [arb_of(1)], levelled)

    def root_mean_square(self, p: Sequence[float], centre: float, deviation: float) -> float:
        """The root mean square error of a polynomial in x - centre under the distribution of `least_squares`."""
        x, weight = self._normal(deviation)
        f = self.target.values(x)
        error = f - np.polynomial.polynomial.polyval(x - centre, p)
        return float(np.sqrt(np.sum(weight * (error / f if self.target.relative else error) ** 2) / np.sum(weight)))

    def _normal(self, deviation: float) -> tuple[Array, Array]:
        """Gauss-Legendre nodes between kinks, and their weights under the normal distribution."""
        if not deviation > 0:
            raise ValueError(f"--weight normal@std={deviation:g}: a deviation is above 0")
        nodes, shares = np.polynomial.legendre.leggauss(_NODES)
        parts = [((a + b) / 2 + (b - a) / 2 * nodes, (b - a) / 2 * shares) for a, b in self.target.pieces()]
        x, size = (np.concatenate(part) for part in zip(*parts, strict=True))
        weight = size * np.exp(-0.5 * (x / deviation) ** 2)
        if not weight.any():
            raise ValueError(f"--weight normal@std={deviation:g} has nothing on this range; take a larger deviation")
        return x, weight

    def _levelled(self, problem: Problem) -> Levelled:
        found = problem.exchange(problem.start())
        if found is None and self.m:
            smaller = Search(self.target, max(self.n - 1, 0), self.m - 1, self.parity)
            less = smaller._levelled(smaller._problem(np.empty(0)))
            found = problem.exchange(problem.stretched(less.points))
        if found is None:
            raise ValueError(
                f"no quotient of degrees {self.n}/{self.m} without a pole was found for {self.target.name}; "
                f"try --degree {self.n + 1}/{max(self.m - 1, 1)} or --degree {self.n + self.m}"
            )
        return found

    def _levelled_at(self, levelled: Levelled) -> tuple[list[arb], list[arb]]:
        """The numerator and denominator whose error is levelled at the points, precise enough for equal bits anywhere.

        Newton steps solve p - (f - h s) q = 0 with the largest coefficient of q fixed; one step suffices if q is 1.
        """
        from flint import arb, arb_mat, arb_poly

        line = self._with_line(arb_poly([0]), 0.0)
        points = levelled.points.tolist()
        f = [self.target.ball(x) for x in points]
        signs = [(abs(y) if self.target.relative else arb(1)) * (-1) ** i for i, y in enumerate(f)]
        wanted = [y - line(arb(x)) for x, y in zip(points, f, strict=True)]
        tops, bottoms = ([basis.values(x) for x in points] for basis in self.bases)
        kept = int(np.argmax(np.abs(levelled.denominator)))
        a, b = (
            [arb(value / levelled.denominator[kept]) for value in part.tolist()]
            for part in (levelled.numerator, levelled.denominator)
        )
        h = (wanted[0] - _dot(a, tops[0]) / _dot(b, bottoms[0])) / signs[0]
        free = [k for k in range(len(b)) if k != kept]
        steps = _NEWTON if self.m else 1
        for step in range(1, steps + 1):
            rows, right = [], []
            for y, s, top, bottom in zip(wanted, signs, tops, bottoms, strict=True):
                q = _dot(b, bottom)
                rows.append([*top, *(-(y - h * s) * bottom[k] for k in free), s * q])
                right.append([(y - h * s) * q - _dot(a, top)])
            try:
                solved = arb_mat(rows).solve(arb_mat(right))
            except ZeroDivisionError:  # the function is a quotient of lower degrees, so the solution is not unique
                break
            # The last step keeps its radius, so that a coefficient of 0 is a ball that contains 0.
            moves = [solved[k, 0] if step == steps else solved[k, 0].mid() for k in range(len(rows))]
            a = [value + move for value, move in zip(a, moves, strict=False)]
            for k, move in zip(free, moves[len(a) :], strict=False):
                b[k] += move
            h += moves[-1]
        return a, b

    def _refined(self, problem: Problem, levelled: Levelled) -> Levelled:
        """The exchange on the error of a first polynomial, computed in balls, as float64 would round it away."""
        first = [arb_of(value) for value in levelled.numerator]
        polynomial = self._with_line(self.bases[0].power_form(first, 0.0), 0.0)
        thinned = np.union1d(problem.x[:: max(1, len(problem.x) // 800)], levelled.points)
        left = np.array([float(self.target.ball(x) - polynomial(arb_of(x))) for x in thinned.tolist()])
        f = self.target.values(thinned)
        weight = 1 / np.abs(f) if self.target.relative else np.ones_like(f)
        above, below = self.bases
        rest = Problem(thinned, left, weight, above.matrix(thinned), below.matrix(thinned))
        return rest.exchange(rest.start()) or levelled

    def _with_line(self, p: arb_poly, centre: float) -> arb_poly:
        """A polynomial in x - centre plus the straight line of the symmetry."""
        from flint import arb_poly

        if self.symmetry is None:
            return p
        return p + arb_poly([self.symmetry.constant + arb_of(self.symmetry.slope) * centre, self.symmetry.slope])

    def _exact(self, numerator: Sequence[arb], denominator: Sequence[arb], levelled: Levelled) -> Best:
        from flint import arb_poly

        above, below = self.bases
        reach = max(abs(self.target.low), abs(self.target.high))
        centre = self.target.middle
        p = above.power_form(numerator, 0.0)
        q = below.power_form(denominator, 0.0)
        # Coefficients of powers of x, rounded to float64, lose digits far from 0; those of powers of x - centre do not.
        lost = sum(float(abs(c)) * reach**k for k, c in enumerate(p.coeffs())) * 2.0**-53
        if not self.symmetry and self.target.low * self.target.high >= 0 and lost > levelled.level * 1e-3:
            p = above.power_form(numerator, centre)
            q = below.power_form(denominator, centre)
        else:
            centre = 0.0
        if self.symmetry:
            line = arb_poly([self.symmetry.constant, self.symmetry.slope])
            p += line * q
        if self.m:
            largest = max(q.coeffs(), key=lambda c: float(abs(c)))
            scale = arb_poly([1 / (q[0] if abs(q[0]) * 1000 > abs(largest) else largest)])
            p, q = p * scale, q * scale
        points = levelled.points
        if self._low == 0 > self.target.low:
            points = np.unique(np.concatenate([-points, points]))
        return Best(p, q, centre, points, self._lower_bound(p, q, centre, points))

    def _lower_bound(self, p: arb_poly, q: arb_poly, centre: float, points: Array) -> float:
        """De la Vallee Poussin's bound: the smallest error at the alternating points, 0 if these are too few."""
        above, below = self.bases
        defect = min(self.n - (len(p.coeffs()) - 1), self.m - (len(q.coeffs()) - 1)) if self.m else 0
        needed = self.n + self.m + 2 - max(defect, 0)
        if self.parity or self._at_zero:
            needed = len(above.degrees) + len(below.degrees)
        runs: list[tuple[bool, float]] = []
        for x in points.tolist():
            f, t = self.target.ball(x), arb_of(x) - centre
            error = f - p(t) / q(t)
            size = error / f if self.target.relative else error
            if size.contains(0) or not size.is_finite():
                continue
            least = float(size.abs_lower()) * (1 - 1e-15)
            if runs and runs[-1][0] == bool(error > 0):
                runs[-1] = (runs[-1][0], max(runs[-1][1], least))
            else:
                runs.append((bool(error > 0), least))
        sizes = [size for _, size in runs]
        while len(sizes) > needed:
            sizes.pop(0 if sizes[0] <= sizes[-1] else -1)
        return min(sizes) if len(sizes) >= needed else 0.0


def _chebyshev(t: Any, one: Any, count: int) -> list[Any]:
    """The first `count` Chebyshev polynomials of t, a number or a polynomial."""
    found = [one, t]
    while len(found) < count:
        found.append(2 * t * found[-1] - found[-2])
    return found[:count]


def _dot(a: Sequence[arb], b: Sequence[arb]) -> arb:
    total: arb = sum((x * y for x, y in zip(a, b, strict=True)), arb_of(0))
    return total


def chebyshev_form(p: arb_poly, centre: float, middle: float, radius: float) -> list[arb]:
    """A polynomial in x - centre as coefficients of T_k((x - middle)/radius)."""
    from flint import arb, arb_poly

    rest = p(arb_poly([arb(middle) - centre, radius]))
    bases = _chebyshev(arb_poly([0, 1]), arb_poly([1]), len(rest.coeffs()))
    found: list[arb] = []
    for k in range(len(bases) - 1, -1, -1):
        leading = rest[k] / bases[k][k]
        found.append(leading)
        rest = rest - arb_poly([leading]) * bases[k]
    return found[::-1]


def arb_of(value: float) -> arb:
    """A float64 as a ball."""
    from flint import arb

    return arb(float(value))


def enough_bits() -> AbstractContextManager[None]:
    """A context with enough bits for changes of basis."""
    from flint import ctx

    context: AbstractContextManager[None] = ctx.workprec(_BITS)
    return context
