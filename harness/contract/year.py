"""What the screen walks through: a year of schedules in zones all over the world, from the calendar alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from harness.contract.wall import DAY, HOUR, MINUTE, offset_at, wall_at

YEAR = 2025
BEGAN = datetime(YEAR, 1, 1, tzinfo=UTC).timestamp()
OVER = datetime(YEAR + 1, 1, 1, tzinfo=UTC).timestamp() - MINUTE
ZONES = (
    "Asia/Shanghai",
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Honolulu",
    "Europe/London",
    "Asia/Tehran",
    "America/Santiago",
    "Australia/Sydney",
    "Europe/Dublin",
)
CLOSE = (1.5 * HOUR, 3 * HOUR)  # before and after a change of clocks, asked about minute by minute
PERIOD = HOUR
MONDAY = 0


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of schedule. `wall` is the time of day of a crontab, in its own zone if it has one."""

    name: str
    said: str
    kind: str
    fields: dict[str, str] = field(hash=False)
    wall: time | None = None
    weekday: int | None = None
    zone: str = ""


DAILY = Kind(
    name="daily", said="daily at 10:00", kind="crontab", fields={"minute": "0", "hour": "10"}, wall=time(10)
)
NIGHTLY = Kind(
    name="nightly",
    said="daily at 2:30",
    kind="crontab",
    fields={"minute": "30", "hour": "2"},
    wall=time(2, 30),
)
OWN = Kind(
    name="own",
    said="daily at 10:00 in UTC",
    kind="crontab",
    fields={"minute": "0", "hour": "10", "timezone": "UTC"},
    wall=time(10),
    zone="UTC",
)
WEEKLY = Kind(
    name="weekly",
    said="on Mondays at 1:00",
    kind="crontab",
    fields={"minute": "0", "hour": "1", "day_of_week": "1"},
    wall=time(1),
    weekday=MONDAY,
)
HOURLY = Kind(name="hourly", said="every hour", kind="interval", fields={"every": "1", "period": "hours"})
MINUTELY = Kind(name="minutely", said="every minute", kind="crontab", fields={"minute": "*"})
KINDS = (DAILY, NIGHTLY, OWN, WEEKLY, HOURLY, MINUTELY)


@dataclass(frozen=True, kw_only=True)
class Due:
    """A day of a crontab and when it is due on it: once, but never or twice where clocks are changed."""

    day: date
    instants: tuple[float, ...]


@cache
def due_days(kind: Kind, home: str) -> tuple[Due, ...]:
    """The days that are days of a crontab, with their instants, as far as the year was walked."""
    return tuple(_due_days(kind, kind.zone or home))


def _due_days(kind: Kind, zone: str) -> Iterator[Due]:
    if kind.wall is None:
        raise ValueError(f"{kind.name} is due all day")
    for number in range(-1, 367):
        day = date(YEAR, 1, 1) + timedelta(days=number)
        if kind.weekday is not None and day.weekday() != kind.weekday:
            continue
        wall = datetime.combine(day, kind.wall)
        # A wall time that is skipped is somewhere, too, and that says which day is meant.
        if BEGAN <= wall.replace(tzinfo=ZoneInfo(zone)).timestamp() <= OVER:
            yield Due(day=day, instants=instants_of(wall, zone))


def instants_of(wall: datetime, zone: str) -> tuple[float, ...]:
    """Every instant of a naive wall time: none where it is skipped, two where it comes twice."""
    place = ZoneInfo(zone)
    instants = sorted({wall.replace(tzinfo=place, fold=fold).timestamp() for fold in (0, 1)})
    return tuple(each for each in instants if wall_at(each, offset_at(each, zone)) == wall)


def day_of(instant: float, zone: str) -> date:
    """The day that it is in a zone."""
    return wall_at(instant, offset_at(instant, zone)).date()


@cache
def changes_of(zone: str) -> tuple[float, ...]:
    """When clocks are changed in a zone in the year, to the minute."""
    changes, instant = [], BEGAN
    while instant < OVER:
        before, after = instant, instant + DAY
        if offset_at(before, zone) != offset_at(after, zone):
            while after - before > MINUTE:
                middle = (before + after) // 2 // MINUTE * MINUTE
                if offset_at(middle, zone) == offset_at(instant, zone):
                    before = middle
                else:
                    after = middle
            changes.append(after)
        instant += DAY
    return tuple(changes)


def question(zone: str) -> dict[str, Any]:
    """What the agent is asked about a zone: entries with their walks, instants in whole seconds."""
    entries = [
        {"name": kind.name, "kind": kind.kind, "fields": kind.fields, "options": {}, "walks": walks}
        for kind in KINDS
        if (walks := _walks(kind, zone))
    ]
    return {
        "zone": zone,
        "year": [int(BEGAN), int(OVER)],
        "changes": [int(change) for change in changes_of(zone)],
        "entries": entries,
    }


def _walks(kind: Kind, zone: str) -> list[dict[str, Any]]:
    if kind is MINUTELY:
        return [_walk(zone, *_close(change)) for change in changes_of(zone)]
    if kind is HOURLY:
        # Between changes of clocks an interval is a difference of instants; two days of them are a year's.
        days = [(change - DAY, change + DAY) for change in changes_of(zone)]
        return [_walk(zone, began, over) for began, over in ((BEGAN, BEGAN + 2 * DAY), *days)]
    return [_walk(zone, BEGAN, OVER)]


def _walk(zone: str, began: float, over: float) -> dict[str, Any]:
    stretches = [_close(change) for change in changes_of(zone)]
    close = [[int(first), int(last)] for first, last in stretches if first <= over and last >= began]
    return {"began": int(began), "over": int(over), "close": close}


def _close(change: float) -> tuple[float, float]:
    before, after = CLOSE
    return change - before, change + after
