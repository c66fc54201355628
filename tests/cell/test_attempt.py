"""Events in, one attempt out."""

import pytest

from harness.cell.attempt import AttemptLog
from harness.checks.events import CheckEnded, Observed, StageEnded, StageStarted
from harness.errors import StageFailed
from harness.model import Attempt, CheckResult, Failure, Observation, Reason, Stage, Status


def started(stage: Stage) -> StageStarted:
    return StageStarted(stage=stage)


def held(stage: Stage) -> StageEnded:
    return StageEnded(stage=stage, status=Status.PASSED, seconds=0.25)


def broke(stage: Stage, evidence: str) -> StageEnded:
    return StageEnded(
        stage=stage, status=Status.FAILED, seconds=0.5, evidence=evidence, log=f"{stage.value}.log"
    )


def check(
    name: str, *, fails: str = "", evidence: str = "", caveat: str = "", stage: Stage = Stage.TASK
) -> CheckEnded:
    return CheckEnded(
        id=name,
        stage=stage,
        status=Status.FAILED if fails else Status.PASSED,
        seconds=0.12345,
        message=fails,
        evidence=evidence,
        caveat=caveat,
    )


def attempt_of(*events: object) -> Attempt:
    log = AttemptLog(1)
    for event in events:
        log.note(event)
    return log.finish()


def untold(stage: Stage) -> None:
    """A listener that does not listen."""


CLIMBED = (
    held(Stage.RESOLVE),
    held(Stage.BUILD),
    started(Stage.SERVICE),
    held(Stage.SERVICE),
    started(Stage.IMPORT),
    held(Stage.IMPORT),
)


def test_an_attempt_of_which_all_held_has_passed() -> None:
    attempt = attempt_of(*CLIMBED, check("result"), Observed(name="calls", data={"sum": 10}))
    assert attempt.status is Status.PASSED
    assert attempt.failure is None
    assert attempt.failures == ()
    assert [(each.stage, each.status, each.seconds) for each in attempt.stages] == [
        (stage, Status.PASSED, 0.25) for stage in (Stage.RESOLVE, Stage.BUILD, Stage.SERVICE, Stage.IMPORT)
    ]
    assert attempt.checks == (
        CheckResult(id="result", stage=Stage.TASK, status=Status.PASSED, seconds=0.123),
    )
    assert attempt.observations == (Observation(name="calls", data={"sum": 10}),)


def test_an_attempt_keeps_its_number_and_takes_its_time() -> None:
    attempt = AttemptLog(3).finish()
    assert attempt.number == 3
    assert attempt.seconds >= 0


def test_a_rung_that_does_not_hold_is_the_failure() -> None:
    attempt = attempt_of(*CLIMBED, started(Stage.WORKER), broke(Stage.WORKER, "\nworker ended with code 1"))
    assert attempt.status is Status.FAILED
    assert attempt.failure == Failure(
        stage=Stage.WORKER,
        reason=Reason.EXITED,
        detail="worker/1",
        excerpt="worker ended with code 1",
        log="worker.log",
    )
    assert attempt.stages[-1].status is Status.FAILED
    assert attempt.failures == (attempt.failure,)


def test_a_rung_that_the_machine_broke_is_errored() -> None:
    attempt = attempt_of(started(Stage.SERVICE), broke(Stage.SERVICE, "the server ended with code 1"))
    assert attempt.status is Status.ERRORED
    assert attempt.stages[-1].status is Status.ERRORED


def test_every_check_that_fails_is_a_failure() -> None:
    attempt = attempt_of(
        *CLIMBED,
        started(Stage.TASK),
        check("result", fails="AssertionError: it is 11"),
        check("row"),
        check("group", fails="AssertionError: nothing came"),
        StageEnded(stage=Stage.TASK, status=Status.FAILED, seconds=1.0),
    )
    assert attempt.status is Status.FAILED
    assert attempt.failure is None
    assert attempt.signatures == {"task:check:result", "task:check:group"}
    assert attempt.stages[-1].status is Status.FAILED


def test_a_check_with_evidence_is_classified_by_it() -> None:
    attempt = attempt_of(
        check(
            "result", fails="ProcessEnded: worker ended with code 1", evidence="SyntaxError: invalid syntax"
        )
    )
    assert [failure.reason for failure in attempt.failures] == [Reason.SYNTAX]


def test_a_caveat_is_a_failure_that_does_not_break_the_cell() -> None:
    attempt = attempt_of(*CLIMBED, check("row", fails="AssertionError: no name", caveat="names are lost"))
    assert attempt.status is Status.PASSED
    assert attempt.signatures == {"task:check:row"}
    assert attempt.checks[0].status is Status.FAILED
    assert attempt.checks[0].caveat == "names are lost"


