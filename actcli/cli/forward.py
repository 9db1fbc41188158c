"""actcli forward: a batch through a network, and what its activations do to it."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.eval import InputFormat
from actcli.cli.options import Output, opened
from actcli.cli.plot import Style
from actcli.cli.spiral import save_figure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from actcli.batches import Samples
    from actcli.network import Network
    from actcli.network.layers import Array
    from actcli.network.passes import Passed
    from actcli.network.score import Score
    from actcli.network.statistics import LayerStatistics
    from actcli.output import Table

#: Numbers at the widest layer of a batch, at least: smaller batches run together, as calling numpy takes its time too.
_BATCH_NUMBERS = 1 << 19
#: Rows of --data normal, unless --samples says otherwise.
_NORMAL_ROWS = 300
#: Numbers a figure is drawn from; what comes after them is in the tables.
_FIGURE_NUMBERS = 20_000_000


class Dtype(StrEnum):
    """What `--dtype` takes."""

    FLOAT32 = "float32"
    FLOAT64 = "float64"


class Picture(StrEnum):
    """What `--figure` takes."""

    HISTOGRAM = "histogram"
    REGIONS = "regions"
    CURVE = "curve"
    HEATMAP = "heatmap"
    DEPTH = "depth"


@dataclass(frozen=True)
class Architecture:
    """The network: its layers, activations and weights."""

    layers: Annotated[
        str | None,
        typer.Option(
            "--layers", metavar="N,N,...", help="Inputs, then the layers: 2,3,3 or 28x28,conv3x3:8,pool2,flatten,10."
        ),
    ] = None
    activations: Annotated[
        str | None,
        typer.Option(
            "--activation",
            "--activations",
            metavar="SPEC[,SPEC...]",
            help="One for all layers, or one a layer. Default: relu between, softmax at the end.",
        ),
    ] = None
    depth: Annotated[int | None, typer.Option("--depth", metavar="N", min=1, help="N layers of --width units.")] = None
    width: Annotated[int | None, typer.Option("--width", metavar="M", min=1, help="Units of --depth's layers.")] = None
    init: Annotated[
        str | None,
        typer.Option(
            "--init",
            metavar="NAME",
            help="nnfs (default), normal, uniform, glorot, glorot_normal, he, he_uniform, lecun, lecun_uniform, "
            "orthogonal, zeros, ones, identity; he@mode=fan_out,gain=2.",
        ),
    ] = None
    scale: Annotated[
        float | None,
        typer.Option("--scale", metavar="S", help="Factor of the weights; for nnfs their deviation, 0.01."),
    ] = None
    bias: Annotated[float | None, typer.Option("--bias", metavar="B", help="Every bias. Default: 0.")] = None
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of data and weights.")] = 0
    dtype: Annotated[Dtype, typer.Option("--dtype", help="Compute in this type.")] = Dtype.FLOAT32
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="FILE", help="Weights from .npz (W1, b1, ...), .json or .safetensors."),
    ] = None
    transposed: Annotated[bool, typer.Option("--transposed", help="The weights have a row a neuron.")] = False
    save_weights: Annotated[
        Path | None,
        typer.Option("--save-weights", metavar="FILE", help="Write the weights to .npz, .json or .safetensors."),
    ] = None

    def shape(self) -> tuple[str | None, str | None]:
        """Layers and activations as text, None where they follow from the weights or are the usual ones."""
        if (self.depth is None) != (self.width is None):
            raise ValueError("--depth and --width go together: N layers of M units")
        if self.depth is None or self.width is None:
            return self.layers, self.activations
        if self.layers is not None:
            raise ValueError("--layers and --depth are two ways to say the same; give one")
        return ",".join([str(self.width)] * (self.depth + 1)), self.activations or "relu"


@dataclass(frozen=True)
class Data:
    """The samples that run through it."""

    source: Annotated[
        str | None,
        typer.Option(
            "-i",
            "--input",
            metavar="FILE",
            help="Features, and a label in one column more; .csv .npy .png ..., - is stdin.",
        ),
    ] = None
    form: Annotated[InputFormat | None, typer.Option("--input-format", help="Format of FILE, whatever its name.")] = (
        None
    )
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME|N", help="Columns of FILE to read, by name or from 1; can be repeated."),
    ] = None
    data: Annotated[
        str | None,
        typer.Option(
            "--data", metavar="NAME", help="spiral (default), vertical, sine, moons, circles, xor, gauss, or normal."
        ),
    ] = None
    samples: Annotated[int | None, typer.Option("--samples", metavar="N", min=1, help="Samples a class.")] = None
    classes: Annotated[
        int | None, typer.Option("--classes", metavar="N", min=1, help="Classes; as many as outputs if not given.")
    ] = None
    batch_size: Annotated[
        int | None,
        typer.Option("--batch-size", metavar="N", min=1, help="Rows at a time, at least; changes speed, not results."),
    ] = None

    def name(self, is_deep: bool) -> str | None:
        """The data set to draw, None if a file is read."""
        if self.source is None:
            if self.column or self.form:
                raise ValueError(f"--{'column' if self.column else 'input-format'} is for --input FILE")
            return (self.data or ("normal" if is_deep else "spiral")).lower()
        for option, value in (("--data", self.data), ("--samples", self.samples), ("--classes", self.classes)):
            if value is not None:
                raise ValueError(f"--input has the samples; {option} is for data drawn here")
        return None

    def size(self, name: str | None, outputs: int, dtype: str) -> tuple[int | None, list[tuple[str, int]]]:
        """Rows of the data set `name`, and the memory it needs as `require_memory` takes it."""
        if name is None:
            return None, []
        if name == "normal":
            return self.samples or _NORMAL_ROWS, []
        from actcli import datasets

        rows, _, _ = datasets.size(name, self.samples, self.classes, max(outputs, 2))
        return rows, [datasets.memory_of(name, rows, dtype)]

    def open(
        self, name: str | None, network: Network, batch: int, architecture: Architecture
    ) -> tuple[Samples, np.random.RandomState | None]:
        """The samples, and the generator for the weights where it goes on from the data."""
        from math import prod

        import numpy as np

        from actcli import batches

        inputs, outputs = prod(network.input_shape), prod(network.output_shape)
        if name is None:
            assert self.source is not None
            # A single output is a class only if it is a probability; else the column is a curve's value.
            last = network.steps[-1].activation
            labels = outputs > 1 or (last is not None and last.name == "sigmoid")
            return (
                batches.from_file(
                    self.source,
                    inputs,
                    batch,
                    form=None if self.form is None else self.form.value,
                    columns=self.column or [],
                    labels=labels,
                    stdin=None if sys.stdin is None else sys.stdin.buffer,
                ),
                None,
            )
        if name == "normal":
            # A stream of its own: the rows are drawn while the network runs, when the weights are drawn already.
            generator = np.random.RandomState([architecture.seed, 1])
            return batches.from_normal(generator, self.samples or _NORMAL_ROWS, inputs, batch), None
        from actcli import datasets

        _, samples, classes = datasets.size(name, self.samples, self.classes, max(outputs, 2))
        data = datasets.make(name, samples, classes, seed=architecture.seed, dtype=architecture.dtype.value)
        if data.features.shape[1] != inputs:
            raise ValueError(
                f"layer 1 expects {inputs} input{'s' * (inputs > 1)}, the {name} data has {data.features.shape[1]}; "
                f"give --input FILE, or --data {'sine' if inputs == 1 else 'normal for numbers from N(0, 1)'}"
            )
        return batches.from_dataset(data, batch), data.generator


@dataclass(frozen=True)
class View:
    """What to show of it."""

    rows: Annotated[str, typer.Option("--rows", metavar="N|all", help="Output rows to print.")] = "5"
    summary: Annotated[bool, typer.Option("--summary", help="The layers alone.")] = False
    gradient: Annotated[
        bool, typer.Option("--gradient", help="Send a gradient back: its deviation a layer, and a verdict.")
    ] = False
    predict: Annotated[bool, typer.Option("--predict", help="Class and confidence a row, not the outputs.")] = False
    confusion: Annotated[bool, typer.Option("--confusion", help="Labels against predictions, alone.")] = False
    all_layers: Annotated[bool, typer.Option("--all-layers", help="Every array of every layer.")] = False
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="FILE", help="Where another's arrays (.npz, .json) first differ."),
    ] = None
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            "--sweep", metavar="KEY=A,B,...", help="A row a combination: activation, init, scale, seed, depth, width."
        ),
    ] = None
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="A figure: .png .svg .pdf, - is stdout.")
    ] = None
    figure: Annotated[
        Picture | None,
        typer.Option("--figure", help="Of --plot: regions for 2 inputs, curve for 1, else histogram."),
    ] = None

    @property
    def plots_only(self) -> bool:
        """Whether standard output is for the picture."""
        return str(self.plot) == "-"

    @property
    def limit(self) -> int | None:
        """How many rows to print; None is all of them."""
        if self.rows == "all":
            return None
        if not (self.rows.isascii() and self.rows.isdigit()):
            raise ValueError(f"--rows takes a number of rows or all, not {self.rows!r}")
        return int(self.rows)

    def check(self, style: Style) -> None:
        """Refuse what contradicts itself before anything is computed."""
        _ = self.limit
        alone = {
            "--summary": self.summary,
            "--predict": self.predict,
            "--confusion": self.confusion,
            "--all-layers": self.all_layers,
            "--compare": self.compare is not None,
            "--sweep": bool(self.sweep),
        }
        given = [option for option, wanted in alone.items() if wanted]
        if len(given) > 1:
            raise ValueError(f"{given[0]} and {given[1]} print different things; one at a time")
        if self.plot is None and (self.figure is not None or style != Style()):
            raise ValueError("--figure and the options of its looks are for --plot FILE; give it too")
        if self.plot is not None:
            from actcli.figures.look import suffix_of

            suffix_of(self.plot)
            style.look()


def command(
    words: Annotated[list[str] | None, typer.Argument(metavar="[KEY=A,B...]...", help="More of --sweep.")] = None,
    *,
    architecture: Architecture,
    given: Data,
    view: View,
    style: Style,
    out: Output,
) -> None:
    """A batch of data through dense layers, layer by layer.

    \b
      actcli forward --layers 2,3,3                          chapter 4 of the NNFS book
      actcli forward --layers 2,3 --activation linear        chapter 3
      actcli forward --layers 784,50,100,10 --weights w.npz --input x.npy --output y.npy
      actcli forward --layers 4,3 --weights w.json --transposed --input x.csv --activation linear
      actcli forward --depth 30 --width 100 --activation sigmoid --init glorot --summary --gradient
      actcli forward --depth 20 --width 100 --sweep activation=relu,tanh init=nnfs,glorot,he
      actcli forward --layers 2,64,3 --init he --plot regions.png

    Without --input the data are the book's spiral, 100 samples a class, drawn before the weights from one seed.
    """
    view.check(style)
    if words and not view.sweep:
        raise ValueError(f"forward takes options only, not {words[0]!r}; KEY=A,B,... goes with --sweep")
    if view.sweep:
        _sweep([*view.sweep, *(words or [])], architecture, given, view, style, out)
        return
    network, samples, asked = build(architecture, given)
    if architecture.save_weights is not None:
        from actcli.network.weights import dump

        payload = dump(network, architecture.save_weights.suffix.lower())
        with opened(architecture.save_weights) as stream:
            stream.write(payload)
    if view.compare is not None:
        _compare(network, samples, view.compare, asked, out)
    elif view.all_layers:
        _print_arrays(network, samples, view, asked, out)
    else:
        _print_rows(network, samples, architecture.seed, view, style, asked, out)


def build(architecture: Architecture, given: Data) -> tuple[Network, Samples, dict[str, Any]]:
    """The network, the samples, and both in words for JSON; sizes are checked before anything is allocated."""
    from math import prod

    from actcli.memory import require_memory
    from actcli.network import Network
    from actcli.network.model import memory_of, plan

    dtype = architecture.dtype.value
    layers, activations = architecture.shape()
    name = given.name(architecture.depth is not None)
    parameters = None
    if architecture.weights is not None:
        from actcli.network.weights import load

        for option, value in (
            ("--init", architecture.init),
            ("--scale", architecture.scale),
            ("--bias", architecture.bias),
        ):
            if value is not None:
                raise ValueError(f"--weights has the weights; {option} is for weights drawn here")
        parameters = load(architecture.weights, transposed=architecture.transposed)
        layers = layers or Network.of_parameters(parameters, activations, dtype=dtype).text
    elif architecture.transposed:
        raise ValueError("--transposed says how the weights of a file lie; give --weights FILE")
    if layers is None:
        raise ValueError("give the network: --layers such as 2,3,3, or --depth and --width, or --weights FILE")
    planned = plan(layers, activations)
    batch = max(given.batch_size or 1, min(65536, _BATCH_NUMBERS // planned.widest))
    rows, data_needs = given.size(name, prod(planned.output_shape), dtype)
    held = batch if rows is None else min(batch, rows)
    require_memory([*memory_of(planned, held, dtype, drawn=parameters is None), *data_needs])

    if parameters is not None:
        network = Network.of_parameters(parameters, activations, layers=layers, dtype=dtype)
        samples, _ = given.open(name, network, batch, architecture)
    else:
        # The book's order: the data are drawn first, the weights go on from there.
        samples, generator = given.open(name, planned, batch, architecture)
        network = Network(
            layers,
            activations,
            init=architecture.init or "nnfs",
            scale=architecture.scale,
            bias=architecture.bias or 0.0,
            seed=architecture.seed,
            dtype=dtype,
            generator=generator,
        )
    asked = {
        "network": network.text,
        "activations": [step.activation.spec for step in network.steps if step.activation is not None],
        **({"weights": str(architecture.weights)} if parameters is not None else {"init": architecture.init or "nnfs"}),
        "seed": architecture.seed,
        "dtype": dtype,
        **({"input": given.source} if name is None else {"data": name}),
    }
    return network, samples, asked


class _Rows:
    """Output rows on their way to a file or to standard output, at most `limit` of them."""

    def __init__(
        self, path: Path | None, out: Output, asked: Mapping[str, Any], said: Mapping[str, Any], limit: int | None
    ) -> None:
        from actcli.output import WRITERS

        self.path = path
        self.left = limit
        self.writer = WRITERS[out.writer_name(path)](
            out.settings(path, command="forward", asked=asked, extra=lambda: said)
        )
        self.held: list[Table] = []
        self.begun = False
        self.count = 0

    def __enter__(self) -> _Rows:
        self.stack = contextlib.ExitStack()
        self.stream = self.stack.enter_context(opened(self.path))
        return self

    def feed(self, table: Table) -> None:
        """Take the next rows; few rows are held to the end, so that an error on the way prints none."""
        if self.left is None:
            self._write(table)
        elif self.left or not self.held:
            self.held.append(table.slice(0, self.left))
            self.left -= len(self.held[-1])

    @property
    def full(self) -> bool:
        return self.left == 0

    def _write(self, table: Table) -> None:
        if not self.begun:
            self.stream.write(self.writer.start(table))
            self.begun = True
        if len(table):
            self.stream.write(self.writer.joint if self.count else b"")
            self.stream.write(self.writer.rows(table))
            self.count += len(table)

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            for table in self.held:
                self._write(table)
            self.stream.write(self.writer.finish(self.count))
            self.writer.amend(self.stream, self.count)
        self.stack.__exit__(*error)


def _print_rows(
    network: Network, samples: Samples, seed: int, view: View, style: Style, asked: dict[str, Any], out: Output
) -> None:
    """The output rows, and what there is to say of the layers and of the labels."""
    from actcli.cli.flow import Progress
    from actcli.network.passes import run
    from actcli.network.score import Score
    from actcli.network.statistics import Survey

    saves = out.output is not None
    form = out.writer_name(None if saves else out.output)
    tells = "json" in (form, out.writer_name(out.output)) or (form == "table" and not saves)
    survey = Survey(network) if tells or view.summary or view.gradient or view.plot else None
    can_score = samples.has_targets and (samples.labelled or network.output_shape == (1,))
    score = (
        Score(network, labelled=samples.labelled) if can_score and (tells or view.confusion or view.gradient) else None
    )
    if view.confusion and (score is None or not samples.labelled):
        raise ValueError("--confusion needs labels: data with classes, or --input with a label column")
    said: dict[str, Any] = {}
    sinks = []
    if saves:
        sinks.append(_Rows(out.output, out, asked, said, None))
    elif not view.plots_only and (form == "json" or not (view.summary or view.confusion)):
        sinks.append(_Rows(None, out, asked, said, view.limit))
    width = _screen_width() if form == "table" and not saves else None
    columns = None if width is None else max(1, width // _CELL)
    album = _Album(view, style, network)
    stops_early = survey is None and score is None and not saves
    count = 0
    with contextlib.ExitStack() as stack:
        for sink in sinks:
            stack.enter_context(sink)
        progress = stack.enter_context(Progress(samples, out))
        for passed in run(network, samples, survey=survey, score=score, gradient_seed=seed if view.gradient else None):
            count += len(passed.outputs)
            table = _predictions(passed.outputs) if view.predict else _outputs(passed.outputs, columns)
            for sink in sinks:
                sink.feed(table)
            album.keep(passed)
            progress.show(count)
            if stops_early and all(sink.full for sink in sinks):
                break
        layers = survey.layers() if survey is not None else []
        said.update(_findings(layers, score, view, count))
    if form == "table" and not saves and not view.plots_only:
        _print_findings(layers, score, said, view, out)
    elif (form != "json" or saves) and not view.plots_only:
        tables = [_layers_table(layers, view)] if view.summary else []
        tables += [_confusion_table(score)] if view.confusion and score is not None else []
        for table in tables:
            out.write(None, table, command="forward", asked=asked, extra=said)
    album.draw(layers, asked)


#: What all columns of the layers take side by side, as a rule.
_LAYERS_WIDTH = 100
#: The widest number in a table (six digits, sign, point, exponent) and the frame beside it.
_CELL = 15


def _screen_width() -> int | None:
    """The columns of a terminal; anything else has room for all."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def _outputs(outputs: Array, most: int | None = None) -> Table:
    """A column a unit; only the first ones if there are more than `most`."""
    from actcli.output import Table

    flat = outputs.reshape(len(outputs), -1)
    shown = flat[:, :most]
    hidden = flat.shape[1] - shown.shape[1]
    title = f"output, {hidden} columns are not shown; --tsv prints them all" if hidden else "output"
    return Table(tuple(f"y{index}" for index in range(shown.shape[1])), tuple(shown.T), title=title)


