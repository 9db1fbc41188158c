"""The names of the frameworks: `torch.GELU`, `keras.leaky_relu`, `onnx.HardSigmoid` -> function and parameters.

The facts stand in `frameworks.tsv`, one line for each function of a framework, with the columns

symbols     full dotted paths in the framework, all of the same function
function    canonical name of the function, or a formula where the registry has no such function
parameters  the parameters of the framework, in the order of its signature: `negative_slope` (by its canonical name),
            `alpha:negative_slope` (where the framework spells it differently), `=0.2` (where its default differs),
            `=?` (where it has no default, so that the canonical default is used, or the number after it: `=?2`, an
            infinite one only if other parameters are set), and words that select this line among several:
            `approximate=tanh`, `a|b`
slopes      the slopes at the kinks if they differ from actcli's convention, from the smallest kink to the largest:
            `left`, `right`, `mean` or a number; a single word applies to every kink
formula     the framework's function where its definition differs, in the grammar of formulas/grammar.py
kinks       the kinks of the formula, in either column
note        remarks: other defaults, rounding errors and bugs (noted here, never imitated)

Of several lines that match a name exactly, the first is taken: `keras.gelu` is `keras.activations.gelu`, and
`keras.ops.gelu` needs the longer name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from actcli.activations.definition import SpecError
from actcli.packed import packed
from actcli.spelling import did_you_mean, fold, nearest


@dataclass(frozen=True)
class Framework:
    """A framework: its full name, the release that the table describes, and further prefixes for it in a SPEC.

    slopes: whether its slopes at kinks are known; if not, actcli's own convention is used.
    """

    prefix: str
    title: str
    release: str
    modules: tuple[str, ...] = ()
    slopes: bool = True


FRAMEWORKS = {
    framework.prefix: framework
    for framework in (
        Framework("torch", "PyTorch", "2.13.0", ("pytorch", "nn", "F")),
        Framework("keras", "Keras 3 (on JAX)", "3.15.1", ("keras3",)),
        Framework("keras2", "Keras 2 (tf_keras)", "2.21.0", ("tf_keras",)),
        Framework("jax", "JAX", "0.10.2"),
        Framework("flax", "Flax", "0.12.8"),
        Framework("tf", "TensorFlow", "2.21.0", ("tensorflow",)),
        Framework("tfa", "TensorFlow Addons", "0.23.0", ("tensorflow_addons",)),
        Framework("onnx", "ONNX", "1.23.2, opset 28", slopes=False),
        Framework("ort", "ONNX Runtime's own operators", "1.31.1", ("onnxruntime",), slopes=False),
        Framework("timm", "timm", "1.0.31"),
        Framework("hf", "Hugging Face transformers", "5.23.0", ("transformers",)),
        Framework("mlx", "MLX", "0.32.4"),
        Framework("paddle", "PaddlePaddle", "3.3.1", ("paddlepaddle",)),
        Framework("mxnet", "MXNet", "1.9.1"),
        Framework("chainer", "Chainer", "7.8.1"),
        Framework("tinygrad", "tinygrad", "0.14.0"),
        Framework("scipy", "SciPy and NumPy", "1.17.1 and 2.4.6", ("numpy",), slopes=False),
        Framework("echo", "Echo (echoAI)", "0.1.3", ("echoai",)),
        Framework("nnlib", "NNlib.jl", "0.9.36, read from source"),
        Framework("burn", "Burn", "0.22.0-pre.2, read from source", slopes=False),
        Framework("tfjs", "TensorFlow.js", "4.22.0"),
    )
}


@dataclass(frozen=True)
class Row:
    """One line of the table, whose columns the docstring of the module explains."""

    framework: str
    symbols: tuple[str, ...]
    function: str
    spellings: Mapping[str, str]  # the framework's name of a parameter -> the canonical name
    values: Mapping[str, float]  # canonical name -> the framework's default, where it differs
    required: tuple[str, ...]  # canonical names of parameters without a default in the framework
    choices: Mapping[str, tuple[str, ...]]  # options that select this line: "approximate" -> ("tanh",)
    slopes: tuple[str, ...]
    formula: str
    kinks: str
    note: str

    @classmethod
    def parse(cls, line: str) -> Row:
        """The row of a line of the table."""
        cells = line.split("\t")
        framework, symbols, function, parameters, slopes, formula, kinks, note = cells + [""] * (8 - len(cells))
        spellings, values, required, choices = {}, {}, [], {}
        for item in parameters.split():
            names, _, default = item.partition("=")
            spelling, _, canonical = names.partition(":")
            number = default.removeprefix("?")
            if number and not _NUMBER.fullmatch(number):
                choices[spelling] = tuple(default.split("|"))
                continue
            spellings[spelling] = canonical or spelling
            if number != default:
                required.append(spellings[spelling])
            if number:
                values[spellings[spelling]] = float(number)
        return cls(
            framework,
            tuple(symbols.split()),
            function,
            spellings,
            values,
            tuple(required),
            choices,
            tuple(slopes.split()),
            formula,
            kinks,
            note,
        )

    def words(self) -> set[str]:
        """The last word of each symbol."""
        return {_words(symbol)[-1] for symbol in self.symbols}

    def accepts(self, options: Mapping[str, str]) -> bool:
        """Whether the framework's function on this line has these options."""
        return all(
            text.strip("'\"").lower() in self.choices[key] if key in self.choices else key in self._parameter_names
            for key, text in options.items()
        )

    @property
    def meaning(self) -> tuple[object, ...]:
        """A key that is equal for lines that compute the same by default."""
        return self.function, dict(self.values), self.slopes, self.formula

    @property
    def _parameter_names(self) -> set[str]:
        return {*self.spellings, *self.spellings.values()}

    def label(self, symbol: str) -> str:
        """The shortest name by which a symbol is resolved to this line: `torch.GELU`, `keras.ops.gelu`."""
        words = _words(symbol)
        for length in range(1, len(words) + 1):
            first, path = next(_rows_ending_in(self.framework, words[-length:]))
            if first is self or path == symbol:
                break
        name = ".".join([self.framework, *words[-length:]])
        if first is self or not self.choices:
            return name
        return f"{name}@" + ",".join(f"{key}={values[0]}" for key, values in self.choices.items())

    def labels(self) -> tuple[str, ...]:
        """The names that are resolved to this line; none for a line that only numbers among the options select."""
        found = dict.fromkeys(self.label(symbol) for symbol in self.symbols)
        return tuple(label for label in found if resolve(*split(label)).row is self)