def test_a_caveat_does_not_hide_a_check_that_breaks_the_cell() -> None:
    attempt = attempt_of(
        check("row", fails="AssertionError: no name", caveat="names are lost"),
        check("result", fails="AssertionError: it is 11"),
    )
    assert attempt.status is Status.FAILED
    assert [failure.detail for failure in attempt.failures] == ["result", "row"]


@pytest.mark.parametrize("reason", [Reason.CHILD_DIED, Reason.CELL_TIMEOUT])
def test_a_child_that_is_broken_off_is_no_fault_of_the_versions(reason: Reason) -> None:
    log = AttemptLog(1)
    log.note(started(Stage.WORKER))
    log.broken_off(reason, "Traceback (most recent call last):\n  ...\nRuntimeError: no more\n\n")
    attempt = log.finish()
    assert attempt.status is Status.ERRORED
    assert attempt.failure == Failure(
        stage=Stage.WORKER, reason=reason, detail="", excerpt="RuntimeError: no more", log="checks.log"
    )


def test_a_child_that_dies_while_checks_fail_has_died() -> None:
    log = AttemptLog(1)
    log.note(started(Stage.TASK))
    log.note(check("result", fails="AssertionError: it is 11"))
    log.broken_off(Reason.CHILD_DIED, "exit code -9")
    attempt = log.finish()
    assert attempt.status is Status.ERRORED
    assert attempt.signatures == {"task:child-died"}
    assert [each.id for each in attempt.checks] == ["result"]


def test_a_child_that_dies_without_a_word_has_an_empty_excerpt() -> None:
    log = AttemptLog(1)
    log.broken_off(Reason.CHILD_DIED, "")
    failure = log.finish().failure
    assert failure is not None
    assert (failure.stage, failure.excerpt) == (Stage.SERVICE, "")


def test_a_stage_of_the_harness_is_told_and_noted() -> None:
    log = AttemptLog(1)
    told: list[Stage] = []
    with log.stage(Stage.RESOLVE, told.append):
        pass
    attempt = log.finish()
    assert told == [Stage.RESOLVE]
    assert [(each.stage, each.status) for each in attempt.stages] == [(Stage.RESOLVE, Status.PASSED)]


def test_a_stage_of_the_harness_that_cannot_go_on_is_the_failure() -> None:
    log = AttemptLog(1)
    with pytest.raises(StageFailed), log.stage(Stage.BUILD, untold):
        raise StageFailed("error: Failed to build `anyjson==0.3.3`", log="build.log")
    failure = log.finish().failure
    assert failure is not None
    assert failure.signature == "build:source-build:anyjson"
    assert failure.log == "build.log"


def test_what_is_no_event_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="no event: 'ready'"):
        AttemptLog(1).note("ready")


@pytest.mark.parametrize("stage", [Stage.RESOLVE, Stage.BUILD])
def test_a_stage_that_fails_without_a_word_is_a_failure_all_the_same(stage: Stage) -> None:
    """As when the system kills uv: it exits with -9 and has said nothing."""
    log = AttemptLog(1)
    with pytest.raises(StageFailed), log.stage(stage, untold):
        raise StageFailed("", log="uv.log")
    attempt = log.finish()
    assert attempt.status is not Status.PASSED
    assert attempt.failures != ()


def test_a_child_that_dies_before_its_first_stage_is_not_put_down_to_the_harness_own_stages() -> None:
    log = AttemptLog(1)
    with log.stage(Stage.BUILD, untold):
        pass
    log.broken_off(Reason.CHILD_DIED, "exit code -9")
    failure = log.finish().failure
    assert failure is not None
    assert failure.stage is Stage.SERVICE


def test_what_stopped_an_attempt_stays_its_failure_when_the_child_dies_cleaning_up() -> None:
    log = AttemptLog(1)
    log.note(started(Stage.WORKER))
    log.note(broke(Stage.WORKER, "worker ended with code 1"))
    log.broken_off(Reason.CHILD_DIED, "OSError: [Errno 5] Input/output error")
    attempt = log.finish()
    assert attempt.signatures == {"worker:exited:worker/1"}


def test_a_check_that_the_machine_broke_is_no_fault_of_the_versions() -> None:
    attempt = attempt_of(
        check(
            "row",
            fails="AgentError: delay: OperationalError: database or disk is full",
            evidence="django.db.utils.OperationalError: database or disk is full",
        )
    )
    assert [failure.reason for failure in attempt.failures] == [Reason.NO_SPACE]
    assert attempt.status is Status.ERRORED
