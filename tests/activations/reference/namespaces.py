"""Make namespaces.tsv: possible activations in the public namespaces of the frameworks.

    python tests/activations/reference/namespaces.py torch jax flax keras onnx ort timm hf scipy
    python tests/activations/reference/namespaces.py tf keras2
    python tests/activations/reference/namespaces.py tfa
    python tests/activations/reference/namespaces.py paddle
    python tests/activations/reference/namespaces.py mlx
    DEV=PYTHON python tests/activations/reference/namespaces.py tinygrad

with an interpreter that has these packages; run it for a new release. The lines of the named frameworks are
replaced, the others stay. A line holds a framework, its release, a namespace, and the names found there.

A name is listed if it can be called with one array of floats (in the namespaces of networks also with one or two
further numbers, as for threshold and prelu) and then returns numbers: equal in each call, not all the same, not only
those of the input, in the same shape or with the last axis halved or doubled, and each dependent only on its own row.
"""

import inspect
import os
import signal
import sys
import warnings
from contextlib import suppress
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np

#: Two rows of six; some numbers are in the domain of each function.
X = np.array([[-1.5, 0.25, 2.0, -0.75, 1.25, 0.5], [0.75, -0.25, 1.5, 0.125, -2.5, 3.0]], dtype=np.float32)
CHANGED = np.array([[-1.5, 0.875, -0.25, -0.75, 1.25, 0.5], [0.375, -0.25, -1.25, 0.125, -2.5, 3.0]], dtype=np.float32)

#: Further arguments: the last axis under its name in each framework, and in the namespaces of networks numbers.
AXES = ({}, {"dim": -1}, {"axis": -1})
NUMBERS = ((), (0.25,), (2,), (0.5, 0.25))


def torch_array(x):
    import torch

    return torch.tensor(x)


def jax_array(x):
    import jax.numpy

    return jax.numpy.array(x)


def tensorflow_array(x):
    import tensorflow

    return tensorflow.constant(x)


def paddle_array(x):
    import paddle

    return paddle.to_tensor(x)


def mlx_array(x):
    import mlx.core

    return mlx.core.array(x)


def tinygrad_array(x):
    from tinygrad import Tensor

    return Tensor(x)


def module(path):
    """The public callables of a module."""
    home = import_module(path)
    for name in sorted(set(getattr(home, "__all__", None) or dir(home))):
        if not name.startswith("_") and callable(found := getattr(home, name, None)):
            yield name, found


def tensor_methods():
    from tinygrad import Tensor

    return ((name, found) for name in dir(Tensor) if name[0] != "_" and callable(found := getattr(Tensor, name)))


def onnx_operators():
    import onnx.defs
    from onnx.reference import ReferenceEvaluator

    for name in sorted({schema.name for schema in onnx.defs.get_all_schemas() if not schema.domain}):
        yield (
            name,
            lambda *values, name=name, **axis: ReferenceEvaluator(one_node(name, values, axis)).run(
                None, inputs(values)
            )[0],
        )


def runtime_operators():
    from onnxruntime.capi.onnxruntime_pybind11_state import get_all_operator_schema

    for name in sorted({schema.name for schema in get_all_operator_schema() if schema.domain == "com.microsoft"}):
        yield name, lambda *values, name=name, **axis: in_a_process_of_its_own(name, values, axis)


def in_a_process_of_its_own(name, values, axis):
    """Call in a new process, because some operators end a process that calls them with too few inputs."""
    import multiprocessing

    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply_async(run_operator, (name, values, axis)).get(timeout=2)


def run_operator(name, values, axis):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    model = one_node(name, values, axis, "com.microsoft").SerializeToString()
    return onnxruntime.InferenceSession(model, options).run(None, inputs(values))[0]


def inputs(values):
    return {f"x{i}": np.asarray(value, dtype=np.float32) for i, value in enumerate(values)}


def one_node(name, values, attributes, domain=""):
    import onnx.helper

    node = onnx.helper.make_node(name, list(inputs(values)), ["y"], domain=domain, **attributes)
    infos = [onnx.helper.make_tensor_value_info(at, onnx.TensorProto.FLOAT, None) for at in (*inputs(values), "y")]
    graph = onnx.helper.make_graph([node], "one", infos[:-1], infos[-1:])
    opsets = [onnx.helper.make_opsetid("", 23 if domain else 26), onnx.helper.make_opsetid("com.microsoft", 1)]
    return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=10)


def create_act():
    """timm's module of activations without the rest of timm, which needs torchvision."""
    if "timm" in sys.modules:
        return import_module("timm.layers.create_act")
    home = Path(find_spec("timm").origin)
    for name, path in (("timm", home), ("timm.layers", home.with_name("layers") / home.name)):
        spec = spec_from_file_location(name, path, submodule_search_locations=[str(path.parent)])
        sys.modules[name] = module_from_spec(spec)
    return import_module("timm.layers.create_act")


def timm_functions():
    return ((name, create_act().get_act_fn(name)) for name in sorted(create_act()._ACT_FN_DEFAULT))


def timm_layers():
    return ((name, create_act().create_act_layer(name)) for name in sorted(create_act()._ACT_LAYER_DEFAULT))


def transformers_names():
    from transformers.activations import ACT2FN

    return ((name, ACT2FN[name]) for name in sorted(ACT2FN))


