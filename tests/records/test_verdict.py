from dataclasses import replace
from datetime import date

import pytest

from harness.model import (
    USUAL_CHECKS,
    Attempt,
    CellResult,
    CheckResult,
    Expectation,
    Failure,
    Reason,
    Settled,
    Stage,
    Status,
    Verdict,
)
from harness.records.verdict import (
    JudgedFailure,
    Judgement,
    exactly_expected,
    expectations_for,
    judge,
    status_of,
    verdict_of,
)
from tests.values import ERRORED, EXPECTATION, FAILED, FAILED_CHECK, FAILURE, PASSED, RESULT, TODAY

TELLS = replace(FAILED_CHECK, caveat="a crontab is late")
KNOWS = replace(PASSED, checks=(TELLS,))
BREAKS = replace(FAILED, failure=None, checks=(FAILED_CHECK,))
OTHERWISE = replace(FAILED, failure=replace(FAILURE, reason=Reason.NOT_READY))
SKIPPED = replace(RESULT, attempts=(), settled=Settled.SKIPPED, skipped="no Python 3.9 on this machine")


def failed_at(stage: Stage, reason: Reason) -> Attempt:
    return replace(FAILED, failure=Failure(stage=stage, reason=reason, detail="", excerpt="", log=""))


def result(*attempts: Attempt, settled: Settled = Settled.REPEATED) -> CellResult:
    return replace(RESULT, attempts=attempts, settled=settled)


def check_failure(check: CheckResult) -> Failure:
    assert check.failure is not None
    return check.failure


CRONTAB = check_failure(FAILED_CHECK)


@pytest.mark.parametrize(
    ("measured", "status", "verdict"),
    [
        (result(PASSED, settled=Settled.CLEAN), Status.PASSED, Verdict.WORKS),
        (result(KNOWS, KNOWS), Status.PASSED, Verdict.CAVEATS),
        (result(KNOWS, settled=Settled.EXPECTED), Status.PASSED, Verdict.CAVEATS),
        (result(FAILED, FAILED), Status.FAILED, Verdict.BROKEN),
        (result(FAILED, settled=Settled.EXPECTED), Status.FAILED, Verdict.BROKEN),
        (result(BREAKS, BREAKS), Status.FAILED, Verdict.BROKEN),
        # the resolver said no; or it said yes, and what it chose could not be installed
        (result(*[failed_at(Stage.RESOLVE, Reason.CONFLICT)] * 2), Status.FAILED, Verdict.UNRESOLVABLE),
        (
            result(*[failed_at(Stage.RESOLVE, Reason.NO_SUCH_VERSION)] * 2),
            Status.FAILED,
            Verdict.UNRESOLVABLE,
        ),
        (
            result(*[failed_at(Stage.BUILD, Reason.PYTHON_UNSUPPORTED)] * 2),
            Status.FAILED,
            Verdict.UNRESOLVABLE,
        ),
        (result(*[failed_at(Stage.BUILD, Reason.SOURCE_BUILD)] * 2), Status.FAILED, Verdict.BROKEN),
        (result(*[failed_at(Stage.IMPORT, Reason.CONFLICT)] * 2), Status.FAILED, Verdict.BROKEN),
        # attempts that disagree
        (result(FAILED, PASSED), Status.FAILED, Verdict.FLAKY),
        (result(FAILED, OTHERWISE), Status.FAILED, Verdict.FLAKY),
        (result(KNOWS, PASSED), Status.PASSED, Verdict.FLAKY),
        (result(KNOWS, BREAKS), Status.FAILED, Verdict.FLAKY),
        # what the machine did is no evidence
        (result(ERRORED, PASSED, settled=Settled.CLEAN), Status.PASSED, Verdict.WORKS),
        (result(FAILED, ERRORED, FAILED), Status.FAILED, Verdict.BROKEN),
        (result(ERRORED, ERRORED, ERRORED, settled=Settled.MACHINE), Status.ERRORED, Verdict.UNTESTED),
        (result(ERRORED, FAILED, ERRORED, settled=Settled.MACHINE), Status.ERRORED, Verdict.UNTESTED),
        (SKIPPED, Status.SKIPPED, Verdict.UNTESTED),
    ],
)
def test_attempts_make_a_verdict(measured: CellResult, status: Status, verdict: Verdict) -> None:
    assert (status_of(measured), verdict_of(measured)) == (status, verdict)


def expecting(signature: str, expires: date = EXPECTATION.expires) -> Expectation:
    return replace(EXPECTATION, signature=signature, expires=expires)


EXITED, LATE = expecting("worker:exited:*"), expecting("schedule:check:crontab")
OVER = expecting("worker:exited:*", expires=TODAY)
BOTH = replace(BREAKS, checks=(FAILED_CHECK, replace(FAILED_CHECK, id="clocked", failure=FAILURE)))


