"""The side that wants cells run: sends orders, takes answers, sends again what was lost.

One thread does all of it, so that nothing else ever waits for Redis. An order has one answer: the first; what
comes of it a second time finds nobody who waits for it.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from celery import Celery
from celery.exceptions import OperationalError
from redis.exceptions import RedisError

from harness.errors import MachineError
from harness.fleet.app import TASK
from harness.fleet.board import Board
from harness.fleet.census import Census, take_census
from harness.fleet.offer import Offer, of_version, unserved
from harness.fleet.order import Need, Order, encode_order
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until

_LOOK = 0.2  # seconds between looks for answers
_SENT_AT_ONCE = 100
_AWAY = (RedisError, OperationalError)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A machine has run the cell: the line of its record, and the logs that are kept."""

    machine: str
    record: str
    logs: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Unserved:
    """No machine has what the cell needs."""

    why: str


@dataclass(frozen=True, kw_only=True)
class BrokenOff:
    """The cell took longer than its order allows."""

    machine: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The harness failed: on a machine, or here."""

    error: BaseException


Answer = Ran | Unserved | BrokenOff | Failed
Done = Callable[[Answer], None]


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Who is told: of a cell's stage, and in words of what keeps cells from being run."""

    stage: Callable[[Order, str], None]
    say: Callable[[str], None]


