"""The conversion of texts to numbers: the numbers of their words, or the mean of the vectors of their words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actcli.memory import require_memory
from actcli.reading.arrays import damage
from actcli.reading.source import counted, number, quoted

#: Reserved numbers: the padding of a short text, and a word outside the vocabulary.
PADDING, UNKNOWN = 0, 1

Vector = NDArray[np.float64]


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, separated by characters other than letters and digits.

    >>> words_of("The cat's mat, 2nd")
    ['the', 'cat', 's', 'mat', '2nd']
    """
    return re.findall(r"[^\W_]+", text.lower())


@dataclass(frozen=True)
class Vocabulary:
    """Words in the order of their numbers, and the length of a text.

    The first word has number 2, the next 3, and so on: 0 is padding, and 1 a word outside the vocabulary. A text of
    fewer than `length` words is padded with 0 before its first word, and a longer text keeps its last `length` words,
    as in Keras's `pad_sequences`. The last state of an LSTM then depends on words, not on padding.

    >>> words = Vocabulary.of(["A film, a good film!", "a bad one"], size=4, length=3)
    >>> words.words
    ('a', 'film')
    >>> words(["a film", "What a very good film"]).tolist()
    [[0, 2, 3], [1, 1, 3]]
    """

    words: tuple[str, ...]
    length: int

    @classmethod
    def of(cls, texts: Iterable[str], size: int, length: int) -> Vocabulary:
        """The most frequent words of `texts`, ties in order of appearance; `size` includes the reserved numbers.

        Raises ValueError for a size or length without room for a word.
        """
        if size < 3:
            raise ValueError(f"a vocabulary has at least 3 numbers (padding, unknown and a word), not {size}")
        if length < 1:
            raise ValueError(f"a text is at least 1 word long, not {length}")
        counts = Counter(word for text in texts for word in words_of(text))
        return cls(tuple(word for word, _ in counts.most_common(size - 2)), length)

    @classmethod
    def saved(cls, words: tuple[str, ...], length: int) -> Vocabulary | None:
        """The vocabulary saved with weights; None if there are no words."""
        return cls(words, length) if words else None

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of the words: one row of `length` numbers per text."""
        require_memory([(f"{len(texts)} texts of {self.length} words", len(texts) * self.length * 8)])
        known = {word: number for number, word in enumerate(self.words, start=2)}
        rows = np.full((len(texts), self.length), PADDING)
        for row, text in zip(rows, texts, strict=True):
            numbers = [known.get(word, UNKNOWN) for word in words_of(text)[-self.length :]]
            if numbers:
                row[-len(numbers) :] = numbers
        return rows


@dataclass(frozen=True)
class WordVectors:
    """The word vectors of a file: GloVe's text format (on each line a word and its numbers), .json or .npz.

    In .json and .npz every name is a word. A first line of two numbers, which word2vec writes, is skipped. Words are
    compared in lower case. `inputs` is the length of the vectors that the network needs, if known. `unknown` collects
    the words of the texts that have no vector.
    """

    path: Path
    inputs: int | None = None
    unknown: dict[str, None] = field(default_factory=dict)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The mean of the vectors of each text's words, one row per text; words without a vector are left out.

        Raises ValueError for a text without any word that has a vector, for a file that does not contain vectors, and
        for vectors of another length than `inputs`; OSError if the file cannot be read.
        """
        split = [words_of(text) for text in texts]
        found = _vectors_of(self._read(), {word for words in split for word in words})
        rows = []
        for text, words in zip(texts, split, strict=True):
            known = [found[word] for word in words if word in found]
            self.unknown.update(dict.fromkeys(word for word in words if word not in found))
            if not known:
                raise ValueError(f"no word of {quoted(text)} has a vector in {self.path}")
            rows.append(np.mean(known, axis=0))
            if self.inputs not in (None, length := len(known[0])):
                given = f"the vectors of {self.path} have {length}"
                raise ValueError(f"layer 1 expects {counted(self.inputs, 'input')}, {given}")
        return np.array(rows)

    def _read(self) -> Iterator[tuple[str, Sequence[object], str]]:
        """Yield each word, its unchecked numbers, and its place in the file for messages."""
        kind = self.path.suffix.lower()
        if kind == ".json":
            from actcli.fast_json import orjson

            entries = orjson.loads(self.path.read_bytes())
            if not isinstance(entries, dict):
                raise ValueError(f'{self.path}: vectors in JSON are {{"word": [numbers], ...}}')
            yield from ((word, numbers, f"{self.path}, {word!r}") for word, numbers in entries.items())
        elif kind == ".npz":
            try:
                with np.load(self.path, allow_pickle=False) as archive:
                    yield from (
                        (word, archive[word].reshape(-1).tolist(), f"{self.path}, {word!r}") for word in archive
                    )
            except damage():
                raise ValueError(f"{self.path} is no .npz file") from None
        else:
            with self.path.open(encoding="utf-8", errors="replace") as lines:
                for place, line in enumerate(lines, 1):
                    word, *numbers = re.split(r"[\s,]+", line.strip())
                    if numbers and not (place == 1 and len(numbers) == 1):
                        yield word, numbers, f"{self.path}, line {place}"


def _vectors_of(entries: Iterable[tuple[str, Sequence[object], str]], wanted: set[str]) -> dict[str, Vector]:
    """The vectors of the wanted words; a word in lower case has priority over the same word with capitals."""
    exact: dict[str, Vector] = {}
    alike: dict[str, Vector] = {}
    length: int | None = None
    for word, numbers, place in entries:
        if word.lower() not in wanted:
            continue
        vector = _vector(numbers, place)
        if length not in (None, len(vector)):
            raise ValueError(f"{place}: {len(vector)} numbers for {word!r}, {length} for words before it")
        length = len(vector)
        (exact if word in wanted else alike).setdefault(word.lower(), vector)
    return alike | exact


def _vector(numbers: Sequence[object], place: str) -> Vector:
    values = []
    for one in numbers if isinstance(numbers, list) else [numbers]:
        try:
            values.append(number(str(one)))
        except ValueError:
            raise ValueError(f"{place}: {quoted(str(one))} is not a number") from None
    return np.array(values)
