"""Figures of one activation function and its derivatives, and of several functions together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from actcli.activations import Activation
from actcli.activations.definition import USER
from actcli.figures.axes import (
    ASYMPTOTE,
    LEFT,
    ORDER_WORDS,
    RIGHT,
    TICKS,
    description,
    draw_series,
    frame,
    number,
    row_note,
)
from actcli.figures.canvas import (
    SMALL,
    Axes,
    Picture,
    colour,
    dash,
    end_labels,
    label_room,
    ramp,
    style,
)
from actcli.figures.gallery import multiples
from actcli.figures.look import Look
from actcli.figures.notes import Notes
from actcli.figures.sampling import (
    FINEST,
    MOST_POINTS,
    Pixels,
    Series,
    View,
    common_limits,
    limits,
    lines_of,
    prime,
    representative,
    saturated,
    steepest,
    value_on,
    whole,
)
from actcli.formulas.mathtext import LOGISTIC, is_readable, symbol
from actcli.formulas.tolerances import SATURATED
from actcli.studies.facts import in_brief
from actcli.studies.properties import properties

MOST_TOGETHER = 8  # the most curves on one set of axes; more are drawn as small multiples
#: Up to _MOST_INSIDE lines whose right ends are closer than _BUNCHED inches are named where they differ instead.
_BUNCHED, _MOST_INSIDE = 0.07, 4
#: An asymptote is drawn if its distance to the curve at the end of the axes is below this fraction of the height.
_NEAR = 0.3
#: The least dots per inch to which text is shrunk to make room for marks.
_FINE = 90.0
#: The least size in inches of axes with their ticks and names.
_LEAST = 1.6


def single(activation: Activation, view: View, look: Look, *, aside: Sequence[str] = ()) -> Picture:
    """One function: its value, or its value and derivatives, on one set of axes.

    `aside` are the values of points without room on the axes, which the caption then contains.
    """
    span = view.reach(activation)
    lines = [line for order in view.orders for line in lines_of(activation, span, view.points, order, _pixels(look))]
    look = replace(look, series=len(lines))
    with style(look):
        picture = Picture(look, activation.spec, description([activation], span, view))
        several = len(lines) > 1
        top = picture.heading(*_headline(activation, view.orders), activation.formula)
        caption = [row_note(activation)] if activation.is_row else in_brief(activation) if 0 in view.orders else []
        slope = None
        if not activation.is_row:
            known = view.orders.index(1) if 1 in view.orders else None
            slope = lines[known] if known is not None else lines_of(activation, span, view.points, 1)[0]
        flats = saturated(slope) if slope is not None and 0 in view.orders else []
        if flats:
            caption.append(f"shaded: slope under {SATURATED:g} in size")
        conventions = _conventions(activation, slope) if slope is not None and 1 in view.orders else ""
        notes_below = (" · ".join(caption), conventions, _unfinished(lines), ", ".join(aside))
        foot = picture.footing("\n".join(part for part in notes_below if part))
        if look.exact and picture.get_size_inches()[1] - top - foot < _LEAST:
            return single(activation, view, _finer(look), aside=aside)
        right = label_room(picture, [line.label for line in lines]) if several else RIGHT
        axes = picture.panel(LEFT, top + picture.above, right, foot + TICKS + 0.05)
        straight = [] if activation.is_row or 0 not in view.orders else _asymptotes(activation, lines[0])
        levels = [ends[1][0] for ends in straight if ends[1][0] == ends[1][1]]
        frame(
            picture,
            axes,
            span,
            lines,
            view.ylim,
            levels=levels,
            names=_axis_names(picture, view.orders, "" if activation.is_row else "(x)"),
            yscale=view.yscale,
        )
        for low, high in flats:
            axes.axvspan(low, high, color=look.colours.shade, zorder=0, lw=0)
        for k, line in enumerate(lines):
            draw_series(axes, line, look, k)
        notes = Notes(picture, axes, lines)
        low, high = axes.get_ylim()
        straight = [(across, up) for across, up in straight if min(up) <= high and max(up) >= low]
        for across, up in straight:
            axes.plot(across, up, color=look.colours.muted, **ASYMPTOTE)
            notes.avoid(across, up)
        peak = steepest(activation, slope) if slope is not None and 1 in view.orders else None
        if peak is not None:
            ink = colour(look, view.orders.index(1))
            notes.dot(*peak, ink, f"largest slope {number(peak[1])} at x = {number(peak[0])}")
        for mark in view.marks:
            for k, order in enumerate(view.orders):
                said = order == 1 and peak is not None and peak[0] == mark
                if not said and np.isfinite(y := _at(activation, mark, order)):
                    notes.dot(mark, y, colour(look, k), f"({number(mark)}, {number(y)})")
        notes.place()
        marked = list(notes.left_out)
        notes.name_poles(lines)
        for across, up in straight:
            slant = (up[1] - up[0]) / (across[1] - across[0])
            words = number(up[1]) if not slant else _straight(slant, up[0] - slant * across[0])
            notes.along(f"y = {words}", across, up, from_end=abs(across[1]) >= abs(across[0]))
        if several:
            _name_ends(picture, notes, lines)
    if marked and view.marks and look.exact and look.dpi > _FINE:
        return single(activation, view, _finer(look), aside=aside)
    if marked and not aside and not picture.small:
        return single(activation, view, look, aside=marked)
    return picture


def several(
    activations: Sequence[Activation],
    view: View,
    look: Look,
    *,
    labels: Sequence[str] = (),
    heading: str = "",
    formula: str = "",
    graded: bool = False,
    inside: bool = True,
    aside: Sequence[str] = (),
) -> Picture:
    """Several functions on one set of axes per derivative, or, for more than eight, with one panel per function.

    `graded` colours them along a ramp, for the values of one parameter; `inside` allows names where curves differ;
    `aside` are the values of marks without room on the axes, which the caption then contains.
    """
    if len(activations) > MOST_TOGETHER:
        return multiples(activations, view, look, labels=labels, heading=heading)
    again = partial(several, activations, view, labels=labels, heading=heading, formula=formula, graded=graded)
    span = view.reach(*activations)
    names = list(labels or [activation.spec for activation in activations])
    title = heading or ", ".join(names)
    look = replace(look, series=len(names)).holding(2.6, 0.6 + len(view.orders) * (0.45 + 0.14 * len(names)))
    inks = ramp(look, len(names)) if graded else [colour(look, k) for k in range(len(names))]
    with style(look):
        picture = Picture(look, title, description(activations, span, view))
        top = picture.heading(formula, title)
        panels = [
            [_renamed(representative(activation, span, view.points, order, _pixels(look)),
                      name if labels else prime(name, order))
             for name, activation in zip(names, activations, strict=True)]
            for order in view.orders
        ]  # fmt: skip
        notes_below = [row_note(activation) for activation in activations if activation.is_row]
        unfinished = _unfinished([line for lines in panels for line in lines])
        notes_below += [part for part in (unfinished, ", ".join(aside)) if part]
        foot = picture.footing(" · ".join(dict.fromkeys(notes_below)))
        linear = view.yscale == "linear"
        levels = [view.ylim or (common_limits(lines, span) if linear else whole(lines)) for lines in panels]
        gap = 0.48
        height = picture.get_size_inches()[1] - top - foot - TICKS - 0.22
        each = (height - gap * (len(panels) - 1)) / len(panels)
        if look.exact and each < max(0.6, 0.17 * len(names) - 0.05):
            return again(_finer(look))
        inside = inside and not graded and not view.marks
        bunched = [_bunched(lines, ylim, each) if inside else set() for lines, ylim in zip(panels, levels, strict=True)]
        outside = [
            line.label for lines, hidden in zip(panels, bunched, strict=True)
            for k, line in enumerate(lines) if k not in hidden
        ]  # fmt: skip
        right = label_room(picture, outside) if outside else RIGHT
        if look.exact and look.dpi > _FINE and look.inches[0] - LEFT - right < _LEAST:
            return again(_finer(look))
        failed, unsaid = False, list[str]()
        for row, (order, lines) in enumerate(zip(view.orders, panels, strict=True)):
            above = top + 0.2 + row * (each + gap)
            below = picture.get_size_inches()[1] - top - 0.2 - row * (each + gap) - each
            axes = picture.panel(LEFT, above, right, below)
            names_of_axes = _axis_names(picture, [order])
            if len(panels) > 1:
                axes.set_title(ORDER_WORDS[order], fontsize=SMALL, pad=3, color=look.colours.muted)
                names_of_axes = names_of_axes[0], ""
            frame(picture, axes, span, lines, levels[row], names=names_of_axes, yscale=view.yscale)
            for k, line in enumerate(lines):
                draw_series(axes, line, look, k, ink=inks[k])
            notes = Notes(picture, axes, lines)
            marked = [[_at(activation, mark, order) for activation in activations] for mark in view.marks]
            for mark, values in zip(view.marks, marked, strict=True):
                _mark(notes, mark, values, inks, levels[row])
            notes.place()
            unsaid += [
                f"{line.label}: {number(y)} at {number(mark)}"
                for mark, values in zip(view.marks, marked, strict=True)
                for line, y in zip(lines, values, strict=True)
                if number(y) in notes.left_out
            ]
            for k in sorted(bunched[row]):
                x, y = _where_it_differs(axes, lines, k)
                notes.mark(x, y, inks[k], lines[k].label)
                kept = len(notes.left_out)
                notes.place()
                failed |= len(notes.left_out) > kept
            notes.name_poles(lines)
            _name_ends(picture, notes, lines, inks, without=bunched[row])
    if unsaid and look.exact and look.dpi > _FINE:
        return again(_finer(look))
    if unsaid and not aside:
        return again(look, aside=unsaid)
    return again(look, inside=False, aside=aside) if failed else picture


# --- parts ---------------------------------------------------------------------------------------------------------


def _headline(activation: Activation, orders: Sequence[int]) -> tuple[str, str]:
    """(formula line, title): a user's formula is the title; a derivative is written out if it is short."""
    if activation.is_row:
        return f"$y_i = {activation.mathtext()}$", activation.spec
    formulas = [activation.mathtext(order) for order in orders]
    shown = [
        f"$f{chr(39) * order}(x) = {formula}$"
        for order, formula in zip(orders, formulas, strict=True)
        if order == orders[0] or is_readable(formula)
    ]
    if any(r"\sigma" in formula for formula in shown[1:]):
        # The slope of the sigmoid is written in terms of f; other formulas define the symbol for the sigmoid.
        shown = (
            [formula.replace(r"\sigma(", "f(") for formula in shown]
            if formulas[0] == LOGISTIC
            else [*shown, rf"$\sigma(x) = {LOGISTIC}$"]
        )
    if activation.family == USER:
        return "   ".join(shown[1:]), shown[0]
    bound = ", ".join(f"${symbol(key)}$ = {number(value, 6)}" for key, value in activation.parameters.items())
    return "   ".join([*shown, f"({bound})"] if bound else shown), activation.spec


