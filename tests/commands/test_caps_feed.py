"""Pairs beyond their caps: results are made up, the search is the real one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.commands.caps_feed import CapsFeed
from harness.commands.feed import NO_BUDGET, Budget
from harness.model import Attempt, Cell, CellResult, Failure, Reason, Resolution, Settled, Stage
from harness.pairs.forced import over_caps
from harness.pairs.knowledge import State
from tests.report.small_caps import FIELD, result, row
from tests.values import ERRORED, FAILED, PASSED, PROFILE

ASKED = over_caps(FIELD)
GOOD = [
    result(row(django, celery, beat), PASSED, Resolution.TODAY)
    for django, beat in (("5.1", "2.7"), ("5.1", "2.8"), ("5.2", "2.8"), ("6.0", "2.9"))
    for celery in ("5.4", "5.5")
]
MISSING = Failure(
    stage=Stage.WORKER, reason=Reason.MISSING_MODULE, detail="packaging", excerpt="no", log="worker.log"
)
LACKING = replace(FAILED, failure=MISSING)
Outcome = Callable[[Cell], Attempt]


def made(
    *known: CellResult, budget: Budget = NO_BUDGET, missing: tuple[tuple[str, str], ...] = ()
) -> CapsFeed:
    return CapsFeed(FIELD, PROFILE, known=(*GOOD, *known), budget=budget, missing=missing)


def run(feed: CapsFeed, outcome: Outcome) -> list[tuple[Cell, CellResult]]:
    done: list[tuple[Cell, CellResult]] = []
    while len(done) < 100 and (cell := feed.next_cell()) is not None:
        attempt = outcome(cell)
        told = result(tuple(cell.stack.pins.items()), attempt, lines=cell.stack.requirements)
        if attempt is ERRORED:
            told = replace(told, settled=Settled.MACHINE)
        assert told.cell == cell.id
        done.append((cell, told))
        feed.learn(told)
    return done


def states(feed: CapsFeed) -> dict[str, State]:
    """By Django and beat."""
    return {
        f"{each.pair[0][1]} {each.pair[1][1]}": each.state
        for each in feed.knowledge.standings()
        if each.pair in ASKED
    }


def works(_: Cell) -> Attempt:
    return PASSED


def test_a_pair_that_works_costs_one_forced_row() -> None:
    feed = made()
    assert (feed.total, feed.open) == (None, "6 of 6 pairs beyond a cap open")
    done = run(feed, works)
    assert len(done) == len(ASKED)
    assert {cell.stack.resolution for cell, _ in done} == {Resolution.OVERRIDE}
    assert all(cell.profile == PROFILE for cell, _ in done)
    assert set(states(feed).values()) == {State.WORKS}
    assert feed.open == "0 of 6 pairs beyond a cap open"


def test_what_fails_is_tried_with_other_partners_until_it_is_known() -> None:
    def outcome(cell: Cell) -> Attempt:
        pins = cell.stack.pins
        return FAILED if (pins["django"], pins["django-celery-beat"]) == ("6.1", "2.7") else PASSED

    feed = made()
    done = run(feed, outcome)
    assert states(feed).pop("6.1 2.7") is State.BROKEN
    assert len(done) == len(ASKED) + 1
    assert not feed.knows([MISSING])


def test_a_run_goes_on_where_another_stopped() -> None:
    first = made(budget=Budget(cells=2))
    before = [told for _, told in run(first, works)]
    assert len(before) == 2
    second = made(*before)
    assert second.open == "4 of 6 pairs beyond a cap open"
    assert len(run(second, works)) == 4


def test_the_newest_pair_comes_first() -> None:
    cell = made().next_cell()
    assert cell is not None
    assert ASKED[-1] == (("django", "6.1"), ("django-celery-beat", "2.9"))
    assert set(ASKED[-1]) <= set(cell.stack.pins.items())


def test_a_pair_is_not_asked_for_twice_at_the_same_time() -> None:
    feed = made()
    cells = [cell for _ in range(20) if (cell := feed.next_cell()) is not None]
    assert len({cell.id for cell in cells}) == len(cells) == len(ASKED)


def test_a_row_has_the_lines_that_mend_what_it_runs_into() -> None:
    broken = row("5.2", "5.5", "2.8")
    known = [
        result(broken, LACKING, Resolution.TODAY),
        result(broken, PASSED, Resolution.TODAY, lines=("packaging",)),
    ]
    feed = CapsFeed(FIELD, PROFILE, known=known, budget=NO_BUDGET)
    done = run(feed, lambda cell: PASSED if cell.stack.requirements else LACKING)
    assert State.BROKEN not in states(feed).values()
    assert {told.requirements for _, told in done if told.attempts[0] is PASSED} == {("packaging",)}


def test_a_line_that_does_not_mend_is_tried_once_with_a_row() -> None:
    broken = row("5.2", "5.5", "2.8")
    known = [
        result(broken, LACKING, Resolution.TODAY),
        result(broken, PASSED, Resolution.TODAY, lines=("packaging",)),
    ]
    feed = CapsFeed(FIELD, PROFILE, known=known, budget=NO_BUDGET)
    done = run(feed, lambda _: LACKING)
    ids = [cell.id for cell, _ in done]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("missing", [(), (("python", "3.12"),)])
def test_what_cannot_be_known_here_stays_untested(missing: tuple[tuple[str, str], ...]) -> None:
    feed = made(missing=missing)
    done = run(feed, lambda _: ERRORED)
    assert set(states(feed).values()) == {State.OPEN}
    assert len({cell.id for cell, _ in done}) == len(done)
    assert not (missing and done)
