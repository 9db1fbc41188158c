"""The training of one network for every combination of a sweep, on all cores."""

from __future__ import annotations

import itertools
import math
import mmap
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.activations.definition import definitions, names
from actcli.activations.spec import split_specs
from actcli.cli import sweep
from actcli.cli.learning import KEYS, HeldOut, Learning, Source, Texts, drawn, read
from actcli.cli.network import Architecture
from actcli.cli.samples import Data
from actcli.datasets import Dataset
from actcli.memory import require_memory
from actcli.network.health import Health
from actcli.network.initialise import Initialiser, initialiser
from actcli.network.kinds import Word
from actcli.network.losses import BinaryCrossEntropy, CrossEntropy, Loss, loss, usual
from actcli.network.model import Network, dense_sizes, memory_of, plan, usual_output
from actcli.network.optimisers import optimiser
from actcli.network.scaling import Scaling
from actcli.network.training import Examples, History, Settings, train
from actcli.network.weights import NO_MEANING, Meaning, Parameters
from actcli.parallel import ordered_map

#: The value in --sweep activation=all, which stands for every elementwise function.
_ALL = "all"


@dataclass(frozen=True)
class Request:
    """All options of the networks, their data and their training."""

    architecture: Architecture
    given: Data
    texts: Texts
    apart: HeldOut
    learning: Learning
    every: int

    def with_changes(self, changed: Mapping[str, Any]) -> Request:
        """The request with changed options, given by the names of their fields in any group."""
        groups = {}
        for field in fields(self):
            group = getattr(self, field.name)
            if field.name != "every":
                own = {key: value for key, value in changed.items() if key in {f.name for f in fields(group)}}
                groups[field.name] = replace(group, **own)
        return replace(self, **groups)


