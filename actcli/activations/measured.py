"""Measured facts about the functions of the registry at their default parameters, stored in measured.json."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from actcli.packed import packed


@cache
def measured() -> Mapping[str, Mapping[str, Any]]:
    """For each elementwise function its kinks, its properties, and its largest errors in ulp by order.

    tests/reference/make_measured.py writes measured.json.
    """
    import json

    return json.loads(packed("actcli.activations", "measured.json"))  # type: ignore[no-any-return]
