"""The page of a figure: matplotlib independent of the user's settings, text that fits, reproducible files."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from actcli.figures.look import DASHES, Look


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Hide rc files, MPLBACKEND and log messages from the import of matplotlib, because they could change a figure.

    matplotlib reads ./matplotlibrc first, so the import runs in another folder.
    """
    for name in ("matplotlib", "fontTools"):  # fontTools warns of dates in matplotlib's fonts
        logging.getLogger(name).setLevel(logging.CRITICAL)
    found = importlib.util.find_spec("matplotlib")
    if "matplotlib" in sys.modules or found is None or found.origin is None:
        yield
        return
    package = Path(found.origin).parent
    kept = {name: os.environ.pop(name, None) for name in ("MPLBACKEND", "MATPLOTLIBRC")}
    os.environ["MATPLOTLIBRC"] = str(package / "mpl-data" / "matplotlibrc")
    try:
        with contextlib.chdir(package):
            yield
    finally:
        del os.environ["MATPLOTLIBRC"]
        os.environ.update({name: value for name, value in kept.items() if value is not None})


with _undisturbed():
    # Every module that draws imports the names of matplotlib from here, so that none imports it earlier.
    import matplotlib
    from matplotlib.axes import Axes as Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvasAgg
    from matplotlib.cm import ScalarMappable as ScalarMappable
    from matplotlib.collections import LineCollection as LineCollection
    from matplotlib.colors import BoundaryNorm as BoundaryNorm
    from matplotlib.colors import Colormap as Colormap
    from matplotlib.colors import ListedColormap as ListedColormap
    from matplotlib.colors import Normalize as Normalize
    from matplotlib.colors import to_hex as to_hex
    from matplotlib.colors import to_rgb as to_rgb
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties, findfont, get_font
    from matplotlib.image import BboxImage as BboxImage
    from matplotlib.lines import Line2D as Line2D
    from matplotlib.mathtext import MathTextParser
    from matplotlib.patches import Circle as Circle
    from matplotlib.text import Text as Text
    from matplotlib.ticker import Formatter as Formatter
    from matplotlib.ticker import MaxNLocator as MaxNLocator
    from matplotlib.ticker import NullLocator as NullLocator
    from matplotlib.transforms import Affine2D as Affine2D
    from matplotlib.transforms import Bbox as Bbox
    from matplotlib.transforms import TransformedBbox as TransformedBbox

SMALL, PLAIN, LARGE = 9.0, 10.0, 12.5  # points; no text is smaller than SMALL

_DEFAULTS: dict[str, Any] = {str(key): value for key, value in matplotlib.rcParamsDefault.items()}
_RC: dict[str, Any] = {key: value for key, value in _DEFAULTS.items() if not key.startswith("backend")} | {
    "font.family": ["DejaVu Sans"],  # part of matplotlib, so every machine has the same glyphs
    "font.size": SMALL,
    "mathtext.fontset": "dejavusans",
    "axes.formatter.use_locale": False,
    "axes.formatter.useoffset": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.labelsize": SMALL,
    "axes.titlesize": PLAIN,
    "axes.titlelocation": "left",
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "grid.linewidth": 0.7,
    "lines.linewidth": 2.0,
    "lines.dash_capstyle": "butt",
    "lines.scale_dashes": True,
    "savefig.dpi": "figure",
    "svg.fonttype": "none",
    "svg.hashsalt": "actcli",
    "pdf.fonttype": 42,
}


@contextlib.contextmanager
def style(look: Look) -> Iterator[None]:
    """Use matplotlib's defaults and the look's colours within a `with` block."""
    theme = look.colours
    colours: Any = {
        "figure.facecolor": theme.ground,
        "axes.facecolor": "none",
        "savefig.facecolor": theme.ground,
        "text.color": theme.text,
        "axes.labelcolor": theme.text,
        "axes.edgecolor": theme.muted,
        "xtick.color": theme.muted,
        "ytick.color": theme.muted,
        "xtick.labelcolor": theme.text,
        "ytick.labelcolor": theme.text,
        "grid.color": theme.grid,
    }
    with matplotlib.rc_context(_RC | colours):
        yield


