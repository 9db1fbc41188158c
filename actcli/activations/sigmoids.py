"""S-shaped functions, which rise from one plateau to another, and bell-shaped functions."""

from __future__ import annotations

from functools import cache

import numpy as np

from actcli.activations.definition import activation
from actcli.formulas import primitives
from actcli.formulas.primitives import Array


@activation(
    "sigmoid(x)",
    shown="1/(1 + exp(-x))",
    source="Verhulst 1845; Rumelhart, Hinton & Williams 1986",
    aliases=("logistic", "expit"),
)
def sigmoid(x: Array) -> Array:
    """The logistic curve, from 0 to 1."""
    return primitives.sigmoid(x)


sigmoid.slope(primitives.sigmoid_slope)


@activation("tanh(x)", source="LeCun, Bottou, Orr & Müller 1998 (Efficient BackProp)")
def tanh(x: Array) -> Array:
    """The hyperbolic tangent, from -1 to 1."""
    return np.tanh(x)


tanh.slope(primitives.tanh_slope)


@activation("x/(1 + abs(x))", source="Elliott 1993; Turian et al. 2009", aliases=("soft_sign",), cheap=True)
def softsign(x: Array) -> Array:
    """An S curve from -1 to 1 that approaches its limits slowly, like 1/x."""
    return np.where(np.isinf(x), np.sign(x), x / (1.0 + np.abs(x)))


@softsign.slope
def _(x: Array) -> Array:
    s = 1.0 + np.abs(x)
    return (1.0 / s) / s  # s*s would overflow


@activation("-softplus(-x)", shown="-log(1 + exp(-x))", source="the logarithm of the logistic curve")
def log_sigmoid(x: Array) -> Array:
    """The logarithm of the sigmoid: -softplus(-x)."""
    return -primitives.softplus(-x)


@log_sigmoid.slope
def _(x: Array) -> Array:
    return primitives.sigmoid(-x)


@activation("a*tanh(b*x)", source="LeCun 1989; LeCun, Bottou, Orr & Müller 1998")
def scaled_tanh(*, a: float = 1.7159, b: float = 2 / 3) -> None:
    """LeCun's tanh: close to the identity at -1 and 1."""


@activation("tanh(weight*x)", source="the tanh with a learned scale (Echo)")
def weighted_tanh(*, weight: float = 1.0) -> None:
    """The tanh of a scaled input."""


@activation("tanh(alpha*x)", source="Zhu et al. 2025 (Dynamic Tanh), arXiv:2503.10622")
def dyt(*, alpha: float = 0.5) -> None:
    """Dynamic tanh, which stands in for a normalisation layer; its affine part is left out."""


@activation(
    "cap*tanh(x/cap)", source="Bello et al. 2016, arXiv:1611.09940; Gemma 2, arXiv:2408.00118", domain=("cap > 0",)
)
def soft_cap(*, cap: float = 30.0) -> None:
    """Caps logits smoothly at -cap and cap."""


@activation("where(x > 0, tanh(x), a*tanh(x))", source="Xu, Huang & Li 2016, arXiv:1602.05980", kinks="0")
def penalized_tanh(*, a: float = 0.25) -> None:
    """The tanh, flattened on its negative side."""


@activation("max(tanh(x), 0)", source="DL4J, RECTIFIEDTANH", kinks="0")
def rectified_tanh() -> None:
    """The positive half of the tanh."""


@activation(
    "1.7159*2*x/3*(1 + abs(2*x/3) + 1.41645*abs(2*x/3)**3)/(1 + abs(2*x/3) + (2*x/3)**2 + 1.41645*(2*x/3)**4)",
    shown="1.7159*sign(x)*(1 - 1/(1 + abs(2*x/3) + (2*x/3)**2 + 1.41645*(2*x/3)**4))",
    source="DL4J, RATIONALTANH (after arXiv:1508.01292)",
)
def rational_tanh() -> None:
    """LeCun's tanh by a rational function."""


@activation("x - tanh(x)", source="Torch7, nn.TanhShrink")
def tanh_shrink(x: Array) -> Array:
    """What the tanh takes away: cubic near 0, a straight line far out."""
    # x - tanh(x) = x^3/3 - 2x^5/15 + ...: for |x| < 1 this series is used, as the difference would cancel.
    z = np.minimum(x * x, 1.0)
    last, *rest = reversed(_tanh_shrink_series(48))
    series = np.full_like(z, last)
    for c in rest:
        series = series * z + c
    near = np.abs(x) < 1.0
    return np.where(near, x * z * series, x - np.tanh(x))


