"""Diagrams of networks: units as circles with their activation's curve, weights as lines between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.activations import Activation
from actcli.figures.axes import number
from actcli.figures.canvas import SMALL, Axes, Bbox, Circle, LineCollection, Picture, style, text_width
from actcli.figures.look import Look
from actcli.figures.sampling import lines_of

#: The most units of a layer that are drawn, and the most weights between two layers that are written.
_MOST, _MOST_WRITTEN = 8, 16
#: The largest factor by which layers and units move apart on a larger page.
_APART = 1.8
#: Inches: between layers with and without written weights, between units, and the radius of a unit.
_WRITTEN, _ACROSS, _DOWN, _RADIUS = 1.9, 1.2, 0.62, 0.21
#: Fractions of a line at which its weight may be written, the first free one; without a free place it is left out.
_SHARES = (0.3, 0.7, 0.5, 0.4, 0.6, 0.24, 0.76)


@dataclass(frozen=True)
class Layer:
    """One dense layer: weights (inputs, units), biases (units,), its activation."""

    weights: NDArray[np.float64]
    biases: NDArray[np.float64]
    activation: Activation | None

    @classmethod
    def of(cls, weights: ArrayLike, biases: ArrayLike, activation: Activation | None) -> Layer:
        """A layer from arrays of any float type."""
        return cls(np.asarray(weights, dtype=np.float64), np.asarray(biases, dtype=np.float64), activation)


def diagram(layers: Sequence[Layer], look: Look, *, title: str = "", caption: str = "") -> Picture:
    """Layers of units from left to right, with a line for each weight.

    The colour of a line is the sign of the weight, its width the absolute value relative to the largest of the layer.
    Few weights and biases are also written. Of a layer of more than eight units, the first and last four are drawn.
    The figure grows with the network, unless its size was requested.
    """
    sizes = [layers[0].weights.shape[0], *(layer.weights.shape[1] for layer in layers)]
    seen = [_shown(size) for size in sizes]
    steps = [
        _WRITTEN if min(left, right) <= _MOST and left * right <= _MOST_WRITTEN else _ACROSS
        for left, right in pairwise(sizes)
    ]
    tall = _DOWN * max(len(units) + (len(units) < size) for units, size in zip(seen, sizes, strict=True))
    look = look.holding(sum(steps) + 1.8, tall + 1.6)
    words = title or ", ".join(map(str, sizes))
    with style(look):
        picture = Picture(look, words, caption or words)
        top = picture.heading(name=words)
        foot = picture.footing(caption)
        width, height = picture.get_size_inches()
        axes = picture.panel(0, top, 0, foot)
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(foot, height - top)
        beside: dict[str, Any] = {"ha": "center", "fontsize": SMALL}
        muted = look.colours.muted
        wider = min(_APART, (width - 1.8) / sum(steps))
        down = _DOWN * max(1.0, min(_APART, (height - top - foot - 1.0) / tall))
        start = (width - wider * sum(steps)) / 2
        across = [start + wider * sum(steps[:k]) for k in range(len(sizes))]
        middle = (foot + height - top) / 2 + 0.15
        places = [_places(x, middle, down, units, size) for x, units, size in zip(across, seen, sizes, strict=True)]
        for k, (layer, step) in enumerate(zip(layers, steps, strict=True)):
            _edges(picture, axes, layer, places[k], places[k + 1], written=step == _WRITTEN)
        for k, units in enumerate(places):
            layer_in = layers[k - 1] if k else None
            for unit, (x, y) in units.items():
                _unit(picture, axes, x, y, f"$x_{{{unit}}}$" if layer_in is None else "", layer_in)
                if layer_in is not None and sizes[k] <= _MOST:
                    bias = f"b = {number(layer_in.biases[unit], 2)}"
                    how: dict[str, Any] = {
                        "color": muted,
                        "bbox": {"facecolor": look.colours.ground, "edgecolor": "none", "pad": 0.6},
                    }
                    axes.text(x, y - _RADIUS - 0.04, bias, va="top", zorder=3, **beside, **how)
            if len(units) < sizes[k]:
                axes.text(across[k], middle, "⋮", ha="center", va="center", fontsize=16, color=muted)
            name = "inputs" if layer_in is None else layer_in.activation.name if layer_in.activation else "linear"
            axes.text(
                across[k], foot + 0.28, f"{sizes[k]}", ha="center", va="bottom", fontsize=SMALL, fontweight="bold"
            )
            axes.text(across[k], foot + 0.1, _shortened(name, steps, k), va="bottom", **beside)
    return picture


def _shortened(name: str, steps: Sequence[float], k: int) -> str:
    """A name shortened to the width of its column."""
    room = min(steps[max(k - 1, 0) : k + 1]) - 0.1
    while text_width(name, SMALL) > room:
        name = name.removesuffix("…")[:-1] + "…"
    return name


def _shown(size: int) -> list[int]:
    """The units that are drawn: all, or the first and the last of many."""
    return list(range(size)) if size <= _MOST else [*range(_MOST // 2), *range(size - _MOST // 2, size)]


def _places(x: float, middle: float, down: float, units: Sequence[int], size: int) -> dict[int, tuple[float, float]]:
    """The centre of each unit, top to bottom around the middle, with a gap where units are left out."""
    rows = [row + (len(units) < size and row >= len(units) // 2) for row in range(len(units))]
    last = rows[-1]
    return {unit: (x, middle + (last / 2 - row) * down) for unit, row in zip(units, rows, strict=True)}


def _edges(
    picture: Picture,
    axes: Axes,
    layer: Layer,
    left: dict[int, tuple[float, float]],
    right: dict[int, tuple[float, float]],
    *,
    written: bool,
) -> None:
    """Draw the weights between the shown units of two layers."""
    theme = picture.look.colours
    pairs = [(i, j) for j in right for i in left]
    values = np.array([layer.weights[i, j] for i, j in pairs])
    largest = float(np.max(np.abs(layer.weights), initial=0.0)) or 1.0
    inks = [theme.series[0] if value > 0 else theme.series[1] if value < 0 else theme.zero for value in values]
    widths = 0.3 + 2.2 * np.abs(values) / largest
    segments = [(left[i], right[j]) for i, j in pairs]
    axes.add_collection(LineCollection(segments, colors=inks, linewidths=widths, alpha=0.85, zorder=2), autolim=False)
    if not written:
        return
    how: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": SMALL, "zorder": 3}
    how["bbox"] = {"facecolor": theme.ground, "edgecolor": "none", "pad": 0.6}
    taken: list[Bbox] = []
    for (i, j), value in zip(pairs, values, strict=True):
        (x0, y0), (x1, y1) = left[i], right[j]
        words = number(value, 2)
        wide, tall = text_width(words, SMALL) + 0.08, 1.3 * SMALL / 72
        for share in _SHARES:
            x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
            box = Bbox.from_bounds(x - wide / 2, y - tall / 2, wide, tall)
            if not any(box.overlaps(other) for other in taken):
                axes.text(x, y, words, **how)
                taken.append(box)
                break


def _unit(picture: Picture, axes: Axes, x: float, y: float, words: str, layer: Layer | None) -> None:
    """Draw a unit as a circle with the curve of its activation, or with the name of an input."""
    theme = picture.look.colours
    axes.add_patch(Circle((x, y), _RADIUS, facecolor=theme.ground, edgecolor=theme.text, linewidth=1.2, zorder=4))
    if layer is None:
        axes.text(x, y, words, ha="center", va="center", fontsize=SMALL, zorder=5)
        return
    if layer.activation is None:
        return
    line = lines_of(layer.activation, (-3.0, 3.0), 61)[0]
    seen = line.y[np.isfinite(line.y)]
    low, high = float(seen.min()), float(seen.max())
    scale = 1.2 * _RADIUS / ((high - low) or 1.0)
    curve = y + (np.clip(line.y, low, high) - (low + high) / 2) * scale
    axes.plot(x + line.x / 3.0 * 0.65 * _RADIUS, curve, color=theme.series[0], lw=1.4, zorder=5)
