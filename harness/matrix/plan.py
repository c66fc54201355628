"""A plan: which cells run, in which order, and which a constraint leaves out. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from harness.errors import UsageError
from harness.matrix.config import Matrix
from harness.matrix.schema import ConstraintTable, PlanTable
from harness.matrix.select import Selector, nearest, require_matches
from harness.model import USUAL_CHECKS, Cell, Profile, Stage


@dataclass(frozen=True, kw_only=True)
class Excluded:
    """A cell that a constraint leaves out of the plan."""

    cell: Cell
    reason: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Settling:
    """A plan goes on beyond its cells until every pair of values is settled, each row under `profile`.

    Of the three axes in `cover`, if there are any, every combination is run as well.
    """

    profile: Profile
    cover: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The cells of a named plan, in the order of matrix.toml, and what is looked at in each."""

    name: str
    cells: tuple[Cell, ...]
    excluded: tuple[Excluded, ...]
    checks: tuple[Stage, ...] = USUAL_CHECKS
    settling: Settling | None = None


def make_plan(matrix: Matrix, name: str) -> Plan:
    """The plan called `name`.

    Raises:
        UsageError: there is no such plan.
    """
    table = matrix.plans.get(name)
    if table is None:
        raise UsageError(f"no plan is called {name!r}{nearest(name, matrix.plans)}")
    selected = _selector(table)
    cells: list[Cell] = []
    excluded: list[Excluded] = []
    for stack in matrix.stacks.values():
        for profile in matrix.profiles.values():
            cell = Cell(stack=stack, profile=profile)
            if not selected(cell):
                continue
            constraint = _first_match(cell, matrix.constraints)
            if constraint is None:
                cells.append(cell)
            else:
                excluded.append(Excluded(cell=cell, reason=constraint.reason, source=constraint.source))
    return Plan(
        name=name,
        cells=tuple(cells),
        excluded=tuple(excluded),
        checks=table.checks,
        settling=_settling(table, matrix),
    )


def select_cells(plan: Plan, globs: Sequence[str]) -> tuple[Cell, ...]:
    """The plan's cells whose id matches one of `globs`; all of them without globs.

    Raises:
        UsageError: a glob matches no cell.
    """
    require_matches(globs, [cell.id for cell in plan.cells], what=f"cell of the plan {plan.name!r}")
    selected = Selector(tuple(globs))
    return tuple(cell for cell in plan.cells if selected(cell.id))


def _settling(table: PlanTable, matrix: Matrix) -> Settling | None:
    if not table.settle_pairs:
        return None
    profile = next(filter(Selector(table.profiles), matrix.profiles))
    return Settling(profile=matrix.profiles[profile], cover=table.cover)


def _selector(table: PlanTable) -> Callable[[Cell], bool]:
    # No glob is every glob to a selector, and no cell to a plan.
    stacks, profiles, cells = (Selector(globs) for globs in (table.stacks, table.profiles, table.cells))

    def selected(cell: Cell) -> bool:
        by_both = stacks(cell.stack.name) and profiles(cell.profile.name)
        return by_both or (bool(table.cells) and cells(cell.id))

    return selected


def _first_match(cell: Cell, constraints: Sequence[ConstraintTable]) -> ConstraintTable | None:
    values = {**cell.stack.pins, "database": cell.profile.database, "broker": cell.profile.broker}
    for constraint in constraints:
        if all(
            any(fnmatchcase(values[key], glob) for glob in globs) for key, globs in constraint.when.items()
        ):
            return constraint
    return None
