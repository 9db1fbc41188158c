"""Write actcli/studies/code.json, the largest errors of what `code` writes, and programs.json, what it is written from.

For every elementwise function of the registry the code is compiled or run over `vectors` and 40,000 points of all kinds
and then, again and again, over points around those with the largest errors, and judged as `actcli check` does: against
faithful results, and in the worst places against correctly rounded ones. Run by hand after a change of a program or a
language:

    python tests/reference/measure_code.py [--programs] [--of NAME,NAME] [--python VENV/bin/python] [LANGUAGE...]

--python names an interpreter with torch 2.13.0, jax 0.10.2 and onnxruntime 1.32.0, or tensorflow 2.21.0. Prints what
misses the bar: 4 ulp for values and 8 for slopes of what frameworks ship, 16 and 64 for the rest, and no wrong special.

Functions of rows are tried on rows of six numbers: outputs in ulp of correctly rounded ones, gradients in ulp of
the sum of the sizes of their terms, both from 1e-290 on: a product of a subnormal number has its few digits. CUDA is
compiled as C, and run in one thread. ONNX is measured in float32.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation, get, names
from actcli.activations.floats import FLOAT32, FLOAT64
from actcli.activations.frameworks import rows
from actcli.formulas.formula import tape
from actcli.formulas.languages import LANGUAGES
from actcli.studies import code, code_programs, code_rows
from actcli.studies.judgement import Judgement, verdict_on
from actcli.studies.vectors import vectors
from tests.activations.accuracy import points
from tests.studies import code_runners

HOME = Path(code.__file__).with_suffix(".json")
PROGRAMS = HOME.with_name("programs.json")
Array = NDArray[np.float64]

#: The frameworks whose functions are held to the higher bar.
SHIPPED = {row.function for row in rows() if row.framework in ("torch", "keras", "jax", "tf")}
#: XLA and TensorFlow flush subnormals, and the rests of what is next to them, which are 1e-16 of it or less: neither is
#: judged there.
FLUSHES = {"jax": 1e-280, "tensorflow": 1e-280}

#: The largest errors of a function, so many of them, are measured against correctly rounded results.
EXACT = 20
#: Points are sought around so many of the worst, in so many rounds.
CENTRES, ROUNDS = 100, 4


@cache
def first_points(activation: Activation, order: int) -> Array:
    """Those of the tests that `code` writes, and points of all kinds."""
    return np.concatenate([vectors(activation, FLOAT64, order).x, points(activation, 1, 13000)])


def around(verdict: Judgement, drawn: np.random.Generator) -> Array:
    """Points near the worst ones, and near those as bad."""
    errors = np.nan_to_num(verdict.ulps, nan=-1.0) + drawn.random(len(verdict.x))
    worst = verdict.x[np.argsort(errors)[-CENTRES:]]
    count = (code.POINTS - 40_000) // ROUNDS // CENTRES
    steps = drawn.choice([-1, 1], (CENTRES, count)) * 10.0 ** drawn.uniform(-8.0, -0.5, (CENTRES, count))
    with np.errstate(over="ignore", invalid="ignore"):
        near: Array = np.resize(worst, CENTRES)[:, None] * (1.0 + steps)
    return near.ravel()


def judged(activation: Activation, order: int, x: Array, y: Array, language: str) -> Judgement:
    """The verdict, with the right results of the worst points rounded correctly."""
    if language == "onnx":
        with np.errstate(over="ignore"):
            single = x.astype(np.float32)
        return verdict_on(FLOAT32, single, y.astype(np.float32), activation.rounded(single, FLOAT32, order))
    right = np.array((activation.slope if order else activation)(x))
    least = FLUSHES.get(language, 0.0)
    kept = ((np.abs(x) >= least) | (x == 0) | np.isnan(x)) & ~((np.abs(right) < least) & (right != 0))
    x, y, right = x[kept], y[kept], right[kept]
    exact = np.zeros(len(x), bool)
    while True:
        verdict = verdict_on(FLOAT64, x, y, right)
        suspects = np.concatenate([verdict.worst(EXACT), np.flatnonzero(verdict.wrong | verdict.sign)])
        suspects = suspects[~exact[suspects]]
        if not suspects.size:
            return verdict
        right[suspects] = activation.rounded(x[suspects], FLOAT64, order)
        exact[suspects] = True


def tapes(name: str) -> tuple[str, list[list[object]]]:
    """The programs of a function, as tapes."""
    activation = get(name)
    return name, [[list(step) for step in tape(code_programs.found_program(activation, order))] for order in range(3)]


def measured(language: str, activations: list[Activation]) -> dict[str, list[float]]:
    """The largest errors of values and slopes; prints what misses the bar."""
    called = {a.name: code.default_name(a, LANGUAGES[language]) for a in activations}
    texts = code_runners.texts(activations, language)
    column = {a.name: [0.0, 0.0] for a in activations}
    tried = {a.name: [first_points(a, order) for order in (0, 1)] for a in activations}
    for count in range(1 + ROUNDS):
        given = {called[name]: np.concatenate(parts) for name, parts in tried.items()}
        with tempfile.TemporaryDirectory() as folder:
            found = code_runners.RUNNERS[language](texts, given, Path(folder))
        for activation in activations:
            name = activation.name
            values, slopes = found[called[name]]
            middle = len(tried[name][0])
            for order, y in enumerate((values[:middle], slopes[middle:])):
                verdict = judged(activation, order, tried[name][order], y, language)
                column[name][order] = max(column[name][order], verdict.max_ulp)
                tried[name][order] = around(verdict, np.random.default_rng([order, count]))
                bar = ((4, 8) if name in SHIPPED else (16, 64))[order]
                worst, wrong = verdict.x[verdict.worst(1)], verdict.x[verdict.wrong][:4]
                if not verdict.passes(bar):
                    print(language, name, order, verdict.max_ulp, "at", worst, "wrong", wrong, flush=True)
                if verdict.sign.any() and language != "onnx":  # onnxruntime's Where loses the sign of zero
                    print(language, name, order, "zeros of the wrong sign", verdict.x[verdict.sign][:4])
    return column


def measured_rows(language: str, activations: list[Activation]) -> dict[str, list[float]]:
    """The largest errors of outputs and gradients; prints what misses the bar."""
    drawn = np.random.default_rng(0)
    real = np.float32 if language == "onnx" else np.float64
    rows_ = (
        (drawn.normal(0.0, 1.0, (code.ROWS, 6)) * 10.0 ** drawn.uniform(-3.0, 2.5, (code.ROWS, 1)))
        .astype(real)
        .astype(float)
    )
    changes = {a.name: np.round(drawn.normal(0.0, 1.0, (code.ROWS, a.output_width(6))), 3) for a in activations}
    changes = {name: change.astype(real).astype(float) for name, change in changes.items()}
    with tempfile.TemporaryDirectory() as folder:
        text = code_runners.texts(activations, language)
        found = code_runners.ROW_RUNNERS[language](text, rows_, changes, Path(folder))
    column = {}
    for activation in activations:
        outputs, back = found[activation.name]
        right = np.asarray(activation.exact(rows_))
        terms = changes[activation.name][:, :, None] * activation.jacobian(rows_)
        gradient, sizes = terms.sum(axis=1), np.abs(terms).sum(axis=1)
        least = 1e-38 if language == "onnx" else FLUSHES.get(language, 1e-290)
        errors = []
        for y, true, size in ((outputs, right, np.abs(right)), (back, gradient, sizes)):
            errors.append(
                float(
                    np.max(np.ceil(np.abs(y - true) / np.spacing(size.astype(real))), where=size >= least, initial=0.0)
                )
            )
        column[activation.name] = errors
        if not (errors[0] <= 4 and errors[1] <= 8):
            print(language, activation.name, errors, flush=True)
    return column


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default=code_runners.INTERPRETER[0])
    parser.add_argument("--programs", action="store_true", help="find the programs anew, before anything is measured")
    parser.add_argument("--of", type=lambda text: text.split(","), default=names(), help="these functions alone")
    parser.add_argument("languages", nargs="*", default=list(code_runners.RUNNERS))
    asked = parser.parse_args()
    code_runners.INTERPRETER[0] = asked.python
    elementwise = [get(name) for name in names() if not get(name).is_row]
    if asked.programs:
        with ProcessPoolExecutor() as pool:
            rows_ = [
                f'"{name}": {json.dumps(found, separators=(",", ":"))}'
                for name, found in pool.map(tapes, [a.name for a in elementwise])
            ]
        PROGRAMS.write_text("{\n" + ",\n".join(rows_) + "\n}\n")
        code_programs.programs.cache_clear()
    units = [get(name) for name in names() if get(name).is_row and code_rows.is_written(get(name))]
    for language in asked.languages:
        found: dict[str, list[float]] = {}
        if numbers := [a for a in elementwise if a.name in asked.of]:
            found |= measured(language, numbers)
        if of_rows := [a for a in units if a.name in asked.of]:
            found |= measured_rows(language, of_rows)
        table = json.loads(HOME.read_text())
        table.setdefault(f"{language} {'float32' if language == 'onnx' else 'float64'}", {}).update(found)
        rows_ = [
            f'"{key}": {{\n' + ",\n".join(f'"{n}": {json.dumps(table[key][n])}' for n in names() if n in table[key])
            for key in table
        ]
        HOME.write_text("{\n" + "\n},\n".join(rows_) + "\n}\n}\n")


if __name__ == "__main__":
    main()
