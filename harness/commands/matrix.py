"""`nox -s matrix`: run a plan's cells and report."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.console import Console

from harness.commands.caps import report_caps, tell_caps
from harness.commands.diagnosis import Releases
from harness.commands.feed import NO_BUDGET, Budget
from harness.commands.field import load_field, load_plan, report_field, tell_field
from harness.commands.fresh import report_fresh
from harness.commands.interrupt import stopping_on_signals
from harness.commands.kept import work_out
from harness.commands.named import with_named
from harness.commands.places import Places
from harness.commands.plan import choose_cells, list_plan
from harness.commands.report import load_view, show, write_reports
from harness.commands.shard import choose_shard
from harness.commands.undertaking import Wanted, carry_out, new_run_name, prepare
from harness.env.index import open_index
from harness.errors import ExitCode, UsageError
from harness.fleet.address import Address
from harness.matrix.config import Matrix, load_matrix
from harness.matrix.field import Field
from harness.matrix.plan import Plan
from harness.matrix.shard import Shard
from harness.model import Cell, ClockKind, Status
from harness.proc.marker import Marker
from harness.proc.sweep import sweep_orphans
from harness.records.store import Run, read_runs
from harness.report.view import View
from harness.services.private import remove_orphaned_folders


@dataclass(frozen=True, kw_only=True)
class MatrixOptions:
    """What `nox -s matrix` was asked for."""

    plan: str = "default"
    select: tuple[str, ...] = ()
    jobs: int | None = None
    keep: bool = False
    clock: ClockKind | None = None
    failed: bool = False
    resume: bool = True
    list_only: bool = False
    strict: bool = False
    budget: Budget = NO_BUDGET
    shard: Shard | None = None
    fleet: Address | None = None


def run_matrix(options: MatrixOptions, places: Places, console: Console) -> ExitCode:
    """Run what was asked for; 0 when every cell is as expected."""
    matrix = load_matrix(places.matrix)
    plan = load_plan(matrix, options.plan, places)
    runs = read_runs(places.records, outline=True)
    field = load_field(matrix, places) if plan.row_profile else None
    named = with_named(plan, options.select, matrix=matrix, runs=runs, field=field)
    cells = choose_cells(named, runs, select=options.select, failed=options.failed)
    if options.shard is not None:
        if options.select:
            raise UsageError(
                "--shard splits a whole plan, and --select takes cells out of it",
                hint="give these cells a plan of their own in matrix.toml",
            )
        cells = choose_shard(plan, options.shard, runs, console)
        plan = replace(plan, cells=cells)
        places = places.of_shard(plan.name, options.shard)
        # What this shard has done comes last: it may be gone on with.
        runs = (*runs, *read_runs(places.records, outline=True))
    if options.list_only:
        list_plan(plan, cells, console)
        _tell_of(plan, field, console)
        return ExitCode.OK
    if options.shard is not None and not cells:
        return ExitCode.OK
    wanted = Wanted(
        matrix=matrix,
        plan=plan,
        cells=cells,
        clock=options.clock,
        jobs=options.jobs,
        keep=options.keep,
        resume=options.resume,
        # Who names cells wants no others.
        field=None if options.select or options.failed else field,
        budget=options.budget,
    )
    sweep_orphans()
    remove_orphaned_folders()
    name = new_run_name()
    marker = Marker.of_this_harness(name)
    with stopping_on_signals(marker), contextlib.ExitStack() as stack:
        if wanted.field is not None:
            # What fails is traced back to a release, among those that the index has.
            index = stack.enter_context(open_index(os.environ, timeout=matrix.timeouts["index"]))
            wanted = replace(wanted, releases_of=Releases(index, places.cache))
        if options.fleet is None:
            carry_out(prepare(wanted, runs, places, name, marker), places, console)
        else:
            _carry_out_elsewhere(wanted, runs, places, name, options.fleet, console)
    if options.shard is None:
        # Who changes the records works out what follows from all of them: then no question waits for it.
        work_out(matrix, places)
    if field is not None:
        report = report_field if plan.over_caps is None else report_caps
        return report(field, plan, places, console)
    if plan.each is not None:
        return report_fresh(matrix, plan, places, console, asked=cells, strict=options.strict)
    return _report_cells(matrix, plan, cells, places, console, strict=options.strict)


def _carry_out_elsewhere(
    wanted: Wanted, runs: Sequence[Run], places: Places, name: str, fleet: Address, console: Console
) -> None:
    # Celery takes a while to load, and others do without it.
    from harness.commands.fleet import carry_out_on_fleet  # noqa: PLC0415

    carry_out_on_fleet(wanted, runs, places, name, fleet, console)


def _tell_of(plan: Plan, field: Field | None, console: Console) -> None:
    """What comes after the cells that a plan names."""
    if field is not None and plan.settling is not None:
        tell_field(field, plan.settling, console)
    if field is not None and plan.over_caps is not None:
        tell_caps(field, console)


def _report_cells(
    matrix: Matrix, plan: Plan, cells: Sequence[Cell], places: Places, console: Console, *, strict: bool
) -> ExitCode:
    """Write what is known of all of a plan's cells, and show what is known of some of them."""
    write_reports(load_view(matrix, plan.name, plan.cells, places), places)
    view = load_view(matrix, plan.name, cells, places)
    show(view, places, console)
    return exit_code(view, strict=strict)


def exit_code(view: View, *, strict: bool) -> ExitCode:
    """1 when a cell is not as expected, 3 when one could not be determined, else 0.

    A cell that was skipped for want of an interpreter or a database is determined, unless `strict`.
    """
    if view.unexpected:
        return ExitCode.UNEXPECTED
    if any(row.status is Status.ERRORED or (strict and row.status is Status.SKIPPED) for row in view.rows):
        return ExitCode.UNDETERMINED
    return ExitCode.OK
