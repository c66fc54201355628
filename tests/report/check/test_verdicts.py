from dataclasses import replace

import pytest

from harness.answers.settings import Settings
from harness.model import Resolution
from harness.report.check.answer import Answer
from tests.report.check.world import ARTICLES, CONFLICT, NO_MODULE, asked, judging, ran

MINE = "django==4.2.16 celery==5.3.6 django-celery-beat==2.6.0"


def test_what_was_seen_to_work_works_and_its_caveats_are_told() -> None:
    found = judging(ran("mine", MINE))(asked(MINE))
    assert (found.answer, [shown.cell for shown in found.works]) == (Answer.CAVEATS, ["mine@startproject"])
    assert found.works[0].caveats == ("a clocked task does not run at its instant",)
    assert not found.presumed
    assert judging(ran("mine", MINE, caveats=()))(asked(MINE)).answer is Answer.WORKS


def test_what_was_seen_to_fail_is_broken() -> None:
    found = judging(ran("mine", MINE, failure=NO_MODULE))(asked(MINE))
    assert (found.answer, found.fails[0].signature) == (Answer.BROKEN, "worker:missing-module:packaging")


def test_another_release_of_the_series_is_said_to_be_one() -> None:
    found = judging(ran("mine", MINE))(asked("django==4.2.3 celery==5.3.6 django-celery-beat==2.6.0"))
    assert (found.answer, found.presumed) == (Answer.CAVEATS, True)
    [difference] = found.works[0].differs
    assert (difference.name, difference.measured, difference.asked) == ("django", "4.2.16", "4.2.3")


def test_the_exact_release_comes_before_another_one_of_the_series() -> None:
    other = ran("other", MINE.replace("4.2.16", "4.2.17"), failure=NO_MODULE)
    found = judging(other, ran("mine", MINE))(asked(MINE))
    assert (found.answer, found.fails) == (Answer.CAVEATS, ())


@pytest.mark.parametrize("python", ["3.10", "3.12"])
def test_another_python_says_nothing(python: str) -> None:
    assert judging(ran("mine", MINE, python=python))(asked(MINE)).answer is Answer.UNKNOWN


def test_what_is_installed_today_comes_before_what_was_installed_once() -> None:
    old = ran("old", f"{MINE} kombu==5.3.0", asked=MINE, resolution=Resolution.ERA)
    new = ran("new", f"{MINE} kombu==5.7.0", asked=MINE, failure=NO_MODULE)
    found = judging(old, new)(asked(MINE))
    assert (found.answer, [each.cell for each in found.fails]) == (Answer.BROKEN, ["new@startproject"])
    assert [each.cell for each in found.then] == ["old@startproject"]
    alone = judging(old)(asked(MINE))
    assert (alone.answer, alone.dated) == (Answer.CAVEATS, True)


def test_what_the_file_pins_low_in_the_tree_chooses_the_record() -> None:
    good = ran("good", f"{MINE} kombu==5.6.2")
    bad = ran("bad", f"{MINE} kombu==5.7.0", failure=NO_MODULE)
    assert judging(good, bad)(asked(f"{MINE} kombu==5.6.2")).answer is Answer.CAVEATS
    assert judging(good, bad)(asked(f"{MINE} kombu==5.7.0")).answer is Answer.BROKEN


def test_a_pass_with_something_more_is_a_witness_and_a_failure_with_it_is_not() -> None:
    mine = "django==4.2.16 celery==5.3.6"
    assert judging(ran("more", MINE))(asked(mine)).works[0].beyond == ("django-celery-beat",)
    assert judging(ran("more", MINE, failure=NO_MODULE))(asked(mine)).answer is Answer.UNKNOWN


def test_a_forced_cell_is_no_witness_for_who_installs_from_a_file() -> None:
    forced = ran("forced", MINE, resolution=Resolution.OVERRIDE)
    assert judging(forced)(asked(MINE)).answer is Answer.UNKNOWN
    assert judging(forced)(replace(asked(MINE), complete=True)).answer is Answer.CAVEATS


