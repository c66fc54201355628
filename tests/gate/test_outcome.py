"""What fails a gate, and with which exit code."""

from dataclasses import replace
from datetime import date

import pytest

from harness.errors import ExitCode
from harness.gate.compare import Comparison, compare
from harness.gate.outcome import Trouble, Unmet, exit_code, unmet_expectations
from harness.gate.trial import tried
from harness.model import CellResult, Expectation, Settled, Stage
from tests.gate.entries import WORKS
from tests.gate.test_compare import CELL, FAILS, FAILS_OTHERWISE, NOW_SO_NOW_SO, UNKNOWN, UNSEEN
from tests.gate.test_trial import newer
from tests.values import ERRORED, EXPECTATION, FAILED, FAILURE, PASSED, RESULT, TODAY

CHECKS = (Stage.TASK, Stage.SCHEDULE)
EXPECTED = replace(EXPECTATION, expires=date(2099, 1, 1))
SEEN = replace(RESULT, attempts=(FAILED, FAILED), settled=Settled.REPEATED)
DRIFT = tried(compare(CELL, WORKS, newer(FAILS)), FAILS)
UNSURE = tried(compare(CELL, WORKS, newer(FAILS)), None)


@pytest.mark.parametrize(
    ("comparison", "code"),
    [
        pytest.param(compare(CELL, WORKS, WORKS), ExitCode.OK, id="the same"),
        pytest.param(compare(CELL, WORKS, newer(WORKS)), ExitCode.OK, id="other versions, no worse"),
        pytest.param(compare(CELL, FAILS, WORKS), ExitCode.OK, id="fixed"),
        pytest.param(compare(CELL, FAILS, FAILS_OTHERWISE), ExitCode.OK, id="it failed before, too"),
        pytest.param(compare(CELL, None, FAILS), ExitCode.OK, id="new"),
        pytest.param(compare(CELL, None, UNKNOWN), ExitCode.OK, id="it was never known"),
        pytest.param(compare(CELL, WORKS, FAILS), ExitCode.UNEXPECTED, id="regressed"),
        pytest.param(compare(CELL, WORKS, NOW_SO_NOW_SO), ExitCode.UNEXPECTED, id="flaky"),
        pytest.param(compare(CELL, WORKS, UNSEEN), ExitCode.UNEXPECTED, id="a check is missing"),
        pytest.param(compare(CELL, WORKS, None), ExitCode.UNEXPECTED, id="a cell is missing"),
        pytest.param(compare(CELL, WORKS, UNKNOWN), ExitCode.UNDETERMINED, id="lost"),
        pytest.param(UNSURE, ExitCode.UNDETERMINED, id="worse, but nobody knows by what"),
        pytest.param(DRIFT, ExitCode.DRIFT, id="drift"),
    ],
)
def test_each_has_its_exit_code(comparison: Comparison, code: ExitCode) -> None:
    assert exit_code([comparison], ()) is code
    assert exit_code([compare(CELL, WORKS, WORKS), comparison], ()) is code


def test_what_is_worse_goes_before_drift_and_drift_before_what_is_lost() -> None:
    worse, lost = compare(CELL, WORKS, FAILS), compare(CELL, WORKS, UNKNOWN)
    assert exit_code([lost, DRIFT], ()) is ExitCode.DRIFT
    assert exit_code([lost, DRIFT, worse], ()) is ExitCode.UNEXPECTED


def test_an_unmet_expectation_fails_what_is_the_same() -> None:
    unmet = Unmet(trouble=Trouble.STALE, expectation=EXPECTED, cells=(CELL,))
    assert exit_code([compare(CELL, WORKS, WORKS)], [unmet]) is ExitCode.UNEXPECTED


def unmet(
    result: CellResult | None, expectation: Expectation = EXPECTED, *, checks: tuple[Stage, ...] = CHECKS
) -> list[tuple[str, tuple[str, ...]]]:
    results = {} if result is None else {RESULT.cell: result}
    found = unmet_expectations(results, [RESULT.cell], [expectation], checks=checks, today=TODAY)
    return [(each.trouble, each.cells) for each in found]


def test_a_known_failure_that_is_seen_is_met() -> None:
    assert unmet(SEEN) == []


def test_a_known_failure_that_passes_is_stale() -> None:
    assert unmet(RESULT) == [("stale", (RESULT.cell,))]


def test_what_is_seen_once_is_not_stale() -> None:
    assert unmet(replace(SEEN, attempts=(FAILED, replace(PASSED, number=2)))) == []


def test_an_expectation_of_no_planned_cell_is_not_asked() -> None:
    assert unmet(RESULT, replace(EXPECTED, cells=("other@*",))) == []
    assert unmet(RESULT, replace(EXPECTED, cells=("other@*",), expires=TODAY)) == []


@pytest.mark.parametrize("result", [None, RESULT, SEEN])
def test_an_expectation_past_its_day_fails_whatever_is_seen(result: CellResult | None) -> None:
    assert unmet(result, replace(EXPECTED, expires=TODAY)) == [("expired", (RESULT.cell,))]


def test_an_expectation_of_what_is_not_looked_at_is_not_asked() -> None:
    of_time = replace(EXPECTED, signature="time:check:clocked")
    assert unmet(RESULT, of_time) == []
    assert unmet(RESULT, replace(of_time, expires=TODAY)) == []


def test_a_cell_that_does_not_come_so_far_shows_nothing_to_be_stale() -> None:
    later = replace(EXPECTED, signature="schedule:check:crontab")
    assert unmet(SEEN, later) == []
    earlier = replace(EXPECTED, signature="import:syntax")
    assert unmet(SEEN, earlier) == [("stale", (RESULT.cell,))]
    assert FAILURE.stage is Stage.WORKER


@pytest.mark.parametrize("attempts", [(), (ERRORED, ERRORED, ERRORED)])
def test_what_could_not_be_determined_shows_nothing_to_be_stale(attempts: tuple[()]) -> None:
    assert unmet(replace(RESULT, attempts=attempts, settled=Settled.MACHINE)) == []
