"""Checks that sizes fit in memory, before anything is allocated."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

#: The bytes that BLAS allocates at its first large product, and keeps.
_PRODUCTS = 33 << 20
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB", "EB")


def require_memory(parts: Iterable[tuple[str, int]]) -> None:
    """Raise ValueError if `parts`, pairs of (description, bytes), exceed this machine's memory together.

    The message lists the parts:

    >>> require_memory([("weights 2x3", 24)])
    >>> require_memory([("weights", 10**30), ("batch", 10**29)])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: needs 1.1e+12 EB of memory (weights 1e+12 EB + batch 1e+11 EB), but this machine has ...
    """
    needed = [(what, size) for what, size in parts if size]
    total = sum(size for _, size in needed)
    limit = memory_limit()
    if total > limit:
        shown = sorted(needed, key=lambda part: -part[1])[:4]
        rest = total - sum(size for _, size in shown)
        terms = " + ".join(f"{what} {human(size)}" for what, size in shown) + (
            f" + others {human(rest)}" if rest else ""
        )
        raise ValueError(f"needs {human(total)} of memory ({terms}), but this machine has {human(limit)}")


def human(size: int) -> str:
    """`size` bytes in the largest unit that leaves at least 1: 1500 is "1.5 kB".

    >>> human(1500), human(10**400)
    ('1.5 kB', '1e+302 EB')
    """
    size = min(size, 10**320)  # no float is larger
    power = min(max(0, (len(str(size)) - 1) // 3), len(_UNITS) - 1)
    return f"{size / 1000**power:.4g} {_UNITS[power]}"


def memory_limit() -> int:
    """The bytes this process may use: the machine's physical memory, or its container's limit if that is lower."""
    try:
        limit = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        limit = 16 * 10**9
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            limit = min(limit, int(Path(file).read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such control group, or "max"
            continue
    return limit


def is_confined() -> bool:
    """Whether this process has a limit on its address space, as set by `ulimit -v`."""
    try:
        import resource
    except ImportError:  # Windows has none
        return False
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def make_room_for_products() -> None:
    """Make numpy's BLAS allocate its memory now, because it ends the process if a later allocation fails.

    Raises MemoryError if there is too little memory.
    """
    import numpy as np

    np.empty(_PRODUCTS, np.uint8)  # raises MemoryError, which BLAS does not
    matrix = np.zeros((128, 128))
    np.dot(matrix, matrix)
