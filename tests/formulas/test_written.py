"""Formulas in common notations have their usual meaning in every arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from actcli.activations import SpecError, get
from actcli.formulas.formula import Formula
from actcli.formulas.grammar import MEANINGS, names_in, parse
from tests.cli.running import run

#: Notations, and the equal formulas of the grammar.
SAME = {
    "x^3": "x**3",
    "2x": "2*x",
    "2x^2": "2*x**2",
    "-2x": "-2*x",
    "2(x+1)": "2*(x + 1)",
    "(x+1)(x-1)": "(x + 1)*(x - 1)",
    "3sin(x)": "3*sin(x)",
    "(x+1)x": "(x + 1)*x",
    "e**x": "exp(x)",
    "e*x": "exp(1)*x",
    "np.maximum(0, x)": "max(0, x)",
    "numpy.exp(-x)": "exp(-x)",
    "math.log(1 + math.exp(x))": "log(1 + exp(x))",
    "np.where(x > 0, x, 0.1*x)": "where(x > 0, x, 0.1*x)",
    "torch.nn.functional.softplus(x)": "softplus(x)",
    "jnp.tanh(x)": "tanh(x)",
    "pow(x, 3)": "x**3",
}


@pytest.mark.parametrize("written", SAME)
def test_the_same_tree(written: str) -> None:
    assert parse(written) is parse(SAME[written])


def test_a_parameter_called_e_is_the_parameter() -> None:
    assert get("e*x@e=2")(3.0) == 6.0


ROUNDED: dict[str, tuple[Callable[[float], float], list[float]]] = {
    "floor": (math.floor, [-1.5, -1.0, -0.25, 0.5, 2.0, 2.0**60]),
    "ceil": (math.ceil, [-1.5, -1.0, 0.5, 2.0, 2.0**60]),
    "round": (round, [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, 2.6, -7.0]),
}


@pytest.mark.parametrize("name", ROUNDED)
def test_rounding(name: str) -> None:
    function, points = ROUNDED[name]
    expected = [float(function(x)) for x in points]
    assert get(f"{name}(x)")(points).tolist() == expected
    assert get(f"{name}(x)").exact(points).tolist() == expected
    assert get(f"{name}(x)").slope([-0.3, 0.4]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("formula", "x", "value"),
    [("log2(x)", 8.0, 3.0), ("exp2(x)", 10.0, 1024.0), ("floor(log2(x))", 8.0, 3.0)],
)
def test_whole_results_are_whole(formula: str, x: float, value: float) -> None:
    assert get(formula)(x) == value
    assert get(formula).exact(x) == value


#: The points for each function.
DOMAIN = {"acosh": [1.5, 40.0], "atanh": [-0.75, 1e-9], "asin": [-0.5, 1e-9], "acos": [-0.5, 0.75]}


@pytest.mark.parametrize("name", ["tan", "asinh", "acosh", "atanh", "asin", "acos", "log2", "log10", "exp2"])
def test_functions_that_are_short_for_others(name: str) -> None:
    import mpmath

    function = (lambda x: mpmath.power(2, x)) if name == "exp2" else getattr(mpmath, name.replace("log2", "log"))
    base = {"log2": (2,), "log10": ()}.get(name, ())
    activation = get(f"{name}(x)")
    for x in DOMAIN.get(name, [1e-9, 0.75, 3.0]):
        with mpmath.workdps(40):
            assert activation.exact(x) == float(function(mpmath.mpf(x), *base))
            slope = float(mpmath.diff(lambda t: function(t, *base), mpmath.mpf(x)))
        assert activation.slope(x) == pytest.approx(slope, rel=1e-14)


def test_every_short_form_is_tried() -> None:
    for name in MEANINGS:
        x = 2.5 if "cosh" in name else 0.5
        used = names_in(parse(MEANINGS[name], "uvw"))
        further = "".join(f", {number}" for letter, number in (("v", 2), ("w", 3)) if letter in used)
        assert np.isfinite(get(f"{name}(x{further})")(x)), name


@pytest.mark.parametrize(
    ("formula", "same", "kinks"),
    [
        ("relu(x)", "relu", (0.0,)),
        ("gelu(2*x)", "2*x/2*erfc(-2*x/sqrt(2))", ()),
        ("relu(x) - relu(x - 1)", "clip(x, 0, 1)", (0.0, 1.0)),
        ("Leaky-ReLU", "leaky_relu", (0.0,)),
        ("hard_sigmoid(x)", "hard_sigmoid", (-3.0, 3.0)),
        ("torch.relu(x)*2", "2*max(x, 0)", (0.0,)),
        ("mish(swish(x))", "swish(x)*tanh(softplus(swish(x)))", ()),
    ],
)
def test_functions_of_the_registry_in_a_formula(formula: str, same: str, kinks: tuple[float, ...]) -> None:
    x = np.linspace(-5.1, 5, 41)
    np.testing.assert_allclose(get(formula)(x), get(same)(x), rtol=1e-14)
    np.testing.assert_allclose(get(formula).slope(x), get(same).slope(x), rtol=1e-13, atol=1e-16)
    assert get(formula).kinks == kinks


def test_jumps_of_floor() -> None:
    assert get("floor(x)").kinks == tuple(float(n) for n in range(-40, 41))
    assert get("floor(x)").jumps == get("floor(x)").kinks
    assert get("x - floor(x)").one_sided(3.0) == ((1.0, 1.0), (0.0, 1.0))


@pytest.mark.parametrize("spec", ["x-1", "x-pi", "x-e", "1-x", "x-x"])
def test_a_difference_is_no_hyphenated_name(spec: str) -> None:
    assert get(spec).spec == spec
    assert get(spec)(2.0) == Formula(spec).values(np.array([2.0]))[0]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("leaky-rleu", "unknown function 'leaky-rleu'; did you mean leaky_relu?; 'actcli list' shows all"),
        ("x-foo", "unknown function 'x-foo'; 'actcli list' shows all"),
        ("gellu(x)", "formula 'gellu(x)': unknown name 'gellu'; did you mean 'gelu'?"),
        ("x + softmax(x)", "softmax works on rows; a formula in x takes functions of one number"),
        ("log2(x, 2)", "formula 'log2(x, 2)': log2 takes 1 argument, found 2"),
        ("2 3", "formula '2 3': expected an operator or the end at column 3, found '3'"),
        ("os.system(x)", None),
    ],
)
def test_refused(spec: str, message: str | None) -> None:
    with pytest.raises(SpecError) as caught:
        get(spec)
    assert message is None or str(caught.value) == message


@pytest.mark.parametrize(
    ("spec", "canonical"),
    [
        ("leaky_relu@alpha=0.1", "leaky_relu@negative_slope=0.1"),
        ("leaky_relu@slope=0.1", "leaky_relu@negative_slope=0.1"),
        ("hard_tanh@min=-2", "hard_tanh@min_val=-2.0"),
    ],
)
def test_the_frameworks_words_for_parameters(spec: str, canonical: str) -> None:
    assert get(spec).spec == canonical


def test_commands_take_them() -> None:
    assert run("eval", "x-1", "2x", "relu(x)", "--tsv", "--", "3") == (
        0,
        "x\tx-1\t2x\trelu(x)\n3.0\t2.0\t6.0\t3.0\n",
        "",
    )
    assert run("grad", "np.maximum(0, x)", "-q", "--", "-1", "1") == (0, "0.0\n1.0\n", "")
