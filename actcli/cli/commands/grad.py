"""actcli grad: the slopes of functions."""

from __future__ import annotations

from typing import Annotated

import typer

from actcli.cli.calculation import Arithmetic
from actcli.cli.evaluation import Words, run
from actcli.cli.inputs import Input
from actcli.cli.options import Output


def command(
    words: Words = None,
    *,
    order: Annotated[
        int, typer.Option("--order", metavar="1|2", min=1, max=2, help="1 the slope, 2 the second derivative.")
    ] = 1,
    given: Input,
    arithmetic: Arithmetic,
    out: Output,
) -> None:
    """Slopes of one or several functions, analytic.

    \b
      actcli grad relu -3 0 2               the table says what either side of the kink gives
      actcli grad gelu silu --range -4:4:9
      actcli grad softplus --order 2 0      the second derivative
      actcli grad softmax 1 2 3             the Jacobian
      seq -3 3 | actcli grad tanh

    At a kink the slope is the one from the left, and 0 at both ends of a clipped function; a table and JSON say what
    either side gives. A Jacobian has a line for each output and a column for each input.
    """
    run("grad", words or [], given, arithmetic, out, order=order)
