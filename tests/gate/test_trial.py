"""What is worse, held against the baseline's own lock run now."""

from dataclasses import replace

import pytest
from hypothesis import given

from harness.gate.compare import Difference, compare
from harness.gate.entry import Entry
from harness.gate.trial import needs_reference, reference_cell, tried
from harness.model import Lock, Verdict
from tests import values
from tests.gate.entries import WORKS, entries
from tests.gate.test_compare import CELL, FAILS, NOW_SO_NOW_SO, STOPPED, UNKNOWN, UNSEEN

OTHER_LOCK = Lock(distributions=("celery==4.4.3", "django==2.2.28"), python="3.9.18")


def newer(entry: Entry) -> Entry:
    """The same, with versions of today."""
    return replace(entry, lock=OTHER_LOCK)


@pytest.mark.parametrize("now", [FAILS, STOPPED, NOW_SO_NOW_SO, UNSEEN])
def test_what_passes_with_the_baselines_own_lock_got_worse_by_its_versions(now: Entry) -> None:
    comparison = compare(CELL, WORKS, newer(now))
    confirmed = tried(comparison, WORKS)
    assert (confirmed.difference, confirmed.points) == (comparison.difference, comparison.points)
    assert (confirmed.worse, confirmed.drifted) == (True, False)


@pytest.mark.parametrize("reference", [FAILS, STOPPED, NOW_SO_NOW_SO, UNSEEN])
def test_what_fails_with_the_baselines_own_lock_too_is_drift(reference: Entry) -> None:
    confirmed = tried(compare(CELL, WORKS, newer(FAILS)), reference)
    assert confirmed.difference is Difference.DRIFT
    assert (confirmed.worse, confirmed.drifted) == (False, True)


def test_drift_of_one_check_does_not_hide_the_regression_of_another() -> None:
    now = replace(FAILS, failed={**FAILS.failed, "task:eta": "task:check:eta"}, passed=frozenset())
    confirmed = tried(compare(CELL, WORKS, newer(now)), FAILS)
    assert (confirmed.difference, confirmed.worse, confirmed.drifted) == (Difference.REGRESSED, True, True)


def test_a_boot_that_a_reference_does_not_reach_is_not_shown_to_pass() -> None:
    earlier = replace(STOPPED, stopped="build:no-such-version")
    assert tried(compare(CELL, WORKS, newer(STOPPED)), earlier).difference is Difference.DRIFT


def test_what_passes_and_fails_with_one_lock_is_flaky() -> None:
    confirmed = tried(compare(CELL, WORKS, FAILS), WORKS)
    assert (confirmed.difference, confirmed.worse) == (Difference.FLAKY, True)


def test_what_cannot_be_resolved_any_more_is_a_regression_of_the_index() -> None:
    now = replace(STOPPED, stopped="resolve:conflict", lock=None)
    confirmed = tried(compare(CELL, WORKS, now), WORKS)
    assert (confirmed.difference, confirmed.lock) == (Difference.REGRESSED, ())


@pytest.mark.parametrize("reference", [None, UNKNOWN])
def test_without_a_reference_nobody_knows(reference: Entry | None) -> None:
    confirmed = tried(compare(CELL, WORKS, newer(FAILS)), reference)
    assert (confirmed.difference, confirmed.worse) == (Difference.UNDETERMINED, False)


def test_a_project_that_was_changed_is_no_drift() -> None:
    now, reference = (replace(each, project="other") for each in (newer(FAILS), FAILS))
    confirmed = tried(compare(CELL, WORKS, now), reference)
    assert (confirmed.difference, confirmed.other_project) == (Difference.REGRESSED, True)
    by_versions = tried(compare(CELL, WORKS, now), replace(WORKS, project="other"))
    assert (by_versions.difference, by_versions.other_project) == (Difference.REGRESSED, False)


@pytest.mark.parametrize(("now", "needs"), [(FAILS, True), (STOPPED, True), (WORKS, False), (UNKNOWN, False)])
def test_only_what_is_worse_is_tried(now: Entry, needs: bool) -> None:  # noqa: FBT001
    assert needs_reference(compare(CELL, WORKS, now)) is needs


def test_a_reference_is_the_cell_with_exactly_the_lock() -> None:
    cell = reference_cell(values.CELL, OTHER_LOCK)
    assert cell.stack.lock == OTHER_LOCK
    assert cell.id.startswith("old+changes-")
    assert cell.profile == values.CELL.profile
    assert cell.id != reference_cell(values.CELL, values.LOCK).id


@given(entries(), entries(), entries())
def test_a_trial_makes_nothing_worse(before: Entry, now: Entry, reference: Entry) -> None:
    comparison = compare(CELL, before, now)
    confirmed = tried(comparison, reference)
    worse = {point.name for point in comparison.points if point.worse}
    assert {point.name for point in confirmed.points if point.worse} <= worse
    drift = {point.name for point in confirmed.points if point.difference is Difference.DRIFT}
    assert drift <= worse


@given(entries(), entries())
def test_with_the_present_as_reference_nothing_is_a_regression(before: Entry, now: Entry) -> None:
    confirmed = tried(compare(CELL, before, now), now)
    assert confirmed.difference is not Difference.REGRESSED
    assert not confirmed.worse


def test_verdicts_are_not_compared_for_their_own_sake() -> None:
    now = replace(WORKS, verdict=Verdict.CAVEATS)
    assert compare(CELL, WORKS, now).difference is Difference.SAME
