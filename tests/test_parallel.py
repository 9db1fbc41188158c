"""Work on several cores: order kept, no waiting, errors in their places, and no remaining process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from actcli.parallel import cores, ordered_map


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    yield
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_order_is_kept() -> None:
    def work(item: int) -> tuple[int, bytes]:
        time.sleep(0.003 * (item % 3))
        return item, bytes(200_000)

    assert [item for item, _ in ordered_map(work, range(40))] == list(range(40))


@pytest.mark.skipif(cores() < 2, reason="one core")
def test_long_streams_use_other_processes_and_short_ones_do_not() -> None:
    pids = list(ordered_map(lambda item: os.getpid(), range(50)))
    assert pids[:2] == [os.getpid()] * 2
    assert len(set(pids)) == 1 + cores()
    assert list(ordered_map(lambda item: os.getpid(), range(2))) == [os.getpid()] * 2


def test_results_are_handed_out_before_a_wait() -> None:
    seen: list[int] = []

    def items() -> Iterator[int | None]:
        for item in range(20):
            yield item
            if item % 5 == 4:
                yield None
                assert seen == list(range(item + 1))

    for result in ordered_map(lambda item: item, items()):
        seen += [result]
    assert seen == list(range(20))


def test_streams_with_pauses_start_no_process() -> None:
    items = [item for number in range(20) for item in (number, None)]
    assert set(ordered_map(lambda item: os.getpid(), items)) == {os.getpid()}


@pytest.mark.parametrize("place", [0, 30])
@pytest.mark.parametrize(
    "error", [ValueError("line 3: 'x'"), OSError(28, "No space left on device", "a.npy"), MemoryError("too big")]
)
def test_errors_are_raised_in_their_place(error: Exception, place: int) -> None:
    def work(item: int) -> int:
        if item == place:
            raise error
        return item

    results = ordered_map(work, range(100))
    assert [next(results) for _ in range(place)] == list(range(place))
    with pytest.raises(type(error)) as caught:
        next(results)
    assert caught.value.args == error.args[:2]
    assert getattr(caught.value, "filename", None) == getattr(error, "filename", None)


def test_a_worker_that_dies_is_an_error() -> None:
    mine = os.getpid()

    def work(item: int) -> int:
        if item == 20 and os.getpid() != mine:
            os._exit(9)
        return item

    if cores() > 1:
        with pytest.raises(OSError, match=r"^a worker process ended unexpectedly$"):
            list(ordered_map(work, range(100)))


def test_reader_that_stops_early_leaves_nothing() -> None:
    results = ordered_map(lambda item: bytes(1_000_000), range(1000))
    assert [len(next(results)) for _ in range(10)] == [1_000_000] * 10
    results.close()


@pytest.mark.skipif(cores() < 2, reason="one core")
def test_few_long_items_go_to_other_processes_at_once() -> None:
    pids = list(ordered_map(lambda item: os.getpid(), range(2), alone=0))
    assert os.getpid() not in pids


@pytest.mark.skipif(cores() < 2, reason="one core")
def test_an_item_goes_to_whichever_process_is_free() -> None:
    def work(seconds: float) -> tuple[int, float]:
        time.sleep(seconds)
        return os.getpid(), seconds

    # One process is busy with the first item, so the other processes do the rest.
    items = [0.8] + [0.01] * 8
    results = list(ordered_map(work, items, alone=0))
    assert [seconds for _, seconds in results] == items
    assert results[0][0] not in {pid for pid, _ in results[1:]}


def test_what_nobody_wants_any_more_is_not_worked_on() -> None:
    results = ordered_map(lambda seconds: time.sleep(seconds), [0, 30, 30], alone=0)
    next(results)
    begun = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - begun < 10
