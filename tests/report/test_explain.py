"""The answers of `nox -s explain`, as pages and as JSON, and what they are made of."""

from dataclasses import replace
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from harness.answers.demands import Meeting, read_demand
from harness.matrix.releases import Releases
from harness.model import CellResult, Resolution, Settled
from harness.pairs.trials import trials_of
from harness.pairs.verdicts import Verdict, know
from harness.records.sheets import Entry, entries_of, make_sheet
from harness.report import (
    explain_data,
    terminal_explain_cell,
    terminal_explain_signature,
    terminal_explain_versions,
)
from harness.report.explain_cell import CellAnswer, CellRecords, differences, explain_cell, nearness
from harness.report.explain_data import ANSWERS, Answer
from harness.report.explain_signature import SignatureAnswer, explain_signature
from harness.report.explain_versions import (
    Evidence,
    Question,
    VersionsAnswer,
    explain_versions,
    pairs_of,
    series_of,
)
from harness.report.known_pairs import make_known_pairs
from harness.report.page import render_page
from tests.conftest import AssertExpected
from tests.report.explained import (
    BACKGROUND,
    BROKEN,
    FIELD,
    MENDED,
    MISSING,
    NEWER,
    RECORDED,
    cell_of,
)
from tests.values import HEADER, LOCK, RESULT

RELEASES = Releases(packages={})
HERE = Path(__file__).parent


def a_cell() -> CellAnswer:
    records = CellRecords(results=RECORDED, near=("default", NEWER))
    return explain_cell("odl@plain", cell_of(BROKEN), records, BACKGROUND, logs="runs/run-1")


def a_signature() -> SignatureAnswer:
    sheet = make_sheet([(0, BROKEN)], file="run-1.jsonl", run="run-1", plan="default", header="")
    [entry] = entries_of(sheet, ())
    return explain_signature(
        MISSING.signature,
        MISSING.signature,
        [entry],
        newest={entry.cell: entry},
        read=lambda _: BROKEN,
        background=BACKGROUND,
    )


def versions(*words: str) -> VersionsAnswer:
    demands = [read_demand(each, each.name) for each in map(Requirement, words)]
    series = series_of(demands, FIELD, RELEASES)
    cells = (BROKEN, NEWER, MENDED)
    known = make_known_pairs(know(FIELD, trials_of(cells, FIELD)))
    meeting = Meeting(demands, RELEASES)
    recorded = {each.cell: (HEADER, each) for each in cells}
    return explain_versions(
        Question(asked=words, demands=tuple(demands), notes=("a note",), series=series),
        known.of(pairs_of(series, FIELD, alone=len(words) == 1)),
        Evidence(
            of=recorded,
            meeting=[entry for entry in map(entry_of, cells) if meeting(entry)],
            read=lambda entry: recorded[entry.cell],
        ),
        BACKGROUND,
        mends=known.mends,
    )


def meets(meeting: Meeting, result: CellResult) -> bool:
    return meeting(entry_of(result))


def entry_of(result: CellResult) -> Entry:
    sheet = make_sheet([(0, result)], file=result.cell, run="run-1", plan="default", header="")
    [entry] = entries_of(sheet, Meeting.AXES)
    return entry


ANSWER_PAGES = {
    "cell": lambda: terminal_explain_cell.lines(a_cell()),
    "signature": lambda: terminal_explain_signature.lines(a_signature()),
    "versions": lambda: terminal_explain_versions.lines(versions("django==2.2", "celery==4.4")),
}


@pytest.mark.parametrize("kind", ANSWER_PAGES)
def test_a_page_for_a_terminal(kind: str, assert_expected: AssertExpected) -> None:
    text = render_page(ANSWER_PAGES[kind](), width=80, colour=False)
    assert_expected(text, HERE / f"explain_{kind}.txt")


