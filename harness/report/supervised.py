"""What was seen of worker and beat under supervisor, over the series of Celery. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from packaging.version import Version

from harness.contract.invariant import Stand
from harness.contract.promise import stand_of
from harness.contract.supervised import PROMISES, STOPS
from harness.model import CellResult, Reason, Stage
from harness.records.verdict import judging_attempts
from harness.report.kept import names_of, question_of, since_of, tell_kept

# By the heading of its column, where a number of seconds from a kill is: of what was done, the fact.
_AGAIN: Mapping[str, tuple[str, str]] = {
    "worker: RUNNING": ("worker-killed", "running_after"),
    "a task has run": ("worker-killed", "works_after"),
    "beat: RUNNING": ("beat-killed", "running_after"),
    "it has sent": ("beat-killed", "sends_after"),
}
_IDLE: Mapping[str, str] = {"idle worker": "celery.worker", "idle beat": "celery.beat"}
_UNKNOWN = "·"

SUPERVISED_SIGNATURES = frozenset(f"{Stage.SUPERVISED}:{Reason.CHECK}:{promise.id}" for promise in PROMISES)


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """How a worker with tasks in hand ended that was stopped: after how many seconds, and whether killed."""

    seconds: float
    killed: bool


@dataclass(frozen=True, kw_only=True)
class Idle:
    """How often of so many rounds a program with nothing in hand had to be killed, and its longest end."""

    killed: int
    rounds: int
    longest: float


@dataclass(frozen=True, kw_only=True)
class SupervisedPart:
    """How the promises stand in a cell. `versions` are those of Celery, kombu and Python that it had.

    `again` are seconds from a kill, by what was waited for, None where it did not come; `stopped` is by how
    the worker was stopped, `idle` by program. What a scene did not come to is in none of them.
    """

    versions: tuple[str, str, str]
    stands: tuple[Stand, ...]
    again: Mapping[str, float | None]
    stopped: Mapping[str, Stopped]
    idle: Mapping[str, Idle]

    @property
    def names(self) -> tuple[str, ...]:
        """Its series in words, ever longer, Celery's version first."""
        celery, kombu, python = self.versions
        return celery, f"{celery} with kombu {kombu}", f"{celery} with kombu {kombu} on Python {python}"


def supervised_part(result: CellResult) -> SupervisedPart | None:
    """What a cell's record says, judged again; None for one that was not under supervisor."""
    attempts = judging_attempts(result)
    observed = {each.name: each.data for each in attempts[-1].observations} if attempts else {}
    if Stage.SUPERVISED not in observed or result.lock is None:
        return None
    seen = observed[Stage.SUPERVISED]
    lock = result.lock
    return SupervisedPart(
        versions=(lock.version("celery") or "0", lock.version("kombu") or "0", lock.python),
        stands=tuple(stand_of(promise, seen) for promise in PROMISES),
        again={told: seen[done][fact] for told, (done, fact) in _AGAIN.items() if fact in seen.get(done, {})},
        stopped={
            stop: Stopped(seconds=seen[stop]["seconds"], killed=seen[stop]["killed"])
            for stop in STOPS
            if "killed" in seen.get(stop, {})
        },
        idle={
            program: _idle([each[program] for each in rounds])
            for program in _IDLE.values()
            if (rounds := seen.get("stop-idle", {}).get("rounds"))
        },
    )


def tell_supervised(parts: Sequence[SupervisedPart]) -> Iterator[str]:
    """A section in Markdown: what is kept everywhere, what is not since when, and how long it takes."""
    if not parts:
        return
    ordered = sorted(parts, key=lambda part: [Version(each) for each in part.versions])
    yield ""
    yield "### Under supervisor"
    yield ""
    yield "The article's `supervisord.conf`, run by supervisor itself"
    yield "([how](../docs/decisions/0110-supervised.md)). *Since* and *until* are said of the series in the"
    yield "table below, in the order of their Celery; not what in them is to blame."
    questions = [question_of(promise, word="more") for promise in PROMISES]
    where = partial(since_of, names=names_of([part.names for part in ordered]), of="Celery")
    yield from tell_kept(questions, [part.stands for part in ordered], where)
    yield ""
    yield "Seconds from `kill -9` until supervisor says RUNNING, and until the work goes on; seconds from a"
    yield "stop with two tasks of 5 s in hand to the worker's end, ❌ where supervisor killed it; how many of"
    yield "the stops with nothing in hand ended with a kill, and the seconds of the longest:"
    yield ""
    yield f"| Celery | kombu | Python | {' | '.join([*_AGAIN, *(f'`{stop}`' for stop in STOPS), *_IDLE])} |"
    yield f"|{'---|' * 3}{'--:|' * (len(_AGAIN) + len(STOPS) + len(_IDLE))}"
    yield from (f"| {' | '.join([*part.versions, *_cells(part)])} |" for part in ordered)


def _idle(rounds: Sequence[Mapping[str, Any]]) -> Idle:
    return Idle(
        killed=sum(each["killed"] for each in rounds),
        rounds=len(rounds),
        longest=max(each["seconds"] for each in rounds),
    )


def _cells(part: SupervisedPart) -> Iterator[str]:
    for told in _AGAIN:
        seconds = part.again.get(told)
        if told not in part.again:
            yield _UNKNOWN
        else:
            yield "❌" if seconds is None else f"{seconds:.1f}"
    for stop in STOPS:
        stopped = part.stopped.get(stop)
        yield f"{stopped.seconds:.1f}{' ❌' if stopped.killed else ''}" if stopped else _UNKNOWN
    for program in _IDLE.values():
        idle = part.idle.get(program)
        yield f"{idle.killed} of {idle.rounds}, {idle.longest:.1f}" if idle else _UNKNOWN
