"""From a table of numbers to bytes: one writer a format, all of them fed chunk by chunk."""

from actcli.output.files import replacing
from actcli.output.numbers import NumberStyle
from actcli.output.screen import Screen
from actcli.output.table import Table
from actcli.output.writers import WRITERS, Npy, Settings, Writer, jsonable, write_table

__all__ = [
    "WRITERS",
    "Npy",
    "NumberStyle",
    "Screen",
    "Settings",
    "Table",
    "Writer",
    "jsonable",
    "replacing",
    "write_table",
]
