"""actcli forward, run as a user runs it: real processes, files and pipes."""

import json
import os
import pty
import re
import select
import subprocess
import sys

import numpy as np
import pytest

from tests.network.reference.digits import write_idx

CHAPTER_4 = (
    "y0\ty1\ty2\n"
    "0.33333334\t0.33333334\t0.33333334\n"
    "0.33333316\t0.3333332\t0.33333364\n"
    "0.3333329\t0.33333293\t0.3333342\n"
    "0.3333326\t0.33333263\t0.33333477\n"
    "0.33333233\t0.3333324\t0.33333528\n"
)


def actcli(*words, cwd=None, stdin=None):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-m", "actcli", *words],
        cwd=cwd, env=environment, input=stdin, capture_output=True, text=True, check=False,
    )  # fmt: skip


def forward(*words, cwd=None, stdin=None):
    """Standard output of a run that must succeed without output on standard error."""
    done = actcli("forward", *words, cwd=cwd, stdin=stdin)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout


def refused(*words, cwd=None):
    """The error message of an invalid run."""
    done = actcli("forward", *words, cwd=cwd)
    assert (done.stdout, done.returncode) == ("", 2)
    return done.stderr


def rows_of(text):
    return [[float(word) for word in line.split("\t")] for line in text.splitlines()[1:]]


