"""The table, in which all commands pass their results to the writers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = Sequence[Any] | NDArray[Any]


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns of equal length: arrays of numbers, or sequences of str, float, int and None.

    results: the columns that `-q` prints and that an array file holds; empty for all columns.
    title, notes: text above and below a table on the screen, in no other format.

    >>> len(Table(("x", "relu"), (np.array([-3.0, 2.0]), np.array([0.0, 2.0])), results=("relu",)))
    2
    """

    columns: tuple[str, ...]
    data: tuple[Column, ...]
    title: str = ""
    results: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lengths = {len(column) for column in self.data}
        if len(self.columns) != len(self.data) or len(lengths) > 1:
            raise ValueError(f"columns {self.columns} do not fit data of lengths {[len(d) for d in self.data]}")

    def __len__(self) -> int:
        return len(self.data[0]) if self.data else 0

    def result_columns(self) -> tuple[Column, ...]:
        """The data of `results`."""
        if not self.results:
            return self.data
        return tuple(self.data[self.columns.index(name)] for name in self.results)

    def slice(self, start: int, stop: int) -> Table:
        """The rows from `start` up to `stop`."""
        return Table(
            self.columns, tuple(column[start:stop] for column in self.data), self.title, self.results, self.notes
        )


def float_matrix(columns: Sequence[Column]) -> NDArray[Any] | None:
    """The columns as one matrix if all are float arrays of one dtype, else None."""
    if not columns or not all(isinstance(column, np.ndarray) and column.dtype.kind == "f" for column in columns):
        return None
    if len({column.dtype for column in columns if isinstance(column, np.ndarray)}) > 1:
        return None
    return np.stack([np.asarray(column) for column in columns], axis=1)
