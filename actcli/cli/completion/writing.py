"""Small tools of the modules that write a script: a template filled in, a word in quotes, lines of a list."""

from __future__ import annotations

from collections.abc import Iterable


def filled(text: str, **parts: str) -> str:
    for name, part in parts.items():
        text = text.replace(f"«{name}»", part)
    return text


def quoted(text: str) -> str:
    """A word in single quotes, for bash, zsh and (where it holds no quote) fish."""
    return "'" + text.replace("'", "'\\''") + "'"


def indented(indent: int, items: Iterable[str]) -> str:
    return "\n".join(" " * indent + item for item in items)
