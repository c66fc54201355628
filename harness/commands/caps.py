"""The plan that goes beyond the caps: what it asks, and what is told of it at the end."""

from collections import Counter

from rich.console import Console

from harness.commands.files import write
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.matrix.field import Field
from harness.matrix.plan import Plan
from harness.model import Status
from harness.pairs.forced import know_forced, over_caps
from harness.pairs.trials import trials_of
from harness.pairs.verdicts import know
from harness.records.store import newest_results, read_runs
from harness.records.verdict import status_of
from harness.report import data, markdown_caps, terminal_caps
from harness.report.caps import make_caps_view
from harness.report.words import axis_name, count_of


def tell_caps(field: Field, console: Console) -> None:
    """How many pairs it is about, and between which packages."""
    asked = over_caps(field)
    between = Counter(" with ".join(axis_name(axis) for axis, _ in pair) for pair in asked)
    told = ", ".join(f"{count} of {axes}" for axes, count in between.items()) or "there is none"
    console.print(
        f"then forced rows, until of {count_of(len(asked), 'pair')} that only an upper cap forbids it is "
        f"known whether they work: {told}",
        soft_wrap=True,
    )


def report_caps(field: Field, plan: Plan, places: Places, console: Console) -> ExitCode:
    """Write and show what is known beyond the caps; 3 when the machine kept a cell from being determined."""
    runs = read_runs(places.records, outline=True)
    results = newest_results(runs)
    last = next((run for run in reversed(runs) if run.header.plan == plan.name), None)
    plain = know(field, trials_of(results.values(), field))
    view = make_caps_view(
        plain,
        know_forced(plain, trials_of(results.values(), field, forced=True)),
        results,
        plan=plan.name,
        machine=last.header.machine if last else None,
    )
    write(places.report(plan.name, "md"), markdown_caps.render(view))
    write(places.report(plan.name, "json"), data.render(view))
    console.out(terminal_caps.render(view, width=console.width, colour=console.is_terminal), end="")
    errored = last is not None and any(status_of(result) is Status.ERRORED for result in last.results)
    return ExitCode.UNDETERMINED if errored else ExitCode.OK
