"""The faithful tier of the row functions: values and Jacobians in pairs of float64, rounded once, for finite rows.

What tends to 0 keeps its digits as a pair and a power of 2, and is rounded into the range of float64 at the very end.
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
    """What a softmax is made of: the weight of each entry, the largest one's being 1, and sums of weights.

    others: of all but the first largest entry. total: of all. rest: for each entry, of all the others.
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
    """The shares of exp(d + low), where d + low is an entry less the largest one."""
    pair, exponent = scaled_exp(Pair(*two_sum(d, low)))
    is_leader = np.arange(d.shape[-1]) == leader
    nothing = np.where(is_leader, 0.0, 1.0)
    # what sums of the others are multiplied by, so that they are of moderate size
    top = np.max(np.where(is_leader, -2000, exponent), axis=-1, keepdims=True)
    others = rows.total(_scaled(Pair(pair.high * nothing, pair.low * nothing), np.maximum(exponent - top, -2000)))
    total = add(Pair(1.0), _scaled(others, top))
    rest = _where(is_leader, others, sub(total, _scaled(pair, exponent)))
    return _Shares(_Scaled(pair, exponent), _Scaled(others, top), total, _Scaled(rest, np.where(is_leader, top, 0)))


def _matrix(across: _Scaled, diagonal: _Scaled) -> Array:
    """Jacobians with these numbers on the diagonal, and minus the outer ones elsewhere, without -0."""
    jacobian = 0.0 - across.rounded()
    rows.diagonal(jacobian)[...] = diagonal.rounded()
    return jacobian


def _outer(a: _Scaled, b: _Scaled) -> _Scaled:
    column = _Scaled(Pair(a.pair.high[..., :, None], a.pair.low[..., :, None]), a.exponent[..., :, None])
    return column.times(_Scaled(Pair(b.pair.high[..., None, :], b.pair.low[..., None, :]), b.exponent[..., None, :]))


def _softmax(shares: _Shares) -> Array:
    return shares.weights.over(shares.total).rounded()


def _softmax_matrix(shares: _Shares) -> tuple[_Scaled, _Scaled]:
    """p_i p_j, and p_i times the sum of the others on the diagonal, as 1 - p would cancel."""
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
    # where nothing but the first power of the others counts, it is they, rounded once
    alone = np.ldexp(shares.others.pair.high, shares.others.exponent)
    below = sub(Pair(*two_sum(d, low)), logarithm)
    value = np.where((np.arange(x.shape[-1]) == leader) & (others.high < 2.0**-60), -alone, below.high + below.low)
    # the logarithm of a share that rounds to 1 is -0, that of the only entry 0
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
    """r_i (delta_ij - r_j / sum r) with r the square roots of the outputs."""
    root = rows.entmax_root(x)
    is_leader = np.arange(x.shape[-1]) == np.argmax(root.high, axis=-1, keepdims=True)
    others = rows.total(_where(is_leader, Pair(np.zeros_like(x), np.zeros_like(x)), root))
    total = rows.total(root)
    rest = _where(is_leader, others, sub(total, root))
    unscaled = np.zeros(x.shape, np.int64)
    exact = _Scaled(root, unscaled)
    return _matrix(_outer(exact, exact.over(total)), exact.times(_Scaled(div(rest, total), unscaled)))


def _gated(first: str, second: str) -> tuple[Callable[..., Array], Callable[..., Array]]:
    """Value and Jacobian of a unit that multiplies a function of each a by a function of its b."""

    def unit(parameters: dict[str, float]) -> Product:
        return Product(Formula(first, parameters), Formula(second, parameters))

    def value(x: Array, **parameters: float) -> Array:
        return unit(parameters).values(*rows.halves(x))

    def jacobian(x: Array, **parameters: float) -> Array:
        product, (a, b) = unit(parameters), rows.halves(x)
        return rows.side_by_side(product.values(a, b, (1, 0)), product.values(a, b, (0, 1)))

    return value, jacobian


#: Values and Jacobians of every row function whose own kernels are not faithful.
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
