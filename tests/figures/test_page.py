"""The HTML page: in a browser it shows the numbers of the commands, and its curves are those of the figures."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actcli.activations import Activation, get, names
from actcli.figures.look import THEMES, Look
from actcli.figures.page import page
from actcli.figures.sampling import View, limits, series
from actcli.formulas.mathml import mathml
from actcli.studies.code import free_parameters, write
from actcli.studies.properties import properties
from tests.figures.browser import Browser, installed

ELEMENTWISE = [name for name in names() if not get(name).is_row]
BOTH = View(orders=(0, 1))
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node runs the scripts of the page")


def written(folder: Path, *specs: str, view: View = BOTH, look: Look = Look()) -> Path:  # noqa: B008
    path = folder / "page.html"
    path.write_text(page([get(spec) for spec in specs], view, look)[0], encoding="utf-8")
    return path


# --- the file --------------------------------------------------------------------------------------------------------


def test_a_page_of_one_function_is_small() -> None:
    assert len(page([get("gelu")], BOTH, Look())[0].encode()) < 200_000


def test_nothing_of_the_page_comes_from_elsewhere() -> None:
    text, _ = page([get("gelu"), get("elu")], BOTH, Look())
    assert re.findall(r"(?:src|href)=|@import|url\((?!#)|\bimport ", text) == []
    assert set(re.findall(r"https?://[^\"'` ]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text


def test_a_title_is_text_and_nothing_else() -> None:
    hostile = "</title></script><script>alert(1)</script> & $x"
    text, title = page([get("where(x<0, 0, x)")], BOTH, Look(title=hostile, xlabel=hostile))
    assert title == hostile
    assert text.count("<script") == text.count("</script>") == 1
    assert "&lt;/title&gt;&lt;/script&gt;" in text


def test_sliders_go_where_the_domain_lets_them() -> None:
    text, _ = page(
        [get(spec) for spec in ("elu", "celu", "hard_shrink", "clipped_relu", "generalized_relu")], BOTH, Look()
    )
    ranges = re.findall(
        r'type="range" id="(p\d-\d)" name="(\w+)" min="(.+?)" max="(.+?)" step="(.+?)" value="(.+?)"', text
    )
    assert [tuple(one[1:]) for one in ranges] == [
        ("alpha", "-2.0", "2.0", "0.01", "1.0"),
        ("alpha", "0.01", "2.0", "0.01", "1.0"),
        ("lambd", "0.0", "2.0", "0.01", "0.5"),
        ("max_value", "0.2", "40.0", "0.2", "20.0"),
        ("negative_slope", "-2.0", "2.0", "0.01", "0.0"),
        ("max_value", "-10.0", "10.0", "0.05", "10.0"),
        ("threshold", "-2.0", "2.0", "0.01", "0.0"),
    ]  # fmt: skip


def test_a_theme_asked_for_is_the_only_one() -> None:
    free, dark = (page([get("relu")], BOTH, look)[0] for look in (Look(), Look(theme="dark", fixed=True)))
    grounds = [f"--ground: {theme.ground}" for theme in THEMES.values()]
    assert [ground in free for ground in grounds] == [True, True]
    assert [ground in dark for ground in grounds] == [False, True]
    assert "prefers-color-scheme" not in dark


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (
            r"\sum_j e^{x_j}",
            "<munder><mo>∑</mo><mi>j</mi></munder><msup><mi>e</mi><msub><mi>x</mi><mi>j</mi></msub></msup>",
        ),
        (r"\cosh^{2}(x)", "<msup><mi>cosh</mi><mn>2</mn></msup><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow>"),
        (r"2 \cdot 10^{-5}", "<mn>2</mn><mo>·</mo><msup><mn>10</mn><mrow><mo>−</mo><mn>5</mn></mrow></msup>"),
        (r"\mathrm{max\_val} \neq \beta", "<mi>max_val</mi><mo>≠</mo><mi>β</mi>"),
        (
            r"\cases{1 & x < 0 \\ |x| & \mathrm{otherwise}}",
            "<mrow><mo>{</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mtext>if&#xA0;</mtext>"
            "<mrow><mi>x</mi><mo>&lt;</mo><mn>0</mn></mrow></mtd></mtr>"
            "<mtr><mtd><mrow><mo>|</mo><mi>x</mi><mo>|</mo></mrow></mtd><mtd><mtext>otherwise</mtext></mtd></mtr>"
            "</mtable></mrow>",
        ),
    ],
)
def test_formulas_as_mathml(formula: str, expected: str) -> None:
    assert mathml(formula) == f'<math displaystyle="true">{expected}</math>'


# --- its numbers -----------------------------------------------------------------------------------------------------


def ran(folder: Path, script: str) -> Any:
    """The output of a script with the functions of curve.js in node, from JSON."""
    curve = resources.files("actcli.figures") / "curve.js"
    (folder / "curve.mjs").write_text(curve.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "main.mjs").write_text(script, encoding="utf-8")
    done = subprocess.run(["node", "main.mjs"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return json.loads(done.stdout)


@needs_node
def test_numbers_are_written_as_tables_write_them(tmp_path: Path) -> None:
    drawn = np.random.default_rng(0)
    values = [
        *(10.0 ** drawn.uniform(-12, 12, 300) * drawn.choice([-1, 1], 300)),
        0.0,
        -0.0,
        1e-4,
        999999.5,
        1e6,
        123456.0,
    ]
    found = ran(
        tmp_path,
        f"""import {{ text }} from "./curve.mjs";
