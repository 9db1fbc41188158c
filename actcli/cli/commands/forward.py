"""actcli forward: the outputs of a network for a batch, and statistics of its layers."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.build import build, score_of
from actcli.cli.choices import one_of
from actcli.cli.looks import Style
from actcli.cli.network import Architecture, Words
from actcli.cli.options import Output, opened
from actcli.cli.pass_figures import FIGURES, PassFigures
from actcli.cli.samples import Batched
from actcli.figures.look import SUFFIXES

if TYPE_CHECKING:
    from actcli.network.batches import Samples
    from actcli.network.model import Network
    from actcli.output.table import Table


@dataclass(frozen=True)
class Shown:
    """The options of the output."""

    rows: Annotated[
        str | None,
        typer.Option("--rows", metavar="N|all", help="Output rows to print. Default: 5, with --predict all."),
    ] = None
    summary: Annotated[bool, typer.Option("--summary", help="The layers alone.")] = False
    gradient: Annotated[
        bool, typer.Option("--gradient", help="Send a gradient back: its deviation per layer, and a verdict.")
    ] = False
    predict: Annotated[bool, typer.Option("--predict", help="Class and confidence per row, not the outputs.")] = False
    confusion: Annotated[bool, typer.Option("--confusion", help="Labels against predictions, alone.")] = False
    all_layers: Annotated[bool, typer.Option("--all-layers", help="Every array of every layer.")] = False
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="FILE", help="Where another's arrays (.npz, .json) first differ."),
    ] = None
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            "--sweep",
            metavar="KEY=A,B,...",
            help="One row per combination: activation, init, scale, seed, depth, width.",
        ),
    ] = None
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help=f"A figure: {' '.join(SUFFIXES)}, - is stdout.")
    ] = None
    figure: Annotated[
        str | None,
        one_of(FIGURES, "--figure", help="Of --plot: regions or surface for 2 inputs, curve for 1, else histogram."),
    ] = None

    @property
    def plots_only(self) -> bool:
        """Whether standard output is the picture."""
        return str(self.plot) == "-"

    def archives(self, output: Path | None) -> bool:
        """Whether all arrays are written to an .npz file, which is not a format of tables."""
        return self.all_layers and output is not None and output.suffix.lower() == ".npz"

    @property
    def limit(self) -> int | None:
        """The number of rows to print; None for all."""
        if self.rows is None:
            return None if self.predict else 5
        if self.rows == "all":
            return None
        if not (self.rows.isascii() and self.rows.isdigit()):
            raise ValueError(f"--rows takes a number of rows or all, not {self.rows!r}")
        return int(self.rows)

    def check(self, style: Style) -> None:
        """Raise ValueError for options that contradict each other, before anything is computed."""
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
        if given and given[0] in ("--all-layers", "--compare") and (self.gradient or self.plot is not None):
            unheard = "--gradient" if self.gradient else "--plot"
            raise ValueError(f"{given[0]} is about the arrays alone; {unheard} goes with rows or --summary")
        if self.plot is None and (self.figure is not None or style != Style()):
            raise ValueError("--figure and the options of its looks are for --plot FILE; give it too")
        if self.plot is not None:
            from actcli.figures.look import suffix_of

            suffix_of(self.plot)
            style.look()


def command(
    words: Words = None,
    *,
    architecture: Architecture,
    given: Batched,
    view: Shown,
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

    Without --input the data are the book's spiral, 100 samples per class, drawn before the weights from one seed.
    """
    view.check(style)
    if view.archives(out.output):
        from actcli.output.files import require_folder

        require_folder(out.output, architecture.save_weights)
    else:
        out.check(view.plot, architecture.save_weights)
    architecture, varied = architecture.with_words(words or (), view.sweep or ())
    if varied:
        if architecture.save_weights is not None:
            raise ValueError("--sweep runs many networks; --save-weights is for one")
        from actcli.cli.sweep import sweep

        sweep(varied, architecture, given, view.plot, style.look(), out)
    else:
        _run_one(architecture, given, view, style, out)
    given.note_unread()


def _run_one(architecture: Architecture, given: Batched, view: Shown, style: Style, out: Output) -> None:
    """Run one network and write the requested output."""
    network, samples, asked, meaning = build(architecture, given)
    # The file of --compare is read first, because an error in it must precede all output.
    theirs = {} if view.compare is None else _arrays_in(view.compare, network)
    if architecture.save_weights is not None:
        from actcli.network.weights import dump

        payload = dump(network, architecture.save_weights.suffix.lower(), meaning)
        with opened(architecture.save_weights) as stream:
            stream.write(payload)
    if view.compare is not None:
        _compare(network, samples, theirs, {**asked, "compare": str(view.compare)}, out)
    elif view.all_layers:
        _print_arrays(network, samples, view, asked, out)
    else:
        _print_rows(network, samples, architecture.seed, view, style, asked, out)


