"""Heat maps of row functions over their two inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation
from actcli.figures.axes import Ticks, name_axes, number
from actcli.figures.canvas import SMALL, Normalize, Picture, colour_map, style
from actcli.figures.look import Look
from actcli.figures.sampling import View

_CELLS = 240


def cells_of(
    activation: Activation, span: tuple[float, float], count: int, look: Look
) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """The first output of a row function of two inputs on a grid, (count, count), and the colours of an image of it.

    If the values have both signs, the colour map is diverging, blue below zero and red above, and symmetric about zero.
    """
    across = np.linspace(*span, count)
    values = np.asarray(activation(np.stack(np.meshgrid(across, across), axis=-1))[..., 0], dtype=np.float64)
    signed = values.min() < 0 < values.max()
    largest = float(np.abs(values).max()) or 1.0
    limits = (-largest, largest) if signed else (float(values.min()), float(values.max()))
    return values, {
        "cmap": colour_map(look, "RdBu_r" if signed else "viridis"),
        "norm": Normalize(*limits),
    }


def plane(activation: Activation, view: View, look: Look) -> Picture:
    """The first output of a row function of two inputs as a heat map with contours and equal aspect."""
    low, high = span = view.span or (-5.0, 5.0)
    values, colours = cells_of(activation, span, _CELLS, look)
    look = look.holding(3.0, 2.6)
    gated = activation.output_width(2) == 1
    first, second = ("a", "b") if gated else ("x₀", "x₁")
    with style(look):
        about = (
            f"first output for {first} and {second} from {low:g} to {high:g}. {activation.spec}: {activation.formula}"
        )
        picture = Picture(look, activation.spec, about)
        top = picture.heading(f"$y_i = {activation.mathtext()}$", activation.spec, activation.formula)
        wordy = max(picture.extent(text)[0] for text in picture.texts) + 0.2
        foot = picture.footing(f"first output for the row ({first}, {second})")
        width, height = picture.get_size_inches()
        under, beside = min(width - 1.6, height - top - foot - 0.6), min(width - wordy - 1.6, height - foot - 0.7)
        side = max(under, beside)
        if beside > under:
            top = 0.1
        left = max((width - side - 0.6) / 2, wordy + 0.5 if beside > under else 0.0)
        axes = picture.panel(left, top + 0.2, width - left - side, height - top - 0.2 - side)
        extent = (low, high, low, high)
        image = axes.imshow(values, origin="lower", extent=extent, **colours)
        if np.ptp(values) > 0:
            across = np.linspace(low, high, _CELLS)
            ink: dict[str, Any] = {"colors": [look.colours.text], "linewidths": 0.5, "linestyles": "solid"}
            axes.contour(across, across, values, levels=8, alpha=0.6, **ink)
        axes.grid(False)
        axes.xaxis.set_major_formatter(Ticks())
        axes.yaxis.set_major_formatter(Ticks())
        axes.locator_params(nbins=max(2, min(5, int(side / 0.4))))
        name_axes(picture, axes, first, second)
        scale = picture.panel(left + side + 0.3, top + 0.2, width - left - side - 0.42, height - top - 0.2 - side)
        picture.colorbar(image, cax=scale, format=lambda value, _: number(value, 3))
        scale.tick_params(labelsize=SMALL)
        scale.grid(False)
    return picture
