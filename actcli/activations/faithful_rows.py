"""The faithful tier of the row functions: values and Jacobians in pairs of float64, rounded once, for finite rows.

Numbers that may underflow are kept as a pair times a power of 2, and are rounded to float64 only at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from actcli.activations import rows
from actcli.activations.rows import Index
from actcli.formulas.bounded import Pair, add, div, mul, sub
from actcli.formulas.exponential import log1p, scaled_exp
from actcli.formulas.formula import Formula
from actcli.formulas.nodes import Whole
from actcli.formulas.primitives import Array, two_sum
from actcli.formulas.rows import Product


class _Scaled(NamedTuple):
    """Pairs of moderate size, each times 2**exponent."""

    pair: Pair
    exponent: Whole

    def rounded(self) -> Array:
        values: Array = np.ldexp(self.pair.high + self.pair.low, self.exponent)
        return values

    def times(self, other: _Scaled) -> _Scaled:
        return _Scaled(mul(self.pair, other.pair), self.exponent + other.exponent)

    def over(self, divisor: Pair) -> _Scaled:
        return _Scaled(div(self.pair, divisor), self.exponent)


class _Shares(NamedTuple):
    """The weights of a softmax, that of the largest entry being 1, and their sums.

    others: the sum over all but the first largest entry. total: over all. rest: for each entry, over all others.
    """

    weights: _Scaled
    others: _Scaled
    total: Pair
    rest: _Scaled


def _scaled(pair: Pair, exponent: Whole) -> Pair:
    return Pair(np.ldexp(pair.high, exponent), np.ldexp(pair.low, exponent))


def _where(condition: Array, one: Pair, two: Pair) -> Pair:
    return Pair(np.where(condition, one.high, two.high), np.where(condition, one.low, two.low))


def _shares(d: Array, low: Array, leader: Index) -> _Shares:
    """The weights exp(d + low) and their sums, where d + low is an entry minus the largest entry."""
    pair, exponent = scaled_exp(Pair(*two_sum(d, low)))
    is_leader = np.arange(d.shape[-1]) == leader
    nothing = np.where(is_leader, 0.0, 1.0)
    # The sum of the other weights is divided by 2**top, which keeps it from underflowing.
    top = np.max(np.where(is_leader, -2000, exponent), axis=-1, keepdims=True)
    others = rows.total(_scaled(Pair(pair.high * nothing, pair.low * nothing), np.maximum(exponent - top, -2000)))
    total = add(Pair(1.0), _scaled(others, top))
    rest = _where(is_leader, others, sub(total, _scaled(pair, exponent)))
    return _Shares(_Scaled(pair, exponent), _Scaled(others, top), total, _Scaled(rest, np.where(is_leader, top, 0)))


def _matrix(across: _Scaled, diagonal: _Scaled) -> Array:
    """Jacobians with `diagonal` on the diagonal and -across elsewhere, with 0 in place of -0."""
    jacobian = 0.0 - across.rounded()
    rows.diagonal(jacobian)[...] = diagonal.rounded()
    return jacobian


def _outer(a: _Scaled, b: _Scaled) -> _Scaled:
    column = _Scaled(Pair(a.pair.high[..., :, None], a.pair.low[..., :, None]), a.exponent[..., :, None])
    return column.times(_Scaled(Pair(b.pair.high[..., None, :], b.pair.low[..., None, :]), b.exponent[..., None, :]))


def _softmax(shares: _Shares) -> Array:
    return shares.weights.over(shares.total).rounded()


def _softmax_matrix(shares: _Shares) -> tuple[_Scaled, _Scaled]:
    """p_i p_j, and for the diagonal p_i times the sum of all other p, since 1 - p_i would cancel."""
    p = shares.weights.over(shares.total)
    return _outer(p, p), p.times(shares.rest.over(shares.total))


def softmax(x: Array) -> Array:
    return _softmax(_shares(*rows.below_top(x)))


def softmax_jacobian(x: Array) -> Array:
    return _matrix(*_softmax_matrix(_shares(*rows.below_top(x))))


def log_softmax(x: Array) -> Array:
    d, low, leader = rows.below_top(x)
    shares = _shares(d, low, leader)
    others = _scaled(*shares.others)
    logarithm = log1p(others)
    # Below 2^-60 log1p(others) rounds to `others`, which is taken from the scaled pair, as that does not underflow.
    alone = np.ldexp(shares.others.pair.high, shares.others.exponent)
    below = sub(Pair(*two_sum(d, low)), logarithm)
    value = np.where((np.arange(x.shape[-1]) == leader) & (others.high < 2.0**-60), -alone, below.high + below.low)
    # The logarithm of a share that rounds to 1 is -0; that of a single entry is 0.
    return value + 0.0 if x.shape[-1] == 1 else np.where(value == 0, -0.0, value)


def log_softmax_jacobian(x: Array) -> Array:
    shares = _shares(*rows.below_top(x))
    p = shares.weights.over(shares.total).rounded()
    jacobian = np.repeat(0.0 - p[..., None, :], x.shape[-1], axis=-2)
    rows.diagonal(jacobian)[...] = shares.rest.over(shares.total).rounded()
    return jacobian


def softmin_jacobian(x: Array) -> Array:
    return -softmax_jacobian(-x)


def quiet_softmax(x: Array) -> Array:
    return softmax(rows.with_zero(x))[..., :-1]


def quiet_softmax_jacobian(x: Array) -> Array:
    return softmax_jacobian(rows.with_zero(x))[..., :-1, :-1]


def gumbel_softmax(x: Array, *, tau: float, seed: float) -> Array:
    return _softmax(_shares(*rows.below_top(*rows.perturbed(x, tau, seed))))


def gumbel_softmax_jacobian(x: Array, *, tau: float, seed: float) -> Array:
    across, diagonal = _softmax_matrix(_shares(*rows.below_top(*rows.perturbed(x, tau, seed))))
    return _matrix(across.over(Pair(tau)), diagonal.over(Pair(tau)))


def entmax15(x: Array) -> Array:
    root = rows.entmax_root(x)
    square = mul(root, root)
    outputs: Array = square.high + square.low
    return outputs


def entmax15_jacobian(x: Array) -> Array:
    """r_i (delta_ij - r_j / sum r), where r_i is the square root of output i."""
    root = rows.entmax_root(x)
    is_leader = np.arange(x.shape[-1]) == np.argmax(root.high, axis=-1, keepdims=True)
    others = rows.total(_where(is_leader, Pair(np.zeros_like(x), np.zeros_like(x)), root))
    total = rows.total(root)
    rest = _where(is_leader, others, sub(total, root))
    unscaled = np.zeros(x.shape, np.int64)
    exact = _Scaled(root, unscaled)
    return _matrix(_outer(exact, exact.over(total)), exact.times(_Scaled(div(rest, total), unscaled)))


def _gated(first: str, second: str) -> tuple[Callable[..., Array], Callable[..., Array]]:
    """Value and Jacobian of the gated unit first(a_i) second(b_i)."""

    def unit(parameters: dict[str, float]) -> Product:
        return Product(Formula(first, parameters), Formula(second, parameters))

    def value(x: Array, **parameters: float) -> Array:
        return unit(parameters).values(*rows.halves(x))

    def jacobian(x: Array, **parameters: float) -> Array:
        product, (a, b) = unit(parameters), rows.halves(x)
        return rows.side_by_side(product.values(a, b, (1, 0)), product.values(a, b, (0, 1)))

    return value, jacobian


#: The faithful values and Jacobians of the row functions whose kernels are not declared faithful.
KERNELS: dict[str, tuple[Callable[..., Array], Callable[..., Array]]] = {
    "softmax": (softmax, softmax_jacobian),
    "log_softmax": (log_softmax, log_softmax_jacobian),
    "softmin": (lambda x: softmax(-x), softmin_jacobian),
    "quiet_softmax": (quiet_softmax, quiet_softmax_jacobian),
    "gumbel_softmax": (gumbel_softmax, gumbel_softmax_jacobian),
    "entmax15": (entmax15, entmax15_jacobian),
    "glu": _gated("x", "sigmoid(x)"),
    "swiglu": _gated("x*sigmoid(alpha*x)", "x"),
    "geglu": _gated("x/2*erfc(-x/sqrt(2))", "x"),
    "gtu": _gated("tanh(x)", "sigmoid(x)"),
}
