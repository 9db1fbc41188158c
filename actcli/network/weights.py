"""Files of weights: .npz, .json and .safetensors, which are read as data and never executed."""

from __future__ import annotations

import contextlib
import io
import json
import math
import operator
import re
import reprlib
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from actcli.memory import require_memory
from actcli.network.layers import Dense, Dropout
from actcli.network.model import Network
from actcli.reading.arrays import damage, first_line, npy_header

#: The suffixes of files of weights.
SUFFIXES = (".npz", ".json", ".safetensors")
Parameters = list[tuple[NDArray[Any], NDArray[Any] | None]]

_NUMBERED = re.compile(r"([WwBb])([1-9]\d*)")
_NAMED = re.compile(r"(?:(.*)[._/])?(weights?|kernel|W|bias(?:es)?|b)")
#: In .npz the texts of `dump` are the comment of the archive, or this member if they are longer than a comment can be.
_ABOUT, _LONGEST_COMMENT = "about.txt", 65535
_SAFE_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}


class Meaning(NamedTuple):
    """The meaning of the inputs and outputs of a network, from the data that it was trained on.

    classes, features: the names of the classes and of the inputs; () without names.
    vocabulary: the words of a text model in the order of their numbers, () for other inputs.
    scales: whether the first layer includes the scaling of the features.
    """

    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    scales: bool = False


#: The meaning of a network without any information on its inputs and outputs.
NO_MEANING = Meaning()


class Saved(NamedTuple):
    """The contents of a file of weights.

    parameters: the (weights, biases) of every layer with weights; biases None for a layer without biases.
    activations: the SPECs in the file, joined by commas; None if it has none.
    layers: the text of the network if its layers are not all dense; None if they follow from the weights.
    """

    parameters: Parameters
    activations: str | None = None
    layers: str | None = None
    meaning: Meaning = NO_MEANING