def test_an_open_project_is_what_an_installer_made_of_the_same_words() -> None:
    words = "django==4.2.16 celery django-celery-beat"
    other = ran("other", MINE)
    failed = ran("fresh", f"{MINE} kombu==5.7.0", asked=words, failure=NO_MODULE)
    found = judging(other, failed)(asked(words))
    assert (found.answer, found.left_open) == (Answer.BROKEN, ("celery", "django-celery-beat"))
    assert [each.cell for each in found.instead] == ["other@startproject"]


def test_an_open_project_that_nobody_installed_is_unknown_whatever_it_allows() -> None:
    found = judging(ran("one", MINE), ran("two", MINE.replace("5.3.6", "5.4.0"), failure=NO_MODULE))(
        asked("django==4.2.16 celery>=5 django-celery-beat")
    )
    assert (found.answer, found.allowed) == (Answer.UNKNOWN, {"passes": 1, "fails": 1})


def test_settings_may_be_what_it_depends_on() -> None:
    default, articles = ran("a", MINE), ran("a", MINE, settings=ARTICLES, failure=NO_MODULE)
    both = judging(default, articles)
    assert both(asked(MINE)).answer is Answer.CAVEATS
    assert both(asked(MINE), Settings(values=ARTICLES)).answer is Answer.BROKEN
    tokyo = {**ARTICLES, "TIME_ZONE": "Asia/Tokyo", "CELERY_TIMEZONE": "Asia/Tokyo"}
    assert both(asked(MINE), Settings(values=tokyo)).answer is Answer.BROKEN


def test_two_records_that_disagree_under_the_same_settings_say_nothing() -> None:
    found = judging(ran("a", MINE), ran("b", MINE, failure=NO_MODULE))(asked(MINE))
    assert (found.answer, len(found.works), len(found.fails)) == (Answer.UNKNOWN, 1, 1)


def test_a_declaration_forbids_and_is_told_with_its_places() -> None:
    found = judging()(asked("django==5.2.8 django-celery-beat==2.7.0"))
    assert found.answer is Answer.UNRESOLVABLE
    [refusal] = found.refusals
    assert refusal.text == "django-celery-beat 2.7.0 declares Django<5.2"
    assert (refusal.places, refusal.cap_only) == (
        ("requirements.txt, line 1", "requirements.txt, line 2"),
        True,
    )


def test_what_the_resolver_refused_it_refuses_of_who_asks_for_more() -> None:
    no = ran("no", "", asked="django==4.2.16 celery==5.3.*", failure=CONFLICT)
    no = replace(no, pins={"python": "3.11"})
    assert judging(no)(asked(MINE)).answer is Answer.UNRESOLVABLE
    assert judging(no)(asked("django==4.2.16 celery==5.4.0")).answer is Answer.UNKNOWN
    assert judging(no)(asked("celery==5.3.6")).answer is Answer.UNKNOWN


def test_python_may_be_what_is_refused() -> None:
    [refusal] = judging()(asked("django==5.2.8", python="3.9")).refusals
    assert refusal.text == "django 5.2.8 declares Python>=3.10"


def test_of_what_is_unknown_the_pairs_are_told_and_what_is_near() -> None:
    records = (
        ran("x", "django==4.2.16 celery==5.4.0 django-celery-beat==2.7.0"),
        ran("y", "django==3.2.25 celery==5.3.6 django-celery-beat==2.7.0"),
        ran("z", "django==4.2.16 celery==5.3.6 django-celery-beat==2.7.0", failure=NO_MODULE),
    )
    found = judging(*records)(asked("django==4.2.16 celery==5.3.6 django-celery-beat==2.6.0"))
    pairs = {pair.pins: (pair.witness, pair.tried) for pair in found.pairs}
    assert pairs["3.11", "django==4.2.16"] == ("x@startproject", 1)
    assert pairs["django==4.2.16", "celery==5.3.6"] == ("", 1)
    assert pairs["celery==5.3.6", "django-celery-beat==2.6.0"] == ("", 0)
    assert [each.cell for each in found.instead] == ["x@startproject", "y@startproject"]
