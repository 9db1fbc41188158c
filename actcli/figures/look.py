"""The look of a figure: size, resolution, theme, colours and dashes. This module does not import matplotlib."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

#: The file formats of every figure, and those of interactive pages and of films.
SUFFIXES = (".png", ".svg", ".pdf")
PAGE, FILM = ".html", ".gif"
#: Scales of y: linear, or logarithmic on both sides of a linear part about 0.
SCALES = ("linear", "symlog")

# Named sizes: pixels, and dots per inch, whose ratio determines the size of text relative to the figure.
SIZES: dict[str, tuple[int, int, float]] = {
    "default": (960, 600, 150.0),
    "slide": (1920, 1080, 240.0),
    "page": (1950, 1200, 300.0),
    "thumb": (480, 300, 150.0),
}
_LARGEST = 20_000  # pixels per side; Agg has a limit of 65,535, memory a far lower one


@dataclass(frozen=True)
class Theme:
    """The colours of one theme; `series` begins with the Okabe-Ito palette without yellow, adapted to the ground."""

    ground: str
    text: str
    muted: str
    grid: str
    zero: str
    shade: str
    series: tuple[str, ...]


THEMES: dict[str, Theme] = {
    "light": Theme(
        ground="#ffffff",
        text="#1a1a1a",
        muted="#595959",
        grid="#e6e6e6",
        zero="#9a9a9a",
        shade="#f0efe9",
        series=(
            *("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#7a5230"),
            *("#8000ff", "#002080", "#400040", "#a080ff"),
        ),
    ),
    "dark": Theme(
        ground="#16181d",
        text="#ececec",
        muted="#a8a8a8",
        grid="#2c2f36",
        zero="#6d7078",
        shade="#22252c",
        series=(
            *("#4aa3e0", "#f0813a", "#22c197", "#dd92bd", "#f2b632", "#9fd8ff", "#ffffff", "#b58a64"),
            *("#8000ff", "#a02080", "#c00020", "#a040e0"),
        ),
    ),
}

#: The ranges of x and of y in the panels of a gallery.
GALLERY_SPAN, GALLERY_LEVELS = (-5.0, 5.0), (-2.2, 4.2)

# One dash pattern per series, for prints without colour: lengths of dashes and gaps in line widths.
DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (5, 1.6),
    (1.2, 1.2),
    (6, 1.4, 1.2, 1.4),
    (9, 2.5),
    (3, 1.2),
    (6, 1.2, 1.2, 1.2, 1.2, 1.2),
    (2.4, 2.4),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "p", "<", "h", ">")


@dataclass(frozen=True)
class Look:
    """All settings of a figure except its data.

    `width` and `height` are in pixels, `dpi` in dots per inch; `title` replaces the figure's own title if given; `cmap`
    is the name of a matplotlib colour map for the colours; `exact` means that the size was requested, so that a figure
    of many panels must fit it instead of growing; `series` is the number of colours that a colour map is divided into;
    `xlabel` and `ylabel` replace the names x and f(x) of the axes; `fixed` means that the theme was requested, so that
    an HTML page does not use that of its reader.
    """

    width: int = SIZES["default"][0]
    height: int = SIZES["default"][1]
    dpi: float = SIZES["default"][2]
    theme: str = "light"
    transparent: bool = False
    cmap: str | None = None
    title: str | None = None
    exact: bool = False
    series: int = 8
    xlabel: str | None = None
    ylabel: str | None = None
    fixed: bool = False

    @property
    def colours(self) -> Theme:
        """The theme's colours."""
        return THEMES[self.theme]

    @property
    def inches(self) -> tuple[float, float]:
        """Width and height in inches."""
        return self.width / self.dpi, self.height / self.dpi

    def holding(self, wide: float, tall: float) -> Look:
        """The look with room for `wide` by `tall` inches: a larger page or, if its size was requested, smaller text."""
        if self.exact:
            return replace(self, dpi=min(self.dpi, self.width / wide, self.height / tall))
        return self.sized(max(self.width, round(wide * self.dpi)), max(self.height, round(tall * self.dpi)))

    def sized(self, width: int, height: int) -> Look:
        """The same look on a canvas of `width` by `height` pixels."""
        return replace(self, width=width, height=height)


