"""Each action that was not explicitly requested is reported in one note on standard error."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.cli.running import ACTCLI, ENVIRONMENT, Run, run, shell

UNREAD = "Note: standard input was not read; --input - reads it\n"


def said(*words: str, stdin: str = "", cwd: Path | None = None) -> str:
    """Standard error of a run that must succeed."""
    done = run(*words, stdin=stdin, cwd=cwd)
    assert done.code == 0
    return done.err


# --- numbers ---


def test_rows_of_one_number() -> None:
    note = "Note: these are rows of one number each; the numbers of one row stand on one line\n"
    assert run("eval", "softmax", stdin="1\n2\n") == Run(0, "y0\n1.0\n1.0\n", note)
    assert said("eval", "softmax", stdin="1 2\n") == said("eval", "softmax", "1") == ""


def test_a_decimal_comma() -> None:
    note = "Note: 1,5 is two numbers, 1 and 5; the decimal sign is a point, 1.5\n"
    assert run("eval", "relu", "-q", "1,5") == Run(0, "1.0\n5.0\n", note)
    assert said("eval", "relu", "1,2,3", "1.5,2") == said("eval", "softmax", "1,5") == ""


def test_a_fraction_among_the_functions() -> None:
    note = "Note: 1/3 is a function here, the same at every x; a number to evaluate at is written out, as 0.5\n"
    assert run("eval", "relu", "1/3", "-q", "2") == Run(0, "2.0\t0.3333333333333333\n", note)
    assert "1e is a function here" in said("eval", "relu", "1e", "1")
    assert said("eval", "2*3", "1") == said("eval", "relu", "x/3", "1") == ""


def test_numbers_among_the_functions_of_a_figure(tmp_path: Path) -> None:
    note = "Note: -5 and 5 are drawn as constants; --range LO:HI is the interval of x, --mark X marks a point\n"
    assert said("plot", "relu", "-5", "5", "--size", "thumb", cwd=tmp_path) == note


# --- standard input ---


@pytest.mark.parametrize("words", [("forward", "2,3"), ("train", "2,3", "--epochs", "1")])
def test_numbers_that_are_not_read(words: tuple[str, ...], tmp_path: Path) -> None:
    assert said(*words, stdin="1 2\n") == UNREAD
    assert said(*words) == ""
    (tmp_path / "x.txt").write_text("1 2\n")
    assert shell(f"actcli {' '.join(words)} < x.txt", cwd=tmp_path).err == UNREAD
    assert shell(f"actcli {' '.join(words)} < /dev/null", cwd=tmp_path).err == ""


def test_numbers_that_are_read_are_no_surprise(tmp_path: Path) -> None:
    assert said("forward", "2,3", "--input", "-", stdin="1 2\n") == ""
    # The rest of the input is left for the shell loop.
    (tmp_path / "x.txt").write_text("1 2\n3 4\n")
    done = shell("while read line; do echo $line; actcli forward 2,3 -q --rows 1 2>> notes; done < x.txt", cwd=tmp_path)
    assert done.out.splitlines()[::2] == ["1 2", "3 4"]
    assert (tmp_path / "notes").read_text() == UNREAD


def test_a_lone_hyphen_is_standard_input() -> None:
    assert run("eval", "relu", "-", "-q", stdin="-1\n2\n") == Run(0, "0.0\n2.0\n", "")
    assert run("grad", "relu", "tanh", "-", stdin="0\n") == run("grad", "relu", "tanh", "--input", "-", stdin="0\n")
    message = "one source of numbers at a time, not - and --input x.txt"
    assert run("eval", "relu", "-", "--input", "x.txt") == Run(2, "", f"Error: {message}\n")
    assert run("eval", "relu", "1", "-", stdin="2\n").code == 2


@pytest.mark.parametrize("words", [("eval", "relu", "-q", "--input", "-"), ("forward", "1,1", "-q", "--input", "-")])
def test_a_terminal_is_told_how_typing_ends(words: tuple[str, ...]) -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*ACTCLI, *words], stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    os.close(slave)
    assert process.stderr is not None
    assert select.select([process.stderr], [], [], 60)[0], "nothing was said before anything was typed"
    assert process.stderr.readline() == b"Note: reading what is typed; Ctrl-D ends it\n"
    os.write(master, b"0\n\x04")
    out, _ = process.communicate(timeout=60)
    os.close(master)
    assert (process.returncode, out) == (0, b"0.0\n")


# --- the network and its data ---


@pytest.mark.parametrize(
    ("words", "classes"),
    [("2,5", "5 classes, as the network has 5 outputs"), ("2,4,2", "2 classes, as the network has 2 outputs")],
)
def test_outputs_that_change_the_classes(words: str, classes: str) -> None:
    assert said("forward", words) == f"Note: the spiral data have {classes}; --classes N changes that\n"


@pytest.mark.parametrize("words", ["2,3", "2,5 --classes 5", "2,5 --data normal", "2,2 --data moons"])
def test_classes_as_ever_or_as_asked_for(words: str) -> None:
    assert said("forward", *words.split()) == ""


@pytest.mark.parametrize(
    ("words", "activations", "note"),
    [
        ("2,4,1 --data moons", ["relu", "sigmoid"], "sigmoid, as the data have 2 classes"),
        ("2,1 --classes 2", ["sigmoid"], "sigmoid, as the data have 2 classes"),
        ("1,4,1 --data sine", ["relu", "identity"], "linear"),
        ("4,1 --data normal", ["identity"], "linear"),
    ],
)
def test_the_activation_of_a_single_output(words: str, activations: list[str], note: str) -> None:
    done = run("forward", *words.split(), "--json")
    assert json.loads(done.out)["activations"] == activations
    assert done.err == f"Note: the output's activation is {note}; --activation names another\n"


def test_an_activation_that_was_named_is_no_surprise(tmp_path: Path) -> None:
    assert said("forward", "1,4,1", "--data", "sine", "--activation", "relu,linear") == ""
    assert said("forward", "1,4,1", "--data", "sine", "--activation", "tanh") == ""


def test_no_note_beside_an_error() -> None:
    message = "layer 1 expects 784 inputs, the spiral data has 2"
    done = run("forward", "784,10", stdin="1 2\n")
    assert done.err.startswith(f"Error: {message}")
    assert done.err.count("\n") == 1


def swept(*words: str) -> list[dict[str, str]]:
    done = run("forward", *words)
    assert (done.err, done.code) == ("", 0)
    names, *lines = (line.split("\t") for line in done.out.splitlines())
    return [dict(zip(names, line, strict=True)) for line in lines]


def test_a_sweep_leaves_the_output_layer_alone() -> None:
    deviation = {}
    for name in ("tanh", "gelu"):
        layers = json.loads(run("forward", "2,4,3", "--activation", f"{name},softmax", "--json").out)["layers"]
        deviation[name] = layers[-1]["std"]
    rows = swept("2,4,3", "--sweep", "activation=tanh,gelu")
    assert {row["activation"]: float(row["signal_last"]) for row in rows} == deviation
    named = swept("2,4,3", "--activation", "relu,softmax", "--sweep", "activation=tanh,gelu")
    assert named == rows


def test_a_sweep_of_a_deep_network_changes_all_layers() -> None:
    words = ("--depth", "3", "--width", "5")
    row, _ = swept(*words, "--sweep", "activation=tanh,relu")
    layers = json.loads(run("forward", *words, "--activation", "tanh", "--json").out)["layers"]
    assert float(row["signal_last"]) == layers[-1]["std"]


# --- files ---


def test_figures_say_where_they_are(tmp_path: Path) -> None:
    assert said("forward", "2,3", "--plot", "a.svg", cwd=tmp_path) == "Note: the figure is in a.svg\n"
    words = ("forward", "2,4,3", "--sweep", "activation=relu,tanh", "--plot", "b.svg")
    assert said(*words, cwd=tmp_path) == "Note: the figure is in b.svg\n"
    assert said("forward", "2,3", "--plot", "a.svg", "--figure", "histogram", cwd=tmp_path).count("\n") == 1


def test_spiral_prints_the_path_of_its_figure(tmp_path: Path) -> None:
    assert run("spiral", "9", "--plot", "s.svg", cwd=tmp_path) == Run(0, "s.svg\n", "")
    assert (tmp_path / "s.svg").read_bytes()[:5] == b"<?xml"


@pytest.mark.parametrize("words", ["--csv", "--json", "-q", "--format tsv", "--output s.csv"])
def test_spiral_prints_the_rows_that_are_asked_for(tmp_path: Path, words: str) -> None:
    alone = run("spiral", "2", *words.split(), cwd=tmp_path)
    assert run("spiral", "2", *words.split(), "--plot", "s.svg", cwd=tmp_path) == alone
    assert alone.err == ""
    assert (tmp_path / "s.svg").is_file()


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 1), (1, 10, 10), (1, 10, 10, 1), (1, 100)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_of_the_shape_of_an_image_is_one(tmp_path: Path, shape: tuple[int, ...], order: str) -> None:
    pixels = np.arange(100.0) / 100
    np.save(tmp_path / "image.npy", np.asarray(pixels.reshape(shape), order="F" if order == "F" else "C"))
    np.save(tmp_path / "row.npy", pixels[None])
    words = ("forward", "10x10,conv3x3:2,flatten,3", "--dtype", "float64", "--json")
    one, expected = (json.loads(run(*words, "--input", name, cwd=tmp_path).out) for name in ("image.npy", "row.npy"))
    assert one["samples"] == 1
    assert one["rows"] == expected["rows"]


def test_a_table_of_rows_is_no_image(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", np.zeros((10, 10)))
    said_of = json.loads(run("forward", "10,3", "--input", "rows.npy", "--json", cwd=tmp_path).out)
    assert said_of["samples"] == 10


def test_the_summary_has_output_shapes_and_a_total() -> None:
    words = ("forward", "10x10,conv3x3:4:valid,pool2,flatten,3", "--data", "normal", "--samples", "2")
    found = json.loads(run(*words, "--json").out)
    assert [(layer["shape"], layer["output"], layer["parameters"]) for layer in found["layers"]] == [
        ("3x3x1x4", "8x8x4", 40),
        ("pool2", "4x4x4", 0),
        ("flatten", "64", 0),
        ("64x3", "3", 195),
    ]
    assert found["parameters"] == 235
    assert "235 parameters in all\n" in run(*words, "--format", "table").out
    assert ":valid" in run("forward", "--help").out


@pytest.mark.parametrize(
    ("line", "notes"),
    [
        ("eval 9**9**9**9**x -1 0 1 2", ["9**9**9**9**x is finite at x = 0.0 and too large for float64"]),
        ("grad exp(x) 1/x 710 0 1e-300", [
            "the slope of exp(x) is finite at x = 710.0 and too large for float64",
            "the slope of 1/x is finite at x = 1e-300 and too large for float64",
        ]),
        ("eval exp(x) 11 12 13 --dtype float16", ["exp(x) is finite at x = 12.0 and too large for float16"]),
        ("eval 1/x log(x) x 0 -0.0 inf", []),
        ("eval exp(x) 1000 --digits 3", []),
        ("plot 9**9**9**9**x --range -4:4 --term", ["9**9**9**9**x is finite at x = -0.25 and too large for float64"]),
        ("plot 1/x --term", []),
    ],
)  # fmt: skip
def test_a_formula_beyond_the_floats_is_told_from_a_pole(line: str, notes: list[str]) -> None:
    done = run(*line.split())
    assert (done.code, done.err) == (0, "".join(f"Note: {note}: inf stands for it\n" for note in notes))
