from dataclasses import replace
from pathlib import Path

import pytest

from harness.commands.shard import choose_shard
from harness.errors import UsageError
from harness.matrix.plan import Plan, Settling
from harness.matrix.shard import Shard
from harness.model import Cell
from harness.records.store import Run
from tests.commands.conftest import Printed
from tests.values import CELL, HEADER, PROFILE, RESULT, STACK


def cell(stack: str) -> Cell:
    return Cell(stack=replace(STACK, name=stack), profile=PROFILE)


PLAN = Plan(name="default", cells=tuple(map(cell, "abcd")), excluded=())
RUN = Run(
    path=Path("run-1.jsonl"),
    header=HEADER,
    results=tuple(
        replace(RESULT, cell=f"{name}@plain", seconds=seconds)
        for name, seconds in {"a": 30.0, "b": 50.0, "c": 20.0}.items()
    ),
    footer=None,
    unreadable=0,
)

GUESSED = " what 1 of them all take has not been measured"


def chosen(number: int, count: int, printed: Printed, *runs: Run) -> str:
    cells = choose_shard(PLAN, Shard(number=number, count=count), runs, printed.console)
    return "".join(cell.stack.name for cell in cells)


def test_each_shard_is_told_what_it_is_and_what_nobody_has_measured(printed: Printed) -> None:
    assert chosen(1, 2, printed, RUN) + chosen(2, 2, printed, RUN) == "bcad"
    assert printed.lines() == [
        "shard 1/2 of the plan default: 2 of 4 cells, which took 1 min 10 s of 2 min 10 s, added up;"
        + GUESSED,
        "shard 2/2 of the plan default: 2 of 4 cells, which took 1 min 0 s of 2 min 10 s, added up;"
        + GUESSED,
    ]


def test_where_nothing_was_measured_the_cells_are_dealt_out(printed: Printed) -> None:
    assert [chosen(number, 2, printed) for number in (1, 2)] == ["ac", "bd"]
    assert printed.lines()[0] == (
        "shard 1/2 of the plan default: 2 of 4 cells; what 4 of them all take has not been measured"
    )


def test_a_shard_may_have_nothing_to_do(printed: Printed) -> None:
    assert sorted(chosen(number, 5, printed) for number in range(1, 6)) == ["", "a", "b", "c", "d"]


def test_a_plan_that_chooses_while_it_runs_is_not_split(printed: Printed) -> None:
    plan = replace(PLAN, settling=Settling(profile=CELL.profile, cover=()))
    with pytest.raises(UsageError, match="chooses its cells while it runs"):
        choose_shard(plan, Shard(number=1, count=2), [], printed.console)
