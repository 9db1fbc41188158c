"""actcli train: the training of one or several networks, and their comparison."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.learning import KEYS, HeldOut, Learning, Texts
from actcli.cli.looks import Style
from actcli.cli.network import Architecture, Words
from actcli.cli.options import Output, note, opened
from actcli.cli.samples import Data
from actcli.cli.train_figures import draw, film_of
from actcli.figures.look import FILM
from actcli.figures.look import SUFFIXES as PICTURES
from actcli.output.formats import BY_SUFFIX

if TYPE_CHECKING:
    from actcli.cli.training import Film, Trained
    from actcli.figures.look import Look
    from actcli.output.table import Table


@dataclass(frozen=True)
class Shown:
    """The options of the output."""

    sweep: Annotated[
        list[str] | None,
        typer.Option(
            "--sweep",
            metavar="KEY=A,B,...",
            help=f"A row a combination; activation=all is every elementwise function. Keys: {', '.join(KEYS)}.",
        ),
    ] = None
    mean: Annotated[bool, typer.Option("--mean", help="Mean and deviation over the seeds of --sweep seed=0,1,2.")] = (
        False
    )
    history: Annotated[
        Path | None,
        typer.Option("--history", metavar="FILE", help=f"Write the epochs; by suffix: {' '.join(BY_SUFFIX)}."),
    ] = None
    every: Annotated[int, typer.Option("--every", metavar="N", min=1, help="Epochs between rows of --history.")] = 100
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="FILE",
            help=f"Loss and accuracy, and classes over 2 inputs: {' '.join(PICTURES)}, - is stdout; "
            f"{FILM} shows them forming.",
        ),
    ] = None

    @property
    def plots_only(self) -> bool:
        """Whether standard output is the picture."""
        return str(self.plot) == "-"

    @property
    def is_film(self) -> bool:
        """Whether the figure is an animation."""
        return self.plot is not None and self.plot.suffix.lower() == FILM

    def check(self, style: Style, save_weights: Path | None) -> None:
        """Raise ValueError for options that contradict each other, before anything is computed."""
        if self.history is not None and BY_SUFFIX.get(self.history.suffix.lower()) in (None, "npy"):
            suffixes = [suffix for suffix, name in BY_SUFFIX.items() if name != "npy"]
            raise ValueError(f"--history {str(self.history)!r}: end it in {' '.join(suffixes)}")
        if self.plot is None and style != Style():
            raise ValueError("the options of a figure's looks are for --plot FILE; give it too")
        if self.plot is not None:
            from actcli.figures.look import suffix_of

            suffix_of(self.plot, FILM)
            style.look()
        if save_weights is not None:
            from actcli.network.weights import SUFFIXES

            if self.sweep:
                raise ValueError("--sweep trains many networks; --save-weights is for one")
            if save_weights.suffix.lower() not in SUFFIXES:
                raise ValueError(f"--save-weights {str(save_weights)!r}: end it in {', '.join(SUFFIXES)}")
        from actcli.output.files import require_folder

        require_folder(self.history, save_weights, self.plot)


def command(
    words: Words = None,
    *,
    architecture: Architecture,
    given: Data,
    texts: Texts,
    apart: HeldOut,
    learning: Learning,
    view: Shown,
    style: Style,
    out: Output,
) -> None:
    """Train a network, or several side by side: one row each.

    \b
      actcli train --layers 2,64,3                                     chapter 10 of the NNFS book
      actcli train --layers 2,64,3 --sweep activation=relu,sigmoid,tanh --plot learn.png
      actcli train --layers 2,64,3 --sweep activation=all --epochs 1000
      actcli train --layers 2,64,3 --sweep activation=relu,elu seed=0,1,2 --mean
      actcli train --layers 1,64,64,1 --data sine --scale 0.1 --optimizer adam@rate=0.005,decay=1e-3
      actcli train --layers 4,16,3 --input iris.csv --label species --standardize --test-split 0.2
      actcli train --layers 784,64,64,10 --input train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz
        --scale-input 255 --init glorot --optimizer adam --epochs 5 --batch-size 32 --shuffle --test-split 0.2

    One --activation is for the hidden layers: the last layer has softmax for classes, sigmoid for a single output,
    linear for a curve. A list is for all layers. As in the book an epoch's loss and accuracy are those before its
    step; actcli forward says those of the saved weights.

    On the data of the NNFS book (spiral, vertical, sine) in float32 the arithmetic is the book's: dot products are
    summed in float64, probabilities kept 1e-7 away from 0 and 1. Other data are computed in --dtype alone.
    Ctrl-C keeps what was reached: rows, history and weights.
    """
    view.check(style, architecture.save_weights)
    architecture, varied = architecture.with_words(words or (), view.sweep or ())
    from actcli.cli.progress import Progress
    from actcli.cli.training import Board, Request, jobs, run

    request = Request(architecture, given, texts, apart, learning, view.every)
    all_jobs = jobs(request, varied)
    if view.mean and "seed" not in all_jobs[0].varied:
        raise ValueError("--mean is over seeds; give --sweep seed=0,1,2")
    if all_jobs[0].meaning.scales:
        note("the first layer of these weights scales the features; to train on from unscaled ones try a lower rate")
    film = film_of(all_jobs) if view.is_film else None
    board = Board(len(all_jobs))
    whole = sum(job.request.learning.epochs for job in all_jobs)

    def also() -> str:
        return f", {'lowest ' * (len(all_jobs) > 1)}loss {board.loss:.4g}"

    with board.heeding_ctrl_c(), Progress(lambda: board.done / whole, None, "epochs", also) as progress:
        trained = []
        for one in run(all_jobs, board, progress.show, film):
            trained.append(one)
            progress.show(board.done)
    given.note_unread()
    if not board.stops:
        _note_stuck(trained)
    if trained:
        _write(trained, view, style.look(), out, architecture.save_weights, film)
    if board.stops:
        raise typer.Exit(130)


def _write(
    trained: Sequence[Trained], view: Shown, look: Look, out: Output, save_weights: Path | None, film: Film | None
) -> None:
    # The weights, which take longest to compute, are written first, before the disk may be full.
    if save_weights is not None:
        _save(trained[0], save_weights)
    if not view.plots_only or out.output is not None:
        _print(trained, view, out)
    if view.history is not None:
        Output(precision=out.precision, output=view.history).emit(
            _history(trained, view.every), command="train", asked=_asked(trained)
        )
    if view.plot is not None:
        draw(trained, view.plot, look, film)


def _save(one: Trained, path: Path) -> None:
    """Write the weights; if the data were scaled, the scaling becomes part of the first layer if possible."""
    from actcli.network.weights import dump

    network, scaling, meaning = one.network, one.job.scaling, one.job.meaning
    if scaling is not None:
        unscaled = network.of_unscaled(scaling.centre, scaling.spread)
        network = unscaled or network
        note(f"{path} takes features {'as they are: its first layer scales them' if unscaled else 'that are scaled'}")
        meaning = meaning._replace(scales=unscaled is not None)
    if one.diverged_at is not None:
        note(f"the weights in {path} are those of a network that diverged")
    payload = dump(network, path.suffix.lower(), meaning)
    with opened(path) as stream:
        stream.write(payload)


#: The epochs before a constant loss is reported; the loss of the book's network hardly changes in the first dozens.
_MIN_EPOCHS = 100


def _note_stuck(trained: Sequence[Trained]) -> None:
    """Print a note on networks whose loss rose or did not fall, and what to try."""
    from actcli.network.initialise import initialiser

    sound = [(one, one.history.loss) for one in trained if one.diverged_at is None and len(one.history) >= _MIN_EPOCHS]
    risen = [one for one, loss in sound if loss[-1] > 2 * loss[0]]
    if risen:
        note(f"the loss{_of(risen, trained)} rose; try a lower rate")
    stuck = [one for one, loss in sound if loss[-1] > 0.99 * loss[0] and one not in risen]
    if not stuck:
        return
    small = any(one.job.initialiser == initialiser("nnfs") and not one.job.is_loaded for one in stuck)
    tries = ["--init glorot (weights start at 0.01*N(0,1))"] * small + ["a higher rate", "more epochs"]
    note(f"the loss{_of(stuck, trained)} did not fall by 1 %; try {', '.join(tries[:-1])} or {tries[-1]}")


def _of(some: Sequence[Trained], trained: Sequence[Trained]) -> str:
    return f" of {'; '.join(one.job.label for one in some)}" if len(trained) > 1 else ""


# rows


def _print(trained: Sequence[Trained], view: Shown, out: Output) -> None:
    rows = [_row(one) for one in trained]
    if view.mean:
        rows = _over_seeds(rows)
    shown = _columns(rows)
    if out.writer_name(out.output) == "table":
        # One table of all columns would be wider than a screen; the column of divergence is left out if it is empty.
        diverged = "diverged" if view.mean else "diverged_at"
        shown = [name for name in shown if name != diverged or any(row.get(name) for row in rows)]
        varied = [key for key in trained[0].job.varied if key in shown]
        causes = [name for name in shown if name.startswith(_CAUSES)]
        results = [name for name in shown if name not in (*varied, *causes)]
        parts = {"trained": results, "why": causes}
        if view.mean:
            parts = {
                f"{title}, {kind} over seeds": [name for name in part if name.endswith(_STD) == (kind == "deviation")]
                for title, part in parts.items()
                for kind in ("mean", "deviation")
            }
        tables = [_table(rows, [*varied, *part], title) for title, part in parts.items()]
        if view.mean:  # the titles distinguish means from deviations
            tables = [replace(one, columns=tuple(name.removesuffix(_STD) for name in one.columns)) for one in tables]
        else:
            notes = _comparison(trained) if len(rows) > 1 else (_summary(trained[0]),)
            tables[-1] = replace(tables[-1], notes=notes)
        for table in tables:
            out.emit(table, command="train", asked={})
    else:
        out.emit(_table(rows, shown, "trained"), command="train", asked=_asked(trained))


#: The suffix of the names of columns of deviations.
_STD = "_std"
#: The columns that may explain why a network learned well or badly, and prefixes of their deviations.
_CAUSES = ("dead", "saturated", "gradient_first", "gradient_last")


def _row(one: Trained) -> dict[str, Any]:
    """The row of one network: the varied options, its results and their possible causes."""
    history, health = one.history, one.health
    row: dict[str, Any] = {**one.job.varied, "epochs": len(history), "loss": _last(history.loss)}
    if one.job.loss.labelled:
        row["accuracy"] = _last(history.accuracy)
    else:
        row["mean_absolute_error"] = None if health is None else health.mean_absolute_error
        row["r2"] = None if health is None else health.r2
    if history.validation_loss:
        row["validation_loss"] = _last(history.validation_loss)
        if one.job.loss.labelled:
            row["validation_accuracy"] = _last(history.validation_accuracy)
    return {
        **row,
        **{name: None if health is None else getattr(health, name) for name in _CAUSES},
        "diverged_at": one.diverged_at,
    }


def _last(values: Sequence[float]) -> float | None:
    return values[-1] if values else None


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of all rows, in the order of the row with the most."""
    longest = max(rows, key=len)
    return [*longest, *(name for row in rows for name in row if name not in longest)]


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], title: str) -> Table:
    from actcli.output.table import Table

    data = tuple([row.get(column) for row in rows] for column in columns)
    results = ("loss",) if "loss" in columns else ()
    return Table(tuple(columns), data, title=title, results=results)


