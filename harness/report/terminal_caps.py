"""Beyond the caps, for a terminal: a table for each two axes, then a sentence for each cap."""

import io

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.report.caps import CapsView, CapTable, Told
from harness.report.caps_words import cap_sentence, caps_headline
from harness.report.words import axis_name

_STYLES = {
    Told.FITS: ("yes", "dim"),
    Told.FAILS: ("fails", "red"),
    Told.FORCED: ("forced", "green"),
    Told.CAVEATS: ("caveats", "yellow"),
    Told.BREAKS: ("breaks", "red"),
    Told.FORBIDDEN: ("-", "dim"),
    Told.UNTESTED: ("?", "dim"),
}


def render(view: CapsView, *, width: int, colour: bool) -> str:
    """The report as text of at most `width` columns."""
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, soft_wrap=False
    )
    for table in view.tables:
        console.print(_table(table, view))
        words = (f"{_STYLES[told][0]}: {told}" for told, count in table.counts.items() if count)
        console.print("; ".join(words), soft_wrap=True, markup=False)
        console.print()
    for cap in view.caps:
        console.print(cap_sentence(cap, view.axes), soft_wrap=True, markup=False)
    console.print(Text(caps_headline(view.counts), style="bold"), soft_wrap=True)
    return out.getvalue()


def _table(table: CapTable, view: CapsView) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    across = view.axes[table.across]
    for heading in (f"{axis_name(table.down)} \\ {axis_name(table.across)}", *across):
        shown.add_column(heading, no_wrap=True)
    for value, entries in zip(view.axes[table.down], table.entries, strict=True):
        styles = (_STYLES[entry.told] for entry in entries)
        shown.add_row(value, *(Text(words, style=style) for words, style in styles))
    return shown
