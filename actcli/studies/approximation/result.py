"""What an approximation is once found: its numbers, its proved error, and the SPEC that stands for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from actcli.formulas.grammar import MAX_LENGTH
from actcli.studies.approximation.bound import Bound
from actcli.studies.approximation.horner import horner, number
from actcli.studies.approximation.target import Target


@dataclass(frozen=True, eq=False)
class Approximation:
    """Something simpler in a function's place.

    what: in words, as "polynomial of degree 8".
    write: the formula on the range, in whatever text stands for x.
    parts: its numbers: what each is, and the number.
    bound: the proved error.
    proved: nothing of this kind has a smaller error; None where that is not known.
    facts: what else was found out.
    """

    target: Target
    what: str
    write: Callable[[str], str]
    parts: Sequence[tuple[str, float]]
    bound: Bound
    proved: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def spec(self, outside: str = "clamp") -> str:
        """The formula, and what it is outside the range.

        Raises:
            ValueError: where the function has no asymptote, or the formula is longer than one may be.
        """
        text = OUTSIDE[outside](self)
        if len(text) > MAX_LENGTH:
            raise ValueError(
                f"the {self.what} takes {len(text)} characters as a formula, and {MAX_LENGTH} are allowed; "
                f"--output FILE.json keeps it as table:FILE.json, or ask for less"
            )
        return text


def _clamped(found: Approximation) -> str:
    target = found.target
    return found.write(f"clip(x,{number(target.low)},{number(target.high)})")


def _with_asymptotes(found: Approximation) -> str:
    from actcli.studies.properties import properties

    target = found.target
    lines = []
    for side, line in zip(("-inf", "inf"), properties(target.activation).asymptotes, strict=True):
        if line is None:
            raise ValueError(
                f"--outside asymptote: {target.activation.spec} has none towards {side}; clamp and extend need none"
            )
        slope, height = line
        lines.append(number(slope + 0.0) if target.order else horner([height + 0.0, slope + 0.0], "x"))
    left, right = lines
    return f"where(x<{number(target.low)},{left},where(x>{number(target.high)},{right},{found.write('x')}))"


#: What an approximation is outside its range.
OUTSIDE: dict[str, Callable[[Approximation], str]] = {
    "clamp": _clamped,
    "extend": lambda found: found.write("x"),
    "asymptote": _with_asymptotes,
}
