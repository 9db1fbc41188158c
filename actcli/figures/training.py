"""Figures of training: loss and accuracy over epochs, what networks answer, side by side, and how it forms.

    curves([History(label, epoch, loss, accuracy, validation_loss, validation_accuracy), ...], look)
    domain = Domain.over(features, targets)       # a grid for 2 inputs, points along x for 1
    answers(domain, [Answer(label, network(domain.points)), ...], look)
    together(histories, domain, fits, look)       # curves above, answers under them
    forming(domain, epochs, [Answer(label, an array a frame), ...], look) -> the bytes of a GIF

All but the last give a Picture; each takes title= and caption=. `moments` says which epochs to take frames at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.figures.animation import gif
from actcli.figures.canvas import (
    SMALL,
    Axes,
    Line2D,
    NullLocator,
    Picture,
    colour,
    dash,
    end_labels,
    label_room,
    style,
)
from actcli.figures.curves import columns_for, number
from actcli.figures.data import draw_regions, draw_samples
from actcli.figures.look import DASHES, MARKERS, Look

_LEFT, _RIGHT, _TICKS, _NAME = 0.72, 0.18, 0.3, 0.22  # inches: beside the axes, under them, and for the axis's name
_STEP = SMALL / 72 * 1.28  # inches from one name to the next
_NARROW = 3.6  # inches: a page narrower than this has the names of its lines above them
_CELLS = 160  # of a grid, along each side
_FRAMES = 48


@dataclass(frozen=True)
class History:
    """How one network learned: a value an entry of `epoch`; nan and inf where it diverged."""

    label: str
    epoch: Sequence[float]
    loss: ArrayLike
    accuracy: ArrayLike | None = None
    validation_loss: ArrayLike | None = None
    validation_accuracy: ArrayLike | None = None


@dataclass(frozen=True)
class Domain:
    """Where the answers of networks with one or two inputs are drawn, and the samples they learn from.

    features: (n, inputs). targets: (n,) classes, or (n, 1) values of a curve. axes: the grid's places along each input.
    classes: names, where they are not their numbers.
    """

    features: NDArray[np.float64]
    targets: NDArray[Any]
    axes: tuple[NDArray[np.float64], ...]
    classes: tuple[str, ...] = ()

    @classmethod
    def over(cls, features: ArrayLike, targets: ArrayLike, classes: tuple[str, ...] = ()) -> Domain:
        """The square around samples with two features, the span of samples with one.

        >>> Domain.over([[0.0, 0.0], [2.0, 1.0]], [0, 1]).points.shape
        (25600, 2)

        Raises ValueError for more features, and for values of a surface.
        """
        samples, labels = np.asarray(features, np.float64), np.asarray(targets)
        inputs = samples.shape[1]
        if inputs > 2 or (inputs == 2 and labels.ndim != 1):
            raise ValueError(
                f"answers are drawn for 1 input, or 2 inputs and classes; this network has {inputs} inputs"
                + ("" if labels.ndim == 1 else " and values")
            )
        low, high = samples.min(axis=0), samples.max(axis=0)
        centre = (low + high) / 2
        if inputs == 1:
            return cls(samples, labels, (np.linspace(low[0], high[0], 401),), classes)
        reach = max(float((high - low).max()) / 2, 1e-9) * 1.08
        return cls(samples, labels, tuple(np.linspace(c - reach, c + reach, _CELLS) for c in centre), classes)

    @property
    def points(self) -> NDArray[np.float64]:
        """The inputs to run the network on, (m, inputs): row by row of the grid."""
        return np.stack(np.meshgrid(*self.axes), axis=-1).reshape(-1, len(self.axes))

    @property
    def names(self) -> list[str]:
        """The classes by name; none for a curve."""
        if self.targets.ndim != 1:
            return []
        return list(self.classes) or [f"class {k}" for k in np.unique(self.targets).tolist()]

    def scores(self, outputs: ArrayLike) -> NDArray[np.float64]:
        """Outputs at `points` on the grid; a single output for two classes becomes the probability of each."""
        values = np.asarray(outputs, np.float64)
        values = values.reshape(len(self.points), -1)
        if self.targets.ndim == 1 and values.shape[1] == 1:
            values = np.hstack([1 - values, values])
        return values.reshape(*(len(axis) for axis in reversed(self.axes)), values.shape[1])


@dataclass(frozen=True)
class Answer:
    """What one network gives at a domain's points, (m, outputs); or at each frame, (frames, m, outputs)."""

    label: str
    outputs: ArrayLike


