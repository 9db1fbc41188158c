"""ONNX: a model file of standard operators.

The file is a protocol buffer, a format simple enough to write without a library: a message is a sequence of fields,
each a key (the number of the field and the encoding of its value) and a value. onnx.proto defines the numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from actcli.formulas.formula import tape
from actcli.formulas.grammar import Node, X, make_node
from actcli.formulas.languages.kernels import KERNELS, LIBRARY, Kernel
from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.rows import ROW, RowSource, Run

#: The version of the standard operators that a model requires, and of the file format of the same release.
OPSET, FORMAT = 17, 8

_FLOAT, _INT64, _DOUBLE = 1, 7, 11
_KINDS = {"float32": _FLOAT, "float64": _DOUBLE}

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

_KERNELS = {**KERNELS, **LIBRARY}


def _varint(value: int) -> bytes:
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _field(number: int, value: int | bytes | str) -> bytes:
    """One field of a message, whose value is an integer, or bytes preceded by their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _tensor(name: str, value: float) -> bytes:
    """An initialiser, which is a named constant, with one number."""
    return _field(2, _DOUBLE) + _field(8, name) + _field(9, struct.pack("<d", value))


def _operation(operator: str, inputs: list[str], *outputs: str, attribute: bytes = b"") -> bytes:
    fields = [*(_field(1, name) for name in inputs), *(_field(2, name) for name in outputs), _field(4, operator)]
    return b"".join(fields) + (_field(5, attribute) if attribute else b"")


#: The last axis, as the attribute `axis` of an integer (type 2) and the attribute `axes` of integers (type 7).
_AXIS = _field(1, "axis") + _field(3, -1) + _field(20, 2)
_LAST_AXIS = _field(1, "axes") + _field(8, -1) + _field(20, 7)


def _value(name: str, kind: int, *shape: str) -> bytes:
    """The type of an input or output: an array, each of whose lengths has a name."""
    lengths = b"".join(_field(1, _field(2, length)) for length in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, lengths)))


def _expanded(root: Node, own: Mapping[str, Kernel]) -> Node:
    """The tree with the definitions of kernels, those in `own` included, in place of their calls."""

    def visit(node: Node, names: dict[str, Node], seen: dict[Node, Node]) -> Node:
        if node not in seen:
            if node.op == "name" and node.text in names:
                return names[node.text]
            args = tuple(visit(arg, names, seen) for arg in node.args)
            kernel = None if node.op in _OPERATORS else own.get(node.op) or _KERNELS.get(node.op)
            if kernel is None:
                seen[node] = make_node(node.op, args, node.text)
            else:
                seen[node] = visit(kernel.root, dict(zip(kernel.parameters, args, strict=True)), {})
        return seen[node]

    return visit(root, {}, {})


