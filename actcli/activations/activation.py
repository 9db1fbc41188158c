"""An activation with its parameter values: its results in every tier and type, its kinks, limits and formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.activations import blocks
from actcli.activations.definition import COMPUTED, Definition, SpecError
from actcli.activations.floats import FLOAT32, FLOAT64, FloatType, float_type
from actcli.activations.measured import measured
from actcli.formulas.primitives import Array
from actcli.spelling import did_you_mean, fold

if TYPE_CHECKING:
    from actcli.formulas.formula import Formula
    from actcli.formulas.grammar import Node
    from actcli.formulas.rows import RowFormula

#: The names in displayed formulas of row functions besides parameters: halves of a row, noise or group, threshold.
_ROW_NAMES = ("a", "b", "g", "tau")

#: A framework's symbol, such as torch.gelu; no formula has this form.
_SYMBOL = re.compile(r"[^\W\d]\w*(\.\w+)+")


@dataclass(frozen=True, eq=False)
class Activation:
    """An activation function with its parameter values.

    Call it for values, `slope` and `second` for derivatives; results for float16, float32 and float64 have the same
    dtype (computed in float64, rounded once), all others are float64. No floating-point warning is ever raised: the
    values at the infinities are the limits, and nan gives nan.

    >>> import actcli
    >>> actcli.get("leaky_relu@negative_slope=0.1")([-3.0, 2.0])
    array([-0.3,  2. ])
    """

    definition: Definition
    parameters: Mapping[str, float]
    spec: str
    kink_rules: tuple[str, ...] = ()
    is_fast: bool = False

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

    @property
    def names_framework(self) -> bool:
        """Whether the SPEC is a framework's symbol, such as torch.gelu."""
        return _SYMBOL.fullmatch(self.spec.partition("@")[0]) is not None

    def __repr__(self) -> str:
        return f"<Activation {self.spec}>"

    def bind(self, **parameters: float) -> Activation:
        """The same activation with some parameters changed.

        Raises:
            SpecError: for an unknown parameter, or a value outside the domain of the activation.
        """
        definition = self.definition
        parameters = self._canonical(parameters)
        for key in parameters:
            if key not in definition.defaults:
                known = ", ".join(definition.defaults)
                takes = f"its parameters are {known}" if known else "it has no parameters"
                raise SpecError(
                    f"{definition.name} has no parameter {key!r}{did_you_mean(key, definition.defaults)}; {takes}"
                )
        values = {**self.parameters, **{key: float(value) for key, value in parameters.items()}}
        self._check_domain(values)
        changed = ",".join(f"{key}={value!r}" for key, value in values.items() if value != self.parameters[key])
        joint = "," if "@" in self.spec else "@"
        return replace(self, parameters=values, spec=f"{self.spec}{joint}{changed}" if changed else self.spec)

    def _canonical(self, parameters: Mapping[str, float]) -> dict[str, float]:
        """The parameters by their canonical names; keys may have another spelling or be a framework's names."""
        own = self.definition.defaults
        if parameters.keys() <= own.keys():
            return dict(parameters)
        from actcli.activations.frameworks import spellings

        words = {**spellings(self.name), **{key: key for key in own}}
        loose = {fold(word): key for word, key in words.items()}
        named = [words.get(key) or loose.get(fold(key), key) for key in parameters]
        for key, name in zip(parameters, named, strict=True):
            if named.count(name) > 1:
                raise SpecError(f"{self.spec}: {key!r} is {name}, which is given twice")
        return dict(zip(named, parameters.values(), strict=True))

    @cached_property
    def fast(self) -> Activation:
        """The same activation by the fast tier, with errors of a few ulp of the type, for networks and figures.

        >>> import actcli
        >>> actcli.get("sigmoid").fast(0.0)
        np.float64(0.5)
        """
        return replace(self, is_fast=True)

    # numbers

    def __call__(self, x: ArrayLike) -> NDArray[Any]:
        """Values at x, with the shape and float dtype of x; a row function works along the last axis."""
        if self.is_row:
            return self._by_row(0, x)
        return self._by_element(0, x)

    def slope(self, x: ArrayLike) -> NDArray[Any]:
        """Analytic slopes at x; at a kink the slope from the left, and 0 at both ends of a clipped function.

        Raises:
            TypeError: for a row function, which has a `jacobian` instead.
        """
        self._elementwise_only("slope")
        return self._by_element(1, x)

    def quick(self, x: ArrayLike, order: int = 0) -> NDArray[Any]:
        """Values (order 0) or slopes (1) at x, with errors of a few ulp where a proof would take time, for training.

        Raises:
            TypeError: for a row function.
        """
        self._elementwise_only("single number")
        return self.fast._by_element(order, x, derived=self.truth.quick)

    def second(self, x: ArrayLike) -> NDArray[Any]:
        """Second derivatives at x, with the convention of `slope` at a kink."""
        self._elementwise_only("second derivative")
        return self._by_element(2, x)

    def jacobian(self, x: ArrayLike) -> NDArray[Any]:
        """Jacobians of a row function: (..., n) gives (..., m, n), entry [j, i] = d out_j / d in_i."""
        if not self.is_row:
            raise TypeError(f"{self.name} works element by element: it has a slope, not a Jacobian")
        return self._by_row(1, x)

    def output_width(self, n: int) -> int:
        """The number of outputs for a row of n inputs.

        Raises:
            ValueError: if the function takes no row of n inputs, as a gated unit for odd n.
        """
        width = self.definition.width
        return n if width is None else width(n, **self.parameters)

    def _elementwise_only(self, what: str) -> None:
        if self.is_row:
            raise TypeError(f"{self.name} works on rows: it has a Jacobian, not a {what}")

    @property
    def _is_random(self) -> bool:
        """Whether the slope is random for each input; the formula then has its mean only."""
        return not self.is_row and self.parameters.get("seed", -1.0) >= 0

    def _not_random(self) -> None:
        if self._is_random:
            raise ValueError(f"{self.spec} draws its slopes at random: it has no exact value")

    def _kernel(
        self, order: int, kind: FloatType, derived: Callable[[Array, int], Array] | None = None
    ) -> Callable[[Array], Array]:
        """The function of float64 arrays: the faithful tier for float64 results unless `is_fast`, else the fast tier.

        derived: replaces the faithful tier if the block has no kernel.
        """
        kernel = (self.definition.value, self.definition.first, None)[order]
        serves = self.is_fast or kind is not FLOAT64 or self._is_random or self._kernels_are_faithful
        if kernel is None or not serves:
            values = derived or self.truth.values
            return lambda x: self._with_kinks(x, values(x, order), order)
        if order and self.kink_rules:
            return lambda x: self._with_kinks(x, kernel(x, **self.parameters), order)
        return lambda x: kernel(x, **self.parameters)

    def _row_kernel(self, order: int) -> Callable[[Array], Array]:
        """The same choice for row functions, which use the faithful tier for shorter types too."""
        kernel = (self.definition.value, self.definition.first)[order]
        assert kernel is not None
        if self.is_fast or self.definition.faithful:
            return lambda x: kernel(x, **self.parameters)
        from actcli.activations.faithful_rows import KERNELS

        faithful = KERNELS[self.name][order]

        def by_rows(x: Array) -> Array:
            # Rows with infinities or nan have weights of 0, 1 and nan, which the fast kernel computes correctly.
            finite = np.isfinite(x).all(axis=-1)
            if finite.all():
                return faithful(x, **self.parameters)
            results = kernel(x, **self.parameters)
            results[finite] = faithful(x[finite], **self.parameters)
            return results

        return by_rows

    @cached_property
    def _kernels_are_faithful(self) -> bool:
        """Whether the block declares its kernels faithful, and no parameter means a fraction that is no float64."""
        if not self.definition.faithful or not self.parameters:
            return self.definition.faithful
        from actcli.formulas.formula import bounded_parameter

        return not any(bounded_parameter(value).low for value in self.parameters.values())

    def _with_kinks(self, x: Array, values: Array, order: int) -> Array:
        for kink in self.kinks if order else ():
            if (here := x == kink).any():
                values[here] = self.conventions[kink] if order == 1 else 0.0
        return values

    def _by_element(
        self,
        order: int,
        x: ArrayLike,
        kind: FloatType | None = None,
        derived: Callable[[Array, int], Array] | None = None,
    ) -> NDArray[Any]:
        x = np.asarray(x)
        kind = kind or float_type(x.dtype)
        cheap = self.definition.cheap and not order and (self.is_fast or self._kernels_are_faithful)
        single = cheap and self.is_fast and kind is FLOAT32
        to_odd = None if single or derived or self._is_random else partial(self._to_odd, order=order)
        return blocks.by_element(self._kernel(order, kind, derived), x, kind, to_odd, cheap, single)

    def _to_odd(self, x: Array, order: int) -> Array:
        """Values rounded to odd, for results so near a tie that float64 does not decide how a shorter float rounds."""
        return self._with_kinks(x, self.truth.to_odd(x, order), order)

    def _by_row(self, order: int, x: ArrayLike) -> NDArray[Any]:
        x = np.asarray(x)
        if x.ndim == 0:
            raise ValueError(f"{self.name} works on rows: it needs at least one axis")
        self.output_width(x.shape[-1])
        return blocks.by_row(self._row_kernel(order), x, order)

    def rounded(self, x: NDArray[Any], kind: FloatType, order: int = 0) -> NDArray[Any]:
        """The value (order 0) or slope (1) at every x of a float type, correctly rounded to that type.

        >>> import actcli
        >>> from actcli.activations.floats import BFLOAT16
        >>> actcli.get("tanh").rounded(BFLOAT16.round([0.5]), BFLOAT16)
        array([0.46289062], dtype=float32)
        """
        self._elementwise_only("single number")
        if kind is FLOAT64:
            return np.asarray(self.exact(x, order))
        return np.asarray(self._by_element(order, x, kind))

    # truth

    @cached_property
    def truth(self) -> Formula:
        """The formula bound to the parameters, for ball arithmetic and rendering."""
        from actcli.formulas.formula import Formula

        return Formula(self.definition.formula, self.parameters, self.definition.tree)

    def exact(self, x: ArrayLike, order: int = 0) -> NDArray[Any]:
        """The correctly rounded value (order 0), slope (1) or second derivative (2) at every x, in x's dtype.

        A row function has the values only: (..., n) gives (..., m).

        Raises:
            ValueError: for the Jacobian of a row function, or a function with random slopes.
        """
        x = np.asarray(x)
        dtype = float_type(x.dtype).carrier
        self._not_random()
        if self.is_row:
            return self._exact_rows(x.astype(np.float64), dtype, order)
        rounded = self.truth.rounded if dtype == np.float64 else self.truth.rounded_to_odd
        flat = x.reshape(-1).astype(np.float64)
        out = np.array([rounded(value, order) for value in flat.tolist()])
        with np.errstate(all="ignore"):
            return self._with_kinks(flat, out, order).astype(dtype).reshape(x.shape)[()]

    def digits(self, x: float, n: int, order: int = 0) -> str:
        """The value, slope or second derivative at x, correctly rounded to n significant digits.

        >>> import actcli
        >>> actcli.get("gelu").digits(-9.0, 25)
        '-1.015729565358456582961952e-18'
        """
        self._elementwise_only("single number")
        self._not_random()
        if order and x in self.kinks:
            return repr(self.conventions[x] if order == 1 else 0.0)
        return self.truth.digits(x, n, order)

    def row_digits(self, row: list[float], n: int) -> list[str]:
        """The outputs of a row function, correctly rounded to n significant digits."""
        if self.definition.selects or not np.isfinite(row).all():
            from actcli.formulas import decimals

            return [decimals.exact_decimal(value, n) for value in self(row).tolist()]
        return self._row_formula(row).digits(n)

    def _exact_rows(self, x: Array, dtype: np.dtype[Any], order: int) -> NDArray[Any]:
        if order:
            raise ValueError(f"the Jacobian of {self.name} is not available in correctly rounded form")
        out = self(x)
        for i in np.ndindex(*x.shape[:-1]) if not self.definition.selects else ():
            if np.isfinite(x[i]).all():
                out[i] = self._row_formula(x[i].tolist()).rounded(to_odd=dtype != np.float64)
        with np.errstate(all="ignore"):
            return out.astype(dtype)

    def _row_formula(self, row: list[float]) -> RowFormula:
        from actcli.formulas.rows import row_formula

        self.output_width(len(row))
        extra = self.definition.extra
        return row_formula(self.formula, row, self.parameters, extra(len(row), **self.parameters) if extra else {})

    # shape

    @cached_property
    def kinks(self) -> tuple[float, ...]:
        """The x at which the slope does not exist, in ascending order."""
        facts = measured().get(self.name) if self.spec == self.name else None
        return tuple(facts["kinks"]) if facts else self.find_kinks()

    def find_kinks(self) -> tuple[float, ...]:
        """`kinks` from the formula: the stated or computed places at which the one-sided limits differ."""
        from actcli.formulas.formula import evaluate_constant
        from actcli.formulas.kinks import kinks
        from actcli.formulas.limits import differs

        if isinstance(self.definition.kinks, tuple):
            return self.definition.kinks
        if self.definition.kinks == COMPUTED:
            return kinks(self.truth)
        parts = [part for part in self.definition.kinks.split(",") if part.strip()]
        stated = {evaluate_constant(part, self.parameters) for part in parts}
        return tuple(sorted(x + 0.0 for x in stated if np.isfinite(x) and differs(*self.one_sided(x))))

    @cached_property
    def jumps(self) -> tuple[float, ...]:
        """The kinks at which the value jumps."""
        sides = {x: self.one_sided(x) for x in self.kinks}
        return tuple(
            x for x, (left, right) in sides.items() if not np.isclose(left[0], right[0], rtol=1e-12, atol=1e-12)
        )

    def one_sided(self, x: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """((value, slope) just left of x, (value, slope) just right of x)."""
        return self._sides(x)

    @cached_property
    def _sides(self) -> Callable[[float], tuple[tuple[float, float], tuple[float, float]]]:
        return cache(self.truth.one_sided)

    @cached_property
    def conventions(self) -> Mapping[float, float]:
        """The slope used at each kink: that from the left, 0 at the ends of a clip, or that of the framework."""
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

    @property
    def accuracy(self) -> tuple[float, float, float] | None:
        """The largest measured errors in ulp of value, slope and second derivative at the default parameters."""
        facts = measured().get(self.name)
        return tuple(facts["ulp"]) if facts and self.spec == self.name else None

    @property
    def shown(self) -> Node:
        """The tree of the formula for display."""
        from actcli.formulas.grammar import ARITY, ROW_ARITY, SHOWN, parse

        if not self.definition.shown and not self.is_row:
            return self.truth.node(0)
        row = _ROW_NAMES if self.is_row else ()
        functions = {**ARITY, **(ROW_ARITY if self.is_row else {}), **dict.fromkeys(SHOWN, 1)}
        return parse(self.definition.shown, [*self.parameters, *row], functions=functions)

    def tree(self, order: int, form: Node | None = None) -> Node:
        """The tree of a derivative of the formula, or of `form`; at kinks it follows `conventions` where a tree can."""
        from actcli.formulas.derive import derived

        return derived(form or self.truth.root, order, left=self.kink_rules != ("right",))

    def mathtext(self, order: int = 0) -> str:
        """The formula (order 0) or that of a derivative as a textbook prints it, in mathtext without the dollars.

        A derivative is that of the displayed or of the computed formula, whichever is shorter.
        """
        from actcli.formulas.mathtext import mathtext

        if self.is_row:
            return mathtext(self.shown, row=True)
        if self.definition.tree is not None:
            return rf"\mathrm{{{self.formula}}}".replace(" ", r"\ ")
        forms = (self.shown, self.truth.root) if order else (self.shown,)
        return min((mathtext(self.tree(order, form)) for form in forms), key=len)

    def _check_domain(self, values: Mapping[str, float]) -> None:
        if not self.definition.domain:
            return
        from actcli.formulas.formula import evaluate_constant

        for condition in self.definition.domain:
            if not evaluate_constant(f"where({condition}, 1, 0)", values):
                shown = ", ".join(f"{key}={values[key]!r}" for key in values if re.search(rf"\b{key}\b", condition))
                raise SpecError(f"{self.name} needs {condition}, not {shown}")