def load(path: Path, *, transposed: bool = False) -> Saved:
    """Read the parameters in `path`, and its information on activations, layers, inputs and outputs.

    .npz and .safetensors hold W1, b1, W2, b2, ... or NAME.weight and NAME.bias in the order of the layers. JSON holds
    {"layers": [{"weights": [[...]], "biases": [...]}, ...]}, or only the list of layers, one layer, or the weights of
    one layer, or {"W1": [[...]], "b1": [...], ...}, or [W1, b1, ...] as from Keras's get_weights; `path` may be the
    JSON text itself. Weights are inputs × units. With `transposed` a row is a unit, and the weights of a convolution
    are units × channels × height × width, both as in PyTorch. A layer in JSON may have an "activation", null if it
    takes none; the outer object may have "network", the text of the layers, and the fields of `Meaning`. In .npz this
    information is in the comment of the archive, in .safetensors in the metadata, which other programs ignore.
    Raises ValueError naming the file and the place, OSError if the file cannot be read.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None and str(path).startswith(("[", "{")):
        reader = _read_json
    if path.suffix.lower() in (".pkl", ".pickle"):
        line = (
            f"import numpy; w = numpy.load({str(path)!r}, allow_pickle=True); "
            f"numpy.savez({str(path.with_suffix('.npz'))!r}, **(w if isinstance(w, dict) else "
            "{f'{k}{n}': a for n, layer in enumerate(w, 1) for k, a in zip('Wb', layer)}))"
        )
        raise ValueError(
            f"weights {str(path)!r}: a pickle is a program, which is never run here; in Python a dict of W1, b1 ... or "
            f"a list of (weights, biases) becomes an .npz file by: {line}"
        )
    if reader is None:
        raise ValueError(
            f"weights {str(path)!r}: the file must end in {', '.join(SUFFIXES)}, or be JSON itself: '[[0],[1]]'"
        )
    try:
        saved = reader(path)
    except damage(ValueError) as error:
        raise ValueError(f"weights {str(path)!r}: {first_line(error)}") from None
    except OSError as error:
        if error.filename is not None:
            raise
        raise ValueError(f"weights {str(path)!r}: a place in it is outside it") from None
    if not saved.parameters:
        raise ValueError(f"weights {str(path)!r}: there are no layers in it")
    checked = [
        _checked(weights, biases, f"weights {str(path)!r}: layer {number}", transposed)
        for number, (weights, biases) in enumerate(saved.parameters, 1)
    ]
    return saved._replace(parameters=checked)


def npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays of numbers as the bytes of a .npz file."""
    stream = io.BytesIO()
    # numpy 2.0 would save an argument allow_pickle as an array; arrays of numbers are never pickled.
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def dump(network: Network, suffix: str, meaning: Meaning = NO_MEANING) -> bytes:
    """The network's weights and activations as the bytes of a file that `load` reads; `suffix` is one of `SUFFIXES`.

    >>> load_back = json.loads(dump(Network("2,1", "relu"), ".json"))
    >>> [layer["biases"] for layer in load_back["layers"]]
    [[0.0]]
    """
    from actcli.fast_json import orjson

    held = [stage for stage in network.stages if stage.layer.weight_shape]
    # Dropout has no effect after training; --dropout adds it again for more training.
    lasting = [stage for stage in network.stages if not isinstance(stage.layer, Dropout)]
    told: dict[str, Any] = {key: value for key, value in meaning._asdict().items() if value}
    if not all(isinstance(stage.layer, Dense) for stage in lasting):
        told["network"] = Network.of_stages(network.input_shape, lasting).text
    if suffix == ".json":
        if any(not np.isfinite(array).all() for stage in held for array in (stage.weights, stage.biases)):
            raise ValueError("JSON has no infinite numbers; save these weights as .npz")
        layers = [
            {
                "weights": stage.weights,
                **({"biases": stage.biases} if stage.biases.size else {}),
                "activation": stage.activation.spec if stage.activation is not None else None,
            }
            for stage in held
        ]
        return orjson.dumps({"layers": layers, **told}, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)
    arrays = {
        name: array
        for number, stage in enumerate(held, 1)
        for name, array in ((f"W{number}", stage.weights), (f"b{number}", stage.biases))
        if array.size
    }
    specs = ",".join(stage.activation.spec for stage in network.stages if stage.activation is not None)
    texts = {"activations": specs} | {key: json.dumps(value) for key, value in told.items()}
    if suffix == ".npz":
        stream = io.BytesIO(npz(arrays))
        with zipfile.ZipFile(stream, "a") as archive:
            comment = "\n".join(f"{key}: {text}" for key, text in texts.items()).encode()
            if len(comment) <= _LONGEST_COMMENT:
                archive.comment = comment
            else:
                archive.writestr(zipfile.ZipInfo(_ABOUT), comment)
        return stream.getvalue()
    if suffix == ".safetensors":
        return _safetensors(arrays, texts)
    raise ValueError(f"weights are saved as {', '.join(SUFFIXES)}, not {suffix!r}")


