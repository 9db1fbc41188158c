"""A function mapped over a stream of items on all cores: results in order, bounded memory, no result held back.

Worker processes are forked, because parsing and printing numbers holds Python's interpreter lock. They inherit all that
the function refers to; items and results go through pipes in the format of `marshal` (numbers, text, bytes, tuples).
Without fork, or on a single core, the function runs in this process.
"""

from __future__ import annotations

import marshal
import os
import select
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

_RAISED = (OSError, ValueError, MemoryError)
_END = object()
#: The most answers per worker that may wait for an earlier one, which bounds the memory for a stream of any length.
_EARLY = 4


def cores() -> int:
    """The number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def widen(pipe: int) -> None:
    """Set the capacity of a pipe to 1 MB, where the system allows it, which saves context switches."""
    try:
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)
    except (ImportError, AttributeError, OSError):
        return  # not Linux, or not a pipe: the default capacity works too


def ordered_map(work: Callable[[Any], Any], items: Iterable[Any], alone: int = 2) -> Iterator[Any]:
    """`map(work, items)` over all cores.

    A None among the items announces a wait for the next item: all results so far are yielded before the wait, so that a
    slow producer gets each result at once. Workers start after `alone` items without such a wait, so that short or
    slow streams do not pay for them; each item goes to the first free worker.

    A ValueError, OSError or MemoryError raised by `work` is raised here in place of its result.
    """
    items = iter(items)
    without_pause = 0
    many = cores() > 1 and hasattr(os, "fork")
    for item in items if alone or not many else ():
        if item is None:
            without_pause = 0
            continue
        yield work(item)
        without_pause += 1
        if many and without_pause >= alone:
            break
    else:
        if alone or not many:
            return
    yield from _in_workers(work, items)


_ENDING = {signal.SIGINT, signal.SIGTERM}


def _in_workers(work: Callable[[Any], Any], items: Iterator[Any]) -> Iterator[Any]:
    workers: list[_Worker] = []
    try:
        for _ in range(cores()):
            # A signal before the worker is in the list would leave it running.
            signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
            try:
                workers.append(_Worker(work, workers))
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        idle = deque(workers)
        busy: dict[_Worker, int] = {}  # with the place of the item in work
        early: dict[int, Any] = {}  # answers that wait for an earlier one, by place
        place = turn = 0
        while True:
            item = next(items, _END)
            last = item is _END
            while turn < place and (last or item is None or not idle or len(early) > _EARLY * len(workers)):
                if turn in early:
                    yield _result(early.pop(turn))
                    turn += 1
                    continue
                for worker in _ready(busy):
                    early[busy.pop(worker)] = worker.answer()
                    idle.append(worker)
            if last:
                return
            if item is not None:
                idle[0].send(item)
                busy[idle.popleft()] = place
                place += 1
    finally:
        for worker in workers:
            worker.close()


def _ready(busy: Iterable[_Worker]) -> list[_Worker]:
    """Wait until a busy worker has an answer ready, and return all such workers."""
    by_pipe = {worker.answers: worker for worker in busy}
    ready, _, _ = select.select(list(by_pipe), [], [])
    return [by_pipe[pipe] for pipe in ready]


def _result(answer: tuple[Any, ...]) -> Any:
    """Return the result in an answer, or raise its exception."""
    done, value, *arguments = answer
    if not done:
        raise _RAISED[value](*arguments)
    return value


class _Worker:
    """A forked process that answers each item with (True, result) or (False, index in _RAISED, *arguments)."""

    def __init__(self, work: Callable[[Any], Any], others: list[_Worker]) -> None:
        task_in, task_out = os.pipe()
        answer_in, answer_out = os.pipe()
        for pipe in (task_out, answer_out):
            widen(pipe)
        self.tasks = os.fdopen(task_out, "wb")
        self.answers = os.fdopen(answer_in, "rb")
        self.pid = os.fork()
        if not self.pid:
            status = 1
            try:
                # Ctrl-C reaches every process; the parent handles it, and its end closes the pipes.
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
                for other in (*others, self):  # an open copy would hide the end of their tasks
                    other.tasks.close()
                    other.answers.close()
                with os.fdopen(task_in, "rb") as tasks, os.fdopen(answer_out, "wb") as answers:
                    _serve(work, tasks, answers)
                status = 0
            finally:
                # sys.exit would flush buffers and remove temporary files that belong to the parent.
                os._exit(status)
        os.close(task_in)
        os.close(answer_out)

    def send(self, item: Any) -> None:
        try:
            _send(item, self.tasks)
        except BrokenPipeError:
            raise OSError("a worker process ended unexpectedly") from None

    def answer(self) -> tuple[Any, ...]:
        try:
            answer: tuple[Any, ...] = _receive(self.answers)
        except EOFError:
            raise OSError("a worker process ended unexpectedly") from None
        return answer

    def close(self) -> None:
        for pipe in (self.answers, self.tasks):
            try:
                pipe.close()
            except BrokenPipeError:
                continue
        # The worker may be waiting for items, or working on one whose result is not needed.
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)


# marshal.load on the pipe itself can crash CPython when a signal interrupts its reading.


def _send(item: Any, pipe: BinaryIO) -> None:
    data = marshal.dumps(item)
    pipe.write(len(data).to_bytes(8, "little"))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: BinaryIO) -> Any:
    head = pipe.read(8)
    size = int.from_bytes(head, "little")
    data = pipe.read(size)
    if len(head) < 8 or len(data) < size:
        raise EOFError
    return marshal.loads(data)


def _serve(work: Callable[[Any], Any], tasks: BinaryIO, answers: BinaryIO) -> None:
    """Answer items until the task pipe ends or the answer pipe is closed."""
    while True:
        try:
            item = _receive(tasks)
        except EOFError:
            return
        answer: tuple[Any, ...]
        try:
            answer = (True, work(item))
        except OSError as error:
            named = (error.errno, error.strerror, error.filename) if error.strerror else (str(error),)
            answer = (False, 0, *named)
        except (ValueError, MemoryError) as error:
            answer = (False, 1 if isinstance(error, ValueError) else 2, str(error))
        try:
            _send(answer, answers)
        except BrokenPipeError:
            return
