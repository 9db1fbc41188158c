"""The progress of long work, on standard error if it is a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actcli.cli.options import Output

#: Seconds of work before progress is shown, and between two updates.
_LONG = 1.5
_OFTEN = 0.2


class Progress:
    """A line with the amount done, the rate and the time left; not shown if results are printed on the same terminal.

    share: gives the fraction done, from 0 to 1, or None if unknown. also: gives further text for the line.
    """

    def __init__(
        self,
        share: Callable[[], float | None],
        out: Output | None,
        what: str = "rows",
        also: Callable[[], str] = lambda: "",
    ) -> None:
        self.share = share
        self.what = what
        self.also = also
        self.begun = time.monotonic()
        results_scroll_by = out is not None and out.output is None and _is_terminal(sys.stdout)
        self.next = self.begun + _LONG if _can_rewrite() and not results_scroll_by else float("inf")
        self.shown = False

    def __enter__(self) -> Progress:
        return self

    def show(self, done: int) -> None:
        """Show that `done` items are done, if it is time for an update."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + _OFTEN
        self.shown = True
        took = now - self.begun
        share = self.share()
        left = f", {100 * share:.0f} %, {took * (1 - share) / share:.0f} s left" if share else ""
        line = f"{done:,} {self.what}, {done / took:,.0f} a second{left}{self.also()}"
        print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _is_terminal(stream: Any) -> bool:
    return stream is not None and stream.isatty()


def _can_rewrite() -> bool:
    """Whether standard error is a terminal on which a line can be overwritten."""
    return _is_terminal(sys.stderr) and os.environ.get("TERM") not in ("dumb", "unknown")
