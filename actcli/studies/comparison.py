"""Comparison of two activations: whether they are the same function, and where values and slopes differ most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation
from actcli.activations.definition import USER
from actcli.activations.floats import FLOAT64
from actcli.formulas.tolerances import NOISE_ULPS, SAME_ULPS

Array = NDArray[np.float64]

#: By default activations are compared in this interval, extended to contain their kinks.
SPAN = (-10.0, 10.0)

#: Points far out, compared if there is no difference within the span.
_FAR = np.concatenate([sign * np.concatenate([np.logspace(1, 300, 600), [np.inf]]) for sign in (-1, 1)])

MEASURES = ("absolute", "relative", "ulp")


@dataclass(frozen=True)
class Gap:
    """The largest difference of one kind.

    quantity: "value" or "slope".
    measure: "absolute", "relative" (to the larger of the two) or "ulp" (the number of float64 steps between them).
    x: the point of the difference; for row functions the row.
    """

    quantity: str
    measure: str
    size: float
    x: float | tuple[float, ...]
    first: float
    second: float


@dataclass(frozen=True)
class Difference:
    """The result of `compare`: the gaps, the quantities that differ by more than rounding, and the range of x.

    The range is None for row functions.
    """

    first: Activation
    second: Activation
    gaps: tuple[Gap, ...]
    differing: tuple[str, ...]
    span: tuple[float, float] | None = None

    @property
    def same(self) -> bool:
        """Whether values and slopes agree everywhere, kinks included."""
        return not self.differing

    @property
    def verdict(self) -> str:
        """The outcome in one sentence."""
        a, b = _described(self.first, self.second)
        if self.same:
            return f"{a} and {b} are the same function"
        worst = next(gap for gap in self.gaps if gap.quantity == self.differing[0] and gap.measure == "absolute")
        where = f"at x = {_short(worst.x)}: {_short(worst.first)} and {_short(worst.second)}"
        if self.differing == ("slope",):
            return f"{a} and {b} have the same values, but not the same slope {where}"
        return f"{a} and {b} differ by up to {_short(worst.size)}, {where}"


def _short(value: float | tuple[float, ...]) -> str:
    return f"({', '.join(map(_short, value))})" if isinstance(value, tuple) else f"{value:.6g}"


def _described(first: Activation, second: Activation) -> tuple[str, str]:
    """Both SPECs, each with its name or parameters in parentheses if the SPEC does not show the difference."""

    def described(activation: Activation, other: Activation) -> str:
        if activation.name != other.name:
            renamed = activation.family != USER and activation.name not in activation.spec
            return f"{activation.spec} ({activation.name})" if renamed else activation.spec
        changed = [f"{k}={v:g}" for k, v in activation.parameters.items() if other.parameters.get(k, v) != v]
        return (
            f"{activation.spec} ({', '.join(changed)})" if changed and "@" not in activation.spec else activation.spec
        )

    return described(first, second), described(second, first)


def compare(first: Activation, second: Activation, span: tuple[float, float] | None = None) -> Difference:
    """Compare two activations on a grid that is refined around kinks, zero and the largest differences.

    Differences of the fast tier are checked with correctly rounded results, so that two accurate formulas of one
    function count as the same.

    Args:
        first, second: two elementwise activations, or two row functions.
        span: the interval to compare in; by default -10 to 10, extended to contain every kink, and if there is no
            difference in it, the whole real line.

    Raises:
        ValueError: if one is a row function and the other is not.

    >>> from actcli.activations import get
    >>> compare(get("relu"), get("leaky_relu")).verdict
    'relu and leaky_relu differ by up to 0.1, at x = -10: 0 and -0.1'
    """
    if first.is_row != second.is_row:
        row, single = (first, second) if first.is_row else (second, first)
        raise ValueError(f"{row.spec} works on rows and {single.spec} on single numbers: they can't be compared")
    if first.is_row:
        return _compare_rows(first, second)
    within = span or _span(first, second)
    grid = _grid(first, second, within)
    gaps: list[Gap] = []
    differing: list[str] = []
    for order, quantity in enumerate(("value", "slope")):
        pair = _Pair(first, second, order)
        found, differ = _search(pair, grid, quantity)
        if not differ and span is None:
            beyond, differ = _search(pair, _FAR, quantity)
            found = beyond if differ else found
        gaps += found
        differing += [quantity] if differ else []
    return Difference(first, second, tuple(gaps), tuple(differing), within)


def largest_gap(first: Activation, second: Activation, span: tuple[float, float], order: int = 0) -> Gap | None:
    """The largest absolute difference of two elementwise activations, or of their slopes, that `compare` finds there.

    None where they do not differ but for rounding.

    >>> from actcli.activations import get
    >>> gap = largest_gap(get("step"), get("sigmoid"), (-5.0, 5.0))
    >>> gap.size, gap.x
    (0.5, 0.0)
    """
    found, differ = _search(_Pair(first, second, order), _grid(first, second, span), ("value", "slope")[order])
    return found[0] if differ else None


def _span(first: Activation, second: Activation) -> tuple[float, float]:
    kinks = [x for x in (*first.kinks, *second.kinks) if np.isfinite(x)]
    return min([SPAN[0], *(x - 5 for x in kinks)]), max([SPAN[1], *(x + 5 for x in kinks)])


def _grid(first: Activation, second: Activation, span: tuple[float, float]) -> Array:
    low, high = span
    sizes = np.logspace(-320, 308, 1500)
    fine = np.concatenate([np.arange(-3, 4) * 2.0**-52, *(sign * 2.0 ** -np.arange(1.0, 50.0) for sign in (-1, 1))])
    places = [x for x in (*first.kinks, *second.kinks, 0.0, low, high) if np.isfinite(x)]
    around = [x + fine * max(abs(x), 1.0) for x in places]
    points = np.concatenate([np.linspace(low, high, 8193), sizes, -sizes, np.array(places), *around])
    return np.unique(points[(points >= low) & (points <= high)])


@dataclass(frozen=True)
class _Pair:
    """Both activations at one order of the derivative, in the fast tier and correctly rounded."""

    first: Activation
    second: Activation
    order: int

    def fast(self, x: Array) -> tuple[Array, Array]:
        both = (self.first, self.second)
        a, b = (np.asarray(f.fast.slope(x) if self.order else f.fast(x), dtype=np.float64) for f in both)
        return a, b

    def exact(self, x: Array) -> tuple[Array, Array]:
        a, b = (np.asarray(f.exact(x, self.order), dtype=np.float64) for f in (self.first, self.second))
        return a, b

    def steepness(self, x: Array) -> Array:
        """The larger size of the two derivatives of the result by x."""
        both = (self.first, self.second)
        with np.errstate(all="ignore"):
            a, b = (np.abs(f.fast.second(x) if self.order else f.fast.slope(x)) for f in both)
            return np.asarray(np.nan_to_num(np.fmax(a, b), nan=0.0, posinf=0.0))


def _distance(a: Array, b: Array) -> Array:
    """|a - b|, infinite where only one is nan or infinite, 0 where both are nan or the same infinity."""
    with np.errstate(all="ignore"):
        apart = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, np.abs(a - b))
    return np.where(np.isnan(apart), np.inf, apart)


def _measured(a: Array, b: Array) -> dict[str, Array]:
    apart = _distance(a, b)
    with np.errstate(all="ignore"):
        # Subnormals have too few digits for a relative difference.
        relative = np.where(apart == 0, 0.0, apart / np.fmax(np.fmax(np.abs(a), np.abs(b)), FLOAT64.smallest_normal))
    ulps = np.where(apart == 0, 0.0, FLOAT64.ulps_apart(a, b))
    return {"absolute": apart, "relative": np.nan_to_num(relative, nan=np.inf), "ulp": np.nan_to_num(ulps, nan=np.inf)}


def _exceeds_rounding(pair: _Pair, x: Array, a: Array, b: Array, ulps: float) -> NDArray[np.bool_]:
    """Return True where |a - b| exceeds an error of `ulps` ulp in the result and in x."""
    with np.errstate(all="ignore"):
        size = np.nan_to_num(np.fmax(np.abs(a), np.abs(b)), nan=0.0, posinf=0.0)
        allowed = ulps * (
            np.spacing(size) + pair.steepness(x) * np.spacing(np.abs(np.nan_to_num(x, posinf=0, neginf=0)))
        )
    return np.asarray(_distance(a, b) > allowed)


def _search(pair: _Pair, x: Array, quantity: str) -> tuple[list[Gap], bool]:
    """The largest gaps at the points x, refined between them, and whether one exceeds rounding."""
    a, b = pair.fast(x)
    suspects = np.flatnonzero(_exceeds_rounding(pair, x, a, b, NOISE_ULPS))
    looked_at = suspects if suspects.size else np.flatnonzero(_distance(a, b))
    gaps, differ = [], False
    for measure in MEASURES:
        sizes = _measured(a[looked_at], b[looked_at])[measure]
        places = looked_at[_descending(sizes, x[looked_at])[:5]]
        points = x[places]
        if suspects.size and np.isfinite(x).all():
            points = np.unique(np.append(points, [_refined(pair, x, int(i), measure) for i in places[:1]]))
        if not points.size:
            points = x[x.size // 2 : x.size // 2 + 1]
        exact = pair.exact(points)
        differ = differ or bool(suspects.size and _exceeds_rounding(pair, points, *exact, SAME_ULPS).any())
        sizes = _measured(*exact)[measure]
        worst = _descending(sizes, points)[0]
        gaps.append(Gap(quantity, measure, *(float(part[worst]) for part in (sizes, points, *exact))))
    return gaps, differ


def _rank(sizes: Array) -> Array:
    """Keys for ordering sizes, equal for sizes that agree to 13 digits, so that rounding does not decide the order."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.round(np.log(sizes), 13))