def _over_seeds(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Mean and deviation of every number over the seeds; `seeds` is the number of networks that did not diverge."""
    import statistics

    columns = _columns(rows)
    varied = columns[: columns.index("epochs")]
    kept = [name for name in varied if name != "seed"]
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in kept), []).append(row)
    result = []
    for values, group in groups.items():
        sound = [row for row in group if row["diverged_at"] is None]
        means: dict[str, Any] = {**dict(zip(kept, values, strict=True)), "seeds": len(sound)}
        for name in columns[len(varied) : -1]:
            numbers = [row[name] for row in sound if row.get(name) is not None]
            means[name] = statistics.fmean(numbers) if numbers else None
            means[f"{name}{_STD}"] = statistics.pstdev(numbers) if numbers else None
        result.append({**means, "diverged": len(group) - len(sound)})
    return result


def _summary(one: Trained) -> str:
    """A line about one network and its data."""
    asked = _asked([one])
    told = f"{asked['network']}: {asked['parameters']:,} parameters, {asked['loss_function']}"
    return f"{told}, {asked['samples']:,} samples of {asked.get('data') or asked['input']}"


def _comparison(trained: Sequence[Trained]) -> tuple[str, ...]:
    """The networks with the lowest and the highest loss in words, and why the latter may have learned less."""
    from actcli.network.health import reasons

    sound = [one for one in trained if one.health is not None]
    if len(sound) < 2:
        return ()
    key = "validation_loss" if sound[0].history.validation_loss else "loss"
    best, *_, worst = sorted(sound, key=lambda one: getattr(one.history, key)[-1])

    def reached(one: Trained) -> str:
        told = f"{one.job.label} {getattr(one.history, key)[-1]:.4g}"
        right = getattr(one.history, key.replace("loss", "accuracy"))
        return f"{told}, accuracy {right[-1]:.4g}" if one.job.loss.labelled else told

    assert best.health is not None and worst.health is not None
    past = worst.history
    said = reasons(worst.health, past.loss, best.health, best.history.loss, past.validation_loss)
    name = key.replace("_", " ")
    last, first = worst.job.label, best.job.label
    return (
        f"lowest {name}: {reached(best)}",
        f"highest {name}: {reached(worst)}",
        f"why {last} lags ({first} in brackets): {'; '.join(said)}"
        if said
        else f"dead units, saturation and gradient do not say why {last} comes after {first}",
    )


def _asked(trained: Sequence[Trained]) -> dict[str, Any]:
    """The keys of JSON before the rows, which describe the request."""
    job = trained[0].job
    request = job.request
    specs = [stage.activation.spec for stage in job.planned.stages if stage.activation is not None]
    varied: dict[str, list[Any]] = {}
    for one in trained:
        for key, value in one.job.varied.items():
            if value not in varied.setdefault(key, []):
                varied[key].append(value)
    return {
        "network": job.planned.text,
        **({} if "activation" in varied else {"activations": specs}),
        "optimizer": request.learning.optimizer,
        "loss_function": job.loss.title,
        "seed": request.architecture.seed,
        **({"advance": request.architecture.advance} if request.architecture.advance else {}),
        "dtype": request.architecture.dtype,
        **({"data": job.source.name} if job.source.is_drawn else {"input": job.source.name}),
        "samples": len(job.source.training.features),
        **({"classes": list(job.classes)} if job.classes else {}),
        "parameters": sum(
            math.prod(stage.layer.weight_shape) + math.prod(stage.layer.bias_shape)
            for stage in job.planned.stages
            if stage.layer.weight_shape
        ),
        **({"sweep": varied} if varied else {}),
    }


def _history(trained: Sequence[Trained], every: int) -> Table:
    """The table of --history: one row for every `every`th and the last epoch of each network."""
    rows = []
    for one in trained:
        history = one.history
        columns = {
            "loss": history.loss,
            **({"accuracy": history.accuracy} if one.job.loss.labelled else {}),
            "rate": history.rate,
        }
        if one.job.settings().penalty:
            penalty = [whole - own for whole, own in zip(history.loss, history.data_loss, strict=True)]
            columns |= {"data_loss": history.data_loss, "penalty": penalty}
        if history.validation_loss:
            columns["validation_loss"] = history.validation_loss
            if one.job.loss.labelled:
                columns["validation_accuracy"] = history.validation_accuracy
        last = len(history) - 1
        for epoch in sorted({*range(0, len(history), every), last} - {-1}):
            values = {name: values[epoch] if epoch < len(values) else None for name, values in columns.items()}
            rows.append({**one.job.varied, "epoch": epoch, **values})
    columns_of_all = _columns(rows) if rows else ["epoch", "loss", "rate"]
    return _table(rows, columns_of_all, "history")
