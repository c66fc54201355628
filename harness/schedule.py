"""Running cells some at a time. Knows threads and an order; knows nothing about cells."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Crashed(Generic[T]):
    """A worker thread raised: a mistake of the harness, not of the cell."""

    def __init__(self, item: T, error: BaseException) -> None:
        self.item = item
        self.error = error


def run_all(items: Sequence[T], work: Callable[[T], R], *, at_a_time: int) -> Iterator[R]:
    """The result of `work` on every item, as they come; the first items are begun first.

    Nothing more is begun once the caller stops listening, or once `work` has raised, which ends the
    iteration with that exception.
    """
    waiting = iter(items)
    return run_as_needed(lambda: next(waiting, None), work, at_a_time=at_a_time)


def run_as_needed(
    next_item: Callable[[], T | None], work: Callable[[T], R], *, at_a_time: int
) -> Iterator[R]:
    """The same for items that are asked for one by one; None means that there is none at the moment.

    It is asked again after each result, which the caller has had by then: what comes next may depend on it.
    The end is when there is none and nothing runs.
    """

    def begin(item: T, done: Callable[[R | Crashed[T]], None]) -> None:
        def work_on() -> None:
            try:
                done(work(item))
            except BaseException as error:  # noqa: BLE001 - handed to the caller, who raises it
                done(Crashed(item, error))

        threading.Thread(target=work_on, name="cell", daemon=True).start()

    return run_begun(next_item, begin, room=lambda: at_a_time)


def run_begun(
    next_item: Callable[[], T | None],
    begin: Callable[[T, Callable[[R | Crashed[T]], None]], None],
    *,
    room: Callable[[], float],
) -> Iterator[R]:
    """The same for work that is done somewhere else: `begin` returns at once, and `done` is told later.

    `room` says how many may be begun at a time, and is asked again after each result.
    """
    outcomes: queue.SimpleQueue[R | Crashed[T]] = queue.SimpleQueue()
    running = 0
    while True:
        while running < room() and (item := next_item()) is not None:
            running += 1
            begin(item, outcomes.put)
        if not running:
            return
        outcome = outcomes.get()
        running -= 1
        if isinstance(outcome, Crashed):
            raise outcome.error
        yield outcome
