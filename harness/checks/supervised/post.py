"""What every scene under supervisor is told, and what it is made of."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from harness.checks.resilience.scene import TICK, seen_within
from harness.nodes.agent import Agent
from harness.nodes.crew import Crew, MakeCrew
from harness.nodes.supervisor import BEAT, WORKER, Supervisor
from harness.proc.marker import Marker
from harness.proc.wait import Deadline, wait_until

Facts = dict[str, Any]
WORK = 5.0  # seconds of work, as the article's simple_task has
VISIBILITY = 6  # seconds after which Redis may give a message to another worker
TICKS = 3  # runs of what beat sends each second: so much is "it flows"
LEAVE = 10.0  # seconds in which a pool process that has lost its worker ends, beyond its work
# As many tasks in hand at once; a worker has as many pool processes as the machine has cores, else.
_CONCURRENCY = "2"
_BANNERS: Mapping[str, str] = {WORKER: " ready.", BEAT: "beat: Starting"}


@dataclass(frozen=True, kw_only=True)
class Post:
    """A worker and a beat under supervisor, RUNNING, whose tasks flow, and an agent beside them."""

    crew: Crew
    supervisor: Supervisor
    agent: Agent
    timeout: float

    def send(self, task: str, token: str, seconds: float = 0.0) -> str:
        """Send one of the tasks that tell when they run. Returns its id."""
        ids = self.agent.ask("send_notes", timeout=self.timeout, task=task, tokens=[token], seconds=seconds)
        return str(ids[0])

    def wait_for(self, what: str, *tokens: str) -> None:
        """Wait until all of some tasks have begun, or ended.

        Raises:
            DeadlineExceeded: not all of them have.
        """
        wait_until(
            lambda: all(self.crew.times(what, token) for token in tokens),
            deadline=Deadline(self.timeout),
            what=f"{', '.join(tokens)} to have {what}",
        )

    def first_tick(self, since: float) -> float | None:
        """When the first of what beat sends each second began after an instant, if it does."""
        return seen_within(
            self.timeout,
            lambda: next((at for at in self.crew.times("began", TICK) if at > since), None),
            "beat's task to run",
        )

    def fate(self, token: str, id_: str) -> Facts:
        """How often a task began and ended, and what its result row says."""
        return {
            "began": len(self.crew.times("began", token)),
            "ended": len(self.crew.times("ended", token)),
            "status": self.agent.ask("state", timeout=self.timeout, id=id_),
        }

    def silent(self) -> list[str]:
        """The programs whose first words are not in the files that the configuration names."""
        return [name for name, banner in _BANNERS.items() if banner not in self.supervisor.output(name)]


@dataclass(frozen=True, kw_only=True)
class Posts:
    """Where scenes are played. `database` has TICK; `timeout` is in seconds."""

    make_crew: MakeCrew
    database: Path
    marker: Marker
    timeout: float

    @contextmanager
    def post(self, name: str, **options: str) -> Iterator[Post]:
        """One that is killed in the end; `options` of the worker are put in place of the file's own."""
        crew = self.make_crew(
            name,
            database=self.database,
            supervised=True,
            variables={
                "IZONE_WORKER_CONCURRENCY": _CONCURRENCY,
                "IZONE_VISIBILITY_TIMEOUT": str(VISIBILITY),
            },
        )
        supervisor = Supervisor(crew, options, marker=self.marker)
        try:
            crew.start_redis()
            supervisor.start(timeout=self.timeout)
            agent = crew.start_agent(timeout=self.timeout)
            post = Post(crew=crew, supervisor=supervisor, agent=agent, timeout=self.timeout)
            wait_until(
                lambda: len(crew.times("ended", TICK)) >= TICKS,
                deadline=Deadline(self.timeout),
                what="what beat sends to run",
            )
            post.send("note", "first")
            post.wait_for("ended", "first")
            yield post
        finally:
            supervisor.end()
            crew.end()


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; none that has ended and that nobody has waited for."""
    return [each for each in processes if _runs(each)]


def left_of(processes: list[psutil.Process], *, within: float) -> int:
    """How many still run after so many seconds; it is over as soon as there are none."""
    seen_within(within, lambda: not alive(processes), "processes to be gone")
    return len(alive(processes))


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
