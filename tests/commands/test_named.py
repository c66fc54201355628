from dataclasses import replace
from pathlib import Path

from harness.commands.named import with_named
from harness.matrix.config import parse_matrix
from harness.matrix.field import Field
from harness.matrix.plan import Plan, Settling, make_plan
from harness.model import CellResult
from harness.records.store import Run
from tests.values import FOOTER, HEADER, LOCK, MATRIX, RESULT

TABLES = parse_matrix(MATRIX)
PLAN = make_plan(TABLES, "small")
FIELD = Field(axes={"python": ("3.9",), "django": ("4.2",), "celery": ("5.7",)}, forbidden={})
CHANGED = replace(
    RESULT,
    cell="old-today+changes-0123abcd@plain",
    requirements=(*RESULT.requirements, "pytz", "vine==1.3.0"),
    lock=LOCK,
)


def run(*results: CellResult) -> Run:
    return Run(path=Path("run-1.jsonl"), header=HEADER, results=results, footer=FOOTER, unreadable=0)


def names(plan: Plan, *wanted: str, field: Field | None = None) -> list[str]:
    named = with_named(plan, wanted, matrix=TABLES, runs=[run(RESULT, CHANGED)], field=field)
    assert named.cells[: len(plan.cells)] == plan.cells
    return [cell.id for cell in named.cells[len(plan.cells) :]]


def test_what_is_in_the_records_can_be_run_again() -> None:
    assert names(PLAN, CHANGED.cell) == [CHANGED.cell]
    [cell] = with_named(PLAN, [CHANGED.cell], matrix=TABLES, runs=[run(CHANGED)], field=None).cells[-1:]
    assert cell.stack.requirements == ("vine==1.3.0",)


def test_what_the_plan_has_comes_from_the_plan() -> None:
    assert names(PLAN, RESULT.cell, "old*", "nobody@plain") == []


def test_a_row_need_not_have_been_run() -> None:
    settling = replace(PLAN, settling=Settling(profile=TABLES.profiles["plain"], cover=()))
    assert names(settling, "today-3.9-4.2-5.7@plain", field=FIELD) == ["today-3.9-4.2-5.7@plain"]
    assert names(settling, "today-3.9-4.2-4.4@plain", field=FIELD) == []
