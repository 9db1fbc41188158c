"""The data files of the package, in a folder or in a zip archive that Python runs."""

from __future__ import annotations

import pkgutil


def packed(package: str, name: str) -> bytes:
    """The bytes of a data file of a package.

    >>> packed("actcli.activations", "frameworks.tsv").partition(b"\\t")[0]
    b'framework'
    """
    return pkgutil.get_data(package, name) or b""  # None comes from loaders without data
