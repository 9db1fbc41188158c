"""Figures of single neurons, of chains of neurons, and of the pairs of ReLU neurons whose sum is a sine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from actcli.activations import Activation
from actcli.activations.definition import USER
from actcli.figures.axes import columns_for, draw_series, frame, number
from actcli.figures.canvas import SMALL, Picture, colour, colour_map, end_labels, label_room, style, to_hex
from actcli.figures.look import Look
from actcli.figures.notes import Notes
from actcli.figures.sampling import POINTS, Array, Pixels, Series, View, broken, common_limits, refined
from actcli.formulas.singular import singularities
from actcli.formulas.tolerances import SATURATED
from actcli.studies.neurons import State

_LEFT, _RIGHT, _TICKS = 0.5, 0.16, 0.3
#: Inches between panels, and the fraction of the range below which a flat part of a curve is only a turning point.
_BETWEEN, _PAUSE = 0.36, 0.05
#: The range of inputs that is searched for poles of the activation.
_INPUTS = -20.0, 20.0


def chain(activation: Activation, state: State, x: Array) -> tuple[Array, Array]:
    """Output and slope of a chain of neurons: y = act(w2·act(w1·x + b1) + b2) for two pairs (w, b) in `state`."""
    y, slope = x, np.ones_like(x)
    for weight, bias in state:
        before = weight * y + bias
        slope = slope * weight * activation.slope(before)
        y = np.asarray(activation(before), dtype=np.float64)
    return y, slope


def switches(activation: Activation, state: State, span: tuple[float, float]) -> list[float]:
    """The x at which the input of a neuron of the chain crosses a kink of the activation, ascending."""
    return _crossings(activation, state, span, activation.kinks)


def _crossings(activation: Activation, state: State, span: tuple[float, float], inputs: Sequence[float]) -> list[float]:
    """The x at which the input of a neuron of the chain crosses one of the values `inputs`, ascending."""
    found: set[float] = set()
    grid = np.linspace(*span, 2001)
    for depth, (weight, bias) in enumerate(state):
        before = weight * chain(activation, state[:depth], grid)[0] + bias
        for place in inputs:
            gap = before - place
            for k in np.flatnonzero(np.sign(gap[:-1]) * np.sign(gap[1:]) < 0):
                low, high = grid[k], grid[k + 1]
                share = gap[k] / (gap[k] - gap[k + 1])  # exact if the input is linear in x, as between kinks
                found.add(float(np.round(low + share * (high - low), 12)) + 0.0)
            found.update(
                float(x) + 0.0 for x in grid[1:-1][(gap[1:-1] == 0) & (np.sign(gap[:-2]) * np.sign(gap[2:]) < 0)]
            )
            edge = (gap[1:-1] == 0) & ((gap[:-2] == 0) != (gap[2:] == 0))
            found.update(float(x) + 0.0 for x in grid[1:-1][edge])
    return sorted(found)


@np.errstate(all="ignore")  # huge weights overflow, as they would in a network
def neurons(activation: Activation, states: Sequence[State], view: View, look: Look) -> Picture:
    """Panels of a neuron or chain, one per state, with the weights as title and shaded intervals where it is active."""
    span = view.span or (-2.0, 2.0)
    words = f"{activation.spec} neuron" if all(len(state) == 1 for state in states) else f"{activation.spec} neurons"
    longest = max(len(state) for state in states)
    columns = columns_for(len(states), look)
    rows = -(-len(states) // columns)
    title = 0.17 * longest + 0.1
    look = look.holding(columns * 1.55 + 0.7, rows * (1.15 + title) + 1.1)
    with style(look):
        picture = Picture(look, words, f"{words}, x from {span[0]:g} to {span[1]:g}")
        top = picture.heading(chain_formula(activation, states), words)
        foot = picture.footing(
            f"filled dot: switches on; open dot: off (x rising); tinted: slope over {SATURATED:g} in size"
        )
        width, height = picture.get_size_inches()
        across = (width - _LEFT - _RIGHT) / columns
        down = (height - top - foot - _TICKS) / rows
        panel = float(look.width) / columns, float(look.height) / rows
        drawn = [_analysed(activation, state, span, view.points, panel) for state in states]
        limits = view.ylim or _limits([line for line, *_ in drawn])
        for k, (state, (line, zones, on, off)) in enumerate(zip(states, drawn, strict=True)):
            row, column = divmod(k, columns)
            left, above = _LEFT + column * across, top + row * down
            axes = picture.panel(left, above + title, width - left - across + _BETWEEN, height - above - down + 0.1)
            frame(picture, axes, span, [line], limits, names=("" if picture.small else "x", ""))
            axes.tick_params(labelleft=column == 0, labelbottom=k + columns >= len(states))
            axes.set_title(_weights(state), fontsize=SMALL, pad=3, linespacing=1.15)
            for low, high in zones:
                axes.axvspan(low, high, color=colour(look, 0), alpha=0.13, zorder=0, lw=0)
            notes = Notes(picture, axes, [line])
            draw_series(axes, line, look, 0)
            for places, hollow in ((on, False), (off, True)):
                for x in places:
                    y = float(chain(activation, state, np.array([x]))[0][0])
                    notes.dot(x, y, colour(look, 0), number(x), hollow=hollow)
            notes.place()
            notes.name_poles([line], most=2)
    return picture


def chain_formula(activation: Activation, states: Sequence[State]) -> str:
    """The formula of one neuron, of two in a chain, or both; empty for longer chains, whose formulas are too long.

    An activation that the user gave as a formula is called f.
    """
    is_formula = activation.family == USER
    act = "f" if is_formula else rf"\mathrm{{{activation.name}}}".replace("_", r"\_")
    depths = sorted({len(state) for state in states})
    if depths[-1] > 2:
        return ""
    chains = {1: rf"{act}(w\,x + b)", 2: rf"{act}(w_2\,{act}(w_1\,x + b_1) + b_2)"}
    shown = [f"$y = {chains[depth]}$" for depth in depths]
    return "   ".join([*shown, f"$f(x) = {activation.mathtext()}$"] if is_formula else shown)


def _analysed(
    activation: Activation, state: State, span: tuple[float, float], points: int | None, pixels: Pixels
) -> tuple[Series, list[tuple[float, float]], list[float], list[float]]:
    """The curve of a chain, the intervals on which it is active, and the kinks where it switches on and off."""
    places = [x for x in switches(activation, state, span) if span[0] < x < span[1]]
    infinite = [gap.x for gap in singularities(activation.truth, *_INPUTS) if gap.is_pole]
    poles = _crossings(activation, state, span, infinite)
    x = np.union1d(np.linspace(*span, points or POINTS), [*places, *poles])
    y, _ = chain(activation, state, x)
    for pole in poles:
        y[np.abs(x - pole) < 1e-9 * (span[1] - span[0])] = np.nan
    middles = (x[:-1] + x[1:]) / 2
    active = np.abs(chain(activation, state, middles)[1]) > SATURATED
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8))).reshape(-1, 2)
    zones: list[tuple[float, float]] = []
    for start, stop in ((float(x[a]), float(x[b])) for a, b in edges):
        is_turn = zones and start - zones[-1][1] < _PAUSE * (span[1] - span[0])
        if is_turn and not any(zones[-1][1] <= place <= start for place in places):
            start, _ = zones.pop()
        zones.append((start, stop))
    on = [place for place in places if any(low == place for low, _ in zones)]
    off = [place for place in places if any(high == place for _, high in zones) and place not in on]
    if points is None:
        x, y, _ = refined(lambda at: chain(activation, state, at)[0], x, y, pixels)
    line = broken(f"{activation.spec} chain", x, y, lambda at: chain(activation, state, at)[0])
    return replace(line, poles=tuple(poles)), zones, on, off


def _weights(state: State) -> str:
    if len(state) == 1:
        ((weight, bias),) = state
        return f"$w$ = {number(weight)}, $b$ = {number(bias)}"
    return "\n".join(
        f"$w_{k}$ = {number(weight)}, $b_{k}$ = {number(bias)}" for k, (weight, bias) in enumerate(state, start=1)
    )


def _limits(lines: Sequence[Series]) -> tuple[float, float]:
    if any(line.poles for line in lines):
        return common_limits(lines, (float(lines[0].x[0]), float(lines[0].x[-1])))
    values = np.concatenate([[0.0], *(line.y[np.isfinite(line.y)] for line in lines)])
    low, high = float(values.min()), float(values.max())
    room = max(high - low, 0.5) * 0.12
    return low - room, high + 1.8 * room


def fit(weights: Mapping[str, Array], view: View, look: Look) -> Picture:
    """The sine and its approximation with the weights of `sine_pairs`: target grey, sum bold, the pairs thin."""
    pairs = weights["W1"].shape[1] // 2
    span = view.span or (0.0, 1.0)
    knots = -weights["b1"][(-weights["b1"] >= span[0]) & (-weights["b1"] <= span[1])]
    x = np.union1d(np.linspace(*span, view.points or POINTS).round(12), knots.round(12))
    rising = np.maximum(x[:, None] * weights["W1"] + weights["b1"], 0) * weights["W2"][:, 0]
    shares = rising[:, 0::2] + rising[:, 1::2]
    target, total = np.sin(2 * np.pi * x), shares.sum(axis=1) + weights["b2"]
    gap = np.abs(total - target)
    worst = int(np.argmax(gap))
    words = f"A sine from {pairs} {'pair' if pairs == 1 else 'pairs'} of ReLU neurons"
    caption = f"largest error {number(gap[worst])} at x = {number(x[worst])} · thin: the share of each pair"
    look = look.holding(3.6, 2.4)
    with style(look):
        picture = Picture(look, words, caption)
        top = picture.heading("$y = \\sum_k s_k\\,(\\mathrm{relu}(x - t_k) - \\mathrm{relu}(x - t_{k+1}))$", words)
        foot = picture.footing(caption)
        labels = ["sum", "sin 2πx"]
        axes = picture.panel(_LEFT + 0.1, top + picture.above, label_room(picture, labels), foot + _TICKS + 0.05)
        lines = [Series("sum", x, total), Series("sin 2πx", x, target)]
        names = ("", "") if picture.small else ("x", "y")
        frame(picture, axes, span, [*lines, *(Series("", x, share) for share in shares.T)], view.ylim, names=names)
        grey = look.colours.zero
        colours = colour_map(look, "viridis")
        axes.plot(x, target, color=grey, lw=5, alpha=0.8, label="sin 2πx", zorder=2, solid_capstyle="round")
        for k, share in enumerate(shares.T):
            ink = to_hex(colours(0.3 + 0.7 * k / pairs if look.theme == "dark" else 0.85 * k / pairs))
            moves = np.abs(np.gradient(share, x)) > 1e-9
            axes.plot(x, share, color=ink, lw=0.7, alpha=0.35, label=f"pair {k + 1}", zorder=3)
            axes.plot(x, np.where(moves, share, np.nan), color=ink, lw=1.4, zorder=3)
        axes.plot(x, total, color=colour(look, 0), lw=2.4, label="sum", zorder=4)
        axes.plot([x[worst]] * 2, [target[worst], total[worst]], color=look.colours.text, lw=1.2, marker="_", zorder=5)
        end_labels(picture, axes, [("sum", total[-1], colour(look, 0), "-"), ("sin 2πx", target[-1], grey, "-")])
    return picture
