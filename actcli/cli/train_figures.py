"""The figures of `train --plot`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actcli.cli.looks import note_figure, save_figure
from actcli.cli.options import note, opened

if TYPE_CHECKING:
    from actcli.cli.training import Film, Job, Trained
    from actcli.figures.look import Look
    from actcli.network.training import History

#: The approximate number of epochs in a figure of curves.
_POINTS = 400


def film_of(all_jobs: Sequence[Job]) -> Film:
    """The points and epochs whose outputs an animation needs.

    Raises ValueError for networks that no animation can show.
    """
    from actcli.cli.training import Film
    from actcli.figures.training import moments

    longest = max(job.request.learning.epochs for job in all_jobs)
    domain = _domain(all_jobs[0])
    if domain is None:
        raise ValueError("a .gif shows what 1 or 2 inputs give, classes or a value; for others give .png, .svg or .pdf")
    return Film(domain.points, frozenset(moments(longest - 1)))


def _domain(job: Job) -> Any:
    """The domain on which the outputs of a network are drawn; None if a figure cannot show them."""
    import numpy as np

    from actcli.figures.training import Domain

    data, apart = job.data
    if len(job.planned.input_shape) > 1 or job.planned.input_shape[0] > 2:
        return None
    if job.planned.input_shape[0] == 2 and not job.loss.labelled and job.planned.output_shape != (1,):
        return None
    if apart is None:
        return Domain.over(data.features, data.targets, job.classes)
    features, targets = np.concatenate([data.features, apart.features]), np.concatenate([data.targets, apart.targets])
    return Domain.over(features, targets, job.classes, np.arange(len(features)) >= len(data.features))


def draw(trained: Sequence[Trained], path: Path, look: Look, film: Film | None) -> None:
    """Write the figure of trained networks: their curves and outputs, or with a film an animation of the outputs."""
    import numpy as np

    from actcli.figures import training as figures

    job = trained[0].job
    domain = _domain(job)
    caption = f"{len(job.data[0].features)} samples, {job.source.name}"
    caption += f", {job.planned.text}, {job.request.learning.optimizer}"
    if film is not None:
        shown = [one for one in trained if len(one.frames)]
        if not shown:
            if any(one.diverged_at is not None for one in trained):
                raise OSError(f"{path}: every network diverged in its first epoch; nothing formed")
            return  # Ctrl-C ended the training before the first epoch
        longest = max(len(one.frames) for one in shown)
        epochs = sorted(film.epochs)[:longest]
        fits, losses = [], []
        for one in shown:
            # The last frame of a network that stopped early is repeated.
            held = [one.frames, *[one.frames[-1:]] * (longest - len(one.frames))]
            fits.append(figures.Answer(one.job.label, np.concatenate(held).reshape(longest, len(film.points), -1)))
            losses.append([one.history.loss[min(epoch, len(one.history) - 1)] for epoch in epochs])
        payload = figures.forming(domain, epochs, fits, look, losses=losses, caption=caption)
        with opened(path) as stream:
            stream.write(payload)
        note_figure(path)
        return
    histories = [_curve(one) for one in trained if len(one.history)]
    answers = []
    if domain is None and job.planned.input_shape == (2,):
        note(f"the figure has no surface, as each sample has {job.planned.output_shape[0]} values")
    if domain is not None:
        answers = [figures.Answer(one.job.label, one.network(domain.points), *_notes(one)) for one in trained]
    save_figure(figures.together(histories, domain, answers, look, caption=caption), path)
    note_figure(path)


def _notes(one: Trained) -> tuple[str, str]:
    """The accuracy or loss of a network, written beside its name: in full, and in brief."""
    if not len(one.history):
        return "", ""
    history = one.history
    data, brief, last, losses, accuracies = "training", "train", -1, history.loss, history.accuracy
    if measured := _measured(history):
        data, brief, last = "validation", "val.", measured[-1]
        losses, accuracies = history.validation_loss, history.validation_accuracy
    if one.job.loss.labelled:
        return f"{data} accuracy {accuracies[last]:.1%}", f"{brief} {accuracies[last]:.1%}"
    return f"{data} loss {losses[last]:.3g}", ""


def _measured(history: History) -> list[int]:
    """The epochs at which the validation loss was computed."""
    return [epoch for epoch, loss in enumerate(history.validation_loss) if not math.isnan(loss)]


def _curve(one: Trained) -> Any:
    from actcli.figures.training import History

    history = one.history
    measured = _measured(history)
    step = max(1, len(history) // _POINTS)
    epochs = measured or sorted({*range(0, len(history), step), len(history) - 1})

    def at(values: Sequence[float]) -> list[float]:
        return [values[epoch] for epoch in epochs]

    labelled = one.job.loss.labelled
    return History(
        one.job.label,
        epochs,
        at(history.loss),
        at(history.accuracy) if labelled else None,
        at(history.validation_loss) if measured else None,
        at(history.validation_accuracy) if measured and labelled else None,
    )
