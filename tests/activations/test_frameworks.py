"""The table of framework names: complete, resolved by the naming rules, and equal to the running frameworks."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from actcli.activations import Activation, SpecError, get
from actcli.activations.definition import USER
from actcli.activations.frameworks import FRAMEWORKS, resolve, rows, split

REFERENCE = Path(__file__).with_name("reference")

STORED = np.load(REFERENCE / "frameworks.npz")
LABELS = STORED["labels"].tolist()
ROW_LABELS = STORED["row_labels"].tolist()

#: The tolerance of value and slope, relative to the larger of 1 and the value, if no note mentions a larger error.
CLOSE = (1e-13, 1e-13)
FLOAT32 = (3e-6, 2e-5)
COMPUTE_IN_FLOAT32 = ("mlx", "tinygrad")

#: Frameworks without slopes.
WITHOUT_SLOPES = ("onnx.", "ort.", "scipy.")

#: Symbols that compute another function because of an error in their code, as their notes say.
MISTAKEN = "echo.echoAI.Activation.Torch.functional.hard_elish"

#: Rows on which a framework is wrong, as its note says.
WRONG_ROWS = ("keras.activations.sparsemax", "keras.ops.sparsemax")

#: Exceptions at single points in a note: `nan at -inf`, `slope 1 at nan`, `inf at ±1e155 and ±1e308`.
_POINT = r"[-±]?(?:inf|nan|[\d.]+(?:e\d+)?)"
TOLD = re.compile(
    rf"(in ONNX Runtime )?(slope )?(\S+) at ({_POINT}(?:, {_POINT})*(?: and {_POINT})?)(?: \(outside both sides\))?"
)
OFF = re.compile(r"off by up to (\S+\d)")

#: Lines whose symbol computes another function because of an error in its code; they have the intended function.
MISTAKES = {("echo", "hard_elish_echo"): "hard_elish", ("echo", "srelu_echo"): "srelu"}

#: Special cases that the survey lists under their own names; the defaults of the parameters give them.
SPECIAL_CASES = {("onnx", "Shrink (defaults)"): "shrink"}


def survey() -> list[tuple[str, str, str]]:
    return [tuple(line) for line in lines("symbols.tsv")]  # type: ignore[misc]


def test_every_surveyed_symbol_resolves_to_its_function() -> None:
    wrong = []
    for framework, symbol, function in survey():
        wanted = SPECIAL_CASES.get((framework, symbol)) or MISTAKES.get((framework, function), function)
        entry = resolve(framework, symbol)
        if get(entry.row.function).name != get(wanted).name:
            wrong.append((framework, symbol, entry.row.function, wanted))
    assert wrong == []
    assert len(survey()) == 614


def stored(part: str, at: int) -> NDArray[np.float64]:
    array: NDArray[np.float64] = STORED[part][STORED[f"{part}_at"][at]]
    return array


def told(note: str, kind: str, label: str) -> Iterator[tuple[NDArray[np.bool_], float]]:
    """The points at which the note of a line states a value (kind "") or slope ("slope "), and the stated numbers."""
    for found in filter(None, map(TOLD.fullmatch, note.split("; "))):
        if (found[2] or "") == kind and (not found[1] or label.endswith("ONNX Runtime")):
            points = re.split(r", | and ", found[4])
            signed = [float(sign + point.lstrip("±")) for point in points for sign in ("-", "")[point[0] != "±" :]]
            yield np.isin(STORED["x"], signed) | (np.isnan(STORED["x"]) & np.isnan(signed).any()), float(found[3])


_COMPUTED: dict[tuple[object, ...], tuple[NDArray[np.float64], NDArray[np.float64]]] = {}


def computed(activation: Activation) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values and slopes at the stored points, cached because many symbols share a function."""
    key = (activation.formula, *activation.parameters.items(), activation.kink_rules)
    if key not in _COMPUTED:
        _COMPUTED[key] = activation(STORED["x"]), activation.slope(STORED["x"])
    return _COMPUTED[key]


