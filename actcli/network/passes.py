"""One pass of many batches through a network, with what is measured on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcli.network.layers import Array
from actcli.network.model import Network
from actcli.network.score import Score
from actcli.network.statistics import Survey


@dataclass(frozen=True)
class Passed:
    """One batch on its way: the inputs, (before, after) the activation of every layer, and the targets."""

    inputs: Array
    layers: list[tuple[Array, Array]]
    targets: NDArray[Any] | None

    @property
    def outputs(self) -> Array:
        return self.layers[-1][1]


def run(
    network: Network,
    batches: Iterable[tuple[NDArray[Any], NDArray[Any] | None]],
    *,
    survey: Survey | None = None,
    score: Score | None = None,
    gradient_seed: int | None = None,
) -> Iterator[Passed]:
    """Run every batch of (features, targets) through `network`, feeding `survey` and `score`.

    With a `gradient_seed` a gradient is sent back as well: that of each sample's loss where `score` has one, else
    numbers from N(0, 1) at the output.
    """
    generator = None if gradient_seed is None else np.random.RandomState(gradient_seed)
    for features, targets in batches:
        passed = Passed(network.batch(features), list(network.trace(features)), targets)
        if survey is not None:
            survey.update(passed.layers)
        if score is not None and targets is not None:
            score.update(*passed.layers[-1], targets)
        if survey is not None and generator is not None:
            sent = None
            if score is not None and targets is not None:
                sent = score.gradient(*passed.layers[-1], targets)
            gradient, before_last = sent or (generator.randn(*passed.outputs.shape), False)
            back = network.backward(passed.inputs, gradient, passes=passed.layers, before_last=before_last)
            survey.update_gradients(back.before)
        yield passed
