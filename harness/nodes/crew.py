"""A crew: a broker, a database, and what a scenario starts of workers, beats and agents, all of its own.

Whatever is done to it is done to nobody else. Its processes live in real time, but for a crew with a clock.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from harness.nodes.agent import Agent
from harness.nodes.clock import FakeClock
from harness.nodes.journal import Journal
from harness.proc.children import Child
from harness.proc.logs import read_log, tail
from harness.proc.wait import Deadline, wait_until
from harness.services.databases import Address
from harness.services.redis import RedisServer

Program = Literal["worker", "beat", "agent", "supervisord", "supervisorctl"]
# Starts a program of the project: its command line's options, its log, variables beside the usual.
Start = Callable[[Program, Iterable[str], Path, Mapping[str, str]], Child]

_READY: Mapping[Program, str] = {"worker": " ready.", "beat": "beat: Waking up"}
_QUEUE, _UNACKED = "celery", "unacked"


class MemberEnded(Exception):
    """A process of a crew has ended that should not have. `trace` is its last output."""

    def __init__(self, name: str, child: Child) -> None:
        super().__init__(f"{name} ended with code {child.exit_code}")
        self.trace = tail(child.command.log)


@dataclass(frozen=True, kw_only=True)
class Note:
    """A task's own word: it began or ended, in the process `pid`, `at` seconds since the epoch."""

    what: str
    token: str
    pid: int
    at: float


class Crew:
    """It starts nothing by itself; `end` ends all that was started, at once."""

    def __init__(
        self,
        *,
        work: Path,
        redis: RedisServer,
        database: Address,
        clock: FakeClock | None,
        variables: Mapping[str, str],
        start: Start,
    ) -> None:
        self.work = work
        self.redis = redis
        self.database = database
        self.clock = clock
        self._variables = {**variables, "IZONE_NOTES": str(work / "notes")}
        self._start = start
        self._started: list[Child] = []
        self._agents: list[Agent] = []

    @property
    def project(self) -> Path:
        """The project's copy of a crew that is supervised."""
        return self.work / "project"

    def start(self, program: Program, *options: str, **variables: str) -> Child:
        """Start a program of the project; its log is named for it and numbered."""
        log = self.work / f"{program}-{len(self._started) + 1}.log"
        child = self._start(program, options, log, {**self._variables, **variables})
        self._started.append(child)
        return child

    def start_agent(self, *, timeout: float) -> Agent:
        """An agent that has answered.

        Raises:
            AgentGone, DeadlineExceeded: it does not.
        """
        agent = Agent(self.start("agent"))
        self._agents.append(agent)
        agent.ask("hello", timeout=timeout)
        return agent

    def started(self, program: Program, *options: str, timeout: float, **variables: str) -> Child:
        """A worker or a beat that has said that it works.

        Raises:
            DeadlineExceeded: it does not within `timeout` seconds.
            MemberEnded: it has ended.
        """
        child = self.start(program, *options, **variables)

        def says_so() -> bool:
            if _READY[program] in read_log(child.command.log):
                return True
            if child.exit_code is not None:
                raise MemberEnded(program, child)
            return False

        wait_until(says_so, deadline=Deadline(timeout), what=f"{program} to be ready")
        return child

    def start_redis(self) -> Child:
        """Start the broker, or again where it was.

        Raises:
            StageFailed: it does not come up.
        """
        child = self.redis.start()
        self._started.append(child)
        return child

    def notes(self, *tokens: str) -> list[Note]:
        """What tasks have told so far, all of them or those of some tokens."""
        lines = [line.split() for line in read_log(self.work / "notes").splitlines()]
        notes = [Note(what=what, token=token, pid=int(pid), at=float(at)) for what, token, pid, at in lines]
        return [note for note in notes if not tokens or note.token in tokens]

    def times(self, what: str, token: str) -> list[float]:
        """The instants at which a task began, or ended."""
        return [note.at for note in self.notes(token) if note.what == what]

    def journal(self, beat: Child) -> Journal:
        """What a beat has logged, from its beginning on."""
        return Journal(beat_log=beat.command.log, worker_log=self.work / "nobody.log")

    def queued(self) -> list[str]:
        """The messages in the queue, as Redis has them."""
        return [str(message) for message in self._client().lrange(_QUEUE, 0, -1)]

    def unacknowledged(self) -> list[str]:
        """The messages that Redis keeps until they are acknowledged, as it has them."""
        return [str(message) for message in self._client().hvals(_UNACKED)]

    def end(self) -> None:
        """Kill everything."""
        for agent in self._agents:
            with suppress(OSError):
                agent.close()
        for child in self._started:
            child.kill()

    def _client(self) -> Any:  # noqa: ANN401 - its methods answer at once or later, for the types
        retry = Retry(NoBackoff(), 0)
        return redis.Redis(port=self.redis.port, socket_timeout=5, retry=retry, decode_responses=True)


class MakeCrew(Protocol):
    """Makes a crew with a database; `variables` are those of its programs.

    Of the file `database` it gets a copy; a database of a server that is the crew's own is used as it is.

    A `lasting` Redis comes back with what it had, any other comes back empty. With `fake` it lives in a
    time of its own, if there is libfaketime on this machine. One that is `supervised` has a copy of the
    project to itself.
    """

    def __call__(
        self,
        name: str,
        *,
        database: Path | Address,
        lasting: bool = False,
        fake: bool = False,
        supervised: bool = False,
        variables: Mapping[str, str],
    ) -> Crew:
        """The crew called `name`, in a folder of its own."""
