"""Words that the renderers of the report beyond the caps share. Pure."""

from collections.abc import Mapping, Sequence

from harness.report.caps import BEYOND, Cap, CapPair, Told
from harness.report.since import listed
from harness.report.words import axis_name, count_of

_COUNTED = {
    Told.FORCED: "work when forced",
    Told.CAVEATS: "work so with caveats",
    Told.BREAKS: "break",
    Told.UNTESTED: "untested",
}
_WITH = {
    Told.FORCED: "works with",
    Told.CAVEATS: "works with caveats with",
    Told.BREAKS: "breaks with",
}


def caps_headline(counts: Mapping[Told, int]) -> str:
    """What is known and what is open, in one line that hides neither."""
    told = ", ".join(f"{counts[each]} {words}" for each, words in _COUNTED.items())
    nothing = "" if counts[Told.UNTESTED] else "; nothing is open"
    return f"{count_of(sum(counts.values()), 'pair')} that only an upper cap forbids: {told}{nothing}"


def cap_sentence(cap: Cap, axes: Mapping[str, Sequence[str]]) -> str:
    """`django-celery-beat 2.9 declares Django<6.1; forced, it works with Django 6.1`."""
    parts: list[str] = []
    for told, verb in _WITH.items():
        if words := _values(cap, told, axes):
            parts.append(f"{'' if parts else 'forced, it '}{verb} {words}")
    if words := _values(cap, Told.UNTESTED, axes):
        parts.append(f"{'is' if parts else 'it is'} untested with {words}")
    return "; ".join([cap.text, ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]])


def told_first(cap: Cap) -> list[CapPair]:
    """The pairs of a cap, those that work first and otherwise as they are."""
    return sorted(cap.pairs, key=lambda each: BEYOND.index(each.told))


def _values(cap: Cap, told: Told, axes: Mapping[str, Sequence[str]]) -> str:
    """The series of other axes of which the same is told: `Django 5.0, 5.1 and 6.1`."""
    by_axis: dict[str, list[int]] = {}
    for each in cap.pairs:
        if each.told is told:
            axis, value = next(pin for pin in each.pair if pin != cap.declaring)
            by_axis.setdefault(axis, []).append(axes[axis].index(value))
    return " and ".join(f"{axis_name(axis)} {listed(found, axes[axis])}" for axis, found in by_axis.items())
