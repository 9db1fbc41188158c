"""Functions that fill a template, quote a word and indent lines, for the modules that write a script."""

from __future__ import annotations

from collections.abc import Iterable


def filled(text: str, **parts: str) -> str:
    for name, part in parts.items():
        text = text.replace(f"«{name}»", part)
    return text


def quoted(text: str) -> str:
    """A word in single quotes for bash and zsh, and for fish if it contains no quote."""
    return "'" + text.replace("'", "'\\''") + "'"


def indented(indent: int, items: Iterable[str]) -> str:
    return "\n".join(" " * indent + item for item in items)
