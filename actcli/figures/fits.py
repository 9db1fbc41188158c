"""The outputs of networks with one or two inputs in panels: decision regions, fitted surfaces and curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.figures.axes import number
from actcli.figures.canvas import SMALL, Axes, Line2D, MaxNLocator, Picture, colour, dash
from actcli.figures.data import CONTOURS, draw_regions, draw_samples
from actcli.figures.keys import Box, draw_key, draw_sample
from actcli.figures.look import MARKERS, Look
from actcli.figures.surface import USUAL_ROOM, Scale, draw_surface, draw_values, limits, sample_size, span_of

_CELLS = 160  # along each side of a grid
_GAP, _TITLE, _TICKS, _LEFT = 0.14, 0.22, 0.24, 0.45  # inches: between panels, above, below and left of a panel
_ROOMY = 1.5  # inches; a smaller panel has fewer contours and smaller samples


@dataclass(frozen=True)
class Domain:
    """The grid of inputs on which outputs of networks are drawn, and the samples of the training.

    features: (n, inputs). targets: (n,) classes, or (n, 1) values of a curve or surface. axes: the coordinates of the
    grid along each input. classes: names of the classes, if any. held_out: (n,), True for samples not trained on.
    """

    features: NDArray[np.float64]
    targets: NDArray[Any]
    axes: tuple[NDArray[np.float64], ...]
    classes: tuple[str, ...] = ()
    held_out: NDArray[np.bool_] | None = None

    @classmethod
    def over(
        cls,
        features: ArrayLike,
        targets: ArrayLike,
        classes: tuple[str, ...] = (),
        held_out: ArrayLike | None = None,
    ) -> Domain:
        """The domain of some samples: a square for classes of two features, else the range of each feature.

        >>> Domain.over([[0.0, 0.0], [2.0, 1.0]], [0, 1]).points.shape
        (25600, 2)

        Raises ValueError for more than two features, and for several values over two features.
        """
        samples, labels = np.asarray(features, np.float64), np.asarray(targets)
        inputs = samples.shape[1]
        if inputs > 2 or (inputs == 2 and labels.ndim != 1 and labels.shape[1] != 1):
            raise ValueError(
                f"answers are drawn for 1 input, or 2 inputs and classes or one value; this network has {inputs} inputs"
                + ("" if labels.ndim == 1 else f" and {labels.shape[1]} values")
            )
        hollow = None if held_out is None else np.asarray(held_out, dtype=bool)
        low, high = samples.min(axis=0), samples.max(axis=0)
        centre = (low + high) / 2
        if inputs == 1:
            return cls(samples, labels, (np.linspace(low[0], high[0], 401),), classes, hollow)
        if labels.ndim != 1:
            return cls(samples, labels, tuple(span_of(column, _CELLS) for column in samples.T), classes, hollow)
        reach = max(float((high - low).max()) / 2, 1e-9) * 1.08
        grid = tuple(np.linspace(c - reach, c + reach, _CELLS) for c in centre)
        return cls(samples, labels, grid, classes, hollow)

    @property
    def points(self) -> NDArray[np.float64]:
        """The points of the grid row by row, (m, inputs), for which the outputs are needed."""
        return np.stack(np.meshgrid(*self.axes), axis=-1).reshape(-1, len(self.axes))

    @property
    def is_surface(self) -> bool:
        """Whether the output is a value over two inputs."""
        return len(self.axes) == 2 and self.targets.ndim == 2

    @property
    def names(self) -> list[str]:
        """The names of the classes; empty for values."""
        if self.targets.ndim != 1:
            return []
        return list(self.classes) or [f"class {k}" for k in np.unique(self.targets).tolist()]

    def scores(self, outputs: ArrayLike) -> NDArray[np.float64]:
        """Outputs at `points` in the shape of the grid; a single output for two classes becomes two probabilities."""
        values = np.asarray(outputs, np.float64)
        values = values.reshape(len(self.points), -1)
        if self.targets.ndim == 1 and values.shape[1] == 1:
            values = np.hstack([1 - values, values])
        return values.reshape(*(len(axis) for axis in reversed(self.axes)), values.shape[1])


@dataclass(frozen=True)
class Answer:
    """The outputs of one network at the points of a domain, (m, outputs), or in each frame, (frames, m, outputs).

    note: text after its name, such as an accuracy; brief: a shorter note for narrow panels.
    """

    label: str
    outputs: ArrayLike
    note: str = ""
    brief: str = ""


def columns_of(panels: int, wide: float, tall: float) -> int:
    """The number of columns for which square panels are largest.

    >>> [columns_of(count, 6.0, 2.6) for count in (1, 2, 4, 5, 8)]
    [1, 2, 4, 5, 4]
    """
    return max(range(1, panels + 1), key=lambda columns: _side(panels, columns, wide, tall))


def height_of(panels: int, wide: float, domain: Domain | None) -> float:
    """The height in inches of the panels on a page `wide` inches wide, in rows of at most five."""
    if domain is not None and domain.is_surface:
        wide -= USUAL_ROOM
    columns = panels if panels <= 5 else -(-panels // -(-panels // 4))
    side = min(wide / columns - _GAP, 2.9)
    return -(-panels // columns) * (side + _TITLE + _GAP)


def draw_answers(
    picture: Picture,
    domain: Domain,
    fits: Sequence[Answer],
    box: Box,
    lines: Mapping[str, dict[str, Any]] | None = None,
) -> list[Callable[[NDArray[np.float64]], None]]:
    """Draw a panel for each network in a part of a page, and return for each a function that draws other scores.

    `lines` are the styles of the networks' lines in a figure of curves, by label; a sample of each line is then drawn
    before its name.
    """
    look = picture.look
    is_plane = len(domain.axes) == 2
    left, below = (0.0, 0.0) if is_plane else (_LEFT, _TICKS)
    scale = None
    if domain.is_surface:
        answers = np.concatenate([np.asarray(fit.outputs, np.float64).reshape(-1) for fit in fits])
        scale = Scale(*limits(answers, domain.targets[:, 0]), look)
        box = box._replace(right=box.right - scale.room)
    columns = columns_of(len(fits), box.wide - left, box.tall - below)
    rows = -(-len(fits) // columns)
    across, down = (box.wide - left) / columns, (box.tall - below) / rows
    side = _side(len(fits), columns, box.wide - left, box.tall - below)
    if is_plane:
        across, down = min(across, side + 2.5 * _GAP), min(down, side + _TITLE + _GAP)
        left = (box.wide - columns * across) / 2
    heights = None if is_plane else _limits(domain, fits)
    prune = "upper" if columns > 1 else None  # the last tick label would touch the first of the next panel
    panels, heads = [], []
    for k, fit in enumerate(fits):
        row, column = divmod(k, columns)
        x, y = box.left + left + column * across, box.top + row * down
        place = Box(x + _GAP / 2, y + _TITLE, x + across - _GAP / 2, y + down - _GAP / 2)
        axes = place.axes(picture)
        if is_plane:
            axes.tick_params(labelleft=False, labelbottom=False, length=0)
            panel = _surface(axes, domain, look, scale, side) if scale else _plane(axes, domain, look, side)
        else:
            axes.tick_params(labelleft=column == 0, labelbottom=k + columns >= len(fits), length=0)
            axes.xaxis.set_major_locator(MaxNLocator(max(int(across / 0.5), 1), steps=[1, 2, 5, 10], prune=prune))
            axes.yaxis.set_major_locator(MaxNLocator(max(min(int(down / 0.3), 5), 1), steps=[1, 2, 5, 10]))
            axes.xaxis.set_major_formatter(lambda value, _: number(value))
            axes.yaxis.set_major_formatter(lambda value, _: number(value))
            assert heights is not None
            axes.set_ylim(*heights)
            panel = _line(axes, domain, look, (lines or {}).get(fit.label))
        panel(domain.scores(fit.outputs))
        axes.apply_aspect()
        from_left = axes.get_position().x0 * float(picture.get_size_inches()[0])
        heads.append(_Head(fit, from_left, y + _TITLE / 2, x + across - from_left - 0.03, (lines or {}).get(fit.label)))
        panels.append(panel)
    if scale is not None:
        beside = box.left + left + columns * across
        scale.draw_bar(picture, Box(beside + _GAP / 2, box.top + _TITLE / 2, beside + scale.room, place.bottom))
    # Readers compare the notes, so all are full, all brief, or all left out. A name that does not fit has no note.
    whole = [head for head in heads if _is_room(picture, head, "")]
    in_full = all(_is_room(picture, head, head.fit.note) for head in whole)
    in_brief = all(_is_room(picture, head, head.fit.brief) for head in whole)
    sampled = len(whole) == len(heads)  # samples of lines are before all names or none
    for head in heads:
        _headline(picture, head, head.fit.note if in_full else head.fit.brief if in_brief else "", sampled=sampled)
    return panels


def class_key(picture: Picture, domain: Domain, box: Box, panels: int) -> float:
    """Draw the key of classes and contours if there are 2 to 12 classes, and return its height in inches."""
    count = len(domain.names)
    if not 1 < count <= 12:
        return 0.0
    handles = [
        Line2D([], [], ls="None", marker=MARKERS[k % len(MARKERS)], ms=5, color=colour(picture.look, k, count))
        for k in range(count)
    ]
    names = list(domain.names)
    if len(domain.axes) == 2:
        levels = _levels(_side(panels, columns_of(panels, box.wide, box.tall), box.wide, box.tall))
        names.append("p = " + ", ".join(f"{level:g}" for level in levels))
        handles.append(Line2D([], [], lw=CONTOURS[levels[0]], color=picture.look.colours.muted))
    return draw_key(picture, names, handles, box)


# --- parts ---------------------------------------------------------------------------------------------------------


def _side(panels: int, columns: int, wide: float, tall: float) -> float:
    """The side of a square panel."""
    return min(wide / columns - _GAP, tall / -(-panels // columns) - _TITLE - _GAP / 2)


def _levels(side: float) -> tuple[float, ...]:
    """The probabilities whose contours a panel of this side shows."""
    return tuple(CONTOURS) if side > _ROOMY else tuple(CONTOURS)[:1]


class _Head(NamedTuple):
    """The position in inches of the name above a panel, and the style of the network's line for a sample, if any."""

    fit: Answer
    left: float
    level: float
    room: float
    line: dict[str, Any] | None

    @property
    def sample(self) -> float:
        return 0.0 if self.line is None else 0.3


