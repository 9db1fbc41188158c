"""Make frameworks.npz: the results of running frameworks for every symbol in the table.

    python -m tests.activations.reference.frameworks torch jax flax keras onnx ort timm hf scipy echo
    python -m tests.activations.reference.frameworks tf keras2
    python -m tests.activations.reference.frameworks tfa
    python -m tests.activations.reference.frameworks paddle
    python -m tests.activations.reference.frameworks mlx
    DEV=PYTHON python -m tests.activations.reference.frameworks tinygrad

with an interpreter that has actcli and these packages; the results of the named frameworks are replaced, the others
stay. Run on CPU, in float64 (mlx and tinygrad: float32), in the releases that actcli/activations/frameworks.py names;
onnx in the reference evaluator of onnx, and once more in ONNX Runtime where that takes float64 and the operator set.

The points are a grid, every kink of a default, the infinities, nan and numbers that overflow when squared; slopes come
from automatic differentiation (nan without it: onnx, ort, scipy and steps). Functions of a row are run on
ROWS, and their slopes are those of the sum of all outputs, each times PULL. Results stand under the symbols' full paths
behind their framework's prefix.
"""

import os
import sys
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
import numpy as np

from actcli.activations import frameworks, get
from tests.activations.reference.namespaces import create_act

KINKS = [-3.0, -2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.5, 3.0, 6.0, 20.0]
GRID = np.unique(np.concatenate([np.linspace(-6.0, 8.0, 57), np.linspace(-15.5, 30.5, 24), KINKS]))
X = np.concatenate([[np.nan, -np.inf, -1e308, -1e155, 1e155, 1e308, np.inf], GRID])
ROWS = np.array([[-1.5, 0.25, 2.0, -0.75, 1.25, 0.5], [0.75, -0.25, 1.5, 0.125, -2.5, 3.0], [4, 3.5, -7, 0, 9.75, 9]])
PULL = np.resize([1.0, -0.5, 0.25, 2.0, -1.5, 0.75, 0.125], 12)
NO_SLOPE = np.nan


def found(path):
    """The object of a dotted path, whose longest prefix that is a module is imported."""
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError:
        return getattr(found(module), name)


def pulled(y):
    """The weights of the outputs in the sum: 1 for elementwise functions."""
    return np.ones(y.shape) if len(y.shape) == 1 else np.broadcast_to(PULL[: y.shape[-1]], y.shape)


def with_torch(path, x, chosen, needed):
    import torch

    if path.startswith("ACT2FN"):
        from transformers.activations import ACT2FN

        function = ACT2FN[path.rpartition(".")[2]].eval()
        function = function if path.endswith("xielu") else function.double()  # its parameters are always bfloat16
    elif path.startswith(("get_act_fn", "create_act_layer")):
        maker, _, name = path.partition(".")
        function = getattr(create_act(), maker)(name)
        function = function.double().eval() if isinstance(function, torch.nn.Module) else function
    else:
        symbol = found(path)
        if x.ndim > 1 and "glu" not in path.lower():
            chosen = {**chosen, "dim": -1}
        if isinstance(symbol, type):
            function = symbol(**chosen, **needed).double().eval()
        else:
            if path.endswith(("prelu", "heaviside", "maximum")):
                needed = {key: torch.tensor([value], dtype=torch.float64) for key, value in needed.items()}
            function = partial(call, symbol, chosen, needed)
    x = torch.tensor(x, requires_grad=True)
    try:
        y = function(x * 1)  # a leaf of the graph cannot be changed in place
        y.backward(torch.tensor(pulled(y)))
    except (NotImplementedError, RuntimeError):  # as for heaviside, which autograd does not support
        return function(x.detach().clone()).numpy(), NO_SLOPE
    return y.detach().numpy(), x.grad.numpy(force=True)


def call(symbol, chosen, needed, x):
    return symbol(x, **chosen, **needed)


def with_jax(path, x, chosen, needed):
    import jax
    import jax.numpy as jnp
    import keras

    jax.config.update("jax_enable_x64", True)
    keras.config.set_floatx("float64")
    symbol = found(path)
    if isinstance(symbol, type) and path.startswith("flax.linen"):
        layer = symbol(param_dtype=jnp.float64)
        function = partial(layer.apply, layer.init(jax.random.key(0), x))
    elif isinstance(symbol, type) and path.startswith("flax"):
        function = symbol(param_dtype=jnp.float64)
    elif isinstance(symbol, type):
        layer = symbol(**chosen, **needed)

        def function(x):
            return layer(x[None])[0]
    else:
        if path.startswith("jax.scipy") and x.ndim > 1:
            chosen = {**chosen, "axis": -1}

        # A parameter without default is always the second, and jax.numpy only accepts it by position.
        def function(x):
            return symbol(x, *needed.values(), **chosen)

    y, pull = jax.vjp(function, jnp.array(x))
    return np.asarray(y), np.asarray(pull(jnp.array(pulled(y), y.dtype))[0])


