"""The report for a terminal: a table of verdicts, then a paragraph for each cell that needs one."""

import io
from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.model import Verdict
from harness.report.contract import Fate
from harness.report.view import Row, View
from harness.report.words import axis_name, headline, last_line

STYLES = {
    Verdict.WORKS: "green",
    Verdict.CAVEATS: "yellow",
    Verdict.BROKEN: "red",
    Verdict.UNRESOLVABLE: "magenta",
    Verdict.FLAKY: "bold red",
    Verdict.UNTESTED: "dim",
}


# Columns that the versions need; a narrower terminal shows cells and verdicts alone.
_WIDE = 130


def render(view: View, *, width: int, colour: bool, logs: str) -> str:
    """The report as text of at most `width` columns; `logs` is the folder that holds the runs' folders."""
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, soft_wrap=False
    )
    console.print(_table(view, with_versions=width >= _WIDE))
    for row in view.rows:
        if not row.as_expected or row.verdict is Verdict.UNTESTED:
            console.print(_paragraph(row, logs), soft_wrap=True)
    if view.contract:
        console.print()
        console.print(_contract(view))
    console.print()
    console.print(Text(headline(view.counts), style="bold"))
    console.print(last_line(view.unexpected, view.undetermined))
    return out.getvalue()


def _table(view: View, *, with_versions: bool) -> Table:
    axes = view.axes if with_versions else ()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("cell", no_wrap=True)
    for axis in axes:
        table.add_column(axis_name(axis), no_wrap=True)
    if with_versions:
        table.add_column("index", no_wrap=True)
    table.add_column("verdict")
    for row in view.rows:
        style = STYLES[row.verdict]
        first = row.problems[0].signature if row.problems else ""
        detail = f" {first}" if row.verdict in (Verdict.BROKEN, Verdict.UNRESOLVABLE, Verdict.FLAKY) else ""
        mark = "" if row.as_expected else " !"
        table.add_row(
            row.cell,
            *(row.versions[axis] for axis in axes),
            *((row.index,) if with_versions else ()),
            Text.assemble((str(row.verdict), style), (detail, "dim"), (mark, "bold red")),
        )
    return table


def _contract(view: View) -> Table:
    """How many invariants hold under each profile, over all series that could be asked."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("invariants under", no_wrap=True)
    for fate in Fate:
        table.add_column(fate, justify="right")
    for stand in view.contract:
        fates = Counter(stand.fates.values())
        table.add_row(stand.profile, *(str(fates[fate]) for fate in Fate))
    return table


def _paragraph(row: Row, logs: str) -> Text:
    """What a person needs to go on: the signature, the decisive line, the log, and how to see it again."""
    text = Text()
    text.append(f"\n{row.cell}", style="bold")
    text.append(f"  {row.verdict}", style=STYLES[row.verdict])
    if row.note:
        text.append(_indented(row.note, 2))
    for problem in row.problems:
        known = f" (expected: {problem.expected} {problem.link})" if problem.link else ""
        expired = f" (its expectation expired on {problem.expired})" if problem.expired else ""
        text.append(f"\n  {problem.signature}{known}{expired}")
        text.append(_indented(problem.excerpt, 4), style="dim")
    for stale in row.stale:
        text.append(f"\n  expected, but not seen: {stale}")
    if row.problems:
        text.append(f"\n  log: {logs}/{row.run}/{row.problems[0].log}")
    text.append(f"\n  again: {row.reproduce}", style="cyan")
    return text


def _indented(lines: str, columns: int) -> str:
    return "".join(f"\n{' ' * columns}{line}" for line in lines.splitlines())
