"""The code from `code`: correct when compiled or run, and safe for all names."""

from __future__ import annotations

import json
import math
import operator
import random
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from actcli.activations import Activation, get, names
from actcli.activations.floats import FLOAT64
from actcli.formulas.languages import LANGUAGES
from actcli.formulas.lookup import Lookup
from actcli.studies import code, code_programs
from actcli.studies.code import default_name, write
from actcli.studies.judgement import verdict_on
from tests.activations.accuracy import points
from tests.studies.code_runners import RUNNERS, texts
from tests.studies.onnx_models import run_model, versions

ELEMENTWISE = [get(name) for name in names() if not get(name).is_row]
TOOLS = {"c": "gcc", "javascript": "node"}


@pytest.mark.parametrize("language", ["python", "numpy", "c", "javascript"])
def test_what_is_written_is_as_close_as_was_measured(language: str, tmp_path: Path) -> None:
    tool = TOOLS.get(language)
    if tool and shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    called = {default_name(a, LANGUAGES[language]): a for a in ELEMENTWISE}
    tried = {name: points(a, 5, 12) for name, a in called.items()}
    found = RUNNERS[language](texts(ELEMENTWISE, language), tried, tmp_path)
    missed = {}
    for name, activation in called.items():
        x = tried[name]
        allowed = code.measured()[f"{language} float64"][activation.name]
        for order, function in enumerate((activation, activation.slope)):
            right = np.asarray(function(x))
            # The kernel may be inaccurate near a zero, so results far from it are compared with the exact value.
            verdict = verdict_on(FLOAT64, x, np.asarray(found[name][order]), right)
            doubtful = np.flatnonzero(verdict.wrong | (verdict.ulps > allowed[order] + 1))
            right[doubtful] = activation.exact(x[doubtful], order)
            verdict = verdict_on(FLOAT64, x, np.asarray(found[name][order]), right)
            if not verdict.passes(max(allowed[order] + 1, 4)):
                missed[activation.name, order] = (verdict.max_ulp, x[verdict.worst(1)], x[verdict.wrong])
    assert missed == {}


def test_kept_programs_are_those_that_are_found() -> None:
    for name in ("hard_swish", "softsign", "mish"):
        for order in (0, 1):
            assert code_programs.tree(code_programs.programs()[name][order]) is code_programs.found_program(
                get(name), order
            )
    assert set(code_programs.programs()) == {activation.name for activation in ELEMENTWISE}


def test_the_head_says_what_it_is() -> None:
    text = write(get("leaky_relu@negative_slope=0.2"), "python", command="actcli code it")
    assert isinstance(text, str)
    assert text.splitlines()[:8] == [
        "# leaky_relu@negative_slope=0.2: A rectifier that lets a little of the negative side through.",
        "# Formula: where(x >= 0, x, negative_slope*x)",
        "# Names: leaky_relu, lrelu",
        "# Source: Maas, Hannun & Ng 2013",
        "# Parameters: negative_slope = 0.2 (0x1.999999999999ap-3)",
        "# Slope at kinks: 0.2 at 0.0",
        "# Largest error: not measured for this function with these parameters",
        "# Made by: actcli code it",
    ]


def test_the_head_says_what_was_measured() -> None:
    value, slope = code.measured()["c float64"]["mish"]
    text = str(write(get("mish"), "c"))
    tried = "200,000 points, most of them around the worst"
    assert (
        f"// Largest error measured in C, float64: {value:g} ulp (value), {slope:g} ulp (slope), on {tried}\n" in text
    )


def test_a_table_is_its_entries(tmp_path: Path) -> None:
    table = Lookup("linear", (-1.0, 0.5, 2.0), (0.0, 3.0, 6.0), -1.0, 2.0, left=(0.0, 0.0), right=(6.0, 0.0))
    path = tmp_path / "ramp.json"
    path.write_text(json.dumps(table.as_data()))
    ramp = get(f"table:{path}")
    assert (
        without_head(write(ramp, "javascript", value_only=True))
        == """\
// The value at x.
export function f(x) {
  if (x != x) {
    return x;
  }
  if (x < -1.0) {
    return 0.0;
  }
  if (x > 2.0) {
    return 6.0;
  }
  if (x < 0.5) {
    return 0.0 + 2.0 * (x - -1.0);
  }
  return 3.0 + 2.0 * (x - 0.5);
}
"""
    )
    assert "# Slope at kinks: from the left\n" in str(write(ramp, "python"))
    found = RUNNERS["python"]({"f": str(write(ramp, "python"))}, {"f": np.array([-1.0, 0.5, 2.0])}, tmp_path)
    assert [part.tolist() for part in found["f"]] == [[0.0, 3.0, 6.0], [0.0, 2.0, 2.0]]
    with pytest.raises(ValueError, match=r"^--test: table:.*ramp\.json is a table; tests are written of formulas$"):
        write(ramp, "c", test=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_alone(language: str) -> None:
    both, alone = (write(get("mish"), language, value_only=value_only) for value_only in (False, True))
    assert len(alone) < len(both)
    assert not isinstance(alone, str) or "slope" not in alone.partition("Made by")[2]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["a b", "a;b", "1a", "", "é", "x", "a.b", "a-b", "a\nb", "_a", "a*/b", 'a"b', "a{b"])
