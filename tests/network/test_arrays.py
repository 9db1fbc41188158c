"""Arrays of a pass by name, and the first difference from other arrays."""

import math

import numpy as np
import pytest

from actcli.network.arrays import collect, first_differences, load
from actcli.network.model import Network
from actcli.network.weights import npz

NETWORK = Network("3,4,2", "tanh,softmax", init="he")
BATCH = np.random.RandomState(0).randn(10, 3).astype(np.float32)


def pieces(size):
    return [(BATCH[start : start + size], None) for start in range(0, 10, size)]


@pytest.mark.parametrize("size", [1, 3, 10])
def test_every_array_whatever_the_batches(size):
    arrays = collect(NETWORK, pieces(size), None)
    expected = {"x": BATCH}
    for number, (before, after) in enumerate(NETWORK.trace(BATCH), 1):
        expected |= {f"z{number}": before, f"a{number}": after}
    assert list(arrays) == list(expected)
    assert all(np.array_equal(arrays[name], expected[name]) for name in expected)
    assert {len(array) for array in collect(NETWORK, pieces(size), 4).values()} == {4}


def test_npz_and_json(tmp_path):
    arrays = collect(NETWORK, pieces(10), None)
    (tmp_path / "a.npz").write_bytes(npz(arrays))
    loaded = load(tmp_path / "a.npz", arrays)
    assert all(np.array_equal(loaded[name], arrays[name]) for name in arrays)
    (tmp_path / "b.json").write_text('{"arrays": {"a1": [[1, "nan"], ["-inf", 0.5]]}}')
    assert np.array_equal(load(tmp_path / "b.json", arrays)["a1"], [[1, math.nan], [-math.inf, 0.5]], equal_nan=True)


def test_differences():
    ours = {"x": np.array([[1, 2], [3, math.nan], [0.0, 5]]), "a1": np.ones((3, 1), np.float32)}
    theirs = {"x": np.array([[1, 2], [math.nextafter(3, 4), math.nan], [-0.0, 5.5]]), "a1": np.ones((3, 1))}
    x, a1 = first_differences(ours, theirs)
    assert (x.name, x.rows, x.count, x.row, x.column) == ("x", 3, 2, 1, 0)
    assert (x.ours, x.theirs, x.absolute, x.ulp) == (3, math.nextafter(3, 4), math.ulp(3.0), 1)
    assert (x.worst_absolute, x.worst_ulp) == (0.5, 2**51 // 4)
    assert (a1.count, a1.row, a1.worst_ulp) == (0, None, 0)


def test_units_are_counted_across_zero():
    smallest = float(np.finfo(np.float64).smallest_subnormal)
    (found,) = first_differences({"x": np.array([[smallest]])}, {"x": np.array([[-smallest]])})
    assert found.ulp == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "", "the file must end in .npz or .json"),
        ("a.json", "[1]", 'expected {"arrays": {"a1": [[...]], ...}}'),
        ("a.json", '{"arrays": {}}', "there are no arrays in it"),
        ("a.json", '{"q": [[1]]}', "there is no array 'q' in this network, only x, a1"),
        ("a.json", '{"a1": 3}', "'a1' is no table of numbers"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError) as caught:
        load(tmp_path / name, ["x", "a1"])
    assert str(caught.value) == f"{tmp_path / name}: {message}"


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"^array 'a1' is 2x3 there and 2x2 here$"):
        first_differences({"a1": np.ones((2, 2))}, {"a1": np.ones((2, 3))})
