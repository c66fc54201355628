"""What the records know of stacks: one fact a cell, and quick ways to the facts about some versions. Pure.

Records are many and an answer names few of them: results are kept as they were read, in outline, and a
`KnownStack` is made of those only that somebody asks for. The newest result of a cell is what counts; where
other records of the same question or of the same environment say otherwise, `Facts.against` tells them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from packaging.specifiers import SpecifierSet

from harness.diagnosis.guess import missing_distribution
from harness.matrix.lines import MARK, is_changed
from harness.matrix.mistakes import UNASKED, UNPINNED
from harness.model import CellResult, Installer, Resolution, Settled, Stage, Verdict
from harness.pairs.trials import own_requirements
from harness.records.store import Run, newest_results
from harness.records.verdict import judging_attempts, verdict_of

PYTHON = "python"
GOOD = frozenset({Verdict.WORKS, Verdict.CAVEATS})
# What a cell must have been asked for its passing to mean that its versions work together: to run a task and
# to send what is due. To live through days is more than both.
_MEANING = (frozenset({Stage.TASK, Stage.SCHEDULE}), frozenset({Stage.TIME}))
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


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The newest result of every cell that tells something, by the cell's id, in outline.

    `plans` has the plan of each, `axes` are those of matrix.toml in their order. `runs` are all that
    was read, the oldest first.
    """

    results: Mapping[str, CellResult]
    plans: Mapping[str, str]
    axes: tuple[str, ...]
    runs: tuple[Run, ...] = ()

    def known(self, cell: str) -> KnownStack | None:
        """What is known of a cell, by its id."""
        result = self.results.get(cell)
        return None if result is None else self._stack(result)

    def all(self) -> Iterator[KnownStack]:
        """Every fact there is. Of many records that is slow: rather ask for some."""
        return map(self._stack, self.results.values())

    def matching(self, demands: Demands) -> Iterator[KnownStack]:
        """The facts about stacks whose versions are all admitted, in the order of the records.

        A version that was never chosen ("*", and nothing installed) is admitted by nothing.
        """
        places = [(self._all_axes.index(axis), specifiers) for axis, specifiers in demands.items()]
        admitted: list[tuple[int, frozenset[str]]] = [
            (place, frozenset(each for each in self._seen_versions[place] if admits(specifiers, each)))
            for place, specifiers in places
        ]
        for result, versions in zip(self.results.values(), self._versions, strict=True):
            if all(versions[place] in among for place, among in admitted):
                yield self._stack(result)

    def having(self, versions: Versions) -> Iterator[KnownStack]:
        """The facts about stacks with these versions of some axes; a series ("4.2") is any of its own."""
        return self.matching({axis: exactly(value) for axis, value in versions.items()})

    def with_check(self, stage: Stage) -> Iterator[KnownStack]:
        """The facts about cells that were asked for a stage."""
        return (self._stack(result) for result in self.results.values() if stage in result.checks)

    def with_signature(self, signature: str) -> Iterator[KnownStack]:
        """The facts about cells that have a failure with this signature."""
        for result in self.results.values():
            last = judging_attempts(result)[-1]
            if any(each.signature == signature for each in last.failures):
                yield self._stack(result)

    def of_environment(self, python: str, distributions: Sequence[str]) -> tuple[KnownStack, ...]:
        """The facts about what is installed exactly so; `python` is a series."""
        found = map(self._stack, self._by_lock.get(tuple(distributions), ()))
        return tuple(each for each in found if each.python == python)

    def against(self, stack: KnownStack) -> tuple[KnownStack, ...]:
        """Facts as new or newer that say of the same question or environment that it does not work.

        Under the same circumstances: then it is not to be trusted. A cell that was asked something else, to
        live through days for one, says nothing of the question; of the environment it does.
        """
        asked = self._bad_by_asked.get(tuple(stack.asked.items()), ())
        installed = self._bad_by_lock.get(stack.distributions, ()) if stack.distributions else ()
        others = {each.cell: each for each in (*asked, *installed) if each.started >= stack.started}
        facts = (self._stack(each) for cell, each in others.items() if cell != stack.cell)
        return tuple(
            each
            for each in facts
            if each.circumstances == stack.circumstances
            and (_question(each) == _question(stack) or each.environment == stack.environment)
        )

    def unmended(self, stack: KnownStack) -> KnownStack | None:
        """What the cell is without the requirement lines that its name tells; None when nobody knows."""
        base, mark, _ = stack.cell.partition(MARK)
        return self.known(f"{base}@{stack.profile}") if mark else None

    def mended_by(self, line: str) -> tuple[KnownStack, KnownStack] | None:
        """A cell that fails, and the change of it that works with this line, and as few others as can be."""
        found = self._mended.get(line)
        return None if found is None else (self._stack(found[0]), self._stack(found[1]))

    def missing(self, name: str) -> KnownStack | None:
        """A cell that fails because a distribution is not there that nothing it installs asks for."""
        found = (each for each in self._bad if not is_changed(each.cell) and _missing_in(each) == name)
        first = next(found, None)
        return None if first is None else self._stack(first)

    def history(self, cell: str) -> tuple[KnownStack, ...]:
        """Every record of a cell that tells something, the oldest first."""
        every = (each for run in self.runs for each in run.results if each.cell == cell and tells(each))
        return tuple(map(self._stack, sorted(every, key=lambda each: each.started)))

    def seen(self, axis: str) -> tuple[str, ...]:
        """Every version of an axis that some fact is about, in no order."""
        return tuple(self._seen_versions[self._all_axes.index(axis)])

    def _stack(self, result: CellResult) -> KnownStack:
        return known_stack(result, axes=self._all_axes, plan=self.plans[result.cell])

    @cached_property
    def _all_axes(self) -> tuple[str, ...]:
        return self.axes if PYTHON in self.axes else (PYTHON, *self.axes)

    @cached_property
    def _versions(self) -> list[tuple[str, ...]]:
        """Of each result, what was installed or asked for, by axis."""
        return [_versions_of(result, self._all_axes) for result in self.results.values()]

    @cached_property
    def _seen_versions(self) -> list[set[str]]:
        return [set(column) for column in zip(*self._versions, strict=True)] or [
            set() for _ in self._all_axes
        ]

    @cached_property
    def _by_lock(self) -> Mapping[tuple[str, ...], list[CellResult]]:
        found: dict[tuple[str, ...], list[CellResult]] = {}
        for result in self.results.values():
            if result.lock is not None:
                found.setdefault(result.lock.distributions, []).append(result)
        return found

    @cached_property
    def _mended(self) -> Mapping[str, tuple[CellResult, CellResult]]:
        found: dict[str, tuple[int, CellResult, CellResult]] = {}
        for cell, result in self.results.items():
            base, mark, _ = cell.partition(MARK)
            failing = self.results.get(f"{base}@{cell.partition('@')[2]}") if mark else None
            if failing is None or verdict_of(result) not in GOOD or verdict_of(failing) in GOOD:
                continue
            lines = own_requirements(result)
            for line in lines:
                if line not in found or len(lines) < found[line][0]:
                    found[line] = (len(lines), failing, result)
        return {line: (failing, result) for line, (_, failing, result) in found.items()}

    @cached_property
    def _bad(self) -> list[CellResult]:
        """What does not work: all there is to speak against something."""
        return [each for each in self.results.values() if verdict_of(each) not in GOOD]

    @cached_property
    def _bad_by_lock(self) -> Mapping[tuple[str, ...], list[CellResult]]:
        found: dict[tuple[str, ...], list[CellResult]] = {}
        for result in self._bad:
            if result.lock is not None:
                found.setdefault(result.lock.distributions, []).append(result)
        return found

    @cached_property
    def _bad_by_asked(self) -> Mapping[tuple[tuple[str, str], ...], list[CellResult]]:
        found: dict[tuple[tuple[str, str], ...], list[CellResult]] = {}
        for result in self._bad:
            found.setdefault(tuple(result.pins.items()), []).append(result)
        return found


