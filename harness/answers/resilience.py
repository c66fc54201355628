"""What becomes of tasks when something breaks, as it was seen with these or near versions. Pure.

What a worker does when Redis goes away is a matter of Celery, kombu and redis-py: of these the series must be
those that were seen, of redis-py the major release. A database server that breaks was seen with few stacks:
there Celery's series and the kind of server count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from harness.answers.facts import Facts
from harness.answers.lived import series_apart
from harness.answers.stack import GOOD, KnownStack
from harness.contract.invariant import Stand, Standing
from harness.contract.promise import Promise
from harness.contract.resilience import NAME, PROMISES, asked_under, stands_on
from harness.errors import UsageError
from harness.matrix.select import nearest
from harness.model import DatabaseKind, Stage, Verdict
from harness.records.verdict import observed_in_all

EMBEDDED: DatabaseKind = "sqlite"  # where Redis, processes and beats are broken
_PACKAGES = ("celery", "kombu", "redis")
_NAMES = ("Celery", "kombu", "redis-py")
# What is a matter of chance makes a cell flaky: of each promise its attempts tell.
_PLAYED = GOOD | {Verdict.FLAKY}
_Versions = tuple[str, ...]  # of `_PACKAGES`, "" where there is none


@dataclass(frozen=True, kw_only=True)
class Endured:
    """What a cell showed of promises when something was broken; `beside` says what was otherwise there."""

    stack: KnownStack
    stands: tuple[Stand, ...]
    beside: tuple[str, ...]

    def standing(self, promise: Promise) -> Standing:
        """How a promise stands; one that the cell was not asked is not observed."""
        found = (each.standing for each in self.stands if each.invariant == promise.id)
        return next(found, Standing.NOT_OBSERVED)


@dataclass(frozen=True, kw_only=True)
class Lack:
    """A promise that a stack, `cell`, is not known to keep, and what showed it.

    `endured` is None where nobody has broken anything under its like.
    """

    cell: str
    promise: Promise
    endured: Endured | None


class Resilience:
    """What is known of it for somebody's database, asked for many stacks."""

    def __init__(self, facts: Facts, database: str) -> None:
        self._facts = facts
        self._database = database
        self._promises = asked_under(database)
        self._broken = [
            each
            for each in facts.with_check(Stage.RESILIENCE)
            if each.verdict in _PLAYED and each.database in (EMBEDDED, database)
        ]
        self._stands: dict[str, tuple[Stand, ...]] = {}
        self._known: dict[_Versions, tuple[Endured, ...]] = {}

    def of(self, distributions: Iterable[str]) -> tuple[Endured, ...]:
        """What was seen with a lock, or with what is most like it: of Redis, and of a database server."""
        installed = dict(each.split("==", 1) for each in distributions)
        versions = tuple(installed.get(each, "") for each in _PACKAGES)
        if versions not in self._known:
            databases = dict.fromkeys((EMBEDDED, self._database))
            found = (self._nearest(versions, each) for each in databases)
            self._known[versions] = tuple(each for each in found if each is not None)
        return self._known[versions]

    def lacking(
        self, cell: str, distributions: Iterable[str], required: Sequence[Promise]
    ) -> tuple[Lack, ...]:
        """What of the required promises a lock, that of `cell`, is not known to keep."""
        known = self.of(distributions)
        return tuple(
            Lack(cell=cell, promise=each, endured=_about(each, known))
            for each in required
            if not any(some.standing(each) is Standing.HELD for some in known)
        )

    def _nearest(self, versions: _Versions, database: str) -> Endured | None:
        found = [each for each in self._broken if each.database == database and _like(each, versions)]
        best = min(found, key=lambda each: _apart(_versions(each), versions), default=None)
        if best is None:
            return None
        there = _versions(best)
        told = " and ".join([", ".join(_told(there)[:-1]), _told(there)[-1]])
        return Endured(
            stack=best,
            stands=self._stands_of(best),
            beside=() if there == versions else (told,),
        )

    def _stands_of(self, stack: KnownStack) -> tuple[Stand, ...]:
        """Those that somebody with this database may ask for, judged again from the whole record."""
        if stack.cell not in self._stands:
            result = self._facts.whole(stack)
            observed = observed_in_all(result, NAME) if result is not None else ()
            asked = {each.id for each in self._promises}
            every = stands_on(stack.database, observed) if observed else ()
            self._stands[stack.cell] = tuple(each for each in every if each.invariant in asked)
        return self._stands[stack.cell]


def kept_and_lost(
    before: Iterable[Endured], after: Iterable[Endured]
) -> tuple[tuple[Promise, ...], tuple[Promise, ...]]:
    """The promises that are kept from then on and were not, and those that are not kept any more."""
    was, is_ = (
        {stand.invariant: stand.standing for each in some for stand in each.stands}
        for some in (before, after)
    )
    turned = [
        (each, is_[each.id])
        for each in PROMISES
        if {was.get(each.id), is_.get(each.id)} == {Standing.HELD, Standing.VIOLATED}
    ]
    return (
        tuple(each for each, standing in turned if standing is Standing.HELD),
        tuple(each for each, standing in turned if standing is Standing.VIOLATED),
    )


def read_required(words: Iterable[str], database: str) -> tuple[Promise, ...]:
    """The promises that words name: one by its id, or all that begin with a word ("reconnect").

    Raises:
        UsageError: with every word that names none.
    """
    promises = asked_under(database)
    found: dict[str, Promise] = {}
    mistakes: list[str] = []
    for word in words:
        one = [each for each in promises if each.id == word]
        named = one or [each for each in promises if each.id.startswith(f"{word}-")]
        found |= {each.id: each for each in named}
        if not named:
            names = [*groups(database), *(each.id for each in promises)]
            mistakes.append(f"nothing is promised by the name {word!r} on {database}{nearest(word, names)}")
    if mistakes:
        raise UsageError("\n".join(mistakes), hint=f"require {', '.join(groups(database))}, or one promise")
    return tuple(each for each in promises if each.id in found)


def groups(database: str) -> tuple[str, ...]:
    """What several promises' ids begin with, in their order."""
    first = [each.id.split("-", 1)[0] for each in asked_under(database)]
    return tuple(each for each in dict.fromkeys(first) if first.count(each) > 1)


def _about(promise: Promise, known: Iterable[Endured]) -> Endured | None:
    """What was broken to see it."""
    return next((each for each in known if any(stand.invariant == promise.id for stand in each.stands)), None)


def _like(stack: KnownStack, versions: _Versions) -> bool:
    """Whether what was seen of a stack says something of some versions."""
    (celery, kombu, redis), there = map(_series, versions), _versions(stack)
    if stack.database != EMBEDDED:
        return _series(there[0]) == celery
    return (_series(there[0]), _series(there[1])) == (celery, kombu) and there[2].split(".")[
        0
    ] == redis.split(".")[0]


def _versions(stack: KnownStack) -> _Versions:
    installed = dict(each.split("==", 1) for each in stack.distributions)
    return tuple(installed.get(each, "") for each in _PACKAGES)


def _apart(some: _Versions, others: _Versions) -> tuple[bool, float]:
    return (some != others, sum(map(series_apart, some, others)))


def _told(versions: _Versions) -> list[str]:
    return [f"{name} {version}" for name, version in zip(_NAMES, versions, strict=True)]


@cache
def _series(version: str) -> str:
    return ".".join(version.split(".")[:2])
