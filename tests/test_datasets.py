"""The data sets: those of nnfs bit for bit, the others by their definitions, and numpy unchanged."""

import subprocess
import sys

import numpy as np
import pytest

from actcli import datasets

# The data of nnfs itself, from a separate process, because it changes numpy permanently.
_NNFS = """
import sys
import nnfs
import numpy as np
from nnfs.datasets import sine_data, spiral_data, vertical_data
nnfs.init(random_seed={seed}, default_dtype="{dtype}")
drawn = {name}_data({arguments})
sys.stdout.buffer.write(drawn[0].tobytes() + drawn[1].tobytes() + np.random.randn(4).tobytes())
"""


@pytest.mark.parametrize(
    ("name", "samples", "classes", "seed", "dtype"),
    [
        ("spiral", 100, 3, 0, "float32"),
        ("spiral", 17, 5, 42, "float32"),
        ("spiral", 100, 3, 0, "float64"),
        ("vertical", 100, 3, 0, "float32"),
        ("vertical", 9, 2, 7, "float64"),
        ("sine", 1000, None, 0, "float32"),
    ],
)
def test_bytes_of_nnfs(name, samples, classes, seed, dtype):
    arguments = ", ".join(str(n) for n in (samples, classes) if n is not None)
    script = _NNFS.format(name=name, arguments=arguments, seed=seed, dtype=dtype)
    expected = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
    data = datasets.make(name, samples, classes, seed=seed, dtype=dtype)
    targets = data.targets.astype(np.uint8) if data.is_labelled else data.targets
    after = data.generator.randn(4).astype(dtype)
    assert data.features.tobytes() + targets.tobytes() + after.tobytes() == expected


def test_the_spiral_of_cs231n():
    generator = np.random.RandomState(5)
    arms = []
    for j in range(3):  # theta and radius as in the notes
        t = np.linspace(j * 4, (j + 1) * 4, 100) + generator.randn(100) * 0.2
        r = np.linspace(0.0, 1, 100)
        arms.append(np.c_[r * np.sin(t), r * np.cos(t)])
    data = datasets.make("cs231n", 100, 3, seed=5, dtype="float64")
    assert np.array_equal(data.features, np.concatenate(arms))
    assert np.array_equal(data.targets, np.repeat([0, 1, 2], 100))
    assert data.generator.randn() == generator.randn()


def test_numpy_is_as_it_was():
    before = (np.dot, np.zeros, np.eye, np.random.randn)
    np.random.seed(123)  # noqa: NPY002 - the generator that must not move
    expected = np.random.RandomState(123).randn(3)
    datasets.make("spiral")
    datasets.make("vertical")
    assert (np.dot, np.zeros, np.eye, np.random.randn) == before
    assert np.array_equal(np.random.randn(3), expected)  # noqa: NPY002


def test_numpy_is_as_it_was_after_a_failure(monkeypatch):
    import nnfs.datasets

    def fail(samples, classes):
        raise RuntimeError("no data today")

    before = (np.dot, np.zeros, np.eye, np.random.randn)
    monkeypatch.setattr(nnfs.datasets, "spiral_data", fail)
    with pytest.raises(RuntimeError, match=r"^no data today$"):
        datasets.make("spiral")
    assert (np.dot, np.zeros, np.eye, np.random.randn) == before


@pytest.mark.parametrize(("name", "noise"), [("spiral", 0.2), ("vertical", 0.1)])
def test_own_formula_is_nnfs_at_its_noise(name, noise):
    # A noise next to that of nnfs uses the formula here; the data must be equal except for this step.
    theirs = datasets.make(name, 50, 4, seed=3)
    ours = datasets.make(name, 50, 4, seed=3, noise=np.nextafter(noise, 1))
    assert np.abs(theirs.features - ours.features).max() < 1e-6
    assert np.array_equal(theirs.targets, ours.targets)
    assert theirs.generator.randn() == ours.generator.randn()


