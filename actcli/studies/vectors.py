"""Test vectors for implementations of activations: the inputs at which these tend to be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation
from actcli.activations.floats import FloatType

#: The number of adjacent values taken on either side of a kink, zero or extremum.
_AROUND = 2
#: The number of results computed between two reports of progress.
_BLOCK = 1024


@dataclass(frozen=True)
class Vectors:
    """Inputs with correctly rounded results, and the reason for each input."""

    why: list[str]
    x: NDArray[Any]
    y: NDArray[Any]


def vectors(
    activation: Activation,
    kind: FloatType,
    order: int = 0,
    count: int = 100,
    seed: int = 0,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Vectors:
    """Test vectors of an elementwise activation (or, for order 1, of its slope) in a floating-point type.

    The inputs are zeros, infinities and nan (special); the smallest and largest normal and subnormal numbers (range)
    and subnormals between; kinks, zeros and extrema with adjacent values; the inputs where the result saturates,
    becomes subnormal, underflows or overflows (threshold); powers of two; and `count` random numbers, half of them
    uniform in +-8, half over all magnitudes. No input is repeated. `tell` is called with the number of results so far
    and of all results.

    >>> from actcli.activations import get
    >>> from actcli.activations.floats import FLOAT32
    >>> found = vectors(get("relu6"), FLOAT32, count=0)
    >>> [x for why, x in zip(found.why, found.x.tolist()) if why == "kink"][-5:]
    [5.999999046325684, 5.999999523162842, 6.0, 6.000000476837158, 6.000000953674316]
    """
    random = np.random.default_rng(seed)
    places: list[tuple[str, NDArray[Any]]] = [
        ("special", kind.round([0.0, -0.0, np.inf, -np.inf, np.nan])),
        ("range", _ends(kind)),
        ("subnormal", _subnormals(kind, random)),
        ("kink", _neighbourhoods(kind, activation.kinks)),
        ("zero", _neighbourhoods(kind, _roots(activation, order))),
        ("extremum", _neighbourhoods(kind, _roots(activation, order + 1))),
        ("threshold", _thresholds(activation, kind, order)),
        ("power", kind.round([sign * 2.0**k for k in range(-10, 11) for sign in (1, -1)])),
        ("random", _random(kind, count, random)),
    ]
    why: list[str] = []
    kept: list[NDArray[Any]] = []
    seen: set[int] = set()
    for reason, values in places:
        for value, bits in zip(values, kind.bits(values).tolist(), strict=True):
            if bits not in seen:
                seen.add(bits)
                why.append(reason)
                kept.append(value)
    x = np.array(kept, dtype=kind.carrier)
    results = []
    for start in range(0, len(x), _BLOCK):
        results.append(activation.rounded(x[start : start + _BLOCK], kind, order))
        tell(min(start + _BLOCK, len(x)), len(x))
    return Vectors(why, x, np.concatenate(results))


def _both_signs(values: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([values, -values])


def _ends(kind: FloatType) -> NDArray[Any]:
    below = kind.neighbours(kind.smallest_normal, 1)[0]
    tiny = kind.from_bits(np.array([1]))[0]
    return _both_signs(np.array([kind.largest, kind.smallest_normal, below, tiny], dtype=kind.carrier))


def _subnormals(kind: FloatType, random: np.random.Generator) -> NDArray[Any]:
    return _both_signs(kind.from_bits(random.integers(2, 2 ** (kind.digits - 1) - 1, 4, dtype=np.uint64)))


def _random(kind: FloatType, count: int, random: np.random.Generator) -> NDArray[Any]:
    uniform = kind.round(random.uniform(-8, 8, count - count // 2))
    top = int(kind.bits(np.array([kind.largest], dtype=kind.carrier))[0])
    anywhere = kind.from_bits(random.integers(1, top, count // 2, dtype=np.uint64))
    signs = random.choice(np.array([-1, 1], dtype=kind.carrier), count // 2)
    return np.concatenate([uniform, anywhere * signs])


def _neighbourhoods(kind: FloatType, places: tuple[float, ...] | list[float]) -> NDArray[Any]:
    within = [kind.neighbours(place, _AROUND) for place in places if abs(place) <= kind.largest]
    return np.concatenate([np.empty(0, dtype=kind.carrier), *within])


def _roots(activation: Activation, order: int) -> list[float]:
    """The zeros of the value (order 0), slope or second derivative between -40 and 40, except at kinks."""
    evaluate: Callable[[Any], Any] = (activation, activation.slope, activation.second)[order]
    grid = np.linspace(-40, 40, 4001)
    signs = np.sign(evaluate(grid))
    isolated = (signs[1:-1] == 0) & (signs[:-2] * signs[2:] != 0)
    low, high = grid[:-1], grid[1:]
    crossed = signs[:-1] * signs[1:] < 0
    for kink in activation.kinks:
        crossed &= (kink < low) | (high < kink)
    same = partial(_is_as_before, lambda x: np.sign(evaluate(x)), signs[:-1][crossed])
    found, _ = _bisected(same, low[crossed], high[crossed])
    return sorted([*grid[1:-1][isolated].tolist(), *found.tolist()])


def _bisected(
    before: Callable[[NDArray[Any]], Any], low: NDArray[Any], high: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Bisect each low..high, where `before` is true at low and false at high, to adjacent values of low and high."""
    half = np.divide if low.dtype.kind == "f" else np.floor_divide
    while (inside := (low < (middle := low + half(high - low, low.dtype.type(2)))) & (middle < high)).any():
        left = before(middle)
        low, high = np.where(inside & left, middle, low), np.where(inside & ~left, middle, high)
    return low, high


