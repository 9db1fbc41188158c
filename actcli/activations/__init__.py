"""The catalogue of activation functions, and how a SPEC names one of them."""

from actcli.activations import oscillating, rectifiers, rows, sigmoids, smooth  # noqa: F401  (importing a family registers it)
from actcli.activations.activation import Activation
from actcli.activations.definition import SpecError, names
from actcli.activations.spec import get

__all__ = ["Activation", "SpecError", "get", "names"]
