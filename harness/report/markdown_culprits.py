"""The report of culprits for people who read the repository: lines that mend, and what shows that they do."""

from collections.abc import Iterable, Iterator, Sequence

from harness.report.culprits import CulpritEntry, CulpritView, concerned_words
from harness.report.pairs_words import pins_words, some
from harness.report.words import count_of, machine_line


def render(view: CulpritView) -> str:
    """The whole file."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: CulpritView) -> Iterator[str]:
    yield "# Culprits"
    yield ""
    yield f"**{headline(view)}.**"
    yield "Each is found by running cells: one passes with the change, one fails without it. [How](#how)."
    # Lines that mend only together are versions of one cell, and may contradict those of others.
    constraints = [entry for entry in view.entries if entry.constrains and len(entry.lines) == 1]
    requirements = [entry for entry in view.entries if not entry.constrains and not entry.pins]
    yield from _file("Constraints", "For a constraints file (`pip install -c`):", constraints)
    yield from _file("Requirements", "What nothing asks for has to be required:", requirements)
    for number, entry in enumerate(view.entries):
        if not number:
            yield ""
            yield "## One by one"
        yield from _entry(entry)
    yield from _unfit(view)
    yield from _then(view)
    yield from _unexplained(view)
    yield from _how(view)


def headline(view: CulpritView) -> str:
    """What is explained and what is not."""
    broken = len(view.worked_then)
    unfit = sum(len(each.cells) for each in view.unfit)
    never = f"{unfit} by versions that never go together, " if unfit else ""
    return (
        f"{count_of(view.failures, 'failure')} as installed today: {view.explained} explained by "
        f"{count_of(len(view.entries), 'culprit')} ({view.presumed} of them not tried), {never}"
        f"{view.failures - view.explained - unfit} not; {broken} worked in their own time and are broken now"
    )


def _file(heading: str, words: str, entries: Iterable[CulpritEntry]) -> Iterator[str]:
    by_line: dict[tuple[str, ...], list[CulpritEntry]] = {}
    for entry in entries:
        by_line.setdefault(entry.lines, []).append(entry)
    if not by_line:
        return
    yield ""
    yield f"## {heading}"
    yield ""
    yield words
    yield ""
    yield "```text"
    for lines, of in by_line.items():
        for entry in of:
            cells = len(entry.tried) + len(entry.presumed)
            yield f"# {entry.signature}, {count_of(cells, 'cell')}"
        yield from lines
    yield "```"


def _entry(entry: CulpritEntry) -> Iterator[str]:
    yield ""
    heading = entry.sentence if entry.pins else f"`{'`, `'.join(entry.lines)}`"
    yield f'### <a name="{entry.anchor}"></a>{heading}'
    yield ""
    yield f"`{entry.signature}`: {concerned_words(entry)}."
    if not entry.pins:
        yield f"{entry.sentence}."
    yield ""
    yield "```text"
    yield from entry.excerpt.splitlines()
    yield "```"
    yield ""
    for shown in entry.evidence:
        yield f"- {shown.what}: `{shown.reproduce}`"
    if entry.worked_then:
        yield f"- worked then, broken now: {_cells(entry.worked_then)}"
    if entry.broken_then:
        yield f"- broken then, too: {_cells(entry.broken_then)}"
    yield f"- tried: {_cells(entry.tried)}"
    if entry.presumed:
        yield f"- not tried: {_cells(entry.presumed)}"


def _unfit(view: CulpritView) -> Iterator[str]:
    if not view.unfit:
        return
    yield ""
    yield "## Versions that never go together"
    yield ""
    yield "They fail so as installed today, with the best partners that are known. What works instead has its"
    yield "witness in [the report of the field](field.md)."
    yield ""
    yield "| never together | what happens | cells | works instead |"
    yield "|---|---|---|---|"
    for each in view.unfit:
        instead = "; ".join(pins_words(pins) for pins in each.instead) or "nothing that was tried"
        yield f"| {pins_words(each.pins)} | `{each.signature}` | {len(each.cells)} | {instead} |"


def _then(view: CulpritView) -> Iterator[str]:
    if not view.worked_then:
        return
    yield ""
    yield "## Worked then, broken now"
    yield ""
    yield "| broken as installed today | works as of its own time |"
    yield "|---|---|"
    for now, then in view.worked_then:
        yield f"| `{now}` | `{then}` |"


def _unexplained(view: CulpritView) -> Iterator[str]:
    if not view.unexplained:
        return
    yield ""
    yield "## Not explained"
    yield ""
    for each in view.unexplained:
        why = f": {'; '.join(each.why_not)}" if each.why_not else ": not diagnosed to the end"
        yield f"- `{each.signature}`, {count_of(len(each.cells), 'cell')}{why}. {_cells(each.cells)}"


def _how(view: CulpritView) -> Iterator[str]:
    yield ""
    yield '## <a name="how"></a>How this was made'
    yield ""
    if view.machine is not None:
        yield f"Machine of the last run: {machine_line(view.machine)}."
        yield ""
    yield "By `nox -s diagnose`. A failing cell is run as of its own time. If it works then, the differences"
    yield "of the two locks are halved until one distribution is left, and its releases until the first bad"
    yield "one is. If not, values are taken over from the nearest cell that passes. Another cell with the"
    yield "same failure and the same thing installed is tried with the same change; others are only named."
    yield "Records with every lock are in [runs](runs)."


def _cells(cells: Sequence[str]) -> str:
    return some([f"`{cell}`" for cell in cells], len(cells))
