"""The cell that a record is of, so that it can be run again by its name though no plan has it. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

from harness.matrix.config import Matrix
from harness.matrix.question import make_question
from harness.model import Cell, CellResult, DatabaseKind, Profile, Resolution, Stack

_DATABASES: Mapping[str, DatabaseKind] = {kind: kind for kind in get_args(DatabaseKind)}


def cell_again(result: CellResult, matrix: Matrix) -> Cell:
    """The same pins, extras, further requirements, resolution, day of the index and settings."""
    stack_name, _, profile_name = result.cell.partition("@")
    profile = Profile(
        name=profile_name,
        reason="as it was recorded",
        settings=result.settings,
        database=_DATABASES[result.database],
        broker=result.broker,
    )
    bare = Stack(
        name=stack_name,
        reason="as it was recorded",
        pins=result.pins,
        extras=result.extras,
        resolution=result.resolution,
        as_of=result.lock.index_date if result.lock and result.resolution is Resolution.ERA else None,
    )
    implied = make_question(Cell(stack=bare, profile=profile), matrix).requirements
    own = tuple(each for each in result.requirements if each not in implied)
    return Cell(stack=replace(bare, requirements=own), profile=profile)
