"""What all tests share: the switch that rewrites what is generated."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # What a shell starts with & ignores Ctrl-C, and so would all that the tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="rewrite what is generated (completion scripts, the README's output and tables) instead of comparing it",
    )


@pytest.fixture
def committed(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """A check that a generated file holds what would be generated now; with --update it is written."""

    def check(path: Path, text: str) -> None:
        if request.config.getoption("--update"):
            path.write_text(text, encoding="utf-8")
        name = path.relative_to(ROOT)
        assert path.read_text(encoding="utf-8") == text, f"{name} is stale; `python -m pytest --update` rewrites it"

    return check
