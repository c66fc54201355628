"""The plan that goes on beyond its cells: the field, rows by their names, and what is told at the end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console

from harness.commands.places import Places
from harness.errors import ExitCode
from harness.matrix.config import Matrix
from harness.matrix.field import Field
from harness.matrix.plan import Plan
from harness.matrix.releases import load_releases, make_field
from harness.model import Status
from harness.pairs.cells import cell_named
from harness.pairs.trials import trials_of
from harness.pairs.verdicts import FieldKnowledge, know
from harness.records.store import Run, read_runs
from harness.records.verdict import status_of


def load_field(matrix: Matrix, places: Places) -> Field:
    """The field of matrix.toml's series, with what releases.json forbids in it."""
    axes = {axis: table.values for axis, table in matrix.axes.items()}
    return make_field(axes, load_releases(places.releases))


def with_rows(plan: Plan, names: Sequence[str], field: Field) -> Plan:
    """The plan with the rows among `names` as cells of its own."""
    if plan.settling is None:
        return plan
    profiles = {plan.settling.profile.name: plan.settling.profile}
    rows = (cell_named(name, field, profiles) for name in names)
    return replace(plan, cells=(*plan.cells, *(cell for cell in rows if cell is not None)))


def known_of(field: Field, runs: Sequence[Run]) -> FieldKnowledge:
    """What all records say of the field."""
    return know(field, trials_of((result for run in runs for result in run.results), field))


def report_field(field: Field, plan: Plan, places: Places, console: Console) -> ExitCode:
    """Write and show what is known of every pair; 3 when the machine kept a cell from being determined."""
    runs = read_runs(places.records)
    counts = Counter(str(each.verdict) for each in known_of(field, runs).verdicts())
    console.print(", ".join(f"{number} {verdict}" for verdict, number in counts.items()))
    last = next(run for run in reversed(runs) if run.header.plan == plan.name)
    errored = any(status_of(result) is Status.ERRORED for result in last.results)
    return ExitCode.UNDETERMINED if errored else ExitCode.OK
