"""`nox -s merge`: the records of a plan's shards as one run, and its report."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from harness.commands.field import load_plan
from harness.commands.fresh import report_fresh
from harness.commands.matrix import exit_code
from harness.commands.places import Places
from harness.commands.report import load_view, show, write_reports
from harness.commands.undertaking import new_run_name
from harness.errors import ExitCode, UsageError
from harness.matrix.config import Matrix, load_matrix
from harness.matrix.plan import Plan
from harness.model import CellResult, RunFooter, RunHeader
from harness.records.join import Conflict, Joined, join, join_facts
from harness.records.store import Run, RunWriter, read_run, run_path
from harness.records.verdict import verdict_of
from harness.report.words import count_of

_SHOWN = 12  # cells of a list in a message; the others are counted


def run_merge(folders: Sequence[Path], places: Places, console: Console) -> ExitCode:
    """Join what is in `folders`, write it among the records, and report; 3 when a planned cell is missing.

    Raises:
        UsageError: what is there does not belong together, or says two things of one cell; then nothing
            is written.
    """
    matrix = load_matrix(places.matrix)
    runs, problems = _read(folders)
    problems.extend(_mismatches(runs, matrix))
    name = runs[0].header.plan if runs else ""
    plan = load_plan(matrix, name, places) if name in matrix.plans else None
    joined = join([cell.id for cell in plan.cells] if plan else [], runs)
    missing = tuple(_missing(joined, runs)) if plan else ()
    problems += [_conflict(each) for each in joined.conflicts]
    if plan and joined.unplanned:
        problems.append(f"not of the plan {plan.name}: {_names(joined.unplanned)}")
    if problems or plan is None:
        complaints = (*problems, *missing)
        told = [f"nothing is merged, for {count_of(len(complaints), 'complaint')}:"]
        raise UsageError(
            "\n".join([*told, *(f"  {each}" for each in complaints)]),
            hint="give the folders of all shards of one plan, made by one matrix.toml and one project",
        )
    run = _write(plan, joined, runs, places)
    console.print(
        f"{run}: {len(joined.results)} of {count_of(len(plan.cells), 'cell')} of the plan {plan.name},"
        f" of {count_of(len(runs), 'run')}",
        highlight=False,
        soft_wrap=True,
    )
    code = _report(matrix, plan, joined.results, places, console)
    for line in missing:
        console.print(line, style="bold red", markup=False, soft_wrap=True)
    return ExitCode.UNDETERMINED if missing and code is ExitCode.OK else code


def _read(folders: Sequence[Path]) -> tuple[list[Run], list[str]]:
    """The runs below the folders, the oldest first, and what is wrong with the others."""
    runs: dict[str, Run] = {}
    problems = []
    for folder in folders:
        paths = sorted(folder.rglob("*.jsonl"))
        if not paths:
            problems.append(f"{folder}: {'has no records' if folder.is_dir() else 'there is no such folder'}")
        for path in paths:
            run = read_run(path)
            if run is None:
                problems.append(f"{path}: is no run: its header cannot be read")
            else:
                # Of a run that is there twice, one may have been copied before it ended.
                known = runs.get(run.header.run, run)
                runs[run.header.run] = max(known, run, key=lambda each: len(each.results))
    return sorted(runs.values(), key=lambda run: run.header.run), problems


def _mismatches(runs: Sequence[Run], matrix: Matrix) -> Iterator[str]:
    """What of the runs does not belong together."""
    for run in runs:
        header, first = run.header, runs[0].header
        if header.plan not in matrix.plans:
            yield f"{header.run}: is of the plan {header.plan!r}, which matrix.toml has not"
        elif header.plan != first.plan:
            yield f"{header.run}: is of the plan {header.plan!r}, and {first.run} of {first.plan!r}"
        if header.matrix != matrix.digest:
            yield f"{header.run}: was made by another matrix.toml than the one here"
        if header.project != first.project:
            yield f"{header.run}: ran another project than {first.run}"
        if header.clock is not first.clock:
            yield f"{header.run}: ran under a {header.clock} clock, and {first.run} under a {first.clock} one"


def _missing(joined: Joined, runs: Sequence[Run]) -> Iterator[str]:
    """The planned cells without a result, by whose they were."""
    missing = dict.fromkeys(joined.missing)
    for run in runs:
        cut = [cell for cell in run.header.cells if cell in missing]
        if cut:
            yield f"missing, as {run.header.run} was interrupted: {_names(cut)}"
        for cell in cut:
            del missing[cell]
    if missing:
        yield f"missing, for none of these runs was to have them: {_names([*missing])}"


def _conflict(conflict: Conflict) -> str:
    one, other = conflict.one, conflict.other
    told = f"{conflict.cell}: {_told(one)}, but {_told(other)}"
    if one.lock == other.lock:
        return f"{told}, with the same lock"
    return f"{told}; their locks differ: {_difference(one, other)}"


def _told(result: CellResult) -> str:
    signatures = dict.fromkeys(failure.signature for each in result.attempts for failure in each.failures)
    of_what = f" ({', '.join(signatures)})" if signatures else ""
    return f"{verdict_of(result)}{of_what} in {result.run}"


def _difference(one: CellResult, other: CellResult) -> str:
    here, there = (set(each.lock.distributions) if each.lock else set() for each in (one, other))
    return f"{_listed(sorted(here - there))} / {_listed(sorted(there - here))}"


def _names(cells: Sequence[str]) -> str:
    return f"{count_of(len(cells), 'cell')}: {_listed(cells)}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "") if names else "none"


def _write(plan: Plan, joined: Joined, runs: Sequence[Run], places: Places) -> str:
    """Write the joined run. Where a cell is missing it has no end: `nox -s matrix` goes on with it."""
    headers = [run.header for run in runs]
    header = RunHeader(
        run=new_run_name(),
        plan=plan.name,
        cells=tuple(cell.id for cell in plan.cells),
        clock=headers[0].clock,
        matrix=headers[0].matrix,
        project=headers[0].project,
        started=min(each.started for each in headers),
        machine=join_facts([each.machine for each in headers]),
    )
    writer = RunWriter(run_path(places.records, header.run))
    writer.append(header)
    for result in joined.results:
        writer.append(result)
    footers = [run.footer for run in runs if run.footer]
    if footers and not joined.missing:
        ended = max(footer.ended for footer in footers)
        # Its shards ran beside each other.
        seconds = max(footer.seconds for footer in footers)
        writer.append(RunFooter(run=header.run, ended=ended, seconds=seconds))
    return header.run


def _report(
    matrix: Matrix, plan: Plan, results: Sequence[CellResult], places: Places, console: Console
) -> ExitCode:
    has = {result.cell for result in results}
    cells = tuple(cell for cell in plan.cells if cell.id in has)
    if plan.each is not None:
        return report_fresh(matrix, plan, places, console, asked=cells)
    write_reports(load_view(matrix, plan.name, plan.cells, places), places)
    view = load_view(matrix, plan.name, cells, places)
    show(view, places, console)
    return exit_code(view, strict=False)
