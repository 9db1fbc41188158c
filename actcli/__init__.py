"""Explore neural-network activation functions: exact values, slopes, figures and what they do to data.

>>> import actcli
>>> actcli.get("relu")([-3.0, 2.0])
array([0., 2.])
>>> actcli.get("gelu").slope(0.0)
np.float64(0.5)
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing and importlib would take half of what comes before main()
if TYPE_CHECKING:
    from typing import Any

    from actcli.activations import Activation, SpecError, get, names
    from actcli.network.model import Network

__all__ = ["Activation", "Network", "SpecError", "__version__", "get", "names"]
__version__ = "0.1.0"

_HOME = {"Network": "actcli.network.model"}


def __getattr__(name: str) -> Any:
    # Lazily, so that `import actcli` (and `actcli --help`) does not pay for numpy.
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module 'actcli' has no attribute {name!r}")
    return getattr(import_module(_HOME.get(name, "actcli.activations")), name)
