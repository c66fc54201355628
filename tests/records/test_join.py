from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import CellResult, Settled
from harness.records.join import join, join_facts, machine_of
from harness.records.store import Run
from tests.values import FAILED, HEADER, LOCK, NO_SERVER, PASSED, RESULT

SHARDS = st.lists(st.sets(st.sampled_from("abcdef")), min_size=1, max_size=4)


def run(name: str, *results: CellResult) -> Run:
    named = tuple(replace(result, run=name) for result in results)
    header = replace(HEADER, run=name, cells=tuple(result.cell for result in results))
    return Run(path=Path(f"{name}.jsonl"), header=header, results=named, footer=None, unreadable=0)


def works(cell: str, at: int = 10) -> CellResult:
    return replace(RESULT, cell=cell, started=f"2026-08-01T{at}:00:00Z")


def breaks(cell: str, at: int = 10) -> CellResult:
    return replace(works(cell, at), attempts=(FAILED, FAILED), settled=Settled.REPEATED)


def not_run(cell: str, at: int = 10) -> CellResult:
    return replace(works(cell, at), attempts=(), settled=Settled.SKIPPED, skipped="no Python", lock=None)


def cut_short(cell: str, at: int = 10) -> CellResult:
    errored = replace(FAILED, failure=NO_SERVER)
    return replace(works(cell, at), attempts=(errored,), settled=Settled.MACHINE)


@given(SHARDS)
def test_each_cell_is_there_once_or_missing(shards: list[set[str]]) -> None:
    runs = [run(f"run-{index}", *map(works, sorted(cells))) for index, cells in enumerate(shards)]
    joined = join("abcdef", runs)
    assert sorted([*(result.cell for result in joined.results), *joined.missing]) == list("abcdef")
    assert set(joined.missing) == set("abcdef").difference(*shards)
    assert (joined.conflicts, joined.unplanned) == ((), ())


def test_the_order_is_that_of_the_plan() -> None:
    joined = join("abc", [run("run-1", works("c")), run("run-2", works("a"), works("b"))])
    assert [result.cell for result in joined.results] == ["a", "b", "c"]


def test_of_equal_answers_the_newest_is_taken() -> None:
    joined = join("a", [run("run-1", works("a", 12)), run("run-2", works("a", 11))])
    assert [result.run for result in joined.results] == ["run-1"]


@pytest.mark.parametrize("order", [1, -1])
def test_two_answers_are_told_and_neither_is_taken(order: int) -> None:
    runs = [run("run-1", works("a", 10)), run("run-2", breaks("a", 11), works("b"))]
    joined = join("ab", runs[::order])
    [conflict] = joined.conflicts
    assert (conflict.cell, conflict.one.run, conflict.other.run) == ("a", "run-1", "run-2")
    assert [result.cell for result in joined.results] == ["b"]
    assert joined.missing == ()


def test_a_failure_of_another_kind_is_another_answer() -> None:
    other = replace(FAILED, failure=replace(FAILED.failure, detail="beat/1")) if FAILED.failure else FAILED
    also = replace(breaks("a"), attempts=(other, other))
    assert join("a", [run("run-1", breaks("a")), run("run-2", also)]).conflicts


def test_the_same_answer_from_another_lock_is_the_same() -> None:
    newer = replace(works("a", 11), lock=replace(LOCK, distributions=("vine==5.1.0",)))
    assert join("a", [run("run-1", works("a")), run("run-2", newer)]).results[0].lock == newer.lock


@pytest.mark.parametrize("silent", [not_run, cut_short])
def test_what_one_machine_could_not_tell_and_another_one_did_is_answered(silent: object) -> None:
    assert callable(silent)
    joined = join("a", [run("run-1", works("a", 10)), run("run-2", silent("a", 11))])
    assert [result.run for result in joined.results] == ["run-1"]
    assert join("a", [run("run-2", silent("a"))]).missing == ()


def test_within_a_run_the_last_word_counts() -> None:
    joined = join("a", [run("run-1", breaks("a", 10), works("a", 11))])
    assert joined.conflicts == ()
    assert joined.results[0].attempts == (PASSED,)


def test_what_is_not_planned_is_told() -> None:
    assert join("a", [run("run-1", works("a"), works("z"))]).unplanned == ("z",)


def test_machines_that_differ_are_told_of_together() -> None:
    other = replace(
        HEADER.machine,
        cores=4,
        interpreters={"3.9": "CPython 3.9.20", "3.13": "CPython 3.13.1"},
        tools={"uv": "0.9.0", "broker": "8.1.0"},
    )
    facts = join_facts([HEADER.machine, other])
    assert (facts.cores, facts.system) == (2, HEADER.machine.system)
    assert facts.interpreters == {"3.9": "CPython 3.9.18 / CPython 3.9.20", "3.13": "CPython 3.13.1"}
    assert facts.tools == HEADER.machine.tools
    assert join_facts([other]) == other


def test_the_machine_is_that_of_the_newest_run_that_has_one_of_the_results() -> None:
    old, new = run("run-1", works("a")), run("run-2", works("b"))
    new = replace(new, header=replace(new.header, machine=replace(HEADER.machine, cores=64)))
    joined = replace(old, header=replace(old.header, run="run-3"))
    assert machine_of([joined, new], {"a": joined.results[0]}) == HEADER.machine
    assert machine_of([joined, new], {}) is None