def _predictions(outputs: Array) -> Table:
    from actcli.network.score import predict
    from actcli.output import Table

    classes, confidence = predict(outputs.reshape(len(outputs), -1))
    return Table(("class", "confidence"), (classes, confidence), title="predictions")


def _findings(layers: Sequence[LayerStatistics], score: Score | None, view: View, count: int) -> dict[str, Any]:
    """JSON's keys after the rows."""
    from actcli.network.statistics import verdict

    found: dict[str, Any] = {"samples": count}
    if layers:
        table = _layers_table(layers, view)
        found["layers"] = [dict(zip(table.columns, row, strict=True)) for row in zip(*table.data, strict=True)]
    if score is not None:
        found["accuracy"] = score.accuracy
        found["loss"] = score.loss
        found["loss_function"] = score.loss_name
        if score.labelled:
            found["confusion"] = score.confusion.tolist()
    if view.gradient:
        sent = [layer.gradient.std for layer in layers if layer.gradient is not None]
        found["gradient_ratio"] = sent[-1] / sent[0] if sent[0] else float("inf") if sent[-1] else float("nan")
        found["verdict"] = verdict(layers)
    return found


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
}
_GRADIENT_COLUMNS: dict[str, Callable[[LayerStatistics], Any]] = {
    "gradient": lambda layer: layer.gradient.std if layer.gradient is not None else None,
}


