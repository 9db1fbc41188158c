"""LaTeX: the formula and that of its slope, in the part of TeX that matplotlib draws too."""

from __future__ import annotations

from actcli.formulas.languages.language import Language, Source
from actcli.formulas.mathtext import mathtext


def _write(source: Source) -> str:
    name = source.name if len(source.name) == 1 else rf"\mathrm{{{source.name}}}".replace("_", r"\_")
    lines = [*LATEX.commented(source.head), r"\[", f"  {name}(x) = {mathtext(source.formula)}", r"\]"]
    if source.slope is not None:
        lines += [r"\[", f"  {name}'(x) = {mathtext(source.derivative)}", r"\]"]
    return "\n".join([*lines, ""])


LATEX = Language(
    name="latex",
    title="LaTeX",
    suffix=".tex",
    write=_write,
    comment="% ",
    dtypes=("float64",),
    tests=False,
    is_formula=True,
)
