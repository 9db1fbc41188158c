"""The options for the look of a figure, common to all commands that draw, and the writing of figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actcli.cli.choices import one_of
from actcli.cli.options import note, opened
from actcli.figures.look import THEMES

if TYPE_CHECKING:
    from actcli.figures.canvas import Picture
    from actcli.figures.look import Look


@dataclass(frozen=True)
class Style:
    """The options for the look of a figure."""

    size: Annotated[
        str | None,
        typer.Option("--size", metavar="SIZE", help="slide, page, thumb or WxH in pixels. Else 960x600."),
    ] = None
    dpi: Annotated[float | None, typer.Option("--dpi", metavar="N", help="Dots per inch. Default: 150.")] = None
    theme: Annotated[
        str | None, one_of(THEMES, "--theme", help="Ground and colours. Default: light; on a page the reader's.")
    ] = None
    transparent: Annotated[bool, typer.Option("--transparent", help="No ground at all.")] = False
    cmap: Annotated[
        str | None, typer.Option("--cmap", metavar="NAME", help="Take the colours from a matplotlib colour map.")
    ] = None
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="Instead of the figure's own title.")] = (
        None
    )

    def look(self, xlabel: str | None = None, ylabel: str | None = None) -> Look:
        """These options as a Look; raises ValueError for an invalid option."""
        from actcli.figures.look import look

        made = look(self.size, self.dpi, self.theme, transparent=self.transparent, cmap=self.cmap, title=self.title)
        made = replace(made, xlabel=xlabel, ylabel=ylabel)
        if (made.cmap, made.title, xlabel, ylabel) != (None,) * 4:  # only matplotlib can check these
            from actcli.figures.canvas import check

            check(made)
        return made


def note_figure(path: Path) -> None:
    """Print a note with the path of a figure that accompanies other results."""
    if str(path) != "-":
        note(f"the figure is in {path}")


def save_figure(figure: Picture, path: Path) -> None:
    """Write a figure to a file, or to standard output if `path` is "-"."""
    from actcli.figures.canvas import render
    from actcli.figures.look import suffix_of

    payload = render(figure, suffix_of(path))
    with opened(None if str(path) == "-" else path) as stream:
        stream.write(payload)
