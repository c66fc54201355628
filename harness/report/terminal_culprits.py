"""Culprits for a terminal: a sentence and a line each."""

from collections.abc import Collection, Iterator

from harness.report.culprits import CulpritView, concerned_words
from harness.report.markdown_culprits import headline
from harness.report.pairs_words import pins_words
from harness.report.words import count_of


def render(view: CulpritView, *, among: Collection[str]) -> str:
    """What is known of the failures `among` all."""
    return "\n".join(_lines(view, among)) + "\n"


def _lines(view: CulpritView, among: Collection[str]) -> Iterator[str]:
    for entry in view.entries:
        if not set(among).intersection((*entry.tried, *entry.presumed)):
            continue
        what = "constraint" if entry.constrains else "requirement"
        yield ""
        yield f"{entry.signature}: {concerned_words(entry)}"
        yield f"  {entry.evidence[0].cell}"
        yield f"  {entry.sentence}."
        if not entry.pins:
            yield f"  {what}: {'  '.join(entry.lines)}"
    for versions in view.unfit:
        if concerned := set(among).intersection(versions.cells):
            yield ""
            yield f"{versions.signature}: {count_of(len(concerned), 'cell')}"
            yield f"  never goes together: {pins_words(versions.pins)}"
            yield from (f"  works instead: {pins_words(pins)}" for pins in versions.instead)
    for each in view.unexplained:
        if set(among).intersection(each.cells):
            yield ""
            yield f"{each.signature}: nothing found in {len(each.cells)} of its cells"
            yield from (f"  {why}" for why in each.why_not)
    yield ""
    yield headline(view)
