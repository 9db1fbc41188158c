"""Figures of a value over two inputs: filled contours, samples in the colours of the same scale, a colour bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actcli.figures.axes import Ticks, name_axes, number
from actcli.figures.canvas import (
    SMALL,
    Axes,
    BoundaryNorm,
    MaxNLocator,
    Picture,
    ScalarMappable,
    colour_map,
    style,
    text_width,
)
from actcli.figures.keys import Box
from actcli.figures.look import Look

_LEFT, _TICKS, _MARGIN = 0.6, 0.35, 0.12  # inches: left of the axes, below the axes, margin of the page
_BAR, _BESIDE = 0.13, 0.14  # inches: the width of the bar, and its distance from the axes
_CELLS = 160  # along each side of the grid
_INK = "#000000"  # visible on all colours of the scale but the lowest, in both themes
_STEPS = 14  # the most bands of values
USUAL_ROOM = 0.75  # inches, the typical width of a bar with its numbers


class Scale:
    """Bands between round numbers from `low` to `high`, and their colours, for surface and samples."""

    def __init__(self, low: float, high: float, look: Look) -> None:
        if not high > low:
            low, high = low - 0.5, low + 0.5
        self.levels = MaxNLocator(_STEPS, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
        colours = colour_map(look, "viridis")
        self.colours: dict[str, Any] = {"cmap": colours, "norm": BoundaryNorm(self.levels, colours.N, extend="both")}

    @property
    def room(self) -> float:
        """The width in inches of the bar with its numbers."""
        return _BESIDE + max(0.45, _BAR + 0.1 + max(text_width(number(level), SMALL) for level in self.levels))

    def draw_bar(self, picture: Picture, box: Box) -> None:
        """Draw the colours with their numbers along the left edge of a part of the page."""
        axes = box._replace(right=box.left + _BAR, top=box.top + 0.15, bottom=box.bottom - 0.2).axes(picture)
        picture.line(box.right, box.top, "output", ha="right", va="center_baseline", fontsize=SMALL)
        every = max(1, -(-len(self.levels) // max(int(box.tall / 0.3), 2)))
        first = int(np.argmin(np.abs(self.levels))) % every  # a level 0 is labelled
        picture.colorbar(
            ScalarMappable(**self.colours),
            cax=axes,
            ticks=self.levels[first::every],
            format=lambda value, _: number(value),
        )
        axes.tick_params(labelsize=SMALL, length=2)
        axes.minorticks_off()
        axes.grid(False)


def span_of(column: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    """Equally spaced coordinates along one input, slightly beyond its samples on both sides."""
    low, high = float(column.min()), float(column.max())
    margin = 0.04 * (high - low) or 0.5
    return np.linspace(low - margin, high + margin, cells)


def sample_size(tall: float, count: int) -> float:
    """The width of a sample in points in a panel `tall` inches high."""
    return min(max(1.9 * tall, 1.2), 4.5) * (1.0 if count <= 600 else 0.7)


def draw_surface(
    axes: Axes, across: NDArray[np.float64], up: NDArray[np.float64], values: NDArray[np.float64], scale: Scale
) -> Callable[[], None]:
    """Draw bands of values (up, across) on a grid, separated by thin lines, and return a function that removes them."""
    shown = np.ma.masked_invalid(values)
    ink: dict[str, Any] = {"colors": _INK, "linewidths": 0.4, "linestyles": "solid", "alpha": 0.35}
    drawn = [
        axes.contourf(across, up, shown, levels=scale.levels, extend="both", zorder=0, **scale.colours),
        axes.contour(across, up, shown, levels=scale.levels, zorder=1, **ink),
    ]
    axes.grid(False)

    def remove() -> None:
        for contours in drawn:
            contours.remove()

    return remove


def draw_values(
    axes: Axes,
    points: NDArray[np.float64],
    values: NDArray[np.float64] | None,
    scale: Scale,
    look: Look,
    hollow: NDArray[np.bool_] | None = None,
    *,
    size: float,
) -> None:
    """Draw samples in the colours of their values with black edges, or as rings if held out."""
    if values is None:
        axes.plot(*points.T, "o", ms=size, color=look.colours.text, mec=look.colours.ground, mew=0.5, zorder=4)
        return
    inks: NDArray[Any] = ScalarMappable(**scale.colours).to_rgba(values)
    hollow = np.zeros(len(points), dtype=bool) if hollow is None else hollow
    kinds: tuple[tuple[NDArray[np.bool_], dict[str, Any]], ...] = (
        (~hollow, {"facecolors": inks[~hollow], "edgecolors": _INK, "linewidths": 0.5}),
        (hollow, {"facecolors": look.colours.ground, "edgecolors": inks[hollow], "linewidths": 1.4}),
    )
    for chosen, how in kinds:
        if chosen.any():
            axes.scatter(points[chosen, 0], points[chosen, 1], s=size**2, zorder=4, **how)


def surface(
    predict: Callable[[NDArray[np.float64]], ArrayLike],
    X: ArrayLike,
    targets: ArrayLike | None,
    look: Look,
    *,
    names: Sequence[str] = (),
    title: str = "",
    caption: str = "",
) -> Picture:
    """The output of a network over the plane of its two inputs, and the samples.

    `predict` takes (m, 2) points and returns (m, 1) values; X is (n, 2), targets (n,) or None. names: of the inputs.
    """
    points = np.asarray(X, dtype=np.float64)
    values = None if targets is None else np.asarray(targets, dtype=np.float64).reshape(-1)
    across, up = (span_of(column, _CELLS) for column in points.T)
    mesh = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    heights = np.asarray(predict(mesh), dtype=np.float64).reshape(_CELLS, _CELLS)
    words = title or "output over two inputs"
    look = look.holding(2.4, 1.6)
    with style(look):
        picture = Picture(look, words, caption or words)
        scale = Scale(*limits(heights, values), look)
        top = picture.heading(name=words) + picture.above
        foot = picture.footing(caption) + _TICKS
        width, height = (float(side) for side in picture.get_size_inches())
        box = Box(_LEFT, top, width - _MARGIN - scale.room, height - foot)
        axes = box.axes(picture)
        draw_surface(axes, across, up, heights, scale)
        draw_values(axes, points, values, scale, look, size=sample_size(box.tall, len(points)))
        axes.set_xlim(across[0], across[-1])
        axes.set_ylim(up[0], up[-1])
        axes.xaxis.set_major_formatter(Ticks())
        axes.yaxis.set_major_formatter(Ticks())
        if not picture.small:
            name_axes(picture, axes, *(name.replace("$", r"\$") for name in names or ("x₀", "x₁")))
        scale.draw_bar(picture, box._replace(left=box.right + _BESIDE, right=width - _MARGIN))
    return picture


def limits(heights: NDArray[np.float64], values: NDArray[np.float64] | None) -> tuple[float, float]:
    """The limits of the scale: the samples, and the surface up to a quarter of the range of the samples beyond them."""
    found = heights[np.isfinite(heights)]
    if values is None:
        return (float(found.min()), float(found.max())) if found.size else (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if not found.size:
        return low, high
    reach = (high - low) / 4
    return max(min(low, float(found.min())), low - reach), min(max(high, float(found.max())), high + reach)