def on_a_terminal(*words, columns=100):
    """The output on a terminal."""
    master, slave = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": str(columns), "LINES": "50"}
    environment |= {"TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen([sys.executable, "-m", "actcli", *words], stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    shown = b""
    while select.select([master], [], [], 60)[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    assert process.wait() == 0
    return shown.decode()


def test_chapter_4_in_a_pipe():
    assert forward("--layers", "2,3,3") == CHAPTER_4


def test_chapter_4_is_within_two_units_of_the_book():
    book = "0.33333334 0.33333334 0.33333334 0.33333316 0.3333332 0.33333364 0.33333287 0.3333329 0.33333418 "
    book += "0.3333326 0.33333263 0.33333477 0.33333233 0.3333324 0.33333528"
    printed = np.array([float(word) for line in CHAPTER_4.splitlines()[1:] for word in line.split("\t")], np.float32)
    expected = np.array(book.split(), np.float32)
    assert np.abs(printed.view(np.int32) - expected.view(np.int32)).max() <= 2


def test_chapter_4_on_a_terminal():
    shown = on_a_terminal("forward", "--layers", "2,3,3", columns=110)
    plain = re.sub(r"\x1b\[\d*m", "", shown)
    lines = [" ".join(line.replace("│", " ").split()) for line in plain.splitlines()]
    assert lines.count("0.333333 0.333333 0.333333") == 1
    assert "layer shape output parameters activation mean std zeros dead saturated" in lines
    assert "1 2x3 3 9 relu 0.00202893 0.00346695 0.506667 0 0.506667" in lines
    assert "2 3x3 3 12 softmax 0.333333 1.85627e-05 0 0 0" in lines
    assert lines[-2] == "21 parameters in all"
    assert lines[-1] == "300 samples, accuracy 0.34, cross-entropy 1.09861"


def test_80_columns_have_the_layers_in_two_tables():
    shown = re.sub(r"\x1b\[\d*m", "", on_a_terminal("forward", "--layers", "2,3,3", columns=80))
    names = [line.replace("│", " ").split() for line in shown.splitlines() if "layer " in line]
    assert names == [
        ["layer", "shape", "output", "parameters", "activation"],
        ["layer", "mean", "std", "zeros", "dead", "saturated"],
    ]


@pytest.mark.parametrize("options", [(), ("--precision", "17")])
def test_nothing_is_cut_on_a_narrow_terminal(options):
    words = ("forward", "784,64,64,10", "--data", "normal", "--summary", "--gradient", *options)
    shown = re.sub(r"\x1b\[\d*m", "", on_a_terminal(*words, columns=80))
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown


def test_a_narrow_terminal_gets_the_columns_in_several_tables():
    shown = re.sub(r"\x1b\[\d*m", "", on_a_terminal("forward", "--layers", "2,3,3", "--summary", columns=80))
    assert max(map(len, shown.splitlines())) <= 80
    names = " ".join(line.replace("│", " ") for line in shown.splitlines() if "layer" in line).split()
    wide = forward("--layers", "2,3,3", "--summary").splitlines()[0].split("\t")
    assert set(wide) <= set(names)


def test_chapter_4_in_json():
    said = json.loads(forward("--layers", "2,3,3", "--json"))
    assert said["command"] == "forward"
    assert said["network"] == "2,3,3"
    assert said["activations"] == ["relu", "softmax"]
    assert len(said["rows"]) == 5
    assert said["rows"][1] == {"y0": 0.33333316, "y1": 0.3333332, "y2": 0.33333364}
    assert [layer["parameters"] for layer in said["layers"]] == [9, 12]
    assert [layer["output"] for layer in said["layers"]] == ["3", "3"]
    assert said["parameters"] == 21
    assert [layer["activation"] for layer in said["layers"]] == ["relu", "softmax"]
    assert said["layers"][0]["dead"] == 0
    # The book prints these two in its fifth chapter.
    assert said["accuracy"] == 0.34
    assert round(said["loss"], 7) == 1.0986105
    assert np.sum(said["confusion"]) == 300


@pytest.mark.parametrize("name", ["linear", "identity"])
def test_chapter_3(name):
    assert forward("--layers", "2,3", "--activation", name) == (
        "y0\ty1\ty2\n"
        "0.0\t0.0\t0.0\n"
        "-0.00010475188\t0.00011395361\t-4.79835e-05\n"
        "-0.00027414842\t0.0003172915\t-8.69218e-05\n"
        "-0.00042188365\t0.00052666257\t-5.5912682e-05\n"
        "-0.0005770768\t0.00071401405\t-8.943044e-05\n"
    )


def test_the_notes_after_an_earlier_cell():
    # The NNFS notes draw a spiral of 3 x 100 first, which takes 300 random numbers.
    lines = forward("--layers", "2,3", "--activation", "linear", "--advance", "300").splitlines()
    assert (
        np.array(lines[2].split("\t"), np.float32).tolist()
        == np.array(["-1.11171044e-04", "-5.11007493e-05", "-1.12099799e-04"], np.float32).tolist()
    )
    assert actcli("forward", "--layers", "2,3", "--advance", "-1").returncode == 2


def test_an_advance_moves_weights_where_no_data_are_drawn(tmp_path):
    (tmp_path / "x.csv").write_text("1,2\n")
    later = np.random.RandomState(0)
    later.randn(7)
    forward("--layers", "2,3", "--input", "x.csv", "--advance", "7", "--save-weights", "w.npz", cwd=tmp_path)
    with np.load(tmp_path / "w.npz") as file:
        assert np.array_equal(file["W1"], np.float32(0.01) * later.randn(2, 3).astype(np.float32))


def test_rows_and_output(tmp_path):
    assert forward("--layers", "2,3,3", "--rows", "2") == "".join(CHAPTER_4.splitlines(keepends=True)[:3])
    everything = forward("--layers", "2,3,3", "--rows", "all")
    assert len(everything.splitlines()) == 301
    assert everything.startswith(CHAPTER_4)
    assert forward("--layers", "2,3,3", "--output", "y.tsv", "--rows", "2", cwd=tmp_path) == ""
    assert (tmp_path / "y.tsv").read_text() == everything
    forward("--layers", "2,3,3", "--output", "y.npy", cwd=tmp_path)
    array = np.load(tmp_path / "y.npy", allow_pickle=False)
    assert (array.shape, array.dtype) == ((300, 3), np.float32)
    assert array.tolist() == [np.array(row, np.float32).tolist() for row in rows_of(everything)]


def test_values_alone():
    assert forward("--layers", "2,3,3", "--rows", "1", "-q") == "0.33333334\t0.33333334\t0.33333334\n"


def test_summary_alone():
    lines = forward("--layers", "2,3,3", "--summary").splitlines()
    assert [line.split("\t")[:4] for line in lines] == [
        ["layer", "shape", "parameters", "activation"],
        ["1", "2x3", "9", "relu"],
        ["2", "3x3", "12", "softmax"],
    ]
    assert lines[0].split("\t")[4:9] == ["mean", "std", "zeros", "dead", "saturated"]


def test_float64_agrees_with_float32():
    narrow, wide = (rows_of(forward("--layers", "2,3,3", "--dtype", dtype)) for dtype in ("float32", "float64"))
    assert np.abs(np.array(narrow) - wide).max() < 1e-7


def test_wide_outputs_are_cut_on_a_terminal_only():
    words = ("forward", "--layers", "4,60", "--data", "normal", "--rows", "1")
    shown = on_a_terminal(*words, columns=80)
    assert shown.splitlines()[0].rstrip() == "output, 55 columns are not shown; --tsv prints them all"
    assert len(actcli(*words).stdout.splitlines()[0].split("\t")) == 60


# --- weights and input ---

NOTES = {
    "weights": [[0.2, 0.8, -0.5, 1.0], [0.5, -0.91, 0.26, -0.5], [-0.26, -0.27, 0.17, 0.87]],
    "biases": [2, 3, 0.5],
}
BATCH = "1,2,3,2.5\n2,5,-1,2\n-1.5,2.7,3.3,-0.8\n"


@pytest.fixture
def notes(tmp_path):
    (tmp_path / "w.json").write_text(json.dumps({"layers": [NOTES]}))
    (tmp_path / "x.csv").write_text(BATCH)
    return tmp_path


def test_explicit_weights(notes):
    words = ("--weights", "w.json", "--transposed", "--input", "x.csv", "--activation", "linear")
    expected = [[4.8, 1.21, 2.385], [8.9, -1.81, 0.2], [1.41, 1.051, 0.026]]
    with_layers = forward("--layers", "4,3", *words, cwd=notes)
    assert np.abs(np.array(rows_of(with_layers)) - expected).max() < 2e-7
    assert forward(*words, cwd=notes) == with_layers
    double = rows_of(forward(*words, "--dtype", "float64", cwd=notes))
    assert np.abs(np.array(double) - expected).max() < 1e-15


def test_standard_input_and_other_formats(notes):
    words = ("--weights", "w.json", "--transposed", "--activation", "linear")
    expected = forward(*words, "--input", "x.csv", cwd=notes)
    assert forward(*words, "--input", "-", cwd=notes, stdin=BATCH.replace(",", " ")) == expected
    rows = np.array([line.split(",") for line in BATCH.split()], float)
    np.save(notes / "x.npy", rows)
    (notes / "x.json").write_text(json.dumps(rows.tolist()))
    for name in ("x.npy", "x.json"):
        assert forward(*words, "--input", name, cwd=notes) == expected


@pytest.mark.parametrize("suffix", ["npz", "json", "safetensors"])
def test_saved_weights_give_the_same_rows(tmp_path, suffix):
    name = f"w.{suffix}"
    first = forward("--layers", "2,5,3", "--rows", "all", "--save-weights", name, cwd=tmp_path)
    assert forward("--weights", name, "--rows", "all", cwd=tmp_path) == first
    saved = (tmp_path / name).read_bytes()
    forward("--layers", "2,5,3", "--save-weights", name, cwd=tmp_path)
    assert (tmp_path / name).read_bytes() == saved


@pytest.mark.parametrize("suffix", ["npz", "json", "safetensors"])
def test_saved_weights_bring_their_activations(tmp_path, suffix):
    words = ("--activation", "tanh,sigmoid", "--rows", "all")
    first = forward("--layers", "2,5,3", *words, "--save-weights", f"w.{suffix}", cwd=tmp_path)
    assert forward("--weights", f"w.{suffix}", "--rows", "all", cwd=tmp_path) == first
    linear = forward("--layers", "2,5,3", "--activation", "linear", "--rows", "all", cwd=tmp_path)
    assert forward("--weights", f"w.{suffix}", "--activation", "linear", "--rows", "all", cwd=tmp_path) == linear


def test_labels_and_batches(tmp_path):
    spiral = actcli("spiral", "--output", "spiral.csv", cwd=tmp_path)
    assert (spiral.stdout, spiral.stderr, spiral.returncode) == ("", "", 0)
    words = ("--layers", "2,16,3", "--init", "he", "--input", "spiral.csv", "--json")
    said = [json.loads(forward(*words, "--batch-size", size, cwd=tmp_path)) for size in ("1", "7", "300", "1000")]
    assert len({one["accuracy"] for one in said}) == 1
    assert all(one["rows"] == said[0]["rows"] for one in said)
    assert all(one["confusion"] == said[0]["confusion"] for one in said)
    assert max(abs(one["loss"] - said[0]["loss"]) for one in said) < 1e-12
    # The label is the column that is left over after the features.
    assert said[0]["samples"] == 300


def test_text_labels_and_scaled_features(tmp_path):
    rows = [f"{x},{y},{'ab'[x > y]}\n" for x, y in np.random.RandomState(0).randint(0, 255, (40, 2)).tolist()]
    (tmp_path / "text.csv").write_text("x,y,which\n" + "".join(rows))
    (tmp_path / "numbers.csv").write_text("".join(rows).replace("a", "0").replace("b", "1"))
    (tmp_path / "first.csv").write_text("".join(f"{row[-2]},{row[:-3]}\n" for row in rows))
    (tmp_path / "rows.json").write_text(
        json.dumps([dict(zip("xyz", row[:-1].split(","), strict=True)) for row in rows])
    )
    words = ("--layers", "2,4,2", "--init", "he", "--json", "--standardize", "--input")
    names = ("text.csv", "numbers.csv", "first.csv", "rows.json")
    others = {"first.csv": ("--label", "1")}
    said = [json.loads(forward(*words, name, *others.get(name, ()), cwd=tmp_path)) for name in names]
    for key in ("accuracy", "loss", "confusion", "layers"):
        assert all(one[key] == said[0][key] for one in said)
    named, numbered = ["class", "a", "b"], ["y0", "y1"]
    assert [list(one["rows"][0]) for one in said] == [named, numbered, named, named]
    # In pieces of any size and from a pipe, the divisor is the same.
    words = ("--layers", "2,4,2", "--init", "he", "--rows", "all", "--class-names", "a,b", "--scale-input")
    whole = forward(*words, "255", "--input", "text.csv", cwd=tmp_path)
    assert forward(*words, "255", "--batch-size", "3", "--input", "numbers.csv", cwd=tmp_path) == whole
    piped = ("255", "--input", "-", "--input-format", "csv")
    assert forward(*words, *piped, stdin=(tmp_path / "text.csv").read_text(), cwd=tmp_path) == whole
    assert forward(*words, "1", "--input", "text.csv", cwd=tmp_path) != whole
    refusal = refused("--layers", "2,3", "--input", "text.csv", cwd=tmp_path)
    has = "text.csv has 2 classes (a, b), the network can tell 3 apart"
    assert refusal == f"Error: {has}; --class-names says which are which\n"
    named = ("--class-names", "c,b,a", "--confusion", "--csv", "--input")
    assert forward("--layers", "2,3", *named, "text.csv", cwd=tmp_path).startswith("label,c,b,a\nc,0,0,0\n")
    # Numeric labels are the numbers of the outputs in every format.
    told = forward("--layers", "2,3", *named, "numbers.csv", cwd=tmp_path)
    assert told == forward("--layers", "2,3", *named, "numbers.csv", "--label", "3", cwd=tmp_path)
    assert told.startswith("label,c,b,a\nc,")


def test_labels_in_a_file_of_their_own(tmp_path):
    write_idx(tmp_path, 30)
    words = ("--layers", "784,10", "--init", "he", "--input", "digits-images-idx3-ubyte.gz", "--scale-input", "255")
    said = json.loads(forward(*words, "--labels", "digits-labels-idx1-ubyte.gz", "--json", cwd=tmp_path))
    assert (said["samples"], sum(map(sum, said["confusion"]))) == (30, 30)


def test_predictions_and_confusion():
    lines = forward("--layers", "2,3,3", "--predict", "--rows", "2").splitlines()
    assert lines == ["class\tconfidence", "0\t0.33333334", "2\t0.33333364"]
    assert len(forward("--layers", "2,3,3", "--predict", "-q").splitlines()) == 300
    assert forward("--layers", "2,3,3", "--confusion") == "label\t0\t1\t2\n0\t3\t0\t97\n1\t4\t0\t96\n2\t1\t0\t99\n"


def test_images(tmp_path):
    from PIL import Image

    pixels = np.zeros((6, 6), np.uint8)
    pixels[2:4, 2:4] = 255
    Image.fromarray(pixels).save(tmp_path / "dot.png")
    kernel = -np.ones((3, 3))
    kernel[1, 1] = 8
    (tmp_path / "edge.json").write_text(json.dumps({"layers": [{"weights": kernel.tolist()}]}))
    words = ("--layers", "6x6,conv3x3:1", "--weights", "edge.json", "--activation", "relu")
    out = np.array(rows_of(forward(*words, "--input", "dot.png", cwd=tmp_path))).reshape(6, 6)
    expected = np.zeros((6, 6))
    expected[2:4, 2:4] = 5
    assert np.array_equal(out, expected)
    told = refused(*words, "--input", "dot.png", "--label", "x", cwd=tmp_path)
    assert told == "Error: dot.png is a picture, a sample without a label; leave --column, --label and --labels out\n"
    np.save(tmp_path / "dots.npy", np.stack([pixels, pixels * 0]) / 255)
    both = rows_of(forward(*words, "--input", "dots.npy", cwd=tmp_path))
    assert both == [expected.reshape(-1).tolist(), [0.0] * 36]


def test_a_classifier_of_images():
    said = json.loads(
        forward("--layers", "28x28,conv3x3:8,pool2,flatten,10", "--data", "normal", "--samples", "20", "--json")
    )
    assert [layer["shape"] for layer in said["layers"]] == ["3x3x1x8", "pool2", "flatten", "1568x10"]
    assert [layer["activation"] for layer in said["layers"]] == ["relu", None, None, "softmax"]
    assert sum(said["rows"][0].values()) == pytest.approx(1, abs=1e-6)


# --- diagnostics ---


def test_gradient_and_verdict():
    words = ("--depth", "30", "--width", "50", "--activation", "sigmoid", "--init", "glorot", "--gradient")
    said = json.loads(forward(*words, "--json"))
    gradients = [layer["gradient"] for layer in said["layers"]]
    assert len(gradients) == 30
    assert said["gradient_ratio"] == pytest.approx(gradients[-1] / gradients[0])
    assert said["gradient_ratio"] > 1e12
    assert said["verdict"].split(":")[0] == "vanishing"
    assert forward(*words, "--summary").splitlines()[0].split("\t")[-1] == "gradient"


def test_sweep():
    lines = forward(
        "--depth", "10", "--width", "60", "--sweep", "activation=relu,tanh", "init=nnfs,he", "--samples", "50"
    ).splitlines()
    table = [dict(zip(lines[0].split("\t"), line.split("\t"), strict=True)) for line in lines[1:]]
    assert [(row["activation"], row["init"]) for row in table] == [
        ("relu", "nnfs"), ("relu", "he"), ("tanh", "nnfs"), ("tanh", "he"),
    ]  # fmt: skip
    assert [row["verdict"].split(":")[0] for row in table] == ["vanishing", "healthy", "vanishing", "healthy"]


def test_sweep_fits_a_screen():
    shown = forward("--depth", "3", "--width", "8", "--sweep", "activation=relu,tanh", "init=he", "--format", "table")
    heads = [line.replace("│", " ").split() for line in shown.splitlines() if "activation" in line]
    assert heads == [
        ["activation", "init", *columns]
        for columns in (
            ["signal_first", "signal_last", "verdict"],
            ["gradient_first", "gradient_last", "gradient_ratio"],
            ["dead", "saturated"],
        )
    ]
    assert max(map(len, shown.splitlines())) <= 80


def test_every_array_and_where_another_differs(tmp_path):
    assert forward("--layers", "2,3,3", "--all-layers", "--output", "ours.npz", cwd=tmp_path) == ""
    with np.load(tmp_path / "ours.npz", allow_pickle=False) as file:
        arrays = dict(file)
    assert {name: array.shape for name, array in arrays.items()} == {
        "x": (300, 2), "z1": (300, 3), "a1": (300, 3), "z2": (300, 3), "a2": (300, 3),
    }  # fmt: skip
    same = forward("--layers", "2,3,3", "--compare", "ours.npz", "--csv", cwd=tmp_path).splitlines()
    assert [line.split(",")[:3] for line in same[1:]] == [[name, "300", "0"] for name in arrays]

    arrays["a1"][7, 2] = np.nextafter(arrays["a1"][7, 2], np.float32(1), dtype=np.float32)
    np.savez(tmp_path / "theirs.npz", **arrays)
    done = actcli("forward", "--layers", "2,3,3", "--compare", "theirs.npz", "--json", cwd=tmp_path)
    assert (done.stderr, done.returncode) == ("", 1)
    found = {row["array"]: row for row in json.loads(done.stdout)["rows"]}
    assert [name for name, row in found.items() if row["differ"]] == ["a1"]
    assert (found["a1"]["row"], found["a1"]["column"], found["a1"]["ulp"]) == (7, 2, 1)

    lines = forward("--layers", "2,3,3", "--all-layers", "--rows", "1").splitlines()
    assert lines[:4] == ["array\trow\tunit\tvalue", "x\t0\t0\t0.0", "x\t0\t1\t0.0", "z1\t0\t0\t0.0"]
    assert len(lines) == 1 + 2 + 4 * 3
    said = json.loads(forward("--layers", "2,3,3", "--all-layers", "--rows", "2", "--json"))
    assert list(said["arrays"]) == ["x", "z1", "a1", "z2", "a2"]
    (tmp_path / "ours.json").write_text(json.dumps(said))
    forward("--layers", "2,3,3", "--compare", "ours.json", cwd=tmp_path)


@pytest.mark.parametrize(
    ("words", "figure"),
    [
        (("--layers", "2,8,3"), None),
        (("--layers", "1,8,1", "--activation", "relu,linear", "--data", "sine"), None),
        (("--layers", "4,8,3", "--data", "normal"), None),
        (("--layers", "2,3,3"), "heatmap"),
        (("--depth", "5", "--width", "9", "--gradient"), "depth"),
    ],
)
def test_figures(tmp_path, words, figure):
    kind = ("--figure", figure) if figure else ()
    done = actcli("forward", *words, *kind, "--plot", "a.png", cwd=tmp_path)
    assert (done.stderr, done.returncode) == ("Note: the figure is in a.png\n", 0)
    assert (tmp_path / "a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--seed 3 --scale 0.1", ["15 samples, normal data, normal weights, scale 0.1, seed 3, float32"]),
        (
            "--sweep init=normal@gain=0.01,xavier",
            ["normal@gain=0.01", "xavier", "15 samples, normal data, seed 0, float32"],
        ),
    ],
)
def test_a_figure_says_what_the_weights_were_drawn_from(tmp_path, words, said):
    network = ("--depth", "3", "--width", "5", "--activation", "tanh", "--init", "normal", "--samples", "15")
    actcli("forward", *network, *words.split(), "--plot", "a.svg", cwd=tmp_path)
    texts = re.findall("<text [^>]*>([^<]*)", (tmp_path / "a.svg").read_text())
    assert [text for text in said if text not in texts] == []


