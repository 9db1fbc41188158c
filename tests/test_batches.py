"""Samples in batches: every source cut into rows of features and targets."""

import gzip

import numpy as np
import pytest

from actcli import datasets
from actcli.network import batches


def rows_of(samples):
    return [(features.tolist(), None if targets is None else targets.tolist()) for features, targets in samples]


def from_file(path, width, size=100, labels=True, columns=()):
    return batches.from_file(str(path), (width,), size, form=None, columns=list(columns), labels=labels, stdin=None)


def test_batches_are_full_but_the_last(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(14.0).reshape(7, 2))
    assert rows_of(from_file(tmp_path / "x.npy", 2, 3)) == [
        ([[0, 1], [2, 3], [4, 5]], None),
        ([[6, 7], [8, 9], [10, 11]], None),
        ([[12, 13]], None),
    ]


@pytest.mark.parametrize("size", [1, 100, 1000, 2**20])
def test_every_row_comes_once_in_order(tmp_path, size):
    whole = np.random.RandomState(0).randn(50_000, 21).astype(np.float32)  # several blocks of the reader
    np.save(tmp_path / "x.npy", whole)
    samples = from_file(tmp_path / "x.npy", 20, max(size, 100) if size == 1 else size)
    assert (samples.has_targets, samples.labelled, samples.rows) == (True, True, 50_000)
    parts = list(samples)
    assert np.array_equal(np.concatenate([features for features, _ in parts]), whole[:, :20])
    assert np.array_equal(np.concatenate([targets for _, targets in parts]), whole[:, 20])


@pytest.mark.parametrize("order", ["C", "F"])
def test_images_are_a_sample_an_entry(tmp_path, order):
    images = np.asarray(np.random.RandomState(0).rand(5, 4, 3, 2), order=order)
    np.save(tmp_path / "x.npy", images)
    samples = from_file(tmp_path / "x.npy", 24, 2)
    assert samples.rows == 5
    assert np.array_equal(np.concatenate([features for features, _ in samples]), images.reshape(5, 24))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_idx_images_are_a_sample_an_entry(tmp_path, pack):
    images = np.arange(5 * 4 * 3, dtype=np.uint8)
    header = bytes([0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 3])
    (tmp_path / "t10k-images.idx3-ubyte.gz").write_bytes(pack(header + images.tobytes()))
    samples = from_file(tmp_path / "t10k-images.idx3-ubyte.gz", 12, 2)
    assert samples.rows == 5
    assert np.array_equal(np.concatenate([features for features, _ in samples]), images.reshape(5, 12))


def test_a_line_of_numbers_is_a_row_or_a_column(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(4.0))
    assert rows_of(from_file(tmp_path / "x.npy", 4)) == [([[0, 1, 2, 3]], None)]
    assert rows_of(from_file(tmp_path / "x.npy", 1)) == [([[0], [1], [2], [3]], None)]


def test_columns_are_chosen(tmp_path):
    (tmp_path / "x.csv").write_text("id,x,y,class\n7,1,2,0\n8,3,4,1\n")
    assert rows_of(from_file(tmp_path / "x.csv", 2, columns=["y", "x", "class"])) == [([[2, 1], [4, 3]], [0, 1])]


def test_pictures(tmp_path):
    from PIL import Image

    grey = np.array([[0, 51], [102, 255]], np.uint8)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    assert batches.read_image(tmp_path / "grey.png")[:, :, 0].tolist() == [[0, 0.2], [0.4, 1]]
    Image.fromarray(np.dstack([grey, grey, grey, grey])).save(tmp_path / "colour.png")
    assert batches.read_image(tmp_path / "colour.png").shape == (2, 2, 3)
    assert rows_of(from_file(tmp_path / "grey.png", 4)) == [([[0, 0.2, 0.4, 1]], None)]
    with pytest.raises(ValueError, match=r"grey\.png has 2x2x1 numbers, layer 1 expects 9 inputs$"):
        from_file(tmp_path / "grey.png", 9)
    (tmp_path / "no.png").write_text("no picture")
    with pytest.raises(OSError, match=r"no\.png is no picture that can be read$"):
        from_file(tmp_path / "no.png", 4)


def test_data_sets_and_normal_numbers():
    data = datasets.make("spiral", 3, 2)
    samples = batches.from_dataset(data, 4)
    assert (samples.rows, samples.labelled) == (6, True)
    assert [len(features) for features, _ in samples] == [4, 2]
    drawn = np.concatenate([x for x, _ in batches.from_normal(np.random.RandomState(1), 10, 3, 4)])
    assert np.array_equal(drawn, np.random.RandomState(1).randn(10, 3))


def test_nothing_and_the_wrong_width(tmp_path):
    (tmp_path / "x.csv").write_text("x,y\n")
    with pytest.raises(ValueError, match=r"^there are no rows in .*x\.csv$"):
        from_file(tmp_path / "x.csv", 2)
    (tmp_path / "y.csv").write_text("1,2,3,4\n")
    with pytest.raises(ValueError, match=r"^layer 1 expects 2 inputs, .*y\.csv has 4 columns; --column NAME"):
        from_file(tmp_path / "y.csv", 2)


@pytest.mark.parametrize(
    ("name", "text", "columns", "names"),
    [
        ("x.csv", "a,b,class\n1,2,0\n", (), ("a", "b")),
        ("x.csv", "a,b,class\n1,2,0\n", ("b", "1", "class"), ("b", "a")),
        ("x.csv", "1,2,0\n", (), ()),
        ("x.json", "[[1, 2, 0]]", (), ()),
    ],
)
def test_features_have_the_names_of_their_columns(tmp_path, name, text, columns, names):
    (tmp_path / name).write_text(text)
    assert from_file(tmp_path / name, 2, columns=columns).columns == names
