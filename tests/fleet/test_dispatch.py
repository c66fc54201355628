"""The dispatcher with a board and an app that are values: no Redis, no processes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from redis.exceptions import ConnectionError as NoConnection

from harness.errors import MachineError
from harness.fleet.app import TASK
from harness.fleet.dispatch import (
    Answer,
    BrokenOff,
    Dispatcher,
    Failed,
    Listener,
    Ran,
    Unserved,
    wait_for_machines,
)
from harness.fleet.offer import Offer
from harness.fleet.order import Order, decode_order
from harness.model import Profile
from harness.proc.wait import Deadline, wait_until
from tests.fleet.orders import OFFER, ORDER

LEASE = 0.5
OTHER = replace(ORDER, cell=replace(ORDER.cell, profile=Profile(name="other", reason="", settings={})))


@dataclass
class World:
    """What the dispatcher sees, and what it does: a board and an app in one."""

    lease: float = LEASE
    machines: tuple[Offer, ...] = (OFFER,)
    away: bool = False
    sent: list[str] = field(default_factory=list)
    nowhere: set[str] = field(default_factory=set)
    hands: dict[str, tuple[str, str]] = field(default_factory=dict)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    ended: list[tuple[str, set[str]]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    answers_told: list[tuple[str, Answer]] = field(default_factory=list)

    # --- the board --------------------------------------------------------------------------------

    def go_on(self, run: str, version: str, project: str, files: bytes) -> None:
        assert (run, version, project, files) == (ORDER.run, ORDER.version, ORDER.project, b"files")
        self._reached()

    def offers(self) -> tuple[Offer, ...]:
        self._reached()
        return self.machines

    def in_hand(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        return {id_: self.hands[id_] for id_ in ids if id_ in self.hands}

    def waiting(self, queues: Iterable[str]) -> set[str]:
        assert set(queues) <= {ORDER.queue, OTHER.queue}
        return set(self.sent) - self.nowhere

    def answers(self, keys: Mapping[str, str]) -> dict[str, Any]:
        self._reached()
        return {id_: self.results[key] for id_, key in keys.items() if key in self.results}

    def answered(self, run: str, keys: Mapping[str, str]) -> None:
        assert run == ORDER.run
        self.taken.extend(keys)

    def end(self, run: str, queues: Iterable[str]) -> None:
        self.ended.append((run, set(queues)))

    # --- the app ----------------------------------------------------------------------------------

    def send_task(self, name: str, *, args: list[Any], task_id: str, queue: str, **_: object) -> None:
        self._reached()
        order = decode_order(args[0])
        assert (name, task_id, queue) == (TASK, order.id, order.queue)
        self.sent.append(task_id)

    @property
    def backend(self) -> SimpleNamespace:
        return SimpleNamespace(
            get_key_for_task=lambda id_: f"result-{id_}".encode(), decode_result=lambda payload: payload
        )

    # --- the test's side --------------------------------------------------------------------------

    def dispatcher(self) -> Dispatcher:
        both: Any = self
        made = Dispatcher(both, both, run=ORDER.run, project=(ORDER.project, b"files"), version=ORDER.version)
        listener = Listener(
            stage=lambda order, stage: self.stages.append(f"{order.cell.id} {stage}"), say=self.said.append
        )
        return made.tells(listener)

    def begin(self, dispatcher: Dispatcher, order: Order) -> None:
        dispatcher.begin(order, lambda answer: self.answers_told.append((order.id, answer)))

    def answer(self, order: Order, **result: object) -> None:
        self.results[f"result-{order.id}"] = {"status": "SUCCESS", "result": {"machine": "one", **result}}

    def until(self, what: str, condition: Callable[[], object]) -> None:
        wait_until(condition, deadline=Deadline(60), what=what)

    def _reached(self) -> None:
        if self.away:
            raise NoConnection("it is away")


def test_a_cell_is_sent_and_answered_and_its_answer_is_taken() -> None:
    world = World()
    with world.dispatcher() as dispatcher:
        world.begin(dispatcher, ORDER)
        world.until("it to be sent", lambda: world.sent)
        world.hands[ORDER.id] = ("one", "import")
        world.until("its stage to be told", lambda: world.stages)
        world.answer(ORDER, record="line", logs={})
        world.until("its answer", lambda: world.taken)
        del world.hands[ORDER.id]
    assert world.sent == world.taken == [ORDER.id]
    assert world.stages == ["old@izone import"]
    assert world.answers_told == [(ORDER.id, Ran(machine="one", record="line", logs={}))]
    assert world.ended == [(ORDER.run, {ORDER.queue})]
    assert world.said == []


def test_what_is_nowhere_is_sent_again_and_answered_once() -> None:
    world = World(nowhere={ORDER.id})
    with world.dispatcher() as dispatcher:
        world.begin(dispatcher, ORDER)
        world.begin(dispatcher, OTHER)
        world.until("it to be sent again", lambda: world.sent.count(ORDER.id) == 2)
        world.nowhere.clear()
        world.answer(ORDER, record="first", logs={})
        world.until("its answer", lambda: world.answers_told)
        # What comes of the second sending finds nobody.
        world.answer(ORDER, record="second", logs={})
        world.answer(OTHER, record="other", logs={})
        world.until("both answers", lambda: len(world.taken) == 2)
    assert world.sent.count(OTHER.id) == 1
    assert [(id_, cast("Ran", answer).record) for id_, answer in world.answers_told] == [
        (ORDER.id, "first"),
        (OTHER.id, "other"),
    ]
    assert world.said == [f"lost on the way, and sent again: {ORDER.cell.id}"]


def test_a_redis_that_is_away_is_waited_for() -> None:
    world = World(away=True)
    with world.dispatcher() as dispatcher:
        world.begin(dispatcher, ORDER)
        world.until("it to be told", lambda: world.said)
        assert world.sent == []
        world.away = False
        world.until("it to be sent", lambda: world.sent)
        world.answer(ORDER, record="line", logs={})
        world.until("its answer", lambda: world.answers_told)
    assert world.said == [
        "the fleet's Redis does not answer, waiting for it: it is away",
        "the fleet's Redis answers again",
    ]


def test_a_cell_that_no_machine_can_run_is_told_of_and_given_up() -> None:
    world = World(machines=(replace(OFFER, pythons=("3.13",)),))
    with world.dispatcher() as dispatcher:
        world.begin(dispatcher, ORDER)
        world.until("its answer", lambda: world.answers_told)
    need = "Python 3.9, mariadb, fake clock"
    assert world.said == [f"no machine of the fleet has {need}, for a cell; waiting 0 s for one"]
    assert world.answers_told == [(ORDER.id, Unserved(why=f"no machine of the fleet has {need}"))]


def test_without_any_machine_it_ends() -> None:
    world = World(machines=())
    with world.dispatcher() as dispatcher:
        world.begin(dispatcher, ORDER)
        world.until("its answer", lambda: world.answers_told)
        # Nobody is left who could take it.
        world.begin(dispatcher, OTHER)
    errors = [cast("Failed", answer).error for _, answer in world.answers_told]
    assert [str(error) for error in errors] == 2 * ["the fleet has no machine any more"]


def test_what_a_machine_broke_off_and_what_failed_there() -> None:
    world = World()
    with world.dispatcher() as dispatcher:
        world.begin(dispatcher, ORDER)
        world.begin(dispatcher, OTHER)
        world.answer(ORDER, broken_off=7.0)
        world.results[f"result-{OTHER.id}"] = {
            "status": "FAILURE",
            "result": ValueError("a mistake"),
            "traceback": "Traceback",
        }
        world.until("both answers", lambda: len(world.answers_told) == 2)
    answers = dict(world.answers_told)
    assert answers[ORDER.id] == BrokenOff(machine="one", seconds=7.0)
    assert "ValueError('a mistake')" in str(cast("Failed", answers[OTHER.id]).error)


def test_who_waits_for_machines_hears_of_those_of_another_version() -> None:
    said: list[str] = []
    world = World(machines=(replace(OFFER, name="two", version="another-60"), OFFER))
    board: Any = world
    assert wait_for_machines(board, ORDER.version, said.append) == (OFFER,)
    assert said == ["two runs another version of the harness (another-60): it gets no cells"]
    with pytest.raises(MachineError, match="no machine with this version"):
        wait_for_machines(board, "a-third-60", said.append)
    assert said[-1] == "no machine serves the fleet yet; waiting 0 s for one"
