"""What a source of numbers is, and what a number is."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

Numbers = NDArray[Any]

#: Numbers of an array in a block.
ARRAY_BLOCK = 1 << 19

#: A piece of a source, made of what `marshal` can write: raw text with the line and column it starts at, or the place
#: of the first number and of the one after the last, or the raw bytes of an array.
Block = tuple[Any, ...]


class Source(Protocol):
    """Where numbers come from."""

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape of the whole, where it is known before the end is reached."""

    @property
    def share(self) -> float | None:
        """How much of the whole the blocks given so far are, from 0 to 1, where that is known."""

    def blocks(self) -> Generator[Block | None]:
        """The data in pieces."""

    def parse(self, block: Block) -> Numbers:
        """The numbers of one piece."""


def number(text: str) -> float:
    """The number a text stands for: decimal, nan, inf or a hex float; no underscores, no blanks.

    >>> number("-.5"), number("1e-5"), number("-inf"), number("0x1.8p+1")
    (-0.5, 1e-05, -inf, 3.0)

    Raises:
        ValueError: if it stands for none.
    """
    if not text.isascii() or "_" in text or text.strip() != text:
        raise ValueError(f"{text!r} is not a number")
    try:
        return float.fromhex(text) if "x" in text or "X" in text else float(text)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a number") from None


def quoted(text: str) -> str:
    """`text` in quotes, cut if it is long."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def column_name(header: Sequence[str] | None, index: int) -> str:
    """A column by its name, or by its number from 1 where it has none.

    >>> column_name(["x", "y"], 1), column_name(["x", "y"], 2), column_name(None, 0)
    ("column 'y'", 'column 3', 'column 1')
    """
    return f"column {header[index]!r}" if header is not None and index < len(header) else f"column {index + 1}"


def counted(count: int, what: str, plural: str = "s") -> str:
    """1 number, 2 numbers."""
    return f"{count} {what}{'' if count == 1 else plural}"
