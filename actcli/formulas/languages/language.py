"""The properties of a target language, and the texts of expressions, statements and functions in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from actcli.formulas.grammar import COMPARISONS, Node, X
from actcli.formulas.languages.kernels import FUSED, KERNELS, LIBRARY, Kernel, value_of, walk

#: The text of a longer expression is assigned to a variable.
_WIDTH = 76

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", **{op: sign for sign, op in COMPARISONS.items()}}
_PRECEDENCE = {"add": 2, "sub": 2, "mul": 3, "div": 3, "neg": 4, **dict.fromkeys(COMPARISONS.values(), 1)}
_HIGHEST = 9


@dataclass(frozen=True)
class Vectors:
    """Inputs of a test, their correctly rounded results, and the allowed error in ulp."""

    x: list[float]
    right: list[float]
    ulps: int


@dataclass(frozen=True)
class Source:
    """A function to be written in a language: its programs and all further facts that its file states.

    name: the name of the function in the generated code.
    value, slope, second: the programs; slope and second are None if they are not requested.
    formula, derivative: the formula and the formula of its slope, for languages that take formulas.
    parameters: the values of the parameters, exact if they are finite.
    head: the lines of the comment at the head of the file.
    dtype: float64 or float32, the type of inputs and results.
    value_test, slope_test: the test cases for a test at the end of the file, if one is requested.
    arguments: the parameters that the programs refer to by name, and their defaults; None if the programs contain the
        values of the parameters.
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

    name: its name for `--to`.
    title: its name for display.
    suffix: the suffix of its files.
    write: returns the file of a source.
    write_row: returns the file of a row function, from a `RowSource`.
    any_row: whether `write_row` takes row functions that have a formula but no program.
    native: templates of the functions of the neutral form that the language has, with `{}` for each argument; the
        other functions become kernels.
    choice: the template of `a if c else b`.
    let: the template of an assignment to a new variable.
    branch: the templates of the beginning and end of an if statement; None for arrays, which use `choice` alone.
    comment: the start of a comment line.
    reserved: names that a generated function must not have.
    dtypes: its float types.
    infinity: infinity in the language. quotient: the template of a quotient whose divisor may be 0, unless `/` serves.
    apart: the template that keeps a/b from being merged into a/(b*c) in a/b/c, because b*c may overflow.
    prefix: the prefix of the names of kernels; `{name}` is the name of the function.
    constant: the template of a number in a choice between arrays; `{like}` is an array of their shape.
    mixes: whether a choice takes a number and an array together.
    tests: whether generated files can contain a test.
    is_formula: whether it writes the formula itself, without a program.
    second: whether it needs the second derivative, for the slope of the slope.
    takes_arguments: whether it writes functions that take their parameters as arguments.
    run_as: how the code was run when its errors were measured, if not in the language itself.
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
        """Check that a function can have this name in the language.

        Raises:
            ValueError: for an invalid or reserved name; the message gives the name.
        """
        taken |= self.reserved | {"x", "y", "u"}
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name, re.ASCII) or name in taken:
            why = " (the name is taken)" if name.isidentifier() and name.isascii() else ""
            raise ValueError(f"--name {name!r}: no name for a function in {self.title}{why}; use letters, digits and _")

    def commented(self, lines: tuple[str, ...] | list[str]) -> list[str]:
        """The lines as comment lines, without characters that could end the comment."""
        return [f"{self.comment}{_harmless(line)}".rstrip() for line in lines]

    def number(self, text: str) -> str:
        """A float literal of the language, from the text of a number."""
        if text == "inf":
            return self.infinity
        return text if re.search(r"[.e]", text) else f"{text}.0"


def _harmless(line: str) -> str:
    """The line with control characters, backslashes and delimiters replaced, so that it cannot end a comment."""
    shown = "".join(letter if letter.isprintable() else " " for letter in line).replace("\\", "/")
    return shown.replace("*/", "* /").replace("/*", "/ *").replace('"""', '" " "').rstrip()


def kernels_of(programs: list[Node], language: Language) -> dict[str, Kernel]:
    """The kernels that programs need in a language, in an order in which each comes after the kernels that it needs."""
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
    """The lines of kernels as functions, each after a comment with its reason."""
    lines = []
    for called, kernel in found.items():
        lines += [*language.commented([kernel.reason]), *function(prefix + called, kernel.parameters, kernel.root)]
    return lines


