"""Records as a diagnosis of what got worse reads them."""

from dataclasses import replace

from harness.diagnosis.change import Change
from harness.diagnosis.known import Known, Outcome, is_failure, outcome_of, signature_of
from harness.gate.asked import as_of_its_time, asked_only
from harness.model import Attempt, CheckResult, Resolution, Settled, Stage, Status
from tests.values import ERRORED, FAILED, FAILED_CHECK, PASSED, RESULT

LATE = replace(FAILED_CHECK, caveat="it may fire late")
HELD = CheckResult(id="crontab", stage=Stage.SCHEDULE, status=Status.PASSED, seconds=1.0)
POINT = "schedule:crontab"


def climbed(*checks: CheckResult) -> Attempt:
    return replace(PASSED, checks=checks)


TWICE_LATE = replace(RESULT, attempts=(climbed(LATE), climbed(LATE)), settled=Settled.REPEATED)


def test_what_one_can_do_without_breaks_a_cell_if_that_is_what_got_worse() -> None:
    assert outcome_of(TWICE_LATE) is Outcome.PASSES
    asked = asked_only(TWICE_LATE, {POINT})
    assert (outcome_of(asked), is_failure(asked)) == (Outcome.FAILS, True)
    assert signature_of(asked) == "schedule:check:crontab"


def test_what_did_not_get_worse_is_not_asked() -> None:
    broken = replace(TWICE_LATE, attempts=(replace(climbed(FAILED_CHECK), status=Status.FAILED),) * 2)
    assert outcome_of(broken) is Outcome.FAILS
    assert outcome_of(asked_only(broken, {"task:eta"})) is Outcome.PASSES


def test_a_cell_that_does_not_come_so_far_does_not_pass() -> None:
    stopped = replace(RESULT, attempts=(FAILED, FAILED), settled=Settled.REPEATED)
    assert outcome_of(asked_only(stopped, {POINT})) is Outcome.FAILS


def test_what_the_machine_did_says_nothing() -> None:
    kept = replace(RESULT, attempts=(ERRORED,) * 3, settled=Settled.MACHINE)
    assert outcome_of(asked_only(kept, {POINT})) is Outcome.SILENT


def test_the_baselines_lock_is_found_where_a_diagnosis_looks_for_the_cells_own_time() -> None:
    passing = replace(RESULT, cell="old+changes-01234567@plain", attempts=(climbed(HELD),) * 2)
    failing = asked_only(TWICE_LATE, {POINT})
    known = Known([failing, as_of_its_time(passing, TWICE_LATE, {POINT})])
    then = known.result(failing, Change(then=True))
    assert then is not None
    assert (then.resolution, then.lock, outcome_of(then)) == (Resolution.ERA, RESULT.lock, Outcome.PASSES)
