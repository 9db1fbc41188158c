"""The folders of the user from which shells read completion scripts."""

from __future__ import annotations

import os
from pathlib import Path


def data() -> Path:
    """The folder for data of programs: $XDG_DATA_HOME, or ~/.local/share."""
    return Path(os.environ.get("XDG_DATA_HOME") or home() / ".local" / "share")


def settings() -> Path:
    """The folder for settings of programs: $XDG_CONFIG_HOME, or ~/.config."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or home() / ".config")


def home() -> Path:
    """The home folder of the user; raises ValueError if there is none."""
    try:
        return Path.home()
    except RuntimeError as error:
        raise ValueError(
            "no home folder is known: set HOME, or write the script where the shell looks for it"
        ) from error
