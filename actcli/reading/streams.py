"""Files and standard input as bytes: as soon as they are available, and cut at the ends of items."""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Callable, Generator
from typing import BinaryIO

from actcli.memory import require_memory
from actcli.parallel import widen
from actcli.reading.source import Block

#: The name of standard input in messages.
STDIN = "standard input"

#: The number of bytes of text in a block.
TEXT_BLOCK = 1 << 18

#: Text kept because no item ends in it is searched again with the next piece only if it is shorter than this.
SMALLEST = 4096

#: White space between numbers.
BLANK = b" \t\r\n\f\v"


class Stream:
    """A file or standard input, read as soon as data are available."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self.file = stream
        status = os.fstat(stream.fileno())
        self.is_regular = stat.S_ISREG(status.st_mode)
        self.size = status.st_size
        self.changed = status.st_mtime_ns
        self.read = 0
        #: Whether the end has been reached.
        self.ended = False

    @property
    def share(self) -> float | None:
        """The fraction of a file that has been read, None for other streams."""
        return self.read / self.size if self.is_regular and self.size else None

    def pieces(self) -> Generator[bytes | None]:
        """The available bytes, at most about TEXT_BLOCK at a time, with None before a wait.

        The file is closed at the end.

        Raises:
            OSError: if the file has changed since it was opened.
        """
        try:
            descriptor = self.file.fileno()
            may_wait = not self.is_regular and os.name == "posix"
            if may_wait:
                widen(descriptor)
            # A terminal could be read beyond its end, so the loop stops there.
            while not self.ended:
                if may_wait and not _has_more(descriptor):
                    yield None
                data = self.next(TEXT_BLOCK)
                if not data:
                    break
                parts = [data]
                size = len(data)
                # A pipe yields 64 kB at a time; available pieces are joined.
                while may_wait and size < TEXT_BLOCK and _has_more(descriptor):
                    data = self.next(TEXT_BLOCK - size)
                    if not data:
                        self.ended = True
                        break
                    parts.append(data)
                    size += len(data)
                self.read += size
                self.ended = self.ended or (self.is_regular and self.read >= self.size)
                yield b"".join(parts)
            self.check_unchanged()
        finally:
            self.close()

    def next(self, size: int) -> bytes:
        """Up to `size` bytes as soon as some are available; empty at the end."""
        try:
            return os.read(self.file.fileno(), size)
        except OSError as error:
            raise type(error)(error.errno, error.strerror, self.name) from error

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self.name != STDIN:
            self.file.close()

    def check_unchanged(self) -> None:
        """Raise OSError if the file has changed since it was opened."""
        status = os.fstat(self.file.fileno())
        if self.is_regular and (status.st_size, status.st_mtime_ns) != (self.size, self.changed):
            raise OSError(f"{self.name} changed while it was read")


def has_data(descriptor: int) -> bool:
    """Whether a file or pipe has bytes to read now; no bytes are consumed."""
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        return status.st_size > os.lseek(descriptor, 0, os.SEEK_CUR)
    if os.name != "posix" or not stat.S_ISFIFO(status.st_mode):
        return False
    import array
    import fcntl
    import termios

    count = array.array("i", [0])
    fcntl.ioctl(descriptor, termios.FIONREAD, count)
    return count[0] > 0


def _has_more(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


def _without_bom(text: bytes, name: str) -> bytes:
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError(f"{name} is UTF-16 text; convert it to UTF-8, for example with iconv")
    return text.removeprefix(b"\xef\xbb\xbf")


def cut(stream: Stream, last: Callable[[bytes], int]) -> Generator[Block | None]:
    """The text of a stream in blocks (text, line, column); `last` gives the end of the last whole item, or 0."""
    line = column = 1
    kept: list[bytes] = []
    size = 0
    first = True
    for piece in stream.pieces():
        if piece is None:
            yield None
            continue
        if first:
            piece, first = _without_bom(piece, stream.name), False
        if size < SMALLEST:
            piece, kept, size = b"".join((*kept, piece)), [], 0
        end = len(piece) if stream.ended else last(piece)
        if not end:
            kept.append(piece)
            size += len(piece)
            require_memory([(f"line {line} of {stream.name}", 4 * size)])
            continue
        text = b"".join((*kept, piece[:end]))
        yield text, line, column
        line, column = _position_after(line, column, text)
        kept = [piece[end:]]
        size = len(piece) - end
    rest = b"".join(kept)
    if rest:
        yield rest, line, column


def _position_after(line: int, column: int, text: bytes) -> tuple[int, int]:
    lines = text.count(b"\n")
    return (line + lines, len(text) - text.rfind(b"\n")) if lines else (line, column + len(text))
