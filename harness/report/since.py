"""Since and until which series something was seen, in words. Pure.

A statement is about the series that were tested and no other: of versions between two of them, or beyond the
oldest and the newest, nothing is claimed. Several packages change from one series to the next, so it
says where a change was seen, and not what caused it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

_BEAT = "django-celery-beat"


class Seen(StrEnum):
    """What a series showed, as seen from the thing that is told of."""

    HERE = "here"
    HELD = "held"
    OTHERWISE = "broken in another way"
    UNASKED = "could not be asked"


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Series that follow one another and showed the same, if they could be asked; by their numbers.

    `before` and `after` are the nearest that showed something else, None where there is none; `unasked`
    lie between those two.
    """

    here: tuple[int, ...]
    before: int | None
    after: int | None
    unasked: tuple[int, ...]


def stretches(seen: Sequence[Seen]) -> Iterator[Stretch]:
    """Every HERE in exactly one stretch, as few of them as there can be."""
    asked = [number for number, each in enumerate(seen) if each is not Seen.UNASKED]
    runs = [list(run) for _, run in groupby(asked, key=lambda number: seen[number] is Seen.HERE)]
    for before, run, after in zip([None, *runs], runs, [*runs[1:], None], strict=False):
        if seen[run[0]] is not Seen.HERE:
            continue
        first = before[-1] + 1 if before else 0
        last = after[0] if after else len(seen)
        yield Stretch(
            here=tuple(run),
            before=before[-1] if before else None,
            after=after[0] if after else None,
            unasked=tuple(number for number in range(first, last) if seen[number] is Seen.UNASKED),
        )


def when(seen: Sequence[Seen], names: Sequence[str], *, of: str = _BEAT) -> str:
    """The series in which something was seen, the oldest first: "since … 2.8.1 … (held in 2.7.0 …)".

    `names` are those of the series, each its own, by their version of the package `of`; something was seen in
    at least one.
    """
    found = list(stretches(seen))
    told = [_where(each, names, of, alone=len(found) == 1) + _aside(each, seen, names) for each in found]
    return ", and ".join(told)


def _where(stretch: Stretch, names: Sequence[str], of: str, *, alone: bool) -> str:
    first, last = names[stretch.here[0]], names[stretch.here[-1]]
    only = first == last
    if stretch.before is None and stretch.after is None:
        if only:
            return f"in {of} {first}, the only series that {_could(stretch)}"
        return f"in every series that {_could(stretch)}, {of} {first} to {last}"
    if stretch.after is None:
        return f"since {of} {first}"
    if stretch.before is None:
        return f"until {of} {last}"
    if only:
        return f"only in {of} {first}" if alone else f"in {of} {first}"
    return f"from {of} {first} to {last}"


def _could(stretch: Stretch) -> str:
    return "could be asked" if stretch.unasked else "was tested"


def _aside(stretch: Stretch, seen: Sequence[Seen], names: Sequence[str]) -> str:
    """What is known of its neighbours."""
    told: dict[Seen, list[str]] = {}
    if stretch.before is not None:
        told.setdefault(seen[stretch.before], []).append(f"in {names[stretch.before]}")
    if stretch.after is not None:
        # "From … on" is said of what was seen without a gap.
        newer = seen[stretch.after :]
        on = len(newer) > 1 and all(each is Seen.HELD for each in newer)
        place = names[stretch.after]
        told.setdefault(seen[stretch.after], []).append(f"from {place} on" if on else f"in {place}")
    words = [f"{how} {' and '.join(places)}" for how, places in told.items()]
    if stretch.unasked:
        words.append(f"{listed(stretch.unasked, names)} {Seen.UNASKED}")
    return f" ({'; '.join(words)})" if words else ""


def listed(numbers: Sequence[int], names: Sequence[str]) -> str:
    """Some of the series: three and more that follow one another as "1.6.0 … to 2.9.0 …"."""
    runs = groupby(enumerate(numbers), key=lambda each: each[1] - each[0])
    told: list[str] = []
    for _, run in runs:
        each = [names[number] for _, number in run]
        told += [f"{each[0]} to {each[-1]}"] if len(each) > 2 else each  # noqa: PLR2004 - two are named
    return ", ".join(told[:-1]) + f" and {told[-1]}" if len(told) > 1 else told[0]
