"""The figure of an approximation: function and approximation above, the error between its bounds below."""

from __future__ import annotations

import numpy as np

from actcli.figures.axes import draw_series, frame, number
from actcli.figures.canvas import SMALL, Picture, colour, style
from actcli.figures.keys import name_lines
from actcli.figures.look import Look
from actcli.figures.sampling import Array, Series
from actcli.studies.approximation.bound import rounded_down, rounded_up
from actcli.studies.approximation.result import Approximation

_LEFT, _RIGHT, _TICKS, _BETWEEN = 0.62, 0.2, 0.3, 0.5
_POINTS = 4001
#: Extrema of at least this fraction of the error bound are marked; for a best approximation their signs alternate.
_EXTREME = 0.97
#: The most extrema that are marked.
_MARKED = 80


def approximation(found: Approximation, look: Look) -> Picture:
    """The function and its approximation above, the error with its extrema and the proved bound below."""
    target = found.target
    span = target.low, target.high
    knots = [x for _, _, x in found.parts if x is not None]
    jumps = np.array(found.lookup.bounds if found.lookup and found.lookup.kind == "nearest" else [])
    before = np.nextafter(jumps, -np.inf)
    x = np.concatenate([np.linspace(*span, _POINTS), target.kinks, [found.bound.at], knots, jumps, before])
    x = np.unique(x[(x >= span[0]) & (x <= span[1])])
    f = target.values(x)
    g = found.formula.values(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = (f - g) / f if target.relative else f - g
    bound = found.bound.error
    names = [target.name, found.what]
    title = f"{target.name} and {'an' if found.what[0] in 'aeiou' else 'a'} {found.what}"
    shown = number(rounded_up(bound, 6), 6)
    caption = f"{'relative ' * target.relative}error at most {shown} (dashed), proved for every x of the range"
    if found.lower_bound:
        caption += f" · no {found.what} has less than {number(rounded_down(found.lower_bound, 6), 6)}"
    look = look.holding(4.2, 3.0)
    with style(look):
        picture = Picture(look, title, f"{title}, x from {span[0]:g} to {span[1]:g}, {caption}")
        top = picture.heading(name=title) + 0.02
        top += name_lines(picture, names, top) + 0.08
        foot = picture.footing(caption) + _TICKS + 0.05
        tall = picture.get_size_inches()[1]
        half = (tall - top - foot - _BETWEEN) / 2
        both = [Series(names[0], x, f), Series(names[1], *_broken(x, g, jumps))]
        above = picture.panel(_LEFT, top, _RIGHT, tall - top - half)
        frame(picture, above, span, both, None)
        for k, line in enumerate(both):
            draw_series(above, line, look, k)
        below = picture.panel(_LEFT, tall - foot - half, _RIGHT, foot)
        frame(picture, below, span, [Series("error", x, error)], (-1.3 * bound, 1.3 * bound) if bound else None)
        left = max(float(axes.get_position().x0) for axes in (above, below))
        for axes in (above, below):  # equal x are aligned, whatever the width of the tick labels
            place = axes.get_position()
            axes.set_position((left, place.y0, place.x1 - left, place.height))
        below.set_title("error: function minus approximation", fontsize=SMALL, pad=4, color=look.colours.muted)
        for sign in (1, -1):
            below.axhline(sign * bound, color=look.colours.muted, lw=1.2, ls=(0, (5, 3)))
        below.plot(*_broken(x, error, jumps), color=colour(look, 4), lw=1.6, label="error")
        places = extremes(error, bound * _EXTREME)
        if len(places) <= _MARKED:
            below.plot(
                x[places],
                error[places],
                "o",
                ms=4.5,
                mfc=look.colours.ground,
                mec=colour(look, 4),
                mew=1.3,
                clip_on=False,
                zorder=5,
            )
    return picture


def _broken(x: Array, y: Array, jumps: Array) -> tuple[Array, Array]:
    """A line with a gap at each jump, so that its two sides are not joined."""
    at = np.flatnonzero(np.isin(x, jumps))
    return np.insert(x, at, x[at]), np.insert(y, at, np.nan)


def extremes(error: Array, least: float) -> list[int]:
    """The indices of the largest |error| between two changes of its sign, where it is at least `least`.

    >>> extremes(np.array([0.1, 1.0, 0.2, -0.9, -1.0, 0.3]), 0.5)
    [1, 4]
    """
    size = np.abs(error)
    runs = np.split(np.arange(len(error)), np.flatnonzero(np.diff(np.sign(error))) + 1)
    places = [int(run[np.argmax(size[run])]) for run in runs]
    return [place for place in places if size[place] >= least > 0]
