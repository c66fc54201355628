from datetime import date, datetime
from itertools import chain, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contract.agenda import CHANGES_OF_CLOCKS
from harness.contract.wall import DAY, MINUTE, due_instants, offset_at
from harness.contract.year import (
    BEGAN,
    DAILY,
    KINDS,
    MINUTELY,
    NIGHTLY,
    OVER,
    OWN,
    WEEKLY,
    ZONES,
    Kind,
    changes_of,
    day_of,
    due_days,
    instants_of,
    question,
)

CHANGING = [zone for zone in ZONES if changes_of(zone)]


def test_twenty_zones_with_and_without_changes_of_clocks() -> None:
    assert len(set(ZONES)) == len(ZONES) == 20
    assert 5 <= len(CHANGING) <= 15


@pytest.mark.parametrize(("zone", "change"), CHANGES_OF_CLOCKS)
def test_the_nights_of_the_live_lens_are_in_the_year(zone: str, change: datetime) -> None:
    assert change.timestamp() in changes_of(zone)


@pytest.mark.parametrize("zone", CHANGING)
def test_offsets_differ_at_changes_and_nowhere_else(zone: str) -> None:
    edges = [BEGAN, *changes_of(zone), OVER]
    for before, after in pairwise(edges):
        offsets = {offset_at(before + number * DAY, zone) for number in range(int((after - before) / DAY))}
        assert offsets == {offset_at(before, zone)} == {offset_at(after - 1, zone)}
    assert all(offset_at(change - 1, zone) != offset_at(change, zone) for change in edges[1:-1])


@pytest.mark.parametrize("kind", [DAILY, NIGHTLY, OWN, WEEKLY], ids=lambda kind: kind.name)
@given(zone=st.sampled_from(ZONES), day=st.integers(min_value=0, max_value=355), change=st.integers(0, 1))
def test_due_days_are_the_due_instants_of_the_calendar(kind: Kind, zone: str, day: int, change: int) -> None:
    changes = changes_of(zone)
    began = changes[change] - 5 * DAY if changes else BEGAN + day * DAY
    over = began + 10 * DAY
    wall = {name: value for name, value in kind.fields.items() if name != "timezone"}
    expected = due_instants(wall, kind.zone or zone, began, over)
    days = due_days(kind, zone)
    assert tuple(each for due in days for each in due.instants if began <= each <= over) == expected


@given(st.sampled_from(ZONES), st.datetimes(datetime(2025, 1, 1), datetime(2025, 12, 31)))  # noqa: DTZ001
def test_an_instant_is_found_again_by_its_wall_time(zone: str, wall: datetime) -> None:
    wall = wall.replace(second=0, microsecond=0)
    for instant in instants_of(wall, zone):
        assert day_of(instant, zone) == wall.date()


def test_a_skipped_wall_time_has_no_instant_and_a_repeated_one_two() -> None:
    berlin = {due.day: len(due.instants) for due in due_days(NIGHTLY, "Europe/Berlin")}
    assert berlin[date(2025, 3, 30)] == 0
    assert berlin[date(2025, 10, 26)] == 2
    assert sorted(set(berlin.values())) == [0, 1, 2]


@pytest.mark.parametrize("zone", ZONES)
def test_every_change_of_clocks_is_asked_about_minute_by_minute_for_every_kind(zone: str) -> None:
    entries = question(zone)["entries"]
    assert {entry["name"] for entry in entries} == {
        kind.name for kind in KINDS if kind is not MINUTELY or changes_of(zone)
    }
    for entry in entries:
        close = [stretch for walk in entry["walks"] for stretch in walk["close"]]
        assert all(any(began < change < over for began, over in close) for change in changes_of(zone))
        instants = [
            each
            for walk in entry["walks"]
            for each in (walk["began"], walk["over"], *chain.from_iterable(walk["close"]))
        ]
        assert not [each for each in instants if each % MINUTE]
