"""Separates arguments from options, and lets several commands share groups of options."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, get_type_hints

import typer
from typer.core import TyperCommand

from actcli.spelling import fold, nearest


def is_number(text: str) -> bool:
    """Whether `text` is written as a number: 3, -.5, +1e-5, -inf, nan, 0x1.8p+1.

    >>> [is_number(text) for text in ("-1e-5", "-inf", "0x1p-3", "abc", "1_000", "-e5")]
    [True, True, True, False, False, False]
    """
    try:
        float.fromhex(text) if "0x" in text.lower() else float(text)
    except (ValueError, OverflowError):
        return False
    return text.isascii() and "_" not in text and text.strip() == text


#: The beginning of an array in code.
_ARRAY = re.compile(r"^(?:\w+\.)*(?:array|[Tt]ensor|FloatTensor|constant)\((?=\[)")


def numbers_in(text: str) -> list[str] | None:
    """The numbers of a list, [2.0, 1.0, 0.1] or torch.tensor([2, 1]) or a part of one, None if it is not a list.

    >>> numbers_in("[2.0, 1.0, 0.1]"), numbers_in("-1,"), numbers_in("where(x,1,2)")
    (['2.0', '1.0', '0.1'], ['-1'], None)
    """
    text = _ARRAY.sub("", text)
    parts = [part for part in re.split(r"[\s,;\[\]]+", text.strip("[]() \t\n,;")) if part]
    return parts if parts and all(map(is_number, parts)) else None


#: Characters that only formulas have, which distinguishes -x*sigmoid(x) from an option.
_OF_A_FORMULA = re.compile(r"[()*/^+|·²³]")

#: Options of other programs, and the hint for each.
MEANT = {
    "--show": "figures are written to files; plot --term sketches them in the terminal",
    **dict.fromkeys(
        ("--lr", "--rate", "--learning-rate"), "the rate is the optimizer's: train --optimizer sgd@rate=0.1"
    ),
    "--epochs": "actcli train is what learns",
    **dict.fromkeys(("--grad", "--derivative"), "actcli grad gives slopes"),
    "--points": "--range LO:HI:N has N points",
    "--max": "actcli info tells the largest slope",
    "--predict": "forward --weights FILE --predict tells the classes",
    **dict.fromkeys(("--ndjson", "--jsonl"), "it is --format ndjson"),
    **dict.fromkeys(("--quiet", "--no-header", "--no-headers"), "-q prints the results alone, without a header"),
    **dict.fromkeys(("--sep", "--separator", "--delimiter"), "--csv separates by commas, --tsv by tabs"),
    **dict.fromkeys(("--from", "--to", "--start", "--stop", "--step", "--linspace"), "--range LO:HI:N gives N points"),
    **dict.fromkeys(("--float32", "--float16", "--fp32", "--fp16"), "--dtype float32 computes in that type"),
    "--round": "--precision N rounds",
    **dict.fromkeys(
        ("--no-color", "--no-colour", "--no-colors", "--no-classes", "--bw", "--gray", "--grey"),
        "spiral --plain draws without the colours of classes",
    ),
    **dict.fromkeys(("--dense", "--neurons", "--units", "--hidden"), "--layers 2,64,3 is two inputs and two layers"),
    "--validation-split": "it is --test-split",
    "--accuracy": "labels in the last column of --input bring accuracy and loss; --json has them",
    **dict.fromkeys(("--std", "--stddev"), "the deviation of weights is --init normal --scale 0.01"),
    **dict.fromkeys(
        ("--alpha", "--beta", "--slope", "--negative-slope"),
        "a parameter is part of the function, as in leaky_relu@alpha=0.1",
    ),
}


class Command(TyperCommand):
    """A command that takes -3, -.5 and -inf as arguments, with or without a `--` before them."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Separate options from arguments, so that a negative number is not parsed as an option."""
        options = {name: param for param in self.get_params(ctx) for name in (*param.opts, *param.secondary_opts)}
        takes_value = {
            name for name, param in options.items() if param.param_type_name == "option" and not _is_flag(param)
        }
        names = sorted(name for name in options if name.startswith("-"))
        given: list[str] = []
        arguments: list[str] = []
        rest = list(args)
        while rest:
            token = rest.pop(0)
            if token == "--":
                arguments += rest
                break
            is_formula = not token.startswith("--") and token[:2] not in options and _OF_A_FORMULA.search(token)
            if (
                len(token) < 2
                or not token.startswith("-")
                or token[1] in ".0123456789"
                or is_number(token)
                or is_formula
            ):
                arguments.append(token)
                continue
            given.append(token)
            name, _, value = token.partition("=")
            if _wants_next(self._checked(token, names), takes_value):
                if not rest or rest[0] in options:
                    wanted = getattr(options.get(token), "metavar", None) or "a value"
                    raise ValueError(f"option {token} needs {wanted} after it")
                value = rest.pop(0)
                given.append(value)
            if (getattr(options.get(name), "metavar", None) or "").startswith("LO:HI"):
                given[-1] = given[-1].removesuffix(value) + _interval(value, rest)
        return super().parse_args(ctx, [*given, "--", *arguments])

    def _checked(self, token: str, names: list[str]) -> str:
        """Return `token` if its option exists, else raise a ValueError that offers the nearest."""
        name = token.partition("=")[0]
        if name in names or (not name.startswith("--") and name[:2] in names):
            return token
        if name.startswith("--"):
            near = nearest(name, [known for known in names if known.startswith("--")], count=2, cutoff=0.5)
        else:
            near = [known for known in names if known.startswith(f"--{name[1]}")][:3]
        meant = MEANT.get(name.replace("_", "-"))
        if not meant and not nearest(name, names, cutoff=0.8):  # loading the functions and numpy is slow
            meant = _function_meant(name[2:], names)
        offer = meant or (f"did you mean {' or '.join(near)}?" if near else "--help lists the options")
        raise ValueError(f"no option {name!r} in 'actcli {self.name}'; {offer}")


