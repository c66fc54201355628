"""A page for a terminal: lines with a little style, never broken, so that commands can be copied. Pure."""

import io
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from harness.report.culprits import CulpritEntry, concerned_words
from harness.report.mending import Mend
from harness.report.words import count_of

Line = Text | str
_LISTED = 3


def render_page(lines: Iterable[Line], *, width: int, colour: bool) -> str:
    """The lines as text."""
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, soft_wrap=True
    )
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
    return out.getvalue()


def heading(text: str) -> Iterator[Line]:
    """What a part of the page is about, after an empty line."""
    yield ""
    yield Text(text, style="bold")


def indented(text: str, columns: int, style: str = "") -> Iterator[Line]:
    """Every line of a text, some columns in."""
    for line in text.splitlines():
        yield Text(f"{' ' * columns}{line}", style=style)


def command(text: str, columns: int = 2) -> Line:
    """A command to copy."""
    return Text(f"{' ' * columns}{text}", style="cyan")


def mend_lines(mend: Mend, cell: str) -> Iterator[Line]:
    """What mends a cell, and what that rests on."""
    yield from culprit_lines(mend.culprit)
    if cell not in mend.culprit.tried:
        yield "  not tried in this cell: it has the same failure, and the same thing installed"


def culprit_lines(culprit: CulpritEntry) -> Iterator[Line]:
    """A culprit: the line, the sentence, and the two cells that show it."""
    what = "instead" if culprit.pins else "constraint" if culprit.constrains else "requirement"
    if culprit.lines:
        yield Text.assemble(f"  {what}: ", ("  ".join(culprit.lines), "bold green"))
    yield f"  {culprit.sentence}."
    yield f"  {concerned_words(culprit)}"
    for each in culprit.evidence:
        yield Text.assemble(f"    {each.what}: ", (each.reproduce, "cyan"))


def some_of(words: Iterable[str], *, shown: int = _LISTED, noun: str = "more") -> str:
    """The first of some words, and how many more there are."""
    listed = list(words)
    more = f" and {len(listed) - shown} {noun}" if len(listed) > shown else ""
    return ", ".join(listed[:shown]) + more


def counted(counts: Iterable[tuple[str, int]], noun: str) -> str:
    """`3 cells: 2 broken, 1 works`."""
    told = [(word, number) for word, number in counts if number]
    return f"{count_of(sum(number for _, number in told), noun)}: " + ", ".join(
        f"{number} {word}" for word, number in told
    )