def look(
    size: str | None = None,
    dpi: float | None = None,
    theme: str | None = None,
    *,
    transparent: bool = False,
    cmap: str | None = None,
    title: str | None = None,
) -> Look:
    """The look for words of the command line.

    `size` is a name of `SIZES` or WIDTHxHEIGHT in pixels. `dpi` scales a named size, which gives the same picture with
    more pixels; with WIDTHxHEIGHT the pixels stay and the text grows. Raises ValueError naming the word and what is
    allowed.
    """
    if theme is not None and theme not in THEMES:
        raise ValueError(f"no theme {theme!r}; the themes are {' and '.join(THEMES)}")
    if dpi is not None and not 20 <= dpi <= 2400:
        raise ValueError(f"--dpi {dpi:g} is out of range; from 20 to 2400 dots per inch")
    name = "default" if size is None else size.lower()
    if name in SIZES:
        width, height, resolution = SIZES[name]
        if dpi is not None:
            width, height, resolution = round(width * dpi / resolution), round(height * dpi / resolution), dpi
    else:
        match = re.fullmatch(r"(\d{1,6})[x×](\d{1,6})", name)
        if match is None:
            named = ", ".join(known for known in SIZES if known != "default")
            raise ValueError(f"--size {size!r} is no size; give {named} or WIDTHxHEIGHT in pixels, as 960x600")
        width, height, resolution = int(match[1]), int(match[2]), dpi or SIZES["default"][2]
    if min(width, height) < 100 or max(width, height) > _LARGEST or width * height > 100_000_000:
        raise ValueError(
            f"a figure of {width}x{height} pixels is out of range; from 100 to {_LARGEST:,} a side, 100 million in all"
        )
    if min(width, height) / resolution < 1.2:
        raise ValueError(
            f"a figure of {width}x{height} pixels at {resolution:g} dots per inch has no room for text; "
            "ask for more pixels or a lower --dpi"
        )
    return Look(
        width,
        height,
        resolution,
        theme or "light",
        transparent,
        cmap,
        title,
        exact=size is not None,
        fixed=theme is not None,
    )


def suffix_of(target: str | Path, *more: str) -> str:
    """The suffix of a file name, one of SUFFIXES or `more`; ".png" for "-", which is standard output.

    Raises ValueError naming the file and the allowed suffixes.
    """
    if str(target) == "-":
        return ".png"
    suffix = Path(target).suffix.lower()
    allowed = (*SUFFIXES, *more)
    if suffix not in allowed:
        problem = f"{suffix!r} is no picture suffix" if suffix else "it has no suffix and is no folder"
        raise ValueError(f"cannot draw into {str(target)!r}: {problem}; give a name that ends in {', '.join(allowed)}")
    return suffix


def shortened(name: str, most: int, dots: str = "…") -> str:
    """A name shortened to at most `most` letters.

    >>> shortened("negative_slope", 8)
    'negativ…'
    """
    return name if len(name) <= most else name[: most - len(dots)] + dots


def file_stem(*specs: str) -> str:
    """A file name, without suffix, for a figure of these SPECs that is valid on every system.

    >>> file_stem("relu", "leaky_relu@negative_slope=0.1")
    'relu-leaky_relu@negative_slope=0.1'
    """
    stem = re.sub(r"[^\w.@=,+-]+", "_", "-".join(specs), flags=re.ASCII).strip("._-")
    if len(stem) > 100:
        stem = stem[:100].rstrip("._-,=@+") + f"-{len(specs)}"
    return stem or "figure"
