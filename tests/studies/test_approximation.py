"""Approximations: known best errors, proofs that hold, coefficients of few bits, pieces and tables."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from actcli.activations import get
from actcli.formulas.formula import Formula
from actcli.studies.approximation.bound import Segment, rounded_up, supremum
from actcli.studies.approximation.pieces import linear_pieces
from actcli.studies.approximation.polynomials import Wish, least, polynomial
from actcli.studies.approximation.rounding import parsed
from actcli.studies.approximation.tables import Quantised, integer_table, output_scale, table
from actcli.studies.approximation.target import Symmetry, Target


def target(spec: str, low: float, high: float, *, order: int = 0, relative: bool = False) -> Target:
    return Target(get(spec), low, high, order, relative)


# --- bounds --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "replacement", "low", "high", "largest"),
    [
        ("max(x, 0)", "0.5*x + 0.25", -1, 1, 0.25),
        ("sin(x)", "0", 0, 6, 1),
        ("exp(x)", "1 + x", -1, 2, math.exp(2) - 3),
        ("abs(x)", "x**2", -1, 1, 0.25),
        ("where(x == 0, 1, sin(pi*x)/(pi*where(x == 0, 1, x)))", "0", -1, 1, 1),
        ("sqrt(abs(x))", "0", -2, 4, 2),
        # much narrower than the steps of a grid
        ("exp(-(1e5*(x - 0.123456789))**2)", "0", -1, 1, 1),
        ("1e-6*sin(1000*x)", "0", -1, 1, 1e-6),
    ],
)
def test_a_supremum(function: str, replacement: str, low: float, high: float, largest: float) -> None:
    found = supremum(Formula(function), [Segment(low, high, Formula(replacement))], cuts=[0.0])
    assert largest * (1 - 1e-12) <= found.error <= largest * (1 + 1e-6)
    assert found.taken <= found.error
    value = Formula(f"({function}) - ({replacement})").rounded(found.at)
    assert abs(value) == pytest.approx(found.taken, rel=1e-12)


def test_a_supremum_of_relative_errors_where_both_are_0() -> None:
    found = supremum(Formula("tanh(x)"), [Segment(-1, 1, Formula("x"))], relative=True, cuts=[0.0])
    assert found.error == pytest.approx(1 / math.tanh(1) - 1, rel=1e-6)


def test_no_supremum_at_a_pole() -> None:
    with pytest.raises(ValueError, match=r"^1/x has no finite value near x = 0; choose a --range without it$"):
        supremum(Formula("1/x"), [Segment(-1, 2, Formula("x"))])


def test_rounding_up() -> None:
    assert [rounded_up(value, 3) for value in (0.12301, 0.123, 9.999, 1e-320)] == [0.124, 0.123, 10.0, 1e-320]
    assert rounded_up(0.5, 1) == 0.5


# --- the best polynomials ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "low", "high", "degree", "error"),
    [
        ("sigmoid", -8, 8, 3, 0.08946),
        ("sigmoid", -8, 8, 5, 0.04085),
        ("sigmoid", -8, 8, 7, 0.01889),
        ("sigmoid", -8, 8, 9, 0.00877),
        ("exp", -1, 0, 5, 4.1555e-07),
        ("relu", -1, 1, 8, 0.017345),
        ("abs", -1, 1, 2, 0.125),
        ("x**3", -1, 1, 2, 0.25),  # from the Chebyshev polynomial
        ("x**8", -1, 1, 7, 2**-7),
        ("exp", 100, 101, 6, 1.0829e36),
        ("sin(x)", -1, 1, 12, 3.852e-14),
    ],
)
def test_known_best_errors(spec: str, low: float, high: float, degree: int, error: float) -> None:
    found = polynomial(target(spec, low, high), degree)
    digits = len(f"{error:g}".partition("e")[0].replace(".", "").lstrip("0"))
    assert float(f"{found.bound.error:.{digits}g}") == error
    assert found.lower_bound is not None
    assert max(found.lower_bound, found.bound.taken) <= found.bound.error <= 1.001 * found.lower_bound


def test_the_least_degree_for_gelu() -> None:
    found = least(target("gelu", -7, 7), 0.001)
    assert found.facts["degree"] == 20
    assert found.bound.error == pytest.approx(0.00099573, rel=1e-5)
    fewer = polynomial(target("gelu", -7, 7), 19)
    assert fewer.lower_bound is not None
    assert fewer.lower_bound > 0.0023  # so degree 19 is not enough


SAMPLE = ["gelu", "mish", "tanhexp", "elu", "relu6", "hat", "hard_swish", "sinc", "snake", "squareplus", "leaky_relu"]


@pytest.mark.parametrize("spec", SAMPLE)
def test_bounds_hold_and_are_level(spec: str) -> None:
    x = np.random.default_rng(1).uniform(-5, 5, 20_000)
    for degree in (2, 7, 14):
        found = polynomial(target(spec, -5, 5), degree)
        error = np.abs(get(spec)(x) - found.formula.values(x))
        assert error.max() <= found.bound.error + 1e-15
        assert found.lower_bound is not None
        assert found.bound.error <= 1.01 * found.lower_bound


def test_symmetry() -> None:
    assert target("gelu", -7, 7).symmetry == Symmetry("even", slope=0.5)
    assert target("sigmoid", -3, 3).symmetry == Symmetry("odd", constant=0.5)
    assert target("mish", -3, 3).symmetry is target("gelu", -7, 6).symmetry is None
    coefficients = [value for _, value, _ in polynomial(target("gelu", -7, 7), 8).parts]
    assert coefficients[1] == 0.5
    assert coefficients[3::2] == [0.0, 0.0, 0.0]


def test_what_is_a_polynomial_is_found_exactly() -> None:
    for spec, degree in (("identity", 3), ("relu", 1), ("x**2 - 1", 2)):
        assert polynomial(target(spec, 1, 5), degree).bound.error == 0.0


def test_quotients_of_higher_degrees_than_the_function_has() -> None:
    for spec, n, m in (("1/x", 5, 2), ("identity", 2, 4), ("1/(1+x**2)", 3, 4)):
        assert polynomial(target(spec, 2, 4), n, m).bound.error < 1e-14


def test_integers_of_a_function_that_is_0() -> None:
    problem = target("relu", -3, -2)
    for bits in (8, 16):
        result = output_scale(problem, bits, None, None)
        entries = integer_table(problem, Quantised(bits, 3 / 2 ** (bits - 1), 1), result).facts["table_entries"]
        assert entries[0] == result.zero


def test_odd_powers_on_one_side() -> None:
    found = polynomial(target("tanh", 0, 4), 9, 0, Wish(parity="odd"))
    assert [value for what, value, _ in found.parts if int(what[-1]) % 2 == 0] == [0.0] * 5
    with pytest.raises(ValueError, match=r"^--odd: mish is not odd on this range; take one side of 0, "):
        polynomial(target("mish", -4, 4), 3, 0, Wish(parity="odd"))


@pytest.mark.parametrize(
    ("spec", "n", "m"), [("tanh", 5, 4), ("exp", 3, 3), ("gelu", 4, 4), ("mish", 3, 4), ("elu", 4, 2)]
)
def test_quotients(spec: str, n: int, m: int) -> None:
    found = polynomial(target(spec, -4, 4), n, m)
    x = np.linspace(-4, 4, 10_001)
    assert np.abs(get(spec)(x) - found.formula.values(x)).max() <= found.bound.error + 1e-15
    assert found.lower_bound is not None
    assert found.bound.error <= 1.001 * found.lower_bound


@pytest.mark.parametrize(("degree", "error"), [(2, 0.0436890127), (4, 0.0085014847)])
def test_known_best_quotients(degree: int, error: float) -> None:
    """The errors for abs on -1..1 are from Varga, Ruttan & Carpenter 1993."""
    found = polynomial(target("abs", -1, 1), degree, degree)
    assert found.bound.error == pytest.approx(error, rel=1e-6)


def test_the_slope_and_relative_errors() -> None:
    slope = polynomial(target("gelu", -5, 5, order=1), 9)
    x = np.linspace(-5, 5, 5001)
    assert np.abs(get("gelu").slope(x) - slope.formula.values(x)).max() == pytest.approx(slope.bound.error, rel=1e-4)
    relative = polynomial(target("tanh", -4, 4, relative=True), 9)
    x = x[x != 0] * 0.8
    error = np.abs(1 - relative.formula.values(x) / np.tanh(x)).max()
    assert error == pytest.approx(relative.bound.error, rel=1e-4)
    assert error <= relative.bound.error


def test_least_squares_leave_nothing_to_project() -> None:
    found = polynomial(target("silu", -6, 4), 4, 0, Wish(deviation=1.5))
    x = np.linspace(-6, 4, 200_001)
    left = (get("silu")(x) - found.formula.values(x)) * np.exp(-0.5 * (x / 1.5) ** 2)
    for power in range(5):
        assert abs(np.trapezoid(left * x**power, x)) < 1e-9
    assert found.lower_bound is None
    assert found.facts["rms"] < found.bound.error


# --- coefficients of few bits --------------------------------------------------------------------------------------


FORMATS = {"float32": 7, "float16": 4, "bfloat16": 4, "fixed@bits=16,fraction=14": 4, "fixed@bits=10,fraction=8": 3}


@pytest.mark.parametrize(("text", "degree"), FORMATS.items())
@pytest.mark.parametrize("chebyshev", [False, True])
def test_coefficients_of_a_format(text: str, degree: int, chebyshev: bool) -> None:
    form, problem = parsed(text), target("exp", -1, 0)
    exact = polynomial(problem, degree, 0, Wish(chebyshev=chebyshev))
    found = polynomial(problem, degree, 0, Wish(form, chebyshev=chebyshev))
    assert all(form.nearest(value) == value for _, value, _ in found.parts)
    rounded = [form.nearest(value) for _, value, _ in exact.parts]
    x = np.linspace(-1, 0, 20_001)
    t = 2 * x + 1
    naive = np.polynomial.chebyshev.chebval(t, rounded) if chebyshev else np.polynomial.polynomial.polyval(x, rounded)
    largest = np.abs(np.exp(x) - naive).max()
    assert exact.bound.error <= found.bound.error <= largest * 1.0001
    if text == "float32" and not chebyshev:
        assert found.bound.error < largest / 5  # far better than rounding each coefficient separately
    numbers = [value for _, value, _ in found.parts]
    again = np.polynomial.chebyshev.chebval(t, numbers) if chebyshev else np.polynomial.polynomial.polyval(x, numbers)
    assert np.abs(np.exp(x) - again).max() <= found.bound.error + 1e-15


def test_coefficients_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"does not fit, 0\.992188 is the largest; fraction=6 holds it$"):
        polynomial(target("exp", -1, 1), 4, 0, Wish(parsed("fixed@bits=8,fraction=7")))


# --- straight pieces -----------------------------------------------------------------------------------------------


def root(g: Callable[[float], float], low: float, high: float) -> float:
    """The point between low and high at which g changes its sign."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (g(middle) > 0) == (g(low) > 0) else (low, middle)
    return low


