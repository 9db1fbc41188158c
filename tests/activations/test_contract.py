"""Conditions for every activation of the registry, so that no function needs a test of its own."""

from __future__ import annotations

import inspect
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from flint import arb, ctx
from numpy.typing import NDArray

from actcli.activations import Activation, SpecError, get, names
from actcli.activations.definition import definitions
from actcli.activations.measured import measured
from actcli.formulas.derive import STABLE
from actcli.formulas.formula import Formula
from actcli.formulas.grammar import parse
from actcli.formulas.kinks import kinks
from actcli.formulas.render import render
from actcli.formulas.tolerances import FAITHFUL, FAST
from actcli.studies.properties import explore, properties
from tests.activations.accuracy import errors, other_settings, points, ulps

ELEMENTWISE = [name for name in names() if not get(name).is_row]
ROWS = [name for name in names() if get(name).is_row]


#: The functions with other parameters, because kernels that treat some parameters specially must be right for all.
OTHER_VALUES = [
    "leaky_relu@negative_slope=0.3",
    "elu@alpha=2.5",
    "celu@alpha=0.7",
    "selu@alpha=1.5,scale=1.1",
    "softplus@beta=3.3",
    "softplus@beta=0.2",
    "swish@beta=1.7",
    "swish@beta=-0.6",
    "squareplus@b=0.3",
    "hard_tanh@min_val=-0.3,max_val=2",
    "hard_sigmoid@slope=0.2",
    "hard_sigmoid@slope=0.3,offset=0.1",
    "hard_shrink@lambd=1.25",
    "soft_shrink@lambd=0.1",
    "step@threshold=1,at_threshold=0.5",
    "prelu@weight=-0.5",
    "soft_exponential@alpha=-0.5",
    "soft_exponential@alpha=0.5",
    "clipped_gelu@min_val=-0.1,max_val=1",
    "gaussian_cdf@mu=0,sigma=1",
]


@pytest.mark.parametrize("order", [0, 1, 2], ids=["value", "slope", "second"])
@pytest.mark.parametrize("spec", ELEMENTWISE + OTHER_VALUES)
def test_accuracy(spec: str, order: int) -> None:
    activation = get(spec)
    x = points(activation, seed=order)
    error = errors(activation, x, order)
    worst = int(np.argmax(error))
    assert error[worst] <= FAITHFUL[order], f"{spec} at x={x[worst]!r}: write a better kernel or formula"


@pytest.mark.parametrize("spec", [spec for name in ELEMENTWISE for spec in other_settings(name)])
def test_accuracy_at_other_parameters(spec: str) -> None:
    activation = get(spec)
    x = points(activation, seed=7, n=20)[::3]
    for order in range(3):
        error = errors(activation, x, order)
        worst = int(np.argmax(error))
        assert error[worst] <= FAITHFUL[order], f"order {order} at x={x[worst]!r}"


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if definitions[name].value])
def test_accuracy_of_the_fast_tier(name: str) -> None:
    """In units of the change by one rounding of x, which exceeds an ulp near a zero of the result."""
    activation = get(name)
    for dtype in (np.float64, np.float32) if definitions[name].cheap else (np.float64,):
        x = np.random.default_rng(9).uniform(-30, 30, 150).astype(dtype)
        for order, function in enumerate((activation.fast, activation.fast.slope)):
            right, steepness = activation.exact(x, order), np.abs(activation.exact(x, order + 1))
            unit = np.spacing(np.abs(right)) + steepness * np.spacing(np.abs(x))
            assert (np.abs(function(x) - right) <= FAST[order] * unit).all()


