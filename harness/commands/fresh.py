"""The plan that just installs: what is told at the end."""

from collections.abc import Sequence

from rich.console import Console

from harness.commands.field import load_field
from harness.commands.files import write
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.matrix.config import Matrix
from harness.matrix.plan import Plan
from harness.matrix.releases import load_releases
from harness.model import Cell, CellResult, Settled, Status
from harness.records.join import machine_of
from harness.records.store import newest_results, read_runs
from harness.records.verdict import status_of
from harness.report import data, markdown_fresh, terminal_fresh
from harness.report.fresh import FreshView, Subject, make_fresh_view


def report_fresh(
    matrix: Matrix,
    plan: Plan,
    places: Places,
    console: Console,
    *,
    asked: Sequence[Cell] = (),
    strict: bool = False,
) -> ExitCode:
    """Write and show what is known of the plan's cells; 3 when one of those asked for was not determined.

    A failure is no surprise here: nobody says beforehand what an installer chooses.
    """
    runs = [run for run in read_runs(places.records) if run.header.plan == plan.name]
    results = newest_results(runs, [cell.id for cell in plan.cells])
    view = make_fresh_view(
        plan.cells,
        results,
        Subject(
            plan=plan.name,
            axis=plan.each or "",
            field=load_field(matrix, places),
            releases=load_releases(places.releases),
            expectations=matrix.expectations,
        ),
        machine=machine_of(runs, results),
    )
    _write(view, places)
    console.out(terminal_fresh.render(view, width=console.width, colour=console.is_terminal), end="")
    open_ones = (results[cell.id] for cell in asked if cell.id in results)
    if any(_undetermined(each, strict=strict) for each in open_ones):
        return ExitCode.UNDETERMINED
    return ExitCode.OK


def _write(view: FreshView, places: Places) -> None:
    write(places.report(view.plan, "md"), markdown_fresh.render(view))
    write(places.report(view.plan, "json"), data.render(view))


def _undetermined(result: CellResult, *, strict: bool) -> bool:
    """Whether the machine kept a cell from telling; what another one tells is no matter of the machine."""
    if result.settled is Settled.SAME:
        return False
    status = status_of(result)
    return status is Status.ERRORED or (strict and status is Status.SKIPPED)
