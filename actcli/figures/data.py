"""Figures of data and of networks: samples, decision regions, histograms by layer, curves, arrays, depth, sweeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.figures.canvas import (
    SMALL,
    Axes,
    ListedColormap,
    MaxNLocator,
    Picture,
    colour,
    colour_map,
    dash,
    end_labels,
    label_room,
    style,
    to_rgb,
)
from actcli.figures.curves import columns_for, number
from actcli.figures.look import MARKERS, Look

_LEFT, _RIGHT, _TICKS = 0.6, 0.18, 0.3
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
        draw_samples(axes, points, labels, look)
    return picture


def draw_regions(
    axes: Axes,
    across: NDArray[np.float64],
    up: NDArray[np.float64],
    scores: NDArray[np.float64],
    look: Look,
    contours: Sequence[float] = (0.5, 0.75, 0.95),
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
            widths = [{0.5: 1.4, 0.75: 0.9, 0.95: 0.6}[level] for level in levels]
            axes.contour(across, up, share, levels=levels, colors=[ink], linewidths=widths, zorder=2)
    axes.grid(False)


def histograms(
    layers: Sequence[tuple[str, ArrayLike, ArrayLike]], look: Look, *, title: str = "", caption: str = ""
) -> Picture:
    """The values of each layer before and after its activation: a row a layer, the same bins in both panels.

    `layers` holds (name, before, after), arrays with the units on the last axis. Each panel states mean and standard
    deviation, the right one also the share of dead units (zero for every sample).
    """
    rows = len(layers)
    inches = look.height / look.dpi
    needed = 0.95 + rows * 1.05
    if needed > inches and not look.exact:  # as tall as it takes to stay readable
        look = look.sized(look.width, round(needed * look.dpi))
    words = title or "layer by layer"
    with style(look):
        picture = Picture(look, words, caption or words)
        top = picture.heading(name=words) + 0.05
        foot = picture.footing(caption)
        width, height = picture.get_size_inches()
        names = [name for name, _, _ in layers]
        left = max(_LEFT, 0.3 + max(_width(picture, name) for name in names))
        half = (width - left - 2 * _RIGHT - 0.5) / 2  # room for the last tick of one beside the first of the other
        down = (height - top - foot - 0.45) / rows
        for row, (name, *both) in enumerate(layers):
            arrays = [np.asarray(array, dtype=np.float64) for array in both]
            bins = _bins(arrays)
            above = top + 0.2 + row * down
            for column, (array, word) in enumerate(zip(arrays, ("before the activation", "after it"), strict=True)):
                x = left + column * (half + 0.5)
                axes = picture.panel(x, above + 0.2, width - x - half, height - above - down + 0.22)
                values = array[np.isfinite(array)]
                axes.hist(values, bins=bins.tolist(), color=colour(look, column), zorder=2)
                axes.set_yticks([])
                axes.locator_params(axis="x", nbins=4)
                axes.spines["left"].set_visible(False)
                axes.set_xlim(bins[0], bins[-1])
                statistics = (
                    f"mean {number(values.mean(), 3)}  sd {number(values.std(), 3)}" if values.size else "no values"
                )
                if column:
                    statistics += f"  dead {_dead(array):.0%}"
                if values.size < array.size:
                    statistics += f"  not finite {array.size - values.size}"
                axes.set_title(statistics, fontsize=SMALL, pad=3)
                if not row:
                    picture.line(x, top, word, va="top", fontsize=SMALL, color=look.colours.muted, fontweight="bold")
            picture.line(0.12, above + 0.2 + (down - 0.42) / 2, name, va="center", fontsize=SMALL)
    return picture


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
        axes = picture.panel(_LEFT, top + 0.05, label_room(picture, names), foot + _TICKS + 0.05)
        if samples is not None:
            axes.plot(
                np.asarray(samples[0]).reshape(-1), np.asarray(samples[1]).reshape(-1), "o", ms=2.5,
                color=look.colours.zero, zorder=2,
            )  # fmt: skip
        for k in range(outputs.shape[1]):
            axes.plot(across, outputs[:, k], color=colour(look, k), ls=dash(k), zorder=3)
        axes.set_xlim(across.min(), across.max())
        end_labels(picture, axes, [(name, outputs[-1, k], colour(look, k), dash(k)) for k, name in enumerate(names)])
    return picture


def heatmap(arrays: Sequence[tuple[str, ArrayLike]], look: Look, *, title: str = "", caption: str = "") -> Picture:
    """Arrays as coloured cells side by side, one diverging scale around zero for all, numbers where they fit."""
    tables = [(name, np.atleast_2d(np.asarray(array, dtype=np.float64))) for name, array in arrays]
    largest = max(float(np.max(np.abs(table[np.isfinite(table)]), initial=0.0)) for _, table in tables) or 1.0
    words = title or ", ".join(name for name, _ in tables)
    with style(look):
        picture = Picture(look, words, caption or words)
        top = picture.heading(name=words) + 0.28
        foot = picture.footing(caption)
        width, height = picture.get_size_inches()
        bar, gap = 0.75, 0.35
        # As wide as its columns, so that cells are alike; but no array is a sliver beside a wide one.
        columns = [table.shape[1] for _, table in tables]
        shares = np.maximum(columns, 0.2 * max(columns))
        widths = shares / shares.sum() * (width - bar - gap * (len(tables) + 0.2))
        image = None
        left = 0.0
        for (name, table), wide in zip(tables, widths.tolist(), strict=True):
            left += gap
            axes = picture.panel(left, top, width - left - wide, foot + _TICKS)
            left += wide
            image = axes.imshow(table, cmap=colour_map(look, "RdBu_r"), vmin=-largest, vmax=largest, aspect="equal")
            axes.set_title(f"{name}  {table.shape[0]}×{table.shape[1]}", fontsize=SMALL, pad=4)
            axes.grid(False)
            cell = min(wide / table.shape[1], (height - top - foot - _TICKS) / table.shape[0])
            for axis, count in ((axes.yaxis, table.shape[0]), (axes.xaxis, table.shape[1])):
                axis.set_major_locator(MaxNLocator(max(1, min(6, int(cell * count / 0.25))), integer=True))
            digits = _fitting(picture, table, cell) if table.size <= 60 else 0
            for (row, column), value in np.ndenumerate(table) if digits else ():
                ink = "#ffffff" if abs(value) > 0.6 * largest else "#1a1a1a"
                axes.text(column, row, number(value, digits), ha="center", va="center", fontsize=SMALL, color=ink)
        scale = picture.panel(width - bar, top, bar - 0.16, foot + _TICKS)
        assert image is not None
        picture.colorbar(image, cax=scale)
        scale.grid(False)
    return picture


def _fitting(picture: Picture, table: NDArray[np.float64], cell: float) -> int:
    """To how many digits the numbers of a table fit cells of so many inches: 3, 2, 1 or, if at all too wide, 0."""
    for digits in (3, 2, 1):
        longest = max((number(value, digits) for value in table.reshape(-1).tolist()), key=len, default="")
        text = picture.text(0, 0, longest, fontsize=SMALL)
        wide, tall = picture.extent(text)
        text.remove()
        if wide < 0.94 * cell and tall < cell:
            return digits
    return 0


def depth(series: Mapping[str, ArrayLike], look: Look, *, ylabel: str, title: str = "", caption: str = "") -> Picture:
    """A quantity layer by layer, a line a label: how signal or gradient grows or fades on its way through a network."""
    lines = {label: np.asarray(values, dtype=np.float64).reshape(-1) for label, values in series.items()}
    words = title or f"{ylabel} by layer"
    with style(look):
        picture = Picture(look, words, caption or words)
        top = picture.heading(name=words)
        foot = picture.footing(caption)
        axes = picture.panel(_LEFT + 0.25, top + 0.05, label_room(picture, list(lines)), foot + _TICKS + 0.25)
        everything = np.concatenate(list(lines.values()))
        seen = everything[np.isfinite(everything)]
        if seen.size and seen.min() > 0 and seen.max() > 100 * seen.min():
            axes.set_yscale("log")
        entries = []
        for k, (label, values) in enumerate(lines.items()):
            axes.plot(
                np.arange(1, len(values) + 1), values, color=colour(look, k), ls=dash(k),
                marker=MARKERS[k % len(MARKERS)], ms=5, zorder=3,
            )  # fmt: skip
            entries.append((label, float(values[-1]), colour(look, k), dash(k)))
        axes.set_xlabel("layer")
        axes.set_ylabel(ylabel)
        axes.locator_params(axis="x", integer=True)
        end_labels(picture, axes, entries)
    return picture


def sweep(
    panels: Mapping[str, Mapping[str, ArrayLike]], look: Look, *, ylabel: str, title: str = "", caption: str = ""
) -> Picture:
    """Quantities layer by layer, a small panel a network, all with the same axes; each panel holds lines by label.

    `panels` is {network: {quantity: values by layer}}. Values that are not finite leave a gap.
    """
    lines = {
        name: {label: np.asarray(values, dtype=np.float64) for label, values in inner.items()}
        for name, inner in panels.items()
    }
    everything = np.concatenate([values for inner in lines.values() for values in inner.values()])
    seen = everything[np.isfinite(everything)]
    positive = seen[seen > 0]
    logarithmic = positive.size > 0 and positive.max() > 100 * positive.min()
    if not look.exact:
        columns = min(len(lines), 4)
        wide, tall = max(6.4, columns * 2.0 + 0.9), max(4.0, -(-len(lines) // columns) * 1.5 + 1.1)
        look = look.sized(round(wide * look.dpi), round(tall * look.dpi))
    words = title or f"{ylabel} by layer"
    quantities = list(dict.fromkeys(label for inner in lines.values() for label in inner))
    with style(look):
        picture = Picture(look, words, caption or words)
        top = picture.heading(name=words) + 0.05
        foot = picture.footing(caption)
        width, height = picture.get_size_inches()
        columns = columns_for(len(lines), width, height - top - foot)
        rows = -(-len(lines) // columns)
        left, key = _LEFT + 0.3, label_room(picture, quantities)
        across = (width - left - key) / columns
        down = (height - top - foot - _TICKS - 0.2) / rows
        for k, (name, inner) in enumerate(lines.items()):
            row, column = divmod(k, columns)
            x, above = left + column * across, top + row * down
            axes = picture.panel(x, above + 0.2, width - x - across + 0.12, height - above - down + 0.08)
            if logarithmic:
                axes.set_yscale("log")
                axes.set_ylim(positive.min() / 3, positive.max() * 3)
            elif seen.size and seen.min() < seen.max():
                margin = 0.05 * (seen.max() - seen.min())
                axes.set_ylim(seen.min() - margin, seen.max() + margin)
            for label, values in inner.items():
                index = quantities.index(label)
                drawn = np.where(values > 0, values, np.nan) if logarithmic else values
                axes.plot(
                    np.arange(1, len(values) + 1), drawn, color=colour(look, index), ls=dash(index),
                    marker=MARKERS[index % len(MARKERS)], ms=3, zorder=3,
                )  # fmt: skip
            axes.tick_params(labelleft=column == 0, labelbottom=k + columns >= len(lines), length=0)
            axes.locator_params(axis="x", nbins=4, integer=True)
            axes.set_title(name, fontsize=SMALL, pad=2)
        picture.line(
            left + columns * across / 2, height - foot - 0.12, "layer", ha="center", va="center", fontsize=SMALL
        )
        picture.line(0.14, top + rows * down / 2, ylabel, rotation=90, va="center", ha="center", fontsize=SMALL)
        for index, label in enumerate(quantities):
            y = top + 0.3 + index * 0.22
            start = (width - key + 0.1) / width
            axes.plot(
                [start, start + 0.32 / width], [1 - y / height] * 2, color=colour(look, index), ls=dash(index),
                transform=picture.transFigure, clip_on=False,
            )  # fmt: skip
            picture.line(width - key + 0.5, y, label, va="center", fontsize=SMALL)
    return picture


# --- parts ---------------------------------------------------------------------------------------------------------


def _plane(X: ArrayLike) -> NDArray[np.float64]:
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"a scatter needs two columns, x and y; the data has shape {points.shape}")
    return points


def _width(picture: Picture, words: str) -> float:
    text = picture.text(0, 0, words, fontsize=SMALL)
    wide = picture.extent(text)[0]
    text.remove()
    return wide


def _mixed(ink: str, ground: str, share: float) -> tuple[float, ...]:
    return tuple(share * a + (1 - share) * b for a, b in zip(to_rgb(ink), to_rgb(ground), strict=True))


def _square(picture: Picture, points: NDArray[np.float64], labels: NDArray[Any] | None, caption: str) -> Axes:
    """Title, caption, legend and axes of equal scale around the points."""
    top = picture.heading(name=picture.title)
    foot = picture.footing(caption)
    classes = [] if labels is None else np.unique(labels).tolist()
    right = 0.45 + max((_width(picture, f"class {name}") for name in classes), default=-0.3)
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


def _bins(arrays: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    values = np.concatenate([array[np.isfinite(array)].reshape(-1) for array in arrays])
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, 61)


def _dead(array: NDArray[np.float64]) -> float:
    return float(np.mean(np.all(array.reshape(-1, array.shape[-1]) == 0, axis=0)))
