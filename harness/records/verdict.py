"""From a result to a verdict, and to what of it was expected. Pure: can be derived again at any time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from harness.model import (
    EXPERIMENTS,
    Attempt,
    CellResult,
    Expectation,
    Failure,
    Reason,
    Settled,
    Stage,
    Status,
    Verdict,
)

_UNRESOLVED = frozenset({Reason.CONFLICT, Reason.NO_SUCH_VERSION, Reason.PYTHON_UNSUPPORTED})


@dataclass(frozen=True, kw_only=True)
class JudgedFailure:
    """A failure and the expectation that knew of it.

    `caveat` tells it in words where it breaks no cell, `expired` when an expectation ceased to know of it.
    """

    failure: Failure
    expectation: Expectation | None
    caveat: str = ""
    expired: date | None = None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A result held against what was expected of it."""

    verdict: Verdict
    failures: tuple[JudgedFailure, ...] = ()
    stale: tuple[Expectation, ...] = ()
    reason: str = ""

    @property
    def as_expected(self) -> bool:
        """Whether nothing is worse, and nothing better, than was said beforehand."""
        unexpected = any(judged.expectation is None for judged in self.failures)
        return not unexpected and not self.stale and self.verdict is not Verdict.FLAKY


def judging_attempts(result: CellResult) -> tuple[Attempt, ...]:
    """The attempts that say something about the versions."""
    return tuple([attempt for attempt in result.attempts if attempt.status is not Status.ERRORED])


def observed_in_all(result: CellResult, name: str) -> tuple[Mapping[str, Any], ...]:
    """What the attempts that say something observed under a name, the last one last."""
    return tuple(
        each.data
        for attempt in judging_attempts(result)
        for each in attempt.observations
        if each.name == name
    )


def status_of(result: CellResult) -> Status:
    """The result in JUnit's words."""
    if result.skipped:
        return Status.SKIPPED
    attempts = judging_attempts(result)
    if not attempts or result.settled is Settled.MACHINE:
        return Status.ERRORED
    return Status.FAILED if any(each.status is Status.FAILED for each in attempts) else Status.PASSED


def verdict_of(result: CellResult) -> Verdict:
    """What the record says about the versions."""
    attempts = judging_attempts(result)
    if not attempts or result.settled is Settled.MACHINE:
        return Verdict.UNTESTED
    if not all(map(_agree, attempts, attempts[1:])):
        return Verdict.FLAKY
    attempt = attempts[-1]
    if attempt.failure is not None and attempt.failure.stage in (Stage.RESOLVE, Stage.BUILD):
        return Verdict.UNRESOLVABLE if attempt.failure.reason in _UNRESOLVED else Verdict.BROKEN
    if attempt.status is Status.FAILED:
        return Verdict.BROKEN
    return Verdict.CAVEATS if attempt.failures else Verdict.WORKS


def _agree(one: Attempt, other: Attempt) -> bool:
    same = one.failures == other.failures or one.signatures == other.signatures
    return one.status is other.status and same


def judge(result: CellResult, expectations: Sequence[Expectation], today: date) -> Judgement:
    """Hold a result against the expectations that name its cell and have not expired."""
    verdict = verdict_of(result)
    if verdict is Verdict.UNTESTED:
        return Judgement(verdict=verdict, reason=_why_untested(result))
    applying = expectations_for(result.cell, result.checks, expectations, today)
    failures = _distinct(failure for attempt in judging_attempts(result) for failure in attempt.failures)
    judged = tuple(
        JudgedFailure(
            failure=failure,
            expectation=next((each for each in applying if _expects(each, failure)), None),
            caveat=_caveat(result, failure),
            expired=_expired(result.cell, failure, expectations, today),
        )
        for failure in failures
    )
    stale = tuple(each for each in applying if not any(_expects(each, failure) for failure in failures))
    return Judgement(verdict=verdict, failures=judged, stale=stale)


def expectations_for(
    cell: str, checks: Collection[Stage], expectations: Iterable[Expectation], today: date
) -> tuple[Expectation, ...]:
    """The expectations that name `cell`, can be met by what was looked at, and have not expired."""
    left_out = frozenset(EXPERIMENTS) - frozenset(checks)
    return tuple(
        expectation
        for expectation in expectations
        if expectation.expires > today
        and _names(expectation, cell)
        and _stage_of(expectation) not in left_out
    )


def exactly_expected(failures: Sequence[Failure], expectations: Sequence[Expectation]) -> bool:
    """Whether every failure is known by an expectation, and every expectation met."""
    return all(any(_expects(each, failure) for each in expectations) for failure in failures) and all(
        any(_expects(each, failure) for failure in failures) for each in expectations
    )


def _caveat(result: CellResult, failure: Failure) -> str:
    """The sentence of the checks that failed so, if all of them have one."""
    attempts = judging_attempts(result)
    sentences = [check.caveat for attempt in attempts for check in attempt.checks if check.failure == failure]
    return sentences[0] if sentences and all(sentences) else ""


def _expired(cell: str, failure: Failure, expectations: Sequence[Expectation], today: date) -> date | None:
    return next(
        (
            each.expires
            for each in expectations
            if each.expires <= today and _names(each, cell) and _expects(each, failure)
        ),
        None,
    )


def _names(expectation: Expectation, cell: str) -> bool:
    return any(fnmatchcase(cell, glob) for glob in expectation.cells)


def _stage_of(expectation: Expectation) -> str:
    return expectation.signature.partition(":")[0]


def _expects(expectation: Expectation, failure: Failure) -> bool:
    return fnmatchcase(failure.signature, expectation.signature)


def _distinct(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    return tuple({failure.signature: failure for failure in failures}.values())


def _why_untested(result: CellResult) -> str:
    if result.skipped:
        return result.skipped
    last = result.attempts[-1].failure if result.attempts else None
    return f"{last.signature}: {last.excerpt}" if last else "its failure was not confirmed"