def test_regions_name_what_the_file_names(tmp_path):
    (tmp_path / "x.csv").write_text("height,width,kind\n1,2,0\n2,1,1\n0,0,2\n")
    actcli("forward", "2,4,3", "--input", "x.csv", "--plot", "a.svg", cwd=tmp_path)
    texts = re.findall("<text [^>]*>([^<]*)", (tmp_path / "a.svg").read_text())
    assert {"height", "width", "class 0", "class 1", "class 2"} <= set(texts)


def test_the_same_command_gives_the_same_figure(tmp_path):
    for name in ("a.svg", "b.svg"):
        actcli("forward", "--layers", "2,8,3", "--plot", name, cwd=tmp_path)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


# --- errors -----------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "--layers 2,x,3",
            "layer 1 is 'x'; a layer is a number of units (64), conv3x3:32, pool2, flatten, dropout0.1, "
            "embedding10000:16, lstm64 or mean",
        ),
        ("", "give the network: --layers such as 2,3,3, or --depth and --width, or --weights FILE"),
        (
            "--layers 784,10",
            "layer 1 expects 784 inputs, the spiral data has 2; "
            "give --input FILE (- is standard input), or --data normal for numbers from N(0, 1)",
        ),
        (
            "--layers 2,3 --data helix",
            "Invalid value for '--data': 'helix' is not one of 'spiral', 'vertical', 'sine', 'moons', "
            "'circles', 'xor', 'gauss', 'cs231n', 'normal'.",
        ),
        ("--layers 2,3 --rows some", "--rows takes a number of rows or all, not 'some'"),
        ("--layers 2,3 --summary --predict", "--summary and --predict print different things; one at a time"),
        ("--layers 2,3 --depth 3", "--depth and --width go together: N layers of M units"),
        ("--layers 2,3 --depth 3 --width 4", "--layers and --depth are two ways to say the same; give one"),
        ("--layers 2,3 --transposed", "--transposed says how the weights of a file lie; give --weights FILE"),
        ("--layers 2,3 --figure depth", "--figure and the options of its looks are for --plot FILE; give it too"),
        (
            "--layers 4,3 --data normal --confusion",
            "--confusion needs labels: data with classes, or --input with a label column",
        ),
        (
            "--layers 2,3 --sweep colour=red",
            "--sweep takes KEY=A,B,... with KEY one of activation, init, scale, seed, depth, width, not 'colour=red'",
        ),
        ("--layers 2,3 more", "--layers 2,3 and 'more' are two networks; give one"),
        ("2,3 seed=1,2", "'seed=1,2' is for --sweep; write --sweep before it"),
        (
            "--layers 1,4,1",
            "layer 1 expects 1 input, the spiral data has 2; give --input FILE (- is standard input), or --data sine",
        ),
        ("--layers 2,3 --sweep seed=1,two", "--sweep seed: 'two' is not a number"),
        (
            "--layers 2,3 --sweep activation=relu activations=tanh",
            "--sweep has activation twice; its values go behind one activation=",
        ),
        ("--layers 2,3 --sweep seed=1 --save-weights w.npz", "--sweep runs many networks; --save-weights is for one"),
        (
            "--layers 2,3 --all-layers --plot a.png",
            "--all-layers is about the arrays alone; --plot goes with rows or --summary",
        ),
        (
            "--layers 2,3 --compare a.npz --gradient",
            "--compare is about the arrays alone; --gradient goes with rows or --summary",
        ),
        # The labels are only read for JSON or a table.
        ("--layers 2,3 --classes 4 --json", "label 3 is no class of the network: its 3 outputs tell classes 0 to 2"),
    ],
)
def test_requests_that_make_no_sense(words, message):
    assert refused(*words.split()) == f"Error: {message}\n"


