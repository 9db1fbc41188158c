"""Samples of users: features, labels and texts from real files, and errors for invalid files."""

from __future__ import annotations

import csv
import gzip
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actcli import datasets, memory
from actcli.network.samples import FileData, load
from actcli.network.scaling import Scaling
from actcli.network.words import Vocabulary
from actcli.reading.columns import read_columns

IRIS = "sepal,petal,species\n5.1,1.4,setosa\n7.0,4.7,versicolor\n6.3,6.0,virginica\n4.9,1.5,setosa\n"
REVIEWS = 'review,mood\n"A film, a good film!",1\n"It\'s bad.\nVery bad #film",0\n#great film,1\n'


def idx(array: Any, code: int = 8, dtype: str = "u1") -> bytes:
    array = np.asarray(array)
    return (
        bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype(dtype).tobytes()
    )


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, content: str | bytes) -> str:
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def rows(data: FileData) -> tuple[list[Any], list[Any]]:
    return data.features.tolist(), data.targets.tolist()


# --- tables ------------------------------------------------------------------------------------------------------

FEATURES = [[5.1, 1.4], [7.0, 4.7], [6.3, 6.0], [4.9, 1.5]]
SPECIES = ("setosa", "versicolor", "virginica")
TABLES = {
    "iris.csv": IRIS,
    "iris.tsv": IRIS.replace(",", "\t"),
    "bare.csv": IRIS.partition("\n")[2],
    "iris.txt": IRIS.partition("\n")[2].replace(",", "  "),
    "quoted.csv": IRIS.replace("setosa", '"setosa"').replace("\n", "\r\n"),
    "blank.csv": "\n" + IRIS.replace("\n", "\n\n"),
    "bom.csv": "\ufeff" + IRIS,
    "rows.json": json.dumps([[*x, y] for x, y in zip(FEATURES, [SPECIES[k] for k in (0, 1, 2, 0)], strict=True)]),
    "objects.json": json.dumps(
        [{"sepal": x[0], "petal": x[1], "species": SPECIES[k]} for x, k in zip(FEATURES, (0, 1, 2, 0), strict=True)]
    ),
    "iris.ndjson": "".join(
        json.dumps({"sepal": x[0], "petal": x[1], "species": SPECIES[k]}) + "\n\n"
        for x, k in zip(FEATURES, (0, 1, 2, 0), strict=True)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_text_labels_become_sorted_classes(name: str) -> None:
    data = load(write(name, TABLES[name]), labelled=True, inputs=2, outputs=3, seed=7)
    assert rows(data) == (FEATURES, [0, 1, 2, 0])
    assert (data.name, data.classes, data.targets.dtype, data.is_labelled) == (name, SPECIES, np.int64, True)
    assert data.generator.randn() == np.random.RandomState(7).randn()


def test_numbers_are_classes_or_values_as_the_caller_says() -> None:
    write("x.csv", "1,2,0\n3,4,1 # the second\n\n5,6,1\n")
    classes, values = load("x.csv", labelled=True), load("x.csv", labelled=False)
    assert rows(classes) == ([[1, 2], [3, 4], [5, 6]], [0, 1, 1])
    assert rows(values) == ([[1, 2], [3, 4], [5, 6]], [[0], [1], [1]])
    assert (classes.classes, values.is_labelled) == ((), False)
    assert rows(load("x.csv", labelled=False, inputs=1, outputs=2)) == ([[1], [3], [5]], [[2, 0], [4, 1], [6, 1]])


@pytest.mark.parametrize(
    ("column", "is_labelled"), [("01001", True), (["a", "b", "a"], True), ("012", False), (["0.5", "1"], False)]
)
def test_text_and_0_and_1_are_classes_where_the_caller_leaves_it_open(column: list[str], is_labelled: bool) -> None:
    data = load(write("x.csv", "".join(f"1,{label}\n" for label in column)), labelled=None)
    assert data.is_labelled is is_labelled


def test_the_label_may_be_any_column() -> None:
    write("x.csv", "a,kind,b\n1,dog,2\n3,cat,4\n")
    by_name, by_number = (load("x.csv", labelled=True, label=label) for label in ("kind", "2"))
    assert rows(by_name) == rows(by_number) == ([[1, 2], [3, 4]], [1, 0])
    chosen = load("x.csv", labelled=True, label="kind", columns=["b"])
    assert (rows(chosen), chosen.classes) == (([[2], [4]], [1, 0]), ("cat", "dog"))


def test_json_booleans_are_labels() -> None:
    data = load(write("x.json", '{"rows": [{"x": 1, "y": true}, {"x": 2.5, "y": false}]}'), labelled=True)
    assert (rows(data), data.classes) == (([[1], [2.5]], [1, 0]), ("false", "true"))


def test_validation_has_the_classes_of_the_training_data() -> None:
    training = load(write("iris.csv", IRIS), labelled=True)
    data = load(write("more.csv", "6.0,5.0,virginica\n"), labelled=True, outputs=3, like=training)
    assert (rows(data), data.classes) == (([[6, 5]], [2]), SPECIES)
    numbered = load(write("x.csv", "1,0\n2,1\n"), labelled=True)
    assert rows(load(write("y.csv", "1,1\n"), labelled=True, like=numbered)) == ([[1]], [1])


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\0\x1c\x1d\x1e\x1f\x85"), max_size=12)
ROWS = st.lists(
    st.tuples(st.floats(allow_nan=False, allow_infinity=False), TEXT.map(lambda text: f"w{text}w")), min_size=1
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ROWS)
def test_what_was_written_is_read(table: list[tuple[float, str]]) -> None:
    """Quotes, separators, line ends and # within a text are preserved by every format."""
    for name, separator in (("x.csv", ","), ("x.tsv", "\t")):
        with Path(name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=separator).writerows([("number", "text"), *table])
    write("x.json", json.dumps(table))
    write("x.ndjson", "\n".join(json.dumps({"number": x, "text": text}) for x, text in table))
    for name in ("x.csv", "x.tsv", "x.json", "x.ndjson"):
        read = read_columns(name, None, (), None)
        assert read.numbers[:, 0].tolist() == [x for x, _ in table]
        assert read.words == {1: [text for _, text in table]}


# --- arrays ------------------------------------------------------------------------------------------------------


def test_npz_holds_features_and_labels() -> None:
    x, y = np.arange(12.0).reshape(3, 2, 2), np.array([0, 2, 1])
    for key in ("X", "x"):
        np.savez("data.npz", **{key: x, "y": y})
        assert rows(load("data.npz", labelled=True, inputs=4, outputs=3)) == (x.reshape(3, 4).tolist(), [0, 2, 1])
    np.savez("mnist.npz", x_test=x[:1], y_test=y[:1], x_train=x, y_train=y)
    assert rows(load("mnist.npz", labelled=True, outputs=3))[1] == [0, 2, 1]
    assert rows(load("mnist.npz:x_train", labelled=True, labels="mnist.npz:y_train"))[1] == [0, 2, 1]


def test_npy_has_its_labels_in_the_last_column() -> None:
    np.save("x.npy", np.array([[1, 2, 0], [3, 4, 1]], np.float32))
    data = load("x.npy", labelled=True)
    assert (rows(data), data.features.dtype) == (([[1, 2], [3, 4]], [0, 1]), np.float32)
    np.save("long.npy", np.arange(2_400_000.0).reshape(-1, 3) % 3)  # several blocks of the reader
    assert len(load("long.npy", labelled=False).features) == 800_000


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
        ("t10k-images.idx3-ubyte", "T10K-LABELS.IDX"),
        ("images.gz", "labels.gz"),
    ],
)
def test_idx(images: str, labels: str) -> None:
    pixels = np.arange(5 * 3 * 2).reshape(5, 3, 2)
    pack = gzip.compress if images.endswith(".gz") else bytes
    write(images, pack(idx(pixels)))
    write(labels, pack(idx([1, 0, 2, 1, 0])))
    data = load(images, labels=labels, labelled=True, inputs=6, outputs=3)
    assert rows(data) == (pixels.reshape(5, 6).tolist(), [1, 0, 2, 1, 0])
    assert data.features.dtype == np.uint8


