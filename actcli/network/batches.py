"""Samples in batches, from a data set or from a file of any size, in flat memory."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from actcli.network.samples import FileData, in_archive, load, of_columns
from actcli.network.scaling import Scaling
from actcli.network.score import as_classes
from actcli.reading.columns import columns_of, ends_in_words
from actcli.reading.json_text import Json
from actcli.reading.opening import open_source
from actcli.reading.source import Block, Source, counted
from actcli.reading.streams import STDIN
from actcli.reading.text import Text

if TYPE_CHECKING:
    from actcli.datasets import Dataset

Batch = tuple[NDArray[Any], NDArray[Any] | None]


@dataclass(frozen=True)
class Samples:
    """Rows of features, with or without a target each, `size` rows at a time; iterate over it once.

    labelled: the targets are classes, not the values of a curve. rows: how many there are, where that is known.
    source: the file they come from. classes, columns: the names of the classes and of the features, where they have
    any.
    """

    chunks: Iterator[Batch]
    size: int
    has_targets: bool
    labelled: bool
    rows: int | None
    source: Source | None = None
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def share(self) -> float | None:
        """How much of a file has been read, from 0 to 1, where that is known."""
        return None if self.source is None else self.source.share

    def __iter__(self) -> Iterator[Batch]:
        """Batches of exactly `size` rows, the last one of what is left."""
        held: list[Batch] = []
        count = 0
        for features, targets in self.chunks:
            start = 0
            while count + len(features) - start >= self.size:
                stop = start + self.size - count
                held.append(_cut((features, targets), start, stop))
                yield _joined(held)
                held, count, start = [], 0, stop
            if start < len(features):
                held.append(_cut((features, targets), start, len(features)))
                count += len(features) - start
        if held:
            yield _joined(held)


def scaled(samples: Samples, scaling_of: Callable[[NDArray[Any]], Scaling], *, whole: bool) -> Samples:
    """The same with every feature scaled, by the first rows that come or, `whole`, by all of them."""
    chunks = iter([_joined(list(samples.chunks))]) if whole else samples.chunks
    first = next(chunks)
    scaling = scaling_of(first[0])
    return replace(samples, chunks=((scaling(rows), targets) for rows, targets in itertools.chain([first], chunks)))


def from_dataset(data: Dataset, size: int) -> Samples:
    """The rows of a data set, or of a file that was read whole."""
    samples = Samples(iter([(data.features, data.targets)]), size, True, data.is_labelled, len(data.features))
    return replace(samples, classes=data.classes, columns=data.columns) if isinstance(data, FileData) else samples


def from_normal(generator: np.random.RandomState, rows: int, width: int, size: int) -> Samples:
    """`rows` rows of `width` numbers drawn from N(0, 1), without targets, drawn as they are needed."""

    def draw() -> Iterator[Batch]:
        for start in range(0, rows, size):
            yield generator.randn(min(size, rows - start), width), None

    return Samples(draw(), size, False, False, rows)


def from_file(
    where: str,
    sample: tuple[int, ...],
    size: int,
    *,
    form: str | None,
    columns: list[str],
    labels: bool,
    stdin: BinaryIO | None,
    outputs: int | None = None,
    classes: tuple[str, ...] = (),
    label: str | None = None,
    labels_file: str | None = None,
) -> Samples:
    """The rows of a file: the features of a `sample` of that shape each, and a target if there is one column more.

    An array of more than two axes holds one sample per entry of its first axis; one of the shape of an image, and a
    .png, is one sample. `labels` says that targets are classes. Numbers are read as they are needed. A file is read
    whole, as for training, if its last column is text, the names of `classes` of a network with so many `outputs`; or
    if a column, `label`, or a file has the labels. Raises ValueError if the width is another, OSError if the file
    cannot be read.
    """
    width = math.prod(sample)
    if form is None and Path(where).suffix.lower() == ".png":
        image = read_image(Path(where))
        if image.size != width:
            raise ValueError(f"{where} has {'x'.join(map(str, image.shape))} numbers, layer 1 expects {width} inputs")
        return Samples(iter([(image.reshape(1, -1), None)]), size, False, False, 1)
    how: dict[str, Any] = {"labelled": labels, "inputs": width, "outputs": outputs, "classes": classes, "trains": False}
    if labels_file is None and label is None:
        where, labels_file = in_archive(where)
    if labels_file is not None or label is not None:
        whole = load(where, label=label, labels=labels_file, form=form, columns=columns, stdin=stdin, **how)
        return from_dataset(whole, size)
    source = open_source(where, form, columns, True, stdin)
    blocks: Iterable[Block | None] = source.blocks()
    if isinstance(source, Text | Json) and (start := next((one for one in blocks if one and one[0].strip()), None)):
        blocks = itertools.chain([start], blocks)
        if ends_in_words(source, start):
            return from_dataset(of_columns(columns_of(source, blocks), **how), size)
    where = STDIN if where == "-" else where
    shape = source.shape
    rows = None if shape is None else shape[0] if len(shape) > 1 or width > 1 else math.prod(shape)
    pieces: Iterator[NDArray[Any]] = (source.parse(block) for block in blocks if block is not None)
    if len(sample) > 1 and shape in (sample, sample[:-1] if sample[-1] == 1 else None):
        pieces, rows = _reshaped(pieces, width), 1
    elif shape is not None and len(shape) != 2:
        length = math.prod(shape[1:]) if len(shape) > 1 else (1 if width == 1 else shape[0])
        pieces = _reshaped(pieces, length)
        rows = math.prod(shape) // length if length else 0
    first = next((piece for piece in pieces if len(piece)), None)
    if first is None:
        raise ValueError(f"there are no rows in {where}")
    given = first.shape[1]
    if given not in (width, width + 1):
        raise ValueError(f"layer 1 expects {width} inputs, {where} has {given} columns")
    has_targets = given == width + 1
    names = tuple(getattr(source, "names", None) or ())[:width]

    def split() -> Iterator[Batch]:
        for piece in itertools.chain([first], pieces):
            if has_targets and labels and outputs is not None:
                as_classes(piece[:, width], outputs)  # whoever reads on may not look at them
            yield (piece[:, :width], piece[:, width]) if has_targets else (piece, None)

    return Samples(split(), size, has_targets, labels, rows, source, columns=names)


def from_texts(features: NDArray[Any], targets: NDArray[Any] | None, size: int, inputs: int, where: str) -> Samples:
    """The rows that texts became. Raises ValueError if the layer takes other rows."""
    if features.shape[1] != inputs:
        raise ValueError(f"layer 1 expects {counted(inputs, 'input')}, the vectors of {where} have {features.shape[1]}")
    return Samples(iter([(features, targets)]), size, targets is not None, True, len(features))


def read_image(path: Path) -> NDArray[np.float64]:
    """A picture as (height, width, channels) of numbers from 0 to 1: one channel if it is grey, else three."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            grey = picture.mode in ("1", "L", "LA", "I", "I;16", "F")
            if picture.mode.startswith("I"):
                pixels = np.asarray(picture, np.float64) / 65535
            else:
                pixels = np.asarray(picture.convert("L" if grey else "RGB"), np.float64) / 255
    except UnidentifiedImageError:
        raise OSError(f"{path} is no picture that can be read") from None
    return pixels[:, :, None] if grey else pixels


def _reshaped(pieces: Iterator[NDArray[Any]], sample: int) -> Iterator[NDArray[Any]]:
    """Numbers that come in pieces of any shape, as rows of `sample` numbers."""
    rest: NDArray[Any] = np.empty(0)
    for piece in pieces:
        flat = piece.reshape(-1)
        if rest.size:
            flat = np.concatenate([rest, flat])
        whole = flat.size // sample * sample if sample else 0
        yield flat[:whole].reshape(-1, sample)
        rest = flat[whole:]


def _cut(batch: Batch, start: int, stop: int) -> Batch:
    features, targets = batch
    return features[start:stop], None if targets is None else targets[start:stop]


def _joined(parts: list[Batch]) -> Batch:
    if len(parts) == 1:
        return parts[0]
    targets = [part[1] for part in parts if part[1] is not None]
    return np.concatenate([part[0] for part in parts]), np.concatenate(targets) if targets else None
