"""What was measured, from made-up runs."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from harness.records.store import Run
from harness.report import markdown
from harness.report.measured import measured
from harness.report.view import View
from tests.values import HEADER, RESULT


def run(plan: str, *cells: tuple[str, str, float]) -> Run:
    results = tuple(replace(RESULT, cell=cell, started=at, seconds=took) for cell, at, took in cells)
    header = replace(HEADER, run=f"run-of-{plan}", plan=plan)
    return Run(path=Path("x"), header=header, results=results, footer=None, unreadable=0)


def test_time_counts_while_any_cell_runs_and_a_cell_once() -> None:
    runs = [
        run("field", ("a", "2026-11-22T10:00:00Z", 60), ("b", "2026-11-22T10:00:30Z", 60)),
        run("default", ("c", "2026-11-22T09:00:00Z", 5)),
        run("empty"),
        run("field", ("a", "2026-11-22T12:00:00Z", 10)),
    ]
    default, field = measured(runs)
    assert (default.plan, default.cells, default.seconds) == ("default", 1, 5)
    assert (field.plan, field.cells, field.seconds) == ("field", 2, 90 + 10)
    assert field.began == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert field.ended == datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)


def test_the_default_report_leads_to_the_others(view: View) -> None:
    others = measured([run("field", ("a", "2026-11-22T10:00:00Z", 90))])
    text = markdown.render(replace(view, beside=others))
    assert "| [field](field.md) | 1 ([run-of-field](runs/run-of-field.jsonl)) | 2026-11-22 10:00" in text
    assert "| 1 min 30 s |" in text
    assert "The other reports" not in markdown.render(view)
