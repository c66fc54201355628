"""The report of the field for a terminal: what is known, what is to blame, what is open."""

import io
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.pairs.knowledge import State
from harness.pairs.verdicts import Verdict
from harness.report.pairs import Cause, PairTable, PairView
from harness.report.pairs_words import explained, pair_headline, pins_words, some
from harness.report.words import axis_name, count_of

_SHOWN = 5  # suspects; of a field that is not yet settled there are hundreds
_STYLES = {State.BROKEN: "red", State.UNRESOLVABLE: "magenta"}


def render(view: PairView, *, width: int, colour: bool) -> str:
    """The report as text of at most `width` columns."""
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, soft_wrap=False
    )
    if view.signatures:
        console.print(_causes(view.signatures))
    if view.declarations:
        forbidden = count_of(sum(cause.pairs for cause in view.declarations), "pair")
        console.print(f"{count_of(len(view.declarations), 'declaration')} in the way of {forbidden}")
    if view.untested:
        console.print(f"untested: {_open(view.tables)}", soft_wrap=True)
    for suspect in view.suspects[:_SHOWN]:
        console.print(
            f"failed: {pins_words(suspect.pair)} in {some(suspect.cells, suspect.seen)}", soft_wrap=True
        )
    if len(view.suspects) > _SHOWN:
        console.print(
            f"failed: {count_of(len(view.suspects) - _SHOWN, 'more pair')}, as the reports have them"
        )
    if out.tell():
        console.print()
    console.print(Text(pair_headline(view.counts, len(view.suspects)), style="bold"), soft_wrap=True)
    return out.getvalue()


def _open(tables: Iterable[PairTable]) -> str:
    """Between which axes, and how much: which pairs they are is in the other reports."""
    counts = {(table.across, table.down): table.counts[Verdict.UNTESTED] for table in tables}
    return ", ".join(
        f"{axis_name(across)} and {axis_name(down)} {count}"
        for (across, down), count in counts.items()
        if count
    )


def _causes(causes: Iterable[Cause]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("cause", "with", "explains"):
        table.add_column(heading)
    for cause in causes:
        for number, culprit in enumerate(cause.culprits):
            because = Text(cause.because if not number else "", style=_STYLES[culprit.state])
            table.add_row(because, pins_words(culprit.pins), explained(culprit))
    return table
