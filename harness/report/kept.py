"""What is kept in every series and what is not, since when. Pure.

Several sections of a report say so of what they ask: of promises when something breaks, or of what a person
does in the admin.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from harness.contract.invariant import Stand, Standing
from harness.contract.promise import Promise
from harness.report.since import Seen, when

SEEN = {
    Standing.HELD: Seen.HELD,
    Standing.VIOLATED: Seen.HERE,
    Standing.NOT_OBSERVED: Seen.UNASKED,
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
# What some attempts showed and others did not is the same thing.
_ATTEMPTS = re.compile(r" \(in \d+ of \d+ attempts\)$")


class Where(Protocol):
    """Says in which series something is not kept."""

    def __call__(self, stands: Sequence[Stand | None], *, alike: bool) -> str:
        """In words, of each series its stand, None of one that was not asked or showed something else.

        Where what was seen is not `alike` it may be "": then each kind has a place of its own.
        """


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


def since_of(stands: Sequence[Stand | None], *, alike: bool, names: Sequence[str], of: str) -> str:  # noqa: ARG001
    """In which series something is not kept, by their `names`, which are in the order of the package `of`."""
    asked = [(stand, name) for stand, name in zip(stands, names, strict=True) if stand is not None]
    return when([SEEN[stand.standing] for stand, _ in asked], [name for _, name in asked], of=of)


def _stand(question: Question, stands: Iterable[Stand]) -> Stand | None:
    return next((each for each in stands if each.invariant == question.id), None)


def violated(stand: Stand) -> bool:
    """Whether it is not kept."""
    return stand.standing is Standing.VIOLATED


def _broken(question: Question, asked: Sequence[Stand | None], where: Where) -> str:
    """What was seen instead, most often first, and where: of all, or else of each kind."""
    kinds: dict[str, list[Stand]] = {}
    for stand in asked:
        if stand is not None and violated(stand):
            kinds.setdefault(_kind(stand), []).append(stand)
    ordered = sorted(kinds, key=lambda kind: len(kinds[kind]), reverse=True)
    count = sum(stand is not None for stand in asked)
    told = {kind: _told(kinds[kind], count if len(kinds) > 1 else None) for kind in ordered}
    place = where(asked, alike=len(kinds) == 1)
    if place:
        words = f"{'; '.join(told.values())}; {place}"
    else:
        words = "; ".join(f"{told[kind]} {where(_only(kind, asked), alike=True)}" for kind in ordered)
    links = "".join(f" ([{word}]({link}))" for link, word in question.links.items())
    return f"- *{question.id}*, {question.sentence}: {words}{links}"


def _kind(stand: Stand) -> str:
    return _NUMBER.sub("#", _ATTEMPTS.sub("", stand.seen))


def _only(kind: str, asked: Sequence[Stand | None]) -> list[Stand | None]:
    """Without what is broken in another way."""
    return [
        None if stand is not None and violated(stand) and _kind(stand) != kind else stand for stand in asked
    ]


def _told(stands: Sequence[Stand], of: int | None) -> str:
    """What was seen of one kind, and how often `of` so many series, where there are other kinds."""
    unsteady = sum(not stand.steady for stand in stands)
    notes = [
        f"{len(stands)} of {of}" if of else "",
        f"{unsteady} of {'them' if of else len(stands)} not in each attempt" if unsteady else "",
    ]
    told = ", ".join(filter(None, notes))
    return _range(_ATTEMPTS.sub("", stand.seen) for stand in stands) + (f" ({told})" if told else "")


def _range(seen: Iterable[str]) -> str:
    """The same words with other numbers, told once: "killed after 3.01 to 3.04 s"."""
    first, *_ = several = list(seen)
    places = zip(*map(_NUMBER.findall, several), strict=True)
    numbers = iter([sorted(set(each), key=float) for each in places])

    def told(_: re.Match[str]) -> str:
        least, *more = next(numbers)
        return f"{least} to {more[-1]}" if more else least

    return _NUMBER.sub(told, first)
