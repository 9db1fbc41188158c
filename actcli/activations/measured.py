"""What was found out about the functions of the registry at their default parameters, kept in measured.json."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


@cache
def measured() -> Mapping[str, Mapping[str, Any]]:
    """For each elementwise function its kinks, its properties, and its largest errors in ulp by order.

    tests/reference/make_measured.py writes the file.
    """
    import json

    text = Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]