def one_node(path, x, chosen, needed):
    """A model of one operator, and its inputs."""
    import onnx
    import onnx.helper

    feeds = {"x": x, **{name: np.atleast_1d(np.asarray(value, x.dtype)) for name, value in needed.items()}}
    domain, _, name = path.rpartition(".")
    node = onnx.helper.make_node(name, list(feeds), ["y"], domain=domain, **chosen)
    kind = onnx.TensorProto.DOUBLE if x.dtype == np.float64 else onnx.TensorProto.FLOAT
    infos = [onnx.helper.make_tensor_value_info(at, kind, None) for at in (*feeds, "y")]
    graph = onnx.helper.make_graph([node], "one", infos[:-1], infos[-1:])
    opset = 28 if name == "SwiGLU" else 24
    opsets = [onnx.helper.make_opsetid("", opset), onnx.helper.make_opsetid("com.microsoft", 1)]
    return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=10), feeds


def with_onnx(path, x, chosen, needed):
    from onnx.reference import ReferenceEvaluator

    if path == "SwiGLU":
        x, linear = np.hsplit(x, 2)
        needed = {"linear": linear}
    model, feeds = one_node(path, x, chosen, needed)
    return ReferenceEvaluator(model).run(None, feeds)[0], NO_SLOPE


def with_onnxruntime(path, x, chosen, needed):
    import onnxruntime

    if path.endswith(("com.microsoft.Gelu", "BiasGelu", "ScaledSiLU")):
        x = x.astype(np.float32)  # it does not accept float64
    if path.endswith("BiasGelu"):
        x, needed = x[:, None], {"bias": 0.0}

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    model, feeds = one_node(path, x, chosen, needed)
    y = onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, feeds)[0]
    return y.reshape(x.shape[0], -1)[:, 0] if path.endswith("BiasGelu") else y, NO_SLOPE


def twice(path, x, chosen, needed):
    """An operator of ONNX in ONNX Runtime, if it supports float64."""
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    with suppress(errors.Fail, errors.InvalidGraph, errors.NotImplemented):
        return with_onnxruntime(path, x, chosen, needed)


def with_scipy(path, x, chosen, needed):
    symbol = found(path)
    axis = {"axis": -1} if x.ndim > 1 else {}
    with np.errstate(all="ignore"):
        return symbol(x, *needed.values(), **axis), NO_SLOPE


def with_tensorflow(path, x, chosen, needed):
    import tensorflow

    if path.startswith(("tf_keras", "tfa")):
        keras = import_module("tf_keras" if path.startswith("tf_keras") else "tensorflow.keras")
        keras.backend.set_floatx("float64")
    needed = {key: int(value) if key == "num_units" else value for key, value in needed.items()}
    symbol = found(path.replace("tf.", "tensorflow.", 1).replace("tfa.", "tensorflow_addons.", 1))
    function = symbol(**chosen, **needed) if isinstance(symbol, type) else partial(call, symbol, chosen, needed)
    single = x.ndim == 1
    x = tensorflow.constant(x[None] if single else x)
    with tensorflow.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    weights = pulled(y[0])[None] if single else pulled(y)
    slope = tape.gradient(y, x, output_gradients=tensorflow.constant(weights))
    if slope is None:
        return y.numpy()[0], NO_SLOPE
    slope = slope.numpy()
    return (y.numpy()[0], slope[0]) if single else (y.numpy(), slope)


def with_paddle(path, x, chosen, needed):
    import paddle

    paddle.set_default_dtype("float64")
    symbol = found(path)
    if isinstance(symbol, type):
        function = symbol(**chosen, **needed)
        function.eval()
    else:
        if path.endswith("rrelu"):
            chosen = {**chosen, "training": False}
        if path.endswith(("prelu", "heaviside", "maximum")):
            needed = {key: paddle.to_tensor([value]) for key, value in (needed or {"weight": 0.25}).items()}
        function = partial(call, symbol, chosen, needed)
    x = paddle.to_tensor(x, stop_gradient=False)
    y = function(x * 1)
    if y.stop_gradient:
        return y.numpy(), NO_SLOPE
    (y * paddle.to_tensor(pulled(y))).sum().backward()
    return y.numpy(), x.grad.numpy()