def _unfinished(lines: Sequence[Series]) -> str:
    """The note on lines that oscillate too fast to be followed."""
    names = ", ".join(line.label for line in lines if not line.complete)
    return (
        f"{names}: not every swing is drawn, at most {MOST_POINTS:,} points, {FINEST:g} pixels apart" if names else ""
    )


def _finer(look: Look) -> Look:
    """The look with text smaller by a fifth, for a page without room for the axes."""
    return look.holding(*(1.25 * side for side in look.inches))


def _pixels(look: Look) -> Pixels:
    return float(look.width), float(look.height)


def _axis_names(picture: Picture, orders: Sequence[int], of: str = "(x)") -> tuple[str, str]:
    """The names of the axes: as requested, else x and f(x), or y for row functions, if there is room."""
    look = picture.look
    letter = "f" if of else "y"
    usual = ("", "") if picture.small else ("x", ", ".join(prime(letter, order) + of for order in orders))
    return usual[0] if look.xlabel is None else look.xlabel, usual[1] if look.ylabel is None else look.ylabel


def _mark(notes: Notes, x: float, values: Sequence[float], inks: Sequence[str], ylim: tuple[float, float]) -> None:
    """Draw a dot on each line at x, and write its value; equal values are written once."""
    near = 1e-3 * (ylim[1] - ylim[0])
    for k, y in enumerate(values):
        if ylim[0] <= y <= ylim[1]:
            alike = [j for j, other in enumerate(values) if abs(other - y) <= near]
            notes.dot(x, y, inks[k])
            if alike[0] == k:
                notes.mark(x, y, inks[k] if len(alike) == 1 else notes.picture.look.colours.text, number(y))