@pytest.mark.parametrize(("code", "dtype"), [(8, "u1"), (9, "i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")])
def test_every_type_of_an_idx_file(code: int, dtype: str) -> None:
    values = [[1, 2], [3, 100]]
    data = load(write("x.idx", idx(values, code, dtype)), labels=write("y.csv", "0\n1\n"), labelled=True)
    assert rows(data) == (values, [0, 1])


def test_labels_of_a_file_may_be_text() -> None:
    np.save("x.npy", np.eye(2))
    data = load("x.npy", labels=write("y.txt", "no\nyes\n"), labelled=True)
    assert (rows(data)[1], data.classes) == ([0, 1], ("no", "yes"))


# --- words -------------------------------------------------------------------------------------------------------


def test_words_are_numbered_by_frequency() -> None:
    data = load(write("r.csv", REVIEWS), labelled=True, inputs=5, outputs=1, words=(6, 5))
    assert data.vocabulary is not None
    assert data.vocabulary.words == ("film", "a", "bad", "good")
    assert rows(data) == ([[3, 2, 3, 5, 2], [1, 4, 1, 4, 2], [0, 0, 0, 1, 2]], [1, 0, 1])
    assert data.features.dtype == np.int64


def test_validation_has_the_vocabulary_of_the_training_data() -> None:
    training = load(write("r.csv", REVIEWS), labelled=True, words=(6, 5))
    more = load(write("m.tsv", "a good GOOD movie…\t1\n"), labelled=True, inputs=5, outputs=1, like=training)
    assert rows(more) == ([[0, 3, 5, 5, 1]], [1])


