from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.commands.fleet import _result
from harness.commands.fleet_worker import _refuse_others
from harness.commands.places import Places
from harness.errors import MachineError
from harness.fleet.address import Address
from harness.fleet.dispatch import BrokenOff, Failed, Ran, Unserved
from harness.model import CellResult, RunFooter, Settled, Verdict
from harness.records.codec import encode
from harness.records.verdict import verdict_of
from harness.schedule import Crashed
from tests.fleet.orders import ORDER
from tests.values import RESULT


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(matrix=tmp_path / "matrix.toml", state=tmp_path / "state", reports=tmp_path / "reports")


def test_what_a_machine_has_run_is_the_result_and_its_logs_are_where_its_own_would_be(places: Places) -> None:
    result = replace(RESULT, run=ORDER.run, cell=ORDER.cell.id)
    ran = Ran(machine="one", record=encode(result), logs={"attempt-1/worker.log": "text"})
    assert _result(ORDER, ran, places) == result
    log = places.work / ORDER.run / ORDER.cell.id / "attempt-1" / "worker.log"
    assert log.read_text(encoding="utf-8") == "text"


def test_what_is_no_result_is_a_mistake_of_the_harness(places: Places) -> None:
    footer = RunFooter(run=ORDER.run, ended="", seconds=1.0)
    crashed = _result(ORDER, Ran(machine="one", record=encode(footer), logs={}), places)
    assert isinstance(crashed, Crashed)
    assert str(crashed.error) == "one answered with no result"


def test_what_no_machine_can_run_is_skipped(places: Places) -> None:
    result = _result(ORDER, Unserved(why="no machine has it"), places)
    assert isinstance(result, CellResult)
    assert (result.run, result.cell, result.database) == (ORDER.run, ORDER.cell.id, "mariadb")
    assert (result.settled, result.skipped) == (Settled.SKIPPED, "no machine has it")


def test_what_was_broken_off_is_undetermined(places: Places) -> None:
    result = _result(ORDER, BrokenOff(machine="one", seconds=2700.0), places)
    assert isinstance(result, CellResult)
    assert (verdict_of(result), result.settled) == (Verdict.UNTESTED, Settled.MACHINE)
    [attempt] = result.attempts
    assert [failure.signature for failure in attempt.failures] == ["service:cell-timeout"]


def test_what_failed_is_raised(places: Places) -> None:
    error = MachineError("it did")
    crashed = _result(ORDER, Failed(error=error), places)
    assert isinstance(crashed, Crashed)
    assert crashed.error is error


class _Runs:
    """A board on which runs of these versions go on."""

    def __init__(self, *versions: str) -> None:
        self._versions = frozenset(versions)

    def versions(self) -> frozenset[str]:
        return self._versions


def test_a_machine_that_would_get_no_cells_is_told_so() -> None:
    address = Address(url="redis://example.org", lease=60.0)
    nobodys: Any = _Runs()
    ours: Any = _Runs(address.version, "another-60")
    others: Any = _Runs("another-60")
    _refuse_others(nobodys, address)
    _refuse_others(ours, address)
    with pytest.raises(
        MachineError, match=f"another version of the harness: another-60, and here is {address.version}"
    ):
        _refuse_others(others, address)