_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+|inf)(e[-+]?\d+)?")


@dataclass(frozen=True)
class Entry:
    """The result of looking up a framework's symbol.

    Attributes:
        row: the line of the table.
        symbol: the full dotted path of the symbol.
        name: its printed name, `torch.GELU`.
        options: the values that the user set, as text, by canonical parameter name.
    """

    row: Row
    symbol: str
    name: str
    options: Mapping[str, str]

    def parameters(self, defaults: Mapping[str, float]) -> dict[str, float]:
        """The framework's parameter values, before the user's options.

        Args:
            defaults: the canonical function's own defaults.

        >>> resolve("keras", "LeakyReLU").parameters({"negative_slope": 0.01})
        {'negative_slope': 0.3}
        """
        values = {
            name: value
            for name, value in self.row.values.items()
            if self.options or name not in self.row.required or math.isfinite(value)
        }
        if not self.row.formula:
            return {**defaults, **values}
        kept = {name: defaults[name] for name in self.row.spellings.values() if name in defaults}
        return {**kept, **values}


@cache
def rows() -> tuple[Row, ...]:
    """All lines of the table, in order."""
    lines = packed("actcli.activations", "frameworks.tsv").decode().splitlines()
    return tuple(Row.parse(line) for line in lines[1:])


@cache
def _symbols(framework: str) -> tuple[tuple[Row, str, tuple[str, ...]], ...]:
    found = [(row, symbol) for row in rows() if row.framework == framework for symbol in row.symbols]
    return tuple((row, symbol, tuple(_words(symbol))) for row, symbol in found)


