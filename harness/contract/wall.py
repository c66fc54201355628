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
    """Seconds as people say them: "3 days", "8 h", "1 h 30 min", "2 s".

    To the minute from a minute on: what a look adds to it is the machine's, and differs from run to run.
    """
    length = abs(seconds)
    hours, minutes = divmod(round(length / MINUTE), 60)
    if length >= 2 * DAY:
        return f"{round(length / DAY, 1):g} days"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if round(length) >= MINUTE:
        return f"{minutes} min"
    return f"{round(length, 1):g} s" if round(length, 3) >= 1 else f"{length:.1f} s"


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
