"""Figures of training, read from their artists, and films, read from their frames."""

from __future__ import annotations

import io
import itertools
from typing import Any

import numpy as np
import pytest
from PIL import Image

from actcli.figures import training
from actcli.figures.canvas import Axes, Picture, render
from actcli.figures.look import look
from actcli.figures.training import Answer, Domain, History
from tests.figures.test_curves import check_distinct, check_layout, curves, words

LOOKS = [look(), look("400x400"), look("slide", theme="dark")]
IDS = ["default", "small", "slide"]
NAMES = ["relu", "sigmoid", "tanh", "elu", "gelu", "leaky_relu@negative_slope=0.1", "softplus", "mish"]
EPOCHS = np.arange(0, 1001, 50)


def history(k: int, *, held_out: bool = False, accuracy: bool = True) -> History:
    loss = 0.02 + 0.03 * k + np.exp(-EPOCHS / (100 + 80 * k))
    right = 1 - loss / 2
    return History(
        NAMES[k % 8] + "′" * (k // 8), EPOCHS, loss, right if accuracy else None,
        loss * 1.5 if held_out else None, right - 0.1 if held_out and accuracy else None,
    )  # fmt: skip


RNG = np.random.default_rng(0)
PLANE = Domain.over(RNG.normal(size=(60, 2)), np.arange(60) % 3)
LINE = Domain.over(np.linspace(0, 1, 50)[:, None], np.sin(np.linspace(0, 6, 50))[:, None])


def scores(k: int) -> Any:
    raised = np.exp(PLANE.points @ RNG.normal(size=(2, 3)) * (k + 1))
    return raised / raised.sum(axis=1, keepdims=True)


def fits(count: int, domain: Domain) -> list[Answer]:
    return [
        Answer(NAMES[k], scores(k) if domain is PLANE else np.sin(LINE.points * (k + 1)), f"{k / 10:.1%}")
        for k in range(count)
    ]


def panels(picture: Picture, *, of_curves: bool) -> list[Axes]:
    return [axes for axes in picture.axes if (axes.get_ylabel() in ("loss", "accuracy")) == of_curves]


# --- curves ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", LOOKS, ids=IDS)
@pytest.mark.parametrize("count", [1, 4, 8])
@pytest.mark.parametrize("held_out", [False, True])
def test_curves(count: int, held_out: bool, how: Any) -> None:
    histories = [history(k, held_out=held_out) for k in range(count)]
    picture = training.curves(histories, how, title="2,64,3", caption="Adam, rate 0.05")
    check_layout(picture)
    assert [name for name in [*NAMES[:count], "2,64,3"] if name not in words(picture)] == []
    # The smallest page may have room only for the loss.
    shown = [axes.get_ylabel() for axes in picture.axes]
    assert shown == ["loss", "accuracy"] or (shown == ["loss"] and how is LOOKS[1])
    for axes in picture.axes:
        check_distinct(axes)
        name, drawn = axes.get_ylabel(), curves(axes)
        assert len(drawn) == count * (1 + held_out)
        for one in histories:
            line = drawn[one.label]
            assert np.array_equal(line.get_xdata(), EPOCHS)
            assert np.array_equal(line.get_ydata(), getattr(one, name))
            if held_out:
                beside = drawn[f"{one.label}, held out"]
                assert np.array_equal(beside.get_ydata(), getattr(one, f"validation_{name}"))
                assert beside.get_color() == line.get_color()
                assert beside.get_linestyle() == "--"
    assert picture.axes[0].get_yscale() == "log"
    assert ("thin dashed: held-out data" in " ".join(words(picture)).replace("\n", " ")) is held_out


def test_curves_without_accuracy_are_one_panel() -> None:
    picture = training.curves([history(0, accuracy=False)], look())
    assert [axes.get_ylabel() for axes in picture.axes] == ["loss"]


def test_twenty_networks_are_told_apart() -> None:
    picture = training.curves([history(k) for k in range(20)], look())
    check_layout(picture)
    for axes in picture.axes:
        check_distinct(axes)
    assert [one for one in range(20) if history(one).label not in words(picture)] == []
    assert picture.look.height > look().height


def test_of_too_many_networks_the_best_are_named() -> None:
    picture = training.curves([history(k) for k in range(20)], look("960x600"))
    check_layout(picture)
    named = [one.label for one in map(history, range(20)) if one.label in words(picture)]
    assert named == [history(k).label for k in range(len(named))]
    assert 6 <= len(named) < 20


@pytest.mark.parametrize(
    ("loss", "ticks"),
    [
        ([1.1, 0.3, 0.03], ["0.1", "1"]),
        ([1.1, 1.0, 0.95], ["0.96", "1", "1.1"]),
        ([1e6, 1.0, 1e-6], ["1e−06", "0.0001", "0.01", "1", "100", "1e+04", "1e+06"]),
        ([0.5, 0.5, 0.5], ["0.5"]),
    ],
)
def test_a_loss_has_round_numbers_on_a_logarithmic_axis(loss: list[float], ticks: list[str]) -> None:
    picture = training.curves([History("relu", [1, 2, 3], loss)], look())
    check_layout(picture)
    (axes,) = picture.axes
    assert set(ticks) <= {label.get_text() for label in axes.get_yticklabels()}


def test_a_network_that_diverged_ends_in_a_cross() -> None:
    loss = [1.0, 2.0, 4.0, np.inf, np.nan]
    picture = training.curves(
        [History("exp", range(5), loss), History("relu", range(5), [1, 0.5, 0.2, 0.1, 0])], look()
    )
    check_layout(picture)
    (axes,) = picture.axes
    assert np.array_equal(curves(axes)["exp"].get_ydata(), [1, 2, 4, np.nan, np.nan], equal_nan=True)
    crosses = [line for line in axes.lines if line.get_marker() == "x"]
    # A loss of exactly 0 has no place on a logarithmic axis either.
    assert [np.column_stack(cross.get_data()).tolist() for cross in crosses] == [[[2, 4]], [[3, 0.1]]]
    assert {"exp", "relu"} <= set(words(picture))


def test_no_finite_loss_and_a_single_epoch_are_drawn_too() -> None:
    check_layout(training.curves([History("exp", [1, 2], [np.nan, np.inf], [np.nan, np.nan])], look()))
    picture = training.curves([History("relu", [1], [0.7], [0.5])], look())
    check_layout(picture)
    assert {curves(axes)["relu"].get_marker() for axes in picture.axes} == {"o"}


# --- answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", LOOKS, ids=IDS)
@pytest.mark.parametrize("count", [1, 2, 4, 5, 8])
@pytest.mark.parametrize("domain", [PLANE, LINE], ids=["plane", "line"])
def test_answers(domain: Domain, count: int, how: Any) -> None:
    asked = fits(count, domain)
    picture = training.answers(domain, asked, how, title="answers", caption="60 samples")
    check_layout(picture)
    assert len(picture.axes) == count
    boxes = [axes.get_window_extent() for axes in picture.axes]
    assert not any(one.overlaps(two) for k, one in enumerate(boxes) for two in boxes[:k])
    for axes, fit in zip(picture.axes, asked, strict=True):
        given = domain.scores(fit.outputs)
        if domain is PLANE:
            (image,) = axes.images
            assert np.array_equal(np.asarray(image.get_array()), given.argmax(axis=-1))
            assert axes.get_aspect() == 1.0
            points = np.concatenate([np.column_stack(line.get_data()) for line in axes.lines])
            assert sorted(points.tolist()) == sorted(domain.features.tolist())
        else:
            samples, line = axes.lines
            assert np.array_equal(samples.get_ydata(), domain.targets[:, 0])
            assert np.array_equal(line.get_ydata(), given[:, 0])
            assert axes.get_ylim() == picture.axes[0].get_ylim()
    if how is not LOOKS[1]:  # the smallest page shortens the longest name
        assert [fit.label for fit in asked if not any(fit.label[:16] in text for text in words(picture))] == []
    assert ("class 2" in words(picture)) is (domain is PLANE)


def test_the_points_of_a_grid_are_where_they_are_drawn() -> None:
    domain = Domain.over([[0.0, 0.0], [4.0, 1.0]], [0, 1], ("no", "yes"))
    right = domain.points[:, 0] > 2
    for outputs in (np.c_[~right, right].astype(float), right.astype(float)):  # two outputs, or one probability
        picture = training.answers(domain, [Answer("relu", outputs)], look())
        (image,) = picture.axes[0].images
        assert np.array_equal(np.asarray(image.get_array())[7], domain.axes[0] > 2)
        assert {"no", "yes"} <= set(words(picture))
    assert domain.axes[0][[0, -1]].tolist() == [2 - 2.16, 2 + 2.16]
    assert domain.axes[1][[0, -1]].tolist() == [0.5 - 2.16, 0.5 + 2.16]


def test_classes_of_one_input_are_curves_of_each_odds() -> None:
    domain = Domain.over([[0.0], [1.0]], [0, 1])
    odds = np.linspace(0.2, 0.9, len(domain.points))
    (axes,) = training.answers(domain, [Answer("relu", odds)], look()).axes
    lines = [line.get_ydata() for line in axes.lines if len(line.get_xdata()) == len(odds)]
    assert np.array_equal(lines, [1 - odds, odds])


@pytest.mark.parametrize(
    ("features", "targets", "message"),
    [
        (np.zeros((2, 4)), [0, 1], "4 inputs"),
        (np.zeros((2, 2)), [[0.5, 1], [1, 2]], "2 inputs and 2 values"),
    ],
)  # fmt: skip
def test_other_domains_are_refused(features: Any, targets: Any, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Domain.over(features, targets)
    what = "answers are drawn for 1 input, or 2 inputs and classes or one value; this network has"
    assert str(caught.value) == f"{what} {message}"


@pytest.mark.parametrize("how", [LOOKS[0], LOOKS[2]], ids=["default", "slide"])
def test_values_over_two_inputs_are_surfaces_of_one_scale(how: Any) -> None:
    samples = RNG.uniform(size=(40, 2)) * (10, 1)
    domain = Domain.over(samples, samples[:, :1] * samples[:, 1:], held_out=np.arange(40) < 10)
    asked = [Answer(NAMES[k], domain.points.prod(axis=1) * (1 + k), "loss 1") for k in range(5)]
    picture = training.answers(domain, asked, how, caption="40 samples")
    check_layout(picture)
    *shown, bar = picture.axes
    for axes in shown:
        bands, lines, kept, held_out = sorted(axes.collections, key=lambda artist: artist.get_zorder())
        assert len(kept.get_offsets()) == 30 and len(held_out.get_offsets()) == 10
        # A sample has the colour of the band its value lies in.
        scale = bands.norm
        assert np.array_equal(kept.get_facecolors(), bands.cmap(scale(domain.targets[10:, 0])))
        assert np.array_equal(held_out.get_edgecolors(), bands.cmap(scale(domain.targets[:10, 0])))
        assert np.array_equal(bands.levels, lines.levels)
        assert (axes.get_xlim(), axes.get_ylim()) == tuple(tuple(axis[[0, -1]]) for axis in domain.axes)
    assert 0 in bar.get_yticks() and "output" in words(picture)


@pytest.mark.parametrize("how", [LOOKS[0], LOOKS[2]], ids=["default", "slide"])
@pytest.mark.parametrize("count", [1, 2, 5, 8])
@pytest.mark.parametrize("domain", [PLANE, LINE], ids=["plane", "line"])
def test_curves_and_answers_together(domain: Domain, count: int, how: Any) -> None:
    histories = [history(k) for k in range(count)]
    picture = training.together(histories, domain, fits(count, domain), how, title="2,64,3", caption="Adam")
    check_layout(picture)
    assert [axes.get_ylabel() for axes in panels(picture, of_curves=True)] == ["loss", "accuracy"]
    below = panels(picture, of_curves=False)
    assert len(below) == count
    sides = [axes.get_window_extent().width / picture.dpi for axes in below]
    assert min(sides) > 0.8
    assert [k for k in range(count) if NAMES[k] not in words(picture)] == []


def test_a_panel_has_its_networks_line_though_others_have_no_panel() -> None:
    answer = fits(3, LINE)[2]
    picture = training.together([history(k) for k in range(4)], LINE, [answer], look())
    drawn = curves(picture.axes[0])[answer.label]
    samples = [line for line in picture.artists if line.get_color() == drawn.get_color()]  # type: ignore[attr-defined]
    assert [line.get_linestyle() for line in samples] == [drawn.get_linestyle()]


def test_a_small_page_has_room_for_both() -> None:
    for count in (1, 2, 4):
        picture = training.together([history(k) for k in range(count)], PLANE, fits(count, PLANE), look("400x400"))
        check_layout(picture)
        names = [axes.get_ylabel() for axes in panels(picture, of_curves=True)]
        assert names == (["loss"] if count < 4 else ["loss", "accuracy"])  # smaller text for many panels
        assert len(panels(picture, of_curves=False)) == count


def test_the_same_figure_has_the_same_bytes() -> None:
    def draw() -> bytes:
        return render(training.together([history(0, held_out=True)], LINE, fits(1, LINE), look("400x400")), ".png")

    assert draw() == draw()


# --- the film ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("epochs", "frames"), [(1, 2), (5, 6), (40, 41), (100, 48), (10_001, 48), (10**6, 48)])
def test_moments_begin_close_together_and_end_at_the_last_epoch(epochs: int, frames: int) -> None:
    chosen = training.moments(epochs)
    assert (len(chosen), chosen[:2], chosen[-1]) == (frames, [0, 1], epochs)
    steps = np.diff(chosen)
    assert steps.min() >= 1
    if epochs > frames:
        assert np.argmax(steps) >= len(steps) - 2


def test_a_film_shows_every_epoch_and_holds_the_last() -> None:
    epochs = [0, 10, 100]
    film = [Answer(NAMES[k], np.stack([scores(k) for _ in epochs])) for k in range(2)]
    how = look("480x300", dpi=100)
    payload = training.forming(PLANE, epochs, film, how, title="2,64,3", caption="Adam")
    assert payload == training.forming(PLANE, epochs, film, how, title="2,64,3", caption="Adam")
    assert len(payload) < 100_000
    with Image.open(io.BytesIO(payload)) as image:
        assert (image.size, image.n_frames, image.info["loop"]) == ((480, 300), 3, 0)
        seen, durations = [], []
        for k in range(3):
            image.seek(k)
            durations.append(image.info["duration"])
            seen.append(np.asarray(image.convert("RGB"), np.int64))
    assert durations == [90, 90, 2000]
    assert all(np.abs(one - two).max() > 50 for one, two in itertools.pairwise(seen))


def test_a_film_says_epoch_and_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def shown(picture: Picture, count: int, show: Any) -> bytes:
        show(count - 1)
        seen.append(words(picture))
        return b""

    monkeypatch.setattr(training, "gif", shown)
    film = [Answer(name, np.stack([scores(0)] * 2)) for name in ("relu", "tanh")]
    for how in (look("480x300", dpi=100), look("130x300", dpi=100)):
        training.forming(PLANE, [0, 10], film, how, losses=[[1.1, 0.5], [1.1, 0.25]])
    training.forming(PLANE, [0, 10], film[:1], look(), losses=[[1.1, 0.5]])
    assert "epoch 10, loss relu 0.5, tanh 0.25" in seen[0]
    assert "epoch 10" in seen[1]
    assert "epoch 10, loss 0.5" in seen[2]


def test_the_colours_of_a_film_are_those_of_the_picture() -> None:
    film = [Answer("relu", np.stack([scores(0)] * 2))]
    how = look("480x300", dpi=100)
    with Image.open(io.BytesIO(training.forming(PLANE, [0, 1], film, how))) as image:
        image.seek(1)
        drawn = {colour for _, colour in image.convert("RGB").getcolors(10**6)}
    for ink in ("#ffffff", "#b8d8e9"):  # the ground, and a tint
        rgb = np.array([int(ink[k : k + 2], 16) for k in (1, 3, 5)])
        assert min(np.abs(np.array(colour) - rgb).max() for colour in drawn) <= 4


def test_a_film_of_a_curve_has_fixed_axes() -> None:
    film = [Answer("relu", np.stack([np.sin(LINE.points) * k for k in range(4)]))]
    payload = training.forming(LINE, [0, 1, 2, 3], film, look("480x300", dpi=100))
    with Image.open(io.BytesIO(payload)) as image:
        frames = []
        for k in range(4):
            image.seek(k)
            frames.append(np.asarray(image.convert("RGB"))[:, :40])  # the numbers left of the axes
    assert all(np.array_equal(frames[1][60:], frame[60:]) for frame in frames)


def test_as_many_frames_as_epochs() -> None:
    with pytest.raises(ValueError) as caught:
        training.forming(PLANE, [0, 1, 2], [Answer("relu", np.stack([scores(0)] * 2))], look())
    assert str(caught.value) == "relu has 2 frames for 3 epochs"


def test_a_long_film_loses_frames_and_not_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from actcli.figures import animation

    monkeypatch.setattr(animation, "_LARGEST", 30_000)
    film = [Answer("relu", np.stack([scores(k) for k in range(16)]))]
    how = look("480x300", dpi=100)
    with Image.open(io.BytesIO(training.forming(PLANE, range(16), film, how))) as image:
        kept = image.n_frames
        assert 4 <= kept < 16
        image.seek(kept - 1)
        last = np.asarray(image.convert("RGB"), np.int64)
    monkeypatch.setattr(animation, "_LARGEST", 3_000_000)
    with Image.open(io.BytesIO(training.forming(PLANE, range(16), film, how))) as image:
        image.seek(15)
        assert np.abs(np.asarray(image.convert("RGB"), np.int64) - last).max() <= 1


@pytest.mark.parametrize(("size", "count"), [("960x900", 8), ("960x600", 2), ("640x400", 8)])
def test_what_networks_reached_is_said_of_all_in_the_same_words(size: str, count: int) -> None:
    asked = [Answer(f"net{k}", scores(k), f"accuracy 0.{k}", f"{10 * k} %") for k in range(count)]
    shown = words(training.together([history(k) for k in range(count)], PLANE, asked, look(size)))
    forms = [
        [fit.label for fit in asked],
        [f"{fit.label}  {fit.note}" for fit in asked],
        [f"{fit.label}  {fit.brief}" for fit in asked],
    ]
    assert [all(head in shown for head in heads) for heads in forms].count(True) == 1