def pieces_of_concave(
    f: Callable[[float], float], slope: Callable[[float], float], span: tuple[float, float], e: float
) -> int:
    """The number of pieces with error e for a concave f: each goes from f + e to f + e and touches f - e between."""
    count, (x, end) = 0, span
    while x < end:
        count += 1
        start, height = x, f(x) + e

        def over(t: float, start: float = start, height: float = height) -> float:
            return height + slope(t) * (t - start) - (f(t) - e)

        if over(20.0) > 0:
            return count
        touch = root(over, x, 20.0)
        rise = slope(touch)

        def under(t: float, start: float = start, height: float = height, rise: float = rise) -> float:
            return height + rise * (t - start) - (f(t) + e)

        x = root(under, touch, 20.0) if under(20.0) > 0 else end
    return count


def least_error(pieces: Callable[[float], int], count: int) -> float:
    """The smallest error for which `count` pieces are enough."""
    small, large = 1e-7, 0.4
    while large > small * 1.0001:
        middle = math.sqrt(small * large)
        small, large = (middle, large) if pieces(middle) > count else (small, middle)
    return large


def pieces_of_tanh(e: float) -> int:
    """The number for tanh from -4 to 4: a piece through 0 that touches f - e, and equally many pieces on both sides."""
    touch = root(lambda t: math.tanh(t) - e - t / math.cosh(t) ** 2, 1e-9, 4.0)
    rise = 1 / math.cosh(touch) ** 2
    leave = root(lambda t: rise * t - math.tanh(t) - e, touch, 20.0)
    return 1 + 2 * pieces_of_concave(math.tanh, lambda t: 1 / math.cosh(t) ** 2, (leave, 4), e)


