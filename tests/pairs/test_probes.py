"""The planner and what it concludes, on fields with a hidden table of what works."""

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.matrix.field import Declaration, Field, Pins
from harness.pairs import probes
from harness.pairs.causes import ATTEMPTS
from harness.pairs.knowledge import Knowledge, State
from harness.pairs.probes import packed_probe, triple_probe
from harness.pairs.search import Search
from harness.pairs.trials import Outcome, Trial
from tests.pairs.fields import SIZES, hidden_fields, rows_without
from tests.pairs.simulated import Hidden, find_out, next_probe, plant


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


@settings(max_examples=30)
@given(hidden_fields())
def test_each_cause_is_found_and_the_right_culprit_named(hidden: Hidden) -> None:
    causes = find_out(hidden).causes
    fails = Search(field=hidden.field, obstacles=frozenset((*hidden.field.forbidden, *hidden.culprits)))
    # A cause is planted, or what is planted leaves it no row.
    assert not [pins for pins in causes if fails.feasible(pins)]
    for culprit in hidden.culprits:
        others = (each for each in hidden.culprits if each != culprit)
        shows = Search(field=hidden.field, obstacles=frozenset((*hidden.field.forbidden, *others)))
        # What others hide is in no row but theirs.
        if len(culprit) < 3 and shows.feasible(culprit):
            # Where a value of it has no row that works, that value is named: it says more.
            assert any(set(pins) <= set(culprit) for pins in causes), culprit


@settings(max_examples=30)
@given(hidden_fields(), st.sets(st.integers(min_value=0, max_value=60), max_size=ATTEMPTS - 1))
def test_less_bad_luck_than_makes_a_cause_breaks_nothing_that_has_rows_enough(
    hidden: Hidden, unlucky: set[int]
) -> None:
    count = iter(range(10_000))
    causes = find_out(hidden, unlucky=lambda _: next(count) in unlucky).causes
    works = Search(field=hidden.field, obstacles=frozenset((*hidden.field.forbidden, *hidden.culprits)))
    # Where so few rows work, all that exist may have been unlucky, and nobody can tell.
    assert not [pins for pins in causes if len(works.some(pins, ATTEMPTS)) >= ATTEMPTS]


@settings(max_examples=10)
@given(hidden_fields(), st.integers(min_value=0, max_value=60), st.integers(min_value=0, max_value=1000))
def test_packed_rows_avoid_what_hunches_are_about_and_what_others_advise_against(
    hidden: Hidden, cut: int, place: int
) -> None:
    pairs = hidden.field.pairs
    advised = pairs[place % len(pairs)]
    knowledge = Knowledge(
        field=hidden.field, trials=find_out(hidden).trials[:cut], avoid=frozenset({advised})
    )
    probe = packed_probe(knowledge, (), frozenset(pairs))
    if probe is not None:
        assert not [hunch for hunch in knowledge.hunches if hunch.about(probe.row)]
        assert not set(advised) <= set(probe.row)


def test_a_hunch_is_put_to_the_test_three_times_and_by_itself() -> None:
    sizes = {"a": 7, "b": 4, "c": 4, "d": 4}
    axes = {axis: tuple(f"{value}.0" for value in range(size)) for axis, size in sizes.items()}
    field = Field(axes=axes, forbidden={})

    def trial(row: Pins) -> Trial:
        values = dict(row)
        bad = (values["a"] in {"0.0", "6.0"} and values["b"] == "1.0") * "one"
        bad = bad or (values["c"] == "0.0" and values["d"] == "0.0") * "other"
        outcome = Outcome.FAILED if bad else Outcome.PASSED
        return Trial(cell=repr(row), pins=row, outcome=outcome, as_installed=True, signature=bad)

    # Nobody tried most of what lies between the two values of the one.
    rows = sorted(rows_without(field, ()))
    between = {((("a", f"{value}.0"), ("b", "1.0"))) for value in range(2, 6)}
    trials = [trial(row) for row in rows if not any(set(pair) <= set(row) for pair in between)]
    knowledge = Knowledge(field=field, trials=tuple(trials))
    assert {hunch.signature: hunch.axes for hunch in knowledge.hunches} == {
        "one": ("a", "b"),
        "other": ("c", "d"),
    }
    [other] = [hunch for hunch in knowledge.hunches if hunch.signature == "other"]
    running: list[Pins] = []
    while (probe := probes.testing_probe(knowledge, running)) is not None:
        assert probe.reason == "whether it fails with one"
        assert not other.about(probe.row)
        running.append(probe.row)
    assert len(set(running)) == 3
    assert all(any(set(pair) <= set(row) for pair in between) for row in running)
    # One that works ends what was said of its pair.
    worked = Knowledge(field=field, trials=(*trials, trial(running[0])))
    assert not [hunch for hunch in worked.hunches if hunch.about(running[0])]


