"""Words that the renderers of the field share. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from harness.matrix.field import Pin, Pins
from harness.pairs.verdicts import Verdict
from harness.report.pairs import Culprit
from harness.report.words import axis_name, count_of

_COUNTED = {
    Verdict.WORKS: "working as installed today",
    Verdict.CAVEATS: "working so with caveats",
    Verdict.PINS: "working with pins only",
    Verdict.BROKEN: "broken",
    Verdict.UNRESOLVABLE: "unresolvable",
    Verdict.UNTESTED: "untested",
}

_SHOWN = 3  # cells that failed


def pair_headline(counts: Mapping[Verdict, int], suspects: int) -> str:
    """What is known and what is open, in one line that hides neither."""
    told = [f"{counts[verdict]} {words}" for verdict, words in _COUNTED.items()]
    suspected = f", of which {suspects} in failures that nothing explains" if suspects else ""
    nothing = "" if counts[Verdict.UNTESTED] else "; nothing is open"
    return f"{count_of(sum(counts.values()), 'pair')}: {', '.join(told)}{suspected}{nothing}"


def tally(counts: Mapping[Verdict, int]) -> str:
    """The same of a part of the pairs, without what there is none of."""
    return ", ".join(f"{counts[verdict]} {words}" for verdict, words in _COUNTED.items() if counts[verdict])


def pins_words(pins: Pins) -> str:
    """`Django 4.2 with Celery 5.4`."""
    return " with ".join(f"{axis_name(axis)} {value}" for axis, value in pins)


def grouped(pairs: Iterable[Pins]) -> str:
    """Pairs with as few words as they need: `Django 4.2 with Celery 5.3, 5.4 and beat 2.5`."""
    by_first: dict[Pin, dict[str, list[str]]] = {}
    for one, (axis, value) in pairs:
        by_first.setdefault(one, {}).setdefault(axis, []).append(value)
    return "; ".join(f"{pins_words((pin,))} with {_beside(others)}" for pin, others in by_first.items())


def explained(culprit: Culprit) -> str:
    """How many pairs a culprit explains: `1 pair either way, 2 pairs with pins`."""
    told: list[str] = []
    if culprit.both:
        told.append(f"{count_of(culprit.both, 'pair')} either way")
    if culprit.today:
        otherwise = {"work with pins": culprit.mended, "untested with pins": culprit.waiting}
        aside = ", ".join(f"{count} {words}" for words, count in otherwise.items() if count)
        told.append(f"{count_of(culprit.today, 'pair')} as installed today{f' ({aside})' if aside else ''}")
    if culprit.pinned:
        told.append(f"{count_of(culprit.pinned, 'pair')} with pins")
    return ", ".join(told)


def some(cells: Sequence[str], count: int) -> str:
    """Some of `count` cells, and how many more there are."""
    more = f" and {count - _SHOWN} more" if count > _SHOWN else ""
    return ", ".join(cells[:_SHOWN]) + more


def _beside(others: Mapping[str, Sequence[str]]) -> str:
    return " and ".join(f"{axis_name(axis)} {', '.join(values)}" for axis, values in others.items())