def _descending(sizes: Array, x: Array) -> NDArray[np.intp]:
    """The places of sizes from the largest to the smallest, of those of one rank the x with few decimals first."""
    with np.errstate(invalid="ignore"):  # inf - inf
        return np.lexsort((np.abs(x - np.round(x, 6)), -_rank(sizes)))


def _refined(pair: _Pair, x: Array, i: int, measure: str) -> float:
    """The point of the largest gap between x[i - 1] and x[i + 1]."""
    low, best, high = float(x[max(i - 1, 0)]), float(x[i]), float(x[min(i + 1, x.size - 1)])
    for _ in range(5):
        points = np.unique(np.concatenate([np.linspace(low, high, 65), [best]]))
        sizes = _measured(*pair.fast(points))[measure]
        ranks = _rank(sizes)
        at = int(np.argmax(ranks))
        if ranks[at] == ranks[points == best][0]:
            at = int(np.flatnonzero(points == best)[0])
        low, best, high = (float(points[j]) for j in (max(at - 1, 0), at, min(at + 1, points.size - 1)))
    return best


# --- row functions ---------------------------------------------------------------------------------------------


def _sample_rows() -> Array:
    """Rows of six entries: from normal distributions of four widths, with ties, and with entries far apart."""
    random = np.random.default_rng(0)
    drawn = [scale * random.standard_normal((200, 6)) for scale in (0.1, 1.0, 5.0, 50.0)]
    special = [[0.0] * 6, [1, 1, 0, 0, -1, -1], [1000, 0, 0, 0, 0, 0], [-1000, 0, 0, 0, 0, 0], [3, 2.5, 0, 0, 0, 0]]
    return np.concatenate([*drawn, np.array(special, dtype=np.float64)])


