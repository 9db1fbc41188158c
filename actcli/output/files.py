"""Files that are written completely or not at all."""

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
    """A stream for the new content of `path`: a temporary file that replaces `path` when the block succeeds.

    On any exception, including Ctrl-C, the old file is unchanged and the temporary file is removed. The new file gets
    the owner and permissions of the old one; a link is followed; a device or pipe is written to directly, as is an
    open stream of this process under its name in the file system, such as /dev/stdout.

    Raises:
        OSError: with the path that could not be written.
        PermissionError: for a file without write permission, even if its folder would allow a replacement.

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
                _copy_owner(beside, old)
            beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _copy_owner(path: Path, old: os.stat_result) -> None:
    """Give a file the permissions and, if this process may, the owner of an old file."""
    if hasattr(os, "chown"):  # Windows has none
        with contextlib.suppress(PermissionError):
            os.chown(path, old.st_uid, old.st_gid)
    path.chmod(stat.S_IMODE(old.st_mode))


def _own_stream(path: Path) -> int | None:
    """The descriptor of this process that a path names, as /dev/stdout names 1, or None."""
    for _ in range(40):  # the number of links that the system follows
        folder = Path(os.path.realpath(path.parent))
        if folder in (Path("/dev/fd"), Path(f"/proc/{os.getpid()}/fd")):
            return int(path.name) if path.name.isdecimal() else None
        if not path.is_symlink():
            return None
        path = folder / path.readlink()
    return None


def require_folder(*paths: Path | None) -> None:
    """Raise an error, before anything is written, for a file whose folder does not exist or that is a folder.

    Standard output, given as None or `-`, needs no folder.

    Raises:
        FileNotFoundError, IsADirectoryError: with the name of the file.
    """
    for path in paths:
        if path is None or str(path) == "-":
            continue
        with _naming(path):  # the current folder may not exist any more
            folder = Path(os.path.realpath(path)).parent
        if not folder.is_dir():
            shown = folder if path.is_symlink() else path.parent
            raise FileNotFoundError(f"no folder {str(shown)!r} to write {path.name!r} into")
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder; name a file")


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Give an OSError raised in the block the name of `path`, in place of any other file name."""
    try:
        yield
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from error


@contextlib.contextmanager
def named(what: Path | str) -> Iterator[None]:
    """Give an OSError raised in the block the name of `what` if it has no file name, as for a full disk."""
    try:
        yield
    except OSError as error:
        if error.strerror and error.filename is None:
            raise type(error)(error.errno, error.strerror, str(what)) from error
        raise
