"""The filters of `actcli list --property`, which select functions by their facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

#: The values of `--property`, each with its condition on the facts.
PROPERTIES: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "bounded": lambda facts: facts["range"] is not None and all(abs(end) < float("inf") for end in facts["range"]),
    "unbounded": lambda facts: facts["range"] is not None and not PROPERTIES["bounded"](facts),
    "monotone": lambda facts: bool(facts["monotone"]),
    "increasing": lambda facts: facts["monotone"] == "increasing",
    "odd": lambda facts: facts["parity"] == "odd",
    "even": lambda facts: facts["parity"] == "even",
    "zero-centred": lambda facts: bool(facts["zero_centred"]),
    "analytic": lambda facts: facts["smoothness"] == "analytic",
    "smooth": lambda facts: facts["smoothness"] is not None and facts["smoothness"] not in ("C0", "discontinuous"),
    "kinked": lambda facts: bool(facts["kinks"]),
    "discontinuous": lambda facts: facts["smoothness"] == "discontinuous",
    "row": lambda facts: bool(facts["row"]),
    "elementwise": lambda facts: not facts["row"],
    "parametrised": lambda facts: bool(facts["parameters"]),
}