def _renamed(line: Series, label: str) -> Series:
    return replace(line, label=label)


def _at(activation: Activation, x: float, order: int) -> float:
    return float(value_on(activation, np.array([x]), order)[0])


def _conventions(activation: Activation, slope: Series) -> str:
    """The note on the dots of a slope: the slope by convention at each kink, and its one-sided limits."""
    notes = []
    for kink in activation.kinks:
        if slope.x[0] <= kink <= slope.x[-1] and any(x == kink for x, _ in slope.filled + slope.hollow):
            (_, left), (_, right) = activation.one_sided(kink)
            here = float(activation.slope(kink))
            if not max(map(abs, (left, here, right))) < 1e15:  # a vertical tangent
                continue
            notes.append(f"{number(here)} at x = {number(kink)} (left {number(left)}, right {number(right)})")
    if not notes:
        return ""
    return "slope by convention (filled dot): " + (", ".join(notes) if len(notes) < 4 else f"{len(notes)} kinks")


def _name_ends(
    picture: Picture,
    notes: Notes,
    lines: Sequence[Series],
    inks: Sequence[str] = (),
    without: Iterable[int] = (),
) -> None:
    """Name the lines at their right ends, except the indices `without`."""
    inks = inks or [colour(picture.look, k) for k in range(len(lines))]
    entries = [(lines[k].label, _end(lines[k]), inks[k], dash(k)) for k in range(len(lines)) if k not in set(without)]
    end_labels(picture, notes.axes, entries)


