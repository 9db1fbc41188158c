"""Which network and which data: the options that say it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actcli.cli.choices import one_of
from actcli.cli.inputs import standard_input
from actcli.cli.options import Advance, note
from actcli.cli.parsing import numbers_in
from actcli.datasets import names as dataset_names
from actcli.dtypes import NETWORK_DTYPES
from actcli.network.initialise import SUMMARIES
from actcli.network.kinds import KINDS
from actcli.reading.formats import FORMATS

if TYPE_CHECKING:
    import numpy as np

    from actcli.network.batches import Samples
    from actcli.network.model import Network
    from actcli.network.weights import Saved

INITIALISERS, DATASETS = list(SUMMARIES), dataset_names()

#: Rows of --data normal, unless --samples says otherwise.
_NORMAL_ROWS = 300

_MNIST = "it is read from its files: train --input train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz"

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[LAYERS] [KEY=A,B...]...", help="What --layers takes; more of --sweep.", show_default=False
    ),
]


def _listed(layers: str) -> str:
    """1-64-64-1, as it stands in books, with commas."""
    sizes = layers.split("-")
    return ",".join(sizes) if all(size.isdigit() for size in sizes) else layers


@dataclass(frozen=True)
class Architecture:
    """The network: its layers, activations and weights."""

    layers: Annotated[
        str | None,
        typer.Option(
            "--layers",
            metavar="N,N,...",
            help=f"Inputs (2 or 28x28), then layers: {'; '.join(f'{kind.example} {kind.summary}' for kind in KINDS)}.",
        ),
    ] = None
    activations: Annotated[
        str | None,
        typer.Option(
            "--activation",
            "--activations",
            metavar="SPEC[,SPEC...]",
            help="One per layer, or one for all (train: the hidden ones). Default: relu between, softmax at the end; "
            "of a single output linear, or sigmoid where the data have two classes.",
        ),
    ] = None
    depth: Annotated[
        int | None, typer.Option("--depth", metavar="N", min=1, max=10_000, help="N layers of --width units.")
    ] = None
    width: Annotated[int | None, typer.Option("--width", metavar="M", min=1, help="Units of --depth's layers.")] = None
    init: Annotated[
        str | None,
        typer.Option(
            "--init",
            metavar="NAME",
            help=f"{INITIALISERS[0]} (default), {', '.join(INITIALISERS[1:])}; he@mode=fan_out,gain=2.",
        ),
    ] = None
    scale: Annotated[
        float | None,
        typer.Option("--scale", metavar="S", help="Factor of the weights; for nnfs their deviation, 0.01."),
    ] = None
    bias: Annotated[str | None, typer.Option("--bias", metavar="B[,B...]", help="Biases. Default: 0.")] = None
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of data and weights.")] = 0
    advance: Advance = 0
    dtype: Annotated[str, one_of(NETWORK_DTYPES, "--dtype", help="Compute in this type.")] = NETWORK_DTYPES[0]
    weights: Annotated[
        Path | None,
        typer.Option(
            "--weights", metavar="FILE", help="Weights from .npz (W1, b1, ...), .json, .safetensors, or as JSON itself."
        ),
    ] = None
    transposed: Annotated[bool, typer.Option("--transposed", help="The weights have one row per neuron.")] = False
    save_weights: Annotated[
        Path | None,
        typer.Option("--save-weights", metavar="FILE", help="Write the weights to .npz, .json or .safetensors."),
    ] = None

    def with_words(self, words: Sequence[str], sweep: Sequence[str]) -> tuple[Architecture, list[str]]:
        """The network whose layers may stand among the words of a command, and all KEY=A,B,... of --sweep."""
        from actcli.activations.definition import by_folded_name
        from actcli.spelling import fold

        varied = [word for word in words if "=" in word and word.partition("=")[0].isidentifier()]
        rest = [word for word in words if word not in varied]
        if functions := [word for word in rest if fold(word) in by_folded_name]:
            together = ",".join([*([self.activations] if self.activations else []), *functions])
            raise ValueError(f"{functions[0]!r} is a function; write --activation {together}")
        layers = ",".join(_listed(word) for word in rest)
        if layers and self.layers is not None and "," not in self.layers:
            return replace(self, layers=f"{self.layers},{layers}").with_words(varied, sweep)
        if varied and not sweep:
            raise ValueError(f"{varied[0]!r} is for --sweep; write --sweep before it")
        if layers and self.layers is not None:
            if (numbers := numbers_in(layers)) and not all(number.isdigit() for number in numbers):
                raise ValueError(
                    f"{layers} are no layers; inputs come by echo {' '.join(numbers)} | actcli ... --input -"
                )
            raise ValueError(f"--layers {self.layers} and {layers!r} are two networks; give one")
        return replace(self, layers=layers or self.layers), [*sweep, *varied]

    def generator(self) -> np.random.RandomState:
        """What data and weights are drawn from."""
        from actcli import datasets

        return datasets.seeded(self.seed, self.advance)

    def shape(self, saved: Saved | None) -> tuple[str | None, str | None]:
        """Layers and activations as text, None where they follow from the weights or are the usual ones.

        Activations that are not given are those that the file of weights names.
        """
        if (self.depth is None) != (self.width is None):
            raise ValueError("--depth and --width go together: N layers of M units")
        if self.depth is None or self.width is None:
            return self.layers and _listed(self.layers), self.activations or (
                None if saved is None else saved.activations
            )
        if self.layers is not None:
            raise ValueError("--layers and --depth are two ways to say the same; give one")
        return ",".join([str(self.width)] * (self.depth + 1)), self.activations

    def loaded(self) -> Saved | None:
        """What the file of --weights holds, None without it."""
        import numpy as np

        from actcli.network.weights import load

        if self.weights is None:
            if self.transposed:
                raise ValueError("--transposed says how the weights of a file lie; give --weights FILE")
            return None
        for option, value in {"--init": self.init, "--scale": self.scale}.items():
            if value is not None:
                raise ValueError(f"--weights has the weights; {option} is for weights drawn here")
        saved = load(self.weights, transposed=self.transposed)
        if self.bias is None:
            return saved
        found = saved.parameters
        if any(biases is not None for _, biases in found):
            raise ValueError("--weights has the biases; --bias is for weights without them")
        biases = self.biases()
        if len(biases) > 1 and [weights.shape[-1] for weights, _ in found] != [len(biases)]:
            units = " and ".join(str(weights.shape[-1]) for weights, _ in found)
            lie = [weights.shape[0] for weights, _ in found] == [len(biases)] and not self.transposed
            hint = "are the weights one row per neuron (--transposed)?" if lie else "give one, or those of a layer"
            raise ValueError(f"--bias has {len(biases)} numbers for layers of {units} units; {hint}")
        return saved._replace(parameters=[(weights, np.resize(biases, weights.shape[-1])) for weights, _ in found])

    def biases(self) -> list[float]:
        """The numbers of --bias, by default a zero."""
        from actcli.reading.source import number

        numbers = ["0"] if self.bias is None else numbers_in(self.bias)
        if not numbers:
            raise ValueError(
                f"--bias takes a number for all units, or as many as there are, 2,3,0.5, not {self.bias!r}"
            )
        return [number(text) for text in numbers]

    def every_bias(self) -> float:
        """The bias of all units of weights that are drawn."""
        if len(biases := self.biases()) > 1:
            raise ValueError(
                f"--bias {self.bias} is for the units of one layer; give its weights: --weights '[[0],[1]]'"
            )
        return biases[0]


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
    form: Annotated[str | None, one_of(FORMATS, "--input-format", help="Format of FILE, whatever its name.")] = None
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME|N", help="Columns of FILE to read, by name or from 1; can be repeated."),
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
        """The data set to draw, None if a file is read."""
        if self.source is not None and (numbers := numbers_in(self.source)) and not Path(self.source).exists():
            piped = f"echo {' '.join(numbers)} | actcli ... --input -"
            raise ValueError(f"--input is a file; numbers come through a pipe: {piped}")
        if self.where is None:
            if self.column or self.form:
                raise ValueError(f"--{'column' if self.column else 'input-format'} is for --input FILE")
            return self.data or ("normal" if is_deep else "spiral")
        for option, value in (("--data", self.data), ("--samples", self.samples), ("--classes", self.classes)):
            if value is not None:
                raise ValueError(f"--input has the samples; {option} is for data drawn here")
        return None

    @property
    def where(self) -> str | None:
        """What is read: --input, or standard input if there are vectors for the words that come."""
        return self.source or ("-" if self.vectors is not None else None)

    def note_unread(self) -> None:
        """Say so if numbers wait on standard input that nothing asked for."""
        from actcli.reading.streams import has_data

        if self.where is None and sys.stdin is not None and has_data(sys.stdin.fileno()):
            note("standard input was not read; --input - reads it")

    def drawn_classes(self, name: str | None, outputs: int) -> int:
        """The classes of the data set `name` for a network of so many outputs; 0 where there are none."""
        from actcli import datasets

        if name is None or name == "normal" or not datasets.is_labelled(name):
            return 0
        count = datasets.size(name, None, self.classes, max(outputs, 2))[2]
        if self.classes is None and count != datasets.size(name, None, None)[2]:
            has = f"{outputs} output{'s' * (outputs != 1)}"
            note(f"the {name} data have {count} classes, as the network has {has}; --classes N changes that")
        return count

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
    ) -> tuple[Samples, np.random.RandomState]:
        """The samples, and the generator for the weights, which goes on from the draws of a data set."""
        import numpy as np

        from actcli.network import batches

        inputs, outputs = prod(network.input_shape), prod(network.output_shape)
        if name is None:
            assert self.source is not None
            # A single output is a class only if it is a probability; else the column is a curve's value.
            last = network.stages[-1].activation
            labels = outputs > 1 or (last is not None and last.name == "sigmoid")
            return (
                batches.from_file(
                    self.source,
                    network.input_shape,
                    batch,
                    form=self.form,
                    columns=self.column or [],
                    labels=labels,
                    stdin=standard_input(self.source),
                ),
                architecture.generator(),
            )
        if name == "normal":
            # A stream of its own: the rows are drawn while the network runs, when the weights are drawn already.
            rows = np.random.RandomState([architecture.seed, 1])
            samples = batches.from_normal(rows, self.samples or _NORMAL_ROWS, inputs, batch)
            return samples, architecture.generator()
        from actcli import datasets

        _, count, classes = datasets.size(name, self.samples, self.classes, max(outputs, 2))
        data = datasets.make(name, count, classes, generator=architecture.generator(), dtype=architecture.dtype)
        if data.features.shape[1] != inputs:
            raise ValueError(
                f"layer 1 expects {inputs} input{'s' * (inputs > 1)}, the {name} data has {data.features.shape[1]}; "
                "give --input FILE (- is standard input), or --data "
                f"{'sine' if inputs == 1 else 'normal for numbers from N(0, 1)'}"
            )
        return batches.from_dataset(data, batch), data.generator


@dataclass(frozen=True)
class Batched(Data):
    """Samples that run through a network without changing it."""

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

    def names(self, outputs: int) -> tuple[str, ...]:
        """The names of --class-names, for a network of so many outputs."""
        if self.class_names is None:
            return ()
        names = tuple(name.strip() for name in self.class_names.split(","))
        if len(names) != max(outputs, 2):
            told = f"the network tells {max(outputs, 2)} classes"
            raise ValueError(f"--class-names has {len(names)} name{'s' * (len(names) != 1)}, {told}")
        if "" in names:
            raise ValueError(f"--class-names {self.class_names!r}: a name is missing")
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"--class-names {self.class_names!r}: {twice!r} stands there twice")
        return names

    def open(
        self, name: str | None, network: Network, batch: int, architecture: Architecture
    ) -> tuple[Samples, np.random.RandomState]:
        outputs = prod(network.output_shape)
        names = self.names(outputs)
        if self.vectors is None or self.where is None:
            samples, generator = super().open(name, network, batch, architecture)
            return replace(samples, classes=names), generator
        from actcli.network import batches
        from actcli.network.samples import texts
        from actcli.network.words import WordVectors

        vectors = WordVectors(self.vectors)
        features, targets, names = texts(
            self.where,
            vectors,
            outputs=outputs,
            classes=names,
            form=self.form,
            columns=self.column or (),
            stdin=standard_input(self.where),
        )
        if vectors.unknown:
            note(f"without a vector and left out: {', '.join(vectors.unknown)}")
        samples = batches.from_texts(features, targets, batch, prod(network.input_shape), str(self.vectors))
        return replace(samples, classes=names), architecture.generator()
