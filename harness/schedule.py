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
    done: queue.SimpleQueue[R | Crashed[T]] = queue.SimpleQueue()
    running = 0

    def work_on(item: T) -> None:
        try:
            done.put(work(item))
        except BaseException as error:  # noqa: BLE001 - handed to the caller, who raises it
            done.put(Crashed(item, error))

    while True:
        while running < at_a_time and (item := next_item()) is not None:
            running += 1
            threading.Thread(target=work_on, args=(item,), name="cell", daemon=True).start()
        if not running:
            return
        outcome = done.get()
        running -= 1
        if isinstance(outcome, Crashed):
            raise outcome.error
        yield outcome
