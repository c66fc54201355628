"""What one gets by just installing, for people who read the repository: the page most of them come for."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from harness.model import Verdict
from harness.report.fresh import Fate, FreshView, Known, Outcome, Place
from harness.report.fresh_words import (
    changes_words,
    counted_pips,
    differs,
    fresh_headline,
    outdated_words,
    pip_words,
    places_words,
    sentence,
    way_words,
)
from harness.report.words import axis_name, count_of, duration, headline, machine_line

SIGNS = {
    Verdict.WORKS: "✅",
    Verdict.CAVEATS: "🟡",
    Verdict.BROKEN: "❌",
    Verdict.UNRESOLVABLE: "🚫",
    Verdict.FLAKY: "🎲",
    Verdict.UNTESTED: "▫️",
}
Said = TypeVar("Said")

_NOT_DECLARED = "·"
_NAMES = {
    Verdict.WORKS: "runs",
    Verdict.CAVEATS: "runs with caveats",
    Verdict.BROKEN: "fails",
    Verdict.UNRESOLVABLE: "cannot be installed",
    Verdict.FLAKY: "flaky",
    Verdict.UNTESTED: "untested",
}


def render(view: FreshView) -> str:
    """The whole file."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: FreshView) -> Iterator[str]:
    yield f"# What you get by just installing, by {axis_name(view.axis)} and Python"
    yield ""
    yield f"**{fresh_headline(view)}.**"
    yield f"Asked for is one series of {axis_name(view.axis)}, and all else is left to the installer. What it"
    yield "chose was installed and run, with a live worker and a live beat: [how](#how)."
    yield from _table(view)
    yield ""
    yield f"## {axis_name(view.axis)} by {axis_name(view.axis)}"
    yield ""
    yield from (f"- {sentence(view, series)}" for series in view.series)
    yield from _failures(view)
    yield from _outdated(view)
    yield from _caveats(view)
    yield from _pip(view)
    yield from _places(view)
    yield from _how(view)


def _table(view: FreshView) -> Iterator[str]:
    styles = list(dict.fromkeys(way.style for way in view.ways))
    yield ""
    yield f"{'; '.join(f'{SIGNS[verdict]} {name}' for verdict, name in _NAMES.items())};"
    yield f"{_NOT_DECLARED} {axis_name(view.axis)} does not declare that Python."
    if len(styles) > 1:
        in_order = ", ".join(f"`{style}`" for style in styles)
        yield f"Of several signs in a field each is for another way to write it, in this order: {in_order}."
    yield "In brackets is plain pip, where it ends otherwise than uv. Each sign leads to what was chosen."
    yield ""
    yield f"| {axis_name(view.axis)} \\ Python | {' | '.join(view.pythons)} |"
    yield f"|---|{':-:|' * len(view.pythons)}"
    for series in view.series:
        signs = (_sign(view.place(series, python), view) for python in view.pythons)
        yield f"| **{series}** | {' | '.join(signs)} |"


def _sign(place: Place, view: FreshView) -> str:
    if place.fate is Fate.NOT_DECLARED:
        return _NOT_DECLARED
    by_style: dict[str, list[str]] = {}
    for way in view.ways:
        outcome = place.outcome(way)
        if outcome is not None:
            by_style.setdefault(way.style, []).append(SIGNS[outcome.verdict])
    told = [_with_brackets(signs) for signs in by_style.values()]
    signs = "".join(told if len(set(told)) > 1 else told[:1])
    return f"[{signs}](#{_anchor(place)})" if place.told else SIGNS[Verdict.UNTESTED]


def _with_brackets(signs: list[str]) -> str:
    first, *others = dict.fromkeys(signs)
    return first + "".join(f"({other})" for other in others)


def _gathered(
    view: FreshView, said: Callable[[Outcome], Iterable[Said]]
) -> dict[Said, list[tuple[Place, Outcome]]]:
    """What outcomes say, each once, with who says it, in the order of the table."""
    found: dict[Said, list[tuple[Place, Outcome]]] = {}
    for place in view.places:
        for outcome in place.outcomes:
            for each in said(outcome):
                found.setdefault(each, []).append((place, outcome))
    return found


def _where(found: Iterable[tuple[Place, Outcome]], view: FreshView) -> str:
    return places_words((place for place, _ in found), view)


def _failures(view: FreshView) -> Iterator[str]:
    """Each signature once, those of most pairs first."""
    failing = _gathered(view, lambda outcome: [outcome.signature] if outcome.signature else [])
    pairs = {
        signature: len({(place.series, place.python) for place, _ in found})
        for signature, found in failing.items()
    }
    for number, signature in enumerate(sorted(failing, key=lambda each: (-pairs[each], each))):
        found = failing[signature]
        shown = found[0][1]
        if not number:
            yield ""
            yield "## What fails"
        yield ""
        yield f"### `{signature}`"
        yield ""
        yield f"{count_of(pairs[signature], 'pair')}: {_where(found, view)}."
        only = dict.fromkeys(way_words(outcome.ways, view.ways) for _, outcome in found)
        if set(only) != {way_words(view.ways, view.ways)}:
            yield f"Seen with {'; '.join(only)}."
        yield from _excerpt(shown.excerpt)
        yield from _known(shown.known)
        yield ""
        yield f"Again: `{shown.reproduce}`"


def _excerpt(excerpt: str) -> Iterator[str]:
    if excerpt:
        yield ""
        yield "```"
        yield excerpt
        yield "```"


