"""The options of the samples."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.choices import one_of
from actcli.cli.inputs import Chosen, Form, standard_input
from actcli.cli.network import Architecture
from actcli.cli.options import note
from actcli.cli.parsing import numbers_in
from actcli.datasets import names as dataset_names

if TYPE_CHECKING:
    import numpy as np

    from actcli.network.batches import Samples
    from actcli.network.model import Network
    from actcli.network.scaling import Scaling
    from actcli.network.weights import Meaning, Saved

DATASETS = dataset_names()

#: The rows of --data normal, by default.
_NORMAL_ROWS = 300

_MNIST = "it is read from its files: --input train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz"


@dataclass(frozen=True)
class Data:
    """The options of samples that are drawn or read."""

    source: Annotated[
        str | None,
        typer.Option(
            "-i",
            "--input",
            metavar="FILE",
            help="Features, and a label in one column more; .csv .npy .npz .png, IDX (MNIST) ..., - is stdin.",
        ),
    ] = None
    form: Form = None
    column: Chosen = None
    label: Annotated[
        str | None,
        typer.Option("--label", metavar="NAME|N", help="The column of the labels, text or numbers. Default: the last."),
    ] = None
    labels: Annotated[
        str | None, typer.Option("--labels", metavar="FILE", help="A file of the labels alone: IDX (MNIST), .npy ...")
    ] = None
    standardize: Annotated[
        bool, typer.Option("--standardize", help="Scale every feature to mean 0 and deviation 1.")
    ] = False
    scale_input: Annotated[
        float | None, typer.Option("--scale-input", metavar="X", help="Divide the features by X, 255 for pixels.")
    ] = None
    vectors: Annotated[
        Path | None,
        typer.Option(
            "--vectors", metavar="FILE", help="Texts come in; the mean of their words' vectors: GloVe text, .json .npz."
        ),
    ] = None
    data: Annotated[
        str | None,
        one_of(
            (*DATASETS, "normal"),
            "--data",
            metavar="NAME",
            help=f"{DATASETS[0]} (default), {', '.join(DATASETS[1:])}, or normal.",
            meant=dict.fromkeys(("mnist", "fashionmnist"), _MNIST),
        ),
    ] = None
    samples: Annotated[int | None, typer.Option("--samples", metavar="N", min=1, help="Samples per class.")] = None
    classes: Annotated[
        int | None, typer.Option("--classes", metavar="N", min=1, help="Classes; as many as outputs if not given.")
    ] = None

    def name(self, is_deep: bool) -> str | None:
        """The name of the data set to draw, None if a file is read; `is_deep` is whether --depth is given."""
        if self.source is not None and (numbers := numbers_in(self.source)) and not Path(self.source).exists():
            piped = f"echo {' '.join(numbers)} | actcli ... --input -"
            raise ValueError(f"--input is a file; numbers come through a pipe: {piped}")
        if self.where is None:
            about = {"column": self.column, "input-format": self.form, "label": self.label, "labels": self.labels}
            if given := [option for option, value in about.items() if value]:
                raise ValueError(f"--{given[0]} is about a file; give --input FILE")
            return self.data or ("normal" if is_deep else "spiral")
        for option, value in (("--data", self.data), ("--samples", self.samples), ("--classes", self.classes)):
            if value is not None:
                raise ValueError(f"--input has the samples; {option} is for data drawn here")
        return None

    @property
    def where(self) -> str | None:
        """The file to read: --input, or standard input if --vectors is given; None for a data set."""
        return self.source or ("-" if self.vectors is not None else None)

    def note_unread(self) -> None:
        """Print a note if standard input has data although no option reads it."""
        from actcli.reading.streams import has_data

        if self.where is None and sys.stdin is not None and has_data(sys.stdin.fileno()):
            note("standard input was not read; --input - reads it")

    def drawn_classes(self, name: str | None, outputs: int) -> int:
        """The number of classes of the data set `name` for a network with so many outputs; 0 without classes."""
        from actcli import datasets

        if name is None or name == "normal" or not datasets.is_labelled(name):
            return 0
        count = datasets.size(name, None, self.classes, max(outputs, 2))[2]
        if self.classes is None and count != datasets.size(name, None, None)[2]:
            has = f"{outputs} output{'s' * (outputs != 1)}"
            note(f"the {name} data have {count} classes, as the network has {has}; --classes N changes that")
        return count

    def size(self, name: str | None, outputs: int, dtype: str) -> tuple[int | None, list[tuple[str, int]]]:
        """The number of rows of the data set `name`, and its memory in the form of `require_memory`."""
        if name is None:
            return None, []
        if name == "normal":
            return self.samples or _NORMAL_ROWS, []
        from actcli import datasets

        rows, _, _ = datasets.size(name, self.samples, self.classes, max(outputs, 2))
        return rows, [datasets.memory_of(name, rows, dtype)]

    @property
    def scales(self) -> bool:
        """Whether the features are scaled."""
        return self.standardize or self.scale_input is not None

    def require_unscaled(self, saved: Saved | None) -> None:
        """Raise ValueError if features are scaled for weights whose first layer already scales them."""
        if self.scales and saved is not None and saved.meaning.scales:
            option = "--standardize" if self.standardize else "--scale-input"
            raise ValueError(f"the first layer of these weights scales the features; leave {option} out")

    def scaling(self, features: Any) -> Scaling:
        """The scaling of --standardize, computed from these features, or of --scale-input; only if `scales`."""
        from actcli.network.scaling import Scaling

        if self.scale_input is None:
            return Scaling.standard(features)
        if self.standardize:
            raise ValueError("--standardize and --scale-input are two ways to scale; give one")
        return Scaling.dividing(self.scale_input, features.shape[1])


@dataclass(frozen=True)
class Batched(Data):
    """The options of samples for a forward pass."""

    class_names: Annotated[
        str | None,
        typer.Option(
            "--class-names", "--classes-names", metavar="A,B,...", help="Names of the classes, in the order of outputs."
        ),
    ] = None
    batch_size: Annotated[
        int | None,
        typer.Option("--batch-size", metavar="N", min=1, help="Rows at a time, at least; changes speed, not results."),
    ] = None

    def names(self, outputs: int, saved: tuple[str, ...]) -> tuple[str, ...]:
        """The class names of --class-names, else those `saved` with the weights, for a network with so many outputs."""
        if self.class_names is None:
            return saved if len(saved) == max(outputs, 2) else ()
        names = tuple(name.strip() for name in self.class_names.split(","))
        if len(names) != max(outputs, 2):
            told = f"the network can tell {max(outputs, 2)} apart"
            raise ValueError(f"--class-names has {len(names)} name{'s' * (len(names) != 1)}, {told}")
        if "" in names:
            raise ValueError(f"--class-names {self.class_names!r}: a name is missing")
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"--class-names {self.class_names!r}: {twice!r} stands there twice")
        return names

    def open(
        self, name: str | None, network: Network, batch: int, architecture: Architecture, meaning: Meaning
    ) -> tuple[Samples, np.random.RandomState]:
        """The samples, and the generator for the weights, which continues after the draws of a data set.

        meaning: that of the file of weights.
        """
        from actcli.network import batches

        classes = self.names(prod(network.output_shape), meaning.classes)
        if name is not None:
            samples, generator = self._drawn(name, network, batch, architecture)
        else:
            samples, generator = self._read(network, batch, meaning._replace(classes=classes)), architecture.generator()
        if self.scales:
            samples = batches.scaled(samples, self.scaling, whole=self.standardize)
        return replace(samples, classes=samples.classes or classes), generator

    def _drawn(
        self, name: str, network: Network, batch: int, architecture: Architecture
    ) -> tuple[Samples, np.random.RandomState]:
        import numpy as np

        from actcli import datasets
        from actcli.network import batches

        inputs, outputs = prod(network.input_shape), prod(network.output_shape)
        if name == "normal":
            # The rows need their own generator, because they are drawn during the pass, after the weights.
            rows = np.random.RandomState([architecture.seed, 1])
            samples = batches.from_normal(rows, self.samples or _NORMAL_ROWS, inputs, batch)
            return samples, architecture.generator()
        _, count, classes = datasets.size(name, self.samples, self.classes, max(outputs, 2))
        data = datasets.make(name, count, classes, generator=architecture.generator(), dtype=architecture.dtype)
        if data.features.shape[1] != inputs:
            raise ValueError(
                f"layer 1 expects {inputs} input{'s' * (inputs > 1)}, the {name} data has {data.features.shape[1]}; "
                "give --input FILE (- is standard input), or --data "
                f"{'sine' if inputs == 1 else 'normal for numbers from N(0, 1)'}"
            )
        return batches.from_dataset(data, batch), data.generator

    def _read(self, network: Network, batch: int, meaning: Meaning) -> Samples:
        from actcli.network import batches
        from actcli.network.words import Vocabulary, WordVectors

        assert self.where is not None
        inputs, outputs = prod(network.input_shape), prod(network.output_shape)
        vectors = None if self.vectors is None else WordVectors(self.vectors, inputs)
        samples = batches.from_file(
            self.where,
            network.input_shape,
            batch,
            form=self.form,
            columns=self.column or [],
            # With a single output the targets are classes only if it is a probability; else they are values of a curve.
            labels=outputs > 1 or network.gives_probabilities,
            stdin=standard_input(self.where),
            outputs=outputs,
            classes=meaning.classes,
            names=meaning.features,
            words=vectors or Vocabulary.saved(meaning.vocabulary, inputs),
            label=self.label,
            labels_file=self.labels,
        )
        if vectors is not None and vectors.unknown:
            note(f"without a vector and left out: {', '.join(vectors.unknown)}")
        return samples
