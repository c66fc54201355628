from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contract.wall import (
    DAY,
    HOUR,
    due_instants,
    from_iso,
    how_far_off,
    how_long,
    offset_at,
    on_the_wall,
    to_iso,
    wall_at,
)

ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Europe/Berlin"]


@settings(max_examples=20)  # each looks at three days of minutes
@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2024, 1, 1), datetime(2029, 1, 1)),  # noqa: DTZ001 - made aware below
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_what_is_due_has_the_wall_time_that_was_asked_for(
    zone: str, began: datetime, hour: int, minute: int
) -> None:
    first = began.replace(tzinfo=UTC).timestamp()
    due = due_instants({"hour": str(hour), "minute": str(minute)}, zone, first, first + 3 * DAY)
    walls = [datetime.fromtimestamp(instant, ZoneInfo(zone)) for instant in due]
    assert all((wall.hour, wall.minute, wall.second) == (hour, minute, 0) for wall in walls)
    assert 2 <= len(due) <= 5  # one is skipped, or comes twice, when clocks are changed


@pytest.mark.parametrize(
    ("day", "hour", "times"),
    [("2025-03-30", "2", 0), ("2025-10-26", "2", 2), ("2025-10-26", "12", 1)],
)
def test_a_wall_time_is_due_as_often_as_it_occurs(day: str, hour: str, times: int) -> None:
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
    due = due_instants({"hour": hour, "minute": "30"}, "Europe/Berlin", midnight, midnight + DAY)
    assert len(due) == times


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"day_of_week": "2"}, "2028-02-28T16:30:00.000000Z"),
        ({"day_of_month": "29"}, "2028-02-28T16:30:00.000000Z"),
        ({"day_of_month": "1"}, "2028-02-29T16:30:00.000000Z"),
        ({"month_of_year": "3"}, "2028-02-29T16:30:00.000000Z"),
        ({"day_of_week": "0"}, "2028-02-26T16:30:00.000000Z"),
    ],
)
def test_days_are_those_of_the_zone(fields: dict[str, str], due: str) -> None:
    began = from_iso("2028-02-26T00:00:00Z")
    over = from_iso("2028-03-01T00:00:00Z")
    wall = {"hour": "0", "minute": "30", **fields}
    assert to_iso(due_instants(wall, "Asia/Shanghai", began, over)[0]) == due


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (8 * HOUR, "8 h"),
        (1.5 * HOUR, "1 h 30 min"),
        (1.25 * HOUR + 0.2, "1 h 15 min"),
        (26 * HOUR, "26 h"),
        (3 * DAY, "3 days"),
        (1800, "30 min"),
        (1794, "30 min"),
        (HOUR - 0.2, "1 h"),
        (59.7, "1 min"),
        (59.4, "59.4 s"),
        (2, "2 s"),
        (0.04, "0.0 s"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert how_long(seconds) == words


def test_how_far_off() -> None:
    assert how_far_off(8 * HOUR, 0) == "8 h late"
    assert how_far_off(0, 13 * HOUR) == "13 h early"


@given(st.sampled_from(ZONES), st.integers(1_600_000_000, 1_900_000_000))
def test_walls_and_instants_are_the_same_time(zone: str, instant: int) -> None:
    wall = wall_at(instant, offset_at(instant, zone))
    place = datetime.fromtimestamp(instant, ZoneInfo(zone))
    assert wall == place.replace(tzinfo=None, fold=0)
    if not place.fold:
        assert on_the_wall(wall, zone) == instant


def test_offsets_of_half_hours() -> None:
    assert timedelta(seconds=offset_at(from_iso("2028-02-29T00:00:00Z"), "Asia/Kolkata")) == timedelta(
        hours=5.5
    )
