from dataclasses import replace

from harness.matrix.field import Declaration
from harness.pairs.forced import know_forced, lacking, over_caps
from harness.pairs.knowledge import State
from harness.pairs.trials import Outcome, Trial
from harness.pairs.verdicts import know
from tests.report import small_caps
from tests.report.small_caps import FIELD, row

CAP = (("django", "6.1"), ("django-celery-beat", "2.9"))
OWN = row("6.1", "5.5", "2.9")
WORKS = Trial(cell="forced", pins=OWN, outcome=Outcome.PASSED, as_installed=False)
FAILS = replace(WORKS, outcome=Outcome.FAILED, signature="worker:missing-module:packaging")


def test_only_what_is_forbidden_by_nothing_but_a_cap_is_asked_for() -> None:
    asked = over_caps(FIELD)
    assert len(asked) == 6
    assert all(FIELD.forbidden[pair].upper_cap_only for pair in asked)
    lower = replace(FIELD, forbidden=dict.fromkeys(FIELD.forbidden, Declaration(text="no")))
    assert over_caps(lower) == ()


def test_a_pair_beyond_its_cap_works_if_a_forced_row_does() -> None:
    plain = know(FIELD, ())
    before = know_forced(plain, ())
    assert CAP in before.open_pairs
    after = know_forced(plain, [WORKS], before=before)
    assert after.witnesses[CAP] == WORKS
    assert CAP not in after.open_pairs


def test_what_is_forced_changes_nothing_that_is_known_as_installed() -> None:
    standing = {each.pair: each.today for each in small_caps.plain().verdicts()}[CAP]
    assert standing.state is State.UNRESOLVABLE


def test_a_cap_that_was_not_lifted_still_forbids() -> None:
    lower = (("django", "5.2"), ("django-celery-beat", "2.9"))
    assert lower not in know_forced(know(FIELD, ()), ()).open_pairs


def test_what_fails_as_installed_today_is_in_the_way_here_too() -> None:
    broken = (("django", "6.0"), ("django-celery-beat", "2.9"))
    assert not small_caps.forced().search.feasible(broken)


def test_who_fails_for_want_of_a_line_that_is_known_says_nothing() -> None:
    mended = replace(FAILS, cell="m", pins=row("6.0", "5.5", "2.9"), outcome=Outcome.PASSED)
    today = replace(FAILS, cell="t", pins=mended.pins, as_installed=True)
    plain = know(FIELD, [today, replace(mended, signature="", requirements=("packaging",))])
    assert plain.mends == {FAILS.signature: ("packaging",)}
    assert lacking(plain, [FAILS]) == {"packaging"}
    assert CAP not in know_forced(plain, [FAILS]).suspects
    with_line = replace(FAILS, requirements=("packaging",))
    assert lacking(plain, [with_line]) == frozenset()
    assert CAP in know_forced(plain, [with_line]).suspects
