"""What a regression is due to, in a world with a planted culprit."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from packaging.version import Version

from harness.commands.feed import NO_BUDGET, Budget
from harness.commands.gate_feed import RegressionFeed
from harness.gate.compare import compare
from harness.gate.entry import entry_of
from harness.gate.trial import tried
from harness.model import Cell, CellResult, Failure, Resolution
from tests.diagnosis.world import FAILURE, World, row

CELLS = {cell.id: cell for cell in (row(django=django) for django in ("3.2", "4.2"))}


@pytest.fixture
def world() -> World:
    def judge(lock: Mapping[str, str], _: Mapping[str, str]) -> Failure | None:
        return FAILURE if Version(lock["kombu"]) >= Version("5.6") else None

    return World(
        releases={"kombu": ["5.3", "5.4", "5.5", "5.6", "5.7"], "vine": ["1.3", "5.0"]},
        had={"kombu": "5.3", "vine": "1.3"},
        judge=judge,
    )


def before(world: World, cell: Cell) -> CellResult:
    """What the baseline has of a cell, and what comes of its lock today: the versions of another day."""
    then = replace(cell, stack=replace(cell.stack, resolution=Resolution.ERA))
    return replace(world.run(then), cell=cell.id, resolution=Resolution.TODAY)


def made(world: World, *, project: str = "p", budget: Budget = NO_BUDGET) -> RegressionFeed:
    results = {cell: world.run(CELLS[cell]) for cell in CELLS}
    references = {cell: before(world, CELLS[cell]) for cell in CELLS}
    comparisons = [
        tried(
            compare(
                cell,
                entry_of(references[cell], project="p"),
                entry_of(results[cell], project=project),
            ),
            entry_of(references[cell], project=project),
        )
        for cell in CELLS
    ]
    return RegressionFeed(
        comparisons, results, references, CELLS, releases_of=world.releases_of, budget=budget
    )


def run_to_the_end(feed: RegressionFeed, world: World) -> list[str]:
    given = []
    while (cell := feed.next_cell()) is not None:
        given.append(cell.id)
        feed.learn(world.run(cell))
    return given


def test_the_release_and_the_line_are_found_between_the_two_locks(world: World) -> None:
    feed = made(world)
    assert feed.worth_running
    given = run_to_the_end(feed, world)
    lines = {cell: each.finding.lines for cell, each in feed.diagnosed().items() if each.finding is not None}
    assert lines == dict.fromkeys(CELLS, ("kombu<5.6",))
    # The baseline's lock is what it is held against: no cell is asked for as of its own time.
    assert not [cell for cell in given if cell.startswith("era-")]
    assert feed.open == "of 2 failures"


def test_without_time_for_it_that_is_said(world: World) -> None:
    feed = made(world, budget=Budget(cells=1))
    run_to_the_end(feed, world)
    assert {each.why_not for each in feed.diagnosed().values()} == {"what it is due to was not found in time"}


def test_what_does_not_regress_is_not_diagnosed(world: World) -> None:
    world.judge = lambda _lock, _pins: None
    feed = made(world)
    assert (feed.worth_running, feed.next_cell(), feed.diagnosed()) == (False, None, {})


def test_drift_is_not_diagnosed(world: World) -> None:
    world.judge = lambda _lock, _pins: FAILURE
    assert not made(world).worth_running
