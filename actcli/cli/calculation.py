"""Tables of the values or slopes of functions at given numbers, in the selected arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from actcli.cli.choices import one_of
from actcli.cli.overflow import first_beyond, say_beyond
from actcli.dtypes import NUMPY_DTYPES
from actcli.parallel import ordered_map

if TYPE_CHECKING:
    from actcli.activations import Activation
    from actcli.output.table import Table
    from actcli.reading.source import Numbers

#: For each function the kinks among the numbers, and the first number whose result overflows.
Remarks: TypeAlias = "tuple[tuple[tuple[float, ...], float | None], ...]"

#: Digits from which on one operation may take a second and more, in which a process obeys no signal.
_LONG = 5000


@dataclass(frozen=True)
class Arithmetic:
    """The options of how results are computed and written."""

    dtype: Annotated[str, one_of(NUMPY_DTYPES, "--dtype", help="Compute in this type.")] = NUMPY_DTYPES[0]
    exact: Annotated[bool, typer.Option("--exact", help="Round every result correctly, from arbitrary precision.")] = (
        False
    )
    digits: Annotated[
        int | None,
        typer.Option(
            "--digits",
            metavar="N",
            min=1,
            max=100_000,
            help="Print N digits, all of them right; x and constants are float64 numbers.",
        ),
    ] = None
    hex: Annotated[bool, typer.Option("--hex", help="Print the bits, as 0x1.8000000000000p+1.")] = False

    def asked(self) -> dict[str, Any]:
        """The keys of JSON for these options, except the type."""
        named = {"exact": self.exact, "digits": self.digits, "hex": self.hex}
        return {name: value for name, value in named.items() if value}


class Calculation:
    """Computes the table of values or slopes for blocks of numbers."""

    def __init__(self, functions: Sequence[Activation], arithmetic: Arithmetic, order: int) -> None:
        self.functions = functions
        self.arithmetic = arithmetic
        self.order = order
        self.by_row = any(function.is_row for function in functions)
        #: The number of lines in the table for one row, which a Jacobian has for each output.
        self.lines = 1
        self._kinks_met: list[set[float]] = [set() for _ in functions]
        self._beyond: dict[int, float] = {}
        rows = [function.spec for function in functions if function.is_row]
        if rows and order and (arithmetic.exact or arithmetic.digits is not None or order == 2):
            asked = "--exact" if arithmetic.exact else "--order 2" if order == 2 else "--digits"
            raise ValueError(f"{asked} is for slopes of functions of one number, and {rows[0]} works on a row")
        if arithmetic.exact and arithmetic.digits is not None:
            raise ValueError("--exact rounds to --dtype and --digits N prints N digits of the true result; choose one")
        if arithmetic.hex and arithmetic.digits is not None:
            raise ValueError("--hex prints bits and --digits N decimal digits; choose one")

    def table(self, numbers: Numbers) -> Table:
        """The table for numbers: one line for each number, each row of numbers, or each output of a row's Jacobian."""
        import numpy as np

        from actcli.output.table import Table

        with np.errstate(all="ignore"):
            x = numbers.astype(self.arithmetic.dtype, copy=False)
        if not self.by_row:
            specs = tuple(function.spec for function in self.functions)
            return Table(
                ("x", *specs), (x, *(self._by_element(function, x) for function in self.functions)), results=specs
            )
        if not x.shape[1]:
            if not len(x):
                return Table((), ())
            raise ValueError(f"{self.functions[0].spec} needs rows of at least one number, and these have none")
        if len(x) > 1 and x.shape[1] == 1:
            from actcli.cli.options import note

            note("these are rows of one number each; the numbers of one row stand on one line")
        results = [self._by_row(function, x) for function in self.functions]
        if len({len(result) for result in results}) > 1:
            raise ValueError("these functions give different numbers of outputs; ask for their Jacobians one by one")
        several = len(self.functions) > 1
        columns: list[str] = []
        data: list[Any] = []
        for function, result in zip(self.functions, results, strict=True):
            columns += [f"{function.spec}.y{index}" if several else f"y{index}" for index in range(result.shape[1])]
            data += [column.tolist() if column.dtype.kind == "U" else column for column in result.T]
        return Table(tuple(columns), tuple(data))

    def _by_element(self, function: Activation, x: Numbers) -> Any:
        n = self.arithmetic.digits
        if n is not None:
            return self._spread(lambda value: function.digits(value, n, self.order), x.tolist())
        if self.arithmetic.exact:
            return function.exact(x, self.order)
        return (function, function.slope, function.second)[self.order](x)

    def _by_row(self, function: Activation, x: Numbers) -> Any:
        if not self.order:
            if self.arithmetic.digits is not None:
                return self._row_digits(function, x, self.arithmetic.digits)
            return function.exact(x) if self.arithmetic.exact else function(x)
        from actcli.memory import require_memory

        width = x.shape[-1]
        lines = function.output_width(width) if function.is_row else width
        require_memory([(f"{len(x)} Jacobians of {lines}x{width}", 3 * 8 * len(x) * lines * width)])
        if function.is_row:
            jacobian = function.jacobian(x)
        else:
            import numpy as np

            jacobian = np.where(np.eye(width, dtype=bool), function.slope(x)[..., None, :], x.dtype.type(0))
        self.lines = jacobian.shape[-2]
        return jacobian.reshape(-1, jacobian.shape[-1])

    def _row_digits(self, function: Activation, x: Numbers, n: int) -> Any:
        import numpy as np

        def one(row: list[float]) -> list[str]:
            return function.row_digits(row, n) if function.is_row else [function.digits(value, n) for value in row]

        return np.array(self._spread(one, x.tolist()))

    @property
    def is_spread(self) -> bool:
        """Whether it computes in processes of its own, which end at once with this one."""
        return (self.arithmetic.digits or 0) >= _LONG

    def _spread(self, one: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
        return list(ordered_map(one, items, alone=0) if self.is_spread and items else map(one, items))

    def shape(self, source: tuple[int, ...] | None, rows: int, item: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the array of all results: that of the source, extended by Jacobians or several functions."""
        if source is None:
            source = (rows // self.lines, 0) if self.by_row else (rows,)
        if not self.by_row:
            return (*source, *item)
        return (*source[:-1], *((self.lines,) if self.order else ()), *(item or (1,)))

    def remarks(self, numbers: Numbers, table: Table) -> Remarks:
        """The remarks about each function for these numbers and their table; empty for rows."""
        if self.by_row:
            return ()
        from actcli.activations.definition import USER

        found = zip(self.functions, table.result_columns(), strict=True)
        return tuple(
            (
                # Kinks matter only for derivatives.
                tuple(kink for kink in function.kinks if (numbers == kink).any()) if self.order else (),
                first_beyond(function, table.data[0], values, self.order)
                if function.family == USER and self.arithmetic.digits is None
                else None,
            )
            for function, values in found
        )

    def meet(self, remarks: Remarks) -> None:
        """Store remarks, and print a note on the first overflow of each function."""
        for index, (kinks, beyond) in enumerate(remarks):
            self._kinks_met[index].update(kinks)
            if beyond is not None and index not in self._beyond:
                self._beyond[index] = beyond
                say_beyond(self.functions[index], beyond, self.order, self.arithmetic.dtype)

    def kinks_met(self) -> dict[str, Any]:
        """The key `kinks` of JSON: the inputs at which the slope is a convention, and the one-sided slopes."""
        if not self.order:
            return {}
        met = []
        for function, kinks in zip(self.functions, self._kinks_met, strict=True):
            for kink in sorted(kinks):
                (_, left), (_, right) = function.one_sided(kink)
                met.append({"spec": function.spec, "x": kink, "slope_left": left, "slope_right": right})
        return {"kinks": met}

    def notes(self) -> list[str]:
        """The same as notes below a table."""
        return [
            f"x = {met['x']:g} is a kink of {met['spec']}: the slope is {met['slope_left']:g} from the left and "
            f"{met['slope_right']:g} from the right"
            for met in self.kinks_met().get("kinks", ())
        ]
