from dataclasses import replace
from pathlib import Path

import pytest

from harness.report import terminal
from harness.report.view import View
from tests.conftest import AssertExpected


def test_the_report_for_a_terminal(view: View, assert_expected: AssertExpected) -> None:
    assert_expected(
        terminal.render(view, width=140, colour=False, logs="runs"), Path(__file__).with_name("expected.txt")
    )


def test_a_terminal_may_have_colours(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    coloured = terminal.render(view, width=120, colour=True, logs="runs")
    assert "\x1b[31mbroken\x1b[0m" in coloured
    assert "\x1b" not in terminal.render(view, width=120, colour=False, logs="runs")


def test_when_every_cell_is_as_expected_the_last_line_says_so(view: View) -> None:
    expected = replace(view, rows=view.rows[:1], unexpected=0, undetermined=0)
    assert terminal.render(expected, width=120, colour=False, logs="runs").endswith(
        "\nEvery cell is as expected.\n"
    )


def test_a_narrow_terminal_shows_cells_and_verdicts(view: View) -> None:
    heading, first, *_ = terminal.render(view, width=100, colour=False, logs="runs").splitlines()
    assert (heading.split(), first.split()) == (["cell", "verdict"], ["works@plain", "works"])


def test_a_line_to_copy_is_not_broken_where_the_terminal_ends(view: View) -> None:
    text = terminal.render(view, width=40, colour=False, logs="runs")
    assert all(row.reproduce in text for row in view.rows if not row.as_expected)
