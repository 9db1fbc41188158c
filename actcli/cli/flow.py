"""Computes and writes the results of a source block by block, with progress on a terminal."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from actcli.cli.calculation import Calculation
from actcli.cli.options import Output, opened
from actcli.cli.progress import Progress
from actcli.output import formats
from actcli.output.files import named
from actcli.output.writers import Npy, Settings
from actcli.parallel import ordered_map

if TYPE_CHECKING:
    from actcli.reading.source import Block, Numbers, Source


def flow(source: Source, calculation: Calculation, out: Output, settings: Settings) -> None:
    """Write the table for all numbers of a source, with only a few blocks in memory at a time."""
    writer = formats.writer(out.writer_name(out.output))(settings)
    with (
        closing(source.blocks()) as blocks,
        opened(out.output) as stream,
        Progress(lambda: source.share, out) as progress,
    ):
        if isinstance(writer, Npy) and not stream.seekable():
            raise OSError(f"{out.output}: an array is finished at its beginning, and a pipe cannot go back to it")
        rows = 0
        place: _Place | None = None
        table = calculation.table(np.empty((0, 0) if calculation.by_row else 0))
        for block in blocks:
            if block is None:
                continue
            numbers = source.parse(block)
            table = calculation.table(numbers)
            if len(table):
                calculation.meet(calculation.remarks(numbers, table))
                head, body = writer.start(table), writer.rows(table)
                stream.write(head)
                stream.write(body)
                stream.flush()
                rows = len(table)
                if isinstance(writer, Npy) and len(block) == 2:
                    place = _Place(stream.fileno(), block, len(head), len(body), out.output)
                break
        else:
            stream.write(writer.start(table))

        def work(block: Block) -> tuple[bytes, int, Any]:
            numbers = source.parse(block)
            table = calculation.table(numbers)
            if place is None:
                written = writer.rows(table)
            else:
                place.write(block, Npy.array(table))
                written = b""
            return written, len(table), calculation.remarks(numbers, table)

        spread = writer.stateless and not calculation.is_spread
        results = ordered_map(work, blocks) if spread else (work(block) for block in blocks if block)
        for written, count, remarks in results:
            if written:
                stream.write(writer.joint)
                stream.write(written)
                stream.flush()
            calculation.meet(remarks)
            rows += count
            progress.show(rows)
        stream.write(writer.finish(rows))
        writer.amend(stream, rows)


class _Place:
    """The place of the results of each block in an array file, which lets every worker write its own results."""

    def __init__(self, descriptor: int, first: Block, head: int, body: int, path: Path | None) -> None:
        self.descriptor = descriptor
        self.start = first[0]
        self.head = head
        self.grain = first[1] - first[0]
        self.body = body
        self.path = path

    def write(self, block: Block, numbers: Numbers) -> None:
        """Write `numbers`, the results of `block`."""
        offset = self.head + (block[0] - self.start) * self.body // self.grain
        data = np.ascontiguousarray(numbers).reshape(-1).view(np.uint8).data
        with named(self.path or "standard output"):
            while data:
                done = os.pwrite(self.descriptor, data, offset)
                data = data[done:]
                offset += done
