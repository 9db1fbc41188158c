"""What an approximation is once found: its numbers, its proved error, and the SPEC that stands for it."""

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
    """Something simpler in a function's place.

    what: in words, as "polynomial of degree 8".
    formula: what it is on the range.
    parts: its numbers: what each is, the number, and the x it belongs to if there is one.
    bound: the proved error.
    lower_bound: nothing of this kind has a smaller error; None where that is not known.
    facts: what else was found out.
    lookup: the table that a file can hold.
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
        """The formula on the whole line, as text.

        Raises:
            ValueError: where the function has no asymptote, or the formula is longer than one may be.
        """
        text = self._text(outside)
        if len(text) > MAX_LENGTH:
            less = "--output FILE.json keeps it, and table:FILE.json names it" if self.lookup else "ask for less"
            raise ValueError(
                f"the {self.what} takes {len(text)} characters as a formula, and {MAX_LENGTH} are allowed; {less}"
            )
        return text

    def fits(self, outside: str = "clamp") -> bool:
        """Whether there is such a text."""
        return len(self._text(outside)) <= MAX_LENGTH

    def _text(self, outside: str) -> str:
        text = render(OUTSIDE[outside](self.formula.root, self.target)).replace(" ", "")
        return text.replace("+-", "-").replace("--", "+")
