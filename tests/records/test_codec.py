import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import (
    Attempt,
    CellResult,
    CheckResult,
    Failure,
    Lock,
    Observation,
    RunFooter,
    RunHeader,
    Settled,
    StageResult,
)
from harness.records.codec import Record, UnreadableRecord, decode, encode
from harness.records.outline import outlined
from harness.records.verdict import status_of, verdict_of
from tests.values import FAILED, FAILURE, FOOTER, HEADER, RESULT

# What JSON has: finite numbers, and one kind of mapping.
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(
    Mapping, lambda kind: st.dictionaries(*map(st.from_type, get_args(kind)), max_size=2)
)

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.text(), below, max_size=2),
    max_leaves=4,
)
FAILURES = st.none() | st.from_type(Failure)
ATTEMPTS = st.builds(
    Attempt,
    stages=st.lists(st.from_type(StageResult), max_size=2).map(tuple),
    failure=FAILURES,
    checks=st.lists(st.builds(CheckResult, caveat=st.text(), failure=FAILURES), max_size=2).map(tuple),
    observations=st.lists(
        st.builds(Observation, data=st.dictionaries(st.text(), JSON, max_size=2)), max_size=2
    ).map(tuple),
)
RESULTS = st.builds(
    CellResult,
    lock=st.none() | st.builds(Lock, index_date=st.none() | st.dates()),
    seed=st.none() | st.text(),
    pip=st.none() | st.text(),
    installer=...,
    attempts=st.lists(ATTEMPTS, max_size=2).map(tuple),
    settled=...,
    skipped=...,
)
RECORDS = st.from_type(RunHeader) | RESULTS | st.from_type(RunFooter)


@given(RECORDS)
def test_a_record_is_itself_again_after_a_line(record: Record) -> None:
    line = encode(record)
    assert "\n" not in line
    assert decode(line) == record


@given(RECORDS)
def test_a_record_in_outline_is_what_is_left_without_what_was_seen(record: Record) -> None:
    left = outlined(record) if isinstance(record, CellResult) else record
    assert decode(encode(record), outline=True) == left


@given(RESULTS)
def test_an_outline_is_judged_as_the_whole(result: CellResult) -> None:
    outline = outlined(result)
    assert (verdict_of(outline), status_of(outline)) == (verdict_of(result), status_of(result))
    assert [each.failures for each in outline.attempts] == [each.failures for each in result.attempts]
    assert all(not (each.stages or each.observations) for each in outline.attempts)


@pytest.mark.parametrize("outline", [False, True])
def test_what_one_line_lacks_is_what_it_is_by_default(*, outline: bool) -> None:
    line = json.loads(encode(replace(RESULT, attempts=())))
    for name in ("seed", "attempts", "settled", "skipped", "checks"):
        del line[name]
    expected = replace(RESULT, attempts=(), settled=Settled.SKIPPED)
    assert decode(json.dumps(line, separators=(",", ":")), outline=outline) == expected


@pytest.mark.parametrize("outline", [False, True])
def test_a_line_that_somebody_laid_out_otherwise_is_read_as_well(*, outline: bool) -> None:
    body = json.loads(encode(RESULT))
    line = json.dumps(dict(reversed(body.items())), indent=None)
    assert decode(line.encode() + b"\r\n", outline=outline) == (outlined(RESULT) if outline else RESULT)


@pytest.mark.parametrize("outline", [False, True])
@pytest.mark.parametrize(
    ("good", "bad", "why"),
    [
        ('"seconds":7.5', '"seconds":"soon"', "1 validation error for CellResult"),
        ('"settled":"clean"', '"settled":"somehow"', "1 validation error for CellResult"),
        ('"cell":"old@plain",', "", "1 validation error for CellResult"),
    ],
)
def test_a_result_that_is_none_says_why(good: str, bad: str, why: str, *, outline: bool) -> None:
    line = encode(RESULT)
    assert good in line
    with pytest.raises(UnreadableRecord, match=why):
        decode(line.replace(good, bad, 1), outline=outline)


@pytest.mark.parametrize("outline", [False, True])
@given(data=st.data())
def test_a_torn_result_is_unreadable_in_outline_as_well(data: st.DataObject, *, outline: bool) -> None:
    line = encode(RESULT)
    with pytest.raises(UnreadableRecord):
        decode(line[: data.draw(st.integers(min_value=0, max_value=len(line) - 1))], outline=outline)


def test_a_line_says_its_schema_and_its_kind_first() -> None:
    assert encode(FOOTER) == (
        '{"schema":1,"kind":"footer","run":"run-1","ended":"2026-08-01T10:01:00Z","seconds":60.0}'
    )


@given(st.sampled_from([HEADER, RESULT, FOOTER]), st.data())
def test_a_torn_line_is_unreadable(record: Record, data: st.DataObject) -> None:
    line = encode(record)
    with pytest.raises(UnreadableRecord):
        decode(line[: data.draw(st.integers(min_value=0, max_value=len(line) - 1))])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "Expecting value"),
        ("3", "has no attribute 'pop'"),
        ("null", "has no attribute 'pop'"),
        ("{}", "schema"),
        ('{"schema":2,"kind":"footer"}', "not of schema 1"),
        ('{"schema":1}', "kind"),
        ('{"schema":1,"kind":"gossip"}', "gossip"),
        ('{"schema":1,"kind":"footer"}', "3 validation errors for RunFooter"),
        ('{"schema":1,"kind":"footer","run":"r","ended":"e","seconds":"soon"}', "1 validation error"),
    ],
)
def test_what_is_no_record_is_unreadable_and_says_why(line: str, why: str) -> None:
    with pytest.raises(UnreadableRecord, match=why):
        decode(line)


@pytest.mark.parametrize("line", ["[]", '{"schema":1,"kind":[]}'])
def test_a_list_is_no_record(line: str) -> None:
    with pytest.raises(UnreadableRecord):
        decode(line)


@pytest.mark.parametrize(
    "end",
    ["\n", "\r", "\x0b", "\x1c", "\x85", "\u2028"],
)
def test_no_text_makes_a_record_two_lines(end: str) -> None:
    excerpt = f"one{end}two"
    record = replace(RESULT, attempts=(replace(FAILED, failure=replace(FAILURE, excerpt=excerpt)),))
    assert encode(record).splitlines() == [encode(record)]
