"""Words that the renderers of what one gets by just installing share. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from harness.matrix.outdated import Outdated
from harness.model import Installer, Verdict
from harness.report.fresh import Fate, FreshView, Outcome, Place, Way
from harness.report.since import listed
from harness.report.words import axis_name, count_of

_COUNTED = {
    Fate.RUNS: "run however they are installed",
    Fate.DEPENDS: "depend on how they are installed",
    Fate.FAILS: "fail",
    Fate.OPEN: "are untested",
}
_ENDS = {
    Verdict.WORKS: "runs",
    Verdict.CAVEATS: "runs with caveats",
    Verdict.BROKEN: "fails",
    Verdict.UNRESOLVABLE: "cannot be installed",
    Verdict.FLAKY: "is flaky",
    Verdict.UNTESTED: "is untested",
}


def fresh_headline(view: FreshView) -> str:
    """What is known and what is open, in one line that hides neither."""
    asked = sum(count for fate, count in view.counts.items() if fate is not Fate.NOT_DECLARED)
    pairs = f"{asked} {'pair' if asked == 1 else 'pairs'} of a {axis_name(view.axis)} and a Python"
    told = [f"{view.counts[fate]} {words}" for fate, words in _COUNTED.items() if fate is not Fate.OPEN]
    still_open = view.counts[Fate.OPEN]
    return f"{pairs}: {', '.join(told)}; " + (f"{still_open} untested" if still_open else "nothing is open")


def sentence(view: FreshView, series: str) -> str:
    """A series on every Python in words, what runs first: "runs on Python 3.8 to 3.11; fails on 3.12"."""
    alike: dict[tuple[Fate, str], list[int]] = {}
    for number, python in enumerate(view.pythons):
        place = view.place(series, python)
        alike.setdefault((place.fate, end_of(place, view.ways)), []).append(number)
    fates = list(Fate)
    told = [
        _on(fate, how, listed(alike[fate, how], view.pythons))
        for fate, how in sorted(alike, key=lambda key: fates.index(key[0]))
    ]
    return f"**{axis_name(view.axis)} {series}** {'; '.join(told)}."


def _on(fate: Fate, how: str, pythons: str) -> str:
    return f"on Python {pythons} {how}" if fate is Fate.DEPENDS else f"{how} on Python {pythons}"


def end_of(place: Place, ways: Sequence[Way]) -> str:
    """How a place ends, for all ways or for each: ``fails (`…`) with `celery redis` ``."""
    if place.fate is Fate.NOT_DECLARED:
        return "is not declared to run"
    ends: dict[str, list[Way]] = {}
    for outcome in place.outcomes:
        ends.setdefault(end_words(outcome), []).extend(outcome.ways)
    if len(ends) <= 1:
        return next(iter(ends), _ENDS[Verdict.UNTESTED])
    return ", ".join(f"{end} with {way_words(of, ways)}" for end, of in ends.items())


def end_words(outcome: Outcome) -> str:
    """`runs`, ``fails (`import:…`)``."""
    return _ENDS[outcome.verdict] + (f" (`{outcome.signature}`)" if outcome.signature else "")


def way_words(of: Iterable[Way], ways: Sequence[Way]) -> str:
    """Some of the ways: a style alone where every installer that is asked is meant."""
    chosen = set(of)
    told: list[str] = []
    for style, by in groupby(ways, key=lambda way: way.style):
        every = list(by)
        meant = [way for way in every if way in chosen]
        if len(meant) == len(every):
            told.append(f"`{style}`")
        elif meant:
            told.append(f"`{style}` by {' and '.join(way.installer for way in meant)}")
    return " and ".join(told)


def outdated_words(old: Outdated) -> str:
    """`beat 2.1.0 of 2020-10-20, not 2.9.0 of 2026-02-28: … declares Django<6.1`."""
    because = old.because or "no declaration of these packages says why"
    return (
        f"{axis_name(old.package)} {old.chosen}{_of(old.uploaded)}, not {old.newest}"
        f"{_of(old.newest_uploaded)}: {because}"
    )


def changes_words(one: Outcome, other: Outcome) -> str:
    """What another outcome has otherwise: `packaging 26.3 besides, redis 6.4.0 for 7.0.1, no tzlocal`."""
    before, after = (dict(each.split("==", 1) for each in of.distributions) for of in (one, other))
    told = [
        f"{name} {version} for {before[name]}" if name in before else f"{name} {version} besides"
        for name, version in after.items()
        if before.get(name) != version
    ]
    told += [f"no {name}" for name in before if name not in after]
    return ", ".join(told) or "nothing"


def places_words(places: Iterable[Place], view: FreshView) -> str:
    """`Django 3.2 on Python 3.8 to 3.11; Django 4.0 on Python 3.8`."""
    by_series: dict[str, list[int]] = {}
    for place in places:
        by_series.setdefault(place.series, []).append(view.pythons.index(place.python))
    return "; ".join(
        f"{axis_name(view.axis)} {series} on Python {listed(sorted(set(numbers)), view.pythons)}"
        for series, numbers in by_series.items()
    )


def pip_words(view: FreshView) -> str:
    """What plain pip answers, held against uv."""
    asked = [(place, way) for place in view.places for way in view.ways if _answered_by_pip(place, way)]
    if not asked:
        return "Plain pip has not been asked"
    differing = sum(differs(place, way) for place, way in asked)
    told = "each time it chose what uv chooses, or failed as uv does"
    if differing:
        told = f"{count_of(differing, 'time')} it gave something else than uv"
    return f"Plain pip was asked {count_of(len(asked), 'time')}; {told}"


def _answered_by_pip(place: Place, way: Way) -> bool:
    outcome = place.outcome(way)
    return way.installer is Installer.PIP and outcome is not None and outcome.verdict is not Verdict.UNTESTED


def differs(place: Place, way: Way) -> bool:
    """Whether pip's answer is known, and another one than uv's to the same, or ends otherwise."""
    by_uv = place.outcome(Way(style=way.style, installer=Installer.UV))
    known = by_uv is not None and by_uv.verdict is not Verdict.UNTESTED
    return known and _answered_by_pip(place, way) and place.outcome(way) is not by_uv


def counted_pips(pips: Mapping[str, str]) -> str:
    """`18.1 (Python 3.6), 23.0.1 (Python 3.8, 3.9)`."""
    by_version: dict[str, list[str]] = {}
    for python, version in pips.items():
        by_version.setdefault(version, []).append(python)
    return ", ".join(f"{version} (Python {', '.join(of)})" for version, of in by_version.items())


def _of(day: object) -> str:
    return f" of {day}" if day else ""