def test_letters_of_every_language_make_words() -> None:
    words = Vocabulary.of(["Größe_2 été", "ÉTÉ naïve-été"], 10, 3)
    assert words.words == ("été", "größe", "2", "naïve")
    assert words(["", "---", "été"]).tolist() == [[0, 0, 0], [0, 0, 0], [0, 0, 2]]


# --- scaling and splitting ---------------------------------------------------------------------------------------


def test_standardized_training_data_have_mean_0_and_deviation_1() -> None:
    generator = np.random.default_rng(0)
    features = np.c_[generator.normal(1.6e9, 5, 10_000), np.full(10_000, 0.1), generator.normal(0, 1e200, 10_000)]
    scaling = Scaling.standard(features)
    scaled = scaling(features, "float32")
    assert scaled.dtype == np.float32
    assert np.abs(scaled.mean(axis=0, dtype=np.float64)).max() < 1e-7
    assert np.allclose(scaled[:, [0, 2]].std(axis=0, dtype=np.float64), 1, atol=1e-7)
    assert not scaled[:, 1].any()
    assert np.array_equal(scaling(features[:5], "float32"), scaled[:5])
    assert scaling(np.array([[1.6e9, 1.1, 0]]))[0, 1] == 1


def test_pixels_are_divided() -> None:
    assert Scaling.dividing(255, 2)(np.array([[0, 255]], np.uint8), "float32").tolist() == [[0, 1]]
    with pytest.raises(ValueError, match=r"^features can be divided by a finite number other than 0, not 0$"):
        Scaling.dividing(0, 2)


def test_a_share_of_every_class_is_held_out() -> None:
    write("x.csv", "".join(f"{k},{'ab'[k % 3 > 1]}\n" for k in range(30)))
    training, test = datasets.split(load("x.csv", labelled=True, seed=1), 0.2)
    assert (np.bincount(training.targets).tolist(), np.bincount(test.targets).tolist()) == ([16, 8], [4, 2])
    assert sorted([*training.features[:, 0], *test.features[:, 0]]) == list(range(30))
    assert test.classes == ("a", "b")
    again = datasets.split(load("x.csv", labelled=True, seed=1), 0.2)[1]
    assert np.array_equal(test.features, again.features)