def test_names_that_are_none_are_refused(language: str, name: str) -> None:
    with pytest.raises(ValueError, match="no name for a function"):
        write(get("relu"), language, name=name or "\t")


RESERVED = {"python": "lambda", "c": "double", "rust": "fn", "julia": "end", "javascript": "function", "cuda": "float"}


def test_what_math_h_declares_is_taken() -> None:
    for name in ("roundf", "hypot", "signbit", "erfl"):
        with pytest.raises(ValueError, match="the name is taken"):
            LANGUAGES["c"].check_name(name)


@pytest.mark.parametrize("language", RESERVED)
def test_reserved_words_are_no_names(language: str) -> None:
    word = RESERVED[language]
    with pytest.raises(ValueError, match=rf"^--name '{word}': no name for a function in .* \(the name is taken\)"):
        write(get("relu"), language, name=word)


LETTERS = "ab1_ \n\r\t\\\"'`*/#%-{}$()<>;:\x00\x1b\u2028\u202e\N{LATIN SMALL LETTER E WITH ACUTE}"


def test_nothing_hostile_gets_out_of_a_comment() -> None:
    """2,000 headers of random characters stay comments in every language."""
    drawn = random.Random(0)
    for _ in range(2000):
        line = "".join(drawn.choices(LETTERS, k=drawn.randint(1, 30)))
        for language in LANGUAGES.values():
            (written,) = language.commented([line])
            assert written.splitlines() == [written]
            assert written.isprintable()
            assert written.startswith(language.comment.strip())
            assert not written.endswith("\\")
            assert "*/" not in written


def test_hostile_names_are_refused_or_safe() -> None:
    drawn = random.Random(1)
    for _ in range(2000):
        name = "".join(drawn.choices(LETTERS, k=drawn.randint(1, 4)))
        for language in LANGUAGES.values():
            try:
                language.check_name(name)
            except ValueError:
                continue
            assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name, re.ASCII)