class Picture(Figure):
    """A figure with its look, and with the title and description that are written into the file as metadata."""

    def __init__(self, look: Look, title: str, description: str) -> None:
        # A millionth of a pixel more, because matplotlib truncates inches times dpi to pixels.
        width, height = (side + 1e-6 / look.dpi for side in look.inches)
        super().__init__(figsize=(width, height), dpi=look.dpi)
        FigureCanvasAgg(self)
        self.look = look
        self.title = title if look.title is None else look.title
        self.description = description

    @property
    def small(self) -> bool:
        """Whether there is room for little more than the curves and the title."""
        return float(self.get_size_inches()[1]) < 2.6

    @property
    def above(self) -> float:
        """Inches between the title and the axes, with room for the name of the y axis unless the figure is small."""
        return 0.05 if self.small else 0.2

    def extent(self, text: Text) -> tuple[float, float]:
        """Width and height of a text in inches."""
        box = text.get_window_extent()
        return box.width / self.dpi, box.height / self.dpi

    def line(self, x: float, y: float, words: str, **how: Any) -> Text:
        """Add a text at a position in inches from the left and the top."""
        width, height = self.get_size_inches()
        return self.text(x / width, 1 - y / height, words, **how)

    def panel(self, left: float, top: float, right: float, bottom: float, **how: Any) -> Axes:
        """Add axes with edges in inches from the edges of the figure, ticks not included."""
        width, height = self.get_size_inches()
        across, up = max(width - left - right, 0.2), max(height - top - bottom, 0.2)
        return self.add_axes((left / width, bottom / height, across / width, up / height), **how)

    def heading(self, formula: str = "", name: str | None = None, plain: str = "") -> float:
        """Write the title and the formula below, and return the inches they take from the top.

        A requested title is written without the formula and without interpreting dollars. Lines too wide for the page
        shrink down to 9 points and are then folded; `plain` is text that replaces a formula too wide even then.
        """
        asked = self.look.title
        title = name or self.title if asked is None else asked
        top = self._headline(0.1, title, plain, fontsize=LARGE, fontweight="bold", parse_math=asked is None)
        if formula and asked is None and not self.small:
            top = self._headline(top, formula, plain, fontsize=PLAIN + 1)
        return top

    def _headline(self, top: float, words: str, plain: str, **how: Any) -> float:
        if not words:
            return top
        if how.get("parse_math", True):
            words = typeset(words)
        room = float(self.get_size_inches()[0]) - 0.24
        text = self.line(0.12, top, words, va="top", **how)
        self._fit(text, room)
        if plain and self.extent(text)[0] > room + 0.1:
            text.set_text(plain)
            self._fold(text, room)
        return top + self.extent(text)[1] + 0.07

    def footing(self, words: str) -> float:
        """Write the caption along the bottom edge; return the inches it takes."""
        if not words or self.small:
            return 0.0
        text = self.text(0, 0, words, fontsize=SMALL, color=self.look.colours.muted, va="bottom", linespacing=1.25)
        width, height = self.get_size_inches()
        text.set_position((0.12 / width, 0.07 / height))
        if self.extent(text)[0] > width - 0.24:
            self._fold(text, width - 0.24)
        return self.extent(text)[1] + 0.1

    def _fit(self, text: Text, room: float) -> None:
        """Make a text at most `room` inches wide: shrink it down to 9 points, then fold it into several lines."""
        wide = self.extent(text)[0]
        if wide > room:
            size = float(text.get_fontsize())
            text.set_fontsize(max(SMALL, size * room / wide * 0.97))
            if wide * SMALL / size > room:
                self._fold(text, room)

    def _fold(self, text: Text, room: float) -> None:
        """Break a text into lines no wider than `room` inches: at spaces outside of `$...$`, else within a word."""

        def width(words: str) -> float:
            text.set_text(words)
            return self.extent(text)[0]

        whole = text.get_text()
        gap = width("n n") - width("nn")
        folded: list[str] = []
        for line in whole.split("\n"):
            parts: list[str] = []
            used = 0.0
            for word in _words(line):
                wide = width(word)  # measured once, because the layout of a formula is slow
                if parts and used + gap + wide <= room:
                    parts[-1] += f" {word}"
                    used += gap + wide
                elif wide <= room or "$" in word:
                    parts.append(word)
                    used = wide
                else:
                    letters = max(int(len(word) * room / wide) - 1, 1)
                    parts += [word[k : k + letters] for k in range(0, len(word), letters)]
                    used = width(parts[-1])
            folded += parts
        text.set_text("\n".join(folded))


