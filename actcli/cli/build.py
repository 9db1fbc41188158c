"""The network and the samples that the options describe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from actcli.cli.options import note
from actcli.cli.parsing import numbers_in

if TYPE_CHECKING:
    from actcli.cli.network import Architecture
    from actcli.cli.samples import Batched
    from actcli.network.batches import Samples
    from actcli.network.model import Network
    from actcli.network.score import Score
    from actcli.network.weights import Meaning, Saved

#: The fewest numbers at the widest layer of a batch; smaller batches would spend their time on calls of numpy.
_BATCH_NUMBERS = 1 << 19


class Built(NamedTuple):
    """A network, its samples, a description of both for JSON, and the meaning of inputs and outputs."""

    network: Network
    samples: Samples
    asked: dict[str, Any]
    meaning: Meaning


def build(architecture: Architecture, given: Batched, hidden: str | None = None) -> Built:
    """The network and its samples; the memory is checked before any array is allocated.

    hidden: replaces the activations of the hidden layers, or of all layers in a network of --depth.
    """
    from actcli.memory import require_memory
    from actcli.network.initialise import initialiser
    from actcli.network.model import memory_of
    from actcli.network.weights import NO_MEANING

    dtype = architecture.dtype
    name = given.name(architecture.depth is not None)
    planned, saved = _planned(architecture, hidden, lambda outputs: given.drawn_classes(name, outputs))
    given.require_unscaled(saved)
    parameters, meaning = (None, NO_MEANING) if saved is None else (saved.parameters, saved.meaning)
    draw = initialiser(architecture.init or "nnfs", architecture.scale)
    batch = max(given.batch_size or 1, min(65536, _BATCH_NUMBERS // planned.widest))
    rows, data_needs = given.size(name, prod(planned.output_shape), dtype)
    held = batch if rows is None else min(batch, rows)
    require_memory([*memory_of(planned, held, dtype, drawn=parameters is None), *data_needs])

    if parameters is not None:
        network = planned.holding(parameters, dtype=dtype)
        samples, _ = given.open(name, network, batch, architecture, meaning)
    else:
        # As in the book, the data are drawn first, and the weights from the generator after them.
        samples, generator = given.open(name, planned, batch, architecture, meaning)
        network = planned.drawn(draw, generator, bias=architecture.every_bias(), dtype=dtype)
    asked = {
        "network": network.text,
        "activations": [stage.activation.spec for stage in network.stages if stage.activation is not None],
        **({"weights": str(architecture.weights)} if parameters is not None else {"init": architecture.init or "nnfs"}),
        **({"scale": architecture.scale} if architecture.scale is not None else {}),
        "seed": architecture.seed,
        **({"advance": architecture.advance} if architecture.advance else {}),
        "dtype": dtype,
        **({"input": given.where} if name is None else {"data": name}),
    }
    return Built(network, samples, asked, meaning._replace(classes=samples.classes))


def _planned(
    architecture: Architecture, hidden: str | None, classes: Callable[[int], int]
) -> tuple[Network, Saved | None]:
    """The layers without their parameters, and the file of weights if there is one.

    hidden: as for `build`. classes: gives the number of classes of the data from that of the outputs.
    """
    import numpy as np

    from actcli.activations import get
    from actcli.network.model import dense_sizes, plan, usual_output

    saved = architecture.loaded()
    layers, activations = architecture.shape(saved)
    if architecture.depth is not None:
        activations = activations or "relu"
    parameters = None if saved is None else saved.parameters
    if layers is None and parameters is None:
        raise ValueError("give the network: --layers such as 2,3,3, or --depth and --width, or --weights FILE")
    if layers is not None and parameters is not None:
        _refuse_inputs(layers, [np.asarray(weights) for weights, _ in parameters])
    words = layers or dense_sizes([np.asarray(weights) for weights, _ in parameters or ()])
    if hidden is not None and architecture.depth is not None:
        return plan(words, hidden), saved
    planned = plan(words, activations)
    outputs = prod(planned.output_shape)
    is_binary = classes(outputs) == 2
    functions = [stage.activation for stage in planned.stages if stage.activation is not None]
    if activations is None and outputs == 1 and functions:
        own, reason = usual_output(1, labelled=is_binary), ", as the data have 2 classes" if is_binary else ""
        functions[-1] = get(own)
        note(f"the output's activation is {own}{reason}; --activation names another")
    if hidden is not None:
        functions[: max(1, len(functions) - 1)] = [get(hidden)] * max(1, len(functions) - 1)
    return plan(words, functions), saved


def _refuse_inputs(layers: str, weights: Sequence[Any]) -> None:
    """Raise ValueError if `layers` is a row of inputs, since a file of weights defines the layers."""
    from actcli.network.model import dense_sizes

    numbers = numbers_in(layers) or []
    if not numbers or any(array.ndim != 2 for array in weights):
        return
    own = dense_sizes(weights)
    sizes = list(map(float, numbers))
    if sizes != own and (len(sizes) == own[0] or not all(size > 0 and size.is_integer() for size in sizes)):
        raise ValueError(
            f"the weights are those of layers {','.join(map(str, own))}, not {layers}; inputs come through a pipe: "
            f"echo {' '.join(numbers)} | actcli ... --input -"
        )


def score_of(network: Network, samples: Samples) -> Score | None:
    """The counter of hits and loss, None if the samples have no targets that match the outputs."""
    from actcli.network.score import Score

    if not samples.has_targets or not (samples.labelled or network.output_shape == (1,)):
        return None
    return Score(network, labelled=samples.labelled)
