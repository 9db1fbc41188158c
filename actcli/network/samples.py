"""Samples of one's own, read from files and held whole in memory: features and labels."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from actcli.datasets import Dataset
from actcli.network.words import Vocabulary, WordVectors
from actcli.reading.arrays import damage
from actcli.reading.columns import Columns, read_columns
from actcli.reading.source import counted, quoted
from actcli.reading.streams import STDIN
from actcli.spelling import did_you_mean

#: What features and their labels are called in an .npz file; the first pair that is there counts.
PAIRS = (
    ("X", "y"),
    ("x", "y"),
    ("x_train", "y_train"),
    ("features", "labels"),
    ("images", "labels"),
    ("data", "target"),
)
_BLOCK = 4096  # rows that are looked through at a time


@dataclass(frozen=True)
class FileData(Dataset):
    """A data set read from a file.

    features: (rows, inputs), the numbers as the file has them, or (rows, length) int64 numbers of words. targets:
    (rows,) int64 classes or (rows, columns) float64 values. generator: fresh from the seed. classes: the names of
    the classes, sorted, where the labels are text. vocabulary: of the words, where the features are text. columns:
    the names of the features, where the file has some.
    """

    classes: tuple[str, ...] = ()
    vocabulary: Vocabulary | None = None
    columns: tuple[str, ...] = ()


def load(
    where: str,
    *,
    labels: str | None = None,
    form: str | None = None,
    columns: Sequence[str] = (),
    stdin: BinaryIO | None = None,
    **how: Any,
) -> FileData:
    """Features and labels from files: CSV, TSV, JSON, NDJSON, .npy, .npz with a pair of `PAIRS`, or IDX.

    Args:
        where: the file of the features, `-` for standard input.
        labels: a file of the labels alone.
        form: the format of `where`, whatever its name.
        columns: the columns to read, by name or number; all if not given.
        stdin: what `-` reads.
        how: as `of_columns` takes it.

    Raises:
        ValueError: as `of_columns` does, for what is no number, for more than memory holds; it names file and line.
        OSError: for a file that cannot be read or is not whole.
    """
    if labels is None:
        where, labels = in_archive(where)
    return of_columns(read_columns(where, form, columns, stdin), labels=labels, **how)


def of_columns(
    table: Columns,
    *,
    labelled: bool | None,
    inputs: int | None = None,
    outputs: int | None = None,
    label: str | None = None,
    labels: str | None = None,
    words: tuple[int, int] | WordVectors | None = None,
    classes: tuple[str, ...] = (),
    like: FileData | None = None,
    trains: bool = True,
    seed: int = 0,
) -> FileData:
    """Features and labels from the columns of a file.

    Args:
        table: the columns.
        labelled: targets are classes (text, or whole numbers from 0), not values; None: if they are text, or 0 and 1.
        inputs, outputs: of the network, if the data must fit one; a single output tells two classes.
        label: the column of the labels by its name, or its number from 1; the last one (of values, as many as the
            network has outputs) if not given.
        labels: a file of the labels alone.
        words: size of the vocabulary and length of a text, or vectors of words; the features are one column of text.
        classes: the names of the classes in the order of the outputs; sorted if not given.
        like: the training data, for data to be judged by: their classes and vocabulary hold.
        trains: a network is to learn from them, so that every feature must be finite and every class there.
        seed: of the generator.

    Raises ValueError for labels that are no class, a class without a sample, features or classes that do not fit the
    network, features that will not do; it names file and line.
    """
    if not len(table.numbers):
        raise ValueError(f"there are no rows in {table.name}")
    answers, asked, chosen = _answers(table, label, labels, outputs or 1 if labelled is False else 1)
    features, vocabulary = _features(table, chosen, words, like)
    if not features.shape[1]:
        raise ValueError(f"{table.name} has no column of features, only {table.column(asked[0])}, the label")
    if inputs is not None and features.shape[1] != inputs:
        beside = f" beside the label, {table.column(asked[0])}" if answers is table else ""
        columns = f"{counted(features.shape[1], 'column')} of features{beside}"
        has = f"texts of {vocabulary.length} words" if vocabulary else columns
        raise ValueError(f"layer 1 expects {counted(inputs, 'input')}, {table.name} has {has}")
    if trains and words is None and vocabulary is None:
        _require_finite(table, chosen)
    if labelled is None:
        labelled = asked[0] in answers.words or bool(np.isin(answers.numbers[:, asked[0]], (0, 1)).all())
    targets: NDArray[Any]
    if labelled:
        if len(asked) != 1:
            raise ValueError(f"{answers.name} has {len(asked)} columns; labels are one class per row")
        count = outputs if outputs is None or outputs > 1 else 2
        known = like.classes if like is not None else classes or None
        if not trains and known is None and asked[0] not in answers.words:
            known = ()
        targets, names = _classes(answers, asked[0], count, known, trains=trains)
    else:
        if outputs is not None and len(asked) != outputs:
            told, given = counted(outputs, "output"), counted(len(asked), "column")
            raise ValueError(f"the network has {told}, {answers.name} has {given} of targets")
        targets, names = _values(answers, asked), ()
    titles = () if table.header is None else tuple(table.header[index] for index in chosen)
    return FileData(table.name, features, targets, np.random.RandomState(seed), names, vocabulary, titles)


def texts(
    where: str,
    vectors: WordVectors,
    *,
    outputs: int,
    classes: tuple[str, ...] = (),
    label: str | None = None,
    labels: str | None = None,
    form: str | None = None,
    columns: Sequence[str] = (),
    stdin: BinaryIO | None = None,
) -> tuple[NDArray[Any], NDArray[Any] | None, tuple[str, ...]]:
    """Texts by their words: features, classes where there are labels, and the names of the classes.

    A text a line, or one column of text of a CSV, TSV or JSON file, then perhaps one of labels (or `label` says which
    it is, or `labels` is a file of them), which are numbers of classes or their names: those of `classes`, in that
    order, else sorted. Raises ValueError and OSError as `load`.
    """
    if form in (None, "txt") and (where == "-" or Path(where).suffix.lower() in ("", ".txt")):
        if where == "-" and stdin is None:
            raise OSError(f"{STDIN} is closed")
        raw = Path(where).read_bytes() if stdin is None or where != "-" else stdin.read()
        lines = [line for line in raw.decode(errors="replace").splitlines() if line.strip()]
        if not lines:
            raise ValueError(f"there are no rows in {STDIN if where == '-' else where}")
        return vectors(lines), None, classes
    table = read_columns(where, form, columns, stdin)
    if table.numbers.shape[1] < 2 and labels is None:
        return _features(table, [0], vectors, None)[0], None, classes
    how: dict[str, Any] = {"labelled": True, "outputs": outputs, "words": vectors, "classes": classes, "trains": False}
    data = of_columns(table, label=label, labels=labels, **how)
    return data.features, data.targets, data.classes


def in_archive(where: str) -> tuple[str, str | None]:
    """The arrays of one of `PAIRS` in an .npz file; of other files the name as it is, and no labels."""
    if where.lower().endswith(".npz") and zipfile.is_zipfile(where):
        try:
            with zipfile.ZipFile(where) as archive:
                names = archive.namelist()
        except damage(OSError):  # what reads the arrays says what is wrong
            return where, None
        for features, labels in PAIRS:
            if f"{features}.npy" in names and f"{labels}.npy" in names:
                return f"{where}:{features}", f"{where}:{labels}"
    return where, None


def _answers(table: Columns, label: str | None, labels: str | None, count: int) -> tuple[Columns, list[int], list[int]]:
    """Where the targets are, in which columns of it, and which columns of the table are features."""
    width = table.numbers.shape[1]
    if labels is None:
        if table.axes != 2:
            raise ValueError(f"{table.name} holds no labels, its array has {table.axes} axes; give a file of labels")
        asked = _label_columns(table, label, count)
        return table, asked, [index for index in range(width) if index not in asked]
    if label is not None:
        raise ValueError(f"the labels are in {labels}; a column of {table.name} cannot be the label too")
    answers = read_columns(labels, None, (), None)
    if len(answers.numbers) != len(table.numbers):
        under = "" if answers.header is None else f" under its header, {', '.join(answers.header)}"
        raise ValueError(
            f"{table.name} has {len(table.numbers)} rows, {answers.name} has {len(answers.numbers)}{under}"
        )
    return answers, list(range(answers.numbers.shape[1])), list(range(width))


def _label_columns(table: Columns, label: str | None, count: int) -> list[int]:
    width = table.numbers.shape[1]
    if label is None:
        return list(range(max(width - count, 0), width))
    if table.header is not None and label in table.header:
        return [table.header.index(label)]
    if label.isascii() and label.isdigit():
        if not 1 <= int(label) <= width:
            raise ValueError(f"{table.name} has no column {label}; columns are numbered 1 to {width}")
        return [int(label) - 1]
    if table.header is None:
        raise ValueError(f"{table.name} has no column {label!r}, as it has no names of columns; give a number")
    hint = did_you_mean(label, table.header) or f"; its columns are {', '.join(table.header)}"
    raise ValueError(f"{table.name} has no column {label!r}{hint}")


def _features(
    table: Columns, chosen: list[int], words: tuple[int, int] | WordVectors | None, like: FileData | None
) -> tuple[NDArray[Any], Vocabulary | None]:
    texts = [index for index in chosen if index in table.words]
    vocabulary = None if like is None else like.vocabulary
    if words is None and vocabulary is None:
        if texts:
            raise ValueError(
                f"{table.place(0)}, {table.column(texts[0])}: {quoted(table.words[texts[0]][0])} is not a number; "
                "--label says which column is the label, --vocabulary and --length or --vectors read words"
            )
        return _picked(table.numbers, chosen), None
    if len(texts) != 1 or len(chosen) > 1:
        others = [table.column(index) for index in chosen if index not in texts[:1]]
        what = f"has {', '.join(others[:3])} as well" if texts else "has no text"
        raise ValueError(f"words are read from one column of text beside the label; {table.name} {what}")
    if isinstance(words, WordVectors):
        return words(table.words[texts[0]]), None
    if vocabulary is None:
        assert words is not None
        vocabulary = Vocabulary.of(table.words[texts[0]], *words)
    return vocabulary(table.words[texts[0]]), vocabulary


def _picked(numbers: NDArray[Any], chosen: list[int]) -> NDArray[Any]:
    """Some columns, without copying them if they stand side by side."""
    if chosen and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return numbers[:, chosen[0] : chosen[-1] + 1]
    return numbers[:, chosen]


def _require_finite(table: Columns, chosen: list[int]) -> None:
    numbers = _picked(table.numbers, chosen)
    if numbers.dtype.kind != "f":
        return
    for start in range(0, len(numbers), _BLOCK):
        wrong = np.argwhere(~np.isfinite(numbers[start : start + _BLOCK]))
        if wrong.size:
            row, index = wrong[0] + (start, 0)
            raise ValueError(
                f"{table.place(row)}, {table.column(chosen[index])}: {numbers[row, index]:g} is no number to train with"
            )


def _classes(
    table: Columns, index: int, told: int | None, known: tuple[str, ...] | None, *, trains: bool
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Classes from a column of labels, and their names where it is text.

    `told` is how many classes the network tells apart, `known` the names of the training data's: () if those are
    numbers, None if these are the training data.
    """
    if index in table.words:
        texts = table.words[index]
        names = known if known is not None else tuple(sorted(set(texts)))
        numbers = {name: k for k, name in enumerate(names)}
        for row, text in enumerate(texts):
            if not text:
                raise ValueError(f"{table.place(row)}: a label is missing here")
            if text not in numbers:
                hint = did_you_mean(text, names) or f"; the classes are {_listed(names) or 'numbers'}"
                raise ValueError(f"{table.place(row)}: {quoted(text)} is no class of the training data{hint}")
        classes = np.array([numbers[text] for text in texts])
        if told is not None and len(names) > told:
            raise ValueError(f"{table.name} has {len(names)} classes ({_listed(names)}), the network tells {told}")
    else:
        _require_finite(table, [index])
        values = table.numbers[:, index]
        if known:
            raise ValueError(
                f"{table.place(0)}: {values[0]:g} is no class of the training data; they are {_listed(known)}"
            )
        limit = 2**31 if told is None else told
        wrong = np.flatnonzero((values < 0) | (values != np.floor(values)) | (values >= limit))
        if wrong.size:
            there_are = "classes count from 0" if told is None else f"the network tells classes 0 to {told - 1}"
            raise ValueError(f"{table.place(wrong[0])}: label {values[wrong[0]]:g} is no class; {there_are}")
        names, classes = (), values.astype(np.int64)
    if known is None:
        _require_each(table, classes, names, told, trains=trains)
    return classes, names


def _require_each(
    table: Columns, classes: NDArray[np.int64], names: tuple[str, ...], told: int | None, *, trains: bool
) -> None:
    present = np.unique(classes)
    if len(present) == 1 and trains:
        only = names[0] if names else present[0]
        raise ValueError(f"{table.name} has one class only, {only}; there is nothing to tell apart")
    expected = int(present[-1]) + 1 if told is None else told
    if len(present) < expected:
        if names:
            hint = "" if trains else "; --class-names says which are which"
            has = f"{table.name} has {counted(len(names), 'class', 'es')} ({_listed(names)})"
            raise ValueError(f"{has}, the network tells {expected}{hint}")
        missing = int(np.setdiff1d(np.arange(len(present) + 1), present)[0])
        raise ValueError(f"{table.name} has no sample of class {missing}; its labels should be 0 to {expected - 1}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def _values(table: Columns, asked: list[int]) -> NDArray[np.float64]:
    for index in asked:
        if index in table.words:
            text = quoted(table.words[index][0])
            raise ValueError(
                f"{table.place(0)}, {table.column(index)}: label {text} is not a number; this loss needs one"
            )
    _require_finite(table, asked)
    return _picked(table.numbers, asked).astype(np.float64)
