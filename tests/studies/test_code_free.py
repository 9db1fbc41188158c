"""Code with free parameters, which is right for all their values."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from actcli.activations import Activation, get, names
from actcli.activations.definition import SpecError
from actcli.studies.code import free_parameters, write

WITH_PARAMETERS = [get(name) for name in names() if not get(name).is_row and free_parameters(get(name))]
OWN = ["x*clip(x + b, min(a, -1), max(a, 1))@a=0.5,b=0.25", "pi*k*x + new*sign(t1)*x@k=2,new=3,t1=-1"]
X = np.concatenate([np.linspace(-40, 40, 81), [-1e9, -1e3, -0.3, -1e-5, 1e-5, 0.3, 1e3, 1e9]])


def others(activation: Activation) -> list[Activation]:
    """The function with some valid values of its parameters, first the given ones."""
    drawn, found = np.random.default_rng(0), [activation]
    while len(found) < 5:
        values = {
            key: round(value * drawn.choice([-1.0, 0.3, 1.0, 2.0, 5.0]) + drawn.choice([-1.0, 0.0, 0.5, 2.0]), 3)
            for key, value in free_parameters(activation).items()
        }
        try:
            found.append(activation.bind(**values))
        except SpecError:
            continue
    return found


@pytest.mark.skipif(shutil.which("node") is None, reason="node runs what is written")
def test_free_parameters_may_have_any_value(tmp_path: Path) -> None:
    activations = [*WITH_PARAMETERS, *map(get, OWN)]
    bound = [others(activation) for activation in activations]
    points = [[np.sort([*X, *one.kinks]) for one in variants] for variants in bound]
    asked = []
    for i, (activation, variants) in enumerate(zip(activations, bound, strict=True)):
        (tmp_path / f"{i}.mjs").write_text(str(write(activation, "javascript", name="f", free=True)))
        asked.append(
            [[x.tolist(), list(free_parameters(one).values())] for x, one in zip(points[i], variants, strict=True)]
        )
    (tmp_path / "main.mjs").write_text(f"""const found = [];
for (const [i, runs] of {json.dumps(asked)}.entries()) {{
  const {{ f }} = await import(`./${{i}}.mjs`);
  found.push(runs.map(([x, parameters]) => x.map((number) => f(number, ...parameters).map(String))));
}}
console.log(JSON.stringify(found));
""")
    shown = subprocess.run(["node", "main.mjs"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    for variants, given, results in zip(bound, points, json.loads(shown), strict=True):
        for one, x, found in zip(variants, given, results, strict=True):
            for order, right in enumerate((one(x), one.slope(x))):
                y = np.array(found, float)[:, order]
                close = np.isclose(y, right, rtol=1e-9, atol=1e-12 * np.maximum(1, np.abs(x)), equal_nan=True)
                assert close.all(), (one.spec, order, x[~close], y[~close], right[~close])


def test_the_conventions_of_a_framework_are_kept() -> None:
    native, jax = (
        str(write(get(spec), "javascript", name="f", free=True)) for spec in ("leaky_relu", "jax.leaky_relu")
    )
    slopes = [re.search(r"f_slope.*?if \((x >=? 0.0)\)", text, re.DOTALL) for text in (native, jax)]
    assert [slope and slope[1] for slope in slopes] == ["x > 0.0", "x >= 0.0"]


def test_the_head_names_the_arguments() -> None:
    text = str(write(get("elu"), "javascript", free=True))
    assert "\n// Parameters are arguments: alpha\n" in text
    assert "Largest error" not in text
    assert text.endswith(
        "export function elu(x, alpha = 1.0) {\n  return [elu_value(x, alpha), elu_slope(x, alpha)];\n}\n"
    )


def test_a_function_without_parameters_is_the_usual_program() -> None:
    usual, free = (str(write(get("mish"), "javascript", free=free)) for free in (False, True))
    assert usual.partition("export function mish(x)")[2].partition("\n}\n")[0] in free


def test_what_cannot_be_free_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^Rust takes no parameters as arguments$"):
        write(get("elu"), "rust", free=True)
    with pytest.raises(ValueError, match=r"^--test: a function with free parameters holds no test$"):
        write(get("elu"), "javascript", free=True, test=True)
