"""What failures are to be blamed on."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.matrix.field import Field, Pins
from harness.pairs.knowledge import Knowledge
from harness.pairs.trials import Outcome, Trial
from tests.pairs.fields import hidden_fields, rows_without
from tests.pairs.simulated import Hidden, find_out, next_probe

FIELD = Field(
    axes={
        "django": ("3.2", "4.2"),
        "celery": ("5.3", "5.4"),
        "redis": tuple(f"{major}.0" for major in range(8)),
    },
    forbidden={},
)
PAIR = (("django", "4.2"), ("celery", "5.4"))
ROWS = sorted(rows_without(FIELD, ()))
BAD = [row for row in ROWS if set(PAIR) <= set(row)]


def trial(row: Pins, signature: str = "", cell: str = "") -> Trial:
    return Trial(
        cell=cell or "-".join(value for _, value in row),
        pins=row,
        outcome=Outcome.FAILED if signature else Outcome.PASSED,
        as_installed=True,
        signature=signature,
    )


GOOD = tuple(trial(row) for row in ROWS if row not in BAD)


@pytest.mark.parametrize(
    ("signatures", "enough"),
    [
        ("aa", False),
        ("aaa", True),
        ("abc", False),
        ("aab", False),
        ("abcab", False),
        ("abcba", False),
        ("abaca", True),
        ("abcabc", True),
        ("abcdef", True),
    ],
)
def test_a_cause_has_one_signature_three_times_or_six_of_any(signatures: str, *, enough: bool) -> None:
    failed = (trial(row, signature) for row, signature in zip(BAD, signatures, strict=False))
    knowledge = Knowledge(field=FIELD, trials=(*GOOD, *failed))
    assert list(knowledge.causes) == [PAIR] * enough


@pytest.mark.parametrize("signatures", ["ab", "abc", "abcde"])
def test_all_rows_that_there_are_make_a_cause(signatures: str) -> None:
    field = replace(FIELD, axes={**FIELD.axes, "redis": FIELD.axes["redis"][: len(signatures)]})
    good = tuple(each for each in GOOD if each.pins in rows_without(field, ()))
    rows = sorted(rows_without(field, (), having=PAIR))
    failed = tuple(trial(row, signature) for row, signature in zip(rows, signatures, strict=True))
    assert not Knowledge(field=field, trials=(*good, *failed[1:])).causes
    assert list(Knowledge(field=field, trials=(*good, *failed)).causes) == [PAIR]


def test_echoes_count_where_a_pair_has_failed_in_the_same_way_itself() -> None:
    echoes = tuple(trial(row, "a", f"echo-{place}") for place, row in enumerate(BAD[:2]))

    def causes(*own: Trial) -> list[Pins]:
        return list(Knowledge(field=FIELD, trials=(*GOOD, *own), echoes=echoes).causes)

    assert not causes()
    assert not causes(trial(BAD[2], "b"))
    assert causes(trial(BAD[2], "a")) == [PAIR]


def test_one_row_is_enough_for_a_signature_that_is_understood_and_a_pair_that_seems_to_share_it() -> None:
    axes = {axis: tuple(f"{value}.0" for value in range(4)) for axis in ("a", "b", "c", "d")}
    field = Field(axes=axes, forbidden={})
    one, other = ((("a", value), ("b", "1.0")) for value in ("0.0", "1.0"))
    rows = sorted(rows_without(field, ()))
    good = tuple(trial(row) for row in rows if not set(one) <= set(row) and not set(other) <= set(row))
    failed = [trial(row, "s") for row in rows if set(one) <= set(row)]
    once = next(trial(row, "s") for row in rows if set(other) <= set(row))
    for understood, expected in ((), [one]), (("t",), [one]), (("s",), [one, other]):
        knowledge = Knowledge(field=field, trials=(*good, *failed, once), understood=frozenset(understood))
        assert other in knowledge.accused
        assert sorted(knowledge.causes) == expected
    # It is accused, but was never seen to fail.
    knowledge = Knowledge(field=field, trials=(*good, *failed), understood=frozenset("s"))
    assert list(knowledge.causes) == [one]
    # It failed in a way of its own.
    strange = replace(once, signature="t")
    knowledge = Knowledge(field=field, trials=(*good, *failed, strange), understood=frozenset("s"))
    assert list(knowledge.causes) == [one]


@pytest.mark.parametrize(("shown", "enough"), [(2, False), (3, True)])
def test_one_row_is_enough_where_three_pairs_of_the_same_axes_were_shown(shown: int, *, enough: bool) -> None:
    axes = {axis: tuple(f"{value}.0" for value in range(5)) for axis in ("a", "b", "c", "d")}
    field = Field(axes=axes, forbidden={})
    pairs = [(("a", f"{value}.0"), ("b", "1.0")) for value in range(4)]
    rows = sorted(rows_without(field, ()))
    good = [trial(row) for row in rows if not any(set(pair) <= set(row) for pair in pairs)]
    failed = [trial(row, "s") for row in rows if any(set(pair) <= set(row) for pair in pairs[:shown])]
    once = next(trial(row, "s") for row in rows if set(pairs[3]) <= set(row))
    for expected, trials, echoes in (
        (pairs[:shown] + pairs[3:] * enough, (*good, *failed, once), ()),
        # It did so in another resolution only: it may work in this one.
        (pairs[:shown], (*good, *failed), (once,)),
        (pairs[:shown], (*good, *failed, replace(once, signature="t")), ()),
    ):
        knowledge = Knowledge(field=field, trials=tuple(trials), echoes=echoes)
        assert sorted(knowledge.causes) == expected


def test_one_row_is_not_enough_where_other_pairs_explain_the_same_rows() -> None:
    axes = {axis: tuple(f"{value}.0" for value in range(4)) for axis in ("a", "b", "c", "d")}
    field = Field(axes=axes, forbidden={})
    one, other = (("a", "0.0"), ("b", "1.0")), (("a", "0.0"), ("c", "1.0"))
    rows = sorted(rows_without(field, ()))
    good = [trial(row) for row in rows if not set(one) <= set(row) and not set(other) <= set(row)]
    failed = [trial(row, "s") for row in rows if {*one, *other} <= set(row)]
    knowledge = Knowledge(field=field, trials=(*good, *failed), understood=frozenset("s"))
    assert knowledge.accused
    assert not knowledge.causes
    # A row without the one shows that it is the other.
    told = next(row for row in rows if set(other) <= set(row) and not set(one) <= set(row))
    works = next(row for row in rows if set(one) <= set(row) and not set(other) <= set(row))
    trials = (*good, *failed, trial(told, "s"), trial(works))
    knowledge = Knowledge(field=field, trials=trials, understood=frozenset("s"))
    assert list(knowledge.causes) == [other]


@settings(max_examples=10, deadline=None)
@given(hidden_fields(), st.lists(st.integers(0, 120), max_size=4))
def test_a_memory_changes_no_answer(hidden: Hidden, cuts: list[int]) -> None:
    found = find_out(hidden)
    memory = found.memory
    # Forwards and backwards: what is remembered is of trials that are not there.
    for cut in (*cuts, len(found.trials)):
        fresh = Knowledge(field=hidden.field, trials=found.trials[:cut])
        used = Knowledge(field=hidden.field, trials=found.trials[:cut], memory=memory)
        assert used.causes == fresh.causes
        assert used.standings() == fresh.standings()
        assert next_probe(used, ()) == next_probe(fresh, ())


def test_a_memory_does_not_take_a_cell_that_fails_in_another_way_for_what_it_was() -> None:
    first = [trial(row, "a") for row in BAD[:3]]
    again = [*first[:2], trial(BAD[2], "b")]
    before = Knowledge(field=FIELD, trials=(*GOOD, *first))
    assert list(before.causes) == [PAIR]
    assert not Knowledge(field=FIELD, trials=(*GOOD, *again), memory=before.memory).causes
