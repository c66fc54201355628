from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from harness.answers.settings import Settings
from harness.contract.invariants import INVARIANTS
from harness.model import Cell, CellResult, Profile
from harness.report.check.promises import TimeAnswer
from harness.report.check.settings import judge_settings
from tests.report.timed import SETTINGS, Spans, deadly, late, lived, stack, stormy

ON: Mapping[str, bool | str] = {**SETTINGS, "CELERY_TIMEZONE": "Asia/Shanghai"}
OFF: Mapping[str, bool | str] = {**ON, "CELERY_ENABLE_UTC": False}
MINE = {"django-celery-beat": "2.5.0", "celery": "5.3.6", "django": "4.2"}


def nothing(_: Spans) -> None:
    """Everything holds."""


def cell(
    beat: str,
    celery: str,
    settings: Mapping[str, bool | str],
    spoil: Callable[[Spans], object] = nothing,
    *,
    profile: str = "",
) -> CellResult:
    name = profile or f"{settings['TIME_ZONE']}-{settings['CELERY_ENABLE_UTC']}"
    own = Profile(name=name.replace("/", "-"), reason="so", settings=settings)
    return lived(Cell(stack=stack(f"beat-{beat}-{celery}", beat, celery), profile=own), spoil)


def judged(
    *results: CellResult, settings: Mapping[str, bool | str] = ON, database: str = "sqlite"
) -> TimeAnswer:
    kind: Settings = Settings(values=settings, database="mariadb" if database == "mariadb" else "sqlite")
    return judge_settings(kind, MINE, results)


def test_where_all_is_kept_nothing_is_broken() -> None:
    answer = judged(cell("2.5.0", "5.3.6", ON))
    assert (answer.broken, answer.better, answer.cautions, answer.why_not) == ((), None, (), "")
    assert answer.held + answer.unseen == len(INVARIANTS)
    assert [each.same_series for each in answer.measured] == [True]


def test_what_is_broken_is_told_with_the_setting_that_keeps_it() -> None:
    answer = judged(cell("2.5.0", "5.3.6", ON), cell("2.5.0", "5.3.6", OFF, late), settings=OFF)
    [broken] = [each for each in answer.broken if each.invariant == "crontab"]
    assert broken.seen[0].words == "fired 8 h late"
    assert broken.remedies == ("CELERY_ENABLE_UTC=True",)
    assert answer.better is not None
    assert answer.better.settings["CELERY_ENABLE_UTC"] is True


def test_settings_under_which_beat_dies_are_neither_a_remedy_nor_better() -> None:
    answer = judged(cell("2.5.0", "5.3.6", ON, deadly), cell("2.5.0", "5.3.6", OFF, late), settings=OFF)
    assert all(not each.remedies for each in answer.broken)
    assert answer.better is None


def test_without_utc_and_without_a_zone_of_its_own_celery_is_where_it_is_named() -> None:
    unset = {**OFF, "CELERY_TIMEZONE": ""}
    answer = judged(cell("2.5.0", "5.3.6", OFF, late), settings=unset)
    assert [each.invariant for each in answer.broken if each.invariant == "crontab"]
    [caution] = answer.cautions
    assert caution.startswith("measured with CELERY_TIMEZONE=Asia/Shanghai, not with none: ")


def test_what_was_measured_without_a_zone_comes_before_what_names_one() -> None:
    unset = {**OFF, "CELERY_TIMEZONE": ""}
    own = cell("2.5.0", "5.3.6", unset, profile="unset")
    answer = judged(own, cell("2.5.0", "5.3.6", OFF, late), settings=unset)
    assert (answer.broken, answer.cautions) == ((), ())


def test_with_utc_a_named_zone_says_nothing_of_none() -> None:
    answer = judged(cell("2.5.0", "5.3.6", ON, late), settings={**ON, "CELERY_TIMEZONE": ""})
    assert answer.why_not.endswith("has not been measured together")


def test_the_same_series_come_before_those_with_one_of_them() -> None:
    answer = judged(cell("2.5.1", "5.3.1", ON), cell("2.5.1", "5.4.0", ON, late))
    assert [each.celery for each in answer.measured] == ["5.3.1"]


