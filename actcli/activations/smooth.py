"""Smooth rectifiers: exponential tails, and inputs gated by a sigmoid, a tanh or the normal distribution."""

from __future__ import annotations

import numpy as np

from actcli.activations.definition import COMPUTED, activation
from actcli.formulas import primitives
from actcli.formulas.primitives import Array


@activation(
    "where(x > 0, x, alpha*expm1(x))",
    source="Clevert, Unterthiner & Hochreiter 2015, arXiv:1511.07289",
    kinks="0",
)
def elu(x: Array, *, alpha: float = 1.0) -> Array:
    """Exponential linear unit: the identity above 0, saturating at -alpha below."""
    values = np.maximum(x, 0.0) + alpha * np.expm1(np.minimum(x, 0.0))
    return primitives.keep_zeros(values, x) if alpha > 0 else values


@elu.slope
def _(x: Array, *, alpha: float) -> Array:
    return primitives.select(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0)))


@activation("where(x > 0, x, alpha*expm1(x/alpha))", source="Barron 2017, arXiv:1704.07483", domain=("alpha > 0",))
def celu(x: Array, *, alpha: float = 1.0) -> Array:
    """An elu that is smooth at 0 for every alpha."""
    return primitives.keep_zeros(np.maximum(x, 0.0) + alpha * np.expm1(np.minimum(x, 0.0) / alpha), x)


@celu.slope
def _(x: Array, *, alpha: float) -> Array:
    t = np.minimum(x, 0.0) / alpha
    back, back_low = primitives.finite_product(t, np.full_like(t, alpha))
    rest = ((x - back) - back_low) / alpha  # the rounding error of the exponent
    return primitives.select(x > 0, 1.0, np.exp(t) * (1.0 + np.where((x < 0) & (t > -800), rest, 0.0)))


@activation("where(x > 0, scale*x, scale*alpha*expm1(x))", source="Klambauer et al. 2017, arXiv:1706.02515", kinks="0")
def selu(x: Array, *, alpha: float = 1.6732632423543772, scale: float = 1.0507009873554805) -> Array:
    """Scaled elu: keeps mean 0 and variance 1 through a deep network of lecun-initialised layers."""
    high, low = primitives.product(np.array([scale]), np.array([alpha]))
    m = np.expm1(np.minimum(x, 0.0))
    values = scale * np.clip(x, 0.0, np.inf if scale else 0.0) + (high * m + low * m)  # 0*inf would be nan
    return primitives.keep_zeros(values, x) if high > 0 else values


@selu.slope
def _(x: Array, *, alpha: float, scale: float) -> Array:
    high, low = primitives.product(np.array([scale]), np.array([alpha]))
    e = np.exp(np.minimum(x, 0.0))
    return primitives.select(x > 0, scale, high * e + low * e)


@activation(
    "where(x >= 0, a/b*x, a*expm1(x/b))",
    source="Trottier, Giguère & Chaib-draa 2016, arXiv:1605.09332",
    domain=("a > 0", "b > 0"),
)
def pelu(*, a: float = 1.0, b: float = 1.0) -> None:
    """An elu whose height and width are learned."""


@activation(
    "where(x >= 0, x, x/sqrt(1 + alpha*x**2))", source="Carlile et al. 2017, arXiv:1710.09967", domain=("alpha > 0",)
)
def isrlu(*, alpha: float = 1.0) -> None:
    """An elu with an inverse square root for its exponential."""


@activation(
    "softplus(beta*x)/beta",
    shown="log(1 + exp(beta*x))/beta",
    source="Dugas et al. 2001; Glorot, Bordes & Bengio 2011",
    domain=("beta > 0",),
)
def softplus(x: Array, *, beta: float = 1.0) -> Array:
    """The smooth rectifier: log(1 + exp(x))."""
    high, low = primitives.scaled(x, beta)
    if low is None:
        return primitives.softplus(x)
    return np.where(high > 750, x, (primitives.softplus(high) + primitives.sigmoid(high) * low) / beta)


@softplus.slope
def _(x: Array, *, beta: float) -> Array:
    return primitives.sigmoid_of(*primitives.scaled(x, beta))


@activation(
    "sqrt(softplus(x))", shown="sqrt(log(1 + exp(x)))", source="Hugging Face transformers (DeepSeek-V4 router scoring)"
)
def sqrt_softplus() -> None:
    """The square root of the softplus."""


@activation("(x + sqrt(x**2 + b))/2", source="Barron 2021, arXiv:2112.11687", domain=("b > 0",))
def squareplus(*, b: float = 4.0) -> None:
    """A smooth rectifier from a hyperbola, without an exponential."""


@activation("x + (sqrt(x**2 + 1) - 1)/2", source="folklore (Wikipedia's table of activation functions)")
def bent_identity() -> None:
    """A hyperbola between slopes 1/2 and 3/2."""


@activation("log(cosh(x))", source="NNlib.jl")
def log_cosh() -> None:
    """A smooth absolute value: parabola near 0, straight far out."""


