import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.schedule import Crashed, run_all, run_as_needed, run_begun

DEADLINE = 30  # seconds, for what should happen at once


@given(st.lists(st.integers()), st.integers(min_value=1, max_value=5))
def test_every_item_is_worked_on_once(items: list[int], at_a_time: int) -> None:
    assert sorted(run_all(items, lambda item: item * 2, at_a_time=at_a_time)) == sorted(
        item * 2 for item in items
    )


@given(st.lists(st.integers()))
def test_one_at_a_time_is_in_order(items: list[int]) -> None:
    assert list(run_all(items, lambda item: item, at_a_time=1)) == items


def test_the_first_items_are_begun_first() -> None:
    begun: set[str] = set()
    together = threading.Barrier(2)

    def work(item: str) -> set[str]:
        begun.add(item)
        together.wait(DEADLINE)
        return set(begun)

    first, second, *_ = run_all(["a", "b", "c", "d"], work, at_a_time=2)
    assert {"a", "b"} <= first
    assert {"a", "b"} <= second


def test_results_come_as_they_are_ready() -> None:
    quick_is_told = threading.Event()

    def work(item: str) -> str:
        if item == "slow":
            assert quick_is_told.wait(DEADLINE)
        return item

    results = run_all(["slow", "quick"], work, at_a_time=2)
    assert next(results) == "quick"
    quick_is_told.set()
    assert list(results) == ["slow"]


@pytest.mark.parametrize("at_a_time", [1, 2, 3])
def test_as_many_as_asked_for_run_at_a_time_and_never_more(at_a_time: int) -> None:
    together = threading.Barrier(at_a_time)
    running = threading.Semaphore(at_a_time)
    crowded: list[int] = []

    def work(item: int) -> None:
        if not running.acquire(blocking=False):
            crowded.append(item)
        together.wait(DEADLINE)  # breaks when fewer run
        running.release()

    assert len(list(run_all(range(at_a_time * 4), work, at_a_time=at_a_time))) == at_a_time * 4
    assert crowded == []


class Workers:
    """Work of which the order is known: an item waits for the threads of others to end."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.threads: dict[str, threading.Thread] = {}

    def begin(self, item: str) -> str:
        self.begun.append(item)
        self.threads[item] = threading.current_thread()
        return item

    def wait_for_end_of(self, item: str) -> None:
        self.threads[item].join(DEADLINE)
        assert not self.threads[item].is_alive()


def test_what_work_raises_is_raised_and_nothing_more_is_begun() -> None:
    workers = Workers()

    def work(item: str) -> str:
        if workers.begin(item) == "bad":
            raise ZeroDivisionError
        return item

    results = run_all(["good", "bad", "never"], work, at_a_time=1)
    assert next(results) == "good"
    with pytest.raises(ZeroDivisionError):
        next(results)
    with pytest.raises(StopIteration):
        next(results)
    workers.wait_for_end_of("bad")
    assert workers.begun == ["good", "bad"]


def test_nothing_more_is_begun_even_while_something_else_runs() -> None:
    workers = Workers()
    other_is_running = threading.Event()

    def work(item: str) -> str:
        if workers.begin(item) == "bad":
            assert other_is_running.wait(DEADLINE)
            raise ZeroDivisionError
        if item == "other":
            other_is_running.set()
            workers.wait_for_end_of("bad")
        return item

    results = run_all(["good", "bad", "other", "never"], work, at_a_time=2)
    assert next(results) == "good"
    with pytest.raises(ZeroDivisionError):
        list(results)
    workers.wait_for_end_of("other")
    assert sorted(workers.begun) == ["bad", "good", "other"]


def test_nothing_more_is_begun_once_the_caller_stops_listening() -> None:
    workers = Workers()
    for result in run_all(["first", "never"], workers.begin, at_a_time=1):
        assert result == "first"
        break
    assert workers.begun == ["first"]


def test_what_comes_next_may_depend_on_what_came() -> None:
    results: list[int] = []

    def next_item() -> int | None:
        return len(results) if len(results) < 4 else None

    results.extend(run_as_needed(next_item, lambda item: item, at_a_time=1))
    assert results == [0, 1, 2, 3]


def test_who_has_nothing_to_give_is_asked_again_while_something_runs() -> None:
    asked: list[int] = []

    def next_item() -> str | None:
        asked.append(len(asked))
        return {0: "first", 2: "second"}.get(asked[-1])

    assert list(run_as_needed(next_item, lambda item: item, at_a_time=2)) == ["first", "second"]


def test_nothing_is_begun_before_the_caller_listens() -> None:
    workers = Workers()
    run_all(["never"], workers.begin, at_a_time=1)
    assert workers.begun == []


def test_work_that_is_done_elsewhere_is_begun_while_there_is_room_and_told_of_later() -> None:
    items = iter("abcd")
    begun: list[str] = []
    rooms = iter([2, 2, 2, 1, 1])

    def begin(item: str, done: Callable[[str | Crashed[str]], None]) -> None:
        begun.append(item)
        done(item.upper())

    results = run_begun(lambda: next(items, None), begin, room=lambda: next(rooms, 1))
    assert next(results) == "A"
    assert begun == ["a", "b"]
    # One of them still runs, and there is no more room than for that.
    assert next(results) == "B"
    assert begun == ["a", "b"]
    assert list(results) == ["C", "D"]


def test_what_crashes_elsewhere_is_raised() -> None:
    items = iter("a")

    def begin(item: str, done: Callable[[str | Crashed[str]], None]) -> None:
        done(Crashed(item, ZeroDivisionError()))

    results = run_begun(lambda: next(items, None), begin, room=lambda: 1)
    with pytest.raises(ZeroDivisionError):
        next(results)
