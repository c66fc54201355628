from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.makespan import CELLS, SLOTS, least, makespan, measured_seconds, simulate

RECORDS = Path(__file__).parents[2] / "reports" / "runs"
FEW = st.lists(st.integers(min_value=1, max_value=40), min_size=1, max_size=6)


def _shortest(seconds: list[int], slots: int) -> int:
    """By trying every way to deal the cells out."""
    ways = product(range(slots), repeat=len(seconds))
    return min(
        max(sum(s for s, at in zip(seconds, way, strict=True) if at == slot) for slot in range(slots))
        for way in ways
    )


@given(FEW, st.integers(min_value=1, max_value=3))
def test_no_order_is_quicker_than_what_is_called_the_least(seconds: list[int], slots: int) -> None:
    assert least(seconds, slots) <= _shortest(seconds, slots) <= makespan(seconds, slots)


@given(FEW, st.integers(min_value=1, max_value=3))
def test_dearest_first_takes_at_most_a_third_longer_than_it_must(seconds: list[int], slots: int) -> None:
    """Graham, 1969."""
    dearest = sorted(seconds, reverse=True)
    assert makespan(dearest, slots) <= _shortest(seconds, slots) * 4 / 3


@given(FEW)
def test_one_slot_takes_them_one_after_another(seconds: list[int]) -> None:
    assert makespan(seconds, 1) == sum(seconds)
    assert makespan(seconds, 1, between=2.0) == sum(seconds) + 2.0 * len(seconds)


@given(FEW)
def test_with_a_slot_for_each_the_longest_decides(seconds: list[int]) -> None:
    assert makespan(seconds, len(seconds)) == max(seconds)


@pytest.fixture(scope="module")
def measured() -> list[float]:
    return measured_seconds(RECORDS)


def test_ten_thousand_measured_cells_on_one_to_a_thousand_slots(measured: list[float]) -> None:
    assert len(measured) == CELLS
    rows = simulate(measured, between=0.01)
    assert [row.slots for row in rows] == list(SLOTS)
    for row in rows:
        assert row.least <= row.dearest_first <= 1.1 * row.least
        # The last begins when the others are all but done: the longest cell is all that can be lost.
        assert row.as_they_come <= (row.least + max(measured)) * 1.01
