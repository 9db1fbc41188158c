"""Which network and which data: the options that say it, and both made from them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actcli.cli.commands.eval import InputFormat

if TYPE_CHECKING:
    import numpy as np

    from actcli.network import Network
    from actcli.network.batches import Samples
    from actcli.network.score import Score

#: Numbers at the widest layer of a batch, at least: smaller batches run together, as calling numpy takes its time too.
_BATCH_NUMBERS = 1 << 19
#: Rows of --data normal, unless --samples says otherwise.
_NORMAL_ROWS = 300


class Dtype(StrEnum):
    """What `--dtype` takes."""

    FLOAT32 = "float32"
    FLOAT64 = "float64"


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

        from actcli.network import batches

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


def score_of(network: Network, samples: Samples) -> Score | None:
    """What counts hits and loss, if the samples have targets that the outputs can meet."""
    from actcli.network.score import Score

    if not samples.has_targets or not (samples.labelled or network.output_shape == (1,)):
        return None
    return Score(network, labelled=samples.labelled)
