"""Normal forms and kernels equal the terms that they replace, and programs are accurate where formulas are not."""

from __future__ import annotations

import random

import mpmath
import numpy as np
import pytest
from flint import arb, ctx

from actcli.activations import get
from actcli.activations.floats import FLOAT64
from actcli.formulas import balls
from actcli.formulas.derive import derivative, stable
from actcli.formulas.formula import Formula, play, tape
from actcli.formulas.grammar import Node, parse
from actcli.formulas.languages import lowering, normal
from actcli.formulas.languages.branches import branched
from actcli.formulas.languages.evaluation import evaluate
from actcli.formulas.languages.kernels import FUNCTIONS, KERNELS
from actcli.formulas.languages.lowering import lowered
from actcli.formulas.languages.normal import Normal
from actcli.formulas.languages.program import Program
from actcli.formulas.render import render
from actcli.studies.vectors import vectors

#: The kernels of one and two numbers as formulas of the grammar.
MEANINGS = {
    "sigmoid": "1/(1 + exp(-u))",
    "sigmoid_slope": "exp(u)/(1 + exp(u))**2",
    "softplus": "log(1 + exp(u))",
    "tanh_slope": "1/cosh(u)**2",
    "log_cosh": "log(cosh(u))",
    "mish_gate": "tanh(log(1 + exp(u)))",
    "mish_gate_slope": "sigmoid(u)/cosh(log(1 + exp(u)))**2",
    "root": "sqrt(u**2 + v)",
    "rising_root": "u + sqrt(u**2 + v)",
    "scaled_exp": "v*exp(u)",
    "sin_plus_cos": "sin(u) + cos(u)",
}


def exact(node: Node, **known: arb) -> arb:
    """The value of a tree with kernels in ball arithmetic."""

    def apply(op: str, parts: list[object]) -> object:
        if op in MEANINGS:
            kernel = KERNELS[op]
            return exact(kernel.root, **dict(zip(kernel.parameters, parts, strict=True)))  # type: ignore[arg-type]
        return balls.apply(op, parts)

    def leaf(text: str) -> arb:
        return known[text] if text in known else arb.pi() if text == "pi" else arb(text)

    found: arb = play(tape(node), leaf, apply)
    return found


def same(one: str, other: str, names: str = "uv") -> None:
    trees = [parse(text, names, functions=FUNCTIONS) for text in (one, other)]
    drawn = random.Random(0)
    with ctx.workprec(400):
        for _ in range(40):
            known = {name: arb(drawn.uniform(-9, 9)) for name in names}
            known["v"] = abs(known.get("v", arb(1)))
            first, second = (exact(tree, **known) for tree in trees)
            assert abs(first - second) < arb(10) ** -80, known


@pytest.mark.parametrize("kernel", MEANINGS)
def test_kernels_mean_what_they_replace(kernel: str) -> None:
    arguments = ", ".join("uv"[: len(KERNELS[kernel].parameters)])
    same(f"{kernel}({arguments})", MEANINGS[kernel])


@pytest.mark.parametrize("kernel", [name for name in MEANINGS if KERNELS[name].slope])
def test_slopes_of_kernels(kernel: str) -> None:
    """Against differences in ball arithmetic, whose error with this step is below 1e-50."""
    value = parse(f"{kernel}(u{', v' * (len(KERNELS[kernel].parameters) - 1)})", "uv", functions=FUNCTIONS)
    slope = parse(KERNELS[kernel].slope.replace(", a", ", v"), "uv", functions=FUNCTIONS)
    with ctx.workprec(800):
        step = arb(10) ** -60
        for u in (-3.7, -0.4, 0.9, 5.2):
            low, high = (exact(value, u=arb(u) + sign * step, v=arb(2)) for sign in (-1, 1))
            assert abs((high - low) / (2 * step) - exact(slope, u=arb(u), v=arb(2))) < arb(10) ** -50


@pytest.mark.parametrize("table", [lowering.FORMS, normal.WAVES], ids=["forms", "waves"])
def test_forms_mean_what_they_replace(table: dict[str, str]) -> None:
    for pattern, form in table.items():
        same(pattern, form)


def test_products_and_differences_mean_what_they_replace() -> None:
    for pattern, form in lowering.PRODUCTS.items():
        same("*".join(f"({base})**({power})" for base, power in pattern), form)
    for function, form in normal.DIFFERENCES.items():
        same(f"{function}(u) - {function}(v)", form.replace("a", "(u - v)").replace("ex(u - v)", "exp"))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("x/(1 + abs(x))", "where(x < 0, 1/(1 - x)/(1 - x), 1/(1 + x)/(1 + x))"),
        ("x*clip(x + 3, 0, 6)/6", "where(x <= -3, 0, where(x >= 3, 1, (2*x + 3)/6))"),
        ("x/sqrt(1 + x**2)", "1/sqrt(1 + x**2)/(1 + x**2)"),
        ("x*sigmoid(x)", "(1 + x*sigmoid(-x))*sigmoid(x)"),
        ("x + sin(x)**2", "sin_plus_cos(x)**2"),
        ("softplus(x) - softplus(x - 1)", "1.7182818284590453*sigmoid(x - 1)*sigmoid(-x)"),
    ],
)
def test_slopes_in_normal_form(text: str, form: str) -> None:
    assert render(branched(stable(derivative(parse(text))), Normal({}))) == form


