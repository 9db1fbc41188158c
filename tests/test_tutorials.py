"""The numbers of the five tutorials, computed by commands."""

import json
import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest


def actcli(*words, cwd=None, stdin=None):
    """Standard output of a run that must succeed without output on standard error."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "actcli", *words],
        cwd=cwd, env=environment, input=stdin, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout


def rows(text):
    return np.array([line.split("\t") for line in text.splitlines()[1:]], float)


def columns(text):
    """The columns of a table by name."""
    header, *lines = [line.split("\t") for line in text.splitlines()]
    return dict(zip(header, np.array(lines, float).T, strict=True))


# --- ReLU notes ---


def test_relu_notes_values():
    values = columns(
        actcli("eval", "step", "sigmoid", "relu", "--", "0", "2", "-1", "3.3", "-2.7", "1.1", "2.2", "-100")
    )
    assert values["relu"].tolist() == [0, 2, 0, 3.3, 0, 1.1, 2.2, 0]
    assert values["step"].tolist() == [0, 1, 0, 1, 0, 1, 1, 0]
    assert values["sigmoid"][[0, 1]].round(4).tolist() == [0.5, 0.8808]


def test_relu_notes_layer():
    generator = np.random.RandomState(0)
    # Drawn as in the notes: first the spiral of nnfs, then the weights 0.10·N(0, 1).
    from actcli import datasets

    x = datasets.make("spiral", 100, 3).features.astype(float)
    for _ in range(3):
        generator.randn(100)
    expected = np.maximum(0, x @ (0.10 * generator.randn(2, 5)))
    words = ("--layers", "2,5", "--classes", "3", "--scale", "0.1", "--activation", "relu")
    given = rows(actcli("forward", *words, "--rows", "all"))
    assert np.abs(given - expected).max() < 1e-7


def test_relu_notes_sine_from_pairs_of_neurons(tmp_path):
    # Each pair of ReLU neurons adds a slope between two knots, and the sum equals the sine at the knots.
    knots = np.linspace(0, 1, 33)
    heights = np.sin(2 * np.pi * knots)
    slopes = np.diff(heights) / np.diff(knots)
    steps = np.diff(np.concatenate([[0], slopes]))
    weights = {
        "layers": [
            {"weights": [[1.0] * 32], "biases": (-knots[:-1]).tolist()},
            {"weights": [[step] for step in steps], "biases": [0.0]},
        ]
    }
    (tmp_path / "sine.json").write_text(json.dumps(weights))
    (tmp_path / "x.csv").write_text("\n".join(map(str, knots)) + "\n")
    words = ("--layers", "1,32,1", "--weights", "sine.json", "--activation", "relu,linear", "--dtype", "float64")
    given = rows(actcli("forward", *words, "--input", "x.csv", "--rows", "all", cwd=tmp_path))
    assert np.abs(given[:, 0] - heights).max() < 1e-12
    said = json.loads(actcli("forward", *words, "--data", "sine", "--json", cwd=tmp_path))
    # The error of a chord of the sine is at most (2π/32)²/8.
    assert said["loss"] < ((2 * np.pi / 32) ** 2 / 8) ** 2
    assert said["loss_function"] == "mean squared error"


# --- beginner's guide ---


def test_beginners_values():
    names = ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu"]
    values = columns(actcli("eval", *names, "--", "2", "-3"))
    assert {name: column.round(4).tolist() for name, column in values.items()} == {
        "x": [2, -3],
        "identity": [2, -3],
        "sigmoid": [0.8808, 0.0474],
        "tanh": [0.9640, -0.9951],
        "relu": [2, 0],
        "leaky_relu": [2, -0.03],
        "elu": [2, -0.9502],
    }


def test_beginners_softmax():
    assert rows(actcli("eval", "softmax", "2", "1", "0.1")).round(8).tolist() == [[0.65900114, 0.24243297, 0.09856589]]


def test_beginners_range():
    values = columns(actcli("eval", "sigmoid", "--range", "-10:10:200"))
    assert len(values["x"]) == 200
    assert (values["x"][0], values["x"][-1]) == (-10, 10)


def test_beginners_network(tmp_path):
    weights = [[[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], [[0.1], [0.2], [0.3]]]
    biases = [[0.1, 0.2, 0.3], [0.4]]
    pairs = [{"weights": w, "biases": b} for w, b in zip(weights, biases, strict=True)]
    (tmp_path / "w.json").write_text(json.dumps({"layers": pairs}))
    words = (
        "--layers",
        "2,3,1",
        "--weights",
        "w.json",
        "--activation",
        "sigmoid",
        "--dtype",
        "float64",
        "--input",
        "-",
    )
    given = rows(actcli("forward", *words, cwd=tmp_path, stdin="0.5 0.1\n"))
    values = np.array([[0.5, 0.1]])
    for w, b in zip(weights, biases, strict=True):
        values = 1 / (1 + np.exp(-(values @ np.array(w) + b)))
    assert np.abs(given - values).max() < 1e-15


def test_beginners_edge_kernel(tmp_path):
    image = np.zeros((10, 10))
    image[3:7, 3:7] = 1
    kernel = np.full((3, 3), -1.0)
    kernel[1, 1] = 8
    (tmp_path / "edge.json").write_text(json.dumps({"layers": [{"weights": kernel.tolist(), "biases": [0]}]}))
    np.save(tmp_path / "image.npy", image[None])
    words = ("--layers", "10x10,conv3x3:1", "--weights", "edge.json", "--activation", "relu", "--input", "image.npy")
    given = rows(actcli("forward", *words, cwd=tmp_path)).reshape(10, 10)
    padded = np.pad(image, 1)
    sums = [[(padded[i : i + 3, j : j + 3] * kernel).sum() for j in range(10)] for i in range(10)]
    assert np.array_equal(given, np.maximum(0, sums))


def test_beginners_mean_of_words(tmp_path):
    words = np.array([[0.2, 0.1, 0.5, 0.3, 0.9], [0.4, 0.7, 0.1, 0.2, 0.3], [0.6, 0.1, 0.6, 0.1, 0.0]])
    weights = np.arange(15).reshape(5, 3) / 10
    np.savez(tmp_path / "w.npz", W1=weights)
    text = " ".join(map(repr, words.mean(axis=0).tolist())) + "\n"
    given = rows(
        actcli("forward", "--weights", "w.npz", "--dtype", "float64", "--input", "-", cwd=tmp_path, stdin=text)
    )
    scores = np.exp(words.mean(axis=0) @ weights)
    assert np.abs(given[0] - scores / scores.sum()).max() < 1e-15


def test_beginners_class_of_a_sentence(tmp_path):
    vectors = {"the": [0.2, 0.1, 0.5, 0.3, 0.9], "cat": [0.4, 0.7, 0.1, 0.2, 0.3], "sat": [0.6, 0.1, 0.6, 0.1, 0.0]}
    weights = np.arange(15).reshape(5, 3) / 10
    (tmp_path / "w.json").write_text(json.dumps(weights.tolist()))
    lines = [" ".join([word, *map(str, numbers)]) for word, numbers in vectors.items()]
    (tmp_path / "glove.txt").write_text("\n".join(lines) + "\n")
    words = ("--weights", "w.json", "--vectors", "glove.txt", "--class-names", "sad,so so,happy", "--dtype", "float64")
    header, row = actcli("forward", *words, cwd=tmp_path, stdin="The cat sat.\n").splitlines()
    scores = np.exp(np.mean(list(vectors.values()), axis=0) @ weights)
    assert header.split("\t") == ["class", "sad", "so so", "happy"]
    assert row.split("\t")[0] == "happy"
    assert np.abs(np.array(row.split("\t")[1:], float) - scores / scores.sum()).max() < 1e-15
    said = actcli("forward", *words, "--predict", "-q", cwd=tmp_path, stdin="The cat sat.\n")
    assert said.split("\t")[0] == "happy"


# --- slides ---


def test_slides_line():
    assert columns(actcli("eval", "2*x+1", "--", "3", "-1"))["2*x+1"].tolist() == [7, -1]
    assert columns(actcli("grad", "2*x+1", "--", "3", "-1"))["2*x+1"].tolist() == [2, 2]


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "elu"])
def test_slides_networks(activation):
    words = ("--layers", "784,64,64,10", "--activation", f"{activation},{activation},softmax")
    said = json.loads(actcli("forward", *words, "--data", "normal", "--samples", "3", "--json"))
    assert [layer["parameters"] for layer in said["layers"]] == [50240, 4160, 650]
    assert sum(said["rows"][0].values()) == pytest.approx(1, abs=1e-6)


def test_slides_convolutional_classifier():
    words = ("--layers", "28x28,conv3x3:32:valid,pool2,flatten,10", "--data", "normal", "--samples", "2")
    said = json.loads(actcli("forward", *words, "--json"))
    assert [layer["parameters"] for layer in said["layers"]] == [320, 0, 0, 54090]


# --- lecture notes ---


def test_lecture_values():
    values = columns(actcli("eval", "leaky_relu@negative_slope=0.1", "--", "-3", "2"))
    assert values["leaky_relu@negative_slope=0.1"].tolist() == [-3 * 0.1, 2]


def test_lecture_maxout(tmp_path):
    # max(w1·x + b1, w2·x + b2) is one unit with two pieces.
    np.savez(tmp_path / "w.npz", W1=[[1.0, -2.0], [0.5, 1.0]], b1=[0.1, 0.2])
    words = ("--layers", "2,2", "--weights", "w.npz", "--activation", "maxout@k=2", "--dtype", "float64")
    given = rows(actcli("forward", *words, "--input", "-", cwd=tmp_path, stdin="1 2\n-1 0.5\n"))
    assert given.tolist() == [[max(1 + 1 + 0.1, -2 + 2 + 0.2)], [max(-1 + 0.25 + 0.1, 2 + 0.5 + 0.2)]]


def test_lecture_linear_layers_collapse(tmp_path):
    c = 0.5
    np.savez(tmp_path / "w.npz", W1=[[c]], W2=[[c]], W3=[[c]])
    words = ("--weights", "w.npz", "--activation", "linear", "--input", "-", "--rows", "all")
    given = rows(actcli("forward", *words, cwd=tmp_path, stdin="-8\n0\n3\n16\n"))
    assert given[:, 0].tolist() == [c**3 * x for x in (-8, 0, 3, 16)]


def test_lecture_accuracy_over_batches(tmp_path):
    generator = np.random.RandomState(1)
    sizes = (20, 50, 100, 10)
    arrays = {}
    for number, (n, m) in enumerate(pairwise(sizes), 1):
        arrays[f"W{number}"] = generator.randn(n, m).astype(np.float32)
        arrays[f"b{number}"] = generator.randn(m).astype(np.float32)
    np.savez(tmp_path / "w.npz", **arrays)
    x, labels = generator.randn(1234, 20).astype(np.float32), generator.randint(0, 10, 1234)
    np.save(tmp_path / "x.npy", np.c_[x, labels].astype(np.float32))
    values = x.astype(float)
    for number in (1, 2, 3):
        values = values @ arrays[f"W{number}"] + arrays[f"b{number}"]
        values = 1 / (1 + np.exp(-values)) if number < 3 else values
    expected = float((values.argmax(axis=1) == labels).mean())
    words = ("--layers", "20,50,100,10", "--activation", "sigmoid,sigmoid,softmax", "--weights", "w.npz")
    for size in ("1", "100", "5000"):
        said = json.loads(actcli("forward", *words, "--input", "x.npy", "--batch-size", size, "--json", cwd=tmp_path))
        assert said["accuracy"] == expected


# --- NNFS notes ---

FIRST = {
    "weights": [[0.2, 0.8, -0.5, 1.0], [0.5, -0.91, 0.26, -0.5], [-0.26, -0.27, 0.17, 0.87]],
    "biases": [2, 3, 0.5],
}
SECOND = {"weights": [[0.1, -0.14, 0.5], [-0.5, 0.12, -0.33], [-0.44, 0.73, -0.13]], "biases": [-1, 2, -0.5]}
BATCH = "1 2 3 2.5\n2 5 -1 2\n-1.5 2.7 3.3 -0.8\n"


def explicit(tmp_path, layers, text, *words):
    (tmp_path / "w.json").write_text(json.dumps({"layers": layers}))
    words = ("--weights", "w.json", "--transposed", "--activation", "linear", "--input", "-", *words)
    return rows(actcli("forward", *words, cwd=tmp_path, stdin=text))


def test_nnfs_one_neuron(tmp_path):
    neuron = {"weights": [FIRST["weights"][0]], "biases": [2]}
    assert explicit(tmp_path, [neuron], "1 2 3 2.5\n").tolist() == [[pytest.approx(4.8, abs=1e-6)]]


def test_nnfs_three_neurons_and_a_batch(tmp_path):
    expected = [[4.8, 1.21, 2.385], [8.9, -1.81, 0.2], [1.41, 1.051, 0.026]]
    assert np.abs(explicit(tmp_path, [FIRST], BATCH) - expected).max() < 2e-7
    assert np.abs(explicit(tmp_path, [FIRST], BATCH, "--dtype", "float64") - expected).max() < 1e-15


def test_nnfs_two_layers(tmp_path):
    # The numbers printed in the book.
    expected = [[0.5031, -1.04185, -2.03875], [0.2434, -2.7332, -5.7633], [-0.99314, 1.41254, -0.35655]]
    assert np.abs(explicit(tmp_path, [FIRST, SECOND], BATCH, "--dtype", "float64") - expected).max() < 1e-14


def test_nnfs_softmax():
    expected = [[0.89528266, 0.02470831, 0.08000903]]
    assert rows(actcli("eval", "softmax", "4.8", "1.21", "2.385")).round(8).tolist() == expected


@pytest.mark.parametrize(("w", "b"), [(0, 0), (1, 0), (1, 0.5), (-1, 0.5), (-2, 0.5)])
def test_nnfs_one_relu_neuron(tmp_path, w, b):
    x = np.linspace(-2, 2, 9)
    np.savez(tmp_path / "w.npz", W1=[[float(w)]], b1=[float(b)])
    text = "\n".join(map(str, x)) + "\n"
    words = ("--weights", "w.npz", "--activation", "relu", "--input", "-", "--rows", "all")
    assert rows(actcli("forward", *words, cwd=tmp_path, stdin=text))[:, 0].tolist() == np.maximum(0, w * x + b).tolist()


@pytest.mark.parametrize("pair", [((-1, 0.5), (1, 0)), ((-1, 0.5), (1, 1)), ((-1, 0.5), (-2, 1))])
def test_nnfs_pairs_of_relu_neurons(tmp_path, pair):
    (w1, b1), (w2, b2) = pair
    x = np.linspace(-2, 2, 9)
    np.savez(tmp_path / "w.npz", W1=[[float(w1)]], b1=[float(b1)], W2=[[float(w2)]], b2=[float(b2)])
    text = "\n".join(map(str, x)) + "\n"
    words = ("--weights", "w.npz", "--activation", "relu", "--input", "-", "--rows", "all")
    expected = np.maximum(0, w2 * np.maximum(0, w1 * x + b1) + b2)
    assert rows(actcli("forward", *words, cwd=tmp_path, stdin=text))[:, 0].tolist() == expected.tolist()


def test_nnfs_dead_neurons_and_exploding_values():
    said = json.loads(actcli("forward", "--layers", "2,3,3", "--init", "zeros", "--json"))
    assert said["layers"][0]["dead"] == 3
    words = ("--layers", "2,64,64,64,3", "--activation", "relu,relu,relu,linear", "--init", "normal", "--scale", "1000")
    said = json.loads(actcli("forward", *words, "--gradient", "--json"))
    assert said["verdict"].split(":")[0] == "exploding"
