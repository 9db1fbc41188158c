"""Every format byte by byte, and equal output for tables written in pieces and at once."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from actcli.output.formats import FORMATS, write_table
from actcli.output.formats import writer as writer_of
from actcli.output.numbers import NumberStyle
from actcli.output.screen import Screen
from actcli.output.table import Table
from actcli.output.writers import Settings

NUMBERS = Table(
    ("x", "leaky_relu@negative_slope=0.1"),
    (np.array([-3.0, -0.0, np.nan, np.inf, 1e-5]), np.array([-0.3, -0.0, np.nan, -np.inf, 1 / 3])),
    title="[b]title[/b]",
    results=("leaky_relu@negative_slope=0.1",),
)
WORDS = Table(
    ("name", "note", "count", "worst"),
    (["relu", "[x, y]"], ['a,"b"', "tab\tline\n\\"], [1, None], [0.5, float("inf")]),
)

EXPECTED = {
    ("tsv", NUMBERS): "x\tleaky_relu@negative_slope=0.1\n-3.0\t-0.3\n-0.0\t-0.0\nnan\tnan\ninf\t-inf\n"
    "1e-05\t0.3333333333333333\n",
    ("csv", NUMBERS): "x,leaky_relu@negative_slope=0.1\n-3.0,-0.3\n-0.0,-0.0\nnan,nan\ninf,-inf\n"
    "1e-05,0.3333333333333333\n",
    ("values", NUMBERS): "-0.3\n-0.0\nnan\n-inf\n0.3333333333333333\n",
    ("ndjson", NUMBERS): '{"x": -3.0, "leaky_relu@negative_slope=0.1": -0.3}\n'
    '{"x": -0.0, "leaky_relu@negative_slope=0.1": -0.0}\n'
    '{"x": "nan", "leaky_relu@negative_slope=0.1": "nan"}\n'
    '{"x": "inf", "leaky_relu@negative_slope=0.1": "-inf"}\n'
    '{"x": 1e-05, "leaky_relu@negative_slope=0.1": 0.3333333333333333}\n',
    ("tsv", WORDS): 'name\tnote\tcount\tworst\nrelu\ta,"b"\t1\t0.5\n[x, y]\ttab\\tline\\n\\\\\t\tinf\n',
    ("csv", WORDS): 'name,note,count,worst\nrelu,"a,""b""",1,0.5\n"[x, y]","tab\tline\n\\",,inf\n',
    ("values", WORDS): 'relu\ta,"b"\t1\t0.5\n[x, y]\ttab\\tline\\n\\\\\t\tinf\n',
    ("ndjson", WORDS): '{"name": "relu", "note": "a,\\"b\\"", "count": 1, "worst": 0.5}\n'
    '{"name": "[x, y]", "note": "tab\\tline\\n\\\\", "count": null, "worst": "inf"}\n',
}


def written(table: Table, name: str, settings: Settings | None = None) -> bytes:
    stream = io.BytesIO()
    write_table(table, stream, name, settings or Settings())
    return stream.getvalue()


@pytest.mark.parametrize(("name", "table"), EXPECTED, ids=lambda value: value if isinstance(value, str) else "")
def test_bytes(name: str, table: Table) -> None:
    assert written(table, name).decode() == EXPECTED[name, table]


def test_json_is_one_strict_object() -> None:
    settings = Settings(head={"command": "eval", "worst": np.inf}, tail=lambda: {"loss": np.float32(0.1)})
    text = written(NUMBERS, "json", settings).decode()
    rows = EXPECTED["ndjson", NUMBERS].strip().replace("\n", ",\n")
    assert text == f'{{"command": "eval", "worst": "inf", "rows": [\n{rows}\n], "loss": 0.1}}\n'
    json.loads(text, parse_constant=pytest.fail)


def test_json_without_rows() -> None:
    empty = NUMBERS.slice(0, 0)
    assert written(empty, "json", Settings(head={"command": "eval"})) == b'{"command": "eval", "rows": []}\n'
    assert written(empty, "tsv") == b"x\tleaky_relu@negative_slope=0.1\n"
    assert written(empty, "ndjson") == written(empty, "values") == b""


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "npy"])
@pytest.mark.parametrize("size", [1, 7, 2500])
def test_pieces_give_the_bytes_of_the_whole(name: str, size: int) -> None:
    count = 300 if name == "table" else 6000
    values = np.random.default_rng(0).normal(size=count) * 10.0 ** np.arange(12).repeat(count // 12)
    values[[0, 17, 299, -1]] = [np.nan, -0.0, np.inf, 1e-9]
    whole = Table(("x", "y", "z"), (values, values[::-1], values), results=("y", "z"))
    writer = writer_of(name)(Settings())
    pieces = [whole.slice(start, start + size) for start in range(0, count, size)]
    body = writer.joint.join([writer.start(pieces[0]) + writer.rows(pieces[0]), *map(writer.rows, pieces[1:])])
    assert body + writer.finish(count) == written(whole, name)


def test_styles() -> None:
    table = Table(("x",), (np.array([1 / 3, 12345.678]),))
    assert written(table, "tsv", Settings(style=NumberStyle(precision=3))) == b"x\n0.333\n12300.0\n"
    assert written(table, "ndjson", Settings(style=NumberStyle(hex=True))) == (
        b'{"x": "0x1.5555555555555p-2"}\n{"x": "0x1.81cd6c8b43958p+13"}\n'
    )


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (NUMBERS, NUMBERS.data[1]),
        (Table(("a", "b"), (np.array([1, 2]), np.array([3, 4]))), np.array([[1, 3], [2, 4]])),
        (Table(("a",), (np.array([0.1], dtype=np.float32),)), np.array([0.1], dtype=np.float32)),
        (Table((), ()), np.empty((0, 0))),
    ],
    ids=["results", "integers", "float32", "nothing"],
)
def test_npy(table: Table, expected: np.ndarray) -> None:
    array = np.load(io.BytesIO(written(table, "npy")), allow_pickle=False)
    assert array.dtype == expected.dtype
    assert array.shape == expected.shape
    assert array.tobytes() == expected.tobytes()


