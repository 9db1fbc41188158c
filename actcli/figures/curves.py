"""Figures of activation functions: one, value and slope, several together, two against each other, all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from actcli.activations import Activation
from actcli.activations.definition import USER
from actcli.figures.canvas import (
    PLAIN,
    SMALL,
    Affine2D,
    Axes,
    Bbox,
    Line2D,
    Picture,
    Text,
    TransformedBbox,
    colour,
    dash,
    end_labels,
    label_room,
    style,
)
from actcli.figures.look import Look
from actcli.figures.sampling import (
    Array,
    Series,
    View,
    broken,
    derivative,
    lines_of,
    prime,
    row_outputs,
    row_template,
    saturated,
    steepest,
)
from actcli.formulas.tolerances import SATURATED
from actcli.studies.properties import properties

MOST_TOGETHER = 8  # curves on one set of axes; more become small multiples
_LEFT, _RIGHT, _TICKS = 0.55, 0.18, 0.3  # inches: beside the axes, and under them for the tick labels
_ORDER_WORDS = ("value", "slope", "second derivative")


def number(value: float, digits: int = 4) -> str:
    """A number for a label: up to four significant digits, a real minus sign.

    >>> number(-0.25)
    '−0.25'
    """
    return f"{value + 0.0:.{digits}g}".replace("-", "−").replace("inf", "∞")


def single(activation: Activation, view: View, look: Look) -> Picture:
    """One function: its value, or its value and derivatives, on one set of axes."""
    span = view.reach(activation)
    lines = [line for order in view.orders for line in lines_of(activation, span, view.points, order)]
    look = replace(look, series=len(lines))
    with style(look):
        picture = Picture(look, activation.spec, _description([activation], span, view))
        several = len(lines) > 1
        top = picture.heading(*_headline(activation, view.orders), activation.formula)
        caption = [_row_note(activation)] if activation.is_row else _facts(activation, lines)
        slope = None if activation.is_row else lines_of(activation, span, view.points, 1)[0]
        flats = saturated(slope) if slope is not None and 0 in view.orders else []
        if flats:
            caption.append(f"shaded: slope under {SATURATED:g} in size")
        conventions = _conventions(activation, slope) if slope is not None and 1 in view.orders else ""
        foot = picture.footing("\n".join(part for part in (" · ".join(caption), conventions) if part))
        right = label_room(picture, [line.label for line in lines]) if several else _RIGHT
        axes = picture.panel(_LEFT, top + 0.05, right, foot + _TICKS + 0.05)
        frame(picture, axes, span, lines, view.ylim)
        for low, high in flats:
            axes.axvspan(low, high, color=look.colours.shade, zorder=0, lw=0)
        for k, line in enumerate(lines):
            draw_series(axes, line, look, k)
        notes = Notes(picture, axes, lines)
        if slope is not None and 1 in view.orders:
            _mark_steepest(notes, activation, slope, lines)
        for mark in view.marks:
            _mark(notes, activation, view.orders, mark)
        if 0 in view.orders and not activation.is_row:
            _asymptotes(picture, axes, notes, activation, span)
        if several:
            _name_ends(picture, axes, lines)
    return picture


def compare(
    activations: Sequence[Activation],
    view: View,
    look: Look,
    *,
    labels: Sequence[str] = (),
    heading: str = "",
    formula: str = "",
) -> Picture:
    """Several functions together: on one set of axes a derivative, or a panel each when they are more than eight."""
    if len(activations) > MOST_TOGETHER:
        return multiples(activations, view, look, labels=labels, heading=heading)
    span = view.reach(*activations)
    names = list(labels or [activation.spec for activation in activations])
    title = heading or ", ".join(names)
    look = replace(look, series=len(names))
    with style(look):
        picture = Picture(look, title, _description(activations, span, view))
        top = picture.heading(formula, title)
        notes = [_row_note(activation) for activation in activations if activation.is_row]
        foot = picture.footing(" · ".join(dict.fromkeys(notes)))
        panels = [
            [_renamed(_representative(activation, span, view.points, order), name if labels else prime(name, order))
             for name, activation in zip(names, activations, strict=True)]
            for order in view.orders
        ]  # fmt: skip
        right = max(label_room(picture, [line.label for line in lines]) for lines in panels)
        height = picture.get_size_inches()[1] - top - foot - _TICKS - (0.22 if len(panels) > 1 else 0.1)
        gap = 0.48
        each = (height - gap * (len(panels) - 1)) / len(panels)
        for row, (order, lines) in enumerate(zip(view.orders, panels, strict=True)):
            above = top + (0.2 if len(panels) > 1 else 0.08) + row * (each + gap)
            below = picture.get_size_inches()[1] - above - each
            axes = picture.panel(_LEFT, above, right, below)
            if len(panels) > 1:
                axes.set_title(_ORDER_WORDS[order], fontsize=SMALL, pad=3, color=look.colours.muted)
            frame(picture, axes, span, lines, view.ylim, common=True)
            for k, line in enumerate(lines):
                draw_series(axes, line, look, k)
            marks = Notes(picture, axes, lines)
            for mark in view.marks:
                for k, activation in enumerate(activations):
                    y = _at(activation, mark, order)
                    axes.plot([mark], [y], "o", ms=5, color=colour(look, k), zorder=5)
                    marks.write(mark, y, number(y))
            _name_ends(picture, axes, lines)
    return picture


def multiples(
    activations: Sequence[Activation], view: View, look: Look, *, labels: Sequence[str] = (), heading: str = ""
) -> Picture:
    """A small panel a function, all with the same axes; every derivative asked for in each."""
    span = view.reach(*activations)
    names = list(labels or [activation.spec for activation in activations])
    title = heading or f"{len(names)} activation functions"
    if not look.exact:  # panels large enough to read, however many
        columns = max(4, int((len(names) * 1.2) ** 0.5 + 0.5))
        wide, tall = max(6.4, columns * 1.7 + 0.8), max(4.0, -(-len(names) // columns) * 1.35 + 1.0)
        look = look.sized(round(wide * look.dpi), round(tall * look.dpi))
    with style(look):
        picture = Picture(look, title, _description(activations, span, view))
        top = picture.heading(name=title) + 0.05
        foot = picture.footing(_dash_note(view.orders))
        width, height = picture.get_size_inches()
        columns = columns_for(len(names), width, height - top - foot)
        rows = -(-len(names) // columns)
        across = (width - _LEFT - _RIGHT) / columns
        down = (height - top - foot - _TICKS) / rows
        drawn = [
            [_representative(activation, span, view.points, order) for order in view.orders]
            for activation in activations
        ]
        limits = view.ylim or _common_limits([line for lines in drawn for line in lines], span)
        for k, (name, lines) in enumerate(zip(names, drawn, strict=True)):
            row, column = divmod(k, columns)
            left = _LEFT + column * across
            above = top + row * down
            axes = picture.panel(left, above + 0.2, width - left - across + 0.12, height - above - down + 0.08)
            frame(picture, axes, span, lines, limits)
            last_in_column = k + columns >= len(names)
            axes.tick_params(labelleft=column == 0, labelbottom=last_in_column, length=0)
            axes.locator_params(nbins=3, steps=[1, 2, 4, 5, 10])
            _shorten(picture, axes.set_title(name, fontsize=SMALL, pad=2), across - 0.08)
            for order, line in zip(view.orders, lines, strict=True):
                draw_series(axes, line, look, order, dots=down > 0.9)
    return picture


def difference(first: Activation, second: Activation, view: View, look: Look) -> Picture:
    """Two functions side by side with what differs between them: both curves and the gap, and the gap by itself."""
    span = view.reach(first, second)
    order = view.orders[-1]
    with style(look):
        title = f"{prime(first.spec, order)} and {prime(second.spec, order)}"
        picture = Picture(look, title, _description([first, second], span, view))
        kinks = [kink for activation in (first, second) for kink in activation.kinks if span[0] <= kink <= span[1]]
        x = np.union1d(np.linspace(*span, view.points), kinks)
        both = [_representative(f, span, view.points, order) for f in (first, second)]
        values = [_value_on(f, x, order) for f in (first, second)]
        with np.errstate(invalid="ignore"):  # inf - inf
            gap = values[0] - values[1]
        top = picture.heading(name=title)
        size = np.where(np.isfinite(gap), np.abs(gap), -1.0)
        worst = int(np.argmax(size))
        if size[worst] > 0:
            words = f"largest difference {number(gap[worst], 6)} at x = {number(x[worst], 6)}"
        else:
            words = "no difference in this range"
        foot = picture.footing(words + (f" · {_row_note(first)}" if first.is_row else ""))
        wide = picture.get_size_inches()[0]
        half = (wide - 2 * _LEFT - _RIGHT - 0.15) / 2
        _line_names(picture, [line.label for line in both], top + 0.02)
        above, below = top + 0.45, foot + _TICKS + 0.05
        axes = picture.panel(_LEFT, above, wide - _LEFT - half, below)
        axes.set_title(_ORDER_WORDS[order], fontsize=SMALL, pad=4, color=look.colours.muted)
        frame(picture, axes, span, both, view.ylim)
        axes.fill_between(x, values[0], values[1], color=colour(look, 4), alpha=0.45, lw=0, label="difference")
        for k, line in enumerate(both):
            draw_series(axes, line, look, k)
        right = picture.panel(wide - _RIGHT - half, above, _RIGHT, below)
        right.set_title("difference: first minus second", fontsize=SMALL, pad=4, color=look.colours.muted)
        line = broken("difference", x, gap, lambda at: _value_on(first, at, order) - _value_on(second, at, order))
        frame(picture, right, span, [line], None)
        right.fill_between(line.x, line.y, 0, color=colour(look, 4), alpha=0.45, lw=0)
        right.plot(line.x, line.y, color=look.colours.text, lw=1.4, label="difference")
        for each in (axes, right):
            each.locator_params(axis="x", nbins=6)
        if size[worst] > 0:
            right.plot([x[worst]], [gap[worst]], "o", ms=5, color=look.colours.text, zorder=5)
            axes.plot([x[worst]] * 2, [values[0][worst], values[1][worst]], color=look.colours.text, lw=1, marker="_")
            Notes(picture, right, [line]).write(x[worst], gap[worst], f"{number(gap[worst])} at {number(x[worst])}")
    return picture


def _line_names(picture: Picture, labels: Sequence[str], top: float) -> None:
    """Name lines in a row, a sample of each before its name."""
    x = 0.12
    wide, tall = picture.get_size_inches()
    for k, label in enumerate(labels):
        level = 1 - (top + 0.08) / tall
        picture.add_artist(
            Line2D([x / wide, (x + 0.35) / wide], [level] * 2, color=colour(picture.look, k), ls=dash(k), lw=2)
        )
        text = picture.line(x + 0.42, top + 0.08, label, va="center_baseline", fontsize=SMALL)
        x += 0.42 + picture.extent(text)[0] + 0.3


def gallery(activations: Sequence[Activation], look: Look, span: tuple[float, float] = (-5.0, 5.0)) -> Picture:
    """All functions at a glance: equal panels under a heading a family, value and slope, the same axes throughout.

    The figure is as large as its panels need, unless the look's size was asked for: then the panels fit that.
    """
    families: dict[str, list[Activation]] = {}
    for activation in activations:
        families.setdefault(activation.family, []).append(activation)
    sizes = [len(members) for members in families.values()]
    head, top, foot = 0.34, 0.4, 0.35
    if look.exact:
        wide, tall = look.inches
        columns, across, down = _fitting(sizes, wide - 0.2, tall - top - foot - head * len(sizes))
    else:
        columns, across, down = min(12, max(4, int((1.3 * sum(sizes)) ** 0.5 + 0.5))), 1.3, 1.1
        wide = max(columns * across + 0.2, 6.4)
        tall = top + foot + head * len(sizes) + down * _rows(sizes, columns)
        look = look.sized(round(wide * look.dpi), round(tall * look.dpi))
    ylim = (-2.2, 4.2)
    with style(look):
        words = f"{len(activations)} activation functions"
        picture = Picture(look, words, f"{words} by family; value solid, slope dashed.")
        picture.heading(name=words)
        picture.footing(
            f"value solid, slope dashed · every panel: x from {number(span[0])} to {number(span[1])}, "
            f"y from {number(ylim[0])} to {number(ylim[1])}, a grid line every 2"
        )
        left = (wide - columns * across) / 2
        above = top
        for family, members in families.items():
            picture.line(
                left + 0.06, above + 0.08, family.replace("_", " "), va="top", fontsize=PLAIN, fontweight="bold",
                color=look.colours.muted,
            )  # fmt: skip
            above += head
            for k, activation in enumerate(members):
                row, column = divmod(k, columns)
                corner = left + column * across + 0.06, above + row * down + 0.2
                _small_panel(picture, activation, corner, (across - 0.12, down - 0.28), span, ylim)
            above += -(-len(members) // columns) * down
    return picture


def _rows(sizes: Sequence[int], columns: int) -> int:
    return sum(-(-size // columns) for size in sizes)


def _fitting(sizes: Sequence[int], wide: float, tall: float) -> tuple[int, float, float]:
    """How many columns, and inches across and down a panel, fill the page with panels nearest to six by five."""
    panels = [(n, wide / n, max(tall, 0.5) / _rows(sizes, n)) for n in range(1, max(sizes) + 1)]
    return min(panels, key=lambda panel: abs(np.log(panel[1] / panel[2] / 1.2)))


def _small_panel(
    picture: Picture,
    activation: Activation,
    corner: tuple[float, float],
    size: tuple[float, float],
    span: tuple[float, float],
    ylim: tuple[float, float],
) -> None:
    """One panel of the gallery, its top left corner and its size in inches. Lines on the figure: axes cost too much."""
    look = picture.look
    wide, tall = picture.get_size_inches()
    width, height = max(size[0], 0.1) / wide, max(size[1], 0.1) / tall
    left, bottom = corner[0] / wide, 1 - corner[1] / tall - height
    place = (
        Affine2D().translate(-span[0], -ylim[0])
        .scale(width / (span[1] - span[0]), height / (ylim[1] - ylim[0])).translate(left, bottom)
        + picture.transFigure
    )  # fmt: skip
    frame = TransformedBbox(Bbox.from_bounds(left, bottom, width, height), picture.transFigure)

    def draw(x: Any, y: Any, **how: Any) -> None:
        line = Line2D(x, y, transform=place, **how)
        line.set_clip_box(frame)
        picture.add_artist(line, clip=False)

    theme = look.colours
    for values, bounds, level in ((range(-4, 5, 2), ylim, False), (range(-2, 5, 2), span, True)):
        ticks = np.array([value for value in values if level or span[0] <= value <= span[1]], dtype=np.float64)
        run, fixed = np.tile([*bounds, np.nan], len(ticks)), np.repeat(ticks, 3)
        draw(*((run, fixed) if level else (fixed, run)), color=theme.grid, lw=0.6, zorder=1)
    draw([*span, np.nan, 0, 0], [0, 0, np.nan, *ylim], color=theme.zero, lw=0.8, zorder=2)
    for order in (1, 0):
        for k, line in enumerate(lines_of(activation, span, 201, order)) if not (order and activation.is_row) else ():
            draw(
                line.x, line.y, color=colour(look, order or k), ls=dash(order or k), lw=1.2 if order else 1.7,
                zorder=3 if order else 4, label=line.label,
            )  # fmt: skip
    name = picture.text(left + width / 2, bottom + height, activation.spec, fontsize=SMALL, ha="center", va="bottom")
    long = picture.extent(name)[0]
    if long > size[0] + 0.1:
        name.set_fontsize(SMALL * (size[0] + 0.1) / long)


# --- parts ---------------------------------------------------------------------------------------------------------


def _headline(activation: Activation, orders: Sequence[int]) -> tuple[str, str]:
    """(formula line, title): a user's formula is its own title; a derivative is written out where it is short."""
    if activation.is_row:
        return activation.formula, activation.spec
    formulas = [activation.mathtext(order) for order in orders]
    shown = [
        f"$f{chr(39) * order}(x) = {formula}$"
        for order, formula in zip(orders, formulas, strict=True)
        if order == orders[0] or len(formula) <= 60
    ]
    if activation.family == USER:
        return "   ".join(shown[1:]), shown[0]
    bound = ", ".join(f"{key} = {number(value, 6)}" for key, value in activation.parameters.items())
    return "   ".join([*shown, f"({bound})"] if bound else shown), activation.spec


