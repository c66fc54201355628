"""`nox -s baseline`: take what the records say of a plan for what is to stay so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness.commands.field import load_plan
from harness.commands.files import write
from harness.commands.places import Places
from harness.errors import ExitCode, UsageError
from harness.gate.baseline import Baseline, accept, format_baseline, format_locks, parse_baseline
from harness.gate.compare import Comparison, Difference, compare
from harness.gate.entry import Entry, entry_of, in_order
from harness.matrix.config import Matrix, load_matrix
from harness.matrix.plan import Plan, select_cells
from harness.model import CellResult
from harness.records.store import Run, newest_results, read_runs
from harness.report.terminal_gate import STYLES
from harness.report.words import count_of


@dataclass(frozen=True, kw_only=True)
class BaselineOptions:
    """What `nox -s baseline` was asked for. Without a `file` it is the one beside the reports."""

    plan: str = "gate"
    select: tuple[str, ...] = ()
    file: Path | None = None
    recorded: Path | None = None


def run_baseline(options: BaselineOptions, places: Places, console: Console) -> ExitCode:
    """Write the baseline, and say what differs from the one before.

    Raises:
        UsageError: nothing of the plan is recorded, or a glob matches no cell of it.
    """
    matrix = load_matrix(places.matrix)
    plan = load_gate_plan(matrix, options.plan, places)
    path = options.file or places.baseline
    folder = options.recorded or places.records
    now = entries_of(read_runs(folder, plan=plan.name), cells=[cell.id for cell in plan.cells])
    if not now:
        raise UsageError(
            f"{folder} has no records of the plan {plan.name!r}",
            hint=f"run it first: nox -s matrix -- --plan {plan.name}",
        )
    old = read_baseline(path) if path.exists() else Baseline(plan=plan.name)
    require_plan(old, plan, path)
    chosen = [cell.id for cell in select_cells(plan, options.select)]
    new = accept(old, now, chosen=chosen, planned=[cell.id for cell in plan.cells])
    write(path, format_baseline(new))
    write(locks_beside(path), format_locks(new))
    _tell(old, new, console)
    unknown = [cell for cell in chosen if cell not in now or not now[cell].determined]
    for cell in unknown:
        why = now[cell].why if cell in now else "there is no record of it"
        console.print(Text(f"{cell}  not accepted: {why}"), soft_wrap=True)
    for cell in chosen:
        if cell in new.entries and new.entries[cell].flaky:
            console.print(
                Text(
                    f"{cell}  accepted as flaky: of {', '.join(in_order(new.entries[cell].flaky))} "
                    "nothing can get worse; better find out first"
                ),
                soft_wrap=True,
            )
    console.print(f"{path.name}: {count_of(len(new.entries), 'cell')} of the plan {plan.name}")
    return ExitCode.UNDETERMINED if unknown else ExitCode.OK


def load_gate_plan(matrix: Matrix, name: str, places: Places) -> Plan:
    """A plan whose cells are known beforehand.

    Raises:
        UsageError: there is no such plan, or it chooses its cells while it runs.
    """
    plan = load_plan(matrix, name, places)
    if plan.row_profile is not None:
        raise UsageError(
            f"the plan {name!r} chooses cells while it runs: there is nothing to hold them against",
            hint="name a plan of stacks and profiles",
        )
    return plan


def read_baseline(path: Path) -> Baseline:
    """The baseline of a file, and of the file of its locks.

    Raises:
        BaselineError: it has mistakes.
        UsageError: one of the files is not there.
    """
    texts = []
    for each in (path, locks_beside(path)):
        try:
            texts.append(each.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"the baseline {each} cannot be read: {getattr(error, 'strerror', error)}",
                hint="accept the present: nox -s matrix -- --plan gate, then nox -s baseline",
            ) from None
    return parse_baseline(*texts, name=path.name, locks_name=locks_beside(path).name)


def require_plan(baseline: Baseline, plan: Plan, path: Path) -> None:
    """Raise UsageError when a baseline is of another plan."""
    if baseline.plan != plan.name:
        raise UsageError(
            f"{path} is the baseline of the plan {baseline.plan!r}, not of {plan.name!r}",
            hint=f"say --plan {baseline.plan}, or name another file: --baseline FILE",
        )


def entries_of(runs: Sequence[Run], cells: Sequence[str]) -> dict[str, Entry]:
    """The newest of each cell that some run has."""
    return with_projects(runs, newest_results(runs, cells))


def with_projects(runs: Sequence[Run], results: Mapping[str, CellResult]) -> dict[str, Entry]:
    """Results of these runs as entries. A run that was merged has results that name the shards' runs."""
    projects = {result.run: run.header.project for run in runs for result in run.results}
    return {cell: entry_of(result, project=projects[result.run]) for cell, result in results.items()}


def locks_beside(path: Path) -> Path:
    """Where the locks of a baseline are."""
    return path.with_suffix(".locks.json")


def _tell(old: Baseline, new: Baseline, console: Console) -> None:
    for cell, entry in new.entries.items():
        comparison = compare(cell, old.entries.get(cell), entry)
        if comparison.difference is not Difference.SAME or comparison.lock:
            console.print(_line(comparison, old.entries), soft_wrap=True)
    for cell in old.entries.keys() - new.entries.keys():
        console.print(Text(f"{cell}  planned no more"), soft_wrap=True)


def _line(comparison: Comparison, old: Mapping[str, Entry]) -> Text:
    known = comparison.cell in old
    points = [f"{point.name} {point.difference}" for point in comparison.points]
    told = [*points, *([count_of(len(comparison.lock), "other version")] if comparison.lock else [])]
    return Text.assemble(
        f"{comparison.cell}  ",
        (str(comparison.difference), STYLES[comparison.difference]),
        f"  {', '.join(told)}" if known and told else "",
    )