@dataclass(frozen=True)
class Job:
    """One network to train, with checked options and data; its weights are not drawn yet."""

    varied: Mapping[str, Any]
    request: Request
    planned: Network  # with parameters only if they are loaded
    is_loaded: bool
    meaning: Meaning
    initialiser: Initialiser
    source: Source
    loss: Loss
    book: bool

    @property
    def label(self) -> str:
        """The varied options of this job, which distinguish it from the others; the layers without a sweep."""
        said = (str(value) if key == "activation" else f"{key}={value}" for key, value in self.varied.items())
        return ", ".join(said) or self.planned.text

    @cached_property
    def _prepared(self) -> tuple[Dataset, Dataset | None, Scaling | None]:
        # This is cached, because a second split would continue the generator after the weights.
        return self.source.prepared(self.request.given, self.request.apart, self.request.architecture)

    @property
    def data(self) -> tuple[Dataset, Dataset | None]:
        """The training data and the held-out data, None without any."""
        return self._prepared[:2]

    @property
    def scaling(self) -> Scaling | None:
        """The scaling of the features of `data`, None without any."""
        return self._prepared[2]

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes in the order of the outputs, () without names."""
        return self.meaning.classes

    def settings(self) -> Settings:
        learning = self.request.learning
        weighted = sum(bool(stage.layer.weight_shape) for stage in self.planned.stages)
        return Settings(
            loss=self.loss,
            optimiser=optimiser(learning.optimizer),
            epochs=learning.epochs,
            batch_size=learning.batch_size,
            shuffle=learning.shuffle,
            penalty=learning.penalty(weighted),
            clip_norm=learning.norm(),
            patience=learning.patience,
            until=learning.goal(labelled=self.loss.labelled, held_out=self.request.apart.is_given),
            # Validations are needed at a hundred epochs for a curve, and at every epoch of --history.
            every=math.gcd(self.request.every, max(1, learning.epochs // 100)),
            book=self.book,
        )

    def network(self, generator: np.random.RandomState) -> Network:
        """The network with its initial weights."""
        architecture = self.request.architecture
        if self.is_loaded:
            return self.planned
        return self.planned.drawn(self.initialiser, generator, bias=architecture.every_bias(), dtype=architecture.dtype)


@dataclass(frozen=True)
class Trained:
    """The result of a job; frames are the outputs at the points and epochs of a film."""

    job: Job
    network: Network
    history: History
    health: Health | None
    diverged_at: int | None
    frames: NDArray[np.float64]


@dataclass(frozen=True)
class Film:
    """The points and the epochs at which the outputs of networks are kept."""

    points: NDArray[np.float64]
    epochs: frozenset[int]


def jobs(request: Request, words: Sequence[str]) -> list[Job]:
    """One job for each combination of --sweep; raises ValueError if any of them is invalid."""
    varied = sweep.swept(words, KEYS)
    if varied.get("activation") == [_ALL]:
        varied["activation"] = [name for name in names() if not definitions[name].is_row]
    files: dict[tuple[Any, ...], Source] = {}
    made = []
    for values in itertools.product(*varied.values()):
        changed = sweep.changes(dict(zip(varied, values, strict=True)), KEYS)
        shown = dict(zip(varied, changed.values(), strict=True))
        made.append(_job(request.with_changes(changed), shown, files))
    return made


def _job(request: Request, varied: Mapping[str, Any], files: dict[tuple[Any, ...], Source]) -> Job:
    architecture, learning = request.architecture, request.learning
    saved = architecture.loaded()
    request.given.require_unscaled(saved)
    layers, activations = architecture.shape(saved)
    parameters, known = (None, NO_MEANING) if saved is None else (saved.parameters, saved.meaning)
    words = learning.with_dropout(_words(layers, parameters))
    count = sum(Word.of(word, position).kind.maker.takes_activation for position, word in enumerate(words[1:], 1))
    specs = [] if activations is None else split_specs(activations)
    # One SPEC is for the hidden layers; the activation of the output then follows from the data.
    is_whole = len(specs) > 1 or (specs != [] and count == 1)
    hidden = (specs or ["relu"]) * (count - 1)
    planned = plan(words, specs if is_whole else [*hidden, "softmax"])
    if not any(stage.layer.weight_shape for stage in planned.stages):
        raise ValueError(f"layers {','.join(words)}: there is nothing to train, no layer has weights")
    if len(planned.output_shape) > 1:
        raise ValueError('labels need a row of outputs a sample; end the network with "flatten" and a dense layer')
    inputs, outputs = math.prod(planned.input_shape), planned.output_shape[0]
    request.apart.check()
    source = _source(
        request,
        files,
        inputs=inputs,
        outputs=outputs,
        labelled=_labelled(learning, planned if is_whole else None, outputs),
        meaning=known,
    )
    labelled = source.training.is_labelled
    if not is_whole:
        planned = plan(words, [*hidden, usual_output(outputs, labelled=labelled)])
    book = source.is_book and architecture.dtype == "float32" and not request.given.scales
    chosen = loss(learning.loss, planned.stages[-1].activation, outputs, labelled=labelled, clipped=book)
    rows = len(source.training.features)
    held = min(learning.batch_size or rows, rows)
    require_memory(memory_of(planned, held, architecture.dtype, drawn=parameters is None))
    if parameters is not None:
        planned = planned.holding(parameters, dtype=architecture.dtype)
    draw = initialiser(architecture.init or "nnfs", architecture.scale)
    job = Job(varied, request, planned, parameters is not None, source.meaning(known), draw, source, chosen, book)
    job.settings()
    return job


def _words(layers: str | None, parameters: Parameters | None) -> list[str]:
    """The words of the layers, by default those of dense layers with the parameters of a file."""
    if layers is not None:
        return [word.strip() for word in split_specs(layers)]
    if parameters is None:
        raise ValueError("give the network: --layers such as 2,64,3, or --depth and --width, or --weights FILE")
    return list(map(str, dense_sizes([np.asarray(weights) for weights, _ in parameters])))


def _labelled(learning: Learning, planned: Network | None, outputs: int) -> bool | None:
    """Whether the targets of a file are classes; None if the file decides."""
    if learning.loss is not None:
        return learning.loss in ("cross_entropy", "binary_cross_entropy")
    if planned is not None:
        return usual(planned.stages[-1].activation, outputs, labelled=True) in (CrossEntropy, BinaryCrossEntropy)
    return True if outputs > 1 else None


def _source(
    request: Request,
    files: dict[tuple[Any, ...], Source],
    *,
    inputs: int,
    outputs: int,
    labelled: bool | None,
    meaning: Meaning,
) -> Source:
    given, architecture = request.given, request.architecture
    if given.name(is_deep=False) is not None:
        return drawn(given, request.texts, request.apart, architecture, inputs=inputs, outputs=outputs, meaning=meaning)
    fitting: dict[str, Any] = {"inputs": inputs, "outputs": outputs, "labelled": labelled, "meaning": meaning}
    key = tuple(fitting.values())
    if key not in files:
        files[key] = read(given, request.texts, request.apart, **fitting)
    return files[key]


class Board:
    """Memory that the processes of a run share: whether to stop, and each network's number of epochs and loss."""

    def __init__(self, networks: int) -> None:
        self.numbers = memoryview(mmap.mmap(-1, 8 * (networks + 1))).cast("q")
        self.losses = memoryview(mmap.mmap(-1, 8 * networks)).cast("d")

    @property
    def stops(self) -> bool:
        return bool(self.numbers[0])

    @property
    def done(self) -> int:
        """The number of finished epochs of all networks."""
        return sum(self.numbers[1:])

    @property
    def loss(self) -> float:
        """The lowest current loss of all networks; inf before the first epoch."""
        return min((loss for loss, done in zip(self.losses, self.numbers[1:], strict=True) if done), default=math.inf)

    @contextmanager
    def heeding_ctrl_c(self) -> Iterator[None]:
        """The first Ctrl-C stops all networks after their current step; a second one has its usual effect."""
        usual = signal.getsignal(signal.SIGINT)
        if usual is signal.SIG_IGN:  # a shell ignores SIGINT for commands that a script runs in the background
            yield
            return

        def ask(*_: object) -> None:
            self.numbers[0] = 1
            signal.signal(signal.SIGINT, usual)

        signal.signal(signal.SIGINT, ask)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, usual)


