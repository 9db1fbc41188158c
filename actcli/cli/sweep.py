"""forward --sweep: the pass through several networks, with one row for each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actcli.cli.build import build, score_of
from actcli.cli.looks import note_figure, save_figure
from actcli.cli.network import Architecture
from actcli.cli.options import Output
from actcli.cli.samples import Batched

if TYPE_CHECKING:
    from actcli.figures.look import Look
    from actcli.output.table import Table

#: For each key of a sweep the field of an option group, and the conversion of a value from text.
Keys = Mapping[str, tuple[str, Callable[[str], Any]]]

KEYS: Keys = {
    "activation": ("activations", str),
    "init": ("init", str),
    "scale": ("scale", float),
    "seed": ("seed", int),
    "depth": ("depth", int),
    "width": ("width", int),
}


def swept(words: Sequence[str], keys: Keys) -> dict[str, list[str]]:
    """The values of each key, from words KEY=A,B,..."""
    from actcli.activations.spec import split_specs

    found: dict[str, list[str]] = {}
    for word in words:
        key, equals, values = word.partition("=")
        if key == "activations":  # a second name of the option
            key = "activation"
        if not equals or key not in keys:
            raise ValueError(f"--sweep takes KEY=A,B,... with KEY one of {', '.join(keys)}, not {word!r}")
        if key in found:
            raise ValueError(f"--sweep has {key} twice; its values go behind one {key}=")
        found[key] = split_specs(values)
        if not all(found[key]):
            raise ValueError(f"--sweep {word!r}: a value is missing")
    return found


def changes(chosen: Mapping[str, str], keys: Keys) -> dict[str, Any]:
    """One combination as values of fields of the option groups."""
    changed = {}
    for key, value in chosen.items():
        name, read = keys[key]
        try:
            changed[name] = read(value)
        except ValueError:
            raise ValueError(f"--sweep {key}: {value!r} is not a number") from None
    return changed


def sweep(
    words: Sequence[str], architecture: Architecture, given: Batched, plot: Path | None, look: Look, out: Output
) -> None:
    """Print signal and gradient at both ends and a verdict, one row per combination; with `plot` draw a panel each."""
    from dataclasses import replace

    from actcli.network.passes import run
    from actcli.network.statistics import Survey, verdict

    varied = swept(words, KEYS)
    rows: list[dict[str, Any]] = []
    series: list[dict[str, Any]] = []
    for values in itertools.product(*varied.values()):
        changed = changes(dict(zip(varied, values, strict=True)), KEYS)
        variant = replace(architecture, **{key: value for key, value in changed.items() if key != "activations"})
        network, samples, asked, _ = build(variant, given, changed.get("activations"))
        survey = Survey(network)
        score = score_of(network, samples)
        passes = run(network, samples, survey=survey, score=score, gradient_seed=variant.seed)
        rows_seen = sum(len(passed.outputs) for passed in passes)
        layers = survey.layers()
        signal = [layer.after.std for layer in layers]
        gradient = [layer.gradient.std for layer in layers if layer.gradient is not None]
        saturated = [layer.saturated for layer in layers if layer.saturated is not None]
        rows.append(
            {
                **dict(zip(varied, changed.values(), strict=True)),
                "signal_first": signal[0],
                "signal_last": signal[-1],
                "gradient_first": gradient[0],
                "gradient_last": gradient[-1],
                "gradient_ratio": gradient[-1] / gradient[0] if gradient[0] else None,
                "dead": sum(layer.dead for layer in layers) / sum(layer.units for layer in layers),
                "saturated": sum(saturated) / len(saturated) if saturated else None,
                "verdict": verdict(layers),
            }
        )
        series.append({"label": ", ".join(values), "signal": signal, "gradient": gradient})
    asked_for = {"sweep": varied}
    if out.writer_name(out.output) == "table":
        # One table of all columns would be wider than a screen.
        brief = [{**row, "verdict": row["verdict"].partition(":")[0]} for row in rows]
        for title, columns in _PARTS.items():
            out.emit(_table(brief, [*varied, *columns], title), command="forward", asked=asked_for)
    else:
        out.emit(_table(rows, list(rows[0]), "sweep"), command="forward", asked=asked_for, extra={"layers": series})
    if plot is not None:
        from actcli.cli import pass_figures
        from actcli.figures.layers import sweep

        panels = {one["label"]: {quantity: one[quantity] for quantity in ("signal", "gradient")} for one in series}
        alike = {"activation", "depth"}.isdisjoint(varied)
        figure = sweep(
            panels,
            look,
            ylabel="standard deviation",
            title="signal and gradient by layer" + (f", {pass_figures.brief(asked['activations'])}" if alike else ""),
            caption=pass_figures.caption(asked, rows_seen, varied),
        )
        save_figure(figure, plot)
        note_figure(plot)


#: The tables on a screen, by title, and their columns.
_PARTS = {
    "signal": ("signal_first", "signal_last", "verdict"),
    "gradient": ("gradient_first", "gradient_last", "gradient_ratio"),
    "units": ("dead", "saturated"),
}


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], title: str) -> Table:
    from actcli.output.table import Table

    return Table(tuple(columns), tuple([row[column] for row in rows] for column in columns), title=title)
