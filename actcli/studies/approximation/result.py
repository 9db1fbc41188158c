"""The result of an approximation: its coefficients or entries, its proved error, and its SPEC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from actcli.formulas.formula import Formula
from actcli.formulas.grammar import MAX_LENGTH
from actcli.formulas.lookup import Lookup
from actcli.formulas.render import render
from actcli.studies.approximation.bound import Bound
from actcli.studies.approximation.outside import OUTSIDE
from actcli.studies.approximation.target import Target


@dataclass(frozen=True, eq=False)
class Approximation:
    """An approximation of a function.

    what: a description, as "polynomial of degree 8".
    formula: the approximation on the range.
    parts: its coefficients or entries, each as a description, the number, and its x if it has one.
    bound: the proved error.
    lower_bound: a lower bound of the error of every approximation of this kind; None if unknown.
    facts: further results by name.
    lookup: the same as a table, if it is one.
    """

    target: Target
    what: str
    formula: Formula
    parts: Sequence[tuple[str, float, float | None]]
    bound: Bound
    lower_bound: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    lookup: Lookup | None = None

    def spec(self, outside: str = "clamp") -> str:
        """The formula on the whole real line, as text.

        Raises:
            ValueError: if an asymptote does not exist, or the text is longer than MAX_LENGTH.
        """
        text = self._text(outside)
        if len(text) > MAX_LENGTH:
            less = "--output FILE.json keeps it, and table:FILE.json names it" if self.lookup else "ask for less"
            raise ValueError(
                f"the {self.what} takes {len(text)} characters as a formula, and {MAX_LENGTH} are allowed; {less}"
            )
        return text

    def fits(self, outside: str = "clamp") -> bool:
        """Whether the text of the formula is no longer than MAX_LENGTH."""
        return len(self._text(outside)) <= MAX_LENGTH

    def _text(self, outside: str) -> str:
        text = render(OUTSIDE[outside](self.formula.root, self.target)).replace(" ", "")
        return text.replace("+-", "-").replace("--", "+")
