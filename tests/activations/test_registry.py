"""SPECs, error messages for invalid ones, and a new function from one block."""

from __future__ import annotations

import numpy as np
import pytest

import actcli
from actcli.activations import SpecError, definition, get, names
from actcli.activations.definition import activation
from actcli.studies.properties import properties


@pytest.mark.parametrize(
    ("spec", "canonical"),
    [
        ("relu", "relu"),
        ("ReLU", "relu"),
        ("Leaky-ReLU", "leaky_relu"),
        ("LEAKYRELU", "leaky_relu"),
        ("silu", "swish"),
        ("linear", "identity"),
        ("heaviside", "step"),
        ("leaky_relu@negative_slope=0.1", "leaky_relu@negative_slope=0.1"),
        ("leaky_relu@negative_slope=0.01", "leaky_relu"),
        ("leaky_relu@ negative_slope = 1e-1 ", "leaky_relu@negative_slope=0.1"),
        ("hard_tanh@max_val=2,min_val=-2", "hard_tanh@min_val=-2.0,max_val=2.0"),
        ("torch.GELU", "torch.GELU"),
        ("x*sigmoid(1.702*x)", "x*sigmoid(1.702*x)"),
        ("x*sigmoid(b*x)@b=1.5", "x*sigmoid(b*x)@b=1.5"),
        ("x", "x"),
    ],
)
def test_specs(spec: str, canonical: str) -> None:
    assert get(spec).spec == canonical
    assert get(canonical).spec == canonical


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("rleu", "unknown function 'rleu'; did you mean relu or srelu or rrelu?; 'actcli list' shows all"),
        ("zzz", "unknown function 'zzz'; 'actcli list' shows all"),
        ("", "'' names no function; try relu, or a formula such as 'x*sigmoid(x)'"),
        ("@a=1", "'@a=1' names no function; try relu, or a formula such as 'x*sigmoid(x)'"),
        ("relu@a=1", "relu has no parameter 'a'; it has no parameters"),
        ("elu@alhpa=1", "elu has no parameter 'alhpa'; did you mean alpha?; its parameters are alpha"),
        ("elu@alpha=x", "'elu@alpha=x': alpha must be a number, not 'x'"),
        (
            "gelu@approximate=tanh",
            "'gelu@approximate=tanh': approximate must be a number, not 'tanh'; "
            "that is gelu_tanh, or torch.gelu@approximate=tanh",
        ),
        ("sqrt", "'sqrt' is no activation function; as a formula it is 'sqrt(x)'"),
        ("elu@alpha=nan", "'elu@alpha=nan': alpha must be finite, not nan"),
        ("elu@alpha", "'elu@alpha': expected key=value after '@', found 'alpha'"),
        ("elu@", "'elu@': expected key=value after '@', found ''"),
        ("elu@alpha=1,alpha=2", "'elu@alpha=1,alpha=2': parameter 'alpha' is given twice"),
        ("celu@alpha=0", "celu needs alpha > 0, not alpha=0.0"),
        ("hard_tanh@min_val=2", "hard_tanh needs min_val < max_val, not min_val=2.0, max_val=1.0"),
        ("x*a", "formula 'x*a': unknown name 'a'; a parameter has its value after @, @a=1"),
    ],
)
def test_refused_specs(spec: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        get(spec)
    assert str(caught.value) == message


def test_public_interface() -> None:
    assert actcli.names() == names()
    assert actcli.get("gelu").exact(-9.0) == -1.0157295653584566e-18
    assert actcli.get("gelu").slope(0.0) == 0.5
    assert actcli.__version__ == "0.1.0"
    with pytest.raises(AttributeError, match="module 'actcli' has no attribute 'gelu'"):
        _ = actcli.gelu
    with pytest.raises(TypeError, match="softmax works on rows: it has a Jacobian, not a slope"):
        get("softmax").slope([1.0, 2.0])
    with pytest.raises(TypeError, match="relu works element by element: it has a slope, not a Jacobian"):
        get("relu").jacobian([1.0, 2.0])


def test_row_functions_teach() -> None:
    with pytest.raises(ValueError, match="a gated unit splits a row into two halves: 3 values do not split"):
        get("glu")([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="maxout takes groups of k=2 values: 3 values do not divide into them"):
        get("maxout")([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="softmax works on rows: it needs at least one axis"):
        get("softmax")(1.0)


def test_softmax_keeps_what_others_lose() -> None:
    softmax, log_softmax = get("softmax"), get("log_softmax")
    np.testing.assert_array_equal(softmax([np.inf, 0.0, 1.0]), [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(softmax([-1e308, -1e308, -1e308]), [1 / 3, 1 / 3, 1 / 3])
    np.testing.assert_array_equal(softmax([-np.inf, 0.0, -np.inf]), [0.0, 1.0, 0.0])
    np.testing.assert_array_equal(log_softmax([1e4, 0.0, 0.0]), [0.0, -1e4, -1e4])
    # the dominating entry's logarithm, and the diagonal of the Jacobian, from the sum of the others
    assert log_softmax([40.0, 0.0])[0] == -4.248354255291589e-18
    assert softmax([40.0, 0.0])[1] == 4.248354255291589e-18
    assert get("softmax").jacobian([40.0, 0.0])[0, 0] == 4.248354255291589e-18
    assert np.isnan(softmax([np.nan, 0.0])).all()


def test_one_more_function_is_one_block() -> None:
    """A function registered here has lookup, values, slopes, kinks, digits and properties as any other."""

    @activation("where(x > c, x, 0)", source="this test", kinks="c", aliases=("gate-test",))
    def test_gate(*, c: float = 1.5) -> None:
        """Opens at c."""

    try:
        bound = get("Gate_Test@c=2")
        assert (bound.spec, bound.summary) == ("test_gate@c=2.0", "Opens at c.")
        np.testing.assert_array_equal(bound([-1.0, 2.0, 3.0]), [0.0, 0.0, 3.0])
        np.testing.assert_array_equal(bound.slope([-1.0, 2.0, 3.0]), [0.0, 0.0, 1.0])
        assert (bound.kinks, bound.jumps, bound.limits()) == ((2.0,), (2.0,), (0.0, np.inf))
        assert bound.digits(3.0, 5) == "3.0000"
        assert properties(bound).range == "[0, inf)"
        assert names()[-1] == "test_gate"
    finally:
        del definition.definitions["test_gate"]
        for loose in ("testgate", "gatetest"):
            del definition.by_folded_name[loose]


def test_random_slopes_are_reproducible_and_uniform() -> None:
    x = -np.arange(1.0, 20_001.0)
    first, again, other = (get(f"rrelu@seed={seed}")(x) / x for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(get("rrelu@seed=1")(x[::-1])[::-1] / x, first)
    assert (first != other).all()
    assert first.min() >= 1 / 8
    assert first.max() <= 1 / 3
    counts, _ = np.histogram(first, bins=10, range=(1 / 8, 1 / 3))
    assert abs(counts - 2000).max() < 200  # 4.7 standard deviations
    np.testing.assert_array_equal(get("rrelu@seed=1")([2.0, 0.0]), [2.0, 0.0])
    np.testing.assert_allclose(get("rrelu")([-1.0]), [-11 / 48])
    # a float16 tie depends on the drawn slope, not on the mean of the formula
    short = x.astype(np.float16)
    drawn = get("rrelu@seed=1")(short.astype(np.float64))
    np.testing.assert_array_equal(get("rrelu@seed=1")(short), drawn.astype(np.float16))
    with pytest.raises(ValueError, match=r"rrelu@seed=1.0 draws its slopes at random: it has no exact value"):
        get("rrelu@seed=1").exact([1.0])
