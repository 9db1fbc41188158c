r"""MathML, which browsers typeset and screen readers speak, from the TeX that `mathtext` writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from html.entities import html5

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[\d.]+|\S")
#: Signs that have no name in HTML, or a different one.
_SIGNS = {"neq": "≠", "cdot": "·", "-": "−", "'": "′"}
_SPACES = {"\\,": "0.17em", "\\;": "0.28em"}
#: The invisible operator between a function and its argument.
_APPLIED = "<mo>&#x2061;</mo>"
#: Operators whose index stands below them.
_SUM, _MAX = "<mo>∑</mo>", f"<mi>max</mi>{_APPLIED}"


def mathml(formula: str) -> str:
    r"""The <math> element of a formula in the TeX that `mathtext` writes, without dollars; its fractions are large.

    >>> mathml(r"\dfrac{x_i}{2}").partition(">")[2]
    '<mfrac><msub><mi>x</mi><mi>i</mi></msub><mn>2</mn></mfrac></math>'
    >>> mathml(r"\tanh(x)").partition(">")[2]
    '<mi>tanh</mi><mo>&#x2061;</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow></math>'
    """
    return f'<math displaystyle="true">{_Reader(formula).row()}</math>'


class _Reader:
    """Translates a formula token by token."""

    def __init__(self, formula: str) -> None:
        self.tokens = _TOKEN.findall(formula)

    def row(self, *ends: str) -> str:
        """The MathML up to one of the tokens `ends`, which is not consumed, or to the end of the formula."""
        parts = list(self._scripted(ends))
        return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>" if ends else "".join(parts)

    def _scripted(self, ends: tuple[str, ...]) -> Iterator[str]:
        """The parts of a row, each with its subscript and superscript."""
        while self.tokens and self.tokens[0] not in ends:
            part, below, above = self._part(), "", ""
            while self.tokens and self.tokens[0] in ("_", "^"):
                if self.tokens.pop(0) == "_":
                    below = self._part()
                else:
                    above = self._part()
            if below and part in (_SUM, _MAX):
                yield f"<munder>{_base(part)}{below}</munder>"
            elif below or above:
                tag = "msubsup" if below and above else "msub" if below else "msup"
                yield f"<{tag}>{_base(part)}{below}{above}</{tag}>"
            else:
                yield part

    def _part(self) -> str:
        token = self.tokens.pop(0)
        if token in _SPACES:
            return f'<mspace width="{_SPACES[token]}"></mspace>'
        match token:
            case "{":
                return self._closed("}")
            case "(" | "|":
                return self._fenced(token, ")" if token == "(" else "|")
            case "\\left":
                return self._fenced(self.tokens.pop(0), "\\right")
            case "\\dfrac":
                return f"<mfrac>{self._part()}{self._part()}</mfrac>"
            case "\\sqrt":
                return f"<msqrt>{self._part()}</msqrt>"
            case "\\mathrm":
                return self._word()
            case "\\cases":
                return self._cases()
        name = token.removeprefix("\\")
        sign = _SIGNS.get(name) or html5.get(f"{name};", "" if token.startswith("\\") else token)
        if not sign:
            return f"<mi>{name}</mi>{_APPLIED}"
        tag = "mn" if sign[0].isdigit() else "mi" if sign.isalpha() else "mo"
        return f"<{tag}>{escape(sign, quote=False)}</{tag}>"

    def _closed(self, end: str) -> str:
        inside = self.row(end)
        self.tokens.pop(0)
        return inside

    def _fenced(self, opening: str, end: str) -> str:
        inside = self._closed(end)
        closing = self.tokens.pop(0) if end == "\\right" else end
        return f"<mrow><mo>{opening}</mo>{inside}<mo>{closing}</mo></mrow>"

    def _word(self) -> str:
        """An upright word, whose letters are separate tokens: a name, or a word between cases."""
        self.tokens.pop(0)
        letters = []
        while (token := self.tokens.pop(0)) != "}":
            letters.append({"\\_": "_", "\\ ": "\u00a0"}.get(token, token))
        word = escape("".join(letters))
        if word in ("if", "else", "otherwise"):
            return f"<mtext>{word}</mtext>"
        applied = _APPLIED if self.tokens[:1] in (["("], ["\\left"]) else ""
        return f"<mi>{word}</mi>{applied}"

    def _cases(self) -> str:
        self.tokens.pop(0)
        rows = []
        while True:
            value = self._closed("&")
            condition = self.row("\\\\", "}")
            words = "" if "<mtext>otherwise" in condition else "<mtext>if&#xA0;</mtext>"
            rows.append(f"<mtr><mtd>{value}</mtd><mtd>{words}{condition}</mtd></mtr>")
            if self.tokens.pop(0) == "}":
                return f"<mrow><mo>{{</mo><mtable>{''.join(rows)}</mtable></mrow>"


def _base(parts: str) -> str:
    """A part as the base of scripts: the function alone, since the invisible operator follows the scripts."""
    return parts.removesuffix(_APPLIED)
