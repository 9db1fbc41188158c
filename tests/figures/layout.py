"""Checks of the layout of all texts of a figure, and a figure of every kind.

Run by hand for the whole product of kinds, sizes, themes and functions: python -m tests.figures.layout [KIND...]
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator

import numpy as np
from matplotlib.path import Path

from actcli.activations import Activation, get, names
from actcli.figures import arrays, curves, data, layers, neurons, training
from actcli.figures.approximation import approximation
from actcli.figures.canvas import Bbox, Line2D, Picture, Text
from actcli.figures.card import card
from actcli.figures.diagram import Layer, diagram
from actcli.figures.difference import difference
from actcli.figures.gallery import gallery, multiples
from actcli.figures.look import THEMES, Look, look
from actcli.figures.plane import plane
from actcli.figures.sampling import View
from actcli.figures.surface import surface
from actcli.studies.approximation.pieces import linear_pieces
from actcli.studies.approximation.target import Target
from actcli.studies.neurons import sine_pairs


def texts(picture: Picture) -> list[Text]:
    """Every visible text that is not empty, except labels of ticks outside the limits."""
    unseen = {
        id(label)
        for axes in picture.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        for label in (tick.label1, tick.label2)
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval()) or not axes.axison
    }
    found = picture.findobj(Text)
    return [
        text
        for text in found
        if isinstance(text, Text) and text.get_visible() and text.get_text().strip() and id(text) not in unseen
    ]


def words(picture: Picture) -> list[str]:
    return [text.get_text() for text in texts(picture)]


def faults(picture: Picture) -> list[str]:
    """Messages about texts off the page, too small, over each other, or over a curve."""
    picture.canvas.draw()
    page = picture.bbox
    boxes = [(text, text.get_window_extent()) for text in texts(picture)]
    found = [
        f"{text.get_text()!r} leaves the page"
        for text, box in boxes
        if box.x0 < -1 or box.y0 < -1 or box.x1 > page.x1 + 1 or box.y1 > page.y1 + 1
    ]
    found += [f"{text.get_text()!r} is too small" for text, _ in boxes if text.get_fontsize() < 8.999]
    found += [
        f"{a.get_text()!r} lies over {b.get_text()!r}"
        for (a, one), (b, two) in itertools.combinations(boxes, 2)
        if _core(one).overlaps(_core(two))
    ]
    drawn = list(_curves(picture))
    for text, box in boxes:
        for area, line, path in drawn:
            seen = Bbox.intersection(area, _core(box))
            if seen is not None and path.intersects_bbox(seen, filled=False):
                found.append(f"{text.get_text()!r} lies over the curve {line.get_label()!r}")
    return found


def _core(box: Bbox) -> Bbox:
    """The box of a text without the space around its letters."""
    return box.shrunk(0.92, 0.7)


def _curves(picture: Picture) -> Iterator[tuple[Bbox, Line2D, Path]]:
    """The visible parts of the labelled lines of all axes, in pixels."""
    for axes in picture.axes:
        area = axes.get_window_extent()
        for line in axes.lines:
            if (
                str(line.get_label()).startswith("_")
                or line.get_transform() != axes.transData
                or line.get_ls() == "None"
            ):
                continue
            points = axes.transData.transform(np.column_stack([line.get_xdata(), line.get_ydata()]).astype(float))
            for piece in np.split(points, np.flatnonzero(~np.isfinite(points).all(axis=1))):
                kept = np.clip(piece[np.isfinite(piece).all(axis=1)], -1e5, 1e5)
                if len(kept) > 1:
                    yield area, line, Path(kept)


def check_layout(picture: Picture) -> None:
    """Assert that no text leaves the page, is smaller than 9 points, or lies over another text or a curve."""
    assert faults(picture) == []


# --- a figure of every kind ------------------------------------------------------------------------------------------


def _normal(*shape: int) -> np.ndarray:
    """Normal random numbers from a fixed seed, so that each kind of figure is always the same."""
    return np.random.default_rng(0).normal(size=shape)


SIZES = (None, "thumb", "400x400", "slide")
FUNCTIONS = [
    *(
        "relu",
        "leaky_relu",
        "prelu",
        "relu6",
        "clipped_relu",
        "hard_tanh",
        "hard_sigmoid",
        "hard_swish",
        "srelu",
        "step",
    ),
    *(
        "hat",
        "soft_shrink",
        "hard_shrink",
        "threshold",
        "elu",
        "selu",
        "celu",
        "softplus",
        "gelu",
        "gelu_tanh",
        "swish",
    ),
    *(
        "mish",
        "sigmoid",
        "tanh",
        "softsign",
        "log_sigmoid",
        "gaussian",
        "exp",
        "symlog",
        "cube",
        "sine",
        "snake",
        "sinc",
    ),
    *("softmax", "glu", "sparsemax", "1/(x-0.3)", "sin(x)/cos(x)", "log(x)", "x*sigmoid(1.702*x)", "sin(1/x)", "3"),
]
_X = _normal(90, 2)
_LABELS = np.arange(90) % 3
_EPOCHS = np.arange(11.0)
_GRID = training.Domain.over(_X, _LABELS).points
_STATES = [((1.0, 0.0),), ((-1.0, 0.5),), ((-1.0, 0.5), (1.0, 0.0)), ((-1.0, 0.5), (-2.0, 1.0))]
_BESIDE = ("relu", "gelu", "sigmoid", "swish", "elu", "tanh", "mish")
_NETWORK = [
    Layer.of(_normal(a, b), np.zeros(b), get(name))
    for a, b, name in [(2, 5, "relu"), (5, 5, "relu"), (5, 20, "tanh"), (20, 2, "softmax")]
]


def _others(activation: Activation, count: int) -> list[Activation]:
    return [activation, *(get(name) for name in _BESIDE if name != activation.name)][:count]


def _scores(points: np.ndarray) -> np.ndarray:
    scores = np.exp(points @ np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]))
    return scores / scores.sum(axis=1, keepdims=True)


#: Kinds of figures of functions, and other kinds.
OF_FUNCTIONS: dict[str, Callable[[Activation, Look], Picture]] = {
    "value": lambda f, how: curves.single(f, View(), how),
    "slope": lambda f, how: curves.single(f, View(orders=(0, 1)), how),
    "marks": lambda f, how: curves.single(f, View(marks=(0.0, 0.5, 1.0, 1.5, 2.0, 2.5)), how),
    "symlog": lambda f, how: curves.single(f, View((-20.0, 20.0), yscale="symlog"), how),
    "narrow": lambda f, how: curves.single(f, View((0.0, 1e-3)), how),
    "two": lambda f, how: curves.several(_others(f, 2), View(marks=(-1.0, 1.0)), how),
    "eight": lambda f, how: curves.several(_others(f, 8), View(), how),
    "eight slopes": lambda f, how: curves.several(_others(f, 8), View(orders=(0, 1)), how),
    "panels": lambda f, how: multiples(_others(f, 8) * 2, View(orders=(0, 1)), how),
    "difference": lambda f, how: difference(f, get("relu"), View(), how),
    "card": lambda f, how: card(f, View(), how),
}
OF_ELEMENTWISE: dict[str, Callable[[Activation, Look], Picture]] = {
    "neurons": lambda f, how: neurons.neurons(f, _STATES, View(), how),
    "nine neurons": lambda f, how: neurons.neurons(f, (_STATES * 3)[:9], View(), how),
}
OF_DATA: dict[str, Callable[[Look], Picture]] = {
    "gallery": lambda how: gallery([get(name) for name in names()][::3], how),
    "sweep": lambda how: curves.several(
        [get(f"leaky_relu@negative_slope={slope}") for slope in (0.01, 0.1, 0.3, 0.5)], View(), how,
        labels=["0.01", "0.1", "0.3", "0.5"], heading="leaky_relu by negative_slope", graded=True,
        formula=f"$f(x) = {get('leaky_relu').mathtext()}$",
    ),
    "sine": lambda how: neurons.fit(sine_pairs(8), View(), how),
    "sine of 30": lambda how: neurons.fit(sine_pairs(30), View(), how),
    "scatter": lambda how: data.scatter(_X, _LABELS, how, title="spiral", caption="90 samples, seed 0"),
    "regions": lambda how: data.regions(_scores, _X, _LABELS, how, title="2, 3", caption="90 samples"),
    "curve": lambda how: data.curve(np.linspace(0, 1, 50), np.sin(np.linspace(0, 6, 50)), how, samples=([0], [1])),
    "histograms": lambda how: layers.histograms(
        [(f"layer {k}\nrelu", array := _normal(90, 4), np.maximum(array, 0)) for k in range(3)], how
    ),
    "fading": lambda how: layers.histograms(
        [(f"layer {k}\ntanh", array := _normal(90, 4) * 0.01**k, np.tanh(array)) for k in range(3)], how
    ),
    "deep": lambda how: layers.histograms(
        [(f"layer {k}\nrelu", array := _normal(90, 4) * 0.1**k, np.maximum(array, 0)) for k in range(20)], how
    ),
    "depth": lambda how: layers.depth(
        {"relu": 0.5 ** np.arange(10), "tanh": 0.9 ** np.arange(10)}, how, ylabel="standard deviation"
    ),
    "layers": lambda how: layers.sweep(
        {name: {"signal": [1.0, 0.1, 0.01], "gradient": [0.02, 0.2, 2.0]} for name in _BESIDE[:4]}, how,
        ylabel="standard deviation",
    ),
    "diagram": lambda how: diagram(_NETWORK, how),
    "bands": lambda how: layers.bands(np.sort(_normal(6, 5), axis=1), how),
    "heat map": lambda how: arrays.heatmap([("x", _X[:8]), ("a1", _normal(8, 64)), ("a2", _X[:8])], how),
    "feature maps": lambda how: arrays.heatmap(
        [("x", _normal(1, 28, 28, 1)), ("a1", _normal(1, 26, 26, 8)), ("a2", _X[:1])], how
    ),
    "surface": lambda how: surface(lambda X: X[:, :1] * X[:, 1:], _X, _X[:, 0], how, names=("length", "age")),
    "plane": lambda how: plane(get("softmax"), View((-2.0, 2.0)), how),
    "approximation": lambda how: approximation(
        linear_pieces(Target(get("leaky_relu@negative_slope=0.012345"), -4, 4), 4), how
    ),
    "training": lambda how: training.together(
        [training.History(name, _EPOCHS, np.exp(-_EPOCHS / (k + 1)), 1 - 0.1 / (k + _EPOCHS + 1))
         for k, name in enumerate(_BESIDE[:4])],
        training.Domain.over(_X, _LABELS),
        [training.Answer(name, _scores(_GRID * (k + 1)), f"{0.9:.1%}", "90%") for k, name in enumerate(_BESIDE[:4])],
        how,
    ),
}  # fmt: skip
KINDS = [*OF_FUNCTIONS, *OF_ELEMENTWISE, *OF_DATA]


def drawn(kind: str, function: str, size: str | None, theme: str) -> Picture | None:
    """A figure of a kind; None if the kind does not accept the function."""
    if kind == "card":  # needs a larger page
        size = {"thumb": "720x600", "400x400": "1200x600"}.get(str(size), size)
    how = look(size, theme=theme)
    if kind in OF_DATA:
        return OF_DATA[kind](how)
    activation = get(function)
    if kind in OF_ELEMENTWISE and activation.is_row:
        return None
    return {**OF_FUNCTIONS, **OF_ELEMENTWISE}[kind](activation, how)


def main(kinds: list[str]) -> None:
    """Print the faults in all combinations of kinds, functions, sizes and themes."""
    count = wrong = 0
    for kind, size, theme in itertools.product(kinds or KINDS, SIZES, THEMES):
        for function in FUNCTIONS if kind not in OF_DATA else FUNCTIONS[:1]:
            picture = drawn(kind, function, size, theme)
            if picture is None:
                continue
            count += 1
            if found := faults(picture):
                wrong += 1
                print(f"{kind} of {function}, {size}, {theme}: {'; '.join(found)}", flush=True)
    print(f"{count} figures, {wrong} with faults")


if __name__ == "__main__":
    main(sys.argv[1:])
