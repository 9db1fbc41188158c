"""What a language is to the generator, and what is written in it: expressions, statements, functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from actcli.formulas.grammar import COMPARISONS, Node, X
from actcli.formulas.languages.kernels import FUSED, KERNELS, LIBRARY, Kernel, value_of, walk

#: An expression longer than this gets a name of its own.
_WIDTH = 76

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", **{op: sign for sign, op in COMPARISONS.items()}}
_STRENGTH = {"add": 2, "sub": 2, "mul": 3, "div": 3, "neg": 4, **dict.fromkeys(COMPARISONS.values(), 1)}
_ATOM = 9


@dataclass(frozen=True)
class Vectors:
    """Inputs of a test, the right results, and the error allowed, in ulp."""

    x: list[float]
    right: list[float]
    ulps: int


@dataclass(frozen=True)
class Source:
    """What is to be written: the programs of a function and all that is said about it.

    name: what the function is called in the text written.
    value, slope, second: the programs; slope and second are None where they are not asked for.
    formula, derivative: the formula itself and that of its slope, for languages of formulas.
    parameters: their values, exact where they are finite.
    head: the lines of the comment at its head.
    dtype: float64 or float32, the type of what goes in and comes out.
    value_test, slope_test: what a test at the end tries, if one is asked for.
    arguments: the parameters that are named in the programs, and the values that they have unless others are given;
        None where the programs hold the values themselves.
    """

    name: str
    value: Node
    slope: Node | None
    second: Node | None
    formula: Node
    derivative: Node
    parameters: Mapping[str, Fraction | float]
    head: tuple[str, ...] = ()
    dtype: str = "float64"
    value_test: Vectors | None = None
    slope_test: Vectors | None = None
    arguments: Mapping[str, float] | None = None

    @property
    def programs(self) -> list[Node]:
        return [program for program in (self.value, self.slope, self.second) if program is not None]


@dataclass(frozen=True)
class Language:
    """A target of `code`.

    name: as `--to` takes it.
    title: as people write it.
    suffix: of its files.
    write: the file of a source.
    write_row: the file of a function of rows, from a `RowSource`.
    any_row: whether that takes functions of rows of which there is a formula alone.
    native: how it writes the functions of the neutral form that it has, `{}` for each argument; kernels stand in for
        the others.
    choice: how it writes `a if c else b`.
    let: how it names a number.
    branch: how a branch of statements begins and ends; None for arrays, where `choice` chooses.
    comment: what a line of comment starts with.
    reserved: names that a function of one's own cannot have.
    dtypes: the float types that it has.
    infinity, quotient: how it writes infinity, and a quotient by what may be zero if `/` is no answer there.
    apart: how it keeps a/b as a number of its own in a/b/c, which is not a/(b*c) where that overflows.
    prefix: what the names of kernels start with; `{name}` is that of the function.
    constant: how a number alone stands in a choice between arrays; `{like}` is an array of that shape.
    mixes: whether a choice takes a number as it is beside an array.
    tests: whether it can be tested where it is written.
    is_formula: whether it takes the formula itself, and no program.
    second: whether it wants the second derivative too, for slopes of slopes.
    takes_arguments: whether it writes functions that take their parameters as arguments.
    run_as: how it was run where its errors were measured, if that is not as what it is.
    """

    name: str
    title: str
    suffix: str
    write: Callable[[Source], str | bytes]
    write_row: Callable[[Any], str | bytes]
    native: Mapping[str, str] = field(default_factory=dict)
    choice: str = ""
    let: str = ""
    branch: tuple[str, str] | None = ("if ({}) {{", "}")
    comment: str = "# "
    reserved: frozenset[str] = frozenset()
    dtypes: tuple[str, ...] = ("float64", "float32")
    any_row: bool = False
    infinity: str = ""
    quotient: str = "{} / {}"
    apart: str = ""
    constant: str = "{number}"
    mixes: bool = False
    prefix: str = "_"
    second: bool = False
    tests: bool = True
    is_formula: bool = False
    takes_arguments: bool = False
    run_as: str = ""

    def check_name(self, name: str, taken: frozenset[str] = frozenset()) -> None:
        """Refuse what is no name of a function in this language, or is taken.

        Raises:
            ValueError: with the name.
        """
        taken |= self.reserved | {"x", "y", "u"}
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name, re.ASCII) or name in taken:
            why = " (the name is taken)" if name.isidentifier() and name.isascii() else ""
            raise ValueError(f"--name {name!r}: no name for a function in {self.title}{why}; use letters, digits and _")

    def commented(self, lines: tuple[str, ...] | list[str]) -> list[str]:
        """Lines of comment, in which nothing can end the comment."""
        return [f"{self.comment}{_harmless(line)}".rstrip() for line in lines]

    def number(self, text: str) -> str:
        """A float as the language writes it."""
        if text == "inf":
            return self.infinity
        return text if re.search(r"[.e]", text) else f"{text}.0"


def _harmless(line: str) -> str:
    """The line without what could end a comment or a line: other control characters, and a backslash at its end."""
    shown = "".join(letter if letter.isprintable() else " " for letter in line).replace("\\", "/")
    return shown.replace("*/", "* /").replace("/*", "/ *").replace('"""', '" " "').rstrip()


