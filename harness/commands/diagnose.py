"""`nox -s diagnose`: for what fails, the smallest change of versions that makes it pass."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from harness.commands.diagnosis import DiagnosisFeed, Releases
from harness.commands.feed import NO_BUDGET, Budget
from harness.commands.interrupt import stopping_on_signals
from harness.commands.kept import work_out
from harness.commands.places import Places
from harness.commands.report import write_culprits
from harness.commands.undertaking import Wanted, carry_out, new_run_name, prepare
from harness.diagnosis.known import Known, is_failure
from harness.diagnosis.search import CELLS
from harness.env.index import open_index
from harness.errors import ExitCode
from harness.matrix.again import cell_again
from harness.matrix.config import load_matrix
from harness.matrix.plan import make_plan
from harness.matrix.select import Selector, require_matches
from harness.model import CellResult, ClockKind
from harness.proc.marker import Marker
from harness.proc.sweep import sweep_orphans
from harness.records.store import Run, newest_results, read_runs
from harness.report import terminal_culprits
from harness.services.private import remove_orphaned_folders


@dataclass(frozen=True, kw_only=True)
class DiagnoseOptions:
    """What `nox -s diagnose` was asked for. `each` is the most that one failure may take, in cells."""

    plan: str = "default"
    cells: tuple[str, ...] = ()
    jobs: int | None = None
    clock: ClockKind | None = None
    each: int = CELLS
    budget: Budget = NO_BUDGET


def run_diagnose(options: DiagnoseOptions, places: Places, console: Console) -> ExitCode:
    """Diagnose the newest failures of a plan, and tell the culprits; 1 when some failure has none.

    Raises:
        UsageError: there is no such plan, or a glob matches none of its failures.
    """
    matrix = load_matrix(places.matrix)
    plan = make_plan(matrix, options.plan)
    runs = read_runs(places.records)
    failing = choose_failures(runs, plan.name, options.cells)
    if failing:
        cells = {result.cell: cell_again(result, matrix) for result in failing}
        sweep_orphans()
        remove_orphaned_folders()
        name = new_run_name()
        marker = Marker.of_this_harness(name)
        with (
            stopping_on_signals(marker),
            open_index(os.environ, timeout=matrix.timeouts["index"]) as index,
        ):
            feed = DiagnosisFeed(
                Known(newest_results(runs).values()),
                cells,
                releases_of=Releases(index, places.cache),
                budget=options.budget,
                each=options.each,
            )
            wanted = Wanted(
                matrix=matrix,
                plan=plan,
                cells=tuple(cells.values()),
                clock=options.clock,
                jobs=options.jobs,
                keep=False,
                resume=False,
                feed=feed,
            )
            carry_out(prepare(wanted, runs, places, name, marker), places, console)
    view = work_out(matrix, places)
    write_culprits(view, places)
    among = {result.cell for result in failing}
    console.out(terminal_culprits.render(view, among=among), end="")
    unexplained = among.intersection(cell for each in view.unexplained for cell in each.cells)
    return ExitCode.UNEXPECTED if unexplained else ExitCode.OK


def choose_failures(runs: Sequence[Run], plan: str, globs: tuple[str, ...]) -> tuple[CellResult, ...]:
    """The newest failures that a plan's runs have, or those of them that `globs` name.

    Raises:
        UsageError: a glob matches none of them.
    """
    newest = newest_results(run for run in runs if run.header.plan == plan)
    failing = [result for result in newest.values() if is_failure(result)]
    require_matches(globs, [each.cell for each in failing], what=f"failure of the plan {plan!r}")
    chosen = Selector(globs)
    return tuple(each for each in failing if chosen(each.cell))