@pytest.mark.parametrize("count", [8, 16, 32])
def test_the_best_knots(count: int) -> None:
    concave = linear_pieces(target("-exp(-x)", 0, 3), count)
    best = least_error(lambda e: pieces_of_concave(lambda x: -math.exp(-x), lambda x: math.exp(-x), (0, 3), e), count)
    assert concave.facts["pieces"] == count
    assert concave.bound.error == pytest.approx(best, rel=0.005)
    # An odd function has a piece through 0 and equally many on both sides, so an even count is no better.
    found = linear_pieces(target("tanh", -4, 4), count)
    assert found.facts["pieces"] == count - 1
    assert found.bound.error == pytest.approx(least_error(pieces_of_tanh, count), rel=0.005)


def test_errors_of_pieces_fall_with_the_square() -> None:
    few, many = (linear_pieces(target("exp", -1, 0), n).bound.error for n in (8, 32))
    assert few / many == pytest.approx(16, rel=0.01)
    for spec in ("tanh", "gelu", "sine"):
        best, equal = (linear_pieces(target(spec, -4, 4), 9, uniform=uniform) for uniform in (False, True))
        assert best.bound.error < equal.bound.error
        knots = [x for _, _, x in equal.parts]
        assert np.allclose(np.diff(knots), 8 / 9, atol=1e-4)


