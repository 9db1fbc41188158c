"""Films of a function with a changing parameter, and of a neuron with changing weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from actcli.activations import Activation
from actcli.figures.animation import gif
from actcli.figures.axes import LEFT, ORDER_WORDS, RIGHT, TICKS, description, draw_series, frame, number
from actcli.figures.canvas import SMALL, Picture, style
from actcli.figures.look import Look
from actcli.figures.neurons import chain, chain_formula
from actcli.figures.sampling import POINTS, Series, View, broken, common_limits, representative
from actcli.studies.neurons import State

#: The most decimals of a changing number.
_DECIMALS = 6
#: Frames from one state to the next, and the most frames of a film.
_BETWEEN, _MOST = 12, 60


def swept(activation: Activation, key: str, values: Sequence[float], view: View, look: Look) -> tuple[bytes, str]:
    """A GIF of one function while a parameter goes from value to value, and its title."""
    states = _between(np.asarray(values, dtype=np.float64)[:, None])[:, 0]
    span = view.reach(activation)
    order = view.orders[-1]
    lines = [representative(activation.bind(**{key: float(v)}), span, view.points, order) for v in states]
    shown = _equal_decimals(states)
    words = [f"{ORDER_WORDS[order]} at {key} = {value}" for value in shown]
    title = f"{activation.spec} by {key}"
    formula = f"$f(x) = {activation.mathtext()}$"
    return _film(lines, words, title, formula, description([activation], span, view), span, view, look), title


@np.errstate(all="ignore")  # huge weights overflow, as they would in a network
def turned(activation: Activation, states: Sequence[State], view: View, look: Look) -> tuple[bytes, str]:
    """A GIF of a neuron, or of a chain of neurons, while the weights go from state to state, and its title.

    Raises ValueError for states with different numbers of neurons.
    """
    if len({len(state) for state in states}) > 1:
        raise ValueError("--neuron states of a film need as many weights each; leave those with more or fewer out")
    moves = _between(np.array([np.ravel(state) for state in states])).reshape(-1, len(states[0]), 2)
    span = view.span or (-2.0, 2.0)
    x = np.linspace(*span, view.points or POINTS)
    shown = np.reshape(_equal_decimals(moves.reshape(-1)), moves.shape)
    lines, words = [], []
    for move, numbers in zip(moves, shown, strict=True):
        state: State = tuple((float(weight), float(bias)) for weight, bias in move)

        def value(at: np.ndarray, state: State = state) -> np.ndarray:
            return chain(activation, state, at)[0]

        lines.append(broken(activation.name, x, value(x), value))
        below = [""] if len(state) == 1 else [f"_{k}" for k in range(1, len(state) + 1)]
        words.append(
            "\n".join(f"$w{k}$ = {weight}, $b{k}$ = {bias}" for k, (weight, bias) in zip(below, numbers, strict=True))
        )
    title = f"{activation.spec} neuron{'s' * (len(states[0]) > 1)}"
    return _film(lines, words, title, chain_formula(activation, states), title, span, view, look), title


def _between(states: np.ndarray) -> np.ndarray:
    """The states with interpolated ones between them, to the last and back to the first, so that the film can loop."""
    there = np.concatenate([states, states[-2:0:-1], states[:1]]) if len(states) > 1 else states
    steps = max(2, min(_BETWEEN, _MOST // max(len(there) - 1, 1)))
    at = np.linspace(0, len(there) - 1, (len(there) - 1) * steps + 1)
    return np.stack([np.interp(at, np.arange(len(there)), column) for column in there.T], axis=1)


def _equal_decimals(values: Sequence[float] | np.ndarray) -> list[str]:
    """Numbers with equal decimals, so that their digits keep their places: three significant digits of the largest.

    >>> _equal_decimals([-1.0, 0.5, 2.0])
    ['−1.00', '0.50', '2.00']
    """
    size = float(np.max(np.abs(values), initial=0.0)) or 1.0
    decimals = max(0, 2 - math.floor(math.log10(size)))
    if decimals > _DECIMALS or size >= 1e6:
        return [number(float(value), 3) for value in values]
    return [f"{round(float(value), decimals) + 0.0:.{decimals}f}".replace("-", "−") for value in values]


def _film(
    lines: Sequence[Series],
    words: Sequence[str],
    title: str,
    formula: str,
    about: str,
    span: tuple[float, float],
    view: View,
    look: Look,
) -> bytes:
    """The GIF with one frame per line, on the same axes, and with the words of the line above them."""
    with style(look):
        picture = Picture(look, title, about)
        top = picture.heading(formula, title)
        above = 0.13 + 0.17 * (words[0].count("\n") + 1)
        axes = picture.panel(LEFT, top + above, RIGHT, TICKS + 0.1)
        frame(picture, axes, span, lines, view.ylim or common_limits(lines, span), names=("x", ""))
        caption = picture.line(LEFT, top + above - 0.06, "", va="bottom", fontsize=SMALL)
        bare = list(axes.lines)

        def show(k: int) -> None:
            for line in [line for line in axes.lines if line not in bare]:
                line.remove()
            draw_series(axes, lines[k], look, 0)
            caption.set_text(words[k])

        return gif(picture, len(lines), show)