def kernels_of(programs: list[Node], language: Language) -> dict[str, Kernel]:
    """The kernels that programs need in a language, each after those that it needs itself."""
    known = {**LIBRARY, **KERNELS, **(FUSED if "fma" in language.native else {})}
    found: dict[str, Kernel] = {}

    def visit(program: Node) -> None:
        for node in walk(program):
            if node.op in known and node.op not in language.native and node.op not in found:
                visit(known[node.op].root)
                found[node.op] = known[node.op]

    for program in programs:
        visit(program)
    return found


def each_kernel(
    language: Language,
    function: Callable[[str, tuple[str, ...], Node], list[str]],
    found: Mapping[str, Kernel],
    prefix: str = "_",
) -> list[str]:
    """Kernels as functions of their own, each after its reason."""
    lines = []
    for called, kernel in found.items():
        lines += [*language.commented([kernel.reason]), *function(prefix + called, kernel.parameters, kernel.root)]
    return lines


@dataclass
class Body:
    """The statements of one function, written line by line.

    names: what arguments are called in the text, by their names in the tree.
    prefix: of the kernels.
    """

    language: Language
    names: Mapping[str, str]
    prefix: str = ""
    indent: str = "    "
    lines: list[str] = field(default_factory=list)
    count: int = 0

    def returning(self, tree: Node, give: str) -> list[str]:
        """Statements that end with the value of the tree, given as `give` says."""
        if self.language.branch:
            self._branch(tree, give, {}, 1)
        else:
            self._line(1, give.format(self._chosen(tree)))
        return self.lines

    def expression(self, tree: Node, depth: int = 1) -> str:
        """The text of an expression without branches, after lines for what is shared in it or long."""
        text = self.text(tree, {}, _shared([tree]), depth)
        return _bare(text, tree)

    def _line(self, depth: int, text: str) -> None:
        self.lines.append(f"{self.indent * depth}{text}")

    def _branch(self, tree: Node, give: str, known: dict[Node, str], depth: int) -> None:
        opening, closing = self.language.branch or ("", "")
        while tree.op == "where":
            condition, inside, tree = tree.args
            shared = _shared([condition, inside])
            self._remark(depth, condition, inside)
            self._line(depth, opening.format(self.text(condition, known, shared, depth)))
            self._branch(inside, give, dict(known), depth + 1)
            if closing:
                self._line(depth, closing)
        self._line(depth, give.format(self.text(tree, known, _shared([tree]), depth)))

    def _remark(self, depth: int, condition: Node, inside: Node) -> None:
        """A line of comment for a case that is a series."""
        near = condition.args[0]
        if condition.op != "lt" or near.op != "abs" or not _is_series(inside):
            return
        apart = near.args[0]
        offset = value_of(apart.args[1]) if apart.op in ("add", "sub") else None
        place = "0" if offset is None else f"{-offset if apart.op == 'add' else offset:.6g}"
        self._line(depth, *self.language.commented([f"about {place} terms cancel: a series"]))

    def _chosen(self, tree: Node) -> str:
        shared = _shared([tree])
        known: dict[Node, str] = {}
        cases = []
        while tree.op == "where":
            cases.append(tree.args[:2])
            tree = tree.args[2]
        if not cases:
            return self._alone(self.text(tree, known, shared, 1), tree, next(iter(self.names.values())))
        last, other = self._text(tree, known, shared, 1)[0], tree
        while cases:
            condition, inside = cases.pop()
            self._remark(1, condition, inside)
            parts = [self._text(part, known, shared, 1)[0] for part in (condition, inside)]
            chosen = self._choice(condition, [*parts, last], [inside, other])
            if cases:
                self._line(1, self.language.let.format("y", chosen))
            last, other = "y", X
        return chosen

    def _choice(self, condition: Node, texts: list[str], nodes: list[Node]) -> str:
        """A choice between two texts, after that of the condition."""
        like = next(node.text for node in walk(condition) if node.op == "name")
        a, b = texts[1:]
        if not self.language.mixes or all(value_of(node) is not None for node in nodes):
            a = self._alone(a, nodes[0], self.names[like])
        if not self.language.mixes:
            b = self._alone(b, nodes[1], self.names[like])
        return self.language.choice.format(c=texts[0], a=a, b=b)

    def _alone(self, text: str, node: Node, like: str) -> str:
        """A number alone as an array, where the language wants one."""
        if self.language.branch or value_of(node) is None:
            return text
        # TensorFlow takes -0.0 for the 0.0 that it keeps: the sign is an operation of its own.
        sign = "-" if text == "-0.0" else ""
        return sign + self.language.constant.format(number=text.removeprefix(sign), like=like)

    def text(self, node: Node, known: dict[Node, str], shared: set[Node], depth: int) -> str:
        """The text of an expression; what is shared or long is named on lines before it."""
        return known[node] if node in known else self._fresh(node, known, shared, depth)[0]

    def _text(self, node: Node, known: dict[Node, str], shared: set[Node], depth: int) -> tuple[str, int]:
        if node in known:
            return known[node], _ATOM
        text, strength = self._fresh(node, known, shared, depth)
        if (node in shared or len(text) > _WIDTH) and node.op not in COMPARISONS.values():
            self.count += 1
            known[node] = f"t{self.count}"
            self._line(depth, self.language.let.format(known[node], _bare(text, node)))
            return known[node], _ATOM
        return text, strength

    def _fresh(self, node: Node, known: dict[Node, str], shared: set[Node], depth: int) -> tuple[str, int]:
        language = self.language
        if node.op == "number":
            return language.number(node.text), _ATOM
        if node.op == "name":
            return self.names[node.text], _ATOM
        parts = [self._text(arg, known, shared, depth) for arg in node.args]
        if node.op == "neg":
            inner = node.args[0]
            # The sign goes to the first factor: -(2*x) is -2*x to the last bit.
            keeps = (
                inner.op in ("mul", "div") and parts[0][1] == _STRENGTH["mul"] and value_of(_first(inner)) is not None
            )
            return f"-{parts[0][0] if keeps or parts[0][1] >= 4 else f'({parts[0][0]})'}", 3 if keeps else 4
        if node.op in _INFIX:
            (a, one), (b, two) = parts
            strength = _STRENGTH[node.op]
            if node.op == node.args[0].op == "div" and language.apart:
                a, one = language.apart.format(a), _ATOM
            if node.op == "div" and language.quotient != "{} / {}" and not never_zero(node.args[1]):
                return language.quotient.format(a, b), _ATOM
            left = a if one >= strength else f"({a})"
            right = b if two > strength else f"({b})"
            if node.op == "add" and value_of(node.args[1]) is not None and b.startswith("-"):
                return f"{left} - {b[1:]}", strength
            return f"{left} {_INFIX[node.op]} {right}", strength
        if node.op == "where":
            return self._choice(node.args[0], [part[0] for part in parts], list(node.args[1:])), _ATOM
        texts = [part[0] for part in parts]
        if node.op in language.native:
            return language.native[node.op].format(*texts), _ATOM
        return f"{self.prefix}{node.op}({', '.join(map(_bare, texts, node.args))})", _ATOM


