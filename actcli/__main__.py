"""The way in: `actcli` and `python -m actcli`."""

from __future__ import annotations

# The built-in module below `signal`, whose constants would wait for enum: until the handler stands, Ctrl-C is Python's
# own affair.
import _signal  # type: ignore[import-not-found]
import gc
import os

TYPE_CHECKING = False  # typing would take a third of that time
if TYPE_CHECKING:
    from typing import NoReturn


def _leave(*_: object) -> NoReturn:
    """What Ctrl-C does until a command begins: nothing is half-written, and an import may swallow an exception."""
    os._exit(130)


def main() -> NoReturn:
    """Run the command line; Ctrl-C ends it like any other time while it is still being imported."""
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, _leave)
    # Imports make many objects and no cycles to speak of; looking for them takes a twentieth of a start.
    gc.set_threshold(100_000)
    try:
        from actcli.cli.app import main as run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
