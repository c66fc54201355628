from dataclasses import replace
from pathlib import Path

from harness.report import markdown
from harness.report.view import View
from tests.conftest import AssertExpected


def test_the_report_for_readers_of_the_repository(view: View, assert_expected: AssertExpected) -> None:
    assert_expected(markdown.render(view), Path(__file__).with_name("expected.md"))


def test_the_report_of_a_plan_that_has_not_been_run(nothing: View) -> None:
    text = markdown.render(nothing)
    assert "| [▫️ untested](#oldplain) | it has not been run |" in text
    assert "in run" not in text
    assert "Machine" not in text
    assert "What to know" not in text


def test_a_report_without_failures_has_no_section_for_them(view: View) -> None:
    text = markdown.render(replace(view, rows=view.rows[:1]))
    assert "What fails" not in text
