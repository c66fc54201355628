from dataclasses import replace

import pytest

from harness.diagnosis.change import Change
from harness.diagnosis.known import Known
from harness.model import USUAL_CHECKS, CellResult, Failure, Lock, Reason, Resolution, Stage
from tests.values import FAILED, PASSED, RESULT

LATE = Failure(stage=Stage.TIME, reason=Reason.CHECK, detail="clocked", excerpt="never", log="checks.log")
EARLY = replace(LATE, stage=Stage.WORKER, reason=Reason.RAISED)
THEN = replace(
    RESULT,
    cell="then@plain",
    resolution=Resolution.ERA,
    attempts=(PASSED,),
    lock=Lock(distributions=("celery==5.2.0",), python="3.11.4"),
    checks=USUAL_CHECKS,
)


def failing(failure: Failure, *, checks: tuple[Stage, ...]) -> CellResult:
    attempt = replace(FAILED, failure=failure)
    return replace(RESULT, cell="today@plain", attempts=(attempt, attempt), checks=checks)


@pytest.mark.parametrize(
    ("failure", "checks", "told"),
    [
        # Whatever it was asked, it did not come so far.
        (EARLY, (*USUAL_CHECKS, Stage.TIME), True),
        (LATE, (*USUAL_CHECKS, Stage.TIME), False),
        (LATE, USUAL_CHECKS, True),
    ],
)
def test_what_was_asked_less_tells_of_what_ended_before_it_was_asked(
    failure: Failure, checks: tuple[Stage, ...], *, told: bool
) -> None:
    base = failing(failure, checks=checks)
    assert Known([base, THEN]).passes(base, Change(then=True)) == told
