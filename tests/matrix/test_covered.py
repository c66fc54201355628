from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.field import Declaration, Field, Pins, Row, Strength, in_order
from tests.matrix.covered import infeasible, uncovered
from tests.matrix.fields import PAIRS, REAL_STRENGTHS, fields, real_field

FIELD = Field(
    axes={"python": ("3.6", "3.12"), "django": ("2.2", "6.0"), "celery": ("4.4", "5.7")},
    forbidden={
        (("python", "3.6"), ("django", "6.0")): Declaration(text="Django 6.0 requires Python >=3.12"),
        (("python", "3.12"), ("celery", "4.4")): Declaration(text="Celery 4.4 has no Python 3.12"),
    },
)
NEW_AND_OLD = (("django", "6.0"), ("celery", "4.4"))


def row(python: str, django: str, celery: str) -> Row:
    return {"python": python, "django": django, "celery": celery}


def has(row: Row, part: Pins) -> bool:
    return part == in_order({axis: row[axis] for axis, _value in part}, row)


def test_what_no_row_has_is_told() -> None:
    rows = [row("3.6", "2.2", "4.4"), row("3.12", "6.0", "5.7"), row("3.6", "2.2", "5.7")]
    assert uncovered(FIELD, rows, [PAIRS]) == ((("python", "3.12"), ("django", "2.2")),)


def test_a_tuple_whose_every_row_is_forbidden_need_not_be_covered() -> None:
    everything = [row(*values) for values in product(*FIELD.axes.values())]
    assert uncovered(FIELD, everything, [PAIRS]) == ()


def test_a_forbidden_row_covers_nothing() -> None:
    assert (("django", "2.2"), ("celery", "4.4")) in uncovered(FIELD, [row("3.12", "2.2", "4.4")], [PAIRS])


def test_a_row_that_lacks_an_axis_or_knows_others_covers_what_it_has() -> None:
    strange = {"python": "3.12", "django": "6.0", "celery": "5.8", "kombu": "5.7"}
    missing = uncovered(FIELD, [strange], [(1, None)])
    assert missing == ((("python", "3.6"),), (("django", "2.2"),), (("celery", "4.4"),), (("celery", "5.7"),))


def test_strengths_are_of_all_axes_or_of_those_named() -> None:
    strengths: list[Strength] = [(2, ("django", "celery")), (3, None)]
    told = uncovered(FIELD, [], strengths)
    assert (("django", "2.2"), ("celery", "4.4")) in told
    assert (("python", "3.6"), ("celery", "4.4")) not in told
    assert (("python", "3.6"), ("django", "2.2"), ("celery", "4.4")) in told


def test_what_no_row_can_have_has_its_declarations() -> None:
    assert infeasible(FIELD, [PAIRS]) == {
        **{pair: declaration.text for pair, declaration in FIELD.forbidden.items()},
        NEW_AND_OLD: "no python goes with it: "
        "Django 6.0 requires Python >=3.12; Celery 4.4 has no Python 3.12",
    }


def test_a_tuple_can_be_impossible_though_each_value_goes_with_it() -> None:
    axes = {"a": ("0",), "b": ("0", "1"), "c": ("0", "1")}
    no = Declaration(text="no b goes with a c")
    pairs: dict[Pins, Declaration] = {(("b", b), ("c", c)): no for b, c in product("01", "01")}
    told = infeasible(Field(axes=axes, forbidden=pairs), [(1, None)])
    assert told[(("a", "0"),)] == "each value goes with it, but no row of them is allowed"
    assert told[(("b", "0"),)] == "no c goes with it: no b goes with a c"


@given(fields(), st.integers(1, 3))
def test_a_tuple_is_infeasible_when_no_row_of_the_whole_product_has_it(field: Field, strength: int) -> None:
    rows = [dict(zip(field.axes, values, strict=True)) for values in product(*field.axes.values())]
    allowed = [row for row in rows if not field.why_not(row)]
    found = {part for part in field.tuples(strength) if not any(has(row, part) for row in allowed)}
    assert set(infeasible(field, [(strength, None)])) == found
    assert set(uncovered(field, [], [(strength, None)])) == set(field.tuples(strength)) - found
    assert uncovered(field, allowed, [(strength, None)]) == ()


def test_each_infeasible_tuple_of_the_real_field_is_explained_by_declarations() -> None:
    field = real_field()
    told = infeasible(field, REAL_STRENGTHS)
    assert len(told) > len(field.forbidden)
    assert all("declares" in why for why in told.values())
