"""The facts about a function, as data and as text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from actcli.activations import Activation, get
from actcli.activations.definition import USER
from actcli.studies.properties import properties

#: The most poles that are listed; others are only counted.
_MOST_POLES = 4

#: The columns of facts, in order.
COLUMNS = (
    *("name", "aliases", "family", "summary", "formula", "parameters", "row", "range", "range_attained", "monotone"),
    *("parity", "zero_centred", "smoothness", "kinks", "jumps", "extrema", "asymptotes", "max_ulp", "source"),
)


def facts(activation: Activation) -> dict[str, Any]:
    """The facts about a function, in types of JSON; None for facts that a row function does not have."""
    bare = get(activation.name) if activation.family != USER else activation
    if activation.parameters == bare.parameters and activation.formula == bare.formula:
        activation, accuracy = bare, bare.accuracy  # the same function by a framework's name: the facts are equal
    else:
        accuracy = None
    known = None if activation.is_row else properties(activation)
    return {
        "name": activation.name,
        "aliases": list(activation.aliases),
        "family": activation.family,
        "summary": activation.summary,
        "formula": activation.formula,
        "parameters": dict(activation.parameters),
        "row": activation.is_row,
        "range": None if known is None else [known.low, known.high],
        "range_attained": None if known is None else [known.low_attained, known.high_attained],
        "monotone": None if known is None else known.monotone,
        "parity": None if known is None else known.parity,
        "zero_centred": None if known is None else known.zero_centred,
        "smoothness": None if known is None else known.smoothness,
        "kinks": [float(x) for x in activation.kinks],
        "jumps": [] if activation.is_row else [float(x) for x in activation.jumps],
        "extrema": None if known is None else [{"x": x, "y": y, "kind": kind} for x, y, kind in known.extrema],
        "asymptotes": None if known is None else [None if line is None else list(line) for line in known.asymptotes],
        "unbounded_near": None if known is None else list(known.poles),
        "max_ulp": None if accuracy is None else dict(zip(("value", "slope", "second"), accuracy, strict=True)),
        "source": activation.source,
    }


def in_words(found: Mapping[str, Any]) -> dict[str, str]:
    """The facts as text, for the columns of a table."""
    low, high = found["range"] or (None, None)
    left, right = found["range_attained"] or (False, False)
    lines = [None if line is None else _line(*line) for line in found["asymptotes"] or ()]
    return {
        "name": found["name"],
        "aliases": " ".join(found["aliases"]),
        "family": found["family"],
        "summary": found["summary"],
        "formula": found["formula"],
        "parameters": ",".join(f"{key}={value!r}" for key, value in found["parameters"].items()),
        "row": "row" if found["row"] else "",
        "range": "" if low is None else f"{'[' if left else '('}{low:.6g}, {high:.6g}{']' if right else ')'}",
        "range_attained": "" if low is None else f"{'yes' if left else 'no'} {'yes' if right else 'no'}",
        "monotone": found["monotone"] or ("no" if low is not None else ""),
        "parity": found["parity"] or ("neither" if low is not None else ""),
        "zero_centred": "" if low is None else "yes" if found["zero_centred"] else "no",
        "smoothness": found["smoothness"] or "",
        "kinks": " ".join(f"{x:.6g}" for x in found["kinks"]),
        "jumps": " ".join(f"{x:.6g}" for x in found["jumps"]),
        "extrema": "; ".join(f"{e['kind']} {e['y']:.10g} at {e['x']:.10g}" for e in found["extrema"] or ()),
        "asymptotes": "; ".join(
            f"{line} towards {end}" for line, end in zip(lines, ("-inf", "inf"), strict=False) if line is not None
        ),
        "unbounded_near": places(found["unbounded_near"] or ()),
        "max_ulp": "" if found["max_ulp"] is None else " ".join(f"{k} {v:g}" for k, v in found["max_ulp"].items()),
        "source": found["source"],
    }


def in_brief(activation: Activation) -> list[str]:
    """The facts about an elementwise function for the caption of a figure.

    >>> in_brief(get("sigmoid"))
    ['range (0, 1)', 'not zero-centred', 'increasing']
    """
    known = properties(activation)
    where = [f"unbounded near {places(known.poles)}"] if known.poles else []
    if not where or math.isfinite(known.low) or math.isfinite(known.high):
        where = [f"range {known.range}", *where]
    shown = [text.replace("inf", "∞").replace("-", "−") for text in where]
    return [*shown, "zero-centred" if known.zero_centred else "not zero-centred", known.monotone or "not monotone"]


def places(poles: Sequence[float]) -> str:
    """The poles nearest to 0 as text, in ascending order, with the number of the others.

    >>> places([-2.0, 2.0])
    'x = -2, 2'
    """
    if not poles:
        return ""
    nearest = sorted(sorted(poles, key=abs)[:_MOST_POLES])
    rest = len(poles) - len(nearest)
    return f"x = {', '.join(f'{x:.6g}' for x in nearest)}" + (f" and {rest} more within 40 of 0" if rest else "")


def _line(slope: float, intercept: float) -> str:
    """A straight line as a formula in x.

    >>> _line(1.0, -0.5), _line(0.0, 1.0)
    ('x - 0.5', '1')
    """
    times = {0.0: "", 1.0: "x", -1.0: "-x"}.get(slope, f"{slope:.6g}*x")
    if not times or not intercept:
        return times or f"{intercept:.6g}"
    return f"{times} {'-' if intercept < 0 else '+'} {abs(intercept):.6g}"
