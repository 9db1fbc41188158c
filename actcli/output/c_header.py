"""Arrays of integers as C headers."""

from __future__ import annotations

import re
from collections.abc import Sequence


def c_name(text: str) -> str:
    """`text` as an identifier of C.

    >>> c_name("leaky_relu@negative_slope=0.1"), c_name("2*x")
    ('leaky_relu_negative_slope_0_1', 'f_2_x')
    """
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    return f"f_{name}" if name[0].isdigit() else name


def c_header(name: str, comment: Sequence[str], lines: Sequence[str]) -> str:
    """A header with an include guard: a comment of one or several lines, and declarations that use `stdint.h`.

    >>> print(c_header("one", ["1: one"], ["enum { one = 1 };"]), end="")
    /* 1: one */
    #ifndef ACTCLI_ONE_H
    #define ACTCLI_ONE_H
    #include <stdint.h>
    <BLANKLINE>
    enum { one = 1 };
    <BLANKLINE>
    #endif
    """
    guard = f"ACTCLI_{name.upper()}_H"
    said = "\n   ".join(comment).replace("*/", "* /")
    head = [f"/* {said} */", f"#ifndef {guard}", f"#define {guard}", "#include <stdint.h>"]
    return "\n".join([*head, "", *lines, "", "#endif", ""])
