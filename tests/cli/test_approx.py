"""actcli approx as a process: its output, the SPECs for other commands, and its errors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from actcli.activations import SpecError, get
from tests.cli.running import Run, run, shell

EXP = (
    "((((0.005114895725359242*clip(x,-1,0)+0.038376893298200265)*clip(x,-1,0)+0.16504599881120877)*clip(x,-1,0)"
    "+0.49963278778450354)*clip(x,-1,0)+0.9999693453746935)*clip(x,-1,0)+0.9999995844544954"
)


def test_coefficients_and_the_proved_error() -> None:
    done = run("approx", "exp", "--range", "-1:0", "--degree", "5")
    rows = [line.split("\t") for line in done.out.splitlines()]
    assert (done.code, done.err) == (0, "")
    assert rows[0] == ["what", "value", "hex", "x"]
    assert [row[0] for row in rows[1:]] == [*(f"x**{k}" for k in range(6)), "error <=", "any error >="]
    assert all(float(value) == float.fromhex(bits) for _, value, bits, _ in rows[1:])
    error, least = float(rows[-2][1]), float(rows[-1][1])
    assert 4.15545e-07 < least <= error < 4.15546e-07
    assert run("approx", "exp", "--range", "-1:0", "--degree", "5", "-q") == Run(0, EXP + "\n", "")


def test_a_table_on_the_screen_rounds_the_error_up() -> None:
    done = run("approx", "relu", "--range", "-1:1", "--degree", "8", "--format", "table")
    lines = done.out.splitlines()
    assert lines[0] == "polynomial of degree 8 for relu from -1 to 1"
    assert lines[-2:] == [
        "error <= 0.0173449, nearly taken at x = -1",
        "no polynomial of degree 8 is closer to relu than 0.0173448",
    ]
    rounded = json.loads(run("approx", "relu", "--range", "-1:1", "--degree", "2", "--json", "--precision", "2").out)
    exact = json.loads(run("approx", "relu", "--range", "-1:1", "--degree", "2", "--json").out)
    assert exact["error"] == pytest.approx(1 / 16, rel=1e-6)
    assert rounded["error"] == 0.063


@pytest.mark.parametrize("words", ["mish --range -5:6 --degree 14", "tanh --range -4:4 --degree 5/4"])
def test_the_same_digits_whatever_multiplies_matrices(words: str) -> None:
    kernels = [run("approx", *words.split(), OPENBLAS_CORETYPE=name).out for name in ("NEHALEM", "HASWELL")]
    assert kernels[0] == kernels[1] != ""


def test_json() -> None:
    found = json.loads(run("approx", "sigmoid", "--range", "-8:8", "--degree", "3", "--json").out)
    assert {key: found[key] for key in ("command", "of", "range", "order", "relative", "outside", "degree")} == {
        "command": "approx",
        "of": "sigmoid",
        "range": [-8.0, 8.0],
        "order": 0,
        "relative": False,
        "outside": "clamp",
        "degree": 3,
    }
    assert [row["what"] for row in found["rows"]] == ["x**0", "x**1", "x**2", "x**3", "error <=", "any error >="]
    assert found["rows"][-2]["value"] == found["error"] == pytest.approx(0.08946, abs=5e-6)
    assert found["lower_bound"] == pytest.approx(found["error"], rel=1e-5)
    x = np.array(found["alternates_at"])
    signs = np.sign(get(found["spec"])(x) - get("sigmoid")(x))
    assert (signs[1:] == -signs[:-1]).all()


@pytest.mark.parametrize(
    ("options", "others"),
    [
        ("--degree 4/4 --outside asymptote", ["grad SPEC -q -- 0.5", "info SPEC -q"]),
        ("--degree 6 --order 1", ["check SPEC --input x.csv -q"]),
        ("--pieces 8", ["plot SPEC --term", "grad SPEC -q -- 0.5"]),
        ("--table 9 --lookup linear --outside extend", ["vectors SPEC --dtype float16 --random 5 -q"]),
    ],
)
def test_the_spec_is_taken_by_other_commands(options: str, others: list[str], tmp_path: Path) -> None:
    words = options.split()
    found = json.loads(run("approx", "gelu", "--range", "-5:5", *words, "--json").out)
    spec = found["spec"]
    points = ["--range", "-5:5:101"]
    values = np.loadtxt(run("eval", spec, *points, "-q").out.splitlines())
    truth = np.loadtxt(run("grad" if "--order" in words else "eval", "gelu", *points, "-q").out.splitlines())
    assert np.abs(values - truth).max() <= found["error"]
    run("eval", spec, *points, "--csv", "--output", "x.csv", cwd=tmp_path)
    for other in others:
        done = run(*(spec if word == "SPEC" else word for word in other.split()), cwd=tmp_path)
        assert (done.code, done.err) == (0, "")


def test_outside_the_range() -> None:
    def beyond(*words: str) -> list[float]:
        spec = run("approx", "gelu", "--range", "-3:3", "--degree", "4", "-q", *words).out.strip()
        values: list[float] = get(spec)(np.array([-3.0, -20.0, 3.0, 20.0])).tolist()
        return values

    low, far_low, high, far_high = beyond()
    assert (far_low, far_high) == (low, high)
    assert beyond("--outside", "asymptote")[1::2] == [0.0, 20.0]
    assert abs(beyond("--outside", "extend")[3]) > 100
    refused = "--outside asymptote: exp has none towards inf; clamp and extend need none"
    done = run("approx", "exp", "--range", "0:1", "--degree", "2", "--outside", "asymptote", "-q")
    assert done == Run(2, "", f"Error: {refused}\n")


def test_an_integer_table_in_a_file(tmp_path: Path) -> None:
    made = "approx sigmoid --bits 8 --input-scale 1/16 --output-scale 1/256 --zero-point -128"
    assert run(*made.split(), "--output", "s.json", cwd=tmp_path) == Run(0, "", "")
    found = json.loads((tmp_path / "s.json").read_text())
    assert (found["spec"], found["range"]) == (None, [-8.0, 127 / 16])
    assert found["table_entries"] == [row["value"] for row in found["rows"][:256]]
    inputs = [repr(q / 16) for q in range(-128, 128)]
    read = run("eval", "table:s.json", "-q", "--", *inputs, cwd=tmp_path)
    assert [float(line) * 256 - 128 for line in read.out.splitlines()] == found["table_entries"]
    assert run("eval", "table:s.json", "-q", "--", "-inf", "inf", "nan", cwd=tmp_path).out == "0.0\n0.99609375\nnan\n"
    assert run("grad", "table:s.json", "-q", "--", "0.5", cwd=tmp_path).out == "0.0\n"
    assert run("eval", "table:s.json", "--exact", "-q", "--", "0.5", cwd=tmp_path).out == "0.62109375\n"
    refused = run(*made.split(), "-q")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.endswith("; --output FILE.json keeps it, and table:FILE.json names it\n")
    network = run("forward", "--layers", "2,3,3", "--activation", "table:s.json", "--summary", "--csv", cwd=tmp_path)
    assert network.code == 0
    assert "table:s.json" in network.out


def test_pieces_too_many_for_a_formula_go_to_a_file(tmp_path: Path) -> None:
    done = run(
        "approx", "tanh", "--range", "-4:4", "--pieces", "60", "--outside", "asymptote", "-o", "t.json", cwd=tmp_path
    )
    assert done == Run(0, "", "")
    found = json.loads((tmp_path / "t.json").read_text())
    assert found["spec"] is None
    values = np.loadtxt(
        run("eval", "table:t.json", "tanh", "--range", "-4:4:801", "--tsv", cwd=tmp_path).out.splitlines()[1:]
    )
    assert np.abs(values[:, 1] - values[:, 2]).max() <= found["error"] < 3e-4
    assert run("eval", "table:t.json", "-q", "--", "-9", "9", cwd=tmp_path).out == "-1.0\n1.0\n"


TABLE = '{"lookup": %s, "x": %s, "y": %s, "low": 0, "high": 1, "left": [0, 0], "right": [0, 0]}'
BAD = {
    "[1, 2": " is no table: Expecting ',' delimiter: line 1 column 6 (char 5)",
    "[]": " is no table: 'list' object has no attribute 'get'",
    TABLE % ('"linear"', "[0, 0]", "[1, 2]"): " is no table: x is not in ascending order",
    TABLE % ('"cubic"', "[0, 1]", "[1, 2]"): " is no table: 'lookup' is 'cubic'; it is nearest or linear",
    TABLE % ('"linear"', "[0, 1]", '[1, "2"]'): " is no table: '2' is no number",
    TABLE % ('"linear"', "[0, 1]", "[1, NaN]"): " is no table: a number that is not finite",
    TABLE % ('"linear"', "[0, 1]", "[1]"): " is no table: 2 x and 1 y; as many of both, 2 to 65536",
}


def test_a_file_that_is_no_table(tmp_path: Path) -> None:
    for text, said in BAD.items():
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(SpecError) as refusal:
            get(f"table:{tmp_path}/bad.json")
        assert str(refusal.value).removeprefix(f"table:{tmp_path}/bad.json") == said
    (tmp_path / "bad.json").write_text("{}")
    missing = "Error: table:bad.json: no key 'left'; 'actcli approx ... --output bad.json' writes one\n"
    assert run("eval", "table:bad.json", "1", cwd=tmp_path) == Run(2, "", missing)
    gone = run("eval", "table:gone.json", "1", cwd=tmp_path)
    assert gone == Run(1, "", "Error: gone.json: No such file or directory\n")


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_integer_tables_as_c(tmp_path: Path) -> None:
    """The compiled look-ups that the headers describe give the entries of the tables."""
    for bits, count in ((8, 256), (16, 513)):
        words = f"approx tanh --range -8:8 --table {count} --bits {bits}".split()
        assert run(*words, "--output", f"t{bits}.h", cwd=tmp_path) == Run(0, "", "")
    entries = json.loads(run(*words, "--json").out)["table_entries"]
    (tmp_path / "t.c").write_text(
        '#include "t8.h"\n#include "t16.h"\n#include <stdio.h>\n'
        "int main(void) { for (int q = -32768; q < 32768; q += 1111) {"
        " int base = tanh_int16[256 + (q >> 7)], slope = tanh_int16[257 + (q >> 7)] - base;"
        ' printf("%d %d\\n", base + ((slope*(q & 127) + 64) >> 7), tanh_int8[q / 256 + 128]); } return 0; }\n'
    )
    done = shell("cc -Wall -Werror -o t t.c && ./t", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    given = np.loadtxt(done.out.splitlines(), dtype=int)
    q = np.arange(-32768, 32768, 1111)
    table = np.array(entries)
    base, after = table[256 + (q >> 7)], table[257 + (q >> 7)]
    assert (given[:, 0] == base + (((after - base) * (q & 127) + 64) >> 7)).all()
    eight = np.trunc(q / 256)
    assert np.abs(given[:, 1] / 128 - np.tanh(eight * 16 / 255)).max() < 0.02
    refused = run("approx", "tanh", "--range", "-8:8", "--degree", "3", "--output", "t.h", cwd=tmp_path)
    assert refused.err == "Error: --output 't.h': a C header holds an integer table; give --bits 8 or --bits 16\n"


ONE = "approx takes one of --degree, --pieces, --table, --max-error"
REFUSED = {
    "gelu --range -1:1": ONE,
    "gelu --range -1:1 --degree 3 --pieces 4": f"{ONE}, not --degree and --pieces",
    "gelu --range -1 --degree 3": "--range takes LO:HI, such as -4:4, not '-1'",
    "gelu --range -1:1 --degree 500": (
        "--degree 500 is out of range: from 0 to 40, for a result that is still a formula; "
        "--pieces and --table come as close as you like"
    ),
    "gelu --range -1:1 --degree x": "--degree takes N or N/M, such as 8 or 5/4, not 'x'",
    "gelu --range -1:1 --degree 3 --odd --even": "--odd and --even leave nothing; give one of them",
    "gelu --range -1:1 --degree 3/2 --basis chebyshev": (
        "--degree 3/2 is a quotient; --coefficients, --basis and --weight are for polynomials"
    ),
    "gelu --range -1:1 --pieces 3 --odd": (
        "--odd, --even, --weight, --coefficients and --basis are for polynomials: --degree or --max-error"
    ),
    "gelu --range -1:1 --degree 3 --uniform": "--uniform is for --pieces N; give it too",
    "gelu --range -1:1 --table 9 --zero-point 3": (
        "scales and zero points are for integer tables; give --bits 8 or --bits 16 too"
    ),
    "gelu --range -1:1 --table 9 --bits 8": (
        "--bits 8 is a table of 256 entries and sets its look-up; give --table 256 and no --lookup"
    ),
    "gelu --range -1:1 --degree 3 --bits 8": (
        "--lookup, --bits, scales and zero points are for --table N, not --degree"
    ),
    "gelu --range -1:1 --bits 4": "--bits 4: integer tables are of 8 or 16 bits",
    "gelu --range -1:1 --table 256 --bits 8 --input-scale 1/0": (
        "--input-scale takes a number or a fraction such as 1/256, not '1/0'"
    ),
    "gelu --table 256 --bits 8 --input-scale -1/16": "--input-scale must be positive, not -1/16",
    "gelu --range -1:1 --degree 3 --coefficients float8": (
        "--coefficients 'float8': known are float64, float32, float16, bfloat16, fixed@bits=16,fraction=12; "
        "did you mean float64 or float32 or float16?"
    ),
}


@pytest.mark.parametrize("words", REFUSED)
def test_refusals(words: str) -> None:
    assert run("approx", *words.split()) == Run(2, "", f"Error: {REFUSED[words]}\n")


def test_nothing_is_written_where_something_is_wrong(tmp_path: Path) -> None:
    done = run(
        "approx", "gelu", "--range", "-1:1", "--degree", "3", "--plot", "a.jpg", "--output", "b.json", cwd=tmp_path
    )
    assert done.code == 2
    done = run(
        "approx", "exp", "--range", "-1:1", "--degree", "3", "--outside", "asymptote", "--plot", "a.png", cwd=tmp_path
    )
    assert done.code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_network_with_polynomials_in_place(tmp_path: Path) -> None:
    spec = '"$(actcli approx gelu --degree 8 --range -6:6 -q)"'
    done = shell(f"actcli forward --layers 2,8,3 --activation {spec},softmax --rows 1 --csv", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert len(done.out.splitlines()) == 2


def test_a_figure(tmp_path: Path) -> None:
    done = run("approx", "tanh", "--range", "-4:4", "--degree", "5", "-q", "--plot", "t.svg", cwd=tmp_path)
    assert done.code == 0
    drawn = (tmp_path / "t.svg").read_text()
    assert "tanh and a polynomial of degree 5" in drawn
    assert "proved for every x of the range" in drawn