def _is_room(picture: Picture, head: _Head, note: str) -> bool:
    """Whether a note fits beside the name."""
    text = picture.line(0, 0, f"{head.fit.label}  {note}".rstrip(), fontsize=SMALL)
    wide = picture.extent(text)[0]
    text.remove()
    return wide + head.sample <= head.room


def _headline(picture: Picture, head: _Head, note: str, *, sampled: bool) -> None:
    """Write the name of a panel and its note, if both fit, after a sample of the network's line or in its colour."""
    name = f"{head.fit.label}  {note}" if note and _is_room(picture, head, note) else head.fit.label
    text = picture.line(head.left, head.level, name, va="center_baseline", fontsize=SMALL)
    if head.line is not None and sampled:
        draw_sample(picture, Line2D([], [], **head.line), head.left, head.level, head.sample - 0.06)
        text.set_x((head.left + head.sample) / float(picture.get_size_inches()[0]))
    elif head.line is not None:
        text.set_color(head.line["color"])
    while picture.extent(text)[0] > head.room and len(text.get_text()) > 2:
        text.set_text(text.get_text().rstrip("…")[:-1] + "…")


def _plane(axes: Axes, domain: Domain, look: Look, side: float) -> Callable[[NDArray[np.float64]], None]:
    size = min(max(1.9 * side, 0.8), 4.0) * (1.0 if len(domain.features) <= 600 else 0.7)
    draw_samples(axes, domain.features, domain.targets, look, size, domain.held_out)
    levels = _levels(side)

    def draw(scores: NDArray[np.float64]) -> None:
        for artist in [*axes.images, *axes.collections]:
            artist.remove()
        draw_regions(axes, domain.axes[0], domain.axes[1], scores, look, levels)

    return draw