def _words(symbol: str) -> list[str]:
    return re.findall(r"\w+", symbol)


def _rows_ending_in(framework: str, tail: list[str], *, loose: bool = False) -> Iterator[tuple[Row, str]]:
    """The rows of a framework with a symbol whose dotted path ends in these words, and that symbol."""
    wanted = [fold(word) for word in tail] if loose else tail
    for row, symbol, words in _symbols(framework):
        end = words[-len(wanted) :]
        if [fold(word) for word in end] == wanted if loose else list(end) == wanted:
            yield row, symbol


@cache
def spellings(function: str) -> Mapping[str, str]:
    """The frameworks' names of the parameters of a function, with the canonical name where all agree on it.

    >>> spellings("leaky_relu")["alpha"]
    'negative_slope'
    """
    found: dict[str, set[str]] = {}
    for row in rows():
        if row.function == function and not row.formula:
            for word, canonical in row.spellings.items():
                found.setdefault(word, set()).add(canonical)
    return {word: meant.pop() for word, meant in found.items() if len(meant) == 1}


def framework_of(prefix: str) -> Framework | None:
    """The framework of a prefix (or of the name of its package, in any case), or None."""
    wanted = fold(prefix)
    return next((f for f in FRAMEWORKS.values() if wanted in map(fold, (f.prefix, *f.modules))), None)


def split(label: str) -> tuple[str, str, dict[str, str]]:
    """A name as the arguments of `resolve`.

    >>> split("torch.gelu@approximate=tanh")
    ('torch', 'gelu', {'approximate': 'tanh'})
    """
    head, _, tail = label.partition("@")
    framework, _, symbol = head.partition(".")
    return framework, symbol, dict(part.split("=") for part in tail.split(",")) if tail else {}


def framework_called(prefix: str) -> Framework:
    """The framework of a prefix.

    Raises:
        SpecError: for an unknown prefix, with the nearest names.
    """
    framework = framework_of(prefix)
    if framework is None:
        hint = did_you_mean(prefix, FRAMEWORKS) or f"; known are {', '.join(FRAMEWORKS)}"
        raise SpecError(f"unknown framework {prefix!r}{hint}")
    return framework


def resolve(prefix: str, symbol: str, options: Mapping[str, str] | None = None) -> Entry:
    """Look up a framework's symbol.

    Args:
        prefix: the framework, such as "torch".
        symbol: the last word or any longer end of its dotted path, in the spelling of the framework, or in any case and
            without `-` and `_` if that is unambiguous. A call, `gelu(approximate='tanh')` or `LeakyReLU(0.1)`, is
            accepted too.
        options: the parameters that the user sets, by the framework's names or the canonical ones; they may select a
            line (`approximate=tanh`).

    Raises:
        SpecError: for an unknown symbol, with the nearest names.

    >>> entry = resolve("keras", "LeakyReLU")
    >>> entry.name, entry.row.function, entry.row.values
    ('keras.LeakyReLU', 'leaky_relu', {'negative_slope': 0.3})
    """
    framework = framework_called(prefix)
    if framework is FRAMEWORKS["tf"] and symbol.startswith("keras."):
        # tf.keras is Keras, whose paths may lack their first word: activations.relu, relu.
        framework, symbol = FRAMEWORKS["keras"], symbol.removeprefix("keras.")
    symbol = symbol.partition(" / ")[0]  # lists of activations write `silu / swish` for two names of one function
    chosen = dict(options or {})
    found = _find(framework.prefix, _words(symbol.replace("-", "_")))
    if not found and "(" in symbol:
        head, _, call = symbol.partition("(")
        found = _find(framework.prefix, _words(head.replace("-", "_")))
        written = set(_words(call.lower()))
        meant = [
            (row, path) for row, path in found if written <= {*row.choices, *_flat(row.choices), *row.spellings, "or"}
        ]
        if meant:
            found = meant
            chosen = {**{key: values[0] for key, values in meant[0][0].choices.items()}, **chosen}
        elif found:
            fullest, path = _with_most_parameters(found)
            chosen = {**arguments(call, list(fullest.spellings), fullest.label(path)), **chosen}
    if not found:
        raise SpecError(_unknown(framework, symbol))
    row, path = next(((row, path) for row, path in found if row.accepts(chosen)), _with_most_parameters(found))
    renamed: dict[str, str] = {}
    for key, text in chosen.items():
        if key in row.choices and row.accepts({key: text}):
            continue
        name = row.spellings.get(key, key)
        if name in renamed:
            raise SpecError(f"{row.label(path)}: {name} is given twice")
        renamed[name] = text
    return Entry(row, path, row.label(path), renamed)


