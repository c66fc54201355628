from hypothesis import given
from hypothesis import strategies as st

from harness.diagnosis.minimal import minimal


def search(changes: list[int], needed: frozenset[int]) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
    """What is left, and what was tried."""
    tried: list[tuple[int, ...]] = []
    trying = minimal(changes)
    try:
        some = next(trying)
        while True:
            tried.append(some)
            some = trying.send(needed <= set(some))
    except StopIteration as end:
        return end.value, tried


@given(st.integers(min_value=1, max_value=24), st.sets(st.integers(min_value=0, max_value=23), max_size=4))
def test_exactly_what_is_needed_is_left(count: int, needed: set[int]) -> None:
    wanted = frozenset(needed) & set(range(count)) or frozenset({0})
    left, tried = search(list(range(count)), wanted)
    assert set(left) == wanted
    assert all(set(some) < set(range(count)) for some in tried)


def test_one_of_many_takes_few_trials() -> None:
    for culprit in range(32):
        assert len(search(list(range(32)), frozenset({culprit}))[1]) <= 10


def test_of_one_nothing_is_tried() -> None:
    assert search([7], frozenset({7})) == ((7,), [])