@pytest.mark.parametrize(
    ("share", "message"),
    [
        (0.001, "a test split of 0.001 holds out none of 4 rows"),
        (0.7, "a test split of 0.7 leaves no sample of class 1 to train with"),
        (1.0, "the test split must lie between 0 and 1, not 1"),
    ],
)
def test_a_split_leaves_something_on_both_sides(share: float, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        datasets.split(load(write("iris.csv", IRIS), labelled=True), share)
    assert str(caught.value) == message


# --- errors ------------------------------------------------------------------------------------------------------

REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("x.csv", "x,y\n", {}, "there are no rows in x.csv"),
    ("x.csv", "1,0\n2,0\n", {}, "x.csv has one class only, 0; there is nothing to tell apart"),
    ("x.csv", "1,yes\n2,yes\n", {}, "x.csv has one class only, yes; there is nothing to tell apart"),
    ("x.csv", "1,0\n2,2\n", {}, "x.csv has no sample of class 1; its labels should be 0 to 2"),
    ("x.csv", "1,1\n2,2\n", {}, "x.csv has no sample of class 0; its labels should be 0 to 2"),
    ("x.csv", "1,0\n2,1\n", {"outputs": 3}, "x.csv has no sample of class 2; its labels should be 0 to 2"),
    ("x.csv", "1,0\n2,7\n", {"outputs": 3}, "x.csv, line 2: label 7 is no class; the classes are 0 to 2"),
    ("x.csv", "1,0\n2,2\n", {"outputs": 1}, "x.csv, line 2: label 2 is no class; the classes are 0 to 1"),
    ("x.csv", "#\n1,0\n\n2,0.5\n", {}, "x.csv, line 4: label 0.5 is no class; classes count from 0"),
    ("x.csv", "1,a\n2,b\n3,c\n", {"outputs": 2}, "x.csv has 3 classes (a, b, c), the network can tell 2 apart"),
    ("x.csv", "1,a\n2,b\n", {"outputs": 3}, "x.csv has 2 classes (a, b), the network can tell 3 apart"),
    ("x.csv", "1,a\n2,\n", {}, "x.csv, line 2: a label is missing here"),
    ("x.csv", "a,b,y\n1,2,0\n1,nan,1\n", {}, "x.csv, line 3, column 'b': nan is no number to train with"),
    ("x.csv", "1,2,cat\n1,inf,dog\n", {}, "x.csv, line 2, column 2: inf is no number to train with"),
    ("x.csv", "1,0\n2,nan\n", {}, "x.csv, line 2, column 2: nan is no number to train with"),
    ("x.csv", "1,2,cat\n1,dog\n", {}, "x.csv, line 2: 2 fields in this row, 3 in the first"),
    ("x.csv", "1,2,0\n1,1\n", {}, "x.csv, line 2: 2 numbers in this row, 3 in the first"),
    ("x.csv", "a,b,y\n1,2,0\n1,,1\n", {}, "x.csv, line 3, column 'b': a number is missing here"),
    ("x.csv", "a,b,y\n1,,no\n1,2,yes\n", {}, "x.csv, line 2, column 'b': a number is missing here"),
    ("x.csv", "a,b,y\n1,2,no\n1,two,yes\n", {}, "x.csv, line 3, column 'b': 'two' is not a number"),
    ("x.csv", 'a,y\n1,no\n2,"yes\n', {}, "x.csv, line 3: unexpected end of data"),
    ("x.csv", b"a,y\n1,no\n2,\xe9t\xe9\n", {}, "x.csv, line 3 is not UTF-8 text; convert it, for example with iconv"),
    (
        "x.csv", "a,b,y\nred,2,no\nblue,1,yes\n", {},
        "x.csv, line 2, column 'a': 'red' is not a number; --column says which columns to read, --vectors FILE reads "
        "words, as does --vocabulary N of train",
    ),
    (
        "x.csv", "the kind,a,b\nred,2,3\nblue,1,4\n", {},
        "x.csv, line 2, column 'the kind': 'red' is not a number; --label 'the kind' makes it the label, --column says "
        "which columns to read, --vectors FILE reads words, as does --vocabulary N of train",
    ),
    (
        "x.csv", "b,a,y\n1,2,0\n2,1,1\n", {"names": ("a", "b")},
        "feature 1 of x.csv is 'b', the network learned from 'a' there; --column NAME, repeated, reads columns in the "
        "order given, the label last",
    ),
    (
        "x.csv", "B,z,y\n1,2,0\n2,1,1\n", {"names": ("a", "b")},
        "feature 1 of x.csv is 'B', the network learned from 'a' there; --column NAME, repeated, reads columns in the "
        "order given, the label last",
    ),
    ("x.csv", IRIS, {"label": "specie"}, "x.csv has no column 'specie'; did you mean species?"),
    ("x.csv", IRIS, {"label": "weight"}, "x.csv has no column 'weight'; its columns are sepal, petal, species"),
    ("x.csv", IRIS, {"label": "4"}, "x.csv has no column 4; columns are numbered 1 to 3"),
    ("x.csv", "1,2,0\n", {"label": "y"}, "x.csv has no column 'y', as it has no names of columns; give a number"),
    (
        "x.csv", IRIS, {"inputs": 3},
        "layer 1 expects 3 inputs, x.csv has 2 columns of features beside the label, column 'species'",
    ),
    ("x.csv", "1\n2\n", {}, "x.csv has no column of features, only column 1, the label"),
    (
        "x.csv", IRIS, {"labelled": False},
        "x.csv, line 2, column 'species': label 'setosa' is not a number; this loss needs one",
    ),
    ("x.csv", IRIS, {"words": (9, 5)}, "words are read from one column of text beside the label; x.csv has no text"),
    (
        "x.csv", "t,n,y\na b,1,0\nc d,2,1\n", {"words": (9, 5)},
        "words are read from one column of text beside the label; x.csv has column 'n' as well",
    ),
    ("r.csv", REVIEWS, {"words": (9, 5), "inputs": 6}, "layer 1 expects 6 inputs, r.csv has texts of 5 words"),
    ("r.csv", REVIEWS, {"words": (2, 5)}, "a vocabulary has at least 3 numbers (padding, unknown and a word), not 2"),
    ("r.csv", REVIEWS, {"words": (9, 0)}, "a text is at least 1 word long, not 0"),
    ("x.json", '[{"a": 1, "y": "no"}, {"a": 2}]', {}, "x.json, item 2: no key 'y'; the keys are a"),
    ("x.json", '[[1, "no"], [2, 3, "yes"]]', {}, "x.json, item 2: 3 values in this row, 2 in the first"),
    ("x.json", '[[1, "no"], [null, "yes"]]', {}, "x.json, item 2, column 1: a number is missing here"),
    ("x.ndjson", '[1, "no"]\n\n[true, "yes"]\n', {}, "x.ndjson, line 3, column 1: 'true' is not a number"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "how", "message"), REFUSED)
