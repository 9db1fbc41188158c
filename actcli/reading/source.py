"""The protocol of a source of numbers, and the syntax of a number."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

Numbers = NDArray[Any]

#: The number of array elements in a block.
ARRAY_BLOCK = 1 << 19

#: The first bytes of an .npy file.
NPY_MAGIC = b"\x93NUMPY"

#: A piece of a source, of types that `marshal` can write: raw text with its first line and column, or the index of the
#: first number and the index after the last, or the raw bytes of an array.
Block = tuple[Any, ...]


class Source(Protocol):
    """A source of numbers."""

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape of all numbers, None if it is not known before the end."""

    @property
    def share(self) -> float | None:
        """The fraction of the input in the blocks so far, from 0 to 1, None if it is not known."""

    def blocks(self) -> Generator[Block | None]:
        """The data in pieces, with None before a wait for the next."""

    def parse(self, block: Block) -> Numbers:
        """The numbers of one piece."""


def number(text: str) -> float:
    """The number that a text denotes: decimal, nan, inf or a hex float, without underscores and blanks.

    >>> number("-.5"), number("1e-5"), number("-inf"), number("0x1.8p+1")
    (-0.5, 1e-05, -inf, 3.0)

    Raises:
        ValueError: if the text is not a number.
    """
    if not text.isascii() or "_" in text or text.strip() != text:
        raise ValueError(f"{text!r} is not a number")
    try:
        return float.fromhex(text) if "x" in text or "X" in text else float(text)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a number") from None


def quoted(text: str) -> str:
    """`text` in quotes, shortened to 40 characters."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def column_name(header: Sequence[str] | None, index: int) -> str:
    """A column by its name, or by its number from 1 if it has no name.

    >>> column_name(["x", "y"], 1), column_name(["x", "y"], 2), column_name(None, 0)
    ("column 'y'", 'column 3', 'column 1')
    """
    return f"column {header[index]!r}" if header is not None and index < len(header) else f"column {index + 1}"


def counted(count: int, what: str, plural: str = "s") -> str:
    """A count with its noun: 1 number, 2 numbers."""
    return f"{count} {what}{'' if count == 1 else plural}"
