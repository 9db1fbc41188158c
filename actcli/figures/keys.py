"""Keys of figures: rows of samples of lines or markers, each followed by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from actcli.figures.canvas import SMALL, Axes, Line2D, Picture, colour, dash


class Box(NamedTuple):
    """A part of a page, in inches from its left and its top."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def wide(self) -> float:
        return self.right - self.left

    @property
    def tall(self) -> float:
        return self.bottom - self.top

    def axes(self, picture: Picture) -> Axes:
        """Add axes that fill this part of the page."""
        wide, tall = (float(side) for side in picture.get_size_inches())
        return picture.panel(self.left, self.top, wide - self.right, tall - self.bottom)


def draw_key(picture: Picture, names: Sequence[str], handles: Sequence[Line2D], box: Box) -> float:
    """Draw a key in rows from the top of a part of a page, and return its height in inches."""
    wide, tall = picture.get_size_inches()
    x, y = box.left, box.top + 0.08
    for name, handle in zip(names, handles, strict=True):
        sample = 0.08 if handle.get_linestyle() == "None" else 0.3
        text = picture.line(x + sample + 0.08, y, name, va="center_baseline", fontsize=SMALL)
        room = sample + 0.08 + picture.extent(text)[0]
        if x > box.left and x + room > box.right:
            x, y = box.left, y + 0.19
            text.set_position(((x + sample + 0.08) / wide, 1 - y / tall))
        draw_sample(picture, handle, x, y, sample)
        x += room + 0.2
    return y - box.top + 0.14


def name_lines(picture: Picture, names: Sequence[str], top: float) -> float:
    """Draw the key of the first lines of a figure below its title, and return its height in inches."""
    handles = [Line2D([], [], color=colour(picture.look, k), ls=dash(k), lw=2) for k in range(len(names))]
    wide, tall = (float(side) for side in picture.get_size_inches())
    return draw_key(picture, names, handles, Box(0.12, top, wide - 0.12, tall))


def draw_sample(picture: Picture, handle: Line2D, x: float, y: float, length: float) -> None:
    """Draw a sample of a line, or a marker, at a position of the page in inches."""
    wide, tall = picture.get_size_inches()
    ends = [x, x + length] if handle.get_linestyle() != "None" else [x + length / 2]
    handle.set_data([end / wide for end in ends], [1 - (y - 0.005) / tall] * len(ends))
    picture.add_artist(handle)
