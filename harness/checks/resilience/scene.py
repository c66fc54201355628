"""What every scenario is told: how to get a crew, and how long to wait."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from harness.nodes.crew import Crew, MakeCrew
from harness.proc.children import Child
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until

T = TypeVar("T")
Facts = dict[str, Any]
# A periodic task of every database that scenarios begin with: `note` with this token, each second.
TICK = "tick"
# Two of every hour that have not run for days, in the database for beats.
HOURLY = ("hourly-1", "hourly-2")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """`database` has TICK, `hourly` has HOURLY as well; both are files. `timeout` is in seconds."""

    make_crew: MakeCrew
    database: Path
    hourly: Path
    timeout: float

    @contextmanager
    def crew(
        self,
        name: str,
        *,
        hourly: bool = False,
        lasting: bool = False,
        fake: bool = False,
        **variables: str,
    ) -> Iterator[Crew]:
        """A crew without any process yet, that is killed in the end."""
        database = self.hourly if hourly else self.database
        crew = self.make_crew(name, database=database, lasting=lasting, fake=fake, variables=variables)
        try:
            yield crew
        finally:
            crew.end()


def seen_within(seconds: float, condition: Callable[[], T | None], what: str) -> T | None:
    """The first true value of `condition`, None when there is none within `seconds`."""
    with suppress(DeadlineExceeded):
        return wait_until(condition, deadline=Deadline(seconds), what=what)
    return None


def seen_of(child: Child, seconds: float, condition: Callable[[], T | None], what: str) -> T | None:
    """As `seen_within`, of what only `child` can do: once it has ended nobody waits for it."""

    def seen_or_ended() -> tuple[T | None] | None:
        ended = child.exit_code is not None
        found = condition()
        return (found,) if found or ended else None

    found = seen_within(seconds, seen_or_ended, what)
    return (found[0] or None) if found else None


def live_through(seconds: float) -> None:
    """Let time pass whose length is the point of a scenario."""
    over = Deadline(seconds)
    wait_until(lambda: over.passed, deadline=Deadline(seconds + 1), what="time to pass")


def life(child: Child) -> str:
    """Whether a process lives, and how it ended if not."""
    code = child.exit_code
    return "lives" if code is None else f"ended with code {code}"


def rounded(seconds: float | None) -> float | None:
    """Seconds as they are recorded; never negative: two processes' clocks are read one after the other."""
    return None if seconds is None else round(max(0.0, seconds), 2)


Scenario = Callable[[Scene], Mapping[str, Any]]
