"""Features and labels read from the user's files into memory."""

from __future__ import annotations

import shlex
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from actcli.datasets import Dataset
from actcli.network.words import Vocabulary, WordVectors
from actcli.reading.arrays import damage
from actcli.reading.columns import Columns, read_columns
from actcli.reading.source import counted, quoted
from actcli.reading.streams import STDIN
from actcli.spelling import did_you_mean, fold

#: The names of features and labels in an .npz file; the first pair in the file is used.
PAIRS = (
    ("X", "y"),
    ("x", "y"),
    ("x_train", "y_train"),
    ("features", "labels"),
    ("images", "labels"),
    ("data", "target"),
)
#: The conversion of texts to numbers: a vocabulary, the (size, length) of a vocabulary to build, or word vectors.
Words: TypeAlias = Vocabulary | tuple[int, int] | WordVectors
_BLOCK = 4096  # rows that are checked at a time


@dataclass(frozen=True)
class FileData(Dataset):
    """A data set read from a file.

    features: (rows, inputs), the numbers of the file, or (rows, length) int64 numbers of words. targets: (rows,) int64
    classes or (rows, columns) float64 values. generator: new, with the seed. classes: the names of the classes in the
    order of the outputs, () without names. vocabulary: that of the features, None if they are not text. columns: the
    names of the features, () without names.
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
    """Read features and labels from files: CSV, TSV, JSON, NDJSON, .npy, .npz with a pair of `PAIRS`, or IDX.

    Args:
        where: the file of the features, `-` for standard input.
        labels: a file of the labels alone.
        form: the format of `where`, which otherwise follows from its name.
        columns: the columns to read, by name or number; by default all.
        stdin: the stream that `-` stands for.
        how: the keyword arguments of `of_columns`.

    Raises:
        ValueError: as `of_columns`, and for text that is not a number and for data larger than the memory; the message
            names file and line.
        OSError: for a file that cannot be read or is incomplete.
    """
    if labels is None:
        where, labels = in_archive(where)
    table = table_of(where, form, columns, stdin, how.get("words"), how.get("label"))
    return of_columns(table, labels=labels, **how)


def of_columns(
    table: Columns,
    *,
    labelled: bool | None,
    inputs: int | None = None,
    outputs: int | None = None,
    label: str | None = None,
    labels: str | None = None,
    words: Words | None = None,
    classes: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
    like: FileData | None = None,
    trains: bool = True,
    seed: int = 0,
) -> FileData:
    """Features and labels from the columns of a file.

    Args:
        table: the columns.
        labelled: targets are classes (text, or integers from 0), not values; None: if they are text, or 0 and 1.
        inputs, outputs: the sizes of the network, if the data must fit one; a single output is for two classes.
        label: the column of the labels by its name, or its number from 1; by default the last column, or for values
            as many of the last columns as the network has outputs.
        labels: a file of the labels alone.
        words: the conversion of features that are one column of text; with a vocabulary they may also be numbers.
        classes: the names of the classes in the order of the outputs; by default sorted.
        names: the names of the features that the network was trained on.
        like: for validation data the training data, whose classes and vocabulary apply.
        trains: the data are for training, where every feature must be finite and every class must occur.
        seed: the seed of the generator.

    Raises ValueError for labels that are not a class, a class without a sample, features or classes that do not fit the
    network, and features that are not finite numbers; the message names file and line.
    """
    if not len(table.numbers):
        raise ValueError(f"there are no rows in {table.name}")
    answers, asked, chosen = _find_targets(table, label, labels, outputs or 1 if labelled is False else 1)
    names = like.columns if like is not None else names
    words = words if like is None or like.vocabulary is None else like.vocabulary
    features, vocabulary = _features(table, chosen, words, asked[0] if answers is table and label is None else None)
    if not features.shape[1]:
        raise ValueError(f"{table.name} has no column of features, only {table.column(asked[0])}, the label")
    if inputs is not None and features.shape[1] != inputs:
        beside = f" beside the label, {table.column(asked[0])}" if answers is table else ""
        columns = f"{counted(features.shape[1], 'column')} of features{beside}"
        has = f"texts of {vocabulary.length} words" if vocabulary else columns
        hint = "; --column NAME, repeated, says which to read" if features.shape[1] > inputs and not vocabulary else ""
        raise ValueError(f"layer 1 expects {counted(inputs, 'input')}, {table.name} has {has}{hint}")
    require_order(table.name, table.header or (), chosen, names)
    if trains and vocabulary is None and not isinstance(words, WordVectors):
        _require_finite(table, chosen)
    if labelled is None:
        labelled = asked[0] in answers.words or bool(np.isin(answers.numbers[:, asked[0]], (0, 1)).all())
    targets: NDArray[Any]
    if labelled:
        if len(asked) != 1:
            raise ValueError(f"{answers.name} has {len(asked)} columns; labels are one class per row")
        count = outputs if outputs is None or outputs > 1 else 2
        known = like.classes if like is not None else classes or None
        if like is not None and known and asked[0] not in answers.words:
            told = f"{answers.numbers[0, asked[0]]:g} is no class of the training data; they are {_listed(known)}"
            raise ValueError(f"{answers.place(0)}: {told}")
        if not trains and known is None and asked[0] not in answers.words:
            known = ()
        targets, classes = _classes(answers, asked[0], count, known, trains=trains)
    else:
        if outputs is not None and len(asked) != outputs:
            told, given = counted(outputs, "output"), counted(len(asked), "column")
            hint = "; for classes its last activation is softmax" if len(asked) == 1 else ""
            raise ValueError(f"the network has {told}, {answers.name} has {given} of targets{hint}")
        targets, classes = _values(answers, asked), ()
    titles = () if table.header is None else tuple(table.header[index] for index in chosen)
    return FileData(table.name, features, targets, np.random.RandomState(seed), classes, vocabulary, titles)


def table_of(
    where: str,
    form: str | None,
    columns: Sequence[str],
    stdin: BinaryIO | None,
    words: Words | None,
    label: str | None = None,
) -> Columns:
    """The columns of a file as from `read_columns`; for `words`, plain text is one column of its lines.

    A `label` that is a name is read beside the `columns`.
    """
    if words is None or not is_plain(where, form):
        if columns and label is not None and not label.isdigit() and label not in columns:
            columns = [*columns, label]
        return read_columns(where, form, columns, stdin)
    if where == "-" and stdin is None:
        raise OSError(f"{STDIN} is closed")
    raw = Path(where).read_bytes() if stdin is None or where != "-" else stdin.read()
    lines = raw.decode(errors="replace").splitlines()
    # A vocabulary gives numbers to an empty line too, but no words have no mean of vectors.
    places = [place for place, line in enumerate(lines, 1) if line.strip() or not isinstance(words, WordVectors)]
    texts = {0: [lines[place - 1] for place in places]}
    name = STDIN if where == "-" else where
    return Columns(name, np.full((len(places), 1), np.nan), texts, None, "line", places)


def is_plain(where: str, form: str | None) -> bool:
    """Whether a file is text without columns."""
    return form in (None, "txt") and (where == "-" or Path(where).suffix.lower() in ("", ".txt"))


def unlabelled(table: Columns, words: Words) -> NDArray[Any]:
    """The features of a table whose only column is text."""
    if not len(table.numbers):
        raise ValueError(f"there are no rows in {table.name}")
    return _features(table, [0], words, None)[0]


def in_archive(where: str) -> tuple[str, str | None]:
    """The names of features and labels in an .npz file with one of `PAIRS`; for other files `where` and None."""
    if where.lower().endswith(".npz") and zipfile.is_zipfile(where):
        try:
            with zipfile.ZipFile(where) as archive:
                names = archive.namelist()
        except damage(OSError):  # reading the arrays raises an error with the reason
            return where, None
        for features, labels in PAIRS:
            if f"{features}.npy" in names and f"{labels}.npy" in names:
                return f"{where}:{features}", f"{where}:{labels}"
    return where, None


def _find_targets(
    table: Columns, label: str | None, labels: str | None, count: int
) -> tuple[Columns, list[int], list[int]]:
    """The table of the targets, the indices of their columns, and those of the columns of features in `table`."""
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


class FeatureWarning(UserWarning):
    """A feature has another name than in the data that the network was trained on."""


def require_order(where: str, header: Sequence[str], chosen: Sequence[int], names: Sequence[str]) -> None:
    """Raise ValueError if a feature stands where the network learned from another one; warn of an unknown name."""
    found = [header[index] for index in chosen] if header else []
    known = set(map(fold, names))
    for number, (one, wanted) in enumerate(zip(found, names, strict=False), 1):
        if fold(one) != fold(wanted):
            told = f"feature {number} of {where} is {quoted(one)}, the network learned from {quoted(wanted)} there"
            if fold(one) in known:
                raise ValueError(f"{told}; --column NAME, repeated, reads columns in the order given, the label last")
            warnings.warn(told, FeatureWarning, stacklevel=2)


def _features(
    table: Columns, chosen: list[int], words: Words | None, last: int | None
) -> tuple[NDArray[Any], Vocabulary | None]:
    """The features, and the vocabulary of their words; `last` is the label's column if it is chosen by default."""
    texts = [index for index in chosen if index in table.words]
    if not texts and (words is None or isinstance(words, Vocabulary)):
        return _select(table.numbers, chosen), None
    if words is None:
        place, text = f"{table.place(0)}, {table.column(texts[0])}", quoted(table.words[texts[0]][0])
        name = str(texts[0] + 1) if table.header is None else shlex.quote(table.header[texts[0]])
        label = "" if last is None or last in table.words else f"--label {name} makes it the label, "
        raise ValueError(
            f"{place}: {text} is not a number; {label}--column says which columns to read, --vectors FILE reads words, "
            "as does --vocabulary N of train"
        )
    if len(texts) != 1 or len(chosen) > 1:
        others = [table.column(index) for index in chosen if index not in texts[:1]]
        what = f"has {', '.join(others[:3])} as well" if texts else "has no text"
        raise ValueError(f"words are read from one column of text beside the label; {table.name} {what}")
    if isinstance(words, WordVectors):
        return words(table.words[texts[0]]), None
    vocabulary = Vocabulary.of(table.words[texts[0]], *words) if isinstance(words, tuple) else words
    return vocabulary(table.words[texts[0]]), vocabulary


