"""Labels of points and lines, placed where they cover no line, dot or other label, or else left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from actcli.figures.axes import number
from actcli.figures.canvas import SMALL, Axes, Bbox, Line2D, Picture
from actcli.figures.sampling import Array, Series

#: Distances in points from a dot at which its label may be placed, and the distance from which a leader is drawn.
_DISTANCES = (4.0, 10.0, 17.0, 26.0, 38.0, 52.0, 68.0)
_LEADS = 12.0
#: The cost of a place on a zero line, as a distance in points.
_ON_AXIS = 12.0
_AROUND = [(float(np.cos(turn)), float(np.sin(turn))) for turn in np.arange(16) * np.pi / 8]


@dataclass(frozen=True)
class _Spot:
    """A place for a text: its lower left corner in pixels, its cost, and whether it needs a leader."""

    left: float
    low: float
    cost: float
    leads: bool = False


class Notes:
    """The labels of one set of axes, whose limits and lines must be final before the first label."""

    def __init__(self, picture: Picture, axes: Axes, lines: Sequence[Series] = ()) -> None:
        self.picture, self.axes = picture, axes
        self.ink = np.empty((0, 2))
        self.taken: list[Bbox] = []
        self.waiting: list[tuple[float, float, str, str]] = []
        #: Labels for which there was no room.
        self.left_out: list[str] = []
        for line in lines:
            self.avoid(line.x, line.y)
            for x in line.poles:
                self.avoid([x, x], axes.get_ylim())

    @property
    def _point(self) -> float:
        return self.picture.dpi / 72

    def avoid(self, x: Sequence[float] | Array, y: Sequence[float] | Array) -> None:
        """Keep labels off a line, which may be broken by nan."""
        path = self.axes.transData.transform(np.column_stack([np.asarray(x), np.asarray(y)]))
        self._keep_off(path)

    def _keep_off(self, path: Array) -> None:
        """Store a line, given in pixels, as points closer together than the width of a letter."""
        low, high = self.axes.get_window_extent().get_points()
        path = np.clip(path, low - 1e4, high + 1e4)
        steps = np.hypot(*np.diff(path, axis=0).T)
        pieces = np.where(np.isfinite(steps), np.minimum(np.ceil(np.nan_to_num(steps) / 3), 4000), 0).astype(int)
        start = np.repeat(np.arange(len(steps)), pieces)
        share = (np.arange(len(start)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / np.maximum(pieces[start], 1)
        points = path[start] + share[:, None] * (path[start + 1] - path[start])
        points = np.concatenate([points, path[np.isfinite(path).all(axis=1)]])
        inside = np.all((points > low - 40) & (points < high + 40), axis=1)
        self.ink = np.concatenate([self.ink, points[inside]])

    def dot(self, x: float, y: float, ink: str, words: str = "", *, hollow: bool = False) -> None:
        """Draw a dot on a curve; its label, if any, is written by `place` after all dots are known."""
        face = self.picture.look.colours.ground if hollow else ink
        self.axes.plot([x], [y], "o", ms=5.5, mfc=face, mec=ink, mew=1.4, zorder=6)
        if words:
            self.mark(x, y, ink, words)

    def mark(self, x: float, y: float, ink: str, words: str) -> None:
        """Add a label for a dot that is already drawn."""
        centre = self.axes.transData.transform((x, y))
        radius = 3.5 * self._point
        self.taken.append(Bbox([centre - radius, centre + radius]))
        self.waiting.append((x, y, ink, words))

    def place(self) -> None:
        """Write the labels of all dots, each as near to its dot as possible."""
        for x, y, ink, words in self.waiting:
            centre = self.axes.transData.transform((x, y))

            def spots(wide: float, tall: float, centre: Array = centre) -> list[_Spot]:
                found = []
                for away in _DISTANCES:
                    for dx, dy in _AROUND:
                        reach = (away + 3.0) * self._point
                        left = centre[0] + dx * reach + (dx - 1) / 2 * wide
                        low = centre[1] + dy * reach + (dy - 1) / 2 * tall
                        # The right and above are preferred; directly above or below is the least preferred.
                        found.append(_Spot(left, low, away - 2 * dx - dy + 3 * (abs(dx) < 0.3), away > _LEADS))
                return found

            self._write(words, ink, spots, centre)
        self.waiting.clear()

    def along(self, words: str, x: Sequence[float], y: Sequence[float], *, from_end: bool = True) -> None:
        """Write a label beside a straight line, near its second end, or near its first if not `from_end`."""
        path = self.axes.transData.transform(np.column_stack([x, y]))
        start, stop = path[::-1] if from_end else path
        level = abs(stop[1] - start[1]) < 2

        def spots(wide: float, tall: float) -> list[_Spot]:
            found = []
            area = self.axes.get_window_extent()
            gap = 3 * self._point
            for share in np.linspace(0, 0.85, 18):
                at = np.clip(start + share * (stop - start), area.min, area.max)
                if level:
                    left = min(max(at[0], area.x0 + gap), area.x1 - gap - wide)
                    found += [_Spot(left, at[1] + gap, share), _Spot(left, at[1] - gap - tall, share + 0.02)]
                else:
                    low = min(max(at[1], area.y0 + gap), area.y1 - gap - tall)
                    found += [_Spot(at[0] + gap, low, share), _Spot(at[0] - gap - wide, low, share + 0.02)]
            return found

        self._write(words, self.picture.look.colours.muted, spots, None)

    def name_poles(self, lines: Sequence[Series], most: int = 4) -> None:
        """Label the poles of lines, unless there are more than `most`."""
        poles = sorted({x for line in lines for x in line.poles})
        for x in poles if len(poles) <= most else ():
            self.along(f"x = {number(x)}", [x, x], self.axes.get_ylim())

    def _write(self, words: str, ink: str, spots: Any, centre: Array | None) -> None:
        text = self.axes.text(0, 0, words, fontsize=SMALL, color=ink, zorder=7, va="bottom", ha="left")
        extent = text.get_window_extent()
        best = self._best(spots(extent.width, extent.height), extent.width, extent.height, centre)
        if best is None:
            text.remove()
            self.left_out.append(words)
            return
        box = Bbox.from_bounds(best.left, best.low, extent.width, extent.height)
        across, up = self.axes.transData.inverted().transform((best.left, best.low))
        text.set_position((float(across), float(up)))
        if self._on_axis(best.left, best.low, extent.width, extent.height) and not self.picture.look.transparent:
            text.set_bbox({"fc": self.picture.look.colours.ground, "ec": "none", "pad": 0.5})  # breaks the zero line
        self.taken.append(box.padded(1.5 * self._point))
        if best.leads and centre is not None:
            end = np.clip(centre, box.min, box.max)
            start = centre + (end - centre) * 3.5 * self._point / np.hypot(*(end - centre))
            self.axes.add_line(
                Line2D(*self.axes.transData.inverted().transform([start, end]).T, color=ink, lw=0.7, zorder=5)
            )
            self._keep_off(np.array([start, end]))

    def _best(self, spots: list[_Spot], wide: float, tall: float, centre: Array | None) -> _Spot | None:
        """The cheapest spot inside the axes that covers nothing, if possible with a leader that crosses no line."""
        area = self.axes.get_window_extent()
        pad = 1.5 * self._point
        left, low, cost = (np.array([getattr(spot, key) for spot in spots]) for key in ("left", "low", "cost"))
        cost = cost + _ON_AXIS * self._on_axis(left, low, wide, tall)
        free = (left >= area.x0 + pad) & (left + wide <= area.x1) & (low >= area.y0 + pad) & (low + tall <= area.y1)
        for box in self.taken:
            own = centre is not None and box.contains(*centre) and box.width < 8 * self._point
            room = 0.0 if own else pad
            free &= ~(
                (left - room < box.x1) & (left + wide + room > box.x0)
                & (low - room < box.y1) & (low + tall + room > box.y0)
            )  # fmt: skip
        crossing = None
        for k in sorted(np.flatnonzero(free).tolist(), key=lambda k: float(cost[k])):
            corner = np.array([left[k], low[k]])
            if np.any(
                np.all((self.ink > corner - pad) & (self.ink < corner + np.array([wide + pad, tall + pad])), axis=1)
            ):
                continue
            if centre is not None and spots[k].leads:
                end = np.clip(centre, corner, corner + np.array([wide, tall]))
                if self._crosses(centre, end):
                    continue
                if self._crosses_lines(centre, end):
                    crossing = crossing or spots[k]
                    continue
            return spots[k]
        return crossing

    def _on_axis(self, left: Any, low: Any, wide: float, tall: float) -> Any:
        """Whether labels at these places would lie over a zero line."""
        upright, level = self.axes.transData.transform((0.0, 0.0))
        return ((left < upright) & (left + wide > upright)) | ((low < level) & (low + tall > level))

    def _crosses(self, start: Array, end: Array) -> bool:
        """Whether a leader would run through other labels or dots."""
        way = start + np.linspace(0, 1, 20)[:, None] * (end - start)
        return any(
            not box.contains(*start) and np.any(np.all((way > box.min) & (way < box.max), axis=1)) for box in self.taken
        )

    def _crosses_lines(self, start: Array, end: Array) -> bool:
        """Whether a leader would cross a line outside the neighbourhood of its start."""
        way = start + np.linspace(0, 1, 20)[:, None] * (end - start)
        beyond = way[np.hypot(*(way - start).T) > _LEADS * self._point]
        return any(np.any(np.all(np.abs(self.ink - place) < 2 * self._point, axis=1)) for place in beyond)
