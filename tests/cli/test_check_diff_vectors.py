"""actcli diff, check and vectors, run as a user runs them."""

import csv
import io
import json
import math
import shutil
import subprocess

import numpy as np
import pytest

from tests.cli.running import Run, run


def outcome(*words, cwd=None, stdin=""):
    """Standard output and exit code of a run without output on standard error."""
    done = run(*words, cwd=cwd, stdin=stdin)
    assert done.err == ""
    return done.out, done.code


def refused(*words, cwd=None):
    """The error message and exit code of a run without other output."""
    done = run(*words, cwd=cwd)
    assert done.out == ""
    return done.err, done.code


# --- diff ------------------------------------------------------------------------------------------------------


def test_diff_of_two_functions_by_one_name():
    text, status = outcome("diff", "keras.LeakyReLU", "keras.leaky_relu")
    assert status == 1
    assert text.splitlines() == [
        "quantity\tmeasure\tdifference\tx\tkeras.LeakyReLU\tkeras.leaky_relu",
        "value\tabsolute\t1.0\t-10.0\t-3.0\t-2.0",
        "value\trelative\t0.3333333333333333\t-10.0\t-3.0\t-2.0",
        "value\tulp\t3002399751569408.0\t-6.666666666715173\t-2.000000000014552\t-1.3333333333430346",
        "slope\tabsolute\t0.09999999999999998\t-10.0\t0.3\t0.2",
        "slope\trelative\t0.33333333333333326\t-10.0\t0.3\t0.2",
        "slope\tulp\t2702159776422297.0\t-10.0\t0.3\t0.2",
    ]


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("torch.Hardsigmoid", "onnx.HardSigmoid", 1),
        ("torch.gelu", "jax.gelu", 1),
        ("torch.leaky_relu", "jax.leaky_relu", 1),
        ("torch.silu", "jax.swish", 0),
        ("torch.Tanhshrink", "keras.tanh_shrink", 0),
        ("relu", "relu", 0),
    ],
)
def test_diff_exit_says_whether_they_are_the_same(first, second, status):
    text, code = outcome("diff", first, second, "--json")
    answer = json.loads(text)
    assert code == status
    assert answer["same"] is (status == 0)
    assert (answer["differing"] == []) is (status == 0)
    assert [(row["quantity"], row["measure"]) for row in answer["rows"]] == [
        (quantity, measure) for quantity in ("value", "slope") for measure in ("absolute", "relative", "ulp")
    ]


def test_diff_says_where_and_how_much():
    text, status = outcome("diff", "torch.Hardsigmoid", "onnx.HardSigmoid", "--json")
    worst = json.loads(text)["rows"][0]
    assert status == 1
    assert abs(worst["difference"] - 1 / 12) < 1e-12
    assert abs(abs(worst["x"]) - 2.5) < 1e-12


def test_diff_draws_and_confines(tmp_path):
    text, status = outcome("diff", "gelu,quick_gelu", "--range", "0:1", "--plot", "gap.svg", "-q", cwd=tmp_path)
    assert status == 1
    assert len(text.splitlines()) == 6
    assert (tmp_path / "gap.svg").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Error: Missing argument 'SPEC SPEC'; as in: actcli diff torch.gelu jax.gelu\n"),
        (
            ("relu",),
            "Error: diff compares two functions, as in actcli diff torch.gelu jax.gelu, not 1\n",
        ),
        (
            ("relu", "vs", "gelu"),
            "Error: unknown function 'vs'; functions stand side by side with nothing between, as in relu leaky_relu\n",
        ),
        (("relu", "softmax"), "Error: softmax works on rows and relu on single numbers: they can't be compared\n"),
        (("relu", "gelu", "--range", "1:0"), "Error: --range '1:0': LO must be below HI\n"),
        (("relu", "gelu", "--range", "0:1:5"), "Error: --range takes LO:HI, such as -4:4, not '0:1:5'\n"),
        (
            ("relu", "gelu", "--plot", "a.gif"),
            "Error: cannot draw into 'a.gif': '.gif' is no picture suffix; give a name that ends in .png, .svg, .pdf\n",
        ),
    ],
)
def test_diff_refuses(words, message):
    assert refused("diff", *words) == (message, 2)