def _columns(
    layers: Sequence[LayerStatistics], columns: Mapping[str, Callable[[LayerStatistics], Any]], title: str
) -> Table:
    from actcli.output import Table

    data = tuple([column(layer) for layer in layers] for column in columns.values())
    return Table(tuple(columns), data, title=title)


def _layers_table(layers: Sequence[LayerStatistics], view: View) -> Table:
    wanted = {**_LAYER_COLUMNS, **_MORE_COLUMNS, **(_GRADIENT_COLUMNS if view.gradient else {})}
    return _columns(layers, wanted, "layers")


def _confusion_table(score: Score) -> Table:
    from actcli.output import Table

    names = tuple(str(label) for label in range(score.classes))
    return Table(
        ("label", *names), (list(range(score.classes)), *score.confusion.T), title="labels down, predictions across"
    )


def _print_findings(
    layers: Sequence[LayerStatistics], score: Score | None, said: Mapping[str, Any], view: View, out: Output
) -> None:
    """On a screen: the tables after the rows, and in words what stands beside them in JSON."""
    import dataclasses

    first, *others = _LAYER_COLUMNS
    parts = {"layers": others}
    if view.summary or view.gradient:
        before = [name for name in _MORE_COLUMNS if name.startswith("before_")]
        parts["after the activation"] = [name for name in _MORE_COLUMNS if name not in before]
        parts["before it"] = [*before, *(_GRADIENT_COLUMNS if view.gradient else [])]
    known = {**_LAYER_COLUMNS, **_MORE_COLUMNS, **_GRADIENT_COLUMNS}
    width = _screen_width()
    tables = []
    for title, names in parts.items():
        # A narrow terminal gets the columns in several tables; layer numbers are narrow, so one more fits.
        step = len(names) if width is None or width >= _LAYERS_WIDTH else max(1, width // _CELL - 1)
        for start in range(0, len(names), step):
            wanted = {name: known[name] for name in (first, *names[start : start + step])}
            tables.append(_columns(layers, wanted, title if not start else f"{title}, continued"))
    if view.confusion and score is not None:
        tables.append(_confusion_table(score))
    notes = [f"{said['samples']} samples"]
    if score is not None:
        if score.accuracy is not None:
            notes.append(f"accuracy {score.accuracy:.6g}")
        if score.loss is not None:
            notes.append(f"{score.loss_name} {score.loss:.6g}")
    lines = [", ".join(notes), *([said["verdict"]] if view.gradient else [])]
    tables[-1] = dataclasses.replace(tables[-1], notes=tuple(lines))
    for table in tables:
        out.write(None, table, command="forward", asked={})


class _Album:
    """What a figure needs of a pass, and the figure."""

    def __init__(self, view: View, style: Style, network: Network) -> None:
        self.path = view.plot
        self.how = style.look()
        self.limit = view.limit
        self.network = network
        self.kind = view.figure or _usual_figure(network)
        self.kept: list[Passed] = []
        self.numbers = 0
        if self.path is None:
            return
        if self.kind is Picture.REGIONS and network.input_shape != (2,):
            raise ValueError("--figure regions is for networks of 2 inputs")
        if self.kind is Picture.CURVE and network.input_shape != (1,):
            raise ValueError("--figure curve is for networks of 1 input")

    def keep(self, passed: Passed) -> None:
        """Hold on to the samples, as long as they are not too many for a figure."""
        if self.path is not None and self.numbers < _FIGURE_NUMBERS:
            self.kept.append(passed)
            self.numbers += sum(before.size + after.size for before, after in passed.layers)

    def draw(self, layers: Sequence[LayerStatistics], asked: Mapping[str, Any]) -> None:
        """Write the figure, if one is wanted."""
        if self.path is None:
            return
        import numpy as np

        from actcli.figures import data

        how = self.how
        inputs = np.concatenate([passed.inputs for passed in self.kept])
        targets = None
        if all(passed.targets is not None for passed in self.kept):
            targets = np.concatenate([passed.targets for passed in self.kept if passed.targets is not None])
        title = f"{_brief(asked['network'].split(','))}  {_brief(asked['activations'])}"
        caption = _caption(asked, len(inputs))
        if self.kind is Picture.REGIONS:
            labels = targets if targets is not None and targets.ndim == 1 else None
            figure = data.regions(self._scores, inputs, labels, how, title=title, caption=caption)
        elif self.kind is Picture.CURVE:
            reach = np.linspace(inputs.min(), inputs.max(), 801)
            drawn = self.network(reach[:, None])
            points = None if targets is None else (inputs[:, 0], targets.reshape(-1))
            figure = data.curve(reach, drawn, how, samples=points, title=title, caption=caption)
        elif self.kind is Picture.HEATMAP:
            count = min(len(inputs), 32 if self.limit is None else self.limit)
            arrays = [("x", inputs[:count])]
            for position, (_, after) in enumerate(self.kept[0].layers, 1):
                arrays.append((f"a{position}", after[:count]))
            shown = [(name, array.reshape(len(array), -1)) for name, array in arrays]
            figure = data.heatmap(shown, how, title=title, caption=caption)
        elif self.kind is Picture.DEPTH:
            series = {"signal": [layer.after.std for layer in layers]}
            if layers[0].gradient is not None:
                series["gradient"] = [layer.gradient.std for layer in layers if layer.gradient is not None]
            figure = data.depth(series, how, ylabel="standard deviation", title=title, caption=caption)
        else:
            named = []
            for index, layer in enumerate(layers):
                before, after = (np.concatenate([passed.layers[index][k] for passed in self.kept]) for k in (0, 1))
                named.append((f"layer {layer.position}\n{layer.activation or layer.shape}", before, after))
            figure = data.histograms(named, how, title=title, caption=caption)
        save_figure(figure, self.path)

    def _scores(self, points: NDArray[Any]) -> Array:
        """One score a class; a single output is the odds of class 1 of two."""
        import numpy as np

        outputs = self.network(points)
        return np.concatenate([1 - outputs, outputs], axis=1) if outputs.shape[1] == 1 else outputs


def _usual_figure(network: Network) -> Picture:
    if network.input_shape == (2,) and len(network.output_shape) == 1:
        return Picture.REGIONS
    return Picture.CURVE if network.input_shape == (1,) else Picture.HISTOGRAM


def _brief(words: Sequence[str]) -> str:
    """The words, repeated ones counted: "100 (4 times), 10"."""
    runs = [(word, len(list(run))) for word, run in itertools.groupby(words)]
    return ", ".join(f"{word} ({count} times)" if count > 2 else ", ".join([word] * count) for word, count in runs)


def _caption(asked: Mapping[str, Any], rows: int) -> str:
    source = asked["input"] if "input" in asked else f"{asked['data']} data"
    drawn = asked["weights"] if "weights" in asked else f"{asked['init']} weights"
    return f"{rows} samples, {source}, {drawn}, seed {asked['seed']}, {asked['dtype']}"


def _print_arrays(network: Network, samples: Samples, view: View, asked: dict[str, Any], out: Output) -> None:
    """x, z1, a1, ...: .npz holds the arrays, JSON has them under `arrays`, other formats a line a number."""
    import numpy as np

    from actcli.network.arrays import collect, dump
    from actcli.output import Table

    saves = out.output is not None
    arrays = collect(network, samples, None if saves else view.limit)
    if out.output is not None and out.output.suffix.lower() == ".npz":
        payload = dump(arrays)
        with opened(out.output) as stream:
            stream.write(payload)
        return
    if out.writer_name(out.output) == "json":
        last = arrays[f"a{len(network.steps)}"]
        out.emit(_outputs(last), command="forward", asked=asked, extra={"arrays": arrays})
        return
    names, rows, units, values = [], [], [], []
    for name, array in arrays.items():
        flat = array.reshape(len(array), -1)
        names += [name] * flat.size
        rows.append(np.repeat(np.arange(len(flat)), flat.shape[1]))
        units.append(np.tile(np.arange(flat.shape[1]), len(flat)))
        values.append(flat.reshape(-1))
    columns = (names, np.concatenate(rows), np.concatenate(units), np.concatenate(values))
    table = Table(("array", "row", "unit", "value"), columns, title="arrays", results=("value",))
    out.emit(table, command="forward", asked=asked)


def _compare(network: Network, samples: Samples, file: Path, asked: dict[str, Any], out: Output) -> None:
    """A line an array of `file`; exit 1 if any number differs."""
    import dataclasses

    from actcli.network.arrays import Difference, collect, compare, load
    from actcli.output import Table

    names = ["x", *(f"{kind}{position}" for position in range(1, len(network.steps) + 1) for kind in "za")]
    theirs = load(file, names)
    ours = collect(network, samples, max(map(len, theirs.values())))
    found = compare(ours, theirs)
    columns = [field.name for field in dataclasses.fields(Difference)]
    data = tuple([getattr(difference, column) for difference in found] for column in columns)
    table = Table(("array", "rows", "differ", *columns[3:]), data, title=f"first differences from {file}")
    out.emit(table, command="forward", asked={**asked, "compare": str(file)})
    if any(difference.count for difference in found):
        raise typer.Exit(1)


_SWEEPS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "activation": ("activations", str),
    "activations": ("activations", str),
    "init": ("init", str),
    "scale": ("scale", float),
    "seed": ("seed", int),
    "depth": ("depth", int),
    "width": ("width", int),
}