@pytest.mark.parametrize(
    "name", [name for name in ELEMENTWISE if definitions[name].value and definitions[name].defaults]
)
def test_a_parameter_of_zero(name: str) -> None:
    """A kernel must not multiply 0 by inf."""
    x = np.array([-np.inf, -3.0, 3.0, np.inf, np.nan])
    for parameter in definitions[name].defaults.keys() - {"seed"}:
        try:
            activation = get(f"{name}@{parameter}=0")
        except SpecError:  # outside the domain
            continue
        for tier in (activation, activation.fast):
            for order, function in enumerate((tier, tier.slope)):
                right = activation.exact(x, order)
                for dtype in (np.float64, np.float32):
                    np.testing.assert_allclose(function(x.astype(dtype)), right, rtol=1e-6)


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if definitions[name].cheap])
def test_cheap_kernels_in_float32_have_the_right_specials(name: str) -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 3e38, -3e38], np.float32)
    got, right = get(name).fast(x), get(name)(x)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, right)
    np.testing.assert_array_equal(np.signbit(got), np.signbit(right))


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_short_floats_are_correctly_rounded(name: str, dtype: type) -> None:
    activation = get(name)
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.uniform(-12, 12, 60), [0.0, -0.0, np.inf, -np.inf, np.nan]]).astype(dtype)
    for order, function in enumerate((activation, activation.slope)):
        got, right = function(x), activation.exact(x, order)
        assert got.dtype == right.dtype == dtype
        np.testing.assert_array_equal(got, right)
        np.testing.assert_array_equal(np.signbit(got)[:-1], np.signbit(right)[:-1])  # the last is nan


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_stated_kinks_are_the_kinks_of_the_formula(name: str) -> None:
    activation = get(name)
    np.testing.assert_allclose(
        activation.find_kinks(), kinks(activation.truth), rtol=1e-15, err_msg="the block says kinks="
    )


def test_the_derivative_written_has_the_slopes_that_are_given_at_kinks() -> None:
    other = {}
    for activation in (get(name) for name in [*ELEMENTWISE, "keras.leaky_relu"]):
        written = Formula(render(activation.tree(1)), activation.parameters)
        for kink in activation.kinks:
            if abs(written.rounded(kink) - activation.slope(kink)) > 0:  # nan: 1/6*3 + 1/2 < 1 is undecided
                other[activation.spec] = kink
    # The derivative of |x| is written sgn(x), which is 0 at 0; gelu(x) = 10 at no float64.
    assert other == {"abs": 0.0, "clipped_gelu": 10.0}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_formula_reads_back(name: str) -> None:
    truth = get(name).truth
    for order in range(3):
        node = truth.node(order)
        assert parse(render(node), truth.parameters) is node or _same_values(truth, node)


def _same_values(truth: Formula, node: object) -> bool:
    x = np.linspace(-3.05, 3.05, 62)
    again = Formula(render(node), truth.parameters)  # type: ignore[arg-type]
    return np.allclose(again.values(x), Formula(render(node), truth.parameters).values(x), rtol=1e-14)


@pytest.mark.parametrize("name", names())
def test_metadata(name: str) -> None:
    activation = get(name)
    assert activation.summary.endswith("."), "the first docstring line is a sentence"
    assert activation.source, "source= says where it was published"
    assert activation.spec == activation.name == name
    for alias in activation.aliases:
        assert get(alias).name == name
        assert get(alias.upper().replace("_", "-")).name == name


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_shapes_and_nan(name: str) -> None:
    activation = get(name)
    x = np.array([[0.5, np.nan, -1.5], [2.0, -0.25, 3.0]])
    for function in (activation, activation.slope, activation.second):
        y = function(x)
        assert y.shape == x.shape
        assert np.isnan(y[0, 1])
        assert np.isfinite(np.delete(y.ravel(), 1)).all()
        assert function(np.zeros((0, 3))).shape == (0, 3)
        assert function(1).dtype == np.float64
    np.testing.assert_array_equal(activation(x[:, ::2]), activation(x)[:, ::2])


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_slopes_at_kinks(name: str) -> None:
    activation = get(name)
    clipped = activation.truth.root.op == "clip"
    for kink in activation.kinks:
        left = activation.one_sided(kink)[0][1]
        assert activation.slope(kink) == (0.0 if clipped else left)
        assert activation.second(kink) == 0.0


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_slopes_at_zero_are_those_beside_it(name: str) -> None:
    """sign(x) and where(x == 0, 1, ...) have the slope 0 at 0, so slopes of formulas with them could be wrong there."""
    activation = get(name)
    if 0.0 not in activation.kinks:
        beside = np.array([-1e-9, 1e-9])
        for function in (activation.slope, activation.second):
            low, high = np.sort(function(beside))
            assert low - 1e-7 <= function(0.0) <= high + 1e-7


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_kept_findings_are_current(name: str) -> None:
    """tests/reference/make_measured.py rewrites them."""
    activation = get(name)
    assert explore(activation) == properties(activation)
    assert activation.find_kinks() == activation.kinks


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_digits_agree_with_mpmath(name: str) -> None:
    """A check of the reference digits by another library."""
    import mpmath

    activation = get(name)
    for x in (-2.5, -0.3, 0.7, 3.1):
        with mpmath.workdps(60):
            expected = _in_mpmath(activation.truth.root, mpmath.mpf(x), activation.parameters)
            got = mpmath.mpf(activation.digits(x, 30))
            assert mpmath.almosteq(got, expected, rel_eps=mpmath.mpf(10) ** -29, abs_eps=mpmath.mpf(10) ** -40)


