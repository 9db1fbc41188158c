"""Numbers in .npy, .npz and IDX files."""

from __future__ import annotations

import gzip
import io
import math
import os
import struct
import zlib
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np

from actcli.memory import require_memory
from actcli.reading.source import ARRAY_BLOCK, Block, Numbers, counted
from actcli.reading.streams import Stream


def damage(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """The exceptions of reading a compressed file that is truncated, damaged or of an unsupported compression."""
    import tokenize
    import zipfile

    unpacking = EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, struct.error, RuntimeError
    return (*others, *unpacking, tokenize.TokenError)  # TokenError comes from numpy's headers


def first_line(error: Exception) -> str:
    """The first line of the message of an error, or a substitute if it has none."""
    return (str(error).splitlines() or ["it breaks off"])[0]


class Array:
    """An array after a .npy or IDX header, read in blocks: at any place of a file, in order from a stream."""

    share: float | None = 0.0

    def __init__(self, file: Any, stream: Stream, form: str, columns: Sequence[str], by_row: bool) -> None:
        self.file = file
        self.stream = stream
        self.name = name = stream.name
        self.by_row = by_row
        #: The stream, if it is a file on disk in which any place can be read.
        self.disk = stream if stream.is_regular and file is stream.file else None
        try:
            self.shape, self.fortran_order, self.dtype = _idx_header(file) if form == "idx" else npy_header(file)
        except damage(ValueError) as error:
            kind = "IDX" if form == "idx" else ".npy"
            raise OSError(f"{name} is not a whole {kind} file: {first_line(error)}") from None
        if self.dtype.hasobject:
            raise ValueError(f"{name} holds pickled Python objects, which actcli never loads; save numbers")
        if self.dtype.kind not in "fiu":
            raise ValueError(f"{name} holds {self.dtype}; integers or floating-point numbers are needed")
        if columns:
            raise ValueError(f"--column is for text with columns; {name} is an array")
        if by_row and not self.shape:
            raise ValueError(f"{name} holds a single number, not a row")
        self.count = math.prod(self.shape)
        self.start = file.tell() if self.disk else 0
        if self.disk and self.disk.size - self.start < self.count * self.dtype.itemsize:
            raise OSError(
                f"{name} ends early: its header promises {self.count} numbers, "
                f"{(self.disk.size - self.start) // self.dtype.itemsize} are there"
            )

    def blocks(self) -> Generator[Block | None]:
        try:
            width = self.shape[-1] if self.by_row else 1
            if not self.count:
                yield 0, 0
            elif self.fortran_order and len(self.shape) > 1:
                # The file's order of numbers is not the output's.
                require_memory([(self.name, 2 * self.count * self.dtype.itemsize)])
                whole = np.frombuffer(self._read(self.count), dtype=self.dtype).reshape(self.shape, order="F")
                yield (whole.tobytes(),)
            else:
                require_memory([("a row", 4 * width * self.dtype.itemsize)])
                step = max(1, ARRAY_BLOCK // width) * width
                for start in range(0, self.count, step):
                    stop = min(start + step, self.count)
                    self.share = stop / self.count
                    yield (start, stop) if self.disk else (self._read(stop - start),)
            if self.disk:
                self.disk.check_unchanged()
        finally:
            self.close()

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self.file is not self.stream.file:
            self.file.close()
        self.stream.close()

    def _read(self, count: int) -> bytes:
        wanted = count * self.dtype.itemsize
        parts: list[bytes] = []
        try:
            while wanted and (data := self.file.read(wanted)):
                parts.append(data)
                wanted -= len(data)
        except damage():
            raise OSError(f"{self.name} ends early or is damaged: its compressed numbers break off") from None
        if wanted:
            raise OSError(f"{self.name} ends early: {wanted} bytes are missing")
        return b"".join(parts)

    def parse(self, block: Block) -> Numbers:
        if len(block) == 1:
            data = block[0]
        else:
            start, stop = block
            size = self.dtype.itemsize
            data = self._read_at(self.start + start * size, (stop - start) * size) if stop > start else b""
        values = np.frombuffer(data, dtype=self.dtype)
        return values.reshape(-1, self.shape[-1]) if self.by_row and self.shape[-1] else self._flat(values)

    def _flat(self, values: Numbers) -> Numbers:
        return values.reshape(math.prod(self.shape[:-1]), 0) if self.by_row else values

    def _read_at(self, offset: int, size: int) -> bytes:
        data = os.pread(self.file.fileno(), size, offset)
        if len(data) < size:
            raise OSError(f"{self.name} ends early: it was cut while it was read")
        return data


def npy_header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """The shape, whether the order is Fortran's, and the dtype, from the .npy header at the start of a file.

    Raises:
        ValueError, EOFError: if there is no .npy header.
    """
    version = np.lib.format.read_magic(file)
    if version not in ((1, 0), (2, 0), (3, 0)):
        raise ValueError(f"version {version[0]}.{version[1]} is unknown")
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran_order, dtype = read(file)
    if any(length < 0 for length in shape):
        raise ValueError(f"its shape is {shape}")
    return shape, fortran_order, dtype


#: The type of the numbers in an IDX file by the third byte of its header; the byte order is big-endian.
_IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def _idx_header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """The shape, False for Fortran's order, and the dtype, from the header of an IDX file.

    The header is two zero bytes, the type, the number of dimensions, and each of them in four bytes
    (http://yann.lecun.com/exdb/mnist).
    """
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _IDX_TYPES or not magic[3]:
        begins = magic.hex(" ") or "nothing"
        raise ValueError(f"it begins with {begins}; images begin with 00 00 08 03, labels with 00 00 08 01")
    lengths = file.read(4 * magic[3])
    if len(lengths) < 4 * magic[3]:
        raise ValueError(f"its header promises {counted(magic[3], 'dimension')} and breaks off")
    return tuple(np.frombuffer(lengths, dtype=">u4").tolist()), False, np.dtype(_IDX_TYPES[magic[2]])


def inflated(stream: Stream) -> Any:
    """The file of a stream, decompressed if it is gzipped."""
    is_gzipped = stream.file.peek(2)[:2] == b"\x1f\x8b"  # type: ignore[attr-defined]
    return gzip.open(stream.file) if is_gzipped else stream.file


def member(stream: Stream, key: str | None) -> Any:
    import zipfile

    file = stream.file if stream.is_regular else io.BytesIO(stream.file.read())
    broken = f"{stream.name} is not a whole .npz file"
    try:
        archive = zipfile.ZipFile(file)
    except damage(OSError):
        raise OSError(broken) from None
    keys = [member.removesuffix(".npy") for member in archive.namelist()]
    listed = ", ".join(keys)
    if key is None and len(keys) != 1:
        raise ValueError(f"{stream.name} holds {counted(len(keys), 'array')}; say which, as FILE.npz:KEY: {listed}")
    if key is not None and key not in keys:
        raise ValueError(f"{stream.name}: no array {key!r}; it holds {listed}")
    try:
        return archive.open(archive.namelist()[keys.index(key) if key is not None else 0])
    except damage(OSError) as error:
        raise OSError(f"{broken}: {error}") from None
