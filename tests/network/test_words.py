"""Texts as means of word vectors: files of vectors, means, labels and names of classes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actcli.network.batches import Samples, from_file
from actcli.network.words import Vocabulary, WordVectors

VECTORS = {"the": [1.0, 0.0], "cat": [0.0, 1.0], "Sat": [3.0, -1.0]}


def read(where: str, words: WordVectors | Vocabulary, *, stdin: Any = None, **how: Any) -> Samples:
    """The texts of a file for a network of two inputs."""
    return from_file(where, (2,), 9, form=None, columns=[], labels=True, stdin=stdin, words=words, **how)


def written(path: Path, vectors: dict[str, list[float]] = VECTORS) -> Path:
    """Write the vectors to a file in the format of its suffix."""
    if path.suffix == ".json":
        path.write_text(json.dumps(vectors))
    elif path.suffix == ".npz":
        np.savez(path, allow_pickle=True, **{word: np.array(numbers) for word, numbers in vectors.items()})
    else:
        separator = "," if path.suffix == ".csv" else " "
        lines = [separator.join([word, *map(str, numbers)]) for word, numbers in vectors.items()]
        path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("name", ["glove.txt", "v.vec", "v.csv", "v.json", "v.npz"])
def test_the_mean_of_the_vectors_of_a_text(tmp_path: Path, name: str) -> None:
    vectors = WordVectors(written(tmp_path / name))
    assert vectors(["The cat, the dog", "sat"]).tolist() == [[2 / 3, 1 / 3], [3.0, -1.0]]
    assert list(vectors.unknown) == ["dog"]


def test_a_first_line_of_counts_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("2 3\n2 1 2 3\ncat 4 5 6\n")
    assert WordVectors(tmp_path / "v.txt")(["cat 2"]).tolist() == [[2.5, 3.5, 4.5]]


def test_lower_case_comes_before_other_spellings(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("May 1 1\nmay 2 2\nmay 3 3\n")
    assert WordVectors(tmp_path / "v.txt")(["May"]).tolist() == [[2.0, 2.0]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("the 1 2\ncat 1\n", "v.txt, line 2: 1 numbers for 'cat', 2 for words before it"),
        ("the 1 two\n", "v.txt, line 1: 'two' is not a number"),
        ("dog 1 2\n", "no word of 'the cat' has a vector in v.txt"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("v.txt").write_text(content)
    with pytest.raises(ValueError) as caught:
        WordVectors(Path("v.txt"))(["the cat"])
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("labels", "classes", "targets", "names"),
    [
        (("pet", "verb"), (), [0, 1], ("pet", "verb")),
        (("pet", "verb"), ("verb", "none", "pet"), [2, 0], ("verb", "none", "pet")),
        (("2", "0"), (), [2, 0], ()),
    ],
)
def test_labels_beside_texts(
    tmp_path: Path, labels: tuple[str, str], classes: tuple[str, ...], targets: list[int], names: tuple[str, ...]
) -> None:
    (tmp_path / "t.csv").write_text(f'text,label\n"cat, cat",{labels[0]}\nsat,{labels[1]}\n')
    vectors = WordVectors(written(tmp_path / "v.txt"))
    count = 2 if not classes and labels[0] == "pet" else 3
    (tmp_path / "first.csv").write_text(f'label,text\n{labels[0]},"cat, cat"\n{labels[1]},sat\n')
    for name, label in (("t.csv", None), ("first.csv", "label")):
        samples = read(str(tmp_path / name), vectors, outputs=count, classes=classes, label=label)
        ((features, found),) = samples
        assert features.tolist() == [[0.0, 1.0], [3.0, -1.0]]
        assert found is not None
        assert (found.tolist(), samples.classes) == (targets, names)


def test_lines_are_texts_without_labels(tmp_path: Path) -> None:
    vectors = WordVectors(written(tmp_path / "v.txt"))
    (tmp_path / "texts.txt").write_text("cat\n\nthe, the\n")
    for where, stdin in ((str(tmp_path / "texts.txt"), None), ("-", io.BytesIO(b"cat\nthe the"))):
        ((features, targets),) = read(where, vectors, outputs=3, stdin=stdin)
        assert (features.tolist(), targets) == ([[0.0, 1.0], [1.0, 0.0]], None)
    (tmp_path / "moods.txt").write_text("1\n0\n")
    ((_, targets),) = read(str(tmp_path / "texts.txt"), vectors, outputs=2, labels_file=str(tmp_path / "moods.txt"))
    assert targets is not None
    assert targets.tolist() == [1, 0]


def test_a_vocabulary_reads_texts_and_leaves_numbers_alone(tmp_path: Path) -> None:
    words = Vocabulary(("cat", "mat"), 2)
    contents = {"t.csv": "text\nthe cat\na mat cat\n", "n.csv": "1,2\n3,2\n", "t.txt": "the cat\n7 mat cat\n"}
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
        ((features, targets),) = read(str(tmp_path / name), words, outputs=2)
        assert (features.tolist(), targets) == ([[1, 2], [3, 2]], None)
    (tmp_path / "t.txt").write_text("the cat\n\ncat\n")
    ((features, _),) = read(str(tmp_path / "t.txt"), words, outputs=2)
    assert features.tolist() == [[1, 2], [0, 0], [0, 2]]
