"""The data sets of the NNFS book from nnfs, bit for bit, and similar ones.

nnfs makes its numbers reproducible by replacing four functions of numpy for the whole process. Here the functions are
replaced only while nnfs draws; afterwards they and numpy's global generator are restored.
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from actcli.memory import require_memory

_PATCHING = threading.Lock()
#: More turns would leave no accurate digits in the angles of an arm.
_MOST_TURNS = 1_000_000
#: The number of draws per call when a generator only advances.
_DRAWS = 1 << 16
#: This many draws take a second.
_MOST_DRAWS = 50_000_000
_Arrays: TypeAlias = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True)
class Dataset:
    """Features, their targets, and the generator after the draws, from which the book then draws its weights."""

    name: str
    features: NDArray[Any]  # (rows, columns)
    targets: NDArray[np.generic]  # (rows,) int64 class labels; (rows, 1) floats for a curve
    generator: np.random.RandomState

    @property
    def is_labelled(self) -> bool:
        """Whether the targets are classes, not the values of a curve."""
        return self.targets.ndim == 1


@dataclass(frozen=True)
class _Kind:
    """The function that draws a data set, from (generator, samples, classes, noise, turns), and its defaults."""

    draw: Callable[[np.random.RandomState, int, int, float, float], _Arrays]
    noise: float
    samples: int = 100
    turns: float = math.nan  # nan: the data set has no turns
    two_classes: bool = False


def make(
    name: str,
    samples: int | None = None,
    classes: int | None = None,
    *,
    seed: int = 0,
    noise: float | None = None,
    turns: float | None = None,
    dtype: str = "float32",
    advance: int = 0,
    generator: np.random.RandomState | None = None,
) -> Dataset:
    """Draw the data set `name` from `seeded(seed, advance)`, or from `generator`, which advances.

    `samples` are per class (for the sine, in total). spiral, vertical and sine at their default noise are the arrays of
    nnfs, bit for bit: spiral and vertical in `dtype`, sine in float64 as in nnfs. Labels are int64, unlike in nnfs.
    Raises ValueError for an unknown name or a value out of range.

    >>> make("spiral", 2, 3).features.shape
    (6, 2)
    """
    name = name.lower()
    rows, samples, classes = size(name, samples, classes)
    kind = _KINDS[name]
    if turns is not None and math.isnan(kind.turns):
        raise ValueError(f"only spirals have turns, not the {name} data")
    if noise is not None and not 0 <= noise < math.inf:
        raise ValueError(f"noise must be a finite number of at least 0, not {noise:g}")
    if turns is not None and not abs(turns) <= _MOST_TURNS:
        raise ValueError(f"turns must lie within {_MOST_TURNS:,}, not {turns:g}")
    require_memory([memory_of(name, rows, dtype)])

    generator = generator or seeded(seed, advance)
    # nnfs has 8-bit labels and fixed noise and turns; for other values this module draws by the same formula.
    if name in NNFS and noise in (None, kind.noise) and turns is None and classes <= 256:
        features, targets = _through_nnfs(name, samples, classes, generator, dtype)
    else:
        scatter = kind.noise if noise is None else noise
        features, targets = kind.draw(generator, samples, classes, scatter, kind.turns if turns is None else turns)
        features = features.astype(dtype)
    return Dataset(name, features, targets.astype(np.int64) if is_labelled(name) else targets, generator)


def is_labelled(name: str) -> bool:
    """Whether the rows of the data set `name` have classes; the sine has the values of a curve."""
    return name != "sine"


def seeded(seed: int, advance: int = 0) -> np.random.RandomState:
    """numpy's legacy generator from `seed` after `advance` draws from N(0, 1), as earlier cells of a notebook make.

    Raises ValueError for a seed or a number of draws out of range.

    >>> bool(seeded(0, 2).randn() == np.random.RandomState(0).randn(3)[2])
    True
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must be between 0 and {2**32 - 1}, not {seed}")
    if not 0 <= advance <= _MOST_DRAWS:
        raise ValueError(f"a generator can advance by 0 to {_MOST_DRAWS:,} draws, not {advance}")
    generator = np.random.RandomState(seed)
    for start in range(0, advance, _DRAWS):
        generator.randn(min(_DRAWS, advance - start))
    return generator


