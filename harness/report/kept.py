"""What is kept in every series and what is not, since when. Pure.

Several sections of a report say so of what they ask: of promises when something breaks, or of what a person
does in the admin.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.contract.invariant import Stand, Standing
from harness.contract.promise import Promise
from harness.report.since import Seen, when

SEEN = {
    Standing.HELD: Seen.HELD,
    Standing.VIOLATED: Seen.HERE,
    Standing.NOT_OBSERVED: Seen.UNASKED,
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
# In which series something is not kept, in words: of each series its stand, None of one that was not asked.
Where = Callable[[Sequence[Stand | None]], str]


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
    questions: Sequence[Question], series: Sequence[tuple[Stand, ...]], where: Where
) -> Iterator[str]:
    """Two lists in Markdown, each after an empty line: what is not kept, and what is in every series.

    `series` have a stand for each question that they were asked, and `where` says of one in which of them it
    is not kept. What could be asked of no series is in neither list.
    """
    asked = {question.id: [_stand(question, stands) for stands in series] for question in questions}
    told = {id_: {each.standing for each in stands if each is not None} for id_, stands in asked.items()}
    broken = [each for each in questions if Standing.VIOLATED in told[each.id]]
    kept = [each for each in questions if told[each.id] == {Standing.HELD}]
    if broken:
        yield ""
        yield "Not kept:"
        yield ""
        yield from (_broken(each, asked[each.id], where) for each in broken)
    if kept:
        yield ""
        yield "Kept in every series that was asked:"
        yield ""
        yield from (f"- {each.sentence}" for each in kept)


def since_of(stands: Sequence[Stand | None], *, names: Sequence[str], of: str) -> str:
    """In which series something is not kept, by their `names`, which are in the order of the package `of`."""
    asked = [(stand, name) for stand, name in zip(stands, names, strict=True) if stand is not None]
    return when([SEEN[stand.standing] for stand, _ in asked], [name for _, name in asked], of=of)


def _stand(question: Question, stands: Iterable[Stand]) -> Stand | None:
    return next((each for each in stands if each.invariant == question.id), None)


def violated(stand: Stand) -> bool:
    """Whether it is not kept."""
    return stand.standing is Standing.VIOLATED


def _broken(question: Question, asked: Sequence[Stand | None], where: Where) -> str:
    """What was seen instead, most often first, and where."""
    stands = [each for each in asked if each is not None]
    alike: dict[str, list[str]] = {}
    for stand in filter(violated, stands):
        alike.setdefault(_NUMBER.sub("#", stand.seen), []).append(stand.seen)
    ordered = sorted(alike.values(), key=len, reverse=True)
    several = len(ordered) > 1
    told = "; ".join(
        f"{_range(seen)}{f' ({len(seen)} of {len(stands)})' if several else ''}" for seen in ordered
    )
    links = "".join(f" ([{word}]({link}))" for link, word in question.links.items())
    return f"- *{question.id}*, {question.sentence}: {told}; {where(asked)}{links}"


def _range(seen: Iterable[str]) -> str:
    """The same words with other numbers, told once: "killed after 3.01 to 3.04 s"."""
    first, *_ = several = list(seen)
    places = zip(*map(_NUMBER.findall, several), strict=True)
    numbers = iter([sorted(set(each), key=float) for each in places])

    def told(_: re.Match[str]) -> str:
        least, *more = next(numbers)
        return f"{least} to {more[-1]}" if more else least

    return _NUMBER.sub(told, first)
