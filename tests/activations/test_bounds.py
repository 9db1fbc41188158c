"""The error bounds of pairs of float64 hold, as ball arithmetic shows."""

from __future__ import annotations

import itertools
import operator
import random
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from flint import arb, ctx
from numpy.typing import NDArray

from actcli.formulas import balls, rational
from actcli.formulas.bounded import Pair, to_floats
from actcli.formulas.bounded import error as bound_of
from actcli.formulas.formula import Formula, play
from actcli.formulas.grammar import FormulaError
from actcli.formulas.precise import OPERATIONS
from actcli.formulas.tolerances import FAITHFUL
from tests.activations.accuracy import ulps

#: The interval of points for each function; +-700 for the others.
DOMAINS = {"log": (0.0, 1e6), "log1p": (-1.0, 1e6), "sqrt": (0.0, 1e6), "erfc": (-6.0, 26.5), "sin": (-50.0, 50.0)}
DOMAINS |= {"cos": DOMAINS["sin"], "tanh": (-20.0, 20.0), "erf": (-6.0, 6.0)}
FUNCTIONS = ["sqrt", "exp", "expm1", "log", "log1p", "tanh", "sinh", "cosh", "sin", "cos", "atan"]
FUNCTIONS += ["erf", "erfc", "sigmoid", "softplus"]


