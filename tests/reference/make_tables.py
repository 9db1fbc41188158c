"""Write actcli/formulas/tables/*.npy from ball arithmetic, for look-ups of the functions of pairs in precise.py.

Numbers for exact products are rounded to 26 bits, each followed by its rounding error; the others are rounded to
float64. Run by hand: python tests/reference/make_tables.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from flint import arb, arb_series, ctx

HOME = Path(__file__).parents[2] / "actcli" / "formulas" / "tables"


def pair(exact: arb, bits: int = 53) -> list[float]:
    """An exact number as a head of `bits` bits and the remainder."""
    with ctx.workprec(bits):
        high = float((exact + 0).mid())
    return [high, float(exact - high)]


def exponential() -> list[list[float]]:
    """2**(k/4096) for k from 0 to 4095, and the relative rounding error."""
    powers = (arb(2) ** (arb(k) / 4096) for k in range(4096))
    return [[high, low / high] for high, low in map(pair, powers)]


def logarithm() -> list[list[float]]:
    """The number r of 26 bits nearest to 2048/j, and -log(r) as a pair, for j from 1433 to 4096."""
    rows = []
    for j in range(1433, 4097):
        r = pair(arb(2048) / j, 26)[0]
        rows.append([r, *pair(-arb(r).log())])
    return rows


def tanh() -> list[list[float]]:
    """tanh as a pair, and the head of its slope with the relative rounding error, at j/128 for j from -2944 to 2944."""
    rows = []
    for j in range(-2944, 2945):
        c = arb(j) / 128
        slope, rest = pair(1 / c.cosh() ** 2, 26)
        rows.append([*pair(c.tanh()), slope, rest / slope])
    return rows


def softplus() -> list[list[float]]:
    """softplus as a pair, and its slope with a head, at j/128 for j from -3072 to 3072."""
    nodes = (arb(j) / 128 for j in range(-3072, 3073))
    return [[*pair(c.exp().log1p()), *pair(1 / (1 + (-c).exp()), 26)] for c in nodes]


def arctan() -> list[list[float]]:
    """atan(j/64) for j from -64 to 64, as pairs."""
    return [pair((arb(j) / 64).atan()) for j in range(-64, 65)]


def circle() -> list[list[float]]:
    """sin and cos of j pi/512 for j from 0 to 1023, as pairs."""
    turns = (arb(j) / 512 for j in range(1024))
    return [[*pair(arb.sin_pi(turn)), *pair(arb.cos_pi(turn))] for turn in turns]


def taylor(series: arb_series) -> list[float]:
    """Value and slope as pairs, the slope with a head, and the further coefficients divided by the slope."""
    value, slope, *higher = [series[n] for n in range(series.prec)]
    return [*pair(value), *pair(slope, 26), *[float(coefficient / slope) for coefficient in higher]]


def about(node: arb, terms: int) -> arb_series:
    return arb_series([node, 1], prec=terms)


def erf() -> list[list[float]]:
    """erf about j/64, for j from -436 to 436."""
    return [taylor(about(arb(j) / 64, 10).erf()) for j in range(-436, 437)]


def erfc() -> list[list[float]]:
    """erfc about j/256, for j from -1792 to 1024."""
    return [taylor(about(arb(j) / 256, 9).erfc()) for j in range(-1792, 1025)]


def erfcx() -> list[list[float]]:
    """exp(x^2) erfc(x) about j/64, for j from 256 to 1760."""
    nodes = (about(arb(j) / 64, 10) for j in range(256, 1761))
    return [taylor((x * x).exp() * x.erfc()) for x in nodes]


SCALED_NODES, SCALED_TERMS = 512, 9


def scaled_erfc() -> list[list[float]]:
    """Taylor coefficients of S(a) = exp(a^2/2) erfc(a/sqrt 2)/2 in powers of w - k/512, for w = 2/(a + 2).

    They are followed by the rounding errors of the first two; the row of k = 0 (a infinite) is not used.
    """

    def row(k: int) -> list[float]:
        w = arb_series([arb(k) / SCALED_NODES, 1], prec=SCALED_TERMS)
        a = 2 / w - 2
        # S' = a S - 1/sqrt(2 pi), multiplied by da/dw
        value = (a[0] ** 2 / 2).exp() * (a[0] / arb(2).sqrt()).erfc() / 2
        slope = a.derivative()
        terms = [value]
        for n in range(SCALED_TERMS - 1):
            series = arb_series(terms, prec=SCALED_TERMS)
            rate = (a * series - 1 / (2 * arb.pi()).sqrt()) * slope
            terms.append(rate[n] / (n + 1))
        return [float(term) for term in terms] + [float(term - float(term)) for term in terms[:2]]

    return [[0.0] * (SCALED_TERMS + 2)] + [row(k) for k in range(1, SCALED_NODES + 1)]


if __name__ == "__main__":
    ctx.prec = 3000
    ctx.cap = 12
    for table in (exponential, logarithm, tanh, softplus, arctan, circle, erf, erfc, erfcx, scaled_erfc):
        np.save(HOME / f"{table.__name__}.npy", np.array(table()).T.copy())
