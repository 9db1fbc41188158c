"""actcli train: the book's runs to the digit, sweeps, own data, files, figures, errors and Ctrl-C."""

from __future__ import annotations

import csv
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from actcli.network.weights import Meaning
from actcli.network.weights import load as load_weights
from tests.cli.running import ACTCLI, ENVIRONMENT, Run, on_terminal, run
from tests.network.reference import book
from tests.network.reference.digits import write_idx


def train(*words: str, cwd: Path | None = None, **environment: str) -> Run:
    return run("train", *words, cwd=cwd, **environment)


def rows(*words: str, cwd: Path | None = None) -> list[dict]:
    """The rows of a run without other output."""
    done = train(*words, "--json", cwd=cwd)
    assert (done.code, done.err) == (0, "")
    return json.loads(done.out)["rows"]


def refused(*words: str, cwd: Path | None = None, code: int = 2) -> str:
    done = train(*words, cwd=cwd)
    assert (done.code, done.out) == (code, "")
    return done.err


# --- the book ---

#: The commands for the reference programs, and the numbers of epochs that the tests run.
BOOK = {
    "adam": (("--layers", "2,64,3"), 301),
    "sgd": (("--layers", "2,64,3", "--optimizer", "sgd@rate=1,decay=1e-3,momentum=0.9"), 201),
    "sgd_plain": (("--layers", "2,64,3", "--optimizer", "sgd"), 51),
    "adagrad": (("--layers", "2,64,3", "--optimizer", "adagrad@decay=1e-4"), 201),
    "rmsprop": (("--layers", "2,64,3", "--optimizer", "rmsprop@rate=0.02,decay=1e-5,rho=0.999"), 201),
    "l2": (
        (
            *("--layers", "2,64,3", "--l2", "5e-4,0", "--validation-samples", "100"),
            *("--optimizer", "adam@rate=0.02,decay=5e-7"),
        ),
        101,
    ),
    "dropout": (
        (
            *("--layers", "2,64,3", "--samples", "1000", "--dropout", "0.1", "--l2", "5e-4,0"),
            *("--optimizer", "adam@rate=0.05,decay=5e-5"),
        ),
        31,
    ),
    "binary": (
        (
            *("--layers", "2,64,1", "--activation", "relu,sigmoid", "--classes", "2", "--l2", "5e-4,0"),
            *("--optimizer", "adam@decay=5e-7", "--validation-samples", "100"),
        ),
        101,
    ),
    "regression": (
        (
            *("--layers", "1,64,64,1", "--data", "sine", "--scale", "0.1"),
            *("--optimizer", "adam@rate=0.005,decay=1e-3"),
        ),
        51,
    ),
}


