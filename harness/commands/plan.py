"""Which of a plan's cells a command is about, and what the plan looks like."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from harness.errors import UsageError
from harness.matrix.plan import Plan, select_cells
from harness.model import Cell, RunHeader, Settled, Verdict
from harness.records.store import Run
from harness.records.verdict import verdict_of
from harness.report.words import axis_name, count_of

_FAILED = frozenset({Verdict.BROKEN, Verdict.UNRESOLVABLE, Verdict.FLAKY, Verdict.UNTESTED})


def choose_cells(
    plan: Plan, runs: Sequence[Run], *, select: tuple[str, ...], failed: bool
) -> tuple[Cell, ...]:
    """The plan's cells that `select` (globs) names; with `failed`, only what failed in the last run.

    Raises:
        UsageError: a glob matches nothing, there was no run, or nothing failed in it.
    """
    cells = select_cells(plan, select)
    if not failed:
        return cells
    # A run that announces no cells of the plan looked for the causes of its failures.
    last = next((run for run in reversed(runs) if run.header.plan == plan.name and run.header.cells), None)
    if last is None:
        raise UsageError(f"the plan {plan.name!r} has not been run", hint="run it without --failed first")
    wanted = {
        result.cell
        for result in last.results
        if verdict_of(result) in _FAILED and result.settled is not Settled.SAME
    }
    chosen = tuple(cell for cell in cells if cell.id in wanted)
    if not chosen:
        raise UsageError(f"nothing failed in the last run, {last.header.run}")
    return chosen


def resumable(runs: Sequence[Run], header: RunHeader) -> Run | None:
    """The last run, if it was interrupted and was to do exactly what `header` is about to."""
    last = runs[-1] if runs else None
    if last is None or last.footer is not None:
        return None
    old = last.header
    same = (old.plan, old.cells, old.clock, old.matrix, old.project) == (
        header.plan,
        header.cells,
        header.clock,
        header.matrix,
        header.project,
    )
    return last if same else None


def list_plan(plan: Plan, cells: Sequence[Cell], console: Console) -> None:
    """Show what would run, and what would not and why."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    axes = list(cells[0].stack.pins) if cells else []
    for heading in ("cell", *map(axis_name, axes), "resolution"):
        table.add_column(heading, no_wrap=True)
    table.add_column("reason")
    for cell in cells:
        stack = cell.stack
        pins = (
            f"[{','.join(stack.extras[axis])}]{stack.pins[axis]}"
            if axis in stack.extras
            else stack.pins[axis]
            for axis in axes
        )
        as_of = f" {stack.as_of}" if stack.as_of else ""
        table.add_row(cell.id, *map(_literal, pins), f"{stack.resolution}{as_of}", _literal(stack.reason))
    console.print(table)
    for excluded in plan.excluded:
        console.print(f"left out: {excluded.cell.id}: {excluded.reason} ({excluded.source})", markup=False)
    console.print(f"{count_of(len(cells), 'cell')} of the plan {plan.name}; nothing has been run")


def _literal(text: str) -> str:
    """Text that rich must not take for markup."""
    return text.replace("[", r"\[")
