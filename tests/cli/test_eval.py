"""actcli eval and grad: input, numbers and output."""

# ruff: noqa: E501  (a table of commands and their exact output)

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

import actcli
from tests.cli.running import Run, on_terminal, run, shell

TSV = "x\trelu\n-3.0\t0.0\n2.0\t2.0\n"


@pytest.mark.parametrize(
    ("words", "out"),
    [
        ("eval relu -- -3 2", TSV),
        ("eval relu -3 2", TSV),
        ("eval -q relu -3 2", "0.0\n2.0\n"),
        ("eval relu -q -- -3", "0.0\n"),
        ("eval ReLU -3 --format tsv 2", TSV),
        ("eval relu -.5 -1e-5 -inf nan -0 0x1p-2", "x\trelu\n-0.5\t0.0\n-1e-05\t0.0\n-inf\t0.0\nnan\tnan\n-0.0\t0.0\n0.25\t0.25\n"),
        ("eval relu --csv -- -3 2", "x,relu\n-3.0,0.0\n2.0,2.0\n"),
        ("eval relu -3 2 --format ndjson", '{"x": -3.0, "relu": 0.0}\n{"x": 2.0, "relu": 2.0}\n'),
        ("eval leaky-relu@negative_slope=0.1 torch.relu 1", "x\tleaky_relu@negative_slope=0.1\ttorch.relu\n1.0\t1.0\t1.0\n"),
        ("eval tfa.layers.Maxout@num_units=3 -- -1.5 .25 2 -.75 1 .5", "y0\ty1\ty2\n-0.75\t1.0\t2.0\n"),
        ("eval hf.xielu -q 0 1", "-7.994818235539563e-07\n1.30078125\n"),
        ("eval torch.ceil keras.maximum -q 0.5", "1.0\t0.5\n"),
        ("eval relu --range -1:1:3", "x\trelu\n-1.0\t0.0\n0.0\t0.0\n1.0\t1.0\n"),
        ("eval relu --range=-1:1:3 -q", "0.0\n0.0\n1.0\n"),
        ("eval sigmoid .1 --dtype float32", "x\tsigmoid\n0.1\t0.5249792\n"),
        ("eval sigmoid .1 --dtype float16", "x\tsigmoid\n0.1\t0.525\n"),
        ("eval sigmoid .1 --dtype float32 --json", '{"command": "eval", "specs": ["sigmoid"], "dtype": "float32", "rows": [\n{"x": 0.1, "sigmoid": 0.5249792}\n]}\n'),
        ("eval gelu 1 --precision 3", "x\tgelu\n1.0\t0.841\n"),
        ("eval relu --range 0:1:2 --json --exact", '{"command": "eval", "specs": ["relu"], "dtype": "float64", "range": "0:1:2", "exact": true, "rows": [\n{"x": 0.0, "relu": 0.0},\n{"x": 1.0, "relu": 1.0}\n]}\n'),
        ("eval relu 1.5 --hex", "x\trelu\n0x1.8000000000000p+0\t0x1.8000000000000p+0\n"),
        ("eval gelu --digits 30 -- -9", "x\tgelu\n-9.0\t-1.01572956535845658296195186837e-18\n"),
        ("eval tanh --digits 5 -q -- -0 0 1", "-0\n0\n0.76159\n"),
        ("eval sigmoid --exact 3", "x\tsigmoid\n3.0\t0.9525741268224333\n"),
        ("eval softmax 1 1", "y0\ty1\n0.5\t0.5\n"),
        ("eval softmax 1 1 -q", "0.5\t0.5\n"),
        ("eval softmax relu 0 0", "softmax.y0\tsoftmax.y1\trelu.y0\trelu.y1\n0.5\t0.5\t0.0\t0.0\n"),
        ("grad relu -1 0 2", "x\trelu\n-1.0\t0.0\n0.0\t0.0\n2.0\t1.0\n"),
        ("grad softplus --order 2 0", "x\tsoftplus\n0.0\t0.25\n"),
        ("grad softmax 0 0", "y0\ty1\n0.25\t-0.25\n-0.25\t0.25\n"),
        ("grad softmax relu 0 -1", "softmax.y0\tsoftmax.y1\trelu.y0\trelu.y1\n0.19661193324148185\t-0.19661193324148185\t0.0\t0.0\n-0.19661193324148185\t0.19661193324148185\t0.0\t0.0\n"),
        ("grad torch.relu 0 -q", "0.0\n"),
        ("eval x*sigmoid(1.702*x) 0", "x\tx*sigmoid(1.702*x)\n0.0\t0.0\n"),
    ],
)  # fmt: skip
def test_output(words: str, out: str) -> None:
    assert run(*words.split()) == Run(0, out, "")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("eval relu abc", "'abc' is neither a number nor a function actcli knows; did you mean abs?; 'actcli list' shows all"),
        ("eval relu 1 abc 2", "argument 3 after eval: 'abc' is not a number"),
        ("eval relu -- -3 --json", "argument 3 after eval: '--json' is not a number; options go before --"),
        ("eval relu 1 -3x", "argument 3 after eval: '-3x' is not a number"),
        ("eval relu 1 1_000", "argument 3 after eval: '1_000' is not a number"),
        ("eval rleu 1", "unknown function 'rleu'; did you mean relu or srelu or rrelu?; 'actcli list' shows all"),
        ("eval relu --jsn 1", "no option '--jsn' in 'actcli eval'; did you mean --json?"),
        ("eval relu --quiet 1", "no option '--quiet' in 'actcli eval'; -q prints the results alone, without a header"),
        ("eval relu 1 --column x", "--column and --input-format say how a file or a pipe is read, and none is"),
        ("eval relu -1:1:5", "'-1:1:5' is no number; --range -1:1:5 gives evenly spaced points"),
        ("eval relu --typo 1", "no option '--typo' in 'actcli eval'; did you mean --dtype?"),
        ("eval relu -x 1", "no option '-x' in 'actcli eval'; --help lists the options"),
        ("eval relu -e5", "no option '-e5' in 'actcli eval'; did you mean --exact?"),
        ("eval", "eval needs a function first, and nothing was given; try actcli eval relu -3 2"),
        ("grad 1 2", "grad needs a function first, and '1' is a number; try actcli grad relu -3 2"),
        ("eval swish silu 1", "'silu' is swish, which is asked for already; each function once"),
        ("eval relu 1 --range 0:1", "one source of numbers at a time, not values and --range"),
        ("eval relu --range 0:1 --input a.txt", "one source of numbers at a time, not --range and --input"),
        ("eval relu 1 --json --csv", "one format at a time, not --json and --csv"),
        ("eval relu 1 --format xml", "Invalid value for '--format': 'xml' is not one of 'table', 'tsv', 'csv', 'json', 'ndjson'."),
        ("eval relu 1 --precision 0", "Invalid value for '--precision': 0 is not in the range 1<=x<=17."),
        ("eval relu 1 --precision", "option --precision needs N after it"),
        ("eval relu 1 --output --json", "option --output needs FILE after it"),
        ("eval relu 1 --output out.xyz", "--output 'out.xyz': the suffix '.xyz' says no format; end it in .txt .tsv .csv .json .ndjson .npy, or add --format"),
        ("grad softmax 1 --exact", "--exact is for slopes of functions of one number, and softmax works on a row"),
        ("grad softmax 1 --digits 3", "--digits is for slopes of functions of one number, and softmax works on a row"),
        ("grad softmax 1 --order 2", "--order 2 is for slopes of functions of one number, and softmax works on a row"),
        ("eval relu 1 --exact --digits 3", "--exact rounds to --dtype and --digits N prints N digits of the true result; choose one"),
        ("eval relu 1 --hex --digits 3", "--hex prints bits and --digits N decimal digits; choose one"),
        ("evl relu 1", "no command 'evl'; did you mean eval?"),
        ("\x1b[31m", "no command '\\x1b[31m'; the commands are plot, eval, grad, forward, train, spiral, list, info, diff, check, vectors, code, approx, completion"),
        ("--bogus", "No such option: --bogus; actcli --help lists the options"),
        ("info relu gelu", "Got unexpected extra argument(s) (gelu); as in: actcli info gelu"),
        ("eval relu 1 --csv --output a.npy", "--output a.npy is an array, and --csv is text; choose one"),
        ("eval relu --range 0:1:1.5", "--range '0:1:1.5': a step of 1.5 is longer than the range; LO:HI:N has N points"),
    ],
)  # fmt: skip
def test_requests_that_make_no_sense(words: str, error: str) -> None:
    assert run(*words.split()) == Run(2, "", f"Error: {error}\n")