def test_a_branch_has_no_choice_left() -> None:
    tree = branched(parse("max(x, 0)*where(x > 0, 2, 3) + clip(x, -1, 1)"), Normal({}))
    leaves = [tree]
    while any(leaf.op == "where" for leaf in leaves):
        leaves = [part for leaf in leaves for part in (leaf.args[1:] if leaf.op == "where" else (leaf,))]
    assert {render(leaf) for leaf in leaves} == {"-1", "x", "3*x", "2*x + 1"}


@pytest.mark.parametrize("name", ["erf", "erfc"])
def test_the_own_error_functions_are_close(name: str) -> None:
    x = np.concatenate([np.random.default_rng(0).uniform(-6, 26, 400), 10.0 ** np.arange(-300, 1, 10)])
    kernel = KERNELS[name]
    with np.errstate(all="ignore"):
        known = {"u": x}
        values = play(tape(kernel.root), lambda text: known[text] if text in known else np.float64(text), apply_kernels)
    right = np.array([float(getattr(mpmath, name)(value)) for value in x.tolist()])
    assert (np.abs(values - right) <= 3 * np.spacing(np.abs(right))).all()


def apply_kernels(op: str, parts: list[object]) -> object:
    """An operation in a language without error functions."""
    from actcli.formulas.plain import OPERATIONS

    if op not in KERNELS:
        return OPERATIONS[op](*parts)
    known = dict(zip(KERNELS[op].parameters, parts, strict=True))
    return play(tape(KERNELS[op].root), lambda text: known[text] if text in known else np.float64(text), apply_kernels)


def test_a_formula_of_ones_own_comes_out_as_what_it_is() -> None:
    textbook = Formula("x*tanh(log(1 + exp(x)))")
    assert Program(textbook).tree is Program(get("mish").truth).tree


@pytest.mark.parametrize(
    "text", ["x*tanh(log(1 + exp(x)))", "exp(-x**2/2)*x", "x/(1 + x**2)", "(x + sqrt(x**2 + 4))/2"]
)
@pytest.mark.parametrize("order", [0, 1])
def test_programs_hold_on_the_whole_line(text: str, order: int) -> None:
    formula = Formula(text)
    program = Program(formula, order)
    x = np.concatenate(
        [np.linspace(-45, 45, 500), [-7e2, -7.2e2, 1e160, -1e300, 1.7e308, np.inf, -np.inf, np.nan, 0.0, -0.0]]
    )
    right = np.array([formula.rounded(value, order) for value in x.tolist()])
    found = evaluate(program.tree, x)
    finite = np.isfinite(right)
    assert (np.isnan(found) == np.isnan(right)).all()
    assert (found[~finite & ~np.isnan(right)] == right[~finite & ~np.isnan(right)]).all()
    apart = np.abs(found[finite] - right[finite])
    assert (apart <= (4, 8)[order] * np.spacing(np.abs(right[finite]))).all()
    assert (np.signbit(found) == np.signbit(right))[right == 0].all()


@pytest.mark.parametrize("text", ["x*cos(x)", "sin(x) - cos(x)"])
def test_waves_keep_their_digits_next_to_zeros_without_end(text: str) -> None:
    found = vectors(get(text), FLOAT64, 1, count=0)
    near = np.array(found.why) == "zero"
    x, right = found.x[near], found.y[near]
    assert (np.abs(evaluate(Program(Formula(text), 1).tree, x) - right) <= 4 * np.spacing(np.abs(right))).all()


def test_a_power_beyond_the_degree_of_a_polynomial_stays_one() -> None:
    x = np.array([-1.5, 0.0, 0.5, 2.0])
    assert evaluate(Program(Formula("(x*(x**4 + 1) + 1)**4 + (x + 1)")).tree, x) == pytest.approx(
        (x * (x**4 + 1) + 1) ** 4 + (x + 1), rel=1e-15
    )


def test_conventions_are_kept() -> None:
    slopes = {}
    for spec in ("torch.LeakyReLU", "jax.leaky_relu"):
        activation = get(spec)
        slopes[spec] = evaluate(Program(activation.truth, 1, activation.conventions).tree, np.array([-1.0, 0.0, 1.0]))
    assert slopes["torch.LeakyReLU"].tolist() == [0.01, 0.01, 1.0]
    assert slopes["jax.leaky_relu"].tolist() == [0.01, 1.0, 1.0]


def test_lowered_trees_have_no_textbook_products() -> None:
    node = lowered(branched(stable(derivative(parse("x*tanh(softplus(x))"))), Normal({})), Normal({}))
    assert render(node) == "mish_gate(x) + x*mish_gate_slope(x)"
