"""actcli list and info, run as a user runs them."""

import json

import pytest

from actcli.activations import get, names
from actcli.activations.frameworks import rows
from actcli.formulas.render import render
from actcli.studies.code import measured
from tests.cli.running import on_terminal, run

FAMILIES = dict.fromkeys(get(name).family for name in names())


def said(*words):
    """Standard output of a run that must succeed without output on standard error."""
    done = run(*words)
    assert (done.code, done.err) == (0, "")
    return done.out


def as_json(*words):
    return json.loads(said(*words, "--json"))


# --- list ------------------------------------------------------------------------------------------------------


def test_list_has_every_function_with_its_facts():
    found = as_json("list")
    assert [row["name"] for row in found["rows"]] == names()
    for row in found["rows"]:
        activation = get(row["name"])
        assert row["aliases"] == list(activation.aliases)
        assert (row["family"], row["formula"], row["source"]) == (
            activation.family,
            activation.formula,
            activation.source,
        )
        assert {key: float(value) for key, value in row["parameters"].items()} == dict(activation.parameters)
        assert row["kinks"] == list(activation.kinks)
        assert (row["range"] is None) is activation.is_row


def test_list_of_one():
    assert said("list", "quick-gelu") == (
        "name\taliases\tfamily\tsummary\tformula\tparameters\trow\trange\trange_attained\tmonotone\tparity\t"
        "zero_centred\tsmoothness\tkinks\tjumps\textrema\tasymptotes\tmax_ulp\tsource\n"
        "quick_gelu\t\tsmooth\t{summary}\tx*sigmoid(1.702*x)\t\t\t[-0.16361, inf)\tyes no\tno\tneither\tno\t"
        "analytic\t\t\tminimum -0.1636101896 at -0.7511542554\t0 towards -inf; x towards inf\t{ulp}\t{source}\n"
    ).format(
        summary=get("quick_gelu").summary,
        ulp=" ".join(
            f"{k} {v:g}" for k, v in zip(("value", "slope", "second"), get("quick_gelu").accuracy, strict=True)
        ),
        source=get("quick_gelu").source,
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--property", "discontinuous"), ["hard_shrink", "sign", "sine_relu", "step", "thresholded_relu"]),
        (("--property", "even", "--property", "bounded"), ["gaussian", "ricker", "sinc"]),
        (("--family", "rows", "soft"), ["gumbel_softmax", "log_softmax", "quiet_softmax", "softmax", "softmin"]),
    ],
)
def test_list_by_property_and_family(words, expected):
    assert set(expected) <= set(said("list", *words, "-q").split())


def test_list_of_nothing_says_so():
    done = run("list", "torch", "zzz")
    assert (done.code, len(done.out.splitlines())) == (0, 1)
    hint = "actcli list --framework torch has its symbols"
    assert done.err == f"Note: no function has 'torch' or 'zzz' in its name; {hint}\n"
    done = run("list", "--framework", "torch", "zzz", "-q")
    assert done == (0, "", "Note: no symbol of torch has 'zzz' in its name\n")


def test_list_of_a_framework():
    found = as_json("list", "--framework", "torch")
    labels = [label for row in rows() if row.framework == "torch" for label in row.labels()]
    assert [row["name"] for row in found["rows"]] == labels
    by_name = {row["name"]: row for row in found["rows"]}
    assert by_name["torch.hardswish"] == {
        "name": "torch.hardswish",
        "symbol": "torch.nn.functional.hardswish",
        "function": "hard_swish",
        "parameters": "",
        "formula": "",
        "slopes_at_kinks": "left right",
        "note": "nan at -inf; inf at 1e308",
    }
    assert said("list", "--framework", "tfjs", "leaky", "-q") == "tfjs.leakyRelu\ntfjs.leakyReLU\n"


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("torch.sign", "0 at nan; slope 0 at nan"),
        ("keras.hard_shrink", "0 at nan; slope 0 at nan"),
        ("keras.silu", "nan at -inf; slope nan at ±inf"),
        ("tf.softsign", "nan at ±inf"),
        ("tf.erf", "nan at ±1e155, ±1e308 and ±inf"),
        (
            "onnx.Gelu@approximate=tanh",
            "nan at -inf; constants held as float32 even for float64 data: off by up to 5.8e-9",
        ),
        ("ort.QuickGelu", "nan at -inf; constants held as float32 even for float64 data: off by up to 3.4e-9"),
        (
            "onnx.Shrink",
            "0 at nan; in ONNX Runtime -inf at -1e308 and -1e155; in ONNX Runtime inf at 1e155 and 1e308; "
            "bias 0 makes it hard_shrink, bias=lambd soft_shrink",
        ),
    ],
)
def test_notes_on_a_framework_s_function(name, note):
    framework, _, symbol = name.partition(".")
    listed = as_json("list", "--framework", framework, symbol)["rows"]
    assert {row["name"]: row["note"] for row in listed}[name] == note
    about = as_json("info", name)["frameworks"]
    assert note in [row["note"] for row in about if name in row["names"]]


