"""The value of a formula at a point depends on this point alone, and undefined differs from undecided."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from actcli.activations import get
from actcli.formulas.formula import Formula
from tests.cli.running import run


def far_formula(choose: random.Random) -> tuple[str, list[float]]:
    """A formula with poles or ends of its domain between 1e3 and 1e6, and these points."""
    places = [float(round(10 ** choose.uniform(3, 6))) for _ in range(choose.randint(1, 2))]
    shapes = ["1/(x - {c})", "sqrt(x - {c})", "log({c} - x)", "log1p(x - {c})", "x/(x - {c})**2", "exp(1/(x - {c}))"]
    calm = ["tanh(x)", "exp(-x)", "sigmoid(x)", "softplus(x)", "x", "sin(x)", "erf(x)"]
    parts = [choose.choice(shapes).format(c=repr(place)) for place in places]
    return f" {choose.choice('+*')} ".join([*parts, choose.choice(calm)]), places


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_evaluation_never_matters(seed: int) -> None:
    choose = random.Random(seed)
    text, places = far_formula(choose)
    points = [*places, *(place + choose.choice([-1.0, 1.0]) * 10 ** choose.uniform(-3, 3) for place in places)]
    points += [sign * 10 ** choose.uniform(3, 7) for sign in (-1.0, 1.0, 1.0)]
    for order in (0, 1):
        alone = [Formula(text).rounded(x, order) for x in points]
        forwards, backwards = Formula(text), Formula(text)
        assert np.array_equal([forwards.rounded(x, order) for x in points], alone, equal_nan=True), text
        returned = [backwards.rounded(x, order) for x in reversed(points)]
        assert np.array_equal(returned[::-1], alone, equal_nan=True), text
        together = Formula(text).values(np.array(points), order)
        assert np.array_equal(np.isnan(together), np.isnan(alone)), text


@pytest.mark.parametrize(
    ("text", "x", "value"),
    [
        ("1/(x-2000)", 3000.0, 0.001),
        ("1/(x-2000)", 2000.0, math.nan),
        ("sqrt(x-2000)", 1500.0, math.nan),
        ("sqrt(x-2000)", 2000.0, 0.0),
        ("log(x-2000)", 1e300, 690.7755278982137),
        ("exp(exp(exp(exp(x))))", 1.0, math.inf),
        ("exp(exp(exp(exp(x))))", 5.0, math.inf),
        ("-exp(exp(exp(exp(x))))", 5.0, -math.inf),
        ("1/exp(exp(exp(exp(x))))", 5.0, 0.0),
        ("exp(-exp(exp(exp(x))))", 5.0, 0.0),
        ("tanh(exp(exp(exp(exp(x)))))", 5.0, 1.0),
        ("max(1, exp(exp(exp(exp(x)))))", 5.0, math.inf),
        ("where(exp(exp(exp(exp(x)))) > 7, 3, 4)", 5.0, 3.0),
        ("9**9**9**x", 5.0, math.inf),
        ("9**-9**9**x", 5.0, 0.0),
        ("exp(exp(x))", 1e300, math.inf),
        ("x - log(exp(x) + 1)", 1e300, -0.0),
        ("1 + erf(x)", -1e300, 0.0),
        # as in IEEE 754, the sign of a zero decides; elsewhere both sides must agree
        ("log(x)", 0.0, -math.inf),
        ("log(x)", -0.0, -math.inf),
        ("log(x-2)", 2.0, -math.inf),
        ("log(x)", -1.0, math.nan),
        ("1/x", 0.0, math.inf),
        ("1/x", -0.0, -math.inf),
        ("1/x**2", -0.0, math.inf),
        ("1/(x-3)**2", 3.0, math.inf),
        ("x**(-3)", -0.0, -math.inf),
        ("sin(x)/x", 0.0, math.nan),
        ("9**9**9**9**x", 1.0, math.inf),
    ],
)
def test_undefined_undecided_and_overflow(text: str, x: float, value: float) -> None:
    for formula in (get(text), get(text).exact):
        np.testing.assert_equal(float(formula(x)), value)


def test_the_slope_at_the_end_of_a_domain_is_that_of_the_only_side() -> None:
    for text, x, slope in (
        ("log1p(x)", -1.0, math.inf),
        ("log(1-x)", 1.0, -math.inf),
        ("log((x-2)**2)", 2.0, math.nan),
    ):
        np.testing.assert_equal(float(get(text).slope(x)), slope)


def test_each_number_of_a_command_is_worth_what_it_is_alone() -> None:
    assert run("eval", "1/(x-2000)", "--exact", "-q", "3000", "2000", "3000") == (0, "0.001\nnan\n0.001\n", "")
    assert run("eval", "1/(x-2000)", "-q", "2000") == (0, "nan\n", "")
    assert run("eval", "sqrt(x-2000)", "--exact", "-q", "1500") == (0, "nan\n", "")


class Counted(Formula):
    """A formula that counts its evaluations in ball arithmetic."""

    balls = 0

    def ball(self, x: Any, order: int = 0) -> Any:
        Counted.balls += 1
        return super().ball(x, order)


@pytest.mark.parametrize("text", ["log(x - 2)", "(-1)**x", "x + log(-x*x - 1)", "sqrt(x*(1 - x)*(x - 2))/(x - 3)"])
def test_where_there_is_no_value_is_found_at_once(text: str) -> None:
    x = np.concatenate([np.linspace(-4, 4, 65), np.linspace(-3.999, 3.999, 2000)])
    Counted.balls = 0
    found = Counted(text).values(x)
    assert Counted.balls < 600
    np.testing.assert_array_equal(found[:65], [Formula(text).rounded(point) for point in x[:65]])


def test_more_precision_in_vain_has_an_end() -> None:
    """sin(x)**2 + cos(x)**2 is 1, which no precision of balls can prove."""
    said = "where(sin(x)**2+cos(x)**2>=1,x,0)"
    code, out, err = run("eval", said, "--range", "1:2:150", "-q")
    assert (code, set(out.split())) == (0, {"nan"})
    assert err == (
        f"Note: '{said}' is open at so many numbers, even with 49152 bits, that fewer are tried; "
        "where they do not decide, it is nan\n"
    )


def test_far_out_zeros_have_a_sign_that_is_sought_once() -> None:
    Counted.balls = 0
    assert not Counted("sin(pi)/x").values(np.linspace(1, 2, 500)).any()
    assert Counted.balls < 3000