const values = {json.dumps([*values])};
console.log(JSON.stringify([values.map((value) => text(value)), [NaN, Infinity, -Infinity].map((one) => text(one))]));
""",
    )
    assert found == [[f"{value:.6g}".replace("-", "−") for value in values], ["nan", "∞", "−∞"]]


FORMULAS = (
    *("1/(x-0.3)", "sin(x)/cos(x)", "1/(x*x-4)", "1/(x-0.3)**2", "log(x)", "sqrt(x)", "log(abs(x))", "tanh(1000*x)"),
    *("exp(-1/x**2)", "sign(sin(x))", "1/(1e-6+x*x)", "where(x>1/3,1,0)", "abs(x)**0.5", "jax.leaky_relu"),
    *("leaky_relu@negative_slope=0.5", "soft_exponential@alpha=-0.5", "keras.hard_sigmoid"),
)


@needs_node
def test_breaks_poles_and_asymptotes_are_those_of_the_figures(tmp_path: Path) -> None:
    """The page finds them from values, so that they follow the sliders; the figures find them from the formula."""
    asked, expected = [], {}
    for k, spec in enumerate([*ELEMENTWISE, *FORMULAS]):
        activation = get(spec)
        span = View().reach(activation)
        lines = [series(activation, span, 201, order) for order in (0, 1)]
        bottom, top = limits(lines)
        box = {"low": span[0], "high": span[1], "bottom": bottom, "top": top, "width": 700, "height": 400}
        asked.append([spec, box])
        (tmp_path / f"{k}.mjs").write_text(str(write(activation, "javascript", name="f", free=True)))
        expected[spec] = [places(line.filled, line.hollow, line.poles, span) for line in lines]
        if spec in ELEMENTWISE:  # the search is slow for others
            nears = [None if line is None else np.round(line, 4).tolist() for line in properties(activation).asymptotes]
            expected[spec].append(nears)
    found = ran(
        tmp_path,
        f"""import {{ asymptote, polesOf, trace }} from "./curve.mjs";