def test_whatever_columns_says_a_pipe_gets_everything() -> None:
    spec = "leaky_relu@negative_slope=0.123456789"
    out = f"x\t{spec}\n-3.0\t-0.370370367\n"
    assert run("eval", spec, "-3", COLUMNS="10", FORCE_COLOR="1", TERM="xterm") == Run(0, out, "")


@pytest.mark.parametrize(
    ("stdin", "words", "out"),
    [
        ("-1\n0\n1\n", "eval relu", "x\trelu\n-1.0\t0.0\n0.0\t0.0\n1.0\t1.0\n"),
        ("-1\n0\n1\n", "eval relu --input -", "x\trelu\n-1.0\t0.0\n0.0\t0.0\n1.0\t1.0\n"),
        ("", "eval relu", "x\trelu\n"),
        ("", "eval relu -q", ""),
        ("", "eval softmax", ""),
        ("", "eval relu --json", '{"command": "eval", "specs": ["relu"], "dtype": "float64", "rows": []}\n'),
        ("1 1\n2,2\n", "eval softmax", "y0\ty1\n0.5\t0.5\n0.5\t0.5\n"),
        ("x\tgelu\n1\t2\n", "eval relu --input-format tsv --column gelu", "x\trelu\n2.0\t2.0\n"),
        ("x,y\n1,2\n", "eval relu --input-format csv --column 2 --column x", "x\trelu\n2.0\t2.0\n1.0\t1.0\n"),
        ("[1, [-2]]", "eval relu --input-format json", "x\trelu\n1.0\t1.0\n-2.0\t0.0\n"),
        ("[NaN, -Infinity, 1e999, -0]", "eval identity --input-format json -q", "nan\n-inf\ninf\n-0.0\n"),
        ('{"x": 1}\n{"x": "inf"}\n', "eval relu --input-format ndjson", "x\trelu\n1.0\t1.0\ninf\tinf\n"),
    ],
)
def test_standard_input(stdin: str, words: str, out: str) -> None:
    assert run(*words.split(), stdin=stdin) == Run(0, out, "")