def _facts(activation: Activation, lines: Sequence[Series]) -> list[str]:
    """What the caption says about the function as a whole; nothing where it has no value somewhere in sight."""
    facts = properties(activation)
    if activation.family == USER and not np.isfinite(activation(lines[0].x)).all():
        return []
    shape = facts.monotone or "not monotone"
    centred = "zero-centred" if facts.zero_centred else "not zero-centred"
    return [f"range {facts.range}".replace("inf", "∞").replace("-", "−"), centred, shape]


def _row_note(activation: Activation) -> str:
    other = number(float(row_template(activation)[1]))
    return f"{activation.name} of the row (x, {other})"


def _dash_note(orders: Sequence[int]) -> str:
    if len(orders) == 1:
        return "" if orders[0] == 0 else f"{_ORDER_WORDS[orders[0]]}s"
    return ", ".join(f"{_ORDER_WORDS[order]} {('solid', 'dashed', 'dotted')[order]}" for order in orders)


def _description(activations: Iterable[Activation], span: tuple[float, float], view: View) -> str:
    shown = " and ".join(_ORDER_WORDS[order] for order in view.orders)
    functions = "; ".join(f"{activation.spec}: {activation.formula}" for activation in activations)
    return f"{shown} for x from {span[0]:g} to {span[1]:g}. {functions}"


