"""Look-up tables: the nearest entry or linear interpolation, with straight lines beyond the ends.

This module loads numpy only when a table is evaluated, because the help of a command lists LOOKUPS.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actcli.formulas.grammar import Node
    from actcli.formulas.primitives import Array

#: A straight line: its value at 0 and its slope.
Straight = tuple[float, float]
#: The ways to read a table between its entries, and the fewest entries for each.
LOOKUPS = {"nearest": 1, "linear": 2}
MOST_ENTRIES = 1 << 16


@dataclass(frozen=True)
class Lookup:
    """A table with entries y at ascending x, read inside low..high, and a straight line on each side of it.

    left, right: the lines below low and above high.

    Raises:
        ValueError: for entries that are not a table.

    >>> import numpy as np
    >>> ramp = Lookup("linear", (0.0, 1.0), (0.0, 3.0), 0.0, 1.0, left=(0.0, 0.0), right=(3.0, 0.0))
    >>> ramp.value(np.array([-1.0, 0.5, 4.0]))
    array([0. , 1.5, 3. ])
    """

    kind: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: float
    high: float
    left: Straight
    right: Straight

    def __post_init__(self) -> None:
        if self.kind not in LOOKUPS:
            raise ValueError(f"'lookup' is {self.kind!r}; it is {' or '.join(LOOKUPS)}")
        if not LOOKUPS[self.kind] <= len(self.x) == len(self.y) <= MOST_ENTRIES:
            raise ValueError(
                f"{len(self.x)} x and {len(self.y)} y; as many of both, {LOOKUPS[self.kind]} to {MOST_ENTRIES}"
            )
        numbers = (*self.x, *self.y, self.low, self.high, *self.left, *self.right)
        if not all(map(math.isfinite, numbers)):
            raise ValueError("a number that is not finite")
        if any(a >= b for a, b in pairwise(self.x)) or self.low >= self.high:
            raise ValueError("x is not in ascending order")

    @cached_property
    def bounds(self) -> tuple[float, ...]:
        """The x at which the next entry, or the next line between two entries, takes over."""
        if self.kind == "linear":
            return self.x[1:-1]
        return tuple(a + (b - a) / 2 for a, b in pairwise(self.x))

    @cached_property
    def lines(self) -> tuple[tuple[float, float, float], ...]:
        """The lines between the bounds, each as (x0, value at x0, slope)."""
        if self.kind == "nearest":
            return tuple((0.0, y, 0.0) for y in self.y)
        points = list(zip(self.x, self.y, strict=True))
        return tuple((a, b, (d - b) / (c - a)) for (a, b), (c, d) in pairwise(points))

    @cached_property
    def kinks(self) -> tuple[float, ...]:
        """The x at which value or slope jumps."""
        places = sorted({self.low, self.high, *(x for x in self.bounds if self.low < x < self.high)})
        return tuple(x for x in places if self._differs(x))

    def _differs(self, x: float) -> bool:
        import numpy as np

        sides = [np.array([np.nextafter(x, side)]) for side in (-np.inf, np.inf)]
        (left, right), (down, up) = ([float(f(side)[0]) for side in sides] for f in (self.value, self.slope))
        return not (math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-12) and down == up)

    @cached_property
    def inside(self) -> Node:
        """The formula between low and high: a binary search, which keeps the nesting of conditions shallow."""
        from actcli.formulas.grammar import X, make_node, number_node

        def between(first: int, last: int) -> Node:
            if first == last:
                return _straight_node(*self.lines[first])
            middle = (first + last + 1) // 2
            condition = make_node("lt", (X, number_node(self.bounds[middle - 1])))
            return make_node("where", (condition, between(first, middle - 1), between(middle, last)))

        return between(0, len(self.lines) - 1)

    @cached_property
    def tree(self) -> Node:
        """The formula for every x."""
        from actcli.formulas.grammar import X, make_node, number_node

        beyond = make_node("gt", (X, number_node(self.high)))
        inside = make_node("where", (beyond, _straight_node(0.0, *self.right), self.inside))
        below = make_node("lt", (X, number_node(self.low)))
        return make_node("where", (below, _straight_node(0.0, *self.left), inside))

    def value(self, x: Array) -> Array:
        """The values at every x."""
        import numpy as np

        at, height, slope = self._at(x)
        with np.errstate(invalid="ignore"):  # 0 * inf on a line of slope 0
            return np.asarray(np.where(np.isnan(x), x, height + np.where(slope == 0, 0.0, slope * (x - at))))

    def slope(self, x: Array) -> Array:
        """The slopes at every x; at a kink the slope from the left."""
        import numpy as np

        _, _, slope = self._at(x, "left")
        return np.where(np.isnan(x), x, slope)

    def _at(self, x: Array, side: Any = "right") -> Array:
        import numpy as np

        table = np.array([(0.0, *self.left), *self.lines, (0.0, *self.right)]).T
        edges = np.array(self.bounds)
        inner = 1 + np.searchsorted(edges, x, side)
        below, above = (x <= self.low, x > self.high) if side == "left" else (x < self.low, x > self.high)
        return np.asarray(table[:, np.where(below, 0, np.where(above, table.shape[1] - 1, inner))])

    def as_data(self) -> dict[str, Any]:
        """The table as a JSON file holds it."""
        ends = {"low": self.low, "high": self.high, "left": list(self.left), "right": list(self.right)}
        return {"lookup": self.kind, "x": list(self.x), "y": list(self.y), **ends}


def _straight_node(at: float, height: float, slope: float) -> Node:
    from actcli.formulas.grammar import X, make_node, number_node

    if not slope:
        return number_node(height)
    along = make_node("sub", (X, number_node(at))) if at else X
    return make_node("add", (number_node(height), make_node("mul", (number_node(slope), along))))