def _function_meant(word: str, options: list[str]) -> str:
    """A hint for an option that is the name of a function, --relu; empty for other names."""
    from actcli.activations.definition import by_folded_name

    if fold(word) not in by_folded_name:
        return ""
    return f"{word} is a function: {f'--activation {word}' if '--activation' in options else 'write it without --'}"


def _interval(first: str, rest: list[str]) -> str:
    """LO:HI from other notations, -8 8 or [-8, 8] or -8,8; removes further words of the interval from `rest`."""
    words = [first]
    while rest and len(words) < 3 and numbers_in(words[-1]) and numbers_in(rest[0]):
        words.append(rest.pop(0))
    numbers = [number for word in words for number in numbers_in(word) or ()]
    return ":".join(numbers) if len(numbers) > 1 else first


def _is_flag(param: Any) -> bool:
    return bool(getattr(param, "is_flag", False) or getattr(param, "count", False))


def _wants_next(token: str, takes_value: set[str]) -> bool:
    if token.startswith("--"):
        return token in takes_value
    for place, letter in enumerate(token[1:], start=2):
        if f"-{letter}" in takes_value:
            return place == len(token)
    return False


def expand_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Replace each parameter whose type is a dataclass by one option for each field of the class.

    The function still receives the object, built from the options. A group of options is thus declared once, as a
    dataclass whose fields are `Annotated[type, typer.Option(...)]` with defaults.
    """
    hints = get_type_hints(function, include_extras=True)
    groups: dict[str, Any] = {}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(function).parameters.values():
        annotation = hints[parameter.name]
        if not dataclasses.is_dataclass(annotation):
            parameters.append(parameter.replace(annotation=annotation))
            continue
        groups[parameter.name] = annotation
        fields = get_type_hints(annotation, include_extras=True)
        parameters += [
            inspect.Parameter(
                field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=fields[field.name]
            )
            for field in dataclasses.fields(annotation)
        ]
    # Typer passes keywords, so the order only affects the list of options in --help.
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]

    @functools.wraps(function)
    def command(**given: Any) -> Any:
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in dataclasses.fields(group)})
        return function(**given)

    del command.__wrapped__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command
