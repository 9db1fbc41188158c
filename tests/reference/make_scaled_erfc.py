"""Write actcli/formulas/scaled_erfc.npy: Taylor coefficients of S(a) = exp(a^2/2) * erfc(a/sqrt 2) / 2.

Column k holds the coefficients of S in powers of (w - k/512), for a = 2/w - 2, that is w = 2/(a + 2), each rounded
once from ball arithmetic, then what rounding took from the first two; column 0 (a infinite) is not used. Run by hand:
python tests/reference/make_scaled_erfc.py
"""

from pathlib import Path

import numpy as np
from flint import arb, arb_series, ctx

NODES, TERMS = 512, 9


def coefficients(k: int) -> list[float]:
    w = arb_series([arb(k) / NODES, 1], prec=TERMS)
    a = 2 / w - 2
    # S' = a S - 1/sqrt(2 pi), in w: multiply by da/dw
    value = (a[0] ** 2 / 2).exp() * (a[0] / arb(2).sqrt()).erfc() / 2
    slope = a.derivative()
    terms = [value]
    for n in range(TERMS - 1):
        series = arb_series(terms, prec=TERMS)
        rate = (a * series - 1 / (2 * arb.pi()).sqrt()) * slope
        terms.append(rate[n] / (n + 1))
    return [float(term) for term in terms] + [float(term - float(term)) for term in terms[:2]]


if __name__ == "__main__":
    ctx.prec = 3000
    ctx.cap = TERMS + 2
    home = Path(__file__).parents[2] / "actcli" / "activations"
    np.save(
        home / "scaled_erfc.npy",
        np.array([[0.0] * (TERMS + 2)] + [coefficients(k) for k in range(1, NODES + 1)]).T.copy(),
    )
