"""What was seen when something broke, over the series in the order of versions. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from packaging.version import Version

from harness.contract.invariant import Stand
from harness.contract.promises_redis import REDIS_FAULTS
from harness.contract.resilience import NAME, PROMISES, stands_on
from harness.model import CellResult
from harness.records.verdict import observed_in_all
from harness.report.kept import SEEN, question_of, since_of, tell_kept, violated
from harness.report.since import Seen, stretches
from harness.report.turns import turns_on

_PACKAGES = ("Celery", "kombu", "redis-py")
_STRETCHES = 3  # that can be told one by one
_NAMES = {"postgresql": "PostgreSQL", "mariadb": "MariaDB"}


@dataclass(frozen=True, kw_only=True)
class ResiliencePart:
    """How the promises stand that were asked of a cell. `versions` are those of Celery, kombu and redis-py.

    `back` are the seconds until the worker consumed again, the longest of a fault's rounds, by its name; None
    where it did not. `rate` is how many of a thousand tasks were run a second. On a database server neither
    is asked.
    """

    versions: tuple[str, str, str]
    stands: tuple[Stand, ...]
    back: Mapping[str, float | None]
    rate: float | None
    database: str = "sqlite"

    @property
    def name(self) -> str:
        """Its series in words, Celery's version first."""
        celery, kombu, redis = self.versions
        series = f"{celery} with kombu {kombu} and redis-py {redis}"
        if self.database == "sqlite":
            return series
        return f"{series} on {_NAMES.get(self.database, self.database)}"


def resilience_part(result: CellResult) -> ResiliencePart | None:
    """What a cell's record says, judged again; None for one under which nothing was broken."""
    observed = observed_in_all(result, NAME)
    if not observed or result.lock is None:
        return None
    seen = observed[-1]
    lock = result.lock
    return ResiliencePart(
        versions=(
            lock.version("celery") or "0",
            lock.version("kombu") or "0",
            lock.version("redis") or "0",
        ),
        stands=stands_on(result.database, observed),
        database=result.database,
        back={fault: _longest(seen[fault]) for fault in REDIS_FAULTS if fault in seen},
        rate=seen.get("1000-tasks", {}).get("a_second"),
    )


def tell_resilience(parts: Sequence[ResiliencePart]) -> Iterator[str]:
    """A section in Markdown: what is kept everywhere, what is not since when, and how long it takes."""
    if not parts:
        return
    ordered = sorted(parts, key=lambda part: [Version(each) for each in part.versions])
    yield ""
    yield "### When something breaks"
    yield ""
    yield "Each was done to a worker, a beat and a Redis of its own"
    yield "([how](../docs/decisions/0100-resilience.md)), or to a database server of its own"
    yield "([how](../docs/decisions/0102-databases-that-break.md)). *Since* and *until* are said of"
    yield "the series in the order of their Celery, kombu and redis-py; not which of them is to blame."
    yield "Where one of them decides, or two, whatever the others are, it is said."
    questions = [question_of(promise, word="discussed") for promise in PROMISES]
    yield from tell_kept(questions, [part.stands for part in ordered], partial(_where, parts=ordered))
    on_sqlite = [part for part in ordered if part.database == "sqlite"]
    if on_sqlite:
        yield from _times(on_sqlite)


def _where(stands: Sequence[Stand | None], *, alike: bool, parts: Sequence[ResiliencePart]) -> str:
    """In which stacks something is not kept: by what decides if that can be told, or else since when."""
    seen = [SEEN[each.standing] if each is not None and each.steady else Seen.UNASKED for each in stands]
    turning = turns_on(seen, [dict(zip(_PACKAGES, part.versions, strict=True)) for part in parts])
    if turning:
        return turning
    number = len(list(stretches(seen)))
    if number > 1 and not alike:
        return ""
    if number > _STRETCHES:
        broken = [each.name for each, stand in zip(parts, stands, strict=True) if stand and violated(stand)]
        return f"{_PACKAGES[0]} {broken[0]} the first and {broken[-1]} the last"
    return since_of(stands, alike=alike, names=[part.name for part in parts], of=_PACKAGES[0])


def _longest(facts: Mapping[str, Any]) -> float | None:
    seconds: list[float | None] = [each["consumes"] for each in facts["rounds"]]
    known = [each for each in seconds if each is not None]
    return max(known) if len(known) == len(seconds) else None


def _times(parts: Sequence[ResiliencePart]) -> Iterator[str]:
    """Seconds until the worker consumed again, and the rate."""
    yield ""
    yield "Seconds until the worker consumed again, the longest of its rounds, and how many of a thousand"
    yield "tasks one pool process ran a second:"
    yield ""
    yield f"| Celery | kombu | redis-py | {' | '.join(f'`{fault}`' for fault in REDIS_FAULTS)} | a second |"
    yield f"|{'---|' * 3}{'--:|' * (len(REDIS_FAULTS) + 1)}"
    for part in parts:
        back = [_seconds(part, fault) for fault in REDIS_FAULTS]
        rate = "·" if part.rate is None else f"{part.rate:g}"
        yield f"| {' | '.join([*part.versions, *back, rate])} |"


def _seconds(part: ResiliencePart, fault: str) -> str:
    if fault not in part.back:
        return "·"
    seconds = part.back[fault]
    return "❌" if seconds is None else f"{seconds:.1f}"