def assert_as_the_book(case: str, epochs: int, every: int, folder: Path, timeout: float = 60) -> None:
    """Assert that every number of a run equals that of the reference program to the last digit."""
    words, _ = BOOK[case]
    command = ("train", *words, "--epochs", str(epochs), "--every", str(every), "--history", "history.json", "--json")
    done = subprocess.run(
        [*ACTCLI, *command], cwd=folder, env=ENVIRONMENT, capture_output=True, timeout=timeout, check=True
    )
    history = json.loads((folder / "history.json").read_text())["rows"]
    program = subprocess.run(
        [sys.executable, book.__file__, case, str(epochs), str(every)],
        env={**ENVIRONMENT, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=True,
    )
    lines = [line.split() for line in program.stdout.splitlines()]
    if lines[-1][0] == "test":
        result = json.loads(done.stdout)["rows"][0]
        expected = {"validation_accuracy": float(lines[-1][1]), "validation_loss": float(lines.pop()[2])}
        assert {name: result[name] for name in expected} == expected
    assert len(history) == len(lines)
    for mine, (epoch, accuracy, loss, data_loss, rate) in zip(history, lines, strict=True):
        assert mine["epoch"] == int(epoch)
        assert mine["loss"] == float(loss)
        assert mine.get("data_loss", mine["loss"]) == float(data_loss)
        assert mine["rate"] == float(rate)
        assert mine.get("accuracy", "nan") == (float(accuracy) if accuracy != "nan" else "nan")


@pytest.mark.parametrize("case", BOOK)
def test_every_number_is_the_books(case: str, tmp_path: Path) -> None:
    assert_as_the_book(case, BOOK[case][1], 10, tmp_path)


def test_an_epoch_is_measured_before_its_step(tmp_path: Path) -> None:
    short, longer = (
        rows(*f"2,16,3 --optimizer adam@rate=0.05 --epochs {epochs} --save-weights w{epochs}.npz".split(), cwd=tmp_path)
        for epochs in (30, 31)
    )
    saved = json.loads(run("forward", "--weights", "w30.npz", "--json", "--rows", "1", cwd=tmp_path).out)
    assert short[0]["accuracy"] != longer[0]["accuracy"] == saved["accuracy"]
    assert saved["loss"] == pytest.approx(longer[0]["loss"], rel=1e-6)


# --- one network ---


def test_one_row_in_every_format() -> None:
    words = ("--layers", "2,8,3", "--epochs", "3")
    done = train(*words)
    assert (done.code, done.err) == (0, "")
    head, line = (text.split("\t") for text in done.out.splitlines())
    assert head == ["epochs", "loss", "accuracy", "dead", "saturated", "gradient_first", "gradient_last", "diverged_at"]
    (row,) = rows(*words)
    assert list(row) == head
    assert line == ["" if value is None else str(value) for value in row.values()]
    assert row["epochs"] == 3 and row["diverged_at"] is None
    done = train(*words, "-q")
    assert float(done.out) == row["loss"]


def test_json_says_what_was_asked() -> None:
    done = json.loads(train("--layers", "2,8,3", "--epochs", "1", "--json").out)
    del done["rows"]
    assert done == {
        "command": "train",
        "network": "2,8,3",
        "activations": ["relu", "softmax"],
        "optimizer": "adam@rate=0.05,decay=5e-7",
        "loss_function": "cross-entropy",
        "seed": 0,
        "dtype": "float32",
        "data": "spiral",
        "samples": 300,
        "parameters": 51,
    }


def test_a_curve_has_its_own_columns() -> None:
    (row,) = rows("--layers", "1,16,1", "--data", "sine", "--init", "he", "--epochs", "50")
    assert list(row)[:4] == ["epochs", "loss", "mean_absolute_error", "r2"]
    assert "accuracy" not in row


def test_weights_go_on_to_forward_and_to_more_training(tmp_path: Path) -> None:
    words = ("--layers", "2,16,3", "--optimizer", "sgd@rate=0.5")
    (whole,) = rows(*words, "--epochs", "41", "--save-weights", "w.npz", cwd=tmp_path)
    (more,) = rows(*words, "--epochs", "1", "--weights", "w.npz", cwd=tmp_path)
    assert more["loss"] < whole["loss"]
    seen = json.loads(run("forward", "--layers", "2,16,3", "--weights", "w.npz", "--json", cwd=tmp_path).out)
    assert seen["loss"] == pytest.approx(more["loss"], abs=1e-6)
    assert seen["accuracy"] == more["accuracy"]


def test_history_has_every_nth_epoch_and_the_last(tmp_path: Path) -> None:
    rows("--layers", "2,8,3", "--epochs", "8", "--every", "3", "--history", "h.csv", cwd=tmp_path)
    table = list(csv.DictReader((tmp_path / "h.csv").read_text().splitlines()))
    assert [row["epoch"] for row in table] == ["0", "3", "6", "7"]
    assert list(table[0]) == ["epoch", "loss", "accuracy", "rate"]
    words = ("--layers", "2,8,3", "--epochs", "2", "--l1", "1e-3", "--validation-samples", "9", "--history", "h.tsv")
    rows(*words, cwd=tmp_path)
    head, first, _ = (line.split("\t") for line in (tmp_path / "h.tsv").read_text().splitlines())
    assert head == [
        *("epoch", "loss", "accuracy", "rate", "data_loss", "penalty", "validation_loss", "validation_accuracy")
    ]
    values = dict(zip(head, map(float, first), strict=True))
    assert values["loss"] == pytest.approx(values["data_loss"] + values["penalty"], abs=1e-12)


def test_float64_is_float64() -> None:
    words = ("--layers", "2,16,3", "--epochs", "20")
    (one,), (two,) = rows(*words), rows(*words, "--dtype", "float64")
    assert float(np.float32(one["loss"])) == one["loss"]
    assert float(np.float32(two["loss"])) != two["loss"] == pytest.approx(one["loss"], abs=1e-3)


def test_one_activation_is_for_the_hidden_layers() -> None:
    one = train("--layers", "2,8,8,3", "--epochs", "2", "--activation", "tanh", "--json").out
    assert one == train("--layers", "2,8,8,3", "--epochs", "2", "--activation", "tanh,tanh,softmax", "--json").out
    assert json.loads(one)["activations"] == ["tanh", "tanh", "softmax"]


def test_dropout_is_a_layer_or_an_option() -> None:
    one = rows("--layers", "2,8,dropout0.2,8,dropout0.1,3", "--epochs", "5")
    assert one == rows("--layers", "2,8,8,3", "--dropout", "0.2,0.1", "--epochs", "5")
    assert one != rows("--layers", "2,8,8,3", "--epochs", "5")


# --- sweeps ---


def test_a_sweep_is_one_network_after_another(tmp_path: Path) -> None:
    words = ("--layers", "2,16,3", "--epochs", "30")
    swept = rows(*words, "--sweep", "activation=relu,x*sigmoid(2*x)", "seed=0,1", "--history", "h.ndjson", cwd=tmp_path)
    assert [(row["activation"], row["seed"]) for row in swept] == [
        ("relu", 0),
        ("relu", 1),
        ("x*sigmoid(2*x)", 0),
        ("x*sigmoid(2*x)", 1),
    ]
    for row in swept:
        spec, seed = row.pop("activation"), row.pop("seed")
        assert [row] == rows(*words, "--activation", spec, "--seed", str(seed))
    lines = [json.loads(line) for line in (tmp_path / "h.ndjson").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [0, 29] * 4


def test_sweeps_of_how_to_learn() -> None:
    swept = rows("--layers", "2,8,3", "--epochs", "5", "--sweep", "optimizer=sgd@rate=0.1,decay=0.1,adam", "l2=0,1e-2")
    assert [(row["optimizer"], row["l2"]) for row in swept] == [
        ("sgd@rate=0.1,decay=0.1", "0"),
        ("sgd@rate=0.1,decay=0.1", "1e-2"),
        ("adam", "0"),
        ("adam", "1e-2"),
    ]
    assert len({row["loss"] for row in swept}) == 4


def test_means_over_seeds() -> None:
    words = ("--layers", "2,8,3", "--epochs", "20", "--sweep", "activation=relu,tanh", "seed=0,1,2")
    single = rows(*words)
    averaged = rows(*words, "--mean")
    assert [row["activation"] for row in averaged] == ["relu", "tanh"]
    for row in averaged:
        losses = [one["loss"] for one in single if one["activation"] == row["activation"]]
        assert row["seeds"] == 3 and row["diverged"] == 0
        assert row["loss"] == pytest.approx(np.mean(losses), rel=1e-14)
        assert row["loss_std"] == pytest.approx(np.std(losses), rel=1e-9)
    table = train(*words, "--mean", "--format", "table").out
    titles = [f"{part}, {kind} over seeds" for part in ("trained", "why") for kind in ("mean", "deviation")]
    assert [line for line in table.splitlines() if line[0].isalpha()] == titles
    assert max(map(len, table.splitlines())) <= 80


def test_a_network_that_diverges_says_where_and_the_others_go_on() -> None:
    one, two = rows("--layers", "2,8,3", "--epochs", "40", "--sweep", "optimizer=sgd@rate=1e30,adam")
    assert one["diverged_at"] is not None and one["loss"] == "nan"
    assert one["epochs"] == one["diverged_at"] + 1
    assert two["diverged_at"] is None and two["epochs"] == 40


def test_all_elementwise_functions_learn() -> None:
    swept = rows("--layers", "2,4,3", "--epochs", "2", "--samples", "5", "--sweep", "activation=all")
    listed = json.loads(run("list", "--json").out)["rows"]
    assert [row["activation"] for row in swept] == [row["name"] for row in listed if row["family"] != "rows"]
    assert {row["diverged_at"] for row in swept} == {None}


def test_on_a_screen_it_says_who_learned_best_and_why() -> None:
    shown = on_terminal(
        *("train", "--layers", "2,8,3", "--epochs", "5", "--sweep", "activation=relu,sigmoid"), columns=90, NO_COLOR="1"
    )
    assert shown.code == 0
    title, *lines = shown.out.splitlines()
    assert title == "trained"
    assert "why" in lines
    frames = [place for place, line in enumerate(lines) if line.startswith("╰")]
    assert " ".join(lines[frames[-1] + 1 :]) == (
        "lowest loss: relu 1.096, accuracy 0.3633 highest loss: sigmoid 1.113, accuracy 0.3333 "
        "why sigmoid lags (relu in brackets): its first layer gets 0.019 of the gradient of the last (0.21)"
    )


def test_on_a_screen_one_network_says_what_it_is() -> None:
    shown = on_terminal("train", "--layers", "2,64,3", "--epochs", "2", columns=90, NO_COLOR="1")
    assert shown.out.endswith("╯\n2,64,3: 387 parameters, cross-entropy, 300 samples of spiral\n")


# --- own data ---


@pytest.fixture
def iris(tmp_path: Path) -> Path:
    generator = np.random.RandomState(0)
    centres = {"setosa": (1, 2, 3, 4), "versicolor": (3, 1, 2, 0), "virginica": (0, 0, 5, 1)}
    lines = ["species,a,b,c,d"]
    for name, centre in centres.items():
        lines += [f"{name},{','.join(map(repr, row))}" for row in (generator.randn(20, 4) * 0.3 + centre).tolist()]
    (tmp_path / "iris.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


IRIS = ("--layers", "4,16,3", "--input", "iris.csv", "--label", "species")


def test_text_labels_become_classes(iris: Path) -> None:
    words = (*IRIS, "--standardize", "--test-split", "0.2", "--optimizer", "adam@rate=0.02", "--epochs", "80")
    (row,) = rows(*words, "--init", "he", cwd=iris)
    assert row["accuracy"] == row["validation_accuracy"] == 1.0
    (iris / "more.csv").write_text("species,a,b,c,d\nvirginica,0,0,5,1\nsetosa,1,2,3,4\n")
    words = (*IRIS, "--validation", "more.csv", "--optimizer", "adam@rate=0.02", "--epochs", "80", "--init", "he")
    (row,) = rows(*words, cwd=iris)
    assert row["validation_accuracy"] == 1.0


def test_saved_weights_take_the_features_as_they_are(iris: Path) -> None:
    words = ("--optimizer", "adam@rate=0.02", "--epochs", "80", "--init", "he", "--save-weights", "w.npz", "--json")
    done = train(*IRIS, "--standardize", *words, cwd=iris)
    assert json.loads(done.out)["classes"] == ["setosa", "versicolor", "virginica"]
    assert done.err == "Note: w.npz takes features as they are: its first layer scales them\n"
    (iris / "new.csv").write_text("a,b,c,d\n0,0,5,1\n1,2,3,4\n3,1,2,0\n")
    told = run("forward", "--weights", "w.npz", "--input", "new.csv", "--predict", "--csv", cwd=iris)
    assert [line.split(",")[0] for line in told.out.split()] == ["class", "virginica", "setosa", "versicolor"]
    judged = json.loads(run("forward", "--weights", "w.npz", *IRIS[2:], "--json", cwd=iris).out)
    assert (judged["accuracy"], judged["confusion"]) == (1.0, [[20, 0, 0], [0, 20, 0], [0, 0, 20]])
    # The file of weights names all classes, if the data do not contain all of them.
    (iris / "more.csv").write_text("species,a,b,c,d\nvirginica,0,0,5,1\nsetosa,1,2,3,4\n")
    more = ("--weights", "w.npz", "--input", "more.csv", "--label", "species", "--json")
    assert json.loads(run("forward", *more, cwd=iris).out)["accuracy"] == 1.0
    done = train(*more, "--epochs", "1", cwd=iris)
    assert json.loads(done.out)["rows"][0]["accuracy"] == 1.0
    told = "the first layer of these weights scales the features; to train on from unscaled ones try a lower rate"
    assert done.err == f"Note: {told}\n"
    for words in (("forward", "--standardize"), ("train", "--epochs", "1", "--scale-input", "9")):
        twice = run(words[0], *more, *words[1:], cwd=iris)
        option = next(word for word in words if word.startswith("--s"))
        told = f"Error: the first layer of these weights scales the features; leave {option} out\n"
        assert twice == Run(2, "", told)
    # Weights that are saved again keep the names of classes and of features.
    run("forward", *more[:-1], "--save-weights", "v.json", cwd=iris)
    train("--weights", "v.json", *more[2:], "--epochs", "1", "--save-weights", "u.safetensors", cwd=iris)
    meaning = load_weights(iris / "w.npz").meaning
    assert meaning == Meaning(("setosa", "versicolor", "virginica"), ("a", "b", "c", "d"), (), scales=True)
    assert load_weights(iris / "v.json").meaning == load_weights(iris / "u.safetensors").meaning == meaning
    csv = ("--input-format", "csv")
    other = run("forward", "--weights", "u.safetensors", "--input", "-", *csv, stdin="A,b,e,d\n5,0,0,1\n", cwd=iris)
    assert other.err == "Note: feature 3 of standard input is 'e', the network learned from 'c' there\n"
    (iris / "other.csv").write_text("c,a,b,d\n5,0,0,1\n")
    told = run("forward", "--weights", "u.safetensors", "--input", "other.csv", cwd=iris)
    assert told.err.startswith(
        "Error: feature 1 of other.csv is 'c', the network learned from 'a' there; --column NAME,"
    )


def test_a_text_model_knows_its_words(tmp_path: Path) -> None:
    texts = {"a good film": 1, "bad film": 0, "good story": 1, "a bad story": 0}
    (tmp_path / "t.csv").write_text("text,mood\n" + "".join(f"{text},{mood}\n" for text, mood in texts.items()))
    words = ("--vocabulary", "9", "--layers", "3,embedding9:4,mean,1", "--init", "glorot", "--epochs", "60")
    train("--input", "t.csv", *words, "--save-weights", "w.npz", cwd=tmp_path)
    (row,) = rows("--input", "t.csv", "--weights", "w.npz", "--epochs", "1", "--save-weights", "v.json", cwd=tmp_path)
    assert row["accuracy"] == 1
    (tmp_path / "new.csv").write_text("text\nGood!\nan awfully bad one\n")
    for weights in ("w.npz", "v.json"):
        told = run("forward", "--weights", weights, "--input", "new.csv", "--predict", "--csv", cwd=tmp_path)
        assert [line.partition(",")[0] for line in told.out.split()] == ["class", "1", "0"]


def test_saved_weights_scale_as_the_rows_that_were_trained_on(tmp_path: Path) -> None:
    words = ("--layers", "2,8,3", "--test-split", "0.2", "--standardize", "--init", "he", "--save-weights", "w.npz")
    told = train(*words, "--optimizer", "sgd@rate=1e-12", "--epochs", "2", "--json", cwd=tmp_path)
    (row,) = json.loads(told.out)["rows"]
    lines = [line.rsplit(",", 1) for line in run("spiral", "--test-split", "0.2", "--csv").out.split()[1:]]
    (tmp_path / "kept.csv").write_text("".join(f"{line}\n" for line, is_held_out in lines if is_held_out == "0"))
    judged = json.loads(run("forward", "--weights", "w.npz", "--input", "kept.csv", "--json", cwd=tmp_path).out)
    assert judged["loss"] == pytest.approx(row["loss"], rel=1e-6)


def test_a_single_output_is_a_class_or_a_value(tmp_path: Path) -> None:
    (tmp_path / "classes.csv").write_text("x,y\n1,1\n2,0\n3,1\n4,0\n")
    (tmp_path / "values.csv").write_text("x,y\n1,1\n2,0.5\n3,1\n4,0\n")
    words = ("--layers", "1,4,1", "--epochs", "2")
    assert "accuracy" in rows(*words, "--input", "classes.csv", cwd=tmp_path)[0]
    assert "r2" in rows(*words, "--input", "values.csv", cwd=tmp_path)[0]
    assert "r2" in rows(*words, "--input", "classes.csv", "--loss", "mae", cwd=tmp_path)[0]


def test_the_slides_comparison_on_idx_files(tmp_path: Path) -> None:
    write_idx(tmp_path, 700)
    relu, sigmoid, tanh = rows(
        *("--layers", "784,64,64,10", "--input", "digits-images-idx3-ubyte.gz", "--scale-input", "255"),
        *("--labels", "digits-labels-idx1-ubyte.gz", "--init", "glorot", "--optimizer", "adam", "--epochs", "5"),
        *("--batch-size", "32", "--shuffle", "--test-split", "0.2", "--sweep", "activation=relu,sigmoid,tanh"),
        cwd=tmp_path,
    )
    for winner in (relu, tanh):
        assert winner["validation_accuracy"] > sigmoid["validation_accuracy"] + 0.02
        assert winner["validation_loss"] < sigmoid["validation_loss"] / 2
        # The gradient at the first layer of sigmoids is a small fraction of that at the last layer.
        kept = [row["gradient_first"] / row["gradient_last"] for row in (winner, sigmoid)]
        assert kept[0] > 5 * kept[1]


def test_images_and_words(tmp_path: Path) -> None:
    write_idx(tmp_path, 200)
    words = ("--input", "digits-images-idx3-ubyte.gz", "--labels", "digits-labels-idx1-ubyte.gz")
    layers = "28x28,conv3x3:4:valid,pool2,conv3x3:4,pool2,flatten,10"
    options = ("--scale-input", "255", "--optimizer", "adam@rate=0.01", "--epochs", "4", "--batch-size", "20")
    (row,) = rows("--layers", layers, *words, *options, "--init", "he", cwd=tmp_path)
    assert row["accuracy"] > 0.5
    (row,) = rows("--layers", "28x28,lstm16,10", *words, *options, "--init", "glorot", cwd=tmp_path)
    assert row["accuracy"] > 0.3
    lines = ["text,mood", *["a good fine film,happy", "a bad poor film,grim"] * 20]
    (tmp_path / "moods.csv").write_text("\n".join(lines) + "\n")
    words = ("--input", "moods.csv", "--label", "mood", "--vocabulary", "8", "--optimizer", "adam@rate=0.05")
    for layers in ("6,embedding8:4,lstm6:sequence,lstm4,4,1", "6,embedding8:4,mean,1"):
        (row,) = rows("--layers", layers, *words, "--epochs", "60", "--init", "glorot", cwd=tmp_path)
        assert row["accuracy"] == 1.0


# --- figures ---


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.gif", b"GIF89a")])
def test_figures(name: str, start: bytes, tmp_path: Path) -> None:
    words = ("--layers", "2,8,3", "--epochs", "5", "--sweep", "activation=relu,tanh", "--plot", name)
    assert train(*words, cwd=tmp_path).err == f"Note: the figure is in {name}\n"
    first = (tmp_path / name).read_bytes()
    assert first.startswith(start)
    train(*words, cwd=tmp_path)
    assert (tmp_path / name).read_bytes() == first


def test_a_film_is_of_those_that_did_not_diverge_at_once(tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_text("1e300,1e300,0\n1e300,2e300,1\n")
    words = ("--layers", "2,4,2", "--input", "big.csv", "--init", "he", "--epochs", "2", "--dtype", "float64")
    assert train(*words, "--sweep", "activation=x**3,tanh", "--plot", "one.gif", cwd=tmp_path).code == 0
    done = train(*words, "--activation", "x**3", "--plot", "none.gif", cwd=tmp_path)
    assert (done.code, done.err) == (1, "Error: none.gif: every network diverged in its first epoch; nothing formed\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big.csv", "one.gif"]


def test_a_picture_on_standard_output_is_alone(tmp_path: Path) -> None:
    done = subprocess.run(
        [*ACTCLI, "train", "--layers", "4,3", "--input", "x.csv", "--epochs", "2", "--plot", "-"],
        cwd=iris_like(tmp_path),
        env=ENVIRONMENT,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith(b"\x89PNG") and done.stderr == b""


def iris_like(folder: Path) -> Path:
    lines = [f"{k},{k % 5},{k % 7},1,{k % 3}" for k in range(12)]
    (folder / "x.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_a_value_over_two_inputs_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("0 0 0 1\n0 1 1 2\n1 0 1 3\n1 1 0 4\n")
    words = ("--input", "x.txt", "--epochs", "3", "--plot", "a.svg", "--loss", "mse")
    (tmp_path / "xor.txt").write_text("0 0 0\n0 1 1\n1 0 1\n1 1 0\n")
    done = train("2,4,1", *words, "--input", "xor.txt", "--save-weights", "w.npz", cwd=tmp_path)
    assert done.err == "Note: the figure is in a.svg\n"
    assert ">output</text>" in (tmp_path / "a.svg").read_text()
    told = run("forward", "--weights", "w.npz", "--input", "xor.txt", "--plot", "b.svg", cwd=tmp_path)
    assert told.err == "Note: the figure is in b.svg\n" and ">output</text>" in (tmp_path / "b.svg").read_text()
    two = train("2,4,2", *words, cwd=tmp_path)
    told = "Note: the figure has no surface, as each sample has 2 values\nNote: the figure is in a.svg\n"
    assert two.err == told


# --- errors -----------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "give the network: --layers such as 2,64,3, or --depth and --width, or --weights FILE"),
        ("--layers 2,64,3 --optimizer sgd@rate=0", "optimizer 'sgd@rate=0': rate must be above 0, not 0"),
        ("--layers 3,64,3", "layer 1 expects 3 inputs, the spiral data has 2; give --input FILE (- is standard input)"),
        ("--layers 1,8,1", "layer 1 expects 1 input, the spiral data has 2; give --input FILE (- is standard input), "
         "or --data sine"),
        ("--layers 2,8,3 --classes 4", "the spiral data has 4 classes, the network can tell 3 apart"),
        ("--layers 2,8,3 --data normal", "--data normal has no labels to learn; there are spiral, vertical, sine, "
         "moons, circles, xor, gauss, cs231n"),
        ("--layers 2,8,3 --label y", "--label is about a file; give --input FILE"),
        ("--layers 2,8,3 --l2 1,2,3", "--l2 has 3 numbers for 2 layers; give one, or one each"),
        ("--layers 2,8,3 --l1 -1", "--l1 takes numbers of at least 0, not '-1'"),
        ("--layers 2,8,3 --dropout 1", "--dropout takes shares from 0 to below 1, not 1"),
        ("--layers 2,8,3 --clip-norm 0", "--clip-norm must be above 0, not 0"),
        ("--layers 1,8,1 --data sine --until accuracy=0.9", "--until accuracy is for classes; values have a loss "
         "alone"),
        ("--layers 2,8,3 --until validation_loss=1", "--until validation_loss needs --validation FILE, --test-split P "
         "or --validation-samples N"),
        ("--layers 2,8,3 --until speed=1", "--until takes KEY=X with KEY one of loss, accuracy, validation_loss, "
         "validation_accuracy, not 'speed=1'"),
        ("--layers 2,8,3 --test-split 1", "the test split must lie between 0 and 1, not 1"),
        ("--layers 2,8,3 --test-split 0.1 --validation-samples 5", "--test-split and --validation-samples are ways to "
         "the same; give one"),
        ("--layers 2,8,3 --validation-labels y.csv", "--validation-labels are those of --validation FILE; give it too"),
        ("--layers 2,8,3 --standardize --scale-input 255", "--standardize and --scale-input are two ways to scale; "
         "give one"),
        ("--layers 2,8,3 --mean", "--mean is over seeds; give --sweep seed=0,1,2"),
        ("--layers 2,8,3 relu", "'relu' is a function; write --activation relu"),
        ("--layers 2,8,3 2,3", "--layers 2,8,3 and '2,3' are two networks; give one"),
        ("--layers 2,8,3 --sweep activation=relu --save-weights w.npz", "--sweep trains many networks; --save-weights "
         "is for one"),
        ("--layers 2,8,3 --save-weights w.txt", "--save-weights 'w.txt': end it in .npz, .json, .safetensors"),
        ("--layers 2,8,3 --history h.npy", "--history 'h.npy': end it in .txt .tsv .csv .json .ndjson"),
        ("--layers 2,8,3 --plot a.bmp", "cannot draw into 'a.bmp': '.bmp' is no picture suffix; give a name that ends "
         "in .png, .svg, .pdf, .gif"),
        ("--layers 2,8,3 --theme dark", "the options of a figure's looks are for --plot FILE; give it too"),
        ("--layers 2,8,3 --activation relu,tanh", "no loss goes by itself with tanh at the end and 3 outputs; end the "
         "network with softmax, or name one: --loss cross_entropy binary_cross_entropy mse mae"),
        ("--layers 2,flatten", "layers 2,flatten: there is nothing to train, no layer has weights"),
        ("--layers 4x4,conv3x3:2", 'labels need a row of outputs a sample; end the network with "flatten" and a dense '
         "layer"),
        ("--layers 2,8,3 --input x.csv --plot a.gif", "layer 1 expects 2 inputs, x.csv has 4 columns of features "
         "beside the label, column 5; --column NAME, repeated, says which to read"),
        ("--layers 4,8,3 --input x.csv --plot a.gif", "a .gif shows what 1 or 2 inputs give, classes or "
         "a value; for others give .png, .svg or .pdf"),
    ],
)  # fmt: skip
def test_requests_that_make_no_sense(words: str, message: str, tmp_path: Path) -> None:
    iris_like(tmp_path)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert refused(*words.split(), cwd=tmp_path) == f"Error: {message}\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == files


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1,2,3,4,0\n1,2,nan,4,1\n", "x.csv, line 2, column 3: nan is no number to train with"),
        ("1,2,3,4,0\n1,2,3,4,2\n", "x.csv has no sample of class 1; its labels should be 0 to 2"),
        ("1,2,3,4,0\n1,2,3,4,0.5\n", "x.csv, line 2: label 0.5 is no class; the classes are 0 to 2"),
        ("1,2,3,4,0\n1,2,3,4,7\n", "x.csv, line 2: label 7 is no class; the classes are 0 to 2"),
    ],
)
def test_bad_data(content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(content)
    words = ("--layers", "4,8,3", "--input", "x.csv", "--history", "h.csv", "--save-weights", "w.npz")
    assert refused(*words, cwd=tmp_path) == f"Error: {message}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_a_truncated_idx_file(tmp_path: Path) -> None:
    write_idx(tmp_path, 20)
    whole = (tmp_path / "digits-images-idx3-ubyte.gz").read_bytes()
    (tmp_path / "digits-images-idx3-ubyte.gz").write_bytes(whole[: len(whole) // 2])
    words = ("--input", "digits-images-idx3-ubyte.gz", "--labels", "digits-labels-idx1-ubyte.gz")
    message = refused("--layers", "784,10", *words, cwd=tmp_path, code=1)
    assert message.startswith("Error: digits-images-idx3-ubyte.gz") and message.count("\n") == 1


def test_files_that_cannot_be_written(tmp_path: Path) -> None:
    words = ("--layers", "2,4,3", "--epochs", "2")
    message = refused(*words, "--history", "no/h.csv", cwd=tmp_path, code=1)
    assert message == "Error: no folder 'no' to write 'h.csv' into\n"
    (tmp_path / "h.csv").symlink_to("/dev/full")
    done = train(*words, "--history", "h.csv", "--save-weights", "w.npz", cwd=tmp_path)
    assert (done.code, done.err) == (1, "Error: h.csv: No space left on device\n")
    assert (tmp_path / "w.npz").exists()


def test_sizes_that_fit_no_memory_are_refused() -> None:
    message = refused("--layers", "2,1000000,1000000,3")
    assert "of memory" in message and "this machine has" in message


# --- Ctrl-C ---


def interrupted(words: tuple[str, ...], after: float, folder: Path) -> tuple[int, str, str]:
    process = subprocess.Popen(
        [*ACTCLI, "train", *words],
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # these tests may run in the background
    )
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def check_interrupted(sweep: tuple[str, ...], after: float, folder: Path) -> bool:
    """Whether files were kept after an interruption; asserts that they are complete."""
    words = ("--layers", "2,64,3", "--epochs", "1000000", "--history", "h.json", "--every", "1000", "--json")
    saves = () if sweep else ("--save-weights", "w.npz")
    code, out, err = interrupted((*words, *saves, *sweep), after, folder)
    assert (code, err) == (130, "")
    files = {path.name for path in folder.iterdir()}
    if not out:
        assert files == set()
        return False
    kept = json.loads(out)["rows"]
    history = json.loads((folder / "h.json").read_text())["rows"]
    if not sweep:
        with np.load(folder / "w.npz") as weights:
            assert {name: weights[name].shape for name in weights} == {
                "W1": (2, 64), "b1": (64,), "W2": (64, 3), "b2": (3,),
            }  # fmt: skip
        assert kept[0]["epochs"] == (history[-1]["epoch"] + 1 if history else 0)
    for path in folder.iterdir():
        path.unlink()
    return True


def test_ctrl_c_keeps_what_was_reached(tmp_path: Path) -> None:
    for sweep in ((), ("--sweep", "activation=relu,tanh,elu")):
        # On a busy machine there may be nothing to keep yet.
        assert any(check_interrupted(sweep, after, tmp_path) for after in (1.5, 4, 12))


def test_a_network_that_learns_nothing_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "xor.csv").write_text("0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
    words = ("2,4,1", "--input", "xor.csv", "--epochs", "300", "--activation", "sigmoid")
    tries = "try --init glorot (weights start at 0.01*N(0,1)), a higher rate or more epochs\n"
    one = train(*words, "--optimizer", "sgd@rate=0.1", cwd=tmp_path)
    assert (one.code, one.err) == (0, f"Note: the loss did not fall by 1 %; {tries}")
    several = train(*words, "--sweep", "optimizer=sgd@rate=0.1,adam", "init=nnfs,he@gain=2", cwd=tmp_path)
    stuck = "optimizer=sgd@rate=0.1, init=nnfs; optimizer=adam, init=nnfs"
    assert several.err == f"Note: the loss of {stuck} did not fall by 1 %; {tries}"
    assert train(*words[:-4], "--epochs", "99", "--activation", "sigmoid", cwd=tmp_path).err == ""  # too few epochs
    steep = train(*words, "--optimizer", "adam@rate=1e4", cwd=tmp_path)
    assert steep.err == "Note: the loss rose; try a lower rate\n"
    drawn = train(*words, "--init", "zeros", cwd=tmp_path)
    assert drawn.err == "Note: the loss did not fall by 1 %; try a higher rate or more epochs\n"
    assert train(*words, "--init", "glorot", "--optimizer", "adam@rate=0.1", cwd=tmp_path).err == ""


if __name__ == "__main__":
    # Too slow for every run: all epochs of the book's programs, and Ctrl-C at twenty moments.
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        for case in BOOK:
            begun = time.monotonic()
            assert_as_the_book(case, 1001 if case == "dropout" else 10_001, 100, Path(name), 900)
            print(f"{case}: as the book, {time.monotonic() - begun:.0f} s", flush=True)
    generator = random.Random(0)
    for turn in range(20):
        with tempfile.TemporaryDirectory() as name:
            after = generator.uniform(0.3, 3)  # before that, Python itself is still starting
            sweep = ("--sweep", "activation=relu,tanh,elu") if turn % 2 else ()
            print(f"Ctrl-C after {after:.2f} s: kept {check_interrupted(sweep, after, Path(name))}", flush=True)
