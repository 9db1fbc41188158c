"""Figures of training: loss and accuracy over epochs, the outputs of networks, and films of their development.

    curves([History(label, epoch, loss, accuracy, validation_loss, validation_accuracy), ...], look)
    domain = Domain.over(features, targets)       # a grid for 2 inputs, points along x for 1
    answers(domain, [Answer(label, outputs at domain.points, note), ...], look)
    together(histories, domain, fits, look)       # curves, and the answers below or beside them
    forming(domain, epochs, [Answer(label, outputs by frame), ...], look)     # the bytes of a GIF

All but the last return a Picture; each takes title= and caption=. `moments` gives the epochs of the frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.figures.animation import gif
from actcli.figures.axes import number
from actcli.figures.canvas import (
    SMALL,
    Axes,
    Line2D,
    MaxNLocator,
    NullLocator,
    Picture,
    colour,
    dash,
    end_labels,
    label_room,
    style,
    text_width,
)
from actcli.figures.fits import Answer, Domain, class_key, draw_answers, height_of
from actcli.figures.keys import Box, draw_key
from actcli.figures.look import DASHES, Look

__all__ = ["Answer", "Domain", "History", "answers", "curves", "forming", "moments", "together"]

_LEFT, _TICKS, _NAME, _MARGIN = 0.72, 0.3, 0.18, 0.12  # inches: left of the axes, tick labels, axis name, page
_GAP, _REACH = 0.4, 0.04  # inches between loss and accuracy, and how far names of lines may extend into this gap
_STEP = SMALL / 72 * 1.28  # inches between two names
_NARROW = 3.6  # inches; on a narrower page the names of lines are above the curves
_CURVES = 2.6  # inches, the least height of curves above other panels
_FRAMES = 48
_STEPS = ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,))  # round numbers of a decade, finest first


@dataclass(frozen=True)
class History:
    """The training of one network: a value for each entry of `epoch`, nan or inf after divergence."""

    label: str
    epoch: Sequence[float]
    loss: ArrayLike
    accuracy: ArrayLike | None = None
    validation_loss: ArrayLike | None = None
    validation_accuracy: ArrayLike | None = None


def curves(histories: Sequence[History], look: Look, *, title: str = "", caption: str = "") -> Picture:
    """Loss on a logarithmic axis and accuracy over epochs, one line per network, thin and dashed for held-out data."""
    return together(histories, None, (), look, title=title, caption=caption)


def answers(domain: Domain, fits: Sequence[Answer], look: Look, *, title: str = "", caption: str = "") -> Picture:
    """The outputs of networks side by side: decision regions or surfaces for two inputs, fitted curves for one."""
    return together((), domain, fits, look, title=title, caption=caption)


def together(
    histories: Sequence[History],
    domain: Domain | None,
    fits: Sequence[Answer],
    look: Look,
    *,
    title: str = "",
    caption: str = "",
) -> Picture:
    """Curves of `histories`, and below or beside them the outputs of `fits`; either may be empty.

    The figure grows with the number of networks, unless its size was requested. Networks are matched by their labels,
    so some may be missing in `fits`.
    """
    if not look.exact:
        look = _grown(look, len(histories), len(fits), domain)
    elif histories and fits:
        more = max(len(fits) - 3, 0)
        look = look.holding(3.6 + 0.3 * more, 2.6 + 0.25 * more)
    words = title or "training"
    lines = [_line(look, k, len(histories)) for k in range(len(histories))]
    with style(look):
        picture = Picture(look, words, caption or words)
        page = _page(picture, words, _caption(histories, domain, caption))
        above, below = (page, page) if not (histories and fits) else _split(page, len(fits), domain)
        is_narrow = look.inches[0] < _NARROW
        if histories:
            if is_narrow and not fits:
                handles = [Line2D([], [], **line) for line in lines]
                taken = draw_key(picture, [history.label for history in histories], handles, page)
                above = above._replace(top=above.top + taken)
            _curves(picture, histories, lines, above, named=not is_narrow)
        if domain is not None and fits:
            if not (is_narrow and histories):
                below = below._replace(top=below.top + class_key(picture, domain, below, len(fits)))
            named = {history.label: line for history, line in zip(histories, lines, strict=True)}
            draw_answers(picture, domain, fits, below, named)
    return picture


def moments(epochs: int, frames: int = _FRAMES) -> list[int]:
    """The number of epochs done at each frame of `forming`: from 0, first in small steps, to `epochs`.

    >>> moments(10, 6)
    [0, 1, 2, 3, 6, 10]
    """
    spread = np.geomspace(1, epochs + 1, min(frames, epochs + 1)) - 1
    # The geometric steps start below one epoch, and frames must have distinct epochs.
    steps = np.maximum(np.round(spread), np.arange(len(spread)))
    return [int(step) for step in steps]


def forming(
    domain: Domain,
    epochs: Sequence[int],
    fits: Sequence[Answer],
    look: Look,
    *,
    losses: Sequence[Sequence[float]] = (),
    title: str = "",
    caption: str = "",
) -> bytes:
    """A looping GIF of the outputs during training: one frame per entry of `epochs`, the last one shown longer.

    `fits` have outputs (frames, points, outputs); their notes are not shown, because they describe the last epoch.
    `losses` are those of each network by frame, written after the epoch if the page is wide enough. Raises ValueError
    if the numbers of frames and epochs differ.
    """
    films = [np.asarray(fit.outputs, np.float64) for fit in fits]
    for fit, film in zip(fits, films, strict=True):
        if len(film) != len(epochs):
            raise ValueError(f"{fit.label} has {len(film)} frames for {len(epochs)} epochs")
    if not look.exact:
        look = _grown(look, 0, len(fits), domain)
    words = title or "training"
    last = [Answer(fit.label, film[-1]) for fit, film in zip(fits, films, strict=True)]
    with style(look):
        picture = Picture(look, words, caption or words)
        page = _page(picture, words, caption)
        clock = picture.line(page.left, page.top, "", va="top", fontsize=SMALL)
        page = page._replace(top=page.top + 0.24)
        page = page._replace(top=page.top + class_key(picture, domain, page, len(fits)))
        panels = draw_answers(picture, domain, last, page)
        said = [f"epoch {epoch}" for epoch in epochs]
        names = [f"{fit.label} " if len(fits) > 1 else "" for fit in fits]
        for k, now in enumerate(zip(*losses, strict=True)):
            said[k] += ", loss " + ", ".join(f"{name}{loss:.3g}" for name, loss in zip(names, now, strict=True))
        if max(text_width(words, SMALL) for words in said) > page.wide:
            said = [f"epoch {epoch}" for epoch in epochs]

    def show(k: int) -> None:
        clock.set_text(said[k])
        for panel, film in zip(panels, films, strict=True):
            panel(domain.scores(film[k]))

    return gif(picture, len(epochs), show)


# --- parts ---------------------------------------------------------------------------------------------------------


def _grown(look: Look, lines: int, panels: int, domain: Domain | None) -> Look:
    """The look with a height for the names of all lines and for panels of a readable size."""
    wide, tall = look.inches
    names = 2 * (_STEP * (lines + 1) + _GAP) + _TICKS + _NAME
    needed = max(_CURVES, names) if lines else 0.0
    if panels and not (lines and _beside(panels)):
        needed += height_of(panels, wide - 2 * _MARGIN, domain) + 0.45
    if not panels or (lines and _beside(panels)):
        needed = max(needed, tall - 0.7)
    return look.sized(look.width, round((needed + 0.7) * look.dpi))


def _beside(panels: int) -> bool:
    """Whether the panels are few enough to be beside the curves."""
    return panels == 1


def _page(picture: Picture, words: str, caption: str) -> Box:
    """Write title and caption, and return the part of the page between them."""
    wide, tall = (float(side) for side in picture.get_size_inches())
    top = picture.heading(name=words) + 0.05
    return Box(_MARGIN, top, wide - _MARGIN, tall - max(picture.footing(caption), 0.06))


def _split(page: Box, panels: int, domain: Domain | None) -> tuple[Box, Box]:
    """The parts of the page for the curves and the panels: side by side for one panel or a wide page, else stacked."""
    if page.wide > _NARROW and (_beside(panels) or page.wide > 1.5 * page.tall):
        middle = page.left + 0.55 * page.wide
        return page._replace(right=middle - 0.05), page._replace(left=middle + 0.05)
    wanted = height_of(panels, page.wide, domain) + 0.35
    middle = page.bottom - min(wanted, 0.55 * page.tall)
    return page._replace(bottom=middle - 0.08), page._replace(top=middle)


def _caption(histories: Sequence[History], domain: Domain | None, caption: str) -> str:
    dashed = any(history.validation_loss is not None for history in histories)
    hollow = domain is not None and domain.held_out is not None
    how = ", ".join(part for part, is_so in (("thin dashed", dashed), ("hollow", hollow)) if is_so)
    return " · ".join(part for part in (caption, f"{how}: held-out data" if how else "") if part)


def _line(look: Look, index: int, count: int) -> dict[str, Any]:
    """Colour, dash and width of the line of a network; a repeated colour has another dash."""
    turn = index // len(look.colours.series)
    return {"color": colour(look, index, max(count, 2)), "ls": dash((index + turn) % len(DASHES)), "lw": 1.8}


def _curves(
    picture: Picture, histories: Sequence[History], lines: Sequence[dict[str, Any]], box: Box, *, named: bool
) -> None:
    """Draw loss, and accuracy below if it is given and there is room, over the same epochs."""
    right = label_room(picture, [history.label for history in histories]) - _MARGIN if named else 0.16
    below = _TICKS if picture.small else _TICKS + _NAME
    panels = ["loss"]
    if any(history.accuracy is not None for history in histories) and box.tall - below > 1.2:
        panels.append("accuracy")
    each = (box.tall - below - _GAP * (len(panels) - 1)) / len(panels)
    epochs = np.concatenate([np.asarray(history.epoch, np.float64) for history in histories])
    first, last = float(epochs.min()), float(epochs.max())
    for row, name in enumerate(panels):
        above = box.top + row * (each + _GAP)
        place = Box(box.left + _LEFT - _MARGIN, above, box.right - right, above + each)
        axes = place.axes(picture)
        ends, seen = [], [np.empty(0)]
        for history, line in zip(histories, lines, strict=True):
            held_out = _finite(getattr(history, f"validation_{name}"), name)
            if held_out is not None:
                how = {"color": line["color"], "ls": (0, (4, 3)), "lw": 1.0}
                axes.plot(history.epoch, held_out, zorder=2, label=f"{history.label}, held out", **how)
                seen.append(held_out)
            values = _finite(getattr(history, name), name)
            if values is None:
                continue
            seen.append(values)
            axes.plot(history.epoch, values, zorder=3, label=history.label, marker="o" * (len(values) == 1), **line)
            shown = np.flatnonzero(np.isfinite(values))
            if shown.size:
                ends.append((history.label, float(values[shown[-1]]), line["color"], line["ls"]))
                if shown[-1] < len(values) - 1:  # a line that diverged ends with a cross
                    end = np.asarray(history.epoch)[shown[-1]]
                    axes.plot(end, values[shown[-1]], "x", color=line["color"], ms=7, mew=1.6, zorder=4)
        _scale(axes, np.concatenate(seen), name, each)
        axes.set_xlim(first, last if last > first else first + 1)
        axes.xaxis.set_major_locator(MaxNLocator(max(int(place.wide / 0.5), 1), integer=True))
        axes.tick_params(labelbottom=row == len(panels) - 1)
        axes.set_ylabel(name)
        axes.yaxis.set_label_coords(-(_LEFT - 0.2) / place.wide, 0.5)
        if row == len(panels) - 1 and not picture.small:
            axes.set_xlabel("epoch")
        if named:
            fitting = int((each + 2 * _REACH) / (_STEP * 0.98)) + 1
            best = sorted(ends, key=lambda end: end[1], reverse=name == "accuracy")[:fitting]
            end_labels(picture, axes, [end for end in ends if end in best], reach=_REACH)


def _finite(values: ArrayLike | None, name: str) -> NDArray[np.float64] | None:
    """Values with nan where none can be drawn: not finite, or a loss of at most 0 on the logarithmic axis."""
    if values is None:
        return None
    given = np.asarray(values, np.float64)
    return np.where(np.isfinite(given) & ((given > 0) | (name == "accuracy")), given, np.nan)


def _scale(axes: Axes, seen: NDArray[np.float64], name: str, tall: float) -> None:
    """Set scale and ticks of the y axis: logarithmic for a loss, linear for an accuracy."""
    seen = seen[np.isfinite(seen)]
    if not seen.size:
        return
    low, high = float(seen.min()), float(seen.max())
    most = max(int(tall / 0.3), 2)  # ticks that fit
    if name == "accuracy":
        margin = max(0.04 * (high - low), 0.005)
        axes.set_ylim(low - margin, high + margin)
        axes.yaxis.set_major_locator(MaxNLocator(most + 1, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(lambda value, _: number(value))
        return
    axes.set_yscale("log")
    margin = max(high / low, 1.02) ** 0.05
    low, high = low / margin, high * margin
    axes.set_ylim(low, high)
    axes.set_yticks(_ticks(low, high, most))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value, _: number(value))


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers for a logarithmic axis from `low` to `high`, at most `most` of them.

    >>> _ticks(0.03, 1.2, 4)
    [0.03, 0.1, 0.3, 1.0]
    >>> _ticks(1.1, 1.26, 4)
    [1.1, 1.2]
    >>> _ticks(0.008, 2.9, 2)
    [0.01, 1.0]
    """
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    choices = [[float(f"{step}e{decade}") for decade in decades for step in steps] for steps in _STEPS]
    whole = [tick for decade in decades if low <= (tick := float(f"1e{decade}")) <= high]
    choices.append(whole[:: max(-(-(len(whole) - 1) // (most - 1)), 1)])
    for ticks in choices:
        inside = [tick for tick in ticks if low <= tick <= high]
        if 2 <= len(inside) <= most:
            return inside
    linear = MaxNLocator(most - 1, steps=[1, 2, 5, 10]).tick_values(low, high)
    return [round(float(tick), 12) for tick in linear if low <= tick <= high]
