"""A view that has everything a report can tell."""

from dataclasses import replace
from datetime import date

import pytest

from harness.model import (
    Attempt,
    Cell,
    CellResult,
    CheckResult,
    Expectation,
    Failure,
    Reason,
    Settled,
    Stage,
    Status,
)
from harness.report.view import View, make_view
from tests.values import (
    CELL,
    ERRORED,
    EXPECTATION,
    FAILED,
    FAILED_CHECK,
    FAILURE,
    HEADER,
    LOCK,
    PASSED,
    PROFILE,
    RESULT,
    STACK,
    TODAY,
)

CONFLICT = Failure(
    stage=Stage.RESOLVE,
    reason=Reason.CONFLICT,
    detail="django-celery-beat/django",
    excerpt="Because django-celery-beat==2.9.0 depends on django<6.1 | 2 and you require django==6.1.0,\n"
    "your requirements are unsatisfiable.",
    log="resolve.log",
)
CRONTAB = replace(
    FAILURE, stage=Stage.SCHEDULE, reason=Reason.CHECK, detail="crontab", excerpt="sent at 18:31"
)
CLOCKED = replace(CRONTAB, detail="clocked", excerpt="sent twice:\nat 10:31:20\nat 10:31:25")
LATE = replace(FAILED_CHECK, failure=CRONTAB, caveat="a crontab fires eight hours late")
TWICE = replace(FAILED_CHECK, id="clocked", failure=CLOCKED, caveat="a one-off may run twice")
BREAKING = tuple(replace(check, caveat="") for check in (LATE, TWICE))


def cell(stack: str, profile: str = "plain") -> Cell:
    return Cell(stack=replace(STACK, name=stack), profile=replace(PROFILE, name=profile))


def passed(*checks: CheckResult) -> Attempt:
    return replace(PASSED, checks=checks)


def breaking(*checks: CheckResult) -> Attempt:
    return replace(FAILED, failure=None, checks=checks)


def measured(stack: str, *attempts: Attempt, profile: str = "plain") -> CellResult:
    settled = Settled.MACHINE if attempts[-1].status is Status.ERRORED else Settled.REPEATED
    numbered = tuple(replace(attempt, number=number) for number, attempt in enumerate(attempts, 1))
    return replace(RESULT, cell=f"{stack}@{profile}", attempts=numbered, settled=settled)


def expecting(cells: str, signature: str, link: str) -> Expectation:
    return replace(EXPECTATION, cells=(cells,), signature=signature, reason=f"known of {cells}", link=link)


RESULTS = [
    measured("works", passed()),
    measured("better", passed()),
    measured("late", passed(LATE)),
    replace(measured("late-and-twice", passed(LATE, TWICE)), run="run-2"),
    replace(measured("broken", breaking(*BREAKING)), lock=replace(LOCK, index_date=date(2023, 8, 15))),
    replace(measured("unresolvable", replace(FAILED, failure=CONFLICT)), lock=None, seconds=0.3),
    measured("flaky", FAILED, breaking(BREAKING[0], TWICE)),
    measured("busy", ERRORED),
    replace(
        RESULT, cell="skipped@plain", attempts=(), seconds=0.0, lock=None, skipped="no Python 3.9:\nno a|b"
    ),
    measured("works", passed(), profile="izone"),
]
CELLS = [*(cell(*result.cell.split("@")) for result in RESULTS), cell("not-run", "izone")]
EXPECTATIONS = [
    expecting("better@*", "task:check:row", "https://example.org/better"),
    expecting("late*", "schedule:check:crontab", "https://example.org/late"),
    expecting("broken@*", "schedule:check:crontab", "https://example.org/late"),
]


@pytest.fixture(scope="session")
def view() -> View:
    return make_view(
        CELLS,
        {result.cell: result for result in RESULTS},
        plan="default",
        expectations=EXPECTATIONS,
        today=TODAY,
        machine=HEADER.machine,
    )


@pytest.fixture(scope="session")
def nothing() -> View:
    """A plan of which nothing has been run."""
    return make_view([CELL], {}, plan="small", expectations=EXPECTATIONS, today=TODAY, machine=None)