def test_npy_takes_numbers_only() -> None:
    with pytest.raises(
        ValueError, match=r"^an \.npy file holds numbers, and this table has words; write \.csv or \.json$"
    ):
        written(WORDS, "npy")


def test_table_refuses_columns_of_different_length() -> None:
    with pytest.raises(ValueError, match="do not fit data of lengths"):
        Table(("x", "y"), ([1], [1, 2]))


# --- the table on a screen ---------------------------------------------------------------------------------------


def shown(table: Table, **screen: object) -> str:
    notes = screen.pop("notes", ())
    settings = Settings(screen=Screen(**screen), hint="--tsv prints them all", notes=lambda: notes)
    return written(table, "table", settings).decode(str(screen.get("encoding", "utf-8")))


def test_table_shows_six_digits_and_never_reads_markup() -> None:
    assert shown(NUMBERS) == (
        "[b]title[/b]\n"
        "╭───────┬───────────────────────────────╮\n"
        "│     x │ leaky_relu@negative_slope=0.1 │\n"
        "├───────┼───────────────────────────────┤\n"
        "│    -3 │                          -0.3 │\n"
        "│    -0 │                            -0 │\n"
        "│   nan │                           nan │\n"
        "│   inf │                          -inf │\n"
        "│ 1e-05 │                      0.333333 │\n"
        "╰───────┴───────────────────────────────╯\n"
    )


def test_table_in_ascii() -> None:
    table = Table(("x",), (np.arange(100.0),), notes=("fin.",))
    assert shown(table, encoding="ascii", height=10, width=80) == (
        "+-----+\n|   x |\n|-----|\n|   0 |\n|   1 |\n|   2 |\n| ... |\n|  97 |\n|  98 |\n|  99 |\n+-----+\n"
        "94 rows are not shown; --tsv prints them all\nfin.\n"
    )


@pytest.mark.parametrize(("rows", "omitted"), [(0, 0), (1, 0), (32, 0), (33, 1), (1000, 968)])
def test_table_leaves_the_middle_out_only_when_it_is_higher_than_the_screen(rows: int, omitted: int) -> None:
    lines = shown(Table(("x",), (np.arange(float(rows)),)), height=40, width=80).splitlines()
    note = f"{omitted} rows are not shown; --tsv prints them all"
    assert (lines[-1] == note) == bool(omitted)
    assert len(lines) == 4 + rows - omitted + 2 * bool(omitted)
    assert len(lines) <= 40


def test_numbers_are_never_cut_and_long_words_fold() -> None:
    table = Table(("word", "number"), (["many words " * 5], [1 / 3]))
    lines = shown(table, width=40).splitlines()
    assert all(len(line) == 40 for line in lines)
    assert "".join(line[2:27].strip() + " " for line in lines[3:-1]).split() == ["many", "words"] * 5
    wide = Table(tuple(f"c{index}" for index in range(9)), tuple([1 / 3] for _ in range(9)))
    assert shown(wide, width=40).count("0.333333") == 9


@pytest.mark.parametrize(("width", "shown_columns"), [(80, 8), (91, 8), (92, 10), (30, 2), (1000, 30)])
def test_middle_columns_are_left_out_where_the_screen_is_too_narrow(width: int, shown_columns: int) -> None:
    wide = Table(tuple(f"y{index}" for index in range(30)), tuple(np.array([index + 1 / 8]) for index in range(30)))
    lines = shown(wide, width=width).splitlines()
    half = shown_columns // 2
    end = next(place for place, line in enumerate(lines) if line.startswith("╰"))
    assert max(map(len, lines)) <= width
    if shown_columns == 30:
        assert lines[3].strip("│ ").split(" │ ") == [f"{index + 0.125:>{len(f'{index}.125')}}" for index in range(30)]
        return
    ends = [*range(half), *range(30 - half, 30)]
    numbers = [f"{index + 0.125}" for index in ends]
    assert lines[3].replace("│", "").split() == [*numbers[:half], "…", *numbers[half:]]
    assert lines[1].replace("│", "").split() == [*(f"y{i}" for i in ends[:half]), "…", *(f"y{i}" for i in ends[half:])]
    assert " ".join(lines[end + 1 :]) == f"{30 - shown_columns} columns are not shown; --tsv prints them all"
    assert shown(wide).count("125") == 30


def test_colour_is_only_on_when_asked_for() -> None:
    assert "\x1b" not in shown(NUMBERS, width=80, height=24)
    assert "\x1b[1m" in shown(NUMBERS, width=80, height=24, colour=True)


def test_notes_stand_below() -> None:
    assert shown(Table(("x",), ([1],)), notes=("x = 1 is a kink",)).splitlines()[-1] == "x = 1 is a kink"