def test_list_on_a_terminal_has_curves():
    done = on_terminal("list", "relu6", columns=120, NO_COLOR="1")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "1 functions"
    assert "│ name  │ curve " in lines[2]
    assert "⣀" in done.out
    assert lines[-1] == "--tsv and --json have parameters, kinks, source and more; actcli info NAME has all about one"
    ascii_only = on_terminal("list", "relu6", columns=120, NO_COLOR="1", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert ascii_only.out.isascii()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--family", "x"), f"no family 'x'; the families are {', '.join(FAMILIES)}"),
        (("--framework", "kera"), "unknown framework 'kera'; did you mean keras or keras2?"),
        (
            ("--framework", "keras", "--family", "smooth"),
            "--framework lists a framework's symbols; --family and --property go with actcli's own names",
        ),
        (
            ("--property", "big"),
            "Invalid value for '--property': 'big' is not one of 'bounded', 'unbounded', 'monotone', 'increasing', "
            "'odd', 'even', 'zero-centred', 'analytic', 'smooth', 'kinked', 'discontinuous', 'row', 'elementwise', "
            "'parametrised'.",
        ),
    ],
)
def test_list_refuses(words, message):
    assert run("list", *words) == (2, "", f"Error: {message}\n")


# --- info ------------------------------------------------------------------------------------------------------


def test_info_of_a_framework_symbol():
    lines = [line.split("\t") for line in said("info", "keras.LeakyReLU").splitlines()]
    assert lines[:4] == [
        ["property", "value"],
        ["name", "leaky_relu"],
        ["spec", "keras.LeakyReLU"],
        ["symbol", "keras.layers.LeakyReLU in Keras 3 (on JAX) 3.15.1"],
    ]
    assert ["parameters", "negative_slope=0.3"] in lines
    assert ["kink", "0: slope 0.3 left, 1 right, 1 there"] in lines
    assert [
        "torch (2.13.0)",
        "torch.leaky_relu torch.LeakyReLU torch.leaky_relu_; negative_slope=0.01; slope 0.01 at nan",
    ] in lines
    called = "keras.leaky_relu tf.leaky_relu chainer.leaky_relu tfjs.leakyRelu"
    assert ["same name", f"leaky_relu is leaky_relu@negative_slope=0.2 in {called}; value -0.2 at -1.0"] in lines
    assert ["code in torch", "torch.nn.functional.leaky_relu(x, negative_slope=0.3)"] in lines
    assert ["code in keras", "keras.layers.LeakyReLU()(x)"] in lines


def test_info_in_json():
    found = as_json("info", "torch.GELU")
    assert (found["command"], found["spec"], found["name"]) == ("info", "torch.GELU", "gelu")
    assert found["slope"] == render(get("gelu").truth.node(1))
    assert found["range"] == [-0.16997120747990366, "inf"]
    assert found["extrema"] == [{"x": -0.7517915246935645, "y": -0.16997120747990366, "kind": "minimum"}]
    # At sqrt(2), where gelu'' = (2 - x²)φ(x) is 0.
    assert found["largest_slope"] == {"x": 2**0.5, "slope": 1.1289041451851547}
    assert [trap["function"] for trap in found["traps"]] == ["gelu", "gelu_tanh"]
    assert found["code"]["jax"] == "jax.nn.gelu(x, approximate=False)"
    assert {entry["framework"] for entry in found["frameworks"]} >= {"torch", "keras", "jax", "onnx", "paddle"}


def test_info_of_every_function_and_of_a_formula():
    found = as_json("info", "x*tanh(exp(x))")
    assert (found["family"], found["slope"]) == ("formula", "tanh(exp(x)) + x*(1/cosh(exp(x))**2*exp(x))")
    assert (found["frameworks"], found["traps"], found["code"]) == ([], [], {})
    assert as_json("info", "softmax")["code"]["torch"] == "torch.nn.functional.softmax(x, dim=-1)"
    assert as_json("info", "torch.softplus")["kinks"] == [20.0]


def test_info_of_the_traps():
    found = as_json("info", "--traps")
    kinds = {"same name", "slope at a kink", "different name, same function"}
    assert {row["trap"] for row in found["rows"]} == kinds
    gelus = [row for row in found["rows"] if (row["trap"], row["name"]) == ("same name", "gelu")]
    assert [(row["function"], row["x"], row["y"]) for row in gelus] == [
        (name, -1.0, get(name)(-1.0)) for name in ("gelu", "gelu_tanh")
    ]
    assert gelus[1]["called"] == "jax.gelu flax.gelu keras.ops.gelu tfa.gelu tfa.GELU tinygrad.gelu nnlib.gelu"
    assert found["counts"] == {"same_name": 16, "slope_at_a_kink": 11, "same_function": 33}


def test_info_on_a_terminal_draws_the_curve():
    done = on_terminal("info", "torch.GELU", columns=100, lines=200, NO_COLOR="1")
    assert done.code == 0
    assert "⣀" in done.out.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "info takes a function, as in: actcli info gelu; or --traps alone"),
        (("gelu", "--traps"), "info takes a function, as in: actcli info gelu; or --traps alone"),
        (("torch.gelo",), "PyTorch has no 'gelo'; did you mean torch.gelu?"),
    ],
)
def test_info_refuses(words, message):
    assert run("info", *words) == (2, "", f"Error: {message}\n")


def test_info_has_the_errors_of_code_from_its_own_table():
    value, slope = measured()["c float64"]["mish"]
    found = as_json("info", "mish")
    assert found["code_max_ulp"]["c"] == {"value": value, "slope": slope}
    (line,) = [row["value"] for row in found["rows"] if row["property"] == "code_max_ulp"]
    assert f", c {value:g} {slope:g}, " in line
    assert as_json("info", "swish@beta=2")["code_max_ulp"] == {}