def _representative(activation: Activation, span: tuple[float, float], points: int, order: int) -> Series:
    """The one line that stands for a function beside others: for a row function its first output."""
    return lines_of(activation, span, points, order)[0]


def _renamed(line: Series, label: str) -> Series:
    return Series(label, line.x, line.y, line.filled, line.hollow)


def _value_on(activation: Activation, x: Array, order: int) -> Array:
    return row_outputs(activation, x, order)[:, 0] if activation.is_row else derivative(activation, x, order)


def _at(activation: Activation, x: float, order: int) -> float:
    return float(_value_on(activation, np.array([x]), order)[0])


def _conventions(activation: Activation, slope: Series) -> str:
    """What the dots on a slope's line mean: the stated slope at each kink, and that of either side."""
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


def frame(
    picture: Picture,
    axes: Axes,
    span: tuple[float, float],
    lines: Sequence[Series],
    ylim: tuple[float, float] | None,
    *,
    common: bool = False,
) -> None:
    """Limits, zero lines, room for the tick labels."""
    low, high = ylim or (_common_limits(lines, span) if common else _limits(lines))
    axes.set_xlim(*span)
    axes.set_ylim(low, high)
    zero: dict[str, Any] = {"color": picture.look.colours.zero, "lw": 0.9, "zorder": 1}
    if low < 0 < high:
        axes.axhline(0, **zero)
    if span[0] < 0 < span[1]:
        axes.axvline(0, **zero)
    _room_for_ticks(picture, axes)