@pytest.mark.parametrize(("spec", "count"), [("relu", 2), ("relu6", 3), ("hat", 4), ("leaky_relu", 2), ("identity", 1)])
def test_what_is_of_pieces_is_found_exactly(spec: str, count: int) -> None:
    found = linear_pieces(target(spec, -5, 8), count + 1)
    assert found.facts["pieces"] == count
    assert found.bound.error < 1e-14


@pytest.mark.parametrize("size", ["1e-300", "1e-9", "1", "1e300"])
def test_relative_errors_of_pieces_know_no_scale(size: str) -> None:
    """For exp, the relative error of two pieces is that of the best line on half of the range."""
    found = linear_pieces(target(f"{size}*exp(x)", -1, 1, relative=True), 2)
    half = polynomial(target("exp", 0, 1, relative=True), 1)
    assert found.bound.error == pytest.approx(half.bound.error, rel=1e-3)


def test_equal_knots_have_the_best_heights() -> None:
    """exp with one piece between equal knots: the chord less half of its largest error."""
    found = linear_pieces(target("exp", 0, 1), 1, uniform=True)
    rise = math.e - 1
    assert found.bound.error == pytest.approx((1 + rise * math.log(rise) - rise) / 2, rel=1e-3)


# --- tables --------------------------------------------------------------------------------------------------------


def test_tables_of_the_function() -> None:
    near, straight = (table(target("tanh", -4, 4), 65, lookup) for lookup in ("nearest", "linear"))
    x = np.random.default_rng(2).uniform(-4, 4, 20_000)
    assert near.bound.error == pytest.approx(math.tanh(1 / 16), rel=1e-6)
    for found in (near, straight):
        assert found.lookup is not None
        assert np.abs(np.tanh(x) - found.lookup.value(x)).max() <= found.bound.error
        assert np.allclose(found.lookup.value(x), found.formula.values(x), rtol=1e-15, atol=1e-16)
    assert straight.bound.error == pytest.approx(4 / 27**0.5 / 8 / 64, rel=0.01)


HALF = Fraction(1, 2)
EXACT: dict[str, Callable[[Fraction], Fraction]] = {
    "sigmoid": lambda x: fraction(1 / (1 + mpmath.exp(-real(x)))),
    "tanh": lambda x: fraction(mpmath.tanh(real(x))),
    "gelu": lambda x: fraction(real(x) * mpmath.ncdf(real(x))),
    "silu": lambda x: fraction(real(x) / (1 + mpmath.exp(-real(x)))),
    "hard_swish": lambda x: x * min(max(x + 3, Fraction(0)), Fraction(6)) / 6,
}


def real(x: Fraction) -> mpmath.mpf:
    return mpmath.mpf(x.numerator) / x.denominator


def fraction(x: mpmath.mpf) -> Fraction:
    mantissa, exponent = x.man_exp  # of the absolute value
    return Fraction(int(mpmath.sign(x)) * int(mantissa)) * Fraction(2) ** int(exponent)