def gather(runs: Iterable[Run], axes: Iterable[str]) -> Facts:
    """The facts of some runs, read in outline or whole; `axes` are matrix.toml's."""
    read = tuple(runs)
    plans = {result.cell: run.header.plan for run in read for result in run.results}
    results = {cell: result for cell, result in newest_results(read).items() if tells(result)}
    return Facts(results=results, plans=plans, axes=tuple(axes), runs=read)


def known_stack(result: CellResult, *, axes: Sequence[str], plan: str) -> KnownStack:
    """One record as a fact."""
    lock = result.lock
    return KnownStack(
        cell=result.cell,
        run=result.run,
        plan=plan,
        started=result.started,
        versions=dict(zip(axes, _versions_of(result, axes), strict=True)),
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


def tells(result: CellResult) -> bool:
    """Whether a record says anything of its versions: not one that was skipped, or that another tells of."""
    return result.settled is not Settled.SAME and verdict_of(result) is not Verdict.UNTESTED


def _missing_in(result: CellResult) -> str:
    failures = judging_attempts(result)[-1].failures
    return (failures and missing_distribution(failures[0].signature)) or ""


def _versions_of(result: CellResult, axes: Sequence[str]) -> tuple[str, ...]:
    lock = result.lock
    found = dict(result.pins)
    if lock is not None:
        # Not asked of the lock axis by axis: there are many locks.
        for distribution in lock.distributions:
            name, _, version = distribution.partition("==")
            if name in found:
                found[name] = version
        found[PYTHON] = lock.python
    return tuple([found.get(axis, "") for axis in axes])


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


def _question(stack: KnownStack) -> tuple[object, ...]:
    """What a resolver and a cell are asked, under whatever name."""
    return (
        stack.asked,
        stack.extras,
        sorted(stack.lines),
        stack.resolution,
        stack.installer,
        stack.index_date,
        frozenset(stack.checks),
    )


def _circumstances(settings: Mapping[str, bool | str], database: str, broker: str) -> tuple[object, ...]:
    return (tuple(sorted(settings.items())), database, broker)
