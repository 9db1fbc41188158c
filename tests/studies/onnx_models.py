"""ONNX models read field by field, and their operators run with NumPy."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SAME = ("Abs", "Exp", "Log", "Sqrt", "Tanh", "Sin", "Cos", "Floor", "Where", "Less", "Greater", "Equal", "Negative")
OPERATORS: dict[str, Callable[..., Any]] = {name: getattr(np, name.lower()) for name in _SAME} | {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Neg": np.negative,
    "LessOrEqual": np.less_equal,
    "GreaterOrEqual": np.greater_equal,
    "Not": np.logical_not,
    "Pow": np.power,
    "Max": np.maximum,
    "Cast": np.asarray,
    "Expand": np.broadcast_to,
    "Shape": lambda x: np.array(x.shape),
    "ReduceMax": lambda x: x.max(axis=-1, keepdims=True),
    "ReduceSum": lambda x, axes: x.sum(axis=tuple(axes), keepdims=True),
    "Split": lambda x: np.split(x, 2, axis=-1),
    "Concat": lambda a, b: np.concatenate([a, b], axis=-1),
}
#: The attributes that the operators above assume, as integers, by operator.
ATTRIBUTES = {"ReduceMax": ("axes", -1), "Split": ("axis", -1), "Concat": ("axis", -1)}


def fields(data: bytes) -> list[tuple[int, Any]]:
    """The fields of a protocol buffer."""
    found: list[tuple[int, Any]] = []
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value - (1 << 64) if value >> 63 else value

    while at < len(data):
        key = varint()
        size = varint()
        if key & 7 == 0:
            found.append((key >> 3, size))
        else:
            assert key & 7 == 2
            found.append((key >> 3, data[at : at + size]))
            at += size
    return found


def versions(data: bytes) -> tuple[int, int]:
    """The versions of the file format and of the operators."""
    model = dict(fields(data))
    return model[1], dict(fields(model[8]))[2]


def run_model(data: bytes, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Every tensor of a model, by name; casts are ignored."""
    graph = fields(dict(fields(data))[7])
    known: dict[str, Any] = dict(inputs)
    for number, content in graph:
        if number == 5:
            tensor = dict(fields(content))
            kind = {7: "<q", 11: "<d"}[tensor[2]]
            value = struct.unpack(kind, tensor[9])[0]
            known[tensor[8].decode()] = np.array([value]) if 1 in tensor else np.float64(value)
    for number, content in graph:
        if number == 1:
            node = fields(content)
            operator = dict(node)[4].decode()
            if operator in ATTRIBUTES:
                attribute = dict(fields(dict(node)[5]))
                assert (attribute[1].decode(), attribute.get(3, attribute.get(8))) == ATTRIBUTES[operator]
            results = OPERATORS[operator](*(known[value.decode()] for key, value in node if key == 1))
            outputs = [value.decode() for key, value in node if key == 2]
            known.update(zip(outputs, results if len(outputs) > 1 else [results], strict=True))
    return known
