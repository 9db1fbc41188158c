"""Options whose value is one of several names, which come from the dict that implements them, never from a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import typer

from actcli.spelling import did_you_mean, fold


class OneOf:
    """The parser of such an option for typer: returns the matching name, ignoring case, hyphens and underscores."""

    __name__ = "NAME"

    def __init__(self, names: Iterable[str], meant: Mapping[str, str] = MappingProxyType({})) -> None:
        self.choices = tuple(names)
        self.meant = meant

    def __call__(self, text: str) -> str:
        known = {fold(name): name for name in self.choices}
        if fold(text) not in known:
            if fold(text) in self.meant:
                raise typer.BadParameter(f"{text!r} is no choice; {self.meant[fold(text)]}")
            names = ", ".join(map(repr, self.choices))
            raise typer.BadParameter(f"{text!r} is not one of {names}{did_you_mean(text, self.choices) or '.'}")
        return known[fold(text)]


def one_of(
    names: Iterable[str],
    *flags: str,
    help: str,  # noqa: A002
    metavar: str | None = None,
    meant: Mapping[str, str] = MappingProxyType({}),
) -> Any:
    """A typer option whose value is one of the names, which the completions list.

    metavar: the placeholder of the value in the help; by default all names. meant: messages for other words.
    """
    parser = OneOf(names, meant)
    return typer.Option(*flags, parser=parser, metavar=metavar or f"<{'|'.join(parser.choices)}>", help=help)