@pytest.mark.parametrize(
    ("stdin", "words", "error"),
    [
        ("1\n2 x\n", "eval relu", "standard input, line 2, column 3: 'x' is not a number"),
        ("x\n1\n", "eval relu", "standard input, line 1, column 1: 'x' is not a number; if it is a header, say --input-format csv or tsv"),
        ("[1, 2]\n", "eval relu", "standard input, line 1, column 1: '[1' is not a number; if it is JSON, say --input-format json"),
        ("1 2\n3\n", "eval softmax", "standard input, line 2: 1 number in this row, 2 in the first"),
        ("1\n2,5;3\n", "eval relu", "standard input, line 2, column 3: '5;3' is not a number; between numbers stand commas, tabs or blanks, and the decimal sign is a point"),
        ("[01, NaN]", "eval relu --input-format json", "standard input, line 1, column 2: number with leading zero is not allowed"),
        ("1 2 3\n", "eval glu", "a gated unit splits a row into two halves: 3 values do not split"),
    ],
)  # fmt: skip
def test_bad_standard_input(stdin: str, words: str, error: str) -> None:
    assert run(*words.split(), stdin=stdin) == Run(2, "", f"Error: {error}\n")


def test_what_is_printed_can_be_read_again() -> None:
    for form, column in (("tsv", "gelu"), ("csv", "gelu"), ("json", "gelu"), ("ndjson", "gelu")):
        first = f"actcli eval gelu --range -4:4:9 --format {form}"
        again = f"actcli eval relu --input-format {form} --column {column} -q"
        plain = "actcli eval gelu --range -4:4:9 -q | actcli eval relu -q"
        assert shell(f"{first} | {again}") == shell(plain)


