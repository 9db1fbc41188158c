"""Rectifiers and other functions of straight pieces: leaky, clipped, thresholded, shrinking, and curved variants.

At a kink every slope written here is that of `Activation.conventions`: the slope from the left, and 0 at both ends of a
clip. The contract tests compare the two.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from actcli.activations.definition import activation
from actcli.formulas import primitives
from actcli.formulas.primitives import Array


def _keep_nan(x: Array, values: NDArray[np.bool_] | Array) -> Array:
    return np.where(np.isnan(x), x, values)


def _clip(x: Array, low: float, high: float) -> Array:
    """The numbers clipped to low..high; np.clip compares several numbers at once only if it has both bounds."""
    values = np.clip(x, low, high)
    if low == 0:
        values += 0.0  # np.clip keeps -0.0
    return values


def _leaky(x: Array, slope: float) -> Array:
    if not slope:  # 0*inf would be nan
        return _clip(x, 0.0, np.inf)
    low = x * slope
    if 0 < slope < 1:  # np.maximum has no branches, but is correct for these slopes only
        return np.maximum(x, low, out=low)
    return np.where(np.signbit(x), low, x)


@activation("x", source="the linear unit", aliases=("linear",), faithful=True, cheap=True)
def identity(x: Array) -> Array:
    """The input, unchanged."""
    return x.copy()


@identity.slope
def _(x: Array) -> Array:
    return _keep_nan(x, np.ones_like(x))


@activation("alpha*x + beta", source="ONNX, activations of its recurrent operators")
def affine(*, alpha: float = 1.0, beta: float = 0.0) -> None:
    """A straight line of any slope and height."""


@activation("abs(x)", source="the absolute value", kinks="0", aliases=("absolute",), faithful=True, cheap=True)
def abs(x: Array) -> Array:
    """The absolute value: a fold at 0."""
    return np.abs(x)


@activation("sign(x)", source="Rosenblatt 1958 (as a bipolar threshold)", kinks="0", aliases=("signum",))
def sign() -> None:
    """-1, 0 or 1: the sign of the input."""


@activation(
    "where(x > threshold, 1, where(x < threshold, 0, at_threshold))",
    source="McCulloch & Pitts 1943; Rosenblatt 1958",
    kinks="threshold",
    aliases=("heaviside", "binary_step"),
    faithful=True,
)
def step(x: Array, *, threshold: float = 0.0, at_threshold: float = 0.0) -> Array:
    """Silent (0) below a threshold and at it, fires (1) above it."""
    return _keep_nan(x, np.where(x == threshold, at_threshold, x > threshold))


@step.slope
def _(x: Array, *, threshold: float, at_threshold: float) -> Array:
    return _keep_nan(x, np.zeros_like(x))


@activation(
    "max(x, 0)",
    source="Fukushima 1969; Nair & Hinton 2010; Glorot, Bordes & Bengio 2011",
    kinks="0",
    faithful=True,
    cheap=True,
)
def relu(x: Array) -> Array:
    """Rectified linear unit: passes what is positive, blocks the rest."""
    return _clip(x, 0.0, np.inf)


@relu.slope
def _(x: Array) -> Array:
    return _keep_nan(x, x > 0)


@activation(
    "clip(x, 0, 6)",
    source="Krizhevsky 2010, Convolutional Deep Belief Networks on CIFAR-10",
    kinks="0, 6",
    faithful=True,
    cheap=True,
)
def relu6(x: Array) -> Array:
    """A rectifier that saturates at 6."""
    return _clip(x, 0.0, 6.0)


@relu6.slope
def _(x: Array) -> Array:
    return _keep_nan(x, (x > 0) & (x < 6))


@activation(
    "clip(x, 0, max_value)",
    source="Hannun et al. 2014 (Deep Speech), arXiv:1412.5567",
    kinks="0, max_value",
    domain=("max_value > 0",),
)
def clipped_relu(*, max_value: float = 20.0) -> None:
    """A rectifier that saturates at max_value."""


@activation(
    "where(x >= 0, x, negative_slope*x)",
    source="Maas, Hannun & Ng 2013",
    kinks="0",
    aliases=("lrelu",),
    faithful=True,
    cheap=True,
)
def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> Array:
    """A rectifier that lets a little of the negative side through."""
    return _leaky(x, negative_slope)


@leaky_relu.slope
def _(x: Array, *, negative_slope: float) -> Array:
    return _keep_nan(x, primitives.select(x > 0, 1.0, negative_slope))


@activation(
    "where(x >= 0, x, weight*x)", source="He et al. 2015, arXiv:1502.01852", kinks="0", faithful=True, cheap=True
)
def prelu(x: Array, *, weight: float = 0.25) -> Array:
    """A leaky rectifier whose negative slope is learned; weight is its usual start."""
    return _leaky(x, weight)


@prelu.slope
def _(x: Array, *, weight: float) -> Array:
    return _keep_nan(x, primitives.select(x > 0, 1.0, weight))


@activation(
    "where(x >= 0, x, (lower + upper)/2*x)",
    source="Xu et al. 2015, arXiv:1505.00853",
    kinks="0",
    domain=("lower <= upper",),
)
def rrelu(x: Array, *, lower: float = 1 / 8, upper: float = 1 / 3, seed: float = -1.0) -> Array:
    """A leaky rectifier of random slope: its mean, as in evaluation; with a seed >= 0 one drawn for each input."""
    return np.where(np.signbit(x), _random_slopes(x, lower, upper, seed) * x, x)


@rrelu.slope
def _(x: Array, *, lower: float, upper: float, seed: float) -> Array:
    return _keep_nan(x, primitives.select(x > 0, 1.0, _random_slopes(x, lower, upper, seed)))


def _random_slopes(x: Array, lower: float, upper: float, seed: float) -> Array | float:
    """Slopes uniform in lower..upper, hashes of input and seed, so that the order of evaluation does not matter."""
    if seed < 0:
        return (lower + upper) / 2
    # The finaliser of SplitMix64; its leading 53 bits are the fraction.
    z = np.ascontiguousarray(x).view(np.uint64) + np.uint64((int(seed) + 1) * 0x9E3779B97F4A7C15 % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    share = ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return lower + (upper - lower) * share


@activation(
    "where(x > threshold, min(x, max_value), negative_slope*(x - threshold))",
    source="Keras, keras.activations.relu",
    kinks="threshold, max_value",
    domain=("threshold < max_value",),
)
def generalized_relu(*, negative_slope: float = 0.0, max_value: float = np.inf, threshold: float = 0.0) -> None:
    """Keras's rectifier with all its options: a leak, a ceiling and a threshold."""


