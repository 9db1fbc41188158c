"""Numbers from text, JSON and arrays: accepted forms and error messages."""

from __future__ import annotations

import io
import itertools
import json
import math
import os
import random
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actcli.network import weights
from actcli.reading import source, streams
from actcli.reading.opening import load, open_source
from actcli.reading.points import Range
from actcli.reading.source import Numbers, number


def read(path: Path | str, form: str | None = None, columns: tuple[str, ...] = (), by_row: bool = False) -> Numbers:
    """All numbers of a file."""
    opened = open_source(str(path), form, columns, by_row, None)
    with closing(opened.blocks()) as blocks:
        return np.concatenate([opened.parse(block) for block in blocks if block is not None])


def same(left: Numbers, right: Numbers) -> bool:
    left, right = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    nan = np.isnan(left)
    return (
        left.shape == right.shape and left[~nan].tobytes() == right[~nan].tobytes() and bool(np.isnan(right[nan]).all())
    )


@pytest.fixture
def file(tmp_path: Path):
    def make(content: bytes | str, name: str = "data.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


# --- a number ----------------------------------------------------------------------------------------------------

NUMBERS = {
    "3": 3.0,
    "-3": -3.0,
    "+3": 3.0,
    ".5": 0.5,
    "-.5": -0.5,
    "5.": 5.0,
    "1e-5": 1e-5,
    "1E+05": 1e5,
    "-0": -0.0,
    "0x1.8p+1": 3.0,
    "-0X1p-1074": -5e-324,
    "nan": math.nan,
    "-NaN": math.nan,
    "inf": math.inf,
    "-Infinity": -math.inf,
    "1e400": math.inf,
    "1e-400": 0.0,
    "007": 7.0,
    "123456789012345678901234567890": 1.2345678901234568e29,
}
NO_NUMBERS = [
    "",
    " ",
    "x",
    "1_000",
    "1,5",
    "1 2",
    "--1",
    "0x",
    "0xg",
    "1e",
    "e5",
    ".",
    "-",
    "+-1",
    "٣",
    "1\x00",
    "1f",
    "nano",
]


@pytest.mark.parametrize("text", NUMBERS)
def test_number(text: str) -> None:
    assert same([number(text)], [NUMBERS[text]])


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a number$"):
        number(text)


# --- text --------------------------------------------------------------------------------------------------------


def test_free_text_of_every_kind(file) -> None:
    text = "\ufeff1 2\t3\r\n\r\n# a comment\n4,5 , 6 # more\n.5 +3 1e-5,0x1p-2\n  nan -inf Infinity\n7,\n-0"
    expected = [1, 2, 3, 4, 5, 6, 0.5, 3, 1e-5, 0.25, math.nan, -math.inf, math.inf, 7, -0.0]
    assert same(read(file(text)), expected)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", " \t\r\n"])
@pytest.mark.parametrize("form", ["txt", "csv", "tsv", "ndjson", "json"])
def test_nothing(file, text: str, form: str) -> None:
    if form in ("json", "ndjson") and "#" in text:
        return
    opened = open_source(str(file(text)), form, (), False, None)
    assert [opened.parse(block).tolist() for block in opened.blocks() if block] in ([], [[]])


token = st.one_of(
    st.floats(allow_nan=False).map(repr),
    st.integers(-(10**25), 10**25).map(str),
    st.sampled_from([text for text in NUMBERS if text != "-NaN"]),
)


@given(st.lists(token, min_size=1, max_size=30), st.sampled_from(["\n", " ", ",", "\t", "\r\n", ", ", " , ", "\n\n"]))
def test_every_separator_gives_the_same_numbers(tmp_path_factory, tokens: list[str], separator: str) -> None:
    path = tmp_path_factory.mktemp("text") / "a.txt"
    path.write_bytes(separator.join(tokens).encode())
    assert same(read(path), [number(text) for text in tokens])


@given(st.lists(st.lists(token, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from("\t, "))
def test_rows_are_lines(tmp_path_factory, rows: list[list[str]], separator: str) -> None:
    path = tmp_path_factory.mktemp("text") / "a.txt"
    path.write_text("\n".join(separator.join(row) for row in rows))
    assert same(read(path, by_row=True), [[number(text) for text in row] for row in rows])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 64])
def test_blocks_of_any_size_give_the_same_numbers(file, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(streams, "TEXT_BLOCK", size)
    monkeypatch.setattr(streams, "SMALLEST", 16)
    monkeypatch.setattr(source, "ARRAY_BLOCK", size)
    monkeypatch.setattr("actcli.reading.arrays.ARRAY_BLOCK", size)
    values = [1.0, -2.5, 1e-7, 3.0, -0.0, 12345.678] * 5
    matrix = np.reshape(values, (10, 3))
    lines = "\n".join(",".join(map(repr, row)) for row in matrix.tolist())
    assert same(read(file(" ".join(map(repr, values)))), values)
    assert same(read(file("\n# note\n".join(map(repr, values)))), values)
    assert same(read(file(lines), by_row=True), matrix)
    assert same(read(file("a,b,c\n" + lines, "a.csv"), columns=("c", "1")), matrix[:, [2, 0]].reshape(-1))
    assert same(read(file(json.dumps(values), "a.json")), values)
    assert same(read(file(json.dumps(matrix.tolist(), indent=1), "a.json"), by_row=True), matrix)
    assert same(read(file(json.dumps(matrix.reshape(2, 5, 3).tolist()), "a.json")), values)
    np.save(file("", "a.npy"), matrix)
    assert same(read(file("", "b.npy").with_name("a.npy"), by_row=True), matrix)


BAD_TEXT = {
    ("1 2\n3 4x 5\n", "txt"): "line 2, column 3: '4x' is not a number",
    (
        "x\trelu\n1\t2\n",
        "txt",
    ): "line 1, column 1: 'x' is not a number; if it is a header, say --input-format csv or tsv",
    ("1,,2", "txt"): "line 1, column 3: a number is missing here",
    ("1\n ,2", "txt"): "line 2, column 2: a number is missing here",
    ("1_000", "txt"): "line 1, column 1: '1_000' is not a number; if it is a header, say --input-format csv or tsv",
    ("\n\n1 ٣", "txt"): "line 3, column 3: '٣' is not a number",
    ("1\x002", "txt"): "line 1, column 1: '1\\x002' is not a number; if it is a header, say --input-format csv or tsv",
    ("a,b\n1,2\n3\n", "csv"): "line 3: 1 number in this row, 2 in the first",
    ("[[1, 2], [3]]", "json"): "item 2: 1 number in this row, 2 in the first",
    ("[1, 2]\n[3]\n", "ndjson"): "line 2: 1 number in this row, 2 in the first",
    ('{"layers": []}', "json"): "item 1: no number under 'layers'",
    ("a,b\n1,2\n3,\n", "csv"): "line 3, column 'b': a number is missing here",
    ("a,b\n1,2\n3,two\n", "csv"): "line 3, column 'b': 'two' is not a number; --column says which columns to read",
    ("1,2\n3 4\n", "csv"): "line 2, column 1: '3 4' is not a number",
    ("1\t2\nx" + "y" * 50 + "\t4\n", "tsv"): "line 2, column 1: 'x"
    + "y" * 36
    + "...' is not a number; --column says which columns to read",
    ("[1, 2", "json"): "line 1, column 6: unexpected end of data",
    ("[1,\n 2,]", "json"): "line 2, column 3: trailing comma is not allowed",
    ("[1, true]", "json"): "item 2: 'true' is not a number",
    ("[1, null]", "json"): "item 2: 'null' is not a number",
    ('[1, "two"]', "json"): "item 2: 'two' is not a number",
    ('{"a": 1, "b": 2}', "json"): "item 1 is an object; say which of its keys with --column: a, b",
    ("1\n[1,\n", "ndjson"): "line 2, column 4: unexpected end of data",
    ('1\n"x"\n', "ndjson"): "line 2: 'x' is not a number",
}


@pytest.mark.parametrize(("text", "form"), BAD_TEXT, ids=repr)
def test_trouble_is_quoted_with_its_place(file, text: str, form: str) -> None:
    path = file(text, f"data.{form}")
    with pytest.raises(ValueError) as caught:
        read(path)
    assert str(caught.value).removeprefix(f"{path}, ") == BAD_TEXT[text, form]


BAD_ROWS = {
    ("1 2\n3\n", "txt"): ", line 2: 1 number in this row, 2 in the first",
    ("[[1, 2], [3]]", "json"): ", item 2: 1 number in this row, 2 in the first",
    ("[1, 2]\n[3]\n", "ndjson"): ", line 2: 1 number in this row, 2 in the first",
}


@pytest.mark.parametrize(("text", "form"), BAD_ROWS, ids=repr)
def test_rows_of_uneven_length(file, text: str, form: str) -> None:
    path = file(text, f"data.{form}")
    with pytest.raises(ValueError) as caught:
        read(path, by_row=True)
    assert str(caught.value) == f"{path}{BAD_ROWS[text, form]}"


def test_utf16_is_said_to_be_utf16(file) -> None:
    with pytest.raises(ValueError, match=r"is UTF-16 text; convert it to UTF-8, for example with iconv$"):
        read(file("1 2".encode("utf-16")))


def test_csv_columns(file) -> None:
    path = file('time,"a, b",name\n1,2,x\n3,"4",y\n', "data.csv")
    assert same(read(path, columns=("a, b",)), [2, 4])
    assert same(read(path, columns=("2", "time"), by_row=True), [[2, 1], [4, 3]])
    with pytest.raises(ValueError, match=r"no column 'b'; the columns are time, a, b, name$"):
        read(path, columns=("b",))
    with pytest.raises(ValueError, match=r"no column 4; columns are numbered 1 to 3$"):
        read(path, columns=("4",))
    with pytest.raises(ValueError, match=r"no column 'x'; it has no header; give a number$"):
        read(file("1,2\n", "data.csv"), columns=("x",))
    with pytest.raises(ValueError, match=r"^--column needs columns with a separator; say --input-format csv or tsv$"):
        read(file("1 2\n"), columns=("1",))


def test_json_objects(file) -> None:
    rows = '{"rows": [{"x": -0, "y": "nan"}, {"x": 2, "y": 3}]}'
    assert same(read(file(rows, "a.json"), columns=("x",)), [-0.0, 2])
    assert same(read(file(rows, "a.json"), columns=("y", "x"), by_row=True), [[math.nan, -0.0], [3, 2]])
    assert same(read(file('{"x": 1}\n{"x": 2}\n', "a.ndjson")), [1, 2])
    with pytest.raises(ValueError, match=r"item 1: no key 'z'; the keys are x, y$"):
        read(file(rows, "a.json"), columns=("z",))


def test_load_gives_the_header(file) -> None:
    rows, header = load(str(file("x,y\n1,2\n3,4\n", "a.csv")))
    assert header == ["x", "y"]
    assert same(rows, [[1, 2], [3, 4]])
    assert load(str(file("1 2\n")))[1] is None


# --- arrays ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f8", "i1", "u8", ">i2"])
@pytest.mark.parametrize("order", "CF")
def test_arrays_of_every_number_type(tmp_path: Path, dtype: str, order: str) -> None:
    array = np.asarray(np.arange(24).reshape(2, 3, 4) * 5 % 17, dtype=dtype, order=order)
    np.save(tmp_path / "a.npy", array)
    np.savez(tmp_path / "a.npz", first=array)
    for where in ("a.npy", "a.npz", "a.npz:first"):
        assert same(read(tmp_path / where), array.reshape(-1))
        assert same(read(tmp_path / where, by_row=True), array.reshape(-1, 4))


def test_refused_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    np.save(tmp_path / "bools.npy", np.array([True]))
    np.save(tmp_path / "one.npy", np.float64(1))
    np.savez(tmp_path / "two.npz", a=np.arange(2), b=np.arange(3))
    for name, error, by_row in (
        ("objects.npy", "holds pickled Python objects, which actcli never loads; save numbers", False),
        ("bools.npy", "holds bool; integers or floating-point numbers are needed", False),
        ("one.npy", "holds a single number, not a row", True),
        ("two.npz", "holds 2 arrays; say which, as FILE.npz:KEY: a, b", False),
        ("two.npz:c", ": no array 'c'; it holds a, b", False),
    ):
        with pytest.raises(ValueError) as caught:
            read(tmp_path / name, by_row=by_row)
        assert str(caught.value).endswith(error)


@pytest.mark.parametrize("length", [0, 5, 9, 60, 128, 135, 151])
def test_truncated_arrays(tmp_path: Path, length: int) -> None:
    np.save(tmp_path / "a.npy", np.arange(3.0))
    os.truncate(tmp_path / "a.npy", length)
    with pytest.raises(
        OSError, match=r"is not a whole \.npy file: |ends early: its header promises 3 numbers, [012] are there$"
    ):
        read(tmp_path / "a.npy")


def test_headers_that_lie(tmp_path: Path) -> None:
    for shape in ("(-1,)", "(10**18,)", "(1000000000000000000,)", "'x'"):
        header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
        (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + header + bytes(80))
        with pytest.raises(OSError, match=r"is not a whole \.npy file|ends early"):
            read(tmp_path / "a.npy")


def test_file_that_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actcli.reading.arrays.ARRAY_BLOCK", 10)
    np.save(tmp_path / "a.npy", np.arange(100.0))
    opened = open_source(str(tmp_path / "a.npy"), None, (), False, None)
    blocks = opened.blocks()
    first = next(blocks)
    os.truncate(tmp_path / "a.npy", 200)
    assert first is not None
    with pytest.raises(OSError, match=r"ends early: it was cut while it was read$"):
        opened.parse((10, 20))
    with pytest.raises(OSError, match=r"changed while it was read$"):
        list(blocks)


def test_growing_text_file(file, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "TEXT_BLOCK", 4)
    path = file("1\n2\n3\n4\n")
    blocks = open_source(str(path), None, (), False, None).blocks()
    next(blocks)
    with path.open("a") as more:
        more.write("5\n")
    with pytest.raises(OSError, match=r"changed while it was read$"):
        list(blocks)


def test_bad_archives(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(b"no zip")
    with pytest.raises(OSError, match=r"is not a whole \.npz file$"):
        read(tmp_path / "a.npz")
    content = io.BytesIO()
    np.save(content, np.arange(5.0))
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("a.npy", content.getvalue()[:-3])
    with pytest.raises(OSError, match=r"ends early: 3 bytes are missing$"):
        read(tmp_path / "b.npz")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damage_in_an_archive_is_said_of_the_file(tmp_path: Path, save: Any) -> None:
    path, stream, chance = tmp_path / "a.npz", io.BytesIO(), random.Random(0)
    save(stream, W1=np.arange(6.0).reshape(2, 3))
    for _ in range(300):
        data = bytearray(stream.getvalue())
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        for attempt in (read, weights.load):
            try:
                attempt(path)
            except (OSError, ValueError) as error:
                assert str(path) in str(error)


def test_unknown_suffix_and_missing_file(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_text("1")
    with pytest.raises(ValueError, match=r"the suffix '\.xls' says no format; it can be \.txt \.csv \.tsv \.json"):
        read(tmp_path / "a.xls")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "a.txt")


# --- ranges ------------------------------------------------------------------------------------------------------


def points(text: str) -> list[float]:
    made = Range.parsed(text, by_row=False)
    return [value for block in made.blocks() if block for value in made.parse(block).tolist()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-1:1:11", [-1, -0.8, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 1]),
        ("-5:5", list(range(-5, 6))),
        ("1:0:3", [1, 0.5, 0]),
        ("2:2:1", [2]),
        ("0:1e-3:3", [0, 0.0005, 0.001]),
        ("0x1p-1:1:2", [0.5, 1]),
        ("-1e308:1e308:3", [-1e308, 0, 1e308]),
        (" .5 : 1 : 2 ", [0.5, 1]),
    ],
)
def test_range(text: str, expected: list[float]) -> None:
    assert points(text) == expected


def test_long_ranges_hold_both_ends_and_are_made_in_blocks() -> None:
    made = Range.parsed("-10:10:1000001", by_row=False)
    blocks = [made.parse(block) for block in made.blocks() if block]
    assert len(blocks) > 1
    whole = np.concatenate(blocks)
    assert whole.tolist() == [(-10 * (1000000 - place) + 10 * place) / 1000000 for place in range(1000001)]
    uneven = points("0.1234567890123456:7.654321098765432:300001")
    assert (uneven[0], uneven[-1], len(uneven)) == (0.1234567890123456, 7.654321098765432, 300001)
    assert all(left < right for left, right in itertools.pairwise(uneven))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("1", "--range takes LO:HI, LO:HI:N or LO:HI:STEP, such as -4:4:9, not '1'"),
        ("1:2:3:4", "--range takes LO:HI, LO:HI:N or LO:HI:STEP, such as -4:4:9, not '1:2:3:4'"),
        ("a:2", "--range 'a:2': 'a' is not a finite number; it takes LO:HI:N, such as -4:4:9"),
        ("0:inf", "--range '0:inf': 'inf' is not a finite number; it takes LO:HI:N, such as -4:4:9"),
        ("0:1:0", "--range '0:1:0': '0' is not a number of points, a positive integer"),
        ("0:1:n", "--range '0:1:n': 'n' is not a number of points, a positive integer, nor a step such as 0.1"),
        ("0:1:0.0", "--range '0:1:0.0': the step 0.0 leads nowhere"),
        ("1:0:0.5", "--range '1:0:0.5': steps of 0.5 never come from 1 to 0"),
        (
            "0:1:" + "9" * 20,
            f"--range '0:1:{'9' * 20}': {'9' * 20} points; at most 1,000,000,000,000,000 can be told apart",
        ),
        ("0:1:1", "--range '0:1:1': one point cannot be both ends; ask for 2 or more"),
    ],
)
def test_bad_ranges(text: str, error: str) -> None:
    with pytest.raises(ValueError) as caught:
        Range.parsed(text, by_row=False)
    assert str(caught.value) == error
