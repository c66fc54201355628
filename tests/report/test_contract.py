import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contract.invariant import Stand, Standing
from harness.contract.invariants import INVARIANTS
from harness.model import Cell
from harness.report import data, markdown, terminal
from harness.report.contract import Column, Fate, Known, ProfileStand, stand_of_profile
from harness.report.view import View, make_view
from tests.conftest import AssertExpected
from tests.report.timed import AWARE, UNAWARE, deadly, late, lived, refused, stack, stormy
from tests.values import EXPECTATION, HEADER, TODAY

NEWEST = stack("newest", "2.9.0", "5.7.0")
OLD = stack("beat-1.6", "1.6.0", "4.4.1")
REFUSING = stack("beat-2.1", "2.1.0", "4.4.7")
STORMY = stack("beat-2.10", "2.10.0", "5.5.3")
NOT_RUN = stack("beat-2.9", "2.9", "5.6")
KNOWN = {
    "crontab": replace(
        EXPECTATION,
        cells=("beat-1.6@aware",),
        signature="time:check:crontab",
        reason="it is in UTC",
        link="https://example.org/crontab",
    ),
    "every-minute": replace(
        EXPECTATION,
        cells=("beat-2.10@aware",),
        signature="time:check:every-minute",
        reason="it storms; not reported upstream, as far as we found",
        link="https://example.org/source",
    ),
}


@pytest.fixture(scope="module")
def timed() -> View:
    """Five stacks under a profile, not in the order of versions, and one under another."""
    results = [
        lived(Cell(stack=NEWEST, profile=AWARE), late),
        lived(Cell(stack=OLD, profile=AWARE), late),
        lived(Cell(stack=REFUSING, profile=AWARE), refused),
        lived(Cell(stack=STORMY, profile=AWARE), stormy),
        lived(Cell(stack=NEWEST, profile=UNAWARE), deadly),
    ]
    aware = [Cell(stack=each, profile=AWARE) for each in (NEWEST, OLD, REFUSING, STORMY, NOT_RUN)]
    return make_view(
        [*aware, Cell(stack=NEWEST, profile=UNAWARE)],
        {result.cell: result for result in results},
        plan="time",
        expectations=list(KNOWN.values()),
        today=TODAY,
        machine=HEADER.machine,
    )


def test_the_contract_for_readers_of_the_repository(timed: View, assert_expected: AssertExpected) -> None:
    assert_expected(markdown.render(timed), Path(__file__).with_name("contract.md"))


def test_the_contract_for_a_terminal(timed: View, assert_expected: AssertExpected) -> None:
    text = terminal.render(timed, width=140, colour=False, logs="runs")
    assert_expected(text, Path(__file__).with_name("contract.txt"))


def test_the_contract_for_programs(timed: View, assert_expected: AssertExpected) -> None:
    contract = json.loads(data.render(timed))["contract"]
    text = json.dumps(contract, indent=1, ensure_ascii=False) + "\n"
    assert_expected(text, Path(__file__).with_name("contract.json"))


def column(stack_name: str, *stands: Stand, beat: str = "2.9.0", celery: str = "5.7.0") -> Column:
    return Column(stack=stack_name, beat=beat, celery=celery, stands=stands, known={}, untold="untested")


def stand(standing: Standing, seen: str = "") -> Stand:
    return Stand(invariant="crontab", standing=standing, seen=seen)


HELD = stand(Standing.HELD)
LATE = stand(Standing.VIOLATED, "fired 8 h late")


def told(*columns: Column) -> ProfileStand:
    return stand_of_profile(AWARE, columns)


def test_series_are_in_the_order_of_versions() -> None:
    series = told(
        column("unpinned", beat="*"),
        column("b", celery="5.10"),
        column("ten", beat="2.10"),
        column("a", celery="5.9"),
    ).series
    assert [each.stack for each in series] == ["a", "b", "ten", "unpinned"]


def test_two_stacks_of_the_same_versions_have_their_own_names() -> None:
    names = [each.name for each in told(column("a"), column("b"), column("c", celery="5.6.3")).series]
    assert names == ["2.9.0 with Celery 5.6.3", *(f"2.9.0 with Celery 5.7.0 (`{stack}`)" for stack in "ab")]


STANDS = st.sampled_from(
    [HELD, LATE, stand(Standing.VIOLATED, "never fired"), stand(Standing.NOT_OBSERVED, "refused"), None]
)


@given(st.lists(STANDS, min_size=1, max_size=13))
def test_every_stack_that_violates_it_is_in_one_violation(stands: list[Stand | None]) -> None:
    columns = [
        column(f"s{number}", *([each] if each else []), beat=f"2.{number}")
        for number, each in enumerate(stands)
    ]
    profile = told(*columns)
    violated = [
        f"s{number}"
        for number, each in enumerate(stands)
        if each is not None and each.standing is Standing.VIOLATED
    ]
    assert sorted(stack for each in profile.violations for stack in each.stacks) == sorted(violated)
    unseen = [
        f"s{number}"
        for number, each in enumerate(stands)
        if each is None or each.standing is Standing.NOT_OBSERVED
    ]
    lacking = [stack for each in profile.unseen if "crontab" in each.invariants for stack in each.stacks]
    assert sorted(lacking) == sorted(unseen)


@pytest.mark.parametrize(
    ("stands", "fate"),
    [
        ([HELD, None], Fate.HELD),
        ([HELD, LATE], Fate.SOME),
        ([None, LATE], Fate.ALL),
        ([None, stand(Standing.NOT_OBSERVED, "refused")], Fate.UNSEEN),
    ],
)
def test_the_fate_of_an_invariant_is_that_in_the_series_that_could_be_asked(
    stands: list[Stand | None], fate: Fate
) -> None:
    columns = [column(f"s{number}", *([each] if each else [])) for number, each in enumerate(stands)]
    fates = told(*columns).fates
    assert fates["crontab"] is fate
    assert set(fates) == {invariant.id for invariant in INVARIANTS}


def test_a_violation_tells_which_of_its_stacks_are_known_where() -> None:
    known = Known(reason="it is", link="https://example.org/1", unreported=False)
    columns = [replace(column("a", LATE), known={"crontab": known}), column("b", LATE)]
    [violation] = told(*columns).violations
    assert violation.known == (
        replace(known, stacks=("a",)),
        Known(reason="", link="", unreported=True, stacks=("b",)),
    )