@lru_cache(maxsize=4096)
def text_width(words: str, fontsize: float) -> float:
    """The width of a plain text in inches, independent of the figure's resolution."""
    font = get_font(findfont("DejaVu Sans"))
    font.set_size(fontsize, 1000)
    font.set_text(words)
    return float(font.get_width_height()[0]) / 64 / 1000


def typeset(formula: str) -> str:
    r"""A formula between dollars for matplotlib: \cases{a & b \\ c & d} becomes a brace with aligned lines.

    mathtext has no environments, so the brace encloses a fraction without a bar whose two parts hold the lines.
    """
    before, found, rest = formula.partition(r"\cases{")
    if not found:
        return formula
    depth = 1
    end = next(k for k, letter in enumerate(rest) if not (depth := depth + (letter == "{") - (letter == "}")))
    lines = []
    for line in rest[:end].split(r"\\"):
        value, words = (cell.strip() for cell in line.split("&"))
        lines.append((value, words if "otherwise" in words else rf"\mathrm{{if}}\;\;{words}"))
    widths = [(_em(value), _em(words)) for value, words in lines]
    first, second = (max(column) for column in zip(*widths, strict=True))
    padded = [
        rf"{value}\hspace{{{first - a + 1.2:.2f}}}{words}\hspace{{{second - b:.2f}}}"
        for (value, words), (a, b) in zip(lines, widths, strict=True)
    ]
    half = len(padded) // 2
    body = r"\genfrac{}{}{0}{0}"
    for part in (padded[:half], padded[half:]):  # empty indices keep the lines of a stack apart
        body += (
            r"{\substack{" + r" \\ ".join(line + r"{}^{\;}_{\;}" for line in part) + "}}"
            if part[1:]
            else f"{{{part[0]}}}"
        )
    return typeset(rf"{before}\left\{{{body}\right.{rest[end + 1 :]}")


@lru_cache(maxsize=4096)
def _em(formula: str) -> float:
    """The width of a piece of mathtext in ems."""
    how = FontProperties(family="DejaVu Sans", size=100)
    return float(MathTextParser("agg").parse(f"${formula}$", 72, how).width) / 100


def _words(text: str) -> list[str]:
    """The words of a text; a formula between dollars and "x = 1" are one word, and "·" belongs to the word before it.

    >>> _words("range [0, 1] · at x = 1 in $a + b$")
    ['range', '[0,', '1] ·', 'at', 'x = 1', 'in', '$a + b$']
    """
    pieces = text.replace(" · ", "\0· ").replace(" = ", "\0=\0").split("$")
    if len(pieces) % 2:  # an odd number of dollars encloses no formulas
        pieces = [piece.replace(" ", "\0") if index % 2 else piece for index, piece in enumerate(pieces)]
    return [word.replace("\0", " ") for word in "$".join(pieces).split()]


def dash(index: int) -> Any:
    """The line style of series number `index`: solid for the first, different dashes for the next."""
    pattern = DASHES[index % len(DASHES)]
    return (0, pattern) if pattern else "-"


