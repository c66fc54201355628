"""Hunches: what the rows with one signature seem to share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.field import Field, Pin, Pins
from harness.pairs.hunches import SIZES, Hunch, hunches
from tests.pairs.fields import rows_without

FIELD = Field(
    axes={axis: tuple(f"{value}.0" for value in range(4)) for axis in ("a", "b", "c", "d")}, forbidden={}
)
ROWS = sorted(rows_without(FIELD, ()))


@dataclass(frozen=True, kw_only=True)
class Tried:
    """Rows that failed, by signature, and rows that work."""

    failed: Mapping[str, list[Pins]]
    passed: list[Pins]

    @property
    def hunches(self) -> tuple[Hunch, ...]:
        return hunches(FIELD, self.failed, self.passed)


def pin(name: str) -> Pin:
    return name[0], f"{name[1]}.0"


def fail_with(*pins: str) -> Callable[[Pins], bool]:
    """What fails in a row with these pins."""
    return lambda row: {pin(each) for each in pins} <= set(row)


def tried(rows: list[Pins], fails: Callable[[Pins], bool]) -> Tried:
    return Tried(
        failed={"worker:exited": [row for row in rows if fails(row)]},
        passed=[row for row in rows if not fails(row)],
    )


@st.composite
def trials(draw: st.DrawFn) -> Tried:
    """Rows of a field with planted causes, some of which share a signature; some rows fail by bad luck."""
    culprits = draw(st.lists(st.sampled_from([*FIELD.tuples(2), *FIELD.tuples(3)]), max_size=5))
    random = Random(draw(st.integers(0, 1000)))  # noqa: S311 - no secret
    luck = draw(st.sampled_from([0, 0.02]))
    failed: dict[str, list[Pins]] = {}
    passed: list[Pins] = []
    for row in random.sample(ROWS, draw(st.integers(0, len(ROWS)))):
        culprit = next((place for place, each in enumerate(culprits) if set(each) <= set(row)), None)
        if culprit is None and random.random() < luck:
            culprit = 0
        if culprit is None:
            passed.append(row)
        else:
            failed.setdefault("import" if culprit % 2 else "worker", []).append(row)
    return Tried(failed=failed, passed=passed)


@given(trials())
def test_a_hunch_is_never_about_what_was_seen_to_work(tried: Tried) -> None:
    for hunch in tried.hunches:
        assert len(hunch.axes) in SIZES
        assert hunch.pins.isdisjoint(
            together for row in tried.passed for together in combinations(row, len(hunch.axes))
        )
        assert not [row for row in tried.passed if hunch.about(row)]


@given(trials())
def test_every_row_with_its_signature_is_what_a_hunch_is_about(tried: Tried) -> None:
    for hunch in tried.hunches:
        assert all(map(hunch.about, tried.failed[hunch.signature]))


@given(st.sampled_from(ROWS), st.lists(st.sampled_from(ROWS), max_size=40))
def test_one_row_alone_makes_no_hunch(row: Pins, passed: list[Pins]) -> None:
    assert not hunches(FIELD, {"worker:exited": [row, row]}, [each for each in passed if each != row])


@given(st.sampled_from(sorted(FIELD.pairs)))
def test_a_planted_pair_is_what_it_names_when_there_are_rows_enough(pair: Pins) -> None:
    [hunch] = tried(ROWS, set(pair).issubset).hunches
    assert hunch.pins == {pair}


def test_nothing_is_suspected_while_few_rows_would_have_worked() -> None:
    rows = [row for row in ROWS if {pin("c0"), pin("d0")} <= set(row)]
    assert not tried(rows, fail_with("a1", "b1")).hunches


def test_three_axes_are_taken_where_two_do_not_explain_it() -> None:
    [hunch] = tried(ROWS, fail_with("a1", "b2", "d3")).hunches
    assert hunch.pins == {(pin("a1"), pin("b2"), pin("d3"))}


def test_values_between_two_that_failed_are_included_unless_something_works_there() -> None:
    def fails(row: Pins) -> bool:
        return fail_with("a0", "b1")(row) or fail_with("a2", "b1")(row)

    between = [row for row in ROWS if fail_with("a1", "b1")(row)]
    others = [row for row in ROWS if row not in between]
    [hunch] = tried(others, fails).hunches
    assert hunch.pins == {(pin(f"a{value}"), pin("b1")) for value in range(3)}
    [hunch] = tried([*others, between[0]], fails).hunches
    assert hunch.pins == {(pin("a0"), pin("b1")), (pin("a2"), pin("b1"))}


def test_each_signature_has_a_hunch_of_its_own() -> None:
    one, other = fail_with("a1", "b2"), fail_with("c0", "d3")
    failed = {
        "import": [row for row in ROWS if one(row)],
        "worker": [row for row in ROWS if other(row) and not one(row)],
    }
    passed = [row for row in ROWS if not one(row) and not other(row)]
    assert {hunch.signature: hunch.pins for hunch in hunches(FIELD, failed, passed)} == {
        "import": {(pin("a1"), pin("b2"))},
        "worker": {(pin("c0"), pin("d3"))},
    }
