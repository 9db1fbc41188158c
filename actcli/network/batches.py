"""Samples in batches, from a data set or from a file of any size, in bounded memory."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from actcli.network.samples import (
    FileData,
    Words,
    in_archive,
    is_plain,
    of_columns,
    require_order,
    table_of,
    unlabelled,
)
from actcli.network.scaling import Scaling
from actcli.network.score import as_classes
from actcli.network.words import WordVectors
from actcli.reading.columns import Columns, columns_of, has_words
from actcli.reading.json_text import Json
from actcli.reading.opening import open_source
from actcli.reading.source import Block, Source
from actcli.reading.streams import STDIN
from actcli.reading.text import Text

if TYPE_CHECKING:
    from actcli.datasets import Dataset

Batch = tuple[NDArray[Any], NDArray[Any] | None]


@dataclass(frozen=True)
class Samples:
    """An iterator over batches of `size` rows of features and their targets, None without targets; it runs once.

    labelled: the targets are classes, not the values of a curve. rows: the number of rows, None if unknown.
    source: the file of the rows, if any. classes, columns: the names of the classes and of the features, () without
    names.
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
        """The share of the file that has been read, from 0 to 1; None if unknown."""
        return None if self.source is None else self.source.share

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches of exactly `size` rows, and a last batch of the remaining rows."""
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
    """The same samples with scaled features; `scaling_of` is given the first rows, or all rows if `whole`."""
    chunks = iter([_joined(list(samples.chunks))]) if whole else samples.chunks
    first = next(chunks)
    scaling = scaling_of(first[0])
    return replace(samples, chunks=((scaling(rows), targets) for rows, targets in itertools.chain([first], chunks)))


def from_dataset(data: Dataset, size: int) -> Samples:
    """The rows of a data set, or of a file that has been read completely."""
    samples = Samples(iter([(data.features, data.targets)]), size, True, data.is_labelled, len(data.features))
    return replace(samples, classes=data.classes, columns=data.columns) if isinstance(data, FileData) else samples


def from_normal(generator: np.random.RandomState, rows: int, width: int, size: int) -> Samples:
    """`rows` rows of `width` numbers from N(0, 1) without targets; each batch is drawn when it is needed."""

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
    names: tuple[str, ...] = (),
    words: Words | None = None,
    label: str | None = None,
    labels_file: str | None = None,
) -> Samples:
    """The rows of a file: the features of a sample of shape `sample`, and a target if there is one more column.

    An array of more than two axes holds one sample per entry of its first axis. An array of the shape of an image, and
    a .png, is one sample. With `labels` the targets are classes, named `classes`, of a network with so many `outputs`.
    Numbers are read batch by batch. A file is read completely, as for training, if it contains text (labels, or texts
    for `words`), or if the labels are in the column `label` or in a file of their own. `names` are those of the
    features that the network was trained on. Raises ValueError if the width does not fit, OSError if the file cannot be
    read.
    """
    width = math.prod(sample)
    if form is None and Path(where).suffix.lower() == ".png":
        if columns or label is not None or labels_file is not None:
            raise ValueError(
                f"{where} is a picture, a sample without a label; leave --column, --label and --labels out"
            )
        image = read_image(Path(where))
        if image.size != width:
            raise ValueError(f"{where} has {'x'.join(map(str, image.shape))} numbers, layer 1 expects {width} inputs")
        return Samples(iter([(image.reshape(1, -1), None)]), size, False, False, 1)
    if labels_file is None and label is None:
        where, labels_file = in_archive(where)

    def whole(table: Columns) -> Samples:
        if words is not None and label is None and labels_file is None and table.numbers.shape[1] == 1:
            features = unlabelled(table, words)
            return Samples(iter([(features, None)]), size, False, True, len(features))
        how: dict[str, Any] = {"labelled": labels, "inputs": width, "outputs": outputs, "words": words, "trains": False}
        data = of_columns(table, label=label, labels=labels_file, classes=classes, names=names, **how)
        return from_dataset(data, size)

    reads_words = isinstance(words, WordVectors) or (words is not None and is_plain(where, form))
    if labels_file is not None or label is not None or reads_words:
        return whole(table_of(where, form, columns, stdin, words, label))
    source = open_source(where, form, columns, True, stdin)
    blocks: Iterable[Block | None] = source.blocks()
    if isinstance(source, Text | Json) and (start := next((one for one in blocks if one and one[0].strip()), None)):
        blocks = itertools.chain([start], blocks)
        if has_words(source, start):
            return whole(columns_of(source, blocks))
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
        hint = "; --column NAME, repeated, says which to read" if given > width and isinstance(source, Text) else ""
        raise ValueError(f"layer 1 expects {width} inputs, {where} has {given} columns{hint}")
    has_targets = given == width + 1
    header = tuple(getattr(source, "names", None) or ())
    require_order(where, header, range(width), names)

    def split() -> Iterator[Batch]:
        for piece in itertools.chain([first], pieces):
            if has_targets and labels and outputs is not None:
                as_classes(piece[:, width], outputs)  # raises ValueError even if no caller uses the labels
            yield (piece[:, :width], piece[:, width]) if has_targets else (piece, None)

    return Samples(split(), size, has_targets, labels, rows, source, columns=header[:width])


def read_image(path: Path) -> NDArray[np.float64]:
    """A picture as an array (height, width, channels) of numbers from 0 to 1: one channel for grey, else three."""
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
    """The numbers of pieces of any shape, as rows of `sample` numbers."""
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
