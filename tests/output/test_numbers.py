"""Numbers as text: both writers give the bytes of repr for every dtype."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actcli.output.numbers import SHORTEST, NumberStyle, comma_separated, texts

SPECIALS = [0.0, -0.0, np.nan, -np.nan, np.inf, -np.inf, 1.0, -1.0, 0.1, 1e-5, 9.999e-5, 1e-4, 1e15, 1e16, 1e22, 5e-324]


def bits(dtype: type[np.floating], count: int) -> np.ndarray:
    """Random bit patterns: every exponent equally likely, nans and infinities among them."""
    integers = {np.float64: np.uint64, np.float32: np.uint32, np.float16: np.uint16}[dtype]
    return (
        np.random.default_rng(3).integers(0, np.iinfo(integers).max, count, dtype=integers, endpoint=True).view(dtype)
    )


def corners(dtype: type[np.floating]) -> np.ndarray:
    """Powers of ten and their neighbours, integers around 2**24 and 2**53, and the specials."""
    with np.errstate(over="ignore", under="ignore"):
        powers = (10.0 ** np.arange(-330.0, 309)).astype(dtype)
        near = [np.nextafter(powers, dtype(0)), np.nextafter(powers, dtype(np.inf)), -powers]
        integers = np.array([2**24 - 1, 2**24, 2**24 + 1, 2**53 - 1, 2**53, 123456789012345680], dtype=dtype)
        return np.concatenate([powers, *near, integers, np.array(SPECIALS).astype(dtype)])


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_long_arrays_are_written_like_short_ones(dtype: type[np.floating]) -> None:
    values = np.concatenate([bits(dtype, 60_000), corners(dtype)])
    one_by_one = [text for start in range(0, len(values), 1000) for text in texts(values[start : start + 1000])]
    assert comma_separated(values).decode().split(",") == one_by_one


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_digits_read_back_to_the_same_bits(dtype: type[np.floating]) -> None:
    values = np.concatenate([bits(dtype, 20_000), corners(dtype)])
    values = values[~np.isnan(values)]
    back = np.array(comma_separated(values).decode().split(","), dtype=np.float64).astype(dtype)
    assert back.tobytes() == values.tobytes()


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_no_shorter_digits_read_back(dtype: type[np.floating]) -> None:
    values = bits(dtype, 3000)
    for value, text in zip(values.tolist(), texts(values), strict=True):
        if np.isfinite(value):
            digits = len(text.partition("e")[0].replace("-", "").replace(".", "").strip("0"))
            with np.errstate(over="ignore"):
                shorter = dtype(float(f"{value:.{max(digits - 2, 0)}e}"))
            assert digits <= 1 or shorter != dtype(value), f"{text} has more digits than {value!r} needs"


def test_float64_is_repr() -> None:
    values = bits(np.float64, 1000)
    assert texts(values) == [repr(value) for value in values.tolist()]


@given(st.floats(), st.integers(1, 17))
def test_precision_rounds_to_significant_digits(value: float, digits: int) -> None:
    (text,) = texts(np.array([value]), NumberStyle(precision=digits))
    assert text == repr(float(f"{value:.{digits - 1}e}"))


@given(st.floats())
def test_hex_reads_back(value: float) -> None:
    (text,) = texts(np.array([value]), NumberStyle(hex=True))
    assert np.float64(float.fromhex(text)).tobytes() == np.float64(value).tobytes() or np.isnan(value)


def test_mixed_columns() -> None:
    column = [0.5, np.float32(0.1), 3, np.int64(4), "words", None, float("nan")]
    assert texts(column) == ["0.5", "0.1", "3", "4", "words", "", "nan"]
    assert texts(np.array([1, -2])) == ["1", "-2"]
    assert comma_separated(np.array([]), SHORTEST) == b""
