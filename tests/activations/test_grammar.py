"""The grammar of formulas: accepted formulas, error messages, and rendering."""

from __future__ import annotations

import numpy as np
import pytest

from actcli.activations import get
from actcli.formulas.derive import derivative, stable
from actcli.formulas.formula import Formula
from actcli.formulas.grammar import ARITY, FormulaError, parse
from actcli.formulas.kinks import kinks
from actcli.formulas.render import render
from actcli.studies.properties import properties
from tests.activations.accuracy import ulps

REFUSED = {
    "": "formula '': expected a number, a name or '(' at its end",
    "x +": "formula 'x +': expected a number, a name or '(' at its end",
    "(x": "formula '(x': expected ')' at its end",
    "x)": "formula 'x)': expected an operator or the end at column 2, found ')'",
    "x y": "formula 'x y': expected an operator or the end at column 3, found 'y'",
    "2 $ x": "formula '2 $ x': expected an operator or the end at column 3, found '$'",
    "x.real": "formula 'x.real': unknown name 'x.real'; known are x, pi and the functions " + " ".join(sorted(ARITY)),
    "x*why": "formula 'x*why': unknown name 'why'; known are x, pi and the functions " + " ".join(sorted(ARITY)),
    "x*y": "formula 'x*y': unknown name 'y'; a parameter has its value after @, @y=1",
    "exp(-z)": "formula 'exp(-z)': the variable is x; write that for z",
    "f(z) = x": "formula 'f(z) = x': the variable is z; write that for x",
    "x = 3": "formula 'x = 3': expected an operator or the end at column 3, found '='",
    "x*sigmoi(x)": "formula 'x*sigmoi(x)': unknown name 'sigmoi'; did you mean 'sigmoid'?",
    "sigmoid": "formula 'sigmoid': expected '(' at its end",
    "max(x, 1, 2)": "formula 'max(x, 1, 2)': max takes 2 arguments, found 3",
    "exp(x-max(x))/sum(exp(x))": "formula 'exp(x-max(x))/sum(exp(x))': max is of a row; a formula is of one number, "
    "and functions of a row go by their names, as softmax",
    "exp(x, x)": "formula 'exp(x, x)': exp takes 1 argument, found 2",
    "0 < x < 1": "formula '0 < x < 1': expected no second comparison at column 7, found '<'",
    "x if x else 1": "formula 'x if x else 1': if takes a comparison, as in x if x > 0 else 0",
    "x if x > 0": "formula 'x if x > 0': expected 'else' at its end",
    "x*٣": "formula 'x*٣': expected a number, a name or '(' at column 3, found '٣'",
    "|x": "formula '|x': expected '|' at its end",
    "√": "formula '√': expected a number, a name or '(' at its end",
    "exp(x)/sum(exp(x))": "formula 'exp(x)/sum(exp(x))': sum is of a row; a formula is of one number, and functions of "
    "a row go by their names, as softmax",
    "alpha = 2": "formula 'alpha = 2': unknown name 'alpha'; known are x, pi and the functions "
    + " ".join(sorted(ARITY)),
    "where(x, 1, 2)": "formula 'where(x, 1, 2)': where takes a comparison first",
    "9**9**9**9": "formula '9**9**9**9': exponent 3.8742e+08; at most 1000 is allowed",
    "x**1001": "formula 'x**1001': exponent 1001; at most 1000 is allowed",
    "10**500": "formula '10**500': 10**500 is no finite number",
    "1e999": "formula '1e999': the number 1e999 is too large",
    "(" * 200 + "x" + ")" * 200: "formula '((((((((((((((((((((((((((((((((((((((((((((((((((((((((("
    "...': nested more than 100 deep",
    "(" * 10_000: "formula of 10000 characters; at most 2000 are allowed",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:20] or "empty")