# --- check -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gelus(tmp_path_factory):
    """x and 0.5*x*(1+erf(x/sqrt(2))), and x and 0.5*x*erfc(-x/sqrt(2))."""
    folder = tmp_path_factory.mktemp("gelus")
    x = [-12 + 24 * i / 4000 for i in range(4001)]
    lossy = [0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in x]
    sound = [0.5 * v * math.erfc(-v / math.sqrt(2)) for v in x]
    for name, y in (("lossy", lossy), ("sound", sound)):
        lines = "".join(f"{a!r},{b!r}\n" for a, b in zip(x, y, strict=True))
        (folder / f"{name}.csv").write_text("x,y\n" + lines)
        np.save(folder / f"{name}.npy", y)
    np.save(folder / "x.npy", x)
    return folder


def test_check_finds_the_digits_lost_in_the_tail(gelus):
    text, status = outcome("check", "gelu", "--input", "lossy.csv", "--max-ulp", "600", "--json", cwd=gelus)
    answer = json.loads(text)
    assert (status, answer["passed"], answer["points"]) == (1, False, 4001)
    assert answer["max_ulp"] > 10**15
    assert answer["worst"][0]["x"] < -8


def test_check_passes_the_sound_one(gelus):
    for words in (("sound.csv",), ("x.npy", "--input", "sound.npy")):
        text, status = outcome("check", "gelu", "--input", *words, "--max-ulp", "600", "--json", cwd=gelus)
        answer = json.loads(text)
        assert (status, answer["passed"]) == (0, True)
        assert 100 < answer["max_ulp"] < 300
        assert sum(entry["count"] for entry in answer["histogram"]) == 4001
    assert outcome("check", "gelu", "sound.csv", cwd=gelus)[1] == 0
    assert outcome("check", "gelu", "--input", "lossy.csv", cwd=gelus)[1] == 1


def test_check_reads_standard_input_and_answers_in_one_number(gelus):
    text, status = outcome("check", "gelu", "-i", "-", "-q", stdin=(gelus / "sound.csv").read_text())
    assert status == 0
    assert 100 < int(text) < 300
    assert run("check", "gelu", "-q") == Run(2, "", "Error: standard input: no numbers\n")
    assert outcome("check", "relu", "-q", stdin="1 1\n-1 0\n") == ("0\n", 0)
    for form in ("json", "ndjson"):  # two keys are x and y, whatever the name of the function
        printed = run("eval", "x*sigmoid(x)", "--range", "-3:3", "--format", form).out
        assert outcome("check", "silu", "-q", stdin=printed) == ("0\n", 0)


def test_check_reads_arrays_whatever_they_are_called(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[-1.0, 0.0], [2.0, 2.0]]))
    raw = (tmp_path / "a.npy").read_bytes()
    assert run("check", "relu", "-q", stdin=raw) == Run(0, "0\n", "")
    (tmp_path / "a.npy").rename(tmp_path / "a.bin")
    assert outcome("check", "relu", "-q", "--input", "a.bin", "--input-format", "npy", cwd=tmp_path) == ("0\n", 0)
    told = run("eval", "relu", stdin=raw)
    assert told.err.endswith("is not a number; this is an array, say --input-format npy\n")


def test_check_says_why_it_fails_where_only_an_error_is_printed():
    told = "Note: 1 wrong special, the first at x = -inf\n"
    assert run("check", "relu", "-q", stdin="-inf nan\n1 1\n") == Run(1, "0\n", told)


def test_check_leaves_no_row_out(tmp_path):
    (tmp_path / "mine.csv").write_text(
        "1,1\n-2,0\nnan,nan\ninf,inf\n-inf,nan\n1e-310,0\n-0.0,0\n2,2.0000000000000004\n"
    )
    text, status = outcome("check", "identity", "--input", "mine.csv", "--worst", "1", cwd=tmp_path)
    assert status == 1
    assert text.splitlines() == [
        "what\tcount\tulp\tx\ty\texact",
        "points\t8\t\t\t\t",
        "0 ulp\t2\t\t\t\t",
        "1 ulp\t1\t\t\t\t",
        "2 ulp\t0\t\t\t\t",
        *(f"{2**k + 1} to {2 ** (k + 1)} ulp\t0\t\t\t\t" for k in range(1, 10)),
        *(f"{2**k + 1} to {2 ** (k + 10)} ulp\t0\t\t\t\t" for k in (10, 20, 30, 40, 50)),
        f"{2**60 + 1} to {2**64} ulp\t1\t\t\t\t",
        "right specials\t2\t\t\t\t",
        "wrong specials\t1\t\t-inf\tnan\t-inf",
        "flushed to zero\t1\t\t1e-310\t0.0\t1e-310",
        "zeros of the wrong sign\t1\t\t-0.0\t0.0\t-0.0",
        "allowed\t\t67108864\t\t\t",
        "mean\t\t1152921504606846976\t\t\t",
        "worst 1\t\t4611686018427387904\t-2.0\t0.0\t-2.0",
    ]


