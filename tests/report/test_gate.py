"""A gate in every format."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import xmlschema

from harness.errors import ExitCode
from harness.report import data, junit, markdown_gate, remarks, terminal_gate
from harness.report.gate import GateView, headline
from tests.conftest import AssertExpected
from tests.report.small_gate import CELLS, gate_view, quiet_view

HERE = Path(__file__).parent
VIEW = gate_view()
QUIET = quiet_view()
MATRIX = """\
[stacks.other]
[stacks."old"]
reason = "as it was written"

[[expectations]]
signature = "worker:exited*"
"""
WIDTH = 100


def test_on_a_terminal(assert_expected: AssertExpected) -> None:
    text = terminal_gate.render(VIEW, width=WIDTH, colour=False, logs=".harness/runs")
    assert_expected(text, HERE / "gate.txt")


def test_as_markdown(assert_expected: AssertExpected) -> None:
    assert_expected(markdown_gate.render(VIEW), HERE / "gate.md")


def test_as_json(assert_expected: AssertExpected) -> None:
    assert_expected(data.render(VIEW), HERE / "gate.json")


def test_as_junit(assert_expected: AssertExpected) -> None:
    assert_expected(junit.render(VIEW), HERE / "gate.junit.xml")


def test_as_remarks(assert_expected: AssertExpected) -> None:
    assert_expected(remarks.code_quality(VIEW, MATRIX, file="matrix.toml"), HERE / "gate.quality.json")
    assert_expected(remarks.annotations(VIEW, MATRIX, file="matrix.toml"), HERE / "gate.annotations")


def test_what_lets_pass_is_short() -> None:
    text = terminal_gate.render(QUIET, width=WIDTH, colour=False, logs=".harness/runs")
    assert text == "\n1 cell: 0 undetermined, 1 same\nNothing is worse.\n"
    assert remarks.annotations(QUIET, MATRIX, file="matrix.toml") == ""
    assert json.loads(remarks.code_quality(QUIET, MATRIX, file="matrix.toml")) == []
    assert QUIET.exit_code == ExitCode.OK


def test_the_headline_counts_every_cell() -> None:
    counts = [int(number) for number in re.findall(r"(\d+) (?!stale|expired)", headline(VIEW))]
    assert counts[0] == len(CELLS) == sum(counts[1:])


@pytest.mark.parametrize("view", [VIEW, QUIET])
def test_junit_is_as_ci_servers_accept_it(view: GateView) -> None:
    schema = xmlschema.XMLSchema(HERE / "junit.xsd")
    text = junit.render(view)
    schema.validate(text)
    cases: Any = schema.to_dict(text)
    suite = cases["testsuite"]
    for kind, count in (("failure", "@failures"), ("error", "@errors")):
        assert suite[count] == cases[count] == sum(kind in case for case in suite["testcase"])
    assert suite["@tests"] == len(suite["testcase"])


@pytest.mark.parametrize("text", ["", "<testsuites/>", "<testsuites><testsuite name='x'/></testsuites>"])
def test_the_schema_refuses_what_is_none(text: str) -> None:
    with pytest.raises((xmlschema.XMLSchemaValidationError, xmlschema.XMLResourceError, SyntaxError)):
        xmlschema.XMLSchema(HERE / "junit.xsd").validate(text)


def test_a_summary_stays_below_the_limit_of_the_host() -> None:
    many = gate_view({f"old@{number}": CELLS["old@boot"] for number in range(5000)})
    whole = markdown_gate.render(many, most=10**9)
    assert len(whole.encode()) > markdown_gate.MOST_BYTES
    text = markdown_gate.render(many)
    assert len(text.encode()) <= markdown_gate.MOST_BYTES
    assert re.search(r"\n\d+ more cells: see gate\.json\.\n", text)
    assert text.count("<details>") == text.count("</details>")


def test_no_more_annotations_than_are_shown() -> None:
    many = gate_view({f"old@{number}": CELLS["old@boot"] for number in range(30)})
    lines = remarks.annotations(many, MATRIX, file="matrix.toml").splitlines()
    assert len(lines) == 10
    assert lines[-1].endswith("::23 more: see the summary")


def test_annotations_are_a_line_each_whatever_was_seen() -> None:
    for line in remarks.annotations(VIEW, MATRIX, file="a,b:c.toml").splitlines():
        assert re.fullmatch(r"::error file=a%2Cb%3Ac\.toml,line=\d+,title=[^:]*::.+", line)


def test_a_remark_keeps_its_fingerprint_and_shares_it_with_no_other() -> None:
    issues = json.loads(remarks.code_quality(VIEW, MATRIX, file="matrix.toml"))
    again = json.loads(remarks.code_quality(VIEW, f"# moved\n{MATRIX}", file="matrix.toml"))
    fingerprints = [issue["fingerprint"] for issue in issues]
    assert fingerprints == [issue["fingerprint"] for issue in again]
    assert len(set(fingerprints)) == len(issues)
    assert {issue["severity"] for issue in issues} <= {"info", "minor", "major", "critical", "blocker"}
    assert issues[0]["location"]["lines"]["begin"] == 2
    assert again[0]["location"]["lines"]["begin"] == 3
