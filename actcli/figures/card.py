"""The card of a function: one page with its curve and its facts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

from actcli.activations import Activation, frameworks, get
from actcli.figures.axes import TICKS, draw_series, frame, number
from actcli.figures.canvas import SMALL, Picture, dash, end_labels, style, text_width
from actcli.figures.canvas import colour as ink_of
from actcli.figures.look import Look
from actcli.figures.sampling import View, lines_of, prime, row_template
from actcli.studies.facts import facts, in_words
from actcli.studies.traps import same_name

#: The facts on the card, in this order, and their names there.
_LINES = {
    "parameters": "parameters",
    "range": "range",
    "unbounded_near": "unbounded near",
    "monotone": "monotone",
    "parity": "symmetry",
    "smoothness": "smoothness",
    "extrema": "extrema",
    "asymptotes": "asymptotes",
    "source": "source",
}
#: Inches: the width of the page, the left edge of the facts, the least height of the curve, the height of a line.
_WIDE, _BESIDE, _TALL, _LINE = 9.9, 5.5, 2.6, 0.17
#: The least dots per inch for legible text, at which 9 points are 9 pixels.
_LEAST = 72.0


def card(activation: Activation, view: View, look: Look) -> Picture:
    """The curve and its slope, the formula, properties, names in frameworks, and conflicts between such names.

    Raises ValueError, with the least size, for a page too small for legible text.
    """
    span = view.reach(activation)
    said = [(name, part) for name, words in _entries(activation) for part in _folded(words, _WIDE - _BESIDE)]
    tall = 1.7 + max(_TALL, _LINE * len(said))
    look = look.holding(_WIDE, tall)
    if look.dpi < _LEAST:
        least = "x".join(str(math.ceil(_LEAST * side)) for side in (_WIDE, tall))
        raise ValueError(f"a card of {activation.spec} takes {least} pixels or more, not {look.width}x{look.height}")
    with style(look):
        picture = Picture(look, activation.spec, f"{activation.spec}: {activation.formula}. {activation.summary}")
        top = picture.heading(_formula(activation), activation.spec, activation.formula)
        picture.line(0.12, top, activation.summary, va="top", fontsize=SMALL, color=look.colours.muted)
        top += 0.28
        foot = picture.footing(_row_caption(activation))
        width = float(picture.get_size_inches()[0])
        drawn = [line for order in (0, 1) for line in lines_of(activation, span, view.points, order)]
        beside = _BESIDE / _WIDE * width
        axes = picture.panel(0.5, top + 0.1, width - beside + 2.0, foot + TICKS + 0.05)
        frame(picture, axes, span, drawn, view.ylim, names=("x", ""))
        for k, line in enumerate(drawn):
            draw_series(axes, line, look, k)
        if len(drawn) > 1:
            half = len(drawn) // 2
            labels = [prime("f" if half == 1 else f"y{k % half}", k // half) for k in range(len(drawn))]
            ends = [
                (label, float(line.y[-1]), ink_of(look, k), dash(k))
                for k, (label, line) in enumerate(zip(labels, drawn, strict=True))
            ]
            end_labels(picture, axes, ends)
        _table(picture, said, beside, top + 0.05)
    return picture


def _table(picture: Picture, lines: Sequence[tuple[str, str]], left: float, top: float) -> None:
    """Write lines of text, each name once before its first line."""
    before = ""
    for k, (name, words) in enumerate(lines):
        y = top + k * _LINE
        if name != before:
            how: dict[str, Any] = {"ha": "right", "color": picture.look.colours.muted}
            picture.line(left - 0.1, y, name, va="top", fontsize=SMALL, **how)
        picture.line(left, y, words, va="top", fontsize=SMALL, parse_math=False)
        before = name


def _formula(activation: Activation) -> str:
    if activation.is_row:
        return f"$y_i = {activation.mathtext()}$"
    return f"$f(x) = {activation.mathtext()}$"


def _row_caption(activation: Activation) -> str:
    other = number(float(row_template(activation)[1])) if activation.is_row else ""
    return f"{activation.name} of the row (x, {other})" if other else ""


def _entries(activation: Activation) -> Iterator[tuple[str, str]]:
    """(name, text) of each fact on the card."""
    found = in_words(facts(activation))
    for key, name in _LINES.items():
        if found[key]:
            yield name, found[key] if key == "source" else _typeset(found[key])
    yield from (("kink", f"at {number(x)}: slope {number(slope)}") for x, slope in _kinks(activation))
    rows = [row for row in frameworks.rows() if get(row.function).name == activation.name]
    called: dict[str, list[str]] = {}  # frameworks by the names that they use
    for framework in dict.fromkeys(row.framework for row in rows):
        labels = [label.partition(".")[2] for row in rows if row.framework == framework for label in row.labels()]
        if labels:
            called.setdefault(", ".join(dict.fromkeys(labels)), []).append(framework)
    yield from (("called", f"{names} in {' '.join(known)}") for names, known in called.items())
    other: dict[tuple[str, str], dict[str, None]] = {}  # frameworks by the conflict
    for trap in same_name([activation.name, *activation.aliases]) if rows else ():
        if (trap.function == activation.spec) == (trap.kind == "same name"):
            continue
        words = f"{trap.name} is {trap.function}"
        if trap.kind != "same name" and trap.x is not None and trap.y is not None:
            words = f"{number(trap.y)} at {number(trap.x)}"
        known = other.setdefault((trap.kind, words), {})
        known.update(dict.fromkeys(label.partition(".")[0] for label in trap.called))
    yield from ((kind, f"{words} in {' '.join(known)}") for (kind, words), known in other.items())


def _typeset(words: str) -> str:
    """A text with numbers of up to six digits, minus signs and infinity signs."""
    numbers = re.compile(r"(?<![\w.])-?(?:inf\b|\d+(?:\.\d+)?(?:e[-+]?\d+)?)(?![\w:])")
    return (
        numbers.sub(lambda found: number(float(found[0]), 6), words)
        .replace("*", "")
        .replace(",", ", ")
        .replace(",  ", ", ")
    )


def _kinks(activation: Activation) -> list[tuple[float, float]]:
    return [] if activation.is_row else list(activation.conventions.items())[:4]


def _folded(words: str, room: float) -> list[str]:
    """The words in at most four lines of about `room` inches."""
    letters = max(10, int(len(words) * (room - 0.3) / max(text_width(words, SMALL), 1e-9)))
    lines = wrap(words, letters, break_long_words=True)
    return lines if len(lines) <= 4 else [*lines[:3], lines[3][:-2] + " …"]