def test_check_of_a_pair_of_arrays(tmp_path):
    x = np.linspace(-3, 3, 7, dtype=np.float32)
    y = np.maximum(x, 0)
    np.savez(tmp_path / "both.npz", x=x, y=y)
    np.save(tmp_path / "x.npy", x[:, None])
    np.save(tmp_path / "y.npy", y)
    for pair in (("both.npz:x", "both.npz:y"), ("x.npy", "y.npy")):
        assert outcome("check", "relu", "-i", pair[0], "-i", pair[1], "-q", cwd=tmp_path) == ("0\n", 0)
    answer = json.loads(outcome("check", "relu", "-i", "x.npy", "-i", "y.npy", "--json", cwd=tmp_path)[0])
    assert answer["dtype"] == "float32"


def test_check_of_slopes(tmp_path):
    (tmp_path / "slopes.tsv").write_text("y\tnote\tx\n0.01\ta\t-1\n0.01\tb\t0\n1\tc\t1\n")
    assert outcome("check", "torch.leaky_relu", "--order", "1", "-i", "slopes.tsv", cwd=tmp_path)[1] == 0
    assert outcome("check", "jax.leaky_relu", "--order", "1", "-i", "slopes.tsv", cwd=tmp_path)[1] == 1


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_check_of_every_16_bit_input(kind, tmp_path):
    bits = np.arange(2**16, dtype=np.uint16)
    np.save(tmp_path / "x.npy", bits)
    np.save(tmp_path / "y.npy", bits)
    words = ("check", "gelu", "-i", "x.npy", "-i", "y.npy", "--dtype", kind, "--json")
    text, status = outcome(*words, cwd=tmp_path)
    assert (status, json.loads(text)["points"]) == (1, 65536)
    assert outcome(*(word if word != "gelu" else "identity" for word in words), cwd=tmp_path)[1] == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1,2,3\n", "Error: --input 'a.csv': expected two columns, x and y, found shape (1, 3)\n"),
        ("", "Error: --input 'a.csv': no numbers\n"),
        (
            "1,1\nx,0\n",
            "Error: a.csv, line 2, column 1: 'x' is not a number; --column says which columns to read\n",
        ),
    ],
)
def test_check_refuses_what_is_no_table(content, message, tmp_path):
    (tmp_path / "a.csv").write_text(content)
    assert refused("check", "relu", "-i", "a.csv", cwd=tmp_path) == (message, 2)


def test_check_refuses(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(3))
    np.save(tmp_path / "b.npy", np.zeros(2))
    np.save(tmp_path / "bits.npy", np.zeros(3, dtype=np.uint16))
    np.save(tmp_path / "words.npy", np.array(["a"]))
    (tmp_path / "no.npy").write_bytes(b"nothing of the kind")
    for words, message in (
        (("-i", "a.npy", "-i", "b.npy"), "--input: x has shape (3,) and y (2,); they must be columns of one length"),
        (("-i", "a.npy"), "--input 'a.npy': expected two columns, x and y, found shape (3,)"),
        (
            ("-i", "bits.npy", "-i", "bits.npy"),
            "--input 'bits.npy' holds uint16: bits of a type of that width, say which by --dtype",
        ),
        (("-i", "words.npy"), "--input 'words.npy' holds <U1, not numbers"),
    ):
        assert refused("check", "relu", *words, cwd=tmp_path) == (f"Error: {message}\n", 2)
    assert refused("check", "softmax", "-i", "a.npy", cwd=tmp_path) == (
        "Error: softmax works on rows; check judges functions of one number\n",
        2,
    )
    assert refused("check", "relu", "-i", "gone.csv", cwd=tmp_path) == (
        "Error: gone.csv: No such file or directory\n",
        1,
    )
    text, status = refused("check", "relu", "-i", "no.npy", cwd=tmp_path)
    assert (text.startswith("Error: --input 'no.npy' is no array file: "), status) == (True, 2)