@pytest.mark.parametrize("label", LABELS)
def test_agrees_with_the_running_framework_but_for_what_its_note_tells(label: str) -> None:
    at, name = LABELS.index(label), label.removesuffix(" in ONNX Runtime")
    activation, note, x = get(name), resolve(*split(name)).row.note, STORED["x"]
    in_float32 = name.startswith(COMPUTE_IN_FLOAT32) or "float32 only" in note
    used = ~(np.isfinite(x) & (np.abs(x) > 1e100)) if in_float32 else np.full(x.shape, True)
    off = [float(one) for one in OFF.findall(note)]
    values, slopes = computed(activation)
    if label == MISTAKEN:
        assert values[x == -0.5] != stored("values", at)[x == -0.5]
        return
    for kind, ours, part, close in (("", values, "values", 0), ("slope ", slopes, "slopes", 1)):
        theirs = stored(part, at)
        if kind and np.isnan(theirs).all():
            # Autograd does not support steps, and some functions only in place.
            assert label.startswith(WITHOUT_SLOPES) or label.endswith("_") or not np.nan_to_num(slopes).any()
            continue
        if kind:  # some frameworks evaluate the formula of the slope outside the domain too
            used &= ~(np.isnan(values) & np.isnan(stored("values", at)) & ~np.isnan(x))
        tolerance = max([(FLOAT32 if in_float32 else CLOSE)[close], *off])
        expected = ours.copy()
        for here, there in told(note, kind, label):
            differs = ~np.isclose(ours[here], there, rtol=1e-6, atol=1e-6, equal_nan=True)
            assert differs[used[here]].all(), f"the note on {label} tells what is no difference: {kind}{there}"
            expected[here] = np.where(np.isclose(theirs[here], there, rtol=1e-5), theirs[here], there)
        np.testing.assert_allclose(theirs[used], expected[used], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("label", ROW_LABELS)
def test_rows_agree_with_the_running_framework(label: str) -> None:
    at, rows = ROW_LABELS.index(label), STORED["rows"]
    activation = get(label.removesuffix(" in ONNX Runtime"))
    if label.startswith("tfa.layers.Maxout"):
        activation = activation.bind(num_units=2)
    width = activation.output_width(rows.shape[-1])
    close = FLOAT32[1] if label.startswith(COMPUTE_IN_FLOAT32) else CLOSE[0]
    agrees = np.allclose(activation(rows), stored("row_values", at)[:, :width], rtol=close, atol=close)
    slopes = stored("row_slopes", at)
    if not np.isnan(slopes).all():
        ours = STORED["pull"][:width] @ activation.jacobian(rows)
        agrees &= np.allclose(ours, slopes, rtol=close, atol=close)
    assert agrees == (label not in WRONG_ROWS)


def test_sixteen_frameworks_were_run() -> None:
    counts = Counter(label.partition(".")[0] for label in [*LABELS, *ROW_LABELS])
    assert counts == {
        "echo": 17,
        "flax": 47,
        "hf": 24,
        "jax": 112,
        "keras": 107,
        "keras2": 21,
        "mlx": 94,
        "onnx": 70,
        "ort": 5,
        "paddle": 126,
        "scipy": 64,
        "tf": 77,
        "tfa": 16,
        "timm": 40,
        "tinygrad": 54,
        "torch": 188,
    }


def lines(name: str) -> Iterator[list[str]]:
    """The lines of a table in the folder of reference data, without the header."""
    return (line.split("\t") for line in (REFERENCE / name).read_text(encoding="utf-8").splitlines()[1:])


def test_each_activation_in_the_frameworks_namespaces_is_in_the_table_or_excused() -> None:
    known = {(row.framework, symbol) for row in rows() for symbol in row.symbols}
    excused = [name for _, names in lines("excused.tsv") for name in names.split()]
    needed = set()
    for framework, release, namespace, names in lines("namespaces.tsv"):
        assert release in FRAMEWORKS[framework].release, "walk the namespaces of the release that the table describes"
        for name in names.split():
            if (framework, name if framework == "onnx" else f"{namespace}.{name}") not in known:
                needed.add(name)
    assert sorted(needed) == sorted(excused)


def test_every_line_is_sound() -> None:
    for row in rows():
        activation = get(row.label(row.symbols[0])) if row.labels() else get(row.function)
        assert row.framework in FRAMEWORKS
        own = get(row.function)
        assert row.function == own.name or own.family == USER, f"{row.symbols[0]}: the canonical name is {own.name}"
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
    ("namespace", "names"),
    [
        ("torch.nn.functional", "relu_ elu_ celu_ selu_ leaky_relu_ rrelu_ hardtanh_ threshold_"),
        ("torch", "prelu selu celu rrelu threshold hardshrink tanh sinc expm1 clamp cos atan asinh erfc floor round_"),
        ("torch.special", "softmax log_softmax ndtr log_ndtr sinc erfc expm1 logit expit erf"),
        ("jax.scipy.special", "softmax log_softmax ndtr log_ndtr erfc logit expit erf"),
        ("jax.numpy", "sinc expm1"),
        ("keras.ops", "abs sign erf sin cos heaviside clip maximum square sinc expm1 arctan"),
        ("keras.layers", "Identity"),
        ("onnx", "Cos Cosh Sinh Atan Atanh Sqrt Reciprocal Log Ceil Max"),
        ("tf.math", "softmax log_softmax softsign"),
    ],
)
def test_functions_of_the_mathematical_namespaces(namespace: str, names: str) -> None:
    x = STORED["rows"][0]
    for name in names.split():
        assert np.isfinite(get(f"{namespace}.{name}")(x)).any()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("torhc.relu", "unknown framework 'torhc'; did you mean torch?"),
        ("torch.gelo", "PyTorch has no 'gelo'; did you mean torch.gelu?"),
        ("torch.swish", "PyTorch has no 'swish'; that function is called torch.silu there"),
        ("keras.ops.identity", "Keras 3 (on JAX) has no 'ops.identity'; that function is called keras.Identity there"),
        (
            "keras.src.LeakyReLU",
            "Keras 3 (on JAX) has no 'src.LeakyReLU'; that function is called keras.LeakyReLU there",
        ),
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
    # These differences are in the documentation or code of the framework, and not due to rounding.
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
