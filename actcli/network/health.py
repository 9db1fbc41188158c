"""The state of the units and the gradient of a trained network, and why it may have learned less than another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Health:
    """The state of the units and of the gradient over all training data, after training.

    dead: the number of the hidden `units` that are 0 for every sample. saturated: the share of numbers at which a
    hidden layer's slope is below 0.01; None without hidden layers. gradient_first, gradient_last: the deviation of the
    gradient of the loss before the activations of the first and the last layer. mean_absolute_error, r2: for curves.
    """

    dead: int
    units: int
    saturated: float | None
    gradient_first: float
    gradient_last: float
    mean_absolute_error: float | None = None
    r2: float | None = None

    @property
    def arriving(self) -> float:
        """The ratio of the gradient's deviation in the first layer to that in the last."""
        return self.gradient_first / self.gradient_last if self.gradient_last else 0.0


#: The ratio of the last validation loss to the least above which the loss has risen, and does not only fluctuate.
_OVERFITS = 1.25


def reasons(
    health: Health,
    losses: Sequence[float],
    better: Health,
    better_losses: Sequence[float],
    validation_losses: Sequence[float] = (),
) -> list[str]:
    """Why a network may have learned less than a better one, in words, with the better network's numbers in brackets.

    losses, better_losses: the loss of every epoch. validation_losses: those of the worse network, nan where they were
    not measured, or empty; if they rise again, overfitting is the only reason returned.

    >>> well, ill = Health(0, 64, 0.0, 0.5, 1.0), Health(60, 64, 0.0, 0.01, 1.0)
    >>> reasons(ill, [1.0, 0.9, 0.8], well, [1.0, 0.5, 0.2])
    ['its first layer gets 0.01 of the gradient of the last (0.5)', '60 of its 64 hidden units are 0 always (0)']
    """
    measured = [loss for loss in validation_losses if not math.isnan(loss)]
    if measured and measured[-1] > _OVERFITS * (least := min(measured)):
        rose = f"its validation loss rose again from {least:.3g} to {measured[-1]:.3g}"
        return [f"it overfits: {rose}, while its loss fell to {losses[-1]:.3g}"]
    found = []
    waited, better_waited = _epochs_to_fall(losses), _epochs_to_fall(better_losses)
    if waited > 2 * better_waited + 5:
        fell = "never fell by a tenth" if waited == len(losses) else f"took {waited} epochs to fall by a tenth"
        found.append(f"its loss {fell} ({better_waited})")
    if health.arriving < 0.2 * min(better.arriving, 1.0):
        found.append(f"its first layer gets {health.arriving:.2g} of the gradient of the last ({better.arriving:.2g})")
    if health.dead - better.dead > health.units / 4:
        found.append(f"{health.dead} of its {health.units} hidden units are 0 always ({better.dead})")
    if health.saturated is not None and health.saturated - (better.saturated or 0.0) > 0.25:
        found.append(f"{health.saturated:.0%} of its hidden numbers are saturated ({better.saturated or 0.0:.0%})")
    return found


def _epochs_to_fall(losses: Sequence[float]) -> int:
    """The number of epochs until the loss is a tenth below the first; the number of all epochs if it never is."""
    return next((epoch for epoch, loss in enumerate(losses) if loss < 0.9 * losses[0]), len(losses))
