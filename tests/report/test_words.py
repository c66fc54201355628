import pytest

from harness.model import Verdict
from harness.report.words import (
    axis_name,
    count_of,
    duration,
    headline,
    machine_line,
    setting_name,
    setting_value,
    steady,
)
from tests.values import HEADER


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ({Verdict.WORKS: 2}, "2 cells: 2 works; nothing is open"),
        ({Verdict.WORKS: 0, Verdict.BROKEN: 2}, "2 cells: 0 works, 2 broken; nothing is open"),
        ({Verdict.WORKS: 1, Verdict.UNTESTED: 1}, "2 cells: 1 works, 1 untested"),
        ({Verdict.WORKS: 1, Verdict.FLAKY: 1}, "2 cells: 1 works, 1 flaky"),
        ({Verdict.WORKS: 1}, "1 cell: 1 works; nothing is open"),
    ],
)
def test_the_headline_hides_neither_what_is_known_nor_what_is_open(
    counts: dict[Verdict, int], line: str
) -> None:
    assert headline(counts) == line


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (61, "1 min 1 s"), (3725, "62 min 5 s")],
)
def test_a_duration_is_said_as_people_say_it(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(("number", "words"), [(0, "0 cells"), (1, "1 cell"), (2, "2 cells")])
def test_only_one_is_singular(number: int, words: str) -> None:
    assert count_of(number, "cell") == words


def test_an_axis_has_a_short_name_or_its_own() -> None:
    assert [axis_name(axis) for axis in ("django-celery-beat", "wagtail")] == ["beat", "wagtail"]


def test_a_machine_is_a_line() -> None:
    assert machine_line(HEADER.machine) == (
        "2 cores, 7.8 GiB, Linux x86_64, glibc 2.39; uv 0.9.0, broker 8.1.0"
    )


def test_a_setting_has_a_short_name_or_its_own_and_may_not_be_set() -> None:
    assert [setting_name(name) for name in ("CELERY_ENABLE_UTC", "USE_TZ")] == ["enable_utc", "USE_TZ"]
    assert [setting_value(value) for value in (False, "UTC", "")] == ["False", "UTC", "not set"]


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ("fired 8 h late", "fired 8 h late"),
        ("fired 4 times instead of once", "fired 4 times instead of once"),
        ("fired 27 times", "fired dozens of times"),
        ("interval fired twice in 0.4 s", "interval fired twice within seconds"),
        (
            "noon fired 8 h late; a fired 25 times in 1.6 s; b fired 25 times in 2 s",
            "a, b fired dozens of times within seconds; noon fired 8 h late",
        ),
        (
            "beat: [2028-02-28 23:00:00,134 1835362800.135: CRITICAL/MainProcess] beat raised <class 'E'>",
            "beat: beat raised <class 'E'>",
        ),
        (
            "beat: {cache}/lib/fields/__init__.py:1595: RuntimeWarning: naive (2028-02-28 23:00:00.5+08:00)",
            "beat: RuntimeWarning: naive (…)",
        ),
        ("own:America/New_York https://example.org/a", "own:America/New_York https://example.org/a"),
        (
            "month-end could not be entered: Error",
            "its schedule could not be entered: Error",
        ),
    ],
)
def test_what_was_seen_reads_alike_when_the_same_happens_again(seen: str, words: str) -> None:
    assert steady(seen) == words