@dataclass
class _Graph:
    """The nodes and initialisers of a graph, as fields.

    known: the names of tensors by their operation and arguments, so that nothing is computed twice.
    own: the kernels of this model, beside those of kernels.py.
    """

    nodes: bytes = b""
    numbers: bytes = b""
    known: dict[tuple[object, ...], str] = field(default_factory=dict)
    own: Mapping[str, Kernel] = field(default_factory=dict)

    def add(self, operator: str, inputs: list[str], *outputs: str, attribute: bytes = b"") -> None:
        self.nodes += _field(1, _operation(operator, inputs, *outputs, attribute=attribute))

    def cast(self, source: str, target: str, kind: int) -> None:
        """Add a cast, whose attribute `to` is an integer (type 2)."""
        self.add("Cast", [source], target, attribute=_field(1, "to") + _field(3, kind) + _field(20, 2))

    def tensor(self, tree: Node, names: Mapping[str, str]) -> str:
        """Add the operations of an expression, and return the name of its tensor; `names` maps its names to tensors."""
        slots: list[str] = []
        for op, args, text in tape(_expanded(tree, self.own)):
            key = (op, tuple(slots[i] for i in args), text)
            if op == "name":
                self.known[key] = names[text]
            elif key not in self.known:
                self.known[key] = name = f"t{len(self.known)}"
                if op == "number":
                    self.numbers += _field(5, _tensor(name, float(text)))
                elif op == "ne":
                    self.add("Equal", list(key[1]), f"{name}_equal")
                    self.add("Not", [f"{name}_equal"], name)
                else:
                    self.add(_OPERATORS[op], list(key[1]), name)
            slots.append(self.known[key])
        return slots[-1]

    def run(self, run: Run, names: dict[str, str]) -> None:
        """Add the operations of a run over rows, and enter the tensors of its results in `names`."""
        if "x" in run.reads:
            names["x"] = names.get("entry", "x64") if run.reads["x"].array == ROW else names["out"]
        for name, tree in run.lets:
            names[name] = self.tensor(tree, names)
        if run.entry is not X and "entry" not in names:
            names["x"] = names["entry"] = self.tensor(run.entry, names)
        if run.largest is not None:
            largest, start = f"largest{len(self.nodes)}", self.tensor(run.largest, names)
            self.add("ReduceMax", [names["x"]], largest, attribute=_LAST_AXIS)
            names["m"] = f"m{len(self.nodes)}"
            self.add("Max", [largest, start], names["m"])
        for name, tree in run.sums:
            terms = self.tensor(tree, names)
            names[name] = f"{name}{len(self.nodes)}"
            self.add("ReduceSum", [terms, "last"], names[name])
        results = [self.tensor(tree, names) for _, tree in run.writes]
        if len(results) == 2:
            self.add("Concat", results, "both", attribute=_AXIS)
        if results:
            names[run.writes[0][0].array] = "both" if len(results) == 2 else results[0]

    def model(self, name: str, head: tuple[str, ...], inputs: list[bytes], outputs: list[bytes]) -> bytes:
        """The contents of the model file."""
        said = "\n".join(head)
        values = b"".join([*(_field(11, one) for one in inputs), *(_field(12, one) for one in outputs)])
        graph = self.nodes + _field(2, name) + self.numbers + _field(10, said) + values
        versions = _field(1, FORMAT) + _field(2, "actcli") + _field(6, said)
        return versions + _field(7, graph) + _field(8, _field(1, "") + _field(2, OPSET))


def _write(source: Source) -> bytes:
    kind = _KINDS[source.dtype]
    graph = _Graph()
    graph.cast("x", "x64", _DOUBLE)
    outputs = []
    for output, program in (("y", source.value), ("slope", source.slope)):
        if program is not None:
            found = graph.tensor(program, {"x": "x64"})
            if not program.depends_on_x:
                graph.add("Shape", ["x64"], f"{output}_shape")
                graph.add("Expand", [found, f"{output}_shape"], found := f"{output}_everywhere")
            graph.cast(found, output, kind)
            outputs.append(_value(output, kind, "n"))
    return graph.model(source.name, source.head, [_value("x", kind, "n")], outputs)


def _write_row(source: RowSource) -> bytes:
    """A model with rows x as input and y as output, and with the gradient by y and the gradient by x, if requested."""
    kind, width = _KINDS[source.dtype], "h" if source.is_halved else "n"
    graph = _Graph(own=source.kernels(ONNX))
    if not source.is_halved:
        last = _field(1, 1) + _field(2, _INT64) + _field(8, "last") + _field(9, struct.pack("<q", -1))
        graph.numbers += _field(5, last)
    graph.cast("x", "x64", _DOUBLE)
    names = {"x": "x64", "a": "a", "b": "b", "g": "gradient64"}
    if source.is_halved:
        graph.add("Split", ["x64"], "a", "b", attribute=_AXIS)
    for run in source.forward:
        graph.run(run, names)
    graph.cast(names["out"], "y", kind)
    inputs, outputs = [_value("x", kind, "rows", "n")], [_value("y", kind, "rows", width)]
    if source.backward:
        graph.cast("gradient", "gradient64", _DOUBLE)
        for run in source.backward:
            graph.run(run, names)
        graph.cast(names["back"], "back", kind)
        inputs.append(_value("gradient", kind, "rows", width))
        outputs.append(_value("back", kind, "rows", "n"))
    return graph.model(source.name, source.head, inputs, outputs)


ONNX = Language(
    name="onnx",
    title="ONNX",
    suffix=".onnx",
    write=_write,
    write_row=_write_row,
    native=_OPERATORS,
    dtypes=("float32", "float64"),
    tests=False,
)
