"""What the screen saw: sends and storms of schedules in a year, what of it is wrong, and how that is told."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from harness.contract.span import NotObserved, times
from harness.contract.wall import DAY, HOUR, from_iso, how_far_off
from harness.contract.year import BEGAN, CLOSE, Kind, changes_of, day_of, due_days

# What the observation is called in a record.
NAME = "screen"

_NIGHT = (CLOSE[0], 6.5 * HOUR)  # around a change of clocks, as the spans of nights have it
_HOW_LONG = re.compile(r"[\d.]+ (?:days|h|min|s)\b(?: early| late)?")


@dataclass(frozen=True, kw_only=True)
class Walk:
    """One stretch of time: instants of sends and of storms, oldest first.

    `late` has sends by how many seconds later they had been said to be due. The walk ended at `until`;
    `ended` says why, where that is early.
    """

    fires: tuple[float, ...]
    storms: tuple[float, ...]
    late: Mapping[float, tuple[float, ...]]
    until: float
    ended: str

    @property
    def raised(self) -> str:
        """The type of exception that ended it, if one did."""
        return "" if self.ended in ("storm", "unsteady") else self.ended.partition(":")[0]


@dataclass(frozen=True, kw_only=True)
class Misfire:
    """Something that was not as it should be, in a zone, on a day."""

    zone: str
    kind: Kind
    what: str
    instant: float
    odd: bool = False  # about a wall time that is skipped or comes twice
    grave: bool = False  # a storm, or something raised: beat could not go on

    @cached_property
    def day(self) -> date:
        """The day in the schedule's zone."""
        return day_of(self.instant, self.kind.zone or self.zone)

    @property
    def on_a_change(self) -> bool:
        """Whether clocks are changed on its day."""
        zone = self.kind.zone or self.zone
        return self.day in {day_of(change, zone) for change in changes_of(zone)}

    @property
    def just_entered(self) -> bool:
        """Whether having been entered less than a day before may be the reason."""
        return self.instant < BEGAN + DAY and not self.grave


@dataclass(frozen=True, kw_only=True)
class Screen:
    """Walks by zone and kind. `stale` are zones whose changes of clocks the cell's zone data do not know.

    `refused` says of a kind why it could not be entered, in the last zone in which it could not.
    """

    walks: Mapping[str, Mapping[str, tuple[Walk, ...]]]
    stale: tuple[str, ...]
    refused: Mapping[str, str]

    def of(self, kind: Kind) -> Iterator[tuple[str, tuple[Walk, ...]]]:
        """Every zone in which a kind was walked.

        Raises:
            NotObserved: it was walked in none.
        """
        found = [(zone, kinds[kind.name]) for zone, kinds in self.walks.items() if kind.name in kinds]
        if not found:
            raise NotObserved(f"{kind.said}: {self.refused.get(kind.name, 'nobody asked')}")
        yield from found

    def misfires(self, *kinds: Kind) -> Iterator[Misfire]:
        """All that is wrong with crontabs of these kinds."""
        for kind in kinds:
            for zone, (walk,) in self.of(kind):
                yield from _misfires(kind, zone, walk)


def read_screen(data: Mapping[str, Any]) -> Screen:
    """The screen as a record has it: runs are [first instant, seconds between, how many]."""
    zones = data["zones"]
    return Screen(
        walks={
            zone: {kind: tuple(map(_read_walk, walks)) for kind, walks in seen["walks"].items()}
            for zone, seen in zones.items()
        },
        refused={kind: why for seen in zones.values() for kind, why in seen["refused"].items()},
        stale=tuple(
            zone for zone, seen in zones.items() if tuple(map(from_iso, seen["changes"])) != changes_of(zone)
        ),
    )


def unroll(runs: Iterable[Sequence[Any]]) -> tuple[float, ...]:
    """The instants of runs."""
    return tuple(
        from_iso(first) + number * period for first, period, count in runs for number in range(count)
    )


