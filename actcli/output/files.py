"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_numbers = itertools.count()


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream to write `path` through: written beside it and renamed into place when the block ends well.

    On any exception, Ctrl-C included, the old file stays as it was and nothing is left beside it. The new file
    takes over the old one's permissions; a link is followed; a device or a pipe is written to directly.

    Raises: OSError with the path that could not be written.

    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with replacing(target) as stream:
    ...     _ = stream.write(b"1.0")
    >>> target.read_bytes(), len(list(target.parent.iterdir()))
    (b'1.0', 1)
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from error
    require_folder(path)
    if mode is not None and not stat.S_ISREG(mode):
        with named(path), path.open("wb") as stream:
            yield stream
        return
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".actcli-{os.getpid()}-{next(_numbers)}.tmp")
    try:
        try:
            new = beside.open("w+b")
        except OSError as error:
            raise type(error)(error.errno, error.strerror, str(path)) from error
        with named(path), new:
            yield new
        if mode is not None:
            beside.chmod(stat.S_IMODE(mode))
        with named(path):
            beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def require_folder(*paths: Path | None) -> None:
    """Refuse files that could not be written, as long as nothing is: their folders must be there.

    Standard output, which is None or `-`, needs none. Raises FileNotFoundError naming the file.
    """
    for path in paths:
        if path is None or str(path) == "-":
            continue
        if not Path(os.path.realpath(path)).parent.is_dir():
            raise FileNotFoundError(f"no folder {str(path.parent)!r} to write {path.name!r} into")
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder; name a file")


@contextlib.contextmanager
def named(what: Path | str) -> Iterator[None]:
    """Give an OSError of the block that knows no file (a full disk, say) the name of `what`."""
    try:
        yield
    except OSError as error:
        if error.strerror and error.filename is None:
            raise type(error)(error.errno, error.strerror, str(what)) from error
        raise
