"""A formula's text as tokens, with each sign or name in one spelling.

np.exp is exp, x² is x**2, e⁻ˣ is e**(-x), − is -, · and × are *, ≤ is <=, π is pi; `lambda z:`, `f(z) =` and
`y =` before a formula give only the name of its variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

#: Modules that may precede a function, as in code: np.exp(x), torch.nn.functional.relu(x).
_MODULES = {
    *("np", "numpy", "math", "scipy", "special", "torch", "nn", "functional", "F", "jax", "jnp", "lax", "tf"),
    *("tensorflow", "keras", "ops", "activations", "K", "mx", "paddle", "tinygrad", "Tensor"),
}
_TYPED = {
    **dict.fromkeys("·⋅×∗", "*"),
    **dict.fromkeys("÷∕", "/"),
    **dict(zip("−≤≥≠πσ", ("-", "<=", ">=", "!=", "pi", "sigmoid"), strict=True)),
}
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ˣᶻ"
_LOWERED = str.maketrans(_RAISED, "0123456789-+xz")

_LETTER = rf"[^\W{_RAISED}]"
_NAME = rf"(?!\d){_LETTER}+"
_TOKEN = re.compile(
    rf"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>{_NAME}(?:\.{_NAME})*)"
    rf"|(?P<power>[{_RAISED}]+)|(?P<sign>\*\*|[<>=!]=|[-+*/(),<>^|√{''.join(_TYPED)}])|(?P<bad>\S))"
)
_HEAD = re.compile(
    rf"\s*(?:(?:{_NAME}\s*=\s*)?lambda\s+(?P<lambda>{_NAME})\s*:"
    rf"|(?:def\s+)?{_NAME}\s*\(\s*(?P<of>{_NAME})\s*\)\s*(?:=(?!=)|:\s*return\b)"
    rf"|[fgy]\s*=(?!=))"
)


class Token(NamedTuple):
    """A number, name or sign, and its place in the text."""

    kind: str
    text: str
    place: int


def without_head(text: str) -> tuple[str, int]:
    """The name of the variable, and the place in the text where the formula begins.

    >>> without_head("lambda z: z*2"), without_head("f(x) = x**2"), without_head("y = x"), without_head("x*2")
    (('z', 9), ('x', 6), ('x', 3), ('x', 0))
    """
    found = _HEAD.match(text)
    if found is None:
        return "x", 0
    return found["lambda"] or found["of"] or "x", found.end()


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    """The tokens of a formula from `start` on.

    >>> [token.text for token in tokens("−np.tanh(x)⁻¹")]
    ['-', 'tanh', '(', 'x', ')', '**', '(', '-', '1', ')']
    """
    for found in _TOKEN.finditer(text, start):
        kind = found.lastgroup or ""
        written, place = found[kind], found.start(kind)
        if kind != "power":
            yield Token(kind, _TYPED.get(written, _without_module(written)), place)
            continue
        raised = tokens(written.translate(_LOWERED))
        inner = [Token("sign", "**", 0), Token("sign", "(", 0), *raised, Token("sign", ")", 0)]
        yield from (token._replace(place=place) for token in inner)


def _without_module(name: str) -> str:
    """A dotted name without its modules: exp for np.exp."""
    *modules, last = name.split(".")
    return last if set(modules) <= _MODULES else name