def curves(histories: Sequence[History], look: Look, *, title: str = "", caption: str = "") -> Picture:
    """Loss, on a logarithmic axis, and accuracy over epochs, a line a network, held-out data dashed in its colour."""
    return together(histories, None, (), look, title=title, caption=caption)


def answers(domain: Domain, fits: Sequence[Answer], look: Look, *, title: str = "", caption: str = "") -> Picture:
    """What networks answer, side by side: decision regions for two inputs, fitted curves for one."""
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
    """Curves above what the networks answer; the figure grows with the number of networks unless its size was asked."""
    if not look.exact:
        look = _grown(look, len(histories), len(fits))
    words = title or "training"
    with style(look):
        picture = Picture(look, words, caption or words)
        top = picture.heading(name=words) + 0.05
        foot = picture.footing(_caption(histories, caption))
        bottom = picture.get_size_inches()[1] - foot
        middle = bottom if not fits else top if not histories else top + (bottom - top) * _share(len(fits))
        if histories:
            _curves(picture, histories, top, middle)
        if domain is not None:
            _answers(picture, domain, fits, middle if histories else top, bottom)
    return picture


def moments(epochs: int, frames: int = _FRAMES) -> list[int]:
    """Epochs to take a frame of `forming` at, from 0: dense at the beginning, where most happens, the last among them.

    >>> moments(10, 6)
    [0, 1, 2, 3, 6, 10]
    """
    spread = np.geomspace(1, epochs + 1, min(frames, epochs + 1)) - 1
    # Early epochs come closer than one to the next: then each is a frame of its own.
    steps = np.maximum(np.round(spread), np.arange(len(spread)))
    return [int(step) for step in steps]


def forming(
    domain: Domain, epochs: Sequence[int], fits: Sequence[Answer], look: Look, *, title: str = "", caption: str = ""
) -> bytes:
    """A looping GIF of the answers as they form: a frame an entry of `epochs`, the last one held.

    `fits` have an array a frame. Raises ValueError if they have another number of frames than there are epochs.
    """
    frames = [[np.asarray(fit.outputs)[k] for fit in fits] for k in range(len(epochs))]
    for fit in fits:
        if len(np.asarray(fit.outputs)) != len(epochs):
            raise ValueError(f"{fit.label} has {len(np.asarray(fit.outputs))} frames for {len(epochs)} epochs")
    if not look.exact:
        look = _grown(look, 0, len(fits))
    words = title or "training"
    last = [Answer(fit.label, frame) for fit, frame in zip(fits, frames[-1], strict=True)]
    with style(look):
        picture = Picture(look, words, caption or words)
        top = picture.heading(name=words)
        clock = picture.line(0.12, top, "", va="top", fontsize=SMALL)
        panels = _answers(picture, domain, last, top + 0.2, picture.get_size_inches()[1] - picture.footing(caption))

    def show(k: int) -> None:
        clock.set_text(f"epoch {epochs[k]}")
        for panel, outputs in zip(panels, frames[k], strict=True):
            panel(domain.scores(outputs))

    return gif(picture, len(epochs), show)


# --- parts ---------------------------------------------------------------------------------------------------------


def _grown(look: Look, lines: int, panels: int) -> Look:
    """A canvas with room for the names of all lines and for panels of a readable size."""
    wide, tall = look.inches
    columns, rows = _grid(panels, wide, None) if panels else (0, 0)
    curves_take = max(2.9, 2 * (0.3 + _STEP * lines)) if lines else 0.0
    panels_take = rows * min((wide - 0.4) / columns, 2.6) + 0.4 if panels else 0.0
    needed = 0.8 + curves_take + panels_take
    if lines and not panels:
        needed = max(needed, tall)
    return look.sized(look.width, round(needed * look.dpi))