const found = {{}};
for (const [k, [spec, box]] of {json.dumps(asked)}.entries()) {{
  const {{ f }} = await import(`./${{k}}.mjs`);
  const [value, slope] = [0, 1].map((order) => (x) => (Number.isNaN(f(x)[0]) ? NaN : f(x)[order]));
  const lines = [value, slope].map((one) => trace(one, box));
  const ends = [-1, 1].map((end) => asymptote(value, slope, end));
  found[spec] = [lines.map(({{ dots, breaks }}) => [dots, polesOf(breaks)]), ends];
}}
console.log(JSON.stringify(found));
""",
    )
    for spec, (lines, ends) in found.items():
        got = [
            places(
                [(dot["x"], dot["y"]) for dot in dots if dot["filled"]],
                [(dot["x"], dot["y"]) for dot in dots if not dot["filled"]],
                poles,
                (-np.inf, np.inf),
            )
            for dots, poles in lines
        ]
        nears = [None if end is None else np.round([end["slope"], end["level"]], 4).tolist() for end in ends]
        assert [*got, nears][: len(expected[spec])] == expected[spec], spec


def places(filled: Any, hollow: Any, poles: Any, span: tuple[float, float]) -> list[list[Any]]:
    """Dots and poles within a range, rounded to visible differences."""
    dots = [sorted((round(x, 6), round(y, 3)) for x, y in some if span[0] < x < span[1]) for some in (filled, hollow)]
    return [*dots, sorted(round(x, 6) for x in poles if span[0] < x < span[1])]


# --- in a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if installed() is None:
        pytest.skip("no Chromium here; as root, apt-get install chromium")
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def said(chrome: Browser) -> tuple[float, list[list[str]]]:
    """The x of the point, and the rows of the table of values there."""
    return chrome.run("Number(document.getElementById('x-exact').value)"), rows_of(chrome, "#readout")


def rows_of(chrome: Browser, table: str) -> list[list[str]]:
    """The texts of a table's cells."""
    rows = f"[...document.querySelectorAll('{table} tbody tr')]"
    found: list[list[str]] = chrome.run(f"{rows}.map((row) => [...row.cells].map((cell) => cell.textContent))")
    return found


def right(x: float, *activations: Activation) -> list[list[str]]:
    """The output of `eval` and `grad` at x, with the six digits of their tables."""

    def shown(y: Any) -> str:
        return f"{float(y):.6g}".replace("-", "−").replace("inf", "∞")

    return [[one.spec, shown(one(x)), shown(one.slope(x))] for one in activations]


def box_of(chrome: Browser, selector: str = "#figure svg") -> dict[str, float]:
    found: dict[str, float] = chrome.run(f"document.querySelector('{selector}').getBoundingClientRect().toJSON()")
    return found


@pytest.mark.parametrize(
    "specs",
    [
        ("gelu",),
        ("leaky_relu",),
        ("hard_shrink",),
        ("1/(x-0.3)", "sin(x)/cos(x)"),
        ("softplus@beta=2",),
        ("torch.hardsigmoid", "keras2.hard_sigmoid", "sigmoid"),
    ],
    ids=" ".join,
)
def test_values_under_pointer_and_keys_are_those_of_eval_and_grad(
    specs: tuple[str, ...], chrome: Browser, tmp_path: Path
) -> None:
    activations = [get(spec) for spec in specs]
    chrome.window(960, 720)
    chrome.said.clear()
    chrome.requests.clear()
    path = written(tmp_path, *specs)
    chrome.open(path)
    box = box_of(chrome)
    seen = set()
    for share in (0.02, 0.2, 0.31, 0.5, 0.77, 0.99):
        chrome.point(box["x"] + share * box["width"], box["y"] + 0.5 * box["height"])
        x, rows = said(chrome)
        seen.add(x)
        assert rows == right(x, *activations)
    assert len(seen) == 6
    chrome.run("document.getElementById('x').focus()")
    for key, times in (("Home", 1), ("ArrowRight", 3), ("End", 1), ("ArrowLeft", 40)):
        before, _ = said(chrome)
        chrome.press(key, times)
        x, rows = said(chrome)
        assert x != before
        assert rows == right(x, *activations)
    for x in (0.0, 0.5, -0.5, 0.3, -40.0, 1e6):
        chrome.run(
            f"Object.assign(document.getElementById('x-exact'), {{ value: {x} }}).dispatchEvent(new Event('input'))"
        )
        assert said(chrome) == (x, right(x, *activations))
    assert chrome.said == []
    assert set(chrome.requests) == {path.as_uri()}