def points(low: float, high: float, n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points inside (low, high) of many sizes as pairs; the low parts of half of them are 0."""
    rng = np.random.default_rng(seed)
    sizes = 10.0 ** rng.uniform(-12, 3, n) * rng.choice([-1, 1], n)
    x = np.concatenate([rng.uniform(low, high, n), rng.uniform(-3, 3, 2 * n), sizes])
    x = x[(x > low) & (x < high)]
    return x, np.spacing(x) * rng.uniform(-0.5, 0.5, x.size) * rng.integers(0, 2, x.size)


def excess(result: Pair, truths: list[arb]) -> float:
    """The largest error relative to its bound; the error must be 0 where the bound is 0."""
    worst = 0.0
    parts = np.broadcast_arrays(result.high, result.low, bound_of(result))
    for high, low, bound, truth in zip(*(part.tolist() for part in parts), truths, strict=True):
        error = abs(arb(high) + arb(low) - truth)
        if not error.contains(0):
            worst = max(worst, float(error / arb(bound)) if bound else float("inf"))
    return worst


@pytest.fixture(autouse=True)
def precision():
    with ctx.workprec(250):
        yield


@pytest.mark.parametrize("op", FUNCTIONS)
def test_functions(op: str) -> None:
    x, low = points(*DOMAINS.get(op, (-700.0, 700.0)), 2000, seed=1)
    with np.errstate(all="ignore"):
        results = OPERATIONS[op](Pair(x, low)), OPERATIONS[op](Pair(x))
    truths = [balls.OPERATIONS[op](arb(a) + arb(b)) for a, b in zip(x.tolist(), low.tolist(), strict=True)]
    assert excess(results[0], truths) <= 1
    assert excess(results[1], [balls.OPERATIONS[op](arb(a)) for a in x.tolist()]) <= 1


@pytest.mark.parametrize("op", ["add", "sub", "mul", "div"])
def test_arithmetic(op: str) -> None:
    (x, low), (y, small) = points(-1e3, 1e3, 2000, seed=2), points(-1e3, 1e3, 2000, seed=3)
    n = min(x.size, y.size)
    firsts, seconds = (Pair(x[:n], low[:n]), Pair(x[:n])), (Pair(y[:n], small[:n]), Pair(y[:n]), Pair(0.7), Pair(-8.0))
    for one, two in itertools.product(firsts, seconds):
        result = OPERATIONS[op](one, two)
        parts = (np.broadcast_to(part, n).tolist() for pair in (one, two) for part in pair[:2])
        truths = [balls.OPERATIONS[op](arb(a) + arb(b), arb(c) + arb(d)) for a, b, c, d in zip(*parts, strict=True)]
        assert excess(result, truths) <= 1


@pytest.mark.parametrize("op", FUNCTIONS)
@pytest.mark.parametrize("share", [1e-12, 1e-4, 0.1])
def test_an_error_of_the_argument_is_passed_on(op: str, share: float) -> None:
    x, _ = points(*DOMAINS.get(op, (-700.0, 700.0)), 500, seed=4)
    x = x[(x > 1e-9) & (x * (1 + share) < 700)]  # away from the edges of the domains
    error = share * x
    with np.errstate(all="ignore"):
        results = OPERATIONS[op](Pair(x, 0.0, error)), OPERATIONS[op](Pair(x, 0.0, error / 2, share / 2))
    for side in (-1, 1):
        moved = [balls.OPERATIONS[op](arb(a) + side * arb(e)) for a, e in zip(x.tolist(), error.tolist(), strict=True)]
        assert max(excess(result, moved) for result in results) <= 1


@pytest.mark.parametrize("exponent", [-2.5, -1.0, 0.3, 2.0, 3.0, 4.0])
def test_powers(exponent: float) -> None:
    x, low = points(0.0, 1e3, 2000, seed=5)
    power = OPERATIONS["pow"](Pair(x, low), Pair(exponent))
    truths = [(arb(a) + arb(b)) ** arb(exponent) for a, b in zip(x.tolist(), low.tolist(), strict=True)]
    assert excess(power, truths) <= 1


@pytest.mark.parametrize("op", FUNCTIONS)
def test_pairs_are_right_to_eighteen_digits(op: str) -> None:
    low, high = DOMAINS.get(op, (-600.0, 600.0))
    x = np.random.default_rng(6).uniform(max(low, -600.0), min(high, 600.0), 2000)
    x = x[(np.abs(x) > 0.01) & ((op != "erfc") | (x < 25))]
    result = OPERATIONS[op](Pair(x))
    assert (bound_of(result) < 1e-18 * np.abs(result.high)).all()


def test_an_error_of_half_an_ulp_is_not_proved() -> None:
    for share, is_proved in ((2.0**-55, True), (2.0**-54, False), (2.0**-52, False)):
        _, proved = to_floats(Pair(np.array([1.0, -3.0]), 0.0, 0.0, share), (2,))
        assert np.all(proved) == is_proved


#: Operations on fractions.
FRACTIONS = {op: getattr(operator, op) for op in ("add", "sub", "mul", "neg", "abs", "lt", "le", "gt", "ge")}
FRACTIONS |= {"div": operator.truediv, "max": max, "min": min, "where": lambda condition, a, b: a if condition else b}
FRACTIONS |= {"clip": lambda x, low, high: min(max(x, low), high), "sign": lambda x: Fraction((x > 0) - (x < 0))}


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("text", ["x*(x + 3)/6", "clip(b*x + 1/2, 0, 1)", "where(x < 1, b*x, 2*x)", "max(abs(x)/7, x)"])
def test_what_is_told_to_be_exact_is(text: str, order: int) -> None:
    formula = Formula(text, {"b": 1 / 6})
    x = np.random.default_rng(7).integers(-(2**14), 2**14, 300) / 2.0**11
    walk, pairs = partial(play, formula._steps(order)), formula.pairs(x, order)
    guess = np.broadcast_to(pairs.high, x.shape)
    told = rational.hits(walk, x, formula.parameters, guess, np.abs(pairs.low) + bound_of(pairs))

    def exact(x: float) -> Fraction:
        known = {"x": Fraction(x), "b": Fraction(1, 6)}
        return walk(lambda name: known[name] if name in known else Fraction(name), lambda op, ab: FRACTIONS[op](*ab))

    assert told.tolist() == [exact(at) == value for at, value in zip(x.tolist(), guess.tolist(), strict=True)]


def random_formula(choose: random.Random, depth: int) -> str:
    if depth == 0 or choose.random() < 0.15:
        return choose.choice(["x", "x", "x", "1", "2", "0.5", "3", "b", "pi"])
    a, b, c, d = (random_formula(choose, depth - 1) for _ in range(4))
    return choose.choices(
        [
            f"{choose.choice([*FUNCTIONS, 'abs', 'sign'])}({a})",
            f"({a} {choose.choice('+-*/')} {b})",
            f"({a})**{choose.choice(['2', '3', '0.5', '(-1)', 'b'])}",
            f"{choose.choice(['max', 'min'])}({a}, {b})",
            f"where({a} > {b}, {c}, {d})",
        ],
        [9, 8, 1, 1, 1],
    )[0]


@pytest.mark.parametrize("seed", range(12))
def test_random_formulas_are_faithful(seed: int) -> None:
    """Results that pairs prove are next to the result of ball arithmetic, for any formula."""
    choose, rng = random.Random(seed), np.random.default_rng(seed)
    count = 0
    while count < 40:
        text = random_formula(choose, choose.randint(2, 4))
        formula = Formula(text, {"b": choose.choice([0.3, 1.7, -0.6, 1 / 3])})
        try:
            parsed = formula.root.depends_on_x
        except FormulaError:  # not finite, as 0**(-1)
            parsed = False
        if not parsed:
            continue
        count += 1
        sizes = 10.0 ** rng.uniform([-300, -20], [300, 3], (4, 2)).reshape(-1) * rng.choice([-1, 1], 8)
        x = np.concatenate([rng.uniform(-5, 5, 6), rng.uniform(-800, 800, 4), sizes])
        for order in (0, 1):
            got = formula.values(x, order)
            right = np.array([formula.rounded(v, order) for v in x.tolist()])
            known = ~np.isnan(right)  # balls never decide whether pi > pi
            worst = ulps(got[known] + 0.0, right[known] + 0.0).max(initial=0)
            assert worst <= FAITHFUL[order], (text, formula.parameters)
