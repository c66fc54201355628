from dataclasses import replace
from datetime import date

import pytest

from harness.answers.circumstances import DEFAULTS, Circumstances, Likeness
from harness.answers.demands import read_demands
from harness.answers.pick import Calendar, Picked, Prefer, Wish, pick
from harness.answers.resilience import read_required
from harness.model import CellResult, Resolution, Stage
from tests.answers.test_resilience import DEAF, broken
from tests.answers.world import AXES, MISSING, NEW, OLD, cell, facts

DAYS = {
    ("django", "4.2.11"): date(2024, 3, 4),
    ("django", "5.2.1"): date(2025, 5, 7),
    ("celery", "5.3.6"): date(2023, 11, 22),
    ("celery", "5.5.0"): date(2025, 3, 31),
    ("django-celery-beat", "2.6.0"): date(2024, 3, 3),
    ("django-celery-beat", "2.8.0"): date(2025, 4, 16),
    ("redis", "5.0.3"): date(2024, 3, 25),
    ("redis", "6.2.0"): date(2025, 5, 28),
}
WISH = Wish(demands={}, circumstances=Circumstances(settings=DEFAULTS, database="sqlite"))
UNAWARE = {**DEFAULTS, "USE_TZ": False}


def picked(*results: CellResult, wish: Wish = WISH) -> Picked:
    return pick(facts(*results), wish, Calendar(days=DAYS))


def cells(found: Picked) -> list[str]:
    return [each.stack.cell for each in found.choices]


def wanting(*words: str) -> Wish:
    return replace(WISH, demands=read_demands(words, AXES).demands)


NEW_CELL, OLD_CELL = cell(NEW).cell, cell(OLD).cell


def test_the_newest_comes_first_and_the_oldest_if_it_is_preferred() -> None:
    assert cells(picked(cell(OLD), cell(NEW))) == [NEW_CELL, OLD_CELL]
    oldest = replace(WISH, prefer=Prefer.OLDEST)
    assert cells(picked(cell(OLD), cell(NEW), wish=oldest)) == [OLD_CELL, NEW_CELL]


def test_the_nearest_changes_least_and_rather_nothing_back() -> None:
    wish = replace(WISH, prefer=Prefer.NEAREST, origin={**OLD, "redis": "5.5.0"})
    back, onwards = cell({**OLD, "django": "5.2.1"}), cell({**OLD, "redis": "6.2.0"})
    assert cells(picked(back, onwards, wish=wish)) == [onwards.cell, back.cell]


def test_only_what_was_asked_for_is_picked() -> None:
    assert cells(picked(cell(OLD), cell(NEW), wish=wanting("django==4.2", "python==3.12"))) == [OLD_CELL]
    assert cells(picked(cell(OLD), cell(NEW), wish=wanting("python==3.11"))) == []


def test_what_failed_is_never_picked() -> None:
    found = picked(cell(NEW, fails=MISSING), cell(OLD))
    assert cells(found) == [OLD_CELL]
    assert [each.cell for each in picked(cell(NEW, fails=MISSING)).failed] == [NEW_CELL]


def test_a_newer_failure_of_the_same_question_under_another_name_takes_it_out() -> None:
    works = cell(NEW)
    fails = cell(NEW, name="again", fails=MISSING, started="2026-08-02T10:00:00Z")
    found = picked(works, fails)
    assert cells(found) == []
    assert [each.cell for each in found.contradicted] == [works.cell]
    # Nor is it trusted if the very same versions failed before.
    assert cells(picked(works, replace(fails, started="2026-07-01T10:00:00Z"))) == []
    assert cells(picked(works, replace(fails, started="2026-08-02T10:00:00Z", database="mariadb"))) == [
        works.cell
    ]


def test_the_newest_record_of_a_cell_counts() -> None:
    later = "2026-08-02T10:00:00Z"
    assert cells(picked(cell(NEW), cell(NEW, fails=MISSING, started=later))) == []
    assert cells(picked(cell(NEW, fails=MISSING), cell(NEW, started=later))) == [NEW_CELL]


def test_what_an_installer_has_to_be_forced_to_is_not_picked() -> None:
    found = picked(cell(NEW, resolution=Resolution.OVERRIDE))
    assert (cells(found), len(found.forced)) == ([], 1)


