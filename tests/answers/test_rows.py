from itertools import islice

from harness.answers.demands import read_demands
from harness.answers.rows import promising_rows
from tests.answers.test_why import FIELD
from tests.answers.world import AXES, MISSING, NEW, cell, facts


def test_rows_begin_with_the_newest_and_go_back_step_by_step() -> None:
    rows = [dict(row) for row in islice(promising_rows(FIELD, {}, facts()), 2)]
    assert rows[0] == {axis: series[-1] for axis, series in FIELD.axes.items()}
    assert sum(rows[1][axis] != rows[0][axis] for axis in rows[0]) == 1


def test_no_row_is_forbidden_fails_already_or_is_not_asked_for() -> None:
    demands = read_demands(["django>=5.2"], AXES).demands
    known = facts(cell(NEW, fails=MISSING))
    rows = [dict(row) for row in promising_rows(FIELD, demands, known)]
    assert rows
    for row in rows:
        assert row["django"] in ("5.2", "6.0")
        assert not FIELD.why_not(row)
    failed = {"python": "3.12", "django": "5.2", "celery": "5.5", "django-celery-beat": "2.8", "redis": "6.2"}
    assert failed not in rows
    assert {**failed, "python": "3.11"} in rows


def test_nothing_is_promised_by_what_no_series_meets() -> None:
    demands = read_demands(["django==9.9"], AXES).demands
    assert list(promising_rows(FIELD, demands, facts())) == []