def _meant(parameter: float) -> object:
    """The fraction whose float64 is the parameter, as 1/6, or else the float64 itself."""
    import mpmath

    short = Fraction(parameter).limit_denominator(64) if np.isfinite(parameter) else None
    if short is not None and short.denominator % 3 == 0 and float(short) == parameter:
        return mpmath.mpf(short.numerator) / short.denominator
    return mpmath.mpf(parameter)


def _in_mpmath(node: object, x: object, parameters: object) -> object:
    import mpmath

    op, args = node.op, [_in_mpmath(arg, x, parameters) for arg in node.args]  # type: ignore[attr-defined]
    if op == "number":
        return mpmath.mpf(float(node.text))  # type: ignore[attr-defined]
    if op == "name":
        text = node.text  # type: ignore[attr-defined]
        return x if text == "x" else +mpmath.pi if text == "pi" else _meant(parameters[text])  # type: ignore[index]
    return {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b if b else mpmath.inf,
        "pow": lambda a, b: a**b,
        "neg": lambda a: -a,
        "lt": lambda a, b: a < b,
        "le": lambda a, b: a <= b,
        "gt": lambda a, b: a > b,
        "ge": lambda a, b: a >= b,
        "eq": lambda a, b: a == b,
        "ne": lambda a, b: a != b,
        "where": lambda c, a, b: a if c else b,
        "min": min,
        "max": max,
        "clip": lambda a, low, high: min(max(a, low), high),
        "abs": abs,
        "sigmoid": lambda a: 1 / (1 + mpmath.exp(-a)),
        "softplus": lambda a: mpmath.log1p(mpmath.exp(a)),
    }.get(op, getattr(mpmath, op, None))(*args)


@pytest.mark.parametrize(("textbook", "form"), STABLE.items())
def test_stable_forms_mean_the_same(textbook: str, form: str) -> None:
    import mpmath

    for values in ({"u": 0.7, "v": -1.1, "a": 2.5}, {"u": -0.4, "v": 3.2, "a": -0.3}):
        with mpmath.workdps(60):
            one, two = (_in_mpmath(parse(text, "uva"), None, values) for text in (textbook, form))
            assert mpmath.almosteq(one, two, mpmath.mpf(10) ** -55)


def test_every_kept_finding_belongs_to_a_function() -> None:
    assert list(measured()) == ELEMENTWISE, "run tests/reference/make_measured.py"


def test_names_of_the_catalogue() -> None:
    """Every canonical function of the catalogue is in the registry under its name."""
    catalogue = json.loads((Path(__file__).parents[1] / "reference" / "catalogue.json").read_text())
    assert [name for name in catalogue if name.replace("_", "") not in _known()] == []


def _known() -> set[str]:
    return {word.replace("_", "") for name in names() for word in (name, *get(name).aliases)}


@pytest.mark.parametrize("name", ROWS)
def test_jacobian_is_the_derivative(name: str) -> None:
    activation = get(name)
    rng = np.random.default_rng(11)
    x = rng.uniform(-2, 2, (5, 6))
    step = 1e-6
    jacobian = activation.jacobian(x)
    assert jacobian.shape == (5, activation.output_width(6), 6)
    ahead = np.stack([activation(x + step * unit) for unit in np.eye(6)], axis=-1)
    behind = np.stack([activation(x - step * unit) for unit in np.eye(6)], axis=-1)
    np.testing.assert_allclose(jacobian, (ahead - behind) / (2 * step), atol=1e-8)