@activation(
    "x*sigmoid(beta*x)",
    shown="x/(1 + exp(-beta*x))",
    source="Elfwing et al. 2017; Ramachandran et al. 2017, arXiv:1710.05941",
    aliases=("silu",),
)
def swish(x: Array, *, beta: float = 1.0) -> Array:
    """The input, gated by its own sigmoid."""
    return primitives.swish(x, beta)


@swish.slope
def _(x: Array, *, beta: float) -> Array:
    return primitives.swish_slope(x, beta)


@activation("x*sigmoid(1.702*x)", shown="x/(1 + exp(-1.702*x))", source="Hendrycks & Gimpel 2016, arXiv:1606.08415")
def quick_gelu(x: Array) -> Array:
    """The gelu by a sigmoid: swish with beta 1.702."""
    return primitives.swish(x, 1.702)


@quick_gelu.slope
def _(x: Array) -> Array:
    return primitives.swish_slope(x, 1.702)


@activation("beta*x*sigmoid(x)", shown="beta*x/(1 + exp(-x))", source="Alcaide 2018, arXiv:1801.07145")
def eswish(*, beta: float = 1.375) -> None:
    """A steeper swish."""


@activation("(p1 - p2)*x*sigmoid(beta*(p1 - p2)*x) + p2*x", source="Ma et al. 2020, arXiv:2009.04759")
def acon_c(*, p1: float = 1.0, p2: float = 0.0, beta: float = 1.0) -> None:
    """Switches smoothly between linear and swish."""


@activation(
    "x*sigmoid(beta*x)**alpha",
    shown="x/(1 + exp(-beta*x))**alpha",
    source="Patwardhan, Ingalhalikar & Walambe 2018, arXiv:1805.08878",
    domain=("alpha > 0",),
)
def aria2(*, alpha: float = 1.5, beta: float = 2.0) -> None:
    """The input, gated by a Richards curve."""


@activation(
    "where(x >= 0, x*sigmoid(x), expm1(x)*sigmoid(x))",
    shown="where(x >= 0, x/(1 + exp(-x)), expm1(x)/(1 + exp(-x)))",
    source="Basirat & Roth 2018, arXiv:1808.00783",
)
def elish() -> None:
    """Swish above 0, elu times a sigmoid below."""


@activation(
    "where(x >= 0, x*sigmoid(x) + t, t)",
    shown="where(x >= 0, x/(1 + exp(-x)) + t, t)",
    source="Chieng et al. 2018, arXiv:1812.06247",
    kinks="0",
)
def flatten_t_swish(*, t: float = 0.0) -> None:
    """Swish above 0, flat below."""


@activation("x/2*erfc(-x/sqrt(2))", shown="x*Phi(x)", source="Hendrycks & Gimpel 2016, arXiv:1606.08415")
def gelu(x: Array) -> Array:
    """Gaussian error linear unit: the input times the normal distribution function.

    It is computed by erfc and not as x Phi(x): Phi = (1 + erf(x/sqrt(2)))/2 cancels for negative x and is 0 from -8.3
    down, where gelu is still -4e-16.
    """
    return primitives.gelu(x)


gelu.slope(primitives.gelu_slope)


@activation(
    "x*sigmoid(2*sqrt(2/pi)*(x + 0.044715*x**3))",
    shown="x/2*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))",
    source="Hendrycks & Gimpel 2016, arXiv:1606.08415",
)
def gelu_tanh(x: Array) -> Array:
    """The gelu by a tanh: x (1 + tanh u)/2 = x sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3)."""
    high, low = primitives.gelu_tanh_argument(x)
    return primitives.gate(x, high, low)


@gelu_tanh.slope
def _(x: Array) -> Array:
    high, low = primitives.gelu_tanh_argument(x)
    return primitives.gate_slope(high, low, primitives.gelu_tanh_growth(x))


@activation(
    "clip(x/2*erfc(-x/sqrt(2)), min_val, max_val)",
    shown="clip(x*Phi(x), min_val, max_val)",
    source="Wu et al. 2020, arXiv:2004.09602",
    kinks=COMPUTED,
    domain=("min_val < max_val",),
)
def clipped_gelu(*, min_val: float = -10.0, max_val: float = 10.0) -> None:
    """The gelu, clipped for quantisation."""


@activation("x*tanh(softplus(x))", shown="x*tanh(log(1 + exp(x)))", source="Misra 2019, arXiv:1908.08681")
def mish(x: Array) -> Array:
    """The input times tanh(softplus(x))."""
    return primitives.mish(x)


@mish.slope
def _(x: Array) -> Array:
    return primitives.mish_slope(x)


@activation("x*tanh(beta*softplus(x))", shown="x*tanh(beta*log(1 + exp(x)))", source="Misra (Echo)")
def beta_mish(*, beta: float = 1.5) -> None:
    """A mish with a sharper gate."""


@activation("x*tanh(softplus(x + beta))", shown="x*tanh(log(1 + exp(x + beta)))", source="Misra (Echo)")
def mila(*, beta: float = -0.25) -> None:
    """A mish with a shifted gate."""