def _is_series(node: Node) -> bool:
    """Whether it is a polynomial of more than a few terms."""
    parts = list(walk(node))
    return len(parts) > 12 and all(part.op in ("add", "sub", "mul", "neg", "number", "name") for part in parts)


def _bare(text: str, node: Node) -> str:
    """The text of a choice without the parentheses around it."""
    return text[1:-1] if node.op == "where" and text.startswith("(") else text


def _first(node: Node) -> Node:
    while node.op in ("mul", "div"):
        node = node.args[0]
    return node


def _shared(roots: list[Node]) -> set[Node]:
    """The operations that are used more than once, or hold no name and need none."""
    uses: Counter[Node] = Counter()
    seen: set[Node] = set()

    def visit(node: Node) -> None:
        if node in seen:
            return
        seen.add(node)
        for arg in node.args:
            uses[arg] += 1
            visit(arg)

    for root in roots:
        uses[root] += 1
        visit(root)
    return {
        node for node, n in uses.items() if n > 1 and node.args and not (node.op == "neg" and not node.args[0].args)
    }


def never_zero(node: Node) -> bool:
    """Whether an expression is surely not 0, so that dividing by it is safe."""
    value = value_of(node)
    if value is not None:
        return value != 0
    match node.op, node.args:
        case ("add", (a, b)):
            return (never_zero(a) and not_negative(a) and not_negative(b)) or (
                never_zero(b) and not_negative(b) and not_negative(a)
            )
        case ("cosh", _):
            return True
        case ("where", (_, a, b)):
            return never_zero(a) and never_zero(b)
    return False


def not_negative(node: Node) -> bool:
    """Whether an expression is surely 0 or more."""
    value = value_of(node)
    if value is not None:
        return value >= 0
    match node.op, node.args:
        case (("exp" | "abs" | "sqrt" | "sigmoid" | "softplus" | "sigmoid_slope" | "root" | "cosh"), _):
            return True
        case (("add" | "div"), (a, b)):
            return not_negative(a) and not_negative(b)
        case "mul", (a, b):
            return a is b or (not_negative(a) and not_negative(b))
        case "where", (_, a, b):
            return not_negative(a) and not_negative(b)
    return False
