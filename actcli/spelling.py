"""How names that people type are understood: case, hyphens and underscores do not count, near misses are offered."""

from __future__ import annotations

from collections.abc import Iterable


def fold(name: str) -> str:
    """A name without what does not count in it.

    >>> fold("Leaky-ReLU") == fold("leaky_relu")
    True
    """
    return name.casefold().replace("-", "").replace("_", "")


def nearest(word: str, known: Iterable[str], count: int = 3, cutoff: float = 0.6) -> list[str]:
    """Up to `count` of the known names that resemble the word, the most alike first.

    >>> nearest("Gleu", ["gelu", "selu", "tanh"], count=1)
    ['gelu']
    """
    from difflib import get_close_matches

    folded = {fold(name): name for name in known}
    return [folded[key] for key in get_close_matches(fold(word), folded, count, cutoff)]


def did_you_mean(word: str, known: Iterable[str], count: int = 3, cutoff: float = 0.6) -> str:
    """The end of a message about an unknown word: the nearest names as a question, or nothing.

    >>> did_you_mean("gleu", ["gelu", "selu", "tanh"])
    '; did you mean gelu?'
    """
    near = nearest(word, known, count, cutoff)
    return f"; did you mean {' or '.join(near)}?" if near else ""
