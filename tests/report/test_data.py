import json
from pathlib import Path

from harness.report import data
from harness.report.view import View
from tests.conftest import AssertExpected


def test_the_report_for_programs(view: View, assert_expected: AssertExpected) -> None:
    assert_expected(data.render(view), Path(__file__).with_name("expected.json"))


def test_a_program_can_read_what_has_not_been_run(nothing: View) -> None:
    report = json.loads(data.render(nothing))
    assert (report["machine"], report["runs"], report["rows"][0]["verdict"]) == (None, [], "untested")
