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
    waiting: queue.SimpleQueue[T] = queue.SimpleQueue()
    done: queue.SimpleQueue[R | Crashed[T]] = queue.SimpleQueue()
    stopped = threading.Event()
    for item in items:
        waiting.put(item)

    def take_next() -> None:
        while not stopped.is_set():
            try:
                item = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put(work(item))
            except BaseException as error:  # noqa: BLE001 - handed to the caller, who raises it
                stopped.set()
                done.put(Crashed(item, error))
                return

    for number in range(min(at_a_time, len(items))):
        threading.Thread(target=take_next, name=f"cells-{number}", daemon=True).start()
    try:
        for _ in items:
            outcome = done.get()
            if isinstance(outcome, Crashed):
                raise outcome.error
            yield outcome
    finally:
        stopped.set()
