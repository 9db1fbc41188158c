"""The results of a pass through a network, as tables and as keys of JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actcli.network.layers import Array
    from actcli.network.score import Score
    from actcli.network.statistics import LayerStatistics
    from actcli.output.numbers import NumberStyle
    from actcli.output.table import Table

#: The width of the longest number in a table (six digits, sign, point, exponent) with its frame.
_CELL = 15

_LAYER_COLUMNS: dict[str, Callable[[LayerStatistics], Any]] = {
    "layer": lambda layer: layer.position,
    "shape": lambda layer: layer.shape,
    "parameters": lambda layer: layer.parameters,
    "activation": lambda layer: layer.activation,
    "mean": lambda layer: layer.after.mean,
    "std": lambda layer: layer.after.std,
    "zeros": lambda layer: layer.zeros,
    "dead": lambda layer: layer.dead,
    "saturated": lambda layer: layer.saturated,
}
#: This column follows the shape in a table; in other formats it is last, which keeps the other columns in place.
_OUTPUT = "output"
#: The columns about the layer and those about its outputs, which are two tables if one is too wide.
_FIRST, _BUILT = "layer", ("shape", _OUTPUT, "parameters", "activation")
_OUTPUTS = tuple(name for name in _LAYER_COLUMNS if name not in (_FIRST, *_BUILT))
_MORE_COLUMNS: dict[str, Callable[[LayerStatistics], Any]] = {
    "min": lambda layer: layer.after.min,
    "p5": lambda layer: layer.after.quantile(0.05),
    "median": lambda layer: layer.after.quantile(0.5),
    "p95": lambda layer: layer.after.quantile(0.95),
    "max": lambda layer: layer.after.max,
    "before_mean": lambda layer: layer.before.mean,
    "before_std": lambda layer: layer.before.std,
    "before_min": lambda layer: layer.before.min,
    "before_max": lambda layer: layer.before.max,
    "effective": lambda layer: layer.effective,
    "distinct": lambda layer: layer.distinct,
    _OUTPUT: lambda layer: layer.output,
}
_GRADIENT_COLUMNS: dict[str, Callable[[LayerStatistics], Any]] = {
    "gradient": lambda layer: layer.gradient.std if layer.gradient is not None else None,
}


def screen_columns() -> int | None:
    """The number of columns of numbers that fit on the terminal; None, for no limit, if the output is not one."""
    width = _screen_width()
    return None if width is None else max(1, width // _CELL)


def outputs_table(outputs: Array, most: int | None = None, classes: Sequence[str] = ()) -> Table:
    """The outputs in one column per unit, at most `most` columns.

    classes: the names of the classes; if given, the first column is the class of the largest output.
    """
    from actcli.output.table import Table

    flat = outputs.reshape(len(outputs), -1)
    shown = flat[:, :most]
    hidden = flat.shape[1] - shown.shape[1]
    title = f"output, {hidden} columns are not shown; --tsv prints them all" if hidden else "output"
    names = tuple(classes) if len(classes) == flat.shape[1] else tuple(f"y{index}" for index in range(flat.shape[1]))
    names = names[: shown.shape[1]]
    if not classes:
        return Table(names, tuple(shown.T), title=title)
    return Table(("class", *names), (predictions_table(flat, classes).data[0], *shown.T), title=title, results=names)


def predictions_table(outputs: Array, classes: Sequence[str] = (), *, is_probability: bool = True) -> Table:
    """The predicted class of each row, by name if it has one, and its output, which is the confidence."""
    from actcli.network.score import predict
    from actcli.output.table import Table

    found, confidence = predict(outputs.reshape(len(outputs), -1))
    named = [classes[one] for one in found] if classes else found
    return Table(("class", "confidence" if is_probability else "output"), (named, confidence), title="predictions")


@dataclass(frozen=True)
class Findings:
    """The findings after all rows; layers are empty and score is None if not requested.

    has_gradient: whether a gradient was propagated back, so that there is a verdict on it. classes: names of classes.
    """

    samples: int
    layers: Sequence[LayerStatistics]
    score: Score | None
    has_gradient: bool
    classes: Sequence[str] = ()

    def keys(self) -> dict[str, Any]:
        """The keys of JSON after the rows."""
        found: dict[str, Any] = {"samples": self.samples}
        if self.layers:
            table = self.layers_table()
            found["parameters"] = self.parameters
            found["layers"] = [dict(zip(table.columns, row, strict=True)) for row in zip(*table.data, strict=True)]
        if self.score is not None:
            found["accuracy"] = self.score.accuracy
            found["loss"] = self.score.loss
            found["loss_function"] = self.score.loss_name
            if self.score.labelled:
                found["confusion"] = self.score.confusion.tolist()
        if self.has_gradient:
            sent = [layer.gradient.std for layer in self.layers if layer.gradient is not None]
            found["gradient_ratio"] = sent[-1] / sent[0] if sent[0] else float("inf") if sent[-1] else float("nan")
            found["verdict"] = self._verdict()
        return found

    @property
    def parameters(self) -> int:
        """The number of parameters of all layers."""
        return sum(layer.parameters for layer in self.layers)

    def layers_table(self) -> Table:
        """The statistics of the layers, one row per layer."""
        wanted = {**_LAYER_COLUMNS, **_MORE_COLUMNS, **(_GRADIENT_COLUMNS if self.has_gradient else {})}
        return self._columns(wanted, "layers")

    def confusion_table(self) -> Table:
        """The confusion matrix: one row per label, one column per predicted class."""
        from actcli.output.table import Table

        assert self.score is not None
        names = tuple(self.classes) or tuple(str(label) for label in range(self.score.classes))
        return Table(
            ("label", *names),
            (list(self.classes) or list(range(self.score.classes)), *self.score.confusion.T),
            title="labels down, predictions across",
        )

    def screen_tables(self, *, full: bool, confusion: bool, style: NumberStyle) -> list[Table]:
        """The tables for a screen: the layers, with all statistics if `full`, and further keys of JSON as notes."""
        from actcli.output.screen import side_by_side

        known = {**_LAYER_COLUMNS, **_MORE_COLUMNS, **_GRADIENT_COLUMNS}
        width = _screen_width()

        def fitted(title: str, *names: str) -> list[Table]:
            return side_by_side(self._columns({name: known[name] for name in (_FIRST, *names)}, title), width, style)

        tables = fitted("layers", *_BUILT, *_OUTPUTS)
        if len(tables) > 1:
            tables = [*fitted("layers", *_BUILT), *fitted("what they give", *_OUTPUTS)]
        if full or self.has_gradient:
            before = [name for name in _MORE_COLUMNS if name.startswith("before_")]
            tables += fitted(
                "after the activation", *(name for name in _MORE_COLUMNS if name not in (*before, _OUTPUT))
            )
            tables += fitted("before it", *before, *(_GRADIENT_COLUMNS if self.has_gradient else []))
        if confusion:
            tables.append(self.confusion_table())
        notes = [f"{self.samples} samples"]
        if self.score is not None:
            if self.score.accuracy is not None:
                notes.append(f"accuracy {self.score.accuracy:.6g}")
            if self.score.loss is not None:
                notes.append(f"{self.score.loss_name} {self.score.loss:.6g}")
        lines = [
            f"{self.parameters} parameters in all",
            ", ".join(notes),
            *([self._verdict()] if self.has_gradient else []),
        ]
        tables[-1] = replace(tables[-1], notes=tuple(lines))
        return tables

    def _columns(self, columns: Mapping[str, Callable[[LayerStatistics], Any]], title: str) -> Table:
        from actcli.output.table import Table

        data = tuple([column(layer) for layer in self.layers] for column in columns.values())
        return Table(tuple(columns), data, title=title)

    def _verdict(self) -> str:
        from actcli.network.statistics import verdict

        return verdict(self.layers)


def _screen_width() -> int | None:
    """The width of the terminal; None if standard output is not one."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns
