from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.bits import BitField, each
from harness.matrix.field import Field
from tests.matrix.covered import uncovered
from tests.matrix.fields import PAIRS, fields


@given(st.sets(st.integers(0, 99)))
def test_bits_are_told_one_by_one(places: set[int]) -> None:
    assert list(each(sum(1 << place for place in places))) == [1 << place for place in sorted(places)]


@given(fields(), st.integers(1, 4))
def test_goals_are_the_tuples_that_some_row_has(field: Field, strength: int) -> None:
    bits = BitField(field=field)
    goals = {tuple(bits.row(goal).items()) for goal in bits.goals([(strength, None)])}
    assert goals == set(uncovered(field, [], [(strength, None)]))


@given(fields())
def test_a_row_and_its_bits_are_the_same(field: Field) -> None:
    bits = BitField(field=field)
    for values in product(*field.axes.values()):
        row = dict(zip(field.axes, values, strict=True))
        assert bits.row(bits.bits(row)) == row
        allowed = bits.room(bits.bits(row)) & bits.bits(row) == bits.bits(row)
        assert allowed == (not field.why_not(row))


def test_pairs_within_a_triple_are_no_goals_of_their_own() -> None:
    field = Field(axes=dict.fromkeys("abcd", ("0", "1")), forbidden={})
    bits = BitField(field=field)
    blocks = {frozenset(bits.row(goal)) for goal in bits.goals([PAIRS, (3, ("a", "b", "c"))])}
    assert blocks == {frozenset("abc"), frozenset("ad"), frozenset("bd"), frozenset("cd")}
