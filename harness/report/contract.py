"""How the time contract stands in a plan: by profile, over the series in the order of versions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from packaging.version import InvalidVersion, Version

from harness.contract.invariant import Stand, Standing
from harness.contract.invariants import INVARIANTS
from harness.model import Profile
from harness.report.since import Seen, listed, when


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a cell: an invariant in words, and where a user may take the expectation from."""

    id: str
    sentence: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """Where a violation in some stacks is discussed.

    `unreported`: as far as we found, nobody has reported it; a link explains it all the same.
    """

    reason: str
    link: str
    unreported: bool
    stacks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Series:
    """A stack by what was installed, or asked for where nothing was; no other has its `name` in a profile."""

    stack: str
    beat: str
    celery: str
    name: str  # "2.8.1 with Celery 5.5.3", the first of them django-celery-beat's


@dataclass(frozen=True, kw_only=True)
class Violation:
    """The same thing seen instead, in these stacks; `when` says in words since and until which series."""

    invariant: str
    seen: str
    stacks: tuple[str, ...]
    when: str
    known: tuple[Known, ...]


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Why nothing was seen of these invariants in these stacks; `where` says so in words."""

    why: str
    invariants: tuple[str, ...]
    stacks: tuple[str, ...]
    where: str


class Fate(StrEnum):
    """How an invariant stands in a profile, over all series that could be asked."""

    HELD = "held"
    SOME = "broken in some series"
    ALL = "broken in every series"
    UNSEEN = "not seen"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A cell of a profile. `known` has the expectations that knew of an invariant's violation.

    Where there are no stands, `untold` says why.
    """

    stack: str
    beat: str
    celery: str
    stands: tuple[Stand, ...]
    known: Mapping[str, Known]
    untold: str


@dataclass(frozen=True, kw_only=True)
class ProfileStand:
    """The contract under one profile. Series are in the order of versions, the oldest first."""

    profile: str
    settings: Mapping[str, bool | str]
    database: str
    series: tuple[Series, ...]
    fates: Mapping[str, Fate]
    violations: tuple[Violation, ...]
    unseen: tuple[Unseen, ...]


ASKED = tuple(Asked(id=each.id, sentence=each.sentence, source=each.source) for each in INVARIANTS)


def stand_of_profile(profile: Profile, columns: Iterable[Column]) -> ProfileStand:
    """What there is to say of a profile."""
    ordered = sorted(columns, key=lambda each: (_place(each.beat), _place(each.celery)))
    series = _series(ordered)
    return ProfileStand(
        profile=profile.name,
        settings=profile.settings,
        database=profile.database,
        series=series,
        fates={asked.id: _fate(_stands(ordered, asked.id)) for asked in ASKED},
        violations=tuple(violation for asked in ASKED for violation in violations(asked.id, ordered, series)),
        unseen=_unseen(ordered, series),
    )


def violations(invariant: str, columns: Sequence[Column], series: Sequence[Series]) -> tuple[Violation, ...]:
    """What was seen instead of an invariant. Every stack that violates it is in one of them."""
    stands = _stands(columns, invariant)
    alike: dict[str, list[int]] = {}
    for number, stand in enumerate(stands):
        if stand.standing is Standing.VIOLATED:
            alike.setdefault(stand.seen, []).append(number)
    return tuple(
        Violation(
            invariant=invariant,
            seen=seen,
            stacks=tuple(columns[number].stack for number in numbers),
            when=when(
                [_as_seen(stand, seen) for stand in stands],
                [each.name for each in series],
            ),
            known=_known(invariant, [columns[number] for number in numbers]),
        )
        for seen, numbers in alike.items()
    )


def _stands(columns: Iterable[Column], invariant: str) -> list[Stand]:
    return [_stand(column, invariant) for column in columns]


def _stand(column: Column, invariant: str) -> Stand:
    untold = Stand(invariant=invariant, standing=Standing.NOT_OBSERVED, seen=column.untold)
    return next((stand for stand in column.stands if stand.invariant == invariant), untold)


def _as_seen(stand: Stand, seen: str) -> Seen:
    match stand.standing:
        case Standing.HELD:
            return Seen.HELD
        case Standing.NOT_OBSERVED:
            return Seen.UNASKED
        case Standing.VIOLATED:
            return Seen.HERE if stand.seen == seen else Seen.OTHERWISE


def _fate(stands: Iterable[Stand]) -> Fate:
    standings = {stand.standing for stand in stands}
    if Standing.VIOLATED in standings:
        return Fate.SOME if Standing.HELD in standings else Fate.ALL
    return Fate.HELD if Standing.HELD in standings else Fate.UNSEEN


def _known(invariant: str, columns: Iterable[Column]) -> tuple[Known, ...]:
    """Where it is discussed, each place once; where nothing is known of it, it is not reported."""
    nothing = Known(reason="", link="", unreported=True)
    places: dict[Known, list[str]] = {}
    for column in columns:
        places.setdefault(column.known.get(invariant, nothing), []).append(column.stack)
    return tuple(replace(known, stacks=tuple(stacks)) for known, stacks in places.items())


def _unseen(columns: Sequence[Column], series: Sequence[Series]) -> tuple[Unseen, ...]:
    """Each reason once for the invariants that lack the same stacks for it."""
    lacking: dict[tuple[str, str], list[int]] = {}
    for asked in ASKED:
        for number, stand in enumerate(_stands(columns, asked.id)):
            if stand.standing is Standing.NOT_OBSERVED:
                lacking.setdefault((asked.id, stand.seen), []).append(number)
    alike: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for (invariant, why), numbers in lacking.items():
        alike.setdefault((why, tuple(numbers)), []).append(invariant)
    names = [each.name for each in series]
    return tuple(
        Unseen(
            why=why,
            invariants=tuple(invariants),
            stacks=tuple(columns[number].stack for number in numbers),
            where="every series" if len(numbers) == len(columns) else listed(numbers, names),
        )
        for (why, numbers), invariants in alike.items()
    )


def _series(columns: Sequence[Column]) -> tuple[Series, ...]:
    """Their names: both versions, and the stack's own name where they do not tell two stacks apart."""
    names = [f"{column.beat} with Celery {column.celery}" for column in columns]
    return tuple(
        Series(
            stack=column.stack,
            beat=column.beat,
            celery=column.celery,
            name=name if names.count(name) == 1 else f"{name} (`{column.stack}`)",
        )
        for column, name in zip(columns, names, strict=True)
    )


def _place(version: str) -> tuple[int, Version]:
    """Where a version comes; one that nobody chose comes last."""
    try:
        return (0, Version(version))
    except InvalidVersion:
        return (1, Version("0"))
