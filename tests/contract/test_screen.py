"""Each screened invariant holds for a faultless `is_due`, and is violated, in words, by a broken one."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contract.invariant import Standing
from harness.contract.screen import read_screen, unroll
from harness.contract.screened import SCREENED, ScreenFinding, find_screened
from harness.contract.wall import DAY, HOUR, MINUTE, from_iso, to_iso
from harness.contract.year import (
    BEGAN,
    DAILY,
    HOURLY,
    MINUTELY,
    NIGHTLY,
    OWN,
    WEEKLY,
    ZONES,
    changes_of,
    due_days,
)
from tests.contract.screens import Observation, faultless, fires, runs, shift, walk

BERLIN = "Europe/Berlin"
SPRING, AUTUMN = changes_of(BERLIN)
SUMMER = from_iso("2025-07-01T08:00:00Z")  # 10:00 in Berlin


def judge(screen: Observation) -> dict[str, ScreenFinding]:
    """As the record would have it: through JSON."""
    read = read_screen(json.loads(json.dumps(screen)))
    return {invariant.id: find_screened(invariant, read) for invariant in SCREENED}


def violated(screen: Observation) -> dict[str, str]:
    findings = judge(screen)
    return {id_: each.seen for id_, each in findings.items() if each.standing is Standing.VIOLATED}


def test_a_faultless_year_holds_everything() -> None:
    assert {each.standing for each in judge(faultless()).values()} == {Standing.HELD}


def test_of_zones_that_were_not_walked_nothing_is_known() -> None:
    screen = faultless()
    for seen in screen["zones"].values():
        seen.update(walks={}, refused={"daily": "ValidationError: no such zone"})
    findings = judge(screen)
    assert findings["crontab"].seen == "daily at 10:00: ValidationError: no such zone"
    assert findings["interval"].seen == "every hour: nobody asked"
    standings = {id_: each.standing for id_, each in findings.items()}
    assert standings.pop("zone-data") is Standing.HELD
    assert set(standings.values()) == {Standing.NOT_OBSERVED}


def late_on_a_day(screen: Observation) -> None:
    shift(screen, BERLIN, DAILY, HOUR, on=SUMMER)


def late_everywhere(screen: Observation) -> None:
    for zone in ZONES:
        shift(screen, zone, NIGHTLY, 8 * HOUR, on=due_days(NIGHTLY, zone)[200].instants[0])


def silent_from_summer_on(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, DAILY)
    spoiled["fires"] = runs(each for each in fires(spoiled) if each < SUMMER)


def sent_besides(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, DAILY)
    spoiled["fires"] = runs(sorted([*fires(spoiled), SUMMER + 3 * HOUR]))


def sent_twice_at_once(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, DAILY)
    spoiled["fires"] = runs(sorted([*fires(spoiled), SUMMER]))


def own_zone_at_home(screen: Observation) -> None:
    shift(screen, "Asia/Kolkata", OWN, -5.5 * HOUR)


def storms(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, OWN)
    first = [BEGAN + 10 * HOUR + number * MINUTE for number in range(120)]
    spoiled.update(fires=runs(first), storms=runs(first), until=to_iso(first[-1] + MINUTE), ended="storm")


def never_says_the_same(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, WEEKLY)
    spoiled.update(fires=[], until=to_iso(BEGAN + 14 * DAY), ended="unsteady")


def raises(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, HOURLY, 2)
    spoiled.update(
        fires=runs(each for each in fires(spoiled) if each < AUTUMN - HOUR),
        until=to_iso(AUTUMN - HOUR),
        ended="AmbiguousTimeError: 2025-10-26 02:00:00.388002",
    )


def monday_in_utc(screen: Observation) -> None:
    shift(screen, "Asia/Shanghai", WEEKLY, 8 * HOUR)


def interval_waits_for_the_wall(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, HOURLY, 2)
    spoiled["fires"] = runs(each for each in fires(spoiled) if each != AUTUMN)


def interval_in_bursts(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, HOURLY, 1)
    spoiled["fires"] = runs(sorted([*fires(spoiled), SPRING + 10 * MINUTE]))


def waits_for_eight_hours(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, HOURLY)
    spoiled["fires"] = runs(fires(spoiled)[8:])


def sent_at_once(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, HOURLY)
    spoiled["fires"] = runs([BEGAN, *fires(spoiled)])


def lost_on_its_first_day(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, DAILY)
    spoiled["fires"] = runs(fires(spoiled)[1:])


def lost_where_it_comes_twice(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, NIGHTLY)
    spoiled["fires"] = runs(each for each in fires(spoiled) if abs(each - AUTUMN) > 2 * HOUR)


def made_up_for_twice(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, NIGHTLY)
    spoiled["fires"] = runs(sorted([*fires(spoiled), SPRING, SPRING + HOUR / 2]))


def silent_for_an_hour(screen: Observation) -> None:
    spoiled = walk(screen, BERLIN, MINUTELY, 1)
    spoiled["fires"] = runs(each for each in fires(spoiled) if not AUTUMN <= each < AUTUMN + HOUR)


def storms_for_an_hour(screen: Observation) -> None:
    walk(screen, BERLIN, MINUTELY, 1)["storms"] = [(to_iso(AUTUMN), 60, 60)]


def late_on_the_day_itself(screen: Observation) -> None:
    shift(screen, BERLIN, DAILY, HOUR, on=SPRING + 7 * HOUR)


def said_to_be_late(screen: Observation) -> None:
    walk(screen, BERLIN, DAILY)["late"] = [(3600, runs([SPRING + 7 * HOUR]))]


def old_zone_data(screen: Observation) -> None:
    screen["zones"]["Africa/Cairo"].update(changes=[], walks={})


@pytest.mark.parametrize(
    ("spoil", "seen"),
    [
        (late_on_a_day, {"crontab": "daily at 10:00 sent 1 h late in Europe/Berlin on 1 July"}),
        (
            late_everywhere,
            {"crontab": "daily at 2:30 sent 8 h late in Asia/Shanghai on 21 July, likewise in 19 zones more"},
        ),
        (
            silent_from_summer_on,
            {
                "crontab": "daily at 10:00 not sent in Europe/Berlin on 183 days from 1 July",
                "after-the-change": "daily at 10:00 not sent in Europe/Berlin on 26 October",
            },
        ),
        (sent_besides, {"crontab": "daily at 10:00 sent besides in Europe/Berlin on 1 July"}),
        (sent_twice_at_once, {"crontab": "daily at 10:00 sent twice at once in Europe/Berlin on 1 July"}),
        (
            own_zone_at_home,
            {
                "own-zone": "daily at 10:00 in UTC sent 5 h 30 min early in Asia/Kolkata "
                "on 364 days from 2 January",
                "newly-entered": "daily at 10:00 in UTC sent 5 h 30 min early in Asia/Kolkata on 1 January",
            },
        ),
        (storms, {"own-zone": "daily at 10:00 in UTC storms in Europe/Berlin on 1 January"}),
        (raises, {"interval": "every hour raises AmbiguousTimeError in Europe/Berlin on 26 October"}),
        (
            never_says_the_same,
            {
                "calendar": "on Mondays at 1:00 not sent in Europe/Berlin on 2 days from 6 January; "
                "on Mondays at 1:00 says another time whenever it is asked in Europe/Berlin on 15 January"
            },
        ),
        (
            monday_in_utc,
            {"calendar": "on Mondays at 1:00 sent 8 h late in Asia/Shanghai on 52 days from 6 January"},
        ),
        (
            interval_waits_for_the_wall,
            {"interval": "every hour silent for 2 h in Europe/Berlin on 26 October"},
        ),
        (
            interval_in_bursts,
            {"interval": "every hour sent again after 10 min in Europe/Berlin on 30 March"},
        ),
        (
            waits_for_eight_hours,
            {"newly-entered": "every hour first sent 9 h after it was entered in Europe/Berlin on 1 January"},
        ),
        (
            sent_at_once,
            {
                "newly-entered": "every hour first sent as soon as it was entered "
                "in Europe/Berlin on 1 January"
            },
        ),
        (lost_on_its_first_day, {"newly-entered": "daily at 10:00 not sent in Europe/Berlin on 1 January"}),
        (
            lost_where_it_comes_twice,
            {"odd-hour": "daily at 2:30 not sent that night in Europe/Berlin on 26 October"},
        ),
        (made_up_for_twice, {"odd-hour": "daily at 2:30 sent twice that night in Europe/Berlin on 30 March"}),
        (
            silent_for_an_hour,
            {"every-minute": "every minute silent for 1 h 1 min in Europe/Berlin on 26 October"},
        ),
        (storms_for_an_hour, {"every-minute": "every minute storms in Europe/Berlin on 26 October"}),
        (
            late_on_the_day_itself,
            {"after-the-change": "daily at 10:00 sent 1 h late in Europe/Berlin on 30 March"},
        ),
        (
            said_to_be_late,
            {"after-the-change": "daily at 10:00 said to be due 1 h late in Europe/Berlin on 30 March"},
        ),
        (old_zone_data, {"zone-data": "others in Africa/Cairo"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_broken_is_told_and_nothing_else(
    spoil: Callable[[Observation], None], seen: dict[str, str]
) -> None:
    screen = faultless()
    spoil(screen)
    assert violated(screen) == seen


def test_every_screened_invariant_can_be_violated() -> None:
    spoilers = [
        late_on_a_day,
        storms,
        monday_in_utc,
        raises,
        sent_at_once,
        made_up_for_twice,
        silent_for_an_hour,
        said_to_be_late,
        old_zone_data,
    ]
    seen = set()
    for spoil in spoilers:
        screen = faultless()
        spoil(screen)
        seen |= set(violated(screen))
    assert seen == {invariant.id for invariant in SCREENED}


def test_a_year_in_one_walk_says_nothing_of_what_comes_after_its_end() -> None:
    screen = faultless()
    spoiled = walk(screen, BERLIN, DAILY)
    spoiled.update(
        fires=runs(each for each in fires(spoiled) if each < SUMMER),
        until=to_iso(SUMMER - DAY / 2),
        ended="TypeError: can't compare",
    )
    assert violated(screen) == {
        "crontab": "daily at 10:00 raises TypeError in Europe/Berlin on 30 June",
    }


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**5), st.integers(1, 50)), max_size=5))
def test_runs_are_unrolled_in_their_order(numbers: list[tuple[int, int, int]]) -> None:
    written = [(to_iso(BEGAN + first), period, count) for first, period, count in numbers]
    assert list(unroll(written)) == [
        BEGAN + first + number * period for first, period, count in numbers for number in range(count)
    ]
