"""The plan that goes on beyond its cells: the field, and what is told of it at the end."""

from rich.console import Console

from harness.commands.files import write
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.matrix.config import Matrix
from harness.matrix.cover import cover as covering_array
from harness.matrix.field import Field, Strength
from harness.matrix.fresh import fresh_stacks
from harness.matrix.plan import Plan, Settling, make_plan
from harness.matrix.product import count_product
from harness.matrix.releases import load_releases, make_field
from harness.model import Status
from harness.pairs.trials import trials_of
from harness.pairs.verdicts import know
from harness.records.store import newest_results, read_runs
from harness.records.verdict import status_of
from harness.report import data, markdown_pairs, terminal_pairs
from harness.report.pairs import make_pair_view


def load_field(matrix: Matrix, places: Places) -> Field:
    """The field of matrix.toml's series, with what releases.json forbids in it."""
    axes = {axis: table.values for axis, table in matrix.axes.items()}
    return make_field(axes, load_releases(places.releases))


def load_plan(matrix: Matrix, name: str, places: Places) -> Plan:
    """The plan called `name`, with the stacks that are made for it of what releases.json admits.

    Raises:
        UsageError: there is no such plan.
    """
    table = matrix.plans.get(name)
    made = fresh_stacks(name, matrix, load_field(matrix, places)) if table and table.each else ()
    return make_plan(matrix, name, made)


def tell_field(field: Field, settling: Settling, console: Console) -> None:
    """How large the field is, and how much of it is left by what packages declare."""
    product = count_product(field)
    strengths: list[Strength] = [(2, None), *((3, cover) for cover in [settling.cover] if cover)]
    rows = len(covering_array(field, strengths))
    console.print(
        f"then rows of {product.rows:,} of which packages declare {product.admitted:,} to fit, until each of "
        f"{len(field.pairs):,} pairs is settled: {rows} rows from nothing if all work, more where not; "
        "`nox -s update -- --explain` says what forbids the others",
        soft_wrap=True,
    )


def report_field(field: Field, plan: Plan, places: Places, console: Console) -> ExitCode:
    """Write and show what is known of every pair; 3 when the machine kept a cell from being determined."""
    runs = read_runs(places.records, outline=True)
    results = newest_results(runs)
    last = next((run for run in reversed(runs) if run.header.plan == plan.name), None)
    view = make_pair_view(
        know(field, trials_of(results.values(), field)),
        results,
        plan=plan.name,
        machine=last.header.machine if last else None,
    )
    write(places.report(plan.name, "md"), markdown_pairs.render(view))
    write(places.report(plan.name, "json"), data.render(view))
    text = terminal_pairs.render(view, width=console.width, colour=console.is_terminal)
    console.out(text, end="")
    errored = last is not None and any(status_of(result) is Status.ERRORED for result in last.results)
    return ExitCode.UNDETERMINED if errored else ExitCode.OK
