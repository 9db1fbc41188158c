"""actcli spiral: the data of the NNFS book, and its siblings."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.commands.plot import Style
from actcli.cli.options import Output, opened

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actcli.figures.canvas import Picture


class Name(StrEnum):
    """What `--data` takes."""

    SPIRAL = "spiral"
    VERTICAL = "vertical"
    SINE = "sine"
    MOONS = "moons"
    CIRCLES = "circles"
    XOR = "xor"
    GAUSS = "gauss"


def command(
    *,
    samples: Annotated[
        int | None,
        typer.Option("--samples", metavar="N", help="Samples a class. Default: 100; of the sine 1000 in all."),
    ] = None,
    classes: Annotated[int | None, typer.Option("--classes", metavar="N", help="Classes. Default: 3.")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of numpy's legacy generator.")] = 0,
    data: Annotated[Name, typer.Option("--data", help="Which data.")] = Name.SPIRAL,
    noise: Annotated[
        float | None, typer.Option("--noise", metavar="S", help="Deviation of the noise. Default: the data's own.")
    ] = None,
    turns: Annotated[
        float | None, typer.Option("--turns", metavar="N", help="Turns of an arm of the spiral. Default: 1.59.")
    ] = None,
    test_split: Annotated[
        float | None, typer.Option("--test-split", metavar="SHARE", help="Add a column: 1 for rows held out, else 0.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="The scatter: .png .svg .pdf, - is stdout.")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="The scatter without class colours.")] = False,
    style: Style,
    out: Output,
) -> None:
    """The spiral of the NNFS book and CS231n, number for number.

    \b
      actcli spiral --samples 100 --classes 3
      actcli spiral --plot spiral.png --cmap brg
      actcli spiral --data moons --noise 0.2 --output moons.csv
      actcli spiral --data sine                     a curve: rows x, y

    The seed is that of nnfs.init(); spiral, vertical and sine are what nnfs gives, bit for bit.
    """
    if plot is not None:
        from actcli.figures.look import suffix_of

        suffix_of(plot)
    elif plain or style != Style():
        raise ValueError("--plain and the options of the picture's looks are for --plot FILE; give it too")
    how = style.look()
    from actcli import datasets
    from actcli.output import Table

    drawn = datasets.make(data.value, samples, classes, seed=seed, noise=noise, turns=turns)
    y = drawn.features[:, 1] if drawn.is_labelled else drawn.targets[:, 0]
    columns: list[tuple[str, NDArray[Any]]] = [("x", drawn.features[:, 0]), ("y", y)]
    if drawn.is_labelled:
        columns.append(("class", drawn.targets))
    if test_split is not None:
        columns.append(("test", datasets.held_out(drawn, test_split).astype("int64")))
    _, samples, classes = datasets.size(data.value, samples, classes)
    asked = {
        "data": data.value,
        "samples": samples,
        **({"classes": classes} if drawn.is_labelled else {}),
        "seed": seed,
        **({"noise": noise} if noise is not None else {}),
        **({"turns": turns} if turns is not None else {}),
        **({"test_split": test_split} if test_split is not None else {}),
    }
    table = Table(tuple(name for name, _ in columns), tuple(values for _, values in columns))
    if out.output is not None or str(plot) != "-":
        out.emit(table, command="spiral", asked=asked)
    if plot is None:
        return
    from actcli.figures import data as figures

    source = "nnfs " if noise is None and turns is None and data.value in ("spiral", "vertical", "sine") else ""
    caption = f"{source}{data.value}, {samples} samples" + (f" a class, {classes} classes" if drawn.is_labelled else "")
    caption += f", seed {seed}"
    if drawn.is_labelled:
        figure = figures.scatter(
            drawn.features, None if plain else drawn.targets, how, title=data.value, caption=caption
        )
    else:
        figure = figures.curve(drawn.features[:, 0], drawn.targets, how, title=data.value, caption=caption)
    save_figure(figure, plot)


def save_figure(figure: Picture, path: Path) -> None:
    """Write a figure to a file, or to standard output if `path` is "-"."""
    from actcli.figures.canvas import render
    from actcli.figures.look import suffix_of

    payload = render(figure, suffix_of(path))
    with opened(None if str(path) == "-" else path) as stream:
        stream.write(payload)
