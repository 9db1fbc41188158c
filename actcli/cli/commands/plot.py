"""actcli plot: figures of activation functions."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actcli.cli import drawing
from actcli.cli.choices import one_of
from actcli.cli.drawing import TARGETS, Written
from actcli.cli.looks import Style
from actcli.cli.options import note
from actcli.cli.parsing import is_number
from actcli.figures.look import PAGE, SCALES, SUFFIXES

if TYPE_CHECKING:
    from actcli.activations import Activation
    from actcli.figures.sampling import View


def command(
    specs: Annotated[list[str] | None, typer.Argument(metavar="[SPEC]...", help="Functions, or formulas in x.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Every function into its own PNG, and a gallery.")] = False,
    family: Annotated[
        str | None, typer.Option("--family", metavar="NAME", help="The functions of a family; with --all only these.")
    ] = None,
    grad: Annotated[bool, typer.Option("--grad", "--derivative", help="Draw the slope too.")] = False,
    order: Annotated[
        int, typer.Option("--order", metavar="N", min=0, max=2, help="Draw up to the Nth derivative: 1 or 2.")
    ] = 0,
    slopes_only: Annotated[bool, typer.Option("--slopes-only", help="Draw the slopes without the values.")] = False,
    range_: Annotated[
        str | None,
        typer.Option("--range", "--xlim", metavar="LO:HI", help="Of x. Default: -5:5, or what shows every kink."),
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
        typer.Option(
            "--neuron", metavar="W,B[,W2,B2...]", help="A neuron, or some in a row; again for one more panel."
        ),
    ] = None,
    fit: Annotated[str | None, one_of(TARGETS, "--fit", help="Follow a sine with pairs of ReLU neurons.")] = None,
    pairs: Annotated[int | None, typer.Option("--pairs", metavar="N", help="Pairs for --fit. Default: 8.")] = None,
    save_weights: Annotated[
        Path | None, typer.Option("--save-weights", metavar="FILE", help="The weights of --fit as .npz for forward.")
    ] = None,
    card: Annotated[bool, typer.Option("--card", help="All about one function on a page.")] = False,
    plane: Annotated[bool, typer.Option("--plane", help="A function of a row over two of its entries.")] = False,
    yscale: Annotated[str, one_of(SCALES, "--yscale", help="Of y.")] = "linear",
    xlabel: Annotated[
        str | None, typer.Option("--xlabel", metavar="TEXT", help="The name of the axis. Else x.")
    ] = None,
    ylabel: Annotated[str | None, typer.Option("--ylabel", metavar="TEXT", help="Else f(x).")] = None,
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
      actcli plot gelu --card                            all about it on a page
      actcli plot leaky_relu --sweep negative_slope=0,1 --output leaky.gif
      actcli plot gelu swish --output gelu.html          a page with sliders, for a browser
      actcli plot gelu --term                            here and now

    Prints the path of each file it wrote. The same command writes the same bytes.
    """
    out.writer_name(None)  # raises ValueError for formats that contradict each other, before anything is drawn
    words = list(specs or [])
    look = style.look(xlabel, ylabel)
    view = replace(_view(grad, order, slopes_only, range_, points, ylim, mark or []), yscale=yscale)
    kinds = {
        "--all": every,
        "--neuron": neuron,
        "--fit": fit,
        "--sweep": sweep,
        "--diff": difference,
        "--term": term,
        "--card": card,
        "--plane": plane,
    }
    chosen = [name for name, given in kinds.items() if given]
    _at_most_one(chosen)
    is_page = out.output is not None and out.output.suffix.lower() == PAGE
    if is_page:
        fixed = {"--points": points, "--size": style.size, "--dpi": style.dpi, "--transparent": style.transparent}
        fixed |= {"--yscale": yscale != "linear", "--order 2": order == 2}
        _for_a_page([*(name for name in chosen if name != "--all"), *(name for name, given in fixed.items() if given)])
    if (pairs is not None or save_weights is not None) and fit is None:
        raise ValueError(f"{'--pairs' if pairs is not None else '--save-weights'} goes with --fit sine")
    if every:
        if words:
            raise ValueError(
                f"--all draws every function and takes no SPEC, not {words[0]!r}; --family NAME narrows it"
            )
        drawing.album(_members(family), view, look, out)
        return
    if fit is not None:
        if words or family:
            raise ValueError("--fit draws ReLU neurons and takes neither SPECs nor --family")
        drawing.fit(8 if pairs is None else pairs, view, look, save_weights, out)
        return
    activations = _named(words or (["relu"] if neuron else []), family)
    if constants := [word for word in words if is_number(word)]:
        if neuron:
            raise ValueError(f"--neuron takes W,B with a comma between, as in --neuron {neuron[-1]},{constants[0]}")
        drawn = "is drawn as a constant" if len(constants) == 1 else "are drawn as constants"
        note(f"{' and '.join(constants)} {drawn}; --range LO:HI is the interval of x, --mark X marks a point")
    if term and (out.output is not None or out.format or out.json or out.csv or out.tsv):
        raise ValueError("--term sketches here and now; --output and formats are for a file that is drawn")
    # The figure of a family has its name as the title; the title of named SPECs is the SPECs.
    heading = "" if family is None or words else family.replace("_", " ")
    _note_overflow(activations, view)
    if term:
        drawing.sketch(activations, view)
    elif card:
        drawing.card(_only(activations, "--card", rows=True), view, look, out)
    elif plane:
        drawing.plane(_only(activations, "--plane", rows=True), view, look, out)
    elif neuron:
        drawing.neurons(_only(activations, "--neuron"), [_state(text) for text in neuron], view, look, out)
    elif sweep is not None:
        drawing.sweep(_only(activations, "--sweep"), *_sweep(sweep), view, look, out)
    elif difference or (not is_page and len(activations) == 2 and all(one.names_framework for one in activations)):
        if len(activations) != 2:
            raise ValueError(f"--diff compares two SPECs, not {len(activations)}")
        drawing.difference(activations[0], activations[1], view, look, out)
    else:
        drawing.curves(activations, heading, view, look, out)


