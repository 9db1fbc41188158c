"""Common to all tests: the option that rewrites generated files, and a process like that of the command."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A shell starts background processes with SIGINT ignored, which the tested commands would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The command multiplies matrices on one thread; more would contend for the cores with the other workers of pytest.
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when numpy is imported


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="rewrite what is generated (completion scripts, the README's output and tables) instead of comparing it",
    )


@pytest.fixture
def committed(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """A check that a file equals the text generated now; with --update the text is written."""

    def check(path: Path, text: str) -> None:
        if request.config.getoption("--update"):
            path.write_text(text, encoding="utf-8")
        name = path.relative_to(ROOT)
        assert path.read_text(encoding="utf-8") == text, f"{name} is stale; `python -m pytest --update` rewrites it"

    return check