def _room_for_ticks(picture: Picture, axes: Axes) -> None:
    """Move the axes' left edge in for wide tick labels, and thin out those below where they would touch."""
    digit = 0.62 * SMALL / 72  # inches

    def longest(axis: Any) -> tuple[int, int]:
        low, high = axis.get_view_interval()
        labels = axis.get_major_formatter().format_ticks([t for t in axis.get_majorticklocs() if low <= t <= high])
        return max(map(len, labels), default=0), len(labels)

    box = axes.get_position()
    wide = float(picture.get_size_inches()[0])
    missing = longest(axes.yaxis)[0] * digit + 0.12 - box.x0 * wide
    if missing > 0 and axes.get_subplotspec() is None:
        axes.set_position((box.x0 + missing / wide, box.y0, box.width - missing / wide, box.height))
    letters, count = longest(axes.xaxis)
    most = int(axes.get_position().width * wide / ((letters + 1.5) * digit))
    if count > most:
        axes.locator_params(axis="x", nbins=max(most - 1, 2), prune="both")


def _limits(lines: Sequence[Series], room: float = 0.08) -> tuple[float, float]:
    values = np.concatenate([line.y[np.isfinite(line.y)] for line in lines])
    if not values.size:
        return -1.0, 1.0
    low, high = float(values.min()), float(values.max())
    usual = float(np.quantile(np.abs(values), 0.95))
    if usual and max(-low, high) > 25 * usual:  # a pole would flatten everything else
        low, high = max(low, -4 * usual), min(high, 4 * usual)
    if high - low < 1e-9 * max(1.0, abs(high)):
        low, high = low - 1, high + 1
    margin = room * (high - low)
    return low - margin, high + margin


