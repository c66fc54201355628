import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise, product
from pathlib import Path

import pytest
from covertable.main import Controller
from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.cover import cover
from harness.matrix.field import Field, Pin, Pins, Row, Strength
from tests.matrix.covered import uncovered
from tests.matrix.fields import MODELS, PAIRS, REAL_STRENGTHS, fields, real_field, without

# How these were counted is said in the file.
COVERTABLE = json.loads((Path(__file__).parent / "covertable.json").read_text(encoding="utf-8"))

STRENGTHS = st.sampled_from(
    [
        [PAIRS],
        [(1, None)],
        [(3, None)],
        [PAIRS, (3, ("axis-0", "axis-1", "axis-2"))],
        [(2, ("axis-0", "axis-1"))],
    ]
)


@st.composite
def rows_of(draw: st.DrawFn, field: Field) -> list[Row]:
    """Rows of a field, forbidden ones among them, some with an axis less or with a value of no axis."""
    row = st.fixed_dictionaries(
        {}, optional={axis: st.sampled_from([*values, "?"]) for axis, values in field.axes.items()}
    )
    return draw(st.lists(row, max_size=5))


def same(rows: Sequence[Row]) -> set[frozenset[Pin]]:
    return {frozenset(row.items()) for row in rows}


@cache
def real_plan() -> tuple[Row, ...]:
    return cover(real_field(), REAL_STRENGTHS)


@given(st.data(), fields(), STRENGTHS)
def test_seeds_known_and_new_rows_cover_every_feasible_tuple(
    data: st.DataObject, field: Field, strengths: list[Strength]
) -> None:
    seeds, known = data.draw(rows_of(field)), data.draw(rows_of(field))
    rows = cover(field, strengths, seeds=seeds, known=known)
    assert uncovered(field, [*known, *rows], strengths) == ()


@given(st.data(), fields(), STRENGTHS)
def test_seeds_come_first_as_they_are_and_new_rows_are_whole_allowed_and_of_use(
    data: st.DataObject, field: Field, strengths: list[Strength]
) -> None:
    seeds, known = data.draw(rows_of(field)), data.draw(rows_of(field))
    rows = cover(field, strengths, seeds=seeds, known=known)
    asked = [seed for number, seed in enumerate(seeds) if seed not in (*known, *seeds[:number])]
    assert list(rows[: len(asked)]) == asked
    before: list[Row] = [*known, *asked]
    for row in rows[len(asked) :]:
        assert list(row) == list(field.axes)
        assert not field.why_not(row)
        assert len(uncovered(field, [*before, row], strengths)) < len(uncovered(field, before, strengths))
        before.append(row)


@given(st.data(), fields(), STRENGTHS)
def test_the_same_question_has_the_same_plan(
    data: st.DataObject, field: Field, strengths: list[Strength]
) -> None:
    seeds, known = data.draw(rows_of(field)), data.draw(rows_of(field))
    again = Field(axes=dict(field.axes), forbidden=dict(reversed(list(field.forbidden.items()))))
    assert cover(field, strengths, seeds=seeds, known=known) == cover(
        again, strengths, seeds=seeds, known=known
    )


@given(fields(), STRENGTHS)
def test_a_plan_that_was_run_needs_nothing_more(field: Field, strengths: list[Strength]) -> None:
    rows = cover(field, strengths)
    assert cover(field, strengths, known=rows) == ()
    assert cover(field, strengths, seeds=rows) == rows


@given(st.data(), fields().filter(lambda field: any(len(values) > 1 for values in field.axes.values())))
def test_a_new_value_costs_only_rows_that_have_it(data: st.DataObject, field: Field) -> None:
    axis = data.draw(st.sampled_from([axis for axis, values in field.axes.items() if len(values) > 1]))
    value = data.draw(st.sampled_from(field.axes[axis]))
    former = cover(without(field, (axis, value)), [PAIRS])
    rows = cover(field, [PAIRS], known=former)
    assert all(row[axis] == value for row in rows)
    assert not same(rows) & same(former)
    assert len(rows) <= len(greedily(field, uncovered(field, former, [PAIRS])))


