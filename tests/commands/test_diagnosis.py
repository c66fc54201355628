"""The feed of diagnoses, on a world with a planted culprit, and the releases it asks for."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.version import Version

from harness.commands.diagnosis import DiagnosisFeed, Releases
from harness.commands.feed import NO_BUDGET, Budget
from harness.diagnosis.culprits import culprits
from harness.diagnosis.known import Known
from harness.env.index import open_index
from harness.model import Cell, Failure
from tests.diagnosis.world import FAILURE, World, row
from tests.env.index import LocalIndex, Release
from tests.proc.processes import PATIENCE

ROWS = [row(django=django) for django in ("3.2", "4.1", "4.2")]


@pytest.fixture
def world() -> World:
    def judge(lock: Mapping[str, str], _: Mapping[str, str]) -> Failure | None:
        return FAILURE if Version(lock["kombu"]) >= Version("5.6") else None

    return World(
        releases={"kombu": ["5.3", "5.4", "5.5", "5.6", "5.7"], "vine": ["1.3", "5.0"]},
        had={"kombu": "5.3", "vine": "1.3"},
        judge=judge,
    )


def made(world: World, known: Known, budget: Budget = NO_BUDGET) -> DiagnosisFeed:
    for cell in ROWS:
        known.learn(world.run(cell))
    return DiagnosisFeed(
        known, {cell.id: cell for cell in ROWS}, releases_of=world.releases_of, budget=budget, each=20
    )


def test_cells_come_until_all_is_known_and_none_twice(world: World) -> None:
    known = Known()
    feed = made(world, known)
    given: list[Cell] = []
    while (cell := feed.next_cell()) is not None:
        given.append(cell)
        feed.learn(world.run(cell))
    assert [culprit.first.lines for culprit in culprits(known)] == [("kombu<5.6",)]
    assert len({cell.id for cell in given}) == len(given)
    assert (feed.total, feed.open) == (None, "of 3 failures")


def test_what_runs_is_not_given_again(world: World) -> None:
    feed = made(world, Known())
    given = []
    while (cell := feed.next_cell()) is not None:
        given.append(cell.id)
    assert sorted(given) == sorted(f"era-{each.id.removeprefix('today-')}" for each in ROWS)


@pytest.mark.parametrize(("budget", "most"), [(Budget(cells=2), 2), (Budget(seconds=0.0), 0)])
def test_a_budget_ends_it(world: World, budget: Budget, most: int) -> None:
    feed = made(world, Known(), budget)
    given = 0
    while (cell := feed.next_cell()) is not None:
        feed.learn(world.run(cell))
        given += 1
    assert given == most


def test_releases_are_asked_for_once_a_day(tmp_path: Path) -> None:
    with LocalIndex([Release(name="kombu", version="5.6")]) as index:
        for _ in range(2):
            with open_index({"UV_DEFAULT_INDEX": index.url}, timeout=PATIENCE) as opened:
                releases = Releases(opened, tmp_path)
                assert [each.version for each in releases("kombu")] == ["5.6"]
                assert releases("kombu") == releases("kombu")
        assert index.asked == ["/simple/kombu/"]


def test_of_what_the_index_does_not_have_no_release_is_known(tmp_path: Path) -> None:
    with LocalIndex() as index, open_index({"UV_DEFAULT_INDEX": index.url}, timeout=PATIENCE) as opened:
        assert Releases(opened, tmp_path)("kombu") == ()