def _note_overflow(activations: list[Activation], view: View) -> None:
    """Print a note if a formula overflows on the range, because its curve leaves the figure there."""
    import numpy as np

    from actcli.activations.definition import USER
    from actcli.cli.overflow import first_beyond, say_beyond
    from actcli.figures.sampling import span_of

    points = np.linspace(*(view.span or span_of(*activations)), 65)
    for activation in activations:
        if activation.family == USER and (x := first_beyond(activation, points, activation(points), 0)) is not None:
            say_beyond(activation, x, 0, "float64")


def _at_most_one(chosen: list[str]) -> None:
    if len(chosen) > 1:
        raise ValueError(f"{chosen[0]} and {chosen[1]} are two different figures; ask for one at a time")


def _for_a_page(given: list[str]) -> None:
    """Raise ValueError for options without a meaning on a page: other kinds of figure, and fixed sizes and scales."""
    if given:
        raise ValueError(
            f"{given[0]} means nothing on a page for a browser; leave it out, "
            f"or give a name that ends in {', '.join(SUFFIXES)}"
        )


def _view(
    grad: bool,
    order: int,
    slopes_only: bool,
    range_: str | None,
    points: int | None,
    ylim: str | None,
    marks: list[str],
) -> View:
    from actcli.figures.sampling import View

    highest = max(order, int(grad or slopes_only))
    orders = tuple(range(int(slopes_only), highest + 1))
    span, count = (None, None) if range_ is None else _interval("--range", range_)
    if count is not None and points is not None and count != points:
        raise ValueError(f"--range {range_!r} and --points {points} disagree; give one of them")
    limits, extra = (None, None) if ylim is None else _interval("--ylim", ylim)
    if extra is not None:
        raise ValueError(f"--ylim {ylim!r} is no interval; expected LO:HI, as -1:2")
    places = tuple(_number("--mark", part) for text in marks for part in text.split(","))
    return View(span, points or count, orders, places, limits)


def _interval(option: str, text: str) -> tuple[tuple[float, float], int | None]:
    """The bounds of LO:HI, and the number of points of LO:HI:N or LO:HI:STEP, None without."""
    low, colon, rest = text.partition(":")
    high, second, count = rest.partition(":")
    if not colon or not low or not high:
        raise ValueError(f"{option} {text!r} is no interval; expected LO:HI, as -5:5")
    if second and not count.isdecimal():
        from actcli.reading.points import Range

        stepped = Range.parsed(text, by_row=False)
        high, count = stepped.high, str(stepped.count)
    bounds = _number(option, low), _number(option, high)
    if not bounds[0] < bounds[1]:
        raise ValueError(f"{option} {text!r} is empty; the first bound must be less than the second")
    if max(map(abs, bounds)) > 1e15 or bounds[1] - bounds[0] < 1e-12 * max(1.0, *map(abs, bounds)):
        raise ValueError(f"{option} {text!r} cannot be drawn; bounds up to 1e15 that are further apart than 1e-12")
    if second and not (count.isdecimal() and 2 <= int(count) <= 1_000_000):
        raise ValueError(f"{option} {text!r}: the number of points must be from 2 to 1000000, not {count!r}")
    return bounds, int(count) if second else None


def _number(option: str, text: str) -> float:
    from actcli.reading.source import number

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


def _named(words: list[str], family: str | None) -> list[Activation]:
    from actcli.activations import get
    from actcli.activations.spec import split_specs

    activations = [get(spec) for word in words for spec in split_specs(word)] + (_members(family) if family else [])
    if not activations:
        raise ValueError("name a function, as in 'actcli plot relu', or ask for --all; 'actcli list' shows the names")
    return activations


def _members(family: str | None) -> list[Activation]:
    from actcli.activations import get, names

    return [get(name) for name in names(family)]


def _only(activations: list[Activation], option: str, *, rows: bool = False) -> Activation:
    """The only function; raises ValueError for several, and for a row function unless `rows`."""
    if len(activations) != 1:
        raise ValueError(f"{option} draws one SPEC, not {len(activations)}")
    if activations[0].is_row and not rows:
        raise ValueError(f"{option} needs a function of one number; {activations[0].name} works on rows")
    return activations[0]
