"""The report of the field for people who read the repository: what works with what, and what shows it."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from harness.pairs.verdicts import Verdict
from harness.report.pairs import Cause, Culprit, Entry, PairTable, PairView, Witness
from harness.report.pairs_since import Statement
from harness.report.pairs_words import explained, grouped, pair_headline, pins_words, some, tally
from harness.report.words import axis_name, count_of, duration, headline, machine_line

SIGNS = {
    Verdict.WORKS: "✅",
    Verdict.CAVEATS: "🟡",
    Verdict.PINS: "📌",
    Verdict.BROKEN: "❌",
    Verdict.UNRESOLVABLE: "🚫",
    Verdict.UNTESTED: "▫️",
}


def render(view: PairView) -> str:
    """The whole file."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: PairView) -> Iterator[str]:
    yield f"# The plan `{view.plan}`"
    yield ""
    yield f"**{pair_headline(view.counts, len(view.suspects))}.**"
    yield "A pair works if some cell had both of it and worked; every sign leads to that cell, or to what is"
    yield "in the way: [how](#how)."
    yield ""
    yield f"{'; '.join(f'{sign} {verdict}' for verdict, sign in SIGNS.items())}."
    for table in view.tables:
        yield from _table(table, view.axes)
    yield from _since(view.statements)
    yield from _causes(view.signatures)
    yield from _declarations(view.declarations)
    yield from _open(view)
    yield from _witnesses(view.witnesses)
    yield from _how(view)


def _table(table: PairTable, axes: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    across = axes[table.across]
    yield ""
    yield f"## {axis_name(table.across)} and {axis_name(table.down)}"
    yield ""
    yield f"{tally(table.counts)}."
    yield ""
    yield f"| {axis_name(table.down)} \\ {axis_name(table.across)} | {' | '.join(across)} |"
    yield f"|---|{':-:|' * len(across)}"
    for value, entries in zip(axes[table.down], table.entries, strict=True):
        yield f"| **{value}** | {' | '.join(map(_sign, entries))} |"


def _sign(entry: Entry) -> str:
    sign = SIGNS[entry.verdict]
    return f"[{sign}](#{entry.anchor})" if entry.anchor else sign


def _since(statements: Iterable[Statement]) -> Iterator[str]:
    yield ""
    yield "## Since and until"
    yield ""
    yield "*Works* is said of what works as installed today, with or without caveats. Nothing is said of"
    yield "series that were not tested: *later* and *earlier* end where the tables do."
    for package, told in groupby(statements, key=lambda each: each.package):
        yield ""
        yield f"### {axis_name(package)}"
        yield ""
        yield from (f"- {each.words}." for each in told)


def _causes(causes: Iterable[Cause]) -> Iterator[str]:
    """What was seen in cells, those that explain most first."""
    for number, cause in enumerate(causes):
        if not number:
            yield ""
            yield "## What fails, and for which versions"
        yield ""
        yield f"### `{cause.because}`"
        yield ""
        yield f"Explains {count_of(cause.pairs, 'pair')}."
        if cause.excerpt:
            yield ""
            yield "```"
            yield from cause.excerpt.splitlines()
            yield "```"
        for culprit in cause.culprits:
            yield ""
            yield f"- {_anchor(culprit.anchor)}{_blame(culprit)}: {explained(culprit)}."
            yield f"  Seen in {count_of(culprit.seen, 'cell')}: {_some(culprit.cells, culprit.seen)}."
            if culprit.otherwise:
                yield f"  Failed in another way: {_some(culprit.otherwise, culprit.seen_otherwise)}."
            yield f"  Again: `{culprit.reproduce}`"


def _blame(culprit: Culprit) -> str:
    words = f"**{pins_words(culprit.pins)}**"
    return f"{words} with whatever else" if len(culprit.pins) == 1 else words


def _declarations(causes: Iterable[Cause]) -> Iterator[str]:
    for number, cause in enumerate(causes):
        if not number:
            yield ""
            yield "## What declarations forbid"
            yield ""
        for culprit in cause.culprits:
            pins = pins_words(culprit.pins)
            yield f"- {_anchor(culprit.anchor)}{pins}: `{cause.because}`. Explains {explained(culprit)}."


def _open(view: PairView) -> Iterator[str]:
    yield ""
    yield "## What is open"
    yield ""
    if not view.untested:
        yield "Nothing."
        return
    yield f"{count_of(len(view.untested), 'pair')} untested:"
    yield ""
    for (one, other), pairs in groupby(view.untested, key=lambda pair: (pair[0][0], pair[1][0])):
        of = list(pairs)
        yield f"- {axis_name(one)} and {axis_name(other)}, {count_of(len(of), 'pair')}: {grouped(of)}"
    if view.suspects:
        yield ""
        yield "Of these some were in cells that failed for a reason that nobody knows yet:"
        yield ""
    for suspect in view.suspects:
        yield f"- {_anchor(suspect.anchor)}{pins_words(suspect.pair)}: {_some(suspect.cells, suspect.seen)}"


def _witnesses(witnesses: Iterable[Witness]) -> Iterator[str]:
    """Each cell once, with what it shows: shorter than each pair with its cell."""
    for verdict, shown in groupby(witnesses, key=lambda each: each.verdict):
        yield ""
        yield f"## What {verdict}"
        yield ""
        for each in shown:
            resolved = f" ({each.resolved})" if each.resolved else ""
            yield f"- {_anchor(each.anchor)}`{each.reproduce}`{resolved}: {grouped(each.pairs)}"


def _how(view: PairView) -> Iterator[str]:
    yield ""
    yield '## <a name="how"></a>How this was made'
    yield ""
    yield f"{headline(view.cells)}."
    if view.runs:
        yield f"By `nox -s matrix`, in run {_code(view.runs)};"
        yield f"the cells took {duration(view.seconds)} one after another."
    if view.machine is not None:
        yield f"Machine: {machine_line(view.machine)}."
        yield f"Interpreters: {', '.join(view.machine.interpreters.values())}."
    yield ""
    yield "A pair is broken if a failure stays whatever else is chosen: in three attempts with the best"
    yield "partners known, or in all that there are. *As installed today* is what an installer gives for the"
    yield "series alone; *with pins* is all else: the index as it was on a day, a release that is not the"
    yield "newest of its series, a requirement besides. Records with every lock are in [runs](runs)."


def _some(cells: Iterable[str], count: int) -> str:
    return some([f"`{cell}`" for cell in cells], count)


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in words)


def _anchor(name: str) -> str:
    return f'<a name="{name}"></a>'
