"""A gate for a terminal: what fails it first, then what else differs, and the headline last."""

import io
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from harness.gate.compare import Difference
from harness.report.gate import (
    GateRow,
    GateView,
    headline,
    lock_words,
    point_words,
    turned_words,
    unmet_words,
)
from harness.report.words import count_of

STYLES = {
    Difference.REGRESSED: "red",
    Difference.DRIFT: "magenta",
    Difference.FLAKY: "bold red",
    Difference.MISSING: "red",
    Difference.UNDETERMINED: "yellow",
    Difference.CHANGED: "yellow",
    Difference.FIXED: "green",
    Difference.NEW: "cyan",
    Difference.SAME: "dim",
}
_SHOWN = 8  # versions that differ, where they are not what it is about


def render(view: GateView, *, width: int, colour: bool, logs: str) -> str:
    """The gate as text; `logs` is the folder that holds the runs' folders."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False)
    for text in _paragraphs(view, logs):
        console.print(text, soft_wrap=True)
    return out.getvalue()


def _paragraphs(view: GateView, logs: str) -> Iterator[Text]:
    for row in sorted(view.rows, key=lambda row: row.fails):
        if row.difference is not Difference.SAME or row.fails:
            yield _row(row, logs)
    for each in view.unmet:
        yield Text.assemble(
            (f"\n{each.trouble} expectation", "red"), f"  {unmet_words(each)}\n  {', '.join(each.cells)}"
        )
    if view.other_locks:
        yield Text(f"\n{count_of(view.other_locks, 'cell')} with other versions than the baseline, no worse.")
    for turned in view.turned:
        told = turned_words(turned)
        yield Text(f"\n{told[0].upper()}{told[1:]}.", style="" if turned.kept else "yellow")
    if view.left:
        yield Text(f"\nIn the baseline and planned no more: {', '.join(view.left)}.")
    yield Text.assemble(f"\n{headline(view)}\n", (view.outcome, "bold"))


def _row(row: GateRow, logs: str) -> Text:
    text = Text()
    text.append(f"\n{row.cell}", style="bold")
    text.append(f"  {row.difference}", style=STYLES[row.difference])
    for point in row.points:
        if point.worse or point.difference is not Difference.NEW:
            text.append(f"\n  {point_words(point)}")
            text.append("".join(f"\n    {line}" for line in point.excerpt.splitlines()), style="dim")
    if row.removed:
        text.append(f"\n  no longer checked: {', '.join(row.removed)}")
    if row.why:
        text.append(f"\n  {row.why}")
    if row.lines:
        text.append(f"\n  held back by: {'  '.join(row.lines)}", style="green")
    changes = list(lock_words(row.lock))
    shown = changes if row.fails else changes[:_SHOWN]
    text.append("".join(f"\n  {change}" for change in shown))
    if len(shown) < len(changes):
        text.append(f"\n  and {count_of(len(changes) - len(shown), 'more change')} of versions")
    if row.log:
        text.append(f"\n  log: {logs}/{row.log}")
    if row.fails:
        text.append(f"\n  again: {row.reproduce}", style="cyan")
    return text
