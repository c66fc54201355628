"""Where cells come from: results are made up, the search is the real one."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import pytest

from harness.commands.diagnosis import DiagnosisFeed
from harness.commands.feed import NO_BUDGET, Budget, ListFeed
from harness.commands.field_feed import FieldFeed
from harness.diagnosis.known import Known
from harness.diagnosis.search import CELLS
from harness.matrix.field import Declaration, Field
from harness.matrix.plan import Settling
from harness.model import Attempt, Cell, CellResult, Failure, Lock, Reason, Resolution, Settled, Stage
from harness.pairs.cells import cell_of
from harness.pairs.trials import trials_of
from harness.pairs.verdicts import Verdict, know
from tests.values import CELL, ERRORED, FAILED, PASSED, PROFILE, RESULT

FIELD = Field(
    axes={
        "python": ("3.9", "3.13"),
        "django": ("4.2", "5.2"),
        "celery": ("5.4", "5.5"),
        "redis": ("5.0", "6.0"),
    },
    forbidden={},
)
SETTLING = Settling(profile=PROFILE, cover=())
MISSING = Failure(
    stage=Stage.WORKER, reason=Reason.MISSING_MODULE, detail="packaging", excerpt="no", log="worker.log"
)
Outcome = Callable[[Cell], Attempt]


def result_of(cell: Cell, attempt: Attempt) -> CellResult:
    pins = cell.stack.pins
    locked = tuple(f"{name}=={value}.1" for name, value in pins.items() if name != "python")
    return replace(
        RESULT,
        cell=cell.id,
        pins=pins,
        requirements=cell.stack.requirements,
        resolution=cell.stack.resolution,
        lock=Lock(distributions=locked, python=f"{pins['python']}.1"),
        attempts=(attempt, attempt),
        settled=Settled.MACHINE if attempt is ERRORED else Settled.REPEATED,
    )


def run(feed: FieldFeed, outcome: Outcome, *, at_most: int = 500) -> list[CellResult]:
    results: list[CellResult] = []
    while len(results) < at_most and (cell := feed.next_cell()) is not None:
        results.append(result_of(cell, outcome(cell)))
        feed.learn(results[-1])
    return results


def made(
    *,
    seeds: tuple[Cell, ...] = (),
    known: tuple[CellResult, ...] = (),
    budget: Budget = NO_BUDGET,
    settling: Settling = SETTLING,
    field: Field = FIELD,
    missing: tuple[tuple[str, str], ...] = (),
) -> FieldFeed:
    diagnosis = DiagnosisFeed(Known(known), {}, releases_of=lambda _: (), budget=NO_BUDGET, each=CELLS)
    return FieldFeed(
        field, settling, seeds=seeds, known=known, budget=budget, missing=missing, diagnosis=diagnosis
    )


def verdicts(results: list[CellResult]) -> set[Verdict]:
    return {each.verdict for each in know(FIELD, trials_of(results, FIELD)).verdicts()}


def works(_: Cell) -> Attempt:
    return PASSED


def test_a_list_gives_its_cells_in_their_order() -> None:
    feed = ListFeed([CELL])
    assert feed.total == 1
    assert [feed.next_cell(), feed.next_cell()] == [CELL, None]


def test_what_works_is_settled_in_few_rows() -> None:
    results = run(made(), works)
    assert verdicts(results) == {Verdict.WORKS}
    assert len(results) < len(FIELD.pairs) / 3


def test_seeds_come_first() -> None:
    feed = made(seeds=(CELL,))
    assert feed.next_cell() == CELL


def test_what_is_known_is_not_asked_again() -> None:
    before = run(made(), works)
    assert made(known=tuple(before)).next_cell() is None


def test_a_new_value_asks_for_its_own_pairs_alone() -> None:
    before = run(made(), works)
    wider = Field(axes={**FIELD.axes, "redis": ("5.0", "6.0", "7.0")}, forbidden={})
    results = run(made(known=tuple(before), field=wider), works)
    assert {result.pins["redis"] for result in results} == {"7.0"}
    assert len(results) == 2


def test_what_many_rows_lack_is_added_and_the_pairs_work_with_pins() -> None:
    def outcome(cell: Cell) -> Attempt:
        lacking = "packaging" not in cell.stack.requirements
        return replace(FAILED, failure=MISSING) if lacking else PASSED

    lock = Lock(distributions=("packaging==24.0",), python="3.12.1")
    elsewhere = replace(RESULT, cell="other@plan", pins={"python": "3.12", "django": "*"}, lock=lock)
    results = run(made(known=(elsewhere,)), outcome)
    assert verdicts(results) >= {Verdict.PINS}
    mended = [result for result in results if result.requirements]
    assert {result.cell.partition("@")[0].partition("+")[2] for result in mended} == {"packaging"}
    # It is noticed after three rows, and not measured a hundred times.
    assert len(results) - len(mended) < len(FIELD.pairs)


def test_what_fails_today_is_asked_as_of_its_time() -> None:
    def outcome(cell: Cell) -> Attempt:
        broken = cell.stack.resolution is Resolution.TODAY and cell.stack.pins["celery"] == "5.4"
        return FAILED if broken else PASSED

    results = run(made(), outcome)
    assert verdicts(results) == {Verdict.WORKS, Verdict.PINS}
    assert {result.pins["celery"] for result in results if result.resolution is Resolution.ERA} == {"5.4"}


def test_a_line_that_does_not_mend_is_tried_no_further() -> None:
    results = run(made(), lambda _: replace(FAILED, failure=MISSING))
    assert verdicts(results) == {Verdict.BROKEN}
    assert len([result for result in results if result.requirements]) <= 2


def test_a_row_that_says_nothing_is_not_run_again() -> None:
    results = run(made(), lambda _: ERRORED)
    assert len({result.cell for result in results}) == len(results)
    assert verdicts(results) == {Verdict.UNTESTED}


def test_what_has_no_interpreter_is_not_run() -> None:
    results = run(made(missing=(("python", "3.9"),)), works)
    assert {result.pins["python"] for result in results} == {"3.13"}


def test_no_row_is_run_that_a_declaration_forbids() -> None:
    pair = (("django", "4.2"), ("celery", "5.5"))
    field = Field(axes=FIELD.axes, forbidden={pair: Declaration(text="celery 5.5 declares Django>=5")})
    results = run(made(field=field), works)
    assert not [each for each in results if set(pair) <= set(each.pins.items())]


def test_three_axes_are_covered() -> None:
    axes = ("python", "django", "celery")
    results = run(made(settling=replace(SETTLING, cover=axes)), works)
    had = {triple for each in results for triple in combinations(((a, each.pins[a]) for a in axes), 3)}
    assert had == set(FIELD.tuples(3, axes))


def test_a_budget_of_cells_counts_them() -> None:
    assert len(run(made(budget=Budget(cells=2)), works)) == 2


def test_a_budget_of_time_ends_when_it_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("harness.commands.feed.time.monotonic", lambda: now)
    feed = made(budget=Budget(seconds=60))
    assert feed.next_cell() is not None
    now = 161.0
    assert feed.next_cell() is None


def test_a_failure_that_several_cells_repeated_is_known() -> None:
    feed = made()
    cells = [feed.next_cell() for _ in range(3)]
    failures = (MISSING,)
    for cell in cells:
        assert not feed.knows(failures)
        assert cell is not None
        feed.learn(result_of(cell, replace(FAILED, failure=MISSING)))
    assert feed.knows(failures)
    assert not feed.knows((*failures, replace(MISSING, detail="six")))
    assert not ListFeed([CELL]).knows(failures)


def test_how_much_is_open_is_told() -> None:
    feed = made()
    assert feed.total is None
    assert feed.open == f"{len(FIELD.pairs)} of {len(FIELD.pairs)} pairs open"
    run(feed, works)
    assert feed.open == f"0 of {len(FIELD.pairs)} pairs open"


def test_a_row_has_the_profile_of_the_plan() -> None:
    cell = made().next_cell()
    assert cell is not None
    assert cell.profile == PROFILE
    assert cell == cell_of(tuple(cell.stack.pins.items()), PROFILE, Resolution.TODAY, cell.stack.reason)
