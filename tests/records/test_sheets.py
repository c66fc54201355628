"""A sheet says the same of a result as the result itself."""

import json
from dataclasses import replace

from harness.model import CellResult, Settled
from harness.records.sheets import Sheet, entries_of, lock_digest, make_sheet, newest_entries
from harness.records.verdict import judging_attempts, verdict_of
from tests.values import FAILED, RESULT

BROKEN = replace(RESULT, cell="broken@plain", attempts=(FAILED, replace(FAILED, number=2)))
ODD = replace(
    RESULT,
    cell="odd@plain",
    pins={"python": "3.9", "django": "*"},
    extras={"celery": ("redis",)},
    requirements=("celery[redis]==5.4.*", 'odd; python_version<"3.8"'),
    settings={"USE_TZ": False, "TIME_ZONE": "Asia/Shanghai"},
    lock=None,
    settled=Settled.SAME,
)
EVERY = (RESULT, BROKEN, ODD)
AXES = (*RESULT.pins, "nothing")


def sheet_of(*results: CellResult) -> Sheet:
    return make_sheet(enumerate(results), file="run-1.jsonl", run="run-1", plan="default", header="")


def test_an_entry_says_what_its_result_says() -> None:
    for entry, result in zip(entries_of(sheet_of(*EVERY), AXES), EVERY, strict=True):
        attempts = judging_attempts(result)
        signatures = {each.signature for attempt in attempts for each in attempt.failures}
        lock = result.lock
        assert (entry.cell, entry.started, entry.plan) == (result.cell, result.started, "default")
        assert entry.verdict is verdict_of(result)
        assert entry.same is (result.settled is Settled.SAME)
        assert entry.resolution is result.resolution
        assert json.loads(entry.pins) == result.pins
        assert json.loads(entry.circumstances)[0] == sorted(map(list, result.settings.items()))
        assert entry.checks == set(result.checks)
        assert entry.requirements == result.requirements
        assert entry.distributions == (lock.distributions if lock else ())
        assert entry.lock == (lock_digest(lock.distributions) if lock else b"")
        assert set(entry.signatures) == signatures


def test_versions_are_what_was_installed_or_else_asked_for() -> None:
    first, _, odd = entries_of(sheet_of(*EVERY), AXES)
    assert RESULT.lock is not None
    assert dict(zip(AXES, first.versions, strict=True)) == {
        **{axis: RESULT.lock.version(axis) or value for axis, value in RESULT.pins.items()},
        "python": RESULT.lock.python,
        "nothing": "",
    }
    assert dict(zip(AXES, odd.versions, strict=True)) == {**dict.fromkeys(AXES, ""), **ODD.pins}


def test_the_same_question_has_the_same_digest_under_any_name_and_settings() -> None:
    renamed = replace(RESULT, cell="other@plain", settings={"USE_TZ": False})
    asked_more = replace(RESULT, requirements=(*RESULT.requirements, "packaging"))
    one, other, third = entries_of(sheet_of(RESULT, renamed, asked_more), ())
    assert one.question == other.question != third.question
    assert one.circumstances != other.circumstances


def test_rows_are_found_by_their_words() -> None:
    sheet = sheet_of(*EVERY)
    signature = next(iter(entry.signatures[0] for entry in entries_of(sheet, ()) if entry.signatures))
    found = sheet.signatures.rows(signature)
    assert found == {row for row, each in enumerate(entries_of(sheet, ())) if signature in each.signatures}
    assert sheet.signatures.rows("nobody has shown this") == frozenset()


def test_the_newest_is_the_later_one_and_of_the_same_time_the_last() -> None:
    older = replace(RESULT, started="2020-01-01T00:00:00Z")
    again = replace(RESULT, run="run-2")
    newest = newest_entries(entries_of(sheet_of(RESULT, older, again), ()))
    assert newest[RESULT.cell].row == 2