def _common_limits(lines: Sequence[Series], span: tuple[float, float]) -> tuple[float, float]:
    """Limits that show every line, unless one runs away so far that it would flatten the others."""
    low, high = _limits(lines)
    cap = 1.6 * max(abs(span[0]), abs(span[1]), 1.0)
    tame = [line for line in lines if np.nanmax(np.abs(np.where(np.isfinite(line.y), line.y, 0.0))) <= cap]
    if not tame or len(tame) == len(lines):
        return low, high
    tame_low, tame_high = _limits(tame)
    return max(low, min(tame_low, -cap / 2 if low < 0 else 0)), min(high, max(tame_high, cap))


def draw_series(axes: Axes, line: Series, look: Look, index: int, *, dots: bool = True) -> None:
    ink = colour(look, index)
    axes.plot(line.x, line.y, color=ink, ls=dash(index), label=line.label, zorder=3)
    if not dots:
        return
    for points, face, level in ((line.hollow, look.colours.ground, 5), (line.filled, ink, 6)):
        if points:
            x, y = zip(*points, strict=True)
            axes.plot(x, y, "o", ms=5.5, mfc=face, mec=ink, mew=1.4, zorder=level, clip_on=False)


def _name_ends(picture: Picture, axes: Axes, lines: Sequence[Series]) -> None:
    entries = []
    for k, line in enumerate(lines):
        finite = np.flatnonzero(np.isfinite(line.y))
        y = float(line.y[finite[-1]]) if finite.size else 0.0
        entries.append((line.label, y, colour(picture.look, k), dash(k)))
    end_labels(picture, axes, entries)


