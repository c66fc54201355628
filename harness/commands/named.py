"""Cells that no plan has, by their names: rows of the field, and what is in the records."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.matrix.again import cell_again
from harness.matrix.config import Matrix
from harness.matrix.field import Field
from harness.matrix.plan import Plan
from harness.model import Cell
from harness.pairs.cells import cell_named
from harness.records.store import Run, newest_results


def with_named(
    plan: Plan, names: Sequence[str], *, matrix: Matrix, runs: Sequence[Run], field: Field | None
) -> Plan:
    """The plan with the cells among `names` that it lacks: rows of its field, others as recorded."""
    has = {cell.id for cell in plan.cells}
    wanted = [name for name in names if name not in has]
    return replace(plan, cells=(*plan.cells, *_cells(plan, wanted, matrix, runs, field)))


def _cells(
    plan: Plan, names: Sequence[str], matrix: Matrix, runs: Sequence[Run], field: Field | None
) -> Iterator[Cell]:
    recorded = newest_results(runs, names)
    profile = plan.row_profile
    for name in names:
        row = cell_named(name, field, {profile.name: profile}) if field and profile else None
        if row is not None:
            yield row
        elif name in recorded:
            yield cell_again(recorded[name], matrix)
