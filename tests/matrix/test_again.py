from dataclasses import replace
from datetime import date

from harness.matrix.again import cell_again
from harness.matrix.config import parse_matrix
from harness.matrix.question import make_question
from harness.model import Cell, CellResult, Resolution
from tests.values import LOCK, MATRIX, RESULT

TABLES = parse_matrix(MATRIX)


def recorded(cell: Cell) -> CellResult:
    """What a run writes of a cell."""
    return replace(
        RESULT,
        cell=cell.id,
        pins=cell.stack.pins,
        extras=cell.stack.extras,
        requirements=make_question(cell, TABLES).requirements,
        resolution=cell.stack.resolution,
        settings=cell.profile.settings,
        lock=replace(LOCK, index_date=cell.stack.as_of),
    )


def test_every_cell_can_be_had_again_from_its_record() -> None:
    for stack in TABLES.stacks.values():
        for profile in TABLES.profiles.values():
            cell = Cell(stack=stack, profile=profile)
            again = cell_again(recorded(cell), TABLES)
            assert replace(again.stack, reason=stack.reason) == stack
            assert replace(again.profile, reason=profile.reason) == profile


def test_a_changed_cell_keeps_its_lines() -> None:
    stack = replace(TABLES.stacks["old-today"], name="old-today+changes-0123abcd", requirements=("a", "b==1"))
    cell = Cell(stack=stack, profile=TABLES.profiles["plain"])
    assert cell_again(recorded(cell), TABLES).stack.requirements == ("a", "b==1")


def test_the_index_of_another_day_is_that_of_the_record() -> None:
    stack = replace(TABLES.stacks["old"], as_of=None)
    result = recorded(Cell(stack=stack, profile=TABLES.profiles["plain"]))
    again = cell_again(replace(result, lock=replace(LOCK, index_date=date(2021, 5, 1))), TABLES)
    assert again.stack.as_of == date(2021, 5, 1)
    assert cell_again(replace(result, lock=None), TABLES).stack.as_of is None
    assert cell_again(replace(result, resolution=Resolution.TODAY), TABLES).stack.as_of is None