def _asymptotes(picture: Picture, axes: Axes, notes: Notes, activation: Activation, span: tuple[float, float]) -> None:
    """The lines the function nears, dashed along their half of the axes, level ones with their value."""
    left, right = properties(activation).asymptotes
    middle = (span[0] + span[1]) / 2
    halves = [(left, span[0], middle), (right, middle, span[1])]
    if left == right:
        halves = [(left, *span)]
    how: dict[str, Any] = {"color": picture.look.colours.muted, "ls": (0, (4, 3)), "lw": 1, "zorder": 2}
    for line, start, stop in halves:
        if line is None:
            continue
        slope, level = line
        end = start if line is left and left != right else stop
        there = _at(activation, end, 0)
        if slope:
            if abs(slope * end + level - there) > 1e-9 * max(1.0, abs(there)) or _at(activation, middle, 0) != level:
                axes.plot([start, stop], [slope * start + level, slope * stop + level], **how)
                x = middle + 0.62 * (end - middle)
                notes.write(x, slope * x + level, f"y = {_straight(slope, level)}", quiet=True)
            continue
        low, high = axes.get_ylim()
        if not low <= level <= high:
            continue
        axes.plot([start, stop], [level, level], **how)
        under = level < _at(activation, middle, 0) or (level == _at(activation, middle, 0) and level <= there)
        side = "left" if end == span[0] else "right"
        axes.annotate(
            f"y = {number(level)}", (end, level), xytext=(3 if side == "left" else -3, -3 if under else 3),
            textcoords="offset points", ha=side, va="top" if under else "bottom", fontsize=SMALL,
            color=picture.look.colours.muted, zorder=6,
        )  # fmt: skip
        _make_room(picture, axes, level, under=under)


def _straight(slope: float, level: float) -> str:
    """The right-hand side of a straight line's equation."""
    lead = {1.0: "x", -1.0: "−x"}.get(slope, f"{number(slope)}x")
    return lead + (f" {'+' if level > 0 else '−'} {number(abs(level))}" if level else "")


def _make_room(picture: Picture, axes: Axes, level: float, *, under: bool) -> None:
    """Widen the y limits where a label beside `level` would leave the axes."""
    low, high = axes.get_ylim()
    need = (SMALL * 1.25 + 4) / 72 * picture.dpi / axes.get_window_extent().height * (high - low)
    axes.set_ylim(min(low, level - need) if under else low, max(high, level + need) if not under else high)