def test_shapes_that_do_not_fit(notes):
    two = {"layers": [NOTES, {"weights": [[1, 2, 3, 4]], "biases": [0]}]}
    (notes / "two.json").write_text(json.dumps(two))
    words = ("--input", "x.csv", "--transposed")
    assert refused("--weights", "two.json", *words, cwd=notes) == "Error: layer 2 expects 4 inputs, layer 1 gives 3\n"
    message = "Error: layer 1 expects 4 inputs, the network's input has 2\n"
    assert refused("--layers", "2,3", "--weights", "w.json", *words, cwd=notes) == message
    message = "Error: layer 1 expects 7 inputs, x.csv has 4 columns\n"
    assert refused("--layers", "7,3", "--input", "x.csv", cwd=notes) == message


@pytest.mark.parametrize("layers", ["2,1000000000", "1000000000,1000000000"])
def test_sizes_beyond_memory_are_refused_at_once(layers):
    message = refused("--layers", layers)
    assert message.startswith("Error: needs ")
    assert message.count("\n") == 1
    assert " + " in message
    assert ", but this machine has " in message


def test_a_batch_beyond_memory_is_refused():
    message = refused(
        "--layers", "784,10", "--data", "normal", "--samples", "10000000000", "--batch-size", "10000000000"
    )
    assert message.startswith("Error: needs ")
    assert "a batch of 10000000000 rows through all layers" in message


