"""Functions as formulas that lose no digits anywhere: written once in the grammar, translated into every language.

If a language lacks such a function, or has it at less precision only, the generated code defines the function itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from actcli.formulas.derive import substitute
from actcli.formulas.grammar import ARITY, Node, make_node, parse

if TYPE_CHECKING:
    from flint import arb

#: The functions that the tree of erfc uses, those of the grammar and three kernels.
_ERFC = ARITY | {"erfc_tail": 4, "product_rest": 3, "erf_series": 1}


@dataclass(frozen=True)
class Kernel:
    """A function of the neutral form, which is the grammar extended by kernels.

    parameters: the names of its parameters.
    text: its formula, or a function that builds its tree.
    reason: what it computes and why in this form, a comment in the generated code.
    slope: the formula of its derivative, if one is needed.
    """

    parameters: tuple[str, ...]
    text: str | Callable[[], Node]
    reason: str
    slope: str = ""

    @property
    def root(self) -> Node:
        """The tree of the function."""
        return _parsed(self.parameters, self.text) if isinstance(self.text, str) else self.text()


def horner(coefficients: list[float], name: str) -> str:
    """The text of a polynomial in Horner's form, from coefficients that begin with the constant.

    >>> horner([1.0, 2.0, 3.0], "t")
    '1.0 + t*(2.0 + t*(3.0))'
    """
    text = repr(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        text = f"{c!r} + {name}*({text})"
    return text


def _tree(text: str, **known: Node) -> Node:
    """The tree of a formula in the parameters of a kernel and in letters that stand for known trees."""
    names = {name: make_node("name", text=name) for name in "uvny"}
    return substitute(parse(text, names | known, functions=FUNCTIONS), names | known)


@cache
def _exp_rest() -> Node:
    """exp(u) - y for y near exp(u): (1 + m)^256 - y by eight squarings, for expm1(u/256) as a pair m + low."""
    s = _tree("u/256")
    square = _tree("s*s", s=s)
    cube = _tree("s*q*(1/6 + s*(1/24 + s*(1/120 + s*(1/720 + s*(1/5040 + s*(1/40320 + s/362880))))))", s=s, q=square)
    beyond = _tree("q/2 + c", q=square, c=cube)
    m = _tree("s + t", s=s, t=beyond)
    low = _tree(
        "product_rest(s, s, q)/2 + sum_rest(q/2, c, t) + sum_rest(s, t, m)", s=s, q=square, c=cube, t=beyond, m=m
    )
    for _ in range(8):
        square, twice = _tree("m*m", m=m), _tree("2*m", m=m)
        sum_ = _tree("a + b", a=twice, b=square)
        low = _tree(
            "2*low*(1 + m) + product_rest(m, m, q) + sum_rest(a, q, s)", low=low, m=m, q=square, a=twice, s=sum_
        )
        m = sum_
    return _tree("where(abs(u - 4) < 3.5, ((m - y) + 1) + low, 0)", m=m, low=low)


#: pi/2 as a sum of three float64; the first two have few bits, and their products with integers are exact.
_QUARTER = ("1.5707963267341256", "6.077100506303966e-11", "2.0222662487959506e-21")


@cache
def _turned_rest() -> Node:
    """The tree of turned_rest, from the sine of r + l, which is u + v minus quarter turns, by its series in pairs."""
    turns = _tree("floor(0.6366197723675814*u + 0.5)")
    r, low = _tree("off(u, m)", m=turns), _tree("off_rest(u, m) + v", m=turns)
    z = _tree("r*r", r=r)
    z_low = _tree("product_rest(r, r, z) + 2*r*l", r=r, z=z, l=low)

    def times_square(p: Node, p_low: Node | None) -> tuple[Node, Node]:
        t = _tree("z*p", z=z, p=p)
        known = {"z": z, "p": p, "t": t, "l": z_low}
        if p_low is None:
            return t, _tree("product_rest(z, p, t) + l*p", **known)
        return t, _tree("product_rest(z, p, t) + (z*q + l*p)", q=p_low, **known)

    # From the eighth term on, a plain float64 is enough. Constants stand last in sums: XLA simplifies (2 + u) - 2 to u.
    terms = [Fraction((-1) ** k, math.factorial(2 * k + 1)) for k in range(1, 13)]
    p = _tree(horner([float(term) for term in terms[7:]], "z"), z=z)
    p_low: Node | None = None
    for term in reversed(terms[:7]):
        t, t_low = times_square(p, p_low)
        c = number(float(term))
        p = _tree("c + t", c=c, t=t)
        c_low = number(float(term - Fraction(float(term))))
        p_low = _tree("sum_rest(t, c, p) + (q + d)", c=c, t=t, p=p, q=t_low, d=c_low)
    q, q_low = times_square(p, p_low)
    t = _tree("r*q", r=r, q=q)
    t_low = _tree("product_rest(r, q, t) + (r*d + l*q)", r=r, q=q, t=t, d=q_low, l=low)
    s = _tree("r + t", r=r, t=t)
    s_low = _tree("sum_rest(r, t, s) + (d + l)", r=r, t=t, s=s, d=t_low, l=low)
    k = _tree("m + n", m=turns)
    sign = _tree("where(k - 4*floor(k/4) < 2, 1, -1)", k=k)
    w = _tree("g*y", g=sign)
    sine = _tree("(s - w) + l", s=s, w=w, l=s_low)
    squares = "((1 - w*w - s*s) - product_rest(w, w, w*w) - (product_rest(s, s, s*s) + 2*s*l))/(2*w)"
    cosine = _tree(squares, s=s, w=w, l=s_low)
    whole = "where(abs(u) < 1e6, g*where(k - 2*floor(k/2) == 0, a, b), 0)"
    return _tree(whole, g=sign, k=k, a=sine, b=cosine)


def interpolated(function: Callable[[arb], arb], low: float, high: float, count: int) -> list[float]:
    """The coefficients of the polynomial that interpolates a function at Chebyshev points between low and high."""
    from flint import arb, arb_poly, ctx

    with ctx.workprec(400):
        points = [
            (low + high) / 2 + (high - low) / 2 * arb(math.cos(math.pi * (k + 0.5) / count)) for k in range(count)
        ]
        polynomial = arb_poly.interpolate(points, [function(p) for p in points])
        return [float(polynomial[k].mid()) for k in range(count)]


@cache
def _erf_series() -> Node:
    """The tree of erf for |u| <= 1: u times a polynomial in u^2."""
    series = interpolated(lambda z: z.sqrt().erf() / z.sqrt(), 0.0, 1.0, 13)
    return _parsed(("u",), f"u*({horner(series, 'u*u')})")


@cache
def _erfc() -> Node:
    """The tree of erfc: exp(-a^2) P(t)/(1 + 2a) for a = |u| and t = (a - 4)/(a + 4), which maps 0..inf to -1..1."""

    def scaled(t: arb) -> arb:
        a = 4 * (1 + t) / (1 - t)
        return (1 + 2 * a) * (a * a).exp() * a.erfc()

    polynomial = horner(interpolated(scaled, -1.0, 1.0, 24), "((a - 4)/(a + 4))")
    tail = parse(f"erfc_tail(a, a*a, product_rest(a, a, a*a), {polynomial})", ("a",), functions=_ERFC)
    size = parse("where(abs(u) < 40, abs(u), 40)", ("u",))
    known = {"u": make_node("name", text="u"), "t": substitute(tail, {"a": size})}
    whole = parse(
        "where(abs(u) < 0.5, 1 - erf_series(u), where(u < 0, 2 - t, where(u >= 0, t, u)))", ("u", "t"), functions=_ERFC
    )
    return substitute(whole, known)


#: The coefficients of the asymptotic series of erfc: (-1)^k (2k - 1)!!/2^k.
_FAR_ERFC = [math.prod(-(2 * i - 1) / 2 for i in range(1, k + 1)) for k in range(9)]

KERNELS = {
    "sigmoid": Kernel(
        ("u",),
        "where(u >= 0, 1, exp(-abs(u)))/(1 + exp(-abs(u)))",
        "1/(1 + exp(-u)) without overflow",
        "sigmoid_slope(u)",
    ),
    "sigmoid_slope": Kernel(
        ("u",),
        "exp(-abs(u))/(1 + exp(-abs(u))*(2 + exp(-abs(u))))",
        "sigmoid(u)*sigmoid(-u); s*(1 - s) would lose the right tail",
        "-tanh(u/2)*sigmoid_slope(u)",
    ),
    "softplus": Kernel(
        ("u",),
        "where(u <= 0, 0, u) + log1p(exp(-abs(u)))",
        "log(1 + exp(u)) without overflow",
        "sigmoid(u)",
    ),
    "tanh": Kernel(
        ("u",),
        "where(u == 0, u, where(u < 0, 1, -1)*(expm1(-2*abs(u))/(2 + expm1(-2*abs(u)))))",
        "tanh(u) by expm1, where that of the library is further off",
    ),
    "tanh_slope": Kernel(
        ("u",),
        "4*exp(-2*abs(u))/(1 + exp(-2*abs(u))*(2 + exp(-2*abs(u))))",
        "1/cosh(u)^2; 1 - tanh(u)^2 is 0 from |u| = 19",
        "-2*tanh(u)*tanh_slope(u)",
    ),
    "log_cosh": Kernel(
        ("u",),
        "where(abs(u) < 300, log1p(2*sinh(u/2)*sinh(u/2)), abs(u) - 0.6931471805599453)",
        "log(cosh(u)) without overflow or cancellation",
        "tanh(u)",
    ),
    "mish_gate": Kernel(
        ("u",),
        "where(u < 0, exp(-abs(u))*(2 + exp(-abs(u))), 1 + 2*exp(-abs(u)))"
        "/where(u < 0, 2 + exp(-abs(u))*(2 + exp(-abs(u))), 1 + 2*exp(-abs(u))*(1 + exp(-abs(u))))",
        "tanh(softplus(u)) by exp(-|u|) alone, which does not overflow",
        "mish_gate_slope(u)",
    ),
    "mish_gate_slope": Kernel(
        ("u",),
        "where(u < 0, 4*exp(-abs(u))*(1 + exp(-abs(u)))"
        "/(2 + exp(-abs(u))*(2 + exp(-abs(u))))/(2 + exp(-abs(u))*(2 + exp(-abs(u)))), "
        "4*exp(-abs(u))*exp(-abs(u))*(1 + exp(-abs(u)))"
        "/(1 + 2*exp(-abs(u))*(1 + exp(-abs(u))))/(1 + 2*exp(-abs(u))*(1 + exp(-abs(u)))))",
        "the slope of tanh(softplus(u)) over the squares of the same denominators",
    ),
    "turn": Kernel(
        ("u",),
        "where(abs(u) < 9007199254740992, u - 4*((u/4 + 6755399441055744) - 6755399441055744), 0)",
        "u less the nearest multiple of 4, exactly",
    ),
    "half_turn": Kernel(
        ("r",),
        "where(r > 1, r - 2, where(r < -1, r + 2, r))",
        "a number of -2..2 less the nearest multiple of 2, exactly",
    ),
    "sin_half": Kernel(
        ("s",),
        "sin(3.141592653589793*s) + cos(3.141592653589793*s)"
        "*(product_rest(3.141592653589793, s, 3.141592653589793*s) + 1.2246467991473532e-16*s)",
        "sin(pi*s) for s in -1/2..1/2, with what rounding takes from pi*s",
    ),
    "sin_quarter": Kernel(
        ("r",),
        "sin_half(where(r > 0.5, 1 - r, where(r < -0.5, -1 - r, r)))",
        "sin(pi*r) for r in -1..1",
    ),
    "sin_pi": Kernel(
        ("u",),
        "where(u < 0, -sin_quarter(half_turn(turn(-u))), sin_quarter(half_turn(turn(u))))",
        "sin(pi*u), exact in u",
        "3.141592653589793*cos_pi(u)",
    ),
    "cos_pi": Kernel(
        ("u",),
        "sin_half(0.5 - abs(half_turn(turn(u))))",
        "cos(pi*u), exact in u",
        "-3.141592653589793*sin_pi(u)",
    ),
    "sin_plus_cos": Kernel(
        ("u",),
        "where(where(abs(u) < 8e307, sin(u)*cos(u), 0) < 0, cos(2*u)/(cos(u) - sin(u)), sin(u) + cos(u))",
        "sin(u) + cos(u), as a quotient where they cancel",
        "sin_plus_cos(-u)",
    ),
    "off": Kernel(
        ("u", "n"),
        f"(u - {_QUARTER[0]}*n) - {_QUARTER[1]}*n",
        "u - n*pi/2, exact but for the rest below",
    ),
    "off_rest": Kernel(
        ("u", "n"),
        f"sum_rest(u - {_QUARTER[0]}*n, -{_QUARTER[1]}*n, off(u, n)) - {_QUARTER[2]}*n",
        "what u - n*pi/2 lacks to be exact",
    ),
    "turned_rest": Kernel(
        ("u", "v", "n", "y"),
        _turned_rest,
        "sin(u + v + n*pi/2) - y for y next to that sine, a small v and a whole n",
    ),
    "root": Kernel(
        ("u", "v"),
        "where(abs(u) < 1e150, sqrt(u*u + v), abs(u))",
        "sqrt(u^2 + v) without overflow",
    ),
    "rising_root": Kernel(
        ("u", "v"),
        "where(u < 0, v/(root(u, v) - u), u + root(u, v))",
        "u + sqrt(u^2 + v) without cancellation",
    ),
    "erf_series": Kernel(("u",), _erf_series, "the error function by its series, up to 1"),
    "erf": Kernel(
        ("u",),
        "where(abs(u) < 1, erf_series(u), where(u < 0, erfc(-u) - 1, 1 - erfc(u)))",
        "the error function, without the cancellation of 1 - erfc(u)",
    ),
    "erfc": Kernel(
        ("u",),
        _erfc,
        "the complementary error function: exp(-u^2), with the rounding error of u^2 put back, times a polynomial",
    ),
    "erfc_tail": Kernel(
        ("a", "q", "r", "p"),
        "where(a < 26, exp(-q)*(1 - r)*p/(1 + 2*a), exp(-q/2)*p/(1 + 2*a)*exp(-q/2)*(1 - r))",
        "exp(-(q + r)) p/(1 + 2a), by halves where the exponential is subnormal",
    ),
    "far_erfc": Kernel(
        ("u",),
        f"0.5641895835477563/u*({horner(_FAR_ERFC, '1/(u*u)')})",
        "erfc(u)*exp(u*u) by its asymptotic series, for u > 20",
    ),
    "scaled_exp": Kernel(
        ("u", "a"),
        "where(abs(u) < 700, a*exp(u), a*exp(u/2)*exp(u/2))",
        "a*exp(u), by halves where exp(u) would overflow or lose digits as a subnormal",
        "scaled_exp(u, a)",
    ),
    "exp_rest": Kernel(
        ("u", "y"),
        _exp_rest,
        "exp(u) - y, what rounding took from y = exp(u), where exp(u) is an exponent itself",
    ),
    "head": Kernel(
        ("a",),
        "134217729*a - (134217729*a - a)",
        "a rounded to 26 bits, so that products of heads are exact",
    ),
    "product_rest": Kernel(
        ("a", "b", "p"),
        "where(abs(p) < 1e290, ((head(a)*head(b) - p) + head(a)*(b - head(b)) + (a - head(a))*head(b)) "
        "+ (a - head(a))*(b - head(b)), 0)",
        "a*b - p exactly, what rounding took from the product p",
    ),
    "quotient_rest": Kernel(
        ("a", "b", "q"),
        "((a - q*b) - product_rest(q, b, q*b))/b",
        "a/b - q, what rounding took from the quotient q",
    ),
    "weight": Kernel(
        ("x", "m"),
        "where(m == x, 1, exp(x - m) + exp(x - m)*sum_rest(x, -m, x - m))",
        "exp(x - m), with what rounding takes from x - m put back; 1 for a largest entry, infinite or not",
    ),
    "below": Kernel(
        ("x", "m", "s"),
        "where(m == x, -s, (x - m) - (s - sum_rest(x, -m, x - m)))",
        "x - m - s, with what rounding takes from x - m put back",
    ),
    "sum_rest": Kernel(
        ("a", "b", "s"),
        "where(s - s == 0, (a - (s - (s - a))) + (b - (s - a)), 0)",
        "a + b - s exactly, what rounding took from the sum s",
    ),
}

#: The kernels that differ in languages with a fused multiply-add, which rounds only once.
FUSED = {
    "product_rest": Kernel(
        ("a", "b", "p"),
        "where(abs(p) < 1e290, fma(a, b, -p), 0)",
        "a*b - p exactly, what rounding took from the product p",
    )
}


@cache
def _atan() -> Node:
    """The tree of atan: 2 atan(t) for t = r/(1 + sqrt(1 + r^2)) and r = |u| or 1/|u|, by a polynomial in t^2."""
    series = interpolated(lambda z: z.sqrt().atan() / z.sqrt(), 0.0, 0.18, 15)
    half = "(where(abs(u) > 1, 1/abs(u), abs(u))/(1 + sqrt(1 + where(abs(u) > 1, 1/abs(u), abs(u))**2)))"
    polynomial = horner(series, "(t*t)")
    parts = {"t": parse(half, "u")}
    parts["p"] = substitute(parse(f"2*t*({polynomial})", "t"), parts)
    size = "where(abs(u) > 1, 1.5707963267948966 - p, p)"
    return substitute(parse(f"where(u < 0, -{size}, {size})", "up"), parts)


@cache
def _expm1() -> Node:
    """The tree of expm1: for |u| < 1, u plus u^2 times a polynomial."""
    series = interpolated(lambda z: (z.expm1() - z) / (z * z), -1.0, 1.0, 16)
    near = f"u + u*u*({horner(series, 'u')})"
    return _parsed(("u",), f"where(u == 0, u, where(abs(u) < 1, {near}, exp(u) - 1))")


@cache
def _log1p() -> Node:
    """The tree of log1p: from -1/2 to 1, 2 atanh(s) for s = u/(2 + u), by a polynomial in s^2."""
    series = interpolated(lambda z: (2 * z.sqrt().atanh() - 2 * z.sqrt()) / (z * z.sqrt()), 0.0, 0.112, 12)
    s = "(u/(2 + u))"
    near = f"2*{s} + {s}*({s}*{s})*({horner(series, f'({s}*{s})')})"
    return _parsed(("u",), f"where(abs(u - 0.25) < 0.75, {near}, log(1 + u))")


#: Functions of most libraries, as kernels for languages whose library lacks them or has errors of many ulp.
LIBRARY = {
    "expm1": Kernel(("u",), _expm1, "exp(u) - 1 without cancellation"),
    "log1p": Kernel(("u",), _log1p, "log(1 + u) without what rounding takes from 1 + u"),
    "sinh": Kernel(
        ("u",),
        "where(u < 0, -1, 1)*(expm1(abs(u))/2 + expm1(abs(u))/(1 + expm1(abs(u)))/2)",
        "sinh(u) without cancellation",
    ),
    "cosh": Kernel(("u",), "exp(abs(u))/2 + exp(-abs(u))/2", "cosh(u)"),
    "atan": Kernel(("u",), _atan, "atan(u) by a polynomial"),
}

#: The functions of the neutral form and their numbers of arguments.
FUNCTIONS = ARITY | {"fma": 3} | {name: len(kernel.parameters) for name, kernel in KERNELS.items()}


def number(value: float) -> Node:
    """The node of a float64; integers have no decimal point in it, so that 2 and 2.0 share a node."""
    size = abs(value)
    text = str(int(size)) if size < 1e15 and size == int(size) else repr(size)
    made = make_node("number", text=text)
    return make_node("neg", (made,)) if math.copysign(1.0, value) < 0 else made


def value_of(node: Node) -> float | None:
    """The float64 of a node that `number` made; None for other nodes."""
    if node.op == "number":
        return float(node.text)
    return -float(node.args[0].text) if node.op == "neg" and node.args[0].op == "number" else None


@cache
def _parsed(parameters: tuple[str, ...], text: str) -> Node:
    return parse(text, parameters, functions=FUNCTIONS)


def walk(node: Node) -> Iterator[Node]:
    """Every node of a tree, arguments before operations, and each shared node only once."""
    seen: set[Node] = set()

    def visit(node: Node) -> Iterator[Node]:
        if node not in seen:
            seen.add(node)
            for arg in node.args:
                yield from visit(arg)
            yield node

    return visit(node)
