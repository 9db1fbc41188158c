"""Activation functions: the registry, the formulas behind it, and the numbers they give."""

from actcli.activations import oscillating, rectifiers, rows, sigmoids, smooth  # noqa: F401  (importing a family registers it)
from actcli.activations.registry import Activation, SpecError, get, names

__all__ = ["Activation", "SpecError", "get", "names"]
