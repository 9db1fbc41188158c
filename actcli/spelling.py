"""Tolerant matching of names: case, hyphens and underscores are ignored, and similar names are suggested."""

from __future__ import annotations

from collections.abc import Iterable


def fold(name: str) -> str:
    """A name in lower case, without hyphens and underscores.

    >>> fold("Leaky-ReLU") == fold("leaky_relu")
    True
    """
    return name.casefold().replace("-", "").replace("_", "")


def nearest(word: str, known: Iterable[str], count: int = 3, cutoff: float = 0.6) -> list[str]:
    """Up to `count` known names that are similar to the word, the most similar first.

    >>> nearest("Gleu", ["gelu", "selu", "tanh"], count=1)
    ['gelu']
    """
    from difflib import get_close_matches

    folded = {fold(name): name for name in known}
    return [folded[key] for key in get_close_matches(fold(word), folded, count, cutoff)]


def did_you_mean(word: str, known: Iterable[str], count: int = 3, cutoff: float = 0.6) -> str:
    """The end of a message about an unknown word: the nearest names as a question, or an empty text.

    >>> did_you_mean("gleu", ["gelu", "selu", "tanh"])
    '; did you mean gelu?'
    """
    near = nearest(word, known, count, cutoff)
    return f"; did you mean {' or '.join(near)}?" if near else ""
