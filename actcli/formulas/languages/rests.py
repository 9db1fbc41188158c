"""Arguments in twice the precision for functions that amplify the rounding errors of their arguments.

exp multiplies the error of its argument, in ulp, by the argument: exp(-x^2/2) at 38 would be off by hundreds of ulp.
Therefore such an argument is computed as a pair high + rest, and f(high + rest) as f(high) + f'(high) rest.

A sum of waves with infinitely many zeros would need infinitely many series. Instead, the whole sum is computed as a
pair, with the rests of its sines and cosines.
"""

from __future__ import annotations

import math

from actcli.formulas.derive import substitute
from actcli.formulas.grammar import ZERO, Node, X, make_node, parse
from actcli.formulas.languages.kernels import FUNCTIONS, KERNELS, number, value_of, walk
from actcli.formulas.languages.normal import Normal

#: The functions that amplify errors of their argument, and their slopes.
SLOPES = {
    "exp": "exp(u)",
    "sinh": "cosh(u)",
    "cosh": "sinh(u)",
    "sin": "cos(u)",
    "cos": "-sin(u)",
    "erfc": "-1.1283791670955126*exp(-u*u)",
    **{name: kernel.slope for name, kernel in KERNELS.items() if kernel.slope},
}

#: pi minus the float64 nearest to it.
_PI_REST = 1.2246467991473532e-16

Pair = tuple[Node, Node | None]


#: The functions whose rest may be a large angle for large x, where f(high) + f'(high) rest is not enough.
_TURNING = ("sin", "cos", "sin_plus_cos")

#: The waves, and their phase shift against a sine in quarter turns.
_WAVES = {"sin": 0, "cos": 1, "sin_pi": 0, "cos_pi": 1}


def with_rests(node: Node, normal: Normal, *, sums: bool = False) -> Node:
    """The tree with pairs for the arguments of the functions above, and with `sums` for sums of waves too."""
    return _Rests(normal, sums=sums).plain(node)


def _make(op: str, *args: Node) -> Node:
    """The operation, with minus signs of factors moved before it and those of terms merged into it."""
    last, turned = _without_sign(args[-1])
    if op == "neg":
        return last if turned else make_node("neg", args)
    first, also = _without_sign(args[0])
    if op in ("mul", "div") and (turned or also):
        made = make_node(op, (first, last))
        return made if turned and also else make_node("neg", (made,))
    if op in ("add", "sub") and turned:
        return make_node("sub" if op == "add" else "add", (args[0], last))
    if op == "add" and also:
        return make_node("sub", (last, first))
    return make_node(op, args)


def _without_sign(node: Node) -> tuple[Node, bool]:
    """The node without a minus sign of its first factor, and whether it has one."""
    if node.op == "neg":
        return node.args[0], True
    if node.op in ("mul", "div"):
        first, turned = _without_sign(node.args[0])
        return make_node(node.op, (first, *node.args[1:])), turned
    return node, False


def _sum(a: Node | None, b: Node | None, op: str = "add") -> Node | None:
    """The sum or difference of two rests, of which None stands for 0."""
    if a and b:
        return _make(op, a, b)
    return a or (b if b is None or op == "add" else _make("neg", b))


def _or_zero(rest: Node | None) -> Node:
    return ZERO if rest is None else rest


def _times(a: Node, b: Node | None) -> Node | None:
    return None if b is None else b if a is number(1) else _make("mul", a, b)


def _is_power_of_two(node: Node) -> bool:
    value = value_of(node)
    return value is not None and value != 0 and math.frexp(abs(value))[0] == 0.5


class _Rests:
    def __init__(self, normal: Normal, *, sums: bool) -> None:
        self.normal = normal
        self.sums = sums

    def plain(self, node: Node) -> Node:
        """The tree of the value rounded to a single float64."""
        if not node.args or not node.depends_on_x:
            return node
        if self.sums and node.op in ("add", "sub") and any(part.op in _WAVES for part in walk(node)):
            return _make("add", *map(_or_zero, self.pair(node)))
        if node.op not in SLOPES:
            return make_node(node.op, tuple(map(self.plain, node.args)), node.text)
        high, rest = self.pair(node.args[0])
        others = tuple(map(self.plain, node.args[1:]))
        value = make_node(node.op, (high, *others))
        if rest is None:
            return value
        if node.op == "exp":
            return _make("add", value, _make("mul", value, rest))
        if node.op == "scaled_exp":
            return make_node(node.op, (high, _make("add", others[0], _make("mul", others[0], rest))))
        slope = substitute(parse(SLOPES[node.op], ("u",), functions=FUNCTIONS), {"u": high})
        if node.op in _TURNING:
            value, rest = _make("mul", value, _make("cos", rest)), _make("sin", rest)
        return _make("add", value, _make("mul", slope, rest))

    def pair(self, node: Node) -> Pair:
        """The tree of the float64 and the tree of its rest, None for 0."""
        if not node.depends_on_x:
            lacking = self.normal.rests.get(node)
            return node, None if lacking is None else number(lacking)
        if node is X:
            return node, None
        if node.op == "neg":
            high, rest = self.pair(node.args[0])
            return _make("neg", high), None if rest is None else _make("neg", rest)
        if node.op in ("add", "sub", "mul", "div"):
            (a, a_rest), (b, b_rest) = map(self.pair, node.args)
            high = _make(node.op, a, b)
            match node.op:
                case "add" | "sub":
                    other = b if node.op == "add" else _make("neg", b)
                    # A constant stands last: XLA simplifies (2 + u) - 2 to u.
                    terms = (other, a) if value_of(a) is not None else (a, other)
                    rest = _sum(_make("sum_rest", *terms, high), _sum(a_rest, b_rest, node.op))
                case "mul":
                    exact = _is_power_of_two(a) or _is_power_of_two(b)
                    rest = _sum(_times(a, b_rest), _times(b, a_rest))
                    rest = rest if exact else _sum(_make("product_rest", a, b, high), rest)
                case _:
                    rest = _sum(a_rest, _times(high, b_rest), "sub")
                    rest = None if rest is None else _make("div", rest, b)
                    rest = rest if _is_power_of_two(b) else _sum(_make("quotient_rest", a, b, high), rest)
            return high, rest
        if node.op == "exp":
            u, rest = self.pair(node.args[0])
            high = _make("exp", u)
            return high, _sum(_make("exp_rest", u, high), _times(high, rest))
        if self.sums and node.op in _WAVES:
            return self.wave(node)
        return self.plain(node), None

    def wave(self, node: Node) -> Pair:
        """A sine or cosine as `pair` returns it."""
        if node.op in ("sin", "cos"):
            angle, rest = self.pair(node.args[0])
        else:
            turns = _make("half_turn", _make("turn", self.plain(node.args[0])))
            angle = _make("mul", number(math.pi), turns)
            lacking = _make("product_rest", number(math.pi), turns, angle)
            rest = _make("add", lacking, _make("mul", number(_PI_REST), turns))
        high = self.plain(node)
        return high, _make("turned_rest", angle, _or_zero(rest), number(_WAVES[node.op]), high)
