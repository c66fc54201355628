"""The rules of comparing, one test each, and what holds of any two entries."""

from dataclasses import replace

import pytest
from hypothesis import given

from harness.gate.compare import Comparison, Difference, LockChange, compare, compare_all, lock_changes
from harness.gate.entry import Entry
from harness.model import Lock, Verdict
from tests.gate.entries import WORKS, entries
from tests.values import LOCK

CELL = WORKS.cell
STOPPED = Entry(cell=CELL, verdict=Verdict.BROKEN, stopped="worker:exited", lock=LOCK, project=WORKS.project)
UNKNOWN = Entry(cell=CELL, verdict=Verdict.UNTESTED, why="no Python 3.9")
WAS, IS = "time:clocked", "time:check:clocked"


def without(point: str, **changes: object) -> Entry:
    """The plain entry, of which one point is otherwise."""
    return replace(WORKS, passed=WORKS.passed - {point}, **changes)  # type: ignore[arg-type]


FAILS = without(WAS, failed={WAS: IS}, verdict=Verdict.CAVEATS)
FAILS_OTHERWISE = without(WAS, failed={WAS: "time:raised:KeyError"})
NOW_SO_NOW_SO = without(WAS, flaky=frozenset({WAS}), verdict=Verdict.FLAKY)
UNSEEN = without(WAS, unseen=frozenset({WAS}))
GONE = without(WAS)


def told(comparison: Comparison) -> tuple[str, bool, list[tuple[str, str, bool]]]:
    points = [(each.name, str(each.difference), each.worse) for each in comparison.points]
    return str(comparison.difference), comparison.worse, points


@pytest.mark.parametrize(
    ("before", "now", "difference", "worse"),
    [
        pytest.param(WORKS, WORKS, "same", False, id="what passes still passes"),
        pytest.param(FAILS, FAILS, "same", False, id="what fails still fails so"),
        pytest.param(UNSEEN, UNSEEN, "same", False, id="what could not be judged still cannot"),
        pytest.param(WORKS, FAILS, "regressed", True, id="one invariant alone is a regression"),
        pytest.param(FAILS, WORKS, "fixed", False, id="what failed passes"),
        pytest.param(FAILS, FAILS_OTHERWISE, "changed", False, id="it fails otherwise"),
        pytest.param(WORKS, NOW_SO_NOW_SO, "flaky", True, id="what passed is not sure any more"),
        pytest.param(FAILS, NOW_SO_NOW_SO, "flaky", False, id="what failed may pass"),
        pytest.param(NOW_SO_NOW_SO, WORKS, "flaky", False, id="a pass of what is flaky proves nothing"),
        pytest.param(NOW_SO_NOW_SO, FAILS, "flaky", False, id="nor does a failure"),
        pytest.param(NOW_SO_NOW_SO, NOW_SO_NOW_SO, "same", False, id="as flaky as it was"),
        pytest.param(WORKS, UNSEEN, "missing", True, id="what passed is not observed any more"),
        pytest.param(FAILS, UNSEEN, "missing", True, id="nor is what failed"),
        pytest.param(UNSEEN, WORKS, "new", False, id="it can be judged now, and passes"),
        pytest.param(UNSEEN, FAILS, "new", False, id="it can be judged now, and fails: it never passed"),
        pytest.param(GONE, FAILS, "new", False, id="a new check that fails broke nothing"),
        pytest.param(GONE, WORKS, "new", False, id="a new check"),
    ],
)
def test_a_check(before: Entry, now: Entry, difference: str, worse: bool) -> None:  # noqa: FBT001
    comparison = compare(CELL, before, now)
    points = [] if difference == "same" else [(WAS, difference, worse)]
    assert told(comparison) == (difference, worse, points)
    assert not comparison.removed


def test_a_check_that_was_removed_is_no_regression() -> None:
    comparison = compare(CELL, FAILS, GONE)
    assert told(comparison) == ("same", False, [])
    assert comparison.removed == (WAS,)
    assert told(compare(CELL, WORKS, GONE)) == ("same", False, [])


def test_a_rung_that_stops_a_cell_is_the_regression_and_not_each_check_that_was_not_reached() -> None:
    comparison = compare(CELL, WORKS, STOPPED)
    assert told(comparison) == ("regressed", True, [("worker", "regressed", True)])
    assert (comparison.points[0].before, comparison.points[0].now) == ("passed", "worker:exited")
    assert not comparison.removed