def _known(known: Iterable[Known]) -> Iterator[str]:
    links = [f"[{each.reason}]({each.link})" for each in known]
    if links:
        yield ""
        yield f"The same was seen elsewhere: {'; '.join(links)}."


def _outdated(view: FreshView) -> Iterator[str]:
    """What was taken though there is a newer series: nobody is told of it while it is installed."""
    taken = _gathered(view, lambda outcome: outcome.outdated)
    if not taken:
        return
    yield ""
    yield "## What is quietly old"
    yield ""
    yield "An installer says nothing when it takes an old release because the newest does not fit. Nor does"
    yield "it ask what the old one was made for: a release without an upper end fits everything to come."
    for package in view.axes:
        of_package = {old: found for old, found in taken.items() if old.package == package}
        if of_package:
            yield ""
            yield f"### {axis_name(package)}"
            yield ""
        for old, found in of_package.items():
            yield f"- {outdated_words(old)}. {_where(found, view)}."


def _caveats(view: FreshView) -> Iterator[str]:
    told = _gathered(view, lambda outcome: outcome.caveats if outcome.runs else ())
    if not told:
        return
    yield ""
    yield "## What to know of what runs"
    yield ""
    yield from (f"- {caveat}. {_where(found, view)}." for caveat, found in told.items())


def _pip(view: FreshView) -> Iterator[str]:
    yield ""
    yield "## Plain pip"
    yield ""
    yield f"{pip_words(view)}."
    if view.pips:
        yield f"It is the pip that comes with each Python, not brought up to date: {counted_pips(view.pips)}."
    differing = [place for place in view.places if any(differs(place, way) for way in view.ways)]
    if differing:
        yield ""
    yield from (f"- [{_title(place, view)}](#{_anchor(place)})" for place in differing)


def _places(view: FreshView) -> Iterator[str]:
    yield ""
    yield "## What was chosen, and what came of it"
    for place in view.places:
        if place.told:
            yield ""
            yield f'### <a name="{_anchor(place)}"></a>{_title(place, view)}'
            yield ""
            yield from _choices(place, view)
            for outcome in place.outcomes:
                yield from _details(outcome, place, view)


def _choices(place: Place, view: FreshView) -> Iterator[str]:
    headings = ["with", *map(axis_name, view.axes), ""]
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for outcome in place.outcomes:
        old = {each.package for each in outcome.outdated}
        versions = (
            f"{outcome.chosen[axis]}{' (old)' if axis in old else ''}"
            if axis in outcome.chosen
            else _NOT_DECLARED
            for axis in view.axes
        )
        ways = way_words(outcome.ways, view.ways)
        yield f"| {ways} | {' | '.join(versions)} | {SIGNS[outcome.verdict]} {_NAMES[outcome.verdict]} |"


def _details(outcome: Outcome, place: Place, view: FreshView) -> Iterator[str]:
    several = len(place.outcomes) > 1
    yield ""
    if several:
        yield f"With {way_words(outcome.ways, view.ways)}:"
        yield ""
    for old in outcome.outdated:
        yield f"- quietly old: {outdated_words(old)}"
    if outcome.signature:
        yield f"- {_NAMES[outcome.verdict]}: `{outcome.signature}`"
        if outcome.excerpt:
            yield f"  `{outcome.excerpt.replace('`', '')}`"
        yield from (f"  Seen elsewhere: [{each.reason}]({each.link})" for each in outcome.known)
    first = place.outcomes[0]
    if outcome is not first and outcome.distributions and first.distributions:
        yield f"- unlike with {way_words(first.ways, view.ways)}: {changes_words(first, outcome)}"
    if outcome.note:
        yield f"- {_NAMES[outcome.verdict]}: {outcome.note}"
    yield f"- again: `{outcome.reproduce}`"
    if outcome.distributions:
        yield ""
        yield f"<details><summary>{count_of(len(outcome.distributions), 'distribution')}</summary>"
        yield ""
        yield f"`{' '.join(outcome.distributions)}`"
        yield ""
        yield "</details>"


def _how(view: FreshView) -> Iterator[str]:
    yield ""
    yield '## <a name="how"></a>How this was made'
    yield ""
    asked = next((place.commands for place in reversed(view.places) if place.commands), ())
    commands = " or ".join(f"`pip install {_quoted(each)}`" for each in asked)
    yield f"Asked for is what people write, such as {commands}."
    yield "Asked is uv, and the pip that `python -m venv` puts in for each Python; where both choose alike,"
    yield "it was run once. A failure was repeated before it counts."
    yield ""
    yield f"{headline(view.cells)}."
    if view.runs:
        yield f"By `nox -s matrix -- --plan {view.plan}` on {', '.join(view.days)};"
        yield f"the cells took {duration(view.seconds)} one after another."
    if view.machine is not None:
        yield f"Machine: {machine_line(view.machine)}."
        yield f"Interpreters: {', '.join(view.machine.interpreters.values())}."
    yield "Records with every lock are in [runs](runs)."


def _quoted(command: str) -> str:
    return " ".join(f"'{word}'" if {"*", "["} & set(word) else word for word in command.split())


def _title(place: Place, view: FreshView) -> str:
    return f"{axis_name(view.axis)} {place.series} on Python {place.python}"


def _anchor(place: Place) -> str:
    return f"{place.series}-on-{place.python}"
