"""A machine's slots and its beat, with a board that is a value: nothing connects to anything."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from celery.exceptions import Ignore, Reject
from redis.exceptions import ConnectionError as NoConnection

from harness.fleet.board import Held, Standing
from harness.fleet.order import Order
from harness.fleet.serve import Serving
from harness.proc.wait import Deadline, wait_until
from tests.fleet.orders import OFFER, ORDER

NOWHERE = "redis://127.0.0.1:1/0"
GOES_ON = Standing(run=True, own=True)


@dataclass
class Slots:
    """A machine whose cells last until they are stopped, or let go on."""

    lease: float = 60.0
    takes: bool = True
    away: bool = False
    standing: Standing = GOES_ON
    let_down: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    fails: bool = False

    def __post_init__(self) -> None:
        both: Any = self
        self.serving = Serving(NOWHERE, both, OFFER, run=self.run, stop=self.stop)

    def run(self, order: Order, tell: Callable[[str], None]) -> tuple[str, dict[str, str]]:
        tell("import")
        self.begun.set()
        assert self.go_on.wait(60)
        if self.fails:
            raise ZeroDivisionError
        return order.id, {"worker.log": "text"}

    def stop(self, order: Order) -> None:
        self.stopped.append(order.id)
        self.go_on.set()

    # --- the board --------------------------------------------------------------------------------

    def take(self, name: str, held: Held) -> bool:
        assert (name, held.id, held.run, held.tag) == (OFFER.name, ORDER.id, ORDER.run, "tag")
        if self.away:
            raise NoConnection
        return self.takes

    def put_down(self, name: str, id_: str) -> None:
        assert name == OFFER.name
        self.let_down.append(id_)

    def announce(self, offer: object) -> None:
        assert offer == OFFER

    def renew(self, name: str, all_held: Sequence[Held]) -> list[Standing]:
        assert name == OFFER.name
        assert [held.stage for held in all_held] in ([], ["import"])
        return [self.standing for _ in all_held]

    # --- the test's side --------------------------------------------------------------------------

    def beat(self) -> None:
        """One look of the beat."""
        self.serving._ended.set()
        self.serving._go_on()

    def in_the_midst(self, pool: ThreadPoolExecutor, order: Order = ORDER) -> "Future[dict[str, Any]]":
        future = pool.submit(self.serving._work, order, "tag")
        assert self.begun.wait(60)
        return future


def test_a_cell_is_run_and_let_go() -> None:
    slots = Slots()
    slots.go_on.set()
    assert slots.serving._work(ORDER, "tag") == {
        "machine": "one",
        "record": ORDER.id,
        "logs": {"worker.log": "text"},
    }
    assert slots.let_down == [ORDER.id]


def test_what_another_machine_has_in_hand_is_left_to_it() -> None:
    slots = Slots(takes=False)
    with pytest.raises(Ignore):
        slots.serving._work(ORDER, "tag")
    assert not slots.begun.is_set()


def test_what_comes_a_second_time_is_not_begun_a_second_time() -> None:
    slots = Slots()
    with ThreadPoolExecutor(1) as pool:
        first = slots.in_the_midst(pool)
        with pytest.raises(Ignore):
            slots.serving._work(ORDER, "tag")
        slots.go_on.set()
        assert first.result(60)["record"] == ORDER.id
    assert slots.let_down == [ORDER.id]


def test_what_cannot_be_taken_in_hand_is_given_back() -> None:
    slots = Slots(away=True)
    with pytest.raises(Reject) as given_back:
        slots.serving._work(ORDER, "tag")
    assert given_back.value.requeue


def test_what_a_stopping_machine_has_in_hand_is_given_back() -> None:
    slots = Slots(fails=True)
    with ThreadPoolExecutor(1) as pool:
        first = slots.in_the_midst(pool)
        slots.serving.give_back()
        slots.go_on.set()
        with pytest.raises(Reject):
            first.result(60)
        with pytest.raises(Reject):
            slots.serving._work(ORDER, "tag")
    assert slots.let_down == [ORDER.id]


def test_a_mistake_of_the_harness_is_told() -> None:
    slots = Slots(fails=True)
    slots.go_on.set()
    with pytest.raises(ZeroDivisionError):
        slots.serving._work(ORDER, "tag")
    assert slots.let_down == [ORDER.id]


@pytest.mark.parametrize(
    "standing",
    [
        pytest.param(replace(GOES_ON, run=False), id="ended"),
        pytest.param(replace(GOES_ON, own=False), id="taken over"),
    ],
)
def test_what_need_not_go_on_is_broken_off(standing: Standing) -> None:
    slots = Slots(standing=standing)
    with ThreadPoolExecutor(1) as pool:
        first = slots.in_the_midst(pool)
        slots.beat()
        with pytest.raises(Ignore):
            first.result(60)
    assert set(slots.stopped) == {ORDER.id}


def test_what_goes_on_is_not_broken_off() -> None:
    slots = Slots()
    with ThreadPoolExecutor(1) as pool:
        first = slots.in_the_midst(pool)
        slots.beat()
        slots.go_on.set()
        assert first.result(60)["record"] == ORDER.id
    assert slots.stopped == []


def test_a_run_that_nothing_is_known_of_is_over_after_several_looks() -> None:
    slots = Slots(standing=replace(GOES_ON, run=None))
    with ThreadPoolExecutor(1) as pool:
        first = slots.in_the_midst(pool)
        for _ in range(6):
            slots.beat()
        assert slots.stopped == []
        slots.beat()
        with pytest.raises(Ignore):
            first.result(60)


def test_what_takes_too_long_is_broken_off_and_said_so() -> None:
    slots = Slots()
    with ThreadPoolExecutor(1) as pool:
        late = replace(ORDER, limit=0.0)
        first = slots.in_the_midst(pool, late)
        slots.beat()
        wait_until(lambda: slots.stopped, deadline=Deadline(60), what="it to be stopped")
        assert first.result(60) == {"machine": "one", "broken_off": 0.0}
