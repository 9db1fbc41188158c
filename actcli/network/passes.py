"""Forward passes of many batches through a network, with statistics and scores."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from actcli.memory import is_confined
from actcli.network.layers import Array
from actcli.network.model import Network
from actcli.network.score import Score
from actcli.network.statistics import Survey
from actcli.parallel import cores

_In = TypeVar("_In")
_Out = TypeVar("_Out")


@dataclass(frozen=True)
class Passed:
    """The arrays of one batch: the inputs, (before, after) the activation of every layer, and the targets."""

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
    """Yield the arrays of every batch of (features, targets) in `network`, after an update of `survey` and `score`.

    With a `gradient_seed` a gradient is also propagated back: that of the loss of each sample if `score` has a loss,
    else numbers from N(0, 1) as the gradient with respect to the output.
    """
    generator = None if gradient_seed is None else np.random.RandomState(gradient_seed)

    def forward(batch: tuple[NDArray[Any], NDArray[Any] | None]) -> Passed:
        inputs = network.batch(batch[0])
        return Passed(inputs, list(network.trace(inputs)), batch[1])

    for passed in _parallel_map(forward, batches):
        targets = passed.targets
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


def _parallel_map(function: Callable[[_In], _Out], items: Iterable[_In]) -> Iterator[_Out]:
    """`map` in threads on all processors, with results in order; numpy releases the interpreter lock in its loops."""
    iterator = iter(items)
    first = list(itertools.islice(iterator, 2))
    # Each thread takes a heap and 32 MB for BLAS, which ends the process if it cannot allocate them.
    workers = 1 if is_confined() else cores()
    if len(first) < 2 or workers < 2:
        yield from map(function, itertools.chain(first, iterator))
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        waiting = collections.deque(pool.submit(function, item) for item in first)
        try:
            for item in iterator:
                waiting.append(pool.submit(function, item))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
