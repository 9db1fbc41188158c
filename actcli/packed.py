"""The data files of the package, wherever it lies: in a folder, or in an archive that Python runs as it is."""

from __future__ import annotations

import pkgutil


def packed(package: str, name: str) -> bytes:
    """The bytes of a data file of a package.

    >>> packed("actcli.activations", "frameworks.tsv").partition(b"\\t")[0]
    b'framework'
    """
    return pkgutil.get_data(package, name) or b""  # None is for loaders that know no data