def test_what_was_not_asked_to_run_tasks_is_not_known_to_work() -> None:
    assert cells(picked(cell(NEW, checks=(Stage.SHUTDOWN,)))) == []


def test_the_users_settings_come_before_newer_versions() -> None:
    wish = replace(WISH, circumstances=Circumstances(settings=UNAWARE, database="sqlite"))
    found = picked(cell(NEW), cell(OLD, profile="unaware", settings=UNAWARE), wish=wish)
    assert [each.stack.versions["django"] for each in found.choices] == ["4.2.11", "5.2.1"]
    assert [each.likeness for each in found.choices] == [Likeness.SAME, Likeness.SWITCHES]
    assert found.choices[1].unlike == ("USE_TZ True instead of False",)


def test_one_environment_is_one_choice_whatever_it_ran_under() -> None:
    found = picked(cell(NEW), cell(NEW, profile="unaware", settings=UNAWARE))
    [choice] = found.choices
    assert choice.stack.cell == NEW_CELL
    assert len(choice.seen) == 2


def test_where_beat_ends_or_storms_comes_last() -> None:
    ends = cell(
        NEW, profile="days", name="lived", checks=(Stage.TIME,), stage=Stage.TIME, caveats=("survived",)
    )
    lives = cell(OLD, profile="days", name="lived-too", checks=(Stage.TIME,))
    found = picked(cell(NEW), cell(OLD), ends, lives)
    assert [each.stack.versions["django"] for each in found.choices] == ["4.2.11", "5.2.1"]
    assert [each.lived is not None and each.lived.fatal for each in found.choices] == [False, True]


def test_the_contract_of_the_same_series_counts_where_nobody_lived_through_days_with_it() -> None:
    near = {**NEW, "celery": "5.4.0"}
    lived = cell(near, name="lived", checks=(Stage.TIME,), stage=Stage.TIME, caveats=("crontab",))
    [first, _] = picked(cell(NEW), lived).choices
    assert first.lived is not None
    assert first.lived.beside == ("django-celery-beat 2.8.0 with Celery 5.4.0",)
    assert [each.id for each in first.lived.violated] == ["crontab"]
    [alone] = picked(cell(OLD)).choices
    assert alone.lived is None


@pytest.mark.parametrize(("day", "expected"), [("2025-06-01", [NEW_CELL]), ("2025-05-01", [])])
def test_as_of_a_day_only_what_there_was_is_picked(day: str, expected: list[str]) -> None:
    was = replace(cell(NEW), started="2025-05-30T10:00:00Z")
    assert cells(picked(was, wish=replace(WISH, as_of=date.fromisoformat(day)))) == expected


def test_with_a_promise_required_only_what_was_seen_to_keep_it_is_picked() -> None:
    required = replace(WISH, required=read_required(["reconnect"], "sqlite"))
    new, old = cell(NEW, beside=("kombu==5.5.4",)), cell(OLD, beside=("kombu==5.3.4",))
    deaf = broken(seen=DEAF)
    fine = broken(name="fine", celery="5.3.6", kombu="5.3.4", redis="5.0.3")
    assert cells(picked(new, old, deaf, fine)) == [NEW_CELL, OLD_CELL]
    assert cells(picked(new, old, deaf, fine, wish=required)) == [OLD_CELL]
    found = picked(new, old, deaf, wish=required)
    assert cells(found) == []
    first, *others = found.lacking
    assert (first.cell, first.promise.id) == (NEW_CELL, "reconnect-killed")
    assert {each.cell for each in others} == {OLD_CELL}
    assert {each.endured for each in others} == {None}


def test_a_choice_has_what_was_seen_when_something_was_broken_under_its_like() -> None:
    new = cell(NEW, beside=("kombu==5.5.4",))
    (choice,) = picked(new, broken()).choices
    assert [each.stack.cell for each in choice.endured] == ["broken@startproject"]


@pytest.mark.parametrize(("day", "expected"), [("2025-06-01", [NEW_CELL]), ("2025-05-01", [])])
def test_as_of_a_day_what_failed_later_is_not_in_the_way(day: str, expected: list[str]) -> None:
    failed = replace(cell(NEW, fails=MISSING), started="2025-05-30T10:00:00Z")
    found = picked(failed, wish=replace(WISH, as_of=date.fromisoformat(day)))
    assert [each.cell for each in found.failed] == expected