@pytest.mark.parametrize(
    ("measured", "expectations", "judgement"),
    [
        (result(PASSED), (), Judgement(verdict=Verdict.WORKS)),
        (
            result(FAILED, FAILED),
            (),
            Judgement(verdict=Verdict.BROKEN, failures=(JudgedFailure(failure=FAILURE, expectation=None),)),
        ),
        (
            result(FAILED),
            (EXITED,),
            Judgement(verdict=Verdict.BROKEN, failures=(JudgedFailure(failure=FAILURE, expectation=EXITED),)),
        ),
        (
            result(FAILED),
            (OVER,),
            Judgement(
                verdict=Verdict.BROKEN,
                failures=(JudgedFailure(failure=FAILURE, expectation=None, expired=OVER.expires),),
            ),
        ),
        (result(PASSED), (EXITED,), Judgement(verdict=Verdict.WORKS, stale=(EXITED,))),
        (result(PASSED), (OVER,), Judgement(verdict=Verdict.WORKS)),
        (
            result(KNOWS),
            (LATE, EXITED),
            Judgement(
                verdict=Verdict.CAVEATS,
                failures=(JudgedFailure(failure=CRONTAB, expectation=LATE, caveat="a crontab is late"),),
                stale=(EXITED,),
            ),
        ),
        (
            result(BOTH, BOTH),
            (LATE,),
            Judgement(
                verdict=Verdict.BROKEN,
                failures=(
                    JudgedFailure(failure=CRONTAB, expectation=LATE),
                    JudgedFailure(failure=FAILURE, expectation=None),
                ),
            ),
        ),
        (
            result(FAILED, PASSED),
            (EXITED,),
            Judgement(verdict=Verdict.FLAKY, failures=(JudgedFailure(failure=FAILURE, expectation=EXITED),)),
        ),
        (SKIPPED, (EXITED,), Judgement(verdict=Verdict.UNTESTED, reason="no Python 3.9 on this machine")),
        (
            result(ERRORED, settled=Settled.MACHINE),
            (EXITED,),
            Judgement(verdict=Verdict.UNTESTED, reason="service:server: no answer"),
        ),
        (
            result(ERRORED, ERRORED, BREAKS, settled=Settled.MACHINE),
            (),
            Judgement(verdict=Verdict.UNTESTED, reason="its failure was not confirmed"),
        ),
    ],
)
def test_a_result_is_judged_by_what_was_expected(
    measured: CellResult, expectations: tuple[Expectation, ...], judgement: Judgement
) -> None:
    assert judge(measured, expectations, TODAY) == judgement


KNOWN = JudgedFailure(failure=FAILURE, expectation=EXITED)
NEW = JudgedFailure(failure=FAILURE, expectation=None)


@pytest.mark.parametrize(
    ("judgement", "as_expected"),
    [
        (Judgement(verdict=Verdict.WORKS), True),
        (Judgement(verdict=Verdict.UNTESTED, reason="not run"), True),
        (Judgement(verdict=Verdict.BROKEN, failures=(KNOWN,)), True),
        (Judgement(verdict=Verdict.BROKEN, failures=(KNOWN, NEW)), False),
        (Judgement(verdict=Verdict.CAVEATS, failures=(NEW,)), False),
        (Judgement(verdict=Verdict.WORKS, stale=(LATE,)), False),
        (Judgement(verdict=Verdict.FLAKY, failures=(KNOWN,)), False),
    ],
)
def test_neither_worse_nor_better_is_as_expected(judgement: Judgement, as_expected: bool) -> None:  # noqa: FBT001
    assert judgement.as_expected is as_expected


def test_an_expectation_applies_to_the_cells_it_names_until_its_day() -> None:
    other = replace(EXITED, cells=("new@*", "old@izone"))
    assert expectations_for("old@plain", USUAL_CHECKS, (EXITED, OVER, other), TODAY) == (EXITED,)
    assert expectations_for("old@izone", USUAL_CHECKS, (other,), TODAY) == (other,)


def test_an_expectation_of_a_check_that_was_not_made_does_not_apply() -> None:
    timely = replace(EXITED, signature="time:check:clocked")
    assert expectations_for("old@plain", (Stage.TIME,), (timely,), TODAY) == (timely,)
    assert expectations_for("old@plain", USUAL_CHECKS, (timely,), TODAY) == ()


@pytest.mark.parametrize(
    ("failures", "expectations", "exactly"),
    [
        ((), (), True),
        ((FAILURE,), (EXITED,), True),
        ((FAILURE, CRONTAB), (LATE, EXITED), True),
        ((FAILURE, CRONTAB), (expecting("*"),), True),
        ((FAILURE,), (), False),
        ((FAILURE, CRONTAB), (EXITED,), False),
        ((), (EXITED,), False),
        ((FAILURE,), (EXITED, LATE), False),
    ],
)
def test_exactly_what_was_expected_is_all_of_it_and_nothing_else(
    failures: tuple[Failure, ...],
    expectations: tuple[Expectation, ...],
    exactly: bool,  # noqa: FBT001
) -> None:
    assert exactly_expected(failures, expectations) is exactly


def test_a_failure_that_breaks_nothing_is_judged_with_its_caveat() -> None:
    held = replace(TELLS, caveat="one-offs run twice", status=Status.PASSED, failure=None)
    twice = replace(PASSED, checks=(TELLS, replace(TELLS, id="interval"), held))
    during = replace(ERRORED, checks=(replace(TELLS, caveat="seen on a bad machine"),))
    [judged] = judge(result(twice, during, twice), (), TODAY).failures
    assert judged.caveat == "a crontab is late"


def test_a_record_of_nothing_is_untested() -> None:
    assert judge(replace(RESULT, attempts=(), settled=Settled.MACHINE), (), TODAY).verdict is Verdict.UNTESTED