def check(look: Look) -> None:
    """Raise ValueError for an unknown colour map, or for a letter of a title or axis name that the font lacks."""
    if look.cmap is not None:
        colour_map(look, look.cmap)
    font = get_font(findfont("DejaVu Sans"))
    for option, text in {"--title": look.title, "--xlabel": look.xlabel, "--ylabel": look.ylabel}.items():
        strange = [letter for letter in dict.fromkeys(text or "") if not font.get_char_index(ord(letter))]
        if strange:
            raise ValueError(f"{option} {text!r}: the font, DejaVu Sans, has no {' '.join(map(repr, strange))}")


def colour_map(look: Look, usual: str) -> Colormap:
    """The colour map of the look, or else `usual`. Raises ValueError with similar names for an unknown name."""
    name = look.cmap or usual
    try:
        return matplotlib.colormaps[name]
    except KeyError:
        from difflib import get_close_matches

        near = get_close_matches(name, list(matplotlib.colormaps), 3, 0.5)
        hint = f"; did you mean {', '.join(near)}?" if near else "; viridis, brg and RdBu_r are some"
        raise ValueError(f"no colour map {name!r}{hint}") from None


def colour(look: Look, index: int, count: int | None = None) -> str:
    """The colour of series number `index` of `count`: from the theme, or evenly spaced in the requested colour map."""
    if look.cmap is not None:
        return to_hex(colour_map(look, look.cmap)(index / max((count or look.series) - 1, 1)))
    series = look.colours.series
    return series[index % len(series)]


def ramp(look: Look, count: int) -> list[str]:
    """Colours for ascending values of a parameter: from the requested colour map, or the legible part of viridis."""
    colours = colour_map(look, "viridis")
    low, high = (0.0, 1.0) if look.cmap is not None else (0.35, 1.0) if look.theme == "dark" else (0.0, 0.75)
    return [to_hex(colours(low + (high - low) * k / max(count - 1, 1))) for k in range(count)]


def end_labels(
    picture: Picture,
    axes: Axes,
    entries: Sequence[tuple[str, float, str, Any]],
    fontsize: float = SMALL,
    reach: float = 0.15,
) -> None:
    """Name each line at its right end, in a column right of the axes: a sample of the line, then its name.

    `entries` are (label, y at the end of the line, colour, line style), in data units. Names that would overlap move
    apart. A thin leader joins each name to its line, unless lines end at the same height or outside the axes. The
    caller leaves room of the width `label_room`.
    """
    box = axes.get_window_extent()
    inch = picture.dpi
    step = fontsize / 72 * 1.28 * inch
    bottom, top = box.y0 - reach * inch, box.y1 + reach * inch  # `reach` inches outside the axes
    if len(entries) > 1:
        step = min(step, (top - bottom) / (len(entries) - 1))
    left = axes.get_xlim()[0]
    levels = [float(axes.transData.transform((left, y))[1]) for _, y, _, _ in entries]  # valid on logarithmic axes too
    # The name of a line that ends below the axes is placed above the name of the x axis.
    ends = [level if level >= box.y0 - 1 else box.y0 + 0.15 * inch for level in levels]
    ends = [min(max(end, box.y0), box.y1) for end in ends]
    order: list[int] = []
    for _, group in groupby(sorted(range(len(entries)), key=lambda i: (round(ends[i]), -i)), lambda i: round(ends[i])):
        together = list(group)  # of equal ends the first is on top, unless they continue an ascending order
        order += together[::-1] if order and order[-1] == together[-1] - 1 else together
    apart = [
        box.y0 - 1 <= level <= box.y1 + 1 and sum(abs(end - other) < 0.05 * inch for other in ends) == 1
        for level, end in zip(levels, ends, strict=True)
    ]
    places = _spread([ends[i] for i in order], step, bottom, top)
    to_axes = axes.transAxes.inverted()
    for i, place in zip(order, places, strict=True):
        label, _, line_colour, line_style = entries[i]
        points = [(0.0, ends[i]), (0.14, place), (0.2, place), (0.48, place), (0.54, place)]
        (_, leader), (start, level), (dash_from, _), (dash_to, _), (write, _) = (
            to_axes.transform((box.x1 + x * inch, y)) for x, y in points
        )
        place_on_axes: dict[str, Any] = {"transform": axes.transAxes, "clip_on": False}
        if apart[i]:
            axes.plot([1.0, start], [leader, level], color=picture.look.colours.zero, lw=0.7, **place_on_axes)
        axes.plot([dash_from, dash_to], [level, level], color=line_colour, ls=line_style, lw=1.8, **place_on_axes)
        room = float(picture.get_size_inches()[0]) - box.x1 / inch - 0.58
        axes.text(write, level, _short(label, room, fontsize), fontsize=fontsize, va="center", **place_on_axes)


