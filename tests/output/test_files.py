"""Files are written completely or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pytest

from actcli.output.files import replacing


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_new_file(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.txt") as stream:
        stream.write(b"new")
        assert (tmp_path / "a.txt").exists() is False
    assert (tmp_path / "a.txt").read_bytes() == b"new"
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError(28, "No space left on device")])
def test_failure_leaves_the_old_file_alone(tmp_path: Path, error: BaseException) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")
    with pytest.raises(error if isinstance(error, type) else type(error)), replacing(tmp_path / "a.txt") as stream:
        stream.write(b"half")
        raise error
    assert (tmp_path / "a.txt").read_bytes() == b"old"
    assert names(tmp_path) == ["a.txt"]


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_bytes(b"old")
    (tmp_path / "real.txt").chmod(0o640)
    (tmp_path / "link.txt").symlink_to("real.txt")
    with replacing(tmp_path / "link.txt") as stream:
        stream.write(b"new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_bytes() == b"new"
    assert (tmp_path / "real.txt").stat().st_mode & 0o777 == 0o640


def test_a_file_that_may_not_be_written_is_not_replaced() -> None:
    """Replacing a file of another user, where permitted, does not change its owner."""
    with tempfile.TemporaryDirectory() as name:
        folder, file = Path(name), Path(name) / "a.txt"
        folder.chmod(0o777)
        file.write_bytes(b"old")
        file.chmod(0o444)
        child = os.fork()
        if not child:
            if os.getuid() == 0:
                os.setuid(65534)
            try:
                with replacing(file) as stream:
                    stream.write(b"new")
            except PermissionError as error:
                os._exit(7 if error.filename == str(file) else 1)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert file.read_bytes() == b"old"
        if os.getuid() == 0:
            os.chown(file, 65534, 65534)
            with replacing(file) as stream:
                stream.write(b"new")
            assert (file.stat().st_uid, file.stat().st_gid, file.stat().st_mode & 0o777) == (65534, 65534, 0o444)


def test_new_file_has_the_permissions_of_the_umask(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.txt") as stream:
        stream.write(b"new")
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o666 & ~mask


def test_device_is_written_to_and_not_replaced() -> None:
    with replacing(Path("/dev/null")) as stream:
        stream.write(b"gone")
    assert Path("/dev/null").is_char_device()


def test_missing_folder(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match=rf"^no folder .{re.escape(str(tmp_path))}/no. to write .a\.txt. into$"),
        replacing(tmp_path / "no" / "a.txt"),
    ):
        pass


def test_folder_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match=r"is a folder; name a file$"), replacing(tmp_path):
        pass


def test_error_of_the_disk_names_the_file() -> None:
    with pytest.raises(OSError, match=r"No space left on device") as caught, replacing(Path("/dev/full")) as stream:
        stream.write(b"x" * 10_000_000)
    assert caught.value.filename == "/dev/full"
