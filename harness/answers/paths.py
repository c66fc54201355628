"""Upgrade paths: from what is there to what is wanted, over stacks that are known to work. Pure.

A step costs the square of how many axes it changes: two small steps are better than a large one. No step
leads away from the goal: of each axis the versions on the way are between the two ends, and in that order.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from harness.answers.pick import Choice
from harness.answers.stack import PYTHON, Demands, Versions

GOALS = 5  # of those that come first to which ways are looked for
_Pins = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A package, or Python, that a step changes."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """A stack on the way, and what changes to get there."""

    choice: Choice
    changes: tuple[Changed, ...]


def find_path(origin: Versions, stations: Sequence[Choice], goals: Sequence[Choice]) -> tuple[Step, ...]:
    """The cheapest way from some versions to a goal; nothing when there is no goal, or nothing to do.

    `origin` says of the axes what is there. Of Python, where it does not say, any will do for the first step;
    of packages that it lacks, any will do all the way. Of ways that cost the same the first goal's is taken.
    """
    ways = [_way(origin, stations, goal) for goal in goals[:GOALS]]
    return min(ways, key=_cost, default=())


def between(origin: Versions, goals: Sequence[Choice]) -> Demands:
    """What a stack on the way to one of the goals has to meet."""
    ends = {
        axis: sorted(_version(each) for each in (was, *(goal.stack.version(axis) for goal in goals[:GOALS])))
        for axis, was in origin.items()
    }
    return {axis: SpecifierSet(f">={some[0]},<={_end(axis, some[-1])}") for axis, some in ends.items()}


def _end(axis: str, version: Version) -> str:
    """Of Python the series counts: up to its last patch."""
    return f"{version}.999" if axis == PYTHON else str(version)


def _cost(way: Iterable[Step]) -> int:
    return sum(len(step.changes) ** 2 for step in way)


def _way(origin: Versions, stations: Sequence[Choice], goal: Choice) -> tuple[Step, ...]:
    there = {PYTHON: "", **origin}
    axes = tuple(there)
    start, end = tuple(there.values()), _pins(goal, axes)
    by_pins = {end: goal}
    for each in stations:
        pins = _pins(each, axes)
        if _is_between(start, pins, end):
            by_pins.setdefault(pins, each)
    return tuple(
        Step(choice=by_pins[after], changes=tuple(_changes(before, after, axes)))
        for before, after in _cheapest(start, list(by_pins), end)
    )


def _cheapest(start: _Pins, stations: Sequence[_Pins], end: _Pins) -> list[tuple[_Pins, _Pins]]:
    """The steps of a shortest way, by Dijkstra. The end can always be reached, if in one large step."""
    waiting = [(0, start)]
    best, before, done = {start: 0}, dict[_Pins, _Pins](), set[_Pins]()
    here = start
    while here != end or here not in done:
        cost, here = heapq.heappop(waiting)
        if here in done:
            continue
        done.add(here)
        for there in stations:
            total = cost + _differing(here, there) ** 2
            if total < best.get(there, total + 1) and _is_between(here, there, end):
                best[there], before[there] = total, here
                heapq.heappush(waiting, (total, there))
    steps: list[tuple[_Pins, _Pins]] = []
    while here != start and here in before:
        steps.insert(0, (before[here], here))
        here = before[here]
    return [(was, is_) for was, is_ in steps if _differing(was, is_)]


def _differing(one: _Pins, other: _Pins) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True) if a)


def _is_between(one: _Pins, middle: _Pins, other: _Pins) -> bool:
    """Whether every version is between two others; between nothing and something is anything."""
    return all(
        a in ("", b) or b == c or _in_order(a, b, c) or _in_order(c, b, a)
        for a, b, c in zip(one, middle, other, strict=True)
    )


def _in_order(one: str, middle: str, other: str) -> bool:
    return _version(one) <= _version(middle) <= _version(other)


def _changes(before: _Pins, after: _Pins, axes: Iterable[str]) -> Iterator[Changed]:
    for axis, was, is_ in zip(axes, before, after, strict=True):
        if was and was != is_:
            yield Changed(name=axis, before=was, after=is_)


def _pins(choice: Choice, axes: Iterable[str]) -> _Pins:
    return tuple(choice.stack.version(axis) for axis in axes)


@cache
def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")
