"""Write actcli/studies/code.json, the largest errors of code from `code`, and programs.json, the programs behind it.

For every elementwise function of the registry the code is compiled or run over `vectors` and 20,000 points, and judged
as `actcli check` does: against faithful results, and in the worst places against correctly rounded ones. Run by hand
after a change of a program or a language:

    python tests/reference/measure_code.py [--programs] [--of NAME,NAME] [--python VENV/bin/python] [LANGUAGE...]

--python names an interpreter with torch 2.13.0, jax 0.10.2 and onnxruntime 1.32.0, or tensorflow 2.21.0. Prints what
misses the bar: 4 ulp for values and 8 for slopes of what frameworks ship, 16 and 64 for the rest, and no wrong special.

Functions of rows are tried on 240 rows of six numbers: outputs in ulp of correctly rounded ones, gradients in ulp of
the sum of the sizes of their terms. CUDA is compiled as C, and run in one thread. ONNX is measured in float32.
"""

from __future__ import annotations

import argparse
import json
import pickle
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
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
CACHE = Path(tempfile.gettempdir()) / "measure_code.pickle"

#: Points, faithful results there, and the number of leading results that are correctly rounded.
Points = tuple[NDArray[np.float64], NDArray[np.float64], int]

#: The frameworks whose functions must meet the stricter bar.
SHIPPED = {row.function for row in rows() if row.framework in ("torch", "keras", "jax", "tf")}
#: XLA and TensorFlow flush subnormals to zero, and thus lose the low parts of pairs near them, which are 1e-16 of the
#: value or less, so results below this size are not judged.
FLUSHES = {"jax": 1e-280, "tensorflow": 1e-280}

#: The number of largest errors of a function that are measured against correctly rounded results.
EXACT = 20


def prepared(name: str) -> tuple[str, list[Points]]:
    """For value and slope: points, faithful results there, and the number of correctly rounded leading results."""
    activation = get(name)
    found = []
    for order, function in enumerate((activation, activation.slope)):
        tried = vectors(activation, FLOAT64, order)
        more = points(activation, 1, 7000)[:20000]
        found.append((np.concatenate([tried.x, more]), np.concatenate([tried.y, function(more)]), len(tried.x)))
    return name, found


def judged(activation: Activation, order: int, points: Points, y: NDArray[np.float64]) -> Judgement:
    """The verdict, with correctly rounded results at the worst points."""
    x, right, n = points
    right = right.copy()
    exact = np.arange(len(x)) < n
    while True:
        verdict = verdict_on(FLOAT64, x, y, right)
        suspects = np.concatenate([verdict.worst(EXACT), np.flatnonzero(verdict.wrong)])
        suspects = suspects[~exact[suspects]]
        if not suspects.size:
            return verdict
        right[suspects] = activation.rounded(x[suspects], FLOAT64, order)
        exact[suspects] = True


def tapes(name: str) -> tuple[str, list[list[object]]]:
    """The programs of a function, as tapes."""
    activation = get(name)
    return name, [[list(step) for step in tape(code_programs.found_program(activation, order))] for order in range(3)]


def measured(language: str, activations: list[Activation], known: Mapping[str, list[Points]]) -> dict[str, list[float]]:
    """The largest errors of values and slopes; prints those above the bar."""
    called = {a.name: code.default_name(a, LANGUAGES[language]) for a in activations}
    tried = {called[a.name]: np.concatenate([part[0] for part in known[a.name]]) for a in activations}
    with tempfile.TemporaryDirectory() as folder:
        found = code_runners.RUNNERS[language](code_runners.texts(activations, language), tried, Path(folder))
    column = {}
    for activation in activations:
        values, slopes = found[called[activation.name]]
        parts = known[activation.name]
        middle = len(parts[0][0])
        verdicts = []
        for order, y in enumerate((values[:middle], slopes[middle:])):
            x, right, n = parts[order]
            if language == "onnx":
                with np.errstate(over="ignore"):
                    single = x.astype(np.float32)
                verdicts.append(
                    verdict_on(FLOAT32, single, y.astype(np.float32), activation.rounded(single, FLOAT32, order))
                )
                continue
            least = FLUSHES.get(language, 0.0)
            kept = ((np.abs(x) >= least) | (x == 0)) & ~((np.abs(right) < least) & (right != 0))
            these = (x[kept], right[kept], int(np.count_nonzero(kept[:n])))
            verdicts.append(judged(activation, order, these, y[kept]))
        column[activation.name] = [verdict.max_ulp for verdict in verdicts]
        for order, verdict in enumerate(verdicts):
            bar = ((4, 8) if activation.name in SHIPPED else (16, 64))[order]
            worst, wrong = verdict.x[verdict.worst(1)], verdict.x[verdict.wrong][:4]
            if not verdict.passes(bar):
                print(language, activation.name, order, verdict.max_ulp, "at", worst, "wrong", wrong, flush=True)
            if verdict.sign.any() and language != "onnx":  # onnxruntime's Where loses the sign of zero
                print(language, activation.name, order, "zeros of the wrong sign", verdict.x[verdict.sign][:4])
    return column


def measured_rows(language: str, activations: list[Activation]) -> dict[str, list[float]]:
    """The largest errors of outputs and gradients; prints those above the bar."""
    drawn = np.random.default_rng(0)
    real = np.float32 if language == "onnx" else np.float64
    rows_ = (drawn.normal(0.0, 1.0, (240, 6)) * 10.0 ** drawn.uniform(-3.0, 2.5, (240, 1))).astype(real).astype(float)
    changes = {a.name: np.round(drawn.normal(0.0, 1.0, (240, a.output_width(6))), 3) for a in activations}
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
        least = FLUSHES.get(language, 1e-38 if language == "onnx" else 0.0)
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
    if CACHE.exists():
        known = pickle.loads(CACHE.read_bytes())
    else:
        with ProcessPoolExecutor() as pool:
            known = dict(pool.map(prepared, [a.name for a in elementwise]))
        CACHE.write_bytes(pickle.dumps(known))
    units = [get(name) for name in names() if get(name).is_row and code_rows.is_written(get(name))]
    for language in asked.languages:
        table = json.loads(HOME.read_text())
        column = table.setdefault(f"{language} {'float32' if language == 'onnx' else 'float64'}", {})
        if numbers := [a for a in elementwise if a.name in asked.of]:
            column |= measured(language, numbers, known)
        if of_rows := [a for a in units if a.name in asked.of]:
            column |= measured_rows(language, of_rows)
        rows_ = [
            f'"{key}": {{\n' + ",\n".join(f'"{n}": {json.dumps(table[key][n])}' for n in names() if n in table[key])
            for key in table
        ]
        HOME.write_text("{\n" + "\n},\n".join(rows_) + "\n}\n}\n")


if __name__ == "__main__":
    main()
