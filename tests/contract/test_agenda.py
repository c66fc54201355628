from itertools import pairwise

import pytest

from harness.contract.agenda import BEFORE, Change, plan
from harness.contract.wall import HOUR, MINUTE, due_instants, to_iso

ZONES = ["Asia/Shanghai", "UTC", "America/New_York", "Europe/Berlin"]


@pytest.mark.parametrize("zone", ZONES)
def test_time_goes_forward_only(zone: str) -> None:
    agendas = plan(zone, own_zones=True)
    instants = [instant for agenda in agendas for instant in (agenda.began, *agenda.looks)]
    assert instants == sorted(instants)
    assert len({agenda.name for agenda in agendas}) == len(agendas)


@pytest.mark.parametrize("zone", ZONES)
def test_every_due_instant_is_looked_at_exactly_and_shortly_before(zone: str) -> None:
    [day] = (agenda for agenda in plan(zone, own_zones=True) if agenda.name == "day")
    for entry in day.entries:
        if entry.kind != "crontab":
            continue
        wall = {name: value for name, value in entry.fields.items() if name != "timezone"}
        due = due_instants(wall, entry.zone, day.began + MINUTE, day.looks[-1])
        assert due, f"{entry.name} is never due"
        assert {*due, *(instant - BEFORE for instant in due)} <= set(day.looks)


@pytest.mark.parametrize("zone", ZONES)
def test_no_hour_of_the_day_goes_unseen(zone: str) -> None:
    [day] = (agenda for agenda in plan(zone, own_zones=True) if agenda.name == "day")
    assert max(after - before for before, after in pairwise((day.began, *day.looks))) <= HOUR


@pytest.mark.parametrize("zone", ZONES)
def test_days_of_the_calendar_are_others_in_utc(zone: str) -> None:
    [day] = (agenda for agenda in plan(zone, own_zones=True) if agenda.name == "day")
    [weekday] = (entry for entry in day.entries if entry.name == "weekday")
    [due] = due_instants(weekday.fields, zone, day.began, day.looks[-1])
    assert to_iso(due).startswith("2028-02-29") is (zone == "UTC")


def test_without_zones_of_their_own_only_the_default_zone_has_nights() -> None:
    def nights(zone: str) -> list[str]:
        return [each.name for each in plan(zone, own_zones=False) if each.name.startswith("night")]

    assert nights("Asia/Shanghai") == []
    assert nights("Europe/Berlin") == ["night Europe/Berlin 2025-03-30", "night Europe/Berlin 2025-10-26"]


def test_a_look_comes_before_a_change_at_the_same_instant() -> None:
    [changes] = (agenda for agenda in plan("UTC", own_zones=False) if agenda.name == "changes")
    steps = changes.steps
    first = next(number for number, step in enumerate(steps) if isinstance(step, Change))
    assert steps[first - 1] == changes.changes[0].instant
