"""How alike two time zones are in what matters to a schedule: their side of UTC, and clock changes. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

# What decides: a winter's and a summer's day of a year that was lived through.
_DAYS = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC))


def likeness(zone: str, measured: str) -> int:
    """0 for the same zone, 1 for one on the same side that changes its clocks or not alike, then 2 and 3."""
    if zone == measured:
        return 0
    (side, changes), (other, changes_too) = kind_of(zone), kind_of(measured)
    if side == other:
        return 1 if changes == changes_too else 2
    return 3


def kind_of(zone: str) -> tuple[str, bool]:
    """On which side of UTC it is, and whether its clocks are changed."""
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for day in _DAYS]
    both = sum(offsets, timedelta())
    side = "east of UTC" if both > timedelta() else "west of UTC" if both < timedelta() else "UTC"
    return side, offsets[0] != offsets[1]


def kind_words(zone: str) -> str:
    """`east of UTC, clocks never changed`."""
    side, changes = kind_of(zone)
    return f"{side}, clocks {'changed twice a year' if changes else 'never changed'}"
