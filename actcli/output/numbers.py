"""Numbers as text: the shortest digits that read back as the same number, in the layout of Python's repr.

A float32 or float16 has the shortest digits of its type (0.1, not 0.10000000149011612). Long float arrays are written
by orjson, which is ten times faster than repr. Numbers that orjson writes differently (nan, infinities, very small
and very large numbers) are rewritten by Python, so that the bytes are the same as from repr.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: For fewer numbers repr takes less time than the import of orjson.
_FEW = 2000
#: The most bytes of memory per number that orjson needs: its text of up to 26 bytes, while the buffer is reallocated.
_TEXT = 3 * 26

# From the first number to 1e-4, and from the second number on, orjson writes 0.00001 where repr writes 1e-05.
_OTHER_LAYOUT = {np.dtype(np.float64): (1e-9, 1e15), np.dtype(np.float32): (1e-9, 1e7)}


@dataclass(frozen=True)
class NumberStyle:
    """The notation of numbers.

    precision: the number of significant digits; None for the shortest digits that read back as the same number.
    decimals: the number of digits after the point, without exponent.
    hex: hexadecimal floats, as from C's %a and `float.hex`, 0x1.8000000000000p+1.
    """

    precision: int | None = None
    decimals: int | None = None
    hex: bool = False


SHORTEST = NumberStyle()


def texts(values: Sequence[Any] | NDArray[Any], style: NumberStyle = SHORTEST) -> list[str]:
    """One text per value; numbers in `style`, strings unchanged, None as an empty text.

    >>> texts(np.array([0.1, -0.0, np.inf, 1e-5]))
    ['0.1', '-0.0', 'inf', '1e-05']
    >>> texts(np.array([0.1], dtype=np.float32)), texts([1 / 3, 2, "a", None], NumberStyle(precision=3))
    (['0.1'], ['0.333', '2', 'a', ''])
    """
    if isinstance(values, np.ndarray):
        if values.dtype.kind == "f":
            return _float_texts(values, style)
        values = values.tolist()
    return [_text(value, style) for value in values]


def _text(value: Any, style: NumberStyle) -> str:
    if value is None:
        return ""
    if isinstance(value, (float, np.floating)):
        return _float_texts(np.asarray(value).reshape(1), style)[0]
    return str(value)


def _float_texts(values: NDArray[Any], style: NumberStyle) -> list[str]:
    if style.hex:
        return [value.hex() for value in values.tolist()]
    if style.decimals is not None:
        return [format(value, f".{style.decimals}f") for value in values.tolist()]
    if style.precision is not None:
        form = f".{style.precision - 1}e"
        return [repr(float(format(value, form))) for value in values.tolist()]
    if values.dtype == np.float64:
        return [repr(value) for value in values.tolist()]
    # Conversion to text gives the shortest digits of the numpy type.
    return [repr(float(text)) for text in values.astype("U32").tolist()]


def comma_separated(values: NDArray[Any], style: NumberStyle = SHORTEST) -> bytes:
    """The numbers of a one-dimensional float array with a comma between each two.

    >>> comma_separated(np.array([0.5, -0.0, np.nan]))
    b'0.5,-0.0,nan'
    """
    if values.size < _FEW or style != SHORTEST or values.dtype not in _OTHER_LAYOUT:
        return ",".join(_float_texts(values, style)).encode()
    from actcli.fast_json import orjson

    def written(values: NDArray[Any]) -> bytes:
        # orjson crashes when an allocation for its text fails; this line raises MemoryError first.
        np.empty(_TEXT * values.size, np.uint8)
        text: bytes = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)
        return text[1:-1]

    low, high = _OTHER_LAYOUT[values.dtype]
    magnitude = np.abs(values)
    rewritten = ((magnitude < 1e-4) & (magnitude >= low)) | ~(magnitude < high)
    if not rewritten.any():
        return written(np.ascontiguousarray(values))
    # nan makes orjson write null at their places, the only word with an n.
    others = values[rewritten]
    first, *pieces = written(np.where(rewritten, values.dtype.type(np.nan), values)).split(b"n")
    reprs = map(_as_repr, written(others).split(b","), others.tolist())
    return first + b"".join([part for text, piece in zip(reprs, pieces, strict=True) for part in (text, piece[3:])])


def _as_repr(written: bytes, value: float) -> bytes:
    """The text of repr for a number that orjson writes as `written`, which is null for nan and infinities."""
    if written[-2:-1] == b"-":  # 1.5e-7
        return written[:-1] + b"0" + written[-1:]
    if 1e-5 <= abs(value) < 1:  # 0.000015
        digits = written.lstrip(b"-0.")
        form = b"%b%b.%be-05" if len(digits) > 1 else b"%b%b%be-05"
        return form % (b"-" if value < 0 else b"", digits[:1], digits[1:])
    return repr(value if written == b"null" else float(written)).encode()