def test_a_slider_changes_curve_dots_and_values(chrome: Browser, tmp_path: Path) -> None:
    chrome.window(960, 720)
    chrome.open(written(tmp_path, "leaky_relu"))
    curve = "document.querySelector('#figure path.s0').getAttribute('d')"
    before = chrome.run(curve)
    chrome.run("document.getElementById('p0-0').focus()")
    chrome.press("ArrowRight", 24)
    assert chrome.run("document.getElementById('p0-0-exact').value") == "0.25"
    assert chrome.run(curve) != before
    assert chrome.run("document.querySelector('.facts').hidden") is True
    chrome.run("document.getElementById('x').focus()")
    chrome.press("Home")
    x, rows = said(chrome)
    assert [row[1:] for row in rows] == [row[1:] for row in right(x, get("leaky_relu@negative_slope=0.25"))]
    chrome.run("document.querySelector('button').click()")
    assert chrome.run(curve) == before
    assert said(chrome)[1] == right(x, get("leaky_relu"))
    for slope in (-9, 2):  # the limits follow a curve that would leave them, and return
        number = f"Object.assign(document.getElementById('p0-0-exact'), {{ value: {slope} }})"
        chrome.run(f"{number}.dispatchEvent(new Event('input'))")
        ends = "[...document.querySelector('#figure path.s0').getAttribute('d').matchAll(/ ([-.0-9]+)/g)]"
        levels = chrome.run(f"{ends}.map((found) => Number(found[1]))")
        assert 22 <= min(levels) < 160
        assert max(levels) <= box_of(chrome)["height"] - 26
    chrome.run("document.querySelector('button').click()")
    assert chrome.run(curve) == before


@pytest.mark.parametrize("spec", ["torch.clamp", "keras.clip", "torch.hardshrink"])  # inside, mean, 0
def test_a_framework_s_slope_at_a_kink_stays_its_own_when_a_slider_moves(
    spec: str, chrome: Browser, tmp_path: Path
) -> None:
    chrome.open(written(tmp_path, spec))
    key, *_ = free_parameters(get(spec))
    moved = get(spec).bind(**{key: 0.35})
    set_to = "Object.assign(document.getElementById('{}'), {{ value: {} }}).dispatchEvent(new Event('input'))"
    chrome.run(set_to.format("p0-0-exact", 0.35))
    assert len(moved.kinks) == 2
    for x in moved.kinks:
        chrome.run(set_to.format("x-exact", x))
        assert [row[1:] for row in said(chrome)[1]] == [row[1:] for row in right(x, moved)]


def test_what_a_domain_forbids_is_said_and_not_drawn(chrome: Browser, tmp_path: Path) -> None:
    chrome.open(written(tmp_path, "hard_tanh"))
    before = said(chrome)
    chrome.run("Object.assign(document.getElementById('p0-0-exact'), { value: 3 }).dispatchEvent(new Event('input'))")
    assert chrome.run("document.getElementById('status').textContent") == "hard_tanh needs min_val < max_val"
    assert chrome.run("document.getElementById('p0-0-exact').getAttribute('aria-invalid')") == "true"
    assert said(chrome) == before


def test_a_kink_is_told(chrome: Browser, tmp_path: Path) -> None:
    chrome.open(written(tmp_path, "relu"))
    chrome.run("Object.assign(document.getElementById('x-exact'), { value: 0 }).dispatchEvent(new Event('input'))")
    told = "The slope of relu at 0: 0 from the left, 1 from the right."
    assert chrome.run("document.getElementById('note').textContent") == told
    chrome.until(f"document.getElementById('status').textContent === 'x = 0. relu: value 0, slope 0. {told}'")


