"""A plan: which cells run, in which order, and which a constraint leaves out. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from harness.errors import UsageError
from harness.matrix.config import Matrix
from harness.matrix.schema import ConstraintTable, PlanTable
from harness.matrix.select import Selector, nearest, require_matches
from harness.model import USUAL_CHECKS, Cell, Profile, Stack, Stage


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
    """The cells of a named plan, in the order of matrix.toml, what is looked at in each, and how often.

    `each` is the axis that stacks were made of. `over_caps` is the profile under which rows are run of which
    an upper cap alone forbids a pair. Who makes cells to learn what nobody knows expects nothing of
    them: matrix.toml's expectations name its own stacks.
    """

    name: str
    cells: tuple[Cell, ...]
    excluded: tuple[Excluded, ...]
    checks: tuple[Stage, ...] = USUAL_CHECKS
    attempts: int = 1
    settling: Settling | None = None
    each: str | None = None
    over_caps: Profile | None = None

    @property
    def expects(self) -> bool:
        """Whether matrix.toml says beforehand what its cells do."""
        return self.row_profile is None and self.each is None

    @property
    def row_profile(self) -> Profile | None:
        """The profile of the rows of the field that the plan chooses while it runs; None when it does not."""
        return self.settling.profile if self.settling else self.over_caps


def make_plan(matrix: Matrix, name: str, made: Iterable[Stack] = ()) -> Plan:
    """The plan called `name`, of the stacks of matrix.toml that it names, and of those `made` for it.

    Raises:
        UsageError: there is no such plan.
    """
    table = matrix.plans.get(name)
    if table is None:
        raise UsageError(f"no plan is called {name!r}{nearest(name, matrix.plans)}")
    cells: list[Cell] = []
    excluded: list[Excluded] = []
    for cell in _selected(table, matrix, made):
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
        attempts=table.attempts,
        settling=_settling(table, matrix),
        each=table.each,
        over_caps=_one_profile(table, matrix) if table.over_caps else None,
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
    return Settling(profile=_one_profile(table, matrix), cover=table.cover)


def _one_profile(table: PlanTable, matrix: Matrix) -> Profile:
    return matrix.profiles[next(filter(Selector(table.profiles), matrix.profiles))]


def _selected(table: PlanTable, matrix: Matrix, made: Iterable[Stack]) -> Iterator[Cell]:
    # No glob is every glob to a selector, and no cell to a plan.
    stacks, profiles, cells = (Selector(globs) for globs in (table.stacks, table.profiles, table.cells))
    for stack in matrix.stacks.values():
        for profile in matrix.profiles.values():
            cell = Cell(stack=stack, profile=profile)
            by_both = bool(table.stacks) and stacks(stack.name) and profiles(profile.name)
            if by_both or (bool(table.cells) and cells(cell.id)):
                yield cell
    for stack in made:
        for name in filter(profiles, matrix.profiles):
            yield Cell(stack=stack, profile=matrix.profiles[name])


def _first_match(cell: Cell, constraints: Sequence[ConstraintTable]) -> ConstraintTable | None:
    values = {**cell.stack.pins, "database": cell.profile.database, "broker": cell.profile.broker}
    for constraint in constraints:
        if all(
            any(fnmatchcase(values[key], glob) for glob in globs) for key, globs in constraint.when.items()
        ):
            return constraint
    return None