def test_with_one_series_each_both_are_told_where_they_differ() -> None:
    answer = judged(cell("2.5.1", "5.4.0", ON, late), cell("2.6.0", "5.3.1", ON))
    assert [each.same_series for each in answer.measured] == [False, False]
    [broken] = [each for each in answer.broken if each.invariant == "crontab"]
    assert broken.seen[0].versions == ("beat 2.5.1 with Celery 5.4.0",)
    assert broken.held == ("beat 2.6.0 with Celery 5.3.1",)


def test_a_death_is_fatal_with_these_series_or_all_that_are_near_and_in_such_a_zone() -> None:
    york = {**ON, "TIME_ZONE": "America/New_York", "CELERY_TIMEZONE": "America/New_York"}
    dead, near = cell("2.5.1", "5.3.1", ON, deadly), cell("2.5.1", "5.4.0", ON, deadly)
    assert judged(dead).fatal
    assert judged(near).fatal
    assert not judged(near, cell("2.6.0", "5.3.1", ON)).fatal
    assert not judged(dead, settings=york).fatal
    assert not judged(cell("2.5.1", "5.3.1", ON, late)).fatal


def test_a_storm_of_the_plain_crontab_is_fatal_and_another_one_a_danger() -> None:
    def floods(spans: Spans) -> None:
        spans["day"]["storms"] = {"crontab": "fired 25 times in 1.2 s"}

    assert {each.invariant for each in judged(cell("2.5.1", "5.3.1", ON, floods)).fatal} == {"crontab"}
    other = judged(cell("2.5.1", "5.3.1", ON, stormy))
    assert (other.fatal, [each.invariant for each in other.dangers]) == ((), ["no-storm"])


def test_another_zone_or_database_is_said_to_be_one() -> None:
    tokyo = {**ON, "TIME_ZONE": "Asia/Tokyo", "CELERY_TIMEZONE": "Asia/Tokyo"}
    [zone, database] = judged(cell("2.5.0", "5.3.6", ON), settings=tokyo, database="mariadb").cautions
    assert zone.startswith("measured in Asia/Shanghai; Asia/Tokyo is like it")
    assert database == "measured on sqlite, not on mariadb"
    berlin = {**ON, "TIME_ZONE": "Europe/Berlin", "CELERY_TIMEZONE": "Europe/Berlin"}
    [zone] = judged(cell("2.5.0", "5.3.6", ON), settings=berlin).cautions
    assert "is not like it" in zone


def test_the_nearest_zone_is_taken() -> None:
    york = {**ON, "TIME_ZONE": "America/New_York", "CELERY_TIMEZONE": "America/New_York"}
    here = cell("2.5.0", "5.3.6", ON)
    there = replace(cell("2.5.0", "5.3.6", ON, late, profile="york"), settings=york)
    toronto = {**ON, "TIME_ZONE": "America/Toronto", "CELERY_TIMEZONE": "America/Toronto"}
    assert [each.zone for each in judged(here, there, settings=toronto).measured] == ["America/New_York"]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({**ON, "CELERY_TIMEZONE": "Asia/Tokyo"}, "a CELERY_TIMEZONE other than TIME_ZONE"),
        (OFF, "has not been measured together"),
        ({"USE_TZ": True}, "cannot be read"),
    ],
)
def test_what_was_not_measured_is_unknown(settings: Mapping[str, bool | str], why: str) -> None:
    answer = judged(cell("2.5.0", "5.3.6", ON), settings=settings)
    assert why in answer.why_not
    assert (answer.measured, answer.broken) == ((), ())


def test_without_versions_or_with_others_nothing_is_known() -> None:
    settings, known = Settings(values=ON), [cell("1.6.0", "4.4.1", ON)]
    assert judge_settings(settings, {"celery": "5"}, known).why_not == "which django-celery-beat is not known"
    assert "these series" in judge_settings(settings, MINE, known).why_not


def test_in_utc_no_celery_timezone_is_the_same() -> None:
    utc = {**ON, "TIME_ZONE": "UTC", "CELERY_TIMEZONE": ""}
    known = replace(cell("2.5.0", "5.3.6", ON), settings={**utc, "CELERY_TIMEZONE": "UTC"})
    assert judged(known, settings=utc).why_not == ""
