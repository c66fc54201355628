from dataclasses import replace
from pathlib import Path

from harness.model import CellResult, Settled, Stage
from harness.records.costs import costs_of
from harness.records.store import Run
from tests.values import HEADER, RESULT

CHECKS = RESULT.checks


def run(*results: CellResult) -> Run:
    return Run(path=Path("run-1.jsonl"), header=HEADER, results=results, footer=None, unreadable=0)


def took(cell: str, seconds: float, started: str = "2026-08-01T10:00:00Z") -> CellResult:
    return replace(RESULT, cell=cell, seconds=seconds, started=started)


def test_the_newest_result_says_what_a_cell_takes() -> None:
    runs = [run(took("a", 5, "2026-08-02T10:00:00Z")), run(took("a", 9, "2026-08-01T10:00:00Z"))]
    assert costs_of(["a"], runs, CHECKS).seconds == {"a": 5}


def test_what_was_not_measured_takes_as_long_as_the_middle_one() -> None:
    costs = costs_of(["a", "new", "b", "c"], [run(took("a", 1), took("b", 8), took("c", 90))], CHECKS)
    assert costs.seconds == {"a": 1, "new": 8, "b": 8, "c": 90}
    assert costs.guessed == {"new"}


def test_a_plan_of_which_nothing_was_measured_goes_by_what_was() -> None:
    assert costs_of(["new"], [run(took("a", 4))], CHECKS).seconds == {"new": 4}


def test_where_nothing_was_measured_all_are_alike() -> None:
    costs = costs_of(["a", "b"], [], CHECKS)
    assert costs.seconds == {"a": 1.0, "b": 1.0}
    assert costs.guessed == {"a", "b"}


def test_what_was_looked_at_otherwise_does_not_count() -> None:
    days = replace(took("a", 300), checks=(Stage.TIME,))
    assert costs_of(["a", "b"], [run(days, took("b", 7))], CHECKS).seconds == {"a": 7, "b": 7}


def test_what_was_not_run_or_cut_short_does_not_count() -> None:
    skipped = replace(took("a", 0), settled=Settled.SKIPPED)
    cut = replace(took("b", 900), settled=Settled.MACHINE)
    assert costs_of(["a", "b", "c"], [run(skipped, cut, took("c", 7))], CHECKS).guessed == {"a", "b"}
