"""Float64 results have the same bits on every processor."""

from __future__ import annotations

import json

from tests.activations.bits import HOME, dispatched, fingerprints, fingerprints_without


def test_bits_are_those_of_every_other_machine() -> None:
    kept = json.loads(HOME.read_text())
    assert fingerprints() == kept, "after a new function: python -m tests.activations.bits --write"


def test_bits_do_not_depend_on_vector_instructions() -> None:
    assert fingerprints_without(dispatched()) == json.loads(HOME.read_text())
