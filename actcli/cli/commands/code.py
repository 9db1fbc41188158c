"""actcli code: the code of a function in another language."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from actcli.cli.choices import one_of
from actcli.cli.options import opened
from actcli.formulas.languages import DTYPES, LANGUAGES


def command(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A function, or a formula in x.", show_default=False)],
    *,
    to: Annotated[
        str | None, one_of(LANGUAGES, "--to", metavar="LANGUAGE", help=f"The language: {', '.join(LANGUAGES)}.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What to call it. Default: its own name, or f.")
    ] = None,
    dtype: Annotated[
        str | None,
        one_of(DTYPES, "--dtype", help="The type of what goes in and comes out. Default: float64, in onnx float32."),
    ] = None,
    value_only: Annotated[bool, typer.Option("--value-only", help="Leave the slope out.")] = False,
    test: Annotated[bool, typer.Option("--test", help="Append a test with correctly rounded results.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write to FILE; its suffix may say the language."),
    ] = None,
) -> None:
    """A function and its slope in another language, stable everywhere.

    \b
      actcli code mish --to c
      actcli code torch.LeakyReLU@negative_slope=0.2 --to jax --name leaky
      actcli code "x*tanh(log(1+exp(x)))" --output mish.js --test
      actcli code gelu --to rust --dtype float32 --value-only

    What is written overflows nowhere, has the right limits and slopes at kinks, and says in its head what it is and the
    largest error that was measured in that language.
    """
    from actcli.activations import get
    from actcli.studies.code import language_of, write

    activation = get(spec)
    target = None if output is None or str(output) == "-" else output
    named = language_of(target) if target else None
    if to is not None and named not in (None, to):
        raise ValueError(f"--output {str(target)!r} is a file of {LANGUAGES[named].title}, and --to says {to}")
    language = to or named
    if language is None:
        said = f"--output {str(output)!r} does not say the language" if target else "which language?"
        raise ValueError(f"{said}; --to takes {', '.join(LANGUAGES)}")
    options = [f"--name={name}"] * (name is not None) + [f"--dtype={dtype}"] * (dtype is not None)
    options += ["--value-only"] * value_only + ["--test"] * test
    made_by = shlex.join(["actcli", "code", spec, "--to", language, *options])
    text = write(activation, language, name=name, dtype=dtype, value_only=value_only, test=test, command=made_by)
    if isinstance(text, bytes) and target is None and sys.stdout.isatty():
        raise ValueError(f"{LANGUAGES[language].title} is no text for a terminal; add --output FILE")
    with opened(target) as stream:
        stream.write(text if isinstance(text, bytes) else text.encode())