def test_what_is_refused(text: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert str(caught.value) == REFUSED[text]


@pytest.mark.parametrize(
    "text",
    ["__import__('os')", "().__class__", "x.__class__", "lambda: x", "[x]", "x if x else 1", "open('f')", "x;x", "`x`"],
)
def test_nothing_of_python_is_executed(text: str) -> None:
    with pytest.raises(FormulaError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "-" * 1999 + "x",
        "(" * 1000,
        "exp(" * 450,
        "9**" * 600 + "9",
        "x+" * 999 + "x",
        "1-" * 999 + "1",
        "x**-" * 400 + "1",
    ],
)
def test_hostile_texts_end(text: str) -> None:
    try:
        parse(text)
    except FormulaError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3*4", 14.0),
        ("2*3**2", 18.0),
        ("-3**2", -9.0),
        ("2**-1", 0.5),
        ("2**3**2", 512.0),
        ("10 - 4 - 3", 3.0),
        ("16/4/2", 2.0),
        ("-x**2", -4.0),
        ("+x", 2.0),
        ("1.5e1 + .5", 15.5),
        ("where(x >= 2, 1, 0)", 1.0),
        ("where(x != 2, 1, 0)", 0.0),
        ("clip(x, 0, 1)", 1.0),
        ("min(x, 1) + max(x, 5)", 6.0),
        ("sqrt(x**2) + abs(-x) + sign(x)", 5.0),
    ],
)
def test_precedence_and_functions(text: str, value: float) -> None:
    assert Formula(text).values(np.array([2.0])) == [value]
    assert Formula(text).rounded(2.0) == value
    assert Formula(render(parse(text))).rounded(2.0) == value


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("lambda x: x*2", "x*2"),
        ("lambda z: z*max(z, 0)", "x*max(x, 0)"),
        ("f(x) = x**2", "x**2"),
        ("f(t)=exp(-t)", "exp(-x)"),
        ("f = lambda x: x", "x"),
        ("def f(x): return x**3", "x**3"),
        ("y = x + 1", "x + 1"),
        ("x if x > 0 else 0.01*x", "where(x > 0, x, 0.01*x)"),
        ("1 + (0 if x < 1 else 2 if x < 3 else x)", "1 + where(x < 1, 0, where(x < 3, 2, x))"),
        ("(x > 0)*x", "where(x > 0, 1, 0)*x"),
        ("x >= 0", "where(x >= 0, 1, 0)"),
        ("-(x < 1) + exp(x > 1)", "-where(x < 1, 1, 0) + exp(where(x > 1, 1, 0))"),
        ("|x|", "abs(x)"),
        ("||x| - 1|", "abs(abs(x) - 1)"),
        ("2|x||x-1|", "2*abs(x)*abs(x - 1)"),
        ("x² − 2·x³", "x**2 - 2*x**3"),
        ("2 × x ÷ 3", "2*x/3"),
        ("x⁻¹²", "x**(-12)"),
        ("1/(1+e⁻ˣ)", "1/(1 + exp(-x))"),
        ("x·σ(x)", "x*sigmoid(x)"),
        ("0.5x(1+tanh(√(2/π)(x+0.044715x³)))", "0.5*x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))"),
        ("x tanh(x)", "x*tanh(x)"),
        ("√2/π(x + √x)", "sqrt(2)/pi*(x + sqrt(x))"),
        ("torch.clamp((x + 3)/6, 0, 1)", "clip((x + 3)/6, 0, 1)"),
        ("1 if x ≥ 0 else x", "where(x >= 0, 1, x)"),
    ],
)
def test_the_ways_people_write(text: str, formula: str) -> None:
    assert parse(text) is parse(formula)


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("7", "0"),
        ("x", "1"),
        ("3*x", "3"),
        ("x**3", "3*x**2"),
        ("x/2", "1/2"),
        ("1/x", "-(1/x**2)"),
        ("exp(-x)", "-exp(-x)"),
        ("sigmoid(x)", "sigmoid(x)*sigmoid(-x)"),
        ("x*tanh(x)", "tanh(x) + x/cosh(x)**2"),
        ("where(x > 0, x, 2*x)", "where(x > 0, 1, 2)"),
        ("max(x, 0)", "where(x > 0, 1, 0)"),
        ("abs(x)", "sign(x)"),
        ("erf(x)", "2/sqrt(pi)*exp(-x**2)"),
    ],
)
def test_derivatives(text: str, slope: str) -> None:
    assert render(derivative(parse(text))) == slope


@pytest.mark.parametrize(
    ("textbook", "form"),
    [
        ("x*tanh(log(1 + exp(x)))", "x*tanh(softplus(x))"),
        ("log(exp(2*x) + 1.0)", "softplus(2*x)"),
        ("x/(1 + exp(-x))", "x*sigmoid(x)"),
        ("exp(x)/(exp(x) + 1)", "sigmoid(x)"),
        ("(1 + exp(-x))**(-2)", "sigmoid(x)**2"),
        ("x/2*(1 + erf(x))", "x/2*erfc(-x)"),
        ("log((1 + exp(x))/(1 + exp(x - 1)))", "softplus(x) - softplus(x - 1)"),
        ("where(x > 0, x, exp(x) - 1)", "where(x > 0, x, expm1(x))"),
        ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", "tanh(x)"),
        ("(exp(x) - exp(-2))/(exp(x) + exp(-x))", "(exp(x) - exp(-2))/(exp(x) + exp(-x))"),
        ("log(1 - x)", "log1p(-x)"),
        ("1 - exp(-exp(x))", "-expm1(-exp(x))"),
        ("log(2 - exp(-exp(x)))", "log1p(-expm1(-exp(x)))"),
        ("exp(x) - 2", "exp(x) - 2"),
    ],
)
def test_textbook_forms_give_way_to_stable_ones(textbook: str, form: str) -> None:
    assert render(stable(parse(textbook))) == form


