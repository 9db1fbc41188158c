"""The accuracy of an implementation: its results compared with the correctly rounded ones, in ulp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation
from actcli.activations.floats import FloatType


@dataclass(frozen=True)
class Judgement:
    """The verdict on a set of results y for inputs x.

    right: the correctly rounded results.
    ulps: the number of steps in the type from y to right, nan for special and flushed results.
    special: True where x, y or right is nan or infinite.
    wrong: True where a special result differs from right: a nan for a number, a number for a limit, ...
    flushed: True where y is zero and right is subnormal, as from hardware in flush-to-zero mode.
    sign: True where y and right are zeros of different signs.
    """

    kind: FloatType
    x: NDArray[Any]
    y: NDArray[Any]
    right: NDArray[Any]
    ulps: NDArray[np.float64]
    special: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    flushed: NDArray[np.bool_]
    sign: NDArray[np.bool_]

    @property
    def max_ulp(self) -> float:
        """The largest of `ulps`; nan if all are nan."""
        counted = self.ulps[~np.isnan(self.ulps)]
        return float(counted.max()) if counted.size else float("nan")

    @property
    def mean_ulp(self) -> float:
        """The mean of `ulps`; nan if all are nan."""
        counted = self.ulps[~np.isnan(self.ulps)]
        return float(counted.mean()) if counted.size else float("nan")

    def histogram(self) -> list[tuple[int, int, int]]:
        """The numbers of results by error, as (least, most, count): 0, 1, 2, 3-4, 5-8, ... ulp up to the worst.

        The upper ends of the bins double up to 1024 ulp; from there each is 1024 times the one before.
        """
        counted = self.ulps[~np.isnan(self.ulps)]
        bins = []
        least, most = 0, 0
        while least <= counted.max(initial=0.0):
            bins.append((least, most, int(((counted >= least) & (counted <= most)).sum())))
            least, most = most + 1, min(max(1, most * (2 if most < 1024 else 1024)), 2**64)
        return bins

    def worst(self, count: int) -> NDArray[np.int64]:
        """The indices of the results with the largest errors, the largest first; exact results are left out."""
        order = np.argsort(-np.nan_to_num(self.ulps, nan=-1.0), kind="stable")[:count]
        return order[np.nan_to_num(self.ulps[order], nan=0.0) > 0]

    def passes(self, max_ulp: float) -> bool:
        """Whether no special result is wrong and no error exceeds `max_ulp`."""
        return not self.wrong.any() and not (self.ulps > max_ulp).any()


def judge(activation: Activation, x: NDArray[Any], y: NDArray[Any], kind: FloatType, order: int = 0) -> Judgement:
    """Judge the results y of an implementation of an elementwise activation, or of its slope.

    Args:
        x, y: inputs and results, values of the type (arrays of its carrier), of equal length.
        order: 1 judges slopes.

    >>> from actcli.activations import get
    >>> from actcli.activations.floats import FLOAT32
    >>> x = np.array([0.5, 1.0, np.nan], dtype=np.float32)
    >>> judgement = judge(get("tanh"), x, np.tanh(x.astype(np.float64)).astype(np.float32), FLOAT32)
    >>> judgement.max_ulp, int(judgement.wrong.sum())
    (0.0, 0)
    """
    return verdict_on(kind, x, y, activation.rounded(x, kind, order))


def verdict_on(kind: FloatType, x: NDArray[Any], y: NDArray[Any], right: NDArray[Any]) -> Judgement:
    """The verdict on results y for inputs x with the known correct results."""
    with np.errstate(invalid="ignore"):
        finite = np.isfinite(y) & np.isfinite(right)
        agree = (y == right) | (np.isnan(y) & np.isnan(right))
        # A special result is right or wrong; no distance in ulp is defined.
        special = ~(finite & np.isfinite(x))
        flushed = finite & (y == 0) & (right != 0) & (np.abs(right) < kind.smallest_normal)
        sign = (y == 0) & (right == 0) & (np.signbit(y) != np.signbit(right))
    ulps = kind.ulps_apart(y, right)
    ulps[special | flushed] = np.nan
    return Judgement(kind, x, y, right, ulps, special, special & ~agree, flushed, sign)


def tolerance(kind: FloatType) -> float:
    """The default of the largest error that passes, in ulp: half of the digits of the type."""
    return float(2 ** (kind.digits // 2))
