from collections import Counter
from pathlib import Path

import pytest

from harness.model import Installer, Verdict
from harness.report import data, markdown_fresh, terminal_fresh
from harness.report.fresh import Fate, FreshView, Way
from harness.report.fresh_words import changes_words, fresh_headline, sentence
from tests.conftest import AssertExpected
from tests.report import small_fresh

BOTH = "celery redis"
EXTRA = "celery[redis]"


@pytest.fixture(scope="module")
def view() -> FreshView:
    return small_fresh.view()


def test_what_one_gets_for_readers_of_the_repository(
    view: FreshView, assert_expected: AssertExpected
) -> None:
    assert_expected(markdown_fresh.render(view), Path(__file__).with_name("fresh.md"))


def test_what_one_gets_for_programs(view: FreshView, assert_expected: AssertExpected) -> None:
    assert_expected(data.render(view), Path(__file__).with_name("fresh.json"))


def test_what_one_gets_for_a_terminal(view: FreshView, assert_expected: AssertExpected) -> None:
    text = terminal_fresh.render(view, width=120, colour=False)
    assert_expected(text, Path(__file__).with_name("fresh.txt"))


@pytest.mark.parametrize(
    ("series", "python", "fate"),
    [
        ("2.2", "3.8", Fate.FAILS),
        ("2.2", "3.9", Fate.RUNS),
        ("2.2", "3.12", Fate.OPEN),
        ("5.2", "3.9", Fate.NOT_DECLARED),
        ("5.2", "3.12", Fate.DEPENDS),
        ("6.1", "3.12", Fate.OPEN),
    ],
)
def test_a_pair_fares_as_all_of_its_ways_do(view: FreshView, series: str, python: str, fate: Fate) -> None:
    assert view.place(series, python).fate is fate


def test_what_pip_chose_as_uv_did_is_told_once_and_as_uvs_cell_tells_it(view: FreshView) -> None:
    [alike] = view.place("2.2", "3.9").outcomes
    assert alike.ways == view.ways
    assert alike.verdict is Verdict.CAVEATS
    assert [old.package for old in alike.outdated] == ["celery", "redis"]


def test_what_pip_chose_as_uv_did_on_another_day_says_nothing(view: FreshView) -> None:
    outcome = view.place("6.1", "3.12").outcome(Way(style=EXTRA, installer=Installer.PIP))
    assert outcome is not None
    assert outcome.verdict is Verdict.UNTESTED
    assert outcome.note == "pip chose what uv chose then; uv chooses otherwise by now"


def test_every_way_of_every_pair_is_in_exactly_one_outcome(view: FreshView) -> None:
    for place in view.places:
        ways = Counter(way for outcome in place.outcomes for way in outcome.ways)
        assert ways == Counter(() if place.fate is Fate.NOT_DECLARED else view.ways)


def test_every_sign_leads_to_a_section(view: FreshView) -> None:
    page = markdown_fresh.render(view)
    targets = {part.partition(")")[0] for part in page.split("](#")[1:]}
    assert {target for target in targets if f'<a name="{target}">' not in page} == set()


def test_a_series_in_words_says_first_where_it_runs(view: FreshView) -> None:
    assert sentence(view, "2.2") == (
        "**Django 2.2** runs with caveats on Python 3.9;"
        " fails (`resolve:source-build:django-celery-beat`) on Python 3.8; is untested on Python 3.12."
    )
    assert sentence(view, "5.2") == (
        "**Django 5.2** on Python 3.12 fails (`worker:missing-module:packaging`) with `celery redis`,"
        " runs with caveats with `celery[redis]`; is not declared to run on Python 3.8 and 3.9."
    )


def test_what_another_way_gives_otherwise_is_told(view: FreshView) -> None:
    old, new = view.place("2.2", "3.9").outcomes[0], view.place("5.2", "3.12").outcomes[1]
    assert changes_words(*view.place("5.2", "3.12").outcomes) == "packaging 26.3 besides"
    assert changes_words(new, old) == (
        "celery 5.6.3 for 5.7.0, django 2.2.28 for 5.2.19, redis 6.4.0 for 8.1.0, no packaging"
    )
    assert changes_words(old, old) == "nothing"


def test_before_anything_is_run_all_is_untested() -> None:
    view = small_fresh.nothing()
    assert fresh_headline(view) == (
        "5 pairs of a Django and a Python: 0 run however they are installed,"
        " 0 depend on how they are installed, 0 fail; 5 untested"
    )
    assert {place.fate for place in view.places} == {Fate.OPEN, Fate.NOT_DECLARED}
    assert "Plain pip has not been asked." in markdown_fresh.render(view)
