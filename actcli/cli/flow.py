"""From a source through a calculation to the output, block by block, with progress on a terminal."""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from actcli.cli.options import Output, opened
from actcli.output import WRITERS, Npy, Settings
from actcli.output.files import named
from actcli.parallel import ordered_map

if TYPE_CHECKING:
    from actcli.cli.commands.eval import Calculation
    from actcli.reading import Block, Numbers, Source

#: Seconds of work before progress is shown, and between two showings of it.
_LONG = 1.5
_OFTEN = 0.2


def flow(source: Source, calculation: Calculation, out: Output, settings: Settings) -> None:
    """Write the table of all the source's numbers; memory holds a few blocks of them at a time."""
    writer = WRITERS[out.writer_name(out.output)](settings)
    with closing(source.blocks()) as blocks, opened(out.output) as stream, Progress(source, out) as progress:
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
                calculation.meet(calculation.kinks_in(numbers))
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
            return written, len(table), calculation.kinks_in(numbers)

        results = ordered_map(work, blocks) if writer.stateless else (work(block) for block in blocks if block)
        for written, count, kinks in results:
            if written:
                stream.write(writer.joint)
                stream.write(written)
                stream.flush()
            calculation.meet(kinks)
            rows += count
            progress.show(rows)
        stream.write(writer.finish(rows))
        writer.amend(stream, rows)


class _Place:
    """Where the numbers of a block go in an array file, so that every worker can write its own."""

    def __init__(self, descriptor: int, first: Block, head: int, body: int, path: Path | None) -> None:
        self.descriptor = descriptor
        self.start = first[0]
        self.head = head
        self.grain = first[1] - first[0]
        self.body = body
        self.path = path

    def write(self, block: Block, numbers: Numbers) -> None:
        """Write all of `numbers`, the results of `block`."""
        offset = self.head + (block[0] - self.start) * self.body // self.grain
        data = np.ascontiguousarray(numbers).reshape(-1).view(np.uint8).data
        with named(self.path or "standard output"):
            while data:
                done = os.pwrite(self.descriptor, data, offset)
                data = data[done:]
                offset += done


def _is_terminal(stream: Any) -> bool:
    return stream is not None and stream.isatty()


class Shared(Protocol):
    """What knows how much of it is done, from 0 to 1, or does not know."""

    @property
    def share(self) -> float | None: ...


class Progress:
    """Rows done, rate and time left on standard error, if that is a terminal and the work is long."""

    def __init__(self, source: Shared, out: Output) -> None:
        self.source = source
        self.begun = time.monotonic()
        results_scroll_by = out.output is None and _is_terminal(sys.stdout)
        self.next = self.begun + _LONG if _is_terminal(sys.stderr) and not results_scroll_by else float("inf")
        self.shown = False

    def __enter__(self) -> Progress:
        return self

    def show(self, rows: int) -> None:
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + _OFTEN
        self.shown = True
        took = now - self.begun
        share = self.source.share
        left = f", {100 * share:.0f} %, {took * (1 - share) / share:.0f} s left" if share else ""
        print(f"\r{rows:,} rows, {rows / took:,.0f} a second{left}\x1b[K", end="", file=sys.stderr, flush=True)

    def __exit__(self, *_: object) -> None:
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
