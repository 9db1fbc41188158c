"""Turns a SPEC into an activation: names, framework symbols, formulas, tables, and parameters after an @."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from actcli.activations.activation import Activation
from actcli.activations.definition import COMPUTED, USER, Definition, SpecError, by_folded_name, definitions
from actcli.spelling import did_you_mean, fold

if TYPE_CHECKING:
    from actcli.formulas.grammar import Node

_NAME = re.compile(r"[^\W\d][\w-]*")
_DOTTED = re.compile(r"([^\W\d]\w*)\.(?=\D)")
_OF_A_NUMBER = re.compile(r"(\w+)\(\s*[-+]?[\d.]+(?:e[-+]?\d+)?\s*\)")
_CALLED_WITH_X = re.compile(r"\(.*\bx\b")
#: A call in Python code, F.leaky_relu(x, 0.1): the name, and the parameters after x.
_CALL = re.compile(r"([\w.]+)\(\s*x\s*(?:,([^()]*))?\)")
#: A function with keyword parameters, swish(beta=2).
_WITH_KEYS = re.compile(r"([\w-]+)\(\s*(\w+\s*=[^(),]+(?:,\s*\w+\s*=[^(),]+)*)\)")
#: A call with a list of numbers: torch.relu(torch.Tensor([1, -2])), softmax([1, 2]).
_AT_NUMBERS = re.compile(r"([\w.]+)\((?:[\w.]+\()?(\[[-+.\deE,;\s\[\]]*\])\)*")
#: Words that users write in place of functions, and the messages that name the right command.
_MEANT = {
    **dict.fromkeys(
        ("vs", "vs.", "versus", "and", "&"),
        "functions stand side by side with nothing between, as in relu leaky_relu",
    ),
    **dict.fromkeys(
        ("grad", "derivative", "gradient", "slope"), "slopes are told by actcli grad SPEC and drawn by plot SPEC --grad"
    ),
    **dict.fromkeys(("spiral", "moons", "circles", "xor"), "data sets are drawn by actcli spiral --plot FILE"),
    "none": "the one that changes nothing is linear",
    "all": "every function is drawn by plot --all",
}
#: The prefix of the name of a file with a table.
_TABLE = "table:"
_DOTTED_NAME = re.compile(r"[\w.:-]+")


def get(spec: str) -> Activation:
    """The activation of a SPEC: table:FILE, or NAME, FRAMEWORK.NAME or a formula in x with optional @key=value,...

    >>> get("Leaky-ReLU@negative_slope=0.1").spec
    'leaky_relu@negative_slope=0.1'
    >>> get("x*sigmoid(b*x)@b=2")(1.0)
    np.float64(0.8807970779778824)

    Raises:
        SpecError: for an unknown part, which the message names with the nearest known names.
    """
    if spec.strip().startswith(_TABLE):
        from actcli.activations import tables

        file = spec.strip()
        return Activation(tables.definition(tables.read(file.removeprefix(_TABLE)), file), {}, file)
    head, at, tail = spec.strip().partition("@")
    head = head.strip()
    if at and head and _is_bare_number(tail):
        tail = f"{_only_parameter(spec, head)}={tail}"
    options = _options(spec, tail) if at else {}
    if not head:
        raise SpecError(f"{spec!r} names no function; try relu, or a formula such as 'x*sigmoid(x)'")
    if meant := _MEANT.get(head.lower()):
        raise SpecError(f"unknown function {head!r}; {meant}")
    if head.endswith("'") and fold(head[:-1]) in by_folded_name:
        raise SpecError(f"{head!r}: {_MEANT['slope'].replace('SPEC', head[:-1])}")
    if not at and head.partition("=")[0].strip() == "x" and head[-1:].isdigit():
        raise SpecError(f"{head!r}: numbers stand alone, as in actcli eval sigmoid {head.partition('=')[2].strip()}")
    if not at and _is_parameter(head) and not head.lstrip().startswith(("f", "g", "y")):
        raise SpecError(f"{head!r} is part of the function before it, after an @, as in leaky_relu@negative_slope=0.1")
    if numbers := _AT_NUMBERS.fullmatch(head):
        values = re.sub(r"[\s,;\[\]]+", " ", numbers[2]).strip()
        raise SpecError(f"{head!r}: numbers stand after the function, as in actcli eval {numbers[1]} {values}")
    if not at and (call := _WITH_KEYS.fullmatch(head)) and fold(call[1]) in by_folded_name:
        return get(f"{call[1]}@{call[2]}")
    if (call := _CALL.fullmatch(head)) and (called := _from_call(call[1], call[2] or "", options)):
        return called
    if (dotted := _DOTTED.match(head)) and not _CALLED_WITH_X.search(head):
        from actcli.activations import frameworks

        if _DOTTED_NAME.fullmatch(head) or frameworks.framework_of(dotted[1]):
            return _from_framework(dotted[1], head[dotted.end() :], options)
    given = {key: _number(spec, key, text) for key, text in options.items()}
    if not _NAME.fullmatch(head.removesuffix(".")):
        return _from_formula(head, given)
    name = by_folded_name.get(fold(head))
    if name is None:
        if head == "x" or _is_formula(head, given):
            return _from_formula(head, given)
        from actcli.activations import frameworks

        if framework := frameworks.framework_of(head.removesuffix(".")):
            shown = f"'actcli list --framework {framework.prefix}' shows its functions"
            raise SpecError(f"unknown function {head!r}; it is a framework, and {shown}")
        from actcli.formulas.grammar import ARITY

        if ARITY.get(head) == 1:
            raise SpecError(f"{head!r} is no activation function; as a formula it is '{head}(x)'")
        raise SpecError(f"unknown function {head!r}{did_you_mean(head, _all_names())}; 'actcli list' shows all")
    definition = definitions[name]
    bare = Activation(definition, dict(definition.defaults), definition.name)
    return bare.bind(**given) if given else bare


def split_specs(text: str) -> list[str]:
    """The SPECs of a comma-separated list; commas between parameters or arguments of a formula do not separate.

    A comma at the end adds nothing, because the next word may continue the list.

    >>> split_specs("relu,elu@alpha=1,where(x>0,x,0),hard_sigmoid@slope=0.2,offset=0.5")
    ['relu', 'elu@alpha=1', 'where(x>0,x,0)', 'hard_sigmoid@slope=0.2,offset=0.5']
    """
    specs: list[str] = []
    depth = start = 0
    text = text.rstrip().removesuffix(",")
    for position, character in enumerate(text + ","):
        depth += (character == "(") - (character == ")")
        if character == "," and (depth <= 0 or position == len(text)):
            piece = text[start:position]
            if specs and "@" in specs[-1] and _is_parameter(piece):
                specs[-1] += f",{piece}"
            else:
                specs.append(piece)
            start = position + 1
    return specs


def _is_parameter(piece: str) -> bool:
    key, equals, value = piece.partition("=")
    return bool(equals) and key.strip().isidentifier() and not value.startswith("=")


def _is_formula(text: str, parameters: Mapping[str, float]) -> bool:
    """Whether a word of letters, digits and hyphens is a formula, as x-1, x-pi and x² are but leaky-rleu is not."""
    from actcli.formulas.grammar import FormulaError, parse

    try:
        parse(text, parameters)
    except FormulaError:
        return False
    return not text.isidentifier()


def _all_names() -> list[str]:
    return [name for definition in definitions.values() for name in (definition.name, *definition.aliases)]


def _one_number_names() -> list[str]:
    return [name for name in _all_names() if not definitions[by_folded_name[fold(name)]].is_row]


def _from_call(path: str, arguments: str, options: Mapping[str, str]) -> Activation | None:
    """The activation that a call with x means, or None if the call is a formula: np.maximum(x, 0), relu(x)."""
    from actcli.activations import frameworks
    from actcli.formulas.grammar import ARITY, MEANINGS

    prefix, _, symbol = path.partition(".")
    is_of_the_grammar = path.rpartition(".")[2] in (*ARITY, *MEANINGS)
    if symbol and frameworks.framework_of(prefix):
        try:
            return _from_framework(prefix, f"{symbol}({arguments})", options)
        except SpecError:
            if is_of_the_grammar:
                return None
            raise
    name = by_folded_name.get(fold(path))
    if not arguments or is_of_the_grammar or name is None:
        return None
    definition = definitions[name]
    written = {**frameworks.arguments(arguments, list(definition.defaults), name), **options}
    given = {key: _number(path, key, text) for key, text in written.items()}
    return Activation(definition, dict(definition.defaults), name).bind(**given)


def _is_bare_number(tail: str) -> bool:
    """Whether the text after the @ is a number without a key."""
    return re.fullmatch(r"\s*[-+]?\.?\d[\d.]*(e[-+]?\d+)?\s*", tail, re.IGNORECASE) is not None


def _only_parameter(spec: str, head: str) -> str:
    """The only parameter of a function; a SpecError that names all its parameters if it has none or several."""
    function = get(head)
    keys = list(function.parameters)
    if len(keys) != 1:
        has = f"its parameters are {', '.join(keys)}: {head}@{keys[0]}=..." if keys else "it has no parameters"
        raise SpecError(f"{spec!r}: {function.name} takes key=value after '@', and {has}")
    return keys[0]


def _options(spec: str, text: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in text.split(","):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not (key and equals and value):
            raise SpecError(f"{spec!r}: expected key=value after '@', found {part!r}")
        if key in options:
            raise SpecError(f"{spec!r}: parameter {key!r} is given twice")
        options[key] = value
    return options


def _number(spec: str, key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise SpecError(f"{spec!r}: {key} must be a number, not {text!r}{_chosen(spec, key, text)}") from None
    if not math.isfinite(value):
        raise SpecError(f"{spec!r}: {key} must be finite, not {text}")
    return value


def _chosen(spec: str, key: str, text: str) -> str:
    """The function that a framework chooses by such a word, as gelu's approximate=tanh; nothing if none does."""
    from actcli.activations import frameworks

    name = fold(spec.partition("@")[0].strip())
    for row in frameworks.rows():
        if key in row.choices and name in map(fold, row.words()) and row.accepts({key: text}):
            return f"; that is {row.function}, or {row.label(row.symbols[0])}"
    return ""


