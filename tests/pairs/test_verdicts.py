from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.field import Declaration, Field, Pins
from harness.pairs.knowledge import State
from harness.pairs.trials import Outcome, Trial
from harness.pairs.verdicts import FieldKnowledge, Verdict, know
from tests.pairs.fields import fields, pairs_of, rows_without
from tests.report import small_field

GOOD = (Verdict.WORKS, Verdict.CAVEATS, Verdict.PINS)
PAIR = (("django", "4.2"), ("celery", "5.4"))
ONE_ROW = Field(axes={axis: (value,) for axis, value in PAIR}, forbidden={})


def tried(outcome: Outcome, *, as_installed: bool) -> Trial:
    return Trial(cell=f"{outcome}-{as_installed}", pins=PAIR, outcome=outcome, as_installed=as_installed)


def told(*trials: Trial) -> Verdict:
    (verdict,) = know(ONE_ROW, trials).verdicts()
    return verdict.verdict


def expected(today: Outcome | None, pinned: Outcome | None) -> Verdict:
    if today is not None and today.good:
        return Verdict.WORKS if today is Outcome.PASSED else Verdict.CAVEATS
    if pinned is not None and pinned.good:
        return Verdict.PINS
    if today is None or pinned is None:
        return Verdict.UNTESTED
    return Verdict.UNRESOLVABLE if today is Outcome.UNRESOLVABLE else Verdict.BROKEN


@pytest.mark.parametrize(("today", "pinned"), list(product([None, *Outcome], repeat=2)))
def test_a_verdict_names_its_resolution(today: Outcome | None, pinned: Outcome | None) -> None:
    trials = [tried(today, as_installed=True)] if today else []
    trials += [tried(pinned, as_installed=False)] if pinned else []
    assert told(*trials) is expected(today, pinned)


def test_what_no_declaration_allows_is_waited_for_neither_today_nor_with_pins() -> None:
    field = Field(axes=ONE_ROW.axes, forbidden={PAIR: Declaration(text="Celery 5.4 requires Django<4")})
    (verdict,) = know(field, ()).verdicts()
    assert verdict.verdict is Verdict.UNRESOLVABLE
    assert verdict.telling.because == "Celery 5.4 requires Django<4"
    assert verdict.telling.culprit == PAIR


def test_a_verdict_comes_from_the_standing_that_tells_it() -> None:
    for verdict in small_field.knowledge().verdicts():
        good = verdict.telling.state is State.WORKS
        assert good == (verdict.verdict in GOOD)
        assert (verdict.telling is verdict.pinned) == (verdict.verdict is Verdict.PINS)


def test_a_line_mends_what_a_row_no_longer_fails_with() -> None:
    def trial(signature: str, *lines: str) -> Trial:
        outcome = Outcome.FAILED if signature else Outcome.PASSED
        return Trial(
            cell=f"{signature}+{lines}",
            pins=PAIR,
            outcome=outcome,
            as_installed=not lines,
            signature=signature,
            requirements=lines,
        )

    today = trial("worker:raised:TypeError")
    assert know(ONE_ROW, [today, trial("", "vine<5")]).mends == {"worker:raised:TypeError": ("vine<5",)}
    # What comes next is another matter.
    further = trial("beat:not-ready", "vine<5")
    assert know(ONE_ROW, [today, further]).mends == {"worker:raised:TypeError": ("vine<5",)}
    for earlier in ("worker:raised:TypeError", "import:missing-module:vine"):
        assert not know(ONE_ROW, [today, trial(earlier, "vine<5")]).mends
    # What leaves no choice fits few rows.
    assert not know(ONE_ROW, [today, trial("", "vine==1.3")]).mends
    # Two lines are one too many where one does.
    both = [today, trial("", "kombu<5.3", "vine<5"), trial("", "vine<5")]
    assert know(ONE_ROW, both).mends == {"worker:raised:TypeError": ("vine<5",)}


def test_what_many_rows_share_is_asked_of_one_of_them_as_of_its_time() -> None:
    pythons = tuple(f"3.{minor}" for minor in range(8, 12))
    field = Field(axes={"python": pythons, "celery": ("5.4",)}, forbidden={})

    def trial(python: str, outcome: Outcome, *, as_installed: bool) -> Trial:
        return replace(
            tried(outcome, as_installed=as_installed),
            cell=f"{python}-{as_installed}",
            pins=(("python", python), ("celery", "5.4")),
            signature="" if outcome is Outcome.PASSED else "worker:exited",
        )

    failed = [trial(python, Outcome.FAILED, as_installed=True) for python in pythons]
    assert not know(field, failed[:2]).unasked_then
    assert know(field, failed).unasked_then == (failed[0].pins,)
    for outcome in (Outcome.PASSED, Outcome.FAILED):
        assert not know(field, [*failed, trial("3.8", outcome, as_installed=False)]).unasked_then


