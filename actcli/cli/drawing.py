"""The figures of plot, one function for each kind: the content, the title and the name of the file.

matplotlib is imported when a figure is drawn, after the request has been checked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer

from actcli.cli.options import Output, opened
from actcli.cli.progress import Progress
from actcli.figures.look import FILM, PAGE, SUFFIXES

if TYPE_CHECKING:
    from actcli.activations import Activation
    from actcli.figures.canvas import Picture
    from actcli.figures.look import Look
    from actcli.figures.sampling import View
    from actcli.studies.neurons import State

_FOLDER = "activations"  # the default folder of `album`
#: The most columns of a sketch; a terminal that reports more is not a screen.
_WIDEST = 500

#: The functions that `fit` can approximate.
TARGETS = ("sine",)


@dataclass(frozen=True)
class Written(Output):
    """The file or folder of figures, and the format of the list of written files."""

    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE|DIR",
            help=f"Draw into FILE ({' '.join((*SUFFIXES, PAGE, FILM))}), into DIR, or - for stdout.",
        ),
    ] = None

    def __post_init__(self) -> None:
        """Keep `-`, because only an explicit `-` sends a picture to standard output."""

    def report(self, files: Iterable[tuple[str, str, int]], asked: dict[str, object]) -> None:
        """Print (path, title, bytes) of each file; in a pipe only the paths, unless a format is given."""
        from actcli.output.table import Table

        paths, shown, sizes = zip(*files, strict=True)
        table = Table(("path", "shows", "bytes"), (list(paths), list(shown), list(sizes)), results=("path",))
        formats = self.format or self.json or self.csv or self.tsv or self.quiet
        piped = sys.stdout is None or not sys.stdout.isatty()
        how = replace(self, quiet=True) if piped and not formats else self
        how.write(None, table, command="plot", asked=asked)


def curves(activations: list[Activation], heading: str, view: View, look: Look, out: Written) -> None:
    """One function, or several on one set of axes, with the derivatives that the view asks for."""
    stem = _stem(activations, heading) + _orders(view)

    def draw() -> Picture:
        from actcli.figures import curves

        if len(activations) == 1:
            return curves.single(activations[0], view, look)
        return curves.several(activations, view, look, labels=[], heading=heading)

    _write(stem, draw, out, _functions(activations), {PAGE: lambda: _page(activations, heading, view, look)})


def difference(first: Activation, second: Activation, view: View, look: Look, out: Written) -> None:
    """Two functions and their difference."""

    def draw() -> Picture:
        from actcli.figures import difference

        return difference.difference(first, second, view, look)

    _write(f"{_stem([first, second])}{_orders(view)}-diff", draw, out, _functions([first, second]))


def sweep(activation: Activation, key: str, values: list[float], view: View, look: Look, out: Written) -> None:
    """One function at several values of a parameter."""
    bound = [activation.bind(**{key: value}) for value in values]
    labels = [f"{value:g}" for value in values]

    def draw() -> Picture:
        from actcli.figures import curves

        formula = f"$f(x) = {activation.mathtext()}$"
        title = f"{activation.spec} by {key}"
        return curves.several(bound, view, look, labels=labels, heading=title, formula=formula, graded=True)

    def film() -> tuple[bytes, str]:
        from actcli.figures.films import swept

        return swept(activation, key, values, view, look)

    _write(f"{_stem([activation])}-{key}", draw, out, _functions([activation]) | {key: values}, {FILM: film})


def neurons(activation: Activation, states: list[State], view: View, look: Look, out: Written) -> None:
    """A panel for each state of a neuron, or of a chain of neurons."""

    def draw() -> Picture:
        from actcli.figures import neurons

        return neurons.neurons(activation, states, view, look)

    def film() -> tuple[bytes, str]:
        from actcli.figures.films import turned

        return turned(activation, states, view, look)

    _write(f"{_stem([activation])}-neuron", draw, out, _functions([activation]), {FILM: film})


def card(activation: Activation, view: View, look: Look, out: Written) -> None:
    """A page of all facts about a function."""

    def draw() -> Picture:
        from actcli.figures.card import card

        return card(activation, view, look)

    _write(f"{_stem([activation])}-card", draw, out, _functions([activation]))


def plane(activation: Activation, view: View, look: Look, out: Written) -> None:
    """A row function over two of its entries."""
    if not activation.is_row:
        raise ValueError(
            f"--plane draws a function of a row over two of its entries; {activation.spec} takes one number"
        )

    def draw() -> Picture:
        from actcli.figures.plane import plane

        return plane(activation, view, look)

    _write(f"{_stem([activation])}-plane", draw, out, _functions([activation]))


def fit(pairs: int, view: View, look: Look, weights: Path | None, out: Written) -> None:
    """A sine approximated by pairs of ReLU neurons, whose weights are saved if a file is given."""
    from actcli.studies.neurons import sine_pairs

    if weights is not None and weights.suffix.lower() != ".npz":
        raise ValueError(f"--save-weights {str(weights)!r}: the name must end in .npz")
    arrays = sine_pairs(pairs)
    saved = []
    if weights is not None:
        from actcli.network.weights import npz

        with opened(weights) as stream:
            stream.write(npz(arrays))
        saved = [(str(weights), "W1 b1 W2 b2", weights.stat().st_size)]

    def draw() -> Picture:
        from actcli.figures import neurons

        return neurons.fit(arrays, view, look)

    _write(f"sine-{pairs}-pairs", draw, out, {"fit": "sine", "pairs": pairs}, saved=saved)


def album(activations: list[Activation], view: View, look: Look, out: Written) -> None:
    """A PNG for each function and the gallery in a folder, or the gallery alone if `--output` is a file."""
    folder = Path(_FOLDER) if out.output is None else out.output
    if _is_stdout(folder) or (folder.suffix.lower() in (*SUFFIXES, PAGE, FILM) and not folder.is_dir()):
        more = {PAGE: lambda: _page(activations, "", view, look, every=True)}
        _write("gallery", lambda: _gallery(activations, view, look), out, _functions(activations), more)
        return
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"--all writes a folder of pictures; {str(folder)!r} is a file")
    if not folder.parent.is_dir():
        raise FileNotFoundError(f"no folder {str(folder.parent)!r} to make {folder.name!r} in")
    folder.mkdir(exist_ok=True)
    from actcli.figures import curves
    from actcli.figures.canvas import render
    from actcli.output.files import replacing
    from actcli.parallel import ordered_map

    by_name = {activation.name: activation for activation in activations}

    def draw(name: str) -> tuple[str, str, int]:
        picture = curves.single(by_name[name], view, look) if name else _gallery(activations, view, look)
        path = folder / f"{name or 'gallery'}.png"
        payload = render(picture, ".png")
        with replacing(path) as stream:
            stream.write(payload)
        return str(path), picture.title, len(payload)

    done: list[tuple[str, str, int]] = []
    with Progress(lambda: len(done) / (len(by_name) + 1), None, "files") as progress:
        for file in ordered_map(draw, [*by_name, ""], alone=1):
            done.append(file)
            progress.show(len(done))
    from actcli.figures.index import index

    page = folder / "index.html"
    with replacing(page) as stream:
        written = stream.write(index(activations).encode())
    out.report([*done, (str(page), "the album", written)], _functions(activations))


def _gallery(activations: list[Activation], view: View, look: Look) -> Picture:
    from actcli.figures.gallery import gallery

    return gallery(activations, look, view.span or (-5.0, 5.0))


def _page(
    activations: list[Activation], heading: str, view: View, look: Look, *, every: bool = False
) -> tuple[bytes, str]:
    """The page of elementwise functions; `every` leaves out row functions, with a remark, instead of an error."""
    from actcli.figures.page import page

    rows = [activation.spec for activation in activations if activation.is_row]
    shown = [activation for activation in activations if not activation.is_row]
    if (rows and not every) or not shown:
        raise ValueError(
            f"a page draws functions of one number; {rows[0]} works on rows: "
            f"give a name that ends in {', '.join(SUFFIXES)}"
        )
    text, title = page(shown, view, look, heading=heading, left_out=rows)
    return text.encode(), title


def sketch(activations: list[Activation], view: View) -> None:
    """Print the curves as characters, in the width of the terminal, or 72 columns in a pipe."""
    from actcli.cli.options import screen
    from actcli.figures.sampling import lines_of, span_of
    from actcli.figures.sketch import MOST, chart

    here = screen(None)
    span = view.span or span_of(*activations)
    lines = [
        line for activation in activations for order in view.orders for line in lines_of(activation, span, 801, order)
    ]
    if len(lines) > MOST:
        raise ValueError(f"--term draws up to {MOST} curves, not {len(lines)}; leave some out, or draw a picture")
    terminal = sys.stdout is not None and sys.stdout.isatty()
    width, height = (min(here.width or 72, _WIDEST), min(max((here.height or 24) - 4, 8), 24)) if terminal else (72, 20)
    for text in chart(lines, span, width, height, ylim=view.ylim, ascii=not here.is_unicode, colour=here.colour):
        print(text)


# --- into files ------------------------------------------------------------------------------------------------------


def _functions(activations: list[Activation]) -> dict[str, object]:
    """The keys of JSON for the functions."""
    return {"functions": [activation.spec for activation in activations]}


def _stem(activations: list[Activation], heading: str = "") -> str:
    """The file name, without suffix, for these functions: the heading, or their SPECs."""
    from actcli.figures.look import file_stem

    return file_stem(*([heading.replace(" ", "_")] if heading else [activation.spec for activation in activations]))


def _orders(view: View) -> str:
    """The part of the file name for the derivatives that are drawn."""
    return {(0,): "", (0, 1): "-grad", (1,): "-slope"}.get(view.orders, f"-order{view.orders[-1]}")


def _is_stdout(path: Path) -> bool:
    return str(path) == "-"


def _target(stem: str, output: Path | None) -> Path:
    """The file to draw into: `--output`, or the default name in the folder `--output` or the current one."""
    if output is None:
        return Path(f"{stem}.png")
    if not _is_stdout(output) and (output.is_dir() or str(output).endswith("/")):
        return output / f"{stem}.png"
    return output


def _write(
    stem: str,
    draw: Callable[[], Picture],
    out: Written,
    asked: dict[str, object],
    more: Mapping[str, Callable[[], tuple[bytes, str]]] = MappingProxyType({}),
    saved: Iterable[tuple[str, str, int]] = (),
) -> None:
    """Draw a figure, write it and report the file, after a check of the name and the folder.

    more: further formats of the figure by suffix, each a function that gives the bytes and the title. Without one for
    GIF, a GIF has one frame.
    """
    from actcli.figures.look import suffix_of
    from actcli.output.files import require_folder

    path = _target(stem, out.output)
    suffix = suffix_of(path, *dict.fromkeys((*more, FILM)))
    if _is_stdout(path) and sys.stdout is not None and sys.stdout.isatty():
        raise ValueError("--output - would print a PNG on the terminal; send it to a file or a pipe")
    require_folder(path)
    if suffix in more:
        payload, title = more[suffix]()
    elif suffix == FILM:
        from actcli.figures.animation import gif

        picture = draw()
        payload, title = gif(picture, 1, lambda _: None), picture.title
    else:
        from actcli.figures.canvas import render

        picture = draw()
        payload, title = render(picture, suffix), picture.title
    with opened(None if _is_stdout(path) else path) as stream:
        stream.write(payload)
    if not _is_stdout(path):
        out.report([(str(path), title, len(payload)), *saved], asked)
