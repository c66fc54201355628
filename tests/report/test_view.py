from dataclasses import replace
from datetime import date

import pytest

from harness.model import Cell, CellResult, ClockKind, Lock, Resolution, Status, Verdict
from harness.report.view import Problem, Row, View, make_view
from harness.report.words import reproduce_command
from tests.values import CELL, EXPECTATION, FAILED, LOCK, PASSED, RESULT, STACK, TODAY


def row_of(cell: Cell, result: CellResult | None) -> Row:
    results = {cell.id: result} if result is not None else {}
    view = make_view([cell], results, plan="p", expectations=[EXPECTATION], today=TODAY, machine=None)
    [row] = view.rows
    return row


def test_a_row_tells_what_was_measured_and_what_was_expected() -> None:
    broken = replace(RESULT, attempts=(FAILED, replace(FAILED, number=2)))
    assert row_of(CELL, broken) == Row(
        cell="old@plain",
        stack="old",
        profile="plain",
        reason="as it was written",
        versions={"python": "3.9.18", "django": "2.2.28", "celery": "4.4.2"},
        index="today",
        status=Status.FAILED,
        verdict=Verdict.BROKEN,
        as_expected=True,
        problems=(
            Problem(
                signature="worker:exited:worker/1",
                excerpt="worker ended with code 1",
                log="old@plain/attempt-2/worker.log",
                expected="it never did",
                link="https://example.org/1",
                caveat="",
                expired=None,
            ),
        ),
        contract=(),
        claims=(),
        screen=None,
        resilience=None,
        supervised=None,
        visits=(),
        stale=(),
        note="",
        run="run-1",
        seconds=7.5,
        reproduce="nox -s matrix -- --plan p --select 'old@plain' --keep",
    )


def test_a_problem_names_the_log_of_the_attempt_it_was_seen_in() -> None:
    [problem] = row_of(CELL, replace(RESULT, attempts=(FAILED, replace(PASSED, number=2)))).problems
    assert problem.log == "old@plain/attempt-1/worker.log"


def test_a_cell_that_has_not_been_run_is_untested() -> None:
    row = row_of(CELL, None)
    assert (row.verdict, row.status, row.note) == (Verdict.UNTESTED, Status.SKIPPED, "it has not been run")
    assert (row.run, row.seconds, row.as_expected) == ("", 0.0, True)


def test_an_expectation_that_was_not_met_is_stale() -> None:
    row = row_of(CELL, RESULT)
    assert (row.stale, row.as_expected) == (("worker:exited* (it never did)",), False)


@pytest.mark.parametrize(
    ("lock", "celery"),
    [
        (Lock(distributions=("celery==5.7.1",), python="3.9.18"), "5.7.1"),
        (Lock(distributions=("kombu==5.7.0",), python="3.9.18"), "*"),
        (None, "*"),
    ],
)
def test_a_version_is_the_installed_one_or_else_the_one_asked_for(lock: Lock | None, celery: str) -> None:
    asked = replace(CELL, stack=replace(STACK, pins={**STACK.pins, "celery": "*"}))
    assert row_of(asked, replace(RESULT, lock=lock)).versions["celery"] == celery


@pytest.mark.parametrize(
    ("lock", "index"),
    [(None, "era"), (LOCK, "era"), (replace(LOCK, index_date=date(2023, 8, 15)), "2023-08-15")],
)
def test_an_index_is_its_day_or_else_the_resolution(lock: Lock | None, index: str) -> None:
    cell = replace(CELL, stack=replace(STACK, resolution=Resolution.ERA))
    assert row_of(cell, replace(RESULT, lock=lock)).index == index


def test_a_view_counts_every_verdict_and_hides_none(view: View) -> None:
    assert view.counts == {
        Verdict.WORKS: 3,
        Verdict.CAVEATS: 2,
        Verdict.BROKEN: 1,
        Verdict.UNRESOLVABLE: 1,
        Verdict.FLAKY: 1,
        Verdict.UNTESTED: 3,
    }
    assert sum(view.counts.values()) == len(view.rows)
    assert view.unexpected == sum(not row.as_expected for row in view.rows) == 5


def test_a_view_names_its_runs_and_its_axes_once(view: View) -> None:
    assert (view.runs, view.axes) == (("run-1", "run-2"), ("python", "django", "celery"))
    assert view.seconds == 60.3


def test_a_view_names_every_clock() -> None:
    results = {"a": RESULT, "b": replace(RESULT, clock=ClockKind.REAL)}
    view = make_view([CELL], results, plan="p", expectations=[], today=TODAY, machine=None)
    assert view.clock == "fake, real"


def test_a_plan_may_have_no_cells() -> None:
    view = make_view([], {}, plan="p", expectations=[], today=TODAY, machine=None)
    assert (view.rows, view.axes, view.seconds, view.clock) == ((), (), 0.0, "")


def test_a_cell_is_run_again_by_one_line() -> None:
    assert reproduce_command("old@plain", "default") == "nox -s matrix -- --select 'old@plain' --keep"
    assert reproduce_command("old@plain", "timezone") == (
        "nox -s matrix -- --plan timezone --select 'old@plain' --keep"
    )
