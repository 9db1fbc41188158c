"""Make frameworks.npz: what running frameworks compute for every elementwise symbol the table has for them.

    python tests/activations/reference/frameworks.py torch jax keras onnx
    python tests/activations/reference/frameworks.py tf keras2
    python tests/activations/reference/frameworks.py paddle
    python tests/activations/reference/frameworks.py mlx
    DEV=PYTHON python tests/activations/reference/frameworks.py tinygrad

with an interpreter that has actcli and these packages; the results of the frameworks named are replaced, the others
stay. Made with torch 2.13.0, jax 0.10.2, keras 3.15.1 on jax, the reference evaluator of onnx 1.23.2, tensorflow and
tf_keras 2.21.0, paddlepaddle 3.3.1, mlx 0.32.4 and tinygrad 0.14.0, on CPU, in float64 (mlx and tinygrad: float32).

The points are a grid plus every kink of a default; slopes come from automatic differentiation (onnx and
torch.heaviside have none: nan). Results stand under the symbols' full paths behind their framework's prefix.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
import numpy as np

from actcli.activations import frameworks, get

KINKS = [-3.0, -2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.5, 3.0, 6.0, 20.0]
X = np.unique(np.concatenate([np.linspace(-6.0, 8.0, 57), np.linspace(-15.5, 30.5, 24), KINKS]))
NO_SLOPE = np.full(X.shape, np.nan)


def found(path):
    """The object a dotted path names; the longest part of it that is a module is imported."""
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError:
        return getattr(found(module), name)


def with_torch(path, chosen, needed):
    import torch

    symbol = found(path)
    if isinstance(symbol, type):
        function = symbol(**chosen, **needed).double().eval()
    else:
        if path.endswith(("prelu", "heaviside")):
            needed = {key: torch.tensor([value], dtype=torch.float64) for key, value in needed.items()}

        def function(x):
            return symbol(x, **chosen, **needed)

    if path == "torch.heaviside":  # autograd does not know it
        return function(torch.tensor(X)).numpy(), NO_SLOPE
    x = torch.tensor(X, requires_grad=True)
    y = function(x)
    y.sum().backward()
    return y.detach().numpy(), x.grad.numpy()


def with_jax(path, chosen, needed):
    import jax
    import jax.numpy as jnp
    import keras

    jax.config.update("jax_enable_x64", True)
    keras.config.set_floatx("float64")
    symbol = found(path)
    if isinstance(symbol, type):
        layer = symbol(**chosen, **needed)
        y, pull = jax.vjp(lambda x: layer(x[None])[0], jnp.array(X))
    else:
        # What has no default comes second everywhere, and jax.numpy takes it by position only.
        y, pull = jax.vjp(lambda x: symbol(x, *needed.values(), **chosen), jnp.array(X))
    return np.asarray(y), np.asarray(pull(jnp.ones_like(y))[0])


def with_onnx(path, chosen, needed):
    import onnx
    import onnx.helper
    from onnx.reference import ReferenceEvaluator

    feeds = {"x": X, **{name: np.array([value]) for name, value in needed.items()}}
    node = onnx.helper.make_node(path, list(feeds), ["y"], **chosen)
    infos = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.DOUBLE, None) for name in (*feeds, "y")]
    graph = onnx.helper.make_graph([node], "one", infos[:-1], infos[-1:])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 26)])
    return ReferenceEvaluator(model).run(None, feeds)[0], NO_SLOPE


def with_tensorflow(path, chosen, needed):
    import tensorflow
    import tf_keras

    tf_keras.backend.set_floatx("float64")
    symbol = found(path.replace("tf.", "tensorflow.", 1) if path.startswith("tf.") else path)
    function = symbol(**chosen, **needed) if isinstance(symbol, type) else lambda x: symbol(x, **chosen, **needed)
    x = tensorflow.constant(X[None])
    with tensorflow.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return y.numpy()[0], tape.gradient(y, x).numpy()[0]


def with_paddle(path, chosen, needed):
    import paddle

    paddle.set_default_dtype("float64")
    symbol = found(path)
    if isinstance(symbol, type):
        function = symbol(**chosen, **needed)
        function.eval()
    else:
        if path.endswith("rrelu"):
            chosen = {**chosen, "training": False}
        if path.endswith("prelu"):
            needed = {"weight": paddle.to_tensor([0.25])}

        def function(x):
            return symbol(x, **chosen, **needed)

    x = paddle.to_tensor(X, stop_gradient=False)
    y = function(x)
    y.sum().backward()
    return y.numpy(), x.grad.numpy()


def with_mlx(path, chosen, needed):
    import mlx.core
    import mlx.nn

    symbol = found(path)
    if path.endswith("prelu"):
        needed = {"alpha": mlx.core.array(0.25)}
    is_class = isinstance(symbol, type)
    function = symbol(**chosen) if is_class else lambda x: symbol(x, **needed)
    x = mlx.core.array(X.astype(np.float32))
    y = function(x)
    if y.dtype != mlx.core.float32:  # step gives integers
        return np.array(y), NO_SLOPE
    return np.array(y), np.array(mlx.core.grad(lambda v: function(v).sum())(x))


def with_tinygrad(path, chosen, needed):
    from tinygrad import Tensor

    x = Tensor(X.astype(np.float32))
    y = getattr(x, path.removeprefix("Tensor."))(**chosen, **needed)
    return y.numpy(), y.sum().gradient(x)[0].numpy()


RUNNERS = {
    "torch": with_torch,
    "jax": with_jax,
    "keras": with_jax,
    "onnx": with_onnx,
    "tf": with_tensorflow,
    "keras2": with_tensorflow,
    "paddle": with_paddle,
    "mlx": with_mlx,
    "tinygrad": with_tinygrad,
}


def results(prefix):
    """Values and slopes of one framework's symbols, by the names under which they are stored."""
    made = {}
    for row in frameworks.rows():
        if row.framework != prefix or get(row.function).is_row:
            continue
        default = get(row.function).parameters
        spelled = {canonical: spelling for spelling, canonical in row.spellings.items()}
        needed = {spelled[name]: default[name] for name in row.required}
        chosen = {key: {"true": True, "false": False}.get(values[0], values[0]) for key, values in row.choices.items()}
        for path in row.symbols:
            label = row.label(path)
            if label not in row.labels() or path.startswith("RNN"):
                continue
            if "@" not in label:
                label = f"{prefix}.{path.removeprefix(f'{prefix}.')}"
            made[label] = tuple(np.asarray(part, dtype=np.float64) for part in RUNNERS[prefix](path, chosen, needed))
    return made


def main(prefixes):
    target = Path(__file__).with_name("frameworks.npz")
    made = {}
    if target.exists():
        stored = np.load(target)
        kept = [str(label) for label in stored["labels"]]
        made = dict(zip(kept, zip(stored["values"], stored["slopes"], strict=True), strict=True))
        made = {label: both for label, both in made.items() if label.partition(".")[0] not in prefixes}
    for prefix in prefixes:
        made |= results(prefix)
    values, slopes = (np.array(parts) for parts in zip(*made.values(), strict=True))
    np.savez_compressed(target, labels=list(made), x=X, values=values, slopes=slopes)
    print(f"{len(made)} symbols at {X.size} points, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
