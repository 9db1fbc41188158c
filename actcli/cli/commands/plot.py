"""actcli plot: figures of activation functions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actcli.cli.options import Output, opened

if TYPE_CHECKING:
    from actcli.activations import Activation
    from actcli.figures.canvas import Picture
    from actcli.figures.look import Look
    from actcli.figures.sampling import View

_FOLDER = "activations"  # what `--all` fills by default


class Theme(StrEnum):
    """What `--theme` takes."""

    LIGHT = "light"
    DARK = "dark"


class Target(StrEnum):
    """What `--fit` takes."""

    SINE = "sine"


@dataclass(frozen=True)
class Style:
    """The options about how a figure looks."""

    size: Annotated[
        str | None,
        typer.Option("--size", metavar="SIZE", help="slide, page, thumb or WxH in pixels. Else 960x600."),
    ] = None
    dpi: Annotated[float | None, typer.Option("--dpi", metavar="N", help="Dots an inch. Default: 150.")] = None
    theme: Annotated[Theme, typer.Option("--theme", help="Ground and colours.")] = Theme.LIGHT
    transparent: Annotated[bool, typer.Option("--transparent", help="No ground at all.")] = False
    cmap: Annotated[
        str | None, typer.Option("--cmap", metavar="NAME", help="Take the colours from a matplotlib colour map.")
    ] = None
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="Instead of the figure's own title.")] = (
        None
    )

    def look(self) -> Look:
        """These options as a look; ValueError where one makes no sense."""
        from actcli.figures.look import look

        made = look(
            self.size, self.dpi, self.theme.value, transparent=self.transparent, cmap=self.cmap, title=self.title
        )
        if self.cmap is not None or self.title is not None:  # what only matplotlib can judge, before any work is done
            from actcli.figures.canvas import check

            check(made)
        return made


@dataclass(frozen=True)
class Written(Output):
    """Where the figures go, and how to print the list of what was written."""

    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE|DIR", help="Draw into FILE (.png .svg .pdf), into DIR, or - for stdout."
        ),
    ] = None

    def __post_init__(self) -> None:
        """Keep `-` as it is: pictures go to standard output only when asked to."""

    def report(self, files: Iterable[tuple[str, str, int]], asked: dict[str, object]) -> None:
        """Print (path, what it shows, bytes) of each file: one path a line in a pipe, unless a format is asked for."""
        from actcli.output import Table

        paths, shown, sizes = zip(*files, strict=True)
        table = Table(("path", "shows", "bytes"), (list(paths), list(shown), list(sizes)), results=("path",))
        formats = self.format or self.json or self.csv or self.tsv or self.quiet
        piped = sys.stdout is None or not sys.stdout.isatty()
        how = replace(self, quiet=True) if piped and not formats else self
        how.write(None, table, command="plot", asked=asked)


def command(
    specs: Annotated[list[str] | None, typer.Argument(metavar="[SPEC]...", help="Functions, or formulas in x.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every function into its own PNG, and a gallery.")] = False,
    family: Annotated[
        str | None, typer.Option("--family", metavar="NAME", help="The functions of a family; with --all only these.")
    ] = None,
    grad: Annotated[bool, typer.Option("--grad", help="Draw the slope too.")] = False,
    order: Annotated[
        int, typer.Option("--order", metavar="N", min=0, max=2, help="Draw up to the Nth derivative: 1 or 2.")
    ] = 0,
    slopes_only: Annotated[bool, typer.Option("--slopes-only", help="Draw the slopes without the values.")] = False,
    range_: Annotated[
        str | None, typer.Option("--range", metavar="LO:HI", help="Of x. Default: -5:5, or what shows every kink.")
    ] = None,
    points: Annotated[
        int | None, typer.Option("--points", metavar="N", min=2, max=1_000_000, help="Samples of x. Default: 801.")
    ] = None,
    ylim: Annotated[str | None, typer.Option("--ylim", metavar="LO:HI", help="Of y. Default: what is drawn.")] = None,
    mark: Annotated[
        list[str] | None, typer.Option("--mark", metavar="X[,X...]", help="Mark points with their values.")
    ] = None,
    sweep: Annotated[
        str | None, typer.Option("--sweep", metavar="KEY=V,V,...", help="One SPEC at several values of a parameter.")
    ] = None,
    difference: Annotated[
        bool, typer.Option("--diff", help="Two SPECs and what differs. Two framework SPECs: the default.")
    ] = False,
    neuron: Annotated[
        list[str] | None,
        typer.Option("--neuron", metavar="W,B[,W2,B2...]", help="A neuron, or some in a row; again for a panel more."),
    ] = None,
    fit: Annotated[Target | None, typer.Option("--fit", help="Follow a sine with pairs of ReLU neurons.")] = None,
    pairs: Annotated[int | None, typer.Option("--pairs", metavar="N", help="Pairs for --fit. Default: 8.")] = None,
    save_weights: Annotated[
        Path | None, typer.Option("--save-weights", metavar="FILE", help="The weights of --fit as .npz for forward.")
    ] = None,
    term: Annotated[bool, typer.Option("--term", help="Sketch in the terminal instead of drawing a file.")] = False,
    style: Style,
    out: Written,
) -> None:
    """Draw activation functions into a picture.

    \b
      actcli plot relu                                   relu.png
      actcli plot gelu swish mish --output smooth.svg    on one set of axes
      actcli plot sigmoid --grad --range -10:10          value and slope
      actcli plot --all                                  a PNG each and a gallery into activations/
      actcli plot leaky_relu --sweep negative_slope=0.01,0.1,0.3
      actcli plot torch.Hardsigmoid keras2.hard_sigmoid  where they differ
      actcli plot relu --neuron -1,0.5,1,0 --neuron -1,0.5,-2,1
      actcli plot --fit sine --pairs 8 --save-weights sine.npz
      actcli plot gelu --term                            here and now

    Prints the path of each file it wrote. The same command writes the same bytes.
    """
    words = list(specs or [])
    look = style.look()
    view = _view(grad, order, slopes_only, range_, points, ylim, mark or [])
    kinds = {"--all": every, "--neuron": neuron, "--fit": fit, "--sweep": sweep, "--diff": difference, "--term": term}
    _one_kind([name for name, given in kinds.items() if given])
    if (pairs is not None or save_weights is not None) and fit is None:
        raise ValueError(f"{'--pairs' if pairs is not None else '--save-weights'} goes with --fit sine")
    if every:
        _draw_all(words, family, view, look, out)
        return
    if fit is not None:
        if words or family:
            raise ValueError("--fit draws ReLU neurons and takes neither SPECs nor --family")
        _draw_fit(8 if pairs is None else pairs, view, look, save_weights, out)
        return

    from actcli.activations import get

    if neuron and not words:
        words = ["relu"]
    activations = [get(word) for word in words] + (_members(family) if family else [])
    if not activations:
        raise ValueError("name a function, as in 'actcli plot relu', or ask for --all; 'actcli list' shows the names")
    if term:
        _sketch(activations, view)
        return
    from actcli.figures.look import file_stem

    names = [family] if family and not words else [activation.spec for activation in activations]
    stem = file_stem(*names)
    asked: dict[str, object] = {"functions": [activation.spec for activation in activations]}
    if neuron:
        states = [_state(text) for text in neuron]
        _only_one(activations, "--neuron")
        _write(f"{stem}-neuron", lambda: _neurons(activations[0], states, view, look), out, asked)
        return
    if sweep is not None:
        _only_one(activations, "--sweep")
        key, values = _sweep(sweep)
        swept = [activations[0].bind(**{key: value}) for value in values]
        draw = _together(
            swept, view, look, [f"{key} = {value:g}" for value in values], activations[0].spec,
            formula=f"$f(x) = {activations[0].mathtext()}$",
        )  # fmt: skip
        _write(f"{stem}-{key}", draw, out, asked | {key: values})
        return
    if difference and len(activations) != 2:
        raise ValueError(f"--diff compares two SPECs, not {len(activations)}")
    stem += {(0,): "", (0, 1): "-grad", (1,): "-slope"}.get(view.orders, f"-order{view.orders[-1]}")
    frameworks = len(activations) == 2 and all(activation.names_framework for activation in activations)
    if difference or frameworks:
        _write(f"{stem}-diff", lambda: _difference(activations, view, look), out, asked)
    elif len(activations) == 1:
        _write(stem, lambda: _single(activations[0], view, look), out, asked)
    else:
        _write(stem, _together(activations, view, look, [], _heading(family, words)), out, asked)


def _is_file(path: Path) -> bool:
    return str(path) != "-"


# --- what is asked for ----------------------------------------------------------------------------------------------


def _one_kind(chosen: list[str]) -> None:
    if len(chosen) > 1:
        raise ValueError(f"{chosen[0]} and {chosen[1]} are two different figures; ask for one at a time")


def _view(
    grad: bool,
    order: int,
    slopes_only: bool,
    range_: str | None,
    points: int | None,
    ylim: str | None,
    marks: list[str],
) -> View:
    from actcli.figures.sampling import POINTS, View

    highest = max(order, int(grad or slopes_only))
    orders = tuple(range(int(slopes_only), highest + 1))
    span, count = (None, None) if range_ is None else _interval("--range", range_)
    if count is not None and points is not None and count != points:
        raise ValueError(f"--range {range_!r} and --points {points} disagree; give one of them")
    limits, extra = (None, None) if ylim is None else _interval("--ylim", ylim)
    if extra is not None:
        raise ValueError(f"--ylim {ylim!r} is no interval; expected LO:HI, as -1:2")
    places = tuple(_number("--mark", part) for text in marks for part in text.split(","))
    return View(span, points or count or POINTS, orders, places, limits)


def _interval(option: str, text: str) -> tuple[tuple[float, float], int | None]:
    """LO:HI, and for --range the N of LO:HI:N."""
    low, colon, rest = text.partition(":")
    high, second, count = rest.partition(":")
    if not colon or not low or not high:
        raise ValueError(f"{option} {text!r} is no interval; expected LO:HI, as -5:5")
    bounds = _number(option, low), _number(option, high)
    if not bounds[0] < bounds[1]:
        raise ValueError(f"{option} {text!r} is empty; the first bound must be less than the second")
    if max(map(abs, bounds)) > 1e15 or bounds[1] - bounds[0] < 1e-12 * max(1.0, *map(abs, bounds)):
        raise ValueError(f"{option} {text!r} cannot be drawn; bounds up to 1e15 that are further apart than 1e-12")
    if second and not (count.isdecimal() and 2 <= int(count) <= 1_000_000):
        raise ValueError(f"{option} {text!r}: the number of points must be from 2 to 1000000, not {count!r}")
    return bounds, int(count) if second else None


def _number(option: str, text: str) -> float:
    from math import isfinite

    from actcli.reading import number

    try:
        value = number(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise ValueError(f"{option}: {text!r} is no finite number")
    return float(value)


def _sweep(text: str) -> tuple[str, list[float]]:
    key, equals, values = text.partition("=")
    if not equals or not key.strip() or not values.strip():
        raise ValueError(f"--sweep {text!r}: expected KEY=V,V,..., as negative_slope=0.01,0.1,0.3")
    numbers = [_number("--sweep", value) for value in values.split(",")]
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"--sweep {text!r} names a value twice")
    return key.strip(), numbers


def _state(text: str) -> tuple[tuple[float, float], ...]:
    numbers = [_number("--neuron", part) for part in text.split(",")]
    if len(numbers) % 2:
        raise ValueError(f"--neuron {text!r}: expected a weight and a bias for each neuron, W,B or W,B,W2,B2")
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _members(family: str) -> list[Activation]:
    from actcli.activations import get, names

    everything = [get(name) for name in names()]
    wanted = family.lower().replace("-", "_")
    members = [activation for activation in everything if activation.family == wanted]
    if not members:
        known = ", ".join(dict.fromkeys(activation.family for activation in everything))
        raise ValueError(f"no family {family!r}; the families are {known}")
    return members


def _only_one(activations: list[Activation], option: str) -> None:
    if len(activations) != 1:
        raise ValueError(f"{option} draws one SPEC, not {len(activations)}")
    if activations[0].is_row:
        raise ValueError(f"{option} needs a function of one number; {activations[0].name} works on rows")


def _heading(family: str | None, words: list[str]) -> str:
    """The title of a family's figure; none where SPECs were named, which are the title themselves."""
    return "" if family is None or words else family.replace("_", " ")