def test_more_classes_than_eight_bits():
    data = datasets.make("spiral", 2, 300)
    assert data.targets.dtype == np.int64
    assert np.array_equal(data.targets, np.repeat(np.arange(300), 2))


def test_spiral_turns():
    data = datasets.make("spiral", 101, 2, noise=0, turns=1)
    angle = np.unwrap(np.arctan2(data.features[1:101, 0].astype(float), data.features[1:101, 1].astype(float)))
    assert angle[-1] - angle[0] == pytest.approx(2 * np.pi * 99 / 100, rel=1e-6)


@pytest.mark.parametrize(
    ("name", "classes", "inside"),
    [
        ("moons", 2, lambda x, y, c: np.hypot(x - c, y - 0.5 * c) - 1),
        ("circles", 3, lambda x, y, c: np.hypot(x, y) - (c + 1) / 3),
        ("xor", 2, lambda x, y, c: np.abs(x - y) - c),
        ("gauss", 5, lambda x, y, c: np.hypot(x - np.cos(2 * np.pi * c / 5), y - np.sin(2 * np.pi * c / 5))),
    ],
)
def test_shape_without_noise(name, classes, inside):
    data = datasets.make(name, 40, classes, noise=0, dtype="float64")
    assert np.array_equal(data.targets, np.repeat(np.arange(classes), 40))
    assert np.abs(inside(*data.features.T, data.targets)).max() < 1e-12


@pytest.mark.parametrize("name", datasets.names())
def test_a_seed_is_the_data(name):
    one, two, other = (datasets.make(name, 20, seed=seed, noise=0.5) for seed in (1, 1, 2))
    assert np.array_equal(one.features, two.features)
    assert np.array_equal(one.targets, two.targets)
    assert not (np.array_equal(one.features, other.features) and np.array_equal(one.targets, other.targets))


def test_held_out_rows_are_a_share_of_every_class():
    data = datasets.make("spiral", 50, 3)
    marked = datasets.held_out(data, 0.2)
    assert [int(marked[data.targets == label].sum()) for label in range(3)] == [10, 10, 10]
    assert np.array_equal(marked, datasets.held_out(datasets.make("spiral", 50, 3), 0.2))


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (
            ("helix",),
            {},
            "unknown data set 'helix'; there are spiral, vertical, sine, moons, circles, xor, gauss, cs231n",
        ),
        (("spiral", 0), {}, "samples must be at least 1, not 0"),
        (("spiral", 1, 0), {}, "classes must be at least 1, not 0"),
        (("moons", 1, 3), {}, "the moons data has 2 classes, not 3"),
        (("spiral",), {"seed": -1}, "seed must be between 0 and 4294967295, not -1"),
        (("spiral",), {"noise": -0.5}, "noise must be a finite number of at least 0, not -0.5"),
        (("spiral",), {"turns": float("inf")}, "turns must lie within 1,000,000, not inf"),
        (("sine",), {"turns": 2.0}, "only spirals have turns, not the sine data"),
    ],
)
def test_refused(arguments, options, message):
    with pytest.raises(ValueError) as caught:
        datasets.make(*arguments, **options)
    assert str(caught.value) == message


def test_too_large_for_memory():
    with pytest.raises(ValueError) as caught:
        datasets.make("spiral", 10**15, 3)
    assert str(caught.value).startswith(
        "needs 48 PB of memory (3000000000000000 rows of spiral data 48 PB), but this machine has "
    )


@pytest.mark.parametrize("name", ["spiral", "vertical", "sine", "moons"])
def test_a_second_draw_goes_on_where_the_first_ended(name: str) -> None:
    first = datasets.make(name, 10, seed=3)
    second = datasets.make(name, 10, generator=first.generator)
    assert second.generator is first.generator
    both = np.random.RandomState(3)
    for expected in (first, second):
        again = datasets.make(name, 10, generator=both)
        assert np.array_equal(again.features, expected.features) and np.array_equal(again.targets, expected.targets)
    assert name == "sine" or not np.array_equal(first.features, second.features)
