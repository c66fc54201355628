"""What the records say of a project on a Python: the verdict, what shows it, and what mends it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, cached_property

from packaging.version import InvalidVersion, Version

from harness.answers.facts import Facts
from harness.answers.fitting import (
    Asked,
    Fit,
    Nearness,
    fits,
    is_as_asked,
    refused,
)
from harness.answers.refusals import declared_against
from harness.answers.settings import Settings
from harness.answers.stack import GOOD, PYTHON, means
from harness.diagnosis.known import Outcome, outcome_of
from harness.matrix.releases import Releases
from harness.model import CellResult, Resolution, Verdict
from harness.pairs.trials import own_requirements
from harness.records.sheets import Entry
from harness.records.verdict import judging_attempts
from harness.report.check.alike import Alike, pairs_of
from harness.report.check.answer import Answer, OnPython, Shown
from harness.report.check.settings import is_under
from harness.report.check.tried import Tried
from harness.report.words import reproduce_command

_SHOWN = 3


class Judging:
    """The records, ready to be asked about one Python after the other."""

    def __init__(self, facts: Facts, *, releases: Releases, packages: Sequence[str]) -> None:
        self._facts = facts
        self._packages = packages
        self._entries = [each for each in facts.entries.values() if means(each.checks)]
        self._releases = releases
        self._tried = Tried(facts, self._entries)

    def __call__(self, asked: Asked, settings: Settings | None = None) -> OnPython:
        """What is known of it; under `settings`, if something was measured under such."""
        alike = Alike(asked, self._facts.axes)
        there = [each for each in self._entries if alike.has(each, PYTHON)]
        near = [each for each in there if each.lock and all(alike.has(each, name) for name in asked.own)]
        found = fits(asked, self._read(near), installed=self._installed)
        deciding = _under(settings, _deciding(asked, found))
        passing = [fit for fit in deciding if outcome_of(fit.result) is Outcome.PASSES]
        # Of those that fail with something more installed that may be to blame.
        failing = [fit for fit in deciding if outcome_of(fit.result) is Outcome.FAILS and not fit.beyond]
        bare = OnPython(
            python=asked.python,
            answer=Answer.UNKNOWN,
            asked=tuple(str(asked.allowed[name]) for name in asked.own),
            left_open=asked.open,
        )
        if passing or failing:
            return self._measured(bare, asked, found, passing, failing)
        refusals = declared_against(asked, self._releases)
        nothing = [each for each in there if not each.lock and each.verdict is Verdict.UNRESOLVABLE]
        unresolved = tuple(self._shown(each) for each in refused(asked, self._read(nothing)))
        if refusals or unresolved:
            return replace(
                bare,
                answer=Answer.UNRESOLVABLE,
                fails=unresolved,
                refusals=refusals,
                instead=self._nearest(asked, there, alike),
            )
        outcomes = [outcome_of(fit.result) for fit in found if fit.nearness is not Nearness.SERIES]
        return replace(
            bare,
            instead=self._instead(found) or self._nearest(asked, there, alike),
            pairs=pairs_of(asked, alike, self._entries),
            allowed={str(each): outcomes.count(each) for each in (Outcome.PASSES, Outcome.FAILS)},
        )

    def _measured(
        self,
        bare: OnPython,
        asked: Asked,
        found: Sequence[Fit],
        passing: Sequence[Fit],
        failing: Sequence[Fit],
    ) -> OnPython:
        then = [
            fit
            for fit in found
            if fit not in (*passing, *failing) and is_as_asked(asked, fit, Resolution.ERA)
        ]
        works = tuple(self._shown(fit.result, fit) for fit in passing)
        fails = tuple(self._shown(fit.result, fit) for fit in failing)
        mendings = self._tried.mendings([fit.result for fit in failing])
        return replace(
            bare,
            answer=_answer(works, fails),
            dated=not asked.complete
            and all(fit.result.resolution is Resolution.ERA for fit in (*passing, *failing)),
            presumed=all(fit.nearness is Nearness.SERIES for fit in (*passing, *failing)),
            works=works,
            fails=fails,
            mendings=mendings,
            instead=() if passing or mendings else self._instead(found) or self._near(failing),
            then=tuple(self._shown(each.result, each) for each in then),
        )

    def _instead(self, found: Iterable[Fit]) -> tuple[Shown, ...]:
        """What the project allows, or nearly, and works: the nearest and newest, with different versions."""
        passing = [fit for fit in found if outcome_of(fit.result) is Outcome.PASSES and not fit.beyond]
        newest = sorted(passing, key=lambda fit: _newness(fit.result), reverse=True)
        nearest = sorted(newest, key=lambda fit: fit.rank)
        return self._distinct(self._shown(fit.result, fit) for fit in nearest)

    def _nearest(self, asked: Asked, there: Iterable[Entry], alike: Alike) -> tuple[Shown, ...]:
        """What works on the same Python and shares most series with the project, the newest first."""
        passing = [
            ([bool(each.lock) and alike.has(each, name) for name in asked.own], each)
            for each in there
            if each.verdict in GOOD and each.resolution is not Resolution.OVERRIDE
        ]
        # Many that are shared are nearer than few; then, those of the first axes.
        newest = sorted(passing, key=lambda each: self._newness(each[1]), reverse=True)
        nearest = sorted(newest, key=lambda each: (sum(each[0]), each[0]), reverse=True)
        read = (self._facts.read(each) for _, each in nearest)
        return self._distinct(self._shown(each) for each in read if each is not None)

    def _newness(self, entry: Entry) -> tuple[Version, Version, bool, str]:
        """As of a result, by what is said of it in its entry."""
        versions = dict(zip(self._facts.axes, entry.versions, strict=True))
        django, celery = (_version(versions.get(name, "")) for name in ("django", "celery"))
        return django, celery, entry.resolution is Resolution.TODAY, entry.cell

    def _read(self, entries: Iterable[Entry]) -> list[CellResult]:
        read = map(self._facts.read, entries)
        return [each for each in read if each is not None]

    @cached_property
    def _installed(self) -> frozenset[str]:
        """Every distribution that some record has."""
        sheets = {each.sheet.file: each.sheet for each in self._entries}.values()
        words = {word for sheet in sheets for word in sheet.distributions.words}
        return frozenset(word.partition("==")[0] for word in words)

    def _distinct(self, shown: Iterable[Shown]) -> tuple[Shown, ...]:
        found: dict[tuple[tuple[str, str], ...], Shown] = {}
        for each in shown:
            found.setdefault(tuple(each.versions.items()), each)
            if len(found) == _SHOWN:
                break
        return tuple(found.values())

    def _near(self, failing: Iterable[Fit]) -> tuple[Shown, ...]:
        """The passing cells that differ least from those that fail, on the same Python."""
        near = (self._tried.near(fit.result) for fit in failing)
        found = {each.cell: self._shown(each) for each in near if each is not None}
        return tuple(found.values())[:_SHOWN]

    def _shown(self, result: CellResult, fit: Fit | None = None) -> Shown:
        attempts = judging_attempts(result)
        failures = attempts[-1].failures if attempts else ()
        passes = outcome_of(result) is Outcome.PASSES
        caveats = [check.caveat for attempt in attempts[-1:] for check in attempt.checks if check.caveat]
        versions = {name: self._version(result, name) for name in self._packages}
        plan = self._facts.entries[result.cell].plan
        return Shown(
            cell=result.cell,
            run=result.run,
            plan=plan,
            day=result.started[:10],
            settings=result.settings,
            database=result.database,
            index=_index_of(result),
            python=result.pins["python"],
            versions={name: version for name, version in versions.items() if version},
            lines=own_requirements(result),
            nearness=fit.nearness if fit else Nearness.EXACT,
            differs=fit.differs if fit else (),
            beyond=fit.beyond if fit else (),
            signature="" if passes else failures[0].signature,
            excerpt="" if passes else failures[0].excerpt,
            caveats=tuple(dict.fromkeys(caveats)) if passes else (),
            reproduce=reproduce_command(result.cell, plan),
        )

    def _version(self, result: CellResult, name: str) -> str:
        return (result.lock.version(name) if result.lock is not None else None) or ""


def _answer(works: Sequence[Shown], fails: Sequence[Shown]) -> Answer:
    if not fails:
        return Answer.CAVEATS if any(shown.caveats for shown in works) else Answer.WORKS
    if not works:
        return Answer.BROKEN
    under = [_circumstances(each) for each in works]
    # It depends on the settings, and is told by them; or on something that nobody knows.
    return Answer.UNKNOWN if any(_circumstances(each) in under for each in fails) else Answer.CAVEATS


def _circumstances(shown: Shown) -> tuple[object, ...]:
    return (tuple(sorted(shown.settings.items())), shown.database)


def _newness(result: CellResult) -> tuple[Version, Version, bool, str]:
    """By what a stack is new: its Django, then its Celery; of the same, the one that is installed today."""
    lock = result.lock
    django, celery = (Version((lock.version(name) if lock else None) or "0") for name in ("django", "celery"))
    return django, celery, result.resolution is Resolution.TODAY, result.cell


def _deciding(asked: Asked, found: Sequence[Fit]) -> list[Fit]:
    """The records that say what becomes of the project: the nearest, or just what was asked for.

    Of an open project those that happen to fit say what it allows, not what an installer chooses.
    """
    as_asked = [fit for fit in found if is_as_asked(asked, fit, Resolution.TODAY)]
    if as_asked and not asked.complete:
        return as_asked
    if asked.open or not found:
        return []
    near = [fit for fit in found if fit.rank == found[0].rank]
    today = [fit for fit in near if fit.result.resolution is Resolution.TODAY]
    # What a file leaves open is chosen anew each time; in a lock or an environment it was chosen once.
    return near if asked.complete else today or near


def _under(settings: Settings | None, deciding: list[Fit]) -> list[Fit]:
    """Those that were measured under the like of some settings; all of them if there are none."""
    if settings is None or not settings.complete:
        return deciding
    return [fit for fit in deciding if is_under(settings, fit.result)] or deciding


@cache
def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")


def _index_of(result: CellResult) -> str:
    if result.resolution is Resolution.ERA and result.lock is not None:
        return f"as of {result.lock.index_date}"
    return "as of today" if result.resolution is Resolution.TODAY else "caps ignored"