def greedily(field: Field, parts: Iterable[Pins]) -> list[set[Pins]]:
    """What rows have of the parts: of all rows there are, always the one that has most of what is left."""
    left, taken = set(parts), list[set[Pins]]()
    rows = [dict(zip(field.axes, values, strict=True)) for values in product(*field.axes.values())]
    has = [left.intersection(combinations(row.items(), 2)) for row in rows if not field.why_not(row)]
    while left:
        taken.append(max(has, key=lambda parts: len(parts & left)))
        left -= taken[-1]
    return taken


@given(st.lists(st.integers(1, 5), min_size=2, max_size=5), st.data())
def test_where_nothing_is_forbidden_a_new_value_costs_as_many_rows_as_the_longest_other_axis(
    sizes: list[int], data: st.DataObject
) -> None:
    axes = {f"axis-{number}": tuple(map(str, range(size + 1))) for number, size in enumerate(sizes)}
    field = Field(axes=axes, forbidden={})
    axis = data.draw(st.sampled_from(list(axes)))
    former = cover(without(field, (axis, axes[axis][-1])), [PAIRS])
    rows = cover(field, [PAIRS], known=former)
    assert len(rows) == max(len(values) for name, values in axes.items() if name != axis)


@pytest.mark.parametrize("axis", real_field().axes)
def test_a_new_release_costs_no_more_rows_than_its_values_need(axis: str) -> None:
    field = real_field()
    newest = (axis, field.axes[axis][-1])
    former = cover(without(field, newest), REAL_STRENGTHS)
    rows = cover(field, REAL_STRENGTHS, known=former)
    new = uncovered(field, former, REAL_STRENGTHS)
    assert all(newest in part for part in new)
    assert all(row[axis] == newest[1] for row in rows)
    assert uncovered(field, [*former, *rows], REAL_STRENGTHS) == ()
    assert len(rows) == needed(field, new)


def needed(field: Field, parts: Iterable[Pins]) -> int:
    """A value needs a row for each part that it has of the same axes, and rows that no other value shares."""
    counted = Counter((pin, tuple(axis for axis, _value in part)) for part in parts for pin in part)
    most: Counter[Pin] = Counter()
    for (pin, _axes), number in counted.items():
        most[pin] = max(most[pin], number)
    return max(sum(most[axis, value] for value in values) for axis, values in field.axes.items())


def test_the_real_plan_covers_every_feasible_pair_and_triple() -> None:
    field = real_field()
    assert uncovered(field, real_plan(), REAL_STRENGTHS) == ()
    assert not any(map(field.why_not, real_plan()))


def test_rows_that_cover_most_come_first() -> None:
    field = real_field()
    left = [len(uncovered(field, real_plan()[:number], [PAIRS])) for number in range(0, 401, 50)]
    gains = [before - after for before, after in pairwise(left)]
    assert gains == sorted(gains, reverse=True)


@pytest.mark.parametrize("name", MODELS)
def test_a_plan_has_not_many_more_rows_than_the_best_of_covertable(name: str) -> None:
    field, strengths = MODELS[name]
    assert len(cover(field, strengths)) <= 1.15 * COVERTABLE["rows"][name]


@given(fields())
def test_covertable_finds_nothing_to_add(field: Field) -> None:
    rows = [dict(row) for row in cover(field, [PAIRS])]
    controller = Controller(
        {axis: list(values) for axis, values in field.axes.items()},
        constraints=[
            {
                "operator": "or",
                "conditions": [{"operator": "ne", "left": axis, "value": value} for axis, value in pair],
            }
            for pair in field.forbidden
        ],
        presets=rows,
    )
    assert controller.make() == rows


def test_of_values_that_cover_as_much_the_nearest_in_time_is_taken() -> None:
    field = real_field()
    undated = cover(replace(field, released={}), REAL_STRENGTHS)
    apart, before = (sum(days_apart(row, field) for row in rows) for rows in (real_plan(), undated))
    assert apart < before


def days_apart(row: Row, field: Field) -> int:
    days = [field.released[pin] for pin in row.items()]
    return max(days) - min(days)


def test_an_empty_field_needs_no_row() -> None:
    assert cover(Field(axes={}, forbidden={}), [PAIRS]) == ()
    assert cover(Field(axes={"python": (), "django": ("6.0",)}, forbidden={}), [PAIRS]) == ()
