"""Guesses of users who have not read the help: they work, or one line says what to type."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from actcli.cli.app import COMMANDS, MEANT
from tests.cli.running import Run, run


def printed(*words: str, stdin: str = "", cwd: Path | None = None) -> str:
    """Standard output of a run that must succeed without output on standard error."""
    done = run(*words, stdin=stdin, cwd=cwd)
    assert (done.err, done.code) == ("", 0)
    return done.out


# --- commands ---


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("relu 2", "no command 'relu'; 'relu' is a function: try actcli eval relu 2"),
        ("x^2+1 2 -3", "no command 'x^2+1'; 'x^2+1' is a function: try actcli eval 'x^2+1' 2 -3"),
        ("derivative relu 2", "no command 'derivative'; that is actcli grad"),
        ("gradient relu", "no command 'gradient'; that is actcli grad"),
        ("data", "no command 'data'; that is actcli spiral"),
        ("compare relu gelu", "no command 'compare'; that is actcli plot or diff"),
        ("version", "no command 'version'; that is actcli --version"),
        ("evl relu 2", "no command 'evl'; did you mean eval?"),
        ("xyzzy", f"no command 'xyzzy'; the commands are {', '.join(COMMANDS)}"),
        ("help xyzzy", f"no command 'xyzzy'; the commands are {', '.join(COMMANDS)}"),
    ],
)
def test_a_first_word_that_is_no_command(words: str, message: str) -> None:
    assert run(*words.split()) == Run(2, "", f"Error: {message}\n")


def test_meant_words_lead_to_commands_and_hide_none() -> None:
    assert not set(MEANT) & set(COMMANDS)
    assert {command for meant in MEANT.values() for command in meant.split(" or ")} <= {*COMMANDS, "--version"}


def test_help_as_a_word() -> None:
    assert printed("help", "eval") == printed("eval", "--help")
    assert printed("help") == printed("--help")


# --- numbers and formulas ---


@pytest.mark.parametrize("words", [["[2.0, 1.0, 0.1]"], ["[2.0,", "1.0,", "0.1]"], ["2.0,1.0,0.1"], ["(2 1 .1)"]])
def test_pasted_lists(words: list[str]) -> None:
    assert printed("eval", "softmax", *words) == printed("eval", "softmax", "2.0", "1.0", "0.1")


def test_rows_and_arrays_as_code_has_them() -> None:
    rows = printed("eval", "softmax", "--input", "-", stdin="1 2 3\n4 6 5\n")
    assert printed("eval", "softmax", "[[1, 2, 3], [4, 6, 5]]") == rows
    assert printed("eval", "softmax", "[[1,", "2,", "3],", "[4,", "6,", "5]]") == rows
    assert printed("eval", "relu", "np.array([[1, -2], [3, 4]])") == printed("eval", "relu", "1", "-2", "3", "4")
    assert printed("eval", "relu", "torch.tensor([1., -2.])") == printed("eval", "relu", "1", "-2")
    assert printed("eval", "softmax", "[1,2,3]", "[4,6,5]") == rows
    assert printed("eval", "softmax", "np.array([1, 2, 3])", "np.array([4, 6, 5])") == rows
    assert printed("eval", "softmax", "1 2 3; 4 6 5") == rows
    assert printed("eval", "softmax", "1,2,3", "4,6,5") == rows
    assert printed("eval", "softmax", "1 2 3", "4 6 5") == rows
    assert printed("eval", "softmax", "1,2,3,", "4,6,5") == printed("eval", "softmax", "1,2,3", "4", "6", "5")
    assert printed("eval", "relu", "[1, -2]", "[3]") == printed("eval", "relu", "1; -2; 3")
    message = "rows of 1 and 3 numbers; every row needs as many"
    assert run("eval", "softmax", "[1]", "[2, 3, 4]") == Run(2, "", f"Error: {message}\n")
    assert run("eval", "softmax", "1; 2 3 4") == Run(2, "", f"Error: {message}\n")
    assert run("eval", "softmax", "1,2", "3,4,5").err == "Error: rows of 2 and 3 numbers; every row needs as many\n"
    beside = "Error: 5 stands beside rows in brackets; put every row in brackets\n"
    assert run("eval", "softmax", "[1,2]", "[3,4]", "5") == Run(2, "", beside)
    assert run("eval", "softmax", "[1,2]", "5") == Run(2, "", beside)
    assert run("eval", "softmax", "[[1], [2, 3, 4]]") == Run(2, "", f"Error: {message}\n")


def test_a_formula_that_begins_with_a_minus() -> None:
    assert printed("eval", "-x*(1-x)", "3", "-q") == "6.0\n"
    assert run("eval", "-z", "3").err == "Error: no option '-z' in 'actcli eval'; --help lists the options\n"


def test_a_list_with_negative_numbers() -> None:
    assert printed("eval", "relu", "0,", "2,", "-1", "-q") == "0.0\n2.0\n0.0\n"
    assert printed("eval", "relu", "[-3,", "-2.5]", "-q") == "0.0\n0.0\n"


def test_a_word_in_a_list() -> None:
    assert run("eval", "relu", "1,", "two") == Run(2, "", "Error: argument 3 after eval: 'two' is not a number\n")


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ("eval x-1 3", "2.0\n"),
        ("eval x-pi 0", "-3.141592653589793\n"),
        ("eval relu(x)-relu(x-1) 3", "1.0\n"),
        ("eval np.maximum(0,x) 2", "2.0\n"),
        ("grad x^3 2", "12.0\n"),
        ("grad 2x 5", "2.0\n"),
        ("eval leaky_relu@alpha=0.1 -1", "-0.1\n"),
        ("eval leaky_relu@slope=0.1 -1", "-0.1\n"),
        ("eval sigmoid 1 --decimals 4", "0.7311\n"),
        ("eval sigmoid 1 --precision 2", "0.73\n"),
        ("eval relu --range -1:1:0.5", "0.0\n0.0\n0.0\n0.5\n1.0\n"),
        ("eval relu --range -1:1:3", "0.0\n0.0\n1.0\n"),
        ("eval relu --range -1:1:3e0", "0.0\n0.0\n1.0\n"),
        ("eval Leaky-ReLU@Negative-Slope=0.1 -1", "-0.1\n"),
        ("eval nnlib.HARDΣ 0", "0.5\n"),
        ("eval relu --range -1 1 3", "0.0\n0.0\n1.0\n"),
        ("eval relu --range [-1, 1, 3]", "0.0\n0.0\n1.0\n"),
        ("eval relu --range=-1,1,3", "0.0\n0.0\n1.0\n"),
    ],
)
def test_results(words: str, result: str) -> None:
    assert printed(*words.split(), "-q") == result


def test_every_short_form_in_one_command() -> None:
    values = {
        "relu(x)": 2.0,
        "gelu(2*x)": 3.9998733150326675,
        "np.maximum(0, x)": 2.0,
        "math.exp(x)": 7.38905609893065,
        "max(0, x)": 2.0,
        "e*x": 5.43656365691809,
        "floor(x/3)": 0.0,
        "ceil(x/3)": 1.0,
        "round(x/3)": 1.0,
        "tan(x)": -2.185039863261519,
        "asinh(x)": 1.4436354751788103,
        "log2(x)": 1.0,
        "log10(x*50)": 2.0,
        "exp2(x)": 4.0,
    }
    row = json.loads(printed("eval", *values, "2", "--json"))["rows"][0]
    assert row == pytest.approx({"x": 2.0, **values}, rel=1e-14)


@pytest.mark.parametrize(
    ("spec", "name", "value"),
    [
        ("torch.sigmoid(x)", "torch.sigmoid", "0.2689414213699951"),
        ("nn.ReLU", "torch.ReLU", "0.0"),
        ("nn.ReLU()", "torch.ReLU", "0.0"),
        ("F.relu6", "torch.relu6", "0.0"),
        ("F.elu(x)", "torch.elu", "-0.6321205588285577"),
        ("F.leaky_relu(x, 0.1)", "torch.leaky_relu@negative_slope=0.1", "-0.1"),
        ("tf.nn.leaky_relu(x)", "tf.leaky_relu", "-0.2"),
        ("tf.nn.leaky_relu(x, alpha=0.5)", "tf.leaky_relu@negative_slope=0.5", "-0.5"),
        ("torch.clamp(x, min=-2)", "torch.clamp@min_val=-2.0", "-1.0"),
        ("leaky_relu(x, 0.1)", "leaky_relu@negative_slope=0.1", "-0.1"),
        ("elu(x, alpha=2)", "elu@alpha=2.0", "-1.2642411176571153"),
        ("nn.Hardtanh(-0.5, 2)", "torch.Hardtanh@min_val=-0.5,max_val=2.0", "-0.5"),
        ("keras.layers.ReLU(6, 0.1)", "keras.ReLU@negative_slope=0.1,max_value=6.0", "-0.1"),
        ("keras.activations.relu(x, 0.1, 6)", "keras.relu@negative_slope=0.1,max_value=6.0", "-0.1"),
        ("keras.relu@alpha=0.5", "keras.relu@negative_slope=0.5", "-0.5"),
        ("swish(beta=2)", "swish@beta=2.0", "-0.11920292202211756"),
        ("Leaky-ReLU(alpha = 0.1)", "leaky_relu@negative_slope=0.1", "-0.1"),
        ("nn.LeakyReLU(0.1)", "torch.LeakyReLU@negative_slope=0.1", "-0.1"),
        ("torch.nn.ELU(alpha=2)", "torch.ELU@alpha=2.0", "-1.2642411176571153"),
        ("torch.nn.GELU(approximate='tanh')", "torch.GELU@approximate=tanh", "-0.1588080093917233"),
        ("keras.layers.LeakyReLU(alpha=0.1)", "keras.LeakyReLU@negative_slope=0.1", "-0.1"),
        ("tf.keras.activations.elu", "keras.elu", "-0.6321205588285577"),
    ],
)
def test_names_as_programs_have_them(spec: str, name: str, value: str) -> None:
    assert printed("eval", spec, "-1") == f"x\t{name}\n-1.0\t{value}\n"


@pytest.mark.parametrize(
    ("spec", "slopes"),
    [
        ("lambda x: x*2", "2.0\n2.0\n"),
        ("f(x) = x**2", "-6.0\n4.0\n"),
        ("y = x²", "-6.0\n4.0\n"),
        ("x if x > 0 else 0.01*x", "0.01\n1.0\n"),
        ("|x|", "-1.0\n1.0\n"),
        ("(x > 0)*x", "0.0\n1.0\n"),
        ("−2·x", "-2.0\n-2.0\n"),
    ],
)
def test_formulas_as_people_write_them(spec: str, slopes: str) -> None:
    assert printed("grad", spec, "-3", "2", "-q") == slopes


def test_what_is_proved_of_a_formula_stays() -> None:
    written, plain = (
        {row["property"]: row["value"] for row in json.loads(printed("info", spec, "--json"))["rows"]}
        for spec in ("x if x > 0 else 0.01*x", "where(x > 0, x, 0.01*x)")
    )
    assert {name for name in plain if written[name] != plain[name]} == {"spec", "formula"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nn.Hardtanh(-2, 2, 3)", "1"], "torch.Hardtanh: which parameter is 3? it has min_val max_val"),
        (["nn.ReLU(3)", "1"], "torch.ReLU: which parameter is 3? it has none"),
        (["torch.nn.ELU(beta=2)", "1"], "elu has no parameter 'beta'; its parameters are alpha"),
        (
            ["relu(0.1)", "1"],
            "formula 'relu(0.1)' has no x; a function at its place is relu(x), its value at 3 is given by actcli eval "
            "relu 3, a parameter stands after @",
        ),
        (["softmax([1,2])"], "'softmax([1,2])': numbers stand after the function, as in actcli eval softmax 1 2"),
        (
            ["torch.relu(torch.Tensor([1, -2]))"],
            "'torch.relu(torch.Tensor([1, -2]))': numbers stand after the function, as in actcli eval torch.relu 1 -2",
        ),
        (
            ["alpha=0.1", "1"],
            "'alpha=0.1' is part of the function before it, after an @, as in leaky_relu@negative_slope=0.1",
        ),
        (["relu'", "1"], '"relu\'": slopes are told by actcli grad relu and drawn by plot relu --grad'),
        (["sigmoid", "x=2"], "'x=2': numbers stand alone, as in actcli eval sigmoid 2"),
        (
            ["relu", "slope=2", "1"],
            "'slope=2' is part of the function before it, after an @, as in leaky_relu@negative_slope=0.1",
        ),
        (
            ["sigmoid(2)"],
            "formula 'sigmoid(2)' has no x; a function at its place is sigmoid(x), its value at 3 is "
            "given by actcli eval sigmoid 3, a parameter stands after @",
        ),
    ],
)
def test_names_that_would_mean_something_else(words: list[str], message: str) -> None:
    assert run("eval", *words) == Run(2, "", f"Error: {message}\n")


def test_functions_in_a_list(tmp_path: Path) -> None:
    assert printed("eval", "relu,elu@alpha=2,max(x,1)", "-1") == printed(
        "eval", "relu", "elu@alpha=2", "max(x,1)", "-1"
    )
    assert printed("grad", "relu,tanh", "1") == printed("grad", "relu", "tanh", "1")
    assert printed("plot", "relu,", "tanh", cwd=tmp_path) == "relu-tanh.png\n"
    assert (
        run("eval", "relu,relu", "1").err == "Error: 'relu' is relu, which is asked for already; each function once\n"
    )


def test_two_ways_to_round() -> None:
    message = "--precision counts significant digits and --decimals those after the point; choose one"
    assert run("eval", "relu", "1", "--precision", "2", "--decimals", "2") == Run(2, "", f"Error: {message}\n")


def test_formulas_are_drawn_under_their_names(tmp_path: Path) -> None:
    printed("plot", "x+1", "x-1", "--output", "lines.png", cwd=tmp_path)
    assert (tmp_path / "lines.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_an_unknown_data_set_lists_all() -> None:
    kinds = "'spiral', 'vertical', 'sine', 'moons', 'circles', 'xor', 'gauss', 'cs231n'"
    assert run("spiral", "--data", "helix").err == (
        f"Error: Invalid value for '--data': 'helix' is not one of {kinds}.\n"
    )


# --- options and arguments ---


def test_options_known_from_elsewhere(tmp_path: Path) -> None:
    printed("plot", "relu", "--derivative", "--xlim", "-2:2", "--output", "a.svg", cwd=tmp_path)
    printed("plot", "relu", "--grad", "--range", "-2:2", "--output", "b.svg", cwd=tmp_path)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.parametrize("words", [("plot", "relu"), ("forward", "--layers", "2,3")])
def test_show(words: tuple[str, ...], tmp_path: Path) -> None:
    message = "figures are written to files; plot --term sketches them in the terminal"
    assert run(*words, "--show", cwd=tmp_path) == Run(
        2, "", f"Error: no option '--show' in 'actcli {words[0]}'; {message}\n"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("train 2,3 --lr 0.1", "no option '--lr' in 'actcli train'; the rate is the optimizer's: {}"),
        (
            "train 2,3 --learning-rate 0.1",
            "no option '--learning-rate' in 'actcli train'; the rate is the optimizer's: {}",
        ),
        (
            "plot leaky_relu --alpha 0.1",
            "no option '--alpha' in 'actcli plot'; a parameter is part of the function, as in leaky_relu@alpha=0.1",
        ),
        ("forward 2,1 --input 2,3", "--input is a file; numbers come through a pipe: echo 2 3 | actcli ... --input -"),
        (
            "train 784,10 --data MNIST",
            "Invalid value for '--data': 'MNIST' is no choice; it is read from its files: --input "
            "train-images-idx3-ubyte.gz --labels train-labels-idx1-ubyte.gz",
        ),
        ("forward 2,3 --epochs 3", "no option '--epochs' in 'actcli forward'; actcli train is what learns"),
        (
            "forward 2,3,3 --activation relu softmax",
            "'softmax' is a function; write --activation relu,softmax",
        ),
    ],
)
def test_words_of_other_programs(words: str, message: str) -> None:
    assert run(*words.split()) == Run(2, "", f"Error: {message.format('train --optimizer sgd@rate=0.1')}\n")


def test_samples_and_classes_as_arguments() -> None:
    assert printed("spiral", "20", "2") == printed("spiral", "--samples", "20", "--classes", "2")
    assert printed("spiral", "5", "--data", "sine") == printed("spiral", "--samples", "5", "--data", "sine")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("moons", "spiral takes two numbers, SAMPLES and CLASSES, not 'moons'; is it --data moons?"),
        ("100 3 1", "spiral takes two numbers, SAMPLES and CLASSES, not '1' as well"),
        ("-- -5", "spiral takes two numbers, SAMPLES and CLASSES, not '-5'"),
        ("100 --samples 20", "--samples 20 and 100 say the same; give one"),
        ("100 0", "classes must be at least 1, not 0"),
    ],
)
def test_arguments_of_spiral_that_make_no_sense(words: str, message: str) -> None:
    assert run("spiral", *words.split()) == Run(2, "", f"Error: {message}\n")


def test_layers_as_an_argument() -> None:
    expected = printed("forward", "--layers", "2,3,3")
    assert printed("forward", "2,3,3") == expected
    assert printed("forward", "2", "3", "3") == expected
    assert printed("train", "2,4,3", "--epochs", "2") == printed("train", "--layers", "2,4,3", "--epochs", "2")
    assert printed("forward", "--layers", "2", "3", "3") == expected
    assert printed("forward", "2-3-3") == printed("forward", "--layers", "2-3-3") == expected
    words = ("--sweep", "seed=0,1", "init=he")
    assert printed("forward", "2,3", *words) == printed("forward", "--layers", "2,3", *words)
    assert printed("forward", *words, "2,3") == printed("forward", "--layers", "2,3", *words)


# --- words and names of classes ---


@pytest.mark.parametrize("option", ["--class-names", "--classes-names"])
def test_classes_by_their_names(tmp_path: Path, option: str) -> None:
    (tmp_path / "w.json").write_text("[[1, 0], [0, 2]]")
    words = ("forward", "--weights", "w.json", "--input", "-", option, "no,yes")
    assert printed(*words, stdin="1 0\n0 0.5\n", cwd=tmp_path) == (
        "class\tno\tyes\nno\t0.7310586\t0.26894143\nyes\t0.26894143\t0.7310586\n"
    )
    assert printed(*words, "--predict", "--precision", "3", stdin="1 0\n", cwd=tmp_path) == (
        "class\tconfidence\nno\t0.731\n"
    )
    assert printed(*words, "--confusion", stdin="1 0 1\n", cwd=tmp_path) == "label\tno\tyes\nno\t0\t0\nyes\t1\t0\n"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("a,b", "--class-names has 2 names, the network can tell 3 apart"),
        ("a,b,a", "--class-names 'a,b,a': 'a' stands there twice"),
        ("a,,b", "--class-names 'a,,b': a name is missing"),
    ],
)
def test_names_that_do_not_fit(names: str, message: str) -> None:
    assert run("forward", "2,3", "--class-names", names) == Run(2, "", f"Error: {message}\n")


def test_words_without_a_vector_are_told(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("the 1 2\ncat 3 4\n")
    done = run("forward", "2,2", "--vectors", "v.txt", "-q", stdin="a cat\n", cwd=tmp_path)
    assert (done.code, done.err) == (0, "Note: without a vector and left out: a\n")
    message = "layer 1 expects 3 inputs, the vectors of v.txt have 2"
    assert run("forward", "3,2", "--vectors", "v.txt", stdin="cat\n", cwd=tmp_path) == Run(2, "", f"Error: {message}\n")


def test_training_on_the_means_of_words(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("good 1 0\nbad 0 1\na 0 0\n")
    (tmp_path / "t.csv").write_text("text,label\na good,1\ngood good,1\na bad,0\nbad,0\n")
    words = ("--vectors", "v.txt", "--epochs", "100", "--save-weights", "w.npz", "--json")
    said = json.loads(printed("train", "2,2", "--input", "t.csv", *words, cwd=tmp_path))
    assert said["rows"][0]["accuracy"] == 1
    found = printed("forward", "--weights", "w.npz", "--vectors", "v.txt", "--predict", stdin="bad\n", cwd=tmp_path)
    assert found.splitlines()[1].startswith("0\t0.9")


# --- weights in common forms ---

ROWS = "1,2,3,2.5\n2,5,-1,2\n-1.5,2.7,3.3,-0.8\n"
MATRIX = [[0.2, 0.5, -0.26], [0.8, -0.91, -0.27], [-0.5, 0.26, 0.17], [1.0, -0.5, 0.87]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "x.csv").write_text(ROWS)
    return tmp_path


@pytest.mark.parametrize("content", [MATRIX, {"weights": MATRIX}, {"W1": MATRIX}, {"layers": [{"weights": MATRIX}]}])
def test_weights_alone_are_a_layer_without_biases(folder: Path, content: object) -> None:
    (folder / "w.json").write_text(json.dumps(content))
    words = ("--weights", "w.json", "--input", "x.csv", "--activation", "linear", "--dtype", "float64", "--json")
    said = json.loads(printed("forward", *words, cwd=folder))
    assert said["layers"][0]["parameters"] == 12
    rows = np.array([line.split(",") for line in ROWS.split()], float)
    assert np.allclose([list(row.values()) for row in said["rows"]], rows @ MATRIX, rtol=1e-15, atol=1e-15)


def test_weights_on_the_command_line(folder: Path) -> None:
    words = ("--input", "x.csv", "--activation", "linear", "--rows", "1", "--decimals", "3", "-q")
    text = json.dumps({"W1": MATRIX, "b1": [2, 3, 0.5]})
    assert printed("forward", "--weights", text, *words, cwd=folder) == "4.800\t1.210\t2.385\n"
    assert printed("forward", "--weights", str(MATRIX), "--bias", "0.5", *words, cwd=folder) == "3.300\t-1.290\t2.385\n"
    done = run("forward", "--weights", "[[1]", *words, cwd=folder)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Error: weights '[[1]': ")


def test_training_adds_no_biases(folder: Path) -> None:
    (folder / "w.json").write_text(json.dumps(MATRIX))
    (folder / "labelled.csv").write_text("".join(f"{line},{k}\n" for k, line in enumerate(ROWS.split())))
    words = ("--weights", "w.json", "--input", "labelled.csv", "--epochs", "5", "--save-weights", "after.json")
    assert json.loads(printed("train", *words, "--json", cwd=folder))["parameters"] == 12
    ((layer),) = json.loads((folder / "after.json").read_text())["layers"]
    assert list(layer) == ["weights", "activation"]
    assert not np.allclose(layer["weights"], MATRIX)


def test_biases_that_fit_only_the_transposed_weights(folder: Path) -> None:
    weights = {"W1": [list(column) for column in zip(*MATRIX, strict=True)], "b1": [2, 3, 0.5]}
    (folder / "w.json").write_text(json.dumps(weights))
    message = "layer 1 has 4 units, but 3 biases; are the weights one row per neuron (--transposed)?"
    words = ("forward", "--weights", "w.json", "--input", "x.csv", "--activation", "linear", "-q")
    assert run(*words, cwd=folder) == Run(2, "", f"Error: {message}\n")
    assert printed(*words, "--transposed", "--rows", "1", "--decimals", "3", cwd=folder) == "4.800\t1.210\t2.385\n"


def test_a_pickle_is_refused(folder: Path) -> None:
    (folder / "w.pkl").write_bytes(b"anything")
    done = run("forward", "--weights", "w.pkl", "--input", "x.csv", cwd=folder)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Error: weights 'w.pkl': a pickle is a program, which is never run here; ")
    assert done.err.count("\n") == 1


# --- names of other programs ---


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("eval relu --grad", "no option '--grad' in 'actcli eval'; actcli grad gives slopes"),
        ("eval relu --derivative", "no option '--derivative' in 'actcli eval'; actcli grad gives slopes"),
        ("eval relu 1 --ndjson", "no option '--ndjson' in 'actcli eval'; it is --format ndjson"),
        ("eval torch. 1", "unknown function 'torch.'; it is a framework, and 'actcli list --framework torch' shows its "
         "functions"),
        ("eval relu vs gelu 1", "'vs' is neither a number nor a function actcli knows; functions stand side by side "
         "with nothing between, as in relu leaky_relu"),
        ("forward --weights [[1],[2],[3]] 1,2,3", "the weights are those of layers 3,1, not 1,2,3; inputs come through "
         "a pipe: echo 1 2 3 | actcli ... --input -"),
        ("forward --weights [[1],[2]] -- -1 2.5 3", "the weights are those of layers 2,1, not -1,2.5,3; inputs come "
         "through a pipe: echo -1 2.5 3 | actcli ... --input -"),
        ("spiral -n 100", "no option '-n' in 'actcli spiral'; did you mean --noise?"),
        ("spiral --plot", "option --plot needs FILE after it"),
        ("spiral --plot a.png --bw", "no option '--bw' in 'actcli spiral'; spiral --plain draws without the colours of "
         "classes"),
        ("forward 2,5 --relu", "no option '--relu' in 'actcli forward'; relu is a function: --activation relu"),
        ("plot leaky_relu --negative_slope 0.1", "no option '--negative_slope' in 'actcli plot'; a parameter is part "
         "of the function, as in leaky_relu@alpha=0.1"),
        ("plot relu --neuron -1 0.5", "--neuron takes W,B with a comma between, as in --neuron -1,0.5"),
        ("code mish -o mish.c --to rust", "--output 'mish.c' is a file of C, and --to says rust"),
        ("forward 2,3 --activation none", "unknown function 'none'; the one that changes nothing is linear"),
        ("forward --weights [[1,2],[3,4],[5,6]] --bias 1,2,3", "--bias has 3 numbers for layers of 2 units; are the "
         "weights one row per neuron (--transposed)?"),
        ("plot spiral", "unknown function 'spiral'; data sets are drawn by actcli spiral --plot FILE"),
        ("forward 0.5 0.1 --layers 2,3,1", "0.5,0.1 are no layers; inputs come by echo 0.5 0.1 | actcli ... --input -"),
        ("eval relu --points 9", "no option '--points' in 'actcli eval'; --range LO:HI:N has N points"),
        ("grad relu --max", "no option '--max' in 'actcli grad'; actcli info tells the largest slope"),
        ("train 2,3 --predict",
         "no option '--predict' in 'actcli train'; forward --weights FILE --predict tells the classes"),
        ("forward 2,3 --std 1",
         "no option '--std' in 'actcli forward'; the deviation of weights is --init normal --scale 0.01"),
        ("forward 2,3 --init constant(0.5)",
         "initialiser 'constant(0.5)': the constant is --scale, as in --init constant --scale 0.5"),
        ("forward 2,3 --init constant@value=0.5",
         "initialiser 'constant@value=0.5': the constant is --scale, as in --init constant --scale 0.5"),
        ("eval relu hard_sigmoid@0.2 1",
         "'hard_sigmoid@0.2': hard_sigmoid takes key=value after '@', and its parameters are slope, offset: "
         "hard_sigmoid@slope=..."),
        ("eval relu@2 1", "'relu@2': relu takes key=value after '@', and it has no parameters"),
        ("forward --weights [[1],[1],[1]]",
         "layer 1 expects 3 inputs, the spiral data has 2; give --input FILE (- is standard input), or --data normal "
         "for numbers from N(0, 1)"),
        ("forward --weights 0,1",
         "weights '0,1': the file must end in .npz, .json, .safetensors, or be JSON itself: '[[0],[1]]'"),
        ("forward --weights [[1],[1],[1]] --bias 1,2",
         "--bias has 2 numbers for layers of 1 units; give one, or those of a layer"),
        ("forward 2,3 --bias 1,2",
         "--bias 1,2 is for the units of one layer; give its weights: --weights '[[0],[1]]'"),
        ("forward 2,3 --bias b", "--bias takes a number for all units, or as many as there are, 2,3,0.5, not 'b'"),
        ('forward --weights {"W1":[[1]],"w1":[[2]]}',
         """weights '{"W1":[[1]],"w1":[[2]]}': 'W1' stands there twice, in capitals and in small letters"""),
    ],
)  # fmt: skip
def test_what_it_is_called_here(words: str, message: str) -> None:
    assert run(*words.split()) == Run(2, "", f"Error: {message}\n")


def test_a_parameter_and_a_deviation_without_their_keys() -> None:
    assert printed("eval", "leaky_relu@0.2", "torch.LeakyReLU@0.2", "-1", "--json") == printed(
        "eval", "leaky_relu@negative_slope=0.2", "torch.LeakyReLU@negative_slope=0.2", "-1", "--json"
    )
    normal = printed("forward", "2,3,3", "--init", "normal", "--scale", "0.01")
    assert printed("forward", "2,3,3", "--init", "normal@std=0.01") == normal


def test_weights_as_keras_lists_them() -> None:
    def outputs(weights: str, *more: str) -> str:
        words = ("forward", "--weights", weights, "--activation", "linear", "--input", "-", "-q", *more)
        return printed(*words, stdin="1 2\n")

    # (1 2) W1 + b1 = (8 11), and 8 + 11 + 0.5
    assert outputs("[[[1,2],[3,4]], [1,1], [[1],[1]], [0.5]]") == "19.5\n"
    assert outputs("[[[[1,2],[3,4]],[1,1]], [[[1],[1]],[0.5]]]") == "19.5\n"
    assert outputs('{"w1": [[1,2],[3,4]], "b1": [1,1]}') == "8.0\t11.0\n"
    for biases in ("2,3,0.5", "[2, 3, 0.5]"):
        assert outputs("[[1,2,3],[3,4,5]]", "--bias", biases) == "9.0\t13.0\t13.5\n"
