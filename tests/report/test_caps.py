import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.model import Resolution
from harness.pairs.forced import know_forced
from harness.pairs.trials import trials_of
from harness.pairs.verdicts import know
from harness.report import data, markdown_caps, terminal_caps
from harness.report.caps import CapsView, Told, make_caps_view
from harness.report.caps_words import cap_sentence
from tests.conftest import AssertExpected
from tests.report import small_caps
from tests.report.small_caps import FIELD
from tests.values import HEADER


@pytest.fixture(scope="module")
def view() -> CapsView:
    return make_caps_view(
        small_caps.plain(), small_caps.forced(), small_caps.results(), plan="caps", machine=HEADER.machine
    )


@pytest.fixture(scope="module")
def nothing() -> CapsView:
    """The caps before anything was run."""
    plain = know(FIELD, ())
    return make_caps_view(plain, know_forced(plain, ()), {}, plan="caps", machine=None)


def test_the_caps_for_readers_of_the_repository(view: CapsView, assert_expected: AssertExpected) -> None:
    assert_expected(markdown_caps.render(view), Path(__file__).with_name("caps.md"))


def test_the_caps_for_programs(view: CapsView, assert_expected: AssertExpected) -> None:
    assert_expected(data.render(view), Path(__file__).with_name("caps.json"))


def test_the_caps_for_a_terminal(view: CapsView, assert_expected: AssertExpected) -> None:
    text = terminal_caps.render(view, width=120, colour=False)
    assert_expected(text, Path(__file__).with_name("caps.txt"))


@pytest.mark.parametrize(
    ("django", "beat", "told"),
    [
        ("5.2", "2.7", Told.FORCED),
        ("6.0", "2.7", Told.CAVEATS),
        ("6.1", "2.7", Told.BREAKS),
        ("6.1", "2.8", Told.UNTESTED),
        ("5.2", "2.8", Told.FITS),
        ("5.2", "2.9", Told.FORBIDDEN),
        ("6.0", "2.9", Told.FAILS),
    ],
)
def test_a_table_tells_what_is_declared_and_what_comes_of_it(
    view: CapsView, django: str, beat: str, told: Told
) -> None:
    pair = (("django", django), ("django-celery-beat", beat))
    [entry] = [each for table in view.tables for line in table.entries for each in line if each.pair == pair]
    assert entry.told is told
    anchors = {each.anchor for cap in view.caps for each in cap.pairs}
    assert (entry.anchor in anchors) is FIELD.forbidden.get(pair, FIELD.forbidden[_LOWER]).upper_cap_only


_LOWER = (("django", "5.2"), ("django-celery-beat", "2.9"))


def test_a_cap_is_told_in_a_sentence(view: CapsView) -> None:
    assert [cap_sentence(cap, view.axes) for cap in view.caps] == [
        "django-celery-beat 2.9 declares Django>=6.0,<6.1; forced, it works with Django 6.1",
        (
            "django-celery-beat 2.8 declares Django>=3.2,<6.0; "
            "forced, it works with Django 6.0 and is untested with Django 6.1"
        ),
        (
            "django-celery-beat 2.7 declares Django>=3.2,<5.2; "
            "forced, it works with Django 5.2, works with caveats with Django 6.0 and breaks with Django 6.1"
        ),
    ]


def test_a_caveat_that_is_there_without_force_is_told_as_such(view: CapsView) -> None:
    [late] = [each for cap in view.caps for each in cap.pairs if each.told is Told.CAVEATS]
    assert (late.caveats, late.usual) == (("a crontab is late",), False)
    usual = replace(view, caps=tuple(replace(c, pairs=(replace(late, usual=True),)) for c in view.caps))
    assert "a crontab is late. It has that with what it declares, too." in markdown_caps.render(usual)


@pytest.mark.parametrize(("further", "usual"), [((), True), (("a task is lost",), False)])
def test_a_caveat_is_usual_if_all_are_there_without_force(further: tuple[str, ...], usual: bool) -> None:  # noqa: FBT001 - a case
    late = small_caps.LATE
    worse = replace(late, checks=(*late.checks, *(replace(late.checks[0], caveat=each) for each in further)))
    changed = [
        small_caps.result(small_caps.row("5.1", "5.4", "2.7"), late, Resolution.TODAY),
        *(small_caps.result(small_caps.row("6.0", celery, "2.7"), worse) for celery in ("5.4", "5.5")),
    ]
    results = small_caps.results() | {each.cell: each for each in changed}
    plain = know(FIELD, trials_of(results.values(), FIELD))
    forced = know_forced(plain, trials_of(results.values(), FIELD, forced=True))
    seen = make_caps_view(plain, forced, results, plan="caps", machine=None)
    pair = (("django", "6.0"), ("django-celery-beat", "2.7"))
    assert [each.usual for cap in seen.caps for each in cap.pairs if each.pair == pair] == [usual]


def test_what_is_to_blame_beside_the_pair_is_named(view: CapsView) -> None:
    [broken] = [each for cap in view.caps for each in cap.pairs if each.told is Told.BREAKS]
    blamed = replace(broken, culprit=(("django", "6.1"),))
    caps = tuple(replace(cap, pairs=(blamed,)) for cap in view.caps)
    text = markdown_caps.render(replace(view, caps=caps))
    assert "That is so of Django 6.1, whatever else is chosen." in text


def test_caps_of_which_nothing_is_known_are_untested(nothing: CapsView) -> None:
    assert nothing.counts == {Told.FORCED: 0, Told.CAVEATS: 0, Told.BREAKS: 0, Told.UNTESTED: 6}
    text = markdown_caps.render(nothing)
    assert "6 untested.**" in text
    assert "overrides.txt" not in text
    assert "Machine" not in text
    assert json.loads(data.render(nothing))["counts"]["untested"] == 6


def test_a_terminal_may_have_colours(view: CapsView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[32mforced" in terminal_caps.render(view, width=140, colour=True)
