"""Films end with their first frame, keep their axes, and are small and reproducible; cards and planes are labelled."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from actcli.activations import get
from actcli.figures.card import card
from actcli.figures.curves import single
from actcli.figures.films import swept, turned
from actcli.figures.look import THEMES, look
from actcli.figures.plane import plane
from actcli.figures.sampling import View
from actcli.studies.neurons import State
from tests.figures.layout import check_layout, words

STATES: list[State] = [((1.0, 0.0),), ((-1.0, 0.5),)]


def test_a_sweep_moves_there_and_back_in_under_two_megabytes() -> None:
    film, title = swept(get("leaky_relu"), "negative_slope", [0.0, 1.0], View(), look())
    assert title == "leaky_relu by negative_slope"
    assert len(film) < 2_000_000
    with Image.open(io.BytesIO(film)) as image:
        assert image.info["loop"] == 0
        frames = [np.asarray(image.convert("RGB")) for k in range(image.n_frames) if image.seek(k) is None]
        assert image.size == (960, 600)
    assert np.array_equal(frames[0], frames[-1])
    assert not np.array_equal(frames[0], frames[len(frames) // 2])
    assert film == swept(get("leaky_relu"), "negative_slope", [0.0, 1.0], View(), look())[0]


def test_a_neuron_turns() -> None:
    film, title = turned(get("relu"), STATES, View(), look(theme="dark"))
    assert title == "relu neuron"
    assert film.startswith(b"GIF89a")
    assert len(film) < 2_000_000


def test_states_of_different_lengths_have_no_way_between_them() -> None:
    with pytest.raises(ValueError, match="as many weights each"):
        turned(get("relu"), [*STATES, ((1.0, 0.0), (1.0, 0.0))], View(), look())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("spec", ["gelu", "hard_sigmoid", "softmax", "1/(x-0.3)"])
def test_card(spec: str, theme: str) -> None:
    picture = card(get(spec), View(), look(theme=theme))
    check_layout(picture)
    found = words(picture)
    assert spec in found
    if spec == "gelu":
        expected = ["$f(x) = x\\,\\Phi(x)$", "[−0.169971, ∞)", "analytic", "called", "same name"]
        assert [text for text in expected if text not in found] == []


def test_card_says_which_slope_at_a_kink_is_whose() -> None:
    found = words(card(get("leaky_relu"), View(), look()))
    at = found.index("slope at a kink")
    assert [found[at + 1], found[at + 2]] == [
        "0.01 at 0 in torch timm hf mxnet nnlib", "1 at 0 in jax flax mlx paddle tinygrad",
    ]  # fmt: skip
    of_a_row = words(card(get("softmax"), View(), look()))
    assert [text for text in ("y0", "y1", "y0′", "y1′") if text not in of_a_row] == []


@pytest.mark.parametrize("spec", ["softmax", "glu", "sparsemax", "maxout"])
def test_plane_holds_the_first_output(spec: str) -> None:
    activation = get(spec)
    picture = plane(activation, View((-2.0, 2.0)), look())
    check_layout(picture)
    image = picture.axes[0].images[0]
    across = np.linspace(-2, 2, 240)
    rows = np.stack(np.meshgrid(across, across), axis=-1)
    assert np.array_equal(np.asarray(image.get_array()), activation(rows)[..., 0])


def test_a_logarithmic_scale_shows_all_of_an_exponential() -> None:
    picture = single(get("exp"), View(yscale="symlog"), look(title=None))
    check_layout(picture)
    (axes,) = picture.axes
    assert axes.get_yscale() == "symlog"
    assert axes.get_ylim()[1] > np.exp(5)


def test_axes_have_the_names_asked_for() -> None:
    from dataclasses import replace

    picture = single(get("relu"), View(), replace(look(), xlabel=r"$\frac$", ylabel="output"))
    picture.savefig(io.BytesIO())
    assert {r"$\frac$", "output"} <= set(words(picture))
    assert {"x", "f(x)"} <= set(words(single(get("relu"), View(), look())))
