"""The code from `code` for SymPy, evaluated to 30 digits; run by hand with an interpreter that has sympy (1.14.0):

python -m tests.studies.code_sympy [NAME...]
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from actcli.activations import get, names
from actcli.studies.code import write
from actcli.studies.code_rows import is_written

#: Float64 numbers away from kinks, and a row of six.
POINTS = [-3.1, -0.4, 0.3, 2.7]
ROW = np.array([1.5, -0.25, 0.75, 0.1, -2.0, 0.5])


def written(name: str) -> dict[str, Any]:
    """The names that the code defines."""
    namespace: dict[str, Any] = {}
    exec(str(write(get(name), "sympy", name="f")), namespace)
    return namespace


def wrong(name: str) -> list[str]:
    """The points at which an elementwise function or its slope differs from the exact 30 digits."""
    activation, found = get(name), written(name)
    sympy, x = found["sp"], found["x"]
    missed = []
    for order, expression in enumerate((found["f"], found["f_slope"])):
        for point in POINTS:
            right = sympy.Float(activation.digits(point, 30, order), 30)
            value = sympy.sympify(expression).subs(x, sympy.Rational(point)).evalf(40)
            if abs(value - right) > abs(right) * sympy.Float("1e-29"):
                missed.append(f"{name} order {order} at {point}: {value}, expected {right}")
    return missed


def wrong_row(name: str) -> list[str]:
    """Whether outputs or gradient of a row function differ from the exact result in float64."""
    activation, found = get(name), written(name)
    sympy = found["sp"]
    symbols = sympy.symbols("z:6", real=True)
    numbers = {symbol: sympy.Rational(entry) for symbol, entry in zip(symbols, ROW.tolist(), strict=True)}
    outputs = [float(y.subs(numbers).evalf(40)) for y in found["f"](list(symbols))]
    change = [1, -2, 3, 0, 5, 7][: len(outputs)]
    gradient = [float(part.subs(numbers).evalf(40)) for part in found["f_gradient"](list(symbols), change)]
    missed = [] if outputs == activation.exact(ROW).tolist() else [f"{name}: {outputs}"]
    right = np.asarray(change, float) @ activation.jacobian(ROW)
    return missed if np.allclose(gradient, right, rtol=1e-13, atol=1e-16) else [*missed, f"{name} gradient: {gradient}"]


def main() -> None:
    failed = tried = 0
    for name in sys.argv[1:] or names():
        if not get(name).is_row or is_written(get(name)):
            tried += 1
            missed = wrong_row(name) if get(name).is_row else wrong(name)
            failed += bool(missed)
            print(*missed, sep="\n", end="\n" * bool(missed), flush=True)
    print(f"sympy: {tried - failed} passed, {failed} failed")


if __name__ == "__main__":
    main()
