"""actcli spiral: the data sets of the NNFS book, and similar ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli import datasets
from actcli.cli.choices import one_of
from actcli.cli.looks import Style, save_figure
from actcli.cli.options import Advance, Output
from actcli.figures.look import SUFFIXES

if TYPE_CHECKING:
    from numpy.typing import NDArray


def command(
    counts: Annotated[
        list[str] | None, typer.Argument(metavar="[SAMPLES [CLASSES]]", help="--samples and --classes, briefly.")
    ] = None,
    *,
    samples: Annotated[
        int | None,
        typer.Option("--samples", metavar="N", help="Samples per class. Default: 100; of the sine 1000 in all."),
    ] = None,
    classes: Annotated[int | None, typer.Option("--classes", metavar="N", help="Classes. Default: 3.")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of numpy's legacy generator.")] = 0,
    advance: Advance = 0,
    data: Annotated[str, one_of(datasets.names(), "--data", help="Which data.")] = "spiral",
    noise: Annotated[
        float | None, typer.Option("--noise", metavar="S", help="Deviation of the noise. Default: the data's own.")
    ] = None,
    turns: Annotated[
        float | None,
        typer.Option("--turns", metavar="N", help="Turns of a spiral's arm. Default: 1.59; of cs231n 0.64."),
    ] = None,
    test_split: Annotated[
        float | None, typer.Option("--test-split", metavar="SHARE", help="Add a column: 1 for rows held out, else 0.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help=f"The scatter: {' '.join(SUFFIXES)}, - is stdout.")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="The scatter without class colours.")] = False,
    style: Style,
    out: Output,
) -> None:
    """The spiral of the NNFS book, number for number, and kin.

    \b
      actcli spiral --samples 100 --classes 3       or actcli spiral 100 3
      actcli spiral --plot spiral.png --cmap brg
      actcli spiral --data moons --noise 0.2 --output moons.csv
      actcli spiral --data cs231n                   that of Stanford's course
      actcli spiral --data sine                     a curve: rows x, y

    With --plot the path is printed instead of the rows, unless a format or a file of them is asked for.
    The seed is that of nnfs.init(); spiral, vertical and sine are what nnfs gives, bit for bit. cs231n is the spiral of
    the course's notes, whose arms turn 0.64 times and not 1.59; the seed is that of np.random.seed().
    """
    if plot is not None:
        from actcli.figures.look import suffix_of

        suffix_of(plot)
    elif plain or style != Style():
        raise ValueError("--plain and the options of the picture's looks are for --plot FILE; give it too")
    samples, classes = _counted(counts or (), samples, classes)
    how = style.look()
    out.check(plot)
    from actcli.output.table import Table

    drawn = datasets.make(data, samples, classes, seed=seed, noise=noise, turns=turns, advance=advance)
    y = drawn.features[:, 1] if drawn.is_labelled else drawn.targets[:, 0]
    columns: list[tuple[str, NDArray[Any]]] = [("x", drawn.features[:, 0]), ("y", y)]
    if drawn.is_labelled:
        columns.append(("class", drawn.targets))
    held_out = None if test_split is None else datasets.held_out(drawn, test_split)
    if held_out is not None:
        columns.append(("test", held_out.astype("int64")))
    _, samples, classes = datasets.size(data, samples, classes)
    asked = {
        "data": data,
        "samples": samples,
        **({"classes": classes} if drawn.is_labelled else {}),
        "seed": seed,
        **({"advance": advance} if advance else {}),
        **({"noise": noise} if noise is not None else {}),
        **({"turns": turns} if turns is not None else {}),
        **({"test_split": test_split} if test_split is not None else {}),
    }
    table = Table(tuple(name for name, _ in columns), tuple(values for _, values in columns))
    if plot is None or out.is_asked_for:
        out.emit(table, command="spiral", asked=asked)
    if plot is None:
        return
    from actcli.figures import data as figures

    source = "nnfs " if noise is None and turns is None and data in datasets.NNFS else ""
    caption = f"{source}{data}, {samples} samples" + (f" per class, {classes} classes" if drawn.is_labelled else "")
    caption += "".join(f", {key} {asked[key]:g}" for key in ("noise", "turns") if key in asked)
    caption += f", seed {seed}" + (f" after {advance} draws" if advance else "")
    if drawn.is_labelled:
        caption += "" if held_out is None else f" · hollow: {held_out.sum()} held out"
        labels = None if plain else drawn.targets
        figure = figures.scatter(drawn.features, labels, how, held_out=held_out, title=data, caption=caption)
    else:
        figure = figures.curve(drawn.features[:, 0], drawn.targets, how, label="y", title=data, caption=caption)
    save_figure(figure, plot)
    if str(plot) != "-" and not out.is_asked_for:
        print(plot)


def _counted(words: Sequence[str], samples: int | None, classes: int | None) -> tuple[int | None, int | None]:
    """The numbers of samples and classes, from the words of the command or from its options."""
    found = {"--samples": samples, "--classes": classes}
    if len(words) > len(found):
        raise ValueError(f"spiral takes two numbers, SAMPLES and CLASSES, not {words[2]!r} as well")
    for word, (option, value) in zip(words, found.items(), strict=False):
        if not (word.isascii() and word.isdigit()):
            meant = f"; is it --data {word}?" if word in datasets.names() else ""
            raise ValueError(f"spiral takes two numbers, SAMPLES and CLASSES, not {word!r}{meant}")
        if value is not None:
            raise ValueError(f"{option} {value} and {word} say the same; give one")
        found[option] = int(word)
    return found["--samples"], found["--classes"]
