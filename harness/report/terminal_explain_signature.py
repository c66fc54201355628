"""A signature's answer for a terminal. Pure."""

from collections.abc import Iterator

from rich.text import Text

from harness.report.explain_signature import SignatureAnswer
from harness.report.page import Line, command, counted, culprit_lines, heading, indented, some_of
from harness.report.words import axis_name, count_of

_SHOWN = 12  # cells; of a signature that many rows share there are hundreds
_VALUES = 20


def lines(answer: SignatureAnswer) -> Iterator[Line]:
    """The whole page."""
    if answer.asked != answer.signature:
        yield f"{answer.asked!r} is read as {answer.signature!r}"
    yield Text(answer.signature, style="bold")
    if answer.caveat:
        yield f"  a caveat, which breaks no cell: {answer.caveat}"
    yield from indented(answer.excerpt, 4, "dim")
    counts = counted(((str(verdict), number) for verdict, number in answer.counts.items()), "cell")
    yield f"  {counts}" if answer.cells else "  no cell shows it any more"
    if answer.gone:
        yield f"  {count_of(answer.gone, 'cell')} showed it in an earlier run, and do not now"
    first, last = answer.seen[0], answer.seen[-1]
    yield f"  first seen {first.started}, run {first.run} of the plan {first.plan}"
    if last != first:
        yield f"  last seen {last.started}, run {last.run} of the plan {last.plan}"
    yield Text.assemble("  again: ", (answer.reproduce, "cyan"))
    yield from _mending(answer)
    yield from _expected(answer)
    yield from heading("The cells that show it")
    for axis, values in answer.versions.items():
        yield f"  {axis_name(axis)}: {some_of(values, shown=_VALUES)}"
    for each in answer.cells[:_SHOWN]:
        yield f"  {each.cell}  {each.verdict}"
    if len(answer.cells) > _SHOWN:
        yield f"  and {len(answer.cells) - _SHOWN} more: --json has all"
    yield from heading("One of them in full")
    yield command(f"nox -s explain -- '{answer.cells[0].cell}'" if answer.cells else answer.reproduce)


def _mending(answer: SignatureAnswer) -> Iterator[Line]:
    if answer.caveat and not answer.culprits:
        return
    yield from heading("What mends it")
    for culprit in answer.culprits:
        yield from culprit_lines(culprit)
    if answer.unexplained:
        why = f": {'; '.join(answer.why_not)}" if answer.why_not else ": not diagnosed to the end"
        yield f"  nothing was found for {count_of(answer.unexplained, 'cell')}{why}"
    if not answer.culprits and not answer.unexplained:
        yield "  no diagnosis speaks of it: they are of what is installed as of today"


def _expected(answer: SignatureAnswer) -> Iterator[Line]:
    for number, each in enumerate(answer.expectations):
        if not number:
            yield from heading("What matrix.toml knows of it")
        expired = "expired" if each.expired else "expires"
        yield f"  {each.reason} ({expired} {each.expires})"
        yield f"    {each.link}"
        yield f"    expected in {', '.join(each.cells)}"