def size(name: str, samples: int | None, classes: int | None, default_classes: int = 3) -> tuple[int, int, int]:
    """(rows, samples, classes) of the data set `name`, with its defaults for None.

    Raises ValueError for an unknown name or for counts that the data set cannot have.
    """
    kind = _KINDS.get(name)
    if kind is None:
        raise ValueError(f"unknown data set {name!r}; there are {', '.join(_KINDS)}")
    if kind.two_classes and classes not in (None, 2):
        raise ValueError(f"the {name} data has 2 classes, not {classes}")
    samples = kind.samples if samples is None else samples
    classes = (2 if kind.two_classes else default_classes) if classes is None else classes
    if samples < 1:
        raise ValueError(f"samples must be at least 1, not {samples}")
    if classes < 1:
        raise ValueError(f"classes must be at least 1, not {classes}")
    return samples * (classes if is_labelled(name) else 1), samples, classes


def memory_of(name: str, rows: int, dtype: str) -> tuple[str, int]:
    """A description of `rows` rows of the data set, and their size in bytes."""
    return f"{rows} rows of {name} data", rows * (2 * np.dtype(dtype).itemsize + 8)


def names() -> list[str]:
    """The names of all data sets."""
    return list(_KINDS)


def held_out(data: Dataset, share: float) -> NDArray[np.bool_]:
    """Mark `share` of the rows of every class (of all rows of a curve) for testing, with the data's generator.

    Raises ValueError unless 0 < share < 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"the test split must lie between 0 and 1, not {share:g}")
    marked = np.zeros(len(data.features), dtype=bool)
    labels = data.targets if data.is_labelled else np.zeros(len(data.features))
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        marked[data.generator.permutation(rows)[: round(share * len(rows))]] = True
    return marked


_Data = TypeVar("_Data", bound=Dataset)


def split(data: _Data, share: float) -> tuple[_Data, _Data]:
    """The training rows and the test rows, which `held_out` marks, in their order; both share one generator.

    Raises ValueError unless 0 < share < 1, both have rows, and the training rows have some of every class.
    """
    marked = held_out(data, share)
    test, training = (
        replace(data, features=data.features[rows], targets=data.targets[rows]) for rows in (marked, ~marked)
    )
    if not len(test.features):
        raise ValueError(f"a test split of {share:g} holds out none of {len(marked)} rows")
    if data.is_labelled:
        lost = np.setdiff1d(data.targets, training.targets)
        if lost.size:
            raise ValueError(f"a test split of {share:g} leaves no sample of class {lost[0]} to train with")
    elif marked.all():
        raise ValueError(f"a test split of {share:g} leaves none of {len(marked)} rows to train with")
    return training, test


def _through_nnfs(
    name: str, samples: int, classes: int, generator: np.random.RandomState, dtype: str
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The arrays that nnfs draws from the state of `generator`, which advances by the same draws."""
    import nnfs
    import nnfs.datasets

    with _PATCHING:
        kept = [(np, name, getattr(np, name)) for name in ("dot", "zeros", "eye")]
        kept.append((np.random, "randn", np.random.randn))
        state = np.random.get_state()  # noqa: NPY002 - the generator nnfs draws from
        try:
            nnfs.init(default_dtype=dtype)
            np.random.set_state(generator.get_state())  # noqa: NPY002
            drawn = getattr(nnfs.datasets, f"{name}_data")(samples, *([] if name == "sine" else [classes]))
            generator.set_state(np.random.get_state())  # noqa: NPY002
        finally:
            for module, attribute, function in kept:
                setattr(module, attribute, function)
            np.random.set_state(state)  # noqa: NPY002
    features, targets = drawn
    return features, targets