# --- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("out.txt", "0.0\n2.0\n"),
        ("out.tsv", TSV),
        ("out.csv", TSV.replace("\t", ",")),
        ("out.json", '{"command": "eval", "specs": ["relu"], "dtype": "float64", "rows": [\n{"x": -3.0, "relu": 0.0},\n{"x": 2.0, "relu": 2.0}\n]}\n'),
        ("out.NDJSON", '{"x": -3.0, "relu": 0.0}\n{"x": 2.0, "relu": 2.0}\n'),
    ],
)  # fmt: skip
def test_output_file_by_suffix(tmp_path: Path, name: str, content: str) -> None:
    assert run("eval", "relu", "-3", "2", "-o", name, cwd=tmp_path) == Run(0, "", "")
    assert (tmp_path / name).read_text() == content
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_format_wins_over_the_suffix(tmp_path: Path) -> None:
    assert run("eval", "relu", "-3", "2", "--tsv", "--output", "out", cwd=tmp_path) == Run(0, "", "")
    assert (tmp_path / "out").read_text() == TSV


@pytest.mark.parametrize(
    ("words", "shape"),
    [
        ("eval gelu", (4, 3, 2)),
        ("eval gelu relu", (4, 3, 2, 2)),
        ("eval softmax", (4, 3, 2)),
        ("grad gelu", (4, 3, 2)),
        ("grad softmax", (4, 3, 2, 2)),
        ("eval maxout", (4, 3, 1)),
    ],
)
@pytest.mark.parametrize("order", "CF")
def test_arrays_keep_their_shape(tmp_path: Path, words: str, shape: tuple[int, ...], order: str) -> None:
    x = np.asarray(np.random.default_rng(0).normal(size=(4, 3, 2)), order=order)
    np.save(tmp_path / "in.npy", x)
    command, *specs = words.split()
    assert run(*words.split(), "--input", "in.npy", "--output", "out.npy", cwd=tmp_path) == Run(0, "", "")
    out = np.load(tmp_path / "out.npy", allow_pickle=False)
    functions = [actcli.get(spec) for spec in specs]
    expected = [
        function(x) if command == "eval" else function.jacobian(x) if function.is_row else function.slope(x)
        for function in functions
    ]
    assert out.shape == shape
    assert out.tobytes() == (expected[0] if len(expected) == 1 else np.stack(expected, axis=-1)).tobytes()


