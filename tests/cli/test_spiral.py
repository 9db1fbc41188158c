"""actcli spiral: the numbers of nnfs to the last digit, and the other data sets."""

import csv
import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from actcli import datasets


def actcli(*words, cwd=None):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-m", "actcli", "spiral", *words],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def spiral(*words, cwd=None):
    done = actcli(*words, cwd=cwd)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout


def table(text):
    return list(csv.reader(io.StringIO(text), delimiter="\t"))


def test_the_books_rows():
    text = spiral("--samples", "100", "--classes", "3", "--seed", "0")
    assert text == spiral()
    header, *rows = table(text)
    assert header == ["x", "y", "class"]
    assert rows[:3] == [["0.0", "0.0", "0"], ["0.002995557", "0.009646608", "0"], ["0.01288097", "0.015562848", "0"]]
    data = datasets.make("spiral", 100, 3)
    assert np.array_equal(np.array([row[:2] for row in rows], np.float32), data.features)
    assert [int(row[2]) for row in rows] == [0] * 100 + [1] * 100 + [2] * 100


def test_json():
    said = json.loads(spiral("--samples", "2", "--classes", "2", "--json"))
    assert {key: said[key] for key in ("command", "data", "samples", "classes", "seed")} == {
        "command": "spiral", "data": "spiral", "samples": 2, "classes": 2, "seed": 0,
    }  # fmt: skip
    assert said["rows"][0] == {"x": 0.0, "y": 0.0, "class": 0}
    assert len(said["rows"]) == 4


def test_draws_before_the_data():
    earlier = np.random.RandomState(0)
    earlier.randn(30)
    rows = table(spiral("--samples", "10", "--advance", "30"))[1:]
    assert rows == table(spiral("10", "--advance", "30"))[1:]
    data = datasets.make("spiral", 10, 3, generator=earlier)
    assert np.array_equal(np.array([row[:2] for row in rows], np.float32), data.features)
    assert np.array_equal(datasets.make("spiral", 10, 3, advance=30).features, data.features)
    assert spiral("--advance", "0") == spiral()
    assert json.loads(spiral("--advance", "30", "--json"))["advance"] == 30


def test_the_sine_has_no_classes():
    header, *rows = table(spiral("--data", "sine", "--samples", "4"))
    assert (header, len(rows)) == (["x", "y"], 4)
    assert rows[1] == ["0.25", "1.0"]


@pytest.mark.parametrize("name", ["vertical", "moons", "circles", "xor", "gauss"])
def test_siblings_are_the_data_sets(name):
    rows = table(spiral("--data", name, "--samples", "5", "--seed", "3"))[1:]
    data = datasets.make(name, 5, seed=3)
    assert np.array_equal(np.array([row[:2] for row in rows], np.float32), data.features)
    assert [int(row[2]) for row in rows] == data.targets.tolist()


def test_noise_turns_and_a_split():
    header, *rows = table(spiral("--noise", "0", "--turns", "2", "--samples", "10", "--test-split", "0.3"))
    assert header == ["x", "y", "class", "test"]
    data = datasets.make("spiral", 10, 3, noise=0, turns=2)
    assert np.array_equal(np.array([row[:2] for row in rows], np.float32), data.features)
    assert [[row[2:] for row in rows].count([str(label), "1"]) for label in range(3)] == [3, 3, 3]


def test_files(tmp_path):
    assert spiral("--output", "s.csv", "--plot", "s.png", "--cmap", "brg", cwd=tmp_path) == ""
    assert (tmp_path / "s.csv").read_text() == spiral("--csv")
    assert (tmp_path / "s.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    spiral("--output", "s.npy", "--plot", "plain.svg", "--plain", cwd=tmp_path)
    array = np.load(tmp_path / "s.npy", allow_pickle=False)
    assert array.shape == (300, 3)
    assert np.array_equal(array[:, 2], np.repeat([0, 1, 2], 100))
    assert (tmp_path / "plain.svg").read_bytes()[:5] == b"<?xml"
    spiral("20", "2", "--turns", "0.5", "--noise", "0.1", "--plot", "s.svg", cwd=tmp_path)
    caption = "spiral, 20 samples per class, 2 classes, noise 0.1, turns 0.5, seed 0"
    assert f">{caption}</text>" in (tmp_path / "s.svg").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--samples 0", "samples must be at least 1, not 0"),
        ("--data moons --classes 3", "the moons data has 2 classes, not 3"),
        ("--noise -1", "noise must be a finite number of at least 0, not -1"),
        ("--test-split 1.5", "the test split must lie between 0 and 1, not 1.5"),
        ("--cmap brg", "--plain and the options of the picture's looks are for --plot FILE; give it too"),
    ],
)
def test_refused(words, message):
    done = actcli(*words.split())
    assert (done.stdout, done.stderr, done.returncode) == ("", f"Error: {message}\n", 2)


def test_no_more_rows_than_memory():
    done = actcli("--samples", "100000000000000")
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr.startswith(
        "Error: needs 4.8 PB of memory (300000000000000 rows of spiral data 4.8 PB), but this "
    )


def test_draws_ahead_have_a_limit():
    done = actcli("--advance", "50000001")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Error: a generator can advance by 0 to 50,000,000 draws, not 50000001\n"
