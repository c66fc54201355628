"""Records as if nothing had been asked but what got worse: then a diagnosis finds what that is due to. Pure.

A diagnosis compares a cell that fails now with the same cell as of its own time; what got worse since the
baseline it compares with the baseline's own lock, run now. An invariant that a person can do without does not
break a cell; here it does when it is what got worse.
"""

from collections.abc import Collection
from dataclasses import replace

from harness.diagnosis.change import Change, changed_name
from harness.model import USUAL_CHECKS, Attempt, CellResult, Resolution, Status


def asked_only(result: CellResult, points: Collection[str]) -> CellResult:
    """The result of the same cell, judged by some points alone, and by whether it came so far."""
    return replace(
        result,
        attempts=tuple(_attempt(each, points) for each in result.attempts),
        # What was not asked of any of them makes no difference between them.
        checks=tuple(dict.fromkeys((*USUAL_CHECKS, *result.checks))),
    )


def as_of_its_time(reference: CellResult, failing: CellResult, points: Collection[str]) -> CellResult:
    """What came of the baseline's own lock, where a diagnosis looks for the cell as of its time."""
    then = Change(then=True)
    return replace(
        asked_only(reference, points),
        cell=changed_name(failing.cell, dict(failing.pins), then),
        pins=failing.pins,
        resolution=Resolution.ERA,
    )


def _attempt(attempt: Attempt, points: Collection[str]) -> Attempt:
    if attempt.status is Status.ERRORED or attempt.failure is not None:
        return attempt
    checks = tuple(
        replace(check, caveat="") for check in attempt.checks if f"{check.stage}:{check.id}" in points
    )
    failed = any(check.failure is not None for check in checks)
    return replace(attempt, status=Status.FAILED if failed else Status.PASSED, checks=checks)
