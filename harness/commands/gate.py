"""`nox -s gate`: run a plan, and hold it against what was accepted of it."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from harness.answers.resilience import Resilience, kept_and_lost
from harness.commands.baseline import load_gate_plan, read_baseline, require_plan, with_projects
from harness.commands.diagnosis import Releases
from harness.commands.facts import load_facts
from harness.commands.feed import NO_BUDGET, Budget, Feed, ListFeed
from harness.commands.files import write
from harness.commands.gate_feed import RegressionFeed
from harness.commands.interrupt import stopping_on_signals
from harness.commands.places import Places
from harness.commands.undertaking import Wanted, carry_out, new_run_name, prepare
from harness.contract.promise import Promise
from harness.diagnosis.releases import ReleasesOf
from harness.env.index import open_index
from harness.errors import ExitCode, IndexFailed, UsageError
from harness.gate.baseline import Baseline
from harness.gate.compare import Comparison, compare_all
from harness.gate.entry import entry_of
from harness.gate.outcome import unmet_expectations
from harness.gate.trial import needs_reference, reference_cell, tried
from harness.matrix.config import Matrix, load_matrix
from harness.matrix.plan import Plan, select_cells
from harness.model import Cell, CellResult, ClockKind, Lock
from harness.proc.marker import Marker
from harness.proc.sweep import sweep_orphans
from harness.records.store import Run, newest_results, read_run, read_runs, run_path
from harness.report import data, junit, markdown_gate, remarks, terminal_gate
from harness.report.gate import Diagnosed, Gated, GateView, make_gate_view
from harness.services.private import remove_orphaned_folders


@dataclass(frozen=True, kw_only=True)
class GateOptions:
    """What `nox -s gate` was asked for.

    `recorded` is a folder with records, or with folders of them, to take instead of running the plan. With
    `null` each cell is installed with its baseline's lock: what differs then is noise. `budget` is for the
    search for culprits.
    """

    plan: str = "gate"
    baseline: Path | None = None
    select: tuple[str, ...] = ()
    jobs: int | None = None
    clock: ClockKind | None = None
    recorded: Path | None = None
    null: bool = False
    budget: Budget = NO_BUDGET


def run_gate(options: GateOptions, places: Places, console: Console) -> ExitCode:
    """Run the plan, try again what is worse, say what it is due to, and write it in every format.

    Raises:
        UsageError: there is no such plan, no baseline, or it is of another plan.
        BaselineError: the baseline has mistakes.
    """
    matrix = load_matrix(places.matrix)
    plan = load_gate_plan(matrix, options.plan, places)
    path = options.baseline or places.baseline
    baseline = read_baseline(path)
    require_plan(baseline, plan, path)
    # Of what the baseline does not have there is no lock to install.
    known = baseline.entries if options.null else {cell.id for cell in plan.cells}
    cells = {cell.id: cell for cell in select_cells(plan, options.select) if cell.id in known}
    sweep_orphans()
    remove_orphaned_folders()
    marker = Marker.of_this_harness(new_run_name())
    with stopping_on_signals(marker):
        live = _Live(matrix=matrix, plan=plan, options=options, places=places, console=console, marker=marker)
        gated = _gate(live, baseline, cells)
    view = make_gate_view(replace(gated, baseline=os.path.relpath(path)))
    write_gate(view, places, console)
    return ExitCode(view.exit_code)


@dataclass(frozen=True, kw_only=True)
class _Live:
    """What runs cells of the gate, each time as a run of its own."""

    matrix: Matrix
    plan: Plan
    options: GateOptions
    places: Places
    console: Console
    marker: Marker

    def run(self, cells: Sequence[Cell], feed: Feed | None = None) -> Run:
        """Run some cells, or what a feed gives beyond them; the records, whole."""
        wanted = Wanted(
            matrix=self.matrix,
            plan=self.plan,
            cells=tuple(cells),
            clock=self.options.clock,
            jobs=self.options.jobs,
            keep=False,
            resume=feed is None,
            feed=feed,
        )
        runs = read_runs(self.places.records, outline=True)
        undertaking = prepare(wanted, runs, self.places, new_run_name(), self.marker)
        carry_out(undertaking, self.places, self.console)
        run = read_run(run_path(self.places.records, undertaking.header.run))
        if run is None:
            raise UsageError(f"the records of {undertaking.header.run} are gone")
        return run

    def run_as(self, cells: Mapping[str, Cell]) -> tuple[Run, dict[str, CellResult]]:
        """Run cells that stand for others; their own results by the ids of those."""
        stand_ins = list(cells.values())
        run = self.run(stand_ins, ListFeed(stand_ins))
        newest = newest_results([run])
        return run, {cell: newest[stand_in.id] for cell, stand_in in cells.items() if stand_in.id in newest}


def _gate(live: _Live, baseline: Baseline, cells: Mapping[str, Cell]) -> Gated:
    runs, own = _present(live, baseline, cells)
    results = {cell: replace(result, cell=cell) for cell, result in own.items()}
    now = with_projects(runs, results)
    comparisons = compare_all(baseline.entries, now, cells)
    project, references = _references(live, comparisons, cells)
    entries = {cell: entry_of(result, project=project) for cell, result in references.items()}
    comparisons = tuple(
        tried(each, entries.get(each.cell)) if needs_reference(each) else each for each in comparisons
    )
    planned = [cell.id for cell in live.plan.cells]
    return Gated(
        plan=live.plan.name,
        baseline="",
        run=runs[-1].header.run if runs else "",
        comparisons=comparisons,
        results=own,
        unmet=unmet_expectations(
            results,
            list(cells),
            live.matrix.expectations,
            checks=live.plan.checks,
            today=datetime.now(UTC).date(),
        ),
        diagnosed=_diagnosed(live, comparisons, results, references, cells),
        turned=_turned(live, comparisons, cells),
        left=tuple(sorted(baseline.entries.keys() - planned)),
    )


def _turned(
    live: _Live, comparisons: Iterable[Comparison], cells: Mapping[str, Cell]
) -> dict[str, tuple[tuple[Promise, ...], tuple[Promise, ...]]]:
    """The promises that are known otherwise of a cell's lock than of the baseline's; see `Gated`."""
    locks = {
        each.cell: (each.before.lock.distributions, each.now.lock.distributions)
        for each in comparisons
        if each.lock and each.before and each.before.lock and each.now and each.now.lock
    }
    if not locks:
        return {}
    facts = load_facts(live.matrix.axes, live.places)
    databases = {cells[cell].profile.database for cell in locks}
    known = {database: Resilience(facts, database) for database in databases}
    found: dict[str, tuple[tuple[Promise, ...], tuple[Promise, ...]]] = {}
    for cell, (before, now) in locks.items():
        endured = known[cells[cell].profile.database].of
        found[cell] = kept_and_lost(endured(before), endured(now))
    return {cell: both for cell, both in found.items() if any(both)}


def _present(
    live: _Live, baseline: Baseline, cells: Mapping[str, Cell]
) -> tuple[list[Run], dict[str, CellResult]]:
    """The runs of the present, and the result of each cell that has one."""
    if live.options.recorded is not None:
        # Shards from other machines are in folders of their own.
        files = live.options.recorded.rglob("*.jsonl")
        read = [read_run(path, plan=live.plan.name) for path in sorted(files, key=lambda path: path.name)]
        runs = [run for run in read if run is not None]
        return runs, newest_results(runs, cells)
    if live.options.null:
        run, results = live.run_as(
            {
                cell_id: cell if lock is None else reference_cell(cell, lock)
                for cell_id, cell in cells.items()
                for lock in [baseline.entries[cell_id].lock]
            }
        )
        return [run], results
    run = live.run(list(cells.values()))
    return [run], newest_results([run], cells)


def _references(
    live: _Live, comparisons: Sequence[Comparison], cells: Mapping[str, Cell]
) -> tuple[str, dict[str, CellResult]]:
    """What comes now of the baseline's own locks of the cells that got worse, and the project they ran."""
    worse = {each.cell: _lock_before(each) for each in comparisons if needs_reference(each)}
    stand_ins = {cell: reference_cell(cells[cell], lock) for cell, lock in worse.items() if lock is not None}
    if not stand_ins:
        return "", {}
    live.console.print("What got worse is tried with the baseline's own locks.")
    run, results = live.run_as(stand_ins)
    return run.header.project, results


