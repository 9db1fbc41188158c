"""The arrays of a forward pass by name, and their first differences from the arrays of another implementation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.activations.floats import float_type
from actcli.network.layers import Array
from actcli.network.model import Network
from actcli.network.passes import run
from actcli.reading.arrays import damage, first_line


@dataclass(frozen=True)
class FirstDifference:
    """The comparison of an array with that of another implementation.

    row to ulp are those of the first different number, None if there is none; worst_* are the largest differences.
    """

    name: str
    rows: int
    count: int  # numbers that differ
    row: int | None
    column: int | None
    ours: float | None
    theirs: float | None
    absolute: float | None
    ulp: int | None
    worst_absolute: float
    worst_ulp: int


def collect(
    network: Network, batches: Iterable[tuple[NDArray[Any], NDArray[Any] | None]], limit: int | None
) -> dict[str, Array]:
    """The first `limit` rows (None: all) of the inputs x, and of z1, a1, ... before and after each activation."""
    parts: dict[str, list[Array]] = {}
    left = limit
    for passed in run(network, batches):
        named = [("x", passed.inputs)]
        for position, (before, after) in enumerate(passed.layers, 1):
            named += [(f"z{position}", before), (f"a{position}", after)]
        for name, array in named:
            parts.setdefault(name, []).append(array[:left])
        if left is not None:
            left -= min(left, len(passed.inputs))
            if not left:
                break
    return {name: np.concatenate(pieces) for name, pieces in parts.items()}


def load(path: Path, known: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Read arrays by name from .npz, or from .json: {"arrays": {"a1": [[...]], ...}} or the inner object alone.

    Raises ValueError for a name that is not `known` or an array that is not of numbers; OSError if unreadable.
    """
    from actcli.fast_json import orjson

    try:
        if path.suffix.lower() == ".npz":
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        elif path.suffix.lower() == ".json":
            data = orjson.loads(path.read_bytes())
            data = data.get("arrays", data) if isinstance(data, dict) else None
            if not isinstance(data, dict):
                raise ValueError('expected {"arrays": {"a1": [[...]], ...}}')
            # In JSON nan and the infinities are strings, which numpy converts to float64.
            arrays = {name: np.asarray(values, np.float64) for name, values in data.items()}
        else:
            raise ValueError("the file must end in .npz or .json")
    except damage(ValueError) as error:
        raise ValueError(f"{path}: {first_line(error)}") from None
    names = list(known)
    for name, array in arrays.items():
        if name not in names:
            raise ValueError(f"{path}: there is no array {name!r} in this network, only {', '.join(names)}")
        if array.dtype.kind not in "fiu" or not array.ndim:
            raise ValueError(f"{path}: {name!r} is no table of numbers")
    if not arrays:
        raise ValueError(f"{path}: there are no arrays in it")
    return arrays


def first_differences(ours: Mapping[str, Array], theirs: Mapping[str, NDArray[Any]]) -> list[FirstDifference]:
    """The comparison of each array in `theirs` with ours, in the order of the network; nan equals nan, -0 equals 0.

    Raises ValueError if a shape differs.
    """
    return [_difference(name, array, theirs[name]) for name, array in ours.items() if name in theirs]


def _difference(name: str, ours: Array, theirs: NDArray[Any]) -> FirstDifference:
    mine = ours.reshape(len(ours), -1)
    other = theirs.astype(ours.dtype).reshape(len(theirs), -1)
    if other.shape != mine.shape:
        shown = ("x".join(map(str, array.shape)) for array in (theirs, ours))
        raise ValueError("array {!r} is {} there and {} here".format(name, *shown))
    with np.errstate(all="ignore"):
        absolute = np.abs(mine.astype(np.float64) - other.astype(np.float64))
    same = (mine == other) | (np.isnan(mine) & np.isnan(other))
    absolute[same] = 0
    places = np.argwhere(~same)
    if not len(places):
        return FirstDifference(name, len(mine), 0, None, None, None, None, None, None, 0.0, 0)
    row, column = (int(index) for index in places[0])
    ulps = float_type(ours.dtype).steps_apart(mine[~same], other[~same])
    return FirstDifference(
        name=name,
        rows=len(mine),
        count=len(places),
        row=row,
        column=column,
        ours=float(mine[row, column]),
        theirs=float(other[row, column]),
        absolute=float(absolute[row, column]),
        ulp=int(ulps[0]),
        worst_absolute=float(np.max(absolute)),
        worst_ulp=int(ulps.max()),
    )