def test_weights_from_a_file_are_not_drawn(notes):
    for words in (("--init", "he"), ("--scale", "1")):
        message = f"Error: --weights has the weights; {words[0]} is for weights drawn here\n"
        assert refused("--weights", "w.json", *words, cwd=notes) == message
    message = "Error: --weights has the biases; --bias is for weights without them\n"
    assert refused("--weights", "w.json", "--bias", "0", cwd=notes) == message


def test_files_that_are_not_there(tmp_path):
    for words in (("--input", "none.csv"), ("--weights", "none.npz")):
        done = actcli("forward", "--layers", "2,3", *words, cwd=tmp_path)
        assert (done.stdout, done.returncode) == ("", 1)
        assert done.stderr == f"Error: {words[1]}: No such file or directory\n"
    done = actcli("forward", "--layers", "2,3", "--output", "no/where.csv", cwd=tmp_path)
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr == "Error: no folder 'no' to write 'where.csv' into\n"


def test_a_pickle_is_never_loaded(tmp_path):
    np.savez(tmp_path / "w.npz", W1=np.array([{"a": 1}], dtype=object))
    message = "Error: weights 'w.npz': 'W1.npy' holds Python objects, which are never read; save plain numbers\n"
    assert refused("--layers", "2,3", "--weights", "w.npz", cwd=tmp_path) == message


