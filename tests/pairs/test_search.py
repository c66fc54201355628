from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.field import Field, Pin, Pins
from harness.pairs.search import PairCost, Search
from tests.pairs.fields import fields, parts, rows_without

Case = tuple[Search, Pins]
Prices = dict[Pins, int]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A search, and the pins that are sought."""
    field = draw(fields())
    obstacles = draw(st.frozensets(parts(field), max_size=8))
    return Search(field=field, obstacles=obstacles), draw(parts(field))


def prices_of(field: Field) -> st.SearchStrategy[Prices]:
    """What pins and pairs cost: whole numbers, so that sums are exact."""
    priced = [*field.tuples(1), *field.pairs]
    return st.fixed_dictionaries(dict.fromkeys(priced, st.integers(0, 4)))


def cost_of(row: Pins, prices: Prices) -> int:
    return sum(prices[each] for size in (1, 2) for each in combinations(row, size))


def pair_cost(prices: Prices) -> PairCost:
    return lambda one, other: prices[one, other]


@given(cases())
def test_an_obstacle_is_found_where_there_is_one_and_none_is_smaller(case: Case) -> None:
    search, _ = case
    for row in rows_without(search.field, ()):
        within = [each for each in search.obstacles if set(each) <= set(row)]
        found = search.obstacle_in(row)
        assert (found in within) if within else (found is None)
        assert found is None or len(found) == min(map(len, within))


@given(cases())
def test_pins_are_feasible_if_some_row_has_them(case: Case) -> None:
    search, pins = case
    # Twice: what one answer leaves behind must not change another.
    for each in (pins, *search.field.pairs, pins):
        assert search.feasible(each) == bool(rows_without(search.field, search.obstacles, each))


@given(cases(), st.data())
def test_what_was_found_holds_with_other_obstacles_only_as_far_as_it_is_true(
    case: Case, data: st.DataObject
) -> None:
    search, _ = case
    for each in data.draw(st.lists(st.sampled_from(search.field.pairs))):
        search.feasible(each)
    obstacles = data.draw(st.frozensets(parts(search.field), max_size=8))
    changed = search.with_obstacles(obstacles | data.draw(st.sampled_from((frozenset(), search.obstacles))))
    for each in search.field.pairs:
        assert changed.feasible(each) == bool(rows_without(search.field, changed.obstacles, each))


@given(cases(), st.data())
def test_the_first_row_is_one_and_is_found_if_there_is_one(case: Case, data: st.DataObject) -> None:
    search, pins = case
    rows = rows_without(search.field, search.obstacles, pins)
    prices = data.draw(prices_of(search.field))
    for found in (search.first(pins), search.first(pins, pair_cost(prices))):
        assert (found in rows) if rows else (found is None)


@given(cases(), st.data())
def test_no_row_is_cheaper_than_the_cheapest_of_those_not_tried(case: Case, data: st.DataObject) -> None:
    search, pins = case
    rows = rows_without(search.field, search.obstacles, pins)
    tried = data.draw(st.frozensets(st.sampled_from(sorted(rows)))) if rows else frozenset()
    prices = data.draw(prices_of(search.field))
    by_pin: dict[Pin, float] = {pins[0]: prices[pins] for pins in search.field.tuples(1)}
    found = search.cheapest(pins, pair_cost(prices), by_pin, tried=tried)
    left = rows - tried
    if found is None:
        assert not left
    else:
        cost, row = found
        assert row in left
        assert cost == cost_of(row, prices) == min(cost_of(each, prices) for each in left)


@given(cases(), st.integers(0, 5))
def test_some_rows_are_as_many_as_wanted_or_all_that_there_are(case: Case, number: int) -> None:
    search, pins = case
    rows = rows_without(search.field, search.obstacles, pins)
    found = search.some(pins, number)
    assert found <= rows
    assert len(found) == min(number, len(rows))


@given(cases())
def test_the_same_search_finds_the_same_row(case: Case) -> None:
    search, pins = case
    again = Search(field=search.field, obstacles=frozenset(sorted(search.obstacles)))
    assert search.first(pins) == again.first(pins)
    assert search.cheapest(pins) == again.cheapest(pins)


@pytest.mark.parametrize(("beat", "celery"), [("1.6", "4.4"), ("2.0", "5.0"), ("2.8", "5.5")])
def test_of_equally_cheap_values_the_one_of_the_same_time_is_taken(beat: str, celery: str) -> None:
    released = {("beat", "1.6"): 10, ("beat", "2.0"): 20, ("beat", "2.8"): 100}
    released |= {("celery", "4.4"): 11, ("celery", "5.0"): 19, ("celery", "5.5"): 98}
    axes = {"celery": ("4.4", "5.0", "5.5"), "beat": ("1.6", "2.0", "2.8")}
    search = Search(field=Field(axes=axes, forbidden={}, released=released), obstacles=frozenset())
    assert search.first((("beat", beat),)) == (("celery", celery), ("beat", beat))
