"""The table of framework names: complete, resolved by the naming rules, and true to the running frameworks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from actcli.activations import Activation, SpecError, get
from actcli.activations.frameworks import FRAMEWORKS, resolve, rows

REFERENCE = Path(__file__).with_name("reference")

STORED = np.load(REFERENCE / "frameworks.npz")
LABELS = [str(label) for label in STORED["labels"]]

#: Tolerances of value and slope by framework: some hold attributes in float32, some compute in it.
TOLERANCE = {
    **dict.fromkeys(("torch", "jax", "keras"), (1e-13, 1e-13)),
    **dict.fromkeys(("onnx", "tf", "keras2", "paddle"), (1e-6, 1e-6)),
    **dict.fromkeys(("mlx", "tinygrad"), (3e-6, 2e-5)),
}

#: What is computed in float32, or with float32 constants, where everything around it is not.
ROUNDED = {
    "keras.activations.tanh": (2e-6, 3e-6),
    "keras.ops.tanh": (2e-6, 3e-6),
    "torch.nn.functional.hardsigmoid": (1e-13, 1e-7),
    "torch.nn.Hardsigmoid": (1e-13, 1e-7),
}

#: Slopes outside both one-sided ones: mistakes, told of in the table's notes and not imitated.
WRONG_AT_0 = {"mlx.nn.celu", "mlx.nn.CELU", "mlx.nn.prelu", "mlx.nn.PReLU", "tinygrad.Tensor.elu"}

#: Lines whose symbol computes something else by a mistake in its code: the function is the one it means to be.
MISTAKES = {("echo", "hard_elish_echo"): "hard_elish", ("echo", "srelu_echo"): "srelu"}

#: A special case that the survey lists under the name of the case; the parameters' defaults make it that.
SPECIAL_CASES = {("onnx", "Shrink (defaults)"): "shrink"}


def survey() -> list[tuple[str, str, str]]:
    lines = (REFERENCE / "symbols.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [tuple(line.split("\t")) for line in lines]  # type: ignore[misc]


def test_every_surveyed_symbol_resolves_to_its_function() -> None:
    wrong = []
    for framework, symbol, function in survey():
        wanted = SPECIAL_CASES.get((framework, symbol)) or MISTAKES.get((framework, function), function)
        entry = resolve(framework, symbol)
        if get(entry.row.function).name != get(wanted).name:
            wrong.append((framework, symbol, entry.row.function, wanted))
    assert wrong == []
    assert len(survey()) == 614


@pytest.mark.parametrize("label", LABELS)
def test_agrees_with_the_running_framework(label: str) -> None:
    at = LABELS.index(label)
    value, slope = ROUNDED.get(label) or TOLERANCE[label.partition(".")[0]]
    activation, x = get(label), STORED["x"]
    np.testing.assert_allclose(activation(x), STORED["values"][at], rtol=value, atol=value)
    slopes = STORED["slopes"][at]
    told = ~np.isnan(slopes)
    assert told.all() or label.startswith(("onnx.", "torch.heaviside", "mlx.nn.step", "mlx.nn.Step"))
    if label in WRONG_AT_0:
        assert slopes[x == 0] != activation.slope(0.0)
        told &= x != 0
    np.testing.assert_allclose(activation.slope(x[told]), slopes[told], rtol=slope, atol=slope)


def test_nine_frameworks_were_run() -> None:
    counts = {name: sum(label.startswith(f"{name}.") for label in LABELS) for name in TOLERANCE}
    assert counts == {
        "torch": 59, "jax": 25, "keras": 60, "onnx": 25, "tf": 23, "keras2": 19, "paddle": 51, "mlx": 46, "tinygrad": 20
    }  # fmt: skip


def test_every_line_is_sound() -> None:
    for row in rows():
        activation = get(row.label(row.symbols[0])) if row.labels() else get(row.function)
        assert row.framework in FRAMEWORKS
        own = get(row.function)
        assert row.function == own.name, f"{row.symbols[0]}: the canonical name is {own.name}"
        names = set(activation.parameters) if row.formula else set(own.parameters)
        assert set(row.values) | set(row.required) <= names | {"num_units"}, row.symbols[0]
        for word in row.slopes:
            assert word in ("left", "right", "mean") or np.isfinite(float(word)), row.symbols[0]
        for label in row.labels():
            assert get(label).spec == label


@pytest.mark.parametrize(
    ("spec", "printed", "name", "parameters"),
    [
        ("torch.GELU", "torch.GELU", "gelu", {}),
        ("torch.nn.functional.gelu", "torch.gelu", "gelu", {}),
        ("TORCH.Gelu", "torch.gelu", "gelu", {}),
        ("pytorch.gelu", "torch.gelu", "gelu", {}),
        ("torch.gelu@approximate=tanh", "torch.gelu@approximate=tanh", "gelu_tanh", {}),
        ("torch.gelu@approximate=none", "torch.gelu", "gelu", {}),
        ("torch.nn.functional.gelu(approximate='tanh')", "torch.gelu@approximate=tanh", "gelu_tanh", {}),
        ("jax.gelu", "jax.gelu", "gelu_tanh", {}),
        ("jax.gelu@approximate=False", "jax.gelu@approximate=false", "gelu", {}),
        ("keras.gelu", "keras.gelu", "gelu", {}),
        ("keras.ops.gelu", "keras.ops.gelu", "gelu_tanh", {}),
        ("keras.LeakyReLU", "keras.LeakyReLU", "leaky_relu", {"negative_slope": 0.3}),
        ("keras.leaky_relu", "keras.leaky_relu", "leaky_relu", {"negative_slope": 0.2}),
        ("onnx.leaky-relu@alpha=0.1", "onnx.LeakyRelu@negative_slope=0.1", "leaky_relu", {"negative_slope": 0.1}),
        (
            "onnx.LeakyRelu@negative_slope=0.1",
            "onnx.LeakyRelu@negative_slope=0.1",
            "leaky_relu",
            {"negative_slope": 0.1},
        ),
        ("torch.Prelu", "torch.prelu", "prelu", {"weight": 0.25}),
        ("mxnet.LeakyReLU", "mxnet.LeakyReLU", "leaky_relu", {"negative_slope": 0.25}),
        ("mxnet.LeakyReLU@act_type=elu", "mxnet.LeakyReLU@act_type=elu", "elu", {"alpha": 0.25}),
        ("mxnet.ELU", "mxnet.ELU", "elu", {"alpha": 1.0}),
        ("keras.relu@max_value=6", "keras.relu@max_value=6.0", "clipped_relu", {"max_value": 6.0}),
        ("hf.ACT2FN['gelu_10']", "hf.gelu_10", "clipped_gelu", {"min_val": -10.0, "max_val": 10.0}),
        ("scipy.special.expit", "scipy.expit", "sigmoid", {}),
        ("torch.Softplus", "torch.Softplus", "softplus", {"beta": 1.0, "threshold": 20.0}),
        ("mlx.selu", "mlx.selu", "selu", {"alpha": 1.67326, "scale": 1.0507}),
    ],
)
def test_naming(spec: str, printed: str, name: str, parameters: dict[str, float]) -> None:
    activation: Activation = get(spec)
    assert (activation.spec, activation.name, dict(activation.parameters)) == (printed, name, parameters)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("torhc.relu", "unknown framework 'torhc'; did you mean torch?"),
        ("torch.gelo", "PyTorch has no 'gelo'; did you mean torch.gelu?"),
        ("torch.swish", "PyTorch has no 'swish'; that function is called torch.silu there"),
        ("jax.prelu", "JAX has no 'prelu', nor that function by another name"),
        (
            "keras.leakyrelu",
            "keras.leakyrelu could be keras.LeakyReLU or keras.leaky_relu, which differ; "
            "spell it as the framework does",
        ),
        (
            "keras.Gelu",
            "keras.Gelu could be keras.gelu or keras.ops.gelu, which differ; spell it as the framework does",
        ),
        ("onnx.LeakyRelu@alpha=1,negative_slope=2", "onnx.LeakyRelu: negative_slope is given twice"),
    ],
)
def test_wrong_names(spec: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        get(spec)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("spec", "outputs"),
    [
        ("tfa.Maxout@num_units=3", [-0.75, 1.0, 2.0]),
        ("tfa.layers.Maxout", [2.0, 0.5]),
        ("paddle.maxout@groups=2", [0.25, 2.0, 1.0]),
        ("chainer.maxout@pool_size=3", [2.0, 1.0]),
    ],
)
def test_groups_of_maxout(spec: str, outputs: list[float]) -> None:
    row = [-1.5, 0.25, 2.0, -0.75, 1.0, 0.5]
    maxout = get(spec)
    assert maxout(row).tolist() == outputs
    assert (maxout.jacobian(row) @ row).tolist() == outputs
    with pytest.raises(ValueError) as caught:
        get("tfa.Maxout@num_units=4")(row)
    assert str(caught.value) == "maxout takes num_units=4 groups of values: 6 values do not divide into them"


def test_definitions_that_differ() -> None:
    # Each of these is stated in the framework's documentation or code, not a rounding.
    assert get("torch.softplus")(20.5) == 20.5 < get("jax.softplus")(20.5)
    assert get("paddle.hardshrink")(0.5) == 0.5 > get("torch.hardshrink")(0.5)
    assert get("mlx.step")(0.0) == 1.0 > get("tfjs.step")(0.0)
    assert get("tfjs.step@alpha=0.25")(-3.0) == 0.25
    assert get("mlx.leaky_relu@negative_slope=2")(-1.0) == -1.0 > get("torch.leaky_relu@negative_slope=2")(-1.0)
    assert get("tfa.softshrink@lower=-1,upper=2")(np.array([-3.0, -0.5, 3.0])).tolist() == [-2.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("spec", "kink", "slope"),
    [
        ("torch.leaky_relu", 0.0, 0.01),
        ("jax.leaky_relu", 0.0, 1.0),
        ("jax.hard_tanh", 1.0, 1.0),
        ("torch.hardswish", 3.0, 1.0),
        ("tinygrad.hardswish", 3.0, 1.5),
        ("nnlib.hardswish", -3.0, -0.5),
        ("torch.abs", 0.0, 0.0),
        ("tf.selu", 0.0, 1.0507009873554805),
        ("jax.sparse_sigmoid", 1.0, 0.25),
        ("paddle.hardshrink", 0.5, 1.0),
        ("keras2.hard_sigmoid", 2.5, 0.2),
        ("torch.hardshrink@lambd=2", 2.0, 0.0),
        ("jax.leaky_relu@negative_slope=3", 0.0, 1.0),
    ],
)
def test_slopes_at_kinks(spec: str, kink: float, slope: float) -> None:
    assert get(spec).slope(kink) == slope


def test_a_bare_name_does_not_load_the_table() -> None:
    code = "import sys; from actcli import get; get('relu'); print('actcli.activations.frameworks' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