# --- drawing --------------------------------------------------------------------------------------------------------
# Each imports matplotlib when it is called, after everything that can be wrong with the request.


def _single(activation: Activation, view: View, look: Look) -> Picture:
    from actcli.figures import curves

    return curves.single(activation, view, look)


def _together(
    activations: list[Activation], view: View, look: Look, labels: list[str], heading: str, formula: str = ""
) -> Callable[[], Picture]:
    def draw() -> Picture:
        from actcli.figures import curves

        return curves.compare(activations, view, look, labels=labels, heading=heading, formula=formula)

    return draw


def _difference(activations: list[Activation], view: View, look: Look) -> Picture:
    from actcli.figures import curves

    return curves.difference(activations[0], activations[1], view, look)


def _neurons(activation: Activation, states: list[tuple[tuple[float, float], ...]], view: View, look: Look) -> Picture:
    from actcli.figures import neurons

    return neurons.neurons(activation, states, view, look)


def _draw_fit(pairs: int, view: View, look: Look, weights: Path | None, out: Written) -> None:
    if weights is not None and weights.suffix.lower() != ".npz":
        raise ValueError(f"--save-weights {str(weights)!r}: the name must end in .npz")
    from actcli.figures import neurons

    arrays = neurons.sine_pairs(pairs)
    saved = []
    if weights is not None:
        import numpy as np

        with opened(weights) as stream:
            np.savez(stream, allow_pickle=False, **arrays)
        saved = [(str(weights), "W1 b1 W2 b2", weights.stat().st_size)]
    _write(f"sine-{pairs}-pairs", lambda: neurons.fit(pairs, view, look), out, {"fit": "sine", "pairs": pairs}, saved)