@pytest.mark.parametrize(
    "answer", [a_cell(), a_signature(), versions("django==2.2", "celery==5.7"), versions("django")]
)
def test_json_says_all_of_an_answer(answer: Answer) -> None:
    assert ANSWERS.validate_json(explain_data.render(answer)) == answer


def test_a_page_has_colours_only_where_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[" in render_page(terminal_explain_cell.lines(a_cell()), width=80, colour=True)
    assert "\x1b[" not in render_page(terminal_explain_cell.lines(a_cell()), width=80, colour=False)


def test_what_mends_a_cell_is_told_with_what_it_rests_on() -> None:
    answer = a_cell()
    assert answer.mending is not None
    [mend] = answer.mending.mends
    assert (mend.footing, mend.culprit.lines) == ("tried", ("vine",))
    [culprit] = a_signature().culprits
    assert culprit == mend.culprit


def test_a_cell_that_passes_has_nothing_to_mend() -> None:
    records = CellRecords(results=[(HEADER, MENDED)])
    answer = explain_cell(MENDED.cell, cell_of(MENDED), records, BACKGROUND, logs="")
    assert (answer.mending, answer.near) == (None, None)


def test_the_history_says_what_was_installed_otherwise() -> None:
    first, second = a_cell().history
    assert (first.verdict, first.moved) == ("works", ())
    assert [(each.what, each.there, each.here) for each in second.moved] == [("vine", "1.2.0", "")]


def test_locks_differ_in_what_is_there_as_well() -> None:
    other = replace(LOCK, distributions=("amqp==5.0", "celery==4.4.2", "django==2.2.28"), python="3.10.1")
    told = [(each.what, each.here, each.there) for each in differences(LOCK, other)]
    assert told == [("python", "3.9.18", "3.10.1"), ("amqp", "", "5.0"), ("vine", "1.3.0", "")]
    assert differences(LOCK, None) == ()


def test_few_axes_that_differ_are_nearer_than_near_versions() -> None:
    one = nearness(RESULT, "a", {**RESULT.pins, "django": "4.2"})
    two = nearness(RESULT, "b", {**RESULT.pins, "django": "3.0", "celery": "5.0"})
    assert one < two
    assert nearness(RESULT, "b", {**RESULT.pins, "django": "3.0"}) < one


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        (("django==2.2", "celery==4.4"), Verdict.PINS),
        (("django==2.2", "celery==5.7"), Verdict.UNRESOLVABLE),
        (("django==4.2", "celery==5.7"), Verdict.UNTESTED),
    ],
)
def test_a_pair_has_its_verdict(words: tuple[str, ...], verdict: Verdict) -> None:
    [pair] = versions(*words).pairs
    assert pair.verdict is verdict


def test_what_a_declaration_forbids_is_told_with_it() -> None:
    [pair] = versions("django==2.2", "celery==5.7").pairs
    [blame] = pair.blames
    assert (blame.because, blame.seen) == ("celery 5.7 declares Django>=4.2", 0)


@pytest.mark.parametrize(
    ("demand", "met"),
    [
        ("django==2.2", True),
        ("django==2.2.28", True),
        ("django>=3", False),
        ("python==3.9", True),
        ("python<3.9", False),
        ("vine<5", True),
        ("kombu", False),
    ],
)
def test_what_was_installed_meets_a_demand_or_not(demand: str, met: bool) -> None:  # noqa: FBT001
    required = Requirement(demand)
    assert meets(Meeting([read_demand(required, required.name)], RELEASES), RESULT) is met


def test_where_nothing_was_installed_what_was_asked_for_counts() -> None:
    nothing = replace(RESULT, lock=None, resolution=Resolution.TODAY, pins={**RESULT.pins, "celery": "*"})
    meeting = Meeting([read_demand(Requirement("django>=2.2"), "django")], RELEASES)
    assert meets(meeting, nothing)
    assert not meets(Meeting([read_demand(Requirement("celery"), "celery")], RELEASES), nothing)
    assert not meets(meeting, replace(RESULT, settled=Settled.SAME))
