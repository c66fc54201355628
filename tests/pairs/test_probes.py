"""The planner and what it concludes, on fields with a hidden table of what works."""

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.matrix.field import Field, Pins
from harness.pairs.knowledge import Knowledge, State
from harness.pairs.probes import triple_probe
from tests.pairs.simulated import Hidden, find_out, next_probe, plant

SIZES = (3, 4, 4, 3, 5)


@st.composite
def hidden_fields(draw: st.DrawFn) -> Hidden:
    """Small fields with culprits of one, two and three pins."""
    culprits = draw(st.lists(st.sampled_from([1, 2, 2, 2, 3, 3]), max_size=8))
    return plant(
        SIZES,
        forbidden=draw(st.sampled_from([0.0, 0.1, 0.2])),
        culprits=culprits,
        seed=draw(st.integers(min_value=0, max_value=10_000)),
    )


@settings(max_examples=30)
@given(hidden_fields())
def test_every_pair_is_settled_and_as_it_is(hidden: Hidden) -> None:
    knowledge = find_out(hidden)
    working = hidden.working
    for standing in knowledge.standings():
        assert standing.state is not State.OPEN
        assert (standing.state is State.WORKS) == (standing.pair in working), standing


@settings(max_examples=10)
@given(hidden_fields())
def test_no_row_is_tried_that_a_declaration_forbids_and_none_twice(hidden: Hidden) -> None:
    rows = [trial.pins for trial in find_out(hidden).trials]
    assert len(set(rows)) == len(rows)
    assert not [row for row in rows if hidden.field.why_not(dict(row))]


@settings(max_examples=5)
@given(hidden_fields())
def test_the_same_knowledge_has_the_same_row(hidden: Hidden) -> None:
    assert [t.pins for t in find_out(hidden).trials] == [t.pins for t in find_out(hidden).trials]


@settings(max_examples=5)
@given(hidden_fields(), st.sets(st.integers(min_value=0, max_value=60), max_size=10))
def test_rows_that_say_nothing_make_no_working_pair_broken(hidden: Hidden, spoilt: set[int]) -> None:
    count = iter(range(10_000))
    knowledge = find_out(hidden, spoil=lambda _: next(count) in spoilt)
    working = hidden.working
    broken = [each for each in knowledge.standings() if each.state is State.BROKEN]
    assert not [each for each in broken if each.pair in working]


def test_a_planted_pair_is_found_with_nothing_else_to_blame() -> None:
    culprit = (("axis1", "2.0"), ("axis3", "1.0"))
    clear = plant(SIZES, forbidden=0, culprits=(), seed=1)
    knowledge = find_out(Hidden(field=clear.field, culprits=(culprit,)))
    assert list(knowledge.causes) == [culprit]
    [standing] = [each for each in knowledge.standings() if each.state is State.BROKEN]
    assert (standing.pair, standing.culprit, standing.because) == (culprit, culprit, repr(culprit))
    assert len(standing.cells) >= 3


def test_a_value_that_fails_with_everything_is_to_blame_itself() -> None:
    culprit = (("axis4", "0.0"),)
    clear = plant(SIZES, forbidden=0, culprits=(), seed=1)
    knowledge = find_out(Hidden(field=clear.field, culprits=(culprit,)))
    assert list(knowledge.causes) == [culprit]
    broken = {each.pair for each in knowledge.standings() if each.state is State.BROKEN}
    assert broken == {pair for pair in clear.field.pairs if culprit[0] in pair}


def test_three_pins_that_fail_together_break_no_pair() -> None:
    culprit = (("axis0", "0.0"), ("axis1", "0.0"), ("axis2", "0.0"))
    clear = plant(SIZES, forbidden=0, culprits=(), seed=1)
    knowledge = find_out(Hidden(field=clear.field, culprits=(culprit,)))
    assert {each.state for each in knowledge.standings()} == {State.WORKS}


def test_it_takes_far_fewer_cells_than_one_for_each_pair() -> None:
    hidden = plant((4, 6, 6, 6, 8), forbidden=0.1, culprits=(2, 2, 2, 3), seed=7)
    assert len(find_out(hidden).trials) < len(hidden.field.pairs) / 3


def test_a_pair_that_runs_is_not_asked_for_again() -> None:
    field = Field(axes={"a": ("1.0", "2.0"), "b": ("1.0",)}, forbidden={})
    nothing = Knowledge(field=field, trials=())
    running: list[Pins] = []
    while (probe := next_probe(nothing, running)) is not None:
        running.append(probe.row)
    assert sorted(running) == sorted(field.pairs)


def test_each_triple_has_a_row_once() -> None:
    field = Field(axes={"a": ("1.0", "2.0"), "b": ("1.0", "2.0"), "c": ("1.0", "2.0")}, forbidden={})
    nothing = Knowledge(field=field, trials=())
    triples = list(field.tuples(3))
    running: list[Pins] = []
    while (probe := triple_probe(nothing, running, triples)) is not None:
        running.append(probe.row)
    assert sorted(running) == sorted(triples)
