"""The baseline as text."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import BaselineError, ExitCode
from harness.gate.baseline import Baseline, accept, format_baseline, format_locks, parse_baseline
from harness.gate.compare import Difference, compare
from harness.gate.entry import Entry
from harness.model import Lock, Verdict
from tests.gate.entries import WORKS, entries
from tests.gate.test_compare import FAILS, UNKNOWN

OTHER = replace(WORKS, cell="new@plain")
REST = '"verdict": "works", "lock": "7204d15e1719", "passed": {"task": "eta", "time": "clocked interval"}}'
BASELINE = Baseline(plan="gate", entries={WORKS.cell: WORKS, OTHER.cell: OTHER})


def parse(text: str, locks: str) -> Baseline:
    return parse_baseline(text, locks, name="baseline.jsonl", locks_name="baseline.locks.json")


def test_it_is_short_and_in_order() -> None:
    assert format_baseline(BASELINE).splitlines() == [
        '{"baseline": 1, "plan": "gate"}',
        '{"cell": "new@plain", ' + REST,
        '{"cell": "old@plain", ' + REST,
    ]


def test_a_lock_that_several_have_stands_there_once() -> None:
    [lock] = json.loads(format_locks(BASELINE))["locks"].values()
    assert lock == {"python": "3.9.18", "index": None, "distributions": list(WORKS.lock.distributions)}  # type: ignore[union-attr]


def test_a_new_release_is_a_line_or_two_of_a_diff() -> None:
    newer = Lock(distributions=("celery==4.4.3", "django==2.2.28", "vine==1.3.0"), python="3.9.18")
    other = replace(
        BASELINE, entries={cell: replace(each, lock=newer) for cell, each in BASELINE.entries.items()}
    )
    before, after = format_locks(BASELINE).splitlines(), format_locks(other).splitlines()
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 2


@given(st.lists(st.sampled_from(["a@b", "c@b", "a@d"]), unique=True), st.data())
def test_what_is_written_is_read(cells: list[str], data: st.DataObject) -> None:
    baseline = Baseline(plan="gate", entries={cell: data.draw(entries(cell)) for cell in cells})
    assert parse(format_baseline(baseline), format_locks(baseline)) == baseline


@given(entries())
def test_what_is_written_and_read_is_the_same(entry: Entry) -> None:
    baseline = Baseline(plan="gate", entries={entry.cell: entry})
    read = parse(format_baseline(baseline), format_locks(baseline))
    assert compare(entry.cell, read.entries[entry.cell], entry).difference is Difference.SAME


def test_all_mistakes_are_told_at_once() -> None:
    lines = format_baseline(BASELINE).splitlines()
    text = "\n".join([lines[0], lines[1], lines[1], '{"cell": "x", "verdict": "fine", "no": 1}', "torn {"])
    with pytest.raises(BaselineError) as raised:
        parse(text, format_locks(Baseline(plan="gate")))
    assert raised.value.exit_code is ExitCode.BAD_INPUT
    assert [each.partition(": ")[0] for each in raised.value.problems] == [
        "baseline.jsonl:2",
        "baseline.jsonl:3",
        "baseline.jsonl:3",
        "baseline.jsonl:4",
        "baseline.jsonl:4",
        "baseline.jsonl:5",
    ]
    assert "baseline.locks.json has no lock" in str(raised.value)
    assert "has a line above" in str(raised.value)


@pytest.mark.parametrize("text", ["", '{"schema": 1}', '{"baseline": 2, "plan": "gate"}'])
def test_another_file_is_no_baseline(text: str) -> None:
    with pytest.raises(BaselineError, match=r"baseline\.jsonl:1: is "):
        parse(text, format_locks(BASELINE))


def test_a_file_of_locks_that_is_none_is_told() -> None:
    with pytest.raises(BaselineError, match=r"baseline\.locks\.json"):
        parse(format_baseline(BASELINE), "{}")


def test_the_present_is_accepted() -> None:
    accepted = accept(BASELINE, {WORKS.cell: FAILS}, chosen=[WORKS.cell], planned=BASELINE.entries)
    assert accepted.entries == {WORKS.cell: FAILS, OTHER.cell: OTHER}


def test_what_was_not_chosen_stays_as_it_was() -> None:
    now = {WORKS.cell: FAILS, OTHER.cell: replace(FAILS, cell=OTHER.cell)}
    accepted = accept(BASELINE, now, chosen=[OTHER.cell], planned=BASELINE.entries)
    assert accepted.entries[WORKS.cell] == WORKS
    assert accepted.entries[OTHER.cell].verdict is Verdict.CAVEATS


def test_what_could_not_be_determined_is_not_accepted() -> None:
    assert accept(BASELINE, {WORKS.cell: UNKNOWN}, chosen=[WORKS.cell], planned=BASELINE.entries) == BASELINE


def test_what_is_planned_no_more_goes() -> None:
    accepted = accept(BASELINE, {}, chosen=[], planned=[WORKS.cell])
    assert list(accepted.entries) == [WORKS.cell]