def _lock_before(comparison: Comparison) -> Lock | None:
    return comparison.before.lock if comparison.before is not None else None


def _diagnosed(
    live: _Live,
    comparisons: Sequence[Comparison],
    results: Mapping[str, CellResult],
    references: Mapping[str, CellResult],
    cells: Mapping[str, Cell],
) -> dict[str, Diagnosed]:
    with _releases(live) as releases_of:
        feed = RegressionFeed(
            comparisons,
            results,
            references,
            cells,
            releases_of=releases_of,
            budget=live.options.budget,
        )
        if feed.worth_running:
            live.console.print("What regressed is diagnosed.")
            live.run(list(cells.values()), feed)
        return feed.diagnosed()


@contextlib.contextmanager
def _releases(live: _Live) -> Iterator[ReleasesOf]:
    """What the package index has; nothing where none may be asked: then only what was installed is told."""
    with contextlib.ExitStack() as stack:
        try:
            index = stack.enter_context(open_index(os.environ, timeout=live.matrix.timeouts["index"]))
        except IndexFailed:
            yield lambda _: ()
            return
        yield Releases(index, live.places.cache)


def write_gate(view: GateView, places: Places, console: Console) -> None:
    """Show the gate, and write it in every format; within a CI of GitHub, tell it as well."""
    matrix = places.matrix.read_text(encoding="utf-8")
    file = os.path.relpath(places.matrix)
    summary = markdown_gate.render(view)
    write(places.gate / "summary.md", summary)
    write(places.gate / "gate.json", data.render(view))
    write(places.gate / "junit.xml", junit.render(view))
    write(places.gate / "code-quality.json", remarks.code_quality(view, matrix, file=file))
    write(places.gate / "failed.txt", "".join(f"{row.cell}\n" for row in view.rows if row.fails))
    if os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as shown:
            shown.write(summary)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        console.out(remarks.annotations(view, matrix, file=file), end="")
    logs = os.path.relpath(places.work)
    text = terminal_gate.render(view, width=console.width, colour=console.is_terminal, logs=logs)
    console.out(text, end="")
