"""The way in: `actcli` and `python -m actcli`."""

import gc
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line; Ctrl-C ends it like any other time while it is still being imported."""
    # Imports make many objects and no cycles to speak of; looking for them takes a twentieth of a start.
    gc.set_threshold(100_000)
    try:
        from actcli.cli.app import main as run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
