"""Make frameworks.npz: what torch, jax, keras and onnx compute for every elementwise symbol of the table.

Run with an interpreter that has actcli, torch, jax, keras and onnx:

    python tests/activations/reference/frameworks.py

Made with torch 2.13.0, jax 0.10.2, keras 3.15.1 on jax and the reference evaluator of onnx 1.23.2, on CPU, in float64.
The points are a grid plus every kink of a default; slopes come from each framework's automatic differentiation
(onnx has none: nan). A framework's results stand under the labels the table gives its symbols.
"""

import os
from importlib import import_module
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
import jax
import jax.numpy as jnp
import keras
import numpy as np
import onnx
import onnx.helper
import torch
from onnx.reference import ReferenceEvaluator

from actcli.activations import frameworks, get

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")

KINKS = [-3.0, -2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.5, 3.0, 6.0, 20.0]
X = np.unique(np.concatenate([np.linspace(-6.0, 8.0, 57), np.linspace(-15.5, 30.5, 24), KINKS]))


def options(row, default):
    """Keyword arguments that choose this line of the table, and values for what has no default."""
    chosen = {key: {"true": True, "false": False}.get(values[0], values[0]) for key, values in row.choices.items()}
    spelled = {canonical: spelling for spelling, canonical in row.spellings.items()}
    needed = {spelled[name]: default.parameters[name] for name in row.required}
    return chosen, needed


def found(path):
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def torch_function(path, chosen, needed):
    symbol = found(path)
    if isinstance(symbol, type):
        module = symbol(**chosen, **needed)
        return module.double().eval()
    if path.endswith(("prelu", "heaviside")):
        needed = {key: torch.tensor([value], dtype=torch.float64) for key, value in needed.items()}
    return lambda x: symbol(x, **chosen, **needed)


def torch_results(path, function):
    if path == "torch.heaviside":  # autograd does not know it
        return function(torch.tensor(X)).numpy(), np.full(X.shape, np.nan)
    x = torch.tensor(X, requires_grad=True)
    y = function(x)
    y.sum().backward()
    return y.detach().numpy(), x.grad.numpy()


def jax_function(path, chosen, needed):
    symbol = found(path)
    if isinstance(symbol, type):
        layer = symbol(**chosen, **needed)
        return lambda x: layer(x[None])[0]
    # What has no default comes second everywhere, and jax.numpy takes it by position only.
    return lambda x: symbol(x, *needed.values(), **chosen)


def jax_results(function):
    y, pull = jax.vjp(function, jnp.array(X))
    return np.asarray(y), np.asarray(pull(jnp.ones_like(y))[0])


def onnx_results(path, chosen, needed):
    inputs, attributes = ["x"], dict(chosen)
    feeds = {"x": X}
    if path == "PRelu":
        inputs.append("slope")
        feeds["slope"] = np.array([needed["slope"]])
    node = onnx.helper.make_node(path, inputs, ["y"], **attributes)
    infos = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.DOUBLE, None) for name in (*inputs, "y")]
    graph = onnx.helper.make_graph([node], "one", infos[:-1], infos[-1:])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 26)])
    return ReferenceEvaluator(model).run(None, feeds)[0], np.full(X.shape, np.nan)


def results(row, path):
    chosen, needed = options(row, get(row.function))
    if row.framework == "torch":
        return torch_results(path, torch_function(path, chosen, needed))
    if row.framework == "onnx":
        return onnx_results(path, chosen, needed)
    return jax_results(jax_function(path, chosen, needed))


def main():
    labels, values, slopes = [], [], []
    for row in frameworks.rows():
        if row.framework not in ("torch", "jax", "keras", "onnx") or get(row.function).is_row:
            continue
        for path in row.symbols:
            label = row.label(path)
            if "RNN" in path:
                continue
            if row is not frameworks.resolve(row.framework, path, {k: v[0] for k, v in row.choices.items()}).row:
                continue  # reached with numbers only, such as keras.relu@max_value=6
            value, slope = results(row, path)
            labels.append(
                ".".join([row.framework, path.removeprefix(f"{row.framework}.")]) if "@" not in label else label
            )
            values.append(np.asarray(value, dtype=np.float64))
            slopes.append(np.asarray(slope, dtype=np.float64))
    target = Path(__file__).with_name("frameworks.npz")
    np.savez_compressed(target, labels=labels, x=X, values=np.array(values), slopes=np.array(slopes))
    print(f"{len(labels)} symbols at {X.size} points, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