def test_a_bad_label_leaves_no_file(tmp_path):
    (tmp_path / "x.csv").write_text("1,2,0\n3,4,9\n")
    (tmp_path / "y.json").write_text("old")
    done = actcli("forward", "--layers", "2,3", "--input", "x.csv", "--output", "y.json", cwd=tmp_path)
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr == "Error: label 9 is no class of the network: its 3 outputs tell classes 0 to 2\n"
    assert (tmp_path / "y.json").read_text() == "old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x.csv", "y.json"]
    # Rows are not printed for labels that were not requested.
    assert refused("--layers", "2,3", "--input", "x.csv", "--tsv", cwd=tmp_path) == done.stderr


def test_only_probabilities_are_confidence(tmp_path):
    (tmp_path / "x.csv").write_text("1,2\n")
    words = ("forward", "--weights", "[[1,2,3],[4,5,6]]", "--input", "x.csv", "--predict", "--csv", "--activation")
    for activation, said in (("linear", "class,output\n2,15.0\n"), ("softmax", "class,confidence\n2,0.9503\n")):
        done = actcli(*words, activation, "--precision", "4", cwd=tmp_path)
        assert (done.stdout, done.stderr, done.returncode) == (said, "", 0)


def test_many_rows_stream_in_flat_memory(tmp_path):
    rows = 200_000
    array = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.float32, (rows, 100))
    array[:] = 0.5
    del array
    script = (
        "import resource, sys; sys.argv[1:] = sys.argv[1:]; from actcli.cli.app import main\n"
        "try: main()\n"
        "except SystemExit as end: print(end.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def peak(name):
        words = ["forward", "--layers", "100,8,2", "--input", name, "--output", "y.npy"]
        done = subprocess.run(
            [sys.executable, "-c", script, *words],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        code, size = done.stderr.split()
        assert code == "0"
        return int(size)

    np.save(tmp_path / "few.npy", np.full((4000, 100), 0.5, np.float32))
    few, many = peak("few.npy"), peak("x.npy")
    assert np.load(tmp_path / "y.npy").shape == (rows, 2)
    # 80 MB of input and 1.6 MB of output must not stay in memory.
    assert many - few < 20_000


def test_a_bias_beyond_float32_is_infinite_there() -> None:
    out = forward("--layers", "2,3", "--activation", "linear", "--bias=-1e300", "--samples", "1", "-q")
    assert set(out.split()) == {"-inf"}
