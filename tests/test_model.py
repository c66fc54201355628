from collections import defaultdict
from dataclasses import FrozenInstanceError, replace

import pytest

from harness.model import Attempt, CheckResult, Failure, Reason, Stage, Status
from tests.values import CELL, FAILED, FAILED_CHECK, FAILURE, LOCK, NO_SERVER, PASSED, STACK


@pytest.mark.parametrize(
    ("failure", "signature"),
    [
        (FAILURE, "worker:exited:worker/1"),
        (NO_SERVER, "service:server"),
        (FAILED_CHECK.failure, "schedule:check:crontab"),
        (
            replace(FAILURE, stage=Stage.RESOLVE, reason=Reason.NO_SUCH_VERSION),
            "resolve:no-such-version:worker/1",
        ),
    ],
)
def test_a_signature_names_stage_reason_and_detail(failure: Failure, signature: str) -> None:
    assert failure.signature == signature


def test_a_reason_is_about_the_versions_or_about_the_machine() -> None:
    by_status = defaultdict(set)
    for reason in Reason:
        by_status[reason.status].add(reason)
    assert by_status.keys() == {Status.FAILED, Status.ERRORED}
    assert by_status[Status.ERRORED] == {
        Reason.BUILD_TOOLS,
        Reason.NO_SPACE,
        Reason.INDEX_UNREACHABLE,
        Reason.INSTALL_TIMEOUT,
        Reason.NO_SUCH_PACKAGE,
        Reason.SERVER,
        Reason.CHILD_DIED,
        Reason.CELL_TIMEOUT,
    }


def test_a_cell_is_named_by_stack_and_profile() -> None:
    assert CELL.id == "old@plain"


def test_a_stack_knows_its_python() -> None:
    assert STACK.python == "3.9"


@pytest.mark.parametrize(("name", "version"), [("celery", "4.4.2"), ("cel", None), ("redis", None)])
def test_a_lock_knows_the_version_of_a_distribution(name: str, version: str | None) -> None:
    assert LOCK.version(name) == version


CAVEAT = replace(FAILED_CHECK, failure=replace(FAILURE, detail="late"), caveat="it is late")
HELD = replace(FAILED_CHECK, status=Status.PASSED, failure=None)


@pytest.mark.parametrize(
    ("attempt", "details"),
    [
        (PASSED, []),
        (replace(PASSED, checks=(HELD,)), []),
        (FAILED, ["worker/1"]),
        (replace(FAILED, checks=(FAILED_CHECK,)), ["worker/1"]),
        (replace(PASSED, checks=(CAVEAT, HELD, FAILED_CHECK)), ["crontab", "late"]),
    ],
)
def test_an_attempt_failed_for_the_stage_that_stopped_it_or_for_every_failed_check(
    attempt: Attempt, details: list[str]
) -> None:
    assert [failure.detail for failure in attempt.failures] == details


def test_attempts_agree_when_they_failed_alike_in_whatever_order() -> None:
    def attempt(*checks: CheckResult) -> Attempt:
        return replace(FAILED, failure=None, checks=checks)

    late = replace(FAILED_CHECK, failure=replace(FAILURE, excerpt="another line of the log"))
    here, there = attempt(FAILED_CHECK, CAVEAT), attempt(replace(CAVEAT, seconds=9.0), FAILED_CHECK)
    assert here.signatures == there.signatures
    assert attempt(late).signatures == frozenset({FAILURE.signature})


def test_a_value_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        STACK.name = "new"  # type: ignore[misc]
