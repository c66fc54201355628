"""Which stack to take: the best that is known to work under somebody's circumstances. Pure.

Only what was seen to work counts. What a record says otherwise of the same question or the same environment,
as new or newer, takes a stack out; so does a declaration that an installer would not follow.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from harness.answers.circumstances import Circumstances, Likeness, measured
from harness.answers.facts import Facts
from harness.answers.facts import series_of as python_series
from harness.answers.lived import Contract, Lived, is_older, series_apart
from harness.answers.resilience import Endured, Lack, Resilience
from harness.answers.stack import GOOD, PYTHON, Demands, KnownStack, Versions, works
from harness.contract.promise import Promise
from harness.model import Resolution
from harness.records.sheets import Entry


class Prefer(StrEnum):
    """What is best of what works."""

    NEWEST = "newest"  # the fewest days behind the newest releases, over all packages
    OLDEST = "oldest"  # the most
    NEAREST = "nearest"  # the fewest changes from what is there, and nothing older if that can be


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for. `origin` is what is there, by axis: what the nearest is nearest to.

    With `as_of` only what there was on that day. `required` are promises that must have been seen kept when
    something was broken.
    """

    demands: Demands
    circumstances: Circumstances
    prefer: Prefer = Prefer.NEWEST
    as_of: date | None = None
    origin: Versions | None = None
    required: tuple[Promise, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A stack that works. `seen` are the facts about its environment, `stack` the one most like the user's.

    `unlike` says what was otherwise when it was seen to work, in words; `lived` is the time contract, None
    when nobody has lived through days with anything like it, and `milder` is where more of it holds, under
    other settings. `endured` is what was seen when something was broken under its like, nothing where nobody
    has broken anything. `age` is days behind the newest releases.
    """

    stack: KnownStack
    likeness: Likeness
    unlike: tuple[str, ...]
    seen: tuple[KnownStack, ...]
    lived: Lived | None
    milder: KnownStack | None
    endured: tuple[Endured, ...]
    age: int


@dataclass(frozen=True, kw_only=True)
class Picked:
    """The choices, the best first; `fitting` counts the environments that work and meet the demands.

    Where there is no choice, what there is instead: `contradicted` works too, but other records speak against
    it; `forced` does, but no installer follows it; `failed` meets the demands and does not work; `lacking` is
    what the best that work are not known to keep of what is required.
    """

    choices: tuple[Choice, ...]
    fitting: int
    contradicted: tuple[KnownStack, ...] = ()
    forced: tuple[KnownStack, ...] = ()
    failed: tuple[KnownStack, ...] = ()
    lacking: tuple[Lack, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The days of releases, by package and version, and how far behind the newest of its package each is."""

    days: Mapping[tuple[str, str], date]

    @cached_property
    def _behind(self) -> Mapping[tuple[str, str], int]:
        """By release, the days that it is behind the newest of its package."""
        newest: dict[str, date] = {}
        for (package, _), day in self.days.items():
            newest[package] = max(day, newest.get(package, day))
        return {pin: (newest[pin[0]] - day).days for pin, day in self.days.items()}

    def age(self, versions: Versions) -> int:
        """Days that some versions are behind the newest of their packages, in sum."""
        behind = self._behind
        return sum([behind.get(pin, 0) for pin in versions.items()])

    def were_out(self, versions: Versions, day: date) -> bool:
        """Whether some versions are all known to have been released by a day; Python's is not asked for."""
        known = (self.days.get(pin) for pin in versions.items() if pin[0] != PYTHON)
        return all(each is not None and each <= day for each in known)


def pick(facts: Facts, wish: Wish, calendar: Calendar, *, most: int | None = None) -> Picked:
    """The best stacks for a wish; the most like circumstances come first, then what `prefer` says.

    Of choices so many at most, None for all: only what may be among them is looked into.
    """
    trusted: list[Entry] = []
    forced: list[Entry] = []
    contradicted: list[Entry] = []
    failed: list[Entry] = []
    for each in facts.meeting(wish.demands):
        # What fails today says nothing of another day, and no more does what works.
        if not _in_time(each, facts, wish, calendar):
            continue
        if not works(each):
            failed.append(each)
        else:
            override = each.resolution is Resolution.OVERRIDE
            (forced if override else contradicted if facts.speaking_against(each) else trusted).append(each)
    likely = _Likely(facts, wish, calendar)
    working = [each for each in _by_environment(facts, trusted) if not likely.fails(each)]
    groups = [each for each in working if not likely.lacking(each)]
    choices = tuple(_best(groups, likely, most))
    return Picked(
        choices=choices,
        fitting=len(groups),
        # Who has a choice need not know what it might have been.
        contradicted=() if choices else tuple(facts.stacks(contradicted)),
        forced=() if choices else tuple(facts.stacks(forced)),
        failed=() if choices else tuple(each for each in facts.stacks(failed) if each.breaks),
        lacking=() if choices else tuple(_lacking(working, likely)),
    )


def _lacking(working: Iterable[Sequence[Entry]], likely: "_Likely") -> Iterator[Lack]:
    """The first of what stacks lack that work, the best first; of those with the same the best only."""
    told: set[tuple[str, str]] = set()
    for group in sorted(working, key=likely.promise):
        for lack in likely.lacking(group)[:1]:
            shown = lack.endured.stack.cell if lack.endured is not None else ""
            if (lack.promise.id, shown) not in told:
                told.add((lack.promise.id, shown))
                yield lack


def _best(groups: Iterable[Sequence[Entry]], likely: "_Likely", most: int | None) -> Iterator[Choice]:
    """Choices, the best first, each made when no other can come before it any more."""
    promised = sorted(((likely.promise(each), each) for each in groups), key=lambda each: each[0])
    made: list[tuple[tuple[object, ...], int, Choice]] = []
    seen: set[tuple[tuple[str, str], ...]] = set()
    for place in range(len(promised) + 1):
        bound = promised[place][0] if place < len(promised) else None
        while made and (bound is None or made[0][0][: len(bound)] < bound):
            choice = heapq.heappop(made)[2]
            # Without those that differ from a better one in nothing but what the axes leave open.
            pins = tuple(choice.stack.versions.items())
            if pins in seen:
                continue
            seen.add(pins)
            yield choice
            if most is not None and len(seen) == most:
                return
        if bound is not None and (new := likely.choice(promised[place][1])) is not None:
            heapq.heappush(made, (likely.key(new), place, new))


class _Likely:
    """What the choice of an environment is worth: at best, by its entries, and when it is made."""

    def __init__(self, facts: Facts, wish: Wish, calendar: Calendar) -> None:
        self._facts = facts
        self._wish = wish
        self._calendar = calendar
        self._contract = Contract(facts, wish.circumstances)
        self._resilience = Resilience(facts, wish.circumstances.database)
        self._distances: dict[str, tuple[float, ...]] = {}

    def promise(self, group: Sequence[Entry]) -> tuple[object, ...]:
        """What its key begins with, or what comes before that."""
        versions = self._versions(group[0])
        likeness = min(self._distance(each)[0] for each in group)
        fatal = self._contract.surely_fatal(versions, group)
        return (likeness, fatal, *self._preferred(versions))

    def choice(self, group: Sequence[Entry]) -> Choice | None:
        """The choice; None when none of its lines can be read."""
        wanted, stacks = self._wish.circumstances, list(self._facts.stacks(group))
        if not stacks:
            return None

        def key(each: KnownStack) -> tuple[object, ...]:
            # A record of tasks and schedules says more about versions than one of days.
            return (wanted.distance(each), len(each.checks) == 1, each.cell)

        nearest = min(stacks, key=key)
        lived = self._contract.of(nearest)
        return Choice(
            stack=nearest,
            likeness=wanted.likeness(nearest),
            unlike=wanted.unlike(nearest),
            seen=tuple(stacks),
            lived=lived,
            milder=self._contract.milder(lived) if lived is not None else None,
            endured=self._resilience.of(nearest.distributions),
            age=self._calendar.age(_packages(nearest.versions)),
        )

    def key(self, choice: Choice) -> tuple[object, ...]:
        """What comes first is better."""
        stack = choice.stack
        versions = {axis: stack.version(axis) for axis in stack.versions} | {PYTHON: stack.python}
        # What was not lived through promises less than what was, and more than what is known to end.
        return (
            choice.likeness,
            choice.lived is not None and choice.lived.fatal,
            *self._preferred(versions),
            len(stack.lines),
            len(stack.caveats),
            stack.cell,
        )

    def lacking(self, group: Sequence[Entry]) -> tuple[Lack, ...]:
        """What it is not known to keep of what is required."""
        required = self._wish.required
        if not required:
            return ()
        return self._resilience.lacking(group[0].cell, group[0].distributions, required)

    def fails(self, group: Sequence[Entry]) -> bool:
        """Whether it was seen to fail under circumstances as like to the user's as those it works in."""
        about = self._facts.in_environment(self._facts.environment_of(group[0]))
        failing = [each for each in about if each.verdict not in GOOD and each.signatures]
        if not failing:
            return False
        nearest = min(map(self._distance, group))
        return any(self._distance(each) <= nearest for each in failing)

    def _preferred(self, versions: Versions) -> tuple[float, ...]:
        match self._wish.prefer:
            case Prefer.NEWEST:
                return (self._calendar.age(_packages(versions)),)
            case Prefer.OLDEST:
                return (-self._calendar.age(_packages(versions)),)
            case Prefer.NEAREST:
                age = self._calendar.age(_packages(versions))
                return (*_changes(versions, self._wish.origin or {}), age)

    def _versions(self, entry: Entry) -> Versions:
        """What people call its versions: of Python the series."""
        found = dict(zip(self._facts.axes, entry.versions, strict=True))
        return found | {PYTHON: python_series(found[PYTHON])}

    def _distance(self, entry: Entry) -> tuple[float, ...]:
        found = self._distances.get(entry.circumstances)
        if found is None:
            found = self._wish.circumstances.distance(measured(entry.circumstances))
            self._distances[entry.circumstances] = found
        return found


def _in_time(entry: Entry, facts: Facts, wish: Wish, calendar: Calendar) -> bool:
    """Whether all that is installed was there on the wished day."""
    if wish.as_of is None:
        return True
    day = date.fromisoformat(entry.day or entry.started[:10])
    # Of distributions beyond the axes only the day of the index is known.
    versions = dict(zip(facts.axes, entry.versions, strict=True))
    return day <= wish.as_of and calendar.were_out(_packages(versions), wish.as_of)


def _by_environment(facts: Facts, entries: Iterable[Entry]) -> Iterable[Sequence[Entry]]:
    found: dict[object, list[Entry]] = {}
    for each in entries:
        found.setdefault(facts.environment_of(each), []).append(each)
    return found.values()


def _changes(versions: Versions, origin: Versions) -> tuple[float, ...]:
    """How many axes go back, how many change, and how far."""
    pairs = [(versions.get(axis, ""), version) for axis, version in origin.items()]
    back = sum(is_older(now, was) for now, was in pairs)
    changed = sum(now != was for now, was in pairs)
    return (back, changed, sum(series_apart(now, was) for now, was in pairs))


def _packages(versions: Versions) -> Versions:
    return {axis: version for axis, version in versions.items() if axis != PYTHON}