def _read_walk(data: Mapping[str, Any]) -> Walk:
    return Walk(
        fires=unroll(data.get("fires", ())),
        storms=unroll(data.get("storms", ())),
        late={seconds: unroll(runs) for seconds, runs in data.get("late", ())},
        until=from_iso(data["until"]),
        ended=data.get("ended", ""),
    )


def _misfires(kind: Kind, zone: str, walk: Walk) -> Iterator[Misfire]:
    """Sends beside their instants, the nearest taken for the one meant; odd days; storms; what was raised."""

    def misfire(what: str, instant: float, *, odd: bool = False) -> Misfire:
        return Misfire(zone=zone, kind=kind, what=what, instant=instant, odd=odd)

    days = due_days(kind, zone)
    own = kind.zone or zone
    storming = set(walk.storms)
    fires = Counter(fire for fire in walk.fires if fire not in storming)
    for due in days:
        if len(due.instants) == 1:
            continue
        (change,) = (each for each in changes_of(own) if day_of(each, own) == due.day)
        night = [fire for fire in fires if change - _NIGHT[0] <= fire < change + _NIGHT[1]]
        sends = sum(fires.pop(fire) for fire in night)
        if sends > max(1, len(due.instants)) or (due.instants and not sends and change < walk.until):
            how_often = f"sent {times(sends)}" if sends else "not sent"
            yield misfire(f"{how_often} that night", change, odd=True)
    due_once = {each for due in days if len(due.instants) == 1 for each in due.instants if each < walk.until}
    wrong = sorted(fire for fire in fires if fire not in due_once)
    reach = (7 * DAY if kind.weekday is not None else DAY) / 2
    for due_at in sorted(due_once - set(fires)):
        near = min(wrong, key=lambda fire: abs(fire - due_at), default=None)
        if near is None or abs(near - due_at) > reach:
            if not any(abs(storm - due_at) < DAY for storm in storming):
                yield misfire("not sent", due_at)
        else:
            wrong.remove(near)
            yield misfire(f"sent {how_far_off(near, due_at)}", due_at)
    yield from (misfire("sent besides", fire) for fire in wrong)
    yield from (misfire(f"sent {times(n)} at once", fire) for fire, n in fires.items() if n > 1)
    yield from breaks(kind, zone, walk)


def breaks(kind: Kind, zone: str, walk: Walk) -> Iterator[Misfire]:
    """Storms, what was raised, and what is said to be due at one time and then at another, for weeks."""
    for storm in walk.storms:
        yield Misfire(zone=zone, kind=kind, what="storms", instant=storm, grave=True)
    if walk.raised:
        what = f"raises {walk.raised}"
        yield Misfire(zone=zone, kind=kind, what=what, instant=walk.until, grave=True)
    if walk.ended == "unsteady":
        what = "says another time whenever it is asked"
        yield Misfire(zone=zone, kind=kind, what=what, instant=walk.until, grave=True)


def tell(misfires: Iterable[Misfire]) -> str:
    """What was seen, each thing once, with a zone and the days: alike but for how long is the same thing."""
    alike: dict[str, dict[str, list[Misfire]]] = {}
    for each in misfires:
        manner = f"{each.kind.said} {_HOW_LONG.sub('', each.what)}"
        alike.setdefault(manner, {}).setdefault(each.zone, []).append(each)
    return "; ".join(_told(zones) for zones in alike.values())


def _told(zones: Mapping[str, Sequence[Misfire]]) -> str:
    first, *more = zones
    what = zones[first][0].what
    days = sorted({each.day for each in zones[first] if each.what == what})
    said = f"{zones[first][0].kind.said} {what} in {first} {_when(days)}"
    if not more:
        return said
    return f"{said}, likewise in {more[0] if len(more) == 1 else f'{len(more)} zones more'}"


def _when(days: Sequence[date]) -> str:
    first = f"{days[0].day} {days[0]:%B}"
    return f"on {first}" if len(days) == 1 else f"on {len(days)} days from {first}"
