from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.shard import Shard, parse_shard, split
from harness.records.costs import costs_of
from harness.records.store import Run, read_runs
from tests.matrix.shortest import at_least, shortest

REPORTS = Path(__file__).parents[2] / "reports"
COSTS = st.dictionaries(st.text(max_size=3), st.floats(min_value=0, max_value=1000))
FEW = st.lists(st.integers(min_value=1, max_value=40), min_size=1, max_size=7)
NEAR = 1.1  # times the shortest that can be had


@given(COSTS, st.integers(min_value=1, max_value=9))
def test_every_cell_is_in_one_shard_and_the_order_stays(costs: dict[str, float], count: int) -> None:
    shards = split(costs, count)
    assert len(shards) == count
    assert sorted(cell for cells in shards for cell in cells) == sorted(costs)
    assert all(list(cells) == [cell for cell in costs if cell in cells] for cells in shards)


@given(COSTS, st.integers(min_value=1, max_value=9))
def test_every_machine_computes_the_same_split(costs: dict[str, float], count: int) -> None:
    assert split(costs, count) == split(dict(costs), count)


@given(FEW, st.integers(min_value=1, max_value=3))
def test_the_longest_shard_is_at_most_13_11ths_of_the_shortest_that_can_be_had(
    costs: list[int], count: int
) -> None:
    longest = max(map(sum, _lengths(costs, count)))
    assert shortest(costs, count) <= longest <= shortest(costs, count) * 13 / 11


@given(FEW, st.integers(min_value=1, max_value=3))
def test_what_is_compared_with_is_never_longer_than_what_can_be_had(costs: list[int], count: int) -> None:
    assert at_least(costs, count) <= shortest(costs, count)


def _lengths(costs: list[int], count: int) -> list[list[int]]:
    named = {str(index): cost / 1000 for index, cost in enumerate(costs)}
    return [[costs[int(cell)] for cell in cells] for cells in split(named, count)]


@pytest.fixture(scope="module")
def committed() -> tuple[Run, ...]:
    return read_runs(REPORTS / "runs", outline=True)


@pytest.mark.parametrize("plan", ["default", "timezone", "screen", "fresh"])
def test_shards_of_what_was_measured_are_as_short_as_can_be_had(
    plan: str, committed: tuple[Run, ...]
) -> None:
    run = next(run for run in reversed(committed) if run.header.plan == plan and run.header.cells)
    costs = costs_of(run.header.cells, committed, run.results[0].checks)
    whole = {cell: round(seconds * 1000) for cell, seconds in costs.seconds.items()}
    for count in range(2, 65):
        longest = max(sum(map(whole.__getitem__, cells)) for cells in split(costs.seconds, count))
        # Where one cell is longer than its share, that cell is what can be had.
        assert longest <= NEAR * at_least([*whole.values()], count), (plan, count)


def test_without_a_cell_the_shards_are_empty() -> None:
    assert split({}, 2) == ((), ())


def test_more_shards_than_cells_leave_some_empty() -> None:
    assert sorted(split({"a": 1.0, "b": 2.0}, 3)) == [(), ("a",), ("b",)]


@pytest.mark.parametrize("text", ["1/1", "2/5", "64/64"])
def test_a_shard_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_shard(text)) == text


def test_a_shard_has_its_number_first() -> None:
    assert parse_shard("2/5") == Shard(number=2, count=5)


@pytest.mark.parametrize(
    "text", ["", "2", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", " 1/2", "1/2\n", "1/\u0662"]
)
def test_what_is_no_shard_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write 1/2 and 2/2"):
        parse_shard(text)
