from dataclasses import replace
from pathlib import Path

import pytest

from harness.commands.field import load_field, load_plan
from harness.commands.fresh import report_fresh
from harness.commands.places import Places
from harness.commands.report import run_report
from harness.errors import ExitCode, UsageError
from harness.matrix.releases import render_releases
from harness.model import CellResult, Installer, Settled
from harness.records.store import RunWriter, run_path
from tests.commands.conftest import Printed
from tests.report.small_fresh import MATRIX, MATRIX_TEXT, RELEASES
from tests.values import ERRORED, FAILED, FOOTER, HEADER, RESULT

CELL = "fresh-3.8-2.2-extra-pip@plain"
BROKEN = replace(RESULT, cell=CELL, attempts=(FAILED, FAILED), settled=Settled.REPEATED)
BUSY = replace(BROKEN, attempts=(ERRORED,) * 3, settled=Settled.MACHINE)
SKIPPED = replace(BROKEN, attempts=(), settled=Settled.SKIPPED, skipped="no Python 3.8")
SAME = replace(SKIPPED, settled=Settled.SAME, skipped="pip chooses what uv chooses")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(matrix=tmp_path / "matrix.toml", state=tmp_path / "state", reports=tmp_path / "reports")
    places.matrix.write_text(MATRIX_TEXT)
    places.releases.write_text(render_releases(RELEASES))
    return places


def note(places: Places, result: CellResult) -> None:
    writer = RunWriter(run_path(places.records, "run-1"))
    for record in (replace(HEADER, plan="fresh"), replace(result, installer=Installer.PIP), FOOTER):
        writer.append(record)


@pytest.mark.parametrize(
    ("result", "code", "strict_code"),
    [
        (BROKEN, ExitCode.OK, ExitCode.OK),
        (BUSY, ExitCode.UNDETERMINED, ExitCode.UNDETERMINED),
        (SKIPPED, ExitCode.OK, ExitCode.UNDETERMINED),
        (SAME, ExitCode.OK, ExitCode.OK),
    ],
)
def test_what_fails_is_no_surprise_and_what_uv_tells_is_determined(
    result: CellResult, code: ExitCode, strict_code: ExitCode, places: Places, printed: Printed
) -> None:
    note(places, result)
    plan = load_plan(MATRIX, "fresh", places)
    asked = [cell for cell in plan.cells if cell.id == CELL]
    codes = [
        report_fresh(MATRIX, plan, places, printed.console, asked=asked, strict=strict)
        for strict in (False, True)
    ]
    assert codes == [code, strict_code]


def test_the_report_can_be_made_again_from_the_records(places: Places, printed: Printed) -> None:
    note(places, BROKEN)
    assert run_report("fresh", places, printed.console) is ExitCode.OK
    assert "worker:exited:worker/1" in places.report("fresh", "md").read_text()
    assert places.report("fresh", "json").exists()
    assert printed.lines()[-1].endswith("5 untested")


def test_a_plan_of_an_axis_has_what_releases_json_admits(places: Places) -> None:
    field = load_field(MATRIX, places)
    pairs = {
        (cell.stack.python, cell.stack.pins["django"]) for cell in load_plan(MATRIX, "fresh", places).cells
    }
    assert len(pairs) == sum(
        (("python", python), ("django", django)) not in field.forbidden
        for python in field.axes["python"]
        for django in field.axes["django"]
    )


def test_a_plan_that_is_not_there_is_told(places: Places) -> None:
    with pytest.raises(UsageError, match="no plan is called 'frehs'; did you mean 'fresh'"):
        load_plan(MATRIX, "frehs", places)