def _grid(panels: int, wide: float, tall: float | None) -> tuple[int, int]:
    """Columns and rows of panels as square as can be; at most five beside each other where the height is free."""
    if tall is None:
        rows = -(-panels // 5) if panels == 5 else -(-panels // 4)
        columns = -(-panels // rows)
    else:
        columns = columns_for(panels, wide, tall / 1.5)  # it looks for three by two, here one by one is wanted
    return columns, -(-panels // columns)


def _share(panels: int) -> float:
    """How much of a figure the curves take above so many panels."""
    columns, rows = _grid(panels, 6.4, None)
    return 2.9 / (2.9 + rows * min(6.0 / columns, 2.6) + 0.4)


def _caption(histories: Sequence[History], caption: str) -> str:
    if not any(history.validation_loss is not None for history in histories):
        return caption
    return "\n".join(part for part in (caption, "solid: training data · dashed: held-out data") if part)


def _line(look: Look, index: int, count: int, *, validated: bool) -> dict[str, Any]:
    """Colour and dash of a network's line; with held-out data, whose lines are dashed, markers instead of dashes."""
    ink = colour(look, index, max(count, 2))
    turn = index // len(look.colours.series)  # colours come again with another dash
    if validated:
        return {"color": ink, "ls": "-", "marker": MARKERS[(index + turn) % len(MARKERS)], "ms": 4.0, "lw": 1.6}
    return {"color": ink, "ls": dash((index + turn) % len(DASHES)), "lw": 1.8}


def _curves(picture: Picture, histories: Sequence[History], top: float, bottom: float) -> None:
    """Loss, and accuracy under it if there is one, over the same epochs."""
    look = picture.look
    validated = any(history.validation_loss is not None for history in histories)
    lines = [_line(look, k, len(histories), validated=validated) for k in range(len(histories))]
    wide = float(picture.get_size_inches()[0])
    tall = float(picture.get_size_inches()[1])
    is_narrow = wide < _NARROW
    if is_narrow:
        handles = [Line2D([], [], **line) for line in lines]
        top += _key(picture, [history.label for history in histories], handles, top)
    right = _RIGHT if is_narrow else label_room(picture, [history.label for history in histories])
    panels = ["loss", "accuracy"] if any(history.accuracy is not None for history in histories) else ["loss"]
    below = _TICKS + (0.06 if picture.small else _NAME)
    each = (bottom - top - below - 0.14 * (len(panels) - 1)) / len(panels)
    last = max(float(np.max(history.epoch)) for history in histories)
    for row, name in enumerate(panels):
        above = top + row * (each + 0.14)
        axes = picture.panel(_LEFT, above, right, tall - above - each)
        ends: list[tuple[str, float, str, Any]] = []
        seen: list[NDArray[np.float64]] = []
        for history, line in zip(histories, lines, strict=True):
            epoch = np.asarray(history.epoch, np.float64)
            for kind in ("", "validation_"):
                values = getattr(history, kind + name)
                if values is None:
                    continue
                drawn = np.asarray(values, np.float64)
                drawn = np.where(np.isfinite(drawn) & ((drawn > 0) | (name == "accuracy")), drawn, np.nan)
                how = {"color": line["color"], "ls": (0, (3, 1.5)), "lw": 1.1, "label": f"_{history.label}"}
                if not kind:
                    how = {**line, "label": history.label, "markevery": max(len(drawn) // 6, 1)}
                    if len(drawn) == 1:
                        how["marker"] = line.get("marker", "o")
                axes.plot(epoch, drawn, zorder=3, **how)
                seen.append(drawn[np.isfinite(drawn)])
                if not kind and seen[-1].size:
                    ends.append((history.label, float(seen[-1][-1]), line["color"], line["ls"]))
                    if np.isnan(drawn[-1]):  # it diverged: the line ends in a cross
                        at = int(np.flatnonzero(np.isfinite(drawn))[-1])
                        axes.plot(epoch[at], drawn[at], "x", color=line["color"], ms=7, mew=1.6, zorder=4)
        _scale(axes, np.concatenate(seen) if seen else np.empty(0), name, each)
        first = min(float(np.min(history.epoch)) for history in histories)
        axes.set_xlim(first, last if last > first else first + 1)
        axes.locator_params(axis="x", nbins=max(int((wide - _LEFT - right) / 0.7), 2), integer=True)
        axes.tick_params(labelbottom=row == len(panels) - 1)
        axes.set_ylabel(name)
        axes.yaxis.set_label_coords(-(_LEFT - 0.2) / (wide - _LEFT - right), 0.5)
        if row == len(panels) - 1 and not picture.small:
            axes.set_xlabel("epoch")
        if not is_narrow:
            fitting = int((each + 0.3) / (_STEP * 0.98)) + 1
            best = sorted(ends, key=lambda end: end[1], reverse=name == "accuracy")
            end_labels(picture, axes, [end for end in ends if end in best[:fitting]])


def _scale(axes: Axes, seen: NDArray[np.float64], name: str, tall: float) -> None:
    """The upright axis: logarithmic with plain numbers for a loss, up to 1 for an accuracy."""
    if not seen.size:
        return
    low, high = float(seen.min()), float(seen.max())
    most = max(int(tall / 0.24), 2)  # ticks that fit
    if name == "accuracy":
        margin = max(0.04 * (high - low), 0.005)
        axes.set_ylim(low - margin, high + margin)
        axes.locator_params(axis="y", nbins=most, steps=[1, 2, 5, 10])
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

    >>> _ticks(0.03, 1.2, 5)
    [0.1, 1.0]
    >>> _ticks(0.03, 1.2, 6)
    [0.05, 0.1, 0.2, 0.5, 1.0]
    """
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    stride = max(-(-len(decades) // most), 1)
    for steps in ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        ticks = [float(f"{step}e{decade}") for decade in decades for step in steps]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if 2 <= len(ticks) <= most:
            return ticks
    if len(ticks) > most:
        return [float(f"1e{decade}") for decade in decades if decade % stride == 0 and low <= 10.0**decade <= high]
    step = 10.0 ** np.floor(np.log10((high - low) / 2))
    linear = np.arange(np.ceil(low / step), np.floor(high / step) + 1)
    return [float(f"{tick * step:.12g}") for tick in linear[:: -(-len(linear) // most)]]


def _key(picture: Picture, names: Sequence[str], handles: Sequence[Line2D], top: float) -> float:
    """Name lines or markers in rows below `top`, a sample of each before its name; the inches they take."""
    wide, tall = picture.get_size_inches()
    x, y = 0.14, top + 0.08
    for name, handle in zip(names, handles, strict=True):
        sample = 0.3 if str(handle.get_linestyle()) != "None" else 0.08
        text = picture.line(x + sample + 0.08, y, name, va="center_baseline", fontsize=SMALL)
        room = sample + 0.08 + picture.extent(text)[0] + 0.2
        if x > 0.14 and x + room - 0.2 > wide - 0.1:
            x, y = 0.14, y + 0.19
            text.set_position(((x + sample + 0.08) / wide, 1 - y / tall))
        places = [x / wide, (x + sample) / wide] if sample > 0.1 else [(x + 0.04) / wide]
        handle.set_data(places, [1 - (y - 0.005) / tall] * len(places))
        picture.add_artist(handle)
        x += room
    return float(y - top + 0.16)


def _answers(
    picture: Picture, domain: Domain, fits: Sequence[Answer], top: float, bottom: float
) -> list[Callable[[NDArray[np.float64]], None]]:
    """A panel a network; for each what draws other scores into it."""
    look = picture.look
    wide, tall = (float(side) for side in picture.get_size_inches())
    names, count = domain.names, len(domain.names)
    if 1 < count <= 12:
        markers = [
            Line2D([], [], ls="", marker=MARKERS[k % len(MARKERS)], ms=5, color=colour(look, k, count))
            for k in range(count)
        ]
        top += _key(picture, names, markers, top) + 0.02
    is_plane = len(domain.axes) == 2
    columns, rows = _grid(len(fits), wide, bottom - top)
    left, below = (0.12, 0.08) if is_plane else (0.5, _TICKS)
    across, down = (wide - left - 0.12) / columns, (bottom - top - below) / rows
    limits = None if is_plane else _limits(domain, fits)
    panels = []
    for k, fit in enumerate(fits):
        row, column = divmod(k, columns)
        x, y = left + column * across, top + row * down
        axes = picture.panel(x + 0.04, y + 0.2, wide - x - across + 0.04, tall - y - down + 0.06)
        title = axes.set_title(fit.label, fontsize=SMALL, pad=3)
        while picture.extent(title)[0] > across - 0.1 and len(title.get_text()) > 2:
            title.set_text(title.get_text().rstrip("…")[:-1] + "…")
        if is_plane:
            axes.set_anchor("NW")
            axes.tick_params(labelleft=False, labelbottom=False, length=0)
            size = min(max(1.2 * min(across, down), 1.5), 4.0) * (1.0 if len(domain.features) <= 600 else 0.7)
            draw_samples(axes, domain.features, domain.targets, replace(look, series=count), size)
            panel = _plane_of(axes, domain, look)
        else:
            axes.tick_params(labelleft=column == 0, labelbottom=k + columns >= len(fits), length=0)
            axes.locator_params(axis="x", nbins=4)
            axes.locator_params(axis="y", nbins=4)
            assert limits is not None
            axes.set_ylim(*limits)
            panel = _line_of(axes, domain, look)
        panel(domain.scores(fit.outputs))
        panels.append(panel)
    return panels


def _plane_of(axes: Axes, domain: Domain, look: Look) -> Callable[[NDArray[np.float64]], None]:
    def draw(scores: NDArray[np.float64]) -> None:
        for artist in [*axes.images, *axes.collections]:
            artist.remove()
        draw_regions(axes, domain.axes[0], domain.axes[1], scores, look)

    return draw


def _line_of(axes: Axes, domain: Domain, look: Look) -> Callable[[NDArray[np.float64]], None]:
    x = domain.axes[0]
    axes.set_xlim(x[0], x[-1])
    if domain.targets.ndim == 1:
        draw_samples(axes, np.c_[domain.features, np.zeros(len(domain.features))], domain.targets, look, 3.0)
    else:
        axes.plot(domain.features[:, 0], domain.targets[:, 0], "o", ms=2.5, color=look.colours.zero, zorder=2)
    lines: list[Line2D] = []

    def draw(scores: NDArray[np.float64]) -> None:
        for k in range(scores.shape[1]):
            if k == len(lines):
                lines.extend(axes.plot(x, scores[:, k], color=colour(look, k, scores.shape[1]), ls=dash(k), zorder=3))
            lines[k].set_ydata(scores[:, k])

    return draw


def _limits(domain: Domain, fits: Sequence[Answer]) -> tuple[float, float]:
    """Of the upright axis of fitted curves: the samples, and as much of the curves as is near them."""
    if domain.targets.ndim == 1:
        return -0.08, 1.08
    low, high = float(np.min(domain.targets)), float(np.max(domain.targets))
    reach = max(high - low, 1e-9)
    outputs = np.concatenate([np.asarray(fit.outputs, np.float64).reshape(-1) for fit in fits])
    outputs = outputs[np.isfinite(outputs)]
    lowest, highest = (float(outputs.min()), float(outputs.max())) if outputs.size else (low, high)
    margin = 0.06 * reach
    return max(min(low, lowest), low - reach / 2) - margin, min(max(high, highest), high + reach / 2) + margin