def _swept(words: Sequence[str]) -> dict[str, list[str]]:
    """KEY=A,B,... as its key and values."""
    from actcli.network.model import split_specs

    swept: dict[str, list[str]] = {}
    for word in words:
        key, equals, values = word.partition("=")
        if not equals or key not in _SWEEPS:
            keys = [name for name in _SWEEPS if name != "activations"]
            raise ValueError(f"--sweep takes KEY=A,B,... with KEY one of {', '.join(keys)}, not {word!r}")
        swept[key] = split_specs(values)
        if not all(swept[key]):
            raise ValueError(f"--sweep {word!r}: a value is missing")
    return swept


def _sweep(
    words: Sequence[str], architecture: Architecture, given: Data, view: View, style: Style, out: Output
) -> None:
    """A row a combination: the signal and the gradient at both ends, and the verdict."""
    import dataclasses

    from actcli.network.passes import run
    from actcli.network.score import Score
    from actcli.network.statistics import Survey, verdict
    from actcli.output import Table

    swept = _swept(words)
    rows: list[list[Any]] = []
    series: list[dict[str, Any]] = []
    for values in itertools.product(*swept.values()):
        changed = {}
        for key, value in zip(swept, values, strict=True):
            field, read = _SWEEPS[key]
            try:
                changed[field] = read(value)
            except ValueError:
                raise ValueError(f"--sweep {key}: {value!r} is not a number") from None
        variant = dataclasses.replace(architecture, **changed)
        network, samples, asked = build(variant, given)
        survey = Survey(network)
        scored = samples.has_targets and (samples.labelled or network.output_shape == (1,))
        score = Score(network, labelled=samples.labelled) if scored else None
        passes = run(network, samples, survey=survey, score=score, gradient_seed=variant.seed)
        rows_seen = sum(len(passed.outputs) for passed in passes)
        layers = survey.layers()
        signal = [layer.after.std for layer in layers]
        gradient = [layer.gradient.std for layer in layers if layer.gradient is not None]
        units = sum(layer.units for layer in layers)
        saturated = [layer.saturated for layer in layers if layer.saturated is not None]
        rows.append(
            [
                *changed.values(),
                signal[0],
                signal[-1],
                gradient[0],
                gradient[-1],
                gradient[-1] / gradient[0] if gradient[0] else None,
                sum(layer.dead for layer in layers) / units,
                sum(saturated) / len(saturated) if saturated else None,
                verdict(layers),
            ]
        )
        series.append({"label": ", ".join(values), "signal": signal, "gradient": gradient})
    columns = (
        *swept,
        "signal_first",
        "signal_last",
        "gradient_first",
        "gradient_last",
        "gradient_ratio",
        "dead",
        "saturated",
        "verdict",
    )
    table = Table(columns, tuple(list(column) for column in zip(*rows, strict=True)), title="sweep")
    out.emit(table, command="forward", asked={"sweep": swept}, extra={"layers": series})
    if view.plot is not None:
        from actcli.figures import data

        panels = {one["label"]: {quantity: one[quantity] for quantity in ("signal", "gradient")} for one in series}
        fixed = f"{rows_seen} samples, {asked.get('input') or asked['data'] + ' data'}"
        figure = data.sweep(
            panels, style.look(), ylabel="standard deviation", title="signal and gradient by layer", caption=fixed
        )
        save_figure(figure, view.plot)