class Dispatcher:
    """Orders of one run; a context manager while it goes on. Its end stops what still runs of it."""

    def __init__(
        self, app: Celery, board: Board, *, run: str, project: tuple[str, bytes], version: str
    ) -> None:
        self._app = app
        self._board = board
        self._run = run
        self._project = project
        self._version = version
        self._listener = Listener(stage=lambda _order, _stage: None, say=lambda _text: None)
        self._lock = threading.Lock()
        self._orders: dict[str, Order] = {}
        self._waits: dict[str, Done] = {}
        self._unsent: list[str] = []
        self._queues: set[str] = set()
        self._stages: dict[str, str] = {}
        self._unserved_since: dict[Need, float] = {}
        self._census = Census()
        self._offers: tuple[Offer, ...] = ()
        self._failed: Exception | None = None
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="dispatcher", daemon=True)

    def tells(self, listener: Listener) -> Self:
        """Tell somebody."""
        self._listener = listener
        return self

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._wake.set()
        self._thread.join()
        try:
            self._board.end(self._run, self._queues)
            self._until_stopped()
        except _AWAY:
            # Machines stop by themselves what belongs to a run that says nothing any more.
            self._listener.say("the fleet's Redis does not answer: machines stop by themselves")

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The machines of this version of the harness, at the last look."""
        return self._offers

    def begin(self, order: Order, done: Done) -> None:
        """Have a cell run; `done` is told once."""
        with self._lock:
            self._orders[order.id] = order
            self._waits[order.id] = done
            self._unsent.append(order.id)
            failed = self._failed
        if failed is not None:
            self._fail(failed)
        self._wake.set()

    # --- the thread -----------------------------------------------------------------------------

    def _go_on(self) -> None:
        beat, census, away = 0.0, time.monotonic() + self._board.lease / 2, False
        while not self._ended.is_set():
            try:
                if time.monotonic() >= beat:
                    self._look_around()
                    beat = time.monotonic() + min(2.0, self._board.lease / 6)
                self._send()
                self._take_answers()
                if time.monotonic() >= census:
                    self._count()
                    census = time.monotonic() + self._board.lease / 2
                if away:
                    self._listener.say("the fleet's Redis answers again")
                away = False
            except _AWAY as error:
                if not away:
                    self._listener.say(f"the fleet's Redis does not answer, waiting for it: {error}")
                away = True
                # What nobody could tell us is nobody's absence.
                self._unserved_since.clear()
                self._census = Census()
            except Exception as error:  # noqa: BLE001 - handed to who waits, who raises it
                self._fail(error)
                return
            self._wake.wait(_LOOK)
            self._wake.clear()

    def _look_around(self) -> None:
        """Say that the run goes on; see who is there, and where cells have come to."""
        self._board.go_on(self._run, self._version, *self._project)
        self._offers = of_version(self._version, self._board.offers())[0]
        with self._lock:
            ids = [each for each in self._waits if each not in self._unsent]
        for id_, (_machine, stage) in self._board.in_hand(ids).items():
            if self._stages.get(id_) != stage:
                self._stages[id_] = stage
                self._listener.stage(self._orders[id_], stage)
        self._look_for_unserved()

    def _look_for_unserved(self) -> None:
        with self._lock:
            open_ = [(id_, self._orders[id_].need) for id_ in self._waits]
        now, needs = time.monotonic(), [need for _, need in open_]
        lacking = set(unserved(needs, self._offers))
        for need in lacking - self._unserved_since.keys():
            cells = sum(each == need for each in needs)
            self._listener.say(
                f"no machine of the fleet has {need}, for {_count_of_cells(cells)};"
                f" waiting {self._board.lease:.0f} s for one"
            )
        self._unserved_since = {need: self._unserved_since.get(need, now) for need in lacking}
        over = {need for need in lacking if now - self._unserved_since[need] > self._board.lease}
        if over and not self._offers:
            raise MachineError(
                "the fleet has no machine any more",
                hint="start one: nox -s fleet-worker -- URL; the same command goes on where it stopped",
            )
        for id_, need in open_:
            if need in over:
                self._answer(id_, Unserved(why=f"no machine of the fleet has {need}"))

    def _send(self) -> None:
        with self._lock:
            some = [self._orders[id_] for id_ in self._unsent[:_SENT_AT_ONCE] if id_ in self._waits]
            count = min(_SENT_AT_ONCE, len(self._unsent))
        for order in some:
            self._queues.add(order.queue)
            self._app.send_task(
                TASK,
                args=[encode_order(order)],
                task_id=order.id,
                queue=order.queue,
                retry_policy={"max_retries": 1, "interval_start": 0},
            )
        with self._lock:
            del self._unsent[:count]
            if self._unsent:
                self._wake.set()

    def _take_answers(self) -> None:
        backend = self._app.backend
        with self._lock:
            keys = {id_: backend.get_key_for_task(id_).decode() for id_ in self._waits}
        found = self._board.answers(keys)
        for id_, payload in found.items():
            self._answer(id_, _read(backend.decode_result(payload)))
        if found:
            self._board.answered(self._run, {id_: keys[id_] for id_ in found})

    def _count(self) -> None:
        """Send again what is nowhere."""
        with self._lock:
            sent = set(self._waits) - set(self._unsent)
        # In this order: what goes from a queue into a machine's hands meanwhile is seen at least once.
        seen = self._board.waiting(self._queues) | self._board.in_hand(sorted(sent)).keys()
        with self._lock:
            self._census = take_census(sent & self._waits.keys(), seen, self._census)
            lost = sorted(self._census.lost)
            self._unsent.extend(lost)
        if lost:
            self._listener.say(f"lost on the way, and sent again: {', '.join(map(_cell_of, lost))}")

    def _answer(self, id_: str, answer: Answer) -> None:
        with self._lock:
            done = self._waits.pop(id_, None)
        if done is not None:
            done(answer)

    def _fail(self, error: Exception) -> None:
        with self._lock:
            self._failed = error
            ids = list(self._waits)
        for id_ in ids:
            self._answer(id_, Failed(error=error))

    def _until_stopped(self) -> None:
        """Wait until no machine has anything of this run in hand."""
        ids = sorted(self._orders)
        with contextlib.suppress(DeadlineExceeded):
            wait_until(
                lambda: not self._board.in_hand(ids),
                deadline=Deadline(self._board.lease),
                what="machines to stop",
            )
            return
        left = sorted({machine for machine, _ in self._board.in_hand(ids).values()})
        if left:
            self._listener.say(f"still at it: {', '.join(left)}")


def _read(meta: Mapping[str, Any]) -> Answer:
    """The answer that a task's result is."""
    if meta["status"] != "SUCCESS":
        # What Celery made of it, which has lost its own type on the way.
        told = meta["result"] if isinstance(meta["result"], Exception) else meta.get("traceback")
        return Failed(error=MachineError(f"a machine of the fleet failed: {told!r}\n{meta.get('traceback')}"))
    result = meta["result"]
    if "broken_off" in result:
        return BrokenOff(machine=result["machine"], seconds=result["broken_off"])
    return Ran(machine=result["machine"], record=result["record"], logs=result["logs"])


def _count_of_cells(count: int) -> str:
    return "a cell" if count == 1 else f"{count} cells"


def _cell_of(id_: str) -> str:
    return id_.partition("/")[2]


def wait_for_machines(board: Board, version: str, say: Callable[[str], None]) -> Collection[Offer]:
    """The machines that there are; if there are none, those that come within a lease.

    Raises:
        MachineError: none comes, or only such as run another version of the harness.
    """
    told: set[str] = set()

    def machines() -> tuple[Offer, ...]:
        same, others = of_version(version, board.offers())
        for other in others:
            if other.name not in told:
                told.add(other.name)
                say(f"{other.name} runs another version of the harness ({other.version}): it gets no cells")
        if not same and "" not in told:
            told.add("")
            say(f"no machine serves the fleet yet; waiting {board.lease:.0f} s for one")
        return same

    try:
        return wait_until(machines, deadline=Deadline(board.lease), what="a machine")
    except RedisError as error:
        raise MachineError(f"the fleet's Redis does not answer any more: {error}") from None
    except DeadlineExceeded:
        raise MachineError(
            f"no machine with this version of the harness ({version}) serves the fleet",
            hint="start one: nox -s fleet-worker -- URL",
        ) from None
