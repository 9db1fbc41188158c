"""ONNX: a model file of standard operators.

The file is a protocol buffer, which is simple enough to write by hand: a message is a sequence of fields, each a key
(its number and how its value is stored) and a value. The numbers of the fields are those of onnx.proto.
"""

from __future__ import annotations

import struct

from actcli.formulas.derive import substitute
from actcli.formulas.grammar import Node, make_node, parse
from actcli.formulas.languages.kernels import KERNELS, Kernel, horner, interpolated
from actcli.formulas.languages.language import Language, Source

#: The version of the standard operators that a model asks for, and of the file format that came with it.
OPSET, FORMAT = 17, 8

_FLOAT, _DOUBLE = 1, 11

_OPERATORS = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "neg": "Neg",
    "pow": "Pow",
    "lt": "Less",
    "le": "LessOrEqual",
    "gt": "Greater",
    "ge": "GreaterOrEqual",
    "eq": "Equal",
    "where": "Where",
    **{name: name.capitalize() for name in ("abs", "exp", "log", "sqrt", "tanh", "sin", "cos", "floor")},
}


def _atan() -> Node:
    """2 atan(t) with t = r/(1 + sqrt(1 + r^2)), for r = |u| or 1/|u|, by a polynomial in t^2."""
    series = interpolated(lambda z: z.sqrt().atan() / z.sqrt(), 0.0, 0.18, 15)
    half = "(where(abs(u) > 1, 1/abs(u), abs(u))/(1 + sqrt(1 + where(abs(u) > 1, 1/abs(u), abs(u))**2)))"
    polynomial = horner(series, "(t*t)")
    parts = {"t": parse(half, "u")}
    parts["p"] = substitute(parse(f"2*t*({polynomial})", "t"), parts)
    size = "where(abs(u) > 1, 1.5707963267948966 - p, p)"
    return substitute(parse(f"where(u < 0, -{size}, {size})", "up"), parts)


#: Kernels for what the operators lack, or what runtimes have in float32 alone.
_OWN = {
    "expm1": Kernel(
        ("u",), "where(abs(u) < 0.5, 2*tanh(u/2)/(1 - tanh(u/2)), exp(u) - 1)", "exp(u) - 1 without cancellation"
    ),
    "log1p": Kernel(
        ("u",),
        "where(u > 1e16, log(u), where(1 + u == 1, u, log(1 + u)*(u/((1 + u) - 1))))",
        "log(1 + u) without what rounding takes from 1 + u",
    ),
    "sinh": Kernel(
        ("u",),
        "where(u < 0, -1, 1)*(expm1(abs(u))/2 + expm1(abs(u))/(1 + expm1(abs(u)))/2)",
        "sinh(u) without cancellation",
    ),
    "cosh": Kernel(("u",), "exp(abs(u))/2 + exp(-abs(u))/2", "cosh(u)"),
    "atan": Kernel(("u",), _atan, "atan(u) by a polynomial"),
}


def _varint(value: int) -> bytes:
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _field(number: int, value: int | bytes | str) -> bytes:
    """One field of a message: an integer, or bytes with their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _tensor(name: str, value: float) -> bytes:
    """A number, as an initialiser."""
    return _field(2, _DOUBLE) + _field(8, name) + _field(9, struct.pack("<d", value))


def _operation(operator: str, inputs: list[str], output: str, attribute: bytes = b"") -> bytes:
    fields = [_field(1, name) for name in inputs] + [_field(2, output), _field(4, operator)]
    return b"".join(fields) + (_field(5, attribute) if attribute else b"")


def _cast(source: str, target: str, kind: int) -> bytes:
    """A cast, whose attribute `to` is an integer (type 2)."""
    return _operation("Cast", [source], target, _field(1, "to") + _field(3, kind) + _field(20, 2))


def _value(name: str, kind: int) -> bytes:
    """A row of n numbers, as input or output."""
    shape = _field(1, _field(2, "n"))
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, shape)))


def _expanded(root: Node) -> Node:
    """The tree with what its kernels are made of in their place."""
    known: dict[Node, Node] = {}

    def visit(node: Node, names: dict[str, Node], seen: dict[Node, Node]) -> Node:
        if node not in seen:
            if node.op == "name" and node.text in names:
                return names[node.text]
            args = tuple(visit(arg, names, seen) for arg in node.args)
            kernel = _OWN.get(node.op) or (KERNELS.get(node.op) if node.op not in _OPERATORS else None)
            if kernel is None:
                seen[node] = make_node(node.op, args, node.text)
            else:
                seen[node] = visit(kernel.root, dict(zip(kernel.parameters, args, strict=True)), {})
        return seen[node]

    return visit(root, {}, known)


def _nodes(
    steps: list[tuple[str, tuple[int, ...], str]], names: dict[tuple[object, ...], str], target: str
) -> tuple[bytes, bytes]:
    """Nodes and initialisers of a program, as fields of a graph; the last one gives `target`."""
    nodes, numbers = b"", b""
    slots: list[str] = []
    for op, args, text in steps:
        key = (op, tuple(slots[i] for i in args), text)
        if key not in names:
            names[key] = "x64" if (op, text) == ("name", "x") else f"t{len(names)}"
            if op == "number":
                numbers += _field(5, _tensor(names[key], float(text)))
            elif op == "ne":
                equal = f"{names[key]}_equal"
                nodes += _field(1, _operation("Equal", list(key[1]), equal)) + _field(
                    1, _operation("Not", [equal], names[key])
                )
            elif args:
                nodes += _field(1, _operation(_OPERATORS[op], list(key[1]), names[key]))
        slots.append(names[key])
    return nodes + _field(1, _operation("Identity", [slots[-1]], target)), numbers


def _write(source: Source) -> bytes:
    from actcli.formulas.formula import tape

    kind = {"float32": _FLOAT, "float64": _DOUBLE}[source.dtype]
    names: dict[tuple[object, ...], str] = {}
    nodes, numbers, outputs = _field(1, _cast("x", "x64", _DOUBLE)), b"", b""
    for output, program in (("y", source.value), ("slope", source.slope)):
        if program is not None:
            more, constants = _nodes(tape(_expanded(program)), names, f"{output}64")
            nodes += more + _field(1, _cast(f"{output}64", output, kind))
            numbers += constants
            outputs += _field(12, _value(output, kind))
    head = "\n".join(line for line in source.head)
    graph = nodes + _field(2, source.name) + numbers + _field(10, head) + _field(11, _value("x", kind)) + outputs
    versions = _field(1, FORMAT) + _field(2, "actcli") + _field(6, head)
    return versions + _field(7, graph) + _field(8, _field(1, "") + _field(2, OPSET))


ONNX = Language(
    name="onnx",
    title="ONNX",
    suffix=".onnx",
    write=_write,
    native=_OPERATORS,
    dtypes=("float32", "float64"),
    tests=False,
)
