"""Build the wheel and the source archive, list both, install each, and check the installed files. Run by hand:

    python tests/packaging.py

It needs git, a package index for hatchling and the dependencies, and about a minute.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = "import hatchling.build as build; build.build_wheel('..'); build.build_sdist('..')"
SHARED = {
    "share/bash-completion/completions/actcli.bash",
    "share/zsh/site-functions/_actcli",
    "share/fish/vendor_completions.d/actcli.fish",
    "share/man/man1/actcli.1",
}
#: Folders that only belong in the checkout.
LEFT_OUT = (".ci/", ".github/")


def run(*words: str | Path, **settings: object) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, **settings)  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(f"{words}\n{done.stdout}{done.stderr}")
    return str(done.stdout)


def compare(what: str, found: set[str], expected: set[str]) -> None:
    if found != expected:
        raise SystemExit(f"{what}: has {sorted(found - expected)}, lacks {sorted(expected - found)}")
    print(f"{what}: {len(found)} files, as they should be")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        files = {file for file in run("git", "ls-files", cwd=ROOT).splitlines() if (ROOT / file).is_file()}
        for file in files:
            (scratch / "project" / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, scratch / "project" / file)
        run(sys.executable, "-m", "pip", "install", "-q", "--target", scratch / "tools", "hatchling>=1.26")
        tools = {**os.environ, "PYTHONPATH": str(scratch / "tools")}
        run(sys.executable, "-c", BUILD, cwd=scratch / "project", env=tools)
        (wheel,), (sdist,) = scratch.glob("*.whl"), scratch.glob("*.tar.gz")

        with zipfile.ZipFile(wheel) as archive:
            packed = {member for member in archive.namelist() if ".dist-info/" not in member}
        data = f"{'-'.join(wheel.stem.split('-')[:2])}.data/data/"
        package = {file for file in files if file.startswith("actcli/") and file != "actcli/cli/actcli.1"}
        compare(wheel.name, packed, package | {data + file for file in SHARED})

        with tarfile.open(sdist) as unpacked:
            inside = {member.name.partition("/")[2] for member in unpacked.getmembers() if member.isfile()}
        compare(sdist.name, inside - {"PKG-INFO"}, {file for file in files if not file.startswith(LEFT_OUT)})

        for archive_file in (wheel, sdist):
            venv = scratch / f"venv-{archive_file.suffix[1:]}"
            run(sys.executable, "-m", "venv", venv)
            run(venv / "bin" / "pip", "install", "-q", archive_file)
            missing = {file for file in SHARED if not (venv / file).is_file()}
            shown = run(venv / "bin" / "actcli", "eval", "relu", "-q", "3", cwd=scratch)
            if missing or shown != "3.0\n":
                raise SystemExit(f"{archive_file.name} installed: lacks {missing}, says {shown!r}")
            run(venv / "bin" / "pip", "uninstall", "-q", "-y", "actcli")
            left = list(venv.rglob("*actcli*"))
            if left:
                raise SystemExit(f"left after pip uninstall: {left}")
            print(f"{archive_file.name}: installs, runs, and leaves nothing behind")


if __name__ == "__main__":
    main()
