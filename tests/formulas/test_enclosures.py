"""Series and hulls on intervals contain every value there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from flint import arb, ctx

from actcli.activations import get, names
from actcli.formulas import balls, enclosures
from actcli.formulas.balls import Missing
from actcli.formulas.formula import Formula

ELEMENTWISE = [name for name in names() if not get(name).is_row]
TERMS = 5


def test_every_operation_has_a_series() -> None:
    assert set(balls.OPERATIONS) == set(enclosures._SERIES)


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_intervals_hold_their_points(name: str, order: int) -> None:
    truth, random = get(name).truth, np.random.default_rng(3)
    before, ctx.cap = ctx.cap, TERMS + 1
    try:
        for middle, radius in ((0.0, 0.25), (-1.7, 0.5), (2.6, 0.01), (0.4, 3.0), (30.0, 1.0)):
            wide = arb(middle, radius)
            hull, rest, narrow = truth.hull(wide, order), truth.series(wide, order), truth.series(arb(middle), order)
            for share in random.uniform(-1, 1, 5):
                y = middle + share * radius * 0.999
                value = truth.ball(arb(y), order)
                if isinstance(value, Missing):
                    continue
                if not isinstance(hull, Missing):
                    assert hull.overlaps(value), (middle, radius, y)
                if isinstance(rest, Missing) or isinstance(narrow, Missing):
                    continue
                assert rest[0].overlaps(value)
                t = arb(y) - middle
                line = sum((narrow[k] * t**k for k in range(TERMS)), arb(0)) + rest[TERMS] * t**TERMS
                assert line.overlaps(value) or not line.is_finite(), (middle, radius, y)
    finally:
        ctx.cap = before


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("where(x > 0.1, 2, -1)", -1, 2),
        ("sign(x)", -1, 1),
        ("floor(3*x)", -2, 1),
        ("sqrt(x)", 0, math.sqrt(0.5)),
        ("exp(x)", math.exp(-0.5), math.exp(0.5)),
        ("max(x, -x)", 0, 0.5),
    ],
)
def test_hulls_are_no_wider_than_they_must(text: str, low: float, high: float) -> None:
    found = Formula(text).hull(arb(0, 0.5))
    assert not isinstance(found, Missing)
    assert float(found.upper()) == pytest.approx(high, abs=1e-6)
    assert float(found.lower()) == pytest.approx(low, abs=0.6 if text.startswith("max") else 1e-6)


def test_a_point_that_is_filled_in() -> None:
    """The series of sin(x)/x about 0 is 1 - x^2/6 + x^4/120."""
    before, ctx.cap = ctx.cap, 7
    try:
        sinc = Formula("where(x == 0, 1, sin(x)/where(x == 0, 1, x))").series(arb(0))
        assert not isinstance(sinc, Missing)
        assert [float(sinc[k]) for k in range(5)] == pytest.approx([1, 0, -1 / 6, 0, 1 / 120], abs=1e-12)
        assert isinstance(Formula("where(x == 0, 2, sin(x)/where(x == 0, 1, x))").series(arb(0, 0.1)), Missing)
    finally:
        ctx.cap = before