def _with_most_parameters(found: Sequence[tuple[Row, str]]) -> tuple[Row, str]:
    """The line with the most parameters, which gives the order of positional arguments."""
    return max(found, key=lambda one: len(one[0].spellings))


def arguments(call: str, parameters: Sequence[str], name: str) -> dict[str, str]:
    """The numbers in a call of `name` as options; positional arguments get the names of the parameters in order.

    >>> arguments("-2, max_val=3)", ["min_val", "max_val"], "torch.Hardtanh")
    {'min_val': '-2', 'max_val': '3'}
    """
    given: dict[str, str] = {}
    for place, part in enumerate(call.rstrip(") ").split(",")):
        key, _, value = (piece.strip() for piece in part.rpartition("="))
        if not _NUMBER.fullmatch(value) or key in ("dim", "axis"):
            continue
        if not key and place >= len(parameters):
            has = f"it has {' '.join(parameters)}" if parameters else "it has none"
            raise SpecError(f"{name}: which parameter is {value}? {has}")
        given[key or parameters[place]] = value
    return given


def _flat(choices: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {word for values in choices.values() for word in values}


def _find(framework: str, words: list[str]) -> list[tuple[Row, str]]:
    """The lines whose symbols end in these words, best first; none if there is no such symbol."""
    if not words:
        return []
    if exact := list(_rows_ending_in(framework, words)):
        return exact
    loose = list(_rows_ending_in(framework, words, loose=True))
    if any(row.meaning != loose[0][0].meaning for row, symbol in loose if "@" not in row.label(symbol)):
        names = sorted({label for row, symbol in loose if "@" not in (label := row.label(symbol))})
        raise SpecError(
            f"{framework}.{'.'.join(words)} could be {' or '.join(names)}, which differ; spell it as the framework does"
        )
    return loose


def _unknown(framework: Framework, symbol: str) -> str:
    """The message for a symbol that the framework does not have."""
    last = (_words(symbol) or [""])[-1]
    wanted = fold(last)
    functions = {
        row.function for row in rows() if wanted in (fold(row.function), *(fold(_words(s)[-1]) for s in row.symbols))
    }
    own_rows = [row for row in rows() if row.framework == framework.prefix]
    spelt = [(row, s, _words(s)[-1]) for row in own_rows for s in row.symbols]
    alike = [(end != last, row.label(s)) for row, s, end in spelt if fold(end) == wanted]
    same = [label for _, label in sorted(alike, key=lambda one: one[0])]  # exact spelling first
    same = same or [row.label(row.symbols[0]) for row in own_rows if row.function in functions]
    if same:
        return f"{framework.title} has no {symbol!r}; that function is called {same[0]} there"
    if functions:
        return f"{framework.title} has no {symbol!r}, nor that function by another name"
    own = {words[-1]: f"{framework.prefix}.{words[-1]}" for _, _, words in reversed(_symbols(framework.prefix))}
    near = " or ".join(own[word] for word in nearest(symbol, own))
    hint = f"; did you mean {near}?" if near else f"; see `actcli list --framework {framework.prefix}`"
    return f"{framework.title} has no {symbol!r}{hint}"