#: Names of parameters that have a meaning in some language, or contain letters beyond ASCII.
HOSTILE = (
    "lambda def_ class_ None __import__ __proto__ constructor eval_ os self t1 t2 y u slope n i m main printf NULL "
    "INFINITY NAN Math Number process np torch jnp sp end fn mut f64 let var return_ é ſ ªº 变量 _ __ X"
)
SPACES = ["", " ", "\n", "\t", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\u3000"]


def formula_tokens(drawn: random.Random, names: list[str], depth: int) -> list[str]:
    """A formula of x and parameters, as tokens."""
    if depth == 0:
        return [drawn.choice(["x", "x", "2", ".5", "1e-3", "3.", *names])]
    a, b = (formula_tokens(drawn, names, depth - 1) for _ in range(2))
    function = drawn.choice(["tanh", "exp", "erf", "sigmoid", "np.tanh", "softplus"])
    return drawn.choice(
        [
            [*a, drawn.choice("+-"), *b],
            ["(", *a, ")", "*", "(", *b, ")"],
            ["-", "(", *a, ")", "/", drawn.choice(["2", *names])],
            [function, "(", *a, ")"],
            ["pow", "(", *a, ",", "2", ")"],
        ]
    )


def without_head(text: str | bytes) -> str:
    """The text after the first comment of a file."""
    return str(text).partition("\n\n")[2]


def test_hostile_formulas_stay_formulas() -> None:
    """2,000 formulas with malicious names and spaces give the code of the same formulas with plain names."""
    drawn = random.Random(2)
    for count in range(2000):
        names = drawn.sample(HOSTILE.split(), 2)
        tokens = ["x", "*", names[0], "+", *formula_tokens(drawn, names, drawn.randint(1, 2)), "-", names[1]]
        values = [drawn.choice(["2", "-0.5", "1e-3"]) for _ in names]
        tame = {name: f"k{i}" for i, name in enumerate(names)}
        formulas = [
            "".join(token + drawn.choice(SPACES) for token in tokens).strip(),
            " ".join(tame.get(token, token) for token in tokens),
        ]
        hostile, plain = (
            get(f"{formula}@{','.join(f'{name}={value}' for name, value in zip(called, values, strict=True))}")
            for formula, called in zip(formulas, (names, tame.values()), strict=True)
        )
        languages = ["sympy"] if count % 500 else ["sympy", "c", "javascript", "rust", "numpy", "julia"]
        for language in languages:
            text = str(write(hostile, language, name="f", command=hostile.spec))
            assert without_head(text) == without_head(write(plain, language, name="f")), hostile.spec
            head = text.partition("\n\n")[0].split("\n")
            assert all(line.startswith(LANGUAGES[language].comment) and line.isprintable() for line in head)


def test_what_cannot_be_written_is_refused() -> None:
    for spec, language, options, said in (
        ("rrelu@seed=1", "c", {}, "rrelu@seed=1.0 draws its slopes at random: there is no code for it"),
        ("relu", "python", {"dtype": "float32"}, "--dtype float32: Python has float64 alone"),
        (
            "relu",
            "latex",
            {"test": True},
            "--test: LaTeX holds no test; python, numpy, torch, jax, tensorflow, c, rust, julia, javascript do",
        ),
    ):
        with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
            write(get(spec), language, **options)  # type: ignore[arg-type]


def test_python_tests_itself() -> None:
    namespace: dict[str, object] = {"__name__": "written"}
    exec(str(write(get("softsign"), "python", test=True)), namespace)
    namespace["test_softsign"]()  # type: ignore[operator]
    namespace["softsign_value"] = lambda x: x
    with pytest.raises(AssertionError, match=r"found .*, expected"):
        namespace["test_softsign"]()  # type: ignore[operator]


def test_numpy_keeps_shapes_and_types() -> None:
    namespace: dict[str, object] = {"__name__": "written"}
    exec(str(write(get("relu"), "numpy")), namespace)
    values, slopes = namespace["relu"](np.array([[-1.0, 2.0]], np.float32))  # type: ignore[operator]
    assert (values.dtype, values.tolist(), slopes.tolist()) == (np.float32, [[0.0, 2.0]], [[0.0, 1.0]])


def test_numpy_raises_no_error_of_its_own() -> None:
    namespace: dict[str, object] = {"__name__": "written"}
    exec(str(write(get("exponential"), "numpy", value_only=True)), namespace)
    with np.errstate(all="raise"):
        values = namespace["exp"](np.array([-100.0, 100.0], np.float32))  # type: ignore[operator]
    assert values.tolist() == [pytest.approx(3.78e-44, abs=1e-45), math.inf]


@pytest.mark.parametrize("spec", ["relu", "gelu", "mish", "arctan", "softplus", "elu", "symlog", "hard_swish"])
def test_onnx_models_give_the_values(spec: str) -> None:
    data = write(get(spec), "onnx")
    assert isinstance(data, bytes)
    assert versions(data) == (8, 17)
    with np.errstate(all="ignore"):
        x = np.concatenate([points(get(spec), 3, 40), [-9.0, 30.0]]).astype(np.float32)
        known = run_model(data, {"x": x.astype(np.float64)})
        for output, function in (("y", get(spec)), ("slope", get(spec).slope)):
            found, right = np.broadcast_to(known[output], x.shape).astype(np.float32), function(x)
            same = (found == right) | (np.isnan(found) & np.isnan(right))
            close = np.abs(found.astype(float) - right.astype(float)) <= np.spacing(np.abs(right))
            assert (same | close).all(), (output, x[~(same | close)])


class Floats:
    """The meaning of SymPy's names for floats, to check the values of an expression."""

    exp, sqrt, tanh, sinh, cosh, sin, cos = (
        staticmethod(getattr(math, name)) for name in ("exp", "sqrt", "tanh", "sinh", "cosh", "sin", "cos")
    )
    atan, erf, erfc, floor = (staticmethod(getattr(math, name)) for name in ("atan", "erf", "erfc", "floor"))
    Abs, Max, Min, S, pi, oo = staticmethod(abs), staticmethod(max), staticmethod(min), float, math.pi, math.inf
    Rational = staticmethod(operator.truediv)
    Lt, Le, Gt, Ge, Eq, Ne = (staticmethod(getattr(operator, name)) for name in ("lt", "le", "gt", "ge", "eq", "ne"))

    @staticmethod
    def log(x: float) -> float:
        return math.log(x) if x > 0 else math.nan  # in the branch that is not taken

    @staticmethod
    def sign(x: float) -> float:
        return (x > 0) - (x < 0)

    @staticmethod
    def Piecewise(*cases: tuple[float, bool]) -> float:
        return next(value for value, holds in cases if holds)


@pytest.mark.parametrize("activation", [*ELEMENTWISE, get("mila@beta=-2"), get("x**2*k**2@k=-3")], ids=lambda a: a.spec)
def test_sympy_expressions_mean_the_function(activation: Activation) -> None:
    lines = str(write(activation, "sympy", name="f")).splitlines()
    value, slope = (line.partition(" = ")[2] for line in lines[-2:])
    for x in (-2.3, 0.7, 3.25):
        known = {"sp": Floats, "x": x}
        assert eval(value, known) == pytest.approx(float(activation(x)), rel=1e-9, abs=1e-12)
        assert eval(slope, known) == pytest.approx(float(activation.slope(x)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("activation", ELEMENTWISE[::7], ids=lambda activation: activation.name)
def test_latex_can_be_drawn(activation: object) -> None:
    from matplotlib.mathtext import MathTextParser

    text = str(write(activation, "latex"))  # type: ignore[arg-type]
    shown = re.findall(r"\\\[\n(.*)\n\\\]", text)
    assert len(shown) == 2
    for formula in shown:
        # mathtext has no environments, so the cells of cases are drawn separately.
        before, _, choice = formula.strip().partition(r"\begin{cases}")
        for cell in [before, *re.split(r" \\\\ | & ", choice.removesuffix(r"\end{cases}"))]:
            MathTextParser("path").parse(f"${cell.strip() or 'x'}$")