class Notes:
    """Words beside points, each put where it covers no line's point, no dot and no other words."""

    def __init__(self, picture: Picture, axes: Axes, lines: Sequence[Series]) -> None:
        self.picture, self.axes = picture, axes
        curves = [np.column_stack([line.x, line.y])[np.isfinite(line.y)] for line in lines]
        self.ink = axes.transData.transform(np.concatenate(curves))
        self.taken: list[Any] = []

    def dot(self, x: float, y: float, ink: str, words: str) -> None:
        """A dot on the curve, its words beside it."""
        self.axes.plot([x], [y], "o", ms=5.5, color=ink, zorder=6)
        self.write(x, y, words)

    def write(self, x: float, y: float, words: str, *, quiet: bool = False) -> None:
        """The words in the place around (x, y) that covers least."""
        theme = self.picture.look.colours
        text = self.axes.annotate(
            words, (x, y), xytext=(0, 0), textcoords="offset points", fontsize=SMALL, zorder=7,
            color=theme.muted if quiet else theme.text,
        )  # fmt: skip
        area = self.axes.get_window_extent()
        box = text.get_window_extent()
        points = self.picture.dpi / 72
        centre = self.axes.transData.transform((x, y))
        best: tuple[float, Any, tuple[float, float], str, str] | None = None
        for away in (5, 11, 19):
            for dx, dy in ((1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0)):
                left = centre[0] + dx * away * points + (dx - 1) / 2 * box.width
                low = centre[1] + dy * away * points + (dy - 1) / 2 * box.height
                here = Bbox.from_bounds(left, low, box.width, box.height).padded(2)
                covered = np.count_nonzero(np.all((self.ink > here.min) & (self.ink < here.max), axis=1))
                clash = sum(here.overlaps(other) for other in self.taken)
                outside = here.x0 < area.x0 or here.x1 > area.x1 or here.y0 < area.y0 or here.y1 > area.y1
                cost = covered + 300 * clash + 1000 * outside + away
                if best is None or cost < best[0]:
                    sides = ("right", "center", "left")[dx + 1], ("top", "center", "bottom")[dy + 1]
                    best = cost, here, (dx * away, dy * away), *sides
        assert best is not None
        text.set(position=best[2], ha=best[3], va=best[4])
        self.taken.append(best[1])


def _mark_steepest(notes: Notes, activation: Activation, slope: Series, lines: Sequence[Series]) -> None:
    """A dot at the largest slope with its x; where it is that large over a stretch, the stretch."""
    top, stretches = steepest(activation, slope)
    ink = next(k for k, line in enumerate(lines) if line.label == slope.label)
    low, high = float(slope.x[0]), float(slope.x[-1])
    start, stop = stretches[-1]
    if start == stop:
        where = f" at x = {number(start)}"
    elif stretches == [(low, high)]:
        where = " everywhere"
    else:
        where = " for " + " and ".join(
            f"x > {number(a)}" if b == high else f"x < {number(b)}" if a == low else f"{number(a)} < x < {number(b)}"
            for a, b in stretches
        )
    notes.dot((start + stop) / 2, top, colour(notes.picture.look, ink), f"largest slope {number(top)}{where}")


def _mark(notes: Notes, activation: Activation, orders: Sequence[int], x: float) -> None:
    for k, order in enumerate(orders):
        y = _at(activation, x, order)
        if np.isfinite(y):
            notes.dot(x, y, colour(notes.picture.look, k), f"({number(x)}, {number(y)})")


def _shorten(picture: Picture, text: Text, room: float) -> None:
    """End a text with an ellipsis where it would run into its neighbour."""
    words = text.get_text()
    while picture.extent(text)[0] > room and len(words) > 1:
        words = words[:-1]
        text.set_text(words + "…")


def columns_for(count: int, width: float, height: float) -> int:
    """How many columns make panels nearest to three by two, with few places left empty."""

    def cost(columns: int) -> float:
        rows = -(-count // columns)
        shape = abs(np.log((width / columns) / (height / rows) / 1.5))
        return float(shape) + 1.5 * (columns * rows - count) / count

    return min(range(1, count + 1), key=cost)
