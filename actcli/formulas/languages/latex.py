"""LaTeX: the formula and the formula of its slope, for amsmath."""

from __future__ import annotations

from actcli.formulas.languages.language import Language, Source
from actcli.formulas.languages.rows import RowSource
from actcli.formulas.mathtext import mathtext


def _write(source: Source) -> str:
    name = source.name if len(source.name) == 1 else rf"\mathrm{{{source.name}}}".replace("_", r"\_")
    lines = [*LATEX.commented(source.head), r"\[", f"  {name}(x) = {_with_cases(mathtext(source.formula))}", r"\]"]
    if source.slope is not None:
        lines += [r"\[", f"  {name}'(x) = {_with_cases(mathtext(source.derivative))}", r"\]"]
    return "\n".join([*lines, ""])


def _write_row(source: RowSource) -> str:
    return "\n".join([*LATEX.commented(source.head), r"\[", f"  y_i = {_with_cases(source.shown)}", r"\]", ""])


def _with_cases(text: str) -> str:
    """A formula with amsmath's cases environment in place of mathtext's \\cases{...}."""
    lines = text.removeprefix(r"\cases{")
    return text if lines == text else rf"\begin{{cases}} {lines[:-1]} \end{{cases}}"


LATEX = Language(
    name="latex",
    title="LaTeX",
    suffix=".tex",
    write=_write,
    write_row=_write_row,
    comment="% ",
    dtypes=("float64",),
    tests=False,
    is_formula=True,
    any_row=True,
)
