"""Write actcli/studies/code.json, the largest errors of what `code` writes, and programs.json, what it is written from.

For every elementwise function of the registry the code is compiled or run over `vectors` and 20,000 points, and judged
as `actcli check` does: against faithful results, and in the worst places against correctly rounded ones. Run by hand
after a change of a program or a language:

    python tests/reference/measure_code.py [--programs] [--python VENV/bin/python] [LANGUAGE...]

--python names an interpreter with torch 2.13.0, jax 0.10.2 or tensorflow 2.21.0. Prints what misses the bar: 4 ulp for
values and 8 for slopes of what frameworks ship, 16 and 64 for the rest, and no wrong special.
"""

from __future__ import annotations

import argparse
import json
import pickle
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actcli.activations import Activation, get, names
from actcli.activations.floats import FLOAT64
from actcli.activations.frameworks import rows
from actcli.formulas.formula import tape
from actcli.formulas.languages import LANGUAGES
from actcli.studies import code, code_programs
from actcli.studies.judgement import Judgement, verdict_on
from actcli.studies.vectors import vectors
from tests.activations.accuracy import points
from tests.studies import code_runners

HOME = Path(code.__file__).with_suffix(".json")
PROGRAMS = HOME.with_name("programs.json")
CACHE = Path(tempfile.gettempdir()) / "measure_code.pickle"

#: Points, faithful results there, and how many of the first ones are correctly rounded.
Points = tuple[NDArray[np.float64], NDArray[np.float64], int]

#: The frameworks whose functions are held to the higher bar.
SHIPPED = {row.function for row in rows() if row.framework in ("torch", "keras", "jax", "tf")}
#: XLA and TensorFlow flush subnormals, and the rests of what is next to them, which are 1e-16 of it or less: neither is
#: judged there.
FLUSHES = {"jax": 1e-280, "tensorflow": 1e-280}

#: The largest errors of a function, so many of them, are measured against correctly rounded results.
EXACT = 20


def prepared(name: str) -> tuple[str, list[Points]]:
    """For value and slope: points, faithful results there, and how many of the first ones are correctly rounded."""
    activation = get(name)
    found = []
    for order, function in enumerate((activation, activation.slope)):
        tried = vectors(activation, FLOAT64, order)
        more = points(activation, 1, 7000)[:20000]
        found.append((np.concatenate([tried.x, more]), np.concatenate([tried.y, function(more)]), len(tried.x)))
    return name, found


def judged(activation: Activation, order: int, points: Points, y: NDArray[np.float64]) -> Judgement:
    """The verdict, with the right results of the worst points rounded correctly."""
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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default=code_runners.INTERPRETER[0])
    parser.add_argument("--programs", action="store_true", help="find the programs anew, before anything is measured")
    parser.add_argument("languages", nargs="*", default=list(code_runners.RUNNERS))
    asked = parser.parse_args()
    code_runners.INTERPRETER[0] = asked.python
    activations = [get(name) for name in names() if not get(name).is_row]
    if asked.programs:
        with ProcessPoolExecutor() as pool:
            rows_ = [
                f'"{name}": {json.dumps(found, separators=(",", ":"))}'
                for name, found in pool.map(tapes, [a.name for a in activations])
            ]
        PROGRAMS.write_text("{\n" + ",\n".join(rows_) + "\n}\n")
        code_programs.programs.cache_clear()
    if CACHE.exists():
        known = pickle.loads(CACHE.read_bytes())
    else:
        with ProcessPoolExecutor() as pool:
            known = dict(pool.map(prepared, [a.name for a in activations]))
        CACHE.write_bytes(pickle.dumps(known))
    table = json.loads(HOME.read_text())
    for language in asked.languages:
        called = {a.name: code.default_name(a, LANGUAGES[language]) for a in activations}
        text = code_runners.texts(activations, language)
        with tempfile.TemporaryDirectory() as folder:
            found = code_runners.RUNNERS[language](
                text, {called[n]: np.concatenate([part[0] for part in known[n]]) for n in known}, Path(folder)
            )
        column = table.setdefault(f"{language} float64", {})
        for activation in activations:
            values, slopes = found[called[activation.name]]
            parts = known[activation.name]
            middle = len(parts[0][0])
            verdicts = []
            for order, y in enumerate((values[:middle], slopes[middle:])):
                x, right, n = parts[order]
                least = FLUSHES.get(language, 0.0)
                kept = ((np.abs(x) >= least) | (x == 0)) & ~((np.abs(right) < least) & (right != 0))
                tried = (x[kept], right[kept], int(np.count_nonzero(kept[:n])))
                verdicts.append(judged(activation, order, tried, y[kept]))
            column[activation.name] = [verdict.max_ulp for verdict in verdicts]
            for order, verdict in enumerate(verdicts):
                bar = ((4, 8) if activation.name in SHIPPED else (16, 64))[order]
                worst, wrong = verdict.x[verdict.worst(1)], verdict.x[verdict.wrong][:4]
                if not verdict.passes(bar):
                    print(language, activation.name, order, verdict.max_ulp, "at", worst, "wrong", wrong, flush=True)
                if verdict.sign.any():
                    print(language, activation.name, order, "zeros of the wrong sign", verdict.x[verdict.sign][:4])
        rows_ = ",\n".join(
            f'"{key}": {{\n' + ",\n".join(f'"{n}": {json.dumps(e)}' for n, e in table[key].items()) + "\n}"
            for key in table
        )
        HOME.write_text(f"{{\n{rows_}\n}}\n")


if __name__ == "__main__":
    main()
