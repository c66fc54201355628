"""`nox -s report`: render what the records say, without running anything."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console

from harness.commands.caps import report_caps
from harness.commands.field import load_field, load_plan, report_field
from harness.commands.files import write
from harness.commands.fresh import report_fresh
from harness.commands.kept import work_out
from harness.commands.places import DEFAULT_PLAN, Places
from harness.errors import ExitCode
from harness.matrix.config import Matrix, load_matrix
from harness.model import Cell
from harness.records.join import machine_of
from harness.records.store import newest_results, read_runs
from harness.report import data, markdown, markdown_culprits, terminal
from harness.report.culprits import CulpritView
from harness.report.measured import Measured, measured
from harness.report.view import View, make_view


def run_report(plan_name: str, places: Places, console: Console) -> ExitCode:
    """Write the plan's reports, and the one of culprits; show the plan's on the terminal."""
    matrix = load_matrix(places.matrix)
    # Records may have come from elsewhere: then no question waits for what follows from them.
    write_culprits(work_out(matrix, places), places)
    plan = load_plan(matrix, plan_name, places)
    if plan.settling is not None:
        return report_field(load_field(matrix, places), plan, places, console)
    if plan.over_caps is not None:
        return report_caps(load_field(matrix, places), plan, places, console)
    if plan.each is not None:
        return report_fresh(matrix, plan, places, console)
    view = load_view(matrix, plan_name, plan.cells, places)
    write_reports(view, places)
    show(view, places, console)
    return ExitCode.OK


def load_view(matrix: Matrix, plan: str, cells: Sequence[Cell], places: Places) -> View:
    """The view of `cells` from all records there are of the plan."""
    runs = read_runs(places.records, plan=plan)
    results = newest_results(runs, [cell.id for cell in cells])
    machine = machine_of(runs, results)
    view = make_view(
        cells,
        results,
        plan=plan,
        expectations=matrix.expectations,
        today=datetime.now(UTC).date(),
        machine=machine,
    )
    return replace(view, beside=_beside(places)) if plan == DEFAULT_PLAN else view


def _beside(places: Places) -> tuple[Measured, ...]:
    runs = read_runs(places.records, outline=True)
    # What only a gate has run has no report of its own.
    return tuple(
        each
        for each in measured(runs)
        if each.plan != DEFAULT_PLAN and places.report(each.plan, "md").exists()
    )


def show(view: View, places: Places, console: Console) -> None:
    """Show the report on the terminal."""
    logs = os.path.relpath(places.work)
    text = terminal.render(view, width=console.width, colour=console.is_terminal, logs=logs)
    console.out(text, end="")


def write_reports(view: View, places: Places) -> None:
    """Write the Markdown and the JSON report of a plan, each at once or not at all."""
    write(places.report(view.plan, "md"), markdown.render(view))
    write(places.report(view.plan, "json"), data.render(view))


def write_culprits(view: CulpritView, places: Places) -> None:
    """Write the report of culprits."""
    write(places.report("culprits", "md"), markdown_culprits.render(view))
    write(places.report("culprits", "json"), data.render(view))
