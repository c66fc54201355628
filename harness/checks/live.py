"""The live cell as the checks see it: its processes, its clock, its journal, and how to wait in it."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from harness.model import DatabaseKind
from harness.nodes.agent import Agent, AgentError
from harness.nodes.beat import BeatContainer
from harness.nodes.broker import ProcessRedisContainer
from harness.nodes.clock import CeleryTestClock
from harness.nodes.crew import MakeCrew
from harness.nodes.journal import Journal
from harness.nodes.process import ProcessContainer
from harness.nodes.worker import ProcessWorkerContainer
from harness.proc.children import Child
from harness.proc.logs import LogFlooded, tail
from harness.proc.marker import Marker
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until

T = TypeVar("T")

_ORDINARY = re.compile(r"^\[[^\]]* (?:DEBUG|INFO|WARNING)/[^\]]*\].*\n?", re.MULTILINE)
# How long before an instant of interest the clock arrives, in seconds: some of beat's ticks.
LEAD = 0.35
# How far beyond an instant beat must have ticked before anybody says "did not fire", in seconds.
BEYOND = 1.0
LULL = 2.0  # seconds in which a beat that lives falls asleep, many times over


class ProcessEnded(Exception):
    """The worker or the beat of the cell ended in the middle of an experiment. `trace` is its last output."""

    def __init__(self, name: str, code: int, trace: str) -> None:
        super().__init__(f"{name} ended with code {code}")
        self.trace = trace


class StartWeb(Protocol):
    """Starts a server of the project, named for its log.

    A browser needs `threads`: it opens connections before it has anything to ask, and keeps them.
    """

    def __call__(self, name: str, *, threads: bool = False) -> Child:
        """The server, which may still be booting."""


@dataclass(frozen=True, kw_only=True)
class LiveCell:
    """A booted cell. Instants are seconds since the epoch, in the cell's time.

    `additions` is a module of tasks that the worker imports, empty when it boots. `start_web` starts one more
    of the project's servers, named for its log. `database_name` is a file where `database` is sqlite. `work`
    is the attempt's folder, where its logs are.
    """

    id: str
    settings: Mapping[str, bool | str]
    database: DatabaseKind
    database_name: str
    work: Path
    additions: Path
    broker: ProcessContainer
    worker: ProcessContainer
    beat: ProcessContainer
    broker_container: ProcessRedisContainer
    worker_container: ProcessWorkerContainer
    beat_container: BeatContainer
    agent: Agent
    clock: CeleryTestClock
    journal: Journal
    start_web: StartWeb
    make_crew: MakeCrew
    marker: Marker
    check_timeout: float
    shutdown_timeout: float

    def ask(self, operation: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON
        """The agent's answer, within the deadline of a check."""
        return self.agent.ask(operation, timeout=self.check_timeout, **arguments)

    def wait(self, condition: Callable[[], T | None], what: str, *, ahead: float = 0.0) -> T:
        """Wait for `condition` while worker and beat live; `ahead` seconds longer where those must pass.

        Raises:
            DeadlineExceeded: it did not come true.
            ProcessEnded: worker or beat ended meanwhile.
        """

        def condition_of_the_living() -> T | None:
            value = condition()
            if not value:
                self.assert_alive()
            return value

        deadline = Deadline(self.check_timeout + max(0.0, ahead))
        return wait_until(condition_of_the_living, deadline=deadline, what=what)

    def so_far(self) -> dict[str, object]:
        """What beat has sent so far, for an experiment that breaks off."""
        return {"sends": [{"entry": send.entry, "sent": iso(send.instant)} for send in self.journal.sends]}

    def assert_alive(self) -> None:
        """Raise ProcessEnded unless worker and beat run."""
        for container in (self.worker, self.beat):
            code = container.child.exit_code
            if code is not None:
                raise ProcessEnded(container.name, code, last_words(tail(container.child.command.log)))

    def pass_by(self, instant: float, seen: Callable[[], bool] = lambda: False) -> None:
        """Let the cell live through `instant`, until `seen` or until beat has surely ticked past it.

        The clock jumps only while beat and worker are at rest: what they had in hand would get two times.
        """
        self.settle()
        self.clock.jump_to(instant - LEAD)
        beyond = instant + BEYOND
        self.wait(
            lambda: seen() or self._has_ticked_past(beyond),
            f"beat to tick past {iso(instant)}",
            ahead=beyond - self.clock.now(),
        )

    def wait_for_tick(self, instant: float) -> None:
        """Wait until beat has ticked once that surely began after `instant`."""
        self.wait(lambda: self._has_ticked_past(instant), f"beat to tick past {iso(instant)}")

    def _has_ticked_past(self, instant: float) -> bool:
        # Two wakes are proof: the first may end a tick that began before.
        return len([wake for wake in self.journal.read().wakes[-5:] if wake > instant]) > 1

    def look_at(self, instant: float) -> tuple[float, float]:
        """Set the clock to `instant` and let beat tick: what is due by then has been sent.

        Returns when the look began and when it was over. A look costs two sleeps of beat, where `pass_by`
        lives through the instant at the speed of real time.
        """
        self.settle()
        self.clock.jump_to(instant)
        began = self.clock.now()
        self.wait_for_tick(began)
        return began, self.clock.now()

    def wait_for_change(self, since: int) -> None:
        """Wait until beat has noticed that the schedule is not what it was at `since` changes."""
        self.wait(lambda: len(self.journal.read().changes) > since, "beat to notice the changed schedule")

    def let_beat_sleep(self) -> None:
        """Wait until beat says that it sleeps, if it still does: then it can be stopped.

        Beat saves its entries inside its signal handler. One that is hit in the middle of a read waits
        there for a lock of its own: Django closes the connection, SQLite keeps it open for the sake of the
        read, and the handler's new connection wants to write. It is a matter of milliseconds, so of luck,
        and not measured.
        """
        with suppress(DeadlineExceeded, LogFlooded):
            wakes = len(self.journal.catch_up().wakes)
            wait_until(
                lambda: len(self.journal.catch_up().wakes) > wakes,
                deadline=Deadline(LULL),
                what="beat to sleep",
            )

    def let_worker_pass(self, instant: float) -> None:
        """Wait until the worker has ended a task that was sent after `instant`.

        It works through its queue in order: what has not run by then was not due by `instant`.
        """
        ahead = instant - self.clock.now()
        self.wait(lambda: self.clock.now() > instant, f"{iso(instant)} to pass", ahead=ahead)
        with suppress(AgentError):  # a version that cannot send has said so elsewhere
            probe = self.ask("delay", task="simple_task", args=[0, 0])
            timeout = 2 * self.check_timeout
            self.agent.ask("result", timeout=timeout, id=probe, seconds=self.check_timeout)

    def settle(self) -> None:
        """Wait until beat has ended the tick it last sent in, and the worker all that was sent."""

        def at_rest() -> bool:
            journal = self.journal.read()
            asleep = not journal.sends or journal.wakes[-1] >= journal.sends[-1].instant
            return asleep and all(send.id in journal.ended for send in journal.sends)

        while True:
            ended = len(self.journal.read().ended)
            try:
                self.wait(at_rest, "the worker to end all that beat has sent")
            except DeadlineExceeded:
                # A busy machine takes long over a storm's tasks: what goes on is waited for.
                if len(self.journal.read().ended) > ended:
                    continue
                raise
            return


def last_words(log: str) -> str:
    """What stands in a log after its last ordinary line: why its process ended, if it said so."""
    ordinary = list(_ORDINARY.finditer(log))
    return log[ordinary[-1].end() :] if ordinary else log


def iso(instant: float) -> str:
    """An instant as it is recorded: ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wire(instant: float) -> str:
    """An instant as the agent reads it, to the microsecond."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
