"""Wall time: at which instants a crontab is due where its user lives, and how far off something is, in words.

Written from the calendar alone. It shares no code with what is measured.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0

_UNITS = ((2 * DAY, DAY, "days"), (HOUR, HOUR, "h"), (MINUTE, MINUTE, "min"), (1.0, 1.0, "s"))


def due_instants(fields: Mapping[str, str], zone: str, began: float, ended: float) -> tuple[float, ...]:
    """Every instant from `began` to `ended` whose wall time in `zone` has all the `fields`.

    A field is a number or "*"; fields are those of a crontab, and one that is missing is "*". A wall time
    that occurs twice is due twice, one that does not occur is not due.
    """
    return _due_instants(tuple(fields.items()), zone, began, ended)


@cache
def _due_instants(
    fields: tuple[tuple[str, str], ...], zone: str, began: float, ended: float
) -> tuple[float, ...]:
    place, wanted = ZoneInfo(zone), dict(fields)
    first, last = math.ceil(began / MINUTE), math.floor(ended / MINUTE)
    instants = (number * MINUTE for number in range(first, last + 1))
    return tuple(instant for instant in instants if _matches(wanted, datetime.fromtimestamp(instant, place)))


def on_the_wall(wall: datetime, zone: str) -> float:
    """The instant of a naive wall time; the first one where it occurs twice."""
    return wall.replace(tzinfo=ZoneInfo(zone)).timestamp()


def offset_at(instant: float, zone: str) -> float:
    """Seconds that clocks in `zone` are ahead of UTC."""
    offset = datetime.fromtimestamp(instant, ZoneInfo(zone)).utcoffset()
    assert offset is not None  # noqa: S101 - every zone has one
    return offset / timedelta(seconds=1)


def wall_at(instant: float, offset: float) -> datetime:
    """The naive wall time where clocks are `offset` seconds ahead of UTC."""
    return datetime.fromtimestamp(instant + offset, UTC).replace(tzinfo=None)


def how_long(seconds: float) -> str:
    """Seconds in the largest unit that leaves few digits: "8 h", "1.5 h", "30 min", "2 s"."""
    for least, unit, name in _UNITS:
        if round(abs(seconds), 0 if least > 1 else 3) >= least:
            return f"{round(seconds / unit, 1):g} {name}"
    return f"{seconds:.1f} s"


def how_far_off(instant: float, due: float) -> str:
    """Where an instant lies as seen from the one meant: "8 h late", "13 h early"."""
    return f"{how_long(abs(instant - due))} {'late' if instant > due else 'early'}"


def from_iso(text: str) -> float:
    """Seconds since the epoch of a recorded instant."""
    return datetime.fromisoformat(text).timestamp()


def to_iso(instant: float) -> str:
    """An instant as it is recorded and put on the wire, to the microsecond."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _matches(fields: Mapping[str, str], local: datetime) -> bool:
    actual = {
        "minute": local.minute,
        "hour": local.hour,
        "day_of_week": local.isoweekday() % 7,  # cron counts from Sunday
        "day_of_month": local.day,
        "month_of_year": local.month,
    }
    return all(value == "*" or int(value) == actual[field] for field, value in fields.items())