def _end(line: Series) -> float:
    """The last finite y of a line."""
    finite = np.flatnonzero(np.isfinite(line.y))
    return float(line.y[finite[-1]]) if finite.size else 0.0


def _bunched(lines: Sequence[Series], ylim: tuple[float, float], inches: float) -> set[int]:
    """The indices of lines whose right ends are close to others, if few enough to be named elsewhere."""
    ends = np.clip([_end(line) for line in lines], *ylim)
    near = _BUNCHED * (ylim[1] - ylim[0]) / max(inches, 0.1)
    bunched = {k for k, end in enumerate(ends) if np.count_nonzero(np.abs(ends - end) < near) > 1}
    return bunched if len(bunched) <= _MOST_INSIDE else set()


def _where_it_differs(axes: Axes, lines: Sequence[Series], index: int) -> tuple[float, float]:
    """The point of a line farthest from all other lines, not near the ends of the axes."""
    low, high = axes.get_xlim()
    x = np.linspace(low + 0.08 * (high - low), high - 0.08 * (high - low), 101)
    levels = [np.interp(x, line.x, line.y) for line in lines]
    own, low, high = levels[index], *axes.get_ylim()
    others = [np.clip(level, low, high) for k, level in enumerate(levels) if k != index]
    gaps = np.min([np.nan_to_num(np.abs(own - other), nan=np.inf) for other in others], axis=0)
    best = int(np.argmax(np.where((own > low) & (own < high), gaps, -1.0)))
    return float(x[best]), float(np.nan_to_num(own[best]))


def _asymptotes(activation: Activation, drawn: Series) -> list[tuple[list[float], list[float]]]:
    """The asymptotes that the function visibly approaches, (x of both ends, y of both ends), each on its half of x.

    An asymptote that coincides with the function is left out, unless it is horizontal.
    """
    left, right = properties(activation).asymptotes
    span = float(drawn.x[0]), float(drawn.x[-1])
    low, high = limits([drawn], room=0.0)
    middle = (span[0] + span[1]) / 2
    halves = [(left, span[0], middle), (right, middle, span[1])]
    if left == right:
        halves = [(left, *span)]
    found = []
    for line, start, stop in halves:
        if line is None:
            continue
        slope, level = line
        end = start if line is left and left != right else stop
        there = _at(activation, end, 0)
        gap, turn = abs(slope * end + level - there), abs(slope - float(activation.slope(end))) * (span[1] - span[0])
        if not (gap < _NEAR * (high - low) and turn < 2 * _NEAR * (high - low)):
            continue
        far = gap > 1e-9 * max(1.0, abs(there))
        if not slope or far or _at(activation, middle, 0) != slope * middle + level:
            found.append(([start, stop], [slope * start + level, slope * stop + level]))
    return found


def _straight(slope: float, level: float) -> str:
    """The right-hand side of the equation of a straight line."""
    lead = {1.0: "x", -1.0: "−x"}.get(slope, f"{number(slope)}x")
    return lead + (f" {'+' if level > 0 else '−'} {number(abs(level))}" if level else "")
