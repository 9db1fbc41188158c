"""Every example in a docstring runs with the stated result."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module

import pytest

import actcli

MODULES = [module.name for module in pkgutil.walk_packages(actcli.__path__, "actcli.")]


@pytest.mark.parametrize("name", ["actcli", *(name for name in MODULES if name != "actcli.__main__")])
def test_examples(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0
