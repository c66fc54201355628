"""The time contract under somebody's settings, as it was lived through with these or near versions. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from packaging.version import InvalidVersion, Version

from harness.answers.circumstances import Circumstances, Likeness
from harness.answers.facts import Facts
from harness.answers.stack import KnownStack, Shortfall, Versions
from harness.model import Stage
from harness.records.sheets import Entry, lock_digest

BEAT = "django-celery-beat"
CELERY = "celery"
# Beat or worker ends, or something is sent hundreds of times: nothing can be relied on any more.
_FATAL = frozenset({"survived", "no-storm"})


@dataclass(frozen=True, kw_only=True)
class Lived:
    """What a cell lived through days with. `exactly`: the very versions and settings that were asked about.

    `beside` says in words what was otherwise: versions and settings.
    """

    stack: KnownStack
    beside: tuple[str, ...]

    @property
    def exactly(self) -> bool:
        """Whether nothing was otherwise."""
        return not self.beside

    @property
    def violated(self) -> tuple[Shortfall, ...]:
        """What of the contract does not hold."""
        return self.stack.violated

    @property
    def fatal(self) -> bool:
        """Whether beat or worker ends, or a schedule storms."""
        return _is_fatal(self.stack)


class Contract:
    """What is known of the contract under some circumstances, asked for many stacks."""

    def __init__(self, facts: Facts, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        lived = [each for each in facts.with_check(Stage.TIME) if each.works]
        self._locks = {lock_digest(each.distributions) for each in lived}
        self._all = _by_environment(lived)
        self._lived = [each for each in lived if circumstances.likeness(each) <= Likeness.ZONE]
        self._in = _by_environment(self._lived)
        self._near: dict[tuple[str, str], KnownStack | None] = {}

    def of(self, stack: KnownStack) -> Lived | None:
        """What was lived through with its versions; else with its series of beat, and Celery's nearest.

        None when nothing like it was lived through: an older or newer beat says nothing.
        """
        same = self._in.get(stack.environment)
        found = min(same, key=self._circumstances.distance) if same else self._nearest(stack.versions)
        if found is None:
            return None
        beside = () if found.environment == stack.environment else (_versions_words(found),)
        return Lived(stack=found, beside=(*beside, *self._circumstances.unlike(found)))

    def surely_fatal(self, versions: Versions, seen: Iterable[Entry]) -> bool:
        """Whether `fatal` holds of what `of` gives for stacks of one environment, by their entries.

        False where that cannot be told by the versions alone.
        """
        if any(each.lock in self._locks for each in seen):
            return False
        found = self._nearest(versions)
        return found is not None and _is_fatal(found)

    def milder(self, lived: Lived) -> KnownStack | None:
        """Settings under which the same versions keep more; the database, USE_TZ and the zone as they are.

        None when these are the best, or nobody has tried others.
        """
        wanted = self._circumstances
        same = {name: wanted.settings[name] for name in ("USE_TZ", "TIME_ZONE")}
        others = [
            each
            for each in self._all.get(lived.stack.environment, ())
            if each.database == wanted.database
            and all(each.settings.get(name) == value for name, value in same.items())
        ]
        # Of what is as good, what changes least.
        best = min(others, key=lambda each: (*_harm(each), len(wanted.unlike(each)), each.cell), default=None)
        return best if best is not None and _harm(best) < _harm(lived.stack) else None

    def _nearest(self, versions: Versions) -> KnownStack | None:
        key = (_series(versions.get(BEAT, "")), _series(versions.get(CELERY, "")))
        if key not in self._near:
            same_beat = [each for each in self._lived if _series(each.versions.get(BEAT, "")) == key[0]]
            self._near[key] = min(
                same_beat,
                key=lambda each: (
                    self._circumstances.likeness(each),
                    series_apart(each.versions.get(CELERY, ""), key[1]),
                    self._circumstances.distance(each),
                ),
                default=None,
            )
        return self._near[key]


def _by_environment(stacks: Iterable[KnownStack]) -> dict[object, list[KnownStack]]:
    found: dict[object, list[KnownStack]] = {}
    for each in stacks:
        found.setdefault(each.environment, []).append(each)
    return found


def _harm(stack: KnownStack) -> tuple[bool, int]:
    """What is worse comes later."""
    return (_is_fatal(stack), len(stack.violated))


def _is_fatal(stack: KnownStack) -> bool:
    return any(each.id in _FATAL for each in stack.violated)


def begun_and_ceased(
    before: Sequence[Shortfall], after: Sequence[Shortfall]
) -> tuple[tuple[Shortfall, ...], tuple[Shortfall, ...]]:
    """What holds from then on that did not, and what ceases to hold."""
    was, is_ = ({each.signature for each in some} for some in (before, after))
    return (
        tuple(each for each in before if each.signature not in is_),
        tuple(each for each in after if each.signature not in was),
    )


def series_apart(one: str, other: str) -> float:
    """How far two versions' series are apart: a major counts as a hundred minors."""
    was, is_ = _version(one), _version(other)
    if was is None or is_ is None:
        return 0.0 if one == other else float("inf")
    (a, b, *_), (c, d, *_) = (*was.release, 0), (*is_.release, 0)
    return abs(100 * (a - c) + b - d)


def is_older(one: str, other: str) -> bool:
    """Whether a version is older than another one; what is no version is not."""
    was, is_ = _version(one), _version(other)
    return was is not None and is_ is not None and was < is_


# Stacks are many, and have few versions among them.
@cache
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


@cache
def _series(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _versions_words(stack: KnownStack) -> str:
    return f"django-celery-beat {stack.versions.get(BEAT, '')} with Celery {stack.versions.get(CELERY, '')}"