def _checked(
    weights: NDArray[Any], biases: NDArray[Any] | None, place: str, transposed: bool
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    for name, array in (("weights", weights), ("biases", biases)):
        if array is not None and array.dtype.kind not in "fiu":
            raise ValueError(f"{place}: {name} must be numbers")
    if transposed:
        # In a convolution (units, channels, height, width) becomes (height, width, channels, units).
        weights = weights.transpose(2, 3, 1, 0) if weights.ndim == 4 else weights.T
    if weights.ndim < 2:  # a single neuron
        weights = weights.reshape(-1, 1)
    return weights, biases


def _read_npz(path: Path) -> Saved:
    with zipfile.ZipFile(path) as archive:
        members = archive.namelist()
        comment = archive.read(_ABOUT) if _ABOUT in members else archive.comment
        sizes = []
        for member in members:
            if member == _ABOUT:
                continue
            with archive.open(member) as file:
                shape, _, dtype = npy_header(file)
                sizes.append((member.removesuffix(".npy"), math.prod(shape) * dtype.itemsize))
                if dtype.hasobject:
                    raise ValueError(f"{member!r} holds Python objects, which are never read; save plain numbers")
        require_memory(sizes)
    told = dict(line.split(": ", 1) for line in comment.decode("utf-8", "replace").split("\n") if ": " in line)
    with np.load(path, allow_pickle=False) as file:
        return _saved(_paired({name: file[name] for name in file.files if name != _ABOUT}), told)


def _saved(parameters: Parameters, texts: object) -> Saved:
    """Parameters with the texts of a file besides its arrays; texts in another format than `dump`'s are ignored."""
    from actcli.fast_json import orjson

    texts = texts if isinstance(texts, dict) else {}
    told = {}
    for key in ("network", *Meaning._fields):
        with contextlib.suppress(orjson.JSONDecodeError):  # which orjson also raises for a value that is not text
            told[key] = orjson.loads(texts.get(key, "null"))
    activations = texts.get("activations")
    return _with_meaning(Saved(parameters, activations if isinstance(activations, str) else None), told)


def _with_meaning(saved: Saved, told: Mapping[str, object]) -> Saved:
    """`saved` with the layers and the meaning in `told`; entries in another format than `dump`'s are ignored."""
    layers = told.get("network")
    classes, features, vocabulary = (_names(told.get(key)) for key in ("classes", "features", "vocabulary"))
    meaning = Meaning(classes, features, vocabulary, told.get("scales") is True)
    return saved._replace(layers=layers if isinstance(layers, str) else None, meaning=meaning)


def _names(given: object) -> tuple[str, ...]:
    """A list of texts as a tuple, () for any other value."""
    return tuple(given) if isinstance(given, list) and all(isinstance(name, str) for name in given) else ()


def _parsed(text: str | bytes) -> Saved:
    """The contents of a JSON text, in any of the forms that `load` lists."""
    from actcli.fast_json import orjson

    data = orjson.loads(text)
    layers = data.get("layers", data) if isinstance(data, dict) else data
    if isinstance(layers, dict) and "weights" not in layers:
        return Saved(_paired({name: _array(values, repr(name)) for name, values in layers.items()}))
    if isinstance(layers, dict):
        layers = [layers]
    elif isinstance(layers, list) and not any(isinstance(layer, dict) for layer in layers):
        layers = _alternating(layers) or ([{"weights": layers}] if layers else [])
    if not isinstance(layers, list):
        raise ValueError('expected {"layers": [{"weights": [[...]], "biases": [...]}, ...]}')
    pairs = []
    for number, layer in enumerate(layers, 1):
        if not isinstance(layer, dict) or "weights" not in layer:
            raise ValueError(f'layer {number} has no "weights"')
        weights, biases = (
            _array(layer[key], f"layer {number}: {key}") if layer.get(key) is not None else None
            for key in ("weights", "biases")
        )
        if weights is None:
            raise ValueError(f'layer {number} has no "weights"')
        pairs.append((weights, biases))
    return _with_meaning(Saved(pairs, _named_activations(layers)), data if isinstance(data, dict) else {})


def _named_activations(layers: list[dict[str, Any]]) -> str | None:
    if not any("activation" in layer for layer in layers):
        return None
    named = []
    for number, layer in enumerate(layers, 1):
        if not isinstance(layer.get("activation", 0), str | None):
            raise ValueError(f"layer {number} names no activation: give every layer one, or none")
        named += [layer["activation"]] * (layer["activation"] is not None)
    return ",".join(named)


def _alternating(arrays: list[Any]) -> list[Any]:
    """The layers of [W1, b1, W2, b2, ...], as from Keras's get_weights, or of [[W1, b1], ...]; else an empty list."""
    paired = all(isinstance(array, list) and len(array) == 2 for array in arrays)
    for listed in (arrays, [part for pair in arrays for part in pair] if paired else []):
        depths = [_depth(array) for array in listed]
        if not len(depths) % 2 and all(depth > 1 for depth in depths[::2]) and set(depths[1::2]) == {1}:
            return [{"weights": w, "biases": b} for w, b in zip(listed[::2], listed[1::2], strict=True)]
    return []


def _depth(values: Any) -> int:
    return 1 + _depth(values[0]) if isinstance(values, list) and values else int(isinstance(values, list))


def _array(values: object, place: str) -> NDArray[Any]:
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{place} have rows of different lengths") from None
    if array.dtype.kind not in "fiu" or not array.size:
        raise ValueError(f"{place} must be numbers in lists")
    return array


def _read_safetensors(path: Path) -> Saved:
    from actcli.fast_json import orjson

    size = path.stat().st_size
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > min(size, 100_000_000):
            raise ValueError("this is no safetensors file: its header is longer than the file")
        header = orjson.loads(file.read(length))  # orjson refuses more than about a thousand nested levels
        if not isinstance(header, dict):
            raise ValueError("this is no safetensors file: its header is no object")
        require_memory([("the file", size)])
        body = file.read()
    told = header.pop("__metadata__", None)
    return _saved(_paired({name: _tensor(name, entry, body) for name, entry in header.items()}), told)


def _tensor(name: str, entry: Any, body: bytes) -> NDArray[Any]:
    """A tensor of a safetensors file from its entry in the header."""
    try:
        kind = str(entry["dtype"])
        shape = [operator.index(size) for size in entry["shape"]]
        start, stop = map(operator.index, entry["data_offsets"])
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{name!r} needs a dtype, a shape and two data_offsets, not {reprlib.repr(entry)}") from None
    if kind not in _SAFE_TYPES:
        raise ValueError(f"{name!r} is {kind}; F64, F32 and F16 are read")
    if min(shape, default=0) < 0 or start < 0:
        raise ValueError(f"{name!r} has the shape {shape} at {start}")
    dtype = np.dtype(_SAFE_TYPES[kind])
    if len(shape) > 32 or len(body[start:stop]) != math.prod(shape) * dtype.itemsize:
        raise ValueError(f"{name!r} is cut short")
    return np.frombuffer(body[start:stop], dtype).reshape(shape)


def _paired(arrays: Mapping[str, NDArray[Any]]) -> Parameters:
    """The (weights, biases) of every layer, from arrays named W1, b1, ... or NAME.weight, NAME.bias."""
    numbered = {name: match for name in arrays if (match := _NUMBERED.fullmatch(name))}
    if numbered:
        if odd := next((name for name in arrays if name not in numbered), None):
            raise ValueError(f"{odd!r} is neither weights nor biases: names are W1, b1, W2, b2, ...")
        named = {("W" if match[1] in "Ww" else "b") + match[2]: name for name, match in numbered.items()}
        if twice := next((name for name in arrays if name not in named.values()), None):
            raise ValueError(f"{twice!r} stands there twice, in capitals and in small letters")
        arrays = {name: arrays[given] for name, given in named.items()}
        count = max(int(match[2]) for match in numbered.values())
        lost = next((n for n in range(1, min(count, len(arrays)) + 1) if f"W{n}" not in arrays), None)
        if lost is not None:
            raise ValueError(f"there is no W{lost}")
        return [(arrays[f"W{n}"], arrays.get(f"b{n}")) for n in range(1, count + 1)]
    layers: dict[str, dict[str, NDArray[Any]]] = {}
    for name, array in arrays.items():
        match = _NAMED.fullmatch(name)
        if not match:
            raise ValueError(f"{name!r} is neither weights nor biases: names are W1, b1, W2, b2, ...")
        layers.setdefault(match[1] or "", {})["bias" if match[2].startswith("b") else "weight"] = array
    for prefix, layer in layers.items():
        if "weight" not in layer:
            raise ValueError(f"{prefix!r} has biases but no weights")
    ordered = sorted(layers.items(), key=lambda item: [int(n) for n in re.findall(r"\d+", item[0])])
    return [(layer["weight"], layer.get("bias")) for _, layer in ordered]


def _read_json(path: Path) -> Saved:
    """The contents of a JSON file, or of JSON given in place of a path."""
    return _parsed(path.read_bytes() if path.suffix.lower() == ".json" else str(path))


_READERS = {".npz": _read_npz, ".json": _read_json, ".safetensors": _read_safetensors}


def _safetensors(arrays: Mapping[str, NDArray[Any]], told: Mapping[str, str]) -> bytes:
    types = {dtype: name for name, dtype in _SAFE_TYPES.items()}
    header: dict[str, object] = {"__metadata__": told}
    place = 0
    for name, array in arrays.items():
        header[name] = {
            "dtype": types[array.dtype.newbyteorder("<").str],
            "shape": list(array.shape),
            "data_offsets": [place, place := place + array.nbytes],
        }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for array in arrays.values())
