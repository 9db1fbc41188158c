"""The options of the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actcli.cli.choices import one_of
from actcli.cli.options import Advance
from actcli.cli.parsing import numbers_in
from actcli.dtypes import NETWORK_DTYPES
from actcli.network.initialise import SUMMARIES
from actcli.network.kinds import KINDS

if TYPE_CHECKING:
    import numpy as np

    from actcli.network.weights import Saved

INITIALISERS = list(SUMMARIES)

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[LAYERS] [KEY=A,B...]...", help="What --layers takes; more of --sweep.", show_default=False
    ),
]


def _listed(layers: str) -> str:
    """1-64-64-1, the notation of books, with commas; other texts unchanged."""
    sizes = layers.split("-")
    return ",".join(sizes) if all(size.isdigit() for size in sizes) else layers


@dataclass(frozen=True)
class Architecture:
    """The options of the layers, activations and weights of a network."""

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
        """The options with layers given as words of a command, and all KEY=A,B,... of --sweep and among the words."""
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
        """A new generator for data and weights."""
        from actcli import datasets

        return datasets.seeded(self.seed, self.advance)

    def shape(self, saved: Saved | None) -> tuple[str | None, str | None]:
        """Layers and activations as text; None if they follow from the weights or are the default.

        If an option is not given, the text in the file of weights is used.
        """
        if (self.depth is None) != (self.width is None):
            raise ValueError("--depth and --width go together: N layers of M units")
        if self.depth is None or self.width is None:
            if saved is None:
                return self.layers and _listed(self.layers), self.activations
            return _listed(self.layers) if self.layers else saved.layers, self.activations or saved.activations
        if self.layers is not None:
            raise ValueError("--layers and --depth are two ways to say the same; give one")
        return ",".join([str(self.width)] * (self.depth + 1)), self.activations

    def loaded(self) -> Saved | None:
        """The contents of the file of --weights, with the biases of --bias; None without --weights."""
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
        """The numbers of --bias, by default one 0."""
        from actcli.reading.source import number

        numbers = ["0"] if self.bias is None else numbers_in(self.bias)
        if not numbers:
            raise ValueError(
                f"--bias takes a number for all units, or as many as there are, 2,3,0.5, not {self.bias!r}"
            )
        return [number(text) for text in numbers]

    def every_bias(self) -> float:
        """The bias of all units if the weights are drawn; raises ValueError for several numbers."""
        if len(biases := self.biases()) > 1:
            raise ValueError(
                f"--bias {self.bias} is for the units of one layer; give its weights: --weights '[[0],[1]]'"
            )
        return biases[0]
