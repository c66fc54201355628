from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.commands.plan import choose_cells, list_plan, resumable
from harness.errors import UsageError
from harness.matrix.plan import Excluded, Plan
from harness.model import Cell, CellResult, ClockKind, Resolution, RunFooter, Settled
from harness.records.store import Run
from tests.commands.conftest import Printed
from tests.values import CELL, FAILED, FOOTER, HEADER, PASSED, PROFILE, RESULT, STACK, TODAY


def cell(stack: str) -> Cell:
    return Cell(stack=replace(STACK, name=stack), profile=PROFILE)


PLAN = Plan(name="default", cells=(cell("old"), cell("new"), cell("newest")), excluded=())


def run(
    *results: CellResult, name: str = "run-1", plan: str = "default", footer: RunFooter | None = FOOTER
) -> Run:
    header = replace(HEADER, run=name, plan=plan)
    return Run(path=Path(f"{name}.jsonl"), header=header, results=results, footer=footer, unreadable=0)


def works(stack: str) -> CellResult:
    return replace(RESULT, cell=f"{stack}@plain", attempts=(PASSED,), settled=Settled.CLEAN)


def breaks(stack: str) -> CellResult:
    return replace(RESULT, cell=f"{stack}@plain", attempts=(FAILED, FAILED), settled=Settled.REPEATED)


def flickers(stack: str) -> CellResult:
    return replace(RESULT, cell=f"{stack}@plain", attempts=(FAILED, PASSED), settled=Settled.REPEATED)


def skipped(stack: str) -> CellResult:
    return replace(RESULT, cell=f"{stack}@plain", attempts=(), settled=Settled.SKIPPED, skipped="no Python")


def chosen(*runs: Run, select: tuple[str, ...] = (), failed: bool = True) -> list[str]:
    return [cell.stack.name for cell in choose_cells(PLAN, runs, select=select, failed=failed)]


def test_without_failed_the_runs_do_not_matter() -> None:
    assert chosen(failed=False) == ["old", "new", "newest"]
    assert chosen(run(breaks("old")), failed=False, select=("new*",)) == ["new", "newest"]


def test_what_failed_in_the_last_run_is_chosen_in_the_order_of_the_plan() -> None:
    assert chosen(run(breaks("newest"), works("new"), flickers("old"))) == ["old", "newest"]
    assert chosen(run(skipped("new"), works("old"))) == ["new"]


def test_what_pip_chose_as_uv_did_has_not_failed() -> None:
    same = replace(skipped("old"), settled=Settled.SAME)
    assert chosen(run(same, breaks("new"))) == ["new"]


def test_the_last_run_of_this_plan_is_the_one_that_counts() -> None:
    runs = [
        run(breaks("old")),
        run(breaks("new"), name="run-2"),
        run(breaks("old"), name="run-3", plan="small"),
    ]
    assert chosen(*runs) == ["new"]


def test_what_failed_may_be_narrowed_by_globs() -> None:
    assert chosen(run(breaks("old"), breaks("newest")), select=("new*",)) == ["newest"]


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ([], "the plan 'default' has not been run"),
        ([run(breaks("old"), plan="small")], "the plan 'default' has not been run"),
        ([run(works("old"))], "nothing failed in the last run, run-1"),
        ([run(breaks("other"))], "nothing failed in the last run, run-1"),
    ],
)
def test_when_there_is_nothing_to_choose_the_reason_is_told(runs: list[Run], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        chosen(*runs)


INTERRUPTED = run(works("old"), name="run-2", footer=None)
ANOTHER = replace(HEADER, run="run-3", started="2026-08-01T11:00:00Z")


def test_an_interrupted_run_of_the_same_is_gone_on_with() -> None:
    assert resumable([run(), INTERRUPTED], ANOTHER) is INTERRUPTED


@pytest.mark.parametrize(
    "change",
    [
        {"plan": "small"},
        {"cells": ("old@plain", "new@plain")},
        {"clock": ClockKind.REAL},
        {"matrix": "x"},
        {"project": "x"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_run_of_something_else_is_not_gone_on_with(change: dict[str, Any]) -> None:
    assert resumable([INTERRUPTED], replace(ANOTHER, **change)) is None


def test_only_the_last_run_may_be_gone_on_with() -> None:
    assert resumable([INTERRUPTED, run(name="run-3")], ANOTHER) is None
    assert resumable([], ANOTHER) is None


def test_a_plan_is_listed_with_what_it_leaves_out_and_why(printed: Printed) -> None:
    stack = replace(
        STACK,
        reason="celery[redis] by its extra",
        pins={"python": "3.9", "celery": "*"},
        extras={"celery": ("redis", "sqs")},
        resolution=Resolution.ERA,
        as_of=TODAY,
    )
    excluded = Excluded(cell=cell("new"), reason="[nobody] runs it", source="https://example.org/why")
    list_plan(replace(PLAN, excluded=(excluded,)), [replace(CELL, stack=stack)], printed.console)
    assert printed.lines() == [
        "cell       Python  Celery        resolution      reason",
        "old@plain  3.9     [redis,sqs]*  era 2026-08-01  celery[redis] by its extra",
        "left out: new@plain: [nobody] runs it (https://example.org/why)",
        "1 cell of the plan default; nothing has been run",
    ]


def test_a_plan_without_cells_is_listed_too(printed: Printed) -> None:
    list_plan(PLAN, [], printed.console)
    assert printed.lines()[-1] == "0 cells of the plan default; nothing has been run"


def test_a_run_that_looked_for_causes_is_not_the_last_run() -> None:
    looked = run(breaks("newest+packaging"), name="run-2")
    looked = replace(looked, header=replace(looked.header, cells=()))
    assert chosen(run(breaks("new")), looked) == ["new"]