def test_refused(name: str, content: str | bytes, how: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        load(write(name, content), **{"labelled": True, **how})
    assert str(caught.value) == message


def test_labels_whose_first_line_reads_like_a_header_are_pointed_out() -> None:
    np.save("x.npy", np.eye(2))
    with pytest.raises(ValueError) as caught:
        load("x.npy", labels=write("y.csv", "no\nyes\n"), labelled=True)
    assert str(caught.value) == "x.npy has 2 rows, y.csv has 1 under its header, no"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1,bird\n", "y.csv, line 1: 'bird' is no class of the training data; the classes are cat, dog"),
        ("1,cat\n1,dgo\n", "y.csv, line 2: 'dgo' is no class of the training data; did you mean dog?"),
        ("1,0\n", "y.csv, line 1: 0 is no class of the training data; they are cat, dog"),
    ],
)
def test_validation_with_other_classes_is_refused(content: str, message: str) -> None:
    training = load(write("x.csv", "1,cat\n2,dog\n"), labelled=True)
    with pytest.raises(ValueError) as caught:
        load(write("y.csv", content), labelled=True, like=training)
    assert str(caught.value) == message


IMAGES = idx(np.zeros((3, 2, 2)))
# Without a time the bytes, which are part of names of tests, are equal in every process.
IMAGES_GZ = gzip.compress(idx(np.random.default_rng(0).integers(0, 256, (30, 20, 20))), mtime=0)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES, idx([0, 1]), "i.idx has 3 rows, l.idx has 2"),
        (IMAGES[:-1], idx([0, 1, 0]), "i.idx ends early: its header promises 12 numbers, 11 are there"),
        (IMAGES[:9], idx([0, 1, 0]), "i.idx is not a whole IDX file: its header promises 3 dimensions and breaks off"),
        (b"", idx([0, 1, 0]), "i.idx is not a whole IDX file: it begins with nothing; "
         "images begin with 00 00 08 03, labels with 00 00 08 01"),
        (b"\x89PNG" + IMAGES, idx([0, 1, 0]), "i.idx is not a whole IDX file: it begins with 89 50 4e 47; "
         "images begin with 00 00 08 03, labels with 00 00 08 01"),
        (IMAGES_GZ[:-2000], idx([0, 1]), "i.idx ends early or is damaged: its compressed numbers break off"),
        (IMAGES_GZ[:5], idx([0, 1]), "i.idx is not a whole IDX file: "
         "Compressed file ended before the end-of-stream marker was reached"),
        (idx(np.zeros((2, 2, 2))), idx([0, 0]), "l.idx has one class only, 0; there is nothing to tell apart"),
        (idx(np.zeros((2, 2, 2))), idx([[0, 0], [1, 1]]), "l.idx has 2 columns; labels are one class per row"),
    ],
)  # fmt: skip
def test_idx_files_that_will_not_do(images: bytes, labels: bytes, message: str) -> None:
    with pytest.raises((ValueError, OSError)) as caught:
        load(write("i.idx", images), labels=write("l.idx", labels), labelled=True)
    assert str(caught.value) == message


