"""What is kept in every series and what is not, since when. Pure.

Several sections of a report say so of what they ask: of promises when something breaks, or of what a person
does in the admin.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.contract.invariant import Stand, Standing
from harness.contract.promise import Promise
from harness.report.since import Seen, when

_SEEN = {
    Standing.HELD: Seen.HELD,
    Standing.VIOLATED: Seen.HERE,
    Standing.NOT_OBSERVED: Seen.UNASKED,
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked of every series. `links` are addresses with the words that lead there."""

    id: str
    sentence: str
    links: Mapping[str, str] = field(default_factory=dict)


def question_of(promise: Promise, *, word: str) -> Question:
    """What a promise asks; `word` leads to its link, if it has one."""
    return Question(
        id=promise.id, sentence=promise.sentence, links={promise.link: word} if promise.link else {}
    )


def names_of(series: Sequence[tuple[str, ...]]) -> list[str]:
    """A name for each series: of several each, ever longer, the shortest that tell them apart."""
    ever_longer = [list(names) for names in zip(*series, strict=True)]
    return next((names for names in ever_longer if len(set(names)) == len(names)), ever_longer[-1])


def tell_kept(
    questions: Sequence[Question], series: Sequence[tuple[Stand, ...]], names: Sequence[str], *, of: str
) -> Iterator[str]:
    """Two lists in Markdown, each after an empty line: what is not kept, and what is in every series.

    `series` have a stand for each question that they were asked; they are themselves in the order of their
    versions of the package `of`, and `names` tell each. What could be asked of no series is in neither list.
    """
    asked = {question.id: _asked(question, series, names) for question in questions}
    broken = [each for each in questions if any(_violated(stand) for stand, _ in asked[each.id])]
    kept = [each for each in questions if {stand.standing for stand, _ in asked[each.id]} == {Standing.HELD}]
    if broken:
        yield ""
        yield "Not kept:"
        yield ""
        yield from (_broken(each, asked[each.id], of) for each in broken)
    if kept:
        yield ""
        yield "Kept in every series that was asked:"
        yield ""
        yield from (f"- {each.sentence}" for each in kept)


def _asked(
    question: Question, series: Sequence[tuple[Stand, ...]], names: Sequence[str]
) -> list[tuple[Stand, str]]:
    """How a question stands in each series that was asked, and the series' name."""
    return [
        (stand, name)
        for stands, name in zip(series, names, strict=True)
        for stand in stands
        if stand.invariant == question.id
    ]


def _violated(stand: Stand) -> bool:
    return stand.standing is Standing.VIOLATED


def _broken(question: Question, asked: Sequence[tuple[Stand, str]], of: str) -> str:
    """What was seen instead, most often first, and since when."""
    stands = [stand for stand, _ in asked]
    alike: dict[str, list[str]] = {}
    for stand in filter(_violated, stands):
        alike.setdefault(_NUMBER.sub("#", stand.seen), []).append(stand.seen)
    ordered = sorted(alike.values(), key=len, reverse=True)
    several = len(ordered) > 1
    told = "; ".join(
        f"{_range(seen)}{f' ({len(seen)} of {len(stands)})' if several else ''}" for seen in ordered
    )
    since = when([_SEEN[stand.standing] for stand in stands], [name for _, name in asked], of=of)
    links = "".join(f" ([{word}]({link}))" for link, word in question.links.items())
    return f"- *{question.id}*, {question.sentence}: {told}; {since}{links}"


def _range(seen: Iterable[str]) -> str:
    """The same words with other numbers, told once: "killed after 3.01 to 3.04 s"."""
    first, *_ = several = list(seen)
    places = zip(*map(_NUMBER.findall, several), strict=True)
    numbers = iter([sorted(set(each), key=float) for each in places])

    def told(_: re.Match[str]) -> str:
        least, *more = next(numbers)
        return f"{least} to {more[-1]}" if more else least

    return _NUMBER.sub(told, first)
