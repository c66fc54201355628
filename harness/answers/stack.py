"""A stack as the record of a cell knows it: exact versions, under what, what came of it, the witness."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from packaging.specifiers import SpecifierSet

from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.model import CellResult, Installer, Resolution, Stage, Verdict
from harness.pairs.trials import own_requirements
from harness.records.sheets import Entry, versions_of
from harness.records.verdict import judging_attempts, verdict_of

PYTHON = "python"
GOOD = frozenset({Verdict.WORKS, Verdict.CAVEATS})
# What a cell must have been asked for its passing to mean that its versions work together: to run a task and
# to send what is due. To live through days is more than both.
_MEANING = (frozenset({Stage.TASK, Stage.SCHEDULE}), frozenset({Stage.TIME}))
# What goes beyond that: who fails at it works all the same.
_BEYOND = frozenset({Stage.ADMIN, Stage.BROWSER, Stage.RESILIENCE, Stage.SUPERVISED})
_UNCHOSEN = frozenset({"", UNPINNED, UNASKED})
# An axis's value, "3.11" or "2.2.28", by axis.
Versions = Mapping[str, str]
# Which versions are admitted, by axis.
Demands = Mapping[str, SpecifierSet]


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """A failure of a cell. One with a `caveat`, a sentence, does not break it.

    `id` is the check's, or what the failure's signature ends with; `excerpt` is the decisive line.
    """

    id: str
    stage: Stage
    signature: str
    excerpt: str
    log: str
    caveat: str = ""


@dataclass(frozen=True, kw_only=True)
class KnownStack:
    """What one cell's newest record says: versions, how they were chosen, under what, and what came of it.

    `versions` maps axis to what was installed; for Python it is the whole version ("3.11.9"). Where nothing
    was installed it maps to what was asked for, and `distributions`, the whole lock, is empty. `asked` maps
    axis to what was asked for: "4.2" (a series), "4.2.11", "*". `lines` are requirements besides: those that
    mend among them. `index_date` is the day as of which it was resolved, None for that of the run.
    `started` is ISO 8601 in UTC; it and `run` and `cell` are the witness.
    """

    cell: str
    run: str
    plan: str
    started: str
    versions: Versions
    asked: Versions
    extras: Mapping[str, tuple[str, ...]]
    lines: tuple[str, ...]
    resolution: Resolution
    index_date: date | None
    installer: Installer
    settings: Mapping[str, bool | str]
    database: str
    broker: str
    distributions: tuple[str, ...]
    checks: tuple[Stage, ...]
    verdict: Verdict
    shortfalls: tuple[Shortfall, ...]

    @property
    def python(self) -> str:
        """The series of its Python, "3.11"."""
        return ".".join(self.versions[PYTHON].split(".")[:2])

    def version(self, axis: str) -> str:
        """What people call its version of an axis: of Python the series; "" where there is none."""
        return self.python if axis == PYTHON else self.versions.get(axis, "")

    @property
    def profile(self) -> str:
        """The name of the settings it ran under."""
        return self.cell.partition("@")[2]

    @property
    def date(self) -> str:
        """The day on which it was seen, ISO 8601."""
        return self.started[:10]

    @property
    def works(self) -> bool:
        """Whether it was seen to work, with caveats or without."""
        return self.verdict in GOOD and means(self.checks)

    @property
    def caveats(self) -> tuple[Shortfall, ...]:
        """What does not break it, in words."""
        return tuple(each for each in self.shortfalls if each.caveat)

    @property
    def breaks(self) -> tuple[Shortfall, ...]:
        """What breaks it, the weightiest first."""
        return tuple(each for each in self.shortfalls if not each.caveat)

    @property
    def violated(self) -> tuple[Shortfall, ...]:
        """The invariants of the time contract that do not hold in it."""
        return tuple(each for each in self.caveats if each.stage is Stage.TIME)

    @property
    def environment(self) -> tuple[str, tuple[str, ...]]:
        """What is installed: Python's series, and the lock. Of several profiles it may be the same."""
        return (self.python, self.distributions)

    @property
    def circumstances(self) -> tuple[object, ...]:
        """All that it ran under but its versions."""
        return _circumstances(self.settings, self.database, self.broker)


def known_stack(result: CellResult, *, axes: Sequence[str], run: str, plan: str) -> KnownStack:
    """One record as a fact, by the run that has it: one that was merged has results of its shards' runs."""
    lock, versions = result.lock, versions_of(result)
    return KnownStack(
        cell=result.cell,
        run=run,
        plan=plan,
        started=result.started,
        versions={axis: versions.get(axis, "") for axis in axes},
        asked=result.pins,
        extras=result.extras,
        lines=own_requirements(result),
        resolution=result.resolution,
        index_date=lock.index_date if lock is not None else None,
        installer=result.installer,
        settings=result.settings,
        database=result.database,
        broker=result.broker,
        distributions=lock.distributions if lock is not None else (),
        checks=result.checks,
        verdict=verdict_of(result),
        shortfalls=_shortfalls(result),
    )


def means(checks: Iterable[Stage]) -> bool:
    """Whether a cell that passed these checks shows that its versions work together."""
    return any(asked.issubset(checks) for asked in _MEANING)


def exactly(value: str) -> SpecifierSet:
    """What admits a version alone, or, of a series, every version of it."""
    return SpecifierSet(f"=={value}.*" if value.count(".") < 2 else f"=={value}")  # noqa: PLR2004 - "4.2", "4"


def admits(specifiers: SpecifierSet, version: str) -> bool:
    """Whether a version that was installed or asked for is admitted; one that nobody chose never is.

    A pre-release was measured as any other release: what leaves it out are numbers.
    """
    return version not in _UNCHOSEN and specifiers.contains(version, prereleases=True)


def tells(entry: Entry) -> bool:
    """Whether a record says anything of its versions: not one that was skipped, or that another tells of."""
    return not entry.same and entry.verdict is not Verdict.UNTESTED


def is_beyond(entry: Entry) -> bool:
    """Whether a record says nothing of whether its versions work together: it was asked what goes beyond."""
    came_so_far = all(each.partition(":")[0] in _BEYOND for each in entry.signatures)
    return bool(entry.checks) and entry.checks <= _BEYOND and came_so_far


def works(entry: Entry) -> bool:
    """Whether it was seen to work, with caveats or without."""
    return entry.verdict in GOOD and means(entry.checks)


def _shortfalls(result: CellResult) -> tuple[Shortfall, ...]:
    attempts = judging_attempts(result)[-1:]
    caveats = {
        check.failure.signature: check.caveat
        for attempt in attempts
        for check in attempt.checks
        if check.failure is not None and attempt.failure is None
    }
    failures = {each.signature: each for attempt in attempts for each in attempt.failures}
    return tuple(
        Shortfall(
            id=each.detail or str(each.reason),
            stage=each.stage,
            signature=signature,
            excerpt=each.excerpt,
            log=each.log,
            caveat=caveats.get(signature, ""),
        )
        for signature, each in failures.items()
    )


def _circumstances(settings: Mapping[str, bool | str], database: str, broker: str) -> tuple[object, ...]:
    return (tuple(sorted(settings.items())), database, broker)
