"""Look-up tables as activations: the SPEC table:FILE names a JSON file of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from actcli.activations.definition import USER, Definition, SpecError
from actcli.formulas.lookup import Lookup, Straight


def definition(table: Lookup, name: str) -> Definition:
    """A look-up table as the definition of an activation."""
    return Definition(
        name=name,
        summary="A look-up table of your own.",
        family=USER,
        formula=f"{table.kind} of {len(table.x)} entries",
        source="",
        aliases=(),
        defaults={},
        domain=(),
        kinks=table.kinks,
        is_row=False,
        value=table.value,
        first=table.slope,
        tree=table.tree,
    )


def read(path: str) -> Lookup:
    """The look-up table in a JSON file such as `actcli approx --output` writes: its key `table`, or the whole file.

    Raises:
        SpecError: for a file that is not a table.
        OSError: for a file that cannot be read.
    """
    import json

    text = Path(path).read_bytes()
    try:
        data = json.loads(text)
        data = data.get("table", data)
        lines = {side: _straight(data[side]) for side in ("left", "right")}
        numbers = {key: tuple(map(_number, _listed(data[key]))) for key in ("x", "y")}
        return Lookup(data["lookup"], numbers["x"], numbers["y"], _number(data["low"]), _number(data["high"]), **lines)
    except KeyError as error:
        raise SpecError(f"table:{path}: no key {error}; 'actcli approx ... --output {path}' writes one") from None
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise SpecError(f"table:{path} is no table: {error}") from None


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def _listed(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise TypeError(f"{type(value).__name__} where a list of numbers was expected")
    return value


def _straight(value: object) -> Straight:
    height, slope = map(_number, _listed(value))
    return height, slope
