"""Functions of a whole row: softmax and related functions, and gated units, which change the width of a row.

The last axis is the row. Every function comes with its Jacobian, of shape (..., outputs, inputs). Infinite
largest entries share the weight equally, the limit as equal entries grow; a nan makes the whole row nan.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from actcli.activations.definition import activation
from actcli.formulas import primitives
from actcli.formulas.bounded import Pair, add, div, mul, sqrt, sub
from actcli.formulas.primitives import Array

Index = NDArray[np.intp]


def below_top(x: Array, low: Array | None = None) -> tuple[Array, Array, Index]:
    """x + low - max as a pair, the rounded x - max and its rounding error, and the index of the first largest entry.

    The pair comes from Knuth's error-free sum.
    """
    if x.shape[-1] == 0:
        raise ValueError("a row without values has no largest")
    leader = np.argmax(x, axis=-1, keepdims=True)
    top = np.take_along_axis(x, leader, axis=-1)
    d = x - top
    if not np.isfinite(top).all():
        d[x == top] = 0.0
    lost = d + top
    part = lost - d
    np.subtract(x, lost, out=lost)
    lost -= np.subtract(top, part, out=part)
    finite = np.isfinite(lost)
    if not finite.all():
        lost[~finite] = 0.0
    if low is not None:
        lost += low - np.take_along_axis(low, leader, axis=-1)
    return d, lost, leader


def _shares(d: Array, lost: Array, leader: Index) -> tuple[Array, Array]:
    """exp(d + lost) for each entry, and the sum over all but the leader."""
    weights = np.exp(d)
    weights += weights * lost
    first = np.take_along_axis(weights, leader, axis=-1)
    np.put_along_axis(weights, leader, 0.0, axis=-1)
    others = np.sum(weights, axis=-1, keepdims=True)
    np.put_along_axis(weights, leader, first, axis=-1)
    return weights, others


def _weights(x: Array, low: Array | None = None) -> tuple[Array, Array, Index]:
    """exp(x + low - max) for each entry, the sum over all but the first largest entry, and the index of that entry."""
    d, lost, leader = below_top(x, low)
    return *_shares(d, lost, leader), leader


def _outer(p: Array, q: Array, complement: Array) -> Array:
    """The outer products -p_i q_j, with p times `complement` on the diagonal."""
    jacobian: Array = 0.0 - p[..., :, None] * q[..., None, :]  # without -0
    diagonal(jacobian)[...] = p * complement
    return jacobian


def diagonal(matrices: Array) -> Array:
    view: Array = np.einsum("...ii->...i", matrices)
    return view


def _rest(weights: Array, others: Array, leader: Index) -> Array:
    """For each entry the sum of the weights of all others; for the leader `others`, since a difference would cancel."""
    rest = (1.0 + others) - weights
    np.put_along_axis(rest, leader, others, axis=-1)
    return rest


@activation("exp(x)/sum(exp(x))", source="Bridle 1990", row=True)
def softmax(x: Array) -> Array:
    """Turns a row into probabilities in proportion to exp."""
    weights, others, _ = _weights(x)
    return weights / (1.0 + others)


@softmax.slope
def softmax_jacobian(x: Array) -> Array:
    """p_i (delta_ij - p_j), the diagonal from the sum of the others, as 1 - p would cancel."""
    weights, others, leader = _weights(x)
    p = weights / (1.0 + others)
    return _outer(p, p, _rest(weights, others, leader) / (1.0 + others))


@activation("x - log(sum(exp(x)))", source="the logarithm of the softmax", row=True)
def log_softmax(x: Array) -> Array:
    """The logarithm of the softmax, without leaving the logarithms."""
    d, lost, leader = below_top(x)
    _, others = _shares(d, lost, leader)
    # The negation of the whole gives -0 for a share that rounds to 1; a row of one entry gives 0.
    return -((np.log1p(others) - lost) - d) + (0.0 if x.shape[-1] == 1 else -0.0)


@log_softmax.slope
def _(x: Array) -> Array:
    weights, others, leader = _weights(x)
    p = weights / (1.0 + others)
    jacobian = np.repeat(-p[..., None, :], x.shape[-1], axis=-2)
    diagonal(jacobian)[...] = _rest(weights, others, leader) / (1.0 + others)
    return jacobian


@activation("exp(-x)/sum(exp(-x))", source="Torch7, nn.SoftMin", row=True)
def softmin(x: Array) -> Array:
    """The softmax of the negated row: the smallest gets the most."""
    weights, others, _ = _weights(-x)
    return weights / (1.0 + others)


@softmin.slope
def _(x: Array) -> Array:
    return -softmax_jacobian(-x)


@activation("exp(x)/(1 + sum(exp(x)))", source="Miller 2023, Attention Is Off By One", aliases=("softmax1",), row=True)
def quiet_softmax(x: Array) -> Array:
    """A softmax that may attend to nothing: one more entry, fixed at 0, takes what is left."""
    weights, others, _ = _weights(with_zero(x))
    return (weights / (1.0 + others))[..., :-1]


@quiet_softmax.slope
def _(x: Array) -> Array:
    return softmax_jacobian(with_zero(x))[..., :-1, :-1]


def with_zero(x: Array) -> Array:
    return np.concatenate([x, np.zeros((*x.shape[:-1], 1))], axis=-1)


@activation(
    "exp((x + g)/tau)/sum(exp((x + g)/tau))",
    source="Jang, Gu & Poole 2016, arXiv:1611.01144; Maddison, Mnih & Teh 2016, arXiv:1611.00712",
    domain=("tau > 0", "seed >= 0"),
    row=True,
)
def gumbel_softmax(x: Array, *, tau: float = 1.0, seed: float = 0.0) -> Array:
    """A softmax of the row plus Gumbel noise g; the noise is drawn once from the seed, the same for every row."""
    weights, others, _ = _weights(*perturbed(x, tau, seed))
    return weights / (1.0 + others)


@gumbel_softmax.slope
def _(x: Array, *, tau: float, seed: float) -> Array:
    return softmax_jacobian(perturbed(x, tau, seed)[0]) / tau


@gumbel_softmax.numbers
def _(n: int, *, tau: float, seed: float) -> dict[str, list[float]]:
    return {"g": _gumbel(n, seed).tolist()}


def perturbed(x: Array, tau: float, seed: float) -> tuple[Array, Array]:
    """(x + noise)/tau and its rounding error."""
    g = _gumbel(x.shape[-1], seed)
    noisy, rest = primitives.two_sum(x, g)
    scaled = noisy / tau
    back, back_low = primitives.finite_product(scaled, np.full_like(scaled, tau))
    return scaled, ((noisy - back) - back_low + rest) / tau


def _gumbel(n: int, seed: float) -> Array:
    return np.random.default_rng(int(seed)).gumbel(size=n)


def _nan(x: Array) -> Array:
    """nan for each row that contains a nan, 0 for other rows."""
    return np.where(np.isnan(np.sum(np.clip(x, -1, 1), axis=-1, keepdims=True)), np.nan, 0.0)


def _one_hot(x: Array) -> Array:
    hot = np.zeros_like(x)
    np.put_along_axis(hot, np.argmax(x, axis=-1, keepdims=True), 1.0, axis=-1)
    return hot + _nan(x)


@activation("where(x == largest(x), 1, 0)", source="ONNX, operator Hardmax", row=True, selects=True, faithful=True)
def hardmax(x: Array) -> Array:
    """1 for the first largest entry, 0 for the rest."""
    return _one_hot(x)


@hardmax.slope
def _(x: Array) -> Array:
    return np.zeros((*x.shape, x.shape[-1])) + _nan(x)[..., None]


@activation("max(x - threshold(x, 1), 0)", source="Martins & Astudillo 2016, arXiv:1602.02068", row=True, faithful=True)
def sparsemax(x: Array) -> Array:
    """The nearest point of the probability simplex: the threshold is such that the entries sum to 1."""
    return _sparsemax(x)


@sparsemax.slope
def _(x: Array) -> Array:
    p = _sparsemax(x)
    support = np.where(np.isnan(p), np.nan, p > 0)
    size = np.sum(support, axis=-1, keepdims=True)
    return _outer(support, support / size, (size - 1.0) / size)


def _sparsemax(x: Array) -> Array:
    d, lost, _ = below_top(x)
    shares: Array = _over_threshold(d, lost, 1).high
    return shares


@activation("max(x/2 - threshold(x/2, 2), 0)**2", source="Peters, Niculae & Martins 2019, arXiv:1905.05702", row=True)
def entmax15(x: Array) -> Array:
    """Between softmax and sparsemax: the threshold is such that the squares sum to 1."""
    root = entmax_root(x)
    outputs: Array = root.high * root.high
    return outputs


@entmax15.slope
def _(x: Array) -> Array:
    # dp_i/dx_j = r_i (delta_ij - r_j / sum r), where r_i is the square root of p_i
    root = entmax_root(x).high
    whole = np.sum(root, axis=-1, keepdims=True)
    return _outer(root, root / whole, (whole - root) / whole)


def entmax_root(x: Array) -> Pair:
    """The square roots of the outputs of entmax15."""
    d, lost, _ = below_top(x)
    return _over_threshold(d / 2.0, lost / 2.0, 2)


def _over_threshold(high: Array, low: Array, power: int) -> Pair:
    """max(z - t, 0) for z = high + low and the t for which the sum of max(z - t, 0)**power is 1, for power 1 or 2.

    For the k entries above t, mean - t is 1/k or the square root of (1 - sum (z - mean)^2)/k. A first choice of these
    entries is made in float64, wrong at most for entries next to t. It is repeated in pairs of float64, as z - t
    cancels: the t of too few entries is too low, so the next choice has them all; of too many, the next has fewer.
    """
    ordered = -np.sort(-high, axis=-1)
    k = np.arange(1, high.shape[-1] + 1)
    mean = np.cumsum(ordered, axis=-1) / k
    spread = np.cumsum(ordered * ordered, axis=-1) - k * mean * mean if power == 2 else 0.0
    size = np.sum((1.0 - spread) / k >= (mean - ordered) ** power, axis=-1, keepdims=True)
    above = high >= np.take_along_axis(ordered, np.maximum(size - 1, 0), axis=-1)
    for _ in range(high.shape[-1] + 1):
        z = Pair(np.where(above, high, 0.0), np.where(above, low, 0.0))
        count = Pair(np.sum(above, axis=-1, keepdims=True).astype(np.float64))
        middle = div(total(z), count)
        below = _ONE
        if power == 2:
            distance = sub(z, middle)
            apart = Pair(np.where(above, distance.high, 0.0), np.where(above, distance.low, 0.0))
            below = sub(_ONE, total(mul(apart, apart)))
        below = div(below, count)
        t = sub(middle, sqrt(below) if power == 2 else below)
        over = sub(Pair(high, low), t)
        value = over.high + over.low
        if (above == (value > 0)).all():
            break
        above = value > 0
    kept = above | np.isnan(high)
    return Pair(np.where(kept, over.high, 0.0), np.where(kept, over.low, 0.0))


_ONE = Pair(1.0)


def total(row: Pair) -> Pair:
    """The pairwise sum of a row of pairs, without an error bound."""
    width = row.high.shape[-1]
    high, low = row.high, np.broadcast_to(row.low, row.high.shape)
    while width > 1:
        half = (width + 1) // 2
        padding = [*[(0, 0)] * (high.ndim - 1), (0, 2 * half - width)]
        ends = Pair(high[..., :half], low[..., :half])
        high, low, *_ = add(ends, Pair(np.pad(high[..., half:], padding), np.pad(low[..., half:], padding)))
        width = half
    return Pair(high, low)


# Gated units: the row is split into halves a and b.


def _half(n: int, **_: float) -> int:
    if n == 0 or n % 2:
        raise ValueError(f"a gated unit splits a row into two halves: {n} values do not split")
    return n // 2


def halves(x: Array) -> tuple[Array, Array]:
    middle = x.shape[-1] // 2
    return x[..., :middle], x[..., middle:]


def side_by_side(by_a: Array, by_b: Array) -> Array:
    """The Jacobian of a gated unit, whose output i depends on a_i and b_i alone, from the derivatives by a and b."""
    n = by_a.shape[-1]
    jacobian = np.zeros((*by_a.shape, 2 * n))
    diagonal(jacobian[..., :n])[...] = by_a
    diagonal(jacobian[..., n:])[...] = by_b
    return jacobian


@activation("a*sigmoid(b)", shown="a/(1 + exp(-b))", source="Dauphin et al. 2016, arXiv:1612.08083", row=True)
def glu(x: Array) -> Array:
    """Gated linear unit: the first half of the row, gated by the sigmoid of the second."""
    a, b = halves(x)
    return a * primitives.sigmoid(b)


@glu.slope
def _(x: Array) -> Array:
    a, b = halves(x)
    return side_by_side(primitives.sigmoid(b), a * primitives.sigmoid_slope(b))


@activation("a*sigmoid(alpha*a)*b", shown="a/(1 + exp(-alpha*a))*b", source="Shazeer 2020, arXiv:2002.05202", row=True)
def swiglu(x: Array, *, alpha: float = 1.0) -> Array:
    """The second half of the row, gated by the swish of the first."""
    a, b = halves(x)
    return primitives.swish(a, alpha) * b


@swiglu.slope
def _(x: Array, *, alpha: float) -> Array:
    a, b = halves(x)
    return side_by_side(primitives.swish_slope(a, alpha) * b, primitives.swish(a, alpha))


@activation("a/2*erfc(-a/sqrt(2))*b", shown="a*Phi(a)*b", source="Shazeer 2020, arXiv:2002.05202", row=True)
def geglu(x: Array) -> Array:
    """The second half of the row, gated by the gelu of the first."""
    a, b = halves(x)
    return primitives.gelu(a) * b


@geglu.slope
def _(x: Array) -> Array:
    a, b = halves(x)
    return side_by_side(primitives.gelu_slope(a) * b, primitives.gelu(a))


@activation("max(a, 0)*b", source="Shazeer 2020, arXiv:2002.05202", row=True, faithful=True)
def reglu(x: Array) -> Array:
    """The second half of the row, gated by the rectifier of the first."""
    a, b = halves(x)
    return np.maximum(a, 0.0) * b


@reglu.slope
def _(x: Array) -> Array:
    a, b = halves(x)
    return side_by_side(np.where(a > 0, b, 0.0), np.maximum(a, 0.0))


@activation("a*b", source="Shazeer 2020, arXiv:2002.05202", row=True, faithful=True)
def bilinear(x: Array) -> Array:
    """The two halves of the row, multiplied."""
    a, b = halves(x)
    return a * b


@bilinear.slope
def _(x: Array) -> Array:
    a, b = halves(x)
    return side_by_side(b, a)


@activation(
    "tanh(a)*sigmoid(b)", shown="tanh(a)/(1 + exp(-b))", source="van den Oord et al. 2016, arXiv:1606.05328", row=True
)
def gtu(x: Array) -> Array:
    """Gated tanh unit: the tanh of the first half, gated by the sigmoid of the second."""
    a, b = halves(x)
    return np.tanh(a) * primitives.sigmoid(b)


@gtu.slope
def _(x: Array) -> Array:
    a, b = halves(x)
    return side_by_side(primitives.tanh_slope(a) * primitives.sigmoid(b), np.tanh(a) * primitives.sigmoid_slope(b))


for _unit in (glu, swiglu, geglu, reglu, bilinear, gtu):
    _unit.output_width(_half)


@activation("max(x, 0)", source="Shang et al. 2016, arXiv:1603.05201", row=True, selects=True, faithful=True)
def crelu(x: Array) -> Array:
    """The rectifier of the row, then that of the negated row: twice as wide."""
    both: Array = np.concatenate([x, -x], axis=-1)
    return np.maximum(both, 0.0)


@crelu.slope
def _(x: Array) -> Array:
    n = x.shape[-1]
    jacobian = np.zeros((*x.shape[:-1], 2 * n, n))
    diagonal(jacobian[..., :n, :])[...] = np.where(np.isnan(x), x, x > 0)
    diagonal(jacobian[..., n:, :])[...] = np.where(np.isnan(x), x, -(x < 0).astype(np.float64))
    return jacobian


@crelu.output_width
def _(n: int) -> int:
    return 2 * n


@activation(
    "largest(x)",
    source="Goodfellow et al. 2013, arXiv:1302.4389",
    domain=("k >= 1", "num_units >= 0"),
    row=True,
    selects=True,
    faithful=True,
)
def maxout(x: Array, *, k: float = 2.0, num_units: float = 0.0) -> Array:
    """The largest of each k neighbouring values; with num_units, of as many groups that take every num_units-th one."""
    return np.asarray(np.max(x[..., _groups(x.shape[-1], k, num_units)], axis=-1))


@maxout.slope
def _(x: Array, *, k: float, num_units: float) -> Array:
    places = _groups(x.shape[-1], k, num_units)
    one_hot = _one_hot(x[..., places])
    jacobian = np.zeros((*one_hot.shape[:-1], x.shape[-1]))
    np.put_along_axis(jacobian, np.broadcast_to(places, one_hot.shape), one_hot, axis=-1)
    return jacobian


def _groups(n: int, k: float, num_units: float) -> Index:
    """The indices of the entries whose maximum is an output of maxout: one line per output, for a row of n entries."""
    groups, said = (num_units, f"num_units={num_units:g} groups of") if num_units else (k, f"groups of k={k:g}")
    if groups != int(groups) or n == 0 or n % int(groups):
        raise ValueError(f"maxout takes {said} values: {n} values do not divide into them")
    places = np.arange(n)
    return places.reshape(-1, int(groups)).T if num_units else places.reshape(-1, int(groups))


maxout.output_width(lambda n, k, num_units: len(_groups(n, k, num_units)))
