"""Floating-point types, comparison of two functions, judgement of an implementation, test vectors, traps."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from actcli.activations import get
from actcli.activations.floats import BFLOAT16, FLOAT16, FLOAT32, FLOAT64, TYPES, FloatType
from actcli.studies.comparison import compare
from actcli.studies.judgement import judge, tolerance
from actcli.studies.traps import functions, same_function, same_name
from actcli.studies.vectors import vectors

KINDS = list(TYPES.values())


# --- types -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [FLOAT16, BFLOAT16], ids=lambda kind: kind.name)
def test_rounding_is_to_nearest_with_ties_to_even(kind: FloatType) -> None:
    values = kind.everything()
    finite = np.sort(values[np.isfinite(values) & ~np.signbit(values)]).astype(np.float64)
    low, high = finite[:-1], finite[1:]
    middle = (low + high) / 2
    even = np.where(kind.bits(low.astype(kind.carrier)) % 2 == 0, low, high)
    np.testing.assert_array_equal(kind.round(middle), even.astype(kind.carrier))
    np.testing.assert_array_equal(kind.round(np.nextafter(middle, 0)), low.astype(kind.carrier))
    np.testing.assert_array_equal(kind.round(np.nextafter(middle, np.inf)), high.astype(kind.carrier))
    np.testing.assert_array_equal(kind.round(-middle), -even.astype(kind.carrier))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_bits_come_back(kind: FloatType) -> None:
    bits = np.random.default_rng(1).integers(0, 2**kind.width, 1000, dtype=np.uint64).astype(kind.unsigned)
    values = kind.from_bits(bits)
    number = ~np.isnan(values)
    np.testing.assert_array_equal(kind.bits(values)[number], bits[number])
    assert np.isinf(kind.round(kind.largest * 1.01 if kind is not FLOAT64 else math.inf))


def test_known_numbers() -> None:
    assert [kind.largest for kind in KINDS] == [
        1.7976931348623157e308,
        3.4028234663852886e38,
        65504.0,
        3.3895313892515355e38,
    ]
    assert BFLOAT16.neighbours(1.0, 1).tolist() == [0.99609375, 1.0, 1.0078125]
    assert FLOAT64.neighbours(0.0, 1).tolist() == [-5e-324, 0.0, 5e-324]
    assert FLOAT16.neighbours(65504.0, 1).tolist() == [65472.0, 65504.0]
    first, second = [1.0, -0.0, -1.0, np.nan, -np.inf], [1.0 + 2**-52, 0.0, 1.0, 1.0, np.inf]
    apart = [1.0, 0.0, 2.0 * 0x3FF0000000000000, math.nan, 2.0 * 0x7FF0000000000000]
    np.testing.assert_array_equal(FLOAT64.ulps_apart(first, second), apart)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("spec", ["gelu", "tanh_shrink", "hard_swish", "torch.softplus", "eswish"])
def test_correct_rounding_is_that_of_the_digits(spec: str, kind: FloatType) -> None:
    activation = get(spec)
    x = kind.round(np.random.default_rng(2).uniform(-9, 9, 60))
    for order in (0, 1):
        got = activation.rounded(x, kind, order)
        for point, value in zip(x, got, strict=True):
            exact = Fraction(activation.digits(float(point), 40, order))
            near = kind.neighbours(float(value), 1)
            best = min(near, key=lambda v: (abs(Fraction(float(v)) - exact), int(kind.bits(v)) % 2))
            assert best == value, (spec, point, order)


# --- comparison ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("torch.silu", "jax.swish"),
        ("torch.Tanhshrink", "keras.tanh_shrink"),
        ("torch.relu6", "jax.relu6"),
        ("quick_gelu", "swish@beta=1.702"),
        ("elu", "celu"),
        ("sparse_sigmoid", "hard_sigmoid@slope=0.5"),
        ("sigmoid", "1/(1+exp(-x))"),
        ("softplus", "log(1+exp(x))"),
        ("gelu", "0.5*x*(1+erf(x*0.7071067811865476))"),
        ("relu", "where(x > 0, x, 0)"),
        ("softmax", "onnx.Softmax"),
    ],
)
def test_the_same_function(first: str, second: str) -> None:
    found = compare(get(first), get(second))
    assert found.same
    assert found.verdict == f"{get(first).spec} and {get(second).spec} are the same function"


@pytest.mark.parametrize(
    ("first", "second", "differing", "verdict"),
    [
        (
            "torch.gelu",
            "jax.gelu",
            ("value", "slope"),
            "torch.gelu and jax.gelu (gelu_tanh) differ by up to 0.000473236, at x = -2.69894: "
            "-0.00938697 and -0.00891374",
        ),
        (
            "keras.LeakyReLU",
            "keras.leaky_relu",
            ("value", "slope"),
            "keras.LeakyReLU (negative_slope=0.3) and keras.leaky_relu (negative_slope=0.2) differ by up to 1, at "
            "x = -10: -3 and -2",
        ),
        (
            "torch.softplus",
            "jax.softplus",
            ("value", "slope"),
            "torch.softplus and jax.softplus differ by up to 2.06115e-09, at x = 20: 20 and 20",
        ),
        (
            "torch.leaky_relu",
            "jax.leaky_relu",
            ("slope",),
            "torch.leaky_relu and jax.leaky_relu have the same values, but not the same slope at x = 0: 0.01 and 1",
        ),
        (
            "torch.hardshrink",
            "paddle.hardshrink",
            ("value", "slope"),
            "torch.hardshrink and paddle.hardshrink differ by up to 0.5, at x = -0.5: 0 and -0.5",
        ),
        (
            "gelu",
            "x*sigmoid(1.702*x)",
            ("value", "slope"),
            "gelu and x*sigmoid(1.702*x) differ by up to 0.0203349, at x = -2.2704: -0.0263178 and -0.0466527",
        ),
    ],
)
def test_different_functions(first: str, second: str, differing: tuple[str, ...], verdict: str) -> None:
    found = compare(get(first), get(second))
    assert (found.differing, found.verdict) == (differing, verdict)


def test_the_largest_gap_is_found() -> None:
    gap = compare(get("sigmoid"), get("hard_sigmoid")).gaps[0]
    x = np.linspace(-8, 8, 2_000_001)
    apart = np.abs(get("sigmoid")(x) - get("hard_sigmoid")(x))
    assert (gap.quantity, gap.measure) == ("value", "absolute")
    assert gap.size >= apart.max() * (1 - 1e-12)
    assert gap.size == pytest.approx(apart.max(), rel=1e-6)


def test_a_range_confines_the_comparison() -> None:
    assert compare(get("relu"), get("leaky_relu"), (0.5, 2.0)).same
    assert compare(get("torch.softplus"), get("softplus"), (-5.0, 5.0)).same
    assert not compare(get("relu"), get("leaky_relu"), (-2.0, -1.0)).same


def test_differences_beyond_the_usual_range_are_found() -> None:
    found = compare(get("x"), get("min(x, 5000) + max(x - 5000, 0)*1.5"))
    assert found.differing == ("value", "slope")


def test_rows_and_single_numbers_are_not_compared() -> None:
    with pytest.raises(ValueError, match="softmax works on rows and relu on single numbers"):
        compare(get("relu"), get("softmax"))
    with pytest.raises(ValueError, match="a row of 6 gives 3 numbers with glu, 6 with softmax"):
        compare(get("glu"), get("softmax"))


# --- judgement -------------------------------------------------------------------------------------------------

X = np.linspace(-12, 12, 2001)


def test_the_tail_of_gelu_by_erf_is_lost() -> None:
    lossy = np.array([0.5 * x * (1 + math.erf(x / math.sqrt(2))) for x in X])
    sound = np.array([0.5 * x * math.erfc(-x / math.sqrt(2)) for x in X])
    assert not judge(get("gelu"), X, lossy, FLOAT64).passes(600)
    found = judge(get("gelu"), X, sound, FLOAT64)
    assert found.passes(600)
    assert 100 < found.max_ulp < 300
    assert tolerance(FLOAT64) == 2**26


def test_every_kind_of_result_is_counted() -> None:
    x = np.array([1.0, -1.0, np.inf, -np.inf, np.nan, 1e-310, 0.5, -0.0])
    y = np.array([np.nextafter(1.0, 2), 0.0, np.inf, np.nan, 1.0, 0.0, np.inf, 0.0])
    found = judge(get("identity"), np.where(x == -1.0, 0.0, x), np.where(x == -1.0, 0.0, y), FLOAT64)
    assert found.wrong.tolist() == [False, False, False, True, True, False, True, False]
    assert found.special.tolist() == [False, False, True, True, True, False, True, False]
    assert found.flushed.tolist() == [False] * 5 + [True, False, False]
    assert found.sign.tolist() == [False] * 7 + [True]
    np.testing.assert_array_equal(found.ulps, [1, 0, np.nan, np.nan, np.nan, np.nan, np.nan, 0])
    assert found.histogram() == [(0, 0, 2), (1, 1, 1)]
    assert found.worst(5).tolist() == [0]
    assert not found.passes(1e9)


def test_the_histogram_reaches_the_worst() -> None:
    x = np.ones(3)
    y = np.array([1.0, 1.0 + 7 * 2.0**-52, 2.0])
    found = judge(get("identity"), x, y, FLOAT64)
    bins = found.histogram()
    assert [count for _, _, count in bins if count] == [1, 1, 1]
    assert bins[4] == (5, 8, 1)
    assert bins[-1] == (1099511627777, 2**50, 0) or bins[-1][0] <= 2**52 <= bins[-1][1]


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize(("kind", "spec"), [(FLOAT16, "gelu"), (BFLOAT16, "torch.relu6")], ids=["float16", "bfloat16"])
def test_all_inputs_of_a_short_type(kind: FloatType, spec: str, order: int) -> None:
    x, activation = kind.everything(), get(spec)
    with np.errstate(all="ignore"):
        found = judge(activation, x, activation.slope(x) if order else activation(x), kind, order)
    assert (found.max_ulp, int(found.wrong.sum()), int(found.flushed.sum())) == (0.0, 0, 0)
    assert len(found.x) == 65536


# --- vectors ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("order", [0, 1])
def test_vectors_hold_what_matters(kind: FloatType, order: int) -> None:
    activation = get("hard_swish")
    found = vectors(activation, kind, order, count=50, seed=3)
    bits = kind.bits(found.x).tolist()
    assert len(set(bits)) == len(bits) == len(found.why) == len(found.y)
    x = set(found.x[np.isfinite(found.x)].tolist())
    assert {0.0, kind.largest, -kind.largest, kind.smallest_normal, -3.0, 3.0, -1.5, 1.0, 1024.0} <= x
    for kink in (-3.0, 3.0):
        assert set(kind.neighbours(kink, 2).tolist()) <= x
    # A random number of a short type may occur twice.
    assert 40 < found.why.count("random") <= 50 if kind.width == 16 else found.why.count("random") == 50
    right = activation.rounded(found.x, kind, order)
    np.testing.assert_array_equal(found.y, right)


def test_vectors_are_the_same_for_the_same_seed() -> None:
    first, again, other = (vectors(get("silu"), FLOAT32, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.x, again.x)
    assert first.x.tolist() != other.x.tolist()


def test_vectors_find_where_results_saturate_and_underflow() -> None:
    found = vectors(get("sigmoid"), FLOAT32, count=0)
    at = [float(x) for why, x in zip(found.why, found.x, strict=True) if why == "threshold"]
    values = dict(zip(found.x.tolist(), found.y.tolist(), strict=True))
    steps = [(low, high) for low, high in zip(at[::2], at[1::2], strict=True)]
    assert any(values[low] < 1.0 == values[high] for low, high in steps)
    assert any(values[low] > 0.0 == values[high] for low, high in steps)
    assert all(FLOAT32.ulps_apart(np.float32(low), np.float32(high)) == 1 for low, high in steps)


# --- traps -----------------------------------------------------------------------------------------------------


def test_names_that_stand_for_several_functions() -> None:
    traps = [trap for trap in same_name() if trap.kind == "same name"]
    found: dict[str, list[str]] = {}
    for trap in traps:
        found.setdefault(trap.name, []).append(trap.function)
    assert found["gelu"] == ["gelu", "gelu_tanh"]
    assert found["hardsigmoid"] == ["hard_sigmoid", "hard_sigmoid@slope=0.2", "hard_sigmoid@slope=0.1666667"]
    assert found["leaky_relu"] == [
        "leaky_relu",
        "leaky_relu@negative_slope=0.2",
        "leaky_relu@negative_slope=0.3",
        "leaky_relu@negative_slope=0.25",
    ]
    assert {"elu", "selu", "softplus", "step", "Shrink", "prelu", "rrelu", "hardshrink", "swish"} <= set(found)
    for trap in traps:
        if trap.x is not None and "@" not in trap.called[0]:
            assert get(trap.called[0])(trap.x) == trap.y


def test_one_name_alone_gives_the_same_traps() -> None:
    alone = same_name(["LeakyReLU"])
    among_all = [trap for trap in same_name() if trap.name.lower().replace("_", "") == "leakyrelu"]
    assert [(t.kind, t.function, t.called) for t in alone] == [(t.kind, t.function, t.called) for t in among_all]


def test_functions_with_several_names() -> None:
    found = {function.name: words for function, words in same_function()}
    assert found["swish"] == ("silu", "swish", "ScaledSiLU")
    assert found["hard_swish"] == ("hardswish", "hard_silu")
    assert {"FastGelu", "gelu_accurate", "gelu_new", "gelu_sigmoid"} <= set(found["gelu_tanh"])
    assert len(functions()) > len(found)
