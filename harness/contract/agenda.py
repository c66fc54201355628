"""What a live beat is given to live through, and when to look: the plans of the spans.

The day is the 29th of February 2028, a Tuesday, where the profile's users live, with an hour of the day
before and one of the day after: a month ends in it, in a leap year, and no clock is changed anywhere. The
hours after it are for changes and restarts; the nights are those in which clocks are changed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from astral import Observer
from astral.sun import sunset

from harness.contract.wall import (
    DAY,
    HOUR,
    MINUTE,
    due_instants,
    from_iso,
    offset_at,
    on_the_wall,
    to_iso,
    wall_at,
)

DATE = datetime(2028, 2, 29)  # noqa: DTZ001 - wall time, wherever it is
OWN_ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
INTERVAL = 55 * MINUTE  # each hourly look finds it due once
NIGHT_INTERVAL = 25 * MINUTE  # every other look of a quarter of an hour does
BEFORE = 5.0  # seconds; what is seen at this look was not due yet
# Where the sun is waited for, and how many seconds two ways to compute where it stands may differ.
PLACE = {"event": "sunset", "latitude": "51.476900", "longitude": "0.000000"}
SUN = 10 * MINUTE
# Celery's own entry, at 4:00: https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-expires
CLEANUP = "celery.backend_cleanup"
# Two spans without beat, for messages that are sent on their own.
MESSAGES, ADDITIONS = "messages", "additions"
SHOWN = "crontab"  # the entry whose pages in the admin are looked at
CLEANUP_AT = {"minute": "0", "hour": "4"}

# When clocks were changed in 2025, as far as the zones below go; a night ends in the next afternoon.
CHANGES_OF_CLOCKS = (
    ("America/New_York", datetime(2025, 3, 9, 7, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2025, 3, 30, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2025, 4, 5, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2025, 10, 4, 15, 30, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2025, 10, 26, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2025, 11, 2, 6, tzinfo=UTC)),
)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """An entry to be entered. `zone` is whose wall time a crontab's user means; instants are ISO 8601."""

    name: str
    kind: str
    fields: Mapping[str, str]
    zone: str
    options: Mapping[str, str] = field(default_factory=dict)
    due: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is done at an instant: edit, disable, enable or delete an entry; stop or start beat."""

    instant: float
    what: str
    entry: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Agenda:
    """A span to be lived through. Instants are seconds since the epoch.

    `planted` are results that are there before, by task id: the instants at which they were done.
    """

    name: str
    began: float
    entries: tuple[Planned, ...]
    looks: tuple[float, ...]
    changes: tuple[Change, ...] = ()
    planted: Mapping[str, float] = field(default_factory=dict)

    @property
    def steps(self) -> list[float | Change]:
        """Looks and changes in the order of time; a change comes after a look at the same instant."""
        steps: list[float | Change] = [*self.looks, *self.changes]
        # Sorting is stable: looks stay before changes.
        return sorted(steps, key=lambda step: step.instant if isinstance(step, Change) else step)


def plan(zone: str, *, own_zones: bool, result_expires: float = 0) -> tuple[Agenda, ...]:
    """Every span for a profile whose TIME_ZONE is `zone`, in the order of time.

    `own_zones` says whether the profile's crontabs have time zones of their own at all, `result_expires` is
    the age in seconds at which results are removed, 0 for never. What may end beat comes last.
    """
    nights = (
        plan_night(place, change, own_zone=own_zones)
        for place, change in CHANGES_OF_CLOCKS
        if own_zones or place == zone
    )
    return (
        *nights,
        plan_day(zone, result_expires),
        plan_one_off(zone),
        plan_changes(zone),
        plan_restarts(zone),
        plan_bound(zone, "expires", hours=10),
        plan_bound(zone, "start_time", hours=30),
    )


def plan_day(zone: str, result_expires: float) -> Agenda:
    """A whole day, undisturbed."""
    midnight = on_the_wall(DATE, zone)
    began, over = midnight - HOUR, on_the_wall(DATE + timedelta(days=1), zone) + HOUR
    sunsets = _sunsets(began + SUN, over - SUN)
    entries = (
        _interval("interval", zone),
        _crontab("crontab", zone, hour="10"),
        *(_crontab(f"own:{own}", own, hour="10", timezone=own) for own in OWN_ZONES),
        *_calendar(zone, midnight),
        Planned(name="clocked", kind="clocked", fields={"instant": to_iso(midnight + 11 * HOUR)}, zone=zone),
        replace(_crontab("expire-seconds", zone, hour="9"), options={"expire_seconds": "600"}),
        Planned(name="solar", kind="solar", fields=PLACE, zone=zone, due=tuple(map(to_iso, sunsets))),
    )
    suns = [sun + side for sun in sunsets for side in (-SUN, SUN)]
    four = due_instants(CLEANUP_AT, zone, began, over)
    return Agenda(
        name="day",
        began=began,
        entries=entries,
        looks=_looks([*_hours(began, over), *suns], [*four, *_due(entries, began, over)]),
        planted=_plant(four[0], result_expires),
    )


def plan_one_off(zone: str) -> Agenda:
    """Three hours of a one-off interval, on its own: disabling itself makes beat read the schedule again."""
    began = _after_the_day(zone, 2)
    return Agenda(
        name="one-off",
        began=began,
        entries=(_interval("one-off", zone, one_off="true"),),
        looks=_looks(_hours(began, began + 3 * HOUR), ()),
    )


def plan_changes(zone: str) -> Agenda:
    """Entries due at 1:00, changed at 0:20, when it is yesterday or tomorrow elsewhere."""
    midnight = on_the_wall(DATE + timedelta(days=2), zone)
    one, two, changed = midnight + HOUR, midnight + 2 * HOUR, midnight + 20 * MINUTE
    due = {"edited": (two,), "disabled": (), "enabled": (one,), "deleted": ()}
    entries = tuple(
        Planned(
            name=name,
            kind="crontab",
            fields={"minute": "0", "hour": "1"},
            zone=zone,
            options={"enabled": "false"} if name == "enabled" else {},
            due=tuple(map(to_iso, instants)),
        )
        for name, instants in due.items()
    )
    return Agenda(
        name="changes",
        began=midnight + 10 * MINUTE,
        entries=entries,
        looks=_looks([changed, two + HOUR], [one, two]),
        changes=(
            Change(instant=changed, what="edit", entry="edited", fields={"minute": "0", "hour": "2"}),
            Change(instant=changed, what="disable", entry="disabled"),
            Change(instant=changed, what="enable", entry="enabled"),
            Change(instant=changed, what="delete", entry="deleted"),
        ),
    )


def plan_restarts(zone: str) -> Agenda:
    """Beat restarted at 5:20, when nothing was missed, and down from 5:30 to 6:20, when something was."""
    midnight = on_the_wall(DATE + timedelta(days=2), zone)
    five = midnight + 5 * HOUR
    entries = (
        _crontab("at-five", zone, hour="5"),
        _crontab("at-six", zone, hour="6"),
        _crontab("at-seven", zone, hour="7"),
    )
    return Agenda(
        name="restarts",
        began=five - 10 * MINUTE,
        entries=entries,
        looks=_looks(
            [five + 20 * MINUTE, five + 30 * MINUTE, five + 90 * MINUTE, five + 3 * HOUR],
            [five, five + 2 * HOUR],
        ),
        changes=(
            Change(instant=five + 20 * MINUTE, what="stop"),
            Change(instant=five + 20 * MINUTE, what="start"),
            Change(instant=five + 30 * MINUTE, what="stop"),
            Change(instant=five + 80 * MINUTE, what="start"),
        ),
    )


def plan_bound(zone: str, option: str, *, hours: float) -> Agenda:
    """An interval that is to start or to end in two hours; on its own, for what that does to all others.

    It is looked at around that time, and around what it would be for somebody who takes local time for UTC.
    """
    name = option.replace("_", "-")
    began = on_the_wall(DATE + timedelta(days=2), zone) + hours * HOUR
    bound = began + 2 * HOUR
    mistaken = bound + abs(offset_at(bound, zone))
    around = {time + side * HOUR for time in (bound, mistaken) for side in (-1, 0, 1, 2)}
    return Agenda(
        name=name,
        began=began,
        entries=(replace(_interval(name, zone), options={option: to_iso(bound)}),),
        looks=_looks([time for time in around if time > began], [bound]),
    )


def plan_night(zone: str, change: datetime, *, own_zone: bool) -> Agenda:
    """From an hour and a half before clocks are changed to the afternoon of the next day."""
    instant = change.timestamp()
    before, after = offset_at(instant - 1, zone), offset_at(instant, zone)
    # The middle of the wall time that is skipped, or that comes twice.
    odd = wall_at(instant, before) + timedelta(seconds=(after - before) / 2)
    noon = on_the_wall(datetime.combine(odd.date(), datetime.min.time()).replace(hour=12), zone)
    began, over = instant - 1.5 * HOUR, noon + DAY
    fields = {"timezone": zone} if own_zone else {}
    entries = (
        _crontab("odd-hour", zone, minute=str(odd.minute), hour=str(odd.hour), **fields),
        _crontab("every-minute", zone, minute="*", **fields),
        _crontab("noon", zone, hour="12", **fields),
        _interval("by-night", zone, NIGHT_INTERVAL),
    )
    odd_due = _due(entries[:1], began, over)
    quarters = [began + number * 15 * MINUTE for number in range(1, 17)]
    # A beat that is asked all the time has sent the minute before the change: what it sends in the hour that
    # comes twice follows from that, and a beat that last sent a quarter of an hour before storms in it.
    last_minute = instant - MINUTE
    # Where a skipped wall time may be made up for: a clock that was not changed would show it.
    made_up = instant + abs(after - before) / 2
    return Agenda(
        name=f"night {zone} {change:%Y-%m-%d}",
        began=began,
        entries=entries,
        looks=_looks(
            [*quarters, last_minute, made_up, noon - HOUR, noon + HOUR], [noon, *odd_due, noon + DAY]
        ),
    )


def _interval(name: str, zone: str, seconds: float = INTERVAL, **options: str) -> Planned:
    fields = {"every": str(int(seconds)), "period": "seconds"}
    return Planned(name=name, kind="interval", fields=fields, zone=zone, options=options)


def _crontab(name: str, zone: str, *, minute: str = "0", **fields: str) -> Planned:
    return Planned(name=name, kind="crontab", fields={"minute": minute, **fields}, zone=zone)


def _calendar(zone: str, midnight: float) -> Iterator[Planned]:
    """Entries at a wall time whose date is another one in UTC, wherever `zone` is."""
    west = offset_at(midnight, zone) < 0
    fields = {
        "weekday": {"day_of_week": "2"},
        "day-of-month": {"day_of_month": "29"},
        "month-end": {"day_of_month": "28" if west else "1"},
        "month": {"month_of_year": "2" if west else "3"},
    }
    for name, each in fields.items():
        yield _crontab(name, zone, minute="30", hour="23" if west else "0", **each)


def _sunsets(began: float, over: float) -> tuple[float, ...]:
    place = Observer(latitude=float(PLACE["latitude"]), longitude=float(PLACE["longitude"]))
    first = datetime.fromtimestamp(began, UTC).date()
    suns = (sunset(place, first + timedelta(days=number)).timestamp() for number in range(3))
    return tuple(sun for sun in suns if began <= sun <= over)


def _plant(cleanup: float, result_expires: float) -> Mapping[str, float]:
    """Results on both sides of what a clean-up at that instant removes."""
    if not result_expires:
        return {"very-old": cleanup - 400 * DAY}
    limit = cleanup - result_expires
    return {"expired": limit - HOUR, "not-yet-expired": limit + HOUR}


def _due(entries: Iterable[Planned], began: float, over: float) -> list[float]:
    due: list[float] = []
    for entry in entries:
        if entry.kind == "crontab":
            wall = {name: value for name, value in entry.fields.items() if name != "timezone"}
            # What is due in the very minute in which it is entered is not asked for.
            due += due_instants(wall, entry.zone, began + MINUTE, over)
        elif entry.kind == "clocked":
            due.append(from_iso(entry.fields["instant"]))
    return due


def _hours(began: float, over: float) -> list[float]:
    return [began + number * HOUR for number in range(1, int((over - began) / HOUR) + 1)]


def _looks(anyway: Sequence[float], due: Iterable[float]) -> tuple[float, ...]:
    """Every instant of `anyway`, and every one of `due` with a look `BEFORE`."""
    exact = set(due)
    return tuple(sorted({*anyway, *exact, *(instant - BEFORE for instant in exact)}))


def _after_the_day(zone: str, hours: float) -> float:
    return on_the_wall(DATE + timedelta(days=1), zone) + hours * HOUR