@pytest.mark.parametrize("spec", EXACT)
@pytest.mark.parametrize(("scale", "zero"), [(1 / 16, 0), (0.05, 3)])
def test_integers_of_8_bits(spec: str, scale: float, zero: int) -> None:
    problem = target(spec, -6, 6)
    source, result = Quantised(8, scale, zero), output_scale(problem, 8, None, None)
    if spec == "sigmoid":
        assert result == Quantised(8, 1 / 256, -128)
    if spec == "tanh":
        assert result == Quantised(8, 1 / 128, 0)
    found = integer_table(problem, source, result)
    with mpmath.workdps(60):
        for q, entry in zip(range(-128, 128), found.facts["table_entries"], strict=True):
            steps = EXACT[spec](Fraction(scale) * (q - zero)) / Fraction(result.scale)
            away = math.floor(abs(steps) + HALF) * (1 if steps > 0 else -1)  # halves go away from zero
            assert entry == min(max(away + result.zero, -128), 127), (q, float(steps))
    assert found.facts["largest_error_in_steps"] <= 0.500001
    assert [x for _, _, x in found.parts] == [scale * (q - zero) for q in range(-128, 128)]


def tflite(f: Callable[[float], float], scale: float, steps: float) -> list[int]:
    """The 513 entries by LUTPopulateInt16 in common.h of TensorFlow Lite."""

    def away(value: float) -> float:
        return math.copysign(math.floor(abs(value) + 0.5), value)

    low, high = -32768 * scale, 32767 * scale
    step = (high - low) / 512
    entries = []
    for i in range(512):
        here, middle, after = (f(low + at * step) * steps for at in (i, i + 0.5, i + 1))
        bias = away((away((after + away(here)) / 2) - away(middle)) / 2)
        entries.append(int(min(max(away(here) - bias, -32768), 32767)))
    return [*entries, int(min(max(away(f(high) * steps), -32768), 32767))]


@pytest.mark.parametrize("spec", ["sigmoid", "tanh"])
def test_integers_of_16_bits(spec: str) -> None:
    problem, scale = target(spec, -8, 8), 1 / 4096
    found = integer_table(problem, Quantised(16, scale, 0), output_scale(problem, 16, None, None))
    q = np.arange(-32768, 32768)
    truth = np.clip(get(spec)(q * scale) * 32768, -32768, 32767)

    def largest(entries: list[int]) -> float:
        given = []
        for value in q.tolist():  # as LUTLookup in the same file
            index, offset = 256 + (value >> 7), value & 0x7F
            slope = entries[index + 1] - entries[index]
            given.append(entries[index] + ((slope * offset + 64) >> 7))
        return float(np.abs(np.array(given) - truth).max())

    ours, theirs = largest(found.facts["table_entries"]), largest(tflite(lambda x: float(get(spec)(x)), scale, 32768))
    assert len(found.facts["table_entries"]) == 513
    assert found.facts["largest_error_in_steps"] == pytest.approx(ours, abs=2.1e-6)
    assert ours <= theirs
    if spec == "sigmoid":
        assert ours < 1.1


# --- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: target("exp", 0, math.inf), "--range 0:inf is infinite; give a finite one"),
        (lambda: target("exp", 3, 1), "--range 3:1 is empty: LO must be below HI"),
        (lambda: target("softmax", 0, 1), "softmax works on rows; approx replaces functions of one number"),
        (lambda: target("step", -1, 1), "step jumps at x = 0, and nothing continuous is closer to it than 0.5; choose"),
        (lambda: target("relu", -1, 1, order=1), "the slope of relu jumps at x = 0, "),
        (lambda: target("log(x)", -1, 1), "log(x) has no finite value at x = -1; choose a --range without it"),
        (lambda: target("exp(x)-1.5", -1, 1, relative=True), "exp(x)-1.5 is 0 at x = 0.40"),
        (lambda: polynomial(target("1/(x-0.1)", -1, 1), 4), "1/(x-0.1) has no finite value near x = 0.1; "),
        (lambda: polynomial(target("relu", -1, 1), 500), "--degree 500 is out of range: from 0 to 40, for a result "),
        (
            lambda: least(target("relu", -1, 1), 1e-6),
            "no polynomial of degree up to 40 was found with an error below 1e-06",
        ),
        (lambda: linear_pieces(target("relu", -1, 1), 0), "--pieces 0 is out of range: from 1 to 128"),
        (lambda: table(target("relu", -1, 1), 1), "--table 1 is out of range: from 2 to 4096 entries"),
    ],
)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError) as refusal:
        call()
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)