@activation("where(x > threshold, x, value)", source="Torch7, nn.Threshold", kinks="threshold")
def threshold(*, threshold: float = 1.0, value: float = 0.0) -> None:
    """Passes what exceeds a threshold, puts a fixed value in place of the rest."""


@activation("where(x > theta, x, 0)", source="Konda, Memisevic & Krueger 2014, arXiv:1402.3337", kinks="theta")
def thresholded_relu(*, theta: float = 1.0) -> None:
    """Passes what exceeds theta, blocks the rest; jumps at theta."""


@activation("max(x, tau)", source="Singh & Krishnan 2019, arXiv:1911.09737", kinks="tau")
def tlu(*, tau: float = 0.0) -> None:
    """Thresholded linear unit: a rectifier with its corner at tau."""


@activation(
    "where(abs(x) > lambd, x, 0)",
    source="Donoho & Johnstone 1994 (hard thresholding)",
    kinks="-lambd, lambd",
    domain=("lambd >= 0",),
    faithful=True,
)
def hard_shrink(x: Array, *, lambd: float = 0.5) -> Array:
    """Drops what is small, keeps the rest as it is."""
    return x * (np.abs(x) > lambd) + 0.0


@activation(
    "where(x > lambd, x - lambd, where(x < -lambd, x + lambd, 0))",
    source="Donoho 1995 (soft thresholding)",
    kinks="-lambd, lambd",
    domain=("lambd >= 0",),
    faithful=True,
    cheap=True,
)
def soft_shrink(x: Array, *, lambd: float = 0.5) -> Array:
    """Drops what is small, draws the rest towards 0 by as much."""
    return x - np.clip(x, -lambd, lambd)