def with_mlx(path, x, chosen, needed):
    import mlx.core
    import mlx.nn

    symbol = found(path)
    if path.endswith("prelu"):
        needed = {"alpha": mlx.core.array(0.25)}
    is_class = isinstance(symbol, type)
    axis = {"axis": -1} if x.ndim > 1 and path.startswith("mlx.core") else {}
    function = symbol(**chosen) if is_class else lambda x: symbol(x, *needed.values(), **axis)
    x = mlx.core.array(x.astype(np.float32))
    y = function(x)
    if y.dtype != mlx.core.float32:  # step gives integers
        return np.array(y), NO_SLOPE
    weights = mlx.core.array(pulled(y).astype(np.float32))
    return np.array(y), np.array(mlx.core.grad(lambda v: (function(v) * weights).sum())(x))


def with_tinygrad(path, x, chosen, needed):
    from tinygrad import Tensor

    x = Tensor(x.astype(np.float32))
    y = getattr(x, path.removeprefix("Tensor."))(*needed.values(), **chosen)
    weights = Tensor(pulled(y).astype(np.float32))
    slope = (y * weights).sum().gradient(x)[0]
    return y.numpy(), (slope + 0 * weights if slope.device is None else slope).numpy()  # a constant has no device


RUNNERS = {
    **dict.fromkeys(("torch", "timm", "hf", "echo"), with_torch),
    **dict.fromkeys(("jax", "flax", "keras"), with_jax),
    "onnx": with_onnx,
    "ort": with_onnxruntime,
    "scipy": with_scipy,
    **dict.fromkeys(("tf", "keras2", "tfa"), with_tensorflow),
    "paddle": with_paddle,
    "mlx": with_mlx,
    "tinygrad": with_tinygrad,
}

#: Symbols that cannot be run on ROWS or X: random, as wide as a layer, of four dimensions, or only for recurrence.
NOT_RUN = ("gumbel_softmax", "Softmax2d", "maxout", "Maxout", "ScaledTanh", "Affine", "SoftExponential", "SReLU")


def results(prefix):
    """Values and slopes of the symbols of a framework, by the names in the file."""
    made = {}
    for row in frameworks.rows():
        if row.framework != prefix:
            continue
        function = get(row.function)
        default = {**function.parameters, **row.values}
        spelled = {canonical: spelling for spelling, canonical in row.spellings.items()}
        needed = {spelled[name]: default[name] for name in row.required}
        chosen = {key: {"true": True, "false": False}.get(values[0], values[0]) for key, values in row.choices.items()}
        for path in row.symbols:
            label = row.label(path)
            if label not in row.labels() or (path.endswith(NOT_RUN) and prefix != "tfa"):
                continue
            if "@" not in label:
                label = f"{prefix}.{path.removeprefix(f'{prefix}.')}"
            x = ROWS if function.is_row else X
            made[label] = RUNNERS[prefix](path, x, chosen, needed)
            if prefix == "onnx" and (both := twice(path, x, chosen, needed)):
                made[f"{label} in ONNX Runtime"] = both
    return made


def padded(results, width):
    """Arrays side by side, padded with nan."""
    out = np.full((len(results), *(ROWS.shape[:1] if width != X.size else ()), width), np.nan)
    for at, one in enumerate(results):
        one = np.asarray(one, dtype=np.float64)
        out[at, ..., : one.shape[-1] if one.ndim else width] = one
    return out


def main(prefixes):
    target = Path(__file__).with_name("frameworks.npz")
    made = {}
    if target.exists():
        stored = np.load(target)
        for kind in ("", "row_"):
            parts = (stored[f"{kind}{part}"][stored[f"{kind}{part}_at"]] for part in ("values", "slopes"))
            made |= dict(zip(stored[f"{kind}labels"].tolist(), zip(*parts, strict=True), strict=True))
        made = {label: both for label, both in made.items() if label.partition(".")[0] not in prefixes}
    for prefix in prefixes:
        made |= results(prefix)
    arrays = {}
    for kind, x in (("", X), ("row_", ROWS)):
        these = {label: both for label, both in made.items() if np.ndim(both[0]) == x.ndim}
        arrays[f"{kind}labels"] = list(these)
        for part, width in (("values", 12), ("slopes", 6)):
            found = padded([both[part == "slopes"] for both in these.values()], X.size if x is X else width)
            # Many symbols share a function, and their results are stored once.
            place = {one.tobytes(): i for i, one in enumerate(found)}
            kept = sorted(place.values())
            arrays[f"{kind}{part}"] = found[kept]
            arrays[f"{kind}{part}_at"] = [kept.index(place[one.tobytes()]) for one in found]
    np.savez_compressed(target, x=X, rows=ROWS, pull=PULL, **arrays)
    print(f"{len(made)} symbols, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
