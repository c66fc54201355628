from dataclasses import replace

import pytest

from harness.commands.matrix import exit_code
from harness.errors import ExitCode
from harness.model import CellResult, Settled
from harness.report.view import make_view
from tests.values import CELL, ERRORED, EXPECTATION, FAILED, PASSED, RESULT, TODAY

BROKEN = replace(RESULT, attempts=(FAILED, FAILED), settled=Settled.REPEATED)
FLAKY = replace(RESULT, attempts=(FAILED, PASSED), settled=Settled.REPEATED)
BUSY = replace(RESULT, attempts=(ERRORED,) * 3, settled=Settled.MACHINE)
HALF_BUSY = replace(RESULT, attempts=(ERRORED, FAILED, ERRORED), settled=Settled.MACHINE)
SKIPPED = replace(RESULT, attempts=(), settled=Settled.SKIPPED, skipped="no Python 3.9")


@pytest.mark.parametrize(
    ("result", "expected", "code", "strict_code"),
    [
        (RESULT, False, ExitCode.OK, ExitCode.OK),
        (RESULT, True, ExitCode.UNEXPECTED, ExitCode.UNEXPECTED),
        (BROKEN, True, ExitCode.OK, ExitCode.OK),
        (BROKEN, False, ExitCode.UNEXPECTED, ExitCode.UNEXPECTED),
        (FLAKY, True, ExitCode.UNEXPECTED, ExitCode.UNEXPECTED),
        (BUSY, True, ExitCode.UNDETERMINED, ExitCode.UNDETERMINED),
        (HALF_BUSY, True, ExitCode.UNDETERMINED, ExitCode.UNDETERMINED),
        (SKIPPED, True, ExitCode.OK, ExitCode.UNDETERMINED),
        (None, True, ExitCode.OK, ExitCode.UNDETERMINED),
    ],
)
def test_a_run_ends_with_the_code_of_its_worst_cell(
    result: CellResult | None,
    expected: bool,  # noqa: FBT001
    code: ExitCode,
    strict_code: ExitCode,
) -> None:
    view = make_view(
        [CELL],
        {CELL.id: result} if result is not None else {},
        plan="default",
        expectations=[EXPECTATION] if expected else [],
        today=TODAY,
        machine=None,
    )
    assert (exit_code(view, strict=False), exit_code(view, strict=True)) == (code, strict_code)
