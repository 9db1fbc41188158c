"""Curves drawn with characters."""

from __future__ import annotations

import subprocess
import sys

import pytest

from actcli.activations import get, names
from actcli.figures.sampling import lines_of
from actcli.figures.sketch import MOST, chart, sketch


def test_relu_in_braille() -> None:
    assert sketch(get("relu"), 12, 4) == ["      │   ⢠⠞", "      │  ⡴⠁ ", "      │⣠⠊   ", "⣀⣀⣀⣀⣀⣀⡜⠁────"]


def test_relu_in_ascii() -> None:
    assert sketch(get("relu"), 12, 4, ascii=True) == [
        "      |   -'",
        "      | .'' ",
        "      |-'   ",
        "......''----",
    ]


@pytest.mark.parametrize(("ascii_only", "slope"), [(False, False), (True, True)])
@pytest.mark.parametrize("name", names())
def test_every_function_fills_its_box(name: str, ascii_only: bool, slope: bool) -> None:
    rows = sketch(get(name), 16, 4, ascii=ascii_only, slope=slope)
    assert [len(row) for row in rows] == [16] * 4
    inked = {letter for row in rows for letter in row} - set(" -|+─│┼")
    assert inked != set()
    assert all(letter in "'.-" if ascii_only else 0x2800 < ord(letter) < 0x2900 for letter in inked)


def test_a_jump_is_a_gap() -> None:
    rows = sketch(get("step"), 21, 5)
    middle = [row for row in rows[1:-1] if any(0x2800 <= ord(letter) < 0x2900 for letter in row)]
    assert middle == []


def test_chart_of_two_names_them_at_their_ends() -> None:
    lines = [lines_of(get(name), (-5.0, 5.0), 401)[0] for name in ("relu", "tanh")]
    rows = chart(lines, (-5.0, 5.0), 40, 10)
    assert max(map(len, rows)) <= 40
    assert len(rows) == 9
    assert rows[0].endswith(" relu")
    assert [row for row in rows if row.endswith(" tanh")] != []
    assert rows[-1].split() == ["-5", "0", "5"]


@pytest.mark.parametrize("ascii_only", [False, True])
def test_names_too_long_to_stand_beside_stand_above(ascii_only: bool) -> None:
    lines = [lines_of(get(f"leaky_relu@negative_slope={slope}"), (-5.0, 5.0), 401)[0] for slope in (0.1, 0.0123456789)]
    rows = chart(lines, (-5.0, 5.0), 40, 12, ascii=ascii_only)
    assert max(map(len, rows)) == 40
    assert len(rows) <= 12
    assert rows[0].endswith(" leaky_relu@negative_slope=0.1")
    assert rows[1].endswith("=0.0123456789" if ascii_only else "=0.0123456…")
    (single,) = chart(lines[1:], (-5.0, 5.0), 30, 12, ascii=ascii_only)[:1]
    assert single.endswith("..." if ascii_only else "…")
    assert len(single) == 30


def test_samples_of_lines_tell_all_apart() -> None:
    lines = [lines_of(get("tanh"), (-5.0, 5.0), 401)[0]] * MOST
    rows = chart(lines, (-5.0, 5.0), 60, 20)
    samples = {row.split(" tanh")[0][-3:] for row in rows if row.endswith(" tanh")}
    assert len(samples) == MOST


def test_chart_in_colour_and_without() -> None:
    lines = [lines_of(get(name), (-5.0, 5.0), 401)[0] for name in ("relu", "tanh")]
    plain = chart(lines, (-5.0, 5.0), 40, 10)
    coloured = chart(lines, (-5.0, 5.0), 40, 10, colour=True)
    assert "\x1b" not in "".join(plain)
    assert "\x1b[34m" in coloured[0]
    import re

    assert [re.sub(r"\x1b\[\d+m", "", row) for row in coloured] == plain


def test_chart_in_ascii_is_ascii() -> None:
    lines = [lines_of(get("tanh"), (-5.0, 5.0), 401, order)[0] for order in (0, 1, 2)]
    rows = chart(lines, (-5.0, 5.0), 60, 12, ascii=True)
    assert "".join(rows).isascii()
    assert [row[-8:].strip() for row in rows if "tanh''" in row] != []


def test_no_matplotlib_for_a_sketch() -> None:
    code = "import sys; from actcli.figures.sketch import sketch; from actcli.activations import get; "
    code += "sketch(get('gelu')); "
    code += "print([name for name in sys.modules if name.startswith('matplotlib')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_zero_is_labelled_and_a_single_curve_named() -> None:
    rows = chart([lines_of(get("tanh"), (-5.0, 5.0), 401)[0]], (-5.0, 5.0), 60, 12)
    assert rows[0].strip() == "tanh"
    assert [row.split()[0] for row in rows if row[:8].strip()][:3] == ["0.9999", "0", "-0.9999"]
    axis = rows[-1]
    assert axis.split() == ["-5", "0", "5"]
    assert {row[axis.index("0")] for row in rows[1:-1] if len(row) > axis.index("0")} & set("│┼")


def test_dashes_tell_series_apart_without_colour() -> None:
    lines = [lines_of(get(name), (-5.0, 5.0), 401)[0] for name in ("relu", "tanh", "sigmoid")]
    rows = chart(lines, (-5.0, 5.0), 72, 14)
    samples = {
        row.rsplit(" ", 1)[1]: row.rsplit(" ", 2)[1] for row in rows if row.endswith(("relu", "tanh", "sigmoid"))
    }
    assert len(set(samples.values())) == 3