def _thresholds(activation: Activation, kind: FloatType, order: int) -> NDArray[Any]:
    """The last input before and the first after each change of `_kind_of_result`, for both signs."""
    found = [np.empty(0, dtype=kind.carrier)]
    top = int(kind.bits(np.array([kind.largest], dtype=kind.carrier))[0])
    for sign in (0, 1 << (kind.width - 1)):

        def sorts(bits: NDArray[Any], sign: int = sign) -> NDArray[Any]:
            x = kind.from_bits(bits | np.uint64(sign))
            return _kind_of_result(kind, x, activation.rounded(x, kind, order))

        grid = np.unique(np.linspace(1, top, 1 << 9).astype(np.uint64))
        fine = kind.bits(kind.round(np.linspace(0.25, 128, 512))).astype(np.uint64)
        grid = np.unique(np.concatenate([grid, fine[(fine > 0) & (fine < top)]]))
        kinds = sorts(grid)
        # An oscillating function has isolated zeros; a single result between two of another kind is no threshold.
        kinds[1:-1] = np.where(kinds[:-2] == kinds[2:], kinds[2:], kinds[1:-1])
        changes = np.flatnonzero(kinds[1:] != kinds[:-1])
        same = partial(_is_as_before, sorts, kinds[changes])
        ends = _bisected(same, grid[changes], grid[changes + 1])
        found.append(kind.from_bits(np.stack(ends, 1).ravel() | np.uint64(sign)))
    return np.concatenate(found)


def _is_as_before(sorts: Callable[[NDArray[Any]], NDArray[Any]], before: NDArray[Any], x: NDArray[Any]) -> Any:
    return sorts(x) == before


def _kind_of_result(kind: FloatType, x: NDArray[Any], y: NDArray[Any]) -> NDArray[Any]:
    """The kind of result y: nan, infinite, zero, subnormal, equal to x, 1 or -1 (saturated), or another number."""
    size = np.abs(y)
    return np.select(
        [np.isnan(y), np.isinf(y), y == 0, size < kind.smallest_normal, y == x, size == 1],
        [1, 2, 3, 4, 5, 6],
        default=0,
    )
