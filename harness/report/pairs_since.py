"""Since and until which series of a package something works with another, in words. Pure.

A statement is about the series that were tested and no other: one that was not is named as such wherever it
lies in a range or beside its end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.matrix.field import Field, Pin, Pins
from harness.pairs.verdicts import Verdict
from harness.report.since import Seen, Stretch, listed, stretches
from harness.report.words import axis_name

# As seen from what works when installed today.
SEEN = {
    Verdict.WORKS: Seen.HERE,
    Verdict.CAVEATS: Seen.HERE,
    Verdict.PINS: Seen.HELD,
    Verdict.BROKEN: Seen.HELD,
    Verdict.UNRESOLVABLE: Seen.HELD,
    Verdict.UNTESTED: Seen.UNASKED,
}
_WAS = {
    Verdict.PINS: "works with pins only",
    Verdict.BROKEN: "was broken",
    Verdict.UNRESOLVABLE: "was unresolvable",
}
_TOLD = {
    Verdict.PINS: "with pins only",
    Verdict.BROKEN: "broken",
    Verdict.UNRESOLVABLE: "unresolvable",
    Verdict.UNTESTED: "untested",
}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Which series of `package` work with some `values` of another axis, of which the same is known."""

    package: str
    other: str
    values: tuple[str, ...]
    words: str


def statements(field: Field, verdicts: Mapping[Pins, Verdict]) -> Iterator[Statement]:
    """Of each package with each other one and with Python: each value of that one in one statement."""
    for package in field.axes:
        for other in field.axes:
            if package not in (other, "python"):
                yield from _between(field, verdicts, package, other)


def say(package: str, names: Sequence[str], verdicts: Sequence[Verdict], other: str) -> str:
    """What is known of a package's series with `other`: "Celery 5.5 and later works with …; not before, …".

    `names` are those of the series, the oldest first, with a verdict for each.
    """
    found = list(stretches([SEEN[each] for each in verdicts]))
    if not found:
        return _nothing_works(package, names, verdicts, other)
    if found[0].before is None and found[0].after is None:
        return _all_works(package, names, found[0], other)
    first, *further = found
    told = [f"{package} {_range(first, names)} works with {other}{_aside(first, names, verdicts)}"]
    told += [f"So does {_range(each, names)}{_aside(each, names, verdicts)}" for each in further]
    return ". ".join(told)


def _between(field: Field, verdicts: Mapping[Pins, Verdict], package: str, other: str) -> Iterator[Statement]:
    series = field.axes[package]
    alike: dict[tuple[Verdict, ...], list[int]] = {}
    for number, value in enumerate(field.axes[other]):
        known = tuple(_of(verdicts, (package, each), (other, value)) for each in series)
        alike.setdefault(known, []).append(number)
    for known, numbers in alike.items():
        told = f"{axis_name(other)} {listed(numbers, field.axes[other])}"
        yield Statement(
            package=package,
            other=other,
            values=tuple(field.axes[other][number] for number in numbers),
            words=say(axis_name(package), series, known, told),
        )


def _of(verdicts: Mapping[Pins, Verdict], one: Pin, other: Pin) -> Verdict:
    return verdicts[one, other] if (one, other) in verdicts else verdicts[other, one]


def _all_works(package: str, names: Sequence[str], stretch: Stretch, other: str) -> str:
    """Of all that were tested."""
    first, last = names[stretch.here[0]], names[stretch.here[-1]]
    untested = f" ({listed(stretch.unasked, names)} untested)" if stretch.unasked else ""
    if first == last:
        only = ", the only one that was tested," if untested else ""
        return f"{package} {first}{only} works with {other}{untested}"
    that = " that was tested" if untested else ""
    return f"Every {package}{that}, {first} to {last}, works with {other}{untested}"


def _range(stretch: Stretch, names: Sequence[str]) -> str:
    """The series of a stretch, without those at its ends of which nothing is known."""
    first, last = stretch.here[0], stretch.here[-1]
    if first == last:
        return names[first]
    if last == len(names) - 1:
        return f"{names[first]} and later"
    if first == 0:
        return f"{names[last]} and earlier"
    return f"{names[first]} to {names[last]}"


def _aside(stretch: Stretch, names: Sequence[str], verdicts: Sequence[Verdict]) -> str:
    """What is known of its neighbours, and that nothing is known of those in between."""
    first, last = stretch.here[0], stretch.here[-1]
    inside = [number for number in stretch.unasked if first < number < last]
    older = [number for number in stretch.unasked if number < first]
    newer = [number for number in stretch.unasked if number > last]
    told = [
        *_beside(stretch.before, older, names, verdicts, where="before"),
        *_beside(stretch.after, newer, names, verdicts, where="after"),
    ]
    untested = f" ({listed(inside, names)} untested)" if inside else ""
    return untested + "".join(f"; {each}" for each in told)


def _beside(
    neighbour: int | None,
    gap: Sequence[int],
    names: Sequence[str],
    verdicts: Sequence[Verdict],
    *,
    where: str,
) -> Iterator[str]:
    if neighbour is None:
        if gap:
            yield f"nothing is known of {listed(gap, names)}"
    elif gap:
        was = f"{names[neighbour]} {_WAS[verdicts[neighbour]]}"
        yield f"{was}, and nothing is known of {listed(gap, names)} in between"
    else:
        yield f"not {where}, where {names[neighbour]} {_WAS[verdicts[neighbour]]}"


def _nothing_works(package: str, names: Sequence[str], verdicts: Sequence[Verdict], other: str) -> str:
    numbers = {
        each: [number for number, known in enumerate(verdicts) if known is each]
        for each in _TOLD
        if each in verdicts
    }
    if set(numbers) == {Verdict.UNTESTED}:
        return f"Nothing is known of {package} {listed(numbers[Verdict.UNTESTED], names)} with {other}"
    parts = [f"{listed(each, names)} {_TOLD[verdict]}" for verdict, each in numbers.items()]
    only = "" if Verdict.UNTESTED not in numbers else " that was tested"
    return f"No {package}{only} works as installed today with {other}: {'; '.join(parts)}"
