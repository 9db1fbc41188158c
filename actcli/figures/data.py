"""Figures of data and of what networks answer: samples, decision regions, curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
from actcli.figures.look import MARKERS, Look

_LEFT, _RIGHT, _TICKS = 0.6, 0.18, 0.3
_CONTOURS = {0.5: 1.4, 0.75: 0.9, 0.95: 0.6}  # probabilities of a class, and how wide their contours are
_MESH = 240  # cells along the longer side of a decision map


def scatter(X: ArrayLike, y: ArrayLike | None, look: Look, *, title: str = "", caption: str = "") -> Picture:
    """Samples in the plane, equal aspect; colour and marker by class where there are classes.

    X is (n, 2), y (n,) class numbers or None.
    """
    points = _plane(X)
    labels = None if y is None else np.asarray(y)
    with style(look):
        picture = Picture(look, title or f"{len(points)} samples", caption or f"{len(points)} samples")
        axes = _square(picture, points, labels, caption)
        draw_samples(axes, points, labels, look)
    return picture


def regions(
    predict: Callable[[NDArray[np.float64]], ArrayLike],
    X: ArrayLike,
    y: ArrayLike | None,
    look: Look,
    *,
    title: str = "",
    caption: str = "",
) -> Picture:
    """What a network with two inputs answers all over the plane: class tints, probability contours, samples on top.

    `predict` takes (m, 2) points and gives (m, classes) scores, the largest being the class; with labels y the
    share of X that it gets right stands in the title.
    """
    points = _plane(X)
    labels = None if y is None else np.asarray(y)
    words = title or "decision regions"
    if labels is not None:
        right = float(np.mean(np.argmax(np.asarray(predict(points)), axis=1) == labels))
        words = f"{words}: accuracy {right:.1%}"
    with style(look):
        picture = Picture(look, words, caption or words)
        axes = _square(picture, points, labels, caption)
        low, high = axes.get_xlim(), axes.get_ylim()
        across = np.linspace(*low, _MESH)
        up = np.linspace(*high, _MESH)
        mesh = np.stack(np.meshgrid(across, up), axis=-1)
        scores = np.asarray(predict(mesh.reshape(-1, 2)), dtype=np.float64).reshape(_MESH, _MESH, -1)
        draw_regions(axes, across, up, scores, look)
        classes = 0 if labels is None else len(np.unique(labels))
        _contour_key(picture, axes, classes)
        draw_samples(axes, points, labels, look)
    return picture


def draw_regions(
    axes: Axes,
    across: NDArray[np.float64],
    up: NDArray[np.float64],
    scores: NDArray[np.float64],
    look: Look,
    contours: Sequence[float] = tuple(_CONTOURS),
) -> None:
    """Class tints and probability contours of scores (up, across, classes) on a grid."""
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
            widths = [_CONTOURS[level] for level in levels]
            axes.contour(across, up, share, levels=levels, colors=[ink], linewidths=widths, zorder=2)
    axes.grid(False)


def curve(
    x: ArrayLike,
    y: ArrayLike,
    look: Look,
    *,
    samples: tuple[ArrayLike, ArrayLike] | None = None,
    title: str = "",
    caption: str = "",
) -> Picture:
    """The output of a network with one input, x (m,) against y (m,) or (m, outputs), over the samples if given."""
    across = np.asarray(x, dtype=np.float64).reshape(-1)
    outputs = np.asarray(y, dtype=np.float64).reshape(len(across), -1)
    words = title or "output against input"
    with style(look):
        picture = Picture(look, words, caption or words)
        top = picture.heading(name=words)
        foot = picture.footing(caption)
        names = ["y"] if outputs.shape[1] == 1 else [f"y{k}" for k in range(outputs.shape[1])]
        names = ["output" if name == "y" else name for name in names]
        labels = [*names, *(["target"] if samples is not None else [])]
        axes = picture.panel(_LEFT, top + 0.05, label_room(picture, labels), foot + _TICKS + 0.05)
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
            ends.append(("target", float(target), look.colours.zero, (0, (0.8, 1.0))))
        end_labels(picture, axes, ends)
    return picture


# --- parts ---------------------------------------------------------------------------------------------------------


def _plane(X: ArrayLike) -> NDArray[np.float64]:
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"a scatter needs two columns, x and y; the data has shape {points.shape}")
    return points


def _contour_key(picture: Picture, axes: Axes, classes: int) -> None:
    """What the contours mean, under the names of the classes: the wider, the nearer to the border."""
    if not classes:
        return
    width, height = picture.get_size_inches()
    left = float(axes.get_position().x1) * width + 0.08
    top = (1 - float(axes.get_position().y1)) * height + 0.35 + classes * 0.2
    for k, (level, lw) in enumerate(_CONTOURS.items()):
        y = top + k * 0.2
        picture.line(left + 0.22, y, f"p = {level:g}", va="center", fontsize=SMALL)
        across = [left / width, (left + 0.17) / width]
        picture.add_artist(Line2D(across, [1 - y / height] * 2, lw=lw, color=picture.look.colours.muted))


def _mixed(ink: str, ground: str, share: float) -> tuple[float, ...]:
    return tuple(share * a + (1 - share) * b for a, b in zip(to_rgb(ink), to_rgb(ground), strict=True))


def _square(picture: Picture, points: NDArray[np.float64], labels: NDArray[Any] | None, caption: str) -> Axes:
    """Title, caption, legend and axes of equal scale around the points."""
    top = picture.heading(name=picture.title)
    foot = picture.footing(caption)
    classes = [] if labels is None else np.unique(labels).tolist()
    right = 0.45 + max((text_width(f"class {name}", SMALL) for name in classes), default=-0.3)
    width, height = picture.get_size_inches()
    axes = picture.panel(_LEFT, top + 0.05, right, foot + _TICKS + 0.05)
    room = (width - _LEFT - right) / max(height - top - foot - _TICKS - 0.1, 0.2)
    low, high = points.min(axis=0), points.max(axis=0)
    centre, reach = (low + high) / 2, np.maximum((high - low) / 2, 1e-9) * 1.08
    tall = max(reach[1], reach[0] / room)
    axes.set_xlim(centre[0] - tall * room, centre[0] + tall * room)
    axes.set_ylim(centre[1] - tall, centre[1] + tall)
    axes.set_aspect("equal")
    for k, name in enumerate(classes):
        y = top + 0.2 + k * 0.2
        picture.line(width - right + 0.3, y, f"class {name}", va="center", fontsize=SMALL)
        axes.plot(
            [(width - right + 0.17) / width], [1 - y / height], MARKERS[k % len(MARKERS)], ms=5,
            color=colour(picture.look, k, len(classes)),
            transform=picture.transFigure, clip_on=False,
        )  # fmt: skip
    return axes


def draw_samples(
    axes: Axes, points: NDArray[np.float64], labels: NDArray[Any] | None, look: Look, size: float | None = None
) -> None:
    """Samples in the plane, colour and marker by class; `size` in points, by their number if not given."""
    size = size or (5.0 if len(points) <= 600 else 3.0)
    edge: dict[str, Any] = {"mec": look.colours.ground, "mew": min(0.5, size / 8), "zorder": 4, "ls": ""}
    if labels is None:
        axes.plot(points[:, 0], points[:, 1], "o", ms=size, color=look.colours.text, **edge)
        return
    classes = np.unique(labels).tolist()
    for k, name in enumerate(classes):
        chosen = points[labels == name]
        marker = MARKERS[k % len(MARKERS)]
        axes.plot(
            chosen[:, 0],
            chosen[:, 1],
            marker,
            ms=size,
            color=colour(look, k, len(classes)),
            label=f"class {name}",
            **edge,
        )