# --- vectors ---------------------------------------------------------------------------------------------------


def test_vectors_as_csv_with_bits():
    text, status = outcome("vectors", "relu6", "--dtype", "float32", "--random", "3", "--csv")
    assert status == 0
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["why", "x", "y", "x_bits", "y_bits"]
    assert rows[1:6] == [
        ["special", "0.0", "0.0", "0x00000000", "0x00000000"],
        ["special", "-0.0", "0.0", "0x80000000", "0x00000000"],
        ["special", "inf", "6.0", "0x7f800000", "0x40c00000"],
        ["special", "-inf", "0.0", "0xff800000", "0x00000000"],
        ["special", "nan", "nan", "0x7fc00000", "0x7fc00000"],
    ]
    for _, x, y, x_bits, y_bits in rows[1:]:
        for number, bits in ((x, x_bits), (y, y_bits)):
            if number != "nan":
                assert int(np.float32(number).view(np.uint32)) == int(bits, 16)


def test_vectors_judge_themselves(tmp_path):
    for kind in ("float64", "float32", "float16", "bfloat16"):
        assert outcome("vectors", "mish", "--dtype", kind, "-o", f"{kind}.csv", cwd=tmp_path) == ("", 0)
        text, status = outcome(
            "check", "mish", "-i", f"{kind}.csv", "--dtype", kind, "--max-ulp", "0", "-q", cwd=tmp_path
        )
        assert (text, status) == ("0\n", 0)


@pytest.mark.parametrize("form", ["tsv", "json", "ndjson"])
def test_check_reads_what_vectors_writes(form, tmp_path):
    piped = outcome("vectors", "tanh", "--random", "5", "--format", form)[0]
    assert outcome("check", "tanh", "-q", stdin=piped) == ("0\n", 0)
    assert outcome("vectors", "tanh", "--random", "5", "-o", f"v.{form}", cwd=tmp_path) == ("", 0)
    assert outcome("check", "tanh", "-i", f"v.{form}", "-q", cwd=tmp_path) == ("0\n", 0)


def test_vectors_as_a_c_header(tmp_path):
    assert outcome("vectors", "torch.gelu", "--dtype", "float16", "-o", "gelu.h", cwd=tmp_path) == ("", 0)
    text = (tmp_path / "gelu.h").read_text()
    assert text == outcome("vectors", "torch.gelu", "--dtype", "float16", "--c")[0]
    lines = text.splitlines()
    assert lines[:4] == [
        "/* torch.gelu: inputs and the value at each, correctly rounded, as the bits of float16. */",
        "#ifndef ACTCLI_TORCH_GELU_FLOAT16_H",
        "#define ACTCLI_TORCH_GELU_FLOAT16_H",
        "#include <stdint.h>",
    ]
    assert lines[7] == "    {0x0000u, 0x0000u}, /* special: 0.0 -> 0.0 */"
    compiler = shutil.which("cc")
    if compiler:
        (tmp_path / "main.c").write_text(
            '#include "gelu.h"\nint main(void) { return torch_gelu_float16[2][0] != 0x7c00; }\n'
        )
        flags = ["-std=c99", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([compiler, *flags, "main.c", "-o", "main"], cwd=tmp_path, check=True)
        assert subprocess.run([tmp_path / "main"], check=False).returncode == 0


def test_vectors_refuse():
    assert refused("vectors", "softmax") == (
        "Error: softmax works on rows; vectors are for functions of one number\n",
        2,
    )
    assert refused("vectors", "relu", "-o", "a.zip") == (
        "Error: --output 'a.zip': the suffix '.zip' says no format; "
        "end it in .txt .tsv .csv .json .ndjson .npy, or add --format\n",
        2,
    )


def test_check_reads_the_columns_asked_for(tmp_path):
    (tmp_path / "runs.csv").write_text("run,in,note,out\n1,-1,a,0\n2,3,b,3\n")
    words = ("check", "relu", "-i", "runs.csv", "--column", "in", "--column", "out", "--json")
    text, status = outcome(*words, cwd=tmp_path)
    assert (status, json.loads(text)["points"]) == (0, 2)
