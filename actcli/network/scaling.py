"""The scaling of features, column by column, before the first layer of a network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.memory import require_memory

_BLOCK = 4096  # rows that are scaled at a time


@dataclass(frozen=True)
class Scaling:
    """(x - centre) / spread for each column; the scaling of the training data also applies to all other data."""

    centre: NDArray[np.float64]
    spread: NDArray[np.float64]

    @classmethod
    def standard(cls, features: NDArray[Any]) -> Scaling:
        """The scaling to mean 0 and deviation 1 over the rows of `features`; a constant column becomes 0.

        >>> scaling = Scaling.standard(np.array([[1.0, 5.0], [3.0, 5.0]]))
        >>> scaling(np.array([[1.0, 5.0], [5.0, 5.0]])).tolist()
        [[-1.0, 0.0], [3.0, 0.0]]
        """
        low, high = features.min(axis=0).astype(np.float64), features.max(axis=0).astype(np.float64)
        is_constant = low == high
        # Differences from the least value are summed, because sums of numbers far from 0, such as dates, lose digits.
        starts = range(0, len(features), _BLOCK)
        total = sum((features[k : k + _BLOCK] - low).sum(axis=0) for k in starts)
        centre = low + total / len(features)
        reach = np.where(is_constant, 1.0, np.maximum(high - centre, centre - low))
        # Division by the largest difference prevents the squares from overflow and underflow.
        squares = sum(np.square((features[k : k + _BLOCK] - centre) / reach).sum(axis=0) for k in starts)
        return cls(centre, np.where(is_constant, 1.0, reach * np.sqrt(squares / len(features))))

    @classmethod
    def dividing(cls, divisor: float, width: int) -> Scaling:
        """The division of all features by one number, such as 255 for pixels."""
        if not (math.isfinite(divisor) and divisor):
            raise ValueError(f"features can be divided by a finite number other than 0, not {divisor:g}")
        return cls(np.zeros(width), np.full(width, float(divisor)))

    def __call__(self, features: NDArray[Any], dtype: str = "float64") -> NDArray[Any]:
        """The scaled features, computed in float64 and rounded to `dtype`."""
        require_memory(
            [("scaled features", features.size * np.dtype(dtype).itemsize), ("the features", features.nbytes)]
        )
        scaled = np.empty(features.shape, dtype)
        for start in range(0, len(features), _BLOCK):
            scaled[start : start + _BLOCK] = (features[start : start + _BLOCK] - self.centre) / self.spread
        return scaled
