"""Which stack to take: the best that is known to work under somebody's circumstances. Pure.

Only what was seen to work counts. What a record says otherwise of the same question or the same environment,
as new or newer, takes a stack out; so does a declaration that an installer would not follow.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from harness.answers.circumstances import Circumstances, Likeness
from harness.answers.facts import Facts
from harness.answers.lived import Contract, Lived, is_older, series_apart
from harness.answers.stack import PYTHON, Demands, KnownStack, Versions
from harness.model import Resolution


class Prefer(StrEnum):
    """What is best of what works."""

    NEWEST = "newest"  # the fewest days behind the newest releases, over all packages
    OLDEST = "oldest"  # the most
    NEAREST = "nearest"  # the fewest changes from what is there, and nothing older if that can be


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for. `origin` is what is there, by axis: what the nearest is nearest to.

    With `as_of` only what there was on that day.
    """

    demands: Demands
    circumstances: Circumstances
    prefer: Prefer = Prefer.NEWEST
    as_of: date | None = None
    origin: Versions | None = None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A stack that works. `seen` are the facts about its environment, `stack` the one most like the user's.

    `unlike` says what was otherwise when it was seen to work, in words; `lived` is the time contract, None
    when nobody has lived through days with anything like it, and `milder` is where more of it holds, under
    other settings. `age` is days behind the newest releases.
    """

    stack: KnownStack
    likeness: Likeness
    unlike: tuple[str, ...]
    seen: tuple[KnownStack, ...]
    lived: Lived | None
    milder: KnownStack | None
    age: int


@dataclass(frozen=True, kw_only=True)
class Picked:
    """The choices, the best first; `fitting` counts the environments that work and meet the demands.

    `contradicted` works too, but other records speak against it; `forced` does, but no installer follows it;
    `failed` meets the demands and does not work.
    """

    choices: tuple[Choice, ...]
    fitting: int
    contradicted: tuple[KnownStack, ...] = ()
    forced: tuple[KnownStack, ...] = ()
    failed: tuple[KnownStack, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The days of releases, by package and version, and how far behind the newest of its package each is."""

    days: Mapping[tuple[str, str], date]

    @cached_property
    def _newest(self) -> Mapping[str, date]:
        newest: dict[str, date] = {}
        for (package, _), day in self.days.items():
            newest[package] = max(day, newest.get(package, day))
        return newest

    def age(self, versions: Versions) -> int:
        """Days that some versions are behind the newest of their packages, in sum."""
        behind = (
            (self._newest[package] - self.days[package, version]).days
            for package, version in versions.items()
            if (package, version) in self.days
        )
        return sum(behind)

    def were_out(self, versions: Versions, day: date) -> bool:
        """Whether some versions are all known to have been released by a day; Python's is not asked for."""
        known = (self.days.get(pin) for pin in versions.items() if pin[0] != PYTHON)
        return all(each is not None and each <= day for each in known)


def pick(facts: Facts, wish: Wish, calendar: Calendar) -> Picked:
    """The best stacks for a wish; the most like circumstances come first, then what `prefer` says."""
    trusted: list[KnownStack] = []
    forced: list[KnownStack] = []
    contradicted: list[KnownStack] = []
    failed: list[KnownStack] = []
    for each in facts.matching(wish.demands):
        if each.breaks:
            failed.append(each)
        elif each.works and _in_time(each, wish, calendar):
            override = each.resolution is Resolution.OVERRIDE
            (forced if override else contradicted if facts.against(each) else trusted).append(each)
    contract = Contract(facts, wish.circumstances)
    groups = _by_environment(trusted).values()
    choices = [_choice(group, wish.circumstances, contract, calendar) for group in groups]
    choices = [each for each in choices if not _fails_so(facts, each, wish.circumstances)]
    choices.sort(key=_order(wish))
    return Picked(
        choices=tuple(_distinct(choices)),
        fitting=len(choices),
        contradicted=tuple(contradicted),
        forced=tuple(forced),
        failed=tuple(failed),
    )


def _in_time(stack: KnownStack, wish: Wish, calendar: Calendar) -> bool:
    """Whether all that is installed was there on the wished day."""
    if wish.as_of is None:
        return True
    day = stack.index_date or date.fromisoformat(stack.date)
    # Of distributions beyond the axes only the day of the index is known.
    return day <= wish.as_of and calendar.were_out(_packages(stack), wish.as_of)


def _choice(
    group: list[KnownStack], circumstances: Circumstances, contract: Contract, calendar: Calendar
) -> Choice:
    def key(each: KnownStack) -> tuple[object, ...]:
        # A record of tasks and schedules says more about versions than one of days.
        return (circumstances.distance(each), len(each.checks) == 1, each.cell)

    nearest = min(group, key=key)
    lived = contract.of(nearest)
    return Choice(
        stack=nearest,
        likeness=circumstances.likeness(nearest),
        unlike=circumstances.unlike(nearest),
        seen=tuple(group),
        lived=lived,
        milder=contract.milder(lived) if lived is not None else None,
        age=calendar.age(_packages(nearest)),
    )


def _by_environment(stacks: Iterable[KnownStack]) -> dict[tuple[object, ...], list[KnownStack]]:
    found: dict[tuple[object, ...], list[KnownStack]] = {}
    for each in stacks:
        found.setdefault(each.environment, []).append(each)
    return found


def _fails_so(facts: Facts, choice: Choice, circumstances: Circumstances) -> bool:
    """Whether its environment was seen to fail under circumstances as like to the user's, or more."""
    about = facts.of_environment(*choice.stack.environment)
    return any(
        each.breaks and circumstances.distance(each) <= circumstances.distance(choice.stack) for each in about
    )


def _order(wish: Wish) -> Callable[[Choice], tuple[object, ...]]:
    def preferred(choice: Choice) -> tuple[float, ...]:
        match wish.prefer:
            case Prefer.NEWEST:
                return (choice.age,)
            case Prefer.OLDEST:
                return (-choice.age,)
            case Prefer.NEAREST:
                return (*_changes(choice.stack, wish.origin or {}), choice.age)

    def key(choice: Choice) -> tuple[object, ...]:
        fatal = choice.lived is not None and choice.lived.fatal
        # What was not lived through promises less than what was, and more than what is known to end.
        return (
            choice.likeness,
            fatal,
            *preferred(choice),
            len(choice.stack.lines),
            len(choice.stack.caveats),
            choice.stack.cell,
        )

    return key


def _changes(stack: KnownStack, origin: Versions) -> tuple[float, ...]:
    """How many axes go back, how many change, and how far."""
    pairs = [(stack.version(axis), version) for axis, version in origin.items()]
    back = sum(is_older(now, was) for now, was in pairs)
    changed = sum(now != was for now, was in pairs)
    return (back, changed, sum(series_apart(now, was) for now, was in pairs))


def _distinct(choices: Iterable[Choice]) -> Iterable[Choice]:
    """Without those that differ from a better one in nothing but what the axes leave open."""
    seen: set[tuple[tuple[str, str], ...]] = set()
    for each in choices:
        pins = tuple(each.stack.versions.items())
        if pins not in seen:
            seen.add(pins)
            yield each


def _packages(stack: KnownStack) -> Versions:
    return {axis: version for axis, version in stack.versions.items() if axis != PYTHON}
