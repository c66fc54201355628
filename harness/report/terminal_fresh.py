"""What one gets by just installing, for a terminal: the table, then what fails."""

import io

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.report.fresh import Fate, FreshView, Place
from harness.report.fresh_words import end_words, fresh_headline, pip_words, way_words
from harness.report.words import axis_name

_STYLES = {
    Fate.RUNS: ("runs", "green"),
    Fate.DEPENDS: ("depends", "yellow"),
    Fate.FAILS: ("fails", "red"),
    Fate.OPEN: ("untested", "dim"),
    Fate.NOT_DECLARED: ("-", "dim"),
}


def render(view: FreshView, *, width: int, colour: bool) -> str:
    """The report as text of at most `width` columns."""
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, soft_wrap=False
    )
    console.print(_table(view))
    console.print()
    for place in view.places:
        if place.fate in (Fate.FAILS, Fate.DEPENDS):
            console.print(_line(place, view), soft_wrap=True, markup=False)
    console.print(f"{pip_words(view)}.", soft_wrap=True)
    console.print(Text(fresh_headline(view), style="bold"), soft_wrap=True)
    return out.getvalue()


def _table(view: FreshView) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (f"{axis_name(view.axis)} \\ Python", *view.pythons):
        table.add_column(heading, no_wrap=True)
    for series in view.series:
        fates = (_STYLES[view.place(series, python).fate] for python in view.pythons)
        table.add_row(series, *(Text(words, style=style) for words, style in fates))
    return table


def _line(place: Place, view: FreshView) -> str:
    told = (
        f"{end_words(outcome)} with {way_words(outcome.ways, view.ways)}".replace("`", "")
        for outcome in place.outcomes
    )
    return f"{axis_name(view.axis)} {place.series} on Python {place.python}: {'; '.join(told)}"
