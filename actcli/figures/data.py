"""Figures of data and of outputs of networks: samples, decision regions, curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.figures.axes import name_axes
from actcli.figures.canvas import (
    SMALL,
    Axes,
    Line2D,
    ListedColormap,
    Picture,
    colour,
    dash,
    end_labels,
    label_room,
    style,
    text_width,
    to_rgb,
)
from actcli.figures.look import MARKERS, Look, shortened

_LEFT, _RIGHT, _TICKS = 0.6, 0.18, 0.3
CONTOURS = {0.5: 1.4, 0.75: 0.9, 0.95: 0.6}  # line widths of the contours, by probability of a class
_KEY = 0.2  # inches from one name of the key to the next
_LETTERS = 20  # of the longest name
_DENSE = 200  # this many samples of a curve look like a line
_MESH = 240  # cells along the longer side of a decision map


def scatter(
    X: ArrayLike,
    y: ArrayLike | None,
    look: Look,
    *,
    held_out: ArrayLike | None = None,
    title: str = "",
    caption: str = "",
) -> Picture:
    """Samples in the plane with equal aspect, colour and marker by class if given, and hollow if held out.

    X is (n, 2), y (n,) class numbers or None, held_out (n,) truth values or None.
    """
    points = _plane(X)
    labels = None if y is None else np.asarray(y)
    look = look.holding(2.0, 1.1 + _KEY * _classes(labels))
    with style(look):
        picture = Picture(look, title or f"{len(points)} samples", caption or f"{len(points)} samples")
        axes = _square(picture, points, labels, caption, names=("x", "y"))
        hollow = None if held_out is None else np.asarray(held_out, dtype=bool)
        draw_samples(axes, points, labels, look, hollow=hollow)
    return picture


def regions(
    predict: Callable[[NDArray[np.float64]], ArrayLike],
    X: ArrayLike,
    y: ArrayLike | None,
    look: Look,
    *,
    classes: Sequence[str] = (),
    names: Sequence[str] = (),
    title: str = "",
    caption: str = "",
) -> Picture:
    """The outputs of a network over the plane of its two inputs: class tints, probability contours, and the samples.

    `predict` takes (m, 2) points and returns (m, classes) scores, the largest of which is the class. With class numbers
    y, the title contains the accuracy on X. classes, names: the names of the classes and of the two inputs, if any.
    """
    points = _plane(X)
    labels = None if y is None else np.asarray(y)
    words = title or "decision regions"
    if labels is not None:
        right = float(np.mean(np.argmax(np.asarray(predict(points)), axis=1) == labels))
        words = f"{words}: accuracy {right:.1%}"
    count = _classes(labels)
    look = look.holding(2.9, 1.55 + _KEY * (count + (len(CONTOURS) if count else 0)))
    with style(look):
        picture = Picture(look, words, caption or words)
        axes = _square(
            picture,
            points,
            labels,
            caption,
            names=[shortened(name, _LETTERS) for name in names] or ("x₀", "x₁"),
            classes=[shortened(name, _LETTERS) for name in classes],
            under=[f"p = {level:g}" for level in CONTOURS],
        )
        low, high = axes.get_xlim(), axes.get_ylim()
        across = np.linspace(*low, _MESH)
        up = np.linspace(*high, _MESH)
        mesh = np.stack(np.meshgrid(across, up), axis=-1)
        scores = np.asarray(predict(mesh.reshape(-1, 2)), dtype=np.float64).reshape(_MESH, _MESH, -1)
        draw_regions(axes, across, up, scores, look)
        _contour_key(picture, axes, count, [level for level in CONTOURS if scores.min() < level < scores.max()])
        draw_samples(axes, points, labels, look)
    return picture


def draw_regions(
    axes: Axes,
    across: NDArray[np.float64],
    up: NDArray[np.float64],
    scores: NDArray[np.float64],
    look: Look,
    contours: Sequence[float] = tuple(CONTOURS),
) -> None:
    """Draw class tints and probability contours of scores (up, across, classes) on a grid."""
    count = scores.shape[-1]
    inks = [colour(look, k, count) for k in range(count)]
    tints = [_mixed(ink, look.colours.ground, 0.28) for ink in inks]
    axes.imshow(
        np.argmax(scores, axis=-1), origin="lower", extent=(across[0], across[-1], up[0], up[-1]),
        cmap=ListedColormap(tints), vmin=-0.5, vmax=count - 0.5, aspect="equal", interpolation="nearest", zorder=0,
    )  # fmt: skip
    for k, ink in enumerate(inks):
        share = scores[..., k]
        levels = [level for level in contours if share.min() < level < share.max()]
        if levels:
            widths = [CONTOURS[level] for level in levels]
            axes.contour(across, up, share, levels=levels, colors=[ink], linewidths=widths, zorder=2)
    axes.grid(False)


def curve(
    x: ArrayLike,
    y: ArrayLike,
    look: Look,
    *,
    samples: tuple[ArrayLike, ArrayLike] | None = None,
    label: str = "output",
    title: str = "",
    caption: str = "",
) -> Picture:
    """The outputs y, (m,) or (m, outputs), of a network over its input x, (m,), with the samples if given."""
    across = np.asarray(x, dtype=np.float64).reshape(-1)
    outputs = np.asarray(y, dtype=np.float64).reshape(len(across), -1)
    words = title or "output against input"
    look = look.holding(3.6, 2.2)
    with style(look):
        picture = Picture(look, words, caption or words)
        top = picture.heading(name=words)
        foot = picture.footing(caption)
        names = [label] if outputs.shape[1] == 1 else [f"y{k}" for k in range(outputs.shape[1])]
        labels = [*names, *(["target"] if samples is not None else [])]
        axes = picture.panel(_LEFT, top + picture.above, label_room(picture, labels), foot + _TICKS + 0.05)
        if not picture.small:
            name_axes(picture, axes, "x", "y")
        if samples is not None:
            axes.plot(
                np.asarray(samples[0]).reshape(-1), np.asarray(samples[1]).reshape(-1), "o", ms=2.5,
                color=look.colours.zero, zorder=2,
            )  # fmt: skip
        for k in range(outputs.shape[1]):
            axes.plot(across, outputs[:, k], color=colour(look, k), ls=dash(k), zorder=3)
        axes.set_xlim(across.min(), across.max())
        ends = [(name, float(outputs[-1, k]), colour(look, k), dash(k)) for k, name in enumerate(names)]
        if samples is not None:
            target = np.asarray(samples[1], dtype=np.float64).reshape(-1)[np.argmax(np.asarray(samples[0]).reshape(-1))]
            dots = (0, (0.8, 1.0)) if len(np.ravel(samples[0])) < _DENSE else "-"
            ends.append(("target", float(target), look.colours.zero, dots))
        end_labels(picture, axes, ends)
    return picture


# --- parts ---------------------------------------------------------------------------------------------------------


def _plane(X: ArrayLike) -> NDArray[np.float64]:
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"a scatter needs two columns, x and y; the data has shape {points.shape}")
    return points


def _contour_key(picture: Picture, axes: Axes, classes: int, levels: Sequence[float]) -> None:
    """Draw the key of the contours below the names of the classes; wider contours are nearer to the border."""
    if not classes:
        return
    width, height = picture.get_size_inches()
    left = float(axes.get_position().x1) * width + 0.08
    top = (1 - float(axes.get_position().y1)) * height + 0.35 + classes * _KEY
    for k, level in enumerate(levels):
        y = top + k * _KEY
        picture.line(left + 0.22, y, f"p = {level:g}", va="center", fontsize=SMALL)
        across = [left / width, (left + 0.17) / width]
        picture.add_artist(Line2D(across, [1 - y / height] * 2, lw=CONTOURS[level], color=picture.look.colours.muted))


def _mixed(ink: str, ground: str, share: float) -> tuple[float, ...]:
    return tuple(share * a + (1 - share) * b for a, b in zip(to_rgb(ink), to_rgb(ground), strict=True))


def _classes(labels: NDArray[Any] | None) -> int:
    return 0 if labels is None else len(np.unique(labels))


def _square(
    picture: Picture,
    points: NDArray[np.float64],
    labels: NDArray[Any] | None,
    caption: str,
    names: Sequence[str],
    classes: Sequence[str] = (),
    under: Sequence[str] = (),
) -> Axes:
    """Write title, caption and key, with room for the texts `under` it, and add axes of equal scale for the points."""
    top = picture.heading(name=picture.title)
    foot = picture.footing(caption)
    numbers = [] if labels is None else np.unique(labels).tolist()
    words = [classes[number] if classes else f"class {number}" for number in numbers]
    right = 0.45 + max((text_width(word, SMALL) for word in [*words, *under] if words), default=-0.3)
    right = max(right, 0.15 + text_width(names[0], SMALL))
    width, height = picture.get_size_inches()
    above = picture.above
    axes = picture.panel(_LEFT, top + above, right, foot + _TICKS + 0.05)
    room = (width - _LEFT - right) / max(height - top - foot - _TICKS - 0.05 - above, 0.2)
    low, high = points.min(axis=0), points.max(axis=0)
    centre, reach = (low + high) / 2, np.maximum((high - low) / 2, 1e-9) * 1.08
    tall = max(reach[1], reach[0] / room)
    axes.set_xlim(centre[0] - tall * room, centre[0] + tall * room)
    axes.set_ylim(centre[1] - tall, centre[1] + tall)
    axes.set_aspect("equal")
    if not picture.small:
        name_axes(picture, axes, *(name.replace("$", r"\$") for name in names))
    for k, word in enumerate(words):
        y = top + 0.2 + k * _KEY
        picture.line(width - right + 0.3, y, word, va="center", fontsize=SMALL, parse_math=False)
        axes.plot(
            [(width - right + 0.17) / width], [1 - y / height], MARKERS[k % len(MARKERS)], ms=5,
            color=colour(picture.look, k, len(words)),
            transform=picture.transFigure, clip_on=False,
        )  # fmt: skip
    return axes


def draw_samples(
    axes: Axes,
    points: NDArray[np.float64],
    labels: NDArray[Any] | None,
    look: Look,
    size: float | None = None,
    hollow: NDArray[np.bool_] | None = None,
) -> None:
    """Draw samples with colour and marker by class; the default `size`, in points, depends on their number."""
    if size is None:
        tall = axes.get_window_extent().height / look.dpi
        size = min(max(tall / 2.8, 0.55), 1.0) * (5.0 if len(points) <= 600 else 3.6)
    ground = look.colours.ground
    hollow = np.zeros(len(points), dtype=bool) if hollow is None else hollow
    names = [None] if labels is None else np.unique(labels).tolist()
    for k, name in enumerate(names):
        ink = look.colours.text if labels is None else colour(look, k, len(names))
        mine = np.ones(len(points), dtype=bool) if labels is None else labels == name
        words = "samples" if labels is None else f"class {name}"
        how: dict[str, Any] = {"marker": MARKERS[k % len(MARKERS)], "ms": size, "ls": "", "zorder": 4}
        kinds: tuple[tuple[NDArray[np.bool_], dict[str, Any]], ...] = (
            (mine & ~hollow, {"label": words, "color": ink, "mec": ground, "mew": min(0.5, size / 8)}),
            (mine & hollow, {"label": f"{words}, held out", "mfc": ground, "mec": ink, "mew": min(1.2, size / 4)}),
        )
        for chosen, face in kinds:
            if chosen.any():
                axes.plot(*points[chosen].T, **how, **face)
