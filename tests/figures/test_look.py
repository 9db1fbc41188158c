"""Sizes, themes and file names from words of the command line."""

from __future__ import annotations

import itertools

import pytest

from actcli.figures.look import DASHES, MARKERS, THEMES, file_stem, look, suffix_of


@pytest.mark.parametrize(
    ("size", "dpi", "expected"),
    [
        (None, None, (960, 600, 150)),
        (None, 300, (1920, 1200, 300)),
        ("slide", None, (1920, 1080, 240)),
        ("page", None, (1950, 1200, 300)),
        ("thumb", None, (480, 300, 150)),
        ("800x500", None, (800, 500, 150)),
        ("800x500", 100, (800, 500, 100)),
        ("SLIDE", 120, (960, 540, 120)),
    ],
)
def test_sizes(size: str | None, dpi: float | None, expected: tuple[int, int, float]) -> None:
    how = look(size, dpi)
    assert (how.width, how.height, how.dpi) == expected


@pytest.mark.parametrize(
    ("size", "dpi", "message"),
    [
        ("huge", None, "--size 'huge' is no size; give slide, page, thumb or WIDTHxHEIGHT in pixels, as 960x600"),
        ("0x600", None, "a figure of 0x600 pixels is out of range; from 100 to 20,000 a side, 100 million in all"),
        ("9x9", None, "a figure of 9x9 pixels is out of range; from 100 to 20,000 a side, 100 million in all"),
        (
            "100x100",
            None,
            "a figure of 100x100 pixels at 150 dots per inch has no room for text; "
            "ask for more pixels or a lower --dpi",
        ),
        (None, 1, "--dpi 1 is out of range; from 20 to 2400 dots per inch"),
    ],
)  # fmt: skip
def test_sizes_that_make_no_sense(size: str | None, dpi: float | None, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        look(size, dpi)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "suffix"), [("a.png", ".png"), ("a.SVG", ".svg"), ("b.c/d.pdf", ".pdf"), ("-", ".png")]
)
def test_suffixes(name: str, suffix: str) -> None:
    assert suffix_of(name) == suffix


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a.gif", "'.gif' is no picture suffix"),
        ("relu", "it has no suffix and is no folder"),
        (".png", "it has no suffix and is no folder"),
    ],
)
def test_wrong_suffixes(name: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        suffix_of(name)
    assert str(caught.value) == f"cannot draw into {name!r}: {problem}; give a name that ends in .png, .svg, .pdf"


@pytest.mark.parametrize(
    ("specs", "stem"),
    [
        (["relu"], "relu"),
        (["relu", "leaky_relu@negative_slope=0.1"], "relu-leaky_relu@negative_slope=0.1"),
        (["x*sigmoid(1.702*x)"], "x_sigmoid_1.702_x"),
        (["../etc/passwd"], "etc_passwd"),
        (["***"], "figure"),
        (["x" * 300], "x" * 100 + "-1"),
    ],
)
def test_file_names(specs: list[str], stem: str) -> None:
    assert file_stem(*specs) == stem


# Machado, Oliveira and Fernandes 2009, severity 1.0, in linear RGB.
BLINDNESS = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour: str) -> list[float]:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def lab(rgb: list[float]) -> list[float]:
    """CIE L*a*b* of linear sRGB, white D65."""
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [sum(m * max(c, 0.0) for m, c in zip(row, rgb, strict=True)) for row in matrix]
    f = [
        (v / w) ** (1 / 3) if v / w > 0.008856 else 7.787 * v / w + 16 / 116
        for v, w in zip(xyz, (0.9505, 1.0, 1.089), strict=True)
    ]
    return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]


def distance(a: str, b: str, kind: str) -> float:
    seen = [
        lab([sum(m * c for m, c in zip(row, linear(colour), strict=True)) for row in BLINDNESS[kind]])
        for colour in (a, b)
    ]
    return sum((p - q) ** 2 for p, q in zip(*seen, strict=True)) ** 0.5


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize("theme", THEMES)
def test_colours_stay_apart_for_the_colour_blind(theme: str, kind: str) -> None:
    colours = THEMES[theme].series
    near = {(a, b): round(distance(a, b, kind), 1) for a, b in itertools.combinations(colours, 2)}
    assert {pair: d for pair, d in near.items() if d < 10} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_colours_stand_out_from_the_ground(theme: str) -> None:
    def luminance(colour: str) -> float:
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))

    def contrast(a: str, b: str) -> float:
        high, low = sorted((luminance(a), luminance(b)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    palette = THEMES[theme]
    assert min(contrast(colour, palette.ground) for colour in palette.series) > 2
    assert contrast(palette.text, palette.ground) > 12
    assert contrast(palette.muted, palette.ground) > 6


def test_eight_dashes_for_curves_and_twelve_colours_and_markers_for_classes() -> None:
    assert len(DASHES) == len(set(DASHES)) == 8
    for theme in THEMES.values():
        assert len(theme.series) == len(set(theme.series)) == 12
    assert len(set(MARKERS)) == len(MARKERS) == 12