def _compare_rows(first: Activation, second: Activation) -> Difference:
    rows = _sample_rows()
    gaps: list[Gap] = []
    differing: list[str] = []
    looks: Sequence[tuple[str, Callable[[Activation], Array]]] = (
        ("value", lambda f: np.asarray(f(rows))),
        ("slope", lambda f: np.asarray(f.jacobian(rows))),
    )
    widths = [activation.output_width(rows.shape[1]) for activation in (first, second)]
    if widths[0] != widths[1]:
        raise ValueError(f"a row of 6 gives {widths[0]} numbers with {first.spec}, {widths[1]} with {second.spec}")
    for quantity, look in looks:
        a, b = (look(activation).reshape(len(rows), -1) for activation in (first, second))
        measured = _measured(a, b)
        # Each output is a sum over the row, so its rounding error is an ulp of the largest number there.
        scale = np.fmax(np.abs(rows).max(axis=1), np.fmax(np.abs(a), np.abs(b)).max(axis=1))
        if (measured["absolute"] > NOISE_ULPS * np.spacing(scale)[:, None]).any():
            differing.append(quantity)
        for measure in MEASURES:
            row, column = np.unravel_index(int(np.argmax(measured[measure])), a.shape)
            gaps.append(
                Gap(
                    quantity,
                    measure,
                    float(measured[measure][row, column]),
                    tuple(rows[row].tolist()),
                    float(a[row, column]),
                    float(b[row, column]),
                )
            )
    return Difference(first, second, tuple(gaps), tuple(differing))
