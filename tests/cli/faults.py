"""Commands under faults of the machine: each write of a run fails once, memory is short, a file shrinks while it is
read, two commands write one file. Run by hand on Linux, with a C compiler; prints a table:

python -m tests.cli.faults [NAME...]
"""

from __future__ import annotations

import collections
import itertools
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.cli.running import ACTCLI, ENVIRONMENT

#: A preloaded library: the FAULT_AT-th call that makes or writes a file fails with FAULT_ERRNO, and with FAULT_STAYS
#: all later calls fail too; without an errno it is a short write. At the first fault the file FAULT_MARK is made.
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static long calls;
static int code(void) { const char *s = getenv("FAULT_ERRNO"); return s ? atoi(s) : 0; }
static int due(void) {
    const char *at = getenv("FAULT_AT");
    if (!at) return 0;
    long n = __sync_add_and_fetch(&calls, 1);
    if (n != atol(at) && !(getenv("FAULT_STAYS") && n > atol(at))) return 0;
    syscall(SYS_openat, AT_FDCWD, getenv("FAULT_MARK"), O_CREAT | O_WRONLY, 0600);
    return 1;
}
static int counted(int fd) {
    struct stat s;
    int flags = fcntl(fd, F_GETFL);
    return fd != 2 && flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && !fstat(fd, &s) && S_ISREG(s.st_mode);
}
#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define FAIL return (errno = code(), -1)
#define SHORT(n) (n > 1 ? n / 2 : n)

ssize_t write(int fd, const void *data, size_t n) {
    REAL(write);
    if (counted(fd) && due()) { if (code()) FAIL; return real(fd, data, SHORT(n)); }
    return real(fd, data, n);
}
#define PWRITE(name, offset) ssize_t name(int fd, const void *data, size_t n, offset at) { \
    REAL(name); \
    if (counted(fd) && due()) { if (code()) FAIL; return real(fd, data, SHORT(n), at); } \
    return real(fd, data, n, at); }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
#define OPEN(name) int name(const char *path, int flags, ...) { \
    REAL(name); va_list more; va_start(more, flags); int mode = flags & O_CREAT ? va_arg(more, int) : 0; va_end(more); \
    if (flags & O_CREAT && strncmp(path, "/dev/", 5) && code() && due()) FAIL; \
    return real(path, flags, mode); }