def _surface(
    axes: Axes, domain: Domain, look: Look, scale: Scale, side: float
) -> Callable[[NDArray[np.float64]], None]:
    across, up = domain.axes
    size = sample_size(side, len(domain.features))
    draw_values(axes, domain.features, domain.targets[:, 0], scale, look, domain.held_out, size=size)
    axes.set_xlim(across[0], across[-1])
    axes.set_ylim(up[0], up[-1])
    last: list[Callable[[], None]] = []

    def draw(scores: NDArray[np.float64]) -> None:
        for remove in last:
            remove()
        last[:] = [draw_surface(axes, across, up, scores[..., 0], scale)]

    return draw


def _line(axes: Axes, domain: Domain, look: Look, own: dict[str, Any] | None) -> Callable[[NDArray[np.float64]], None]:
    """Prepare a panel for outputs as curves; a single output has the style `own`, if given."""
    x = domain.axes[0]
    axes.set_xlim(x[0], x[-1])
    if domain.targets.ndim == 1:
        level = np.c_[domain.features, np.zeros(len(domain.features))]
        draw_samples(axes, level, domain.targets, look, 3.0, domain.held_out)
    else:
        hollow = np.zeros(len(domain.features), dtype=bool) if domain.held_out is None else domain.held_out
        for chosen, face in ((~hollow, look.colours.zero), (hollow, look.colours.ground)):
            how: dict[str, Any] = {"ms": 2.5, "mec": look.colours.zero, "mfc": face, "zorder": 2}
            if chosen.any():
                axes.plot(domain.features[chosen, 0], domain.targets[chosen, 0], "o", **how)
    lines: list[Line2D] = []

    def draw(scores: NDArray[np.float64]) -> None:
        for k in range(scores.shape[1]):
            if k == len(lines):
                usual = {"color": colour(look, k, scores.shape[1]), "ls": dash(k)}
                lines.extend(axes.plot(x, scores[:, k], **(own if own and scores.shape[1] == 1 else usual), zorder=3))
            lines[k].set_ydata(scores[:, k])

    return draw


def _limits(domain: Domain, fits: Sequence[Answer]) -> tuple[float, float]:
    """Limits of y for fitted curves: the samples, and the curves up to half the range of the samples beyond them."""
    if domain.targets.ndim == 1:
        return -0.08, 1.08
    low, high = float(np.min(domain.targets)), float(np.max(domain.targets))
    reach = max(high - low, 1e-9)
    outputs = np.concatenate([np.asarray(fit.outputs, np.float64).reshape(-1) for fit in fits])
    outputs = outputs[np.isfinite(outputs)]
    lowest, highest = (float(outputs.min()), float(outputs.max())) if outputs.size else (low, high)
    margin = 0.06 * reach
    return max(min(low, lowest), low - reach / 2) - margin, min(max(high, highest), high + reach / 2) + margin
