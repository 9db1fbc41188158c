"""The figures of `forward --plot`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actcli.cli.looks import note_figure, save_figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from actcli.figures.canvas import Picture
    from actcli.figures.look import Look
    from actcli.network.batches import Samples
    from actcli.network.layers import Array
    from actcli.network.model import Network
    from actcli.network.passes import Passed
    from actcli.network.statistics import LayerStatistics

#: The numbers after which a figure keeps no more samples; the tables include all samples.
_FIGURE_NUMBERS = 20_000_000


class PassFigures:
    """The data of a pass that a figure needs, and the drawing of the figure.

    path: the file, - for standard output. kind: a key of FIGURES, by default one that suits the network. rows: the
    number of rows of a heat map.
    """

    def __init__(
        self, network: Network, samples: Samples, path: Path, kind: str | None, look: Look, rows: int | None
    ) -> None:
        self.samples = samples
        self.path = path
        self.look = look
        self.rows = rows
        self.network = network
        self.kind = kind or _usual_figure(network, samples)
        self.kept: list[Passed] = []
        self.numbers = 0
        if self.kind == "regions" and network.input_shape != (2,):
            raise ValueError("--figure regions is for networks of 2 inputs")
        if self.kind == "surface" and (network.input_shape, network.output_shape) != ((2,), (1,)):
            raise ValueError("--figure surface is for networks of 2 inputs and 1 output")
        if self.kind == "diagram" and any(len(stage.weights.shape) != 2 for stage in network.stages):
            raise ValueError("--figure diagram is for networks of dense layers")
        if self.kind == "curve" and network.input_shape != (1,):
            raise ValueError("--figure curve is for networks of 1 input")

    def keep(self, passed: Passed) -> None:
        """Keep a batch, unless the kept samples are enough for a figure."""
        if self.numbers < _FIGURE_NUMBERS:
            self.kept.append(passed)
            self.numbers += sum(before.size + after.size for before, after in passed.layers)

    def draw(self, layers: Sequence[LayerStatistics], asked: Mapping[str, Any]) -> None:
        """Write the figure."""
        import numpy as np

        inputs = np.concatenate([passed.inputs for passed in self.kept])
        targets = None
        if all(passed.targets is not None for passed in self.kept):
            targets = np.concatenate([passed.targets for passed in self.kept if passed.targets is not None])
        title = f"{brief(asked['network'].split(','))}  {brief(asked['activations'])}"
        figure = FIGURES[self.kind](self, inputs, targets, layers, title=title, caption=caption(asked, len(inputs)))
        save_figure(figure, self.path)
        note_figure(self.path)

    def regions(
        self, inputs: Array, targets: NDArray[Any] | None, layers: Sequence[LayerStatistics], **words: str
    ) -> Picture:
        """The classes that the network assigns to the points of the plane of its inputs."""
        from actcli.figures import data

        labels = targets.astype(int) if targets is not None and self.samples.labelled else None
        classes, names = self.samples.classes, self.samples.columns
        return data.regions(self._scores, inputs, labels, self.look, classes=classes, names=names, **words)

    def surface(
        self, inputs: Array, targets: NDArray[Any] | None, layers: Sequence[LayerStatistics], **words: str
    ) -> Picture:
        """The output of the network over the plane of its inputs."""
        from actcli.figures.surface import surface

        return surface(self.network, inputs, targets, self.look, names=self.samples.columns, **words)

    def curve(
        self, inputs: Array, targets: NDArray[Any] | None, layers: Sequence[LayerStatistics], **words: str
    ) -> Picture:
        """The function of one number that the network computes, and its samples."""
        import numpy as np

        from actcli.figures import data

        reach = np.linspace(inputs.min(), inputs.max(), 801)
        points = None if targets is None else (inputs[:, 0], targets.reshape(-1))
        return data.curve(reach, self.network(reach[:, None]), self.look, samples=points, **words)

    def heatmap(
        self, inputs: Array, targets: NDArray[Any] | None, layers: Sequence[LayerStatistics], **words: str
    ) -> Picture:
        """The outputs of every layer for the first rows, or the first image."""
        import numpy as np

        from actcli.figures import arrays as figures

        count = min(len(inputs), 32 if self.rows is None else self.rows)
        arrays = [("x", inputs[:count])]
        for position, batches in enumerate(zip(*(passed.layers for passed in self.kept), strict=True), 1):
            arrays.append((f"a{position}", np.concatenate([after for _, after in batches])[:count]))
        return figures.heatmap(arrays, self.look, **words)

    def depth(
        self, inputs: Array, targets: NDArray[Any] | None, layers: Sequence[LayerStatistics], **words: str
    ) -> Picture:
        """The deviation of the signal, and of the gradient if it was computed, by layer."""
        from actcli.figures import layers as figures

        series = {"signal": [layer.after.std for layer in layers]}
        if layers[0].gradient is not None:
            series["gradient"] = [layer.gradient.std for layer in layers if layer.gradient is not None]
        return figures.depth(series, self.look, ylabel="standard deviation", **words)

    def diagram(
        self, inputs: Array, targets: NDArray[Any] | None, layers: Sequence[LayerStatistics], **words: str
    ) -> Picture:
        """The units and their weights."""
        from actcli.figures.diagram import Layer, diagram

        drawn = [Layer.of(stage.weights, stage.biases, stage.activation) for stage in self.network.stages]
        return diagram(drawn, self.look, **words)

    def bands(
        self, inputs: Array, targets: NDArray[Any] | None, layers: Sequence[LayerStatistics], **words: str
    ) -> Picture:
        """The quantiles of the outputs of each layer."""
        from actcli.figures import layers as figures

        quantiles = [[layer.after.quantile(share) for share in figures.SHARES] for layer in layers]
        return figures.bands(quantiles, self.look, **words)

    def histogram(
        self, inputs: Array, targets: NDArray[Any] | None, layers: Sequence[LayerStatistics], **words: str
    ) -> Picture:
        """The numbers before and after the activation of every layer."""
        import numpy as np

        from actcli.figures import layers as figures

        named = []
        for index, layer in enumerate(layers):
            before, after = (np.concatenate([passed.layers[index][k] for passed in self.kept]) for k in (0, 1))
            named.append((f"layer {layer.position}\n{layer.activation or layer.shape}", before, after))
        return figures.histograms(named, self.look, **words)

    def _scores(self, points: NDArray[Any]) -> Array:
        """One score per class; a single output is the probability of class 1 of two."""
        import numpy as np

        outputs = self.network(points)
        return np.concatenate([1 - outputs, outputs], axis=1) if outputs.shape[1] == 1 else outputs


#: The names of `--figure`, and the methods that draw them.
FIGURES: dict[str, Callable[..., Picture]] = {
    "histogram": PassFigures.histogram,
    "regions": PassFigures.regions,
    "surface": PassFigures.surface,
    "curve": PassFigures.curve,
    "heatmap": PassFigures.heatmap,
    "depth": PassFigures.depth,
    "bands": PassFigures.bands,
    "diagram": PassFigures.diagram,
}


def _usual_figure(network: Network, samples: Samples) -> str:
    if network.input_shape == (2,) and len(network.output_shape) == 1:
        is_value = network.output_shape == (1,) and not (samples.labelled or network.gives_probabilities)
        return "surface" if is_value else "regions"
    return "curve" if network.input_shape == (1,) else "histogram"


def brief(words: Sequence[str]) -> str:
    """The words with runs of equal words counted: "4 × 100, 10"."""
    runs = [(word, len(list(run))) for word, run in itertools.groupby(words)]
    return ", ".join(f"{count} × {word}" if count > 2 else ", ".join([word] * count) for word, count in runs)


def caption(asked: Mapping[str, Any], rows: int, varied: Container[str] = ()) -> str:
    """The caption about samples and weights, without options that are `varied` between the panels."""
    told = [f"{rows} samples", asked["input"] if "input" in asked else f"{asked['data']} data"]
    if "weights" in asked:
        told.append(asked["weights"])
    elif "init" not in varied:
        told.append(f"{asked['init']} weights")
    if "scale" in asked and "scale" not in varied:
        told.append(f"scale {asked['scale']:g}")
    if "seed" not in varied:
        told.append(f"seed {asked['seed']}" + (f" after {asked['advance']} draws" if "advance" in asked else ""))
    return ", ".join([*told, asked["dtype"]])
