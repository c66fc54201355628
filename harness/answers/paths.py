"""Upgrade paths: from what is there to what is wanted, over stacks that are known to work. Pure.

A step costs the square of how many packages it changes: two small steps are better than a large one. What
comes between never goes beyond the two ends.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from harness.answers.facts import Versions
from harness.answers.pick import Choice


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A package, or Python, that a step changes; "" where it was not there."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """A stack on the way, and what changes to get there."""

    choice: Choice
    changes: tuple[Changed, ...]


def find_path(origin: Versions, stations: Sequence[Choice], goals: Sequence[Choice]) -> tuple[Step, ...]:
    """The cheapest way from some versions to one of the goals; nothing when there is no goal.

    `origin` says of the axes what is there; of those it lacks any version will do. The goals are in the order
    of preference: of ways that cost the same the first goal's is taken.
    """
    axes = list(origin)
    start = tuple(origin.values())
    if not goals:
        return ()
    by_pins: dict[tuple[str, ...], Choice] = {}
    ends = {_pins(each, axes): place for place, each in reversed(list(enumerate(goals)))}
    for each in (*goals, *_between(origin, stations, goals)):
        by_pins.setdefault(_pins(each, axes), each)
    came_from = _cheapest(start, list(by_pins), ends)
    steps: list[Step] = []
    for before, after in came_from:
        changes = tuple(
            Changed(name=axis, before=was, after=is_)
            for axis, was, is_ in zip(axes, before, after, strict=True)
            if was != is_
        )
        steps.append(Step(choice=by_pins[after], changes=changes))
    return tuple(steps)


def _cheapest(
    start: tuple[str, ...], stations: Sequence[tuple[str, ...]], ends: dict[tuple[str, ...], int]
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The steps of a shortest way, by Dijkstra; each station is left once."""
    waiting: list[tuple[int, int, tuple[str, ...], tuple[str, ...] | None]] = [(0, 0, start, None)]
    before: dict[tuple[str, ...], tuple[str, ...] | None] = {}
    best: dict[tuple[str, ...], int] = {start: 0}
    while waiting:
        cost, _, here, last = heapq.heappop(waiting)
        if here in before:
            continue
        before[here] = last
        if here in ends:
            return _steps(here, before)
        for there in stations:
            if there in before:
                continue
            total = cost + sum(map(str.__ne__, here, there)) ** 2
            if total < best.get(there, total + 1):
                best[there] = total
                heapq.heappush(waiting, (total, ends.get(there, len(ends)), there, here))
    return []


def _steps(
    end: tuple[str, ...], before: dict[tuple[str, ...], tuple[str, ...] | None]
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    steps: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    last = before[end]
    while last is not None:
        steps.insert(0, (last, end))
        end, last = last, before[last]
    return steps


def _between(origin: Versions, stations: Iterable[Choice], goals: Sequence[Choice]) -> Iterable[Choice]:
    """The stations whose versions are all between what is there and what some goal has."""
    ranges = {
        axis: sorted(map(_version, {was, *(goal.stack.version(axis) for goal in goals)}))
        for axis, was in origin.items()
    }
    for each in stations:
        versions = {axis: _version(each.stack.version(axis)) for axis in origin}
        if all(ranges[axis][0] <= versions[axis] <= ranges[axis][-1] for axis in origin):
            yield each


def _pins(choice: Choice, axes: Iterable[str]) -> tuple[str, ...]:
    return tuple(choice.stack.version(axis) for axis in axes)


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")
