"""Files of figures: size, resolution, title, and the same bytes in every environment."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from actcli.activations import get
from actcli.figures.canvas import render
from actcli.figures.curves import several, single
from actcli.figures.look import look
from actcli.figures.sampling import View

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("size", "dpi", "pixels", "density"),
    [
        (None, None, (960, 600), 150),
        ("slide", None, (1920, 1080), 240),
        ("page", None, (1950, 1200), 300),
        ("thumb", None, (480, 300), 150),
        ("1001x777", None, (1001, 777), 150),
        ("800x500", 97, (800, 500), 97),
        (None, 300, (1920, 1200), 300),
    ],
)
def test_png_has_the_size_and_resolution_asked_for(
    size: str | None, dpi: float | None, pixels: tuple[int, int], density: float
) -> None:
    picture = single(get("relu"), View(), look(size, dpi))
    with Image.open(io.BytesIO(render(picture, ".png"))) as image:
        assert image.size == pixels
        assert image.info["dpi"] == pytest.approx((density, density), abs=0.02)
        assert image.info["Title"] == "relu"
        assert image.info["Description"] == "value for x from -5 to 5. relu: max(x, 0)"
        assert set(image.info) == {"dpi", "Title", "Description"}


@pytest.mark.parametrize(("theme", "ground"), [("light", (255, 255, 255, 255)), ("dark", (22, 24, 29, 255))])
def test_ground(theme: str, ground: tuple[int, ...]) -> None:
    with Image.open(io.BytesIO(render(single(get("relu"), View(), look(theme=theme)), ".png"))) as image:
        assert image.convert("RGBA").getpixel((0, 0)) == ground


def test_transparent() -> None:
    with Image.open(io.BytesIO(render(single(get("relu"), View(), look(transparent=True)), ".png"))) as image:
        assert image.convert("RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]


def test_svg_is_well_formed_and_its_text_is_text() -> None:
    picture = several([get("relu"), get("torch.gelu")], View(), look(title="A & B < C"))
    root = ElementTree.fromstring(render(picture, ".svg"))
    titles = [element.text for element in root.iter(f"{SVG}title")]
    texts = ["".join(element.itertext()).strip() for element in root.iter(f"{SVG}text")]
    assert titles == ["A & B < C"]
    assert [word for word in ("A & B < C", "relu", "torch.gelu", "−4") if word not in texts] == []
    assert (root.get("width"), root.get("height")) == ("460.8pt", "288pt")


def test_svg_formula_is_text_too() -> None:
    root = ElementTree.fromstring(render(single(get("relu"), View(), look()), ".svg"))
    texts = ["".join("".join(element.itertext()).split()) for element in root.iter(f"{SVG}text")]
    assert [text for text in texts if "max" in text] != []


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_no_version_no_date(suffix: str) -> None:
    import matplotlib

    data = render(single(get("gelu"), View(orders=(0, 1)), look()), suffix)
    for trace in (matplotlib.__version__, "atplotlib.org", "CreationDate", "Software", "<dc:date>"):
        assert trace.encode() not in data


HOSTILE = """
lines.linewidth: 9
font.size: 30
figure.facecolor: red
axes.grid: False
svg.fonttype: path
text.usetex: True
savefig.bbox: tight
path.sketch: 1, 100, 2
axes.formatter.use_locale: True
no.such.key: 1
this is no setting
"""
DRAW = """
import sys, hashlib
from actcli.figures import curves, data, gallery, layers, neurons
from actcli.figures.canvas import render
from actcli.figures.look import look
from actcli.figures.sampling import View
from actcli.activations import get
from actcli.studies.neurons import sine_pairs
import numpy as np
X = np.linspace(-1, 1, 60).reshape(30, 2)
y = np.arange(30) % 3
scores = lambda Z: np.c_[Z[:, 0], Z[:, 1], -Z[:, 0]]
pictures = [
    curves.single(get("gelu"), View(orders=(0, 1)), look()),
    curves.several([get("relu"), get("elu")], View(), look(theme="dark")),
    gallery.gallery([get("relu"), get("elu"), get("softmax")], look()),
    data.regions(scores, X, y, look()),
    layers.histograms([("layer 1", X, np.maximum(X, 0))], look()),
    neurons.fit(sine_pairs(4), View(), look()),
]
for suffix in (".png", ".svg", ".pdf"):
    for picture in pictures:
        print(hashlib.sha256(render(picture, suffix)).hexdigest())
"""


def drawn(folder: Path, **settings: str) -> list[str]:
    """The digests of some figures drawn by a new process in a folder."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": "", **settings}
    done = subprocess.run(
        [sys.executable, "-c", DRAW], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout.splitlines()


def test_same_bytes_whatever_the_surroundings(tmp_path: Path) -> None:
    plain, hostile, binary = tmp_path / "plain", tmp_path / "hostile", tmp_path / "binary"
    for folder in (plain, hostile, binary):
        folder.mkdir()
    (hostile / "matplotlibrc").write_text(HOSTILE)
    (binary / "matplotlibrc").write_bytes(b"\xff\xfe\x00 no text")
    config = hostile / "matplotlibrc"
    first = drawn(plain)
    assert len(set(first)) == 18
    assert drawn(hostile, LC_ALL="de_DE.UTF-8", MATPLOTLIBRC=str(config), MPLBACKEND="nonsense") == first
    assert drawn(binary, HOME="/nonexistent", MPLCONFIGDIR="/dev/null/no", LC_ALL="C", PYTHONHASHSEED="7") == first