def test_what_fails_as_of_its_time_as_well_is_tried_with_lines_and_that_is_what_counts() -> None:
    pythons = tuple(f"3.{minor}" for minor in range(8, 14))
    field = Field(axes={"python": pythons, "django": ("3.2", "4.2"), "celery": ("5.3", "5.4")}, forbidden={})
    missing, other = "worker:missing-module:packaging", "beat:not-ready"

    def trial(row: Pins, signature: str = "", *lines: str, then: bool = False) -> Trial:
        return Trial(
            cell=f"{then}-{row}-{lines}",
            pins=row,
            outcome=Outcome.FAILED if signature else Outcome.PASSED,
            as_installed=not then and not lines,
            signature=signature,
            requirements=lines,
        )

    rows = sorted(rows_without(field, ()))
    bad = [row for row in rows if ("celery", "5.4") in row]
    tried = [trial(row, missing * (row in bad), then=then) for row in rows for then in (False, True)]
    mended = [trial(row, "", "packaging") for row in bad if ("django", "3.2") in row]
    knowledge = know(field, [*tried, *mended])
    assert knowledge.mends == {missing: ("packaging",)}
    for row in rows:
        assert knowledge.lines_then(row) == (("packaging",) if row in bad else ())
    # Where it works as of its own time no line is needed.
    recovered = [
        replace(each, outcome=Outcome.PASSED, signature="") for each in tried if not each.as_installed
    ]
    today = [each for each in tried if each.as_installed]
    assert not any(map(know(field, [*today, *recovered, *mended]).lines_then, rows))
    # What fails with lines counts like what fails as of its time: it is no echo, and is not asked for again.
    failed = trial(next(row for row in bad if ("django", "4.2") in row), other, "packaging")
    then = [each for each in tried if not each.as_installed and not set(PAIR) <= set(each.pins)]
    # Its signature was seen then, too: in a row of other versions.
    then = [replace(each, outcome=Outcome.FAILED, signature=other) for each in then[:1]] + then[1:]
    pinned = know(field, [*today, *then, *mended, failed]).pinned
    assert failed in pinned.suspects[PAIR]
    assert failed.cell not in pinned.echoing


def test_a_failure_today_counts_with_pins_once_its_pair_failed_so_as_of_its_time_too() -> None:
    pythons = tuple(f"3.{minor}" for minor in range(8, 12))
    field = Field(axes={"python": pythons, "django": ("3.2", "4.2"), "celery": ("5.3", "5.4")}, forbidden={})
    signature = "worker:exited:worker/1"

    def trial(row: Pins, signature: str = "", *, then: bool = False) -> Trial:
        return Trial(
            cell=f"{then}-{row}",
            pins=row,
            outcome=Outcome.FAILED if signature else Outcome.PASSED,
            as_installed=not then,
            signature=signature,
        )

    rows = sorted(rows_without(field, ()))
    bad = [row for row in rows if set(PAIR) <= set(row)]
    today = [trial(row, signature * (row in bad)) for row in rows if row != bad[0]]

    def told(*then: Trial) -> Verdict:
        return next(each for each in know(field, [*today, *then]).verdicts() if each.pair == PAIR).verdict

    assert told() is Verdict.UNTESTED
    assert told(trial(bad[0], signature, then=True)) is Verdict.BROKEN
    assert told(trial(bad[0], "beat:not-ready", then=True)) is Verdict.UNTESTED
    # What another pair fails with says nothing of this one.
    another = next(row for row in rows if row not in bad)
    assert told(trial(another, signature, then=True)) is Verdict.UNTESTED
    assert told(trial(bad[0], then=True)) is Verdict.PINS


@st.composite
def knowledges(draw: st.DrawFn) -> FieldKnowledge:
    field = draw(fields())
    field = Field(
        axes=field.axes,
        forbidden=draw(st.dictionaries(st.sampled_from(field.pairs), st.just(Declaration(text="no")))),
    )
    rows = sorted(rows_without(field, field.forbidden))
    trials = draw(st.lists(_trials(rows), max_size=12)) if rows else []
    return know(field, trials)


def _trials(rows: list[Pins]) -> st.SearchStrategy[Trial]:
    return st.builds(
        Trial,
        cell=st.uuids().map(str),
        pins=st.sampled_from(rows),
        outcome=st.sampled_from(Outcome),
        as_installed=st.booleans(),
        signature=st.sampled_from(["one", "other"]),
    )


def _good(trials: tuple[Trial, ...]) -> Iterator[Pins]:
    return (trial.pins for trial in trials if trial.outcome.good)


@given(knowledges())
def test_every_pair_has_one_verdict_and_works_only_where_a_cell_shows_it(knowledge: FieldKnowledge) -> None:
    verdicts = list(knowledge.verdicts())
    assert [each.pair for each in verdicts] == list(knowledge.today.field.pairs)
    today = pairs_of(_good(knowledge.today.trials))
    either = today | pairs_of(_good(knowledge.pinned.trials))
    for each in verdicts:
        assert (each.verdict in (Verdict.WORKS, Verdict.CAVEATS)) == (each.pair in today)
        assert (each.verdict in GOOD) == (each.pair in either)


@given(knowledges())
def test_what_does_not_work_is_blamed_on_something_and_broken_only_where_cells_show_it(
    knowledge: FieldKnowledge,
) -> None:
    cells = {trial.cell: trial for trial in (*knowledge.today.trials, *knowledge.pinned.trials)}
    for each in knowledge.verdicts():
        standing = each.telling
        if each.verdict in (Verdict.BROKEN, Verdict.UNRESOLVABLE):
            assert standing.because
            assert standing.culprit
            assert standing.cells or standing.culprit in knowledge.today.field.forbidden
        if each.verdict is Verdict.BROKEN:
            assert standing.cells
        for cell in standing.cells:
            assert set(standing.culprit) <= set(cells[cell].pins)
            assert not cells[cell].outcome.good