@pytest.mark.parametrize("name", ROWS)
def test_rows_keep_their_dtype_and_other_axes(name: str) -> None:
    activation = get(name)
    x = np.linspace(-1, 2, 24).reshape(2, 3, 4)
    assert activation(x).shape == (2, 3, activation.output_width(4))
    assert activation(x.astype(np.float32)).dtype == np.float32
    np.testing.assert_array_equal(activation(x)[1, 2], activation(x[1, 2]))
    assert np.isnan(activation(np.array([np.nan, 1.0, np.nan, 2.0]))).any()


def test_public_docstrings_are_there() -> None:
    for name in ("__call__", "slope", "second", "jacobian", "exact", "digits", "bind", "one_sided", "limits"):
        assert inspect.getdoc(getattr(Activation, name)), name


def row_points(name: str) -> NDArray[np.float64]:
    rng = np.random.default_rng(3)
    scales = [1e-8, 1.0, 8.0, 100.0, 1e4] + ([700.0] if name.endswith(("softmax", "softmin")) else [])
    return np.concatenate([scale * rng.normal(size=(40, 6)) for scale in scales])


@pytest.mark.parametrize("name", ROWS)
def test_accuracy_of_rows(name: str) -> None:
    activation, x = get(name), row_points(name)
    # + 0.0, because an exact zero, as of a closed gate, has no sign
    assert ulps(activation(x) + 0.0, activation.exact(x) + 0.0).max() <= FAITHFUL[0]
    short = x.astype(np.float32)
    np.testing.assert_array_equal(activation(short), activation(short.astype(np.float64)).astype(np.float32))


@pytest.mark.parametrize("name", [name for name in ROWS if not definitions[name].selects])
def test_accuracy_of_jacobians(name: str) -> None:
    """Against differences of values with 1500 bits."""
    activation, x = get(name), row_points(name)[::7]
    got = activation.jacobian(x)
    right = np.stack([_differences(activation, row) for row in x.tolist()])
    assert ulps(got + 0.0, right + 0.0).max() <= FAITHFUL[1]


def _differences(activation: Activation, row: list[float]) -> NDArray[np.float64]:
    columns = []
    with ctx.workprec(7000):
        step = arb(2) ** -1500
        for i in range(len(row)):
            ahead, behind = ([arb(x) + sign * step * (i == k) for k, x in enumerate(row)] for sign in (1, -1))
            above, below = (activation._row_formula(moved).at_precision() for moved in (ahead, behind))  # type: ignore[arg-type]
            columns.append([float(((a - b) / (2 * step)).mid()) for a, b in zip(above, below, strict=True)])
    return np.array(columns).T


@pytest.mark.parametrize(("name", "power"), [("sparsemax", 1), ("entmax15", 2)])
def test_thresholds_agree_with_mpmath(name: str, power: int) -> None:
    """Only one row of probabilities sums to 1 and has a common threshold for all entries other than 0."""
    import mpmath

    rng = np.random.default_rng(6)
    activation = get(name)
    for scale in (0.1, 1.0, 3.0):
        row = (scale * rng.normal(size=9)).tolist()
        with mpmath.workdps(60):
            p = [mpmath.mpf(text) for text in activation.row_digits(row, 40)]
            assert mpmath.almosteq(sum(p), 1, mpmath.mpf(10) ** -38)
            thresholds = [
                mpmath.mpf(x) / power - share ** (mpmath.mpf(1) / power) for x, share in zip(row, p, strict=True)
            ]
            t = thresholds[p.index(max(p))]
            for threshold, share in zip(thresholds, p, strict=True):
                assert mpmath.almosteq(threshold, t, mpmath.mpf(10) ** -36) if share else threshold <= t


def test_what_selects_is_exact() -> None:
    assert get("hardmax").row_digits([0.1, 0.3], 3) == ["0", "1.00"]
    assert get("crelu").exact([0.1, -0.3]).tolist() == [0.1, 0.0, 0.0, 0.3]
    assert get("maxout").row_digits([0.1, 0.3, float("-inf"), float("-inf")], 20) == ["0.29999999999999998890", "-inf"]