def _spiral(
    generator: np.random.RandomState, samples: int, classes: int, noise: float, turns: float, drawn: str = "float32"
) -> _Arrays:
    radius = np.linspace(0.0, 1.0, samples)
    arms = []
    for label in range(classes):
        # Along an arm t grows by 4; nnfs draws the noise in float32.
        t = np.linspace(label * 4, (label + 1) * 4, samples) + generator.randn(samples).astype(drawn) * noise
        angle = t * (turns * 2 * math.pi / 4)
        arms.append(np.c_[radius * np.sin(angle), radius * np.cos(angle)])
    return np.concatenate(arms), _labels(samples, classes)


def _vertical(generator: np.random.RandomState, samples: int, classes: int, noise: float, turns: float) -> _Arrays:
    columns = [
        np.c_[generator.randn(samples) * noise + label / 3, generator.randn(samples) * noise + 0.5]
        for label in range(classes)
    ]
    return np.concatenate(columns), _labels(samples, classes)


def _sine(generator: np.random.RandomState, samples: int, classes: int, noise: float, turns: float) -> _Arrays:
    x = np.arange(samples).reshape(-1, 1) / samples
    return x, np.sin(2 * np.pi * x) + generator.randn(samples, 1) * noise


def _moons(generator: np.random.RandomState, samples: int, classes: int, noise: float, turns: float) -> _Arrays:
    t = np.linspace(0, np.pi, samples)
    moons = np.concatenate([np.c_[np.cos(t), np.sin(t)], np.c_[1 - np.cos(t), 0.5 - np.sin(t)]])
    return moons + generator.randn(*moons.shape) * noise, _labels(samples, classes)


def _circles(generator: np.random.RandomState, samples: int, classes: int, noise: float, turns: float) -> _Arrays:
    t = np.linspace(0, 2 * np.pi, samples, endpoint=False)
    circle = np.c_[np.cos(t), np.sin(t)]
    rings = np.concatenate([circle * (label + 1) / classes for label in range(classes)])
    return rings + generator.randn(*rings.shape) * noise, _labels(samples, classes)


def _xor(generator: np.random.RandomState, samples: int, classes: int, noise: float, turns: float) -> _Arrays:
    corners = np.array([[[0, 0], [1, 1]], [[0, 1], [1, 0]]], dtype=np.float64)
    centres = np.concatenate([corners[label][np.arange(samples) % 2] for label in range(2)])
    return centres + generator.randn(*centres.shape) * noise, _labels(samples, classes)


def _gauss(generator: np.random.RandomState, samples: int, classes: int, noise: float, turns: float) -> _Arrays:
    angle = 2 * np.pi * np.repeat(np.arange(classes), samples) / classes
    centres = np.c_[np.cos(angle), np.sin(angle)]
    return centres + generator.randn(*centres.shape) * noise, _labels(samples, classes)


def _labels(samples: int, classes: int) -> NDArray[np.int64]:
    return np.repeat(np.arange(classes), samples)


#: The data sets of the NNFS book.
NNFS = ("spiral", "vertical", "sine")
_KINDS = {
    "spiral": _Kind(_spiral, noise=0.2, turns=4 * 2.5 / (2 * math.pi)),
    "vertical": _Kind(_vertical, noise=0.1),
    "sine": _Kind(_sine, samples=1000, noise=0.0),
    "moons": _Kind(_moons, noise=0.1, two_classes=True),
    "circles": _Kind(_circles, noise=0.05),
    "xor": _Kind(_xor, noise=0.1, two_classes=True),
    "gauss": _Kind(_gauss, noise=0.25),
    # The spiral of the notes of Stanford's course, the model for nnfs: in float64, with t itself as the angle.
    "cs231n": _Kind(partial(_spiral, drawn="float64"), noise=0.2, turns=4 / (2 * math.pi)),
}
