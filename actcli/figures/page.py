"""An interactive HTML page: curves and slopes, a movable point, a slider for each parameter.

The page is one file without references to others. Its functions are the javascript that `code` writes, its formulas are
MathML, and it contains page.html and the scripts beside it. Only the colours of a colour map need matplotlib.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from string import Template
from typing import Any

from actcli.activations import Activation
from actcli.activations.definition import USER
from actcli.figures.look import DASHES, GALLERY_LEVELS, GALLERY_SPAN, THEMES, Look, Theme
from actcli.figures.sampling import View, common_limits, limits, series
from actcli.formulas.formula import evaluate_constant
from actcli.formulas.grammar import names_in, parse
from actcli.formulas.mathml import mathml
from actcli.formulas.mathtext import is_readable
from actcli.formulas.singular import singularities
from actcli.formulas.tolerances import SATURATED
from actcli.packed import packed
from actcli.studies.code import free_parameters, write
from actcli.studies.facts import in_brief

#: Steps of a slider on either side of 0, and the end of the slider of a parameter whose default is infinite.
_STEPS, _FAR = 200, 10.0
#: The width of a line in pixels, and the unit of its dashes.
_WIDTH = 2.5
_WORDS = ("value", "slope")


def page(
    activations: Sequence[Activation],
    view: View,
    look: Look,
    *,
    heading: str = "",
    left_out: Sequence[str] = (),
) -> tuple[str, str]:
    """The page of some functions of one number, and its title.

    Up to eight share one set of axes; more are shown in a gallery by family, from which the reader chooses one at a
    time. left_out: SPECs of functions that the page names as missing.

    >>> from actcli.activations import get
    >>> text, title = page([get("elu")], View(orders=(0, 1)), Look())
    >>> title, "<title>elu</title>" in text, 'name="alpha"' in text
    ('elu', True, True)
    """
    together = len(activations) <= len(DASHES)
    groups = [list(range(len(activations)))] if together else [[k] for k in range(len(activations))]
    specs = [activation.spec for activation in activations]
    title = look.title or heading or (", ".join(specs) if together else f"{len(specs)} activation functions")
    if 1 not in view.orders:
        view = replace(view, orders=(*view.orders, 1))
    shown = {
        "functions": [_described(activation, view.reach(activation)) for activation in activations],
        "views": [_view([activations[k] for k in group], group, view) for group in groups],
        "orders": view.orders,
        "words": _WORDS,
        "marks": view.marks,
        "xlabel": "x" if look.xlabel is None else look.xlabel,
        "ylabel": look.ylabel,
        "saturated": SATURATED,
        "fixed": view.ylim is not None,
        "small": None if together else {"span": GALLERY_SPAN, "limits": GALLERY_LEVELS},
    }
    several = together and len(activations) > 1
    parts = {
        "title": escape(title),
        "colours": _colours(look, len(activations) if several else len(view.orders)),
        "headings": _headings(view.orders, swatches=not several),
        "cards": "\n".join(_card(k, activation, not several and together) for k, activation in enumerate(activations)),
        "gallery": "" if together else _gallery(activations),
        "left_out": _left_out(left_out),
        "script": _script(activations, shown),
    }
    return Template(_file("page.html")).substitute(parts), title


def _left_out(specs: Sequence[str]) -> str:
    if not specs:
        return ""
    command = f"<code>actcli plot {escape(specs[0])} --plane</code>"
    return f"<p>Functions of rows are not on this page: {escape(', '.join(specs))}. {command} draws one.</p>"


def _file(name: str) -> str:
    return packed("actcli.figures", name).decode()


def _view(activations: Sequence[Activation], group: list[int], view: View) -> dict[str, Any]:
    """The content of one view: the indices of its functions, the range of x, and the limits of y of each panel."""
    span = view.reach(*activations)
    lines = [[series(activation, span, 201, order) for activation in activations] for order in view.orders]
    if len(activations) == 1:
        levels = [view.ylim or limits([one for order in lines for one in order])]
    else:
        levels = [view.ylim or common_limits(order, span) for order in lines]
    return {"functions": group, "span": span, "limits": levels}


def _described(activation: Activation, span: tuple[float, float]) -> dict[str, Any]:
    """The data of a function that the script needs besides its code, as [x, value, slope] at kinks and poles.

    Code with free parameters contains neither these points nor the conventions of a framework at them. For changed
    parameters the script finds the kinks, and the framework's rules give the slope at each of them.
    """
    special = {*activation.kinks, *(gap.x for gap in singularities(activation.truth, *span))}
    return {
        "spec": activation.spec,
        "parameters": list(free_parameters(activation).values()),
        "rules": activation.kink_rules,
        "stated": [[x, float(activation(x)), float(activation.slope(x))] for x in sorted(special)],
    }


# --- text ------------------------------------------------------------------------------------------------------------


def _headings(orders: Iterable[int], *, swatches: bool) -> str:
    cells = ['<th scope="col"><span class="unseen">function</span></th>']
    for style, order in enumerate(orders):
        swatch = _swatch(style) if swatches else ""
        cells.append(f'<th scope="col">{swatch}{_WORDS[order]}</th>')
    return "".join(cells)


def _swatch(style: int) -> str:
    return (
        '<svg class="swatch" width="36" height="10" aria-hidden="true">'
        f'<line class="line s{style}" x1="1" x2="35" y1="5" y2="5"></line></svg>'
    )


def _card(k: int, activation: Activation, alone: bool) -> str:
    """The text about a function, and its sliders."""
    name = escape(activation.spec)
    slope = activation.mathtext(1)
    formulas = [f"f(x) = {activation.mathtext()}", *([f"f'(x) = {slope}"] if is_readable(slope) else [])]
    lines = [
        f'<section class="card" id="card-{k}" aria-labelledby="name-{k}">',
        f'<h2 id="name-{k}" tabindex="-1"{" class=unseen" if alone else ""}>{name}</h2>',
        f"<p>{escape(activation.summary)}</p>" if activation.family != USER else "",
        *(f'<div class="formula">{mathml(formula)}</div>' for formula in formulas),
        _sliders(k, activation),
        f'<p class="facts"><small>{escape(" · ".join(in_brief(activation)))}</small></p>',
        f"<p><small>{escape(activation.source)}</small></p>" if activation.source else "",
        "</section>",
    ]
    return "\n".join(line for line in lines if line)


def _sliders(k: int, activation: Activation) -> str:
    lines = []
    for place, (key, value) in enumerate(free_parameters(activation).items()):
        low, high, step = _slider_range(activation, key, value)
        start = value if math.isfinite(value) else math.copysign(_FAR, value)
        name = escape(key)
        lines.append(
            f'<div class="control"><label for="p{k}-{place}">{name}</label>'
            f'<input type="range" id="p{k}-{place}" name="{name}" min="{low!r}" max="{high!r}" step="{step!r}" '
            f'value="{start!r}"><input type="number" id="p{k}-{place}-exact" step="any" '
            f'aria-label="{name} of {escape(activation.spec)}, exactly"></div>'
        )
    if not lines:
        return ""
    return "\n".join(
        [
            "<fieldset><legend>Parameters</legend>",
            *lines,
            '<div><button type="button">Reset</button></div>',
            "</fieldset>",
        ]
    )


def _slider_range(activation: Activation, key: str, value: float) -> tuple[float, float, float]:
    """(least, largest, step) of the slider of a parameter: up to twice its value or more, and at least up to 2.

    The least value meets those conditions of the domain that contain no other parameter.
    """
    size = max(2.0, 2 * abs(value)) if math.isfinite(value) else _FAR
    power = 10.0 ** math.floor(math.log10(size))
    size = next(factor * power for factor in (1, 2, 4, 5, 6, 8, 10) if factor * power >= size * (1 - 1e-12))
    step = float(f"{size / _STEPS:.3g}")
    own = [_indicator(condition) for condition, names in _domain(activation) if names == {key}]
    low = next(low for low in (-size, 0.0, step) if all(evaluate_constant(choice, {key: low}) for choice in own))
    return low, size, step


def _domain(activation: Activation) -> list[tuple[str, set[str]]]:
    """The conditions on parameters with sliders, each with the names of its parameters."""
    keys = free_parameters(activation)
    named = [(one, names_in(parse(_indicator(one), activation.parameters))) for one in activation.definition.domain]
    return [(condition, names) for condition, names in named if names <= keys.keys()]


def _indicator(condition: str) -> str:
    """A condition as a formula that evaluates to 1 if it holds, else to 0."""
    return f"where({condition}, 1, 0)"


def _gallery(activations: Sequence[Activation]) -> str:
    families: dict[str, list[int]] = {}
    for k, activation in enumerate(activations):
        families.setdefault(activation.family, []).append(k)
    lines = ['<nav aria-label="All functions">']
    for family, members in families.items():
        lines += [f"<h3>{escape(family.replace('_', ' '))}</h3>", "<ul>"]
        for k in members:
            name = escape(activations[k].spec)
            panel = '<svg viewBox="0 0 110 78" aria-hidden="true"></svg>'
            lines.append(f'<li><a href="#{name}" data-i="{k}">{panel}{name.replace("_", "_<wbr>")}</a></li>')
        lines.append("</ul>")
    return "\n".join([*lines, "</nav>"])


# --- script ----------------------------------------------------------------------------------------------------------


def _script(activations: Sequence[Activation], shown: dict[str, Any]) -> str:
    """One module: the code of each function in a scope of its own, the scripts, and the data of the page."""
    functions = []
    for activation in activations:
        code = write(activation, "javascript", name="f", free=True)
        assert isinstance(code, str)
        keys = ", ".join(free_parameters(activation))
        domain = ", ".join(f"[{json.dumps(one)}, ({keys}) => {one}]" for one, _ in _domain(activation))
        functions.append(f"(() => {{\n{_inlined(code)}\nreturn {{ at: f, domain: [{domain}] }};\n}})()")
    # A "<" in the data could begin a tag.
    data = json.dumps(shown, allow_nan=True, separators=(",", ":")).replace("<", "\\u003c")
    lines = [
        *(_inlined(_file(name)) for name in ("curve.js", "panel.js", "page.js")),
        "new Explorer(",
        f"[{', '.join(functions)}],",
        f"{data},",
        ");",
    ]
    return "\n".join(lines)


def _inlined(module: str) -> str:
    """The text of an ES module without its imports and exports, for inclusion in another module."""
    return re.sub(r"^(import .*\n|export )", "", module, flags=re.MULTILINE)


def _colours(look: Look, count: int) -> str:
    """CSS variables and classes for colours and dashes, of the requested theme or of both, as the reader prefers."""
    styles = "\n".join(
        f".s{k} {{ --ink: var(--series-{k}); --dash: {' '.join(f'{_WIDTH * part:g}' for part in dash) or 'none'}; }}"
        for k, dash in enumerate(DASHES)
    )
    if look.fixed:
        return f":root {{ color-scheme: {look.theme}; {_variables(look.colours, look, count)} }}\n{styles}"
    light, dark = (_variables(THEMES[name], look, count) for name in ("light", "dark"))
    return (
        f":root {{ color-scheme: light dark; {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n{styles}"
    )


def _variables(theme: Theme, look: Look, count: int) -> str:
    series_colours: Sequence[str] = theme.series
    if look.cmap is not None:
        from actcli.figures.canvas import colour

        series_colours = [colour(look, k, count) for k in range(count)]
    names = ("ground", "text", "muted", "grid", "zero", "shade")
    values = {name: getattr(theme, name) for name in names}
    values |= {f"series-{k}": ink for k, ink in enumerate(series_colours)}
    return " ".join(f"--{name}: {value};" for name, value in values.items())