def _select(numbers: NDArray[Any], chosen: list[int]) -> NDArray[Any]:
    """The chosen columns, without a copy if they are adjacent."""
    if chosen and chosen == list(range(chosen[0], chosen[-1] + 1)):
        return numbers[:, chosen[0] : chosen[-1] + 1]
    return numbers[:, chosen]


def _require_finite(table: Columns, chosen: list[int]) -> None:
    numbers = _select(table.numbers, chosen)
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
    """The classes in a column of labels, and their names if the column is text.

    `told` is the number of classes of the network, `known` their names: () for classes without names, None if `table`
    is the training data.
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
            raise ValueError(
                f"{table.name} has {len(names)} classes ({_listed(names)}), the network can tell {told} apart"
            )
    else:
        _require_finite(table, [index])
        values = table.numbers[:, index]
        limit = 2**31 if told is None else told
        wrong = np.flatnonzero((values < 0) | (values != np.floor(values)) | (values >= limit))
        if wrong.size:
            there_are = "classes count from 0" if told is None else f"the classes are 0 to {told - 1}"
            raise ValueError(f"{table.place(wrong[0])}: label {values[wrong[0]]:g} is no class; {there_are}")
        names, classes = known or (), values.astype(np.int64)
    if known is None:
        _require_every_class(table, classes, names, told, trains=trains)
    return classes, names


def _require_every_class(
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
            raise ValueError(f"{has}, the network can tell {expected} apart{hint}")
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
    return _select(table.numbers, asked).astype(np.float64)