OPEN(open)
OPEN(open64)
int rename(const char *from, const char *to) { REAL(rename); if (code() && due()) FAIL; return real(from, to); }
int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    if (real(path, mode)) return -1;
    if (code() && due()) { rmdir(path); FAIL; }
    return 0;
}
int fsync(int fd) { REAL(fsync); if (code() && due()) FAIL; return real(fd); }
int close(int fd) {
    REAL(close);
    int fails = code() && counted(fd) && due();
    int done = real(fd);
    if (fails) FAIL;
    return done;
}
"""

#: Commands that write every format in every way; > is for standard output.
WRITING = [
    *(f"eval gelu --range -5:5:30000 --output out.{kind}" for kind in ("txt", "csv", "tsv", "json", "ndjson", "npy")),
    "eval gelu --range -5:5:3000000 --output out.npy",
    "eval softmax --input in.csv --output out.npy",
    "eval gelu --range -5:5:30000 > out.csv",
    "info gelu --json > out.json",
    "check relu --input pairs.csv --output out.csv",
    "vectors gelu --dtype float16 --output out.json",
    "diff silu swish --plot out.png --output out.csv",
    "spiral --plot out.svg --output out.npy",
    *(f"forward --layers 2,3,3 --output out.csv --save-weights w.{kind}" for kind in ("npz", "json", "safetensors")),
    "forward --layers 2,3,3 --plot out.pdf --save-weights w.npz",
    "train --layers 2,8,3 --epochs 20 --history h.csv --save-weights w.npz --plot out.gif --output out.json",
    *(f"plot relu gelu --size 300x200 --output out.{kind}" for kind in ("png", "svg", "pdf", "html")),
    "plot elu --sweep alpha=1,2 --size 200x150 --output out.gif",
    "plot --all --family gated --size 200x150 --output out",
    "code gelu --to c --test --output out.c",
    "code gelu --to onnx --output out.onnx",
    "approx silu --range -8:8 --table 256 --bits 8 --output out.h",
    "approx silu --range -8:8 --table 16 --output out.json --plot out.png",
    "completion --install",
    "completion zsh > out.zsh",
]  # fmt: skip
#: Files that shrink while a command reads them, and the commands.
READING = {
    "big.csv": "eval mish --input big.csv --output out.csv",
    "big.npy": "eval mish --input big.npy --output out.npy",
    "raw.npy": "check mish --input raw.npy --csv",
    "data.npy": "forward --layers 3,50,3 --input data.npy --output out.csv",
    "data.npz": "forward --layers 3,50,3 --input data.npz:X --output out.csv",
    "big.json": "eval mish --input big.json --output out.csv",
    "w.safetensors": "forward --weights w.safetensors --samples 20000 --output out.csv",
}


def state(folder: Path) -> dict[str, bytes]:
    """All files of a folder except the mark of the preloaded library."""
    files = (file for file in folder.rglob("*") if file.is_file() and file.name not in ("fault", "said"))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def run(line: str, folder: Path, before: Callable[[], None] | None = None, **environment: str) -> tuple[int, str]:
    """The exit code and the output of a command line."""
    words, _, out = line.partition(" > ")
    with (folder / (out or "said")).open("wb") as stream:
        done = subprocess.run(
            [*ACTCLI, *words.split()],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={**ENVIRONMENT, "HOME": str(folder), "SHELL": "/bin/bash", **environment},
            preexec_fn=before,
            timeout=300,
            check=False,
        )
    return done.returncode, done.stderr.decode()


def wrong(code: int, err: str, may_end: tuple[int, ...]) -> str | None:
    """The fault of how a run ended, or None; a correct error is one line."""
    errors = [line for line in err.splitlines() if not line.startswith("Note: ")]
    if code not in may_end or "Traceback" in err or len(errors) != (code != 0):
        return f"ENDED {code}: {err[-300:]!r}"
    return None


def prepared(folder: Path, line: str) -> None:
    """Make the files that a command needs and those that it would replace."""
    (folder / "in.csv").write_text("1,2,3\n" * 2000)
    (folder / "pairs.csv").write_text("x,y\n" + "".join(f"{i / 100},{i / 100}\n" for i in range(300)))
    for word in line.split():
        if word.startswith(("out.", "w.", "h.")) and ">" not in line:
            (folder / word).write_bytes(b"old")


def failing_writes(scratch: Path) -> Iterator[tuple[str, str]]:
    """Every n-th write of every command: it fails with all later ones as on a full disk, fails once, or is short."""
    library = scratch / "shim.so"
    (scratch / "shim.c").write_text(SHIM)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, scratch / "shim.c", "-ldl"], check=True)
    kinds = {
        "ENOSPC": {"FAULT_ERRNO": "28", "FAULT_STAYS": "1"},
        "EIO": {"FAULT_ERRNO": "5"},
        "short": {},
    }
    for line, (kind, how) in itertools.product(WRITING, kinds.items()):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            prepared(folder, line)
            run(line, folder)
            whole = state(folder)
        for number in itertools.count(1):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                prepared(folder, line)
                old = state(folder)
                mark = folder / "fault"
                fault = {"FAULT_AT": str(number), "FAULT_MARK": str(mark), **how}
                code, err = run(line, folder, LD_PRELOAD=str(library), **fault)
                if not mark.exists():
                    break
                now = state(folder)
                half = [file for file, data in now.items() if data not in (old.get(file), whole.get(file))]
                half = [file for file in half if f"> {file}" not in line]  # a file opened by the shell is incomplete
                lost = old.keys() - now.keys()
                found = wrong(code, err, (0,) if kind == "short" else (1,))
                if half or lost or (kind == "short" and now != whole):
                    found = f"LEFT {half or lost or 'OTHER'} at {number}"
                yield f"write {kind}: {line}", found or f"exit {code}"


def little_memory(scratch: Path) -> Iterator[tuple[str, str]]:
    """Every command that writes, in 150 to 700 MB of address space."""
    for line, megabytes in itertools.product(WRITING, range(150, 700, 50)):
        with tempfile.TemporaryDirectory(dir=scratch) as name:
            folder = Path(name)
            prepared(folder, line)
            old = state(folder)
            most = megabytes << 20
            code, err = run(line, folder, lambda most=most: resource.setrlimit(resource.RLIMIT_AS, (most, most)))  # type: ignore[misc]
            # Python itself may lack memory to start; files that the command has written before the error are complete.
            found = wrong(code, err, (0, 1))
            left = [file for file in state(folder) if file not in old and file.endswith(".tmp")]
            yield (
                f"memory: {line}",
                (found and f"{found} in {megabytes} MB") or f"LEFT {left}" * bool(left) or f"exit {code}",
            )


def shrinking_files(scratch: Path) -> Iterator[tuple[str, str]]:
    """A file is cut to a third while it is read."""
    import numpy as np

    for (file, line), number in itertools.product(READING.items(), range(12)):
        with tempfile.TemporaryDirectory(dir=scratch) as name:
            folder = Path(name)
            if file == "big.csv":
                (folder / file).write_text("".join(f"{i * 1e-6}\n" for i in range(2_000_000)))
            elif file == "big.json":
                (folder / file).write_text(str([i * 1e-6 for i in range(2_000_000)]))
            elif file == "w.safetensors":
                run("forward --layers 2,3000,1000,3 --samples 5 --save-weights w.safetensors", folder)
            elif file == "data.npz":
                np.savez(folder / file, X=np.ones((1_000_000, 3)))
            else:
                wide = {"big.npy": 1, "raw.npy": 2, "data.npy": 3}[file]
                np.save(folder / file, np.ones((12_000_000 // wide, wide))[:, 0 if wide == 1 else slice(None)])
            moment = 0.1 + 0.1 * number
            cut = subprocess.Popen(
                ["sh", "-c", f"sleep {moment}; truncate -s $(($(stat -c %s {file}) / 3)) {file}"], cwd=folder
            )
            code, err = run(line, folder)
            cut.wait()
            there = [new for new in state(folder) if new != file and (code or not new.startswith("out"))]
            yield (
                f"shrinks: {line}",
                wrong(code, err, (0, 1, 2)) or f"LEFT {there}" * bool(there) or f"exit {code}: {err.strip()[:120]}",
            )


def two_writers(scratch: Path) -> Iterator[tuple[str, str]]:
    """Two commands write one file at the same time: it has the complete content of one of them."""
    lines = [f"eval {name} --range -5:5:300000 --output out.csv" for name in ("gelu", "relu")]
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        wholes = []
        for line in lines:
            run(line, folder)
            wholes.append((folder / "out.csv").read_bytes())
        for number in range(20):
            others = [
                subprocess.Popen([*ACTCLI, *line.split()], cwd=folder, env=ENVIRONMENT, stderr=subprocess.PIPE)
                for line in lines
            ]
            ends = [other.communicate()[1] + str(other.returncode).encode() for other in others]
            time.sleep(0.01 * number)
            fine = ends == [b"0", b"0"] and state(folder).keys() == {"out.csv"}
            yield (
                "two writers",
                "one of them" if fine and (folder / "out.csv").read_bytes() in wholes else f"MIXED {ends}",
            )


def main() -> None:
    parts = {"writes": failing_writes, "memory": little_memory, "shrinks": shrinking_files, "writers": two_writers}
    found: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as name:
        os.environ["MPLCONFIGDIR"] = ENVIRONMENT["MPLCONFIGDIR"] = name  # to write its list of fonts now
        ENVIRONMENT["PYTHONDONTWRITEBYTECODE"] = "1"
        run("plot relu", Path(name))
        for part in sys.argv[1:] or parts:
            for what, came_out in parts[part](Path(name)):
                found[what][came_out] += 1
                if came_out.split()[0].isupper():
                    print(f"{what}\t{came_out}", flush=True)
    for what, counts in found.items():
        print(f"{what}\t{dict(counts)}")


if __name__ == "__main__":
    main()
