"""The floating-point types that results come in. No numpy here: the help of every command names them."""

from typing import NamedTuple


class Dtype(NamedTuple):
    """A binary floating-point type.

    carrier: the type of numpy that holds its values, itself where numpy has it.
    digits: bits of the significand, the hidden one included.
    width: bits in all.
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

#: Those that arrays of numpy can hold.
NUMPY_DTYPES = tuple(name for name, dtype in DTYPES.items() if dtype.carrier == name)

#: Those that networks compute in: half precision would lose the sums of a matrix product.
NETWORK_DTYPES = tuple(name for name in reversed(NUMPY_DTYPES) if DTYPES[name].digits >= 24)