def test_images_need_labels() -> None:
    with pytest.raises(ValueError) as caught:
        load(write("i.idx", IMAGES), labelled=True)
    assert str(caught.value) == "i.idx holds no labels, its array has 3 axes; give a file of labels"


def test_what_memory_cannot_hold_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory_limit", lambda: 10**6)
    write("i.idx", idx(np.zeros((1001, 50, 20))))
    with pytest.raises(ValueError) as caught:
        load("i.idx", labels="none.idx", labelled=True)
    assert str(caught.value) == ("needs 1.001 MB of memory (the numbers of i.idx 1.001 MB), but this machine has 1 MB")
    write("x.csv", "1,2,0\n" * 100_000)
    with pytest.raises(ValueError) as caught:
        load("x.csv", labelled=True)
    assert str(caught.value) == (
        "needs 1.2 MB of memory (the text of x.csv 600 kB + its numbers 600 kB), but this machine has 1 MB"
    )
    with Path("sparse.json").open("wb") as file:
        file.truncate(10**9)
    with pytest.raises(ValueError, match=r"^needs 2 GB of memory \(the text of sparse.json 1 GB \+ its numbers 1 GB\)"):
        load("sparse.json", labelled=True)
    write("r.csv", REVIEWS)
    with pytest.raises(ValueError) as caught:
        load("r.csv", labelled=True, words=(9, 10**6))
    assert str(caught.value) == "needs 24 MB of memory (3 texts of 1000000 words 24 MB), but this machine has 1 MB"


def test_one_place_for_the_labels() -> None:
    np.savez("data.npz", X=np.eye(2), y=[0, 1])
    with pytest.raises(ValueError) as caught:
        load("data.npz", labelled=True, label="2")
    assert str(caught.value) == "the labels are in data.npz:y; a column of data.npz:X cannot be the label too"
    with pytest.raises(ValueError) as caught:
        load("data.npz", labelled=False, outputs=2)
    assert (
        str(caught.value)
        == "the network has 2 outputs, data.npz:y has 1 column of targets; for classes its last activation is softmax"
    )
    np.savez("other.npz", X=np.eye(2), z=[0, 1])
    with pytest.raises(ValueError) as caught:
        load("other.npz", labelled=True)
    assert str(caught.value) == "other.npz holds 2 arrays; say which, as FILE.npz:KEY: X, z"
