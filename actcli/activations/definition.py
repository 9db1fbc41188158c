"""The definition of an activation, as a block of the catalogue states it, and the registry of all definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actcli.formulas.primitives import Array
from actcli.spelling import fold

if TYPE_CHECKING:
    from actcli.formulas.grammar import Node

Kernel = Callable[..., Array]

#: Marks kinks that are found numerically from the formula.
COMPUTED = "computed"

#: The family of functions that users give as a formula or table.
USER = "formula"


class SpecError(ValueError):
    """A SPEC that names no activation; the message gives the unknown part and the nearest names."""


@dataclass(eq=False)
class Definition:
    """An activation without parameter values, as a block in a family module states it; `get` binds it to values.

    `activation` explains most fields. `value` and `first` are the hand-written kernels of value and slope; `extra`
    gives the numbers that the formula of a row function names, one per entry of a row; `width` gives the number of
    outputs for a row of n inputs; `tree` is the formula if it was not parsed from text.

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
    kinks: str | tuple[float, ...]
    is_row: bool
    value: Kernel | None
    first: Kernel | None = None
    width: Callable[..., int] | None = None
    extra: Callable[..., dict[str, list[float]]] | None = None
    selects: bool = False
    tree: Node | None = None
    faithful: bool = False
    cheap: bool = False
    shown: str = ""

    def slope(self, kernel: Kernel) -> Kernel:
        """Decorator: the hand-written slope of this function (a row function's Jacobian)."""
        self.first = kernel
        return kernel

    def numbers(self, kernel: Callable[..., dict[str, list[float]]]) -> Callable[..., dict[str, list[float]]]:
        """Decorator: gives the numbers that a row function's formula names, one per entry of a row of n."""
        self.extra = kernel
        return kernel

    def output_width(self, kernel: Callable[..., int]) -> Callable[..., int]:
        """Decorator: gives the number of outputs for a row of n inputs, for row functions where they differ."""
        self.width = kernel
        return kernel


#: The modules of activations, in the order in which lists and galleries show them.
FAMILIES = ("rectifiers", "smooth", "sigmoids", "oscillating", "rows")

#: The registry: every activation by its canonical name, and canonical names by folded names and aliases.
definitions: dict[str, Definition] = {}
by_folded_name: dict[str, str] = {}


def activation(
    formula: str,
    *,
    source: str,
    aliases: tuple[str, ...] = (),
    kinks: str = "",
    domain: tuple[str, ...] = (),
    row: bool = False,
    selects: bool = False,
    faithful: bool = False,
    cheap: bool = False,
    shown: str = "",
) -> Callable[[Callable[..., Any]], Definition]:
    """Declare an activation: the decorator of one block in a family module.

    The decorated function gives the name, the summary (first docstring line) and the parameters with their
    defaults (keyword-only arguments). If it takes `x` it is the kernel; if not, value and slopes come from
    the formula.

    Args:
        formula: expression in x and the parameters, in the grammar of `actcli.formulas.grammar`.
        source: where the function was published.
        aliases: further names.
        kinks: comma-separated expressions in the parameters, the x where the slope does not exist; or COMPUTED.
        domain: conditions on the parameters, such as "alpha > 0".
        row: the function works on a whole row (the last axis) instead of on each element.
        faithful: the block's kernel rounds once and uses only IEEE operations, so that it serves as the faithful tier.
        cheap: the kernel of the values is a few passes of IEEE arithmetic without jumps, and takes float32 too.
        shown: the formula for display, where it differs; it may use the functions of grammar.SHOWN.
        selects: every output of a row function is an input, 0 or 1, so that nothing is rounded; the formula is only
            displayed, not evaluated.
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
            faithful=faithful,
            cheap=cheap,
            shown=shown or formula,
        )
        definitions[definition.name] = definition
        for name in (definition.name, *aliases):
            if by_folded_name.setdefault(fold(name), definition.name) != definition.name:
                raise ValueError(f"two activations are called {name!r}")
        return definition

    return register


def names(family: str | None = None) -> list[str]:
    """The canonical names of all activations, family by family, or of one family.

    >>> names()[:3], names("rows")[0]
    (['identity', 'affine', 'abs'], 'softmax')

    Raises:
        ValueError: for an unknown family; the message names all families.
    """
    order = list(dict.fromkeys([*FAMILIES, *(definition.family for definition in definitions.values())]))
    everything = sorted(definitions, key=lambda name: order.index(definitions[name].family))
    if family is None:
        return everything
    found = [name for name in everything if fold(definitions[name].family) == fold(family)]
    if not found:
        raise ValueError(f"no family {family!r}; the families are {', '.join(order)}")
    return found