def test_everything_has_a_name_and_is_reached_by_tab(chrome: Browser, tmp_path: Path) -> None:
    chrome.window(960, 720)
    chrome.open(written(tmp_path, "elu", "swish"))
    found = chrome.names()
    for role in ("slider", "spinbutton", "button", "image"):
        called = [name for kind, name in found if kind == role]
        assert called
        assert all(called), role
    assert ("image", "value of elu, swish for x from −5 to 5") in found
    assert ("slider", "x") in found
    assert ("status", "") in found
    reached = []
    for _ in range(11):
        chrome.press("Tab")
        reached.append(chrome.run("document.activeElement.id || document.activeElement.localName"))
    sliders = [name for k in (0, 1) for name in (f"p{k}-0", f"p{k}-0-exact", "button")]
    assert reached[: 3 + len(sliders)] == ["x", "x-exact", "summary", *sliders]


def test_the_table_has_the_values(chrome: Browser, tmp_path: Path) -> None:
    chrome.open(written(tmp_path, "gelu", view=View(span=(-2.0, 2.0), orders=(0, 1), marks=(0.75,))))
    chrome.run("document.querySelector('summary').click()")
    chrome.until("document.querySelectorAll('#values tbody tr').length > 0")
    rows = rows_of(chrome, "#values")
    places = [float(row[0].replace("−", "-")) for row in rows]
    assert places == sorted(places)
    assert {-2.0, 0.0, 0.75, 2.0} <= set(places)
    assert [row[1:] for row in rows] == [right(x, get("gelu"))[0][1:] for x in places]


@pytest.mark.parametrize("dark", [False, True])
def test_colours_follow_the_reader(dark: bool, chrome: Browser, tmp_path: Path) -> None:
    theme = THEMES["dark" if dark else "light"]
    chrome.window(960, 720, dark=dark)
    chrome.open(written(tmp_path, "relu"))
    styles = (
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('path.s0')).stroke]"
    )
    rgb = ["rgb({}, {}, {})".format(*bytes.fromhex(ink[1:])) for ink in (theme.ground, theme.series[0])]
    assert chrome.run(styles) == rgb


def test_a_gallery_shows_what_is_chosen(chrome: Browser, tmp_path: Path) -> None:
    chrome.window(1600, 1000)
    chrome.said.clear()
    path = written(tmp_path, *ELEMENTWISE)
    chrome.open(path, "#softsign")
    assert said(chrome)[1] == right(1.0, get("softsign"))
    assert chrome.run("document.querySelectorAll('nav svg path').length") == 2 * len(ELEMENTWISE)
    chrome.run("document.querySelector('nav a[href=\"#mish\"]').click()")
    chrome.until("document.activeElement.textContent === 'mish'")
    assert said(chrome)[1] == right(1.0, get("mish"))
    shown = "[...document.querySelectorAll('.card')].filter((card) => !card.hidden).length"
    assert chrome.run(shown) == 1
    assert chrome.said == []


@pytest.mark.parametrize("width", [400, 960, 1600])
def test_nothing_is_wider_than_the_window(width: int, chrome: Browser, tmp_path: Path) -> None:
    chrome.window(width, 800)
    chrome.open(written(tmp_path, "generalized_relu", "softplus@beta=2", "sinc"))
    assert chrome.run("document.documentElement.scrollWidth") <= chrome.run("innerWidth") == width
    box = box_of(chrome)
    boxes = "[...document.querySelectorAll('#figure text')].map((one) => one.getBoundingClientRect())"
    texts = chrome.run(f"{boxes}.map((one) => [one.left, one.right])")
    assert min(left for left, _ in texts) >= 0
    assert max(end for _, end in texts) <= width
    assert box["width"] > 0.5 * min(width, 960)
