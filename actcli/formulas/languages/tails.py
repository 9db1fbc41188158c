"""The asymptotic forms of a function for large |x|: a limit, a power of x, or an exponential times other factors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actcli.formulas.balls import UNDECIDED, Missing, Outcome
from actcli.formulas.formula import Formula
from actcli.formulas.grammar import ONE, ZERO, Node, X, make_node
from actcli.formulas.languages.branches import branched
from actcli.formulas.languages.evaluation import evaluate
from actcli.formulas.languages.kernels import number
from actcli.formulas.languages.normal import Normal
from actcli.formulas.primitives import Array

if TYPE_CHECKING:
    from flint import arb

#: The |x| at which the tail of a function is examined if the function does not underflow; exp(-710) is still a float64.
TAIL_START = 710.0


def power_of_x(formula: Formula, order: int, side: float) -> Node | None:
    """The tree of c x^k, k from -6 to 3, that equals the function for large |x| on a side, or its limit; else None."""
    limit = formula.limit(side, order)
    if math.isfinite(limit) and (limit or not _vanishes_slowly(formula, order, side)):
        return number(limit)
    for k in (1, 2, 3, -1, -2, -3, -4, -5, -6):
        c = _coefficient(formula, order, side, k)
        if c is not None:
            tree = number(c)
            for _ in range(abs(k)):
                tree = make_node("mul" if k > 0 else "div", (tree, X)) if tree is not ONE or k < 0 else X
            return tree
    return number(limit) if math.isfinite(limit) else None


def _vanishes_slowly(formula: Formula, order: int, side: float) -> bool:
    return formula.rounded(side * 2.0**300, order) != 0


def _coefficient(formula: Formula, order: int, side: float, k: int) -> float | None:
    """The coefficient c of c x^k, if it is the same at |x| = 2^300 and 2^500; else None."""
    from flint import arb, ctx

    shares = [formula.settle(arb(2) ** n * int(side), order, _accurate) for n in (300, 500)]
    known = [share for share in shares if not isinstance(share, Missing)]
    if len(known) < len(shares):
        return None
    with ctx.workprec(100):
        near, far = (share / (arb(2) ** n * int(side)) ** k for n, share in zip((300, 500), known, strict=True))
    c = float(far.mid())
    return c if c and math.isfinite(c) and c == float(near.mid()) else None


def _accurate(ball: arb) -> Outcome[arb]:
    return ball if ball.rel_accuracy_bits() > 60 else UNDECIDED


def tail(node: Node, normal: Normal, at: float) -> Node | None:
    """The leading term of the function beyond `at`, with its exponentials in `scaled_exp`; None if it has none."""
    leaf = branched(node, normal)
    x = np.array([at])
    while leaf.op == "where":
        condition = evaluate(make_node("where", (leaf.args[0], ONE, ZERO)), x)[0]
        leaf = leaf.args[1] if condition else leaf.args[2]
    leading = normal.form(_leading(leaf, normal, x))
    coefficient, factors = normal.factors(leading)
    exponent: Node | None = None
    rest = dict(factors)
    for base, n in factors.items():
        if base.op == "exp":
            part = make_node("mul", (number(n), base.args[0]))
            exponent = part if exponent is None else make_node("add", (exponent, part))
            del rest[base]
    if exponent is None:
        return None
    return make_node(
        "scaled_exp",
        (
            normal.form(exponent),
            normal.build(normal.constant(coefficient), rest) if rest else normal.constant(coefficient),
        ),
    )


def _leading(node: Node, normal: Normal, x: Array) -> Node:
    """The tree with the leading terms of functions whose arguments at x are very small or very large."""
    if not node.args or not node.depends_on_x:
        return node
    args = tuple(_leading(arg, normal, x) for arg in node.args)
    at = float(evaluate(normal.form(args[0]), x)[0])
    u = args[0]
    small = abs(at) < 1e-17
    match node.op:
        case "tanh" | "log1p" | "expm1" | "sinh" | "atan" | "sin" if small:
            return u
        case "erf" if small:
            return make_node("mul", (number(2 / math.sqrt(math.pi)), u))
        case "exp" | "cosh" if small:
            return ONE
        case "erfc" if at > 5:
            square = make_node("mul", (u, u))
            return make_node("mul", (make_node("exp", (make_node("neg", (square,)),)), make_node("far_erfc", (u,))))
        case "sigmoid" | "softplus" if at < -40:
            return make_node("exp", (u,))
        case "sigmoid" | "tanh" | "erf" if at > 40:
            return ONE
        case "softplus" if at > 40:
            return u
        case "sqrt" if u.op == "exp":
            return make_node("exp", (make_node("div", (u.args[0], number(2))),))
        case "pow" if u.op == "exp" and not args[1].depends_on_x:
            return make_node("exp", (make_node("mul", (u.args[0], args[1])),))
        case "add" | "sub":
            other = float(evaluate(normal.form(args[1]), x)[0])
            if abs(other) < 1e-17 * abs(at):
                return u
            if abs(at) < 1e-17 * abs(other):
                return args[1] if node.op == "add" else make_node("neg", (args[1],))
    return make_node(node.op, args, node.text)
