"""actcli eval: the values of functions."""

from __future__ import annotations

from actcli.cli.calculation import Arithmetic
from actcli.cli.evaluation import Words, run
from actcli.cli.inputs import Input
from actcli.cli.options import Output


def command(words: Words = None, *, given: Input, arithmetic: Arithmetic, out: Output) -> None:
    """Values of one or several functions.

    \b
      actcli eval relu -3 2
      actcli eval gelu silu --range -4:4:9
      actcli eval leaky_relu@negative_slope=0.1 --input data.npy --output out.npy
      seq -3 3 | actcli eval softplus
      actcli eval softmax 1 2 3             a row function: the values are one row
      actcli eval gelu --digits 30 -9       thirty digits, every one right

    Leading words that are not numbers are functions; several give several columns. A formula in x has + - * / **,
    where(x > 0, a, b), pi, and functions such as exp, log, tanh and erf.
    """
    run("eval", words or [], given, arithmetic, out, order=0)
