"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
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
    takes over the old one's owner and permissions; a link is followed; a device or a pipe is written to directly, and
    so is a stream of this process under its name in the file system, such as /dev/stdout.

    Raises: OSError with the path that could not be written; PermissionError for a file that may not be written, even
    where its folder would let it be replaced.

    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with replacing(target) as stream:
    ...     _ = stream.write(b"1.0")
    >>> target.read_bytes(), len(list(target.parent.iterdir()))
    (b'1.0', 1)
    """
    require_folder(path)
    if (stream_number := _own_stream(path)) is not None:
        with named(path), os.fdopen(os.dup(stream_number), "wb") as stream:
            yield stream
        return
    old = None
    with _naming(path), contextlib.suppress(FileNotFoundError):
        old = path.stat()
    if old is not None and not stat.S_ISREG(old.st_mode):
        with named(path), path.open("wb") as stream:
            yield stream
        return
    if old is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".actcli-{os.getpid()}-{next(_numbers)}.tmp")
    try:
        with _naming(path):
            new = beside.open("w+b")
        with named(path), new:
            yield new
        with _naming(path):
            if old is not None:
                _take_over(beside, old)
            beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _take_over(path: Path, old: os.stat_result) -> None:
    """Give a file the owner, where this process may, and the permissions of another."""
    if hasattr(os, "chown"):  # Windows has none
        with contextlib.suppress(PermissionError):
            os.chown(path, old.st_uid, old.st_gid)
    path.chmod(stat.S_IMODE(old.st_mode))


def _own_stream(path: Path) -> int | None:
    """The number of the open stream of this process that a path names, as /dev/stdout names 1."""
    for _ in range(40):  # as many links as the system follows
        folder = Path(os.path.realpath(path.parent))
        if folder in (Path("/dev/fd"), Path(f"/proc/{os.getpid()}/fd")):
            return int(path.name) if path.name.isdecimal() else None
        if not path.is_symlink():
            return None
        path = folder / path.readlink()
    return None


def require_folder(*paths: Path | None) -> None:
    """Refuse files that could not be written, as long as nothing is: their folders must be there.

    Standard output, which is None or `-`, needs none. Raises FileNotFoundError naming the file.
    """
    for path in paths:
        if path is None or str(path) == "-":
            continue
        with _naming(path):  # the current folder may be gone
            folder = Path(os.path.realpath(path)).parent
        if not folder.is_dir():
            shown = folder if path.is_symlink() else path.parent
            raise FileNotFoundError(f"no folder {str(shown)!r} to write {path.name!r} into")
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder; name a file")


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Give an OSError of the block, whatever file it knows, the name of `path`."""
    try:
        yield
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from error


@contextlib.contextmanager
def named(what: Path | str) -> Iterator[None]:
    """Give an OSError of the block that knows no file (a full disk, say) the name of `what`."""
    try:
        yield
    except OSError as error:
        if error.strerror and error.filename is None:
            raise type(error)(error.errno, error.strerror, str(what)) from error
        raise