@activation("x*erf(softplus(x))", shown="x*erf(log(1 + exp(x)))", source="Nag & Bhattacharyya 2021, arXiv:2108.09598")
def serf() -> None:
    """The input times erf(softplus(x))."""


@activation("x*log1p(sigmoid(x))", source="Zhu et al. 2021, Neurocomputing 458")
def logish() -> None:
    """The input times log(1 + sigmoid(x))."""


@activation("x*tanh(log1p(sigmoid(x)))", source="Wang, Ren & Wang 2022, Electronics 11(4):540")
def smish() -> None:
    """The input times tanh(log(1 + sigmoid(x)))."""


@activation(
    "x*tanh(exp(x))",
    source="Liu & Di 2020, arXiv:2003.09855; Fernandez & Mali 2024, arXiv:2412.20269",
    aliases=("telu",),
)
def tanhexp() -> None:
    """The input times tanh(exp(x))."""


@activation("x*tanh(x/2*erfc(-x/sqrt(2)))", shown="x*tanh(x*Phi(x))", source="Naveen 2022 (TechRxiv)")
def phish() -> None:
    """The input times tanh(gelu(x))."""


@activation("x*log(2 - exp(-exp(x)))", source="Kaytan et al. 2023, doi:10.1007/s00521-023-09035-5")
def gish() -> None:
    """The input times log(2 - exp(-exp(x)))."""


@activation("x*exp(-exp(-x))", source="Das et al. 2025, arXiv:2502.03654")
def golu() -> None:
    """The input, gated by the Gompertz curve."""


@activation("x/(1 - x*exp(-(x + exp(x))))", source="Vagerwal 2021, arXiv:2112.12078")
def colu() -> None:
    """Collapsing linear unit."""


@activation("x*tanh(x)", source="Roy et al. 2019, arXiv:1901.05894")
def lisht(x: Array) -> Array:
    """The input times its tanh: even, without a negative part."""
    return x * np.tanh(x)


@lisht.slope
def _(x: Array) -> Array:
    return np.tanh(x) + np.clip(x, -1e300, 1e300) * primitives.tanh_slope(x)


@activation("x/2*(1 + k*x/sqrt(1 + x**2))", source="Abdool & Dear 2023, arXiv:2303.02640")
def swim(*, k: float = 0.5) -> None:
    """A swish without an exponential."""


@activation("((1 + alpha)*x + (1 - alpha)*x*erf(mu*(1 - alpha)*x))/2", source="Biswas et al. 2021, arXiv:2111.04682")
def smu(*, alpha: float = 0.25, mu: float = 1.0) -> None:
    """Smooth maximum unit: a leaky rectifier smoothed by erf."""


@activation("alpha*tanh(beta*x) + lambd*x", source="Shen et al. 2022 (TanhLU)")
def tanh_lu(*, alpha: float = 1.0, beta: float = 1.0, lambd: float = 1.0) -> None:
    """A tanh on a straight line."""


@activation(
    "where(x > 0, alpha_p*x**2 + beta*x, alpha_n*(expm1(x) - x) + beta*x)",
    source="Huang & Schlag 2024, arXiv:2411.13010",
)
def xielu(*, alpha_p: float = 0.8, alpha_n: float = 0.8, beta: float = 0.5) -> None:
    """The integral of an elu: a parabola above 0."""


@activation("exp(x)", source="the exponential function", aliases=("exponential",))
def exp(x: Array) -> Array:
    """The exponential function."""
    return np.exp(x)


@exp.slope
def _(x: Array) -> Array:
    return np.exp(x)


@activation(
    "where(alpha < 0, -log(1 - alpha*(x + alpha))/where(alpha == 0, 1, alpha), "
    "where(alpha == 0, x, expm1(alpha*x)/where(alpha == 0, 1, alpha) + alpha))",
    shown="where(alpha < 0, -log(1 - alpha*(x + alpha))/alpha, where(alpha > 0, expm1(alpha*x)/alpha + alpha, x))",
    source="Godfrey & Gashler 2016, arXiv:1602.01321",
)
def soft_exponential(*, alpha: float = 0.0) -> None:
    """From logarithm (alpha -1) over the identity (0) to the exponential (1)."""


# sign(x)*log1p(abs(x)) would have the slope 0 at 0, since sign(0) is 0.
@activation(
    "where(x >= 0, log1p(x), -log1p(-x))",
    shown="sign(x)*log1p(abs(x))",
    source="Webber 2013; Hafner et al. 2023 (DreamerV3), arXiv:2301.04104",
)
def symlog() -> None:
    """A logarithm for both signs."""


@activation(
    "where(x >= 0, expm1(x), -expm1(-x))",
    shown="sign(x)*expm1(abs(x))",
    source="Hafner et al. 2023 (DreamerV3), arXiv:2301.04104",
)
def symexp() -> None:
    """The inverse of the symlog."""


@activation("x**3", source="Chen & Manning 2014 (EMNLP)")
def cube() -> None:
    """The cube."""
