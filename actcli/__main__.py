"""The way in: `actcli` and `python -m actcli`."""

from __future__ import annotations

import gc
import os
import signal

TYPE_CHECKING = False  # typing would take a third of the time in which Ctrl-C is still Python's own affair
if TYPE_CHECKING:
    from typing import NoReturn


def _leave(*_: object) -> NoReturn:
    """What Ctrl-C does until a command begins: nothing is half-written, and an import may swallow an exception."""
    os._exit(130)


def main() -> NoReturn:
    """Run the command line; Ctrl-C ends it like any other time while it is still being imported."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    # Imports make many objects and no cycles to speak of; looking for them takes a twentieth of a start.
    gc.set_threshold(100_000)
    try:
        from actcli.cli.app import main as run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