def test_text_to_array_and_back(tmp_path: Path) -> None:
    assert run("eval", "tanh", "--output", "a.npy", "--dtype", "float32", stdin="1 2 3", cwd=tmp_path) == Run(0, "", "")
    array = np.load(tmp_path / "a.npy")
    assert (array.dtype, array.tolist()) == (np.float32, np.tanh(np.arange(1, 4)).astype(np.float32).tolist())
    out = "x\tidentity\n" + "".join(f"{value!s}\t{value!s}\n" for value in array)
    assert run("eval", "identity", "--input", "a.npy", "--dtype", "float32", cwd=tmp_path) == Run(0, out, "")


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        ("eval relu 1 --output no/out.txt", 1, "no folder 'no' to write 'out.txt' into"),
        ("eval relu 1 --tsv --output .", 1, ". is a folder; name a file"),
        ("eval relu 1 --output old.npy --hex", 2, "--hex prints bits as text; an .npy file holds the bits themselves"),
        ("eval relu 1 --output old.npy --precision 3", 2, "--precision rounds what is printed; an .npy file keeps every digit"),
        ("eval relu 1 --output fifo.npy", 1, "fifo.npy: an array is finished at its beginning, and a pipe cannot go back to it"),
        ("eval relu --input missing.txt", 1, "missing.txt: No such file or directory"),
        ("eval relu --input a.xyz", 2, "--input 'a.xyz': the suffix '.xyz' says no format; it can be .txt .csv .tsv .json .ndjson .npy .npz .idx, or add --input-format"),
        ("eval relu --input . --input-format txt", 1, ".: Is a directory"),
        ("eval relu 1 --tsv --output /dev/full", 1, "/dev/full: No space left on device"),
        ("eval relu --input objects.npy", 2, "objects.npy holds pickled Python objects, which actcli never loads; save numbers"),
        ("eval relu --input short.npy", 1, "short.npy ends early: its header promises 3 numbers, 2 are there"),
        ("eval relu --input bad.csv --output old.txt", 2, "bad.csv, line 3, column 'b': 'x' is not a number; --column says which columns to read"),
    ],
)  # fmt: skip
def test_files_that_fail(tmp_path: Path, words: str, code: int, error: str) -> None:
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    np.save(tmp_path / "short.npy", np.arange(3.0))
    with (tmp_path / "short.npy").open("rb+") as short:
        short.truncate(128 + 20)
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n3,x\n")
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "a.xyz").write_text("1")
    os.mkfifo(tmp_path / "fifo.npy")
    reader = os.open(tmp_path / "fifo.npy", os.O_RDONLY | os.O_NONBLOCK)
    before = sorted(path.name for path in tmp_path.iterdir())
    assert run(*words.split(), cwd=tmp_path) == Run(code, "", f"Error: {error}\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "old.txt").read_text() == "old"
    os.close(reader)


# --- on a terminal -----------------------------------------------------------------------------------------------

TABLE = """\
╭────┬──────┬─────────────╮
│  x │ relu │        gelu │
├────┼──────┼─────────────┤
│ -3 │    0 │ -0.00404969 │
│  2 │    2 │      1.9545 │
╰────┴──────┴─────────────╯
"""


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_table_on_a_terminal_without_colour(environment: dict[str, str]) -> None:
    assert on_terminal("eval", "relu", "gelu", "-3", "2", **environment) == Run(0, TABLE, "")


def test_table_on_a_terminal() -> None:
    shown = on_terminal("eval", "relu", "gelu", "-3", "2")
    assert shown.out.replace("\x1b[1m", "").replace("\x1b[0m", "") == TABLE
    assert "\x1b[1m" in shown.out


def test_long_tables_are_elided_on_a_terminal_only() -> None:
    lines = on_terminal("eval", "relu", "--range", "0:999:1000", NO_COLOR="1", lines=20).out.splitlines()
    assert lines[-1] == "988 rows are not shown; --tsv prints them all, --output FILE writes them"
    assert len(lines) == 18
    piped = run("eval", "relu", "--range", "0:999:1000", "--format", "table").out.splitlines()
    assert len(piped) == 1004
    assert run("eval", "relu", "--range", "0:999:1000").out.count("\n") == 1001


def test_no_numbers_on_a_terminal_is_an_error_at_once() -> None:
    error = "Error: no numbers: give them after the function, or --range LO:HI:N, or --input FILE, or a pipe\n"
    assert on_terminal("eval", "relu") == Run(2, error, "")


def test_table_in_ascii_where_the_terminal_knows_no_more() -> None:
    shown = on_terminal("eval", "relu", "-3", "2", NO_COLOR="1", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert shown == Run(
        0, "+-----------+\n|  x | relu |\n|----+------|\n| -3 |    0 |\n|  2 |    2 |\n+-----------+\n", ""
    )


def test_kinks_are_pointed_out_in_tables_and_json() -> None:
    shown = on_terminal("grad", "relu", "-1", "0", "2", NO_COLOR="1")
    assert shown.out.splitlines()[-1] == "x = 0 is a kink of relu: the slope is 0 from the left and 1 from the right"
    document = json.loads(run("grad", "relu", "hard_tanh", "0", "1", "--json").out)
    assert document["kinks"] == [
        {"spec": "relu", "x": 0.0, "slope_left": 0.0, "slope_right": 1.0},
        {"spec": "hard_tanh", "x": 1.0, "slope_left": 1.0, "slope_right": 0.0},
    ]