def test_a_cell_that_boots_again_is_fixed_and_its_checks_are_new() -> None:
    difference, worse, points = told(compare(CELL, STOPPED, WORKS))
    assert (difference, worse, points[0]) == ("fixed", False, ("worker", "fixed", False))
    assert {each[1] for each in points[1:]} == {"new"}


@pytest.mark.parametrize("signature", ["worker:raised:X", "beat:exited", "import:syntax"])
def test_a_cell_that_stops_otherwise_has_changed(signature: str) -> None:
    now = replace(STOPPED, stopped=signature)
    assert told(compare(CELL, STOPPED, now))[:2] == ("changed", False)


def test_a_rung_that_was_never_reached_cannot_get_worse() -> None:
    now = replace(WORKS, flaky=frozenset({"beat"}), verdict=Verdict.FLAKY)
    assert told(compare(CELL, STOPPED, now))[1] is False


def test_what_is_worse_names_a_cell_before_what_is_better() -> None:
    before = replace(WORKS, passed=frozenset({"task:eta"}), failed={WAS: IS, "time:x": "time:check:x"})
    now = replace(WORKS, passed=frozenset({WAS}), unseen=frozenset({"time:x"}), failed={"task:eta": "t:c:e"})
    assert compare(CELL, before, now).difference is Difference.REGRESSED
    now = replace(now, failed={}, flaky=frozenset({"task:eta"}))
    assert compare(CELL, before, now).difference is Difference.FLAKY


def test_a_planned_cell_without_a_result_is_missing() -> None:
    assert told(compare(CELL, WORKS, None)) == ("missing", True, [])
    assert told(compare(CELL, None, None)) == ("missing", True, [])


def test_a_cell_that_the_baseline_does_not_have_is_new_however_it_goes() -> None:
    assert told(compare(CELL, None, WORKS)) == ("new", False, [])
    assert told(compare(CELL, None, STOPPED)) == ("new", False, [])


def test_a_cell_that_the_machine_kept_from_being_determined_is_no_regression() -> None:
    assert told(compare(CELL, WORKS, UNKNOWN)) == ("undetermined", False, [])


def test_a_passing_cell_tells_that_its_lock_differs() -> None:
    lock = Lock(distributions=("celery==4.4.3", "django==2.2.28", "pytz==2026.1"), python="3.9.18")
    comparison = compare(CELL, WORKS, replace(WORKS, lock=lock))
    assert comparison.difference is Difference.SAME
    assert comparison.lock == (
        LockChange(name="celery", before="4.4.2", now="4.4.3"),
        LockChange(name="pytz", before="", now="2026.1"),
        LockChange(name="vine", before="1.3.0", now=""),
    )


def test_another_patch_of_python_is_a_change_of_the_lock() -> None:
    assert lock_changes(LOCK, replace(LOCK, python="3.9.19")) == (
        LockChange(name="python", before="3.9.18", now="3.9.19"),
    )


def test_what_is_planned_no_more_is_not_compared() -> None:
    other = replace(WORKS, cell="gone@plain")
    assert [each.cell for each in compare_all({CELL: WORKS, "gone@plain": other}, {}, [CELL])] == [CELL]


@given(entries())
def test_anything_is_the_same_as_itself(entry: Entry) -> None:
    comparison = compare(CELL, entry, entry)
    assert told(comparison) == ("same", False, [])
    assert (comparison.removed, comparison.lock) == ((), ())


@given(entries(), entries())
def test_what_is_worse_one_way_is_not_worse_the_other_way(before: Entry, now: Entry) -> None:
    there = {point.name for point in compare(CELL, before, now).points if point.worse}
    back = {point.name for point in compare(CELL, now, before).points if point.worse}
    unseen = before.unseen | now.unseen
    assert not (there & back) - unseen


@given(entries(), entries())
def test_only_what_was_known_can_get_worse(before: Entry, now: Entry) -> None:
    for point in compare(CELL, before, now).points:
        if point.worse:
            assert point.before in ("passed", "flaky", *before.failed.values())
            assert point.now != "passed"


@given(entries(), entries())
def test_a_cell_is_worse_if_one_of_its_points_is(before: Entry, now: Entry) -> None:
    comparison = compare(CELL, before, now)
    assert comparison.worse == any(point.worse for point in comparison.points)
    heavy = {Difference.REGRESSED, Difference.MISSING, Difference.FLAKY}
    assert not comparison.worse or comparison.difference in heavy
