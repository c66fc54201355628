"""What of a result is compared."""

from dataclasses import replace

import pytest

from harness.gate.entry import Entry, entry_of, lock_digest
from harness.model import Attempt, CellResult, CheckResult, Settled, Stage, Status, Verdict
from tests.values import ERRORED, FAILED, FAILED_CHECK, LOCK, PASSED, RESULT

HELD = CheckResult(id="crontab", stage=Stage.SCHEDULE, status=Status.PASSED, seconds=1.0)
SKIPPED = replace(HELD, status=Status.SKIPPED)
OTHER = replace(HELD, id="eta", stage=Stage.TASK)


def climbed(*checks: CheckResult) -> Attempt:
    broken = any(check.failure is not None and not check.caveat for check in checks)
    return replace(PASSED, status=Status.FAILED if broken else Status.PASSED, checks=checks)


def entry(*attempts: Attempt, settled: Settled = Settled.REPEATED) -> Entry:
    return entry_of(replace(RESULT, attempts=attempts, settled=settled), project="p")


def test_every_check_is_a_point() -> None:
    seen = entry(climbed(HELD, OTHER))
    assert (seen.verdict, seen.lock) == (Verdict.WORKS, LOCK)
    assert seen.passed == {"schedule:crontab", "task:eta"}


def test_a_check_that_fails_each_time_has_its_signature() -> None:
    seen = entry(climbed(FAILED_CHECK, OTHER), climbed(FAILED_CHECK, OTHER))
    assert seen.failed == {"schedule:crontab": "schedule:check:crontab"}
    assert (seen.passed, seen.flaky) == (frozenset({"task:eta"}), frozenset())


@pytest.mark.parametrize("caveat", ["", "it may fire late"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_check_that_fails_once_is_flaky(caveat: str, order: tuple[int, int]) -> None:
    attempts = [climbed(HELD), climbed(replace(FAILED_CHECK, caveat=caveat))]
    seen = entry(*(attempts[number] for number in order))
    assert seen.verdict is Verdict.FLAKY
    assert seen.flaky == {"schedule:crontab"}
    assert not seen.failed
    assert not seen.passed


def test_a_check_that_once_had_nothing_to_judge_by_is_as_it_was_the_other_time() -> None:
    assert entry(climbed(SKIPPED), climbed(HELD)).passed == {"schedule:crontab"}
    assert entry(climbed(SKIPPED), climbed(SKIPPED)).unseen == {"schedule:crontab"}


def test_a_rung_that_stops_each_attempt_is_told() -> None:
    seen = entry(FAILED, FAILED)
    assert (seen.stopped, seen.checks, seen.flaky) == ("worker:exited:worker/1", frozenset(), frozenset())


def test_a_rung_that_stops_one_attempt_is_flaky_and_its_checks_are_not() -> None:
    seen = entry(FAILED, climbed(HELD))
    assert seen.stopped == ""
    assert seen.flaky == {"worker"}
    assert seen.passed == {"schedule:crontab"}


def test_what_the_machine_did_does_not_count() -> None:
    assert entry(ERRORED, climbed(HELD)).passed == {"schedule:crontab"}


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (replace(RESULT, attempts=(), skipped="no Python 3.9"), "no Python 3.9"),
        (replace(RESULT, attempts=(ERRORED,), settled=Settled.MACHINE), "service:server"),
    ],
)
def test_what_could_not_be_determined_says_why(result: CellResult, why: str) -> None:
    seen = entry_of(result, project="p")
    assert (seen.determined, seen.why) == (False, why)


def test_other_settings_are_another_project() -> None:
    other = replace(RESULT, settings={"USE_TZ": False})
    assert entry_of(RESULT, project="p").project != entry_of(other, project="p").project
    assert entry_of(RESULT, project="p").project != entry_of(RESULT, project="q").project


def test_locks_that_differ_have_other_digests() -> None:
    locks = [LOCK, replace(LOCK, python="3.9.19"), replace(LOCK, distributions=LOCK.distributions[1:])]
    assert len({lock_digest(lock) for lock in locks}) == 3
    assert lock_digest(None) == ""