#: For each framework: its package, the function that makes an array, its namespaces of networks, and those of
#: mathematics. For a namespace that is no module, a function returns its members.
FRAMEWORKS = {
    "torch": ("torch", torch_array, ("torch.nn", "torch.nn.functional"), ("torch", "torch.special")),
    "jax": ("jax", jax_array, ("jax.nn",), ("jax.numpy", "jax.scipy.special", "jax.lax")),
    "flax": ("flax", jax_array, ("flax.linen", "flax.nnx"), ()),
    "keras": ("keras", jax_array, ("keras.activations", "keras.layers"), ("keras.ops",)),
    "keras2": ("tf_keras", tensorflow_array, ("tf_keras.activations", "tf_keras.layers"), ()),
    "tf": ("tensorflow", tensorflow_array, ("tf.nn",), ("tf", "tf.math", "tf.math.special")),
    "tfa": ("tensorflow-addons", tensorflow_array, ("tfa.activations", "tfa.layers"), ()),
    "onnx": ("onnx", np.array, ("onnx",), ()),
    "ort": ("onnxruntime", np.array, ("com.microsoft",), ()),
    "timm": ("timm", torch_array, ("get_act_fn", "create_act_layer"), ()),
    "hf": ("transformers", torch_array, ("ACT2FN",), ()),
    "mlx": ("mlx", mlx_array, ("mlx.nn",), ("mlx.core",)),
    "paddle": (
        *("paddlepaddle", paddle_array),
        ("paddle.nn", "paddle.nn.functional", "paddle.incubate.nn.functional"),
        ("paddle",),
    ),
    "tinygrad": ("tinygrad", tinygrad_array, (), ("Tensor",)),
    "scipy": ("scipy", np.array, (), ("scipy.special", "numpy")),
}
MEMBERS = {
    "onnx": onnx_operators,
    "com.microsoft": runtime_operators,
    "get_act_fn": timm_functions,
    "create_act_layer": timm_layers,
    "ACT2FN": transformers_names,
    "Tensor": tensor_methods,
}
MODULES = {"tf": "tensorflow", "tfa": "tensorflow_addons"}


def members(namespace):
    if namespace in MEMBERS:
        return MEMBERS[namespace]()
    first, dot, rest = namespace.partition(".")
    return module(f"{MODULES.get(first, first)}{dot}{rest}")


def numbers(y):
    """A result as an array of float64; None if it has no numbers."""
    y = y.detach() if hasattr(y, "detach") else y
    y = np.asarray(y.numpy() if hasattr(y, "numpy") else y)
    return y.astype(np.float64) if y.dtype.kind in "fiu" or y.dtype.name == "bfloat16" else None


def is_like_an_activation(call, array):
    first, again, changed = (numbers(call(array(x.copy()))) for x in (X, X, CHANGED))
    if first is None or first.ndim != 2 or len(first) != 2 or first.shape[1] not in (3, 6, 12):
        return False
    if not np.array_equal(first, again, equal_nan=True) or np.array_equal(first, changed, equal_nan=True):
        return False
    one, other = (numbers(call(array(np.stack(rows)))) for rows in ((X[0], CHANGED[1]), (CHANGED[0], X[1])))
    if not (np.array_equal(one[0], first[0], equal_nan=True) and np.array_equal(other[1], first[1], equal_nan=True)):
        return False
    known = np.unique(first[np.isfinite(first)])
    return len(known) > 1 and not np.isin(known, X).all()


def attempts(found, array, more):
    """The ways to call an object with only an array."""
    for arguments in more:
        for axis in AXES:
            if inspect.isclass(found):
                with suppress(Exception):
                    layer = found(*arguments, **axis)
                    yield layer.eval() if hasattr(layer, "eval") else layer
            else:
                yield array_first(found, arguments, axis)
                if arguments:
                    yield array_first(found, [array(np.array([a], dtype=np.float32)) for a in arguments], axis)


def array_first(found, arguments, axis):
    return lambda x: found(x, *arguments, **axis)


def can_be_one(found, array, more):
    """Whether a call of an object, within five seconds, has results like those of an activation."""
    for call in attempts(found, array, more):
        signal.alarm(5)
        with suppress(Exception):  # other callables may raise anything
            if is_like_an_activation(call, array):
                return True
        signal.alarm(0)
    return False


def listed(prefix):
    """The names of possible activations in each namespace of a framework."""
    _, array, networks, mathematics = FRAMEWORKS[prefix]
    for namespace in (*networks, *mathematics):
        numbers = NUMBERS if namespace in networks else NUMBERS[:1]
        yield namespace, [name for name, found in members(namespace) if can_be_one(found, array, numbers)]


def too_slow(*_):
    raise TimeoutError


def main(prefixes):
    signal.signal(signal.SIGALRM, too_slow)
    warnings.simplefilter("ignore")
    target = Path(__file__).with_name("namespaces.tsv")
    known = target.read_text(encoding="utf-8").splitlines()[1:] if target.exists() else []
    made = {}
    for line in known:
        made.setdefault(line.partition("\t")[0], []).append(line)
    for prefix in prefixes:
        release = version(FRAMEWORKS[prefix][0]).partition("+")[0]
        made[prefix] = ["\t".join((prefix, release, space, " ".join(names))) for space, names in listed(prefix)]
    lines = ["framework\trelease\tnamespace\tnames", *(line for prefix in FRAMEWORKS for line in made.get(prefix, ()))]
    target.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
