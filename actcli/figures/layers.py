"""Figures layer by layer: histograms before and after the activation, quantities and quantiles by depth, sweeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.figures.axes import Ticks, columns_for, number
from actcli.figures.canvas import (
    SMALL,
    Axes,
    Line2D,
    Picture,
    colour,
    dash,
    end_labels,
    label_room,
    style,
    text_width,
)
from actcli.figures.keys import name_lines
from actcli.figures.look import MARKERS, Look

_LEFT, _RIGHT, _TICKS = 0.6, 0.18, 0.3
_BARS = 60  # of a panel
_BESIDE = 1.0  # inches, the width of the column of deviations
_WORDS = ("before the activation", "after it")
#: Inches: the width of two panels side by side, the height of everything around the rows, the height of a row, and the
#: heights of the statistics above it in one line or two.
_WIDE, _AROUND, _TALL, _OVER = 6.4, 0.95, 0.91, (0.16, 0.33)
#: Dots per inch at which letters are 6 pixels high; a page that would need fewer shows fewer rows.
_LEGIBLE = 48.0


def histograms(
    layers: Sequence[tuple[str, ArrayLike, ArrayLike]], look: Look, *, title: str = "", caption: str = ""
) -> Picture:
    """Histograms of the values of each layer before and after its activation, one row per layer with common bins.

    `layers` holds (name, before, after), arrays with the units on the last axis. Each panel states mean and standard
    deviation, the right one also the fraction of dead units (zero for every sample). Exact zeros are drawn as a line at
    0 instead of a bar, and their fraction is stated. The highest bar fills its panel, so that a faded signal appears as
    a spike at 0. For several layers, a further column draws their deviations on a logarithmic scale. On a page of
    requested size, rows are arranged in several columns if that makes them larger; if their letters would still be too
    small, only layers in even steps are shown.
    """
    words = title or "layer by layer"
    blocks, shown = _arranged(len(layers), look) if look.exact else (1, len(layers))
    if shown < len(layers):
        words += f": {shown} of {len(layers)} layers"
        layers = [layers[k] for k in np.linspace(0, len(layers) - 1, shown).round().astype(int)]
    names = [name for name, _, _ in layers]
    rows = [[np.asarray(array, dtype=np.float64) for array in (before, after)] for _, before, after in layers]
    deviations = [[_deviation(array) for array in both] for both in rows]
    compares = len(rows) > 1 and any(value > 0 for both in deviations for value in both)
    bins = _bins([array for both in rows for array in both])
    left = max(_LEFT, 0.3 + max(text_width(line, SMALL) for name in names for line in name.split("\n")))
    beside = _BESIDE if compares else 0.0
    texts = [[_statistics(both[column], column) for both in rows] for column in (0, 1)]
    each = -(-len(rows) // blocks)
    for over in _OVER:
        page = look.holding(blocks * _WIDE, _AROUND + each * (_TALL + over))
        across = page.inches[0] / blocks
        # The last tick label of the left panel is next to the first one of the right panel.
        half = (across - left - 2 * _RIGHT - 0.5 - beside) / 2
        shortest = [_first_fitting(column, half + 0.1) for column in texts]
        if shortest == [0, 0]:
            break
    with style(page):
        picture = Picture(page, words, caption or words)
        top = picture.heading(name=words) + 0.05
        foot = picture.footing(caption)
        width, height = picture.get_size_inches()
        down = (height - top - foot - 0.45) / each
        panel = down - 0.28 - over
        for k, (name, both) in enumerate(zip(names, rows, strict=True)):
            block, row = divmod(k, each)
            above = top + 0.2 + row * down
            for column, array in enumerate(both):
                x = block * across + left + column * (half + 0.5)
                axes = picture.panel(x, above + 0.06 + over, width - x - half, height - above - down + 0.22)
                _bars(picture, axes, array, bins, column)
                lengths = texts[column][k]
                axes.set_title(lengths[min(shortest[column], len(lengths) - 1)], fontsize=SMALL, pad=3)
                axes.tick_params(labelbottom=row == each - 1 or k == len(rows) - 1)
                if not row:
                    picture.line(x, top, _WORDS[column], va="top", color=page.colours.muted, fontweight="bold")
            level = above + 0.06 + over + panel / 2
            picture.line(block * across + 0.12, level, name, va="center")
        for block in range(-(-len(rows) // each) if compares else 0):
            x = (block + 1) * across - beside - _RIGHT + 0.25
            last = (min(len(rows) - block * each, each) - 1) * down
            first = top + 0.26 + over
            axes = picture.panel(x, first, width - (block + 1) * across + _RIGHT, height - first - last - panel)
            centre = panel / 2 / down  # the markers stand at half the height of the panels
            ends = (last / down + centre, -centre)
            _deviations(axes, deviations, slice(block * each, (block + 1) * each), ends, page)
            picture.line(x, top, "deviation", va="top", color=page.colours.muted, fontweight="bold")
    return picture


def _arranged(count: int, look: Look) -> tuple[int, int]:
    """(columns, rows): the number of columns with the largest letters, and the number of rows that are legible."""

    def dots(rows: int, blocks: int) -> float:
        return look.holding(blocks * _WIDE, _AROUND + -(-rows // blocks) * (_TALL + _OVER[-1])).dpi

    for rows in range(count, 0, -1):
        blocks = max(range(1, rows + 1), key=lambda blocks: dots(rows, blocks))
        if dots(rows, blocks) >= min(_LEGIBLE, look.dpi):
            break
    return blocks, rows


def _bars(picture: Picture, axes: Axes, array: NDArray[np.float64], bins: NDArray[np.float64], column: int) -> None:
    """One panel: bars of the nonzero values, and a line for the zeros."""
    values = array[np.isfinite(array)]
    zeros = int(np.count_nonzero(values == 0))
    counts, _, _ = axes.hist(values[values != 0], bins=bins.tolist(), color=colour(picture.look, column), zorder=2)
    highest = max(float(np.max(counts)), 1.0) * 1.08
    axes.set_ylim(0, highest)
    if zeros:
        axes.plot(
            [0.0, 0.0],
            [0.0, min(float(zeros), 0.96 * highest)],
            color=picture.look.colours.text,
            lw=2.5,
            zorder=3,
            label="zeros",
        )
    axes.set_yticks([])
    axes.locator_params(axis="x", nbins=4 if axes.get_window_extent().width > 2 * picture.dpi else 2)
    axes.xaxis.set_major_formatter(Ticks())
    axes.spines["left"].set_visible(False)
    axes.set_xlim(bins[0], bins[-1])


def _statistics(array: NDArray[np.float64], column: int) -> list[str]:
    """The statistics above a panel, in versions of decreasing width."""
    values = array[np.isfinite(array)]
    rest = [f"zero {np.mean(values == 0):.0%}"] if np.any(values == 0) else []
    if column:
        rest.append(f"dead {_dead(array):.0%}")
    if values.size < array.size:
        rest.append(f"not finite {array.size - values.size}")
    if not values.size:
        return ["  ".join(["no values", *rest])]
    mean, deviation = number(values.mean(), 3), number(values.std(), 3)
    short = f"mean {number(values.mean(), 2)}  sd {number(values.std(), 2)}"
    starts = (f"mean {mean}  sd {deviation}", short, f"sd {number(values.std(), 2)}")
    return ["  ".join([starts[0], *rest]), *("\n".join([start, "  ".join(rest)]).rstrip() for start in starts)]


def _first_fitting(texts: Sequence[Sequence[str]], room: float) -> int:
    """The index of the first version that fits above all panels of a column, or that of the last version."""
    lengths = max(map(len, texts))
    for k in range(lengths - 1):
        lines = [line for text in texts for line in text[min(k, len(text) - 1)].split("\n")]
        if all(text_width(line, SMALL) <= room for line in lines):
            return k
    return lengths - 1


def _deviations(
    axes: Axes, deviations: Sequence[Sequence[float]], which: slice, rows: tuple[float, float], look: Look
) -> None:
    """The standard deviations of the rows `which`, before and after, on a logarithmic scale common to all rows."""
    axes.set_xscale("log")
    for column, values in enumerate(zip(*deviations[which], strict=True)):
        seen = [value if value > 0 else np.nan for value in values]
        how: dict[str, Any] = {"color": colour(look, column), "ls": dash(column), "marker": MARKERS[column], "ms": 4}
        axes.plot(seen, np.arange(len(seen)), label=_WORDS[column], **how)
    axes.set_ylim(*rows)
    axes.set_yticks([])
    axes.minorticks_off()
    logarithms = np.log10([value for both in deviations for value in both if value > 0])
    low, high = np.floor(logarithms.min() + 0.05), np.ceil(logarithms.max() - 0.05)
    high = max(high, low + 1)
    margin = 0.08 * (high - low)
    axes.set_xlim(10 ** (low - margin), 10 ** (high + margin))
    axes.set_xticks([10**low, 10**high])


def depth(series: Mapping[str, ArrayLike], look: Look, *, ylabel: str, title: str = "", caption: str = "") -> Picture:
    """A quantity by layer, one line per label, which shows how it grows or fades through a network."""
    lines = {label: np.asarray(values, dtype=np.float64).reshape(-1) for label, values in series.items()}
    words = title or f"{ylabel} by layer"
    look = look.holding(4.2, 2.4)
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


#: The probabilities of the quantiles that `bands` draws.
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def bands(quantiles: ArrayLike, look: Look, *, title: str = "", caption: str = "") -> Picture:
    """The spread of the outputs by layer: the median, and bands from 25% to 75% and from 5% to 95%.

    `quantiles` is (layers, 5): the quantiles of SHARES.
    """
    table = np.asarray(quantiles, dtype=np.float64).reshape(-1, len(SHARES))
    words = title or "outputs by layer"
    look = look.holding(4.2, 2.4)
    with style(look):
        picture = Picture(look, words, caption or words)
        top = picture.heading(name=words)
        foot = picture.footing(caption)
        names = ["median", "25% to 75%", "5% to 95%"]
        axes = picture.panel(
            _LEFT + 0.25, top + 0.05, 0.4 + max(text_width(name, SMALL) for name in names), foot + 0.55
        )
        at, ink = np.arange(1, len(table) + 1), colour(look, 0)
        axes.set_xlim(min(1, len(table) - 0.5), max(len(table), 1.5))
        how: dict[str, Any] = {"color": ink, "lw": 0}
        axes.fill_between(at, table[:, 0], table[:, 4], alpha=0.2, label=names[2], zorder=2, **how)
        axes.fill_between(at, table[:, 1], table[:, 3], alpha=0.4, label=names[1], zorder=2, **how)
        axes.plot(at, table[:, 2], color=ink, marker=MARKERS[0], ms=4, label=names[0], zorder=3)
        axes.xaxis.set_major_formatter(Ticks())
        axes.yaxis.set_major_formatter(Ticks())
        axes.set_xlabel("layer")
        axes.set_ylabel("output")
        axes.locator_params(axis="x", integer=True)
        width, height = picture.get_size_inches()
        left = float(axes.get_position().x1) * width + 0.1
        for k, (name, alpha) in enumerate(zip(names, (1.0, 0.6, 0.2), strict=True)):
            y = top + 0.3 + 0.22 * k
            sample = Line2D([left / width, (left + 0.16) / width], [1 - y / height] * 2, color=ink, alpha=alpha)
            sample.set_linewidth(2.0 if not k else 7.0)
            sample.set_solid_capstyle("butt")
            picture.add_artist(sample)
            picture.line(left + 0.22, y, name, va="center", fontsize=SMALL)
    return picture


def sweep(
    panels: Mapping[str, Mapping[str, ArrayLike]], look: Look, *, ylabel: str, title: str = "", caption: str = ""
) -> Picture:
    """Quantities by layer, one small panel per network on common axes, with one line per quantity.

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
    columns = columns_for(len(lines), look)
    look = look.holding(columns * 1.7 + 1.1, -(-len(lines) // columns) * 1.3 + 1.3)
    words = title or f"{ylabel} by layer"
    quantities = list(dict.fromkeys(label for inner in lines.values() for label in inner))
    with style(look):
        picture = Picture(look, words, caption or words)
        top = picture.heading(name=words)
        top += name_lines(picture, quantities, top)
        foot = picture.footing(caption)
        width, height = picture.get_size_inches()
        rows = -(-len(lines) // columns)
        left = _LEFT + 0.3
        across = (width - left - _RIGHT) / columns
        down = (height - top - foot - _TICKS - 0.1) / rows
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
            left + columns * across / 2, height - foot - 0.14, "layer", ha="center", va="center", fontsize=SMALL
        )
        picture.line(0.14, top + rows * down / 2, ylabel, rotation=90, va="center", ha="center", fontsize=SMALL)
    return picture


def _bins(arrays: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Edges of equal bins over all values; 0 is an edge if there are values on both sides of it."""
    values = np.concatenate([array[np.isfinite(array)].reshape(-1) for array in arrays])
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, _BARS + 1)
    if low < 0 < high:
        wide = (high - low) / (_BARS - 1)
        edges = np.arange(-np.ceil(-low / wide), np.ceil(high / wide) + 1) * wide
    return edges


def _deviation(array: NDArray[np.float64]) -> float:
    values = array[np.isfinite(array)]
    return float(values.std()) if values.size else 0.0


def _dead(array: NDArray[np.float64]) -> float:
    return float(np.mean(np.all(array.reshape(-1, array.shape[-1]) == 0, axis=0)))
