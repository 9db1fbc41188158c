"""The floating-point types of results. numpy is not imported, because the help of every command lists the types."""

from typing import NamedTuple


class Dtype(NamedTuple):
    """A binary floating-point type.

    carrier: the numpy type that holds its values, the same type if numpy has it.
    digits: bits of the significand, including the hidden one.
    width: bits in total.
    """

    carrier: str
    digits: int
    width: int


DTYPES = {
    "float64": Dtype("float64", 53, 64),
    "float32": Dtype("float32", 24, 32),
    "float16": Dtype("float16", 11, 16),
    "bfloat16": Dtype("float32", 8, 16),
}

#: The types that numpy has.
NUMPY_DTYPES = tuple(name for name, dtype in DTYPES.items() if dtype.carrier == name)

#: The types that networks compute in; half precision would make the sums of matrix products inaccurate.
NETWORK_DTYPES = tuple(name for name in reversed(NUMPY_DTYPES) if DTYPES[name].digits >= 24)