def _target(stem: str, output: Path | None) -> Path:
    """The file to draw into: `--output`, or under the figure's own name in that folder or here."""
    if output is None:
        return Path(f"{stem}.png")
    if _is_file(output) and (output.is_dir() or str(output).endswith("/")):
        return output / f"{stem}.png"
    return output


def _write(
    stem: str,
    draw: Callable[[], Picture],
    out: Written,
    asked: dict[str, object],
    saved: Iterable[tuple[str, str, int]] = (),
) -> None:
    """Draw one figure, write it, say where. The file's name and folder are looked at before anything is drawn."""
    from actcli.figures.look import suffix_of

    path = _target(stem, out.output)
    suffix = suffix_of(path)
    if not _is_file(path) and sys.stdout is not None and sys.stdout.isatty():
        raise ValueError("--output - would print a PNG on the terminal; send it to a file or a pipe")
    if _is_file(path) and not path.parent.is_dir():
        raise FileNotFoundError(f"no folder {str(path.parent)!r} to write {path.name!r} into")
    from actcli.figures.canvas import render

    picture = draw()
    payload = render(picture, suffix)
    with opened(path if _is_file(path) else None) as stream:
        stream.write(payload)
    if _is_file(path):
        out.report([(str(path), picture.title, len(payload)), *saved], asked)