def test_formulas_far_out_cost_no_more_than_near() -> None:
    """1 + exp(-5000) needs 7,200 bits, and the stable form does not."""
    x = np.array([-5000.0, -700.0, 700.0, 1e300])
    formula = Formula("x*tanh(log(1 + exp(x)))")
    assert formula.values(x).tolist() == [-0.0, get("mish")(-700.0), 700.0, 1e300]
    assert formula.values(x, 1).tolist()[2:] == [1.0, 1.0]


def test_digits_are_right_and_rounded() -> None:
    assert Formula("x/2*erfc(-x/sqrt(2))").digits(-9.0, 40) == "-1.015729565358456582961951868371872532182e-18"
    assert Formula("1/3 + 0*x").digits(0.0, 10) == "0.3333333333"
    assert Formula("x").digits(0.1, 30) == "0.100000000000000005551115123126"
    assert Formula("x*1000").digits(1.0, 2) == "1.0e+03"
    assert Formula("exp(x)").digits(1e6, 12) == "3.03321539680e+434294"
    assert Formula("30*(1/30) + 0*x").digits(1.0, 8) == "1.0000000"
    assert Formula("x").digits(float("nan"), 8) == "nan"
    assert [Formula("x").digits(x, 1) for x in (2.5, 3.5, 9.5, -0.95)] == ["2", "4", "1e+01", "-0.9"]
    third = Formula("x/3").digits(1.0, 20_000)
    assert third == "0." + "3" * 20_000


def test_limits() -> None:
    limits = {
        "x": (-np.inf, np.inf),
        "tanh(x)": (-1.0, 1.0),
        "x*sigmoid(x)": (-0.0, np.inf),
        "x/(1+abs(x))": (-1.0, 1.0),
        "sign(x)*log1p(abs(x))": (-np.inf, np.inf),
        "exp(-exp(x))": (1.0, 0.0),
        "x - tanh(x)": (-np.inf, np.inf),
        "sqrt(x**2 + 1) - abs(x)": (0.0, 0.0),
    }
    for text, (left, right) in limits.items():
        formula = Formula(text)
        np.testing.assert_array_equal([formula.limit(-np.inf), formula.limit(np.inf)], [left, right], err_msg=text)
    assert np.isnan(Formula("sin(x)").limit(np.inf))


def test_kinks_are_found_in_formulas() -> None:
    assert kinks(Formula("max(x, 0)*sin(x)")) == ()
    assert kinks(Formula("max(x, 0) + abs(x - 0.3)")) == (0.0, 0.3)
    assert kinks(Formula("where(x**2 > 2, 1, 0)")) == (-(2**0.5), 2**0.5)
    assert kinks(Formula("abs(x)**3")) == ()


@pytest.mark.parametrize("function", [name for name, count in ARITY.items() if count == 1])
def test_functions_of_constants(function: str) -> None:
    formula = Formula(f"x*{function}(pi/4)")
    assert ulps(formula.values(np.array([1.5])), np.array([formula.rounded(1.5)])).max() <= 4


def test_textbook_forms_come_out_right_all_the_same() -> None:
    """Results are right in spite of overflow, cancellation and underflow of intermediate values."""
    x = np.array([-1e300, -800.0, -40.0, -1e-20, 1e-20, 40.0, 800.0, 1e300])
    for text, good in {
        "log(1 + exp(x))": "softplus(x)",
        "log(cosh(0*x) + exp(x))": "softplus(x)",  # a formula without a known stable form
        "1/(1 + exp(-x))": "sigmoid(x)",
        "1/(cosh(0*x) + exp(-x))": "sigmoid(x)",
        "(exp(x) - exp(-x))/(exp(x) + exp(-x))": "tanh(x)",
        "sinh(x)/cosh(x)": "tanh(x)",
        "x*tanh(log(1 + exp(x)))": "x*tanh(softplus(x))",
        "x/2*(1 + erf(x/sqrt(2)))": "x/2*erfc(-x/sqrt(2))",
        "x/2*(2 - erfc(x/sqrt(2)))": "x/2*erfc(-x/sqrt(2))",
    }.items():
        right = np.array([Formula(good).rounded(v) for v in x])
        assert ulps(Formula(text).values(x), right).max() <= 4, text


def test_what_does_not_exist_is_nan() -> None:
    x = np.linspace(-5, 5, 20_001)
    for text in ("log(x)", "sqrt(x)", "1/x", "log1p(x - 1)"):
        right = Formula(text).values(x)
        assert np.isnan(right[0]) == (text != "1/x")
        # log1p(x - 1) is log(x), which is unbounded below near 0.
        assert right[10_000] == {"sqrt(x)": 0.0, "1/x": np.inf}.get(text, -np.inf)
        assert right[-1] > 0
    # the branch that where() does not choose may be undefined
    assert Formula("where(x > 0, log(x), 7)").rounded(-1.0) == 7.0
    assert properties(get("1/x")).range == "(-inf, inf)"
    assert properties(get("sqrt(x)")).range == "[0, inf)"