class _Rows:
    """Writes output rows to a file or to standard output, at most `limit` of them."""

    def __init__(
        self, path: Path | None, out: Output, asked: Mapping[str, Any], said: Mapping[str, Any], limit: int | None
    ) -> None:
        from actcli.output import formats

        self.path = path
        self.left = limit
        self.writer = formats.writer(out.writer_name(path))(
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
        """Add the next rows; with a limit they are kept until the end, so that after an error none are printed."""
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
    network: Network, samples: Samples, seed: int, view: Shown, style: Style, asked: dict[str, Any], out: Output
) -> None:
    """Write the output rows, and the findings about layers and labels."""
    from actcli.cli.findings import Findings, outputs_table, predictions_table, screen_columns
    from actcli.cli.progress import Progress
    from actcli.network.passes import run
    from actcli.network.statistics import Survey

    saves = out.output is not None
    form = out.writer_name(None if saves else out.output)
    tells = "json" in (form, out.writer_name(out.output)) or (form == "table" and not saves)
    survey = Survey(network) if tells or view.summary or view.gradient or view.plot else None
    score = score_of(network, samples) if tells or view.confusion or view.gradient else None
    if view.confusion and (score is None or not samples.labelled):
        raise ValueError("--confusion needs labels: data with classes, or --input with a label column")
    said: dict[str, Any] = {}
    sinks = []
    if saves:
        sinks.append(_Rows(out.output, out, asked, said, None))
    elif not view.plots_only and (form == "json" or not (view.summary or view.confusion)):
        sinks.append(_Rows(None, out, asked, said, view.limit))
    figures = None
    if view.plot is not None:
        figures = PassFigures(network, samples, view.plot, view.figure, style.look(), view.limit)
    stops_early = survey is None and score is None and not saves
    on_screen = form == "table" and not saves
    most = screen_columns() if on_screen else None
    count = 0
    with contextlib.ExitStack() as stack:
        for sink in sinks:
            stack.enter_context(sink)
        progress = stack.enter_context(Progress(lambda: samples.share, out))
        for passed in run(network, samples, survey=survey, score=score, gradient_seed=seed if view.gradient else None):
            count += len(passed.outputs)
            outputs = passed.outputs
            named = samples.classes
            if view.predict:
                table = predictions_table(outputs, named, is_probability=network.gives_probabilities)
            else:
                table = outputs_table(outputs, most, named)
            for sink in sinks:
                sink.feed(table)
            if figures is not None:
                figures.keep(passed)
            progress.show(count)
            if stops_early and all(sink.full for sink in sinks):
                break
        found = Findings(count, survey.layers() if survey is not None else [], score, view.gradient, samples.classes)
        said.update(found.keys())
    tables: list[Table] = []
    if on_screen:
        tables = found.screen_tables(full=view.summary, confusion=view.confusion, style=out.style())
    elif form != "json" or saves:
        tables += [found.layers_table()] if view.summary else []
        tables += [found.confusion_table()] if view.confusion else []
    for table in tables if not view.plots_only else []:
        out.write(None, table, command="forward", asked=asked, extra=said)
    if figures is not None:
        figures.draw(found.layers, asked)


def _print_arrays(network: Network, samples: Samples, view: Shown, asked: dict[str, Any], out: Output) -> None:
    """Write x, z1, a1, ... as arrays in .npz, as the key `arrays` of JSON, or as one line per number."""
    import numpy as np

    from actcli.cli.findings import outputs_table
    from actcli.network.arrays import collect
    from actcli.network.weights import npz
    from actcli.output.table import Table

    saves = out.output is not None
    arrays = collect(network, samples, None if saves else view.limit)
    if view.archives(out.output):
        payload = npz(arrays)
        with opened(out.output) as stream:
            stream.write(payload)
        return
    if out.writer_name(out.output) == "json":
        last = arrays[f"a{len(network.stages)}"]
        out.emit(outputs_table(last), command="forward", asked=asked, extra={"arrays": arrays})
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


def _arrays_in(file: Path, network: Network) -> dict[str, Any]:
    """The arrays of `file`; raises ValueError for a name that the network does not have."""
    from actcli.network.arrays import load

    return load(file, ["x", *(f"{kind}{position}" for position in range(1, len(network.stages) + 1) for kind in "za")])


def _compare(network: Network, samples: Samples, theirs: dict[str, Any], asked: dict[str, Any], out: Output) -> None:
    """Write one line per array of another implementation; exit with 1 if any number differs."""
    import dataclasses

    from actcli.network.arrays import FirstDifference, collect, first_differences
    from actcli.output.table import Table

    ours = collect(network, samples, max(map(len, theirs.values())))
    found = first_differences(ours, theirs)
    columns = [field.name for field in dataclasses.fields(FirstDifference)]
    data = tuple([getattr(difference, column) for difference in found] for column in columns)
    table = Table(("array", "rows", "differ", *columns[3:]), data, title=f"first differences from {asked['compare']}")
    out.emit(table, command="forward", asked=asked)
    if any(difference.count for difference in found):
        raise typer.Exit(1)
