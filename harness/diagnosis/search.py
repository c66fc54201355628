"""One failing cell: what to ask next, what was found, or why nothing was. Pure.

The search is written down as if every cell that it asks for had been run; it is done again from the beginning
with the records that there are, and ends where one of them is missing: that is the next question.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from packaging.version import Version

from harness.diagnosis.change import Change
from harness.diagnosis.finding import Finding, Kind, Part
from harness.diagnosis.guess import is_renamed, missing_distribution, named_first
from harness.diagnosis.known import Known, Outcome, outcome_of, signature_of
from harness.diagnosis.minimal import minimal
from harness.diagnosis.releases import ReleasesOf, installable, narrow, newest_of
from harness.matrix.field import Pin
from harness.model import CellResult, Lock, Release
from harness.records.verdict import judging_attempts

# Halving twenty differences takes about nine cells, and halving fifty releases six; then there are the cell
# as of its time, two or three guesses and the line itself. What takes more than this is not one release.
CELLS = 20
_GUESSES = 3
_STEPS = (4, 16, 64)  # so many releases back

T = TypeVar("T")
# Gives the changes to try, is sent what came of each, and returns whether something was found.
Asking = Generator[Change, CellResult, bool]


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """How far a failing cell's diagnosis has come.

    `findings` are the changes that are known to make it pass, also while there is something left to ask.
    `ask` is what to try next, None at the end. `why_not` says at the end why nothing was found.
    """

    cell: str
    signature: str
    findings: tuple[Finding, ...] = ()
    ask: Change | None = None
    why_not: str = ""


def diagnose(
    failing: CellResult,
    known: Known,
    releases_of: ReleasesOf,
    *,
    hints: Sequence[str] = (),
    cells: int = CELLS,
) -> Diagnosis:
    """What the records say of a failing cell, and what to ask next.

    `hints` are distributions that were to blame elsewhere: they are tried before others.

    There is nothing more to ask when `cells` changes of it have been tried, for whatever reason.
    """
    search = _Search(failing, known, releases_of, hints)
    steps, asked = search.run(), set[Change]()
    ask: Change | None = None
    try:
        ask = next(steps)
        asked.add(ask)
        while (result := known.result(failing, ask)) is not None:
            ask = steps.send(result)
            asked.add(ask)
    except StopIteration:
        ask = None
    spent = known.count_of_changes(failing) + sum(not each.lines for each in asked if each != ask)
    if ask is not None and spent >= cells:
        ask, search.why_not = None, f"{cells} cells were not enough"
    return Diagnosis(
        cell=failing.cell,
        signature=signature_of(failing),
        findings=tuple(search.found),
        ask=ask,
        why_not="" if search.found or ask is not None else search.why_not,
    )


class _Search:
    """The search in a straight line. `found` and `why_not` grow as it goes on."""

    def __init__(
        self, failing: CellResult, known: Known, releases_of: ReleasesOf, hints: Sequence[str]
    ) -> None:
        self.found: list[Finding] = []
        self.why_not = ""
        self._base = failing
        self._known = known
        self._releases_of = releases_of
        self._hints = hints
        self._lock = failing.lock or Lock(distributions=(), python="")
        self._then: CellResult | None = None

    def run(self) -> Asking:
        """Ask one thing after the other until something is found, or nothing is left."""
        then = yield Change(then=True)
        self._then = then
        mended = yield from self._by_requirement()
        if self._worked_then and then.lock is not None and (yield from self._by_releases(then.lock)):
            return True
        return mended or (yield from self._by_older_release()) or (yield from self._by_versions())

    def _by_requirement(self) -> Asking:
        """A module that is missing may be in a distribution that nothing requires."""
        name = missing_distribution(signature_of(self._base))
        if not name or self._lock.version(name) is not None:
            return False
        if not (is_renamed(name) or self._known.has_distribution(name)):
            return False
        newest = yield Change(lines=(name,))
        version = newest.lock.version(name) if newest.lock is not None else None
        if outcome_of(newest) is Outcome.PASSES:
            self._find(Kind.REQUIREMENT, [Part(name=name, good=version or "")], Change(lines=(name,)), newest)
            return True
        if version is None or signature_of(newest) != signature_of(self._base):
            return False
        return (yield from self._by_one(name, version))

    def _by_older_release(self) -> Asking:
        """Where then tells nothing: the distribution that the failure names, as others have it who pass."""
        named = named_first((each.partition("==")[0] for each in self._lock.distributions), self._told())
        free = [name for name in named if name not in self._base.pins][:1]
        for name in free:
            if (yield from self._by_one(name, self._lock.version(name) or "")):
                return True
        return False

    def _by_one(self, name: str, version: str) -> Asking:
        """Older releases of one distribution than the version that fails."""
        for older in dict.fromkeys(self._older(name, Version(version))):
            if (yield from self._passes(_at(name, older))):
                return (yield from self._by_bisection(name, older, Version(version)))
        return False

    def _older(self, name: str, below: Version) -> Iterator[Version]:
        """Which to try: one that passed, the newest of the stack's time, the newest that others pass with.

        Then, of what nothing asks for and so nothing holds back, older and older ones.
        """
        tried = [Version(each) for each in self._known.versions_tried(self._base, name)]
        passing = [each for each in tried if self._known.passes(self._base, _at(name, each)) and each < below]
        if passing:
            yield max(passing)
        day = self._then.lock.index_date if self._then is not None and self._then.lock is not None else None
        before = newest_of(self._releases_of(name), day) if day is not None else ()
        elsewhere = map(Version, self._known.versions_that_pass(self._base, name))
        for versions in (installable(before, self._lock.python), sorted(elsewhere)):
            fitting = [each for each in versions if each < below]
            if fitting:
                yield fitting[-1]
        if self._lock.version(name) is None:
            every = [each for each in installable(self._releases_of(name), self._lock.python) if each < below]
            yield from (every[-step] for step in _STEPS if step <= len(every))

    def _by_releases(self, then: Lock) -> Asking:
        """What then had and now has not: as few distributions as possible; of one, its first bad release."""
        lines = _differences(then, self._lock)
        for finding in self.found:
            # What is required besides is found already: who no longer brings it along?
            lines = {name: line for name, line in lines.items() if name != finding.parts[0].name}
        # What passed was tried for a reason that may be forgotten by now.
        passed = [
            name for name, line in lines.items() if self._known.passes(self._base, Change(lines=(line,)))
        ]
        named = named_first(lines, self._told())
        hinted = (name for name in self._hints if name in lines)
        for name in [*passed, *dict.fromkeys((*named, *hinted))][:_GUESSES]:
            if (yield from self._passes(Change(lines=(lines[name],)))):
                [alone] = yield from self._by_itself((name,), lines)
                return (yield from self._blame(alone, lines[alone]))
        # An order that follows from the failing cell alone: the records have to tell the same again.
        ordered = [*named, *(name for name in lines if name not in named)]
        if not (yield from self._passes(_change(ordered, lines))):
            self.why_not = "it fails with the versions of its own time, too, when they are installed today"
            return False
        fewest = yield from self._fewest(ordered, lambda some: _change(some, lines))
        names = yield from self._by_itself(fewest, lines)
        if len(names) == 1:
            return (yield from self._blame(names[0], lines[names[0]]))
        change = _change(names, lines)
        parts = [
            Part(name=name, good=_version(lines[name]), bad=self._lock.version(name) or "") for name in names
        ]
        passing = yield change
        self._find(Kind.TOGETHER, parts, change, passing)
        return True

    def _by_itself(
        self, names: tuple[str, ...], lines: Mapping[str, str]
    ) -> Generator[Change, CellResult, tuple[str, ...]]:
        """What a distribution drags along may be what mends: then it does so alone, and moves less."""
        passing = yield _change(names, lines)
        moved = self._moved(passing)
        for other in moved:
            for name in names if other in lines and other not in names else ():
                instead = tuple(other if each == name else each for each in names)
                result = yield _change(instead, lines)
                if outcome_of(result) is Outcome.PASSES and len(self._moved(result)) < len(moved):
                    return instead
        return names

    def _told(self) -> list[str]:
        """What the failure says."""
        last = judging_attempts(self._base)[-1:]
        return [f"{each.excerpt} {each.detail}" for attempt in last for each in attempt.failures[:1]]

    def _moved(self, result: CellResult) -> list[str]:
        """The distributions that are at another version than in the cell that fails."""
        return list(_differences(self._lock, result.lock)) if result.lock is not None else []

    def _blame(self, name: str, line: str) -> Asking:
        """One distribution makes it pass: find its first bad release."""
        bad, good = self._lock.version(name), _version(line)
        if bad is not None and Version(good) < Version(bad):
            return (yield from self._by_bisection(name, Version(good), Version(bad)))
        # It was there then and is not now, or is older now.
        passing = yield Change(lines=(line,))
        part = Part(name=name, good=good, bad=bad or "")
        kind = Kind.TOGETHER if bad else Kind.REQUIREMENT
        self._find(kind, [part], Change(lines=(line,)), passing)
        return True

    def _by_bisection(self, name: str, good: Version, bad: Version) -> Asking:
        """Between a release that passes and one that fails: the first bad one, and the line that says so."""
        tried = self._known.versions_tried(self._base, name)
        for version in tried:
            yield _at(name, Version(version))
        versions = installable([*self._releases_of(name), *map(_release, tried)], self._lock.python)
        while True:
            good, bad, middle = narrow(versions, good, bad, lambda version: self._outcome(name, version))
            if middle is None:
                break
            yield _at(name, middle)
        while good < bad:
            line = Change(lines=(f"{name}<{_short(bad)}",))
            result = yield line
            chosen = Version(result.lock.version(name) or "0") if result.lock is not None else bad
            if outcome_of(result) is Outcome.PASSES:
                self._release_found(name, good=chosen, bad=bad, line=line, passing=result)
                return True
            if not good < chosen < bad:
                break
            # A release that the index did not tell of.
            bad = chosen
        self.why_not = f"{name} {good} passes, and no line that an installer follows leads to it"
        return False

    def _release_found(
        self, name: str, *, good: Version, bad: Version, line: Change, passing: CellResult
    ) -> None:
        shows = self._known.result(self._base, _at(name, bad))
        part = Part(name=name, good=str(good), bad=str(bad))
        self._find(Kind.RELEASE, [part], line, passing, failing=shows)

    def _by_versions(self) -> Asking:
        """Take over values of the nearest cell that passes, one axis at a time."""
        near = self._known.near(self._base)
        if near is None:
            self.why_not = self.why_not or "no cell with these settings passes"
            return False
        differing = [
            (axis, near.pins[axis]) for axis, value in self._base.pins.items() if near.pins[axis] != value
        ]
        for pin in differing:
            if (yield from self._passes(Change(pins=(pin,)))):
                return (yield from self._versions_found((pin,)))
        return (
            yield from self._versions_found(
                (yield from self._fewest(differing, lambda some: Change(pins=some)))
            )
        )

    def _versions_found(self, pins: Sequence[Pin]) -> Asking:
        change = Change(pins=tuple(pins))
        passing = yield change
        parts = [Part(name=axis, good=value, bad=self._base.pins[axis]) for axis, value in pins]
        self._find(Kind.VERSIONS, parts, change, passing)
        return True

    def _fewest(
        self, items: Sequence[T], change: Callable[[tuple[T, ...]], Change]
    ) -> Generator[Change, CellResult, tuple[T, ...]]:
        """Of what passes together, what cannot be left out."""
        trying = minimal(items)
        try:
            some = next(trying)
            while True:
                some = trying.send((yield from self._passes(change(some))))
        except StopIteration as end:
            fewest: tuple[T, ...] = end.value
            return fewest

    @property
    def _worked_then(self) -> bool:
        return self._then is not None and outcome_of(self._then) is Outcome.PASSES

    def _passes(self, change: Change) -> Asking:
        return outcome_of((yield change)) is Outcome.PASSES

    def _outcome(self, name: str, version: Version) -> Outcome | None:
        result = self._known.result(self._base, _at(name, version))
        return outcome_of(result) if result is not None else None

    def _find(
        self,
        kind: Kind,
        parts: Sequence[Part],
        change: Change,
        passing: CellResult,
        *,
        failing: CellResult | None = None,
    ) -> None:
        then, worked = self._then, self._worked_then
        day = then.lock.index_date if then is not None and then.lock is not None else None
        self.found.append(
            Finding(
                cell=self._base.cell,
                signature=signature_of(self._base),
                kind=kind,
                parts=tuple(parts),
                change=change,
                failing=failing.cell if failing is not None else self._base.cell,
                passing=passing.cell,
                constrains=kind is not Kind.VERSIONS
                and all(self._lock.version(part.name) is not None for part in parts),
                then=then.cell if then is not None and worked else "",
                then_date=str(day) if worked and day is not None else "",
            )
        )


def _differences(then: Lock, now: Lock) -> dict[str, str]:
    """By distribution, the line that takes it back to what then had.

    What came since only others bring along, so it goes with them.
    """
    was = dict(each.split("==", 1) for each in then.distributions)
    return {name: f"{name}=={version}" for name, version in was.items() if now.version(name) != version}


def _change(names: Iterable[str], lines: Mapping[str, str]) -> Change:
    return Change(lines=tuple(lines[name] for name in names))


def _at(name: str, version: Version) -> Change:
    return Change(lines=(f"{name}=={version}",))


def _version(line: str) -> str:
    return line.partition("==")[2]


def _short(version: Version) -> str:
    """`5.6` of 5.6.0: the same to an installer."""
    release = list(version.release)
    while len(release) > 1 and not release[-1]:
        release.pop()
    if version.pre or version.post is not None or version.dev is not None or version.epoch:
        return str(version)
    return ".".join(map(str, release))


def _release(version: str) -> Release:
    return Release(version=version, uploaded=None, requires_python="", requires=None)
