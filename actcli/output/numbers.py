"""Numbers to text and back to the same number: the shortest digits, laid out as Python's repr lays them out.

A float32 or float16 prints in its own digits (0.1, not 0.10000000149011612). Long float arrays go through orjson,
which is ten times faster than repr; what it writes differently (nan, the infinities, very small and very large
numbers) is written by Python and spliced in, so that both ways give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Below this many numbers repr is done before orjson is imported.
_FEW = 2000
#: Bytes of memory for each number that is written, at most: its text, while that is copied to where there is more room.
_TEXT = 3 * 26

# From here to 1e-4, and from the second number on, orjson and repr lay a number out differently: 0.00001 and 1e-05.
_UNLIKE = {np.dtype(np.float64): (1e-9, 1e15), np.dtype(np.float32): (1e-9, 1e7)}


@dataclass(frozen=True)
class NumberStyle:
    """How numbers are written.

    precision: round to this many significant digits; None writes the shortest digits that read back the same.
    decimals: write so many digits after the point, and no exponent.
    hex: write the bits as C's %a and `float.hex` do, 0x1.8000000000000p+1.
    """

    precision: int | None = None
    decimals: int | None = None
    hex: bool = False


SHORTEST = NumberStyle()


def texts(values: Sequence[Any] | NDArray[Any], style: NumberStyle = SHORTEST) -> list[str]:
    """One text per value; numbers in `style`, strings as they are, None as nothing.

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
    # str of a numpy scalar has the shortest digits of its type.
    return [repr(float(text)) for text in values.astype("U32").tolist()]


def comma_separated(values: NDArray[Any], style: NumberStyle = SHORTEST) -> bytes:
    """The numbers of a one-dimensional float array with a comma between each two.

    >>> comma_separated(np.array([0.5, -0.0, np.nan]))
    b'0.5,-0.0,nan'
    """
    if values.size < _FEW or style != SHORTEST or values.dtype not in _UNLIKE:
        return ",".join(_float_texts(values, style)).encode()
    from actcli.fast_json import orjson

    def written(values: NDArray[Any]) -> bytes:
        # orjson crashes where it gets no memory for its text, which doubles as it grows.
        np.empty(_TEXT * values.size, np.uint8)
        text: bytes = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)
        return text[1:-1]

    low, high = _UNLIKE[values.dtype]
    magnitude = np.abs(values)
    unlike = ((magnitude < 1e-4) & (magnitude >= low)) | ~(magnitude < high)
    if not unlike.any():
        return written(np.ascontiguousarray(values))
    # These leave a null for the time being, which is the only word with an n.
    others = values[unlike]
    first, *pieces = written(np.where(unlike, values.dtype.type(np.nan), values)).split(b"n")
    texts = map(_as_repr, written(others).split(b","), others.tolist())
    return first + b"".join([part for text, piece in zip(texts, pieces, strict=True) for part in (text, piece[3:])])


def _as_repr(written: bytes, value: float) -> bytes:
    """What repr makes of such a number, whose shortest digits are in `written` unless JSON does not know it."""
    if written[-2:-1] == b"-":  # 1.5e-7
        return written[:-1] + b"0" + written[-1:]
    if 1e-5 <= abs(value) < 1:  # 0.000015
        digits = written.lstrip(b"-0.")
        form = b"%b%b.%be-05" if len(digits) > 1 else b"%b%b%be-05"
        return form % (b"-" if value < 0 else b"", digits[:1], digits[1:])
    return repr(value if written == b"null" else float(written)).encode()
