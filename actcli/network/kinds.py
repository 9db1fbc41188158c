"""The table of all kinds of layer, and the parser of the words of `--layers`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from actcli.network.images import Conv, Pool
from actcli.network.layers import Dense, Dropout, Flatten, Layer, MisfitError, Shape, Unweighted
from actcli.network.sequences import Embedding, Lstm, Mean


class Kind(NamedTuple):
    """A kind of layer: the pattern of its words, an example, a short description, and its class."""

    pattern: str
    example: str
    summary: str
    maker: type[Layer]

    @property
    def is_weighted(self) -> bool:
        """Whether layers of this kind have parameters."""
        return not issubclass(self.maker, Unweighted)


#: Every kind of layer; the parser, its messages and the help are built from this table.
KINDS = (
    Kind(r"(0*[1-9]\d*)", "64", "units", Dense),
    Kind(
        r"conv(\d+)(?:x(\d+))?:(\d+)(?::(same|valid))?",
        "conv3x3:32",
        "convolution, or conv3x3:32:valid without padding",
        Conv,
    ),
    Kind(r"(?:max)?pool(\d+)(?:x(\d+))?", "pool2", "largest of each block", Pool),
    Kind(r"flatten", "flatten", "one row of numbers", Flatten),
    Kind(r"dropout(0?\.\d+|[01](?:\.0*)?)", "dropout0.1", "a share dropped in training", Dropout),
    Kind(r"embedding(\d+):(\d+)", "embedding10000:16", "a vector for each integer", Embedding),
    Kind(r"lstm(\d+)(:sequence)?(?:@(.+))?", "lstm64", "its last state, or lstm64:sequence for all", Lstm),
    Kind(r"mean", "mean", "over a sequence", Mean),
)

_DENSE = re.compile(KINDS[0].pattern)
_IMAGE = re.compile(r"(\d+)x(\d+)(?:x(\d+))?")


def input_shape(text: str) -> Shape:
    """The shape of one sample: "784" is (784,), "28x28" is (28, 28, 1), "32x32x3" is (32, 32, 3).

    Raises ValueError naming `text` if it is not a shape.
    """
    if _DENSE.fullmatch(text):
        return (int(text),)
    if (match := _IMAGE.fullmatch(text)) and all(int(n or 1) > 0 for n in match.groups()):
        height, width, channels = (int(n or 1) for n in match.groups())
        return (height, width, channels)
    raise ValueError(f"the input {text!r} of a network is a number of features (784) or an image (28x28x1)")


@dataclass(frozen=True)
class Word:
    """A word of `--layers` and its kind; `position` is the number of the layer in messages, from 1.

    >>> Word.of("conv3x3:8:valid", 1).layer((28, 28, 1)).output_shape
    (26, 26, 8)
    """

    text: str
    position: int
    kind: Kind
    found: re.Match[str]

    @classmethod
    def of(cls, text: str, position: int) -> Word:
        """Find the kind of a word; raises ValueError naming the word if no kind in `KINDS` matches."""
        for kind in KINDS:
            if found := re.fullmatch(kind.pattern, text):
                return cls(text, position, kind, found)
        dense, *others, last = (kind.example for kind in KINDS)
        raise ValueError(
            f"layer {position} is {text!r}; a layer is a number of units ({dense}), {', '.join(others)} or {last}"
        )

    def layer(self, shape: Shape) -> Layer:
        """The layer for samples of `shape`; raises ValueError naming the layer if the shape does not fit."""
        gives = f"layer {self.position - 1} gives" if self.position > 1 else "the input is"
        shown = "x".join(map(str, shape))
        place = f"layer {self.position} ({self.text!r})"
        try:
            made = self.kind.maker.of(self.found, shape)
        except MisfitError as error:
            reason = str(error).replace("{gives}", gives).replace("{shape}", shown)
            raise ValueError(f"{place} {reason}") from None
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
        if min(made.output_shape) < 1:
            raise ValueError(f"{place} does not fit: {gives} {shown}")
        return made
