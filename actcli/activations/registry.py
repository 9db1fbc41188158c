"""The registry: what an activation is, how one is declared, and how a SPEC finds it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.activations.primitives import BAR, Array

if TYPE_CHECKING:
    from actcli.activations.formula import Formula, RowTruth
    from actcli.activations.properties import Properties

Kernel = Callable[..., Array]

#: Elements worked on at a time: the block, its result and a few temporaries stay in the cache.
BLOCK = 8192

_FLOATS = (np.dtype(np.float64), np.dtype(np.float32), np.dtype(np.float16))


class SpecError(ValueError):
    """A SPEC that names no activation; the message says which part, and what is near it."""


@dataclass(eq=False)
class Definition:
    """What a block in a family module states; `get` binds it to parameter values.

    Calling conventions of the kernels: they take a float64 array (elementwise: one block, any length; row
    functions: rows on the last axis) and the parameters by keyword, and return a new array.
    """

    name: str
    summary: str
    family: str
    formula: str
    source: str
    aliases: tuple[str, ...]
    defaults: Mapping[str, float]
    domain: tuple[str, ...]
    kinks: str
    is_row: bool
    value: Kernel | None
    first: Kernel | None = None
    width: Callable[..., int] | None = None
    extra: Callable[..., dict[str, list[float]]] | None = None
    selects: bool = False

    def slope(self, kernel: Kernel) -> Kernel:
        """Decorator: the hand-written slope of this function (a row function's Jacobian)."""
        self.first = kernel
        return kernel

    def numbers(self, kernel: Callable[..., dict[str, list[float]]]) -> Callable[..., dict[str, list[float]]]:
        """Decorator: numbers, one an entry of a row of n, that a row function's formula refers to by name."""
        self.extra = kernel
        return kernel

    def output_width(self, kernel: Callable[..., int]) -> Callable[..., int]:
        """Decorator: how many outputs a row of n inputs gives, for row functions that change it."""
        self.width = kernel
        return kernel


#: The modules of activations, in the order in which lists and galleries show them.
FAMILIES = ("rectifiers", "smooth", "sigmoids", "oscillating", "rows")

_definitions: dict[str, Definition] = {}
_loose: dict[str, str] = {}


def activation(
    formula: str,
    *,
    source: str,
    aliases: tuple[str, ...] = (),
    kinks: str = "",
    domain: tuple[str, ...] = (),
    row: bool = False,
    selects: bool = False,
) -> Callable[[Callable[..., Any]], Definition]:
    """Declare an activation: the decorator of one block in a family module.

    The function under it gives the name, the summary (first docstring line) and the parameters with their
    defaults (keyword-only arguments). If it takes `x` it is the kernel; if not, value and slopes come from
    the formula.

    Args:
        formula: expression in x and the parameters, in the grammar of `actcli.activations.formula`.
        source: where the function was published.
        aliases: further names.
        kinks: comma-separated expressions in the parameters: where the slope does not exist; or COMPUTED.
        domain: conditions on the parameters, such as "alpha > 0".
        row: the function works on a whole row (the last axis) instead of on each element.
        selects: the outputs of a row function are inputs, 0 or 1, exact as they stand, and its formula only hints.
    """

    def register(function: Callable[..., Any]) -> Definition:
        code = function.__code__
        family = function.__module__.rpartition(".")[2]
        definition = Definition(
            name=function.__name__,
            summary=(function.__doc__ or "").partition("\n")[0],
            family=family,
            formula=formula,
            source=source,
            aliases=aliases,
            defaults=function.__kwdefaults__ or {},
            domain=domain,
            kinks=kinks,
            is_row=row,
            value=function if code.co_argcount else None,
            selects=selects,
        )
        _definitions[definition.name] = definition
        for name in (definition.name, *aliases):
            if _loose.setdefault(_fold(name), definition.name) != definition.name:
                raise ValueError(f"two activations are called {name!r}")
        return definition

    return register


def _fold(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def names() -> list[str]:
    """Canonical names of all activations, family by family, in a stable order.

    >>> names()[:3]
    ['identity', 'affine', 'abs']
    """
    order = [*FAMILIES, *(definition.family for definition in _definitions.values())]
    return sorted(_definitions, key=lambda name: order.index(_definitions[name].family))


@dataclass(frozen=True, eq=False)
class Activation:
    """An activation function with its parameter values.

    Call it for values, `slope` and `second` for derivatives; arrays of float16, float32 and float64 keep their
    dtype (computed in float64, rounded once), everything else becomes float64. No floating-point warning is ever
    raised: limits at the infinities are limits, nan gives nan.

    >>> get("leaky_relu@negative_slope=0.1")([-3.0, 2.0])
    array([-0.3,  2. ])
    """

    definition: Definition
    parameters: Mapping[str, float]
    spec: str
    kink_rules: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def summary(self) -> str:
        return self.definition.summary

    @property
    def family(self) -> str:
        return self.definition.family

    @property
    def source(self) -> str:
        return self.definition.source

    @property
    def aliases(self) -> tuple[str, ...]:
        return self.definition.aliases

    @property
    def formula(self) -> str:
        return self.definition.formula

    @property
    def is_row(self) -> bool:
        return self.definition.is_row

    def __repr__(self) -> str:
        return f"<Activation {self.spec}>"

    def bind(self, **parameters: float) -> Activation:
        """The same activation with some parameters changed.

        Raises:
            SpecError: for a parameter it does not have, or a value outside its domain.
        """
        definition = self.definition
        for key in parameters:
            if key not in definition.defaults:
                known = ", ".join(definition.defaults)
                takes = f"its parameters are {known}" if known else "it has no parameters"
                raise SpecError(
                    f"{definition.name} has no parameter {key!r}{_suggest(key, definition.defaults)}; {takes}"
                )
        values = {**self.parameters, **{key: float(value) for key, value in parameters.items()}}
        _check_domain(definition, values)
        changed = ",".join(f"{key}={value!r}" for key, value in values.items() if value != self.parameters[key])
        joint = "," if "@" in self.spec else "@"
        return replace(self, parameters=values, spec=f"{self.spec}{joint}{changed}" if changed else self.spec)

    # numbers

    def __call__(self, x: ArrayLike) -> NDArray[Any]:
        """Values at x: same shape and float dtype; a row function works along the last axis."""
        if self.is_row:
            return self._by_row(self._kernel(0), x)
        return self._by_block(0, x)

    def slope(self, x: ArrayLike) -> NDArray[Any]:
        """Slopes at x, analytic; at a kink the slope from the left, 0 at both ends of a clipped function.

        Raises:
            TypeError: for a row function, which has a `jacobian` instead.
        """
        self._elementwise_only("slope")
        return self._by_block(1, x)

    def second(self, x: ArrayLike) -> NDArray[Any]:
        """Second derivatives at x, with the convention of `slope` at a kink."""
        self._elementwise_only("second derivative")
        return self._by_block(2, x)

    def jacobian(self, x: ArrayLike) -> NDArray[Any]:
        """Jacobians of a row function: (..., n) gives (..., m, n), entry [j, i] = d out_j / d in_i."""
        if not self.is_row:
            raise TypeError(f"{self.name} works element by element: it has a slope, not a Jacobian")
        return self._by_row(self._kernel(1), x)

    def output_width(self, n: int) -> int:
        """How many outputs a row of n inputs gives.

        Raises:
            ValueError: if a row of n inputs does not fit, as an odd one for a gated unit.
        """
        width = self.definition.width
        return n if width is None else width(n, **self.parameters)

    def _elementwise_only(self, what: str) -> None:
        if self.is_row:
            raise TypeError(f"{self.name} works on rows: it has a Jacobian, not a {what}")

    @property
    def _is_random(self) -> bool:
        """Whether each input draws its own slope: the formula then tells the mean alone."""
        return not self.is_row and self.parameters.get("seed", -1.0) >= 0

    def _not_random(self) -> None:
        if self._is_random:
            raise ValueError(f"{self.spec} draws its slopes at random: it has no exact value")

    def _kernel(self, order: int) -> Callable[[Array], Array]:
        written = (self.definition.value, self.definition.first, None)[order]
        if written is None:
            return lambda x: self._with_kinks(x, self.truth.values(x, order), order)
        kernel = written
        if order and self.kink_rules:
            return lambda x: self._with_kinks(x, kernel(x, **self.parameters), order)
        return lambda x: kernel(x, **self.parameters)

    def _with_kinks(self, x: Array, values: Array, order: int) -> Array:
        for kink in self.kinks if order else ():
            if (here := x == kink).any():
                values[here] = self.conventions[kink] if order == 1 else 0.0
        return values

    def _by_block(self, order: int, x: ArrayLike) -> NDArray[Any]:
        x = np.asarray(x)
        dtype = x.dtype if x.dtype in _FLOATS else _FLOATS[0]
        kernel = self._kernel(order)
        flat = x.reshape(-1)
        out = np.empty(flat.shape, dtype)
        with np.errstate(all="ignore"):
            for start in range(0, flat.size, BLOCK):
                block = flat[start : start + BLOCK].astype(np.float64, copy=False)
                values = kernel(block)
                if dtype != np.float64 and not self._is_random:
                    self._settle_ties(block, values, dtype, order)
                out[start : start + BLOCK] = values
        return out.reshape(x.shape)[()]

    def _settle_ties(self, x: Array, values: Array, dtype: np.dtype[Any], order: int) -> None:
        """Where float64 leaves open which way a shorter float rounds, take the side that the truth is on."""
        # A tie shows in the bits that the short float drops, except where it is subnormal and drops more of them.
        info = np.finfo(dtype)
        half = 1 << (51 - info.nmant)
        margin = BAR[order]
        open_ = ((values.view(np.int64) + (margin - half)) & (2 * half - 1)) <= 2 * margin
        size = np.abs(values)
        if np.fmin.reduce(size) < info.smallest_normal:
            open_ |= (size < info.smallest_normal) & (values != 0)
        candidates = np.flatnonzero(open_)
        if not candidates.size:
            return
        near = values[candidates]
        short = near.astype(dtype)
        ties = np.zeros(near.shape, bool)
        for direction in (-np.inf, np.inf):
            neighbour = np.nextafter(short, dtype.type(direction)).astype(np.float64)
            gap = np.abs(near - (short + neighbour) / 2)
            ties |= (gap <= margin * np.spacing(np.abs(near))) & np.isfinite(neighbour)
        if order:
            ties &= ~np.isin(x[candidates], self.kinks)
        places = candidates[ties]
        if places.size:
            values[places] = self.truth.to_odd(x[places], order)

    def _by_row(self, kernel: Callable[[Array], Array], x: ArrayLike) -> NDArray[Any]:
        x = np.asarray(x)
        if x.ndim == 0:
            raise ValueError(f"{self.name} works on rows: it needs at least one axis")
        self.output_width(x.shape[-1])
        dtype = x.dtype if x.dtype in _FLOATS else _FLOATS[0]
        rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
        step = max(1, 8 * BLOCK // max(1, x.shape[-1]))

        def block(start: int) -> NDArray[Any]:
            return kernel(rows[start : start + step].astype(np.float64, copy=False)).astype(dtype, copy=False)

        with np.errstate(all="ignore"):
            whole = first = block(0)
            if len(first) < len(rows):
                whole = np.empty((len(rows), *first.shape[1:]), dtype)
                whole[:step] = first
                for start in range(step, len(rows), step):
                    whole[start : start + step] = block(start)
        return whole.reshape(*x.shape[:-1], *whole.shape[1:])

    # truth

    @cached_property
    def truth(self) -> Formula:
        """The formula bound to the parameters, for ball arithmetic and rendering."""
        from actcli.activations.formula import Formula

        return Formula(self.definition.formula, self.parameters)

    def exact(self, x: ArrayLike, order: int = 0) -> NDArray[Any]:
        """The correctly rounded value (order 0), slope (1) or second derivative (2) at every x, in x's dtype.

        Of a row function the values alone: (..., n) gives (..., m).

        Raises:
            ValueError: for the Jacobian of a row function, or slopes drawn at random.
        """
        x = np.asarray(x)
        dtype = x.dtype if x.dtype in _FLOATS else _FLOATS[0]
        self._not_random()
        if self.is_row:
            return self._exact_rows(x.astype(np.float64), dtype, order)
        rounded = self.truth.rounded if dtype == np.float64 else self.truth.rounded_to_odd
        flat = x.reshape(-1).astype(np.float64)
        out = np.array([rounded(value, order) for value in flat.tolist()])
        with np.errstate(all="ignore"):
            return self._with_kinks(flat, out, order).astype(dtype).reshape(x.shape)[()]

    def digits(self, x: float, n: int, order: int = 0) -> str:
        """The value, slope or second derivative at the float64 x to n significant digits, every one right.

        >>> get("gelu").digits(-9.0, 25)
        '-1.015729565358456582961952e-18'
        """
        self._elementwise_only("single number")
        self._not_random()
        if order and x in self.kinks:
            return repr(self.conventions[x] if order == 1 else 0.0)
        return self.truth.digits(x, n, order)

    def row_digits(self, row: list[float], n: int) -> list[str]:
        """The outputs of a row function to n significant digits, every one right."""
        if self.definition.selects or not np.isfinite(row).all():
            from actcli.activations import balls

            return [balls.exact_decimal(value, n) for value in self(row).tolist()]
        return self._row_truth(row).digits(n)

    def _exact_rows(self, x: Array, dtype: np.dtype[Any], order: int) -> NDArray[Any]:
        if order:
            raise ValueError(f"the Jacobian of {self.name} is not available in correctly rounded form")
        out = self(x)
        for i in np.ndindex(*x.shape[:-1]) if not self.definition.selects else ():
            if np.isfinite(x[i]).all():
                out[i] = self._row_truth(x[i].tolist()).rounded(to_odd=dtype != np.float64)
        with np.errstate(all="ignore"):
            return out.astype(dtype)

    def _row_truth(self, row: list[float]) -> RowTruth:
        from actcli.activations.formula import row_truth

        self.output_width(len(row))
        extra = self.definition.extra
        return row_truth(self.formula, row, self.parameters, extra(len(row), **self.parameters) if extra else {})

    # shape

    @cached_property
    def kinks(self) -> tuple[float, ...]:
        """Where the slope does not exist, in ascending order."""
        from actcli.activations.properties import measured

        facts = measured().get(self.name) if self.spec == self.name else None
        return tuple(facts["kinks"]) if facts else self.find_kinks()

    def find_kinks(self) -> tuple[float, ...]:
        """`kinks` from the formula: the places that are stated, or computed, if the two sides differ there."""
        from actcli.activations.formula import differs, kinks

        if self.definition.kinks == COMPUTED:
            return kinks(self.truth)
        stated = {evaluate_constant(part, self.parameters) for part in _split(self.definition.kinks)}
        return tuple(sorted(x + 0.0 for x in stated if np.isfinite(x) and differs(*self.one_sided(x))))

    @cached_property
    def jumps(self) -> tuple[float, ...]:
        """The kinks at which the value itself jumps."""
        sides = {x: self.one_sided(x) for x in self.kinks}
        return tuple(
            x for x, (left, right) in sides.items() if not np.isclose(left[0], right[0], rtol=1e-12, atol=1e-12)
        )

    def one_sided(self, x: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """((value, slope) just left of x, (value, slope) just right of it)."""
        return self._sides(x)

    @cached_property
    def _sides(self) -> Callable[[float], tuple[tuple[float, float], tuple[float, float]]]:
        return cache(self.truth.one_sided)

    @cached_property
    def conventions(self) -> Mapping[float, float]:
        """The slope reported at each kink: from the left, or 0 where a clipped function ends; or a framework's."""
        native = "0" if self.truth.root.op == "clip" else "left"
        rules = self.kink_rules * len(self.kinks) if len(self.kink_rules) == 1 else self.kink_rules
        return {
            kink: self._slope_by_rule(kink, rules[i] if i < len(rules) else native) for i, kink in enumerate(self.kinks)
        }

    def _slope_by_rule(self, kink: float, rule: str) -> float:
        (_, left), (_, right) = self.one_sided(kink)
        sides = {"left": left, "right": right, "mean": (left + right) / 2}
        return sides[rule] if rule in sides else float(rule)

    def limits(self) -> tuple[float, float]:
        """The limits of the value at -inf and inf; nan where there is none."""
        return self.truth.limit(-np.inf), self.truth.limit(np.inf)

    @cached_property
    def properties(self) -> Properties:
        """Range, monotonicity, symmetry, smoothness, extrema and asymptotes."""
        from actcli.activations import properties

        self._elementwise_only("range of its own")
        if self.spec == self.name and self.name in properties.measured():
            return properties.stored(self.name)
        return properties.explore(self)

    @property
    def accuracy(self) -> tuple[float, float, float] | None:
        """The largest errors ever measured at the default parameters, in ulp: value, slope, second derivative."""
        from actcli.activations.properties import measured

        facts = measured().get(self.name)
        return tuple(facts["ulp"]) if facts and self.spec == self.name else None

    def mathtext(self, order: int = 0) -> str:
        """The formula (order 0) or that of a derivative, in matplotlib's mathtext without the dollars."""
        from actcli.activations.grammar import mathtext, parse

        if self.is_row:
            return mathtext(parse(self.formula, [*self.parameters, *_ROW_NAMES], row=True))
        return mathtext(self.truth.node(order))


# --- SPECs -----------------------------------------------------------------------------------------------------

#: What stands in the formulas of row functions besides parameters: halves of the row, noise, a threshold, a group.
_ROW_NAMES = ("a", "b", "g", "tau")

#: Stands for kinks that are found numerically, from the formula.
COMPUTED = "computed"

#: The family of functions that are not in the registry but given as a formula.
USER = "formula"

_NAME = re.compile(r"[^\W\d][\w-]*")
_DOTTED = re.compile(r"([^\W\d]\w*)\.(?=\D)")
_DOTTED_NAME = re.compile(r"[\w.:-]+")


def get(spec: str) -> Activation:
    """The activation a SPEC names: NAME, FRAMEWORK.NAME or a formula in x, then optionally @key=value,....

    >>> get("Leaky-ReLU@negative_slope=0.1").spec
    'leaky_relu@negative_slope=0.1'
    >>> get("x*sigmoid(b*x)@b=2")(1.0)
    np.float64(0.8807970779778824)

    Raises:
        SpecError: naming the part that is unknown, with the nearest names.
    """
    head, at, tail = spec.strip().partition("@")
    head = head.strip()
    options = _options(spec, tail) if at else {}
    if not head:
        raise SpecError(f"{spec!r} names no function; try relu, or a formula such as 'x*sigmoid(x)'")
    if dotted := _DOTTED.match(head):
        from actcli.activations import frameworks

        if _DOTTED_NAME.fullmatch(head) or frameworks.framework_of(dotted[1]):
            return _from_framework(dotted[1], head[dotted.end() :], options)
    given = {key: _number(spec, key, text) for key, text in options.items()}
    if not _NAME.fullmatch(head):
        return _from_formula(head, given)
    name = _loose.get(_fold(head))
    if name is None:
        if head == "x":
            return _from_formula(head, given)
        raise SpecError(f"unknown function {head!r}{_suggest(head, _loose_names())}; 'actcli list' shows all")
    definition = _definitions[name]
    bare = Activation(definition, dict(definition.defaults), definition.name)
    return bare.bind(**given) if given else bare


def _loose_names() -> list[str]:
    return [name for definition in _definitions.values() for name in (definition.name, *definition.aliases)]


def _suggest(word: str, known: Mapping[str, Any] | list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word.lower(), list(known), 3, 0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


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
        raise SpecError(f"{spec!r}: {key} must be a number, not {text!r}") from None
    if not np.isfinite(value):
        raise SpecError(f"{spec!r}: {key} must be finite, not {text}")
    return value


def _from_framework(prefix: str, symbol: str, options: Mapping[str, str]) -> Activation:
    from actcli.activations import frameworks

    entry = frameworks.resolve(prefix, symbol, options)
    definition = _definitions[_loose[_fold(entry.row.function)]]
    parameters = entry.parameters(definition.defaults)
    if entry.row.formula:
        definition = replace(
            definition,
            formula=entry.row.formula,
            kinks=entry.row.kinks,
            defaults=parameters,
            # A formula with other parameters has other domains, which nobody stated.
            domain=definition.domain if definition.defaults.keys() <= parameters.keys() else (),
            value=None,
            first=None,
        )
    bound = Activation(definition, parameters, entry.name)
    if entry.options:
        bound = bound.bind(**{key: _number(entry.name, key, text) for key, text in entry.options.items()})
    return replace(bound, kink_rules=tuple(entry.row.slopes))


def _from_formula(text: str, parameters: Mapping[str, float]) -> Activation:
    from actcli.activations.grammar import FormulaError, parse, render

    try:
        root = parse(text, parameters)
    except FormulaError as error:
        raise SpecError(str(error)) from None
    definition = Definition(
        name=render(root),
        summary="A formula of your own.",
        family=USER,
        formula=text,
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


def evaluate_constant(text: str, parameters: Mapping[str, float]) -> float:
    """An expression in parameters alone, in float64."""
    from actcli.activations.formula import Formula

    return float(Formula(text, parameters).values(np.ones(1))[0])  # at any x but 0, where signs of zeros are sought


def _check_domain(definition: Definition, values: Mapping[str, float]) -> None:
    for condition in definition.domain:
        if not evaluate_constant(f"where({condition}, 1, 0)", values):
            shown = ", ".join(f"{key}={values[key]!r}" for key in values if re.search(rf"\b{key}\b", condition))
            raise SpecError(f"{definition.name} needs {condition}, not {shown}")