@tanh_shrink.slope
def _(x: Array) -> Array:
    t = np.tanh(x)
    return t * t


@cache  # computed at the first call, not when actcli starts
def _tanh_shrink_series(terms: int) -> tuple[float, ...]:
    """Coefficients of (x - tanh x)/x^3 in x^2, from tanh' = 1 - tanh^2 in exact fractions."""
    from fractions import Fraction

    tanh = [Fraction(1)]  # tanh x = x * sum tanh[k] x^(2k)
    for k in range(1, terms + 1):
        square = sum((tanh[i] * tanh[k - 1 - i] for i in range(k)), Fraction(0))
        tanh.append(-square / (2 * k + 1))
    return tuple(float(-c) for c in tanh[1:])


@activation("atan(x)", source="Kunc & Kléma 2024, arXiv:2402.09092", aliases=("atan",))
def arctan() -> None:
    """The arc tangent, from -pi/2 to pi/2."""


@activation("erf(x)", source="the error function")
def erf() -> None:
    """The error function, from -1 to 1."""


@activation(
    "erfc(-(x - mu)/sigma/sqrt(2))/2",
    shown="Phi((x - mu)/sigma)",
    source="Ma et al. 2022 (MEGA), arXiv:2209.10655",
    aliases=("normal_cdf",),
    domain=("sigma > 0",),
)
def gaussian_cdf(*, mu: float = 0.707107, sigma: float = 0.282095) -> None:
    """The normal distribution function; with these constants what MEGA calls Laplace."""


@activation("x/2/(1 + abs(x)) + 1/2", shown="x/(2*(1 + abs(x))) + 1/2", source="Elliott 1993")
def elliott() -> None:
    """The softsign, moved to 0..1."""


@activation("x/sqrt(1 + alpha*x**2)", source="Carlile et al. 2017, arXiv:1710.09967", domain=("alpha > 0",))
def isru(*, alpha: float = 1.0) -> None:
    """Inverse square root unit: an S curve without an exponential."""


@activation(
    "where(x > 2, 1, where(x < -2, -1, x - x*abs(x)/4))",
    source="Wuraola & Patel 2018",
)
def sqnl() -> None:
    """Square nonlinearity: a tanh of two parabolas."""


@activation(
    "(1 + exp(-beta*x))**(-alpha)",
    shown="1/(1 + exp(-beta*x))**alpha",
    source="Richards 1959",
    domain=("alpha > 0", "beta > 0"),
)
def richards_sigmoid(*, alpha: float = 1.5, beta: float = 1.0) -> None:
    """The generalised logistic curve, steeper on one side."""


@activation("1 - exp(-exp(x))", source="Gomes & Ludermir 2008")
def cloglog() -> None:
    """Complementary log-log: an asymmetric curve from 0 to 1."""


@activation("exp(-exp(-x))", source="Gomes, Ludermir & Lima 2011")
def loglog() -> None:
    """Log-log, the Gumbel distribution function: an asymmetric curve from 0 to 1."""


@activation(
    "log((1 + exp(alpha*x))/(1 + exp(alpha*(x - 1))))/alpha",
    source="Klimek & Perelstein 2018, arXiv:1810.11509",
    domain=("alpha > 0",),
)
def soft_clipping(*, alpha: float = 0.5) -> None:
    """A smooth clip to 0..1."""


@activation("sigmoid(x)*(1 + x*(1 - sigmoid(x)))", source="Elfwing, Uchibe & Doya 2017, arXiv:1702.03118")
def dsilu() -> None:
    """The slope of the silu, used as an activation of its own."""


@activation(
    "exp(-x**2/(2*sigma**2))",
    source="Broomhead & Lowe 1988; Ramasinghe & Lucey 2021, arXiv:2111.15135",
    domain=("sigma > 0",),
)
def gaussian(*, sigma: float = 1.0) -> None:
    """A bell: 1 at 0, nothing far out."""


@activation(
    "(1 - x**2/sigma**2)*exp(-x**2/(2*sigma**2))",
    source="Zhang & Benveniste 1992",
    aliases=("mexican_hat",),
    domain=("sigma > 0",),
)
def ricker(*, sigma: float = 1.0) -> None:
    """The Mexican hat, unnormalised: a bell between two troughs."""