def _draw_all(words: list[str], family: str | None, view: View, look: Look, out: Written) -> None:
    """A PNG a function and the gallery into a folder, or the gallery alone where `--output` names a file."""
    if words:
        raise ValueError(f"--all draws every function and takes no SPEC, not {words[0]!r}; --family NAME narrows it")
    from actcli.activations import get, names

    activations = _members(family) if family else [get(name) for name in names()]
    asked: dict[str, object] = {"functions": [activation.spec for activation in activations]}
    folder = Path(_FOLDER) if out.output is None else out.output
    if not _is_file(folder) or (folder.suffix.lower() in (".png", ".svg", ".pdf") and not folder.is_dir()):
        _write("gallery", lambda: _gallery(activations, view, look), out, asked)
        return
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"--all writes a folder of pictures; {str(folder)!r} is a file")
    if not folder.parent.is_dir():
        raise FileNotFoundError(f"no folder {str(folder.parent)!r} to make {folder.name!r} in")
    folder.mkdir(exist_ok=True)
    from actcli.figures.canvas import render
    from actcli.output import replacing
    from actcli.parallel import ordered_map

    def draw(name: str) -> tuple[str, str, int]:
        picture = _single(get(name), view, look) if name else _gallery(activations, view, look)
        path = folder / f"{name or 'gallery'}.png"
        payload = render(picture, ".png")
        with replacing(path) as stream:
            stream.write(payload)
        return str(path), picture.title, len(payload)

    tasks = [activation.name for activation in activations]
    out.report(_watched(ordered_map(draw, [*tasks, ""], alone=1), len(tasks) + 1), asked)


def _gallery(activations: list[Activation], view: View, look: Look) -> Picture:
    from actcli.figures import curves

    return curves.gallery(activations, look, view.span or (-5.0, 5.0))


def _watched(files: Iterable[tuple[str, str, int]], total: int) -> list[tuple[str, str, int]]:
    """All the files, with a bar on standard error while they come, if that is a terminal."""
    shown = sys.stderr is not None and sys.stderr.isatty()
    done: list[tuple[str, str, int]] = []
    try:
        for file in files:
            done.append(file)
            if shown:
                filled = 30 * len(done) // total
                sys.stderr.write(f"\r[{'#' * filled}{' ' * (30 - filled)}] {len(done)}/{total}")
                sys.stderr.flush()
    finally:
        if shown:
            sys.stderr.write("\r" + " " * 50 + "\r")
            sys.stderr.flush()
    return done


def _sketch(activations: list[Activation], view: View) -> None:
    """Print the curves with characters: as wide as the terminal, or 72 columns in a pipe."""
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
    width, height = (min(here.width or 72, 100), min(max((here.height or 24) - 4, 8), 24)) if terminal else (72, 20)
    plain = not (here.encoding or "ascii").lower().replace("-", "").startswith("utf8")
    for text in chart(lines, span, width, height, ylim=view.ylim, ascii=plain, colour=here.colour):
        print(text)