def run(all_jobs: Sequence[Job], board: Board, show: Callable[[int], None], film: Film | None) -> Iterator[Trained]:
    """Train all jobs on all cores and yield the results in order; jobs not begun before a stop are left out."""

    def work(index: int) -> Any:
        if board.stops:
            return None
        return _packed(all_jobs[index], board, index, show, film)

    for job, packed in zip(
        all_jobs, ordered_map(work, range(len(all_jobs)), alone=int(len(all_jobs) == 1)), strict=True
    ):
        if packed is not None:
            yield _unpacked(job, packed)


def _packed(job: Job, board: Board, index: int, show: Callable[[int], None], film: Film | None) -> tuple[Any, ...]:
    """Train the network of a job, and return the outcome in types that a worker process can send."""
    training, held_out = job.data
    generator = training.generator
    network = job.network(generator)
    samples = job.request.apart.validation_samples
    if samples is not None:
        held_out = job.source.again(samples, generator, job.request.architecture.dtype)
    frames: list[NDArray[np.float64]] = []

    def progress(epoch: int, history: History, now: Callable[[], Network]) -> None:
        board.losses[index] = history.loss[-1]
        board.numbers[index + 1] = epoch + 1
        if film is not None and epoch in film.epochs:
            frames.append(now()(film.points).astype(np.float64))
        show(board.done)

    outcome = train(
        network,
        Examples(training.features, training.targets),
        job.settings(),
        generator,
        validation=None if held_out is None else Examples(held_out.features, held_out.targets),
        stopped=lambda: board.stops,
        progress=progress,
    )
    health = outcome.health
    arrays = [array for stage in outcome.network.stages for array in (stage.weights, stage.biases)]
    return (
        b"".join(array.tobytes() for array in arrays if array.size),
        vars(outcome.history),
        None if health is None else vars(health),
        outcome.diverged_at,
        np.array(frames).tobytes(),
        len(frames),
    )


def _unpacked(job: Job, packed: tuple[Any, ...]) -> Trained:
    flat, history, health, diverged_at, frames, count = packed
    vector = np.frombuffer(flat, job.request.architecture.dtype)
    parameters, start = [], 0
    for stage in job.planned.stages:
        if stage.layer.weight_shape:
            pair = []
            for shape in (stage.layer.weight_shape, stage.layer.bias_shape):
                stop = start + math.prod(shape)
                pair.append(vector[start:stop].reshape(shape))
                start = stop
            parameters.append((pair[0], pair[1]))
    return Trained(
        job,
        job.planned.holding(parameters, dtype=job.request.architecture.dtype),
        History(**history),
        None if health is None else Health(**health),
        diverged_at,
        np.frombuffer(frames).reshape(count, -1 if count else 0),
    )
