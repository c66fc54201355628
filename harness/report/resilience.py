"""What was seen when something broke, over the series in the order of versions. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.version import Version

from harness.contract.invariant import Standing
from harness.contract.promise import Promise, judge
from harness.contract.promises_redis import REDIS_FAULTS
from harness.contract.resilience import PROMISES, promises_on
from harness.contract.span import NotObserved
from harness.model import CellResult
from harness.records.verdict import judging_attempts
from harness.report.since import Seen, when
from harness.report.stands import Stand

NAME = "resilience"
_NAMES = {"postgresql": "PostgreSQL", "mariadb": "MariaDB"}
_SEEN = {
    Standing.HELD: Seen.HELD,
    Standing.VIOLATED: Seen.HERE,
    Standing.NOT_OBSERVED: Seen.UNASKED,
}


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
    attempts = judging_attempts(result)
    observed = {each.name: each.data for each in attempts[-1].observations} if attempts else {}
    if NAME not in observed or result.lock is None:
        return None
    seen = observed[NAME]
    lock = result.lock
    return ResiliencePart(
        versions=(
            lock.version("celery") or "0",
            lock.version("kombu") or "0",
            lock.version("redis") or "0",
        ),
        stands=tuple(_stand(promise, seen) for promise in promises_on(result.database)),
        database=result.database,
        back={fault: _longest(seen[fault]) for fault in REDIS_FAULTS if fault in seen},
        rate=seen.get("1000-tasks", {}).get("a_second"),
    )


def tell_resilience(parts: Sequence[ResiliencePart]) -> Iterator[str]:
    """A section in Markdown: what is kept everywhere, what is not since when, and how long it takes."""
    if not parts:
        return
    ordered = sorted(parts, key=lambda part: [Version(each) for each in part.versions])
    asked = {
        promise.id: [
            (stand, part) for part in ordered for stand in part.stands if stand.invariant == promise.id
        ]
        for promise in PROMISES
    }
    stands = {id_: [stand for stand, _ in each] for id_, each in asked.items()}
    kept = [each for each in PROMISES if {stand.standing for stand in stands[each.id]} == {Standing.HELD}]
    broken = [each for each in PROMISES if any(_violated(stand) for stand in stands[each.id])]
    yield ""
    yield "### When something breaks"
    yield ""
    yield "Each was done to a worker, a beat and a Redis of its own"
    yield "([how](../docs/decisions/0100-resilience.md)), or to a database server of its own"
    yield "([how](../docs/decisions/0102-databases-that-break.md)). *Since* and *until* are said of"
    yield "the series in the order of their Celery, kombu and redis-py; not which of them is to blame."
    if broken:
        yield ""
        yield "Not kept:"
        yield ""
        yield from (_broken(each, stands[each.id], [part for _, part in asked[each.id]]) for each in broken)
    if kept:
        yield ""
        yield "Kept in every series that was asked:"
        yield ""
        yield from (f"- {each.sentence}" for each in kept)
    on_sqlite = [part for part in ordered if part.database == "sqlite"]
    if on_sqlite:
        yield from _times(on_sqlite)


def _stand(promise: Promise, seen: Mapping[str, Any]) -> Stand:
    try:
        instead = judge(promise, seen)
    except NotObserved as reason:
        return Stand(invariant=promise.id, standing=Standing.NOT_OBSERVED, seen=str(reason))
    standing = Standing.VIOLATED if instead else Standing.HELD
    return Stand(invariant=promise.id, standing=standing, seen=instead)


def _longest(facts: Mapping[str, Any]) -> float | None:
    seconds: list[float | None] = [each["consumes"] for each in facts["rounds"]]
    known = [each for each in seconds if each is not None]
    return max(known) if len(known) == len(seconds) else None


def _violated(stand: Stand) -> bool:
    return stand.standing is Standing.VIOLATED


def _broken(promise: Promise, stands: Sequence[Stand], parts: Sequence[ResiliencePart]) -> str:
    """What was seen instead of a promise, most often first, and since when."""
    counts = Counter(stand.seen for stand in stands if _violated(stand))
    several = len(counts) > 1
    told = "; ".join(
        f"{seen}{f' ({number} of {len(stands)})' if several else ''}" for seen, number in counts.most_common()
    )
    since = when([_SEEN[stand.standing] for stand in stands], [part.name for part in parts], of="Celery")
    link = f" ([discussed]({promise.link}))" if promise.link else ""
    return f"- *{promise.id}*, {promise.sentence}: {told}; {since}{link}"


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
