"""Numbers from the command line: given values, and evenly spaced points."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np

from actcli.memory import require_memory
from actcli.reading.source import ARRAY_BLOCK, Block, Numbers, number


@dataclass(frozen=True)
class Given:
    """Values from the command line; for row functions they form `rows` rows."""

    values: Sequence[float]
    by_row: bool
    rows: int = 1
    share: float | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.rows, len(self.values) // self.rows) if self.by_row else (len(self.values),)

    def blocks(self) -> Generator[Block | None]:
        yield 0, len(self.values)

    def parse(self, block: Block) -> Numbers:
        return np.array(self.values, dtype=np.float64).reshape(self.shape)


@dataclass
class Range:
    """Evenly spaced points including both ends; for decimal ends each is the float64 nearest to its exact place.

    >>> points = Range.parsed("-1:1:11", by_row=False)
    >>> points.parse(next(points.blocks())).tolist()
    [-1.0, -0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """

    low: str
    high: str
    count: int
    by_row: bool
    share: float | None = 0.0

    @classmethod
    def parsed(cls, text: str, by_row: bool) -> Range:
        """Parse LO:HI for 11 points, LO:HI:N, or LO:HI:STEP if the last part is not an integer.

        >>> Range.parsed("-1:1:0.3", by_row=False)
        Range(low='-1', high='0.8', count=7, by_row=False, share=0.0)

        Raises:
            ValueError: for an invalid part, which the message names.
        """
        parts = [part.strip() for part in text.split(":")]
        if len(parts) not in (2, 3):
            raise ValueError(f"--range takes LO:HI, LO:HI:N or LO:HI:STEP, such as -4:4:9, not {text!r}")
        for part in parts[:2]:
            try:
                finite = np.isfinite(number(part))
            except ValueError:
                finite = False
            if not finite:
                raise ValueError(f"--range {text!r}: {part!r} is not a finite number; it takes LO:HI:N, such as -4:4:9")
        count = _whole(parts[2]) if len(parts) == 3 else "11"
        if not (count.isascii() and count.isdigit()):
            parts[1], count = _stepped(text, parts[0], parts[1], count)
        if not int(count):
            raise ValueError(f"--range {text!r}: {count!r} is not a number of points, a positive integer")
        if int(count) > _MOST:
            raise ValueError(f"--range {text!r}: {count} points; at most {_MOST:,} can be told apart")
        if int(count) == 1 and number(parts[0]) != number(parts[1]):
            raise ValueError(f"--range {text!r}: one point cannot be both ends; ask for 2 or more")
        return cls(parts[0], parts[1], int(count), by_row)

    @property
    def shape(self) -> tuple[int, ...]:
        return (1, self.count) if self.by_row else (self.count,)

    def blocks(self) -> Generator[Block | None]:
        step = self.count if self.by_row else ARRAY_BLOCK
        if self.by_row:
            require_memory([("the row", 8 * self.count)])
        for start in range(0, self.count, step):
            stop = min(start + step, self.count)
            self.share = stop / self.count
            yield start, stop

    def parse(self, block: Block) -> Numbers:
        points = self._points(*block)
        return points.reshape(1, -1) if self.by_row else points

    def _points(self, start: int, stop: int) -> Numbers:
        low, high, last = number(self.low), number(self.high), max(self.count - 1, 1)
        place = np.arange(start, stop)
        exact = self._integers()
        if exact is not None:
            first, final, scale = exact
            # Numerator and denominator are integers below 2**53, so only the quotient is rounded.
            return np.asarray((first * (last - place) + final * place) / (last * scale))
        points = low * ((last - place) / last) + high * (place / last)
        points[place == 0] = low
        points[place == last] = high
        return points

    def _integers(self) -> tuple[int, int, int] | None:
        """Both ends as integers over a common power of ten, None if these are too large for exact arithmetic."""
        from decimal import Decimal, InvalidOperation

        try:
            low, high = Decimal(self.low), Decimal(self.high)
        except InvalidOperation:
            return None
        places = max(0, *(-int(end.as_tuple().exponent) for end in (low, high)))
        if places > 15 or max(abs(low), abs(high)) > 2**53:
            return None
        scale = 10**places
        first, final = int(low * scale), int(high * scale)
        largest = max(abs(first), abs(final), scale) * max(self.count - 1, 1)
        return (first, final, scale) if largest < 2**52 else None


#: The most points of a range; their indices must be exact in float64.
_MOST = 10**15


def _whole(text: str) -> str:
    """1e3 and +9 as plain integers; a text with a decimal point, or that is not a number, unchanged.

    >>> _whole("1e3"), _whole("2.0"), _whole("nine")
    ('1000', '2.0', 'nine')
    """
    found = re.fullmatch(r"\+?(\d{1,15})(?:[eE]\+?(1?\d))?", text, re.ASCII)
    return found[1] + "0" * int(found[2] or 0) if found else text


def _stepped(text: str, low: str, high: str, step: str) -> tuple[str, str]:
    """The last point of LO:HI:STEP and the number of points, both as text."""
    from decimal import Decimal, InvalidOperation, localcontext

    try:
        # Decimal makes ten steps of 0.1 exactly 1.
        start, stop, width = Decimal(low), Decimal(high), Decimal(step)
    except InvalidOperation:
        raise ValueError(
            f"--range {text!r}: {step!r} is not a number of points, a positive integer, nor a step such as 0.1"
        ) from None
    if not (width.is_finite() and width):
        raise ValueError(f"--range {text!r}: the step {step} leads nowhere")
    with localcontext(prec=40):
        count = (stop - start) / width
        if count < 0:
            raise ValueError(f"--range {text!r}: steps of {step} never come from {low} to {high}")
        if 0 < count < 1:
            raise ValueError(f"--range {text!r}: a step of {step} is longer than the range; LO:HI:N has N points")
        whole = int(count)
        return str(start + whole * width), str(whole + 1)


def interval(text: str) -> tuple[float, float]:
    """The two ends of LO:HI.

    >>> interval("-4:0x1p2")
    (-4.0, 4.0)

    Raises:
        ValueError: for an invalid part, which the message names.
    """
    if text.count(":") != 1:
        raise ValueError(f"--range takes LO:HI, such as -4:4, not {text!r}")
    asked = Range.parsed(text, by_row=False)
    low, high = number(asked.low), number(asked.high)
    if not low < high:
        raise ValueError(f"--range {text!r}: LO must be below HI")
    return low, high
