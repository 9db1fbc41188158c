"""A normal form of formulas: factors of products and terms of sums are collected, and constants are evaluated.

Derivatives by the chain rule are nested products and sums, in which terms and factors that cancel are far apart. The
normal form of x/s*s is x, that of 1 + abs(x) - x*sign(x) is 1, and constants become the nearest float64.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from itertools import combinations

from actcli.formulas import balls
from actcli.formulas.derive import matches, substitute
from actcli.formulas.formula import ball_leaf, play, tape
from actcli.formulas.grammar import COMPARISONS, ONE, ZERO, Node, X, make_node, names_in, parse
from actcli.formulas.languages.kernels import FUNCTIONS, number, value_of

#: The precision of constants in bits; one that agrees with a float64 to half of these bits is taken as that float64.
_BITS = 300

Factors = dict[Node, int]

#: Sums of two terms with infinitely many zeros, and equal forms that do not cancel there.
WAVES = {
    "1 + cos(u)": "2*cos(u/2)**2",
    "1 - cos(u)": "2*sin(u/2)**2",
    "1 + 2*sin(u)*cos(u)": "sin_plus_cos(u)**2",
    "1 - 2*sin(u)*cos(u)": "sin_plus_cos(-u)**2",
    "sin(u) + cos(u)": "sin_plus_cos(u)",
    "sin(u) - cos(u)": "-sin_plus_cos(-u)",
    "cos(u) - sin(u)": "sin_plus_cos(-u)",
    "cos(u)**2 - sin(u)**2": "cos(2*u)",
}
#: f(u) - f(v) by a = u - v, for each function f.
DIFFERENCES = {
    "sigmoid": "expm1(a)*sigmoid(v)*sigmoid(-u)",
    "softplus": "log1p(expm1(a)*sigmoid(v))",
}


@cache
def _waves() -> list[tuple[Node, Node]]:
    return [(parse(pattern, "u"), parse(form, "u", functions=FUNCTIONS)) for pattern, form in WAVES.items()]


class Normal:
    """Normal forms of the trees of one formula, with its parameter values.

    exact: the expression of each constant that was rounded.
    rests: the value of that expression minus the constant, as 1/6 is no float64.
    """

    def __init__(self, parameters: Mapping[str, float]) -> None:
        self.parameters = parameters
        self.exact: dict[Node, Node] = {}
        self.rests: dict[Node, float] = {}
        self.form = cache(self._form)

    def constant(self, node: Node) -> Node:
        """The float64 nearest to an expression without x, as a node."""
        from flint import arb, ctx

        if node.op == "name" and math.isinf(self.parameters.get(node.text, 0.0)):
            return number(self.parameters[node.text])
        node = self._unrounded(node)
        if self.is_free(node):
            return substitute(node, {"pi": number(math.pi)})
        with ctx.workprec(_BITS):
            ball = play(tape(node), lambda text: ball_leaf(text, self.parameters), balls.apply)
            if isinstance(ball, balls.Missing) or not ball.is_finite():
                return node
            if ball.contains(0) and ball.abs_upper() < arb(2) ** (-_BITS // 2):
                return ZERO  # after cancellation, a ball about 0 is left
            nearest = float(ball.mid())
            rest = ball - arb(nearest)
            made = number(nearest)
            if abs(rest) > abs(ball) * arb(2) ** (-_BITS // 2):
                for sign in (1, -1):
                    self.rests[number(sign * nearest)] = sign * float(rest.mid())
                self.exact[made if made.op == "number" else made.args[0]] = (
                    node if made.op == "number" else make_node("neg", (node,))
                )
            return made

    def is_free(self, node: Node) -> bool:
        """Whether an expression contains x or another name without a known value."""
        return bool(names_in(node) - self.parameters.keys() - {"pi"})

    def _unrounded(self, node: Node) -> Node:
        """The tree with the exact expressions in place of rounded constants."""
        if node in self.exact:
            return self.exact[node]
        return make_node(node.op, tuple(map(self._unrounded, node.args)), node.text) if node.args else node

    def _form(self, node: Node) -> Node:
        if not node.depends_on_x and node.op not in COMPARISONS.values():
            return node if value_of(node) is not None else self.constant(node)
        args = tuple(self.form(arg) for arg in node.args)
        match node.op, args:
            case "add" | "sub" | "neg", _:
                return self.sum_of(make_node(node.op, args))
            case "mul" | "div" | "pow", _:
                return self.product_of(make_node(node.op, args))
            case "where", (condition, a, b):
                if a is b:
                    return a
                holds = self.known(condition)
                return make_node("where", args) if holds is None else self.form(a if holds else b)
            case (("abs" | "cosh"), (a,)) if a.op == "neg":
                return self.form(make_node(node.op, a.args))
            case "abs", (a,) if a.op in ("mul", "div"):
                coefficient, factors = self.factors(a)
                size = self.constant(coefficient)
                if len(factors) == 1 and size is not ONE:
                    base, n = next(iter(factors.items()))
                    return self.build(size.args[0] if size.op == "neg" else size, {make_node("abs", (base,)): n})
            case (("tanh" | "sin" | "atan" | "erf" | "sinh"), (a,)) if a.op == "neg":
                return make_node("neg", (make_node(node.op, a.args),))
        return make_node(node.op, args, node.text) if args else node

    def known(self, condition: Node) -> bool | None:
        """Whether a comparison without x holds; None if this is not decided."""
        if self.is_free(condition):
            return None
        from flint import ctx

        with ctx.workprec(_BITS):
            holds = play(tape(condition), lambda text: ball_leaf(text, self.parameters), balls.apply)
        return holds if isinstance(holds, bool) else None

    # products

    def factors(self, node: Node, power: int = 1) -> tuple[Node, Factors]:
        """The coefficient of a product, and its factors with their exponents."""
        if not node.depends_on_x:
            return make_node("pow", (node, number(power))) if power != 1 else node, {}
        match node.op, node.args:
            case "neg", (a,):
                coefficient, factors = self.factors(a, power)
                return (make_node("neg", (coefficient,)) if power % 2 else coefficient), factors
            case "mul" | "div", (a, b):
                one, factors = self.factors(a, power)
                two, more = self.factors(b, power if node.op == "mul" else -power)
                for base, n in more.items():
                    factors[base] = factors.get(base, 0) + n
                return make_node("mul", (one, two)), factors
            case "pow", (a, b) if (whole := value_of(b)) is not None and whole == int(whole) and whole > 0:
                return self.factors(a, int(whole) * power)
            case "sqrt", (a,) if power == 2:
                return self.factors(a, 1)
        return ONE, {node: power}

    def product_of(self, node: Node) -> Node:
        coefficient, factors = self.factors(node)
        return self.build(self.constant(coefficient), factors)

    def build(self, coefficient: Node, factors: Factors) -> Node:
        """The product as a tree: the coefficient, then the factors that multiply it, then those that divide it."""
        if value_of(coefficient) == 0:
            return ZERO
        factors = {base: n for base, n in _merged(factors).items() if n}
        up = [base if n == 1 else make_node("pow", (base, number(n))) for base, n in factors.items() if n > 0]
        down = [base for base, n in factors.items() for _ in range(-n)]
        negative = coefficient.op == "neg"
        size = coefficient.args[0] if negative else coefficient
        if size is not ONE or not up:
            inverse = self.constant(make_node("div", (ONE, size)))
            if up and inverse.text.isdigit() and inverse not in self.rests:
                down.insert(0, inverse)
            else:
                up.insert(0, size)
        tree = up[0]
        for base in up[1:]:
            tree = make_node("mul", (tree, base))
        for base in down:
            tree = make_node("div", (tree, base))
        return make_node("neg", (tree,)) if negative else tree

    # sums

    def terms(self, node: Node, sign: int = 1) -> list[tuple[Node, Factors]]:
        """The terms of a sum, each as a coefficient and factors."""
        match node.op, node.args:
            case "add" | "sub", (a, b):
                return self.terms(a, sign) + self.terms(b, sign if node.op == "add" else -sign)
            case "neg", (a,) if a.op in ("add", "sub", "neg"):
                return self.terms(a, -sign)
        coefficient, factors = self.factors(node)
        if len(factors) == 1 and (one := next(iter(factors))).op in ("add", "sub") and factors[one] == 1:
            scale = coefficient if sign > 0 else make_node("neg", (coefficient,))
            return [(make_node("mul", (scale, c)), f) for c, f in self.terms(one)]
        return [(coefficient if sign > 0 else make_node("neg", (coefficient,)), _merged(factors))]

    def sum_of(self, node: Node) -> Node:
        collected: dict[frozenset[tuple[Node, int]], tuple[Node, Factors]] = {}
        for coefficient, factors in self.terms(node):
            key = frozenset((base, n) for base, n in factors.items() if n)
            if key in collected:
                coefficient = make_node("add", (collected[key][0], coefficient))
            collected[key] = (self.constant(coefficient), factors)
        terms = [(c, f) for c, f in collected.values() if value_of(c) != 0]
        if any(base.op in ("add", "sub") for _, f in terms for base in f) and (shorter := self.expanded(node)):
            terms = shorter
        if not terms:
            return ZERO
        if len(terms) == 1:
            return self.build(*terms[0])
        return self.common(terms) or self.wave(terms) or self.difference(terms) or self.scaled(terms)

    def expanded(self, node: Node) -> list[tuple[Node, Factors]] | None:
        """The terms of an expanded polynomial in x, if powers of x cancel in it; else None."""
        found = _polynomial(node)
        if found is None:
            return None
        constants = {n: self.constant(c) for n, c in found.items()}
        kept = [(c, {X: n} if n else {}) for n, c in sorted(constants.items()) if value_of(c) != 0]
        return kept if 0 < len(kept) < len(constants) else None

    def wave(self, terms: list[tuple[Node, Factors]]) -> Node | None:
        """The sum with two terms combined into one wave, which has the zeros of a sine or cosine; else None."""
        for i, j in combinations(range(len(terms)), 2):
            (one, first), (two, second) = terms[i], terms[j]
            ratio = value_of(self.constant(make_node("div", (two, one))))
            if ratio is None:
                continue
            two_terms = self.plain_sum([(ONE, first), (number(ratio), second)])
            for pattern, form in _waves():
                found: dict[str, Node] = {}
                if matches(pattern, two_terms, found):
                    made = make_node("mul", (one, substitute(form, found)))
                    rest = [term for k, term in enumerate(terms) if k not in (i, j)]
                    return self.form(make_node("add", (self.plain_sum(rest), made)) if rest else made)
        return None

    def difference(self, terms: list[tuple[Node, Factors]]) -> Node | None:
        """A difference of two sigmoids or softplus, u - v being constant, in a form that does not cancel; else None."""
        if len(terms) != 2:
            return None
        (one, first), (two, second) = terms
        (u, n), (v, m) = next(iter(first.items()), (X, 0)), next(iter(second.items()), (X, 0))
        opposite = value_of(self.constant(make_node("add", (one, two)))) == 0
        if not (len(first) == len(second) == n == m == 1 and opposite and u.op == v.op and u.op in DIFFERENCES):
            return None
        apart = self.form(make_node("sub", (u.args[0], v.args[0])))
        if apart.depends_on_x:
            return None
        known = {"u": u.args[0], "v": v.args[0], "a": apart}
        return self.form(make_node("mul", (one, substitute(parse(DIFFERENCES[u.op], "uva"), known))))

    def scaled(self, terms: list[tuple[Node, Factors]]) -> Node:
        """The sum with the coefficient of its first term in x factored out, if this makes the others short numbers."""
        first = next(c for c, f in terms if f)
        if first.op != "neg" and value_of(first) != 1:
            inner = [(self.constant(make_node("div", (c, first))), f) for c, f in terms]
            if all(_is_short(c) and c not in self.rests for c, _ in inner) and not all(_is_short(c) for c, _ in terms):
                return self.build(first, {self.plain_sum(inner): 1})
        return self.plain_sum(terms)

    def plain_sum(self, terms: list[tuple[Node, Factors]]) -> Node:
        trees = [self.build(*term) for term in terms]
        first = next((i for i, tree in enumerate(trees) if tree.op != "neg"), 0)
        tree = trees.pop(first)
        for one in trees:
            tree = make_node("sub", (tree, one.args[0])) if one.op == "neg" else make_node("add", (tree, one))
        return tree

    def common(self, terms: list[tuple[Node, Factors]]) -> Node | None:
        """The sum with common factors of its terms factored out, denominators only if terms vanish; else None."""
        bases = dict.fromkeys(base for _, factors in terms for base in factors)
        for takes_denominators in (False, True):
            shared = {base: min(factors.get(base, 0) for _, factors in terms) for base in bases}
            shared = {base: n for base, n in shared.items() if n > 0 or (takes_denominators and n < 0)}
            if not shared:
                continue
            inner = self.plain_sum(
                [(c, {b: f.get(b, 0) - shared.get(b, 0) for b in {**f, **shared}}) for c, f in terms]
            )
            summed = self.form(inner)
            if not takes_denominators or len(self.terms(summed)) < len(self.terms(inner)):
                coefficient, factors = self.factors(summed) if summed.op not in ("add", "sub") else (ONE, {summed: 1})
                for base, n in shared.items():
                    factors[base] = factors.get(base, 0) + n
                return self.build(self.constant(coefficient), factors)
        return None


def _is_short(node: Node) -> bool:
    value = value_of(node)
    return value is not None and value == int(value) and abs(value) < 1000


def _polynomial(node: Node) -> dict[int, Node] | None:
    """The coefficients of a polynomial in x by their powers; None for other expressions, and for high degrees."""
    if not node.depends_on_x:
        return {0: node}
    if node is X:
        return {1: ONE}
    power = value_of(node.args[1]) if node.op == "pow" else None
    parts = [_polynomial(arg) for arg in node.args[: 1 if node.op == "pow" else None]]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    match node.op, known:
        case "neg", [a]:
            return {n: make_node("neg", (c,)) for n, c in a.items()}
        case (("add" | "sub"), [a, b]):
            other = b if node.op == "add" else {n: make_node("neg", (c,)) for n, c in b.items()}
            return {n: make_node("add", (a.get(n, ZERO), other.get(n, ZERO))) for n in {**a, **other}}
        case "div", [a, b] if list(b) == [0]:
            return {n: make_node("div", (c, b[0])) for n, c in a.items()}
        case "mul", [a, b]:
            return _product(a, b)
        case "pow", [a] if power in (2, 3, 4):
            made: dict[int, Node] | None = a
            for _ in range(int(power or 0) - 1):
                made = None if made is None else _product(made, a)
            return made
    return None


def _product(a: dict[int, Node], b: dict[int, Node]) -> dict[int, Node] | None:
    """The product of two polynomials; None for a degree above 12."""
    made: dict[int, Node] = {}
    for n, c in a.items():
        for m, d in b.items():
            made[n + m] = make_node("add", (made.get(n + m, ZERO), make_node("mul", (c, d))))
    return made if max(made) <= 12 else None


def _is_one_less(node: Node) -> bool:
    return node.op == "sub" and node.args[1] is ONE


def _merged(factors: Factors) -> Factors:
    """The factors with abs(u) for u*sign(u), tanh(u) for sinh(u)/cosh(u), u**a for u*u**(a - 1), u for sqrt(u)**2."""
    merged = dict(factors)
    for base, n in factors.items():
        argument = base.args[0] if base.args else base
        if base.op == "sign" and n == 1 and merged.get(argument, 0) > 0:
            merged[argument] -= 1
            del merged[base]
            size = make_node("abs", (argument,))
            merged[size] = merged.get(size, 0) + 1
        elif base.op == "sinh" and n == 1 and merged.get(make_node("cosh", (argument,)), 0) < 0:
            merged[make_node("cosh", (argument,))] += 1
            del merged[base]
            ratio = make_node("tanh", (argument,))
            merged[ratio] = merged.get(ratio, 0) + 1
        elif base.op == "pow" and n == 1 and merged.get(argument, 0) > 0 and _is_one_less(base.args[1]):
            merged[argument] -= 1
            del merged[base]
            power = make_node("pow", (argument, base.args[1].args[0]))
            merged[power] = merged.get(power, 0) + 1
        elif base.op == "sqrt" and n == 2:
            del merged[base]
            merged[argument] = merged.get(argument, 0) + 1
    return {base: n for base, n in merged.items() if n}