@dataclass
class Body:
    """The statements of one function, written line by line.

    names: the names of arguments in the text, by their names in the tree.
    prefix: the prefix of the names of kernels.
    count: the number of variables assigned so far, which are named t1, t2, ...
    """

    language: Language
    names: Mapping[str, str]
    prefix: str = ""
    indent: str = "    "
    lines: list[str] = field(default_factory=list)
    count: int = 0

    def returning(self, tree: Node, give: str) -> list[str]:
        """Statements that compute the value of the tree; the template `give` returns or assigns it."""
        if self.language.branch:
            self._branch(tree, give, {}, 1)
        else:
            self._line(1, give.format(self._chosen(tree)))
        return self.lines

    def expression(self, tree: Node, depth: int = 1) -> str:
        """The text of an expression without branches, after lines that assign its shared and its long parts."""
        text = self.text(tree, {}, _shared([tree]), depth)
        return _unparenthesised(text, tree)

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
        """Write a comment line before a case that is a series."""
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
            return self._as_array(self.text(tree, known, shared, 1), tree, next(iter(self.names.values())))
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
        """The text of a choice, from the texts of its condition and of both results."""
        like = next(node.text for node in walk(condition) if node.op == "name")
        a, b = texts[1:]
        if not self.language.mixes or all(value_of(node) is not None for node in nodes):
            a = self._as_array(a, nodes[0], self.names[like])
        if not self.language.mixes:
            b = self._as_array(b, nodes[1], self.names[like])
        return self.language.choice.format(c=texts[0], a=a, b=b)

    def _as_array(self, text: str, node: Node, like: str) -> str:
        """The text of an expression, as an array if it is a number and the language needs arrays."""
        if self.language.branch or value_of(node) is None:
            return text
        # TensorFlow caches constants and takes -0.0 for a cached 0.0, so the minus sign is a separate operation.
        sign = "-" if text == "-0.0" else ""
        return sign + self.language.constant.format(number=text.removeprefix(sign), like=like)

    def text(self, node: Node, known: dict[Node, str], shared: set[Node], depth: int) -> str:
        """The text of an expression, after lines that assign its shared and its long parts to variables."""
        return known[node] if node in known else self._formatted(node, known, shared, depth)[0]

    def _text(self, node: Node, known: dict[Node, str], shared: set[Node], depth: int) -> tuple[str, int]:
        if node in known:
            return known[node], _HIGHEST
        text, precedence = self._formatted(node, known, shared, depth)
        if (node in shared or len(text) > _WIDTH) and node.op not in COMPARISONS.values():
            self.count += 1
            known[node] = f"t{self.count}"
            self._line(depth, self.language.let.format(known[node], _unparenthesised(text, node)))
            return known[node], _HIGHEST
        return text, precedence

    def _formatted(self, node: Node, known: dict[Node, str], shared: set[Node], depth: int) -> tuple[str, int]:
        language = self.language
        if node.op == "number":
            return language.number(node.text), _HIGHEST
        if node.op == "name":
            return self.names[node.text], _HIGHEST
        parts = [self._text(arg, known, shared, depth) for arg in node.args]
        if node.op == "neg":
            inner = node.args[0]
            # The minus sign of a product whose first factor is a number needs no parentheses: -(2*x) equals -2*x.
            keeps = (
                inner.op in ("mul", "div")
                and parts[0][1] == _PRECEDENCE["mul"]
                and value_of(_first_factor(inner)) is not None
            )
            return f"-{parts[0][0] if keeps or parts[0][1] >= 4 else f'({parts[0][0]})'}", 3 if keeps else 4
        if node.op in _INFIX:
            (a, a_precedence), (b, b_precedence) = parts
            precedence = _PRECEDENCE[node.op]
            if node.op == node.args[0].op == "div" and language.apart:
                a, a_precedence = language.apart.format(a), _HIGHEST
            if node.op == "div" and language.quotient != "{} / {}" and not never_zero(node.args[1]):
                return language.quotient.format(a, b), _HIGHEST
            left = a if a_precedence >= precedence else f"({a})"
            right = b if b_precedence > precedence else f"({b})"
            if node.op == "add" and value_of(node.args[1]) is not None and b.startswith("-"):
                return f"{left} - {b[1:]}", precedence
            return f"{left} {_INFIX[node.op]} {right}", precedence
        if node.op == "where":
            return self._choice(node.args[0], [part[0] for part in parts], list(node.args[1:])), _HIGHEST
        texts = [part[0] for part in parts]
        if node.op in language.native:
            return language.native[node.op].format(*texts), _HIGHEST
        return f"{self.prefix}{node.op}({', '.join(map(_unparenthesised, texts, node.args))})", _HIGHEST


def _is_series(node: Node) -> bool:
    """Whether an expression is a polynomial of more than a few terms."""
    parts = list(walk(node))
    return len(parts) > 12 and all(part.op in ("add", "sub", "mul", "neg", "number", "name") for part in parts)


def _unparenthesised(text: str, node: Node) -> str:
    """The text of a choice without the parentheses around it."""
    return text[1:-1] if node.op == "where" and text.startswith("(") else text


def _first_factor(node: Node) -> Node:
    while node.op in ("mul", "div"):
        node = node.args[0]
    return node


def _shared(roots: list[Node]) -> set[Node]:
    """The operations that are used more than once, apart from negated names and numbers."""
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
    """Whether an expression is proved to be nonzero for every x, so that dividing by it is safe."""
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
    """Whether an expression is proved to be 0 or more for every x."""
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