def label_room(picture: Picture, labels: Sequence[str], fontsize: float = SMALL) -> float:
    """The inches that `end_labels` needs right of the axes for these labels, at most 45% of the page."""
    widest = max((text_width(_short(label), fontsize) for label in labels), default=0.0)
    return min(0.54 + widest + 0.12, 0.45 * float(picture.get_size_inches()[0]))


def _short(label: str, room: float = 2.6, fontsize: float = SMALL) -> str:
    """A label shortened to `room` inches; title and description contain the full label."""
    bare = label[:-2] if label.endswith((")′", ")″")) else label.rstrip("′″")
    kept = bare
    while kept and text_width(label if kept is bare else f"{kept}…{label[len(bare) :]}", fontsize) > room:
        kept = kept[:-1]
    return label if kept is bare else f"{kept}…{label[len(bare) :]}"


def _spread(wanted: Sequence[float], step: float, low: float, high: float) -> list[float]:
    """Ascending positions near the wanted ones, at least `step` apart, and within low..high if they fit."""
    groups: list[tuple[float, int]] = []  # (centre, count), merged from below until none overlap
    for place in wanted:
        groups.append((place, 1))
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < step * (groups[-1][1] + groups[-2][1]) / 2:
            (upper, n), (lower, m) = groups.pop(), groups.pop()
            groups.append(((upper * n + lower * m) / (n + m), n + m))
        centre, count = groups[-1]
        half = step * (count - 1) / 2
        groups[-1] = (max(min(centre, high - half), low + half), count)
    places: list[float] = []
    for centre, count in groups:
        places += [centre + step * (k - (count - 1) / 2) for k in range(count)]
    for k in range(1, len(places)):  # a group moved in from an end may be too near the next
        places[k] = max(places[k], places[k - 1] + step)
    for k in reversed(range(len(places))):
        places[k] = min(places[k], high - step * (len(places) - 1 - k))
    return places


def render(picture: Picture, suffix: str) -> bytes:
    """The bytes of a file of the figure, ".png", ".svg" or ".pdf"; the same figure always gives the same bytes."""
    metadata: dict[str, str | None]
    if suffix == ".png":
        metadata = {"Title": picture.title, "Description": picture.description, "Software": None}
    elif suffix == ".svg":
        metadata = {"Title": picture.title, "Description": picture.description, "Date": None, "Creator": None}
    else:
        metadata = dict.fromkeys(("Creator", "Producer", "CreationDate"))
        metadata |= {"Title": picture.title, "Subject": picture.description}
    buffer = io.BytesIO()
    how: dict[str, Any] = {"pil_kwargs": {"compress_level": 4}} if suffix == ".png" else {}
    with style(picture.look):
        picture.savefig(
            buffer,
            format=suffix[1:],
            dpi=picture.look.dpi,
            transparent=picture.look.transparent,
            metadata=metadata,
            **how,
        )
    return buffer.getvalue()