@hard_shrink.slope
@soft_shrink.slope
def _(x: Array, *, lambd: float) -> Array:
    return _keep_nan(x, (x <= -lambd) | (x > lambd))


@activation(
    "where(x > lambd, x - bias, where(x < -lambd, x + bias, 0))",
    source="ONNX, operator Shrink",
    kinks="-lambd, lambd",
    domain=("lambd >= 0",),
)
def shrink(*, lambd: float = 0.5, bias: float = 0.0) -> None:
    """Hard (bias 0) and soft (bias = lambd) shrinking and everything between."""


@activation(
    "clip(x, min_val, max_val)",
    source="Collobert 2004",
    kinks="min_val, max_val",
    domain=("min_val < max_val",),
    faithful=True,
    cheap=True,
)
def hard_tanh(x: Array, *, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    """The identity, cut off on both sides."""
    return _clip(x, min_val, max_val)


@hard_tanh.slope
def _(x: Array, *, min_val: float, max_val: float) -> Array:
    return _keep_nan(x, (x > min_val) & (x < max_val))


@activation(
    "clip(slope*x + offset, 0, 1)",
    source="Courbariaux, Bengio & David 2015, arXiv:1511.00363; slope 1/6: Howard et al. 2019, arXiv:1905.02244",
    kinks="-offset/slope, (1 - offset)/slope",
    domain=("slope > 0",),
    cheap=True,
)
def hard_sigmoid(x: Array, *, slope: float = 1 / 6, offset: float = 0.5) -> Array:
    """A straight line from 0 to 1 in place of the logistic curve."""
    line = _line(x, slope, offset)
    return line.clip(0.0, 1.0, out=line)


@hard_sigmoid.slope
def _(x: Array, *, slope: float, offset: float) -> Array:
    line = _line(x, slope, offset)
    return _keep_nan(x, primitives.select((line > 0) & (line < 1), slope, 0.0))


def _line(x: Array, slope: float, offset: float) -> Array:
    """slope*x + offset, corrected for the rounding errors of product and sum where the sum cancels."""
    from actcli.formulas.formula import bounded_parameter
    from actcli.formulas.rational import exact_parameter

    steepness, start = 1 / exact_parameter(slope), exact_parameter(offset) / exact_parameter(slope)
    if float(steepness) == steepness and float(start) == start:  # as (x + 3)/6, whose sum is exact where it cancels
        line = x + float(start)
        line *= slope  # a division would err by 1/2 ulp instead of 1, but take twice the time
        return line
    line = x * slope
    line += offset
    near = np.flatnonzero(np.abs(line) < np.abs(offset) / 2)
    if near.size:
        beyond = bounded_parameter(slope).low  # 1/6 is no float64
        high, low = primitives.product(x[near].astype(np.float64), slope)
        total, rest = primitives.two_sum(high, offset)
        line[near] = total + (low + rest + beyond * x[near])
    return line


@activation("clip((x + 1)/2, 0, 1)", source="Blondel, Martins & Niculae 2019, arXiv:1901.02324", kinks="-1, 1")
def sparse_sigmoid() -> None:
    """The hard sigmoid of slope 1/2: the slope of sparse_plus."""


@activation(
    "x*clip(x + 3, 0, 6)/6",
    source="Howard et al. 2019 (MobileNetV3), arXiv:1905.02244",
    kinks="-3, 3",
    aliases=("hard_silu",),
    cheap=True,
)
def hard_swish(x: Array) -> Array:
    """The swish with straight pieces for its sigmoid."""
    share = -3.0 - x
    share.clip(-6.0, 0.0, out=share)  # left of -3 it is 0, then -0, whose product with x is 0
    share *= -1 / 6
    try:
        with np.errstate(invalid="raise"):
            share *= x
    except FloatingPointError:  # at -inf
        share[x == -np.inf] = 0.0
    return share


@hard_swish.slope
def _(x: Array) -> Array:
    slopes = (2.0 * np.clip(x, -4.0, 4.0) + 3.0) / 6.0
    slopes *= (x > -3) & (x <= 3)
    return slopes + (x > 3)


@activation("x/2*clip(x + 2, 0, 2)", source="Misra 2020, github.com/digantamisra98/H-Mish", kinks="-2")
def hard_mish() -> None:
    """A mish of parabolic and straight pieces."""


@activation(
    "where(x >= 0, x, expm1(x))*clip((x + 1)/2, 0, 1)",
    shown="where(x >= 0, x*clip((x + 1)/2, 0, 1), expm1(x)*clip((x + 1)/2, 0, 1))",
    source="Basirat & Roth 2018, arXiv:1808.00783",
    kinks="-1, 1",
)
def hard_elish() -> None:
    """An elish with a straight piece for its sigmoid."""


@activation(
    "where(x >= t_r, t_r + a_r*(x - t_r), where(x <= t_l, t_l + a_l*(x - t_l), x))",
    source="Jin et al. 2015, arXiv:1512.07030",
    kinks="t_l, t_r",
    domain=("t_l < t_r",),
)
def srelu(*, t_r: float = 1.0, a_r: float = 0.2, t_l: float = -1.0, a_l: float = 0.2) -> None:
    """S-shaped rectifier: the identity between two thresholds, other slopes outside them."""


@activation(
    "max(x, 0)**2", source="So et al. 2021 (Primer), arXiv:2109.08668", aliases=("relu2",), faithful=True, cheap=True
)
def squared_relu(x: Array) -> Array:
    """The rectifier, squared."""
    return np.square(np.clip(x, 0.0, np.inf))


@squared_relu.slope
def _(x: Array) -> Array:
    return 2.0 * np.maximum(x, 0.0)


@activation("s*max(x, 0)**2 + b", source="Yu et al. 2022 (MetaFormer Baselines), arXiv:2210.13452")
def star_relu(*, s: float = 0.8944, b: float = -0.4472) -> None:
    """The squared rectifier, scaled and shifted to mean 0 and variance 1 under a normal input."""


@activation("log(1 + beta*max(x, 0))", source="Liu et al. 2019, arXiv:1908.03682", kinks="0", domain=("beta > 0",))
def nlrelu(*, beta: float = 1.0) -> None:
    """The logarithm of the rectifier."""


@activation(
    "where(x <= -1, 0, where(x >= 1, x, (x + 1)**2/4))",
    source="Blondel, Martins & Niculae 2019, arXiv:1901.02324",
)
def sparse_plus() -> None:
    """A rectifier whose corner is a parabola over -1..1."""


@activation(
    "where(x <= -beta, 0, where(x >= beta, x, (x + beta)**2/(4*beta)))",
    source="Shamir, Lin & Coviello 2020, arXiv:2010.09931",
    domain=("beta > 0",),
)
def smelu(*, beta: float = 1.0) -> None:
    """Smooth rectifier: its corner is a parabola over -beta..beta."""


@activation(
    "where(x > 0, x, where(x < -2, -1, x + x**2/4))",
    source="Wuraola, Patel & Nguang 2021",
)
def sqlu() -> None:
    """Square-law linear unit: an elu with a parabola for its exponential."""


@activation(
    "where(x < 0, 0, where(x <= a/2, x, where(x <= a, a - x, 0)))",
    source="Kunc & Kléma 2024, arXiv:2402.09092",
    kinks="0, a/2, a",
    domain=("a > 0",),
)
def hat(*, a: float = 2.0) -> None:
    """A triangle over 0..a."""


@activation("where(x > 0, x, eps*(sin(x) - cos(x)))", source="Rodrigues 2018 (keras-contrib)", kinks="0")
def sine_relu(*, eps: float = 0.01) -> None:
    """A rectifier with a small wave on its negative side; jumps at 0."""


@activation("max(x, x*exp(-abs(x)))", source="Kunc & Kléma 2024, arXiv:2402.09092")
def suish() -> None:
    """The identity above 0, x exp(x) below."""


@activation("where(x >= 0, x, a*erf(x))", source="Rajanand & Singh 2023, arXiv:2306.01822", kinks="0")
def erf_relu(*, a: float = 1.0) -> None:
    """The identity above 0, the error function below."""


@activation(
    "where(abs(x) <= 1, x**2*(2 - abs(x)), abs(x))",
    source="Vallés-Pérez et al. 2023",
)
def softmodulus_q() -> None:
    """The absolute value with a smooth bottom."""