def _from_framework(prefix: str, symbol: str, options: Mapping[str, str]) -> Activation:
    from actcli.activations import frameworks

    entry = frameworks.resolve(prefix, symbol, options)
    definition = get(entry.row.function).definition
    parameters = entry.parameters(definition.defaults)
    if definition.family == USER:
        definition = replace(definition, kinks=entry.row.kinks, summary=f"What {entry.symbol} computes.")
    if entry.row.formula:
        definition = replace(
            definition,
            formula=entry.row.formula,
            kinks=entry.row.kinks,
            defaults=parameters,
            # The stated domain does not apply to a formula with other parameters.
            domain=definition.domain if definition.defaults.keys() <= parameters.keys() else (),
            value=None,
            first=None,
        )
    bound = Activation(definition, parameters, entry.name)
    if entry.options:
        bound = bound.bind(**{key: _number(entry.name, key, text) for key, text in entry.options.items()})
    return replace(bound, kink_rules=tuple(entry.row.slopes))


def _from_formula(text: str, parameters: Mapping[str, float]) -> Activation:
    from actcli.formulas.grammar import FormulaError, names_in, parse
    from actcli.formulas.render import render
    from actcli.formulas.tokens import without_head

    variable, start = without_head(text)
    called: list[str] = []
    try:
        root = parse(text, parameters, known=lambda name: _tree_of(name, called), offered=_one_number_names())
    except FormulaError as error:
        raise SpecError(str(error)) from None
    alone = _OF_A_NUMBER.fullmatch(text)
    name = called[0] if called else alone[1] if alone and fold(alone[1]) in by_folded_name else None
    if name and "x" not in names_in(root):
        raise SpecError(
            f"formula {text!r} has no x; a function at its place is {name}(x), its value at 3 is given by "
            f"actcli eval {name} 3, a parameter stands after @"
        )
    if variable == "x":
        text = text[start:].strip()
    definition = Definition(
        name=render(root),
        summary="A formula of your own.",
        family=USER,
        formula=render(root) if called else text,
        source="",
        aliases=(),
        defaults=parameters,
        domain=(),
        kinks=COMPUTED,
        is_row=False,
        value=None,
    )
    tail = ",".join(f"{key}={value!r}" for key, value in parameters.items())
    return Activation(definition, parameters, f"{text}@{tail}" if tail else text)


def _tree_of(name: str, called: list[str]) -> Node | None:
    """The formula, in u, of an elementwise function at its default parameters; its name is appended to `called`."""
    from actcli.formulas.formula import constant_node
    from actcli.formulas.grammar import FormulaError, make_node, parse, replaced

    canonical = by_folded_name.get(fold(name))
    if canonical is None:
        return None
    if definitions[canonical].is_row:
        raise FormulaError(f"{canonical} works on rows; a formula in x takes functions of one number")
    called.append(canonical)
    definition = definitions[canonical]
    values = {key: constant_node(value) for key, value in definition.defaults.items()}
    return replaced(parse(definition.formula, definition.defaults), {"x": make_node("name", text="u"), **values})
