from dataclasses import replace

import pytest

from harness.commands.undertaking import (
    BYTES_PER_BROWSER,
    BYTES_PER_CELL,
    CELLS_PER_CORE,
    CELLS_PER_CORE_OF,
    _dearest_first,
    default_jobs,
)
from harness.model import Cell, ClockKind, Stage
from tests.values import PROFILE, RESULT, STACK

PLENTY = 2**40


@pytest.mark.parametrize("clock", ClockKind)
@pytest.mark.parametrize("cores", [1, 2, 64])
def test_with_plenty_of_memory_the_cores_decide(clock: ClockKind, cores: int) -> None:
    assert default_jobs(clock, cores, PLENTY) == CELLS_PER_CORE[clock] * cores


@pytest.mark.parametrize("cells", [1, 3, 7])
def test_with_little_memory_the_memory_decides(cells: int) -> None:
    free = cells * BYTES_PER_CELL
    assert default_jobs(ClockKind.FAKE, 64, free) == cells
    assert default_jobs(ClockKind.FAKE, 64, free + BYTES_PER_CELL - 1) == cells


def test_browsers_want_a_core_each_and_more_memory() -> None:
    browser = [Stage.ADMIN, Stage.BROWSER]
    assert default_jobs(ClockKind.FAKE, 4, PLENTY, browser) == 4
    assert default_jobs(ClockKind.FAKE, 64, 2 * BYTES_PER_BROWSER, browser) == 2
    assert default_jobs(ClockKind.FAKE, 4, 0, browser) == 1


@pytest.mark.parametrize(("stage", "at_a_time"), CELLS_PER_CORE_OF.items())
def test_the_stage_that_fills_a_core_soonest_decides(stage: Stage, at_a_time: int) -> None:
    assert default_jobs(ClockKind.REAL, 2, PLENTY, [Stage.TASK, stage]) == 2 * at_a_time


def test_one_cell_is_run_however_little_there_is() -> None:
    assert default_jobs(ClockKind.REAL, 1, 0) == 1


def test_the_unknown_is_begun_first_and_then_the_dearest() -> None:
    cells = [
        Cell(stack=replace(STACK, name=name), profile=PROFILE) for name in ("a", "new", "b", "newer", "c")
    ]
    known = {
        f"{name}@plain": replace(RESULT, seconds=seconds)
        for name, seconds in (("a", 2.0), ("b", 60.0), ("c", 2.0))
    }
    assert [cell.stack.name for cell in _dearest_first(cells, known)] == ["new", "newer", "b", "a", "c"]