def test_pairs_of_a_value_that_never_worked_take_turns() -> None:
    hidden = plant((4, 5, 5, 5), forbidden=0, culprits=(), seed=1)
    never = ("axis0", "3.0")
    rows = sorted(rows_without(hidden.field, ()))
    good = [_trial(row) for row in rows if never not in row]
    # It was tried with one value of an axis, and with so many of another that a hunch is about those.
    tried = [row for row in rows if {never, ("axis1", "2.0")} <= set(row)]
    knowledge = Knowledge(field=hidden.field, trials=(*good, *(_trial(row, "s") for row in tried)))
    assert any(never in pair for pair in knowledge.accused)
    probe = probes.single_probe(knowledge, (), frozenset(hidden.field.pairs))
    assert probe is not None
    assert probe.reason.endswith("attempt 1")


def test_an_accused_pair_that_runs_keeps_no_other_waiting() -> None:
    hidden = plant((4, 5, 5, 5), forbidden=0, culprits=(), seed=1)
    accused, other = (("axis0", "3.0"), ("axis1", "2.0")), (("axis2", "3.0"), ("axis3", "3.0"))
    rows = sorted(rows_without(hidden.field, ()))
    good = [_trial(row) for row in rows if not any(set(pair) <= set(row) for pair in (accused, other))]
    tried = [row for row in rows if set(accused) <= set(row) and not set(other) <= set(row)][:2]
    knowledge = Knowledge(field=hidden.field, trials=(*good, *(_trial(row, "s") for row in tried)))
    assert accused in knowledge.accused
    asked = frozenset({accused, other})
    first = probes.single_probe(knowledge, (), asked)
    assert first is not None
    assert set(accused) <= set(first.row)
    second = probes.single_probe(knowledge, [first.row], asked)
    assert second is not None
    assert set(other) <= set(second.row)


def test_what_would_leave_open_which_of_two_failed_waits_for_the_other() -> None:
    new, one, other = ("axis0", "3.0"), ("axis1", "1.0"), ("axis2", "0.0")
    sizes = {"axis0": 4, "axis1": 3, "axis2": 3, "axis3": 5}
    axes = {axis: tuple(f"{value}.0" for value in range(size)) for axis, size in sizes.items()}
    no = Declaration(text="no")
    pairs = Field(axes=axes, forbidden={}).pairs
    with_new = {pair for pair in pairs if new in pair and pair[1][0] in ("axis1", "axis2")}
    field = Field(axes=axes, forbidden=dict.fromkeys(with_new - {(new, one), (new, other)}, no))
    rows = sorted(rows_without(field, field.forbidden))
    good = [_trial(row) for row in rows if not {one, other} <= set(row)]
    tried = [row for row in rows if new in row][:2]
    failed = [_trial(row, f"signature {place}") for place, row in enumerate(tried)]
    knowledge = Knowledge(field=field, trials=(*good, *failed))
    assert not knowledge.hunches
    probe = probes.single_probe(knowledge, (), frozenset(field.pairs))
    assert probe is not None
    assert {one, other} <= set(probe.row)
    assert new not in probe.row


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
    assert len(find_out(hidden).trials) < hidden.one_at_a_time / 3


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


def _trial(row: Pins, signature: str = "") -> Trial:
    outcome = Outcome.FAILED if signature else Outcome.PASSED
    return Trial(cell=repr(row), pins=row, outcome=outcome, as_installed=True, signature=signature)
