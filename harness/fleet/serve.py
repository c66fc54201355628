"""The side that runs cells: a Celery worker whose slots are threads, as those of the local scheduler are.

Beside it one thread says, several times in a lease, that the machine is there and what it has in hand, and
hears what need not go on: a run that has ended, a cell that another machine has taken over meanwhile.
"""

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Any

from celery import Task
from celery.exceptions import Ignore, Reject
from celery.worker import WorkController
from celery.worker import state as worker_state
from redis.exceptions import RedisError

from harness.errors import MachineError
from harness.fleet.app import TASK, make_app
from harness.fleet.board import Board, Held
from harness.fleet.offer import Offer
from harness.fleet.order import Order, decode_order
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until

# Runs an order in a project's folder, tells each stage; gives the line of the record, and the logs.
Run = Callable[[Order, Callable[[str], None]], tuple[str, dict[str, str]]]
_MISSED = 6  # looks in succession that find nothing of a run, until it is taken for gone


class _Hand:
    """An order in hand, until `over`: why it does not count any more."""

    def __init__(self, order: Order, tag: str) -> None:
        self.order = order
        self.tag = tag
        self.stage = "begun"
        self.deadline = Deadline(order.limit)
        self.over = ""
        self.missed = 0
        self.put_down = threading.Event()

    @property
    def held(self) -> Held:
        return Held(id=self.order.id, run=self.order.run, stage=self.stage, tag=self.tag)


class Serving:
    """A machine at work. `stop` ends whatever runs for an order, at once."""

    def __init__(
        self, url: str, board: Board, offer: Offer, *, run: Run, stop: Callable[[Order], object]
    ) -> None:
        self._board = board
        self._offer = offer
        self._run = run
        self._stop = stop
        self._hands: dict[str, _Hand] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._stopping = False
        self.ready = threading.Event()
        app = make_app(url, lease=board.lease)

        @app.task(name=TASK, bind=True, acks_late=True)  # type: ignore[untyped-decorator]
        def cell(task: Task, order: dict[str, Any]) -> dict[str, Any]:
            return self._work(decode_order(order), task.request.properties["delivery_tag"])

        app.finalize()
        app.set_default()
        self._worker = WorkController(
            app=app,
            hostname=f"cells@{offer.name}",
            pool="threads",
            concurrency=offer.slots,
            queues=offer.queues,
            loglevel="INFO",
            ready_callback=lambda _consumer: self.ready.set(),
            without_mingle=True,
            without_gossip=True,
            without_heartbeat=True,
        )
        self._consumer = threading.Thread(target=self._worker.start, name="consumer", daemon=True)
        self._beat = threading.Thread(target=self._go_on, name="beat", daemon=True)

    def serve(self) -> None:
        """Run cells until this is interrupted.

        Raises:
            MachineError: the worker has ended by itself.
        """
        self._consumer.start()
        self._beat.start()
        while self._consumer.is_alive():
            self._consumer.join(1.0)
        raise MachineError("the Celery worker has ended; its log says why", hint="start it again")

    def close(self, *, within: float) -> None:
        """Give back what is in hand; whoever calls this has ended what runs, so that it does not go on."""
        worker_state.should_stop = 0
        with contextlib.suppress(DeadlineExceeded):
            wait_until(lambda: not self._hands, deadline=Deadline(within), what="cells to be given back")
        self._ended.set()
        with contextlib.suppress(RedisError):
            self._board.withdraw(self._offer.name)

    def give_back(self) -> None:
        """From now on what ends is given back: it has been broken off."""
        self._stopping = True

    # --- a slot ---------------------------------------------------------------------------------

    def _work(self, order: Order, tag: str) -> dict[str, Any]:
        hand = _Hand(order, tag)
        self._take(hand)
        try:
            record, logs = self._run(order, lambda stage: setattr(hand, "stage", stage))
        except Exception:
            # Broken off in the midst of it, it may have failed in whatever way.
            if not (self._stopping or hand.over):
                raise
            record, logs = "", {}
        finally:
            self._put_down(hand)
        if self._stopping:
            raise Reject(reason="the machine stops", requeue=True)
        if hand.over == _LATE:
            return {"machine": self._offer.name, "broken_off": order.limit}
        if hand.over:
            raise Ignore
        return {"machine": self._offer.name, "record": record, "logs": logs}

    def _take(self, hand: _Hand) -> None:
        """Take an order in hand, or leave it to who has it in hand already."""
        if self._stopping:
            raise Reject(reason="the machine stops", requeue=True)
        try:
            with self._lock:
                # Given to this machine a second time, while its first is under way or another one's is.
                if hand.order.id in self._hands or not self._board.take(self._offer.name, hand.held):
                    raise Ignore
                self._hands[hand.order.id] = hand
        except RedisError as error:
            raise Reject(reason=str(error), requeue=True) from None

    def _put_down(self, hand: _Hand) -> None:
        with self._lock:
            del self._hands[hand.order.id]
            hand.put_down.set()
            with contextlib.suppress(RedisError):
                self._board.put_down(self._offer.name, hand.order.id)

    # --- the beat -------------------------------------------------------------------------------

    def _go_on(self) -> None:
        pause = min(2.0, self._board.lease / 6)
        while True:
            with contextlib.suppress(RedisError):
                self._board.announce(self._offer)
                with self._lock:
                    self._renew(list(self._hands.values()))
            for hand in list(self._hands.values()):
                if not hand.over and hand.deadline.passed:
                    self._break_off(hand, _LATE)
            if self._ended.wait(pause):
                return

    def _renew(self, hands: Sequence[_Hand]) -> None:
        standings = self._board.renew(self._offer.name, [hand.held for hand in hands])
        for hand, standing in zip(hands, standings, strict=True):
            # A Redis that was started anew has forgotten the run, until its own side says it again.
            hand.missed = hand.missed + 1 if standing.run is None else 0
            if standing.run is False or hand.missed > _MISSED:
                self._break_off(hand, "its run has ended")
            elif not standing.own:
                self._break_off(hand, "another machine has taken it over")

    def _break_off(self, hand: _Hand, why: str) -> None:
        if hand.over:
            return
        hand.over = why

        def stop() -> None:
            # An attempt that is broken off is followed by the next one, which is broken off.
            while not hand.put_down.is_set():
                self._stop(hand.order)

        threading.Thread(target=stop, name="stop", daemon=True).start()


_LATE = "it took too long"
